//! The network cable of one computer: what goes over it can be cut off while everybody else stays connected.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use onetill_local::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{PATIENCE, Result, within};

/// A cable to a backend. Pulled out, it refuses connections and ends the ones there are.
pub struct Cable {
    address: SocketAddr,
    backend: Arc<str>,
    plugged: watch::Sender<bool>,
    /// Twice as many as the answers that are still to be lost: every other one is.
    to_lose: Arc<AtomicUsize>,
    carrying: Option<JoinHandle<()>>,
}

impl Cable {
    /// A cable that is plugged in.
    ///
    /// # Errors
    /// When this computer lets nobody listen.
    pub async fn to(backend: &Backend) -> Result<Self> {
        Self::towards(&backend.url()).await
    }

    /// The same to whatever else answers there.
    ///
    /// # Errors
    /// As [`Cable::to`].
    pub async fn towards(url: &str) -> Result<Self> {
        let host = url.strip_prefix("http://").ok_or_else(|| format!("not a plain address: {url}"))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut cable = Self {
            address: listener.local_addr()?,
            backend: host.trim_end_matches('/').into(),
            plugged: watch::Sender::new(true),
            to_lose: Arc::default(),
            carrying: None,
        };
        cable.carry(listener);
        Ok(cable)
    }

    /// Where the backend is found at the other end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on every other answer is lost, and its connection with it, until so many were.
    pub fn lose_answers(&self, count: usize) {
        self.to_lose.store(count * 2, Ordering::Relaxed);
    }

    /// How many answers are still to be lost.
    #[must_use]
    pub fn answers_to_lose(&self) -> usize {
        self.to_lose.load(Ordering::Relaxed) / 2
    }

    /// Pulls it out.
    pub async fn pull(&mut self) {
        self.plugged.send_replace(false);
        if let Some(carrying) = self.carrying.take() {
            carrying.abort();
            // Until the port is given back, a connection would wait in it instead of being refused.
            let _aborted = carrying.await;
        }
    }

    /// Plugs it in again.
    ///
    /// # Errors
    /// When its port is not free any more.
    pub async fn plug(&mut self) -> Result<()> {
        let address = self.address;
        let listener = within(PATIENCE, "the cable's port", async || {
            Ok(TcpListener::bind(address).await.map_err(|error| error.to_string()))
        })
        .await?;
        self.plugged.send_replace(true);
        self.carry(listener);
        Ok(())
    }

    fn carry(&mut self, listener: TcpListener) {
        let (backend, plugged) = (Arc::clone(&self.backend), self.plugged.subscribe());
        let to_lose = Arc::clone(&self.to_lose);
        self.carrying = Some(tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (backend, mut plugged) = (Arc::clone(&backend), plugged.clone());
                let to_lose = Arc::clone(&to_lose);
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(&*backend).await else { return };
                    // Whichever comes first; both ends are dropped.
                    tokio::select! {
                        _ended = carried(near, far, &to_lose) => {}
                        _pulled = plugged.wait_for(|plugged| !plugged) => {}
                    }
                });
            }
        }));
    }
}

/// Carries what is asked and what is answered, until one side ends or an answer is lost.
async fn carried(near: TcpStream, far: TcpStream, to_lose: &AtomicUsize) -> std::io::Result<()> {
    let ((mut asked, mut near), (mut answered, mut far)) = (near.into_split(), far.into_split());
    // What is asked may end first: its answer still comes.
    let asking = async {
        copy(&mut asked, &mut far).await?;
        far.shutdown().await?;
        std::future::pending::<std::io::Result<()>>().await
    };
    let answering = async {
        let mut buffer = vec![0; 65_536];
        while let read @ 1.. = answered.read(&mut buffer).await? {
            let left = to_lose.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if left.is_ok_and(|left| left % 2 == 0) {
                return Ok(());
            }
            near.write_all(buffer.get(..read).unwrap_or_default()).await?;
        }
        near.shutdown().await
    };
    tokio::select! {
        failed = asking => failed,
        ended = answering => ended,
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        if let Some(carrying) = self.carrying.take() {
            carrying.abort();
        }
    }
}
