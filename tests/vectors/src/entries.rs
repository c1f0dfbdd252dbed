//! What a cart is made of, and the entry that comes of it, as a line of the file has it.

use serde::Serialize;

/// What a cart is made of, before anything is computed.
pub(crate) struct Cart {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) places: u32,
    pub(crate) prices_include_tax: bool,
    pub(crate) cash_step: Option<String>,
    pub(crate) cash_half: Option<&'static str>,
    pub(crate) lines: Vec<CartLine>,
    pub(crate) cart_discount: Option<String>,
    pub(crate) cart_discount_percent: Option<String>,
    pub(crate) rates: Vec<CartRate>,
    pub(crate) tenders: Vec<Tender>,
    pub(crate) refunds: Vec<Wanted>,
    pub(crate) mistake: Option<Mistake>,
}

pub(crate) struct CartLine {
    pub(crate) quantity: String,
    pub(crate) unit_price: String,
    pub(crate) discount: Option<String>,
    pub(crate) discount_percent: Option<String>,
    pub(crate) tax_code: Option<String>,
}

pub(crate) struct CartRate {
    pub(crate) tax_code: String,
    pub(crate) component: String,
    pub(crate) rate: String,
}

/// What somebody brings back: numbers of lines and quantities, and how they get their money.
pub(crate) struct Wanted {
    pub(crate) lines: Vec<(usize, String)>,
    pub(crate) by: &'static str,
}

/// A line of the file: an entry with all its figures. What is zero or absent is left out.
#[derive(Serialize)]
pub struct Entry {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) places: u32,
    pub(crate) lines: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cart_discount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cart_discount_percent: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) taxes: Vec<Tax>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tenders: Vec<Tender>,
    pub(crate) totals: Totals,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) refunds: Vec<Refund>,
}

#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) quantity: String,
    pub(crate) unit_price: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discount_percent: Option<String>,
    pub(crate) gross: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cart_discount: Option<String>,
    pub(crate) net: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) original_line: Option<u32>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Tax {
    pub(crate) tax_code: String,
    pub(crate) component: String,
    pub(crate) rate: String,
    pub(crate) base: String,
    pub(crate) tax: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct Tender {
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<&'static str>,
    pub(crate) amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tendered: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) change: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Totals {
    pub(crate) currency: &'static str,
    pub(crate) prices_include_tax: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cash_step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cash_half: Option<&'static str>,
    pub(crate) gross: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discount: Option<String>,
    pub(crate) net: String,
    pub(crate) tax: String,
    pub(crate) total: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cash_rounding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) net_cash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) net_card: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) net_other: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Refund {
    pub(crate) lines: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) taxes: Vec<Tax>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tenders: Vec<Tender>,
    pub(crate) totals: Totals,
}

/// Mistakes that were made elsewhere, to see whether the vectors catch them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// A half is rounded down.
    HalfDown,
    /// A half is rounded to the even neighbour.
    HalfEven,
    /// Nothing is rounded up.
    CutsOff,
    /// Tax is rounded for each line.
    TaxByLine,
    /// Tax is rounded for each component.
    TaxByComponent,
    /// Tax in the price is the price times the rate.
    TaxOfPrice,
    /// Tax is computed before the discount on the cart.
    TaxBeforeDiscount,
    /// The last line takes whatever a discount on the cart leaves.
    LastTakesTheRest,
    /// A discount on the cart is divided by what the lines cost before their own discounts.
    SharesOfGross,
    /// Cash is rounded although a card pays everything.
    RoundsCards,
    /// The rounding of cash is counted as sales.
    RoundingIsSales,
    /// What was handed over is counted as cash.
    CountsWhatWasHanded,
    /// Each refund is rounded by itself.
    RefundByItself,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::HalfDown,
        Self::HalfEven,
        Self::CutsOff,
        Self::TaxByLine,
        Self::TaxByComponent,
        Self::TaxOfPrice,
        Self::TaxBeforeDiscount,
        Self::LastTakesTheRest,
        Self::SharesOfGross,
        Self::RoundsCards,
        Self::RoundingIsSales,
        Self::CountsWhatWasHanded,
        Self::RefundByItself,
    ];
}
