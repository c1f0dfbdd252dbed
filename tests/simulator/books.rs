//! What was sold, held against what is on disk and on record: one press of *Pay* is one sale, numbers have no gap, and the
//! drawer is right to the cent.

use std::collections::{BTreeMap, BTreeSet};

use onetill_core::{
    Amount, Code, EntryId, RegisterId, Sale, SaleId, SaleKind, SaleSlip, SessionId, SessionStatus,
    ports::{DeviceStore, PersistedState},
    sale::{CartStage, CartView, Digest, KeptReceipt, Returned, check_refund, check_void, seal},
    sale_receipt::Standing,
    selling::CataloguePage,
    selling_view::{ReceiptState, RefusedContent, RefusedEntry},
    session::Totals,
    till::{Answer, Call},
    view::{Screen, Snapshot},
};
use rust_decimal::Decimal;

use crate::{
    check::{Checked, must},
    disk::Disk,
    ledger::{effect, plus},
    server::Records,
    shelf::Shop,
    world::{World, code},
};

/// What a device is known to have done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    /// What it recorded and nobody has decided against, with what it does to the drawer.
    pub(crate) standing: BTreeMap<EntryId, (SessionId, Decimal)>,
    /// Receipts that were printed, not as copies.
    pub(crate) printed: BTreeSet<SaleId>,
    /// Entries that once had to wait for somebody, and so may be overtaken.
    pub(crate) put_aside: BTreeSet<EntryId>,
    /// An older copy of the file was put in its place.
    pub(crate) restored: bool,
    /// The file was set aside.
    pub(crate) set_aside: bool,
    /// How many receipts of practice were printed, copies too.
    pub(crate) practised: usize,
}

impl Books {
    /// Whether everything that it recorded went its usual way.
    pub(crate) fn is_whole(&self) -> bool {
        !self.restored && self.put_aside.is_empty()
    }

    /// Learns what waits on the disk, and what was refunded.
    pub(crate) fn learn(&mut self, disk: &Disk) {
        let receipts = disk.load().expect("a readable disk").selling.receipts;
        for KeptReceipt { sale, accepted, .. } in &receipts {
            if sale.kind == SaleKind::Refund && accepted.as_ref().is_some_and(|accepted| !accepted.late) {
                self.standing.insert(sale.id.into(), (sale.session_id, sale.totals.net_cash.decimal()));
            }
        }
        for entry in disk.load().expect("a readable disk").queue {
            let id = entry.id();
            if entry.state.is_pending() {
                self.standing.insert(id, (entry.session_id(), entry.effect()));
            } else {
                self.standing.remove(&id);
            }
            if entry.state != onetill_core::EntryState::Waiting {
                self.put_aside.insert(id);
            }
        }
    }
}

/// What the server's figure was at a revision, and what was in it.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    expected: Amount,
    entries: BTreeSet<EntryId>,
}

impl Records {
    /// Notes what the figure of each session is at the revision that it has come to.
    pub(crate) fn note_revisions(&mut self) {
        for at in 0..self.sessions.len() {
            let session = self.sessions[at].session.clone();
            let key = (session.id, self.revision(&session));
            if !self.figures.contains_key(&key) {
                let movements = self.of_session(session.id).map(|row| EntryId::from(row.movement.id));
                let sales = self.sold_in(session.id).map(|row| EntryId::from(row.sale.id));
                let entries = movements.chain(sales).collect();
                self.figures.insert(key, Figure { expected: self.expected(session.id), entries });
            }
        }
    }
}

/// Whether a sale has the number of practice, which has no till.
fn is_tried(sale: &Sale) -> bool {
    let number = sale.receipt.number.as_deref();
    sale.receipt.till == 0 && number.is_none_or(|number| number.starts_with("PRACTICE-"))
}

