//! The till as a machine: a press, a poll or an answer goes in, and what is to be written and asked comes out.
//!
//! A step is carried out in one order: its writes reach the disk, then people see what it came to, then its call leaves.
//! Where the writes fail, no call leaves (I2, I8).
//!
//! Invariants: it does nothing by itself (no clock, no chance, no disk, no network, nothing awaited), so that every
//! order of events is a table of inputs; a press that is refused, or whose writes fail, changes nothing but the fault on
//! the screen.

use super::{
    allowed::allowed,
    command::{Command, CommandName, Outcome},
    effect::{Answer, Call, IfUnsaved, LoadFor, Moment, PollStage, Work, Write},
    shift::Float,
    situation::Situation,
    snapshot::Surroundings,
    state::State,
};
use crate::{
    Code, Device, Fault, LocationId,
    lock::Lock,
    ports::PersistedState,
    view::{ExitWarning, Snapshot},
};
use jiff::civil;
use std::{sync::Arc, time::Duration};

/// One device at work for one project.
#[derive(Clone, Debug)]
pub struct Machine {
    host: String,
    state: State,
}

/// A call together with what follows its answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked.
    pub call: Box<Call>,
    chain: Chain,
}

/// What the driver does after an input, in this order.
#[derive(Debug)]
pub struct Step {
    /// Reaches the disk first, as a whole.
    pub save: Vec<Write>,
    /// Follows.
    pub next: Next,
    /// The cash drawer opens for an entry that was recorded.
    pub open_drawer: bool,
    /// A poll is wanted at once, not at its own time.
    pub poll_now: bool,
    if_unsaved: IfUnsaved,
    /// The state that an undone step goes back to, and what the step was an answer to.
    before: Box<State>,
    chain: Chain,
    call: Option<Call>,
}

/// What follows a step.
#[derive(Debug)]
pub enum Next {
    /// This is asked, and its answer handed to the machine.
    Ask(Request),
    /// The press has come to this.
    Answer(Result<Outcome, Fault>),
    /// The poll is over, and the next one is due after this time.
    PollIn(Duration),
}

/// Whose call it is, and so what follows its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chain {
    /// A person's press. `poll_after`: the server is to be asked at once about what it changed; `tried`: in practice.
    Press { poll_after: bool, tried: bool },
    /// A poll that has come to this stage.
    Poll(PollStage),
}

impl Step {
    fn of(work: Work<'_>, next: Next, before: State, chain: Chain, call: Option<Call>) -> Self {
        let Work { save, if_unsaved, open_drawer, .. } = work;
        let before = Box::new(before);
        Self { save, next, open_drawer, poll_now: false, if_unsaved, before, chain, call }
    }
}

impl Machine {
    /// Takes up work where the device's file says it was left. `host` is how people recognise the project.
    #[must_use]
    pub fn new(host: &str, persisted: PersistedState, at: &Moment) -> Self {
        Self { host: host.to_owned(), state: State::new(persisted, at.now) }
    }

    /// A person presses something.
    pub fn press(&mut self, command: Command, at: &Moment) -> Step {
        let name = command.name();
        let before = self.state.clone();
        let mut work = Work::new(at);
        let allowed = self.allowed(name, at);
        let is_locked = matches!(before.lock, Lock::Locked(_));
        let tried = !is_locked && before.is_tried(name, allowed.is_ok());
        let result = match (&mut self.state.practice, &before.practice) {
            (Some(practice), Some(before)) if tried => {
                practice.fault = self.state.fault.take();
                let result = Self::attempt(practice, before, allowed, command, &mut work);
                self.state.fault = practice.fault.take();
                practice.only_tried(&mut work);
                result
            }
            _ => Self::attempt(&mut self.state, &before, allowed, command, &mut work),
        };
        let chain = Chain::Press { poll_after: work.poll_after, tried };
        self.finish(before, chain, None, result, work)
    }

    /// It is time to ask the server.
    pub fn poll(&mut self, at: &Moment) -> Step {
        let before = self.state.clone();
        let next = self.poll_from(Some(PollStage::Entries), at);
        Step::of(Work::new(at), next, before, Chain::Poll(PollStage::Entries), None)
    }

