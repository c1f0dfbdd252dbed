//! What people press: mostly what the screen offers and what brings a shift on, sometimes what it does not offer.

use fastrand::Rng;
use onetill_core::{
    Amount, Command, CommandName, MovementKind, MovementRequest, SessionId, Subject, Tally,
    count::Pieces,
    items::{
        typed::TypedItem,
        typed_settings::{TypedComponent, TypedTax},
        view::ImportFilter,
    },
    sale::CartStage,
    sales_sheet::SaleFlag,
    selling::RulesChange,
    selling_view::RefusedContent,
    view::{Screen, Snapshot},
};
use rust_decimal::Decimal;

use crate::{
    shelf::own_code,
    world::{PASSWORD, World},
};

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
        C::FinishSale | C::Pay => 60,
        C::AddAmount | C::AddItem | C::Scan => 16,
        C::CardApproved | C::TakeOther | C::RecallCart | C::VoidReceipt | C::ConfirmAge => 12,
        C::FindReceipt | C::ReturnAll | C::ReturnLine => 24,
        C::ApproveSale => 72,
        C::AskRefund => 60,
        C::Exchange => 30,
        C::RefundCart => 12,
        C::ParkCart | C::SetQuantity | C::DiscountCart | C::DiscountLine | C::GiveBack => 2,
        C::OpenSellingRules | C::SaveSellingRules | C::CloseSellingRules => 4,
        C::SaveItem | C::CloseCatalogue | C::CloseImport | C::StartImport => 4,
        C::Record | C::Unlock | C::ChooseRegister => 12,
        C::OpenChecklist | C::GoOn | C::ApproveCount | C::CountEnded => 8,
        C::TakeBack | C::StartShiftCounted | C::KeepTally | C::ForceEnd | C::CloseBoard => 4,
        C::SignIn => 2,
        C::StartPractice => 8,
        C::EndPractice => 12,
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
        C::RecordAgain => Command::RecordAgain {
            movement_id: shown.refused.iter().find_map(|entry| match &entry.content {
                RefusedContent::Movement { movement, .. } => Some(movement.id),
                RefusedContent::Sale { .. } => None,
            })?,
        },
        C::DismissEntry => Command::DismissEntry { entry_id: rng.choice(&shown.refused)?.entry_id },
        C::SpotCount => Command::SpotCount { tally: sum(Decimal::from(rng.u32(100..300))) },
        C::OpenChecklist => Command::OpenChecklist,
        C::BeginCount => Command::BeginCount,
        C::TakeOverCount => Command::TakeOverCount,
        C::KeepTally => Command::KeepTally { tally: sum(Decimal::from(rng.u32(0..300))) },
        C::CommitCount => Command::CommitCount { tally: counted(world, session, rng)? },
        C::CountAgain => Command::CountAgain,
        C::LeaveInDrawer => {
            Command::LeaveInDrawer { amount: (*rng.choice(&["0", "100.00", "250.00"])?).to_owned() }
        }
        C::CloseShift => Command::CloseShift {
            reason: (*rng.choice(&["", "counted in a hurry", "counted in a hurry"])?).to_owned(),
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
        C::SettleFlag => Command::SettleFlag {
            sale_id: rng.choice(&world.records.sold.sales)?.sale.id,
            flag: *rng.choice(&[SaleFlag::Late, SaleFlag::OverLimit])?,
            note: (*rng.choice(&["Seen", ""])?).to_owned(),
        },
        C::ShowXReport => Command::ShowXReport,
        C::ShowZReport => {
            Command::ShowZReport { session_id: rng.choice(&world.records.sessions)?.session.id }
        }
        C::DismissReport => Command::DismissReport,
        C::OpenSellingRules => Command::OpenSellingRules,
        C::SaveSellingRules => Command::SaveSellingRules { change: rules(rng)? },
        C::CloseSellingRules => Command::CloseSellingRules,
        C::StartPractice => Command::StartPractice,
        C::EndPractice => Command::EndPractice,
        C::OpenCatalogue => Command::OpenCatalogue,
        C::CloseCatalogue => Command::CloseCatalogue,
        C::ExportItems => Command::ExportItems,
        C::StartImport => Command::StartImport,
        C::StopImport => Command::StopImport,
        C::CloseImport => Command::CloseImport,
        C::ShowImport => Command::ShowImport { which: ImportFilter::Refuse, from: rng.usize(0..60) },
        C::ReadKeptSettings => Command::ReadKeptSettings,
        // Of a page that no store has filled, so that everybody's keys stay.
        C::SaveQuickKeys => Command::SaveQuickKeys { page: 9, keys: Vec::new() },
        C::FindItems | C::SaveItem | C::SaveTax | C::ReadItemsFile => return keeps(shown, name, rng),
        _ => return sells(world, shown, name, rng),
    })
}

