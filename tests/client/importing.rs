//! A file of items through the till and the network onto a real PostgreSQL: what is right is taken up after what is wrong
//! was shown, and the same file again changes nothing.

use std::sync::Arc;

use data_encoding::BASE64;
use onetill_core::items::typed::{ProblemKind, TypedItem};
use onetill_core::items::view::{CatalogueView, ImportCounts, ImportFilter, ImportProgress, ImportStage};
use onetill_core::{Code, Command, Connection, Fault, Outcome, ProjectKey, ProjectUrl, Till, view::Screen};
use onetill_local::{DEMO_ACCOUNTS, Engine};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::cable::Cable;
use onetill_tests::computer::{Computer, NobodyWatches};
use onetill_tests::{Project, Result, scratch};

type Desk = Till<SupabaseServer, ProjectStore, Computer, NobodyWatches>;

/// A manager at a computer, with the catalogue open.
async fn keeping(project: &Project, url: &str, account: usize) -> Result<(Desk, tempfile::TempDir)> {
    let folder = scratch()?;
    let url = ProjectUrl::parse(url)?;
    let key = ProjectKey::parse(project.backend.publishable_key())?;
    let file = StoreFile::open(&folder.path().join("onetill.sqlite"))?.file;
    let vault = Arc::new(MemoryVault::default());
    let server = SupabaseServer::new(Connection { url, key }, file.device_id(), "test", vault)?;
    let till =
        Till::open("shop", server, ProjectStore::new(file, "shop".to_owned()), Computer, NobodyWatches)?;
    let manager = &DEMO_ACCOUNTS[account];
    till.press(Command::SignIn { email: manager.email.to_owned(), password: manager.password.into() })
        .await?;
    till.press(Command::OpenBoard { location_id: None }).await?;
    till.press(Command::OpenCatalogue).await?;
    Ok((till, folder))
}

fn view(till: &Desk) -> Result<CatalogueView> {
    match till.snapshot().screen {
        Screen::Board { catalogue: Some(catalogue), .. } => Ok(*catalogue),
        other => Err(format!("no catalogue: {other:?}").into()),
    }
}

/// The line of each refusal and its kind.
type Refused = Vec<(u64, ProblemKind)>;

fn compared(till: &Desk) -> Result<(ImportCounts, ImportProgress, Refused)> {
    match view(till)?.import.map(|import| import.stage) {
        Some(ImportStage::Compared { counts, progress, lines, .. }) => {
            let wrong = lines.iter().filter_map(|line| Some((line.line, line.problem.as_ref()?.kind)));
            Ok((counts, progress, wrong.collect()))
        }
        other => Err(format!("not compared: {other:?}").into()),
    }
}

async fn read(till: &Desk, text: &[u8]) -> std::result::Result<Outcome, Fault> {
    let content = BASE64.encode(text);
    till.press(Command::ReadItemsFile {
        file_name: "items.csv".into(),
        content,
        tax_code: Some("SALES".into()),
    })
    .await
}

/// The code of an item.
fn ean(number: u32) -> String {
    onetill_goods::with_check_digit(&format!("401{number:09}"))
}

