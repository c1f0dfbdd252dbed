//! One computer of a history: its file outlives its program, which may end at any moment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use onetill_core::ports::{DeviceStore, PersistedState, Shell, World, Write};
use onetill_core::sale::Item;
use onetill_core::selling::{Catalogue, CataloguePage, FoundItem};
use onetill_core::till::Till;
use onetill_core::view::{ClosingStep, Screen, Snapshot};
use onetill_core::{Command, Fault, IntentKey, ItemId, LocationId, MovementId, RegisterAssignment, Tally};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::SupabaseServer;
use onetill_tests::{Result, computer::press};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::LONGEST;
use crate::shop::{Device, HURRY, IMPATIENT};

/// What whoever counts finds in the drawer.
const COUNTED: &str = "200.00";

/// Real time, and a record of every number that was made.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Made>>);

#[derive(Default)]
struct Made {
    ids: Vec<Uuid>,
    opens: Vec<IntentKey>,
    movements: BTreeSet<MovementId>,
    serial: u64,
}

impl World for Recorder {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn new_id(&self) -> Uuid {
        let id = Uuid::new_v4();
        self.0.lock().unwrap().ids.push(id);
        id
    }

    fn next_serial(&self) -> u64 {
        let mut made = self.0.lock().unwrap();
        made.serial += 1;
        made.serial
    }
}

/// The computer's file, and a record of what was begun in it.
pub(super) struct RecordedStore {
    store: ProjectStore,
    made: Recorder,
}

impl DeviceStore for RecordedStore {
    fn load(&self) -> std::result::Result<PersistedState, Fault> {
        self.store.load()
    }

