use super::{
    compare::{Act, Plan, Shop, compare},
    export::export,
    layouts::Layout,
    table::{self, FileProblem},
    typed::{ProblemKind, TypedCode, TypedItem},
    view::{ImportCounts, ImportFilter, LINES_SHOWN, lines_of},
    *,
};
use proptest::prelude::*;
use uuid::Uuid;

fn shop() -> Shop {
    let tax = |code: &str| TaxName { code: code.into(), name: code.into() };
    let location = |number, name: &str| (LocationId(Uuid::from_u128(number)), name.to_owned());
    Shop {
        taxes: vec![tax("A"), tax("B")],
        locations: vec![location(1, "Market Street"), location(2, "Harbor")],
        tax_code: Some("A".into()),
        seed: Uuid::from_u128(99),
    }
}

fn item(number: u128, name: &str, price: &str) -> KeptItem {
    KeptItem {
        name: name.into(),
        price: Some(price.parse().unwrap()),
        version: i64::try_from(number).unwrap(),
        ..KeptItem::new(ItemId(Uuid::from_u128(number)))
    }
}

fn coded(mut item: KeptItem, codes: &[(&str, &str)]) -> KeptItem {
    item.codes = typed::codes(codes.iter().copied()).unwrap();
    item
}

fn plan_of(text: &str, items: &[KeptItem]) -> Plan {
    compare(&table::read(text.as_bytes()).unwrap(), items.iter(), &shop()).unwrap()
}

/// The plan in words: `2 add Tea 3.50`.
fn told(plan: &Plan) -> Vec<String> {
    let told = plan.lines.iter().map(|line| match &line.act {
        Act::Add(item) => format!("{} add {} {}", line.line, item.name, price(item)),
        Act::Change(item, fields) => format!("{} change {} {fields:?}", line.line, item.name),
        Act::Same => format!("{} same", line.line),
        Act::Refuse(problem) => format!("{} {:?} {}", line.line, problem.kind, problem.got),
    });
    told.collect()
}

fn price(item: &KeptItem) -> String {
    item.price.map_or("open".to_owned(), |price| price.to_string())
}

/// The catalogue after everything of the plan was taken up.
fn after(plan: &Plan, items: &[KeptItem]) -> Vec<KeptItem> {
    let mut after = items.to_vec();
    for item in plan.lines.iter().filter_map(|line| line.act.item()) {
        after.retain(|known| known.id != item.id);
        after.push(item.clone());
    }
    after
}

fn added<'a>(plan: &'a Plan, name: &str) -> &'a KeptItem {
    let items = plan.lines.iter().filter_map(|line| line.act.item());
    items.into_iter().find(|item| item.name == name).unwrap_or_else(|| panic!("{name} of {:?}", told(plan)))
}

