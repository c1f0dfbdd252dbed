//! Whole shifts under a bad network: devices press, look, record, count, close, crash and are ended by others in a
//! seeded order, while single exchanges fail as in `every`. When the network is good again, everything that anybody was told must
//! agree with the records.
//!
//! `ONETILL_FAULT_HISTORIES` says how many (a short run by default), `ONETILL_FAULT_SEED` where to begin.

mod agree;
mod computer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use onetill_core::device::ConnectionState;
use onetill_core::view::{Screen, Snapshot};
use onetill_core::{
    Amount, Command, EntryState, Location, MovementKind, MovementRequest, Register, RegisterAssignment,
    RegisterId, RegisterStatus,
};
use onetill_tests::Result;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::proxy::{ALL, Fault};
use crate::shop::{Device, IMPATIENT, Shop};
use computer::Computer;

const WORKERS: usize = 6;
const DEVICES: usize = 3;
const REGISTERS_A_STORE: usize = 20;
/// The longest call of an impatient client, a shift's start with all its repeats and reads, on a busy computer.
const LONGEST: Duration = Duration::from_secs(15);
/// A good network and a client that looks again and again, on a computer that does much else.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_network_does_what_was_told_is_true() -> Result<()> {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (count, first) = (number("ONETILL_FAULT_HISTORIES", 40), number("ONETILL_FAULT_SEED", 1));
    let shop = Arc::new(Shop::open().await?);
    let next = Arc::new(AtomicU64::new(first));
    let tally = Arc::new(Tally::default());
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let mut devices = Vec::new();
        for number in 0..DEVICES {
            devices.push(Device::new(&shop, 2 + number % 2).await?);
        }
        let (shop, next, tally) = (Arc::clone(&shop), Arc::clone(&next), Arc::clone(&tally));
        workers.spawn(async move {
            let mut wrong = Vec::new();
            loop {
                let location = shop.location(&devices[0].staff).await;
                for _ in 0..REGISTERS_A_STORE {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count || wrong.len() > 5 {
                        return wrong;
                    }
                    let result = match &location {
                        Ok(location) => history(&shop, &devices, location, seed, &tally).await,
                        Err(why) => Err(why.to_string().into()),
                    };
                    if let Err(why) = result {
                        println!("history {seed}: {why}");
                        wrong.push(format!("history {seed}: {why}"));
                    }
                    // A long run shows that it goes on.
                    if (seed + 1 - first).is_multiple_of(250) {
                        println!("{} histories: {tally:?}", seed + 1 - first);
                    }
                }
            }
        });
    }
    let wrong = workers.join_all().await.concat();
    println!("{count} histories: {tally:?}");
    assert!(wrong.is_empty(), "{} of {count} histories went wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(
        tally.faults.load(Ordering::Relaxed) > usize::try_from(count)?,
        "hardly anything failed: {tally:?}"
    );
    Ok(())
}

/// What happened in all of them, to see that enough did.
#[derive(Debug, Default)]
struct Tally {
    faults: AtomicUsize,
    presses: AtomicUsize,
    sessions: AtomicUsize,
    movements: AtomicUsize,
    closed: AtomicUsize,
    refused: AtomicUsize,
    crashes: AtomicUsize,
    signed_in_again: AtomicUsize,
    outcome_unknown: AtomicUsize,
}

async fn history(
    shop: &Shop,
    devices: &[Device],
    location: &Location,
    seed: u64,
    tally: &Arc<Tally>,
) -> Result<()> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let folder = tempfile::Builder::new().prefix("onetill-faults-").tempdir_in(fastest_place())?;
    let register = shop.register(&devices[0].staff, location).await?;
    let assignment = RegisterAssignment { register: listed(register, location), location: location.clone() };
    let mut computers = Vec::new();
    for device in &devices[..dice.usize(2..=DEVICES)] {
        computers.push(Computer::new(device, &assignment, folder.path())?);
    }
    for computer in &mut computers {
        computer.till.poll().await;
        let mut dice = fastrand::Rng::with_seed(dice.u64(..));
        let tally = Arc::clone(tally);
        let badness = dice.u32(10..60);
        computer.device.proxy.choose(move |path| {
            // The login's own faults have their own test; the local Auth ends a login for each of them.
            if path.starts_with("/auth/") || dice.u32(0..100) >= badness {
                return Fault::None;
            }
            tally.faults.fetch_add(1, Ordering::Relaxed);
            match *dice.choice(ALL).unwrap_or(&Fault::None) {
                Fault::Delay(_) => Fault::Delay(dice.u64(1..200)),
                Fault::Again(_) => Fault::Again(dice.u64(1..800)),
                fault => fault,
            }
        });
    }
    let mut ended = Vec::new();
    for _ in 0..dice.usize(6..16) {
        let at = dice.usize(..computers.len());
        step(shop, &mut computers[at], register, &mut dice, tally, &mut ended).await?;
    }
    settle(&mut computers, &mut dice, tally).await?;
    agree::agree(shop, &computers, register, &ended, tally).await
}

