//! What the screen is told: one [`Snapshot`], whole, after every change. The UI derives no state from it.

use crate::{Amount, Entry, Fault, Location, Movement, Outcome, Register, Session, Staff};
use jiff::{Timestamp, civil};
use serde::Serialize;

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
    /// What this device has recorded and the server has not accepted yet, of whichever session, oldest first.
    pub queue: Vec<Entry>,
    /// By how many seconds this computer's clock is behind the server's (negative: ahead), when it is off by more
    /// than a minute.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub clock_behind_seconds: Option<i64>,
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
        /// It.
        session: Box<Session>,
        /// Its register.
        register: Box<Register>,
        /// Its store.
        location: Location,
        /// How this device came to it.
        outcome: Outcome,
        /// What this device's cashier counted at the start; differs from the float when they joined with another.
        own_opening_cash: Amount,
        /// How sure the device is.
        connection: Link,
        /// The login has ended: without signing in again nothing can be confirmed or sent.
        sign_in_needed: bool,
        /// What the server has of this shift, oldest first; what still waits is in the snapshot's queue.
        movements: Vec<Movement>,
        /// Cash that should be in the drawer, what waits here included; `None` for roles that may not see it.
        expected_cash: Option<Amount>,
    },
    /// The shift is over; somebody else ended it.
    Fenced {
        /// It, with who and when where known.
        session: Box<Session>,
        /// Its store, for the times; unknown on a device that never learned it.
        location: Option<Location>,
    },
}

/// The connection, as the register screen shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Link {
    /// From this device's memory; the server has not answered yet.
    Checking {
        /// When the server last confirmed it, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        heard_at: Timestamp,
    },
    /// The server agrees.
    Confirmed {
        /// When it last said so, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        heard_at: Timestamp,
    },
    /// The server is not heard.
    Offline {
        /// Since when, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        since: Timestamp,
    },
}

/// What "Test connection" found, check by check, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ConnectionReport {
    /// The checks.
    pub checks: Vec<Check>,
}

impl ConnectionReport {
    /// Whether a till can work with this project.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.fault.is_none() && check.made)
    }
}

/// One check of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// False when an earlier failure made it pointless.
    pub made: bool,
    /// Why it failed; `None` when it passed or was not made.
    pub fault: Option<Fault>,
}

/// The checks of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// Address and key are well formed, and the key is not a secret one.
    Settings,
    /// The address answers and speaks like Supabase.
    Reach,
    /// The project knows the key.
    Key,
    /// `get_or_create_session` is deployed.
    Function,
}

/// A demo store's account, offered on the sign-in screen of development builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DemoAccount {
    /// Whose.
    pub name: String,
    /// Login.
    pub email: String,
    /// Password; these accounts exist only in the demo database.
    pub password: String,
    /// Role, in words.
    pub role: String,
}
