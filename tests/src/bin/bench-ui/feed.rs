//! How long a catalogue takes to come over a link of 20 Mbit/s and 100 ms of round trip, and what a change of it costs. The
//! pages are asked for, read and taken up as the till does it, by the same functions, into a file on the disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use onetill_core::items::KeptItem;
use onetill_core::ports::Server;
use onetill_core::selling::Catalogue;
use onetill_core::till::take_page;
use onetill_core::{Connection, DeviceId, ProjectKey, ProjectUrl, Selling, VendorId};
use onetill_goods::Goods;
use onetill_local::Engine;
use onetill_store::CatalogueFile;
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::link::Link;
use onetill_tests::{MARKET, Project, Result, scratch};
use uuid::Uuid;

use crate::catalogue::LARGE;

/// 20 Mbit a second, in bytes.
const WIDTH: u32 = 20_000_000 / 8;
/// A first load of so many items may take so long.
const LOADS: [(u32, Duration); 2] = [(10_000, Duration::from_secs(5)), (LARGE, Duration::from_secs(40))];
/// What a change of so many may take from a poll on.
const CHANGED: (usize, Duration) = (100, Duration::from_secs(5));
/// How many items go into the database at once.
const AT_ONCE: u32 = 5_000;

/// Fills the shop and loads it.
pub(crate) async fn measure() -> Result<Vec<Ratio>> {
    let project = Project::selling(Engine::real())?;
    let link = Link::narrow(&project.backend, WIDTH).await?;
    let connection = Connection {
        url: ProjectUrl::parse(&link.url())?,
        key: ProjectKey::parse(project.backend.publishable_key())?,
    };
    let vault = Arc::new(MemoryVault::default());
    let server = SupabaseServer::new(connection, DeviceId(Uuid::new_v4()), "bench", vault)?;
    let account = *onetill_tests::staff("cashier").first().ok_or("the demo store has no cashier")?;
    let staff = server.sign_in(account.email, &account.password.into()).await?;
    let mut ratios = Vec::new();
    let (mut there, mut loaded, mut bytes) = (0, None, 0);
    for (count, most) in LOADS {
        fill(&project, staff.vendor_id, there, count).await?;
        there = count;
        let folder = scratch()?;
        let file = CatalogueFile::open(&folder.path().join("catalogue.sqlite"))?;
        let before = link.answered();
        let began = Instant::now();
        let items = load(&server, &file).await?;
        let took = began.elapsed();
        bytes = link.answered() - before;
        println!("{items} items: {} ms, {bytes} bytes", took.as_millis());
        let what = format!("a first load of {count} items over 20 Mbit/s");
        ratios.push(ratio(&what, took, most));
        loaded = Some((file, folder));
    }
    let (file, _folder) = loaded.ok_or("nothing was loaded")?;
    let sql = format!(
        "update public.pos_items set price = price + 0.10 where id in (
           select id from public.pos_items where price is not null and vendor_id = '{}' order by id limit {})",
        staff.vendor_id, CHANGED.0
    );
    project.sql(&sql).await?;
    let before = link.answered();
    let began = Instant::now();
    let items = load(&server, &file).await?;
    let took = began.elapsed();
    let cost = link.answered() - before;
    println!("{items} items that changed: {} ms, {cost} bytes", took.as_millis());
    if items != CHANGED.0 {
        return Err(format!("{items} items came of {}", CHANGED.0).into());
    }
    ratios.push(ratio("a change of 100 prices, from a poll to the file", took, CHANGED.1));
    let part = bytes as u64 * CHANGED.0 as u64 / u64::from(LARGE);
    ratios.push(Ratio::of_rounds(
        "bytes of a change of 100 prices",
        "their part of the first load",
        Limit::AtMost(200),
        &[(cost as u64, part)],
    ));
    Ok(ratios)
}

fn ratio(what: &str, took: Duration, most: Duration) -> Ratio {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let of = format!("the {} s it may take", most.as_secs());
    Ratio::of_rounds(what, &of, Limit::AtMost(100), &[(millis(took), millis(most))])
}

/// Reads what the file does not have yet; says how many items came.
async fn load(server: &SupabaseServer, file: &CatalogueFile) -> Result<usize> {
    let mut items = 0;
    loop {
        let page = server.catalogue(MARKET, file.cursor(MARKET)?).await?;
        items += page.items.len();
        if !take_page(file, MARKET, page)?.more {
            return Ok(items);
        }
    }
}

/// Puts the items of these numbers into the shop as if they had been saved one after the other.
async fn fill(project: &Project, vendor: VendorId, from: u32, to: u32) -> Result<()> {
    let goods = Goods { tax_code: Some("SALES".to_owned()), ..Goods::new(7) };
    for first in (from..to).step_by(usize::try_from(AT_ONCE)?) {
        let numbers = first..to.min(first + AT_ONCE);
        let items: Vec<KeptItem> = numbers.map(|number| goods.item(number)).collect();
        project.sql(&onetill_goods::insert(vendor, &items)?).await?;
    }
    Ok(())
}
