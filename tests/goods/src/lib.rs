//! Catalogues as large as wanted, in six languages: for tests, the demo store and benchmarks.
//!
//! Invariant: an item follows from its seed and its number alone, so that every run of anything makes up the same ones, and
//! no two items share id, number of their own or code, those of another seed included.

mod words;

use fastrand::Rng;
use onetill_core::items::{KeptItem, LocationPrice};
use onetill_core::sale::{Item, Quantity};
use onetill_core::selling::{CatalogueItem, ItemCode};
use onetill_core::{Amount, ItemId, LocationId, VendorId};
use rust_decimal::Decimal;
use uuid::Uuid;

use words::{FIRST, LANGUAGES, LAST, SHELVES};

/// Every so many items the price is typed at the till.
const OPEN_PRICE: u32 = 50;
/// Every so many are sold by the box, too.
const BOXED: u32 = 7;
/// Every so many cost something else at one location.
const OTHER_PRICE: u32 = 10;

/// A catalogue without an end.
#[derive(Debug, Clone, Default)]
pub struct Goods {
    /// Another one makes up other items. Up to 99 share no code.
    pub seed: u64,
    /// Where some of the items have a price of their own.
    pub locations: Vec<LocationId>,
    /// The tax code of what is taxed; `None`: nothing is.
    pub tax_code: Option<String>,
    /// From which age on alcohol is sold; `None`: nobody asks.
    pub adult_age: Option<u8>,
}

impl Goods {
    /// One with no prices of single locations and no taxes.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// The item of this number.
    #[must_use]
    pub fn item(&self, number: u32) -> KeptItem {
        let mut rng = Rng::with_seed(self.seed << 32 ^ u64::from(number));
        let language = one_of(&mut rng, &LANGUAGES);
        let shelves: Vec<_> = SHELVES.iter().zip(&language.shelves).collect();
        let (shelf, (category, kinds)) = one_of(&mut rng, &shelves);
        let kind = *one_of(&mut rng, kinds);
        let maker = format!("{}{}", one_of(&mut rng, &FIRST), one_of(&mut rng, &LAST));
        let size = rng.choice(shelf.sizes).map(|size| format!(" {size}")).unwrap_or_default();
        let cents = rng.u32(shelf.price.0..=shelf.price.1) / 10 * 10 + 9;
        let price_is_open = number % OPEN_PRICE == OPEN_PRICE - 1;
        let other = self
            .locations
            .last()
            .filter(|_location| number % OTHER_PRICE == OTHER_PRICE - 1 && !price_is_open);
        KeptItem {
            name: format!("{kind} {maker}{size}"),
            short_name: Some(kind.to_owned()).filter(|short| short.chars().count() <= 20),
            sku: Some(format!("G{}-{number}", self.seed)),
            unit: shelf.by_weight.then(|| "kg".to_owned()),
            price: (!price_is_open).then(|| money(cents)),
            price_is_open,
            tax_code: self.tax_code.clone().filter(|_code| shelf.is_taxed),
            category: Some((*category).to_owned()),
            age_limit: self.adult_age.filter(|_age| shelf.is_for_adults),
            codes: self.codes(number, language.prefix, shelf.by_weight),
            prices: other
                .map(|at| LocationPrice { location_id: *at, price: money(cents + 50) })
                .into_iter()
                .collect(),
            ..KeptItem::new(self.id(number))
        }
    }

    /// So many from the first on.
    pub fn items(&self, count: u32) -> impl Iterator<Item = KeptItem> {
        (0..count).map(|number| self.item(number))
    }

    fn id(&self, number: u32) -> ItemId {
        const ALL: u128 = 0x0e71_1100_0000_4000_9000_0000_0000_0000;
        ItemId(Uuid::from_u128(ALL | u128::from(self.seed & 0xffff) << 32 | u128::from(number)))
    }

    /// What is weighed has the number of its label, everything else the code of its packet; of some there are boxes.
    fn codes(&self, number: u32, prefix: &str, by_weight: bool) -> Vec<ItemCode> {
        if by_weight {
            return vec![ItemCode { code: format!("{number:07}"), factor: Quantity::ONE }];
        }
        let packet = format!("{prefix}{:02}{number:07}", self.seed % 100);
        let mut codes = vec![ItemCode { code: with_check_digit(&packet), factor: Quantity::ONE }];
        if number % BOXED == BOXED - 1 {
            let code = with_check_digit(&format!("1{packet:0>12}"));
            codes.extend("6".parse().map(|factor| ItemCode { code, factor }));
        }
        codes
    }
}

fn money(cents: u32) -> Amount {
    Decimal::new(i64::from(cents), 2).into()
}

fn one_of<'a, T>(rng: &mut Rng, all: &'a [T]) -> &'a T {
    #[expect(clippy::indexing_slicing, reason = "the words are never none, and the place is one of theirs")]
    &all[rng.usize(..all.len())]
}

