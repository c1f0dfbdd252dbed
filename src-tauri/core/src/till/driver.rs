//! Runs the machine: writes what it wants written, asks what it wants asked, and hands it the answers.
//!
//! Invariants: the writes of a step have reached the disk before its call leaves (I2, I8); the machine is held for the
//! length of a step, never across an answer that is awaited; a higher serial always shows a later state. It is part of
//! this crate, and has no runtime of its own, so that these are proved once for the program, the tests and the simulator.

use super::{
    command::{Command, CommandName, Outcome},
    effect::{Answer, Call, CatalogueRead, Moment, Wanted},
    machine::{Machine, Next, Step},
    snapshot::Surroundings,
};
use crate::{
    Code, EntryContent, Fault, LocationId,
    closing::Step as ClosingStep,
    ports::{Backend, DeviceStore, Shell, World},
    sale::{Item, Quantity},
    selling::{Catalogue, CataloguePage},
    selling_view::ItemView,
    view::{ExitWarning, Snapshot},
};
use jiff::civil;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// One device at work for one project, with everything around it.
pub struct Till<S, D, W, V> {
    server: S,
    store: D,
    world: W,
    shell: V,
    machine: Mutex<Machine>,
    /// What people were last shown, by its serial. Most polls change nothing, and the window draws each snapshot whole.
    shown: Mutex<Option<Snapshot>>,
}

impl<S: Backend, D: DeviceStore + Catalogue, W: World, V: Shell> Till<S, D, W, V> {
    /// Takes up work where the device's file says it was left. `host` is how people recognise the project.
    ///
    /// # Errors
    /// `StoreFailed` when the file cannot be read.
    pub fn open(host: &str, server: S, store: D, world: W, shell: V) -> Result<Self, Fault> {
        let machine = Machine::new(host, store.load()?, &moment(&server, &world));
        Ok(Self { server, store, world, shell, machine: Mutex::new(machine), shown: Mutex::default() })
    }

