//! Practice: somebody tries the selling screen, and nothing of it is recorded.
//!
//! Invariant S15: what practice does stays in a state of its own, in which a shift seems to run. Of a press in it nothing
//! is written and nothing is sent, the drawer stays shut, and its receipts say on paper what they are; it ends with
//! whoever began it, and with the program.

use super::{
    allowed::allowed,
    command::CommandName,
    effect::{Answer, Call, Work},
    selling_state::Selling,
    state::{Login, State, not_now},
};
use crate::{
    Amount, Device, Fault, Session, SessionId, SessionOutcome, SessionStatus,
    device::ActiveSession,
    ports::{PersistedSelling, PersistedState},
    sale::{ChainHead, Digest, SellingRules},
    selling::ShopSettings,
    session::{Drawer, Totals},
};
use uuid::Uuid;

/// What receipts of practice begin with, in every language: `PRACTICE-000001`.
const PREFIX: &str = "PRACTICE";

impl State {
    /// Begins to practise, with rules, taxes and keys as this computer has them, whether selling is on or not. Where it has
    /// never heard of any, the server is asked first.
    pub(super) fn start_practice(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        if self.selling.kept.shop.is_none() {
            return self.read_to_practise(false, work);
        }
        // What changed since is read by the next poll, as in a shift.
        work.poll_after = true;
        self.begin_practice(work)
    }

    fn read_to_practise(&mut self, goes_on: bool, work: &mut Work<'_>) -> Result<(), Fault> {
        let location = self.place()?.location.id;
        self.begin(Call::Catalogue { location, settings_at: None, goes_on, to_practise: true }, work)
    }

    /// A page of the catalogue was read for somebody who waits to practise.
    pub(super) fn ready_to_practise(
        &mut self,
        read: Result<(), Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        read.inspect_err(|fault| self.record_fault(fault.clone()))?;
        // They may have begun something else meanwhile.
        let situation = self.situation(work.at.older_server, work.at.store_time());
        allowed(Some(&situation), CommandName::StartPractice)?;
        if self.selling.more_to_read {
            return self.read_to_practise(true, work);
        }
        self.begin_practice(work)
    }

    fn begin_practice(&mut self, work: &Work<'_>) -> Result<(), Fault> {
        let (place, now) = (self.place()?.clone(), work.at.store_time());
        let staff = self.staff.clone().ok_or_else(not_now)?;
        let shop = self.selling.kept.shop.clone().map(ShopSettings::for_practice).ok_or_else(not_now)?;
        let session = Session {
            // No session of the server has it.
            id: SessionId(Uuid::nil()),
            session_number: PREFIX.to_owned(),
            register_id: place.register.id,
            location_id: place.location.id,
            vendor_id: staff.vendor_id,
            opener_id: Some(staff.user_id),
            opener_name: Some(staff.display_name.clone()),
            status: SessionStatus::Open,
            opening_cash: Amount::ZERO,
            opened_at: now,
            business_date: None,
            revision: 0,
            totals: Totals::default(),
            expected_cash: None,
            ended_by_name: None,
            closed_at: None,
            counting: None,
            drawer: Drawer::Outstanding,
            close_kind: None,
            end_reason: None,
            devices: Vec::new(),
        };
        let active = ActiveSession {
            session,
            outcome: SessionOutcome::Created,
            own_opening_cash: Amount::ZERO,
            heard_at: now,
            agreed_on: None,
        };
        let chain = ChainHead {
            prefix: PREFIX.to_owned(),
            till: 0,
            last_receipt: 0,
            last_entry: 0,
            last_hash: Digest::default(),
        };
        let selling = PersistedSelling { shop: Some(shop), chain: Some(chain), ..Default::default() };
        let persisted = PersistedState {
            staff: Some(staff),
            assignment: Some(place),
            active: Some(active),
            selling: selling.clone(),
            ..PersistedState::default()
        };
        let mut practice = Self::new(persisted, now);
        practice.login = Login::In;
        practice.selling = Selling { is_practice: true, ..Selling::new(selling, None) };
        practice.change_device(|device| match device {
            Device::Attached(attached) => Device::Attached(Box::new(attached.unchanged(now))),
            other => other,
        });
        self.practice = Some(Box::new(practice));
        Ok(())
    }

    /// Whether a press is tried, not done: it is one of practice, or one that practice refuses.
    pub(super) fn is_tried(&self, command: CommandName, is_allowed: bool) -> bool {
        self.practice.is_some() && (command.sells() || !is_allowed)
    }

    /// What is left of a press in practice: the question to this computer's own catalogue.
    pub(super) fn only_tried(&mut self, work: &mut Work<'_>) {
        self.queue.clear();
        let asked = work.call.take().filter(|call| matches!(call, Call::AddItem { .. }));
        *work = Work { call: asked, ..Work::new(work.at) };
    }

    /// The catalogue was asked for an item in practice.
    pub(super) fn practice_answered(
        &mut self,
        call: &Call,
        answer: Answer,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        match (&mut self.practice, call, answer) {
            (Some(practice), Call::AddItem { lookup, .. }, Answer::Item(answer)) => {
                let added = practice.item_answered(lookup, answer, work);
                practice.only_tried(work);
                self.fault = practice.fault.take().or(self.fault.take());
                added
            }
            // It ended meanwhile, and whatever runs now is in earnest.
            _ => Err(not_now()),
        }
    }

    /// Practice goes on where it was begun, for who began it, and ends before anything else begins.
    pub(super) fn end_practice_elsewhere(&mut self) {
        let goes_on = self.practice.as_ref().is_some_and(|practice| {
            let who = |state: &Self| state.staff.as_ref().map(|staff| staff.user_id);
            let place = |state: &Self| state.assignment.as_ref().map(|place| place.register.id);
            who(self) == who(practice)
                && place(self) == place(practice)
                && self.login != Login::Out
                && matches!(self.device, Device::Detached(_))
                && self.closing.is_none()
                && self.board.is_none()
        });
        if !goes_on {
            self.practice = None;
        }
    }

    /// The rules, taxes and keys of the store were read anew.
    pub(super) fn tell_practice(&mut self, shop: &ShopSettings) {
        if let Some(practice) = &mut self.practice {
            practice.selling.kept.shop = Some(shop.clone().for_practice());
        }
    }
}

impl ShopSettings {
    /// The same with selling on: practice is for those, too, who have not switched it on yet, or may not.
    fn for_practice(self) -> Self {
        Self { rules: SellingRules { selling_on: true, ..self.rules }, ..self }
    }
}
