//! Devices, the network between them and the server, and what can happen: one event after the other, each whole.
//!
//! Invariant: nothing here decides for the till. What a device does is done by the product's machine through the
//! product's driver (`carry_out`); this side only chooses what happens next and how it fails.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use onetill_core::{
    Code, Command, EntryContent, EntryId, Fault, IntentKey, Outcome, Retry, SaleSlip, SessionId, UserId,
    closing::{EndHow, EndIntent, Step as ClosingStep},
    lock::Person,
    ports::{DeviceStore, Recorded, Write},
    sale::KeptReceipt,
    sale_receipt::Standing,
    selling::{CataloguePage, SaleRecorded},
    till::{
        Answer, Call, Machine, Moment, Next, Request, Step, Surroundings, carry_out, look_up, read_since,
        take_page,
    },
    view::{Screen, Snapshot},
};
use onetill_tests::database::history::{Event as Deed, History};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::{
    books::{self, Books},
    check::{self, Broken},
    deeds,
    disk::{Backup, Disk, NextSave},
    plants::Plant,
    postgres::Postgres,
    server::Records,
    shelf::Shelf,
};

/// Everybody's.
pub(crate) const PASSWORD: &str = "onetill-demo";

/// One computer: what outlives its program, and the program.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) disk: Disk,
    /// Its copy of the catalogue.
    pub(crate) shelf: Shelf,
    /// How often its file was set aside: by that it is another device.
    asides: u32,
    /// A copy of its file that somebody has made.
    backup: Option<(Backup, Books, BTreeSet<EntryId>)>,
    pub(crate) machine: Machine,
    /// By how much its clock is wrong.
    offset: SignedDuration,
    /// What it has heard of the server's clock.
    ahead: Option<SignedDuration>,
    /// Whose login its keychain holds.
    keychain: Option<UserId>,
    /// Who signed in here, the last one first.
    people: Vec<UserId>,
    /// How often the program was started.
    boot: u32,
    /// A poll is under way.
    pub(crate) polling: bool,
    /// The till has asked for a poll at once.
    poll_wanted: bool,
    /// Presses that wait for their answer.
    pub(crate) presses: BTreeSet<u32>,
    next_press: u32,
    /// What is on the screen.
    pub(crate) shown: Snapshot,
    /// Movements and sales that people saw as recorded, and that nobody took off the list.
    pub(crate) acknowledged: BTreeSet<EntryId>,
    /// What it is known to have done.
    pub(crate) books: Books,
    /// The shift of this press was left by a person, or read to be over.
    pub(crate) left: BTreeSet<IntentKey>,
    /// The disk failed, and people read so: a restart may find less than what is on the screen.
    pub(crate) unsaved: bool,
    /// How many steps were made while somebody practised here.
    /// Receipts that were looked for, and approvals.
    looked: u32,
    tried: u32,
    /// With the fault planted: what the last start came to.
    echo: Option<Answer>,
}

impl Flight {
    /// Whether it has arrived.
    pub(crate) fn is_answered(&self) -> bool {
        self.answer.is_some()
    }

    /// Whether somebody waits for the answer.
    pub(crate) fn is_awaited(&self) -> bool {
        self.request.is_some()
    }
}

impl Device {
    /// Whether somebody practises here.
    fn practises(&self) -> bool {
        matches!(self.shown.screen, Screen::Register { practice: true, .. })
    }

    /// The key of the last press of *Start shift* on the register that it serves.
    pub(crate) fn last_key(&self) -> Option<IntentKey> {
        let here = self.disk.load().ok()?.assignment?.register.id;
        self.disk.made().opens.iter().rev().find(|(register, _)| *register == here).map(|(_, key)| *key)
    }
}

/// A request on its way, or its answer.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    number: u32,
    pub(crate) device: usize,
    boot: u32,
    who: Option<UserId>,
    pub(crate) call: Call,
    /// For whom it is answered; nobody, where they gave up or it is a copy.
    request: Option<Request>,
    press: Option<u32>,
    answer: Option<Answer>,
    /// What the answer brings for the device's copy of the catalogue.
    page: Option<CataloguePage>,
    /// A copy of it is under way, or has arrived: nobody can say that it did not run.
    is_doubled: bool,
}

/// How an exchange fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection: it surely did not run.
    Unreachable,
    /// A gateway says that it cannot serve now: it surely did not run.
    Unavailable,
    /// The register is held by another call: it did not run.
    Busy,
    /// Too many requests: it did not run.
    TooMany,
    /// It was lost on its way, and nobody says so.
    Lost,
    /// It is late: nobody waits any more when it arrives.
    Late,
    /// It ran, and its answer was lost.
    AnswerLost,
    /// It ran, and what comes back is an error without a word of the server's.
    BrokenAnswer,
    /// A captive portal answers instead.
    Portal,
    /// The login has ended.
    SignedOut,
}

impl Failure {
    pub(crate) const ALL: &[Self] = &[
        Self::Unreachable,
        Self::Unavailable,
        Self::Busy,
        Self::TooMany,
        Self::Lost,
        Self::Late,
        Self::AnswerLost,
        Self::AnswerLost,
        Self::BrokenAnswer,
        Self::Portal,
        Self::SignedOut,
    ];

