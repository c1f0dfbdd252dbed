//! A catalogue in its file, also when the file is damaged and the program ends between two pages.

use super::*;
use onetill_core::selling::{ItemCode, MOST_FOUND};
use std::collections::BTreeSet;
use tempfile::{TempDir, tempdir};

const HERE: LocationId = LocationId(Uuid::from_u128(1));
const THERE: LocationId = LocationId(Uuid::from_u128(2));

fn item(number: u128, name: &str) -> CatalogueItem {
    CatalogueItem {
        item: Item {
            id: ItemId(Uuid::from_u128(number)),
            name: name.into(),
            unit: None,
            price: "3.50".parse().ok(),
            price_is_open: false,
            tax_code: Some("A".into()),
            age_limit: None,
        },
        short_name: None,
        sku: None,
        category: None,
        codes: vec![],
        version: 1,
    }
}

fn coded(number: u128, name: &str, codes: &[(&str, &str)]) -> CatalogueItem {
    let code =
        |(code, factor): &(&str, &str)| ItemCode { code: (*code).into(), factor: factor.parse().unwrap() };
    CatalogueItem { codes: codes.iter().map(code).collect(), ..item(number, name) }
}

fn page(cursor: i64, more: bool, items: Vec<CatalogueItem>) -> CataloguePage {
    CataloguePage { cursor, more, items, removed: vec![], settings: None }
}

fn opened(folder: &TempDir) -> CatalogueFile {
    CatalogueFile::open(&folder.path().join("catalogue.sqlite")).unwrap()
}

fn filled(items: Vec<CatalogueItem>) -> (CatalogueFile, TempDir) {
    let folder = tempdir().unwrap();
    let file = opened(&folder);
    file.apply(HERE, &page(5, false, items)).unwrap();
    (file, folder)
}

fn names(file: &CatalogueFile, typed: &str) -> Vec<String> {
    file.search(HERE, typed).unwrap().into_iter().map(|found| found.item.name).collect()
}

fn by_code(file: &CatalogueFile, code: &str) -> Option<(String, String)> {
    let found = file.by_code(HERE, code).unwrap()?;
    Some((found.item.name, found.factor.to_string()))
}

fn shop() -> (CatalogueFile, TempDir) {
    let sku = |number, name, sku: &str| CatalogueItem { sku: Some(sku.into()), ..item(number, name) };
    filled(vec![
        coded(1, "Crème brûlée", &[("4006381333931", "1"), ("C6", "6")]),
        sku(2, "Dark chocolate", "CH-1"),
        sku(3, "Milk chocolate", "CH-2"),
        item(4, "Weißweinschorle"),
        coded(5, "Orange juice", &[("012345678905", "1")]),
        sku(6, "Chopsticks", "4711"),
    ])
}

#[test]
fn what_was_typed_is_found_by_code_by_beginnings_and_within_words() {
    let (file, _folder) = shop();
    for (typed, expected) in [
        ("creme", &["Crème brûlée"][..]),
        ("BRÛ cre", &["Crème brûlée"]),
        ("choc da", &["Dark chocolate"]),
        ("ch", &["Dark chocolate", "Milk chocolate", "Chopsticks"]),
        ("schor", &["Weißweinschorle"]),
        ("4006381333931", &["Crème brûlée"]),
        ("C6", &["Crème brûlée"]),
        ("ch-2", &["Milk chocolate"]),
        ("4711", &["Chopsticks"]),
        // Twelve digits and thirteen are the same number.
        ("0012345678905", &["Orange juice"]),
        ("12345678905", &[]),
        ("wx", &[]),
        ("", &[]),
        ("   \t", &[]),
    ] {
        let found: BTreeSet<String> = names(&file, typed).into_iter().collect();
        assert_eq!(found, expected.iter().map(|&name| name.to_owned()).collect(), "{typed:?}");
    }
    assert_eq!(by_code(&file, "C6"), Some(("Crème brûlée".into(), "6".into())));
    assert_eq!(by_code(&file, "ch-1"), Some(("Dark chocolate".into(), "1".into())));
    assert_eq!(by_code(&file, "brûlée"), None);
    assert_eq!(names(&file, "4711 extra"), Vec::<String>::new());
}

#[test]
fn at_most_twenty_are_found_and_each_once() {
    let many = (1..=60).map(|number| item(number, &format!("Tea {number}"))).collect();
    let (file, _folder) = filled(many);
    for typed in ["t", "tea", "ea "] {
        let found: BTreeSet<String> = names(&file, typed).into_iter().collect();
        let expected = if typed == "ea " { 0 } else { MOST_FOUND };
        assert_eq!(found.len(), expected, "{typed}");
    }
}

#[test]
fn what_looks_like_syntax_is_looked_for_as_text() {
    let (file, _folder) = shop();
    let fragments = [
        "\"", "'", "*", "(", ")", "AND", "OR", "NOT", "NEAR(", "^", ":", "-", "+", "name:", "\u{0}",
        "\u{301}", "%", ";", "choc", "a", "ß", "🍫", "{", "}", ",", "\\", "--",
    ];
    for first in fragments {
        for second in fragments {
            for third in ["", "choc", "\""] {
                let typed = format!("{first}{second} {third}");
                file.search(HERE, &typed).unwrap_or_else(|fault| panic!("{typed:?}: {fault}"));
                file.by_code(HERE, &typed).unwrap();
            }
        }
    }
    for long in ["a ".repeat(5_000), "ab\" ".repeat(2_000), "x".repeat(100_000)] {
        file.search(HERE, &long).unwrap();
    }
    assert_eq!(names(&file, "\"choc\" dark").len(), 1);
    assert_eq!(file.cursor(HERE).unwrap(), Some(5), "and nothing was taken for damage");
}

