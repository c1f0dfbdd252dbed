//! The server as a model: what the functions of the database promise, and nothing of how they do it. The slow mode asks
//! the real ones the same in the same order, and compares every answer.
//!
//! Invariant: what was asked with a key or an id is done once and answered alike ever after.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onetill_core::{
    Amount, Code, CountId, Difference, EntryContent, EntryId, Fault, IntentKey, Location, LocationId,
    Movement, OpenIntent, Opened, Register, RegisterId, RegisterStatus, Report, Session, SessionId,
    SessionOutcome, SessionStatus, Staff, UserId,
    board::{Board, BoardRegister, Day, state_of},
    closing::{CloseIntent, EndHow, EndIntent, Step},
    count::{Count, CountIntent, CountKind, Needs},
    ports::{Closed, Ended, Recorded, Seen},
    report::{Counted, Settlement, Sheet, Tender, TenderLine},
    session::{CloseKind, CountingBy, Drawer, Totals},
    till::{Answer, Call},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{books::Figure, items::Kept, ledger::Sold, plants::Plant, shelf::Shop};

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) email: String,
    pub(crate) staff: Staff,
}

/// A register as the shop set it up.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) register: Register,
    pub(crate) location: Location,
    /// Whose it is.
    pub(crate) vendor: onetill_core::VendorId,
}

/// Everything on record.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    pub(crate) now: Timestamp,
    /// How long a call takes.
    pub(crate) tick: SignedDuration,
    pub(crate) people: Vec<Member>,
    pub(crate) places: Vec<Place>,
    pub(crate) sessions: Vec<SessionRow>,
    pub(crate) joins: Vec<Join>,
    pub(crate) ledger: Vec<MovementRow>,
    pub(crate) counts: Vec<CountRow>,
    pub(crate) kept: Kept,
    pub(crate) sold: Sold,
    pub(crate) shops: Vec<Shop>,
    /// What the figure of a session was at each of its revisions.
    pub(crate) figures: BTreeMap<(SessionId, i64), Figure>,
    /// Who was heard of in which open session.
    seen: Vec<(SessionId, UserId)>,
    /// The id that the real server gave to the session that comes next.
    pub(crate) next_session: Option<SessionId>,
    pub(crate) plant: Option<Plant>,
}

#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    /// With its own revision; what was written under it raises the one that is told.
    pub(crate) session: Session,
    pub(crate) key: IntentKey,
    pub(crate) counting_key: Option<IntentKey>,
    /// The keys that began a count, or were refused one.
    count_keys: Vec<IntentKey>,
    pub(crate) end_key: Option<IntentKey>,
    pub(crate) close_key: Option<IntentKey>,
    pub(crate) over_at: Option<Timestamp>,
    pub(crate) report: Option<Report>,
}

#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) session: SessionId,
    pub(crate) key: IntentKey,
    user: UserId,
}

#[derive(Clone, Debug)]
pub(crate) struct MovementRow {
    pub(crate) movement: Movement,
    by: UserId,
}

#[derive(Clone, Debug)]
pub(crate) struct CountRow {
    pub(crate) session: SessionId,
    pub(crate) id: CountId,
    pub(crate) kind: CountKind,
    pub(crate) amount: Amount,
    expected: Amount,
    approved_by: Option<(UserId, String)>,
}

pub(crate) type Told<T> = Result<T, Fault>;

pub(crate) fn refused<T>(code: Code) -> Told<T> {
    Err(Fault::new(code, "the server decided so"))
}

impl Records {
    pub(crate) fn new(
        now: Timestamp,
        people: Vec<Member>,
        places: Vec<Place>,
        shops: Vec<Shop>,
        plant: Option<Plant>,
    ) -> Self {
        Self {
            now,
            tick: SignedDuration::from_millis(1),
            people,
            places,
            sessions: Vec::new(),
            joins: Vec::new(),
            ledger: Vec::new(),
            counts: Vec::new(),
            sold: Sold::default(),
            kept: Kept::default(),
            shops,
            figures: BTreeMap::new(),
            seen: Vec::new(),
            next_session: None,
            plant,
        }
    }

