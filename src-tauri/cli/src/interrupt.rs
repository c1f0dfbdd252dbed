//! Ctrl-C as a question that is asked at the right moments, so that what was begun can be cleaned up.

use crate::error::{CliError, Result};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether somebody wants to stop. From its making on, Ctrl-C no longer ends the process by itself.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub(crate) fn listen() -> Self {
        let pressed = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&pressed);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                heard.store(true, Ordering::Relaxed);
            }
        });
        Self(pressed)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// `Interrupted` once somebody pressed it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_set() { Err(CliError::Interrupted) } else { Ok(()) }
    }
}
