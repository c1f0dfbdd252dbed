//! A day of a register without its network, and two devices whose clocks do not agree.
//!
//! The till's clock is a hand that the script moves; everything else is real.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use onetill_core::board::{Board, Day as StoreDay};
use onetill_core::closing::{CloseIntent, EndIntent};
use onetill_core::count::{Count, CountIntent};
use onetill_core::device::ConnectionState;
use onetill_core::items::settings::{KeptSettings, KeptTax, PlacedKey};
use onetill_core::items::{CatalogueKeeping, ItemsPage, KeptItem, Refused};
use onetill_core::lock::Person;
use onetill_core::ports::{
    Backend, CashUp, Closed, Ended, Ledger, Managing, Recorded, Reports, Seen, Server, Shell, World,
};
use onetill_core::sale::{ChainHead, SellingRules};
use onetill_core::sales_sheet::{SaleFlag, SettledFlag};
use onetill_core::selling::{
    ApprovalAsked, CataloguePage, RulesChange, SaleOnServer, SaleRecorded, SaleRef, SaleSummary, Selling,
};
use onetill_core::view::{Screen, Snapshot};
use onetill_core::{
    Code, Command, Connection, CountId, Fault, IntentKey, ItemId, Location, LocationId, Movement,
    MovementKind, MovementRequest, OpenIntent, Opened, ProjectKey, ProjectUrl, Register, Report, Sale,
    SaleId, Session, SessionId, Staff, Till, UserId,
};
use onetill_local::{DemoAccount, Engine, PgVersion};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use secrecy::SecretString;
use uuid::Uuid;

use super::{REGISTER, amount, counted, ledger};
use crate::computer::{NobodyWatches, press};
use crate::{Project, Result, scratch, staff};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// A refused connection is final sooner than on a real network.
const HURRY: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// What a day brought.
#[derive(Debug)]
pub struct Day {
    /// Movements that were recorded without the network.
    pub recorded: u32,
    /// How often the program was started anew.
    pub restarts: u32,
    /// How often the shift of an earlier business date was put to the cashier.
    pub asked: u32,
}

/// A shift that starts online, a day and an hour without network with restarts, past midnight and past the cut-off, a
/// sign-out, and another cashier who signs in when the network is back.
///
/// # Errors
/// A sentence that says what was not as promised.
pub async fn offline() -> Result<Day> {
    let mut project = Project::start(Engine::Postgres(PgVersion::V18))?;
    let computer = Computer::new(&project, 0)?;
    let mut till = computer.start()?;
    let ana = account("cashier", 0)?;
    sign_in(&till, ana).await?;
    reach_register(&till, REGISTER).await?;
    project.backend.take_down();

    let mut day = Day { recorded: 0, restarts: 0, asked: 0 };
    let mut agreed = None;
    for hour in 1..=25 {
        computer.clock.forward(HOUR);
        if hour % 5 == 0 {
            till.poll().await;
            expect_link(&till.snapshot(), "offline")?;
            drop(till);
            till = computer.start()?;
            day.restarts += 1;
            day.asked +=
                u32::from(settle_earlier_day(&till, &computer, &mut agreed, day.recorded + 1).await?);
        }
        for _movement in 0..3 {
            day.recorded += 1;
            record(&till, day.recorded).await?;
        }
    }
    let waiting = till.snapshot().unsent;
    expect(waiting == usize::try_from(day.recorded)?, || format!("{waiting} of {} wait", day.recorded))?;
    press(&till, Command::SignOut).await?;
    drop(till);

    // The next morning: a computer that is switched on again, the network, another cashier.
    let till = computer.start()?;
    day.restarts += 1;
    project.backend.bring_up()?;
    let ben = account("cashier", 1).or_else(|_only_one| account("manager", 0))?;
    sign_in(&till, ben).await?;
    settle_queue(&till).await?;

    // As the ledger is read: in the order in which they came.
    let (session, movements) = ledger(&project).await?;
    let sent: Vec<String> = movements.iter().map(|movement| movement.amount.to_string()).collect();
    let expected: Vec<String> = (1..=day.recorded).map(amount).collect();
    expect(sent == expected, || format!("each once and in order, but the ledger has {sent:?}"))?;
    let first = &movements.first().ok_or("an empty ledger")?.by_name;
    expect(movements.iter().all(|movement| movement.by_name == *first), || {
        format!("not all by {first}, who recorded them: {movements:?}")
    })?;
    expect(session.totals == Default::default(), || "no sale was made".to_owned())?;
    Ok(day)
}

