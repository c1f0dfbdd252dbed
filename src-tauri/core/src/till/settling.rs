//! What the server said to a step of a closing, however late.
//!
//! Invariant: an answer moves the closing from the very step that asked for it, and from no other.

use super::{
    effect::{Answer, IfUnsaved, Work},
    state::{Login, State, attach},
};
use crate::{
    Closing, Code, Device, Fault, Session, SessionStatus,
    closing::{
        Asked, Begin, Checklist, CloseIntent, Counting, Done, EndHow, EndIntent, Failed, Step, Unsettled,
    },
    count::{Count, CountIntent},
    ports::{Closed, Ended},
};

impl State {
    /// Acts on the answer to what `asked` stood waiting for.
    pub(super) fn settle_answered(
        &mut self,
        asked: &Closing,
        answer: Answer,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        // Somebody of another shop may have signed in meanwhile.
        let same = |closing: &Closing| closing.session.id == asked.session.id && closing.step == asked.step;
        let Some(closing) = self.closing.clone().filter(same) else { return Ok(()) };
        let moved = match (asked.step.clone(), answer) {
            (Step::Beginning(step), Answer::Session(answer)) => self.count_begun(closing, step, answer, work),
            (Step::Committing(step), Answer::Count(answer)) => {
                self.count_committed(closing, step, answer, work)
            }
            (Step::Settling(step), Answer::Closed(answer)) => self.settled(closing, step, answer, work),
            (Step::Ending(step), Answer::Ended(answer)) => self.ended(closing, step, answer, work),
            (Step::Leaving(_), Answer::Session(answer)) => {
                self.count_abandoned(answer, work);
                Ok(())
            }
            _ => Ok(()),
        };
        moved.inspect_err(|fault| self.fault = Some(fault.clone()))
    }

