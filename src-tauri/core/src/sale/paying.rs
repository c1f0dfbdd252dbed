//! A cart whose customer pays.
//!
//! Invariants: what the terminal approved is kept the moment it is pressed, and is given back before anything else can
//! become of the cart; what is settled is computed from the tenders each time, never counted along.

use super::{
    CartProblem, Editing, Payment, SaleKind, SellingRules, Sums, cash_due,
    chain::{ChainHead, Sealed, Stamp, Unsealed},
    check,
    figures::CashDue,
    text::{SHORT, free_text},
};
use crate::{Amount, Role, currency};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A tender that was taken and is no cash. Cash comes last and finishes the sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Taken {
    /// The terminal approved it.
    Card {
        /// How much.
        amount: Amount,
        /// A number of its slip.
        reference: Option<String>,
    },
    /// By what the store named so.
    Other {
        /// The store's name for it.
        label: String,
        /// How much.
        amount: Amount,
        /// A number of the voucher.
        reference: Option<String>,
    },
}

impl Taken {
    fn amount(&self) -> Amount {
        match self {
            Self::Card { amount, .. } | Self::Other { amount, .. } => *amount,
        }
    }

    fn payment(&self) -> Payment {
        match self.clone() {
            Self::Card { amount, reference } => Payment::Card { amount, reference },
            Self::Other { label, amount, reference } => Payment::Other { label, amount, reference },
        }
    }
}

/// Cash of a refund that is on record, which the customer leaves for what they take instead. The books have it as handed
/// out; it is in the drawer all the same, and counts as handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Credit {
    /// How much.
    pub amount: Amount,
    /// The number of the refund.
    pub number: String,
}

/// A cart whose customer pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paying {
    cart: Editing,
    taken: Vec<Taken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credit: Option<Credit>,
}

impl Editing {
    /// The customer pays.
    ///
    /// # Errors
    /// [`CartProblem::Empty`], [`CartProblem::NotAllowed`] where selling is off, [`CartProblem::AgeToCheck`],
    /// [`CartProblem::ApprovalNeeded`].
    pub fn pay(self, role: Role, rules: &SellingRules) -> Result<Paying, CartProblem> {
        if self.lines().is_empty() {
            return Err(CartProblem::Empty);
        }
        if !rules.selling_on {
            return Err(CartProblem::NotAllowed);
        }
        if let Some(age) = self.age_to_check() {
            return Err(CartProblem::AgeToCheck(age));
        }
        let needed = self.needs(role, rules)?;
        if needed.is_empty() { Ok(Paying::new(self)) } else { Err(CartProblem::ApprovalNeeded(needed)) }
    }
}

impl Paying {
    fn new(cart: Editing) -> Self {
        Self { cart, taken: Vec::new(), credit: None }
    }

    /// What is paid for.
    #[must_use]
    pub fn cart(&self) -> &Editing {
        &self.cart
    }

    /// What was taken so far, in order.
    #[must_use]
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    /// What of a refund is left for it.
    #[must_use]
    pub fn credit(&self) -> Option<&Credit> {
        self.credit.as_ref()
    }

    /// The customer leaves this for it.
    #[must_use]
    pub fn with_credit(self, credit: Option<Credit>) -> Self {
        Self { credit, ..self }
    }

    /// Whether something was taken for it.
    #[must_use]
    pub fn has_money(&self) -> bool {
        !self.taken.is_empty() || self.credit.is_some()
    }

    /// What is still to be handed over in cash, and what goes back of the credit.
    ///
    /// # Errors
    /// As [`Paying::due`].
    pub fn to_pay(&self) -> Result<(Amount, Amount), CartProblem> {
        let due = self.due()?.due.decimal();
        let credit = self.credit.as_ref().map_or(Decimal::ZERO, |credit| credit.amount.decimal());
        let above = |one: Decimal| Amount::from(one.max(Decimal::ZERO));
        Ok((above(due - credit), above(credit - due)))
    }

    fn sums(&self) -> Result<Sums, CartProblem> {
        Ok(self.cart.figures()?.ok_or(CartProblem::Empty)?.sums)
    }

    /// What is still open, as it is and as cash can pay it.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for a cart from a damaged file.
    pub fn due(&self) -> Result<CashDue, CartProblem> {
        let taken: Decimal = self.taken.iter().map(|one| one.amount().decimal()).sum();
        Ok(cash_due(self.sums()?.total, taken.into(), self.cart.terms())?)
    }

    /// The terminal approved this much: it is kept before anything else happens.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for more than is open, or nothing; [`CartProblem::Text`].
    pub fn card_approved(self, amount: Amount, reference: &str) -> Result<Self, CartProblem> {
        let reference = free_text(reference, SHORT)?;
        self.take(Taken::Card { amount, reference })
    }

