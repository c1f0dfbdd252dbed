//! A cart from its first line to its receipt.
//!
//! Invariants: each state is a type and each transition consumes it; a cart that waits is whole, and none is lost.

use super::{
    CartProblem, Editing,
    paying::Paying,
    returns::AwaitingServer,
    text::{SHORT, free_text},
};
use crate::SaleId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What stands on the selling screen. At most one at a time on a device; on disk at every change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cart {
    /// Lines come and go.
    Editing(Editing),
    /// Tenders come.
    Paying(Paying),
    /// A refund was asked of the server, whose answer is not known: no money is handed out yet.
    AwaitingServer(AwaitingServer),
}

/// A cart that waits for its customer to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The cart: with its tenders, where money was taken before the shift was over.
    pub cart: Cart,
    /// Who parked it.
    pub by_name: String,
    /// When; device time.
    pub parked_at: Timestamp,
    /// What the cashier will know it by; may be empty.
    pub label: String,
}

/// The most carts that are parked on a device.
pub const MOST_PARKED: usize = 50;

impl Cart {
    /// The id of the entry that it becomes.
    #[must_use]
    pub fn id(&self) -> SaleId {
        match self {
            Self::Editing(cart) => cart.id(),
            Self::Paying(paying) => paying.cart().id(),
            Self::AwaitingServer(awaiting) => awaiting.entry().id,
        }
    }

    /// Puts it beside the others, the latest last.
    ///
    /// # Errors
    /// [`CartProblem::Empty`]; [`CartProblem::ParkedFull`]; [`CartProblem::OutcomeUnknown`] for a refund that was asked
    /// for; [`CartProblem::Text`].
    pub fn park(
        self,
        mut parked: Vec<Parked>,
        by_name: String,
        parked_at: Timestamp,
        label: &str,
    ) -> Result<Vec<Parked>, CartProblem> {
        match &self {
            Self::AwaitingServer(_) => return Err(CartProblem::OutcomeUnknown),
            Self::Editing(cart) if cart.lines().is_empty() => return Err(CartProblem::Empty),
            Self::Editing(_) | Self::Paying(_) => {}
        }
        if parked.len() >= MOST_PARKED {
            return Err(CartProblem::ParkedFull);
        }
        let label = free_text(label, SHORT)?.unwrap_or_default();
        parked.push(Parked { cart: self, by_name, parked_at, label });
        Ok(parked)
    }
}

/// Takes a parked cart back: it, and the others.
///
/// # Errors
/// [`CartProblem::NoSuchLine`] where none has this id.
pub fn recall(mut parked: Vec<Parked>, id: SaleId) -> Result<(Cart, Vec<Parked>), CartProblem> {
    let place = parked.iter().position(|one| one.cart.id() == id).ok_or(CartProblem::NoSuchLine)?;
    Ok((parked.remove(place).cart, parked))
}
