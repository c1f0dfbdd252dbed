//! Reports as the functions write them, in all the forms that sheets on record have.

use super::*;

const Z_SHEET: &str = r#"{"session_id":"0198b2de-0000-7000-8000-000000000001","session_number":"M1-000042",
 "register_id":"00000000-0000-4000-8000-000000001001","register_number":"M1","register_name":"Front",
 "location_name":"Main Street","timezone":"Europe/Berlin","currency":"EUR","vendor_name":"Corner Café",
 "business_date":"2026-11-23","opened_at":"2026-11-23T07:00:00.000000Z","opener_name":"Ana","opening_cash":"200.00",
 "totals":{"total_sales":"80.10","total_transactions":3,"total_cash":"50.10","total_card":"30.00"},
 "movements":[{"type":"no_sale","count":1,"amount":"0.00","effect":"0.00"},
  {"type":"paid_in","count":2,"amount":"12.00","effect":"12.00"},
  {"type":"pay_out","count":1,"amount":"5.00","effect":"-5.00"},
  {"type":"reversal","count":1,"amount":"5.00","effect":"5.00"}],
 "entries":[{"type":"pay_out","amount":"5.00","effect":"-5.00","reason":"supplies","note":"Milk","by_name":"Ben",
   "at":"2026-11-23T09:30:00.000000Z"},
  {"type":"paid_in","amount":"12.00","effect":"12.00","reason":null,"note":" ","by_name":"","at":"2026-11-23T10:00:00.000000Z"}],
 "participants":[{"name":"Ben","joined_at":"2026-11-23T08:00:00.000000Z"}],
 "counts":[{"kind":"closing","amount":"260.00","by_name":"Ana","counted_at":"2026-11-23T18:00:00.000000Z","approved_by_name":null},
  {"kind":"closing","amount":"261.10","denominations":{"0.10":11,"5.00":2,"50.00":5,"2.00":0},"by_name":"Ana","counted_at":"2026-11-23T18:05:00.000000Z","approved_by_name":"Mia"}],
 "z_number":7,"closed_at":"2026-11-23T18:06:00.000000Z","closed_by_name":"Ana","ended_at":"2026-11-23T18:06:00.000000Z",
 "ended_by_name":"Ana","end_reason":null,"close_kind":"normal","was_counted":true,"expected_cash":"262.10",
 "counted_cash":"261.10","cash_difference":"-1.00","count_attempts":2,"reason":" ","approved_by_name":"Mia",
 "left_in_drawer":"200.00","taken_out":"61.10"}"#;

fn z(text: &str) -> Report {
    serde_json::from_str::<SheetResponse<Z>>(text).unwrap().into_report(false)
}

#[test]
fn a_z_keeps_every_figure_to_its_last_digit() {
    let report = z(Z_SHEET);
    let settlement = report.settlement().unwrap();
    assert_eq!((settlement.z_number, settlement.copy), (7, false));
    assert_eq!(settlement.reason, None, "a blank is no reason");
    assert_eq!(settlement.taken_out.unwrap().to_string(), "61.10");
    let cash = &report.tenders[0];
    assert_eq!(cash.expected.unwrap().to_string(), "262.10");
    let Counted::Counted { amount, difference } = cash.counted else { panic!("the drawer was counted") };
    assert_eq!(
        (amount.to_string(), difference.unwrap().amount().to_string()),
        ("261.10".into(), "-1.00".into())
    );
    let start = report.opening_cash.unwrap().decimal() + report.totals.total_cash.decimal();
    let sum = report.movements.iter().fold(start, |sum, movement| sum + movement.effect.unwrap().decimal());
    assert_eq!(sum.to_string(), "262.10", "the sheet adds up");
    assert_eq!(report.movements[1].kind, SumKind::Other, "an earlier client's word");
    assert_eq!((report.participants.len(), report.counts.len()), (1, 2));
    let told = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&told).unwrap(), report, "the window may hand it back");
}

