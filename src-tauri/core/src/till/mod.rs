//! The till: what a person can ask of it, and what it does about it.
//!
//! Every operation changes the state under a short lock, never across a call to the server, and shows a snapshot
//! after each change. Invariant kept here: a session is dropped only on the server's or a
//! person's word (I9).

mod board;
mod close;
mod counts;
mod lock;
mod login;
mod pursue;
mod queue;
mod screens;
mod start;
mod state;
#[cfg(test)]
mod tests;
mod watch;

use crate::{
    Code, Device, EntryState, Fault, LocationId, Placement, RegisterId,
    device::{Attached, Fenced},
    ports::{Backend, DeviceStore, Display, World},
    view::{Busy, Snapshot, StaysBehind},
};
use jiff::{Timestamp, civil};
use state::{Login, State, earlier_day};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One device at work for one project.
pub struct Till<S, D, W, V> {
    host: String,
    server: S,
    store: D,
    world: W,
    display: V,
    state: Mutex<State>,
}

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Takes up work where the device's file says it was left. `host` is how people recognise the project.
    ///
    /// # Errors
    /// `StoreFailed` when the file cannot be read.
    pub fn open(host: &str, server: S, store: D, world: W, display: V) -> Result<Self, Fault> {
        let state = State::from_memory(store.recall()?, world.now());
        Ok(Self { host: host.to_owned(), server, store, world, display, state: Mutex::new(state) })
    }

    /// The snapshot of now, with a new serial.
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot_of(&self.lock())
    }

    /// Shows the snapshot of now.
    pub fn show(&self) {
        self.change(|_as_it_is| {});
    }

    /// What would stay behind if the program ended now; `None` when it may end unasked.
    pub fn stays_behind(&self) -> Option<StaysBehind> {
        let state = self.lock();
        let behind = StaysBehind {
            shift: matches!(state.device, Device::Attached(_) | Device::Resolving(_)),
            count: state.closing.as_ref().is_some_and(|closing| closing.step.hold().is_some()),
            unsent: state.queue.iter().filter(|entry| entry.state == EntryState::Waiting).count(),
        };
        (behind.shift || behind.count || behind.unsent > 0).then_some(behind)
    }

    /// Lists another store's registers.
    pub async fn choose_location(&self, location: LocationId) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            state.list(location);
            state.fault = None;
        });
        self.read_registers(location, true).await;
    }

    /// Reads the list again because somebody asked.
    pub async fn reload_registers(&self) {
        if self.is_locked() {
            return;
        }
        let location = self.lock().listed_location().map(|location| location.id);
        if let Some(location) = location {
            self.read_registers(location, true).await;
        }
    }

    /// Makes this computer serve a register of the list.
    pub async fn choose_register(&self, id: RegisterId) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            let Some(placement) = placement_for(state, id) else { return };
            let kept = self.store.keep_placement(Some(&placement)).and_then(|()| self.store.recall());
            match kept {
                Ok(remembered) => state.place(remembered, self.store_time()),
                Err(fault) => state.fault = Some(fault),
            }
        });
        self.look().await;
    }

    /// Lets another register be chosen, of the store where this one is. Not while this device is part of a session, nor
    /// while an open may have run.
    pub async fn change_register(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            if !matches!(state.device, Device::Detached(_)) {
                return;
            }
            match self.store.keep_placement(None) {
                Ok(()) => {
                    if let Some(left) = state.placement.take() {
                        state.list(left.location.id);
                    }
                    state.fault = None;
                }
                Err(fault) => state.fault = Some(fault),
            }
        });
        self.look().await;
    }

    /// Goes on with a session of an earlier business date.
    pub async fn go_on(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            let today =
                state.placement.as_ref().and_then(|place| place.location.business_date(self.store_time()));
            let Some(today) = today else { return };
            state.change_device(|device| match device {
                Device::Attached(attached) => Device::Attached(Box::new(attached.agree(today))),
                other => other,
            });
            self.keep_attached(state);
        });
        self.look().await;
    }

    /// Takes this device out of the session, which stays open for others.
    pub async fn leave_shift(&self) {
        if self.is_locked() {
            return;
        }
        if self.lock().closing.is_some() {
            return;
        }
        self.detach(|device| match device {
            Device::Attached(attached) => Device::Detached(attached.leave()),
            other => other,
        });
        self.look().await;
    }

    /// Somebody has read that the session is over, or how it was settled here.
    pub async fn acknowledge_end(&self) {
        if self.is_locked() {
            return;
        }
        let done = self
            .lock()
            .closing
            .as_ref()
            .filter(|closing| closing.is_done())
            .map(|closing| closing.session.id);
        if done.is_none_or(|session| self.lock().is_attached_to(session)) {
            self.detach(|device| match device {
                Device::Fenced(fenced) => Device::Detached(fenced.acknowledge()),
                Device::Attached(attached) if done == Some(attached.active.session.id) => {
                    Device::Detached(attached.leave())
                }
                other => other,
            });
        }
        if done.is_some() {
            self.change(|state| {
                state.learn_left_in_drawer();
                if let Err(fault) = self.drop_closing(state) {
                    state.fault = Some(fault);
                }
            });
        }
        self.look().await;
    }

    /// Takes the fault off the screen.
    pub fn dismiss_fault(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| state.fault = None);
    }

    /// Somebody has read which earlier files of this device could not be used.
    pub fn acknowledge_set_aside(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| match self.store.acknowledge_set_aside() {
            Ok(()) => state.set_aside.clear(),
            Err(fault) => state.fault = Some(fault),
        });
    }

    /// Whether the program may end and start again without anybody missing it: no shift is open here as far as this
    /// device knows, none is being opened or settled, and nobody waits for an answer.
    pub fn is_at_rest(&self) -> bool {
        let state = self.lock();
        matches!(state.device, Device::Detached(_) | Device::Fenced(_))
            && state.closing.is_none()
            && state.busy.is_none()
            && !state.asking
    }

    /// What the clock on the wall of this till's store shows, and when its business date turns; `None` until a store
    /// is known.
    pub fn store_clock(&self) -> Option<(civil::Time, civil::Time)> {
        let state = self.lock();
        let location = state.placement.as_ref().map(|placement| &placement.location);
        let location = location.or_else(|| state.listed_location())?;
        Some((location.local(self.store_time())?.time(), location.cutoff()?))
    }

    async fn read_registers(&self, location: LocationId, visibly: bool) {
        if visibly && !self.begin(Busy::LoadingRegisters) {
            return;
        }
        let answer = self.server.registers(location).await;
        self.change(|state| {
            if visibly {
                state.busy = None;
            }
            match answer {
                Ok(registers) => {
                    state.learn_registers(location, registers);
                    if state.fault.as_ref().is_some_and(|fault| visibly || fault.is_silence()) {
                        state.fault = None;
                    }
                }
                Err(fault) => note(state, fault),
            }
        });
    }

    /// Brings the file in step with the device. A fenced session stays in the file until somebody has read that
    /// it is over.
    fn keep_attached(&self, state: &mut State) {
        if let Some(active) = state.unkept() {
            match self.store.keep_session(&active) {
                Ok(()) => state.kept = Some(active),
                Err(fault) => return state.fault = Some(fault),
            }
        }
        // In a closing a person pressed for what failed, and has to know that it did.
        let cured = |fault: &Fault| fault.is_silence() || fault.code == Code::StoreFailed;
        if state.closing.is_none() && state.fault.as_ref().is_some_and(cured) {
            state.fault = None;
        }
    }

    fn detach(&self, transition: impl FnOnce(Device) -> Device) {
        self.change(|state| {
            state.change_device(transition);
            state.forget_movements();
            if let (Device::Detached(_), Some(placement)) = (&state.device, &mut state.placement) {
                placement.register.open_session = None;
                state.fault = self.store.drop_session(placement.register.id).err();
            }
        });
    }

    /// Marks a call as under way, unless one is already.
    fn begin(&self, busy: Busy) -> bool {
        let mut began = false;
        self.change(|state| {
            // Somebody who types a password does not wait for what the last login may still be good for.
            began = matches!((state.busy, busy), (None, _) | (Some(Busy::ResumingLogin), Busy::SigningIn));
            if began {
                state.busy = Some(busy);
                state.fault = None;
            }
        });
        began
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let snapshot = {
            let mut state = self.lock();
            change(&mut state);
            self.snapshot_of(&state)
        };
        self.display.show(snapshot);
    }

    /// Drawn while the state is locked, so that a higher serial always shows a later state.
    fn snapshot_of(&self, state: &State) -> Snapshot {
        let ahead = self.server.ahead();
        let older_server = state.login == Login::In && self.server.is_older();
        let snapshot = state.snapshot(
            self.world.next_serial(),
            &self.host,
            self.server.people(),
            self.server.login_is_kept(),
            ahead,
            self.store_time(),
        );
        Snapshot { older_server, ..snapshot }
    }

    /// The server's time as far as this computer can tell: what business dates are decided by.
    fn store_time(&self) -> Timestamp {
        let now = self.world.now();
        self.server.ahead().and_then(|ahead| now.checked_add(ahead).ok()).unwrap_or(now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere must not take the till down with it; every change leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something when it goes, however that comes about.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn attach(result: Result<Attached, Fenced>) -> Device {
    match result {
        Ok(attached) => Device::Attached(Box::new(attached)),
        Err(fenced) => Device::Fenced(fenced),
    }
}

fn placement_for(state: &State, id: RegisterId) -> Option<Placement> {
    let register = state.registers.as_ref()?.iter().find(|register| register.id == id)?.clone();
    let location = state.listed_location()?.clone();
    Some(Placement { register, location })
}

/// A question that failed. In a running shift, silence shows as the age of the connection and a login that ended
/// as the wish to sign in; everything else is put to the person.
fn note(state: &mut State, fault: Fault) {
    let login_over = matches!(fault.code, Code::SignedOut | Code::NotStaff | Code::KeychainUnavailable);
    if login_over {
        state.login = Login::Out;
    }
    mark_unheard(state, &fault);
    let running = matches!(state.device, Device::Attached(_));
    if !(running && (fault.is_silence() || fault.code == Code::SignedOut)) {
        state.fault = Some(fault);
    }
}

fn mark_unheard(state: &mut State, fault: &Fault) {
    if fault.is_silence() {
        state.change_device(|device| match device {
            Device::Attached(attached) => Device::Attached(Box::new(attached.unheard())),
            other => other,
        });
    }
}
