//! What selling asks of the world: the sales ledger and the catalogue on the server, and the catalogue on this device.
//!
//! Invariant: an entry and an approval carry an id made by the device, so that sending one again records nothing more and
//! gives the same answer.

use crate::{
    Amount, ApprovalId, Code, Fault, ItemId, LocationId, Sale, SaleId, SaleKind, SessionId, Staff,
    sale::{
        ApprovalKind, CartProblem, ChainHead, Item, Original, Quantity, Rate, SaleTender, SellingRules,
        TaxRate, TextProblem,
    },
};
use jiff::{Timestamp, civil};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::future::Future;

/// The sales ledger and the catalogue on the server. Apart from [`crate::ports::Server`] because an older database has
/// neither. Every call has a deadline of its own and distinguishes a lost answer from a refusal by [`Fault::retry`].
pub trait Selling: Send + Sync + 'static {
    /// This device's letter on the register of the session, and where its chain stands as far as the server knows. The
    /// first call assigns the letter.
    fn till(&self, session: SessionId) -> impl Future<Output = Result<ChainHead, Fault>> + Send;
    /// Records an entry; the same id with the same content again records nothing more. `last_receipt`: the highest
    /// receipt that this till has given out, so that the server knows what is still to come.
    fn record_sale(
        &self,
        sale: &Sale,
        last_receipt: u64,
    ) -> impl Future<Output = Result<SaleRecorded, Fault>> + Send;
    /// A page of what changed in the catalogue after `since`; `None`: everything.
    fn catalogue(
        &self,
        location: LocationId,
        since: Option<i64>,
    ) -> impl Future<Output = Result<CataloguePage, Fault>> + Send;
    /// A receipt of the shop, with what can still come back of it.
    fn sale(&self, which: &SaleRef) -> impl Future<Output = Result<SaleOnServer, Fault>> + Send;
    /// A page of the entries of a session, newest first; with `before`, those that came before it. Empty where there are
    /// no more.
    fn sales(
        &self,
        session: SessionId,
        before: Option<SaleId>,
    ) -> impl Future<Output = Result<Vec<SaleSummary>, Fault>> + Send;
    /// By which rules a location sells.
    fn selling_rules(&self, location: LocationId)
    -> impl Future<Output = Result<SellingRules, Fault>> + Send;
    /// The owner changes them; answers how they are then.
    fn save_selling_rules(
        &self,
        location: LocationId,
        change: &RulesChange,
    ) -> impl Future<Output = Result<SellingRules, Fault>> + Send;
    /// A manager beside the cashier signs in, approves these, and is signed out. Those before one that fails stay
    /// approved.
    fn approve_sale(
        &self,
        email: &str,
        password: &SecretString,
        approvals: &[ApprovalAsked],
    ) -> impl Future<Output = Result<Staff, Fault>> + Send;
}

/// The catalogue of a location as this device has it, so that it sells without the server. It can be loaded anew at any
/// time: an implementation that finds its copy damaged starts again with an empty one.
pub trait Catalogue: Send + Sync + 'static {
    /// What to ask the server for next: what changed after this; `None`: everything.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be read.
    fn cursor(&self, location: LocationId) -> Result<Option<i64>, Fault>;
    /// Takes up the page that [`Catalogue::cursor`] asked for, whole or not at all. Until the last page of a first load
    /// the items that were there before are found, then the new ones.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be written.
    fn apply(&self, location: LocationId, page: &CataloguePage) -> Result<(), Fault>;
    /// An item by its id.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be read.
    fn item(&self, location: LocationId, id: ItemId) -> Result<Option<Item>, Fault>;
    /// The item that has this code, or this number of the shop's own. Of a scan each of
    /// [`lookups`](crate::scan::Scan::lookups) is asked for.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be read.
    fn by_code(&self, location: LocationId, code: &str) -> Result<Option<FoundItem>, Fault>;
    /// What somebody means who typed this, the likeliest first, at most [`MOST_FOUND`]: by code, by the beginnings of words
    /// in any order, or, where that finds nothing, by three or more letters within words.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be read.
    fn search(&self, location: LocationId, typed: &str) -> Result<Vec<FoundItem>, Fault>;
}

/// The most items that a search finds.
pub const MOST_FOUND: usize = 20;

/// An item that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundItem {
    /// The item.
    pub item: Item,
    /// The shop's own number for it.
    pub sku: Option<String>,
    /// How many of it the code stands for by which it was found; else one.
    pub factor: Quantity,
}

/// What became of an entry that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleRecorded {
    /// It came after its session was settled: on record, in no total of it.
    pub late: bool,
    /// What a manager should look at, in the words of the contract.
    pub flags: Vec<String>,
    /// The revision of its session, with it.
    pub revision: i64,
    /// It was on record already.
    pub replayed: bool,
}