#[test]
fn what_is_typed_is_an_item_or_says_which_field_is_wrong() {
    let tea = TypedItem {
        name: " Tea ".into(),
        short_name: String::new(),
        sku: "T-1".into(),
        unit: String::new(),
        price: "3.5".into(),
        price_is_open: false,
        tax_code: "A".into(),
        category: "Drinks".into(),
        age_limit: "18".into(),
        is_active: true,
        codes: vec![TypedCode { code: "4006381333931".into(), factor: String::new() }],
        prices: vec![],
    };
    let new = KeptItem::new(ItemId(Uuid::nil()));
    let item = tea.checked(&new).unwrap();
    assert_eq!((item.name.as_str(), price(&item).as_str(), item.age_limit), ("Tea", "3.50", Some(18)));
    let code = |code: &str, factor: &str| vec![TypedCode { code: code.into(), factor: factor.into() }];
    let wrong: Vec<(TypedItem, ProblemKind)> = vec![
        (TypedItem { name: " ".into(), ..tea.clone() }, ProblemKind::Name),
        (TypedItem { name: "x".repeat(201), ..tea.clone() }, ProblemKind::Name),
        (TypedItem { name: "a\nb".into(), ..tea.clone() }, ProblemKind::Unreadable),
        (TypedItem { short_name: "x".repeat(41), ..tea.clone() }, ProblemKind::ShortName),
        (TypedItem { sku: "x".repeat(65), ..tea.clone() }, ProblemKind::Sku),
        (TypedItem { unit: "x".repeat(17), ..tea.clone() }, ProblemKind::Unit),
        (TypedItem { category: "x".repeat(81), ..tea.clone() }, ProblemKind::Category),
        (TypedItem { price: "-1".into(), ..tea.clone() }, ProblemKind::Price),
        (TypedItem { price: "1.005".into(), ..tea.clone() }, ProblemKind::Price),
        (TypedItem { price: "1000000000".into(), ..tea.clone() }, ProblemKind::Price),
        (TypedItem { price: String::new(), ..tea.clone() }, ProblemKind::NoPrice),
        (TypedItem { age_limit: "0".into(), ..tea.clone() }, ProblemKind::AgeLimit),
        (TypedItem { age_limit: "100".into(), ..tea.clone() }, ProblemKind::AgeLimit),
        (TypedItem { codes: code("", "2"), ..tea.clone() }, ProblemKind::Code),
        (TypedItem { codes: code("a b", ""), ..tea.clone() }, ProblemKind::Code),
        (TypedItem { codes: code("4,00638E+12", ""), ..tea.clone() }, ProblemKind::Code),
        (TypedItem { codes: code("4006381333932", ""), ..tea.clone() }, ProblemKind::CheckDigit),
        (TypedItem { codes: code("a", "0"), ..tea.clone() }, ProblemKind::Factor),
    ];
    for (typed, kind) in wrong {
        let problem = typed.checked(&new).unwrap_err();
        assert_eq!(problem.kind, kind);
        let fault = Fault::from(problem);
        assert!(fault.field.is_some(), "{fault:?}");
    }
    let fault = Fault::from(typed::ItemProblem::new(ProblemKind::NoPrice, "Tea"));
    assert_eq!((fault.field.as_deref(), fault.reason.as_deref()), (Some("price"), Some("no-price")));
    let open = TypedItem { price: String::new(), price_is_open: true, ..tea };
    assert_eq!(open.checked(&new).unwrap().price, None);
}

#[test]
fn every_encoding_and_delimiter_makes_the_same_table() {
    let text = "Name;Price\r\nCrème brûlée, large;4,50\r\n\"Rye \"\"loaf\"\"\";5\r\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| -> Vec<u8> {
        mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
    };
    let western: Vec<u8> = text.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect();
    let with_mark = format!("\u{feff}{text}");
    for bytes in [
        text.as_bytes().to_vec(),
        with_mark.into_bytes(),
        western,
        utf16(u16::to_le_bytes, b"\xff\xfe"),
        utf16(u16::to_be_bytes, b"\xfe\xff"),
        utf16(u16::to_le_bytes, b""),
        utf16(u16::to_be_bytes, b""),
        format!("sep=;\r\n{text}").into_bytes(),
        text.replace(", large", "\u{1}")
            .replace(';', ",")
            .replace("4,50", "\"4,50\"")
            .replace('\u{1}', ", large")
            .replace("Crème brûlée, large", "\"Crème brûlée, large\"")
            .into_bytes(),
        text.replace(';', "\t").into_bytes(),
    ] {
        let table = table::read(&bytes).unwrap();
        assert_eq!(table.header, ["Name", "Price"]);
        let cells: Vec<&[String]> = table.rows.iter().map(|row| row.cells.as_slice()).collect();
        assert_eq!(cells, [["Crème brûlée, large", "4,50"], ["Rye \"loaf\"", "5"]]);
        let plan = compare(&table, std::iter::empty(), &shop()).unwrap();
        assert_eq!(price(added(&plan, "Crème brûlée, large")), "4.50");
    }
    let euro = table::read(b"Name,Price\nTea,\x80 3.50\n").unwrap();
    assert_eq!(euro.rows[0].cells[1], "€ 3.50");
}