    /// The snapshot of now, with a new serial.
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot_of(&self.lock())
    }

    /// Shows the snapshot of now.
    pub fn show(&self) {
        self.shell.show(self.snapshot());
    }

    /// Does what a person pressed, and says what it came to. Where the server is then to be asked at once, the
    /// shell hears of it.
    ///
    /// # Errors
    /// Why nothing was done, or what stood in the way. It is also on the screen, except where the press did not fit what
    /// is going on (`NotNow`).
    pub async fn press(&self, command: Command) -> Result<Outcome, Fault> {
        match self.run(|machine, at| machine.press(command, at)).await {
            Next::Answer(answer) => answer,
            other => Err(out_of_turn(&other)),
        }
    }

    /// Asks the server whatever the device wants to know, once, and says after which time to ask again. The shell
    /// calls this at start, on a timer (with jitter), on focus and when the network changes.
    pub async fn poll(&self) -> Duration {
        match self.run(Machine::poll).await {
            Next::PollIn(interval) => interval,
            other => {
                let fault = out_of_turn(&other);
                debug_assert!(false, "{fault}");
                Duration::from_secs(30)
            }
        }
    }

    /// What somebody means who typed this: items of the catalogue on this device, the likeliest first.
    ///
    /// # Errors
    /// `NotNow` where nothing is sold; `StoreFailed` where the catalogue cannot be read.
    pub fn search(&self, typed: &str) -> Result<Outcome, Fault> {
        let location = self.lock().selling_at(&self.moment())?;
        let found = self.store.search(location, typed)?;
        Ok(Outcome::Found { items: found.into_iter().map(ItemView::from).collect() })
    }

    /// The file of all items that was asked for last, once.
    pub fn take_export(&self) -> Option<Arc<Vec<u8>>> {
        self.lock().take_export()
    }

    /// Whether a command may run now; also asked for those that the shell carries out by itself.
    ///
    /// # Errors
    /// Why not.
    pub fn allowed(&self, command: CommandName) -> Result<(), Fault> {
        self.lock().allowed(command, &self.moment())
    }

    /// What would stay behind if the program ended now; `None` when it may end unasked.
    pub fn exit_warning(&self) -> Option<ExitWarning> {
        self.lock().exit_warning()
    }

    /// Whether the program may end and start again without anybody missing it.
    pub fn is_at_rest(&self) -> bool {
        self.lock().is_at_rest()
    }

    /// What the clock on the wall of this till's store shows, and when its business date turns; `None` until a store
    /// is known.
    pub fn store_clock(&self) -> Option<(civil::Time, civil::Time)> {
        self.lock().store_clock(&self.moment())
    }

    /// The machine as it stands now, to try something with.
    #[cfg(test)]
    pub(super) fn machine(&self) -> (Machine, Moment) {
        (self.lock().clone(), self.moment())
    }

    /// Carries out an input and everything that follows from it.
    async fn run(&self, input: impl FnOnce(&mut Machine, &Moment) -> Step) -> Next {
        let mut next = self.step(input);
        while let Next::Ask(request) = next {
            let answer = {
                let mut awaited = Awaited { machine: &self.machine, call: Some(&request.call) };
                let answer = ask(&self.server, &self.store, &request.call).await;
                awaited.call = None;
                answer
            };
            next = self.step(|machine, at| machine.answered(request, answer, at));
        }
        next
    }

    /// Carries out one step: writes, shows, and says what follows.
    fn step(&self, input: impl FnOnce(&mut Machine, &Moment) -> Step) -> Next {
        let (step, snapshot) = {
            let mut machine = self.lock();
            let step = carry_out(&mut machine, &self.store, || self.moment(), input);
            let snapshot = self.news(self.snapshot_of(&machine));
            (step, snapshot)
        };
        if let Some(snapshot) = snapshot {
            self.shell.show(snapshot);
        }
        if step.open_drawer {
            self.shell.open_drawer();
        }
        if step.poll_now {
            self.shell.poll_now();
        }
        step.next
    }

    /// The snapshot, unless it says the same as the one before it.
    fn news(&self, snapshot: Snapshot) -> Option<Snapshot> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let serial = snapshot.serial;
        let is_known = shown.as_mut().is_some_and(|last| {
            last.serial = serial;
            *last == snapshot
        });
        if is_known {
            return None;
        }
        *shown = Some(snapshot.clone());
        Some(snapshot)
    }

    /// Drawn while the machine is held, so that a higher serial always shows a later state.
    fn snapshot_of(&self, machine: &Machine) -> Snapshot {
        let surroundings = Surroundings {
            serial: self.world.next_serial(),
            people: self.server.people(),
            login_is_kept: self.server.login_is_kept(),
        };
        machine.snapshot(surroundings, &self.moment())
    }

    fn moment(&self) -> Moment {
        moment(&self.server, &self.world)
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        lock(&self.machine)
    }
}

/// Carries an input out as far as the device's own file goes: its writes have reached the disk, or the machine knows that
/// they could not, and what it wanted from the file was read. What follows is the server's or the shell's.
pub fn carry_out<D: DeviceStore>(
    machine: &mut Machine,
    store: &D,
    moment: impl Fn() -> Moment,
    input: impl FnOnce(&mut Machine, &Moment) -> Step,
) -> Step {
    let mut step = written(machine, store, &moment(), input);
    // The device's own file is read at once, before anything else can happen to the state.
    while let Next::Ask(request) = step.next {
        if !matches!(*request.call, Call::Load(_)) {
            step.next = Next::Ask(request);
            break;
        }
        let loaded = Answer::Loaded(store.load().map(Box::new));
        step = written(machine, store, &moment(), |machine, at| machine.answered(request, loaded, at));
    }
    step
}

/// The step of an input, once its writes have reached the disk, or what became of it where they could not.
fn written<D: DeviceStore>(
    machine: &mut Machine,
    store: &D,
    at: &Moment,
    input: impl FnOnce(&mut Machine, &Moment) -> Step,
) -> Step {
    let step = input(machine, at);
    if step.save.is_empty() {
        return step;
    }
    match store.save(&step.save) {
        Ok(()) => step,
        Err(fault) => machine.unsaved(step, fault, at),
    }
}

