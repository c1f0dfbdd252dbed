//! What stands between a register and its server when something is wrong with the network: one exchange per connection,
//! passed on with one change.

use std::net::SocketAddr;
use std::time::Duration;

use onetill_tests::Result;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// What is changed.
#[derive(Clone)]
pub(crate) enum Change {
    /// A log-in page instead of an answer.
    Page,
    /// Every answer comes so much later.
    Late(Duration),
    /// The server's time is told as this.
    Date(&'static str),
    /// The connection is encrypted, with this certificate.
    Tls(std::sync::Arc<ServerConfig>),
}

/// A running front; dropping it ends it.
pub(crate) struct Front {
    address: SocketAddr,
    task: AbortHandle,
}

impl Front {
    pub(crate) async fn start(upstream: SocketAddr, change: Change) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let change = change.clone();
                tokio::spawn(async move {
                    // A client that does not trust what it meets goes away; that is what is tested.
                    let _gone = match &change {
                        Change::Tls(config) => {
                            let accepted = TlsAcceptor::from(config.clone()).accept(client).await;
                            match accepted {
                                Ok(client) => exchange(client, upstream, &change).await,
                                Err(refused) => Err(refused),
                            }
                        }
                        _ => exchange(client, upstream, &change).await,
                    };
                });
            }
        })
        .abort_handle();
        Ok(Self { address, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn exchange(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: SocketAddr,
    change: &Change,
) -> std::io::Result<()> {
    let request = read_request(&mut client).await?;
    if let Change::Page = change {
        let page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<title>Welcome to the hotel</title>";
        client.write_all(page).await?;
        return client.shutdown().await;
    }
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(&request).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    match change {
        Change::Late(by) => tokio::time::sleep(*by).await,
        Change::Date(told) => answer = dated(&answer, told),
        _ => {}
    }
    client.write_all(&answer).await?;
    client.shutdown().await
}

/// The request, asking the server to close after it.
async fn read_request(client: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = client.read(&mut chunk).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
            .unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            let mut request = format!("{head}\r\nconnection: close\r\n\r\n").into_bytes();
            request.extend_from_slice(&bytes[end + 4..]);
            return Ok(request);
        }
    }
}

fn dated(answer: &[u8], told: &str) -> Vec<u8> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let kept: Vec<&str> =
        head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:")).collect();
    let mut changed = format!("{}\r\ndate: {told}", kept.join("\r\n")).into_bytes();
    changed.extend_from_slice(&answer[end..]);
    changed
}
