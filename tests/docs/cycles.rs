//! No circle among the modules of a crate. Seen are the paths in its sources; what a module hands on by `pub use` counts
//! as what it comes from. Methods that a type gets in several files are not seen.

use onetill_local::repository;
use onetill_tests::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

/// `crate::a::b` is `a::b::`, the crate itself is empty.
type Sources = BTreeMap<String, String>;

fn sources(folder: &Path, module: &str, found: &mut Sources) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" && name != "bin" {
            sources(&path, &format!("{module}{name}::"), found)?;
        } else if path.extension().is_some_and(|it| it == "rs") && name != "tests" {
            let own = if ["lib", "main", "mod"].contains(&&*name) { String::new() } else { name + "::" };
            found.insert(format!("{module}{own}"), code(&fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Without comments, texts and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter_map(|line| line.split("//").next()).collect();
    let code = lines.join(" ").replace("\\\"", "").replace("'\"'", "").replace("in crate::", "");
    code.split('"').step_by(2).collect()
}

/// The paths of `use a::{b, c::{d, e}}`, each whole.
fn whole(before: &str, tree: &str, found: &mut Vec<String>) {
    let Some((more, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return found.push(format!("{before}{path}").replace(' ', ""));
    };
    let (mut depth, before) = (0, format!("{before}{more}"));
    let ends = |sign: char| {
        depth += i32::from(sign == '{') - i32::from(sign == '}');
        (sign == ',' && depth == 0) || depth < 0
    };
    for part in inner.split(ends).filter(|part| !part.trim().is_empty()) {
        whole(&before, part, found);
    }
}

/// From the crate on; `None` where it begins with another crate.
fn from_root(path: &str, module: &str, all: &Sources) -> Option<String> {
    let (first, rest) = path.split_once("::")?;
    let parent = || module.trim_end_matches("::").rfind("::").map_or("", |end| &module[..end + 2]);
    match first {
        "crate" => Some(rest.to_owned()),
        "self" => Some(format!("{module}{rest}")),
        "super" if rest.starts_with("super::") => from_root(rest, parent(), all),
        "super" => Some(format!("{}{rest}", parent())),
        _ => all.contains_key(&format!("{module}{first}::")).then(|| format!("{module}{path}")),
    }
}

/// The modules that stand in a circle or between two, with those of them that they use.
fn circles(all: &Sources) -> BTreeMap<&str, BTreeSet<String>> {
    let (mut uses, mut handed_on) = (Vec::new(), BTreeMap::new());
    for (module, code) in all {
        for statement in code.split(';') {
            let (plain, tree) = statement.rsplit_once("use ").unwrap_or((statement, ""));
            let mut found = Vec::new();
            whole("", tree, &mut found);
            let public = plain.trim_end().ends_with("pub") || plain.trim_end().ends_with(')');
            for path in found.iter().filter_map(|path| from_root(path, module, all)) {
                let name = path.rsplit("::").next().unwrap_or_default();
                if public {
                    handed_on.insert(format!("{module}{name}"), path);
                } else {
                    uses.push((module, path));
                }
            }
            let paths = plain.split(|sign: char| !(sign.is_alphanumeric() || "_:".contains(sign)));
            uses.extend(paths.filter_map(|path| Some((module, from_root(path, module, all)?))));
        }
    }
    let mut graph: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, mut path) in uses {
        while let Some(home) = handed_on.get(&path).filter(|home| **home != path) {
            path.clone_from(home);
        }
        path += "::";
        let ends = path.match_indices("::").map(|(at, _)| at + 2).chain([0]);
        let its = ends.filter(|end| all.contains_key(&path[..*end])).max().map(|end| &path[..end]);
        if let Some(its) = its.filter(|its| its != module) {
            graph.entry(module).or_default().insert(its.to_owned());
        }
    }
    loop {
        let before = graph.clone();
        let used: BTreeSet<String> = graph.values().flatten().cloned().collect();
        graph.values_mut().for_each(|of| of.retain(|one| before.contains_key(one.as_str())));
        graph.retain(|module, of| used.contains(*module) && !of.is_empty());
        if graph == before {
            return graph;
        }
    }
}

#[test]
fn no_modules_use_each_other_in_a_circle() -> Result<()> {
    let crates = ["src-tauri", "src-tauri/core", "src-tauri/supabase", "src-tauri/store", "src-tauri/print"];
    let more = ["src-tauri/cli", "xtask", "tests", "tests/local", "tests/db-harness", "tests/vectors"];
    for name in crates.iter().chain(&more) {
        let mut all = Sources::new();
        sources(&repository().join(name).join("src"), "", &mut all)?;
        assert!(all.len() > 2, "{name} has modules");
        assert_eq!(circles(&all), BTreeMap::new(), "{name}");
    }
    Ok(())
}

#[test]
fn a_circle_is_seen_also_through_what_is_handed_on() {
    let mut all = Sources::from([
        (String::new(), code("mod a; mod b; pub use a::A;")),
        ("a::".to_owned(), code("use crate::b::{B, deep::{C, D}}; pub struct A;")),
        ("b::".to_owned(), code("use super::A as Other; // crate::a::A\n pub struct B;")),
        ("b::deep::".to_owned(), code("const TEXT: &str = \"super::super::a::A\"; pub struct C;")),
    ]);
    assert_eq!(circles(&all).into_keys().collect::<Vec<_>>(), ["a::", "b::"]);
    all.insert("b::".to_owned(), code("pub struct B;"));
    assert_eq!(circles(&all), BTreeMap::new());
}
