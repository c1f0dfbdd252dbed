//! Histories: what happens in which order, all of it from one seed, and what is left of a history that went wrong when
//! everything that it does not need is taken out.

use std::sync::Arc;

use fastrand::Rng;
use jiff::SignedDuration;
use onetill_core::{Command, Entry, EntryState, SessionStatus, ports::DeviceStore, view::Screen};
use onetill_tests::database::check as tables;

use crate::{
    check::{self, Broken},
    disk::NextSave,
    person,
    plants::Plant,
    postgres::Postgres,
    server::Records,
    shop,
    world::{Failure, PASSWORD, World},
};

/// One thing that happens. `pick` chooses among what there is at that moment, so that the rest of a history still means
/// something when a part of it is taken out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// A person presses something.
    Press { device: usize, pick: u64 },
    /// It is time to poll.
    Poll { device: usize },
    /// What is out for this device is answered.
    Work { device: usize },
    /// A request reaches the server.
    Arrive { pick: usize },
    /// An answer reaches its device.
    Hear { pick: usize },
    /// An exchange fails.
    Fail { pick: usize, failure: Failure },
    /// A request comes twice.
    Double { pick: usize },
    /// Nobody waits for an answer any more.
    Abandon { pick: usize },
    /// The power fails.
    Cut { device: usize },
    /// A save will fail.
    Disk { device: usize, next: NextSave },
    /// A clock is set.
    Clock { device: usize, hours: i64 },
    /// Hours pass; where a real server tells the time they do not.
    Hours(i64),
    /// The store's own server ends an open session.
    EndByStore { pick: usize },
    /// The office changes a price or a tax.
    Reprice { pick: usize },
    /// The copy of the catalogue is gone.
    LoseCatalogue { device: usize },
    /// The device's file is copied, or the copy that there is put back.
    Copy { device: usize },
    /// The file is damaged and set aside.
    SetAside { device: usize },
}

/// Where a history takes place.
#[derive(Clone, Default)]
pub(crate) struct Stage {
    /// In the slow mode.
    pub(crate) real: Option<Arc<Postgres>>,
    pub(crate) plant: Option<Plant>,
}

/// So long it takes from one event to the next.
const BETWEEN: SignedDuration = SignedDuration::from_secs(3);

/// What is to happen by this seed.
pub(crate) fn plan(seed: u64) -> Vec<Event> {
    let mut rng = Rng::with_seed(seed ^ 0x9E37_79B9_7F4A_7C15);
    // Some histories are calm, so that they come far; in others little works.
    let badness = *rng.choice(&[0, 4, 10, 20, 35]).unwrap_or(&10);
    let length = rng.usize(20..90);
    std::iter::repeat_with(|| event(&mut rng, badness)).take(length).flatten().collect()
}

fn event(rng: &mut Rng, badness: u32) -> Vec<Event> {
    let (device, pick) = (rng.usize(0..3), rng.usize(..));
    if rng.u32(0..100) < badness {
        let next = *rng
            .choice(&[NextSave::CutBefore, NextSave::CutAfter, NextSave::Full(1), NextSave::Full(3)])
            .unwrap_or(&NextSave::CutAfter);
        let failure = *rng.choice(Failure::ALL).unwrap_or(&Failure::Lost);
        return vec![match rng.u8(0..30) {
            0..3 => Event::Cut { device },
            3..6 => Event::Disk { device, next },
            6..9 => Event::Double { pick },
            9 => Event::Abandon { pick },
            10 => Event::Clock { device, hours: rng.i64(-30..30) },
            11 => Event::Hours(rng.i64(1..20)),
            12 => Event::EndByStore { pick },
            24 | 25 => Event::Reprice { pick },
            26 => Event::LoseCatalogue { device },
            27 | 28 => Event::Copy { device },
            29 => Event::SetAside { device },
            _ => Event::Fail { pick, failure },
        }];
    }
    let press = Event::Press { device, pick: rng.u64(..) };
    match rng.u8(0..20) {
        0..9 => vec![press, Event::Work { device }],
        9..12 => vec![press],
        12..14 => vec![Event::Poll { device }, Event::Work { device }],
        14..16 => vec![Event::Poll { device }],
        16..18 => vec![Event::Arrive { pick }],
        18 => vec![Event::Hear { pick }],
        _ => vec![Event::Work { device }],
    }
}

