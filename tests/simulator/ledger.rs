//! The server's half of selling as a model: letters, the ledger of sales, and the rules that an owner keeps.
//!
//! Invariant: an entry is recorded once and answered alike ever after; what is right is never refused for policy or for
//! coming late, only flagged.

use jiff::{SignedDuration, Timestamp};
use onetill_core::{
    Amount, Code, LocationId, RegisterId, Sale, SaleId, SaleKind, SessionId, SessionStatus, Staff,
    sale::{
        ApprovalKind, ChainHead, Digest, Half, Original, Returned, SellingRules, check, check_refund,
        check_void, digest, discount_allowed, seal,
    },
    sale::{TaxRate, receipt_number},
    sales_sheet::{SaleFlag, SettledFlag},
    selling::{ApprovalAsked, RulesChange, SaleOnServer, SaleRecorded, SaleRef, SaleSummary},
    session::Totals,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    plants::Plant,
    server::{Member, Records, Told, refused},
    shelf::Shop,
};

/// By so much a device's clock may be wrong before its entries are flagged.
const CLOCK: SignedDuration = SignedDuration::from_mins(10);

/// A device's letter on a register.
#[derive(Clone, Debug)]
pub(crate) struct TillRow {
    register: RegisterId,
    device: Uuid,
    till: u16,
    /// The highest receipt that it has told of.
    issued: u64,
    /// Up to where its receipts are here without a gap.
    arrived: u64,
    chain: (u64, Digest),
}

/// An entry on record.
#[derive(Clone, Debug)]
pub(crate) struct SaleRow {
    pub(crate) sale: Sale,
    pub(crate) register: RegisterId,
    pub(crate) late: bool,
    pub(crate) flags: Vec<String>,
    pub(crate) recorded_at: Timestamp,
    /// What managers said to its flags.
    settled: Vec<(SaleFlag, SettledFlag)>,
}

/// An approval on record.
#[derive(Clone, Debug)]
struct ApprovalRow {
    asked: ApprovalAsked,
    used: bool,
}

/// Letters and entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sold {
    tills: Vec<TillRow>,
    pub(crate) sales: Vec<SaleRow>,
    approvals: Vec<ApprovalRow>,
}

/// What an entry adds to the totals of its session.
pub(crate) fn effect(sale: &Sale) -> Totals {
    let signed = |amount: Amount| match sale.kind {
        SaleKind::Sale => amount,
        SaleKind::Refund | SaleKind::Void => Amount::from(-amount.decimal()),
        SaleKind::Discard => Amount::ZERO,
    };
    Totals {
        total_sales: signed(sale.totals.total),
        total_transactions: u32::from(sale.kind == SaleKind::Sale),
        total_cash: sale.totals.net_cash,
        total_card: sale.totals.net_card,
    }
}

/// Both together.
pub(crate) fn plus(one: Totals, other: Totals) -> Totals {
    let sum = |one: Amount, other: Amount| Amount::from(one.decimal() + other.decimal());
    Totals {
        total_sales: sum(one.total_sales, other.total_sales),
        total_transactions: one.total_transactions + other.total_transactions,
        total_cash: sum(one.total_cash, other.total_cash),
        total_card: sum(one.total_card, other.total_card),
    }
}

impl Records {
    pub(crate) fn shop(&self, location: LocationId) -> Option<&Shop> {
        self.shops.iter().find(|shop| shop.location == location)
    }

    fn prefix(&self, register: RegisterId) -> String {
        let place = self.places.iter().find(|place| place.register.id == register).expect("a register");
        place.register.register_number.clone()
    }

    /// `pos_till`.
    pub(crate) fn till(&mut self, me: &Staff, session: SessionId, device: Uuid) -> Told<ChainHead> {
        let session = self.require(me, session)?.session;
        if !self.shop(session.location_id).is_some_and(|shop| shop.settings.rules.selling_on) {
            return refused(Code::SellingOff);
        }
        let register = session.register_id;
        let prefix = self.prefix(register);
        let of_register = |row: &&TillRow| row.register == register;
        let known = self.sold.tills.iter().filter(of_register).find(|row| row.device == device).cloned();
        let row = match known {
            Some(row) => row,
            None if session.status != SessionStatus::Open => return refused(Code::SessionOver),
            None => {
                let last = self.sold.tills.iter().filter(of_register).map(|row| row.till).max();
                let till = last.unwrap_or(0) + 1;
                let row =
                    TillRow { register, device, till, issued: 0, arrived: 0, chain: (0, Digest::default()) };
                self.sold.tills.push(row.clone());
                row
            }
        };
        Ok(ChainHead {
            prefix,
            till: row.till,
            last_receipt: row.issued,
            last_entry: row.chain.0,
            last_hash: row.chain.1,
        })
    }

