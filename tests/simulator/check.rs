//! What everybody was shown, held against what is on disk and on record: after every step, and once more when the
//! network is good again and everything has settled.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use onetill_core::{
    Amount, Code, CommandName, CountId, Difference, Entry, EntryId, EntryState, Fault, IntentKey, MovementId,
    Outcome, SaleId, Session, SessionId, SessionOutcome, SessionStatus, Staff,
    closing::Step as ClosingStep,
    count::CountKind,
    ports::{Closed, DeviceStore, Seen},
    report::Counted,
    sale::Cart,
    selling_view::ReceiptState,
    session::Drawer,
    till::{Answer, Call},
    view::{ClosingStep as Shown, ListedState, Screen, Snapshot},
};

use crate::{
    books,
    server::{Records, SessionRow},
    world::{World, code},
};

/// A promise that was broken, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    promise: &'static str,
    evidence: String,
}

impl Broken {
    pub(crate) fn new(promise: &'static str, evidence: String) -> Self {
        Self { promise, evidence }
    }

    pub(crate) fn promise(&self) -> &'static str {
        self.promise
    }

    pub(crate) fn about(self, call: &Call) -> Self {
        Self { evidence: format!("{} to {call:?}", self.evidence), ..self }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.evidence)
    }
}

pub(crate) type Checked = Result<(), Broken>;

pub(crate) fn must(holds: bool, promise: &'static str, evidence: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Broken::new(promise, evidence())) }
}

/// Every movement and sale that people see as recorded here: in the lists of the running shift, or refused.
pub(crate) fn shown_entries(shown: &Snapshot) -> Vec<EntryId> {
    let refused = shown.refused.iter().map(|entry| entry.entry_id);
    let Screen::Register { movements, selling, practice: false, .. } = &shown.screen else {
        return refused.collect();
    };
    let movements = movements.iter().flat_map(|one| std::iter::once(&one.entry).chain(&one.reversals));
    let movements = movements.map(|entry| EntryId::from(entry.movement.id));
    let receipts = selling.iter().flat_map(|selling| &selling.receipts);
    let receipts = receipts.filter(|receipt| receipt.state != ReceiptState::Dismissed);
    let done = selling.iter().filter_map(|selling| selling.done.as_ref()).map(|done| done.sale_id.into());
    movements.chain(receipts.map(|receipt| receipt.sale_id.into())).chain(done).chain(refused).collect()
}

/// A press that may not be is refused, and changes nothing but the fault on the screen.
pub(crate) fn refused_press_changed_nothing(
    world: &World,
    device: usize,
    answer: Option<&Result<Outcome, Fault>>,
    before: &Snapshot,
    file: &str,
) -> Checked {
    let of = &world.devices[device];
    must(matches!(answer, Some(Err(_))), "one door", || format!("not allowed, and came to {answer:?}"))?;
    must(of.disk.digest() == file, "one door", || "a refused press has changed the file".to_owned())?;
    // The clock goes on while somebody presses.
    let same = Snapshot { fault: before.fault.clone(), may: before.may.clone(), ..of.shown.clone() };
    must(same == *before, "one door", || format!("a refused press has changed {before:?} to {same:?}"))
}

/// Before a byte of what carries a key leaves, the file holds what a restart needs to ask the same again.
pub(crate) fn on_disk_before_it_leaves(world: &World, device: usize, call: &Call) -> Checked {
    let of = &world.devices[device];
    let file = of.disk.load().expect("a readable disk");
    let kept = match call {
        Call::OpenSession { intent, .. } => file.intent.as_ref() == Some(intent),
        Call::RecordEntry { entry, .. } => file.queue.contains(entry),
        Call::AskRefund { sale, .. } => {
            matches!(&file.selling.cart, Some(Cart::AwaitingServer(asked)) if asked.entry() == &**sale)
        }
        Call::CommitCount { count } => file.counts.contains(count),
        Call::Settle { closing } => {
            file.closing.as_ref().is_some_and(|kept| asked(&kept.step) == asked(&closing.step))
        }
        _ => true,
    };
    // Where the file could not be written people have read so.
    must(kept || of.unsaved, "I8", || format!("{call:?} leaves, and is not on disk"))
}