/// Ten thousand lines, every two hundredth of them wrong in one of five ways.
fn file() -> (String, Vec<(u64, ProblemKind)>) {
    let (mut text, mut wrong) =
        ("Item Name,Variation Name,SKU,GTIN,Price,Categories\n".to_owned(), Vec::new());
    for number in 0..10_000_u32 {
        let (name, code, price) = (format!("Item {number}"), ean(number), "$1,234.50".to_owned());
        let (name, code, price, kind) = match (number % 200, number / 200 % 5) {
            (199, 0) => (String::new(), code, price, Some(ProblemKind::Name)),
            (199, 1) => (name, ean(number - 1), price, Some(ProblemKind::CodeRepeated)),
            (199, 2) => (
                name,
                format!("{}{}", &code[..12], (code.as_bytes()[12] - b'0' + 1) % 10),
                price,
                Some(ProblemKind::CheckDigit),
            ),
            (199, 3) => (name, code, "call us".to_owned(), Some(ProblemKind::Price)),
            (199, _) => (name, code, String::new(), Some(ProblemKind::NoPrice)),
            _ => (name, code, price, None),
        };
        wrong.extend(kind.map(|kind| (u64::from(number) + 2, kind)));
        text.push_str(&format!("{name},Regular,S-{number},{code},\"{price}\",\"Shelf {}\"\n", number % 7));
    }
    (text, wrong)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_thousand_lines_the_right_ones_are_taken_up_after_the_fifty_wrong_ones_were_shown()
-> Result<()> {
    let project = Project::selling(Engine::real())?;
    let (till, _folder) = keeping(&project, &project.backend.url(), 2).await?;
    let (text, wrong) = file();
    read(&till, text.as_bytes()).await?;
    let (counts, progress, shown) = compared(&till)?;
    assert_eq!((counts.add, counts.refuse, counts.change, counts.same), (9_950, 50, 0, 0));
    assert_eq!((shown, progress), (wrong, ImportProgress::NotBegun));
    // How many items of the file there are.
    let count = async || project.sql("select 1 from pos_items where name like 'Item %'").await;
    assert_eq!(count().await?, 0, "nothing was changed by looking");

    till.press(Command::StartImport).await?;
    let (_counts, progress, _shown) = compared(&till)?;
    assert_eq!(progress, ImportProgress::Over { saved: 9_950 });
    assert_eq!(count().await?, 9_950);
    till.press(Command::CloseImport).await?;
    read(&till, text.as_bytes()).await?;
    let (counts, _progress, _shown) = compared(&till)?;
    assert_eq!(
        (counts.add, counts.change, counts.same, counts.refuse),
        (0, 0, 9_950, 50),
        "again it changes nothing"
    );
    till.press(Command::CloseImport).await?;

    // Everything comes out as a file that has nothing to do, and is found.
    till.press(Command::ExportItems).await?;
    let export = till.take_export().ok_or("no export")?;
    read(&till, &export).await?;
    let (counts, _progress, _shown) = compared(&till)?;
    assert_eq!((counts.add, counts.change, counts.refuse), (0, 0, 0));
    assert!(counts.same > 9_950, "with the demo store's own: {counts:?}");
    till.press(Command::CloseImport).await?;
    till.press(Command::FindItems { text: "item 4711".into(), after: None }).await?;
    let found = view(&till)?;
    let names: Vec<&str> = found.items.iter().flatten().map(|item| item.name.as_str()).collect();
    assert_eq!((names, found.more), (vec!["Item 4711"], false));
    till.press(Command::FindItems { text: String::new(), after: None }).await?;
    let found = view(&till)?;
    assert_eq!(
        (found.items.map(|items| items.len()), found.more),
        (Some(50), true),
        "a page, never the whole list"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_without_a_network_goes_on_when_it_is_back_and_two_managers_do_not_overwrite_each_other()
-> Result<()> {
    let project = Project::selling(Engine::real())?;
    let mut cable = Cable::to(&project.backend).await?;
    let (till, _folder) = keeping(&project, &cable.url(), 2).await?;
    let (other, _other_folder) = keeping(&project, &project.backend.url(), 3).await?;
    let lines: String = (0..1_200).map(|number| format!("Item {number};1,5{}\n", number % 10)).collect();
    read(&till, format!("name;price\n{lines}").as_bytes()).await?;
    cable.pull().await;
    let fault = till.press(Command::StartImport).await.err().map(|fault| fault.code);
    assert!(matches!(fault, Some(Code::Unreachable | Code::NoAnswer | Code::Unavailable)), "{fault:?}");
    assert_eq!(compared(&till)?.1, ImportProgress::NotBegun);
    cable.plug().await?;
    till.press(Command::StartImport).await?;
    assert_eq!(compared(&till)?.1, ImportProgress::Over { saved: 1_200 });
    till.press(Command::CloseImport).await?;

    // Both have the item before them; the owner is faster.
    for desk in [&till, &other] {
        desk.press(Command::FindItems { text: "item 700".into(), after: None }).await?;
    }
    let item = view(&till)?.items.and_then(|items| items.into_iter().next()).ok_or("no item")?;
    let typed = |price: &str, code: &str| TypedItem {
        name: item.name.clone(),
        short_name: String::new(),
        sku: String::new(),
        unit: String::new(),
        price: price.into(),
        price_is_open: false,
        tax_code: "SALES".into(),
        category: String::new(),
        age_limit: String::new(),
        is_active: true,
        codes: vec![onetill_core::items::typed::TypedCode { code: code.into(), factor: String::new() }],
        prices: Vec::new(),
    };
    let save = async |desk: &Desk, version: i64, typed: TypedItem| {
        desk.press(Command::SaveItem { item_id: item.id, version, item: Box::new(typed) })
            .await
            .err()
            .map(|fault| fault.code)
    };
    assert_eq!(save(&other, item.version, typed("2.00", "A-700")).await, None);
    assert_eq!(save(&till, item.version, typed("3.00", "A-700")).await, Some(Code::ItemChanged));
    till.press(Command::FindItems { text: "A-700".into(), after: None }).await?;
    let now = view(&till)?.items.and_then(|items| items.into_iter().next()).ok_or("no item")?;
    assert_eq!(now.price.map(|price| price.to_string()).as_deref(), Some("2.00"));
    assert_eq!(
        save(&till, now.version, typed("3.00", "4006381333931")).await,
        Some(Code::CodeTaken),
        "a tea towel has it"
    );
    assert_eq!(save(&till, now.version, typed("3.00", "A-700")).await, None);
    till.press(Command::ShowImport { which: ImportFilter::Add, from: 0 })
        .await
        .expect_err("there is no file");
    Ok(())
}
