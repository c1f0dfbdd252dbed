//! Money that goes back: voids, refunds; and carts that come to nothing.
//!
//! Invariants: each is an entry of its own that points at what it takes back; a refund has its place in the chain only
//! once the server has recorded it, and until then no money is handed out and no other entry is made.

use super::{
    Approval, CartProblem, Editing, LeftOfLine, Payment, Quantity, Returned, Sale, SaleKind, SellingRules,
    Sums, Terms, approved_by, cash_due,
    chain::{ChainHead, Sealed, Stamp, Unsealed},
    check, check_refund, check_void,
    editing::missing_approvals,
    exact::{amount, units},
    paying::Paying,
    refund::{lines_of_void, refund, tenders_of_void, what_is_left},
    rules::{Act, ApprovalKind},
    text::{NOTE, SHORT, free_text},
};
use crate::{Amount, Fault, Retry, Role, SaleId};
use serde::{Deserialize, Serialize};

/// A receipt that the server showed, and what came back of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The sale.
    pub sale: Sale,
    /// What came back of it so far.
    pub returned: Returned,
}

impl Original {
    /// From what the server says is left: of each line quantity (`None`: nothing) and net, of each row of tax the tax.
    #[must_use]
    pub fn from_left(sale: Sale, lines: &[LeftOfLine], taxes: &[(String, String, Amount)]) -> Self {
        let places = sale.totals.places();
        let mut returned = Returned::default();
        let mut bases: Vec<(Option<&str>, i128)> = Vec::new();
        for (no, line) in (1..).zip(&sale.lines) {
            let left = lines.iter().find(|left| left.no == no);
            let left_quantity = left.and_then(|left| left.quantity).map_or(0, Quantity::parts);
            let left_net = left.and_then(|left| units(left.net, places)).unwrap_or(0);
            let net = units(line.net, places).unwrap_or(0) - left_net;
            returned.add_line_parts(no, line.quantity.parts() - left_quantity, net);
            bases.push((line.tax_code.as_deref(), net));
        }
        for row in &sale.taxes {
            let code = Some(row.tax_code.as_str());
            let base = bases.iter().filter(|(of, _net)| *of == code).map(|(_of, net)| net).sum();
            let is_row = |(code, component, _left): &&(String, String, Amount)| {
                (code, component) == (&row.tax_code, &row.component)
            };
            let left = taxes.iter().find(is_row).and_then(|(_, _, left)| units(*left, places)).unwrap_or(0);
            let tax = units(row.tax, places).unwrap_or(0) - left;
            returned.add_tax_parts(row.tax_code.clone(), row.component.clone(), base, tax);
        }
        Self { sale, returned }
    }

    /// What can still come back, line by line.
    #[must_use]
    pub fn left(&self) -> Vec<LeftOfLine> {
        what_is_left(&self.sale, &self.returned)
    }

    /// What a refund of so much of these lines comes to.
    ///
    /// # Errors
    /// [`CartProblem::Figures`]: A9 where less is left.
    pub fn sums(&self, wanted: &[(u32, Quantity)]) -> Result<Sums, CartProblem> {
        Ok(refund(&self.sale, &self.returned, wanted)?.2)
    }

    /// The refund, to be kept on disk and asked of the server. By card goes back what `by_card` says, by other tenders
    /// what `by_other`, the rest in cash. Beyond the limit it takes an approval.
    ///
    /// # Errors
    /// [`CartProblem::Figures`], [`CartProblem::Text`], [`CartProblem::NotAllowed`], [`CartProblem::ApprovalNeeded`].
    pub fn refund(
        &self,
        id: SaleId,
        asked: &RefundRequest,
        who: (Role, &SellingRules),
        head: &ChainHead,
        stamp: Stamp,
    ) -> Result<AwaitingServer, CartProblem> {
        let (lines, taxes, sums) = refund(&self.sale, &self.returned, &asked.lines)?;
        // Cash is rounded as it is today; everything else is as it was sold.
        let (_role, rules) = who;
        let (cash_step, cash_half) = (rules.cash_step, rules.cash_half);
        let terms = Terms { cash_step, cash_half, ..self.sale.totals.terms() };
        allow(&[Act::Refund(sums.total)], who, &asked.approvals)?;
        let (tenders, totals) =
            sums.settle(SaleKind::Refund, &asked.payments(sums.total, &terms)?, &terms)?;
        let entry = Unsealed {
            id,
            kind: SaleKind::Refund,
            lines,
            taxes,
            tenders,
            totals,
            original_id: Some(self.sale.id),
            reason: free_text(&asked.reason, SHORT)?,
            note: free_text(&asked.note, NOTE)?,
            approval_id: asked.approvals.first().map(|approval| approval.id),
            age_checked: false,
        };
        let sealed = head.seal(entry, stamp);
        check_refund(&sealed.sale, &self.sale, &self.returned)?;
        let original_number = self.sale.receipt.number.clone();
        Ok(AwaitingServer { original_number, ..AwaitingServer::new(sealed, &asked.approvals) })
    }
}

