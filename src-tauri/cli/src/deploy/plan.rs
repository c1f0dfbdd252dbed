//! What a deployment finds, and what it will therefore do.
//!
//! Invariant: planning keeps no change. What must be known first is read; what the preflight says is read from the
//! first migration itself, which is run and taken back. A database that either of them refuses is not touched.

use crate::{
    database::{Database, chain},
    error::{CliError, Result},
    migrations::{self, Migration},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio_postgres::{Error, error::SqlState};

/// The oldest PostgreSQL that the database part is tested on.
const OLDEST: i32 = 150_000;

/// What `look.sql` answers.
#[derive(Debug, Deserialize)]
struct Look {
    server: String,
    server_number: i32,
    login: String,
    read_only: bool,
    may_create: bool,
    missing_roles: Vec<String>,
    schema_is_ours: bool,
    /// Who owns the schema `onetill`, where the login cannot act as that role.
    schema_owner: Option<String>,
    has_version: bool,
    has_history: bool,
}

/// What will be done with one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The history has it with this text; it is left alone.
    Applied,
    /// The history does not have it. Another way may have applied it: applying it again does no harm.
    New,
    /// The history has it with another text.
    Changed,
    /// The history has it; it is applied once more, as asked, or because one before it is: what a later file defines
    /// anew must stay the last word.
    Again,
}

/// One file of the plan.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    #[serde(flatten)]
    pub(super) migration: Migration,
    pub(super) step: Step,
}

/// What kind of thing a change touches; the order is the one in which a plan is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    /// Columns, checks, foreign keys and functions of the shop's own.
    Shape,
    /// Earlier functions and indexes of the fixed names.
    Replaced,
    /// Rows.
    Rows,
    /// People.
    Staff,
    /// What clients could reach past the register's rules.
    Access,
}

impl Subject {
    pub(super) const ALL: [Self; 5] = [Self::Shape, Self::Replaced, Self::Rows, Self::Staff, Self::Access];

    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Shape => "Changes to the shop's own tables and functions:",
            Self::Replaced => "Replaced:",
            Self::Rows => "Rows put right, each kept as it was in onetill.reconciliations:",
            Self::Staff => "Staff:",
            Self::Access => "Access taken away:",
        }
    }

    fn of(rule: &str, stage: Option<&str>) -> Self {
        match (rule, stage) {
            ("staff_added", _) => Self::Staff,
            ("function_dropped" | "index_replaced", _) => Self::Replaced,
            (_, Some("shape")) => Self::Shape,
            (_, Some("access")) => Self::Access,
            _ => Self::Rows,
        }
    }
}

/// One thing that is not as the register needs it, and what will be done about it.
#[derive(Debug, Serialize)]
pub(super) struct Change {
    pub(super) subject: Subject,
    rule: String,
    object: String,
    pub(super) sentence: String,
    /// The statement that does it, where it is one.
    statement: Option<String>,
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
    /// What of the rows and objects there will be changed; empty while [`Plan::foresee`] was not asked.
    pub(super) changes: Vec<Change>,
    /// Why nothing will be done at all.
    pub(super) refused: Vec<String>,
    /// What the files made and somebody took away, although the history has them.
    pub(super) gone: Vec<String>,
}