    /// A voucher, a transfer or the like. `names` are those of the store.
    ///
    /// # Errors
    /// [`CartProblem::NotAllowed`] for a name that the store does not have; [`CartProblem::Figures`] for more than is open,
    /// or nothing; [`CartProblem::Text`].
    pub fn other(
        self,
        label: &str,
        amount: Amount,
        reference: &str,
        names: &[String],
    ) -> Result<Self, CartProblem> {
        if !names.iter().any(|name| name == label) {
            return Err(CartProblem::NotAllowed);
        }
        let reference = free_text(reference, SHORT)?;
        self.take(Taken::Other { label: label.to_owned(), amount, reference })
    }

    fn take(mut self, taken: Taken) -> Result<Self, CartProblem> {
        self.taken.push(taken);
        let settled: Vec<Payment> = self.taken.iter().map(Taken::payment).collect();
        // With whatever is left in cash it has to be a receipt: not above the total, not too many tenders.
        let due = self.due()?.due;
        let cash = (due > Amount::ZERO).then_some(Payment::Cash(None));
        let all: Vec<Payment> = settled.into_iter().chain(cash).collect();
        self.sums()?.settle(SaleKind::Sale, &all, self.cart.terms())?;
        Ok(self)
    }

    /// Gives a tender (counted from 0) back: the terminal was told, the voucher is in the customer's hand again. The one
    /// behind the last is the credit, which is handed out.
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`].
    pub fn give_back(mut self, index: usize) -> Result<Self, CartProblem> {
        if index < self.taken.len() {
            self.taken.remove(index);
            Ok(self)
        } else if index == self.taken.len() && self.credit.is_some() {
            Ok(self.with_credit(None))
        } else {
            Err(CartProblem::NoSuchLine)
        }
    }

    /// The customer wants something else: back to the lines.
    ///
    /// # Errors
    /// [`CartProblem::MoneyTaken`] while a tender was taken.
    pub fn back(self) -> Result<Editing, CartProblem> {
        if self.has_money() { Err(CartProblem::MoneyTaken) } else { Ok(self.cart) }
    }

    /// Done: the sale in its place, to be kept in one step with the chain and an empty cart. `handed` is the cash that the
    /// customer handed over besides a credit; `None` where nothing is due in cash, or exactly what is due.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] where this does not settle it.
    pub fn done(self, handed: Option<Amount>, head: &ChainHead, stamp: Stamp) -> Result<Sealed, CartProblem> {
        let figures = self.cart.figures()?.ok_or(CartProblem::Empty)?;
        let due = self.due()?.due;
        let handed = match &self.credit {
            // Where no cash is due it is handed out first: this receipt has no place for it.
            Some(_) if due <= Amount::ZERO => return Err(CartProblem::MoneyTaken),
            Some(credit) => Some(handed.map_or(due.max(credit.amount), |handed| {
                Amount::from(handed.decimal() + credit.amount.decimal())
            })),
            None => handed,
        };
        let cash = (handed.is_some() || due > Amount::ZERO).then_some(Payment::Cash(handed));
        let payments: Vec<Payment> = self.taken.iter().map(Taken::payment).chain(cash).collect();
        let (tenders, totals) = figures.sums.settle(SaleKind::Sale, &payments, self.cart.terms())?;
        let lines = self.cart.sale_lines(&figures);
        let cart = self.cart;
        let entry = Unsealed {
            id: cart.id,
            kind: SaleKind::Sale,
            lines,
            taxes: figures.taxes,
            tenders,
            totals,
            original_id: None,
            reason: cart.cart_discount_reason,
            note: None,
            approval_id: cart.approvals.first().map(|approval| approval.id),
            age_checked: cart.age_checked,
        };
        let sealed = head.seal(entry, stamp);
        check(&sealed.sale)?;
        Ok(sealed)
    }
}

/// The sums that a customer is likely to hand over: of each note the least number that pays what is due, smallest first,
/// at most three; none equal to what is due, which is *exact*.
#[must_use]
pub fn next_notes(due: Amount, currency: &str) -> Vec<Amount> {
    let due = due.decimal();
    let notes = currency::pieces(currency).into_iter().filter(|piece| piece.form == currency::Form::Note);
    let mut sums: Vec<Decimal> =
        notes.map(|note| (due / note.value.decimal()).ceil() * note.value.decimal()).collect();
    sums.retain(|sum| *sum > due);
    sums.sort_unstable();
    sums.dedup();
    sums.into_iter().take(3).map(|sum| Amount::from(sum.normalize())).collect()
}
