//! Every call × every fault × every moment: what the till is told is true, and when the network is good again the
//! records are as if it had never been bad.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use onetill_core::ports::{Ledger, Seen, Server};
use onetill_core::{Code, Fault as Told, Movement, MovementId, MovementKind, Outcome, Retry, Staff};
use onetill_supabase::SupabaseServer;
use onetill_tests::Result;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::proxy::{ALL, Fault};
use crate::shop::{Device, HURRY, SIGN_IN_HURRY, Shop};

/// Which request of which call meets the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// Opening a free register.
    Open,
    /// The read that follows an open without an outcome.
    OpenByKey,
    /// Joining somebody else's session.
    Join,
    /// The read that completes a join.
    JoinLook,
    /// A movement into the ledger.
    Movement,
    Registers,
    Look,
    /// The renewal of a token at start.
    Renewal,
    /// Who is signed in, at start.
    Whoami,
    SignIn,
    SignOut,
}

const CALLS: [Call; 11] = [
    Call::Open,
    Call::OpenByKey,
    Call::Join,
    Call::JoinLook,
    Call::Movement,
    Call::Registers,
    Call::Look,
    Call::Renewal,
    Call::Whoami,
    Call::SignIn,
    Call::SignOut,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// One request meets it, the repeats do not.
    Once,
    /// All do.
    Always,
}

/// No call of any kind may take longer, hurried as they are here: thirty seconds and a wide margin.
const DEADLINE: Duration = Duration::from_millis(30_000 / HURRY.get() as u64 + 3_000);
const SIGN_IN_DEADLINE: Duration = Duration::from_millis(20_000 / 4 + 5_000);
const DEVICES: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn every_call_survives_every_fault_at_every_moment() -> Result<()> {
    let shop = Arc::new(Shop::open().await?);
    let (work, cases) = mpsc::unbounded_channel();
    for call in CALLS {
        for fault in ALL {
            for moment in [Moment::Once, Moment::Always] {
                work.send((call, *fault, moment))?;
            }
        }
    }
    drop(work);
    let cases = Arc::new(Mutex::new(cases));
    let mut devices = JoinSet::new();
    for number in 0..DEVICES {
        let (shop, cases) = (Arc::clone(&shop), Arc::clone(&cases));
        let device = Device::new(&shop, number % 2).await?;
        let other = Device::new(&shop, 1 - number % 2).await?;
        devices.spawn(async move {
            let mut wrong = Vec::new();
            let mut done = 0;
            loop {
                let next = cases.lock().await.recv().await;
                let Some((call, fault, moment)) = next else { return Result::Ok((done, wrong)) };
                let mut plays = 0;
                loop {
                    plays += 1;
                    match case(&shop, &device, &other, call, fault, moment).await {
                        Ok(()) => break,
                        Err(Wrong::Late(_)) if plays < PLAYS => {}
                        Err(why) => {
                            wrong.push(format!("{call:?}, {fault:?} {moment:?}: {why}"));
                            break;
                        }
                    }
                }
                done += 1;
            }
        });
    }
    let mut done = 0;
    let mut wrong = Vec::new();
    while let Some(device) = devices.join_next().await {
        let (cases, failures) = device??;
        done += cases;
        wrong.extend(failures);
    }
    assert!(wrong.is_empty(), "{} of {done} cases went wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(done, CALLS.len() * ALL.len() * 2);
    Ok(())
}

/// How often a case is played that only missed a deadline.
const PLAYS: u32 = 3;

/// What a case found wrong.
#[derive(Debug)]
enum Wrong {
    /// Something untrue was told, or a record is wrong: once is enough.
    Untrue(String),
    /// A call that should have worked did not in its shortened time: a busy computer does that too.
    Late(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Untrue(why) => write!(f, "untrue: {why}"),
            Self::Late(why) => write!(f, "late, {PLAYS} times: {why}"),
        }
    }
}

impl From<Told> for Wrong {
    fn from(fault: Told) -> Self {
        Self::Late(fault.to_string())
    }
}

impl From<Box<dyn std::error::Error + Send + Sync>> for Wrong {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Late(error.to_string())
    }
}

