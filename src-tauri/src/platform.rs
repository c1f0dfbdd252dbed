//! The real clock, real chance, and the real window.

use crate::{
    pace::{Pace, Show},
    print_service::PrintService,
};
use jiff::Timestamp;
use onetill_core::{
    device::ConnectionState,
    ports::{Shell, World},
    view::{Screen, Snapshot},
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::Notify;
use uuid::Uuid;

/// This computer's clock and its source of randomness.
pub(crate) struct Computer;

impl World for Computer {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn new_id(&self) -> Uuid {
        // Those of one till follow one another in the server's indexes.
        Uuid::now_v7()
    }

    fn next_serial(&self) -> u64 {
        // One count for the whole process: the set-up screen and one till after another share the window.
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        SERIAL.fetch_add(1, Ordering::Relaxed)
    }
}

/// What is around the till: the window, which hears of every change by the event `snapshot`, the cash drawer, and the
/// poll loop.
#[derive(Clone)]
pub(crate) struct Window {
    app: AppHandle,
    /// Somebody wants a poll at once.
    poll_wanted: Arc<Notify>,
    /// What the recorder wrote last, so that a quiet hour fills no file.
    recorded: Arc<Mutex<String>>,
    /// What is shown while what waited is being sent.
    pace: Arc<Mutex<Pace>>,
    /// Whose turn it is to show something, and which turn is this one's.
    turn: Arc<AtomicU64>,
    own_turn: u64,
}

impl Window {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self {
            app,
            poll_wanted: Arc::default(),
            recorded: Arc::default(),
            pace: Arc::default(),
            turn: Arc::default(),
            own_turn: 0,
        }
    }

    /// Resolves when somebody wants a poll.
    pub(crate) async fn poll_wanted(&self) {
        self.poll_wanted.notified().await;
    }

    /// The same window for whoever comes next; what came before shows nothing more, however late its answers come.
    pub(crate) fn taken_over(&self) -> Self {
        let own_turn = self.turn.fetch_add(1, Ordering::SeqCst) + 1;
        Self { own_turn, ..self.clone() }
    }

    fn is_its_turn(&self) -> bool {
        self.turn.load(Ordering::SeqCst) == self.own_turn
    }

    fn emit(&self, snapshot: &Snapshot) {
        if let Err(cause) = self.app.emit("snapshot", snapshot) {
            tracing::error!(%cause, "a snapshot did not reach the window");
        }
    }
}

impl Shell for Window {
    fn show(&self, snapshot: Snapshot) {
        if !self.is_its_turn() {
            return;
        }
        let line = summary(&snapshot);
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if *recorded != line {
            tracing::info!(serial = snapshot.serial, "{line}");
            *recorded = line;
        }
        drop(recorded);
        // The page takes none that is older than what it shows, in whatever order they come.
        let show = self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(snapshot, Instant::now());
        match show {
            Show::Now(snapshot) => self.emit(&snapshot),
            Show::Later => {}
            Show::After(left) => {
                let window = self.clone();
                tauri::async_runtime::spawn(async move {
                    tokio::time::sleep(left).await;
                    let mut pace = window.pace.lock().unwrap_or_else(PoisonError::into_inner);
                    let held = pace.release(Instant::now());
                    drop(pace);
                    if let Some(held) = held.filter(|_| window.is_its_turn()) {
                        window.emit(&held);
                    }
                });
            }
        }
    }

    fn open_drawer(&self) {
        if let Some(paper) = self.app.try_state::<Arc<PrintService>>() {
            paper.open_drawer_for_entry();
        }
    }

    fn poll_now(&self) {
        self.poll_wanted.notify_one();
    }
}

/// What changed, for whoever reads the recorder: the screen, the session, the connection, what waits, the fault. No
/// names and no amounts.
pub(crate) fn summary(snapshot: &Snapshot) -> String {
    let screen = match &snapshot.screen {
        Screen::Setup { .. } => "setup".to_owned(),
        Screen::SignIn { .. } => "sign-in".to_owned(),
        Screen::ChooseRegister { .. } => "choose-register".to_owned(),
        Screen::StartShift { register, unanswered, .. } => {
            format!("start-shift register={} unanswered={unanswered}", register.id)
        }
        Screen::EarlierDay { session, .. } => format!("earlier-day session={}", session.id),
        Screen::Register { practice: true, register, .. } => format!("practice register={}", register.id),
        Screen::Register { session, connection, .. } => {
            let link = match connection {
                ConnectionState::Checking { .. } => "checking",
                ConnectionState::Confirmed { .. } => "confirmed",
                ConnectionState::Offline { .. } => "offline",
            };
            format!("register session={} revision={} {link}", session.id, session.revision)
        }
        Screen::Closing { session, unanswered, step, .. } => {
            format!("closing session={} step={} unanswered={unanswered}", session.id, step.name())
        }
        Screen::Board { location, day, .. } => {
            format!("board location={} day={}", location.id, day.is_some())
        }
        Screen::Locked { shift_runs, .. } => format!("locked shift_runs={shift_runs}"),
        Screen::Fenced { session, .. } => format!("fenced session={} {:?}", session.id, session.status),
    };
    let refused: Vec<String> =
        snapshot.refused.iter().map(|entry| format!("{} {:?}", entry.entry_id, entry.code)).collect();
    let fault = snapshot.fault.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{screen} busy={:?} unsent={} refused={refused:?} fault={fault}", snapshot.busy, snapshot.unsent)
}
