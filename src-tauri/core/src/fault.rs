//! What can go wrong, as the till needs to know it.
//!
//! One small set of codes: a code exists only where the screen says or does something of its own. Rust
//! classifies, the UI owns every word. `detail` is for support, holds no secret, and is never shown to a
//! cashier by itself.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong. The names are part of the contract with the UI and the docs, and never change meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// No connection could be made: no network, wrong address, server down. Nothing was sent.
    Unreachable,
    /// The server, or something on the way to it, answered that it cannot serve now.
    Unavailable,
    /// The request went out and no answer came in time: what it did is not known.
    NoAnswer,
    /// What answers at that address is not Supabase (a web page, a captive portal, another service).
    NotSupabase,
    /// The project does not know this key.
    WrongKey,
    /// A secret key was entered; it must never be on a till.
    SecretKey,
    /// The address of the project cannot be one.
    BadUrl,
    /// The configuration file cannot be read or understood.
    BadConfig,
    /// E-mail and password do not match.
    WrongPassword,
    /// The e-mail address was never confirmed.
    EmailNotConfirmed,
    /// Too many attempts; the server asks to wait.
    TooManyAttempts,
    /// The login has ended on the server: sign in again.
    SignedOut,
    /// This person is no active staff of any shop.
    NotStaff,
    /// The role does not allow this.
    Forbidden,
    /// `get_or_create_session` is not there.
    FunctionNotDeployed,
    /// This takes the current database part, and the project has an earlier one.
    OlderServer,
    /// There are several functions of that name; the server cannot choose.
    FunctionAmbiguous,
    /// The database answered with an error of its own making: something inside the functions is missing or
    /// mistyped.
    ServerMisconfigured,
    /// No such register for this person.
    RegisterNotFound,
    /// The register is out of service.
    RegisterRetired,
    /// Somebody else is just opening or closing on this register.
    RegisterBusy,
    /// Location or shop do not belong to the register.
    ScopeMismatch,
    /// The signed-in person is not the one the request speaks for.
    UserMismatch,
    /// The opening cash is not an amount that a drawer can hold.
    BadOpeningCash,
    /// The key or id of this request was already used for another one.
    KeyReused,
    /// No such session for this person.
    SessionNotFound,
    /// The session is over: nothing more can be recorded in it.
    SessionOver,
    /// Somebody is counting the drawer: nothing new until they have finished.
    CountInProgress,
    /// The count that was under way here was taken over, or given up, by somebody else.
    CountTakenOver,
    /// What was counted is no amount of this currency, or nothing was counted.
    BadCount,
    /// The difference is beyond the store's tolerance: it needs a reason.
    ReasonRequired,
    /// The difference is beyond the store's limit: it needs a manager's approval.
    ApprovalRequired,
    /// Only a manager may do this.
    ManagerRequired,
    /// Only the owner may do this.
    OwnerRequired,
    /// What was to be kept of the rules or the catalogue is not possible: the detail names the field.
    BadCatalogue,
    /// Another item has this code.
    CodeTaken,
    /// Somebody else changed the item after it was read here.
    ItemChanged,
    /// This device has entries of the shift that the server does not have yet.
    UnsentEntries,
    /// The shift has entries: it can be closed, not cancelled.
    SessionNotEmpty,
    /// A manager must record an amount of this size.
    OverLimit,
    /// The session is not settled yet: it has no Z report.
    NotClosed,
    /// The movement does not fit: its amount, its kind, or what it should reverse.
    BadMovement,
    /// Selling is not switched on at this location.
    SellingOff,
    /// The server refused an entry of the sales ledger: its content cannot be true.
    BadSale,
    /// The same of its tenders or of the rounding of cash.
    BadTender,
    /// The same of its number or of its place in the chain.
    BadReceipt,
    /// No such receipt for this person.
    SaleNotFound,
    /// The receipt was voided before.
    AlreadyVoided,
    /// Less is left to come back than was asked.
    NothingLeft,
    /// A quantity, price, discount or amount breaks a rule of the arithmetic.
    BadFigure,
    /// A text may hold the number of a payment card.
    CardNumber,
    /// A text is longer than what is kept of it.
    TextTooLong,
    /// The cart has no such line or tender.
    NoSuchLine,
    /// There is nothing in the cart.
    CartEmpty,
    /// What was scanned is no code: its check digit does not fit, or it cannot be read.
    BadScan,
    /// The catalogue has no such item.
    UnknownItem,
    /// The item has no price of its own.
    PriceNeeded,
    /// Somebody has to look how old the customer is.
    AgeToCheck,
    /// The cart, a refund or a void is beyond what a cashier may do alone.
    SaleNeedsApproval,
    /// Money was taken for the cart: it has to be given back first.
    MoneyTaken,
    /// No more carts can be parked.
    ParkedFull,
    /// The receipt is no sale of this till and the running shift, or something of it came back.
    CannotVoid,
    /// A refund was asked of the server, whose answer is not known.
    OutcomeUnknown,
    /// Somebody practises here, and practice only sells.
    Practising,
    /// The clock of this computer is wrong: the server's certificate is not valid at the time that it shows.
    ClockSkew,
    /// The server's own parts disagree about the time: what one of them has just issued, another calls expired or not
    /// valid yet. Nothing can be done about it here.
    ServerClocks,
    /// This device's own file could not be read or written: disk full, read-only, damaged.
    StoreFailed,
    /// The operating system's keychain cannot be used.
    KeychainUnavailable,
    /// What was asked does not fit where the till stands (a second press, a stale screen). Nothing happened.
    NotNow,
    /// A mistake of this program.
    Internal,
}