#[test]
fn a_file_that_is_none_says_why() {
    for (bytes, problem) in [
        (&b""[..], FileProblem::Empty),
        (b"name,price\n", FileProblem::Empty),
        (b"\n\n , \n", FileProblem::Empty),
        (b"PK\x03\x04xl/workbook.xml", FileProblem::NoTable),
        (b"%PDF-1.7", FileProblem::NoTable),
        (b"name\0,price\n1,2\n", FileProblem::NoTable),
    ] {
        assert_eq!(table::read(bytes).unwrap_err(), problem, "{bytes:?}");
    }
    assert_eq!(table::read(&vec![b'a'; table::LARGEST_FILE + 1]).unwrap_err(), FileProblem::TooLarge);
    let long = format!("name,price\n{}", "a,1\n".repeat(table::MOST_LINES + 1));
    assert_eq!(table::read(long.as_bytes()).unwrap_err(), FileProblem::TooLarge);
    let unknown = table::read(b"colour,size\nred,3\n").unwrap();
    assert_eq!(compare(&unknown, std::iter::empty(), &shop()).unwrap_err(), FileProblem::UnknownColumns);
}

#[test]
fn a_line_that_cannot_be_read_is_told_and_the_others_are_taken() {
    let huge = "x".repeat(30_000);
    let text = format!(
        "name,note,price\nTea,,3.50\n\"{huge}\",,1\nNul\0,,1\nCoffee,\"never closed,2.00\nCake,,1.00\n"
    );
    let plan = plan_of(&text, &[]);
    let told = told(&plan);
    assert_eq!(told[0], "2 add Tea 3.50");
    assert!(told[1].starts_with("3 Unreadable xxx"), "{told:?}");
    assert_eq!(told[2..], ["4 Unreadable Nul", "5 Unreadable Coffee"]);
}

#[test]
fn square_s_items_are_one_for_each_variation() {
    let text = "Token,Item Name,Variation Name,SKU,Description,Categories,Price,GTIN,Archived,Tax - Sales Tax (8.5%)\n\
        t1,Coffee,Large,SQ-1,Fresh,Hot Drinks,3.50,,N,Y\n\
        t2,Sandwich,Regular,SQ-2,,Food,\"$4,250.00\",00012345678905,N,N\n\
        t3,Gift,Regular,,,,variable,,N,Y\n\
        t4,Old,Regular,SQ-4,,,1.00,,Y,\n";
    let plan = plan_of(text, &[]);
    assert_eq!(plan.layout, Layout::Square);
    assert_eq!(
        told(&plan),
        ["2 add Coffee Large 3.50", "3 add Sandwich 4250.00", "4 add Gift open", "5 add Old 1.00"]
    );
    let sandwich = added(&plan, "Sandwich");
    assert_eq!((sandwich.tax_code.as_deref(), sandwich.codes[0].code.as_str()), (None, "00012345678905"));
    assert_eq!(added(&plan, "Coffee Large").tax_code.as_deref(), Some("A"), "taxed as new items are");
    assert!(added(&plan, "Gift").price_is_open && !added(&plan, "Old").is_active);
}

