//! Receipts of sales, as a printer of its own and a reader of PDF see them.

use super::sample::{language, languages, money, on};
use crate::{Job, Language, receipt_pdf};
use onetill_core::{
    Amount, PaperWidth, Sale, SaleKind, SaleSlip,
    report_lines::ReportWord,
    sale_receipt::{SlipLine, Standing},
};
use onetill_printer_emulator::{Paper, Row};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

const WIDTHS: [PaperWidth; 3] = [PaperWidth::Wide, PaperWidth::Impact, PaperWidth::Narrow];
const NAMED: &str = include_str!("../../../../tests/vectors/named.jsonl");
const GENERATED: &str = include_str!("../../../../tests/vectors/generated.jsonl");

/// An entry from its figures; who sold what and when is made up.
fn sale(figures: &Value) -> Sale {
    let mut entry = json!({
        "id": "01900001-0000-7000-8000-000000000001",
        "session_id": "0190aaaa-0000-7000-8000-00000000aaaa",
        "kind": "sale",
        "receipt": {
            "till": 2, "seq": 42, "number": "REG-1-B-000042", "chain_seq": 42,
            "prev_hash": "0".repeat(64), "hash": "0".repeat(64),
        },
        "device_time": "2026-11-30T17:05:00Z",
        "recorded_by": "3f0c9a52-6a0e-4a77-9d3e-0f6f5f1c2b10",
        "taxes": [], "tenders": [],
    });
    let fields = entry.as_object_mut().unwrap();
    for name in ["kind", "lines", "taxes", "tenders", "totals"] {
        if let Some(value) = figures.get(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    serde_json::from_value(entry).unwrap()
}

fn slip(sale: Sale) -> SaleSlip {
    SaleSlip {
        sale,
        vendor_name: "Café Œuvre & Söhne".into(),
        location_name: "Hauptstraße".into(),
        header: Some("Hauptstraße 5, 8001 Zürich\nCHE-123.456.789 MWST".into()),
        footer: Some("Danke, und bis bald!\n\nUmtausch innert 14 Tagen mit diesem Beleg".into()),
        served_by: Some("Łukasz Nowák".into()),
        original_number: None,
        sold_at: "2026-11-30T17:05:00Z".parse().unwrap(),
        timezone: "Europe/Zurich".into(),
        standing: Standing::Receipt,
        copy: false,
    }
}

/// Prices with tax, two rates, discounts of both kinds, a weight, a card and rounded cash.
fn rich() -> SaleSlip {
    slip(sale(&json!({
        "lines": [
            {"name": "Notizbuch A5", "quantity": "2", "unit_price": "19.95", "gross": "39.90",
             "discount": "3.99", "cart_discount": "4.22", "net": "31.69", "tax_code": "A"},
            {"name": "Tomaten vom Markt, sonnengereift und heute geerntet", "unit": "kg", "quantity": "0.485",
             "unit_price": "12.90", "gross": "6.26", "cart_discount": "0.74", "net": "5.52", "tax_code": "B"},
            {"quantity": "1", "unit_price": "0.35", "gross": "0.35", "cart_discount": "0.04", "net": "0.31"},
        ],
        "taxes": [
            {"tax_code": "A", "component": "MWST", "rate": "0.081", "base": "31.69", "tax": "2.37"},
            {"tax_code": "B", "component": "MWST 2,6 % reduziert", "rate": "0.026", "base": "5.52", "tax": "0.14"},
        ],
        "tenders": [
            {"kind": "card", "amount": "10.00", "reference": "TID 4711"},
            {"kind": "other", "label": "Gutschein", "amount": "5.00", "reference": "G-77"},
            {"kind": "cash", "amount": "22.50", "tendered": "50.00", "change": "27.50"},
        ],
        "totals": {"currency": "CHF", "prices_include_tax": true, "cash_step": "0.05", "gross": "46.51",
            "discount": "8.99", "net": "35.01", "tax": "2.51", "total": "37.52", "cash_rounding": "-0.02",
            "net_cash": "22.50", "net_card": "10.00", "net_other": "5.00"},
    })))
}

/// Components of one tax on top of the price.
fn exclusive() -> SaleSlip {
    let vector = json!({
        "lines": [{"name": "Gift box", "quantity": "1", "unit_price": "19.95", "gross": "19.95", "net": "19.95",
            "tax_code": "A"}],
        "taxes": [
            {"tax_code": "A", "component": "State", "rate": "0.0475", "base": "19.95", "tax": "0.95"},
            {"tax_code": "A", "component": "County", "rate": "0.025", "base": "19.95", "tax": "0.50"},
        ],
        "tenders": [{"kind": "cash", "amount": "21.40", "tendered": "21.40", "change": "0.00"}],
        "totals": {"currency": "USD", "prices_include_tax": false, "gross": "19.95", "net": "19.95", "tax": "1.45",
            "total": "21.40", "net_cash": "21.40"},
    });
    SaleSlip { header: None, timezone: "America/New_York".into(), ..slip(sale(&vector)) }
}

fn refund() -> SaleSlip {
    let vector = json!({
        "kind": "refund",
        "lines": [{"name": "Gift box", "quantity": "1", "unit_price": "3.33", "gross": "3.33", "net": "3.33",
            "tax_code": "A", "original_line": 1}],
        "taxes": [{"tax_code": "A", "component": "Sales tax", "rate": "0.07", "base": "3.33", "tax": "0.23"}],
        "tenders": [{"kind": "cash", "amount": "3.56"}],
        "totals": {"currency": "USD", "prices_include_tax": false, "gross": "3.33", "net": "3.33", "tax": "0.23",
            "total": "3.56", "net_cash": "-3.56"},
    });
    SaleSlip { original_number: Some("REG-1-A-000007".into()), ..slip(sale(&vector)) }
}

/// Prints without a cable; nothing in it may be what a printer would garble.
fn printed(slip: &SaleSlip, language: &Language, width: PaperWidth, copy: bool) -> Vec<Row> {
    let job = Job::receipt(slip, language, &on(width), copy);
    let mut paper = Paper::of(job.bytes(), on(width).columns());
    assert_eq!((&paper.faults, paper.kicks), (&Vec::<String>::new(), 0));
    assert_eq!(paper.receipts.len(), 1, "one receipt, cut off once");
    paper.receipts.remove(0)
}

/// What stands there, without the empty lines at the end.
fn letters(rows: &[Row]) -> Vec<&str> {
    let mut letters: Vec<&str> =
        rows.iter().filter(|row| row.code.is_none()).map(|row| row.text.as_str()).collect();
    while letters.last() == Some(&"") {
        letters.pop();
    }
    letters
}

fn pdf_text(slip: &SaleSlip, language: &Language) -> String {
    let document = lopdf::Document::load_mem(&receipt_pdf(slip, language, false).unwrap()).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).unwrap()
}

#[test]
fn a_receipt_in_german_on_narrow_paper_looks_like_this() {
    let rows = printed(&rich(), &language("de"), PaperWidth::Narrow, false);
    assert_eq!(
        letters(&rows),
        [
            "       Café Œuvre & Söhne",
            "          Hauptstraße",
            "   Hauptstraße 5, 8001 Zürich",
            "      CHE-123.456.789 MWST",
            "--------------------------------",
            "Beleg             REG-1-B-000042",
            "Datum           30.11.2026 18:05",
            "Bedient von         Lukasz Nowák",
            "--------------------------------",
            "Notizbuch A5             39,90 €",
            "  2 × 19,95 €",
            "  Rabatt                 -3,99 €",
            "Tomaten vom Markt, sonnengereift",
            "und heute geerntet        6,26 €",
            "  0,485 kg × 12,90 €",
            "Artikel                   0,35 €",
            "--------------------------------",
            "Rabatt auf alles         -5,00 €",
            "Summe    37,52 €",
            "Bargeldrundung           -0,02 €",
            "Karte                    10,00 €",
            "  Referenz              TID 4711",
            "Gutschein                 5,00 €",
            "  Referenz                  G-77",
            "Bar zu zahlen            22,50 €",
            "Bar                      50,00 €",
            "Rückgeld                 27,50 €",
            "--------------------------------",
            "Ohne Steuer              35,01 €",
            "MWST 8,1 % in 31,69 €     2,37 €",
            "MWST 2,6 % reduziert in 5,52 €",
            "                          0,14 €",
            "--------------------------------",
            "      Danke, und bis bald!",
            "  Umtausch innert 14 Tagen mit",
            "          diesem Beleg",
        ]
    );
    let codes: Vec<&str> = rows.iter().filter_map(|row| row.code.as_deref()).collect();
    assert_eq!(codes, ["REG-1-B-000042"], "for a scanner, when something comes back");
}

#[test]
fn taxes_on_top_of_prices_lead_to_the_total() {
    let rows = printed(&exclusive(), &language("en"), PaperWidth::Wide, false);
    let text = letters(&rows);
    let from = text.iter().position(|line| line.starts_with("Gift box")).unwrap();
    assert_eq!(
        text[from..from + 7],
        [
            "Gift box                                  $19.95",
            "------------------------------------------------",
            "Without tax                               $19.95",
            "State 4.75% on $19.95                      $0.95",
            "County 2.5% on $19.95                      $0.50",
            "Total             $21.40",
            "Cash                                      $21.40",
        ]
    );
    let total = rows.iter().find(|row| row.text.starts_with("Total")).unwrap();
    assert_eq!((total.height, total.width, total.bold), (2, 2, true), "the largest figure");
}

#[test]
fn what_is_no_sale_says_so_in_the_largest_letters() {
    let void = SaleSlip { sale: Sale { kind: SaleKind::Void, ..refund().sale }, ..refund() };
    for (name, language) in languages() {
        for width in WIDTHS {
            for (slip, mark, total) in [
                (refund(), ReportWord::Refund, ReportWord::TotalRefunded),
                (void.clone(), ReportWord::Void, ReportWord::TotalVoided),
            ] {
                let rows = printed(&slip, &language, width, false);
                let mark = language.words.get(mark);
                let large: String =
                    rows.iter().filter(|row| row.width == 2).map(|row| row.text.trim()).collect();
                let whole: String = large.split_whitespace().collect();
                assert!(whole.contains(&mark.replace(' ', "")), "{name}: {mark} in {large}");
                let text = letters(&rows).join("\n");
                for seen in ["REG-1-A-000007", language.words.get(total), "3"] {
                    assert!(text.contains(seen), "{name} {width:?}: {seen} in\n{text}");
                }
                assert!(rows.iter().all(|row| row.code.is_none()), "nothing comes back for it");
            }
        }
    }
}

#[test]
fn a_copy_and_a_paper_without_worth_say_so() {
    let language = language("fr");
    let seen = |slip: &SaleSlip, copy, word| {
        let rows = printed(slip, &language, PaperWidth::Wide, copy);
        let text = letters(&rows).join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").matches(language.words.get(word)).count()
    };
    assert_eq!([seen(&rich(), false, ReportWord::Copy), seen(&rich(), true, ReportWord::Copy)], [0, 1]);
    let reprint = SaleSlip { copy: true, ..rich() };
    assert_eq!([seen(&reprint, false, ReportWord::Copy), seen(&reprint, true, ReportWord::Copy)], [1, 1]);
    for (standing, practice, not_fiscal) in
        [(Standing::Receipt, 0, 0), (Standing::NotFiscal, 0, 2), (Standing::Practice, 2, 2)]
    {
        let slip = SaleSlip { standing, ..rich() };
        let marks = [ReportWord::Practice, ReportWord::NotFiscal].map(|word| seen(&slip, false, word));
        assert_eq!(marks, [practice, not_fiscal], "{standing:?}: above and below");
        let codes = slip.draw().iter().filter(|line| matches!(line, SlipLine::Code(_))).count();
        assert_eq!(codes, usize::from(standing != Standing::Practice), "nothing comes back for practice");
    }
}

#[test]
fn every_language_prints_on_every_paper_and_in_a_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/paper");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, language) in languages() {
        let practice = SaleSlip { standing: Standing::Practice, ..rich() };
        let slips =
            [("sale", rich()), ("exclusive", exclusive()), ("refund", refund()), ("practice", practice)];
        for (what, slip) in slips {
            for width in WIDTHS {
                // For the eye: `target/paper/sale-de-48.png`.
                let job = Job::receipt(&slip, &language, &on(width), what == "refund");
                let paper = Paper::of(job.bytes(), on(width).columns());
                let file = format!("{what}-{name}-{}.png", on(width).columns());
                paper.picture(&folder.join(file)).unwrap();
                assert_eq!(paper.faults, Vec::<String>::new());
            }
            let file = receipt_pdf(&slip, &language, false).unwrap();
            std::fs::write(folder.join(format!("{what}-{name}.pdf")), &file).unwrap();
            let document = lopdf::Document::load_mem(&file).unwrap();
            assert_eq!(document.get_pages().len(), 1, "one page, as long as it is");
            assert!(file.len() < 120_000, "{name}: {} bytes", file.len());
        }
    }
}