/// What somebody asks back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// Numbers of lines (from 1) and how much of each.
    pub lines: Vec<(u32, Quantity)>,
    /// What goes back to a card.
    pub by_card: Option<Amount>,
    /// What goes back by other tenders, and their names.
    pub by_other: Vec<(String, Amount)>,
    /// Why, from the store's short list.
    pub reason: String,
    /// Why, in free words.
    pub note: String,
    /// What a manager approved of it.
    pub approvals: Vec<Approval>,
}

impl RefundRequest {
    fn payments(&self, total: Amount, terms: &Terms) -> Result<Vec<Payment>, CartProblem> {
        let mut payments: Vec<Payment> = Vec::new();
        payments.extend(self.by_card.map(|amount| Payment::Card { amount, reference: None }));
        payments.extend(self.by_other.iter().map(|(label, amount)| Payment::Other {
            label: label.clone(),
            amount: *amount,
            reference: None,
        }));
        let others: rust_decimal::Decimal = self
            .by_card
            .into_iter()
            .chain(self.by_other.iter().map(|(_label, amount)| *amount))
            .map(Amount::decimal)
            .sum();
        if cash_due(total, others.into(), terms)?.due > Amount::ZERO {
            payments.push(Payment::Cash(None));
        }
        Ok(payments)
    }
}

/// The rights, or the approvals that stand in for them.
fn allow(acts: &[Act], who: (Role, &SellingRules), approvals: &[Approval]) -> Result<(), CartProblem> {
    let missing = missing_approvals(acts, who, approvals)?;
    if missing.is_empty() { Ok(()) } else { Err(CartProblem::ApprovalNeeded(missing)) }
}

/// A refund that was asked of the server. It holds the next place of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitingServer {
    sealed: Box<Sealed>,
    /// The number of the receipt that it takes back.
    #[serde(default)]
    pub original_number: Option<String>,
    /// Who approved something of it.
    #[serde(default)]
    pub approved_by: Option<String>,
    /// What the customer takes instead, and pays once the refund is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    then: Option<Box<Paying>>,
    /// A request may have reached the server. After a restart nobody knows.
    #[serde(skip, default = "after_a_restart")]
    may_have_run: bool,
}

fn after_a_restart() -> bool {
    true
}

impl AwaitingServer {
    fn new(sealed: Sealed, approvals: &[Approval]) -> Self {
        Self {
            sealed: Box::new(sealed),
            original_number: None,
            approved_by: approved_by(approvals),
            then: None,
            may_have_run: false,
        }
    }

    /// The customer takes this instead.
    #[must_use]
    pub fn followed_by(self, then: Paying) -> Self {
        Self { then: Some(Box::new(then)), ..self }
    }

    /// What the customer takes instead.
    #[must_use]
    pub fn then(&self) -> Option<&Paying> {
        self.then.as_deref()
    }

    /// Nobody heard what became of the request: from now on it may have run.
    #[must_use]
    pub fn unanswered(self) -> Self {
        Self { may_have_run: true, ..self }
    }

    /// What is asked, the same each time.
    #[must_use]
    pub fn entry(&self) -> &Sale {
        &self.sealed.sale
    }

    /// Whether a request may have reached the server.
    #[must_use]
    pub fn may_have_run(&self) -> bool {
        self.may_have_run
    }

    /// The server recorded it: now money is handed out, and the chain has it.
    #[must_use]
    pub fn recorded(self) -> Sealed {
        *self.sealed
    }

    /// The request failed. `None`: the server decided against it, and its place in the chain goes to the next entry.
    #[must_use]
    pub fn failed(self, fault: &Fault) -> Option<Self> {
        let may_have_run = self.may_have_run || fault.retry == Retry::OutcomeUnknown;
        (!fault.is_decision()).then_some(Self { may_have_run, ..self })
    }

    /// Nobody wants it any more.
    ///
    /// # Errors
    /// [`CartProblem::OutcomeUnknown`] where the server may have recorded it.
    pub fn give_up(self) -> Result<(), CartProblem> {
        if self.may_have_run { Err(CartProblem::OutcomeUnknown) } else { Ok(()) }
    }
}

