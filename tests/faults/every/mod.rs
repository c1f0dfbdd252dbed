//! Every call × every fault × every moment: what the till is told is true, and when the network is good again the
//! records are as if it had never been bad.

mod items;
mod opening;
mod reading;
mod selling;
mod settling;
mod signing;
mod verdict;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use onetill_tests::Result;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::proxy::ALL;
use crate::shop::{Device, Shop};
use verdict::{DEADLINE, PLAYS, Trouble, Verdict, Wrong, check};

/// One request of one call, which meets the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// Opening a free register.
    Open,
    /// The read that follows an open without an outcome.
    OpenByKey,
    /// Joining somebody else's session.
    Join,
    /// The read that completes a join.
    JoinLook,
    Movement,
    Movements,
    Registers,
    Look,
    Whole,
    XReport,
    ZReport,
    Board,
    Day,
    SettleFlag,
    Warm,
    BeginCount,
    AbandonCount,
    CommitCount,
    Close,
    EndLater,
    ForceEnd,
    Cancel,
    /// The renewal of a token at start.
    Renewal,
    /// Who is signed in, at start.
    Whoami,
    SignIn,
    /// Who has just signed in.
    SignInWhoami,
    SignOut,
    /// A locked till is opened with a password: both requests.
    Confirm,
    ConfirmWhoami,
    /// A manager signs in beside the cashier: each of the three requests.
    VerifyManagerSignIn,
    VerifyManagerWhoami,
    VerifyManagerSignOut,
    Approve,
    Till,
    RecordSale,
    Refund,
    Receipt,
    Sales,
    Catalogue,
    ApproveSale,
    Rules,
    SaveRules,
    Items,
    AllItems,
    SaveItem,
    ImportItems,
    KeptSettings,
    SaveQuickKeys,
    SaveTax,
}

/// Each with the method of the port that it is, and the request that meets the fault.
const CALLS: &[(Call, &str, &str)] = &[
    (Call::Open, "open_session", "/get_or_create_session"),
    (Call::OpenByKey, "open_session", "/rest/v1/pos_sessions"),
    (Call::Join, "open_session", "/get_or_create_session"),
    (Call::JoinLook, "open_session", "/pos_session"),
    (Call::Movement, "record_movement", "/pos_record_movement"),
    (Call::Movements, "movements", "/pos_movements"),
    (Call::Registers, "registers", "/pos_registers"),
    (Call::Look, "session", "/pos_session"),
    (Call::Whole, "whole_session", "/pos_session"),
    (Call::XReport, "x_report", "/pos_x_report"),
    (Call::ZReport, "z_report", "/pos_z_report"),
    (Call::Board, "board", "/pos_board"),
    (Call::Day, "day", "/pos_day"),
    (Call::SettleFlag, "settle_flag", "/pos_settle_flag"),
    (Call::Warm, "warm", "/auth/v1/health"),
    (Call::BeginCount, "begin_count", "/pos_begin_count"),
    (Call::AbandonCount, "abandon_count", "/pos_abandon_count"),
    (Call::CommitCount, "commit_count", "/pos_commit_count"),
    (Call::Close, "close_session", "/pos_close_session"),
    (Call::EndLater, "end_session", "/pos_end_session"),
    (Call::ForceEnd, "end_session", "/pos_end_session"),
    (Call::Cancel, "end_session", "/pos_cancel_session"),
    (Call::Renewal, "resume_login", "/auth/v1/token"),
    (Call::Whoami, "resume_login", "/pos_whoami"),
    (Call::SignIn, "sign_in", "/auth/v1/token"),
    (Call::SignInWhoami, "sign_in", "/pos_whoami"),
    (Call::SignOut, "sign_out", "/auth/v1/logout"),
    (Call::Confirm, "confirm", "/auth/v1/token"),
    (Call::ConfirmWhoami, "confirm", "/pos_whoami"),
    (Call::VerifyManagerSignIn, "verify_manager", "/auth/v1/token"),
    (Call::VerifyManagerWhoami, "verify_manager", "/pos_whoami"),
    (Call::VerifyManagerSignOut, "verify_manager", "/auth/v1/logout"),
    (Call::Approve, "approve_count", "/pos_approve_count"),
    (Call::Till, "till", "/pos_till"),
    (Call::RecordSale, "record_sale", "/pos_record_sale"),
    (Call::Refund, "record_sale", "/pos_record_sale"),
    (Call::Receipt, "sale", "/pos_sale"),
    (Call::Sales, "sales", "/pos_sales"),
    (Call::Catalogue, "catalogue", "/pos_catalogue"),
    (Call::ApproveSale, "approve_sale", "/pos_approve"),
    (Call::Rules, "selling_rules", "/pos_selling_rules"),
    (Call::SaveRules, "save_selling_rules", "/pos_save_selling_rules"),
    (Call::Items, "items", "/pos_items"),
    (Call::AllItems, "all_items", "/pos_items"),
    (Call::SaveItem, "save_item", "/pos_save_item"),
    (Call::ImportItems, "import_items", "/pos_import_items"),
    (Call::KeptSettings, "kept_settings", "/pos_catalogue_settings"),
    (Call::SaveQuickKeys, "save_quick_keys", "/pos_save_quick_keys"),
    (Call::SaveTax, "save_tax", "/pos_save_tax"),
];