    /// What every poll says of the receipts that are still to come.
    pub(crate) fn hear_receipts(&mut self, session: SessionId, told: Option<u64>, device: Uuid) {
        let register = self.sessions.iter().find(|row| row.session.id == session);
        let register = register.map(|row| row.session.register_id);
        let here = |row: &&mut TillRow| Some(row.register) == register && row.device == device;
        if let (Some(told), Some(row)) = (told, self.sold.tills.iter_mut().find(here)) {
            row.issued = row.issued.max(told);
        }
    }

    /// `pos_record_sale`.
    pub(crate) fn record_sale(
        &mut self,
        me: &Staff,
        sale: &Sale,
        told: Option<u64>,
        device: Uuid,
    ) -> Told<SaleRecorded> {
        let known = self.sold.sales.iter().find(|row| row.sale.id == sale.id).cloned();
        if let Some(known) = known.filter(|_| self.plant != Some(Plant::ServerSellsTwice)) {
            if digest(&known.sale) != digest(sale) || known.sale.session_id != sale.session_id {
                return refused(Code::KeyReused);
            }
            let session = self.require(me, sale.session_id)?.session;
            let revision = self.revision(&session);
            return Ok(SaleRecorded { late: known.late, flags: known.flags, revision, replayed: true });
        }
        let session = self.require(me, sale.session_id)?.session;
        let sold_here = |row: &SaleRow| {
            row.sale.session_id == sale.session_id && row.sale.recorded_by == sale.recorded_by
        };
        let of_the_shop =
            |one: &Member| one.staff.user_id == sale.recorded_by && one.staff.vendor_id == session.vendor_id;
        // For somebody of the place of whom the shift never heard, a manager's login vouches.
        let vouched = me.role.manages() && self.people.iter().any(of_the_shop);
        if sale.recorded_by != me.user_id
            && !vouched
            && !self.works_on(sale.recorded_by, &session)
            && !self.sold.sales.iter().any(sold_here)
        {
            return refused(Code::UserMismatch);
        }
        let register = session.register_id;
        let (till, seq) = (sale.receipt.till, sale.receipt.seq);
        let number = seq.map(|seq| receipt_number(&self.prefix(register), till, seq));
        let row = self.sold.tills.iter().find(|row| row.register == register && row.till == till).cloned();
        let Some(row) = row.filter(|_| sale.receipt.number == number) else {
            return refused(Code::BadReceipt);
        };
        let original = match sale.original_id {
            None if check(sale).is_err() => return refused(Code::BadSale),
            None => None,
            Some(id) => Some(self.original(id, sale)?),
        };
        let late = matches!(session.status, SessionStatus::Closed | SessionStatus::Cancelled);
        let mut flags = Vec::new();
        let mut flag = |holds: bool, name: &str| flags.extend(holds.then(|| name.to_owned()));
        flag(late, "late");
        let came_back = original.as_ref().is_some_and(|one| self.refunds(one.id).next().is_some());
        flag(sale.kind == SaleKind::Void && came_back, "refund_beyond");
        flag(self.is_repeated(&row, seq), "number_repeated");
        flag(self.is_broken(&row, sale), "chain_broken");
        let ahead = sale.device_time.duration_since(self.now);
        let before = session.opened_at.duration_since(sale.device_time);
        flag(ahead > CLOCK || before > CLOCK, "clock_off");
        if original.is_none() && sale.kind != SaleKind::Discard {
            let shop = self.shop(session.location_id).cloned().unwrap_or_default();
            for name in shop.flags(sale, session.business_date) {
                flag(true, name);
            }
        }
        let needs = self.needed_approvals(sale, original.as_ref(), session.location_id);
        flag(!self.use_approvals(sale, needs), "over_limit");

        let entry =
            SaleRow { sale: sale.clone(), register, late, flags, recorded_at: self.now, settled: Vec::new() };
        self.sold.sales.push(entry.clone());
        self.advance(&row, sale, told.filter(|_| row.device == device));
        let counts = !late || self.plant == Some(Plant::ServerCountsLate);
        if counts && sale.kind != SaleKind::Discard {
            let lost = self.plant == Some(Plant::ServerLosesDelta) && sale.kind == SaleKind::Void;
            let added = if lost { Totals::default() } else { effect(sale) };
            self.change(session.id, |row| row.session.totals = plus(row.session.totals, added));
        }
        let session = self.require(me, sale.session_id)?.session;
        let revision = self.revision(&session);
        Ok(SaleRecorded { late, flags: entry.flags, revision, replayed: false })
    }