    /// What the server does about a call of somebody who is signed in at this device, and says to it.
    pub(crate) fn serve(&mut self, who: UserId, device: Uuid, call: &Call) -> Answer {
        self.now = self.now.checked_add(self.tick).expect("a time");
        let me = self.member(who).staff.clone();
        match call {
            Call::Registers { location, .. } => Answer::Registers(self.registers(&me, *location)),
            Call::OpenSession { intent, .. } => Answer::Opened(self.open(&me, intent)),
            Call::Session { id, known_revision, last_receipt } => {
                let seen = self.see(&me, *id, *known_revision);
                if seen.is_ok() {
                    self.hear_receipts(*id, *last_receipt, device);
                }
                Answer::Seen(seen)
            }
            Call::Chain { session } => Answer::Chain(self.till(&me, *session, device)),
            Call::SellingRules { location } => Answer::Rules(self.rules(&me, *location, None)),
            Call::SaveSellingRules { location, change } => {
                Answer::Rules(self.rules(&me, *location, Some(change)))
            }
            Call::Items { location, text, after } => Answer::Items(self.items(&me, *location, text, *after)),
            Call::AllItems { location, since } => Answer::Items(self.all_items(&me, *location, *since)),
            Call::SaveItem { item, .. } => Answer::ItemSaved(self.save_item(&me, item)),
            Call::ImportItems { items, .. } => Answer::ItemsImported(self.import_items(&me, items)),
            Call::KeptSettings { location } => Answer::KeptSettings(self.kept_settings(&me, *location)),
            Call::SaveQuickKeys { location, page, keys } => {
                Answer::KeptSettings(self.save_quick_keys(&me, *location, *page, keys))
            }
            Call::SaveTax { location, tax, is_removed } => {
                Answer::KeptSettings(self.save_tax(&me, *location, tax, *is_removed))
            }
            Call::Movements { session } => Answer::Movements(self.movements(&me, session.id)),
            Call::RecordEntry { entry, last_receipt } => match &entry.content {
                EntryContent::Movement(movement) => {
                    Answer::Recorded(self.record(&me, movement, entry.recorded_by))
                }
                EntryContent::Sale(sale) => {
                    Answer::SaleRecorded(self.record_sale(&me, sale, *last_receipt, device))
                }
            },
            Call::AskRefund { sale, last_receipt } => {
                Answer::SaleRecorded(self.record_sale(&me, sale, Some(*last_receipt), device))
            }
            Call::FindReceipt { which } => Answer::SaleFound(self.sale(&me, which).map(Box::new)),
            Call::ApproveSale { approvals, .. } => {
                let approved = approvals.iter().try_for_each(|asked| self.approve_sale(&me, asked));
                Answer::Staff(approved.map(|()| Some(me.clone())))
            }
            Call::CommitCount { count } => Answer::Count(self.commit(&me, count)),
            Call::Settle { closing } => self.settle(&me, closing.session.id, &closing.step),
            Call::WholeSession { id } => Answer::Session(self.whole(&me, *id)),
            Call::Board { location, .. } => Answer::Board(self.board(&me, *location)),
            Call::SettleFlag { sale_id, flag, note, .. } => {
                Answer::FlagSettled(self.settle_flag(&me, *sale_id, *flag, note))
            }
            Call::Day { location, date } => Answer::Day(self.day(&me, *location, *date)),
            Call::XReport { session } => Answer::Report(self.x_report(&me, *session)),
            Call::ZReport { session } => Answer::Report(self.z_report(&me, *session)),
            Call::ApproveCount { count, .. } => {
                Answer::Staff(self.approve(&me, *count).map(|()| Some(me.clone())))
            }
            // The login's own, the file's, and the catalogue's, which the world answers.
            Call::VerifyManager { .. }
            | Call::SignIn { .. }
            | Call::ConfirmPassword { .. }
            | Call::ResumeLogin
            | Call::Load(_)
            | Call::Catalogue { .. }
            | Call::AddItem { .. }
            | Call::SignOut
            | Call::Warm => Answer::Done,
        }
    }

    fn settle(&mut self, me: &Staff, session: SessionId, step: &Step) -> Answer {
        match step {
            Step::Beginning(asked) => {
                let begin = asked.what;
                Answer::Session(self.begin_count(me, begin.key, session, begin.take_over))
            }
            Step::Committing(asked) => Answer::Count(self.commit(me, &asked.what)),
            Step::Settling(asked) => Answer::Closed(self.close(me, session, &asked.what)),
            Step::Ending(asked) => Answer::Ended(self.end(me, session, &asked.what)),
            Step::Leaving(hold) => Answer::Session(self.abandon_count(me, hold.key, session)),
            Step::Checklist(_) | Step::Counting(_) | Step::Counted(_) | Step::Done(_) => Answer::Done,
        }
    }

