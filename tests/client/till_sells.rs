//! Selling with the till itself, its files and the network, and no window: the figures of the acceptance table, and days on
//! which cables are pulled and programs end.

use std::path::Path;
use std::sync::Arc;

use onetill_core::{
    Code, Command, Connection, Fault, Outcome, ProjectKey, ProjectUrl, Sale, Till,
    selling_view::{ReceiptState, SellingView},
    view::Screen,
};
use onetill_local::{DEMO_ACCOUNTS, Engine};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::cable::Cable;
use onetill_tests::computer::{Computer, NobodyWatches, press};
use onetill_tests::{Project, Result, rest::Rest, scratch};
use serde_json::Value;

const STORE: &str = "0e711100-0000-4000-8000-0000000000b1";
const VENDOR: &str = "0e711100-0000-4000-8000-00000000000a";

type Desk = Till<SupabaseServer, ProjectStore, Computer, NobodyWatches>;

/// Starts the program on the files in this folder.
fn start(project: &Project, url: &str, folder: &Path) -> Result<Desk> {
    let url = ProjectUrl::parse(url)?;
    let key = ProjectKey::parse(project.backend.publishable_key())?;
    let file = StoreFile::open(&folder.join("onetill.sqlite"))?.file;
    let vault = Arc::new(MemoryVault::default());
    let server = SupabaseServer::new(Connection { url, key }, file.device_id(), "test", vault)?;
    Ok(Till::open("shop", server, ProjectStore::new(file, "shop".to_owned()), Computer, NobodyWatches)?)
}

async fn sign_in(till: &Desk) -> Result<()> {
    let ana = &DEMO_ACCOUNTS[0];
    let (email, password) = (ana.email.to_owned(), ana.password.into());
    press(till, Command::SignIn { email, password }).await?;
    Ok(())
}

/// Starts the shift on a register and waits until it sells.
async fn open(till: &Desk, number: &str) -> Result<()> {
    let Screen::ChooseRegister { registers: Some(registers), .. } = till.snapshot().screen else {
        return Err(format!("no list: {:?}", till.snapshot()).into());
    };
    let register = registers.iter().find(|register| register.register_number == number);
    let register_id = register.ok_or("no such register")?.id;
    press(till, Command::ChooseRegister { register_id }).await?;
    press(till, Command::StartShift { opening_cash: "200.00".into(), accept_earlier_day: false }).await?;
    for _poll in 0..20 {
        if selling(till).is_ok_and(|selling| selling.is_ready) {
            return Ok(());
        }
        till.poll().await;
    }
    Err(format!("nothing is sold here: {:?}", till.snapshot()).into())
}

fn selling(till: &Desk) -> Result<SellingView> {
    match till.snapshot().screen {
        Screen::Register { selling: Some(selling), .. } => Ok(*selling),
        other => Err(format!("nothing is sold here: {other:?}").into()),
    }
}

fn expected(till: &Desk) -> Option<String> {
    match till.snapshot().screen {
        Screen::Register { expected_cash, .. } => expected_cash.map(|amount| amount.to_string()),
        _ => None,
    }
}

/// A press after which nothing is asked, as by somebody faster than the network.
async fn quick(till: &Desk, command: Command) -> std::result::Result<Outcome, Fault> {
    till.press(command).await
}

fn add(amount: &str) -> Command {
    Command::AddAmount {
        amount: amount.into(),
        quantity: String::new(),
        key: Some("tax:T".into()),
        code: None,
    }
}

fn finish(handed: &str) -> Command {
    Command::FinishSale { handed: handed.into() }
}

/// Sells an amount for cash; answers what is on paper.
async fn for_cash(till: &Desk, amount: &str, handed: &str) -> Result<Sale> {
    quick(till, add(amount)).await?;
    quick(till, Command::Pay).await?;
    paper(quick(till, finish(handed)).await?)
}

fn paper(outcome: Outcome) -> Result<Sale> {
    match outcome {
        Outcome::Receipt { slip } => Ok(slip.sale),
        other => Err(format!("no receipt: {other:?}").into()),
    }
}

/// Sends what waits.
async fn settle(till: &Desk) -> Result<()> {
    for _poll in 0..60 {
        if till.snapshot().unsent == 0 {
            till.poll().await;
            return Ok(());
        }
        till.poll().await;
    }
    Err(format!("the queue does not empty: {:?}", till.snapshot().fault).into())
}