    /// What was asked has its answer.
    pub fn answered(&mut self, request: Request, answer: Answer, at: &Moment) -> Step {
        let Request { call, chain } = request;
        self.state.release(&call);
        let before = self.state.clone();
        let mut work = Work::new(at);
        let taken = match chain {
            Chain::Press { tried: true, .. } => self.state.practice_answered(&call, answer, &mut work),
            _ => self.take_answer(&call, answer, &mut work),
        };
        let result = taken.map(|()| Outcome::Done);
        self.finish(before, chain, Some(*call), result, work)
    }

    /// The writes of a step failed. What follows instead has nothing to write.
    pub fn unsaved(&mut self, step: Step, fault: Fault, at: &Moment) -> Step {
        let Step { save, next, poll_now, if_unsaved, before, chain, call, .. } = step;
        if if_unsaved == IfUnsaved::Undo {
            self.state = *before;
            self.state.fault = Some(fault.clone());
            // An answer that left no trace was not heard.
            if let Some(call) = &call {
                self.state.may_have_run(call);
            }
            let before = self.state.clone();
            return self.finish(before, chain, call, Err(fault), Work::new(at));
        }
        if save.iter().any(|write| matches!(write, Write::Session(_))) {
            // It is written with the next answer.
            self.state.saved = None;
        }
        self.state.staff_is_unsaved |= save.iter().any(|write| matches!(write, Write::Staff(_)));
        match self.state.lock {
            Lock::Locked(_) => self.state.unlock_attempt.fault = Some(fault.clone()),
            Lock::Open(_) => self.state.fault = Some(fault.clone()),
        }
        let next = match next {
            Next::Answer(Ok(_)) => Next::Answer(Err(fault)),
            next => next,
        };
        Step { poll_now, ..Step::of(Work::new(at), next, *before, chain, call) }
    }

    /// Whoever waited for an answer is gone, and it will not come.
    pub fn abandoned(&mut self, call: &Call) {
        self.state.release(call);
        self.state.may_have_run(call);
    }

    /// Whether a command may run now.
    ///
    /// # Errors
    /// Why not.
    pub fn allowed(&self, command: CommandName, at: &Moment) -> Result<(), Fault> {
        allowed(Some(&self.situation(at)), command)
    }

    /// The store whose catalogue may be searched now.
    ///
    /// # Errors
    /// Why none may.
    pub fn selling_at(&self, at: &Moment) -> Result<LocationId, Fault> {
        self.allowed(CommandName::Search, at)?;
        self.state.place().map(|place| place.location.id)
    }

    /// The file of all items that was asked for last, once.
    pub fn take_export(&mut self) -> Option<Arc<Vec<u8>>> {
        self.state.take_export()
    }

    /// What people see now.
    #[must_use]
    pub fn snapshot(&self, surroundings: Surroundings, at: &Moment) -> Snapshot {
        let situation = self.situation(at);
        let names = CommandName::ALL.iter().copied();
        let may = names.filter(|name| allowed(Some(&situation), *name).is_ok()).collect();
        Snapshot { may, ..self.state.snapshot(surroundings, &self.host, at) }
    }

    /// What would stay behind if the program ended now; `None` when it may end unasked.
    #[must_use]
    pub fn exit_warning(&self) -> Option<ExitWarning> {
        let state = &self.state;
        let warning = ExitWarning {
            shift: matches!(state.device, Device::Attached(_) | Device::Resolving(_)),
            count: state.closing.as_ref().is_some_and(|closing| closing.step.hold().is_some()),
            unsent: state.queue.iter().filter(|entry| entry.state.is_pending()).count(),
        };
        (warning.shift || warning.count || warning.unsent > 0).then_some(warning)
    }

