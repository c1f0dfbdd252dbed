//! What makes one backend instance itself: its port, its keys and how far it has been prepared.
//!
//! Kept in `instance.json` in the instance's directory, so that a client that was pointed at a
//! backend once finds the same address, key and data after a restart.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::LocalError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub(crate) port: u16,
    pub(crate) publishable_key: String,
    pub(crate) secret_key: String,
    pub(crate) jwt_secret: String,
    /// The database's directory beside this file; never the same name twice, so that a new
    /// instance cannot meet what an abandoned one left behind.
    pub(crate) data: String,
    /// Whether the demo store has been filled in.
    pub(crate) seeded: bool,
}

impl Instance {
    /// The instance kept in `file`, or a new one with fresh keys.
    pub(crate) fn load(file: &Path) -> Result<Self, LocalError> {
        match std::fs::read(file) {
            Ok(bytes) => match serde_json::from_slice::<Self>(&bytes) {
                Ok(instance) => instance.with_usable_port(),
                Err(error) => {
                    Err(LocalError::file("this is not an instance of the local backend", file)(error.into()))
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::new(),
            Err(error) => Err(LocalError::file("cannot read", file)(error)),
        }
    }

    fn new() -> Result<Self, LocalError> {
        Ok(Self {
            port: free_port()?,
            publishable_key: format!("sb_publishable_{}", random_text()),
            secret_key: format!("sb_secret_{}", random_text()),
            jwt_secret: random_text(),
            data: format!("data-{}", Uuid::new_v4().simple()),
            seeded: false,
        })
    }

    /// Keeps the port that clients already know, unless someone else took it meanwhile.
    fn with_usable_port(self) -> Result<Self, LocalError> {
        if TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
            return Ok(self);
        }
        Ok(Self { port: free_port()?, ..self })
    }

    pub(crate) fn save(&self, file: &Path) -> Result<(), LocalError> {
        let text = serde_json::to_vec_pretty(self).map_err(std::io::Error::from);
        text.and_then(|text| std::fs::write(file, text)).map_err(LocalError::file("cannot write", file))
    }

    /// The server's configuration. Nobody can sign up: the accounts come from the seed.
    pub(crate) fn config_toml(&self, driver: &str, database_url: &str) -> String {
        let Self { port, publishable_key, secret_key, jwt_secret, .. } = self;
        format!(
            r#"# Written at every start by the local backend.
[api]
port = {port}

[db]
driver = "{driver}"
url = "{database_url}"

[auth]
enabled = true
site_url = "http://127.0.0.1:{port}"
jwt_secret = "{jwt_secret}"
jwt_expiry = 3600
enable_signup = false
publishable_key = "{publishable_key}"
secret_key = "{secret_key}"

[auth.email]
enable_signup = false
enable_confirmations = false
"#
        )
    }
}

/// The ports to choose from: below those that systems hand out by themselves, which an outgoing connection or a test
/// beside this one may be given at any moment between the asking and the use.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port of this computer that nothing listens on at the moment of asking.
pub(crate) fn free_port() -> Result<u16, LocalError> {
    let mut last = None;
    for _attempt in 0..50 {
        let chance = Uuid::new_v4().as_u128() % u128::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(chance).unwrap_or_default();
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_free) => return Ok(port),
            Err(cause) => last = Some(cause),
        }
    }
    let none = || std::io::Error::other("no port was tried");
    Err(LocalError::Port(last.unwrap_or_else(none)))
}

/// 244 random bits, enough for keys and secrets alike.
fn random_text() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_load_keeps_port_and_keys() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("instance.json");
        let first = Instance::load(&file).unwrap();
        first.save(&file).unwrap();
        let second = Instance::load(&file).unwrap();
        assert_eq!(second.port, first.port, "clients were given this address");
        assert_eq!(second.publishable_key, first.publishable_key, "clients were given this key");
        assert_eq!(second.jwt_secret, first.jwt_secret, "tokens signed before the restart stay valid");
    }

    #[test]
    fn a_taken_port_is_replaced_and_the_keys_stay() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("instance.json");
        let first = Instance::load(&file).unwrap();
        first.save(&file).unwrap();
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first.port)).unwrap();
        let second = Instance::load(&file).unwrap();
        assert_ne!(second.port, first.port);
        assert_eq!(second.publishable_key, first.publishable_key);
    }

    #[test]
    fn a_broken_file_is_reported_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("instance.json");
        std::fs::write(&file, "{ half a").unwrap();
        let message = Instance::load(&file).unwrap_err().to_string();
        assert!(message.contains("not an instance"), "{message}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{ half a");
    }

    #[test]
    fn two_instances_share_no_secret() {
        let (one, two) = (Instance::new().unwrap(), Instance::new().unwrap());
        assert_ne!(one.publishable_key, two.publishable_key);
        assert_ne!(one.secret_key, two.secret_key);
        assert_ne!(one.jwt_secret, two.jwt_secret);
    }
}