    pub(crate) fn member(&self, who: UserId) -> &Member {
        self.people.iter().find(|member| member.staff.user_id == who).expect("a known person")
    }

    fn name_of(&self, who: UserId) -> String {
        self.member(who).staff.display_name.clone()
    }

    fn location(&self, id: LocationId) -> &Location {
        &self.places.iter().find(|place| place.location.id == id).expect("a known store").location
    }

    fn row(&mut self, id: SessionId) -> &mut SessionRow {
        self.sessions.iter_mut().find(|row| row.session.id == id).expect("a known session")
    }

    /// A session of the caller's own vendor.
    pub(crate) fn require(&self, me: &Staff, id: SessionId) -> Told<SessionRow> {
        let mine = |row: &&SessionRow| row.session.id == id && row.session.vendor_id == me.vendor_id;
        self.sessions.iter().find(mine).cloned().map_or_else(|| refused(Code::SessionNotFound), Ok)
    }

    pub(crate) fn open_on(&self, register: RegisterId) -> Option<&SessionRow> {
        let open = |row: &&SessionRow| {
            row.session.register_id == register && row.session.status == SessionStatus::Open
        };
        self.sessions.iter().find(open)
    }

    /// Float, sales in cash and movements: what the drawer should hold.
    pub(crate) fn expected(&self, session: SessionId) -> Amount {
        let row = self.sessions.iter().find(|row| row.session.id == session).expect("a known session");
        let effects = self.of_session(session).map(|one| one.movement.effect()).sum::<Decimal>();
        let sold = row.session.totals.total_cash.decimal();
        Amount::from(row.session.opening_cash.decimal() + sold + effects)
    }

    pub(crate) fn of_session(&self, session: SessionId) -> impl Iterator<Item = &MovementRow> {
        self.ledger.iter().filter(move |one| one.movement.session_id == session)
    }

    pub(crate) fn revision(&self, session: &Session) -> i64 {
        let counts = self.counts.iter().filter(|count| count.session == session.id);
        let counts = counts.map(|count| 1 + usize::from(count.approved_by.is_some())).sum::<usize>();
        let joins = self.joins.iter().filter(|join| join.session == session.id).count();
        session.revision
            + i64::try_from(self.of_session(session.id).count() + counts + joins).expect("a count")
    }

    /// The session as everybody is told it in a list.
    fn listed(&self, row: &SessionRow) -> Session {
        let session = &row.session;
        Session {
            revision: self.revision(session),
            expected_cash: None,
            drawer: Drawer::Outstanding,
            totals: Totals::default(),
            ..session.clone()
        }
    }

    /// The session as this person is told it in full.
    fn told(&self, me: &Staff, id: SessionId) -> Session {
        let row = self.sessions.iter().find(|row| row.session.id == id).expect("a known session");
        let counted = self.counts.iter().any(|count| count.session == id && count.kind == CountKind::Closing);
        let expected = (me.role.manages() || counted).then(|| self.expected(id));
        Session { revision: self.revision(&row.session), expected_cash: expected, ..row.session.clone() }
    }

    fn registers(&self, me: &Staff, location: LocationId) -> Told<Vec<Register>> {
        let here: Vec<&Place> = self.places.iter().filter(|place| place.location.id == location).collect();
        if here.iter().any(|place| place.vendor != me.vendor_id) {
            return refused(Code::Forbidden);
        }
        Ok(here
            .into_iter()
            .map(|place| {
                let id = place.register.id;
                Register {
                    suggested_opening_cash: self
                        .left_in_drawer(id)
                        .unwrap_or(place.register.suggested_opening_cash),
                    open_session: self.open_on(id).map(|row| self.listed(row)),
                    ..place.register.clone()
                }
            })
            .collect())
    }

    fn left_in_drawer(&self, register: RegisterId) -> Option<Amount> {
        let closed = self
            .sessions
            .iter()
            .rev()
            .find(|row| row.session.register_id == register && row.report.is_some());
        closed?.report.as_ref()?.settlement()?.left_in_drawer
    }

