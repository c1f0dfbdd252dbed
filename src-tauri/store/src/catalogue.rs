//! The catalogue of a location on this device, in a file of its own.
//!
//! Invariants: nothing here is the only copy, so a damaged file is thrown away and loaded anew; a page is taken up whole or
//! not at all; a first load goes into tables beside those that are searched, which take their place with its last page.

mod search;

use crate::{
    file::failed_at,
    set_aside::{COMPANIONS, with_suffix},
};
use onetill_core::{
    Fault, ItemId, LocationId,
    sale::Item,
    selling::{Catalogue, CatalogueItem, CataloguePage, FoundItem},
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// A file of any other layout is thrown away.
const LAYOUT: i64 = 1;

/// Whose catalogue stands in which of the two sets of tables, and up to where.
const KEPT: &str = "
    CREATE TABLE catalogue (
        only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
        live       INTEGER NOT NULL,
        location   BLOB,
        cursor     INTEGER,
        loading    BLOB,
        loaded     INTEGER
    ) STRICT;
    INSERT INTO catalogue (only_row, live) VALUES (1, 0);
";

/// One set of tables: items, their codes, the words of their names, and every three letters of these.
fn tables(set: i64) -> String {
    format!(
        "
    CREATE TABLE item_{set} (
        no         INTEGER PRIMARY KEY,
        id         BLOB NOT NULL UNIQUE,
        version    INTEGER NOT NULL,
        name       TEXT NOT NULL,
        short_name TEXT,
        sku        TEXT COLLATE NOCASE,
        unit       TEXT,
        price      TEXT,
        price_open INTEGER NOT NULL,
        tax_code   TEXT,
        age_limit  INTEGER
    ) STRICT;
    CREATE INDEX item_{set}_sku ON item_{set} (sku) WHERE sku IS NOT NULL;
    CREATE TABLE code_{set} (
        code       TEXT PRIMARY KEY,
        item       INTEGER NOT NULL,
        factor     TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX code_{set}_item ON code_{set} (item);
    CREATE VIRTUAL TABLE word_{set} USING fts5 (
        name, short_name, sku, content = 'item_{set}', content_rowid = 'no',
        tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
    );
    CREATE VIRTUAL TABLE part_{set} USING fts5 (
        name, content = 'item_{set}', content_rowid = 'no', tokenize = 'trigram remove_diacritics 1'
    );
    CREATE TRIGGER item_{set}_added AFTER INSERT ON item_{set} BEGIN
        INSERT INTO word_{set} (rowid, name, short_name, sku) VALUES (new.no, new.name, new.short_name, new.sku);
        INSERT INTO part_{set} (rowid, name) VALUES (new.no, new.name);
    END;
    CREATE TRIGGER item_{set}_removed AFTER DELETE ON item_{set} BEGIN
        INSERT INTO word_{set} (word_{set}, rowid, name, short_name, sku)
            VALUES ('delete', old.no, old.name, old.short_name, old.sku);
        INSERT INTO part_{set} (part_{set}, rowid, name) VALUES ('delete', old.no, old.name);
        DELETE FROM code_{set} WHERE item = old.no;
    END;
    CREATE TRIGGER item_{set}_renamed AFTER UPDATE ON item_{set}
        WHEN (old.name, old.short_name, old.sku) IS NOT (new.name, new.short_name, new.sku) BEGIN
        INSERT INTO word_{set} (word_{set}, rowid, name, short_name, sku)
            VALUES ('delete', old.no, old.name, old.short_name, old.sku);
        INSERT INTO part_{set} (part_{set}, rowid, name) VALUES ('delete', old.no, old.name);
        INSERT INTO word_{set} (rowid, name, short_name, sku) VALUES (new.no, new.name, new.short_name, new.sku);
        INSERT INTO part_{set} (rowid, name) VALUES (new.no, new.name);
    END;
    "
    )
}

fn without_tables(set: i64) -> String {
    ["word", "part", "code", "item"].map(|table| format!("DROP TABLE IF EXISTS {table}_{set};")).concat()
}

/// The catalogue's file, opened. Who searches does not wait for a page that is being taken up.
pub struct CatalogueFile {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

/// The row of [`KEPT`].
struct Kept {
    live: i64,
    location: Option<LocationId>,
    cursor: Option<i64>,
    loading: Option<LocationId>,
    loaded: Option<i64>,
}

impl CatalogueFile {
    /// Opens the file, or an empty one in place of a file that is missing, damaged or of another layout.
    ///
    /// # Errors
    /// `StoreFailed` when the disk is full, read-only or not accessible.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let failed = |cause: &dyn std::fmt::Display| failed_at(path, cause);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| failed(&cause))?;
        }
        let opened = open_both(path).or_else(|cause| {
            if !is_damage(&cause) {
                return Err(failed(&cause));
            }
            tracing::warn!(%cause, "the catalogue's file is not usable and is loaded anew");
            remove(path).map_err(|cause| failed(&cause))?;
            open_both(path).map_err(|cause| failed(&cause))
        });
        let (writer, reader) = opened?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }

    /// Reads something of the set of tables that is live. The set and all that is read of it are of the same moment.
    fn read<T>(&self, read: impl Fn(&Transaction<'_>, &Kept) -> rusqlite::Result<T>) -> Result<T, Fault> {
        let attempt = || {
            let mut reader = held(&self.reader);
            let moment = reader.transaction()?;
            let kept = kept(&moment)?;
            read(&moment, &kept)
        };
        self.whole(attempt)
    }

    /// Does something to the file, and again to an empty one where it turns out to be damaged.
    fn whole<T>(&self, attempt: impl Fn() -> rusqlite::Result<T>) -> Result<T, Fault> {
        let done = attempt().or_else(|cause| {
            if !is_damage(&cause) {
                return Err(cause);
            }
            tracing::warn!(%cause, "the catalogue's file is damaged and is loaded anew");
            self.start_again()?;
            attempt()
        });
        done.map_err(|cause| failed_at(&self.path, &cause))
    }

    fn start_again(&self) -> rusqlite::Result<()> {
        let (mut writer, mut reader) = (held(&self.writer), held(&self.reader));
        // Both let go of the file first.
        *writer = Connection::open_in_memory()?;
        *reader = Connection::open_in_memory()?;
        remove(&self.path).map_err(|cause| rusqlite::Error::ToSqlConversionFailure(cause.into()))?;
        (*writer, *reader) = open_both(&self.path)?;
        Ok(())
    }
}

impl Catalogue for CatalogueFile {
    fn cursor(&self, location: LocationId) -> Result<Option<i64>, Fault> {
        self.read(|_moment, kept| {
            Ok(match (kept.location == Some(location), kept.loading == Some(location)) {
                (true, _) => kept.cursor,
                (false, true) => kept.loaded,
                (false, false) => None,
            })
        })
    }

    fn apply(&self, location: LocationId, page: &CataloguePage) -> Result<(), Fault> {
        self.whole(|| {
            let mut writer = held(&self.writer);
            let step = writer.transaction()?;
            take_up(&step, location, page)?;
            step.commit()
        })
    }

    fn item(&self, location: LocationId, id: ItemId) -> Result<Option<Item>, Fault> {
        self.read(|moment, kept| match kept.of(location) {
            Some(set) => Ok(search::by_id(moment, set, id)?.map(|found| found.item)),
            None => Ok(None),
        })
    }

    fn by_code(&self, location: LocationId, code: &str) -> Result<Option<FoundItem>, Fault> {
        self.read(|moment, kept| match kept.of(location) {
            Some(set) => search::by_code(moment, set, code),
            None => Ok(None),
        })
    }

    fn search(&self, location: LocationId, typed: &str) -> Result<Vec<FoundItem>, Fault> {
        self.read(|moment, kept| match kept.of(location) {
            Some(set) => search::search(moment, set, typed),
            None => Ok(Vec::new()),
        })
    }
}

impl Kept {
    /// The set of tables with the catalogue of this location.
    fn of(&self, location: LocationId) -> Option<i64> {
        (self.location == Some(location)).then_some(self.live)
    }
}

fn kept(moment: &Transaction<'_>) -> rusqlite::Result<Kept> {
    let text = "SELECT live, location, cursor, loading, loaded FROM catalogue";
    moment.prepare_cached(text)?.query_row([], |row| {
        let id = |bytes: Option<[u8; 16]>| bytes.map(|bytes| LocationId(Uuid::from_bytes(bytes)));
        Ok(Kept {
            live: row.get(0)?,
            location: id(row.get(1)?),
            cursor: row.get(2)?,
            loading: id(row.get(3)?),
            loaded: row.get(4)?,
        })
    })
}

fn take_up(step: &Transaction<'_>, location: LocationId, page: &CataloguePage) -> rusqlite::Result<()> {
    let kept = kept(step)?;
    if let Some(live) = kept.of(location) {
        write(step, live, page)?;
        step.execute("UPDATE catalogue SET cursor = ?1", [page.cursor])?;
        return Ok(());
    }
    let beside = 1 - kept.live;
    if kept.loading != Some(location) {
        step.execute_batch(&(without_tables(beside) + &tables(beside)))?;
    }
    write(step, beside, page)?;
    if page.more {
        let under_way = params![location.0.as_bytes(), page.cursor];
        step.execute("UPDATE catalogue SET loading = ?1, loaded = ?2", under_way)?;
    } else {
        let whole = params![beside, location.0.as_bytes(), page.cursor];
        step.execute(
            "UPDATE catalogue SET live = ?1, location = ?2, cursor = ?3, loading = NULL, loaded = NULL",
            whole,
        )?;
        step.execute_batch(&without_tables(kept.live))?;
    }
    Ok(())
}

/// Writes a page into a set of tables. What is there in a newer version stays.
fn write(step: &Transaction<'_>, set: i64, page: &CataloguePage) -> rusqlite::Result<()> {
    let mut remove = step.prepare_cached(&format!("DELETE FROM item_{set} WHERE id = ?1"))?;
    for id in &page.removed {
        remove.execute([id.0.as_bytes()])?;
    }
    let mut item = step.prepare_cached(&format!(
        "INSERT INTO item_{set} (id, version, name, short_name, sku, unit, price, price_open, tax_code, age_limit)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name,
                short_name = excluded.short_name, sku = excluded.sku, unit = excluded.unit, price = excluded.price,
                price_open = excluded.price_open, tax_code = excluded.tax_code, age_limit = excluded.age_limit
                WHERE version <= excluded.version
            RETURNING no"
    ))?;
    let mut without_codes = step.prepare_cached(&format!("DELETE FROM code_{set} WHERE item = ?1"))?;
    let mut code = step.prepare_cached(&format!(
        "INSERT OR REPLACE INTO code_{set} (code, item, factor) VALUES (?1, ?2, ?3)"
    ))?;
    for CatalogueItem { item: one, short_name, sku, codes, version, category: _ } in &page.items {
        let row = params![
            one.id.0.as_bytes(),
            version,
            one.name,
            short_name,
            sku,
            one.unit,
            one.price.map(|price| price.to_string()),
            one.price_is_open,
            one.tax_code,
            one.age_limit,
        ];
        let Some(no) = item.query_row(row, |row| row.get::<_, i64>(0)).optional()? else { continue };
        without_codes.execute([no])?;
        for of_it in codes {
            code.execute(params![of_it.code, no, of_it.factor.to_string()])?;
        }
    }
    Ok(())
}

fn open_both(path: &Path) -> rusqlite::Result<(Connection, Connection)> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        // NORMAL: a power cut may take the last pages back, and the cursor with them.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;",
        )?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    let mut writer = open()?;
    let layout: i64 = writer.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if layout == 0 {
        let step = writer.transaction()?;
        step.execute_batch(KEPT)?;
        step.execute_batch(&tables(0))?;
        step.pragma_update(None, "user_version", LAYOUT)?;
        step.commit()?;
    } else if layout != LAYOUT {
        return Err(rusqlite::Error::InvalidQuery);
    }
    kept(&writer.transaction()?)?;
    Ok((writer, open()?))
}

/// Whether the content of the file is at fault: another one can take its place. Else it is the disk.
fn is_damage(cause: &rusqlite::Error) -> bool {
    match cause {
        rusqlite::Error::SqliteFailure(..) | rusqlite::Error::SqlInputError { .. } => matches!(
            cause.sqlite_error_code(),
            // Unknown: a table that is missing or in the way.
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
        ),
        rusqlite::Error::ToSqlConversionFailure(_) => false,
        // What stands in a row is not what was written there.
        _ => true,
    }
}

fn remove(path: &Path) -> io::Result<()> {
    for suffix in COMPANIONS.iter().chain(&[""]) {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    Ok(())
}

fn held(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // SQLite rolls back what a panicking holder left open; the connection itself stays good.
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
