//! The network is back after an outage, and the sales that waited leave over a link with 100 ms of round trip, one after the
//! other; meanwhile the cashier goes on.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use onetill_core::ports::DeviceStore;
use onetill_core::{Command, Connection, ProjectKey, ProjectUrl};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::cable::Cable;
use onetill_tests::computer::{Computer, NobodyWatches};
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::link::{Link, ONE_WAY};
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{Project, Result, staff};
use serde_json::json;
use tokio::time::sleep;

use crate::taps::{Taps, heading, line};
use crate::{MOST, within};

/// What they may take in all, where there are 500.
const ALL: Duration = Duration::from_secs(90);
const OF_SO_MANY: u32 = 500;
/// How often the server is asked how many it has.
const PACE: Duration = Duration::from_millis(250);

/// So many sales wait when the network comes back.
pub(crate) async fn measure(project: &Project, waiting: u32, folder: &Path) -> Result<Vec<Ratio>> {
    println!("   {waiting} sales of an outage");
    let cashier = *staff("cashier").last().ok_or("the demo store has no cashier")?;
    let link = Link::to(&project.backend).await?;
    let mut cable = Cable::towards(&link.url()).await?;
    let mut till = Till::enrolled(&project.backend)?;
    till.set("ONETILL_SUPABASE_URL", cable.url());
    let on = Taps::open(&mut till, folder).await?;
    on.window.prepare(cashier, "M2").await?;
    on.window.click("start-shift").await?;
    on.window.sells().await?;
    on.window.close().await?;
    cable.pull().await;
    sell(&till, &cable.url(), project.backend.publishable_key(), waiting).await?;

    let on = Taps::open(&mut till, folder).await?;
    on.window.sells().await?;
    on.window.wait_for(ALL, "unsent", "data-count", &[&waiting.to_string()]).await?;
    let rest = Rest::new(&project.backend);
    let register = rest.active_registers().await?.into_iter().find(|one| one.number == "M2");
    let register = register.ok_or("the demo store has no second register")?.id;
    let query =
        format!("/rest/v1/pos_sales?register_id=eq.{register}&select=receipt_seq,flags&order=created_at");
    cable.plug().await?;
    let began = Instant::now();
    let sending = tokio::spawn({
        let (rest, last) = (rest.clone(), format!("{query}.desc&limit=1"));
        async move {
            while began.elapsed() < ALL * 2 {
                let rows = rest.rows(&last).await.map_err(|error| error.to_string())?;
                if rows.first().is_some_and(|row| row["receipt_seq"] == waiting) {
                    return Ok(began.elapsed());
                }
                sleep(PACE).await;
            }
            Err("the server does not have all of them after twice the time".to_owned())
        }
    });
    let mut taps = Vec::new();
    while !sending.is_finished() {
        for tapped in ["[data-testid=key-3]", "[data-testid=remove-line]"] {
            let total = on.place("[data-testid=cart-total]", "").await?;
            taps.push(on.tap(tapped, "", total).await?);
        }
    }
    let took = sending.await??;
    on.window.close().await?;
    in_order(&rest.rows(&query).await?, waiting)?;
    heading();
    line("taps while they are sent", &taps);
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let may = ALL * waiting / OF_SO_MANY;
    let what = format!(
        "{waiting} waiting sales, link of {} ms round trip: until the server has all",
        ONE_WAY.as_millis() * 2
    );
    let all = Ratio::of_rounds(
        &what,
        &format!("the {} s they may take", may.as_secs()),
        Limit::AtMost(100),
        &[(millis(took), millis(may))],
    );
    Ok(vec![all, within("95 of 100 taps meanwhile are answered within", MOST, &[&taps])])
}

/// Sells on the till's own files, as the program does while there is no network.
async fn sell(till: &Till, url: &str, key: &str, many: u32) -> Result<()> {
    let connection = Connection { url: ProjectUrl::parse(url)?, key: ProjectKey::parse(key)? };
    let file = StoreFile::open(&till.data().join("onetill.sqlite"))?.file;
    let store = ProjectStore::new(file.clone(), connection.url.to_string());
    if store.load()?.active.is_none() {
        return Err("no shift runs in the till's file".into());
    }
    let vault = Arc::new(MemoryVault::default());
    let server = SupabaseServer::new(connection, file.device_id(), "bench", vault)?;
    let desk = onetill_core::Till::open("shop", server, store, Computer, NobodyWatches)?;
    let amount =
        || Command::AddAmount { amount: "3.50".into(), quantity: String::new(), key: None, code: None };
    for _ in 0..many {
        for command in [amount(), Command::Pay, Command::FinishSale { handed: String::new() }] {
            desk.press(command).await?;
        }
    }
    Ok(())
}

/// Each once, in the order of the till, and nothing of it worth a manager's look.
fn in_order(rows: &[serde_json::Value], many: u32) -> Result<()> {
    let wanted: Vec<_> = (1..=many).map(|seq| json!({"receipt_seq": seq, "flags": []})).collect();
    if rows == wanted { Ok(()) } else { Err(format!("not each once and in order: {rows:?}").into()) }
}
