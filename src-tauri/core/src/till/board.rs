//! The board and the reports, for reading.
//!
//! Invariant: reading changes nothing of a shift; what was read stays on the screen with its age when the server is
//! silent.

use super::{
    effect::{Call, Work},
    state::{BoardView, Login, State, not_now},
};
use crate::{
    Closing, Code, Device, Fault, LocationId, Report, SaleId, SessionId,
    board::{Board, Day},
    closing::{Checklist, Step},
    sale::{CartProblem, NOTE, SellingRules, free_text},
    sales_sheet::{SaleFlag, SettledFlag},
    selling::RulesChange,
};
use jiff::{Timestamp, civil};

impl State {
    /// Shows every register of a store; `None` for the store of this computer, or the listed one. For managers.
    pub(super) fn open_board(
        &mut self,
        location: Option<LocationId>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let here = self.assignment.as_ref().map(|assignment| assignment.location.id);
        let listed = self.listed_location().map(|location| location.id);
        let location = location.or(here).or(listed).ok_or_else(not_now)?;
        self.begin(Call::Board { location, visibly: true }, work)?;
        self.board =
            Some(BoardView { location, board: None, day: None, read_at: None, rules: None, keeping: None });
        Ok(())
    }

    /// Goes back to this computer's own screen.
    pub(super) fn close_board(&mut self, work: &mut Work<'_>) {
        self.board = None;
        work.poll_after = true;
    }

    /// Reads the end of a business date; `None` for today's.
    pub(super) fn read_day(&mut self, date: Option<civil::Date>, work: &mut Work<'_>) -> Result<(), Fault> {
        let location = self.board.as_ref().map(|view| view.location).ok_or_else(not_now)?;
        self.begin(Call::Day { location, date }, work)
    }

    /// Goes back from the end of a day to the board.
    pub(super) fn close_day(&mut self) {
        if let Some(view) = &mut self.board {
            view.day = None;
        }
    }

    /// Settles a flag, with what became of it.
    pub(super) fn settle_flag(
        &mut self,
        sale_id: SaleId,
        flag: SaleFlag,
        note: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let location = self.board.as_ref().map(|view| view.location).ok_or_else(not_now)?;
        if flag == SaleFlag::Other {
            return Err(not_now());
        }
        let note = free_text(note, NOTE).map_err(CartProblem::from)?;
        let note = note.ok_or_else(|| Fault::new(Code::ReasonRequired, "a flag is settled with a note"))?;
        self.begin(Call::SettleFlag { location, sale_id, flag, note }, work)
    }

    /// It was settled, or not.
    pub(super) fn flag_answered(
        &mut self,
        location: LocationId,
        (sale_id, flag): (SaleId, SaleFlag),
        answer: Result<SettledFlag, Fault>,
    ) -> Result<(), Fault> {
        let settled = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        if let Some(view) = self.board.as_mut().filter(|view| view.location == location) {
            view.board.iter_mut().for_each(|board| board.flag_settled(sale_id, flag));
            view.day.iter_mut().for_each(|day| day.flag_settled(sale_id, flag, &settled));
        }
        Ok(())
    }

    /// Reads by which rules the store of the board sells.
    pub(super) fn open_selling_rules(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let location = self.board.as_ref().map(|view| view.location).ok_or_else(not_now)?;
        self.begin(Call::SellingRules { location }, work)
    }

    /// Changes them.
    pub(super) fn save_selling_rules(
        &mut self,
        change: RulesChange,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let location = self.board.as_ref().map(|view| view.location).ok_or_else(not_now)?;
        self.begin(Call::SaveSellingRules { location, change }, work)
    }

    /// Goes back from the rules to the board.
    pub(super) fn close_selling_rules(&mut self) {
        if let Some(view) = &mut self.board {
            view.rules = None;
        }
    }

