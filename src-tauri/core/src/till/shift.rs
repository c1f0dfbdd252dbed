//! A shift on this device: from the press that starts it to whoever reads that it is over.
//!
//! Invariants: the intent is on disk before its request leaves (I2, I8); an unanswered one is asked again with its own
//! key and never replaced by a new one (I2, I3); a session is dropped only on the server's or a person's word (I9).

use super::{
    effect::{Busy, Call, IfUnsaved, Work, Write},
    state::{Login, State, attach, earlier_day, not_now, question},
};
use crate::{
    Amount, Code, Device, Fault, OpenIntent, Opened, Retry, SessionId, SessionOutcome, Tally,
    device::Detached,
};
use jiff::{Timestamp, civil};

/// A float as it was typed or counted.
pub(super) enum Float {
    /// As typed, `digits[.digits]`.
    Typed(String),
    /// Piece by piece; the pieces are kept with the shift.
    Counted(Tally),
}

impl State {
    /// Starts the shift, or joins it: the one gesture. A second press while the first is under way, or after its
    /// answer was lost, waits for that same intent. `accept_earlier_day`: the cashier was shown a session of an
    /// earlier business date and wants to join it.
    pub(super) fn start_shift(
        &mut self,
        float: Float,
        accept_earlier_day: bool,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        self.intend(float, work)?;
        self.busy = Some(Busy::StartingShift);
        work.poll_after = true;
        let agreed_on = self.today(work.at.store_time()).filter(|_| accept_earlier_day);
        if let Some(call) = self.next_open(agreed_on) {
            work.ask(call);
        }
        Ok(())
    }

    /// Stops waiting for the start. What was sent is still resolved, and shown if it opened a session.
    pub(super) fn cancel_start(&mut self) {
        self.change_device(|device| match device {
            Device::Resolving(resolving) => Device::Resolving(resolving.cancel()),
            other => other,
        });
        self.busy = None;
    }

    /// Makes the intent of this press, unless an earlier press still has no answer.
    fn intend(&mut self, float: Float, work: &mut Work<'_>) -> Result<(), Fault> {
        if matches!(self.device, Device::Resolving(_)) {
            self.change_device(|device| match device {
                Device::Resolving(resolving) => Device::Resolving(resolving.wait_again()),
                other => other,
            });
            return Ok(());
        }
        let (Device::Detached(_), Some(assignment), Some(staff)) =
            (&self.device, &self.assignment, &self.staff)
        else {
            return Err(not_now());
        };
        let bad = |why: String| Fault::new(Code::BadOpeningCash, why);
        let (opening_cash, tally) = match float {
            Float::Typed(typed) => {
                (Amount::for_drawer(&typed).map_err(|problem| bad(problem.to_string()))?, Tally::Nothing)
            }
            Float::Counted(tally) => {
                let total = tally.total(&assignment.location.currency)?;
                (total.ok_or_else(|| bad("nothing was counted".to_owned()))?, tally)
            }
        };
        let intent = OpenIntent {
            key: work.at.key(),
            register_id: assignment.register.id,
            location_id: assignment.location.id,
            vendor_id: staff.vendor_id,
            user_id: staff.user_id,
            opening_cash,
            tally,
            pressed_at: work.at.now,
        };
        work.save(Write::Intent(intent.clone()));
        self.device = Device::Resolving(Detached.begin(intent));
        Ok(())
    }

    /// The call for the intent at hand, unless it is asked for already.
    pub(super) fn next_open(&mut self, agreed_on: Option<civil::Date>) -> Option<Call> {
        match &self.device {
            Device::Resolving(resolving) if !self.is_opening => {
                let intent = resolving.intent.clone();
                self.is_opening = true;
                Some(Call::OpenSession { intent, agreed_on })
            }
            _ => None,
        }
    }

    /// What became of an open. The server or its silence has decided: a file that cannot be written changes nothing
    /// about it.
    pub(super) fn open_answered(
        &mut self,
        intent: &OpenIntent,
        agreed_on: Option<civil::Date>,
        answer: Result<Opened, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        // Somebody of another shop may have signed in meanwhile, and pressed for theirs: then the file still has this
        // intent, and its own people ask for it again.
        if !matches!(&self.device, Device::Resolving(resolving) if resolving.intent.key == intent.key) {
            return answer.map(drop);
        }
        work.if_unsaved = IfUnsaved::Keep;
        match answer {
            Ok(opened) => {
                self.opened_or_joined(intent, agreed_on, opened, work);
                Ok(())
            }
            Err(fault) => {
                self.not_opened(intent, fault.clone(), work);
                Err(fault)
            }
        }
    }

