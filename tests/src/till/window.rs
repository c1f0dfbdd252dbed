//! The app's open window, and what a person does at it. Invariant: a click counts only when what was meant felt it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fantoccini::actions::{
    ActionSequence, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use onetill_local::DemoAccount;
use serde_json::{Value, json};

use super::process::Process;
#[cfg(target_os = "linux")]
use super::process::is_alive;
use crate::webdriver::Driver;
use crate::{PATIENCE, Result, within};

/// Between two keys of a person: more than lies between two of a scanner.
const PERSON: Duration = Duration::from_millis(60);
/// After what the driver typed: more than a scanner's longest pause.
const AFTER_DRIVER: Duration = Duration::from_millis(200);

/// The Tab key, as WebDriver names it.
pub const TAB: char = '\u{E004}';
/// The Enter key.
pub const ENTER: char = '\u{E007}';

/// A function key, from F1.
#[must_use]
pub fn function_key(number: u8) -> char {
    char::from_u32(0xE030 + u32::from(number)).unwrap_or_default()
}

/// The app's open window.
pub struct Window {
    pub(super) client: Client,
    pub(super) process: Process,
    pub(super) _driver: Driver,
    /// A field was filled by the driver, whose pace is a scanner's; no key was pressed since.
    pub(super) was_filled: AtomicBool,
}

impl Window {
    /// Clicks what carries this test id, once it is there and can be clicked, and makes sure that it felt the click: what
    /// moved away under the pointer, or a click that the till took for a repeat of the one before, is clicked again, as a
    /// person does.
    ///
    /// # Errors
    /// When it does not appear, or stays disabled.
    pub async fn click(&self, id: &str) -> Result<()> {
        within(PATIENCE, &format!("{id} to be clickable"), async || {
            let element = self.find(id).await?;
            if !element.is_enabled().await? {
                return Ok(Err("disabled".to_owned()));
            }
            self.feel(&element, "click").await?;
            if let Err(covered) = element.click().await {
                // Below a bar, or below the fold: a person would scroll to it.
                let script = "arguments[0].scrollIntoView({ block: 'center' })";
                self.client.execute(script, vec![serde_json::to_value(&element)?]).await?;
                return Ok(Err(format!("{covered:?}")));
            }
            Ok(self.felt().await)
        })
        .await
    }

    /// Presses Enter so many times in a row where the focus is, until one of them was felt: one that the till took for a
    /// repeat of the one before is pressed again, as a person does.
    ///
    /// # Errors
    /// When nothing feels it.
    pub async fn enter(&self, times: usize) -> Result<()> {
        within(PATIENCE, "Enter to be felt", async || {
            let focus = self.client.active_element().await?;
            self.feel(&focus, "keydown").await?;
            self.keys(std::iter::repeat_n(ENTER, times)).await?;
            Ok(self.felt().await)
        })
        .await
    }

    /// From now on the page notes whether this element feels such an event.
    async fn feel(&self, element: &Element, event: &str) -> Result<()> {
        const FEEL: &str = "globalThis.felt = false;
            const note = () => (globalThis.felt = true);
            arguments[0].addEventListener(arguments[1], note, { capture: true, once: true });";
        self.client.execute(FEEL, vec![serde_json::to_value(element)?, json!(event)]).await?;
        Ok(())
    }

    /// Whether it felt one. A page that is gone went because of it.
    async fn felt(&self) -> std::result::Result<(), String> {
        let felt = self.client.execute("return globalThis.felt", Vec::new()).await;
        if felt.is_ok_and(|felt| felt == json!(false)) {
            return Err("it went elsewhere or was taken for a repeat".to_owned());
        }
        Ok(())
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
            self.was_filled.store(true, Ordering::Relaxed);
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

    /// Waits until the register sells: it has its letter.
    ///
    /// # Errors
    /// When it does not.
    pub async fn sells(&self) -> Result<()> {
        within(PATIENCE, "the selling screen", async || {
            let stage = self.screen_attribute("data-selling").await.unwrap_or_default();
            let waits = !self.attributes("not-ready", "role").await?.is_empty();
            let seen = || format!("{stage:?}, not ready: {waits}");
            Ok(if !stage.is_empty() && !waits { Ok(()) } else { Err(seen()) })
        })
        .await
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
        // WebKitWebDriver takes it with the next painting, and a page where nothing changes paints nothing: this repaints
        // one dot in colours that look alike.
        const REPAINT: &str = "const dot = document.createElement('i');
            dot.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 1px; height: 1px';
            (document.querySelector('dialog:modal') ?? document.body).append(dot);
            let odd = false;
            const timer = setInterval(() => (dot.style.background = `rgb(0 0 0 / ${(odd = !odd) ? 0 : 0.004})`), 20);
            globalThis.pictured = () => (clearInterval(timer), dot.remove());";
        self.client.execute_async(PAINTED, Vec::new()).await?;
        self.client.execute(REPAINT, Vec::new()).await?;
        let picture = self.client.screenshot().await;
        self.client.execute("pictured()", Vec::new()).await?;
        Ok(std::fs::write(file, picture?)?)
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

    /// Presses and releases keys at the pace of a person, wherever the focus is. Letters, or what `fantoccini::key::Key`
    /// names.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn keys(&self, keys: impl IntoIterator<Item = char>) -> Result<()> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        if self.was_filled.swap(false, Ordering::Relaxed) {
            actions = actions.then(KeyAction::Pause { duration: AFTER_DRIVER });
        }
        for value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
            actions = actions.then(KeyAction::Pause { duration: PERSON });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Types a code and Enter as a scanner does, wherever the focus is. The keys are real; the moments that the page reads
    /// of them are a scanner's, for a busy computer hands them over at a pace of its own.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn scan(&self, code: &str) -> Result<()> {
        const EVENLY: &str = "const own = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp');
            const moments = new WeakMap();
            let at = performance.now();
            window.unevenly = () => Object.defineProperty(Event.prototype, 'timeStamp', own);
            Object.defineProperty(Event.prototype, 'timeStamp', { configurable: true, get() {
                if (this.type !== 'keydown') return own.get.call(this);
                if (!moments.has(this)) moments.set(this, (at += 8));
                return moments.get(this);
            } });";
        self.script(EVENLY, Vec::new()).await?;
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in code.chars().chain(['\u{E007}']) {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await?;
        self.script("window.unevenly()", Vec::new()).await?;
        Ok(())
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
            self.feel(&element, "click").await?;
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
            Ok(self.felt().await)
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
