//! The device's own files. Invariant I8: what a call here has acknowledged is on the disk, and is there again
//! after a crash or a power cut.

pub mod autostart;
mod catalogue;
pub mod config;
mod core_dump;
pub mod diagnostics;
mod file;
mod instance;
mod places;
mod project;
mod replace;
pub mod saved;
mod set_aside;
mod settings;
mod window_place;

pub use catalogue::CatalogueFile;
pub use core_dump::forbid_core_dumps;
pub use file::{Opening, StoreFile};
pub use instance::{Instance, InstanceProblem};
pub use places::{Places, for_administrators_only};
pub use project::ProjectStore;
pub use set_aside::{Salvage, salvage, set_aside_files};
pub use settings::{Settings, Source};
pub use window_place::{Area, WindowPlace};
