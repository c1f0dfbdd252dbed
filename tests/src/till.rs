//! A computer at a register, with the app's real window on it, worked as a cashier works it.
//!
//! The window is driven through WebKitWebDriver: real clicks and real keys. What a test can ask is
//! what a person can see, named by the `data-testid` of the user interface.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{
    ActionSequence, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use onetill_local::{Backend, DemoAccount};
use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::webdriver::Driver;
use crate::{Files, PATIENCE, Result, app_binary, within};

/// The Tab key, as WebDriver names it.
pub const TAB: char = '\u{E004}';
/// The Enter key.
pub const ENTER: char = '\u{E007}';

/// A function key, from F1.
#[must_use]
pub fn function_key(number: u8) -> char {
    char::from_u32(0xE030 + u32::from(number)).unwrap_or_default()
}

/// One computer: its desktop session, its files and its settings. The app may come and go.
pub struct Till {
    desktop: Desktop,
    files: Files,
    settings: Vec<(&'static str, String)>,
    /// Another build of the app than the debug one beside the running test.
    other: Option<PathBuf>,
}

impl Till {
    /// A computer on which nothing was ever configured.
    ///
    /// # Errors
    /// When the desktop session cannot be started.
    pub fn new() -> Result<Self> {
        Self::on(Desktop::start()?)
    }

    fn on(desktop: Desktop) -> Result<Self> {
        let mut till = Self { desktop, files: Files::new()?, settings: Vec::new(), other: None };
        till.set("ONETILL_DATA_DIR", till.data().display().to_string());
        till.set("ONETILL_CONFIG", till.config_file().display().to_string());
        // The computer that runs the tests may be set up for something else.
        till.set("ONETILL_MACHINE_CONFIG", till.machine_config_file().display().to_string());
        Ok(till)
    }

    /// A computer that was enrolled with this backend.
    ///
    /// # Errors
    /// As [`Till::new`].
    pub fn enrolled(backend: &Backend) -> Result<Self> {
        Self::new()?.enrolled_with(backend)
    }

    /// The same on a computer that has no keychain.
    ///
    /// # Errors
    /// As [`Till::new`].
    pub fn enrolled_without_keychain(backend: &Backend) -> Result<Self> {
        Self::on(Desktop::without_keychain()?)?.enrolled_with(backend)
    }

    fn enrolled_with(self, backend: &Backend) -> Result<Self> {
        let mut till = self;
        till.set("ONETILL_SUPABASE_URL", backend.url());
        till.set("ONETILL_SUPABASE_KEY", backend.publishable_key().to_owned());
        Ok(till)
    }

    /// Opens this build of the app from now on.
    pub fn runs(&mut self, binary: PathBuf) {
        self.other = Some(binary);
    }

    /// Its desktop session.
    #[must_use]
    pub fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    fn binary(&self) -> Result<PathBuf> {
        self.other.clone().map_or_else(app_binary, Ok)
    }

    /// Sets an environment variable for the app's next start.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value));
    }

    /// Where the app keeps its own files.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.files.path().join("data")
    }

    /// The configuration file; not there unless a test writes it.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.files.path().join("config.toml")
    }

    /// The whole computer's configuration file; not there unless a test writes it.
    #[must_use]
    pub fn machine_config_file(&self) -> PathBuf {
        self.files.path().join("machine.toml")
    }

    /// The frame around the app's window, once there is one.
    ///
    /// # Errors
    /// When none appears.
    #[cfg(target_os = "linux")]
    pub async fn frame(&self) -> Result<crate::frame::Frame> {
        within(PATIENCE, "the window's frame", async || {
            Ok(crate::frame::Frame::find(self.desktop.display())?.ok_or_else(|| "none".to_owned()))
        })
        .await
    }

    /// Starts the app as a double click does, and does not wait for it.
    ///
    /// # Errors
    /// When it was not built.
    pub fn launch(&self) -> Result<Child> {
        let mut app = Command::new(self.binary()?);
        self.desktop.host(&mut app);
        app.envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(app.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(self.printed())?).spawn()?)
    }

    /// What the app printed since its last start.
    #[must_use]
    pub fn printed(&self) -> PathBuf {
        self.files.path().join("printed.log")
    }

    /// Starts the app and returns once its window says that it is ready.
    ///
    /// # Errors
    /// When it does not get ready; with what the app printed.
    pub async fn open(&self) -> Result<Window> {
        let printed = self.printed();
        match self.open_window(&printed).await {
            Ok(window) => Ok(window),
            Err(error) => {
                let text = std::fs::read_to_string(&printed).unwrap_or_default();
                Err(format!("the window did not open: {error}\nthe app printed:\n{text}").into())
            }
        }
    }

    async fn open_window(&self, printed: &Path) -> Result<Window> {
        let binary = self.binary()?;
        let driver = Driver::start(&self.desktop, &self.settings, printed).await?;
        // The process exists before the session does: from here on it ends with the window.
        let process = Process { lock: self.data().join("onetill.lock"), binary };
        let client = driver.open(Some(&process.binary)).await?;
        let window = Window { client, process, _driver: driver };
        within(PATIENCE * 2, "the app's ready mark", async || {
            let script = "return document.documentElement.dataset.ready ?? null";
            let mark = window.client.execute(script, Vec::new()).await?;
            Ok(if mark == json!("true") { Ok(()) } else { Err(mark.to_string()) })
        })
        .await?;
        Ok(window)
    }
}

