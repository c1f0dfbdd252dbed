//! Every state of every screen in WebKitGTK, the engine of the app's own window on Linux.
//!
//! The gallery is a page of its own (`ui/gallery.html`), with the app's components and invented snapshots; no shipped
//! file has any of it. It is opened in WebKit's own small browser, at the size of the register's screen and under the
//! content security policy of the app. Invariant: a picture depends on its [`Wish`] and on nothing else.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fantoccini::Client;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use onetill_local::repository;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::desktop::Desktop;
use crate::webdriver::Driver;
use crate::{Files, PATIENCE, Result, within};

/// The appearances that a cashier can choose.
pub const THEMES: [&str; 3] = ["light", "dark", "contrast"];

/// The screens whose pictures are kept and compared, with the appearance; a new one is a line here and
/// `cargo xtask screenshots --accept`. In English, on the small screen.
pub const MAIN: &[(&str, &str)] = &[
    ("sign-in", "light"),
    ("choose", "light"),
    ("start", "light"),
    ("start-join", "light"),
    ("register-movements", "light"),
    ("register-movements", "dark"),
    ("register-offline", "light"),
    ("register-joined", "contrast"),
    ("pay-out", "light"),
    ("selling-empty", "light"),
    ("selling-eight", "light"),
    ("selling-eight", "dark"),
    ("selling-amount", "light"),
    ("selling-paying", "contrast"),
    ("selling-split", "light"),
    ("selling-done", "light"),
    ("selling-sheet", "light"),
    ("practice-cart", "light"),
    ("closing-checklist", "light"),
    ("closing-count-draft", "light"),
    ("closing-count-draft", "dark"),
    ("closing-result", "light"),
    ("closing-closed", "light"),
    ("board", "light"),
    ("board-day", "light"),
    ("board-catalogue", "light"),
    ("board-item", "light"),
    ("board-keys-key", "light"),
    ("board-taxes", "light"),
    ("board-import", "light"),
    ("fenced", "light"),
    ("locked", "light"),
];

/// One picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// A name of [`Gallery::states`].
    pub state: String,
    /// One of [`THEMES`].
    pub theme: String,
    /// One of [`Gallery::languages`].
    pub language: String,
    /// The size of the text in percent: 100, 125, 150 or 200.
    pub text: u32,
}

impl Wish {
    /// One of [`MAIN`].
    #[must_use]
    pub fn main((state, theme): &(&str, &str)) -> Self {
        let (state, theme) = ((*state).to_owned(), (*theme).to_owned());
        Self { state, theme, language: "en".to_owned(), text: 100 }
    }

    /// The name of the file in which the picture is kept.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.{}.png", self.state, self.theme)
    }
}

/// The gallery in an open web view.
pub struct Gallery {
    client: Client,
    _driver: Driver,
    _desktop: Desktop,
    _server: Server,
    _files: Files,
}

impl Gallery {
    /// Opens it, with so many pixels for the page.
    ///
    /// # Errors
    /// When the gallery was not built (`npm run build:gallery` in `ui`), or the web view does not get ready.
    pub async fn open(width: u32, height: u32) -> Result<Self> {
        let files = Files::new()?;
        // The little browser has a bar of its own above the page.
        let desktop = Desktop::with_screen(width + 100, height + 200)?;
        let server = Server::start(&repository().join("target/gallery")).await?;
        // Drawn by one processor in one order: a graphics processor smooths letters a little differently each time.
        let settings = [("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1"), ("WEBKIT_SKIA_CPU_PAINTING_THREADS", "0")]
            .map(|(name, value)| (name, value.to_owned()));
        let driver = Driver::start(&desktop, &settings, &files.path().join("printed.log")).await?;
        let client = driver.open(None).await?;
        client.goto(&server.page).await?;
        within(PATIENCE, "the gallery", async || {
            let there = client.execute("return 'gallery' in window", Vec::new()).await?;
            Ok(if there == json!(true) { Ok(()) } else { Err("no gallery on the page".to_owned()) })
        })
        .await?;
        let gallery = Self { client, _driver: driver, _desktop: desktop, _server: server, _files: files };
        // A mark that blinks and a scroll bar that fades depend on the moment.
        const STILL: &str = "const still = new CSSStyleSheet();
            still.replaceSync('* { caret-color: transparent !important } ::-webkit-scrollbar { display: none }');
            document.adoptedStyleSheets = [still];";
        gallery.client.execute(STILL, Vec::new()).await?;
        gallery.make_room(width, height).await?;
        Ok(gallery)
    }

