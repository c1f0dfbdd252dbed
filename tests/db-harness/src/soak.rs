//! Many hurried clients on few registers: they open, join, send again what they sent before, record,
//! count and close, lose replies and have their connections killed, and write down what they saw.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Database;
use crate::Result;
use crate::desk::{Ask, Caller, Desk, Opened, Refusal, text};
use crate::history::{Answer, Deed, Event, FinalMovement, FinalSale, FinalSession, History};
use crate::till::{Cart, Line, Till, refund, units, void};

/// How hard, and how long.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Clients at once.
    pub clients: u64,
    /// Registers they share.
    pub registers: u32,
    /// How long they go on.
    pub duration: Duration,
    /// A connection is killed this often.
    pub kill_every: Duration,
    /// The same seed makes the same choices; what the clients' meeting makes of them differs.
    pub seed: u64,
}

/// What the clients of one run share.
struct Shared {
    url: String,
    began: Instant,
    plan: Plan,
    /// Sessions anybody has seen, newest last.
    sessions: Mutex<Vec<Uuid>>,
    /// Receipts that anybody may take back.
    receipts: Mutex<Vec<Uuid>>,
    /// The server processes of the clients, for whoever kills them.
    processes: Mutex<Vec<i32>>,
}

/// Runs the plan and gives back what everybody saw and what the tables say in the end.
///
/// # Errors
/// When the server itself fails; a call that fails is part of the history.
pub async fn run(database: &Database<'_>, plan: Plan) -> Result<History> {
    let selling = "update locations set country = 'NL'; insert into pos_selling_rules (vendor_id, selling_on) select id, true from vendors on conflict do nothing";
    database.superuser().await?.batch_execute(selling).await?;
    let shared = Arc::new(Shared {
        url: database.url(),
        began: Instant::now(),
        sessions: Mutex::default(),
        receipts: Mutex::default(),
        processes: Mutex::new(vec![0; usize::try_from(plan.clients)?]),
        plan,
    });
    let callers = [Caller::ANA, Caller::BEN, Caller::MIA, Caller::OLA, Caller::MIA];
    let mut clients = Vec::new();
    for number in 0..shared.plan.clients {
        let caller = callers.get(usize::try_from(number)? % callers.len()).copied().unwrap_or(Caller::ANA);
        clients.push(tokio::spawn(Register::new(Arc::clone(&shared), number, caller).work()));
    }
    let stranger = tokio::spawn(Register::new(Arc::clone(&shared), u64::MAX, Caller::ZED).trespass());
    let killer = tokio::spawn(kill(Arc::clone(&shared), database.superuser().await?));
    let mut history = History::default();
    for client in clients {
        history.events.extend(client.await??);
    }
    history.events.extend(stranger.await??);
    killer.await??;
    read_tables(&database.superuser().await?, &mut history).await?;
    Ok(history)
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn going_on(&self) -> bool {
        self.began.elapsed() < self.plan.duration
    }

    fn saw(&self, session: Uuid) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if !sessions.ends_with(&[session]) {
            sessions.push(session);
        }
    }

    /// Mostly a recent session, sometimes one that is long over.
    fn some_session(&self, rng: &mut Rng) -> Option<Uuid> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let reach = if rng.u8(0..10) == 0 { 40 } else { 3 };
        let back = rng.usize(0..reach);
        sessions.iter().rev().nth(back).copied()
    }

    /// The process of a client, or no client in particular.
    fn sits(&self, number: u64, process: i32) {
        let mut processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = usize::try_from(number).ok().and_then(|number| processes.get_mut(number)) {
            *place = process;
        }
    }
}

async fn kill(shared: Arc<Shared>, superuser: tokio_postgres::Client) -> Result<()> {
    let mut rng = Rng::with_seed(shared.plan.seed);
    let mut tick = tokio::time::interval(shared.plan.kill_every);
    while shared.going_on() {
        tick.tick().await;
        let processes = shared.processes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(process) = rng.choice(&processes) {
            superuser.execute("select pg_terminate_backend($1) where $1 <> 0", &[process]).await?;
        }
    }
    Ok(())
}

