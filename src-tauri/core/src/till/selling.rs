//! Selling: the cart from its first line to the press that finishes it.
//!
//! Invariants: every change of the cart is written before it is shown (S12); where a change is refused, the cart is as it
//! was; prices, taxes and terms are those of the moment at which a line came.

use super::{
    command::Outcome,
    effect::{Call, Lookup, Wanted, Work, Write},
    selling_state::{CartState, SoldAs},
    state::{State, not_now},
};
use crate::{
    Amount, Code, Device, Fault, ItemId, RegisterAssignment, Role, SaleId, Staff,
    sale::{
        AmountKey, Broken, Cart, CartProblem, Discount, Editing, Item, Paying, Percent, Quantity,
        SellingRules, Stamp, TaxRate, approved_by, holds_card_number, recall, receipt_part,
    },
    scan::{self, Measure},
};

impl State {
    /// Adds an amount that was typed.
    pub(super) fn add_amount(
        &mut self,
        amount: &str,
        quantity: &str,
        key: Option<&str>,
        code: Option<&str>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (amount, quantity) = (amount_of(amount)?, quantity_of(quantity)?);
        // No code on goods is longer than 14 digits; what is may be the number of a card that was drawn through a reader.
        let code = code.filter(|code| code.len() <= 14 || !holds_card_number(code));
        let rates = self.rates();
        let keys = self.selling.sold_as(&rates);
        let sold_as = match key {
            Some(key) => keys.iter().find(|one| one.key() == key),
            None => keys.first(),
        };
        match sold_as.ok_or_else(not_now)? {
            SoldAs::Item(_, item) => {
                let item = Item::clone(item);
                self.edit(work, |cart| cart.add_item(&item, quantity, code, Some(amount), &rates))
            }
            SoldAs::Tax(tax, name) => {
                let key = AmountKey { name: (*name).to_owned(), tax_code: tax.map(str::to_owned) };
                self.edit(work, |cart| cart.add_amount(amount, quantity, &key, code, &rates))
            }
        }
    }

    /// Adds an item: at once where a key of the screen has it, else once the catalogue was asked.
    pub(super) fn add_item(
        &mut self,
        id: ItemId,
        quantity: &str,
        price: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let measure = Measure::Quantity(quantity_of(quantity)?);
        let price = Some(price).filter(|price| !price.is_empty()).map(amount_of).transpose()?;
        let keys = self.selling.shop().map(|shop| shop.keys.as_slice()).unwrap_or_default();
        let item = keys.iter().find(|key| key.item_id == id).and_then(|key| key.item.clone());
        match item {
            Some(item) => self.add_found(&item, None, measure, price, work),
            None => self.look_up(Lookup { wanted: Wanted::Id(id), code: None, measure, price }, work),
        }
    }

    /// Adds what a scanner read, once the catalogue was asked. The number of a receipt, between two customers, is asked for.
    pub(super) fn scan(&mut self, typed: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        let is_receipt = self.selling.kept.cart.is_none() && receipt_part(typed).is_some();
        if is_receipt && self.selling.is_practice {
            return Err(Fault::new(Code::Practising, "the server knows of no receipt of practice"));
        }
        if is_receipt {
            return self.find_receipt(typed, work);
        }
        let rules = self.selling.shop().map(|shop| shop.rules.code_rules.as_slice()).unwrap_or_default();
        let read = scan::read(typed, rules)
            .map_err(|problem| Fault::new(Code::BadScan, format!("{typed:?}: {problem}")))?;
        let wanted = Wanted::Codes(read.lookups);
        self.look_up(Lookup { wanted, code: Some(read.code), measure: read.measure, price: None }, work)
    }

    fn look_up(&mut self, lookup: Lookup, work: &mut Work<'_>) -> Result<(), Fault> {
        let location = self.place()?.location.id;
        work.ask(Call::AddItem { location, lookup });
        Ok(())
    }

    /// The catalogue was asked for an item.
    pub(super) fn item_answered(
        &mut self,
        lookup: &Lookup,
        answer: Result<Option<(Item, Quantity)>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        // Whatever happened meanwhile: it is added to a cart whose lines come and go, in a running shift, or not at all.
        let is_open = matches!(self.selling.cart_state(), CartState::None | CartState::Editing);
        if !is_open || self.attached_session().is_none() {
            return Err(not_now());
        }
        let code = lookup.code.as_deref();
        let found = answer?.ok_or_else(|| {
            Fault::new(Code::UnknownItem, code.unwrap_or("an item that is no longer sold").to_owned())
        });
        let (item, factor) = found.inspect_err(|fault| self.fault = Some(fault.clone()))?;
        let measure = match lookup.measure {
            Measure::Piece => Measure::Quantity(factor),
            measure => measure,
        };
        let added = self.add_found(&item, code, measure, lookup.price, work);
        added.inspect_err(|fault| self.fault = Some(fault.clone()))
    }