type Verdict<T = ()> = std::result::Result<T, Wrong>;

fn check(good: bool, why: impl FnOnce() -> String) -> Verdict {
    if good { Ok(()) } else { Err(Wrong::Untrue(why())) }
}

async fn case(
    shop: &Shop,
    device: &Device,
    other: &Device,
    call: Call,
    fault: Fault,
    moment: Moment,
) -> Verdict {
    let server = device.ready().await?;
    let started = Instant::now();
    match call {
        Call::Open | Call::OpenByKey => open(shop, device, &server, call, fault, moment).await?,
        Call::Join | Call::JoinLook => join(shop, device, other, &server, call, fault, moment).await?,
        Call::Movement => movement(shop, device, &server, fault, moment).await?,
        Call::Registers => registers(shop, device, &server, fault, moment).await?,
        Call::Look => look(shop, device, &server, fault, moment).await?,
        Call::Renewal | Call::Whoami => resume(device, call, fault, moment).await?,
        Call::SignIn => sign_in(device, fault, moment).await?,
        Call::SignOut => {
            inject(device, "/auth/v1/logout", fault, moment);
            in_time(server.sign_out()).await?;
            check(server.resume_login().await == Ok(None), || "something was left to resume".to_owned())?;
        }
    }
    check(started.elapsed() < DEADLINE * 4 + SIGN_IN_DEADLINE, || {
        format!("it took {:?}", started.elapsed())
    })?;
    Ok(())
}

/// Lets the fault meet one request, or every one, of this path.
fn inject(device: &Device, path: &'static str, fault: Fault, moment: Moment) {
    let spent = AtomicBool::new(false);
    device.proxy.choose(move |asked| {
        let meets =
            asked.ends_with(path) && (moment == Moment::Always || !spent.swap(true, Ordering::Relaxed));
        if meets { fault } else { Fault::None }
    });
}

async fn in_time<T>(call: impl Future<Output = T>) -> Verdict<T> {
    let late = |_elapsed| Wrong::Untrue("no end by its deadline".to_owned());
    tokio::time::timeout(DEADLINE, call).await.map_err(late)
}

/// A fault that leaves the question open, as every fault of the network must.
fn open_question(fault: &Told) -> Verdict {
    check(
        !fault.is_decision() && fault.code != Code::SignedOut && fault.code != Code::FunctionNotDeployed,
        || format!("the network was told as a decision: {fault}"),
    )
}

/// Repeats can cure what happened once, so it must have been cured.
fn cured<T>(result: &std::result::Result<T, Told>, moment: Moment) -> Verdict {
    match result {
        Err(fault) if moment == Moment::Once => Err(Wrong::Late(format!("one fault was not cured: {fault}"))),
        _ => Ok(()),
    }
}

