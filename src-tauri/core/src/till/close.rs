//! Counting and settling a session: what people press, step by step.
//!
//! Invariants: every step is on disk before its request leaves; nothing new is recorded here while a drawer is
//! counted; what this device has not sent yet holds a close up until a manager lets it go on.

use super::{Till, state::State};
use crate::{
    Amount, Closing, Code, CountId, Device, EntryState, Fault, SessionId, SessionStatus, Tally,
    closing::{Checklist, Counting, EndHow, EndIntent, Step},
    count::Needs,
    currency,
    ports::{Backend, DeviceStore, Display, World},
    session::{CountingBy, Session},
    view::Busy,
};
use secrecy::SecretString;

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Shows what speaks against closing the running shift.
    pub async fn open_checklist(&self) {
        if self.is_locked() {
            return;
        }
        let mut opened = None;
        self.change(|state| {
            if state.closing.is_some() {
                return;
            }
            if self.server.is_older() {
                state.fault = Some(Fault::new(Code::OlderServer, "it neither counts nor closes"));
                return;
            }
            state.closing = state.checklist();
            state.board = None;
            opened = state.closing.as_ref().map(|closing| closing.session.id);
            state.fault = opened.is_none().then(not_now);
        });
        if let Some(session) = opened {
            self.reread(session).await;
        }
    }

    /// Announces the count: from now on the other devices start nothing new. `take_over` ends another device's count,
    /// which takes a manager, unless it is one's own.
    pub async fn begin_count(&self, take_over: bool) {
        if self.is_locked() {
            return;
        }
        self.press(|state, mut closing| {
            let Step::Checklist(checklist) = closing.step else { return Err(not_now()) };
            state.require_sent(&closing)?;
            if take_over && !state.may_take_over(&closing.session) {
                return Err(Fault::new(Code::ManagerRequired, "another device's count is taken over"));
            }
            if let (Some(other), false) = (&closing.session.counting, take_over) {
                return Err(counting_since(other.since));
            }
            closing.step = Step::Beginning(checklist.begin(self.world.new_key(), take_over));
            Ok(closing)
        })
        .await;
    }

    /// Keeps what was typed so far, so that a crash loses none of it.
    /// Also while the till is locked: what was typed just before may arrive just after, and keeping it shows nothing.
    pub fn keep_tally(&self, tally: Tally) {
        self.change(|state| {
            let Some(Closing { step: Step::Counting(_), .. }) = &state.closing else { return };
            let kept = self.turn(state, |_state, closing| tallied(closing, tally));
            if let Err(fault) = kept {
                state.fault = Some(fault);
            }
        });
    }

    /// Hands the count in.
    pub async fn commit_count(&self, tally: Tally) {
        if self.is_locked() {
            return;
        }
        self.press(|_state, closing| {
            let mut closing = tallied(closing, tally)?;
            let Step::Counting(counting) = closing.step else { return Err(not_now()) };
            let id = CountId(self.world.new_key().0);
            let currency = &closing.location.currency;
            let asked = counting.commit(id, &closing.session, currency, self.world.now())?;
            closing.step = Step::Committing(asked);
            Ok(closing)
        })
        .await;
    }

    /// Counts the drawer once more; the attempt that was made stays on record.
    pub fn count_again(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            let turned = self.turn(state, |_state, mut closing| {
                let Step::Counted(counted) = closing.step else { return Err(not_now()) };
                closing.step = Step::Counting(counted.again());
                Ok(closing)
            });
            state.fault = turned.err();
        });
    }

    /// Settles the session with its count. `left_in_drawer` as typed, `digits[.digits]`.
    pub async fn close_shift(&self, reason: &str, left_in_drawer: &str) {
        if self.is_locked() {
            return;
        }
        self.press(|state, mut closing| {
            let Step::Counted(counted) = closing.step else { return Err(not_now()) };
            let reason = reason.trim();
            match state.needs(counted.count.needs) {
                Needs::Approval => return Err(Fault::new(Code::ApprovalRequired, "not approved yet")),
                Needs::Reason if reason.is_empty() => {
                    return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
                }
                _ => {}
            }
            let left = left_of(left_in_drawer, counted.count.amount, &closing.location.currency)?;
            let reason = state.reason_on_record(closing.session.id, closing.allowed_by.as_deref(), reason);
            closing.step = Step::Settling(counted.close(self.world.new_key(), reason, left));
            Ok(closing)
        })
        .await;
    }

    /// Settles an ended session that nobody will count, with a reason. It is kept as not counted.
    pub async fn settle_uncounted(&self, reason: &str) {
        if self.is_locked() {
            return;
        }
        self.press(|_state, mut closing| {
            let Step::Counting(counting @ Counting { hold: None, .. }) = closing.step else {
                return Err(not_now());
            };
            if reason.trim().is_empty() {
                return Err(Fault::new(Code::ReasonRequired, "no reason was given"));
            }
            let close = counting.settle_uncounted(self.world.new_key(), reason.trim().to_owned());
            closing.step = Step::Settling(close);
            Ok(closing)
        })
        .await;
    }

    /// Ends the running shift, to be counted later, or cancels it.
    pub async fn end_shift(&self, how: EndHow, reason: &str) {
        if self.is_locked() {
            return;
        }
        self.press(|state, mut closing| {
            let Step::Checklist(checklist) = closing.step else { return Err(not_now()) };
            state.require_sent(&closing)?;
            if how == EndHow::Force && !state.manages() {
                return Err(Fault::new(Code::ManagerRequired, "a forced end"));
            }
            let reason = state.reason_on_record(closing.session.id, closing.allowed_by.as_deref(), reason);
            closing.step = Step::Ending(checklist.end(self.end_intent(how, &reason)));
            Ok(closing)
        })
        .await;
    }

    /// Ends a forgotten shift of any register of the store, to be counted later. For managers.
    pub async fn force_end(&self, session: SessionId, reason: &str) {
        if self.is_locked() {
            return;
        }
        let force =
            |checklist: Checklist| Step::Ending(checklist.end(self.end_intent(EndHow::Force, reason)));
        self.take_on(session, SessionStatus::Open, force).await;
    }

    /// Counts a shift that was ended before. For managers.
    pub async fn count_ended(&self, session: SessionId) {
        if self.is_locked() {
            return;
        }
        let count = |checklist: Checklist| Step::Counting(checklist.count_ended());
        self.take_on(session, SessionStatus::Ended, count).await;
    }

    /// Goes back to the running shift. A count that was announced is given up.
    pub async fn stop_closing(&self) {
        if self.is_locked() {
            return;
        }
        let mut leaving = false;
        self.change(|state| {
            let Some(closing) = state.closing.clone() else { return };
            if closing.step.is_asked() || closing.is_done() {
                state.fault = Some(not_now());
                return;
            }
            let result = match closing.step.hold() {
                Some(hold) => {
                    leaving = true;
                    self.move_on(state, Closing { step: Step::Leaving(hold), ..closing })
                }
                None => self.drop_closing(state),
            };
            state.fault = result.err();
        });
        if leaving {
            self.pursue(true).await;
        }
        self.look().await;
    }

    /// A manager who is signed in here lets the close go on although entries were not sent.
    pub fn allow_unsent(&self) {
        if self.is_locked() {
            return;
        }
        self.change(|state| {
            let name = state.staff.as_ref().filter(|staff| staff.role.manages());
            let name = name.map(|staff| staff.display_name.clone());
            state.fault = match name {
                Some(name) => self.allowed(state, name).err(),
                None => Some(Fault::new(Code::ManagerRequired, "entries were not sent")),
            };
        });
    }

    /// The same by a manager who signs in beside the cashier, for this alone.
    pub async fn allow_unsent_as(&self, email: &str, password: &SecretString) {
        if self.is_locked() {
            return;
        }
        if !self.begin(Busy::AskingManager) {
            return;
        }
        let answer = self.server.vouch(email, password).await;
        self.change(|state| {
            state.busy = None;
            let allowed = answer.and_then(|manager| {
                if !manager.role.manages() {
                    return Err(Fault::new(Code::ManagerRequired, "this person is no manager"));
                }
                if state.staff.as_ref().is_some_and(|staff| staff.vendor_id != manager.vendor_id) {
                    return Err(Fault::new(Code::NotStaff, "a manager of another shop"));
                }
                self.allowed(state, manager.display_name)
            });
            state.fault = allowed.err();
        });
    }

    /// A manager signs in beside the cashier and accepts the difference of the count.
    pub async fn approve_count(&self, email: &str, password: &SecretString, note: &str) {
        if self.is_locked() {
            return;
        }
        let count = match &self.lock().closing {
            Some(Closing { step: Step::Counted(counted), .. }) => counted.count.id,
            _ => return,
        };
        if !self.begin(Busy::AskingManager) {
            return;
        }
        let answer = self.server.approve_count(email, password, count, note.trim()).await;
        self.change(|state| {
            state.busy = None;
            let approved = answer.and_then(|manager| {
                self.turn(state, |_state, mut closing| {
                    let Step::Counted(counted) = closing.step else { return Err(not_now()) };
                    if counted.count.id != count {
                        return Err(not_now());
                    }
                    closing.step = Step::Counted(counted.approved(manager.display_name));
                    Ok(closing)
                })
            });
            state.fault = approved.err();
        });
    }

    fn allowed(&self, state: &mut State, by_name: String) -> Result<(), Fault> {
        self.turn(state, |_state, closing| match closing.step {
            Step::Checklist(_) => Ok(Closing { allowed_by: Some(by_name), ..closing }),
            _ => Err(not_now()),
        })
    }

    fn end_intent(&self, how: EndHow, reason: &str) -> EndIntent {
        EndIntent { key: self.world.new_key(), how, reason: reason.trim().to_owned() }
    }

    /// Begins to settle a session that this device sees, without going through its checklist.
    async fn take_on(
        &self,
        session: SessionId,
        stands: SessionStatus,
        begin: impl FnOnce(Checklist) -> Step,
    ) {
        let mut asked = false;
        self.change(|state| {
            let taken = if !state.manages() {
                Err(Fault::new(Code::ManagerRequired, "a shift that is not this device's"))
            } else if state.closing.is_some() {
                Err(not_now())
            } else {
                let seen = state.seen(session).filter(|closing| closing.session.status == stands);
                seen.ok_or_else(not_now)
                    .and_then(|closing| self.move_on(state, Closing { step: begin(Checklist), ..closing }))
            };
            asked = taken.is_ok();
            state.fault = taken.err();
        });
        if asked {
            self.pursue(true).await;
            self.look().await;
        }
    }

    /// One press in the closing: changes its step, on disk first, and asks the server if the step asks something. A
    /// press while an answer is awaited asks for that same answer.
    async fn press(&self, change: impl FnOnce(&State, Closing) -> Result<Closing, Fault>) {
        let mut goes_on = false;
        self.change(|state| {
            let waits = state.closing.as_ref().is_some_and(|closing| closing.step.is_asked());
            let turned = if waits { Ok(()) } else { self.turn(state, change) };
            goes_on = turned.is_ok();
            state.fault = turned.err();
        });
        if goes_on {
            self.pursue(true).await;
            self.look().await;
        }
    }

    /// Changes the closing, on disk first.
    pub(super) fn turn(
        &self,
        state: &mut State,
        change: impl FnOnce(&State, Closing) -> Result<Closing, Fault>,
    ) -> Result<(), Fault> {
        let closing = state.closing.clone().ok_or_else(not_now)?;
        let changed = change(state, closing)?;
        self.move_on(state, changed)
    }

    /// Puts the closing at its next step, on disk first; when that fails, it stays where it was. A checklist holds
    /// nothing that a restart should find.
    pub(super) fn move_on(&self, state: &mut State, next: Closing) -> Result<(), Fault> {
        if matches!(next.step, Step::Checklist(_)) {
            self.store.drop_closing(next.session.vendor_id)?;
        } else {
            self.store.keep_closing(&next)?;
        }
        state.closing = Some(next);
        Ok(())
    }

    /// Ends the closing, on disk first.
    pub(super) fn drop_closing(&self, state: &mut State) -> Result<(), Fault> {
        if let Some(closing) = &state.closing {
            self.store.drop_closing(closing.session.vendor_id)?;
            state.closing = None;
        }
        Ok(())
    }
}

