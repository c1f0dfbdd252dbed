//! What of a till decides which commands may run.
//!
//! Invariant: it is read off the state anew for each question, and kept nowhere.

use super::{
    keeping_state::ImportSituation,
    selling_state::CartState,
    state::{BoardView, Login, State, earlier_day},
};
use crate::{Closing, Device, Role, SessionStatus, closing::Step, count::Needs, lock::Lock};
use jiff::Timestamp;

/// What of a till decides which commands may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Situation {
    pub(super) locked: bool,
    pub(super) login: Login,
    pub(super) person: Person,
    /// The project has only an earlier database part, without ledger, counts, reports and board.
    pub(super) older_server: bool,
    pub(super) place: Place,
    pub(super) settling: Option<Settling>,
    pub(super) board: Board,
    /// The cart; `None` where selling is off, or this till has no letter yet.
    pub(super) cart: Option<CartState>,
}

/// Who works here, as far as their rights go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    Nobody,
    Cashier,
    Manager,
    Owner,
}

/// Where this device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No register was chosen.
    NoRegister,
    /// A register was chosen, and no shift runs here.
    Register,
    /// A start has no answer yet.
    Starting,
    /// The shift is of an earlier business date: does it go on?
    EarlierDay,
    /// The shift runs. `counted_elsewhere`: another device counts its drawer.
    Shift { counted_elsewhere: bool },
    /// The shift is over, and nobody has read so yet.
    Fenced,
    /// Somebody practises between two shifts.
    Practice,
}

/// What is being settled here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settling {
    /// It is the shift that runs here, not another one that a manager settles.
    pub(super) own: bool,
    pub(super) step: SettlingStep,
}

/// Where the settling stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettlingStep {
    Checklist(Obstacles),
    /// A count, its result or the close was asked for.
    Asked,
    /// An end was asked for.
    Ending,
    /// `ended`: the shift was ended before and needs no count.
    Counting {
        ended: bool,
    },
    /// `needs_approval`: a manager has to accept the difference.
    Counted {
        needs_approval: bool,
    },
    /// The count is being given up.
    Leaving,
    /// People read how it came out.
    Done,
}

/// What stands in the way of a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Obstacles {
    /// Entries were not sent, and no manager has let the close go on.
    pub(super) unsent: bool,
    pub(super) counted_elsewhere: bool,
    /// Who is signed in may end that count.
    pub(super) may_take_over: bool,
    /// The shift is of an earlier business date: only a manager ends it without a count.
    pub(super) earlier_day: bool,
    /// Something happened in it.
    pub(super) used: bool,
}

/// What of the board is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Board {
    Closed,
    Registers,
    Day,
    /// The rules of selling, before the owner.
    SellingRules,
    /// The catalogue; with where a file stands that is imported, if one is.
    Catalogue(Option<ImportSituation>),
}

impl State {
    /// The situation of now. `store_time`: by which a shift is of an earlier business date.
    pub(super) fn situation(&self, older_server: bool, store_time: Timestamp) -> Situation {
        let person = match &self.staff {
            None => Person::Nobody,
            Some(staff) if staff.role == Role::Owner => Person::Owner,
            Some(staff) if staff.role.manages() => Person::Manager,
            Some(_) => Person::Cashier,
        };
        let place = match (&self.device, &self.assignment) {
            _ if self.practice.is_some() => Place::Practice,
            (Device::Fenced(_), _) => Place::Fenced,
            (Device::Attached(attached), _) if attached.question => Place::EarlierDay,
            (Device::Attached(attached), _) => {
                Place::Shift { counted_elsewhere: attached.active.session.counting.is_some() }
            }
            (Device::Resolving(_), _) => Place::Starting,
            (Device::Detached(_), Some(_)) => Place::Register,
            (Device::Detached(_), None) => Place::NoRegister,
        };
        let board = match &self.board {
            None => Board::Closed,
            Some(BoardView { keeping: Some(keeping), .. }) => Board::Catalogue(keeping.import_situation()),
            Some(view) if view.rules.is_some() => Board::SellingRules,
            Some(view) if view.day.is_some() => Board::Day,
            Some(_) => Board::Registers,
        };
        let settling = self.closing.as_ref().map(|closing| Settling {
            own: self.is_attached_to(closing.session.id),
            step: self.settling_step(closing, store_time),
        });
        let locked = matches!(self.lock, Lock::Locked(_));
        let selling = &self.practice.as_deref().unwrap_or(self).selling;
        let sells = selling.shop().is_some() && selling.kept.chain.is_some();
        let cart = sells.then(|| selling.cart_state());
        Situation { locked, login: self.login, person, older_server, place, settling, board, cart }
    }

    fn settling_step(&self, closing: &Closing, store_time: Timestamp) -> SettlingStep {
        match &closing.step {
            Step::Checklist(_) => SettlingStep::Checklist(self.obstacles(closing, store_time)),
            Step::Beginning(_) | Step::Committing(_) | Step::Settling(_) => SettlingStep::Asked,
            Step::Ending(_) => SettlingStep::Ending,
            Step::Counting(counting) => SettlingStep::Counting {
                ended: counting.hold.is_none() && closing.session.status == SessionStatus::Ended,
            },
            Step::Counted(counted) => {
                SettlingStep::Counted { needs_approval: self.needs(counted.count.needs) == Needs::Approval }
            }
            Step::Leaving(_) => SettlingStep::Leaving,
            Step::Done(_) => SettlingStep::Done,
        }
    }

    fn obstacles(&self, closing: &Closing, store_time: Timestamp) -> Obstacles {
        let session = &closing.session;
        let unsent = self.unsent(session.id);
        let totals = session.totals;
        let sold = totals.total_transactions != 0
            || [totals.total_sales, totals.total_cash, totals.total_card]
                .iter()
                .any(|amount| !amount.decimal().is_zero());
        Obstacles {
            unsent: unsent > 0 && closing.allowed_by.is_none(),
            counted_elsewhere: session.counting.is_some(),
            may_take_over: self.may_take_over(session),
            earlier_day: earlier_day(session, &closing.location, store_time).is_some(),
            used: sold || unsent + self.unsettled(session.id) > 0 || !self.movements.is_empty(),
        }
    }
}