#[test]
fn a_figure_has_the_places_of_its_currency_and_no_fewer() {
    let vector = json!({
        "lines": [{"name": "Tea", "quantity": "3", "unit_price": "5", "gross": "15", "net": "15"}],
        "taxes": [], "tenders": [{"kind": "card", "amount": "15.0"}],
        "totals": {"currency": "USD", "prices_include_tax": true, "gross": "15", "net": "15", "tax": "0",
            "total": "15", "net_card": "15"},
    });
    let mut slip = slip(sale(&vector));
    let text = |slip: &SaleSlip| letters(&printed(slip, &language("en"), PaperWidth::Wide, false)).join("\n");
    let written = text(&slip);
    for seen in [
        "  3 × $5.00",
        "$15.00\n-",
        "Total             $15.00",
        "Card                                      $15.00",
    ] {
        assert!(written.contains(seen), "{seen} in\n{written}");
    }
    slip.sale.totals.currency = "JPY".into();
    slip.sale.tenders[0].amount = money("15");
    assert!(text(&slip).contains("  3 × $5\n"), "yen have no places");
}

#[test]
fn a_total_that_finds_no_room_twice_as_wide_is_still_twice_as_high() {
    let mut slip = exclusive();
    slip.sale.totals.total = money("123456789.99");
    let rows = printed(&slip, &language("es"), PaperWidth::Narrow, false);
    let total = rows.iter().find(|row| row.text.contains("123.456.789,99")).unwrap();
    assert_eq!((total.height, total.width), (2, 1), "{total:?}");
}

