//! Many computers: what holds for a whole one, what is locked there, and enrolment by a picture.

use crate::ctl::{Call, Said};
use onetill_tests::{Result, scratch};
use std::path::Path;

/// Nobody answers there, and at once.
const URL: &str = "http://127.0.0.1:9";
const KEY: &str = "sb_publishable_shown";

/// A call at the computer that is this folder.
fn at(folder: &Path, arguments: &[&str]) -> Result<Call> {
    Ok(Call::new(arguments)?
        .env("HOME", folder)
        .env("ONETILL_CONFIG", folder.join("config.toml"))
        .env("ONETILL_MACHINE_CONFIG", folder.join("machine/config.toml"))
        // The usual data folder: another till's never starts by itself.
        .env("ONETILL_DATA_DIR", "")
        .env("XDG_DATA_HOME", folder.join("data")))
}

async fn enroll(folder: &Path, more: &[&str], code: i32) -> Result<Said> {
    let mut arguments = vec!["enroll", "--url", URL, "--key", KEY];
    arguments.extend(more);
    Ok(at(folder, &arguments)?.run().await?.expect(code))
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_holds_against_a_person_and_the_doctor_tells_who_decides_what() -> Result<()> {
    let folder = scratch()?;
    let here = folder.path();
    let lock = "supabase.url,supabase.key,locale";
    enroll(here, &["--whole-computer", "--locale", "de-ch", "--lock", lock], 0).await?;
    let machine = here.join("machine/config.toml");
    assert!(read(&machine).contains("locale = \"de-CH\"") && !here.join("config.toml").exists());

    // The same again is no matter; anything else is refused and writes nothing.
    enroll(here, &["--printer", "queue:Receipts"], 0).await?;
    let before = read(here.join("config.toml"));
    assert!(before.contains("Receipts") && !before.contains(URL), "a lock is not copied: {before}");
    let said = enroll(here, &["--locale", "fr"], 3).await?;
    assert!(said.err.contains("locale is locked") && said.err.contains("machine"), "{}", said.err);
    let other = ["enroll", "--url", "https://thief.example", "--key", KEY, "--replace"];
    at(here, &other)?.run().await?.expect(3);
    assert_eq!(read(here.join("config.toml")), before);
    enroll(here, &["--whole-computer", "--lock", "autostart"], 2).await?;
    enroll(here, &["--lock", "locale"], 2).await?;
    enroll(here, &["--locale", "german"], 2).await?;
    enroll(here, &["--screen", "full@1441"], 2).await?;
    assert!(read(&machine).contains("locked"), "what was refused changed nothing");

    // A setting that is a table of the file is locked as a whole.
    enroll(here, &["--whole-computer", "--screen", "full@5", "--lock", &format!("{lock},screen")], 0).await?;
    assert!(
        read(&machine).contains("full_screen = true") && read(&machine).contains("lock_after_minutes = 5")
    );

    std::fs::write(here.join("config.toml"), "locale = \"fr\"\n")?;
    let doctor = at(here, &["--json", "doctor"])?.run().await?.json();
    let checks = doctor["checks"].as_array().cloned().unwrap_or_default();
    let found = |id: &str| {
        let check = checks.iter().find(|check| check["id"] == id).cloned().unwrap_or_default();
        format!(
            "{}: {}",
            check["status"].as_str().unwrap_or_default(),
            check["found"].as_str().unwrap_or_default()
        )
    };
    let config = found("config");
    assert!(config.starts_with("passed"), "{config}");
    assert!(config.contains("supabase.url = http://127.0.0.1:9 (whole computer, locked)"), "{config}");
    assert!(
        config.contains(
            "locale = de-CH (whole computer, locked; ignored from this person: this setting is locked)"
        ),
        "{config}"
    );
    assert!(!config.contains(KEY), "{config}");

    let torn = "locale = \"de\"\nlokced = []\n";
    std::fs::write(&machine, torn)?;
    let said = at(here, &["--json", "doctor"])?.run().await?.expect(1);
    assert!(said.out.contains("machine") && said.out.contains("line 2"), "{}", said.out);
    enroll(here, &["--replace"], 3).await?;
    assert_eq!(read(&machine), torn, "a person's --replace does not touch what is the computer's");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_start_at_login_comes_and_goes_with_the_configuration() -> Result<()> {
    let folder = scratch()?;
    let here = folder.path();
    let entry = here.join(".config/autostart/onetill.desktop");
    let doctor = async || -> Result<String> {
        Ok(at(here, &["doctor"])?.run().await?.out.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    enroll(here, &[], 0).await?;
    assert!(!entry.exists() && doctor().await?.contains("not checkable (not configured)"));

    // Without a till beside the console the first start of one brings it in order.
    enroll(here, &["--autostart", "on"], 0).await?;
    assert!(read(here.join("config.toml")).contains("autostart = true"));
    if !entry.exists() {
        assert!(
            doctor().await?.contains("FAILED The till starts at login found: it should and does not yet")
        );
        std::fs::create_dir_all(here.join(".config/autostart"))?;
        std::fs::write(&entry, "[Desktop Entry]\n")?;
    }
    assert!(doctor().await?.contains("ok The till starts at login: yes, as configured"));
    enroll(here, &["--autostart", "off"], 0).await?;
    assert!(read(here.join("config.toml")).contains("autostart = false"));
    std::fs::remove_file(&entry).or_else(|gone| if entry.exists() { Err(gone) } else { Ok(()) })?;
    assert!(doctor().await?.contains("ok The till starts at login: no, as configured"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_enrolls_as_its_link_does_and_is_believed_no_more() -> Result<()> {
    let folder = scratch()?;
    let here = folder.path();
    let path = |name: &str| here.join(name).display().to_string();
    let key = async |name: &str| -> Result<String> {
        let made =
            at(here, &["--json", "enrolment-key", "--out", &path(name)])?.run().await?.expect(0).json();
        Ok(made["public_key"].as_str().ok_or("a public key")?.to_owned())
    };
    let (public, _other) = (key("owner.key").await?, key("other.key").await?);
    let draw = async |signed: &str, picture: &str, code: i32| -> Result<Said> {
        let (signed, picture) = (path(signed), path(picture));
        let make = ["enrolment-link", "--signing-key", &signed, "--url", URL, "--key", KEY, "--qr", &picture];
        let more = ["--locale", "fr", "--autostart", "off", "--printer", "tcp://192.168.1.50", "--drawer"];
        Ok(at(here, &[&make[..], &more].concat())?.run().await?.expect(code))
    };
    let link = draw("owner.key", "good.png", 0).await?.out;
    assert!(
        link.starts_with("onetill://enroll/1/") && link.trim().lines().count() == 1,
        "only the link: {link}"
    );
    draw("owner.key", "good.png", 3).await?;
    draw("other.key", "forged.png", 0).await?;
    std::fs::write(path("torn.png"), &std::fs::read(path("good.png"))?[..600])?;
    std::fs::write(path("page.png"), "<!doctype html>")?;
    std::fs::File::create(path("endless.png"))?.set_len(1 << 40)?;

    for (picture, code, words) in [
        ("forged.png", 2, "not signed"),
        ("torn.png", 2, "damaged"),
        ("page.png", 2, "neither a PNG nor a JPEG"),
        ("endless.png", 2, "larger than"),
        ("none.png", 3, "none.png"),
    ] {
        let said =
            at(here, &["enroll", "--qr", &path(picture), "--trust", &public])?.run().await?.expect(code);
        assert!(said.err.contains(words), "{picture}: {}", said.err);
    }
    let said = at(here, &["enroll", "--qr", &path("good.png")])?.run().await?.expect(2);
    assert!(said.err.contains("--trust"), "{}", said.err);
    assert!(!here.join("config.toml").exists(), "nothing was written");

    at(here, &["enroll", "--qr", &path("good.png"), "--trust", &public])?.run().await?.expect(0);
    let config = read(here.join("config.toml"));
    for line in [URL, "locale = \"fr\"", "autostart = false", "192.168.1.50", "drawer = true"] {
        assert!(config.contains(line), "{line}: {config}");
    }
    Ok(())
}
