//! The demo store, and devices in it whose network can be made to fail.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use hyper::Method;
use jiff::Timestamp;
use onetill_core::ports::{Server, Vault};
use onetill_core::{
    Code, Connection, DeviceId, Fault, IntentKey, Location, LocationId, OpenIntent, ProjectKey, ProjectUrl,
    RegisterId, Staff,
};
use onetill_local::{DEMO_ACCOUNTS, Engine, PgVersion};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::rest::Rest;
use onetill_tests::{Project, Result};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::proxy::Proxy;

/// Deadlines meant for a real link are this many times shorter here: twelve seconds become 1.2.
pub(crate) const HURRY: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// A password is hashed slowly on purpose, and several at once on a small computer more slowly still.
pub(crate) const SIGN_IN_HURRY: NonZeroU32 = NonZeroU32::new(4).unwrap();
const UNHURRIED: NonZeroU32 = NonZeroU32::MIN;

/// A project, and its records as the owner of the project sees them.
pub(crate) struct Shop {
    /// One shop at a time: several would make each other miss their deadlines.
    _alone: MutexGuard<'static, ()>,
    pub(crate) project: Project,
    pub(crate) rest: Rest,
}

impl Shop {
    pub(crate) async fn open() -> Result<Self> {
        static ALONE: Mutex<()> = Mutex::const_new(());
        let _alone = ALONE.lock().await;
        let project = Project::start(Engine::Postgres(PgVersion::V15))?;
        cheap_passwords(&project).await?;
        let rest = Rest::new(&project.backend);
        Ok(Self { _alone, project, rest })
    }

    fn address(&self) -> Result<SocketAddr> {
        Ok(self.project.backend.url().trim_start_matches("http://").parse()?)
    }

    /// One more store of the same shop, so that no list grows with the number of tests.
    pub(crate) async fn location(&self, staff: &Staff) -> Result<Location> {
        let location = Location { id: LocationId(Uuid::new_v4()), ..staff.locations[0].clone() };
        let row = json!({"id": location.id, "vendor_id": staff.vendor_id, "name": location.name,
            "timezone": location.timezone, "currency": location.currency,
            "business_day_cutoff": location.business_day_cutoff});
        self.owner(Method::POST, "/rest/v1/locations", Some(&row)).await?;
        Ok(location)
    }

    /// One more register in the location.
    pub(crate) async fn register(&self, staff: &Staff, location: &Location) -> Result<RegisterId> {
        let id = Uuid::new_v4();
        let row = json!({"id": id, "location_id": location.id, "vendor_id": staff.vendor_id,
            "register_number": id.simple().to_string(), "register_name": "One more", "status": "active"});
        self.owner(Method::POST, "/rest/v1/pos_registers", Some(&row)).await?;
        Ok(RegisterId(id))
    }

    /// Every session that the register ever had.
    pub(crate) async fn sessions(&self, register: RegisterId) -> Result<Vec<Value>> {
        let path = format!("/rest/v1/pos_sessions?register_id=eq.{register}&order=opened_at");
        self.rest.rows(&path).await
    }

    /// The joins of a session.
    pub(crate) async fn joins(&self, session: &str) -> Result<Vec<Value>> {
        self.rest.rows(&format!("/rest/v1/pos_session_participants?session_id=eq.{session}")).await
    }

    /// The movements of a session.
    pub(crate) async fn movements(&self, session: &str) -> Result<Vec<Value>> {
        self.rest.rows(&format!("/rest/v1/pos_cash_movements?session_id=eq.{session}")).await
    }

    /// Ends a session as the store's own server may.
    pub(crate) async fn end(&self, session: &str) -> Result<()> {
        let body =
            json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_reason": "test", "p_force": true});
        self.owner(Method::POST, "/rest/v1/rpc/pos_end_session", Some(&body)).await.map(drop)
    }

    async fn owner(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let key = [("apikey", self.project.backend.secret_key())];
        let answer = self.rest.send(method, path, &key, body).await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(format!("{path}: {} {}", answer.status, answer.body).into())
    }
}

