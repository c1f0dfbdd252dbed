//! What people press: mostly what the screen offers and what brings a shift on, sometimes what it does not offer.

use fastrand::Rng;
use onetill_core::{
    Amount, Command, CommandName, MovementKind, MovementRequest, SessionId, Tally,
    count::Pieces,
    view::{Screen, Snapshot},
};
use rust_decimal::Decimal;

use crate::world::{PASSWORD, World};

/// The next press at this device; `None` where nobody knows what to press.
pub(crate) fn next(world: &World, device: usize, rng: &mut Rng) -> Option<Command> {
    let shown = &world.devices[device].shown;
    let names: Vec<CommandName> = if rng.u8(0..25) == 0 {
        CommandName::ALL.to_vec()
    } else {
        shown.may.iter().flat_map(|name| std::iter::repeat_n(*name, weight(*name))).collect()
    };
    // Some have no example at some places.
    (0..5).find_map(|_try| command(world, shown, *rng.choice(&names)?, rng))
}

fn weight(name: CommandName) -> usize {
    use CommandName as C;
    match name {
        // The shell carries them out.
        C::TestConnection | C::SaveConnection | C::EditConnection | C::OpenDrawer => 0,
        C::StartShift | C::BeginCount | C::CommitCount | C::CloseShift | C::AcknowledgeEnd => 24,
        C::Record | C::Unlock | C::ChooseRegister => 12,
        C::OpenChecklist | C::GoOn | C::ApproveCount | C::CountEnded => 8,
        C::TakeBack | C::StartShiftCounted | C::KeepTally | C::ForceEnd | C::CloseBoard => 4,
        C::SignIn => 2,
        _ => 1,
    }
}

fn command(world: &World, shown: &Snapshot, name: CommandName, rng: &mut Rng) -> Option<Command> {
    use CommandName as C;
    let password = |rng: &mut Rng| (if rng.u8(0..8) == 0 { "wrong" } else { PASSWORD }).into();
    let session = attached(shown);
    Some(match name {
        C::TestConnection | C::SaveConnection | C::EditConnection | C::OpenDrawer => return None,
        C::SignIn => {
            let email = email(world, rng)?;
            Command::SignIn { email, password: password(rng) }
        }
        C::SignOut => Command::SignOut,
        C::LockScreen => Command::LockScreen,
        C::Unlock => {
            let Screen::Locked { holder, others, .. } = &shown.screen else { return None };
            let people: Vec<_> = holder.iter().chain(others).collect();
            Command::Unlock { user_id: rng.choice(people)?.user_id, password: password(rng) }
        }
        C::ChooseLocation => {
            let locations = &shown.staff.as_ref()?.locations;
            Command::ChooseLocation { location_id: rng.choice(locations)?.id }
        }
        C::ReloadRegisters => Command::ReloadRegisters,
        C::ChooseRegister => {
            let Screen::ChooseRegister { registers: Some(registers), .. } = &shown.screen else {
                return None;
            };
            Command::ChooseRegister { register_id: rng.choice(registers)?.id }
        }
        C::ChangeRegister => Command::ChangeRegister,
        C::StartShift => Command::StartShift {
            opening_cash: (*rng.choice(&["200.00", "200.00", "150.00"])?).to_owned(),
            accept_earlier_day: rng.bool(),
        },
        C::StartShiftCounted => {
            Command::StartShiftCounted { tally: pieces("20", 10), accept_earlier_day: rng.bool() }
        }
        C::CancelStart => Command::CancelStart,
        C::GoOn => Command::GoOn,
        C::LeaveShift => Command::LeaveShift,
        C::AcknowledgeEnd => Command::AcknowledgeEnd,
        C::CheckNow => Command::CheckNow,
        C::DismissFault => Command::DismissFault,
        C::AcknowledgeSetAside => Command::AcknowledgeSetAside,
        C::Record => Command::Record { request: request(rng)? },
        C::TakeBack => {
            let Screen::Register { movements, .. } = &shown.screen else { return None };
            let movement_id = rng.choice(movements)?.entry.movement.id;
            Command::TakeBack { movement_id, reason: "mistyped".to_owned() }
        }
        C::RecordAgain => Command::RecordAgain { movement_id: refused(shown)? },
        C::DismissEntry => Command::DismissEntry { movement_id: refused(shown)? },
        C::SpotCount => Command::SpotCount { tally: sum(Decimal::from(rng.u32(100..300))) },
        C::OpenChecklist => Command::OpenChecklist,
        C::BeginCount => Command::BeginCount,
        C::TakeOverCount => Command::TakeOverCount,
        C::KeepTally => Command::KeepTally { tally: sum(Decimal::from(rng.u32(0..300))) },
        C::CommitCount => Command::CommitCount { tally: counted(world, session, rng)? },
        C::CountAgain => Command::CountAgain,
        C::CloseShift => Command::CloseShift {
            reason: (*rng.choice(&["", "counted in a hurry", "counted in a hurry"])?).to_owned(),
            left_in_drawer: (*rng.choice(&["0", "100.00"])?).to_owned(),
        },
        C::SettleUncounted => Command::SettleUncounted { reason: "nobody was there".to_owned() },
        C::EndShift => Command::EndShift { reason: String::new() },
        C::CancelShift => Command::CancelShift { reason: String::new() },
        C::ForceEnd => Command::ForceEnd { session_id: to_settle(shown)?, reason: "forgotten".to_owned() },
        C::CountEnded => Command::CountEnded { session_id: to_settle(shown)? },
        C::StopClosing => Command::StopClosing,
        C::AllowUnsent => Command::AllowUnsent,
        C::AllowUnsentAs => Command::AllowUnsentAs { email: email(world, rng)?, password: password(rng) },
        C::ApproveCount => {
            let (email, password) = (email(world, rng)?, password(rng));
            Command::ApproveCount { email, password, note: String::new() }
        }
        C::OpenBoard => Command::OpenBoard { location_id: None },
        C::CloseBoard => Command::CloseBoard,
        C::ReadDay => Command::ReadDay { date: None },
        C::CloseDay => Command::CloseDay,
        C::ShowXReport => Command::ShowXReport,
        C::ShowZReport => {
            Command::ShowZReport { session_id: rng.choice(&world.records.sessions)?.session.id }
        }
        C::DismissReport => Command::DismissReport,
    })
}