    fn open(&mut self, me: &Staff, intent: &OpenIntent) -> Told<Opened> {
        if self.plant == Some(Plant::ServerForgetsKeys) {
            return self.open_anew(me, intent);
        }
        let opened = self.sessions.iter().find(|row| row.key == intent.key).map(|row| row.session.id);
        let joined = self.joins.iter().find(|join| join.key == intent.key).map(|join| join.session);
        if let Some(id) = opened.or(joined) {
            let session = self.row(id).session.clone();
            if session.vendor_id == me.vendor_id && session.register_id == intent.register_id {
                return Ok(self.opened(me, id, intent));
            }
            return refused(Code::KeyReused);
        }
        self.open_anew(me, intent)
    }

    fn open_anew(&mut self, me: &Staff, intent: &OpenIntent) -> Told<Opened> {
        let place = self
            .places
            .iter()
            .find(|place| place.register.id == intent.register_id && place.vendor == me.vendor_id);
        let Some(place) = place.cloned() else { return refused(Code::RegisterNotFound) };
        if intent.user_id != me.user_id {
            return refused(Code::UserMismatch);
        }
        if place.location.id != intent.location_id || place.vendor != intent.vendor_id {
            return refused(Code::ScopeMismatch);
        }
        if place.register.status == RegisterStatus::Retired {
            return refused(Code::RegisterRetired);
        }
        let two_open = self.plant == Some(Plant::ServerOpensTwice);
        if let Some(row) = self.open_on(intent.register_id).filter(|_| !two_open) {
            let (session, float) = (row.session.id, row.session.opening_cash);
            self.joins.push(Join { session, key: intent.key, user: me.user_id });
            if intent.opening_cash != float {
                let id = CountId(Uuid::from_u128(u128::MAX ^ intent.key.0.as_u128()));
                self.put_count(id, session, CountKind::Spot, intent.opening_cash);
            }
            return Ok(self.opened(me, session, intent));
        }
        let number =
            1 + self.sessions.iter().filter(|row| row.session.register_id == intent.register_id).count();
        let made = SessionId(Uuid::from_u128(intent.key.0.as_u128() ^ (0x5e << 120)));
        let id = self.next_session.take().unwrap_or(made);
        let session = Session {
            id,
            session_number: format!("{}-{number:06}", place.register.register_number),
            register_id: intent.register_id,
            location_id: intent.location_id,
            vendor_id: intent.vendor_id,
            opener_id: Some(me.user_id),
            opener_name: Some(me.display_name.clone()),
            status: SessionStatus::Open,
            opening_cash: intent.opening_cash,
            opened_at: self.now,
            business_date: place.location.business_date(self.now),
            revision: 1,
            totals: Totals::default(),
            expected_cash: None,
            ended_by_name: None,
            closed_at: None,
            counting: None,
            drawer: Drawer::Outstanding,
            close_kind: None,
            end_reason: None,
            devices: Vec::new(),
        };
        self.sessions.push(SessionRow {
            session,
            key: intent.key,
            counting_key: None,
            count_keys: Vec::new(),
            end_key: None,
            close_key: None,
            over_at: None,
            report: None,
        });
        Ok(self.opened(me, id, intent))
    }

    /// As the client puts the function's row and what it asks besides together.
    fn opened(&self, me: &Staff, id: SessionId, intent: &OpenIntent) -> Opened {
        let row = self.sessions.iter().find(|row| row.session.id == id).expect("a known session");
        let session = row.session.clone();
        if row.key != intent.key || !session.status.holds_register() {
            let outcome =
                if row.key == intent.key { SessionOutcome::Created } else { SessionOutcome::Joined };
            return Opened { session: self.told(me, id), outcome };
        }
        let opener_name = session.opener_name.filter(|_| session.opener_id == Some(me.user_id));
        let session =
            Session { revision: 0, business_date: None, counting: None, opener_name, ..row.session.clone() };
        Opened { session, outcome: SessionOutcome::Created }
    }

    fn see(&mut self, me: &Staff, id: SessionId, known: i64) -> Told<Seen> {
        let session = self.whole(me, id)?;
        Ok(if session.revision == known { Seen::Unchanged } else { Seen::Session(Box::new(session)) })
    }

    fn whole(&mut self, me: &Staff, id: SessionId) -> Told<Session> {
        let row = self.require(me, id)?;
        if row.session.status == SessionStatus::Open && !self.seen.contains(&(id, me.user_id)) {
            self.seen.push((id, me.user_id));
        }
        Ok(self.told(me, id))
    }

