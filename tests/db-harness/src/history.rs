//! What many clients did to one store, and when: each call with the moments before it was sent and
//! after it was answered, and the answer, or that no answer came.

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::desk::Caller;

/// One thing asked of the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Start a shift, or send that request again.
    Open {
        /// The register.
        register: Uuid,
        /// The intent; none as earlier clients call.
        key: Option<Uuid>,
    },
    /// Record a cash movement, or send it again.
    Move {
        /// Into which session.
        session: Uuid,
        /// The movement's id.
        id: Uuid,
        /// What it adds to the drawer.
        effect: Decimal,
    },
    /// Close with a count committed before.
    Close {
        /// Which session.
        session: Uuid,
    },
    /// End now, count later.
    End {
        /// Which session.
        session: Uuid,
    },
    /// Cancel an unused session.
    Cancel {
        /// Which session.
        session: Uuid,
    },
    /// Record an entry of the sales ledger, or send it again.
    Sell {
        /// Into which session.
        session: Uuid,
        /// The entry's id.
        id: Uuid,
        /// A sale, a refund, a void or a discard.
        kind: &'static str,
    },
    /// Ask for a till's letter, or for a receipt.
    Look,
    /// Read or open what belongs to another vendor.
    Trespass,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A session, and how the caller came by it.
    Session {
        /// The session that was answered.
        id: Uuid,
        /// `created`, `joined`, `replayed`, or nothing from a function that does not say.
        outcome: String,
    },
    /// Done, or done before.
    Done {
        /// The outcome's word.
        outcome: String,
        /// The Z report's number, of a close.
        z_number: Option<i64>,
    },
    /// Refused with this code; it did not happen.
    Refused(String),
    /// No answer: it may have happened or not.
    Unknown,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Event {
    /// In whose name.
    pub caller: Caller,
    /// What was asked.
    pub deed: Deed,
    /// Microseconds from the start until it was sent.
    pub sent: u64,
    /// Microseconds from the start until it was answered; of an unknown outcome, for ever.
    pub answered: u64,
    /// What came of it.
    pub answer: Answer,
}

/// A session as it stands at the end.
#[derive(Debug, Clone)]
pub struct FinalSession {
    /// Its id.
    pub id: Uuid,
    /// Its register and vendor.
    pub place: (Uuid, Uuid),
    /// Its number.
    pub number: String,
    /// Its status.
    pub status: String,
    /// The key that opened it.
    pub key: Option<Uuid>,
    /// The opener's vendor; none where the opener is nobody's staff.
    pub opener_vendor: Option<Uuid>,
    /// Microseconds of the server's clock.
    pub opened: i64,
    /// Microseconds of the server's clock.
    pub over: Option<i64>,
    /// Float, sales in cash, counted and expected cash.
    pub cash: [Option<Decimal>; 4],
    /// Whether the drawer was counted.
    pub counted: Option<bool>,
    /// Numbers of its Z reports.
    pub z_numbers: Vec<i64>,
    /// What the ledger of sales added to sales, cash and card, and what these are in all.
    pub ledger: [Decimal; 6],
    /// Sales that the ledger counted, and that its Z report tells.
    pub sales: (i64, Option<i64>),
}

/// An entry of the sales ledger as it stands at the end.
#[derive(Debug, Clone)]
pub struct FinalSale {
    /// Its id.
    pub id: Uuid,
    /// Its session.
    pub session: Uuid,
    /// A sale, a refund, a void or a discard.
    pub kind: String,
    /// What it takes back.
    pub original: Option<Uuid>,
    /// Its till: register and number.
    pub till: (Uuid, i16),
    /// Its receipt number, and its place in the chain.
    pub numbers: (Option<i64>, i64),
    /// The hash before, and its own.
    pub hashes: (Vec<u8>, Vec<u8>),
    /// Effects on sales, cash and card.
    pub effects: [Decimal; 3],
    /// It came when the session was settled.
    pub late: bool,
    /// What was found unusual about it.
    pub flags: Vec<String>,
    /// Number of the line, or of the original's, quantity and net.
    pub lines: Vec<(i16, Decimal, Decimal)>,
    /// Microseconds of the server's clock.
    pub recorded: i64,
}

/// A movement as it stands at the end.
#[derive(Debug, Clone)]
pub struct FinalMovement {
    /// Its id.
    pub id: Uuid,
    /// Its session.
    pub session: Uuid,
    /// What it adds to the drawer.
    pub effect: Decimal,
    /// Microseconds of the server's clock.
    pub recorded: i64,
}

/// Everything the checker looks at.
#[derive(Debug, Default)]
pub struct History {
    /// What was done, in any order.
    pub events: Vec<Event>,
    /// The sessions at the end.
    pub sessions: Vec<FinalSession>,
    /// The movements at the end.
    pub movements: Vec<FinalMovement>,
    /// The sales ledger at the end.
    pub sales: Vec<FinalSale>,
}
