//! What the documents promise to list is listed: a code without an entry is a phone call.

mod cycles;

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

/// A path below the repository, as documents write it: whole, beside the document, or as `crate/file` of a crate.
fn is_there(path: &str, document: &Path) -> bool {
    let root = repository();
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let of_crate = match first {
        "app" => root.join("src-tauri/src").join(rest),
        name => root.join("src-tauri").join(name).join("src").join(rest),
    };
    let beside = document.parent().map(|folder| folder.join(path));
    [root.join(path), root.join("src-tauri").join(path), of_crate]
        .into_iter()
        .chain(beside)
        .any(|it| it.exists())
}

/// Whether a piece of code in a document names a file or folder of the repository.
fn names_a_path(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let is_source =
        [".rs", ".ts", ".svelte", ".sql", ".json", ".md", ".css"].iter().any(|end| text.ends_with(end));
    let first = text.split('/').next().unwrap_or_default();
    let is_below = !first.is_empty() && first != "target" && repository().join(first).is_dir();
    plain && text.contains('/') && (is_source || is_below) && !text.starts_with(['/', '.'])
}

#[test]
fn every_path_that_a_document_names_is_there() -> Result<()> {
    let mut files = Vec::new();
    markdown_files(&repository(), &mut files)?;
    files.retain(|file| !file.ends_with("CHANGELOG.md"));
    let (mut named, mut missing) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(&file)?;
        for code in text.split('`').skip(1).step_by(2).filter(|code| names_a_path(code)) {
            named += 1;
            if !is_there(code, &file) {
                missing.push(format!("{}: {code}", file.display()));
            }
        }
    }
    assert!(named > 40, "the documents name files: {named}");
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_invariants_that_comments_name_are_told_in_one_place() -> Result<()> {
    let told: BTreeSet<String> = read("docs/invariants.md")?
        .lines()
        .filter_map(|line| line.strip_prefix("## ")?.split_whitespace().next().map(str::to_owned))
        .collect();
    let numbered = |letter, last| (1..=last).map(move |number| format!("{letter}{number}"));
    let known: BTreeSet<String> = numbered('I', 9).chain(numbered('S', 15)).collect();
    assert_eq!(told, known);
    let mut folders: Vec<PathBuf> =
        ["src-tauri", "tests", "xtask", "ui/src"].map(|it| repository().join(it)).into();
    let (mut named, mut unknown) = (BTreeSet::new(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path)?;
                let comments =
                    text.lines().filter_map(|line| line.split_once("//").map(|(_code, comment)| comment));
                for word in comments.flat_map(|it| it.split(|c: char| !c.is_ascii_alphanumeric())) {
                    let number = word.strip_prefix(['I', 'S']).filter(|rest| !rest.is_empty());
                    if number.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
                        named.insert(word.to_owned());
                        if !known.contains(word) {
                            unknown.push(format!("{}: {word}", path.display()));
                        }
                    }
                }
            }
        }
    }
    assert!(named.len() > 5, "comments name invariants: {named:?}");
    assert_eq!(unknown, Vec::<String>::new());
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
