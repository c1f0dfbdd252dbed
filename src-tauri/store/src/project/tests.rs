//! What was kept is there after a restart, for its own project and register and for no other.

use super::*;
use onetill_core::{
    Amount, Closing, CountId, Entry, EntryContent, EntryState, IntentKey, Location, LocationId, Movement,
    MovementId, OpenIntent, Register, RegisterAssignment, RegisterId, RegisterStatus, Role, SaleId, Session,
    SessionId, SessionOutcome, SessionStatus, Staff, Tally, UserId, VendorId,
    closing::{Counting, Done, Hold, Step},
    count::{CountIntent, CountKind},
    device::ActiveSession,
    lock::{Locked, Person},
    sale::{AmountKey, Cart, ChainHead, Editing, KeptReceipt, Parked, Quantity, Stamp},
    selling::ShopSettings,
    session::{Drawer, Totals},
};
use std::{collections::BTreeMap, path::Path};
use uuid::Uuid;

const SERVER: &str = "https://shop.example";

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

fn store(folder: &Path, server: &str) -> ProjectStore {
    ProjectStore::new(StoreFile::open(&folder.join("onetill.sqlite")).unwrap().file, server.to_owned())
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn location() -> Location {
    Location {
        id: LocationId(Uuid::from_u128(3)),
        name: "Main Street".into(),
        timezone: "Europe/Paris".into(),
        currency: "EUR".into(),
        business_day_cutoff: "04:00".into(),
        variance_tolerance: None,
        variance_limit: None,
        movement_limits: BTreeMap::new(),
        reasons: BTreeMap::new(),
        difference_reasons: None,
    }
}

fn assignment(register: u128) -> RegisterAssignment {
    RegisterAssignment {
        register: Register {
            id: RegisterId(Uuid::from_u128(register)),
            location_id: location().id,
            register_number: "REG-1".into(),
            register_name: "Front counter".into(),
            status: RegisterStatus::Active,
            suggested_opening_cash: amount("200.00"),
            open_session: None,
        },
        location: location(),
    }
}

fn intent(register: u128) -> OpenIntent {
    OpenIntent {
        key: IntentKey(Uuid::from_u128(100 + register)),
        register_id: RegisterId(Uuid::from_u128(register)),
        location_id: location().id,
        vendor_id: VendorId(Uuid::from_u128(4)),
        user_id: UserId(Uuid::from_u128(5)),
        opening_cash: amount("150.10"),
        tally: onetill_core::Tally::Nothing,
        pressed_at: at(1),
    }
}

fn active(register: u128) -> ActiveSession {
    ActiveSession {
        session: Session {
            id: SessionId(Uuid::from_u128(6)),
            session_number: "R1-000001".into(),
            register_id: RegisterId(Uuid::from_u128(register)),
            location_id: location().id,
            vendor_id: VendorId(Uuid::from_u128(4)),
            opener_id: Some(UserId(Uuid::from_u128(5))),
            opener_name: Some("Zoë".into()),
            status: SessionStatus::Open,
            opening_cash: amount("200.00"),
            opened_at: at(2),
            business_date: Some(jiff::civil::date(2026, 3, 1)),
            revision: 7,
            totals: Totals::default(),
            expected_cash: None,
            ended_by_name: None,
            closed_at: None,
            counting: None,
            drawer: Drawer::Outstanding,
            close_kind: None,
            end_reason: None,
            devices: Vec::new(),
        },
        outcome: SessionOutcome::Joined,
        own_opening_cash: amount("150.10"),
        heard_at: at(3),
        agreed_on: None,
    }
}

#[test]
fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let staff = Staff {
        user_id: UserId(Uuid::from_u128(5)),
        vendor_id: VendorId(Uuid::from_u128(4)),
        vendor_name: "Café".into(),
        display_name: "Zoë".into(),
        role: Role::Cashier,
        locations: vec![location()],
    };
    {
        let store = store(folder.path(), SERVER);
        assert_eq!(store.load().unwrap(), PersistedState::default(), "a new device remembers nothing");
        store.save(&[Write::Staff(Some(staff.clone()))]).unwrap();
        store.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
        store.save(&[Write::Intent(intent(2))]).unwrap();
    }
    let store = store(folder.path(), SERVER);
    let persisted = store.load().unwrap();
    assert_eq!(persisted.staff, Some(staff));
    assert_eq!(persisted.assignment, Some(assignment(2)));
    assert_eq!(persisted.intent, Some(intent(2)));
    assert_eq!(persisted.active, None);
}

