//! What the doctor found, on one page.
//!
//! Invariant: every check is in the report exactly once. One that was never reached says so; error is not health.

use crate::output::Output;
use serde::Serialize;

/// How one check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Passed,
    Failed,
    NotCheckable,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    /// Stable name, for scripts and the docs.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: Status,
    /// What was seen; where it is not checkable, why.
    pub(crate) found: String,
    /// What to do about it; empty where there is nothing.
    pub(crate) todo: String,
}

/// What can be asked of a project with its address and key.
pub(super) const PROJECT: &[(&str, &str)] = &[
    ("settings", "Address and key are given"),
    ("key_kind", "The key is a publishable one"),
    ("reach", "The server can be reached"),
    ("tls", "The connection is encrypted and trusted"),
    ("supabase", "Supabase answers there"),
    ("latency", "It answers quickly"),
    ("clock", "This computer's clock is right"),
    ("key", "The project knows the key"),
    ("function", "get_or_create_session is deployed"),
    ("strangers", "Strangers cannot call it"),
];

/// The headings and the checks under them, in the order of the page.
const PAGE: &[(&str, &[(&str, &str)])] = &[
    ("Project", PROJECT),
    (
        "Staff",
        &[
            ("sign_in", "Signing in works"),
            ("staff", "The account is active staff"),
            ("schema_version", "The database part fits this program"),
            ("open_path", "Opening reaches the register's lock"),
        ],
    ),
    (
        "Database",
        &[
            ("database", "The database can be reached"),
            ("tables", "The register's tables are there"),
            ("history", "Every migration is applied"),
            ("reconciled", "What was put right is on record"),
            ("lock_policy", "No policy stands in the way of the lock"),
            ("timeouts", "Calls may take as long as they need"),
            ("whole_shift", "A whole shift works"),
            ("as_installed", "Everything is as installed"),
            ("functions", "Every function is there, once"),
            ("open_function_shape", "get_or_create_session has its shape"),
            ("function_settings", "Functions have their settings pinned"),
            ("function_grants", "Only staff may call them"),
            ("one_open_index", "The unique index stands"),
            ("no_duplicates", "No register has two open shifts"),
            ("no_gaps", "Every shift has its register"),
            ("one_vendor", "Vendors cannot mix"),
            ("guards", "Settled shifts hold still"),
            ("row_level_security", "Row level security is on"),
            ("table_grants", "Clients cannot write to tables"),
            ("movement_types", "Every movement counts"),
            ("managers", "Somebody can approve and force-end"),
            ("server_version", "PostgreSQL is recent enough"),
        ],
    ),
    (
        "This computer",
        &[
            ("config", "The configuration can be read"),
            ("autostart", "The till starts at login"),
            ("data_folder", "The data folder can be written"),
            ("disk", "There is room on the disk"),
            ("store", "The till's own file is whole"),
            ("keychain", "The keychain keeps logins"),
            ("printer", "The printer is ready"),
        ],
    ),
];

/// Every check so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    checks: Vec<Check>,
}

impl Report {
    fn put(&mut self, id: &str, status: Status, found: impl Into<String>, todo: &str) {
        if self.checks.iter().any(|check| check.id == id) {
            return;
        }
        let known = PAGE.iter().flat_map(|(_, checks)| *checks).find(|(name, _)| *name == id);
        let title = known.map_or_else(|| id.replace('_', " "), |(_, title)| (*title).to_owned());
        let check = Check { id: id.to_owned(), title, status, found: found.into(), todo: todo.to_owned() };
        self.checks.push(check);
    }

    pub(crate) fn passed(&mut self, id: &str, found: impl Into<String>) {
        self.put(id, Status::Passed, found, "");
    }

    pub(crate) fn failed(&mut self, id: &str, found: impl Into<String>, todo: &str) {
        self.put(id, Status::Failed, found, todo);
    }

    pub(crate) fn not_checkable(&mut self, id: &str, why: impl Into<String>) {
        self.put(id, Status::NotCheckable, why, "");
    }

