//! What the till knows.
//!
//! Invariant: plain data and what follows from it alone. What changes it for a press or an answer stands in the files
//! beside this one; what people see of it in `snapshot.rs`.

use super::{
    effect::{Busy, Call, Work, Write},
    keeping_state::Keeping,
    selling_state::Selling,
};
use crate::{
    Amount, Closing, Code, Device, Entry, EntryId, EntryState, Fault, Location, LocationId, Movement,
    MovementId, MovementKind, OpenIntent, Register, RegisterAssignment, Report, Session, SessionId, Staff,
    board::{Board, Day},
    closing::{Done, Step},
    count::{CountIntent, Needs},
    device::{ActiveSession, Attached, Detached, Fenced},
    lock::{Lock, Open},
    ports::{PersistedState, Recorded, SetAside},
    sale::SellingRules,
    session::CountingBy,
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

/// The board as the till holds it.
#[derive(Clone, Debug)]
pub(super) struct BoardView {
    pub(super) location: LocationId,
    pub(super) board: Option<Board>,
    pub(super) day: Option<Day>,
    pub(super) read_at: Option<Timestamp>,
    /// The rules of selling, while the owner looks at them.
    pub(super) rules: Option<SellingRules>,
    /// The catalogue, while a manager looks at it.
    pub(super) keeping: Option<Box<Keeping>>,
}

/// Somebody's try to open a locked till. It has a fault of its own, so that what stood on the screen before stands
/// there again.
#[derive(Clone, Debug, Default)]
pub(super) struct UnlockAttempt {
    /// It is being decided now.
    pub(super) under_way: bool,
    pub(super) fault: Option<Fault>,
    /// The password alone was not enough.
    pub(super) needs_email: bool,
}

/// Everything the till knows.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) login: Login,
    pub(super) staff: Option<Staff>,
    /// The store whose registers are listed, when it is not the first one.
    pub(super) location: Option<LocationId>,
    pub(super) registers: Option<Vec<Register>>,
    pub(super) assignment: Option<RegisterAssignment>,
    pub(super) device: Device,
    pub(super) fault: Option<Fault>,
    pub(super) busy: Option<Busy>,
    /// An open is being asked right now; a second press waits for the same answer.
    pub(super) is_opening: bool,
    /// The session as the file has it.
    pub(super) saved: Option<ActiveSession>,
    /// The movements of the attached session as the server last returned them, and at which of its revisions.
    pub(super) movements: Vec<Movement>,
    pub(super) movements_at: Option<i64>,
    /// What waits to be sent, in order.
    pub(super) queue: Vec<Entry>,
    /// Earlier files that could not be used and that nobody has read of yet.
    pub(super) set_aside: Vec<SetAside>,
    /// What waits is being sent right now.
    pub(super) is_sending: bool,
    /// The entry that the server could last not make anything of, and how often in a row.
    pub(super) stuck: Option<(EntryId, u32)>,
    /// Whether the session is of an earlier business date was decided by the server's clock; until it was heard, by
    /// this computer's, which may be wrong.
    pub(super) day_is_sure: bool,
    /// The session that is being settled here.
    pub(super) closing: Option<Closing>,
    /// What the closing wants is being asked right now.
    pub(super) is_settling: bool,
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
    /// What is sold here.
    pub(super) selling: Selling,
    /// What somebody tries here without recording it: a state of its own, in which a shift seems to run.
    pub(super) practice: Option<Box<State>>,
    /// The file does not know yet who is signed in: it is told with whatever is written next.
    pub(super) staff_is_unsaved: bool,
}

/// How old "last heard" may grow in the file before it is written again although nothing else changed.
const HEARD_AT_GRAIN: SignedDuration = SignedDuration::from_secs(60);

