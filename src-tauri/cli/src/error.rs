//! How a command ends, and which exit code says so.

use std::process::ExitCode;

/// Why a command did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// It was carried out and found something wrong: exit code 1. The report has been printed.
    #[error("{0}")]
    ProblemsFound(String),
    /// It was asked for in a way that cannot be: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It could not be carried out: exit code 3.
    #[error("{0}")]
    Failed(String),
    /// Somebody pressed Ctrl-C, and what was begun has been cleaned up: exit code 130.
    #[error("stopped")]
    Interrupted,
}

impl CliError {
    /// It could not be carried out, because of this.
    pub(crate) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed(cause.to_string())
    }

    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::ProblemsFound(_) => 1,
            Self::Usage(_) => 2,
            Self::Failed(_) => 3,
            Self::Interrupted => 130,
        })
    }
}

/// What every command answers with.
pub(crate) type Result<T> = std::result::Result<T, CliError>;

/// Told by `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    done, and nothing is wrong
  1    done, and something is wrong: a check failed, a race was found
  2    asked for in a way that cannot be
  3    could not be carried out: not reachable, not allowed, refused
  130  stopped by Ctrl-C, after cleaning up";