/// What is shown in practice is practice alone: nothing of what is really kept here, and nothing that looks like it.
pub(crate) fn is_practice(shown: &Snapshot) -> Checked {
    let Screen::Register { session, movements, expected_cash, selling: Some(selling), .. } = &shown.screen
    else {
        return must(false, "S15", || format!("nothing can be sold in practice: {shown:?}"));
    };
    let invented = session.id.0.is_nil() && movements.is_empty() && expected_cash.is_none();
    must(invented, "S15", || format!("a shift shows through practice: {:?}", shown.screen))?;
    for receipt in &selling.receipts {
        let is_one = receipt.state == ReceiptState::Practice && receipt.number.starts_with("PRACTICE-");
        must(is_one, "S15", || format!("{receipt:?} is shown in practice"))?;
    }
    Ok(())
}

/// Nothing of practice is on the disk.
fn no_practice_is_kept(file: &PersistedState) -> Checked {
    let sales = file.queue.iter().filter_map(onetill_core::Entry::sale);
    let kept = file.selling.receipts.iter().map(|receipt| &receipt.sale);
    let tried: Vec<_> = sales.chain(kept).filter(|sale| sale.receipt.till == 0).collect();
    must(tried.is_empty(), "S15", || format!("practice is on the disk: {tried:?}"))?;
    let chain = file.selling.chain.as_ref();
    must(chain.is_none_or(|chain| chain.till > 0), "S15", || format!("practice has moved {chain:?}"))
}

/// The drawer opens, and paper leaves, for what is on disk and for nothing else; each receipt once.
pub(crate) fn only_what_is_on_disk(
    disk: &Disk,
    books: &mut Books,
    made_before: usize,
    printed: Option<&SaleSlip>,
    opened: bool,
) -> Checked {
    let is_new = disk.entries_made() > made_before;
    must(!opened || is_new, "S2", || "the drawer opens, and nothing was recorded".to_owned())?;
    let Some(SaleSlip { sale, copy, standing, .. }) = printed else { return Ok(()) };
    let number = sale.receipt.number.as_deref().unwrap_or_default();
    if *standing == Standing::Practice {
        books.practised += 1;
        let is_new = is_new || disk.has_sale(sale) || !is_tried(sale);
        return must(!is_new, "S15", || format!("{number} is practice, and more than that"));
    }
    must(!is_tried(sale), "S15", || format!("{number} is practice, and does not say so"))?;
    must(disk.has_sale(sale), "S2", || format!("{number} is printed, and is not on disk"))?;
    // A refund is printed once people see that the server has it.
    let is_new = is_new || sale.kind == SaleKind::Refund;
    must(*copy || is_new, "S2", || format!("{number} is printed, and is not new"))?;
    must(*copy || books.printed.insert(sale.id), "S1", || format!("{number} is printed twice"))
}

/// What has to hold on a device after every step.
pub(crate) fn step(world: &World, device: usize, shown: &Snapshot) -> Checked {
    let of = &world.devices[device];
    let file = of.disk.load().expect("a readable disk");
    let made = of.disk.made();
    must(made.made_again.is_empty() || of.books.restored, "S12", || {
        format!("carts were paid twice: {:?}", made.made_again)
    })?;
    let paid: BTreeSet<SaleId> = made.sales.keys().copied().collect();
    let waits = file.selling.parked.iter().map(|parked| parked.cart.id());
    let waits = waits.chain(file.selling.cart.iter().map(onetill_core::sale::Cart::id));
    if !of.books.restored {
        for id in waits {
            must(!paid.contains(&id), "S12", || format!("cart {id} was finished, and is still there"))?;
        }
    }
    no_practice_is_kept(&file)?;
    let Screen::Register { session, expected_cash, selling, practice: false, .. } = &shown.screen else {
        return Ok(());
    };
    if let Some(selling) = selling {
        for receipt in &selling.receipts {
            let on_disk = file.selling.receipts.iter().any(|kept| kept.sale.id == receipt.sale_id);
            must(on_disk || of.unsaved, "S2", || format!("{} is shown, and is not on disk", receipt.number))?;
        }
        for kept in file.selling.receipts.iter().filter(|kept| kept.sale.kind == SaleKind::Refund) {
            let recorded = world.records.has(kept.sale.id.into());
            must(recorded == 1, "S2", || {
                format!("money was handed out for {}, which is {recorded} times on record", kept.number())
            })?;
        }
        if let Some(done) = &selling.done {
            must(made.sales.contains_key(&done.sale_id), "S2", || {
                format!("{} is shown as done, and is not on disk", done.number)
            })?;
        }
    }
    match expected_cash {
        Some(expected) => drawer_is_right(world, device, session.id, session.revision, *expected),
        None => Ok(()),
    }
}

