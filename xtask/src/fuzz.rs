//! `cargo xtask fuzz`: every decoder of what comes from wire or disk, for as long as you like.
//!
//! The engine is libFuzzer, which needs code that counts where it has been. The stable compiler can make that; only a
//! sanitizer would need a nightly one, and without `unsafe` of our own there is little for it to see.

use std::path::{Path, PathBuf};
use std::process::Command;

use onetill_local::repository;

use crate::build::cargo_here;
use crate::packages::Needs;
use crate::process::{Failure, Result, answer, check_interrupt, run};
use crate::{say, setup};

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these decoders
    targets: Vec<String>,
    /// How long each
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The same seed, corpus and build make the same choices; a random one when left out
    #[arg(long)]
    seed: Option<u32>,
    /// Where what was interesting is kept for the next time
    #[arg(long, default_value = "target/fuzz/corpus")]
    corpus: PathBuf,
    /// Only tell the names of the decoders
    #[arg(long)]
    list: bool,
}

/// What makes the compiler count, as cargo-fuzz has it. Overflow and `debug_assert` are looked at as well.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks";

/// A network's answers are bounded as well.
const LONGEST_INPUT: u32 = 64 * 1024;

pub(crate) fn run_all(arguments: &Arguments) -> Result<()> {
    if cfg!(windows) {
        return Err(Failure::said("libFuzzer is not built on Windows here: use Linux or macOS."));
    }
    // The engine is C++.
    setup::require(Needs { app: true, ..Needs::default() })?;
    let build = repository().join("target/fuzz");
    let seeds = build.join("seeds");
    let known = names(&seeds)?;
    if arguments.list {
        known.iter().for_each(|name| println!("{name}"));
        return Ok(());
    }
    if let Some(unknown) = arguments.targets.iter().find(|name| !known.contains(name)) {
        return Err(Failure::said(format!("no decoder is called {unknown}; there are {}", known.join(", "))));
    }
    let program = engine(&build)?;
    let corpus = repository().join(&arguments.corpus);
    let mut broken = Vec::new();
    for name in known.iter().filter(|name| arguments.targets.is_empty() || arguments.targets.contains(name)) {
        say::header(&format!("{name}, {} s", arguments.seconds));
        let found = repository().join("tests/fuzz/found").join(name);
        let corpus = corpus.join(name);
        for folder in [&found, &corpus] {
            std::fs::create_dir_all(folder).map_err(Failure::said)?;
        }
        let mut command = Command::new(&program);
        command
            .env("ONETILL_FUZZ_TARGET", name)
            .arg(&corpus)
            .arg(seeds.join(name))
            .arg(&found)
            .arg(format!("-max_total_time={}", arguments.seconds))
            .arg(format!("-max_len={LONGEST_INPUT}"))
            .arg(format!("-seed={}", arguments.seed.unwrap_or_default()))
            .arg(format!("-dict={}", seeds.join("words.dict").display()))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
        if let Err(failure) = run(command) {
            check_interrupt()?;
            let Failure::Said(why) = failure else { return Err(failure) };
            say::bad(&format!("{name}: {why}. The input is in {}.", found.display()));
            broken.push(name.as_str());
        }
        // Git keeps no empty folder, and the tests need none.
        let _not_empty = std::fs::remove_dir(&found);
    }
    if broken.is_empty() {
        say::good("No decoder was confused.");
        return Ok(());
    }
    Err(Failure::said(format!("a mistake in {}", broken.join(", "))))
}

/// Writes the honest examples, and learns the decoders' names.
fn names(seeds: &Path) -> Result<Vec<String>> {
    let program = ["--package", "onetill-fuzz", "--bin", "fuzz-seeds"];
    let mut build = cargo_here(&["build"]);
    build.args(program);
    run(build)?;
    let mut command = cargo_here(&["run", "--quiet"]);
    command.args(program).arg("--").arg(seeds);
    let told = answer(&mut command).ok_or_else(|| Failure::said("the examples cannot be built"))?;
    Ok(told.lines().map(str::to_owned).collect())
}

/// Builds the engine with the decoders in it, beside all other builds.
fn engine(build: &Path) -> Result<PathBuf> {
    say::header("Building with instrumentation (the first time takes some minutes)");
    let told = answer(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure::said("`rustc -vV` does not say what it compiles for"))?;
    let mut command =
        cargo_here(&["build", "--profile", "bench", "--package", "onetill-fuzz", "--bin", "fuzz"]);
    // A named target keeps the instrumentation away from build scripts, which run without the engine.
    command.args(["--features", "libfuzzer", "--target", host, "--target-dir"]).arg(build);
    command.env("RUSTFLAGS", INSTRUMENTED);
    run(command)?;
    Ok(build.join(host).join("release").join("fuzz"))
}
