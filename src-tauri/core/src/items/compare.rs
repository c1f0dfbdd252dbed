//! What a file would do to the catalogue: each of its lines adds an item, changes one, changes nothing, or is refused.
//!
//! Invariant: the plan is a function of the file and the catalogue. Taken up by the server it leaves a catalogue with which
//! the same file changes nothing.

use super::{
    ItemField, KeptItem, LocationPrice, TaxName,
    export::read_codes,
    layouts::{self, Layout, Line},
    price::DecimalMark,
    table::{FileProblem, Table},
    typed::{self, ItemProblem, ProblemKind},
};
use crate::{Amount, ItemId, LocationId, selling::ItemCode};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::{Builder, Uuid};

/// The shop that a file is for.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its tax codes.
    pub taxes: Vec<TaxName>,
    /// Its locations by name.
    pub locations: Vec<(LocationId, String)>,
    /// The tax code of new items of which the file says nothing; `None`: no tax.
    pub tax_code: Option<String>,
    /// What the ids of new items are made of; never the same twice.
    pub seed: Uuid,
}

/// What a file would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose columns it has.
    pub layout: Layout,
    /// Line by line.
    pub lines: Vec<PlanLine>,
    /// Lines that are of no item: pictures, heads of groups.
    pub skipped: usize,
}

/// What a line would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// The item, as far as the line names it.
    pub name: String,
    /// What.
    pub act: Act,
}

/// What a line does to the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Adds an item.
    Add(Box<KeptItem>),
    /// Changes one in these fields.
    Change(Box<KeptItem>, Vec<ItemField>),
    /// Everything is as it says.
    Same,
    /// It cannot be taken.
    Refuse(ItemProblem),
}

impl Act {
    /// What is written, if anything is.
    #[must_use]
    pub fn item(&self) -> Option<&KeptItem> {
        match self {
            Self::Add(item) | Self::Change(item, _) => Some(item),
            Self::Same | Self::Refuse(_) => None,
        }
    }
}

/// The catalogue, by what a line can name an item by.
struct Known<'a> {
    by_id: HashMap<ItemId, &'a KeptItem>,
    by_code: HashMap<String, &'a KeptItem>,
    /// `None`: several.
    by_sku: HashMap<String, Option<&'a KeptItem>>,
    by_name: HashMap<String, Option<&'a KeptItem>>,
    /// Those that have only that.
    by_name_alone: HashMap<String, Option<&'a KeptItem>>,
}

/// The numbers of a GTIN with and without its zeros are one.
fn code_key(code: &str) -> String {
    let is_gtin = matches!(code.len(), 8 | 12..=14) && code.bytes().all(|one| one.is_ascii_digit());
    if is_gtin { format!("{code:0>14}") } else { code.to_owned() }
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether nothing but its name says in a file which item it is.
fn has_only_its_name(item: &KeptItem) -> bool {
    item.sku.is_none() && item.codes.is_empty()
}

fn add_unique<'a>(map: &mut HashMap<String, Option<&'a KeptItem>>, key: String, item: &'a KeptItem) {
    map.entry(key).and_modify(|known| *known = None).or_insert(Some(item));
}

impl<'a> Known<'a> {
    fn of(items: impl Iterator<Item = &'a KeptItem>) -> Self {
        let mut known = Self {
            by_id: HashMap::new(),
            by_code: HashMap::new(),
            by_sku: HashMap::new(),
            by_name: HashMap::new(),
            by_name_alone: HashMap::new(),
        };
        // An item that was changed while all were read comes once more, later.
        known.by_id.extend(items.map(|item| (item.id, item)));
        let mut items: Vec<&KeptItem> = known.by_id.values().copied().collect();
        items.sort_by_key(|item| item.id);
        for item in items {
            known.by_code.extend(item.codes.iter().map(|one| (code_key(&one.code), item)));
            if let Some(sku) = &item.sku {
                add_unique(&mut known.by_sku, folded(sku), item);
            }
            add_unique(&mut known.by_name, folded(&item.name), item);
            if has_only_its_name(item) {
                add_unique(&mut known.by_name_alone, folded(&item.name), item);
            }
        }
        known
    }