#[test]
fn a_lock_is_there_after_a_restart_and_goes_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let by = Person { user_id: UserId(Uuid::from_u128(5)), name: "Ana".into() };
    let locked = Locked { by: Some(by), shop: Some("Demo".into()), since: at(7) };
    store(folder.path(), SERVER).save(&[Write::Lock(Some(locked.clone()))]).unwrap();
    let again = store(folder.path(), SERVER);
    assert_eq!(again.load().unwrap().lock, Some(locked));
    again.save(&[Write::Lock(None)]).unwrap();
    assert_eq!(store(folder.path(), SERVER).load().unwrap().lock, None);
}

#[test]
fn a_session_takes_the_place_of_its_intent_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    store.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    store.save(&[Write::Intent(intent(2))]).unwrap();
    store.save(&[Write::Session(active(2))]).unwrap();
    let persisted = store.load().unwrap();
    assert_eq!(persisted.active, Some(active(2)));
    assert_eq!(persisted.intent, None);
    store.save(&[Write::RemoveSession(active(2).session.register_id)]).unwrap();
    assert_eq!(store.load().unwrap().active, None);
}

#[test]
fn only_the_intent_that_was_meant_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    store.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    store.save(&[Write::Intent(intent(2))]).unwrap();
    store.save(&[Write::RemoveIntent(IntentKey(Uuid::from_u128(999)))]).unwrap();
    assert_eq!(
        store.load().unwrap().intent,
        Some(intent(2)),
        "a late answer to another intent changes nothing"
    );
    store.save(&[Write::RemoveIntent(intent(2).key)]).unwrap();
    assert_eq!(store.load().unwrap().intent, None);
}

#[test]
fn projects_and_registers_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let here = store(folder.path(), SERVER);
    here.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    here.save(&[Write::Session(active(2))]).unwrap();
    here.save(&[Write::Assignment(Some(assignment(8)))]).unwrap();
    assert_eq!(here.load().unwrap().active, None, "the other register has no session here");
    here.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    assert_eq!(here.load().unwrap().active, Some(active(2)), "and the first one kept its own");
    drop(here);
    assert_eq!(store(folder.path(), "https://other.example").load().unwrap(), PersistedState::default());
}

fn movement(number: u128) -> Movement {
    Movement {
        id: MovementId(Uuid::from_u128(number)),
        session_id: active(2).session.id,
        kind: onetill_core::MovementKind::PayOut,
        amount: amount("12.30"),
        reason: "window cleaner".into(),
        note: String::new(),
        reference: String::new(),
        reverses: None,
        by_name: "Zoë".into(),
        recorded_at: at(4),
        sent_at: None,
    }
}

fn entry(number: u128) -> Entry {
    Entry {
        content: EntryContent::Movement(movement(number)),
        register_id: active(2).session.register_id,
        session_number: "R1-000001".into(),
        vendor_id: active(2).session.vendor_id,
        recorded_by: UserId(Uuid::from_u128(5)),
        state: EntryState::Waiting,
    }
}

#[test]
fn the_queue_keeps_its_order_over_changes_restarts_and_the_end_of_the_session() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = store(folder.path(), SERVER);
        store.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
        store.save(&[Write::Session(active(2))]).unwrap();
        for number in [30, 10, 20] {
            store.save(&[Write::Entry(entry(number))]).unwrap();
        }
        let refused = EntryState::Refused { code: Code::SessionOver, detail: "409".into() };
        store.save(&[Write::Entry(Entry { state: refused, ..entry(30) })]).unwrap();
        store.save(&[Write::RemoveEntry(entry(10).id())]).unwrap();
        store.save(&[Write::RemoveSession(active(2).session.register_id)]).unwrap();
    }
    let queue = store(folder.path(), SERVER).load().unwrap().queue;
    let numbers: Vec<u128> = queue.iter().map(|entry| entry.id().0.as_u128()).collect();
    assert_eq!(numbers, [30, 20], "a refused entry keeps its place");
    assert!(matches!(queue[0].state, EntryState::Refused { .. }));
}

#[test]
fn the_told_movements_go_with_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    store.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    store.save(&[Write::Session(active(2))]).unwrap();
    store.save(&[Write::Movements(active(2).session.register_id, vec![movement(7)])]).unwrap();
    assert_eq!(store.load().unwrap().movements, [movement(7)]);
    store.save(&[Write::RemoveSession(active(2).session.register_id)]).unwrap();
    assert!(store.load().unwrap().movements.is_empty());
}