    fn movements(&self, me: &Staff, session: SessionId) -> Told<Vec<Movement>> {
        self.require(me, session)?;
        Ok(self.of_session(session).map(|one| one.movement.clone()).collect())
    }

    fn record(&mut self, me: &Staff, movement: &Movement, by: UserId) -> Told<Recorded> {
        let known =
            self.ledger.iter().find(|one| one.movement.id == movement.id).map(|one| one.movement.clone());
        if let Some(known) = known.filter(|_| self.plant != Some(Plant::ServerRecordsTwice)) {
            let session = self.require(me, known.session_id)?.session;
            let same = known.session_id == movement.session_id
                && (known.kind, known.reverses, known.amount)
                    == (movement.kind, movement.reverses, movement.amount);
            if !same {
                return refused(Code::KeyReused);
            }
            return Ok(Recorded { movement: known, revision: self.revision(&session) });
        }
        let row = self.require(me, movement.session_id)?;
        let session = row.session;
        if by != me.user_id && !self.works_on(by, &session) {
            return refused(Code::UserMismatch);
        }
        if let Some(reversed) = movement.reverses {
            let original = self.of_session(session.id).find(|one| one.movement.id == reversed);
            if original.is_none_or(|one| one.movement.reverses.is_some()) {
                return refused(Code::BadMovement);
            }
        }
        let limit = self.location(session.location_id).movement_limits.get(&movement.kind).copied();
        if !me.role.manages() && limit.is_some_and(|limit| movement.amount > limit) {
            return refused(Code::OverLimit);
        }
        if session.status != SessionStatus::Open && self.plant != Some(Plant::ServerRecordsLate) {
            return refused(Code::SessionOver);
        }
        let reverses = movement.reverses;
        if reverses.is_some() && self.of_session(session.id).any(|one| one.movement.reverses == reverses) {
            return refused(Code::BadMovement);
        }
        let movement = Movement { by_name: self.name_of(by), recorded_at: self.now, ..movement.clone() };
        self.ledger.push(MovementRow { movement: movement.clone(), by });
        Ok(Recorded { movement, revision: self.revision(&session) })
    }

    pub(crate) fn works_on(&self, who: UserId, session: &Session) -> bool {
        self.people.iter().any(|one| one.staff.user_id == who && one.staff.vendor_id == session.vendor_id)
            && (session.opener_id == Some(who)
                || self.joins.iter().any(|join| join.session == session.id && join.user == who)
                || self.of_session(session.id).any(|one| one.by == who)
                || self.seen.contains(&(session.id, who)))
    }

    fn begin_count(&mut self, me: &Staff, key: IntentKey, id: SessionId, take_over: bool) -> Told<Session> {
        let row = self.require(me, id)?;
        if row.session.status != SessionStatus::Open {
            return refused(Code::SessionOver);
        }
        if row.counting_key != Some(key) {
            let by = row.session.counting.as_ref();
            if by.is_some_and(|by| !(take_over && (by.by_id == Some(me.user_id) || me.role.manages()))) {
                if !row.count_keys.contains(&key) {
                    self.change(id, |row| row.count_keys.push(key));
                }
                return refused(Code::CountInProgress);
            }
            if row.count_keys.contains(&key) {
                return refused(Code::KeyReused);
            }
            let (by_id, by_name, since) = (Some(me.user_id), me.display_name.clone(), self.now);
            self.change(id, |row| {
                row.session.counting = Some(CountingBy { by_id, by_name, since });
                row.counting_key = Some(key);
                row.count_keys.push(key);
            });
        }
        Ok(self.told(me, id))
    }

    fn abandon_count(&mut self, me: &Staff, key: IntentKey, id: SessionId) -> Told<Session> {
        let row = self.require(me, id)?;
        if row.session.status == SessionStatus::Open && row.session.counting.is_some() {
            if row.counting_key != Some(key) && !me.role.manages() {
                return refused(Code::CountInProgress);
            }
            self.change(id, |row| {
                row.session.counting = None;
                row.counting_key = None;
            });
        }
        Ok(self.told(me, id))
    }

