//! The twin of a program that is kept up to date by others.

use crate::app_state::AppState;
use onetill_core::update::ProgramVersion;
use std::sync::Arc;
use tauri::AppHandle;

/// Knows what runs, and of nothing newer.
pub(crate) struct Updates {
    installed: String,
}

impl Updates {
    pub(crate) fn start(app: &AppHandle, _state: Arc<AppState>) -> Arc<Self> {
        Arc::new(Self { installed: app.package_info().version.to_string() })
    }

    pub(crate) fn version(&self) -> ProgramVersion {
        ProgramVersion { installed: self.installed.clone(), newer: None }
    }

    /// Nothing is offered, so nobody can agree to it.
    pub(crate) fn agree(&self) {}
}
