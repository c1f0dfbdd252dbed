//! Databases that nobody has seen yet: the strict imitation, changed in one place or in several. Each either migrates,
//! and then a whole shift can be worked on it and the web client of the field goes on as before; or it is refused with a
//! sentence that names what stands in the way, and nothing is changed. There is no third outcome.
//!
//! By itself a run tries each mutation on one of the servers and a few combinations on both. `ONETILL_MUTATIONS=500` tries
//! each on both, and that many combinations; `ONETILL_MUTATIONS_SEED` begins with a seed that failed, `ONETILL_MUTATION`
//! tries only what has these words in its name, and `ONETILL_MUTATIONS_TOLD` tells what came of each.

use fastrand::Rng;
use onetill_local::PgVersion;
use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk};
use onetill_tests::database::{Database, Server};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::picture::{NOTHING, changed, picture};
use crate::web_client::{
    ANA_S_LOGIN, FUNCTIONS, MAX_S_LOGIN, OPEN_SHIFT, SHOP, all_migrations, lost, rehearse, strict,
    take_on_staff,
};

crate::tests![checks, keys, triggers, types, rights, objects, rows, several_at_once];

/// Whose login the migrations run under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Login {
    /// May do everything, as on a server of one's own.
    Superuser,
    /// Owns the shop's tables and passes row level security: a hosted project's `postgres`.
    Platform,
    /// Owns the shop's tables, and that is all.
    Shop,
}

impl Login {
    fn role(self) -> &'static str {
        match self {
            Self::Superuser => "postgres",
            Self::Platform => "shop_platform",
            Self::Shop => "shop_owner",
        }
    }
}

/// Which of the two outcomes it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Migrates,
    /// With a sentence that has this word.
    Refuses(&'static str),
    /// Both are right, as long as it is one of them.
    Either,
}

/// One way in which a database of the field may differ from the imitation.
#[derive(Debug, Clone, Copy)]
struct Mutation {
    name: &'static str,
    sql: &'static str,
    login: Login,
    expected: Expected,
    /// What must be true afterwards, where it migrates: above all that the shop's own is still there.
    holds: &'static str,
    /// The figures of the web client stay as they were; not so where the shop's columns rounded them.
    figures: bool,
    /// What of the web client's acts nothing can save: how their names begin.
    stops: &'static [&'static str],
}

impl Mutation {
    const fn migrates(name: &'static str, sql: &'static str) -> Self {
        Self {
            name,
            sql,
            login: Login::Superuser,
            expected: Expected::Migrates,
            holds: "true",
            figures: true,
            stops: &[],
        }
    }

    const fn refuses(name: &'static str, word: &'static str, sql: &'static str) -> Self {
        Self { expected: Expected::Refuses(word), ..Self::migrates(name, sql) }
    }

    const fn either(name: &'static str, sql: &'static str) -> Self {
        Self { expected: Expected::Either, ..Self::migrates(name, sql) }
    }

    const fn by(self, login: Login) -> Self {
        Self { login, ..self }
    }

    const fn and(self, holds: &'static str) -> Self {
        Self { holds, ..self }
    }

    const fn without(self, stops: &'static [&'static str]) -> Self {
        Self { stops, ..self }
    }

    const fn other_figures(self) -> Self {
        Self { figures: false, ..self }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Migrated,
    Refused(String),
}

/// Gives everything of the shop to a login, and what the login of a hosted project may do besides.
fn hand_over(login: Login) -> String {
    let role = login.role();
    let references = if login == Login::Platform { ", references" } else { "" };
    let attributes = if login == Login::Platform { "bypassrls" } else { "nobypassrls" };
    format!(
        "do $$ begin create role {role} nologin {attributes}; exception when duplicate_object or unique_violation then null; end $$;
         do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$;
         grant create, usage on schema public to {role};
         grant usage on schema auth to {role};
         grant select{references} on auth.users to {role};
         alter default privileges for role {role} in schema public grant all on tables to anon, authenticated, service_role;
         alter default privileges for role {role} in schema public grant all on functions to anon, authenticated, service_role;
         do $$ declare x record; begin
           for x in select c.oid::regclass as name, case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind
               from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
                 and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i', 'e') and d.classid = 'pg_class'::regclass) loop
             execute format('alter %s %s owner to {role}', x.kind, x.name);
           end loop;
           for x in select p.oid::regprocedure as name, case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end as kind
               from pg_proc p where p.pronamespace = 'public'::regnamespace
                 and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e' and d.classid = 'pg_proc'::regclass) loop
             execute format('alter %s %s owner to {role}', x.kind, x.name);
           end loop;
           for x in select t.oid::regtype as name from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd') loop
             execute format('alter type %s owner to {role}', x.name);
           end loop;
         end $$;"
    )
}

/// Runs all the migrations in one transaction under this login.
async fn migrate(database: &Database<'_>, login: Login) -> Result<std::result::Result<(), (String, String)>> {
    let client = database.superuser().await?;
    if login != Login::Superuser {
        client.batch_execute(&format!("set session authorization {}", login.role())).await?;
    }
    let Err(error) = client.batch_execute(&format!("begin;\n{}\ncommit;", all_migrations()?)).await else {
        return Ok(Ok(()));
    };
    let said = error.as_db_error().ok_or("no answer from PostgreSQL")?;
    let place = said.where_().unwrap_or_default().lines().take(3).collect::<Vec<_>>().join(" < ");
    Ok(Err((said.code().code().to_owned(), format!("{} [{place}]", said.message()))))
}

/// Every amount and word of the past that must be there afterwards as it was.
async fn treasure(superuser: &Client) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (table, columns) in [
        (
            "pos_sessions",
            "opening_cash closing_cash total_sales total_cash total_card total_transactions walk_in_sales",
        ),
        ("pos_cash_movements", "movement_type amount reason"),
        ("pos_registers", "register_number register_name"),
    ] {
        // A table or a column that this database never had is nothing to lose.
        let found = superuser
            .query(
                "select a.attname::text from pg_attribute a where a.attrelid = to_regclass('public.' || $1) and a.attnum > 0 and not a.attisdropped
                   and a.attname = any (string_to_array($2, ' ')) and $1 in (select relname from pg_class where relkind = 'r') order by 1",
                &[&table, &columns],
            )
            .await?;
        for row in found {
            let column: String = row.get(0);
            let shown = format!(
                "case when x.{column} is null then 'nothing' when x.{column}::text ~ '^-?[0-9.]+$' then trim_scale(x.{column}::text::numeric)::text else trim(x.{column}::text) end"
            );
            let sql = format!(
                "select '{table} ' || x.id || ' {column} ' || {shown} from {table} x where x.id::text like '00000000-%' or '{table}' = 'pos_cash_movements' order by 1"
            );
            lines.extend(superuser.query(&sql, &[]).await?.iter().map(|row| row.get::<_, String>(0)));
        }
    }
    Ok(lines)
}

fn same(what: &str, is: &Value, should_be: impl Into<Value>) -> Result<()> {
    let should_be = should_be.into();
    // A currency may have no cents.
    let whole = is.as_str().map(|text| json!(format!("{text}.00")));
    if *is == should_be || whole.as_ref() == Some(&should_be) {
        Ok(())
    } else {
        Err(format!("{what} is {is}, and should be {should_be}").into())
    }
}

/// Asks for one thing, and says which where it fails.
async fn ask(desk: &Desk, what: &str, function: &str, arguments: Value) -> Result<Value> {
    desk.call(function, &arguments).await.map_err(|refusal| format!("{what}: {refusal}").into())
}

/// A shift from the first register to the last report, by two people who sign in.
async fn whole_shift(database: &Database<'_>) -> Result<()> {
    let owner = take_on_staff(database).await.map_err(|error| format!("the owner is appointed: {error}"))?;
    let cashier = database.desk(Caller::User(ANA_S_LOGIN)).await?;
    let me = ask(&cashier, "the cashier asks who she is", "pos_whoami", json!({})).await?;
    if me["locations"][0]["id"].is_null() {
        let street = format!(
            "insert into locations (id, vendor_id, name) values (gen_random_uuid(), '{SHOP}', 'New street')"
        );
        database
            .desk(Caller::Service)
            .await?
            .run(&street)
            .await
            .map_err(|refusal| format!("a location is added: {refusal}"))?;
    }
    let me = ask(&cashier, "the cashier asks who she is", "pos_whoami", json!({})).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().parse::<Uuid>().ok();
    let (location, shop) = (text(&me["locations"][0]["id"]), text(&me["vendor_id"]));
    let register = Uuid::new_v4();
    ask(
        &owner,
        "the owner adds a register",
        "pos_save_register",
        json!({"p_id": register, "p_location_id": location,
        "p_register_number": "NEW-1", "p_register_name": "New counter"}),
    )
    .await?;
    let ask_open = |user: Uuid, key: Option<Uuid>| Ask {
        place: (Some(register), location, shop),
        user: Some(user),
        cash: Some("200.00".into()),
        key,
        device: Some(Uuid::from_u128(7)),
    };
    let open = async |desk: &Desk, user: Uuid, key: Option<Uuid>, outcome: &str| -> Result<Uuid> {
        let opened = desk
            .open(&ask_open(user, key))
            .await
            .map_err(|refusal| format!("opening, to be {outcome}: {refusal}"))?;
        same("the outcome of an open", &json!(opened.outcome), outcome)?;
        same("the float", &json!(opened.column("opening_cash")), "200.00")?;
        same("the status", &json!(opened.column("status")), "open")?;
        Ok(opened.session)
    };

    let key = Some(Uuid::new_v4());
    let session = open(&cashier, ANA_S_LOGIN, key, "created").await?;
    open(&cashier, ANA_S_LOGIN, key, "replayed").await?;
    open(&owner, MAX_S_LOGIN, None, "joined").await?;
    let movement = |kind: &str, amount: &str, reverses: Option<Uuid>| {
        json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": kind,
        "p_amount": amount, "p_reason": "A reason of some length", "p_note": "noted at the counter", "p_reverses": reverses})
    };
    let record =
        async |desk: &Desk, kind: &str, amount: &str, reverses: Option<Uuid>| -> Result<Option<Uuid>> {
            let recorded = ask(desk, kind, "pos_record_movement", movement(kind, amount, reverses)).await?;
            same(&format!("the outcome of a {kind}"), &recorded["outcome"], "recorded")?;
            Ok(text(&recorded["movement"]["id"]))
        };
    record(&cashier, "pay_in", "10.00", None).await?;
    record(&cashier, "pay_out", "4.00", None).await?;
    record(&owner, "no_sale", "0", None).await?;
    let mistake = record(&owner, "pay_in", "3", None).await?;
    record(&cashier, "reversal", "3", mistake).await?;
    ask(
        &cashier,
        "the count begins",
        "pos_begin_count",
        json!({"p_key": Uuid::new_v4(), "p_session_id": session}),
    )
    .await?;
    let count = Uuid::new_v4();
    let counted = ask(
        &cashier,
        "the count is committed",
        "pos_commit_count",
        json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "206.00"}),
    )
    .await?;
    same("expected cash", &counted["count"]["expected_cash"], "206.00")?;
    let closed = ask(&cashier, "the close", "pos_close_session", json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count, "p_left_in_drawer": "100.00"})).await?;
    same("the outcome of a close", &closed["outcome"], "closed")?;
    let z = ask(&cashier, "the Z report", "pos_z_report", json!({"p_session_id": session})).await?;
    for (figure, value) in [
        ("expected_cash", "206.00"),
        ("counted_cash", "206.00"),
        ("cash_difference", "0.00"),
        ("taken_out", "106.00"),
        ("opener_name", "Ana Field"),
    ] {
        same(&format!("{figure} of the Z report"), &z["z_report"][figure], value)?;
    }
    same("movements of the Z report", &json!(z["z_report"]["movements"].as_array().map(Vec::len)), 4)?;

    let next = open(&cashier, ANA_S_LOGIN, None, "created").await?;
    let ended =
        ask(&cashier, "an end", "pos_end_session", json!({"p_key": Uuid::new_v4(), "p_session_id": next}))
            .await?;
    same("the outcome of an end", &ended["outcome"], "ended")?;
    let settled = ask(
        &owner,
        "settling it uncounted",
        "pos_close_session",
        json!({"p_key": Uuid::new_v4(), "p_session_id": next, "p_reason": "Nobody counted it"}),
    )
    .await?;
    same("the outcome of settling", &settled["outcome"], "closed")?;
    let unused = open(&cashier, ANA_S_LOGIN, None, "created").await?;
    let cancelled = ask(
        &cashier,
        "a cancel",
        "pos_cancel_session",
        json!({"p_key": Uuid::new_v4(), "p_session_id": unused}),
    )
    .await?;
    same("the outcome of a cancel", &cancelled["outcome"], "cancelled")?;
    ask(&owner, "the board", "pos_board", json!({"p_location_id": location})).await?;
    ask(&owner, "the day", "pos_day", json!({"p_location_id": location})).await?;
    Ok(())
}

