//! The manager's board, the end of a day, and reports on the screen.
//!
//! Invariant: what is read here changes nothing on the server.

use super::{Till, note, state::Login, state::State};
use crate::{
    Closing, Code, Device, Fault, LocationId, SessionId,
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
    pub async fn open_board(&self, location: Option<LocationId>) {
        if self.is_locked() {
            return;
        }
        let mut open = false;
        self.change(|state| {
            let here = state.placement.as_ref().map(|placement| placement.location.id);
            let listed = state.listed_location().map(|location| location.id);
            let location = location.or(here).or(listed);
            open = state.manages() && state.login == Login::In && location.is_some();
            if let (true, Some(location)) = (open, location) {
                state.board = Some(BoardView { location, board: None, day: None, read_at: None });
                state.fault = None;
            } else {
                state.fault = Some(Fault::new(Code::ManagerRequired, "the board"));
            }
        });
        if open {
            self.read_board(true).await;
        }
    }

    /// Goes back to this computer's own screen.
    pub async fn close_board(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            state.board = None;
            state.fault = None;
        });
        self.look().await;
    }

    /// Reads the end of a business date; `None` for today's. The board has to be open.
    pub async fn read_day(&self, date: Option<civil::Date>) {
        if self.is_locked() {
            return;
        }
        let Some(location) = self.lock().board.as_ref().map(|view| view.location) else { return };
        if !self.begin(Busy::ReadingBoard) {
            return;
        }
        let answer = self.server.day(location, date).await;
        self.change(|state| {
            state.busy = None;
            match (answer, &mut state.board) {
                (Ok(day), Some(view)) if view.location == location => view.day = Some(day),
                (Ok(_), _) => {}
                (Err(fault), _) => state.fault = Some(fault),
            }
        });
    }

    /// Goes back from the end of a day to the board.
    pub fn close_day(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            if let Some(view) = &mut state.board {
                view.day = None;
            }
        });
    }

    /// Shows the figures so far of the shift that runs here.
    pub async fn show_x_report(&self) {
        if self.is_locked() {
            return;
        }
        let session = match &self.lock().device {
            Device::Attached(attached) => attached.active.session.id,
            _ => return,
        };
        if self.begin(Busy::ReadingReport) {
            let answer = self.server.x_report(session).await;
            self.reported(answer);
        }
    }

    /// Shows the Z report of any settled session, as a copy.
    pub async fn show_z_report(&self, session: SessionId) {
        if self.is_locked() {
            return;
        }
        if self.begin(Busy::ReadingReport) {
            let answer = self.server.z_report(session).await;
            self.reported(answer);
        }
    }

    /// Puts the report away.
    pub fn dismiss_report(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| state.report = None);
    }

    fn reported(&self, answer: Result<crate::Report, Fault>) {
        self.change(|state| {
            state.busy = None;
            match answer {
                Ok(report) => state.report = Some(Box::new(report)),
                Err(fault) => state.fault = Some(fault),
            }
        });
    }

    /// Reads the board if it is open. `visibly`: somebody waits for it.
    pub(super) async fn read_board(&self, visibly: bool) {
        let location = {
            let state = self.lock();
            if state.login != Login::In {
                return;
            }
            match &state.board {
                Some(view) => view.location,
                None => return,
            }
        };
        if visibly && !self.begin(Busy::ReadingBoard) {
            return;
        }
        let answer = self.server.board(location).await;
        let now = self.world.now();
        self.change(|state| {
            if visibly {
                state.busy = None;
            }
            match answer {
                Ok(board) => {
                    if let Some(view) = state.board.as_mut().filter(|view| view.location == location) {
                        view.board = Some(board);
                        view.read_at = Some(now);
                    }
                }
                // What was read stays on the screen with its age.
                Err(fault) if visibly => state.fault = Some(fault),
                Err(fault) => note(state, fault),
            }
        });
    }
}

impl State {
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
