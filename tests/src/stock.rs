//! A till whose own copy of the catalogue holds far more than its store sells.

use std::path::Path;

use onetill_core::LocationId;
use onetill_core::selling::{Catalogue, CataloguePage};
use onetill_goods::{Goods, sold};
use onetill_store::CatalogueFile;

use crate::Result;

/// How many go into the file at once.
const AT_ONCE: u32 = 2_000;

/// Adds so many made-up items to the catalogue of this location in a till's folder; what it has stays. The till is closed
/// meanwhile, or reads them with its next search.
///
/// # Errors
/// When there is no catalogue of this location yet, or it cannot be written.
pub fn stock(data: &Path, location: LocationId, goods: &Goods, count: u32) -> Result<()> {
    let file = CatalogueFile::open(&data.join("onetill.catalogue.sqlite"))?;
    let cursor = file.cursor(location)?.ok_or("the till has no catalogue of this location")?;
    for first in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let numbers = first..count.min(first + AT_ONCE);
        let items = numbers.map(|number| sold(goods.item(number), location, 1)).collect();
        file.apply(location, &CataloguePage { cursor, more: false, items, removed: vec![], settings: None })?;
    }
    Ok(())
}
