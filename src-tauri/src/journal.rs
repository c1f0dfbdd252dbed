//! The log: one file a day, the last seven kept, and standard error in development builds.
//!
//! Invariant: nothing secret is written. What is logged is redacted at its source; this module only decides
//! where it goes.

use std::path::Path;
use tracing_appender::{non_blocking::WorkerGuard, rolling};
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging; the log is flushed when the guard is dropped. A folder that cannot be written leaves the till
/// without a log file, not without a till.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let level = || {
        EnvFilter::builder().with_env_var("ONETILL_LOG").try_from_env().unwrap_or_else(|_unset| {
            EnvFilter::new("warn,onetill=info,onetill_core=info,onetill_supabase=info")
        })
    };
    let file = std::fs::create_dir_all(folder).ok().and_then(|()| {
        rolling::Builder::new()
            .rotation(rolling::Rotation::DAILY)
            .filename_prefix("onetill")
            .filename_suffix("log")
            .max_log_files(7)
            .build(folder)
            .ok()
    });
    let (layer, guard) = match file.map(tracing_appender::non_blocking) {
        Some((writer, guard)) => {
            (Some(fmt::layer().json().with_writer(writer).with_filter(level())), Some(guard))
        }
        None => (None, None),
    };
    let console =
        cfg!(debug_assertions).then(|| fmt::layer().with_writer(std::io::stderr).with_filter(level()));
    // Fails only when a subscriber is set already, and then there is a log.
    let _ = tracing_subscriber::registry().with(layer).with(console).try_init();
    guard
}