    fn add_found(
        &mut self,
        item: &Item,
        code: Option<&str>,
        measure: Measure,
        price: Option<Amount>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let rates = self.rates();
        self.edit(work, |cart| match (measure, code) {
            (Measure::Price(price), Some(code)) => cart.add_labelled(item, price, code, &rates),
            (Measure::Quantity(quantity), _) => cart.add_item(item, quantity, code, price, &rates),
            _ => cart.add_item(item, Quantity::ONE, code, price, &rates),
        })
    }

    /// How many, or how much, of a line.
    pub(super) fn set_quantity(
        &mut self,
        line: usize,
        typed: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let quantity = quantity_of(typed)?;
        self.edit(work, |cart| cart.set_quantity(line, quantity))
    }

    /// Charges another price than the catalogue's.
    pub(super) fn set_price(
        &mut self,
        line: usize,
        typed: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let price = amount_of(typed)?;
        self.edit(work, |cart| cart.set_price(line, price, reason))
    }

    /// Takes something off a line, or (`None`) off the whole.
    pub(super) fn discount(
        &mut self,
        line: Option<usize>,
        typed: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let discount = discount_of(typed)?;
        self.edit(work, |cart| match line {
            Some(line) => cart.discount_line(line, discount, reason),
            None => cart.discount_cart(discount, reason),
        })
    }

    /// Changes the lines of the cart; the first line makes one.
    pub(super) fn edit(
        &mut self,
        work: &mut Work<'_>,
        change: impl FnOnce(Editing) -> Result<Editing, CartProblem>,
    ) -> Result<(), Fault> {
        // A copy: an answer that comes to nothing leaves everything as it was, too.
        let cart = match self.selling.kept.cart.clone() {
            None => {
                let shop = self.selling.shop().ok_or_else(not_now)?;
                Editing::new(SaleId(work.at.id), shop.rules.terms(&shop.currency))
            }
            Some(Cart::Editing(cart)) => cart,
            Some(_) => return Err(not_now()),
        };
        let cart = change(cart)?;
        let is_empty = cart.lines().is_empty();
        self.keep_cart((!is_empty).then_some(Cart::Editing(cart)), work)
    }

    /// Changes what was taken for the cart.
    pub(super) fn change_payment(
        &mut self,
        work: &mut Work<'_>,
        change: impl FnOnce(Paying) -> Result<Paying, CartProblem>,
    ) -> Result<(), Fault> {
        let Some(Cart::Paying(paying)) = self.selling.kept.cart.take() else { return Err(not_now()) };
        self.keep_cart(Some(Cart::Paying(change(paying)?)), work)
    }

    /// The customer pays.
    pub(super) fn pay(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let (role, rules) = self.seller()?;
        let Some(Cart::Editing(cart)) = self.selling.kept.cart.take() else { return Err(not_now()) };
        let paying = cart.pay(role, &rules)?;
        if self.is_exchanging() {
            return self.pay_exchange(paying, work);
        }
        self.keep_cart(Some(Cart::Paying(paying)), work)
    }

    /// Back from paying to the lines.
    pub(super) fn back_to_lines(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let Some(Cart::Paying(paying)) = self.selling.kept.cart.take() else { return Err(not_now()) };
        self.keep_cart(Some(Cart::Editing(paying.back()?)), work)
    }

    /// The terminal approved a card.
    pub(super) fn card_approved(
        &mut self,
        typed: &str,
        reference: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let typed = typed_or_none(typed)?;
        self.change_payment(work, |paying| {
            let amount = typed.map_or_else(|| paying.due().map(|due| due.open), Ok)?;
            paying.card_approved(amount, reference)
        })
    }

    /// A voucher, a transfer or the like was taken.
    pub(super) fn take_other(
        &mut self,
        label: &str,
        typed: &str,
        reference: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let typed = typed_or_none(typed)?;
        let (_role, rules) = self.seller()?;
        self.change_payment(work, |paying| {
            let amount = typed.map_or_else(|| paying.due().map(|due| due.open), Ok)?;
            paying.other(label, amount, reference, &rules.other_tenders)
        })
    }

    /// The sale is paid: what is left in cash.
    pub(super) fn finish_sale(&mut self, handed: &str, work: &mut Work<'_>) -> Result<Outcome, Fault> {
        let handed = typed_or_none(handed)?;
        let stamp = self.stamp(work)?;
        let Some(Cart::Paying(paying)) = self.selling.kept.cart.take() else { return Err(not_now()) };
        let approved_by = approved_by(paying.cart().approvals());
        let sealed = paying.done(handed, self.chain()?, stamp)?;
        self.keep_cart(None, work)?;
        self.record_sale(sealed, approved_by, work)
    }

