//! What comes back: finding a receipt, choosing of it, and asking the server for the refund.
//!
//! Invariants: a refund is on disk before it is asked for, and is asked with the same id until the server has said what
//! became of it; only then money is handed out and its place in the chain is taken. What surely did not run is given up,
//! and the place goes to the next entry.

use super::{
    effect::{Call, Work},
    selling_state::Return,
    state::{Login, State, not_now},
};
use crate::{
    Amount, Code, EntryContent, EntryId, Fault, Sale, SaleId,
    sale::{
        AwaitingServer, Cart, CartProblem, Credit, KeptReceipt, PaidBack, Paying, Quantity, Returning,
        Sealed, Sums, receipt_part,
    },
    selling::{SaleOnServer, SaleRecorded, SaleRef},
    selling_view::{EarlierRefund, ReturnLineView, ReturnTenderView, ReturningView},
};

impl State {
    /// Asks the server for a receipt by its number.
    pub(super) fn find_receipt(&mut self, typed: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        let number = receipt_part(typed)
            .ok_or_else(|| Fault::new(Code::SaleNotFound, "this is no number of a receipt"))?;
        self.begin(Call::FindReceipt { which: SaleRef::Number(number) }, work)
    }

    /// The server was asked for a receipt.
    pub(super) fn receipt_found(
        &mut self,
        answer: Result<SaleOnServer, Fault>,
        work: &Work<'_>,
    ) -> Result<(), Fault> {
        let found = answer.inspect_err(|fault| self.record_fault(fault.clone()))?;
        // Whatever began meanwhile goes on.
        if self.selling.kept.cart.is_some() || self.attached_session().is_none() {
            return Err(not_now());
        }
        let before = self.selling.returning.take();
        let same = before.filter(|before| before.found.original.sale.id == found.original.sale.id);
        let mut now = Return::of(found, same.as_ref().map_or(SaleId(work.at.id), |same| same.chosen.id));
        now.fault = same.and_then(|same| same.fault);
        self.selling.returning = Some(Box::new(now));
        self.selling.done = None;
        Ok(())
    }

    /// How many of a line come back.
    pub(super) fn return_line(&mut self, line: usize, typed: &str) -> Result<(), Fault> {
        let quantity = match typed.trim() {
            "" => None,
            typed => Some(typed.parse::<Quantity>().map_err(|broken| bad_figure(&broken))?),
        };
        let line = u32::try_from(line).map_err(|_too_large| Fault::new(Code::NoSuchLine, "no such line"))?;
        self.choose(|chosen| chosen.choose(line, quantity))
    }

    /// All that is left of it comes back.
    pub(super) fn return_all(&mut self) -> Result<(), Fault> {
        self.choose(Returning::choose_all)
    }

    /// Which tender is paid back first.
    pub(super) fn return_first(&mut self, tender: usize) -> Result<(), Fault> {
        self.choose(|chosen| chosen.pay_first(tender))
    }

    fn choose(
        &mut self,
        change: impl FnOnce(Returning) -> Result<Returning, crate::sale::CartProblem>,
    ) -> Result<(), Fault> {
        let returning = self.selling.returning.as_mut().ok_or_else(not_now)?;
        returning.chosen = change(returning.chosen.clone())?;
        returning.fault = None;
        Ok(())
    }

    /// Has the refund asked of the server. A press while it has no answer asks for the same again.
    pub(super) fn ask_refund(&mut self, reason: &str, note: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        work.poll_after = true;
        if matches!(self.selling.kept.cart, Some(Cart::AwaitingServer(_))) {
            return Ok(());
        }
        require_reason(reason)?;
        let (role, rules) = self.seller()?;
        let (head, stamp) = (self.chain()?, self.stamp(work)?);
        let Return { chosen, .. } = self.selling.returning.as_deref().ok_or_else(not_now)?;
        let asked = chosen.request(reason, note, None)?;
        let awaiting = chosen.original.refund(chosen.id, &asked, (role, &rules), head, stamp)?;
        self.keep_cart(Some(Cart::AwaitingServer(awaiting)), work)
    }

    /// Something else is taken instead. The refund is asked for when that is paid.
    pub(super) fn exchange(&mut self, reason: String, note: String) -> Result<(), Fault> {
        require_reason(&reason)?;
        let (role, rules) = self.seller()?;
        let returning = self.selling.returning.as_mut().ok_or_else(not_now)?;
        if returning.chosen.sums()?.is_none() {
            return Err(CartProblem::Empty.into());
        }
        let needs = returning.chosen.needs(role, &rules)?;
        if !needs.is_empty() {
            return Err(CartProblem::ApprovalNeeded(needs).into());
        }
        returning.exchanging = Some((reason, note));
        returning.fault = None;
        Ok(())
    }

