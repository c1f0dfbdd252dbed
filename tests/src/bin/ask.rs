//! The till's client in a process of its own, because what it trusts and through which proxy it goes is told to a
//! process by its environment: `ask URL KEY` tests the connection, `ask URL KEY together` signs in and then makes
//! eight calls at the same time. Prints what came of it as JSON.

use std::process::ExitCode;
use std::sync::Arc;

use futures_util::future::join_all;
use onetill_core::ports::Server;
use onetill_core::{Connection, DeviceId, ProjectKey, ProjectUrl};
use onetill_supabase::{MemoryVault, SupabaseServer, test_connection};
use onetill_tests::Result;
use uuid::Uuid;

#[tokio::main]
async fn main() -> ExitCode {
    match ask().await {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn ask() -> Result<String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [url, key] => Ok(serde_json::to_string(&test_connection(url, key, "test").await)?),
        [url, key, "together"] => {
            let connection = Connection { url: ProjectUrl::parse(url)?, key: ProjectKey::parse(key)? };
            let vault = Arc::new(MemoryVault::default());
            let server = SupabaseServer::new(connection, DeviceId(Uuid::new_v4()), "test", vault)?;
            server.warm().await;
            let staff = server.sign_in("ana@shop.example", &"a password".into()).await?;
            let location = staff.locations.first().ok_or("no location")?.id;
            let answers = join_all((0..8).map(|_| server.registers(location))).await;
            Ok(answers.iter().filter(|answer| answer.is_ok()).count().to_string())
        }
        _ => Err("ask URL KEY [together]".into()),
    }
}