/// The rules of selling as an owner wants them at a location. Amounts and parts are as typed; empty: no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct RulesChange {
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Selling is on.
    pub selling_on: bool,
    /// Prices are with tax.
    pub prices_include_tax: bool,
    /// What cash is rounded to; `None` where there is a coin for every amount.
    pub cash_step: Option<String>,
    /// How much a cashier may take off alone, in per cent.
    pub discount_percent_limit: Option<String>,
    /// The largest sale of a cashier alone.
    pub sale_limit: Option<String>,
    /// The largest refund of a cashier alone.
    pub refund_limit: Option<String>,
    /// The largest void of a cashier.
    pub void_limit: Option<String>,
    /// Cashiers charge another price than the catalogue's alone.
    pub price_override: bool,
    /// Goods come back without a receipt.
    pub no_receipt_refund: bool,
    /// Names of other tenders, at most six.
    pub other_tenders: Vec<String>,
    /// What stands above the lines on paper.
    pub receipt_header: Option<String>,
    /// What stands below them.
    pub receipt_footer: Option<String>,
}

/// A part of the catalogue of a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CataloguePage {
    /// What to ask for next: everything up to it is known once this page is.
    pub cursor: i64,
    /// There is another page.
    pub more: bool,
    /// Items that are new or different.
    pub items: Vec<CatalogueItem>,
    /// Items that are no longer sold.
    pub removed: Vec<ItemId>,
    /// By which rules it is sold; `None` where nothing changed, and in every page but the last.
    pub settings: Option<ShopSettings>,
}

/// An item as the catalogue holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueItem {
    /// What a sale needs of it.
    pub item: Item,
    /// Its name where there is little room.
    pub short_name: Option<String>,
    /// The shop's own number for it.
    pub sku: Option<String>,
    /// Its group.
    pub category: Option<String>,
    /// By what it is found besides.
    pub codes: Vec<ItemCode>,
    /// Rises with every change of the item.
    pub version: i64,
}

/// A code of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ItemCode {
    /// As it is scanned or typed.
    pub code: String,
    /// How many of the item it stands for: 6 on the box of six.
    pub factor: Quantity,
}

/// By which rules a location sells, and the keys of its screen. Kept in the device's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopSettings {
    /// ISO 4217.
    pub currency: String,
    /// The rules.
    pub rules: SellingRules,
    /// The tax codes in force, and those to come.
    pub taxes: Vec<TaxInForce>,
    /// The keys of the screen.
    pub keys: Vec<QuickKey>,
    /// Up to where of the catalogue they were read; never from the server. The catalogue has a file of its own, which can
    /// be ahead of the one that these are kept in.
    #[serde(default)]
    pub read_at: Option<i64>,
}

/// A tax code from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxInForce {
    /// The code.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its parts, in order.
    pub components: Vec<TaxComponent>,
    /// The first business date on which it holds; until a later one of the same code does.
    pub valid_from: civil::Date,
}

/// A part of a tax code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxComponent {
    /// Its name, once in its code.
    pub name: String,
    /// Its rate as a fraction.
    pub rate: Rate,
}

/// A key of the selling screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickKey {
    /// The page, from 1.
    pub page: u8,
    /// The place on it, from 1.
    pub place: u8,
    /// What it sells.
    pub item_id: ItemId,
    /// What stands on it; `None`: the item's name.
    #[serde(default)]
    pub label: Option<String>,
    /// Its colour.
    #[serde(default)]
    pub colour: Option<String>,
    /// The item as the catalogue on this device has it; never from the server.
    #[serde(default)]
    pub item: Option<Item>,
}

impl ShopSettings {
    /// The tax rates in force on a business date.
    #[must_use]
    pub fn rates(&self, date: civil::Date) -> Vec<TaxRate> {
        let has_come = |tax: &&TaxInForce| tax.valid_from <= date;
        let is_latest = |tax: &&TaxInForce| {
            let later = |other: &TaxInForce| other.code == tax.code && other.valid_from > tax.valid_from;
            !self.taxes.iter().filter(has_come).any(later)
        };
        let in_force = self.taxes.iter().filter(has_come).filter(is_latest);
        let rates = in_force.flat_map(|tax| {
            tax.components.iter().map(|part| TaxRate {
                tax_code: tax.code.clone(),
                component: part.name.clone(),
                rate: part.rate,
            })
        });
        rates.collect()
    }
}

/// By what a receipt is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaleRef {
    /// Its id.
    Id(SaleId),
    /// Its number as printed, in any case.
    Number(String),
}