    fn commit(&mut self, me: &Staff, count: &CountIntent) -> Told<Count> {
        if let Some(known) = self.counts.iter().find(|known| known.id == count.id).cloned() {
            self.require(me, known.session)?;
            if (known.session, known.kind, known.amount) != (count.session_id, count.kind, count.amount) {
                return refused(Code::KeyReused);
            }
            return Ok(self.count(me, &known));
        }
        let session = self.require(me, count.session_id)?.session;
        match session.status {
            SessionStatus::Open => {}
            SessionStatus::Ended if count.kind == CountKind::Closing => {
                if !me.role.manages() {
                    return refused(Code::ManagerRequired);
                }
            }
            _ => return refused(Code::SessionOver),
        }
        let row = self.put_count(count.id, session.id, count.kind, count.amount);
        Ok(self.count(me, &row))
    }

    fn put_count(&mut self, id: CountId, session: SessionId, kind: CountKind, amount: Amount) -> CountRow {
        let row = CountRow { session, id, kind, amount, expected: self.expected(session), approved_by: None };
        self.counts.push(row.clone());
        row
    }

    fn count(&self, me: &Staff, row: &CountRow) -> Count {
        let visible = row.kind == CountKind::Closing || me.role.manages();
        let approved = row.approved_by.is_some() || me.role.manages();
        let needs = self.needs(row.session, row.amount, row.expected, approved);
        Count {
            id: row.id,
            amount: row.amount,
            expected: visible.then_some(row.expected),
            needs: if visible { needs } else { Needs::Nothing },
            approved_by: row.approved_by.as_ref().map(|(_, name)| name.clone()),
        }
    }

    fn needs(&self, session: SessionId, counted: Amount, expected: Amount, approved: bool) -> Needs {
        let row = self.sessions.iter().find(|row| row.session.id == session).expect("a known session");
        let location = self.location(row.session.location_id);
        let off = Difference::of(counted, expected).size();
        if location.variance_limit.is_some_and(|limit| off > limit) && !approved {
            Needs::Approval
        } else if location.variance_tolerance.is_some_and(|tolerance| off > tolerance) {
            Needs::Reason
        } else {
            Needs::Nothing
        }
    }

    fn approve(&mut self, me: &Staff, id: CountId) -> Told<()> {
        let known =
            self.counts.iter().find(|count| count.id == id && count.kind == CountKind::Closing).cloned();
        let known = known.filter(|count| self.require(me, count.session).is_ok());
        if known.as_ref().is_some_and(|one| one.approved_by.as_ref().is_some_and(|(by, _)| *by == me.user_id))
        {
            return Ok(());
        }
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        let Some(known) = known else { return refused(Code::BadCount) };
        if known.approved_by.is_some() {
            return Ok(());
        }
        let status = self.require(me, known.session)?.session.status;
        if !matches!(status, SessionStatus::Open | SessionStatus::Ended) {
            return refused(Code::SessionOver);
        }
        let by = (me.user_id, me.display_name.clone());
        for count in self.counts.iter_mut().filter(|count| count.id == id) {
            count.approved_by = Some(by.clone());
        }
        Ok(())
    }

