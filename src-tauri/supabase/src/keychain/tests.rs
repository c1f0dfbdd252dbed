//! Against a store in memory: tests must not reach a person's keychain.

use super::*;
use keyring_core::mock;
use onetill_core::DeviceId;

fn vault(store: &Arc<CredentialStore>, channel: &str, host: &str, device: u128) -> KeychainVault {
    let store = Arc::clone(store);
    let project = ProjectUrl::parse(host).unwrap();
    KeychainVault::in_store(channel, &project, DeviceId(uuid::Uuid::from_u128(device)), move || {
        Ok(store.clone())
    })
}

fn text(secret: Option<SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn a_secret_is_kept_replaced_and_forgotten() {
    let store: Arc<CredentialStore> = mock::Store::new().unwrap();
    let vault = vault(&store, "", "shop.example", 1);
    assert_eq!(text(vault.load().unwrap()), None);
    vault.keep(&"one".into()).unwrap();
    vault.keep(&"two".into()).unwrap();
    assert_eq!(text(vault.load().unwrap()).as_deref(), Some("two"));
    vault.forget().unwrap();
    vault.forget().unwrap();
    assert_eq!(text(vault.load().unwrap()), None);
}

#[test]
fn channels_projects_and_devices_do_not_share_a_login() {
    let store: Arc<CredentialStore> = mock::Store::new().unwrap();
    let first = vault(&store, "", "shop.example", 1);
    first.keep(&"mine".into()).unwrap();
    for other in [
        vault(&store, "dev", "shop.example", 1),
        vault(&store, "", "other.example", 1),
        vault(&store, "", "shop.example", 2),
    ] {
        assert_eq!(text(other.load().unwrap()), None);
    }
}

#[test]
fn a_missing_keychain_is_told_without_the_secret() {
    let project = ProjectUrl::parse("shop.example").unwrap();
    let device = DeviceId(uuid::Uuid::nil());
    let vault = KeychainVault::in_store("", &project, device, || Err(Error::BadEncoding(b"secret".to_vec())));
    let fault = vault.keep(&"hidden".into()).unwrap_err();
    assert_eq!(fault.code, Code::KeychainUnavailable);
    assert!(!fault.detail.contains("hidden") && !fault.detail.contains("secret"), "{}", fault.detail);
}
