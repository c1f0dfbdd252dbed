//! Newer versions of the program: what the window shows of them and may ask for.
//!
//! Whether and when one is installed is decided in `onetill_core::update`. A build without the feature `updater` never
//! looks for one; so it is while developing, and where a shop's own tools install programs.

#![expect(clippy::needless_pass_by_value, reason = "the form in which Tauri hands over its state")]

#[cfg(not(feature = "updater"))]
mod absent;
#[cfg(feature = "updater")]
mod real;

#[cfg(not(feature = "updater"))]
pub(crate) use absent::Updates;
#[cfg(feature = "updater")]
pub(crate) use real::Updates;

use onetill_core::update::ProgramVersion;
use std::sync::Arc;
use tauri::State;

/// What runs, and what could run instead. Changes come as the event `version`.
#[tauri::command]
pub(crate) fn program_version(updates: State<'_, Arc<Updates>>) -> ProgramVersion {
    updates.version()
}

/// Somebody wants the newer version now.
#[tauri::command]
pub(crate) fn install_update(updates: State<'_, Arc<Updates>>) {
    updates.agree();
}
