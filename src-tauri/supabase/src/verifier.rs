//! Who signed in at this till, so that a locked one is opened with a password alone; and what that is checked against
//! while the server cannot be heard, of the last of them and of nobody else.
//!
//! Invariants: a password is never kept, only its Argon2id hash with a salt of its own, in the operating system's
//! keychain (or nowhere, where there is none); it opens a locked till and nothing more: no token comes of it; after a
//! few wrong passwords in a row only the server decides, however often the program was started in between.

use crate::secret_keeper::SecretKeeper;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use onetill_core::{Code, Fault, Staff, UserId, lock::Person, ports::Vault};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    iter,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::Mutex;

/// Wrong ones in a row after which this computer no longer decides.
const MOST_MISSES: u32 = 10;

/// So many people are offered at a locked till. With their short keys they fit into one entry of Windows' keychain,
/// which holds 1,280 letters.
const MOST_PEOPLE: usize = 5;

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "u")]
    user_id: UserId,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "e")]
    email: String,
    /// In the PHC string format; of the last one to sign in alone.
    #[serde(rename = "h")]
    hash: Option<String>,
    /// Tries in a row that this computer had to judge and that were not right.
    #[serde(rename = "m", default)]
    misses: u32,
}

pub(crate) struct Verifier {
    keeper: Arc<SecretKeeper>,
    /// Who signed in here, the last one first, as last read or written; `None` before that.
    known: Mutex<Option<Vec<Kept>>>,
    /// The same for whoever cannot wait.
    people: RwLock<Vec<Person>>,
}

impl Verifier {
    /// Nothing is asked of the vault yet.
    pub(crate) fn new(vault: Arc<dyn Vault>) -> Self {
        Self {
            keeper: Arc::new(SecretKeeper::new(vault)),
            known: Mutex::new(None),
            people: RwLock::default(),
        }
    }

    /// The server has just accepted this password.
    pub(crate) async fn learn(&self, staff: &Staff, email: &str, password: &SecretString) {
        let secret = password.clone();
        let hash = in_background(move || hashed(&secret)).await.flatten();
        let (user_id, name) = (staff.user_id, staff.display_name.clone());
        let new = Kept { user_id, name, email: email.to_owned(), hash, misses: 0 };
        self.change(|before| {
            let others = before.into_iter().filter(|kept| kept.user_id != user_id);
            let others = others.map(|kept| Kept { hash: None, ..kept });
            iter::once(new).chain(others).take(MOST_PEOPLE).collect()
        })
        .await;
    }

    /// Somebody has signed out here.
    pub(crate) async fn forget(&self, who: Option<UserId>) {
        // Who that was is not known after a start without the server: it was the last one.
        self.change(|mut known| {
            let who = who.or_else(|| known.first().map(|kept| kept.user_id));
            known.retain(|kept| Some(kept.user_id) != who);
            known
        })
        .await;
    }

    /// Who signed in here lately, as far as that was read: the last one first.
    pub(crate) fn people(&self) -> Vec<Person> {
        self.people.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the vault, so that [`Verifier::people`] knows.
    pub(crate) async fn recall(&self) {
        let _known = self.kept().await;
    }

    /// The e-mail address of a person who signed in here.
    pub(crate) async fn email_of(&self, who: UserId) -> Option<String> {
        self.kept().await.into_iter().find(|kept| kept.user_id == who).map(|kept| kept.email)
    }

    /// Whether this is the password of the person who signed in here last. `silence`: why the server was not asked;
    /// it stands where this computer cannot decide.
    pub(crate) async fn check(
        &self,
        who: UserId,
        password: &SecretString,
        silence: Fault,
    ) -> Result<(), Fault> {
        let known = self.kept().await.into_iter().find(|kept| kept.user_id == who);
        let Some(Kept { hash: Some(hash), misses, .. }) = known.filter(|kept| kept.misses < MOST_MISSES)
        else {
            return Err(silence);
        };
        // Before it is judged: a program that is killed on the way counts it too.
        self.count(who, misses + 1).await;
        let secret = password.clone();
        match in_background(move || fits(&hash, &secret)).await {
            Some(true) => {
                self.count(who, 0).await;
                Ok(())
            }
            Some(false) => {
                Err(Fault::new(Code::WrongPassword, "by what this computer knows; the server was not heard"))
            }
            None => Err(silence),
        }
    }

    async fn count(&self, who: UserId, misses: u32) {
        self.change(|mut known| {
            known.iter_mut().filter(|kept| kept.user_id == who).for_each(|kept| kept.misses = misses);
            known
        })
        .await;
    }

    async fn kept(&self) -> Vec<Kept> {
        self.read(&mut *self.known.lock().await).await
    }

    async fn read(&self, known: &mut Option<Vec<Kept>>) -> Vec<Kept> {
        if let Some(known) = known {
            return known.clone();
        }
        let Some(text) = self.keeper.load_promptly().await else { return Vec::new() };
        // What cannot be read was written by another version, or by nobody here.
        let kept: Vec<Kept> =
            text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).unwrap_or_default();
        self.tell(&kept);
        *known = Some(kept.clone());
        kept
    }

    async fn change(&self, change: impl FnOnce(Vec<Kept>) -> Vec<Kept>) {
        let mut known = self.known.lock().await;
        let kept = change(self.read(&mut known).await);
        let text = serde_json::to_string(&kept).ok().filter(|_| !kept.is_empty()).map(SecretString::from);
        self.keeper.keep(text).await;
        self.tell(&kept);
        *known = Some(kept);
    }

    fn tell(&self, kept: &[Kept]) {
        let people =
            kept.iter().map(|kept| Person { user_id: kept.user_id, name: kept.name.clone() }).collect();
        *self.people.write().unwrap_or_else(PoisonError::into_inner) = people;
    }
}

