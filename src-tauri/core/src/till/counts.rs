//! Counts of a drawer while its shift runs: the opening float by denominations, and spot counts.
//!
//! Invariant: like an entry, a count is on disk before it is said to be kept, is sent by its own id until the server
//! has decided, and changes no figure.

use super::{
    effect::{Call, Work, Write},
    state::{Login, State, not_now},
};
use crate::{
    Code, CountId, Device, Fault, OpenIntent, Session, Tally,
    count::{Count, CountIntent, CountKind},
};

impl State {
    /// Keeps a count of the running shift's drawer beside it. It is sent with the next poll.
    pub(super) fn spot_count(&mut self, tally: Tally, work: &mut Work<'_>) -> Result<(), Fault> {
        let (Device::Attached(attached), Some(assignment)) = (&self.device, &self.assignment) else {
            return Err(not_now());
        };
        let amount = tally
            .total(&assignment.location.currency)?
            .ok_or_else(|| Fault::new(Code::BadCount, "nothing was counted"))?;
        let count = CountIntent {
            id: work.at.count_id(),
            session_id: attached.active.session.id,
            vendor_id: Some(attached.active.session.vendor_id),
            kind: CountKind::Spot,
            tally,
            amount,
            counted_at: work.at.now,
        };
        self.keep_count(count, work);
        work.poll_after = true;
        Ok(())
    }

    /// The pieces that this device's cashier counted into the drawer. The id is that of the intent, so that a crash
    /// in between keeps one count.
    pub(super) fn keep_opening_count(&mut self, intent: &OpenIntent, session: &Session, work: &mut Work<'_>) {
        // A joiner's own amount is kept by the server as a spot count.
        let is_the_float = intent.opening_cash == session.opening_cash && session.status.holds_register();
        if intent.tally.pieces().is_some() && is_the_float {
            let count = CountIntent {
                id: CountId(intent.key.0),
                session_id: session.id,
                vendor_id: Some(session.vendor_id),
                kind: CountKind::Opening,
                tally: intent.tally.clone(),
                amount: intent.opening_cash,
                counted_at: intent.pressed_at,
            };
            self.keep_count(count, work);
        }
    }

    fn keep_count(&mut self, count: CountIntent, work: &mut Work<'_>) {
        work.save(Write::Count(count.clone()));
        self.counts.retain(|kept| kept.id != count.id);
        self.counts.push(count);
    }

    /// The oldest count of this shop that waits, to be sent now.
    pub(super) fn next_count(&mut self) -> Option<Call> {
        if self.is_sending || self.login != Login::In {
            return None;
        }
        let vendor = self.staff.as_ref()?.vendor_id;
        let waits = |count: &&CountIntent| count.vendor_id.is_none_or(|of| of == vendor);
        let count = self.counts.iter().find(waits)?.clone();
        self.is_sending = true;
        Some(Call::CommitCount { count })
    }

    /// What the server said to a count.
    ///
    /// # Errors
    /// Where it said nothing: what waits behind it waits on.
    pub(super) fn count_answered(
        &mut self,
        id: CountId,
        answer: Result<Count, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(_count) => {}
            // The amount stands in the shift's own figures; only this attempt is not on record.
            Err(fault) if fault.is_decision() => self.fault = Some(fault),
            Err(fault) => {
                self.record_fault(fault.clone());
                return Err(fault);
            }
        }
        work.save(Write::RemoveCount(id));
        self.counts.retain(|kept| kept.id != id);
        Ok(())
    }
}