/// One register PC: its memory of what it sent, and what it saw.
struct Register {
    shared: Arc<Shared>,
    number: u64,
    caller: Caller,
    rng: Rng,
    device: Uuid,
    desk: Option<Desk>,
    keys: Vec<(Uuid, u32)>,
    movements: Vec<(Uuid, Uuid, u32, bool)>,
    /// Its till on each register, by what its receipts start with.
    tills: HashMap<String, Till>,
    /// The entry that nobody has answered yet, with the till before it and after it.
    waiting: Option<(Till, Till, Value)>,
    events: Vec<Event>,
}

impl Register {
    fn new(shared: Arc<Shared>, number: u64, caller: Caller) -> Self {
        let rng = Rng::with_seed(shared.plan.seed ^ number.wrapping_mul(0x9E37_79B9));
        Self {
            shared,
            number,
            caller,
            rng,
            device: Uuid::new_v4(),
            desk: None,
            keys: Vec::new(),
            movements: Vec::new(),
            tills: HashMap::new(),
            waiting: None,
            events: Vec::new(),
        }
    }

    async fn work(mut self) -> Result<Vec<Event>> {
        while self.shared.going_on() {
            match self.rng.u8(0..100) {
                0..30 => self.open().await?,
                30..47 => self.record().await?,
                47..75 => self.sell().await?,
                75..84 => self.close(true).await?,
                84..88 => self.close(false).await?,
                88..95 => self.leave("pos_end_session", |session| Deed::End { session }).await?,
                _ => self.leave("pos_cancel_session", |session| Deed::Cancel { session }).await?,
            }
        }
        // What a till has on its disk it delivers, however long that takes.
        let patience = Instant::now() + crate::PATIENCE;
        while self.waiting.is_some() && Instant::now() < patience {
            self.deliver().await?;
        }
        Ok(self.events)
    }

    async fn trespass(mut self) -> Result<Vec<Event>> {
        while self.shared.going_on() {
            let ask = Ask::on(self.rng.u32(1..=self.shared.plan.registers));
            if self.rng.bool() {
                self.say(Deed::Trespass, async |desk| Ok(opened(&desk.open(&ask).await?))).await?;
            } else if let Some(session) = self.shared.some_session(&mut self.rng) {
                let read = json!({"p_session_id": session});
                let function = if self.rng.bool() { "pos_session" } else { "pos_sales" };
                self.say(Deed::Trespass, async |desk| Ok(done(&desk.call(function, &read).await?))).await?;
            }
            tokio::task::yield_now().await;
        }
        Ok(self.events)
    }

    async fn open(&mut self) -> Result<()> {
        let register = self.rng.u32(1..=self.shared.plan.registers);
        let (key, register) = match (self.rng.u8(0..10), self.rng.choice(&self.keys).copied()) {
            (0, _) => (None, register),
            (1..5, Some((key, register))) => (Some(key), register),
            _ => (Some(Uuid::new_v4()), register),
        };
        if let Some(key) = key {
            self.keys.push((key, register));
        }
        let ask = Ask { key, device: Some(self.device), ..Ask::on(register) };
        let deed = Deed::Open { register: crate::register(register), key };
        let answer = self.say(deed, async |desk| Ok(opened(&desk.open(&ask).await?))).await?;
        if let Answer::Session { id, .. } = answer {
            self.shared.saw(id);
        }
        Ok(())
    }

    async fn record(&mut self) -> Result<()> {
        let again = self.rng.choice(&self.movements).copied().filter(|_| self.rng.u8(0..4) == 0);
        let Some((id, session, cents, takes)) = again.or_else(|| {
            let session = self.shared.some_session(&mut self.rng)?;
            Some((Uuid::new_v4(), session, self.rng.u32(1..50_000), self.rng.bool()))
        }) else {
            return Ok(());
        };
        self.movements.push((id, session, cents, takes));
        let amount = Decimal::new(cents.into(), 2);
        let arguments = json!({
            "p_id": id, "p_session_id": session, "p_type": if takes { "pay_out" } else { "pay_in" },
            "p_amount": amount.to_string(), "p_reason": "soak", "p_note": null,
        });
        let deed = Deed::Move { session, id, effect: if takes { -amount } else { amount } };
        self.say(deed, async |desk| Ok(done(&desk.call("pos_record_movement", &arguments).await?))).await?;
        Ok(())
    }

