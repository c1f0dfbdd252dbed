//! How the cost of a day's calls grows: with the shifts of past years, registers, devices on a shift, and movements in it.
//!
//! Each axis is three databases that differ in that one thing, measured in turn, round after round, on one server; the
//! smallest is the baseline. What is told is the time of a call, and the pages that it touches, which no busy neighbour
//! changes. Calls that write are undone, so that every call meets the same shop; their commit is not in the figure.

mod shop;

use std::time::{Duration, Instant};

use onetill_db_harness::desk::Caller;
use onetill_db_harness::ratio::{Limit, Ratio, median};
use onetill_db_harness::{Database, Result, Server, VENDOR};
use onetill_local::PgVersion;
use shop::{SMALL, Shop, connect};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

/// One connection's share of a round ends after so many calls, or after so long.
const CALLS: usize = 100;
const TURN: Duration = Duration::from_millis(200);
/// The pages that a call touches are the median of so many calls.
const PAGE_SAMPLES: usize = 5;
/// What must not grow may take half as long again: caches do not hold everything of a large shop.
const FLAT_TIME: Limit = Limit::AtMost(150);
/// It may touch twice the pages: a call touches few, and indexes get a level deeper.
const FLAT_PAGES: Limit = Limit::AtMost(200);
/// As many connections as the REST endpoint holds.
const POOL: usize = 10;

/// What grows.
struct Axis {
    what: &'static str,
    /// How many there are, in words, and the shop.
    sizes: Vec<(String, Shop)>,
    /// How many times more there are in the largest.
    growth: u64,
    /// What must cost the same at every size.
    flat: &'static [&'static Call],
    /// What may cost more, but not more than there is more of it.
    growing: &'static [&'static Call],
}

/// One call, with register, location and shift as `$1` to `$3`, and `{…}` for what a shop knows.
struct Call {
    name: &'static str,
    caller: Caller,
    /// Not measured: brings about what the call needs.
    before: Option<&'static str>,
    statements: &'static [&'static str],
    /// Writes, so it is taken back.
    undone: bool,
}

/// Register, location and shift.
const PLACE: [Type; 3] = [Type::UUID, Type::UUID, Type::UUID];
const JOIN: &str = "select * from public.get_or_create_session($1, $2, '{vendor}', '{me}', 200.00)";
const COUNT: &str =
    "select public.pos_commit_count('00000000-0000-4000-8000-00000000c0de', $3, 'closing', 200.00)";
const CLOSE: &str = "select public.pos_close_session(gen_random_uuid(), $3, '00000000-0000-4000-8000-00000000c0de', 'normal', 'Measured', 100.00)";

