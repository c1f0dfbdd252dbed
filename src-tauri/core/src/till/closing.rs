//! Counting and settling a session: what people press, step by step.
//!
//! Invariants: every step is on disk before its request leaves; nothing new is recorded here while a drawer is
//! counted; what this device has not sent yet holds a close up until a manager lets it go on.

use super::{
    effect::{Call, Work, Write},
    state::{Login, State, earlier_day, not_now},
};
use crate::{
    Amount, Closing, Code, CountId, Device, Fault, IntentKey, SessionId, SessionStatus, Staff, Tally,
    closing::{Checklist, Counting, EndHow, EndIntent, Step},
    count::Needs,
    currency,
};
use secrecy::SecretString;

impl State {
    /// Shows what speaks against closing the running shift.
    pub(super) fn open_checklist(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let checklist = self.checklist().ok_or_else(not_now)?;
        work.ask(Call::WholeSession { id: checklist.session.id });
        self.closing = Some(checklist);
        self.board = None;
        Ok(())
    }

    /// Announces the count: from now on the other devices start nothing new. `take_over` ends another device's count.
    pub(super) fn begin_count(&mut self, take_over: bool, work: &mut Work<'_>) -> Result<(), Fault> {
        let key = work.at.key();
        self.submit(work, |_state, mut closing| {
            let Step::Checklist(checklist) = closing.step else { return Err(not_now()) };
            closing.step = Step::Beginning(checklist.begin(key, take_over));
            Ok(closing)
        })
    }

    /// Keeps what was typed so far, so that a crash loses none of it.
    pub(super) fn keep_tally(&mut self, tally: Tally, work: &mut Work<'_>) -> Result<(), Fault> {
        self.update_step(work, |_state, closing| tallied(closing, tally))
    }

    /// Hands the count in.
    pub(super) fn commit_count(&mut self, tally: Tally, work: &mut Work<'_>) -> Result<(), Fault> {
        let (id, now) = (work.at.count_id(), work.at.now);
        self.submit(work, |_state, closing| {
            let mut closing = tallied(closing, tally)?;
            let Step::Counting(counting) = closing.step else { return Err(not_now()) };
            let currency = &closing.location.currency;
            closing.step = Step::Committing(counting.commit(id, &closing.session, currency, now)?);
            Ok(closing)
        })
    }

    /// Counts the drawer once more; the attempt that was made stays on record.
    pub(super) fn count_again(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        self.update_step(work, |_state, mut closing| {
            let Step::Counted(counted) = closing.step else { return Err(not_now()) };
            closing.step = Step::Counting(counted.again());
            Ok(closing)
        })
    }

    /// Says what stays in the drawer. `amount` as typed, `digits[.digits]`.
    pub(super) fn leave_in_drawer(&mut self, amount: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        self.update_step(work, |_state, mut closing| {
            let Step::Counted(counted) = closing.step else { return Err(not_now()) };
            let left = left_of(amount, counted.count.amount, &closing.location.currency)?;
            closing.step = Step::Counted(counted.leaving(left));
            Ok(closing)
        })
    }

    /// Settles the session with its count.
    pub(super) fn close_shift(&mut self, reason: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        let key = work.at.key();
        self.submit(work, |state, mut closing| {
            let Step::Counted(counted) = closing.step else { return Err(not_now()) };
            let reason = reason.trim();
            if state.needs(counted.count.needs) == Needs::Reason && reason.is_empty() {
                return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
            }
            let reason = state.reason_on_record(closing.session.id, closing.allowed_by.as_deref(), reason);
            closing.step = Step::Settling(counted.close(key, reason, &closing.session));
            Ok(closing)
        })
    }

    /// Settles an ended session that nobody will count, with a reason. It is kept as not counted.
    pub(super) fn settle_uncounted(&mut self, reason: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        let key = work.at.key();
        self.submit(work, |_state, mut closing| {
            let Step::Counting(counting @ Counting { hold: None, .. }) = closing.step else {
                return Err(not_now());
            };
            if reason.trim().is_empty() {
                return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
            }
            closing.step = Step::Settling(counting.settle_uncounted(key, reason.trim().to_owned()));
            Ok(closing)
        })
    }

    /// Ends the running shift, to be counted later; one of an earlier business date by force.
    pub(super) fn end_shift(&mut self, reason: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        let store_time = work.at.store_time();
        let how = |closing: &Closing| match earlier_day(&closing.session, &closing.location, store_time) {
            Some(_today) => EndHow::Force,
            None => EndHow::CountLater,
        };
        self.end(how, reason, work)
    }

    /// Cancels the running shift.
    pub(super) fn cancel_shift(&mut self, reason: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        self.end(|_closing| EndHow::Cancel, reason, work)
    }

    fn end(
        &mut self,
        how: impl FnOnce(&Closing) -> EndHow,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let key = work.at.key();
        self.submit(work, |state, mut closing| {
            let how = how(&closing);
            let Step::Checklist(checklist) = closing.step else { return Err(not_now()) };
            let reason = state.reason_on_record(closing.session.id, closing.allowed_by.as_deref(), reason);
            closing.step = Step::Ending(checklist.end(end_intent(key, how, &reason)));
            Ok(closing)
        })
    }

    /// Ends a forgotten shift of any register of the store, to be counted later. For managers.
    pub(super) fn force_end(
        &mut self,
        session: SessionId,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let end = end_intent(work.at.key(), EndHow::Force, reason);
        self.take_on(session, SessionStatus::Open, |checklist| Step::Ending(checklist.end(end)), work)
    }

    /// Counts a shift that was ended before. For managers.
    pub(super) fn count_ended(&mut self, session: SessionId, work: &mut Work<'_>) -> Result<(), Fault> {
        let count = |checklist: Checklist| Step::Counting(checklist.count_ended());
        self.take_on(session, SessionStatus::Ended, count, work)
    }

