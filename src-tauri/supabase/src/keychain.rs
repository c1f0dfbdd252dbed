//! Where the refresh token and the password's verifier outlive the process: Windows Credential Manager, the macOS keychain, or the Secret
//! Service of a Linux desktop.
//!
//! Invariant: there is no other place. Where the operating system has no keychain, nothing is kept, and the person
//! signs in at each start.

use keyring_core::{CredentialStore, Entry, Error};
use onetill_core::{Code, DeviceId, Fault, ProjectUrl, ports::Vault};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, Mutex, PoisonError};

/// One entry of the operating system's keychain.
pub struct KeychainVault {
    service: String,
    user: String,
    store: Box<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync>,
}

impl KeychainVault {
    /// The entry of one project on one device. `channel` separates builds that must not share a login (an empty one
    /// is the released program). Nothing is asked of the keychain yet.
    #[must_use]
    pub fn new(channel: &str, project: &ProjectUrl, device: DeviceId) -> Self {
        Self::in_store(channel, project, device, native_store)
    }

    /// The entry beside it for what a password is checked against while the server cannot be heard.
    #[must_use]
    pub fn for_verifier(channel: &str, project: &ProjectUrl, device: DeviceId) -> Self {
        let login = Self::new(channel, project, device);
        Self { user: format!("{}/verifier", login.user), ..login }
    }

    fn in_store(
        channel: &str,
        project: &ProjectUrl,
        device: DeviceId,
        store: impl Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync + 'static,
    ) -> Self {
        let service = if channel.is_empty() { "onetill".to_owned() } else { format!("onetill-{channel}") };
        Self { service, user: format!("{}/{device}", project.host()), store: Box::new(store) }
    }

    /// Connected anew each time: a keychain that was locked or missing may be there by now.
    fn entry(&self) -> Result<Entry, Fault> {
        (self.store)()
            .and_then(|store| store.build(&self.service, &self.user, None))
            .map_err(|e| unavailable(&e))
    }
}

impl Vault for KeychainVault {
    fn load(&self) -> Result<Option<SecretString>, Fault> {
        match self.entry()?.get_password() {
            Ok(secret) => Ok(Some(secret.into())),
            // What is no text was not written by this program: as good as nothing.
            Err(Error::NoEntry | Error::BadEncoding(_)) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    fn keep(&self, secret: &SecretString) -> Result<(), Fault> {
        self.entry()?.set_password(secret.expose_secret()).map_err(|error| unavailable(&error))
    }

    fn forget(&self) -> Result<(), Fault> {
        match self.entry()?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

/// Only the variant and the platform's own words: some variants carry the secret's bytes.
fn unavailable(error: &Error) -> Fault {
    let detail = match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::NoDefaultStore => "this system has no keychain that is known here".to_owned(),
        Error::TooLong(what, limit) => format!("{what} is longer than {limit}"),
        Error::NotSupportedByStore(what) => what.clone(),
        _ => "the keychain's entry cannot be used".to_owned(),
    };
    Fault::new(Code::KeychainUnavailable, detail)
}

#[cfg(target_os = "linux")]
fn native_store() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

#[cfg(target_os = "macos")]
fn native_store() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
    Ok(store)
}

#[cfg(target_os = "windows")]
fn native_store() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
    Ok(store)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn native_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NoDefaultStore)
}

/// A vault that forgets with the process, for tools and tests that must not reach a person's keychain.
#[derive(Default)]
pub struct MemoryVault {
    secret: Mutex<Option<SecretString>>,
}

impl Vault for MemoryVault {
    fn load(&self) -> Result<Option<SecretString>, Fault> {
        Ok(self.secret.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn keep(&self, secret: &SecretString) -> Result<(), Fault> {
        *self.secret.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.clone());
        Ok(())
    }

    fn forget(&self) -> Result<(), Fault> {
        *self.secret.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
