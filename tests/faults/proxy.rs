//! A network that fails on purpose: it stands between one client and the backend, and does to each exchange what
//! the test says.
//!
//! One exchange per connection, passed on byte for byte, so that nothing here repairs what it should break.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use onetill_tests::Result;

/// What happens to one exchange. *Before* and *after* say whether the server has seen the request, and so whether it
/// has taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Passed on.
    None,
    /// The connection ends instead of an answer.
    DropBefore,
    DropAfter,
    /// The same, by a reset.
    ResetBefore,
    ResetAfter,
    /// Nothing comes until the client gives up.
    SilenceBefore,
    SilenceAfter,
    /// Passed on late.
    Delay(u64),
    /// The answer stops in its body.
    Truncate,
    /// The answer comes byte by byte, too slowly to matter.
    Drip,
    /// The request arrives twice at once.
    Twice,
    /// The request arrives again after so many milliseconds.
    Again(u64),
    /// A web page with status 200.
    PageBefore,
    PageAfter,
    /// Something in between answers with this status.
    StatusBefore(u16),
    StatusAfter(u16),
    /// An error without a code, as PostgREST answers when the backend dies during the commit.
    EmptyCodeAfter,
    /// The answer loses its outcome.
    NoOutcome,
    /// The answer is no HTTP.
    Garbage,
    /// The answer is JSON of another shape.
    OtherJson,
    /// An error page that shows what was asked, headers and body.
    Echo,
}

/// Every kind, for tests that go through all of them.
pub(crate) const ALL: &[Fault] = &[
    Fault::None,
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::SilenceBefore,
    Fault::SilenceAfter,
    Fault::Delay(60),
    Fault::Truncate,
    Fault::Drip,
    Fault::Twice,
    Fault::Again(30),
    Fault::PageBefore,
    Fault::PageAfter,
    Fault::StatusBefore(429),
    Fault::StatusBefore(503),
    Fault::StatusBefore(520),
    Fault::StatusBefore(544),
    Fault::StatusAfter(502),
    Fault::StatusAfter(520),
    Fault::StatusAfter(544),
    Fault::EmptyCodeAfter,
    Fault::NoOutcome,
    Fault::Garbage,
    Fault::OtherJson,
    Fault::Echo,
];

type Choice = Box<dyn FnMut(&str) -> Fault + Send>;

/// A running proxy; dropping it ends it.
pub(crate) struct Proxy {
    address: SocketAddr,
    choice: Arc<Mutex<Choice>>,
    heard: Arc<Mutex<Vec<u8>>>,
    task: AbortHandle,
}

