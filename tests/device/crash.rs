//! Killed at every write of a scripted shift, the till forgets nothing that it showed and sends nothing twice.

use onetill_core::{
    Connection, DeviceId, ProjectKey, ProjectUrl, SessionId,
    ports::{Ledger, Server},
};
use onetill_local::{Engine, PgVersion};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::{Project, scratch, staff};
use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
    sync::Arc,
};
use uuid::Uuid;

const REGISTER: &str = "M1";
/// Movements of one scripted shift.
const COUNT: u32 = 4;

fn run(project: &Project, data: &Path, first: u32, fails_at: Option<&str>) -> Output {
    let cashier = staff("cashier")[0];
    let mut script = Command::new(env!("CARGO_BIN_EXE_scripted-shift"));
    script
        .env("SCRIPT_URL", project.backend.url())
        .env("SCRIPT_KEY", project.backend.publishable_key())
        .env("SCRIPT_DATA", data)
        .env("SCRIPT_EMAIL", cashier.email)
        .env("SCRIPT_PASSWORD", cashier.password)
        .env("SCRIPT_REGISTER", REGISTER)
        .env("SCRIPT_FIRST", first.to_string())
        .env("SCRIPT_COUNT", COUNT.to_string())
        .env_remove("SCRIPT_FAILS_AT");
    if let Some(at) = fails_at {
        script.env("SCRIPT_FAILS_AT", at);
    }
    script.output().expect("the script starts")
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// How often each amount of the open session is in the ledger, as the server tells it.
async fn ledger(project: &Project) -> (SessionId, BTreeMap<String, usize>) {
    let connection = Connection {
        url: ProjectUrl::parse(&project.backend.url()).unwrap(),
        key: ProjectKey::parse(project.backend.publishable_key()).unwrap(),
    };
    let vault = Arc::new(MemoryVault::default());
    let server = SupabaseServer::new(connection, DeviceId(Uuid::new_v4()), "test", vault).unwrap();
    let manager = staff("manager")[0];
    let who = server.sign_in(manager.email, &manager.password.to_owned().into()).await.unwrap();
    let mut registers = Vec::new();
    for location in who.locations {
        registers.extend(server.registers(location.id).await.unwrap());
    }
    let register = registers.into_iter().find(|register| register.register_number == REGISTER).unwrap();
    let session = register.open_session.expect("the shift is open");
    let mut counted = BTreeMap::new();
    for movement in server.movements(session.id).await.unwrap() {
        *counted.entry(movement.amount.to_string()).or_default() += 1;
    }
    (session.id, counted)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_write_nothing_is_lost_and_nothing_is_doubled() {
    let project = Project::start(Engine::Postgres(PgVersion::V18)).unwrap();
    let mut expected = BTreeMap::new();
    let mut session = None;
    let mut kills = 0;
    for when in ["before", "after"] {
        for write in 1.. {
            let data = scratch().unwrap();
            let first = 1 + (if when == "before" { 0 } else { 10_000 }) + write * COUNT;
            let killed = run(&project, data.path(), first, Some(&format!("{when}:{write}")));
            let finished = killed.status.success();
            let again = run(&project, data.path(), first, None);
            assert!(
                again.status.success(),
                "killed {when} write {write}, the next start fails: {}",
                String::from_utf8_lossy(&again.stderr)
            );
            let shown = lines(&again);
            for acknowledged in lines(&killed).iter().filter(|line| line.starts_with("acknowledged")) {
                assert!(
                    shown.contains(acknowledged),
                    "{acknowledged} was shown, then lost ({when} write {write})"
                );
            }
            for number in first..first + COUNT {
                expected.insert(format!("{}.{:02}", number / 100, number % 100), 1);
            }
            let (now, counted) = ledger(&project).await;
            assert_eq!(counted, expected, "each once, killed {when} write {write}");
            assert_eq!(*session.get_or_insert(now), now, "still the one session");
            if finished {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 20, "the script reached its writes: {kills}");
}
