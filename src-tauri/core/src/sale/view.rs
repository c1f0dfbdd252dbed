//! A cart as the window shows it: every figure computed, nothing left to add up.

use super::{
    ApprovalKind, Cart, CartLine, CartProblem, Discount, Editing, Percent, Quantity, Sale, SaleLine, SaleTax,
    SellingRules, Sums, next_notes,
    paying::{Credit, Taken},
};
use crate::{Amount, Role};
use rust_decimal::Decimal;
use serde::Serialize;

/// What the selling screen shows of a cart. Amounts are in its currency, with all places of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CartView {
    /// ISO 4217.
    pub currency: String,
    /// Prices are with tax.
    pub prices_include_tax: bool,
    /// What is in it, in order.
    pub lines: Vec<CartLineView>,
    /// What the discount on the whole changes, below zero; `None` where it changes nothing.
    pub cart_discount: Option<Amount>,
    /// Its part, where it was given in per cent.
    pub cart_discount_percent: Option<Percent>,
    /// The tax in it, by code and component.
    pub taxes: Vec<CartTaxView>,
    /// What it comes to; `None` while it is empty.
    pub sums: Option<Sums>,
    /// Where it stands.
    pub stage: CartStage,
}

/// A line as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CartLineView {
    /// What it is called; may be empty.
    pub name: String,
    /// How many, or how much.
    pub quantity: Quantity,
    /// It is one piece: its price is what the line costs.
    pub is_one: bool,
    /// The unit of the quantity; `None` for pieces.
    pub unit: Option<String>,
    /// What one is charged.
    pub unit_price: Amount,
    /// What the catalogue says one costs, where that is something else.
    pub list_price: Option<Amount>,
    /// Before discounts.
    pub gross: Amount,
    /// What the discount on this line changes, below zero; `None` where it changes nothing.
    pub discount: Option<Amount>,
    /// Its part, where it was given in per cent.
    pub discount_percent: Option<Percent>,
    /// How old a customer must be for it.
    pub age_limit: Option<u8>,
    /// `gross` less `discount`; a discount on the whole cart is shown once, not in every line.
    pub amount: Amount,
}

/// A row of tax as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CartTaxView {
    /// The component's name.
    pub component: String,
    /// Its rate in per cent, `8.1`.
    pub percent: String,
    /// The tax.
    pub tax: Amount,
}

/// Where a cart stands, and what only that stage has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum CartStage {
    /// Lines come and go.
    Editing {
        /// What a manager has to approve before it can be paid.
        needs: Vec<ApprovalKind>,
        /// How old the customer must be, where somebody still has to look.
        age_to_check: Option<u8>,
        /// What a manager has to approve before these goods come back without a receipt; `None`: they do not.
        refund_needs: Option<Vec<ApprovalKind>>,
    },
    /// Tenders come.
    Paying {
        /// What was taken and is no cash.
        taken: Vec<Taken>,
        /// What is open.
        open: Amount,
        /// The same in cash.
        due: Amount,
        /// `due` less `open`; `None` where that is nothing.
        rounding: Option<Amount>,
        /// Nothing is open.
        is_settled: bool,
        /// What of a refund the customer leaves for it; `due` is what is still to be handed over besides.
        credit: Option<Credit>,
        /// What goes back of the credit when it is finished now; `None` where nothing does.
        credit_back: Option<Amount>,
        /// What a customer is likely to hand over.
        next_notes: Vec<Amount>,
    },
    /// The server was asked for a refund: no money is handed out yet.
    AwaitingServer {
        /// What is given back in cash once it is recorded.
        cash: Amount,
        /// It may be recorded already.
        may_have_run: bool,
    },
}

