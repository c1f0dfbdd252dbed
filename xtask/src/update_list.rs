//! `cargo xtask update-list`: the list of versions that installed programs read, from what the release workflow built.
//!
//! Invariant: every system that a release is made for is in it, with a signature that was made for this very version.
//! It is written for nobody: a person raises the share.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::process::{Failure, Result};
use crate::say;

/// How the file of a system's installer ends, and the names by which the program asks for it.
const SYSTEMS: &[(&str, &[&str])] = &[
    ("_amd64.deb", &["linux-x86_64-deb"]),
    (".x86_64.rpm", &["linux-x86_64-rpm"]),
    ("-setup.exe", &["windows-x86_64-nsis"]),
    (".msi", &["windows-x86_64-msi"]),
    (".app.tar.gz", &["darwin-aarch64-app", "darwin-x86_64-app"]),
];

/// Arguments of `cargo xtask update-list`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of the release's files, with a `.sig` beside each installer; `latest.json` is written into it
    folder: PathBuf,
    /// The version, as in 1.2.3
    #[arg(long)]
    version: String,
    /// Where the files can be downloaded once the release is published
    #[arg(long)]
    address: String,
}

pub(crate) fn write(arguments: &Arguments) -> Result<()> {
    let list = list(&arguments.folder, &arguments.version, &arguments.address)?;
    let path = arguments.folder.join("latest.json");
    let text = serde_json::to_string_pretty(&list).map_err(Failure::said)?;
    fs::write(&path, text + "\n").map_err(Failure::said)?;
    say::good(&format!("{} is for 0 % of the devices until somebody raises that.", path.display()));
    Ok(())
}

fn list(folder: &Path, version: &str, address: &str) -> Result<Value> {
    let mut platforms = BTreeMap::new();
    for (ending, names) in SYSTEMS {
        let file = one_file(folder, ending)?;
        let signature = signature(&folder.join(format!("{file}.sig")), version)?;
        let package =
            json!({ "url": format!("{}/{file}", address.trim_end_matches('/')), "signature": signature });
        platforms.extend(names.iter().map(|name| (*name, package.clone())));
    }
    Ok(json!({ "version": version, "rollout": 0, "platforms": platforms }))
}

fn one_file(folder: &Path, ending: &str) -> Result<String> {
    let entries =
        fs::read_dir(folder).map_err(|error| Failure::said(format!("{}: {error}", folder.display())))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
    match (found.pop(), found.pop()) {
        (Some(name), None) => Ok(name),
        (None, _) => Err(Failure::said(format!("{}: no file ends with {ending}", folder.display()))),
        (Some(one), Some(other)) => Err(Failure::said(format!("{one} and {other} both end with {ending}"))),
    }
}

/// The signature, if it is bound to this version: the programs refuse any other.
fn signature(path: &Path, version: &str) -> Result<String> {
    let text =
        fs::read_to_string(path).map_err(|error| Failure::said(format!("{}: {error}", path.display())))?;
    let signature = text.trim();
    let decoded = BASE64.decode(signature.as_bytes()).map_err(Failure::said)?;
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    let bound = decoded.lines().any(|line| {
        line.starts_with("trusted comment:")
            && line.split('\t').any(|field| field == format!("version:{version}"))
    });
    if bound {
        Ok(signature.to_owned())
    } else {
        Err(Failure::said(format!("{} was not signed for version {version}", path.display())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 5] = [
        "Onetill_1.2.3_amd64.deb",
        "Onetill-1.2.3-1.x86_64.rpm",
        "Onetill_1.2.3_x64-setup.exe",
        "Onetill_1.2.3_x64_en-US.msi",
        "Onetill.app.tar.gz",
    ];

    fn sign(folder: &Path, file: &str, version: &str) {
        let text = format!(
            "untrusted comment: signature\nRW…\ntrusted comment: timestamp:1\tfile:{file}\tversion:{version}\n…"
        );
        fs::write(folder.join(format!("{file}.sig")), BASE64.encode(text.as_bytes())).unwrap();
    }

    fn release() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in FILES {
            fs::write(folder.path().join(file), file).unwrap();
            sign(folder.path(), file, "1.2.3");
        }
        folder
    }

    #[test]
    fn every_system_is_in_it_and_nobody_is_told_yet() {
        let folder = release();
        let list = list(folder.path(), "1.2.3", "https://example.com/v1.2.3/").unwrap();
        assert_eq!((&list["version"], &list["rollout"]), (&json!("1.2.3"), &json!(0)));
        let platforms = list["platforms"].as_object().unwrap();
        assert_eq!(platforms.len(), 6);
        let deb = &platforms["linux-x86_64-deb"];
        assert_eq!(deb["url"], "https://example.com/v1.2.3/Onetill_1.2.3_amd64.deb");
        assert_eq!(platforms["darwin-aarch64-app"], platforms["darwin-x86_64-app"]);
    }

    #[test]
    fn what_is_missing_or_signed_as_another_version_stops_the_release() {
        let folder = release();
        sign(folder.path(), FILES[2], "1.2.2");
        let said = |folder: &Path| format!("{:?}", list(folder, "1.2.3", "https://example.com").unwrap_err());
        assert!(said(folder.path()).contains("not signed for version 1.2.3"));
        fs::remove_file(folder.path().join(format!("{}.sig", FILES[1]))).unwrap();
        assert!(said(folder.path()).contains("rpm.sig"));
        fs::remove_file(folder.path().join(FILES[0])).unwrap();
        assert!(said(folder.path()).contains("_amd64.deb"));
    }
}