/// The question about an earlier business date is put exactly when the store's date has passed since the shift was opened, or
/// since somebody `agreed` to go on with it; until it is answered nothing is recorded. Whether it was put.
async fn settle_earlier_day(
    till: &RealTill<SupabaseServer>,
    computer: &Computer,
    agreed: &mut Option<jiff::civil::Date>,
    number: u32,
) -> Result<bool> {
    let snapshot = till.snapshot();
    let before = *agreed;
    let passed = |location: &Location, opened: Option<jiff::civil::Date>| {
        location.business_date(computer.clock.now()) > before.or(opened)
    };
    match &snapshot.screen {
        Screen::EarlierDay { session, today, location, .. } => {
            let opened = session.business_date.ok_or("a session without a date")?;
            expect(opened < *today, || format!("asked on {today} about a shift of {opened}"))?;
            expect(passed(location, Some(opened)), || {
                format!("asked again on {today}, agreed on {before:?}")
            })?;
            *agreed = Some(*today);
            let refused = press(till, Command::Record { request: pay_out(number) }).await;
            let refused = refused.err().map(|fault| fault.code);
            expect(refused == Some(Code::NotNow), || format!("recorded before the answer: {refused:?}"))?;
            press(till, Command::GoOn).await?;
            expect(matches!(till.snapshot().screen, Screen::Register { .. }), || {
                "it does not go on".to_owned()
            })?;
            Ok(true)
        }
        Screen::Register { session, location, .. } => {
            // Agreed to go on with it, or still of its own date.
            expect(session.status.holds_register(), || format!("a shift that is over: {session:?}"))?;
            expect(!location.name.is_empty(), || "the store is known".to_owned())?;
            expect(!passed(location, session.business_date), || {
                "the date has passed, and nobody is asked".to_owned()
            })?;
            Ok(false)
        }
        other => Err(format!("the shift is not found again: {other:?}").into()),
    }
}

/// Two devices on one register, one of them with a clock that is a day ahead: they are in one session, each sees what
/// the other records, both show the same expected cash, and only the wrong clock is told of.
///
/// # Errors
/// A sentence that says what was not as promised.
pub async fn two_clocks() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V18))?;
    let (right, wrong) = (Computer::new(&project, 0)?, Computer::new(&project, DAY)?);
    let manager = account("manager", 0)?;
    let mut tills = Vec::new();
    for computer in [&right, &wrong] {
        let till = computer.start_skewed()?;
        sign_in(&till, manager).await?;
        reach_register(&till, REGISTER).await?;
        tills.push(till);
    }
    for number in 1..=20 {
        let till = tills.get(usize::from(number % 3 == 0)).ok_or("two tills")?;
        record(till, number).await?;
        if number % 4 == 0 {
            till.poll().await;
        }
    }
    let mut shown = Vec::new();
    for till in &tills {
        settle_queue(till).await?;
    }
    for till in &tills {
        till.poll().await;
        let snapshot = till.snapshot();
        let Screen::Register { session, movements, expected_cash, .. } = snapshot.screen else {
            return Err(format!("no shift: {:?}", snapshot.screen).into());
        };
        expect(movements.len() == 20, || format!("{} of 20 are shown", movements.len()))?;
        shown.push((session.id, expected_cash, snapshot.clock_behind_seconds));
    }
    let [(here, cash, fine), (there, same_cash, ahead)] = shown.try_into().map_err(|_many| "two tills")?;
    expect(here == there, || format!("two sessions: {here} and {there}"))?;
    expect(cash.is_some() && cash == same_cash, || format!("expected cash: {cash:?} and {same_cash:?}"))?;
    expect(fine.is_none(), || format!("a right clock is told of: {fine:?}"))?;
    expect(ahead.is_some_and(|behind| (behind + DAY).abs() < 60), || {
        format!("a day ahead, told as {ahead:?}")
    })?;
    let (session, movements) = ledger(&project).await?;
    expect(session.id == here && counted(&movements).values().all(|times| *times == 1), || {
        "each once".to_owned()
    })?;
    expect(session.expected_cash == cash, || {
        format!("the server expects {:?}, not {cash:?}", session.expected_cash)
    })?;

    // Until it hears the server, a computer whose clock is wrong can only ask; then it knows better.
    drop(tills);
    let till = wrong.start_skewed()?;
    expect(matches!(till.snapshot().screen, Screen::EarlierDay { .. }), || {
        "by its own clock it is tomorrow".to_owned()
    })?;
    till.poll().await;
    till.poll().await;
    let screen = till.snapshot().screen;
    expect(matches!(screen, Screen::Register { .. }), || {
        format!("by the server's clock it is today: {screen:?}")
    })
}

