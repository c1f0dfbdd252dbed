//! Counting and settling a session: what people press, step by step.
//!
//! Invariants: every step is on disk before its request leaves; nothing new is recorded here while a drawer is
//! counted; what this device has not sent yet holds a close up until a manager lets it go on.

use super::{
    Till, not_now, record_fault,
    state::{State, earlier_day},
};
use crate::{
    Amount, Closing, Code, CountId, Device, EntryState, Fault, SessionId, SessionStatus, Tally,
    closing::{Checklist, Counting, EndHow, EndIntent, Step},
    count::Needs,
    currency,
    ports::{Backend, DeviceStore, Display, World},
    session::{CountingBy, Session},
    view::Busy,
};
use secrecy::SecretString;

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Shows what speaks against closing the running shift.
    pub(super) async fn open_checklist(&self) -> Result<(), Fault> {
        let session = self.attempt(|state| {
            let checklist = state.checklist().ok_or_else(not_now)?;
            let session = checklist.session.id;
            state.closing = Some(checklist);
            state.board = None;
            Ok(session)
        })?;
        let answer = self.server.whole_session(session).await;
        self.change(|state| {
            let told = answer.inspect_err(|fault| record_fault(state, fault.clone()))?;
            self.told(state, told);
            Ok(())
        })
    }

    /// Announces the count: from now on the other devices start nothing new. `take_over` ends another device's count.
    pub(super) async fn begin_count(&self, take_over: bool) -> Result<(), Fault> {
        self.submit(|_state, mut closing| {
            let Step::Checklist(checklist) = closing.step else { return Err(not_now()) };
            closing.step = Step::Beginning(checklist.begin(self.world.new_key(), take_over));
            Ok(closing)
        })
        .await
    }

    /// Keeps what was typed so far, so that a crash loses none of it.
    pub(super) fn keep_tally(&self, tally: Tally) -> Result<(), Fault> {
        self.change(|state| {
            let kept = self.update_step(state, |_state, closing| tallied(closing, tally));
            kept.inspect_err(|fault| state.fault = Some(fault.clone()))
        })
    }

    /// Hands the count in.
    pub(super) async fn commit_count(&self, tally: Tally) -> Result<(), Fault> {
        self.submit(|_state, closing| {
            let mut closing = tallied(closing, tally)?;
            let Step::Counting(counting) = closing.step else { return Err(not_now()) };
            let id = CountId(self.world.new_key().0);
            let currency = &closing.location.currency;
            let asked = counting.commit(id, &closing.session, currency, self.world.now())?;
            closing.step = Step::Committing(asked);
            Ok(closing)
        })
        .await
    }

    /// Counts the drawer once more; the attempt that was made stays on record.
    pub(super) fn count_again(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            self.update_step(state, |_state, mut closing| {
                let Step::Counted(counted) = closing.step else { return Err(not_now()) };
                closing.step = Step::Counting(counted.again());
                Ok(closing)
            })
        })
    }

    /// Settles the session with its count. `left_in_drawer` as typed, `digits[.digits]`.
    pub(super) async fn close_shift(&self, reason: &str, left_in_drawer: &str) -> Result<(), Fault> {
        self.submit(|state, mut closing| {
            let Step::Counted(counted) = closing.step else { return Err(not_now()) };
            let reason = reason.trim();
            if state.needs(counted.count.needs) == Needs::Reason && reason.is_empty() {
                return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
            }
            let left = left_of(left_in_drawer, counted.count.amount, &closing.location.currency)?;
            let reason = state.reason_on_record(closing.session.id, closing.allowed_by.as_deref(), reason);
            closing.step = Step::Settling(counted.close(self.world.new_key(), reason, left));
            Ok(closing)
        })
        .await
    }

    /// Settles an ended session that nobody will count, with a reason. It is kept as not counted.
    pub(super) async fn settle_uncounted(&self, reason: &str) -> Result<(), Fault> {
        self.submit(|_state, mut closing| {
            let Step::Counting(counting @ Counting { hold: None, .. }) = closing.step else {
                return Err(not_now());
            };
            if reason.trim().is_empty() {
                return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
            }
            let close = counting.settle_uncounted(self.world.new_key(), reason.trim().to_owned());
            closing.step = Step::Settling(close);
            Ok(closing)
        })
        .await
    }

    /// Ends the running shift, to be counted later; one of an earlier business date by force.
    pub(super) async fn end_shift(&self, reason: &str) -> Result<(), Fault> {
        let now = self.store_time();
        let how = |closing: &Closing| match earlier_day(&closing.session, &closing.location, now) {
            Some(_today) => EndHow::Force,
            None => EndHow::CountLater,
        };
        self.end(how, reason).await
    }

    /// Cancels the running shift.
    pub(super) async fn cancel_shift(&self, reason: &str) -> Result<(), Fault> {
        self.end(|_closing| EndHow::Cancel, reason).await
    }

    async fn end(&self, how: impl FnOnce(&Closing) -> EndHow, reason: &str) -> Result<(), Fault> {
        self.submit(|state, mut closing| {
            let how = how(&closing);
            let Step::Checklist(checklist) = closing.step else { return Err(not_now()) };
            let reason = state.reason_on_record(closing.session.id, closing.allowed_by.as_deref(), reason);
            closing.step = Step::Ending(checklist.end(self.end_intent(how, &reason)));
            Ok(closing)
        })
        .await
    }

    /// Ends a forgotten shift of any register of the store, to be counted later. For managers.
    pub(super) async fn force_end(&self, session: SessionId, reason: &str) -> Result<(), Fault> {
        let force =
            |checklist: Checklist| Step::Ending(checklist.end(self.end_intent(EndHow::Force, reason)));
        self.take_on(session, SessionStatus::Open, force).await
    }

    /// Counts a shift that was ended before. For managers.
    pub(super) async fn count_ended(&self, session: SessionId) -> Result<(), Fault> {
        let count = |checklist: Checklist| Step::Counting(checklist.count_ended());
        self.take_on(session, SessionStatus::Ended, count).await
    }

    /// Goes back to the running shift. A count that was announced is given up.
    pub(super) async fn stop_closing(&self) -> Result<(), Fault> {
        let leaving = self.attempt(|state| {
            let closing = state.closing.clone().ok_or_else(not_now)?;
            match closing.step.hold() {
                Some(hold) => {
                    self.save_step(state, Closing { step: Step::Leaving(hold), ..closing })?;
                    Ok(true)
                }
                None => self.drop_closing(state).map(|()| false),
            }
        })?;
        if leaving { self.send_pending(true).await } else { Ok(()) }
    }

    /// A manager who is signed in here lets the close go on although entries were not sent.
    pub(super) fn allow_unsent(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            let name = state.staff.as_ref().map(|staff| staff.display_name.clone());
            self.allow(state, name.ok_or_else(not_now)?)
        })
    }

    /// The same by a manager who signs in beside the cashier, for this alone.
    pub(super) async fn allow_unsent_as(&self, email: &str, password: &SecretString) -> Result<(), Fault> {
        self.begin(Busy::AskingManager)?;
        let answer = self.server.vouch(email, password).await;
        self.attempt(|state| {
            state.busy = None;
            let manager = answer?;
            if !manager.role.manages() {
                return Err(Fault::new(Code::ManagerRequired, "this person is no manager"));
            }
            if state.staff.as_ref().is_some_and(|staff| staff.vendor_id != manager.vendor_id) {
                return Err(Fault::new(Code::NotStaff, "a manager of another shop"));
            }
            self.allow(state, manager.display_name)
        })
    }

    /// A manager signs in beside the cashier and accepts the difference of the count.
    pub(super) async fn approve_count(
        &self,
        email: &str,
        password: &SecretString,
        note: &str,
    ) -> Result<(), Fault> {
        let count = match &self.lock().closing {
            Some(Closing { step: Step::Counted(counted), .. }) => counted.count.id,
            _ => return Err(not_now()),
        };
        self.begin(Busy::AskingManager)?;
        let answer = self.server.approve_count(email, password, count, note.trim()).await;
        self.attempt(|state| {
            state.busy = None;
            let manager = answer?;
            self.update_step(state, |_state, mut closing| {
                let Step::Counted(counted) = closing.step else { return Err(not_now()) };
                if counted.count.id != count {
                    return Err(not_now());
                }
                closing.step = Step::Counted(counted.approved(manager.display_name));
                Ok(closing)
            })
        })
    }

    fn allow(&self, state: &mut State, by_name: String) -> Result<(), Fault> {
        self.update_step(state, |_state, closing| match closing.step {
            Step::Checklist(_) => Ok(Closing { allowed_by: Some(by_name), ..closing }),
            _ => Err(not_now()),
        })
    }

    fn end_intent(&self, how: EndHow, reason: &str) -> EndIntent {
        EndIntent { key: self.world.new_key(), how, reason: reason.trim().to_owned() }
    }

    /// Begins to settle a session that this device sees, without going through its checklist.
    async fn take_on(
        &self,
        session: SessionId,
        stands: SessionStatus,
        begin: impl FnOnce(Checklist) -> Step,
    ) -> Result<(), Fault> {
        self.attempt(|state| {
            let seen = state.seen(session).filter(|closing| closing.session.status == stands);
            let closing = seen.ok_or_else(not_now)?;
            self.save_step(state, Closing { step: begin(Checklist), ..closing })
        })?;
        self.send_pending(true).await
    }

    /// Changes the closing's step, on disk first, and asks the server if the step asks something. A press while an answer
    /// is awaited asks for that same answer.
    async fn submit(
        &self,
        change: impl FnOnce(&State, Closing) -> Result<Closing, Fault>,
    ) -> Result<(), Fault> {
        self.attempt(|state| {
            let waits = state.closing.as_ref().is_some_and(|closing| closing.step.is_asked());
            if waits { Ok(()) } else { self.update_step(state, change) }
        })?;
        self.send_pending(true).await
    }

    /// Changes the closing, on disk first.
    pub(super) fn update_step(
        &self,
        state: &mut State,
        change: impl FnOnce(&State, Closing) -> Result<Closing, Fault>,
    ) -> Result<(), Fault> {
        let closing = state.closing.clone().ok_or_else(not_now)?;
        let changed = change(state, closing)?;
        self.save_step(state, changed)
    }

    /// Puts the closing at its next step, on disk first; when that fails, it stays where it was. A checklist holds
    /// nothing that a restart should find.
    pub(super) fn save_step(&self, state: &mut State, next: Closing) -> Result<(), Fault> {
        if matches!(next.step, Step::Checklist(_)) {
            self.store.drop_closing(next.session.vendor_id)?;
        } else {
            self.store.keep_closing(&next)?;
        }
        state.closing = Some(next);
        Ok(())
    }

    /// Ends the closing, on disk first.
    pub(super) fn drop_closing(&self, state: &mut State) -> Result<(), Fault> {
        if let Some(closing) = &state.closing {
            self.store.drop_closing(closing.session.vendor_id)?;
            state.closing = None;
        }
        Ok(())
    }
}

