//! What only the database's own login can see.
//!
//! Invariant: nothing is kept. The database's own report works a whole shift and takes it back.

use super::{
    report::Report,
    server::{self, DEPLOY_AGAIN, refused},
};
use crate::{
    database::{Address, Database},
    deploy,
    output::Output,
};

/// Every check with a database address; without one, those that no sign-in could answer say so.
pub(super) async fn all(address: Option<&Address>, output: Output, report: &mut Report) {
    let Some(address) = address else {
        for id in ["database", "tables", "history", "lock_policy", "timeouts"] {
            report.not_checkable(id, "no --database-url was given");
        }
        return;
    };
    let database = match address.connect(output).await {
        Ok(database) => database,
        Err(end) => {
            let todo = "Check address and password (project dashboard, \"Connect\"); from networks without IPv6 take \
                        the session pooler's address.";
            return report.failed("database", end.to_string(), todo);
        }
    };
    report.passed("database", address.shown.clone());
    history(&database, report).await;
    listed(&database, report, "tables", TABLES, "The register's tables are missing: ", DEPLOY_AGAIN).await;
    listed(
        &database,
        report,
        "lock_policy",
        LOCK_POLICY,
        "Row level security hides the register from the function: ",
        "The function must run with its owner's rights, and its owner must own the tables. Run `onetillctl deploy --again \
         --database-url …` with the login that owns them, and drop policies that came from elsewhere.",
    )
    .await;
    listed(
        &database,
        report,
        "timeouts",
        TIMEOUTS,
        "Calls are cut off before the lock's own limit of 2 s: ",
        "Give the role at least 8 s: `alter role authenticated set statement_timeout = '8s'`.",
    )
    .await;
    reconciled(&database, report).await;
    own_report(&database, report).await;
}

/// How much the migrations put right when they met this database.
async fn reconciled(database: &Database, report: &mut Report) {
    let asked = "select rule, count(*) from onetill.reconciliations group by rule order by rule";
    match database.client.query(asked, &[]).await {
        Ok(rows) => {
            server::reconciled(report, rows.iter().map(|row| (row.get(0), row.get(1))));
        }
        Err(_not_deployed) => report.not_checkable("reconciled", "the database part is not deployed"),
    }
}

async fn history(database: &Database, report: &mut Report) {
    match deploy::state(database).await {
        Ok(state) => {
            server::schema_version(state.version, report);
            if !state.refused.is_empty() {
                let todo =
                    "Put that right first; `onetillctl deploy --dry-run --database-url …` says the same.";
                report.failed("history", state.refused.join(" "), todo);
            } else if !state.gone.is_empty() {
                report.failed(
                    "history",
                    format!("applied, and gone since: {}", state.gone.join(", ")),
                    DEPLOY_AGAIN,
                );
            } else if state.pending.is_empty() {
                report.passed("history", "nothing to apply, and nothing gone");
            } else {
                let found = format!("not applied: {}", state.pending.join(", "));
                report.failed("history", found, "Run `onetillctl deploy --database-url …`.");
            }
        }
        Err(end) => report.failed("history", end.to_string(), "Repeat it."),
    }
}

/// A query that lists what is wrong; an empty list is health.
async fn listed(database: &Database, report: &mut Report, id: &str, sql: &str, label: &str, todo: &str) {
    match database.client.query(sql, &[]).await {
        Ok(rows) if rows.is_empty() => report.passed(id, "yes"),
        Ok(rows) => {
            let wrong: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            report.failed(id, format!("{label}{}", wrong.join("; ")), todo);
        }
        Err(cause) => {
            report.failed(id, refused(&cause), "Repeat it; if it stays, send this page to support.")
        }
    }
}

const TABLES: &str = "
    select x.name from unnest(array['vendors', 'locations', 'pos_registers', 'pos_sessions', 'pos_cash_movements', 'pos_staff',
        'pos_session_participants', 'pos_counts', 'pos_z_reports']) x(name)
      where to_regclass('public.' || x.name) is null";

