//! The receipts that a till made, as its own file keeps them for a week.
//!
//! Invariant: what is kept is the entry that was chained and sent, so that a copy on paper says what the original said.

use super::{Sale, TenderKind};
use crate::{Amount, selling::SaleRecorded};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A receipt of this till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReceipt {
    /// The entry.
    pub sale: Sale,
    /// Who made it, as people say it.
    pub by_name: String,
    /// The number of the receipt that it takes back.
    #[serde(default)]
    pub original_number: Option<String>,
    /// Who approved something of it, as people say it.
    #[serde(default)]
    pub approved_by: Option<String>,
    /// When, UTC: by the server's clock as far as this computer knew it, and not before the receipt before.
    pub made_at: Timestamp,
    /// What the server said to it; `None` until it did.
    #[serde(default)]
    pub accepted: Option<Accepted>,
}

/// That the server has an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Its session was settled before it came.
    pub late: bool,
    /// What a manager should look at, in the words of the contract.
    pub flags: Vec<String>,
}

impl From<SaleRecorded> for Accepted {
    fn from(recorded: SaleRecorded) -> Self {
        Self { late: recorded.late, flags: recorded.flags }
    }
}

/// The most receipts that a till remembers while it runs; its file keeps more.
pub const MOST_REMEMBERED: usize = 200;

impl KeptReceipt {
    /// A receipt that takes nothing back, that needed nobody's approval, and that the server has said nothing to yet.
    #[must_use]
    pub fn new(sale: Sale, by_name: String, made_at: Timestamp) -> Self {
        Self { sale, by_name, original_number: None, approved_by: None, made_at, accepted: None }
    }

    /// Its number; empty for what has none.
    #[must_use]
    pub fn number(&self) -> &str {
        self.sale.receipt.number.as_deref().unwrap_or_default()
    }

    /// What the customer handed over in cash; `None` where no cash was taken.
    #[must_use]
    pub fn tendered(&self) -> Option<Amount> {
        self.sale.tenders.iter().find_map(|tender| tender.tendered)
    }

    /// What goes back in cash: the change of a sale, the money of a refund or a void.
    #[must_use]
    pub fn cash_back(&self) -> Amount {
        let change = self.sale.tenders.iter().find_map(|tender| tender.change);
        change.unwrap_or_else(|| self.given_back(|kind| kind == TenderKind::Cash))
    }

    /// What a refund or a void gives back otherwise.
    #[must_use]
    pub fn other_back(&self) -> Amount {
        self.given_back(|kind| kind != TenderKind::Cash)
    }

    /// Whether the drawer has to open for it.
    #[must_use]
    pub fn moves_cash(&self) -> bool {
        self.sale.tenders.iter().any(|tender| tender.kind == TenderKind::Cash)
    }

    fn given_back(&self, which: impl Fn(TenderKind) -> bool) -> Amount {
        if self.sale.kind.sign() >= 0 {
            return Amount::ZERO;
        }
        let tenders = self.sale.tenders.iter().filter(|tender| which(tender.kind));
        Amount::from(tenders.map(|tender| tender.amount.decimal()).sum::<rust_decimal::Decimal>())
    }
}
