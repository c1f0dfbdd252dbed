//! The device's file, seen for one project: implements the domain's port.
//!
//! Rows are keyed by server, vendor and register, so that a computer that changes hands or serves another
//! register never takes up a session that is not of that place.

use crate::{CatalogueFile, StoreFile};
use onetill_core::{
    Code, Fault, ItemId, LocationId, RegisterAssignment,
    ports::{DAYS_OF_RECEIPTS, DeviceStore, MOST_RECEIPTS, PersistedSelling, PersistedState, Write},
    sale::{Item, MOST_REMEMBERED},
    selling::{Catalogue, CataloguePage, FoundItem},
};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::OnceLock;

/// The part of a [`StoreFile`] that belongs to one project.
pub struct ProjectStore {
    file: StoreFile,
    server: String,
    catalogue: OnceLock<CatalogueFile>,
}

impl ProjectStore {
    /// The store of the project at this address (its URL, as the configuration spells it out).
    #[must_use]
    pub fn new(file: StoreFile, server: String) -> Self {
        Self { file, server, catalogue: OnceLock::new() }
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Fault> {
        read(&self.file.lock()).map_err(failed)
    }

    /// The values that a query finds for this project, in its order.
    fn list<T: DeserializeOwned>(&self, query: &str) -> Result<Vec<T>, Fault> {
        let rows = self.read(|db| {
            let mut query = db.prepare(query)?;
            let rows = query.query_map(params![self.server], |row| row.get::<_, String>(0))?;
            rows.collect::<rusqlite::Result<Vec<String>>>()
        })?;
        parse_all(rows)
    }
}

impl ProjectStore {
    /// The catalogue, opened when it is first asked for: nobody waits for it at the start.
    fn catalogue(&self) -> Result<&CatalogueFile, Fault> {
        if let Some(catalogue) = self.catalogue.get() {
            return Ok(catalogue);
        }
        let opened = CatalogueFile::open(&self.file.catalogue_path())?;
        Ok(self.catalogue.get_or_init(|| opened))
    }
}

impl Catalogue for ProjectStore {
    fn cursor(&self, location: LocationId) -> Result<Option<i64>, Fault> {
        self.catalogue()?.cursor(location)
    }

    fn apply(&self, location: LocationId, page: &CataloguePage) -> Result<(), Fault> {
        self.catalogue()?.apply(location, page)
    }

    fn item(&self, location: LocationId, id: ItemId) -> Result<Option<Item>, Fault> {
        self.catalogue()?.item(location, id)
    }

    fn by_code(&self, location: LocationId, code: &str) -> Result<Option<FoundItem>, Fault> {
        self.catalogue()?.by_code(location, code)
    }

    fn search(&self, location: LocationId, typed: &str) -> Result<Vec<FoundItem>, Fault> {
        self.catalogue()?.search(location, typed)
    }
}

impl DeviceStore for ProjectStore {
    fn load(&self) -> Result<PersistedState, Fault> {
        let project = self.read(|db| {
            db.query_row(
                "SELECT staff, placement, lock FROM project WHERE server = ?1",
                params![self.server],
                |row| Ok([row.get::<_, Option<String>>(0)?, row.get(1)?, row.get(2)?]),
            )
            .optional()
        })?;
        let [staff, assignment, lock] = project.unwrap_or_default();
        let mut persisted = PersistedState {
            staff: parse(staff)?,
            assignment: parse(assignment)?,
            lock: parse(lock)?,
            queue: self.list("SELECT entry FROM entry WHERE server = ?1 ORDER BY place")?,
            counts: self.list("SELECT count FROM count WHERE server = ?1 ORDER BY place")?,
            set_aside: self.file.set_aside().map_err(failed)?,
            ..PersistedState::default()
        };
        if let Some(place) = &persisted.assignment {
            let shift = self.read(|db| {
                db.query_row(
                    // A register belongs to one vendor; the key names it all the same, for whoever reads the file.
                    "SELECT active, intent, movements FROM shift WHERE server = ?1 AND register = ?2",
                    params![self.server, place.register.id.to_string()],
                    |row| Ok([row.get::<_, Option<String>>(0)?, row.get(1)?, row.get(2)?]),
                )
                .optional()
            })?;
            let [active, intent, movements] = shift.unwrap_or_default();
            persisted.active = parse(active)?;
            persisted.intent = parse(intent)?;
            persisted.movements = parse(movements)?.unwrap_or_default();
            persisted.selling = self.load_selling(place)?;
        }
        if let Some(vendor) = persisted.vendor() {
            let closing = self.read(|db| {
                db.query_row(
                    "SELECT closing FROM closing WHERE server = ?1 AND vendor = ?2",
                    params![self.server, vendor.to_string()],
                    |row| row.get::<_, String>(0),
                )
                .optional()
            })?;
            persisted.closing = parse(closing)?;
        }
        Ok(persisted)
    }