const fn reading(name: &'static str, caller: Caller, statements: &'static [&'static str]) -> Call {
    Call { name, caller, before: None, statements, undone: false }
}

const JOINING: Call = reading("join a shift", Caller::ANA, &[JOIN]);
const POLL: Call = reading("poll, nothing new", Caller::ANA, &["select public.pos_session($3, {revision})"]);
const NEWS: Call = reading("poll, something new", Caller::ANA, &["select public.pos_session($3, -1)"]);
const REGISTERS: Call = reading("list of registers", Caller::ANA, &["select public.pos_registers($2)"]);
const MOVEMENTS: Call = reading("read the movements", Caller::ANA, &["select public.pos_movements($3)"]);
const X_REPORT: Call = reading("X report", Caller::ANA, &["select public.pos_x_report($3)"]);
const BOARD: Call = reading("board", Caller::MIA, &["select public.pos_board($2)"]);
const DAY: Call = reading("end of day", Caller::MIA, &["select public.pos_day($2)"]);
/// The register is freed without a look at the movements: the call that is measured would run
/// with what the other one left in the processor's caches.
const OPENING: Call = Call {
    name: "open a shift",
    caller: Caller::MIA,
    before: Some(
        "reset role; update public.pos_sessions set status = 'ended', ended_at = now() where id = $3; \
         set local role authenticated",
    ),
    statements: &[JOIN],
    undone: true,
};
const RECORD: Call = Call {
    name: "record a movement",
    caller: Caller::ANA,
    before: None,
    statements: &["select public.pos_record_movement(gen_random_uuid(), $3, 'pay_in', 5.00, 'Stamps', null)"],
    undone: true,
};
const CLOSING: Call = Call {
    name: "count and close",
    caller: Caller::MIA,
    before: None,
    statements: &["select public.pos_begin_count(gen_random_uuid(), $3)", COUNT, CLOSE],
    undone: true,
};

/// The next receipt of the register's till. Its hash is none of this content, which costs a flag at every size alike.
const SELLING: Call = Call {
    name: "record a sale",
    caller: Caller::MIA,
    before: None,
    statements: &[
        "select public.pos_record_sale(gen_random_uuid(), $3, 'sale', jsonb_build_object('till', 1, 'seq', t.arrived + 1, \
        'number', g.number_prefix || '-A-' || lpad((t.arrived + 1)::text, 6, '0'), 'chain_seq', t.chain_seq + 1, \
        'prev_hash', encode(t.chain_hash, 'hex'), 'hash', repeat('0', 64)), \
        (select jsonb_agg('{\"name\": \"Tea\", \"quantity\": \"1\", \"unit_price\": \"2.00\", \"gross\": \"2.00\", \"net\": \"2.00\", \"tax_code\": \"A\"}'::jsonb) from generate_series(1, 5)), \
        '[{\"tax_code\": \"A\", \"component\": \"VAT\", \"rate\": \"0.07\", \"base\": \"10.00\", \"tax\": \"0.70\"}]', \
        '[{\"kind\": \"cash\", \"amount\": \"10.70\", \"tendered\": \"20.00\", \"change\": \"9.30\"}]', \
        '{\"currency\": \"USD\", \"prices_include_tax\": false, \"gross\": \"10.00\", \"net\": \"10.00\", \"tax\": \"0.70\", \"total\": \"10.70\", \"net_cash\": \"10.70\"}') \
        from public.pos_tills t join public.pos_registers g on g.id = t.register_id where t.register_id = $1",
    ],
    undone: true,
};
const RECEIPT: Call = reading(
    "read a receipt",
    Caller::MIA,
    &[
        "select public.pos_sale(null, (select g.number_prefix || '-A-000007' from public.pos_registers g where g.id = $1))",
    ],
);
const RECEIPTS: Call = reading("list of receipts", Caller::ANA, &["select public.pos_sales($3)"]);

/// One size of an axis, in a database.
struct Filled<'s> {
    shop: Shop,
    database: Database<'s>,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let (mut rounds, mut sessions, mut lines) = (5, 1_000_000, 2_000_000);
    let mut only_lines = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number =
            arguments.next().and_then(|text| text.parse().ok()).ok_or("a whole number must follow")?;
        match argument.as_str() {
            "--rounds" => rounds = number,
            "--sessions" => sessions = number,
            "--lines" => lines = number,
            "--only-lines" => only_lines = number > 0,
            other => {
                let known = "--rounds N, --sessions N, --lines N and --only-lines 1 are known";
                return Err(format!("unknown argument {other}: {known}").into());
            }
        }
    }
    let settings =
        [("fsync", "off"), ("shared_buffers", "256MB"), ("autovacuum", "off"), ("max_wal_size", "8GB")];
    let server = Server::start_with(PgVersion::V15, &settings)?;
    if !only_lines {
        for axis in axes(sessions) {
            axis.measure(&server, rounds).await?;
        }
    }
    sold(lines).measure(&server, rounds).await?;
    if only_lines {
        return Ok(());
    }
    pool(&server, rounds).await
}

fn axes(sessions: u32) -> [Axis; 4] {
    let axis = |what, unit: &str, counts: [u32; 3], with: fn(u32) -> Shop, flat, growing| Axis {
        what,
        sizes: counts.map(|count| (counted(count, unit), with(count))).to_vec(),
        growth: u64::from(counts[2] / counts[0]),
        flat,
        growing,
    };
    [
        axis(
            "closed shifts in the table",
            "closed shifts",
            [1000, sessions.min(100_000), sessions],
            |closed| Shop { closed, ..SMALL },
            &[&JOINING, &OPENING, &POLL, &NEWS, &RECORD, &CLOSING, &REGISTERS, &BOARD, &DAY],
            &[],
        ),
        axis(
            "registers with an open shift each",
            "registers",
            [10, 1000, 10_000],
            |registers| Shop { registers, ..SMALL },
            &[&JOINING, &OPENING, &POLL, &CLOSING, &REGISTERS, &BOARD],
            &[],
        ),
        axis(
            "devices on each shift",
            "devices",
            [1, 10, 100],
            |devices| Shop { devices, ..SMALL },
            &[&JOINING],
            &[&POLL, &NEWS, &BOARD],
        ),
        axis(
            "movements in each shift",
            "movements",
            [10, 100, 1000],
            |movements| Shop { movements, ..SMALL },
            &[&JOINING, &OPENING],
            &[&POLL, &NEWS, &RECORD, &MOVEMENTS, &X_REPORT, &CLOSING],
        ),
    ]
}

/// What was ever sold: two hundred sales of five lines in each closed shift, so that a day is the same day among few and among many.
fn sold(lines: u32) -> Axis {
    let counts = [100_000, lines.min(1_000_000), lines];
    let shop = |lines| Shop { lines, closed: lines / 1_000, ..SMALL };
    Axis {
        what: "sale lines in the table",
        sizes: counts.map(|lines| (counted(lines, "sale lines"), shop(lines))).to_vec(),
        growth: u64::from(lines / 100_000),
        flat: &[
            &SELLING, &RECEIPT, &RECEIPTS, &JOINING, &POLL, &NEWS, &RECORD, &X_REPORT, &CLOSING, &REGISTERS,
            &BOARD, &DAY,
        ],
        growing: &[],
    }
}

