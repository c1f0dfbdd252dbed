//! What the ledger of sales adds to a sheet, to the board and to the end of a day, as the server added it up.
//!
//! Invariant: nothing is added up here; a server without the ledger returns none of it, and then there is none.

use crate::{Amount, SaleId, SaleKind, sale::Rate, sale::TenderKind};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

/// The entries of one shift, or of all shifts of a day, that came in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SalesSheet {
    /// Sales, before anything came back.
    pub sales: SalesSum,
    /// Goods that came back.
    pub refunds: EntrySum,
    /// Receipts that were taken back.
    pub voids: EntrySum,
    /// Carts that were thrown away before anybody paid.
    pub discards: EntrySum,
    /// What cash was rounded by; no part of sales or tax.
    pub cash_rounding: Amount,
    /// What is left of each tax after refunds and voids.
    #[serde(default)]
    pub taxes: Vec<TaxSum>,
    /// What is left of each tender likewise.
    #[serde(default)]
    pub tenders: Vec<TenderSum>,
    /// The receipts of each till, and how many of them are not here yet.
    #[serde(default)]
    pub receipts: Vec<TillReceipts>,
    /// What came when its shift was settled already, and stands beside these figures.
    #[serde(default)]
    pub late: Vec<SheetEntry>,
    /// On a Z: what came late of earlier shifts of the register, told here once.
    #[serde(default)]
    pub addendum: Vec<SheetEntry>,
    /// Of one shift: what other clients added to its totals beside the ledger.
    #[serde(default)]
    pub other_clients: Option<OtherClients>,
    /// Of one shift: false where somebody changed what the ledger had added to its totals.
    #[serde(default = "yes")]
    pub ledger_agrees: bool,
}

fn yes() -> bool {
    true
}

/// What sales come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SalesSum {
    /// How many.
    pub count: u32,
    /// Before discounts.
    pub gross: Amount,
    /// Discounts of lines and carts.
    pub discount: Amount,
    /// Without tax.
    pub net: Amount,
    /// Tax.
    pub tax: Amount,
    /// What was to be paid, before the rounding of cash.
    pub total: Amount,
}

/// What entries of one kind come to; zero or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct EntrySum {
    /// How many.
    pub count: u32,
    /// Their totals.
    pub amount: Amount,
}

/// One component of a tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TaxSum {
    /// The tax code.
    pub tax_code: String,
    /// The component's name.
    pub component: String,
    /// Its rate as a fraction.
    pub rate: Rate,
    /// What it was computed from; below zero where more came back than was sold.
    pub base: Amount,
    /// The tax.
    pub tax: Amount,
}

/// One way of paying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TenderSum {
    /// What it is.
    pub kind: TenderKind,
    /// The store's name of an *other*.
    #[serde(default)]
    pub label: Option<String>,
    /// How often.
    pub count: u32,
    /// How much; below zero where more was paid back.
    pub amount: Amount,
}

/// The receipts of one till on its register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TillReceipts {
    /// What its receipts begin with: register and letter, `REG-1-B`.
    pub prefix: String,
    /// The first of the shift.
    #[serde(default)]
    pub first: Option<String>,
    /// The last of the shift.
    #[serde(default)]
    pub last: Option<String>,
    /// How many of the shift.
    #[serde(default)]
    pub count: u32,
    /// How many the till has issued that are not here yet, as far as it was last heard.
    #[serde(default)]
    pub missing: u32,
    /// Their numbers, the first twenty.
    #[serde(default)]
    pub missing_numbers: Vec<String>,
}

/// One entry, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SheetEntry {
    /// The entry.
    pub id: SaleId,
    /// What it is.
    pub kind: SaleKind,
    /// Its number; a discard has none.
    #[serde(default)]
    pub receipt_number: Option<String>,
    /// The shift that it belongs to.
    #[serde(default)]
    pub session_number: Option<String>,
    /// The business date of that shift.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub business_date: Option<civil::Date>,
    /// What it comes to; the kind says in which direction.
    pub total: Amount,
    /// What it did to the cash in the drawer.
    pub net_cash: Amount,
    /// Who recorded it; may be empty.
    #[serde(default)]
    pub by_name: String,
    /// When it came to the server, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub recorded_at: Timestamp,
    /// In the list of a day: whether a manager has settled that it came late.
    #[serde(default)]
    pub settled: Option<bool>,
}

/// An entry on the board that a manager should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct FlaggedEntry {
    /// The entry.
    pub entry: SheetEntry,
    /// Why.
    pub flag: SaleFlag,
    /// Since when, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub flagged_at: Timestamp,
    /// What a manager said to it; `None` until somebody did.
    pub settled: Option<SettledFlag>,
}

/// What a manager said to a flag. It stays on the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SettledFlag {
    /// Who settled it; may be empty.
    pub by_name: String,
    /// When, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// What became of it, in free words; may be empty.
    pub note: String,
}

/// Why a manager should look at an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum SaleFlag {
    /// It came when its shift was settled.
    Late,
    /// More than its maker may do alone.
    OverLimit,
    /// Another price than the catalogue's.
    PriceDiffers,
    /// An item that the catalogue does not have.
    UnknownItem,
    /// A tax that is not in force.
    TaxNotInForce,
    /// A number that another entry has.
    NumberRepeated,
    /// It does not follow from the entry before.
    ChainBroken,
    /// The device's clock is off.
    ClockOff,
    /// A void that met a refund elsewhere: the money was handed out twice.
    RefundBeyond,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// What other clients added to the totals of a shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct OtherClients {
    /// Everything they sold.
    pub total_sales: Amount,
    /// Of it in cash.
    pub total_cash: Amount,
    /// Of it by card.
    pub total_card: Amount,
    /// How many sales; below zero where somebody took some away.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub total_transactions: i64,
}

impl SalesSheet {
    /// Nothing was sold here, nothing is on its way, and nothing is odd: a shop that does not sell by this register, or
    /// not on this day.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let counts = [self.sales.count, self.refunds.count, self.voids.count, self.discards.count];
        counts.iter().all(|count| *count == 0)
            && self.receipts.is_empty()
            && self.late.is_empty()
            && self.addendum.is_empty()
            && self.ledger_agrees
    }
}
