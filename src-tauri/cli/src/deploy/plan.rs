//! What a deployment finds, and what it will therefore do.
//!
//! Invariant: looking changes nothing, and a database whose shape is not known is refused before anything runs.

use crate::{
    database::{Database, chain},
    end::{End, Result},
    migrations,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The oldest PostgreSQL that the database part is tested on.
const OLDEST: i32 = 150_000;

/// What `look.sql` answers.
#[derive(Debug, Deserialize)]
struct Look {
    server: String,
    server_number: i32,
    read_only: bool,
    may_create: bool,
    auth_users: bool,
    auth_uid: bool,
    has_schema: bool,
    schema_is_ours: bool,
    has_function: bool,
    odd_functions: Vec<String>,
    earlier_functions: Vec<String>,
    tables: BTreeMap<String, Table>,
    index: Option<Index>,
    policies: Vec<String>,
    has_history: bool,
}

#[derive(Debug, Deserialize)]
struct Table {
    ordinary: bool,
    ours_to_change: bool,
    keyed_by_id: bool,
    columns: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Index {
    valid: bool,
    unique: bool,
}

/// What will be done with one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The history has it; it is left alone.
    Applied,
    /// It is new to this database.
    Apply,
    /// The history has it; it is applied once more, as asked.
    Again,
}

/// One file of the plan.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    pub(super) version: &'static str,
    pub(super) name: &'static str,
    pub(super) step: Step,
    #[serde(skip)]
    pub(super) sql: &'static str,
}

/// What is there, and what will be done.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    /// PostgreSQL's version.
    pub(super) server: String,
    /// The schema version found; `None` before the first deployment.
    pub(super) found_version: Option<i32>,
    /// The schema version that this program brings.
    pub(super) brings_version: Option<i32>,
    /// Every file, in order.
    pub(super) files: Vec<Planned>,
    /// What of the rows and objects there will be put right.
    pub(super) will_put_right: Vec<String>,
    /// Why nothing will be done at all.
    pub(super) refused: Vec<String>,
    /// The history says that it was deployed, and what it made is not there.
    pub(super) gone: bool,
}

impl Plan {
    pub(super) fn pending(&self) -> impl Iterator<Item = &Planned> {
        self.files.iter().filter(|file| file.step != Step::Applied)
    }
}

/// Looks at the database and makes the plan. `again` applies also what the history has.
pub(super) async fn make(database: &Database, again: bool) -> Result<Plan> {
    let client = &database.client;
    let failed =
        |cause: tokio_postgres::Error| End::undone(format!("looking at the database: {}", chain(&cause)));
    let row = client.query_one(include_str!("look.sql"), &[]).await.map_err(failed)?;
    let look: Look = serde_json::from_value(row.get(0)).map_err(End::undone)?;

    let mut done = BTreeSet::new();
    if look.has_history {
        let rows = client.query("select version from supabase_migrations.schema_migrations", &[]).await;
        done = rows.map_err(failed)?.iter().map(|row| row.get::<_, String>(0)).collect();
    }
    let files: Vec<Planned> = migrations::all()
        .map(|file| Planned {
            version: file.version,
            name: file.name,
            sql: file.sql,
            step: match (done.contains(file.version), again) {
                (false, _) => Step::Apply,
                (true, true) => Step::Again,
                (true, false) => Step::Applied,
            },
        })
        .collect();
    let mut found_version = None;
    if look.has_schema && look.schema_is_ours && look.has_function {
        let asked = client.query_opt("select onetill.schema_version()", &[]).await;
        found_version = asked.ok().flatten().map(|row| row.get(0));
    }
    let gone = files.iter().all(|file| file.step == Step::Applied) && found_version.is_none();
    let brings_version = migrations::schema_version();
    let mut refused = refusals(&look);
    if let (Some(found), Some(brings)) = (found_version, brings_version)
        && found > brings
    {
        refused.push(format!(
            "The database has schema version {found}; this program brings {brings}. Use the newer onetillctl."
        ));
    }
    let mut will_put_right = foreseen_objects(&look, found_version.is_some());
    if refused.is_empty() && look.tables.contains_key("pos_sessions") {
        for (text, sql) in ROWS {
            // A column that is not there yet has no row to put right.
            if let Ok(row) = client.query_one(*sql, &[]).await
                && row.get::<_, i64>(0) > 0
            {
                will_put_right.push(text.replace("{}", &row.get::<_, i64>(0).to_string()));
            }
        }
    }
    Ok(Plan { server: look.server, found_version, brings_version, files, will_put_right, refused, gone })
}