/// One computer: its file, its login and its clock.
struct Computer {
    data: tempfile::TempDir,
    vault: Arc<MemoryVault>,
    connection: Connection,
    clock: Clock,
}

type RealTill<S> = Till<S, ProjectStore, Clock, NobodyWatches>;

impl Computer {
    fn new(project: &Project, ahead: i64) -> Result<Self> {
        let connection = Connection {
            url: ProjectUrl::parse(&project.backend.url())?,
            key: ProjectKey::parse(project.backend.publishable_key())?,
        };
        let clock = Clock { ahead: Arc::new(AtomicI64::new(ahead)), serial: Arc::default() };
        Ok(Self { data: scratch()?, vault: Arc::default(), connection, clock })
    }

    fn start(&self) -> Result<RealTill<SupabaseServer>> {
        self.start_with(|server| server)
    }

    /// Its clock is wrong for the whole program, also where the server's answers are timed.
    fn start_skewed(&self) -> Result<RealTill<Skewed>> {
        let ahead = self.clock.ahead.load(Ordering::SeqCst);
        self.start_with(|server| Skewed { server, ahead: SignedDuration::from_secs(ahead) })
    }

    fn start_with<S: Backend>(&self, dress: impl FnOnce(SupabaseServer) -> S) -> Result<RealTill<S>> {
        let file = open_file(self.data.path())?;
        let (url, host) = (self.connection.url.to_string(), self.connection.url.host());
        let vault = Arc::clone(&self.vault);
        let server =
            SupabaseServer::with_time_scale(self.connection.clone(), file.device_id(), "test", vault, HURRY)?;
        let store = ProjectStore::new(file, url);
        Ok(Till::open(&host, dress(server), store, self.clock.clone(), NobodyWatches)?)
    }
}

fn open_file(data: &Path) -> Result<StoreFile> {
    let opening = StoreFile::open(&data.join("onetill.sqlite"))?;
    expect(opening.set_aside.is_empty(), || format!("{:?}", opening.set_aside))?;
    Ok(opening.file)
}

/// Does what the screen asks for until the shift runs and the server has confirmed it.
///
/// # Errors
/// When it does not come to that.
pub async fn reach_register<S, D, W, V>(till: &Till<S, D, W, V>, number: &str) -> Result<()>
where
    S: Backend,
    D: onetill_core::ports::DeviceStore + onetill_core::selling::Catalogue,
    W: World,
    V: Shell,
{
    for _step in 0..20 {
        let snapshot = till.snapshot();
        match snapshot.screen {
            Screen::ChooseRegister { registers: Some(registers), location } => {
                let locations = snapshot.staff.map(|staff| staff.locations).unwrap_or_default();
                let next = locations.iter().skip_while(|other| other.id != location.id).nth(1);
                let chosen = registers.iter().find(|register| register.register_number == number);
                let command = match (chosen, next) {
                    (Some(chosen), _) => Command::ChooseRegister { register_id: chosen.id },
                    (None, Some(next)) => Command::ChooseLocation { location_id: next.id },
                    (None, None) => return Err("no such register".into()),
                };
                press(till, command).await?;
            }
            Screen::StartShift { .. } => {
                let opening_cash = "200.00".to_owned();
                // What stood in the way is tried again.
                let _tried =
                    press(till, Command::StartShift { opening_cash, accept_earlier_day: false }).await;
            }
            Screen::Register { connection: ConnectionState::Confirmed { .. }, .. } => return Ok(()),
            _ => {
                till.poll().await;
            }
        }
    }
    Err(format!("no shift runs: {:?}", till.snapshot()).into())
}

/// A pay-out whose amount is its number.
#[must_use]
pub fn pay_out(number: u32) -> MovementRequest {
    MovementRequest {
        kind: MovementKind::PayOut,
        amount: amount(number),
        reason: "script".to_owned(),
        note: String::new(),
        reference: String::new(),
    }
}