impl Plan {
    /// The files that will be applied.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Planned> {
        self.files.iter().filter(|file| file.step != Step::Applied)
    }

    /// Looks at the server, its history and what is missing. `again` applies also what the history has.
    ///
    /// # Errors
    /// `Undone` when the database cannot be looked at.
    pub(super) async fn make(database: &Database, again: bool) -> Result<Self> {
        let client = &database.client;
        let row = client.query_one(include_str!("look.sql"), &[]).await.map_err(failed)?;
        let look: Look = serde_json::from_value(row.get(0)).map_err(CliError::failed)?;
        let mut plan = Self {
            server: look.server.clone(),
            found_version: None,
            brings_version: migrations::schema_version(),
            files: Vec::new(),
            changes: Vec::new(),
            refused: refusals(&look),
            gone: Vec::new(),
        };
        let mut recorded = BTreeMap::new();
        if plan.refused.is_empty() {
            if look.has_version {
                let row = client.query_one("select onetill.schema_version()", &[]).await.map_err(failed)?;
                plan.found_version = row.get(0);
            }
            if look.has_history {
                let rows = client.query("select version, hash from onetill.migrations", &[]).await;
                recorded = rows.map_err(failed)?.iter().map(|row| (row.get(0), row.get(1))).collect();
            }
        }
        if let (Some(found), Some(brings)) = (plan.found_version, plan.brings_version)
            && found > brings
        {
            plan.refused.push(format!(
                "The database has schema version {found}; this program brings {brings}. Use the newer onetillctl."
            ));
        }
        plan.files = steps(migrations::all(), &recorded, again);
        if plan.refused.is_empty() && plan.files.iter().any(|file| file.step == Step::Applied) {
            plan.gone = gone(database).await?;
        }
        Ok(plan)
    }

    /// Runs the first migration, reads what its preflight says, and takes it back.
    ///
    /// # Errors
    /// `Undone` when it fails for a reason that is not one of its own refusals.
    pub(super) async fn foresee(&mut self, database: &Database) -> Result<()> {
        let Some(first) = self.files.first() else { return Ok(()) };
        database.client.batch_execute("begin").await.map_err(failed)?;
        let found = async {
            database.client.batch_execute(&migrations::announcement()).await?;
            database.client.batch_execute(first.migration.sql).await?;
            database
                .client
                .query(
                    "select rule, object, sentence, stage, action from onetill.preflight() where verdict = 'change'",
                    &[],
                )
                .await
        }
        .await;
        database.client.batch_execute("rollback").await.map_err(failed)?;
        match found {
            Ok(rows) => {
                let change = |row: &tokio_postgres::Row| {
                    let (rule, stage): (String, Option<String>) = (row.get(0), row.get(3));
                    Change {
                        subject: Subject::of(&rule, stage.as_deref()),
                        rule,
                        object: row.get(1),
                        sentence: row.get(2),
                        statement: row.get(4),
                    }
                };
                self.changes = rows.iter().map(change).collect();
                Ok(())
            }
            Err(cause) => {
                self.refused = refusal(&cause).ok_or_else(|| failed(cause))?;
                Ok(())
            }
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn failed(cause: Error) -> CliError {
    let advice = advice(&cause).map(|text| format!(" {text}")).unwrap_or_default();
    CliError::Failed(format!("looking at the database: {}.{advice} Nothing was changed.", chain(&cause)))
}

/// What somebody can do about an error that is not one of our own refusals.
pub(super) fn advice(cause: &Error) -> Option<&'static str> {
    let code = cause.code()?;
    if *code == SqlState::LOCK_NOT_AVAILABLE {
        Some("The tables are in use: repeat it at a quieter hour.")
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        Some(
            "This login may not do that: deploy with the login that owns the tables, the project's `postgres`.",
        )
    } else if [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT, SqlState::DUPLICATE_FUNCTION]
        .contains(code)
    {
        Some("Something of the shop's own has a name that the register needs: rename it, and repeat.")
    } else {
        None
    }
}

/// What the migrations say themselves when they stop, one sentence each; `None` for any other error.
pub(super) fn refusal(cause: &Error) -> Option<Vec<String>> {
    let db = cause.as_db_error()?;
    let text = db.message().strip_prefix("onetill: ")?;
    let lines = text.lines().filter(|line| *line != "nothing was changed, because");
    Some(lines.map(|line| line.trim_end_matches(" Nothing was changed.").to_owned()).collect())
}

/// From the first file that the history does not have as it is, every file is applied.
fn steps(
    files: impl Iterator<Item = Migration>,
    recorded: &BTreeMap<String, String>,
    again: bool,
) -> Vec<Planned> {
    let mut after = again;
    files
        .map(|migration| {
            let step = match recorded.get(migration.version) {
                None => Step::New,
                Some(hash) if *hash != migration.hash() => Step::Changed,
                Some(_) if after => Step::Again,
                Some(_) => Step::Applied,
            };
            after |= step != Step::Applied;
            Planned { migration, step }
        })
        .collect()
}

/// What was there when the last file had run and is not there any more.
async fn gone(database: &Database) -> Result<Vec<String>> {
    const GONE: &str = "
        select i.kind || ' ' || i.object from onetill.installed i
          where not exists (select from onetill.definitions() d where (d.kind, d.object) = (i.kind, i.object))
        union all
        select 'table public.' || t.name from (select distinct k.table_name from onetill.contract_columns() k) t(name)
          where to_regclass('public.' || t.name) is null
        order by 1";
    match database.client.query(GONE, &[]).await {
        Ok(rows) => Ok(rows.iter().map(|row| row.get(0)).collect()),
        // What is asked is itself among what the files make.
        Err(cause) if is_missing(&cause) => {
            Ok(vec![cause.as_db_error().map(|db| db.message().to_owned()).unwrap_or_default()])
        }
        Err(cause) => Err(failed(cause)),
    }
}

pub(super) fn is_missing(cause: &Error) -> bool {
    cause.code().is_some_and(|code| {
        [SqlState::UNDEFINED_FUNCTION, SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN].contains(code)
    })
}

fn refusals(look: &Look) -> Vec<String> {
    let mut why = Vec::new();
    let mut refuse = |it_is_so: bool, text: String| {
        if it_is_so {
            why.push(text);
        }
    };
    refuse(look.server_number < OLDEST, format!("PostgreSQL {} is older than 15.", look.server));
    refuse(look.read_only, "This database is read-only (a replica?).".into());
    refuse(
        !look.may_create,
        format!(
            "The login {} may not create schemas here, or tables in public: use the project's `postgres`.",
            look.login
        ),
    );
    refuse(
        !look.missing_roles.is_empty(),
        format!("There is no role {}: this is not a Supabase project.", look.missing_roles.join(", ")),
    );
    refuse(
        !look.schema_is_ours,
        "There is a schema `onetill` that this program did not make: rename it first.".into(),
    );
    if let Some(owner) = look.schema_owner.as_ref().filter(|_| look.schema_is_ours) {
        refuse(
            true,
            format!(
                "The schema `onetill` belongs to the role {owner}, which the login {} is no member of: deploy with its \
                 owner's login.",
                look.login
            ),
        );
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_follows_a_file_that_is_applied_is_applied_too() {
        let files = ["1", "2", "3"].map(|version| Migration { version, name: "x", sql: "select 1" });
        let hash = files[0].hash();
        let planned = |recorded: &[(&str, &str)], again| -> Vec<Step> {
            let recorded =
                recorded.iter().map(|(version, hash)| ((*version).to_owned(), (*hash).to_owned())).collect();
            steps(files.into_iter(), &recorded, again).iter().map(|file| file.step).collect()
        };
        use Step::{Again, Applied, Changed, New};
        assert_eq!(planned(&[], false), [New, New, New]);
        assert_eq!(planned(&[("1", &hash), ("2", &hash), ("3", &hash)], false), [Applied, Applied, Applied]);
        assert_eq!(planned(&[("1", &hash), ("2", &hash), ("3", &hash)], true), [Again, Again, Again]);
        assert_eq!(planned(&[("1", &hash), ("2", &hash)], false), [Applied, Applied, New]);
        assert_eq!(planned(&[("1", &hash), ("2", "other"), ("3", &hash)], false), [Applied, Changed, Again]);
        assert_eq!(planned(&[("1", &hash), ("3", &hash)], false), [Applied, New, Again]);
    }
}
