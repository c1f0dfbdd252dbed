//! The same receipt on printers of every family: their columns, their letters, their codes and their drawers.

use super::sample::{language, languages, z};
use crate::{
    Job,
    alphabet::Alphabet,
    drawn::Picture,
    receipt::{Printed, Style, set},
    sheet,
};
use onetill_core::printing::{CODE_PAGES, Columns, DrawerPin, Letters, PROFILES, Profile, Pulse};
use onetill_core::{PaperWidth, PrinterSettings};
use onetill_printer_emulator::{Model, Paper, Row};
use std::collections::BTreeMap;

/// A printer as those settings say that it is.
fn model(printer: &PrinterSettings) -> Model {
    let page = match printer.letters() {
        Letters::Page { code_page, number } => (number, code_page),
        // Not a letter beyond ASCII comes out of it.
        Letters::Ascii | Letters::Drawn => (255, 0),
    };
    let needles = printer.width == PaperWidth::Impact;
    Model { columns: printer.columns(), page, makes_codes: printer.makes_codes() && !needles, needles }
}

fn printed(job: &Job, printer: &PrinterSettings) -> Paper {
    let paper = Paper::of_model(job.bytes(), model(printer));
    assert_eq!(paper.faults, Vec::<String>::new(), "{printer:?}");
    paper
}

#[test]
fn every_family_prints_every_figure_in_every_language_on_every_paper() {
    for profile in PROFILES {
        for width in [PaperWidth::Wide, PaperWidth::Impact, PaperWidth::Narrow] {
            for (name, language) in languages() {
                let printer = PrinterSettings { profile, width, ..PrinterSettings::default() };
                let paper = printed(&Job::report(&z(), &language, &printer, false), &printer);
                let [rows] = paper.receipts.as_slice() else { panic!("{paper:?}") };
                if printer.letters() == Letters::Drawn {
                    continue;
                }
                let whole: String = paper.text(0).split_whitespace().collect();
                assert!(!whole.contains('?'), "{} {name}: {whole}", profile.name);
                let amount = language.formats.amount(super::sample::figures(&z())[0]);
                let amount = Alphabet::of(printer.letters()).printable(&amount);
                let amount: String = amount.split_whitespace().collect();
                assert!(whole.contains(&amount), "{} {name}: {amount} in {whole}", profile.name);
                assert!(rows.len() > 10);
            }
        }
    }
}

#[test]
fn forty_two_columns_cut_no_amount() {
    for columns in [42, 44, 40, 35, 33, 32, 30, 24, 64] {
        let columns = Columns::try_from(columns).ok();
        let printer = PrinterSettings { columns, ..PrinterSettings::default() };
        let job = Job::page("Bar: Gezählt 12.300,10 €", &printer);
        let text = printed(&job, &printer).text(0);
        let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(whole, "Bar: Gezählt 12.300,10 €");
        let report = printed(&Job::report(&z(), &language("de"), &printer, false), &printer);
        assert!(report.text(0).lines().all(|line| line.chars().count() <= printer.columns()));
    }
}

#[test]
fn letters_come_out_as_they_are_on_every_page_that_has_them() {
    let words = "Café Ärger Geöffnet ñandú déjà 1.234,50 € œuvre £ ¥";
    for (letters, expected) in [
        ("1252@16", words),
        ("1252@6", words),
        ("28605@40", "Café Ärger Geöffnet ñandú déjà 1.234,50 € œuvre £ ¥"),
        ("858@19", "Café Ärger Geöffnet ñandú déjà 1.234,50 € oeuvre £ ¥"),
        ("850@2", "Café Ärger Geöffnet ñandú déjà 1.234,50 EUR oeuvre £ ¥"),
        ("437@0", "Café Ärger Geöffnet ñandú déjà 1.234,50 EUR oeuvre £ ¥"),
        ("852@18", "Café Ärger Geöffnet nandú déja 1.234,50 EUR oeuvre GBP JPY"),
        ("ascii", "Cafe Arger Geoffnet nandu deja 1.234,50 EUR oeuvre GBP JPY"),
    ] {
        let printer = PrinterSettings { letters: letters.parse().ok(), ..PrinterSettings::default() };
        if letters.starts_with("28605") {
            // Nothing here reads that page; what it holds is checked by the next test.
            assert_eq!(Alphabet::of(printer.letters()).printable(words), expected);
            continue;
        }
        let text = printed(&Job::page(words, &printer), &printer).text(0);
        let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(whole, expected, "{letters}");
    }
    let greek = PrinterSettings { letters: "737@14".parse().ok(), ..PrinterSettings::default() };
    assert!(printed(&Job::page("Γάλα 2 %", &greek), &greek).text(0).contains("Γάλα 2 %"));
    let russian = PrinterSettings { letters: "866@17".parse().ok(), ..PrinterSettings::default() };
    assert!(printed(&Job::page("Молоко", &russian), &russian).text(0).contains("Молоко"));
}

