//! The half of the server that counts and settles, as a small model of one session: it does what the database
//! promises, and fails where a test says so, with or without having done it.

use super::world::{Bench, location, register, session, staff};
use crate::{
    Amount, Code, CountId, Difference, Fault, IntentKey, LocationId, Report, Retry, Role, SaleId, Session,
    SessionId, SessionStatus, Staff,
    board::{Board, BoardRegister, Day, state_of},
    closing::{CloseIntent, EndHow, EndIntent},
    count::{Count, CountIntent, Needs},
    ports::{CashUp, Closed, Ended, Managing, Reports, Seen},
    report::{Counted, Settlement, Sheet, Tender, TenderLine},
    sales_sheet::{FlaggedEntry, SaleFlag, SettledFlag},
    session::{CloseKind, CountingBy, Drawer},
};
use jiff::{Timestamp, civil};
use secrecy::SecretString;
use std::collections::VecDeque;

/// The model.
#[derive(Default)]
pub(super) struct Office {
    /// The session, once it counts or settles; until then looks are scripted.
    pub(super) session: Option<Session>,
    /// What should be in the drawer.
    pub(super) expected: Option<Amount>,
    /// What is still to fail, call by call; `None` lets one through. An unknown outcome has run.
    pub(super) faults: VecDeque<Option<Fault>>,
    /// Every call that arrived, in words.
    pub(super) calls: Vec<String>,
    pub(super) counts: Vec<CountIntent>,
    pub(super) approved: Vec<CountId>,
    pub(super) flags: Vec<FlaggedEntry>,
    pub(super) close: Option<CloseIntent>,
    pub(super) end: Option<EndIntent>,
    counting_key: Option<IntentKey>,
    /// The keys that began a count; none begins another.
    count_keys: Vec<IntentKey>,
    clock: i64,
}

impl Office {
    /// The session of the tests, with this much in the drawer by the ledger.
    pub(super) fn opened(expected: &str) -> Self {
        Self {
            session: Some(session(SessionStatus::Open, super::NOON, 1)),
            expected: Some(expected.parse().unwrap()),
            ..Self::default()
        }
    }

    pub(super) fn look(&self, id: SessionId, known: i64) -> Result<Seen, Fault> {
        match &self.session {
            Some(session) if session.id == id && session.revision != known => {
                Ok(Seen::Session(Box::new(session.clone())))
            }
            _ => Ok(Seen::Unchanged),
        }
    }

