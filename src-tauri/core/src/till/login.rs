//! Who is signed in at this computer, and what that means for what it holds.
//!
//! Invariant: what belongs to one shop, or to a manager alone, is not on the screen of whoever comes next; what a shop
//! has on this computer is there again when its people are.

use super::{
    effect::{Busy, Call, IfUnsaved, LoadFor, Work, Write},
    state::{Login, State},
};
use crate::{
    Closing, Device, Fault, RegisterAssignment, Staff, device::Detached, lock::Lock, ports::PersistedState,
};
use secrecy::SecretString;

impl State {
    /// Signs in. At a locked till this is how a colleague takes over.
    pub(super) fn sign_in(
        &mut self,
        email: String,
        password: SecretString,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        work.poll_after = true;
        let opens_lock = matches!(self.lock, Lock::Locked(_));
        let call = Call::SignIn { email, password, opens_lock };
        if opens_lock { self.begin_unlock(call, work) } else { self.begin(call, work) }
    }

    /// Ends the login on this computer. A running session stays.
    pub(super) fn sign_out(&mut self, work: &mut Work<'_>) {
        // The screen first: nobody stays signed in to look at while a slow server answers, or where a disk is full.
        work.if_unsaved = IfUnsaved::Keep;
        work.poll_after = true;
        self.login = Login::Out;
        self.staff = None;
        self.registers = None;
        self.location = None;
        self.board = None;
        self.report = None;
        work.save(Write::Staff(None));
        self.forget_managers_closing(work);
        work.ask(Call::SignOut);
    }

    /// Somebody is signed in, or the kept login is not good any more, or that is not known.
    pub(super) fn login_answered(
        &mut self,
        answer: Result<Option<Staff>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        // A kept login is given up only on the server's definite word; everything else is tried again.
        match answer.inspect_err(|fault| self.record_fault(fault.clone()))? {
            Some(staff) => self.take_login(staff, work),
            None => self.login = Login::Out,
        }
        Ok(())
    }

    /// Somebody is signed in.
    pub(super) fn take_login(&mut self, staff: Staff, work: &mut Work<'_>) {
        work.if_unsaved = IfUnsaved::Keep;
        self.turn_to_shop(&staff, work);
        if self.staff.as_ref().is_none_or(|before| before.user_id != staff.user_id) {
            self.turn_to_person(&staff);
        }
        self.fault = None;
        work.save(Write::Staff(Some(staff.clone())));
        self.staff = Some(staff);
        self.login = Login::In;
        // Nobody asks any more whether the kept login is good.
        self.busy = self.busy.filter(|busy| *busy != Busy::ResumingLogin);
        if self.closing.is_none() {
            work.ask(Call::Load(LoadFor::Closing));
        } else {
            self.turn_to_role(work);
        }
    }

    /// Takes up what the file says this shop was settling here.
    pub(super) fn closing_loaded(
        &mut self,
        answer: Result<Box<PersistedState>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        work.if_unsaved = IfUnsaved::Keep;
        match answer {
            Ok(persisted) if self.closing.is_none() => self.closing = persisted.closing,
            Ok(_) => {}
            Err(fault) => self.fault = Some(fault),
        }
        self.turn_to_role(work);
        Ok(())
    }

    /// Somebody of another shop signed in: this computer's register is not theirs, nor after a restart. What is kept for
    /// it stays kept.
    fn turn_to_shop(&mut self, staff: &Staff, work: &mut Work<'_>) {
        let vendor = match &self.device {
            Device::Attached(attached) => Some(attached.active.session.vendor_id),
            Device::Resolving(resolving) => Some(resolving.intent.vendor_id),
            _ => self.staff.as_ref().map(|before| before.vendor_id),
        };
        // Where nobody was signed in, the store tells whose register it is.
        let elsewhere =
            |place: &RegisterAssignment| staff.locations.iter().all(|store| store.id != place.location.id);
        let free = matches!(self.device, Device::Detached(_));
        let unknown = free && self.assignment.as_ref().is_some_and(elsewhere);
        if unknown || vendor.is_some_and(|vendor| vendor != staff.vendor_id) {
            work.save(Write::Assignment(None));
            self.assignment = None;
            self.registers = None;
            self.location = None;
            self.device = Device::Detached(Detached);
            self.board = None;
            self.report = None;
        }
        if self.closing.as_ref().is_some_and(|closing| closing.session.vendor_id != staff.vendor_id) {
            self.closing = None;
        }
    }

    /// What one person read or looked at is not the next one's: they ask the server for themselves.
    fn turn_to_person(&mut self, staff: &Staff) {
        self.registers = None;
        self.location = None;
        self.report = None;
        self.movements_at = None;
        if let (Device::Attached(attached), false) = (&mut self.device, staff.role.manages()) {
            attached.active.session.expected_cash = None;
        }
    }

    /// What only a manager may see goes when somebody else comes.
    fn turn_to_role(&mut self, work: &mut Work<'_>) {
        if !self.manages() {
            self.board = None;
            self.forget_managers_closing(work);
        }
    }

    /// What a manager settles beside the shift of this computer is not for whoever comes next. The board shows what
    /// became of it. A count that others wait for is the shop's own, and stays.
    fn forget_managers_closing(&mut self, work: &mut Work<'_>) {
        let beside =
            |closing: &Closing| closing.step.hold().is_none() && !self.is_attached_to(closing.session.id);
        if self.closing.as_ref().is_some_and(beside) {
            self.drop_closing(work);
        }
    }
}
