//! Starting a shift: from the press to the answer, however late it comes.
//!
//! Invariants: the intent is on disk before its request leaves (I2, I8); an unanswered one is asked again with its own
//! key and never replaced by a new one (I2, I3).

use super::{
    OnDrop, Till, attach, earlier_day,
    state::{Login, State},
};
use crate::{
    Amount, Code, Device, Fault, OpenIntent, Opened, Retry, SessionOutcome, Tally,
    device::Detached,
    ports::{Backend, DeviceStore, Display, World},
    view::Busy,
};

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Starts the shift, or joins it: the one gesture. A second press while the first is under way, or after its
    /// answer was lost, waits for that same intent. `accept_earlier_day`: the cashier was shown a session of an
    /// earlier business date and wants to join it.
    pub(super) async fn start_shift(
        &self,
        opening_cash: &str,
        accept_earlier_day: bool,
    ) -> Result<(), Fault> {
        let float = |_currency: &str| {
            let amount = Amount::for_drawer(opening_cash)
                .map_err(|problem| Fault::new(Code::BadOpeningCash, problem.to_string()))?;
            Ok((amount, Tally::Nothing))
        };
        self.start(float, accept_earlier_day).await
    }

    /// The same with a float that was counted piece by piece; the pieces are kept with the shift.
    pub(super) async fn start_shift_counted(
        &self,
        tally: Tally,
        accept_earlier_day: bool,
    ) -> Result<(), Fault> {
        let float = |currency: &str| {
            let amount = tally.total(currency)?;
            Ok((amount.ok_or_else(|| Fault::new(Code::BadOpeningCash, "nothing was counted"))?, tally))
        };
        self.start(float, accept_earlier_day).await
    }

    async fn start(
        &self,
        float: impl FnOnce(&str) -> Result<(Amount, Tally), Fault>,
        accept_earlier_day: bool,
    ) -> Result<(), Fault> {
        let agreed_on = self.attempt(|state| {
            self.intend(state, float)?;
            state.busy = Some(Busy::StartingShift);
            let today =
                state.placement.as_ref().and_then(|place| place.location.business_date(self.store_time()));
            Ok(today.filter(|_| accept_earlier_day))
        })?;
        self.ask(agreed_on).await
    }

    /// Stops waiting for the start. What was sent is still resolved, and shown if it opened a session.
    pub(super) fn cancel_start(&self) -> Result<(), Fault> {
        self.change(|state| {
            state.change_device(|device| match device {
                Device::Resolving(resolving) => Device::Resolving(resolving.cancel()),
                other => other,
            });
            state.busy = None;
            Ok(())
        })
    }

    /// Puts the intent of this press on disk, unless an earlier press still has no answer.
    fn intend(
        &self,
        state: &mut State,
        float: impl FnOnce(&str) -> Result<(Amount, Tally), Fault>,
    ) -> Result<(), Fault> {
        let (Device::Detached(_), Some(placement), Some(staff)) =
            (&state.device, &state.placement, &state.staff)
        else {
            let resolving = matches!(state.device, Device::Resolving(_));
            state.change_device(|device| match device {
                Device::Resolving(resolving) => Device::Resolving(resolving.wait_again()),
                other => other,
            });
            return if resolving { Ok(()) } else { Err(Fault::new(Code::NotNow, "no register to start")) };
        };
        let (opening_cash, tally) = float(&placement.location.currency)?;
        let intent = OpenIntent {
            key: self.world.new_key(),
            register_id: placement.register.id,
            location_id: placement.location.id,
            vendor_id: staff.vendor_id,
            user_id: staff.user_id,
            opening_cash,
            tally,
            pressed_at: self.world.now(),
        };
        self.store.keep_intent(&intent)?;
        state.device = Device::Resolving(Detached.begin(intent));
        Ok(())
    }

    /// Asks for the intent at hand, unless it is asked for already, and acts on the answer.
    pub(super) async fn ask(&self, agreed_on: Option<jiff::civil::Date>) -> Result<(), Fault> {
        let intent = {
            let mut state = self.lock();
            match &state.device {
                Device::Resolving(resolving) if !state.asking => {
                    let intent = resolving.intent.clone();
                    state.asking = true;
                    intent
                }
                _ => return Ok(()),
            }
        };
        let _released_also_when_cancelled = OnDrop(|| self.lock().asking = false);
        let answer = self.server.open_session(&intent).await;
        self.change(|state| {
            state.busy = None;
            let told = answer.as_ref().err().cloned();
            match answer {
                Ok(opened) => self.settle(state, &intent, opened, agreed_on),
                Err(fault) => self.unsettled(state, &intent, fault),
            }
            told.map_or(Ok(()), Err)
        })
    }

    fn settle(
        &self,
        state: &mut State,
        intent: &OpenIntent,
        opened: Opened,
        agreed_on: Option<jiff::civil::Date>,
    ) {
        let now = self.world.now();
        let store_time = self.store_time();
        let location = state.placement.as_ref().map(|placement| &placement.location);
        let earlier =
            location.and_then(|location| earlier_day(&opened.session, location, store_time)).is_some();
        let question = earlier && agreed_on.is_none() && opened.outcome != SessionOutcome::Created;
        let counted = self.keep_opening_count(state, intent, &opened.session);
        state.change_device(|device| match device {
            Device::Resolving(resolving) => attach(resolving.answered(opened, agreed_on, question, now)),
            other => other,
        });
        state.forget_movements();
        state.fault = counted.err();
        self.keep_attached(state);
    }

    fn unsettled(&self, state: &mut State, intent: &OpenIntent, fault: Fault) {
        let mut over = false;
        let lost = fault.retry == Retry::OutcomeUnknown;
        state.change_device(|device| match device {
            Device::Resolving(resolving) if lost => Device::Resolving(resolving.unanswered()),
            Device::Resolving(resolving) if !resolving.may_have_run || fault.is_decision() => {
                over = true;
                Device::Detached(resolving.refused())
            }
            other => other,
        });
        if fault.code == Code::SignedOut {
            state.login = Login::Out;
        }
        state.fault = Some(fault);
        if over && let Err(fault) = self.store.drop_intent(intent.key) {
            state.fault = Some(fault);
        }
    }
}
