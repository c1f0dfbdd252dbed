//! What was sold: receipts, their chain and their way to the server; and what the server says of selling here.
//!
//! Invariants: an entry, its place in the chain, its receipt and the cart that it takes the place of are one write (S1, S2,
//! S8), and only then does the drawer open or paper leave; what the server has of a chain is never gone behind.

use super::{
    command::Outcome,
    effect::{Call, CatalogueRead, Moment, Work, Write},
    selling_state::SoldAs,
    state::{Login, State, not_now},
};
use crate::{
    Code, Device, Entry, EntryContent, EntryState, Fault, LocationId, RegisterId, Sale, SaleId, SaleKind,
    SaleSlip, SessionId,
    ids::EntryId,
    sale::{ApprovalKind, ChainHead, KeptReceipt, Parked, Sealed, approved_by, void, void_needs},
    sale_receipt::Standing,
    selling::{SaleRecorded, ShopSettings},
    selling_view::{
        AmountKeyView, DoneView, ParkedView, QuickKeyView, ReceiptState, ReceiptView, RefusedContent,
        RefusedEntry, SellingView,
    },
    view::Screen,
};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

/// How long rules, keys and prices that were read are good before they are asked for again.
const RULES_ARE_GOOD_FOR: SignedDuration = SignedDuration::from_secs(15);

impl State {
    /// Puts an entry behind the chain, into the queue and among the receipts. What is to be on paper is the answer.
    pub(super) fn record_sale(
        &mut self,
        sealed: Sealed,
        approved_by: Option<String>,
        work: &mut Work<'_>,
    ) -> Result<Outcome, Fault> {
        let Sealed { sale, head } = sealed;
        let register = self.place()?.register.id;
        self.enqueue(EntryContent::Sale(Box::new(sale.clone())), work)?;
        self.move_chain(head, work)?;
        if sale.receipt.number.is_none() {
            return Ok(Outcome::Done);
        }
        let original = sale.original_id.and_then(|id| self.receipt(id));
        let original_number = original.map(|original| original.number().to_owned());
        let receipt = KeptReceipt { original_number, approved_by, ..self.receipt_of(sale, work) };
        self.selling.done = Some(receipt.sale.id);
        work.open_drawer = receipt.moves_cash();
        let slip = self.slip(&receipt, false)?;
        self.keep_receipt(register, receipt, work);
        Ok(Outcome::Receipt { slip: Box::new(slip) })
    }

    /// The chain goes on behind an entry.
    pub(super) fn move_chain(&mut self, head: ChainHead, work: &mut Work<'_>) -> Result<(), Fault> {
        work.save(Write::Chain(self.place()?.register.id, head.clone()));
        self.selling.kept.chain = Some(head);
        Ok(())
    }

    /// The receipt of an entry that is made now, by who is signed in.
    pub(super) fn receipt_of(&self, sale: Sale, work: &Work<'_>) -> KeptReceipt {
        let last = self.selling.kept.receipts.last().map(|receipt| receipt.made_at);
        let now = work.at.store_time();
        let maker = self.staff.as_ref().filter(|staff| staff.user_id == sale.recorded_by);
        let by_name = maker.map(|staff| staff.display_name.clone()).unwrap_or_default();
        KeptReceipt::new(sale, by_name, last.map_or(now, |last| last.max(now)))
    }

    /// What a receipt says on paper.
    fn slip(&self, receipt: &KeptReceipt, copy: bool) -> Result<SaleSlip, Fault> {
        let location = &self.place()?.location;
        let shop = self.selling.shop().ok_or_else(not_now)?;
        Ok(SaleSlip {
            sale: receipt.sale.clone(),
            vendor_name: self.staff.as_ref().map(|staff| staff.vendor_name.clone()).unwrap_or_default(),
            location_name: location.name.clone(),
            header: shop.rules.receipt_header.clone(),
            footer: shop.rules.receipt_footer.clone(),
            served_by: Some(receipt.by_name.clone()).filter(|name| !name.is_empty()),
            original_number: receipt.original_number.clone(),
            sold_at: receipt.made_at,
            timezone: location.timezone.clone(),
            standing: self.standing(shop),
            copy,
        })
    }

