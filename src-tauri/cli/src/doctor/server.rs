//! What can be known of a project with its address and key, and with a sign-in.
//!
//! Invariant: nothing is written. The function is called either with an argument that is no UUID, or by GET, which the
//! server runs in a read-only transaction.

use super::report::{self, Report};
use crate::{
    database::chain,
    end::{End, Result},
    migrations,
    timing::Timing,
    wire::{Answer, Caller, Login, Silence},
};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use onetill_core::Project;
use onetill_core::{Code, Connection, Fault};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

/// Slower than this, half of the time, and cashiers wait at every step.
const SLOW_MS: u64 = 1_000;
/// Beyond this the server's tokens look as if they were issued in the future, or ended.
const SKEW: SignedDuration = SignedDuration::from_secs(30);
const DEPLOY: &str = "Run `onetillctl deploy --database-url …` (or `deploy --print-sql` and paste the file).";
pub(super) const DEPLOY_AGAIN: &str =
    "Run `onetillctl deploy --again --database-url …`: it brings back what is missing.";

/// Whether the written address and key can be ones.
/// Where only the database was named (`database_alone`), their absence is no fault.
pub(super) fn settings(
    written: std::result::Result<Project, Fault>,
    database_alone: bool,
    report: &mut Report,
) -> Option<Connection> {
    const WHERE: &str =
        "Take both from the project's dashboard, \"API keys\": the address and the publishable key.";
    let supabase = match written {
        Ok(supabase) => supabase,
        Err(fault) => {
            report.failed(
                "settings",
                fault.detail,
                "Correct the file, or write it anew with `onetillctl enroll`.",
            );
            return None;
        }
    };
    if supabase.is_empty() && database_alone {
        for (id, _) in report::PROJECT {
            report.not_checkable(id, "no --url and --key were given");
        }
        return None;
    }
    if supabase.is_empty() {
        report.failed("settings", "neither --url and --key nor a configuration file name a project", WHERE);
        return None;
    }
    match supabase.connection() {
        Ok(connection) => {
            report.passed("settings", connection.url.to_string());
            report.passed("key_kind", "publishable");
            Some(connection)
        }
        Err(fault) if fault.code == Code::SecretKey => {
            report.passed("settings", supabase.url.trim());
            report.failed(
                "key_kind",
                "a secret key: it bypasses every rule of the database",
                "Use the publishable key here. Where the secret key was on a till or in a message, make a new one in \
                 the dashboard and revoke this one.",
            );
            None
        }
        Err(fault) => {
            report.failed("settings", fault.detail, WHERE);
            None
        }
    }
}

/// Reachability, trust, speed, clock, key and function. Answers whether signing in is worth a try.
pub(super) async fn project(caller: &Caller, connection: &Connection, report: &mut Report) -> bool {
    let is_plain = connection.url.endpoint("").scheme() == "http";
    let first = match caller.get("auth/v1/health").await {
        Ok(answer) => answer,
        Err(silence) => {
            unreached(&silence, report);
            return false;
        }
    };
    report.passed("reach", connection.url.host());
    report.passed(
        "tls",
        if is_plain { "not needed on this very computer" } else { "the certificate is trusted" },
    );
    if !is_supabase(&first) {
        report.failed(
            "supabase",
            format!("HTTP {} that is not Supabase's answer", first.status),
            "Open the address in a browser on this computer: a Wi-Fi log-in page, a proxy or a paused project shows \
             itself there. A paused project is restored in the dashboard.",
        );
        return false;
    }
    report.passed("supabase", "Auth answers");
    clock(&first, report);
    latency(caller, report).await;

    match caller.get("auth/v1/settings").await {
        Ok(answer) if answer.status == 401 || answer.status == 403 => {
            report.failed(
                "key",
                answer.refusal(),
                "Copy the publishable key of this very project from the dashboard, whole.",
            );
            return false;
        }
        Ok(_) => {}
        Err(silence) => {
            report.failed("key", silence.to_string(), "Repeat it; the connection broke off.");
            return false;
        }
    }
    match probe(caller).await {
        Probe::WrongKey(refusal) => {
            report.failed(
                "key",
                refusal,
                "Copy the publishable key of this very project from the dashboard, whole.",
            );
            return false;
        }
        probe => {
            report.passed("key", "accepted");
            function(&probe, report);
        }
    }
    true
}

