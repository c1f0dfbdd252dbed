//! What starting a shift takes over a link with 100 ms of round trip, in turns: the bare call on a warm connection, the
//! client's call, and the whole till from the press to the screen, its file on disk included; what the client costs in
//! CPU time; and what a year of shifts leaves in the device's file.

mod past;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use onetill_core::ports::{Server, Shell};
use onetill_core::till::Till;
use onetill_core::view::{Screen, Snapshot};
use onetill_core::{
    Command, CommandName, Connection, DeviceId, IntentKey, OpenIntent, ProjectKey, ProjectUrl, RegisterId,
    SessionOutcome, Staff,
};
use onetill_local::{DEMO_ACCOUNTS, Engine, PgVersion};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::computer::{Computer, press};
use onetill_tests::database::ratio::{Limit, Ratio, median};
use onetill_tests::link::{Link, ONE_WAY};
use onetill_tests::rest::{Person, Rest};
use onetill_tests::{Project, Result};
use serde_json::json;
use uuid::Uuid;

/// A round has so many, and its figures are their medians.
const STARTS: usize = 10;
const CPU_CALLS: u32 = 100;
/// How much longer than the bare call a start may take.
const MAY_ADD: Duration = Duration::from_millis(30);
const MAY_COST: Duration = Duration::from_millis(1);

#[tokio::main]
async fn main() -> Result<()> {
    let rounds = rounds()?;
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let rest = Rest::new(&project.backend);
    let account = DEMO_ACCOUNTS.first().ok_or("no accounts")?;
    let person = rest.sign_in(account).await?;
    let link = Link::to(&project.backend).await?;
    let key = project.backend.publishable_key();

    let far = client(&link.url(), key)?;
    let staff = far.sign_in(account.email, &account.password.into()).await?;
    let bare =
        Bare { device: Uuid::new_v4(), url: link.url(), key: key.to_owned(), person, http: warm_client() };
    let mut registers = Vec::new();
    for _ in 0..rounds * (STARTS * 3 + usize::try_from(CPU_CALLS)?) + 8 {
        registers.push(RegisterId(rest.another_register().await?.id.parse()?));
    }
    let mut registers = registers.into_iter();
    let mut intent =
        || registers.next().map(|register| intent_of(register, &staff)).ok_or("too few registers");

    // One of each opens the connections; what follows is warm.
    far.warm().await;
    far.open_session(&intent()?).await?;
    bare.open(&intent()?).await?;
    let folder = tempfile::tempdir()?;
    let shown = Shown::default();
    let whole = whole_till(&link, key, folder.path(), shown.clone())?;
    let (email, password) = (account.email.to_owned(), account.password.into());
    press(&whole, Command::SignIn { email, password }).await?;
    press_and_see(&whole, &shown, intent()?.register_id).await?;
    let near = client(&project.backend.url(), key)?;
    near.sign_in(account.email, &account.password.into()).await?;
    let opened = near.open_session(&intent()?).await?;

    let mut all = Rounds::default();
    for round in 1..=rounds {
        let (mut ours, mut theirs, mut pressed) = (Vec::new(), Vec::new(), Vec::new());
        let mut exchanges = 0;
        for _ in 0..STARTS {
            let (one, other) = (intent()?, intent()?);
            let before = link.requests();
            let started = Instant::now();
            let opened = far.open_session(&one).await?;
            ours.push(micros(started.elapsed()));
            exchanges += link.requests() - before;
            if opened.outcome != SessionOutcome::Created {
                return Err(format!("told {:?} on a free register", opened.outcome).into());
            }
            let started = Instant::now();
            bare.open(&other).await?;
            theirs.push(micros(started.elapsed()));
            pressed.push(micros(press_and_see(&whole, &shown, intent()?.register_id).await?));
        }
        let [ours, theirs, pressed] = [ours, theirs, pressed].map(|times| median(&times));
        let started = ProcessTime::now();
        for _ in 0..CPU_CALLS {
            near.open_session(&intent()?).await?;
        }
        let cost = micros(started.elapsed() / CPU_CALLS);
        println!(
            "round {round}: bare call {theirs} µs, client's call {ours} µs, press to screen {pressed} µs, \
             {exchanges} requests for {STARTS} calls, {cost} µs of CPU a call"
        );
        all.add(ours, theirs, pressed, cost, u64::try_from(exchanges)?);
    }
    let mut ratios = all.ratios();
    ratios.extend(past::ratios(rounds, &opened.session)?);
    for ratio in &ratios {
        println!("{ratio}");
    }
    Ok(())
}

fn rounds() -> Result<usize> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(4),
        ["--rounds", rounds] => Ok(rounds.parse()?),
        other => Err(format!("unknown arguments {other:?}: --rounds N is known").into()),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// One pair a round: what was measured, and what it is compared with.
#[derive(Default)]
struct Rounds {
    call: Vec<(u64, u64)>,
    press: Vec<(u64, u64)>,
    cpu: Vec<(u64, u64)>,
    requests: Vec<(u64, u64)>,
}

