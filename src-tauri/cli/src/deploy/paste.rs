//! The whole deployment as one file, for the SQL editor of a project's dashboard.

use crate::{
    deploy::{HISTORY, LOCK},
    migrations,
};
use std::fmt::Write;

/// The text. It runs as one transaction: either all of it happens or nothing does.
pub(super) fn text() -> String {
    let mut sql = format!(
        "-- Onetill {}, database part, schema version {}. Paste it whole into the SQL editor and run it; running it\n\
         -- again does no harm. The result lists what was put right on the way.\n\
         begin;\n\
         set local lock_timeout = '10s';\n\
         set local statement_timeout = 0;\n\
         select pg_advisory_xact_lock({LOCK});\n\
         do $$ begin\n\
         \x20 if current_setting('server_version_num')::int < 150000 then raise 'PostgreSQL 15 or newer is needed'; end if;\n\
         \x20 if to_regclass('auth.users') is null or to_regprocedure('auth.uid()') is null then\n\
         \x20   raise 'This is not a Supabase project';\n\
         \x20 end if;\n\
         end $$;\n\
         {HISTORY};\n",
        env!("CARGO_PKG_VERSION"),
        migrations::schema_version().unwrap_or_default(),
    );
    for file in migrations::all() {
        let _infallible = write!(
            sql,
            "\n-- ======== {version}_{name}.sql\n{text}\n\
             insert into supabase_migrations.schema_migrations (version, name) values ('{version}', '{name}')\n\
             \x20 on conflict (version) do update set name = excluded.name;\n",
            version = file.version,
            name = file.name,
            text = file.sql.trim_end(),
        );
    }
    sql.push_str(
        "\nnotify pgrst, 'reload schema';\n\
         commit;\n\
         select at, rule, table_name, row_id, note from onetill.reconciliations order by id;\n",
    );
    sql
}