impl State {
    /// The checklist of the shift that runs here.
    fn checklist(&self) -> Option<Closing> {
        match (&self.device, &self.placement) {
            (Device::Attached(attached), Some(placement)) if !attached.question => Some(Closing {
                session: attached.active.session.clone(),
                register_number: placement.register.register_number.clone(),
                register_name: placement.register.register_name.clone(),
                location: placement.location.clone(),
                allowed_by: None,
                step: Step::Checklist(Checklist),
            }),
            _ => None,
        }
    }

    /// Entries of a session that wait here.
    pub(super) fn unsent(&self, session: SessionId) -> usize {
        self.entries(session, |state| *state == EntryState::Waiting)
    }

    /// Entries of a session that the server refused and that nobody has settled.
    pub(super) fn unsettled(&self, session: SessionId) -> usize {
        self.entries(session, |state| *state != EntryState::Waiting)
    }

    fn entries(&self, session: SessionId, which: impl Fn(&EntryState) -> bool) -> usize {
        let of_session = self.queue.iter().filter(|entry| entry.movement.session_id == session);
        of_session.filter(|entry| which(&entry.state)).count()
    }

    /// A reason as it goes on record: where entries are left out, with the manager by whose leave they are.
    fn reason_on_record(&self, session: SessionId, allowed_by: Option<&str>, reason: &str) -> String {
        let reason = reason.trim();
        match (allowed_by, self.unsent(session)) {
            (None, _) | (_, 0) => reason.to_owned(),
            (Some(manager), unsent) => {
                format!("{reason} [{unsent} entries not sent, allowed by {manager}]").trim_start().to_owned()
            }
        }
    }

