//! A device's file as the simulator has it: it keeps what `onetill-store` keeps, and fails when it is told to.
//!
//! Invariant: the writes of one save are made together or not at all, and what was saved is there after a power cut.
//! That this is how the real file behaves is held against it in the slow mode, save by save.

use jiff::Timestamp;
use onetill_core::{
    Closing, Code, Entry, EntryContent, EntryId, Fault, IntentKey, LocationId, Movement, MovementId,
    OpenIntent, RegisterAssignment, RegisterId, Sale, SaleId, SaleKind, SessionId, Staff, VendorId,
    closing::Step,
    count::{CountId, CountIntent},
    device::ActiveSession,
    lock::Locked,
    ports::{DAYS_OF_RECEIPTS, DeviceStore, MOST_RECEIPTS, PersistedSelling, PersistedState, Write},
    sale::{Cart, ChainHead, KeptReceipt, MOST_REMEMBERED, Parked},
    selling::ShopSettings,
};
use onetill_store::{ProjectStore, StoreFile};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::plants::Plant;

/// What fails at the next saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextSave {
    /// Nothing.
    Works,
    /// This many find the disk full.
    Full(u32),
    /// The power fails just before it.
    CutBefore,
    /// The power fails just after it.
    CutAfter,
}

/// A disk.
#[derive(Debug)]
pub(crate) struct Disk(Mutex<State>);

#[derive(Clone, Debug)]
struct State {
    file: File,
    /// Saved so far: what came out of a step that a person or a poll began.
    made: Made,
    saves: u64,
    next: NextSave,
    /// The power has failed in a save: whatever the program does now, nobody sees.
    is_cut: bool,
    plant: Option<Plant>,
    /// In the slow mode: the real file, which has to hold the same.
    real: Option<RealFile>,
    /// With the fault planted: what was said to be saved and is not on the disk yet.
    late: Vec<Write>,
}

/// The product's own store.
#[derive(Clone)]
pub(crate) struct RealFile(Arc<ProjectStore>);

impl RealFile {
    pub(crate) fn new(path: &Path) -> Self {
        let file = StoreFile::open(path).expect("a new file").file;
        Self(Arc::new(ProjectStore::new(file, "shop".to_owned())))
    }
}

impl fmt::Debug for RealFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file")
    }
}

/// What `onetill-store` has in its tables for one project.
#[derive(Clone, Debug, Default)]
struct File {
    staff: Option<Staff>,
    assignment: Option<RegisterAssignment>,
    lock: Option<Locked>,
    shifts: BTreeMap<RegisterId, Shift>,
    queue: Vec<Entry>,
    counts: Vec<CountIntent>,
    closings: BTreeMap<VendorId, Closing>,
    shops: BTreeMap<LocationId, ShopSettings>,
    selling: BTreeMap<RegisterId, OnRegister>,
    parked: Vec<(RegisterId, Parked)>,
    receipts: Vec<ReceiptRow>,
}

/// What is sold on a register.
#[derive(Clone, Debug, Default)]
struct OnRegister {
    chain: Option<ChainHead>,
    /// With the fault planted: the chain one entry before.
    chain_before: Option<ChainHead>,
    cart: Option<Cart>,
}

/// A receipt, with what it is found by.
#[derive(Clone, Debug)]
struct ReceiptRow {
    register: RegisterId,
    session: SessionId,
    made_at: i64,
    receipt: KeptReceipt,
}

#[derive(Clone, Debug, Default)]
struct Shift {
    active: Option<ActiveSession>,
    intent: Option<OpenIntent>,
    movements: Vec<Movement>,
}

/// Everything that was ever made on this device and reached its disk: nothing else may be in the records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    /// Presses of *Start shift*, in order.
    pub(crate) opens: Vec<(RegisterId, IntentKey)>,
    pub(crate) movements: BTreeSet<MovementId>,
    pub(crate) sales: BTreeMap<SaleId, Sale>,
    /// Refunds that were asked of the server.
    pub(crate) asked: BTreeMap<SaleId, Sale>,
    /// How many of both were written.
    entries: usize,
    /// Sales that were made again, and otherwise.
    pub(crate) made_again: Vec<SaleId>,
    pub(crate) counts: BTreeMap<CountId, CountIntent>,
    /// The keys of closes, and whether they have a count.
    pub(crate) closes: BTreeMap<IntentKey, Option<CountId>>,
    /// Keys of counts begun, of closes and of ends.
    pub(crate) keys: BTreeSet<IntentKey>,
}

impl Clone for Disk {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.state().clone()))
    }
}