/// The app's process, known by the file in which it writes its number.
struct Process {
    lock: PathBuf,
    binary: PathBuf,
}

impl Process {
    /// The app's number. Only ever the app itself: it must belong to a process that runs the app's binary.
    #[cfg(target_os = "linux")]
    fn number(&self) -> Result<i32> {
        let text = std::fs::read_to_string(&self.lock)?;
        let number: i32 = text.lines().next().unwrap_or_default().trim().parse()?;
        let runs = std::fs::read_link(format!("/proc/{number}/exe"))?.display().to_string();
        // A build during the test replaces the file; the process keeps the old one.
        if runs.trim_end_matches(" (deleted)") != self.binary.display().to_string() {
            return Err(format!("process {number} is {runs}, not the app").into());
        }
        Ok(number)
    }

    /// Kills it at once, as a power cut does, and returns when it is gone.
    #[cfg(target_os = "linux")]
    fn kill(&self) -> Result<()> {
        let number = self.number()?;
        let pid = rustix::process::Pid::from_raw(number).ok_or("no process has the number 0")?;
        rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
        let deadline = std::time::Instant::now() + PATIENCE;
        while is_alive(number) {
            if std::time::Instant::now() > deadline {
                return Err(format!("process {number} survived being killed").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn kill(&self) -> Result<()> {
        Err(format!("{} and {} need /proc", self.lock.display(), self.binary.display()).into())
    }
}

/// Gone is a process when its last thread is; its number may stay until the driver takes note of it.
#[cfg(target_os = "linux")]
fn is_alive(number: i32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{number}/task")).into_iter().flatten().flatten();
    let mut states =
        threads.map(|thread| std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default());
    states.any(|state| !state.contains(") Z ") && !state.is_empty())
}

impl Drop for Process {
    fn drop(&mut self) {
        // After an orderly close there is nothing left to kill.
        let _ = self.kill();
    }
}

/// The app's open window.
pub struct Window {
    client: Client,
    _driver: Driver,
    process: Process,
}

impl Window {
    /// Clicks what carries this test id, once it is there and can be clicked.
    ///
    /// # Errors
    /// When it does not appear, or stays disabled.
    pub async fn click(&self, id: &str) -> Result<()> {
        within(PATIENCE, &format!("{id} to be clickable"), async || {
            let element = self.find(id).await?;
            if !element.is_enabled().await? {
                return Ok(Err("disabled".to_owned()));
            }
            if let Err(covered) = element.click().await {
                // Below a bar, or below the fold: a person would scroll to it.
                let script = "arguments[0].scrollIntoView({ block: 'center' })";
                self.client.execute(script, vec![serde_json::to_value(&element)?]).await?;
                return Ok(Err(format!("{covered:?}")));
            }
            Ok(Ok(()))
        })
        .await
    }

    /// Replaces what stands in an input field by typing.
    ///
    /// # Errors
    /// When the field does not appear or takes no keys.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        within(PATIENCE, &format!("{id} to take keys"), async || {
            let field = self.find(id).await?;
            field.clear().await?;
            field.send_keys(text).await?;
            let value = field.prop("value").await?.unwrap_or_default();
            Ok(if value == text { Ok(()) } else { Err(format!("it holds {value:?}")) })
        })
        .await
    }

    /// Whether what carries this test id can be pressed, once it is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn enabled(&self, id: &str) -> Result<bool> {
        within(PATIENCE, &format!("{id} to be there"), async || {
            Ok(Ok(self.find(id).await?.is_enabled().await?))
        })
        .await
    }