/// What a migrated database has to be good for.
async fn works(
    database: &Database<'_>,
    before: &crate::web_client::Acts,
    mutations: &[&Mutation],
) -> Result<()> {
    whole_shift(database).await.map_err(|error| format!("the whole shift: {error}"))?;
    let owner = database.desk(Caller::User(MAX_S_LOGIN)).await?;
    let health =
        owner.call("pos_health", &json!({})).await.map_err(|refusal| format!("health: {refusal}"))?;
    let ill: Vec<&Value> =
        health["checks"].as_array().into_iter().flatten().filter(|check| check["ok"] != true).collect();
    if !ill.is_empty() || health["healthy"] != true {
        return Err(format!("health: {ill:?}").into());
    }
    if health["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|check| check["detail"].as_str().is_some_and(|detail| detail.starts_with("Not tried")))
    {
        return Err("health did not try a shift".into());
    }
    let mut stopped =
        lost(before, &rehearse(database).await?, mutations.iter().all(|mutation| mutation.figures));
    stopped.retain(|act| {
        !mutations.iter().flat_map(|mutation| mutation.stops).any(|name| act.starts_with(name))
    });
    if !stopped.is_empty() {
        return Err(format!("the web client: {stopped:?}").into());
    }
    let superuser = database.superuser().await?;
    let open: Option<String> = superuser
        .query_opt("select (onetill.expected_cash(id) = s.opening_cash + s.total_cash + 10 - 15)::text from pos_sessions s where id = $1 and status = 'open'", &[&OPEN_SHIFT])
        .await?
        .and_then(|row| row.get(0));
    if open.as_deref() == Some("false")
        && superuser
            .query_one(
                "select count(*) = 2 from pos_cash_movements where session_id = $1 and amount in (10, -15)",
                &[&OPEN_SHIFT],
            )
            .await?
            .get(0)
    {
        return Err("expected cash of the open shift is not float, cash sales and movements".into());
    }
    for (role, table) in ["pos_registers", "pos_sessions", "pos_cash_movements", "pos_staff", "pos_counts"]
        .iter()
        .flat_map(|table| [("anon", table), ("authenticated", table)])
    {
        let rights = if role == "anon" { "select,insert,update" } else { "insert,update" };
        for right in rights.split(',') {
            let may: bool = superuser
                .query_one("select has_any_column_privilege($1, $2, $3)", &[&role, table, &right])
                .await?
                .get(0);
            if may {
                return Err(format!("{role} may {right} {table}").into());
            }
        }
    }
    // Of several, one may be the reason for which another's own could not stay.
    for mutation in mutations.iter().filter(|_| mutations.len() == 1) {
        let holds: bool = superuser
            .query_one(&format!("select coalesce(({})::boolean, false)", mutation.holds), &[])
            .await
            .map_err(|error| format!("{}: {error:?}", mutation.holds))?
            .get(0);
        if !holds {
            return Err(format!("not so afterwards: {}", mutation.holds).into());
        }
    }
    Ok(())
}

/// The beginnings of the lines that changed.
fn briefly(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.chars().take(240).collect()).collect()
}

/// Migrates a database that was changed so, and demands one of the two outcomes.
async fn outcome(
    server: &Server,
    function: &str,
    login: Login,
    mutations: &[&Mutation],
    again: bool,
    names: &mut Vec<&'static str>,
) -> Result<Outcome> {
    let database = strict(server, function).await?;
    let superuser = database.superuser().await?;
    let mut made = Vec::new();
    for mutation in mutations {
        let sql = format!("begin; {}; commit", mutation.sql);
        match superuser.batch_execute(&sql).await {
            Ok(()) => made.push(*mutation),
            // Of several, one may have taken away what another changes.
            Err(_) if mutations.len() > 1 => superuser.batch_execute("rollback").await?,
            Err(error) => return Err(format!("the mutation itself: {:?}", error.as_db_error()).into()),
        }
    }
    names.extend(made.iter().map(|mutation| mutation.name));
    if login != Login::Superuser {
        superuser
            .batch_execute(&hand_over(login))
            .await
            .map_err(|error| format!("handing over: {:?}", error.as_db_error()))?;
        // What one of them took away again.
        for mutation in made.iter().filter(|mutation| mutation.login != Login::Superuser) {
            superuser.batch_execute(&mutation.sql.replace("shop_owner", login.role())).await.ok();
        }
    }
    let acts = rehearse(&database).await?;
    let (before, riches) = (picture(&database).await?, treasure(&superuser).await?);
    let outcome = match migrate(&database, login).await? {
        Err((code, reason)) => {
            let after = picture(&database).await?;
            if changed(&before, &after) != NOTHING {
                return Err(
                    format!("it was refused, and changed {:?}", briefly(&changed(&before, &after))).into()
                );
            }
            if code != "OT003" {
                return Err(format!("it failed with {code}: {reason}").into());
            }
            Outcome::Refused(reason)
        }
        Ok(()) => {
            let kept = treasure(&superuser).await?;
            let gone: Vec<&String> = riches.iter().filter(|line| !kept.contains(line)).collect();
            if !gone.is_empty() {
                return Err(format!("lost: {gone:?}").into());
            }
            works(&database, &acts, &made).await?;
            if again {
                let once = picture(&database).await?;
                if let Err((code, reason)) = migrate(&database, login).await? {
                    return Err(format!("a second time it failed with {code}: {reason}").into());
                }
                let twice = picture(&database).await?;
                if changed(&once, &twice) != NOTHING {
                    return Err(
                        format!("a second time it changed {:?}", briefly(&changed(&once, &twice))).into()
                    );
                }
            }
            Outcome::Migrated
        }
    };
    Ok(outcome)
}