fn unreached(silence: &Silence, report: &mut Report) {
    match silence {
        Silence::Connect(why) => report.failed(
            "reach",
            why.as_str(),
            "Check the address, the network cable or Wi-Fi, and whether the firewall lets port 443 out.",
        ),
        Silence::Lost(why) => {
            report.failed("reach", why.as_str(), "Something takes the connection and does not answer: ask the network's owner about proxies and firewalls.");
        }
        Silence::TlsDates(why) => {
            report.passed("reach", "a server answers");
            report.failed("tls", why.as_str(), "Set this computer's date, time and time zone; if they are right, the server's certificate has run out.");
        }
        Silence::Tls(why) => {
            report.passed("reach", "a server answers");
            report.failed(
                "tls",
                why.as_str(),
                "Somebody between here and the server opens the connection (a virus scanner, a company proxy), or it is \
                 another server. Exempt the address there, or install the company's certificate on this computer.",
            );
        }
    }
}

/// Auth says how it is, or wants a key: both in JSON.
fn is_supabase(answer: &Answer) -> bool {
    answer.json.as_ref().is_some_and(Value::is_object) && (answer.worked() || answer.status == 401)
}

fn clock(answer: &Answer, report: &mut Report) {
    let told = answer.header("date").and_then(|date| rfc2822::parse(date).ok());
    let Some(server) = told else {
        report.not_checkable("clock", "the server does not tell its time");
        return;
    };
    // The header counts whole seconds.
    let ahead = Timestamp::now().duration_since(server.timestamp());
    if ahead.abs() <= SKEW {
        report.passed("clock", "within 30 s of the server's");
        return;
    }
    let way = if ahead.is_negative() { "behind" } else { "ahead of" };
    report.failed(
        "clock",
        format!("{} s {way} the server", ahead.abs().as_secs()),
        "Switch on automatic time on this computer, and check its time zone.",
    );
}

async fn latency(caller: &Caller, report: &mut Report) {
    let mut took = Vec::new();
    for _ in 0..5 {
        match caller.get("auth/v1/health").await {
            Ok(answer) => took.push(answer.took),
            Err(silence) => {
                report.failed(
                    "latency",
                    silence.to_string(),
                    "The connection is not steady: check cable, Wi-Fi and router.",
                );
                return;
            }
        }
    }
    let timing = Timing::of(took);
    let found = format!("half within {} ms, slowest {} ms", timing.p50_ms, timing.max_ms);
    if timing.p50_ms > SLOW_MS {
        let todo = "Check the network first (`ping` the router), then the project's region and its load.";
        report.failed("latency", found, todo);
    } else {
        report.passed("latency", found);
    }
}

/// What the endpoint says to a stranger whose call can do nothing.
enum Probe {
    /// There, and strangers are refused.
    Guarded,
    /// There, and strangers may call it.
    Open,
    Missing,
    Ambiguous,
    WrongKey(String),
    Other(String),
}

async fn probe(caller: &Caller) -> Probe {
    let nobody = json!({"p_register_id": "not-a-register", "p_location_id": null, "p_vendor_id": null,
        "p_user_id": null, "p_opening_cash": null});
    let answer = match caller.rpc("get_or_create_session", &nobody).await {
        Ok(answer) => answer,
        Err(silence) => return Probe::Other(silence.to_string()),
    };
    match answer.code() {
        Some("PGRST202" | "42883") => Probe::Missing,
        Some("PGRST203") => Probe::Ambiguous,
        Some("42501" | "PGRST301" | "PGRST302") => Probe::Guarded,
        // Refused for its argument: whether before or after the question who calls, differs between servers.
        Some("22P02") if strangers_are_refused(caller).await => Probe::Guarded,
        Some("22P02") => Probe::Open,
        None if answer.status == 401 => Probe::WrongKey(answer.refusal()),
        _ => Probe::Other(answer.refusal()),
    }
}