    fn require_sent(&self, closing: &Closing) -> Result<(), Fault> {
        let unsent = self.unsent(closing.session.id);
        if unsent == 0 || closing.allowed_by.is_some() {
            return Ok(());
        }
        Err(Fault::new(Code::UnsentEntries, format!("{unsent} entries of this device were not sent")))
    }

    /// Whether a manager is signed in.
    pub(super) fn manages(&self) -> bool {
        self.staff.as_ref().is_some_and(|staff| staff.role.manages())
    }

    /// Whether who is signed in may end the count that is under way: a manager anybody's, everybody their own, which
    /// they began at another device.
    pub(super) fn may_take_over(&self, session: &Session) -> bool {
        let own =
            |by: &CountingBy| by.by_id.is_some() && by.by_id == self.staff.as_ref().map(|me| me.user_id);
        session.counting.as_ref().is_some_and(|by| self.manages() || own(by))
    }

    /// What a count needs from who is signed in now: a manager need not be asked to approve.
    pub(super) fn needs(&self, told: Needs) -> Needs {
        if told == Needs::Approval && self.manages() { Needs::Reason } else { told }
    }

    /// The shift whose count is being given up, and the revision from which it is watched.
    pub(super) fn leaving(&self) -> Option<(SessionId, i64)> {
        let closing = self.closing.as_ref().filter(|closing| matches!(closing.step, Step::Leaving(_)))?;
        let session = closing.session.id;
        self.is_attached_to(session).then(|| (session, self.movements_at.unwrap_or(-1)))
    }

