//! WebKitWebDriver on a desktop of its own: real clicks and real keys in a real web view.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::desktop::{Desktop, Ends};
use crate::{PATIENCE, Result, within};

/// A driver that listens; it ends with the value, and what it opened ends with it.
pub(crate) struct Driver {
    _process: Ends,
    url: String,
}

impl Driver {
    /// Starts one on `desktop`; `settings` are for what it will open, and `printed` takes what that prints.
    pub(crate) async fn start(
        desktop: &Desktop,
        settings: &[(&'static str, String)],
        printed: &Path,
    ) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut driver = Command::new("WebKitWebDriver");
        desktop.host(&mut driver);
        driver
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env_remove("ONETILL_SUPABASE_URL")
            .env_remove("ONETILL_SUPABASE_KEY")
            .env_remove("ONETILL_DEMO_ACCOUNTS")
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(printed)?);
        let process =
            Ends(driver.spawn().map_err(|error| {
                format!("cannot start WebKitWebDriver ({error}): run `cargo xtask setup`")
            })?);
        within(PATIENCE, "WebKitWebDriver to listen", async || {
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| error.to_string()))
        })
        .await?;
        Ok(Self { _process: process, url: format!("http://127.0.0.1:{port}") })
    }

    /// Opens `program`, or WebKit's own small browser, and takes hold of its web view.
    pub(crate) async fn open(&self, program: Option<&Path>) -> Result<Client> {
        let wanted = match program {
            Some(program) => json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } }),
            None => json!({}),
        };
        let Value::Object(wanted) = wanted else { return Err("capabilities are an object".into()) };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        Ok(tokio::time::timeout(PATIENCE * 2, builder.capabilities(wanted).connect(&self.url)).await??)
    }
}
