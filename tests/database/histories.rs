//! The history checker on real concurrency: it finds nothing wrong with ours, and finds every fault
//! that is planted on purpose.

use std::time::Duration;

use onetill_tests::Result;
use onetill_tests::database::plant::PLANTS;
use onetill_tests::database::soak::{Plan, run};
use onetill_tests::database::{Server, check};

crate::tests![a_short_soak_breaks_no_promise, every_planted_fault_is_found];

/// What holds wherever the store came from; the planted faults are edits of an empty project's.
pub(crate) fn over_any_store() -> Vec<crate::Test> {
    tests().into_iter().filter(|test| test.name.ends_with("a_short_soak_breaks_no_promise")).collect()
}

fn plan(seconds: u64) -> Plan {
    let kill_every = Duration::from_millis(40);
    Plan { clients: 10, registers: 3, duration: Duration::from_secs(seconds), kill_every, seed: 20_261_123 }
}

async fn a_short_soak_breaks_no_promise(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let history = run(&store, plan(8)).await?;
    let broken = check::broken(&history);
    assert!(broken.is_empty(), "{broken:#?}");
    // A soak in which nothing happens finds nothing.
    let closed = history.sessions.iter().filter(|session| session.status == "closed").count();
    assert!(
        closed > 5 && history.movements.len() > 20,
        "{closed} closes, {} movements",
        history.movements.len()
    );
    let of = |kind: &str| history.sales.iter().filter(|sale| sale.kind == kind).count();
    let late = history.sales.iter().filter(|sale| sale.late).count();
    assert!(
        of("sale") > 20 && of("refund") > 3 && of("void") > 0 && late > 0,
        "{} sales, {} refunds, {} voids, {late} late",
        of("sale"),
        of("refund"),
        of("void")
    );
    Ok(())
}

async fn every_planted_fault_is_found(server: &Server) -> Result<()> {
    for plant in PLANTS {
        let mut missed = plant.breaks.to_vec();
        // On a busy computer little happens in two seconds, and what a fault breaks may not be among it.
        for seconds in [2, 4, 8, 16] {
            let store = server.store().await?;
            plant.sow(&store).await?;
            let broken = check::broken(&run(&store, plan(seconds)).await?);
            missed.retain(|promise| !broken.iter().any(|broken| broken.promise == *promise));
            if missed.is_empty() {
                break;
            }
        }
        assert!(missed.is_empty(), "{}: {missed:?} were broken and not found", plant.name);
    }
    Ok(())
}
