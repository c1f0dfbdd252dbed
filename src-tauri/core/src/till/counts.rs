//! Counts of a drawer while its shift runs: the opening float by denominations, and spot counts.
//!
//! Invariant: like an entry, a count is on disk before it is said to be kept, is sent by its own id until the server
//! has decided, and changes no figure.

use super::{OnDrop, Till, not_now, record_fault, state::Login, state::State};
use crate::{
    Code, CountId, Device, Fault, OpenIntent, Session, Tally,
    count::{CountIntent, CountKind},
    ports::{Backend, DeviceStore, Display, World},
};

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Keeps a count of the running shift's drawer beside it. It is sent with the next [`Till::poll`].
    pub(super) fn spot_count(&self, tally: Tally) -> Result<(), Fault> {
        self.attempt(|state| {
            let count = self.spot(state, tally)?;
            self.keep_count(state, count)
        })
    }

    fn spot(&self, state: &State, tally: Tally) -> Result<CountIntent, Fault> {
        let (Device::Attached(attached), Some(placement)) = (&state.device, &state.placement) else {
            return Err(not_now());
        };
        let amount = tally
            .total(&placement.location.currency)?
            .ok_or_else(|| Fault::new(Code::BadCount, "nothing was counted"))?;
        Ok(CountIntent {
            id: CountId(self.world.new_key().0),
            session_id: attached.active.session.id,
            kind: CountKind::Spot,
            tally,
            amount,
            counted_at: self.world.now(),
        })
    }

    /// The pieces that this device's cashier counted into the drawer. The id is that of the intent, so that a crash
    /// in between keeps one count.
    pub(super) fn keep_opening_count(
        &self,
        state: &mut State,
        intent: &OpenIntent,
        session: &Session,
    ) -> Result<(), Fault> {
        // A joiner's own amount is kept by the server as a spot count.
        let is_the_float = intent.opening_cash == session.opening_cash && session.status.holds_register();
        if intent.tally.pieces().is_none() || !is_the_float {
            return Ok(());
        }
        let count = CountIntent {
            id: CountId(intent.key.0),
            session_id: session.id,
            kind: CountKind::Opening,
            tally: intent.tally.clone(),
            amount: intent.opening_cash,
            counted_at: intent.pressed_at,
        };
        self.keep_count(state, count)
    }

    fn keep_count(&self, state: &mut State, count: CountIntent) -> Result<(), Fault> {
        self.store.keep_count(&count)?;
        state.counts.retain(|kept| kept.id != count.id);
        state.counts.push(count);
        Ok(())
    }

    /// Sends the counts that wait, oldest first, until the server is silent.
    pub(super) async fn send_counts(&self) {
        while let Some(count) = self.next_count() {
            let _released_also_when_cancelled = OnDrop(|| self.lock().sending = false);
            let answer = self.server.commit_count(&count).await;
            let mut go_on = false;
            self.change(|state| {
                let done = match answer {
                    Ok(_count) => Ok(()),
                    // The amount stands in the shift's own figures; only this attempt is not on record.
                    Err(fault) if fault.is_decision() => {
                        state.fault = Some(fault);
                        Ok(())
                    }
                    Err(fault) => Err(fault),
                };
                match done.and_then(|()| self.store.drop_count(count.id)) {
                    Ok(()) => {
                        state.counts.retain(|kept| kept.id != count.id);
                        go_on = true;
                    }
                    Err(fault) => record_fault(state, fault),
                }
            });
            if !go_on {
                return;
            }
        }
    }

    fn next_count(&self) -> Option<CountIntent> {
        let mut state = self.lock();
        if state.sending || state.login != Login::In {
            return None;
        }
        let count = state.counts.first()?.clone();
        state.sending = true;
        Some(count)
    }
}
