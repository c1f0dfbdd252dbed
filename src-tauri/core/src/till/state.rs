//! What the till knows, and the one screen that follows from it.
//!
//! Invariant: the screen is a function of the state. Nothing else decides what is shown.

use super::{board::BoardView, lock::UnlockAttempt};
use crate::{
    Amount, Closing, Device, Entry, EntryState, Fault, Location, LocationId, Movement, MovementId,
    MovementKind, OpenIntent, Placement, Register, Report, Session, Staff,
    closing::{Done, Step},
    count::CountIntent,
    device::{ActiveSession, Attached, Contact, Detached, Resolving},
    lock::{Lock, Open, Person},
    movement::expected_with_waiting,
    ports::{Recorded, Remembered},
    view::{Busy, Link, Screen, SetAside, Snapshot},
};
use jiff::{SignedDuration, Timestamp, civil};
use std::{collections::BTreeMap, mem};

/// Whether somebody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// Not asked yet, or the server could not be heard: the kept login may still be good.
    Unknown,
    /// Yes.
    In,
    /// No.
    Out,
}

/// Everything the till knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) login: Login,
    pub(super) staff: Option<Staff>,
    /// The store whose registers are listed, when it is not the first one.
    pub(super) location: Option<LocationId>,
    pub(super) registers: Option<Vec<Register>>,
    pub(super) placement: Option<Placement>,
    pub(super) device: Device,
    pub(super) fault: Option<Fault>,
    pub(super) busy: Option<Busy>,
    /// An open is being asked right now; a second press waits for the same answer.
    pub(super) asking: bool,
    /// The session as the file has it.
    pub(super) kept: Option<ActiveSession>,
    /// The movements of the attached session as the server last told them, and at which of its revisions.
    pub(super) movements: Vec<Movement>,
    pub(super) movements_at: Option<i64>,
    /// What waits to be sent, in order.
    pub(super) queue: Vec<Entry>,
    /// Earlier files that could not be used and that nobody has read of yet.
    pub(super) set_aside: Vec<SetAside>,
    /// The queue is being sent right now.
    pub(super) sending: bool,
    /// Whether the session is of an earlier business date was decided by the server's clock; until it was heard, by
    /// this computer's, which may be wrong.
    pub(super) day_is_sure: bool,
    /// The session that is being settled here.
    pub(super) closing: Option<Closing>,
    /// The closing is asking the server right now.
    pub(super) is_sending: bool,
    /// Counts that wait to be sent, in order.
    pub(super) counts: Vec<CountIntent>,
    /// The manager's board, while it is open.
    pub(super) board: Option<BoardView>,
    /// A report that somebody reads.
    pub(super) report: Option<Box<Report>>,
    /// Whether people may use this till.
    pub(super) lock: Lock,
    /// The last try to open it.
    pub(super) unlock_attempt: UnlockAttempt,
}

/// How old "last heard" may grow in the file before it is written again although nothing else changed.
const HEARD_AT_GRAIN: SignedDuration = SignedDuration::from_secs(60);

/// A clock that is wrong by more than this is worth a person's attention.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

impl State {
    /// The state at start, from the device's own file.
    pub(super) fn from_memory(remembered: Remembered, now: Timestamp) -> Self {
        let kept = remembered.active.clone();
        let device = device_from(remembered.active, remembered.intent, remembered.placement.as_ref(), now);
        let resuming = remembered.staff.is_some() && matches!(device, Device::Detached(_));
        Self {
            login: Login::Unknown,
            staff: remembered.staff,
            location: None,
            registers: None,
            placement: remembered.placement,
            device,
            fault: None,
            busy: resuming.then_some(Busy::ResumingLogin),
            asking: false,
            kept,
            movements: remembered.movements,
            movements_at: None,
            queue: remembered.queue,
            set_aside: remembered.set_aside,
            sending: false,
            day_is_sure: false,
            closing: remembered.closing,
            is_sending: false,
            counts: remembered.counts,
            board: None,
            report: None,
            lock: remembered.lock.map_or(Lock::Open(Open), Lock::Locked),
            unlock_attempt: UnlockAttempt::default(),
        }
    }

    /// Takes up the session or intent that the file keeps for a register just chosen.
    pub(super) fn place(&mut self, remembered: Remembered, now: Timestamp) {
        self.kept = remembered.active.clone();
        self.movements = remembered.movements;
        self.movements_at = None;
        self.device = device_from(remembered.active, remembered.intent, remembered.placement.as_ref(), now);
        self.placement = remembered.placement;
        self.fault = None;
    }

    /// The store whose registers are listed.
    pub(super) fn listed_location(&self) -> Option<&Location> {
        let locations = &self.staff.as_ref()?.locations;
        locations.iter().find(|location| Some(location.id) == self.location).or_else(|| locations.first())
    }

    /// Lists this store's registers from now on.
    pub(super) fn list(&mut self, location: LocationId) {
        if self.listed_location().is_none_or(|listed| listed.id != location) {
            self.registers = None;
        }
        self.location = Some(location);
    }

