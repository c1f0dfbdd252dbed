//! What somebody brings back for a receipt, while it is being chosen.
//!
//! Invariants: no more is chosen of a line than is left of it (S5); to no tender goes back more than it paid and has not
//! got back yet; an approval holds for what was chosen when it was given, and for nothing else.

use super::{
    Act, Approval, ApprovalKind, Broken, CartProblem, Original, Quantity, RefundRequest, Rule, SaleTender,
    SellingRules, Sums, TenderKind, Terms, cash_due, editing::missing_approvals,
};
use crate::{Amount, Role, SaleId};
use rust_decimal::Decimal;

/// What comes back for a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// The id that the refund will have.
    pub id: SaleId,
    /// The receipt, as the server has it.
    pub original: Original,
    /// What earlier refunds of it came to, and how they were paid.
    earlier: Vec<(Amount, Vec<SaleTender>)>,
    chosen: Vec<(u32, Quantity)>,
    /// The tender that is paid back first; `None`: what is no cash.
    first: Option<(TenderKind, Option<String>)>,
    approvals: Vec<Approval>,
}

/// A tender of the original, and what of the refund goes back to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidBack {
    /// What it is.
    pub kind: TenderKind,
    /// The store's name of an *other*.
    pub label: Option<String>,
    /// The most that can go back to it.
    pub left: Amount,
    /// What goes back to it.
    pub amount: Amount,
}

impl Returning {
    /// Nothing of it is chosen yet. `earlier`: what each earlier refund came to, and how it was paid.
    #[must_use]
    pub fn new(id: SaleId, original: Original, earlier: Vec<(Amount, Vec<SaleTender>)>) -> Self {
        Self { id, original, earlier, chosen: Vec::new(), first: None, approvals: Vec::new() }
    }

    /// How much of a line (its number in the original) comes back.
    #[must_use]
    pub fn chosen(&self, no: u32) -> Option<Quantity> {
        self.chosen.iter().find(|(line, _)| *line == no).map(|(_, quantity)| *quantity)
    }

    /// What so many pieces more, or less, of a line than are chosen would be; `None` for none, or more than are left.
    #[must_use]
    pub fn with_pieces(&self, no: u32, more: i128) -> Option<Quantity> {
        let left = self.original.left().into_iter().find(|left| left.no == no)?.quantity?;
        let chosen = self.chosen(no).map_or(0, Quantity::parts);
        Quantity::from_parts(chosen + more * Quantity::ONE.parts()).filter(|quantity| *quantity <= left)
    }

