//! The manager's board, the end of a day, and reports on the screen.
//!
//! Invariant: what is read here changes nothing on the server.

use super::{Till, not_now, record_fault, state::Login, state::State};
use crate::{
    Closing, Device, Fault, LocationId, SessionId,
    board::{Board, Day},
    closing::{Checklist, Step},
    ports::{Backend, DeviceStore, Display, World},
    view::Busy,
};
use jiff::{Timestamp, civil};

/// The board as the till holds it.
#[derive(Clone, Debug)]
pub(super) struct BoardView {
    pub(super) location: LocationId,
    pub(super) board: Option<Board>,
    pub(super) day: Option<Day>,
    pub(super) read_at: Option<Timestamp>,
}

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Shows every register of a store; `None` for the store of this computer, or the listed one. For managers.
    pub(super) async fn open_board(&self, location: Option<LocationId>) -> Result<(), Fault> {
        let location = self.attempt(|state| {
            let here = state.placement.as_ref().map(|placement| placement.location.id);
            let listed = state.listed_location().map(|location| location.id);
            let location = location.or(here).or(listed).ok_or_else(not_now)?;
            state.board = Some(BoardView { location, board: None, day: None, read_at: None });
            Ok(location)
        })?;
        self.begin(Busy::ReadingBoard)?;
        let answer = self.server.board(location).await;
        self.attempt(|state| {
            state.busy = None;
            state.learn_board(location, answer?, self.world.now());
            Ok(())
        })
    }

    /// Goes back to this computer's own screen.
    pub(super) fn close_board(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            state.board = None;
            Ok(())
        })
    }

    /// Reads the end of a business date; `None` for today's.
    pub(super) async fn read_day(&self, date: Option<civil::Date>) -> Result<(), Fault> {
        let location = self.lock().board.as_ref().map(|view| view.location).ok_or_else(not_now)?;
        self.begin(Busy::ReadingBoard)?;
        let answer = self.server.day(location, date).await;
        self.attempt(|state| {
            state.busy = None;
            let day = answer?;
            if let Some(view) = state.board.as_mut().filter(|view| view.location == location) {
                view.day = Some(day);
            }
            Ok(())
        })
    }

    /// Goes back from the end of a day to the board.
    pub(super) fn close_day(&self) -> Result<(), Fault> {
        self.change(|state| {
            if let Some(view) = &mut state.board {
                view.day = None;
            }
            Ok(())
        })
    }

    /// Shows the figures so far of the shift that runs here.
    pub(super) async fn show_x_report(&self) -> Result<(), Fault> {
        let session = match &self.lock().device {
            Device::Attached(attached) => attached.active.session.id,
            _ => return Err(not_now()),
        };
        self.begin(Busy::ReadingReport)?;
        self.show_report(self.server.x_report(session).await)
    }

    /// Shows the Z report of any settled session, as a copy.
    pub(super) async fn show_z_report(&self, session: SessionId) -> Result<(), Fault> {
        self.begin(Busy::ReadingReport)?;
        self.show_report(self.server.z_report(session).await)
    }

    /// Puts the report away.
    pub(super) fn dismiss_report(&self) -> Result<(), Fault> {
        self.change(|state| {
            state.report = None;
            Ok(())
        })
    }

    fn show_report(&self, answer: Result<crate::Report, Fault>) -> Result<(), Fault> {
        self.attempt(|state| {
            state.busy = None;
            state.report = Some(Box::new(answer?));
            Ok(())
        })
    }

    /// Reads the board again, if it is open.
    pub(super) async fn reread_board(&self) {
        let location = {
            let state = self.lock();
            state.board.as_ref().filter(|_| state.login == Login::In).map(|view| view.location)
        };
        let Some(location) = location else { return };
        let answer = self.server.board(location).await;
        let now = self.world.now();
        self.change(|state| match answer {
            Ok(board) => state.learn_board(location, board, now),
            // What was read stays on the screen with its age.
            Err(fault) => record_fault(state, fault),
        });
    }
}

impl State {
    fn learn_board(&mut self, location: LocationId, board: Board, now: Timestamp) {
        if let Some(view) = self.board.as_mut().filter(|view| view.location == location) {
            view.board = Some(board);
            view.read_at = Some(now);
        }
    }

    /// A session that this device sees (on the board, on its own register, or its own), ready to be settled.
    pub(super) fn seen(&self, session: SessionId) -> Option<Closing> {
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

    fn on_own_register(&self, session: SessionId) -> Option<Closing> {
        let placement = self.placement.as_ref()?;
        let found = match &self.device {
            Device::Attached(attached) => Some(&attached.active.session),
            _ => placement.register.open_session.as_ref(),
        };
        Some(Closing {
            session: found.filter(|found| found.id == session)?.clone(),
            register_number: placement.register.register_number.clone(),
            register_name: placement.register.register_name.clone(),
            location: placement.location.clone(),
            allowed_by: None,
            step: Step::Checklist(Checklist),
        })
    }
}