/// A restart finds the cart, what the terminal approved for it, the parked carts and the receipts.
pub(crate) fn sold_is_kept(shown: &Snapshot, restarted: &Snapshot) -> Checked {
    let of = |shown: &Snapshot| match &shown.screen {
        Screen::Register { selling: Some(selling), .. } => {
            let receipts = selling.receipts.iter().map(|one| (one.sale_id, one.state.clone()));
            let cart = selling.cart.clone().map(nobody_knows);
            Some((cart, selling.parked.clone(), receipts.collect::<Vec<_>>()))
        }
        _ => None,
    };
    let (Some(now), Some(again)) = (of(shown), of(restarted)) else { return Ok(()) };
    must(now == again, "S12", || format!("a restart would show {again:?} in place of {now:?}"))
}

/// After a restart nobody knows whether a refund has reached the server.
fn nobody_knows(cart: CartView) -> CartView {
    match cart.stage {
        CartStage::AwaitingServer { cash, .. } => {
            CartView { stage: CartStage::AwaitingServer { cash, may_have_run: true }, ..cart }
        }
        _ => cart,
    }
}

/// Expected cash as shown is the server's figure as far as it was heard, and what was recorded here besides, once.
fn drawer_is_right(
    world: &World,
    device: usize,
    session: SessionId,
    revision: i64,
    shown: Amount,
) -> Checked {
    let records = &world.records;
    let is_open = records
        .sessions
        .iter()
        .any(|row| row.session.id == session && row.session.status == SessionStatus::Open);
    let Some(figure) = records.figures.get(&(session, revision)).filter(|_| is_open) else { return Ok(()) };
    let own = world.devices[device]
        .books
        .standing
        .iter()
        .filter(|(id, (of, _))| *of == session && !figure.entries.contains(id));
    let own: Decimal = own.map(|(_, (_, effect))| *effect).sum();
    let right = figure.expected.decimal() + own;
    must(shown.decimal() == right, "S4", || {
        format!(
            "device {device} shows {shown} in the drawer at revision {revision}: {} on record, {own} here",
            figure.expected
        )
    })
}

/// What has to hold on the server after every call.
pub(crate) fn records(records: &Records, call: &Call, answer: &Answer, world: &World) -> Checked {
    let mut seen = BTreeSet::new();
    for row in &records.sold.sales {
        let sale = &row.sale;
        must(seen.insert(sale.id), "S1", || format!("{} is there twice", sale.id))?;
        must(sale.receipt.till > 0, "S15", || format!("{} is practice, and on record", sale.id))?;
        if let Some(original) = sale.original_id {
            must(seen.contains(&original), "S10", || format!("{} came before {original}", sale.id))?;
        }
    }
    for row in &records.sessions {
        let session = &row.session;
        let of_session = records.sold_in(session.id).filter(|row| !row.late);
        let sum = of_session.map(|row| effect(&row.sale)).fold(Totals::default(), plus);
        must(sum == session.totals, "S3", || {
            format!("{} has totals of {:?}, its entries sum to {sum:?}", session.id, session.totals)
        })?;
        if let Some(report) = &row.report {
            must(report.totals == session.totals, "S9", || {
                format!("{} was settled with {:?}, and has {:?}", session.id, report.totals, session.totals)
            })?;
        }
    }
    for row in &records.sold.sales {
        comes_back_once(records, &row.sale)?;
    }
    let Call::RecordEntry { entry, .. } = call else { return Ok(()) };
    let Some(sale) = entry.sale() else { return Ok(()) };
    // Who recorded it may be unknown to the shift: then it waits for a manager (`refused_for_good`). What an older copy of a
    // file made may be there already.
    let restored = world.devices.iter().any(|device| device.books.restored);
    let refused = code(answer).filter(|code| *code != Code::UserMismatch && !restored);
    must(refused.is_none(), if sale.kind == SaleKind::Void { "S10" } else { "S2" }, || {
        format!("{:?} {} is refused with {refused:?}", sale.kind, sale.id)
    })
}

