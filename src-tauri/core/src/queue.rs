//! The durable queue of what was recorded here and the server has not accepted yet.
//!
//! Invariants: an [`Entry`] leaves the queue only by the server's acceptance or a person's decision, never because it
//! was refused (I8); movements and sales wait in one order, so that nothing overtakes what it points at (S10).

use crate::{Code, Movement, MovementId, RegisterId, Sale, SaleId, SessionId, UserId, VendorId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use crate::ids::EntryId;

impl From<MovementId> for EntryId {
    fn from(id: MovementId) -> Self {
        Self(id.0)
    }
}

impl From<SaleId> for EntryId {
    fn from(id: SaleId) -> Self {
        Self(id.0)
    }
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryContent {
    /// Cash that moved without a sale.
    Movement(Movement),
    /// An entry of the sales ledger.
    Sale(Box<Sale>),
}

/// One entry of this device's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Entry {
    /// What was recorded.
    pub content: EntryContent,
    /// The register it was recorded on.
    pub register_id: RegisterId,
    /// The number of its session, as people say it.
    pub session_number: String,
    /// The shop; an entry is sent only while somebody of this shop is signed in.
    pub vendor_id: VendorId,
    /// Who recorded it; somebody else may be signed in when it is sent.
    pub recorded_by: UserId,
    /// Where it stands.
    pub state: EntryState,
}

/// An entry as it is kept: earlier versions know movements only.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    movement: Option<Movement>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sale: Option<Box<Sale>>,
    register_id: RegisterId,
    session_number: String,
    vendor_id: VendorId,
    recorded_by: UserId,
    state: EntryState,
}

impl From<Entry> for Kept {
    fn from(entry: Entry) -> Self {
        let Entry { content, register_id, session_number, vendor_id, recorded_by, state } = entry;
        let (movement, sale) = match content {
            EntryContent::Movement(movement) => (Some(movement), None),
            EntryContent::Sale(sale) => (None, Some(sale)),
        };
        Self { movement, sale, register_id, session_number, vendor_id, recorded_by, state }
    }
}

impl TryFrom<Kept> for Entry {
    type Error = &'static str;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let Kept { movement, sale, register_id, session_number, vendor_id, recorded_by, state } = kept;
        let content = match (movement, sale) {
            (Some(movement), None) => EntryContent::Movement(movement),
            (None, Some(sale)) => EntryContent::Sale(sale),
            _ => return Err("an entry is a movement or a sale"),
        };
        Ok(Self { content, register_id, session_number, vendor_id, recorded_by, state })
    }
}

impl Entry {
    /// The id of what was recorded: sent twice, it is recorded once.
    #[must_use]
    pub fn id(&self) -> EntryId {
        match &self.content {
            EntryContent::Movement(movement) => movement.id.into(),
            EntryContent::Sale(sale) => sale.id.into(),
        }
    }

    /// The session that it belongs to.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        match &self.content {
            EntryContent::Movement(movement) => movement.session_id,
            EntryContent::Sale(sale) => sale.session_id,
        }
    }

    /// What it does to the cash that should be in the drawer.
    #[must_use]
    pub fn effect(&self) -> Decimal {
        match &self.content {
            EntryContent::Movement(movement) => movement.effect(),
            EntryContent::Sale(sale) => sale.totals.net_cash.decimal(),
        }
    }

    /// The entry that it takes back, which the server has to have first.
    #[must_use]
    pub fn takes_back(&self) -> Option<EntryId> {
        match &self.content {
            EntryContent::Movement(movement) => movement.reverses.map(EntryId::from),
            EntryContent::Sale(sale) => sale.original_id.map(EntryId::from),
        }
    }

    /// The movement; `None` where it is an entry of the sales ledger.
    #[must_use]
    pub fn movement(&self) -> Option<&Movement> {
        match &self.content {
            EntryContent::Movement(movement) => Some(movement),
            EntryContent::Sale(_) => None,
        }
    }

    /// The entry of the sales ledger; `None` where it is a movement.
    #[must_use]
    pub fn sale(&self) -> Option<&Sale> {
        match &self.content {
            EntryContent::Movement(_) => None,
            EntryContent::Sale(sale) => Some(sale),
        }
    }
}

/// Where an entry of the queue stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum EntryState {
    /// It will be sent.
    Waiting,
    /// The server wants a manager for it: it is sent again when one is signed in here.
    AwaitingManager {
        /// What the server said.
        code: Code,
    },
    /// The server decided against it; a person has to say what becomes of it.
    Refused {
        /// Why the server refused it.
        code: Code,
        /// More, for support.
        detail: String,
    },
}

impl EntryState {
    /// Whether it is still to be sent: its money moved, and nobody has decided against it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }
}
