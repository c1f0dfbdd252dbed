//! How fast the register's one function is, beside the function it replaces and beside the fastest
//! that could be: the bare indexed SELECT of the open session.
//!
//! All contenders run in turn, round after round, on one server with fsync on, so that whatever else
//! the computer does meets all of them alike.

mod sales;

use std::sync::Arc;
use std::time::{Duration, Instant};

use onetill_db_harness::desk::Caller;
use onetill_db_harness::ratio::{Limit, Ratio};
use onetill_db_harness::{Database, Result, Server};
use onetill_local::PgVersion;
use tokio::runtime::Builder;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

const COLUMNS: &str = "id, session_number, register_id, location_id, vendor_id, user_id, status, opening_cash, total_sales, \
    total_transactions, total_cash, total_card, walk_in_sales, pickup_orders_fulfilled, opened_at, last_transaction_at";

/// A thousand registers of one location, on either schema.
const STORE: &str = "
    insert into vendors (id, store_name) values ('000000aa-0000-4000-8000-000000000001', 'Bench');
    insert into locations (id, vendor_id, name) values ('000000bb-0000-4000-8000-000000000001', '000000aa-0000-4000-8000-000000000001', 'Bench');
    insert into auth.users (id, email) select ('000000cc-0000-4000-8000-000000000001')::uuid, 'bench@test.example';
    insert into pos_registers (id, vendor_id, location_id, register_number, register_name)
      select ('000000dd-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, '000000aa-0000-4000-8000-000000000001',
        '000000bb-0000-4000-8000-000000000001', 'R' || i, 'Register ' || i from generate_series(0, 999) i;";
/// A past, as every shop has one: on an empty table PostgreSQL would plan for an empty table.
const PAST: &str = "
    insert into pos_sessions (session_number, register_id, location_id, vendor_id, user_id, status, opening_cash, opened_at, closed_at)
      select 'H-' || r.register_number || '-' || i, r.id, r.location_id, r.vendor_id, '000000cc-0000-4000-8000-000000000001', 'closed', 200,
        now() - interval '1 day' * i, now() - interval '1 day' * i from pos_registers r, generate_series(1, 20) i";
const STAFF: &str = "insert into pos_staff (user_id, vendor_id, role, display_name)
    values ('000000cc-0000-4000-8000-000000000001', '000000aa-0000-4000-8000-000000000001', 'cashier', 'Bench')";

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    /// The limit: no function, no check, no right.
    BareSelect,
    /// The function in the field, with the index that it should have.
    Baseline,
    /// The function and the tables as they are found in the field: without that index.
    AsFound,
    /// Ours as web clients call it: no key.
    Ours,
    /// Ours as Onetill repeats a request: the same key.
    OursSameKey,
    /// Ours with a key per call: every join is written down.
    OursNewKey,
}

impl Contender {
    fn name(self) -> &'static str {
        match self {
            Self::BareSelect => "bare SELECT",
            Self::Baseline => "baseline",
            Self::AsFound => "as found",
            Self::Ours => "ours",
            Self::OursSameKey => "ours, same key",
            Self::OursNewKey => "ours, new keys",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Join what is open on one of so many registers.
    Join { registers: u32 },
    /// Join what is open on one register as every register does: the REST endpoint sends the call in a transaction that
    /// first sets role, claims and headers.
    JoinByRequest,
    /// Open on a register of one's own and free it again; only the open is measured.
    Churn,
}

impl Work {
    /// On how many registers a session is open before it begins.
    fn open(self) -> u32 {
        match self {
            Self::Join { registers } => registers,
            Self::JoinByRequest => 1,
            Self::Churn => 0,
        }
    }
}

/// How long the disk takes for a sync, beyond what it takes by itself.
#[derive(Debug, Clone, Copy)]
struct Disk {
    micros: u32,
}

/// As this computer's.
const OWN_DISK: Disk = Disk { micros: 0 };
/// As a volume on a network, which hosted databases have.
const NETWORK_DISK: Disk = Disk { micros: 3000 };

/// What one contender did in all rounds of a scenario.
#[derive(Default)]
struct Tally {
    micros: Vec<u32>,
    busy: Duration,
    wal: u64,
    /// Calls per second, of each round.
    rounds: Vec<u64>,
}

impl Tally {
    fn rate(&self) -> u64 {
        rate(self.micros.len(), self.busy)
    }