    fn fault(self) -> Fault {
        let (code, retry) = match self {
            Self::Unreachable => (Code::Unreachable, Retry::DidNotRun),
            Self::Unavailable => (Code::Unavailable, Retry::DidNotRun),
            Self::Busy => (Code::RegisterBusy, Retry::DidNotRun),
            Self::TooMany => (Code::TooManyAttempts, Retry::DidNotRun),
            Self::Lost | Self::Late | Self::AnswerLost => (Code::NoAnswer, Retry::OutcomeUnknown),
            Self::BrokenAnswer => (Code::ServerMisconfigured, Retry::OutcomeUnknown),
            Self::Portal => (Code::NotSupabase, Retry::OutcomeUnknown),
            Self::SignedOut => (Code::SignedOut, Retry::AfterRefresh),
        };
        Fault::new(code, "simulated").with_retry(retry)
    }

    fn runs(self) -> bool {
        matches!(self, Self::AnswerLost | Self::BrokenAnswer)
    }
}

/// Everything there is.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) devices: Vec<Device>,
    pub(crate) records: Records,
    /// In the slow mode the answers are those of the real server.
    real: Option<Arc<Postgres>>,
    pub(crate) flights: Vec<Flight>,
    next_flight: u32,
    /// What happened, in words.
    pub(crate) story: Vec<String>,
    /// What the server was asked, and answered, for the checks over the tables.
    pub(crate) deeds: Vec<Deed>,
    /// Sessions that the store's own server ended.
    pub(crate) ended_by_store: Vec<IntentKey>,
    plant: Option<Plant>,
    seed: u64,
    /// How many exchanges failed.
    pub(crate) failures: usize,
    /// The first promise that was broken.
    pub(crate) broken: Option<Broken>,
}

/// How a device is found at the start.
pub(crate) struct Start {
    pub(crate) writes: Vec<Write>,
    pub(crate) login: Option<UserId>,
    pub(crate) offset: SignedDuration,
}

impl World {
    pub(crate) fn new(
        seed: u64,
        records: Records,
        starts: Vec<Start>,
        real: Option<Arc<Postgres>>,
        plant: Option<Plant>,
    ) -> Self {
        let mut world = Self {
            devices: Vec::new(),
            records,
            real,
            flights: Vec::new(),
            next_flight: 1,
            story: Vec::new(),
            deeds: Vec::new(),
            ended_by_store: Vec::new(),
            plant,
            seed,
            failures: 0,
            broken: None,
        };
        for (number, start) in starts.into_iter().enumerate() {
            let file = world.real.as_ref().map(|real| real.file(&format!("{seed}-{number}")));
            let disk = Disk::new(&start.writes, plant, file);
            let at = Moment {
                now: world.now().checked_add(start.offset).expect("a time"),
                clock_ahead: None,
                older_server: false,
                id: Uuid::nil(),
            };
            let machine = Machine::new("shop.example", disk.load().expect("a new disk"), &at);
            let surroundings = Surroundings { serial: 0, people: Vec::new(), login_is_kept: true };
            let shown = machine.snapshot(surroundings, &at);
            world.devices.push(Device {
                disk,
                shelf: Shelf::default(),
                asides: 0,
                backup: None,
                machine,
                offset: start.offset,
                ahead: None,
                keychain: start.login,
                people: start.login.into_iter().collect(),
                boot: 0,
                polling: false,
                poll_wanted: false,
                presses: BTreeSet::new(),
                next_press: 0,
                shown,
                acknowledged: BTreeSet::new(),
                books: Books::default(),
                left: BTreeSet::new(),
                unsaved: false,
                tried: 0,
                looked: 0,
                echo: None,
            });
        }
        world
    }