    /// Somebody at another device begins to count, or `None` gives it up.
    pub(super) fn counted_elsewhere(&mut self, by_name: Option<&str>) {
        self.clock += 1;
        let since = Timestamp::from_second(super::NOON + 1000 + self.clock).unwrap();
        self.counting_key = None;
        self.change(|session| {
            session.counting = by_name.map(|name| CountingBy { by_id: None, by_name: name.into(), since });
        });
    }

    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut Session) -> T) -> T {
        let session = self.session.as_mut().expect("a session");
        session.revision += 1;
        change(session)
    }

    fn call<T>(&mut self, what: &str, act: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.calls.push(what.to_owned());
        match self.faults.pop_front().flatten() {
            Some(fault) if fault.retry == Retry::OutcomeUnknown => act(self).and(Err(fault)),
            Some(fault) => Err(fault),
            None => act(self),
        }
    }

    fn require_open(&self) -> Result<Session, Fault> {
        let session = self.session.clone().expect("a session");
        if session.status == SessionStatus::Open {
            Ok(session)
        } else {
            Err(Fault::new(Code::SessionOver, "POS_SESSION_OVER"))
        }
    }

    fn report(&self, close: &CloseIntent) -> Report {
        let session = self.session.clone().expect("a session");
        let counted = self.counts.iter().find(|count| Some(count.id) == close.count_id);
        Report {
            sheet: Sheet::Z(Box::new(Settlement {
                z_number: 1,
                copy: false,
                closed_at: Timestamp::from_second(super::NOON + 5000).unwrap(),
                closed_by_name: Some("Ana".into()),
                ended_at: None,
                ended_by_name: None,
                end_reason: None,
                close_kind: CloseKind::Normal,
                reason: Some(close.reason.clone()),
                approved_by_name: None,
                left_in_drawer: close.left_in_drawer,
                taken_out: None,
            })),
            session_id: session.id,
            session_number: session.session_number,
            register_id: session.register_id,
            register_number: "REG-1".into(),
            register_name: String::new(),
            location_name: location().name,
            vendor_name: "Demo".into(),
            timezone: location().timezone,
            currency: location().currency,
            business_date: None,
            opened_at: session.opened_at,
            opener_name: None,
            opening_cash: Some(session.opening_cash),
            totals: session.totals,
            selling: None,
            tenders: vec![TenderLine {
                tender: Tender::Cash,
                sales: Amount::ZERO,
                expected: self.expected,
                counted: counted.map_or(Counted::NotCounted, |count| Counted::Counted {
                    amount: count.amount,
                    difference: self.expected.map(|expected| Difference::of(count.amount, expected)),
                }),
            }],
            movements: Vec::new(),
            participants: Vec::new(),
            counts: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn needs(&self, count: &CountIntent) -> Needs {
        let off = self.expected.map(|expected| Difference::of(count.amount, expected).size().decimal());
        match off {
            Some(off) if off > 20.into() && !self.approved.contains(&count.id) => Needs::Approval,
            Some(off) if off > 2.into() => Needs::Reason,
            _ => Needs::Nothing,
        }
    }
}

impl CashUp for Bench {
    async fn begin_count(&self, key: IntentKey, _: SessionId, take_over: bool) -> Result<Session, Fault> {
        self.on_disk("begin");
        self.set(|table| {
            table.office.call("begin", |office| {
                let session = office.require_open()?;
                if office.counting_key != Some(key) {
                    if session.counting.is_some() && !take_over {
                        office.count_keys.push(key);
                        return Err(Fault::new(Code::CountInProgress, "POS_COUNT_IN_PROGRESS"));
                    }
                    if office.count_keys.contains(&key) {
                        return Err(Fault::new(Code::KeyReused, "POS_KEY_REUSED"));
                    }
                    office.counted_elsewhere(Some("Ana"));
                    office.counting_key = Some(key);
                    office.count_keys.push(key);
                }
                office.require_open()
            })
        })
    }

    async fn abandon_count(&self, key: IntentKey, _: SessionId) -> Result<Session, Fault> {
        self.on_disk("abandon");
        self.set(|table| {
            table.office.call("abandon", |office| {
                if office.counting_key.is_some_and(|held| held != key) {
                    return Err(Fault::new(Code::CountInProgress, "POS_COUNT_IN_PROGRESS"));
                }
                office.counted_elsewhere(None);
                Ok(office.session.clone().expect("a session"))
            })
        })
    }

    async fn commit_count(&self, count: &CountIntent) -> Result<Count, Fault> {
        self.set(|table| {
            let kept =
                table.file.counts.iter().any(|kept| kept.id == count.id) || table.file.closing.is_some();
            assert!(kept, "a count is on disk before it is sent");
            table.office.call("commit", |office| {
                if !office.counts.iter().any(|known| known.id == count.id) {
                    office.counts.push(count.clone());
                }
                Ok(Count {
                    id: count.id,
                    amount: count.amount,
                    expected: office.expected,
                    needs: office.needs(count),
                    approved_by: None,
                })
            })
        })
    }

    async fn close_session(&self, _: SessionId, close: &CloseIntent) -> Result<Closed, Fault> {
        self.on_disk("close");
        self.set(|table| {
            table.office.call("close", |office| {
                if let Some(before) = &office.close {
                    let same = before.key == close.key;
                    return Ok(if same {
                        Closed::Here(Box::new(office.report(before)))
                    } else {
                        Closed::Elsewhere
                    });
                }
                let count = office.counts.iter().find(|count| Some(count.id) == close.count_id).cloned();
                match count.as_ref().map(|count| office.needs(count)) {
                    Some(Needs::Approval) => {
                        return Err(Fault::new(Code::ApprovalRequired, "over the limit"));
                    }
                    Some(Needs::Reason) if close.reason.is_empty() => {
                        return Err(Fault::new(Code::ReasonRequired, "beyond the tolerance"));
                    }
                    _ => {}
                }
                office.change(|session| {
                    session.status = SessionStatus::Closed;
                    session.drawer = match count {
                        Some(count) => Drawer::Counted { amount: count.amount, difference: None },
                        None => Drawer::NotCounted,
                    };
                });
                office.close = Some(close.clone());
                Ok(Closed::Here(Box::new(office.report(close))))
            })
        })
    }

    async fn end_session(&self, _: SessionId, end: &EndIntent) -> Result<Ended, Fault> {
        self.on_disk("end");
        self.set(|table| {
            table.office.call("end", |office| {
                let status = office.session.as_ref().expect("a session").status;
                if status == SessionStatus::Open {
                    let over = if end.how == EndHow::Cancel {
                        SessionStatus::Cancelled
                    } else {
                        SessionStatus::Ended
                    };
                    office.change(|session| session.status = over);
                    office.end = Some(end.clone());
                }
                let here = office.end.as_ref().is_some_and(|before| before.key == end.key);
                Ok(Ended { here, session: office.session.clone().expect("a session") })
            })
        })
    }

    async fn whole_session(&self, _: SessionId) -> Result<Session, Fault> {
        self.set(|table| table.office.session.clone().ok_or_else(super::unreachable))
    }
}

impl Managing for Bench {
    async fn board(&self, _: LocationId) -> Result<Board, Fault> {
        self.set(|table| {
            let session = table.office.session.clone();
            let open = session.clone().filter(|session| session.status == SessionStatus::Open);
            let uncounted: Vec<Session> =
                session.into_iter().filter(|session| session.status == SessionStatus::Ended).collect();
            let of = register(1, None);
            Ok(Board {
                business_date: None,
                registers: vec![BoardRegister {
                    id: of.id,
                    register_number: of.register_number,
                    register_name: of.register_name,
                    status: of.status,
                    state: state_of(of.status, open.as_ref(), &uncounted),
                    offline_since: None,
                    open_session: open,
                    open_seconds: None,
                    uncounted,
                    last_close: None,
                    receipts: Vec::new(),
                    flags: table.office.flags.iter().filter(|it| it.settled.is_none()).cloned().collect(),
                    other_clients: None,
                }],
            })
        })
    }

    async fn day(&self, _: LocationId, date: Option<civil::Date>) -> Result<Day, Fault> {
        let business_date = date.unwrap_or(civil::date(2024, 10, 4));
        Ok(Day {
            business_date,
            z_reports: Vec::new(),
            uncounted: Vec::new(),
            open: Vec::new(),
            selling: None,
            flags: self.set(|table| table.office.flags.clone()),
        })
    }

    async fn settle_flag(&self, sale_id: SaleId, flag: SaleFlag, note: &str) -> Result<SettledFlag, Fault> {
        self.set(|table| {
            if let Some(Some(fault)) = table.office.faults.pop_front() {
                return Err(fault);
            }
            let at = Timestamp::from_second(table.now).unwrap();
            let settled = SettledFlag { by_name: "Mara".into(), at, note: note.to_owned() };
            let of = |one: &&mut FlaggedEntry| (one.entry.id, one.flag) == (sale_id, flag);
            if let Some(one) = table.office.flags.iter_mut().find(of) {
                one.settled = Some(settled.clone());
            }
            Ok(settled)
        })
    }

    async fn verify_manager(&self, email: &str, _: &SecretString) -> Result<Staff, Fault> {
        let role = if email.starts_with("mara") { Role::Manager } else { Role::Cashier };
        Ok(Staff { role, display_name: "Mara".into(), ..staff(4) })
    }

    async fn approve_count(
        &self,
        email: &str,
        password: &SecretString,
        count: CountId,
        _: &str,
    ) -> Result<Staff, Fault> {
        let manager = self.verify_manager(email, password).await?;
        if !manager.role.manages() {
            return Err(Fault::new(Code::ManagerRequired, "POS_MANAGER_REQUIRED"));
        }
        self.set(|table| table.office.approved.push(count));
        Ok(manager)
    }
}

impl Reports for Bench {
    async fn x_report(&self, _: SessionId) -> Result<Report, Fault> {
        Err(Fault::new(Code::NoAnswer, "not scripted"))
    }

    async fn z_report(&self, _: SessionId) -> Result<Report, Fault> {
        self.set(|table| match &table.office.close {
            Some(close) => Ok(table.office.report(close)),
            None => Err(Fault::new(Code::NotClosed, "POS_NOT_CLOSED")),
        })
    }
}

impl Bench {
    /// What is asked is on disk before its request leaves.
    fn on_disk(&self, what: &str) {
        self.set(|table| {
            let asked = table.file.closing.as_ref().is_some_and(|closing| closing.step.is_asked());
            assert!(asked, "{what} is on disk before its request leaves");
        });
    }
}
