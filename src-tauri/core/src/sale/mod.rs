//! What a sale comes to, and what an entry of the sales ledger is.
//!
//! Invariants: nothing is edited, so refunds and voids are entries of their own; every figure is positive and the kind of
//! entry carries the sign; each figure is computed in one place here and in one place in the database, and both answer
//! the shared vectors in `tests/vectors` alike.
//!
//! The rules A1 to A10 stand in `docs/receipts.md`; a figure that breaks one is refused by its number.

mod cart;
mod chain;
mod check;
mod editing;
mod exact;
mod figures;
mod kept;
mod numbers;
mod paying;
mod refund;
mod returning;
mod returns;
mod rules;
mod seal;
mod text;
mod view;

pub use cart::{Cart, MOST_PARKED, Parked, recall};
pub use chain::{ChainHead, Sealed, Stamp, receipt_number, receipt_part, till_letters};
pub use check::check;
pub use editing::{AmountKey, Approval, CartLine, CartProblem, Editing, Item, approved_by};
pub use exact::Half;
pub use figures::{
    CashDue, Discount, Figures, LineFigures, Payment, PricedLine, Sums, TaxRate, Terms, cash_due, price,
};
pub use kept::{Accepted, KeptReceipt, MOST_REMEMBERED};
pub use numbers::{Percent, Quantity, Rate};
pub use paying::{Credit, Paying, Taken, next_notes};
pub use refund::{LeftOfLine, Returned, check_refund, check_void, refund, what_is_left};
pub use returning::{PaidBack, Returning};
pub use returns::{AwaitingServer, Original, RefundRequest, void, void_needs};
pub use rules::{Act, ApprovalKind, Permission, SellingRules, discount_allowed, permission};
pub use seal::{Digest, canonical, digest, seal};
pub(crate) use text::NOTE;
pub(crate) use text::one_line;
pub use text::{TextProblem, free_text, holds_card_number};
pub use view::{CartLineView, CartStage, CartTaxView, CartView};

use crate::{Amount, ApprovalId, ItemId, SaleId, SessionId, UserId, currency};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an entry of the sales ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum SaleKind {
    /// Goods against money.
    Sale,
    /// Money back for goods, with or without the original receipt.
    Refund,
    /// A whole receipt taken back, as if it had never been.
    Void,
    /// A cart thrown away before it was paid; it has no receipt.
    Discard,
}

impl SaleKind {
    /// The name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Refund => "refund",
            Self::Void => "void",
            Self::Discard => "discard",
        }
    }

    /// By what a positive figure is multiplied for its effect on the session.
    pub(crate) fn sign(self) -> i128 {
        match self {
            Self::Sale => 1,
            Self::Refund | Self::Void => -1,
            Self::Discard => 0,
        }
    }
}

/// An entry of the sales ledger, as it is chained, kept and sent. The fields are the arguments of `pos_record_sale`
/// without their `p_`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Sale {
    /// Exists since the first line of the cart.
    pub id: SaleId,
    /// The session that it belongs to.
    pub session_id: SessionId,
    /// What it is.
    pub kind: SaleKind,
    /// Number and place in the chain of its till.
    pub receipt: Receipt,
    /// What was sold, or came back.
    pub lines: Vec<SaleLine>,
    /// The tax in it, row by row.
    pub taxes: Vec<SaleTax>,
    /// How it was paid, or paid back.
    pub tenders: Vec<SaleTender>,
    /// What it comes to.
    pub totals: SaleTotals,
    /// The entry that a refund or a void takes back.
    #[serde(default)]
    pub original_id: Option<SaleId>,
    /// Why, from a short list.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why, in free words.
    #[serde(default)]
    pub note: Option<String>,
    /// The approval that allowed it.
    #[serde(default)]
    pub approval_id: Option<ApprovalId>,
    /// Somebody looked whether the customer is old enough.
    #[serde(default)]
    pub age_checked: bool,
    /// What the clock of this device said, UTC, in whole microseconds.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub device_time: Timestamp,
    /// Who sold.
    pub recorded_by: UserId,
}

/// Number of an entry and its place in the chain of its till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Receipt {
    /// The till's letter on its register: 1 is A, 27 is AA.
    pub till: u16,
    /// Counts the receipts of the till from 1; a discard has none.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub seq: Option<u64>,
    /// As printed, `REG-1-B-000042`; a discard has none.
    #[serde(default)]
    pub number: Option<String>,
    /// Counts all entries of the till from 1.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub chain_seq: u64,
    /// Hash of the entry before; 64 zeros for the first.
    pub prev_hash: Digest,
    /// SHA-256 of the previous hash and the canonical content.
    pub hash: Digest,
}

/// A line of a receipt; its number is its place, from 1. Amounts are zero or more, in the currency of the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SaleLine {
    /// The item of the catalogue; `None` for an amount that was typed.
    #[serde(default)]
    pub item_id: Option<ItemId>,
    /// What the receipt calls it.
    #[serde(default)]
    pub name: Option<String>,
    /// The code that was scanned or typed.
    #[serde(default)]
    pub code: Option<String>,
    /// The unit of the quantity, such as kg.
    #[serde(default)]
    pub unit: Option<String>,
    /// How many, or how much.
    pub quantity: Quantity,
    /// What one is charged.
    pub unit_price: Amount,
    /// Before discounts.
    pub gross: Amount,
    /// Discount on this line.
    #[serde(default)]
    pub discount: Amount,
    /// Share of the discount on the whole cart.
    #[serde(default)]
    pub cart_discount: Amount,
    /// What is charged.
    pub net: Amount,
    /// The tax code; `None` for an item without tax.
    #[serde(default)]
    pub tax_code: Option<String>,
    /// In a refund or a void: the number of the line of the original.
    #[serde(default)]
    pub original_line: Option<u32>,
    /// What the catalogue said one costs, where that is known.
    #[serde(default)]
    pub list_price: Option<Amount>,
    /// Why the discount or the other price.
    #[serde(default)]
    pub discount_reason: Option<String>,
}

