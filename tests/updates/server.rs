//! An update server behind TLS: a list of versions, a package, and what was asked for.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use onetill_local::repository;
use onetill_tests::authority::Authority;
use onetill_tests::package::done;
use onetill_tests::{PATIENCE, Result, scratch, within};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

#[derive(Default)]
struct Shelf {
    list: Value,
    package: Option<Bytes>,
    asked: Vec<String>,
}

/// The server.
pub(crate) struct UpdateServer {
    address: SocketAddr,
    authority: Authority,
    shelf: Arc<Mutex<Shelf>>,
}

impl UpdateServer {
    /// One that has nothing to offer yet.
    pub(crate) async fn start() -> Result<Self> {
        let authority = Authority::new()?;
        let acceptor = TlsAcceptor::from(authority.vouches_for("localhost", false)?);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let serving = Arc::clone(&shelf);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, shelf) = (acceptor.clone(), Arc::clone(&serving));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let answering = service_fn(move |request: Request<Incoming>| {
                        let answer = answer(&mut shelf.lock().unwrap(), request.uri().path());
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _gone = server.serve_connection(TokioIo::new(stream), answering).await;
                });
            }
        });
        Ok(Self { address, authority, shelf })
    }

    /// Address of the list of versions.
    pub(crate) fn list(&self) -> String {
        format!("https://localhost:{}/latest.json", self.address.port())
    }

    /// What makes a program trust this server's certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.authority.file()
    }

    /// Puts a version into the list, for a share of the devices.
    pub(crate) fn offer(&self, version: &str, share: u8, signature: &str) {
        let package = json!({
            "url": format!("https://localhost:{}/package", self.address.port()),
            "signature": signature,
        });
        let list = json!({
            "version": version,
            "rollout": share,
            "platforms": { "linux-x86_64": package, "linux-aarch64": package },
        });
        self.shelf.lock().unwrap().list = list;
    }

    /// Puts the package itself on the shelf, or takes it away.
    pub(crate) fn store(&self, package: Option<Vec<u8>>) {
        self.shelf.lock().unwrap().package = package.map(Bytes::from);
    }

    /// How often this was asked for.
    pub(crate) fn asked_for(&self, path: &str) -> usize {
        self.shelf.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }

    /// Waits until the list was read by a program that knows what is offered now.
    pub(crate) async fn was_read(&self) -> Result<()> {
        // The second of two reads began after the offer was made.
        let wanted = self.asked_for("/latest.json") + 2;
        within(PATIENCE, "the list of versions to be read", async || {
            let asked = self.asked_for("/latest.json");
            Ok(if asked >= wanted { Ok(()) } else { Err(format!("{asked} of {wanted}")) })
        })
        .await
    }
}

fn answer(shelf: &mut Shelf, path: &str) -> Response<Full<Bytes>> {
    shelf.asked.push(path.to_owned());
    let body = match path {
        "/latest.json" if !shelf.list.is_null() => Some(Bytes::from(shelf.list.to_string())),
        "/package" => shelf.package.clone(),
        _ => None,
    };
    let mut answer = Response::new(Full::new(body.clone().unwrap_or_default()));
    if body.is_none() {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    answer
}

/// Signs a file as this version, with the tool and in the way in which a release is signed.
pub(crate) fn sign(file: &Path, version: &str) -> Result<String> {
    // The signature is put beside the file, where other tests put theirs.
    let folder = scratch()?;
    let copy = folder.path().join("package");
    std::fs::copy(file, &copy)?;
    let mut sign = Command::new("node");
    sign.current_dir(repository()).arg("ui/node_modules/@tauri-apps/cli/tauri.js");
    sign.args(["signer", "sign", "--password", "", "--app-version", version, "--private-key-path"]);
    done(sign.arg(repository().join("target/packages/key")).arg(copy))?;
    Ok(std::fs::read_to_string(folder.path().join("package.sig"))?.trim().to_owned())
}