async fn open(
    shop: &Shop,
    device: &Device,
    server: &SupabaseServer,
    call: Call,
    fault: Fault,
    moment: Moment,
) -> Verdict {
    let register = shop.register(&device.staff, device.location()).await?;
    let intent = device.intent(register);
    if call == Call::Open {
        inject(device, "get_or_create_session", fault, moment);
    } else {
        let spent = AtomicBool::new(false);
        device.proxy.choose(move |path| match path {
            path if path.ends_with("get_or_create_session") => Fault::NoOutcome,
            path if path.ends_with("pos_sessions") => {
                if moment == Moment::Once && spent.swap(true, Ordering::Relaxed) {
                    Fault::None
                } else {
                    fault
                }
            }
            _ => Fault::None,
        });
    }
    let answer = in_time(server.open_session(&intent)).await?;
    match &answer {
        Ok(opened) => {
            let may_be = match call {
                Call::Open => opened.outcome == Outcome::Created,
                _ => matches!(opened.outcome, Outcome::Created | Outcome::Unknown),
            };
            check(may_be, || format!("told {:?} to who opened it", opened.outcome))?;
        }
        Err(fault) => {
            check(call == Call::Open, || format!("a read that completes made the open fail: {fault}"))?;
            open_question(fault)?;
            if fault.retry == Retry::DidNotRun {
                let sessions = shop.sessions(register).await?;
                check(sessions.is_empty(), || format!("told as not run: {fault}, but it ran"))?;
            }
        }
    }
    if !matches!(fault, Fault::OtherJson) {
        cured(&answer, moment)?;
    }

    device.proxy.heal();
    let again = in_time(server.open_session(&intent)).await??;
    if again.outcome == Outcome::Replayed {
        return Err(Wrong::Late("the key could not be read in time".to_owned()));
    }
    check(again.outcome == Outcome::Created, || format!("afterwards told {:?}", again.outcome))?;
    let sessions = shop.sessions(register).await?;
    check(sessions.len() == 1, || format!("{} sessions came of one press", sessions.len()))?;
    check(sessions[0]["id"] == again.session.id.to_string(), || "another session was told".to_owned())?;
    check(sessions[0]["idempotency_key"] == intent.key.to_string(), || "another key opened it".to_owned())?;
    let joins = shop.joins(&again.session.id.to_string()).await?;
    check(joins.is_empty(), || "its opener is on record as a joiner".to_owned())?;

    // A late duplicate of the press must not open the register again once the session is over.
    shop.end(&again.session.id.to_string()).await?;
    let late = in_time(server.open_session(&intent)).await??;
    check(!late.session.status.holds_register(), || "a session that is over was told as open".to_owned())?;
    let sessions = shop.sessions(register).await?;
    check(sessions.len() == 1, || "a late duplicate opened the register again".to_owned())?;
    Ok(())
}

async fn join(
    shop: &Shop,
    device: &Device,
    other: &Device,
    server: &SupabaseServer,
    call: Call,
    fault: Fault,
    moment: Moment,
) -> Verdict {
    let register = shop.register(&device.staff, device.location()).await?;
    let first = other.ready().await?.open_session(&other.intent(register)).await?;
    let intent = device.intent(register);
    let path = if call == Call::Join { "get_or_create_session" } else { "pos_session" };
    inject(device, path, fault, moment);
    let answer = in_time(server.open_session(&intent)).await?;
    match &answer {
        Ok(opened) => {
            check(opened.outcome == Outcome::Joined, || format!("told {:?} to a joiner", opened.outcome))?;
            check(opened.session.id == first.session.id, || "joined another session".to_owned())?;
            check(opened.session.opener_id == Some(other.staff.user_id), || {
                "the opener is wrong".to_owned()
            })?;
        }
        Err(fault) => {
            check(call == Call::Join, || format!("a read that completes made the join fail: {fault}"))?;
            open_question(fault)?;
        }
    }
    if !matches!(fault, Fault::OtherJson) {
        cured(&answer, moment)?;
    }

    device.proxy.heal();
    let again = in_time(server.open_session(&intent)).await??;
    check(again.outcome == Outcome::Joined, || format!("afterwards told {:?}", again.outcome))?;
    let sessions = shop.sessions(register).await?;
    check(sessions.len() == 1, || format!("a join made {} sessions", sessions.len()))?;
    let joins = shop.joins(&first.session.id.to_string()).await?;
    let own = joins.iter().filter(|join| join["idempotency_key"] == intent.key.to_string()).count();
    check(own == 1 && joins.len() == 1, || format!("{} joins on record", joins.len()))?;
    Ok(())
}

async fn movement(
    shop: &Shop,
    device: &Device,
    server: &SupabaseServer,
    fault: Fault,
    moment: Moment,
) -> Verdict {
    let register = shop.register(&device.staff, device.location()).await?;
    let session = server.open_session(&device.intent(register)).await?.session;
    let movement = Movement {
        id: MovementId(Uuid::new_v4()),
        session_id: session.id,
        kind: MovementKind::PayIn,
        amount: "12.34".parse().unwrap(),
        reason: "test".to_owned(),
        note: String::new(),
        reference: String::new(),
        reverses: None,
        by_name: String::new(),
        recorded_at: jiff::Timestamp::now(),
    };
    inject(device, "pos_record_movement", fault, moment);
    let answer = in_time(server.record_movement(&movement, device.staff.user_id)).await?;
    if let Err(fault) = &answer {
        open_question(fault)?;
    }
    if !matches!(fault, Fault::OtherJson) {
        cured(&answer, moment)?;
    }
    device.proxy.heal();
    let recorded = in_time(server.record_movement(&movement, device.staff.user_id)).await??;
    check(recorded.movement.amount == movement.amount, || "the amount has changed".to_owned())?;
    let ledger = shop.movements(&session.id.to_string()).await?;
    check(ledger.len() == 1, || format!("{} movements came of one", ledger.len()))?;
    Ok(())
}