    fn save(&self, writes: &[Write]) -> Result<(), Fault> {
        let mut file = self.file.lock();
        let step = file.transaction().map_err(failed)?;
        for write in writes {
            self.write(&step, write)?;
        }
        step.commit().map_err(failed)
    }
}

impl ProjectStore {
    fn load_selling(&self, place: &RegisterAssignment) -> Result<PersistedSelling, Fault> {
        let (server, register) = (&self.server, place.register.id.to_string());
        let shop = self.read(|db| {
            let query = "SELECT shop FROM shop WHERE server = ?1 AND location = ?2";
            let row = params![server, place.location.id.to_string()];
            db.query_row(query, row, |row| row.get::<_, String>(0)).optional()
        })?;
        let selling = self.read(|db| {
            let query = "SELECT chain, cart FROM selling WHERE server = ?1 AND register = ?2";
            let columns = |row: &Row<'_>| Ok([row.get::<_, Option<String>>(0)?, row.get(1)?]);
            db.query_row(query, params![server, register], columns).optional()
        })?;
        let [chain, cart] = selling.unwrap_or_default();
        let of_register = |query: &str| {
            self.read(|db| {
                let mut query = db.prepare(query)?;
                let rows = query.query_map(params![server, register], |row| row.get::<_, String>(0))?;
                rows.collect::<rusqlite::Result<Vec<String>>>()
            })
        };
        let parked =
            of_register("SELECT parked FROM parked WHERE server = ?1 AND register = ?2 ORDER BY place")?;
        let mut receipts = of_register(&format!(
            "SELECT receipt FROM receipt WHERE server = ?1 AND register = ?2
             ORDER BY place DESC LIMIT {MOST_REMEMBERED}"
        ))?;
        receipts.reverse();
        Ok(PersistedSelling {
            shop: parse(shop)?,
            chain: parse(chain)?,
            cart: parse(cart)?,
            parked: parse_all(parked)?,
            receipts: parse_all(receipts)?,
        })
    }

