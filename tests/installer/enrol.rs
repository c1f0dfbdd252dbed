//! A computer becomes a register's, by flags, by a file or by a link that was signed.

use crate::ctl::Call;
use crate::drill::knowing;
use onetill_local::{Engine, PgVersion};
use onetill_tests::{Project, Result, scratch};
use std::path::Path;

const KEY: &str = "sb_publishable_shown";

fn config(folder: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(folder.join("config.toml"))?)
}

/// A call whose configuration and data are in this folder, so that calls can follow one another.
fn on(folder: &Path, arguments: &[&str]) -> Result<Call> {
    let data = folder.join("data");
    Ok(Call::new(arguments)?.env("ONETILL_CONFIG", folder.join("config.toml")).env("ONETILL_DATA_DIR", data))
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_and_files_are_written_and_nothing_is_lost_unasked() -> Result<()> {
    let folder = scratch()?;
    let here = folder.path();
    let by_flags = ["enroll", "--url", "shop.example/", "--key", KEY];
    let said = on(here, &by_flags)?.run().await?.expect(0);
    assert!(!said.out.contains(KEY), "{}", said.out);
    assert!(config(here)?.contains("https://shop.example\""), "{}", config(here)?);
    on(here, &by_flags)?.run().await?.expect(0);

    let file = here.join("store-7.toml");
    std::fs::write(&file, format!("url = \"https://other.example\"\nkey = \"{KEY}\"\nregister = \"M1\"\n"))?;
    let by_file = ["enroll", "--from", &file.display().to_string()];
    let said = on(here, &by_file)?.run().await?.expect(3);
    assert!(said.err.contains("--replace") && config(here)?.contains("shop.example"), "{}", said.err);
    let said = on(here, &by_file)?.arg("--replace").run().await?.expect(0);
    assert!(said.out.contains("Register M1 is chosen at the till's first start"), "{}", said.out);
    assert!(config(here)?.contains("https://other.example"));

    let before = config(here)?;
    for (arguments, words) in [
        (
            ["enroll", "--url", "https://shop.example", "--key", "sb_secret_x", "--replace"],
            "must never be on a till",
        ),
        (["enroll", "--url", "http://shop.example", "--key", KEY, "--replace"], "https://"),
    ] {
        let said = on(here, &arguments)?.run().await?.expect(2);
        assert!(said.err.contains(words), "{}", said.err);
    }
    assert_eq!(config(here)?, before, "a refusal writes nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_counts_only_with_the_trusted_signature() -> Result<()> {
    let folder = scratch()?;
    let here = folder.path();
    let (key, other) =
        (here.join("enrolment.key").display().to_string(), here.join("other.key").display().to_string());
    let made = on(here, &["--json", "enrolment-key", "--out", &key])?.run().await?.expect(0).json();
    let public = made["public_key"].as_str().ok_or("a public key")?.to_owned();
    on(here, &["enrolment-key", "--out", &key])?.run().await?.expect(3);
    on(here, &["enrolment-key", "--out", &other])?.run().await?.expect(0);

    let link = async |signing: &str, url: &str| -> Result<String> {
        let make = ["enrolment-link", "--signing-key", signing, "--url", url, "--key", KEY];
        Ok(on(here, &make)?.run().await?.expect(0).out.trim().to_owned())
    };
    let good = link(&key, "https://shop.example").await?;
    let forged = link(&other, "https://thief.example").await?;
    let said = on(here, &["enroll", "--link", &forged, "--trust", &public])?.run().await?.expect(2);
    assert!(said.err.contains("not signed"), "{}", said.err);
    let said =
        on(here, &["enroll", "--link", &good, "--trust", "-begins-like-an-option"])?.run().await?.expect(2);
    assert!(said.err.contains("the trusted key is not one"), "a key may begin with a hyphen: {}", said.err);
    on(here, &["enroll", "--link", &good])?.run().await?.expect(2);
    assert!(config(here).is_err(), "nothing was written");
    on(here, &["enroll", "--link", &good])?.env("ONETILL_ENROLMENT_KEY", &public).run().await?.expect(0);
    assert!(config(here)?.contains("https://shop.example"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_is_found_and_kept_for_the_till_and_diagnostics_tell_no_secret() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let folder = scratch()?;
    let here = folder.path();
    let (url, key) = (project.backend.url(), project.backend.publishable_key().to_owned());
    let (config_file, data) = (here.join("config.toml"), here.join("data"));
    let enroll = ["enroll", "--url", &url, "--key", &key, "--register"];
    let call = |register: &str| -> Result<Call> {
        let call = knowing(&project, "owner", &enroll)?.arg(register);
        Ok(call.env("ONETILL_CONFIG", &config_file).env("ONETILL_DATA_DIR", &data))
    };
    let said = call("X9")?.run().await?.expect(2);
    assert!(said.err.contains("no register X9"), "{}", said.err);
    let said = call("H1")?.run().await?.expect(0);
    assert!(said.out.contains("H1 Boat shed, Harbor"), "{}", said.out);

    // As the till itself reads it at its next start.
    let store = onetill_store::StoreFile::open(&data.join("onetill.sqlite"))?.file;
    let kept = onetill_store::ProjectStore::new(store, url.clone());
    let assignment = onetill_core::ports::DeviceStore::load(&kept)?.assignment.ok_or("a assignment")?;
    assert_eq!(assignment.register.register_number, "H1");
    drop(kept);

    std::fs::create_dir_all(data.join("logs"))?;
    std::fs::write(
        data.join("logs/onetill.log"),
        format!("sent apikey={key} with eyJhbGciOi.eyJzdWIi.c2ln\n"),
    )?;
    let out = here.join("support.txt");
    let person = onetill_tests::staff("owner")[0];
    let said = on(here, &["diagnostics", "--out", &out.display().to_string()])?
        .env("ONETILL_EMAIL", person.email)
        .env("ONETILL_PASSWORD", person.password)
        .run()
        .await?
        .expect(0);
    let text = std::fs::read_to_string(&out)?;
    for section in ["versions", "configuration", "the till's file", "doctor", "log onetill.log"] {
        assert!(text.contains(&format!("==== {section}")), "{section}: {text}");
    }
    assert!(text.contains("ok      Signing in works"), "{text}");
    for secret in [key.as_str(), person.password, "eyJhbGci"] {
        assert!(!text.contains(secret) && !said.out.contains(secret), "{secret} is told");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_complete_every_command() -> Result<()> {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = Call::new(&["completions", shell])?.run().await?.expect(0);
        for command in ["deploy", "doctor", "drill", "storm", "enroll", "diagnostics"] {
            assert!(said.out.contains(command), "{shell}: {command}");
        }
    }
    Call::new(&["deploy", "--wrong"])?.run().await?.expect(2);
    Ok(())
}