    fn count_begun(
        &mut self,
        closing: Closing,
        asked: Asked<Begin, Checklist>,
        answer: Result<Session, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(session) => {
                let since = session.counting.as_ref().map(|counting| counting.since);
                let step = Step::Counting(asked.begun(since));
                self.save_step(Closing { step, session: session.clone(), ..closing }, work);
                self.fault = None;
                self.learn_session(session, work);
                Ok(())
            }
            Err(fault) => {
                let failed = asked.failed(&fault);
                // Its key did begin a count, whose answer was lost, and somebody else has ended that count.
                let over = fault.code == Code::KeyReused;
                let fault = if over { Fault { code: Code::CountTakenOver, ..fault } } else { fault };
                self.step_failed(closing, failed, fault, Step::Beginning, Step::Checklist, work)
            }
        }
    }

    fn count_committed(
        &mut self,
        mut closing: Closing,
        asked: Asked<CountIntent, Counting>,
        answer: Result<Count, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(count) => {
                // From now on this role may see it, and the session as last returned does not have it yet.
                closing.session.expected_cash = count.expected.or(closing.session.expected_cash);
                closing.step = Step::Counted(asked.committed(count));
                self.save_step(closing, work);
                self.fault = None;
                Ok(())
            }
            Err(fault) => {
                let failed = asked.failed(&fault);
                self.step_failed(closing, failed, fault, Step::Committing, Step::Counting, work)
            }
        }
    }

    fn settled(
        &mut self,
        closing: Closing,
        asked: Asked<CloseIntent, Unsettled>,
        answer: Result<Closed, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(Closed::Here(report)) => {
                let mut session = closing.session.clone();
                session.status = SessionStatus::Closed;
                if let Some(settlement) = report.settlement() {
                    session.closed_at = Some(settlement.closed_at);
                    session.ended_by_name.clone_from(&settlement.closed_by_name);
                }
                let step = Step::Done(Done::Closed(report));
                self.save_step(Closing { step, session, ..closing }, work);
                self.fault = None;
                Ok(())
            }
            // The next poll says by whom and when.
            Ok(Closed::Elsewhere) => {
                self.drop_closing(work);
                Ok(())
            }
            Err(fault) => {
                let code = fault.code;
                let back = |before| match Step::from(before) {
                    Step::Counted(counted) => Step::Counted(counted.refused(code)),
                    step => step,
                };
                self.step_failed(closing, asked.failed(&fault), fault, Step::Settling, back, work)
            }
        }
    }

    fn ended(
        &mut self,
        closing: Closing,
        asked: Asked<EndIntent, Checklist>,
        answer: Result<Ended, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(Ended { here, session }) => {
                self.fault = None;
                if here && self.is_attached_to(session.id) {
                    let done = if asked.what.how == EndHow::Cancel { Done::Cancelled } else { Done::Ended };
                    self.save_step(Closing { step: Step::Done(done), session, ..closing }, work);
                } else {
                    // A shift of another register needs no words: the board shows it. One that was over before does:
                    // the notice says by whom and when.
                    self.drop_closing(work);
                    self.learn_session(session, work);
                }
                Ok(())
            }
            Err(fault) => {
                let failed = asked.failed(&fault);
                self.step_failed(closing, failed, fault, Step::Ending, Step::Checklist, work)
            }
        }
    }

    fn count_abandoned(&mut self, answer: Result<Session, Fault>, work: &mut Work<'_>) {
        match answer {
            Ok(session) => {
                self.drop_closing(work);
                self.fault = None;
                self.learn_session(session, work);
            }
            // Somebody else has taken it over, or the shift is over: either way nothing of it is held here.
            Err(fault) if fault.is_decision() || fault.code == Code::CountInProgress => {
                self.drop_closing(work);
            }
            Err(fault) => self.record_fault(fault),
        }
    }

    fn step_failed<T, B>(
        &mut self,
        closing: Closing,
        failed: Failed<T, B>,
        fault: Fault,
        open: impl FnOnce(Asked<T, B>) -> Step,
        back: impl FnOnce(B) -> Step,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        if fault.code == Code::SignedOut {
            self.login = Login::Out;
        }
        self.mark_offline(&fault);
        let step = match failed {
            Failed::Open(asked) => open(asked),
            Failed::Back(before) => back(before),
        };
        let is_over = matches!(fault.code, Code::SessionOver | Code::SessionNotFound);
        // What was begun from the board has no checklist to go back to.
        let unattached = !self.is_attached_to(closing.session.id);
        if is_over || (unattached && matches!(step, Step::Checklist(_))) {
            self.drop_closing(work);
        } else {
            self.save_step(Closing { step, ..closing }, work);
        }
        Err(fault)
    }

    /// The server returned a session anew: the one that runs here, or the one that is settled here, or both.
    pub(super) fn learn_session(&mut self, session: Session, work: &mut Work<'_>) {
        let now = work.at.now;
        if let Some(closing) = &mut self.closing
            && closing.session.id == session.id
            && session.revision >= closing.session.revision
        {
            closing.session = session.clone();
        }
        if self.is_attached_to(session.id) {
            self.change_device(|device| match device {
                Device::Attached(attached) => attach(attached.updated(session, now)),
                other => other,
            });
            self.heard_of_session(work);
        }
        self.check_hold(work);
    }

    /// Ends a closing that the session has moved away under: it is over, or somebody else counts it now.
    pub(super) fn check_hold(&mut self, work: &mut Work<'_>) {
        let Some(closing) = &mut self.closing else { return };
        if closing.step.is_asked() || closing.is_done() {
            return;
        }
        let attached = match &self.device {
            Device::Attached(attached) if attached.active.session.id == closing.session.id => attached,
            Device::Fenced(fenced) if fenced.session.id == closing.session.id => {
                work.if_unsaved = IfUnsaved::Keep;
                self.fault = None;
                self.drop_closing(work);
                return;
            }
            _ => return,
        };
        let counting = &attached.active.session.counting;
        let since = closing.step.hold().and_then(|hold| hold.since);
        let lost = since.is_some() && counting.as_ref().map(|counting| counting.since) != since;
        if lost {
            let how = if counting.is_some() {
                "somebody else counts now"
            } else {
                "the count was given up elsewhere"
            };
            work.if_unsaved = IfUnsaved::Keep;
            self.fault = Some(Fault::new(Code::CountTakenOver, how));
            self.drop_closing(work);
        } else {
            let expected = closing.session.expected_cash;
            closing.session = attached.active.session.clone();
            closing.session.expected_cash = closing.session.expected_cash.or(expected);
        }
    }
}
