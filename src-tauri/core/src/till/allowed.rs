//! Whether a command may be pressed now.
//!
//! Invariant: lock, role and step are decided by [`allowed`] and nowhere else. A command that it refuses changes
//! nothing, and what it allows is what [`crate::view::Snapshot::may`] offers the window.

use super::{
    command::CommandName,
    keeping_state::ImportSituation,
    selling_state::CartState,
    situation::{Board, Obstacles, Person, Place, Settling, SettlingStep, Situation},
    state::Login,
};
use crate::{Code, Fault};

/// Whether a command may run now. `till`: `None` at the set-up, where there is no till yet.
///
/// # Errors
/// Why not, in the words of the code: `NotNow` where it does not fit what is going on.
pub(super) fn allowed(till: Option<&Situation>, command: CommandName) -> Result<(), Fault> {
    use CommandName as C;
    let Some(till) = till else {
        return match command {
            C::TestConnection | C::SaveConnection => Ok(()),
            _ => not_now("there is no till yet"),
        };
    };
    let step = till.settling.map(|settling| settling.step);
    if till.locked {
        return match (command, step) {
            (C::Unlock | C::SignIn, _) => Ok(()),
            // What was typed just before the lock may arrive just after, and keeping it shows nothing.
            (C::KeepTally, Some(SettlingStep::Counting { .. })) => Ok(()),
            _ => not_now("the till is locked"),
        };
    }
    if till.place == Place::Practice && !is_for_practice(command) {
        return Err(Fault::new(
            Code::Practising,
            "practice only sells; it has no drawer, count, close or board",
        ));
    }
    let works = till.person != Person::Nobody && till.login != Login::Out;
    let manages = works && matches!(till.person, Person::Manager | Person::Owner);
    let shift = matches!(till.place, Place::Shift { .. });
    let attached = shift || till.place == Place::EarlierDay;
    // What is being settled is all that people look at.
    let settles = matches!(
        step,
        Some(
            SettlingStep::Asked
                | SettlingStep::Counting { .. }
                | SettlingStep::Counted { .. }
                | SettlingStep::Done
        )
    );
    match command {
        C::SignIn
        | C::CheckNow
        | C::DismissFault
        | C::AcknowledgeSetAside
        | C::DismissEntry
        | C::DismissReport => Ok(()),
        C::TestConnection | C::SaveConnection => not_now("a till is at work"),
        C::EditConnection => fits(!works && !attached && till.place != Place::Fenced),
        C::SignOut => fits(works),
        C::LockScreen => {
            let between_shifts = matches!(till.place, Place::NoRegister | Place::Register);
            fits(works || !between_shifts || step.is_some())
        }
        C::Unlock => not_now("the till is open"),

        C::ChooseLocation | C::ReloadRegisters | C::ChooseRegister => {
            fits(works && till.place == Place::NoRegister)
        }
        C::ChangeRegister => fits(works && till.place == Place::Register && !settles),
        C::StartShift | C::StartShiftCounted => {
            fits(works && matches!(till.place, Place::Register | Place::Starting) && !settles)
        }
        C::CancelStart => fits(till.place == Place::Starting),
        C::GoOn => fits(till.place == Place::EarlierDay),
        C::LeaveShift => {
            may_be_left(till)?;
            fits(attached && step.is_none())
        }
        C::AcknowledgeEnd => fits(till.place == Place::Fenced || step == Some(SettlingStep::Done)),

        C::Record | C::TakeBack | C::RecordAgain | C::SpotCount => records(till),
        C::OpenDrawer => fits(matches!(step, Some(SettlingStep::Counting { .. }))),

        C::AddAmount | C::AddItem | C::Scan | C::RecallCart => match sells(till)? {
            CartState::None => begins(till),
            CartState::Editing if command != C::RecallCart => Ok(()),
            _ => not_now("the cart is not open for this"),
        },
        C::SetQuantity
        | C::SetPrice
        | C::DiscountLine
        | C::DiscountCart
        | C::RemoveLine
        | C::ConfirmAge
        | C::Pay => fits(sells(till)? == CartState::Editing),
        C::BackToLines | C::CardApproved | C::TakeOther | C::GiveBack | C::FinishSale => {
            fits(matches!(sells(till)?, CartState::Paying { .. }))
        }
        C::DiscardCart | C::ParkCart => match sells(till)? {
            CartState::Editing | CartState::Paying { money_taken: false } => Ok(()),
            CartState::Paying { money_taken: true } => money_taken(),
            _ => not_now("there is no cart"),
        },
        C::VoidReceipt => {
            begins(till)?;
            fits(sells(till)? == CartState::None)
        }
        C::FindReceipt => {
            records(till)?;
            fits(matches!(sells(till)?, CartState::None | CartState::Returning))
        }
        C::ReturnLine | C::ReturnAll | C::ReturnFirst => fits(shift && sells(till)? == CartState::Returning),
        C::StopReturn => {
            let is_there = [CartState::None, CartState::Editing, CartState::Returning];
            fits(shift && till.cart.is_some_and(|cart| is_there.contains(&cart)))
        }
        C::Exchange => {
            records(till)?;
            fits(till.login == Login::In && sells(till)? == CartState::Returning)
        }
        C::AskRefund => {
            // A press while the answer is awaited asks for the same again.
            let awaits = till.cart == Some(CartState::AwaitingServer);
            if !awaits {
                records(till)?;
            }
            let fitting = awaits || sells(till)? == CartState::Returning;
            fits(shift && till.login == Login::In && fitting)
        }
        C::RefundCart => {
            records(till)?;
            fits(till.login == Login::In && sells(till)? == CartState::Editing)
        }
        C::ApproveSale => {
            let cart = sells(till)?;
            let asks = matches!(cart, CartState::None | CartState::Editing | CartState::Returning);
            fits(shift && till.login == Login::In && asks)
        }
        C::ReprintReceipt | C::NextCustomer | C::Search => {
            fits((shift || till.place == Place::Practice) && till.cart.is_some())
        }
        C::StartPractice => {
            current(till)?;
            let is_free = step.is_none() && till.board == Board::Closed;
            fits(works && till.place == Place::Register && is_free)
        }
        C::EndPractice => fits(till.place == Place::Practice),

        C::OpenChecklist => {
            current(till)?;
            may_be_left(till)?;
            // What its shop was settling here is taken up when somebody signs in, and is not to be replaced before.
            fits(till.person != Person::Nobody && shift && step.is_none())
        }
        C::BeginCount | C::TakeOverCount | C::EndShift | C::CancelShift => match step {
            // Whoever signs in next has pressed nothing.
            Some(SettlingStep::Checklist(_)) if !works => not_now("nobody is signed in"),
            Some(SettlingStep::Checklist(obstacles)) => leaves_checklist(command, obstacles, manages),
            _ => asks_again(step),
        },
        C::KeepTally => fits(matches!(step, Some(SettlingStep::Counting { .. }))),
        C::CommitCount => match step {
            Some(SettlingStep::Counting { .. }) => Ok(()),
            _ => asks_again(step),
        },
        C::SettleUncounted => match step {
            Some(SettlingStep::Counting { ended: true }) => Ok(()),
            _ => asks_again(step),
        },
        C::CountAgain | C::LeaveInDrawer | C::ApproveCount => {
            fits(matches!(step, Some(SettlingStep::Counted { .. })))
        }
        C::CloseShift => match step {
            Some(SettlingStep::Counted { needs_approval: true }) => {
                Err(Fault::new(Code::ApprovalRequired, "not approved yet"))
            }
            Some(SettlingStep::Counted { needs_approval: false }) => Ok(()),
            _ => asks_again(step),
        },
        C::StopClosing => fits(matches!(
            step,
            Some(SettlingStep::Checklist(_) | SettlingStep::Counting { .. } | SettlingStep::Counted { .. })
        )),
        C::AllowUnsent => {
            manager(manages)?;
            fits(matches!(step, Some(SettlingStep::Checklist(_))))
        }
        C::AllowUnsentAs => fits(matches!(step, Some(SettlingStep::Checklist(_)))),
        C::ForceEnd | C::CountEnded => {
            manager(manages)?;
            fits(step.is_none())
        }

        C::OpenBoard => {
            manager(manages && till.login == Login::In)?;
            current(till)?;
            fits(till.place != Place::Fenced && !settles)
        }
        C::CloseBoard | C::ReadDay => fits(till.board != Board::Closed),
        C::CloseDay => fits(till.board == Board::Day),
        C::SettleFlag => {
            manager(manages && till.login == Login::In)?;
            fits(matches!(till.board, Board::Registers | Board::Day))
        }
        C::OpenSellingRules => {
            owner(till)?;
            fits(till.board == Board::Registers)
        }
        C::SaveSellingRules => {
            owner(till)?;
            fits(till.board == Board::SellingRules)
        }
        C::CloseSellingRules => fits(till.board == Board::SellingRules),
        C::OpenCatalogue => {
            manager(manages && till.login == Login::In)?;
            current(till)?;
            fits(till.board == Board::Registers)
        }
        C::SaveTax => {
            owner(till)?;
            fits(till.board == Board::Catalogue(None))
        }
        C::FindItems
        | C::SaveItem
        | C::ReadKeptSettings
        | C::SaveQuickKeys
        | C::ReadItemsFile
        | C::ExportItems
        | C::CloseCatalogue => {
            manager(manages)?;
            fits(till.board == Board::Catalogue(None))
        }
        C::ShowImport => fits(matches!(till.board, Board::Catalogue(Some(_)))),
        C::StartImport => {
            manager(manages)?;
            fits(till.board == Board::Catalogue(Some(ImportSituation::Ready)))
        }
        C::StopImport => fits(till.board == Board::Catalogue(Some(ImportSituation::Busy))),
        C::CloseImport => {
            let at_rest = [ImportSituation::Ready, ImportSituation::Over];
            fits(at_rest.iter().any(|one| till.board == Board::Catalogue(Some(*one))))
        }
        C::ShowXReport => {
            current(till)?;
            fits(attached)
        }
        C::ShowZReport => {
            current(till)?;
            fits(works)
        }
    }
}