    /// Goes back to the running shift. A count that was announced is given up.
    pub(super) fn stop_closing(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let closing = self.closing.clone().ok_or_else(not_now)?;
        work.poll_after = true;
        match closing.step.hold() {
            Some(hold) => {
                self.save_step(Closing { step: Step::Leaving(hold), ..closing }, work);
                self.ask_pending(work);
            }
            None => self.drop_closing(work),
        }
        Ok(())
    }

    /// A manager who is signed in here lets the close go on although entries were not sent.
    pub(super) fn allow_unsent(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let name = self.staff.as_ref().map(|staff| staff.display_name.clone());
        self.allow(name.ok_or_else(not_now)?, work)
    }

    /// The same by a manager who signs in beside the cashier, for this alone.
    pub(super) fn manager_answered(
        &mut self,
        answer: Result<Option<Staff>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let manager = answer?.ok_or_else(not_now)?;
        if !manager.role.manages() {
            return Err(Fault::new(Code::ManagerRequired, "this person is no manager"));
        }
        if self.staff.as_ref().is_some_and(|staff| staff.vendor_id != manager.vendor_id) {
            return Err(Fault::new(Code::NotStaff, "a manager of another shop"));
        }
        self.allow(manager.display_name, work)
    }

    /// A manager signs in beside the cashier to accept the difference of the count.
    pub(super) fn approve_count(
        &mut self,
        email: String,
        password: SecretString,
        note: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let count = match &self.closing {
            Some(Closing { step: Step::Counted(counted), .. }) => counted.count.id,
            _ => return Err(not_now()),
        };
        self.begin(Call::ApproveCount { email, password, count, note: note.trim().to_owned() }, work)
    }

    /// They did, or did not.
    pub(super) fn approval_answered(
        &mut self,
        count: CountId,
        answer: Result<Option<Staff>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let manager = answer?.ok_or_else(not_now)?;
        self.update_step(work, |_state, mut closing| {
            let Step::Counted(counted) = closing.step else { return Err(not_now()) };
            if counted.count.id != count {
                return Err(not_now());
            }
            closing.step = Step::Counted(counted.approved(manager.display_name));
            Ok(closing)
        })
    }

    fn allow(&mut self, by_name: String, work: &mut Work<'_>) -> Result<(), Fault> {
        self.update_step(work, |_state, closing| match closing.step {
            Step::Checklist(_) => Ok(Closing { allowed_by: Some(by_name), ..closing }),
            _ => Err(not_now()),
        })
    }

    /// Begins to settle a session that this device sees, without going through its checklist.
    fn take_on(
        &mut self,
        session: SessionId,
        status: SessionStatus,
        begin: impl FnOnce(Checklist) -> Step,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let visible = self.visible_session(session).filter(|closing| closing.session.status == status);
        let closing = visible.ok_or_else(not_now)?;
        work.poll_after = true;
        self.save_step(Closing { step: begin(Checklist), ..closing }, work);
        self.ask_pending(work);
        Ok(())
    }

    /// Changes the closing's step and asks the server if the step asks something. A press while an answer is awaited asks
    /// for that same answer.
    fn submit(
        &mut self,
        work: &mut Work<'_>,
        change: impl FnOnce(&Self, Closing) -> Result<Closing, Fault>,
    ) -> Result<(), Fault> {
        let waits = self.closing.as_ref().is_some_and(|closing| closing.step.is_asked());
        if !waits {
            self.update_step(work, change)?;
        }
        work.poll_after = true;
        self.ask_pending(work);
        Ok(())
    }

    /// The call for what the closing stands waiting for, if it does and nobody asks for it already.
    pub(super) fn next_settle(&mut self) -> Option<Call> {
        if self.is_settling || self.login != Login::In {
            return None;
        }
        let closing = self.closing.clone().filter(|closing| closing.step.is_asked())?;
        self.is_settling = true;
        Some(Call::Settle { closing: Box::new(closing) })
    }

    /// Has that asked, while a person waits for it.
    fn ask_pending(&mut self, work: &mut Work<'_>) {
        if let Some(call) = self.next_settle() {
            self.busy = call.busy();
            work.ask(call);
        }
    }

    /// Changes the closing.
    fn update_step(
        &mut self,
        work: &mut Work<'_>,
        change: impl FnOnce(&Self, Closing) -> Result<Closing, Fault>,
    ) -> Result<(), Fault> {
        let closing = self.closing.clone().ok_or_else(not_now)?;
        let changed = change(self, closing)?;
        self.save_step(changed, work);
        Ok(())
    }

    /// Puts the closing at its next step. A checklist holds nothing that a restart should find.
    pub(super) fn save_step(&mut self, next: Closing, work: &mut Work<'_>) {
        work.save(if matches!(next.step, Step::Checklist(_)) {
            Write::RemoveClosing(next.session.vendor_id)
        } else {
            Write::Closing(next.clone())
        });
        self.closing = Some(next);
    }

    /// Ends the closing.
    pub(super) fn drop_closing(&mut self, work: &mut Work<'_>) {
        if let Some(closing) = self.closing.take() {
            work.save(Write::RemoveClosing(closing.session.vendor_id));
        }
    }

    /// The checklist of the shift that runs here.
    fn checklist(&self) -> Option<Closing> {
        match &self.device {
            Device::Attached(attached) if !attached.question => {
                self.on_own_register(attached.active.session.id)
            }
            _ => None,
        }
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
}

fn end_intent(key: IntentKey, how: EndHow, reason: &str) -> EndIntent {
    EndIntent { key, how, reason: reason.trim().to_owned() }
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
