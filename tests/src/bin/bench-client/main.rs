//! What starting a shift takes over a link with 100 ms of round trip, in turns: the bare call on a warm connection, the
//! client's call, and the whole till from the press to the screen, its file on disk included; and what the client costs
//! in CPU time. The limits are part of the product, so a run beyond them fails.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
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
use onetill_core::ports::{Display, Server, World};
use onetill_core::till::Till;
use onetill_core::view::{Screen, Snapshot};
use onetill_core::{
    Connection, DeviceId, IntentKey, MovementId, OpenIntent, Outcome, ProjectKey, ProjectUrl, RegisterId,
    Staff,
};
use onetill_local::{DEMO_ACCOUNTS, Engine, PgVersion};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::rest::{Person, Rest};
use onetill_tests::{Project, Result};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use uuid::Uuid;

const ONE_WAY: Duration = Duration::from_millis(50);
const STARTS: usize = 40;
const CPU_CALLS: u32 = 400;
/// How much longer than the bare call a start may take.
const MAY_ADD: Duration = Duration::from_millis(30);
const MAY_COST: Duration = Duration::from_millis(1);

#[tokio::main]
async fn main() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let rest = Rest::new(&project.backend);
    let account = DEMO_ACCOUNTS.first().ok_or("no accounts")?;
    let person = rest.sign_in(account).await?;
    let upstream: SocketAddr = project.backend.url().trim_start_matches("http://").parse()?;
    let link = Link::start(upstream).await?;
    let key = project.backend.publishable_key();

    let far = client(&format!("http://{}", link.address), key)?;
    let staff = far.sign_in(account.email, &account.password.into()).await?;
    let bare = Bare {
        device: Uuid::new_v4(),
        url: format!("http://{}", link.address),
        key: key.to_owned(),
        person,
        http: warm_client(),
    };
    let mut registers = Vec::new();
    for _ in 0..(STARTS + 2) * 3 + usize::try_from(CPU_CALLS)? {
        registers.push(RegisterId(rest.another_register().await?.id.parse()?));
    }
    let mut registers = registers.into_iter();
    let mut intent = || registers.next().map(|register| press(register, &staff)).ok_or("too few registers");

    // One of each opens the connections; what follows is warm.
    far.warm().await;
    far.open_session(&intent()?).await?;
    bare.open(&intent()?).await?;
    let folder = tempfile::tempdir()?;
    let shown = Shown::default();
    let whole = whole_till(&link, key, folder.path(), shown.clone())?;
    whole.sign_in(account.email, &account.password.into()).await;
    press_and_see(&whole, &shown, intent()?.register_id).await?;
    let (mut ours, mut theirs, mut pressed) = (Vec::new(), Vec::new(), Vec::new());
    let mut exchanges = 0;
    for _ in 0..STARTS {
        let (one, other) = (intent()?, intent()?);
        let before = link.requests.load(Ordering::Relaxed);
        let started = Instant::now();
        let opened = far.open_session(&one).await?;
        ours.push(started.elapsed());
        exchanges += link.requests.load(Ordering::Relaxed) - before;
        if opened.outcome != Outcome::Created {
            return Err(format!("told {:?} on a free register", opened.outcome).into());
        }
        let started = Instant::now();
        bare.open(&other).await?;
        theirs.push(started.elapsed());
        pressed.push(press_and_see(&whole, &shown, intent()?.register_id).await?);
    }
    let (ours, theirs, pressed) = (Spread::of(ours), Spread::of(theirs), Spread::of(pressed));
    let added = ours.median.saturating_sub(theirs.median);
    let added_in_all = pressed.median.saturating_sub(theirs.median);

    let near = client(&project.backend.url(), key)?;
    near.sign_in(account.email, &account.password.into()).await?;
    near.open_session(&intent()?).await?;
    let started = ProcessTime::now();
    for _ in 0..CPU_CALLS {
        near.open_session(&intent()?).await?;
    }
    let cost = started.elapsed() / CPU_CALLS;

    println!(
        "start shift over a link of {} ms round trip, {STARTS} times each, warm:",
        ONE_WAY.as_millis() * 2
    );
    println!("  bare call        median {:?}, slowest tenth from {:?}", theirs.median, theirs.tenth);
    println!("  client's call    median {:?}, slowest tenth from {:?}", ours.median, ours.tenth);
    println!("  press to screen  median {:?}, slowest tenth from {:?}", pressed.median, pressed.tenth);
    println!("  added by the client {added:?}, by the whole till {added_in_all:?} (may be {MAY_ADD:?})");
    println!("  {exchanges} requests for {STARTS} calls");
    println!("CPU of the client, {CPU_CALLS} starts: {cost:?} a call (may be {MAY_COST:?})");
    if added > MAY_ADD || added_in_all > MAY_ADD || cost > MAY_COST || exchanges != STARTS {
        return Err("beyond the limits".into());
    }
    Ok(())
}