/// The demo store's password, hashed with the least work there is: hundreds of people sign in here, and what a hash
/// costs the server is not what is tested.
async fn cheap_passwords(project: &Project) -> Result<()> {
    const HASH: &str = "$2b$04$g51b0qZHG2T.a7bZ4n9tROuFAphy/OstHSriYuqSgtNE2qeuK5TS6";
    let address = project.backend.database_url().ok_or("a real database has an address")?;
    let (database, connection) = tokio_postgres::connect(&address, NoTls).await?;
    let connection = tokio::spawn(connection);
    database.execute("update auth.users set encrypted_password = $1", &[&HASH]).await?;
    drop(database);
    connection.await??;
    Ok(())
}

/// A device with a keychain of its own, behind a network of its own.
pub(crate) struct Device {
    pub(crate) proxy: Proxy,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) id: DeviceId,
    pub(crate) staff: Staff,
    /// Its number among the demo store's accounts.
    pub(crate) account: usize,
    key: ProjectKey,
}

impl Device {
    /// A device on which the demo store's account of this number is signed in.
    pub(crate) async fn new(shop: &Shop, account: usize) -> Result<Self> {
        let proxy = Proxy::start(shop.address()?).await?;
        let key = ProjectKey::parse(shop.project.backend.publishable_key())?;
        let (vault, id) = (Arc::new(MemoryVault::default()), DeviceId(Uuid::new_v4()));
        let server = client(&proxy, &key, id, &vault, UNHURRIED)?;
        let who = &DEMO_ACCOUNTS[account];
        let staff = server.sign_in(who.email, &who.password.into()).await?;
        Ok(Self { proxy, vault, id, staff, account, key })
    }

    /// The program, started anew: what it knows is in the keychain.
    pub(crate) fn start(&self) -> std::result::Result<SupabaseServer, Fault> {
        self.start_with(HURRY)
    }

    /// The same with deadlines shortened otherwise.
    pub(crate) fn start_with(&self, hurry: NonZeroU32) -> std::result::Result<SupabaseServer, Fault> {
        client(&self.proxy, &self.key, self.id, &self.vault, hurry)
    }

    /// A person signs in anew, without haste.
    pub(crate) async fn sign_in_again(&self) -> std::result::Result<Staff, Fault> {
        self.sign_in(UNHURRIED).await
    }

    /// The program, started anew on a good network, with the login at work; signed in again if it has ended.
    pub(crate) async fn ready(&self) -> Result<SupabaseServer> {
        self.proxy.heal();
        let server = self.start()?;
        if matches!(server.resume_login().await, Ok(Some(_))) {
            return Ok(server);
        }
        self.sign_in_again().await?;
        // Another start: the one above still holds the login that is over.
        let server = self.start()?;
        server.resume_login().await?.ok_or("a login just made is not there")?;
        Ok(server)
    }

    /// Signs in with e-mail and password.
    pub(crate) async fn sign_in(&self, hurry: NonZeroU32) -> std::result::Result<Staff, Fault> {
        let server = client(&self.proxy, &self.key, self.id, &self.vault, hurry)?;
        let who = &DEMO_ACCOUNTS[self.account];
        server.sign_in(who.email, &who.password.into()).await
    }

    /// The refresh token that the keychain has.
    pub(crate) fn kept(&self) -> Option<String> {
        self.vault.load().unwrap().map(|secret| secret.expose_secret().to_owned())
    }

    pub(crate) fn location(&self) -> &Location {
        &self.staff.locations[0]
    }

    /// One press of *Start shift*.
    pub(crate) fn intent(&self, register: RegisterId) -> OpenIntent {
        OpenIntent {
            key: IntentKey(Uuid::new_v4()),
            register_id: register,
            location_id: self.location().id,
            vendor_id: self.staff.vendor_id,
            user_id: self.staff.user_id,
            opening_cash: "200.00".parse().unwrap(),
            tally: onetill_core::Tally::Nothing,
            pressed_at: Timestamp::now(),
        }
    }
}

fn client(
    proxy: &Proxy,
    key: &ProjectKey,
    id: DeviceId,
    vault: &Arc<MemoryVault>,
    hurry: NonZeroU32,
) -> std::result::Result<SupabaseServer, Fault> {
    let url = ProjectUrl::parse(&proxy.url()).map_err(|why| Fault::new(Code::BadUrl, why.to_string()))?;
    let connection = Connection { url, key: key.clone() };
    SupabaseServer::with_time_scale(connection, id, "test", Arc::clone(vault) as _, hurry)
}
