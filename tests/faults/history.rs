//! Whole shifts under a bad network: devices press, look, record, crash and are ended by others in a seeded order,
//! while single exchanges fail as in `every`. When the network is good again, everything that anybody was told must
//! agree with the records.
//!
//! `ONETILL_FAULT_HISTORIES` says how many (a short run by default), `ONETILL_FAULT_SEED` where to begin.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use onetill_core::ports::{DeviceStore, Display, World};
use onetill_core::till::Till;
use onetill_core::view::{Link, Screen, Snapshot};
use onetill_core::{
    Amount, EntryState, IntentKey, Location, MovementId, MovementKind, MovementRequest, Outcome, Placement,
    Register, RegisterId, RegisterStatus,
};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::SupabaseServer;
use onetill_tests::Result;
use serde_json::Value;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use crate::proxy::{ALL, Fault};
use crate::shop::{Device, HURRY, IMPATIENT, Shop};

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
    refused: AtomicUsize,
    crashes: AtomicUsize,
    signed_in_again: AtomicUsize,
    outcome_unknown: AtomicUsize,
}

/// Real time, and a record of every key and id that was made.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Made>>);

#[derive(Default)]
struct Made {
    keys: Vec<IntentKey>,
    movements: Vec<MovementId>,
    serial: u64,
}

impl World for Recorder {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn new_key(&self) -> IntentKey {
        let key = IntentKey(Uuid::new_v4());
        self.0.lock().unwrap().keys.push(key);
        key
    }

    fn new_movement_id(&self) -> MovementId {
        let id = MovementId(Uuid::new_v4());
        self.0.lock().unwrap().movements.push(id);
        id
    }

    fn next_serial(&self) -> u64 {
        let mut made = self.0.lock().unwrap();
        made.serial += 1;
        made.serial
    }
}

struct Nobody;

impl Display for Nobody {
    fn show(&self, _snapshot: Snapshot) {}
}

type Running = Till<SupabaseServer, ProjectStore, Recorder, Nobody>;

/// One computer in one history: its file outlives the program.
struct Computer<'a> {
    device: &'a Device,
    file: PathBuf,
    made: Recorder,
    till: Arc<Running>,
    tasks: Vec<JoinHandle<()>>,
    /// Somebody took this device out of its shift, or read that it was over, since the last press.
    left: bool,
}

impl<'a> Computer<'a> {
    fn new(device: &'a Device, placement: &Placement, folder: &Path) -> Result<Self> {
        let file = folder.join(format!("{}.sqlite", device.id));
        let store = ProjectStore::new(StoreFile::open(&file)?.file, "shop".to_owned());
        store.keep_staff(Some(&device.staff))?;
        store.keep_placement(Some(placement))?;
        drop(store);
        let made = Recorder::default();
        let till = program(device, &file, &made, true)?;
        Ok(Self { device, file, made, till, tasks: Vec::new(), left: false })
    }

    /// The program ends in the middle of whatever it does, and is started again.
    async fn crash(&mut self, impatient: bool) -> Result<()> {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            if let Err(ended) = task.await
                && ended.is_panic()
            {
                return Err("a call panicked".into());
            }
        }
        self.till = program(self.device, &self.file, &self.made, impatient)?;
        Ok(())
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&mut self, call: impl FnOnce(Arc<Running>) -> F) {
        self.tasks.push(tokio::spawn(call(Arc::clone(&self.till))));
    }

    async fn finish(&mut self) -> Result<()> {
        for task in std::mem::take(&mut self.tasks) {
            tokio::time::timeout(LONGEST, task).await.map_err(|_elapsed| "a call has no end")??;
        }
        Ok(())
    }

    fn last_key(&self) -> Option<IntentKey> {
        self.made.0.lock().unwrap().keys.last().copied()
    }
}

