//! A whole client in a process of its own, worked by a script, killed and started again; and what the server has of it
//! in the end.

pub mod day;
pub mod kills;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use onetill_core::ports::{Ledger, Seen, Server};
use onetill_core::{Connection, DeviceId, Movement, ProjectKey, ProjectUrl, Session};
use onetill_supabase::{MemoryVault, SupabaseServer};
use uuid::Uuid;

use crate::{Project, Result, staff};

/// The register on which the scripts work.
pub const REGISTER: &str = "M1";

/// The scripted shift, ready to be started on a data folder.
#[derive(Debug, Clone)]
pub struct Script {
    binary: PathBuf,
    url: String,
    key: String,
}

impl Script {
    /// The script for this project; `binary` is the program `scripted-shift`.
    #[must_use]
    pub fn new(binary: &Path, project: &Project) -> Self {
        Self {
            binary: binary.to_owned(),
            url: project.backend.url(),
            key: project.backend.publishable_key().to_owned(),
        }
    }

    /// One run, which records `count` movements from the number `first` on, each with its number as amount.
    ///
    /// # Errors
    /// When the demo store has no cashier.
    pub fn run(&self, data: &Path, first: u32, count: u32) -> Result<Command> {
        let cashier = staff("cashier").into_iter().next().ok_or("no cashier")?;
        let mut script = Command::new(&self.binary);
        script
            .env("SCRIPT_URL", &self.url)
            .env("SCRIPT_KEY", &self.key)
            .env("SCRIPT_DATA", data)
            .env("SCRIPT_EMAIL", cashier.email)
            .env("SCRIPT_PASSWORD", cashier.password)
            .env("SCRIPT_REGISTER", REGISTER)
            .env("SCRIPT_FIRST", first.to_string())
            .env("SCRIPT_COUNT", count.to_string());
        Ok(script)
    }
}

/// The amount that stands for a number.
#[must_use]
pub fn amount(number: u32) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// A client of the project that keeps its login in memory.
///
/// # Errors
/// When the project's address or key is none.
pub fn client(project: &Project) -> Result<SupabaseServer> {
    let connection = Connection {
        url: ProjectUrl::parse(&project.backend.url())?,
        key: ProjectKey::parse(project.backend.publishable_key())?,
    };
    let vault = Arc::new(MemoryVault::default());
    Ok(SupabaseServer::new(connection, DeviceId(Uuid::new_v4()), "test", vault)?)
}

/// The open session of the scripts' register and its movements, as a manager reads them.
///
/// # Errors
/// When the server cannot be read, or no shift is open.
pub async fn ledger(project: &Project) -> Result<(Session, Vec<Movement>)> {
    let server = client(project)?;
    let manager = staff("manager").into_iter().next().ok_or("no manager")?;
    let who = server.sign_in(manager.email, &manager.password.to_owned().into()).await?;
    for location in who.locations {
        for register in server.registers(location.id).await? {
            if register.register_number == REGISTER {
                let session = register.open_session.ok_or("no shift is open")?;
                let Seen::Session(session) = server.session(session.id, -1, None).await? else {
                    return Err("a session that was never told is unchanged".into());
                };
                let movements = server.movements(session.id).await?;
                return Ok((*session, movements));
            }
        }
    }
    Err("no such register".into())
}

/// How often each amount is among these movements.
#[must_use]
pub fn counted(movements: &[Movement]) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for movement in movements {
        *counted.entry(movement.amount.to_string()).or_default() += 1;
    }
    counted
}
