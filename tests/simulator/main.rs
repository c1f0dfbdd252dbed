//! The product in a world that is wholly simulated, seed by seed: devices, each the real machine behind the real driver,
//! on simulated disks, over a simulated network, by clocks that do not agree, against a server that is a model of the
//! contract or, in the slow mode, the real functions on a real PostgreSQL. Whatever happens, what people were shown must be
//! so, on disk and on record.
//!
//! `ONETILL_SIM_SEED` says where to begin, `ONETILL_SIM_HISTORIES` how many (in the slow mode a hundredth of them).
//! A new command needs its example in `person.rs`; what a new call does on the server goes into `server.rs`, and what
//! is shown of it into `check.rs`; for selling these are `ledger.rs` and `books.rs`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that indexes or unwraps wrongly fails, as it should"
)]

mod books;
mod check;
mod deeds;
mod disk;
mod explore;
mod items;
mod ledger;
mod person;
mod plants;
mod postgres;
mod schedule;
mod server;
mod shelf;
mod shop;
mod world;

use std::{collections::BTreeMap, sync::Arc, thread};

use onetill_core::{SaleKind, SessionStatus, view::Screen};
use plants::Plant;
use postgres::Postgres;
use schedule::{Stage, plan, run, shrink};
use world::World;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Where to begin, and how many.
fn seeds(default: u64) -> (u64, u64) {
    (number("ONETILL_SIM_SEED", 1), number("ONETILL_SIM_HISTORIES", default))
}

/// What happened in all of them, to see that enough did.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn learn(&mut self, world: &World) {
        let mut add = |what, count| *self.counts.entry(what).or_default() += count;
        let with = |status| world.records.sessions.iter().filter(|row| row.session.status == status).count();
        add("sessions", world.records.sessions.len());
        add("joins", world.records.joins.len());
        add("movements", world.records.ledger.len());
        add("counts", world.records.counts.len());
        add("closed", with(SessionStatus::Closed));
        add("ended", with(SessionStatus::Ended));
        add("cancelled", with(SessionStatus::Cancelled));
        add("exchanges failed", world.failures);
        let of_kind = |kind| world.records.sold.sales.iter().filter(|row| row.sale.kind == kind).count();
        add("sales", of_kind(SaleKind::Sale));
        add("voids", of_kind(SaleKind::Void));
        add("refunds", of_kind(SaleKind::Refund));
        add("approvals used", world.records.approvals_used());
        add("discards", of_kind(SaleKind::Discard));
        add("late", world.records.sold.sales.iter().filter(|row| row.late).count());
        add("flagged", world.records.sold.sales.iter().filter(|row| !row.flags.is_empty()).count());
        add("practised", world.devices.iter().map(|device| device.books.practised).sum());
        let refused = world.devices.iter().map(|device| device.shown.refused.len()).sum();
        add("entries refused", refused);
        let closing = |screen: &Screen| matches!(screen, Screen::Closing { .. } | Screen::Board { .. });
        add("settling in the end", world.devices.iter().filter(|one| closing(&one.shown.screen)).count());
    }

    fn merge(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }
}

/// The seed and a short history, in words.
fn tell(seed: u64, stage: &Stage) -> String {
    let (events, world) = shrink(seed, plan(seed), stage);
    let broken = world.broken.as_ref().map(ToString::to_string).unwrap_or_default();
    let told = format!("{} events: {broken}\n  {}", events.len(), world.story.join("\n  "));
    // What all numbers of a history begin with.
    let common = uuid::Uuid::from_u128(u128::from(seed) << 64).to_string();
    format!("ONETILL_SIM_SEED={seed}, {}", told.replace(common.get(..24).unwrap_or_default(), ""))
}

#[test]
fn whatever_happens_what_was_shown_is_true() {
    let (first, count) = seeds(2000);
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            thread::spawn(move || {
                let (mut tally, mut wrong) = (Tally::default(), Vec::new());
                for seed in (first + worker..first + count).step_by(2) {
                    let world = run(seed, &plan(seed), &Stage::default());
                    tally.learn(&world);
                    if world.broken.is_some() && wrong.len() < 3 {
                        wrong.push(tell(seed, &Stage::default()));
                    }
                }
                (tally, wrong)
            })
        })
        .collect();
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    for worker in workers {
        let (of_one, wrong_there) = worker.join().expect("a history that ends");
        tally.merge(&of_one);
        wrong.extend(wrong_there);
    }
    println!("{count} histories: {tally:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // A history in which nothing happens finds nothing.
    let least = [("sessions", 1), ("closed", 10), ("exchanges failed", 1), ("movements", 1), ("sales", 3)];
    for (what, least) in least.into_iter().chain([
        ("voids", 30),
        ("refunds", 30),
        ("approvals used", 100),
        ("discards", 100),
        ("late", 200),
        ("practised", 20),
    ]) {
        let enough =
            tally.counts.get(what).is_some_and(|times| times * least >= usize::try_from(count).unwrap_or(0));
        assert!(enough, "hardly any {what}: {tally:?}");
    }
}

#[test]
fn the_database_answers_as_the_model_does_and_keeps_every_promise() {
    let (first, count) = seeds(2000);
    let stage = Stage { real: Some(Arc::new(Postgres::start().expect("a server"))), plant: None };
    let mut tally = Tally::default();
    for seed in first..first + count.div_ceil(100) {
        let world = run(seed, &plan(seed), &stage);
        tally.learn(&world);
        assert!(world.broken.is_none(), "ONETILL_SIM_SEED={seed}\n  {}", world.story.join("\n  "));
    }
    println!("{tally:?}");
}

#[test]
fn nothing_goes_wrong_in_any_order_of_few_events() {
    let states =
        explore::explore(number("ONETILL_SIM_DEPTH", 7) as u32).unwrap_or_else(|wrong| panic!("{wrong}"));
    println!("{states} states");
    assert!(states > 10_000, "only {states} states: the search has lost something");
}

#[test]
fn every_planted_fault_is_found() {
    const SEEDS: u64 = 4000;
    for plant in Plant::ALL {
        let stage = Stage { real: None, plant: Some(*plant) };
        let found = (1..SEEDS).find(|seed| run(*seed, &plan(*seed), &stage).broken.is_some());
        println!("{plant:?} is found by seed {found:?}");
        assert!(found.is_some(), "{plant:?} is not found in {SEEDS} histories");
    }
}
