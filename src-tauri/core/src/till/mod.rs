//! The till: what a person can ask of it, and what it does about it.
//!
//! [`Till::press`] is the one door for people, [`Till::poll`] the one for the clock. Every operation changes the state
//! under a short lock, never across a call to the server, and shows a snapshot after each change. Invariant kept here:
//! a session is dropped only on the server's or a person's word (I9).

mod board;
mod close;
mod command;
mod counts;
mod listed;
mod lock;
mod login;
mod pending;
mod poll;
mod queue;
mod screens;
mod start;
mod state;
#[cfg(test)]
mod tests;

use crate::{
    Code, Device, EntryState, Fault, LocationId, Placement, RegisterId,
    device::{Attached, Fenced},
    ports::{Backend, DeviceStore, Display, World},
    view::{Busy, Snapshot, StaysBehind},
};
pub use command::{Command, CommandName, Outcome};
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

    /// Does what a person pressed, and says what it came to. What it leaves to be asked of the server is asked by the
    /// next [`Till::poll`]: see [`CommandName::is_followed_by_poll`].
    ///
    /// # Errors
    /// Why nothing was done, or what stood in the way. It is also on the screen, except where the press did not fit what
    /// is going on (`NotNow`): that is a second press or a stale screen, and nobody's news.
    pub async fn press(&self, command: Command) -> Result<Outcome, Fault> {
        if let Err(fault) = self.allowed(command.name()) {
            if fault.code != Code::NotNow {
                self.change(|state| state.fault = Some(fault.clone()));
            }
            return Err(fault);
        }
        self.carry_out(command).await
    }

    /// Whether a command may run now; also asked for those that the shell carries out by itself.
    ///
    /// # Errors
    /// Why not.
    pub fn allowed(&self, command: CommandName) -> Result<(), Fault> {
        command::allowed(Some(&self.situation_of(&self.lock())), command)
    }

    async fn carry_out(&self, command: Command) -> Result<Outcome, Fault> {
        let done = match command {
            Command::Record { request } => return self.record(&request),
            Command::TakeBack { movement_id, reason } => return self.take_back(movement_id, &reason),
            // The shell has asked whether they may run, and carries them out.
            Command::TestConnection { .. }
            | Command::SaveConnection { .. }
            | Command::EditConnection
            | Command::OpenDrawer
            | Command::CheckNow => Ok(()),
            Command::SignIn { email, password } => self.sign_in(&email, &password).await,
            Command::SignOut => self.sign_out().await,
            Command::LockScreen => self.lock_screen(),
            Command::Unlock { user_id, password } => self.unlock(user_id, &password).await,
            Command::ChooseLocation { location_id } => self.choose_location(location_id).await,
            Command::ReloadRegisters => self.reload_registers().await,
            Command::ChooseRegister { register_id } => self.choose_register(register_id),
            Command::ChangeRegister => self.change_register(),
            Command::StartShift { opening_cash, accept_earlier_day } => {
                self.start_shift(&opening_cash, accept_earlier_day).await
            }
            Command::StartShiftCounted { tally, accept_earlier_day } => {
                self.start_shift_counted(tally, accept_earlier_day).await
            }
            Command::CancelStart => self.cancel_start(),
            Command::GoOn => self.go_on(),
            Command::LeaveShift => self.leave_shift(),
            Command::AcknowledgeEnd => self.acknowledge_end(),
            Command::DismissFault => self.attempt(|_state| Ok(())),
            Command::AcknowledgeSetAside => self.acknowledge_set_aside(),
            Command::RecordAgain { movement_id } => self.record_again(movement_id),
            Command::DismissEntry { movement_id } => self.dismiss_entry(movement_id),
            Command::SpotCount { tally } => self.spot_count(tally),
            Command::OpenChecklist => self.open_checklist().await,
            Command::BeginCount => self.begin_count(false).await,
            Command::TakeOverCount => self.begin_count(true).await,
            Command::KeepTally { tally } => self.keep_tally(tally),
            Command::CommitCount { tally } => self.commit_count(tally).await,
            Command::CountAgain => self.count_again(),
            Command::CloseShift { reason, left_in_drawer } => {
                self.close_shift(&reason, &left_in_drawer).await
            }
            Command::SettleUncounted { reason } => self.settle_uncounted(&reason).await,
            Command::EndShift { reason } => self.end_shift(&reason).await,
            Command::CancelShift { reason } => self.cancel_shift(&reason).await,
            Command::ForceEnd { session_id, reason } => self.force_end(session_id, &reason).await,
            Command::CountEnded { session_id } => self.count_ended(session_id).await,
            Command::StopClosing => self.stop_closing().await,
            Command::AllowUnsent => self.allow_unsent(),
            Command::AllowUnsentAs { email, password } => self.allow_unsent_as(&email, &password).await,
            Command::ApproveCount { email, password, note } => {
                self.approve_count(&email, &password, &note).await
            }
            Command::OpenBoard { location_id } => self.open_board(location_id).await,
            Command::CloseBoard => self.close_board(),
            Command::ReadDay { date } => self.read_day(date).await,
            Command::CloseDay => self.close_day(),
            Command::ShowXReport => self.show_x_report().await,
            Command::ShowZReport { session_id } => self.show_z_report(session_id).await,
            Command::DismissReport => self.dismiss_report(),
        };
        done.map(|()| Outcome::Done)
    }

    /// Lists another store's registers.
    async fn choose_location(&self, location: LocationId) -> Result<(), Fault> {
        self.change(|state| {
            state.list(location);
            state.fault = None;
        });
        self.read_registers(location, true).await
    }

    /// Reads the list again because somebody asked.
    async fn reload_registers(&self) -> Result<(), Fault> {
        let location = self.lock().listed_location().map(|location| location.id);
        self.read_registers(location.ok_or_else(not_now)?, true).await
    }

    /// Makes this computer serve a register of the list.
    fn choose_register(&self, id: RegisterId) -> Result<(), Fault> {
        self.attempt(|state| {
            let placement = placement_for(state, id).ok_or_else(not_now)?;
            self.store.keep_placement(Some(&placement))?;
            state.place(self.store.recall()?, self.store_time());
            Ok(())
        })
    }

    /// Lets another register be chosen, of the store where this one is.
    fn change_register(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            self.store.keep_placement(None)?;
            if let Some(left) = state.placement.take() {
                state.list(left.location.id);
            }
            Ok(())
        })
    }

    /// Goes on with a session of an earlier business date.
    fn go_on(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            let today =
                state.placement.as_ref().and_then(|place| place.location.business_date(self.store_time()));
            let today = today.ok_or_else(not_now)?;
            state.change_device(|device| match device {
                Device::Attached(attached) => Device::Attached(Box::new(attached.agree(today))),
                other => other,
            });
            self.save_session(state)
        })
    }

    /// Takes this device out of the session, which stays open for others.
    fn leave_shift(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            self.detach(state, |device| match device {
                Device::Attached(attached) => Device::Detached(attached.leave()),
                other => other,
            })
        })
    }

    /// Somebody has read that the session is over, or how it was settled here.
    fn acknowledge_end(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            let done =
                state.closing.as_ref().filter(|closing| closing.is_done()).map(|closing| closing.session.id);
            let detached = if done.is_none_or(|session| state.is_attached_to(session)) {
                self.detach(state, |device| match device {
                    Device::Fenced(fenced) => Device::Detached(fenced.acknowledge()),
                    Device::Attached(attached) if done == Some(attached.active.session.id) => {
                        Device::Detached(attached.leave())
                    }
                    other => other,
                })
            } else {
                Ok(())
            };
            if done.is_some() {
                state.learn_left_in_drawer();
                self.drop_closing(state)?;
            }
            detached
        })
    }

    /// Somebody has read which earlier files of this device could not be used.
    fn acknowledge_set_aside(&self) -> Result<(), Fault> {
        self.attempt(|state| {
            self.store.acknowledge_set_aside()?;
            state.set_aside.clear();
            Ok(())
        })
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

    async fn read_registers(&self, location: LocationId, visibly: bool) -> Result<(), Fault> {
        if visibly {
            self.begin(Busy::LoadingRegisters)?;
        }
        let answer = self.server.registers(location).await;
        self.change(|state| {
            if visibly {
                state.busy = None;
            }
            let registers = answer.inspect_err(|fault| record_fault(state, fault.clone()))?;
            state.learn_registers(location, registers);
            if state.fault.as_ref().is_some_and(|fault| visibly || fault.is_silence()) {
                state.fault = None;
            }
            Ok(())
        })
    }

    /// Brings the file in step with the device. A fenced session stays in the file until somebody has read that
    /// it is over.
    fn keep_attached(&self, state: &mut State) {
        if let Err(fault) = self.save_session(state) {
            state.fault = Some(fault);
            return;
        }
        // In a closing a person pressed for what failed, and has to know that it did.
        let cured = |fault: &Fault| fault.is_silence() || fault.code == Code::StoreFailed;
        if state.closing.is_none() && state.fault.as_ref().is_some_and(cured) {
            state.fault = None;
        }
    }

    /// Writes the attached session into the file, where the file does not have it so.
    fn save_session(&self, state: &mut State) -> Result<(), Fault> {
        if let Some(active) = state.unsaved_session() {
            self.store.keep_session(&active)?;
            state.kept = Some(active);
        }
        Ok(())
    }

    fn detach(&self, state: &mut State, transition: impl FnOnce(Device) -> Device) -> Result<(), Fault> {
        state.change_device(transition);
        state.forget_movements();
        match (&state.device, &mut state.placement) {
            (Device::Detached(_), Some(placement)) => {
                placement.register.open_session = None;
                self.store.drop_session(placement.register.id)
            }
            _ => Ok(()),
        }
    }

    /// Marks a call as under way.
    ///
    /// # Errors
    /// `NotNow` when one is already.
    fn begin(&self, busy: Busy) -> Result<(), Fault> {
        self.change(|state| {
            // Somebody who types a password does not wait for what the last login may still be good for.
            if !matches!((state.busy, busy), (None, _) | (Some(Busy::ResumingLogin), Busy::SigningIn)) {
                return Err(Fault::new(Code::NotNow, "another call is under way"));
            }
            state.busy = Some(busy);
            state.fault = None;
            Ok(())
        })
    }

    /// Changes the state because somebody pressed something: what stands in the way is on the screen and in the answer.
    fn attempt<T>(&self, change: impl FnOnce(&mut State) -> Result<T, Fault>) -> Result<T, Fault> {
        self.change(|state| {
            let answer = change(state);
            state.fault = answer.as_ref().err().cloned();
            answer
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (answer, snapshot) = {
            let mut state = self.lock();
            let answer = change(&mut state);
            (answer, self.snapshot_of(&state))
        };
        self.display.show(snapshot);
        answer
    }

    fn situation_of(&self, state: &State) -> command::Situation {
        state.situation(self.server.is_older(), self.store_time())
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
        let situation = self.situation_of(state);
        let may = CommandName::ALL.iter().copied();
        let may = may.filter(|name| command::allowed(Some(&situation), *name).is_ok()).collect();
        Snapshot { older_server, may, ..snapshot }
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

/// The commands that may run while there is no till: at the set-up.
#[must_use]
pub fn allowed_at_set_up() -> Vec<CommandName> {
    CommandName::ALL.iter().copied().filter(|name| command::allowed(None, *name).is_ok()).collect()
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

/// What was asked does not fit where the till stands.
fn not_now() -> Fault {
    Fault::new(Code::NotNow, "this does not fit where the till stands")
}

fn placement_for(state: &State, id: RegisterId) -> Option<Placement> {
    let register = state.registers.as_ref()?.iter().find(|register| register.id == id)?.clone();
    let location = state.listed_location()?.clone();
    Some(Placement { register, location })
}

/// A question that failed. In a running shift, silence shows as the age of the connection and a login that ended
/// as the wish to sign in; everything else is put to the person.
fn record_fault(state: &mut State, fault: Fault) {
    let login_over = matches!(fault.code, Code::SignedOut | Code::NotStaff | Code::KeychainUnavailable);
    if login_over {
        state.login = Login::Out;
    }
    mark_offline(state, &fault);
    let running = matches!(state.device, Device::Attached(_));
    if !(running && (fault.is_silence() || fault.code == Code::SignedOut)) {
        state.fault = Some(fault);
    }
}

fn mark_offline(state: &mut State, fault: &Fault) {
    if fault.is_silence() {
        state.change_device(|device| match device {
            Device::Attached(attached) => Device::Attached(Box::new(attached.unheard())),
            other => other,
        });
    }
}