#[test]
fn each_movement_and_each_kind_of_note_and_coin_is_told() {
    let report = z(Z_SHEET);
    let told = |name: &str| -> Vec<String> {
        let lines = report.lines.iter().filter(|line| line.name == name);
        lines.map(|line| serde_json::to_string(&(&line.label, line.count, &line.value)).unwrap()).collect()
    };
    assert_eq!(told("entry.1.pay_out"), [r#"[{"word":"pay_out"},null,{"change":"-5.00"}]"#]);
    assert_eq!(told("entry.1.reason"), [r#"[{"word":"reason"},null,{"text":"supplies"}]"#]);
    assert_eq!(told("entry.1.note"), [r#"[{"word":"note"},null,{"text":"Milk"}]"#]);
    assert_eq!(told("entry.1.by"), [r#"[{"text":"Ben"},null,{"moment":"2026-11-23T09:30:00Z"}]"#]);
    assert_eq!(told("entry.2.other"), [r#"[{"text":"paid_in"},null,{"change":"12.00"}]"#]);
    assert!(told("entry.2.note").is_empty(), "a blank says nothing");
    assert_eq!(
        told("count.closing.pieces"),
        [
            r#"[{"amount":"50.00"},5,{"amount":"250.00"}]"#,
            r#"[{"amount":"5.00"},2,{"amount":"10.00"}]"#,
            r#"[{"amount":"0.10"},11,{"amount":"1.10"}]"#,
        ]
    );
}

#[test]
fn money_as_a_number_is_the_same_money() {
    let numbers = Z_SHEET.replace("\"262.10\"", "262.10").replace("\"200.00\"", "200.00");
    assert_ne!(numbers, Z_SHEET);
    assert_eq!(z(&numbers), z(Z_SHEET));
}

#[test]
fn not_counted_is_not_zero() {
    let uncounted = Z_SHEET
        .replace("\"was_counted\":true", "\"was_counted\":false")
        .replace("\"counted_cash\":\"261.10\"", "\"counted_cash\":null")
        .replace("\"cash_difference\":\"-1.00\"", "\"cash_difference\":null");
    assert_eq!(z(&uncounted).tenders[0].counted, Counted::NotCounted);
}

#[test]
fn a_sheet_from_before_people_and_counts_were_kept_is_readable() {
    let (head, tail) = Z_SHEET.split_once("\"participants\"").unwrap();
    let tail = tail.split_once("\"z_number\"").unwrap().1;
    let old = format!("{head}\"z_number\"{tail}").replace(",\"effect\":\"-5.00\"", "");
    let report = z(&old);
    assert!(report.participants.is_empty() && report.counts.is_empty());
    assert!(report.movements.iter().any(|sum| sum.effect.is_none()), "an unknown effect is no zero");
}

#[test]
fn an_x_hides_what_the_server_hides() {
    let x = Z_SHEET
        .split_once("\"z_number\"")
        .map(|(head, _)| format!("{head}\"status\":\"open\",\"expected_cash\":null,\"revision\":9,\"server_time\":\"2026-11-23T12:00:00.5Z\"}}"))
        .unwrap();
    let report = serde_json::from_str::<SheetResponse<X>>(&x).unwrap().into_report();
    assert_eq!(report.tenders[0].expected, None);
    assert_eq!(report.tenders[0].counted, Counted::NotCounted);
    let Sheet::X { read_at, status } = report.sheet else { panic!("it is an X") };
    assert_eq!((read_at.to_string(), status), ("2026-11-23T12:00:00.5Z".into(), SessionStatus::Open));
}

#[test]
fn what_is_no_report_is_refused() {
    for (from, to) in [
        ("\"261.10\",\"cash_difference\"", "\"NaN\",\"cash_difference\""),
        ("\"z_number\":7", "\"z_number\":-7"),
        ("\"normal\"", "\"sideways\""),
        ("2026-11-23T18:06:00.000000Z", "infinity"),
        ("\"business_date\":\"2026-11-23\"", "\"business_date\":\"yesterday\""),
    ] {
        let broken = Z_SHEET.replace(from, to);
        assert_ne!(broken, Z_SHEET, "{from} is in the sheet");
        assert!(serde_json::from_str::<SheetResponse<Z>>(&broken).is_err(), "{from} as {to}");
    }
}

/// As `onetill.sales_of_shift` and `onetill.addendum` write it.
const SOLD: &str = r#""sales":{"count":3,"gross":"71.00","discount":"2.00","net":"69.00","tax":"4.83","total":"73.83"},
 "refunds":{"count":1,"amount":"3.56"},"voids":{"count":1,"amount":"1.07"},"discards":{"count":1,"amount":"3.21"},
 "cash_rounding":"-0.02","taxes":[{"tax_code":"A","component":"VAT","rate":"0.07","base":"64.67","tax":"4.53"}],
 "tenders":[{"kind":"card","label":null,"count":1,"amount":"19.26"},{"kind":"other","label":"Voucher","count":1,"amount":"5.00"}],
 "receipts":[{"till":2,"letter":"B","prefix":"M1-B","first":"M1-B-000001","last":"M1-B-000004","count":4,"missing":3,
  "missing_numbers":["M1-B-000005","M1-B-000006","M1-B-000007"]}],
 "late":[],"ledger_agrees":false,"other_clients":{"total_sales":"107.00","total_cash":"0.00","total_card":"107.00","total_transactions":1},
 "addendum":[{"id":"01900001-0000-7000-8000-000000000001","kind":"refund","receipt_number":"M1-A-000009",
  "session_id":"0198b2de-0000-7000-8000-000000000001","session_number":"M1-000041","business_date":"2026-11-22",
  "total":"12.84","net_cash":"-12.84","net_card":"0.00","net_other":"0.00","by_name":"Ben",
  "device_time":"2026-11-22T17:00:00.000000Z","recorded_at":"2026-11-23T07:30:00.000000Z"}]"#;

fn sold(sales: &str) -> Report {
    z(&Z_SHEET.replace("\"z_number\":7", &format!("{sales},\"z_number\":7")))
}

#[test]
fn what_was_sold_by_receipt_is_read_and_drawn_to_its_last_digit() {
    let report = sold(SOLD);
    let selling = report.selling.as_deref().unwrap();
    assert_eq!((selling.sales.count, selling.sales.total.to_string()), (3, "73.83".into()));
    let line = |name: &str| {
        let line = report.lines.iter().find(|line| line.name == name);
        line.map(|line| (line.count, serde_json::to_value(&line.value).unwrap()))
    };
    for (name, count, value) in [
        ("sold.gross", Some(3), r#"{"amount":"71.00"}"#),
        ("sold.discount", None, r#"{"change":"-2.00"}"#),
        ("sold.total", None, r#"{"amount":"73.83"}"#),
        ("refunds", Some(1), r#"{"change":"-3.56"}"#),
        ("voids", Some(1), r#"{"change":"-1.07"}"#),
        ("discards", Some(1), r#"{"amount":"3.21"}"#),
        ("cash_rounding", None, r#"{"change":"-0.02"}"#),
        ("tax.A.VAT.0.07", None, r#"{"amount":"4.53"}"#),
        ("tax.A.VAT.0.07.base", None, r#"{"amount":"64.67"}"#),
        ("tender.card", Some(1), r#"{"amount":"19.26"}"#),
        ("tender.other.Voucher", Some(1), r#"{"amount":"5.00"}"#),
        ("receipts.M1-B", Some(4), r#"{"text":"M1-B-000001 – M1-B-000004"}"#),
        ("receipts.M1-B.missing", None, r#"{"number":3}"#),
        ("other_clients.total_sales", None, r#"{"amount":"107.00"}"#),
        ("addendum.M1-A-000009", None, r#"{"change":"-12.84"}"#),
        ("addendum.M1-A-000009.cash", None, r#"{"change":"-12.84"}"#),
    ] {
        assert_eq!(line(name), Some((count, serde_json::from_str(value).unwrap())), "{name}");
    }
    assert!(line("ledger_agrees").is_some(), "somebody changed the totals");
    let told = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&told).unwrap(), report, "the window may hand it back");
}

#[test]
fn a_shop_that_does_not_sell_reads_nothing_of_selling() {
    assert_eq!(z(Z_SHEET).selling, None, "a database from before it");
    let none = r#""sales":{"count":0,"gross":"0.00","discount":"0.00","net":"0.00","tax":"0.00","total":"0.00"},
     "refunds":{"count":0,"amount":"0.00"},"voids":{"count":0,"amount":"0.00"},"discards":{"count":0,"amount":"0.00"},
     "cash_rounding":"0.00","taxes":[],"tenders":[],"receipts":[],"late":[],"ledger_agrees":true,"addendum":[],
     "other_clients":{"total_sales":"80.10","total_cash":"50.10","total_card":"30.00","total_transactions":3}"#;
    assert_eq!(sold(none), z(Z_SHEET));
    let missing = none.replace(
        "\"receipts\":[]",
        r#""receipts":[{"prefix":"M1-B","first":null,"last":null,"count":0,"missing":1,"missing_numbers":["M1-B-000005"]}]"#,
    );
    assert!(sold(&missing).selling.is_some(), "a receipt that is on its way is told");
}

#[test]
fn what_is_no_sheet_of_sales_is_refused() {
    for (from, to) in [("\"71.00\"", "\"NaN\""), ("\"count\":3", "\"count\":-3"), ("\"0.07\"", "\"7e9\"")] {
        let broken =
            Z_SHEET.replace("\"z_number\":7", &format!("{SOLD},\"z_number\":7")).replacen(from, to, 1);
        assert!(serde_json::from_str::<SheetResponse<Z>>(&broken).is_err(), "{from} as {to}");
    }
}