#[test]
fn loyverse_s_items_have_a_price_for_each_store() {
    let text = "Handle,SKU,Name,Category,Description,Sold by weight,Option 1 name,Option 1 value,Cost,Barcode,SKU of included item,Available for sale [Harbor],Price [Harbor],In stock [Harbor],Available for sale [Elsewhere],Price [Elsewhere],\"Tax - \"\"VAT\"\" (10%)\"\n\
        cola,10001,Cola,Drinks,,N,,,0.80,5449000000996,,Y,1.40,24,Y,1.50,Y\n\
        ham,10002,Ham,Deli,,Y,,,0.40,,,Y,variable,,Y,variable,N\n\
        shirt,10003,Shirt,Wear,,N,Size,S,,,,N,19.99,,N,19.99,Y\n\
        shirt,10004,,,,,,M,,,,Y,21.99,,Y,21.99,Y\n\
        set,10005,Set,Deli,,N,,,,,,Y,9.00,,Y,9.00,Y\n\
        set,,,,,,,,,,10001,,,,,,\n";
    let plan = plan_of(text, &[]);
    assert_eq!((plan.layout, plan.skipped), (Layout::Loyverse, 1));
    assert_eq!(
        told(&plan),
        ["2 add Cola 1.50", "3 add Ham open", "4 add Shirt S 19.99", "5 add Shirt M 21.99", "6 add Set 9.00"]
    );
    let cola = added(&plan, "Cola");
    assert_eq!(cola.prices.len(), 1, "{cola:?}");
    assert_eq!(
        (cola.prices[0].location_id, cola.prices[0].price.to_string()),
        (shop().locations[1].0, "1.40".into())
    );
    assert_eq!(added(&plan, "Ham").unit.as_deref(), Some("kg"));
    assert_eq!(added(&plan, "Ham").tax_code, None);
    assert!(!added(&plan, "Shirt S").is_active && added(&plan, "Shirt M").is_active);
    assert_eq!(added(&plan, "Shirt M").category.as_deref(), Some("Wear"));
}

#[test]
fn shopify_s_products_are_one_item_for_each_variant() {
    let text = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Option1 Name,Option1 Value,Option2 Value,Variant SKU,Variant Price,Variant Taxable,Variant Barcode,Image Src,Status\n\
        mug,Mug,\"<p>A, b</p>\",Us,Home > Kitchen > Mugs,,Title,Default Title,,M-1,12.00,TRUE,'4006381333931,a.jpg,active\n\
        mug,,,,,,,,,,,,,b.jpg,\n\
        tee,Tee,,Us,,Shirts,Size,S,Red,T-S,20.00,FALSE,,,draft\n\
        tee,,,,,,,M,Red,T-M,22.00,FALSE,,,\n";
    let plan = plan_of(text, &[]);
    assert_eq!((plan.layout, plan.skipped), (Layout::Shopify, 1));
    assert_eq!(told(&plan), ["2 add Mug 12.00", "4 add Tee S / Red 20.00", "5 add Tee M / Red 22.00"]);
    assert_eq!(added(&plan, "Mug").codes[0].code, "4006381333931");
    assert_eq!(added(&plan, "Mug").category.as_deref(), Some("Mugs"));
    let tee = added(&plan, "Tee M / Red");
    assert_eq!(
        (tee.category.as_deref(), tee.tax_code.as_deref(), tee.is_active),
        (Some("Shirts"), None, false)
    );
}

#[test]
fn woocommerce_s_heads_of_variations_are_no_items() {
    let text = "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,\"Tax status\",\"Regular price\",\"Sale price\",Categories,Parent\n\
        29,simple,3,4006381333931,Breakfast,1,taxable,9.50,8.00,\"Food > Hot, Other\",\n\
        30,variable,SH,,Shirt,1,taxable,,,Wear,\n\
        31,variation,SH-S,,Shirt - S,1,taxable,20.00,,,id:30\n\
        32,\"simple, virtual\",V,,Voucher,0,none,10.00,,,\n";
    let plan = plan_of(text, &[]);
    assert_eq!((plan.layout, plan.skipped), (Layout::WooCommerce, 1));
    assert_eq!(told(&plan), ["2 add Breakfast 9.50", "4 add Shirt - S 20.00", "5 add Voucher 10.00"]);
    assert_eq!(added(&plan, "Breakfast").category.as_deref(), Some("Hot"));
    let voucher = added(&plan, "Voucher");
    assert_eq!((voucher.tax_code.as_deref(), voucher.is_active), (None, false));
}

