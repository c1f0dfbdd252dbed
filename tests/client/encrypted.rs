//! A project behind TLS, as every real one is: what the client trusts, over what it speaks, and through which proxy.
//!
//! The certificates come from an authority of the test's own, told to the client as an operating system tells it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use onetill_tests::Result;
use onetill_tests::authority::Authority;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::time::{Duration, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

const KEY: &str = "sb_publishable_test";
const PATIENCE: Duration = Duration::from_secs(60);

/// What a front has seen.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    versions: Mutex<Vec<Version>>,
}

/// A project that answers what a good one answers, over TLS.
struct Front {
    address: SocketAddr,
    seen: Arc<Seen>,
}

impl Front {
    /// With a `redirect`, everything is elsewhere.
    async fn start(config: Arc<ServerConfig>, redirect: Option<String>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Seen::default());
        let watching = Arc::clone(&seen);
        // Eight calls that wait for one another prove that they were under way together.
        let together = Arc::new(Barrier::new(8));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = TlsAcceptor::from(Arc::clone(&config));
                let (seen, together) = (Arc::clone(&watching), Arc::clone(&together));
                let redirect = redirect.clone();
                tokio::spawn(async move {
                    // A client that does not trust what it meets goes away; that is what is tested.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    seen.connections.fetch_add(1, Ordering::Relaxed);
                    let answering = service_fn(move |request: Request<Incoming>| {
                        seen.versions.lock().unwrap().push(request.version());
                        let (together, redirect) = (Arc::clone(&together), redirect.clone());
                        async move { answer(request, &together, redirect).await }
                    });
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _gone = server.serve_connection(TokioIo::new(stream), answering).await;
                });
            }
        });
        Ok(Self { address, seen })
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }
}

