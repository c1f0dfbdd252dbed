//! What is sold here, as the till knows it.
//!
//! Invariant: plain data and what follows from it alone; what changes it stands in `selling.rs`, `receipts.rs`,
//! `returning.rs` and `approving.rs`.

use crate::{
    EntryId, Fault, SaleId, SessionId,
    ports::PersistedSelling,
    sale::{Approval, Cart, Item, Returning, TaxRate},
    selling::{QuickKey, SaleOnServer, ShopSettings},
};
use jiff::Timestamp;

/// What is sold here.
#[derive(Clone, Debug)]
pub(super) struct Selling {
    /// What the file holds of it.
    pub(super) kept: PersistedSelling,
    /// What was done last, until the next cart begins or somebody has read of it.
    pub(super) done: Option<SaleId>,
    /// The one of these whose paper nobody asked for: the server's answer came by itself.
    pub(super) to_print: Option<SaleId>,
    /// A receipt of which something comes back.
    pub(super) returning: Option<Box<Return>>,
    /// The void that a manager approved last.
    pub(super) approved_void: Option<ApprovedVoid>,
    /// Nothing of it is recorded: somebody practises.
    pub(super) is_practice: bool,
    /// When the rules were last asked for, this computer's clock; `None`: not since the program started.
    pub(super) rules_asked_at: Option<Timestamp>,
    /// More of the catalogue is still to come.
    pub(super) more_to_read: bool,
    /// The session for which the server was asked where the chain stands.
    pub(super) chain_asked_for: Option<SessionId>,
    /// The first sale that waits and may be on record already, and the revision of its session when it was first
    /// sent. Until it has an answer, the server's figure may have it in it once that revision has passed.
    pub(super) sent: Option<(EntryId, i64)>,
}

/// A receipt of which something comes back, on the screen.
#[derive(Clone, Debug)]
pub(super) struct Return {
    pub(super) found: SaleOnServer,
    pub(super) chosen: Returning,
    /// Something else is taken instead; with the reason and the note of the refund.
    pub(super) exchanging: Option<(String, String)>,
    /// Why it was last asked for in vain.
    pub(super) fault: Option<Fault>,
}

impl Return {
    pub(super) fn of(found: SaleOnServer, id: SaleId) -> Self {
        let earlier = found.refunds.iter().map(|refund| (refund.total, refund.tenders.clone()));
        let chosen = Returning::new(id, found.original.clone(), earlier.collect());
        Self { found, chosen, exchanging: None, fault: None }
    }
}

/// The void of a receipt that a manager has approved.
#[derive(Clone, Debug)]
pub(super) struct ApprovedVoid {
    pub(super) original: SaleId,
    /// The id that the void will have.
    pub(super) id: SaleId,
    pub(super) approvals: Vec<Approval>,
}

impl Selling {
    /// As the file left it. `waiting`: the first sale of the queue, of which nobody knows whether it was sent.
    pub(super) fn new(kept: PersistedSelling, waiting: Option<EntryId>) -> Self {
        Self {
            kept,
            done: None,
            to_print: None,
            returning: None,
            approved_void: None,
            is_practice: false,
            rules_asked_at: None,
            more_to_read: false,
            chain_asked_for: None,
            sent: waiting.map(|id| (id, -1)),
        }
    }

    /// Another register was chosen.
    pub(super) fn take_up(&mut self, kept: PersistedSelling) {
        *self = Self { sent: self.sent, ..Self::new(kept, None) };
    }

    /// The settings, where selling is on.
    pub(super) fn shop(&self) -> Option<&ShopSettings> {
        self.kept.shop.as_ref().filter(|shop| shop.rules.selling_on)
    }

    /// What an amount that is typed can be sold as, the usual one first: the store's keys without a price, else one for
    /// each of its taxes.
    pub(super) fn sold_as<'a>(&'a self, rates: &'a [TaxRate]) -> Vec<SoldAs<'a>> {
        let Some(shop) = self.shop() else { return Vec::new() };
        let open = shop.keys.iter().filter_map(|key| {
            let item = key.item.as_ref().filter(|item| item.price_is_open || item.price.is_none())?;
            Some(SoldAs::Item(key, item))
        });
        let mut keys: Vec<SoldAs<'a>> = open.collect();
        if keys.is_empty() {
            for rate in rates {
                let name = shop.taxes.iter().find(|tax| tax.code == rate.tax_code);
                let key = SoldAs::Tax(Some(&rate.tax_code), name.map_or("", |tax| tax.name.as_str()));
                if !keys.iter().any(|other| other.key() == key.key()) {
                    keys.push(key);
                }
            }
        }
        if keys.is_empty() {
            keys.push(SoldAs::Tax(None, ""));
        }
        keys
    }

    /// Where the cart stands.
    pub(super) fn cart_state(&self) -> CartState {
        match &self.kept.cart {
            None if self.returning.as_ref().is_some_and(|one| one.exchanging.is_none()) => {
                CartState::Returning
            }
            None => CartState::None,
            Some(Cart::Editing(_)) => CartState::Editing,
            Some(Cart::Paying(paying)) => CartState::Paying { money_taken: paying.has_money() },
            Some(Cart::AwaitingServer(_)) => CartState::AwaitingServer,
        }
    }
}

/// What a cart may be done with, as far as the commands go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CartState {
    /// There is none.
    None,
    /// Lines come and go.
    Editing,
    /// Its customer pays.
    Paying {
        /// Something was taken for it.
        money_taken: bool,
    },
    /// A receipt is on the screen, of which something comes back.
    Returning,
    /// A refund has no answer yet.
    AwaitingServer,
}

/// What an amount that is typed is sold as.
pub(super) enum SoldAs<'a> {
    /// An item of the catalogue whose price is open.
    Item(&'a QuickKey, &'a Item),
    /// A tax code, where no item was named; `None`: without tax.
    Tax(Option<&'a str>, &'a str),
}

impl SoldAs<'_> {
    /// How a command names it.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Item(key, _) => key.item_id.to_string(),
            Self::Tax(code, _) => code.map_or_else(String::new, |code| format!("tax:{code}")),
        }
    }
}
