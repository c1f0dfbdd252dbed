//! The X and the Z report of a session, as the server drew them up from its ledger.
//!
//! Invariant: nothing here is computed from a time window or on this device; a figure that the server did not return is
//! absent, and a drawer that nobody counted is [`Counted::NotCounted`], never zero.

use crate::{
    Amount, Difference, RegisterId, SessionId, SessionStatus,
    report_lines::ReportLine,
    sales_sheet::SalesSheet,
    session::{CloseKind, Totals},
};
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The sheet of one session. Times are instants, to be shown in [`Report::timezone`]; money is in
/// [`Report::currency`], with that currency's decimal places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Report {
    /// Read in passing (X), or final (Z).
    pub sheet: Sheet,
    /// The session.
    pub session_id: SessionId,
    /// Its number, as people say it.
    pub session_number: String,
    /// The register it held.
    pub register_id: RegisterId,
    /// The register's number.
    pub register_number: String,
    /// The register's name; may be empty.
    pub register_name: String,
    /// The store's name.
    pub location_name: String,
    /// The shop's name as customers know it.
    pub vendor_name: String,
    /// IANA name of the store's time zone.
    pub timezone: String,
    /// ISO 4217 code of the store's currency.
    pub currency: String,
    /// The business date the session belongs to, in the store's zone; unknown in sessions from before it was kept.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub business_date: Option<civil::Date>,
    /// When it was opened, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub opened_at: Timestamp,
    /// Who opened it, where that is known.
    pub opener_name: Option<String>,
    /// Cash in the drawer at the start; unknown in sessions from before it was kept.
    pub opening_cash: Option<Amount>,
    /// Sales, as the session carries them.
    pub totals: Totals,
    /// What the ledger of sales adds; `None` where nothing is sold by this register, and from a server without it.
    #[serde(default)]
    pub selling: Option<Box<SalesSheet>>,
    /// Cash and card, each with what was expected and what was counted.
    pub tenders: Vec<TenderLine>,
    /// The movements, summed by kind.
    pub movements: Vec<MovementSum>,
    /// Each of them by itself, in the order in which they came. Empty where the server does not return them.
    #[serde(default)]
    pub entries: Vec<MovementEntry>,
    /// Everybody who took part, in the order in which they came; the opener is not repeated here unless they joined
    /// again. Empty where the server does not return them.
    pub participants: Vec<Participant>,
    /// Every count that was committed, oldest first. Empty where the server does not return them.
    pub counts: Vec<CountAttempt>,
    /// All of it line by line, as [`Report::draw`] has it, for the window.
    #[serde(default)]
    pub lines: Vec<ReportLine>,
}

/// Which sheet it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Sheet {
    /// The figures so far. It changes nothing and has no number.
    X {
        /// When they were read, server time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        read_at: Timestamp,
        /// Where the session stood.
        status: SessionStatus,
    },
    /// The final figures, written once.
    Z(Box<Settlement>),
}

/// How a session was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Settlement {
    /// Its number: per register, without gaps.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub z_number: u64,
    /// True for every reading of it but the answer to the close itself: it is then printed as a copy.
    pub copy: bool,
    /// When it was settled, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub closed_at: Timestamp,
    /// Who settled it.
    pub closed_by_name: Option<String>,
    /// When the register was freed; the moment of closing unless the count came later.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub ended_at: Option<Timestamp>,
    /// Who freed it.
    pub ended_by_name: Option<String>,
    /// Why it was ended before the count, in free words.
    pub end_reason: Option<String>,
    /// Who ended it: its own people, a manager or the server.
    pub close_kind: CloseKind,
    /// Why the drawer was over or short, or was not counted, in free words.
    pub reason: Option<String>,
    /// The manager who accepted the difference.
    pub approved_by_name: Option<String>,
    /// What stayed in the drawer as the next float; `None` where nobody said.
    pub left_in_drawer: Option<Amount>,
    /// What went to the safe; `None` where nobody said.
    pub taken_out: Option<Amount>,
}

/// A way of paying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum Tender {
    /// Notes and coins.
    Cash,
    /// Card terminals.
    Card,
}

