//! A cart whose lines come and go.
//!
//! Invariants: it carries its id, terms and tax rates from the first line on, so that the prices shown are the prices
//! charged whatever becomes of the catalogue; a cart that is there has figures, because an edit that would break a rule is
//! refused and the cart stays as it was.

use super::{
    Act, ApprovalKind, Broken, Discount, Figures, MOST_LINES, PricedLine, Quantity, Rule, SaleLine,
    SellingRules, TaxRate, Terms, TextProblem, price,
    rules::{Permission, approvals_needed, permission},
    text::{SHORT, free_text, printable, printable_name},
};
use crate::{Amount, ApprovalId, ItemId, Role, SaleId};
use serde::{Deserialize, Serialize};

/// Why something cannot be done with a cart. The cart is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CartProblem {
    /// A figure breaks a rule.
    #[error(transparent)]
    Figures(#[from] Broken),
    /// A text is not taken.
    #[error(transparent)]
    Text(#[from] TextProblem),
    /// There is no such line or tender.
    #[error("there is no such line or tender")]
    NoSuchLine,
    /// There is nothing in the cart.
    #[error("the cart is empty")]
    Empty,
    /// The item has no price of its own.
    #[error("the item needs a price")]
    PriceNeeded,
    /// Somebody has to look how old the customer is.
    #[error("the customer must be {0} or older")]
    AgeToCheck(u8),
    /// A manager has to approve this.
    #[error("a manager has to approve this: {0:?}")]
    ApprovalNeeded(Vec<ApprovalKind>),
    /// This person may not.
    #[error("this takes a manager, or is off here")]
    NotAllowed,
    /// Money that was taken has to be given back first.
    #[error("money was taken already")]
    MoneyTaken,
    /// The most carts are parked.
    #[error("no more carts can be parked")]
    ParkedFull,
    /// The receipt is no sale of the running shift, or something of it came back.
    #[error("this receipt cannot be voided")]
    CannotVoid,
    /// The request may have reached the server.
    #[error("what the server made of it is not known")]
    OutcomeUnknown,
}

/// What one line is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The item of the catalogue; `None` for an amount that was typed.
    pub item_id: Option<ItemId>,
    /// What the receipt calls it.
    pub name: Option<String>,
    /// The code that was scanned or typed.
    pub code: Option<String>,
    /// The unit of the quantity.
    pub unit: Option<String>,
    /// How many, or how much.
    pub quantity: Quantity,
    /// What one is charged.
    pub unit_price: Amount,
    /// What the catalogue said one costs.
    pub list_price: Option<Amount>,
    /// Reduction of this line.
    pub discount: Discount,
    /// Why the reduction or the other price.
    pub discount_reason: Option<String>,
    /// The tax code.
    pub tax_code: Option<String>,
    /// How old a customer must be.
    pub age_limit: Option<u8>,
}

/// An item of the catalogue, as far as a sale needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// What the receipt calls it.
    pub name: String,
    /// The unit of a quantity, such as kg; `None` for pieces.
    #[serde(default)]
    pub unit: Option<String>,
    /// What one costs at this location; `None` where that is typed each time.
    #[serde(default)]
    pub price: Option<Amount>,
    /// Another price may be typed, and is no override.
    #[serde(default)]
    pub price_is_open: bool,
    /// The tax code; `None` for an item without tax.
    #[serde(default)]
    pub tax_code: Option<String>,
    /// How old a customer must be.
    #[serde(default)]
    pub age_limit: Option<u8>,
}

/// A named key for amounts that are typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountKey {
    /// What the receipt calls what is sold by it.
    pub name: String,
    /// The tax code.
    #[serde(default)]
    pub tax_code: Option<String>,
}

/// A manager's approval of one thing that an entry needed one for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id at the server.
    pub id: ApprovalId,
    /// What was approved.
    pub kind: ApprovalKind,
    /// Who approved it, as people say it.
    #[serde(default)]
    pub by_name: String,
}

