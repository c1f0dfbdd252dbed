//! What a store sells: the catalogue on the server, and a device's copy of it.
//!
//! Invariant: the copy can be gone at any time, and is whole again after it was read.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fastrand::Rng;
use onetill_core::{
    Fault, ItemId, LocationId,
    sale::Item,
    selling::{
        Catalogue, CatalogueItem, CataloguePage, FoundItem, ItemCode, QuickKey, ShopSettings, TaxComponent,
        TaxInForce,
    },
};
use serde_json::json;
use uuid::Uuid;

/// The catalogue of one location on the server.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) location: LocationId,
    pub(crate) settings: ShopSettings,
    pub(crate) items: Vec<CatalogueItem>,
    /// Rises with every change.
    pub(crate) version: i64,
    /// When the settings were changed last.
    pub(crate) settings_at: i64,
}

impl Default for Shop {
    /// One that sells nothing.
    fn default() -> Self {
        let rules = json!({"selling_on": false, "prices_include_tax": false, "price_override": false,
            "no_receipt_refund": true, "discount_percent_limit": "10", "refund_limit": "50.00", "void_limit": "50.00"});
        Self {
            location: LocationId(Uuid::nil()),
            settings: ShopSettings {
                currency: "USD".to_owned(),
                rules: serde_json::from_value(rules).expect("rules"),
                taxes: Vec::new(),
                keys: Vec::new(),
                read_at: None,
            },
            items: Vec::new(),
            version: 0,
            settings_at: 0,
        }
    }
}

impl Shop {
    /// What the first shop of this seed sells.
    pub(crate) fn new(seed: u64, location: LocationId) -> Self {
        let mut rng = Rng::with_seed(seed ^ 0x5e11);
        let some = |rng: &mut Rng, value: &str| rng.bool().then(|| value.to_owned());
        let rules = json!({
            "selling_on": rng.u8(0..8) > 0,
            "country": "US",
            "prices_include_tax": rng.bool(),
            "cash_step": some(&mut rng, "0.05"),
            "discount_percent_limit": some(&mut rng, "10"),
            "sale_limit": some(&mut rng, "100.00"),
            "void_limit": some(&mut rng, "50.00"),
            "price_override": rng.bool(),
            "no_receipt_refund": true,
            "other_tenders": ["Voucher"],
        });
        let item = |number: u128, name: &str, price: Option<&str>, tax: Option<&str>, age| Item {
            id: ItemId(Uuid::from_u128(0x17e8 << 112 | u128::from(seed) << 8 | number)),
            name: name.to_owned(),
            unit: None,
            price: price.map(|price| price.parse().expect("a price")),
            price_is_open: price.is_none(),
            tax_code: tax.map(str::to_owned),
            age_limit: age,
        };
        let mut items = [
            item(1, "Mug", Some("12.50"), Some("SALES"), None),
            item(2, "Bread", None, None, None),
            item(3, "Beer", Some("3.20"), Some("SALES"), Some(21)),
            item(4, "Cheese", Some("24.90"), None, None),
        ]
        .map(|item| CatalogueItem {
            item,
            short_name: None,
            sku: None,
            category: None,
            codes: Vec::new(),
            version: 1,
        });
        // Codes are the vendor's, so that each seed has its own.
        let code = |code: &str, factor: &str| ItemCode {
            code: code.to_owned(),
            factor: factor.parse().expect("a quantity"),
        };
        items[0].codes = vec![code(&own_code(seed, 0), "1"), code(&own_code(seed, 1), "6")];
        let key = |place: u8| QuickKey {
            page: 1,
            place,
            item_id: items[usize::from(place) - 1].item.id,
            label: None,
            colour: None,
            item: None,
        };
        let part = |name: &str, rate: &str| TaxComponent {
            name: name.to_owned(),
            rate: rate.parse().expect("a rate"),
        };
        let settings = ShopSettings {
            currency: "USD".to_owned(),
            rules: serde_json::from_value(rules).expect("rules"),
            taxes: vec![TaxInForce {
                code: "SALES".to_owned(),
                name: "Sales tax".to_owned(),
                components: vec![part("State", "0.0475"), part("County", "0.025")],
                valid_from: "2020-01-01".parse().expect("a date"),
            }],
            keys: (1..=3).map(key).collect(),
            read_at: None,
        };
        Self { location, settings, items: items.into(), version: 1, settings_at: 1 }
    }