    /// The item that a line is of; `None`: a new one.
    fn find(&self, line: &Line, codes: &[ItemCode]) -> Result<Option<&'a KeptItem>, ItemProblem> {
        if let Some(id) = line.id.as_deref().filter(|id| !id.is_empty()) {
            let parsed: ItemId = id.parse().map_err(|_no_uuid| ItemProblem::new(ProblemKind::Id, id))?;
            let known = self.by_id.get(&parsed).copied();
            return known.map(Some).ok_or_else(|| ItemProblem::new(ProblemKind::Id, id));
        }
        let unique = |found: Option<&Option<&'a KeptItem>>, said: &str| match found {
            Some(None) => Err(ItemProblem::new(ProblemKind::Ambiguous, said)),
            found => Ok(found.copied().flatten()),
        };
        let mut by_code = codes.iter().filter_map(|one| self.by_code.get(&code_key(&one.code)).copied());
        let first = by_code.next();
        if let Some((other, first)) =
            by_code.find(|other| Some(other.id) != first.map(|item| item.id)).zip(first)
        {
            return Err(ItemProblem::new(ProblemKind::Ambiguous, &format!("{}, {}", first.name, other.name)));
        }
        if let Some(sku) = line.sku.as_deref().filter(|sku| !sku.is_empty()) {
            let by_sku = unique(self.by_sku.get(&folded(sku)), sku);
            return match (first, by_sku) {
                // Its number is new, or is that of several: its code says which it is.
                (Some(item), Ok(None) | Err(_)) => Ok(Some(item)),
                (Some(item), Ok(Some(other))) if item.id != other.id => {
                    Err(ItemProblem::new(ProblemKind::CodeTaken, &item.name))
                }
                (_, by_sku) => by_sku,
            };
        }
        if first.is_some() || !codes.is_empty() {
            return Ok(first);
        }
        // Of several with this name it is the one that has nothing else to be found by.
        let name = line.name.as_deref().unwrap_or_default();
        let key = folded(name);
        unique(self.by_name_alone.get(&key).or_else(|| self.by_name.get(&key)), name)
    }
}

/// What is in the file twice.
#[derive(Default)]
struct Seen {
    items: HashMap<ItemId, u64>,
    codes: HashMap<String, u64>,
    /// New ones by the number or, without one, the name that they would be found by next time.
    names: HashMap<String, u64>,
    /// The names of new ones that have more than that, and those by which one with more was found: both in one file would
    /// leave nobody knowing next time which is meant.
    added: HashMap<String, u64>,
    found: HashMap<String, u64>,
}

/// Compares a file with the catalogue.
///
/// # Errors
/// Where no column of it is known.
pub fn compare<'a>(
    table: &Table,
    items: impl Iterator<Item = &'a KeptItem>,
    shop: &Shop,
) -> Result<Plan, FileProblem> {
    let read = layouts::read(table)?;
    let known = Known::of(items);
    let prices = read.lines.iter().flat_map(|line| {
        line.price.iter().map(String::as_str).chain(line.prices.iter().map(|(_, price)| price.as_str()))
    });
    let reading =
        Reading { mark: DecimalMark::of(prices, table.delimiter), known, shop, layout: read.layout };
    let mut seen = Seen::default();
    let lines = read.lines.iter().map(|line| {
        let act = reading.act(line, &mut seen).unwrap_or_else(Act::Refuse);
        let name = line.name.as_deref().or_else(|| act.item().map(|item| item.name.as_str()));
        let name: String =
            name.unwrap_or_default().chars().filter(|one| !one.is_control()).take(80).collect();
        PlanLine { line: line.line, name, act }
    });
    let lines = lines.collect();
    Ok(Plan { layout: read.layout, lines, skipped: read.skipped })
}

struct Reading<'a> {
    mark: DecimalMark,
    known: Known<'a>,
    shop: &'a Shop,
    layout: Layout,
}