/// Of a receipt no more comes back than was sold, to the cent; it is voided once, and never after a refund unless the till
/// could not know of it, which is flagged.
fn comes_back_once(records: &Records, original: &Sale) -> Checked {
    let mut refunds: Vec<&Sale> = Vec::new();
    let mut voided = false;
    for row in records.sold.sales.iter().filter(|row| row.sale.original_id == Some(original.id)) {
        let sale = &row.sale;
        if sale.kind == SaleKind::Void {
            let is_told = refunds.is_empty() || row.flags.iter().any(|flag| flag == "refund_beyond");
            must(!voided && is_told, "S6", || format!("{} is voided by {}", original.id, sale.id))?;
            must(check_void(sale, original).is_ok(), "S6", || {
                format!("the void of {} is not the opposite of it", original.id)
            })?;
            voided = true;
        } else {
            must(!voided, "S6", || format!("{} was voided, and comes back", original.id))?;
            let back = check_refund(sale, original, &Returned::of(refunds.iter().copied()));
            must(back.is_ok(), "S5", || format!("{} comes back by {}: {back:?}", original.id, sale.id))?;
            refunds.push(sale);
        }
    }
    Ok(())
}

/// What has to hold when everything has settled.
pub(crate) fn settled(world: &World) -> Checked {
    for (number, device) in world.devices.iter().enumerate() {
        knows_its_shop(world, number)?;
        let sales = device.disk.made().sales;
        for id in sales.keys() {
            let recorded = world.records.has(EntryId::from(*id));
            must(recorded <= 1, "S1", || format!("{id} is {recorded} times on record"))?;
        }
    }
    let made: Vec<BTreeMap<SaleId, Sale>> = world
        .devices
        .iter()
        .map(|device| {
            let made = device.disk.made();
            // A refund is on record before its till has heard so.
            made.asked.into_iter().chain(made.sales).collect()
        })
        .collect();
    for row in &world.records.sold.sales {
        let is_made = made.iter().any(|made| made.get(&row.sale.id) == Some(&row.sale));
        let restored = world.devices.iter().any(|device| device.books.restored);
        must(is_made || restored, "S2", || format!("nobody made {}", row.sale.id))?;
    }
    numbers(world)
}

/// The numbers of each till, on record and still here, and its chain.
fn numbers(world: &World) -> Checked {
    let restored = world.devices.iter().any(|device| device.books.restored);
    let mut tills: BTreeMap<(RegisterId, u16), BTreeMap<u64, Sale>> = BTreeMap::new();
    let mut put = |register: RegisterId, sale: &Sale| {
        let before = tills
            .entry((register, sale.receipt.till))
            .or_default()
            .insert(sale.receipt.chain_seq, sale.clone());
        let same = before.is_none_or(|before| before.id == sale.id);
        must(same || restored, "S8", || {
            format!("till {} has two entries {}", sale.receipt.till, sale.receipt.chain_seq)
        })
    };
    let mut last: BTreeMap<(RegisterId, u16), u64> = BTreeMap::new();
    let aside: BTreeSet<EntryId> =
        world.devices.iter().flat_map(|device| device.books.put_aside.iter().copied()).collect();
    for row in &world.records.sold.sales {
        put(row.register, &row.sale)?;
        let (till, place) = (row.sale.receipt.till, row.sale.receipt.chain_seq);
        if restored || aside.contains(&row.sale.id.into()) {
            continue;
        }
        let before = last.insert((row.register, till), place).unwrap_or(0);
        must(place > before, "S10", || format!("entry {place} of till {till} came after {before}"))?;
        let odd = row.flags.iter().find(|flag| ["number_repeated", "chain_broken"].contains(&flag.as_str()));
        must(odd.is_none(), "S8", || format!("{} is flagged {odd:?}", row.sale.id))?;
    }
    for device in &world.devices {
        for (id, sale) in device.disk.made().sales {
            let session = world.records.sessions.iter().find(|row| row.session.id == sale.session_id);
            let register = session.map(|row| row.session.register_id);
            let register =
                register.ok_or_else(|| crate::check::Broken::new("S2", format!("{id} is of no shift")))?;
            put(register, &sale)?;
        }
    }
    if restored {
        return Ok(());
    }
    for ((_, till), entries) in tills {
        let mut before = Digest::default();
        let mut receipt = 0;
        for ((place, sale), expected) in entries.iter().zip(1..) {
            must(seal(sale) == sale.receipt.hash, "S8", || {
                format!("the hash of {} is not its own", sale.id)
            })?;
            let is_next = sale.receipt.seq.is_none_or(|seq| seq == receipt + 1);
            let follows = sale.receipt.prev_hash == before;
            must(*place == expected && is_next && follows, "S8", || {
                format!("entry {place} of till {till} follows {}, receipt {receipt}", expected - 1)
            })?;
            receipt = sale.receipt.seq.unwrap_or(receipt);
            before = sale.receipt.hash;
        }
    }
    Ok(())
}

