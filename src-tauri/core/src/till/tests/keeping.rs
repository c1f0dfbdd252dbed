//! Managers keep the catalogue: nobody overwrites what somebody else saved, and a file does what it was shown to do.

use super::{lock::manager, *};
use crate::{
    ItemId,
    items::{
        ITEMS_AT_ONCE, KeptItem,
        settings::PlacedKey,
        typed::TypedItem,
        typed_settings::{TypedComponent, TypedTax},
        view::{CatalogueView, ImportFilter, ImportProgress, ImportStage},
    },
};
use data_encoding::BASE64;
use uuid::Uuid;

/// A manager's till with the catalogue open.
fn keeping(bench: &Bench) -> BenchTill {
    let till = at_start_screen(bench);
    bench.set(|table| table.logins.push_back(Ok(Some(manager()))));
    block_on(till.sign_in("m@demo.example", &password()));
    assert_eq!(press(&till, Command::OpenBoard { location_id: None }), None);
    assert_eq!(press(&till, Command::OpenCatalogue), None);
    till
}

fn press(till: &BenchTill, command: Command) -> Option<Code> {
    block_on(till.till.press(command)).err().map(|fault| fault.code)
}

fn view(till: &BenchTill) -> CatalogueView {
    match till.till.snapshot().screen {
        Screen::Board { catalogue: Some(catalogue), .. } => *catalogue,
        other => panic!("no catalogue: {other:?}"),
    }
}

fn typed(name: &str, price: &str) -> TypedItem {
    TypedItem {
        name: name.into(),
        short_name: String::new(),
        sku: String::new(),
        unit: String::new(),
        price: price.into(),
        price_is_open: false,
        tax_code: String::new(),
        category: String::new(),
        age_limit: String::new(),
        is_active: true,
        codes: Vec::new(),
        prices: Vec::new(),
    }
}

fn save(till: &BenchTill, item_id: ItemId, version: i64, item: TypedItem) -> Option<Code> {
    press(till, Command::SaveItem { item_id, version, item: Box::new(item) })
}

fn names(view: &CatalogueView) -> Vec<&str> {
    view.items.iter().flatten().map(|item| item.name.as_str()).collect()
}

fn read(till: &BenchTill, text: &str) -> Option<Code> {
    let content = BASE64.encode(text.as_bytes());
    press(till, Command::ReadItemsFile { file_name: "a.csv".into(), content, tax_code: None })
}

fn stage(till: &BenchTill) -> ImportStage {
    view(till).import.expect("a file").stage
}

fn progress(till: &BenchTill) -> ImportProgress {
    match stage(till) {
        ImportStage::Compared { progress, .. } => progress,
        other => panic!("{other:?}"),
    }
}

fn kept(bench: &Bench) -> Vec<(String, i64)> {
    bench.set(|table| table.shop.kept.iter().map(|item| (item.name.clone(), item.version)).collect())
}

#[test]
fn an_item_is_saved_once_however_often_its_answer_is_lost() {
    let bench = Bench::default();
    let till = keeping(&bench);
    let new = view(&till).new_id;
    assert_eq!(save(&till, new, 0, typed("Tea", "x")), Some(Code::BadCatalogue));
    let fault = till.till.snapshot().fault.unwrap();
    assert_eq!((fault.field.as_deref(), fault.reason.as_deref()), (Some("price"), Some("price")));
    assert_eq!(kept(&bench), []);

    bench.set(|table| table.shop.item_answers.push_back(Err(lost())));
    assert_eq!(save(&till, new, 0, typed("Tea", "3.50")), Some(Code::NoAnswer));
    assert_eq!(view(&till).new_id, new, "asked again, it is the same item");
    assert_eq!(save(&till, new, 0, typed("Tea", "3.50")), None);
    assert_eq!(kept(&bench), [("Tea".to_owned(), 1)]);
    assert_eq!(names(&view(&till)), ["Tea"]);
    assert_ne!(view(&till).new_id, new, "the next one is another");
}

#[test]
fn the_later_of_two_managers_is_told_and_overwrites_nothing() {
    let bench = Bench::default();
    let till = keeping(&bench);
    let id = view(&till).new_id;
    assert_eq!(save(&till, id, 0, typed("Tea", "3.50")), None);
    bench.set(|table| {
        let theirs = KeptItem { price: "4.00".parse().ok(), version: 1, ..table.shop.kept[0].clone() };
        table.shop.keep(&theirs).unwrap();
    });
    assert_eq!(save(&till, id, 1, typed("Green tea", "3.50")), Some(Code::ItemChanged));
    assert_eq!(kept(&bench), [("Tea".to_owned(), 2)]);
    assert_eq!(press(&till, Command::FindItems { text: String::new(), after: None }), None);
    assert_eq!(view(&till).items.unwrap()[0].version, 2);
    assert_eq!(save(&till, id, 2, typed("Green tea", "4.00")), None);
    assert_eq!(kept(&bench), [("Green tea".to_owned(), 3)]);
}

