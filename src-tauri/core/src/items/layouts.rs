//! Which columns of a file are what: our own, and those that other points of sale export.
//!
//! Invariant: a column that is not known is not read. Of a file of another program, an empty field says nothing about an
//! item that is here; of our own, it says that nothing is to be there.

use super::table::{FileProblem, Table};
use serde::Serialize;
use std::collections::BTreeMap;

/// Whose columns a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Our own export.
    Onetill,
    /// Square's item library.
    Square,
    /// Loyverse's item list.
    Loyverse,
    /// Shopify's products.
    Shopify,
    /// WooCommerce's products.
    WooCommerce,
    /// A table with a name, a price and what else is called as most people call it.
    Plain,
}

/// What a line says of an item. `None`: nothing; empty: that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) line: u64,
    pub(super) is_torn: bool,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) short_name: Option<String>,
    pub(super) sku: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) price: Option<String>,
    pub(super) price_is_open: Option<String>,
    pub(super) tax_code: Option<String>,
    pub(super) category: Option<String>,
    pub(super) age_limit: Option<String>,
    pub(super) is_active: Option<String>,
    /// All its codes, in our own way of writing them.
    pub(super) codes: Option<String>,
    /// A code among others.
    pub(super) code: Option<String>,
    /// By the name of the location.
    pub(super) prices: Vec<(String, String)>,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) layout: Layout,
    pub(super) lines: Vec<Line>,
    /// Lines of pictures, groups and the like.
    pub(super) skipped: usize,
}

/// The fields of one line by the names of their columns.
struct Fields<'a> {
    columns: &'a BTreeMap<String, usize>,
    cells: &'a [String],
}

impl Fields<'_> {
    /// What stands in the first of these columns that is there and not empty.
    fn said(&self, names: &[&str]) -> Option<String> {
        let cell = |name: &&str| self.cells.get(*self.columns.get(*name)?).filter(|cell| !cell.is_empty());
        names.iter().find_map(cell).cloned()
    }

    /// What stands in a column of our own, also nothing.
    fn own(&self, name: &str) -> Option<String> {
        let column = *self.columns.get(name)?;
        Some(text(self.cells.get(column).map_or("", String::as_str)))
    }

    /// The columns that begin so, with the rest of their names.
    fn beginning<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.columns.iter().filter_map(move |(name, column)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest, self.cells.get(*column).map_or("", String::as_str)))
        })
    }

    /// Whether the columns of single taxes say that none is charged.
    fn is_untaxed(&self) -> bool {
        let mut taxes = self.beginning("tax - ").filter(|(_, cell)| !cell.is_empty()).peekable();
        taxes.peek().is_some() && taxes.all(|(_, cell)| is_no(cell))
    }
}

/// A free text of our own file: without the mark by which no spreadsheet took it for a formula.
fn text(cell: &str) -> String {
    let marked =
        cell.strip_prefix('\'').filter(|rest| super::export::is_formula(rest.trim_start_matches('\'')));
    marked.unwrap_or(cell).to_owned()
}

/// Whether this means no.
pub(super) fn is_no(cell: &str) -> bool {
    let word = cell.trim().to_lowercase();
    matches!(
        word.as_str(),
        "n" | "no" | "false" | "0" | "-1" | "nein" | "non" | "none" | "draft" | "archived"
    )
}

/// Whether this means yes.
pub(super) fn is_yes(cell: &str) -> bool {
    let word = cell.trim().to_lowercase();
    matches!(
        word.as_str(),
        "y" | "yes" | "true" | "1" | "ja" | "j" | "oui" | "o" | "si" | "sí" | "s" | "x" | "active"
    )
}

/// Finds out whose columns they are, and reads the lines.
///
/// # Errors
/// `UnknownColumns` where no column is known that an item has to have.
pub(super) fn read(table: &Table) -> Result<Lines, FileProblem> {
    let mut columns = BTreeMap::new();
    for (number, name) in table.header.iter().enumerate() {
        columns.entry(name.trim().to_lowercase()).or_insert(number);
    }
    let has = |name: &str| columns.contains_key(name);
    let layout = if has("name") && has("open_price") && has("codes") {
        Layout::Onetill
    } else if has("item name") && (has("variation name") || has("token") || has("reference handle")) {
        Layout::Square
    } else if has("handle") && has("title") && has("variant price") {
        Layout::Shopify
    } else if has("handle") && has("name") && columns.keys().any(|name| is_loyverses(name)) {
        Layout::Loyverse
    } else if has("type") && has("name") && has("regular price") {
        Layout::WooCommerce
    } else if NAMES.iter().any(|name| has(name)) {
        Layout::Plain
    } else {
        return Err(FileProblem::UnknownColumns);
    };
    let mut of_group = BTreeMap::new();
    let (mut lines, mut skipped) = (Vec::new(), 0);
    for row in &table.rows {
        let fields = Fields { columns: &columns, cells: &row.cells };
        let line = match layout {
            Layout::Onetill => Some(onetill(&fields)),
            Layout::Square => Some(square(&fields)),
            Layout::Loyverse => loyverse(&fields, &mut of_group),
            Layout::Shopify => shopify(&fields, &mut of_group),
            Layout::WooCommerce => woocommerce(&fields),
            Layout::Plain => Some(plain(&fields)),
        };
        match line {
            Some(line) => lines.push(Line { line: row.line, is_torn: row.is_torn, ..line }),
            None if row.is_torn => lines.push(Line { line: row.line, is_torn: true, ..Line::default() }),
            None => skipped += 1,
        }
    }
    Ok(Lines { layout, lines, skipped })
}

