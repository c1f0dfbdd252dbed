//! A vault that nobody waits for: what is to be kept is handed over, and kept in order by a thread of its own.
//!
//! Invariants: a keychain that hangs (locked, or asking a person behind the window) costs whoever signs in or out one
//! short wait, and from then on none until it answers; the last thing handed over is what it holds in the end; a secret
//! that could not be kept does not leave an older one in its place.

use onetill_core::{Fault, ports::Vault};
use secrecy::SecretString;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

/// A keychain that works answers in milliseconds. Somebody stands at the till.
const PROMPT: Duration = Duration::from_secs(1);

pub(crate) struct SecretKeeper {
    vault: Arc<dyn Vault>,
    writes: Mutex<Writes>,
    /// The number of the last write that is done.
    done: watch::Sender<u64>,
    /// It answered when it was last asked, or was not asked yet.
    answers: AtomicBool,
    /// What it was last asked for worked.
    works: AtomicBool,
}

#[derive(Default)]
struct Writes {
    /// The number of the last write that was handed over.
    last: u64,
    /// What is to be written next: a secret, or nothing in its place.
    wanted: Option<Option<SecretString>>,
    is_writing: bool,
}

impl SecretKeeper {
    /// Nothing is asked of the vault yet.
    pub(crate) fn new(vault: Arc<dyn Vault>) -> Self {
        Self {
            vault,
            writes: Mutex::default(),
            done: watch::Sender::new(0),
            answers: AtomicBool::new(true),
            works: AtomicBool::new(true),
        }
    }