    /// Throws the cart away. What was in it stays on record.
    pub(super) fn discard_cart(&mut self, reason: &str, work: &mut Work<'_>) -> Result<Outcome, Fault> {
        let stamp = self.stamp(work)?;
        let cart = match self.selling.kept.cart.take() {
            Some(Cart::Editing(cart)) => cart,
            Some(Cart::Paying(paying)) => paying.back()?,
            _ => return Err(not_now()),
        };
        self.selling.returning = None;
        let sealed = cart.discard(reason, self.chain()?, stamp)?;
        self.keep_cart(None, work)?;
        sealed.map_or(Ok(Outcome::Done), |sealed| self.record_sale(sealed, None, work))
    }

    /// Puts the cart beside the others.
    pub(super) fn park_cart(&mut self, label: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        let cart = self.selling.kept.cart.take().ok_or_else(not_now)?;
        self.selling.returning = None;
        let by_name = self.staff.as_ref().ok_or_else(not_now)?.display_name.clone();
        let parked = std::mem::take(&mut self.selling.kept.parked);
        self.selling.kept.parked = cart.park(parked, by_name, work.at.store_time(), label)?;
        if let Some(parked) = self.selling.kept.parked.last() {
            work.save(Write::Park(self.place()?.register.id, Box::new(parked.clone())));
        }
        self.keep_cart(None, work)
    }

    /// Takes up a parked cart.
    pub(super) fn recall_cart(&mut self, id: SaleId, work: &mut Work<'_>) -> Result<(), Fault> {
        let (cart, others) = recall(std::mem::take(&mut self.selling.kept.parked), id)?;
        self.selling.kept.parked = others;
        work.save(Write::Unpark(id));
        self.keep_cart(Some(cart), work)
    }

    /// The shift is over here: its cart waits for the next one. One that may be on record, or that no longer finds
    /// room, stays where it is.
    pub(super) fn put_cart_aside(&mut self, work: &mut Work<'_>) {
        if self.selling.kept.cart.is_some() {
            let before = self.selling.clone();
            if self.park_cart("", work).is_err() {
                self.selling = before;
            }
        }
        self.selling.done = None;
        self.selling.returning = None;
    }

    pub(super) fn keep_cart(&mut self, cart: Option<Cart>, work: &mut Work<'_>) -> Result<(), Fault> {
        // Whoever finds a refund in the file does not know whether it was sent.
        let kept = cart.clone().map(|cart| match cart {
            Cart::AwaitingServer(refund) => Cart::AwaitingServer(refund.unanswered()),
            cart => cart,
        });
        work.save(Write::Cart(self.place()?.register.id, kept.map(Box::new)));
        self.selling.kept.cart = cart;
        self.selling.done = None;
        Ok(())
    }

    pub(super) fn place(&self) -> Result<&RegisterAssignment, Fault> {
        self.assignment.as_ref().ok_or_else(not_now)
    }

    /// Who sells, and by which rules.
    pub(super) fn seller(&self) -> Result<(Role, SellingRules), Fault> {
        let role = self.staff.as_ref().ok_or_else(not_now)?.role;
        let shop = self.selling.shop().ok_or_else(not_now)?;
        Ok((role, shop.rules.clone()))
    }

    /// Where, when and by whom an entry is made.
    pub(super) fn stamp(&self, work: &Work<'_>) -> Result<Stamp, Fault> {
        match (&self.device, &self.staff) {
            (Device::Attached(attached), Some(Staff { user_id, .. })) => {
                Ok(Stamp { session_id: attached.active.session.id, by: *user_id, now: work.at.now })
            }
            _ => Err(not_now()),
        }
    }

    /// The taxes of the session's business date.
    pub(super) fn rates(&self) -> Vec<TaxRate> {
        let (Some(shop), Some(session), Ok(place)) =
            (self.selling.shop(), self.attached_session(), self.place())
        else {
            return Vec::new();
        };
        let opened = || place.location.business_date(session.opened_at);
        session.business_date.or_else(opened).map(|date| shop.rates(date)).unwrap_or_default()
    }
}

fn amount_of(typed: &str) -> Result<Amount, Fault> {
    Amount::for_drawer(typed).map_err(|problem| Fault::new(Code::BadFigure, problem.to_string()))
}

fn typed_or_none(typed: &str) -> Result<Option<Amount>, Fault> {
    if typed.is_empty() { Ok(None) } else { amount_of(typed).map(Some) }
}

fn quantity_of(typed: &str) -> Result<Quantity, Fault> {
    if typed.is_empty() {
        return Ok(Quantity::ONE);
    }
    typed.parse().map_err(|broken: Broken| Fault::new(Code::BadFigure, broken.to_string()))
}

/// `1.50`, `10%`, or nothing.
fn discount_of(typed: &str) -> Result<Discount, Fault> {
    match typed.trim().strip_suffix('%') {
        _ if typed.trim().is_empty() => Ok(Discount::None),
        Some(part) => part
            .trim()
            .parse::<Percent>()
            .map(Discount::Percent)
            .map_err(|broken| Fault::new(Code::BadFigure, broken.to_string())),
        None => amount_of(typed).map(Discount::Amount),
    }
}
