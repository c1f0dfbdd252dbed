//! Finding items by what a person types or scans.
//!
//! Invariant: what is typed is text to look for and never syntax of the full-text search.

use super::{COLUMNS, found};
use onetill_core::{
    scan,
    selling::{FoundItem, MOST_FOUND},
};
use rusqlite::{OptionalExtension, Transaction};

/// More words than a name has narrow nothing down.
const MOST_WORDS: usize = 8;
/// Fewer letters are in too many names to be ranked, and in no trigram.
const LETTERS: usize = 3;

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