    /// Whether the program may end and start again without anybody missing it: no shift is open here as far as this
    /// device knows, none is being opened or settled, and nobody waits for an answer.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        let state = &self.state;
        matches!(state.device, Device::Detached(_) | Device::Fenced(_))
            && state.closing.is_none()
            && state.busy.is_none()
            // Practice that was left alone until the till locked itself is nobody's.
            && (state.practice.is_none() || matches!(state.lock, Lock::Locked(_)))
            && !state.is_opening
    }

    /// What the clock on the wall of this till's store shows, and when its business date turns; `None` until a store
    /// is known.
    #[must_use]
    pub fn store_clock(&self, at: &Moment) -> Option<(civil::Time, civil::Time)> {
        let location = self.state.assignment.as_ref().map(|assignment| &assignment.location);
        let location = location.or_else(|| self.state.listed_location())?;
        Some((location.local(at.store_time())?.time(), location.cutoff()?))
    }

    fn situation(&self, at: &Moment) -> Situation {
        self.state.situation(at.older_server, at.store_time())
    }

    /// Does what was pressed; what is refused changes nothing but the fault on the screen.
    fn attempt(
        state: &mut State,
        before: &State,
        allowed: Result<(), Fault>,
        command: Command,
        work: &mut Work<'_>,
    ) -> Result<Outcome, Fault> {
        let name = command.name();
        // A second press, or one on a screen that is a moment old, is nobody's news.
        let is_news = allowed.as_ref().err().is_none_or(|fault| fault.code != Code::NotNow);
        let shown = state.fault.clone();
        let result = allowed.and_then(|()| Self::carry_out(state, command, work));
        match &result {
            Ok(_) if keeps_fault(name, before) => {}
            Ok(_) => state.fault = None,
            Err(fault) => {
                let fault = if is_news { Some(fault.clone()) } else { shown };
                *state = State { fault, ..before.clone() };
                *work = Work::new(work.at);
            }
        }
        result
    }

    fn carry_out(state: &mut State, command: Command, work: &mut Work<'_>) -> Result<Outcome, Fault> {
        match command {
            Command::Record { request } => return state.record(&request, work),
            Command::TakeBack { movement_id, reason } => return state.reverse(movement_id, &reason, work),
            Command::RecordAgain { movement_id } => return state.record_again(movement_id, work),
            Command::DismissEntry { entry_id } => return state.dismiss_entry(entry_id, work),
            // The shell has asked whether they may run, and carries them out.
            Command::TestConnection { .. }
            | Command::SaveConnection { .. }
            | Command::EditConnection
            | Command::OpenDrawer
            | Command::Search { .. }
            // That nothing stands on the screen any more is what every press does.
            | Command::DismissFault => {}
            Command::CheckNow => work.poll_after = true,
            Command::SignIn { email, password } => state.sign_in(email, password, work)?,
            Command::SignOut => state.sign_out(work),
            Command::LockScreen => state.lock_screen(work)?,
            Command::Unlock { user_id, password } => state.unlock(user_id, password, work)?,
            Command::ChooseLocation { location_id } => state.choose_location(location_id, work)?,
            Command::ReloadRegisters => state.reload_registers(work)?,
            Command::ChooseRegister { register_id } => state.choose_register(register_id, work)?,
            Command::ChangeRegister => state.change_register(work),
            Command::StartShift { opening_cash, accept_earlier_day } => {
                state.start_shift(Float::Typed(opening_cash), accept_earlier_day, work)?;
            }
            Command::StartShiftCounted { tally, accept_earlier_day } => {
                state.start_shift(Float::Counted(tally), accept_earlier_day, work)?;
            }
            Command::CancelStart => state.cancel_start(),
            Command::GoOn => state.go_on(work)?,
            Command::LeaveShift => state.leave_shift(work),
            Command::AcknowledgeEnd => state.acknowledge_end(work),
            Command::AcknowledgeSetAside => {
                work.save(Write::SetAsideRead);
                state.set_aside.clear();
            }
            Command::AddAmount { amount, quantity, key, code } => {
                state.add_amount(&amount, &quantity, key.as_deref(), code.as_deref(), work)?;
            }
            Command::AddItem { item_id, quantity, price } => state.add_item(item_id, &quantity, &price, work)?,
            Command::Scan { code } => state.scan(&code, work)?,
            Command::SetQuantity { line, quantity } => state.set_quantity(line, &quantity, work)?,
            Command::SetPrice { line, price, reason } => state.set_price(line, &price, &reason, work)?,
            Command::DiscountLine { line, discount, reason } => {
                state.discount(Some(line), &discount, &reason, work)?;
            }
            Command::DiscountCart { discount, reason } => state.discount(None, &discount, &reason, work)?,
            Command::RemoveLine { line } => state.edit(work, |cart| cart.remove(line))?,
            Command::ConfirmAge => state.edit(work, |cart| Ok(cart.age_was_checked()))?,
            Command::Pay => state.pay(work)?,
            Command::BackToLines => state.back_to_lines(work)?,
            Command::CardApproved { amount, reference } => state.card_approved(&amount, &reference, work)?,
            Command::TakeOther { label, amount, reference } => {
                state.take_other(&label, &amount, &reference, work)?;
            }
            Command::GiveBack { tender } => state.change_payment(work, |paying| paying.give_back(tender))?,
            Command::FinishSale { handed } => return state.finish_sale(&handed, work),
            Command::DiscardCart { reason } => return state.discard_cart(&reason, work),
            Command::ParkCart { label } => state.park_cart(&label, work)?,
            Command::RecallCart { sale_id } => state.recall_cart(sale_id, work)?,
            Command::VoidReceipt { sale_id, reason } => return state.void_receipt(sale_id, &reason, work),
            Command::ReprintReceipt { sale_id } => return state.reprint(sale_id),
            Command::FindReceipt { number } => state.find_receipt(&number, work)?,
            Command::ReturnLine { line, quantity } => state.return_line(line, &quantity)?,
            Command::ReturnAll => state.return_all()?,
            Command::ReturnFirst { tender } => state.return_first(tender)?,
            Command::AskRefund { reason, note } => state.ask_refund(&reason, &note, work)?,
            Command::Exchange { reason, note } => state.exchange(reason, note)?,
            Command::RefundCart { reason, note } => state.refund_cart(&reason, &note, work)?,
            Command::StopReturn => state.stop_return()?,
            Command::ApproveSale { subject, email, password, note } => {
                state.approve_sale(subject, email, password, &note, work)?;
            }
            Command::NextCustomer => state.selling.done = None,
            Command::StartPractice => state.start_practice(work)?,
            Command::EndPractice => state.practice = None,
            Command::SpotCount { tally } => state.spot_count(tally, work)?,
            Command::OpenChecklist => state.open_checklist(work)?,
            Command::BeginCount => state.begin_count(false, work)?,
            Command::TakeOverCount => state.begin_count(true, work)?,
            Command::KeepTally { tally } => state.keep_tally(tally, work)?,
            Command::CommitCount { tally } => state.commit_count(tally, work)?,
            Command::CountAgain => state.count_again(work)?,
            Command::LeaveInDrawer { amount } => state.leave_in_drawer(&amount, work)?,
            Command::CloseShift { reason } => state.close_shift(&reason, work)?,
            Command::SettleUncounted { reason } => state.settle_uncounted(&reason, work)?,
            Command::EndShift { reason } => state.end_shift(&reason, work)?,
            Command::CancelShift { reason } => state.cancel_shift(&reason, work)?,
            Command::ForceEnd { session_id, reason } => state.force_end(session_id, &reason, work)?,
            Command::CountEnded { session_id } => state.count_ended(session_id, work)?,
            Command::StopClosing => state.stop_closing(work)?,
            Command::AllowUnsent => state.allow_unsent(work)?,
            Command::AllowUnsentAs { email, password } => {
                state.begin(Call::VerifyManager { email, password }, work)?;
            }
            Command::ApproveCount { email, password, note } => {
                state.approve_count(email, password, &note, work)?;
            }
            Command::OpenBoard { location_id } => state.open_board(location_id, work)?,
            Command::CloseBoard => state.close_board(work),
            Command::ReadDay { date } => state.read_day(date, work)?,
            Command::CloseDay => state.close_day(),
            Command::SettleFlag { sale_id, flag, note } => state.settle_flag(sale_id, flag, &note, work)?,
            Command::OpenSellingRules => state.open_selling_rules(work)?,
            Command::SaveSellingRules { change } => state.save_selling_rules(change, work)?,
            Command::CloseSellingRules => state.close_selling_rules(),
            Command::OpenCatalogue => state.open_catalogue(work)?,
            Command::CloseCatalogue => state.close_catalogue(),
            Command::FindItems { text, after } => state.find_items(text, after, work)?,
            Command::SaveItem { item_id, version, item } => state.save_item(item_id, version, &item, work)?,
            Command::ReadKeptSettings => state.read_kept_settings(work)?,
            Command::SaveQuickKeys { page, keys } => state.save_quick_keys(page, keys, work)?,
            Command::SaveTax { tax, is_removed } => state.save_tax(&tax, is_removed, work)?,
            Command::ReadItemsFile { file_name, content, tax_code } => {
                state.read_items_file(&file_name, &content, tax_code, work)?;
            }
            Command::ShowImport { which, from } => state.show_import(which, from)?,
            Command::StartImport => state.start_import(work)?,
            Command::StopImport => state.stop_import()?,
            Command::CloseImport => state.close_import(work)?,
            Command::ExportItems => state.export_items(work)?,
            Command::ShowXReport => state.show_x_report(work)?,
            Command::ShowZReport { session_id } => state.show_z_report(session_id, work)?,
            Command::DismissReport => state.report = None,
        }
        Ok(Outcome::Done)
    }

    fn take_answer(&mut self, call: &Call, answer: Answer, work: &mut Work<'_>) -> Result<(), Fault> {
        let state = &mut self.state;
        match (call, answer) {
            (Call::Load(LoadFor::Register), Answer::Loaded(answer)) => state.register_loaded(answer, work),
            (Call::Load(LoadFor::Closing), Answer::Loaded(answer)) => state.closing_loaded(answer, work),
            (Call::SignIn { opens_lock: true, .. }, Answer::Staff(answer)) => {
                state.switch_answered(answer, work)
            }
            (Call::SignIn { .. } | Call::ResumeLogin, Answer::Staff(answer)) => {
                state.login_answered(answer, work)
            }
            (Call::ConfirmPassword { user_id, .. }, Answer::Staff(answer)) => {
                state.password_answered(*user_id, answer, work)
            }
            (Call::Registers { location, visibly }, Answer::Registers(answer)) => {
                state.registers_answered(*location, *visibly, answer)
            }
            (Call::OpenSession { intent, agreed_on }, Answer::Opened(answer)) => {
                state.open_answered(intent, *agreed_on, answer, work)
            }
            (Call::Session { id, .. }, Answer::Seen(answer)) => state.session_answered(*id, answer, work),
            (Call::Movements { session }, Answer::Movements(answer)) => {
                state.session_read(*session.clone(), answer.ok(), work);
                Ok(())
            }
            (Call::RecordEntry { entry, .. }, Answer::Recorded(answer)) => {
                state.movement_answered(entry.clone(), answer, work)
            }
            (Call::RecordEntry { entry, .. }, Answer::SaleRecorded(answer)) => {
                state.sale_answered(entry.clone(), answer, work)
            }
            (Call::AskRefund { sale, .. }, Answer::SaleRecorded(answer)) => {
                state.refund_answered(sale, answer, work)
            }
            (Call::FindReceipt { .. }, Answer::SaleFound(answer)) => {
                state.receipt_found(answer.map(|found| *found), work)
            }
            (Call::ApproveSale { subject, approvals, .. }, Answer::Staff(answer)) => {
                let approved = state.sale_approved(*subject, approvals, answer, work);
                approved.inspect_err(|fault| state.fault = Some(fault.clone()))
            }
            (Call::Chain { session }, Answer::Chain(answer)) => state.chain_answered(*session, answer, work),
            (Call::Catalogue { location, to_practise, .. }, Answer::Catalogue(answer)) => {
                let read = state.catalogue_answered(*location, answer, work);
                if *to_practise { state.ready_to_practise(read, work) } else { read }
            }
            (Call::AddItem { lookup, .. }, Answer::Item(answer)) => state.item_answered(lookup, answer, work),
            (Call::CommitCount { count }, Answer::Count(answer)) => {
                state.count_answered(count.id, answer, work)
            }
            (Call::Settle { closing }, answer) => state.settle_answered(closing, answer, work),
            (Call::WholeSession { .. }, Answer::Session(answer)) => {
                let session = answer.inspect_err(|fault| state.record_fault(fault.clone()))?;
                state.learn_session(session, work);
                Ok(())
            }
            (Call::Board { location, visibly }, Answer::Board(answer)) => {
                state.board_answered(*location, *visibly, answer, work.at.now)
            }
            (Call::Day { location, .. }, Answer::Day(answer)) => state.day_answered(*location, answer),
            (Call::SettleFlag { location, sale_id, flag, .. }, Answer::FlagSettled(answer)) => {
                state.flag_answered(*location, (*sale_id, *flag), answer)
            }
            (
                Call::SellingRules { location } | Call::SaveSellingRules { location, .. },
                Answer::Rules(answer),
            ) => state.rules_answered(*location, answer),
            (Call::Items { location, text, after }, Answer::Items(answer)) => {
                state.items_answered((*location, text, *after), answer)
            }
            (Call::AllItems { location, since }, Answer::Items(answer)) => {
                state.all_items_answered(*location, *since, answer, work)
            }
            (Call::SaveItem { location, .. }, Answer::ItemSaved(answer)) => {
                state.item_saved(*location, answer, work)
            }
            (
                Call::KeptSettings { location }
                | Call::SaveQuickKeys { location, .. }
                | Call::SaveTax { location, .. },
                Answer::KeptSettings(answer),
            ) => state.kept_settings_answered(*location, answer),
            (Call::ImportItems { location, places, .. }, Answer::ItemsImported(answer)) => {
                state.import_answered(*location, places, answer, work)
            }
            (Call::XReport { .. } | Call::ZReport { .. }, Answer::Report(answer)) => {
                state.report_answered(answer)
            }
            (Call::VerifyManager { .. }, Answer::Staff(answer)) => {
                let allowed = state.manager_answered(answer, work);
                allowed.inspect_err(|fault| state.fault = Some(fault.clone()))
            }
            (Call::ApproveCount { count, .. }, Answer::Staff(answer)) => {
                let approved = state.approval_answered(*count, answer, work);
                approved.inspect_err(|fault| state.fault = Some(fault.clone()))
            }
            (Call::SignOut | Call::Warm, _) => Ok(()),
            (call, answer) => Err(Fault::new(Code::Internal, format!("{call:?} was answered by {answer:?}"))),
        }
    }

    /// What follows a press or an answer that came to this.
    fn finish(
        &mut self,
        before: State,
        chain: Chain,
        call: Option<Call>,
        result: Result<Outcome, Fault>,
        mut work: Work<'_>,
    ) -> Step {
        self.state.end_practice_elsewhere();
        let mut poll_now = false;
        let next = match (work.call.take(), chain) {
            (Some(call), chain) => Next::Ask(Request { call: Box::new(call), chain }),
            (None, Chain::Press { poll_after, .. }) => {
                // A server that said nothing is asked again in the till's own time.
                let in_vain = |fault: &Fault| fault.is_silence() || fault.code == Code::NotNow;
                poll_now = poll_after && !result.as_ref().is_err_and(in_vain);
                Next::Answer(result)
            }
            (None, Chain::Poll(stage)) => {
                let after = call.as_ref().map(|call| self.state.poll_after(stage, call, result.is_ok()));
                match after {
                    Some((Some(call), Some(stage))) => {
                        Next::Ask(Request { call: Box::new(call), chain: Chain::Poll(stage) })
                    }
                    Some((_, stage)) => self.poll_from(stage, work.at),
                    None => self.poll_from(Some(stage), work.at),
                }
            }
        };
        let is_saved = work.save.iter().any(|write| matches!(write, Write::Staff(_)));
        if !work.save.is_empty() && std::mem::take(&mut self.state.staff_is_unsaved) && !is_saved {
            work.save.insert(0, Write::Staff(self.state.staff.clone()));
        }
        Step { poll_now, ..Step::of(work, next, before, chain, call) }
    }

    fn poll_from(&mut self, stage: Option<PollStage>, at: &Moment) -> Next {
        match stage.and_then(|stage| self.state.next_poll(stage, at)) {
            Some((call, stage)) => Next::Ask(Request { call: Box::new(call), chain: Chain::Poll(stage) }),
            None => Next::PollIn(self.state.poll_interval()),
        }
    }
}

/// Whether what stands on the screen as a fault stays there although this press went well: it came by itself, or is about
/// something else than what people look at.
fn keeps_fault(name: CommandName, before: &State) -> bool {
    use CommandName as C;
    matches!(before.lock, Lock::Locked(_))
        || matches!(name, C::KeepTally | C::LockScreen | C::CancelStart | C::CloseDay | C::DismissReport)
}
