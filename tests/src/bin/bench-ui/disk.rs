//! The till's file as another process sees it: what it finds there has been written and synced.

use std::path::Path;

use onetill_tests::Result;
use rusqlite::{Connection, OpenFlags};

/// What presses at the selling screen write, and nothing else does: the cart, and the place of the last receipt.
const WRITTEN: &str = "SELECT (SELECT group_concat(cart) FROM selling), (SELECT max(place) FROM receipt)";

type Written = (Option<String>, Option<i64>);

/// The file, watched for the next press.
pub(crate) struct Disk {
    file: Connection,
    version: i64,
    written: Written,
}

impl Disk {
    /// Watches the file in a till's folder.
    pub(crate) fn watch(data: &Path) -> Result<Self> {
        let file = Connection::open_with_flags(
            data.join("onetill.sqlite"),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let mut disk = Self { file, version: -1, written: Written::default() };
        disk.has_changed()?;
        Ok(disk)
    }

    /// Whether a press was written since this was last so.
    pub(crate) fn has_changed(&mut self) -> Result<bool> {
        let version = self.file.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if version == self.version {
            return Ok(false);
        }
        self.version = version;
        let written = self.file.query_row(WRITTEN, [], |row| Ok::<Written, _>((row.get(0)?, row.get(1)?)))?;
        let is_news = written != self.written;
        self.written = written;
        Ok(is_news)
    }
}
