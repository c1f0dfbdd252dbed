//! The protocol of client and server as a model, small enough to try every order of every event: presses, lost,
//! late and doubled messages, crashes, and a manager who ends the session, on one register.
//!
//! What the model's server does is then asked, in orders chosen by seed, of the real one: see `agree`.

use std::collections::{BTreeMap, BTreeSet};

use stateright::{Checker, Model, Property};

/// A press's key, a session and a movement, each by number.
pub(crate) type Key = u8;
pub(crate) type SessionNumber = u8;
pub(crate) type MoveId = u8;

/// How far the model goes; every order of events within it is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift {
    pub(crate) devices: u8,
    pub(crate) presses: u8,
    pub(crate) movements: u8,
    pub(crate) resends: u8,
    pub(crate) duplicates: u8,
    pub(crate) ends: u8,
    pub(crate) leaves: u8,
}

/// What the server holds for the register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Records {
    pub(crate) sessions: Vec<SessionRecord>,
    joins: BTreeMap<Key, SessionNumber>,
    /// In the order of arrival; an id twice would be a doubled movement.
    pub(crate) ledger: Vec<(MoveId, SessionNumber)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SessionRecord {
    pub(crate) key: Key,
    pub(crate) open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Created,
    Joined,
    Replayed,
}

impl Records {
    fn of_key(&self, key: Key) -> Option<SessionNumber> {
        let opened = self.sessions.iter().position(|session| session.key == key);
        opened.map(|at| at as SessionNumber).or_else(|| self.joins.get(&key).copied())
    }

    pub(crate) fn open(&self) -> Option<SessionNumber> {
        self.sessions.iter().position(|session| session.open).map(|at| at as SessionNumber)
    }

    /// `get_or_create_session`.
    pub(crate) fn get_or_create(&mut self, key: Key) -> (SessionNumber, Outcome) {
        if let Some(known) = self.of_key(key) {
            return (known, Outcome::Replayed);
        }
        if let Some(open) = self.open() {
            self.joins.insert(key, open);
            return (open, Outcome::Joined);
        }
        self.sessions.push(SessionRecord { key, open: true });
        ((self.sessions.len() - 1) as SessionNumber, Outcome::Created)
    }

    /// `pos_record_movement`; false when the session is over.
    pub(crate) fn record(&mut self, id: MoveId, session: SessionNumber) -> bool {
        if self.ledger.iter().any(|(known, _)| *known == id) {
            return true;
        }
        if self.sessions[usize::from(session)].open {
            self.ledger.push((id, session));
        }
        self.sessions[usize::from(session)].open
    }

    /// A manager ends what is open.
    pub(crate) fn end(&mut self) {
        for session in &mut self.sessions {
            session.open = false;
        }
    }
}

/// What a device has on disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Belief {
    Detached,
    Resolving(Key),
    Attached { session: SessionNumber, key: Key, outcome: Outcome },
    Fenced,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Device {
    belief: Belief,
    /// The last press, until somebody takes the device out of its shift.
    pressed: Option<Key>,
    /// Movements on disk that the server has not accepted.
    queue: Vec<(MoveId, SessionNumber)>,
    /// Movements that the server refused: a person will say.
    refused: Vec<MoveId>,
    /// The answer to its last request is waited for; in memory only.
    waiting: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Message {
    device: u8,
    /// Whether the connection that its answer needs is still there.
    waited_for: bool,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Body {
    Open(Key),
    Look(SessionNumber),
    Move(MoveId, SessionNumber),
    /// The session, whether it is open, and whether this key opened it or joined it.
    Opened {
        key: Key,
        session: SessionNumber,
        open: bool,
        opened: bool,
    },
    Seen {
        session: SessionNumber,
        open: bool,
    },
    Recorded(MoveId, bool),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    records: Records,
    devices: Vec<Device>,
    /// Sorted, since messages overtake each other.
    network: Vec<Message>,
    left: Shift,
    next_key: Key,
    next_move: MoveId,
    moves_made: Vec<MoveId>,
}

impl PartialEq for Shift {
    fn eq(&self, other: &Self) -> bool {
        self.budget() == other.budget()
    }
}
impl Eq for Shift {}
impl std::hash::Hash for Shift {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.budget().hash(state);
    }
}

impl Shift {
    fn budget(&self) -> [u8; 6] {
        [self.presses, self.movements, self.resends, self.duplicates, self.ends, self.leaves]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Press(u8),
    /// Asks again for what has no answer: an open, the queue's first entry, or how the session stands.
    Ask(u8),
    /// Gives up waiting, or the program ends and starts again: what is lost is who waited for the answer.
    GiveUp(u8),
    Leave(u8),
    Acknowledge(u8),
    Record(u8),
    End,
    Arrive(Message),
    ArriveAndComeAgain(Message),
    Lose(Message),
}

impl Body {
    fn asks(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Look(_) | Self::Move(..))
    }

    /// Changes the records when it arrives.
    fn acts(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Move(..))
    }
}

