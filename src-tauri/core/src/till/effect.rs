//! What the machine writes and asks, and what it is answered, as plain data.
//!
//! Invariant: the writes of a step are one change of the file: all of them are in it, or none.

use super::command::Subject;
pub(super) use crate::ports::Write;
use crate::{
    Amount, Closing, CountId, Entry, Fault, IntentKey, ItemId, LocationId, Movement, MovementId, OpenIntent,
    Opened, Register, Report, Sale, SaleId, Session, SessionId, Staff, UserId,
    board::{Board, Day},
    count::{Count, CountIntent},
    items::{
        ItemsPage, KeptItem, Refused,
        settings::{KeptSettings, KeptTax, PlacedKey},
    },
    ports::{Closed, Ended, PersistedState, Recorded, Seen},
    sale::{ChainHead, Item, Quantity, SellingRules},
    sales_sheet::{SaleFlag, SettledFlag},
    scan::Measure,
    selling::{ApprovalAsked, RulesChange, SaleOnServer, SaleRecorded, SaleRef, ShopSettings},
};
use jiff::{SignedDuration, Timestamp, civil};
use secrecy::SecretString;
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

/// The time and chance of one step, and what is known of the server's clock and age.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// This computer's time, UTC. It may be wrong; nothing is decided by it alone.
    pub now: Timestamp,
    /// By how much the server's clock is ahead of it, once it was heard.
    pub clock_ahead: Option<SignedDuration>,
    /// The project has only an earlier database part.
    pub older_server: bool,
    /// A number that nobody else has. A step makes at most one key, movement or count of it.
    pub id: Uuid,
}

impl Moment {
    /// The server's time as far as this computer can tell: what business dates are decided by.
    #[must_use]
    pub fn store_time(&self) -> Timestamp {
        self.clock_ahead.and_then(|ahead| self.now.checked_add(ahead).ok()).unwrap_or(self.now)
    }

    pub(super) fn key(&self) -> IntentKey {
        IntentKey(self.id)
    }

    pub(super) fn movement_id(&self) -> MovementId {
        MovementId(self.id)
    }

    pub(super) fn count_id(&self) -> CountId {
        CountId(self.id)
    }
}

/// A call the cashier waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Busy {
    /// Taking up the login of an earlier run.
    ResumingLogin,
    /// Signing in.
    SigningIn,
    /// Reading the registers.
    LoadingRegisters,
    /// Opening or joining.
    StartingShift,
    /// Counting or settling: a step of the closing is under way.
    Closing,
    /// A manager signs in beside the cashier.
    AskingManager,
    /// Reading a report.
    ReadingReport,
    /// Reading the board, or the end of a day.
    ReadingBoard,
    /// Reading what the store sells, for somebody who wants to practise.
    ReadingCatalogue,
    /// Reading a receipt of which something comes back.
    ReadingReceipt,
    /// Finding out whether a password opens the locked till.
    Unlocking,
}

