//! What the domain asks of the world. Ports name operations, not handles; adapters live in the crates beside
//! this one, and tests may bring their own.

use crate::{
    Closing, CountId, Entry, EntryId, Fault, IntentKey, LocationId, Movement, OpenIntent, Opened, Register,
    RegisterAssignment, RegisterId, Report, SaleId, Session, SessionId, Staff, UserId, VendorId,
    board::{Board, Day},
    closing::{CloseIntent, EndIntent},
    count::{Count, CountIntent},
    device::ActiveSession,
    items::CatalogueKeeping,
    lock::{Locked, Person},
    sale::{Cart, ChainHead, KeptReceipt, MOST_REMEMBERED, Parked},
    sales_sheet::{SaleFlag, SettledFlag},
    selling::{Selling, ShopSettings},
};
use jiff::{SignedDuration, Timestamp, civil};
use secrecy::SecretString;
use serde::Serialize;
use std::future::Future;
use uuid::Uuid;

pub use crate::view::Shell;

/// The shop's Supabase project, as one signed-in person sees it. Every call has a deadline of its own and
/// distinguishes a lost answer from a refusal by [`Fault::retry`].
pub trait Server: Send + Sync + 'static {
    /// Signs in and says who that is. When it fails, whoever was signed in before still is.
    fn sign_in(
        &self,
        email: &str,
        password: &SecretString,
    ) -> impl Future<Output = Result<Staff, Fault>> + Send;
    /// Whether this is the password of somebody who signed in here before. The server is asked, and the person as it
    /// tells them is returned, signed in again if their login had ended. Where it cannot be heard, their last sign-in
    /// on this computer is asked; then `None` means that it was right. `WrongPassword` when it was not; `SignedOut`
    /// when nothing here knows their e-mail address.
    fn confirm(
        &self,
        who: UserId,
        password: &SecretString,
    ) -> impl Future<Output = Result<Option<Staff>, Fault>> + Send;
    /// Whose passwords [`Server::confirm`] knows an address for: who signed in here lately, the last one first.
    fn people(&self) -> Vec<Person>;
    /// Takes up the login that an earlier run kept; `None` when there is none.
    fn resume_login(&self) -> impl Future<Output = Result<Option<Staff>, Fault>> + Send;
    /// Ends the login of this device only, and forgets it here even when the server cannot be reached.
    fn sign_out(&self) -> impl Future<Output = ()> + Send;
    /// Whether a login outlives the program on this computer.
    fn login_is_kept(&self) -> bool;
    /// Whether the project has only an earlier database part, as far as was heard: it names no outcomes, knows no keys,
    /// and has no ledger, counts, reports or board.
    fn is_older(&self) -> bool;
    /// By how much the server's clock is ahead of this computer's, once it was heard.
    fn ahead(&self) -> Option<SignedDuration>;
    /// Opens the connection before somebody waits for it.
    fn warm(&self) -> impl Future<Output = ()> + Send;
    /// Every register of a location with the session that holds it.
    fn registers(&self, location: LocationId) -> impl Future<Output = Result<Vec<Register>, Fault>> + Send;
    /// Opens or joins: `get_or_create_session` with the intent's key.
    fn open_session(&self, intent: &OpenIntent) -> impl Future<Output = Result<Opened, Fault>> + Send;
    /// Reads a session; [`Seen::Unchanged`] when it still stands at `known_revision`. `last_receipt`: the highest receipt
    /// that this till has given out, so that the server knows what is still to come.
    fn session(
        &self,
        id: SessionId,
        known_revision: i64,
        last_receipt: Option<u64>,
    ) -> impl Future<Output = Result<Seen, Fault>> + Send;
}

/// The ledger of a session on the server. Apart from [`Server`] because an older database has none.
pub trait Ledger: Send + Sync + 'static {
    /// Records a movement; telling it again by the same id records nothing more. `recorded_by` may be somebody else
    /// than who is signed in now.
    fn record_movement(
        &self,
        movement: &Movement,
        recorded_by: UserId,
    ) -> impl Future<Output = Result<Recorded, Fault>> + Send;
    /// Every movement of a session, oldest first.
    fn movements(&self, session: SessionId) -> impl Future<Output = Result<Vec<Movement>, Fault>> + Send;
}

