//! Asking the server for what a closing wants, and acting on the answer, however late it comes.
//!
//! Invariant: an answer moves the closing from the very step that asked for it, and from no other.

use super::{Till, attach, record_fault, state::Login, state::State};
use crate::{
    Closing, Code, Device, Fault, Session, SessionStatus,
    closing::{Asked, Done, EndHow, Failed, Step},
    ports::{Backend, Closed, DeviceStore, Display, Ended, World},
    view::Busy,
};

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Asks for what the closing stands waiting for, if it does and nobody asks for it already. `pressed`: a person waits.
    pub(super) async fn send_pending(&self, pressed: bool) -> Result<(), Fault> {
        let Some(asked) = self.pending() else { return Ok(()) };
        let _released_also_when_cancelled = super::OnDrop(|| self.lock().is_sending = false);
        if pressed {
            self.change(|state| state.busy = Some(Busy::Closing));
        }
        let session = asked.session.id;
        match &asked.step {
            Step::Beginning(Asked { what, .. }) => {
                let answer = self.server.begin_count(what.key, session, what.take_over).await;
                self.answered(&asked, |state, closing| self.begun(state, closing, answer))
            }
            Step::Committing(Asked { what, .. }) => {
                let answer = self.server.commit_count(what).await;
                self.answered(&asked, |state, closing| self.committed(state, closing, answer))
            }
            Step::Settling(Asked { what, .. }) => {
                let answer = self.server.close_session(session, what).await;
                self.answered(&asked, |state, closing| self.settled(state, closing, answer))
            }
            Step::Ending(Asked { what, .. }) => {
                let answer = self.server.end_session(session, what).await;
                self.answered(&asked, |state, closing| self.ended(state, closing, answer))
            }
            Step::Leaving(hold) => {
                let answer = self.server.abandon_count(hold.key, session).await;
                self.answered(&asked, |state, _closing| self.abandoned(state, answer))
            }
            Step::Checklist(_) | Step::Counting(_) | Step::Counted(_) | Step::Done(_) => Ok(()),
        }
    }

    fn pending(&self) -> Option<Closing> {
        let mut state = self.lock();
        if state.is_sending || state.login != Login::In {
            return None;
        }
        let asked = state.closing.clone().filter(|closing| closing.step.is_asked())?;
        state.is_sending = true;
        Some(asked)
    }

    fn answered(
        &self,
        asked: &Closing,
        act: impl FnOnce(&mut State, Closing) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.change(|state| {
            if state.busy == Some(Busy::Closing) {
                state.busy = None;
            }
            // Somebody of another shop may have signed in meanwhile.
            let same =
                |closing: &Closing| closing.session.id == asked.session.id && closing.step == asked.step;
            let Some(closing) = state.closing.clone().filter(same) else { return Ok(()) };
            act(state, closing).inspect_err(|fault| state.fault = Some(fault.clone()))
        })
    }

    fn begun(
        &self,
        state: &mut State,
        closing: Closing,
        answer: Result<Session, Fault>,
    ) -> Result<(), Fault> {
        let Step::Beginning(asked) = closing.step.clone() else { return Ok(()) };
        match answer {
            Ok(session) => {
                let since = session.counting.as_ref().map(|counting| counting.since);
                let step = Step::Counting(asked.begun(since));
                self.save_step(state, Closing { step, session: session.clone(), ..closing })?;
                state.fault = None;
                self.told(state, session);
                Ok(())
            }
            Err(fault) => {
                let failed = asked.failed(&fault);
                // Its key did begin a count, whose answer was lost, and somebody else has ended that count.
                let over = fault.code == Code::KeyReused;
                let fault = if over { Fault { code: Code::CountTakenOver, ..fault } } else { fault };
                self.failed(state, closing, failed, fault, Step::Beginning, Step::Checklist)
            }
        }
    }

    fn committed(
        &self,
        state: &mut State,
        mut closing: Closing,
        answer: Result<crate::count::Count, Fault>,
    ) -> Result<(), Fault> {
        let Step::Committing(asked) = closing.step.clone() else { return Ok(()) };
        match answer {
            Ok(count) => {
                // From now on this role may see it, and the session as last told does not have it yet.
                closing.session.expected_cash = count.expected.or(closing.session.expected_cash);
                closing.step = Step::Counted(asked.committed(count));
                self.save_step(state, closing)?;
                state.fault = None;
                Ok(())
            }
            Err(fault) => {
                self.failed(state, closing, asked.failed(&fault), fault, Step::Committing, Step::Counting)
            }
        }
    }

    fn settled(
        &self,
        state: &mut State,
        closing: Closing,
        answer: Result<Closed, Fault>,
    ) -> Result<(), Fault> {
        let Step::Settling(asked) = closing.step.clone() else { return Ok(()) };
        match answer {
            Ok(Closed::Here(report)) => {
                let mut session = closing.session.clone();
                session.status = SessionStatus::Closed;
                if let Some(settlement) = report.settlement() {
                    session.closed_at = Some(settlement.closed_at);
                    session.ended_by_name.clone_from(&settlement.closed_by_name);
                }
                self.save_step(
                    state,
                    Closing { step: Step::Done(Done::Closed(report)), session, ..closing },
                )?;
                state.fault = None;
                Ok(())
            }
            // The next poll says by whom and when.
            Ok(Closed::Elsewhere) => self.drop_closing(state),
            Err(fault) => {
                let code = fault.code;
                let back = |before| match Step::from(before) {
                    Step::Counted(counted) => Step::Counted(counted.refused(code)),
                    step => step,
                };
                self.failed(state, closing, asked.failed(&fault), fault, Step::Settling, back)
            }
        }
    }

    fn ended(&self, state: &mut State, closing: Closing, answer: Result<Ended, Fault>) -> Result<(), Fault> {
        let Step::Ending(asked) = closing.step.clone() else { return Ok(()) };
        match answer {
            Ok(Ended { here, session }) => {
                state.fault = None;
                if here && state.is_attached_to(session.id) {
                    let done = if asked.what.how == EndHow::Cancel { Done::Cancelled } else { Done::Ended };
                    return self.save_step(state, Closing { step: Step::Done(done), session, ..closing });
                }
                // A shift of another register needs no words: the board shows it. One that was over before does:
                // the notice says by whom and when.
                self.drop_closing(state)?;
                self.told(state, session);
                Ok(())
            }
            Err(fault) => {
                self.failed(state, closing, asked.failed(&fault), fault, Step::Ending, Step::Checklist)
            }
        }
    }

    fn abandoned(&self, state: &mut State, answer: Result<Session, Fault>) -> Result<(), Fault> {
        match answer {
            Ok(session) => {
                self.drop_closing(state)?;
                state.fault = None;
                self.told(state, session);
                Ok(())
            }
            // Somebody else has taken it over, or the shift is over: either way nothing of it is held here.
            Err(fault) if fault.is_decision() || fault.code == Code::CountInProgress => {
                self.drop_closing(state)
            }
            Err(fault) => {
                record_fault(state, fault);
                Ok(())
            }
        }
    }

    fn failed<T, B>(
        &self,
        state: &mut State,
        closing: Closing,
        failed: Failed<T, B>,
        fault: Fault,
        open: impl FnOnce(Asked<T, B>) -> Step,
        back: impl FnOnce(B) -> Step,
    ) -> Result<(), Fault> {
        if fault.code == Code::SignedOut {
            state.login = Login::Out;
        }
        super::mark_offline(state, &fault);
        if matches!(fault.code, Code::SessionOver | Code::SessionNotFound) {
            self.drop_closing(state)?;
            return Err(fault);
        }
        let unattached = !state.is_attached_to(closing.session.id);
        let step = match failed {
            Failed::Open(asked) => open(asked),
            Failed::Back(before) => back(before),
        };
        if unattached && matches!(step, Step::Checklist(_)) {
            // It was begun from the board, which has no checklist to go back to.
            self.drop_closing(state)?;
        } else {
            self.save_step(state, Closing { step, ..closing })?;
        }
        Err(fault)
    }

    /// The server told a session anew: the one that runs here, or the one that is settled here, or both.
    pub(super) fn told(&self, state: &mut State, session: Session) {
        let now = self.world.now();
        if let Some(closing) = &mut state.closing
            && closing.session.id == session.id
            && session.revision >= closing.session.revision
        {
            closing.session = session.clone();
        }
        if state.is_attached_to(session.id) {
            state.change_device(|device| match device {
                Device::Attached(attached) => attach(attached.told(session, now)),
                other => other,
            });
            self.keep_attached(state);
        }
        self.check_hold(state);
    }

    /// Ends a closing that the session has moved away under: it is over, or somebody else counts it now.
    pub(super) fn check_hold(&self, state: &mut State) {
        let Some(closing) = &state.closing else { return };
        if closing.step.is_asked() || matches!(closing.step, Step::Done(_)) {
            return;
        }
        let Device::Attached(attached) = &state.device else {
            if let Device::Fenced(fenced) = &state.device
                && fenced.session.id == closing.session.id
            {
                state.fault = self.drop_closing(state).err();
            }
            return;
        };
        if attached.active.session.id != closing.session.id {
            return;
        }
        let counting = attached.active.session.counting.clone();
        let since = closing.step.hold().and_then(|hold| hold.since);
        let lost = since.is_some() && counting.as_ref().map(|counting| counting.since) != since;
        if lost {
            let how = if counting.is_some() {
                "somebody else counts now"
            } else {
                "the count was given up elsewhere"
            };
            let told = Fault::new(Code::CountTakenOver, how);
            state.fault = Some(self.drop_closing(state).err().unwrap_or(told));
        } else if let Some(closing) = &mut state.closing {
            let expected = closing.session.expected_cash;
            closing.session = attached.active.session.clone();
            closing.session.expected_cash = closing.session.expected_cash.or(expected);
        }
    }
}
