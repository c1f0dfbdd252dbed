//! The main screens look as they did, pixel by pixel, in the engine of the app's own window on Linux.
//!
//! One that was changed on purpose is kept anew by `cargo xtask screenshots --accept`, after looking at it. On another
//! system than the one on which they were taken the comparisons are left out, and the step says that it was skipped; on
//! that one, a picture that was not compared fails, and so does a run without any.

#[cfg(target_os = "linux")] // the only system whose web view can be driven without a screen
fn main() -> onetill_tests::Result<()> {
    use libtest_mimic::{Arguments, Trial};
    use onetill_tests::gallery::{MAIN, Wish};
    use onetill_tests::pictures::{TAKEN_ON, kept, platform};

    let arguments = Arguments::from_args();
    let wishes: Vec<Wish> = MAIN.iter().map(Wish::main).collect();
    let mut trials = vec![Trial::test("every kept picture belongs to a screen", move || {
        let known: Vec<String> = MAIN.iter().map(|main| Wish::main(main).file()).collect();
        for kept in std::fs::read_dir(kept())? {
            let name = kept?.file_name().to_string_lossy().into_owned();
            if name != TAKEN_ON && !known.contains(&name) {
                return Err(format!("nothing looks like {name} any more: delete it").into());
            }
        }
        Ok(())
    })];
    let taken_on = std::fs::read_to_string(kept().join(TAKEN_ON))?;
    let elsewhere = taken_on.trim() != platform();
    if elsewhere {
        // `cargo xtask test` reads these words, and calls the step skipped.
        println!("step skipped: the pictures were taken on {}; this is {}", taken_on.trim(), platform());
    }
    let compares = !elsewhere && !arguments.list;
    let compared = if compares { compare::all(&wishes)? } else { Vec::new() };
    if compares && compared.is_empty() {
        return Err("no picture was compared".into());
    }
    let mut compared = compared.into_iter();
    for wish in &wishes {
        let found = compared.next().unwrap_or_else(|| Err("it was not compared".to_owned()));
        trials.push(Trial::test(wish.file(), move || Ok(found?)).with_ignored_flag(elsewhere));
    }
    libtest_mimic::run(&arguments, trials).exit()
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod compare {
    use std::path::Path;

    use onetill_local::repository;
    use onetill_tests::Result;
    use onetill_tests::gallery::{Gallery, Wish};
    use onetill_tests::pictures::{Picture, kept};

    /// What is wrong with each.
    #[tokio::main]
    pub(crate) async fn all(wishes: &[Wish]) -> Result<Vec<std::result::Result<(), String>>> {
        let folder = repository().join("target/screenshots/different");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let gallery = Gallery::open(1024, 768).await?;
        let mut found = Vec::new();
        for wish in wishes {
            let new = gallery.picture(wish).await?;
            found.push(one(wish, &new, &folder).map_err(|error| error.to_string()));
        }
        gallery.close().await?;
        Ok(found)
    }

    fn one(wish: &Wish, new: &[u8], folder: &Path) -> Result<()> {
        let path = kept().join(wish.file());
        let old = std::fs::read(&path).map_err(|error| {
            format!("{}: {error}; `cargo xtask screenshots --accept` keeps it", path.display())
        })?;
        let Some(difference) = Picture::read(&old)?.difference(&Picture::read(new)?) else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        let name = wish.file();
        let shown = folder.join(name.replace(".png", ".difference.png"));
        std::fs::write(&shown, difference.picture.write()?)?;
        std::fs::write(folder.join(name.replace(".png", ".kept.png")), old)?;
        std::fs::write(folder.join(name.replace(".png", ".new.png")), new)?;
        Err(format!(
            "{}: see {} and its neighbours; if it is right, run `cargo xtask screenshots --accept`",
            difference.why,
            shown.display()
        )
        .into())
    }
}