/// What a step asks, with its key; whether it may have run is known to nobody after a restart.
fn asked(step: &ClosingStep) -> String {
    match step {
        ClosingStep::Beginning(asked) => format!("{:?}", asked.what),
        ClosingStep::Committing(asked) => format!("{:?}", asked.what),
        ClosingStep::Settling(asked) => format!("{:?}", asked.what),
        ClosingStep::Ending(asked) => format!("{:?}", asked.what),
        ClosingStep::Leaving(hold) => format!("{hold:?}"),
        other => format!("{other:?}"),
    }
}

/// What has to hold on a device after every step. `failed`: its writes could not be made.
pub(crate) fn step(world: &World, device: usize, failed: bool) -> Checked {
    let of = &world.devices[device];
    let (shown, records) = (&of.shown, &world.records);
    let file = of.disk.load().expect("a readable disk");
    let is_locked = matches!(shown.screen, Screen::Locked { .. });
    if is_locked {
        let hides = shown.staff.is_none() && shown.refused.is_empty() && shown.report.is_none();
        must(hides, "lock", || format!("a locked till shows {shown:?}"))?;
    } else {
        let says_so = shown.fault.as_ref().is_some_and(|fault| fault.code == Code::StoreFailed);
        must(!failed || says_so, "I8", || {
            format!("nothing was saved, and nobody reads so: {:?}", shown.fault)
        })?;
        let waits = file.queue.iter().filter(|entry| entry.state.is_pending()).count();
        must(shown.unsent == waits, "I8", || {
            format!("{} are shown to wait, and the file has {:?}", shown.unsent, file.queue)
        })?;
        for refused in &shown.refused {
            let is_refused = |entry: &Entry| entry.id() == refused.entry_id && !entry.state.is_pending();
            must(file.queue.iter().any(is_refused), "I8", || {
                format!("{refused:?} is shown, and not on disk")
            })?;
        }
    }
    for id in &of.acknowledged {
        let waits = file.queue.iter().any(|entry| entry.id() == *id);
        let recorded = records.has(*id);
        let promise = if of.disk.made().sales.contains_key(&SaleId(id.0)) { "S2" } else { "I8" };
        must(recorded <= 1 && (recorded == 1 || waits), promise, || {
            format!("{id} was shown as recorded: {recorded} times on record, in the queue: {waits}")
        })?;
    }
    remembers_its_shift(world, device)?;
    if !of.unsaved {
        // What a shop settles here is there again with its people, or with the shift that it settles.
        // One that a manager settles beside it is hidden once their sign-in has ended, which a restart hears of only when it
        // asks.
        let beside =
            shown.may.contains(&CommandName::SignIn) && !matches!(shown.screen, Screen::Closing { .. });
        let with_closing = file.vendor().is_some() && !beside;
        let restarted = world.after_a_restart(device);
        books::sold_is_kept(shown, &restarted)?;
        books::refused_for_good(shown)?;
        let (again, now) = (essence(&restarted, with_closing), essence(shown, with_closing));
        must(again == now || again.is_none() || now.is_none(), "I8", || {
            format!("a restart would show {again:?} in place of {now:?}")
        })?;
    }
    books::step(world, device, shown)?;
    screen_is_true(world, device, shown)
}

/// Of the last press on each register: while its session is open, the file has it, unless a person left it.
fn remembers_its_shift(world: &World, device: usize) -> Checked {
    let of = &world.devices[device];
    let last: BTreeMap<_, _> = of.disk.made().opens.into_iter().collect();
    for (register, key) in last {
        let Some(open) = world.records.open_on(register).filter(|open| is_of(&world.records, open, key))
        else {
            continue;
        };
        let (intent, active) = of.disk.shift(register);
        let knows = intent == Some(key) || active == Some(open.session.id) || of.left.contains(&key);
        must(knows, "I9", || format!("{} is open by press {key}, and forgotten", open.session.id))?;
    }
    Ok(())
}