/// By GET the call may run and can write nothing; all that counts is whether it is refused at the door.
async fn strangers_are_refused(caller: &Caller) -> bool {
    let nobody = Uuid::nil();
    let path = format!(
        "rest/v1/rpc/get_or_create_session?p_register_id={nobody}&p_location_id={nobody}&p_vendor_id={nobody}\
         &p_user_id={nobody}&p_opening_cash=0"
    );
    let refused = |answer: Answer| match answer.code() {
        // Any other object that is refused was met inside.
        Some("42501") => answer.text("/message").is_some_and(|message| message.contains("for function")),
        Some("PGRST301" | "PGRST302") => true,
        _ => false,
    };
    caller.get(&path).await.is_ok_and(refused)
}

fn function(probe: &Probe, report: &mut Report) {
    match probe {
        Probe::Guarded => {
            report.passed("function", "present");
            report.passed("strangers", "refused");
        }
        Probe::Open => {
            report.passed("function", "present");
            report.failed(
                "strangers",
                "anybody who has the publishable key may call get_or_create_session",
                DEPLOY_AGAIN,
            );
        }
        Probe::Missing => report.failed("function", MISSING, DEPLOY),
        Probe::Ambiguous => report.failed("function", AMBIGUOUS, DEPLOY_AGAIN),
        Probe::WrongKey(why) | Probe::Other(why) => {
            report.failed("function", why.as_str(), "Repeat it; if it stays, send this page to support.");
        }
    }
}

/// What a register does without where only one of the earlier functions is there.
const OLDER: &str = "an older database part (pos_whoami is not there). Shifts start and are joined, but it does not \
    say which of both happened; a repeated press is not known by its key; every look fetches the whole row; there are \
    no movements, no counts and no reports";
const MISSING: &str =
    "Atomic session function not deployed: there is no get_or_create_session with the five arguments";
const AMBIGUOUS: &str =
    "several functions are called get_or_create_session, and the server cannot choose (PGRST203)";

/// For commands that need the function: says what is wrong before anything is tried.
pub(crate) async fn function_is_there(caller: &Caller) -> Result<()> {
    match probe(caller).await {
        Probe::Guarded | Probe::Open => Ok(()),
        Probe::Missing => Err(End::undone(format!("{MISSING}. {DEPLOY}"))),
        Probe::Ambiguous => Err(End::undone(format!("{AMBIGUOUS}. {DEPLOY_AGAIN}"))),
        Probe::WrongKey(why) => Err(End::undone(format!("the project does not know this key: {why}"))),
        Probe::Other(why) => Err(End::Undone(why)),
    }
}

/// What a member of staff can see. `health`: whether the server's own report is wanted.
pub(super) async fn staff(
    caller: &Caller,
    credentials: Option<(String, SecretString)>,
    health: bool,
    report: &mut Report,
) {
    let Some((email, password)) = credentials else {
        for id in ["sign_in", "staff", "open_path"] {
            report.not_checkable(id, "no --email was given");
        }
        return;
    };
    let login = match caller.sign_in(&email, &password).await {
        Ok(login) => login,
        Err(why) => {
            report.failed("sign_in", why, "Check e-mail and password in the dashboard, \"Authentication\"; the address must be confirmed.");
            return;
        }
    };
    report.passed("sign_in", "a token was given");
    let caller = caller.clone().signed_in(&login);
    whoami(&caller, &login, report).await;
    if health {
        server_report(&caller, report).await;
    }
    caller.sign_out().await;
}