/// The world as it is found by this seed.
pub(crate) fn begin(seed: u64, stage: &Stage) -> World {
    let mut rng = Rng::with_seed(seed);
    let (people, places) = (shop::people(seed), shop::places(seed));
    if let Some(real) = &stage.real {
        real.set_up(&places);
    }
    let mut starts = Vec::new();
    for _device in 0..rng.usize(2..=3) {
        let hours = if rng.u8(0..4) == 0 { rng.i64(-48..48) } else { 0 };
        let offset = SignedDuration::from_hours(hours);
        let (person, other) = (rng.usize(0..4), rng.u8(0..8));
        starts.push(match (people.get(person), places.first()) {
            (Some(member), Some(place)) if other > 0 => shop::at_work(member, place, offset),
            _ => shop::blank(offset),
        });
    }
    let now = if stage.real.is_some() { jiff::Timestamp::now() } else { shop::monday() };
    let shops = shop::shops(seed);
    if let (Some(real), Some(shop)) = (&stage.real, shops.first()) {
        real.keep_shop(shop);
    }
    let records = Records::new(now, people, places, shops, stage.plant);
    World::new(seed, records, starts, stage.real.clone(), stage.plant)
}

/// A whole history, to its end, where everything has settled.
pub(crate) fn run(seed: u64, events: &[Event], stage: &Stage) -> World {
    let mut world = begin(seed, stage);
    for event in events {
        apply(&mut world, *event);
        if world.broken.is_some() {
            return world;
        }
    }
    end(&mut world, seed);
    world
}

fn apply(world: &mut World, event: Event) {
    world.pass(BETWEEN);
    let of = |device: usize, world: &World| device % world.devices.len();
    let chosen = |pick: usize, world: &World| (!world.flights.is_empty()).then(|| pick % world.flights.len());
    match event {
        Event::Press { device, pick } => {
            let device = of(device, world);
            if let Some(command) = person::next(world, device, &mut Rng::with_seed(pick)) {
                world.press(device, command);
            }
        }
        Event::Poll { device } => world.poll(of(device, world)),
        Event::Work { device } => world.work(of(device, world)),
        Event::Arrive { pick } => {
            if let Some(at) = chosen(pick, world) {
                world.arrive(at);
            }
        }
        Event::Hear { pick } => {
            if let Some(at) = chosen(pick, world) {
                world.hear(at);
            }
        }
        Event::Fail { pick, failure } => match chosen(pick, world) {
            Some(at) => world.fail(at, failure),
            // Nothing is under way: the next poll fails.
            None => {
                let device = of(pick, world);
                world.poll(device);
                if let Some(at) = chosen(0, world) {
                    world.fail(at, failure);
                }
            }
        },
        Event::Double { pick } => {
            if let Some(at) = chosen(pick, world) {
                world.double(at);
            }
        }
        Event::Abandon { pick } => {
            if let Some(at) = chosen(pick, world) {
                world.abandon(at);
            }
        }
        Event::Cut { device } => world.cut(of(device, world)),
        Event::Disk { device, next } => world.fail_saves(of(device, world), next),
        Event::Clock { device, hours } => {
            world.set_clock(of(device, world), SignedDuration::from_hours(hours));
        }
        Event::Hours(hours) => world.wait(SignedDuration::from_hours(hours)),
        Event::Reprice { pick } => world.change_catalogue(pick),
        Event::LoseCatalogue { device } => world.lose_catalogue(of(device, world)),
        Event::Copy { device } => world.copy(of(device, world)),
        Event::SetAside { device } => world.set_aside(of(device, world)),
        Event::EndByStore { pick } => {
            let open: Vec<_> = world.records.sessions.iter().map(|row| &row.session).collect();
            let open: Vec<_> = open.into_iter().filter(|one| one.status == SessionStatus::Open).collect();
            if let Some(session) = (!open.is_empty()).then(|| open[pick % open.len()].id) {
                world.end_by_store(session);
            }
        }
    }
}