impl Reading<'_> {
    fn act(&self, line: &Line, seen: &mut Seen) -> Result<Act, ItemProblem> {
        if line.is_torn {
            return Err(ItemProblem::new(ProblemKind::Unreadable, line.name.as_deref().unwrap_or_default()));
        }
        let codes = self.codes(line)?;
        let found = self.known.find(line, &codes)?;
        let is_empty = |cell: &Option<String>| cell.as_deref().is_none_or(str::is_empty);
        let says_only_a_name = is_empty(&line.id) && is_empty(&line.sku) && codes.is_empty();
        let item = self.item(line, codes, found)?;
        let repeated =
            |kind, before: u64, got: &str| ItemProblem { line: Some(before), ..ItemProblem::new(kind, got) };
        let name = folded(&item.name);
        let by_name = says_only_a_name && found.is_some_and(|found| !has_only_its_name(found));
        let other = if by_name {
            seen.added.get(&name)
        } else if found.is_none() && !has_only_its_name(&item) {
            seen.found.get(&name)
        } else {
            None
        };
        if let Some(before) = other {
            return Err(repeated(ProblemKind::Ambiguous, *before, &item.name));
        }
        if found.is_some() {
            if let Some(before) = seen.items.get(&item.id) {
                return Err(repeated(ProblemKind::Repeated, *before, &item.name));
            }
        } else {
            let key = match &item.sku {
                Some(sku) => Some(format!("sku {}", folded(sku))),
                None => item.codes.is_empty().then(|| format!("name {}", folded(&item.name))),
            };
            let before = key.as_ref().and_then(|key| seen.names.get(key));
            if let Some(before) = before {
                return Err(repeated(
                    ProblemKind::Repeated,
                    *before,
                    item.sku.as_ref().unwrap_or(&item.name),
                ));
            }
            if let Some(key) = key {
                seen.names.insert(key, line.line);
            }
        }
        for one in &item.codes {
            let key = code_key(&one.code);
            if let Some(before) = seen.codes.get(&key) {
                return Err(repeated(ProblemKind::CodeRepeated, *before, &one.code));
            }
            if let Some(other) = self.known.by_code.get(&key).filter(|other| other.id != item.id) {
                return Err(ItemProblem::new(ProblemKind::CodeTaken, &other.name));
            }
        }
        seen.items.insert(item.id, line.line);
        if by_name {
            seen.found.insert(name, line.line);
        } else if found.is_none() && !has_only_its_name(&item) {
            seen.added.insert(name, line.line);
        }
        seen.codes.extend(item.codes.iter().map(|one| (code_key(&one.code), line.line)));
        Ok(match found {
            None => Act::Add(Box::new(item)),
            Some(before) => match item.differs(before) {
                fields if fields.is_empty() => Act::Same,
                fields => Act::Change(Box::new(item), fields),
            },
        })
    }

    /// The codes that the line names.
    fn codes(&self, line: &Line) -> Result<Vec<ItemCode>, ItemProblem> {
        let all = line.codes.as_deref().map(read_codes).into_iter().flatten();
        typed::codes(all.chain(line.code.as_deref().map(|code| (code, ""))))
    }

    /// The item as the line wants it, in place of the one that is there.
    fn item(
        &self,
        line: &Line,
        codes: Vec<ItemCode>,
        found: Option<&KeptItem>,
    ) -> Result<KeptItem, ItemProblem> {
        use ProblemKind as K;
        let mut item = match found {
            Some(found) => found.clone(),
            None => {
                KeptItem { tax_code: self.shop.tax_code.clone(), ..KeptItem::new(self.new_id(line.line)) }
            }
        };
        let said = |cell: &Option<String>, most, kind, field: &mut Option<String>| {
            if let Some(cell) = cell {
                *field = typed::text(cell, most, kind)?;
            }
            Ok::<(), ItemProblem>(())
        };
        if let Some(name) = &line.name {
            item.name = typed::name(name)?;
        } else if found.is_none() {
            return Err(ItemProblem::new(K::Name, ""));
        }
        said(&line.short_name, 40, K::ShortName, &mut item.short_name)?;
        said(&line.sku, 64, K::Sku, &mut item.sku)?;
        said(&line.unit, 16, K::Unit, &mut item.unit)?;
        said(&line.category, 80, K::Category, &mut item.category)?;
        said(&line.tax_code, 32, K::TaxCode, &mut item.tax_code)?;
        let unknown = |code: &&String| !self.shop.taxes.iter().any(|tax| tax.code == **code);
        if let Some(code) = item.tax_code.as_ref().filter(unknown)
            && found.is_none_or(|found| found.tax_code.as_ref() != Some(code))
        {
            return Err(ItemProblem::new(K::TaxCode, code));
        }
        if let Some(cell) = &line.price {
            item.price = typed::optional(cell, |cell| self.price(cell))?;
        }
        if let Some(cell) = &line.price_is_open {
            item.price_is_open = yes_or_no(cell)?;
            if self.layout != Layout::Onetill {
                item.price = None;
            }
        }
        if let Some(cell) = &line.age_limit {
            item.age_limit = typed::optional(cell, typed::age)?;
        }
        if let Some(cell) = &line.is_active {
            item.is_active = yes_or_no(cell)?;
        }
        if line.codes.is_some() {
            item.codes = codes;
        } else {
            let known: Vec<String> = item.codes.iter().map(|one| code_key(&one.code)).collect();
            item.codes.extend(codes.into_iter().filter(|one| !known.contains(&code_key(&one.code))));
            item.codes.sort_by(|one, other| one.code.cmp(&other.code));
        }
        self.set_prices(line, &mut item)?;
        typed::has_price(&item)?;
        Ok(item)
    }

    fn price(&self, cell: &str) -> Result<Amount, ItemProblem> {
        self.mark.read(cell).ok_or_else(|| ItemProblem::new(ProblemKind::Price, cell))
    }

    fn set_prices(&self, line: &Line, item: &mut KeptItem) -> Result<(), ItemProblem> {
        for (name, cell) in &line.prices {
            let location = self.shop.locations.iter().find(|(_, known)| folded(known) == folded(name));
            let Some((location_id, _)) = location else {
                // Another program's stores need not be this shop's.
                if self.layout == Layout::Onetill && !cell.is_empty() {
                    return Err(ItemProblem::new(ProblemKind::Location, name));
                }
                continue;
            };
            let price = typed::optional(cell, |cell| self.price(cell))?;
            item.prices.retain(|own| own.location_id != *location_id);
            item.prices.extend(price.map(|price| LocationPrice { location_id: *location_id, price }));
        }
        Ok(())
    }

    /// An id that no other line of any other file has.
    fn new_id(&self, line: u64) -> ItemId {
        let digest = Sha256::new().chain_update(self.shop.seed).chain_update(line.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        ItemId(Builder::from_custom_bytes(bytes).into_uuid())
    }
}

fn yes_or_no(cell: &str) -> Result<bool, ItemProblem> {
    match cell {
        cell if layouts::is_yes(cell) => Ok(true),
        cell if layouts::is_no(cell) => Ok(false),
        cell => Err(ItemProblem::new(ProblemKind::YesOrNo, cell)),
    }
}
