//! The device's file, seen for one project: implements the domain's port.
//!
//! Rows are keyed by server, vendor and register, so that a computer that changes hands or serves another
//! register never takes up a session that is not of that place.

use crate::StoreFile;
use onetill_core::{
    Code, Fault,
    ports::{DeviceStore, PersistedState, Write},
};
use rusqlite::{Connection, OptionalExtension, ToSql, Transaction, params};
use serde::{Serialize, de::DeserializeOwned};

/// The part of a [`StoreFile`] that belongs to one project.
pub struct ProjectStore {
    file: StoreFile,
    server: String,
}

impl ProjectStore {
    /// The store of the project at this address (its URL, as the configuration spells it out).
    #[must_use]
    pub fn new(file: StoreFile, server: String) -> Self {
        Self { file, server }
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
        rows.into_iter().filter_map(|row| parse(Some(row)).transpose()).collect()
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
                &[server, &entry.movement.id.to_string(), &json(entry)?],
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
            Write::Movements(register, movements) => run(
                "UPDATE shift SET movements = ?3 WHERE server = ?1 AND register = ?2",
                &[server, &register.to_string(), &json(movements)?],
            ),
        }
        .map(drop)
    }
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
