//! The packages, as a Linux computer meets them: installed, started, upgraded with a shift open, removed.
#![cfg(target_os = "linux")]
#![allow(clippy::indexing_slicing, reason = "the demo store is known; a missing row fails the test")]

use std::path::Path;
use std::process::Command;

use onetill_local::Engine;
use onetill_tests::package::{Age, Computer, Kind, built, done, is_release};
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

/// As installed, in bytes.
const LARGEST: u64 = 15_000_000;

fn package(age: Age, kind: Kind) -> Result<std::path::PathBuf> {
    built(age, &format!("onetill.{}", kind.ending()))
}

/// Installs the older version, starts a shift with it, upgrades, goes on, removes.
async fn from_the_first_to_the_last_day(kind: Kind) -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let computer = Computer::new(kind)?;
    computer.install(&package(Age::Old, kind)?)?;
    assert_eq!(computer.version()?, "0.0.1");
    let mut till = Till::enrolled(&project.backend)?;
    till.runs(computer.app());

    let window = till.open().await?;
    window.prepare(staff("cashier")[0], &registers[0].number).await?;
    assert_eq!(version(&window).await?, "0.0.1");
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    let number = window.text("session-number").await?;
    window.close().await?;

    computer.install(&package(Age::New, kind)?)?;
    let newer = env!("CARGO_PKG_VERSION");
    assert_eq!(computer.version()?, newer);
    let window = till.open().await?;
    window.screen(&["register"]).await?;
    assert_eq!(window.text("session-number").await?, number, "the same shift goes on");
    if is_release()? {
        window.click("sign-in-again").await?;
        window.fill("email", staff("cashier")[0].email).await?;
        window.fill("password", staff("cashier")[0].password).await?;
        window.click("sign-in").await?;
    }
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    assert_eq!(version(&window).await?, newer);
    window.close().await?;

    assert!(
        computer.install(&package(Age::Old, kind)?).is_ok() == (kind == Kind::Deb),
        "rpm refuses what is older"
    );
    computer.remove()?;
    assert_eq!(
        computer.installed_files()?,
        Vec::<std::path::PathBuf>::new(),
        "nothing is left of the program"
    );
    assert!(till.data().join("onetill.sqlite").is_file(), "what was recorded is not the package's to remove");
    Ok(())
}

/// What the settings say.
async fn version(window: &onetill_tests::till::Window) -> Result<String> {
    window.click("settings").await?;
    let version = window.attribute("program-version", "data-version").await?;
    window.click("settings-done").await?;
    Ok(version)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deb_is_installed_started_upgraded_during_a_shift_and_removed() -> Result<()> {
    from_the_first_to_the_last_day(Kind::Deb).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_rpm_is_installed_started_upgraded_during_a_shift_and_removed() -> Result<()> {
    from_the_first_to_the_last_day(Kind::Rpm).await
}

#[test]
fn a_package_brings_the_program_and_its_place_in_the_menu() -> Result<()> {
    for kind in [Kind::Deb, Kind::Rpm] {
        let computer = Computer::new(kind)?;
        computer.install(&package(Age::New, kind)?)?;
        let files = computer.installed_files()?;
        for expected in [
            "usr/bin/onetill",
            "usr/share/applications/Onetill.desktop",
            "usr/share/icons/hicolor/32x32/apps/onetill.png",
            "usr/share/icons/hicolor/128x128/apps/onetill.png",
            "usr/share/icons/hicolor/256x256@2/apps/onetill.png",
        ] {
            assert!(files.iter().any(|file| file == Path::new(expected)), "no {expected} in {files:#?}");
        }
        let entry = computer.root().join("usr/share/applications/Onetill.desktop");
        done(Command::new("desktop-file-validate").arg(&entry))?;
        let entry = std::fs::read_to_string(entry)?;
        for line in ["Exec=onetill", "Icon=onetill", "Name=Onetill", "Terminal=false"] {
            assert!(entry.lines().any(|found| found == line), "no {line} in:\n{entry}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "a build without optimization is as large as it likes: `cargo xtask test-packages` looks at one that is not"]
fn the_program_takes_at_most_15_megabytes_of_the_disk() -> Result<()> {
    for kind in [Kind::Deb, Kind::Rpm] {
        let computer = Computer::new(kind)?;
        computer.install(&package(Age::New, kind)?)?;
        let mut sum = 0;
        for file in computer.installed_files()? {
            let length = std::fs::symlink_metadata(computer.root().join(&file))?.len();
            println!("{length:>10} {}", file.display());
            sum += length;
        }
        println!("{sum:>10} {kind:?}");
        assert!(sum > 1_000_000, "there is a program in it");
        assert!(sum <= LARGEST, "{kind:?} takes {sum} bytes of the disk");
    }
    Ok(())
}