/// Asks the server what a call wants to know.
pub async fn ask<S: Backend, C: Catalogue>(server: &S, catalogue: &C, call: &Call) -> Answer {
    match call {
        // Not the server's: `carry_out` has read it.
        Call::Load(_) => Answer::Done,
        Call::SignIn { email, password, .. } => {
            Answer::Staff(server.sign_in(email, password).await.map(Some))
        }
        Call::ConfirmPassword { user_id, password } => {
            Answer::Staff(server.confirm(*user_id, password).await)
        }
        Call::ResumeLogin => Answer::Staff(server.resume_login().await),
        Call::SignOut => {
            server.sign_out().await;
            Answer::Done
        }
        Call::Warm => {
            server.warm().await;
            Answer::Done
        }
        Call::Registers { location, .. } => Answer::Registers(server.registers(*location).await),
        Call::OpenSession { intent, .. } => Answer::Opened(server.open_session(intent).await),
        Call::Session { id, known_revision, last_receipt } => {
            Answer::Seen(server.session(*id, *known_revision, *last_receipt).await)
        }
        Call::Chain { session } => Answer::Chain(server.till(*session).await),
        Call::Catalogue { location, settings_at, goes_on, .. } => {
            let since = read_since(catalogue, *location, *settings_at, *goes_on);
            let page = match since {
                Ok(since) => server.catalogue(*location, since).await,
                Err(fault) => Err(fault),
            };
            Answer::Catalogue(page.and_then(|page| take_page(catalogue, *location, page)))
        }
        Call::AddItem { location, lookup } => Answer::Item(look_up(catalogue, *location, &lookup.wanted)),
        Call::Movements { session } => Answer::Movements(server.movements(session.id).await),
        Call::RecordEntry { entry, last_receipt } => match &entry.content {
            EntryContent::Movement(movement) => {
                Answer::Recorded(server.record_movement(movement, entry.recorded_by).await)
            }
            EntryContent::Sale(sale) => {
                Answer::SaleRecorded(server.record_sale(sale, last_receipt.unwrap_or_default()).await)
            }
        },
        Call::AskRefund { sale, last_receipt } => {
            Answer::SaleRecorded(server.record_sale(sale, *last_receipt).await)
        }
        Call::FindReceipt { which } => Answer::SaleFound(server.sale(which).await.map(Box::new)),
        Call::ApproveSale { email, password, approvals, .. } => {
            Answer::Staff(server.approve_sale(email, password, approvals).await.map(Some))
        }
        Call::CommitCount { count } => Answer::Count(server.commit_count(count).await),
        Call::Settle { closing } => {
            let session = closing.session.id;
            match &closing.step {
                ClosingStep::Beginning(asked) => {
                    let begin = asked.what;
                    Answer::Session(server.begin_count(begin.key, session, begin.take_over).await)
                }
                ClosingStep::Committing(asked) => Answer::Count(server.commit_count(&asked.what).await),
                ClosingStep::Settling(asked) => {
                    Answer::Closed(server.close_session(session, &asked.what).await)
                }
                ClosingStep::Ending(asked) => Answer::Ended(server.end_session(session, &asked.what).await),
                ClosingStep::Leaving(hold) => Answer::Session(server.abandon_count(hold.key, session).await),
                ClosingStep::Checklist(_)
                | ClosingStep::Counting(_)
                | ClosingStep::Counted(_)
                | ClosingStep::Done(_) => Answer::Done,
            }
        }
        Call::WholeSession { id } => Answer::Session(server.whole_session(*id).await),
        Call::Board { location, .. } => Answer::Board(server.board(*location).await),
        Call::Day { location, date } => Answer::Day(server.day(*location, *date).await),
        Call::SettleFlag { sale_id, flag, note, .. } => {
            Answer::FlagSettled(server.settle_flag(*sale_id, *flag, note).await)
        }
        Call::SellingRules { location } => Answer::Rules(server.selling_rules(*location).await),
        Call::SaveSellingRules { location, change } => {
            Answer::Rules(server.save_selling_rules(*location, change).await)
        }
        Call::Items { location, text, after } => Answer::Items(server.items(*location, text, *after).await),
        Call::AllItems { location, since } => Answer::Items(server.all_items(*location, *since).await),
        Call::SaveItem { item, .. } => Answer::ItemSaved(server.save_item(item).await),
        Call::KeptSettings { location } => Answer::KeptSettings(server.kept_settings(*location).await),
        Call::SaveQuickKeys { location, page, keys } => {
            Answer::KeptSettings(server.save_quick_keys(*location, *page, keys).await)
        }
        Call::SaveTax { tax, is_removed, .. } => {
            Answer::KeptSettings(server.save_tax(tax, *is_removed).await)
        }
        Call::ImportItems { items, .. } => Answer::ItemsImported(server.import_items(items).await),
        Call::XReport { session } => Answer::Report(server.x_report(*session).await),
        Call::ZReport { session } => Answer::Report(server.z_report(*session).await),
        Call::VerifyManager { email, password } => {
            Answer::Staff(server.verify_manager(email, password).await.map(Some))
        }
        Call::ApproveCount { email, password, count, note } => {
            Answer::Staff(server.approve_count(email, password, *count, note).await.map(Some))
        }
    }
}