impl Cart {
    /// What the window shows to somebody of this role.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for a cart from a damaged file.
    pub fn view(&self, role: Role, rules: &SellingRules) -> Result<CartView, CartProblem> {
        match self {
            Self::Editing(cart) => {
                let (needs, age_to_check) = (cart.needs(role, rules)?, cart.age_to_check());
                let refund_needs = cart.refund_needs(role, rules).ok();
                view(cart, CartStage::Editing { needs, age_to_check, refund_needs })
            }
            Self::Paying(paying) => {
                let due = paying.due()?;
                let (to_pay, back) = paying.to_pay()?;
                let cart = paying.cart();
                let stage = CartStage::Paying {
                    taken: paying.taken().to_vec(),
                    open: due.open,
                    due: to_pay,
                    rounding: Some(due.rounding).filter(|rounding| !rounding.decimal().is_zero()),
                    is_settled: due.open.decimal().is_zero(),
                    credit: paying.credit().cloned(),
                    credit_back: Some(back).filter(|back| *back > Amount::ZERO),
                    next_notes: next_notes(to_pay, &cart.terms().currency),
                };
                view(cart, stage)
            }
            Self::AwaitingServer(awaiting) => {
                let entry = awaiting.entry();
                let cash = Amount::from(entry.totals.net_cash.decimal().abs());
                Ok(refunded(entry, CartStage::AwaitingServer { cash, may_have_run: awaiting.may_have_run() }))
            }
        }
    }
}

fn view(cart: &Editing, stage: CartStage) -> Result<CartView, CartProblem> {
    let figures = cart.figures()?;
    let lines = figures.as_ref().map(|figures| cart.sale_lines(figures)).unwrap_or_default();
    let shown = lines.iter().zip(cart.lines()).map(|(line, typed)| line_view(line, Some(typed)));
    Ok(CartView {
        currency: cart.terms().currency.clone(),
        prices_include_tax: cart.terms().prices_include_tax,
        lines: shown.collect(),
        cart_discount: cart_discount(&lines),
        cart_discount_percent: percent(cart.cart_discount()),
        taxes: figures.iter().flat_map(|figures| &figures.taxes).map(tax_view).collect(),
        sums: figures.map(|figures| figures.sums),
        stage,
    })
}

fn refunded(entry: &Sale, stage: CartStage) -> CartView {
    CartView {
        currency: entry.totals.currency.clone(),
        prices_include_tax: entry.totals.prices_include_tax,
        lines: entry.lines.iter().map(|line| line_view(line, None)).collect(),
        cart_discount: cart_discount(&entry.lines),
        cart_discount_percent: None,
        taxes: entry.taxes.iter().map(tax_view).collect(),
        sums: Some(entry.totals.sums()),
        stage,
    }
}

fn cart_discount(lines: &[SaleLine]) -> Option<Amount> {
    taken_off(lines.iter().map(|line| line.cart_discount.decimal()).sum())
}

fn taken_off(discount: Decimal) -> Option<Amount> {
    (!discount.is_zero()).then(|| Amount::from(-discount))
}

fn percent(discount: Discount) -> Option<Percent> {
    match discount {
        Discount::Percent(percent) => Some(percent),
        Discount::None | Discount::Amount(_) => None,
    }
}

/// `typed`: the line of the cart, which knows more than what becomes of it.
fn line_view(line: &SaleLine, typed: Option<&CartLine>) -> CartLineView {
    CartLineView {
        name: line.name.clone().unwrap_or_default(),
        quantity: line.quantity,
        is_one: line.unit.is_none() && line.quantity == Quantity::ONE,
        unit: line.unit.clone(),
        unit_price: line.unit_price,
        list_price: line.list_price.filter(|list| *list != line.unit_price),
        gross: line.gross,
        discount: taken_off(line.discount.decimal()),
        discount_percent: typed.and_then(|typed| percent(typed.discount)),
        age_limit: typed.and_then(|typed| typed.age_limit),
        amount: Amount::from(line.gross.decimal() - line.discount.decimal()),
    }
}

fn tax_view(row: &SaleTax) -> CartTaxView {
    CartTaxView {
        component: row.component.clone(),
        percent: (row.rate.decimal() * Decimal::ONE_HUNDRED).normalize().to_string(),
        tax: row.tax,
    }
}