/// One way of paying: what it should have come to, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TenderLine {
    /// The way of paying.
    pub tender: Tender,
    /// Sales paid this way.
    pub sales: Amount,
    /// What should be there, float and movements included for cash; `None` for who may not see it before the count,
    /// and where the float was never known.
    pub expected: Option<Amount>,
    /// What was found.
    pub counted: Counted,
}

/// What a count found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Counted {
    /// Nobody counted it, or not yet. This is not a count of nothing.
    NotCounted,
    /// Somebody did.
    Counted {
        /// What they found.
        amount: Amount,
        /// Over or short; `None` where nothing was expected.
        difference: Option<Difference>,
    },
}

impl Counted {
    /// Over or short; `None` where it was not counted, or nothing was expected.
    #[must_use]
    pub fn difference(self) -> Option<Difference> {
        match self {
            Self::Counted { difference, .. } => difference,
            Self::NotCounted => None,
        }
    }
}

/// The movements of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct MovementSum {
    /// Which kind.
    pub kind: SumKind,
    /// The ledger's own word for it; says more than the kind only where that is `other`.
    pub word: String,
    /// How many.
    pub count: u32,
    /// Their amounts added up, without regard to direction.
    pub amount: Amount,
    /// What they did to the cash in the drawer; `None` in sheets from before it was kept.
    pub effect: Option<Amount>,
}

/// One movement by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct MovementEntry {
    /// Which kind.
    pub kind: SumKind,
    /// The ledger's own word for it; says more than the kind only where that is `other`.
    pub word: String,
    /// Its amount, without regard to direction.
    pub amount: Amount,
    /// What it did to the cash in the drawer; `None` where that is not known.
    pub effect: Option<Amount>,
    /// Why, in free words.
    pub reason: Option<String>,
    /// What else was said to it.
    pub note: Option<String>,
    /// Who recorded it; may be empty.
    pub by_name: String,
    /// When it was done, by the clock of the device where that was told, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
}

/// The kinds of movement on a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum SumKind {
    /// Cash put in that is no sale.
    PayIn,
    /// Cash taken out for an expense.
    PayOut,
    /// Cash taken to the safe.
    SafeDrop,
    /// Change brought from the safe.
    FloatTopUp,
    /// The drawer was opened and no cash moved.
    NoSale,
    /// An earlier movement was taken back.
    Reversal,
    /// A word that only an earlier client wrote.
    Other,
}

/// Somebody who took part in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Participant {
    /// Their name.
    pub name: String,
    /// When they first joined, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub joined_at: Timestamp,
}

/// A count of the drawer that was committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CountAttempt {
    /// At which occasion.
    pub kind: CountKind,
    /// What was found.
    pub amount: Amount,
    /// The notes and coins of it, the largest first; empty where it was counted as one sum.
    #[serde(default)]
    pub pieces: Vec<CountedPieces>,
    /// Who counted.
    pub by_name: String,
    /// When, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub counted_at: Timestamp,
    /// The manager who accepted its difference.
    pub approved_by_name: Option<String>,
}

/// So many notes or coins of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CountedPieces {
    /// What one of them is worth.
    pub face: Amount,
    /// How many.
    pub number: u32,
}

impl CountedPieces {
    /// What they are worth together.
    #[must_use]
    pub fn worth(self) -> Amount {
        (self.face.decimal() * Decimal::from(self.number)).into()
    }
}

/// The occasion of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum CountKind {
    /// At the start.
    Opening,
    /// In between, or a joiner's own amount.
    Spot,
    /// At the end.
    Closing,
}

impl Report {
    /// How it was settled; `None` for an X.
    #[must_use]
    pub fn settlement(&self) -> Option<&Settlement> {
        match &self.sheet {
            Sheet::X { .. } => None,
            Sheet::Z(settlement) => Some(settlement),
        }
    }

    /// Cash: what should be in the drawer, and what was.
    #[must_use]
    pub fn cash(&self) -> Option<&TenderLine> {
        self.tenders.iter().find(|line| line.tender == Tender::Cash)
    }

    /// What the count of the drawer found.
    #[must_use]
    pub fn drawer(&self) -> Counted {
        self.cash().map_or(Counted::NotCounted, |cash| cash.counted)
    }
}
