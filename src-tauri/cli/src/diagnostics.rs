//! `onetillctl diagnostics`: what support needs, in one text file that the sender can read before sending it.
//!
//! Invariant: no secret and nobody's money is in it. The project's key is left out, rows of the till's file are counted and
//! not shown, and everything in a log that looks like a token is masked.

use crate::{
    doctor,
    end::{End, Result},
    say::Say,
};
use onetill_store::{Places, config::Config};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// The newest part of the logs, so that the file can be sent by e-mail.
const MOST_LOG: usize = 2 * 1024 * 1024;

/// Collect versions, configuration, the till's file, doctor and logs into one file for support.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl diagnostics --out register-3.txt
  onetillctl diagnostics --email mara@shop.example --out register-3.txt")]
pub(crate) struct Arguments {
    #[command(flatten)]
    doctor: doctor::Arguments,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "onetill-diagnostics.txt")]
    out: PathBuf,
}

/// Runs the command. What the doctor found does not decide how it ends.
pub(crate) async fn run(arguments: &Arguments, say: Say) -> Result<()> {
    let places = Places::from_environment().with_config(arguments.doctor.project.config.clone());
    say.progress("Asking the doctor");
    let (page, project) = doctor::examine(&arguments.doctor, say).await?;
    say.progress("Collecting");
    let mut text = String::new();
    let mut section = |title: &str, body: &str| {
        let _infallible = writeln!(text, "==== {title} ====\n{}\n", body.trim_end());
    };
    section("versions", &versions());
    section("configuration", &configuration(&places));
    section("the till's file", &store(&places));
    section("doctor", &page.text(&project));
    for (name, body) in logs(&places.logs()) {
        section(&name, &body);
    }
    fs::write(&arguments.out, &text)
        .map_err(|cause| End::undone(format!("{}: {cause}", arguments.out.display())))?;
    say.line(format!(
        "Written: {} ({} KB). Read it before you send it.",
        arguments.out.display(),
        text.len() / 1024
    ));
    say.document(&serde_json::json!({"outcome": "written", "file": arguments.out, "bytes": text.len()}));
    Ok(())
}

fn versions() -> String {
    let zone = jiff::tz::TimeZone::system();
    format!(
        "onetillctl {}\nschema version {}\n{} {}\ntime {} in {}",
        env!("CARGO_PKG_VERSION"),
        crate::migrations::schema_version().unwrap_or_default(),
        std::env::consts::OS,
        std::env::consts::ARCH,
        jiff::Timestamp::now(),
        zone.iana_name().unwrap_or("an unknown zone"),
    )
}

fn configuration(places: &Places) -> String {
    let told = match Config::load(&places.config) {
        Ok(config) if config.is_empty() => "empty or missing".to_owned(),
        Ok(config) => {
            let kind = match config.connection() {
                Ok(_) => "a publishable key".to_owned(),
                Err(fault) => format!("{:?}", fault.code),
            };
            format!("url = {}\nkey: {kind}", config.supabase.url)
        }
        Err(fault) => fault.detail,
    };
    format!("{}\n{told}\ndata folder: {}", places.config.display(), places.data.display())
}

fn store(places: &Places) -> String {
    let path = places.store_file();
    if !path.exists() {
        return format!("{}: not there", path.display());
    }
    match doctor::facts(&path) {
        Ok(facts) => format!("{}\n{}", path.display(), facts.join("\n")),
        Err(cause) => format!("{}\ncannot be read: {cause}", path.display()),
    }
}

/// The log files, newest first, as far as they fit.
fn logs(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(std::time::SystemTime, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let data = entry.metadata().ok()?;
            data.is_file().then_some((data.modified().ok()?, entry.path()))
        })
        .collect();
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
        kept.push((name, masked(&String::from_utf8_lossy(tail))));
    }
    kept
}

/// Leaves out every word that could be a token or a key: they are long, and no word, path or id is like them.
pub(crate) fn masked(text: &str) -> String {
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