fn program(device: &Device, file: &Path, made: &Recorder, impatient: bool) -> Result<Arc<Running>> {
    let server = device.start_with(if impatient { IMPATIENT } else { HURRY })?;
    let store = ProjectStore::new(StoreFile::open(file)?.file, "shop".to_owned());
    Ok(Arc::new(Till::open("shop", server, store, made.clone(), Nobody)?))
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
    let placement = Placement { register: listed(register, location), location: location.clone() };
    let mut computers = Vec::new();
    for device in &devices[..dice.usize(2..=DEVICES)] {
        computers.push(Computer::new(device, &placement, folder.path())?);
    }
    for computer in &mut computers {
        computer.till.look().await;
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
    let mut ended = 0;
    for _ in 0..dice.usize(6..16) {
        let at = dice.usize(..computers.len());
        step(shop, &mut computers[at], register, &mut dice, tally, &mut ended).await?;
    }
    settle(&mut computers, &mut dice, tally).await?;
    agree(shop, &computers, register, ended, tally).await
}

async fn step(
    shop: &Shop,
    computer: &mut Computer<'_>,
    register: RegisterId,
    dice: &mut fastrand::Rng,
    tally: &Tally,
    ended: &mut usize,
) -> Result<()> {
    match dice.u32(0..100) {
        0..35 => {
            let before = computer.last_key();
            tally.presses.fetch_add(1, Ordering::Relaxed);
            computer.spawn(async move |till| till.start_shift("200.00", true).await);
            tokio::task::yield_now().await;
            if dice.bool() {
                computer.finish().await?;
            }
            if computer.last_key() != before {
                computer.left = false;
            }
        }
        35..55 => {
            computer.spawn(async move |till| {
                till.look().await;
            });
            if dice.bool() {
                computer.finish().await?;
            }
        }
        55..68 => {
            for cents in 0..dice.u32(1..4) {
                computer.till.record(&MovementRequest {
                    kind: MovementKind::PayIn,
                    amount: format!("1.0{cents}"),
                    reason: "test".to_owned(),
                    note: String::new(),
                    reference: String::new(),
                });
            }
        }
        68..80 => {
            tally.crashes.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(dice.u64(0..120))).await;
            computer.crash(true).await?;
            // As the program does at every start.
            computer.spawn(async move |till| {
                till.look().await;
            });
            if dice.bool() {
                computer.finish().await?;
            }
        }
        80..85 => computer.till.cancel_start(),
        85..90 => {
            computer.finish().await?;
            let before = computer.last_key();
            if matches!(computer.till.snapshot().screen, Screen::Fenced { .. }) {
                computer.till.acknowledge_end().await;
                computer.left |= before == computer.last_key();
            }
        }
        90..92 => {
            computer.finish().await?;
            computer.left |= matches!(computer.till.snapshot().screen, Screen::Register { .. });
            computer.till.leave_shift().await;
        }
        _ => {
            let sessions = shop.sessions(register).await?;
            if let Some(open) = sessions.iter().find(|row| row["status"] == "open") {
                shop.end(text(open, "id")).await?;
                *ended += 1;
            }
        }
    }
    Ok(())
}

