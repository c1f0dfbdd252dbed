//! What can be known of a project with its address and key, and with a sign-in.
//!
//! Invariant: nothing is written. The function is called either with an argument that is no UUID, or by GET, which the
//! server runs in a read-only transaction.

use super::report::{self, Report};
use crate::{
    api::{ApiClient, Login, Request, TransportError},
    database::chain,
    error::{CliError, Result},
    migrations,
    timing::Timing,
};
use jiff::SignedDuration;
use onetill_core::{Code, Connection, Fault, Project};
use onetill_supabase::{
    TlsFailure,
    probe::{self, Strangers},
};
use secrecy::SecretString;
use serde_json::{Value, json};

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
pub(super) async fn project(client: &ApiClient, connection: &Connection, report: &mut Report) -> bool {
    const COPY: &str = "Copy the publishable key of this very project from the dashboard, whole.";
    let found = probe::examine(&client.http).await;
    if let Err(error) = &found.reach {
        unreached(error, report);
        return false;
    }
    report.passed("reach", connection.url.host());
    let is_plain = connection.url.endpoint("").scheme() == "http";
    let trusted = if is_plain { "not needed on this very computer" } else { "the certificate is trusted" };
    report.passed("tls", trusted);
    if let Some(Err(fault)) = &found.supabase {
        report.failed(
            "supabase",
            fault.detail.as_str(),
            "Open the address in a browser on this computer: a Wi-Fi log-in page, a proxy or a paused project shows \
             itself there. A paused project is restored in the dashboard.",
        );
        return false;
    }
    report.passed("supabase", "Auth answers");
    clock(client, report);
    latency(client, report).await;
    match found.key {
        Some(Ok(())) => report.passed("key", "accepted"),
        Some(Err(fault)) if fault.code == Code::WrongKey => report.failed("key", fault.detail, COPY),
        Some(Err(fault)) => report.failed("key", fault.detail, "Repeat it; the connection broke off."),
        None => {}
    }
    match found.function {
        Some(function) => of_function(function, report),
        None => return false,
    }
    true
}

fn unreached(error: &TransportError, report: &mut Report) {
    let (check, why, todo) = match error {
        TransportError::Unreachable(why) => (
            "reach",
            why.as_str(),
            "Check the address, the network cable or Wi-Fi, and whether the firewall lets port 443 out.",
        ),
        TransportError::NoAnswer(why) | TransportError::TooLarge(why) => (
            "reach",
            why.as_str(),
            "Something takes the connection and does not answer: ask the network's owner about proxies and firewalls.",
        ),
        TransportError::BadToken => ("reach", "nothing was sent", "Repeat it."),
        TransportError::Untrusted(TlsFailure::Dates, why) => (
            "tls",
            why.as_str(),
            "Set this computer's date, time and time zone; if they are right, the server's certificate has run out.",
        ),
        TransportError::Untrusted(TlsFailure::Other, why) => (
            "tls",
            why.as_str(),
            "Somebody between here and the server opens the connection (a virus scanner, a company proxy), or it is \
             another server. Exempt the address there, or install the company's certificate on this computer.",
        ),
    };
    if check == "tls" {
        report.passed("reach", "a server answers");
    }
    report.failed(check, why, todo);
}

fn clock(client: &ApiClient, report: &mut Report) {
    let Some(skew) = client.http.clock_skew() else {
        report.not_checkable("clock", "the server does not tell its time");
        return;
    };
    // The header counts whole seconds.
    if skew.abs() <= SKEW {
        report.passed("clock", "within 30 s of the server's");
        return;
    }
    let way = if skew.is_negative() { "ahead of" } else { "behind" };
    report.failed(
        "clock",
        format!("{} s {way} the server", skew.abs().as_secs()),
        "Switch on automatic time on this computer, and check its time zone.",
    );
}

