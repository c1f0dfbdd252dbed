//! The real server: PostgreSQL with the register's functions behind a REST endpoint, asked by the product's own client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use onetill_core::{
    Connection, DeviceId, ProjectKey, ProjectUrl, SessionId,
    closing::EndIntent,
    ports::Server,
    till::{Answer, Call, ask},
};
use onetill_local::{Engine, PgVersion};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::{
    Project, Result,
    database::{
        desk::{Caller, Desk},
        history::History,
        soak::read_tables,
    },
    scratch,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::{
    disk::RealFile,
    server::Place,
    shop::{OTHER_VENDOR, PEOPLE, user},
    world::PASSWORD,
};

/// A project with the demo store and one more shop in it.
pub(crate) struct Postgres {
    runtime: Runtime,
    project: Project,
    owner: Client,
    service: Desk,
    /// One client for each device and person.
    clients: Mutex<HashMap<(usize, String), Arc<SupabaseServer>>>,
    /// The devices' files.
    folder: TempDir,
}

impl Postgres {
    pub(crate) fn start() -> Result<Self> {
        let runtime = Runtime::new()?;
        let project = Project::start(Engine::Postgres(PgVersion::V15))?;
        let url = project.backend.database_url().ok_or("a real database has an address")?;
        let (owner, service) = runtime.block_on(async {
            let (owner, connection) = tokio_postgres::connect(&url, NoTls).await?;
            tokio::spawn(connection);
            owner.batch_execute(&one_more_shop()).await?;
            Result::Ok((owner, Desk::sit(&url, Caller::Service).await?))
        })?;
        Ok(Self { runtime, project, owner, service, clients: Mutex::default(), folder: scratch()? })
    }

    /// A device's file of this name.
    pub(crate) fn file(&self, name: &str) -> RealFile {
        RealFile::new(&self.folder.path().join(format!("{name}.sqlite")))
    }

    /// Stores and registers of their own for one history.
    pub(crate) fn set_up(&self, places: &[Place]) {
        let mut sql = String::new();
        for Place { register, location, vendor } in places {
            let status = format!("{:?}", register.status).to_lowercase();
            sql += &format!(
                "insert into locations (id, vendor_id, name, timezone, currency, business_day_cutoff)
                   values ('{}', '{vendor}', '{}', '{}', '{}', '{}') on conflict do nothing;
                 insert into pos_registers (id, vendor_id, location_id, register_number, register_name, status)
                   values ('{}', '{vendor}', '{}', '{}', '{}', '{status}');",
                location.id,
                location.name,
                location.timezone,
                location.currency,
                location.business_day_cutoff,
                register.id,
                location.id,
                register.register_number,
                register.register_name,
            );
        }
        self.runtime.block_on(self.owner.batch_execute(&sql)).expect("a store can be set up");
    }

    /// What the server says to a call from this device by the person with this address.
    pub(crate) fn serve(&self, device: usize, email: &str, call: &Call) -> Answer {
        self.runtime.block_on(async {
            let client = self.client(device, email).await.expect("they can sign in");
            ask(&*client, call).await
        })
    }

    async fn client(&self, device: usize, email: &str) -> Result<Arc<SupabaseServer>> {
        let known = self.clients.lock().expect("no panic").get(&(device, email.to_owned())).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let connection = Connection {
            url: ProjectUrl::parse(&self.project.backend.url())?,
            key: ProjectKey::parse(self.project.backend.publishable_key())?,
        };
        let id = DeviceId(Uuid::from_u128(0xde_0000 + device as u128));
        let client = SupabaseServer::new(connection, id, "simulator", Arc::new(MemoryVault::default()))?;
        client.sign_in(email, &PASSWORD.into()).await?;
        let client = Arc::new(client);
        self.clients.lock().expect("no panic").insert((device, email.to_owned()), Arc::clone(&client));
        Ok(client)
    }

    pub(crate) fn end_by_store(&self, session: SessionId, end: &EndIntent) {
        let arguments =
            json!({"p_key": end.key, "p_session_id": session, "p_reason": end.reason, "p_force": true});
        self.runtime.block_on(self.service.call("pos_end_session", &arguments)).expect("it may");
    }

    /// What the tables say of these registers.
    pub(crate) fn read(&self, places: &[Place], history: &mut History) {
        self.runtime.block_on(read_tables(&self.owner, history)).expect("tables can be read");
        history.sessions.retain(|session| places.iter().any(|place| place.register.id.0 == session.place.0));
        let known: Vec<Uuid> = history.sessions.iter().map(|session| session.id).collect();
        history.movements.retain(|movement| known.contains(&movement.session));
    }
}

/// The second shop with its people, whose logins are made like one that is there. Passwords are hashed with the least
/// work there is, and cashiers may work in every store, for each history has its own.
fn one_more_shop() -> String {
    const HASH: &str = "$2b$04$g51b0qZHG2T.a7bZ4n9tROuFAphy/OstHSriYuqSgtNE2qeuK5TS6";
    let mut sql = format!(
        "update auth.users set encrypted_password = '{HASH}';
         update pos_staff set location_id = null;
         insert into vendors (id, store_name) values ('{OTHER_VENDOR}', 'Other');"
    );
    for (number, email, name, role, vendor) in PEOPLE.into_iter().filter(|one| one.4 == OTHER_VENDOR) {
        let (id, role) = (user(number), format!("{role:?}").to_lowercase());
        sql += &format!(
            "insert into auth.users (id, email, aud, role, encrypted_password, email_confirmed_at, raw_app_meta_data,
                 raw_user_meta_data)
               select '{id}', '{email}', u.aud, u.role, u.encrypted_password, u.email_confirmed_at,
                   u.raw_app_meta_data, u.raw_user_meta_data
                 from auth.users u where u.email = '{}';
             insert into pos_staff (user_id, vendor_id, location_id, role, display_name)
               values ('{id}', '{vendor}', null, '{role}', '{name}');",
            PEOPLE[0].1
        );
    }
    sql
}
