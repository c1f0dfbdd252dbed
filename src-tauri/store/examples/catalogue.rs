//! How long a catalogue takes to load and to search: `cargo run --release -p onetill-store --example catalogue -- 100000`.
//! Microseconds, the median and the 95th of a hundred, of 400 searches of each kind.

use onetill_core::{
    Fault, ItemId, LocationId,
    sale::{Item, Quantity},
    selling::{Catalogue, CatalogueItem, CataloguePage, ItemCode},
};
use onetill_store::CatalogueFile;
use std::{error::Error, time::Instant};
use uuid::Uuid;

const HERE: LocationId = LocationId(Uuid::from_u128(1));
const ITEMS_OF_A_PAGE: u128 = 1_000;
const SEARCHES: u128 = 400;
const SYLLABLES: [&str; 24] = [
    "cho", "co", "la", "te", "mil", "ka", "ber", "ry", "straw", "al", "mond", "brot", "kä", "se", "wein",
    "schor", "le", "or", "an", "ge", "crè", "me", "ta", "pe",
];

/// The word of this number: two to four syllables, the same each time.
fn word(number: u128) -> String {
    let mut seed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7;
    let mut word = String::new();
    for _syllable in 0..2 + seed % 3 {
        seed = seed.wrapping_mul(0x2545_F491_4F6C_DD1D).wrapping_add(99) % (1 << 60);
        let at = usize::try_from((seed >> 20) % SYLLABLES.len() as u128).unwrap_or_default();
        word.push_str(SYLLABLES.get(at).copied().unwrap_or_default());
    }
    word
}

fn code(number: u128) -> String {
    format!("C{:012}", number * 7)
}

fn item(number: u128) -> CatalogueItem {
    let name: Vec<String> =
        (0..4).map(|place| word(number * 31 % 3_000 + place * 977 * (number % 13))).collect();
    CatalogueItem {
        item: Item {
            id: ItemId(Uuid::from_u128(number)),
            name: format!("{} {number}", name.join(" ")),
            unit: None,
            price: "3.50".parse().ok(),
            price_is_open: false,
            tax_code: Some("A".into()),
            age_limit: None,
        },
        short_name: None,
        sku: Some(format!("S{number}")),
        category: None,
        codes: vec![ItemCode { code: code(number), factor: Quantity::ONE }],
        version: 1,
    }
}

/// Does it so often, and prints how long it took.
fn timed(what: &str, mut search: impl FnMut(u128) -> Result<usize, Fault>) -> Result<(), Fault> {
    let mut took = Vec::new();
    let mut found = 0;
    for round in 0..SEARCHES {
        let started = Instant::now();
        found += search(round)?;
        took.push(started.elapsed().as_micros());
    }
    took.sort_unstable();
    let of_a_hundred = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
    println!("{what}: {} / {} µs, {found} found", of_a_hundred(50), of_a_hundred(95));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let items: u128 = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("catalogue.sqlite");
    let file = CatalogueFile::open(&path)?;

    let started = Instant::now();
    let mut slowest = 0;
    for first in (0..items).step_by(1_000) {
        let last = (first + ITEMS_OF_A_PAGE).min(items);
        let page = CataloguePage {
            cursor: i64::try_from(last)?,
            more: last < items,
            items: (first..last).map(item).collect(),
            removed: vec![],
            settings: None,
        };
        let began = Instant::now();
        file.apply(HERE, &page)?;
        slowest = slowest.max(began.elapsed().as_millis());
    }
    let size = std::fs::metadata(&path)?.len() / 1_000_000;
    println!("first load: {} ms, the slowest page {slowest} ms, {size} MB", started.elapsed().as_millis());

    let any = |round: u128| (round * 7_919) % items;
    let name = |round: u128| item(any(round)).item.name;
    let beginning = |word: &str, letters: usize| word.chars().take(letters).collect::<String>();
    timed("by code", |round| Ok(file.by_code(HERE, &code(any(round)))?.iter().len()))?;
    timed("two beginnings of four letters", |round| {
        let name = name(round);
        let words: Vec<String> = name.split(' ').take(2).map(|word| beginning(word, 4)).collect();
        Ok(file.search(HERE, &words.join(" "))?.len())
    })?;
    for letters in 1..=4 {
        timed(&format!("one beginning of {letters}"), |round| {
            Ok(file.search(HERE, &beginning(&name(round), letters))?.len())
        })?;
    }
    timed("within a word", |round| {
        let inner: String = name(round).chars().skip(2).take(5).collect();
        Ok(file.search(HERE, inner.trim())?.len())
    })?;
    timed("nothing to be found", |_round| Ok(file.search(HERE, "xyzzy")?.len()))?;
    Ok(())
}