/// What a manager does to the catalogue.
fn keeps(shown: &Snapshot, name: CommandName, rng: &mut Rng) -> Option<Command> {
    use CommandName as C;
    let Screen::Board { catalogue: Some(catalogue), .. } = &shown.screen else { return None };
    let items = catalogue.items.as_deref().unwrap_or_default();
    let number = rng.u32(1..9);
    Some(match name {
        C::FindItems => Command::FindItems {
            text: (*rng.choice(&["", "Item", "1"])?).to_owned(),
            after: rng.choice(items).map(|item| item.id),
        },
        C::SaveTax => {
            let Screen::Board { location, .. } = &shown.screen else { return None };
            let percent = (*rng.choice(&["19", "7.5", "x"])?).to_owned();
            let tax = TypedTax {
                location_id: Some(location.id),
                // No item has it.
                code: "KEPT".to_owned(),
                name: "Kept".to_owned(),
                components: vec![TypedComponent { name: "All".to_owned(), percent }],
                valid_from: format!("2027-01-0{number}"),
            };
            Command::SaveTax { tax: Box::new(tax), is_removed: rng.bool() }
        }
        C::SaveItem => {
            let known = rng.choice(items).filter(|_item| rng.bool());
            let typed = TypedItem {
                name: format!("Item {number}"),
                short_name: String::new(),
                sku: String::new(),
                unit: String::new(),
                price: (*rng.choice(&["1.00", "2.50", "x"])?).to_owned(),
                price_is_open: false,
                tax_code: String::new(),
                category: String::new(),
                age_limit: String::new(),
                is_active: rng.bool(),
                codes: Vec::new(),
                prices: Vec::new(),
            };
            Command::SaveItem {
                item_id: known.map_or(catalogue.new_id, |item| item.id),
                version: known.map_or(0, |item| item.version),
                item: Box::new(typed),
            }
        }
        _ => {
            let lines = (0..number).map(|line| format!("Item {line},{}.00\n", rng.u32(0..3)));
            let text = format!("name,price\nNo price,\n{}", lines.collect::<String>());
            Command::ReadItemsFile {
                file_name: "items.csv".to_owned(),
                content: data_encoding::BASE64.encode(text.as_bytes()),
                tax_code: None,
            }
        }
    })
}