/// A demo store whose only way to sell is by amount, with one tax code `T` of these components.
async fn shop(components: &str, includes: bool, step: Option<&str>) -> Result<(Project, String)> {
    let project = Project::selling(Engine::real())?;
    let step = step.map_or("null".to_owned(), |step| format!("'{step}'"));
    for statement in [
        "delete from public.pos_quick_keys".to_owned(),
        "delete from public.pos_taxes".to_owned(),
        format!(
            "insert into public.pos_taxes (vendor_id, code, name, components, valid_from)
               values ('{VENDOR}', 'T', 'Tax', '{components}', '2020-01-01')"
        ),
        format!(
            "update public.pos_selling_rules set prices_include_tax = {includes}, cash_step = {step}
               where location_id = '{STORE}'"
        ),
    ] {
        project.sql(&statement).await?;
    }
    let number = Rest::new(&project.backend).another_register().await?.number;
    Ok((project, number))
}

/// The totals of the only session, as the database has them.
async fn totals(project: &Project) -> Result<Value> {
    let rows = Rest::new(&project.backend).rows("/rest/v1/pos_sessions?select=*").await?;
    rows.first().cloned().ok_or_else(|| "no session".into())
}

fn money(row: &Value, column: &str) -> String {
    let figure = row[column].to_string();
    let figure: rust_decimal::Decimal = figure.trim_matches('"').parse().unwrap_or_default();
    format!("{figure:.2}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_for_cash_has_the_figures_of_the_table() -> Result<()> {
    let (project, number) = shop(r#"[{"name": "State", "rate": "0.07"}]"#, false, None).await?;
    let folder = scratch()?;
    let till = start(&project, &project.backend.url(), folder.path())?;
    sign_in(&till).await?;
    open(&till, &number).await?;
    let sale = for_cash(&till, "50.00", "60.00").await?;
    assert_eq!((sale.totals.tax.to_string(), sale.totals.total.to_string()), ("3.50".into(), "53.50".into()));
    assert_eq!(sale.tenders[0].change.map(|change| change.to_string()).as_deref(), Some("6.50"));
    settle(&till).await?;
    let row = totals(&project).await?;
    for (column, figure) in [("total_sales", "53.50"), ("total_cash", "53.50"), ("total_card", "0.00")] {
        assert_eq!(money(&row, column), figure, "{column}");
    }
    assert_eq!(row["total_transactions"], 1);
    assert_eq!(money(&row, "walk_in_sales"), "1.00", "a count, whatever the type of its column");
    assert_eq!(expected(&till), None, "a cashier counts blind");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_split_in_francs_rounds_only_the_cash() -> Result<()> {
    let (project, number) = shop(r#"[{"name": "MWST", "rate": "0.081"}]"#, true, Some("0.05")).await?;
    let folder = scratch()?;
    let till = start(&project, &project.backend.url(), folder.path())?;
    sign_in(&till).await?;
    open(&till, &number).await?;
    quick(&till, add("16.63")).await?;
    quick(&till, Command::Pay).await?;
    quick(&till, Command::CardApproved { amount: "10.00".into(), reference: String::new() }).await?;
    let sale = paper(quick(&till, finish("10.00")).await?)?;
    assert_eq!(sale.totals.cash_rounding.to_string(), "0.02");
    assert_eq!(sale.tenders[1].amount.to_string(), "6.65");
    settle(&till).await?;
    let row = totals(&project).await?;
    let figures = ["total_sales", "total_cash", "total_card"].map(|column| money(&row, column));
    assert_eq!(figures, ["16.63", "6.65", "10.00"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_offline_with_two_power_cuts_arrives_once_and_in_order() -> Result<()> {
    let (project, number) = shop(r#"[{"name": "State", "rate": "0.07"}]"#, false, None).await?;
    let folder = scratch()?;
    let mut cable = Cable::to(&project.backend).await?;
    let mut till = start(&project, &cable.url(), folder.path())?;
    sign_in(&till).await?;
    open(&till, &number).await?;
    cable.pull().await;
    for number in 1..=25_u32 {
        if number == 9 {
            // In the middle of a payment.
            quick(&till, add("9.00")).await?;
            quick(&till, Command::Pay).await?;
            quick(&till, Command::CardApproved { amount: String::new(), reference: String::new() }).await?;
        }
        if number == 9 || number == 17 {
            drop(till);
            till = start(&project, &cable.url(), folder.path())?;
            till.poll().await;
        }
        if number == 9 {
            quick(&till, finish("")).await?;
        } else {
            for_cash(&till, &format!("{number}.00"), "").await?;
        }
    }
    let last = selling(&till)?.receipts[0].clone();
    assert_eq!(last.state, ReceiptState::Waiting);
    let void = Command::VoidReceipt { sale_id: last.sale_id, reason: "wrong".into() };
    let taken_back = paper(quick(&till, void).await?)?;
    let letter = taken_back.receipt.number.clone().ok_or("a number")?;
    assert!(letter.ends_with("-A-000026"), "{letter}");
    cable.plug().await?;
    sign_in(&till).await?;
    settle(&till).await?;

    let mut sales = Rest::new(&project.backend).rows("/rest/v1/pos_sales?order=receipt_seq").await?;
    assert_eq!(sales.len(), 26, "each once");
    for (seq, sale) in (1..).zip(&sales) {
        assert_eq!(sale["receipt_seq"], seq);
        assert_eq!(sale["flags"], serde_json::json!([]), "{sale}");
    }
    let void = sales.pop().ok_or("the void")?;
    assert_eq!(void["kind"], "void");
    for pair in sales.windows(2) {
        assert_eq!(pair[0]["hash"], pair[1]["prev_hash"]);
    }
    let row = totals(&project).await?;
    // 1 to 24 in cash but for the 9, each with 7 %.
    let mut cash = rust_decimal::Decimal::ZERO;
    for number in (1..=24).filter(|number| *number != 9) {
        cash += rust_decimal::Decimal::new(number * 107, 2);
    }
    assert_eq!(money(&row, "total_cash"), format!("{cash:.2}"));
    assert_eq!(money(&row, "total_card"), "9.63");
    assert_eq!(row["total_transactions"], 25);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_of_a_shift_that_was_settled_meanwhile_are_late_and_change_nothing() -> Result<()> {
    let (project, number) = shop(r#"[{"name": "State", "rate": "0.07"}]"#, false, None).await?;
    let (folder, other) = (scratch()?, scratch()?);
    let mut cable = Cable::to(&project.backend).await?;
    let till = start(&project, &cable.url(), folder.path())?;
    sign_in(&till).await?;
    open(&till, &number).await?;
    let colleague = start(&project, &project.backend.url(), other.path())?;
    let mara = &DEMO_ACCOUNTS[2];
    let (email, password) = (mara.email.to_owned(), mara.password.into());
    press(&colleague, Command::SignIn { email, password }).await?;
    press(&colleague, Command::ChooseLocation { location_id: STORE.parse()? }).await?;
    open(&colleague, &number).await?;
    for_cash(&colleague, "50.00", "").await?;
    settle(&colleague).await?;
    cable.pull().await;
    for amount in ["12.00", "8.00", "30.00"] {
        for_cash(&till, amount, "").await?;
    }
    for command in [
        Command::OpenChecklist,
        Command::BeginCount,
        Command::CommitCount { tally: onetill_core::Tally::Sum { amount: "307.00".parse()? } },
        Command::LeaveInDrawer { amount: "200.00".into() },
        Command::CloseShift { reason: "they sold offline".into() },
    ] {
        press(&colleague, command).await?;
    }
    let before = totals(&project).await?;
    assert_eq!(before["status"], "closed", "{before}");
    cable.plug().await?;
    sign_in(&till).await?;
    settle(&till).await?;
    let after = totals(&project).await?;
    for column in ["total_sales", "total_cash", "ledger_cash", "total_transactions"] {
        assert_eq!(before[column], after[column], "{column}");
    }
    let sales = Rest::new(&project.backend).rows("/rest/v1/pos_sales?late=is.true").await?;
    assert_eq!(sales.len(), 3, "recorded beside the Z");
    assert!(matches!(till.snapshot().screen, Screen::Fenced { .. }), "{:?}", till.snapshot().screen);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_of_one_register_have_letters_of_their_own() -> Result<()> {
    let (project, number) = shop(r#"[{"name": "State", "rate": "0.07"}]"#, false, None).await?;
    let (first, second) = (scratch()?, scratch()?);
    let mut letters = Vec::new();
    for folder in [&first, &second] {
        let till = start(&project, &project.backend.url(), folder.path())?;
        sign_in(&till).await?;
        open(&till, &number).await?;
        let sale = for_cash(&till, "1.00", "").await?;
        settle(&till).await?;
        letters.push(sale.receipt.number.ok_or("a number")?);
        assert_eq!(
            quick(&till, Command::Scan { code: "999".into() }).await.err().map(|f| f.code),
            Some(Code::UnknownItem)
        );
    }
    let ends: Vec<&str> = letters.iter().map(|number| &number[number.len() - 9..]).collect();
    assert_eq!(ends, ["-A-000001", "-B-000001"], "{letters:?}");
    Ok(())
}