/// The reports of a session. Apart from [`Server`] because an older database has none.
pub trait Reports: Send + Sync + 'static {
    /// The figures so far. Reading them changes nothing.
    fn x_report(&self, session: SessionId) -> impl Future<Output = Result<Report, Fault>> + Send;
    /// The final figures of a settled session, as they were written then, marked as a copy.
    fn z_report(&self, session: SessionId) -> impl Future<Output = Result<Report, Fault>> + Send;
}

/// How a session is counted and settled on the server. Every call carries a key or an id made here, so that telling it
/// again does nothing more and gives the same answer.
pub trait CashUp: Send + Sync + 'static {
    /// Keeps new entries off the session while somebody counts; `take_over` ends another device's count.
    fn begin_count(
        &self,
        key: IntentKey,
        session: SessionId,
        take_over: bool,
    ) -> impl Future<Output = Result<Session, Fault>> + Send;
    /// Gives the count up; the shift goes on.
    fn abandon_count(
        &self,
        key: IntentKey,
        session: SessionId,
    ) -> impl Future<Output = Result<Session, Fault>> + Send;
    /// Commits a count.
    fn commit_count(&self, count: &CountIntent) -> impl Future<Output = Result<Count, Fault>> + Send;
    /// Settles a session.
    fn close_session(
        &self,
        session: SessionId,
        close: &CloseIntent,
    ) -> impl Future<Output = Result<Closed, Fault>> + Send;
    /// Ends or cancels a session.
    fn end_session(
        &self,
        session: SessionId,
        end: &EndIntent,
    ) -> impl Future<Output = Result<Ended, Fault>> + Send;
    /// A session in full, with the devices that work in it.
    fn whole_session(&self, session: SessionId) -> impl Future<Output = Result<Session, Fault>> + Send;
}

/// What only a manager may ask, either as who is signed in or, for one act, beside them.
pub trait Managing: Send + Sync + 'static {
    /// Every register of a store.
    fn board(&self, location: LocationId) -> impl Future<Output = Result<Board, Fault>> + Send;
    /// The end of a business date; `None` for today's.
    fn day(
        &self,
        location: LocationId,
        date: Option<civil::Date>,
    ) -> impl Future<Output = Result<Day, Fault>> + Send;
    /// Settles a flag of an entry. Asked again, it is answered by what was settled first.
    fn settle_flag(
        &self,
        sale_id: SaleId,
        flag: SaleFlag,
        note: &str,
    ) -> impl Future<Output = Result<SettledFlag, Fault>> + Send;
    /// Signs somebody in beside the one who works here, says who that is, and signs them out again. The login of the
    /// device is not touched.
    fn verify_manager(
        &self,
        email: &str,
        password: &SecretString,
    ) -> impl Future<Output = Result<Staff, Fault>> + Send;
    /// The same, and in between they accept the difference of a count.
    fn approve_count(
        &self,
        email: &str,
        password: &SecretString,
        count: CountId,
        note: &str,
    ) -> impl Future<Output = Result<Staff, Fault>> + Send;
}

/// All of it: what a till needs of a project.
pub trait Backend: Server + Ledger + Reports + CashUp + Managing + Selling + CatalogueKeeping {}

impl<T: Server + Ledger + Reports + CashUp + Managing + Selling + CatalogueKeeping> Backend for T {}

/// What became of a close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// This very close settled the session, now or when it was first asked.
    Here(Box<Report>),
    /// It was settled before, by another close.
    Elsewhere,
}

/// What became of an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// This very request ended it, now or when it was first asked; else it was over before.
    pub here: bool,
    /// The session as it is now.
    pub session: Session,
}

/// A movement that the ledger has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// As the ledger has it.
    pub movement: Movement,
    /// The revision of its session, with it.
    pub revision: i64,
}

/// What a look at a session showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing has changed since the known revision.
    Unchanged,
    /// The session as it is now.
    Session(Box<Session>),
}

/// A file of this device that was damaged, or written by a newer version, and is kept under another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SetAside {
    /// Where it is kept.
    pub path: String,
    /// How many entries that were not sent were found in it; they are back in the queue.
    pub rescued: u32,
    /// Whether those are all. If not, entries that were not sent may be in that file only.
    pub complete: bool,
}