#[test]
fn a_plain_table_in_another_language_is_read() {
    let plan = plan_of(
        "Artikelbezeichnung;EAN;Verkaufspreis;Warengruppe\nBrötchen;96385074;0,45 €;Backwaren\n",
        &[],
    );
    assert_eq!((plan.layout, told(&plan)), (Layout::Plain, vec!["2 add Brötchen 0.45".to_owned()]));
    assert_eq!(added(&plan, "Brötchen").category.as_deref(), Some("Backwaren"));
}

#[test]
fn what_is_there_is_found_by_id_code_number_or_name() {
    let mut by_sku = item(3, "Sku", "1.00");
    by_sku.sku = Some("S-3".into());
    let items = [
        coded(item(1, "Tea", "1.00"), &[("036000291452", ""), ("BOX", "6")]),
        item(2, "Cake", "1.00"),
        by_sku,
    ];
    // With and without the zero before it, a code is the same one; what the file does not say stays.
    let text =
        "name,barcode,sku,price\nGreen tea,0036000291452,,1.00\ncake,,,1.00\nSku,,s-3,2.00\nNew,,N-1,3.00\n";
    let plan = plan_of(text, &items);
    assert_eq!(
        told(&plan),
        ["2 change Green tea [Name]", "3 change cake [Name]", "4 change Sku [Sku, Price]", "5 add New 3.00"]
    );
    let after = after(&plan, &items);
    assert!(plan_of(text, &after).lines.iter().all(|line| line.act == Act::Same), "again it changes nothing");
    assert_eq!(after.iter().find(|item| item.name == "Green tea").unwrap().codes.len(), 2);
}

#[test]
fn a_name_that_several_have_means_the_one_that_has_nothing_else() {
    let twice = |text: &str, items: &[KeptItem]| {
        let plan = plan_of(text, items);
        let after = after(&plan, items);
        let first = told(&plan);
        for (line, again) in plan.lines.iter().zip(plan_of(text, &after).lines) {
            let refused = matches!(line.act, Act::Refuse(_));
            assert!(refused || again.act == Act::Same, "{text}: {line:?} became {again:?}");
        }
        first
    };
    let (plain, box_of) = (item(1, "Tea", "1.00"), coded(item(2, "Tea", "6.00"), &[("BOX", "6")]));
    let (named, other) = ("name,price,barcode\nTea,2.00,\n", "Tea,3.00,NEW\n");
    // It is changed, whatever else has its name.
    assert_eq!(twice(named, &[plain.clone(), box_of.clone()]), ["2 change Tea [Price]"]);
    assert_eq!(twice(&format!("{named}{other}"), &[plain]), ["2 change Tea [Price]", "3 add Tea 3.00"]);
    assert_eq!(twice(&format!("{named}{other}"), &[]), ["2 add Tea 2.00", "3 add Tea 3.00"]);
    // One that a code tells from others is found by its name alone only while no other has that.
    assert_eq!(twice(named, std::slice::from_ref(&box_of)), ["2 change Tea [Price]"]);
    assert_eq!(
        twice(&format!("{named}{other}"), std::slice::from_ref(&box_of)),
        ["2 change Tea [Price]", "3 Ambiguous Tea"]
    );
    assert_eq!(
        twice(&format!("name,price,barcode\n{other}Tea,2.00,\n"), &[box_of]),
        ["2 add Tea 3.00", "3 Ambiguous Tea"]
    );
}