    /// `pos_settle_flag`.
    pub(crate) fn settle_flag(
        &mut self,
        me: &Staff,
        id: SaleId,
        flag: SaleFlag,
        note: &str,
    ) -> Told<SettledFlag> {
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        let flagged = |row: &&mut SaleRow| row.sale.id == id && row.flags.iter().any(|it| it == flag.name());
        let Some(row) = self.sold.sales.iter_mut().find(flagged) else { return refused(Code::SaleNotFound) };
        if let Some((_, settled)) = row.settled.iter().find(|(of, _)| *of == flag) {
            return Ok(settled.clone());
        }
        let settled = SettledFlag { by_name: me.display_name.clone(), at: self.now, note: note.to_owned() };
        row.settled.push((flag, settled.clone()));
        Ok(settled)
    }

    /// The receipt that a void takes back.
    fn original(&self, id: SaleId, entry: &Sale) -> Told<Sale> {
        let Some(original) = self.sold.sales.iter().find(|row| row.sale.id == id) else {
            return refused(Code::SaleNotFound);
        };
        let original = original.sale.clone();
        if self.is_voided(id) && self.plant != Some(Plant::ServerVoidsTwice) {
            return refused(Code::AlreadyVoided);
        }
        if entry.kind == SaleKind::Refund {
            let beyond = self.plant == Some(Plant::ServerRefundsBeyond);
            let left = check_refund(entry, &original, &Returned::of(self.refunds(id)));
            return if left.is_ok() || beyond { Ok(original) } else { refused(Code::NothingLeft) };
        }
        if original.session_id != entry.session_id || check_void(entry, &original).is_err() {
            return refused(Code::BadSale);
        }
        Ok(original)
    }

    fn is_voided(&self, id: SaleId) -> bool {
        let is_void = |row: &SaleRow| row.sale.kind == SaleKind::Void && row.sale.original_id == Some(id);
        self.sold.sales.iter().any(is_void)
    }

    fn refunds(&self, id: SaleId) -> impl Iterator<Item = &Sale> {
        let is_one = move |sale: &&Sale| sale.kind == SaleKind::Refund && sale.original_id == Some(id);
        self.sold.sales.iter().map(|row| &row.sale).filter(is_one)
    }

    /// `pos_sale`.
    pub(crate) fn sale(&self, me: &Staff, which: &SaleRef) -> Told<SaleOnServer> {
        let found = self.sold.sales.iter().rev().find(|row| match which {
            SaleRef::Id(id) => row.sale.id == *id,
            SaleRef::Number(number) => row.sale.receipt.number.as_ref() == Some(number),
        });
        let Some(row) = found else { return refused(Code::SaleNotFound) };
        let Ok(of) = self.require(me, row.sale.session_id) else { return refused(Code::SaleNotFound) };
        let (id, voided) = (row.sale.id, self.is_voided(row.sale.id));
        let summary = |row: &SaleRow| SaleSummary {
            id: row.sale.id,
            receipt_number: row.sale.receipt.number.clone(),
            kind: row.sale.kind,
            original_id: row.sale.original_id,
            total: row.sale.totals.total,
            tenders: row.sale.tenders.clone(),
            by_name: String::new(),
            recorded_at: row.recorded_at,
            device_time: None,
            late: row.late,
            flags: row.flags.clone(),
        };
        let of_it = self.sold.sales.iter().filter(|other| other.sale.original_id == Some(id));
        let refunds: Vec<SaleSummary> = of_it.map(summary).collect();
        // Of what is no sale, or was voided, nothing is left.
        let original = if row.sale.kind == SaleKind::Sale && !voided {
            Original { sale: row.sale.clone(), returned: Returned::of(self.refunds(id)) }
        } else {
            Original::from_left(row.sale.clone(), &[], &[])
        };
        Ok(SaleOnServer {
            original,
            by_name: String::new(),
            business_date: of.session.business_date,
            recorded_at: row.recorded_at,
            late: row.late,
            flags: row.flags.clone(),
            voided,
            refunds,
        })
    }

    /// How many approvals were used.
    pub(crate) fn approvals_used(&self) -> usize {
        self.sold.approvals.iter().filter(|row| row.used).count()
    }