/// What the machine wants to know from outside.
#[derive(Clone, Debug)]
pub enum Call {
    /// The device's file, for what this says.
    Load(LoadFor),
    /// Signs somebody in; at a locked till that opens it.
    SignIn {
        /// Login.
        email: String,
        /// Password.
        password: SecretString,
        /// The till was locked when it was pressed.
        opens_lock: bool,
    },
    /// Is this the password of somebody who signed in here before?
    ConfirmPassword {
        /// Who stands here.
        user_id: UserId,
        /// Password.
        password: SecretString,
    },
    /// Is the login of an earlier run still good?
    ResumeLogin,
    /// Ends the login of this device.
    SignOut,
    /// Opens the connection before somebody waits for it.
    Warm,
    /// The registers of a store. `visibly`: somebody waits for them.
    Registers {
        /// The store.
        location: LocationId,
        /// Somebody waits for it.
        visibly: bool,
    },
    /// Opens a session or joins it.
    OpenSession {
        /// With this key.
        intent: OpenIntent,
        /// The business date on which the cashier agreed to go on with an earlier day's session.
        agreed_on: Option<civil::Date>,
    },
    /// Does the session still stand at this revision?
    Session {
        /// The session.
        id: SessionId,
        /// Its revision as known here; -1 asks for everything.
        known_revision: i64,
        /// The highest receipt that this till has given out; `None` where it has no letter.
        last_receipt: Option<u64>,
    },
    /// Where the chain of this till stands as far as the server knows.
    Chain {
        /// The session that runs here.
        session: SessionId,
    },
    /// The next page of what changed in the catalogue, which goes into its file.
    Catalogue {
        /// The store.
        location: LocationId,
        /// Up to where the settings that are kept here were read; `None`: there are none.
        settings_at: Option<i64>,
        /// The page before was not the last one.
        goes_on: bool,
        /// Somebody waits for it, to practise.
        to_practise: bool,
    },
    /// An item of the catalogue's file, to be added to the cart.
    AddItem {
        /// The store.
        location: LocationId,
        /// Which, and how much of it.
        lookup: Lookup,
    },
    /// The movements of a session that was returned just now.
    Movements {
        /// The session as returned.
        session: Box<Session>,
    },
    /// Records an entry of the queue.
    RecordEntry {
        /// The entry.
        entry: Entry,
        /// The highest receipt that this till has given out; `None` where it has no letter.
        last_receipt: Option<u64>,
    },
    /// Records a refund that somebody waits for.
    AskRefund {
        /// The refund.
        sale: Box<Sale>,
        /// The highest receipt that this till has given out.
        last_receipt: u64,
    },
    /// A receipt of which something comes back.
    FindReceipt {
        /// By what it is found.
        which: SaleRef,
    },
    /// Signs a manager in beside the cashier, who approves these, and signs them out again.
    ApproveSale {
        /// What of.
        subject: Subject,
        /// The manager's login.
        email: String,
        /// The manager's password.
        password: SecretString,
        /// What is approved.
        approvals: Vec<ApprovalAsked>,
    },
    /// Commits a count that waits.
    CommitCount {
        /// The count.
        count: CountIntent,
    },
    /// What a closing stands waiting for: its step says what.
    Settle {
        /// The closing as it was when this was asked.
        closing: Box<Closing>,
    },
    /// A session in full, with the devices that work in it.
    WholeSession {
        /// The session.
        id: SessionId,
    },
    /// Every register of a store. `visibly`: somebody waits for them.
    Board {
        /// The store.
        location: LocationId,
        /// Somebody waits for it.
        visibly: bool,
    },
    /// The end of a business date; `None` for today's.
    Day {
        /// The store.
        location: LocationId,
        /// The business date.
        date: Option<civil::Date>,
    },
    /// Settles a flag of an entry.
    SettleFlag {
        /// The store of the board.
        location: LocationId,
        /// The entry.
        sale_id: SaleId,
        /// Which of its flags.
        flag: SaleFlag,
        /// What became of it.
        note: String,
    },
    /// By which rules a store sells.
    SellingRules {
        /// The store.
        location: LocationId,
    },
    /// The owner changes them.
    SaveSellingRules {
        /// The store.
        location: LocationId,
        /// How they are to be.
        change: RulesChange,
    },
    /// Items of the catalogue that a manager looks for.
    Items {
        /// The store.
        location: LocationId,
        /// What was typed; empty for all.
        text: String,
        /// The item behind which the page begins.
        after: Option<ItemId>,
    },
    /// All items, page by page.
    AllItems {
        /// The store.
        location: LocationId,
        /// The version up to which they were read.
        since: i64,
    },
    /// Saves an item.
    SaveItem {
        /// The store whose catalogue is shown.
        location: LocationId,
        /// How it is to be.
        item: Box<KeptItem>,
    },
    /// The keys of a location's screen and the shop's taxes.
    KeptSettings {
        /// The location.
        location: LocationId,
    },
    /// Saves the keys of a page.
    SaveQuickKeys {
        /// The location.
        location: LocationId,
        /// The page.
        page: u8,
        /// How they are to be.
        keys: Arc<Vec<PlacedKey>>,
    },
    /// The owner saves a tax, or takes it away.
    SaveTax {
        /// The location whose catalogue is shown.
        location: LocationId,
        /// The tax.
        tax: Box<KeptTax>,
        /// It goes.
        is_removed: bool,
    },
    /// Saves a part of a file.
    ImportItems {
        /// The store whose catalogue is shown.
        location: LocationId,
        /// The lines that they are of.
        places: Vec<usize>,
        /// They.
        items: Arc<Vec<KeptItem>>,
    },
    /// The figures of a session so far.
    XReport {
        /// The session.
        session: SessionId,
    },
    /// The final figures of a settled session.
    ZReport {
        /// The session.
        session: SessionId,
    },
    /// Signs a manager in beside the cashier, says who that is, and signs them out again.
    VerifyManager {
        /// The manager's login.
        email: String,
        /// The manager's password.
        password: SecretString,
    },
    /// The same, and in between they accept the difference of a count.
    ApproveCount {
        /// The manager's login.
        email: String,
        /// The manager's password.
        password: SecretString,
        /// The count.
        count: CountId,
        /// What they say to it.
        note: String,
    },
}

/// Why the device's file is read while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadFor {
    /// A register was chosen: what does the file keep for it?
    Register,
    /// Somebody signed in: what does their shop settle here?
    Closing,
}