async fn step(
    shop: &Shop,
    computer: &mut Computer<'_>,
    register: RegisterId,
    dice: &mut fastrand::Rng,
    tally: &Tally,
    ended: &mut Vec<String>,
) -> Result<()> {
    match dice.u32(0..100) {
        0..30 => {
            tally.presses.fetch_add(1, Ordering::Relaxed);
            computer.press().await;
            if dice.bool() {
                computer.finish().await?;
            }
        }
        30..44 => {
            look(computer).await;
            if dice.bool() {
                computer.finish().await?;
            }
        }
        44..56 => {
            for cents in 0..dice.u32(1..4) {
                let request = MovementRequest {
                    kind: MovementKind::PayIn,
                    amount: format!("1.0{cents}"),
                    reason: "test".to_owned(),
                    note: String::new(),
                    reference: String::new(),
                };
                computer.press_now(Command::Record { request }).await;
            }
        }
        56..66 => {
            tally.crashes.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(dice.u64(0..120))).await;
            computer.crash(true).await?;
            // As the program does at every start.
            look(computer).await;
            if dice.bool() {
                computer.finish().await?;
            }
        }
        66..70 => computer.press_now(Command::CancelStart).await,
        70..74 => {
            computer.finish().await?;
            computer.read_the_end().await;
        }
        74..76 => {
            computer.finish().await?;
            computer.left |= matches!(computer.till.snapshot().screen, Screen::Register { .. });
            computer.press_now(Command::LeaveShift).await;
        }
        76..95 => {
            // Somebody wants to go home, and does one thing after the other, as far as they come.
            for _ in 0..dice.u32(3..9) {
                computer.settle_further(dice.u32(..)).await;
                if dice.u32(0..8) > 0 {
                    computer.finish().await?;
                }
            }
        }
        _ => {
            let sessions = shop.sessions(register).await?;
            if let Some(open) = sessions.iter().find(|row| row["status"] == "open") {
                shop.end(text(open, "id")).await?;
                ended.push(text(open, "id").to_owned());
            }
        }
    }
    Ok(())
}

async fn look(computer: &mut Computer<'_>) {
    computer
        .begin(async move |till| {
            till.poll().await;
        })
        .await;
}

/// The network is good again; every device looks until it knows where it stands. Twice, because what one of them was
/// still to do is news to the others.
async fn settle(computers: &mut [Computer<'_>], dice: &mut fastrand::Rng, tally: &Tally) -> Result<()> {
    for computer in &mut *computers {
        if dice.bool() {
            computer.finish().await?;
        }
        computer.device.proxy.heal();
        // A patient client from here on; a delayed duplicate may still arrive at any time.
        computer.crash(false).await?;
        look_until_sure(computer, 3, tally).await?;
    }
    for computer in computers {
        look_until_sure(computer, 1, tally).await?;
    }
    Ok(())
}

/// At least so many looks.
async fn look_until_sure(computer: &mut Computer<'_>, least: u32, tally: &Tally) -> Result<()> {
    let deadline = Instant::now() + SETTLES_WITHIN;
    let mut looks = 0;
    loop {
        let look = tokio::time::timeout(LONGEST, computer.till.poll()).await;
        let pace = look.map_err(|_elapsed| "a look has no end")?;
        let snapshot = computer.till.snapshot();
        let sure = match &snapshot.screen {
            Screen::Register { connection, sign_in_needed, .. } => {
                matches!(connection, ConnectionState::Confirmed { .. }) && !sign_in_needed
            }
            Screen::Closing { unanswered, sign_in_needed, .. } => !unanswered && !sign_in_needed,
            Screen::StartShift { unanswered, .. } => !unanswered,
            Screen::Fenced { .. } => true,
            _ => false,
        };
        looks += 1;
        if sure
            && snapshot.staff.is_some()
            && looks >= least
            && snapshot.busy.is_none()
            && all_sent(&snapshot)
        {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("does not settle: {:?} {:?}", snapshot.screen, snapshot.fault).into());
        }
        if matches!(snapshot.screen, Screen::SignIn { .. }) || needs_sign_in(&snapshot) {
            tally.signed_in_again.fetch_add(1, Ordering::Relaxed);
            computer.device.sign_in_again().await?;
            computer.crash(false).await?;
        }
        tokio::time::sleep(pace / IMPATIENT.get()).await;
    }
}

fn needs_sign_in(snapshot: &Snapshot) -> bool {
    matches!(
        snapshot.screen,
        Screen::Register { sign_in_needed: true, .. } | Screen::Closing { sign_in_needed: true, .. }
    )
}

fn all_sent(snapshot: &Snapshot) -> bool {
    snapshot.unsent == 0
}

/// The register as a list would show it.
fn listed(id: RegisterId, location: &Location) -> Register {
    Register {
        id,
        location_id: location.id,
        register_number: "1".to_owned(),
        register_name: "One more".to_owned(),
        status: RegisterStatus::Active,
        suggested_opening_cash: Amount::ZERO,
        open_session: None,
    }
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// Memory where there is such a place: a crash here is the program's, not the computer's.
fn fastest_place() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