/// The ports, as they are written.
const PORTS: &str = include_str!("../../../src-tauri/core/src/ports.rs");
/// The one of selling, and others of the same file that are no server's.
const SELLING: &str = include_str!("../../../src-tauri/core/src/selling.rs");

/// The one of the catalogue's managers.
const ITEMS: &str = include_str!("../../../src-tauri/core/src/items/mod.rs");

/// Methods of the server's ports that ask the server nothing.
const ASK_NOTHING: [&str; 4] = ["people", "login_is_kept", "is_older", "ahead"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// One request meets it, the repeats do not.
    Once,
    /// All do.
    Always,
}

const WORKERS: usize = 12;

#[test]
fn no_method_of_the_server_is_without_a_row() {
    let (of_the_server, _others) = PORTS.split_once("pub trait Backend:").unwrap();
    let (_before, selling) = SELLING.split_once("pub trait Selling:").unwrap();
    let (selling, _others) = selling.split_once("\n}").unwrap();
    let (_before, items) = ITEMS.split_once("pub trait CatalogueKeeping:").unwrap();
    let (items, _others) = items.split_once("\n}").unwrap();
    let methods: BTreeSet<&str> = of_the_server
        .lines()
        .chain(selling.lines())
        .chain(items.lines())
        .filter_map(|line| Some(line.trim_start().strip_prefix("fn ")?.split_once('(')?.0))
        .collect();
    let mut rows: BTreeSet<&str> = CALLS.iter().map(|(_, method, _)| *method).collect();
    rows.extend(ASK_NOTHING);
    assert!(methods.len() > 20, "they are read: {methods:?}");
    let missing: Vec<_> = methods.symmetric_difference(&rows).collect();
    assert!(missing.is_empty(), "give each a row in CALLS, or take out the row: {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_survives_every_fault_at_every_moment() -> Result<()> {
    let shop = Arc::new(Shop::open().await?);
    selling::switch_on(&shop).await?;
    let (work, cases) = mpsc::unbounded_channel();
    for (call, _method, path) in CALLS {
        for fault in ALL {
            for moment in [Moment::Once, Moment::Always] {
                work.send((*call, Trouble { path, fault: *fault, moment }))?;
            }
        }
    }
    drop(work);
    let cases = Arc::new(Mutex::new(cases));
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        let (shop, cases) = (Arc::clone(&shop), Arc::clone(&cases));
        let people = People {
            device: Device::new(&shop, number % 2).await?,
            other: Device::new(&shop, 1 - number % 2).await?,
            manager: Device::new(&shop, 2 + number % 2).await?,
        };
        // A thread each: what borrows in async closures is not known to be `Send`.
        let runtime = Handle::current();
        workers.spawn_blocking(move || runtime.block_on(work_off(&shop, &people, &cases)));
    }
    let mut done = 0;
    let mut wrong = Vec::new();
    while let Some(worker) = workers.join_next().await {
        let (cases, failures) = worker?;
        done += cases;
        wrong.extend(failures);
    }
    assert!(wrong.is_empty(), "{} of {done} cases went wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(done, CALLS.len() * ALL.len() * 2);
    Ok(())
}

/// Plays one case after the other until there is none left; how many, and which went wrong.
async fn work_off(
    shop: &Shop,
    people: &People,
    cases: &Mutex<mpsc::UnboundedReceiver<(Call, Trouble)>>,
) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut done = 0;
    loop {
        let next = cases.lock().await.recv().await;
        let Some((call, trouble)) = next else { return (done, wrong) };
        let mut plays = 0;
        loop {
            plays += 1;
            match case(shop, people, call, trouble).await {
                Ok(()) => break,
                Err(Wrong::Late(_)) if plays < PLAYS => {}
                Err(why) => {
                    wrong.push(format!("{call:?}, {:?} {:?}: {why}", trouble.fault, trouble.moment));
                    break;
                }
            }
        }
        done += 1;
    }
}

