//! Asking the server what became of things, at the pace that they need.
//!
//! Invariants: what it returns of the session is the only thing that fences this device (I9); silence is not a fault in
//! a running shift.

use super::{
    effect::{Call, IfUnsaved, Moment, PollStage, Work, Write},
    state::{Login, State, attach},
};
use crate::{
    Code, Device, Fault, Movement, Session, SessionId,
    closing::Step,
    device::{Attached, ConnectionState},
    ports::Seen,
};
use std::time::Duration;

/// How long a poll waits while more of the catalogue is to come.
const BETWEEN_PAGES: Duration = Duration::from_millis(50);

impl State {
    /// What a poll asks at this stage or a later one, and which stage that is; `None` when it is over.
    pub(super) fn next_poll(&mut self, from: PollStage, at: &Moment) -> Option<(Call, PollStage)> {
        use PollStage as S;
        let call = match from {
            S::Entries => self.next_entry().or_else(|| self.next_refund()),
            S::Counts => self.next_count(),
            S::State => self.next_state_read(),
            S::Selling => self.next_selling_read(at),
            S::Board => self.next_board_read(),
        };
        match (call, from) {
            (Some(call), _) => Some((call, from)),
            (None, S::Entries) => self.next_poll(S::Counts, at),
            (None, S::Counts) => self.next_poll(S::State, at),
            (None, S::State) => self.next_poll(S::Selling, at),
            (None, S::Selling) => self.next_poll(S::Board, at),
            (None, S::Board) => None,
        }
    }

    /// Where a poll goes on after the answer to a call (`None`: it is over), and a call that completes that answer.
    pub(super) fn poll_after(
        &self,
        stage: PollStage,
        call: &Call,
        is_good: bool,
    ) -> (Option<Call>, Option<PollStage>) {
        use PollStage as S;
        match (stage, call) {
            (_, Call::Board { .. }) => (None, None),
            (S::Entries, _) => (None, Some(if is_good { S::Entries } else { S::Counts })),
            (S::Counts, _) => (None, Some(if is_good { S::Counts } else { S::State })),
            // Whoever is signed in again has things that wait.
            (S::State, Call::ResumeLogin | Call::Load(_)) if is_good && self.login == Login::In => {
                (None, Some(S::Entries))
            }
            // The answer names no opener and no business date: a first read completes it.
            (S::State, Call::OpenSession { .. }) => (self.next_session_read(true), Some(S::Selling)),
            // The shift is on the screen while its count is being given up: it is watched as ever.
            (S::State, Call::Settle { .. }) if self.is_leaving() => {
                (self.next_session_read(false), Some(S::Selling))
            }
            (S::State, _) => (None, Some(S::Selling)),
            // The letter is asked for as soon as it is known that there is selling here.
            (S::Selling, Call::Catalogue { .. }) if is_good && !self.selling.more_to_read => {
                (None, Some(S::Selling))
            }
            _ => (None, Some(S::Board)),
        }
    }

    /// What the device stands ready to know.
    fn next_state_read(&mut self) -> Option<Call> {
        match (self.login, &self.device) {
            (Login::Unknown, _) => Some(Call::ResumeLogin),
            (Login::Out, _) => Some(Call::Warm),
            (Login::In, _) if self.closing.as_ref().is_some_and(|closing| closing.step.is_asked()) => {
                if self.is_settling {
                    return self.next_session_read(false).filter(|_| self.is_leaving());
                }
                self.next_settle()
            }
            // It is over and people read so.
            (Login::In, Device::Attached(attached)) if self.is_done(attached.active.session.id) => {
                Some(Call::Warm)
            }
            (Login::In, Device::Resolving(_)) if !self.is_opening => self.next_open(None),
            (Login::In, Device::Attached(_)) => self.next_session_read(false),
            (Login::In, Device::Detached(_)) => {
                let placed = self.assignment.as_ref().map(|assignment| assignment.location.id);
                let location = placed.or_else(|| self.listed_location().map(|location| location.id));
                let Some(location) = location else { return Some(Call::Warm) };
                let visibly = self.registers.is_none();
                let call = Call::Registers { location, visibly };
                if visibly {
                    // Somebody who just signed in waits for the list; one who pressed for it has asked already.
                    if self.busy.is_some() {
                        return None;
                    }
                    self.busy = call.busy();
                    self.fault = self.fault.take().filter(|fault| fault.code == Code::StoreFailed);
                }
                Some(call)
            }
            (Login::In, Device::Fenced(_) | Device::Resolving(_)) => Some(Call::Warm),
        }
    }

