//! What the functions answer, as it comes over the wire, good and hostile.

use super::*;
use onetill_core::sale::{Quantity, TenderKind};
use serde::de::DeserializeOwned;

const ITEM: &str = r#"{"id":"0198b2de-0000-7000-8000-000000000050","name":"Tea","short_name":null,"sku":"T1","unit":null,"price":"3.50","price_is_open":false,"tax_code":"A","category":"Hot","age_limit":null,"version":7,"codes":[{"code":"4006381333931","factor":"1"},{"code":"C6","factor":"6"},{"code":"BAD","factor":"1000000"}]}"#;
const RULES: &str = r#"{"selling_on":true,"country":"US","fiscal":"off","needs_certificate":false,"currency":"USD","prices_include_tax":false,"cash_step":null,"cash_half":"up","discount_percent_limit":"10.00","sale_limit":null,"refund_limit":"50.00","void_limit":"50.00","price_override":false,"no_receipt_refund":true,"other_tenders":["Voucher"],"receipt_header":null,"receipt_footer":"Thank you","code_rules":[]}"#;
const SALE: &str = r#"{"server_time":"2026-11-30T10:00:00Z","sale":{"id":"0198b2de-0000-7000-8000-000000000001","session_id":"0198b2de-0000-7000-8000-000000000002","kind":"sale","original_id":null,"till":2,"receipt_number":"R1-B-000042","receipt":{"till":2,"seq":42,"number":"R1-B-000042","chain_seq":60,"prev_hash":"0909090909090909090909090909090909090909090909090909090909090909","hash":"0808080808080808080808080808080808080808080808080808080808080808"},"currency":"USD","prices_include_tax":false,"gross":"10.00","discount":"0.00","net":"10.00","tax":"0.73","total":"10.73","cash_rounding":"0.00","net_cash":"10.73","net_card":"0.00","net_other":"0.00","line_count":1,"reason":null,"note":null,"approval_id":null,"age_checked":false,"device_time":null,"business_date":"2026-11-30","recorded_at":"2026-11-30T09:00:00Z","recorded_by":null,"by_name":"Ana","sent_by_name":null,"late":false,"flags":["over_limit"],"voided":false,"lines":[{"no":1,"item_id":null,"name":"Bread","code":null,"unit":null,"quantity":"2","unit_price":"5.00","gross":"10.00","discount":"0.00","cart_discount":"0.00","net":"10.00","tax_code":"A","original_line":null,"list_price":null,"discount_reason":null}],"taxes":[{"tax_code":"A","component":"State","rate":"0.0725","base":"10.00","tax":"0.73"}],"tenders":[{"no":1,"kind":"cash","label":null,"amount":"10.73","tendered":"20.00","change":"9.27","reference":null}]},"refundable":{"lines":[{"no":1,"quantity":"1","net":"5.00"}],"taxes":[{"tax_code":"A","component":"State","base":"5.00","tax":"0.36"}],"tenders":[]},"refunds":[{"id":"0198b2de-0000-7000-8000-000000000003","receipt_number":"R1-A-000007","kind":"refund","original_id":"0198b2de-0000-7000-8000-000000000001","total":"5.37","tenders":[{"kind":"cash","amount":"5.37"}],"by_name":"Ben","recorded_at":"2026-11-30T09:30:00Z","device_time":"2026-11-30T09:29:59.5Z","late":false,"flags":[]}]}"#;

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|why| why.to_string())
}

fn page(items: &str, settings: &str) -> String {
    format!(
        r#"{{"location_id":"0198b2de-0000-7000-8000-0000000000b1","cursor":9,"more":false,"items":[{items}],"removed":["0198b2de-0000-7000-8000-000000000051"],{settings},"server_time":"2026-11-30T10:00:00Z"}}"#
    )
}

#[test]
fn the_head_of_a_chain_has_its_prefix_without_the_letter() {
    let head = |till: u32, prefix: &str, last: &str, hash: &str| {
        let text = format!(
            r#"{{"till":{till},"letter":"B","prefix":"{prefix}","last_receipt":{last},"last_chain_seq":60,"last_hash":"{hash}"}}"#
        );
        read::<TillResponse>(&text).ok().and_then(TillResponse::into_head)
    };
    let hash = "09".repeat(32);
    let expected = ChainHead {
        prefix: "REG-1".into(),
        till: 2,
        last_receipt: 41,
        last_entry: 60,
        last_hash: Digest([9; 32]),
    };
    assert_eq!(head(2, "REG-1-B", "41", &hash), Some(expected));
    assert_eq!(head(28, "B-AB", "0", &hash).map(|head| head.prefix).as_deref(), Some("B"));
    for (till, prefix, last, hash) in [
        (2, "REG-1-A", "41", &*hash),
        (2, "B", "41", &*hash),
        (0, "REG-1", "41", &*hash),
        (70_000, "REG-1-B", "41", &*hash),
        (2, "REG-1-B", "-1", &*hash),
        (2, "REG-1-B", "41", "09"),
        (2, "REG-1-B", "41", &*"0G".repeat(32)),
    ] {
        assert_eq!(head(till, prefix, last, hash), None, "{till} {prefix} {last} {hash}");
    }
}