    /// Whether what was last handed over is kept, as far as is known.
    pub(crate) fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }

    /// What the vault holds; `None` where it did not say so in this time.
    pub(crate) async fn load(self: &Arc<Self>, patience: Duration) -> Option<Option<SecretString>> {
        if !self.answers.load(Ordering::Relaxed) {
            return None;
        }
        let keeper = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let loaded = keeper.vault.load();
            keeper.answered("read", loaded.as_ref().err());
            loaded.ok()
        });
        match timeout(patience, asked).await {
            Ok(loaded) => loaded.ok().flatten(),
            Err(_elapsed) => {
                self.is_silent("read");
                None
            }
        }
    }

    /// The same, for somebody who stands at the till.
    pub(crate) async fn load_promptly(self: &Arc<Self>) -> Option<Option<SecretString>> {
        self.load(PROMPT).await
    }

    /// Has this kept in place of what was there before; `None` has it removed. Returns when that is done, or after a
    /// short while in which the keychain did not answer; then it is done when it does.
    pub(crate) async fn keep(self: &Arc<Self>, secret: Option<SecretString>) {
        let mut done = self.done.subscribe();
        let number = self.hand_over(secret);
        if !self.answers.load(Ordering::Relaxed) {
            return;
        }
        if timeout(PROMPT, done.wait_for(|last| *last >= number)).await.is_err() {
            self.is_silent("write");
        }
    }

    fn hand_over(self: &Arc<Self>, secret: Option<SecretString>) -> u64 {
        let mut writes = self.writes();
        writes.last += 1;
        writes.wanted = Some(secret);
        if !writes.is_writing {
            writes.is_writing = true;
            let keeper = Arc::clone(self);
            tokio::task::spawn_blocking(move || keeper.write_all());
        }
        writes.last
    }

    fn write_all(&self) {
        loop {
            let (number, secret) = {
                let mut writes = self.writes();
                let Some(secret) = writes.wanted.take() else {
                    writes.is_writing = false;
                    return;
                };
                (writes.last, secret)
            };
            let written = match &secret {
                // What an earlier start left there is used up by now, and would only mislead the next one.
                Some(secret) => self.vault.keep(secret).inspect_err(|_fault| drop(self.vault.forget())),
                None => self.vault.forget(),
            };
            self.answered("write", written.as_ref().err());
            self.done.send_replace(number);
        }
    }

    fn answered(&self, what: &'static str, fault: Option<&Fault>) {
        self.answers.store(true, Ordering::Relaxed);
        self.works.store(fault.is_none(), Ordering::Relaxed);
        if let Some(fault) = fault {
            tracing::warn!(what, %fault, "the keychain cannot be used");
        }
    }

    fn is_silent(&self, what: &'static str) {
        self.answers.store(false, Ordering::Relaxed);
        self.works.store(false, Ordering::Relaxed);
        tracing::warn!(
            what,
            "the keychain does not answer; it may be asking for its password behind this window"
        );
    }

    fn writes(&self) -> MutexGuard<'_, Writes> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keychain::MemoryVault;
    use secrecy::ExposeSecret;
    use std::sync::Condvar;

    /// A keychain that waits for a person, until they have answered it.
    #[derive(Default)]
    pub(super) struct LockedVault {
        unlocked: Mutex<bool>,
        changed: Condvar,
        inside: MemoryVault,
    }

    impl LockedVault {
        fn unlock(&self) {
            *self.unlocked.lock().unwrap() = true;
            self.changed.notify_all();
        }

        fn wait(&self) {
            let locked = self.unlocked.lock().unwrap();
            drop(self.changed.wait_while(locked, |unlocked| !*unlocked).unwrap());
        }
    }

    impl Vault for LockedVault {
        fn load(&self) -> Result<Option<SecretString>, Fault> {
            self.wait();
            self.inside.load()
        }
        fn keep(&self, secret: &SecretString) -> Result<(), Fault> {
            self.wait();
            self.inside.keep(secret)
        }
        fn forget(&self) -> Result<(), Fault> {
            self.wait();
            self.inside.forget()
        }
    }

    #[tokio::test]
    async fn a_keychain_that_hangs_is_waited_for_once_and_holds_the_last_word_when_it_answers() {
        let vault = Arc::new(LockedVault::default());
        let keeper = Arc::new(SecretKeeper::new(vault.clone()));
        keeper.keep(Some("first".into())).await;
        assert!(!keeper.works(), "it did not answer in time");
        // From now on nobody waits: with a wait each, a thousand would take a quarter of an hour.
        let unwaited = async {
            for number in 0..1_000 {
                keeper.keep(Some(format!("secret {number}").into())).await;
                assert!(keeper.load_promptly().await.is_none());
            }
        };
        timeout(PROMPT * 100, unwaited).await.expect("somebody waits for it again and again");
        keeper.keep(Some("last".into())).await;
        let mut done = keeper.done.subscribe();
        let last = keeper.writes().last;
        vault.unlock();
        done.wait_for(|number| *number >= last).await.unwrap();
        assert!(keeper.works(), "it answers again");
        let held = keeper.load_promptly().await.flatten().unwrap();
        assert_eq!(held.expose_secret(), "last");
        keeper.keep(None).await;
        assert!(keeper.load_promptly().await.unwrap().is_none());
    }

    /// A keychain that reads and forgets, but is full.
    struct FullVault(MemoryVault);

    impl Vault for FullVault {
        fn load(&self) -> Result<Option<SecretString>, Fault> {
            self.0.load()
        }
        fn keep(&self, _secret: &SecretString) -> Result<(), Fault> {
            Err(Fault::new(onetill_core::Code::KeychainUnavailable, "full"))
        }
        fn forget(&self) -> Result<(), Fault> {
            self.0.forget()
        }
    }

    #[tokio::test]
    async fn what_could_not_be_kept_leaves_nothing_older_behind() {
        let inside = MemoryVault::default();
        inside.keep(&"used up".into()).unwrap();
        let keeper = Arc::new(SecretKeeper::new(Arc::new(FullVault(inside))));
        keeper.keep(Some("new".into())).await;
        assert!(!keeper.works());
        assert!(keeper.load_promptly().await.unwrap().is_none());
    }
}