/// From where on the catalogue is read: where its file has come to, and no later than the settings that the device's file
/// has. A crash between the two, or a device's file that was made anew, would else leave a till that never hears how its
/// store sells.
///
/// # Errors
/// `StoreFailed` when the file cannot be read.
pub fn read_since<C: Catalogue>(
    catalogue: &C,
    location: LocationId,
    settings_at: Option<i64>,
    goes_on: bool,
) -> Result<Option<i64>, Fault> {
    let cursor = catalogue.cursor(location)?;
    Ok(if goes_on { cursor } else { cursor.min(settings_at) })
}

/// Takes a page of the catalogue into its file, and says what of it is no item.
///
/// # Errors
/// `StoreFailed` when the file cannot be written.
pub fn take_page<C: Catalogue>(
    catalogue: &C,
    location: LocationId,
    page: CataloguePage,
) -> Result<CatalogueRead, Fault> {
    catalogue.apply(location, &page)?;
    let CataloguePage { cursor, more, settings, .. } = page;
    let settings = settings.map(|mut settings| {
        for key in &mut settings.keys {
            // A key whose item is not here is not shown.
            key.item = catalogue.item(location, key.item_id).ok().flatten();
        }
        settings
    });
    Ok(CatalogueRead { cursor, more, settings })
}

/// What the file of the catalogue has of what is wanted, and how many of it the code stands for.
///
/// # Errors
/// `StoreFailed` when the file cannot be read.
pub fn look_up<C: Catalogue>(
    catalogue: &C,
    location: LocationId,
    wanted: &Wanted,
) -> Result<Option<(Item, Quantity)>, Fault> {
    match wanted {
        Wanted::Id(id) => Ok(catalogue.item(location, *id)?.map(|item| (item, Quantity::ONE))),
        Wanted::Codes(codes) => {
            for code in codes {
                if let Some(found) = catalogue.by_code(location, code)? {
                    return Ok(Some((found.item, found.factor)));
                }
            }
            Ok(None)
        }
    }
}

fn moment<S: Backend, W: World>(server: &S, world: &W) -> Moment {
    Moment {
        now: world.now(),
        clock_ahead: server.ahead(),
        older_server: server.is_older(),
        id: world.new_id(),
    }
}

fn lock(machine: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    // A panic elsewhere must not take the till down with it; every step leaves the state whole.
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}

fn out_of_turn(next: &Next) -> Fault {
    Fault::new(Code::Internal, format!("a step of another kind: {next:?}"))
}

/// A call whose answer is awaited. Whoever stops waiting for it leaves the machine free to ask again.
struct Awaited<'a> {
    machine: &'a Mutex<Machine>,
    call: Option<&'a Call>,
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        if let Some(call) = self.call {
            lock(self.machine).abandoned(call);
        }
    }
}
