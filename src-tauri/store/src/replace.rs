//! Files that are written whole. Invariant: either the old or the new content is there, whatever happens.

use std::{fs, io, path::Path};

/// Puts this text in place of the file.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&fresh, text)?;
    // Windows syncs only what was opened for writing.
    fs::OpenOptions::new().write(true).open(&fresh)?.sync_all()?;
    fs::rename(&fresh, path)
}