/// Mostly somebody of the first shop.
fn email(world: &World, rng: &mut Rng) -> Option<String> {
    let people = &world.records.people;
    let first = people.first()?.staff.vendor_id;
    let own: Vec<_> = people.iter().filter(|member| member.staff.vendor_id == first).collect();
    let member = if rng.u8(0..6) == 0 { rng.choice(people)? } else { rng.choice(own)? };
    Some(member.email.clone())
}

fn request(rng: &mut Rng) -> Option<MovementRequest> {
    use MovementKind as K;
    Some(MovementRequest {
        kind: *rng.choice(&[K::PayIn, K::PayOut, K::PayOut, K::SafeDrop, K::FloatTopUp, K::NoSale])?,
        amount: (*rng.choice(&["1.01", "2.50", "19.99", "300.00"])?).to_owned(),
        reason: "test".to_owned(),
        note: String::new(),
        reference: String::new(),
    })
}

fn refused(shown: &Snapshot) -> Option<onetill_core::MovementId> {
    let refused = shown.queue.iter().find(|entry| !entry.state.is_pending())?;
    Some(refused.movement.id)
}

/// The session on the screen.
fn attached(shown: &Snapshot) -> Option<SessionId> {
    match &shown.screen {
        Screen::Register { session, .. } | Screen::Closing { session, .. } => Some(session.id),
        _ => None,
    }
}

/// A session that somebody else has left open or uncounted.
fn to_settle(shown: &Snapshot) -> Option<SessionId> {
    match &shown.screen {
        Screen::Board { board: Some(board), .. } => {
            let of = |one: &onetill_core::board::BoardRegister| {
                one.uncounted.first().or(one.open_session.as_ref()).map(|session| session.id)
            };
            board.registers.iter().find_map(of)
        }
        Screen::StartShift { register, .. } => register.open_session.as_ref().map(|session| session.id),
        _ => None,
    }
}

/// What is in the drawer, or a little or much more.
fn counted(world: &World, session: Option<SessionId>, rng: &mut Rng) -> Option<Tally> {
    let known = world.records.sessions.iter().any(|row| Some(row.session.id) == session);
    let expected = session.filter(|_| known).map_or(Decimal::ZERO, |id| world.records.expected(id).decimal());
    let off = *rng.choice(&[0, 0, 0, 3, 10, 50])?;
    Some(sum((expected + Decimal::from(off)).max(Decimal::ZERO)))
}

fn sum(amount: Decimal) -> Tally {
    Tally::Sum { amount: Amount::from(amount) }
}

fn pieces(value: &str, count: u32) -> Tally {
    let value = value.parse().expect("an amount");
    Tally::Pieces { pieces: vec![Pieces { value, count }] }
}
