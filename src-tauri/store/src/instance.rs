//! One running till per data folder.
//!
//! Invariant: while an [`Instance`] lives, no other process on this computer owns the same folder; two owners
//! would spend one another's single-use refresh tokens.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
    process,
};

/// Ownership of a data folder; given up on drop, and by the operating system when the process dies.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
}

/// Why the folder cannot be owned.
#[derive(Debug, thiserror::Error)]
pub enum InstanceProblem {
    /// Another till runs on it.
    #[error("another Onetill is already running here")]
    AlreadyRunning,
    /// The folder cannot be written.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] io::Error),
}

impl Instance {
    /// Takes the folder, and writes this process's id into `onetill.lock` for whoever looks.
    ///
    /// # Errors
    /// [`InstanceProblem`].
    pub fn take(folder: &Path) -> Result<Self, InstanceProblem> {
        fs::create_dir_all(folder)?;
        let path = folder.join("onetill.lock");
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(InstanceProblem::AlreadyRunning),
            Err(TryLockError::Error(cause)) => return Err(cause.into()),
        }
        // On a full disk the number cannot be told; the lock holds all the same, and the till says that the disk is full.
        let _ = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_begin| writeln!(file, "{}", process::id()));
        Ok(Self { _lock: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Instance::take(folder.path()).unwrap();
        assert!(matches!(Instance::take(folder.path()), Err(InstanceProblem::AlreadyRunning)));
        drop(first);
        let _second = Instance::take(folder.path()).expect("free again");
        let text = fs::read_to_string(folder.path().join("onetill.lock")).unwrap();
        assert_eq!(text.trim(), process::id().to_string());
    }
}