/// Tries each of them alone, with one of the functions in turn, and reports all that went wrong at once.
async fn each(server: &Server, mutations: &[Mutation]) -> Result<()> {
    let mut wrong = Vec::new();
    let only = std::env::var("ONETILL_MUTATION").unwrap_or_default();
    let everywhere = std::env::var_os("ONETILL_MUTATIONS").is_some() || !only.is_empty();
    for ((at, mutation), function) in mutations.iter().enumerate().zip(FUNCTIONS.into_iter().cycle()) {
        // They are many: by itself a run tries each on one of the two servers.
        if !mutation.name.contains(&only)
            || !everywhere && (at % 2 == 0) != (server.version() == PgVersion::V15)
        {
            continue;
        }
        // A second time as well, where there is time for it.
        let again = everywhere || at % 3 == 0;
        let came = outcome(server, function, mutation.login, &[mutation], again, &mut Vec::new()).await;
        let right = match (&came, mutation.expected) {
            (Ok(Outcome::Migrated), Expected::Migrates | Expected::Either)
            | (Ok(Outcome::Refused(_)), Expected::Either) => true,
            (Ok(Outcome::Refused(reason)), Expected::Refuses(word)) => reason.contains(word),
            _ => false,
        };
        if std::env::var_os("ONETILL_MUTATIONS_TOLD").is_some() {
            eprintln!("{:?} {function}: {} -> {came:?}", server.version(), mutation.name);
        }
        if !right {
            wrong.push(format!("{} ({function}), expected {:?}: {came:?}", mutation.name, mutation.expected));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of {}:\n{}", wrong.len(), mutations.len(), wrong.join("\n")).into())
    }
}

async fn checks(server: &Server) -> Result<()> {
    each(server, CHECKS).await
}

async fn keys(server: &Server) -> Result<()> {
    each(server, KEYS).await
}

async fn triggers(server: &Server) -> Result<()> {
    each(server, TRIGGERS).await
}

async fn types(server: &Server) -> Result<()> {
    each(server, TYPES).await
}

async fn rights(server: &Server) -> Result<()> {
    each(server, RIGHTS).await
}

async fn objects(server: &Server) -> Result<()> {
    each(server, OBJECTS).await
}

async fn rows(server: &Server) -> Result<()> {
    each(server, ROWS).await
}

/// How many combinations a run of all the tests tries on each server.
const COMBINATIONS: u32 = 24;

async fn several_at_once(server: &Server) -> Result<()> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let combinations =
        number("ONETILL_MUTATIONS").map_or(COMBINATIONS, |many| u32::try_from(many).unwrap_or(u32::MAX));
    let seed: u64 = number("ONETILL_MUTATIONS_SEED").unwrap_or(if server.version() == PgVersion::V15 {
        20_261_130
    } else {
        15_000_000
    });
    let all: Vec<&Mutation> = [CHECKS, KEYS, TRIGGERS, TYPES, RIGHTS, OBJECTS, ROWS]
        .into_iter()
        .flatten()
        .filter(|mutation| {
            // A refusal on sight says nothing about the others.
            !matches!(mutation.expected, Expected::Refuses(_)) && mutation.login == Login::Superuser
        })
        .collect();
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for at in 0..combinations {
        let seed = seed.wrapping_add(u64::from(at));
        let mut dice = Rng::with_seed(seed);
        let login = [Login::Superuser, Login::Platform, Login::Shop][dice.usize(..3)];
        let many = dice.usize(2..=5);
        let chosen: Vec<&Mutation> = dice.choose_multiple(all.iter().copied(), many);
        let mut names = Vec::new();
        let came = outcome(server, FUNCTIONS[dice.usize(..3)], login, &chosen, true, &mut names).await;
        if std::env::var_os("ONETILL_MUTATIONS_TOLD").is_some() {
            eprintln!("{:?} seed {seed} {login:?} {names:?} -> {came:?}", server.version());
        }
        match came {
            Ok(Outcome::Migrated) => {}
            Ok(Outcome::Refused(_)) => refused += 1,
            Err(error) => wrong.push(format!("seed {seed}, as {login:?}, {names:?}: {error}")),
        }
    }
    if !wrong.is_empty() {
        return Err(format!("{} of {combinations}:\n{}", wrong.len(), wrong.join("\n")).into());
    }
    // Otherwise nothing much was tried.
    if combinations >= COMBINATIONS && refused * 2 > combinations {
        return Err(format!("{refused} of {combinations} were refused").into());
    }
    Ok(())
}