    /// The attached session, if the file has to be told of it: it changed, or it was last heard a while after
    /// the file says.
    pub(super) fn unsaved_session(&self) -> Option<ActiveSession> {
        let Device::Attached(attached) = &self.device else { return None };
        let active = &attached.active;
        let in_step = self.kept.as_ref().is_some_and(|kept| {
            let same = ActiveSession { heard_at: kept.heard_at, ..active.clone() } == *kept;
            same && active.heard_at.duration_since(kept.heard_at).abs() < HEARD_AT_GRAIN
        });
        (!in_step).then(|| active.clone())
    }

    /// Every movement of the attached session that this device knows: told ones first, then those that wait.
    pub(super) fn all_movements(&self) -> impl Iterator<Item = &Movement> {
        let session = match &self.device {
            Device::Attached(attached) => Some(attached.active.session.id),
            _ => None,
        };
        let waiting =
            self.queue.iter().filter(|entry| entry.state == EntryState::Waiting).map(|entry| &entry.movement);
        self.movements.iter().chain(waiting).filter(move |movement| Some(movement.session_id) == session)
    }

    /// One of them.
    pub(super) fn movement(&self, id: MovementId) -> Option<&Movement> {
        self.all_movements().find(|movement| movement.id == id)
    }

    /// An entry that the server decided against.
    pub(super) fn refused(&self, id: MovementId) -> Option<&Entry> {
        self.queue.iter().find(|entry| entry.movement.id == id && entry.state != EntryState::Waiting)
    }

    /// Decides once more whether to ask about an earlier business date, now that the server's clock was heard.
    pub(super) fn ask_by_server_clock(&mut self, store_time: Timestamp) {
        if !mem::replace(&mut self.day_is_sure, true)
            && let (Device::Attached(attached), Some(placement)) = (&mut self.device, &self.placement)
        {
            attached.question = question(&attached.active, &placement.location, store_time);
        }
    }

    /// Another session begins here, or none.
    pub(super) fn forget_movements(&mut self) {
        self.movements.clear();
        self.movements_at = None;
    }

    /// The server has one more movement of the attached session. Its expected cash is carried on until the next
    /// poll, so that the figure does not jump back for two seconds.
    pub(super) fn learn_recorded(&mut self, recorded: Recorded) {
        let Device::Attached(attached) = &mut self.device else { return };
        let session = &mut attached.active.session;
        let known = self.movements.iter().any(|movement| movement.id == recorded.movement.id);
        if recorded.movement.session_id != session.id || known {
            return;
        }
        if recorded.revision > session.revision {
            if let Some(expected) = session.expected_cash {
                session.expected_cash = Some(Amount::from(expected.decimal() + recorded.movement.effect()));
            }
            // Others may have recorded something, too: with a gap in the revisions the list is read anew.
            if recorded.revision == session.revision + 1 && self.movements_at == Some(session.revision) {
                self.movements_at = Some(recorded.revision);
                session.revision = recorded.revision;
            }
        }
        self.movements.push(recorded.movement);
    }

    /// Replaces the device's state by a transition that consumes it.
    pub(super) fn change_device(&mut self, transition: impl FnOnce(Device) -> Device) {
        let before = mem::replace(&mut self.device, Device::Detached(Detached));
        self.device = transition(before);
    }

    /// Keeps the chosen register in step with a list just read.
    pub(super) fn learn_registers(&mut self, location: LocationId, registers: Vec<Register>) {
        if let Some(placement) = &mut self.placement
            && let Some(known) = registers.iter().find(|register| register.id == placement.register.id)
        {
            placement.register = known.clone();
        }
        if self.listed_location().is_some_and(|listed| listed.id == location) {
            self.registers = Some(registers);
        }
    }

    /// What the close that is being read left in the drawer is what the next shift here is proposed to start with, also
    /// before the server was asked for its list.
    pub(super) fn learn_left_in_drawer(&mut self) {
        let Some(Closing { step: Step::Done(Done::Closed(report)), .. }) = &self.closing else { return };
        let left = report.settlement().and_then(|settled| settled.left_in_drawer);
        if let (Some(left), Some(placement)) = (left, &mut self.placement)
            && placement.register.id == report.register_id
        {
            placement.register.suggested_opening_cash = left;
        }
    }

    /// The snapshot of now.
    pub(super) fn snapshot(
        &self,
        serial: u64,
        server: &str,
        people: Vec<Person>,
        login_is_kept: bool,
        ahead: Option<SignedDuration>,
        store_time: Timestamp,
    ) -> Snapshot {
        let clock_behind_seconds =
            ahead.filter(|ahead| ahead.abs() > CLOCK_TOLERANCE).map(|ahead| ahead.as_secs());
        if let Lock::Locked(locked) = &self.lock {
            return self.locked_snapshot(locked, people, serial, server, clock_behind_seconds);
        }
        Snapshot {
            serial,
            server: Some(server.to_owned()),
            staff: self.staff.clone().filter(|_| self.login != Login::Out),
            screen: self.screen(login_is_kept, store_time),
            fault: self.fault.clone(),
            busy: self.busy,
            queue: self.queue.clone(),
            report: self.report.clone(),
            clock_behind_seconds,
            set_aside: self.set_aside.clone(),
            older_server: false,
            may: Vec::new(),
        }
    }