impl World {
    fn send(&mut self, device: u8, body: Body) {
        self.devices[usize::from(device)].waiting = true;
        self.put(Message { device, waited_for: true, body });
    }

    fn put(&mut self, message: Message) {
        self.network.push(message);
        self.network.sort();
    }

    fn take(&mut self, message: &Message) {
        if let Some(at) = self.network.iter().position(|other| other == message) {
            self.network.remove(at);
        }
    }

    /// The connection is gone: an answer on its way is lost with it, a request still arrives.
    fn give_up(&mut self, device: u8) {
        self.devices[usize::from(device)].waiting = false;
        self.network.retain(|message| message.device != device || !message.waited_for || message.body.acts());
        for message in self.network.iter_mut().filter(|message| message.device == device) {
            message.waited_for = false;
        }
        self.network.sort();
    }

    fn serve(&mut self, message: &Message) {
        let body = match message.body {
            Body::Open(key) => {
                let (session, _told) = self.records.get_or_create(key);
                let record = &self.records.sessions[usize::from(session)];
                Body::Opened { key, session, open: record.open, opened: record.key == key }
            }
            Body::Look(session) => {
                Body::Seen { session, open: self.records.sessions[usize::from(session)].open }
            }
            Body::Move(id, session) => Body::Recorded(id, self.records.record(id, session)),
            Body::Opened { .. } | Body::Seen { .. } | Body::Recorded(..) => return self.hear(message),
        };
        // Only the first of two answers to one request is heard.
        let answered = self
            .network
            .iter()
            .any(|other| other.device == message.device && other.waited_for && !other.body.asks());
        if message.waited_for && self.devices[usize::from(message.device)].waiting && !answered {
            self.put(Message { body, ..message.clone() });
        }
    }

    fn hear(&mut self, message: &Message) {
        self.give_up(message.device);
        let device = &mut self.devices[usize::from(message.device)];
        match (&message.body, &device.belief) {
            (Body::Opened { key, session, open, opened }, Belief::Resolving(asked)) if asked == key => {
                let outcome = if *opened { Outcome::Created } else { Outcome::Joined };
                device.belief = if *open {
                    Belief::Attached { session: *session, key: *key, outcome }
                } else {
                    Belief::Fenced
                };
            }
            (Body::Seen { session, open: false }, Belief::Attached { session: own, .. })
                if session == own =>
            {
                device.belief = Belief::Fenced;
            }
            (Body::Recorded(id, accepted), _)
                if device.queue.first().is_some_and(|(first, _)| first == id) =>
            {
                device.queue.remove(0);
                if !accepted {
                    device.refused.push(*id);
                }
            }
            _ => {}
        }
    }
}

