//! The compiler that builds for Windows on Debian, and where it puts what it builds.

use std::path::PathBuf;
use std::process::Command;

use onetill_local::repository;

pub(super) const TARGET: &str = "x86_64-pc-windows-gnu";
pub(super) const COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// Where everything of this command goes: beside, not among, what is built for this computer.
pub(super) fn folder() -> PathBuf {
    repository().join("target/windows")
}

/// Debian's own cargo and compiler: they come with the sources of the standard library, which is built along, for
/// there is none for Windows in the distribution.
pub(super) fn cargo(arguments: &[&str]) -> Command {
    let (subcommand, rest) = arguments.split_first().unwrap_or((&"build", &[]));
    let mut command = Command::new("/usr/bin/cargo");
    command.current_dir(repository()).args([*subcommand, "-Zbuild-std=std,panic_abort", "--target", TARGET]);
    command.args(rest);
    for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTC_WRAPPER", "CARGO"] {
        command.env_remove(name);
    }
    let prefix = TARGET.replace('-', "_");
    command
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", folder())
        .env(format!("CARGO_TARGET_{}_LINKER", prefix.to_uppercase()), COMPILER)
        .env(format!("CC_{prefix}"), COMPILER)
        .env(format!("AR_{prefix}"), "x86_64-w64-mingw32-ar")
        // As in a release, except what takes minutes and changes nothing that is tried here.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    command
}