    /// Sells, takes back or throws away something, after what is still waiting.
    async fn sell(&mut self) -> Result<()> {
        if !self.deliver().await? {
            return Ok(());
        }
        let Some((session, entry)) = self.entry().await? else { return Ok(()) };
        let device = self.device;
        let mut told = None;
        self.say(Deed::Look, async |desk| {
            told = Some(Till::take(desk, session, device).await?);
            Ok(Answer::Unknown)
        })
        .await?;
        let Some(told) = told else { return Ok(()) };
        // Where it is in its numbers the till itself knows best.
        let mut till = self.tills.get(&told.prefix).cloned().unwrap_or(told);
        till.session = session;
        let before = till.clone();
        let sealed = till.seal(entry);
        self.tills.insert(till.prefix.clone(), till.clone());
        self.waiting = Some((before, till, sealed));
        self.deliver().await?;
        Ok(())
    }

    /// What to record next, and in which session.
    async fn entry(&mut self) -> Result<Option<(Uuid, Value)>> {
        let kind = self.rng.u8(0..10);
        let Some(session) = self.shared.some_session(&mut self.rng) else { return Ok(None) };
        if kind < 6 {
            let lines: Vec<Line> = (0..self.rng.usize(1..4))
                .map(|_| Line { quantity: self.rng.i64(1..5_000), ..Line::of(1, self.rng.i64(1..5_000)) })
                .collect();
            let cart = Cart::of(&lines).rates(&[("A", "state", 4_750), ("A", "county", 2_500)]);
            let total = cart.total();
            let cart = if kind == 0 { cart.kind("discard") } else { cart.card(self.rng.i64(0..=total)) };
            return Ok(Some((session, cart.arguments())));
        }
        let receipts = self.shared.receipts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let recent = receipts.len().saturating_sub(6);
        let Some(id) = receipts.get(recent..).and_then(|recent| self.rng.choice(recent)) else {
            return Ok(None);
        };
        let mut told = None;
        self.say(Deed::Look, async |desk| {
            told = Some(desk.call("pos_sale", &json!({"p_id": id})).await?);
            Ok(Answer::Unknown)
        })
        .await?;
        let Some(told) = told else { return Ok(None) };
        if kind == 9 {
            return Ok(Some((text(&told, "/sale/session_id").parse()?, void(&told))));
        }
        let mut wanted = Vec::new();
        for line in told.pointer("/sale/lines").and_then(Value::as_array).into_iter().flatten() {
            let sold = line.get("quantity").map_or(0, |quantity| units(quantity, 3));
            // Sometimes more than is left: then it is refused.
            if let Some(no) = line.get("no").and_then(Value::as_i64).filter(|_| self.rng.bool()) {
                wanted.push((no, self.rng.i64(1..=sold.max(1))));
            }
        }
        let some = !wanted.is_empty() && told.get("refundable").is_some_and(Value::is_object);
        Ok(some.then(|| (session, refund(&told, &wanted, self.rng.bool()))))
    }

    /// Sends what is waiting until it is answered; whether nothing waits any more.
    async fn deliver(&mut self) -> Result<bool> {
        let Some((before, till, sealed)) = self.waiting.clone() else { return Ok(true) };
        let id: Uuid = text(&sealed, "/p_id").parse()?;
        let kinds = ["sale", "refund", "void"];
        let kind = kinds.into_iter().find(|kind| text(&sealed, "/p_kind") == *kind).unwrap_or("discard");
        let deed = Deed::Sell { session: till.session, id, kind };
        match self.say(deed, async |desk| Ok(done(&till.send(desk, &sealed).await?))).await? {
            Answer::Done { .. } => {
                self.waiting = None;
                if kind == "sale" {
                    self.shared.receipts.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                }
            }
            Answer::Refused(code) if code != "POS_REGISTER_BUSY" => {
                // What is not recorded has no number.
                self.waiting = None;
                self.tills.insert(before.prefix.clone(), before);
            }
            _ => {}
        }
        Ok(self.waiting.is_none())
    }

