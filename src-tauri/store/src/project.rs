//! The device's file, seen for one project: implements the domain's port.
//!
//! Rows are keyed by server, vendor and register, so that a computer that changes hands or serves another
//! register never takes up a session that is not of that place.

use crate::StoreFile;
use onetill_core::{
    Closing, Code, CountId, Entry, Fault, IntentKey, Movement, MovementId, OpenIntent, Placement, RegisterId,
    Staff, VendorId,
    count::CountIntent,
    device::ActiveSession,
    lock::Locked,
    ports::{DeviceStore, Remembered},
};
use rusqlite::{Connection, OptionalExtension, params};
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

    /// Runs a write; when this returns, it is on the disk.
    fn write<T>(&self, write: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<(), Fault> {
        write(&self.file.lock()).map(drop).map_err(failed)
    }
}

impl DeviceStore for ProjectStore {
    fn recall(&self) -> Result<Remembered, Fault> {
        let project = self.read(|db| {
            db.query_row(
                "SELECT staff, placement, lock FROM project WHERE server = ?1",
                params![self.server],
                |row| Ok([row.get::<_, Option<String>>(0)?, row.get(1)?, row.get(2)?]),
            )
            .optional()
        })?;
        let [staff, placement, lock] = project.unwrap_or_default();
        let mut remembered = Remembered {
            staff: parse(staff)?,
            placement: parse(placement)?,
            lock: parse(lock)?,
            queue: self.list("SELECT entry FROM entry WHERE server = ?1 ORDER BY place")?,
            counts: self.list("SELECT count FROM count WHERE server = ?1 ORDER BY place")?,
            set_aside: self.file.set_aside().map_err(failed)?,
            ..Remembered::default()
        };
        if let Some(staff) = &remembered.staff {
            let closing = self.read(|db| {
                db.query_row(
                    "SELECT closing FROM closing WHERE server = ?1 AND vendor = ?2",
                    params![self.server, staff.vendor_id.to_string()],
                    |row| row.get::<_, String>(0),
                )
                .optional()
            })?;
            remembered.closing = parse(closing)?;
        }
        let Some(place) = &remembered.placement else { return Ok(remembered) };
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
        remembered.active = parse(active)?;
        remembered.intent = parse(intent)?;
        remembered.movements = parse(movements)?.unwrap_or_default();
        Ok(remembered)
    }

    fn keep_staff(&self, staff: Option<&Staff>) -> Result<(), Fault> {
        let staff = staff.map(json).transpose()?;
        self.write(|db| {
            db.execute(
                "INSERT INTO project (server, staff) VALUES (?1, ?2)
                 ON CONFLICT (server) DO UPDATE SET staff = excluded.staff",
                params![self.server, staff],
            )
        })
    }

    fn keep_lock(&self, lock: Option<&Locked>) -> Result<(), Fault> {
        let lock = lock.map(json).transpose()?;
        self.write(|db| {
            db.execute(
                "INSERT INTO project (server, lock) VALUES (?1, ?2)
                 ON CONFLICT (server) DO UPDATE SET lock = excluded.lock",
                params![self.server, lock],
            )
        })
    }

    fn keep_placement(&self, placement: Option<&Placement>) -> Result<(), Fault> {
        let placement = placement.map(json).transpose()?;
        self.write(|db| {
            db.execute(
                "INSERT INTO project (server, placement) VALUES (?1, ?2)
                 ON CONFLICT (server) DO UPDATE SET placement = excluded.placement",
                params![self.server, placement],
            )
        })
    }

    fn keep_intent(&self, intent: &OpenIntent) -> Result<(), Fault> {
        let text = json(intent)?;
        self.write(|db| {
            db.execute(
                "INSERT INTO shift (server, vendor, register, intent_key, intent) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (server, vendor, register)
                 DO UPDATE SET intent_key = excluded.intent_key, intent = excluded.intent",
                params![
                    self.server,
                    intent.vendor_id.to_string(),
                    intent.register_id.to_string(),
                    intent.key.to_string(),
                    text
                ],
            )
        })
    }