/// What a power cut leaves behind: the files as they were at some byte of the last writes.
#[test]
fn a_power_cut_leaves_a_prefix_and_never_a_mixture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onetill.sqlite");
    let wal = folder.path().join("onetill.sqlite-wal");
    let open = store(folder.path(), SERVER);
    for number in 1..=12 {
        open.save(&[Write::Entry(entry(number))]).unwrap();
    }
    // The connection stays open: nothing is checkpointed by closing, as in a power cut.
    let (main, log) = (std::fs::read(&path).unwrap(), std::fs::read(&wal).unwrap());
    let mut longest = 0;
    for cut in (0..=log.len()).step_by(2053).chain([log.len()]) {
        let after = tempfile::tempdir().unwrap();
        std::fs::write(after.path().join("onetill.sqlite"), &main).unwrap();
        let mut torn = log[..cut].to_vec();
        // The sector that was being written holds anything.
        let sector = torn.len().saturating_sub(200);
        if cut < log.len() {
            torn[sector..].fill(0xA5);
        }
        std::fs::write(after.path().join("onetill.sqlite-wal"), &torn).unwrap();
        let opening = StoreFile::open(&after.path().join("onetill.sqlite")).unwrap();
        assert!(opening.set_aside.is_empty(), "cut at {cut}: a torn end is no damage");
        let queue = ProjectStore::new(opening.file, SERVER.to_owned()).load().unwrap().queue;
        let numbers: Vec<u128> = queue.iter().map(|entry| entry.id().0.as_u128()).collect();
        let prefix: Vec<u128> = (1..=numbers.len() as u128).collect();
        assert_eq!(numbers, prefix, "cut at {cut}");
        longest = numbers.len();
    }
    assert_eq!(longest, 12, "with all that was synced, all is there");
}

#[test]
fn every_acknowledged_entry_is_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let open = store(folder.path(), SERVER);
    for number in 1..=5 {
        open.save(&[Write::Entry(entry(number))]).unwrap();
        let after = tempfile::tempdir().unwrap();
        for name in ["onetill.sqlite", "onetill.sqlite-wal"] {
            std::fs::copy(folder.path().join(name), after.path().join(name)).unwrap();
        }
        let queue = store(after.path(), SERVER).load().unwrap().queue;
        assert_eq!(queue.len() as u128, number, "there when the call returned");
    }
}

fn closing(vendor: u128, step: Step) -> Closing {
    Closing {
        session: Session { vendor_id: VendorId(Uuid::from_u128(vendor)), ..active(2).session },
        register_number: "REG-1".into(),
        register_name: "Front counter".into(),
        location: location(),
        allowed_by: Some("Mara".into()),
        step,
    }
}

fn counting(text: &str) -> Step {
    let hold = Hold { key: IntentKey(Uuid::from_u128(7)), since: Some(at(9)) };
    Step::Counting(Counting { hold: Some(hold), tally: Tally::Sum { amount: amount(text) } })
}

#[test]
fn a_count_is_where_it_was_after_a_restart_and_each_shop_has_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let staff = |vendor: u128| Staff {
        user_id: UserId(Uuid::from_u128(5)),
        vendor_id: VendorId(Uuid::from_u128(vendor)),
        vendor_name: String::new(),
        display_name: String::new(),
        role: Role::Cashier,
        locations: vec![location()],
    };
    {
        let store = store(folder.path(), SERVER);
        store.save(&[Write::Staff(Some(staff(4)))]).unwrap();
        store.save(&[Write::Closing(closing(4, counting("12.00")))]).unwrap();
        store.save(&[Write::Closing(closing(4, counting("123.45")))]).unwrap();
        store.save(&[Write::Closing(closing(8, counting("8.00")))]).unwrap();
    }
    let store = store(folder.path(), SERVER);
    assert_eq!(store.load().unwrap().closing, Some(closing(4, counting("123.45"))));
    store.save(&[Write::Staff(Some(staff(8)))]).unwrap();
    assert_eq!(store.load().unwrap().closing, Some(closing(8, counting("8.00"))));
    store.save(&[Write::RemoveClosing(VendorId(Uuid::from_u128(8)))]).unwrap();
    assert_eq!(store.load().unwrap().closing, None);
    store.save(&[Write::Staff(Some(staff(4)))]).unwrap();
    assert_eq!(store.load().unwrap().closing, Some(closing(4, counting("123.45"))), "the other's stays");
}