    /// The server's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.real.as_ref().map_or(self.records.now, |_| Timestamp::now())
    }

    fn moment(&self, device: usize) -> Moment {
        let of = &self.devices[device];
        let now = self.now().checked_add(of.offset).expect("a time");
        // A step that saves nothing has made no number that anybody else knows, but for the refund of a receipt that was
        // found, and for approvals, of which one step makes several.
        // Practice saves nothing at all, and has numbers of its own.
        let tried = if of.practises() { u128::from(of.tried) << 48 } else { 0 };
        let id = (u128::from(self.seed) << 64)
            | tried
            | ((device as u128 + 1) << 32)
            | (u128::from(of.looked) << 20)
            | (u128::from(of.disk.saves()) << 3);
        Moment { now, clock_ahead: of.ahead, older_server: false, id: Uuid::from_u128(id) }
    }

    fn say(&mut self, words: String) {
        self.story.push(words);
    }

    /// A person presses something.
    pub(crate) fn press(&mut self, device: usize, command: Command) {
        self.say(format!("device {device}: {command:?} is pressed"));
        let of = &self.devices[device];
        let is_allowed = of.machine.allowed(command.name(), &self.moment(device)).is_ok();
        let before = (!is_allowed).then(|| (of.shown.clone(), of.disk.digest()));
        let of = &mut self.devices[device];
        let press = of.next_press;
        of.next_press += 1;
        of.presses.insert(press);
        let dismisses = match &command {
            Command::DismissEntry { entry_id } => Some(*entry_id),
            Command::RecordAgain { movement_id } => Some(EntryId::from(*movement_id)),
            _ => None,
        };
        let (boot, last_key) = (of.boot, of.last_key());
        let left = last_key.filter(|_| is_allowed && matches!(command, Command::LeaveShift));
        let dismisses = dismisses.filter(|id| is_allowed && of.acknowledged.remove(id));
        of.left.extend(left);
        let answer = self.input(device, Some(press), |machine, at| machine.press(command, at));
        let of = &mut self.devices[device];
        // Where the power failed it may have been done or not.
        let may_be_done = answer.as_ref().is_some_and(Result::is_ok) || of.boot != boot;
        if !may_be_done {
            of.acknowledged.extend(dismisses);
            of.left.retain(|key| Some(*key) != left);
        }
        if let Some((before, file)) = before {
            let result = check::refused_press_changed_nothing(self, device, answer.as_ref(), &before, &file);
            self.find(result);
        }
    }

    /// It is time to ask the server.
    pub(crate) fn poll(&mut self, device: usize) {
        let of = &mut self.devices[device];
        of.poll_wanted = false;
        if !of.polling {
            of.polling = true;
            self.say(format!("device {device} polls"));
            self.input(device, None, Machine::poll);
        }
    }

    /// Hands an input to a device's machine and follows what comes of it: the answer of the press, if this was its end.
    fn input(
        &mut self,
        device: usize,
        press: Option<u32>,
        input: impl FnOnce(&mut Machine, &Moment) -> Step,
    ) -> Option<Result<Outcome, Fault>> {
        let practised = self.devices[device].practises();
        self.devices[device].tried += u32::from(practised);
        let moment = self.moment(device);
        let of = &mut self.devices[device];
        let (saves, made) = (of.disk.saves(), of.disk.entries_made());
        let mut wanted_to_save = false;
        // With the fault planted: what the shell does before the disk has said yes.
        let mut early: (Option<Box<SaleSlip>>, bool) = (None, false);
        let step = carry_out(
            &mut of.machine,
            &of.disk,
            || moment,
            |machine, at| {
                let step = input(machine, at);
                wanted_to_save = !step.save.is_empty();
                early = (slip(&step.next), step.open_drawer);
                step
            },
        );
        let printed = match self.plant {
            Some(Plant::PrintedBeforeSaved) => early.0,
            _ => slip(&step.next),
        };
        let tried = printed.as_deref().filter(|slip| slip.standing == Standing::Practice);
        if let (Some(Plant::PracticeIsKept), Some(slip)) = (self.plant, tried) {
            let register =
                of.disk.load().expect("a readable disk").assignment.expect("a register").register.id;
            let (sale, made_at) = (slip.sale.clone(), slip.sold_at);
            let receipt = KeptReceipt::new(sale, String::new(), made_at);
            of.disk.save(&[Write::Receipt(register, Box::new(receipt))]).unwrap_or_default();
        }
        let opened = step.open_drawer
            || (self.plant == Some(Plant::DrawerOpensForNothing) && early.1)
            || (self.plant == Some(Plant::PracticeOpensDrawer) && tried.is_some());
        let result = books::only_what_is_on_disk(&of.disk, &mut of.books, made, printed.as_deref(), opened);
        self.find(result);
        let of = &mut self.devices[device];
        if of.disk.take_cut() {
            self.say(format!("device {device}: the power fails in a save"));
            self.start(device);
            return None;
        }
        let failed = wanted_to_save && of.disk.saves() == saves;
        of.unsaved |= failed;
        of.poll_wanted |= step.poll_now;
        self.show(device);
        let result = check::step(self, device, failed);
        self.find(result);
        match step.next {
            Next::Ask(request) => {
                self.send(device, request, press);
                None
            }
            Next::PollIn(_) => {
                self.devices[device].polling = false;
                None
            }
            Next::Answer(answer) => {
                let words: String = format!("{answer:?}").chars().take(120).collect();
                self.say(format!("device {device}: the press is answered {words}"));
                let of = &mut self.devices[device];
                if self.plant != Some(Plant::PressForgotten) {
                    press.map(|press| of.presses.remove(&press));
                }
                Some(answer)
            }
        }
    }

    /// What people see now.
    fn show(&mut self, device: usize) {
        let mut shown = self.snapshot_of(device, &self.devices[device].machine);
        let of = &mut self.devices[device];
        match (self.plant, &mut shown.screen) {
            (Some(Plant::WaitingSaleCountsTwice), Screen::Register { expected_cash: Some(expected), .. }) => {
                let waiting = of.disk.load().expect("a readable disk").queue;
                let again = waiting.iter().find(|entry| entry.sale().is_some() && entry.state.is_pending());
                let again = again.map(onetill_core::Entry::effect).unwrap_or_default();
                *expected = onetill_core::Amount::from(expected.decimal() + again);
            }
            (Some(Plant::LockedTillTells), Screen::Locked { .. }) => {
                shown.refused.clone_from(&of.shown.refused);
                shown.staff.clone_from(&of.shown.staff);
            }
            _ => {}
        }
        of.acknowledged.extend(check::shown_entries(&shown).into_iter().filter(|id| of.disk.has_made(*id)));
        of.shown = shown;
        of.books.learn(&of.disk);
    }

    pub(crate) fn snapshot_of(&self, device: usize, machine: &Machine) -> Snapshot {
        let of = &self.devices[device];
        let person = |who: &UserId| Person {
            user_id: *who,
            name: self.records.member(*who).staff.display_name.clone(),
        };
        let people = of.people.iter().map(person).collect();
        let surroundings = Surroundings { serial: 0, people, login_is_kept: true };
        machine.snapshot(surroundings, &self.moment(device))
    }

    /// What a restart of this device would show now.
    pub(crate) fn after_a_restart(&self, device: usize) -> Snapshot {
        let of = &self.devices[device];
        let persisted = of.disk.load().expect("a readable disk");
        self.snapshot_of(device, &Machine::new("shop.example", persisted, &self.moment(device)))
    }

    fn send(&mut self, device: usize, request: Request, press: Option<u32>) {
        let mut call = (*request.call).clone();
        let number = self.next_flight;
        self.next_flight += 1;
        self.devices[device].looked += u32::from(looks(&call));
        let result = check::on_disk_before_it_leaves(self, device, &call);
        self.find(result);
        if self.plant == Some(Plant::NewKeyOnRetry)
            && let Call::OpenSession { intent, .. } = &mut call
            && self.deeds.iter().any(|deed| deeds::key(deed) == Some(intent.key.0))
        {
            intent.key = IntentKey(Uuid::from_u128(intent.key.0.as_u128() ^ u128::from(number) << 96));
        }
        if self.plant == Some(Plant::VoidOvertakesSale)
            && let Call::RecordEntry { entry, .. } = &mut call
        {
            let queue = self.devices[device].disk.load().expect("a readable disk").queue;
            let void = queue.into_iter().find(|other| other.takes_back() == Some(entry.id()));
            *entry = void.filter(|void| void.sale().is_some()).unwrap_or_else(|| entry.clone());
        }
        let of = &mut self.devices[device];
        if matches!(call, Call::SignOut) {
            let who = of.keychain.take();
            of.people.retain(|one| Some(*one) != who);
        }
        let (boot, who) = (of.boot, of.keychain);
        self.say(format!("device {device} asks #{number}: {}", words(&call)));
        self.flights.push(Flight {
            number,
            device,
            boot,
            who,
            call,
            request: Some(request),
            press,
            answer: None,
            page: None,
            is_doubled: false,
        });
    }

    /// A request reaches the server, which does what it asks.
    pub(crate) fn arrive(&mut self, at: usize) {
        if self.flights[at].answer.is_some() {
            return;
        }
        let flight = self.flights[at].clone();
        let (answer, page) = self.serve(&flight);
        self.say(format!("#{} arrives: {}", flight.number, words_of(&answer)));
        if flight.request.is_some() {
            (self.flights[at].answer, self.flights[at].page) = (Some(answer), page);
        } else {
            self.flights.remove(at);
        }
    }

    /// By what the server knows a device.
    fn device_id(&self, device: usize) -> Uuid {
        let asides = u128::from(self.devices[device].asides);
        Uuid::from_u128(0xde_0000 + (asides << 8) + device as u128)
    }

    /// The answer, and what it brings for the device's copy of the catalogue.
    fn serve(&mut self, flight: &Flight) -> (Answer, Option<CataloguePage>) {
        match &flight.call {
            Call::Catalogue { location, settings_at, goes_on, .. } if flight.who.is_some() => {
                let shelf = &self.devices[flight.device].shelf;
                let since = read_since(shelf, *location, *settings_at, *goes_on).expect("a readable file");
                let page = match self.real.clone() {
                    None => self.records.shop(*location).map(|shop| shop.page(since)).unwrap_or_else(|| {
                        CataloguePage {
                            cursor: 0,
                            more: false,
                            items: vec![],
                            removed: vec![],
                            settings: None,
                        }
                    }),
                    Some(real) => {
                        let email = &self.records.member(flight.who.expect("somebody")).email;
                        let id = self.device_id(flight.device);
                        let (answer, page) = real.page(id, email, *location, since);
                        let Some(page) = page else { return (answer, None) };
                        let result = books::sold_alike(self.records.shop(*location), &page);
                        self.find(result);
                        page
                    }
                };
                // What the file makes of it is said when it is heard.
                (Answer::Done, Some(page))
            }
            Call::AddItem { location, lookup } => {
                let shelf = &self.devices[flight.device].shelf;
                (Answer::Item(look_up(shelf, *location, &lookup.wanted)), None)
            }
            _ => (self.serve_records(flight), None),
        }
    }

    fn serve_records(&mut self, flight: &Flight) -> Answer {
        let refused = |code| Err(Fault::new(code, "the server decided so"));
        let by_email = |email: &str, password: &secrecy::SecretString| {
            let member = self.records.people.iter().find(|member| member.email == email);
            member.filter(|_| password.expose_secret() == PASSWORD).map(|member| member.staff.clone())
        };
        let (device, call) = (flight.device, &flight.call);
        let people = &self.devices[device].people;
        let who = match call {
            Call::SignOut | Call::Warm => return Answer::Done,
            Call::SignIn { email, password, .. } | Call::VerifyManager { email, password } => {
                let staff = by_email(email, password);
                return Answer::Staff(
                    staff.map_or_else(|| refused(Code::WrongPassword), |staff| Ok(Some(staff))),
                );
            }
            Call::ConfirmPassword { user_id, .. } if !people.contains(user_id) => {
                return Answer::Staff(refused(Code::SignedOut));
            }
            Call::ConfirmPassword { password, .. } if password.expose_secret() != PASSWORD => {
                return Answer::Staff(refused(Code::WrongPassword));
            }
            Call::ConfirmPassword { user_id, .. } => {
                return Answer::Staff(Ok(Some(self.records.member(*user_id).staff.clone())));
            }
            Call::ResumeLogin => {
                let who = flight.who.map(|who| self.records.member(who).staff.clone());
                return Answer::Staff(Ok(who));
            }
            Call::ApproveCount { email, password, .. } | Call::ApproveSale { email, password, .. } => {
                match by_email(email, password) {
                    Some(staff) => Some(staff.user_id),
                    None => return Answer::Staff(refused(Code::WrongPassword)),
                }
            }
            _ => flight.who,
        };
        let Some(who) = who else { return answer_with(call, Failure::SignedOut.fault()) };
        let id = self.device_id(device);
        let answer = match self.real.clone() {
            None => self.records.serve(who, id, call),
            Some(real) => {
                let answer = real.serve(id, &self.records.member(who).email, call);
                if let Answer::Opened(Ok(opened)) = &answer {
                    self.records.next_session = Some(opened.session.id);
                }
                self.records.now = Timestamp::now();
                let modelled = self.records.serve(who, id, call);
                self.records.next_session = None;
                let result = check::answered_alike(&modelled, &answer);
                self.find(result.map_err(|broken| broken.about(call)));
                answer
            }
        };
        deeds::learn(&mut self.deeds, who, call, &answer);
        self.records.note_revisions();
        let result = check::records(&self.records);
        self.find(result);
        let result = books::records(&self.records, call, &answer, self);
        self.find(result);
        answer
    }

    /// An answer reaches who waits for it.
    pub(crate) fn hear(&mut self, at: usize) {
        let Flight { number, device, request, press, answer, page, .. } = self.flights[at].clone();
        let (Some(request), Some(answer)) = (request, answer) else { return };
        self.flights.remove(at);
        let answer = match (&*request.call, page) {
            (Call::Catalogue { location, .. }, Some(page)) => {
                Answer::Catalogue(take_page(&self.devices[device].shelf, *location, page))
            }
            _ => answer,
        };
        self.say(format!("device {device} hears #{number}"));
        let ahead = self.now().duration_since(self.moment(device).now);
        self.devices[device].ahead = Some(ahead);
        self.answer(device, request, press, answer);
    }

    fn answer(&mut self, device: usize, request: Request, press: Option<u32>, answer: Answer) {
        let of = &mut self.devices[device];
        match (&*request.call, &answer) {
            (
                Call::SignIn { .. } | Call::ConfirmPassword { .. } | Call::ResumeLogin,
                Answer::Staff(Ok(Some(staff))),
            ) => {
                of.keychain = Some(staff.user_id);
                of.people.retain(|one| *one != staff.user_id);
                of.people.insert(0, staff.user_id);
            }
            _ if code(&answer) == Some(Code::SignedOut)
                && !matches!(*request.call, Call::ConfirmPassword { .. }) =>
            {
                of.keychain = None;
            }
            _ => {}
        }
        let mixed_up = self.plant == Some(Plant::AnswersMixedUp) && matches!(answer, Answer::Opened(Ok(_)));
        let answer = if mixed_up { of.echo.replace(answer.clone()).unwrap_or(answer) } else { answer };
        let looked = looks(&request.call);
        self.input(device, press, |machine, at| machine.answered(request, answer, at));
        self.devices[device].looked += u32::from(looked);
    }

    /// An exchange fails.
    pub(crate) fn fail(&mut self, at: usize, failure: Failure) {
        if matches!(self.flights[at].call, Call::AddItem { .. }) {
            // No network is asked.
            let is_awaited = self.flights[at].is_awaited();
            self.arrive(at);
            if is_awaited {
                self.hear(at);
            }
            return;
        }
        let Some(request) = self.flights[at].request.clone() else {
            // Of what nobody waits for only the request can be lost.
            let lost = self.flights.remove(at);
            return self.say(format!("#{} is lost", lost.number));
        };
        let did_not_run = failure.fault().retry != Retry::OutcomeUnknown;
        let failure = if did_not_run && self.flights[at].is_doubled { Failure::Lost } else { failure };
        if failure.runs() {
            self.arrive(at);
        } else if self.flights[at].answer.is_some() {
            // It has run: only its answer can be lost.
            return self.fail_heard(at, request, Failure::AnswerLost);
        }
        self.fail_heard(at, request, failure);
    }

    fn fail_heard(&mut self, at: usize, request: Request, failure: Failure) {
        self.failures += 1;
        let flight = self.flights[at].clone();
        let (device, press) = (flight.device, flight.press);
        self.say(format!("device {device} hears of #{}: {failure:?}", flight.number));
        if failure == Failure::Late {
            self.flights[at].request = None;
        } else {
            self.flights.remove(at);
        }
        let answer = match &flight.call {
            // This computer can tell by itself.
            Call::ConfirmPassword { user_id, password } if failure != Failure::SignedOut => {
                let known = self.devices[device].people.contains(user_id);
                let right = password.expose_secret() == PASSWORD;
                Answer::Staff(match (known, right) {
                    (false, _) => Err(Failure::SignedOut.fault()),
                    (true, false) => Err(Fault::new(Code::WrongPassword, "not the last one")),
                    (true, true) => Ok(None),
                })
            }
            Call::RecordEntry { entry, .. } if failure.fault().retry == Retry::OutcomeUnknown => {
                match (&entry.content, self.plant) {
                    (EntryContent::Movement(movement), Some(Plant::UnknownIsDone)) => {
                        Answer::Recorded(Ok(Recorded { movement: movement.clone(), revision: 0 }))
                    }
                    (EntryContent::Sale(_), Some(Plant::UnknownSaleIsDone)) => {
                        let flags = Vec::new();
                        Answer::SaleRecorded(Ok(SaleRecorded {
                            late: false,
                            flags,
                            revision: 0,
                            replayed: false,
                        }))
                    }
                    _ => answer_with(&flight.call, failure.fault()),
                }
            }
            Call::AskRefund { .. }
                if failure.fault().retry == Retry::OutcomeUnknown
                    && self.plant == Some(Plant::UnknownRefundIsDone) =>
            {
                let flags = Vec::new();
                Answer::SaleRecorded(Ok(SaleRecorded { late: false, flags, revision: 0, replayed: false }))
            }
            Call::OpenSession { .. } if self.plant == Some(Plant::UnknownIsRefused) => {
                answer_with(&flight.call, Failure::Unreachable.fault())
            }
            call => answer_with(call, failure.fault()),
        };
        self.answer(device, request, press, answer);
    }

    /// A request arrives once more, later.
    pub(crate) fn double(&mut self, at: usize) {
        let flight = self.flights[at].clone();
        if flight.answer.is_none() {
            self.say(format!("#{} is doubled", flight.number));
            self.flights[at].is_doubled = true;
            self.flights.push(Flight { request: None, ..flight });
        }
    }

    /// Whoever waits for this goes away.
    pub(crate) fn abandon(&mut self, at: usize) {
        let Flight { number, device, press, .. } = self.flights[at].clone();
        let Some(request) = self.flights[at].request.take() else { return };
        self.say(format!("nobody waits for #{number} any more"));
        let of = &mut self.devices[device];
        of.machine.abandoned(&request.call);
        match press {
            Some(press) => drop(of.presses.remove(&press)),
            None => of.polling = false,
        }
        if self.flights[at].answer.is_some() {
            self.flights.remove(at);
        }
        self.show(device);
    }

    /// The power fails, and comes back.
    pub(crate) fn cut(&mut self, device: usize) {
        self.say(format!("device {device}: the power fails"));
        self.start(device);
    }

    /// The program starts on what its disk holds.
    fn start(&mut self, device: usize) {
        self.devices[device].disk.cut();
        self.begin_again(device);
    }

    fn begin_again(&mut self, device: usize) {
        let of = &mut self.devices[device];
        of.boot += 1;
        (of.polling, of.poll_wanted, of.unsaved, of.ahead, of.echo) = (false, false, false, None, None);
        of.presses.clear();
        let boot = of.boot;
        // What it had asked still arrives; nobody waits for the answer.
        for flight in self.flights.iter_mut().filter(|flight| flight.device == device && flight.boot != boot)
        {
            flight.request = None;
        }
        self.flights.retain(|flight| flight.request.is_some() || flight.answer.is_none());
        let persisted = self.devices[device].disk.load().expect("a readable disk");
        self.devices[device].machine = Machine::new("shop.example", persisted, &self.moment(device));
        self.show(device);
        let result = check::step(self, device, false);
        self.find(result);
    }

    /// The copy of the catalogue is gone, and the program starts again.
    pub(crate) fn lose_catalogue(&mut self, device: usize) {
        self.say(format!("device {device}: its catalogue is gone"));
        self.devices[device].shelf.lose();
        self.start(device);
    }

    /// Somebody copies the device's file, or puts the copy that there is in its place. Real files are not copied.
    pub(crate) fn copy(&mut self, device: usize) {
        if self.real.is_some() {
            return;
        }
        let of = &mut self.devices[device];
        let Some((file, books, acknowledged)) = of.backup.take() else {
            of.backup = Some((of.disk.backup(), of.books.clone(), of.acknowledged.clone()));
            return self.say(format!("device {device}: its file is copied"));
        };
        of.disk.restore(&file);
        of.books = Books { restored: true, ..books };
        of.acknowledged = acknowledged;
        // A shift that was begun since is joined again by a person.
        of.left.extend(of.disk.made().opens.iter().map(|(_, key)| *key));
        self.say(format!("device {device}: the copy of its file is put back"));
        self.begin_again(device);
    }

    /// The file is damaged, and set aside.
    pub(crate) fn set_aside(&mut self, device: usize) {
        if self.real.is_some() {
            return;
        }
        self.say(format!("device {device}: its file is damaged and set aside"));
        let now = self.now();
        let of = &mut self.devices[device];
        of.disk.set_aside(now);
        of.asides += 1;
        of.backup = None;
        of.books.set_aside = true;
        // Whose login was kept is in the keychain; the shift is found again by joining it.
        of.left.extend(of.disk.made().opens.iter().map(|(_, key)| *key));
        self.begin_again(device);
    }

    /// Somebody sets a device's clock.
    pub(crate) fn set_clock(&mut self, device: usize, offset: SignedDuration) {
        self.say(format!("device {device}: its clock is off by {offset}"));
        self.devices[device].offset = offset;
    }

    /// A few seconds pass. Where a real server tells the time, the devices' clocks run ahead of it.
    pub(crate) fn pass(&mut self, time: SignedDuration) {
        if self.real.is_none() {
            self.records.now = self.records.now.checked_add(time).expect("a time");
        } else {
            for device in &mut self.devices {
                device.offset += time;
            }
        }
    }

    /// In the office a price or a tax is changed.
    pub(crate) fn change_catalogue(&mut self, pick: usize) {
        let Some(shop) = self.records.shops.first_mut() else { return };
        let words = if pick.is_multiple_of(4) {
            let rate = ["0.0475", "0.05", "0.06"][pick / 4 % 3];
            shop.retax(rate);
            format!("the tax is {rate} from now on")
        } else {
            let price = ["9.99", "12.50", "3.33", "20.00"][pick / 4 % 4];
            let item = shop.reprice(pick, price);
            format!("{item} costs {price} from now on")
        };
        let shop = shop.clone();
        self.say(words);
        if let Some(real) = &self.real {
            real.keep_shop(&shop);
        }
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, time: SignedDuration) {
        self.say(format!("{time} pass"));
        self.records.now = self.records.now.checked_add(time).expect("a time");
    }

    /// The store's own server ends an open session.
    pub(crate) fn end_by_store(&mut self, session: SessionId) {
        let key =
            IntentKey(Uuid::from_u128((u128::from(self.seed) << 64) | self.ended_by_store.len() as u128));
        let end = EndIntent { key, how: EndHow::Force, reason: "forgotten".to_owned() };
        self.say(format!("the store's own server ends {session}"));
        if let Some(real) = &self.real {
            real.end_by_store(session, &end);
            self.records.now = Timestamp::now();
        }
        self.records.end_by_store(session, &end);
        self.ended_by_store.push(key);
        deeds::end_by_store(&mut self.deeds, session);
    }

    /// Whether what a flight asks changes something on the server.
    pub(crate) fn acts(&self, at: usize) -> bool {
        matches!(
            self.flights[at].call,
            Call::OpenSession { .. } | Call::RecordEntry { .. } | Call::AskRefund { .. }
        )
    }

    /// Everything that is out for this device arrives and is answered, one after the other, and what the till wants to be
    /// asked at once is.
    pub(crate) fn work(&mut self, device: usize) {
        for _exchange in 0..200 {
            let waits = |flight: &Flight| flight.device == device && flight.request.is_some();
            match self.flights.iter().position(waits) {
                Some(at) => {
                    self.arrive(at);
                    self.hear(at);
                }
                None if self.devices[device].poll_wanted => self.poll(device),
                None => return,
            }
        }
        self.find(Err(Broken::new("liveness", format!("device {device} asks without an end"))));
    }

    pub(crate) fn fail_saves(&mut self, device: usize, next: NextSave) {
        self.say(format!("device {device}: at the next save, {next:?}"));
        self.devices[device].disk.fail(next);
    }

    pub(crate) fn find(&mut self, result: Result<(), Broken>) {
        if let Err(broken) = result
            && self.broken.is_none()
        {
            self.say(format!("BROKEN {broken}"));
            self.broken = Some(broken);
        }
    }

    /// Every answer that is on its way is heard.
    pub(crate) fn hear_all(&mut self) {
        while let Some(at) = self.flights.iter().position(|flight| flight.answer.is_some()) {
            self.hear(at);
        }
    }

    /// What was asked, and what the tables say in the end.
    pub(crate) fn history(&self) -> History {
        let mut history = History { events: self.deeds.clone(), ..History::default() };
        match &self.real {
            Some(real) => real.read(&self.records.places, &mut history),
            None => deeds::read(&self.records, &mut history),
        }
        history
    }

    /// All that decides what can happen next.
    pub(crate) fn digest(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        for device in &self.devices {
            format!(
                "{:?} {} {:?}",
                device.machine,
                device.disk.digest(),
                (device.polling, device.poll_wanted, &device.presses, device.keychain, &device.left)
            )
            .hash(&mut hasher);
        }
        let records = &self.records;
        format!("{:?} {:?} {:?} {:?}", records.sessions, records.joins, records.ledger, records.sold)
            .hash(&mut hasher);
        for flight in &self.flights {
            format!(
                "{:?} {:?} {:?} {:?}",
                flight.device,
                flight.call,
                flight.request.is_some(),
                flight.answer
            )
            .hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Whether numbers are made for it that nothing is saved with.
fn looks(call: &Call) -> bool {
    matches!(call, Call::FindReceipt { .. } | Call::ApproveSale { .. })
}

/// What a press puts on paper.
fn slip(next: &Next) -> Option<Box<SaleSlip>> {
    match next {
        Next::Answer(Ok(Outcome::Receipt { slip })) => Some(slip.clone()),
        _ => None,
    }
}

/// A failure as the answer to this call.
fn answer_with(call: &Call, fault: Fault) -> Answer {
    match call {
        Call::SignIn { .. }
        | Call::ConfirmPassword { .. }
        | Call::ResumeLogin
        | Call::VerifyManager { .. }
        | Call::ApproveCount { .. }
        | Call::ApproveSale { .. } => Answer::Staff(Err(fault)),
        Call::AskRefund { .. } => Answer::SaleRecorded(Err(fault)),
        Call::FindReceipt { .. } => Answer::SaleFound(Err(fault)),
        Call::Registers { .. } => Answer::Registers(Err(fault)),
        Call::OpenSession { .. } => Answer::Opened(Err(fault)),
        Call::Session { .. } => Answer::Seen(Err(fault)),
        Call::Movements { .. } => Answer::Movements(Err(fault)),
        Call::RecordEntry { entry, .. } => match entry.content {
            EntryContent::Movement(_) => Answer::Recorded(Err(fault)),
            EntryContent::Sale(_) => Answer::SaleRecorded(Err(fault)),
        },
        Call::Chain { .. } => Answer::Chain(Err(fault)),
        Call::Catalogue { .. } => Answer::Catalogue(Err(fault)),
        Call::AddItem { .. } => Answer::Item(Err(fault)),
        Call::SellingRules { .. } | Call::SaveSellingRules { .. } => Answer::Rules(Err(fault)),
        Call::Items { .. } | Call::AllItems { .. } => Answer::Items(Err(fault)),
        Call::SaveItem { .. } => Answer::ItemSaved(Err(fault)),
        Call::ImportItems { .. } => Answer::ItemsImported(Err(fault)),
        Call::KeptSettings { .. } | Call::SaveQuickKeys { .. } | Call::SaveTax { .. } => {
            Answer::KeptSettings(Err(fault))
        }
        Call::CommitCount { .. } => Answer::Count(Err(fault)),
        Call::Settle { closing } => match closing.step {
            ClosingStep::Committing(_) => Answer::Count(Err(fault)),
            ClosingStep::Settling(_) => Answer::Closed(Err(fault)),
            ClosingStep::Ending(_) => Answer::Ended(Err(fault)),
            _ => Answer::Session(Err(fault)),
        },
        Call::WholeSession { .. } => Answer::Session(Err(fault)),
        Call::Board { .. } => Answer::Board(Err(fault)),
        Call::Day { .. } => Answer::Day(Err(fault)),
        Call::SettleFlag { .. } => Answer::FlagSettled(Err(fault)),
        Call::XReport { .. } | Call::ZReport { .. } => Answer::Report(Err(fault)),
        Call::Load(_) | Call::SignOut | Call::Warm => Answer::Done,
    }
}

/// What an answer says that stood in the way.
pub(crate) fn code(answer: &Answer) -> Option<Code> {
    let fault = match answer {
        Answer::Loaded(answer) => answer.as_ref().err(),
        Answer::Staff(answer) => answer.as_ref().err(),
        Answer::Registers(answer) => answer.as_ref().err(),
        Answer::Opened(answer) => answer.as_ref().err(),
        Answer::Seen(answer) => answer.as_ref().err(),
        Answer::Movements(answer) => answer.as_ref().err(),
        Answer::FlagSettled(answer) => answer.as_ref().err(),
        Answer::Recorded(answer) => answer.as_ref().err(),
        Answer::SaleRecorded(answer) => answer.as_ref().err(),
        Answer::SaleFound(answer) => answer.as_ref().err(),
        Answer::Chain(answer) => answer.as_ref().err(),
        Answer::Catalogue(answer) => answer.as_ref().err(),
        Answer::Item(answer) => answer.as_ref().err(),
        Answer::Rules(answer) => answer.as_ref().err(),
        Answer::Items(answer) => answer.as_ref().err(),
        Answer::ItemSaved(answer) => answer.as_ref().err(),
        Answer::ItemsImported(answer) => answer.as_ref().err(),
        Answer::KeptSettings(answer) => answer.as_ref().err(),
        Answer::Count(answer) => answer.as_ref().err(),
        Answer::Session(answer) => answer.as_ref().err(),
        Answer::Closed(answer) => answer.as_ref().err(),
        Answer::Ended(answer) => answer.as_ref().err(),
        Answer::Board(answer) => answer.as_ref().err(),
        Answer::Day(answer) => answer.as_ref().err(),
        Answer::Report(answer) => answer.as_ref().err(),
        Answer::Done => None,
    };
    fault.map(|fault| fault.code)
}

/// A call in short.
fn words(call: &Call) -> String {
    match call {
        Call::OpenSession { intent, .. } => format!("open with {}", intent.key),
        Call::RecordEntry { entry, .. } => match entry.sale() {
            None => format!("record {}", entry.id()),
            Some(sale) => {
                let number = sale.receipt.number.as_deref().unwrap_or("no number");
                format!("record {:?} {} {number}", sale.kind, sale.id)
            }
        },
        Call::AskRefund { sale, .. } => {
            format!("refund {} {}", sale.id, sale.receipt.number.as_deref().unwrap_or("no number"))
        }
        Call::CommitCount { count } => format!("commit count {}", count.id),
        Call::Settle { closing } => match &closing.step {
            ClosingStep::Beginning(asked) => format!("begin count {}", asked.what.key),
            ClosingStep::Committing(asked) => format!("commit count {}", asked.what.id),
            ClosingStep::Settling(asked) => format!("close with {}", asked.what.key),
            ClosingStep::Ending(asked) => format!("end with {} {:?}", asked.what.key, asked.what.how),
            _ => "give the count up".to_owned(),
        },
        other => format!("{other:?}").chars().take(60).collect(),
    }
}

fn words_of(answer: &Answer) -> String {
    match (answer, code(answer)) {
        (_, Some(code)) => format!("{code:?}"),
        (Answer::Opened(Ok(opened)), _) => {
            format!("{:?} {} {:?}", opened.outcome, opened.session.id, opened.session.status)
        }
        (Answer::SaleRecorded(Ok(sale)), _) => format!("{sale:?}"),
        (Answer::Chain(Ok(head)), _) => {
            format!("till {} at receipt {} and entry {}", head.till, head.last_receipt, head.last_entry)
        }
        (Answer::Closed(Ok(closed)), _) => format!("{closed:?}").chars().take(12).collect(),
        _ => "done".to_owned(),
    }
}
