//! The TypeScript types of the user interface, generated from the Rust types they mirror.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use onetill_local::repository;

use crate::build::cargo_beside_app;
use crate::process::{Failure, Result};
use crate::{process, say};

const COMMITTED: &str = "ui/src/generated";
const FRESH: &str = "target/bindings";

/// Arguments of `cargo xtask bindings`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing; fail when the types in the repository are not the ones Rust would generate
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (committed, fresh) = (repository().join(COMMITTED), repository().join(FRESH));
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(Failure::said)?;
    }
    let features = "onetill-core/ts,onetill-print/ts";
    let mut generate =
        cargo_beside_app("test", &["--quiet", "--lib", "--features", features, "export_bindings"]);
    generate.env("TS_RS_EXPORT_DIR", &fresh);
    process::run(generate)?;

    let (old, new) = (files(&committed, &committed)?, files(&fresh, &fresh)?);
    if new.is_empty() {
        return Err(Failure::said("no types were generated"));
    }
    let names: BTreeSet<&PathBuf> = old.keys().chain(new.keys()).collect();
    let changed: Vec<&PathBuf> = names.into_iter().filter(|name| old.get(*name) != new.get(*name)).collect();
    if changed.is_empty() {
        say::good("The generated types are up to date.");
        return Ok(());
    }
    for name in &changed {
        say::note(&format!("{COMMITTED}/{}", name.display()));
    }
    if arguments.check {
        return Err(Failure::said(
            "The types above are out of date: run `cargo xtask bindings` and commit them.",
        ));
    }
    for name in changed {
        let file = committed.join(name);
        match new.get(name) {
            Some(text) => {
                fs::create_dir_all(file.parent().unwrap_or(&committed)).map_err(Failure::said)?;
                fs::write(&file, text).map_err(Failure::said)?;
            }
            None => fs::remove_file(&file).map_err(Failure::said)?,
        }
    }
    say::good("The types above were written.");
    Ok(())
}

/// All files below `folder`, by their path relative to `root`.
fn files(folder: &Path, root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder).map_err(Failure::said)? {
        let path = entry.map_err(Failure::said)?.path();
        if path.is_dir() {
            found.append(&mut files(&path, root)?);
        } else {
            let text = fs::read(&path).map_err(Failure::said)?;
            found.insert(path.strip_prefix(root).unwrap_or(&path).to_owned(), text);
        }
    }
    Ok(found)
}
