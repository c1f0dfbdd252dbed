//! Identifiers as distinct types, so that a register can never be passed where a session is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, type = "string"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A shop's owner organisation; the border of tenancy.
    VendorId
);
id!(
    /// A store of a vendor.
    LocationId
);
id!(
    /// A trading point with one drawer.
    RegisterId
);
id!(
    /// One drawer accountability period on one register.
    SessionId
);
id!(
    /// A person who can sign in (`auth.users.id`).
    UserId
);
id!(
    /// This computer, made once and kept in its store.
    DeviceId
);
id!(
    /// An entry of this device's queue: the id of the movement or the sale in it.
    EntryId
);
id!(
    /// A cash movement; made by the device that records it, so that sending it twice records it once.
    MovementId
);
id!(
    /// One press of *Start shift*: sent as `Idempotency-Key`, so that however often the request is repeated it
    /// opens at most one session.
    IntentKey
);
id!(
    /// A count of a drawer; made by the device that commits it, so that sending it twice keeps one attempt.
    CountId
);
id!(
    /// An entry of the sales ledger: a sale, refund, void or discard; made by the device, so that sending it twice
    /// records it once.
    SaleId
);
id!(
    /// An item of the catalogue.
    ItemId
);
id!(
    /// A manager's approval of one act of a cashier.
    ApprovalId
);
