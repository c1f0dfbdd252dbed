//! What managers keep of a location beside its items: the keys of the register screen, and the shop's tax codes.
//!
//! Invariant: plain data; what was typed becomes such in `typed_settings.rs`.

use crate::{ItemId, LocationId, selling::TaxComponent};
use jiff::civil;
use serde::{Deserialize, Serialize};

/// Keys and taxes as the server has them. What an answer does not tell of is as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct KeptSettings {
    /// All keys of the location, by page and place.
    #[serde(default, rename = "quick_keys")]
    pub keys: Option<Vec<KeptKey>>,
    /// The tax codes of the shop from every date, by code, location and date.
    #[serde(default)]
    pub taxes: Option<Vec<KeptTax>>,
    /// Who is signed in may change taxes.
    pub can_save_taxes: bool,
}

/// A key of the register screen, with the item behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct KeptKey {
    /// The page, from 1.
    pub page: u8,
    /// The place on it, from 1.
    pub place: u8,
    /// What it sells.
    pub item_id: ItemId,
    /// What stands on it; `None`: the item's name.
    pub label: Option<String>,
    /// Its colour; `None`: the plain one.
    pub colour: Option<String>,
    /// The item's name.
    pub name: String,
    /// The item is sold; the key of one that is not is on no register.
    pub is_active: bool,
}

/// A key as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct PlacedKey {
    /// The place, from 1 to 20, once on its page.
    pub place: u8,
    /// What it sells.
    pub item_id: ItemId,
    /// What stands on it, at most 40 letters; empty: the item's name.
    pub label: String,
    /// Its colour; empty: the plain one.
    pub colour: String,
}

/// A tax code from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTax {
    /// Where; `None`: wherever a location has none of its own.
    pub location_id: Option<LocationId>,
    /// The code.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its parts, in order.
    pub components: Vec<TaxComponent>,
    /// The first business date on which it holds.
    pub valid_from: civil::Date,
}

impl KeptSettings {
    /// Takes over what an answer tells of.
    pub(crate) fn learn(&mut self, told: Self) {
        let Self { keys, taxes, can_save_taxes } = told;
        self.keys = keys.or_else(|| self.keys.take());
        self.taxes = taxes.or_else(|| self.taxes.take());
        self.can_save_taxes = can_save_taxes;
    }
}