/// The commands that may run while there is no till: at the set-up.
#[must_use]
pub fn allowed_at_set_up() -> Vec<CommandName> {
    CommandName::ALL.iter().copied().filter(|name| allowed(None, *name).is_ok()).collect()
}

/// Whether something new may enter the books of the shift that runs here.
fn records(till: &Situation) -> Result<(), Fault> {
    current(till)?;
    let Place::Shift { counted_elsewhere } = till.place else { return not_now("no shift runs here") };
    fits(till.person != Person::Nobody)?;
    if is_counted_here(till) {
        return not_now("this drawer is being counted here");
    }
    // The server hears that a count is given up here before the entry is sent.
    let leaves = till.settling == Some(Settling { own: true, step: SettlingStep::Leaving });
    if counted_elsewhere && !leaves {
        return Err(Fault::new(Code::CountInProgress, "somebody else counts this drawer"));
    }
    Ok(())
}

/// Whether a new cart may begin, or a receipt be taken back.
fn begins(till: &Situation) -> Result<(), Fault> {
    if till.place == Place::Practice { Ok(()) } else { records(till) }
}

/// Where the cart of the shift that runs here, or of practice, stands. One that was begun before somebody counts is finished all the same.
fn sells(till: &Situation) -> Result<CartState, Fault> {
    current(till)?;
    fits(matches!(till.place, Place::Shift { .. } | Place::Practice) && till.person != Person::Nobody)?;
    if is_counted_here(till) {
        return Err(Fault::new(Code::NotNow, "this drawer is being counted here"));
    }
    till.cart.ok_or_else(|| Fault::new(Code::NotNow, "nothing is sold here"))
}