#[test]
fn a_file_changes_nothing_before_somebody_said_so_and_goes_on_where_it_stopped() {
    let bench = Bench::default();
    let till = keeping(&bench);
    for name in ["Tea", "Cake", "Bread"] {
        let id = view(&till).new_id;
        assert_eq!(save(&till, id, 0, typed(name, "1.00")), None);
    }
    let lines: String = (0..ITEMS_AT_ONCE + 100).map(|number| format!("New {number},2.00\n")).collect();
    let text = format!("name,price\nTea,1.00\nCake,1.50\nNo price,\n{lines}");
    assert_eq!(read(&till, &text), None);
    let ImportStage::Compared { counts, which, lines, .. } = stage(&till) else {
        panic!("{:?}", stage(&till))
    };
    assert_eq!((counts.add, counts.change, counts.same, counts.refuse), (ITEMS_AT_ONCE + 100, 1, 1, 1));
    assert_eq!(
        (which, lines.len(), lines[0].line),
        (ImportFilter::Refuse, 1, 4),
        "what is wrong is shown first"
    );
    assert_eq!((kept(&bench).len(), progress(&till)), (3, ImportProgress::NotBegun));
    assert_eq!(press(&till, Command::ShowImport { which: ImportFilter::Add, from: 263 }), None);
    let ImportStage::Compared { from, lines, .. } = stage(&till) else { panic!() };
    assert_eq!((from, lines.len()), (250, 50));

    // The first part is saved and its answer lost: nothing is known to be done, and asking again does no more.
    bench.set(|table| table.shop.item_answers.push_back(Err(lost())));
    assert_eq!(press(&till, Command::StartImport), Some(Code::NoAnswer));
    assert_eq!(progress(&till), ImportProgress::NotBegun);
    bench.set(|table| table.shop.item_answers.extend([Ok(()), Err(lost())]));
    assert_eq!(press(&till, Command::StartImport), Some(Code::NoAnswer));
    assert_eq!(progress(&till), ImportProgress::Stopped { done: ITEMS_AT_ONCE, of: ITEMS_AT_ONCE + 101 });
    assert_eq!(press(&till, Command::StartImport), None);
    assert_eq!(progress(&till), ImportProgress::Over { saved: ITEMS_AT_ONCE + 101 });
    assert_eq!(bench.set(|table| table.shop.parts.clone()), [ITEMS_AT_ONCE, 101]);
    assert_eq!(kept(&bench).len(), ITEMS_AT_ONCE + 103);

    assert_eq!(press(&till, Command::CloseImport), None);
    assert_eq!(read(&till, &text), None);
    let ImportStage::Compared { counts, .. } = stage(&till) else { panic!() };
    assert_eq!((counts.add, counts.change, counts.refuse), (0, 0, 1), "the same file again changes nothing");
    assert_eq!(press(&till, Command::StartImport), Some(Code::NotNow));
}

#[test]
fn what_somebody_changed_meanwhile_is_left_alone_and_told() {
    let bench = Bench::default();
    let till = keeping(&bench);
    let id = view(&till).new_id;
    assert_eq!(save(&till, id, 0, typed("Tea", "1.00")), None);
    assert_eq!(read(&till, "name,price\nTea,2.00\nCake,3.00\n"), None);
    bench.set(|table| {
        let theirs = KeptItem { price: "9.00".parse().ok(), version: 1, ..table.shop.kept[0].clone() };
        table.shop.keep(&theirs).unwrap();
    });
    assert_eq!(press(&till, Command::StartImport), None);
    assert_eq!(progress(&till), ImportProgress::Over { saved: 1 });
    assert_eq!(press(&till, Command::ShowImport { which: ImportFilter::Refuse, from: 0 }), None);
    let ImportStage::Compared { lines, .. } = stage(&till) else { panic!() };
    assert_eq!(
        lines[0].problem.as_ref().map(|problem| problem.kind),
        Some(crate::items::typed::ProblemKind::Changed)
    );
    assert_eq!(kept(&bench), [("Tea".to_owned(), 2), ("Cake".to_owned(), 3)]);
}

