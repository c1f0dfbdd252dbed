//! The network cable of one computer: what goes over it can be cut off while everybody else stays connected.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use onetill_local::Backend;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{PATIENCE, Result, within};

/// A cable to a backend. Pulled out, it refuses connections and ends the ones there are.
pub struct Cable {
    address: SocketAddr,
    backend: Arc<str>,
    plugged: watch::Sender<bool>,
    carrying: Option<JoinHandle<()>>,
}

impl Cable {
    /// A cable that is plugged in.
    ///
    /// # Errors
    /// When this computer lets nobody listen.
    pub async fn to(backend: &Backend) -> Result<Self> {
        let url = backend.url();
        let host = url.strip_prefix("http://").ok_or_else(|| format!("not a plain address: {url}"))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut cable = Self {
            address: listener.local_addr()?,
            backend: host.trim_end_matches('/').into(),
            plugged: watch::Sender::new(true),
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
        self.carrying = Some(tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (backend, mut plugged) = (Arc::clone(&backend), plugged.clone());
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(&*backend).await else { return };
                    // Whichever comes first; both ends are dropped.
                    tokio::select! {
                        _ended = copy_bidirectional(&mut near, &mut far) => {}
                        _pulled = plugged.wait_for(|plugged| !plugged) => {}
                    }
                });
            }
        }));
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        if let Some(carrying) = self.carrying.take() {
            carrying.abort();
        }
    }
}
