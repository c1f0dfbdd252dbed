//! A link with 100 ms of round trip, as wide as wanted, to a backend that is nearer.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use onetill_local::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::Result;

/// How long it holds every byte back in each direction.
pub const ONE_WAY: Duration = Duration::from_millis(50);

/// A link that holds every byte back.
pub struct Link {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
}

impl Link {
    /// A link to this backend.
    ///
    /// # Errors
    /// When this computer lets nobody listen.
    pub async fn to(backend: &Backend) -> Result<Self> {
        Self::of(backend, None).await
    }

    /// The same for so many bytes a second of what is answered.
    ///
    /// # Errors
    /// When this computer lets nobody listen.
    pub async fn narrow(backend: &Backend, bytes: u32) -> Result<Self> {
        Self::of(backend, Some(bytes)).await
    }

    async fn of(backend: &Backend, width: Option<u32>) -> Result<Self> {
        let upstream: SocketAddr = backend.url().trim_start_matches("http://").parse()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let answered = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&answered);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(upstream).await else { continue };
                let _best_effort = (near.set_nodelay(true), far.set_nodelay(true));
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                tokio::spawn(hold_back(near_read, far_write, Some(Arc::clone(&counted)), None, None));
                tokio::spawn(hold_back(far_read, near_write, None, width, Some(Arc::clone(&told))));
            }
        });
        Ok(Self { address, requests, answered })
    }

    /// Where the backend is found at its near end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many bytes were answered over it.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// How many requests went over it.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn hold_back(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    requests: Option<Arc<AtomicUsize>>,
    width: Option<u32>,
    answered: Option<Arc<AtomicUsize>>,
) {
    let (sender, mut held) = mpsc::unbounded_channel::<(tokio::time::Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((due, bytes)) = held.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 65_536];
    let mut tail = VecDeque::with_capacity(4);
    let mut free_at = tokio::time::Instant::now();
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..read).unwrap_or_default().to_vec();
        if let Some(requests) = &requests {
            // A request's head ends with an empty line, which no JSON body here holds.
            for byte in &bytes {
                if tail.len() == 4 {
                    tail.pop_front();
                }
                tail.push_back(*byte);
                if tail.iter().eq(b"\r\n\r\n") {
                    requests.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        if let Some(answered) = &answered {
            answered.fetch_add(read, Ordering::Relaxed);
        }
        // It takes its time through the narrow part, behind what came before, and then the way.
        let passes = width.map_or(0, |width| 1_000_000 * read as u64 / u64::from(width.max(1)));
        free_at = free_at.max(tokio::time::Instant::now()) + std::time::Duration::from_micros(passes);
        if sender.send((free_at + ONE_WAY, bytes)).is_err() {
            return;
        }
    }
}
