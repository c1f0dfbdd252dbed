//! The screens of settling a session, of counting, and of the board, as functions of the state.

use super::{
    board::BoardView,
    state::{Login, State, earlier_day},
};
use crate::{
    Closing, Device, Tally,
    board::{AttachedDevice, Day},
    closing::{Asked, Counted, Counting, Done, Step, Unsettled},
    currency,
    report::{self, Tender, TenderLine},
    view::{ClosingStep, Screen},
};
use jiff::Timestamp;

impl State {
    /// The closing, where it is what people look at: not while it ends a shift of another register, not once the
    /// count is being given up, and not to whoever comes next when it is a manager's.
    pub(super) fn closing_screen(&self, now: Timestamp) -> Option<Screen> {
        let closing = self.closing.as_ref()?;
        let attached = self.is_attached_to(closing.session.id);
        let signed_out = self.login == Login::Out;
        if matches!(closing.step, Step::Leaving(_)) || (!attached && signed_out) {
            return None;
        }
        if !attached && matches!(closing.step, Step::Ending(_) | Step::Checklist(_)) {
            return None;
        }
        Some(Screen::Closing {
            session: Box::new(closing.session.clone()),
            register_number: closing.register_number.clone(),
            register_name: closing.register_name.clone(),
            location: closing.location.clone(),
            sign_in_needed: signed_out,
            unanswered: closing.step.is_asked(),
            step: self.closing_step(closing, now),
        })
    }

    fn closing_step(&self, closing: &Closing, now: Timestamp) -> ClosingStep {
        let counting = |counting: &Counting| count_step(closing, counting);
        let result = |counted: &Counted| self.result_step(closing, counted);
        match &closing.step {
            Step::Checklist(_) | Step::Beginning(_) | Step::Leaving(_) => self.checklist_step(closing, now),
            Step::Counting(typed) | Step::Committing(Asked { before: typed, .. }) => counting(typed),
            Step::Counted(counted) => result(counted),
            Step::Settling(Asked { before: Unsettled::Counted(counted), .. }) => result(counted),
            Step::Settling(Asked { before: Unsettled::Counting(typed), .. }) => counting(typed),
            Step::Ending(Asked { what, .. }) => ClosingStep::Ending { how: what.how },
            Step::Done(Done::Closed(report)) => ClosingStep::Closed { report: report.clone() },
            Step::Done(Done::Ended) => ClosingStep::Ended,
            Step::Done(Done::Cancelled) => ClosingStep::Cancelled,
        }
    }

    fn checklist_step(&self, closing: &Closing, now: Timestamp) -> ClosingStep {
        let session = &closing.session;
        let (unsent, refused) = (self.unsent(session.id), self.unsettled(session.id));
        ClosingStep::Checklist {
            unsent,
            refused,
            allowed_by: closing.allowed_by.clone(),
            others: session
                .devices
                .iter()
                .filter(|device| !device.is_here)
                .cloned()
                .collect::<Vec<AttachedDevice>>(),
            counting: session.counting.clone(),
            end_needs_manager: !self.manages() && earlier_day(session, &closing.location, now).is_some(),
        }
    }

    fn result_step(&self, closing: &Closing, counted: &Counted) -> ClosingStep {
        let session = &closing.session;
        let cash = TenderLine {
            tender: Tender::Cash,
            sales: session.totals.total_cash,
            expected: counted.expected(session),
            counted: report::Counted::Counted {
                amount: counted.count.amount,
                difference: counted.difference(session),
            },
        };
        // Cards are settled by the terminal's own slip; here they are only told.
        let card = TenderLine {
            tender: Tender::Card,
            sales: session.totals.total_card,
            expected: Some(session.totals.total_card),
            counted: report::Counted::NotCounted,
        };
        ClosingStep::Result {
            tenders: vec![cash, card],
            tally: counted.tally.clone(),
            needs: self.needs(counted.count.needs),
            approved_by: counted.count.approved_by.clone(),
            proposal: counted.next_float(session),
        }
    }

    /// The board, where somebody who may see it has opened it.
    pub(super) fn board_screen(&self) -> Option<Screen> {
        let BoardView { location, board, day, read_at } = self.board.clone()?;
        if self.login == Login::Out || !self.manages() {
            return None;
        }
        let location = self.staff.as_ref()?.locations.iter().find(|store| store.id == location)?.clone();
        Some(Screen::Board {
            location,
            board: board.map(Box::new),
            day_totals: day.as_ref().map(Day::totals),
            day: day.map(Box::new),
            read_at,
            shift_runs: matches!(self.device, Device::Attached(_)),
        })
    }
}

fn count_step(closing: &Closing, counting: &Counting) -> ClosingStep {
    let currency = &closing.location.currency;
    ClosingStep::Count {
        pieces: currency::pieces(currency),
        tally: counting.tally.clone(),
        total: Tally::total(&counting.tally, currency).unwrap_or_default(),
    }
}