    /// The customer pays for what they take instead: the refund is asked for first, and what is paid waits with it.
    pub(super) fn pay_exchange(&mut self, paying: Paying, work: &mut Work<'_>) -> Result<(), Fault> {
        let (role, rules) = self.seller()?;
        if self.login != Login::In {
            return Err(Fault::new(Code::SignedOut, "the server is asked first"));
        }
        let (head, stamp) = (self.chain()?, self.stamp(work)?);
        let Return { chosen, exchanging, .. } = self.selling.returning.as_deref().ok_or_else(not_now)?;
        let (reason, note) = exchanging.as_ref().ok_or_else(not_now)?;
        let asked = chosen.request(reason, note, Some(paying.due()?.open))?;
        let awaiting = chosen.original.refund(chosen.id, &asked, (role, &rules), head, stamp)?;
        work.poll_after = true;
        self.keep_cart(Some(Cart::AwaitingServer(awaiting.followed_by(paying))), work)
    }

    /// Whether something is taken instead of what comes back.
    pub(super) fn is_exchanging(&self) -> bool {
        self.selling.returning.as_ref().is_some_and(|returning| returning.exchanging.is_some())
    }

    /// The same of the goods in the cart, for which there is no receipt.
    pub(super) fn refund_cart(&mut self, reason: &str, note: &str, work: &mut Work<'_>) -> Result<(), Fault> {
        require_reason(reason)?;
        let (role, rules) = self.seller()?;
        let stamp = self.stamp(work)?;
        let Some(Cart::Editing(cart)) = self.selling.kept.cart.clone() else { return Err(not_now()) };
        let asked = cart.refund_request(reason, note);
        let awaiting = cart.refund_without_receipt(&asked, (role, &rules), self.chain()?, stamp)?;
        work.poll_after = true;
        self.keep_cart(Some(Cart::AwaitingServer(awaiting)), work)
    }

    /// Puts the receipt away.
    pub(super) fn stop_return(&mut self) -> Result<(), Fault> {
        self.selling.returning.take().map(|_away| ()).ok_or_else(not_now)
    }

    /// The refund that waits for its answer.
    pub(super) fn awaiting(&self) -> Option<&AwaitingServer> {
        match &self.selling.kept.cart {
            Some(Cart::AwaitingServer(awaiting)) => Some(awaiting),
            _ => None,
        }
    }

    /// The refund that waits, to be asked now: behind whatever was done before it.
    pub(super) fn next_refund(&mut self) -> Option<Call> {
        if self.is_sending || self.login != Login::In {
            return None;
        }
        let sale = Box::new(self.awaiting()?.entry().clone());
        self.is_sending = true;
        self.note_sent(&sale);
        let last_receipt = self.last_receipt().unwrap_or_default();
        Some(Call::AskRefund { sale, last_receipt })
    }

    /// What the server said to a refund.
    ///
    /// # Errors
    /// Why it is not on record, or not known to be.
    pub(super) fn refund_answered(
        &mut self,
        asked: &Sale,
        answer: Result<SaleRecorded, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let Some(awaiting) = self.awaiting().filter(|awaiting| awaiting.entry().id == asked.id).cloned()
        else {
            return Ok(());
        };
        match answer {
            Ok(recorded) => self.refund_recorded(awaiting, recorded, work),
            Err(fault) => self.refund_failed(awaiting, fault, work),
        }
    }

    fn refund_recorded(
        &mut self,
        awaiting: AwaitingServer,
        recorded: SaleRecorded,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (original_number, approved_by) = (awaiting.original_number.clone(), awaiting.approved_by.clone());
        let then = awaiting.then().cloned();
        let Sealed { sale, head } = awaiting.recorded();
        let id = EntryId::from(sale.id);
        if !recorded.late && self.is_attached_to(sale.session_id) {
            self.carry_expected_cash(
                &self.entry_of(EntryContent::Sale(Box::new(sale.clone())))?,
                recorded.revision,
            );
        }
        self.selling.sent.take_if(|(sent, _)| *sent == id);
        let cash = Amount::from(-sale.totals.net_cash.decimal());
        let credit = something(cash)
            .map(|amount| Credit { amount, number: sale.receipt.number.clone().unwrap_or_default() });
        let is_paid_next = then.is_some();
        self.keep_cart(then.map(|then| Cart::Paying(then.with_credit(credit))), work)?;
        self.move_chain(head, work)?;
        let receipt = KeptReceipt {
            original_number,
            approved_by,
            accepted: Some(recorded.into()),
            ..self.receipt_of(sale, work)
        };
        work.open_drawer = receipt.moves_cash();
        self.selling.done = (!is_paid_next).then_some(receipt.sale.id);
        self.selling.to_print = Some(receipt.sale.id);
        self.selling.returning = None;
        self.keep_receipt(self.place()?.register.id, receipt, work);
        self.save_session(work);
        Ok(())
    }