/// Rows that the migrations will bring under the rules, and how many of them there are.
const ROWS: &[(&str, &str)] = &[
    (
        "{} open shifts beside another one on the same register: the one with money stays, else the oldest; the others \
         become `ended`, to be counted",
        "select coalesce(sum(n - 1), 0)::bigint from (select count(*) n from public.pos_sessions
           where status = 'open' and register_id is not null group by register_id having count(*) > 1) x",
    ),
    (
        "{} shifts without a register: put on a retired register of their own",
        "select count(*) from public.pos_sessions s
           where not exists (select from public.pos_registers r where r.id = s.register_id)",
    ),
    (
        "{} shifts with a status that nobody defined",
        "select count(*) from public.pos_sessions
           where status is null or status not in ('open', 'ended', 'closed', 'cancelled')",
    ),
    (
        "{} shifts whose number another one of the same vendor has: they get a suffix",
        "select coalesce(sum(n - 1), 0)::bigint from (select count(*) n from public.pos_sessions
           where session_number is not null group by vendor_id, session_number having count(*) > 1) x",
    ),
];

fn foreseen_objects(look: &Look, is_deployed: bool) -> Vec<String> {
    let mut found = Vec::new();
    if !is_deployed {
        for name in &look.earlier_functions {
            found.push(format!("an earlier function, replaced: {name}"));
        }
    }
    if look.index.as_ref().is_some_and(|index| !index.valid || !index.unique) {
        found.push("idx_one_open_session_per_register is invalid or not unique: made anew".to_owned());
    }
    for policy in &look.policies {
        found.push(format!("a policy that would widen ours, dropped: {policy}"));
    }
    found
}

fn refusals(look: &Look) -> Vec<String> {
    let mut why = Vec::new();
    let mut refuse = |true_then: bool, text: String| {
        if true_then {
            why.push(text);
        }
    };
    refuse(look.server_number < OLDEST, format!("PostgreSQL {} is older than 15.", look.server));
    refuse(look.read_only, "This database is read-only (a replica?).".into());
    refuse(
        !look.may_create,
        "This login may not create tables and schemas here; use the project's `postgres`.".into(),
    );
    refuse(
        !look.auth_users,
        "There is no table auth.users with a uuid: this is not a Supabase project.".into(),
    );
    refuse(!look.auth_uid, "There is no function auth.uid(): this is not a Supabase project.".into());
    refuse(!look.schema_is_ours, "There is a schema `onetill` that this program did not make.".into());
    for function in &look.odd_functions {
        refuse(true, format!("{function} is no plain function; nobody knows who uses it."));
    }
    for (name, table) in &look.tables {
        refuse(!table.ordinary, format!("public.{name} is not an ordinary table."));
        if !table.ordinary || name == "users" {
            continue;
        }
        refuse(
            !table.ours_to_change,
            format!("public.{name} belongs to another role; use its owner's login."),
        );
        refuse(
            !table.columns.contains_key("id") || !table.keyed_by_id,
            format!("public.{name} has no key `id`."),
        );
        for (column, kind) in &table.columns {
            if let Some(fitting) = fitting(name, column)
                && !fitting.contains(&kind.as_str())
            {
                let fitting = fitting.join(" or ");
                refuse(true, format!("public.{name}.{column} is {kind}, and must be {fitting}."));
            }
        }
    }
    why
}

/// The types that a column of this name may have; `None` where any will do.
fn fitting(table: &str, column: &str) -> Option<&'static [&'static str]> {
    const ID: &[&str] = &["uuid"];
    const WORD: &[&str] = &["text", "character varying"];
    const MONEY: &[&str] = &["numeric"];
    const NUMBER: &[&str] = &["integer", "bigint", "numeric"];
    const TIME: &[&str] = &["timestamp with time zone"];
    match column {
        "id" | "vendor_id" | "location_id" | "register_id" | "session_id" | "user_id" => Some(ID),
        "status" if table != "vendors" && table != "locations" => Some(WORD),
        "session_number" | "register_number" | "register_name" | "movement_type" | "timezone" => Some(WORD),
        "opening_cash" | "closing_cash" | "expected_cash" | "cash_difference" | "total_sales"
        | "total_cash" | "total_card" | "amount" => Some(MONEY),
        "total_transactions" | "pickup_orders_fulfilled" | "walk_in_sales" => Some(NUMBER),
        "opened_at" | "closed_at" | "last_transaction_at" => Some(TIME),
        _ => None,
    }
}
