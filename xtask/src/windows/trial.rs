//! What was built for Windows, under Wine: the crates' own tests, the installer, and the console against a real backend.
//!
//! Wine is not Windows: it has no WebView2, so the window itself is tried on Windows only.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use onetill_local::{DEMO_ACCOUNTS, Engine, repository};
use serde_json::Value;

use super::toolchain::{COMPILER, cargo, folder};
use crate::process::{Failure, Result, Running, answer, check_interrupt, run, run_logged};
use crate::{backend, say, tally};

/// The crates whose tests run without a web view.
const TESTED: &[&str] = &["onetill-core", "onetill-print", "onetill-store", "onetill-supabase", "onetillctl"];

/// Tests that Wine cannot hold, each with the reason. On Windows they run.
const NOT_UNDER_WINE: &[(&str, &str)] = &[];

/// The value that tells of an installed WebView2.
const WEBVIEW2: &str = r"HKCU\Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";

pub(super) fn run_all(installer: &Path) -> Result<()> {
    let wine = Wine::fresh()?;
    unit_tests(&wine)?;
    let programs = install(&wine, installer)?;
    console(&wine, &programs)?;
    remove(&wine, &programs)
}

/// A Windows of this command's own, made anew. Dropping it ends whatever runs in it.
struct Wine {
    home: PathBuf,
}

impl Wine {
    fn fresh() -> Result<Self> {
        say::header("A new Windows for Wine");
        let home = folder().join("wine");
        if home.exists() {
            std::fs::remove_dir_all(&home).map_err(Failure::said)?;
        }
        std::fs::create_dir_all(&home).map_err(Failure::said)?;
        let wine = Self { home };
        run(wine.program("wineboot", &["--init"]))?;
        wine.add_randomness()?;
        Ok(wine)
    }

    /// What Wine lacks before version 9, and Rust's standard library needs.
    fn add_randomness(&self) -> Result<()> {
        let library = self.drive().join("windows/system32/bcryptprimitives.dll");
        if library.exists() {
            return Ok(());
        }
        let source = repository().join("xtask/src/windows/bcryptprimitives.c");
        let mut compile = Command::new(COMPILER);
        compile.args(["-shared", "-O2", "-Wall", "-Werror", "-o"]).arg(library).arg(source).arg("-ladvapi32");
        run(compile)
    }

    fn drive(&self) -> PathBuf {
        self.home.join("windows/drive_c")
    }

    /// A program in it; nothing of the developer's own environment reaches it.
    fn program(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool("wine64"));
        command.arg(program).args(arguments);
        self.environment(&mut command);
        command
    }

    fn environment(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            // Without it Wine gives files no names beyond ASCII.
            .env("LC_ALL", "C.UTF-8")
            .env("WINEPREFIX", self.home.join("windows"))
            .env("WINEDEBUG", "-all")
            // Neither .NET nor a browser is offered, and no menu of the developer's desktop is written.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=;winemenubuilder.exe=d");
    }

    /// Its exit code.
    fn code(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Result<i32> {
        let mut command = self.program(program, arguments);
        command.stdin(Stdio::null());
        let status = Running::start(command)?.wait()?;
        status.code().ok_or_else(|| Failure::said(format!("it ended with {status}")))
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let mut server = Command::new(tool("wineserver"));
        server.arg("-k");
        self.environment(&mut server);
        let _nothing_runs = server.status();
    }
}

/// Debian keeps Wine's own programs beside the path.
fn tool(name: &str) -> PathBuf {
    let kept = Path::new("/usr/lib/wine").join(name);
    if kept.exists() { kept } else { PathBuf::from(name) }
}

fn unit_tests(wine: &Wine) -> Result<()> {
    say::header("The tests of the crates without a window, built for Windows");
    let packages: Vec<&str> = TESTED.iter().flat_map(|name| ["-p", *name]).collect();
    let mut build = vec!["test", "--locked", "--no-run", "--lib"];
    build.extend(&packages);
    run(cargo(&build))?;
    build.extend(["--quiet", "--message-format", "json"]);
    let told =
        answer(&mut cargo(&build)).ok_or_else(|| Failure::said("cargo does not tell what it built"))?;
    let built = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let name = message.get("target")?.get("name")?.as_str()?.to_owned();
        Some((name, message.get("executable")?.as_str()?.to_owned()))
    };
    let mut sum = 0;
    for (name, program) in told.lines().filter_map(built) {
        say::note(&name);
        let mut command = wine.program(&program, &["--quiet"]);
        for (test, _reason) in NOT_UNDER_WINE {
            command.args(["--skip", test]);
        }
        let (success, output) = run_logged(command, &wine.home.join(format!("{name}.log")), "")?;
        let counted = tally::libtest(&output);
        if !success || counted.passed == 0 {
            return Err(Failure::said(format!(
                "{name}: {} passed, {} failed",
                counted.passed, counted.failed
            )));
        }
        sum += counted.passed;
    }
    for (test, reason) in NOT_UNDER_WINE {
        say::note(&format!("not under Wine: {test}: {reason}"));
    }
    say::good(&format!("{sum} tests passed under Wine"));
    Ok(())
}