#[test]
fn a_session_settled_here_is_settled_after_a_restart_whoever_has_signed_out() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = store(folder.path(), SERVER);
        store.save(&[Write::Assignment(Some(assignment(2))), Write::Session(active(2))]).unwrap();
        store.save(&[Write::Closing(closing(4, Step::Done(Done::Ended)))]).unwrap();
        store.save(&[Write::Closing(closing(8, counting("8.00")))]).unwrap();
        store.save(&[Write::Staff(None)]).unwrap();
    }
    let persisted = store(folder.path(), SERVER).load().unwrap();
    assert_eq!(persisted.active, Some(active(2)));
    assert_eq!(
        persisted.closing,
        Some(closing(4, Step::Done(Done::Ended))),
        "of the session's shop, and done"
    );
}

fn count(number: u128) -> CountIntent {
    CountIntent {
        id: CountId(Uuid::from_u128(number)),
        session_id: SessionId(Uuid::from_u128(6)),
        vendor_id: Some(VendorId(Uuid::from_u128(4))),
        kind: CountKind::Spot,
        tally: Tally::Sum { amount: amount("10.00") },
        amount: amount("10.00"),
        counted_at: at(4),
    }
}

#[test]
fn counts_wait_in_order_and_leave_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    for number in [3, 1, 3, 2] {
        store.save(&[Write::Count(count(number))]).unwrap();
    }
    assert_eq!(store.load().unwrap().counts, [count(3), count(1), count(2)]);
    store.save(&[Write::RemoveCount(count(1).id)]).unwrap();
    assert_eq!(store.load().unwrap().counts, [count(3), count(2)]);
}

fn numbers(queue: &[Entry]) -> Vec<u128> {
    queue.iter().map(|entry| entry.id().0.as_u128()).collect()
}

#[test]
fn what_waited_in_a_damaged_file_is_back_in_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onetill.sqlite");
    {
        let before = store(folder.path(), SERVER);
        for number in 1..=3 {
            before.save(&[Write::Entry(entry(number))]).unwrap();
        }
        let refused = EntryState::Refused { code: Code::SessionOver, detail: "409".into() };
        before.save(&[Write::Entry(Entry { state: refused, ..entry(2) })]).unwrap();
        before.save(&[Write::Count(count(7))]).unwrap();
    }
    break_another_table(&path);
    let opening = StoreFile::open(&path).unwrap();
    let [aside] = opening.set_aside.as_slice() else { panic!("{:?}", opening.set_aside) };
    assert_eq!((aside.rescued, aside.complete), (3, true));
    let after = ProjectStore::new(opening.file, SERVER.to_owned());
    let persisted = after.load().unwrap();
    assert_eq!(numbers(&persisted.queue), [1, 2, 3]);
    assert!(matches!(persisted.queue[1].state, EntryState::Refused { .. }), "as it was");
    assert_eq!(persisted.counts, [count(7)], "a count that was not sent is sent, too");
    assert_eq!(persisted.set_aside.len(), 1);

    // What is sent in the meantime does not come back, and the notice stays until somebody has read it.
    after.save(&[Write::RemoveEntry(entry(1).id())]).unwrap();
    drop(after);
    let again = store(folder.path(), SERVER);
    assert_eq!(numbers(&again.load().unwrap().queue), [2, 3]);
    assert_eq!(again.load().unwrap().set_aside.len(), 1);
    again.save(&[Write::SetAsideRead]).unwrap();
    drop(again);
    assert!(store(folder.path(), SERVER).load().unwrap().set_aside.is_empty());
}