fn is_loyverses(column: &str) -> bool {
    column == "sold by weight" || column == "default price" || column.starts_with("price [")
}

/// What others call the name of an item.
const NAMES: [&str; 14] = [
    "name",
    "item",
    "item name",
    "product",
    "product name",
    "title",
    "artikel",
    "bezeichnung",
    "artikelbezeichnung",
    "nom",
    "désignation",
    "nombre",
    "producto",
    "descripción",
];

fn onetill(fields: &Fields<'_>) -> Line {
    Line {
        id: fields.own("id"),
        name: fields.own("name"),
        short_name: fields.own("short_name"),
        sku: fields.own("sku"),
        unit: fields.own("unit"),
        price: fields.own("price"),
        price_is_open: fields.own("open_price"),
        tax_code: fields.own("tax_code"),
        category: fields.own("category"),
        age_limit: fields.own("age_limit"),
        is_active: fields.own("active"),
        codes: fields.own("codes"),
        prices: at_locations(fields),
        ..Line::default()
    }
}

/// `price [Harbor]`.
fn at_locations(fields: &Fields<'_>) -> Vec<(String, String)> {
    let named = |(rest, cell): (&str, &str)| Some((rest.strip_suffix(']')?.to_owned(), cell.to_owned()));
    fields.beginning("price [").filter_map(named).collect()
}

/// A price, or the word for one that is typed at the till.
fn priced(line: Line, price: Option<String>) -> Line {
    let is_open = price.as_deref().is_some_and(|price| price.eq_ignore_ascii_case("variable"));
    if is_open {
        Line { price_is_open: Some("yes".to_owned()), price: None, ..line }
    } else {
        Line { price, ..line }
    }
}

/// A name with what distinguishes one of several.
fn named(name: &str, options: impl Iterator<Item = String>) -> String {
    let options: Vec<String> = options.collect();
    if options.is_empty() { name.to_owned() } else { format!("{name} {}", options.join(" / ")) }
}

/// Codes that were kept from becoming numbers.
fn code(cell: Option<String>) -> Option<String> {
    let code = cell?.trim_start_matches('\'').trim().to_owned();
    (!code.is_empty()).then_some(code)
}

/// Untaxed items have no tax; what is taxed says nothing of how.
fn untaxed(is_untaxed: bool) -> Option<String> {
    is_untaxed.then(String::new)
}

fn square(fields: &Fields<'_>) -> Line {
    let name = fields.said(&["item name"]);
    let variation = fields.said(&["variation name"]);
    let variation = variation.filter(|one| one != "Regular" && Some(one) != name.as_ref());
    let line = Line {
        name: name.map(|name| named(&name, variation.into_iter())),
        sku: fields.said(&["sku"]),
        code: code(fields.said(&["gtin"])),
        category: fields.said(&["reporting category", "categories", "category"]).map(|all| first_of(&all)),
        tax_code: untaxed(fields.is_untaxed()),
        is_active: fields
            .said(&["archived"])
            .filter(|archived| is_yes(archived))
            .map(|_archived| "no".to_owned()),
        ..Line::default()
    };
    priced(line, fields.said(&["price"]))
}

/// The first of several groups, without those above it.
fn first_of(groups: &str) -> String {
    let first = groups.split(',').next().unwrap_or(groups);
    first.rsplit('>').next().unwrap_or(first).trim().to_owned()
}

/// The name and group that the first line of a group has.
type Groups = BTreeMap<String, (String, Option<String>, Option<String>)>;

