//! The real server: PostgreSQL with the register's functions behind a REST endpoint, asked by the product's own client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use onetill_core::{
    Amount, Connection, DeviceId, LocationId, ProjectKey, ProjectUrl, SessionId,
    closing::EndIntent,
    ports::Server,
    selling::{CataloguePage, Selling},
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
    shelf::{Shelf, Shop},
    shop::{OTHER_VENDOR, PEOPLE, VENDOR, user},
    world::PASSWORD,
};

/// A project with the demo store and one more shop in it.
pub(crate) struct Postgres {
    runtime: Runtime,
    project: Project,
    owner: Client,
    service: Desk,
    /// One client for each device and person.
    clients: Mutex<HashMap<(Uuid, String), Arc<SupabaseServer>>>,
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

    /// What a store sells and by which rules, in the place of what it had.
    pub(crate) fn keep_shop(&self, shop: &Shop) {
        let (place, rules) = (shop.location, &shop.settings.rules);
        let text =
            |value: &Option<String>| value.as_ref().map_or("null".to_owned(), |text| format!("'{text}'"));
        let figure = |value: Option<Amount>| value.map_or("null".to_owned(), |amount| amount.to_string());
        let percent = rules.discount_percent_limit.map_or("null".to_owned(), |part| part.to_string());
        let others: Vec<String> = rules.other_tenders.iter().map(|name| format!("'{name}'")).collect();
        let mut sql = format!(
            "update locations set country = {} where id = '{place}' and country is null;
             insert into pos_selling_rules (vendor_id, location_id, selling_on, prices_include_tax, cash_step, cash_half,
                 discount_percent_limit, sale_limit, refund_limit, void_limit, price_override, no_receipt_refund,
                 other_tenders)
               values ('{VENDOR}', '{place}', {}, {}, {}, 'up', {percent}, {}, {}, {}, {}, {}, array[{}]::text[])
               on conflict do nothing;",
            text(&rules.country),
            rules.selling_on,
            rules.prices_include_tax,
            figure(rules.cash_step),
            figure(rules.sale_limit),
            figure(rules.refund_limit),
            figure(rules.void_limit),
            rules.price_override,
            rules.no_receipt_refund,
            others.join(", "),
        );
        for tax in &shop.settings.taxes {
            let parts: Vec<_> = tax
                .components
                .iter()
                .map(|part| json!({"name": part.name, "rate": part.rate.to_string()}))
                .collect();
            let parts = json!(parts);
            sql += &format!(
                "insert into pos_taxes (vendor_id, location_id, code, name, components, valid_from)
                   values ('{VENDOR}', '{place}', '{0}', '{1}', '{parts}', '{2}')
                   on conflict (vendor_id, location_id, code, valid_from) do update
                   set components = excluded.components where pos_taxes.components <> excluded.components;",
                tax.code, tax.name, tax.valid_from,
            );
        }
        for one in &shop.items {
            let (id, item) = (one.item.id, &one.item);
            let age = item.age_limit.map_or("null".to_owned(), |age| age.to_string());
            sql += &format!(
                "insert into pos_items (id, vendor_id, name, price, price_is_open, tax_code, age_limit, version)
                   values ('{id}', '{VENDOR}', '{}', {price}, {}, {}, {age}, 0)
                   on conflict (id) do update set price = excluded.price where pos_items.price <> excluded.price;",
                item.name,
                item.price_is_open,
                text(&item.tax_code),
                price = figure(item.price),
            );
            for code in &one.codes {
                sql += &format!(
                    "insert into pos_item_codes (vendor_id, code, item_id, factor)
                       values ('{VENDOR}', '{}', '{id}', {}) on conflict do nothing;",
                    code.code, code.factor,
                );
            }
        }
        for key in &shop.settings.keys {
            sql += &format!(
                "insert into pos_quick_keys (location_id, page, place, vendor_id, item_id)
                   values ('{place}', {}, {}, '{VENDOR}', '{}') on conflict do nothing;",
                key.page, key.place, key.item_id,
            );
        }
        self.runtime.block_on(self.owner.batch_execute(&sql)).expect("a store can sell");
    }

    /// A page of the catalogue; else the answer that says why there is none.
    pub(crate) fn page(
        &self,
        id: Uuid,
        email: &str,
        location: LocationId,
        since: Option<i64>,
    ) -> (Answer, Option<CataloguePage>) {
        self.runtime.block_on(async {
            let client = self.client(id, email).await.expect("they can sign in");
            match client.catalogue(location, since).await {
                Ok(page) => (Answer::Done, Some(page)),
                Err(fault) => (Answer::Catalogue(Err(fault)), None),
            }
        })
    }

    /// What the server says to a call from the device of this id by the person with this address.
    pub(crate) fn serve(&self, id: Uuid, email: &str, call: &Call) -> Answer {
        self.runtime.block_on(async {
            let client = self.client(id, email).await.expect("they can sign in");
            // The catalogue is read by itself.
            ask(&*client, &Shelf::default(), call).await
        })
    }

    async fn client(&self, id: Uuid, email: &str) -> Result<Arc<SupabaseServer>> {
        let known = self.clients.lock().expect("no panic").get(&(id, email.to_owned())).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let connection = Connection {
            url: ProjectUrl::parse(&self.project.backend.url())?,
            key: ProjectKey::parse(self.project.backend.publishable_key())?,
        };
        let client =
            SupabaseServer::new(connection, DeviceId(id), "simulator", Arc::new(MemoryVault::default()))?;
        client.sign_in(email, &PASSWORD.into()).await?;
        let client = Arc::new(client);
        self.clients.lock().expect("no panic").insert((id, email.to_owned()), Arc::clone(&client));
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
        history.sales.retain(|sale| known.contains(&sale.session));
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