    async fn make_room(&self, width: u32, height: u32) -> Result<()> {
        let mut window = (width, height);
        within(PATIENCE, &format!("a page of {width} by {height} pixels"), async || {
            let size = self.client.execute("return [innerWidth, innerHeight]", Vec::new()).await?;
            let (wide, high): (u32, u32) = serde_json::from_value(size)?;
            if (wide, high) == (width, height) {
                return Ok(Ok(()));
            }
            window = ((window.0 + width).saturating_sub(wide), (window.1 + height).saturating_sub(high));
            self.client.set_window_size(window.0, window.1).await?;
            Ok(Err(format!("it has {wide} by {high}")))
        })
        .await
    }

    /// The names of all states.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn states(&self) -> Result<Vec<String>> {
        self.list("names").await
    }

    /// All languages: those of the app, and the invented ones that stretch and turn its layout.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn languages(&self) -> Result<Vec<String>> {
        self.list("languages").await
    }

    async fn list(&self, name: &str) -> Result<Vec<String>> {
        let found = self.client.execute("return window.gallery[arguments[0]]", vec![json!(name)]).await?;
        Ok(serde_json::from_value(found)?)
    }

    /// What `wish` looks like, as a PNG file.
    ///
    /// # Errors
    /// When there is no such state, it cannot be shown, or the page made a mistake while showing it.
    pub async fn picture(&self, wish: &Wish) -> Result<Vec<u8>> {
        const SHOW: &str = "const [name, wish, done] = arguments;
            window.gallery.show(name, wish).then(() => done(null), (cause) => done(String(cause)));";
        let Wish { state, theme, language, text } = wish;
        let how = json!({ "theme": theme, "lang": language, "text": text.to_string() });
        match self.client.execute_async(SHOW, vec![json!(state), how]).await? {
            Value::Null => Ok(self.client.screenshot().await?),
            cause => Err(format!("{state} cannot be shown: {cause}").into()),
        }
    }

    /// Ends the web view in order.
    ///
    /// # Errors
    /// When it does not answer any more.
    pub async fn close(self) -> Result<()> {
        Ok(self.client.clone().close().await?)
    }
}

/// The built page on an address of this computer, until the value is dropped.
struct Server {
    page: String,
    task: AbortHandle,
}

impl Server {
    async fn start(folder: &Path) -> Result<Self> {
        if !folder.join("gallery.html").is_file() {
            return Err("the gallery is not built: run `npm run build:gallery` in ui".into());
        }
        let policy = policy()?;
        let folder = Arc::new(folder.to_owned());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let page = format!("http://{}/gallery.html", listener.local_addr()?);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (folder, policy) = (Arc::clone(&folder), policy.clone());
                let answering = service_fn(move |request: Request<Incoming>| {
                    let answer = answer(&folder, &policy, request.uri().path());
                    async move { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _gone = server.serve_connection(TokioIo::new(stream), answering).await;
                });
            }
        });
        Ok(Self { page, task: task.abort_handle() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The app's own content security policy: what it would block in the app is blocked here.
fn policy() -> Result<String> {
    let config: Value = serde_json::from_slice(&std::fs::read(repository().join("tauri.conf.json"))?)?;
    let policy = config.pointer("/app/security/csp").and_then(Value::as_str);
    Ok(policy.ok_or("tauri.conf.json has no content security policy")?.to_owned())
}

fn answer(folder: &Path, policy: &str, path: &str) -> Response<Full<Bytes>> {
    let wanted = PathBuf::from(path.trim_start_matches('/'));
    let inside = wanted.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let kind = match wanted.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    let found = if inside { std::fs::read(folder.join(wanted)).ok() } else { None };
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let built = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        .header(CONTENT_SECURITY_POLICY, policy)
        .body(Full::new(Bytes::from(found.unwrap_or_default())));
    built.unwrap_or_default()
}
