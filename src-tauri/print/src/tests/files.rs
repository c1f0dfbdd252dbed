//! PDF and CSV, read back by programs that are not ours.

use super::sample::{any_report, figures, language, languages, money, z};
use crate::{csv, pdf};
use onetill_core::report_lines::ReportWord;
use proptest::prelude::*;

fn pdf_text(bytes: &[u8]) -> String {
    let document = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).unwrap()
}

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let text =
        std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').expect("the mark that Excel looks for");
    let separator = if text.starts_with("\"item\";") { b';' } else { b',' };
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_pdf_says_in_every_language_what_the_paper_says() {
    for (name, language) in languages() {
        let file = pdf(&z(), &language, true).unwrap();
        let text = pdf_text(&file);
        let words = [ReportWord::ZReport, ReportWord::Copy, ReportWord::Expected];
        for seen in words.into_iter().map(|word| language.words.get(word)).chain(["Łukasz Nowák"]) {
            assert!(text.contains(seen), "{name}: {seen} in {text}");
        }
        assert!(file.len() < 120_000, "{name}: {} bytes", file.len());
    }
}

#[test]
fn a_long_report_goes_on_on_the_next_page() {
    let mut report = z();
    report.counts = vec![report.counts[0].clone(); 60];
    let file = pdf(&report, &language("en"), false).unwrap();
    let pages = lopdf::Document::load_mem(&file).unwrap().get_pages().len();
    assert!(pages > 1);
    assert!(pdf_text(&file).contains(&format!("Page {pages} of {pages}")));
}

#[test]
fn no_text_becomes_a_formula() {
    let mut report = z();
    for (typed, told) in [
        ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
        (" +1", "' +1"),
        ("-cmd", "'-cmd"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\tx", "'\tx"),
        ("0042", "'0042"),
        ("1/2", "'1/2"),
        ("12E5", "'12E5"),
        ("1234567890123456", "'1234567890123456"),
        ("4012345678901", "4012345678901"),
        ("3 Semmeln", "3 Semmeln"),
        ("a, \"b\"\r\nc", "a, \"b\"\r\nc"),
    ] {
        report.vendor_name = typed.into();
        let rows = rows(&csv(&report, &language("de")));
        let vendor = rows.iter().find(|row| row[0] == "vendor").unwrap();
        assert_eq!(vendor[4], told);
    }
}

#[test]
fn a_table_has_dates_and_times_as_spreadsheets_of_the_country_know_them() {
    let told = |name: &str, item: &str| {
        let (_, language) = languages().into_iter().find(|(one, _)| *one == name).unwrap();
        rows(&csv(&z(), &language)).iter().find(|row| row[0] == item).unwrap()[4].clone()
    };
    assert_eq!(told("de", "business_date"), "23.11.2026");
    assert_eq!(told("en", "business_date"), "11/23/2026");
    assert!(told("en", "opened_at").is_ascii(), "no narrow blank: {}", told("en", "opened_at"));
}

#[test]
fn an_amount_in_a_table_can_be_added_up() {
    let rows = rows(&csv(&z(), &language("de")));
    assert!(rows.iter().all(|row| row.len() == 5), "every row has its five fields");
    let amount = |item: &str| rows.iter().find(|row| row[0] == item).unwrap()[3].clone();
    assert_eq!((amount("cash.difference"), amount("cash.expected")), ("-10,00".into(), "12553,00".into()));
    assert_eq!(amount("card.counted"), "", "nobody counted, so there is no amount");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_report_becomes_a_pdf_with_every_figure(report in any_report(), which in 0_usize..4) {
        let language = languages().remove(which).1;
        let text: String = pdf_text(&pdf(&report, &language, false).unwrap()).split_whitespace().collect();
        for figure in figures(&report) {
            let written: String = language.formats.amount(figure).split_whitespace().collect();
            prop_assert!(text.contains(&written), "{written} in {text}");
        }
    }

    #[test]
    fn any_report_becomes_a_table_with_every_figure(report in any_report()) {
        let rows = rows(&csv(&report, &language("en")));
        for figure in figures(&report) {
            let found = rows.iter().skip(1).any(|row| !row[3].is_empty() && money(&row[3]) == figure);
            prop_assert!(found, "{figure}");
        }
        for row in &rows {
            prop_assert!(!row[4].starts_with(['=', '+', '-', '@', '\t', '\r']), "{row:?}");
            prop_assert!(!row[1].starts_with(['=', '+', '-', '@', '\t', '\r']), "{row:?}");
        }
    }
}
