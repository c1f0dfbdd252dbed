//! Secrets: what of them goes over the wire, and whether they can be found where they must not be.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::Result;

/// Passwords, tokens and keys among what went over the wire; of a token also its signature alone.
#[must_use]
pub fn secrets_in(wire: &str) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    for opening in [
        "\"access_token\":\"",
        "\"refresh_token\":\"",
        "\"password\":\"",
        "authorization: Bearer ",
        "apikey: ",
    ] {
        for piece in wire.split(opening).skip(1) {
            let secret: String = piece.chars().take_while(|c| *c != '"' && !c.is_control()).collect();
            secrets.extend(secret.rsplit_once('.').map(|(_, signature)| signature.to_owned()));
            secrets.insert(secret);
        }
    }
    secrets.retain(|secret| secret.len() >= 8);
    secrets
}

/// A wire with an ear on it: passes everything on, and keeps what it heard.
pub struct Tap {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    task: AbortHandle,
}

impl Tap {
    /// In front of a backend with this URL.
    ///
    /// # Errors
    /// When there is no port for it.
    pub async fn on(url: &str) -> Result<Self> {
        let upstream: SocketAddr = url.trim_start_matches("http://").parse()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(upstream).await else { continue };
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                tokio::spawn(pass_on(near_read, far_write, Arc::clone(&ear)));
                tokio::spawn(pass_on(far_read, near_write, Arc::clone(&ear)));
            }
        })
        .abort_handle();
        Ok(Self { address, heard, task })
    }

    /// Where the client finds the backend.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that went through so far.
    #[must_use]
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, ear: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..read).unwrap_or_default();
        ear.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
