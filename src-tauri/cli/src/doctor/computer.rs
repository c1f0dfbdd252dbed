//! What can be known of the register's own computer.
//!
//! Invariant: nothing of the till's is changed, and no till is disturbed: the file is opened for reading only, and the
//! keychain is tried under a name of the doctor's own.

use super::report::Report;
use onetill_core::{Code, DeviceId, ProjectUrl, ports::Vault};
use onetill_store::{Places, Settings, autostart, diagnostics};
use onetill_supabase::KeychainVault;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use uuid::Uuid;

const ROOM: u64 = 500 * 1024 * 1024;
/// A keychain may wait for a person to unlock it, and a print system for a printer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Every check of this computer.
pub(super) async fn all(places: &Places, report: &mut Report) {
    config(places, report);
    data_folder(places, report);
    disk(places, report);
    store(places, report);
    match off_the_runtime(keychain).await {
        Some(verdict) => verdict.add_to("keychain", report),
        None => report.failed(
            "keychain",
            format!("it did not answer in {} s", PATIENCE.as_secs()),
            "Unlock the keychain (sign in to the desktop anew) and repeat it.",
        ),
    }
    // A configuration that cannot be read is told above.
    if let Ok(settings) = crate::printer::configured(places)
        && !settings.is_none()
    {
        return match crate::printer::look(settings).await {
            Ok(found) => report.passed("printer", found),
            Err((found, todo)) => report.failed("printer", found, todo),
        };
    }
    match off_the_runtime(printer).await {
        Some(verdict) => verdict.add_to("printer", report),
        None => report.failed(
            "printer",
            "the print system does not answer",
            "Restart the print system of this computer.",
        ),
    }
}