/// What is pressed on the selling screen.
fn sells(world: &World, shown: &Snapshot, name: CommandName, rng: &mut Rng) -> Option<Command> {
    use CommandName as C;
    let text = |words: &str| words.to_owned();
    let Screen::Register { selling: Some(selling), .. } = &shown.screen else { return None };
    let line = |rng: &mut Rng| {
        let lines = selling.cart.as_ref().map_or(1, |cart| cart.lines.len());
        rng.usize(0..lines.max(1))
    };
    Some(match name {
        C::AddAmount => {
            let key = rng.choice(&selling.amount_keys)?.key.clone();
            let amount = text(rng.choice(&["3.50", "19.99", "0.03", "120.00", "x"])?);
            Command::AddAmount {
                amount,
                quantity: text(rng.choice(&["", "", "2"])?),
                key: Some(key),
                code: None,
            }
        }
        C::AddItem => {
            let key = rng.choice(&selling.keys)?;
            let cheese = onetill_core::ItemId(uuid::Uuid::from_u128((key.item_id.0.as_u128() & !0xff) | 4));
            let item_id = if rng.u8(0..3) == 0 { cheese } else { key.item_id };
            let price = text(if key.price.is_none() { "2.40" } else { "" });
            Command::AddItem { item_id, quantity: text(rng.choice(&["", "0.485", "3"])?), price }
        }
        C::Scan => {
            let seed =
                u64::try_from(selling.keys.first()?.item_id.0.as_u128() >> 8 & u128::from(u64::MAX)).ok()?;
            let code = if rng.u8(0..5) == 0 {
                text("96385074")
            } else {
                own_code(seed & 0xffff_ffff_ffff, rng.u64(0..2))
            };
            Command::Scan { code }
        }
        C::SetQuantity => {
            Command::SetQuantity { line: line(rng), quantity: text(rng.choice(&["2", "0.333", "0"])?) }
        }
        C::SetPrice => Command::SetPrice { line: line(rng), price: text("1.11"), reason: text("damaged") },
        C::DiscountLine => {
            let discount = text(rng.choice(&["", "5%", "0.50", "50%"])?);
            Command::DiscountLine { line: line(rng), discount, reason: text("regular") }
        }
        C::DiscountCart => {
            let discount = text(rng.choice(&["", "10%", "1.00"])?);
            Command::DiscountCart { discount, reason: text("regular") }
        }
        C::RemoveLine => Command::RemoveLine { line: line(rng) },
        C::ConfirmAge => Command::ConfirmAge,
        C::Pay => Command::Pay,
        C::BackToLines => Command::BackToLines,
        C::CardApproved => Command::CardApproved {
            amount: text(rng.choice(&["", "1.00", "5.00", "500.00"])?),
            reference: text("4711"),
        },
        C::TakeOther => Command::TakeOther {
            label: text(rng.choice(&["Voucher", "Voucher", "Shells"])?),
            amount: text(rng.choice(&["1.50", ""])?),
            reference: String::new(),
        },
        C::GiveBack => Command::GiveBack { tender: rng.usize(0..2) },
        C::FinishSale => Command::FinishSale { handed: text(rng.choice(&["", "", "200.00", "1.00"])?) },
        C::DiscardCart => Command::DiscardCart { reason: text("changed their mind") },
        C::ParkCart => Command::ParkCart { label: String::new() },
        C::RecallCart => Command::RecallCart { sale_id: rng.choice(&selling.parked)?.sale_id },
        C::VoidReceipt => {
            let last = selling.receipts.first()?;
            let other = rng.choice(&selling.receipts)?;
            let receipt = if rng.u8(0..4) == 0 { other } else { last };
            Command::VoidReceipt { sale_id: receipt.sale_id, reason: text("mistyped") }
        }
        C::ReprintReceipt => Command::ReprintReceipt { sale_id: rng.choice(&selling.receipts)?.sale_id },
        C::NextCustomer => Command::NextCustomer,
        C::FindReceipt => Command::FindReceipt { number: rng.choice(&selling.receipts)?.number.clone() },
        C::ReturnLine => {
            let line = rng.choice(&selling.returning.as_ref()?.lines)?;
            let all = line.left.map(|left| left.to_string()).unwrap_or_default();
            let some = if rng.bool() { all } else { text(rng.choice(&["1", "0.5", ""])?) };
            Command::ReturnLine { line: usize::try_from(line.line).ok()?, quantity: some }
        }
        C::ReturnAll => Command::ReturnAll,
        C::ReturnFirst => Command::ReturnFirst { tender: rng.usize(0..2) },
        C::AskRefund => Command::AskRefund { reason: text("damaged"), note: String::new() },
        C::Exchange => Command::Exchange { reason: text("other size"), note: String::new() },
        C::RefundCart => Command::RefundCart { reason: text("gift"), note: String::new() },
        C::StopReturn => Command::StopReturn,
        C::ApproveSale => {
            let stage = selling.cart.as_ref().map(|cart| &cart.stage);
            let subject = match (&selling.returning, stage) {
                (Some(returning), _) if !returning.needs.is_empty() => Subject::Refund,
                (None, Some(CartStage::Editing { needs, .. })) if !needs.is_empty() => Subject::Cart,
                (None, Some(CartStage::Editing { refund_needs: Some(needs), .. })) if !needs.is_empty() => {
                    Subject::CartRefund
                }
                (None, None) => {
                    let receipt = selling.receipts.iter().find(|receipt| receipt.void_needs_approval)?;
                    Subject::Void { sale_id: receipt.sale_id }
                }
                _ => return None,
            };
            // Mostly somebody who may.
            let manager = world.records.people.iter().find(|member| member.staff.role.manages());
            let manager = manager.filter(|_| rng.u8(0..4) > 0);
            let email = manager.map(|manager| manager.email.clone()).or_else(|| email(world, rng))?;
            Command::ApproveSale { subject, email, password: PASSWORD.into(), note: String::new() }
        }
        _ => return None,
    })
}

/// How an owner wants things to be from now on.
fn rules(rng: &mut Rng) -> Option<RulesChange> {
    let some = |rng: &mut Rng, value: &str| rng.bool().then(|| value.to_owned());
    Some(RulesChange {
        country: Some("US".to_owned()),
        selling_on: rng.u8(0..3) > 0,
        prices_include_tax: rng.bool(),
        cash_step: some(rng, "0.05"),
        discount_percent_limit: some(rng, "10"),
        sale_limit: some(rng, "100.00"),
        refund_limit: some(rng, "20.00"),
        void_limit: some(rng, "50.00"),
        price_override: rng.bool(),
        no_receipt_refund: true,
        other_tenders: vec!["Voucher".to_owned()],
        receipt_header: None,
        receipt_footer: None,
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