async fn record<S: Backend>(till: &RealTill<S>, number: u32) -> Result<()> {
    till.press(Command::Record { request: pay_out(number) }).await?;
    let Screen::Register { movements, .. } = till.snapshot().screen else {
        return Err(format!("{number} was recorded in no shift").into());
    };
    let shown = movements.iter().any(|listed| listed.entry.movement.amount.to_string() == amount(number));
    expect(shown, || format!("{number} is not shown"))
}

/// Signs in; a password is hashed slowly on purpose, and on a busy computer an answer may come too late.
async fn sign_in<S: Backend>(till: &RealTill<S>, account: &DemoAccount) -> Result<()> {
    for _try in 0..10 {
        let (email, password) = (account.email.to_owned(), account.password.into());
        if press(till, Command::SignIn { email, password }).await.is_ok() {
            return Ok(());
        }
    }
    Err(format!("{} cannot sign in: {:?}", account.email, till.snapshot().fault).into())
}

async fn settle_queue<S: Backend>(till: &RealTill<S>) -> Result<()> {
    for _look in 0..40 {
        let shown = till.snapshot();
        if shown.unsent == 0 && shown.refused.is_empty() {
            return Ok(());
        }
        till.poll().await;
    }
    Err(format!("the queue does not empty: {:?}", till.snapshot()).into())
}

fn expect_link(snapshot: &Snapshot, wanted: &str) -> Result<()> {
    let offline =
        matches!(&snapshot.screen, Screen::Register { connection: ConnectionState::Offline { .. }, .. });
    let asked = matches!(&snapshot.screen, Screen::EarlierDay { .. });
    expect(offline || asked, || format!("not {wanted}: {:?}", snapshot.screen))
}

fn expect(holds: bool, broken: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(broken().into()) }
}

fn account(role: &str, number: usize) -> Result<&'static DemoAccount> {
    staff(role).into_iter().nth(number).ok_or_else(|| format!("no {role} number {number}").into())
}

/// The computer's clock, which somebody has set wrong or moves on.
#[derive(Clone)]
struct Clock {
    ahead: Arc<AtomicI64>,
    serial: Arc<AtomicU64>,
}

impl Clock {
    fn forward(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl World for Clock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::SeqCst));
        Timestamp::now().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }
    fn new_id(&self) -> Uuid {
        Uuid::new_v4()
    }
    fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }
}

/// The server as heard by a computer whose clock is ahead.
struct Skewed {
    server: SupabaseServer,
    ahead: SignedDuration,
}

type Answer<T> = std::result::Result<T, Fault>;

impl Server for Skewed {
    async fn sign_in(&self, email: &str, password: &SecretString) -> Answer<Staff> {
        self.server.sign_in(email, password).await
    }
    async fn confirm(&self, who: UserId, password: &SecretString) -> Answer<Option<Staff>> {
        self.server.confirm(who, password).await
    }
    fn people(&self) -> Vec<Person> {
        self.server.people()
    }
    async fn resume_login(&self) -> Answer<Option<Staff>> {
        self.server.resume_login().await
    }
    async fn sign_out(&self) {
        self.server.sign_out().await;
    }
    fn is_older(&self) -> bool {
        self.server.is_older()
    }
    fn login_is_kept(&self) -> bool {
        self.server.login_is_kept()
    }
    fn ahead(&self) -> Option<SignedDuration> {
        self.server.ahead().map(|server| server - self.ahead)
    }
    async fn warm(&self) {
        self.server.warm().await;
    }
    async fn registers(&self, location: LocationId) -> Answer<Vec<Register>> {
        self.server.registers(location).await
    }
    async fn open_session(&self, intent: &OpenIntent) -> Answer<Opened> {
        self.server.open_session(intent).await
    }
    async fn session(&self, id: SessionId, known_revision: i64, last_receipt: Option<u64>) -> Answer<Seen> {
        self.server.session(id, known_revision, last_receipt).await
    }
}

impl Ledger for Skewed {
    async fn record_movement(&self, movement: &Movement, recorded_by: UserId) -> Answer<Recorded> {
        self.server.record_movement(movement, recorded_by).await
    }
    async fn movements(&self, session: SessionId) -> Answer<Vec<Movement>> {
        self.server.movements(session).await
    }
}

