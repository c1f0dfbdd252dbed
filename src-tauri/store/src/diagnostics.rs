//! What support needs, in one text file that the sender can read before sending it: versions, configuration, the
//! device's file, the flight recorder. The till and the installer's console write the same.
//!
//! Invariants: bounded in size; no secret and nobody's money is in it. The project's key is left out, rows of the
//! device's file are counted and not shown, and everything that looks like a token is masked.

use crate::{Places, Settings, salvage, saved, set_aside_files};
use jiff::{Timestamp, tz::TimeZone};
use onetill_core::Fault;
use rusqlite::{Connection, OpenFlags};
use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The newest part of the logs, so that the file can be sent by e-mail.
const MOST_LOG: usize = 2 * 1024 * 1024;

/// Writes it all down. `program` names the writer and its version, `more` are sections of the writer's own.
#[must_use]
pub fn text(places: &Places, program: &str, more: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut section = |title: &str, body: &str| {
        let _infallible = writeln!(text, "==== {title} ====\n{}\n", masked(body.trim_end()));
    };
    section("versions", &versions(program));
    section("configuration", &configuration(places));
    section("the till's file", &store(places));
    for (title, body) in more {
        section(title, body);
    }
    for (name, body) in logs(&places.logs()) {
        section(&name, &body);
    }
    text
}

/// Saves it where people look for a file, and says where that is.
///
/// # Errors
/// As [`saved::save`].
pub fn save(places: &Places, text: &str) -> Result<PathBuf, Fault> {
    let now = Timestamp::now().to_zoned_datetime(TimeZone::system());
    let name = format!("onetill-diagnostics-{}.txt", now.strftime("%Y-%m-%d-%H%M%S"));
    saved::save(places, &name, text.as_bytes())
}

/// What can be told of a device's file without telling what is in it.
///
/// # Errors
/// When it cannot be read, or is not whole.
pub fn facts(path: &Path) -> Result<Vec<String>, String> {
    let told = |cause: rusqlite::Error| cause.to_string();
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(told)?;
    file.busy_timeout(Duration::from_secs(2)).map_err(told)?;
    let verdict: String = file.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(told)?;
    if verdict != "ok" {
        return Err(verdict);
    }
    let mut facts = rows(&file).map_err(told)?;
    if let Ok(bytes) = fs::metadata(path).map(|data| data.len()) {
        facts.insert(1, format!("{} KB", bytes / 1024));
    }
    let aside = set_aside_files(path).len();
    if aside > 0 {
        facts.push(format!("{aside} earlier file(s) set aside"));
    }
    Ok(facts)
}

/// The version, the device's id, and how many rows each table has.
fn rows(file: &Connection) -> rusqlite::Result<Vec<String>> {
    let version: i64 = file.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let mut facts = vec![format!("whole, version {version}")];
    let device = file.query_row("SELECT device_id FROM device", [], |row| row.get::<_, String>(0));
    facts.extend(device.ok().map(|id| format!("device {id}")));
    let mut tables = file.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for name in names {
        let quoted = name.replace('"', "\"\"");
        let rows: i64 =
            file.query_row(&format!("SELECT count(*) FROM \"{quoted}\""), [], |row| row.get(0))?;
        facts.push(format!("{name} {rows}"));
    }
    Ok(facts)
}

fn versions(program: &str) -> String {
    format!(
        "{program}\n{} {}\ntime {} in {}",
        std::env::consts::OS,
        std::env::consts::ARCH,
        Timestamp::now(),
        TimeZone::system().iana_name().unwrap_or("an unknown zone"),
    )
}

fn configuration(places: &Places) -> String {
    let there = |path: &Path| if path.exists() { "" } else { " (not there)" };
    let told = match Settings::load(places) {
        Ok(settings) => {
            let kind = match settings.values().supabase.connection() {
                Ok(_) => "a publishable key".to_owned(),
                Err(fault) => format!("{:?}", fault.code),
            };
            format!("{}\nkey: {kind}", settings.describe().join("\n"))
        }
        Err(fault) => fault.detail,
    };
    let (person, machine) = (&places.config, &places.machine_config);
    format!(
        "this person: {}{}\nwhole computer: {}{}\n{told}\ndata folder: {}",
        person.display(),
        there(person),
        machine.display(),
        there(machine),
        places.data.display()
    )
}

fn store(places: &Places) -> String {
    let path = places.store_file();
    let mut told = match facts(&path) {
        Ok(facts) => format!("{}\n{}", path.display(), facts.join("\n")),
        Err(_missing) if !path.exists() => format!("{}: not there", path.display()),
        Err(cause) => format!("{}\ncannot be read: {cause}", path.display()),
    };
    for aside in set_aside_files(&path) {
        let found = salvage(&aside);
        let all = if found.complete { "all of them" } else { "its queue cannot be read to the end" };
        let _infallible = write!(
            told,
            "\nset aside: {}\n  {} entries that were not sent can be read in it, {all}",
            aside.display(),
            found.entries.len()
        );
    }
    told
}

/// The log files, newest first, as far as they fit.
fn logs(folder: &Path) -> Vec<(String, String)> {
    let dated = |file: io::Result<fs::DirEntry>| {
        let file = file.ok()?;
        let data = file.metadata().ok()?;
        data.is_file().then_some((data.modified().ok()?, file.path()))
    };
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().filter_map(dated).collect();
    files.sort();
    let mut room = MOST_LOG;
    let mut kept = Vec::new();
    for (_, path) in files.into_iter().rev() {
        if room == 0 {
            break;
        }
        let Ok(bytes) = fs::read(&path) else { continue };
        let tail = bytes.get(bytes.len().saturating_sub(room)..).unwrap_or_default();
        room -= tail.len();
        let name = format!("log {}", path.file_name().unwrap_or_default().to_string_lossy());
        kept.push((name, String::from_utf8_lossy(tail).into_owned()));
    }
    kept
}

/// Leaves out every word that could be a token or a key: they are long, and no word, path or id is like them.
#[must_use]
pub fn masked(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/');
    let mut clean = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        let is_key = word.starts_with("sb_") || word.starts_with("eyJ");
        // An id has 36 characters, a path has slashes.
        let is_long = word.len() > 36 && !word.contains('/') && word.bytes().any(|b| b.is_ascii_digit());
        if is_key || is_long {
            clean.push('…');
            clean.extend(piece.get(word.len()..));
        } else {
            clean.push_str(piece);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_masked_and_what_support_reads_stays() {
        let id = "0e711100-0000-4000-8000-000000000101";
        let log = format!(
            "2026-11-23T18:00:00.123Z answered path=rest/v1/rpc/get_or_create_session id={id} HTTP 503\n\
             key sb_secret_abc token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.sig refresh 0123456789abcdef0123456789abcdef0123456789"
        );
        let clean = masked(&log);
        assert!(
            clean.contains(id) && clean.contains("get_or_create_session") && clean.contains("18:00:00.123Z")
        );
        for secret in ["sb_secret", "eyJhb", "0123456789abcdef"] {
            assert!(!clean.contains(secret), "{clean}");
        }
    }

    #[test]
    fn the_newest_logs_are_the_ones_that_fit() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("onetill.2026-11-22.log"), "x ".repeat(MOST_LOG)).unwrap();
        let kept: usize = logs(folder.path()).iter().map(|(_, body)| body.len()).sum();
        assert_eq!(kept, MOST_LOG);
        assert!(logs(&folder.path().join("none")).is_empty());
    }
}