impl Axis {
    async fn measure(&self, server: &Server, rounds: u32) -> Result<()> {
        println!("\n{}", self.what);
        let mut places = Vec::new();
        for (name, shop) in &self.sizes {
            let began = Instant::now();
            let database = shop.fill(server).await?;
            let size = "select pg_database_size(current_database()) / 1000000";
            let megabytes: i64 = database.superuser().await?.query_one(size, &[]).await?.get(0);
            println!("  {name}: filled in {} s, {megabytes} MB", began.elapsed().as_secs());
            places.push(Filled { shop: *shop, database });
        }
        println!("  {:<22} {:>24} {:>12} {:>12}", "", "", "median µs", "pages");
        for call in self.flat {
            self.compare(call, &places, rounds, [FLAT_TIME, FLAT_PAGES]).await?;
        }
        for call in self.growing {
            self.compare(call, &places, rounds, [Limit::AtMost(self.growth * 100); 2]).await?;
        }
        for place in places {
            place.database.remove().await?;
        }
        Ok(())
    }

    /// One call at every size, in turn; the limits are of its time and of its pages.
    async fn compare(
        &self,
        call: &Call,
        places: &[Filled<'_>],
        rounds: u32,
        limits: [Limit; 2],
    ) -> Result<()> {
        let [of_time, of_pages] = limits;
        let mut callers = Vec::new();
        for place in places {
            let ready = Ready::new(call, place).await?;
            ready.tidy().await?;
            callers.push(ready);
        }
        let mut times: Vec<Vec<u64>> = vec![Vec::new(); places.len()];
        // The first round fills the caches and makes the plans.
        for round in 0..=rounds {
            for (ready, times) in callers.iter().zip(&mut times) {
                let median = ready.turn().await?;
                if round > 0 {
                    times.push(median);
                }
            }
        }
        let mut pages = Vec::new();
        for ((ready, times), (size, _)) in callers.iter().zip(&times).zip(&self.sizes) {
            let mut samples = Vec::new();
            ready.tidy().await?;
            // One call may be the one that tidies up an index page which the undone ones have filled.
            for _ in 0..PAGE_SAMPLES {
                samples.push(ready.pages().await?);
            }
            let touched = median(&samples);
            println!("  {:<22} {size:>24} {:>12} {touched:>12}", call.name, median(times));
            pages.push(touched);
        }
        let (Some((first, _)), Some((last, _))) = (self.sizes.first(), self.sizes.last()) else {
            return Ok(());
        };
        let (Some(small), Some(large)) = (times.first(), times.last()) else { return Ok(()) };
        let pairs: Vec<_> = large.iter().copied().zip(small.iter().copied()).collect();
        let what = format!("{}, {last}", call.name);
        println!("  {}", Ratio::of_rounds(&format!("{what}: time"), first, of_time, &pairs));
        let (Some(small), Some(large)) = (pages.first(), pages.last()) else { return Ok(()) };
        println!("  {}", Ratio::of_rounds(&format!("{what}: pages"), first, of_pages, &[(*large, *small)]));
        Ok(())
    }
}

/// A call and the connection that makes it.
struct Ready {
    client: Client,
    superuser: Client,
    before: Option<String>,
    statements: Vec<(String, Statement)>,
    undone: bool,
    shop: Shop,
}

impl Ready {
    async fn new(call: &Call, place: &Filled<'_>) -> Result<Self> {
        let me = call.caller.id().unwrap_or_default().to_string();
        let said = |sql: &str| {
            sql.replace("{vendor}", &VENDOR.to_string())
                .replace("{me}", &me)
                .replace("{revision}", &place.shop.revision().to_string())
        };
        let client = connect(&place.database, call.caller).await?;
        let mut statements = Vec::new();
        for sql in call.statements.iter().copied().map(said) {
            let statement = client.prepare_typed(&sql, &PLACE).await?;
            statements.push((sql, statement));
        }
        let before = call.before.map(said);
        let superuser = place.database.superuser().await?;
        let ready = Self { client, superuser, before, statements, undone: call.undone, shop: place.shop };
        if call.name == POLL.name {
            ready.must_be_unchanged().await?;
        }
        Ok(ready)
    }

    /// Otherwise something else would be measured than what is said.
    async fn must_be_unchanged(&self) -> Result<()> {
        let [_, _, shift] = self.shop.place(0);
        let sql = "select (public.pos_session($1, $2) ->> 'unchanged')::boolean";
        let unchanged: bool =
            self.client.query_one(sql, &[&shift, &i64::from(self.shop.revision())]).await?.get(0);
        if unchanged { Ok(()) } else { Err("the filled shop has another revision than it says".into()) }
    }