    /// The finished page: what was never reached is told as such, under its heading.
    pub(crate) fn finish(mut self) -> Finished {
        let mut groups = Vec::new();
        for (heading, checks) in PAGE {
            let mut group = Vec::new();
            for (id, _) in *checks {
                self.not_checkable(id, "a check before it failed");
                if let Some(at) = self.checks.iter().position(|check| check.id == *id) {
                    group.push(self.checks.remove(at));
                }
            }
            groups.push((*heading, group));
        }
        // A newer server may report what this program has no title for.
        if let Some((_, group)) = groups.iter_mut().find(|(heading, _)| *heading == "Database") {
            group.append(&mut self.checks);
        }
        Finished { groups }
    }
}

/// A whole page.
#[derive(Debug)]
pub(crate) struct Finished {
    groups: Vec<(&'static str, Vec<Check>)>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    at: String,
    project: &'a str,
    passed: usize,
    failed: usize,
    not_checkable: usize,
    checks: Vec<&'a Check>,
}

impl Finished {
    pub(crate) fn count(&self, status: Status) -> usize {
        self.checks().filter(|check| check.status == status).count()
    }

    fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|(_, checks)| checks)
    }

    fn document<'a>(&'a self, project: &'a str) -> Document<'a> {
        Document {
            version: env!("CARGO_PKG_VERSION"),
            at: now(),
            project,
            passed: self.count(Status::Passed),
            failed: self.count(Status::Failed),
            not_checkable: self.count(Status::NotCheckable),
            checks: self.checks().collect(),
        }
    }

    /// The page as text, at most 100 columns.
    pub(crate) fn text(&self, project: &str) -> String {
        let mut page = format!("Onetill doctor {}   {}   {project}\n", env!("CARGO_PKG_VERSION"), now());
        for (heading, checks) in &self.groups {
            page.push_str(&format!("\n{heading}\n"));
            // What could not be asked for one and the same reason takes one line, or the page would not fit.
            let mut skipped: Vec<(&str, Vec<&str>)> = Vec::new();
            for check in checks {
                match check.status {
                    Status::Passed => {
                        wrapped(&mut page, "  ok      ", &format!("{}: {}", check.title, check.found))
                    }
                    Status::Failed => {
                        page.push_str(&format!("  FAILED  {}\n", check.title));
                        wrapped(&mut page, "          found: ", &check.found);
                        wrapped(&mut page, "          do:    ", &check.todo);
                    }
                    Status::NotCheckable => match skipped.iter_mut().find(|(why, _)| *why == check.found) {
                        Some((_, ids)) => ids.push(&check.id),
                        None => skipped.push((&check.found, vec![&check.id])),
                    },
                }
            }
            for (why, ids) in skipped {
                wrapped(&mut page, "  -       ", &format!("not checkable ({why}): {}", ids.join(", ")));
            }
        }
        page.push_str(&format!(
            "\n{} passed, {} failed, {} not checkable\n",
            self.count(Status::Passed),
            self.count(Status::Failed),
            self.count(Status::NotCheckable)
        ));
        page
    }

    /// Prints it.
    pub(crate) fn print(&self, project: &str, output: Output) {
        output.document(&self.document(project));
        output.line(self.text(project).trim_end());
    }
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Breaks a text at blanks, so that paper shows all of it.
fn wrapped(page: &mut String, label: &str, text: &str) {
    let indent = " ".repeat(label.chars().count());
    let mut line = label.to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > 99 && line.trim() != label.trim() {
            page.push_str(line.trim_end());
            page.push('\n');
            line.clone_from(&indent);
        }
        line.push_str(word);
        line.push(' ');
    }
    page.push_str(line.trim_end());
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_on_the_page_once_and_silence_is_not_health() {
        let mut report = Report::default();
        report.passed("reach", "12 ms");
        report.failed("reach", "told twice", "nothing");
        report.failed("printer", "out of paper", "Put paper in.");
        report.passed("something_newer", "fine");
        let page = report.finish();
        let known: usize = PAGE.iter().map(|(_, checks)| checks.len()).sum();
        assert_eq!(page.checks().count(), known + 1);
        assert_eq!((page.count(Status::Passed), page.count(Status::Failed)), (2, 1));
        let text = page.text("shop.example");
        assert!(text.contains("FAILED  The printer is ready") && text.contains("Put paper in."), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}
