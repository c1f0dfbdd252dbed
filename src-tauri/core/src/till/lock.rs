//! Locking the till, and opening it again.
//!
//! Invariants: while it is locked, the snapshot holds no money and no report; the session is watched and the queue is sent as ever; whatever stood on the screen,
//! a count above all, is there again for whoever may see it.

use super::{OnDrop, Till, not_now, state::Login, state::State};
use crate::{
    Code, Device, Fault, Staff, UserId,
    closing::Step,
    device::Contact,
    lock::{Lock, Locked, Open, Person},
    ports::{Backend, DeviceStore, Display, World},
    view::{Busy, RegisterLabel, Screen, Snapshot},
};
use secrecy::SecretString;
use std::mem;

/// Somebody's try to open a locked till. It has a fault of its own, so that what stood on the screen before stands
/// there again.
#[derive(Debug, Default)]
pub(super) struct UnlockAttempt {
    /// It is being decided now.
    under_way: bool,
    fault: Option<Fault>,
    /// The password alone was not enough.
    needs_email: bool,
}

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Locks the till.
    pub(super) fn lock_screen(&self) -> Result<(), Fault> {
        self.change(|state| {
            let Lock::Open(open) = state.lock else { return Err(not_now()) };
            let staff = state.staff.as_ref().filter(|_| state.login != Login::Out);
            let locked = open.lock(staff, self.world.now());
            // The till is locked even when the lock cannot be saved, and says so: a restart would not find it.
            let saved = self.store.keep_lock(Some(&locked));
            state.lock = Lock::Locked(locked);
            state.unlock_attempt =
                UnlockAttempt { fault: saved.as_ref().err().cloned(), ..UnlockAttempt::default() };
            saved
        })
    }

    /// Opens the till by the password of who has locked it, or of a colleague who signed in here lately; they are then
    /// signed in instead.
    pub(super) async fn unlock(&self, who: UserId, password: &SecretString) -> Result<(), Fault> {
        self.begin_unlock()?;
        let _released_also_when_cancelled = OnDrop(|| self.lock().unlock_attempt.under_way = false);
        let answer = self.server.confirm(who, password).await;
        self.decide(|state| match answer? {
            Some(staff) if staff.user_id == who => {
                self.let_in(state, staff);
                Ok(())
            }
            // That e-mail address has become somebody else's.
            Some(_) => Err(Fault::new(Code::SignedOut, "another person answers to this address")),
            None => match mem::replace(&mut state.lock, Lock::Open(Open)) {
                Lock::Locked(locked) => match locked.confirmed(who) {
                    Ok(open) => {
                        self.opened(state, open);
                        Ok(())
                    }
                    Err(still) => {
                        state.lock = Lock::Locked(still);
                        Err(not_now())
                    }
                },
                Lock::Open(_) => Ok(()),
            },
        })
    }

    /// Opens the till by a whole sign-in, for whoever that is. Who was signed in before still is when it fails.
    pub(super) async fn switch_user(&self, email: &str, password: &SecretString) -> Result<(), Fault> {
        self.begin_unlock()?;
        let _released_also_when_cancelled = OnDrop(|| self.lock().unlock_attempt.under_way = false);
        let answer = self.server.sign_in(email, password).await;
        self.decide(|state| {
            self.let_in(state, answer?);
            Ok(())
        })
    }

    /// Opens the till, or shows why not where it is locked.
    fn decide(&self, open: impl FnOnce(&mut State) -> Result<(), Fault>) -> Result<(), Fault> {
        self.change(|state| open(state).inspect_err(|fault| state.refuse(fault.clone())))
    }

    /// Who is signed in has shown so to the server.
    fn let_in(&self, state: &mut State, staff: Staff) {
        if let Lock::Locked(locked) = mem::replace(&mut state.lock, Lock::Open(Open)) {
            let open = locked.signed_in(&staff);
            let is_back = state.staff.as_ref().is_some_and(|before| before.user_id == staff.user_id);
            let told_before = state.fault.take().filter(|_| is_back);
            self.take_login(state, staff);
            state.fault = state.fault.take().or(told_before);
            self.opened(state, open);
        }
    }

    fn opened(&self, state: &mut State, open: Open) {
        state.lock = Lock::Open(open);
        state.unlock_attempt = UnlockAttempt::default();
        // A lock that stays in the file would meet people again at the next start, no worse.
        if let Err(fault) = self.store.keep_lock(None) {
            state.fault = Some(fault);
        }
    }

    /// Begins a try, unless one is under way.
    fn begin_unlock(&self) -> Result<(), Fault> {
        self.change(|state| {
            if matches!(state.lock, Lock::Open(_)) || state.unlock_attempt.under_way {
                return Err(not_now());
            }
            state.unlock_attempt =
                UnlockAttempt { under_way: true, fault: None, ..mem::take(&mut state.unlock_attempt) };
            Ok(())
        })
    }
}

impl State {
    /// A try that failed.
    fn refuse(&mut self, fault: Fault) {
        self.unlock_attempt.under_way = false;
        self.unlock_attempt.needs_email |= fault.code == Code::SignedOut;
        self.unlock_attempt.fault = Some(fault);
    }

    /// The snapshot of a locked till: what a passer-by may know.
    pub(super) fn locked_snapshot(
        &self,
        locked: &Locked,
        people: Vec<Person>,
        serial: u64,
        server: &str,
        clock_behind_seconds: Option<i64>,
    ) -> Snapshot {
        let holder = locked.by.clone();
        let is_other = |person: &Person| holder.as_ref().is_none_or(|by| by.user_id != person.user_id);
        let attached = match &self.device {
            Device::Attached(attached) => Some(attached),
            _ => None,
        };
        let counting = |step: &Step| {
            matches!(step, Step::Counting(_) | Step::Committing(_) | Step::Counted(_) | Step::Settling(_))
        };
        let screen = Screen::Locked {
            others: people.into_iter().filter(is_other).collect(),
            needs_email: holder.is_none() || self.unlock_attempt.needs_email,
            holder,
            shop: locked.shop.clone(),
            since: locked.since,
            register: self.placement.as_ref().map(|placement| RegisterLabel {
                number: placement.register.register_number.clone(),
                name: placement.register.register_name.clone(),
                timezone: placement.location.timezone.clone(),
            }),
            shift_runs: attached.is_some(),
            count_waits: self.closing.as_ref().is_some_and(|closing| counting(&closing.step)),
            unsent: self.queue.iter().filter(|entry| entry.state == crate::EntryState::Waiting).count(),
            offline: attached.is_some_and(|attached| matches!(attached.contact, Contact::Offline(_))),
        };
        Snapshot {
            serial,
            server: Some(server.to_owned()),
            staff: None,
            older_server: false,
            screen,
            fault: self.unlock_attempt.fault.clone(),
            busy: self.unlock_attempt.under_way.then_some(Busy::Unlocking),
            queue: Vec::new(),
            report: None,
            clock_behind_seconds,
            set_aside: Vec::new(),
            may: Vec::new(),
        }
    }
}