async fn whoami(caller: &Caller, login: &Login, report: &mut Report) {
    let answer = match caller.rpc("pos_whoami", &json!({})).await {
        Ok(answer) => answer,
        Err(silence) => return report.failed("staff", silence.to_string(), "Repeat it."),
    };
    let person = match (&answer.json, answer.code()) {
        (Some(person), _) if answer.worked() => person.clone(),
        (_, Some("PGRST202")) => {
            report.failed("schema_version", OLDER, DEPLOY);
            return;
        }
        _ => {
            let todo = "Add the account to pos_staff with its vendor, location and role, and set is_active.";
            return report.failed("staff", answer.refusal(), todo);
        }
    };
    let role = person.get("role").and_then(Value::as_str).unwrap_or("unknown role");
    let places = person.get("locations").and_then(Value::as_array).map_or(0, Vec::len);
    report.passed("staff", format!("{role}, {places} location(s)"));
    let version = person.get("schema_version").and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok());
    schema_version(version, report);
    open_path(caller, login, &person, report).await;
}

/// Compares what is deployed with what this program carries.
pub(super) fn schema_version(found: Option<i32>, report: &mut Report) {
    let Some(brings) = migrations::schema_version() else { return };
    match found {
        Some(found) if found == brings => report.passed("schema_version", format!("version {found}")),
        Some(found) if found > brings => {
            let found = format!("the database has version {found}, this program {brings}");
            report.failed("schema_version", found, "Use the newer onetillctl.");
        }
        Some(found) => {
            let found = format!("the database has version {found}, this program brings {brings}");
            report.failed("schema_version", found, DEPLOY);
        }
        None => report.failed("schema_version", "the database does not tell a version", DEPLOY),
    }
}

/// Asks to open by GET: the server lets it come as far as the first lock, and no further.
async fn open_path(caller: &Caller, login: &Login, person: &Value, report: &mut Report) {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let vendor = text(person, "vendor_id").unwrap_or_default();
    let mut register = None;
    for place in person.get("locations").and_then(Value::as_array).into_iter().flatten() {
        let Some(location) = text(place, "id") else { continue };
        let Ok(listed) = caller.rpc("pos_registers", &json!({"p_location_id": location})).await else {
            continue;
        };
        if let (false, Some(code)) = (listed.worked(), listed.code()) {
            let (found, todo) = explained(code, &listed.refusal());
            return report.failed("open_path", found, todo);
        }
        let rows =
            listed.json.as_ref().and_then(|json| json.get("registers")).and_then(Value::as_array).cloned();
        let active = |row: &Value| row.get("status").and_then(Value::as_str) == Some("active");
        if let Some(id) = rows.into_iter().flatten().find(active).and_then(|row| text(&row, "id")) {
            register = Some((id, location));
            break;
        }
    }
    let Some((register, location)) = register else {
        return report.not_checkable("open_path", "there is no register in service yet");
    };
    let path = format!(
        "rest/v1/rpc/get_or_create_session?p_register_id={register}&p_location_id={location}&p_vendor_id={vendor}\
         &p_user_id={}&p_opening_cash=200.00",
        login.user
    );
    let answer = match caller.get(&path).await {
        Ok(answer) => answer,
        Err(silence) => return report.failed("open_path", silence.to_string(), "Repeat it."),
    };
    match answer.code() {
        // "cannot execute SELECT FOR … in a read-only transaction": as far as a look may come.
        Some("25006" | "55P03" | "POS_REGISTER_BUSY") => {
            report.passed("open_path", "as far as a look may come")
        }
        None if answer.worked() => report.passed("open_path", "the register is open"),
        Some(code) => {
            let (found, todo) = explained(code, &answer.refusal());
            report.failed("open_path", found, todo);
        }
        None => {
            report.failed("open_path", answer.refusal(), "Repeat it; if it stays, send this page to support.")
        }
    }
}