    /// What paper from here is worth. Where the law wants a certified register and a store's own server lets it sell all
    /// the same, the paper says that it is none.
    fn standing(&self, shop: &ShopSettings) -> Standing {
        match (self.selling.is_practice, shop.rules.needs_certificate) {
            (true, _) => Standing::Practice,
            (false, true) => Standing::NotFiscal,
            (false, false) => Standing::Receipt,
        }
    }

    pub(super) fn keep_receipt(&mut self, register: RegisterId, receipt: KeptReceipt, work: &mut Work<'_>) {
        self.selling.kept.remember(&receipt);
        work.save(Write::Receipt(register, Box::new(receipt)));
    }

    /// Takes a receipt of this till and of the running shift back, whole.
    pub(super) fn void_receipt(
        &mut self,
        id: SaleId,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<Outcome, Fault> {
        let original = self.receipt_to_void(id)?.clone();
        let (role, rules) = self.seller()?;
        let approved = self.selling.approved_void.take().filter(|approved| approved.original == id);
        let (void_id, approvals) =
            approved.map_or((SaleId(work.at.id), Vec::new()), |approved| (approved.id, approved.approvals));
        let (chain, stamp) = (self.chain()?, self.stamp(work)?);
        let sealed = void(&original.sale, void_id, reason, &approvals, (role, &rules), chain, stamp)?;
        self.record_sale(sealed, approved_by(&approvals), work)
    }

    /// A receipt that can be voided now, if perhaps not by who is signed in alone.
    pub(super) fn receipt_to_void(&self, id: SaleId) -> Result<&KeptReceipt, Fault> {
        let original = self.receipt(id).ok_or_else(not_now)?;
        if self.can_come_back(original) {
            Ok(original)
        } else {
            Err(Fault::new(Code::CannotVoid, "voided, refused, or out of reach"))
        }
    }

    /// Whether nothing is known here that keeps a receipt from being voided: it stands, and where the server is not
    /// heard it is the last one, of which nothing can have come back elsewhere.
    fn can_come_back(&self, receipt: &KeptReceipt) -> bool {
        let is_last = self.selling.kept.receipts.last().is_some_and(|last| last.sale.id == receipt.sale.id);
        let is_heard = match &self.device {
            Device::Attached(attached) => attached.is_confirmed(),
            _ => false,
        };
        receipt.sale.kind == SaleKind::Sale
            && self.attached_session().is_some_and(|session| session.id == receipt.sale.session_id)
            && !self.has_come_back(receipt.sale.id)
            && self.stands(receipt)
            && (is_last || is_heard)
    }

    /// Whether it was voided here, or something of it was refunded.
    fn has_come_back(&self, id: SaleId) -> bool {
        let takes_it_back = |receipt: &&KeptReceipt| receipt.sale.original_id == Some(id);
        self.selling.kept.receipts.iter().filter(takes_it_back).any(|receipt| self.stands(receipt))
    }

    fn voided_by(&self, id: SaleId) -> Option<&KeptReceipt> {
        self.selling.kept.receipts.iter().find(|receipt| {
            receipt.sale.kind == SaleKind::Void
                && receipt.sale.original_id == Some(id)
                && self.stands(receipt)
        })
    }

    /// Whether it is on record, or still may be.
    fn stands(&self, receipt: &KeptReceipt) -> bool {
        !matches!(self.receipt_state(receipt), ReceiptState::Refused { .. } | ReceiptState::Dismissed)
    }

    /// How many receipts of a session came after it was settled.
    pub(super) fn late_receipts(&self, session: SessionId) -> usize {
        let of_session = self.selling.kept.receipts.iter().filter(|kept| kept.sale.session_id == session);
        of_session.filter(|kept| kept.accepted.as_ref().is_some_and(|accepted| accepted.late)).count()
    }

    /// What a receipt of this till says, for paper once more.
    pub(super) fn reprint(&mut self, id: SaleId) -> Result<Outcome, Fault> {
        let is_first = self.selling.to_print.take_if(|waits| *waits == id).is_some();
        let receipt = self.receipt(id).ok_or_else(not_now)?;
        Ok(Outcome::Receipt { slip: Box::new(self.slip(receipt, !is_first)?) })
    }

    fn receipt(&self, id: SaleId) -> Option<&KeptReceipt> {
        self.selling.kept.receipts.iter().find(|receipt| receipt.sale.id == id)
    }

    fn receipt_state(&self, receipt: &KeptReceipt) -> ReceiptState {
        if self.selling.is_practice {
            return ReceiptState::Practice;
        }
        let id = EntryId::from(receipt.sale.id);
        let waiting = self.queue.iter().find(|entry| entry.id() == id);
        match (waiting.map(|entry| &entry.state), &receipt.accepted) {
            (Some(EntryState::Refused { code, .. }), _) => ReceiptState::Refused { code: *code },
            (_, Some(accepted)) => {
                ReceiptState::Recorded { late: accepted.late, is_flagged: !accepted.flags.is_empty() }
            }
            (None, None) => ReceiptState::Dismissed,
            (Some(_), None) => ReceiptState::Waiting,
        }
    }

    /// The chain of this device's receipts on this register.
    pub(super) fn chain(&self) -> Result<&ChainHead, Fault> {
        self.selling.kept.chain.as_ref().ok_or_else(not_now)
    }

    /// The highest receipt that this till has given out; `None` where it has no letter.
    pub(super) fn last_receipt(&self) -> Option<u64> {
        self.selling.kept.chain.as_ref().map(|chain| chain.last_receipt)
    }

    /// The server has an entry of the sales ledger.
    pub(super) fn sale_recorded(&mut self, entry: &Entry, recorded: SaleRecorded, work: &mut Work<'_>) {
        // What was thrown away, and what came late, changes nothing of the session: a higher revision is somebody
        // else's doing.
        let counts = entry.sale().is_some_and(|sale| sale.kind != SaleKind::Discard) && !recorded.late;
        if counts && self.is_attached_to(entry.session_id()) {
            self.carry_expected_cash(entry, recorded.revision);
        }
        self.selling.sent.take_if(|(id, _)| *id == entry.id());
        let known = self.selling.kept.receipts.iter().find(|receipt| entry.id() == receipt.sale.id.into());
        if let Some(receipt) = known.cloned() {
            let accepted = Some(recorded.into());
            self.keep_receipt(entry.register_id, KeptReceipt { accepted, ..receipt }, work);
        }
    }

    /// What is to be known of selling: its rules when they were not asked for lately, the letter of this till once for
    /// each session.
    pub(super) fn next_selling_read(&mut self, at: &Moment) -> Option<Call> {
        let session = self.attached_session().map(|session| session.id);
        if session.is_none() && self.practice.is_none() {
            return None;
        }
        if self.login != Login::In || at.older_server {
            return None;
        }
        let now = at.now;
        // The rules first: where selling was switched off there is no letter, however often it is asked for.
        let asked = self.selling.rules_asked_at;
        let is_good = |at: Timestamp| now.duration_since(at).abs() < RULES_ARE_GOOD_FOR;
        if !asked.is_some_and(is_good) || self.selling.more_to_read {
            self.selling.rules_asked_at = Some(now);
            return Some(Call::Catalogue {
                location: self.place().ok()?.location.id,
                settings_at: self.selling.kept.shop.as_ref().and_then(|shop| shop.read_at),
                goes_on: self.selling.more_to_read,
                to_practise: false,
            });
        }
        let session = session?;
        if self.selling.shop().is_some() && self.selling.chain_asked_for != Some(session) {
            self.selling.chain_asked_for = Some(session);
            return Some(Call::Chain { session });
        }
        None
    }

    /// A page of the catalogue was read and is in its file.
    pub(super) fn catalogue_answered(
        &mut self,
        location: LocationId,
        answer: Result<CatalogueRead, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        self.selling.more_to_read = false;
        // Nobody waits for it: what was read before goes on being good.
        let read = answer?;
        self.selling.more_to_read = read.more;
        let settings = read.settings.map(|shop| ShopSettings { read_at: Some(read.cursor), ..shop });
        if let Some(shop) = settings
            && self.place().is_ok_and(|place| place.location.id == location)
            && self.selling.kept.shop.as_ref() != Some(&shop)
        {
            work.save(Write::Shop(location, shop.clone()));
            self.tell_practice(&shop);
            self.selling.kept.shop = Some(shop);
        }
        Ok(())
    }

    /// Where the chain of this till stands as far as the server knows. What was sold since stands behind it; where the
    /// server knows more, this file is an older copy, and goes on from there.
    pub(super) fn chain_answered(
        &mut self,
        session: SessionId,
        answer: Result<ChainHead, Fault>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let told = answer.inspect_err(|_| self.selling.chain_asked_for = None)?;
        let Some(register) = self.attached_session().filter(|here| here.id == session) else { return Ok(()) };
        let register = register.register_id;
        let known = self.selling.kept.chain.as_ref();
        let is_ahead = known.is_some_and(|known| {
            (known.till, &known.prefix) == (told.till, &told.prefix)
                && known.last_entry >= told.last_entry
                && known.last_receipt >= told.last_receipt
        });
        if !is_ahead {
            work.save(Write::Chain(register, told.clone()));
            self.selling.kept.chain = Some(told);
        }
        Ok(())
    }

    /// The selling screen, where selling is on.
    pub(super) fn selling_view(&self) -> Option<Box<SellingView>> {
        let shop = self.selling.shop()?;
        let role = self.staff.as_ref()?.role;
        let kept = &self.selling.kept;
        let rates = self.rates();
        let percent = |code: Option<&str>| {
            let of_code = rates.iter().filter(|rate| Some(rate.tax_code.as_str()) == code);
            let sum: Decimal = of_code.map(|rate| rate.rate.decimal()).sum();
            (!sum.is_zero()).then(|| (sum * Decimal::ONE_HUNDRED).normalize().to_string())
        };
        let amount_keys = self.selling.sold_as(&rates).into_iter().map(|sold_as| {
            let (name, code) = match &sold_as {
                SoldAs::Item(key, item) => {
                    (key.label.as_deref().unwrap_or(&item.name), item.tax_code.as_deref())
                }
                SoldAs::Tax(code, name) => (*name, *code),
            };
            AmountKeyView { key: sold_as.key(), name: name.to_owned(), percent: percent(code) }
        });
        let receipts = kept.receipts.iter().rev().map(|receipt| self.receipt_view(receipt));
        Some(Box::new(SellingView {
            is_ready: kept.chain.is_some(),
            cart: kept.cart.as_ref().and_then(|cart| cart.view(role, &shop.rules).ok()),
            amount_keys: amount_keys.collect(),
            keys: keys_of(shop),
            other_tenders: shop.rules.other_tenders.clone(),
            parked: kept.parked.iter().filter_map(parked_view).collect(),
            returning: self.returning_view(),
            to_print: self.selling.to_print,
            done: self.selling.done.and_then(|id| self.receipt(id)).map(done_view),
            receipts: receipts.take(MOST_SHOWN).collect(),
        }))
    }

    fn receipt_view(&self, receipt: &KeptReceipt) -> ReceiptView {
        let void_needs = self.void_needs(&receipt.sale);
        ReceiptView {
            sale_id: receipt.sale.id,
            kind: receipt.sale.kind,
            number: receipt.number().to_owned(),
            total: receipt.sale.totals.total,
            cash_back: receipt.cash_back(),
            made_at: receipt.made_at,
            by_name: receipt.by_name.clone(),
            state: self.receipt_state(receipt),
            voided_by: self.voided_by(receipt.sale.id).map(|void| void.number().to_owned()),
            approved_by: receipt.approved_by.clone(),
            can_be_voided: self.can_come_back(receipt) && void_needs.is_ok(),
            void_needs_approval: void_needs.is_ok_and(|needs| !needs.is_empty()),
            can_be_refunded: self.can_be_refunded(receipt),
        }
    }

    /// Whether the server can be asked what of it can still come back.
    fn can_be_refunded(&self, receipt: &KeptReceipt) -> bool {
        receipt.sale.kind == SaleKind::Sale
            && receipt.accepted.is_some()
            && self.voided_by(receipt.sale.id).is_none()
            && !self.selling.is_practice
    }

    /// What a manager has to approve before who is signed in voids so much, and has not yet.
    pub(super) fn void_needs(&self, sale: &Sale) -> Result<Vec<ApprovalKind>, Fault> {
        let own_till = self.selling.kept.chain.as_ref().is_some_and(|chain| chain.till == sale.receipt.till);
        let approved = self.selling.approved_void.as_ref().filter(|approved| approved.original == sale.id);
        let approvals = approved.map(|approved| approved.approvals.as_slice()).unwrap_or_default();
        let (role, rules) = self.seller()?;
        Ok(void_needs(sale, own_till, (role, &rules), approvals)?)
    }

    /// What the server decided against, as far as it is of the shop that works here.
    pub(super) fn refused_entries(&self, screen: &Screen) -> Vec<RefusedEntry> {
        if matches!(
            screen,
            Screen::Setup { .. } | Screen::SignIn { .. } | Screen::Register { practice: true, .. }
        ) {
            return Vec::new();
        }
        let signed_in = self.staff.as_ref().filter(|_| self.login != Login::Out);
        let vendor = signed_in.map(|staff| staff.vendor_id);
        let vendor = vendor.or_else(|| self.attached_session().map(|session| session.vendor_id));
        let here = match screen {
            Screen::Register { session, .. } => Some(session.id),
            _ => None,
        };
        let of_shop = self.queue.iter().filter(|entry| Some(entry.vendor_id) == vendor);
        let refused = of_shop.filter_map(|entry| {
            let EntryState::Refused { code, .. } = &entry.state else { return None };
            let content = match &entry.content {
                EntryContent::Movement(movement) => RefusedContent::Movement {
                    // What took back an entry of this very shift was refused for that entry's sake: recorded anew it
                    // would count twice.
                    can_be_recorded_again: here
                        .is_some_and(|here| movement.reverses.is_none() || movement.session_id != here),
                    movement: movement.clone(),
                },
                EntryContent::Sale(sale) => RefusedContent::Sale {
                    sale_kind: sale.kind,
                    number: sale.receipt.number.clone(),
                    total: sale.totals.total,
                    made_at: sale.device_time,
                },
            };
            Some(RefusedEntry {
                entry_id: entry.id(),
                session_number: entry.session_number.clone(),
                code: *code,
                content,
                can_be_dismissed: self.may_dismiss(entry),
            })
        });
        refused.collect()
    }

    /// Whether who is signed in may take a refused entry off the list: of a sale this is the only copy that anybody
    /// looks at, and takes a manager.
    pub(super) fn may_dismiss(&self, entry: &Entry) -> bool {
        entry.sale().is_none() || (self.login != Login::Out && self.manages())
    }
}

/// The most receipts that the window lists.
const MOST_SHOWN: usize = 50;

fn keys_of(shop: &ShopSettings) -> Vec<QuickKeyView> {
    let known = shop.keys.iter().filter_map(|key| key.item.as_ref().map(|item| (key, item)));
    let keys = known.map(|(key, item)| QuickKeyView {
        page: key.page,
        place: key.place,
        item_id: key.item_id,
        label: key.label.clone().unwrap_or_else(|| item.name.clone()),
        colour: key.colour.clone(),
        price: item.price.filter(|_| !item.price_is_open),
        unit: item.unit.clone(),
    });
    keys.collect()
}

fn parked_view(parked: &Parked) -> Option<ParkedView> {
    use crate::sale::Cart;
    let (cart, money_taken) = match &parked.cart {
        Cart::Editing(cart) => (cart, false),
        Cart::Paying(paying) => (paying.cart(), paying.has_money()),
        Cart::AwaitingServer(_) => return None,
    };
    Some(ParkedView {
        sale_id: cart.id(),
        label: parked.label.clone(),
        by_name: parked.by_name.clone(),
        parked_at: parked.parked_at,
        lines: cart.lines().len(),
        total: cart.figures().ok()??.sums.total,
        money_taken,
    })
}

fn done_view(receipt: &KeptReceipt) -> DoneView {
    DoneView {
        sale_id: receipt.sale.id,
        kind: receipt.sale.kind,
        number: receipt.number().to_owned(),
        total: receipt.sale.totals.total,
        tendered: receipt.tendered(),
        cash_back: receipt.cash_back(),
        no_change: receipt.sale.kind == SaleKind::Sale && receipt.cash_back().decimal().is_zero(),
        other_back: Some(receipt.other_back()).filter(|amount| !amount.decimal().is_zero()),
    }
}