    fn percentile(&mut self, percent: usize) -> u32 {
        self.micros.sort_unstable();
        let at = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        self.micros.get(at).copied().unwrap_or_default()
    }
}

fn rate(calls: usize, busy: Duration) -> u64 {
    let rate = calls as u128 * 1_000_000 / busy.as_micros().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

struct Bench<'s> {
    /// Of the server, as it calls itself.
    version: String,
    ours: Database<'s>,
    baseline: Database<'s>,
    as_found: Database<'s>,
    round: Duration,
    rounds: u32,
}

fn main() -> Result<()> {
    let mut round = Duration::from_secs(2);
    let mut rounds = 3;
    let mut only_sales = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number =
            || arguments.next().and_then(|text| text.parse::<u32>().ok()).ok_or("a whole number must follow");
        match argument.as_str() {
            "--seconds" => round = Duration::from_secs(number()?.into()),
            "--rounds" => rounds = number()?,
            "--bench" => {}
            "--only-sales" => only_sales = number()? > 0,
            other => {
                return Err(format!(
                    "unknown argument {other}: --seconds N, --rounds N and --only-sales 1 are known"
                )
                .into());
            }
        }
    }
    // The clients share the computer with the server: two threads, as many as a small server has.
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for version in [PgVersion::V15, PgVersion::V18] {
        runtime.block_on(bench(version, round, rounds, only_sales))?;
    }
    Ok(())
}

async fn bench(version: PgVersion, round: Duration, rounds: u32, only_sales: bool) -> Result<()> {
    let settings = [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("shared_buffers", "256MB"),
        ("autovacuum", "on"),
        ("max_connections", "400"),
    ];
    let server = Server::start_with(version, &settings)?;
    let (ours, baseline, as_found) = (server.bare().await?, server.bare().await?, server.bare().await?);
    ours.migrate().await?;
    for database in [&baseline, &as_found] {
        database.run_file("tests/database/legacy/tables.sql").await?;
        database.run_file("tests/database/legacy/function_table.sql").await?;
    }
    // The index that every variant in the field should have; without it the function reads the whole table.
    baseline
        .superuser()
        .await?
        .batch_execute("create unique index one_open on pos_sessions (register_id) where status = 'open'")
        .await?;
    for database in [&ours, &baseline, &as_found] {
        database.superuser().await?.batch_execute(STORE).await?;
    }
    let superuser = ours.superuser().await?;
    superuser.batch_execute("alter table pos_sessions alter business_date set default current_date").await?;
    superuser.batch_execute(PAST).await?;
    superuser.batch_execute("alter table pos_sessions alter business_date drop default").await?;
    for database in [&baseline, &as_found] {
        database.superuser().await?.batch_execute(PAST).await?;
    }
    ours.superuser().await?.batch_execute(STAFF).await?;

    let version_text: String =
        ours.superuser().await?.query_one("select current_setting('server_version')", &[]).await?.get(0);
    println!(
        "\nPostgreSQL {version_text}, fsync on, {rounds} rounds of {} s each, interleaved",
        round.as_secs()
    );
    let bench = Bench { version: version_text, ours, baseline, as_found, round, rounds };
    if only_sales {
        return sales::measure(&bench.ours, &bench.version, round, rounds).await;
    }
    let readers = [Contender::BareSelect, Contender::Ours, Contender::Baseline];
    let repeaters = [Contender::BareSelect, Contender::Ours, Contender::OursSameKey, Contender::Baseline];
    let openers = [Contender::Ours, Contender::OursNewKey, Contender::Baseline, Contender::AsFound];
    for clients in [16, 64] {
        bench.scenario("joins on one register", Work::Join { registers: 1 }, clients, &repeaters).await?;
        bench
            .scenario("joins over 1,000 registers", Work::Join { registers: 1000 }, clients, &readers)
            .await?;
    }
    let title = "joins on one register, each in the transaction of a request";
    bench.scenario(title, Work::JoinByRequest, 16, &[Contender::BareSelect, Contender::Ours]).await?;
    bench
        .scenario(
            "first joins on one register, each written down",
            Work::Join { registers: 1 },
            16,
            &[Contender::OursNewKey, Contender::Baseline],
        )
        .await?;
    for clients in [16, 64] {
        bench.scenario("opens of an open/free churn", Work::Churn, clients, &openers).await?;
    }
    let title = "opens where a sync takes 3 ms more";
    bench.syncs_like(NETWORK_DISK).await?;
    bench.scenario(title, Work::Churn, 16, &openers).await?;
    bench.syncs_like(OWN_DISK).await?;
    sales::measure(&bench.ours, &bench.version, round, rounds).await
}

