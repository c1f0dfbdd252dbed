//! What was typed of an item, or stands in a cell of a file, and why it is none.
//!
//! Invariant: the bounds are those of `onetill.save_item`; what passes here is not refused there, save for what only the
//! server knows.

use super::{ItemField, KeptItem, LocationPrice};
use crate::{
    Amount, Code, Fault, LocationId,
    sale::Quantity,
    scan::{self, ScanProblem},
    selling::ItemCode,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// More codes than this no item has.
pub const MOST_CODES: usize = 50;

/// An item as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TypedItem {
    /// What the receipt calls it.
    pub name: String,
    /// Its name where there is little room; may be empty, as may all that follow.
    pub short_name: String,
    /// The shop's own number for it.
    pub sku: String,
    /// The unit of a quantity; empty for pieces.
    pub unit: String,
    /// What one costs, `digits[.digits]`; empty where the price is typed at the till.
    pub price: String,
    /// The price is typed at the till.
    pub price_is_open: bool,
    /// One of the shop's tax codes; empty for none.
    pub tax_code: String,
    /// Its group.
    pub category: String,
    /// In years.
    pub age_limit: String,
    /// It is sold.
    pub is_active: bool,
    /// By what it is found.
    pub codes: Vec<TypedCode>,
    /// What it costs at single locations; an empty price is none of its own.
    pub prices: Vec<TypedPrice>,
}

/// A code as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TypedCode {
    /// As it is scanned.
    pub code: String,
    /// How many it stands for; empty for one.
    pub factor: String,
}

/// A price of one location as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TypedPrice {
    /// The location.
    pub location_id: LocationId,
    /// What one costs there; empty for the price that the item has.
    pub price: String,
}

/// Why something is no item, or cannot be taken from a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ItemProblem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// What stands there, shortened; of [`ProblemKind::CodeTaken`] the name of the item that has it.
    pub got: String,
    /// Of what is there twice in a file, the line where it stood first, from 1.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub line: Option<u64>,
}

/// What is wrong with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// No name, or more than 200 letters.
    Name,
    /// More than 40 letters.
    ShortName,
    /// More than 64 letters.
    Sku,
    /// More than 16 letters.
    Unit,
    /// Not an amount from 0 to 999,999,999.99 with at most two places.
    Price,
    /// No price, and none is to be typed at the till.
    NoPrice,
    /// The shop has no such tax code.
    TaxCode,
    /// More than 80 letters.
    Category,
    /// Not a number of years from 1 to 99.
    AgeLimit,
    /// Neither yes nor no.
    YesOrNo,
    /// A code is empty, longer than 64 signs, has a blank or a letter beyond ASCII in it, or a spreadsheet has rounded it.
    Code,
    /// The check digit of a code does not fit.
    CheckDigit,
    /// A code stands for none, or for more than 99,999.
    Factor,
    /// More than 50 codes.
    TooManyCodes,
    /// The shop has no such location.
    Location,
    /// Not an id, or not one of this shop's items.
    Id,
    /// A line that cannot be read: a quotation mark is not closed, a field is far too long, or it holds control characters.
    Unreadable,
    /// An earlier line of the file is of the same item.
    Repeated,
    /// An earlier line of the file has the same code.
    CodeRepeated,
    /// Another item has this code.
    CodeTaken,
    /// A tax has a code of 1 to 32 letters and a name of 1 to 80.
    TaxName,
    /// A tax has 1 to 10 parts, each with a name of its own.
    TaxPart,
    /// Not a rate in per cent, below 10,000, with at most three places.
    TaxRate,
    /// Not a date.
    Date,
    /// Several items could be meant.
    Ambiguous,
    /// Somebody changed the item after the file was compared with it.
    Changed,
    /// The server refused it for a reason of its own.
    Server,
}

impl ProblemKind {
    /// The field of the item that it concerns.
    #[must_use]
    pub fn field(self) -> Option<ItemField> {
        use ItemField as F;
        Some(match self {
            Self::Name => F::Name,
            Self::ShortName => F::ShortName,
            Self::Sku => F::Sku,
            Self::Unit => F::Unit,
            Self::Price | Self::NoPrice => F::Price,
            Self::TaxCode => F::TaxCode,
            Self::Category => F::Category,
            Self::AgeLimit => F::AgeLimit,
            Self::YesOrNo => F::IsActive,
            Self::Code
            | Self::CheckDigit
            | Self::Factor
            | Self::TooManyCodes
            | Self::CodeRepeated
            | Self::CodeTaken => F::Codes,
            Self::Location => F::Prices,
            _ => return None,
        })
    }
}

impl ItemProblem {
    /// A problem with what stands there.
    #[must_use]
    pub fn new(kind: ProblemKind, got: &str) -> Self {
        Self { kind, got: got.chars().filter(|one| !one.is_control()).take(80).collect(), line: None }
    }
}

impl From<ItemProblem> for Fault {
    /// Nothing was sent.
    fn from(problem: ItemProblem) -> Self {
        let field = problem.kind.field().and_then(|field| serde_json::to_value(field).ok());
        let field = field.as_ref().and_then(|value| value.as_str()).unwrap_or("item").to_owned();
        let kind = serde_json::to_value(problem.kind).ok();
        let reason = kind.as_ref().and_then(|value| value.as_str()).map(str::to_owned);
        let detail = format!("{field}: {:?} ({})", problem.kind, problem.got);
        Self { field: Some(field), reason, ..Self::new(Code::BadCatalogue, detail) }
    }
}