#[test]
fn what_changed_replaces_what_was_there_and_what_is_removed_goes() {
    let (file, folder) = shop();
    let mut renamed = coded(1, "Flan", &[("C6", "12")]);
    renamed.version = 7;
    let mut dearer = item(2, "Dark chocolate");
    dearer.item.price = "4.00".parse().ok();
    dearer.version = 8;
    let delta = CataloguePage {
        removed: vec![ItemId(Uuid::from_u128(5)), ItemId(Uuid::from_u128(99))],
        ..page(8, false, vec![renamed, dearer, coded(7, "Juice", &[("012345678905", "1")])])
    };
    file.apply(HERE, &delta).unwrap();
    let check = |file: &CatalogueFile| {
        assert_eq!(names(file, "creme"), Vec::<String>::new());
        assert_eq!(names(file, "rème"), Vec::<String>::new());
        assert_eq!(names(file, "flan"), ["Flan"]);
        assert_eq!(by_code(file, "C6"), Some(("Flan".into(), "12".into())));
        assert_eq!(by_code(file, "4006381333931"), None, "a code that it no longer has");
        assert_eq!(by_code(file, "012345678905").map(|found| found.0).as_deref(), Some("Juice"));
        let of = |number| file.item(HERE, ItemId(Uuid::from_u128(number))).unwrap();
        assert_eq!(of(2).and_then(|item| item.price), "4.00".parse().ok());
        assert_eq!(of(5), None);
        assert_eq!(file.cursor(HERE).unwrap(), Some(8));
    };
    check(&file);
    file.apply(HERE, &delta).unwrap();
    check(&file);
    let mut older = item(1, "Crème brûlée");
    older.version = 3;
    file.apply(HERE, &page(8, false, vec![older])).unwrap();
    check(&file);
    drop(file);
    check(&opened(&folder));
    assert_eq!(opened(&folder).cursor(THERE).unwrap(), None);
}

#[test]
fn a_first_load_goes_on_after_the_program_ended_and_is_seen_with_its_last_page() {
    let (file, folder) = shop();
    let (tea, coffee) = (item(1, "Tea"), item(2, "Coffee"));
    file.apply(THERE, &page(10, true, vec![tea])).unwrap();
    assert_eq!(file.cursor(THERE).unwrap(), Some(10), "the next page is asked for");
    drop(file);

    let file = opened(&folder);
    assert_eq!(file.cursor(THERE).unwrap(), Some(10), "also after the program ended");
    assert_eq!(file.search(THERE, "tea").unwrap(), [], "nothing is sold by half a catalogue");
    assert_eq!(names(&file, "flan choc").len(), 0);
    assert_eq!(names(&file, "dark"), ["Dark chocolate"], "the old one is sold by meanwhile");
    file.apply(HERE, &page(6, false, vec![item(8, "Dark bread")])).unwrap();
    file.apply(THERE, &page(20, false, vec![coffee])).unwrap();
    assert_eq!((file.cursor(THERE).unwrap(), file.cursor(HERE).unwrap()), (Some(20), None));
    let found: Vec<_> = ["tea", "coffee"].map(|typed| file.search(THERE, typed).unwrap().len()).into();
    assert_eq!(found, [1, 1]);
    assert_eq!(names(&file, "dark"), Vec::<String>::new());

    // Given up for another one, it begins anew.
    file.apply(HERE, &page(3, true, vec![item(1, "Half")])).unwrap();
    file.apply(LocationId(Uuid::from_u128(3)), &page(3, true, vec![item(2, "Other")])).unwrap();
    assert_eq!(file.cursor(HERE).unwrap(), None);
    file.apply(HERE, &page(4, false, vec![item(9, "Whole")])).unwrap();
    assert_eq!(
        (names(&file, "half").len(), names(&file, "other").len(), names(&file, "whole").len()),
        (0, 0, 1)
    );
}

/// What somebody, or a disk, does to a file.
type Damage = fn(&Path);

#[test]
fn a_damaged_file_is_loaded_anew() {
    let damages: [(&str, Damage); 5] = [
        ("no database", |path| fs::write(path, b"this is no database, whatever its name says").unwrap()),
        ("another layout", |path| {
            Connection::open(path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
        }),
        ("a table gone", |path| {
            Connection::open(path).unwrap().execute_batch("DROP TABLE item_1").unwrap();
        }),
        ("a price that is none", |path| {
            Connection::open(path).unwrap().execute_batch("UPDATE item_1 SET price = 'x'").unwrap();
        }),
        ("torn pages", |path| {
            let mut bytes = fs::read(path).unwrap();
            let half = bytes.len() / 8;
            bytes.iter_mut().skip(half).for_each(|byte| *byte = 0xA5);
            fs::write(path, bytes).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let (file, folder) = shop();
        drop(file);
        damage(&folder.path().join("catalogue.sqlite"));
        let file = opened(&folder);
        let found = file.search(HERE, "dark").unwrap();
        assert_eq!(found, [], "{name}");
        assert_eq!(file.cursor(HERE).unwrap(), None, "{name}: everything is asked for");
        file.apply(HERE, &page(9, false, vec![item(1, "Dark again")])).unwrap();
        assert_eq!(names(&file, "dark"), ["Dark again"], "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_a_clear_fault() {
    let folder = tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    fs::write(&in_the_way, b"").unwrap();
    let fault = CatalogueFile::open(&in_the_way.join("catalogue.sqlite")).err().unwrap();
    assert_eq!(fault.code, onetill_core::Code::StoreFailed);
}