impl State {
    /// The checklist of the shift that runs here.
    fn checklist(&self) -> Option<Closing> {
        match (&self.device, &self.placement) {
            (Device::Attached(attached), Some(placement)) if !attached.question => Some(Closing {
                session: attached.active.session.clone(),
                register_number: placement.register.register_number.clone(),
                register_name: placement.register.register_name.clone(),
                location: placement.location.clone(),
                allowed_by: None,
                step: Step::Checklist(Checklist),
            }),
            _ => None,
        }
    }

    /// Entries of a session that wait here.
    pub(super) fn unsent(&self, session: SessionId) -> usize {
        self.entries(session, |state| *state == EntryState::Waiting)
    }

    /// Entries of a session that the server refused and that nobody has settled.
    pub(super) fn unsettled(&self, session: SessionId) -> usize {
        self.entries(session, |state| *state != EntryState::Waiting)
    }

    fn entries(&self, session: SessionId, which: impl Fn(&EntryState) -> bool) -> usize {
        let of_session = self.queue.iter().filter(|entry| entry.movement.session_id == session);
        of_session.filter(|entry| which(&entry.state)).count()
    }

    /// A reason as it goes on record: where entries are left out, with the manager by whose leave they are.
    fn reason_on_record(&self, session: SessionId, allowed_by: Option<&str>, reason: &str) -> String {
        let reason = reason.trim();
        match (allowed_by, self.unsent(session)) {
            (None, _) | (_, 0) => reason.to_owned(),
            (Some(manager), unsent) => {
                format!("{reason} [{unsent} entries not sent, allowed by {manager}]").trim_start().to_owned()
            }
        }
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
    pub(super) fn needs(&self, told: Needs) -> Needs {
        if told == Needs::Approval && self.manages() { Needs::Reason } else { told }
    }

    /// The shift whose count is being given up, and the revision from which it is watched.
    pub(super) fn leaving(&self) -> Option<(SessionId, i64)> {
        let closing = self.closing.as_ref().filter(|closing| matches!(closing.step, Step::Leaving(_)))?;
        let session = closing.session.id;
        self.is_attached_to(session).then(|| (session, self.movements_at.unwrap_or(-1)))
    }

    /// Whether a session was settled here and people read how.
    pub(super) fn is_done(&self, session: SessionId) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.session.id == session && closing.is_done())
    }

    /// Whether a session is the one that runs here.
    pub(super) fn is_attached_to(&self, session: SessionId) -> bool {
        matches!(&self.device, Device::Attached(attached) if attached.active.session.id == session)
    }
}

fn tallied(closing: Closing, tally: Tally) -> Result<Closing, Fault> {
    let Step::Counting(counting) = closing.step else { return Err(not_now()) };
    tally.total(&closing.location.currency)?;
    Ok(Closing { step: Step::Counting(counting.tallied(tally)), ..closing })
}

fn left_of(typed: &str, counted: Amount, currency: &str) -> Result<Amount, Fault> {
    let bad = |why: String| Fault::new(Code::BadCount, why);
    let left = Amount::for_drawer(typed).map_err(|problem| bad(problem.to_string()))?;
    if left > counted || left.decimal().normalize().scale() > currency::places(currency) {
        return Err(bad("no more can stay in the drawer than was counted".to_owned()));
    }
    Ok(left)
}