impl Model for Shift {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        let device = Device {
            belief: Belief::Detached,
            pressed: None,
            queue: Vec::new(),
            refused: Vec::new(),
            waiting: false,
        };
        vec![World {
            records: Records::default(),
            devices: vec![device; usize::from(self.devices)],
            network: Vec::new(),
            left: *self,
            next_key: 0,
            next_move: 0,
            moves_made: Vec::new(),
        }]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        for (number, device) in world.devices.iter().enumerate() {
            let number = number as u8;
            let idle = !device.waiting;
            match device.belief {
                Belief::Detached if world.left.presses > 0 && idle => events.push(Event::Press(number)),
                Belief::Attached { .. } => {
                    if world.left.movements > 0 {
                        events.push(Event::Record(number));
                    }
                    if world.left.leaves > 0 {
                        events.push(Event::Leave(number));
                    }
                }
                Belief::Fenced => events.push(Event::Acknowledge(number)),
                _ => {}
            }
            let question =
                !matches!(device.belief, Belief::Detached | Belief::Fenced) || !device.queue.is_empty();
            if idle && question && world.left.resends > 0 {
                events.push(Event::Ask(number));
            }
            if !idle {
                events.push(Event::GiveUp(number));
            }
        }
        if world.left.ends > 0 && world.records.open().is_some() {
            events.push(Event::End);
        }
        for message in &world.network {
            events.push(Event::Arrive(message.clone()));
            events.push(Event::Lose(message.clone()));
            if message.body.acts() && world.left.duplicates > 0 {
                events.push(Event::ArriveAndComeAgain(message.clone()));
            }
        }
    }

    fn next_state(&self, last: &World, event: Event) -> Option<World> {
        let mut world = last.clone();
        match event {
            Event::Press(device) => {
                world.left.presses -= 1;
                let key = world.next_key;
                world.next_key += 1;
                let presser = &mut world.devices[usize::from(device)];
                presser.belief = Belief::Resolving(key);
                presser.pressed = Some(key);
                world.send(device, Body::Open(key));
            }
            Event::Ask(device) => {
                world.left.resends -= 1;
                let asker = &world.devices[usize::from(device)];
                let body = match (&asker.belief, asker.queue.first()) {
                    (Belief::Resolving(key), _) => Body::Open(*key),
                    (_, Some((id, session))) => Body::Move(*id, *session),
                    (Belief::Attached { session, .. }, None) => Body::Look(*session),
                    _ => return None,
                };
                world.send(device, body);
            }
            Event::GiveUp(device) => world.give_up(device),
            Event::Leave(device) => {
                world.left.leaves -= 1;
                let leaver = &mut world.devices[usize::from(device)];
                leaver.belief = Belief::Detached;
                leaver.pressed = None;
            }
            Event::Acknowledge(device) => world.devices[usize::from(device)].belief = Belief::Detached,
            Event::Record(device) => {
                world.left.movements -= 1;
                let id = world.next_move;
                world.next_move += 1;
                world.moves_made.push(id);
                let device = &mut world.devices[usize::from(device)];
                let Belief::Attached { session, .. } = device.belief else { return None };
                device.queue.push((id, session));
            }
            Event::End => {
                world.left.ends -= 1;
                world.records.end();
            }
            Event::Lose(message) => world.take(&message),
            Event::Arrive(message) => {
                world.take(&message);
                world.serve(&message);
            }
            Event::ArriveAndComeAgain(message) => {
                world.left.duplicates -= 1;
                world.serve(&message);
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("one register has one open session", |_, world: &World| {
                world.records.sessions.iter().filter(|session| session.open).count() <= 1
            }),
            Property::always("one press opens at most one session, ever", |_, world: &World| {
                let keys: BTreeSet<Key> = world.records.sessions.iter().map(|session| session.key).collect();
                let joined_too = keys.iter().any(|key| world.records.joins.contains_key(key));
                keys.len() == world.records.sessions.len() && !joined_too
            }),
            Property::always("created and joined are told truly", |_, world: &World| {
                world.devices.iter().all(|device| match &device.belief {
                    Belief::Attached { session, key, outcome: Outcome::Created } => {
                        world.records.sessions[usize::from(*session)].key == *key
                    }
                    Belief::Attached { session, key, outcome: Outcome::Joined } => {
                        world.records.joins.get(key) == Some(session)
                    }
                    Belief::Attached { outcome: Outcome::Replayed, .. } => false,
                    _ => true,
                })
            }),
            Property::always("nobody forgets an open session of their own press", |_, world: &World| {
                world.devices.iter().all(|device| {
                    let Some(pressed) = device.pressed else { return true };
                    let open = world
                        .records
                        .of_key(pressed)
                        .filter(|session| world.records.sessions[usize::from(*session)].open);
                    match (open, &device.belief) {
                        (None, _) => true,
                        (Some(_), Belief::Resolving(key)) => *key == pressed,
                        (Some(open), Belief::Attached { session, .. }) => *session == open,
                        (Some(_), Belief::Detached | Belief::Fenced) => false,
                    }
                })
            }),
            Property::always("no movement is lost, doubled, or in two sessions", |_, world: &World| {
                world.moves_made.iter().all(|id| {
                    let booked = world.records.ledger.iter().filter(|(known, _)| known == id).count();
                    let waits =
                        world.devices.iter().any(|device| device.queue.iter().any(|(own, _)| own == id));
                    let refused = world.devices.iter().any(|device| device.refused.contains(id));
                    booked <= 1 && (booked == 1 || waits || refused) && !(booked == 1 && refused)
                })
            }),
            Property::sometimes("somebody joins", |_, world: &World| !world.records.joins.is_empty()),
            Property::sometimes("a second session follows an ended one", |_, world: &World| {
                world.records.sessions.len() > 1
            }),
            Property::sometimes("a late answer fences", |_, world: &World| {
                world.devices.iter().any(|device| device.belief == Belief::Fenced)
            }),
        ];
        if self.movements > 0 {
            properties.push(Property::sometimes("a movement comes too late", |_, world: &World| {
                world.devices.iter().any(|device| !device.refused.is_empty())
            }));
        }
        properties
    }
}

fn check(shift: Shift) -> usize {
    let checker = shift.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    checker.unique_state_count()
}

#[test]
fn two_devices_in_every_order() {
    let states =
        check(Shift { devices: 2, presses: 3, movements: 1, resends: 2, duplicates: 1, ends: 1, leaves: 0 });
    println!("two devices: {states} states");
    assert!(states > 10_000, "only {states} states: the model has lost something");
}

#[test]
fn three_devices_in_every_order() {
    let states =
        check(Shift { devices: 3, presses: 3, movements: 0, resends: 1, duplicates: 1, ends: 1, leaves: 0 });
    println!("three devices: {states} states");
    assert!(states > 10_000, "only {states} states: the model has lost something");
}