fn loyverse(fields: &Fields<'_>, groups: &mut Groups) -> Option<Line> {
    let handle = fields.said(&["handle"]).unwrap_or_default();
    if let Some(name) = fields.said(&["name"]) {
        groups.insert(handle.clone(), (name, fields.said(&["category"]), fields.said(&["sold by weight"])));
    }
    // A part of a composite item stands on a line of its own, with nothing but its number.
    let is_part = fields.said(&["sku of included item"]).is_some() && fields.said(&["name", "sku"]).is_none();
    let (name, category, weighed) = groups.get(&handle).cloned().unwrap_or_default();
    if is_part {
        return None;
    }
    let options = ["option 1 value", "option 2 value", "option 3 value"];
    let mut prices = at_locations(fields);
    prices.retain(|(_, price)| !price.is_empty());
    let price =
        fields.said(&["default price", "price"]).or_else(|| prices.first().map(|(_, price)| price.clone()));
    prices.retain(|(_, own)| Some(own) != price.as_ref());
    let sold: Vec<bool> = fields.beginning("available for sale").map(|(_, cell)| !is_no(cell)).collect();
    let line = Line {
        name: Some(named(&name, options.iter().filter_map(|option| fields.said(&[option])))),
        sku: fields.said(&["sku"]),
        code: code(fields.said(&["barcode"])),
        category,
        unit: weighed.filter(|weighed| is_yes(weighed)).map(|_weighed| "kg".to_owned()),
        tax_code: untaxed(fields.is_untaxed()),
        is_active: (!sold.is_empty() && !sold.contains(&true)).then(|| "no".to_owned()),
        prices,
        ..Line::default()
    };
    Some(priced(line, price))
}

fn shopify(fields: &Fields<'_>, groups: &mut Groups) -> Option<Line> {
    let handle = fields.said(&["handle"]).unwrap_or_default();
    if let Some(title) = fields.said(&["title"]) {
        let category = fields.said(&["type", "custom product type"]);
        let category = category.or_else(|| {
            fields.said(&["product category", "standard product type"]).map(|all| first_of(&all))
        });
        groups.insert(handle.clone(), (title, category, fields.said(&["status"])));
    }
    let price = fields.said(&["variant price"]);
    let sku = code(fields.said(&["variant sku"]));
    if price.is_none() && sku.is_none() && fields.said(&["title"]).is_none() {
        // A further picture.
        return None;
    }
    let (title, category, status) = groups.get(&handle).cloned().unwrap_or_default();
    let options = ["option1 value", "option2 value", "option3 value"];
    let options =
        options.iter().filter_map(|option| fields.said(&[option])).filter(|one| one != "Default Title");
    Some(Line {
        name: Some(named(&title, options)),
        sku,
        price,
        code: code(fields.said(&["variant barcode"])),
        category,
        tax_code: untaxed(fields.said(&["variant taxable"]).is_some_and(|taxable| is_no(&taxable))),
        is_active: status.filter(|status| is_no(status)).map(|_status| "no".to_owned()),
        ..Line::default()
    })
}

fn woocommerce(fields: &Fields<'_>) -> Option<Line> {
    let kind = fields.said(&["type"]).unwrap_or_default();
    // What is only the head of its variations, or is sold elsewhere.
    if kind.split(',').any(|one| matches!(one.trim(), "variable" | "grouped" | "external")) {
        return None;
    }
    Some(Line {
        name: fields.said(&["name"]),
        short_name: None,
        sku: fields.said(&["sku"]),
        price: fields.said(&["regular price"]),
        code: code(fields.said(&["gtin, upc, ean, or isbn"])),
        category: fields.said(&["categories"]).map(|all| first_of(&all)),
        tax_code: untaxed(fields.said(&["tax status"]).is_some_and(|status| is_no(&status))),
        is_active: fields
            .said(&["published"])
            .filter(|published| is_no(published))
            .map(|_no| "no".to_owned()),
        ..Line::default()
    })
}

fn plain(fields: &Fields<'_>) -> Line {
    let line = Line {
        name: fields.said(&NAMES),
        short_name: fields.said(&["short name", "kurzname"]),
        sku: code(fields.said(&[
            "sku",
            "item number",
            "article number",
            "artikelnummer",
            "artikel-nr.",
            "référence",
            "referencia",
            "plu",
        ])),
        code: code(fields.said(&[
            "barcode",
            "ean",
            "gtin",
            "upc",
            "code",
            "ean-code",
            "strichcode",
            "code-barres",
            "código de barras",
        ])),
        unit: fields.said(&["unit", "einheit", "unité", "unidad"]),
        category: fields.said(&[
            "category",
            "group",
            "department",
            "kategorie",
            "warengruppe",
            "catégorie",
            "categoría",
        ]),
        tax_code: fields.said(&["tax code", "tax_code", "steuercode"]),
        age_limit: fields.said(&["age limit", "age_limit", "altersfreigabe"]),
        ..Line::default()
    };
    priced(
        line,
        fields.said(&[
            "price",
            "retail price",
            "unit price",
            "sales price",
            "preis",
            "verkaufspreis",
            "vk",
            "prix",
            "precio",
        ]),
    )
}