/// Whether this press opened the session, or joined it.
fn is_of(records: &Records, row: &SessionRow, key: IntentKey) -> bool {
    row.key == key || records.joins.iter().any(|join| join.key == key && join.session == row.session.id)
}

/// What of a snapshot a restart may not lose; `None` where it shows nothing of its own.
fn essence(shown: &Snapshot, with_closing: bool) -> Option<String> {
    match &shown.screen {
        Screen::Locked { holder, .. } => Some(format!("locked by {holder:?}")),
        // A restart ends it, and finds the screen from which it was begun.
        Screen::Register { practice: true, .. } => Some("no shift".to_owned()),
        Screen::Register { session, .. } | Screen::EarlierDay { session, .. } => {
            Some(format!("shift {}", session.id))
        }
        Screen::Closing { session, step, .. } if with_closing => Some(match step {
            Shown::Checklist { .. } => format!("shift {}", session.id),
            Shown::Count { tally, .. } => format!("count of {}: {tally:?}", session.id),
            Shown::Result { tally, cash, next_float, .. } => {
                let (counted, left) = (counted_amount(cash.counted), next_float.left);
                format!("result of {}: {tally:?} {counted:?} {left}", session.id)
            }
            Shown::Ending { how } => format!("ending {}: {how:?}", session.id),
            Shown::Closed { report, .. } => format!("closed {report:?}"),
            Shown::Ended | Shown::Cancelled => format!("over {}", session.id),
        }),
        Screen::StartShift { .. } | Screen::ChooseRegister { .. } => Some("no shift".to_owned()),
        // Until the server is asked again, a restart knows of no end.
        Screen::Fenced { .. }
        | Screen::Closing { .. }
        | Screen::Board { .. }
        | Screen::SignIn { .. }
        | Screen::Setup { .. } => None,
    }
}

fn counted_amount(counted: Counted) -> Option<Amount> {
    match counted {
        Counted::Counted { amount, .. } => Some(amount),
        Counted::NotCounted => None,
    }
}