    /// `pos_approve`.
    pub(crate) fn approve_sale(&mut self, me: &Staff, asked: &ApprovalAsked) -> Told<()> {
        if let Some(known) = self.sold.approvals.iter().find(|row| row.asked.id == asked.id) {
            return if known.asked == *asked { Ok(()) } else { refused(Code::KeyReused) };
        }
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        self.require(me, asked.session_id)?;
        self.sold.approvals.push(ApprovalRow { asked: asked.clone(), used: false });
        Ok(())
    }

    fn of_till<'a>(&'a self, till: &'a TillRow) -> impl Iterator<Item = &'a Sale> {
        let here = |row: &&SaleRow| row.register == till.register && row.sale.receipt.till == till.till;
        self.sold.sales.iter().filter(here).map(|row| &row.sale)
    }

    fn is_repeated(&self, row: &TillRow, seq: Option<u64>) -> bool {
        seq.is_some_and(|seq| {
            seq <= row.arrived || self.of_till(row).any(|sale| sale.receipt.seq == Some(seq))
        })
    }

    fn is_broken(&self, row: &TillRow, sale: &Sale) -> bool {
        let (link, prev, hash) = (sale.receipt.chain_seq, sale.receipt.prev_hash, sale.receipt.hash);
        let neighbour = |other: &Sale| {
            let there = other.receipt.chain_seq;
            there == link
                || (there + 1 == link && other.receipt.hash != prev)
                || (there == link + 1 && other.receipt.prev_hash != hash)
        };
        let does_not_follow = if link == row.chain.0 + 1 {
            prev != row.chain.1
        } else {
            link <= row.chain.0
                && ((link == 1 && prev != Digest::default()) || self.of_till(row).any(neighbour))
        };
        seal(sale) != hash || does_not_follow
    }

    /// What of an entry is more than its maker may do alone.
    fn needed_approvals(
        &self,
        sale: &Sale,
        original: Option<&Sale>,
        location: LocationId,
    ) -> Vec<ApprovalKind> {
        let Some(shop) = self.shop(location) else { return Vec::new() };
        let (rules, totals) = (&shop.settings.rules, &sale.totals);
        let manages = self.member(sale.recorded_by).staff.role.manages();
        let beyond = |limit: Option<Amount>| limit.is_some_and(|limit| totals.total > limit);
        let mut needs = Vec::new();
        let mut need = |holds: bool, kind| needs.extend(holds.then_some(kind));
        let without_receipt = sale.kind == SaleKind::Refund && original.is_none();
        need(without_receipt && (!manages || !rules.no_receipt_refund), ApprovalKind::NoReceipt);
        if manages {
            return needs;
        }
        match sale.kind {
            SaleKind::Sale => {
                let allowed = |gross: Amount| discount_allowed(gross, rules, 2).decimal();
                let of_lines: Decimal = sale.lines.iter().map(|line| allowed(line.gross)).sum();
                let of_line = sale.lines.iter().any(|line| line.discount.decimal() > allowed(line.gross));
                let of_all = totals.discount.decimal() > allowed(totals.gross).max(of_lines);
                let other_price = sale
                    .lines
                    .iter()
                    .any(|line| line.list_price.is_some_and(|price| price != line.unit_price));
                need(of_line || of_all, ApprovalKind::Discount);
                need(other_price && !rules.price_override, ApprovalKind::Price);
                need(beyond(rules.sale_limit), ApprovalKind::Amount);
            }
            SaleKind::Void => {
                let other_till = original.is_some_and(|one| one.receipt.till != sale.receipt.till);
                need(beyond(rules.void_limit) || other_till, ApprovalKind::Refund);
            }
            SaleKind::Refund => need(beyond(rules.refund_limit), ApprovalKind::Refund),
            SaleKind::Discard => {}
        }
        needs
    }

    /// Whether everything that it needs was approved, up to what it comes to; each approval is used once.
    fn use_approvals(&mut self, sale: &Sale, needs: Vec<ApprovalKind>) -> bool {
        needs.into_iter().fold(true, |all, kind| {
            let figure =
                if kind == ApprovalKind::Discount { sale.totals.discount } else { sale.totals.total };
            let fits = |row: &&mut ApprovalRow| {
                let is_enough =
                    kind == ApprovalKind::Price || row.asked.limit.is_some_and(|limit| limit >= figure);
                let is_its_own = row.asked.sale_id == sale.id && row.asked.session_id == sale.session_id;
                !row.used && row.asked.kind == kind && is_its_own && is_enough
            };
            let mut used = false;
            for row in self.sold.approvals.iter_mut().filter(fits) {
                (row.used, used) = (true, true);
            }
            all && used
        })
    }