#[test]
fn a_catalogue_that_is_not_read_to_its_end_is_compared_with_nothing() {
    let bench = Bench::default();
    let till = keeping(&bench);
    bench.set(|table| {
        table.shop.kept = (1..=5_i32)
            .map(|number| KeptItem {
                name: format!("Item {number}"),
                price: "1.00".parse().ok(),
                version: i64::from(number),
                ..KeptItem::new(ItemId(Uuid::from_u128(u128::from(number.unsigned_abs()))))
            })
            .collect();
        table.shop.item_answers.extend([Ok(()), Err(lost())]);
    });
    assert_eq!(read(&till, "name,price\nItem 5,1.00\n"), Some(Code::NoAnswer));
    assert_eq!(stage(&till), ImportStage::Reading { read: 2, is_stopped: true });
    assert_eq!(press(&till, Command::StartImport), None);
    let ImportStage::Compared { counts, .. } = stage(&till) else { panic!() };
    assert_eq!((counts.add, counts.same), (0, 1));
    assert_eq!(press(&till, Command::CloseImport), None);
    assert_eq!(read(&till, "PK"), None);
    assert!(matches!(stage(&till), ImportStage::Unusable { .. }));
    assert_eq!(press(&till, Command::CloseImport), None);

    assert_eq!(press(&till, Command::ExportItems), None);
    let export = till.till.take_export().expect("a file");
    assert_eq!(String::from_utf8_lossy(&export).lines().count(), 6);
    assert_eq!(till.till.take_export(), None, "it is fetched once");
}

fn owner() -> crate::Staff {
    crate::Staff { role: crate::Role::Owner, ..manager() }
}

#[test]
fn the_keys_of_a_page_are_replaced_and_those_of_others_stay() {
    let bench = Bench::default();
    let till = keeping(&bench);
    let placed = |place: u8, label: &str| PlacedKey {
        place,
        item_id: ItemId(Uuid::from_u128(u128::from(place))),
        label: label.into(),
        colour: String::new(),
    };
    let save = |page, keys: &[PlacedKey]| press(&till, Command::SaveQuickKeys { page, keys: keys.to_vec() });
    let shown = || {
        let settings = view(&till).settings.expect("they were read");
        let label = |label: Option<String>| label.unwrap_or_default();
        settings.keys.into_iter().map(|key| (key.page, key.place, label(key.label))).collect::<Vec<_>>()
    };
    assert_eq!(view(&till).settings, None, "nobody asked for them");
    assert_eq!(press(&till, Command::ReadKeptSettings), None);
    assert_eq!(shown(), []);
    assert_eq!(save(1, &[placed(1, "Tea"), placed(2, "")]), None);
    assert_eq!(save(2, &[placed(7, "Far")]), None);
    assert_eq!(save(1, &[placed(3, "Tea")]), None);
    assert_eq!(shown(), [(2, 7, "Far".to_owned()), (1, 3, "Tea".to_owned())]);
    assert_eq!(save(1, &[placed(3, &"x".repeat(41))]), Some(Code::BadCatalogue), "nothing was sent");
    bench.set(|table| table.shop.item_answers.push_back(Err(lost())));
    assert_eq!(save(1, &[placed(4, "Tea")]), Some(Code::NoAnswer));
    assert_eq!(save(1, &[placed(4, "Tea")]), None);
    assert_eq!(shown(), [(2, 7, "Far".to_owned()), (1, 4, "Tea".to_owned())]);
}

#[test]
fn taxes_are_the_owners_typed_in_per_cent_and_kept_as_fractions() {
    let bench = Bench::default();
    let till = keeping(&bench);
    let typed = |percent: &str, date: &str| TypedTax {
        location_id: None,
        code: "V".into(),
        name: "VAT".into(),
        components: vec![TypedComponent { name: "VAT".into(), percent: percent.into() }],
        valid_from: date.into(),
    };
    let save = |tax, is_removed| press(&till, Command::SaveTax { tax: Box::new(tax), is_removed });
    assert_eq!(
        save(typed("19", "2020-01-01"), false),
        Some(Code::OwnerRequired),
        "a manager only reads them"
    );
    bench.set(|table| table.logins.push_back(Ok(Some(owner()))));
    block_on(till.sign_in("o@demo.example", &password()));
    assert_eq!(press(&till, Command::OpenBoard { location_id: None }), None);
    assert_eq!(press(&till, Command::OpenCatalogue), None);
    assert_eq!(save(typed("19 %", "2020-01-01"), false), Some(Code::BadCatalogue));
    let reason = till.till.snapshot().fault.and_then(|fault| fault.reason);
    assert_eq!(reason.as_deref(), Some("tax-rate"));
    assert_eq!(save(typed("19", "2020-01-01"), false), None);
    assert_eq!(save(typed("20.5", "2027-01-01"), false), None);
    let kept: Vec<String> =
        bench.set(|table| table.shop.taxes.iter().map(|tax| tax.components[0].rate.to_string()).collect());
    assert_eq!(kept, ["0.19", "0.205"]);
    let shown = view(&till).settings.expect("a save tells of them").taxes;
    assert_eq!(shown, [typed("19", "2020-01-01"), typed("20.5", "2027-01-01")]);
    assert_eq!(save(typed("19", "2020-01-01"), true), None);
    assert_eq!(bench.set(|table| table.shop.taxes.len()), 1);
}
