//! What the screen shows: one [`Snapshot`], whole, after every change. The UI derives no state from it.

use crate::{
    Amount, Code, Fault, Location, Movement, MovementKind, Register, Report, Session, SessionOutcome, Staff,
    Tally,
    board::Board,
    closing::EndHow,
    count::Needs,
    currency::Piece,
    day_view::DayView,
    device::ConnectionState,
    items::view::CatalogueView,
    lock::Person,
    next_float::NextFloat,
    ports::SetAside,
    report::TenderLine,
    sale::SellingRules,
    selling_view::{RefusedEntry, SellingView},
    session::{AttachedDevice, CountingBy},
    store_sheet::StoreSheet,
    till::{Busy, CommandName},
};
use jiff::{Timestamp, civil};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything the window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Snapshot {
    /// Grows with every snapshot; an older one that arrives late is ignored.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub serial: u64,
    /// Host of the project, once configured.
    pub server: Option<String>,
    /// Who is signed in.
    pub staff: Option<Staff>,
    /// The one screen to show.
    pub screen: Screen,
    /// What last went wrong on this screen and is not cured yet.
    pub fault: Option<Fault>,
    /// What is under way.
    pub busy: Option<Busy>,
    /// How many entries of this device the server does not have yet, of whichever session.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub unsent: usize,
    /// What the server decided against, oldest first, as far as it is of the shop that works here.
    pub refused: Vec<RefusedEntry>,
    /// A report that somebody asked to read, above whatever screen there is.
    pub report: Option<Box<Report>>,
    /// By how many seconds this computer's clock is behind the server's (negative: ahead), when it is off by more
    /// than a minute.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub clock_behind_seconds: Option<i64>,
    /// Earlier files of this device that could not be used, until somebody has read of them.
    pub set_aside: Vec<SetAside>,
    /// The project has only an earlier database part, which lacks most of what this program can do.
    pub older_server: bool,
    /// What may be pressed now: everything else is refused.
    pub may: Vec<CommandName>,
}

/// What goes on, or waits, when the program ends now. None of it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ExitWarning {
    /// A shift runs here, or may have been started: it stays open.
    pub shift: bool,
    /// Its drawer is being counted here: what was typed is kept, and other devices wait.
    pub count: bool,
    /// Entries of this computer that the server does not have; they are sent when the program runs again.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub unsent: usize,
}

/// The screens, each with all it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Screen {
    /// First run, or a configuration that cannot be used.
    Setup {
        /// The address as configured so far, for correction.
        url: String,
        /// Where the configuration file is, or would be.
        config_path: String,
    },
    /// Nobody is signed in.
    SignIn {
        /// False where this computer has no keychain: the login ends with the program.
        login_is_kept: bool,
    },
    /// Which register is this?
    ChooseRegister {
        /// The store whose registers are listed.
        location: Location,
        /// Its registers; `None` until they were read.
        registers: Option<Vec<Register>>,
    },
    /// Ready to start, or to join.
    StartShift {
        /// The chosen register as last read; its open session, if any, is what would be joined.
        register: Box<Register>,
        /// Its store.
        location: Location,
        /// The open session belongs to an earlier business date.
        earlier_day: bool,
        /// An earlier press has no answer yet: the next press asks for that same intent again.
        unanswered: bool,
    },
    /// The open session is of an earlier business date: go on with it?
    EarlierDay {
        /// That session.
        session: Box<Session>,
        /// Its store.
        location: Location,
        /// Today's business date.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        today: civil::Date,
    },
    /// The shift runs.
    Register {
        /// The session as the server last returned it.
        session: Box<Session>,
        /// Its register.
        register: Box<Register>,
        /// Its store.
        location: Location,
        /// How this device came to it.
        outcome: SessionOutcome,
        /// What this device's cashier counted at the start, where they joined with something else than the float.
        own_opening_cash: Option<Amount>,
        /// How sure the device is.
        connection: ConnectionState,
        /// The login has ended: without signing in again nothing can be confirmed or sent.
        sign_in_needed: bool,
        /// Its movements, what happened last first: those that the server has and those that wait here.
        movements: Vec<ListedMovement>,
        /// Cash that should be in the drawer, what waits here included; `None` for roles that may not see it.
        expected_cash: Option<Amount>,
        /// The most that who is signed in may record or take back alone, by kind; a kind that is not here has no limit.
        limits: BTreeMap<MovementKind, Amount>,
        /// What is sold here; `None` where selling is off.
        selling: Option<Box<SellingView>>,
        /// Nothing of it is recorded: somebody practises, and the session is invented.
        practice: bool,
    },
    /// A session is being counted, closed or ended at this computer.
    Closing {
        /// It, as last returned.
        session: Box<Session>,
        /// Its register's number.
        register_number: String,
        /// Its register's name.
        register_name: String,
        /// Its store.
        location: Location,
        /// The login has ended: without signing in again nothing can be asked.
        sign_in_needed: bool,
        /// Something was asked and its answer is not known yet: it is asked again until it is, with the same key.
        /// What was typed stands; nothing else can be asked meanwhile.
        unanswered: bool,
        /// Where it stands.
        step: ClosingStep,
    },
    /// The registers of a store, for a manager.
    Board {
        /// The store.
        location: Location,
        /// The board; `None` until it was read.
        board: Option<Box<Board>>,
        /// It line by line, for paper and files.
        sheet: Option<Box<StoreSheet>>,
        /// The end of a day, when it was asked for.
        day: Option<Box<DayView>>,
        /// When the board was read, device time, UTC; it is read again every few seconds.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        read_at: Option<Timestamp>,
        /// The shift of this computer goes on behind it.
        shift_runs: bool,
        /// By which rules the store sells, while the owner looks at them.
        rules: Option<Box<SellingRules>>,
        /// The catalogue, while a manager looks at it.
        catalogue: Option<Box<CatalogueView>>,
    },
    /// Locked. What runs, runs on behind it, and nothing of it is in the snapshot.
    Locked {
        /// Who has locked it; `None` when nobody was signed in.
        holder: Option<Person>,
        /// Colleagues whose password opens it, too.
        others: Vec<Person>,
        /// The shop's name, where known.
        shop: Option<String>,
        /// Since when, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        since: Timestamp,
        /// Number and name of the register that this computer serves.
        register: Option<RegisterLabel>,
        /// Its shift runs.
        shift_runs: bool,
        /// Its drawer is being counted here; what was typed is kept.
        count_waits: bool,
        /// How many entries wait to be sent.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        unsent: usize,
        /// The server is not heard: nobody else can sign in until it is.
        offline: bool,
        /// The holder's password alone does not do: this computer does not know their e-mail address.
        needs_email: bool,
    },
    /// The shift is over; somebody else ended it.
    Fenced {
        /// It, with who and when where known.
        session: Box<Session>,
        /// Its store, for the times; unknown on a device that never learned it.
        location: Option<Location>,
        /// How many receipts of this till came to the server after it was settled, and stand beside it.
        late_receipts: usize,
    },
}