/// Overwrites the page on which a table begins that is not the queue's.
fn break_another_table(path: &Path) {
    let (page, size): (u64, u64) = {
        let file = rusqlite::Connection::open(path).unwrap();
        let page = "SELECT rootpage FROM sqlite_schema WHERE name = 'shift'";
        (
            file.query_row(page, [], |row| row.get::<_, u32>(0)).unwrap().into(),
            file.query_row("PRAGMA page_size", [], |row| row.get::<_, u32>(0)).unwrap().into(),
        )
    };
    let mut bytes = std::fs::read(path).unwrap();
    let begin = usize::try_from((page - 1) * size).unwrap();
    bytes[begin..begin + usize::try_from(size).unwrap()].fill(0xA5);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_crash_between_setting_aside_and_taking_up_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    {
        let before = store(folder.path(), SERVER);
        before.save(&[Write::Entry(entry(1))]).unwrap();
        // The connection is left open: the entry is in the log beside the file only, as after a power cut.
        let copy = |name: &str, to: &str| {
            std::fs::copy(folder.path().join(name), folder.path().join(to)).unwrap();
        };
        copy("onetill.sqlite", "onetill.sqlite.set-aside-1");
        copy("onetill.sqlite-wal", "onetill.sqlite.set-aside-1-wal");
        before.save(&[Write::RemoveEntry(entry(1).id())]).unwrap();
    }
    let kept = std::fs::read(folder.path().join("onetill.sqlite.set-aside-1")).unwrap();
    let opening = StoreFile::open(&folder.path().join("onetill.sqlite")).unwrap();
    assert_eq!((opening.set_aside[0].rescued, opening.set_aside[0].complete), (1, true));
    let queue = ProjectStore::new(opening.file, SERVER.to_owned()).load().unwrap().queue;
    assert_eq!(numbers(&queue), [1]);
    assert_eq!(std::fs::read(folder.path().join("onetill.sqlite.set-aside-1")).unwrap(), kept, "untouched");
}

#[test]
fn a_damaged_queue_gives_what_can_be_read_and_says_that_it_is_not_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onetill.sqlite");
    {
        let before = store(folder.path(), SERVER);
        for number in 1..=60 {
            before.save(&[Write::Entry(entry(number))]).unwrap();
        }
    }
    let mut bytes = std::fs::read(&path).unwrap();
    let row = serde_json::to_string(&entry(30)).unwrap();
    let begin = bytes.windows(row.len()).position(|found| found == row.as_bytes()).unwrap();
    let page = begin / 4096 * 4096;
    bytes[page..page + 4096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let opening = StoreFile::open(&path).unwrap();
    let aside = &opening.set_aside[0];
    assert!(!aside.complete, "{aside:?}");
    assert!(aside.rescued > 0 && aside.rescued < 60, "{aside:?}");
    let queue = ProjectStore::new(opening.file, SERVER.to_owned()).load().unwrap().queue;
    assert!(queue.iter().all(|found| *found == entry(found.id().0.as_u128())), "whole entries only");
    let order = numbers(&queue);
    assert!(order.is_sorted(), "in their order: {order:?}");
}

fn shop() -> ShopSettings {
    let rules = r#"{"selling_on": true, "prices_include_tax": true, "price_override": false,
        "no_receipt_refund": true}"#;
    ShopSettings {
        currency: "EUR".into(),
        rules: serde_json::from_str(rules).unwrap(),
        taxes: Vec::new(),
        keys: Vec::new(),
        read_at: None,
    }
}

/// A cart of one line.
fn cart(number: u128) -> Editing {
    let cart = Editing::new(SaleId(Uuid::from_u128(number)), shop().rules.terms("EUR"));
    let key = AmountKey { name: "Bread".into(), tax_code: None };
    cart.add_amount(amount("3.50"), Quantity::ONE, &key, None, &[]).unwrap()
}

fn chain() -> ChainHead {
    ChainHead {
        prefix: "REG-1".into(),
        till: 2,
        last_receipt: 0,
        last_entry: 0,
        last_hash: onetill_core::sale::Digest::default(),
    }
}

/// A sale of that cart.
fn sold(number: u128, session: u128, at_second: i64, chain: &ChainHead) -> (KeptReceipt, ChainHead) {
    let stamp = Stamp {
        session_id: SessionId(Uuid::from_u128(session)),
        by: UserId(Uuid::from_u128(5)),
        now: at(at_second),
    };
    let sealed = cart(number).pay(Role::Cashier, &shop().rules).unwrap().done(None, chain, stamp).unwrap();
    let receipt = KeptReceipt::new(sealed.sale, "Zoë".into(), at(at_second));
    (receipt, sealed.head)
}

