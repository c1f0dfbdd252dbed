//! The one SQLite file of a device.
//!
//! Invariant: data is never thrown away. A file that cannot be understood (damaged, or written by a newer
//! version) is set aside under another name, and the caller is told.

use crate::set_aside;
use onetill_core::{Code, DeviceId, Fault, ports::SetAside};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Forward migrations; the index of one plus one is the `user_version` it leads to. Never edit one that was
/// released: add another.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE device (
        only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
        device_id  TEXT NOT NULL
    ) STRICT;
    -- What belongs to a project as a whole: who was signed in, which register this computer serves.
    CREATE TABLE project (
        server     TEXT PRIMARY KEY,
        staff      TEXT,
        placement  TEXT
    ) STRICT;
    -- What belongs to one register: the session this device is part of, and the open without an answer.
    CREATE TABLE shift (
        server     TEXT NOT NULL,
        vendor     TEXT NOT NULL,
        register   TEXT NOT NULL,
        intent_key TEXT,
        intent     TEXT,
        active     TEXT,
        PRIMARY KEY (server, vendor, register)
    ) STRICT;
",
    "
    -- What the server last told of a shift's movements.
    ALTER TABLE shift ADD COLUMN movements TEXT;
    -- The queue: movements recorded here that the server has not accepted yet, in order.
    CREATE TABLE entry (
        place      INTEGER PRIMARY KEY AUTOINCREMENT,
        server     TEXT NOT NULL,
        movement   TEXT NOT NULL,
        entry      TEXT NOT NULL,
        UNIQUE (server, movement)
    ) STRICT;
    ",
    "
    -- The session that a shop settles on this computer, with what was counted so far.
    CREATE TABLE closing (
        server     TEXT NOT NULL,
        vendor     TEXT NOT NULL,
        closing    TEXT NOT NULL,
        PRIMARY KEY (server, vendor)
    ) STRICT;
    -- Counts of a drawer that the server does not have yet, in order.
    CREATE TABLE count (
        place      INTEGER PRIMARY KEY AUTOINCREMENT,
        server     TEXT NOT NULL,
        id         TEXT NOT NULL,
        count      TEXT NOT NULL,
        UNIQUE (server, id)
    ) STRICT;
    ",
    "
    -- Earlier files that could not be used and are kept beside this one, by name: how many entries of their queues
    -- were put into this one's, whether those were all, and whether a person has read of it.
    CREATE TABLE set_aside (
        file       TEXT PRIMARY KEY,
        rescued    INTEGER NOT NULL,
        complete   INTEGER NOT NULL,
        read       INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    ",
    "
    -- The till is locked, by whom and since when.
    ALTER TABLE project ADD COLUMN lock TEXT;
    ",
    "
    -- By which rules a store sells, as last read.
    CREATE TABLE shop (
        server     TEXT NOT NULL,
        location   TEXT NOT NULL,
        shop       TEXT NOT NULL,
        PRIMARY KEY (server, location)
    ) STRICT;
    -- What is being sold on a register, and the chain of this device's receipts on it.
    CREATE TABLE selling (
        server     TEXT NOT NULL,
        register   TEXT NOT NULL,
        chain      TEXT,
        cart       TEXT,
        PRIMARY KEY (server, register)
    ) STRICT;
    -- Carts that wait for their customers, in order.
    CREATE TABLE parked (
        place      INTEGER PRIMARY KEY AUTOINCREMENT,
        server     TEXT NOT NULL,
        register   TEXT NOT NULL,
        id         TEXT NOT NULL,
        parked     TEXT NOT NULL,
        UNIQUE (server, id)
    ) STRICT;
    -- Receipts of this device, in order. A sale that waits is also in the queue, whose column movement holds its id.
    CREATE TABLE receipt (
        place      INTEGER PRIMARY KEY AUTOINCREMENT,
        server     TEXT NOT NULL,
        register   TEXT NOT NULL,
        session    TEXT NOT NULL,
        id         TEXT NOT NULL,
        made_at    INTEGER NOT NULL,
        receipt    TEXT NOT NULL,
        UNIQUE (server, id)
    ) STRICT;
    CREATE INDEX receipt_by_register ON receipt (server, register, place);
    ",
];

/// An opened store file; clones share it.
#[derive(Clone)]
pub struct StoreFile {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
    device_id: DeviceId,
}

/// What opening found.
pub struct Opening {
    /// The file, ready to use.
    pub file: StoreFile,
    /// Unusable earlier files that were taken up just now. Their data is untouched.
    pub set_aside: Vec<SetAside>,
}

/// Why a file cannot be used as it is.
enum Unusable {
    /// Damaged, or of a newer version: another file can take its place.
    Content(String),
    /// The disk or its permissions: no other file would do better.
    Disk(rusqlite::Error),
}