#[test]
fn the_longest_receipt_is_whole_in_a_file() {
    let mut slip = rich();
    let line = slip.sale.lines[0].clone();
    slip.sale.lines = vec![line; onetill_core::sale::MOST_LINES];
    let text = pdf_text(&slip, &language("en"));
    assert_eq!(text.matches("Notizbuch A5").count(), onetill_core::sale::MOST_LINES);
    assert!(text.contains("bis bald"), "to the end");
}

#[test]
fn needles_print_no_square() {
    let rows = printed(&rich(), &language("en"), PaperWidth::Impact, false);
    assert!(rows.iter().all(|row| row.code.is_none()));
    assert!(letters(&rows).join("\n").contains("REG-1-B-000042"), "the number stands there in letters");
}

#[test]
fn a_name_gives_the_printer_no_command() {
    let mut evil = rich();
    let name = "Evil\u{1b}p\u{0}\u{19}\u{fa}\u{10}\u{14}\n\u{1d}V\u{0} \u{1d}(k\u{3}\u{0}1Q0 \u{202e}🙂 日本";
    evil.sale.lines[0].name = Some(name.into());
    evil.sale.receipt.number = Some("R\u{1b}p\u{0}1\u{e9}".into());
    (evil.header, evil.served_by) = (Some(name.into()), Some(name.into()));
    for width in WIDTHS {
        let rows = printed(&evil, &language("en"), width, false);
        let codes: Vec<&str> = rows.iter().filter_map(|row| row.code.as_deref()).collect();
        assert!(codes.iter().all(|code| *code == "Rp1"), "{codes:?}");
    }
}

