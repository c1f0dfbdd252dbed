//! A day's end over HTTP on a real PostgreSQL: counting, approving, closing, ending and cancelling through the client's
//! own adapter, by several people at several devices.

use std::sync::Arc;

use onetill_core::{
    Amount, Code, Connection, CountId, DeviceId, Fault, IntentKey, Location, Movement, MovementId,
    MovementKind, OpenIntent, ProjectKey, ProjectUrl, RegisterId, Report, Role, Session, SessionId,
    SessionOutcome, SessionStatus, Staff, Tally,
    board::BoardState,
    closing::{CloseIntent, EndHow, EndIntent},
    count::{CountIntent, CountKind, Needs, Pieces},
    ports::{CashUp, Closed, Ledger, Managing, Reports, Server},
    report::{Counted, Tender},
};
use onetill_local::{DEMO_ACCOUNTS, DemoAccount, Engine};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::{Project, Result, rest::Rest};
use rust_decimal::Decimal;
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

/// Somebody signed in on a device of their own.
pub(crate) struct Colleague {
    pub(crate) server: SupabaseServer,
    pub(crate) staff: Staff,
}

pub(crate) struct Store {
    pub(crate) project: Project,
    rest: Rest,
}

impl Store {
    pub(crate) fn open() -> Result<Self> {
        Ok(Self::of(Project::start(Engine::real())?))
    }

    pub(crate) fn of(project: Project) -> Self {
        let rest = Rest::new(&project.backend);
        Self { project, rest }
    }

    pub(crate) async fn sign_in(&self, account: &DemoAccount) -> Result<Colleague> {
        let url = ProjectUrl::parse(&self.project.backend.url())?;
        let key = ProjectKey::parse(self.project.backend.publishable_key())?;
        let vault = Arc::new(MemoryVault::default());
        let device = DeviceId(Uuid::new_v4());
        let server = SupabaseServer::new(Connection { url, key }, device, "test", vault)?;
        let staff = server.sign_in(account.email, &account.password.into()).await?;
        Ok(Colleague { server, staff })
    }

    pub(crate) async fn register(&self) -> Result<RegisterId> {
        Ok(self.rest.another_register().await?.id.parse()?)
    }
}

impl Colleague {
    pub(crate) fn location(&self) -> &Location {
        &self.staff.locations[0]
    }

    pub(crate) async fn open(&self, register: RegisterId, cash: &str) -> Result<(Session, SessionOutcome)> {
        let opened = self.server.open_session(&self.intent(register, cash)?).await?;
        Ok((opened.session, opened.outcome))
    }

    /// One press of Start shift.
    pub(crate) fn intent(&self, register: RegisterId, cash: &str) -> Result<OpenIntent> {
        Ok(OpenIntent {
            key: key(),
            register_id: register,
            location_id: self.location().id,
            vendor_id: self.staff.vendor_id,
            user_id: self.staff.user_id,
            opening_cash: cash.parse()?,
            tally: Tally::Nothing,
            pressed_at: jiff::Timestamp::now(),
        })
    }

    pub(crate) async fn record(&self, session: SessionId, kind: MovementKind, cash: &str) -> Result<()> {
        let movement = Movement {
            id: MovementId(Uuid::new_v4()),
            session_id: session,
            kind,
            amount: cash.parse()?,
            reason: "test".to_owned(),
            note: String::new(),
            reference: String::new(),
            reverses: None,
            by_name: String::new(),
            recorded_at: jiff::Timestamp::now(),
            sent_at: None,
        };
        self.server.record_movement(&movement, self.staff.user_id).await?;
        Ok(())
    }
}

pub(crate) fn key() -> IntentKey {
    IntentKey(Uuid::new_v4())
}

pub(crate) fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(crate) fn count(session: SessionId, pieces: &[(&str, u32)]) -> CountIntent {
    let pieces = pieces.iter().map(|(value, count)| Pieces { value: amount(value), count: *count });
    let tally = Tally::Pieces { pieces: pieces.collect() };
    CountIntent {
        id: CountId(Uuid::new_v4()),
        session_id: session,
        vendor_id: None,
        kind: CountKind::Closing,
        amount: tally.total("USD").unwrap().unwrap(),
        tally,
        counted_at: jiff::Timestamp::now(),
    }
}

pub(crate) fn close(count: Option<CountId>, reason: &str) -> CloseIntent {
    CloseIntent { key: key(), count_id: count, reason: reason.to_owned(), left_in_drawer: None }
}