    fn drop_intent(&self, key: IntentKey) -> Result<(), Fault> {
        self.write(|db| {
            db.execute(
                "UPDATE shift SET intent = NULL, intent_key = NULL WHERE server = ?1 AND intent_key = ?2",
                params![self.server, key.to_string()],
            )
        })
    }

    fn keep_session(&self, active: &ActiveSession) -> Result<(), Fault> {
        let text = json(active)?;
        let session = &active.session;
        self.write(|db| {
            db.execute(
                "INSERT INTO shift (server, vendor, register, active) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (server, vendor, register)
                 DO UPDATE SET active = excluded.active, intent = NULL, intent_key = NULL",
                params![self.server, session.vendor_id.to_string(), session.register_id.to_string(), text],
            )
        })
    }

    fn drop_session(&self, register: RegisterId) -> Result<(), Fault> {
        self.write(|db| {
            db.execute(
                "DELETE FROM shift WHERE server = ?1 AND register = ?2",
                params![self.server, register.to_string()],
            )
        })
    }

    fn keep_entry(&self, entry: &Entry) -> Result<(), Fault> {
        let text = json(entry)?;
        self.write(|db| {
            db.execute(
                "INSERT INTO entry (server, movement, entry) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, movement) DO UPDATE SET entry = excluded.entry",
                params![self.server, entry.movement.id.to_string(), text],
            )
        })
    }

    fn drop_entry(&self, id: MovementId) -> Result<(), Fault> {
        self.write(|db| {
            db.execute(
                "DELETE FROM entry WHERE server = ?1 AND movement = ?2",
                params![self.server, id.to_string()],
            )
        })
    }

    fn settle_entry(&self, entry: &Entry, movements: &[Movement]) -> Result<(), Fault> {
        let text = json(&movements)?;
        self.write(|db| {
            let step = db.unchecked_transaction()?;
            step.execute(
                "DELETE FROM entry WHERE server = ?1 AND movement = ?2",
                params![self.server, entry.movement.id.to_string()],
            )?;
            step.execute(KEEP_MOVEMENTS, params![self.server, entry.register_id.to_string(), text])?;
            step.commit()
        })
    }

    fn keep_count(&self, count: &CountIntent) -> Result<(), Fault> {
        let text = json(count)?;
        self.write(|db| {
            db.execute(
                "INSERT INTO count (server, id, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, id) DO UPDATE SET count = excluded.count",
                params![self.server, count.id.to_string(), text],
            )
        })
    }

    fn drop_count(&self, id: CountId) -> Result<(), Fault> {
        self.write(|db| {
            db.execute(
                "DELETE FROM count WHERE server = ?1 AND id = ?2",
                params![self.server, id.to_string()],
            )
        })
    }

    fn keep_closing(&self, closing: &Closing) -> Result<(), Fault> {
        let text = json(closing)?;
        self.write(|db| {
            db.execute(
                "INSERT INTO closing (server, vendor, closing) VALUES (?1, ?2, ?3)
                 ON CONFLICT (server, vendor) DO UPDATE SET closing = excluded.closing",
                params![self.server, closing.session.vendor_id.to_string(), text],
            )
        })
    }

    fn drop_closing(&self, vendor: VendorId) -> Result<(), Fault> {
        self.write(|db| {
            db.execute(
                "DELETE FROM closing WHERE server = ?1 AND vendor = ?2",
                params![self.server, vendor.to_string()],
            )
        })
    }

    fn acknowledge_set_aside(&self) -> Result<(), Fault> {
        self.write(|db| db.execute("UPDATE set_aside SET read = 1", []))
    }

    fn keep_movements(&self, register: RegisterId, movements: &[Movement]) -> Result<(), Fault> {
        let text = json(&movements)?;
        self.write(|db| db.execute(KEEP_MOVEMENTS, params![self.server, register.to_string(), text]))
    }
}

const KEEP_MOVEMENTS: &str = "UPDATE shift SET movements = ?3 WHERE server = ?1 AND register = ?2";

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