    /// Whether a session was settled here and people read how.
    pub(super) fn is_done(&self, session: SessionId) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.session.id == session && closing.is_done())
    }

    /// Whether a session is the one that runs here.
    pub(super) fn is_attached_to(&self, session: SessionId) -> bool {
        matches!(&self.device, Device::Attached(attached) if attached.active.session.id == session)
    }
}

fn tallied(closing: Closing, tally: Tally) -> Result<Closing, Fault> {
    let Step::Counting(counting) = closing.step else { return Err(not_now()) };
    tally.total(&closing.location.currency)?;
    Ok(Closing { step: Step::Counting(counting.tallied(tally)), ..closing })
}

fn left_of(typed: &str, counted: Amount, currency: &str) -> Result<Amount, Fault> {
    let bad = |why: String| Fault::new(Code::BadCount, why);
    let left = Amount::for_drawer(typed).map_err(|problem| bad(problem.to_string()))?;
    if left > counted || left.decimal().normalize().scale() > currency::places(currency) {
        return Err(bad("no more can stay in the drawer than was counted".to_owned()));
    }
    Ok(left)
}

pub(super) fn not_now() -> Fault {
    Fault::new(Code::NotNow, "this does not fit where the closing stands")
}

/// Who it is stands on the screen; a detail goes to the log, which holds no names.
pub(super) fn counting_since(since: jiff::Timestamp) -> Fault {
    Fault::new(Code::CountInProgress, format!("somebody else counts since {since}"))
}