impl Rounds {
    fn add(&mut self, ours: u64, theirs: u64, pressed: u64, cost: u64, exchanges: u64) {
        self.call.push((ours, theirs));
        self.press.push((pressed, theirs));
        self.cpu.push((cost, micros(MAY_COST)));
        self.requests.push((exchanges, STARTS as u64));
    }

    fn ratios(&self) -> Vec<Ratio> {
        let bare = median(&self.call.iter().map(|(_, theirs)| *theirs).collect::<Vec<_>>()).max(1);
        let most = Limit::AtMost((bare + micros(MAY_ADD)) * 100 / bare);
        let link = format!("link of {} ms round trip", ONE_WAY.as_millis() * 2);
        let bare = "the bare call on a warm connection";
        let may_cost = format!("the {} ms it may cost", MAY_COST.as_millis());
        vec![
            Ratio::of_rounds(&format!("start shift, {link}: the client's call"), bare, most, &self.call),
            Ratio::of_rounds(&format!("start shift, {link}: from press to screen"), bare, most, &self.press),
            Ratio::of_rounds("start shift: requests", "the calls", Limit::AtMost(100), &self.requests),
            Ratio::of_rounds("start shift: CPU time of the client", &may_cost, Limit::AtMost(100), &self.cpu),
        ]
    }
}

fn client(url: &str, key: &str) -> Result<SupabaseServer> {
    let connection = Connection { url: ProjectUrl::parse(url)?, key: ProjectKey::parse(key)? };
    let vault = Arc::new(MemoryVault::default());
    Ok(SupabaseServer::new(connection, DeviceId(Uuid::new_v4()), "bench", vault)?)
}

fn intent_of(register_id: RegisterId, staff: &Staff) -> OpenIntent {
    OpenIntent {
        key: IntentKey(Uuid::new_v4()),
        register_id,
        location_id: staff
            .locations
            .first()
            .map_or_else(|| onetill_core::LocationId(Uuid::nil()), |at| at.id),
        vendor_id: staff.vendor_id,
        user_id: staff.user_id,
        opening_cash: onetill_core::Amount::ZERO,
        tally: onetill_core::Tally::Nothing,
        pressed_at: Timestamp::now(),
    }
}

/// A till as in the app, with its file on disk.
type WholeTill = Till<SupabaseServer, ProjectStore, Computer, Shown>;

fn whole_till(link: &Link, key: &str, folder: &Path, shown: Shown) -> Result<WholeTill> {
    let store = ProjectStore::new(StoreFile::open(&folder.join("till.sqlite"))?.file, "shop".to_owned());
    Ok(Till::open("shop", client(&link.url(), key)?, store, Computer, shown)?)
}

/// From the press of *Start shift* until the register screen is told; then the till leaves the shift again.
async fn press_and_see(till: &WholeTill, shown: &Shown, register: RegisterId) -> Result<Duration> {
    if till.snapshot().may.contains(&CommandName::ChangeRegister) {
        press(till, Command::ChangeRegister).await?;
    }
    press(till, Command::ChooseRegister { register_id: register }).await?;
    let pressed = Instant::now();
    let opening_cash = "200.00".to_owned();
    press(till, Command::StartShift { opening_cash, accept_earlier_day: true }).await?;
    let seen = shown.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    press(till, Command::LeaveShift).await?;
    match seen {
        Some(seen) => Ok(seen.duration_since(pressed)),
        None => Err(format!("no shift started: {:?}", till.snapshot().screen).into()),
    }
}

/// When the register screen was first told since it was last asked for.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Option<Instant>>>);

impl Shell for Shown {
    fn show(&self, snapshot: Snapshot) {
        if matches!(snapshot.screen, Screen::Register { .. }) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        }
    }

    fn open_drawer(&self) {}

    fn poll_now(&self) {}
}

/// The call with nothing around it: one request on a warm connection, its body read and not looked at. It asks for
/// the very same, so that the server has the same to do.
struct Bare {
    device: Uuid,
    url: String,
    key: String,
    person: Person,
    http: Client<HttpConnector, Full<Bytes>>,
}

fn warm_client() -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

impl Bare {
    async fn open(&self, intent: &OpenIntent) -> Result<()> {
        let body = json!({"p_register_id": intent.register_id, "p_location_id": intent.location_id,
            "p_vendor_id": intent.vendor_id, "p_user_id": intent.user_id, "p_opening_cash": intent.opening_cash});
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/rest/v1/rpc/get_or_create_session", self.url))
            .header("apikey", &self.key)
            .header("authorization", format!("Bearer {}", self.person.access_token))
            .header("content-type", "application/json")
            .header("accept", "application/vnd.pgrst.object+json")
            .header("x-device-id", self.device.to_string())
            .header("x-client-version", "bench")
            .header("x-request-id", Uuid::new_v4().to_string())
            .header("idempotency-key", intent.key.to_string())
            .body(Full::from(body.to_string()))?;
        let answer = self.http.request(request).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        if status.is_success() { Ok(()) } else { Err(format!("the bare call: {status}").into()) }
    }
}