fn client(url: &str, key: &str) -> Result<SupabaseServer> {
    let connection = Connection { url: ProjectUrl::parse(url)?, key: ProjectKey::parse(key)? };
    let vault = Arc::new(MemoryVault::default());
    Ok(SupabaseServer::new(connection, DeviceId(Uuid::new_v4()), "bench", vault)?)
}

fn press(register_id: RegisterId, staff: &Staff) -> OpenIntent {
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
    Ok(Till::open("shop", client(&format!("http://{}", link.address), key)?, store, Computer, shown)?)
}

/// From the press of *Start shift* until the register screen is told; then the till leaves the shift again.
async fn press_and_see(till: &WholeTill, shown: &Shown, register: RegisterId) -> Result<Duration> {
    till.change_register().await;
    till.choose_register(register).await;
    let pressed = Instant::now();
    till.start_shift("200.00", true).await;
    let seen = shown.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    till.leave_shift().await;
    match seen {
        Some(seen) => Ok(seen.duration_since(pressed)),
        None => Err(format!("no shift started: {:?}", till.snapshot().screen).into()),
    }
}

/// When the register screen was first told since it was last asked for.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Option<Instant>>>);

impl Display for Shown {
    fn show(&self, snapshot: Snapshot) {
        if matches!(snapshot.screen, Screen::Register { .. }) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        }
    }
}

struct Computer;

impl World for Computer {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn new_key(&self) -> IntentKey {
        IntentKey(Uuid::new_v4())
    }

    fn new_movement_id(&self) -> MovementId {
        MovementId(Uuid::new_v4())
    }

    fn next_serial(&self) -> u64 {
        0
    }
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

/// A link that holds every byte back for 50 ms in each direction.
struct Link {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Link {
    async fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(upstream).await else { continue };
                let _best_effort = (near.set_nodelay(true), far.set_nodelay(true));
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                tokio::spawn(hold_back(near_read, far_write, Some(Arc::clone(&counted))));
                tokio::spawn(hold_back(far_read, near_write, None));
            }
        });
        Ok(Self { address, requests })
    }
}

async fn hold_back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, requests: Option<Arc<AtomicUsize>>) {
    let (sender, mut held) = mpsc::unbounded_channel::<(tokio::time::Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((due, bytes)) = held.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 65_536];
    let mut tail = VecDeque::with_capacity(4);
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..read).unwrap_or_default().to_vec();
        if let Some(requests) = &requests {
            // A request's head ends with an empty line, which no JSON body here holds.
            for byte in &bytes {
                if tail.len() == 4 {
                    tail.pop_front();
                }
                tail.push_back(*byte);
                if tail.iter().eq(b"\r\n\r\n") {
                    requests.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        if sender.send((tokio::time::Instant::now() + ONE_WAY, bytes)).is_err() {
            return;
        }
    }
}

struct Spread {
    median: Duration,
    tenth: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |part: usize| times.get(part).copied().unwrap_or_default();
        Self { median: at(times.len() / 2), tenth: at(times.len() * 9 / 10) }
    }
}