    /// A property of what carries this test id, such as the `value` of an input field, once it is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn property(&self, id: &str, name: &str) -> Result<String> {
        within(PATIENCE, &format!("{id} to be there"), async || {
            Ok(Ok(self.find(id).await?.prop(name).await?.unwrap_or_default()))
        })
        .await
    }

    /// The visible text of what carries this test id, once it is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn text(&self, id: &str) -> Result<String> {
        within(PATIENCE, &format!("{id} to be shown"), async || Ok(Ok(self.find(id).await?.text().await?)))
            .await
    }

    /// An attribute of what carries this test id, once both are there.
    ///
    /// # Errors
    /// When one of them does not appear.
    pub async fn attribute(&self, id: &str, name: &str) -> Result<String> {
        within(PATIENCE, &format!("{id} with {name}"), async || {
            let value = self.find(id).await?.attr(name).await?;
            Ok(value.ok_or_else(|| "no such attribute".to_owned()))
        })
        .await
    }

    /// An attribute of the screen's own element, such as the step of a close; empty where there is none.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn screen_attribute(&self, name: &str) -> Result<String> {
        let main = self.client.find(Locator::Css("main[data-screen]")).await?;
        Ok(main.attr(name).await?.unwrap_or_default())
    }

    /// An attribute of everything that carries this test id, in the order of the page.
    ///
    /// # Errors
    /// When the window does not answer, or one of them has no such attribute.
    pub async fn attributes(&self, id: &str, name: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        for element in self.client.find_all(Locator::Css(&format!("[data-testid=\"{id}\"]"))).await? {
            values.push(element.attr(name).await?.ok_or_else(|| format!("{id} without {name}"))?);
        }
        Ok(values)
    }

    /// Waits until nothing carries this test id any more.
    ///
    /// # Errors
    /// When it stays.
    pub async fn gone(&self, id: &str) -> Result<()> {
        within(PATIENCE, &format!("{id} to go"), async || {
            let left = self.client.find_all(Locator::Css(&format!("[data-testid=\"{id}\"]"))).await?.len();
            Ok(if left == 0 { Ok(()) } else { Err(format!("{left} there")) })
        })
        .await
    }

    /// Waits until an attribute of what carries this test id has one of these values.
    ///
    /// # Errors
    /// When it does not come to that within `patience`.
    pub async fn wait_for(
        &self,
        patience: Duration,
        id: &str,
        name: &str,
        values: &[&str],
    ) -> Result<String> {
        within(patience, &format!("{id} with {name} {}", values.join(" or ")), async || {
            let value = self.find(id).await?.attr(name).await?.unwrap_or_default();
            Ok(if values.contains(&value.as_str()) { Ok(value) } else { Err(value) })
        })
        .await
    }

    /// Waits for one of these screens and says which it is.
    ///
    /// # Errors
    /// When another one stays, with all that it shows.
    pub async fn screen(&self, names: &[&str]) -> Result<String> {
        let found = within(PATIENCE, &format!("the screen {}", names.join(" or ")), async || {
            let main = self.client.find(Locator::Css("main[data-screen]")).await?;
            let name = main.attr("data-screen").await?.unwrap_or_default();
            Ok(if names.contains(&name.as_str()) { Ok(name) } else { Err(name) })
        })
        .await;
        match found {
            Ok(name) => Ok(name),
            Err(error) => Err(format!("{error}\nthe window shows:\n{}", self.all_text().await?).into()),
        }
    }

    /// Everything the window shows, as text.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn all_text(&self) -> Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Saves a picture of the window, once what it shows now has come to rest and been painted.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn picture(&self, file: &Path) -> Result<()> {
        const PAINTED: &str = "const done = arguments[0];
            const passing = document.getAnimations().filter((it) => it.effect.getTiming().iterations !== Infinity);
            Promise.allSettled(passing.map((it) => it.finished)).then(() =>
              requestAnimationFrame(() => requestAnimationFrame(() => done(null))));";
        self.client.execute_async(PAINTED, Vec::new()).await?;
        Ok(std::fs::write(file, self.client.screenshot().await?)?)
    }

    /// Runs a script in the page, for what nobody can see, such as where something stands.
    ///
    /// # Errors
    /// When it fails.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Signs in on the sign-in screen.
    ///
    /// # Errors
    /// When a field or the button is not there. Being refused is not an error.
    pub async fn sign_in(&self, account: &DemoAccount) -> Result<()> {
        self.screen(&["sign-in"]).await?;
        self.fill("email", account.email).await?;
        self.fill("password", account.password).await?;
        self.click("sign-in").await
    }

    /// Signs in and stands before *Start shift* on this register.
    ///
    /// # Errors
    /// When the screens do not come in this order.
    pub async fn prepare(&self, account: &DemoAccount, register_number: &str) -> Result<()> {
        self.sign_in(account).await?;
        self.screen(&["choose-register"]).await?;
        self.click(&format!("register-{register_number}")).await?;
        self.screen(&["start-shift"]).await?;
        Ok(())
    }

    /// The number of the app's process.
    ///
    /// # Errors
    /// When it has not told it.
    pub fn pid(&self) -> Result<u32> {
        Ok(std::fs::read_to_string(&self.process.lock)?.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// Presses and releases keys one right after the other, as a scanner does, wherever the focus is. Letters, or what
    /// `fantoccini::key::Key` names.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn keys(&self, keys: impl IntoIterator<Item = char>) -> Result<()> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Goes on with the Tab key until what carries this test id has the focus, which has to be seen at every stop.
    ///
    /// # Errors
    /// When it is not reached, or a stop shows no focus.
    pub async fn tab_to(&self, id: &str) -> Result<()> {
        const WHERE: &str = "const at = document.activeElement;
            const drawn = at.matches('input[type=radio]') ? at.nextElementSibling : at;
            const seen = getComputedStyle(drawn).outlineStyle !== 'none' || at === document.body || at.matches('h1, h2');
            return [at.dataset.testid ?? at.outerHTML.slice(0, 80), seen];";
        let mut way = Vec::new();
        // After the last one the focus begins anew; a screen that was just drawn may not have all of it yet.
        for _stop in 0..120 {
            let Value::Array(told) = self.script(WHERE, Vec::new()).await? else {
                return Err("no focus".into());
            };
            let at = told.first().and_then(Value::as_str).unwrap_or_default().to_owned();
            if told.get(1) != Some(&Value::Bool(true)) {
                return Err(format!("nobody sees that {at} has the focus").into());
            }
            if at == id {
                return Ok(());
            }
            way.push(at);
            self.keys([TAB]).await?;
        }
        Err(format!("{id} is not reached by the Tab key; the way was {}", way.join(", ")).into())
    }

    /// Touches what carries this test id at its centre, so many times in a row, as an impatient finger does. WebKitGTK's
    /// driver has no finger ("Touch input sources are not yet supported"): a mouse stands in for it, at the same place.
    ///
    /// # Errors
    /// When it does not appear, is smaller than a finger, or stays disabled.
    pub async fn tap(&self, id: &str, times: usize) -> Result<()> {
        self.tap_at(&format!("[data-testid=\"{id}\"]"), times).await
    }

    /// The same for what a selector finds first.
    ///
    /// # Errors
    /// As [`Window::tap`].
    pub async fn tap_at(&self, selector: &str, times: usize) -> Result<()> {
        const SIZE: &str = "const it = document.querySelector(arguments[0]);
            const felt = it.matches('input[type=radio], input[type=checkbox]') ? it.closest('label') : it;
            felt.scrollIntoView({ block: 'center', inline: 'center' });
            const { width, height } = felt.getBoundingClientRect();
            return [Math.round(width), Math.round(height)];";
        within(PATIENCE, &format!("{selector} to be touched"), async || {
            let element = self.client.find(Locator::Css(selector)).await?;
            if !element.is_enabled().await? {
                return Ok(Err("disabled".to_owned()));
            }
            let size = self.client.execute(SIZE, vec![json!(selector)]).await?;
            let sides = size.as_array().into_iter().flatten().filter_map(Value::as_u64);
            if sides.min().is_none_or(|side| side < 48) {
                return Err(format!("{selector} is {size}: too small for a finger").into());
            }
            let mut finger = MouseActions::new("finger".to_owned()).then(PointerAction::MoveToElement {
                element,
                duration: None,
                x: 0.0,
                y: 0.0,
            });
            for _ in 0..times {
                finger = finger
                    .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                    .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
            }
            self.client.perform_actions(ActionSequence::from(finger)).await?;
            Ok(Ok(()))
        })
        .await
    }

    /// Whether the app's process is gone.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.process.number().map_or(true, |number| !is_alive(number))
    }

    /// Waits until the app has ended by itself.
    ///
    /// # Errors
    /// When it goes on.
    #[cfg(target_os = "linux")]
    pub async fn ended(self) -> Result<()> {
        within(PATIENCE, "the app to end", async || {
            Ok(if self.has_ended() { Ok(()) } else { Err("it runs".to_owned()) })
        })
        .await
    }

    /// Ends the app as a power cut does.
    ///
    /// # Errors
    /// When its process cannot be found.
    pub fn crash(self) -> Result<()> {
        self.process.kill()
    }

    /// Closes the window in order.
    ///
    /// # Errors
    /// When the driver does not answer any more.
    pub async fn close(self) -> Result<()> {
        Ok(self.client.clone().close().await?)
    }

    async fn find(&self, id: &str) -> Result<Element> {
        Ok(self.client.find(Locator::Css(&format!("[data-testid=\"{id}\"]"))).await?)
    }
}