async fn latency(client: &ApiClient, report: &mut Report) {
    let mut took = Vec::new();
    for _ in 0..5 {
        match client.send(Request::get("auth/v1/health")).await {
            Ok(answer) => took.push(answer.took),
            Err(error) => {
                report.failed(
                    "latency",
                    error.to_string(),
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

fn of_function(function: std::result::Result<Strangers, Fault>, report: &mut Report) {
    match function {
        Ok(strangers) => {
            report.passed("function", "present");
            match strangers {
                Strangers::Refused => report.passed("strangers", "refused"),
                Strangers::Allowed => report.failed(
                    "strangers",
                    "anybody who has the publishable key may call get_or_create_session",
                    DEPLOY_AGAIN,
                ),
            }
        }
        Err(fault) => {
            let (found, todo) = why_not(fault);
            report.failed("function", found, todo);
        }
    }
}

/// What stands in the way of the function, and what to do about it.
fn why_not(fault: Fault) -> (String, &'static str) {
    match fault.code {
        Code::FunctionNotDeployed => (MISSING.to_owned(), DEPLOY),
        Code::FunctionAmbiguous => (AMBIGUOUS.to_owned(), DEPLOY_AGAIN),
        Code::WrongKey => (format!("the project does not know this key: {}", fault.detail), ""),
        _ => (fault.detail, "Repeat it; if it stays, send this page to support."),
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
pub(crate) async fn function_is_there(client: &ApiClient) -> Result<()> {
    match probe::function(&client.http).await {
        Ok(_strangers) => Ok(()),
        Err(fault) => {
            let (found, todo) = why_not(fault);
            Err(CliError::failed(format!("{found}. {todo}").trim_end_matches([' ', '.'])))
        }
    }
}

/// What a member of staff can see. `health`: whether the server's own report is wanted.
pub(super) async fn staff(
    client: &ApiClient,
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
    let login = match client.sign_in(&email, &password).await {
        Ok(login) => login,
        Err(why) => {
            report.failed("sign_in", why, "Check e-mail and password in the dashboard, \"Authentication\"; the address must be confirmed.");
            return;
        }
    };
    report.passed("sign_in", "a token was given");
    let client = client.clone().signed_in(&login);
    whoami(&client, &login, report).await;
    if health {
        server_report(&client, report).await;
    }
    client.sign_out().await;
}

async fn whoami(client: &ApiClient, login: &Login, report: &mut Report) {
    let answer = match client.rpc("pos_whoami", &json!({})).await {
        Ok(answer) => answer,
        Err(error) => return report.failed("staff", error.to_string(), "Repeat it."),
    };
    let person = match (answer.json(), answer.code().as_deref()) {
        (Some(person), _) if answer.worked() => person,
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
    open_path(client, login, &person, report).await;
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
async fn open_path(client: &ApiClient, login: &Login, person: &Value, report: &mut Report) {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let vendor = text(person, "vendor_id").unwrap_or_default();
    let mut register = None;
    for place in person.get("locations").and_then(Value::as_array).into_iter().flatten() {
        let Some(location) = text(place, "id") else { continue };
        let Ok(listed) = client.rpc("pos_registers", &json!({"p_location_id": location})).await else {
            continue;
        };
        if let (false, Some(code)) = (listed.worked(), listed.code()) {
            let (found, todo) = explained(&code, &listed.refusal());
            return report.failed("open_path", found, todo);
        }
        let rows = listed.json().and_then(|json| json.get("registers").and_then(Value::as_array).cloned());
        let active = |row: &Value| row.get("status").and_then(Value::as_str) == Some("active");
        if let Some(id) = rows.into_iter().flatten().find(active).and_then(|row| text(&row, "id")) {
            register = Some((id, location));
            break;
        }
    }
    let Some((register, location)) = register else {
        return report.not_checkable("open_path", "there is no register in service yet");
    };
    let request = Request::get("rest/v1/rpc/get_or_create_session")
        .query("p_register_id", register)
        .query("p_location_id", location)
        .query("p_vendor_id", vendor)
        .query("p_user_id", login.user.to_string())
        .query("p_opening_cash", "200.00");
    let answer = match client.send(request).await {
        Ok(answer) => answer,
        Err(error) => return report.failed("open_path", error.to_string(), "Repeat it."),
    };
    match answer.code().as_deref() {
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
async fn server_report(client: &ApiClient, report: &mut Report) {
    let answer = match client.rpc("pos_health", &json!({})).await {
        Ok(answer) => answer,
        Err(_told_by_the_others) => return,
    };
    let body = answer.json().unwrap_or_default();
    let checks = body.get("checks").and_then(Value::as_array);
    let Some(checks) = checks.filter(|_| answer.worked()) else {
        return report.failed("functions", format!("pos_health: {}", answer.refusal()), DEPLOY_AGAIN);
    };
    for check in checks {
        let text = |name: &str| check.get(name).and_then(Value::as_str).unwrap_or_default();
        let ok = check.get("ok").and_then(Value::as_bool).unwrap_or(false);
        told(report, text("check"), ok, text("detail"), text("remedy"));
    }
    if let Some(rules) = body.get("reconciled").and_then(Value::as_array) {
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
