//! Finding items by what a person types or scans.
//!
//! Invariant: what is typed is text to look for and never syntax of the full-text search.

use onetill_core::{
    Amount, ItemId,
    sale::{Item, Quantity},
    scan,
    selling::{FoundItem, MOST_FOUND},
};
use rusqlite::{OptionalExtension, Row, Transaction, types::Type};
use std::str::FromStr;
use uuid::Uuid;

/// More words than a name has narrow nothing down.
const MOST_WORDS: usize = 8;
/// Fewer letters are in too many names to be ranked, and in no trigram.
const LETTERS: usize = 3;

/// What [`found`] reads; a factor follows.
const COLUMNS: &str = "i.id, i.name, i.unit, i.price, i.price_open, i.tax_code, i.age_limit, i.sku";

fn found(row: &Row<'_>) -> rusqlite::Result<FoundItem> {
    let item = Item {
        id: ItemId(Uuid::from_bytes(row.get(0)?)),
        name: row.get(1)?,
        unit: row.get(2)?,
        price: row.get::<_, Option<String>>(3)?.map(|text| decimal::<Amount>(3, &text)).transpose()?,
        price_is_open: row.get(4)?,
        tax_code: row.get(5)?,
        age_limit: row.get(6)?,
    };
    Ok(FoundItem { item, sku: row.get(7)?, factor: decimal::<Quantity>(8, &row.get::<_, String>(8)?)? })
}

fn decimal<T>(column: usize, text: &str) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse().map_err(|cause: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(cause))
    })
}

/// By its id.
pub(super) fn by_id(moment: &Transaction<'_>, set: i64, id: ItemId) -> rusqlite::Result<Option<FoundItem>> {
    let text = format!("SELECT {COLUMNS}, '1' FROM item_{set} i WHERE id = ?1");
    moment.prepare_cached(&text)?.query_row([id.0.as_bytes()], found).optional()
}

/// By code, else by the shop's own number.
pub(super) fn by_code(moment: &Transaction<'_>, set: i64, code: &str) -> rusqlite::Result<Option<FoundItem>> {
    let by_code = format!(
        "SELECT {COLUMNS}, c.factor FROM code_{set} c JOIN item_{set} i ON i.no = c.item WHERE c.code = ?1"
    );
    let by_sku = format!(
        "SELECT {COLUMNS}, '1' FROM item_{set} i WHERE i.sku = ?1 ORDER BY i.sku = ?1 COLLATE BINARY DESC LIMIT 1"
    );
    for text in [by_code, by_sku] {
        let item = moment.prepare_cached(&text)?.query_row([code], found).optional()?;
        if item.is_some() {
            return Ok(item);
        }
    }
    Ok(None)
}

pub(super) fn search(moment: &Transaction<'_>, set: i64, typed: &str) -> rusqlite::Result<Vec<FoundItem>> {
    let typed = typed.trim();
    let mut items = Vec::new();
    // A number may be written with and without its zeros.
    let lookups = scan::read(typed, &[]).map_or_else(|_no_code| vec![typed.to_owned()], |scan| scan.lookups);
    for code in lookups {
        items.extend(by_code(moment, set, &code)?);
        if !items.is_empty() {
            break;
        }
    }
    let words: Vec<&str> = typed
        .split(|one: char| one.is_whitespace() || one.is_control())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(MOST_WORDS)
        .collect();
    let letters = words.iter().map(|word| word.chars().count()).max().unwrap_or(0);
    if letters == 0 {
        return Ok(items);
    }
    let order = if letters < LETTERS { "" } else { "ORDER BY t.rank" };
    matching(moment, set, ("word", order), &query(&words, "*"), &mut items)?;
    if items.is_empty() && letters >= LETTERS {
        let long: Vec<&str> = words.into_iter().filter(|word| word.chars().count() >= LETTERS).collect();
        matching(moment, set, ("part", ""), &query(&long, ""), &mut items)?;
    }
    items.truncate(MOST_FOUND);
    Ok(items)
}

/// Each word as a string, all of which have to match.
fn query(words: &[&str], ending: &str) -> String {
    let quoted = words.iter().map(|word| format!("\"{}\"{ending}", word.replace('"', "\"\"")));
    quoted.collect::<Vec<String>>().join(" ")
}

fn matching(
    moment: &Transaction<'_>,
    set: i64,
    (table, order): (&str, &str),
    query: &str,
    items: &mut Vec<FoundItem>,
) -> rusqlite::Result<()> {
    let text = format!(
        "SELECT {COLUMNS}, '1' FROM {table}_{set} t JOIN item_{set} i ON i.no = t.rowid
            WHERE t.{table}_{set} MATCH ?1 {order} LIMIT {MOST_FOUND}"
    );
    let mut statement = moment.prepare_cached(&text)?;
    for item in statement.query_map([query], found)? {
        let item = item?;
        if !items.iter().any(|known| known.item.id == item.item.id) {
            items.push(item);
        }
    }
    Ok(())
}
