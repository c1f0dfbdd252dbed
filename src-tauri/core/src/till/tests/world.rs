//! A server, a store and a display made of plain memory, so that every order of events can be written down.

use super::{office::Office, press::BenchTill, shop::Shop};
use crate::{
    Amount, Fault, Location, LocationId, Movement, OpenIntent, Opened, Register, RegisterId, RegisterStatus,
    Role, Session, SessionId, SessionOutcome, SessionStatus, Staff, Till, UserId, VendorId,
    lock::Person,
    ports::{DeviceStore, Ledger, PersistedState, Recorded, Seen, Server, Shell, World, Write},
    session::{Drawer, Totals},
    view::{Screen, Snapshot},
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};
use uuid::Uuid;

/// What everybody shares: answers that wait to be given, calls that were made, and the file.
#[derive(Default)]
pub(super) struct Table {
    pub(super) logins: VecDeque<Result<Option<Staff>, Fault>>,
    pub(super) confirms: VecDeque<Result<Option<Staff>, Fault>>,
    pub(super) people: Vec<Person>,
    pub(super) lists: VecDeque<Result<Vec<Register>, Fault>>,
    pub(super) opens: VecDeque<Result<Opened, Fault>>,
    pub(super) looks: VecDeque<Result<Seen, Fault>>,
    pub(super) records: VecDeque<Result<(), Fault>>,
    pub(super) ledger: Vec<Movement>,
    /// The float of a session whose looks tell what the ledger says, where nothing else is scripted.
    pub(super) tells_expected: Option<Amount>,
    pub(super) asked: Vec<OpenIntent>,
    pub(super) file: PersistedState,
    pub(super) writes: usize,
    pub(super) disk_full: bool,
    /// The server takes an open and never answers.
    pub(super) silent: bool,
    /// The project has only an earlier database part.
    pub(super) older: bool,
    pub(super) now: i64,
    pub(super) ahead: Option<SignedDuration>,
    pub(super) ids: u128,
    serial: u64,
    pub(super) shown: Vec<Snapshot>,
    /// How often the drawer was opened, and a poll was wanted at once.
    pub(super) drawer_opened: usize,
    pub(super) polls_wanted: usize,
    /// The half of the server that counts and settles.
    pub(super) office: Office,
    /// The half that sells.
    pub(super) shop: Shop,
}

#[derive(Clone, Default)]
pub(super) struct Bench(pub(super) Arc<Mutex<Table>>);

impl Bench {
    pub(super) fn set<T>(&self, change: impl FnOnce(&mut Table) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// Starts the program on what the file holds.
    pub(super) fn start(&self) -> BenchTill {
        let till =
            Till::open("shop.example", self.clone(), self.clone(), self.clone(), self.clone()).unwrap();
        BenchTill { till, bench: self.clone() }
    }

    pub(super) fn screen(&self) -> Screen {
        self.set(|table| table.shown.last().expect("something was shown").screen.clone())
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.set(|table| table.shown.last().and_then(|snapshot| snapshot.fault.clone()))
    }
}

impl Server for Bench {
    async fn sign_in(&self, _email: &str, _password: &SecretString) -> Result<Staff, Fault> {
        self.resume_login().await.map(|staff| staff.expect("a scripted person"))
    }

    async fn confirm(&self, _who: UserId, _password: &SecretString) -> Result<Option<Staff>, Fault> {
        if self.set(|table| table.silent) {
            std::future::pending::<()>().await;
        }
        self.set(|table| table.confirms.pop_front().expect("a scripted password"))
    }

    fn people(&self) -> Vec<Person> {
        self.set(|table| table.people.clone())
    }

    async fn resume_login(&self) -> Result<Option<Staff>, Fault> {
        self.set(|table| table.logins.pop_front().expect("a scripted login"))
    }

    async fn sign_out(&self) {}

    fn is_older(&self) -> bool {
        self.set(|table| table.older)
    }

    fn login_is_kept(&self) -> bool {
        true
    }

    async fn warm(&self) {}

    fn ahead(&self) -> Option<SignedDuration> {
        self.set(|table| table.ahead)
    }

    async fn registers(&self, _location: LocationId) -> Result<Vec<Register>, Fault> {
        self.set(|table| table.lists.pop_front().unwrap_or_else(|| Ok(vec![register(1, None)])))
    }

    async fn open_session(&self, intent: &OpenIntent) -> Result<Opened, Fault> {
        if self.set(|table| table.silent) {
            std::future::pending::<()>().await;
        }
        self.set(|table| {
            assert_eq!(
                table.file.intent.as_ref(),
                Some(intent),
                "the intent is on disk before the request leaves"
            );
            table.asked.push(intent.clone());
            table.opens.pop_front().expect("a scripted answer")
        })
    }

