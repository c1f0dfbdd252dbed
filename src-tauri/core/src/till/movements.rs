//! Movements: recording them, sending them in order, and what becomes of those that were refused.
//!
//! Invariants: an entry is on disk before the screen shows it (I8); entries are sent one at a time, oldest first,
//! each by its own id (I6), and none before the one that it reverses; only the server's acceptance or a person's word
//! takes one out. One entry that the server can make nothing of does not hold up the others for ever.

use super::{
    command::Outcome,
    effect::{Call, Work, Write},
    state::{Login, State, not_now},
};
use crate::{
    Amount, Code, Device, Entry, EntryContent, EntryId, EntryState, Fault, Movement, MovementId,
    MovementKind, MovementRequest, Retry, Session, SessionId, ports::Recorded, sale::one_line,
    selling::SaleRecorded,
};
use jiff::Timestamp;

impl State {
    /// Records a movement in the running shift. It is sent with the next poll.
    pub(super) fn record(
        &mut self,
        request: &MovementRequest,
        work: &mut Work<'_>,
    ) -> Result<Outcome, Fault> {
        let amount = amount_of(request)?;
        self.require_within_limit(request.kind, amount)?;
        self.append(work, |id, session, by_name, recorded_at| Movement {
            id,
            session_id: session,
            kind: request.kind,
            amount,
            reason: one_line(&request.reason),
            note: one_line(&request.note),
            reference: one_line(&request.reference),
            reverses: None,
            by_name,
            recorded_at,
            sent_at: None,
        })
    }

    /// Takes a movement of the running shift back by an entry that points at it; nothing is ever edited.
    pub(super) fn reverse(
        &mut self,
        id: MovementId,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<Outcome, Fault> {
        let bad = |why: &str| Fault::new(Code::BadMovement, why);
        let original = self.movement(id).cloned().ok_or_else(|| bad("no such movement in this shift"))?;
        let taken_back = self.all_movements().any(|movement| movement.reverses == Some(id));
        if taken_back || original.reverses.is_some() {
            return Err(bad("already taken back"));
        }
        self.require_within_limit(original.kind, original.amount)?;
        self.append(work, |reversal, session_id, by_name, recorded_at| Movement {
            id: reversal,
            session_id,
            reason: one_line(reason),
            note: String::new(),
            reverses: Some(id),
            by_name,
            recorded_at,
            ..original
        })
    }

    /// Records a refused entry anew, in the shift that runs now.
    pub(super) fn record_again(&mut self, id: MovementId, work: &mut Work<'_>) -> Result<Outcome, Fault> {
        let before = self.refused(id.into()).and_then(Entry::movement).cloned().ok_or_else(not_now)?;
        self.append(work, |id, session_id, _by_name, _now| {
            // What it took back stands in a shift that is over: here only the opposite can undo it.
            let kind = if before.reverses.is_some() { before.kind.opposite() } else { before.kind };
            Movement { id, session_id, kind, reverses: None, ..before }
        })?;
        self.remove_entry(id.into(), work);
        // Its money moved when it was first recorded: the drawer stays shut.
        work.open_drawer = false;
        Ok(Outcome::Done)
    }

    /// Takes a refused entry off the list: somebody has settled it otherwise.
    pub(super) fn dismiss_entry(&mut self, id: EntryId, work: &mut Work<'_>) -> Result<Outcome, Fault> {
        let refused = self.refused(id).ok_or_else(not_now)?;
        if !self.may_dismiss(refused) {
            return Err(Fault::new(Code::ManagerRequired, "only a manager takes a sale off the list"));
        }
        self.remove_entry(id, work);
        Ok(Outcome::Done)
    }

    /// The oldest entry that waits, to be sent now.
    pub(super) fn next_entry(&mut self) -> Option<Call> {
        if self.is_sending || self.login != Login::In {
            return None;
        }
        let vendor = self.staff.as_ref()?.vendor_id;
        let manages = self.manages();
        let can_be_sent = |entry: &Entry| match entry.state {
            EntryState::Waiting => true,
            EntryState::AwaitingManager { .. } => manages,
            EntryState::Refused { .. } => false,
        };
        let is_pending =
            |id: EntryId| self.queue.iter().any(|other| other.id() == id && other.state.is_pending());
        let next = |entry: &&Entry| {
            entry.vendor_id == vendor && can_be_sent(entry) && !entry.takes_back().is_some_and(is_pending)
        };
        let entry = self.queue.iter().find(next)?.clone();
        self.is_sending = true;
        if let Some(sale) = entry.sale() {
            self.note_sent(sale);
        }
        Some(Call::RecordEntry { entry, last_receipt: self.last_receipt() })
    }

    /// What the server said to a movement.
    ///
    /// # Errors
    /// Where it said nothing: what waits behind it waits on.
    pub(super) fn movement_answered(
        &mut self,
        entry: Entry,
        answer: Result<Recorded, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(recorded) => {
                let session = entry.session_id();
                self.learn_recorded(&entry, recorded);
                self.remove_entry(entry.id(), work);
                if self.is_attached_to(session) {
                    // In the same write, so that no crash hides it from who recorded it.
                    work.save(Write::Movements(entry.register_id, self.movements.clone()));
                }
                self.save_session(work);
                Ok(())
            }
            Err(fault) => self.entry_failed(entry, fault, work),
        }
    }