    /// Whether the count of the shift that runs here is being given up.
    fn is_leaving(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| {
            matches!(closing.step, Step::Leaving(_)) && self.is_attached_to(closing.session.id)
        })
    }

    /// How long to wait before polling again: short while a shift runs, so that what other devices do shows within
    /// three seconds; longer when the server is silent or nothing is at stake.
    pub(super) fn poll_interval(&self) -> Duration {
        let asked = self.closing.as_ref().is_some_and(|closing| closing.step.is_asked());
        let is_selling = self.attached_session().is_some() || self.practice.is_some();
        if self.selling.more_to_read && self.login == Login::In && is_selling {
            return BETWEEN_PAGES;
        }
        let seconds = match (&self.device, self.login) {
            (_, Login::In) if asked => 3,
            (_, Login::Out) | (Device::Fenced(_), _) => 30,
            (_, Login::Unknown) | (Device::Resolving(_), _) => 3,
            (Device::Attached(attached), Login::In) => match attached.connection {
                ConnectionState::Confirmed { .. } => 2,
                _ => 3,
            },
            (Device::Detached(_), Login::In) => 5,
        };
        Duration::from_secs(seconds)
    }

    /// The session was read, or not. One that still runs is shown together with its movements, which are read next.
    pub(super) fn session_answered(
        &mut self,
        id: SessionId,
        answer: Result<Seen, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(Seen::Session(session)) if session.status.holds_register() => {
                work.ask(Call::Movements { session });
                Ok(())
            }
            Ok(Seen::Session(session)) => {
                self.session_read(*session, None, work);
                Ok(())
            }
            Ok(Seen::Unchanged) => {
                let now = work.at.now;
                self.watch(id, work, |attached| Device::Attached(Box::new(attached.unchanged(now))));
                Ok(())
            }
            Err(fault) if fault.code == Code::SessionNotFound => {
                self.watch(id, work, |attached| Device::Fenced(attached.lost()));
                Ok(())
            }
            Err(fault) => {
                if self.is_attached_to(id) {
                    self.record_fault(fault.clone());
                }
                self.check_hold(work);
                Err(fault)
            }
        }
    }

    /// A session was read with its movements; `None` where those could not be.
    pub(super) fn session_read(
        &mut self,
        session: Session,
        movements: Option<Vec<Movement>>,
        work: &mut Work<'_>,
    ) {
        let (id, now) = (session.id, work.at.now);
        self.change_attached(id, |attached| attach(attached.updated(session, now)));
        if let (Device::Attached(attached), Some(movements)) = (&self.device, movements)
            && attached.active.session.id == id
        {
            self.movements_at = Some(attached.active.session.revision);
            if movements != self.movements {
                work.save(Write::Movements(attached.active.session.register_id, movements.clone()));
                self.movements = movements;
            }
        }
        self.heard(work);
    }

    /// The session that runs here was heard of; nothing is done where the device moved on while the question was under
    /// way.
    fn watch(&mut self, id: SessionId, work: &mut Work<'_>, change: impl FnOnce(Attached) -> Device) {
        self.change_attached(id, change);
        self.heard(work);
    }

    fn change_attached(&mut self, id: SessionId, change: impl FnOnce(Attached) -> Device) {
        self.change_device(|device| match device {
            Device::Attached(attached) if attached.active.session.id == id => change(*attached),
            other => other,
        });
    }

    fn heard(&mut self, work: &mut Work<'_>) {
        // The server has decided, whatever becomes of the file.
        work.if_unsaved = IfUnsaved::Keep;
        self.ask_by_server_clock(work.at.store_time());
        self.heard_of_session(work);
        self.check_hold(work);
    }
}
