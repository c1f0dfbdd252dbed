//! The one file that this program must never leave on the disk: an image of its memory, which holds tokens and,
//! for a moment, a password.
//!
//! Invariant: after [`forbid_core_dumps`] neither this process nor one that it starts (the web view) writes one.

/// Forbids core dumps from here on, also for whoever raises the limit later: the hard limit goes down with it.
///
/// On Windows, Error Reporting decides, and is told by the registry (see the README); there this does nothing.
///
/// # Errors
/// When the operating system refuses.
pub fn forbid_core_dumps() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Linux hands a dump over to a program such as systemd-coredump whatever the limit is, save when it is one
        // byte, which it takes for "none at all" (do_coredump in the kernel); for a file that is too little as well.
        let limit = Some(u64::from(cfg!(target_os = "linux")));
        setrlimit(Resource::Core, Rlimit { current: limit, maximum: limit })?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn neither_this_process_nor_one_that_it_starts_leaves_an_image() {
        forbid_core_dumps().unwrap();
        forbid_core_dumps().expect("once more changes nothing");
        let folder = tempfile::tempdir().unwrap();
        let ended =
            Command::new("sh").args(["-c", "kill -ABRT $$"]).current_dir(folder.path()).status().unwrap();
        assert!(!ended.success(), "it crashed");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and left nothing");
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert!(limit.maximum.is_some_and(|most| most <= 1), "for good: {limit:?}");
    }
}