    async fn close(&mut self, counted: bool) -> Result<()> {
        let Some(session) = self.shared.some_session(&mut self.rng) else { return Ok(()) };
        let count = counted.then(Uuid::new_v4);
        let amount = self.rng.u32(0..90_000);
        let counting = json!({
            "p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": Decimal::new(amount.into(), 2).to_string(),
        });
        let closing = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count, "p_reason": "soak"});
        self.say(Deed::Close { session }, async |desk| {
            if counted {
                desk.call("pos_commit_count", &counting).await?;
            }
            Ok(done(&desk.call("pos_close_session", &closing).await?))
        })
        .await?;
        Ok(())
    }

    async fn leave(&mut self, function: &str, deed: fn(Uuid) -> Deed) -> Result<()> {
        let Some(session) = self.shared.some_session(&mut self.rng) else { return Ok(()) };
        let arguments = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
        self.say(deed(session), async |desk| Ok(done(&desk.call(function, &arguments).await?))).await?;
        Ok(())
    }

    /// Asks, and writes down what came of it. One request in twelve loses its reply: the server goes on with it.
    async fn say(
        &mut self,
        deed: Deed,
        ask: impl AsyncFnOnce(&Desk) -> std::result::Result<Answer, Refusal>,
    ) -> Result<Answer> {
        let desk = match self.desk.take() {
            Some(desk) => desk,
            None => Desk::sit(&self.shared.url, self.caller).await?,
        };
        self.shared.sits(self.number, desk.process());
        let lost = self.rng.u8(0..12) == 0;
        let sent = self.shared.now();
        let heard = {
            let mut asking = pin!(ask(&desk));
            if lost {
                // Polled once: the request is on its way, and nobody waits for the answer.
                std::future::poll_fn(|context| match asking.as_mut().poll(context) {
                    Poll::Ready(heard) => Poll::Ready(Some(heard)),
                    Poll::Pending => Poll::Ready(None),
                })
                .await
            } else {
                Some(asking.await)
            }
        };
        let answer = match heard {
            Some(Ok(answer)) => answer,
            Some(Err(refusal)) if refusal.code == "connection" => Answer::Unknown,
            Some(Err(refusal)) => Answer::Refused(refusal.code),
            None => Answer::Unknown,
        };
        let answered = if answer == Answer::Unknown { u64::MAX } else { self.shared.now() };
        if !desk.client().is_closed() {
            self.desk = Some(desk);
        }
        self.events.push(Event { caller: self.caller, deed, sent, answered, answer: answer.clone() });
        Ok(answer)
    }
}

fn opened(opened: &Opened) -> Answer {
    Answer::Session { id: opened.session, outcome: opened.outcome.clone() }
}

fn done(answer: &Value) -> Answer {
    Answer::Done {
        outcome: text(answer, "/outcome"),
        z_number: answer.pointer("/z_report/z_number").and_then(Value::as_i64),
    }
}

/// So many amounts.
fn amounts<const N: usize>(texts: &[String]) -> Result<[Decimal; N]> {
    let amounts = texts.iter().map(|text| text.parse()).collect::<std::result::Result<Vec<Decimal>, _>>()?;
    amounts.try_into().map_err(|_amounts| "another number of amounts".into())
}

