//! Every order of few events: two devices on one register, presses, entries, lost, late and doubled exchanges, power cuts,
//! and somebody who ends the session.

use std::collections::HashSet;

use jiff::SignedDuration;
use onetill_core::{Command, CommandName, MovementKind, MovementRequest, SessionStatus, view::Screen};

use crate::{
    schedule::end,
    server::Records,
    shop,
    world::{Failure, World},
};

/// What may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Left {
    presses: u8,
    entries: u8,
    polls: u8,
    failures: u8,
    copies: u8,
    cuts: u8,
    ends: u8,
}

const ALL: Left = Left { presses: 2, entries: 1, polls: 2, failures: 1, copies: 1, cuts: 1, ends: 1 };
/// Of so many states one is followed to where everything has settled.
const SETTLED_OF: u64 = 64;

/// The number of different states within so many events of the start.
///
/// # Errors
/// What happened on the way to the first promise that was broken.
pub(crate) fn explore(depth: u32) -> Result<usize, String> {
    let mut seen = HashSet::new();
    let mut states = vec![(start(), ALL)];
    for _event in 0..depth {
        let mut next = Vec::new();
        for (world, left) in &states {
            for (mut world, left) in followers(world, *left) {
                answer_reads(&mut world);
                let digest = world.digest();
                if !seen.insert((digest, left)) {
                    continue;
                }
                if digest.is_multiple_of(SETTLED_OF) {
                    let mut world = world.clone();
                    end(&mut world, digest);
                    broken(&world)?;
                }
                broken(&world)?;
                next.push((world, left));
            }
        }
        states = next;
    }
    Ok(seen.len())
}

fn broken(world: &World) -> Result<(), String> {
    match &world.broken {
        None => Ok(()),
        Some(broken) => Err(format!("{broken}\n  {}", world.story.join("\n  "))),
    }
}

/// A cashier and a manager at two computers of one register, by a clock that stands still.
fn start() -> World {
    let (people, places) = (shop::people(1), shop::places(1));
    let starts = [0, 2].map(|who: usize| shop::at_work(&people[who], &places[0], SignedDuration::ZERO));
    let mut records = Records::new(shop::monday(), people, places, Vec::new(), None);
    records.tick = SignedDuration::ZERO;
    let mut world = World::new(1, records, starts.into(), None, None);
    for device in 0..world.devices.len() {
        world.poll(device);
        world.work(device);
    }
    world
}

/// What only reads is answered at once.
fn answer_reads(world: &mut World) {
    while let Some(at) = (0..world.flights.len()).find(|at| !world.acts(*at)) {
        world.arrive(at);
        if at < world.flights.len() && world.flights[at].is_answered() {
            world.hear(at);
        }
    }
}

/// Everything that can happen next.
fn followers(world: &World, left: Left) -> Vec<(World, Left)> {
    let mut followers = Vec::new();
    let mut add = |left: Left, happen: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        happen(&mut world);
        followers.push((world, left));
    };
    for (device, of) in world.devices.iter().enumerate() {
        let may = |name| of.shown.may.contains(&name);
        if left.presses > 0 && may(CommandName::StartShift) {
            let start = Command::StartShift { opening_cash: "200.00".to_owned(), accept_earlier_day: true };
            add(Left { presses: left.presses - 1, ..left }, &|world| world.press(device, start.clone()));
        }
        if left.entries > 0 && may(CommandName::Record) && matches!(of.shown.screen, Screen::Register { .. })
        {
            let request = MovementRequest {
                kind: MovementKind::PayIn,
                amount: "1.00".to_owned(),
                reason: String::new(),
                note: String::new(),
                reference: String::new(),
            };
            let record = Command::Record { request };
            add(Left { entries: left.entries - 1, ..left }, &|world| world.press(device, record.clone()));
        }
        if may(CommandName::AcknowledgeEnd) {
            add(left, &|world| world.press(device, Command::AcknowledgeEnd));
        }
        if left.polls > 0 && !of.polling {
            add(Left { polls: left.polls - 1, ..left }, &|world| world.poll(device));
        }
        if left.cuts > 0 {
            add(Left { cuts: left.cuts - 1, ..left }, &|world| world.cut(device));
        }
    }
    for (at, flight) in world.flights.iter().enumerate() {
        if flight.is_answered() {
            add(left, &|world| world.hear(at));
        } else {
            add(left, &|world| world.arrive(at));
        }
        if left.failures > 0 && flight.is_awaited() {
            let failures = [Failure::Unreachable, Failure::Late, Failure::Busy].map(|one| (one, false));
            for (failure, answered) in failures.into_iter().chain([(Failure::AnswerLost, true)]) {
                if flight.is_answered() == answered {
                    add(Left { failures: left.failures - 1, ..left }, &|world| world.fail(at, failure));
                }
            }
        }
        if left.copies > 0 && !flight.is_answered() {
            add(Left { copies: left.copies - 1, ..left }, &|world| world.double(at));
        }
    }
    let open = world.records.sessions.iter().find(|row| row.session.status == SessionStatus::Open);
    if let Some(row) = open.filter(|_| left.ends > 0) {
        let session = row.session.id;
        add(Left { ends: left.ends - 1, ..left }, &|world| world.end_by_store(session));
    }
    followers
}
