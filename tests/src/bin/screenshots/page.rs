//! The page on which the pictures are looked through. It needs nothing but itself and the pictures beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use onetill_tests::Result;

/// A picture and what it shows.
pub(crate) struct Shot {
    /// `road` or `gallery`.
    pub(crate) group: &'static str,
    /// The state, or the place on the road.
    pub(crate) name: String,
    pub(crate) theme: String,
    pub(crate) language: String,
    pub(crate) screen: &'static str,
    /// Below the folder of the page.
    pub(crate) file: PathBuf,
}

const HEAD: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Onetill in pictures</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
  body { margin: 0 auto; padding: 0 1.5rem 4rem; max-width: 110rem; }
  nav { position: sticky; top: 0; padding: .75rem 0; background: Canvas; border-bottom: 1px solid; z-index: 1; }
  nav, fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; }
  fieldset { border: 0; padding: 0; margin: 0; }
  legend { float: left; font-weight: 600; margin-right: .75rem; }
  h3 { margin: 1.5rem 0 .5rem; font-family: ui-monospace, monospace; font-size: 1rem; }
  .row { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1rem; }
  figure { margin: 0; }
  img { width: 100%; height: auto; border: 1px solid #8888; }
  figcaption { font-size: .875rem; opacity: .75; }
  [hidden] { display: none !important; }
</style>
<h1>Onetill in pictures</h1>
<nav aria-label="Which pictures">
"#;

const SCRIPT: &str = r#"<script>
  const chosen = (name) => new Set([...document.querySelectorAll(`input[name=${name}]:checked`)].map((it) => it.value));
  const find = document.querySelector("input[type=search]");
  function choose() {
    const wanted = ["theme", "language", "screen"].map((name) => [name, chosen(name)]);
    for (const group of document.querySelectorAll("[data-name]")) {
      let any = false;
      for (const figure of group.querySelectorAll("figure")) {
        figure.hidden = !wanted.every(([name, values]) => values.has(figure.dataset[name]));
        any ||= !figure.hidden;
      }
      group.hidden = !any || !group.dataset.name.includes(find.value.trim());
    }
  }
  document.addEventListener("input", choose);
  choose();
</script>
"#;

/// Writes it and says where it is.
pub(crate) fn write(folder: &Path, shots: &[Shot]) -> Result<PathBuf> {
    let mut page = HEAD.to_owned();
    choice(&mut page, "theme", "Appearance", shots.iter().map(|shot| shot.theme.as_str()))?;
    choice(&mut page, "language", "Language", shots.iter().map(|shot| shot.language.as_str()))?;
    choice(&mut page, "screen", "Screen", shots.iter().map(|shot| shot.screen))?;
    page.push_str("<label>Find <input type=\"search\"></label></nav>\n");
    for (group, title, line) in [
        ("road", "The road", "The real app on a real backend, worked by clicks and keys through a shift."),
        (
            "gallery",
            "The gallery",
            "Every state of every screen, drawn by the app's own components from invented snapshots.",
        ),
    ] {
        let mut names: Vec<&str> = Vec::new();
        let mut of: BTreeMap<&str, Vec<&Shot>> = BTreeMap::new();
        for shot in shots.iter().filter(|shot| shot.group == group) {
            if !of.contains_key(shot.name.as_str()) {
                names.push(&shot.name);
            }
            of.entry(&shot.name).or_default().push(shot);
        }
        if names.is_empty() {
            continue;
        }
        writeln!(page, "<h2>{title}</h2>\n<p>{line}</p>")?;
        for name in names {
            writeln!(page, "<section data-name=\"{name}\"><h3>{name}</h3><div class=\"row\">")?;
            for shot in of.get(name).into_iter().flatten() {
                let Shot { theme, language, screen, file, .. } = shot;
                let (file, caption) = (file.display(), format!("{theme}, {language}, {screen}"));
                writeln!(
                    page,
                    "<figure data-theme=\"{theme}\" data-language=\"{language}\" data-screen=\"{screen}\">\
                     <a href=\"{file}\"><img loading=\"lazy\" src=\"{file}\" alt=\"{name}, {caption}\"></a>\
                     <figcaption>{caption}</figcaption></figure>"
                )?;
            }
            page.push_str("</div></section>\n");
        }
    }
    page.push_str(SCRIPT);
    let path = folder.join("index.html");
    std::fs::write(&path, page)?;
    Ok(path)
}

fn choice<'a>(
    page: &mut String,
    name: &str,
    title: &str,
    values: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let values: BTreeSet<&str> = values.collect();
    write!(page, "<fieldset><legend>{title}</legend>")?;
    for value in values {
        write!(
            page,
            "<label><input type=\"checkbox\" name=\"{name}\" value=\"{value}\" checked> {value}</label>"
        )?;
    }
    page.push_str("</fieldset>\n");
    Ok(())
}