/// The digits with the check digit of EAN, UPC and GTIN behind them. Written anew: it shares no code with what is tested.
#[must_use]
pub fn with_check_digit(digits: &str) -> String {
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 =
        values.enumerate().map(|(place, value)| if place % 2 == 0 { value * 3 } else { value }).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The item as a register at this location gets it.
#[must_use]
pub fn sold(item: KeptItem, at: LocationId, version: i64) -> CatalogueItem {
    let price =
        item.prices.iter().find(|price| price.location_id == at).map(|price| price.price).or(item.price);
    CatalogueItem {
        item: Item {
            id: item.id,
            name: item.name,
            unit: item.unit,
            price,
            price_is_open: item.price_is_open,
            tax_code: item.tax_code,
            age_limit: item.age_limit,
        },
        short_name: item.short_name,
        sku: item.sku,
        category: item.category,
        codes: item.codes,
        version,
    }
}

/// SQL that puts them into a store's tables, for its owner; those that are there stay as they are.
///
/// # Errors
/// When an item cannot be written down.
pub fn insert(vendor: VendorId, items: &[KeptItem]) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(items)?.replace('\'', "''");
    Ok(format!(
        "with item as (
           select x.* from jsonb_to_recordset('{json}'::jsonb) as x (id uuid, name text, short_name text, sku text, unit text,
             price numeric, price_is_open boolean, tax_code text, category text, age_limit smallint, is_active boolean,
             version bigint, codes jsonb, prices jsonb)),
         written as (
           insert into public.pos_items (id, vendor_id, name, short_name, sku, unit, price, price_is_open, tax_code, category,
               age_limit, is_active, version)
             select id, '{vendor}', name, short_name, sku, unit, price, price_is_open, tax_code, category, age_limit,
                 is_active, version from item
             on conflict do nothing),
         coded as (
           insert into public.pos_item_codes (vendor_id, code, item_id, factor)
             select '{vendor}', k ->> 'code', id, (k ->> 'factor')::numeric
               from item cross join jsonb_array_elements(codes) k
             on conflict do nothing)
         insert into public.pos_item_prices (item_id, location_id, vendor_id, price)
           select id, (p ->> 'location_id')::uuid, '{vendor}', (p ->> 'price')::numeric
             from item cross join jsonb_array_elements(prices) p
           on conflict do nothing;\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetill_core::scan;
    use std::collections::BTreeSet;

    const COUNT: u32 = 20_000;

    fn store(seed: u64) -> Goods {
        let locations = vec![LocationId(Uuid::from_u128(1)), LocationId(Uuid::from_u128(2))];
        Goods { seed, locations, tax_code: Some("A".into()), adult_age: Some(18) }
    }

    #[test]
    fn the_same_seed_makes_the_same_and_another_one_others() {
        assert_eq!(store(1).items(100).collect::<Vec<_>>(), store(1).items(100).collect::<Vec<_>>());
        let (one, other) = (store(1).item(7), store(2).item(7));
        assert_ne!((one.id, one.name), (other.id, other.name));
    }

    #[test]
    fn no_two_share_an_id_a_number_or_a_code_and_every_code_scans() {
        let (mut ids, mut own, mut codes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for item in store(1).items(COUNT).chain(store(2).items(COUNT)) {
            assert!(ids.insert(item.id), "{item:?}");
            assert!(own.insert(item.sku), "{:?}", item.name);
            for code in item.codes {
                let found =
                    scan::read(&code.code, &[]).unwrap_or_else(|problem| panic!("{code:?}: {problem}"));
                assert!(found.lookups.contains(&code.code), "{code:?}: {found:?}");
                assert!(item.unit.is_some() || codes.insert(code.code));
            }
        }
    }

    #[test]
    fn there_is_something_of_everything_and_all_of_it_can_be_kept() {
        use onetill_core::items::typed::{TypedCode, TypedItem, TypedPrice};
        let items: Vec<_> = store(1).items(200).collect();
        let some = |what: &str, holds: fn(&KeptItem) -> bool| {
            let many = items.iter().filter(|item| holds(item)).count();
            assert!((1..200).contains(&many), "{what}: {many} of 200");
        };
        some("an open price", |item| item.price_is_open);
        some("a weight", |item| item.unit.is_some());
        some("an age limit", |item| item.age_limit.is_some());
        some("a tax", |item| item.tax_code.is_some());
        some("a box", |item| item.codes.iter().any(|code| code.factor != Quantity::ONE));
        some("a price of one location", |item| !item.prices.is_empty());
        some("accents", |item| !item.name.is_ascii());
        some("a compound", |item| item.name.split(' ').next().is_some_and(|word| word.chars().count() > 14));
        for item in items {
            let text = |of: &Option<String>| of.clone().unwrap_or_default();
            let typed = TypedItem {
                name: item.name.clone(),
                short_name: text(&item.short_name),
                sku: text(&item.sku),
                unit: text(&item.unit),
                price: item.price.map(|price| price.to_string()).unwrap_or_default(),
                price_is_open: item.price_is_open,
                tax_code: text(&item.tax_code),
                category: text(&item.category),
                age_limit: item.age_limit.map(|age| age.to_string()).unwrap_or_default(),
                is_active: item.is_active,
                codes: item
                    .codes
                    .iter()
                    .map(|code| TypedCode { code: code.code.clone(), factor: code.factor.to_string() })
                    .collect(),
                prices: item
                    .prices
                    .iter()
                    .map(|at| TypedPrice { location_id: at.location_id, price: at.price.to_string() })
                    .collect(),
            };
            let kept = typed.checked(&KeptItem::new(item.id)).unwrap();
            assert_eq!(kept.differs(&item), [], "{item:?}");
        }
    }
}