/// Installs for one person, as that person would; without and with WebView2.
fn install(wine: &Wine, installer: &Path) -> Result<PathBuf> {
    say::header("The installer");
    let setup = installer.display().to_string();
    expect("without WebView2", wine.code(&setup, &["/S", "/CurrentUser"])?, 3)?;
    wine.code("reg", &["add", WEBVIEW2, "/v", "pv", "/d", "140.0.0.0", "/f"])?;
    expect("with WebView2, over the first", wine.code(&setup, &["/S", "/CurrentUser"])?, 0)?;
    let programs = find(&wine.drive().join("users"), "onetillctl.exe")
        .and_then(|path| path.parent().map(Path::to_owned))
        .ok_or_else(|| Failure::said("onetillctl.exe was not installed for the person"))?;
    for name in ["onetill.exe", "WebView2Loader.dll", "uninstall.exe", "LICENSE.txt"] {
        if !programs.join(name).is_file() {
            return Err(Failure::said(format!("{name} was not installed")));
        }
    }
    expect("for everybody", wine.code(&setup, &["/S", "/AllUsers"])?, 0)?;
    let everybody = wine.drive().join("Program Files/Onetill");
    if !everybody.join("onetill.exe").is_file() || !wine.drive().join("ProgramData/onetill").is_dir() {
        return Err(Failure::said("it was not installed for everybody"));
    }
    uninstall(wine, &everybody, "/AllUsers")?;
    if !programs.join("onetill.exe").is_file() {
        return Err(Failure::said("removing it for everybody removed the wrong one"));
    }
    say::good("installs for one person and for everybody, over itself, and tells of a missing WebView2");
    Ok(programs)
}

/// Removes it as Windows' own settings do. The program ends at once, and a copy of it does the work.
fn uninstall(wine: &Wine, programs: &Path, whose: &str) -> Result<()> {
    let program = programs.join("uninstall.exe").display().to_string();
    expect("removed", wine.code(&program, &["/S", whose])?, 0)?;
    let deadline = Instant::now() + Duration::from_secs(60);
    while programs.exists() {
        check_interrupt()?;
        if Instant::now() > deadline {
            return Err(Failure::said(format!("{} is still there after it was removed", programs.display())));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn expect(what: &str, code: i32, wanted: i32) -> Result<()> {
    if code == wanted {
        return Ok(());
    }
    Err(Failure::said(format!("the installer {what}: exit code {code}, not {wanted}")))
}

/// A file of this name in a folder or below it.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().find_map(|entry| {
        let path = entry.path();
        if entry.file_type().ok()?.is_dir() {
            find(&path, name)
        } else {
            path.ends_with(name).then_some(path)
        }
    })
}

/// A path as a program in Wine names it.
fn windows_path(wine: &Wine, path: &Path) -> Result<String> {
    let inside = path.strip_prefix(wine.drive()).map_err(Failure::said)?;
    Ok(format!("C:\\{}", inside.display().to_string().replace('/', "\\")))
}