/// Hashing takes its time: not on a thread that others wait for.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

fn hashed(password: &SecretString) -> Option<String> {
    // With a salt of its own from the operating system.
    let hash: PasswordHash = Argon2::default().hash_password(password.expose_secret().as_bytes()).ok()?;
    Some(hash.to_string())
}

fn fits(hash: &str, password: &SecretString) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keychain::MemoryVault;
    use uuid::Uuid;

    const WHO: UserId = UserId(Uuid::from_u128(7));

    fn staff(user_id: UserId, name: &str) -> Staff {
        Staff {
            user_id,
            vendor_id: onetill_core::VendorId(Uuid::nil()),
            vendor_name: "Shop".into(),
            display_name: name.into(),
            role: onetill_core::Role::Cashier,
            locations: Vec::new(),
        }
    }

    fn mia() -> Staff {
        staff(WHO, "Mia")
    }

    fn silence() -> Fault {
        Fault::new(Code::Unreachable, "no network")
    }

    async fn code(verifier: &Verifier, who: UserId, password: &str) -> Option<Code> {
        verifier.check(who, &password.into(), silence()).await.err().map(|fault| fault.code)
    }

    #[tokio::test]
    async fn the_password_of_the_last_sign_in_is_known_again_after_a_restart() {
        let vault = Arc::new(MemoryVault::default());
        let before = Verifier::new(vault.clone());
        assert_eq!(code(&before, WHO, "right").await, Some(Code::Unreachable), "nobody signed in yet");
        before.learn(&mia(), "mia@shop.example", &"right".into()).await;

        let after = Verifier::new(vault.clone());
        assert_eq!(after.email_of(WHO).await.as_deref(), Some("mia@shop.example"));
        assert_eq!(code(&after, WHO, "right").await, None);
        assert_eq!(code(&after, WHO, "Right").await, Some(Code::WrongPassword));
        assert_eq!(code(&after, UserId(Uuid::nil()), "right").await, Some(Code::Unreachable), "nobody else");

        let text = vault.load().unwrap().unwrap();
        assert!(text.expose_secret().contains("$argon2id$v=19$m=19456,t=2,p=1$"), "slow by OWASP's figures");
        assert!(!text.expose_secret().contains("right"));
        after.forget(Some(WHO)).await;
        assert!(vault.load().unwrap().is_none());
        assert_eq!(code(&after, WHO, "right").await, Some(Code::Unreachable));
    }

    #[tokio::test]
    async fn colleagues_are_known_by_name_and_only_the_last_one_without_the_server() {
        let vault = Arc::new(MemoryVault::default());
        let verifier = Verifier::new(vault.clone());
        let otto = UserId(Uuid::from_u128(8));
        verifier.learn(&mia(), "mia@shop.example", &"right".into()).await;
        verifier.learn(&staff(otto, "Otto"), "otto@shop.example", &"ottos".into()).await;
        let again = Verifier::new(vault);
        assert!(again.people().is_empty(), "nobody is waited for");
        again.recall().await;
        let names: Vec<String> = again.people().into_iter().map(|person| person.name).collect();
        assert_eq!(names, ["Otto", "Mia"]);
        assert_eq!(again.email_of(WHO).await.as_deref(), Some("mia@shop.example"));
        assert_eq!(code(&again, WHO, "right").await, Some(Code::Unreachable), "the server has to be asked");
        assert_eq!(code(&again, otto, "ottos").await, None);
        for number in 100..120 {
            again
                .learn(&staff(UserId(Uuid::from_u128(number)), "One more"), "x@shop.example", &"x".into())
                .await;
        }
        assert_eq!(again.people().len(), MOST_PEOPLE);
    }

    #[tokio::test]
    async fn the_same_password_is_kept_under_another_salt_each_time() {
        let kept = async || {
            let vault = Arc::new(MemoryVault::default());
            Verifier::new(vault.clone()).learn(&mia(), "mia@shop.example", &"right".into()).await;
            vault.load().unwrap().unwrap().expose_secret().to_owned()
        };
        assert_ne!(kept().await, kept().await);
    }

    #[tokio::test]
    async fn after_too_many_wrong_ones_only_the_server_decides_until_it_has() {
        let vault = Arc::new(MemoryVault::default());
        let verifier = Verifier::new(vault.clone());
        verifier.learn(&mia(), "mia@shop.example", &"right".into()).await;
        assert_eq!(code(&verifier, WHO, "wrong").await, Some(Code::WrongPassword));
        assert_eq!(code(&verifier, WHO, "right").await, None, "and it counts anew");
        for _ in 0..MOST_MISSES {
            let restarted = Verifier::new(vault.clone());
            assert_eq!(code(&restarted, WHO, "wrong").await, Some(Code::WrongPassword));
        }
        let verifier = Verifier::new(vault);
        assert_eq!(code(&verifier, WHO, "right").await, Some(Code::Unreachable));
        verifier.learn(&mia(), "mia@shop.example", &"right".into()).await;
        assert_eq!(code(&verifier, WHO, "right").await, None);
    }

    #[tokio::test]
    async fn what_nobody_here_wrote_opens_nothing() {
        let vault = Arc::new(MemoryVault::default());
        for text in [
            "",
            "{}",
            "right",
            r#"[{"u":"00000000-0000-0000-0000-000000000007","n":"n","e":"m","h":"right"}]"#,
        ] {
            vault.keep(&text.into()).unwrap();
            let verifier = Verifier::new(vault.clone());
            assert!(code(&verifier, WHO, "right").await.is_some(), "{text:?}");
        }
    }
}
