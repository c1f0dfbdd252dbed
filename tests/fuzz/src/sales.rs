//! Entries of the sales ledger as a file or a server may hold them, carts from a file, and what a scanner types.

use onetill_core::sale::{self, Cart, Editing, Sale};
use onetill_core::scan::{self, CodeRule, Measure};
use onetill_core::{SaleId, sale::Quantity};

const CHAIN: &str = include_str!("../../vectors/chain.jsonl");
const REFUSED: &str = include_str!("../../vectors/refused.jsonl");

/// An entry: its content and its hash do not panic, and what passes the check is a receipt that adds up.
pub(crate) fn entry(data: &[u8]) {
    let Ok(entry) = serde_json::from_slice::<Sale>(data) else { return };
    let content = sale::canonical(&entry);
    assert_eq!(sale::seal(&entry), sale::seal(&entry.clone()), "the hash depends on the entry alone");
    if sale::check(&entry).is_err() {
        return;
    }
    // A line feed ends each record, and stands in no text that passed.
    let records = 1 + entry.lines.len() + entry.taxes.len() + entry.tenders.len();
    assert_eq!(content.matches('\n').count(), records, "{content}");
    let totals = &entry.totals;
    assert_eq!(totals.net.decimal() + totals.tax.decimal(), totals.total.decimal());
    let returned = sale::Returned::default();
    assert_eq!(sale::what_is_left(&entry, &returned).len(), entry.lines.len());
    let everything: Vec<(u32, Quantity)> =
        (1..).zip(&entry.lines).map(|(no, line)| (no, line.quantity)).collect();
    if let Ok((_lines, _taxes, sums)) = sale::refund(&entry, &returned, &everything) {
        assert_eq!((sums.total, sums.tax), (totals.total, totals.tax), "all of it comes back");
    }
}

/// The entries of the vectors, good and bad.
pub(crate) fn entries() -> Vec<Vec<u8>> {
    let chained = CHAIN.lines().filter_map(|line| {
        let vector: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(vector.get("entry")?.to_string().into_bytes())
    });
    let known = CHAIN.lines().next().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let refused = REFUSED.lines().take(40).filter_map(|line| {
        let mut entry = known.as_ref()?.get("entry")?.clone();
        let vector: serde_json::Value = serde_json::from_str(line).ok()?;
        for field in ["kind", "lines", "taxes", "tenders", "totals"] {
            entry
                .as_object_mut()?
                .insert(field.into(), vector.get(field).cloned().unwrap_or_else(|| [(); 0].into()));
        }
        Some(entry.to_string().into_bytes())
    });
    chained.chain(refused).collect()
}

/// A cart from a damaged file: it has figures or says which rule it breaks.
pub(crate) fn cart(data: &[u8]) {
    match serde_json::from_slice::<Cart>(data) {
        Ok(Cart::Editing(cart)) => drop(cart.figures()),
        Ok(Cart::Paying(paying)) => drop(paying.due()),
        Ok(Cart::AwaitingServer(awaiting)) => drop(sale::canonical(awaiting.entry())),
        Err(_no_cart) => {}
    }
}

/// A cart of one line.
pub(crate) fn carts() -> Vec<Vec<u8>> {
    one_line().map(|cart| serde_json::to_vec(&Cart::Editing(cart)).unwrap_or_default()).into_iter().collect()
}

fn one_line() -> Option<Editing> {
    let (tax_code, component) = ("A".to_owned(), "VAT".to_owned());
    let rates = [sale::TaxRate { tax_code, component, rate: "0.081".parse().ok()? }];
    let terms = sale::Terms {
        currency: "CHF".into(),
        prices_include_tax: true,
        cash_step: "0.05".parse().ok(),
        cash_half: sale::Half::Up,
    };
    let key = sale::AmountKey { name: "Bread".into(), tax_code: Some("A".into()) };
    let id: SaleId = "01900000-0000-7000-8000-000000000007".parse().ok()?;
    Editing::new(id, terms).add_amount("12.50".parse().ok()?, Quantity::ONE, &key, None, &rates).ok()
}

/// What a scanner types, with rules of every kind.
pub(crate) fn scanned(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let rules: Vec<CodeRule> = serde_json::from_str(
        r#"[{"prefix": "20", "item": 5, "value": "price", "digits": 5, "places": 2},
            {"prefix": "23", "item": 5, "value": "weight", "digits": 5, "places": 3},
            {"prefix": "28", "item": 5, "value": "price", "digits": 4, "places": 2, "value_check": true}]"#,
    )
    .unwrap_or_default();
    assert!(rules.len() == 3 && rules.iter().all(CodeRule::is_possible));
    if let Ok(scan) = scan::read(&text, &rules) {
        assert!(!scan.lookups.is_empty() && scan.lookups.iter().all(|code| !code.is_empty()), "{scan:?}");
        if let Measure::Price(price) = scan.measure {
            assert!(price.decimal() > onetill_core::Amount::ZERO.decimal(), "{scan:?}");
        }
    }
}

/// Codes of makers, labels of a store, element strings.
pub(crate) fn scans() -> Vec<Vec<u8>> {
    [
        "4006381333931",
        "036000291452",
        "96385074",
        "04252614",
        "2012345006263",
        "2312345004857",
        "]C101040063813339313103000485",
        "]d201040063813339311012AB\u{1d}3012\u{1d}17251231",
        "(01)04006381333931(3102)001250(10)L1",
        "REG-1-B-000042",
    ]
    .iter()
    .map(|code| code.as_bytes().to_vec())
    .collect()
}