/// Whether the shift may be left or settled as far as its cart goes: nothing was taken for it, and no refund waits for
/// its answer.
fn may_be_left(till: &Situation) -> Result<(), Fault> {
    match till.cart {
        Some(CartState::Paying { money_taken: true }) => money_taken(),
        Some(CartState::AwaitingServer) => {
            Err(Fault::new(Code::OutcomeUnknown, "a refund waits for the server's answer"))
        }
        _ => Ok(()),
    }
}

fn money_taken() -> Result<(), Fault> {
    Err(Fault::new(Code::MoneyTaken, "something was taken for the cart"))
}

fn is_counted_here(till: &Situation) -> bool {
    till.settling.is_some_and(|settling| {
        settling.own && !matches!(settling.step, SettlingStep::Checklist(_) | SettlingStep::Leaving)
    })
}

fn leaves_checklist(command: CommandName, obstacles: Obstacles, manages: bool) -> Result<(), Fault> {
    if obstacles.unsent {
        return Err(Fault::new(Code::UnsentEntries, "entries of this device were not sent"));
    }
    if command == CommandName::TakeOverCount {
        return manager(obstacles.may_take_over);
    }
    if obstacles.counted_elsewhere {
        return Err(Fault::new(Code::CountInProgress, "somebody else counts this drawer"));
    }
    match command {
        CommandName::EndShift => manager(manages || !obstacles.earlier_day),
        CommandName::CancelShift if obstacles.used => {
            Err(Fault::new(Code::SessionNotEmpty, "something happened in this shift"))
        }
        _ => Ok(()),
    }
}

/// A press while an answer is awaited asks for that same answer.
fn asks_again(step: Option<SettlingStep>) -> Result<(), Fault> {
    fits(matches!(step, Some(SettlingStep::Asked | SettlingStep::Ending)))
}

fn current(till: &Situation) -> Result<(), Fault> {
    if till.older_server {
        return Err(Fault::new(Code::OlderServer, "it has no ledger, counts, reports or board"));
    }
    Ok(())
}

fn manager(is_one: bool) -> Result<(), Fault> {
    if is_one { Ok(()) } else { Err(Fault::new(Code::ManagerRequired, "only a manager may do this")) }
}

fn owner(till: &Situation) -> Result<(), Fault> {
    current(till)?;
    match till.person {
        Person::Owner if till.login == Login::In => Ok(()),
        _ => Err(Fault::new(Code::OwnerRequired, "only the owner may do this")),
    }
}

fn fits(it_does: bool) -> Result<(), Fault> {
    if it_does { Ok(()) } else { not_now("this does not fit where the till stands") }
}

fn not_now(why: &str) -> Result<(), Fault> {
    Err(Fault::new(Code::NotNow, why))
}

/// Whether it can mean something while somebody practises. Everything else belongs to a shift or to the office.
fn is_for_practice(command: CommandName) -> bool {
    use CommandName as C;
    let of_the_till = matches!(
        command,
        C::SignIn
            | C::SignOut
            | C::LockScreen
            | C::Unlock
            | C::CheckNow
            | C::DismissFault
            | C::AcknowledgeSetAside
            | C::DismissReport
            | C::StartPractice
            | C::EndPractice
    );
    of_the_till || command.sells()
}
