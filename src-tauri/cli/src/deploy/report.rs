//! What was put right, read back from `onetill.reconciliations`.
//!
//! Invariant: reading only; nothing of a row as it was (`before`) leaves the database.

use super::plan;
use crate::{
    database::{Address, Database, chain},
    error::{CliError, Result},
    output::Output,
};
use serde::Serialize;
use tokio_postgres::{Client, Error};
use uuid::Uuid;

/// One thing that was put right.
#[derive(Serialize)]
struct Entry {
    id: i64,
    /// UTC.
    at: String,
    rule: String,
    table: String,
    /// The row's id; `None` where it was the table itself, or something that belongs to it.
    row_id: Option<Uuid>,
    note: String,
}

/// What a script reads.
#[derive(Serialize)]
struct Response<'a> {
    outcome: &'static str,
    database: &'a str,
    reconciled: Vec<Entry>,
}

/// Prints everything that was put right so far, oldest first.
///
/// # Errors
/// `Undone` when there is no record of it, or it cannot be read.
pub(super) async fn print(database: &Database, address: &Address, output: Output) -> Result<()> {
    const ENTRIES: &str = r#"
        select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), rule, table_name, row_id, note
          from onetill.reconciliations order by id"#;
    let rows = database.client.query(ENTRIES, &[]).await.map_err(|cause| {
        if plan::is_missing(&cause) {
            CliError::Failed("there is no report: Onetill was not deployed to this database".into())
        } else {
            failed(&cause)
        }
    })?;
    let entry = |row: &tokio_postgres::Row| Entry {
        id: row.get(0),
        at: row.get(1),
        rule: row.get(2),
        table: row.get(3),
        row_id: row.get(4),
        note: row.get(5),
    };
    let reconciled: Vec<Entry> = rows.iter().map(entry).collect();
    output.line(format!("Put right in {} so far: {}", address.shown, things(reconciled.len())));
    for Entry { at, rule, table, row_id, note, .. } in &reconciled {
        let row = row_id.map(|id| format!(" {id}")).unwrap_or_default();
        output.line(format!("  {at}  {rule}  {table}{row}  {note}"));
    }
    if !reconciled.is_empty() {
        output.line("Each row as it was is in the column `before` of onetill.reconciliations.");
    }
    output.document(&Response { outcome: "reported", database: &address.shown, reconciled });
    Ok(())
}

/// The rows that one rule put right in one table, or one thing that belongs to a table.
#[derive(Serialize)]
pub(super) struct Summary {
    rule: String,
    table: String,
    /// How many rows; `None` where it was the table itself, or something that belongs to it.
    rows: Option<i64>,
    /// What was done; of several rows that were treated differently, an example.
    note: String,
    /// Whether the note is only an example.
    #[serde(skip)]
    differs: bool,
}

impl Summary {
    /// As one line.
    pub(super) fn line(&self) -> String {
        let rows = match self.rows {
            None => String::new(),
            Some(1) => ": 1 row".to_owned(),
            Some(n) => format!(": {n} rows"),
        };
        let such_as = if self.differs { "such as " } else { "" };
        format!("{} {}{rows}: {such_as}{}", self.rule, self.table, self.note)
    }

    /// Whether this notice of the database says the same.
    pub(super) fn repeats(&self, notice: &str) -> bool {
        notice.strip_prefix("onetill: ").and_then(|text| text.strip_prefix(self.rule.as_str())).is_some()
    }
}

/// What the present transaction put right.
///
/// # Errors
/// `Undone` when it cannot be read.
pub(super) async fn of_this_transaction(client: &Client) -> Result<Vec<Summary>> {
    const SUMMARY: &str = "
        select rule, table_name, case when row_id is not null then count(*) end, min(note), min(note) <> max(note)
          from onetill.reconciliations where at >= now()
          group by rule, table_name, case when row_id is null then id end, row_id is not null
          order by min(id)";
    let rows = client.query(SUMMARY, &[]).await.map_err(|cause| failed(&cause))?;
    let summary = |row: &tokio_postgres::Row| Summary {
        rule: row.get(0),
        table: row.get(1),
        rows: row.get(2),
        note: row.get(3),
        differs: row.get(4),
    };
    Ok(rows.iter().map(summary).collect())
}

fn failed(cause: &Error) -> CliError {
    CliError::Failed(format!("reading what was put right: {}", chain(cause)))
}

/// A number of things that were put right, for people.
pub(super) fn things(count: usize) -> String {
    match count {
        0 => "nothing".to_owned(),
        1 => "1 thing".to_owned(),
        n => format!("{n} things"),
    }
}
