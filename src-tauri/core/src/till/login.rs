//! Who is signed in at this computer, and what that means for what it holds.
//!
//! Invariant: what belongs to one shop, or to a manager alone, is not on the screen of whoever comes next; what a shop
//! has on this computer is there again when its people are.

use super::{
    Till, record_fault,
    state::{Login, State},
};
use crate::{
    Closing, Device, Fault, Staff,
    device::Detached,
    lock::Lock,
    ports::{Backend, DeviceStore, Display, World},
    view::Busy,
};

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Signs in. The outcome is on the screen. At a locked till this is how a colleague takes over.
    pub(super) async fn sign_in(&self, email: &str, password: &secrecy::SecretString) -> Result<(), Fault> {
        if matches!(self.lock().lock, Lock::Locked(_)) {
            return self.switch_user(email, password).await;
        }
        self.begin(Busy::SigningIn)?;
        let answer = self.server.sign_in(email, password).await;
        self.finish_login(answer.map(Some))
    }

    /// Ends the login on this computer. A running session stays.
    pub(super) async fn sign_out(&self) -> Result<(), Fault> {
        // The screen first: nobody stays signed in to look at while a slow server is told.
        let forgotten = self.attempt(|state| {
            state.login = Login::Out;
            state.staff = None;
            state.registers = None;
            state.location = None;
            state.board = None;
            state.report = None;
            self.store.keep_staff(None).and(self.forget_managers_closing(state))
        });
        self.server.sign_out().await;
        forgotten
    }

    pub(super) async fn resume_login(&self) {
        let answer = self.server.resume_login().await;
        let good = matches!(answer, Ok(Some(_)));
        if self.finish_login(answer).is_ok() && good {
            Box::pin(self.poll()).await;
        }
    }

    fn finish_login(&self, answer: Result<Option<Staff>, Fault>) -> Result<(), Fault> {
        self.change(|state| {
            state.busy = None;
            // A kept login is given up only on the server's definite word; everything else is tried again.
            match answer.inspect_err(|fault| record_fault(state, fault.clone()))? {
                Some(staff) => self.take_login(state, staff),
                None => state.login = Login::Out,
            }
            Ok(())
        })
    }

    /// Somebody is signed in.
    pub(super) fn take_login(&self, state: &mut State, staff: Staff) {
        self.turn_to_shop(state, &staff);
        if state.staff.as_ref().is_none_or(|before| before.user_id != staff.user_id) {
            state.turn_to_person(&staff);
        }
        state.fault = self.store.keep_staff(Some(&staff)).err();
        state.staff = Some(staff);
        state.login = Login::In;
        self.take_up_closing(state);
    }

    /// Somebody of another shop signed in: this computer's register is not theirs. What is kept for it stays
    /// kept.
    fn turn_to_shop(&self, state: &mut State, staff: &Staff) {
        let vendor = match &state.device {
            Device::Attached(attached) => Some(attached.active.session.vendor_id),
            Device::Resolving(resolving) => Some(resolving.intent.vendor_id),
            _ => state.staff.as_ref().map(|before| before.vendor_id),
        };
        if vendor.is_some_and(|vendor| vendor != staff.vendor_id) {
            state.placement = None;
            state.registers = None;
            state.location = None;
            state.device = Device::Detached(Detached);
            state.board = None;
            state.report = None;
        }
        if state.closing.as_ref().is_some_and(|closing| closing.session.vendor_id != staff.vendor_id) {
            state.closing = None;
        }
    }

    /// Takes up what the file says this shop was settling here.
    fn take_up_closing(&self, state: &mut State) {
        if state.closing.is_none() {
            match self.store.recall() {
                Ok(remembered) => state.closing = remembered.closing,
                Err(fault) => state.fault = Some(fault),
            }
        }
        if !state.manages() {
            state.board = None;
            if let Err(fault) = self.forget_managers_closing(state) {
                state.fault = Some(fault);
            }
        }
    }

    /// What a manager settles beside the shift of this computer is not for whoever comes next. The board tells what
    /// became of it. A count that others wait for is the shop's own, and stays.
    fn forget_managers_closing(&self, state: &mut State) -> Result<(), Fault> {
        let beside =
            |closing: &Closing| closing.step.hold().is_none() && !state.is_attached_to(closing.session.id);
        if state.closing.as_ref().is_some_and(beside) { self.drop_closing(state) } else { Ok(()) }
    }
}

impl State {
    /// What one person was told or looked at is not the next one's: they ask the server for themselves.
    fn turn_to_person(&mut self, staff: &Staff) {
        self.registers = None;
        self.location = None;
        self.report = None;
        self.movements_at = None;
        if let (Device::Attached(attached), false) = (&mut self.device, staff.role.manages()) {
            attached.active.session.expected_cash = None;
        }
    }
}
