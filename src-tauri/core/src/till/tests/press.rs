//! A till and whoever drives it: each press goes through the one door, and what it leaves to be asked is asked at once.

use super::world::Bench;
use crate::{
    Code, Command, CommandName, EntryId, LocationId, MovementId, MovementRequest, RegisterId, SessionId,
    Tally, Till, UserId,
};
use jiff::civil;
use pollster::block_on;
use secrecy::SecretString;
use std::{ops::Deref, time::Duration};

/// The till on memory.
pub(super) struct BenchTill {
    pub(super) till: Till<Bench, Bench, Bench, Bench>,
    pub(super) bench: Bench,
}

impl Deref for BenchTill {
    type Target = Till<Bench, Bench, Bench, Bench>;

    fn deref(&self) -> &Self::Target {
        &self.till
    }
}

/// What stood in the way of a press, if anything.
pub(super) type Answer = Option<Code>;

impl BenchTill {
    pub(super) async fn press(&self, command: Command) -> Answer {
        let wanted = || self.bench.set(|table| table.polls_wanted);
        let before = wanted();
        let answer = self.till.press(command).await;
        if wanted() > before {
            self.till.poll().await;
        }
        answer.err().map(|fault| fault.code)
    }

    /// A press whose entry waits for the next poll.
    fn press_only(&self, command: Command) -> Answer {
        block_on(self.till.press(command)).err().map(|fault| fault.code)
    }

    pub(super) async fn poll(&self) -> Duration {
        self.till.poll().await
    }

    pub(super) async fn sign_in(&self, email: &str, password: &SecretString) -> Answer {
        self.press(Command::SignIn { email: email.into(), password: password.clone() }).await
    }

    pub(super) async fn sign_out(&self) -> Answer {
        self.press(Command::SignOut).await
    }

    pub(super) fn lock_screen(&self) -> Answer {
        self.press_only(Command::LockScreen)
    }

    pub(super) async fn unlock(&self, user_id: UserId, password: &SecretString) -> Answer {
        self.press(Command::Unlock { user_id, password: password.clone() }).await
    }

    pub(super) async fn choose_location(&self, location_id: LocationId) -> Answer {
        self.press(Command::ChooseLocation { location_id }).await
    }

    pub(super) async fn choose_register(&self, register_id: RegisterId) -> Answer {
        self.press(Command::ChooseRegister { register_id }).await
    }

    pub(super) async fn change_register(&self) -> Answer {
        self.press(Command::ChangeRegister).await
    }

    pub(super) async fn start_shift(&self, opening_cash: &str, accept_earlier_day: bool) -> Answer {
        self.press(Command::StartShift { opening_cash: opening_cash.into(), accept_earlier_day }).await
    }

    pub(super) async fn start_shift_counted(&self, tally: Tally, accept_earlier_day: bool) -> Answer {
        self.press(Command::StartShiftCounted { tally, accept_earlier_day }).await
    }

    pub(super) fn cancel_start(&self) -> Answer {
        self.press_only(Command::CancelStart)
    }

    pub(super) async fn go_on(&self) -> Answer {
        self.press(Command::GoOn).await
    }

    pub(super) async fn leave_shift(&self) -> Answer {
        self.press(Command::LeaveShift).await
    }

    pub(super) async fn acknowledge_end(&self) -> Answer {
        self.press(Command::AcknowledgeEnd).await
    }

    pub(super) fn acknowledge_set_aside(&self) -> Answer {
        self.press_only(Command::AcknowledgeSetAside)
    }

    pub(super) fn record(&self, request: &MovementRequest) -> Answer {
        self.press_only(Command::Record { request: request.clone() })
    }

    pub(super) fn take_back(&self, movement_id: MovementId, reason: &str) -> Answer {
        self.press_only(Command::TakeBack { movement_id, reason: reason.into() })
    }

    pub(super) fn record_again(&self, movement_id: MovementId) -> Answer {
        self.press_only(Command::RecordAgain { movement_id })
    }

    pub(super) fn dismiss_entry(&self, entry_id: impl Into<EntryId>) -> Answer {
        self.press_only(Command::DismissEntry { entry_id: entry_id.into() })
    }

    pub(super) fn spot_count(&self, tally: Tally) -> Answer {
        self.press_only(Command::SpotCount { tally })
    }

    pub(super) async fn open_checklist(&self) -> Answer {
        self.press(Command::OpenChecklist).await
    }

    pub(super) async fn begin_count(&self, take_over: bool) -> Answer {
        self.press(if take_over { Command::TakeOverCount } else { Command::BeginCount }).await
    }

    pub(super) fn keep_tally(&self, tally: Tally) -> Answer {
        self.press_only(Command::KeepTally { tally })
    }

    pub(super) async fn commit_count(&self, tally: Tally) -> Answer {
        self.press(Command::CommitCount { tally }).await
    }

    pub(super) fn count_again(&self) -> Answer {
        self.press_only(Command::CountAgain)
    }

    pub(super) fn leave_in_drawer(&self, amount: &str) -> Answer {
        self.press_only(Command::LeaveInDrawer { amount: amount.into() })
    }

    pub(super) async fn close_shift(&self, reason: &str) -> Answer {
        self.press(Command::CloseShift { reason: reason.into() }).await
    }

    pub(super) async fn settle_uncounted(&self, reason: &str) -> Answer {
        self.press(Command::SettleUncounted { reason: reason.into() }).await
    }

    pub(super) async fn end_shift(&self, reason: &str) -> Answer {
        self.press(Command::EndShift { reason: reason.into() }).await
    }

    pub(super) async fn cancel_shift(&self, reason: &str) -> Answer {
        self.press(Command::CancelShift { reason: reason.into() }).await
    }

    pub(super) async fn force_end(&self, session_id: SessionId, reason: &str) -> Answer {
        self.press(Command::ForceEnd { session_id, reason: reason.into() }).await
    }

    pub(super) async fn count_ended(&self, session_id: SessionId) -> Answer {
        self.press(Command::CountEnded { session_id }).await
    }

    pub(super) async fn stop_closing(&self) -> Answer {
        self.press(Command::StopClosing).await
    }

    pub(super) async fn allow_unsent_as(&self, email: &str, password: &SecretString) -> Answer {
        self.press(Command::AllowUnsentAs { email: email.into(), password: password.clone() }).await
    }

    pub(super) async fn approve_count(&self, email: &str, password: &SecretString, note: &str) -> Answer {
        let (email, note) = (email.into(), note.into());
        self.press(Command::ApproveCount { email, password: password.clone(), note }).await
    }

    pub(super) async fn open_board(&self, location_id: Option<LocationId>) -> Answer {
        self.press(Command::OpenBoard { location_id }).await
    }

    pub(super) async fn close_board(&self) -> Answer {
        self.press(Command::CloseBoard).await
    }

    pub(super) async fn read_day(&self, date: Option<civil::Date>) -> Answer {
        self.press(Command::ReadDay { date }).await
    }

    pub(super) fn close_day(&self) -> Answer {
        self.press_only(Command::CloseDay)
    }

    pub(super) async fn show_z_report(&self, session_id: SessionId) -> Answer {
        self.press(Command::ShowZReport { session_id }).await
    }

    pub(super) fn dismiss_report(&self) -> Answer {
        self.press_only(Command::DismissReport)
    }

    /// Whether the window is told that it may press this.
    pub(super) fn may(&self, command: CommandName) -> bool {
        self.snapshot().may.contains(&command)
    }
}