impl Bench<'_> {
    /// Makes every commit wait before its sync, as a slower disk would; commits that wait together share one sync there, too.
    async fn syncs_like(&self, disk: Disk) -> Result<()> {
        let superuser = self.ours.superuser().await?;
        superuser.execute(&format!("alter system set commit_delay = {}", disk.micros), &[]).await?;
        superuser.execute("alter system set commit_siblings = 0", &[]).await?;
        superuser.execute("select pg_reload_conf()", &[]).await?;
        Ok(())
    }

    async fn scenario(&self, title: &str, work: Work, clients: u32, contenders: &[Contender]) -> Result<()> {
        for database in [&self.ours, &self.baseline, &self.as_found] {
            let superuser = database.superuser().await?;
            superuser
                .batch_execute(
                    "update pos_sessions set status = 'closed', closed_at = now() where status = 'open'",
                )
                .await?;
            let caller = client(database, Contender::Ours, None, Uuid::nil()).await?;
            for number in 0..work.open() {
                caller.execute(OPEN, &[&register(number)]).await?;
            }
            superuser.batch_execute("vacuum analyze").await?;
            superuser.batch_execute("checkpoint").await?;
        }
        let mut tallies: Vec<(Contender, Tally)> =
            contenders.iter().map(|it| (*it, Tally::default())).collect();
        for _ in 0..self.rounds {
            for (contender, tally) in &mut tallies {
                self.run(*contender, work, clients, tally).await?;
            }
        }
        self.report(title, work, clients, &mut tallies);
        Ok(())
    }

    async fn run(&self, contender: Contender, work: Work, clients: u32, tally: &mut Tally) -> Result<()> {
        let database = match contender {
            Contender::Baseline => &self.baseline,
            Contender::AsFound => &self.as_found,
            _ => &self.ours,
        };
        let mut connections = Vec::new();
        for _ in 0..clients {
            let key = (contender == Contender::OursSameKey).then(Uuid::new_v4);
            // Many devices on one register; on a thousand registers the opener's own, or it would be first joins only.
            let device = if work.open() == 1 { Uuid::new_v4() } else { Uuid::nil() };
            connections.push(Arc::new(client(database, contender, key, device).await?));
        }
        // Every client has joined once before the clock runs: its plan is made, and its first join is on record.
        if work.open() == 1 && contender != Contender::OursNewKey {
            for connection in &connections {
                call(connection, contender, register(0)).await?;
            }
        }
        let superuser = database.superuser().await?;
        let before = written(&superuser).await?;
        let began = Instant::now();
        let end = began + self.round;
        let tasks: Vec<_> = (connections.into_iter().zip(0_u32..))
            .map(|(connection, own)| {
                let url = database.url();
                tokio::spawn(async move { shift(connection, &url, contender, work, own, end).await })
            })
            .collect();
        let first = tally.micros.len();
        for task in tasks {
            tally.micros.extend(task.await??);
        }
        // Between two opens the register is freed; that is not what is measured.
        let busy = match work {
            Work::Join { .. } | Work::JoinByRequest => began.elapsed(),
            Work::Churn => {
                let opens: u64 = tally.micros.iter().skip(first).map(|micros| u64::from(*micros)).sum();
                Duration::from_micros(opens) / clients
            }
        };
        tally.busy += busy;
        tally.rounds.push(rate(tally.micros.len() - first, busy));
        tally.wal += written(&superuser).await? - before;
        Ok(())
    }

    fn report(&self, title: &str, work: Work, clients: u32, tallies: &mut [(Contender, Tally)]) {
        println!("\n{title}, {clients} clients");
        println!(
            "  {:<16} {:>9} {:>10} {:>10} {:>10} {:>12} {:>9}",
            "", "calls/s", "p50 µs", "p99 µs", "WAL B/call", "of baseline", "of limit"
        );
        let rate = |wanted: Contender, all: &[(Contender, Tally)]| {
            all.iter().find(|(it, _)| *it == wanted).map(|(_, tally)| tally.rate())
        };
        let (baseline, limit) = (rate(Contender::Baseline, tallies), rate(Contender::BareSelect, tallies));
        for (contender, tally) in &mut *tallies {
            let times = |of: Option<u64>| {
                of.map(|of| tally.rate() * 100 / of.max(1)).map_or_else(String::new, |hundredths| {
                    format!("{}.{:02}×", hundredths / 100, hundredths % 100)
                })
            };
            let (of_baseline, of_limit) = (times(baseline), times(limit));
            let (rate, wal) = (tally.rate(), tally.wal / (tally.micros.len() as u64).max(1));
            let (p50, p99) = (tally.percentile(50), tally.percentile(99));
            println!(
                "  {:<16} {rate:>9} {p50:>10} {p99:>10} {wal:>10} {of_baseline:>12} {of_limit:>9}",
                contender.name()
            );
        }
        let rounds = |wanted| tallies.iter().find(|(it, _)| *it == wanted).map(|(_, tally)| &tally.rounds);
        // Ours as web clients call it; where joins are written down, with a key each.
        let of_ours = |ours| rounds(ours).map(|rounds| (ours, rounds));
        let Some((ours, our_rounds)) = of_ours(Contender::Ours).or(of_ours(Contender::OursNewKey)) else {
            return;
        };
        for (contender, of) in [
            (Contender::BareSelect, "the bare indexed SELECT"),
            (Contender::Baseline, "the function it replaces, given the index it lacks"),
            (Contender::AsFound, "the function it replaces, as found"),
        ] {
            let Some(theirs) = rounds(contender) else { continue };
            let pairs: Vec<_> = our_rounds.iter().copied().zip(theirs.iter().copied()).collect();
            let what = format!("{title}, {clients} clients, PostgreSQL {}", self.version);
            println!("  {}", Ratio::of_rounds(&what, of, wanted(ours, work, clients, contender), &pairs));
        }
    }
}

