//! From process start to the painted register screen, beside the least that a Tauri window can be.
//!
//! Painted is what stands on the screen: the display's own picture is read until it shows the colour that both have in
//! common, so nothing that is measured has a say in when it is done. The shift comes from the device's file; no server
//! answers. Both are started in turn, so that a busy moment of the computer hits both alike.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use onetill_core::device::ActiveSession;
use onetill_core::ports::{DeviceStore, Write};
use onetill_core::session::{Drawer, Totals};
use onetill_core::{
    Amount, Location, LocationId, ProjectUrl, Register, RegisterAssignment, RegisterId, RegisterStatus, Role,
    Session, SessionId, SessionOutcome, SessionStatus, Staff, UserId, VendorId,
};
use onetill_store::{ProjectStore, StoreFile};
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::desktop::Desktop;
use onetill_tests::screen::Screen;
use onetill_tests::{PATIENCE, Result, scratch};
use uuid::Uuid;

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
    let data = scratch()?;
    remember_shift(data.path())?;

    let mut starts: [Vec<Start>; 2] = Default::default();
    // The first round fills the caches of both.
    for round in 0..=rounds {
        for (program, starts) in [&till, &empty].into_iter().zip(&mut starts) {
            let start = measure(&desktop, program, data.path())?;
            println!(
                "{round:>3} {:<14} {:>6} ms {:>7} KiB",
                program.file_name().unwrap_or_default().to_string_lossy(),
                start.painted.as_millis(),
                start.kibibytes
            );
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let [till, empty] = &starts;
    let pairs = |of: fn(&Start) -> u64| -> Vec<_> { till.iter().map(of).zip(empty.iter().map(of)).collect() };
    let time = |start: &Start| u64::try_from(start.painted.as_micros()).unwrap_or(u64::MAX);
    let of = "an empty window";
    let ratios = [
        Ratio::of_rounds("from start to the painted screen", of, MOST_TIME, &pairs(time)),
        Ratio::of_rounds("memory of all its processes", of, MOST_MEMORY, &pairs(|start| start.kibibytes)),
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

/// A process and everything that it has started.
fn family(first: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // After the name in brackets: the state, then the parent.
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (process, parent)));
    }
    let mut family = vec![first];
    let mut known = 0;
    while let Some(parent) = family.get(known).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        known += 1;
    }
    Ok(family)
}

/// Its share of the memory: what several processes use is divided among them.
fn proportional_kibibytes(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// Writes the file of a till whose shift was running when it was last ended.
fn remember_shift(data: &Path) -> Result<()> {
    let id = Uuid::from_u128;
    let now = Timestamp::now();
    let url = ProjectUrl::parse(NO_SERVER)?.to_string();
    let store = ProjectStore::new(StoreFile::open(&data.join("onetill.sqlite"))?.file, url);
    let location = Location {
        id: LocationId(id(1)),
        name: "Main Street".to_owned(),
        timezone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        business_day_cutoff: "04:00".to_owned(),
        variance_tolerance: None,
        variance_limit: None,
        movement_limits: BTreeMap::new(),
        reasons: BTreeMap::new(),
        difference_reasons: None,
    };
    let register = Register {
        id: RegisterId(id(2)),
        location_id: location.id,
        register_number: "REG-1".to_owned(),
        register_name: "Front counter".to_owned(),
        status: RegisterStatus::Active,
        suggested_opening_cash: Amount::ZERO,
        open_session: None,
    };
    let staff = Staff {
        user_id: UserId(id(3)),
        vendor_id: VendorId(id(4)),
        vendor_name: "Corner Goods".to_owned(),
        display_name: "Ana Lindqvist".to_owned(),
        role: Role::Cashier,
        locations: vec![location.clone()],
    };
    let session = Session {
        id: SessionId(id(5)),
        session_number: "REG-1-000127".to_owned(),
        register_id: register.id,
        location_id: location.id,
        vendor_id: staff.vendor_id,
        opener_id: Some(staff.user_id),
        opener_name: Some(staff.display_name.clone()),
        status: SessionStatus::Open,
        opening_cash: Amount::ZERO,
        opened_at: now,
        business_date: location.business_date(now),
        revision: 4,
        totals: Totals::default(),
        expected_cash: None,
        ended_by_name: None,
        closed_at: None,
        counting: None,
        drawer: Drawer::default(),
        close_kind: None,
        end_reason: None,
        devices: Vec::new(),
    };
    let active = ActiveSession {
        session,
        outcome: SessionOutcome::Created,
        own_opening_cash: Amount::ZERO,
        heard_at: now,
        agreed_on: None,
    };
    store.save(&[
        Write::Staff(Some(staff)),
        Write::Assignment(Some(RegisterAssignment { register, location })),
        Write::Session(active),
    ])?;
    Ok(())
}