impl Proxy {
    /// Starts in front of `upstream`, passing everything on.
    pub(crate) async fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let choice: Arc<Mutex<Choice>> = Arc::new(Mutex::new(Box::new(|_path| Fault::None)));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (chosen, hearing) = (Arc::clone(&choice), Arc::clone(&heard));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (chosen, hearing) = (Arc::clone(&chosen), Arc::clone(&hearing));
                tokio::spawn(async move {
                    // A client that went away is one of the faults.
                    let _gone = exchange(client, upstream, &chosen, &hearing).await;
                });
            }
        })
        .abort_handle();
        Ok(Self { address, choice, heard, task })
    }

    /// Where the client finds the backend.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on `choice` says, by the request's path, what happens to each exchange.
    pub(crate) fn choose(&self, choice: impl FnMut(&str) -> Fault + Send + 'static) {
        *self.choice.lock().unwrap() = Box::new(choice);
    }

    /// Everything that went through so far, and forgets it: the secrets among it, for a test that looks for them.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut *self.heard.lock().unwrap())).into_owned()
    }

    /// From now on everything is passed on.
    pub(crate) fn heal(&self) {
        self.choose(|_path| Fault::None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn exchange(
    mut client: TcpStream,
    upstream: SocketAddr,
    choice: &Mutex<Choice>,
    heard: &Mutex<Vec<u8>>,
) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let Some(request) = read_request(&mut client).await? else { return Ok(()) };
    let path = String::from_utf8_lossy(&request)
        .split_whitespace()
        .nth(1)
        .map(|target| target.split('?').next().unwrap_or_default().to_owned())
        .unwrap_or_default();
    remember(heard, &request);
    let fault = (choice.lock().unwrap())(&path);
    match fault {
        Fault::DropBefore => return Ok(()),
        Fault::ResetBefore => return client.set_zero_linger(),
        Fault::SilenceBefore => return until_gone(client).await,
        Fault::PageBefore => return client.write_all(PAGE).await,
        Fault::Echo => {
            let head = b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n";
            return client.write_all(&[&head[..], &request].concat()).await;
        }
        Fault::StatusBefore(status) => return client.write_all(&refusal(status)).await,
        Fault::Garbage => {
            forward(upstream, &request).await?;
            return client
                .write_all(b"\x16\x03\x01 this is not the protocol you are looking for\r\n\r\n")
                .await;
        }
        Fault::Delay(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        Fault::Again(ms) => {
            let again = request.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                let _nobody_hears = forward(upstream, &again).await;
            });
        }
        _ => {}
    }
    let answer = if fault == Fault::Twice {
        let (one, other) = tokio::join!(forward(upstream, &request), forward(upstream, &request));
        other?;
        one?
    } else {
        forward(upstream, &request).await?
    };
    remember(heard, &answer);
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    match fault {
        Fault::DropAfter => Ok(()),
        Fault::ResetAfter => client.set_zero_linger(),
        Fault::SilenceAfter => until_gone(client).await,
        Fault::PageAfter => client.write_all(PAGE).await,
        Fault::StatusAfter(status) => client.write_all(&refusal(status)).await,
        Fault::EmptyCodeAfter => client.write_all(EMPTY_CODE).await,
        Fault::Truncate => client.write_all(&answer[..body + (answer.len() - body) / 2]).await,
        Fault::NoOutcome => client.write_all(&without_outcome(&answer)).await,
        Fault::OtherJson => {
            let json = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"ok\":[1,{}]}";
            client.write_all(json).await
        }
        Fault::Drip => {
            for byte in answer {
                client.write_all(&[byte]).await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        }
        _ => client.write_all(&answer).await,
    }
}

/// The last of it: a long run must not fill the memory.
fn remember(heard: &Mutex<Vec<u8>>, bytes: &[u8]) {
    let mut heard = heard.lock().unwrap();
    if heard.len() > 1 << 20 {
        heard.clear();
    }
    heard.extend_from_slice(bytes);
}

const EMPTY_CODE: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\nconnection: close\r\n\r\n{\"code\":\"\",\"details\":null,\"hint\":null,\"message\":\"\"}";

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html><title>Welcome to the hotel</title>";

fn refusal(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} Trouble\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>{status}</html>")
        .into_bytes()
}

/// The whole request, with a header that makes the server end the connection after its answer.
async fn read_request(client: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok())
                .unwrap_or(0);
            if bytes.len() >= head + 4 + length {
                let line = bytes.windows(2).position(|two| two == b"\r\n").unwrap_or(0) + 2;
                bytes.splice(line..line, *b"connection: close\r\n");
                return Ok(Some(bytes));
            }
        }
        match client.read(&mut buffer).await? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

async fn forward(upstream: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    server.set_nodelay(true)?;
    server.write_all(request).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn until_gone(mut client: TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 64];
    while client.read(&mut buffer).await? > 0 {}
    Ok(())
}

fn without_outcome(answer: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(answer.len());
    let mut rest = answer;
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let (line, after) = rest.split_at(end + 2);
        if !line.to_ascii_lowercase().starts_with(b"x-session-outcome") {
            out.extend_from_slice(line);
        }
        rest = after;
        if line.len() == 2 {
            break;
        }
    }
    out.extend_from_slice(rest);
    out
}