impl State {
    /// The state at start, from the device's own file.
    pub(super) fn new(persisted: PersistedState, now: Timestamp) -> Self {
        let saved = persisted.active.clone();
        let device = device_from(persisted.active, persisted.intent, persisted.assignment.as_ref(), now);
        let resuming = persisted.staff.is_some() && matches!(device, Device::Detached(_));
        let asked = persisted.queue.iter().find(|entry| entry.state.is_pending() && entry.sale().is_some());
        let selling = Selling::new(persisted.selling, asked.map(Entry::id));
        Self {
            login: Login::Unknown,
            staff: persisted.staff,
            location: None,
            registers: None,
            assignment: persisted.assignment,
            device,
            fault: None,
            busy: resuming.then_some(Busy::ResumingLogin),
            is_opening: false,
            saved,
            movements: persisted.movements,
            movements_at: None,
            queue: persisted.queue,
            set_aside: persisted.set_aside,
            is_sending: false,
            stuck: None,
            day_is_sure: false,
            closing: persisted.closing,
            is_settling: false,
            counts: persisted.counts,
            board: None,
            report: None,
            lock: persisted.lock.map_or(Lock::Open(Open), Lock::Locked),
            unlock_attempt: UnlockAttempt::default(),
            selling,
            practice: None,
            staff_is_unsaved: false,
        }
    }

    /// Takes up the session or intent that the file keeps for a register just chosen.
    pub(super) fn take_up_register(&mut self, persisted: PersistedState, now: Timestamp) {
        self.saved = persisted.active.clone();
        self.movements = persisted.movements;
        self.movements_at = None;
        self.selling.take_up(persisted.selling);
        self.device = device_from(persisted.active, persisted.intent, persisted.assignment.as_ref(), now);
        self.assignment = persisted.assignment;
        self.fault = None;
    }

    /// Marks a call that people wait for as under way.
    ///
    /// # Errors
    /// `NotNow` when one is already.
    pub(super) fn begin(&mut self, call: Call, work: &mut Work<'_>) -> Result<(), Fault> {
        let busy = call.busy();
        // Somebody who types a password does not wait for what the last login may still be good for.
        if !matches!((self.busy, busy), (None, _) | (Some(Busy::ResumingLogin), Some(Busy::SigningIn))) {
            return Err(Fault::new(Code::NotNow, "another call is under way"));
        }
        self.busy = busy;
        self.fault = None;
        work.ask(call);
        Ok(())
    }

    /// A call is not under way any more: it was answered, or whoever waited for its answer is gone.
    pub(super) fn release(&mut self, call: &Call) {
        match call {
            Call::OpenSession { .. } => self.is_opening = false,
            Call::RecordEntry { .. } | Call::AskRefund { .. } | Call::CommitCount { .. } => {
                self.is_sending = false;
            }
            Call::Settle { .. } => self.is_settling = false,
            Call::SignIn { opens_lock: true, .. } | Call::ConfirmPassword { .. } => {
                self.unlock_attempt.under_way = false;
            }
            _ => {}
        }
        if self.busy.is_some() && self.busy == call.busy() {
            self.busy = None;
        }
    }