    fn close(&mut self, me: &Staff, id: SessionId, close: &CloseIntent) -> Told<Closed> {
        let row = self.require(me, id)?;
        if row.session.status == SessionStatus::Closed {
            if row.close_key != Some(close.key) {
                return Ok(Closed::Elsewhere);
            }
            return Ok(Closed::Here(Box::new(row.report.expect("a closed session has its report"))));
        }
        if row.session.status == SessionStatus::Cancelled {
            return refused(Code::SessionOver);
        }
        if row.session.status == SessionStatus::Ended && !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        let expected = self.expected(id);
        let uncounted = self.plant == Some(Plant::ServerClosesUncounted);
        let count = match close.count_id.filter(|_| !uncounted) {
            None if row.session.status == SessionStatus::Open && !uncounted => {
                return refused(Code::ServerMisconfigured);
            }
            None if close.reason.trim().is_empty() && !uncounted => return refused(Code::ReasonRequired),
            None => None,
            Some(count) => {
                let closing =
                    |one: &&CountRow| one.id == count && one.session == id && one.kind == CountKind::Closing;
                let Some(count) = self.counts.iter().find(closing).cloned() else {
                    return refused(Code::BadCount);
                };
                let approved = count.approved_by.is_some() || me.role.manages();
                match self.needs(id, count.amount, expected, approved) {
                    Needs::Approval => return refused(Code::ApprovalRequired),
                    Needs::Reason if close.reason.trim().is_empty() => return refused(Code::ReasonRequired),
                    _ => {}
                }
                Some(count)
            }
        };
        if close.left_in_drawer.is_some_and(|left| {
            !uncounted && left > count.as_ref().map_or(Amount::ZERO, |count| count.amount)
        }) {
            return refused(Code::BadMovement);
        }
        let skips = usize::from(self.plant == Some(Plant::ServerSkipsZNumbers));
        let register = row.session.register_id;
        let z_before = self
            .sessions
            .iter()
            .filter(|one| one.session.register_id == register && one.report.is_some())
            .count();
        let now = self.now;
        let drawer = count.as_ref().map_or(Drawer::NotCounted, |count| Drawer::Counted {
            amount: count.amount,
            difference: Some(Difference::of(count.amount, expected)),
        });
        self.change(id, |row| {
            row.session.status = SessionStatus::Closed;
            row.session.closed_at = Some(now);
            row.session.drawer = drawer;
            row.session.counting = None;
            row.counting_key = None;
            row.session.close_kind.get_or_insert(CloseKind::Normal);
            row.session.ended_by_name.get_or_insert(me.display_name.clone());
            row.close_key = Some(close.key);
            row.over_at.get_or_insert(now);
        });
        let settlement = Settlement {
            z_number: (1 + z_before * (1 + skips)) as u64,
            copy: false,
            closed_at: now,
            closed_by_name: Some(me.display_name.clone()),
            ended_at: self.row(id).over_at,
            ended_by_name: self.row(id).session.ended_by_name.clone(),
            end_reason: row.session.end_reason,
            close_kind: CloseKind::Normal,
            reason: Some(close.reason.clone()).filter(|reason| !reason.is_empty()),
            approved_by_name: None,
            left_in_drawer: close.left_in_drawer,
            taken_out: None,
        };
        let report = self.report(id, Sheet::Z(Box::new(settlement)), Some(expected), count.as_ref());
        self.row(id).report = Some(report.clone());
        Ok(Closed::Here(Box::new(report)))
    }

    fn end(&mut self, me: &Staff, id: SessionId, end: &EndIntent) -> Told<Ended> {
        let row = self.require(me, id)?;
        let (cancels, status) = (end.how == EndHow::Cancel, row.session.status);
        let own = row.end_key == Some(end.key) && (status == SessionStatus::Cancelled) == cancels;
        if own {
            return Ok(Ended { here: true, session: self.told(me, id) });
        }
        let today = self.location(row.session.location_id).business_date(self.now);
        let earlier = row.session.business_date < today;
        if !cancels && (end.how == EndHow::Force || earlier) && !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        if status != SessionStatus::Open {
            if cancels && status != SessionStatus::Cancelled {
                return refused(Code::SessionOver);
            }
            return Ok(Ended { here: row.end_key == Some(end.key), session: self.told(me, id) });
        }
        let counted = self.counts.iter().any(|count| count.session == id && count.kind == CountKind::Closing);
        let used = self.of_session(id).next().is_some() || self.sold_in(id).next().is_some();
        if cancels && (counted || used) {
            return refused(Code::SessionNotEmpty);
        }
        let kind = if end.how == EndHow::Force { CloseKind::Force } else { CloseKind::Normal };
        self.end_row(id, &me.display_name, end, kind);
        Ok(Ended { here: true, session: self.told(me, id) })
    }

    fn end_row(&mut self, id: SessionId, by: &str, end: &EndIntent, kind: CloseKind) {
        let now = self.now;
        self.change(id, |row| {
            let cancels = end.how == EndHow::Cancel;
            row.session.status = if cancels { SessionStatus::Cancelled } else { SessionStatus::Ended };
            row.session.drawer = if cancels { Drawer::NotCounted } else { Drawer::Outstanding };
            row.session.counting = None;
            row.counting_key = None;
            row.session.closed_at = Some(now);
            row.session.ended_by_name = Some(by.to_owned()).filter(|by| !by.is_empty());
            row.session.end_reason = Some(end.reason.clone()).filter(|reason| !reason.is_empty());
            row.session.close_kind = Some(kind);
            row.end_key = Some(end.key);
            row.over_at = Some(now);
        });
    }

    /// The store's own server ends a session; it stands in no list of people.
    pub(crate) fn end_by_store(&mut self, id: SessionId, end: &EndIntent) {
        self.now = self.now.checked_add(self.tick).expect("a time");
        self.end_row(id, "", end, CloseKind::Automatic);
    }

