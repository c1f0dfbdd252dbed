//! The client is killed at random moments, again and again, and started on what it left.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use onetill_core::SessionId;
use onetill_local::{Engine, PgVersion};

use super::{REGISTER, Script, amount, counted, ledger};
use crate::{PATIENCE, Project, Result, scratch};

/// Movements that one run may record before it would end by itself; no run lives that long.
const ENDLESS: u32 = 100;

/// What one store lived through.
#[derive(Debug, Default)]
pub struct Survived {
    /// How often the client was killed.
    pub kills: u32,
    /// Movements that the screen had shown as recorded.
    pub acknowledged: usize,
    /// Movements in the ledger; more, where the power failed before the screen said so.
    pub recorded: usize,
}

/// Kills the client this often on a new store, then lets it finish.
///
/// # Errors
/// A sentence that says which promise was broken: something that was acknowledged is gone, something is there twice, or
/// the session was not found again.
pub async fn survive(script: &Path, kills: u32, seed: u64) -> Result<Survived> {
    let project = Project::start(Engine::Postgres(PgVersion::V18))?;
    let script = Script::new(script, &project);
    let data = scratch()?;
    let mut random = Rng::with_seed(seed);
    let mut told = Told::default();
    let mut session = None;
    for kill in 0..kills {
        let first = 1 + kill * ENDLESS;
        let child =
            script.run(data.path(), first, ENDLESS)?.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        told.listen_until_killed(child, &mut random)?;
        if kill % 10 == 0 && !told.acknowledged.is_empty() {
            same(&mut session, ledger(&project).await?.0.id)?;
        }
    }
    let last = 1 + kills * ENDLESS;
    let output = script.run(data.path(), last, 1)?.output()?;
    if !output.status.success() {
        return Err(format!("the last start fails: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    told.hear(&String::from_utf8_lossy(&output.stdout))?;
    let (now, movements) = ledger(&project).await?;
    same(&mut session, now.id)?;
    let counted = counted(&movements);
    if let Some((amount, times)) = counted.iter().find(|(_, times)| **times != 1) {
        return Err(format!("{amount} is in the ledger {times} times").into());
    }
    if let Some(lost) = told.acknowledged.iter().find(|amount| !counted.contains_key(*amount)) {
        return Err(format!("{lost} was acknowledged, and the ledger has it not").into());
    }
    Ok(Survived { kills, acknowledged: told.acknowledged.len(), recorded: counted.len() })
}

fn same(session: &mut Option<SessionId>, now: SessionId) -> Result<()> {
    let before = *session.get_or_insert(now);
    if before == now { Ok(()) } else { Err(format!("{REGISTER} had {before}, and now {now}").into()) }
}

/// What the screen has told so far.
#[derive(Debug, Default)]
struct Told {
    acknowledged: BTreeSet<String>,
}

impl Told {
    /// Listens to one run, kills it at a random moment, and takes down all that it had said until then.
    fn listen_until_killed(&mut self, mut child: Child, random: &mut Rng) -> Result<()> {
        let lines = lines_of(&mut child)?;
        let mut heard = String::new();
        // Some at any moment of the start, most in the middle of the work: after some movements, and a random while.
        let wanted = random.usize(0..10);
        let mut recorded = 0;
        while recorded < wanted {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    recorded += usize::from(line.starts_with("acknowledged"));
                    heard.extend([line.as_str(), "\n"]);
                }
                Err(_) => break,
            }
        }
        let longest: u64 = if wanted == 0 { 600 } else { 60 };
        thread::sleep(Duration::from_micros(random.u64(0..longest * 1000)));
        // On Unix this is SIGKILL.
        child.kill()?;
        child.wait()?;
        heard.extend(lines.iter().flat_map(|line| [line, "\n".to_owned()]));
        self.hear(&heard)
    }

    /// A start first tells what it remembers: all that was acknowledged before must be among it.
    fn hear(&mut self, text: &str) -> Result<()> {
        let of = |what: &str| -> BTreeSet<String> {
            text.lines().filter_map(|line| line.strip_prefix(what)).map(str::to_owned).collect()
        };
        let remembered = of("remembered ");
        if text.lines().any(|line| line == "open")
            && let Some(lost) = self.acknowledged.iter().find(|amount| !remembered.contains(*amount))
        {
            return Err(format!("{lost} was acknowledged, and the next start shows it not").into());
        }
        for number in of("acknowledged ") {
            self.acknowledged.insert(amount(number.parse()?));
        }
        Ok(())
    }
}

fn lines_of(child: &mut Child) -> Result<Receiver<String>> {
    let out = child.stdout.take().ok_or("the script has no output")?;
    let (sender, receiver) = channel();
    // Ends with the output, that is with the process.
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(std::result::Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}