/// What the screen says of sessions, movements and closes is so.
fn screen_is_true(world: &World, device: usize, shown: &Snapshot) -> Checked {
    let records = &world.records;
    let row = |id: SessionId| records.sessions.iter().find(|row| row.session.id == id);
    let own = |staff: &Option<Staff>, session: &Session| {
        staff.as_ref().is_none_or(|staff| staff.vendor_id == session.vendor_id)
    };
    match &shown.screen {
        Screen::Register { practice: true, .. } => books::is_practice(shown),
        Screen::Register { session, outcome, movements, .. } => {
            must(own(&shown.staff, session), "I5", || {
                format!("{} is at work in a session of another shop", session.id)
            })?;
            for entry in movements.iter().flat_map(|one| std::iter::once(&one.entry).chain(&one.reversals)) {
                let recorded = records.has(entry.movement.id.into());
                must(entry.state != ListedState::Recorded || recorded == 1, "I8", || {
                    format!("{} is shown as recorded, and is {recorded} times", entry.movement.id)
                })?;
            }
            let Some(row) = row(session.id) else {
                return must(false, "I9", || format!("{} is no session", session.id));
            };
            let made = world.devices[device].disk.made();
            let opened = made.opens.iter().any(|(_, key)| *key == row.key);
            let joined = made.opens.iter().any(|(_, key)| is_of(records, row, *key) && *key != row.key);
            let right = match outcome {
                SessionOutcome::Created => opened,
                SessionOutcome::Joined => joined,
                SessionOutcome::Replayed | SessionOutcome::Unknown => opened || joined,
            };
            must(right, "I2", || format!("told {outcome:?} of {}", session.id))
        }
        Screen::Closing { session, step, .. } => {
            must(own(&shown.staff, session), "I5", || {
                format!("{} is settled by somebody of another shop", session.id)
            })?;
            let Some(row) = row(session.id) else { return Ok(()) };
            let status = row.session.status;
            match step {
                Shown::Closed { report, .. } => {
                    let z = |report: &onetill_core::Report| {
                        let counted = counted_amount(report.drawer());
                        (report.session_id, report.settlement().map(|settled| settled.z_number), counted)
                    };
                    must(row.report.as_ref().map(z) == Some(z(report)), "I7", || {
                        format!("{:?} is shown as the Z of {row:?}", z(report))
                    })
                }
                Shown::Ended => {
                    must(matches!(status, SessionStatus::Ended | SessionStatus::Closed), "I9", || {
                        format!("{} is shown as ended and is {status:?}", session.id)
                    })
                }
                Shown::Cancelled => must(status == SessionStatus::Cancelled, "I9", || {
                    format!("{} is shown as cancelled and is {status:?}", session.id)
                }),
                Shown::Result { cash, .. } => {
                    let counted = counted_amount(cash.counted);
                    let known = records.counts.iter().any(|count| {
                        count.session == session.id
                            && count.kind == CountKind::Closing
                            && Some(count.amount) == counted
                    });
                    must(known, "I7", || format!("a count of {counted:?} is shown, and none is on record"))
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// What has to hold on the server after every call.
pub(crate) fn records(records: &Records) -> Checked {
    let mut open = BTreeSet::new();
    for row in records.sessions.iter().filter(|row| row.session.status == SessionStatus::Open) {
        let register = row.session.register_id;
        must(open.insert(register), "I1", || format!("two open sessions on {register}"))?;
    }
    let keys: BTreeSet<IntentKey> = records.sessions.iter().map(|row| row.key).collect();
    must(keys.len() == records.sessions.len(), "I2", || "a press opened two sessions".to_owned())?;
    let joins: BTreeSet<IntentKey> = records.joins.iter().map(|join| join.key).collect();
    must(keys.is_disjoint(&joins), "I3", || "a press opened a session and joined another".to_owned())?;
    let movements: BTreeSet<MovementId> = records.ledger.iter().map(|row| row.movement.id).collect();
    must(movements.len() == records.ledger.len(), "I6", || "a movement is there twice".to_owned())
}

/// What has to hold when the network is good again and every device has settled.
pub(crate) fn settled(world: &World) -> Checked {
    let records = &world.records;
    for (number, device) in world.devices.iter().enumerate() {
        must(device.presses.is_empty(), "liveness", || {
            format!("device {number}: presses {:?} were never answered", device.presses)
        })?;
        if device.books.restored || device.books.set_aside {
            // Of counts and holds that it no longer knows of nothing is promised.
            continue;
        }
        holds_what_it_shows(world, number)?;
        let file = device.disk.load().expect("a readable disk");
        for count in device.disk.made().counts.values().filter(|count| count.kind != CountKind::Closing) {
            let row = records.sessions.iter().find(|row| row.session.id == count.session_id);
            let is_open = row.is_some_and(|row| row.session.status == SessionStatus::Open);
            let recorded = records.counts.iter().filter(|row| row.id == count.id).count();
            let waits = file.counts.iter().any(|waiting| waiting.id == count.id);
            must(recorded <= 1 && (recorded == 1 || waits || !is_open), "I8", || {
                format!("count {} of an open session: {recorded} times on record", count.id)
            })?;
        }
    }
    by_somebody(world)?;
    books::settled(world)
}

/// A hold, and a shift, are on the screen of whoever has them; what should be in the drawer is what the records say.
fn holds_what_it_shows(world: &World, number: usize) -> Checked {
    let device = &world.devices[number];
    let keys = device.disk.made().keys;
    let row = |id: SessionId| world.records.sessions.iter().find(|row| row.session.id == id);
    let holds =
        |id: SessionId| row(id).and_then(|row| row.counting_key).is_some_and(|key| keys.contains(&key));
    match &device.shown.screen {
        Screen::Register { practice: true, .. } => Ok(()),
        Screen::Register { session, expected_cash, .. } => {
            let is_open = row(session.id).is_some_and(|row| row.session.status == SessionStatus::Open);
            must(is_open, "I9", || format!("device {number} shows {} as open, and it is over", session.id))?;
            must(!holds(session.id), "I7", || {
                format!("device {number} counts nothing, and keeps the others off {}", session.id)
            })?;
            let file = device.disk.load().expect("a readable disk");
            let refused = file.queue.iter().filter(|entry| entry.session_id() == session.id).count();
            let expected = world.records.expected(session.id);
            must(refused > 0 || expected_cash.is_none_or(|shown| shown == expected), "I6", || {
                format!(
                    "device {number} expects {expected_cash:?} in the drawer of {}: {expected}",
                    session.id
                )
            })
        }
        Screen::Closing { session, step: Shown::Count { .. } | Shown::Result { .. }, .. } => {
            let status = row(session.id).map(|row| row.session.status);
            let right = holds(session.id) || status == Some(SessionStatus::Ended);
            must(right, "I7", || format!("device {number} counts {}, which it does not hold", session.id))
        }
        _ => Ok(()),
    }
}

fn records_count(records: &Records, id: CountId) -> Option<Amount> {
    records.counts.iter().find(|count| count.id == id).map(|count| count.amount)
}

/// What a drawer is that was found to hold this much.
fn counted_as(records: &Records, row: &SessionRow, counted: Option<Amount>) -> Drawer {
    let expected = records.expected(row.session.id);
    counted.map_or(Drawer::NotCounted, |amount| Drawer::Counted {
        amount,
        difference: Some(Difference::of(amount, expected)),
    })
}

/// Everything on record was done by somebody.
fn by_somebody(world: &World) -> Checked {
    let made: Vec<_> = world.devices.iter().map(|device| device.disk.made()).collect();
    let opened = |key: IntentKey| made.iter().any(|made| made.opens.iter().any(|(_, open)| *open == key));
    let settled = |key: Option<IntentKey>| {
        let ours = |key: &IntentKey| made.iter().any(|made| made.keys.contains(key));
        key.is_some_and(|key| ours(&key) || world.ended_by_store.contains(&key))
    };
    for row in &world.records.sessions {
        must(opened(row.key), "I2", || format!("nobody pressed for {}", row.session.id))?;
        let right = match row.session.status {
            SessionStatus::Open => true,
            SessionStatus::Closed => settled(row.close_key),
            SessionStatus::Ended | SessionStatus::Cancelled => settled(row.end_key),
        };
        must(right, "I7", || format!("nobody settled {}", row.session.id))?;
        let count =
            row.close_key.and_then(|key| made.iter().find_map(|made| made.closes.get(&key).copied()?));
        let counted = count.and_then(|id| records_count(&world.records, id));
        must(
            counted.is_none() || row.session.drawer == counted_as(&world.records, row, counted),
            "I7",
            || {
                format!(
                    "{} was closed with a count of {counted:?} and has {:?}",
                    row.session.id, row.session.drawer
                )
            },
        )?;
    }
    for row in &world.records.ledger {
        let id = row.movement.id;
        must(made.iter().any(|made| made.movements.contains(&id)), "I6", || format!("nobody made {id}"))?;
    }
    // The pieces of a float are kept by the key of their press.
    let counted =
        |id: CountId| opened(IntentKey(id.0)) || made.iter().any(|made| made.counts.contains_key(&id));
    for count in world.records.counts.iter().filter(|count| count.kind != CountKind::Spot) {
        must(counted(count.id), "I7", || format!("nobody made the count {}", count.id))?;
    }
    Ok(())
}

/// Whether nothing on this screen waits any more.
pub(crate) fn is_settled(shown: &Snapshot, queue: &[Entry]) -> bool {
    // What a manager has to send waits for one, and so does what takes it back.
    let pending = |id: EntryId| queue.iter().any(|entry| entry.id() == id && entry.state.is_pending());
    let sent = queue
        .iter()
        .all(|entry| entry.state != EntryState::Waiting || entry.takes_back().is_some_and(pending));
    let sure = match &shown.screen {
        Screen::Register { connection, sign_in_needed, .. } => {
            matches!(connection, onetill_core::device::ConnectionState::Confirmed { .. }) && !sign_in_needed
        }
        Screen::Closing { unanswered, sign_in_needed, .. } => !unanswered && !sign_in_needed,
        Screen::StartShift { unanswered, .. } => !unanswered,
        Screen::ChooseRegister { registers, .. } => registers.is_some(),
        Screen::Fenced { .. } | Screen::EarlierDay { .. } | Screen::Board { .. } => true,
        Screen::Locked { .. } | Screen::SignIn { .. } | Screen::Setup { .. } => false,
    };
    sure && sent && shown.busy.is_none() && shown.staff.is_some()
}

/// The model and the real server say the same, as far as a till acts on it.
pub(crate) fn answered_alike(model: &Answer, real: &Answer) -> Checked {
    if let (Answer::Rules(Ok(model)), Answer::Rules(Ok(real))) = (model, real) {
        return must(model == real, "model", || format!("the model says {model:?}, the database {real:?}"));
    }
    let (model, real) = (gist(model), gist(real));
    must(model == real, "model", || format!("the model says {model}, the database {real}"))
}

fn totals(session: &Session) -> String {
    let totals = session.totals;
    let amounts = [totals.total_sales, totals.total_cash, totals.total_card];
    format!("{:?} {}", amounts.map(|amount| amount.decimal().normalize()), totals.total_transactions)
}

fn gist(answer: &Answer) -> String {
    let session = |session: &Session| {
        let counting = session.counting.as_ref().map(|by| by.by_id);
        let amounts = (
            session.opening_cash.decimal().normalize(),
            session.expected_cash.map(|cash| cash.decimal().normalize()),
        );
        let drawer = format!("{:?}", session.drawer).replace(".00", "");
        format!(
            "{} {} {:?} r{} {amounts:?} {counting:?} {drawer} {:?} {}",
            session.id,
            session.session_number,
            session.status,
            session.revision,
            session.close_kind,
            totals(session)
        )
    };
    if let Some(code) = code(answer) {
        return format!("{code:?}");
    }
    match answer {
        Answer::Registers(Ok(registers)) => registers
            .iter()
            .map(|one| {
                format!(
                    "{} {:?}; ",
                    one.suggested_opening_cash.decimal().normalize(),
                    one.open_session.as_ref().map(session)
                )
            })
            .collect(),
        Answer::Opened(Ok(opened)) => format!("{:?} {}", opened.outcome, session(&opened.session)),
        Answer::Seen(Ok(Seen::Session(seen))) => session(seen),
        Answer::Seen(Ok(Seen::Unchanged)) => "unchanged".to_owned(),
        Answer::Movements(Ok(movements)) => movements
            .iter()
            .map(|one| {
                format!("{} {} {} {:?}; ", one.id, one.effect().normalize(), one.by_name, one.reverses)
            })
            .collect(),
        Answer::SaleRecorded(Ok(recorded)) => {
            let mut flags = recorded.flags.clone();
            flags.sort_unstable();
            format!("{} {flags:?} r{} {}", recorded.late, recorded.revision, recorded.replayed)
        }
        Answer::Chain(Ok(head)) => format!("{head:?}"),
        Answer::Recorded(Ok(recorded)) => format!("{} r{}", recorded.movement.id, recorded.revision),
        Answer::Count(Ok(count)) => format!(
            "{} {} {:?} {:?} {:?}",
            count.id,
            count.amount.decimal().normalize(),
            count.expected.map(|cash| cash.decimal().normalize()),
            count.needs,
            count.approved_by
        ),
        Answer::Session(Ok(told)) => session(told),
        Answer::Closed(Ok(Closed::Here(report))) => {
            format!("{:?}", report.settlement().map(|settled| settled.z_number))
        }
        Answer::Closed(Ok(Closed::Elsewhere)) => "elsewhere".to_owned(),
        Answer::Ended(Ok(ended)) => format!("{} {}", ended.here, session(&ended.session)),
        Answer::Board(Ok(board)) => board
            .registers
            .iter()
            .map(|one| {
                let uncounted: Vec<String> = one.uncounted.iter().map(session).collect();
                format!("{:?} {:?} {uncounted:?}; ", one.state, one.open_session.as_ref().map(session))
            })
            .collect(),
        _ => String::new(),
    }
}