type Checked<T> = Result<T, ItemProblem>;

impl TypedItem {
    /// The item that was typed, in place of this one.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn checked(&self, before: &KeptItem) -> Checked<KeptItem> {
        let item = KeptItem {
            id: before.id,
            name: name(&self.name)?,
            short_name: text(&self.short_name, 40, ProblemKind::ShortName)?,
            sku: text(&self.sku, 64, ProblemKind::Sku)?,
            unit: text(&self.unit, 16, ProblemKind::Unit)?,
            price: optional(&self.price, price)?,
            price_is_open: self.price_is_open,
            tax_code: text(&self.tax_code, 32, ProblemKind::TaxCode)?,
            category: text(&self.category, 80, ProblemKind::Category)?,
            age_limit: optional(&self.age_limit, age)?,
            is_active: self.is_active,
            codes: codes(self.codes.iter().map(|typed| (typed.code.as_str(), typed.factor.as_str())))?,
            prices: self
                .prices
                .iter()
                .filter_map(|typed| {
                    let price = optional(&typed.price, price).transpose()?;
                    Some(price.map(|price| LocationPrice { location_id: typed.location_id, price }))
                })
                .collect::<Checked<_>>()?,
            version: before.version,
        };
        has_price(&item)?;
        Ok(item)
    }
}

/// A name of 1 to 200 letters.
pub(super) fn name(typed: &str) -> Checked<String> {
    text(typed, 200, ProblemKind::Name)?.ok_or_else(|| ItemProblem::new(ProblemKind::Name, typed))
}

/// So many letters at most; empty for none.
pub(super) fn text(typed: &str, most: usize, kind: ProblemKind) -> Checked<Option<String>> {
    let text = typed.trim();
    if text.chars().count() > most {
        return Err(ItemProblem::new(kind, text));
    }
    if text.chars().any(char::is_control) {
        return Err(ItemProblem::new(ProblemKind::Unreadable, text));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Nothing where nothing was typed.
pub(super) fn optional<T>(typed: &str, read: impl FnOnce(&str) -> Checked<T>) -> Checked<Option<T>> {
    let typed = typed.trim();
    if typed.is_empty() { Ok(None) } else { read(typed).map(Some) }
}

/// A price, `digits[.digits]`.
pub(super) fn price(typed: &str) -> Checked<Amount> {
    let wrong = || ItemProblem::new(ProblemKind::Price, typed);
    let amount: Amount = typed.parse().map_err(|_problem| wrong())?;
    price_of(amount.decimal()).ok_or_else(wrong)
}

/// A price with two places, so that equal ones look alike.
pub(super) fn price_of(decimal: Decimal) -> Option<Amount> {
    let fits = decimal >= Decimal::ZERO
        && decimal <= Decimal::new(99_999_999_999, 2)
        && decimal.normalize().scale() <= 2;
    let mut decimal = decimal;
    decimal.rescale(2);
    fits.then(|| Amount::from(decimal))
}

/// Years, 1 to 99.
pub(super) fn age(typed: &str) -> Checked<u8> {
    let years = typed.parse().ok().filter(|years| (1..=99).contains(years));
    years.ok_or_else(|| ItemProblem::new(ProblemKind::AgeLimit, typed))
}

/// Codes with how many each stands for. One that is there twice is there once.
pub(super) fn codes<'a>(typed: impl Iterator<Item = (&'a str, &'a str)>) -> Checked<Vec<ItemCode>> {
    let mut codes: Vec<ItemCode> = Vec::new();
    for (code, factor) in typed {
        let (code, factor) = (code.trim(), factor.trim());
        if code.is_empty() && factor.is_empty() {
            continue;
        }
        if code.is_empty()
            || code.len() > 64
            || !code.bytes().all(|one| one.is_ascii_graphic())
            || is_rounded(code)
        {
            return Err(ItemProblem::new(ProblemKind::Code, code));
        }
        if scan::read(code, &[]) == Err(ScanProblem::CheckDigit) {
            return Err(ItemProblem::new(ProblemKind::CheckDigit, code));
        }
        let factor = if factor.is_empty() { Ok(Quantity::ONE) } else { factor.parse() };
        let factor = factor.map_err(|_broken| ItemProblem::new(ProblemKind::Factor, code))?;
        codes.retain(|known| known.code != code);
        codes.push(ItemCode { code: code.to_owned(), factor });
    }
    if codes.len() > MOST_CODES {
        return Err(ItemProblem::new(ProblemKind::TooManyCodes, &codes.len().to_string()));
    }
    codes.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(codes)
}

/// Whether a spreadsheet made a rounded number of a code: `4.01E+12`.
fn is_rounded(code: &str) -> bool {
    let Some((number, power)) = code.split_once("E+") else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    digits(&number.replace(['.', ','], "")) && digits(power)
}

/// An item without a price has an open one.
pub(super) fn has_price(item: &KeptItem) -> Checked<()> {
    if item.price.is_none() && !item.price_is_open {
        return Err(ItemProblem::new(ProblemKind::NoPrice, &item.name));
    }
    Ok(())
}