/// Every figure that a receipt must show.
fn figures(sale: &Sale) -> Vec<Amount> {
    let shown = |amount: &Amount| !amount.decimal().is_zero();
    let mut figures = vec![sale.totals.total];
    for line in &sale.lines {
        figures.push(line.gross);
        figures.extend(Some(Amount::from(-line.discount.decimal())).filter(shown));
        if line.quantity.to_string() != "1" {
            figures.push(line.unit_price);
        }
    }
    for tax in &sale.taxes {
        figures.extend([tax.base, tax.tax, sale.totals.net]);
    }
    figures.extend(Some(sale.totals.cash_rounding).filter(shown));
    for tender in &sale.tenders {
        figures.push(tender.tendered.unwrap_or(tender.amount));
        figures.extend(tender.change.filter(shown));
    }
    figures
}

fn shows_every_figure(sale: &Sale, sheet: &str, language: &Language) {
    let whole: String = sheet.split_whitespace().collect();
    for figure in figures(sale) {
        let written: String = language.formats.amount(figure).split_whitespace().collect();
        assert!(whole.contains(&written), "{written} in\n{sheet}");
    }
}

#[test]
fn every_vector_prints_with_every_figure_on_every_paper() {
    let languages = languages();
    let named = NAMED.lines().enumerate();
    let generated = GENERATED.lines().enumerate().filter(|(at, _line)| at % 40 == 0);
    for (at, line) in named.chain(generated) {
        let vector: Value = serde_json::from_str(line).unwrap();
        let slip = slip(sale(&vector));
        let (_, language) = &languages[at % languages.len()];
        for width in WIDTHS {
            let rows = printed(&slip, language, width, false);
            shows_every_figure(&slip.sale, &letters(&rows).join("\n"), language);
        }
        if at % 20 == 0 {
            shows_every_figure(&slip.sale, &pdf_text(&slip, language), language);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_words_print_within_their_columns(
        names in prop::collection::vec("\\PC{0,80}|.{0,60}|[A-Za-zÀ-ÿ ]{0,200}", 8),
        which in 0_usize..4, width in 0_usize..3, copy: bool, is_refund: bool,
    ) {
        let language = languages().remove(which).1;
        let mut slip = if is_refund { refund() } else { rich() };
        let mut names = names.into_iter();
        let mut name = || names.next().unwrap_or_default();
        (slip.vendor_name, slip.location_name) = (name(), name());
        (slip.header, slip.footer, slip.served_by) = (Some(name()), Some(name()), Some(name()));
        slip.sale.lines[0].name = Some(name());
        slip.sale.lines[0].unit = Some(name());
        slip.sale.taxes[0].component = name();
        let rows = printed(&slip, &language, WIDTHS[width], copy);
        shows_every_figure(&slip.sale, &letters(&rows).join("\n"), &language);
        shows_every_figure(&slip.sale, &pdf_text(&slip, &language), &language);
    }
}