    fn refund_failed(
        &mut self,
        awaiting: AwaitingServer,
        fault: Fault,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let id = EntryId::from(awaiting.entry().id);
        let waits = awaiting.failed(&fault).filter(AwaitingServer::may_have_run);
        self.record_fault(fault.clone());
        match waits.filter(|_| !self.is_stuck(id, &fault)) {
            Some(awaiting) => self.selling.kept.cart = Some(Cart::AwaitingServer(awaiting)),
            None => self.give_up_refund(&fault, work)?,
        }
        Err(fault)
    }

    /// It is not on record, and never will be: what was chosen stands there again.
    fn give_up_refund(&mut self, fault: &Fault, work: &mut Work<'_>) -> Result<(), Fault> {
        let then = self.awaiting().and_then(AwaitingServer::then).cloned();
        self.keep_cart(then.map(Paying::back).transpose()?.map(Cart::Editing), work)?;
        match &mut self.selling.returning {
            Some(returning) => {
                // It is said once, where it was asked for.
                self.fault.take_if(|shown| shown == fault);
                returning.fault = Some(fault.clone());
                if fault.is_decision() && returning.exchanging.is_none() {
                    // Less may be left by now.
                    let which = SaleRef::Id(returning.chosen.original.sale.id);
                    work.ask(Call::FindReceipt { which });
                }
            }
            None => self.fault = Some(fault.clone()),
        }
        Ok(())
    }

    /// What has to be sent before it was not heard: neither was the refund.
    pub(super) fn refund_unheard(&mut self, fault: &Fault, work: &mut Work<'_>) -> Result<(), Fault> {
        match self.awaiting() {
            Some(awaiting) if !awaiting.may_have_run() => self.give_up_refund(fault, work),
            _ => Ok(()),
        }
    }

    /// Nobody will hear what became of a refund that was asked for.
    pub(super) fn refund_may_have_run(&mut self, asked: &Sale) {
        if let Some(Cart::AwaitingServer(awaiting)) = &mut self.selling.kept.cart
            && awaiting.entry().id == asked.id
        {
            *awaiting = awaiting.clone().unanswered();
        }
    }

    /// The receipt of which something comes back, as people see it.
    pub(super) fn returning_view(&self) -> Option<Box<ReturningView>> {
        let Return { found, chosen, exchanging, fault } = self.selling.returning.as_deref()?;
        let (role, rules) = self.seller().ok()?;
        let sale = &found.original.sale;
        let terms = crate::sale::Terms {
            cash_step: rules.cash_step,
            cash_half: rules.cash_half,
            ..sale.totals.terms()
        };
        let lines = chosen.original.left().into_iter().zip(&sale.lines).map(|(left, line)| {
            let taken = chosen.chosen(left.no);
            ReturnLineView {
                line: left.no,
                name: line.name.clone().unwrap_or_default(),
                unit: line.unit.clone(),
                sold: line.quantity,
                left: left.quantity,
                left_amount: left.net,
                chosen: taken,
                one_more: chosen.with_pieces(left.no, 1),
                one_less: chosen.with_pieces(left.no, -1),
            }
        });
        let lines: Vec<ReturnLineView> = lines.collect();
        let back = chosen.paid_back().ok()?.into_iter();
        let sums: Option<Sums> = chosen.sums().ok()?;
        Some(Box::new(ReturningView {
            number: sale.receipt.number.clone().unwrap_or_default(),
            kind: sale.kind,
            total: sale.totals.total,
            recorded_at: found.recorded_at,
            by_name: found.by_name.clone(),
            voided: found.voided,
            earlier: earlier(found),
            is_something_left: lines.iter().any(|line| line.left.is_some()),
            lines,
            sums,
            back: back
                .map(|PaidBack { kind, label, left, amount }| ReturnTenderView {
                    kind,
                    label,
                    left,
                    amount: something(amount),
                })
                .collect(),
            cash: something(chosen.cash(&terms).ok()?),
            exchanging: exchanging.is_some(),
            needs: chosen.needs(role, &rules).ok()?,
            fault: fault.clone(),
        }))
    }
}

fn earlier(found: &SaleOnServer) -> Vec<EarlierRefund> {
    let earlier = found.refunds.iter().map(|refund| EarlierRefund {
        number: refund.receipt_number.clone().unwrap_or_default(),
        total: refund.total,
    });
    earlier.collect()
}

fn something(amount: Amount) -> Option<Amount> {
    Some(amount).filter(|amount| !amount.decimal().is_zero())
}

fn require_reason(reason: &str) -> Result<(), Fault> {
    if reason.trim().is_empty() {
        return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
    }
    Ok(())
}

fn bad_figure(broken: &crate::sale::Broken) -> Fault {
    Fault::new(Code::BadFigure, broken.to_string())
}