    async fn session(
        &self,
        id: SessionId,
        known_revision: i64,
        last_receipt: Option<u64>,
    ) -> Result<Seen, Fault> {
        self.set(|table| table.shop.told = last_receipt.or(table.shop.told));
        self.set(|table| match table.looks.pop_front() {
            Some(scripted) => scripted,
            None if table.tells_expected.is_some() && table.revision() != known_revision => {
                let expected_cash = table.expected();
                let told = session(SessionStatus::Open, table.now, table.revision());
                Ok(Seen::Session(Box::new(Session { expected_cash, ..told })))
            }
            None => table.office.look(id, known_revision),
        })
    }
}

impl Ledger for Bench {
    async fn record_movement(&self, movement: &Movement, _recorded_by: UserId) -> Result<Recorded, Fault> {
        self.set(|table| {
            let waits = table.file.queue.iter().any(|entry| entry.movement() == Some(movement));
            assert!(waits, "an entry is on disk before it is sent");
            let answer = table.records.pop_front().unwrap_or(Ok(()));
            // A lost answer is one whose request ran.
            let ran = answer.as_ref().err().is_none_or(|fault| fault.retry == crate::Retry::OutcomeUnknown);
            if ran && !table.ledger.iter().any(|known| known.id == movement.id) {
                table.ledger.push(movement.clone());
            }
            let revision = table.revision();
            answer.map(|()| Recorded { movement: movement.clone(), revision })
        })
    }

    async fn movements(&self, _session: SessionId) -> Result<Vec<Movement>, Fault> {
        Ok(self.set(|table| table.ledger.clone()))
    }
}

impl Table {
    /// What the server expects in the drawer.
    pub(super) fn expected(&self) -> Option<Amount> {
        let movements = self.ledger.iter().map(Movement::effect);
        let sales = self.shop.sales.iter().map(|sale| sale.totals.net_cash.decimal());
        let effects = movements.chain(sales);
        self.tells_expected
            .map(|float| Amount::from(float.decimal() + effects.sum::<rust_decimal::Decimal>()))
    }

    /// The session's revision, which every movement and every sale raises.
    pub(super) fn revision(&self) -> i64 {
        let sales = self.shop.sales.iter().filter(|sale| sale.kind != crate::SaleKind::Discard).count();
        1 + i64::try_from(self.ledger.len() + sales).unwrap()
    }
}

impl DeviceStore for Bench {
    fn load(&self) -> Result<PersistedState, Fault> {
        Ok(self.set(|table| table.file.clone()))
    }

    fn save(&self, writes: &[Write]) -> Result<(), Fault> {
        self.set(|table| {
            if table.disk_full {
                return Err(Fault::new(crate::Code::StoreFailed, "disk full"));
            }
            table.writes += 1;
            for write in writes {
                table.file.apply(write);
            }
            Ok(())
        })
    }
}

impl World for Bench {
    fn now(&self) -> Timestamp {
        self.set(|table| Timestamp::from_second(table.now).unwrap())
    }

    fn new_id(&self) -> Uuid {
        self.set(|table| {
            table.ids += 1;
            Uuid::from_u128(table.ids)
        })
    }

    fn next_serial(&self) -> u64 {
        self.set(|table| {
            table.serial += 1;
            table.serial
        })
    }
}

impl Shell for Bench {
    fn show(&self, snapshot: Snapshot) {
        self.set(|table| table.shown.push(snapshot));
    }

    fn open_drawer(&self) {
        self.set(|table| table.drawer_opened += 1);
    }

    fn poll_now(&self) {
        self.set(|table| table.polls_wanted += 1);
    }
}

pub(super) fn location() -> Location {
    Location {
        id: LocationId(Uuid::from_u128(3)),
        name: "Main Street".into(),
        timezone: "UTC".into(),
        currency: "EUR".into(),
        business_day_cutoff: "04:00".into(),
        variance_tolerance: None,
        variance_limit: None,
        movement_limits: BTreeMap::new(),
        reasons: BTreeMap::new(),
        difference_reasons: None,
    }
}

pub(super) fn staff(vendor: u128) -> Staff {
    Staff {
        user_id: UserId(Uuid::from_u128(5)),
        vendor_id: VendorId(Uuid::from_u128(vendor)),
        vendor_name: "Demo".into(),
        display_name: "Ana".into(),
        role: Role::Cashier,
        locations: vec![location()],
    }
}

pub(super) fn register(number: u128, open_session: Option<Session>) -> Register {
    Register {
        id: RegisterId(Uuid::from_u128(number)),
        location_id: location().id,
        register_number: format!("REG-{number}"),
        register_name: "Front counter".into(),
        status: RegisterStatus::Active,
        suggested_opening_cash: "200.00".parse().unwrap(),
        open_session,
    }
}

pub(super) fn session(status: SessionStatus, opened_at: i64, revision: i64) -> Session {
    Session {
        id: SessionId(Uuid::from_u128(6)),
        session_number: "REG-1-000001".into(),
        register_id: register(1, None).id,
        location_id: location().id,
        vendor_id: staff(4).vendor_id,
        opener_id: None,
        opener_name: Some("Ben".into()),
        status,
        opening_cash: "200.00".parse().unwrap(),
        opened_at: Timestamp::from_second(opened_at).unwrap(),
        business_date: None,
        revision,
        totals: Totals::default(),
        expected_cash: None,
        ended_by_name: None,
        closed_at: None,
        counting: None,
        drawer: Drawer::Outstanding,
        close_kind: None,
        end_reason: None,
        devices: Vec::new(),
    }
}

pub(super) fn opened(outcome: SessionOutcome, opened_at: i64) -> Opened {
    Opened { session: session(SessionStatus::Open, opened_at, 1), outcome }
}