    /// Nobody will hear what became of a call: from now on it may have run.
    pub(super) fn may_have_run(&mut self, call: &Call) {
        match call {
            Call::OpenSession { intent, .. } => self.change_device(|device| match device {
                Device::Resolving(resolving) if resolving.intent.key == intent.key => {
                    Device::Resolving(resolving.unanswered())
                }
                other => other,
            }),
            Call::AskRefund { sale, .. } => self.refund_may_have_run(sale),
            Call::Settle { closing: asked } => {
                if let Some(closing) = &mut self.closing
                    && closing.session.id == asked.session.id
                    && closing.step == asked.step
                {
                    closing.step.lost();
                }
            }
            _ => {}
        }
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

    /// Has the attached session written where the file does not have it so: it changed, or it was last heard a while
    /// after the file says.
    pub(super) fn save_session(&mut self, work: &mut Work<'_>) {
        let Device::Attached(attached) = &self.device else { return };
        let active = &attached.active;
        let is_saved = self.saved.as_ref().is_some_and(|saved| {
            let same = ActiveSession { heard_at: saved.heard_at, ..active.clone() } == *saved;
            same && active.heard_at.duration_since(saved.heard_at).abs() < HEARD_AT_GRAIN
        });
        if !is_saved {
            work.save(Write::Session(active.clone()));
            self.saved = Some(active.clone());
        }
    }

    /// The server was heard of the attached session: it is written, and what only stood in the way of that is over. A
    /// fenced session stays in the file until somebody has read that it is over.
    pub(super) fn heard_of_session(&mut self, work: &mut Work<'_>) {
        self.save_session(work);
        // In a closing a person pressed for what failed, and has to know that it did.
        let cured = |fault: &Fault| fault.is_silence() || fault.code == Code::StoreFailed;
        if self.closing.is_none() && self.fault.as_ref().is_some_and(cured) {
            self.fault = None;
        }
    }

    /// Takes this device out of its session.
    pub(super) fn detach(&mut self, transition: impl FnOnce(Device) -> Device, work: &mut Work<'_>) {
        self.put_cart_aside(work);
        self.change_device(transition);
        self.forget_movements();
        if let (Device::Detached(_), Some(assignment)) = (&self.device, &mut self.assignment) {
            assignment.register.open_session = None;
            work.save(Write::RemoveSession(assignment.register.id));
        }
    }

    /// A call that failed. In a running shift and in practice, silence shows as the age of the connection and a login that ended as the
    /// wish to sign in; everything else is put to the person.
    pub(super) fn record_fault(&mut self, fault: Fault) {
        if matches!(fault.code, Code::SignedOut | Code::NotStaff | Code::KeychainUnavailable) {
            self.login = Login::Out;
        }
        self.mark_offline(&fault);
        let running = matches!(self.device, Device::Attached(_));
        let calm = match fault.code {
            Code::SignedOut => running,
            _ => fault.is_silence() && (running || self.practice.is_some()),
        };
        if !calm {
            self.fault = Some(fault);
        }
    }

    /// Where a call was not heard, the connection of a running shift shows its age.
    pub(super) fn mark_offline(&mut self, fault: &Fault) {
        if fault.is_silence() {
            self.change_device(|device| match device {
                Device::Attached(attached) => Device::Attached(Box::new(attached.unheard())),
                other => other,
            });
        }
    }

    /// Every movement of the attached session that this device knows: those of the server first, then those that wait.
    pub(super) fn all_movements(&self) -> impl Iterator<Item = &Movement> {
        let session = self.attached_session().map(|session| session.id);
        let waiting = self.queue.iter().filter(|entry| entry.state.is_pending()).filter_map(Entry::movement);
        self.movements.iter().chain(waiting).filter(move |movement| Some(movement.session_id) == session)
    }

    /// One of them.
    pub(super) fn movement(&self, id: MovementId) -> Option<&Movement> {
        self.all_movements().find(|movement| movement.id == id)
    }

    /// An entry that the server decided against.
    pub(super) fn refused(&self, id: EntryId) -> Option<&Entry> {
        self.queue.iter().find(|entry| entry.id() == id && !entry.state.is_pending())
    }

    /// Another session begins here, or none.
    pub(super) fn forget_movements(&mut self) {
        self.movements.clear();
        self.movements_at = None;
    }

    /// The server has one more movement of the attached session.
    pub(super) fn learn_recorded(&mut self, entry: &Entry, recorded: Recorded) {
        let known = self.is_listed(recorded.movement.id);
        if known || !self.is_attached_to(recorded.movement.session_id) {
            return;
        }
        self.carry_expected_cash(entry, recorded.revision);
        self.movements.push(recorded.movement);
    }

    /// Replaces the device's state by a transition that consumes it.
    pub(super) fn change_device(&mut self, transition: impl FnOnce(Device) -> Device) {
        let before = mem::replace(&mut self.device, Device::Detached(Detached));
        self.device = transition(before);
    }

    /// Keeps the chosen register in step with a list just read.
    pub(super) fn learn_registers(&mut self, location: LocationId, registers: Vec<Register>) {
        if let Some(assignment) = &mut self.assignment
            && let Some(known) = registers.iter().find(|register| register.id == assignment.register.id)
        {
            assignment.register = known.clone();
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
        if let (Some(left), Some(assignment)) = (left, &mut self.assignment)
            && assignment.register.id == report.register_id
        {
            assignment.register.suggested_opening_cash = left;
        }
    }

    /// Entries of a session that wait here.
    pub(super) fn unsent(&self, session: SessionId) -> usize {
        self.entries(session, EntryState::is_pending)
    }

    /// Entries of a session that the server refused and that nobody has settled.
    pub(super) fn unsettled(&self, session: SessionId) -> usize {
        self.entries(session, |state| !state.is_pending())
    }

    fn entries(&self, session: SessionId, which: impl Fn(&EntryState) -> bool) -> usize {
        let of_session = self.queue.iter().filter(|entry| entry.session_id() == session);
        of_session.filter(|entry| which(&entry.state)).count()
    }

    /// Whether a manager is signed in.
    pub(super) fn manages(&self) -> bool {
        self.staff.as_ref().is_some_and(|staff| staff.role.manages())
    }

    /// Whether who is signed in may end the count that is under way: a manager anybody's, everybody their own, which
    /// they began at another device.
    pub(super) fn may_take_over(&self, session: &Session) -> bool {
        let own =
            |by: &CountingBy| by.by_id.is_some() && by.by_id == self.staff.as_ref().map(|me| me.user_id);
        session.counting.as_ref().is_some_and(|by| self.manages() || own(by))
    }

    /// What a count needs from who is signed in now: a manager need not be asked to approve.
    pub(super) fn needs(&self, of_server: Needs) -> Needs {
        if of_server == Needs::Approval && self.manages() { Needs::Reason } else { of_server }
    }

    /// Whether a session was settled here and people read how.
    pub(super) fn is_done(&self, session: SessionId) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.session.id == session && closing.is_done())
    }

