//! What becomes of a device's file that cannot be used: damaged, or written by a newer version.
//!
//! Invariants: it is kept beside the new one, byte for byte. What waited in it to be sent (movements, sales and counts) and
//! its carts are read from a copy and put into the new file in the same step in which that is noted, so that a crash in
//! between only repeats it; their own ids see to it that none is recorded twice. The chain of its receipts is not taken
//! up: the new file is another device, and gets a letter of its own. A close under way is not taken up: the server has
//! what was handed in, and whoever counted takes their own count over and counts again.

use jiff::Timestamp;
use onetill_core::{
    Entry, RegisterId,
    count::CountIntent,
    ports::SetAside,
    sale::{Cart, Parked},
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// SQLite's own files beside the main one; they go where it goes, under the names by which SQLite finds them.
pub(crate) const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// What could be read of the queue in a file that cannot be used.
#[derive(Debug, Default)]
pub struct Salvage {
    /// Server and entry, in the order of the queue.
    pub entries: Vec<(String, Entry)>,
    /// Whether that is all of it.
    pub complete: bool,
    /// Server and count of what was counted and not sent.
    pub counts: Vec<(String, CountIntent)>,
    /// Server, register and cart of what was being sold or waited for its customer.
    carts: Vec<(String, String, Parked)>,
}

/// Files that were set aside for this one, oldest first.
#[must_use]
pub fn set_aside_files(path: &Path) -> Vec<PathBuf> {
    let numbered = |file: fs::DirEntry| Some((number_of(path, &file.path())?, file.path()));
    let folder = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    let found: BTreeMap<u32, PathBuf> = folder.into_iter().flatten().flatten().filter_map(numbered).collect();
    found.into_values().collect()
}

/// Reads the queue of a file that was set aside, without touching it.
#[must_use]
pub fn salvage(aside: &Path) -> Salvage {
    let copy = with_suffix(aside, ".copy");
    let copied = fs::copy(aside, &copy).and_then(|_bytes| {
        let log = with_suffix(aside, "-wal");
        if log.exists() { fs::copy(log, with_suffix(&copy, "-wal")).map(drop) } else { Ok(()) }
    });
    let salvage = match copied.ok().and_then(|()| Connection::open(&copy).ok()) {
        Some(file) => all_of(&file),
        None => Salvage::default(),
    };
    for suffix in COMPANIONS.iter().chain(&[""]) {
        // What is left of a copy harms nobody, and the next one replaces it.
        let _ = fs::remove_file(with_suffix(&copy, suffix));
    }
    salvage
}

/// Renames the file and its companions to the first free number.
pub(crate) fn set_aside(path: &Path) -> io::Result<()> {
    let number = (1..).find(|&number| !numbered(path, number).exists()).unwrap_or(1);
    let aside = numbered(path, number);
    // The main file last: until it is gone nothing takes its place, and a crash in between is made good.
    for suffix in COMPANIONS.iter().chain(&[""]) {
        let from = with_suffix(path, suffix);
        if from.exists() {
            fs::rename(&from, with_suffix(&aside, suffix))?;
        }
    }
    Ok(())
}

/// Takes up every file beside this one that is not noted in it yet, and says which those were.
pub(crate) fn take_up(connection: &mut Connection, path: &Path) -> rusqlite::Result<Vec<SetAside>> {
    let mut taken_up = Vec::new();
    for aside in set_aside_files(path) {
        let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let noted = connection
            .query_row("SELECT 1 FROM set_aside WHERE file = ?1", [&name], |_row| Ok(()))
            .optional()?;
        if noted.is_some() {
            continue;
        }
        let found = salvage(&aside);
        let step = connection.transaction()?;
        let mut rescued = 0;
        for (server, entry) in &found.entries {
            let Ok(text) = serde_json::to_string(entry) else { continue };
            rescued += step.execute(
                "INSERT INTO entry (server, movement, entry) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![server, entry.id().to_string(), text],
            )?;
        }
        for (server, count) in &found.counts {
            let Ok(text) = serde_json::to_string(count) else { continue };
            step.execute(
                "INSERT INTO count (server, id, count) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![server, count.id.to_string(), text],
            )?;
        }
        for (server, register, parked) in &found.carts {
            let Ok(text) = serde_json::to_string(parked) else { continue };
            step.execute(
                "INSERT INTO parked (server, register, id, parked) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                params![server, register, parked.cart.id().to_string(), text],
            )?;
        }
        step.execute(
            "INSERT INTO set_aside (file, rescued, complete) VALUES (?1, ?2, ?3)",
            params![name, i64::try_from(rescued).unwrap_or(i64::MAX), found.complete],
        )?;
        step.commit()?;
        taken_up.push(SetAside {
            path: aside.display().to_string(),
            rescued: u32::try_from(rescued).unwrap_or(u32::MAX),
            complete: found.complete,
        });
    }
    Ok(taken_up)
}

/// What nobody has read of yet.
pub(crate) fn unread(connection: &Connection, folder: &Path) -> rusqlite::Result<Vec<SetAside>> {
    let mut query =
        connection.prepare("SELECT file, rescued, complete FROM set_aside WHERE NOT read ORDER BY rowid")?;
    let rows = query.query_map([], |row| {
        let path = folder.join(row.get::<_, String>(0)?).display().to_string();
        Ok(SetAside { path, rescued: row.get(1)?, complete: row.get(2)? })
    })?;
    rows.collect()
}

fn all_of(file: &Connection) -> Salvage {
    let (entries, complete) =
        waiting(file, "movement, entry FROM entry", |id, entry: &Entry| entry.id().to_string() == id);
    // They change no figure, and files of earlier versions have none: what is not found is not said.
    let (counts, _all) =
        waiting(file, "id, count FROM count", |id, count: &CountIntent| count.id.to_string() == id);
    let of_any_register = |register: &str, _: &Parked| register.parse::<RegisterId>().is_ok();
    let (mut carts, _all) = waiting(file, "register, parked FROM parked", of_any_register);
    let open = "register, cart FROM (SELECT rowid AS place, * FROM selling WHERE cart IS NOT NULL)";
    let (open, _all) = waiting(file, open, |_register, _: &Cart| true);
    let parked_at = Timestamp::now();
    carts.extend(open.into_iter().filter_map(|(server, register, cart)| {
        let cart = match cart {
            // Of a refund only what is taken instead can wait.
            Cart::AwaitingServer(refund) => Cart::Paying(refund.then()?.clone()),
            cart => cart,
        };
        Some((server, register, Parked { cart, by_name: String::new(), parked_at, label: String::new() }))
    }));
    Salvage {
        entries: entries.into_iter().map(|(server, _id, entry)| (server, entry)).collect(),
        complete,
        counts: counts.into_iter().map(|(server, _id, count)| (server, count)).collect(),
        carts,
    }
}

/// What waits in one table, in its order, and whether that is all of it: server, id and value. `columns` are the id, the
/// value and the table.
fn waiting<T: DeserializeOwned>(
    file: &Connection,
    columns: &str,
    fits: impl Fn(&str, &T) -> bool,
) -> (Vec<(String, String, T)>, bool) {
    let mut rows = BTreeMap::new();
    // From the front until the damage, then from the back until the damage.
    let complete = read_rows(file, columns, "ASC", &mut rows) || {
        read_rows(file, columns, "DESC", &mut rows);
        false
    };
    let count = rows.len();
    let understood = |[server, id, text]: Row| {
        let value: T = serde_json::from_str(&text).ok()?;
        fits(&id, &value).then_some((server, id, value))
    };
    let found: Vec<(String, String, T)> = rows.into_values().filter_map(understood).collect();
    let complete = complete && found.len() == count;
    (found, complete)
}

/// A row as it stands: the server, the id and the value.
type Row = [String; 3];

/// Reads rows as far as the file lets itself be read; whether that was to the end.
fn read_rows(file: &Connection, columns: &str, order: &str, found: &mut BTreeMap<i64, Row>) -> bool {
    let question = format!("SELECT place, server, {columns} ORDER BY place {order}");
    let Ok(mut query) = file.prepare(&question) else { return false };
    let rows = query.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?])));
    let Ok(rows) = rows else { return false };
    for row in rows {
        let Ok((place, row)) = row else { return false };
        found.insert(place, row);
    }
    true
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    with_suffix(path, &format!(".set-aside-{number}"))
}

fn number_of(path: &Path, candidate: &Path) -> Option<u32> {
    let number: u32 = candidate.to_str()?.rsplit_once("-aside-")?.1.parse().ok()?;
    (numbered(path, number) == candidate).then_some(number)
}
