//! Starting the till when somebody logs in to this computer: an entry of that person's, in the form that their system
//! has for it (XDG autostart, the Run key, a LaunchAgent).
//!
//! Invariant: the configuration decides. Where it says nothing, nothing is touched.

use crate::Places;
use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The name of the entry.
const NAME: &str = "onetill";

/// What was done about the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The configuration says nothing on it.
    Untouched,
    /// The till of a data folder of its own: the entry would start the other one.
    NotThisTill,
    /// The till starts at login.
    On,
    /// It does not.
    Off,
}

/// Makes the entry be there, or not, as it is `wanted`; `None` leaves it as it is. `program` is the till's own.
///
/// # Errors
/// When the system refuses.
pub fn keep(places: &Places, wanted: Option<bool>, program: &Path) -> io::Result<Kept> {
    let Some(wanted) = wanted else { return Ok(Kept::Untouched) };
    if places.own_identity().is_some() {
        return Ok(Kept::NotThisTill);
    }
    let entry = entry(program)?;
    if wanted {
        // Also where there is one: the program may have moved.
        entry.enable().map_err(io::Error::other)?;
        return Ok(Kept::On);
    }
    if entry.is_enabled().map_err(io::Error::other)? {
        entry.disable().map_err(io::Error::other)?;
    }
    Ok(Kept::Off)
}

/// Whether there is an entry.
///
/// # Errors
/// When the system does not tell.
pub fn is_on() -> io::Result<bool> {
    entry(Path::new(NAME))?.is_enabled().map_err(io::Error::other)
}

/// The till's program, as an installer's console finds it: beside itself, else where the packages put it.
#[must_use]
pub fn program() -> Option<PathBuf> {
    let name = format!("onetill{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.join(&name)));
    let packaged =
        ["/usr/bin/onetill", "/Applications/Onetill.app/Contents/MacOS/onetill"].map(PathBuf::from);
    beside.into_iter().chain(packaged).find(|path| path.is_file())
}

fn entry(program: &Path) -> io::Result<AutoLaunch> {
    let path = program
        .to_str()
        .ok_or_else(|| io::Error::other(format!("{}: a name that is not text", program.display())))?;
    AutoLaunchBuilder::new()
        .set_app_name(NAME)
        .set_app_path(&as_command(path))
        .set_bundle_identifiers(&["app.onetill.register"])
        .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .build()
        .map_err(io::Error::other)
}

/// A path as the system's entry wants it: a LaunchAgent takes it as it is, the others a command line.
fn as_command(path: &str) -> String {
    if cfg!(target_os = "macos") {
        return path.to_owned();
    }
    if cfg!(windows) {
        return format!("\"{path}\"");
    }
    // The Desktop Entry Specification escapes twice: for the quoted argument, then for the string that holds it.
    let mut quoted = String::from("\"");
    for letter in path.chars() {
        match letter {
            '\\' => quoted.push_str(r"\\\\"),
            '"' | '`' | '$' => {
                quoted.push_str(r"\\");
                quoted.push(letter);
            }
            '%' => quoted.push_str("%%"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_of_the_entry() {
        assert_eq!(as_command("/usr/bin/onetill"), "\"/usr/bin/onetill\"");
        assert_eq!(as_command("/home/a b/100%/$x"), r#""/home/a b/100%%/\\$x""#);
    }
}
