//! What a year of shifts leaves in the device's file, and what that costs a start of the program.
//!
//! The file holds what is not over yet: the shift, the intent, what waits. So it must not matter how many there were.

use std::fs;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use onetill_core::device::ActiveSession;
use onetill_core::ports::{DeviceStore, Write};
use onetill_core::{
    Amount, Entry, EntryContent, EntryState, Movement, MovementId, MovementKind, Session, SessionOutcome,
    UserId,
};
use onetill_store::{ProjectStore, StoreFile};
use onetill_tests::Result;
use onetill_tests::database::ratio::{Limit, Ratio, median};
use uuid::Uuid;

const FEW: usize = 10;
/// One a day for a year.
const MANY: usize = 365;
/// Starts of the program, in a round.
const STARTS: usize = 15;
/// Entries of each shift.
const ENTRIES: usize = 3;

/// The file after many shifts, beside one after few: how large it is, and how long it takes to open and to recall.
pub(crate) fn ratios(rounds: usize, session: &Session) -> Result<Vec<Ratio>> {
    let folder = tempfile::tempdir()?;
    let (few, many) = (folder.path().join("few"), folder.path().join("many"));
    for (place, shifts) in [(&few, FEW), (&many, MANY)] {
        fs::create_dir(place)?;
        work(place, shifts, session)?;
    }
    let (mut sizes, mut times) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        sizes.push((size(&many)?, size(&few)?));
        times.push((recall(&many)?, recall(&few)?));
    }
    let of = format!("after {FEW} shifts");
    let most = Limit::AtMost(150);
    let what = format!("the device's file after {MANY} shifts");
    Ok(vec![
        Ratio::of_rounds(&format!("{what}: size"), &of, most, &sizes),
        Ratio::of_rounds(&format!("{what}: to open and recall"), &of, most, &times),
    ])
}

fn open(folder: &Path) -> Result<ProjectStore> {
    Ok(ProjectStore::new(StoreFile::open(&folder.join("till.sqlite"))?.file, "shop".to_owned()))
}

/// So many shifts, each opened, worked in and left.
fn work(folder: &Path, shifts: usize, session: &Session) -> Result<()> {
    let store = open(folder)?;
    let now = Timestamp::now();
    for _ in 0..shifts {
        store.save(&[Write::Session(ActiveSession {
            session: session.clone(),
            outcome: SessionOutcome::Created,
            own_opening_cash: Amount::ZERO,
            heard_at: now,
            agreed_on: None,
        })])?;
        let mut movements = Vec::new();
        for _ in 0..ENTRIES {
            let movement = Movement {
                id: MovementId(Uuid::new_v4()),
                session_id: session.id,
                kind: MovementKind::PayIn,
                amount: Amount::ZERO,
                reason: "Stamps".to_owned(),
                note: String::new(),
                reference: String::new(),
                reverses: None,
                by_name: "Ana".to_owned(),
                recorded_at: now,
                sent_at: None,
            };
            movements.push(movement.clone());
            let entry = Entry {
                content: EntryContent::Movement(movement),
                register_id: session.register_id,
                session_number: session.session_number.clone(),
                vendor_id: session.vendor_id,
                recorded_by: UserId(Uuid::nil()),
                state: EntryState::Waiting,
            };
            store.save(&[Write::Entry(entry.clone())])?;
            let recorded = Write::Movements(entry.register_id, movements.clone());
            store.save(&[Write::RemoveEntry(entry.id()), recorded])?;
        }
        store.save(&[Write::RemoveSession(session.register_id)])?;
    }
    Ok(())
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// In microseconds, what a start of the program waits for; the median of some.
fn recall(folder: &Path) -> Result<u64> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let store = open(folder)?;
        store.load()?;
        times.push(u64::try_from(began.elapsed().as_micros())?);
    }
    Ok(median(&times))
}
