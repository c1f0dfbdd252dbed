//! A shift without a window, worked by a script that can be killed at any write and started again.
//!
//! It is the whole client (till, store, network) in a process of its own. What it prints as `acknowledged N` is what
//! a cashier would have seen on the screen; the test that started it holds the till to that.

use onetill_core::{
    Command, Connection, Fault, ProjectKey, ProjectUrl, Tally, Till,
    ports::{DeviceStore, PersistedState, Write},
    view::{ClosingStep, Screen, Snapshot},
};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::Result;
use onetill_tests::computer::{Computer, NobodyWatches, press};
use onetill_tests::device::amount;
use onetill_tests::device::day::{pay_out, reach_register};
use std::{
    env,
    path::Path,
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What every scripted close finds in the drawer.
const COUNTED: &str = "199.00";

/// The device's file, with one write at which the power fails.
struct Fragile {
    store: ProjectStore,
    fails_at: Option<(bool, usize)>,
    writes: AtomicUsize,
}

impl DeviceStore for Fragile {
    fn load(&self) -> std::result::Result<PersistedState, Fault> {
        self.store.load()
    }

    fn save(&self, writes: &[Write]) -> std::result::Result<(), Fault> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if self.fails_at == Some((false, number)) {
            process::abort();
        }
        let result = self.store.save(writes);
        if self.fails_at == Some((true, number)) {
            process::abort();
        }
        result
    }
}

type ScriptedTill = Till<SupabaseServer, Fragile, Computer, NobodyWatches>;

#[tokio::main]
async fn main() -> Result<()> {
    let till = open_till()?;
    let register = variable("SCRIPT_REGISTER")?;
    let first: u32 = variable("SCRIPT_FIRST")?.parse()?;
    let count: u32 = variable("SCRIPT_COUNT")?.parse()?;
    for amount in amounts(&till.snapshot()) {
        println!("remembered {amount}");
    }
    println!("open");

    let (email, password) = (variable("SCRIPT_EMAIL")?, variable("SCRIPT_PASSWORD")?.into());
    // The screen tells what came of it.
    let _tried = press(&till, Command::SignIn { email, password }).await;
    let closes = env::var_os("SCRIPT_CLOSES").is_some();
    if closes && matches!(till.snapshot().screen, Screen::Closing { .. }) {
        return close(&till).await;
    }
    reach_register(&till, &register).await?;
    for number in first..first + count {
        if !amounts(&till.snapshot()).contains(&amount(number))
            && let Err(fault) = till.press(Command::Record { request: pay_out(number) }).await
        {
            println!("refused {number}");
            return Err(format!("{number} was not recorded: {fault}").into());
        }
        if !amounts(&till.snapshot()).contains(&amount(number)) {
            return Err(format!("{number} is not shown").into());
        }
        println!("acknowledged {number}");
        // Every other time the cashier is faster than the network.
        if number % 2 == 0 {
            till.poll().await;
        }
    }
    for _look in 0..20 {
        till.poll().await;
        if till.snapshot().queue.is_empty() {
            println!("done");
            return if closes { close(&till).await } else { Ok(()) };
        }
    }
    Err(format!("the queue does not empty: {:?}", till.snapshot()).into())
}

/// Takes up a close wherever an earlier run was killed in it, or begins one, and goes on to the Z report.
async fn close(till: &ScriptedTill) -> Result<()> {
    for _step in 0..40 {
        // What stands in the way of a press is tried again, from the screen that is there then.
        let _tried = match till.snapshot().screen {
            Screen::Register { .. } => press(till, Command::OpenChecklist).await,
            Screen::Closing { unanswered: true, .. } => {
                till.poll().await;
                continue;
            }
            Screen::Closing { step: ClosingStep::Checklist { .. }, .. } => {
                press(till, Command::BeginCount).await
            }
            Screen::Closing { step: ClosingStep::Count { .. }, .. } => {
                let tally = Tally::Sum { amount: COUNTED.parse()? };
                let _kept = press(till, Command::KeepTally { tally: tally.clone() }).await;
                press(till, Command::CommitCount { tally }).await
            }
            Screen::Closing { step: ClosingStep::Result { .. }, .. } => {
                let (reason, left_in_drawer) = ("script".to_owned(), "0".to_owned());
                press(till, Command::CloseShift { reason, left_in_drawer }).await
            }
            Screen::Closing { step: ClosingStep::Closed { report }, .. } => {
                let number = report.settlement().ok_or("a close without a Z")?.z_number;
                println!("closed {} as {number}", report.session_id);
                press(till, Command::AcknowledgeEnd).await?;
                return Ok(());
            }
            other => return Err(format!("no way to close: {other:?}").into()),
        };
    }
    Err(format!("it does not close: {:?}", till.snapshot()).into())
}

fn open_till() -> Result<ScriptedTill> {
    let connection = Connection {
        url: ProjectUrl::parse(&variable("SCRIPT_URL")?)?,
        key: ProjectKey::parse(&variable("SCRIPT_KEY")?)?,
    };
    let opening = StoreFile::open(&Path::new(&variable("SCRIPT_DATA")?).join("onetill.sqlite"))?;
    if let [aside, ..] = opening.set_aside.as_slice() {
        return Err(format!("the file was set aside as {}", aside.path).into());
    }
    let fails_at = match env::var("SCRIPT_FAILS_AT") {
        Ok(text) => {
            let (when, number) = text.split_once(':').ok_or("SCRIPT_FAILS_AT is before:N or after:N")?;
            Some((when == "after", number.parse()?))
        }
        Err(_unset) => None,
    };
    let url = connection.url.to_string();
    let host = connection.url.host();
    let server = SupabaseServer::new(
        connection,
        opening.file.device_id(),
        "script",
        Arc::new(MemoryVault::default()),
    )?;
    let store =
        Fragile { store: ProjectStore::new(opening.file, url), fails_at, writes: AtomicUsize::new(0) };
    Ok(Till::open(&host, server, store, Computer, NobodyWatches)?)
}

/// What the cashier sees as recorded: what the server has and what waits.
fn amounts(snapshot: &Snapshot) -> Vec<String> {
    let Screen::Register { movements, .. } = &snapshot.screen else { return Vec::new() };
    movements.iter().rev().map(|listed| listed.entry.movement.amount.to_string()).collect()
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|missing| format!("{name}: {missing}").into())
}
