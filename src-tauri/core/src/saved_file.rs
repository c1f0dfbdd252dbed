//! What came of writing a file that people asked for.
//!
//! Invariant: it has a place or a reason why there is none.

use crate::Fault;
use serde::Serialize;

/// What came of saving a file for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SavedFile {
    /// Where it is; `None` when it could not be saved.
    pub path: Option<String>,
    /// Why it could not be saved.
    pub fault: Option<Fault>,
}