#[test]
fn what_cannot_be_taken_says_why() {
    let mut twin = [item(5, "Twin", "1.00"), item(6, "Twin", "1.00")];
    twin[0].sku = Some("TW".into());
    twin[1].sku = Some("TX".into());
    let mut items =
        vec![coded(item(1, "Tea", "1.00"), &[("A1", "")]), coded(item(2, "Cake", "1.00"), &[("B1", "")])];
    items.extend(twin);
    items[1].sku = Some("C-1".into());
    let text = "id,name,sku,price,open_price,tax_code,age_limit,active,codes,price [Harbor],price [Nowhere]\n\
        ,No price,,,no,,,yes,,,\n\
        ,Words,,free,no,,,yes,,,\n\
        ,Tax,,1,no,Z,,yes,,,\n\
        ,Age,,1,no,,old,yes,,,\n\
        ,Active,,1,no,,,perhaps,,,\n\
        ,Digit,,1,no,,,yes,4006381333932,,\n\
        ,Factor,,1,no,,,yes,X*0,,\n\
        not-an-id,Id,,1,no,,,yes,,,\n\
        00000000-0000-0000-0000-0000000000ff,Gone,,1,no,,,yes,,,\n\
        ,Two,,1,no,,,yes,A1 B1,,\n\
        ,Number,C-1,1,no,,,yes,A1,,\n\
        ,Twin,,1,no,,,yes,,,\n\
        ,Where,,1,no,,,yes,,,1.00\n\
        ,First,,1,no,,,yes,C1,0.90,\n\
        ,Second,,1,no,,,yes,C1,,\n\
        00000000-0000-0000-0000-000000000001,Tea,,1.00,no,,,yes,A1,,\n\
        00000000-0000-0000-0000-000000000001,Tea,,2.00,no,,,yes,A1,,\n\
        00000000-0000-0000-0000-000000000002,Cake,C-1,1.00,no,,,yes,B1 A1,,\n\
        ,Same,,1,no,,,yes,,,\n\
        ,same ,,1,no,,,yes,,,\n\
        ,,,1,no,,,yes,,,\n";
    let plan = plan_of(text, &items);
    let counts = ImportCounts::of(&plan);
    assert_eq!((counts.add, counts.change, counts.same, counts.refuse), (2, 0, 1, 18));
    let told: Vec<String> = told(&plan).iter().map(|line| line.trim().to_owned()).collect();
    assert_eq!(
        told,
        [
            "2 NoPrice No price",
            "3 Price free",
            "4 TaxCode Z",
            "5 AgeLimit old",
            "6 YesOrNo perhaps",
            "7 CheckDigit 4006381333932",
            "8 Factor X",
            "9 Id not-an-id",
            "10 Id 00000000-0000-0000-0000-0000000000ff",
            "11 Ambiguous Tea, Cake",
            "12 CodeTaken Tea",
            "13 Ambiguous Twin",
            "14 Location nowhere",
            "15 add First 1.00",
            "16 CodeRepeated C1",
            "17 same",
            "18 Repeated Tea",
            "19 CodeRepeated A1",
            "20 add Same 1.00",
            "21 Repeated same",
            "22 Name",
        ]
    );
    let line_of = |line: u64| {
        let found = plan.lines.iter().find(|one| one.line == line).unwrap();
        if let Act::Refuse(problem) = &found.act { problem.line } else { None }
    };
    assert_eq!([16, 18, 19, 21].map(line_of), [Some(15), Some(17), Some(17), Some(20)]);
    assert_eq!(added(&plan, "First").prices[0].price.to_string(), "0.90");
}

#[test]
fn the_window_gets_a_page_of_lines() {
    let lines: String = (0..120).map(|number| format!("Item {number},{number}\n")).collect();
    let plan = plan_of(&format!("name,price\n{lines}"), &[]);
    let shown = lines_of(&plan, ImportFilter::Add, 100);
    assert_eq!((shown.len(), shown[0].line, shown[0].name.as_str()), (20, 102, "Item 100"));
    assert_eq!(lines_of(&plan, ImportFilter::Add, 0).len(), LINES_SHOWN);
    assert_eq!(lines_of(&plan, ImportFilter::Refuse, 0), []);
    let ids: std::collections::BTreeSet<ItemId> =
        plan.lines.iter().filter_map(|line| Some(line.act.item()?.id)).collect();
    assert_eq!(ids.len(), 120, "each new item has an id of its own");
}