/// A movement of the running shift, and what was tried to take it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ListedMovement {
    /// The movement.
    pub entry: ListedEntry,
    /// What takes it back, the last try first.
    pub reversals: Vec<ListedEntry>,
    /// One of those counts.
    pub is_taken_back: bool,
    /// It still can be.
    pub can_be_taken_back: bool,
    /// What who is signed in may take back alone, where this is more: then it takes a manager.
    pub beyond_limit: Option<Amount>,
}

/// One line of that list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ListedEntry {
    /// What was recorded.
    pub movement: Movement,
    /// What it does to the cash that should be in the drawer, with its sign.
    pub effect: Amount,
    /// Whether the server has it.
    pub state: ListedState,
}

/// Where a line of that list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum ListedState {
    /// The server has it.
    Recorded,
    /// It waits here to be sent.
    Waiting,
    /// It waits for a manager to sign in here.
    AwaitingManager {
        /// What the server said.
        code: Code,
    },
    /// The server decided against it.
    Refused {
        /// Why the server refused it.
        code: Code,
    },
}

/// A register as people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct RegisterLabel {
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// IANA name of its store's time zone.
    pub timezone: String,
}

/// The steps of settling a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum ClosingStep {
    /// What speaks against a close. From here: count, end now and count later, cancel, or go back.
    Checklist {
        /// Entries of this shift that this computer recorded and the server does not have.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        unsent: usize,
        /// Entries of this shift that the server refused and that nobody has settled yet; they do not hold it up.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        refused: usize,
        /// The manager who let it go on in spite of what is unsent.
        allowed_by: Option<String>,
        /// Other devices that work in this shift.
        others: Vec<AttachedDevice>,
        /// Somebody else counts already.
        counting: Option<CountingBy>,
        /// The shift is of an earlier business date: to end it uncounted takes a manager, and none is signed in.
        end_needs_manager: bool,
    },
    /// The blind count.
    Count {
        /// The pieces of the currency, largest first; none where the drawer is counted in one sum.
        pieces: Vec<Piece>,
        /// What was typed so far; it survives a crash.
        tally: Tally,
        /// What that comes to; `None` while nothing was counted.
        total: Option<Amount>,
    },
    /// The count stands: over or short, and what stays in the drawer.
    Result {
        /// Cash as counted.
        cash: Box<TenderLine>,
        /// Cards as recorded: the terminal's own slip settles them.
        card: Box<TenderLine>,
        /// What was counted, piece by piece.
        tally: Tally,
        /// What it takes to close.
        needs: Needs,
        /// The manager who accepted the difference.
        approved_by: Option<String>,
        /// What stays in the drawer and what goes to the safe.
        next_float: NextFloat,
    },
    /// Ending or cancelling is under way.
    Ending {
        /// Whether it is being ended or cancelled.
        how: EndHow,
    },
    /// Settled, with the Z report.
    Closed {
        /// The Z report that the close was answered with.
        report: Box<Report>,
        /// Somebody counted the drawer.
        was_counted: bool,
    },
    /// Ended: the register is free and the count is owed.
    Ended,
    /// Cancelled: nothing happened in it.
    Cancelled,
}

impl ClosingStep {
    /// The step's own word, as the user interface gets it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Checklist { .. } => "checklist",
            Self::Count { .. } => "count",
            Self::Result { .. } => "result",
            Self::Ending { .. } => "ending",
            Self::Closed { .. } => "closed",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A demo store's account, offered on the sign-in screen of development builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DemoAccount {
    /// The person's display name.
    pub name: String,
    /// The e-mail address to sign in with.
    pub email: String,
    /// Password; these accounts exist only in the demo database.
    pub password: String,
    /// Role, in words.
    pub role: String,
}

/// What is around a till on its computer.
pub trait Shell: Send + Sync + 'static {
    /// Shows the snapshot. Two may arrive out of order; the higher serial is the newer.
    fn show(&self, snapshot: Snapshot);
    /// Opens the cash drawer for an entry that was recorded, without holding anything up.
    fn open_drawer(&self);
    /// Polls at once, not at the poll's own time.
    fn poll_now(&self);
}