    /// What the server said to an entry of the sales ledger.
    ///
    /// # Errors
    /// As [`State::movement_answered`].
    pub(super) fn sale_answered(
        &mut self,
        entry: Entry,
        answer: Result<SaleRecorded, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(recorded) => {
                self.sale_recorded(&entry, recorded, work);
                self.remove_entry(entry.id(), work);
                // What should be in the drawer, in the same write: a restart shows it before the server is asked.
                self.save_session(work);
                Ok(())
            }
            Err(fault) => self.entry_failed(entry, fault, work),
        }
    }

    fn entry_failed(&mut self, entry: Entry, fault: Fault, work: &mut Work<'_>) -> Result<(), Fault> {
        match fault {
            fault if wants_manager(&fault) && !self.manages() => {
                self.put_aside(entry, EntryState::AwaitingManager { code: fault.code }, work);
                Ok(())
            }
            fault if fault.is_decision() || self.is_stuck(entry.id(), &fault) => {
                self.put_aside(entry, EntryState::Refused { code: fault.code, detail: fault.detail }, work);
                Ok(())
            }
            fault => {
                self.record_fault(fault.clone());
                self.refund_unheard(&fault, work)?;
                Err(fault)
            }
        }
    }

    fn put_aside(&mut self, entry: Entry, state: EntryState, work: &mut Work<'_>) {
        let changed = Entry { state, ..entry };
        work.save(Write::Entry(changed.clone()));
        if let Some(kept) = self.queue.iter_mut().find(|kept| kept.id() == changed.id()) {
            *kept = changed;
        }
    }

    /// Whether the server has said often enough in a row that it can make nothing of this entry.
    pub(super) fn is_stuck(&mut self, id: EntryId, fault: &Fault) -> bool {
        let is_answer = fault.retry == Retry::No && fault.code == Code::ServerMisconfigured;
        let before = self.stuck.filter(|(stuck, _)| *stuck == id).map_or(0, |(_, times)| times);
        self.stuck = is_answer.then_some((id, before + 1));
        is_answer && before + 1 >= MOST_ANSWERS_IN_VAIN
    }

    /// Puts a movement at the end of the queue.
    fn append(
        &mut self,
        work: &mut Work<'_>,
        movement: impl FnOnce(MovementId, SessionId, String, Timestamp) -> Movement,
    ) -> Result<Outcome, Fault> {
        let (Device::Attached(attached), Some(staff)) = (&self.device, &self.staff) else {
            return Err(not_now());
        };
        let (session, by_name) = (attached.active.session.id, staff.display_name.clone());
        let movement = movement(work.at.movement_id(), session, by_name, work.at.store_time());
        let movement_id = movement.id;
        self.enqueue(EntryContent::Movement(movement), work)?;
        work.open_drawer = true;
        Ok(Outcome::Recorded { movement_id })
    }

    /// Puts what was recorded in the shift that runs here at the end of the queue. It is sent at once.
    pub(super) fn enqueue(&mut self, content: EntryContent, work: &mut Work<'_>) -> Result<(), Fault> {
        let entry = self.entry_of(content)?;
        work.save(Write::Entry(entry.clone()));
        work.poll_after = true;
        self.queue.push(entry);
        Ok(())
    }

    /// An entry of the shift that runs here.
    pub(super) fn entry_of(&self, content: EntryContent) -> Result<Entry, Fault> {
        let (Device::Attached(attached), Some(staff)) = (&self.device, &self.staff) else {
            return Err(not_now());
        };
        let Session { session_number, register_id, vendor_id, .. } = &attached.active.session;
        Ok(Entry {
            content,
            register_id: *register_id,
            session_number: session_number.clone(),
            vendor_id: *vendor_id,
            recorded_by: staff.user_id,
            state: EntryState::Waiting,
        })
    }

    fn remove_entry(&mut self, id: EntryId, work: &mut Work<'_>) {
        work.save(Write::RemoveEntry(id));
        self.queue.retain(|entry| entry.id() != id);
    }

    /// Refuses a cashier what the store wants a manager to record, before it is in the queue.
    fn require_within_limit(&self, kind: MovementKind, amount: Amount) -> Result<(), Fault> {
        match self.beyond_limit(kind, amount) {
            Some(limit) => Err(Fault::new(Code::OverLimit, format!("{kind:?} of more than {limit}"))),
            None => Ok(()),
        }
    }

    /// What who is signed in may record alone, where this is more.
    pub(super) fn beyond_limit(&self, kind: MovementKind, amount: Amount) -> Option<Amount> {
        let limits = self.assignment.as_ref().map(|assignment| self.limits(assignment));
        limits?.remove(&kind).filter(|limit| amount > *limit)
    }
}

/// So often an entry is sent that the server answers with an error of its own, before a person is asked: some three
/// minutes of polls, after which a deployment that was under way is over.
const MOST_ANSWERS_IN_VAIN: u32 = 60;

/// Whether it is not the entry that the server refuses, but who sent it.
fn wants_manager(fault: &Fault) -> bool {
    matches!(fault.code, Code::OverLimit | Code::NotStaff | Code::UserMismatch | Code::ManagerRequired)
}

/// The amount of a request: more than nothing where money moves, nothing where none does.
fn amount_of(request: &MovementRequest) -> Result<Amount, Fault> {
    if !request.kind.has_amount() {
        return Ok(Amount::ZERO);
    }
    let amount = Amount::for_drawer(&request.amount)
        .map_err(|problem| Fault::new(Code::BadMovement, problem.to_string()))?;
    if amount.decimal().is_zero() {
        return Err(Fault::new(Code::BadMovement, "an amount of nothing"));
    }
    Ok(amount)
}