/// Row level security applies to the function unless its owner passes it.
const LOCK_POLICY: &str = "
    with f as (
      select p.oid::regprocedure::text as name, p.prosecdef, o.oid as owner, o.rolname, o.rolsuper or o.rolbypassrls as passes
        from pg_proc p join pg_roles o on o.oid = p.proowner
        where p.proname = 'get_or_create_session' and p.pronamespace = to_regnamespace('public'))
    select format('get_or_create_session runs with the rights of its client, under %s',
        coalesce((select string_agg(format('policy %I on %s', x.policyname, x.tablename), ', ') from pg_policies x
          where x.schemaname = 'public' and x.tablename in ('pos_registers', 'pos_sessions')), 'no policy at all'))
      from f where not f.prosecdef
    union all
    select format('%s belongs to %s, which does not pass the row level security of %s', f.name, f.rolname, c.oid::regclass)
      from f, pg_class c
      where f.prosecdef and not f.passes and c.relrowsecurity
        and c.oid in (to_regclass('public.pos_registers'), to_regclass('public.pos_sessions'))
        and (c.relforcerowsecurity or not pg_has_role(f.owner, c.relowner, 'usage'))";

const TIMEOUTS: &str = "
    select format('%s has statement_timeout %s', s.name, s.value) from (
        select coalesce(r.rolname, 'every role') as name, split_part(c.setting, '=', 2) as value
          from pg_db_role_setting d left join pg_roles r on r.oid = d.setrole, unnest(d.setconfig) c(setting)
          where c.setting like 'statement_timeout=%' and coalesce(r.rolname, 'authenticated') = 'authenticated'
            and d.setdatabase in (0, (select oid from pg_database where datname = current_database()))) s
      where case when s.value ~ '^[0-9]+$' then s.value::bigint between 1 and 2999
        else extract(epoch from s.value::interval) between 0.001 and 2.999 end";

/// The database's own report; where that is missing or fails, the questions that tell why.
async fn own_report(database: &Database, report: &mut Report) {
    let asked = "select check_name, ok, detail, remedy from onetill.health_checks(null)";
    if let Ok(rows) = database.client.query(asked, &[]).await {
        for row in rows {
            server::told(
                report,
                row.get(0),
                row.get(1),
                row.get(2),
                row.get::<_, Option<&str>>(3).unwrap_or_default(),
            );
        }
        return;
    }
    for (id, sql) in WITHOUT_REPORT {
        if let Ok(row) = database.client.query_one(*sql, &[]).await {
            server::told(report, id, row.get(0), row.get(1), "");
        }
    }
}

/// The same questions to a database that has no report of its own. One that fails says nothing.
const WITHOUT_REPORT: &[(&str, &str)] = &[
    (
        "functions",
        "select count(*) = 1, case count(*) when 0 then 'Atomic session function not deployed' when 1 then 'There is one.'
            else 'There are ' || count(*) || ' of that name: ' || string_agg(oid::regprocedure::text, ', ') end
           from pg_proc where proname = 'get_or_create_session' and pronamespace = to_regnamespace('public')",
    ),
    (
        "function_grants",
        "select not coalesce(bool_or(has_function_privilege('anon', oid, 'execute')), false),
            case when coalesce(bool_or(has_function_privilege('anon', oid, 'execute')), false)
              then 'Strangers may call get_or_create_session.' else 'Strangers may not call it.' end
           from pg_proc where proname = 'get_or_create_session' and pronamespace = to_regnamespace('public')",
    ),
    (
        "one_open_index",
        "select coalesce(bool_or(i.indisvalid and i.indisunique), false),
            coalesce(string_agg(pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' INVALID' end, '; '),
              'The index is missing.')
           from pg_index i where i.indexrelid = to_regclass('public.idx_one_open_session_per_register')",
    ),
    (
        "no_duplicates",
        "select count(*) = 0, count(*) || ' registers have more than one open session.' from (
           select from public.pos_sessions where status = 'open' group by register_id having count(*) > 1) d",
    ),
    (
        "no_gaps",
        "select count(*) = 0, count(*) || ' shifts have no register.' from public.pos_sessions where register_id is null",
    ),
    (
        "row_level_security",
        "select coalesce(bool_and(relrowsecurity), false),
            coalesce('Off on: ' || string_agg(relname, ', ') filter (where not relrowsecurity), 'On.')
           from pg_class where oid in (to_regclass('public.pos_registers'), to_regclass('public.pos_sessions'))",
    ),
];