    /// How far the receipts of a till are here, and its chain.
    fn advance(&mut self, before: &TillRow, sale: &Sale, told: Option<u64>) {
        let seq = sale.receipt.seq;
        let mut arrived = before.arrived;
        if seq == Some(arrived + 1) {
            arrived += 1;
            while arrived < before.issued
                && self.of_till(before).any(|other| other.receipt.seq == Some(arrived + 1))
            {
                arrived += 1;
            }
        }
        let here = |row: &&mut TillRow| row.register == before.register && row.till == before.till;
        let row = self.sold.tills.iter_mut().find(here).expect("it is there");
        row.arrived = arrived;
        row.issued = row.issued.max(seq.unwrap_or(0)).max(told.unwrap_or(0));
        if sale.receipt.chain_seq > row.chain.0 {
            row.chain = (sale.receipt.chain_seq, sale.receipt.hash);
        }
    }

    /// Whether anything was sold in a session, or thrown away.
    pub(crate) fn sold_in(&self, session: SessionId) -> impl Iterator<Item = &SaleRow> {
        self.sold.sales.iter().filter(move |row| row.sale.session_id == session)
    }

    /// `pos_save_selling_rules`, and what `pos_catalogue` says of them.
    pub(crate) fn rules(
        &mut self,
        me: &Staff,
        location: LocationId,
        change: Option<&RulesChange>,
    ) -> Told<SellingRules> {
        if self.places.iter().any(|place| place.location.id == location && place.vendor != me.vendor_id) {
            return refused(Code::Forbidden);
        }
        if change.is_some() && me.role != onetill_core::Role::Owner {
            return refused(Code::OwnerRequired);
        }
        let Some(shop) = self.shops.iter_mut().find(|shop| shop.location == location) else {
            return refused(Code::Forbidden);
        };
        if let Some(change) = change {
            shop.change(change);
        }
        Ok(shop.settings.rules.clone())
    }
}

impl Shop {
    /// What a sale says of items and taxes that is not so here.
    fn flags(&self, sale: &Sale, date: Option<jiff::civil::Date>) -> Vec<&'static str> {
        let mut flags = Vec::new();
        let (mut unknown, mut other_tax, mut other_price) = (false, false, false);
        for line in &sale.lines {
            let Some(id) = line.item_id else { continue };
            let Some(item) = self.items.iter().map(|one| &one.item).find(|item| item.id == id) else {
                unknown = true;
                continue;
            };
            other_tax |= item.tax_code != line.tax_code;
            other_price |=
                (!item.price_is_open || line.list_price.is_some()) && item.price != line.list_price;
        }
        let rates = date.map(|date| self.settings.rates(date)).unwrap_or_default();
        let in_force = |code: &str| -> Vec<TaxRate> {
            rates.iter().filter(|rate| rate.tax_code == code).cloned().collect()
        };
        let told = |code: &str| -> Vec<TaxRate> {
            let rows = sale.taxes.iter().filter(|row| row.tax_code == code);
            let rows = rows.map(|row| TaxRate {
                tax_code: row.tax_code.clone(),
                component: row.component.clone(),
                rate: row.rate,
            });
            rows.collect()
        };
        other_tax |= sale.taxes.iter().any(|row| told(&row.tax_code) != in_force(&row.tax_code));
        for (holds, name) in
            [(unknown, "unknown_item"), (other_price, "price_differs"), (other_tax, "tax_not_in_force")]
        {
            flags.extend(holds.then_some(name));
        }
        flags
    }

    fn change(&mut self, change: &RulesChange) {
        let amount = |typed: &Option<String>| typed.as_ref().and_then(|typed| typed.parse().ok());
        let rules = &mut self.settings.rules;
        *rules = SellingRules {
            selling_on: change.selling_on && change.country.is_some(),
            country: change.country.clone(),
            needs_certificate: false,
            prices_include_tax: change.prices_include_tax,
            cash_step: amount(&change.cash_step),
            cash_half: Half::Up,
            discount_percent_limit: change.discount_percent_limit.as_ref().and_then(|part| part.parse().ok()),
            sale_limit: amount(&change.sale_limit),
            refund_limit: amount(&change.refund_limit),
            void_limit: amount(&change.void_limit),
            price_override: change.price_override,
            no_receipt_refund: change.no_receipt_refund,
            other_tenders: change.other_tenders.clone(),
            receipt_header: change.receipt_header.clone(),
            receipt_footer: change.receipt_footer.clone(),
            code_rules: rules.code_rules.clone(),
        };
        self.version += 1;
        self.settings_at = self.version;
    }
}
