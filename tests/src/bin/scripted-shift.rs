//! A shift without a window, worked by a script that can be killed at any moment and started again.
//!
//! It is the whole client (till, store, network) in a process of its own. What it prints as `acknowledged N` is what
//! a cashier would have seen on the screen; the test that started it holds the till to that.

use onetill_core::{
    Command, Connection, ProjectKey, ProjectUrl, Till,
    view::{Screen, Snapshot},
};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::Result;
use onetill_tests::computer::{Computer, NobodyWatches, press};
use onetill_tests::device::amount;
use onetill_tests::device::day::{pay_out, reach_register};
use std::{env, path::Path, sync::Arc};

type ScriptedTill = Till<SupabaseServer, ProjectStore, Computer, NobodyWatches>;

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
        if till.snapshot().unsent == 0 {
            println!("done");
            return Ok(());
        }
    }
    Err(format!("the queue does not empty: {:?}", till.snapshot()).into())
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
    let url = connection.url.to_string();
    let host = connection.url.host();
    let server = SupabaseServer::new(
        connection,
        opening.file.device_id(),
        "script",
        Arc::new(MemoryVault::default()),
    )?;
    let store = ProjectStore::new(opening.file, url);
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
