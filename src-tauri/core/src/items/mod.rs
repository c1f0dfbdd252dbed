//! The catalogue as managers keep it: items one by one, and files of them.
//!
//! Invariant: an item that is sent to the server is a [`KeptItem`], and one is made of typed text in one place, [`typed`],
//! by the rules that the database has, so that a screen and a file are refused the same for the same reason.

pub mod compare;
pub mod export;
mod layouts;
mod price;
pub mod settings;
pub mod table;
pub mod typed;
pub mod typed_settings;
pub mod view;

use crate::{Amount, Fault, ItemId, LocationId, selling::ItemCode};
use serde::{Deserialize, Serialize};
use settings::{KeptSettings, KeptTax, PlacedKey};
use std::future::Future;

/// What managers ask of the catalogue on the server. Apart from [`crate::Selling`], which a till asks to sell.
pub trait CatalogueKeeping: Send + Sync + 'static {
    /// A page of the items that somebody looks for, by name; `after`: those behind this one.
    fn items(
        &self,
        location: LocationId,
        text: &str,
        after: Option<ItemId>,
    ) -> impl Future<Output = Result<ItemsPage, Fault>> + Send;
    /// A page of all items, in the order in which they were last changed, those after this version.
    fn all_items(
        &self,
        location: LocationId,
        since: i64,
    ) -> impl Future<Output = Result<ItemsPage, Fault>> + Send;
    /// Saves an item, and answers how it is then. Sent again it changes nothing more. `ItemChanged` where somebody else
    /// changed it after it had this version.
    fn save_item(&self, item: &KeptItem) -> impl Future<Output = Result<KeptItem, Fault>> + Send;
    /// Saves these, at most [`ITEMS_AT_ONCE`], and says which were refused, by their places, counted from 0.
    fn import_items(&self, items: &[KeptItem]) -> impl Future<Output = Result<Vec<Refused>, Fault>> + Send;
    /// The keys of a location's screen and the shop's taxes.
    fn kept_settings(&self, location: LocationId)
    -> impl Future<Output = Result<KeptSettings, Fault>> + Send;
    /// The keys of one page as they are to be; answers how all are then. The one who saves a page last wins.
    fn save_quick_keys(
        &self,
        location: LocationId,
        page: u8,
        keys: &[PlacedKey],
    ) -> impl Future<Output = Result<KeptSettings, Fault>> + Send;
    /// The owner saves a tax, in place of the one of the same code, location and date, or takes it away; answers how all
    /// are then.
    fn save_tax(
        &self,
        tax: &KeptTax,
        is_removed: bool,
    ) -> impl Future<Output = Result<KeptSettings, Fault>> + Send;
}

/// How many items are saved at once: a second's work for a small database, whose statements end after eight.
pub const ITEMS_AT_ONCE: usize = 200;

/// An item of the catalogue with everything that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct KeptItem {
    /// Made by the device that adds it.
    pub id: ItemId,
    /// What the receipt calls it.
    pub name: String,
    /// Its name where there is little room.
    pub short_name: Option<String>,
    /// The shop's own number for it.
    pub sku: Option<String>,
    /// The unit of a quantity, such as kg; `None` for pieces.
    pub unit: Option<String>,
    /// What one costs, in the currency of the location; `None` where the price is typed at the till.
    pub price: Option<Amount>,
    /// The price is typed at the till.
    pub price_is_open: bool,
    /// Its tax code; `None`: no tax.
    pub tax_code: Option<String>,
    /// Its group.
    pub category: Option<String>,
    /// How old a customer must be, in years.
    pub age_limit: Option<u8>,
    /// It is sold.
    pub is_active: bool,
    /// By what it is found.
    pub codes: Vec<ItemCode>,
    /// What it costs at single locations.
    pub prices: Vec<LocationPrice>,
    /// Rises with every change of the item; 0 where the server does not have it yet.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: i64,
}

/// What an item costs at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct LocationPrice {
    /// The location.
    pub location_id: LocationId,
    /// What one costs there, in its currency.
    pub price: Amount,
}

/// A page of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemsPage {
    /// They.
    pub items: Vec<KeptItem>,
    /// There is another page.
    pub more: bool,
    /// The highest version on it, where all are read.
    pub cursor: i64,
    /// Who is signed in may change them.
    pub can_save: bool,
    /// The shop's tax codes.
    pub taxes: Vec<TaxName>,
}

/// A tax code of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TaxName {
    /// The code.
    pub code: String,
    /// What people call it.
    pub name: String,
}

/// An item that an import could not save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its place among those that were sent, counted from 0.
    pub place: usize,
    /// Why.
    pub fault: Fault,
}

/// A field of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the field of that name")]
pub enum ItemField {
    Name,
    ShortName,
    Sku,
    Unit,
    Price,
    PriceIsOpen,
    TaxCode,
    Category,
    AgeLimit,
    IsActive,
    Codes,
    Prices,
}

impl KeptItem {
    /// An item of which nothing is known yet.
    #[must_use]
    pub fn new(id: ItemId) -> Self {
        Self {
            id,
            name: String::new(),
            short_name: None,
            sku: None,
            unit: None,
            price: None,
            price_is_open: false,
            tax_code: None,
            category: None,
            age_limit: None,
            is_active: true,
            codes: Vec::new(),
            prices: Vec::new(),
            version: 0,
        }
    }

    /// In what two of them differ.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Vec<ItemField> {
        use ItemField as F;
        let of = |item: &Self| {
            let mut codes = item.codes.clone();
            codes.sort_by(|one, other| one.code.cmp(&other.code));
            let mut prices = item.prices.clone();
            prices.sort_by_key(|price| price.location_id);
            (codes, prices)
        };
        let ((codes, prices), (other_codes, other_prices)) = (of(self), of(other));
        let same = [
            (F::Name, self.name == other.name),
            (F::ShortName, self.short_name == other.short_name),
            (F::Sku, self.sku == other.sku),
            (F::Unit, self.unit == other.unit),
            (F::Price, self.price == other.price),
            (F::PriceIsOpen, self.price_is_open == other.price_is_open),
            (F::TaxCode, self.tax_code == other.tax_code),
            (F::Category, self.category == other.category),
            (F::AgeLimit, self.age_limit == other.age_limit),
            (F::IsActive, self.is_active == other.is_active),
            (F::Codes, codes == other_codes),
            (F::Prices, prices == other_prices),
        ];
        same.into_iter().filter(|(_, is_same)| !is_same).map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests;