/// Who approved something of an entry, each once; `None` where nothing was.
#[must_use]
pub fn approved_by(approvals: &[Approval]) -> Option<String> {
    let mut names: Vec<&str> = approvals.iter().map(|approval| approval.by_name.as_str()).collect();
    names.retain(|name| !name.is_empty());
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A cart whose lines come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editing {
    pub(super) id: SaleId,
    pub(super) terms: Terms,
    pub(super) lines: Vec<CartLine>,
    pub(super) cart_discount: Discount,
    pub(super) cart_discount_reason: Option<String>,
    /// The components of the codes of the lines, as they were when the first line of a code came.
    pub(super) rates: Vec<TaxRate>,
    pub(super) age_checked: bool,
    pub(super) approvals: Vec<Approval>,
}

impl Editing {
    /// An empty cart. Its sale has this id from now on, however often it is sent.
    #[must_use]
    pub fn new(id: SaleId, terms: Terms) -> Self {
        Self {
            id,
            terms,
            lines: Vec::new(),
            cart_discount: Discount::None,
            cart_discount_reason: None,
            rates: Vec::new(),
            age_checked: false,
            approvals: Vec::new(),
        }
    }

    /// The id of the sale that it becomes.
    #[must_use]
    pub fn id(&self) -> SaleId {
        self.id
    }

    /// By which terms it is computed.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What is in it, in order.
    #[must_use]
    pub fn lines(&self) -> &[CartLine] {
        &self.lines
    }

    /// The reduction of the whole.
    #[must_use]
    pub fn cart_discount(&self) -> Discount {
        self.cart_discount
    }

    /// All figures; `None` while it is empty.
    ///
    /// # Errors
    /// A rule that a cart read from a damaged file breaks; one that was made here breaks none.
    pub fn figures(&self) -> Result<Option<Figures>, Broken> {
        if self.lines.is_empty() {
            return Ok(None);
        }
        let lines: Vec<PricedLine> = self
            .lines
            .iter()
            .map(|line| PricedLine {
                quantity: line.quantity,
                unit_price: line.unit_price,
                discount: line.discount,
                tax_code: line.tax_code.clone(),
            })
            .collect();
        price(&lines, self.cart_discount, &self.rates, &self.terms).map(Some)
    }

    /// Adds an amount that was typed, by a named key. `rates` are those in force now.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for what is no amount of a line.
    pub fn add_amount(
        self,
        amount: Amount,
        quantity: Quantity,
        key: &AmountKey,
        code: Option<&str>,
        rates: &[TaxRate],
    ) -> Result<Self, CartProblem> {
        if amount <= Amount::ZERO {
            return Err(Broken::new(Rule::A1, "unit_price", "an amount above zero", amount).into());
        }
        let line = CartLine {
            item_id: None,
            name: printable_name(&key.name),
            code: code.and_then(printable),
            unit: None,
            quantity,
            unit_price: amount,
            list_price: None,
            discount: Discount::None,
            discount_reason: None,
            tax_code: key.tax_code.clone(),
            age_limit: None,
        };
        self.add(line, rates)
    }

    /// Adds an item of the catalogue; `code` is what was scanned, `typed` the price that was typed for one whose price is
    /// open.
    ///
    /// # Errors
    /// [`CartProblem::PriceNeeded`] for an item without a price when none was typed, [`CartProblem::Figures`] for what is
    /// no line.
    pub fn add_item(
        self,
        item: &Item,
        quantity: Quantity,
        code: Option<&str>,
        typed: Option<Amount>,
        rates: &[TaxRate],
    ) -> Result<Self, CartProblem> {
        let list_price = item.price.filter(|_price| !item.price_is_open || typed.is_none());
        let unit_price = list_price.or(typed).ok_or(CartProblem::PriceNeeded)?;
        let line = CartLine {
            item_id: Some(item.id),
            name: printable_name(&item.name),
            code: code.and_then(printable),
            unit: item.unit.as_deref().and_then(printable_name),
            quantity,
            unit_price,
            list_price,
            discount: Discount::None,
            discount_reason: None,
            tax_code: item.tax_code.clone(),
            age_limit: item.age_limit,
        };
        self.add(line, rates)
    }

    /// Adds one piece of a weighed item at the price on its label; the weight that the price stands for is on paper only.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for what is no line.
    pub fn add_labelled(
        self,
        item: &Item,
        price: Amount,
        code: &str,
        rates: &[TaxRate],
    ) -> Result<Self, CartProblem> {
        let weight = item.price.and_then(|per_unit| Quantity::bought(price, per_unit, self.terms.places()));
        let shown = weight
            .map(|weight| format!("{} {weight} {}", item.name, item.unit.as_deref().unwrap_or_default()));
        let line = CartLine {
            item_id: Some(item.id),
            name: printable_name(shown.as_deref().unwrap_or(&item.name)),
            code: printable(code),
            unit: None,
            quantity: Quantity::ONE,
            unit_price: price,
            list_price: None,
            discount: Discount::None,
            discount_reason: None,
            tax_code: item.tax_code.clone(),
            age_limit: item.age_limit,
        };
        self.add(line, rates)
    }

    fn add(mut self, line: CartLine, rates: &[TaxRate]) -> Result<Self, CartProblem> {
        if self.lines.len() >= MOST_LINES {
            let most = format!("at most {MOST_LINES}");
            return Err(Broken::new(Rule::A1, "lines", most, MOST_LINES + 1).into());
        }
        if let Some(code) = &line.tax_code
            && !self.rates.iter().any(|known| known.tax_code == *code)
        {
            self.rates.extend(rates.iter().filter(|rate| rate.tax_code == *code).cloned());
        }
        self.lines.push(line);
        self.forget_approval(&[ApprovalKind::Amount]);
        self.checked()
    }

    /// How many, or how much, of a line (counted from 0).
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`], [`CartProblem::Figures`].
    pub fn set_quantity(mut self, index: usize, quantity: Quantity) -> Result<Self, CartProblem> {
        self.line_mut(index)?.quantity = quantity;
        self.forget_approval(&[ApprovalKind::Amount, ApprovalKind::Discount]);
        self.checked()
    }

    /// Charges another price than the catalogue's.
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`], [`CartProblem::Text`], [`CartProblem::Figures`].
    pub fn set_price(mut self, index: usize, price: Amount, reason: &str) -> Result<Self, CartProblem> {
        let reason = free_text(reason, SHORT)?;
        let line = self.line_mut(index)?;
        line.unit_price = price;
        line.discount_reason = reason;
        self.forget_approval(&[ApprovalKind::Amount, ApprovalKind::Discount, ApprovalKind::Price]);
        self.checked()
    }

    /// Reduces a line, instead of what reduced it before.
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`], [`CartProblem::Text`], [`CartProblem::Figures`].
    pub fn discount_line(
        mut self,
        index: usize,
        discount: Discount,
        reason: &str,
    ) -> Result<Self, CartProblem> {
        let reason = free_text(reason, SHORT)?;
        let line = self.line_mut(index)?;
        line.discount = discount;
        line.discount_reason = reason;
        self.forget_approval(&[ApprovalKind::Amount, ApprovalKind::Discount]);
        self.checked()
    }

    /// Reduces the whole, instead of what reduced it before.
    ///
    /// # Errors
    /// [`CartProblem::Empty`], [`CartProblem::Text`], [`CartProblem::Figures`].
    pub fn discount_cart(mut self, discount: Discount, reason: &str) -> Result<Self, CartProblem> {
        if self.lines.is_empty() {
            return Err(CartProblem::Empty);
        }
        self.cart_discount_reason = free_text(reason, SHORT)?;
        self.cart_discount = discount;
        self.forget_approval(&[ApprovalKind::Amount, ApprovalKind::Discount]);
        self.checked()
    }

    /// Takes a line out. With the last one a discount on the whole goes, too.
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`]; [`CartProblem::Figures`] where a discount on the whole would be more than what is left.
    pub fn remove(mut self, index: usize) -> Result<Self, CartProblem> {
        self.line_mut(index)?;
        self.lines.remove(index);
        if self.lines.is_empty() {
            self.cart_discount = Discount::None;
            self.cart_discount_reason = None;
        }
        self.forget_approval(&[ApprovalKind::Amount, ApprovalKind::Discount]);
        self.checked()
    }

    /// Somebody looked how old the customer is.
    #[must_use]
    pub fn age_was_checked(self) -> Self {
        Self { age_checked: true, ..self }
    }

    /// What was approved of it.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }

    /// A manager approved something that [`Editing::needs`] said. An edit that could ask for more takes it back.
    #[must_use]
    pub fn approved(mut self, approval: Approval) -> Self {
        self.approvals.push(approval);
        self
    }

    /// What somebody of this role needs a manager for, and has none yet.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for a cart from a damaged file.
    pub fn needs(&self, role: Role, rules: &SellingRules) -> Result<Vec<ApprovalKind>, CartProblem> {
        let Some(figures) = self.figures()? else { return Ok(Vec::new()) };
        let lines = self.sale_lines(&figures);
        let mut needed = approvals_needed(&lines, figures.sums, role, rules, self.terms.places());
        needed.retain(|kind| !self.approvals.iter().any(|approval| approval.kind == *kind));
        Ok(needed)
    }

    /// What a refund of it without a receipt needs a manager for, and has none yet.
    ///
    /// # Errors
    /// [`CartProblem::NotAllowed`] where goods do not come back without a receipt; [`CartProblem::Empty`];
    /// [`CartProblem::Figures`] for a cart from a damaged file.
    pub fn refund_needs(&self, role: Role, rules: &SellingRules) -> Result<Vec<ApprovalKind>, CartProblem> {
        let total = self.figures()?.ok_or(CartProblem::Empty)?.sums.total;
        missing_approvals(&[Act::RefundWithoutReceipt, Act::Refund(total)], (role, rules), &self.approvals)
    }

    /// How old the customer must be, where somebody still has to look.
    #[must_use]
    pub fn age_to_check(&self) -> Option<u8> {
        if self.age_checked { None } else { self.lines.iter().filter_map(|line| line.age_limit).max() }
    }

    /// The lines as the ledger has them.
    pub(super) fn sale_lines(&self, figures: &Figures) -> Vec<SaleLine> {
        let lines = self.lines.iter().zip(&figures.lines).map(|(line, figures)| SaleLine {
            item_id: line.item_id,
            name: line.name.clone(),
            code: line.code.clone(),
            unit: line.unit.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            gross: figures.gross,
            discount: figures.discount,
            cart_discount: figures.cart_discount,
            net: figures.net,
            tax_code: line.tax_code.clone(),
            original_line: None,
            list_price: line.list_price,
            discount_reason: line.discount_reason.clone(),
        });
        lines.collect()
    }

    fn line_mut(&mut self, index: usize) -> Result<&mut CartLine, CartProblem> {
        self.lines.get_mut(index).ok_or(CartProblem::NoSuchLine)
    }

    /// What was approved as a refund was so for the very goods.
    fn forget_approval(&mut self, kinds: &[ApprovalKind]) {
        let of_refund = [ApprovalKind::Refund, ApprovalKind::NoReceipt];
        self.approvals.retain(|one| !kinds.contains(&one.kind) && !of_refund.contains(&one.kind));
    }

    fn checked(self) -> Result<Self, CartProblem> {
        self.figures()?;
        Ok(self)
    }
}

/// What a manager has to approve before somebody may do this, and has not yet.
pub(super) fn missing_approvals(
    acts: &[Act],
    (role, rules): (Role, &SellingRules),
    approvals: &[Approval],
) -> Result<Vec<ApprovalKind>, CartProblem> {
    let mut missing = Vec::new();
    for act in acts {
        match permission(role, *act, rules) {
            Permission::Granted => {}
            Permission::WithApproval(kind) if approvals.iter().any(|approval| approval.kind == kind) => {}
            Permission::WithApproval(kind) => missing.push(kind),
            Permission::Denied => return Err(CartProblem::NotAllowed),
        }
    }
    Ok(missing)
}