const CHECKS: &[Mutation] = &[
    Mutation::migrates("as delivered", "select"),
    Mutation::migrates("no check on a shift's status", "alter table pos_sessions drop constraint pos_sessions_status_check"),
    Mutation::migrates("no check on a movement's word", "alter table pos_cash_movements drop constraint pos_cash_movements_movement_type_check"),
    Mutation::migrates("no check on a register's status", "alter table pos_registers drop constraint pos_registers_status_check"),
    Mutation::migrates("a register is active and nothing else", "alter table pos_registers drop constraint pos_registers_status_check, add check (status = 'active')"),
    Mutation::migrates("a check on the status that the past breaks", "alter table pos_sessions drop constraint pos_sessions_status_check, add constraint strict check (status in ('open', 'closed')) not valid"),
    Mutation::migrates("amounts above zero", "alter table pos_cash_movements add constraint positive check (amount > 0) not valid"),
    Mutation::migrates("amounts up to a thousand", "alter table pos_cash_movements add constraint small check (amount between -1000 and 1000)"),
    Mutation::migrates("a float above zero", "alter table pos_sessions add constraint has_float check (opening_cash > 0)"),
    Mutation::migrates("a closed shift has a count", "alter table pos_sessions add constraint counted check (status <> 'closed' or closing_cash is not null) not valid"),
    Mutation::migrates("a closed shift has notes", "alter table pos_sessions add constraint noted check (status <> 'closed' or length(closing_notes) > 3) not valid"),
    Mutation::migrates("an open shift has no closing time", "alter table pos_sessions add constraint still_open check (status <> 'open' or closed_at is null)")
        .and("exists (select from pg_constraint where conname = 'still_open')"),
    Mutation::migrates("a difference is a difference", "alter table pos_sessions add constraint difference check (cash_difference = closing_cash - expected_cash) not valid")
        .and("exists (select from pg_constraint where conname = 'difference')"),
    Mutation::migrates("totals are not below zero", "alter table pos_sessions add constraint totals check (total_sales >= 0 and total_cash >= 0 and total_card >= 0)")
        .and("not exists (select from pg_constraint where conname = 'totals') and exists (select from onetill.reconciliations where rule = 'check_dropped' and note like '%totals%')"),
    Mutation::migrates("what is paid out is below zero", "alter table pos_cash_movements add constraint signed check (movement_type <> 'paid_out' or amount < 0)")
        .and("exists (select from pg_constraint where conname = 'signed')"),
    Mutation::migrates("a movement has a place", "alter table pos_cash_movements add constraint placed check (vendor_id is not null and location_id is not null and register_id is not null)")
        .and("exists (select from pg_constraint where conname = 'placed')"),
    Mutation::migrates("a movement has a person", "alter table pos_cash_movements add constraint by_somebody check (user_id is not null)"),
    Mutation::migrates("a reason says something", "alter table pos_cash_movements add constraint said check (length(reason) >= 3)"),
    Mutation::migrates("numbers begin with POS-", "alter table pos_sessions add constraint numbered check (session_number like 'POS-%') not valid"),
    Mutation::migrates("registers begin with REG-", "alter table pos_registers add constraint numbered check (register_number like 'REG-%')"),
    Mutation::migrates("a short session number", "alter table pos_sessions add constraint short check (length(session_number) <= 22)"),
    Mutation::either("a check that asks a function", "create table words (name text); create function known_word(word text) returns boolean language sql as 'select $1 in (select name from words)';
        insert into words values ('open'), ('closed'), ('suspended');
        alter table pos_sessions drop constraint pos_sessions_status_check, add constraint words check (known_word(status))"),
    Mutation::migrates("a check that asks about the time", "alter table pos_sessions add constraint today check (opened_at > '2025-01-01' and opened_at < '2100-01-01')")
        .and("exists (select from pg_constraint where conname = 'today')"),
    Mutation::migrates("a check of ours by its name", "alter table pos_sessions add constraint pos_sessions_status check (status <> 'cancelled')"),
    Mutation::migrates("a check across tables' columns of ours", "alter table pos_sessions add column close_kind text check (close_kind in ('normal'))"),
    Mutation::migrates("a check on the metadata", "alter table pos_sessions add constraint meta check (metadata is not null and jsonb_typeof(metadata) = 'object')")
        .and("exists (select from pg_constraint where conname = 'meta')"),
    Mutation::migrates("a check on a location's name", "alter table locations add constraint named check (length(name) > 3)")
        .and("exists (select from pg_constraint where conname = 'named')"),
];

const KEYS: &[Mutation] = &[
    Mutation::migrates("people are not checked", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey; alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey"),
    Mutation::migrates("people of shifts are not checked", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey"),
    Mutation::migrates("people of movements are not checked", "alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey"),
    Mutation::migrates("who leaves takes their shifts along", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey, add foreign key (user_id) references users (id) on delete cascade;
        alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey, add foreign key (user_id) references users (id) on delete cascade")
        .and("not exists (select from pg_constraint where confdeltype = 'c' and confrelid = 'users'::regclass and conrelid in ('pos_sessions'::regclass, 'pos_cash_movements'::regclass))"),
    Mutation::migrates("who leaves leaves nobody", "alter table pos_sessions alter user_id drop not null, drop constraint pos_sessions_user_id_fkey, add foreign key (user_id) references users (id) on delete set null"),
    Mutation::migrates("people are logins", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey, add foreign key (user_id) references auth.users (id) not valid;
        alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey, add foreign key (user_id) references auth.users (id) not valid"),
    Mutation::migrates("people of shifts are logins, of movements users", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey, add foreign key (user_id) references auth.users (id) not valid"),
    Mutation::migrates("people are users by their login", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey, add foreign key (user_id) references users (auth_user_id) not valid;
        alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey, add foreign key (user_id) references users (auth_user_id) not valid"),
    Mutation::migrates("people are employees", "create table employees (id uuid primary key, name text); insert into employees select id, first_name from users;
        alter table pos_sessions drop constraint pos_sessions_user_id_fkey, add foreign key (user_id) references employees (id);
        alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey, add foreign key (user_id) references employees (id)"),
    Mutation::migrates("people are checked at the end", "alter table pos_sessions alter constraint pos_sessions_user_id_fkey deferrable initially deferred;
        alter table pos_cash_movements alter constraint pos_cash_movements_user_id_fkey deferrable initially deferred"),
    Mutation::migrates("everything is checked at the end", "do $$ declare x record; begin for x in select conrelid::regclass as t, conname from pg_constraint where contype = 'f' loop
        execute format('alter table %s alter constraint %I deferrable initially deferred', x.t, x.conname); end loop; end $$"),
    Mutation::migrates("nothing is checked at all", "do $$ declare x record; begin for x in select conrelid::regclass as t, conname from pg_constraint where contype = 'f' loop
        execute format('alter table %s drop constraint %I', x.t, x.conname); end loop; end $$"),
    Mutation::migrates("a movement is by the opener", "create unique index by_opener on pos_sessions (id, user_id); alter table pos_cash_movements add foreign key (session_id, user_id) references pos_sessions (id, user_id) not valid"),
    Mutation::migrates("photos of drawers", "create table drawer_photos (id serial primary key, session_id uuid references pos_sessions on delete cascade, movement_id uuid references pos_cash_movements on delete cascade);
        insert into drawer_photos (session_id) select id from pos_sessions").and("exists (select from drawer_photos)"),
    Mutation::migrates("a shift follows another", "alter table pos_sessions add column previous uuid references pos_sessions (id)"),
    Mutation::migrates("a register keeps its shifts", "alter table pos_sessions drop constraint pos_sessions_register_id_fkey, add foreign key (register_id) references pos_registers (id) on delete restrict"),
    Mutation::migrates("a label for every shift", "alter table pos_sessions add column label text not null default 'x'; alter table pos_sessions alter label drop default"),
    Mutation::migrates("a label for every movement", "alter table pos_cash_movements add column label integer not null default 1; alter table pos_cash_movements alter label drop default"),
    Mutation::migrates("a label for every register", "alter table pos_registers add column label uuid not null default gen_random_uuid(); alter table pos_registers alter label drop default"),
    Mutation::migrates("a label for every location and vendor", "alter table locations add column street text not null default 'x'; alter table locations alter street drop default;
        alter table vendors add column tax_number text not null default 'x'; alter table vendors alter tax_number drop default"),
    Mutation::migrates("nothing of a shift is missing", "update pos_sessions set closing_cash = coalesce(closing_cash, 0), expected_cash = coalesce(expected_cash, 0), cash_difference = 0, closed_at = coalesce(closed_at, now()),
          closing_notes = '', last_transaction_at = now();
        alter table pos_sessions alter closing_cash set not null, alter expected_cash set not null, alter cash_difference set not null, alter closed_at set not null,
          alter closing_notes set not null, alter last_transaction_at set not null"),
    Mutation::migrates("every total is there", "alter table pos_sessions alter total_sales set not null, alter total_sales drop default, alter total_cash set not null, alter total_cash drop default,
        alter total_card set not null, alter total_card drop default, alter walk_in_sales set not null, alter walk_in_sales drop default, alter total_transactions set not null, alter total_transactions drop default")
        .and("not exists (select from pos_sessions where total_cash is null)"),
    Mutation::migrates("a movement says everything", "update pos_cash_movements set notes = ''; alter table pos_cash_movements alter notes set not null"),
    Mutation::migrates("a register has a device", "update pos_registers set device_id = 'd', device_name = 'n', device_type = 't'; alter table pos_registers alter device_id set not null, alter device_name set not null, alter device_type set not null"),
    Mutation::migrates("shifts without an id of their own", "alter table pos_sessions alter id drop default"),
    Mutation::migrates("everything may be empty", "alter table pos_sessions alter location_id drop not null, alter vendor_id drop not null, alter user_id drop not null, alter session_number drop not null;
        alter table pos_registers alter location_id drop not null, alter vendor_id drop not null, alter register_number drop not null, alter register_name drop not null;
        alter table pos_cash_movements alter session_id drop not null, alter user_id drop not null, alter location_id drop not null, alter vendor_id drop not null, alter movement_type drop not null, alter amount drop not null, alter reason drop not null"),
    Mutation::refuses("shifts without a key", "no key", "alter table pos_sessions drop constraint pos_sessions_pkey cascade"),
    Mutation::refuses("a key of two columns", "no key", "alter table pos_registers drop constraint pos_registers_pkey cascade, add primary key (id, vendor_id)"),
    Mutation::migrates("a unique index instead of a key", "alter table pos_cash_movements drop constraint pos_cash_movements_pkey; create unique index movements_id on pos_cash_movements (id)"),
    Mutation::migrates("register numbers per vendor", "alter table pos_registers drop constraint pos_registers_register_number_key, add unique (vendor_id, register_number)"),
    Mutation::migrates("numbers that repeat", "alter table pos_sessions drop constraint pos_sessions_session_number_key; update pos_sessions set session_number = 'POS-1'")
        .and("not exists (select from pos_sessions group by session_number having count(*) > 1)"),
    Mutation::migrates("one movement of a kind in a shift", "create unique index one_of_a_kind on pos_cash_movements (session_id, movement_type)"),
    Mutation::migrates("one movement of an amount in a shift", "alter table pos_cash_movements add constraint one_amount unique (session_id, movement_type, amount)"),
    Mutation::migrates("one movement for a sale", "create unique index one_for_a_sale on pos_cash_movements (transaction_id) where transaction_id is not null")
        .and("to_regclass('one_for_a_sale') is not null"),
    Mutation::migrates("one open shift for a person", "update pos_sessions set status = 'closed' where session_number like '%2__'; create unique index one_for_a_person on pos_sessions (user_id) where status = 'open'"),
    Mutation::migrates("one shift for a register and hour", "create unique index one_an_hour on pos_sessions (register_id, date_trunc('hour', opened_at at time zone 'UTC'), status) where status <> 'open' and opened_at > '2026-01-01'"),
    Mutation::migrates("one register for a name", "alter table pos_registers add unique (location_id, register_name)")
        .and("exists (select from pg_constraint where conname = 'pos_registers_location_id_register_name_key')"),
    Mutation::migrates("one open shift, excluded otherwise", "update pos_sessions set status = 'closed' where session_number like '%202'; alter table pos_sessions add constraint one_open exclude (register_id with =) where (status = 'open')"),
    Mutation::migrates("our index by its name, not unique", "create index idx_one_open_session_per_register on pos_sessions (register_id) where status = 'open'"),
    Mutation::migrates("our index by its name, of something else", "create unique index idx_one_open_session_per_register on pos_sessions (register_id, session_number)"),
    Mutation::either("our index by its name, as a key", "alter table pos_sessions add constraint idx_one_open_session_per_register unique (register_id, session_number)"),
    Mutation::either("our index by its name, on another table", "create index idx_one_open_session_per_register on orders (id)"),
    Mutation::either("a view by the name of our index", "create view idx_one_open_session_per_register as select 1 as one"),
    Mutation::migrates("our other indexes by their names", "create index pos_sessions_number on pos_sessions (session_number); create index pos_sessions_by_register on pos_sessions (register_id); create index pos_cash_movements_by_session on pos_cash_movements (session_id)"),
    Mutation::either("an index of ours that is not unique", "create index pos_sessions_id_vendor_key on pos_sessions (id)"),
];

const TRIGGERS: &[Mutation] = &[
    Mutation::refuses("a trigger that refuses every new word", "POS-7", "create function words() returns trigger language plpgsql as $$ begin
        if new.movement_type not in ('opening', 'sale', 'refund', 'no_sale', 'paid_in', 'paid_out', 'closing') then raise exception 'POS-7: unknown word %', new.movement_type; end if; return new; end $$;
        create trigger words before insert on pos_cash_movements for each row execute function words()"),
    Mutation::refuses("a trigger that refuses every movement", "POS-8", "create function words() returns trigger language plpgsql as $$ begin raise exception 'POS-8: not today'; end $$;
        create trigger words before insert on pos_cash_movements for each row when (new.movement_type not in ('opening', 'closing')) execute function words()"),
    Mutation::migrates("a trigger that sets updated_at", "create function touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
        create trigger touch before update on pos_sessions for each row execute function touch(); create trigger touch before update on pos_registers for each row execute function touch();
        create trigger a_touch before update on pos_cash_movements for each row execute function touch()").and("exists (select from pg_trigger where tgname = 'touch' and tgenabled = 'O')"),
    Mutation::migrates("a trigger that keeps a log", "create table audit_log (id bigint generated always as identity primary key, what text, at timestamptz default now());
        create function audit() returns trigger language plpgsql as $$ begin insert into audit_log (what) values (tg_table_name || ' ' || tg_op); return null; end $$;
        create trigger audit after insert or update or delete on pos_sessions for each row execute function audit();
        create trigger audit after insert or update or delete on pos_cash_movements for each row execute function audit();
        create trigger audit after insert or update or delete on pos_registers for each row execute function audit()").and("exists (select from audit_log)"),
    Mutation::migrates("a trigger that keeps a log, by the statement", "create table audit_log (what text); create function audit() returns trigger language plpgsql as $$ begin insert into audit_log select to_jsonb(n)::text from new_rows n; return null; end $$;
        create trigger audit after update on pos_sessions referencing new table as new_rows for each statement execute function audit()").and("exists (select from audit_log)"),
    Mutation::migrates("a log that asks another function", "create table audit_log (what text); create function write_down(what text) returns void language sql as 'insert into audit_log values ($1)';
        create function audit() returns trigger language plpgsql as $$ begin perform write_down(tg_op); return null; end $$;
        create trigger audit after insert or update on pos_sessions for each row execute function audit()"),
    Mutation::migrates("a log in a schema of its own", "create schema audit; create table audit.log (what text); grant all on schema audit to public; grant all on audit.log to public;
        create function audit.note() returns trigger language plpgsql as $$ begin insert into log values (tg_op); return null; end $$;
        alter function audit.note() set search_path = audit; create trigger audit after insert or update on pos_sessions for each row execute function audit.note()"),
    Mutation::either("a log in a schema of its own, found by the database's path", "create schema shop; create table shop.log (what text); grant all on schema shop to public; grant all on shop.log to public;
        create function note() returns trigger language plpgsql as $$ begin insert into log values (tg_op); return null; end $$; create trigger note after insert or update on pos_sessions for each row execute function note();
        do $$ begin execute format('alter database %I set search_path = public, shop', current_database()); end $$"),
    Mutation::migrates("a trigger that numbers shifts", "create sequence numbers; create function number() returns trigger language plpgsql as $$ begin new.session_number := 'N-' || nextval('numbers'); return new; end $$;
        create trigger number before insert on pos_sessions for each row execute function number()"),
    Mutation::either("a trigger that numbers shifts at every change", "create sequence numbers; create function number() returns trigger language plpgsql as $$ begin new.session_number := 'N-' || nextval('numbers'); return new; end $$;
        create trigger number before insert or update on pos_sessions for each row execute function number()"),
    Mutation::refuses("a trigger that wants a count", "POS-9", "create function counted() returns trigger language plpgsql as $$ begin
        if new.status = 'closed' and new.closing_cash is null then raise exception 'POS-9: count first'; end if; return new; end $$;
        create trigger counted before update on pos_sessions for each row execute function counted()"),
    Mutation::migrates("a trigger that points the register at its shift", "create function point() returns trigger language plpgsql as $$ begin
        update pos_registers set current_session_id = case when new.status = 'open' then new.id end where id = new.register_id; return null; end $$;
        create trigger point after insert or update on pos_sessions for each row execute function point()"),
    Mutation::migrates("a settled shift is left alone", "create function settled() returns trigger language plpgsql as $$ begin
        if old.status = 'closed' then raise exception 'POS-10: this shift is closed'; end if; return new; end $$;
        create trigger settled before update on pos_sessions for each row execute function settled()"),
    Mutation::migrates("a movement is never changed", "create function written() returns trigger language plpgsql as $$ begin raise exception 'POS-11: written once'; end $$;
        create trigger written before update or delete on pos_cash_movements for each row execute function written()"),
    Mutation::refuses("a register is never changed", "POS-12", "create function fixed() returns trigger language plpgsql as $$ begin raise exception 'POS-12: fixed'; end $$;
        create trigger fixed before update on pos_registers for each row execute function fixed()"),
    Mutation::refuses("a trigger that swallows what moves nothing", "no-sale", "create function swallow() returns trigger language plpgsql as $$ begin return case when new.amount = 0 then null else new end; end $$;
        create trigger swallow before insert on pos_cash_movements for each row when (new.movement_type = 'no_sale') execute function swallow()"),
    Mutation::refuses("a trigger that pays back what is paid in", "where 206 was counted", "create function mirror() returns trigger language plpgsql as $$ begin
        if new.movement_type = 'pay_in' then insert into pos_cash_movements (session_id, user_id, location_id, vendor_id, movement_type, amount, reason)
          select new.session_id, 'e1000000-0000-4000-8000-000000000001', new.location_id, new.vendor_id, 'paid_out', -1, 'fee'; end if; return null; end $$;
        alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey;
        create trigger mirror after insert on pos_cash_movements for each row execute function mirror()"),
    Mutation::refuses("a trigger that opens nothing", "opening a shift", "create function later() returns trigger language plpgsql as $$ begin new.status := 'closed'; return new; end $$;
        create trigger later before insert on pos_sessions for each row execute function later()"),
    Mutation::either("a trigger that rounds the float", "create function whole() returns trigger language plpgsql as $$ begin new.opening_cash := round(new.opening_cash, -1); return new; end $$;
        create trigger whole before insert on pos_sessions for each row execute function whole()"),
    Mutation::migrates("a trigger that is looked at at the end", "create function at_the_end() returns trigger language plpgsql as $$ begin return null; end $$;
        create constraint trigger at_the_end after insert or update on pos_sessions deferrable initially deferred for each row execute function at_the_end();
        create constraint trigger at_the_end after insert or update on pos_cash_movements deferrable initially deferred for each row execute function at_the_end();
        create constraint trigger at_the_end after insert or update on locations deferrable initially deferred for each row execute function at_the_end();
        create constraint trigger at_the_end after insert or update on pos_registers deferrable initially deferred for each row execute function at_the_end()"),
    Mutation::refuses("a trigger that refuses at the end", "POS-13", "create function at_the_end() returns trigger language plpgsql as $$ begin
        if new.status = 'cancelled' then raise exception 'POS-13: nothing is cancelled'; end if; return null; end $$;
        create constraint trigger at_the_end after update on pos_sessions deferrable initially deferred for each row execute function at_the_end()"),
    Mutation::migrates("triggers that are switched off", "alter table pos_sessions disable trigger log_session_movements_trigger; alter table pos_transactions disable trigger user"),
    Mutation::migrates("triggers that always fire", "alter table pos_sessions enable always trigger log_session_movements_trigger; alter table pos_cash_movements enable always trigger calculate_running_balance_trigger")
        .and("(select tgenabled = 'A' from pg_trigger where tgname = 'log_session_movements_trigger')"),
    Mutation::migrates("a trigger on the columns of one", "create function nothing() returns trigger language plpgsql as $$ begin return new; end $$; create trigger nothing before update of status, total_cash on pos_sessions for each row when (old.status is distinct from new.status) execute function nothing()"),
    Mutation::refuses("a trigger on a column that must change", "trigger", "alter table pos_sessions drop constraint pos_sessions_status_check; update pos_sessions set status = 'closed' where status = 'suspended'; alter table pos_sessions alter status type varchar(6);
        create function nothing() returns trigger language plpgsql as $$ begin return new; end $$; create trigger nothing before update of status on pos_sessions for each row execute function nothing()"),
    Mutation::migrates("no triggers at all", "drop trigger log_session_movements_trigger on pos_sessions; drop trigger calculate_running_balance_trigger on pos_cash_movements; drop trigger update_session_totals_trigger on pos_transactions; drop trigger log_cash_sale_trigger on pos_transactions"),
    Mutation::migrates("triggers that know their path", "alter function session_cash() set search_path = public; alter function session_sums() set search_path = public; alter function cash_of_sale() set search_path = public; alter function cash_balance() set search_path = public"),
    Mutation::migrates("triggers with the rights of their owner", "alter function session_cash() security definer; alter function session_sums() security definer; alter function cash_of_sale() security definer"),
    Mutation::either("a guard of the shop's by the name of ours", "create function guard() returns trigger language plpgsql as $$ begin return new; end $$; create trigger guard_session before update on pos_sessions for each row execute function guard()"),
    Mutation::migrates("a default that counts", "create function next_label() returns text language sql as 'select count(*)::text from orders'; alter table pos_sessions add column label text default next_label()"),
    Mutation::migrates("a default that counts, of a float", "create function usual_float() returns numeric language sql as 'select 100.00 + count(*) from orders'; alter table pos_sessions alter opening_cash set default usual_float()"),
    Mutation::migrates("a trigger on locations and vendors", "create table changes (what text); create function note_change() returns trigger language plpgsql as $$ begin insert into changes values (tg_table_name); return new; end $$;
        create trigger note before insert or update on locations for each row execute function note_change(); create trigger note before insert or update on vendors for each row execute function note_change()"),
    Mutation::migrates("a trigger that asks who signed in", "create function mine() returns trigger language plpgsql as $$ begin if auth.uid() is null and current_user = 'authenticated' then raise exception 'POS-14: who?'; end if; return new; end $$;
        create trigger mine before insert or update on pos_sessions for each row execute function mine()"),
];

const TYPES: &[Mutation] = &[
    Mutation::migrates("a status of six letters", "alter table pos_sessions drop constraint pos_sessions_status_check; update pos_sessions set status = 'closed' where status = 'suspended'; alter table pos_sessions alter status type varchar(6)"),
    Mutation::migrates("a status of twenty letters", "alter table pos_sessions alter status type varchar(20)"),
    Mutation::migrates("a status of nine padded letters", "alter table pos_sessions alter status type char(9)"),
    Mutation::migrates("a status of six padded letters", "alter table pos_sessions drop constraint pos_sessions_status_check; update pos_sessions set status = 'closed' where status = 'suspended'; alter table pos_sessions alter status type char(6)"),
    Mutation::migrates("a short status with an index of its own", "alter table pos_sessions drop constraint pos_sessions_status_check; update pos_sessions set status = 'closed' where status = 'suspended' or session_number like '%202'; alter table pos_sessions alter status type varchar(6);
        create unique index one_open on pos_sessions (register_id) where status = 'open'; create index by_status on pos_sessions (status, opened_at)"),
    Mutation::migrates("a number of twenty letters", "alter table pos_sessions alter session_number type varchar(20)"),
    Mutation::migrates("a number of fifty letters", "alter table pos_sessions alter session_number type varchar(50)").and("(select atttypmod = 54 from pg_attribute where attrelid = 'pos_sessions'::regclass and attname = 'session_number')"),
    Mutation::migrates("a word of ten letters", "alter table pos_cash_movements alter movement_type type varchar(10)"),
    Mutation::migrates("a reason of twenty letters", "alter table pos_cash_movements alter reason type varchar(20)"),
    Mutation::migrates("notes of forty letters", "alter table pos_cash_movements alter notes type varchar(40); alter table pos_sessions alter closing_notes type varchar(40)"),
    Mutation::migrates("a register number of ten letters", "alter table pos_registers alter register_number type varchar(12), alter register_name type varchar(10), alter status type varchar(12)"),
    Mutation::migrates("a shop of ten letters", "alter table vendors alter store_name type varchar(12); alter table locations alter name type varchar(14)"),
    Mutation::migrates("a status of an enum", "create type session_status as enum ('open', 'closed', 'suspended'); alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type session_status using status::session_status, alter status set default 'open'"),
    Mutation::migrates("a status of an enum, with its index", "create type session_status as enum ('open', 'closed', 'suspended'); drop index if exists idx_pos_sessions_one_open_per_register; alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type session_status using status::session_status, alter status set default 'open'; update pos_sessions set status = 'closed' where session_number like '%202';
        create unique index one_open on pos_sessions (register_id) where status = 'open'; create index open_ones on pos_sessions (opened_at) where status in ('open', 'suspended'); create index by_status on pos_sessions (status)"),
    Mutation::migrates("a status of an enum with all our words", "create type session_status as enum ('open', 'closed', 'suspended', 'ended', 'cancelled'); drop index if exists idx_pos_sessions_one_open_per_register; alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type session_status using status::session_status, alter status set default 'open'"),
    Mutation::migrates("an enum in a schema of its own", "create schema kinds; grant usage on schema kinds to public; create type kinds.status as enum ('open', 'closed', 'suspended'); drop index if exists idx_pos_sessions_one_open_per_register; alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type kinds.status using status::kinds.status, alter status set default 'open'; create index open_ones on pos_sessions (opened_at) where status = 'open'"),
    Mutation::migrates("a word of an enum", "create type movement_word as enum ('opening', 'sale', 'refund', 'no_sale', 'paid_in', 'paid_out', 'closing'); alter table pos_cash_movements drop constraint pos_cash_movements_movement_type_check;
        alter table pos_cash_movements alter movement_type type movement_word using movement_type::movement_word; create index by_word on pos_cash_movements (session_id) where movement_type = 'paid_out'"),
    Mutation::migrates("a register's status of an enum", "create type \"RegisterStatus\" as enum ('active', 'inactive'); alter table pos_registers drop constraint pos_registers_status_check, alter status drop default;
        alter table pos_registers alter status type \"RegisterStatus\" using status::\"RegisterStatus\", alter status set default 'active'; create index actives on pos_registers (location_id) where status = 'active'"),
    Mutation::migrates("an enum, and a check of its words", "create type session_status as enum ('open', 'closed', 'suspended'); drop index if exists idx_pos_sessions_one_open_per_register; alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type session_status using status::session_status; alter table pos_sessions add check (status <> 'closed' or closed_at is not null) not valid"),
    Mutation::refuses("an enum in a view", "open_shifts", "create type session_status as enum ('open', 'closed', 'suspended'); drop index if exists idx_pos_sessions_one_open_per_register; alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type session_status using status::session_status; create view open_shifts as select id, status from pos_sessions"),
    Mutation::refuses("a short word in a view", "words", "alter table pos_cash_movements alter movement_type type varchar(10); create view words as select distinct movement_type from pos_cash_movements"),
    Mutation::refuses("a short word in a policy", "policy words", "alter table pos_cash_movements alter movement_type type varchar(10); create policy words on pos_cash_movements for select using (movement_type <> 'sale')"),
    Mutation::either("an enum that a function has as its argument", "create type session_status as enum ('open', 'closed', 'suspended'); drop index if exists idx_pos_sessions_one_open_per_register; alter table pos_sessions drop constraint pos_sessions_status_check, alter status drop default;
        alter table pos_sessions alter status type session_status using status::session_status; create function with_status(s session_status) returns bigint language sql as 'select count(*) from pos_sessions where status = $1'"),
    Mutation::refuses("cents of the float", "opening_cash", "alter table pos_sessions alter opening_cash drop default; alter table pos_sessions alter opening_cash type bigint using (opening_cash * 100)::bigint"),
    Mutation::refuses("cents of a movement", "amount", "alter table pos_cash_movements alter amount type integer using (amount * 100)::integer"),
    Mutation::refuses("a floating float", "opening_cash", "alter table pos_sessions alter opening_cash type double precision"),
    Mutation::refuses("a real amount", "amount", "alter table pos_cash_movements alter amount type real"),
    Mutation::refuses("an amount of money", "amount", "alter table pos_cash_movements alter amount type money"),
    Mutation::refuses("an amount in words", "amount", "alter table pos_cash_movements alter amount type text"),
    Mutation::migrates("up to a million", "alter table pos_sessions alter opening_cash type numeric(8,2), alter total_cash type numeric(8,2); alter table pos_cash_movements alter amount type numeric(8,2)"),
    Mutation::migrates("whole amounts", "update pos_transactions set subtotal = 50, tax_amount = 4, total_amount = 54 where payment_method = 'cash';
        alter table pos_sessions alter opening_cash type numeric(10,0), alter total_cash type numeric(10,0), alter total_sales type numeric(10,0); alter table pos_cash_movements alter amount type numeric(10,0)").other_figures(),
    Mutation::migrates("amounts without an end", "alter table pos_sessions alter opening_cash type numeric, alter total_cash type numeric, alter closing_cash type numeric; alter table pos_cash_movements alter amount type numeric"),
    Mutation::migrates("amounts of four decimals", "alter table pos_sessions alter total_cash type numeric(14,4), alter expected_cash type numeric(8,4); alter table pos_cash_movements alter amount type numeric(14,4)").other_figures(),
    Mutation::migrates("walk-ins as an amount", "alter table pos_sessions alter walk_in_sales type numeric(12,2)").other_figures(),
    Mutation::migrates("transactions without an end", "alter table pos_sessions alter total_transactions type bigint, alter pickup_orders_fulfilled type smallint"),
    Mutation::migrates("times without a zone", "alter table pos_sessions alter opened_at type timestamp, alter closed_at type timestamp, alter last_transaction_at type timestamp; alter table pos_cash_movements alter created_at type timestamp"),
    Mutation::refuses("days instead of times", "opened_at", "alter table pos_sessions alter opened_at drop default; alter table pos_sessions alter opened_at type date"),
    Mutation::refuses("ids in words", "must be uuid", "alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey, alter user_id type text"),
    Mutation::migrates("a difference that computes itself", "alter table pos_sessions drop column cash_difference; alter table pos_sessions add column cash_difference numeric(10,2) generated always as (closing_cash - expected_cash) stored"),
    Mutation::migrates("an expectation that computes itself", "alter table pos_sessions drop column expected_cash; alter table pos_sessions add column expected_cash numeric(10,2) generated always as (opening_cash + total_cash) stored"),
    Mutation::migrates("a column of the shop's own that computes itself", "alter table pos_sessions add column average numeric generated always as (case when total_transactions > 0 then total_sales / total_transactions end) stored"),
    Mutation::refuses("a short column that another is computed from", "generated column", "alter table pos_cash_movements alter movement_type type varchar(10); alter table pos_cash_movements add column loud text generated always as (upper(movement_type)) stored"),
    Mutation::migrates("a domain without a rule", "create domain word as text; create domain amount as numeric(10,2); alter table pos_cash_movements alter movement_type type word, alter amount type amount; alter table pos_sessions alter opening_cash type amount"),
    Mutation::migrates("a domain of the words", "create domain status_word as text check (value in ('open', 'closed', 'suspended')); alter table pos_sessions alter status type status_word"),
    Mutation::migrates("a domain of movement words", "create domain movement_word as varchar(10) check (value ~ '^[a-z_]+$'); alter table pos_cash_movements alter movement_type type movement_word"),
    Mutation::migrates("a domain of amounts above zero", "create domain positive as numeric(10,2) check (value > 0); alter table pos_sessions alter opening_cash drop default; alter table pos_sessions alter opening_cash type positive"),
    Mutation::either("a domain that is never empty", "create domain label as text not null; alter table pos_sessions add column label label default 'x'; alter table pos_sessions alter label drop default"),
    Mutation::refuses("a device in words", "device", "alter table pos_sessions add column device text default 'iPad'"),
    Mutation::refuses("a reference that is a number", "reference", "alter table pos_cash_movements add column reference bigint"),
    Mutation::migrates("revisions and counters of the shop's own", "alter table pos_sessions add column revision integer; alter table pos_registers add column last_session_number integer, add column last_z_number bigint"),
    Mutation::migrates("a cutoff and tolerances that nobody set", "alter table locations add column business_day_cutoff time, add column variance_tolerance numeric(10,2), add column variance_limit numeric(10,2)"),
    Mutation::migrates("names that need quotes", "alter table pos_sessions add column \"Order\" text, add column \"select\" integer default 1, add column \"läuft\" boolean; alter table pos_sessions rename column opening_notes to \"Opening \"\"Notes\"\"\""),
    Mutation::migrates("columns that are gone", "alter table pos_sessions drop column opening_notes, drop column metadata; alter table pos_cash_movements drop column order_id; alter table pos_registers drop column settings, add column settings jsonb"),
    Mutation::migrates("an array and a range", "alter table pos_sessions add column tags text[] not null default '{}', add column shift_time tstzrange default 'empty'"),
];

const RIGHTS: &[Mutation] = &[
    Mutation::migrates("a platform's login", "select").by(Login::Platform),
    Mutation::migrates("a plain owner", "select").by(Login::Shop),
    Mutation::migrates("row level security without a policy", "do $$ declare t text; begin foreach t in array array['pos_registers', 'pos_sessions', 'pos_cash_movements', 'vendors', 'locations', 'users'] loop execute format('alter table %I enable row level security', t); end loop; end $$"),
    Mutation::migrates("row level security that is forced", "do $$ declare t text; begin foreach t in array array['pos_registers', 'pos_sessions', 'pos_cash_movements', 'vendors', 'locations', 'users'] loop execute format('alter table %I enable row level security', t); execute format('alter table %I force row level security', t); end loop; end $$"),
    Mutation::migrates("row level security that is forced, on a plain owner", "do $$ declare t text; begin foreach t in array array['pos_registers', 'pos_sessions', 'pos_cash_movements'] loop execute format('alter table %I enable row level security', t); execute format('alter table %I force row level security', t); end loop; end $$").by(Login::Shop),
    Mutation::either("row level security that is forced everywhere, on a plain owner", "do $$ declare t text; begin foreach t in array array['pos_registers', 'pos_sessions', 'pos_cash_movements', 'vendors', 'locations', 'users', 'pos_transactions'] loop execute format('alter table %I enable row level security', t); execute format('alter table %I force row level security', t); end loop; end $$").by(Login::Shop),
    Mutation::migrates("a plain owner, and users that hide from it", "alter table users enable row level security; alter table users force row level security").by(Login::Shop).without(&["by token: "]),
    Mutation::refuses("somebody else's shifts", "pos_sessions", "alter table pos_sessions owner to postgres; do $$ begin create role shop_else nologin; exception when duplicate_object or unique_violation then null; end $$; alter table pos_sessions owner to shop_else").by(Login::Shop),
    Mutation::refuses("somebody else's location", "locations", "do $$ begin create role shop_else nologin; exception when duplicate_object or unique_violation then null; end $$; alter table locations owner to shop_else").by(Login::Shop),
    Mutation::refuses("somebody else's function", "get_or_create_session", "do $$ begin create role shop_else nologin; exception when duplicate_object or unique_violation then null; end $$; alter function get_or_create_session owner to shop_else").by(Login::Shop),
    Mutation::refuses("somebody else's trigger", "session_cash", "do $$ begin create role shop_else nologin; exception when duplicate_object or unique_violation then null; end $$; alter function session_cash owner to shop_else").by(Login::Shop),
    Mutation::either("somebody else's users", "do $$ begin create role shop_else nologin; exception when duplicate_object or unique_violation then null; end $$; alter table users owner to shop_else").by(Login::Shop),
    Mutation::refuses("a login that may create no tables", "public", "do $$ begin if to_regrole('shop_owner') is not null then revoke create on schema public from shop_owner; revoke create on schema public from public; end if; end $$").by(Login::Shop),
    Mutation::refuses("a login that may create no schema", "schema", "do $$ begin if to_regrole('shop_owner') is not null then execute format('revoke create on database %I from shop_owner', current_database()); end if; end $$").by(Login::Shop),
    Mutation::refuses("a login that may not read the accounts", "auth.users", "do $$ begin if to_regrole('shop_owner') is not null then revoke select on auth.users from shop_owner; end if; end $$").by(Login::Shop),
    Mutation::refuses("a login that may not look into auth", "auth", "do $$ begin if to_regrole('shop_owner') is not null then revoke usage on schema auth from shop_owner; end if; end $$").by(Login::Shop),
    Mutation::migrates("a policy for everybody", "alter table pos_sessions enable row level security; create policy all_of_it on pos_sessions for all using (true); alter table pos_cash_movements enable row level security; create policy all_of_it on pos_cash_movements for all to anon, authenticated using (true) with check (true)")
        .and("not exists (select from pg_policies where policyname = 'all_of_it')"),
    Mutation::migrates("a policy that only narrows", "alter table pos_sessions enable row level security; create policy narrow on pos_sessions as restrictive for select to authenticated using (vendor_id is not null)")
        .and("exists (select from pg_policies where policyname = 'narrow')"),
    Mutation::migrates("a policy that lets nobody through", "alter table pos_sessions enable row level security; create policy nobody on pos_sessions as restrictive for all to public using (false)")
        .and("exists (select from pg_policies where policyname = 'nobody')"),
    Mutation::migrates("a policy by our name", "alter table pos_sessions enable row level security; create policy pos_sessions_read on pos_sessions for all to public using (true)"),
    Mutation::migrates("a policy that looks at shifts", "alter table orders enable row level security; create policy of_shift on orders for select using (exists (select from pos_sessions s where s.status = 'open'))"),
    Mutation::migrates("policies of the shop's own on its places", "alter table locations enable row level security; create policy own on locations for select to authenticated using (true); alter table vendors enable row level security; create policy own on vendors for select to authenticated using (true)")
        .and("(select count(*) = 2 from pg_policies where policyname = 'own')"),
    Mutation::migrates("rights on columns", "revoke all on pos_sessions, pos_cash_movements from anon; grant select (id, status, opening_cash), insert (id), update (status) on pos_sessions to anon, authenticated; grant select (amount) on pos_cash_movements to anon"),
    Mutation::migrates("rights to pass on", "grant select, insert on pos_sessions to anon with grant option; set role anon; grant select on pos_sessions to authenticated; reset role"),
    Mutation::migrates("rights that service_role passed on", "grant all on pos_sessions to service_role with grant option; set role service_role; grant select on pos_sessions to anon; reset role"),
    Mutation::migrates("rights for everybody", "grant all on all tables in schema public to public; grant execute on all functions in schema public to public; alter default privileges in schema public grant all on tables to public"),
    Mutation::migrates("no rights by default", "alter default privileges revoke execute on functions from public; alter default privileges in schema public revoke all on tables from anon, authenticated, service_role; alter default privileges in schema public revoke all on functions from anon, authenticated, service_role"),
    Mutation::migrates("rights by default in every schema", "alter default privileges grant all on tables to anon, authenticated; alter default privileges grant all on functions to anon, authenticated"),
    Mutation::migrates("a database in another zone", "do $$ begin execute format('alter database %I set timezone = %L', current_database(), 'Asia/Tokyo'); execute format('alter database %I set datestyle = %L', current_database(), 'German'); execute format('alter database %I set intervalstyle = %L', current_database(), 'iso_8601'); end $$").other_figures(),
    Mutation::migrates("a database that looks elsewhere first", "create schema shop; do $$ begin execute format('alter database %I set search_path = shop, public', current_database()); end $$"),
    Mutation::either("a database that repeats its reads", "do $$ begin execute format('alter database %I set default_transaction_isolation = %L', current_database(), 'repeatable read'); end $$"),
    Mutation::migrates("a strict compiler", "do $$ begin execute format('alter database %I set plpgsql.extra_errors = %L', current_database(), 'all'); execute format('alter database %I set plpgsql.variable_conflict = %L', current_database(), 'error'); end $$"),
    Mutation::migrates("old settings", "do $$ begin execute format('alter database %I set bytea_output = escape', current_database()); execute format('alter database %I set extra_float_digits = 0', current_database()); end $$"),
    Mutation::either("a database where null equals null", "do $$ begin execute format('alter database %I set transform_null_equals = on', current_database()); end $$"),
];

const OBJECTS: &[Mutation] = &[
    Mutation::migrates("a view of shifts", "create view open_shifts as select * from pos_sessions where status = 'open'").and("not has_table_privilege('anon', 'open_shifts', 'select')"),
    Mutation::migrates("a view with the caller's rights", "create view open_shifts with (security_invoker = true) as select * from pos_sessions where status = 'open'"),
    Mutation::migrates("a view for anonymous callers", "create view totals as select register_id, sum(total_sales) as total from pos_sessions group by 1; grant select on totals to anon").and("not has_table_privilege('anon', 'totals', 'select')"),
    Mutation::migrates("a view of a view for anonymous callers", "create view inner_totals as select register_id, total_sales from pos_sessions; create view totals as select sum(total_sales) as total from inner_totals; grant select on totals to anon").and("not has_table_privilege('anon', 'totals', 'select')"),
    Mutation::migrates("a view with one column for anonymous callers", "create view totals as select register_id, total_sales from pos_sessions; revoke all on totals from anon; grant select (total_sales) on totals to anon").and("not has_any_column_privilege('anon', 'totals', 'select')"),
    Mutation::migrates("a view that stands still", "create materialized view day_totals as select opened_at::date as day, sum(total_sales) as total from pos_sessions group by 1; grant select on day_totals to anon, authenticated"),
    Mutation::migrates("a view through which shifts are written", "create view my_shifts as select id, status, closing_cash, vendor_id from pos_sessions; grant all on my_shifts to authenticated, anon").and("not has_table_privilege('anon', 'my_shifts', 'update') and not has_table_privilege('authenticated', 'my_shifts', 'update')"),
    Mutation::refuses("shifts that are a view", "view", "alter table pos_sessions rename to all_sessions; create view pos_sessions as select * from all_sessions"),
    Mutation::refuses("movements in parts", "partitioned", "drop table pos_cash_movements; create table pos_cash_movements (id uuid default gen_random_uuid(), session_id uuid not null references pos_sessions (id), register_id uuid, user_id uuid not null, location_id uuid not null, vendor_id uuid not null,
        movement_type text not null, amount numeric(10,2) not null, transaction_id uuid, order_id uuid, reason text not null, notes text, running_balance numeric(10,2), created_at timestamptz default now(), primary key (id, created_at)) partition by range (created_at);
        create table pos_cash_movements_all partition of pos_cash_movements default"),
    Mutation::refuses("movements that are a part", "pos_cash_movements", "alter table pos_cash_movements rename to pos_cash_movements_all; create table every_movement (like pos_cash_movements_all including defaults) partition by list (vendor_id);
        alter table every_movement attach partition pos_cash_movements_all default; alter table pos_cash_movements_all rename to pos_cash_movements"),
    Mutation::refuses("movements with a child", "inheritance", "create table pos_cash_movements_archive () inherits (pos_cash_movements)"),
    Mutation::refuses("shifts with a parent", "inheritance", "create table base_row (created_at timestamptz default now()); alter table pos_sessions inherit base_row"),
    Mutation::refuses("a rule", "rules", "create rule keep as on delete to pos_cash_movements do instead nothing"),
    Mutation::refuses("staff of the shop's own", "pos_staff", "create table pos_staff (id serial primary key, name text)"),
    Mutation::refuses("counts of the shop's own", "pos_counts", "create table pos_counts (id uuid primary key, session_id uuid, total numeric)"),
    Mutation::refuses("reports of the shop's own, as a view", "pos_z_reports", "create view pos_z_reports as select id from pos_sessions where status = 'closed'"),
    Mutation::refuses("a type by the name of our table", "pos_counts", "create type pos_counts as enum ('opening', 'closing')"),
    Mutation::refuses("a sequence by the name of our table", "pos_z_reports", "create sequence pos_z_reports"),
    Mutation::refuses("health of the shop's own", "pos_health", "create function pos_health() returns text language sql as $$ select 'well' $$"),
    Mutation::refuses("health of the shop's own, with our argument", "pos_health", "create function pos_health(p_client_time timestamptz) returns text language sql as $$ select 'well' $$"),
    Mutation::refuses("a board that a view uses", "pos_board", "create function pos_board(location uuid) returns bigint language sql as $$ select count(*) from pos_sessions where location_id = $1 $$; create view boards as select id, pos_board(id) from locations"),
    Mutation::migrates("functions with names of ours in another schema", "create schema shop; create function shop.pos_health() returns text language sql as $$ select 'well' $$; create table shop.pos_staff (id integer)").and("to_regclass('shop.pos_staff') is not null"),
    Mutation::refuses("a schema of ours that is not ours", "onetill", "create schema onetill; create table onetill.invoices (id integer)"),
    Mutation::migrates("a schema of ours that is empty", "create schema onetill"),
    Mutation::refuses("a schema of ours with our names", "onetill", "create schema onetill; create table onetill.reconciliations (id integer)"),
    Mutation::migrates("no movements at all", "drop table pos_cash_movements cascade"),
    Mutation::migrates("no sales at all", "drop table pos_transactions cascade"),
    Mutation::migrates("no registers at all", "alter table pos_sessions drop constraint pos_sessions_register_id_fkey; drop table pos_registers cascade").without(&["register 1: "]),
    Mutation::migrates("no shifts at all", "drop function if exists get_or_create_session; drop table pos_sessions cascade"),
    Mutation::migrates("no locations at all", "drop table locations cascade").without(&["register 1: ", "register 3: ", "by token: "]),
    Mutation::either("no vendors at all", "drop table vendors cascade"),
    Mutation::either("half of the tables", "drop function if exists get_or_create_session; drop table pos_sessions, pos_cash_movements, locations cascade"),
    Mutation::migrates("none of the tables", "drop function if exists get_or_create_session; drop table pos_sessions, pos_cash_movements, pos_registers, pos_transactions, user_locations cascade"),
    Mutation::migrates("no function for opening", "drop function get_or_create_session"),
    Mutation::migrates("three functions for opening", "create function get_or_create_session(p_register_id uuid) returns uuid language sql as 'select p_register_id'; create function get_or_create_session(p_register_id uuid, p_cash numeric) returns uuid language sql as 'select p_register_id'"),
    Mutation::refuses("a procedure for opening", "get_or_create_session", "create procedure get_or_create_session(p_register_id uuid) language sql as 'select 1'"),
    Mutation::refuses("a function for opening that a view uses", "get_or_create_session", "create function get_or_create_session(p_register_id uuid) returns uuid language sql as 'select p_register_id'; create view opened as select get_or_create_session(id) from pos_registers"),
    Mutation::migrates("a function that returns shifts", "create function shifts_of(register uuid) returns setof pos_sessions language sql as 'select * from pos_sessions where register_id = $1'"),
    Mutation::either("a function that holds on to a column", "create function open_ones() returns bigint language sql begin atomic select count(*) from pos_sessions where status = 'open'; end"),
    Mutation::migrates("a publication of shifts", "create publication supabase_realtime for table pos_sessions, pos_cash_movements, pos_registers"),
    Mutation::migrates("a publication of everything", "create publication everything for all tables"),
    Mutation::migrates("a publication of two columns", "create publication two for table pos_sessions (id, status), pos_registers (id, status)"),
    Mutation::refuses("a publication of a short column", "publication", "alter table pos_cash_movements alter movement_type type varchar(10); alter table pos_cash_movements replica identity full; create publication words for table pos_cash_movements (id, movement_type)"),
    Mutation::migrates("shifts that a crash forgets", "alter table pos_cash_movements set unlogged"),
    Mutation::migrates("statistics over two columns", "create statistics of_shifts on register_id, status from pos_sessions; create statistics of_movements on session_id, movement_type from pos_cash_movements; alter table pos_cash_movements alter movement_type type varchar(10)"),
    Mutation::migrates("comments on everything", "comment on table pos_sessions is 'shifts'; comment on column pos_sessions.status is 'words'; comment on constraint pos_sessions_status_check on pos_sessions is 'onetill of the shop'"),
    Mutation::refuses("a table that has the type of another", "kept", "create table kept (shift pos_sessions); insert into kept select s from pos_sessions s"),
    Mutation::refuses("a table that has the type of movements", "kept", "alter table pos_cash_movements alter movement_type type varchar(10); create table kept (movement pos_cash_movements)"),
    Mutation::migrates("users that are a view", "alter table pos_sessions drop constraint pos_sessions_user_id_fkey; alter table pos_cash_movements drop constraint pos_cash_movements_user_id_fkey; alter table users rename to people; create view users as select * from people"),
    Mutation::migrates("users that are numbers", "drop table users cascade; create table users (id bigint primary key, auth_user_id uuid, vendor_id uuid, first_name text, last_name text, role text); insert into users values (1, '00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a1', 'Ana', 'Field', 'pos_staff')").without(&["by token: "]),
    Mutation::migrates("users without a login", "alter table users drop column auth_user_id").without(&["by token: "]),
    Mutation::migrates("users without a vendor", "alter table users drop column vendor_id"),
    Mutation::migrates("users with a vendor in words", "alter table users drop constraint users_vendor_id_fkey, alter vendor_id type text"),
    Mutation::migrates("users without names and roles", "alter table users drop column first_name, drop column last_name, drop column role, drop column email"),
    Mutation::migrates("no users at all", "drop table users cascade").without(&["by token: "]),
    Mutation::migrates("users whom callers cannot write", "revoke all on users from anon, authenticated").and("exists (select from pos_staff where role = 'cashier' and is_active and display_name = 'Ana Field')"),
    Mutation::migrates("users with a role of an enum", "create type user_role as enum ('pos_staff', 'vendor_owner'); alter table users alter role type user_role using role::user_role; revoke all on users from anon, authenticated"),
    Mutation::migrates("users who work elsewhere", "alter table user_locations rename column user_id to person; alter table users enable row level security"),
    Mutation::migrates("users with one login for two shops", "alter table users drop constraint users_auth_user_id_key; insert into vendors (id, store_name) values ('00000000-0000-4000-8000-0000000000a2', 'Other'); insert into users (auth_user_id, vendor_id, role) values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a2', 'vendor_owner'); alter table users enable row level security"),
    Mutation::migrates("users with two rows for one login", "alter table users drop constraint users_auth_user_id_key; insert into users (auth_user_id, vendor_id, role) values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a1', 'pos_staff')"),
    Mutation::refuses("no accounts", "auth.users", "drop table auth.users cascade"),
];

const ROWS: &[Mutation] = &[
    Mutation::migrates("a location without a time zone", "alter table locations add column timezone text, add column currency text"),
    Mutation::refuses("a location on Mars", "Mars/Olympus", "alter table locations add column timezone text default 'Mars/Olympus'"),
    Mutation::refuses("a location on Mars that hides", "Mars/Olympus", "alter table locations add column timezone text default 'Mars/Olympus'; alter table locations enable row level security; alter table locations force row level security").by(Login::Shop),
    Mutation::refuses("a location with dinars", "KWD", "alter table locations add column currency text default 'KWD'"),
    Mutation::refuses("a location with small letters", "eur", "alter table locations add column currency text default 'eur'"),
    Mutation::migrates("a location in Berlin with euros", "alter table locations add column timezone varchar(20) default 'Europe/Berlin', add column currency char(3) default 'EUR'"),
    Mutation::migrates("a location with yen", "alter table locations add column currency text default 'JPY'").other_figures(),
    Mutation::refuses("a time zone of a wrong kind", "timezone", "alter table locations add column timezone integer default 1"),
    Mutation::migrates("a shift without a float", "update pos_sessions set opening_cash = null where session_number like '%2__'"),
    Mutation::migrates("a shift with less than nothing", "update pos_sessions set opening_cash = -5 where session_number like '%3__'"),
    Mutation::migrates("a shift without a status", "alter table pos_sessions disable trigger user; update pos_sessions set status = null where session_number like '%301'; alter table pos_sessions enable trigger user"),
    Mutation::migrates("a shift without a number, a place and a person", "alter table pos_sessions alter location_id drop not null, alter vendor_id drop not null, alter user_id drop not null, alter session_number drop not null;
        update pos_sessions set location_id = null, vendor_id = null, user_id = null, session_number = null where session_number like '%301'"),
    Mutation::migrates("a shift without a register", "update pos_sessions set register_id = null where session_number like '%3__'"),
    Mutation::migrates("a shift at nobody's", "alter table pos_sessions drop constraint pos_sessions_location_id_fkey, drop constraint pos_sessions_vendor_id_fkey, drop constraint pos_sessions_register_id_fkey;
        update pos_sessions set location_id = gen_random_uuid(), vendor_id = gen_random_uuid(), register_id = gen_random_uuid() where session_number like '%3__'"),
    Mutation::migrates("a register without a place", "alter table pos_registers alter location_id drop not null, alter vendor_id drop not null; update pos_registers set location_id = null, vendor_id = null where register_number like '%2'").other_figures(),
    Mutation::migrates("a register of another shop's place", "insert into vendors (id, store_name) values ('00000000-0000-4000-8000-0000000000a2', 'Other'); insert into locations (id, vendor_id, name, slug) values ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a2', 'Elsewhere', 'else'); update pos_registers set location_id = '00000000-0000-4000-8000-0000000000b2' where register_number like '%2'"),
    Mutation::migrates("a location of nobody's", "insert into locations (vendor_id, name, slug) values (null, 'Nowhere', 'nowhere')"),
    Mutation::refuses("a register without a place, where a place needs a form", "locations", "alter table locations add column opened date not null default now(); alter table locations alter opened drop default; alter table pos_registers alter location_id drop not null; update pos_registers set location_id = null where register_number like '%2'"),
    Mutation::migrates("a shift opened at no time", "update pos_sessions set opened_at = null where session_number like '%3__'"),
    Mutation::either("a shift opened at the end of time", "update pos_sessions set opened_at = 'infinity' where session_number like '%301'"),
    Mutation::migrates("a shift opened in ancient times", "update pos_sessions set opened_at = '0044-03-15 12:00 BC' where session_number like '%301'"),
    Mutation::either("an amount that is no number", "update pos_sessions set total_card = 'NaN' where session_number like '%301'"),
    Mutation::either("a movement that is no number", "update pos_cash_movements set amount = 'NaN' where movement_type = 'closing'"),
    Mutation::migrates("a movement without a shift", "alter table pos_cash_movements alter session_id drop not null; insert into pos_cash_movements (session_id, user_id, location_id, vendor_id, movement_type, amount, reason) values (null, '00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'paid_in', 3, 'lost')"),
    Mutation::either("a movement of a shift that is gone", "alter table pos_cash_movements drop constraint pos_cash_movements_session_id_fkey; insert into pos_cash_movements (session_id, user_id, location_id, vendor_id, movement_type, amount, reason) values (gen_random_uuid(), '00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'paid_in', 3, 'lost')"),
    Mutation::migrates("a movement without an amount", "alter table pos_cash_movements alter amount drop not null; alter table pos_cash_movements disable trigger user; insert into pos_cash_movements (session_id, user_id, location_id, vendor_id, movement_type, amount, reason) values ('00000000-0000-4000-8000-00000000d301', '00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'paid_in', null, 'lost'); alter table pos_cash_movements enable trigger user"),
    Mutation::migrates("a movement at another place than its shift", "insert into pos_cash_movements (session_id, register_id, user_id, location_id, vendor_id, movement_type, amount, reason) values ('00000000-0000-4000-8000-00000000d301', '00000000-0000-4000-8000-000000001001', '00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'paid_in', 3, 'lost')"),
    Mutation::migrates("movements without a sign", "update pos_cash_movements set amount = abs(amount)").other_figures(),
    Mutation::migrates("three hundred shifts", "insert into pos_sessions (register_id, location_id, vendor_id, user_id, session_number, opening_cash, opened_at, status) select '00000000-0000-4000-8000-000000001003', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000e3', 'OLD-' || i, i, timestamptz '2025-01-01' + i * interval '1 day', 'suspended' from generate_series(1, 300) i"),
    Mutation::migrates("a register number that is empty", "alter table pos_registers drop constraint pos_registers_register_number_key; update pos_registers set register_number = ' ', register_name = ''"),
    Mutation::migrates("a register number of forty letters", "update pos_registers set register_number = 'The counter at the front door, number ' || right(register_number, 1)"),
    Mutation::migrates("our numbers are taken", "update pos_sessions set session_number = 'REG-CHS-00' || (right(session_number, 1)::int + 1) || '-00000' || left(right(session_number, 3), 1)"),
    Mutation::migrates("an inactive register with an open shift", "update pos_registers set status = 'maintenance' where register_number like '%2'"),
    Mutation::migrates("an unassigned register of the shop's own", "update pos_registers set register_number = 'UNASSIGNED', status = 'inactive' where register_number like '%2'; update pos_sessions set register_id = null where session_number like '%301'"),
    Mutation::migrates("a shop without a name", "update vendors set store_name = null; update users set first_name = null, last_name = '', email = null"),
    Mutation::migrates("an empty database", "truncate vendors, users, locations, pos_registers, pos_sessions, pos_transactions, pos_cash_movements cascade; insert into vendors (id, store_name) values ('00000000-0000-4000-8000-0000000000a1', 'Strict'); insert into locations (id, vendor_id, name, slug) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'Charles', 'charles')"),
];
