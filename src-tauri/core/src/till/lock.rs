//! Locking the till, and opening it again.
//!
//! Invariants: while it is locked, the snapshot holds no money and no report; the session is polled and the queue is
//! sent as ever; whatever stood on the screen, a count above all, is there again for whoever may see it.

use super::{
    effect::{Call, IfUnsaved, Work, Write},
    state::{Login, State, UnlockAttempt, not_now},
};
use crate::{
    Code, Fault, Staff, UserId,
    lock::{Lock, Open},
};
use secrecy::SecretString;
use std::mem;

impl State {
    /// Locks the till, also where that cannot be saved: then people read that a restart would not find it locked.
    pub(super) fn lock_screen(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        let Lock::Open(open) = self.lock else { return Err(not_now()) };
        let staff = self.staff.as_ref().filter(|_| self.login != Login::Out);
        let locked = open.lock(staff, work.at.now);
        work.if_unsaved = IfUnsaved::Keep;
        work.save(Write::Lock(Some(locked.clone())));
        self.lock = Lock::Locked(locked);
        self.unlock_attempt = UnlockAttempt::default();
        Ok(())
    }

    /// Opens the till by the password of who has locked it, or of a colleague who signed in here lately; they are then
    /// signed in instead.
    pub(super) fn unlock(
        &mut self,
        user_id: UserId,
        password: SecretString,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        work.poll_after = true;
        self.begin_unlock(Call::ConfirmPassword { user_id, password }, work)
    }

    /// Begins a try, unless one is under way.
    pub(super) fn begin_unlock(&mut self, call: Call, work: &mut Work<'_>) -> Result<(), Fault> {
        if matches!(self.lock, Lock::Open(_)) || self.unlock_attempt.under_way {
            return Err(not_now());
        }
        self.unlock_attempt.under_way = true;
        self.unlock_attempt.fault = None;
        work.ask(call);
        Ok(())
    }

    /// Whether the password was that of who stands here.
    pub(super) fn password_answered(
        &mut self,
        who: UserId,
        answer: Result<Option<Staff>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(Some(staff)) if staff.user_id == who => {
                self.let_in(staff, work);
                Ok(())
            }
            // That e-mail address has become somebody else's.
            Ok(Some(_)) => {
                let fault = Fault::new(Code::SignedOut, "another person answers to this address");
                self.unlock_failed(fault)
            }
            Ok(None) => match mem::replace(&mut self.lock, Lock::Open(Open)) {
                Lock::Locked(locked) => match locked.confirmed(who) {
                    Ok(open) => {
                        self.unlocked(open, work);
                        Ok(())
                    }
                    Err(still) => {
                        self.lock = Lock::Locked(still);
                        self.unlock_failed(not_now())
                    }
                },
                Lock::Open(_) => Ok(()),
            },
            Err(fault) => self.unlock_failed(fault),
        }
    }

    /// Whether a whole sign-in at the locked till was good. Who was signed in before still is when it was not.
    pub(super) fn switch_answered(
        &mut self,
        answer: Result<Option<Staff>, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(Some(staff)) => {
                self.let_in(staff, work);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(fault) => self.unlock_failed(fault),
        }
    }

    /// Who is signed in has shown so to the server.
    fn let_in(&mut self, staff: Staff, work: &mut Work<'_>) {
        if let Lock::Locked(locked) = mem::replace(&mut self.lock, Lock::Open(Open)) {
            let open = locked.signed_in(&staff);
            let is_back = self.staff.as_ref().is_some_and(|before| before.user_id == staff.user_id);
            let shown_before = self.fault.take().filter(|_| is_back);
            self.take_login(staff, work);
            self.fault = shown_before;
            self.unlocked(open, work);
        }
    }

    fn unlocked(&mut self, open: Open, work: &mut Work<'_>) {
        self.lock = Lock::Open(open);
        self.unlock_attempt = UnlockAttempt::default();
        // A lock that stays in the file would meet people again at the next start, no worse.
        work.if_unsaved = IfUnsaved::Keep;
        work.save(Write::Lock(None));
    }

    fn unlock_failed(&mut self, fault: Fault) -> Result<(), Fault> {
        self.unlock_attempt.needs_email |= fault.code == Code::SignedOut;
        self.unlock_attempt.fault = Some(fault.clone());
        Err(fault)
    }
}
