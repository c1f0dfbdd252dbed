use super::*;
use onetill_core::{
    Amount, Location, LocationId, Outcome, Register, RegisterStatus, Role, Session, SessionId, SessionStatus,
    UserId, VendorId, session::Totals,
};
use std::path::Path;
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
    }
}

fn placement(register: u128) -> Placement {
    Placement {
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
        },
        outcome: Outcome::Joined,
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
        assert_eq!(store.recall().unwrap(), Remembered::default(), "a new device remembers nothing");
        store.keep_staff(Some(&staff)).unwrap();
        store.keep_placement(Some(&placement(2))).unwrap();
        store.keep_intent(&intent(2)).unwrap();
    }
    let store = store(folder.path(), SERVER);
    let remembered = store.recall().unwrap();
    assert_eq!(remembered.staff, Some(staff));
    assert_eq!(remembered.placement, Some(placement(2)));
    assert_eq!(remembered.intent, Some(intent(2)));
    assert_eq!(remembered.active, None);
}

#[test]
fn a_session_takes_the_place_of_its_intent_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    store.keep_placement(Some(&placement(2))).unwrap();
    store.keep_intent(&intent(2)).unwrap();
    store.keep_session(&active(2)).unwrap();
    let remembered = store.recall().unwrap();
    assert_eq!(remembered.active, Some(active(2)));
    assert_eq!(remembered.intent, None);
    store.drop_session(active(2).session.register_id).unwrap();
    assert_eq!(store.recall().unwrap().active, None);
}

#[test]
fn only_the_intent_that_was_meant_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), SERVER);
    store.keep_placement(Some(&placement(2))).unwrap();
    store.keep_intent(&intent(2)).unwrap();
    store.drop_intent(IntentKey(Uuid::from_u128(999))).unwrap();
    assert_eq!(
        store.recall().unwrap().intent,
        Some(intent(2)),
        "a late answer to another intent changes nothing"
    );
    store.drop_intent(intent(2).key).unwrap();
    assert_eq!(store.recall().unwrap().intent, None);
}

#[test]
fn projects_and_registers_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let here = store(folder.path(), SERVER);
    here.keep_placement(Some(&placement(2))).unwrap();
    here.keep_session(&active(2)).unwrap();
    here.keep_placement(Some(&placement(8))).unwrap();
    assert_eq!(here.recall().unwrap().active, None, "the other register has no session here");
    here.keep_placement(Some(&placement(2))).unwrap();
    assert_eq!(here.recall().unwrap().active, Some(active(2)), "and the first one kept its own");
    drop(here);
    assert_eq!(store(folder.path(), "https://other.example").recall().unwrap(), Remembered::default());
}
