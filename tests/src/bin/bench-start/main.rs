//! From process start to the painted register screen, beside the least that a Tauri window can be.
//!
//! Painted is what stands on the screen: the display's own picture is read until it shows the colour that both have in
//! common, so nothing that is measured has a say in when it is done. The shift comes from the device's file, at a register that
//! sells with a cart and sales that wait; no server answers. All are started in turn, so that a busy moment of the computer
//! hits all alike.

mod remembered;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::desktop::Desktop;
use onetill_tests::memory::{family, proportional_kibibytes};
use onetill_tests::screen::Screen;
use onetill_tests::{PATIENCE, Result, scratch};

/// The soft accent of the light appearance (`ui/src/style/tokens.css`), and the empty window's background.
const COLOUR: [u8; 3] = [0xdd, 0xf0, 0xec];
/// So many of the looked-at pixels are a band across the window; no icon or button has them.
const ENOUGH: usize = 4000;
/// Every so manieth row is looked at.
const ROWS: usize = 4;
/// Memory is read when what follows the first picture has been done.
const SETTLED: Duration = Duration::from_secs(3);
/// Nobody listens there.
const NO_SERVER: &str = "http://127.0.0.1:9";
/// Sales that the server does not have yet.
const WAITING: u32 = 20;
/// How many items the catalogue of that till has.
const ITEMS: u32 = 100_000;

const MOST_TIME: Limit = Limit::AtMost(125);
const MOST_MEMORY: Limit = Limit::AtMost(120);

/// One start.
#[derive(Debug, Clone, Copy)]
struct Start {
    painted: Duration,
    kibibytes: u64,
}

fn main() -> Result<()> {
    let mut rounds = 9;
    let mut folder = PathBuf::from("target/release");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("a value must follow")?;
        match argument.as_str() {
            "--rounds" => rounds = value.parse()?,
            "--folder" => folder = value.into(),
            other => {
                return Err(
                    format!("unknown argument {other}: --rounds N and --folder PATH are known").into()
                );
            }
        }
    }
    let (till, empty) = (folder.join("onetill"), folder.join("examples/empty-window"));
    let desktop = Desktop::start()?;
    let folders = [scratch()?, scratch()?];
    let [shift, sales] = folders.each_ref().map(tempfile::TempDir::path);
    remembered::shift(shift)?;
    remembered::sales(sales, WAITING)?;
    remembered::catalogue(sales, ITEMS)?;
    let selling = format!("onetill, {WAITING} sales");

    let mut starts: [Vec<Start>; 3] = Default::default();
    // The first round fills the caches of all.
    for round in 0..=rounds {
        let in_turn = [("onetill", &till, shift), (&selling, &till, sales), ("empty-window", &empty, shift)];
        for ((name, program, data), starts) in in_turn.into_iter().zip(&mut starts) {
            let start = measure(&desktop, program, data)?;
            println!("{round:>3} {name:<18} {:>6} ms {:>7} KiB", start.painted.as_millis(), start.kibibytes);
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let [shift, sales, empty] = &starts;
    let pairs = |till: &[Start], of: fn(&Start) -> u64| -> Vec<_> {
        till.iter().map(of).zip(empty.iter().map(of)).collect()
    };
    let time = |start: &Start| u64::try_from(start.painted.as_micros()).unwrap_or(u64::MAX);
    let memory = |start: &Start| start.kibibytes;
    let of = "an empty window";
    let waiting = format!("from start to the painted screen, {WAITING} sales waiting and {ITEMS} items");
    let ratios = [
        Ratio::of_rounds("from start to the painted screen", of, MOST_TIME, &pairs(shift, time)),
        Ratio::of_rounds(&waiting, of, MOST_TIME, &pairs(sales, time)),
        Ratio::of_rounds("memory of all its processes", of, MOST_MEMORY, &pairs(shift, memory)),
    ];
    for ratio in &ratios {
        println!("{ratio}");
    }
    Ok(())
}

fn measure(desktop: &Desktop, program: &Path, data: &Path) -> Result<Start> {
    let mut command = Command::new(program);
    desktop.host(&mut command);
    command
        .env("ONETILL_DATA_DIR", data)
        .env("ONETILL_CONFIG", data.join("config.toml"))
        .env("ONETILL_MACHINE_CONFIG", data.join("machine.toml"))
        .env("ONETILL_SUPABASE_URL", NO_SERVER)
        .env("ONETILL_SUPABASE_KEY", "sb_publishable_bench")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    wait_until("the screen to be empty", || Ok(band(desktop)? < ENOUGH))?;
    let began = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    let painted =
        wait_until("the window to be painted", || Ok(band(desktop)? >= ENOUGH)).map(|()| began.elapsed());
    if painted.is_ok() {
        thread::sleep(SETTLED);
    }
    let family = family(child.id())?;
    let kibibytes = family.iter().map(|process| proportional_kibibytes(*process)).sum();
    end(&mut child, &family)?;
    Ok(Start { painted: painted?, kibibytes })
}

/// Ends it and all it has started, and returns when they are gone.
fn end(child: &mut Child, family: &[u32]) -> Result<()> {
    child.kill()?;
    child.wait()?;
    wait_until("its helpers to end", || {
        Ok(!family.iter().any(|process| Path::new(&format!("/proc/{process}")).exists()))
    })
}

fn wait_until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !holds()? {
        if Instant::now() > deadline {
            return Err(format!("waited {} s for {what}", PATIENCE.as_secs()).into());
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// How many of the looked-at pixels have the colour.
fn band(desktop: &Desktop) -> Result<usize> {
    let screen = Screen::open(desktop)?;
    let whole = screen.whole();
    let picture = screen.read(whole)?;
    let [red, green, blue] = COLOUR;
    let rows = picture.chunks_exact(usize::try_from(whole.width)? * 4).step_by(ROWS);
    Ok(rows
        .flat_map(|row| row.chunks_exact(4))
        .filter(|pixel| pixel.starts_with(&[blue, green, red]))
        .count())
}