    /// Takes so much of a line; `None`: nothing of it.
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`]; [`CartProblem::Figures`] (A9) where less is left.
    pub fn choose(mut self, no: u32, quantity: Option<Quantity>) -> Result<Self, CartProblem> {
        let left = self.original.left().into_iter().find(|left| left.no == no);
        let left = left.ok_or(CartProblem::NoSuchLine)?;
        self.chosen.retain(|(line, _)| *line != no);
        if let Some(quantity) = quantity {
            if left.quantity.is_none_or(|left| quantity.parts() > left.parts()) {
                let most = left.quantity.map_or_else(|| "nothing".to_owned(), |left| left.to_string());
                return Err(Broken::new(Rule::A9, "quantity", most, quantity).into());
            }
            self.chosen.push((no, quantity));
            self.chosen.sort_unstable_by_key(|(line, _)| *line);
        }
        self.approvals.clear();
        Ok(self)
    }

    /// Takes all that is left of every line.
    ///
    /// # Errors
    /// As [`Returning::choose`].
    pub fn choose_all(self) -> Result<Self, CartProblem> {
        let left = self.original.left();
        left.into_iter().try_fold(self, |chosen, line| chosen.choose(line.no, line.quantity))
    }

    /// What it comes to; `None` while nothing is chosen.
    ///
    /// # Errors
    /// [`CartProblem::Figures`] for an original that cannot be true.
    pub fn sums(&self) -> Result<Option<Sums>, CartProblem> {
        if self.chosen.is_empty() { Ok(None) } else { self.original.sums(&self.chosen).map(Some) }
    }

    /// What each tender of the original gets back, the first one first.
    ///
    /// # Errors
    /// As [`Returning::sums`].
    pub fn paid_back(&self) -> Result<Vec<PaidBack>, CartProblem> {
        let total = self.sums()?.map_or(Decimal::ZERO, |sums| sums.total.decimal());
        Ok(self.divide(total))
    }

    /// Divides so much over the tenders of the original.
    fn divide(&self, total: Decimal) -> Vec<PaidBack> {
        let sale = &self.original.sale;
        let mut paid = parts(sale.totals.total, &sale.tenders);
        for (total, tenders) in &self.earlier {
            for (kind, label, amount) in parts(*total, tenders) {
                if let Some(known) = paid.iter_mut().find(|one| (one.0, &one.1) == (kind, &label)) {
                    known.2 -= amount;
                }
            }
        }
        paid.retain(|(_, _, left)| *left > Decimal::ZERO);
        paid.sort_by_key(|(kind, label, _)| {
            let is_first = self.first.as_ref().is_some_and(|first| (first.0, &first.1) == (*kind, label));
            (!is_first, *kind == TenderKind::Cash)
        });
        let mut open = total;
        let back = paid.into_iter().map(|(kind, label, left)| {
            let amount = open.min(left);
            open -= amount;
            PaidBack { kind, label, left: left.into(), amount: amount.into() }
        });
        back.collect()
    }

    /// Pays one of [`Returning::paid_back`] back before the others.
    ///
    /// # Errors
    /// [`CartProblem::NoSuchLine`].
    pub fn pay_first(mut self, tender: usize) -> Result<Self, CartProblem> {
        let back = self.paid_back()?.into_iter().nth(tender).ok_or(CartProblem::NoSuchLine)?;
        self.first = Some((back.kind, back.label));
        Ok(self)
    }

    /// What somebody of this role needs a manager for, and has none yet.
    ///
    /// # Errors
    /// [`CartProblem::NotAllowed`] where nothing is sold; as [`Returning::sums`].
    pub fn needs(&self, role: Role, rules: &SellingRules) -> Result<Vec<ApprovalKind>, CartProblem> {
        let Some(sums) = self.sums()? else { return Ok(Vec::new()) };
        missing_approvals(&[Act::Refund(sums.total)], (role, rules), &self.approvals)
    }

    /// A manager approved what is chosen now.
    #[must_use]
    pub fn approved(mut self, approvals: Vec<Approval>) -> Self {
        self.approvals.extend(approvals);
        self
    }

    /// What is handed out in cash, rounded as cash is.
    ///
    /// # Errors
    /// As [`Returning::sums`].
    pub fn cash(&self, terms: &Terms) -> Result<Amount, CartProblem> {
        let cash = self.paid_back()?.into_iter().find(|back| back.kind == TenderKind::Cash);
        let cash = cash.map_or(Amount::ZERO, |cash| cash.amount);
        Ok(cash_due(cash, Amount::ZERO, terms)?.due)
    }

    /// What is to be asked of the server. `taken`: what the customer takes instead comes to so much; that part goes back in
    /// cash, however it was paid, and stays in the drawer.
    ///
    /// # Errors
    /// [`CartProblem::Empty`] while nothing is chosen.
    pub fn request(
        &self,
        reason: &str,
        note: &str,
        taken: Option<Amount>,
    ) -> Result<RefundRequest, CartProblem> {
        let total = self.sums()?.ok_or(CartProblem::Empty)?.total.decimal();
        let left = (total - taken.unwrap_or_default().decimal()).max(Decimal::ZERO);
        let (mut by_card, mut by_other) = (None, Vec::new());
        for back in self.divide(left).into_iter().filter(|back| back.amount > Amount::ZERO) {
            match (back.kind, back.label) {
                (TenderKind::Card, _) => by_card = Some(back.amount),
                (TenderKind::Other, label) => by_other.push((label.unwrap_or_default(), back.amount)),
                (TenderKind::Cash, _) => {}
            }
        }
        Ok(RefundRequest {
            lines: self.chosen.clone(),
            by_card,
            by_other,
            reason: reason.to_owned(),
            note: note.to_owned(),
            approvals: self.approvals.clone(),
        })
    }
}

/// How an entry was paid: what each tender that is no cash settled, cards together, and what was left for cash before it
/// was rounded.
fn parts(total: Amount, tenders: &[SaleTender]) -> Vec<(TenderKind, Option<String>, Decimal)> {
    let mut parts: Vec<(TenderKind, Option<String>, Decimal)> = Vec::new();
    let mut cash = total.decimal();
    for tender in tenders.iter().filter(|tender| tender.kind != TenderKind::Cash) {
        let label = tender.label.clone().filter(|_| tender.kind == TenderKind::Other);
        cash -= tender.amount.decimal();
        match parts.iter_mut().find(|one| (one.0, &one.1) == (tender.kind, &label)) {
            Some(known) => known.2 += tender.amount.decimal(),
            None => parts.push((tender.kind, label, tender.amount.decimal())),
        }
    }
    if cash > Decimal::ZERO {
        parts.push((TenderKind::Cash, None, cash));
    }
    parts
}
