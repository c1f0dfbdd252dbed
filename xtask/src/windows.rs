//! `cargo xtask windows`: the app and the console for Windows, built on Debian, put into an installer, and tried under
//! Wine as far as Wine goes.
//!
//! Invariant: nothing here reaches a Windows program of the developer's own: Wine works in a folder that is made anew.

mod toolchain;
mod trial;

use std::path::{Path, PathBuf};
use std::process::Command;

use onetill_local::repository;

use crate::packages::Needs;
use crate::process::{Failure, Result, answer, run};
use crate::{build, say, setup};
use toolchain::{TARGET, cargo, folder};

/// Arguments of `cargo xtask windows`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only build and package; try nothing under Wine
    #[arg(long)]
    no_trial: bool,
    /// Only compile, as fast as it goes: does the code for Windows hold?
    #[arg(long, conflicts_with = "no_trial")]
    check: bool,
}

pub(crate) fn run_all(arguments: &Arguments) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::said(
            "This builds for Windows on Debian. On Windows itself, `cargo build --release` does.",
        ));
    }
    setup::require(Needs {
        cross: true,
        postgres: !arguments.check && !arguments.no_trial,
        ..Needs::default()
    })?;
    build::user_interface()?;
    if arguments.check {
        say::header("Compiling for Windows");
        return run(cargo(&["check", "--locked", "--all-targets", "-p", "onetill", "-p", "onetillctl"]));
    }
    say::header("Building for Windows (the first time takes some minutes)");
    run(program_build())?;
    say::header("Making the installer");
    let installer = package()?;
    if !arguments.no_trial {
        trial::run_all(&installer)?;
    }
    say::good(&format!("The installer: {}", installer.display()));
    say::note("It is not signed. docs/releasing.md says how a release is.");
    Ok(())
}

/// Where the built programs are.
fn built() -> PathBuf {
    folder().join(TARGET).join("release")
}

fn program_build() -> Command {
    // The feature is what `tauri build` adds: the window shows what is built into the program.
    cargo(&[
        "build",
        "--release",
        "--locked",
        "--bins",
        "-p",
        "onetill",
        "-p",
        "onetillctl",
        "--features",
        "tauri/custom-protocol",
    ])
}

/// Packs what was built.
fn package() -> Result<PathBuf> {
    let version = env!("CARGO_PKG_VERSION");
    let installer = folder().join(format!("Onetill_{version}_x64-setup.exe"));
    let here = |path: &str| repository().join(path);
    let mut command = Command::new("makensis");
    command.args(["-V2", "-WX", "-INPUTCHARSET", "UTF8"]);
    for (name, value) in [
        ("VERSION", Path::new(version)),
        ("OUT", &installer),
        ("BUILT", &built()),
        ("ICON", &here("icons/icon.ico")),
        ("LICENSE", &here("LICENSE")),
    ] {
        command.arg(format!("-D{name}={}", value.display()));
    }
    command.arg(here("src-tauri/windows/installer.nsi"));
    run(command)?;
    let imports =
        answer(Command::new("x86_64-w64-mingw32-objdump").arg("-p").arg(built().join("onetill.exe")));
    if let Some(library) = imports.as_deref().and_then(of_the_compiler) {
        return Err(Failure::said(format!("onetill.exe needs {library}, which no Windows has")));
    }
    Ok(installer)
}

/// A library that only the compiler's computer has.
fn of_the_compiler(imports: &str) -> Option<&str> {
    let names = imports.lines().filter_map(|line| line.trim().strip_prefix("DLL Name: "));
    names
        .into_iter()
        .find(|name| ["libgcc", "libwinpthread", "libstdc"].iter().any(|known| name.starts_with(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_of_the_compiler_is_noticed() {
        let imports = "\tDLL Name: KERNEL32.dll\n\tvma: Hint\n\tDLL Name: libwinpthread-1.dll\n";
        assert_eq!(of_the_compiler(imports), Some("libwinpthread-1.dll"));
        assert_eq!(of_the_compiler("\tDLL Name: KERNEL32.dll\n"), None);
    }
}
