//! The database part, as this program carries it.
//!
//! Invariant: every file of `supabase/migrations` is here, whole and in order; the first one holds the preflight, which
//! changes nothing of a shop's own.

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde::Serialize;

/// One file of `supabase/migrations`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Migration {
    /// The number that orders it, as `onetill.migrations` has it.
    pub(crate) version: &'static str,
    /// What it is about.
    pub(crate) name: &'static str,
    /// Its text.
    #[serde(skip)]
    pub(crate) sql: &'static str,
}

impl Migration {
    /// The SHA-256 of the text in lower-case hexadecimal, as `onetill.migrations` has it.
    pub(crate) fn hash(&self) -> String {
        HEXLOWER.encode(digest(&SHA256, self.sql.as_bytes()).as_ref())
    }

    /// The file's name, as people see it in the folder.
    pub(crate) fn file(&self) -> String {
        format!("{}_{}.sql", self.version, self.name)
    }
}

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// Tells the first file which schema version the files bring, so that it refuses a newer database and not its own.
pub(crate) fn announcement() -> String {
    format!("set local onetill.brings = '{}'", schema_version().unwrap_or_default())
}

/// Every migration, in the order in which they apply.
pub(crate) fn all() -> impl Iterator<Item = Migration> {
    FILES.iter().filter_map(|(file, sql)| {
        let (version, name) = file.strip_suffix(".sql")?.split_once('_')?;
        Some(Migration { version, name, sql })
    })
}

/// The schema version that these files make: what the last definition of `onetill.schema_version` answers.
pub(crate) fn schema_version() -> Option<i32> {
    all()
        .filter_map(|migration| {
            let (_, after) = migration.sql.rsplit_once("function onetill.schema_version()")?;
            let body = after.split("$$").nth(1)?;
            body.trim().strip_prefix("select")?.trim().trim_end_matches(';').parse().ok()
        })
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn nothing_is_missing_and_nothing_is_old() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../supabase/migrations");
        let on_disk: BTreeMap<String, String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect();
        let embedded: BTreeMap<String, String> =
            all().map(|file| (file.file(), file.sql.to_owned())).collect();
        assert!(!embedded.is_empty(), "there is something to deploy");
        assert_eq!(embedded.keys().collect::<Vec<_>>(), on_disk.keys().collect::<Vec<_>>());
        assert_eq!(embedded, on_disk);
    }

    #[test]
    fn a_hash_is_the_one_that_other_programs_compute() {
        let abc = Migration { version: "1", name: "abc", sql: "abc" };
        assert_eq!(abc.hash(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn they_are_in_order_and_say_which_schema_they_make() {
        let versions: Vec<_> = all().map(|m| m.version).collect();
        assert!(versions.is_sorted(), "{versions:?}");
        assert!(schema_version().is_some_and(|version| version >= 1));
    }
}
