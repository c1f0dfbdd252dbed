//! A computer of a fleet: its administrator has decided, and the window shows and keeps that.

use onetill_local::Engine;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_locks_is_shown_and_cannot_be_changed() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let (url, key) = (project.backend.url(), project.backend.publishable_key());
    let mut till = Till::new()?;
    std::fs::write(
        till.machine_config_file(),
        format!(
            "locked = [\"supabase.url\", \"supabase.key\", \"locale\", \"autostart\"]\nlocale = \"de\"\nautostart = true\n\
             [supabase]\nurl = \"{url}\"\nkey = \"{key}\"\n"
        ),
    )?;
    // Everything that a person could try against it.
    std::fs::write(till.config_file(), "locale = \"fr\"\n[supabase]\nurl = \"https://thief.example\"\n")?;
    till.set("ONETILL_SUPABASE_URL", "https://thief.example".into());
    // Only the till of the usual folder starts at login: this one is there, and kept where tests keep theirs.
    let home = till.data().with_file_name("home");
    std::fs::create_dir_all(home.join("data"))?;
    std::fs::create_dir_all(till.data())?;
    std::os::unix::fs::symlink(till.data(), home.join("data/onetill"))?;
    till.set("ONETILL_DATA_DIR", String::new());
    till.set("XDG_DATA_HOME", home.join("data").display().to_string());
    till.set("HOME", home.display().to_string());

    let window = till.open().await?;
    window.screen(&["sign-in"]).await?;
    assert!(window.all_text().await?.contains("Anmelden"), "it speaks the locked language");
    window.gone("edit-connection").await?;
    window.click("settings").await?;
    window.wait_for(PATIENCE, "managed", "data-testid", &["managed"]).await?;
    assert!(window.text("managed-supabase.url").await?.contains(&url), "it says which project");
    assert!(!window.all_text().await?.contains(key), "and not the key");
    window.click("settings-done").await?;
    window.sign_in(staff("cashier")[0]).await?;
    window.screen(&["choose-register"]).await?;
    let entry = std::fs::read_to_string(home.join(".config/autostart/onetill.desktop"))?;
    assert!(entry.lines().any(|line| line.starts_with("Exec=\"/") && line.contains("/onetill\"")), "{entry}");
    window.close().await
}