/// Takes a receipt of this till and of the running shift back, whole, as it was paid. The caller knows that nothing of it
/// came back and that it was not voided before.
///
/// # Errors
/// [`CartProblem::CannotVoid`] for what is no sale of this shift and till; [`CartProblem::ApprovalNeeded`] beyond the limit;
/// [`CartProblem::Text`]; [`CartProblem::Figures`] for an original from a damaged file.
pub fn void(
    original: &Sale,
    id: SaleId,
    reason: &str,
    approvals: &[Approval],
    who: (Role, &SellingRules),
    head: &ChainHead,
    stamp: Stamp,
) -> Result<Sealed, CartProblem> {
    let own_till = original.receipt.till == head.till;
    if original.kind != SaleKind::Sale || original.session_id != stamp.session_id || !own_till {
        return Err(CartProblem::CannotVoid);
    }
    let places = original.totals.places();
    allow(&[Act::Void { total: original.totals.total, own_till }], who, approvals)?;
    let back = |sum: Amount| amount(-units(sum, places).unwrap_or_default(), places);
    let mut totals = original.totals.clone();
    totals.net_cash = back(totals.net_cash);
    totals.net_card = back(totals.net_card);
    totals.net_other = back(totals.net_other);
    let entry = Unsealed {
        id,
        kind: SaleKind::Void,
        lines: lines_of_void(original),
        taxes: original.taxes.clone(),
        tenders: tenders_of_void(original),
        totals,
        original_id: Some(original.id),
        reason: free_text(reason, SHORT)?,
        note: None,
        approval_id: approvals.first().map(|approval| approval.id),
        age_checked: false,
    };
    let sealed = head.seal(entry, stamp);
    check_void(&sealed.sale, original)?;
    Ok(sealed)
}

/// What a manager has to approve before somebody voids a receipt, and has not yet.
///
/// # Errors
/// [`CartProblem::NotAllowed`] where nothing is sold.
pub fn void_needs(
    original: &Sale,
    own_till: bool,
    who: (Role, &SellingRules),
    approvals: &[Approval],
) -> Result<Vec<ApprovalKind>, CartProblem> {
    missing_approvals(&[Act::Void { total: original.totals.total, own_till }], who, approvals)
}

impl Editing {
    /// What is asked for these goods without a receipt, with what was approved of it: all of it in cash.
    #[must_use]
    pub fn refund_request(&self, reason: &str, note: &str) -> RefundRequest {
        let of_refund = |one: &&Approval| matches!(one.kind, ApprovalKind::Refund | ApprovalKind::NoReceipt);
        let approvals = self.approvals().iter().filter(of_refund).cloned().collect();
        RefundRequest {
            reason: reason.to_owned(),
            note: note.to_owned(),
            approvals,
            ..RefundRequest::default()
        }
    }

    /// A refund without a receipt: what comes back was rung up as a sale is, at today's prices.
    ///
    /// # Errors
    /// As [`Original::refund`]; [`CartProblem::Empty`].
    pub fn refund_without_receipt(
        self,
        asked: &RefundRequest,
        who: (Role, &SellingRules),
        head: &ChainHead,
        stamp: Stamp,
    ) -> Result<AwaitingServer, CartProblem> {
        let figures = self.figures()?.ok_or(CartProblem::Empty)?;
        let terms = self.terms();
        allow(&[Act::RefundWithoutReceipt, Act::Refund(figures.sums.total)], who, &asked.approvals)?;
        let payments = asked.payments(figures.sums.total, terms)?;
        let (tenders, totals) = figures.sums.settle(SaleKind::Refund, &payments, terms)?;
        let entry = Unsealed {
            id: self.id(),
            kind: SaleKind::Refund,
            lines: self.sale_lines(&figures),
            taxes: figures.taxes,
            tenders,
            totals,
            original_id: None,
            reason: free_text(&asked.reason, SHORT)?,
            note: free_text(&asked.note, NOTE)?,
            approval_id: asked.approvals.first().map(|approval| approval.id),
            age_checked: false,
        };
        let sealed = head.seal(entry, stamp);
        check(&sealed.sale)?;
        Ok(AwaitingServer::new(sealed, &asked.approvals))
    }

    /// Throws the cart away. What was in it is an entry without a receipt; an empty one leaves nothing.
    ///
    /// # Errors
    /// [`CartProblem::Text`]; [`CartProblem::Figures`] for a cart from a damaged file.
    pub fn discard(
        self,
        reason: &str,
        head: &ChainHead,
        stamp: Stamp,
    ) -> Result<Option<Sealed>, CartProblem> {
        let Some(figures) = self.figures()? else { return Ok(None) };
        let entry = Unsealed {
            id: self.id(),
            kind: SaleKind::Discard,
            lines: self.sale_lines(&figures),
            totals: figures.sums.unpaid(self.terms()),
            taxes: figures.taxes,
            tenders: Vec::new(),
            original_id: None,
            reason: free_text(reason, SHORT)?,
            note: None,
            approval_id: None,
            age_checked: false,
        };
        let sealed = head.seal(entry, stamp);
        check(&sealed.sale)?;
        Ok(Some(sealed))
    }
}