/// Whether, and when, the same request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// It would fail again.
    No,
    /// It surely did not run: repeat with back-off.
    DidNotRun,
    /// It may have run: repeat only with an idempotency key.
    OutcomeUnknown,
    /// The access token ran out: refresh once, then repeat.
    AfterRefresh,
    /// The token is not valid *yet*: wait a few seconds, same token.
    TokenTooNew,
    /// The server's schema cache may be stale: once, after five seconds.
    SchemaStale,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Fault {
    /// What, for the screen.
    pub code: Code,
    /// More, for support: statuses, codes and the server's own words; never a secret.
    pub detail: String,
    /// The field that it is about, as the contract names it, where it is about one of a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub field: Option<String>,
    /// What is wrong with that field, by the name of a [`crate::items::typed::ProblemKind`], where this program knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub reason: Option<String>,
    /// For the client, not for the screen.
    #[serde(skip)]
    pub retry: Retry,
}

impl Fault {
    /// A fault that repeating does not cure.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, reason: None, retry: Retry::No }
    }

    /// The same with another rule for repeating.
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// Whether the server weighed this request and decided against it, so that asking the same again is
    /// pointless. Everything else leaves the question open.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        matches!(
            self.code,
            Code::RegisterNotFound
                | Code::RegisterRetired
                | Code::ScopeMismatch
                | Code::UserMismatch
                | Code::BadOpeningCash
                | Code::KeyReused
                | Code::SessionNotFound
                | Code::SessionOver
                | Code::BadMovement
                | Code::SellingOff
                | Code::BadSale
                | Code::BadTender
                | Code::BadReceipt
                | Code::SaleNotFound
                | Code::AlreadyVoided
                | Code::NothingLeft
                | Code::BadCount
                | Code::ReasonRequired
                | Code::ApprovalRequired
                | Code::ManagerRequired
                | Code::OwnerRequired
                | Code::BadCatalogue
                | Code::CodeTaken
                | Code::ItemChanged
                | Code::OverLimit
                | Code::SessionNotEmpty
                | Code::NotClosed
                | Code::NotStaff
                | Code::Forbidden
        )
    }

    /// Whether the server could not be heard, as opposed to having answered something.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        matches!(self.code, Code::Unreachable | Code::Unavailable | Code::NoAnswer | Code::NotSupabase)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.detail)
    }
}
