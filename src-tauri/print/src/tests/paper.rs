//! What stands on the paper, as a printer of its own reads it.

use super::sample::{any_report, figures, language, languages, money, on, x, z};
use crate::{Formats, Job, Language, text};
use onetill_core::{PaperWidth, PrinterSettings, Report, report::Counted, report_lines::ReportWord};
use onetill_printer_emulator::Paper;
use proptest::prelude::*;
use std::path::Path;

const WIDTHS: [PaperWidth; 3] = [PaperWidth::Wide, PaperWidth::Impact, PaperWidth::Narrow];

/// Prints without a cable; nothing in it may be what a printer would garble.
fn printed(job: &Job, width: PaperWidth) -> Paper {
    let paper = Paper::of(job.bytes(), on(width).columns());
    assert_eq!(paper.faults, Vec::<String>::new());
    assert_eq!(paper.receipts.len(), 1, "one receipt, cut off once");
    paper
}

fn digits(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '-').collect()
}

#[test]
fn every_language_prints_on_both_papers() {
    for (name, language) in languages() {
        for width in WIDTHS {
            let paper = printed(&Job::report(&z(), &language, &on(width), false), width);
            // For the eye: `target/paper/z-de-48.png`.
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/paper");
            std::fs::create_dir_all(&folder).unwrap();
            paper.picture(&folder.join(format!("z-{name}-{}.png", on(width).columns()))).unwrap();
            let text = paper.text(0);
            assert_eq!(text.trim_end(), crate::text(&z(), &language, on(width).columns(), false).trim_end());
            let euro = if name == "en" { "$12,543.00" } else { "12.543,00 €" };
            let euro = if name == "fr" { "12 543,00 €" } else { euro };
            for seen in [euro, "Café Œuvre & Söhne", "Hauptstraße", "Lukasz Nowák", "1042", "10 €"] {
                assert!(text.contains(seen), "{name} {width:?}: {seen} in\n{text}");
            }
            for word in ReportWord::ALL {
                assert!(!language.words.get(*word).trim().is_empty(), "{name}: {word:?} has a word");
            }
        }
    }
}

#[test]
fn the_german_receipt_looks_like_this() {
    let text = text(&z(), &language("de"), 32, false);
    let shown: Vec<&str> = text.lines().collect();
    assert_eq!(
        shown[..10],
        [
            "       Café Œuvre & Söhne",
            "          Hauptstraße",
            "         Z-Bericht 1042",
            "Kasse                  M1 Façade",
            "Schicht                M1-000042",
            "Geschäftstag          23.11.2026",
            "Geöffnet        23.11.2026 08:00",
            "Geöffnet von        Lukasz Nowák",
            "Abgeschlossen   23.11.2026 19:06",
            "Abgeschlossen von     Zoë Müller",
        ]
    );
    assert!(shown.contains(&"Auszahlungen (1×)       -60,00 €"), "{text}");
    assert!(shown.contains(&"Fehlbetrag              -10,00 €"), "{text}");
}

#[test]
fn what_nobody_counted_is_not_zero_and_what_is_hidden_stays_hidden() {
    let words = language("en").words;
    let sheet = text(&x(), &language("en"), 48, false);
    let (not_counted, withheld) = (words.get(ReportWord::NotCounted), words.get(ReportWord::Withheld));
    assert!(sheet.contains(not_counted) && sheet.contains(withheld), "{sheet}");
    let mut settled = z();
    settled.tenders[0].counted = Counted::NotCounted;
    let sheet = text(&settled, &language("en"), 48, false);
    assert!(sheet.contains(not_counted) && !sheet.contains(words.get(ReportWord::Short)), "{sheet}");
}

#[test]
fn every_printing_but_the_first_is_a_copy() {
    let language = language("en");
    assert!(!text(&z(), &language, 48, false).contains("COPY"));
    assert!(text(&z(), &language, 48, true).contains("COPY"));
}

#[test]
fn a_name_gives_the_printer_no_command() {
    let mut report = z();
    report.vendor_name = "Evil\u{1b}p\u{0}\u{19}\u{fa}\u{10}\u{14}\n\u{1d}V\u{0} Ltd \u{202e}🙂 日本".into();
    let paper =
        printed(&Job::report(&report, &language("en"), &on(PaperWidth::Narrow), false), PaperWidth::Narrow);
    assert_eq!(paper.kicks, 0, "the drawer stays shut");
}

#[test]
fn yen_have_no_cents_and_millions_have_room() {
    let formats =
        Formats { positive: "¥{amount}".into(), negative: "-¥{amount}".into(), ..language("en").formats };
    let language = Language { formats, ..language("en") };
    let mut report = z();
    report.tenders[0].expected = Some(money("123456789"));
    for width in WIDTHS {
        let text = printed(&Job::report(&report, &language, &on(width), false), width).text(0);
        assert!(text.contains("¥123,456,789\n"), "{text}");
    }
}

#[test]
fn the_drawer_opens_once_and_prints_nothing() {
    let paper = Paper::of(Job::drawer(&PrinterSettings::default()).bytes(), 48);
    assert_eq!((paper.kicks, paper.receipts.len(), paper.faults.len()), (1, 0, 0));
}

fn shows_every_figure(report: &Report, sheet: &str, language: &Language) -> Result<(), TestCaseError> {
    // A figure may go on in the next line where the paper is narrow, so only its digits are looked for.
    let whole: String = sheet.split_whitespace().collect();
    for figure in figures(report) {
        let written: String = language.formats.amount(figure).split_whitespace().collect();
        prop_assert!(whole.contains(&written), "{written} in\n{sheet}");
        let mut told = digits(&figure.to_string());
        if told.trim_matches(['-', '0']).is_empty() {
            told = told.trim_start_matches('-').to_owned();
        }
        prop_assert_eq!(digits(&written), told, "to the last digit");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_report_prints_within_its_columns_with_every_figure(
        report in any_report(), which in 0_usize..4, wide: bool, copy: bool,
    ) {
        let language = languages().remove(which).1;
        let width = if wide { PaperWidth::Wide } else { PaperWidth::Narrow };
        let job = Job::report(&report, &language, &on(width), copy);
        let paper = Paper::of(job.bytes(), on(width).columns());
        prop_assert_eq!(&paper.faults, &Vec::<String>::new());
        prop_assert_eq!((paper.receipts.len(), paper.kicks), (1, 0));
        shows_every_figure(&report, &paper.text(0), &language)?;
    }

    #[test]
    fn any_width_holds_any_report(report in any_report(), columns in 1_usize..100) {
        let sheet = text(&report, &language("fr"), columns, true);
        prop_assert!(sheet.lines().all(|line| line.chars().count() <= columns));
    }
}