async fn answer(
    request: Request<Incoming>,
    together: &Barrier,
    redirect: Option<String>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let _body = request.into_body().collect().await;
    let id = |last: &str| format!("00000000-0000-4000-8000-0000000000{last}");
    let (status, body) = match path.as_str() {
        "/auth/v1/health" => (200, json!({"name": "GoTrue"})),
        "/auth/v1/settings" => (200, json!({"external": {}})),
        "/auth/v1/token" => (
            200,
            json!({"access_token": "a.b.c", "refresh_token": "r", "expires_in": 3600, "user": {"id": id("c1")}}),
        ),
        "/rest/v1/rpc/pos_whoami" => {
            let place = json!({"id": id("b1"), "name": "Main", "timezone": "UTC", "currency": "EUR",
                "business_day_cutoff": "00:00"});
            (
                200,
                json!({"user_id": id("c1"), "vendor_id": id("a1"), "role": "cashier", "locations": [place]}),
            )
        }
        "/rest/v1/rpc/pos_registers" => {
            together.wait().await;
            (200, json!({"location_id": id("b1"), "registers": []}))
        }
        _ => (401, json!({"code": "42501", "message": "permission denied for function"})),
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert("content-type", "application/json".parse().unwrap());
    if let Some(elsewhere) = redirect {
        *response.status_mut() = hyper::StatusCode::FOUND;
        response.headers_mut().insert("location", format!("{elsewhere}{path}").parse().unwrap());
    }
    Ok(response)
}

/// A proxy that makes tunnels, or asks for a login first.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Every name leads to `server`, as it does where only the proxy knows the names.
    async fn start(server: SocketAddr, wants_login: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let asking = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let asked = Arc::clone(&asking);
                tokio::spawn(async move {
                    let _gone = tunnel(client, server, wants_login, &asked).await;
                });
            }
        });
        Ok(Self { address, asked })
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn tunnel(
    client: TcpStream,
    server: SocketAddr,
    wants_login: bool,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    asked.lock().unwrap().push(lines.first().map(|line| line.trim().to_owned()).unwrap_or_default());
    if wants_login {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"shop\"\r\n\
            content-length: 0\r\nconnection: close\r\n\r\n";
        return client.write_all(refusal.as_bytes()).await;
    }
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let mut server = TcpStream::connect(server).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// What the client prints in an environment with these settings and no other of their kind.
async fn ask(arguments: &[&str], settings: &[(&str, &str)]) -> Result<String> {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ask"));
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR").env_remove("REQUEST_METHOD");
    command.args(arguments).envs(settings.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await??;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Tests the connection; answers the fault of the first check that failed.
async fn fault(url: &str, settings: &[(&str, &str)]) -> Result<Option<(String, String, String)>> {
    let told: Value = serde_json::from_str(&ask(&[url, KEY], settings).await?)?;
    let checks = told["checks"].as_array().ok_or("no checks")?;
    assert_eq!(checks.len(), 4, "{told}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let failed = checks.iter().find(|check| !check["fault"].is_null());
    if failed.is_none() {
        assert!(checks.iter().all(|check| check["was_run"] == true), "{told}");
    }
    Ok(failed
        .map(|check| (text(&check["name"]), text(&check["fault"]["code"]), text(&check["fault"]["detail"]))))
}

/// The fault is this one, found when reaching for the server, and says this to who supports it.
fn says(found: Option<(String, String, String)>, code: &str, words: &str) {
    let (check, found, detail) = found.expect("the connection was trusted");
    assert_eq!((check.as_str(), found.as_str()), ("reach", code), "{detail}");
    assert!(detail.to_ascii_lowercase().contains(words), "it says {words:?}: {detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_of_the_system_is_trusted_for_its_servers_and_no_longer_than_they_last()
-> Result<()> {
    let authority = Authority::new()?;
    let file = authority.file();
    let known = [("SSL_CERT_FILE", file.to_str().ok_or("a path")?)];
    let good = Front::start(authority.vouches_for("localhost", false)?, None).await?;
    assert_eq!(fault(&good.url(), &known).await?, None, "told to trust it");
    let stranger = Authority::new()?;
    let elsewhere = stranger.file();
    let unknown = [("SSL_CERT_FILE", elsewhere.to_str().ok_or("a path")?)];
    says(fault(&good.url(), &unknown).await?, "UNREACHABLE", "invalid peer certificate");

    let other = Front::start(authority.vouches_for("another.example", false)?, None).await?;
    says(fault(&other.url(), &known).await?, "UNREACHABLE", "not valid for name");
    let old = Front::start(authority.vouches_for("localhost", true)?, None).await?;
    says(fault(&old.url(), &known).await?, "CLOCK_SKEW", "expired");
    assert_eq!(other.connections() + old.connections(), 0, "nothing was sent to who was not trusted");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_without_encryption_and_one_that_says_nothing_of_tls_are_no_server() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let plain = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let page = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 5\r\nconnection: close\r\n\r\nplain";
            let _gone = client.write_all(page).await;
        }
    });
    says(fault(&format!("https://localhost:{port}"), &[]).await?, "UNREACHABLE", "corrupt message");
    plain.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_time_share_one_connection_of_http_2() -> Result<()> {
    let authority = Authority::new()?;
    let front = Front::start(authority.vouches_for("localhost", false)?, None).await?;
    let file = authority.file();
    let known = [("SSL_CERT_FILE", file.to_str().ok_or("a path")?)];
    // The eighth is what the first seven wait for, so that one after the other would never end.
    assert_eq!(ask(&[&front.url(), KEY, "together"], &known).await?, "8");
    assert_eq!(front.connections(), 1, "one connection for all of them");
    let versions = front.seen.versions.lock().unwrap().clone();
    assert_eq!(versions, vec![Version::HTTP_2; versions.len()]);
    assert!(versions.len() >= 11, "the warm-up, the sign-in, who that is, and eight more: {versions:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_systems_proxy_is_used_where_it_should_be_and_a_login_it_wants_is_named() -> Result<()> {
    let authority = Authority::new()?;
    let front = Front::start(authority.vouches_for("shop.example", false)?, None).await?;
    let file = authority.file();
    let known = ("SSL_CERT_FILE", file.to_str().ok_or("a path")?);
    let proxy = Proxy::start(front.address, false).await?;
    let through = ("HTTPS_PROXY", proxy.url());
    let found = fault("https://shop.example", &[known, (through.0, &through.1)]).await?;
    assert_eq!(found, None, "the proxy knows the way, and the certificate is the server's own");
    assert!(
        proxy.asked().iter().all(|line| line == "CONNECT shop.example:443 HTTP/1.1"),
        "{:?}",
        proxy.asked()
    );
    assert!(!proxy.asked().is_empty(), "it was used");

    let here = Front::start(authority.vouches_for("localhost", false)?, None).await?;
    let before = proxy.asked().len();
    let without = [known, (through.0, through.1.as_str()), ("NO_PROXY", "localhost,.internal")];
    assert_eq!(fault(&here.url(), &without).await?, None);
    assert_eq!(proxy.asked().len(), before, "NO_PROXY is honoured");

    let guarded = Proxy::start(front.address, true).await?;
    let found = fault("https://shop.example", &[known, ("HTTPS_PROXY", &guarded.url())]).await?;
    says(found, "UNREACHABLE", "proxy auth");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_whoever_signed_it() -> Result<()> {
    let authority = Authority::new()?;
    let file = authority.file();
    let known = [("SSL_CERT_FILE", file.to_str().ok_or("a path")?)];
    let elsewhere = Front::start(authority.vouches_for("localhost", false)?, None).await?;
    let front = Front::start(authority.vouches_for("localhost", false)?, Some(elsewhere.url())).await?;
    says(fault(&front.url(), &known).await?, "NOT_SUPABASE", "302");
    assert_eq!(elsewhere.connections(), 0, "nothing was sent there, the key least of all");
    Ok(())
}
