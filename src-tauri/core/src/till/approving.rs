//! A manager beside the cashier approves what the cashier may not do alone.
//!
//! Invariant: an approval is of one entry, by its id, and up to what it came to when it was asked for; the server lets it
//! be used once. Where the server cannot be asked there is none, and the limit holds.

use super::{
    command::Subject,
    effect::{Call, Work},
    selling_state::ApprovedVoid,
    state::{State, not_now},
};
use crate::{
    Amount, ApprovalId, Fault, SaleId, Staff,
    sale::{Approval, ApprovalKind, Cart},
    selling::ApprovalAsked,
};
use secrecy::SecretString;
use uuid::Uuid;

impl State {
    /// Has a manager sign in beside the cashier and approve what this needs.
    pub(super) fn approve_sale(
        &mut self,
        subject: Subject,
        email: String,
        password: SecretString,
        note: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let (sale_id, needs, total, discount) = self.to_approve(subject, work)?;
        if needs.is_empty() {
            return Err(not_now());
        }
        let session_id = self.attached_session().ok_or_else(not_now)?.id;
        let asked = needs.into_iter().zip(0_u128..).map(|(kind, place)| ApprovalAsked {
            // Each an id of its own, of the one that this step may make.
            id: ApprovalId(Uuid::from_u128(work.at.id.as_u128() ^ place)),
            kind,
            sale_id,
            session_id,
            limit: match kind {
                ApprovalKind::Price => None,
                ApprovalKind::Discount => Some(discount),
                ApprovalKind::Refund | ApprovalKind::NoReceipt | ApprovalKind::Amount => Some(total),
            },
            note: note.trim().to_owned(),
        });
        let approvals = asked.collect();
        self.begin(Call::ApproveSale { subject, email, password, approvals }, work)
    }

    /// For which entry, of which kinds, and up to how much: its total, and all its discounts together.
    fn to_approve(
        &self,
        subject: Subject,
        work: &Work<'_>,
    ) -> Result<(SaleId, Vec<ApprovalKind>, Amount, Amount), Fault> {
        let (role, rules) = self.seller()?;
        match (subject, &self.selling.kept.cart) {
            (Subject::Cart | Subject::CartRefund, Some(Cart::Editing(cart))) => {
                let sums = cart.figures().ok().flatten().ok_or_else(not_now)?.sums;
                let needs = match subject {
                    Subject::Cart => cart.needs(role, &rules)?,
                    _ => cart.refund_needs(role, &rules)?,
                };
                Ok((cart.id(), needs, sums.total, sums.discount))
            }
            (Subject::Refund, None) => {
                let chosen = &self.selling.returning.as_ref().ok_or_else(not_now)?.chosen;
                let sums = chosen.sums()?.ok_or_else(not_now)?;
                Ok((chosen.id, chosen.needs(role, &rules)?, sums.total, Amount::ZERO))
            }
            (Subject::Void { sale_id }, None) => {
                let original = self.receipt_to_void(sale_id)?;
                let needs = self.void_needs(&original.sale)?;
                Ok((SaleId(work.at.id), needs, original.sale.totals.total, Amount::ZERO))
            }
            _ => Err(not_now()),
        }
    }

    /// They did, or did not.
    pub(super) fn sale_approved(
        &mut self,
        subject: Subject,
        asked: &[ApprovalAsked],
        answer: Result<Option<Staff>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let by_name = answer?.ok_or_else(not_now)?.display_name;
        let of = asked.first().ok_or_else(not_now)?.sale_id;
        let given =
            asked.iter().map(|asked| Approval { id: asked.id, kind: asked.kind, by_name: by_name.clone() });
        let given: Vec<Approval> = given.collect();
        // What has changed meanwhile was not approved.
        if subject == Subject::Cart || subject == Subject::CartRefund {
            let Some(Cart::Editing(cart)) = self.selling.kept.cart.clone() else { return Err(not_now()) };
            let sums = cart.figures().ok().flatten().ok_or_else(not_now)?.sums;
            let is_same = asked.iter().all(|asked| match asked.kind {
                ApprovalKind::Price => true,
                ApprovalKind::Discount => asked.limit == Some(sums.discount),
                _ => asked.limit == Some(sums.total),
            });
            if cart.id() != of || !is_same {
                return Err(not_now());
            }
            let cart = given.into_iter().fold(cart, crate::sale::Editing::approved);
            return self.keep_cart(Some(Cart::Editing(cart)), work);
        }
        if let Subject::Void { sale_id } = subject {
            self.selling.approved_void = Some(ApprovedVoid { original: sale_id, id: of, approvals: given });
            return Ok(());
        }
        let returning = self.selling.returning.as_mut().ok_or_else(not_now)?;
        let total = returning.chosen.sums()?.map(|sums| sums.total);
        if returning.chosen.id != of || asked.iter().any(|asked| asked.limit != total) {
            return Err(not_now());
        }
        returning.chosen = returning.chosen.clone().approved(given);
        Ok(())
    }
}