    /// Removes the row versions that undone calls have left, as autovacuum would, which must not run while a call is measured:
    /// whoever reads such a row passes over all of them.
    async fn tidy(&self) -> Result<()> {
        Ok(self.superuser.batch_execute("vacuum").await?)
    }

    /// The median time of a call, in microseconds.
    async fn turn(&self) -> Result<u64> {
        let mut times = Vec::new();
        let end = Instant::now() + TURN;
        while times.len() < CALLS && Instant::now() < end {
            let [register, location, shift] = self.shop.place(fastrand::u32(0..self.shop.registers));
            self.begin([register, location, shift]).await?;
            let began = Instant::now();
            for (_, statement) in &self.statements {
                self.client.query(statement, &[&register, &location, &shift]).await?;
            }
            times.push(u64::try_from(began.elapsed().as_micros())?);
            self.finish().await?;
        }
        Ok(median(&times))
    }

    /// How many pages of tables and indexes one call touches, wherever they are.
    async fn pages(&self) -> Result<u64> {
        let place = self.shop.place(self.shop.registers / 2);
        self.begin(place).await?;
        let mut pages = 0;
        for (sql, _) in &self.statements {
            let explain = format!("explain (analyze, buffers, format json) {}", literal(sql, place));
            let plan: serde_json::Value = self.client.query_one(&explain, &[]).await?.get(0);
            for kind in ["Hit", "Read"] {
                pages += plan
                    .pointer(&format!("/0/Plan/Shared {kind} Blocks"))
                    .and_then(serde_json::Value::as_u64)
                    .unwrap_or(0);
            }
        }
        self.finish().await?;
        Ok(pages)
    }

    async fn begin(&self, place: [Uuid; 3]) -> Result<()> {
        if self.undone {
            let before = self.before.as_deref().map(|sql| literal(sql, place)).unwrap_or_default();
            self.client.batch_execute(&format!("begin; {before}")).await?;
        }
        Ok(())
    }

    async fn finish(&self) -> Result<()> {
        if self.undone {
            self.client.batch_execute("rollback").await?;
        }
        Ok(())
    }
}

/// The statement with its place written out.
fn literal(sql: &str, place: [Uuid; 3]) -> String {
    let [register, location, shift] = place.map(|id| format!("'{id}'"));
    sql.replace("$1", &register).replace("$2", &location).replace("$3", &shift)
}

/// How many polls a second the database answers through a pool, beside the least it could be asked there.
async fn pool(server: &Server, rounds: u32) -> Result<()> {
    let database = SMALL.fill(server).await?;
    let poll = format!("select public.pos_session($3, {})", SMALL.revision());
    let select = "select id, status, revision from public.pos_sessions where id = $3";
    let mut pairs = Vec::new();
    for _ in 0..rounds {
        let mut rates = Vec::new();
        for (sql, bare) in [(poll.as_str(), false), (select, true)] {
            let mut clients = Vec::new();
            for _ in 0..POOL {
                let client =
                    if bare { database.superuser().await? } else { connect(&database, Caller::ANA).await? };
                let statement = client.prepare_typed(sql, &PLACE).await?;
                clients.push((client, statement));
            }
            rates.push(rate(clients).await?);
        }
        if let [ours, theirs] = rates.as_slice() {
            pairs.push((*ours, *theirs));
        }
    }
    let polls: Vec<u64> = pairs.iter().map(|(ours, _)| *ours).collect();
    println!("\npolls through a pool of {POOL}: {} a second", median(&polls));
    let of = "the bare SELECT of the shift";
    println!("  {}", Ratio::of_rounds(&format!("polls a second, pool of {POOL}"), of, Limit::None, &pairs));
    Ok(())
}

/// Calls a second, over a second.
async fn rate(clients: Vec<(Client, Statement)>) -> Result<u64> {
    const LONG: Duration = Duration::from_secs(1);
    let mut tasks = Vec::new();
    let began = Instant::now();
    for (client, statement) in clients {
        tasks.push(tokio::spawn(async move {
            let mut calls = 0_u64;
            while began.elapsed() < LONG {
                let [register, location, shift] = SMALL.place(fastrand::u32(0..SMALL.registers));
                client.query(&statement, &[&register, &location, &shift]).await?;
                calls += 1;
            }
            Ok::<_, tokio_postgres::Error>(calls)
        }));
    }
    let mut calls = 0;
    for task in tasks {
        calls += task.await??;
    }
    Ok(calls * 1_000_000 / u64::try_from(began.elapsed().as_micros())?.max(1))
}

fn counted(number: u32, unit: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let unit = if number == 1 { unit.trim_end_matches('s') } else { unit };
    format!("{text} {unit}")
}
