//! Decoding what came over the wire, in all the forms that servers give it.

use super::*;
use proptest::prelude::*;

/// As PostgREST 14 wrote it: numbers with their scale, an offset instead of `Z`.
const ROW: &str = r#"{"id":"0198b2de-0000-7000-8000-000000000001","session_number":"REG-1-000042",
 "register_id":"00000000-0000-4000-8000-000000001001","location_id":"00000000-0000-4000-8000-0000000000b1",
 "vendor_id":"00000000-0000-4000-8000-0000000000a1","user_id":"00000000-0000-4000-8000-0000000000c1",
 "status":"open","opening_cash":200.00,"total_sales":512.35,"total_transactions":31,"total_cash":480.10,
 "total_card":32.25,"walk_in_sales":0,"pickup_orders_fulfilled":0,
 "opened_at":"2025-11-14T03:12:45.12+00:00","last_transaction_at":null}"#;

#[test]
fn the_sixteen_columns_become_a_session() {
    let session = serde_json::from_str::<SessionRow>(ROW).unwrap().into_session();
    assert_eq!(session.session_number, "REG-1-000042");
    assert_eq!(session.opening_cash.to_string(), "200.00");
    assert_eq!(session.totals.total_cash.to_string(), "480.10");
    assert_eq!(session.opened_at.to_string(), "2025-11-14T03:12:45.12Z");
    assert_eq!((session.revision, session.business_date, session.opener_name), (0, None, None));
}

#[test]
fn money_as_a_string_is_the_same_money() {
    let quoted = ROW.replace("200.00", "\"200.00\"").replace("512.35", "\"512.35\"");
    let one = serde_json::from_str::<SessionRow>(ROW).unwrap().into_session();
    let other = serde_json::from_str::<SessionRow>(&quoted).unwrap().into_session();
    assert_eq!(one, other);
}

#[test]
fn rows_from_before_staff_and_floats_were_recorded_are_readable() {
    let old = ROW
        .replace("\"00000000-0000-4000-8000-0000000000c1\"", "null")
        .replace("200.00", "null")
        .replace("512.35", "null");
    let session = serde_json::from_str::<SessionRow>(&old).unwrap().into_session();
    assert_eq!((session.opener_id, session.opening_cash), (None, Amount::ZERO));
}

#[test]
fn what_is_no_session_is_refused() {
    for (from, to) in [
        ("200.00", "\"NaN\""),
        ("200.00", "\"Infinity\""),
        ("200.00", "2e2"),
        ("200.00", "{}"),
        ("\"open\"", "\"shut\""),
        ("31", "-1"),
        ("2025-11-14T03:12:45.12+00:00", "infinity"),
        ("2025-11-14T03:12:45.12+00:00", "2025-11-14T03:12:45.12"),
        ("0198b2de-0000-7000-8000-000000000001", "1"),
    ] {
        let broken = ROW.replace(from, to);
        assert_ne!(broken, ROW, "{from} is in the row");
        assert!(serde_json::from_str::<SessionRow>(&broken).is_err(), "{from} as {to}");
    }
}

#[test]
fn an_answer_of_a_later_server_with_more_in_it_is_readable() {
    let told = r#"{"unchanged":false,"server_time":"2026-01-01T00:00:00+00:00","session":{
      "id":"0198b2de-0000-7000-8000-000000000001","session_number":"1","revision":7,
      "register_id":"00000000-0000-4000-8000-000000001001","location_id":"00000000-0000-4000-8000-0000000000b1",
      "vendor_id":"00000000-0000-4000-8000-0000000000a1","opener_id":null,"opener_name":" ","status":"ended",
      "opening_cash":"200.00","opened_at":"2025-11-14T03:12:45Z","business_date":"2025-11-14","participants":2,
      "counting":null,"closed_at":"2025-11-14T12:00:00.000001+00:00","ended_by_name":"Mia","close_kind":"force",
      "totals":{"total_sales":"1.10","total_transactions":1,"total_cash":"1.10","total_card":"0.00","tips":"9"},
      "expected_cash":null,"something_new":{"deep":[1,2,3]}}}"#;
    let session = serde_json::from_str::<LookResponse>(told)
        .unwrap()
        .session
        .unwrap()
        .into_session(onetill_core::DeviceId(uuid::Uuid::nil()));
    assert_eq!(session.status, SessionStatus::Ended);
    assert_eq!(session.opener_name, None, "a blank is no name");
    assert_eq!(session.ended_by_name.as_deref(), Some("Mia"));
    assert_eq!(session.totals.total_sales.to_string(), "1.10");
}

proptest! {
    #[test]
    fn digits_arrive_as_they_were_sent_in_either_form(cents in 0_i64..10_000_000_000, scale in 0_usize..8) {
        let mut text = format!("{}.{:02}", cents / 100, cents % 100);
        text.extend(std::iter::repeat_n('0', scale));
        let number: Money = serde_json::from_str(&text).unwrap();
        let string: Money = serde_json::from_str(&format!("\"{text}\"")).unwrap();
        prop_assert_eq!(number, string);
        prop_assert_eq!(number.0.to_string(), text);
    }

    #[test]
    fn no_bytes_panic_a_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = serde_json::from_slice::<SessionRow>(&bytes);
        let _ = serde_json::from_slice::<LookResponse>(&bytes);
        let _ = serde_json::from_slice::<RowId>(&bytes);
        let _ = serde_json::from_slice::<RegistersResponse>(&bytes);
        let _ = serde_json::from_slice::<WhoamiResponse>(&bytes);
        let _ = serde_json::from_slice::<Money>(&bytes);
    }

    /// Bytes at random hardly ever are JSON; a true row with something changed often still is.
    #[test]
    fn no_damage_to_a_true_row_panics(at in 0_usize..ROW.len(), byte in any::<u8>(), cut in 0_usize..ROW.len()) {
        let mut damaged = ROW.as_bytes().to_vec();
        damaged[at] = byte;
        let _ = serde_json::from_slice::<SessionRow>(&damaged);
        prop_assert!(serde_json::from_slice::<SessionRow>(&damaged[..cut]).is_err(), "cut short is never whole");
    }
}
