//! `cargo xtask screenshots`: what the register looks like, in pictures and on one page to leaf through.
//!
//! Two kinds of pictures, and the page says which is which. *The road* is the real app on a real backend, worked by
//! clicks and keys through a whole shift. *The gallery* is every state of every screen, with invented snapshots, in the
//! same engine: most of what can go wrong at a register cannot be had on a real backend at will.

mod page;
mod road;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use onetill_local::repository;
use onetill_tests::Result;
use onetill_tests::gallery::{Gallery, MAIN, THEMES, Wish};
use onetill_tests::pictures::{Picture, TAKEN_ON, kept, platform};

use page::Shot;

/// What can be asked of it. Without an argument it takes every picture there is, which is long.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only this appearance: light, dark or contrast
    #[arg(long)]
    theme: Vec<String>,
    /// Only this language: en, es, fr, de, or the invented en-XA (long words) and ar-XB (right to left)
    #[arg(long)]
    language: Vec<String>,
    /// Only the states whose names begin so; without the road
    #[arg(long)]
    state: Vec<String>,
    /// Only on this screen: 1024x768, 1920x1080 or 200% (the small one with text of twice the size)
    #[arg(long)]
    screen: Vec<String>,
    /// Only the road: the real app on a real backend
    #[arg(long, conflicts_with_all = ["state", "screen"])]
    road: bool,
    /// Take the pictures of the main screens and keep them as those that `cargo xtask test` compares with
    #[arg(long, conflicts_with_all = ["theme", "language", "state", "screen", "road"])]
    accept: bool,
}

/// A screen and how large its text is.
struct Place {
    name: &'static str,
    width: u32,
    height: u32,
    text: u32,
    /// In every appearance and language, even when nobody asks for them.
    whole: bool,
}

const PLACES: [Place; 3] = [
    Place { name: "1024x768", width: 1024, height: 768, text: 100, whole: true },
    Place { name: "1920x1080", width: 1920, height: 1080, text: 100, whole: false },
    Place { name: "200%", width: 1024, height: 768, text: 200, whole: false },
];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.accept { accept().await } else { take(&arguments).await };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The pictures stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Keeps the main screens as they are now.
async fn accept() -> Result<()> {
    let folder = kept();
    std::fs::create_dir_all(&folder)?;
    for old in std::fs::read_dir(&folder)? {
        std::fs::remove_file(old?.path())?;
    }
    std::fs::write(folder.join(TAKEN_ON), format!("{}\n", platform()))?;
    let gallery = Gallery::open(1024, 768).await?;
    let mut bytes = 0;
    for wish in MAIN.iter().map(Wish::main) {
        let file = Picture::read(&gallery.picture(&wish).await?)?.write()?;
        let path = folder.join(wish.file());
        println!("   {} ({} kB)", path.display(), file.len() / 1000);
        bytes += file.len();
        std::fs::write(path, file)?;
    }
    println!("   {} pictures, {} kB", MAIN.len(), bytes / 1000);
    gallery.close().await
}

async fn take(arguments: &Arguments) -> Result<()> {
    let folder = repository().join("target/screenshots");
    for old in ["road", "gallery"].map(|name| folder.join(name)) {
        if old.exists() {
            std::fs::remove_dir_all(old)?;
        }
    }
    std::fs::create_dir_all(&folder)?;
    let mut shots = Vec::new();
    if arguments.state.is_empty() && arguments.screen.is_empty() {
        let languages = or_all(&arguments.language, &road::LANGUAGES);
        for language in languages.iter().filter(|language| road::LANGUAGES.contains(&language.as_str())) {
            for theme in or_all(&arguments.theme, &THEMES) {
                println!("   the road, {language}, {theme}");
                shots.extend(road::walk(&folder, language, &theme).await?);
            }
        }
    }
    if !arguments.road {
        for place in &PLACES {
            if arguments.screen.is_empty() || arguments.screen.iter().any(|name| name == place.name) {
                shots.extend(states(arguments, place, &folder).await?);
            }
        }
    }
    if shots.is_empty() {
        return Err("nothing is called so; `npm run dev` in ui shows all states".into());
    }
    let page = page::write(&folder, &shots)?;
    println!("   {} pictures, to leaf through in {}", shots.len(), page.display());
    Ok(())
}

fn or_all(asked: &[String], all: &[&str]) -> Vec<String> {
    if asked.is_empty() { all.iter().map(|one| (*one).to_owned()).collect() } else { asked.to_vec() }
}

/// Every state that was asked for, on one screen.
async fn states(arguments: &Arguments, place: &Place, folder: &Path) -> Result<Vec<Shot>> {
    let gallery = Gallery::open(place.width, place.height).await?;
    let languages = gallery.languages().await?;
    let (mut themes, mut spoken) = (arguments.theme.clone(), arguments.language.clone());
    if themes.is_empty() {
        themes = THEMES.iter().take(if place.whole { 3 } else { 1 }).map(|one| (*one).to_owned()).collect();
    }
    if spoken.is_empty() {
        spoken = languages.iter().take(if place.whole { languages.len() } else { 1 }).cloned().collect();
    }
    let mut shots = Vec::new();
    for state in gallery.states().await? {
        if !arguments.state.is_empty() && !arguments.state.iter().any(|begin| state.starts_with(begin)) {
            continue;
        }
        for language in &spoken {
            for theme in &themes {
                let wish = Wish {
                    state: state.clone(),
                    theme: theme.clone(),
                    language: language.clone(),
                    text: place.text,
                };
                let shot = Shot {
                    group: "gallery",
                    name: state.clone(),
                    theme: theme.clone(),
                    language: language.clone(),
                    screen: place.name,
                    file: PathBuf::from(format!(
                        "gallery/{}/{theme}-{language}/{state}.png",
                        place.name.trim_end_matches('%')
                    )),
                };
                let path = folder.join(&shot.file);
                std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
                std::fs::write(path, gallery.picture(&wish).await?)?;
                shots.push(shot);
            }
        }
    }
    println!("   {} pictures on {}", shots.len(), place.name);
    gallery.close().await?;
    Ok(shots)
}