#[test]
fn every_page_that_may_be_set_has_letters_beyond_ascii_and_controls_nowhere() {
    for &code_page in CODE_PAGES {
        let alphabet = Alphabet::of(Letters::Page { code_page, number: 1 });
        let beyond = ('\u{a1}'..='\u{2fff}').filter(|letter| alphabet.byte(*letter).is_some()).count();
        assert!(beyond > 40, "{code_page} has {beyond}");
        let bytes = ('\u{80}'..='\u{ffff}').filter_map(|letter| alphabet.byte(letter));
        assert!(bytes.into_iter().all(|byte| byte >= 0x80), "{code_page}: a letter that is a command");
        assert_eq!(alphabet.printable("\u{1b}p\u{10}\u{14}\n"), " p   ");
    }
}

#[test]
fn of_all_tables_of_letters_the_printer_own_one_reads_well() {
    for (page, reads) in [
        ((16, 1252), "1252@16: ÄÖÜäöüßéèñ¿£€"),
        ((11, 1252), "1252@11: ÄÖÜäöüßéèñ¿£€"),
        ((19, 858), "858@19: ÄÖÜäöüßéèñ¿£€"),
        ((0, 437), "437@0: ÄÖÜäöüßéèñ¿£"),
        ((14, 737), "737@14: Γά"),
        ((17, 866), "866@17: Мяж"),
    ] {
        let model = Model { page, ..Model::of_columns(48) };
        let paper = Paper::of_model(Job::letters(&PrinterSettings::default()).bytes(), model);
        let text = paper.text(0);
        assert!(text.lines().any(|line| line.starts_with(reads)), "{page:?}: {text}");
    }
}

/// What each letter looks like when it is drawn alone.
fn dictionary(letters: impl Iterator<Item = char>) -> BTreeMap<Vec<u8>, char> {
    let drawn = letters.map(|letter| (cells(&drawn_row(&format!("{letter} "))).remove(0), letter));
    drawn.collect()
}

fn drawn_row(text: &str) -> Row {
    let mut picture = Picture::of_columns(48);
    picture.letters(text, Style::Plain);
    let mut bytes = b"\x1b@".to_vec();
    bytes.extend(picture.print());
    bytes.extend(b"\x1dVB\0");
    let paper = Paper::of(&bytes, 48);
    paper.receipts[0][0].clone()
}

/// The dots of each letter's cell in a line of letters, 12 dots wide and 30 high with what is white below.
fn cells(row: &Row) -> Vec<Vec<u8>> {
    let drawn = row.drawn.as_ref().unwrap();
    let dot = |x: usize, y: usize| drawn.dots[y * drawn.width + x / 8] >> (7 - x % 8) & 1;
    let cell = |column: usize| {
        (0..30).flat_map(|y| (0..12).map(move |x| (column * 12 + x, y))).map(|(x, y)| dot(x, y)).collect()
    };
    (0..drawn.width * 8 / 12).map(cell).collect()
}

#[test]
fn letters_that_are_drawn_stand_where_printed_ones_would() {
    let text = "Крем-сыр 2 × 3,50 €  Γάλα ş ő Ž æ 1.234,50";
    let dictionary = dictionary(text.chars());
    let read: String =
        cells(&drawn_row(text)).iter().map(|cell| dictionary.get(cell).copied().unwrap_or('¿')).collect();
    assert_eq!(read.trim_end(), text);
}

#[test]
fn a_drawn_report_is_as_wide_as_its_paper_and_can_be_looked_at() {
    // For the eye: `target/paper/z-drawn.png`.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/paper");
    std::fs::create_dir_all(&folder).unwrap();
    let printer = PrinterSettings { profile: Profile::named("drawn").unwrap(), ..PrinterSettings::default() };
    let mut report = z();
    report.vendor_name = "Молочный дом Γάλα".into();
    let paper = printed(&Job::report(&report, &language("de"), &printer, false), &printer);
    assert!(paper.receipts[0].iter().all(|row| row.text.is_empty()), "nothing in the printer's own letters");
    paper.picture(&folder.join("z-drawn.png")).unwrap();
    let lines =
        set(&sheet::lines(&(&report).into(), &language("de"), false), printer.columns(), Alphabet::Drawn);
    let shop = lines
        .iter()
        .any(|line| matches!(line, Printed::Letters { text, .. } if text.contains("Молочный дом Γάλα")));
    assert!(shop, "{lines:?}");
}

#[test]
fn the_drawer_is_opened_as_it_is_wired() {
    let usual = PrinterSettings::default();
    let other = PrinterSettings {
        drawer_pin: Some(DrawerPin::Five),
        drawer_pulse_ms: Pulse::try_from(120).ok(),
        ..PrinterSettings::default()
    };
    for (printer, pulses) in [(usual, (2, 50)), (other, (5, 120))] {
        let paper = Paper::of(Job::drawer(&printer).bytes(), 48);
        assert_eq!((paper.pulses, paper.receipts.len(), paper.faults.len()), (vec![pulses], 0, 0));
    }
}
