//! A desktop session without a screen: a display, a message bus and a keychain of its own.
//!
//! Two of them are two computers as far as the app can tell. Invariant: nothing here reaches the
//! developer's own session, files or keychain, and all of it ends when the value is dropped.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Files, PATIENCE, Result};

/// A bus on which everybody may talk to everybody and nothing is started on demand: what the
/// computer has installed (portals, settings daemons) stays out of the tests.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=$RUNTIME/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A display, a bus and a keychain.
pub struct Desktop {
    home: Files,
    display: String,
    bus: String,
    // Ended in this order.
    _keychain: Option<Ends>,
    _bus: Ends,
    _screen: Ends,
}

impl Desktop {
    /// Starts one, with the screen of a small register.
    ///
    /// # Errors
    /// When a program is missing (`cargo xtask setup` installs them) or does not get ready.
    pub fn start() -> Result<Self> {
        Self::with_screen(1280, 800)
    }

    /// Starts one with a screen of so many pixels.
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn with_screen(width: u32, height: u32) -> Result<Self> {
        let desktop = Self::bare(width, height)?;
        // An empty password: it protects nothing here, and nobody is there to type one.
        let mut keychain = program("gnome-keyring-daemon", desktop.home.path());
        keychain.args(["--foreground", "--unlock", "--components=secrets"]);
        keychain.env("DBUS_SESSION_BUS_ADDRESS", &desktop.bus).env("DISPLAY", &desktop.display);
        keychain.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut keychain = Ends(keychain.spawn().map_err(missing("gnome-keyring-daemon"))?);
        if let Some(mut password) = keychain.0.stdin.take() {
            password.write_all(b"\n")?;
        }
        let desktop = Self { _keychain: Some(keychain), ..desktop };
        desktop.wait_for_keychain()?;
        Ok(desktop)
    }

    /// Starts one as some Linux computers have it: nothing keeps a secret there.
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn without_keychain() -> Result<Self> {
        Self::bare(1280, 800)
    }

    fn bare(width: u32, height: u32) -> Result<Self> {
        let home = Files::new()?;
        let runtime = home.path().join("run");
        std::fs::create_dir(&runtime)?;
        private(&runtime)?;

        let mut screen = program("Xvfb", home.path());
        screen.args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24")]);
        screen.args(["-nolisten", "tcp", "-noreset"]);
        screen.arg("-fbdir").arg(&runtime);
        let (screen, number) = first_line(screen)?;
        let display = format!(":{number}");

        let mut bus = program("dbus-daemon", home.path());
        let config = home.path().join("bus.conf");
        std::fs::write(&config, BUS.replace("$RUNTIME", &runtime.display().to_string()))?;
        bus.args(["--nofork", "--nopidfile", "--print-address=1"]);
        bus.arg(format!("--config-file={}", config.display()));
        let (bus, address) = first_line(bus)?;

        Ok(Self { home, display, bus: address, _keychain: None, _bus: bus, _screen: screen })
    }

    /// Makes `command` a program of this desktop session.
    pub fn host(&self, command: &mut Command) {
        at_home(command, self.home.path());
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
    }

    /// The name of its display.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Keeps the mark in text fields from blinking, so that only what happens changes the picture.
    ///
    /// # Errors
    /// When the settings cannot be written.
    pub fn still_cursor(&self) -> Result<()> {
        let folder = self.home.path().join("config/gtk-3.0");
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(folder.join("settings.ini"), "[Settings]\ngtk-cursor-blink=false\n")?)
    }

    /// What the display shows at this moment, as a file in the form that `xwd` writes.
    #[must_use]
    pub fn picture_file(&self) -> PathBuf {
        self.home.path().join("run/Xvfb_screen0")
    }

    fn wait_for_keychain(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut ask = Command::new("dbus-send");
            self.host(&mut ask);
            ask.args([
                "--session",
                "--print-reply=literal",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
            ]);
            ask.args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]);
            let output = ask.output().map_err(missing("dbus-send"))?;
            if String::from_utf8_lossy(&output.stdout).contains("true") {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err("the keychain does not appear on the message bus".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A child process that ends with the value.
pub(crate) struct Ends(pub(crate) Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(name: &str, home: &Path) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    at_home(&mut command, home);
    command
}

/// Files of a session go below its own home, not into the developer's.
fn at_home(command: &mut Command, home: &Path) {
    command
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1")
        .env("GSETTINGS_BACKEND", "memory")
        .env("LC_ALL", "C.UTF-8")
        .env("LANGUAGE", "en")
        .env_remove("WAYLAND_DISPLAY");
}

/// Starts a program and waits for the one line in which it says that it is ready.
fn first_line(mut command: Command) -> Result<(Ends, String)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = Ends(command.stdout(Stdio::piped()).spawn().map_err(missing(&name))?);
    let mut line = String::new();
    if let Some(out) = child.0.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    let line = line.trim().to_owned();
    if line.is_empty() { Err(format!("{name} ended before it was ready").into()) } else { Ok((child, line)) }
}

fn missing(name: &str) -> impl FnOnce(std::io::Error) -> Box<dyn std::error::Error + Send + Sync> {
    let name = name.to_owned();
    move |error| format!("cannot start {name} ({error}): run `cargo xtask setup`").into()
}

#[cfg(unix)]
fn private(directory: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?)
}

#[cfg(not(unix))]
fn private(_directory: &Path) -> Result<()> {
    Ok(())
}
