//! The manager's board: every register of a store at a glance, and the end of its day.
//!
//! Invariant: what the server did not return is absent; a shift that nobody counted is listed as such, never as zero.

use crate::{
    Amount, Difference, RegisterId, RegisterStatus, Report, SaleId, Session, SessionId,
    report::Counted,
    sales_sheet::{FlaggedEntry, OtherClients, SaleFlag, SalesSheet, SettledFlag, TillReceipts},
    session::Totals,
};
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde::Serialize;

/// Every register of a store, as the server returns it to a manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Board {
    /// Today's, in the store's zone.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub business_date: Option<civil::Date>,
    /// Its registers.
    pub registers: Vec<BoardRegister>,
}

/// One register on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct BoardRegister {
    /// Its id.
    pub id: RegisterId,
    /// Its short number.
    pub register_number: String,
    /// Its name.
    pub register_name: String,
    /// In service or retired.
    pub status: RegisterStatus,
    /// How it stands.
    pub state: BoardState,
    /// Since when no device of its open shift was heard of, where that is longer than a register that works is
    /// silent; server time.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub offline_since: Option<Timestamp>,
    /// The open shift.
    pub open_session: Option<Session>,
    /// Its age, whole seconds at the time of reading, by the server's clock.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub open_seconds: Option<i64>,
    /// Ended shifts whose count is owed, oldest first.
    pub uncounted: Vec<Session>,
    /// The last close.
    pub last_close: Option<LastClose>,
    /// The receipts of its tills that are not here yet, as far as each was last heard. Empty where nothing is missing, or
    /// nothing is sold.
    pub receipts: Vec<TillReceipts>,
    /// Entries that a manager should look at and that nobody settled, oldest first, at most a hundred.
    pub flags: Vec<FlaggedEntry>,
    /// What other clients added to the totals of the open shift, where something is sold by this register, too.
    pub other_clients: Option<OtherClients>,
}

/// How a register stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum BoardState {
    /// Out of service.
    Retired,
    /// Nobody works there and nothing is owed.
    Free,
    /// A shift runs.
    Open,
    /// Its drawer is being counted.
    Counting,
    /// Nobody works there, and the count of an ended shift is owed.
    EndedUncounted,
}

/// A register's last close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct LastClose {
    /// The session.
    pub session_id: SessionId,
    /// The number of its Z report.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub z_number: u64,
    /// When, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub closed_at: Timestamp,
    /// Over or short; `None` where it was not counted.
    pub cash_difference: Option<Difference>,
}

/// The end of a business date, as the server returns it to a manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The business date, in the store's zone.
    pub business_date: civil::Date,
    /// Its Z reports, as they were written.
    pub z_reports: Vec<Report>,
    /// Shifts of that date that ended and whose count is owed.
    pub uncounted: Vec<Session>,
    /// Shifts of that date that are still open.
    pub open: Vec<Session>,
    /// What the ledger of sales has of all these shifts; `None` where nothing was sold by a register.
    pub selling: Option<Box<SalesSheet>>,
    /// Entries of these shifts that a manager should look at or has settled, those that nobody settled first; at most 500.
    pub flags: Vec<FlaggedEntry>,
}

/// A Z report in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DayClose {
    /// The session.
    pub session_id: SessionId,
    /// Its register's number.
    pub register_number: String,
    /// The number of the report.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub z_number: u64,
    /// Sales, as the session carries them.
    pub totals: Totals,
    /// What the count of the drawer found.
    pub drawer: Counted,
    /// What went to the safe; `None` where nobody said.
    pub taken_out: Option<Amount>,
}

/// A shift that is not settled yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DayShift {
    /// Its register's number; empty where the board does not show that register.
    pub register_number: String,
    /// It.
    pub session: Session,
}

/// What the Z reports of a business date come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DayTotals {
    /// Sales by whatever tender.
    pub sales: Amount,
    /// Sales in cash.
    pub cash: Amount,
    /// Sales by card.
    pub card: Amount,
    /// Over and short, of the drawers that were counted.
    pub difference: Difference,
    /// Cash that went to the safe at the closes.
    pub taken_out: Amount,
}

impl Board {
    /// A manager has settled this flag.
    pub(crate) fn flag_settled(&mut self, sale_id: SaleId, flag: SaleFlag) {
        for register in &mut self.registers {
            register.flags.retain(|one| (one.entry.id, one.flag) != (sale_id, flag));
        }
    }
}

impl Day {
    /// A manager has settled this flag.
    pub(crate) fn flag_settled(&mut self, sale_id: SaleId, flag: SaleFlag, settled: &SettledFlag) {
        let mut flags = self.flags.iter_mut();
        if let Some(one) = flags.find(|one| (one.entry.id, one.flag) == (sale_id, flag)) {
            one.settled = Some(settled.clone());
        }
        for entry in self.selling.iter_mut().flat_map(|selling| &mut selling.late) {
            if flag == SaleFlag::Late && entry.id == sale_id {
                entry.settled = Some(true);
            }
        }
    }

    /// What its Z reports come to.
    #[must_use]
    pub fn totals(&self) -> DayTotals {
        let sum = |of: &dyn Fn(&Report) -> Option<Amount>| {
            Amount::from(self.z_reports.iter().filter_map(of).map(Amount::decimal).sum::<Decimal>())
        };
        DayTotals {
            sales: sum(&|report| Some(report.totals.total_sales)),
            cash: sum(&|report| Some(report.totals.total_cash)),
            card: sum(&|report| Some(report.totals.total_card)),
            difference: Difference::sum(self.z_reports.iter().filter_map(|one| one.drawer().difference())),
            taken_out: sum(&|report| report.settlement()?.taken_out),
        }
    }
}

impl DayShift {
    /// These sessions, with the numbers of their registers on the board.
    pub(crate) fn of(sessions: &[Session], board: Option<&Board>) -> Vec<Self> {
        let number = |session: &Session| {
            let mut registers = board.into_iter().flat_map(|board| &board.registers);
            let register = registers.find(|register| register.id == session.register_id);
            register.map(|register| register.register_number.clone()).unwrap_or_default()
        };
        let shift = |session: &Session| Self { register_number: number(session), session: session.clone() };
        sessions.iter().map(shift).collect()
    }
}

impl DayClose {
    /// Of a report; `None` for an X.
    pub(crate) fn of(report: &Report) -> Option<Self> {
        let settlement = report.settlement()?;
        Some(Self {
            session_id: report.session_id,
            register_number: report.register_number.clone(),
            z_number: settlement.z_number,
            totals: report.totals,
            drawer: report.drawer(),
            taken_out: settlement.taken_out,
        })
    }
}

/// How one register stands.
#[must_use]
pub fn state_of(status: RegisterStatus, open: Option<&Session>, uncounted: &[Session]) -> BoardState {
    match open {
        Some(session) if session.counting.is_some() => BoardState::Counting,
        Some(_) => BoardState::Open,
        None if !uncounted.is_empty() => BoardState::EndedUncounted,
        None if status == RegisterStatus::Retired => BoardState::Retired,
        None => BoardState::Free,
    }
}