    fn write(&self, step: &Transaction<'_>, write: &Write) -> Result<(), Fault> {
        let server = &self.server;
        let run = |statement: &str, row: &[&dyn ToSql]| {
            step.prepare_cached(statement).and_then(|mut statement| statement.execute(row)).map_err(failed)
        };
        match write {
            Write::Staff(staff) => run(
                "INSERT INTO project (server, staff) VALUES (?1, ?2)
                 ON CONFLICT (server) DO UPDATE SET staff = excluded.staff",
                &[server, &optional_json(staff)?],
            ),
            Write::Lock(lock) => run(
                "INSERT INTO project (server, lock) VALUES (?1, ?2)
                 ON CONFLICT (server) DO UPDATE SET lock = excluded.lock",
                &[server, &optional_json(lock)?],
            ),
            Write::Assignment(assignment) => run(
                "INSERT INTO project (server, placement) VALUES (?1, ?2)
                 ON CONFLICT (server) DO UPDATE SET placement = excluded.placement",
                &[server, &optional_json(assignment)?],
            ),
            Write::Intent(intent) => run(
                "INSERT INTO shift (server, vendor, register, intent_key, intent) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (server, vendor, register)
                 DO UPDATE SET intent_key = excluded.intent_key, intent = excluded.intent",
                &[
                    server,
                    &intent.vendor_id.to_string(),
                    &intent.register_id.to_string(),
                    &intent.key.to_string(),
                    &json(intent)?,
                ],
            ),
            Write::RemoveIntent(key) => run(
                "UPDATE shift SET intent = NULL, intent_key = NULL WHERE server = ?1 AND intent_key = ?2",
                &[server, &key.to_string()],
            ),
            Write::Session(active) => run(
                "INSERT INTO shift (server, vendor, register, active) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (server, vendor, register)
                 DO UPDATE SET active = excluded.active, intent = NULL, intent_key = NULL",
                &[
                    server,
                    &active.session.vendor_id.to_string(),
                    &active.session.register_id.to_string(),
                    &json(active)?,
                ],
            ),
            Write::RemoveSession(register) => {
                run("DELETE FROM shift WHERE server = ?1 AND register = ?2", &[server, &register.to_string()])
            }
            Write::Entry(entry) => run(
                "INSERT INTO entry (server, movement, entry) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, movement) DO UPDATE SET entry = excluded.entry",
                &[server, &entry.id().to_string(), &json(entry)?],
            ),
            Write::RemoveEntry(id) => {
                run("DELETE FROM entry WHERE server = ?1 AND movement = ?2", &[server, &id.to_string()])
            }
            Write::Count(count) => run(
                "INSERT INTO count (server, id, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, id) DO UPDATE SET count = excluded.count",
                &[server, &count.id.to_string(), &json(count)?],
            ),
            Write::RemoveCount(id) => {
                run("DELETE FROM count WHERE server = ?1 AND id = ?2", &[server, &id.to_string()])
            }
            Write::Closing(closing) => run(
                "INSERT INTO closing (server, vendor, closing) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, vendor) DO UPDATE SET closing = excluded.closing",
                &[server, &closing.session.vendor_id.to_string(), &json(closing)?],
            ),
            Write::RemoveClosing(vendor) => {
                run("DELETE FROM closing WHERE server = ?1 AND vendor = ?2", &[server, &vendor.to_string()])
            }
            Write::SetAsideRead => run("UPDATE set_aside SET read = 1", &[]),
            Write::Shop(location, shop) => run(
                "INSERT INTO shop (server, location, shop) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, location) DO UPDATE SET shop = excluded.shop",
                &[server, &location.to_string(), &json(shop)?],
            ),
            Write::Chain(register, chain) => run(
                "INSERT INTO selling (server, register, chain) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, register) DO UPDATE SET chain = excluded.chain",
                &[server, &register.to_string(), &json(chain)?],
            ),
            Write::Cart(register, cart) => run(
                "INSERT INTO selling (server, register, cart) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, register) DO UPDATE SET cart = excluded.cart",
                &[server, &register.to_string(), &optional_json(cart)?],
            ),
            Write::Park(register, parked) => run(
                "INSERT INTO parked (server, register, id, parked) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (server, id) DO UPDATE SET parked = excluded.parked",
                &[server, &register.to_string(), &parked.cart.id().to_string(), &json(parked)?],
            ),
            Write::Unpark(id) => {
                run("DELETE FROM parked WHERE server = ?1 AND id = ?2", &[server, &id.to_string()])
            }
            Write::Receipt(register, receipt) => {
                let (register, session) = (register.to_string(), receipt.sale.session_id.to_string());
                let made_at = receipt.made_at.as_second();
                run(
                    "INSERT INTO receipt (server, register, session, id, made_at, receipt)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (server, id) DO UPDATE SET receipt = excluded.receipt",
                    &[server, &register, &session, &receipt.sale.id.to_string(), &made_at, &json(receipt)?],
                )?;
                run(
                    "DELETE FROM receipt WHERE server = ?1 AND register = ?2 AND session <> ?3 AND made_at < ?4",
                    &[server, &register, &session, &(made_at - DAYS_OF_RECEIPTS * 86_400)],
                )?;
                run(
                    "DELETE FROM receipt WHERE server = ?1 AND register = ?2 AND place <=
                       (SELECT place FROM receipt WHERE server = ?1 AND register = ?2
                        ORDER BY place DESC LIMIT 1 OFFSET ?3)",
                    &[server, &register, &MOST_RECEIPTS],
                )
            }
            Write::Movements(register, movements) => run(
                "UPDATE shift SET movements = ?3 WHERE server = ?1 AND register = ?2",
                &[server, &register.to_string(), &json(movements)?],
            ),
        }
        .map(drop)
    }
}

fn parse_all<T: DeserializeOwned>(texts: Vec<String>) -> Result<Vec<T>, Fault> {
    texts.into_iter().filter_map(|text| parse(Some(text)).transpose()).collect()
}

fn optional_json<T: Serialize>(value: &Option<T>) -> Result<Option<String>, Fault> {
    value.as_ref().map(json).transpose()
}

fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|cause| Fault::new(Code::Internal, cause.to_string()))
}

fn parse<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, Fault> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|cause| Fault::new(Code::StoreFailed, format!("a row of this device's file: {cause}")))
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err calls")]
fn failed(cause: rusqlite::Error) -> Fault {
    Fault::new(Code::StoreFailed, cause.to_string())
}

#[cfg(test)]
mod tests;
