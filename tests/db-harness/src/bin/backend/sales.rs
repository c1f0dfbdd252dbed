//! How fast a sale is recorded, beside a movement: each client on a register of its own, as tills are.

use std::time::{Duration, Instant};

use onetill_db_harness::desk::{Ask, Caller, Desk};
use onetill_db_harness::ratio::{Limit, Ratio, median};
use onetill_db_harness::till::{Cart, Line, Till};
use onetill_db_harness::{Database, Result};
use serde_json::Value;
use tokio_postgres::Statement;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// What a sale may cost: 2.5 movements for one caller alone, and 0.3 of their rate where all cores are busy.
const ALONE: Limit = Limit::AtMost(250);
const TOGETHER: Limit = Limit::AtLeast(30);

const SELLING: &str = "update locations set country = 'US', currency = 'USD';
    insert into pos_selling_rules (vendor_id, selling_on) select id, true from vendors;
    insert into pos_taxes (vendor_id, code, name, components, valid_from) select id, 'A', 'VAT', '[{\"name\": \"VAT\", \"rate\": \"0.07\"}]', '2020-01-01' from vendors";
const MOVEMENT: &str = "select public.pos_record_movement($1, $2, 'pay_in', 5.00, 'Stamps', null)";
const SALE: &str = "select public.pos_record_sale($1, $2, 'sale', $3, $4, $5, $6, $7)";

/// What is recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recorded {
    Movement,
    Sale,
}

/// One register with its till and its connection.
struct Counter {
    desk: Desk,
    till: Till,
    movement: Statement,
    sale: Statement,
}

impl Counter {
    async fn new(database: &Database<'_>, number: u32) -> Result<Self> {
        let desk = database.desk(Caller::ANA).await?;
        let place = |kind: &str, number: u32| {
            format!("000000{kind}-0000-4000-8000-{number:012}").parse::<Uuid>().ok()
        };
        let ask = Ask { place: (place("dd", number), place("bb", 1), place("aa", 1)), ..Ask::on(1) };
        let session = desk.open(&ask).await?.session;
        let till = Till::take(&desk, session, Uuid::from_u128(number.into())).await?;
        let movement = desk.client().prepare_typed(MOVEMENT, &[Type::UUID, Type::UUID]).await?;
        let jsonb = Type::JSONB;
        let types =
            [Type::UUID, Type::UUID, jsonb.clone(), jsonb.clone(), jsonb.clone(), jsonb.clone(), jsonb];
        let sale = desk.client().prepare_typed(SALE, &types).await?;
        Ok(Self { desk, till, movement, sale })
    }

    /// Records until the round ends; the microseconds of each call. What the till has to do before a call is not in it.
    async fn work(mut self, recorded: Recorded, end: Instant) -> Result<(Self, Vec<u64>)> {
        let mut micros = Vec::new();
        while Instant::now() < end {
            match recorded {
                Recorded::Movement => {
                    let began = Instant::now();
                    self.desk
                        .client()
                        .query_one(&self.movement, &[&Uuid::now_v7(), &self.till.session])
                        .await?;
                    micros.push(u64::try_from(began.elapsed().as_micros())?);
                }
                Recorded::Sale => {
                    let sealed = self.till.seal(five_lines());
                    let of = |name: &str| sealed.get(name).cloned().unwrap_or_default();
                    let id: Uuid = of("p_id").as_str().unwrap_or_default().parse()?;
                    let [receipt, lines, taxes, tenders, totals] =
                        ["p_receipt", "p_lines", "p_taxes", "p_tenders", "p_totals"].map(of);
                    let began = Instant::now();
                    let session = self.till.session;
                    self.desk
                        .client()
                        .query_one(&self.sale, &[&id, &session, &receipt, &lines, &taxes, &tenders, &totals])
                        .await?;
                    micros.push(u64::try_from(began.elapsed().as_micros())?);
                }
            }
        }
        Ok((self, micros))
    }
}

/// A sale of five lines, a discount on one of them, half by card.
fn five_lines() -> Value {
    let lines =
        [Line::of(1, 399), Line::of(2, 1250), Line::of(3, 89), Line::of(1, 4999).less(499), Line::of(1, 120)];
    let cart = Cart { currency: "USD", ..Cart::of(&lines) };
    cart.card(2500).tendered(10_000).arguments()
}

/// Measures both in turn, alone and where all cores are busy.
pub(crate) async fn measure(
    database: &Database<'_>,
    version: &str,
    round: Duration,
    rounds: u32,
) -> Result<()> {
    database.superuser().await?.batch_execute(SELLING).await?;
    for (clients, limit) in [(1_u32, ALONE), (16, TOGETHER)] {
        let mut counters = Vec::new();
        for number in 0..clients {
            counters.push(Counter::new(database, number).await?);
        }
        let mut pairs = Vec::new();
        println!("\nsales of five lines and movements, {clients} clients");
        for turn in 0..=rounds {
            let mut told = [0, 0];
            for (recorded, told) in [Recorded::Sale, Recorded::Movement].into_iter().zip(&mut told) {
                let began = Instant::now();
                let tasks: Vec<_> = counters
                    .drain(..)
                    .map(|counter| tokio::spawn(counter.work(recorded, began + round)))
                    .collect();
                let mut micros = Vec::new();
                for task in tasks {
                    let (counter, of_one) = task.await??;
                    counters.push(counter);
                    micros.extend(of_one);
                }
                let elapsed = u64::try_from(began.elapsed().as_micros())?.max(1);
                let rate = micros.len() as u64 * 1_000_000 / elapsed;
                *told = if clients == 1 { median(&micros) } else { rate };
                // The first round makes the plans.
                if turn > 0 {
                    let name = if recorded == Recorded::Sale { "sales" } else { "movements" };
                    println!("  {name:<10} {rate:>7} a second, half within {:>6} µs", median(&micros));
                }
            }
            let [sale, movement] = told;
            if turn > 0 {
                pairs.push((sale, movement));
            }
        }
        let (what, of) = if clients == 1 {
            ("time of a sale of five lines, one caller", "a movement")
        } else {
            ("sales of five lines a second, 16 callers", "movements")
        };
        println!("  {}", Ratio::of_rounds(&format!("{what}, PostgreSQL {version}"), of, limit, &pairs));
    }
    Ok(())
}
