//! The device's own files. Invariant I8: what a call here has acknowledged is on the disk, and is there again
//! after a crash or a power cut.

pub mod config;
mod core_dump;
pub mod diagnostics;
mod file;
mod instance;
mod places;
mod project;
pub mod saved;
mod set_aside;

pub use core_dump::forbid_core_dumps;
pub use file::{Opening, StoreFile};
pub use instance::{Instance, InstanceProblem};
pub use places::Places;
pub use project::ProjectStore;
pub use set_aside::{Salvage, salvage, set_aside_files};
