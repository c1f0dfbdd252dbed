//! The till's durable queue: recording, sending in order, and what becomes of what was refused.
//!
//! Invariants: an entry is on disk before the screen shows it (I8); entries are sent one at a time, oldest first,
//! each by its own id (I6); only the server's acceptance or a person's word takes one out.

use super::{
    CommandName, OnDrop, Outcome, Till, command, not_now, record_fault,
    state::{Login, State},
};
use crate::{
    Amount, Code, Device, Entry, EntryState, Fault, Movement, MovementId, MovementKind, MovementRequest,
    Session, SessionId,
    ports::{Backend, DeviceStore, Display, Recorded, World},
};

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Records a movement in the running shift. When the screen shows it, it is on disk; it is sent with the next
    /// [`Till::poll`].
    pub(super) fn record(&self, request: &MovementRequest) -> Result<Outcome, Fault> {
        self.attempt(|state| {
            let amount = amount_of(request)?;
            state.require_within_limit(request.kind, amount)?;
            self.append(state, |id, session, by_name, recorded_at| Movement {
                id,
                session_id: session,
                kind: request.kind,
                amount,
                reason: request.reason.trim().to_owned(),
                note: request.note.trim().to_owned(),
                reference: request.reference.trim().to_owned(),
                reverses: None,
                by_name,
                recorded_at,
            })
        })
    }

    /// Takes a movement of the running shift back by an entry that points at it; nothing is ever edited.
    pub(super) fn take_back(&self, id: MovementId, reason: &str) -> Result<Outcome, Fault> {
        self.attempt(|state| {
            let bad = |why: &str| Fault::new(Code::BadMovement, why);
            let original =
                state.movement(id).cloned().ok_or_else(|| bad("no such movement in this shift"))?;
            let taken_back = state.all_movements().any(|movement| movement.reverses == Some(id));
            if taken_back || original.reverses.is_some() {
                return Err(bad("already taken back"));
            }
            state.require_within_limit(original.kind, original.amount)?;
            self.append(state, |reversal, session_id, by_name, recorded_at| Movement {
                id: reversal,
                session_id,
                reason: reason.trim().to_owned(),
                note: String::new(),
                reverses: Some(id),
                by_name,
                recorded_at,
                ..original
            })
        })
    }

    /// Records a refused entry anew, in the shift that runs now.
    pub(super) fn record_again(&self, id: MovementId) -> Result<(), Fault> {
        self.attempt(|state| {
            let refused = state.refused(id).cloned().ok_or_else(not_now)?;
            self.append(state, |id, session_id, _by_name, _now| {
                let before = refused.movement;
                // What it took back stands in a shift that is over: here only the opposite can undo it.
                let kind = if before.reverses.is_some() { before.kind.opposite() } else { before.kind };
                Movement { id, session_id, kind, reverses: None, ..before }
            })?;
            self.remove_entry(state, id)
        })
    }

    /// Takes a refused entry off the list: somebody has settled it otherwise.
    pub(super) fn dismiss_entry(&self, id: MovementId) -> Result<(), Fault> {
        self.attempt(|state| {
            state.refused(id).ok_or_else(not_now)?;
            self.remove_entry(state, id)
        })
    }

    /// Sends what waits, oldest first, until the queue is empty or the server is silent.
    pub(super) async fn send_queue(&self) {
        while let Some(entry) = self.next_to_send() {
            let _released_also_when_cancelled = OnDrop(|| self.lock().sending = false);
            let answer = self.server.record_movement(&entry.movement, entry.recorded_by).await;
            let mut go_on = false;
            self.change(|state| {
                go_on = match answer {
                    Ok(recorded) => self.accepted(state, &entry, recorded),
                    Err(fault) if fault.is_decision() => self.refuse(state, entry, fault),
                    Err(fault) => {
                        record_fault(state, fault);
                        false
                    }
                };
            });
            if !go_on {
                return;
            }
        }
    }

    fn next_to_send(&self) -> Option<Entry> {
        let mut state = self.lock();
        if state.sending || state.login != Login::In {
            return None;
        }
        let vendor = state.staff.as_ref()?.vendor_id;
        let entry = state
            .queue
            .iter()
            .find(|entry| entry.state == EntryState::Waiting && entry.vendor_id == vendor)?
            .clone();
        state.sending = true;
        Some(entry)
    }

    fn accepted(&self, state: &mut State, entry: &Entry, recorded: Recorded) -> bool {
        state.learn_recorded(recorded);
        match self.store.settle_entry(entry, &state.movements) {
            Ok(()) => {
                state.queue.retain(|kept| kept.movement.id != entry.movement.id);
                true
            }
            Err(fault) => {
                // It stays in the queue, is sent again, and is recorded no second time.
                state.fault = Some(fault);
                false
            }
        }
    }

    fn refuse(&self, state: &mut State, mut entry: Entry, fault: Fault) -> bool {
        entry.state = EntryState::Refused { code: fault.code, detail: fault.detail };
        match self.store.keep_entry(&entry) {
            Ok(()) => {
                if let Some(kept) = state.queue.iter_mut().find(|kept| kept.movement.id == entry.movement.id)
                {
                    *kept = entry;
                }
                true
            }
            Err(fault) => {
                state.fault = Some(fault);
                false
            }
        }
    }

    /// Puts a movement at the end of the queue, on disk first.
    fn append(
        &self,
        state: &mut State,
        movement: impl FnOnce(MovementId, SessionId, String, jiff::Timestamp) -> Movement,
    ) -> Result<Outcome, Fault> {
        // A count may have begun since the press was allowed.
        command::allowed(Some(&self.situation_of(state)), CommandName::Record)?;
        let (Device::Attached(attached), Some(staff)) = (&state.device, &state.staff) else {
            return Err(not_now());
        };
        let Session { id: session, session_number, register_id, vendor_id, .. } =
            attached.active.session.clone();
        let id = self.world.new_movement_id();
        let entry = Entry {
            movement: movement(id, session, staff.display_name.clone(), self.world.now()),
            register_id,
            session_number,
            vendor_id,
            recorded_by: staff.user_id,
            state: EntryState::Waiting,
        };
        self.store.keep_entry(&entry)?;
        let movement_id = entry.movement.id;
        state.queue.push(entry);
        Ok(Outcome::Recorded { movement_id })
    }

    fn remove_entry(&self, state: &mut State, id: MovementId) -> Result<(), Fault> {
        self.store.drop_entry(id)?;
        state.queue.retain(|entry| entry.movement.id != id);
        Ok(())
    }

    /// Brings the file in step with the movements of the attached session.
    pub(super) fn keep_movements(&self, state: &mut State) {
        if let Device::Attached(attached) = &state.device
            && let Err(fault) =
                self.store.keep_movements(attached.active.session.register_id, &state.movements)
        {
            state.fault = Some(fault);
        }
    }
}

impl State {
    /// Refuses a cashier what the store wants a manager to record, before it is in the queue.
    fn require_within_limit(&self, kind: MovementKind, amount: Amount) -> Result<(), Fault> {
        let limit = self.placement.as_ref().and_then(|place| self.limits(place).remove(&kind));
        match limit {
            Some(limit) if amount > limit => {
                Err(Fault::new(Code::OverLimit, format!("{kind:?} of more than {limit}")))
            }
            _ => Ok(()),
        }
    }
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
