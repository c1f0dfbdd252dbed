//! Files that people asked for: where they are put, and under which name.
//!
//! Invariant: a file that is there already is never written over.

use crate::Places;
use onetill_core::{Code, Fault};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Saves a file where people look for one: among the downloads, else the documents, else at home, else with the till's
/// own files. A till with a data folder of its own keeps it there. Says where it is.
///
/// # Errors
/// `StoreFailed` when none of these folders can be written.
pub fn save(places: &Places, name: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
    let own = Some(places.data.join("saved"));
    let folders = match places.own_identity() {
        Some(_) => vec![own],
        None => vec![dirs::download_dir(), dirs::document_dir(), dirs::home_dir(), own],
    };
    save_in(folders.into_iter().flatten(), name, bytes)
}

fn save_in(folders: impl Iterator<Item = PathBuf>, name: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
    let name = plain(name);
    let mut why = Fault::new(Code::StoreFailed, "there is no folder for it");
    for folder in folders {
        match write(&folder, &name, bytes) {
            Ok(path) => return Ok(path),
            Err(cause) => why = crate::file::failed_at(&folder.join(&name), &cause),
        }
    }
    Err(why)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    for number in 1_u16..=999 {
        let path = match number {
            1 => folder.join(name),
            _ => folder.join(format!("{stem} ({number}).{ending}")),
        };
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(cause),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "a thousand files of this name"))
}

/// The name without what a file system would take for something else.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_alphanumeric() || " .-_".contains(letter) { letter } else { '-' })
        .take(120)
        .collect();
    plain.trim_matches([' ', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn what_is_there_stays_and_no_name_leads_elsewhere() {
        let folder = tempdir().unwrap();
        let save =
            |bytes: &[u8]| save_in([folder.path().to_owned()].into_iter(), "../Z 7: Straße/1.pdf", bytes);
        let (first, second) = (save(b"one").unwrap(), save(b"two").unwrap());
        assert_eq!(first.file_name().unwrap(), "-Z 7- Straße-1.pdf");
        assert_eq!(second.file_name().unwrap(), "-Z 7- Straße-1 (2).pdf");
        assert_eq!(std::fs::read(first).unwrap(), b"one");
    }

    #[test]
    fn the_next_folder_serves_where_one_does_not() {
        let folder = tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let folders = [blocked.clone(), folder.path().join("new")];
        assert!(save_in(folders.into_iter(), "a.csv", b"x").unwrap().ends_with("new/a.csv"));
        assert_eq!(save_in([blocked].into_iter(), "a.csv", b"x").unwrap_err().code, Code::StoreFailed);
    }
}