impl Reports for Skewed {
    async fn x_report(&self, session: SessionId) -> Answer<Report> {
        self.server.x_report(session).await
    }
    async fn z_report(&self, session: SessionId) -> Answer<Report> {
        self.server.z_report(session).await
    }
}

impl CashUp for Skewed {
    async fn begin_count(&self, key: IntentKey, session: SessionId, take_over: bool) -> Answer<Session> {
        self.server.begin_count(key, session, take_over).await
    }
    async fn abandon_count(&self, key: IntentKey, session: SessionId) -> Answer<Session> {
        self.server.abandon_count(key, session).await
    }
    async fn commit_count(&self, count: &CountIntent) -> Answer<Count> {
        self.server.commit_count(count).await
    }
    async fn close_session(&self, session: SessionId, close: &CloseIntent) -> Answer<Closed> {
        self.server.close_session(session, close).await
    }
    async fn end_session(&self, session: SessionId, end: &EndIntent) -> Answer<Ended> {
        self.server.end_session(session, end).await
    }
    async fn whole_session(&self, session: SessionId) -> Answer<Session> {
        self.server.whole_session(session).await
    }
}

impl Managing for Skewed {
    async fn board(&self, location: LocationId) -> Answer<Board> {
        self.server.board(location).await
    }
    async fn day(&self, location: LocationId, date: Option<jiff::civil::Date>) -> Answer<StoreDay> {
        self.server.day(location, date).await
    }
    async fn settle_flag(&self, sale_id: SaleId, flag: SaleFlag, note: &str) -> Answer<SettledFlag> {
        self.server.settle_flag(sale_id, flag, note).await
    }
    async fn verify_manager(&self, email: &str, password: &SecretString) -> Answer<Staff> {
        self.server.verify_manager(email, password).await
    }
    async fn approve_count(
        &self,
        email: &str,
        password: &SecretString,
        count: CountId,
        note: &str,
    ) -> Answer<Staff> {
        self.server.approve_count(email, password, count, note).await
    }
}

impl Selling for Skewed {
    async fn till(&self, session: SessionId) -> Answer<ChainHead> {
        self.server.till(session).await
    }
    async fn record_sale(&self, sale: &Sale, last_receipt: u64) -> Answer<SaleRecorded> {
        self.server.record_sale(sale, last_receipt).await
    }
    async fn catalogue(&self, location: LocationId, since: Option<i64>) -> Answer<CataloguePage> {
        self.server.catalogue(location, since).await
    }
    async fn sale(&self, which: &SaleRef) -> Answer<SaleOnServer> {
        self.server.sale(which).await
    }
    async fn sales(&self, session: SessionId, before: Option<SaleId>) -> Answer<Vec<SaleSummary>> {
        self.server.sales(session, before).await
    }
    async fn selling_rules(&self, location: LocationId) -> Answer<SellingRules> {
        self.server.selling_rules(location).await
    }
    async fn save_selling_rules(&self, location: LocationId, change: &RulesChange) -> Answer<SellingRules> {
        self.server.save_selling_rules(location, change).await
    }
    async fn approve_sale(
        &self,
        email: &str,
        password: &SecretString,
        approvals: &[ApprovalAsked],
    ) -> Answer<Staff> {
        self.server.approve_sale(email, password, approvals).await
    }
}

impl CatalogueKeeping for Skewed {
    async fn items(&self, location: LocationId, text: &str, after: Option<ItemId>) -> Answer<ItemsPage> {
        self.server.items(location, text, after).await
    }
    async fn all_items(&self, location: LocationId, since: i64) -> Answer<ItemsPage> {
        self.server.all_items(location, since).await
    }
    async fn save_item(&self, item: &KeptItem) -> Answer<KeptItem> {
        self.server.save_item(item).await
    }
    async fn import_items(&self, items: &[KeptItem]) -> Answer<Vec<Refused>> {
        self.server.import_items(items).await
    }
    async fn kept_settings(&self, location: LocationId) -> Answer<KeptSettings> {
        self.server.kept_settings(location).await
    }
    async fn save_quick_keys(
        &self,
        location: LocationId,
        page: u8,
        keys: &[PlacedKey],
    ) -> Answer<KeptSettings> {
        self.server.save_quick_keys(location, page, keys).await
    }
    async fn save_tax(&self, tax: &KeptTax, is_removed: bool) -> Answer<KeptSettings> {
        self.server.save_tax(tax, is_removed).await
    }
}