/// What became of a [`Call`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is the result of the port's call of that name")]
pub enum Answer {
    Loaded(Result<Box<PersistedState>, Fault>),
    /// Who signed in; `None`: nobody, or their password was right by what this computer remembers.
    Staff(Result<Option<Staff>, Fault>),
    Registers(Result<Vec<Register>, Fault>),
    Opened(Result<Opened, Fault>),
    Seen(Result<Seen, Fault>),
    Movements(Result<Vec<Movement>, Fault>),
    Recorded(Result<Recorded, Fault>),
    SaleRecorded(Result<SaleRecorded, Fault>),
    SaleFound(Result<Box<SaleOnServer>, Fault>),
    Chain(Result<ChainHead, Fault>),
    Catalogue(Result<CatalogueRead, Fault>),
    /// With how many of it a code stands for; `None`: the catalogue does not have it.
    Item(Result<Option<(Item, Quantity)>, Fault>),
    Count(Result<Count, Fault>),
    Session(Result<Session, Fault>),
    Closed(Result<Closed, Fault>),
    Ended(Result<Ended, Fault>),
    Board(Result<Board, Fault>),
    Day(Result<Day, Fault>),
    FlagSettled(Result<SettledFlag, Fault>),
    Rules(Result<SellingRules, Fault>),
    Items(Result<ItemsPage, Fault>),
    ItemSaved(Result<KeptItem, Fault>),
    ItemsImported(Result<Vec<Refused>, Fault>),
    KeptSettings(Result<KeptSettings, Fault>),
    Report(Result<Report, Fault>),
    /// Nothing that anybody waits to know.
    Done,
}

impl Call {
    /// What people are shown to wait for until this is answered.
    pub(super) fn busy(&self) -> Option<Busy> {
        match self {
            Self::SignIn { opens_lock: false, .. } => Some(Busy::SigningIn),
            Self::ResumeLogin => Some(Busy::ResumingLogin),
            Self::Registers { visibly: true, .. } => Some(Busy::LoadingRegisters),
            Self::OpenSession { .. } => Some(Busy::StartingShift),
            Self::Settle { .. } => Some(Busy::Closing),
            Self::VerifyManager { .. } | Self::ApproveCount { .. } | Self::ApproveSale { .. } => {
                Some(Busy::AskingManager)
            }
            Self::FindReceipt { .. } => Some(Busy::ReadingReceipt),
            Self::Board { visibly: true, .. }
            | Self::Day { .. }
            | Self::SettleFlag { .. }
            | Self::SellingRules { .. }
            | Self::SaveSellingRules { .. }
            | Self::Items { .. }
            | Self::AllItems { .. }
            | Self::SaveItem { .. }
            | Self::KeptSettings { .. }
            | Self::SaveQuickKeys { .. }
            | Self::SaveTax { .. }
            | Self::ImportItems { .. } => Some(Busy::ReadingBoard),
            Self::XReport { .. } | Self::ZReport { .. } => Some(Busy::ReadingReport),
            Self::Catalogue { to_practise: true, .. } => Some(Busy::ReadingCatalogue),
            _ => None,
        }
    }
}

/// The stages of a poll, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PollStage {
    /// Sending the entries that wait.
    Entries,
    /// Sending the counts that wait.
    Counts,
    /// Asking for what the device stands ready to know.
    State,
    /// Reading what is to be known of selling.
    Selling,
    /// Reading the open board again.
    Board,
}

/// What becomes of a step whose writes failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfUnsaved {
    /// It did not happen.
    Undo,
    /// It happened all the same, and people read that a restart would not find it: the server or a person has decided,
    /// and to show anything else would be wrong.
    Keep,
}

/// What a step collects while the state changes.
pub(super) struct Work<'a> {
    pub(super) at: &'a Moment,
    pub(super) save: Vec<Write>,
    pub(super) call: Option<Call>,
    pub(super) if_unsaved: IfUnsaved,
    pub(super) open_drawer: bool,
    pub(super) poll_after: bool,
}

impl<'a> Work<'a> {
    pub(super) fn new(at: &'a Moment) -> Self {
        Self {
            at,
            save: Vec::new(),
            call: None,
            if_unsaved: IfUnsaved::Undo,
            open_drawer: false,
            poll_after: false,
        }
    }

    /// Has this written. A later write of the same row of a step wins.
    pub(super) fn save(&mut self, write: Write) {
        self.save.push(write);
    }

    /// Has this asked, once everything is written.
    pub(super) fn ask(&mut self, call: Call) {
        self.call = Some(call);
    }
}

/// What is looked up in the catalogue, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// By what.
    pub wanted: Wanted,
    /// What was scanned; `None` for an item that was chosen.
    pub code: Option<String>,
    /// How much of it.
    pub measure: Measure,
    /// The price that was typed for it.
    pub price: Option<Amount>,
}

/// By what an item is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Its id.
    Id(ItemId),
    /// Any of these codes, the likeliest first.
    Codes(Vec<String>),
}

/// What of a page of the catalogue is no item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueRead {
    /// Up to where it was read.
    pub cursor: i64,
    /// There is another page.
    pub more: bool,
    /// Rules, taxes and keys; `None` where nothing changed.
    pub settings: Option<ShopSettings>,
}