    fn save(&self, writes: &[Write]) -> std::result::Result<(), Fault> {
        self.store.save(writes)?;
        let mut made = self.made.0.lock().unwrap();
        for write in writes {
            match write {
                Write::Intent(intent) => made.opens.push(intent.key),
                Write::Entry(entry) => made.movements.extend(entry.movement().map(|movement| movement.id)),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Catalogue for RecordedStore {
    fn cursor(&self, location: LocationId) -> std::result::Result<Option<i64>, Fault> {
        self.store.cursor(location)
    }
    fn apply(&self, location: LocationId, page: &CataloguePage) -> std::result::Result<(), Fault> {
        self.store.apply(location, page)
    }
    fn item(&self, location: LocationId, id: ItemId) -> std::result::Result<Option<Item>, Fault> {
        self.store.item(location, id)
    }
    fn by_code(&self, location: LocationId, code: &str) -> std::result::Result<Option<FoundItem>, Fault> {
        self.store.by_code(location, code)
    }
    fn search(&self, location: LocationId, typed: &str) -> std::result::Result<Vec<FoundItem>, Fault> {
        self.store.search(location, typed)
    }
}

pub(super) struct Nobody;

impl Shell for Nobody {
    fn show(&self, _snapshot: Snapshot) {}
    fn open_drawer(&self) {}
    fn poll_now(&self) {}
}

pub(super) type Running = Till<SupabaseServer, RecordedStore, Recorder, Nobody>;

/// One computer in one history.
pub(super) struct Computer<'a> {
    pub(super) device: &'a Device,
    pub(super) till: Arc<Running>,
    /// The key of the last press of *Start shift*.
    pub(super) pressed: Option<IntentKey>,
    /// Somebody took this device out of its shift, or read that it was over, since that press.
    pub(super) left: bool,
    file: PathBuf,
    made: Recorder,
    tasks: Vec<JoinHandle<()>>,
}

impl<'a> Computer<'a> {
    pub(super) fn new(device: &'a Device, assignment: &RegisterAssignment, folder: &Path) -> Result<Self> {
        let file = folder.join(format!("{}.sqlite", device.id));
        let store = ProjectStore::new(StoreFile::open(&file)?.file, "shop".to_owned());
        store
            .save(&[Write::Staff(Some(device.staff.clone())), Write::Assignment(Some(assignment.clone()))])?;
        drop(store);
        let made = Recorder::default();
        let till = program(device, &file, &made, true)?;
        Ok(Self { device, till, pressed: None, left: false, file, made, tasks: Vec::new() })
    }

    /// The program ends in the middle of whatever it does, and is started again.
    pub(super) async fn crash(&mut self, impatient: bool) -> Result<()> {
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

    /// Begins something that people or the pulse do: what it does before it first waits is done when this returns.
    pub(super) async fn begin<F>(&mut self, act: impl FnOnce(Arc<Running>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut act: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(act(Arc::clone(&self.till)));
        let done = std::future::poll_fn(|context| Poll::Ready(act.as_mut().poll(context).is_ready())).await;
        if !done {
            self.tasks.push(tokio::spawn(act));
        }
    }

    /// Begins to press something; what stands in its way is on the screen.
    async fn begin_press(&mut self, command: Command) {
        self.begin(async move |till| drop(press(&till, command).await)).await;
    }

    /// Presses something and waits for what comes of it.
    pub(super) async fn press_now(&self, command: Command) {
        drop(self.till.press(command).await);
    }

    /// Presses *Start shift*.
    pub(super) async fn press(&mut self) {
        let before = self.last_key();
        let opening_cash = "200.00".to_owned();
        self.begin_press(Command::StartShift { opening_cash, accept_earlier_day: true }).await;
        if self.last_key() != before {
            self.pressed = self.last_key();
            self.left = false;
        }
    }

    /// Does what a person may do next about ending the shift that is on the screen; `choice` says which.
    pub(super) async fn settle_further(&mut self, choice: u32) {
        let (screen, busy) = {
            let snapshot = self.till.snapshot();
            (snapshot.screen, snapshot.busy)
        };
        match screen {
            Screen::Register { .. } if busy.is_none() => {
                self.begin_press(Command::OpenChecklist).await;
            }
            Screen::Closing { step: ClosingStep::Checklist { .. }, .. } => match choice % 12 {
                0 => self.begin_press(Command::StopClosing).await,
                1 => self.begin_press(Command::EndShift { reason: String::new() }).await,
                2 => self.begin_press(Command::CancelShift { reason: String::new() }).await,
                3 => self.begin_press(Command::EndShift { reason: "forgotten".to_owned() }).await,
                4 => self.begin_press(Command::TakeOverCount).await,
                _ => self.begin_press(Command::BeginCount).await,
            },
            Screen::Closing { step: ClosingStep::Count { .. }, .. } => {
                let tally = Tally::Sum { amount: COUNTED.parse().unwrap() };
                match choice % 6 {
                    0 => self.begin_press(Command::StopClosing).await,
                    1 => self.press_now(Command::KeepTally { tally }).await,
                    _ => self.begin_press(Command::CommitCount { tally }).await,
                }
            }
            Screen::Closing { step: ClosingStep::Result { .. }, .. } => match choice % 6 {
                0 => self.begin_press(Command::StopClosing).await,
                1 => self.press_now(Command::CountAgain).await,
                2 => self.press_now(Command::LeaveInDrawer { amount: "100.00".to_owned() }).await,
                _ => self.begin_press(Command::CloseShift { reason: "counted in a hurry".to_owned() }).await,
            },
            Screen::Closing { .. } | Screen::Fenced { .. } => self.read_the_end().await,
            Screen::StartShift { .. } => self.press().await,
            _ => {}
        }
    }

    /// Reads how a shift ended, and goes on.
    pub(super) async fn read_the_end(&mut self) {
        let over = match self.till.snapshot().screen {
            Screen::Fenced { .. } => true,
            Screen::Closing { step, .. } => {
                matches!(step, ClosingStep::Closed { .. } | ClosingStep::Ended | ClosingStep::Cancelled)
            }
            _ => false,
        };
        if over {
            self.left = true;
            self.begin_press(Command::AcknowledgeEnd).await;
        }
    }

    pub(super) async fn finish(&mut self) -> Result<()> {
        for task in std::mem::take(&mut self.tasks) {
            tokio::time::timeout(LONGEST, task).await.map_err(|_elapsed| "a call has no end")??;
        }
        Ok(())
    }

    /// Every key that was made here: of presses, counts, closes and ends.
    pub(super) fn keys(&self) -> Vec<IntentKey> {
        self.made.0.lock().unwrap().ids.iter().map(|id| IntentKey(*id)).collect()
    }

    /// Every movement that was recorded here.
    pub(super) fn movements(&self) -> Vec<MovementId> {
        self.made.0.lock().unwrap().movements.iter().copied().collect()
    }

    fn last_key(&self) -> Option<IntentKey> {
        self.made.0.lock().unwrap().opens.last().copied()
    }
}

fn program(device: &Device, file: &Path, made: &Recorder, impatient: bool) -> Result<Arc<Running>> {
    let server = device.start_with(if impatient { IMPATIENT } else { HURRY })?;
    let store = ProjectStore::new(StoreFile::open(file)?.file, "shop".to_owned());
    let store = RecordedStore { store, made: made.clone() };
    Ok(Arc::new(Till::open("shop", server, store, made.clone(), Nobody)?))
}