/// What the device's file holds between starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersistedState {
    /// Who was signed in last; their login may have ended since.
    pub staff: Option<Staff>,
    /// The register that this computer serves.
    pub assignment: Option<RegisterAssignment>,
    /// The session this device is part of on that register.
    pub active: Option<ActiveSession>,
    /// An open on that register whose answer was never heard.
    pub intent: Option<OpenIntent>,
    /// The movements of that session as the server last returned them.
    pub movements: Vec<Movement>,
    /// What waits to be sent, of every register and session, in order.
    pub queue: Vec<Entry>,
    /// Counts that wait to be sent, in order.
    pub counts: Vec<CountIntent>,
    /// The session of that [`PersistedState::vendor`] that is being settled here.
    pub closing: Option<Closing>,
    /// Earlier files of this device that could not be used, of which nobody has read yet.
    pub set_aside: Vec<SetAside>,
    /// The till was locked.
    pub lock: Option<Locked>,
    /// What is sold on that register.
    pub selling: PersistedSelling,
}

/// What the device's file holds of selling, for the register that this computer serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersistedSelling {
    /// By which rules its store sells, as last read.
    pub shop: Option<ShopSettings>,
    /// The chain of this device's receipts on it; `None` before the server gave it a letter.
    pub chain: Option<ChainHead>,
    /// What is being sold.
    pub cart: Option<Cart>,
    /// Carts that wait for their customers, oldest first.
    pub parked: Vec<Parked>,
    /// The last receipts of this device on it, oldest first.
    pub receipts: Vec<KeptReceipt>,
}

impl PersistedState {
    /// Whose closing is taken up: the shop of who is signed in, or else of the register's session. A session that was
    /// settled here is settled, whether or not somebody has signed out since.
    #[must_use]
    pub fn vendor(&self) -> Option<VendorId> {
        let worked = || self.active.as_ref().map(|active| active.session.vendor_id);
        self.staff.as_ref().map(|staff| staff.vendor_id).or_else(worked)
    }
}

/// One change of the device's file. The changes of a step are made together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Who is signed in, `None` when they signed out.
    Staff(Option<Staff>),
    /// The till is locked, `None` when it no longer is.
    Lock(Option<Locked>),
    /// Which register this computer serves, `None` to choose anew. Sessions of other registers stay.
    Assignment(Option<RegisterAssignment>),
    /// An intent whose request is about to leave.
    Intent(OpenIntent),
    /// An intent came to nothing.
    RemoveIntent(IntentKey),
    /// The session of its register, in place of the intent that led to it.
    Session(ActiveSession),
    /// The session of a register, its movements and any intent on it are over here. What waits in the queue stays.
    RemoveSession(RegisterId),
    /// An entry at the end of the queue, or in the place of the one with the same id.
    Entry(Entry),
    /// The server has an entry, or a person has decided that it is not to be sent.
    RemoveEntry(EntryId),
    /// A count that is to be sent, or in the place of the one of the same id.
    Count(CountIntent),
    /// The server has a count, or has decided against it.
    RemoveCount(CountId),
    /// What is being settled here; one for each shop.
    Closing(Closing),
    /// What a shop settles here is done, or given up.
    RemoveClosing(VendorId),
    /// Somebody has read of every file that was set aside so far.
    SetAsideRead,
    /// The movements of a register's session as the server last returned them.
    Movements(RegisterId, Vec<Movement>),
    /// By which rules a store sells.
    Shop(LocationId, ShopSettings),
    /// The chain of this device's receipts on a register.
    Chain(RegisterId, ChainHead),
    /// What is being sold on a register, `None` when nothing is.
    Cart(RegisterId, Option<Box<Cart>>),
    /// One more cart waits on a register.
    Park(RegisterId, Box<Parked>),
    /// It does not wait any more.
    Unpark(SaleId),
    /// A receipt of this device on a register, or in the place of the one with the same id. Those of other shifts that
    /// are more than [`DAYS_OF_RECEIPTS`] older go, and those before the last [`MOST_RECEIPTS`].
    Receipt(RegisterId, Box<KeptReceipt>),
}

/// For how many days a device's file keeps the receipts of earlier shifts.
pub const DAYS_OF_RECEIPTS: i64 = 7;
/// The most receipts that it keeps of a register.
pub const MOST_RECEIPTS: i64 = 5_000;

