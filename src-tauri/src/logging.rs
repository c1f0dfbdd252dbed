//! The flight recorder: calls, answers, changes of the screen and faults of the last days, as JSON lines.
//!
//! Invariants: bounded in size; nothing secret is written. What is logged is redacted at its source; this module only
//! decides where it goes.

use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Twelve files of four MiB: about a week of a busy register.
const FILE_BYTES: usize = 4 * 1024 * 1024;
const OLDER_FILES: usize = 11;

/// What is recorded unless `ONETILL_LOG` says otherwise: everything of our own, warnings of everything else.
const RECORDED: &str = "warn,onetill=debug,onetill_core=debug,onetill_supabase=debug";

/// Starts recording; what is still in memory is written when the guard is dropped. A folder that cannot be written
/// leaves the till without a recorder, not without a till.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let level = |usual: &str| {
        EnvFilter::builder()
            .with_env_var("ONETILL_LOG")
            .try_from_env()
            .unwrap_or_else(|_unset| EnvFilter::new(usual))
    };
    let recorder = std::fs::create_dir_all(folder).ok().map(|()| {
        let limit = ContentLimit::BytesSurpassed(FILE_BYTES);
        let suffix = AppendCount::new(OLDER_FILES);
        tracing_appender::non_blocking(FileRotate::new(
            folder.join("onetill.log"),
            suffix,
            limit,
            Compression::None,
            None,
        ))
    });
    let (layer, guard) = match recorder {
        Some((writer, guard)) => {
            (Some(fmt::layer().json().with_writer(writer).with_filter(level(RECORDED))), Some(guard))
        }
        None => (None, None),
    };
    let console = cfg!(debug_assertions)
        .then(|| fmt::layer().with_writer(std::io::stderr).with_filter(level("warn,onetill=info")));
    // Fails only when a subscriber is set already, and then there is a log.
    let _ = tracing_subscriber::registry().with(layer).with(console).try_init();
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a mistake of this program")));
    guard
}