    /// What changed since.
    pub(crate) fn page(&self, since: Option<i64>) -> CataloguePage {
        let is_news = |version: i64| since.is_none_or(|since| version > since);
        CataloguePage {
            cursor: self.version,
            more: false,
            items: self.items.iter().filter(|item| is_news(item.version)).cloned().collect(),
            removed: Vec::new(),
            settings: is_news(self.version).then(|| self.settings.clone()),
        }
    }

    /// Somebody in the office gives an item another price.
    pub(crate) fn reprice(&mut self, which: usize, price: &str) -> ItemId {
        self.version += 1;
        let version = self.version;
        let priced: Vec<usize> =
            (0..self.items.len()).filter(|at| self.items[*at].item.price.is_some()).collect();
        let one = &mut self.items[priced[which % priced.len()]];
        one.item.price = Some(price.parse().expect("a price"));
        one.version = version;
        one.item.id
    }

    /// A tax is another from now on, whoever has begun by the old one.
    pub(crate) fn retax(&mut self, rate: &str) {
        self.version += 1;
        self.settings_at = self.version;
        for tax in &mut self.settings.taxes {
            tax.components[0].rate = rate.parse().expect("a rate");
        }
    }
}

/// A code that only this seed's store has.
pub(crate) fn own_code(seed: u64, number: u64) -> String {
    let body = format!("4{:011}", (seed % 9_999_999_999) * 10 + number);
    let digits = body.bytes().zip([1, 3].into_iter().cycle());
    let sum: u32 = digits.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A device's copy.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<BTreeMap<LocationId, Copied>>);

#[derive(Clone, Debug, Default)]
struct Copied {
    cursor: i64,
    items: BTreeMap<ItemId, CatalogueItem>,
}

impl Clone for Shelf {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.copies().clone()))
    }
}

impl Shelf {
    fn copies(&self) -> MutexGuard<'_, BTreeMap<LocationId, Copied>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file is gone.
    pub(crate) fn lose(&self) {
        self.copies().clear();
    }

    /// What it has of a store.
    pub(crate) fn items(&self, location: LocationId) -> Vec<CatalogueItem> {
        let copies = self.copies();
        copies.get(&location).map(|copy| copy.items.values().cloned().collect()).unwrap_or_default()
    }
}

impl Catalogue for Shelf {
    fn cursor(&self, location: LocationId) -> Result<Option<i64>, Fault> {
        Ok(self.copies().get(&location).map(|copy| copy.cursor))
    }

    fn apply(&self, location: LocationId, page: &CataloguePage) -> Result<(), Fault> {
        let mut copies = self.copies();
        let copy = copies.entry(location).or_default();
        copy.cursor = page.cursor;
        copy.items.extend(page.items.iter().map(|item| (item.item.id, item.clone())));
        copy.items.retain(|id, _| !page.removed.contains(id));
        Ok(())
    }

    fn item(&self, location: LocationId, id: ItemId) -> Result<Option<Item>, Fault> {
        Ok(self.copies().get(&location).and_then(|copy| copy.items.get(&id)).map(|one| one.item.clone()))
    }

    fn by_code(&self, location: LocationId, code: &str) -> Result<Option<FoundItem>, Fault> {
        let copies = self.copies();
        let items = copies.get(&location).into_iter().flat_map(|copy| copy.items.values());
        let found = items.flat_map(|one| one.codes.iter().map(move |known| (one, known)));
        let found = found.into_iter().find(|(_, known)| known.code == code);
        Ok(found.map(|(one, known)| FoundItem {
            item: one.item.clone(),
            sku: one.sku.clone(),
            factor: known.factor,
        }))
    }

    fn search(&self, _location: LocationId, _typed: &str) -> Result<Vec<FoundItem>, Fault> {
        // No machine asks for it: the window does.
        Ok(Vec::new())
    }
}