/// The installed console: enrolls, deploys, examines, drills, against a real PostgreSQL behind the local backend.
fn console(wine: &Wine, programs: &Path) -> Result<()> {
    let project = folder().join("backend");
    backend::reset(&project)?;
    let backend = backend::start(Engine::real(), &project)?;
    say::header("onetillctl.exe");
    let person = DEMO_ACCOUNTS.last().ok_or_else(|| Failure::said("the demo store has nobody"))?;
    let console = Console { wine, program: programs.join("onetillctl.exe"), password: person.password };
    let (url, key) = (backend.url(), backend.publishable_key().to_owned());
    let database = backend.database_url().ok_or_else(|| Failure::said("the backend has no PostgreSQL"))?;

    console.says(&["--version"], 0, env!("CARGO_PKG_VERSION"))?;
    let enroll = ["enroll", "--url", &url, "--key", &key, "--locale", "de", "--autostart", "on"];
    console.says(&enroll, 0, "Starts at login: C:\\")?;
    // At its first call the local server gives its roles more than a hosted one does.
    console.code(&["doctor", "--email", person.email])?;
    console.says(&["deploy", "--again", "--database-url", &database], 0, "Deployed")?;
    healthy(&console.says(
        &["--json", "doctor", "--email", person.email, "--database-url", &database],
        0,
        "checks",
    )?)?;
    let drill = ["drill", "--register", "M1", "--rounds", "2", "--email", person.email];
    console.says(&drill, 0, "PASS - ATOMIC FUNCTION WORKING")?;
    console.says(
        &["doctor", "--key", "sb_publishable_other", "--url", &url],
        1,
        "FAILED The project knows the key",
    )?;

    // The whole computer's file is where Windows has it, and what it locks holds.
    let lock =
        ["enroll", "--url", &url, "--key", &key, "--locale", "fr", "--whole-computer", "--lock", "locale"];
    console.says(&lock, 0, "ProgramData\\onetill\\config.toml")?;
    console.says(&enroll, 3, "locale is locked at this computer")?;
    console.says(&["doctor"], 0, "locale = fr (whole computer, locked; ignored from this person")?;
    // Through the spooler, which has no such queue.
    console.says(&["printer-test", "--printer", "queue:Receipts"], 3, "no such print queue")?;
    let report = wine.drive().join("report.txt");
    console.says(&["diagnostics", "--out", &windows_path(wine, &report)?], 0, "Written")?;
    let text = std::fs::read_to_string(&report).map_err(Failure::said)?;
    if !text.contains("windows x86_64") || text.contains(&key) {
        return Err(Failure::said(format!("the diagnostics are not right:\n{text}")));
    }
    say::good("enrolls, deploys, examines and drills");
    Ok(())
}

/// Every check of a healthy project and computer, as far as Wine is a computer.
fn healthy(page: &str) -> Result<()> {
    let page: Value = serde_json::from_str(page).map_err(Failure::said)?;
    let checks = page.get("checks").and_then(Value::as_array).ok_or_else(|| Failure::said("no checks"))?;
    let status = |id: &str| {
        let check = checks.iter().find(|check| check.get("id").is_some_and(|name| name == id));
        check.and_then(|check| check.get("status")).and_then(Value::as_str).unwrap_or("absent").to_owned()
    };
    for id in [
        "reach",
        "supabase",
        "latency",
        "clock",
        "key",
        "function",
        "strangers",
        "sign_in",
        "staff",
        "schema_version",
        "open_path",
        "database",
        "functions",
        "one_open_index",
        "no_duplicates",
        "row_level_security",
        "config",
        "autostart",
        "disk",
        "keychain",
    ] {
        if status(id) != "passed" {
            return Err(Failure::said(format!("doctor: {id} is {}:\n{page:#}", status(id))));
        }
    }
    let passed = page.get("passed").cloned().unwrap_or_default();
    say::note(&format!("doctor: {passed} checks passed, none failed"));
    Ok(())
}

struct Console<'a> {
    wine: &'a Wine,
    program: PathBuf,
    password: &'static str,
}

impl Console<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.wine.program(&self.program, arguments);
        command.env("ONETILL_PASSWORD", self.password);
        command
    }

    fn code(&self, arguments: &[&str]) -> Result<Option<i32>> {
        let status = self.command(arguments).stdin(Stdio::null()).output().map_err(Failure::said)?.status;
        Ok(status.code())
    }

    /// Runs it, and wants this exit code and these words. Returns its standard output.
    fn says(&self, arguments: &[&str], code: i32, words: &str) -> Result<String> {
        say::note(&format!("onetillctl {}", arguments.first().unwrap_or(&"")));
        let output = self.command(arguments).stdin(Stdio::null()).output().map_err(Failure::said)?;
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        // The page is wrapped at blanks.
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if output.status.code() == Some(code) && plain(&format!("{out}{err}")).contains(words) {
            return Ok(out);
        }
        Err(Failure::said(format!(
            "onetillctl {}: {}, not {code} with {words:?}\n{out}\n{err}",
            arguments.join(" "),
            output.status
        )))
    }
}

/// Removes it, and leaves what the till keeps.
fn remove(wine: &Wine, programs: &Path) -> Result<()> {
    say::header("Removing it");
    uninstall(wine, programs, "/CurrentUser")?;
    if find(&wine.drive().join("users"), "config.toml").is_none() {
        return Err(Failure::said("the configuration went with the program"));
    }
    let run_key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    if wine.code("reg", &["query", run_key, "/v", "onetill"])? == 0 {
        return Err(Failure::said("it would still be started at login"));
    }
    say::good("removed; configuration and data stay");
    Ok(())
}