async fn registers(
    shop: &Shop,
    device: &Device,
    server: &SupabaseServer,
    fault: Fault,
    moment: Moment,
) -> Verdict {
    let register = shop.register(&device.staff, device.location()).await?;
    inject(device, "pos_registers", fault, moment);
    let answer = in_time(server.registers(device.location().id)).await?;
    match &answer {
        Ok(list) => {
            check(list.iter().any(|row| row.id == register), || "the register is missing".to_owned())?
        }
        Err(fault) => open_question(fault)?,
    }
    if !matches!(fault, Fault::OtherJson) {
        cured(&answer, moment)?;
    }
    Ok(())
}

async fn look(
    shop: &Shop,
    device: &Device,
    server: &SupabaseServer,
    fault: Fault,
    moment: Moment,
) -> Verdict {
    let register = shop.register(&device.staff, device.location()).await?;
    let session = server.open_session(&device.intent(register)).await?.session;
    inject(device, "pos_session", fault, moment);
    let answer = in_time(server.session(session.id, session.revision)).await?;
    match &answer {
        Ok(Seen::Session(seen)) => check(seen.status.holds_register(), || "told as over".to_owned())?,
        Ok(Seen::Unchanged) => check(false, || "nothing was known, so nothing can be unchanged".to_owned())?,
        Err(fault) => open_question(fault)?,
    }
    if !matches!(fault, Fault::OtherJson) {
        cured(&answer, moment)?;
    }
    Ok(())
}

async fn resume(device: &Device, call: Call, fault: Fault, moment: Moment) -> Verdict {
    let path = if call == Call::Renewal { "/auth/v1/token" } else { "pos_whoami" };
    inject(device, path, fault, moment);
    let server = device.start()?;
    let answer = in_time(server.resume_login()).await?;
    match &answer {
        Ok(staff) => check(staff.is_some(), || "the login was forgotten".to_owned())?,
        // Hosted Auth accepts the parent of a token whose answer was lost; the local one ends the login, and says so.
        Err(fault) if call == Call::Renewal && token_spent(fault) => return Ok(()),
        Err(fault) => open_question(fault)?,
    }
    if !matches!(fault, Fault::OtherJson) {
        cured(&answer, moment)?;
    }
    device.proxy.heal();
    let again = in_time(server.resume_login()).await?;
    match again {
        // On the good network of now: an answer that came after its shortened deadline was asked for again.
        Err(fault) if token_spent(&fault) => Err(Wrong::Late(fault.to_string())),
        again => check(matches!(again, Ok(Some(_))), || format!("the login did not survive: {again:?}")),
    }
}

fn token_spent(fault: &Told) -> bool {
    fault.detail.contains("refresh_token_already_used")
}

async fn signed_in(device: &Device) -> Verdict<std::result::Result<Staff, Told>> {
    let late = |_elapsed| Wrong::Untrue("a sign-in has no end by its deadline".to_owned());
    tokio::time::timeout(SIGN_IN_DEADLINE, device.sign_in(SIGN_IN_HURRY)).await.map_err(late)
}

async fn sign_in(device: &Device, fault: Fault, moment: Moment) -> Verdict {
    inject(device, "/auth/v1/token", fault, moment);
    if let Err(fault) = signed_in(device).await? {
        open_question(&fault)?;
        check(fault.code != Code::WrongPassword, || "a good password was called wrong".to_owned())?;
    }
    device.proxy.heal();
    signed_in(device).await??;
    Ok(())
}