/// Who works for one of the workers.
struct People {
    device: Device,
    other: Device,
    /// A manager of every store.
    manager: Device,
}

async fn case(shop: &Shop, people: &People, call: Call, trouble: Trouble) -> Verdict {
    let People { device, other, manager } = people;
    let started = Instant::now();
    match call {
        Call::Open | Call::OpenByKey => opening::open(shop, device, call, trouble).await?,
        Call::Join | Call::JoinLook => opening::join(shop, device, other, call, trouble).await?,
        Call::Movement => settling::movement(shop, device, trouble).await?,
        Call::BeginCount => settling::begin_count(shop, device, trouble).await?,
        Call::AbandonCount => settling::abandon_count(shop, device, trouble).await?,
        Call::CommitCount => settling::commit_count(shop, device, trouble).await?,
        Call::Close => settling::close(shop, device, trouble).await?,
        Call::EndLater | Call::Cancel => settling::end(shop, device, call, trouble).await?,
        Call::ForceEnd => settling::end(shop, manager, call, trouble).await?,
        Call::Approve => settling::approve(shop, device, manager, trouble).await?,
        Call::Till => selling::till(shop, device, trouble).await?,
        Call::RecordSale => selling::record(shop, device, trouble).await?,
        Call::Refund => selling::refund(shop, device, trouble).await?,
        Call::Receipt | Call::Sales | Call::Catalogue => selling::read(shop, device, call, trouble).await?,
        Call::SettleFlag => selling::settle_flag(shop, device, manager, trouble).await?,
        Call::ApproveSale => selling::approve(shop, device, manager, trouble).await?,
        Call::Rules => selling::rules(shop, manager, trouble).await?,
        Call::SaveRules => selling::save_rules(shop, trouble).await?,
        Call::Items | Call::AllItems => items::read(shop, manager, call, trouble).await?,
        Call::SaveItem => items::save(shop, manager, trouble).await?,
        Call::ImportItems => items::import(shop, manager, trouble).await?,
        Call::KeptSettings => items::settings(shop, manager, trouble).await?,
        Call::SaveQuickKeys => items::keys(shop, manager, trouble).await?,
        Call::SaveTax => items::tax(shop, trouble).await?,
        Call::Registers => reading::registers(shop, manager, trouble).await?,
        Call::Look | Call::Whole => reading::look(shop, device, call, trouble).await?,
        Call::Movements => reading::movements(shop, device, trouble).await?,
        Call::XReport => reading::x_report(shop, device, trouble).await?,
        Call::ZReport => reading::z_report(shop, device, trouble).await?,
        Call::Board | Call::Day => reading::board(shop, manager, call, trouble).await?,
        Call::Warm => reading::warm(device, trouble).await?,
        Call::Renewal | Call::Whoami => signing::resume(device, call, trouble).await?,
        Call::SignIn | Call::SignInWhoami => signing::sign_in(device, call, trouble).await?,
        Call::SignOut => signing::sign_out(device, trouble).await?,
        Call::Confirm | Call::ConfirmWhoami => signing::confirm(device, call, trouble).await?,
        Call::VerifyManagerSignIn | Call::VerifyManagerWhoami | Call::VerifyManagerSignOut => {
            signing::verify_manager(device, manager, call, trouble).await?;
        }
    }
    check(started.elapsed() < DEADLINE * 5 + Duration::from_secs(10), || {
        format!("it took {:?}", started.elapsed())
    })?;
    Ok(())
}