    /// The rules were read, or changed, or not.
    pub(super) fn rules_answered(
        &mut self,
        location: LocationId,
        answer: Result<SellingRules, Fault>,
    ) -> Result<(), Fault> {
        let rules = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        if let Some(view) = self.board.as_mut().filter(|view| view.location == location) {
            view.rules = Some(rules);
        }
        // What is sold here by them shows at once.
        self.selling.rules_asked_at = None;
        Ok(())
    }

    /// Shows the figures so far of the shift that runs here.
    pub(super) fn show_x_report(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let session = self.attached_session().map(|session| session.id).ok_or_else(not_now)?;
        self.begin(Call::XReport { session }, work)
    }

    /// Shows the Z report of any settled session, as a copy.
    pub(super) fn show_z_report(&mut self, session: SessionId, work: &mut Work<'_>) -> Result<(), Fault> {
        self.begin(Call::ZReport { session }, work)
    }

    /// The call that reads the board again, if it is open.
    pub(super) fn next_board_read(&self) -> Option<Call> {
        let view = self.board.as_ref().filter(|_| self.login == Login::In)?;
        Some(Call::Board { location: view.location, visibly: false })
    }

    /// The board was read, or not.
    pub(super) fn board_answered(
        &mut self,
        location: LocationId,
        visibly: bool,
        answer: Result<Board, Fault>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        match answer {
            Ok(board) => {
                if let Some(view) = self.board.as_mut().filter(|view| view.location == location) {
                    view.board = Some(board);
                    view.read_at = Some(now);
                }
                Ok(())
            }
            Err(fault) => {
                if visibly {
                    self.fault = Some(fault.clone());
                } else {
                    self.record_fault(fault.clone());
                }
                Err(fault)
            }
        }
    }

    /// The end of a day was read, or not.
    pub(super) fn day_answered(
        &mut self,
        location: LocationId,
        answer: Result<Day, Fault>,
    ) -> Result<(), Fault> {
        let day = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        if let Some(view) = self.board.as_mut().filter(|view| view.location == location) {
            view.day = Some(day);
        }
        Ok(())
    }

    /// A report was read, or not.
    pub(super) fn report_answered(&mut self, answer: Result<Report, Fault>) -> Result<(), Fault> {
        let report = answer.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        self.report = Some(Box::new(report));
        Ok(())
    }

    /// A session that this device sees (on the board, on its own register, or its own), ready to be settled.
    pub(super) fn visible_session(&self, session: SessionId) -> Option<Closing> {
        self.on_board(session).or_else(|| self.on_own_register(session))
    }

    fn on_board(&self, session: SessionId) -> Option<Closing> {
        let view = self.board.as_ref()?;
        let location = self.staff.as_ref()?.locations.iter().find(|store| store.id == view.location)?;
        let registers = view.board.as_ref()?.registers.iter();
        let day = view.day.iter().flat_map(|day| day.open.iter().chain(&day.uncounted));
        let listed = registers.clone().flat_map(|one| one.open_session.iter().chain(&one.uncounted));
        let found = listed.chain(day).find(|listed| listed.id == session)?;
        let register = registers.clone().find(|register| register.id == found.register_id)?;
        Some(Closing {
            session: found.clone(),
            register_number: register.register_number.clone(),
            register_name: register.register_name.clone(),
            location: location.clone(),
            allowed_by: None,
            step: Step::Checklist(Checklist),
        })
    }

    /// The same, where it is of this computer's register.
    pub(super) fn on_own_register(&self, session: SessionId) -> Option<Closing> {
        let assignment = self.assignment.as_ref()?;
        let found = match &self.device {
            Device::Attached(attached) => Some(&attached.active.session),
            _ => assignment.register.open_session.as_ref(),
        };
        Some(Closing {
            session: found.filter(|found| found.id == session)?.clone(),
            register_number: assignment.register.register_number.clone(),
            register_name: assignment.register.register_name.clone(),
            location: assignment.location.clone(),
            allowed_by: None,
            step: Step::Checklist(Checklist),
        })
    }
}
