//! The whole deployment as one file, for the SQL editor of a project's dashboard.
//!
//! Invariant: it does what `onetillctl deploy` does, in one transaction, and writes the same history.

use crate::migrations;

/// The one advisory lock of a deployment, whoever runs it.
pub(super) const LOCK: i64 = 0x6f6e_6574_696c_6c01;
use std::fmt::Write;

/// The text. Either all of it happens or nothing does; the first file refuses what cannot work, and a newer database.
pub(super) fn text() -> String {
    let mut sql = format!(
        "-- Onetill {}, database part, schema version {}. Paste it whole into the SQL editor and run it; running it\n\
         -- again does no harm. The result lists what was put right so far.\n\
         begin isolation level read committed;\n\
         set local lock_timeout = '10s';\n\
         set local statement_timeout = 0;\n\
         set constraints all immediate;\n\
         {announcement};\n\
         select pg_advisory_xact_lock({LOCK});\n",
        env!("CARGO_PKG_VERSION"),
        migrations::schema_version().unwrap_or_default(),
        announcement = migrations::announcement(),
    );
    for file in migrations::all() {
        let _infallible = write!(
            sql,
            "\n-- ======== {title}\n{text}\n\
             insert into onetill.migrations (version, name, hash) values ('{version}', '{name}', '{hash}')\n\
             \x20 on conflict (version) do update set name = excluded.name, hash = excluded.hash, applied_at = excluded.applied_at;\n",
            title = file.file(),
            text = file.sql.trim_end(),
            version = file.version,
            name = file.name,
            hash = file.hash(),
        );
    }
    sql.push_str(
        "\ncommit;\n\
         select at, rule, table_name, row_id, note from onetill.reconciliations order by id;\n",
    );
    sql
}