impl PersistedState {
    /// What a write means for what is loaded next, as long as this computer serves the same register and shop. For
    /// stores made of memory; a real one is compared with it.
    pub fn apply(&mut self, write: &Write) {
        match write {
            Write::Staff(staff) => self.staff.clone_from(staff),
            Write::Lock(lock) => self.lock.clone_from(lock),
            Write::Assignment(assignment) => self.assignment.clone_from(assignment),
            Write::Intent(intent) => self.intent = Some(intent.clone()),
            Write::RemoveIntent(key) => self.intent = self.intent.take().filter(|intent| intent.key != *key),
            Write::Session(active) => {
                self.active = Some(active.clone());
                self.intent = None;
            }
            Write::RemoveSession(_) => {
                self.active = None;
                self.intent = None;
                self.movements.clear();
            }
            Write::Entry(entry) => match self.queue.iter_mut().find(|kept| kept.id() == entry.id()) {
                Some(kept) => *kept = entry.clone(),
                None => self.queue.push(entry.clone()),
            },
            Write::RemoveEntry(id) => self.queue.retain(|entry| entry.id() != *id),
            Write::Count(count) => match self.counts.iter_mut().find(|kept| kept.id == count.id) {
                Some(kept) => *kept = count.clone(),
                None => self.counts.push(count.clone()),
            },
            Write::RemoveCount(id) => self.counts.retain(|count| count.id != *id),
            Write::Closing(closing) => self.closing = Some(closing.clone()),
            Write::RemoveClosing(_) => self.closing = None,
            Write::SetAsideRead => self.set_aside.clear(),
            Write::Movements(_, movements) => {
                // They stand beside the session, and go with it.
                if self.active.is_some() || self.intent.is_some() {
                    self.movements.clone_from(movements);
                }
            }
            Write::Shop(_, shop) => self.selling.shop = Some(shop.clone()),
            Write::Chain(_, chain) => self.selling.chain = Some(chain.clone()),
            Write::Cart(_, cart) => self.selling.cart = cart.as_deref().cloned(),
            Write::Park(_, parked) => self.selling.parked.push(Parked::clone(parked)),
            Write::Unpark(id) => self.selling.parked.retain(|parked| parked.cart.id() != *id),
            Write::Receipt(_, receipt) => self.selling.remember(receipt),
        }
    }
}

impl PersistedSelling {
    /// Puts a receipt behind the others, or in the place of the one with the same id.
    pub fn remember(&mut self, receipt: &KeptReceipt) {
        match self.receipts.iter_mut().find(|kept| kept.sale.id == receipt.sale.id) {
            Some(kept) => kept.clone_from(receipt),
            None => self.receipts.push(receipt.clone()),
        }
        let too_many = self.receipts.len().saturating_sub(MOST_REMEMBERED);
        self.receipts.drain(..too_many);
    }
}

/// The device's own file, seen for one project.
pub trait DeviceStore: Send + Sync + 'static {
    /// Everything kept from before, for the register that this computer serves.
    ///
    /// # Errors
    /// `StoreFailed` when the file cannot be read.
    fn load(&self) -> Result<PersistedState, Fault>;
    /// Makes these changes, in this order and all of them or none. They have reached the disk when the call returns.
    ///
    /// # Errors
    /// `StoreFailed` when the file cannot be written.
    fn save(&self, writes: &[Write]) -> Result<(), Fault>;
}

/// Time and chance, passed in so that tests can choose them.
pub trait World: Send + Sync + 'static {
    /// Device time, UTC. It may be wrong; nothing is decided by it alone.
    fn now(&self) -> Timestamp;
    /// A number that nobody else has.
    fn new_id(&self) -> Uuid;
    /// A number higher than every one before it in this process: the serial of a snapshot.
    fn next_serial(&self) -> u64;
}

/// Where a secret outlives the process: the operating system's keychain.
pub trait Vault: Send + Sync + 'static {
    /// The secret kept under this vault's name; `None` when there is none.
    ///
    /// # Errors
    /// `KeychainUnavailable` when the keychain cannot be asked.
    fn load(&self) -> Result<Option<SecretString>, Fault>;
    /// Keeps the secret, replacing what was there.
    ///
    /// # Errors
    /// `KeychainUnavailable` when it could not be kept.
    fn keep(&self, secret: &SecretString) -> Result<(), Fault>;
    /// Forgets the secret.
    ///
    /// # Errors
    /// `KeychainUnavailable` when it could not be removed.
    fn forget(&self) -> Result<(), Fault>;
}
