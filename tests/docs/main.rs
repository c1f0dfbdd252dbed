//! What the documents promise to list is listed: a code without an entry is a phone call.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use onetill_core::SettingKey;
use onetill_local::repository;
use onetill_tests::Result;

fn read(path: impl AsRef<Path>) -> Result<String> {
    let path = repository().join(path);
    fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()).into())
}

/// The words of `text` that begin with `prefix` and go on in capitals.
fn capitals(text: &str, prefix: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
        .filter(|word| word.len() > prefix.len() && word.starts_with(prefix) && !word.ends_with('_'))
        .map(str::to_owned)
        .collect()
}

fn markdown_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let hidden = name.to_string_lossy().starts_with('.');
        if path.is_dir()
            && !hidden
            && !["target", "node_modules", "dist", "gen"].iter().any(|skipped| name == *skipped)
        {
            markdown_files(&path, found)?;
        } else if path.extension().is_some_and(|it| it == "md") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn every_code_of_the_app_has_an_entry() -> Result<()> {
    let page = read("docs/troubleshooting.md")?;
    let entries: BTreeSet<String> =
        page.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned).collect();
    let codes = read("ui/src/generated/Code.ts")?;
    let known: BTreeSet<String> = codes
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|it| it.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .map(str::to_owned)
        .collect();
    assert!(known.len() > 20, "the generated type names the codes: {known:?}");
    assert_eq!(
        known.difference(&entries).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "codes without an entry"
    );
    assert_eq!(
        entries.difference(&known).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "entries without a code"
    );
    Ok(())
}

#[test]
fn every_refusal_of_the_database_has_an_entry_and_a_place_in_the_contract() -> Result<()> {
    let mut raised = BTreeSet::new();
    for file in fs::read_dir(repository().join("supabase/migrations"))? {
        raised.append(&mut capitals(&fs::read_to_string(file?.path())?, "POS_"));
    }
    assert!(raised.len() > 20, "the migrations name their refusals: {raised:?}");
    for page in ["docs/troubleshooting.md", "supabase/README.md"] {
        let named = capitals(&read(page)?, "POS_");
        assert_eq!(raised.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in {page}");
        assert_eq!(named.difference(&raised).collect::<Vec<_>>(), Vec::<&String>::new(), "only in {page}");
    }
    Ok(())
}

#[test]
fn the_settings_are_documented_as_they_are_declared() -> Result<()> {
    let rows = SettingKey::ALL.iter().map(|key| {
        let row = key.row();
        format!("| `{}` | {} | {} | `--{}`: {} |", row.name, row.about, row.default, row.flag, row.values)
    });
    let head = ["| key | what | where no layer has it | flag of `enroll` |", "|---|---|---|---|"];
    let table: Vec<String> = head.map(str::to_owned).into_iter().chain(rows).collect();
    let table = table.join("\n");
    let is_there = read("docs/fleets.md")?.contains(&format!("\n\n{table}\n\n"));
    assert!(is_there, "docs/fleets.md has another table of settings than this:\n{table}");
    Ok(())
}

/// The cells of a table's row.
fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// `5.10`, in hundredths.
fn hundredths(text: &str) -> Result<u64> {
    let (whole, part) = text.split_once('.').ok_or_else(|| format!("{text:?} has no hundredths"))?;
    if part.len() != 2 {
        return Err(format!("{text:?} has no hundredths").into());
    }
    Ok(whole.parse::<u64>()? * 100 + part.parse::<u64>()?)
}

#[test]
fn the_benchmarks_say_what_was_measured_on_what_and_hide_no_missed_limit() -> Result<()> {
    let page = read("docs/benchmarks.md")?;
    let mut parts = page.split("\n## ");
    let head = parts.next().unwrap_or_default();
    for name in
        ["date", "command", "took", "machine", "load before", "rustc", "PostgreSQL", "node", "WebKitGTK"]
    {
        let row = head.lines().map(cells).find(|row| row.first() == Some(&name));
        let value = row.as_ref().and_then(|row| row.get(1)).copied().unwrap_or_default();
        assert!(!value.is_empty(), "the page does not say its {name}");
    }
    let mut measured = Vec::new();
    for part in parts {
        let name = part.lines().next().unwrap_or_default();
        measured.push(name);
        let rows: Vec<Vec<&str>> =
            part.lines().filter(|line| line.starts_with('|')).skip(2).map(cells).collect();
        assert!(!rows.is_empty() || part.contains("**It broke"), "{name} measured nothing");
        for row in rows {
            let [what, ratio, of, limit, spread, verdict] = row.as_slice() else {
                return Err(format!("{name}: not a row of the table: {row:?}").into());
            };
            assert!(!what.is_empty() && !of.is_empty(), "{row:?}");
            let value = hundredths(ratio)?;
            let (least, most) = spread.split_once(" to ").ok_or_else(|| format!("no spread: {row:?}"))?;
            assert!(hundredths(least)? <= hundredths(most)?, "{row:?}");
            let holds = match limit.rsplit_once(' ') {
                None => "",
                Some(("at least", least)) if value >= hundredths(least)? => "met",
                Some(("at most", most)) if value <= hundredths(most)? => "met",
                Some(("at least" | "at most", _)) => "**missed**",
                Some(_) => return Err(format!("no such limit: {row:?}").into()),
            };
            assert_eq!(*verdict, holds, "{row:?}");
        }
    }
    assert_eq!(measured, ["backend", "client", "start", "ui", "scale"]);
    Ok(())
}

#[test]
fn no_link_to_a_file_leads_nowhere() -> Result<()> {
    let mut files = Vec::new();
    markdown_files(&repository(), &mut files)?;
    assert!(files.len() > 5, "there are documents: {files:?}");
    let mut broken = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !file.parent().is_some_and(|folder| folder.join(path).exists()) {
                broken.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    Ok(())
}