impl StoreFile {
    /// Opens the file, makes it when it is missing, brings it to this version's schema, and checks that it is
    /// whole.
    ///
    /// # Errors
    /// `StoreFailed` when the disk is full, read-only or not accessible.
    pub fn open(path: &Path) -> Result<Opening, Fault> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| failed_at(folder, &cause))?;
        }
        match Self::open_whole(path) {
            Ok(opening) => Ok(opening),
            Err(Unusable::Disk(cause)) => Err(failed_at(path, &cause)),
            Err(Unusable::Content(why)) => {
                set_aside::set_aside(path).map_err(|cause| failed_at(path, &cause))?;
                Self::open_whole(path).map_err(|again| match again {
                    Unusable::Disk(cause) => failed_at(path, &cause),
                    Unusable::Content(again) => failed_at(path, &format!("{why}; and anew: {again}")),
                })
            }
        }
    }

    /// This computer's id, made when the file was.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        self.device_id
    }

    /// Where the catalogue is: beside this file, and of no worth without it.
    pub(crate) fn catalogue_path(&self) -> PathBuf {
        self.path.with_extension("catalogue.sqlite")
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        // SQLite rolls back what a panicking holder left open; the connection itself stays good.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unusable earlier files that nobody has read of yet.
    pub(crate) fn set_aside(&self) -> rusqlite::Result<Vec<SetAside>> {
        set_aside::unread(&self.lock(), self.path.parent().unwrap_or(Path::new("")))
    }

    fn open_whole(path: &Path) -> Result<Opening, Unusable> {
        let mut connection = Connection::open(path).map_err(sort)?;
        // FULL: a commit that was acknowledged survives a power cut, not only a crash.
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
            )
            .map_err(sort)?;
        let verdict: String =
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(sort)?;
        if verdict != "ok" {
            return Err(Unusable::Content(verdict));
        }
        migrate(&mut connection)?;
        let device_id = device_id(&connection)?;
        let set_aside = set_aside::take_up(&mut connection, path).map_err(sort)?;
        let file = Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned(), device_id };
        Ok(Opening { file, set_aside })
    }
}

fn migrate(connection: &mut Connection) -> Result<(), Unusable> {
    let version: usize = connection
        .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
        .map_err(sort)?
        .try_into()
        .unwrap_or(usize::MAX);
    let Some(pending) = MIGRATIONS.get(version..) else {
        return Err(Unusable::Content(format!("schema version {version} is newer than this program")));
    };
    for (offset, migration) in pending.iter().enumerate() {
        let step = connection.transaction().map_err(sort)?;
        step.execute_batch(migration).map_err(sort)?;
        let reached = i64::try_from(version + offset + 1).unwrap_or(i64::MAX);
        step.pragma_update(None, "user_version", reached).map_err(sort)?;
        step.commit().map_err(sort)?;
    }
    Ok(())
}

fn device_id(connection: &Connection) -> Result<DeviceId, Unusable> {
    connection
        .execute(
            "INSERT INTO device (only_row, device_id) VALUES (1, ?1) ON CONFLICT DO NOTHING",
            params![Uuid::new_v4().to_string()],
        )
        .map_err(sort)?;
    let text: Option<String> = connection
        .query_row("SELECT device_id FROM device", [], |row| row.get(0))
        .optional()
        .map_err(sort)?;
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| Unusable::Content("the device id is not an id".into()))
}

fn sort(cause: rusqlite::Error) -> Unusable {
    use rusqlite::ErrorCode as E;
    match cause.sqlite_error_code() {
        Some(E::NotADatabase | E::DatabaseCorrupt) => Unusable::Content(cause.to_string()),
        // A table that is missing or in the way: the version number lies about the schema.
        Some(E::Unknown) => Unusable::Content(cause.to_string()),
        _ => Unusable::Disk(cause),
    }
}

/// The fault for a file that cannot be used.
pub(crate) fn failed_at(path: &Path, cause: &dyn std::fmt::Display) -> Fault {
    Fault::new(Code::StoreFailed, format!("{}: {cause}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn the_device_keeps_its_id() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("deeper/onetill.sqlite");
        let first = StoreFile::open(&path).unwrap().file.device_id();
        assert_eq!(StoreFile::open(&path).unwrap().file.device_id(), first);
    }

    #[test]
    fn a_damaged_file_is_set_aside_with_its_data_and_work_goes_on() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("onetill.sqlite");
        fs::write(&path, b"this was a database once, but somebody opened it in an editor and saved it")
            .unwrap();
        let opening = StoreFile::open(&path).unwrap();
        let [aside] = opening.set_aside.try_into().expect("said where the old file went");
        assert!(fs::read_to_string(&aside.path).unwrap().starts_with("this was a database once"));
        assert!(!aside.complete && aside.rescued == 0, "nothing could be read of it");
        drop(opening.file);
        fs::write(&path, b"again").unwrap();
        let second = StoreFile::open(&path).unwrap().set_aside;
        assert_eq!(second.len(), 2, "who had read of the first one is not known any more");
        assert_ne!(second[1].path, aside.path, "the first one is not overwritten");
        assert!(fs::read_to_string(&aside.path).unwrap().starts_with("this was a database once"));
    }

    #[test]
    fn a_file_with_a_torn_page_is_set_aside() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("onetill.sqlite");
        drop(StoreFile::open(&path).unwrap());
        let mut bytes = fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        for byte in bytes.iter_mut().skip(half) {
            *byte = 0xA5;
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(StoreFile::open(&path).unwrap().set_aside.len(), 1);
    }

    #[test]
    fn a_newer_file_is_set_aside_and_not_touched() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("onetill.sqlite");
        {
            let newer = Connection::open(&path).unwrap();
            newer.execute_batch("CREATE TABLE future (x); PRAGMA user_version = 9999").unwrap();
        }
        let aside = StoreFile::open(&path).unwrap().set_aside.remove(0);
        let kept = Connection::open(aside.path).unwrap();
        assert_eq!(kept.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 9999);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_clear_fault() {
        let folder = tempdir().unwrap();
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, b"").unwrap();
        let fault = StoreFile::open(&in_the_way.join("onetill.sqlite")).err().unwrap();
        assert_eq!(fault.code, Code::StoreFailed);
        assert!(fault.detail.contains("file"), "names the place: {}", fault.detail);
    }
}