    /// Changes a session's row, which raises its revision.
    pub(crate) fn change(&mut self, id: SessionId, change: impl FnOnce(&mut SessionRow)) {
        let row = self.row(id);
        row.session.revision += 1;
        change(row);
        if row.session.status != SessionStatus::Open {
            self.seen.retain(|(session, _)| *session != id);
        }
    }

    fn board(&self, me: &Staff, location: LocationId) -> Told<Board> {
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        let registers = self.registers(me, location)?.into_iter().map(|register| {
            let of_register = |status| {
                let rows = self.sessions.iter().filter(move |row| {
                    row.session.register_id == register.id && row.session.status == status
                });
                rows.map(|row| self.told(me, row.session.id)).collect::<Vec<Session>>()
            };
            let (open_session, uncounted) =
                (of_register(SessionStatus::Open).pop(), of_register(SessionStatus::Ended));
            BoardRegister {
                id: register.id,
                state: state_of(register.status, open_session.as_ref(), &uncounted),
                register_number: register.register_number,
                register_name: register.register_name,
                status: register.status,
                offline_since: None,
                open_session,
                open_seconds: None,
                uncounted,
                last_close: None,
                receipts: Vec::new(),
                flags: Vec::new(),
                other_clients: None,
            }
        });
        Ok(Board {
            business_date: self.location(location).business_date(self.now),
            registers: registers.collect(),
        })
    }

    fn day(&self, me: &Staff, location: LocationId, date: Option<jiff::civil::Date>) -> Told<Day> {
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        self.registers(me, location)?;
        let today = self.location(location).business_date(self.now);
        let date = date.or(today).expect("a date");
        let of_day = || {
            self.sessions
                .iter()
                .filter(|row| row.session.location_id == location && row.session.business_date == Some(date))
        };
        let with = |status| {
            of_day()
                .filter(move |row| row.session.status == status)
                .map(|row| self.told(me, row.session.id))
                .collect()
        };
        Ok(Day {
            business_date: date,
            z_reports: of_day().filter_map(|row| row.report.clone().map(copy)).collect(),
            uncounted: with(SessionStatus::Ended),
            open: with(SessionStatus::Open),
            selling: None,
            flags: Vec::new(),
        })
    }

    fn x_report(&self, me: &Staff, id: SessionId) -> Told<Report> {
        let session = self.require(me, id)?.session;
        let sheet = Sheet::X { read_at: self.now, status: session.status };
        Ok(self.report(id, sheet, self.told(me, id).expected_cash, None))
    }

    fn z_report(&self, me: &Staff, id: SessionId) -> Told<Report> {
        self.require(me, id)?.report.map(copy).map_or_else(|| refused(Code::NotClosed), Ok)
    }

    fn report(
        &self,
        id: SessionId,
        sheet: Sheet,
        expected: Option<Amount>,
        count: Option<&CountRow>,
    ) -> Report {
        let row = self.sessions.iter().find(|row| row.session.id == id).expect("a known session");
        let place = self
            .places
            .iter()
            .find(|place| place.register.id == row.session.register_id)
            .expect("a register");
        let session = row.session.clone();
        Report {
            sheet,
            session_id: id,
            session_number: session.session_number,
            register_id: session.register_id,
            register_number: place.register.register_number.clone(),
            register_name: place.register.register_name.clone(),
            location_name: place.location.name.clone(),
            vendor_name: String::new(),
            timezone: place.location.timezone.clone(),
            currency: place.location.currency.clone(),
            business_date: session.business_date,
            opened_at: session.opened_at,
            opener_name: session.opener_name,
            opening_cash: Some(session.opening_cash),
            totals: session.totals,
            selling: None,
            tenders: vec![TenderLine {
                tender: Tender::Cash,
                sales: Amount::ZERO,
                expected,
                counted: count.map_or(Counted::NotCounted, |count| Counted::Counted {
                    amount: count.amount,
                    difference: expected.map(|expected| Difference::of(count.amount, expected)),
                }),
            }],
            movements: Vec::new(),
            participants: Vec::new(),
            counts: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// How often it is on record.
    pub(crate) fn has(&self, id: EntryId) -> usize {
        let movements = self.ledger.iter().filter(|one| EntryId::from(one.movement.id) == id).count();
        movements + self.sold.sales.iter().filter(|one| EntryId::from(one.sale.id) == id).count()
    }
}

fn copy(mut report: Report) -> Report {
    if let Sheet::Z(settlement) = &mut report.sheet {
        settlement.copy = true;
    }
    report
}