    fn screen(&self, login_is_kept: bool, now: Timestamp) -> Screen {
        let sign_in = Screen::SignIn { login_is_kept };
        let somebody_works = self.login != Login::Out && self.staff.is_some();
        if let Some(screen) = self.closing_screen(now) {
            return screen;
        }
        if !matches!(self.device, Device::Fenced(_))
            && let Some(screen) = self.board_screen()
        {
            return screen;
        }
        match (&self.device, &self.placement) {
            (Device::Fenced(fenced), placement) => Screen::Fenced {
                session: fenced.session.clone(),
                location: placement.as_ref().map(|placement| placement.location.clone()),
            },
            (Device::Attached(attached), Some(placement)) => self.attached_screen(attached, placement, now),
            _ if !somebody_works => sign_in,
            (Device::Resolving(resolving), Some(placement)) => start_screen(placement, Some(resolving), now),
            (_, Some(placement)) => start_screen(placement, None, now),
            (_, None) => self.listed_location().map_or(sign_in, |location| Screen::ChooseRegister {
                location: location.clone(),
                registers: self.registers.clone(),
            }),
        }
    }

    fn expected_cash(&self, session: &Session) -> Option<Amount> {
        let told = session.expected_cash?;
        let nothing_waits = !self.queue.iter().any(|entry| entry.movement.session_id == session.id);
        if self.movements_at != Some(session.revision) && !nothing_waits {
            // Whether what waits is in the told figure is not known until the list was read: better none than a
            // wrong one.
            return None;
        }
        let told_ids: Vec<MovementId> = self.movements.iter().map(|movement| movement.id).collect();
        Some(expected_with_waiting(told, session.id, &told_ids, &self.queue))
    }

    /// What who is signed in may not go beyond alone.
    pub(super) fn limits(&self, placement: &Placement) -> BTreeMap<MovementKind, Amount> {
        if self.manages() { BTreeMap::new() } else { placement.location.movement_limits.clone() }
    }

    fn attached_screen(&self, attached: &Attached, placement: &Placement, now: Timestamp) -> Screen {
        let session = Box::new(attached.active.session.clone());
        let location = placement.location.clone();
        if attached.question
            && let Some(today) = location.business_date(now)
        {
            return Screen::EarlierDay { session, location, today };
        }
        Screen::Register {
            session,
            register: Box::new(placement.register.clone()),
            location,
            outcome: attached.active.outcome,
            own_opening_cash: attached.active.own_opening_cash,
            connection: match attached.contact {
                Contact::Checking => Link::Checking { heard_at: attached.active.heard_at },
                Contact::Confirmed(heard_at) => Link::Confirmed { heard_at },
                Contact::Offline(since) => Link::Offline { since },
            },
            sign_in_needed: self.login == Login::Out,
            movements: self.listed_movements(attached.active.session.id),
            expected_cash: self.expected_cash(&attached.active.session),
            limits: self.limits(placement),
        }
    }
}

fn start_screen(placement: &Placement, resolving: Option<&Resolving>, now: Timestamp) -> Screen {
    let open = placement.register.open_session.as_ref();
    Screen::StartShift {
        register: Box::new(placement.register.clone()),
        location: placement.location.clone(),
        earlier_day: open.is_some_and(|session| earlier_day(session, &placement.location, now).is_some()),
        unanswered: resolving.is_some_and(|resolving| resolving.may_have_run || resolving.cancelled),
    }
}

/// What the file's memory of a register makes of this device.
fn device_from(
    active: Option<ActiveSession>,
    intent: Option<OpenIntent>,
    placement: Option<&Placement>,
    now: Timestamp,
) -> Device {
    match (active, intent, placement) {
        (Some(active), _, Some(placement)) => {
            let question = question(&active, &placement.location, now);
            Device::Attached(Box::new(Detached.resume(active, question)))
        }
        (_, Some(intent), Some(_)) => Device::Resolving(Detached.take_up(intent)),
        _ => Device::Detached(Detached),
    }
}

/// Whether a session is of an earlier business date and nobody has agreed today to go on with it.
fn question(active: &ActiveSession, location: &Location, now: Timestamp) -> bool {
    let today = earlier_day(&active.session, location, now);
    today.is_some() && active.agreed_on != today
}

/// Today's business date if the session belongs to an earlier one.
pub(super) fn earlier_day(session: &Session, location: &Location, now: Timestamp) -> Option<civil::Date> {
    let today = location.business_date(now)?;
    let opened = session.business_date.or_else(|| location.business_date(session.opened_at))?;
    (opened < today).then_some(today)
}