/// A till in a shift sells where selling is on, one in practice everywhere, by the rules and at the prices of the store.
fn knows_its_shop(world: &World, number: usize) -> Checked {
    let device = &world.devices[number];
    let Screen::Register { location, selling, practice, .. } = &device.shown.screen else { return Ok(()) };
    let Some(shop) = world.records.shop(location.id) else { return Ok(()) };
    let is_on = shop.settings.rules.selling_on;
    must(*practice || selling.is_some() == is_on, "liveness", || {
        format!("device {number}: selling is on: {is_on}, and shown: {}", selling.is_some())
    })?;
    let file = device.disk.load().expect("a readable disk").selling;
    let ready =
        selling.as_ref().is_none_or(|selling| selling.is_ready && (*practice || file.chain.is_some()));
    must(ready, "liveness", || format!("device {number} has no letter"))?;
    let known = file.shop.map(|mut kept| {
        kept.keys.iter_mut().for_each(|key| key.item = None);
        kept.read_at = None;
        kept
    });
    must(known.as_ref() == Some(&shop.settings), "S14", || {
        format!("device {number} sells by {known:?}, the store has {:?}", shop.settings)
    })?;
    let mut here = device.shelf.items(location.id);
    here.retain(|one| shop.items.iter().any(|item| item.item.id == one.item.id));
    let same = here.len() == shop.items.len()
        && here.iter().all(|one| shop.items.iter().any(|item| item.item == one.item));
    must(same, "S14", || format!("device {number} has {here:?}, the store {:?}", shop.items))
}

/// The real catalogue says what the model has.
pub(crate) fn sold_alike(shop: Option<&Shop>, page: &CataloguePage) -> Checked {
    let Some(shop) = shop else { return Ok(()) };
    if let Some(settings) = &page.settings {
        must(*settings == shop.settings, "model", || {
            format!("the model sells by {:?}, the database by {settings:?}", shop.settings)
        })?;
    }
    for one in &page.items {
        let modelled = shop.items.iter().find(|item| item.item.id == one.item.id);
        must(modelled.is_none_or(|item| item.item == one.item), "model", || {
            format!("the model has {modelled:?}, the database {one:?}")
        })?;
    }
    Ok(())
}

/// A sale of somebody of whom the shift never heard waits for a manager's login, and is not refused for good.
pub(crate) fn refused_for_good(shown: &Snapshot) -> Checked {
    let is_lost = |entry: &&RefusedEntry| {
        matches!(entry.content, RefusedContent::Sale { .. }) && entry.code == Code::UserMismatch
    };
    let lost = shown.refused.iter().find(is_lost);
    must(lost.is_none(), "S2", || format!("nobody can send {lost:?} any more"))
}
