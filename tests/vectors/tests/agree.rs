//! The core's arithmetic against every vector.
#![allow(clippy::unwrap_used, reason = "a test")]

use onetill_core::{
    Amount, SaleId, SaleKind, SessionId, UserId,
    sale::{self, Discount, Payment, PricedLine, Returned, Sale, SaleTender, TaxRate, TenderKind},
};
use onetill_vectors::{Mistake, carts};
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

/// A file of vectors, a JSON object on each line.
fn vectors(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The entry in a vector, with what every entry has and no figure depends on.
fn entry(vector: &Value) -> serde_json::Result<Sale> {
    let mut entry = vector.clone();
    let fields = entry.as_object_mut().unwrap();
    let zeros = "0".repeat(64);
    for (field, value) in [
        ("kind", json!("sale")),
        ("id", json!(SaleId(Uuid::from_u128(1)))),
        ("session_id", json!(SessionId(Uuid::from_u128(2)))),
        ("recorded_by", json!(UserId(Uuid::from_u128(3)))),
        ("receipt", json!({ "till": 1, "chain_seq": 1, "prev_hash": zeros, "hash": zeros })),
        ("taxes", json!([])),
        ("tenders", json!([])),
        ("device_time", json!("2026-11-30T09:00:00Z")),
    ] {
        fields.entry(field).or_insert(value);
    }
    serde_json::from_value(entry)
}

/// The entries that take back what is in the vector, in their order.
fn later(vector: &Value, field: &str, kind: &str) -> Vec<serde_json::Result<Sale>> {
    let later = match vector.get(field) {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let with_kind = |mut one: Value| {
        let fields = one.as_object_mut().unwrap();
        fields.insert("kind".into(), json!(kind));
        fields.insert("original_id".into(), json!(SaleId(Uuid::from_u128(1))));
        entry(&one)
    };
    later.into_iter().map(with_kind).collect()
}

fn discount(amount: &Value, percent: &Value) -> Discount {
    match (amount.as_str(), percent.as_str()) {
        (_, Some(percent)) => Discount::Percent(percent.parse().unwrap()),
        (Some(amount), None) => Discount::Amount(amount.parse().unwrap()),
        (None, None) => Discount::None,
    }
}

fn payment(tender: &SaleTender) -> Payment {
    let reference = tender.reference.clone();
    match tender.kind {
        TenderKind::Cash => Payment::Cash(tender.tendered),
        TenderKind::Card => Payment::Card { amount: tender.amount, reference },
        TenderKind::Other => {
            Payment::Other { label: tender.label.clone().unwrap(), amount: tender.amount, reference }
        }
    }
}

/// Everything that the core computes from what people type is what the vector says.
fn assert_computed(vector: &Value, expected: &Sale) {
    let name = &vector["name"];
    let lines: Vec<PricedLine> = expected
        .lines
        .iter()
        .zip(vector["lines"].as_array().unwrap())
        .map(|(line, given)| PricedLine {
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: discount(&given["discount"], &given["discount_percent"]),
            tax_code: line.tax_code.clone(),
        })
        .collect();
    let rates: Vec<TaxRate> = expected
        .taxes
        .iter()
        .map(|row| TaxRate {
            tax_code: row.tax_code.clone(),
            component: row.component.clone(),
            rate: row.rate,
        })
        .collect();
    let terms = expected.totals.terms();
    let off = discount(&vector["cart_discount"], &vector["cart_discount_percent"]);
    let figures = sale::price(&lines, off, &rates, &terms).unwrap();
    for (got, expected) in figures.lines.iter().zip(&expected.lines) {
        let expected = (expected.gross, expected.discount, expected.cart_discount, expected.net);
        assert_eq!((got.gross, got.discount, got.cart_discount, got.net), expected, "{name}");
    }
    assert_eq!(figures.lines.len(), expected.lines.len(), "{name}");
    assert_eq!(figures.taxes, expected.taxes, "{name}");
    assert_eq!(figures.sums, expected.totals.sums(), "{name}");
    if expected.kind == SaleKind::Discard {
        assert_eq!(figures.sums.unpaid(&terms), expected.totals, "{name}");
    } else {
        assert_settled(name, figures.sums, expected);
    }
}

fn assert_settled(name: &Value, sums: sale::Sums, expected: &Sale) {
    let payments: Vec<Payment> = expected.tenders.iter().map(payment).collect();
    let (tenders, totals) = sums.settle(expected.kind, &payments, &expected.totals.terms()).unwrap();
    assert_eq!(tenders, expected.tenders, "{name}");
    assert_eq!(totals, expected.totals, "{name}");
}

/// The refunds of a vector, one after the other, come out as it says.
fn assert_refunds(vector: &Value, original: &Sale) {
    let name = &vector["name"];
    let mut earlier: Vec<Sale> = Vec::new();
    for expected in later(vector, "refunds", "refund") {
        let expected = expected.unwrap();
        let returned = Returned::of(&earlier);
        let wanted: Vec<_> =
            expected.lines.iter().map(|line| (line.original_line.unwrap(), line.quantity)).collect();
        let (lines, taxes, sums) = sale::refund(original, &returned, &wanted).unwrap();
        assert_eq!(lines, expected.lines, "{name}");
        assert_eq!(taxes, expected.taxes, "{name}");
        assert_settled(name, sums, &expected);
        sale::check_refund(&expected, original, &returned).unwrap();
        earlier.push(expected);
    }
    let left = sale::what_is_left(original, &Returned::of(&earlier));
    if !earlier.is_empty() && left.iter().all(|line| line.quantity.is_none()) {
        assert!(left.iter().all(|line| line.net == Amount::ZERO), "{name}: the refunds are the original");
        let all = |of: fn(&Sale) -> Amount| {
            earlier.iter().map(|one| of(one).decimal()).sum::<rust_decimal::Decimal>()
        };
        assert_eq!(all(|sale| sale.totals.tax), original.totals.tax.decimal(), "{name}");
        assert_eq!(all(|sale| sale.totals.total), original.totals.total.decimal(), "{name}");
    }
    for void in later(vector, "void", "void") {
        sale::check_void(&void.unwrap(), original).unwrap();
    }
}

fn assert_agrees(vector: &Value) {
    let expected = entry(vector).unwrap();
    assert_eq!(json!(expected.totals.places()), vector["places"], "{}", vector["name"]);
    assert_computed(vector, &expected);
    sale::check(&expected).unwrap();
    assert_refunds(vector, &expected);
}

#[test]
fn figures_made_by_hand_agree() {
    let vectors = vectors("named.jsonl");
    assert!(vectors.len() >= 40, "{}", vectors.len());
    vectors.iter().for_each(assert_agrees);
}

#[test]
fn generated_carts_agree() {
    let vectors = vectors("generated.jsonl");
    assert_eq!(vectors.len(), onetill_vectors::CARTS as usize);
    vectors.iter().for_each(assert_agrees);
}

/// What the core makes of an entry that cannot be true: its first word is the rule.
fn verdict(vector: &Value) -> Result<(), String> {
    let sale = entry(vector).map_err(|problem| problem.to_string())?;
    sale::check(&sale).map_err(|broken| broken.to_string())?;
    let mut earlier: Vec<Sale> = Vec::new();
    for refund in later(vector, "refunds", "refund") {
        let refund = refund.map_err(|problem| problem.to_string())?;
        sale::check_refund(&refund, &sale, &Returned::of(&earlier)).map_err(|broken| broken.to_string())?;
        earlier.push(refund);
    }
    for void in later(vector, "void", "void") {
        let void = void.map_err(|problem| problem.to_string())?;
        sale::check_void(&void, &sale).map_err(|broken| broken.to_string())?;
    }
    Ok(())
}

#[test]
fn what_cannot_be_true_is_refused_by_its_rule() {
    let mut rules = std::collections::BTreeSet::new();
    for vector in vectors("refused.jsonl") {
        let refused = &vector["refused"];
        let rule = refused["rule"].as_str().unwrap();
        rules.insert(rule.to_owned());
        let got = verdict(&vector).expect_err(&format!("{} is refused", vector["name"]));
        assert!(got.starts_with(&format!("{rule}: ")), "{}: {got}", vector["name"]);
        for word in ["field", "expected", "got"].iter().filter_map(|word| refused[word].as_str()) {
            assert!(got.contains(word), "{}: {got} does not say {word}", vector["name"]);
        }
    }
    let every: std::collections::BTreeSet<String> = (1..=10).map(|rule| format!("A{rule}")).collect();
    assert_eq!(rules, every);
}

#[test]
fn the_file_is_what_the_oracle_makes() {
    let file =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("generated.jsonl")).unwrap();
    let made = onetill_vectors::generated().unwrap();
    let differs = file.lines().zip(made.lines()).find(|(file, made)| file != made);
    assert_eq!(differs, None, "cargo run -p onetill-vectors writes it anew");
    assert_eq!(file.len(), made.len());
}

#[test]
fn every_entry_has_its_canonical_content_and_hash() {
    let vectors = vectors("chain.jsonl");
    let mut before = sale::Digest::default();
    for vector in &vectors {
        let name = &vector["name"];
        let entry: Sale = serde_json::from_value(vector["entry"].clone()).unwrap();
        assert_eq!(entry.receipt.prev_hash, before, "{name}: each follows from the one before");
        assert_eq!(json!(sale::canonical(&entry)), vector["canonical"], "{name}");
        assert_eq!(json!(sale::digest(&entry)), vector["digest"], "{name}");
        assert_eq!(sale::seal(&entry), entry.receipt.hash, "{name}");
        before = entry.receipt.hash;
    }
    assert_eq!(vectors.len(), 14);
}

/// Whoever makes one of these mistakes fails on carts among the first 1,500, and what they send is refused.
#[test]
fn mistakes_of_others_are_caught() {
    let right: Vec<(u32, Value)> =
        (1..=1_500).map(|number| (number, serde_json::to_value(carts::cart(number)).unwrap())).collect();
    for mistake in Mistake::ALL {
        let (mut wrong, mut refused) = (0, 0);
        for (number, right) in &right {
            let mistaken = serde_json::to_value(carts::mistaken(*number, mistake)).unwrap();
            if *right != mistaken {
                wrong += 1;
                refused += usize::from(verdict(&mistaken).is_err());
            }
        }
        assert!(wrong >= 5, "{mistake:?}: {wrong} wrong");
        // Whether a discount in per cent was rounded well, its amount alone does not say.
        assert!(refused >= 5, "{mistake:?}: {refused} of {wrong} refused");
    }
}

#[test]
fn texts_that_may_hold_a_card_number_are_known() {
    let vectors = vectors("texts.jsonl");
    assert_eq!(vectors.len(), 25);
    for vector in vectors {
        assert_eq!(
            json!(sale::holds_card_number(vector["text"].as_str().unwrap())),
            vector["card"],
            "{vector}"
        );
    }
}