    /// Whether a session is the one that runs here.
    pub(super) fn is_attached_to(&self, session: SessionId) -> bool {
        self.attached_session().is_some_and(|attached| attached.id == session)
    }

    /// The session that runs here.
    pub(super) fn attached_session(&self) -> Option<&Session> {
        match &self.device {
            Device::Attached(attached) => Some(&attached.active.session),
            _ => None,
        }
    }

    /// Today's business date at the chosen register's store.
    pub(super) fn today(&self, store_time: Timestamp) -> Option<civil::Date> {
        self.assignment.as_ref()?.location.business_date(store_time)
    }

    /// What who is signed in may not go beyond alone.
    pub(super) fn limits(&self, assignment: &RegisterAssignment) -> BTreeMap<MovementKind, Amount> {
        if self.manages() { BTreeMap::new() } else { assignment.location.movement_limits.clone() }
    }
}

/// What the file's memory of a register makes of this device.
fn device_from(
    active: Option<ActiveSession>,
    intent: Option<OpenIntent>,
    assignment: Option<&RegisterAssignment>,
    now: Timestamp,
) -> Device {
    match (active, intent, assignment) {
        (Some(active), _, Some(assignment)) => {
            let question = question(&active, &assignment.location, now);
            Device::Attached(Box::new(Detached.resume(active, question)))
        }
        (_, Some(intent), Some(_)) => Device::Resolving(Detached.take_up(intent)),
        _ => Device::Detached(Detached),
    }
}

/// Whether a session is of an earlier business date and nobody has agreed today to go on with it.
pub(super) fn question(active: &ActiveSession, location: &Location, now: Timestamp) -> bool {
    let today = earlier_day(&active.session, location, now);
    today.is_some() && active.agreed_on != today
}

/// Today's business date if the session belongs to an earlier one.
pub(super) fn earlier_day(session: &Session, location: &Location, now: Timestamp) -> Option<civil::Date> {
    let today = location.business_date(now)?;
    let opened = session.business_date.or_else(|| location.business_date(session.opened_at))?;
    (opened < today).then_some(today)
}

/// The device after the server has answered what became of its session.
pub(super) fn attach(result: Result<Attached, Fenced>) -> Device {
    match result {
        Ok(attached) => Device::Attached(Box::new(attached)),
        Err(fenced) => Device::Fenced(fenced),
    }
}

/// What was asked does not fit where the till stands.
pub(super) fn not_now() -> Fault {
    Fault::new(Code::NotNow, "this does not fit where the till stands")
}