#[test]
fn what_is_being_sold_is_there_after_a_restart_and_stays_on_its_register() {
    let folder = tempfile::tempdir().unwrap();
    let register = RegisterId(Uuid::from_u128(2));
    let (receipt, head) = sold(40, 6, 10, &chain());
    let parked = Parked {
        cart: Cart::Editing(cart(41)),
        by_name: "Zoë".into(),
        parked_at: at(3),
        label: "blue hat".into(),
    };
    let writes = [
        Write::Assignment(Some(assignment(2))),
        Write::Shop(location().id, shop()),
        Write::Chain(register, head),
        Write::Cart(register, Some(Box::new(Cart::Editing(cart(42))))),
        Write::Park(register, Box::new(parked)),
        Write::Receipt(register, Box::new(receipt)),
    ];
    let mut remembered = PersistedState::default();
    for write in &writes {
        remembered.apply(write);
    }
    store(folder.path(), SERVER).save(&writes).unwrap();
    let again = store(folder.path(), SERVER);
    assert_eq!(again.load().unwrap(), remembered);
    again.save(&[Write::Cart(register, None), Write::Unpark(SaleId(Uuid::from_u128(41)))]).unwrap();
    let selling = again.load().unwrap().selling;
    assert_eq!((selling.cart, selling.parked), (None, Vec::new()));
    again.save(&[Write::Assignment(Some(assignment(8)))]).unwrap();
    let elsewhere = again.load().unwrap().selling;
    assert_eq!((elsewhere.chain, elsewhere.receipts), (None, Vec::new()), "another register has its own");
    assert_eq!(elsewhere.shop, Some(shop()), "the rules are the store's");
}

#[test]
fn receipts_of_earlier_shifts_go_after_a_week_and_those_of_this_one_stay() {
    const DAY: i64 = 86_400;
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    store.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    let register = RegisterId(Uuid::from_u128(2));
    let mut head = chain();
    for (number, session, day) in [(40, 6, 0), (41, 6, 5), (42, 7, 3), (43, 7, 9)] {
        let (receipt, next) = sold(number, session, day * DAY, &head);
        head = next;
        store.save(&[Write::Receipt(register, Box::new(receipt))]).unwrap();
    }
    let receipts = store.load().unwrap().selling.receipts;
    let left: Vec<u128> = receipts.iter().map(|receipt| receipt.sale.id.0.as_u128()).collect();
    assert_eq!(left, [41, 42, 43], "the first is nine days old, and of an earlier shift");
}

#[test]
fn a_queue_that_an_earlier_version_wrote_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onetill.sqlite");
    let store = store(folder.path(), SERVER);
    let text = r#"{"movement":{"id":"00000000-0000-0000-0000-00000000001e",
        "session_id":"00000000-0000-0000-0000-000000000006","kind":"pay_out","amount":"12.30","reason":"window cleaner",
        "note":"","reference":"","reverses":null,"by_name":"Zoë","recorded_at":"1970-01-01T00:00:04Z","sent_at":null},
        "register_id":"00000000-0000-0000-0000-000000000002","session_number":"R1-000001",
        "vendor_id":"00000000-0000-0000-0000-000000000004","recorded_by":"00000000-0000-0000-0000-000000000005",
        "state":{"state":"waiting"}}"#;
    Connection::open(path)
        .unwrap()
        .execute("INSERT INTO entry (server, movement, entry) VALUES (?1, ?2, ?3)", [SERVER, "30", text])
        .unwrap();
    assert_eq!(store.load().unwrap().queue, [entry(30)]);
}

#[test]
fn the_carts_of_a_file_that_is_set_aside_wait_in_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onetill.sqlite");
    let register = RegisterId(Uuid::from_u128(2));
    let paying = cart(42).pay(Role::Cashier, &shop().rules).unwrap();
    let approved = Cart::Paying(paying.card_approved(amount("3.50"), "A17").unwrap());
    let parked = Parked {
        cart: Cart::Editing(cart(41)),
        by_name: "Zoë".into(),
        parked_at: at(3),
        label: "hat".into(),
    };
    {
        let before = store(folder.path(), SERVER);
        let writes = [
            Write::Chain(register, chain()),
            Write::Cart(register, Some(Box::new(approved.clone()))),
            Write::Park(register, Box::new(parked.clone())),
        ];
        before.save(&writes).unwrap();
    }
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 9999").unwrap();
    let after = store(folder.path(), SERVER);
    after.save(&[Write::Assignment(Some(assignment(2)))]).unwrap();
    let selling = after.load().unwrap().selling;
    assert_eq!(selling.parked[0], parked);
    assert_eq!(selling.parked[1].cart, approved, "what the terminal approved is not forgotten");
    assert_eq!((selling.parked.len(), selling.cart, selling.chain), (2, None, None));
}