/// How one of the slow checks went.
enum Verdict {
    Passed(String),
    Failed(String, &'static str),
    NotCheckable(&'static str),
}

impl Verdict {
    fn add_to(self, id: &str, report: &mut Report) {
        match self {
            Self::Passed(found) => report.passed(id, found),
            Self::Failed(found, todo) => report.failed(id, found, todo),
            Self::NotCheckable(why) => report.not_checkable(id, why),
        }
    }
}

async fn off_the_runtime(check: fn() -> Verdict) -> Option<Verdict> {
    tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(check)).await.ok()?.ok()
}

fn config(places: &Places, report: &mut Report) {
    let files: Vec<String> = [&places.config, &places.machine_config]
        .into_iter()
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if files.is_empty() {
        report.not_checkable("config", "this computer is not enrolled");
        return report.not_checkable("autostart", "this computer is not enrolled");
    }
    let shown = files.join(" over ");
    let settings = match Settings::load(places) {
        Ok(settings) => settings,
        Err(fault) => {
            return report.failed(
                "config",
                fault.detail,
                "Correct it, or write a person's file anew with `onetillctl enroll --replace`.",
            );
        }
    };
    match settings.values().supabase.connection() {
        Ok(_) => report.passed("config", format!("{shown}: {}", settings.describe().join(", "))),
        Err(fault) if fault.code == Code::SecretKey => report.failed(
            "config",
            format!("{shown}: a secret key"),
            "Write it anew with `onetillctl enroll --replace` and the publishable key; then revoke the secret key in \
             the dashboard.",
        ),
        Err(fault) => report.failed(
            "config",
            format!("{shown}: {}", fault.detail),
            "Correct it, or write it anew with `onetillctl enroll --replace`.",
        ),
    }
    at_login(places, &settings, report);
}

/// Whether the till starts at login as it is configured to.
fn at_login(places: &Places, settings: &Settings, report: &mut Report) {
    const START: &str = "Start the till once as the person who works at it: it brings this in order.";
    if places.own_identity().is_some() {
        return report
            .not_checkable("autostart", "the till of a data folder of its own never starts by itself");
    }
    match (settings.values().autostart, autostart::is_on()) {
        (None, _) => report.not_checkable("autostart", "not configured"),
        (Some(true), Ok(true)) => report.passed("autostart", "yes, as configured"),
        (Some(false), Ok(false)) => report.passed("autostart", "no, as configured"),
        (Some(_), Ok(is)) => {
            let found = if is { "it does and should not" } else { "it should and does not yet" };
            report.failed("autostart", found, START);
        }
        (Some(_), Err(cause)) => report.not_checkable("autostart", cause.to_string()),
    }
}

fn data_folder(places: &Places, report: &mut Report) {
    let folder = &places.data;
    if fs::symlink_metadata(folder).is_err() {
        return report.not_checkable("data_folder", "no till has run here yet");
    }
    let trial = folder.join(format!("doctor-{}", Uuid::new_v4()));
    let written = fs::write(&trial, b"trial").and_then(|()| fs::remove_file(&trial));
    match written {
        Ok(()) => report.passed("data_folder", folder.display().to_string()),
        Err(cause) => report.failed(
            "data_folder",
            format!("{}: {cause}", folder.display()),
            "Give the account that runs the till the right to write there; it keeps the shift when the power goes.",
        ),
    }
}

fn disk(places: &Places, report: &mut Report) {
    let existing = places.data.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    match fs4::available_space(existing) {
        Ok(free) if free >= ROOM => report.passed("disk", format!("{} MB free", free / 1024 / 1024)),
        Ok(free) => {
            let found = format!("{} MB free", free / 1024 / 1024);
            report.failed("disk", found, "Make room: a till that cannot write its file opens no shift.");
        }
        Err(cause) => report.failed("disk", cause.to_string(), "Check the disk."),
    }
}

fn store(places: &Places, report: &mut Report) {
    let path = places.store_file();
    if !path.exists() {
        return report.not_checkable("store", "no till has run here yet");
    }
    match diagnostics::facts(&path) {
        Ok(facts) => report.passed("store", facts.join(", ")),
        Err(cause) => report.failed(
            "store",
            format!("{}: {cause}", path.display()),
            "Start the till once: it sets the file aside under another name and goes on. Keep that file for support; it may \
             hold entries that were not sent. Then check the disk.",
        ),
    }
}

/// Keeps, reads and forgets a secret of its own.
fn keychain() -> Verdict {
    if cfg!(target_os = "linux") && !has_session_bus() {
        return Verdict::NotCheckable("no desktop session here");
    }
    let Ok(nowhere) = ProjectUrl::parse("https://doctor.invalid") else {
        return Verdict::NotCheckable("no name to try it under");
    };
    let vault = KeychainVault::new("doctor", &nowhere, DeviceId(Uuid::new_v4()));
    let trial = SecretString::from("trial");
    let round = vault.keep(&trial).and_then(|()| vault.load());
    let forgotten = vault.forget();
    match round.and_then(|kept| forgotten.map(|()| kept)) {
        Ok(Some(kept)) if kept.expose_secret() == "trial" => {
            Verdict::Passed("a secret was kept, read and forgotten".into())
        }
        Ok(_) => Verdict::Failed("it did not give back what it was given".into(), KEYCHAIN),
        Err(fault) => Verdict::Failed(fault.detail, KEYCHAIN),
    }
}

const KEYCHAIN: &str = "Without it people sign in at every start. Start the desktop's keychain (Credential Manager, Keychain \
                        Access, gnome-keyring or kwallet) and unlock it.";

fn has_session_bus() -> bool {
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty())
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).join("bus").exists())
}

/// What the print system says of the printer that this computer uses for everything else.
fn printer() -> Verdict {
    const READY: &str = "Switch the printer on, put paper in, and resume its queue in the system's settings.";
    let asked = if cfg!(windows) {
        "Get-CimInstance Win32_Printer -Filter Default=TRUE | ForEach-Object { $_.Name; $_.WorkOffline }"
    } else {
        // Locale C: the words are looked at.
        "LC_ALL=C lpstat -d && LC_ALL=C lpstat -p \"$(LC_ALL=C lpstat -d | sed 's/.*: //')\""
    };
    let mut command = if cfg!(windows) {
        let mut command = Command::new("powershell");
        command.args(["-NoProfile", "-NonInteractive", "-Command", asked]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", asked]);
        command
    };
    let Ok(output) = command.stdin(Stdio::null()).stderr(Stdio::null()).output() else {
        return Verdict::NotCheckable("this system tells nothing about printers");
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [] => Verdict::NotCheckable("this system tells nothing about printers"),
        [none, ..] if none.contains("no system default") => Verdict::NotCheckable("no printer is set up"),
        told => {
            let what = told.join("; ");
            let stopped = ["disabled", "not accepting", "True"];
            if stopped.iter().any(|word| what.contains(word)) {
                Verdict::Failed(what, READY)
            } else {
                Verdict::Passed(what)
            }
        }
    }
}