/// What was promised: half the speed of the least that could be asked, five times what was there, and no slower open.
fn wanted(ours: Contender, work: Work, clients: u32, beside: Contender) -> Limit {
    match (ours, work, clients, beside) {
        (Contender::Ours, Work::Join { registers: 1 } | Work::JoinByRequest, 16, Contender::BareSelect) => {
            Limit::AtLeast(50)
        }
        (Contender::Ours, Work::Join { registers: 1 }, 16, Contender::Baseline) => Limit::AtLeast(500),
        (Contender::Ours, Work::Churn, _, Contender::Baseline | Contender::AsFound) => Limit::AtLeast(100),
        _ => Limit::None,
    }
}

const OPEN: &str = "select * from get_or_create_session($1, '000000bb-0000-4000-8000-000000000001', \
    '000000aa-0000-4000-8000-000000000001', '000000cc-0000-4000-8000-000000000001', 200.00)";

fn register(number: u32) -> Uuid {
    format!("000000dd-0000-4000-8000-{number:012}").parse().unwrap_or_default()
}

async fn written(superuser: &Client) -> Result<u64> {
    let bytes: i64 =
        superuser.query_one("select (pg_current_wal_insert_lsn() - '0/0')::int8", &[]).await?.get(0);
    Ok(bytes.unsigned_abs())
}

/// A connection as the REST endpoint would hold it: the caller's role and claims, the request's headers.
async fn client(
    database: &Database<'_>,
    contender: Contender,
    key: Option<Uuid>,
    device: Uuid,
) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await?;
    tokio::spawn(connection);
    if contender != Contender::BareSelect {
        let claims = serde_json::json!({"sub": Caller::ANA.id(), "role": "authenticated", "aud": "authenticated", "exp": 4_000_000_000_u32});
        let mut headers = serde_json::json!({
            "host": "project.example", "accept": "application/json", "content-type": "application/json",
            "user-agent": "onetill", "content-length": "180", "x-forwarded-for": "10.0.0.1", "x-client-version": "0.1.0",
            "x-device-id": device,
        });
        if let (Some(key), Some(headers)) = (key, headers.as_object_mut()) {
            headers.insert("idempotency-key".into(), key.to_string().into());
        }
        client
            .batch_execute(&format!(
                "set role authenticated; select set_config('request.jwt.claims', '{claims}', false), set_config('request.headers', '{headers}', false)"
            ))
            .await?;
    }
    Ok(client)
}