impl Disk {
    pub(crate) fn new(writes: &[Write], plant: Option<Plant>, real: Option<RealFile>) -> Self {
        let mut file = File::default();
        writes.iter().for_each(|write| file.apply(write));
        if let Some(RealFile(real)) = &real {
            real.save(writes).expect("a file that can be written");
        }
        let (made, late, next) = (Made::default(), Vec::new(), NextSave::Works);
        Self(Mutex::new(State { file, made, saves: 0, next, is_cut: false, plant, real, late }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn fail(&self, next: NextSave) {
        self.state().next = next;
    }

    /// Whether the power failed in the last save; then it is back.
    pub(crate) fn take_cut(&self) -> bool {
        std::mem::take(&mut self.state().is_cut)
    }

    /// The power fails now: what only stood in memory is gone.
    pub(crate) fn cut(&self) {
        let mut state = self.state();
        state.late.clear();
        state.next = NextSave::Works;
        match state.plant {
            Some(Plant::RestartLosesQueue) => state.file.queue.clear(),
            Some(Plant::NumberComesTwice) => {
                for one in state.file.selling.values_mut() {
                    one.chain = one.chain_before.take().or(one.chain.take());
                }
            }
            _ => {}
        }
    }

    /// What it holds of a register: the key of a press without an answer, and the session.
    pub(crate) fn shift(&self, register: RegisterId) -> (Option<IntentKey>, Option<SessionId>) {
        let state = self.state();
        let shift = state.file.shifts.get(&register);
        let intent = shift.and_then(|shift| shift.intent.as_ref()).map(|intent| intent.key);
        (intent, shift.and_then(|shift| shift.active.as_ref()).map(|active| active.session.id))
    }

    /// How often something was saved: the number of the next id that is made here.
    pub(crate) fn saves(&self) -> u64 {
        self.state().saves
    }

    /// Whether a sale is in its file, in the queue or among the receipts.
    pub(crate) fn has_sale(&self, sale: &Sale) -> bool {
        let file = &self.state().file;
        let here = |one: &ReceiptRow| one.receipt.sale == *sale;
        file.receipts.iter().any(here) || file.queue.iter().any(|entry| entry.sale() == Some(sale))
    }

    /// How often a movement or a sale was written here.
    pub(crate) fn entries_made(&self) -> usize {
        self.state().made.entries
    }

    /// What is on the disk now, as a copy of the file would keep it.
    pub(crate) fn backup(&self) -> Backup {
        Backup(self.state().file.clone())
    }

    /// Puts an older copy of the file in the place of this one. Real files are not copied.
    pub(crate) fn restore(&self, Backup(file): &Backup) {
        self.state().file = file.clone();
    }

    /// The file is damaged and set aside: what waited in it goes into a new one, which is another device's.
    pub(crate) fn set_aside(&self, now: Timestamp) {
        let mut state = self.state();
        let old = std::mem::take(&mut state.file);
        let open = old.selling.into_iter().filter_map(|(register, one)| Some((register, one.cart?)));
        let open = open.filter_map(|(register, cart)| match cart {
            Cart::AwaitingServer(refund) => Some((register, Cart::Paying(refund.then()?.clone()))),
            cart => Some((register, cart)),
        });
        let parked_now = open.map(|(register, cart)| {
            let parked = Parked { cart, by_name: String::new(), parked_at: now, label: String::new() };
            (register, parked)
        });
        state.file.parked = old.parked.into_iter().chain(parked_now).collect();
        state.file.queue = old.queue;
        state.file.counts = old.counts;
    }

    pub(crate) fn made(&self) -> Made {
        self.state().made.clone()
    }

    pub(crate) fn has_made(&self, id: EntryId) -> bool {
        let made = &self.state().made;
        made.movements.contains(&MovementId(id.0)) || made.sales.contains_key(&SaleId(id.0))
    }

    /// For what the simulator compares states by.
    pub(crate) fn digest(&self) -> String {
        let state = self.state();
        format!("{:?} {:?} {:?} {:?}", state.file, state.made, state.next, state.late)
    }
}

/// A copy of a device's file.
#[derive(Clone, Debug)]
pub(crate) struct Backup(File);

impl DeviceStore for Disk {
    fn load(&self) -> Result<PersistedState, Fault> {
        Ok(self.state().file.load())
    }

    fn save(&self, writes: &[Write]) -> Result<(), Fault> {
        let mut state = self.state();
        let full = || Fault::new(Code::StoreFailed, "disk full");
        match state.next {
            NextSave::Works => {}
            NextSave::Full(left) => {
                state.next = if left > 1 { NextSave::Full(left - 1) } else { NextSave::Works };
                return Err(full());
            }
            NextSave::CutBefore => {
                if state.plant == Some(Plant::SaveInHalves)
                    && let Some(first) = writes.first()
                {
                    state.file.apply(first);
                }
                state.is_cut = true;
                return Err(full());
            }
            NextSave::CutAfter => state.is_cut = true,
        }
        let is_late = state.plant == Some(Plant::SaveComesLate);
        let late = std::mem::replace(&mut state.late, if is_late { writes.to_vec() } else { Vec::new() });
        let reaches = if is_late { late } else { writes.to_vec() };
        let planted = state.plant;
        for write in reaches.iter().filter_map(|write| spoilt(write, planted, &reaches)) {
            state.file.apply(&write);
        }
        for write in writes {
            state.made.learn(write);
        }
        state.saves += 1;
        if let Some(RealFile(real)) = &state.real {
            real.save(writes)?;
            assert_eq!(real.load()?, state.file.load(), "the simulated disk is no honest one");
        }
        Ok(())
    }
}

impl File {
    fn load(&self) -> PersistedState {
        let shift = self.assignment.as_ref().and_then(|place| self.shifts.get(&place.register.id));
        let shift = shift.cloned().unwrap_or_default();
        let mut persisted = PersistedState {
            staff: self.staff.clone(),
            assignment: self.assignment.clone(),
            active: shift.active,
            intent: shift.intent,
            movements: shift.movements,
            queue: self.queue.clone(),
            counts: self.counts.clone(),
            closing: None,
            set_aside: Vec::new(),
            lock: self.lock.clone(),
            selling: self.assignment.as_ref().map(|place| self.load_selling(place)).unwrap_or_default(),
        };
        persisted.closing = persisted.vendor().and_then(|vendor| self.closings.get(&vendor)).map(restarted);
        persisted
    }

    fn load_selling(&self, place: &RegisterAssignment) -> PersistedSelling {
        let register = place.register.id;
        let one = self.selling.get(&register).cloned().unwrap_or_default();
        let receipts = self.receipts.iter().filter(|row| row.register == register);
        let receipts: Vec<KeptReceipt> = receipts.map(|row| row.receipt.clone()).collect();
        let forgotten = receipts.len().saturating_sub(MOST_REMEMBERED);
        PersistedSelling {
            shop: self.shops.get(&place.location.id).cloned(),
            chain: one.chain,
            cart: one.cart,
            parked: self
                .parked
                .iter()
                .filter(|(at, _)| *at == register)
                .map(|(_, one)| one.clone())
                .collect(),
            receipts: receipts.into_iter().skip(forgotten).collect(),
        }
    }

    fn keep_receipt(&mut self, register: RegisterId, receipt: &KeptReceipt) {
        let (session, made_at) = (receipt.sale.session_id, receipt.made_at.as_second());
        match self.receipts.iter_mut().find(|row| row.receipt.sale.id == receipt.sale.id) {
            Some(row) => row.receipt = receipt.clone(),
            None => {
                let receipt = receipt.clone();
                self.receipts.push(ReceiptRow { register, session, made_at, receipt });
            }
        }
        let oldest = made_at - DAYS_OF_RECEIPTS * 86_400;
        self.receipts
            .retain(|row| row.register != register || row.session == session || row.made_at >= oldest);
        let of_register = self.receipts.iter().filter(|row| row.register == register).count();
        let mut too_many = of_register.saturating_sub(usize::try_from(MOST_RECEIPTS).expect("a number"));
        self.receipts.retain(|row| {
            let goes = row.register == register && too_many > 0;
            too_many -= usize::from(goes);
            !goes
        });
    }

    fn apply(&mut self, write: &Write) {
        match write {
            Write::Staff(staff) => self.staff.clone_from(staff),
            Write::Lock(lock) => self.lock.clone_from(lock),
            Write::Assignment(assignment) => self.assignment.clone_from(assignment),
            Write::Intent(intent) => {
                self.shifts.entry(intent.register_id).or_default().intent = Some(intent.clone());
            }
            Write::RemoveIntent(key) => {
                for shift in self.shifts.values_mut() {
                    shift.intent = shift.intent.take().filter(|intent| intent.key != *key);
                }
            }
            Write::Session(active) => {
                let shift = self.shifts.entry(active.session.register_id).or_default();
                shift.active = Some(active.clone());
                shift.intent = None;
            }
            Write::RemoveSession(register) => drop(self.shifts.remove(register)),
            Write::Entry(entry) => {
                put(&mut self.queue, entry, |kept| kept.id() == entry.id());
            }
            Write::RemoveEntry(id) => self.queue.retain(|entry| entry.id() != *id),
            Write::Count(count) => put(&mut self.counts, count, |kept| kept.id == count.id),
            Write::RemoveCount(id) => self.counts.retain(|count| count.id != *id),
            Write::Closing(closing) => {
                drop(self.closings.insert(closing.session.vendor_id, closing.clone()));
            }
            Write::RemoveClosing(vendor) => drop(self.closings.remove(vendor)),
            Write::SetAsideRead => {}
            Write::Shop(location, shop) => drop(self.shops.insert(*location, shop.clone())),
            Write::Chain(register, chain) => {
                let one = self.selling.entry(*register).or_default();
                one.chain_before = one.chain.replace(chain.clone());
            }
            Write::Cart(register, cart) => {
                self.selling.entry(*register).or_default().cart = cart.as_deref().cloned();
            }
            Write::Park(register, parked) => {
                let id = parked.cart.id();
                match self.parked.iter_mut().find(|(_, one)| one.cart.id() == id) {
                    Some((_, one)) => *one = Parked::clone(parked),
                    None => self.parked.push((*register, Parked::clone(parked))),
                }
            }
            Write::Unpark(id) => self.parked.retain(|(_, one)| one.cart.id() != *id),
            Write::Receipt(register, receipt) => self.keep_receipt(*register, receipt),
            Write::Movements(register, movements) => {
                if let Some(shift) = self.shifts.get_mut(register) {
                    shift.movements.clone_from(movements);
                }
            }
        }
    }
}

impl Made {
    fn learn(&mut self, write: &Write) {
        match write {
            Write::Intent(intent) => {
                let open = (intent.register_id, intent.key);
                if !self.opens.contains(&open) {
                    self.opens.push(open);
                }
            }
            Write::Entry(entry) => {
                self.entries += 1;
                match &entry.content {
                    EntryContent::Movement(movement) => drop(self.movements.insert(movement.id)),
                    EntryContent::Sale(sale) => {
                        let before = self.sales.insert(sale.id, Sale::clone(sale));
                        if before.is_some_and(|before| before != **sale) {
                            self.made_again.push(sale.id);
                        }
                    }
                }
            }
            Write::Cart(_, Some(cart)) => {
                if let Cart::AwaitingServer(asked) = &**cart {
                    self.asked.insert(asked.entry().id, asked.entry().clone());
                }
            }
            // It is made once the server has it.
            Write::Receipt(_, receipt) if receipt.sale.kind == SaleKind::Refund => {
                let sale = &receipt.sale;
                let before = self.sales.insert(sale.id, sale.clone());
                self.entries += usize::from(before.is_none());
                if before.is_some_and(|before| before != *sale) {
                    self.made_again.push(sale.id);
                }
            }
            Write::Count(count) => drop(self.counts.insert(count.id, count.clone())),
            Write::Closing(Closing { step, .. }) => match step {
                Step::Beginning(asked) => drop(self.keys.insert(asked.what.key)),
                Step::Committing(asked) => drop(self.counts.insert(asked.what.id, asked.what.clone())),
                Step::Settling(asked) => {
                    self.keys.insert(asked.what.key);
                    self.closes.insert(asked.what.key, asked.what.count_id);
                }
                Step::Ending(asked) => drop(self.keys.insert(asked.what.key)),
                _ => {}
            },
            _ => {}
        }
    }
}

/// A write as it reaches the disk with a fault planted; `None`: not at all.
fn spoilt(write: &Write, plant: Option<Plant>, all: &[Write]) -> Option<Write> {
    let sells = || all.iter().any(|one| matches!(one, Write::Entry(entry) if entry.sale().is_some()));
    match (plant, write) {
        (Some(Plant::PaidCartStays), Write::Cart(_, None)) if sells() => None,
        (Some(Plant::ParkedCartLost), Write::Park(..)) => None,
        (Some(Plant::CardForgotten), Write::Cart(register, Some(cart))) => {
            let mut cart = serde_json::to_value(cart).expect("a cart can be written");
            if let Some(paying) = cart.get_mut("Paying") {
                paying["taken"] = serde_json::json!([]);
            }
            Some(Write::Cart(*register, Some(serde_json::from_value(cart).expect("and read"))))
        }
        _ => Some(write.clone()),
    }
}

/// In the place of the one that it stands for, else at the end.
fn put<T: Clone>(list: &mut Vec<T>, new: &T, same: impl Fn(&T) -> bool) {
    match list.iter_mut().find(|kept| same(kept)) {
        Some(kept) => kept.clone_from(new),
        None => list.push(new.clone()),
    }
}

/// As a restart finds it: whether a request ran is not known any more.
fn restarted(closing: &Closing) -> Closing {
    let text = serde_json::to_string(closing).expect("a closing can be written");
    serde_json::from_str(&text).expect("and read")
}