async fn read_sales(superuser: &tokio_postgres::Client) -> Result<Vec<FinalSale>> {
    let rows = superuser
        .query(
            "select x.id, x.session_id, x.kind, x.original_id, x.register_id, x.till, x.receipt_seq, x.chain_seq, x.prev_hash, x.hash,
                 array[case x.kind when 'sale' then x.total when 'discard' then 0 else -x.total end, x.net_cash, x.net_card]::text[], x.late, x.flags,
                 (extract(epoch from x.created_at) * 1000000)::int8,
                 coalesce((select array_agg(coalesce(l.original_line, l.no) order by l.no) from pos_sale_lines l where l.sale_id = x.id), '{}'),
                 coalesce((select array_agg(l.quantity::text order by l.no) from pos_sale_lines l where l.sale_id = x.id), '{}'),
                 coalesce((select array_agg(l.net::text order by l.no) from pos_sale_lines l where l.sale_id = x.id), '{}')
               from pos_sales x",
            &[],
        )
        .await?;
    let mut sales = Vec::new();
    for row in &rows {
        let (quantities, nets) = (row.get::<_, Vec<String>>(15), row.get::<_, Vec<String>>(16));
        let mut lines = Vec::new();
        for ((no, quantity), net) in row.get::<_, Vec<i16>>(14).into_iter().zip(quantities).zip(nets) {
            lines.push((no, quantity.parse()?, net.parse()?));
        }
        sales.push(FinalSale {
            id: row.get(0),
            session: row.get(1),
            kind: row.get(2),
            original: row.get(3),
            till: (row.get(4), row.get(5)),
            numbers: (row.get(6), row.get(7)),
            hashes: (row.get(8), row.get(9)),
            effects: amounts(&row.get::<_, Vec<String>>(10))?,
            late: row.get(11),
            flags: row.get(12),
            lines,
            recorded: row.get(13),
        });
    }
    Ok(sales)
}

/// Reads what the tables say in the end, as a superuser.
///
/// # Errors
/// When the server does not answer, or an amount is none.
pub async fn read_tables(superuser: &tokio_postgres::Client, history: &mut History) -> Result<()> {
    // What nobody waited for has to be over before the tables are the final ones.
    let others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'active'";
    let deadline = Instant::now() + crate::PATIENCE;
    while superuser.query_one(others, &[]).await?.get::<_, i64>(0) > 0 && Instant::now() < deadline {}
    let money = |text: Option<&str>| text.map(str::parse).transpose();
    let rows = superuser
        .query(
            "select s.id, s.register_id, s.vendor_id, s.session_number::text, s.status, s.idempotency_key, st.vendor_id,
                 (extract(epoch from s.opened_at) * 1000000)::int8,
                 (extract(epoch from case when s.status <> 'open' then coalesce(s.ended_at, s.closed_at) end) * 1000000)::int8,
                 s.opening_cash::text, s.total_cash::text, s.closing_cash::text, s.expected_cash::text, s.was_counted,
                 coalesce((select array_agg(z.z_number) from pos_z_reports z where z.session_id = s.id), '{}'),
                 array[s.ledger_sales, s.ledger_cash, s.ledger_card, s.total_sales, s.total_cash, s.total_card]::text[], s.ledger_transactions::int8,
                 (select (z.report #>> '{sales,count}')::int8 from pos_z_reports z where z.session_id = s.id)
               from pos_sessions s left join pos_staff st on st.user_id = s.opened_by",
            &[],
        )
        .await?;
    for row in &rows {
        history.sessions.push(FinalSession {
            id: row.get(0),
            place: (row.get(1), row.get(2)),
            number: row.get(3),
            status: row.get(4),
            key: row.get(5),
            opener_vendor: row.get(6),
            opened: row.get(7),
            over: row.get(8),
            cash: [money(row.get(9))?, money(row.get(10))?, money(row.get(11))?, money(row.get(12))?],
            counted: row.get(13),
            z_numbers: row.get(14),
            ledger: amounts(&row.get::<_, Vec<String>>(15))?,
            sales: (row.get(16), row.get(17)),
        });
    }
    let rows = superuser
        .query(
            "select m.id, m.session_id, ((case when m.reverses is null then 1 else -1 end)
                 * (case coalesce(o.movement_type, m.movement_type) when 'pay_out' then -1 when 'safe_drop' then -1
                    when 'no_sale' then 0 else 1 end) * m.amount)::text,
                 (extract(epoch from m.created_at) * 1000000)::int8
               from pos_cash_movements m left join pos_cash_movements o on o.id = m.reverses
               -- What the triggers of an earlier client write only repeats the float, a sale, or a close.
               where m.movement_type not in ('opening', 'sale', 'closing')",
            &[],
        )
        .await?;
    for row in &rows {
        let effect: &str = row.get(2);
        history.movements.push(FinalMovement {
            id: row.get(0),
            session: row.get(1),
            effect: effect.parse()?,
            recorded: row.get(3),
        });
    }
    history.sales = read_sales(superuser).await?;
    Ok(())
}