/// A receipt as the server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleOnServer {
    /// The entry, and what came back of it. Of what is no sale, or was voided, nothing is left.
    pub original: Original,
    /// Who sold; may be empty.
    pub by_name: String,
    /// The business date of its session.
    pub business_date: Option<civil::Date>,
    /// When the server recorded it.
    pub recorded_at: Timestamp,
    /// It came after its session was settled.
    pub late: bool,
    /// What a manager should look at, in the words of the contract.
    pub flags: Vec<String>,
    /// It was taken back whole, by a void.
    pub voided: bool,
    /// The refunds of it, and its void, oldest first.
    pub refunds: Vec<SaleSummary>,
}

/// An entry in one line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleSummary {
    /// Its id.
    pub id: SaleId,
    /// As printed; a discard has none.
    pub receipt_number: Option<String>,
    /// What it is.
    pub kind: SaleKind,
    /// What it takes back.
    pub original_id: Option<SaleId>,
    /// What it came to, before the rounding of cash, in the currency of the location.
    pub total: Amount,
    /// How it was paid, or paid back.
    pub tenders: Vec<SaleTender>,
    /// Who made it; may be empty.
    pub by_name: String,
    /// When the server recorded it.
    pub recorded_at: Timestamp,
    /// What the clock of the device said.
    pub device_time: Option<Timestamp>,
    /// It came after its session was settled.
    pub late: bool,
    /// What a manager should look at, in the words of the contract.
    pub flags: Vec<String>,
}

/// An approval that a manager is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalAsked {
    /// Made here, so that asking again approves nothing more.
    pub id: ApprovalId,
    /// What is approved.
    pub kind: ApprovalKind,
    /// For which entry.
    pub sale_id: SaleId,
    /// In which session.
    pub session_id: SessionId,
    /// Up to how much: of a discount all discounts together, else the total. A price needs none.
    pub limit: Option<Amount>,
    /// Why, in free words; may be empty.
    pub note: String,
}

impl From<CartProblem> for Fault {
    fn from(problem: CartProblem) -> Self {
        let code = match &problem {
            CartProblem::Figures(_) => Code::BadFigure,
            CartProblem::Text(TextProblem::TooLong(_)) => Code::TextTooLong,
            CartProblem::Text(TextProblem::CardNumber) => Code::CardNumber,
            CartProblem::NoSuchLine => Code::NoSuchLine,
            CartProblem::Empty => Code::CartEmpty,
            CartProblem::PriceNeeded => Code::PriceNeeded,
            CartProblem::AgeToCheck(_) => Code::AgeToCheck,
            CartProblem::ApprovalNeeded(_) => Code::SaleNeedsApproval,
            CartProblem::NotAllowed => Code::ManagerRequired,
            CartProblem::MoneyTaken => Code::MoneyTaken,
            CartProblem::ParkedFull => Code::ParkedFull,
            CartProblem::CannotVoid => Code::CannotVoid,
            CartProblem::OutcomeUnknown => Code::OutcomeUnknown,
        };
        Self::new(code, problem.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_tax_that_has_come_is_in_force() {
        let tax = |code: &str, from: &str, rate: &str| TaxInForce {
            code: code.into(),
            name: code.into(),
            components: [("State", rate), ("City", "0.01")]
                .map(|(name, rate)| TaxComponent { name: name.into(), rate: rate.parse().unwrap() })
                .into(),
            valid_from: from.parse().unwrap(),
        };
        let rules = r#"{"selling_on": true, "prices_include_tax": false, "price_override": false, "no_receipt_refund": true}"#;
        let settings = ShopSettings {
            currency: "USD".into(),
            rules: serde_json::from_str(rules).unwrap(),
            taxes: vec![
                tax("A", "2020-01-01", "0.05"),
                tax("A", "2027-01-01", "0.06"),
                tax("B", "2027-01-01", "0.2"),
            ],
            keys: vec![],
            read_at: None,
        };
        let on = |date: &str| -> Vec<String> {
            let rates = settings.rates(date.parse().unwrap());
            rates.iter().map(|rate| format!("{} {} {}", rate.tax_code, rate.component, rate.rate)).collect()
        };
        assert_eq!(on("2019-12-31"), Vec::<String>::new());
        assert_eq!(on("2026-12-31"), ["A State 0.05", "A City 0.01"]);
        assert_eq!(on("2027-01-01"), ["A State 0.06", "A City 0.01", "B State 0.2", "B City 0.01"]);
        let kept = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<ShopSettings>(&kept).unwrap(), settings, "the device keeps it");
    }

    #[test]
    fn a_problem_of_the_cart_is_no_decision_of_the_server() {
        let problem = CartProblem::AgeToCheck(18);
        let fault = Fault::from(problem);
        assert_eq!((fault.code, fault.is_decision()), (Code::AgeToCheck, false));
        assert!(fault.detail.contains("18"), "{}", fault.detail);
    }
}