/// One component of a tax code on a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SaleTax {
    /// The code.
    pub tax_code: String,
    /// The component's name.
    pub component: String,
    /// Its rate as a fraction.
    pub rate: Rate,
    /// Σ net of the lines with this code; with the tax where prices include it.
    pub base: Amount,
    /// The tax.
    pub tax: Amount,
}

/// How money changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum TenderKind {
    /// Notes and coins.
    Cash,
    /// A card, on a terminal of its own.
    Card,
    /// What the store names: a voucher, a transfer.
    Other,
}

impl TenderKind {
    /// The name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Card => "card",
            Self::Other => "other",
        }
    }
}

/// One tender of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SaleTender {
    /// What it is.
    pub kind: TenderKind,
    /// The store's name of an *other*.
    #[serde(default)]
    pub label: Option<String>,
    /// What it settled; of cash what was due in cash. Above zero.
    pub amount: Amount,
    /// In a sale, for cash only: what the customer handed over.
    #[serde(default)]
    pub tendered: Option<Amount>,
    /// In a sale, for cash only: what the customer got back.
    #[serde(default)]
    pub change: Option<Amount>,
    /// A number of the terminal's slip or the voucher.
    #[serde(default)]
    pub reference: Option<String>,
}

/// What an entry comes to, and by which terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SaleTotals {
    /// ISO 4217.
    pub currency: String,
    /// Prices are with tax.
    pub prices_include_tax: bool,
    /// What cash was rounded to; `None` where there is cash for every amount.
    #[serde(default)]
    pub cash_step: Option<Amount>,
    /// Where a half went.
    #[serde(default)]
    pub cash_half: Half,
    /// Σ gross of the lines.
    pub gross: Amount,
    /// Σ discounts of lines and cart.
    #[serde(default)]
    pub discount: Amount,
    /// Without tax.
    pub net: Amount,
    /// Σ tax.
    pub tax: Amount,
    /// What is to be paid, before the rounding of cash.
    pub total: Amount,
    /// Due in cash less what was due; may be below zero, no part of sales or tax.
    #[serde(default)]
    pub cash_rounding: Amount,
    /// Effect on the cash of the session, with its sign.
    #[serde(default)]
    pub net_cash: Amount,
    /// Effect on its card sales.
    #[serde(default)]
    pub net_card: Amount,
    /// Effect on its other tenders.
    #[serde(default)]
    pub net_other: Amount,
}

impl SaleTotals {
    /// By which terms it came about.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            currency: self.currency.clone(),
            prices_include_tax: self.prices_include_tax,
            cash_step: self.cash_step,
            cash_half: self.cash_half,
        }
    }

    /// The sums alone.
    #[must_use]
    pub fn sums(&self) -> Sums {
        let Self { gross, discount, net, tax, total, .. } = *self;
        Sums { gross, discount, net, tax, total }
    }

    /// Decimal places of the currency.
    #[must_use]
    pub fn places(&self) -> u32 {
        currency::places(&self.currency)
    }

    /// Effects of zero.
    fn new(sums: Sums, terms: &Terms) -> Self {
        let nothing = exact::amount(0, terms.places());
        Self {
            currency: terms.currency.clone(),
            prices_include_tax: terms.prices_include_tax,
            cash_step: terms.cash_step,
            cash_half: terms.cash_half,
            gross: sums.gross,
            discount: sums.discount,
            net: sums.net,
            tax: sums.tax,
            total: sums.total,
            cash_rounding: nothing,
            net_cash: nothing,
            net_card: nothing,
            net_other: nothing,
        }
    }
}

/// The rules of the arithmetic; the names are those of the contract's `rule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rule {
    /// Bounds of quantities, amounts and counts.
    A1,
    /// Gross of a line.
    A2,
    /// Discount of a line.
    A3,
    /// Division of the cart's discount, net of a line.
    A4,
    /// Taxes.
    A5,
    /// Totals.
    A6,
    /// Cash rounding.
    A7,
    /// Tenders and change.
    A8,
    /// Refunds and voids.
    A9,
    /// Effects on the session.
    A10,
}

/// A figure that cannot be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Broken {
    /// The rule that it breaks.
    pub rule: Rule,
    /// The field.
    pub field: &'static str,
    /// The place from 1 of the line, tax row or tender; `None` for the whole.
    pub no: Option<u32>,
    /// What it should be, or its bounds in words.
    pub expected: String,
    /// What it is.
    pub got: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, field, expected, got, .. } = self;
        match self.no {
            Some(no) => write!(f, "{rule:?}: {field} of no. {no} is {got}, expected {expected}"),
            None => write!(f, "{rule:?}: {field} is {got}, expected {expected}"),
        }
    }
}

impl Broken {
    fn new(rule: Rule, field: &'static str, expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Self { rule, field, no: None, expected: expected.to_string(), got: got.to_string() }
    }

    /// The same, of the line, row or tender at this index.
    fn at(self, index: usize) -> Self {
        Self { no: u32::try_from(index + 1).ok(), ..self }
    }
}

/// The most lines that a receipt has.
pub const MOST_LINES: usize = 500;
/// The most tenders that a receipt has.
pub const MOST_TENDERS: usize = 8;

#[cfg(test)]
mod tests;