/// The network is good again, and disks are: everything settles, what was late arrives, and then everything that anybody
/// was told must be so.
pub(crate) fn end(world: &mut World, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    world.story.push("the network and the disks are good again".to_owned());
    for device in 0..world.devices.len() {
        world.fail_saves(device, NextSave::Works);
        if rng.bool() {
            world.work(device);
        }
        if rng.bool() {
            world.cut(device);
        }
        settle(world, device, 3);
    }
    while !world.flights.is_empty() {
        world.arrive(0);
        world.hear_all();
    }
    // What one of them was still to do, or came late, is news to the others.
    // The rules of selling are asked for again after a while.
    world.pass(SignedDuration::from_secs(20));
    for device in 0..world.devices.len() {
        settle(world, device, 2);
    }
    let result = check::settled(world);
    world.find(result);
    let history = world.history();
    // A gap that waits on a device, or that an older copy of a file has left, is no gap: `books` knows of those.
    let is_restored = world.devices.iter().any(|device| device.books.restored);
    let is_whole = world.devices.iter().all(|device| device.books.is_whole());
    for broken in tables::broken(&history) {
        // With an older copy of its file a cart may be paid anew, in another shift.
        let of_a_copy = is_restored && broken.promise == "S1";
        if of_a_copy || (!is_whole && matches!(broken.promise, "S8" | "S10")) {
            continue;
        }
        world.find(Err(Broken::new(broken.promise, broken.evidence)));
    }
}

/// Polls until nothing waits any more, and does what the screen cannot go on without.
fn settle(world: &mut World, device: usize, least: u32) {
    for polls in 1..25 {
        world.work(device);
        world.poll(device);
        world.work(device);
        if polls >= least
            && world.flights.iter().all(|flight| flight.device != device || !flight.is_awaited())
            && check::is_settled(&world.devices[device].shown, &queue(world, device))
        {
            return;
        }
        sign_in_again(world, device);
    }
    let shown = &world.devices[device].shown;
    let stuck = format!(
        "device {device} does not settle: {:?} {:?} {:?} {:?}",
        shown.screen,
        shown.fault,
        shown.busy,
        queue(world, device)
    );
    world.find(Err(Broken::new("liveness", stuck)));
}

fn queue(world: &World, device: usize) -> Vec<Entry> {
    world.devices[device].disk.load().expect("a readable disk").queue
}

/// Where somebody has to, they sign in: who recorded what waits, else who was here last.
fn sign_in_again(world: &mut World, device: usize) {
    let of = &world.devices[device];
    let file = of.disk.load().expect("a readable disk");
    let waits = file.queue.iter().find(|entry| entry.state == EntryState::Waiting);
    let here = of.shown.staff.as_ref().map(|staff| staff.vendor_id);
    let is_locked = matches!(of.shown.screen, Screen::Locked { .. });
    let stranger = waits.is_some_and(|entry| Some(entry.vendor_id) != here);
    if here.is_some() && !stranger && !is_locked {
        return;
    }
    let who = waits.map(|entry| entry.recorded_by).or(file.staff.map(|staff| staff.user_id));
    let who = who.unwrap_or(world.records.people[0].staff.user_id);
    let email = world.records.member(who).email.clone();
    world.press(device, Command::SignIn { email, password: PASSWORD.into() });
    world.work(device);
}

/// The shortest part of a history that still goes wrong in the same way.
pub(crate) fn shrink(seed: u64, events: Vec<Event>, stage: &Stage) -> (Vec<Event>, World) {
    let mut best = (events, run(seed, &plan(seed), stage));
    let mut size = best.0.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < best.0.len() {
            let until = (from + size).min(best.0.len());
            let fewer = [&best.0[..from], &best.0[until..]].concat();
            let world = run(seed, &fewer, stage);
            let same = |one: &World| one.broken.as_ref().map(Broken::promise);
            if world.broken.is_some() && same(&world) == same(&best.1) {
                best = (fewer, world);
            } else {
                from = until;
            }
        }
        size /= 2;
    }
    best
}