/// What a refusal on the way to the lock means.
fn explained(code: &str, refusal: &str) -> (String, &'static str) {
    match code {
        "42P01" | "PGRST205" => (format!("a table of the register is missing: {refusal}"), DEPLOY_AGAIN),
        "42501" => (format!("the function is not allowed to do its work: {refusal}"), DEPLOY_AGAIN),
        "POS_REGISTER_NOT_FOUND" | "P0001" => (
            format!("a policy hides from the function the register that is listed: {refusal}"),
            "Row level security stands in the way of the lock. Run `onetillctl deploy --again --database-url …`, then \
             `onetillctl doctor --database-url …`, which names the policy.",
        ),
        _ => (format!("something inside the function is missing or mistyped: {refusal}"), DEPLOY_AGAIN),
    }
}

/// The server's own report on itself.
async fn server_report(caller: &Caller, report: &mut Report) {
    let answer = match caller.rpc("pos_health", &json!({})).await {
        Ok(answer) => answer,
        Err(_told_by_the_others) => return,
    };
    let checks = answer.json.as_ref().and_then(|json| json.get("checks")).and_then(Value::as_array);
    let Some(checks) = checks.filter(|_| answer.worked()) else {
        return report.failed("functions", format!("pos_health: {}", answer.refusal()), DEPLOY_AGAIN);
    };
    for check in checks {
        let text = |name: &str| check.get(name).and_then(Value::as_str).unwrap_or_default();
        let ok = check.get("ok").and_then(Value::as_bool).unwrap_or(false);
        told(report, text("check"), ok, text("detail"), text("remedy"));
    }
    let rules = answer.json.as_ref().and_then(|json| json.get("reconciled")).and_then(Value::as_array);
    if let Some(rules) = rules {
        reconciled(report, rules.iter().filter_map(counted));
    }
}

/// One rule of the server's report, and how many things it put right.
fn counted(rule: &Value) -> Option<(&str, i64)> {
    Some((rule.get("rule")?.as_str()?, rule.get("rows")?.as_i64()?))
}

/// How much was put right, by rule, and where it can be read.
pub(super) fn reconciled<'a>(report: &mut Report, rules: impl Iterator<Item = (&'a str, i64)>) {
    let (mut total, mut by_rule) = (0, Vec::new());
    for (rule, count) in rules {
        total += count;
        by_rule.push(format!("{rule} {count}"));
    }
    let found = if total == 0 {
        "nothing had to be put right".to_owned()
    } else {
        format!(
            "{total} put right ({}); `onetillctl deploy --report --database-url …` lists them, and the owner reads them \
             with the function pos_reconciliations",
            by_rule.join(", ")
        )
    };
    report.passed("reconciled", found);
}

/// One line of the database's own report.
pub(super) fn told(report: &mut Report, id: &str, ok: bool, detail: &str, remedy: &str) {
    // The clock was compared with the server's in front of the database.
    if id == "clock" {
        return;
    }
    if ok {
        report.passed(id, detail);
        return;
    }
    let todo = match id {
        "one_open_index" => {
            "Without it two devices can open two shifts on one register. Run `onetillctl deploy --again --database-url \
             …`: it settles duplicates first, then makes the index."
        }
        "no_duplicates" => {
            "Run `onetillctl deploy --again --database-url …`: the shift with money on it stays, the others become \
             `ended`, to be counted by a manager."
        }
        "as_installed" => {
            "If nobody meant it, run `onetillctl deploy --again --database-url …`: it brings back what was installed."
        }
        "whole_shift" => {
            "Something of the database's own stands in the way (a check, a foreign key, a trigger). Run `onetillctl deploy \
             --again --database-url …`; if it stays, send this line to support."
        }
        "movement_types" | "managers" | "server_version" => remedy,
        _ => DEPLOY_AGAIN,
    };
    report.failed(id, detail, todo);
}

/// A database's refusal for the page.
pub(super) fn refused(cause: &tokio_postgres::Error) -> String {
    chain(cause)
}
