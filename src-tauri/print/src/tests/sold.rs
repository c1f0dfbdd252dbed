//! What was sold by receipt, on the sheet of a shift, on paper and in files.

use super::sample::{language, on};
use crate::{Job, csv, pdf, text};
use onetill_core::{
    PaperWidth, Report,
    report_lines::ReportSection,
    store_sheet::{StoreSheet, StoreSheetKind},
};
use onetill_printer_emulator::Paper;
use std::collections::BTreeMap;

/// The window's own sample.
fn z() -> Report {
    let samples: BTreeMap<String, Report> =
        serde_json::from_str(include_str!("../../../../ui/src/dev/reports.json")).unwrap();
    samples["zSold"].clone()
}

#[test]
fn a_z_of_a_shop_that_sells_says_what_was_sold_on_every_paper() {
    for width in [PaperWidth::Wide, PaperWidth::Impact, PaperWidth::Narrow] {
        let paper =
            Paper::of(Job::report(&z(), &language("en"), &on(width), false).bytes(), on(width).columns());
        assert_eq!(paper.faults, Vec::<String>::new());
        let whole: String = paper.text(0).split_whitespace().collect();
        for seen in [
            "Salesbeforediscounts(38×)$1,184.90",
            "Refunds(2×)-$24.61",
            "State4.75%on$1,130.50$53.70",
            "REG-1-B-000042–REG-1-B-000055",
            "Receiptsnotyethere3",
            "REG-1-B-000056,REG-1-B-000057,REG-1-B-000058",
            "REG-1-B-000041-$8.56",
        ] {
            assert!(whole.contains(seen), "{width:?}: {seen} in\n{}", paper.text(0));
        }
    }
    let german = text(&z(), &language("de"), 48, false);
    assert!(german.contains("State 4,75 % auf 1.130,50 €"), "{german}");
    assert!(pdf(&z(), &language("de"), false).is_ok());
}

#[test]
fn a_table_has_its_figures_by_names_that_stay() {
    let table = String::from_utf8(csv(&z(), &language("fr"))).unwrap();
    for row in [
        r#""sold.total";"Total";;1242,81;"#,
        r#""refunds";"Remboursements";2;-24,61;"#,
        r#""tax.A.State.0.0475.base";"State";;1130,50;"#,
        r#""receipts.REG-1-B.missing";"Tickets pas encore arrivés";3;;"#,
        r#""other_clients.card.sales";"Carte";;25,00;"#,
    ] {
        assert!(table.contains(row), "{row} in\n{table}");
    }
}

#[test]
fn the_end_of_a_day_is_on_every_paper_and_in_every_file() {
    let z = z();
    let sheet = StoreSheet {
        of: StoreSheetKind::Day,
        vendor_name: z.vendor_name.clone(),
        location_name: "Main Street".into(),
        timezone: z.timezone.clone(),
        currency: z.currency.clone(),
        business_date: z.business_date,
        lines: z.draw().into_iter().filter(|line| line.section != ReportSection::Head).collect(),
    };
    for width in [PaperWidth::Wide, PaperWidth::Impact, PaperWidth::Narrow] {
        let paper =
            Paper::of(Job::report(&sheet, &language("de"), &on(width), false).bytes(), on(width).columns());
        assert_eq!(paper.faults, Vec::<String>::new());
        let whole: String = paper.text(0).split_whitespace().collect();
        for seen in ["MainStreetTagesabschluss", "VerkäufevorRabatten", "Unterschrift"] {
            assert!(whole.contains(seen), "{width:?}: {seen} in\n{}", paper.text(0));
        }
        assert!(!whole.contains("KOPIE") && !whole.contains("Z-Bericht"), "{}", paper.text(0));
    }
    let file = pdf(&sheet, &language("de"), false).unwrap();
    let document = lopdf::Document::load_mem(&file).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    assert!(document.extract_text(&pages).unwrap().contains("Tagesabschluss Main Street"));
    let table = String::from_utf8(csv(&sheet, &language("de"))).unwrap();
    assert!(table.contains(r#""sold.total";"Summe";;1242,81;"#), "{table}");
}