    fn opened_or_joined(
        &mut self,
        intent: &OpenIntent,
        agreed_on: Option<civil::Date>,
        opened: Opened,
        work: &mut Work<'_>,
    ) {
        let now = work.at.now;
        let is_earlier = |location| earlier_day(&opened.session, location, work.at.store_time()).is_some();
        let earlier = self.assignment.as_ref().is_some_and(|assignment| is_earlier(&assignment.location));
        let question = earlier && agreed_on.is_none() && opened.outcome != SessionOutcome::Created;
        self.keep_opening_count(intent, &opened.session, work);
        self.change_device(|device| match device {
            Device::Resolving(resolving) => attach(resolving.answered(opened, agreed_on, question, now)),
            other => other,
        });
        self.forget_movements();
        self.fault = None;
        self.save_session(work);
    }

    fn not_opened(&mut self, intent: &OpenIntent, fault: Fault, work: &mut Work<'_>) {
        let lost = fault.retry == Retry::OutcomeUnknown;
        let mut over = false;
        self.change_device(|device| match device {
            Device::Resolving(resolving) if lost => Device::Resolving(resolving.unanswered()),
            Device::Resolving(resolving) if !resolving.may_have_run || fault.is_decision() => {
                over = true;
                Device::Detached(resolving.refused())
            }
            other => other,
        });
        if over {
            work.save(Write::RemoveIntent(intent.key));
        }
        if fault.code == Code::SignedOut {
            self.login = Login::Out;
        }
        self.fault = Some(fault);
    }

    /// Goes on with a session of an earlier business date.
    pub(super) fn go_on(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let today = self.today(work.at.store_time()).ok_or_else(not_now)?;
        self.change_device(|device| match device {
            Device::Attached(attached) => Device::Attached(Box::new(attached.agree(today))),
            other => other,
        });
        self.save_session(work);
        work.poll_after = true;
        Ok(())
    }

    /// Takes this device out of the session, which stays open for others.
    pub(super) fn leave_shift(&mut self, work: &mut Work<'_>) {
        work.poll_after = true;
        self.detach(
            |device| match device {
                Device::Attached(attached) => Device::Detached(attached.leave()),
                other => other,
            },
            work,
        );
    }

    /// Somebody has read that the session is over, or how it was settled here.
    pub(super) fn acknowledge_end(&mut self, work: &mut Work<'_>) {
        work.poll_after = true;
        let closing = self.closing.as_ref().filter(|closing| closing.is_done());
        let done = closing.map(|closing| closing.session.id);
        if done.is_none_or(|session| self.is_attached_to(session)) {
            self.detach(
                |device| match device {
                    Device::Fenced(fenced) => Device::Detached(fenced.acknowledge()),
                    Device::Attached(attached) if done == Some(attached.active.session.id) => {
                        Device::Detached(attached.leave())
                    }
                    other => other,
                },
                work,
            );
        }
        if done.is_some() {
            self.learn_left_in_drawer();
            self.drop_closing(work);
        }
    }

    /// Decides once more whether to ask about an earlier business date, now that the server's clock was heard.
    pub(super) fn ask_by_server_clock(&mut self, store_time: Timestamp) {
        if !std::mem::replace(&mut self.day_is_sure, true)
            && let (Device::Attached(attached), Some(assignment)) = (&mut self.device, &self.assignment)
        {
            attached.question = question(&attached.active, &assignment.location, store_time);
        }
    }

    /// The call that reads the session that runs here, from the revision that is known.
    pub(super) fn next_session_read(&self, everything: bool) -> Option<Call> {
        let id: SessionId = self.attached_session()?.id;
        // Until the movements were read once, everything is asked for.
        let known_revision = self.movements_at.filter(|_| !everything).unwrap_or(-1);
        Some(Call::Session { id, known_revision, last_receipt: self.last_receipt() })
    }
}