async fn call(client: &Client, contender: Contender, register: Uuid) -> Result<Uuid> {
    let select = format!("select {COLUMNS} from pos_sessions where register_id = $1 and status = 'open'");
    let sql = if contender == Contender::BareSelect { select.as_str() } else { OPEN };
    let statement = client.prepare(sql).await?;
    Ok(client.query_one(&statement, &[&register]).await?.get(0))
}

/// What frees a register between two opens, on a connection of its own: the caller's keeps its plans, as in a pool.
/// It works as a replica would: neither schema's triggers belong to what is compared.
async fn freeing(url: &str) -> Result<(Client, Statement)> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("set session_replication_role = replica").await?;
    let free = "update pos_sessions set status = 'closed', closed_at = now() where status = 'open' and register_id = $1";
    let free = client.prepare(free).await?;
    Ok((client, free))
}

/// What the REST endpoint puts around a call, in its four messages.
struct Request {
    /// As PostgREST sets them, but for the settings of a request that nothing here reads.
    settings: Statement,
    role: String,
    claims: String,
    headers: String,
}

impl Request {
    /// With what the connection has by itself.
    async fn of(client: &Client) -> Result<Self> {
        let had = "select current_setting('role'), coalesce(current_setting('request.jwt.claims', true), ''), \
            coalesce(current_setting('request.headers', true), '')";
        let row = client.query_one(had, &[]).await?;
        let settings = "select set_config('search_path', 'public', true), set_config('role', $1, true), \
            set_config('request.jwt.claims', $2, true), set_config('request.method', 'POST', true), \
            set_config('request.path', '/rpc/get_or_create_session', true), set_config('request.headers', $3, true)";
        let settings = client.prepare(settings).await?;
        Ok(Self { settings, role: row.get(0), claims: row.get(1), headers: row.get(2) })
    }

    async fn around(&self, client: &Client, call: &Statement, register: Uuid) -> Result<()> {
        client.batch_execute("begin isolation level read committed").await?;
        client.query_one(&self.settings, &[&self.role, &self.claims, &self.headers]).await?;
        client.query_one(call, &[&register]).await?;
        Ok(client.batch_execute("commit").await?)
    }
}

/// One client's calls until the round ends; the microseconds of each.
async fn shift(
    client: Arc<Client>,
    url: &str,
    contender: Contender,
    work: Work,
    own: u32,
    end: Instant,
) -> Result<Vec<u32>> {
    let select = format!("select {COLUMNS} from pos_sessions where register_id = $1 and status = 'open'");
    let statement = client.prepare(if contender == Contender::BareSelect { &select } else { OPEN }).await?;
    let new_key = client
        .prepare("select set_config('request.headers', jsonb_set(current_setting('request.headers')::jsonb, '{idempotency-key}', to_jsonb(gen_random_uuid()))::text, false)")
        .await?;
    let freeing = if work == Work::Churn { Some(freeing(url).await?) } else { None };
    let request = if work == Work::JoinByRequest { Some(Request::of(&client).await?) } else { None };
    let mut micros = Vec::new();
    while Instant::now() < end {
        let register = register(match work {
            Work::Join { registers } => fastrand::u32(0..registers),
            Work::JoinByRequest => 0,
            Work::Churn => own,
        });
        if contender == Contender::OursNewKey {
            client.query_one(&new_key, &[]).await?;
        }
        let began = Instant::now();
        match &request {
            Some(request) => request.around(&client, &statement, register).await?,
            None => client.query_one(&statement, &[&register]).await.map(drop)?,
        }
        micros.push(u32::try_from(began.elapsed().as_micros())?);
        if let Some((client, free)) = &freeing {
            client.execute(free, &[&register]).await?;
        }
    }
    Ok(micros)
}
