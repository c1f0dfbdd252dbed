//! The catalogue as a file: RFC 4180, UTF-8 with the mark by which Excel knows it.
//!
//! Invariants: what is exported and imported again changes nothing; no field of it is a formula to a spreadsheet.

use super::KeptItem;
use crate::{LocationId, sale::Quantity};

/// The columns before those of the locations.
const COLUMNS: [&str; 12] = [
    "id",
    "name",
    "short_name",
    "sku",
    "unit",
    "price",
    "open_price",
    "tax_code",
    "category",
    "age_limit",
    "active",
    "codes",
];

/// The items as a file. A location's prices have a column of its name.
#[must_use]
pub fn export<'a>(items: impl Iterator<Item = &'a KeptItem>, locations: &[(LocationId, String)]) -> Vec<u8> {
    let mut table = String::from("\u{feff}");
    let of_locations = locations.iter().map(|(_, name)| format!("price [{name}]"));
    row(&mut table, COLUMNS.into_iter().map(str::to_owned).chain(of_locations));
    for item in items {
        let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let maybe = |text: &Option<String>| free(text.as_deref().unwrap_or_default());
        let fixed = [
            item.id.to_string(),
            free(&item.name),
            maybe(&item.short_name),
            maybe(&item.sku),
            maybe(&item.unit),
            item.price.map(|price| price.to_string()).unwrap_or_default(),
            yes_or_no(item.price_is_open),
            maybe(&item.tax_code),
            maybe(&item.category),
            item.age_limit.map(|years| years.to_string()).unwrap_or_default(),
            yes_or_no(item.is_active),
            free(&codes(item)),
        ];
        let prices = locations.iter().map(|(id, _)| {
            let own = item.prices.iter().find(|price| price.location_id == *id);
            own.map(|own| own.price.to_string()).unwrap_or_default()
        });
        row(&mut table, fixed.into_iter().chain(prices));
    }
    table.into_bytes()
}

/// `4012345678901 4012345678918*6`: with how many each stands for, where that is not one.
fn codes(item: &KeptItem) -> String {
    let written = item.codes.iter().map(|one| {
        // A code with such a sign in it says that it stands for one, too.
        let plain = one.factor == Quantity::ONE && !one.code.contains('*');
        if plain { one.code.clone() } else { format!("{}*{}", one.code, one.factor) }
    });
    written.collect::<Vec<String>>().join(" ")
}

/// The codes that stand there, with their factors.
pub(super) fn read_codes(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split_whitespace().map(|one| one.rsplit_once('*').unwrap_or((one, "")))
}

fn row(table: &mut String, fields: impl Iterator<Item = String>) {
    for (number, field) in fields.enumerate() {
        if number > 0 {
            table.push(',');
        }
        table.push('"');
        table.push_str(&field.replace('"', "\"\""));
        table.push('"');
    }
    table.push_str("\r\n");
}

/// Whether a spreadsheet might compute this.
pub(super) fn is_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// What people typed, so that no spreadsheet takes it for a formula; what looks like that mark gets it, too.
fn free(text: &str) -> String {
    if is_formula(text.trim_start_matches('\'')) { format!("'{text}") } else { text.to_owned() }
}