#[test]
fn no_field_of_an_export_is_a_formula() {
    let names = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "'=x", "''quoted", "plain", "＝1", "a\"b,c"];
    let items: Vec<KeptItem> = (1..).zip(names).map(|(number, name)| item(number, name, "1.00")).collect();
    let file = export(items.iter(), &shop().locations);
    let table = table::read(&file).unwrap();
    for row in &table.rows {
        assert!(row.cells.iter().all(|cell| !export::is_formula(cell)), "{row:?}");
    }
    let plan = compare(&table, items.iter(), &shop()).unwrap();
    assert!(plan.lines.iter().all(|line| line.act == Act::Same), "{:?}", told(&plan));
}

fn any_item() -> impl Strategy<Value = KeptItem> {
    let text = || {
        prop::option::of("[ -~äß€★]{1,16}")
            .prop_map(|text| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let code =
        ("[!-~]{1,7}", prop_oneof![Just("1".to_owned()), Just("6".to_owned()), Just("0.5".to_owned())]);
    let price = || (0..10_000_000_i64).prop_map(|cents| Amount::from(rust_decimal::Decimal::new(cents, 2)));
    let own = prop::option::of(price());
    (
        ("[a-zA-Z=+@'äß€-][ -~]{0,20}", text(), text(), text()),
        (prop::option::of(price()), text(), prop::option::of(1_u8..=99)),
        any::<bool>(),
        any::<bool>(),
        prop::collection::vec(code, 0..4),
        own,
    )
        .prop_map(
            |(
                (name, short_name, sku, unit),
                (price, category, age_limit),
                is_open,
                is_active,
                codes,
                own,
            )| {
                let codes: Vec<(&str, &str)> =
                    codes.iter().map(|(code, factor)| (code.as_str(), factor.as_str())).collect();
                KeptItem {
                    name: name.trim().to_owned(),
                    short_name,
                    sku,
                    unit,
                    price,
                    price_is_open: is_open || price.is_none(),
                    tax_code: is_open.then(|| "B".to_owned()),
                    category,
                    age_limit,
                    is_active,
                    codes: typed::codes(codes.into_iter()).unwrap_or_default(),
                    prices: own
                        .map(|price| LocationPrice { location_id: shop().locations[1].0, price })
                        .into_iter()
                        .collect(),
                    ..KeptItem::new(ItemId(Uuid::nil()))
                }
            },
        )
}

proptest! {
    /// What is exported and imported again changes nothing.
    #[test]
    fn an_export_comes_back_as_it_was(drawn in prop::collection::vec(any_item(), 1..20)) {
        let mut seen = std::collections::BTreeSet::new();
        let items: Vec<KeptItem> = (1_u128..).zip(drawn).map(|(number, item)| {
            let mut codes = item.codes.clone();
            codes.retain(|one| seen.insert(format!("{:0>14}", one.code)));
            KeptItem { id: ItemId(Uuid::from_u128(number)), codes, version: 3, ..item }
        }).collect();
        let file = export(items.iter(), &shop().locations);
        let plan = compare(&table::read(&file).unwrap(), items.iter(), &shop()).unwrap();
        prop_assert_eq!(plan.lines.len(), items.len());
        for line in &plan.lines {
            prop_assert_eq!(&line.act, &Act::Same, "{}", String::from_utf8_lossy(&file));
        }
    }

    /// Whatever the bytes are: a plan, or a word why there is none; and taken up once, nothing is left to do.
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400), named in any::<bool>()) {
        let header: &[u8] = if named { b"name,price,barcode\n" } else { b"" };
        let Ok(table) = table::read(&[header, &bytes].concat()) else { return Ok(()) };
        let Ok(plan) = compare(&table, std::iter::empty(), &shop()) else { return Ok(()) };
        let kept = after(&plan, &[]);
        let again = compare(&table, kept.iter(), &shop()).unwrap();
        for (first, second) in plan.lines.iter().zip(&again.lines) {
            match &first.act {
                Act::Refuse(_) => {}
                _ => prop_assert_eq!(&second.act, &Act::Same),
            }
        }
    }
}
