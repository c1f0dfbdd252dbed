//! Many devices press *Start shift* on one register at the same moment, over HTTP, on a real
//! PostgreSQL. One session, one `created`, everybody else `joined`, nobody turned away.

use std::collections::BTreeMap;
use std::sync::Arc;

use onetill_local::{DEMO_ACCOUNTS, Engine};
use onetill_tests::rest::{Answer, Person, RegisterRow, Rest};
use onetill_tests::{Project, Result};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

const ROUNDS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn ten_devices_at_once_share_one_session() -> Result<()> {
    race(10).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_devices_at_once_share_one_session() -> Result<()> {
    race(200).await
}

async fn race(devices: usize) -> Result<()> {
    let project = Project::start(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let mut staff = Vec::new();
    for account in DEMO_ACCOUNTS {
        staff.push(rest.sign_in(account).await?);
    }
    for round in 1..=ROUNDS {
        let register = rest.another_register().await?;
        let answers = press_together(&rest, &staff, &register, devices).await?;

        let mut sessions = BTreeMap::<String, usize>::new();
        let mut outcomes = BTreeMap::<String, usize>::new();
        for answer in &answers {
            assert!(
                answer.status.is_success(),
                "round {round}: a device was turned away: {} {}",
                answer.status,
                answer.body
            );
            *sessions.entry(answer.body["id"].to_string()).or_default() += 1;
            *outcomes.entry(answer.header("x-session-outcome").to_owned()).or_default() += 1;
        }
        assert_eq!(sessions.len(), 1, "round {round}: everybody is on one session: {sessions:?}");
        let expected = BTreeMap::from([("created".to_owned(), 1), ("joined".to_owned(), devices - 1)]);
        assert_eq!(outcomes, expected, "round {round}");

        let stored = rest.rows(&format!("/rest/v1/pos_sessions?register_id=eq.{}", register.id)).await?;
        assert_eq!(stored.len(), 1, "round {round}: the database holds one session: {stored:?}");
        assert_eq!(stored[0]["status"], "open");
        assert!(
            sessions.contains_key(&stored[0]["id"].to_string()),
            "round {round}: and it is the one answered"
        );
    }
    Ok(())
}

/// Everybody waits for everybody else, then all requests leave.
async fn press_together(
    rest: &Rest,
    staff: &[Person],
    register: &RegisterRow,
    devices: usize,
) -> Result<Vec<Answer>> {
    let everybody = Arc::new(Barrier::new(devices));
    let mut presses = JoinSet::new();
    for person in staff.iter().cycle().take(devices) {
        let (rest, person, register) = (rest.clone(), person.clone(), register.clone());
        let everybody = Arc::clone(&everybody);
        presses.spawn(async move {
            everybody.wait().await;
            rest.get_or_create_session(&person, &register, Uuid::new_v4()).await
        });
    }
    let mut answers = Vec::with_capacity(devices);
    while let Some(answer) = presses.join_next().await {
        answers.push(answer??);
    }
    Ok(answers)
}