#[test]
fn a_page_of_the_catalogue_is_read_to_the_digit() {
    let settings = format!(
        r#""taxes":[{{"code":"A","name":"VAT","components":[{{"name":"S","rate":"0.0475"}},{{"name":"C","rate":0.025}}],"valid_from":"2020-01-01"}}],"quick_keys":[{{"page":1,"place":2,"item_id":"0198b2de-0000-7000-8000-000000000050","label":null,"colour":"red","item":{ITEM}}}],"rules":{RULES}"#
    );
    let read_page = read::<CatalogueResponse>(&page(ITEM, &settings)).unwrap().into_page();
    let tea = &read_page.items[0];
    assert_eq!((tea.item.name.as_str(), tea.item.price, tea.version), ("Tea", "3.50".parse().ok(), 7));
    let codes: Vec<&str> = tea.codes.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["4006381333931", "C6"], "a factor that no line holds keeps nothing else away");
    assert_eq!(tea.codes[1].factor, "6".parse::<Quantity>().unwrap());
    let shop = read_page.settings.unwrap();
    assert_eq!((shop.currency.as_str(), shop.rules.country.as_deref()), ("USD", Some("US")));
    let rates: Vec<String> = shop.taxes[0].components.iter().map(|part| part.rate.to_string()).collect();
    assert_eq!(rates, ["0.0475", "0.025"], "as a text or a number, never through another one");
    assert_eq!(shop.keys[0].item, None, "what a key sells, this device looks up");

    let nothing = r#""taxes":null,"quick_keys":null,"rules":null"#;
    assert_eq!(read::<CatalogueResponse>(&page("", nothing)).unwrap().into_page().settings, None);
    for wrong in ["1e9", "-1", "NaN", "", "123456789012345678901234567890"] {
        let bad = settings.replace("0.0475", wrong);
        assert!(read::<CatalogueResponse>(&page(ITEM, &bad)).is_err(), "a rate of {wrong}");
    }
    for (part, wrong) in [("\"3.50\"", "3.5"), ("\"3.50\"", "\"x\""), ("\"version\":7", "\"version\":null")] {
        assert!(read::<CatalogueResponse>(&page(&ITEM.replace(part, wrong), nothing)).is_err(), "{wrong}");
    }
}

#[test]
fn a_receipt_comes_whole_with_what_is_left_of_it() {
    let found = read::<SaleResponse>(SALE).unwrap().into_sale();
    let sale = &found.original.sale;
    assert_eq!((sale.totals.total, sale.totals.currency.as_str()), ("10.73".parse().unwrap(), "USD"));
    assert_eq!((sale.receipt.seq, sale.receipt.hash), (Some(42), Digest([8; 32])));
    assert_eq!(sale.device_time, found.recorded_at, "the server's time, where a client told none");
    assert_eq!((sale.tenders[0].kind, sale.tenders[0].change), (TenderKind::Cash, "9.27".parse().ok()));
    let left = found.original.left();
    assert_eq!((left[0].quantity, left[0].net), (Some(Quantity::ONE), "5.00".parse().unwrap()));
    assert_eq!((found.refunds[0].by_name.as_str(), found.refunds[0].kind), ("Ben", SaleKind::Refund));

    let voided = SALE.replace(r#""voided":false"#, r#""voided":true"#);
    let refundable = voided.find(r#""refundable""#).unwrap();
    let refunds = voided.find(r#","refunds""#).unwrap();
    let voided = format!("{}\"refundable\":null{}", &voided[..refundable], &voided[refunds..]);
    let found = read::<SaleResponse>(&voided).unwrap().into_sale();
    assert!(found.voided);
    assert_eq!(found.original.left()[0].quantity, None, "nothing comes back of what was voided");
}

#[test]
fn an_entry_is_sent_field_by_field_and_a_void_as_done() {
    let sale = read::<SaleResponse>(SALE).unwrap().into_sale().original.sale;
    let body = arguments(&sale).unwrap();
    let names: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "p_age_checked",
            "p_approval_id",
            "p_device_time",
            "p_id",
            "p_kind",
            "p_lines",
            "p_note",
            "p_original_id",
            "p_reason",
            "p_receipt",
            "p_recorded_by",
            "p_session_id",
            "p_taxes",
            "p_tenders",
            "p_totals"
        ]
    );
    assert_eq!(body["p_totals"]["total"], "10.73", "money as text");
    assert_eq!(body["p_lines"][0]["quantity"], "2");
    assert_eq!(body["p_receipt"]["offline"], false);
    let void = arguments(&Sale { kind: SaleKind::Void, ..sale }).unwrap();
    assert_eq!(void["p_receipt"]["offline"], true);
}

#[test]
fn an_outcome_that_is_unknown_here_is_no_answer() {
    let answer = |outcome: &str| {
        read::<RecordResponse>(&format!(
            r#"{{"outcome":"{outcome}","revision":4,"sale":{{"id":"0198b2de-0000-7000-8000-000000000001","late":true,"flags":["late"]}}}}"#
        ))
    };
    assert!(answer("late").is_ok() && answer("replayed").is_ok());
    assert!(answer("pending").is_err());
}