/// The network is good again; every device looks until it knows where it stands.
async fn settle(computers: &mut [Computer<'_>], dice: &mut fastrand::Rng, tally: &Tally) -> Result<()> {
    for computer in computers {
        if dice.bool() {
            computer.finish().await?;
        }
        computer.device.proxy.heal();
        // A patient client from here on; a delayed duplicate may still arrive at any time.
        computer.crash(false).await?;
        let deadline = Instant::now() + SETTLES_WITHIN;
        let mut looks = 0;
        loop {
            let look = tokio::time::timeout(LONGEST, computer.till.look()).await;
            let pace = look.map_err(|_elapsed| "a look has no end")?;
            let snapshot = computer.till.snapshot();
            let sure = match &snapshot.screen {
                Screen::Register { connection, sign_in_needed, .. } => {
                    matches!(connection, Link::Confirmed { .. }) && !sign_in_needed
                }
                Screen::StartShift { unanswered, .. } => !unanswered,
                Screen::Fenced { .. } => true,
                _ => false,
            };
            looks += 1;
            if sure && snapshot.staff.is_some() && looks > 2 && snapshot.busy.is_none() && all_sent(&snapshot)
            {
                break;
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
    Ok(())
}

fn needs_sign_in(snapshot: &Snapshot) -> bool {
    matches!(snapshot.screen, Screen::Register { sign_in_needed: true, .. })
}

fn all_sent(snapshot: &Snapshot) -> bool {
    snapshot.queue.iter().all(|entry| entry.state != EntryState::Waiting)
}

/// What everybody was told agrees with what is on record.
async fn agree(
    shop: &Shop,
    computers: &[Computer<'_>],
    register: RegisterId,
    ended: usize,
    tally: &Tally,
) -> Result<()> {
    let sessions = shop.sessions(register).await?;
    let story = || format!("{sessions:#?}");
    tally.sessions.fetch_add(sessions.len(), Ordering::Relaxed);
    let open: Vec<&Value> = sessions.iter().filter(|row| row["status"] == "open").collect();
    if open.len() > 1 || sessions.len() > ended + 1 {
        return Err(
            format!("{} open, {} in all, {ended} ended: {}", open.len(), sessions.len(), story()).into()
        );
    }
    let mut ledger = Vec::new();
    for session in &sessions {
        let pressed = computers.iter().any(|computer| {
            computer
                .made
                .0
                .lock()
                .unwrap()
                .keys
                .iter()
                .any(|key| session["idempotency_key"] == key.to_string())
        });
        if !pressed {
            return Err(format!("nobody pressed for this session: {session}").into());
        }
        for row in shop.movements(text(session, "id")).await? {
            ledger.push(text(&row, "id").to_owned());
        }
    }
    tally.movements.fetch_add(ledger.len(), Ordering::Relaxed);
    let joins = match open.first() {
        Some(open) => shop.joins(text(open, "id")).await?,
        None => Vec::new(),
    };
    let mut all_made = 0;
    for computer in computers {
        let snapshot = computer.till.snapshot();
        let key = computer.last_key().map(|key| key.to_string()).unwrap_or_default();
        let opened = open.first().is_some_and(|open| open["idempotency_key"] == key);
        let joined = joins.iter().any(|join| join["idempotency_key"] == key);
        match &snapshot.screen {
            Screen::Register { session, outcome, .. } => {
                let Some(open) = open.first().filter(|open| open["id"] == session.id.to_string()) else {
                    return Err(format!("shown as open and is over: {session:?} {}", story()).into());
                };
                let right = match outcome {
                    Outcome::Created => opened,
                    Outcome::Joined => !opened && joined,
                    Outcome::Replayed | Outcome::Unknown => {
                        tally.outcome_unknown.fetch_add(1, Ordering::Relaxed);
                        opened || joined
                    }
                };
                if !right {
                    return Err(format!("told {outcome:?}, key {key}: {open} {joins:?}").into());
                }
            }
            other if (opened || joined) && !computer.left => {
                return Err(
                    format!("an open session was forgotten, key {key}, on {other:?}: {}", story()).into()
                );
            }
            _ => {}
        }
        let made = computer.made.0.lock().unwrap().movements.clone();
        all_made += made.len();
        for id in made {
            let there = ledger.iter().filter(|row| **row == id.to_string()).count();
            let waiting = snapshot.queue.iter().filter(|entry| entry.movement.id == id).count();
            tally.refused.fetch_add(waiting, Ordering::Relaxed);
            if there + waiting != 1 {
                return Err(format!("movement {id}: {there} times on record, {waiting} in the queue").into());
            }
        }
    }
    if ledger.len() > all_made {
        return Err(format!("{} movements on record, {all_made} were made", ledger.len()).into());
    }
    Ok(())
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