fn code<T>(answer: std::result::Result<T, Fault>) -> Option<Code> {
    answer.err().map(|fault| fault.code)
}

pub(crate) fn cash(report: &Report) -> (Option<Amount>, Counted) {
    let line = report.tenders.iter().find(|line| line.tender == Tender::Cash).unwrap();
    (line.expected, line.counted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_approved_and_closed_once_whoever_asks_how_often() -> Result<()> {
    let store = Store::open()?;
    let [manager, ana, ben] = [2, 0, 1].map(|at| &DEMO_ACCOUNTS[at]);
    let (mara, ana, ben) =
        (store.sign_in(manager).await?, store.sign_in(ana).await?, store.sign_in(ben).await?);
    assert!(mara.staff.role == Role::Manager && ana.staff.role == Role::Cashier);
    let register = store.register().await?;
    let (session, _) = ana.open(register, "200.00").await?;
    let id = session.id;
    assert_eq!(ben.open(register, "150.00").await?.1, SessionOutcome::Joined);
    ana.record(id, MovementKind::PayIn, "55.50").await?;
    ben.record(id, MovementKind::SafeDrop, "20.00").await?;
    let x = mara.server.x_report(id).await?;
    assert_eq!(cash(&x), (Some(amount("235.50")), Counted::NotCounted));
    assert_eq!(cash(&ana.server.x_report(id).await?).0, None, "a cashier does not see it before the count");

    // One counts; the other is told who, and only whoever announced it, or a manager, ends it.
    let (hold, other) = (key(), key());
    let counting = ana.server.begin_count(hold, id, false).await?;
    assert_eq!(ana.server.begin_count(hold, id, false).await?.counting, counting.counting, "the same again");
    assert_eq!(code(ben.server.begin_count(other, id, false).await), Some(Code::CountInProgress));
    assert_eq!(code(ben.server.abandon_count(other, id).await), Some(Code::CountInProgress));
    assert_eq!(ana.server.abandon_count(hold, id).await?.counting, None);
    let late = ben.server.begin_count(other, id, false).await;
    assert_eq!(code(late), Some(Code::KeyReused), "what was refused does not come true later");
    ana.server.begin_count(key(), id, false).await?;
    let taken = mara.server.begin_count(key(), id, true).await?;
    assert_eq!(taken.counting.map(|by| by.by_name).as_deref(), Some("Mara"));
    let back = ana.server.begin_count(key(), id, true).await;
    assert_eq!(code(back), Some(Code::CountInProgress), "a manager's count is not a cashier's to take over");

    let first = ana.server.commit_count(&count(id, &[("100", 2), ("0.25", 2)])).await?;
    assert_eq!((first.expected, first.needs), (Some(amount("235.50")), Needs::Approval));
    let again = count(id, &[("100", 2), ("5", 1), ("0.50", 1)]);
    let second = ana.server.commit_count(&again).await?;
    assert_eq!(ana.server.commit_count(&again).await?, second, "an attempt is kept once");

    let asked = close(Some(second.id), "a note was missing");
    assert_eq!(code(ana.server.close_session(id, &asked).await), Some(Code::ApprovalRequired));
    let wrong = ana.server.approve_count(manager.email, &"wrong".into(), second.id, "").await;
    assert_eq!(code(wrong), Some(Code::WrongPassword));
    let cashier = &DEMO_ACCOUNTS[1];
    let cashier = ana.server.approve_count(cashier.email, &cashier.password.into(), second.id, "").await;
    assert_eq!(code(cashier), Some(Code::ManagerRequired));
    let approver =
        ana.server.approve_count(manager.email, &manager.password.into(), second.id, "seen").await?;
    assert_eq!(approver.display_name, "Mara");
    let still = ana.server.resume_login().await?.map(|staff| staff.user_id);
    assert_eq!(still, Some(ana.staff.user_id), "the cashier's own login is not touched");
    let no_reason = CloseIntent { reason: String::new(), ..asked.clone() };
    assert_eq!(code(ana.server.close_session(id, &no_reason).await), Some(Code::ReasonRequired));

    // Twenty at once with one key: one Z report, told twenty times.
    let ana = Arc::new(ana);
    let everybody = Arc::new(Barrier::new(20));
    let mut closes = JoinSet::new();
    for _ in 0..20 {
        let (ana, asked, everybody) = (Arc::clone(&ana), asked.clone(), Arc::clone(&everybody));
        closes.spawn(async move {
            everybody.wait().await;
            ana.server.close_session(id, &asked).await
        });
    }
    let mut sheets = Vec::new();
    while let Some(closed) = closes.join_next().await {
        let Closed::Here(report) = closed?? else { return Err("closed by somebody else".into()) };
        sheets.push(report);
    }
    let z = sheets.pop().unwrap();
    assert!(sheets.len() == 19 && sheets.iter().all(|sheet| *sheet == z), "twenty alike");
    let stored = store.rest.rows(&format!("/rest/v1/pos_z_reports?session_id=eq.{id}")).await?;
    assert_eq!(stored.len(), 1);

    assert_eq!(cash(&z).0, cash(&x).0, "X and Z agree to the cent");
    assert_eq!(cash_by_the_ledger(&z).map(Amount::from), cash(&x).0, "and with the ledger");
    let short = Counted::Counted { amount: amount("205.50"), difference: Some(amount("-30.00").into()) };
    assert_eq!(cash(&z).1, short);
    let settlement = z.settlement().unwrap();
    assert_eq!(settlement.approved_by_name.as_deref(), Some("Mara"));
    assert_eq!(settlement.closed_by_name.as_deref(), Some("Ana"), "both names are kept");
    assert_eq!(z.counts.iter().filter(|one| one.kind == CountKind::Closing).count(), 2, "every attempt");
    assert!(z.participants.iter().any(|person| person.name == "Ben"));

    let copy = ben.server.z_report(id).await?;
    assert!(copy.settlement().unwrap().copy);
    assert_eq!(cash(&copy), cash(&z));
    let other_key = close(Some(second.id), "again");
    assert_eq!(ben.server.close_session(id, &other_key).await?, Closed::Elsewhere);
    assert_eq!(ben.server.whole_session(id).await?.status, SessionStatus::Closed);
    Ok(())
}

/// Whatever was recorded, the device's own sum, the X, the count, the close and the Z say the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_ledger_comes_to_the_same_everywhere() -> Result<()> {
    const KINDS: [MovementKind; 5] = [
        MovementKind::PayIn,
        MovementKind::PayOut,
        MovementKind::SafeDrop,
        MovementKind::FloatTopUp,
        MovementKind::NoSale,
    ];
    let store = Store::open()?;
    let (mara, ana) = (store.sign_in(&DEMO_ACCOUNTS[2]).await?, store.sign_in(&DEMO_ACCOUNTS[0]).await?);
    let register = store.register().await?;
    for seed in 0..8 {
        let mut chance = fastrand::Rng::with_seed(seed);
        let mut cents = || Decimal::new(chance.i64(1..50_000), 2);
        let float = cents();
        let session = ana.open(register, &float.to_string()).await?.0.id;
        let mut own = float;
        for at in 0..12 {
            let kind = KINDS[at % KINDS.len()];
            let money = if kind.has_amount() { cents() } else { Decimal::ZERO };
            mara.record(session, kind, &money.to_string()).await?;
            own += kind.effect(money.into());
        }
        let told = mara.server.movements(session).await?;
        let reversed =
            Movement { id: MovementId(Uuid::new_v4()), reverses: Some(told[0].id), ..told[0].clone() };
        mara.server.record_movement(&reversed, mara.staff.user_id).await?;
        own += reversed.effect();

        let expected = Some(Amount::from(own));
        assert_eq!(cash(&mara.server.x_report(session).await?).0, expected, "seed {seed}: X");
        assert_eq!(
            mara.server.whole_session(session).await?.expected_cash,
            expected,
            "seed {seed}: the look"
        );
        let found = cents();
        let counted = CountIntent {
            tally: Tally::Sum { amount: found.into() },
            amount: found.into(),
            ..count(session, &[("1", 1)])
        };
        let committed = mara.server.commit_count(&counted).await?;
        assert_eq!(committed.expected, expected, "seed {seed}: the count");
        let Closed::Here(z) = mara.server.close_session(session, &close(Some(committed.id), "test")).await?
        else {
            return Err("closed by somebody else".into());
        };
        let off = Some(Amount::from(found - own).into());
        let over_or_short = Counted::Counted { amount: found.into(), difference: off };
        assert_eq!(cash(&z), (expected, over_or_short), "seed {seed}: Z");
        assert_eq!(cash_by_the_ledger(&z), Some(own), "seed {seed}: the sheet adds up");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_is_ended_now_and_counted_later_from_the_board() -> Result<()> {
    let store = Store::open()?;
    let (mara, ana) = (store.sign_in(&DEMO_ACCOUNTS[2]).await?, store.sign_in(&DEMO_ACCOUNTS[0]).await?);
    let register = store.register().await?;
    let session = ana.open(register, "200.00").await?.0.id;
    assert_eq!(code(ana.server.z_report(session).await), Some(Code::NotClosed));
    assert_eq!(code(ana.server.board(ana.location().id).await), Some(Code::ManagerRequired));
    let whole = ana.server.whole_session(session).await?;
    assert!(whole.devices.iter().any(|device| device.is_here && device.by_name == "Ana"), "{whole:?}");

    let on_board = async || -> Result<onetill_core::board::BoardRegister> {
        let board = mara.server.board(ana.location().id).await?;
        Ok(board.registers.into_iter().find(|one| one.id == register).ok_or("not on the board")?)
    };
    assert_eq!(on_board().await?.state, BoardState::Open);
    ana.server.begin_count(key(), session, false).await?;
    assert_eq!(on_board().await?.state, BoardState::Counting);

    let end = EndIntent { key: key(), how: EndHow::Force, reason: "forgotten".to_owned() };
    assert_eq!(code(ana.server.end_session(session, &end).await), Some(Code::ManagerRequired));
    for _ in 0..2 {
        let ended = mara.server.end_session(session, &end).await?;
        assert!(ended.here && ended.session.status == SessionStatus::Ended, "told alike however often");
        assert_eq!(ended.session.drawer, onetill_core::session::Drawer::Outstanding);
    }
    let late = EndIntent { key: key(), ..end };
    assert!(!mara.server.end_session(session, &late).await?.here);
    let row = on_board().await?;
    assert_eq!((row.state, row.uncounted.len()), (BoardState::EndedUncounted, 1));

    let committed = mara.server.commit_count(&count(session, &[("100", 2)])).await?;
    assert_eq!(committed.needs, Needs::Nothing);
    let Closed::Here(z) = mara.server.close_session(session, &close(Some(committed.id), "")).await? else {
        return Err("closed by somebody else".into());
    };
    let found = Counted::Counted { amount: amount("200.00"), difference: Some(amount("0.00").into()) };
    assert_eq!(cash(&z).1, found);

    // The next one is never counted: that is a result of its own.
    let session = ana.open(register, "200.00").await?.0.id;
    let later = EndIntent { key: key(), how: EndHow::CountLater, reason: String::new() };
    assert!(ana.server.end_session(session, &later).await?.here);
    assert_eq!(code(mara.server.close_session(session, &close(None, "")).await), Some(Code::ReasonRequired));
    let Closed::Here(z) = mara.server.close_session(session, &close(None, "drawer was stolen")).await? else {
        return Err("closed by somebody else".into());
    };
    assert_eq!(cash(&z).1, Counted::NotCounted);
    let told = mara.server.whole_session(session).await?;
    assert_eq!(told.drawer, onetill_core::session::Drawer::NotCounted);

    let day = mara.server.day(ana.location().id, None).await?;
    let numbers: Vec<u64> = day
        .z_reports
        .iter()
        .filter(|report| report.register_id == register)
        .filter_map(|report| report.settlement().map(|settled| settled.z_number))
        .collect();
    assert_eq!(numbers, [1, 2], "every Z of the day, without a gap");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_unused_shift_is_cancelled() -> Result<()> {
    let store = Store::open()?;
    let ana = store.sign_in(&DEMO_ACCOUNTS[0]).await?;
    let register = store.register().await?;
    let session = ana.open(register, "200.00").await?.0.id;
    let cancel = EndIntent { key: key(), how: EndHow::Cancel, reason: "wrong register".to_owned() };
    for _ in 0..2 {
        let over = ana.server.end_session(session, &cancel).await?;
        assert!(over.here && over.session.status == SessionStatus::Cancelled);
    }
    let used = ana.open(register, "200.00").await?.0.id;
    ana.record(used, MovementKind::PayOut, "1.00").await?;
    let cancel = EndIntent { key: key(), ..cancel };
    assert_eq!(code(ana.server.end_session(used, &cancel).await), Some(Code::SessionNotEmpty));
    Ok(())
}

/// Float, cash sales and movements of a report added up: what the drawer should hold, by another way than the server's.
/// `None` where one of them is not known.
fn cash_by_the_ledger(report: &Report) -> Option<Decimal> {
    let start = report.opening_cash?.decimal() + report.totals.total_cash.decimal();
    report.movements.iter().try_fold(start, |sum, movement| Some(sum + movement.effect?.decimal()))
}
