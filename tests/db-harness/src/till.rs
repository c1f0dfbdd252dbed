//! A till as the database sees one: it numbers its entries, chains them, and computes what they come to.
//!
//! Invariant: it shares no code with the register and none with the database, so that what all three say alike is right.
//! Amounts are minor units of the currency, quantities thousandths, rates hundred-thousandths.

#![allow(
    clippy::indexing_slicing,
    reason = "JSON indexed by name gives null, or a place for it, where there is nothing"
)]

use ring::digest::{Context, SHA256, digest};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::desk::{Desk, Refusal, text};

/// One line of a cart.
#[derive(Debug, Clone)]
pub struct Line {
    /// What the receipt calls it.
    pub name: String,
    /// The item of the catalogue, and what that says it costs.
    pub item: Option<(Uuid, i64)>,
    /// How many, in thousandths.
    pub quantity: i64,
    /// What one is charged.
    pub price: i64,
    /// Discount on the line.
    pub discount: i64,
    /// The tax code; its rates are the cart's.
    pub tax: Option<&'static str>,
}

impl Line {
    /// So many pieces at this price, with the tax code `A`.
    #[must_use]
    pub fn of(pieces: i64, price: i64) -> Self {
        Self { name: "Tea".into(), item: None, quantity: pieces * 1_000, price, discount: 0, tax: Some("A") }
    }

    /// With this discount.
    #[must_use]
    pub fn less(self, discount: i64) -> Self {
        Self { discount, ..self }
    }

    /// With another tax code.
    #[must_use]
    pub fn taxed(self, tax: Option<&'static str>) -> Self {
        Self { tax, ..self }
    }

    /// As an item of the catalogue that costs so much there.
    #[must_use]
    pub fn item(self, id: Uuid, list_price: i64) -> Self {
        Self { item: Some((id, list_price)), ..self }
    }
}

/// What somebody wants to buy, and how they pay.
#[derive(Debug, Clone)]
pub struct Cart {
    /// `sale`, `refund` without a receipt, or `discard`.
    pub kind: &'static str,
    /// The lines.
    pub lines: Vec<Line>,
    /// Tax code, component and rate.
    pub rates: Vec<(&'static str, &'static str, i64)>,
    /// Prices are with tax.
    pub included: bool,
    /// Discount on the whole, as shares of the lines.
    pub shares: Vec<i64>,
    /// ISO 4217.
    pub currency: &'static str,
    /// Decimal places of the currency.
    pub places: u32,
    /// What cash is rounded to.
    pub step: i64,
    /// Paid by card.
    pub card: i64,
    /// Paid by another tender.
    pub other: i64,
    /// Handed over in cash; none: exactly what is due.
    pub tendered: Option<i64>,
}

impl Cart {
    /// A sale of these lines in euros, tax of 7 % on top, paid exactly in cash.
    #[must_use]
    pub fn of(lines: &[Line]) -> Self {
        Self {
            kind: "sale",
            lines: lines.to_vec(),
            rates: vec![("A", "VAT", 7_000)],
            included: false,
            shares: Vec::new(),
            currency: "EUR",
            places: 2,
            step: 1,
            card: 0,
            other: 0,
            tendered: None,
        }
    }

    /// Of another kind.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// With other rates.
    #[must_use]
    pub fn rates(self, rates: &[(&'static str, &'static str, i64)]) -> Self {
        Self { rates: rates.to_vec(), ..self }
    }

    /// With tax in the prices.
    #[must_use]
    pub fn included(self) -> Self {
        Self { included: true, ..self }
    }

    /// With so much by card.
    #[must_use]
    pub fn card(self, card: i64) -> Self {
        Self { card, ..self }
    }

    /// With so much handed over in cash.
    #[must_use]
    pub fn tendered(self, tendered: i64) -> Self {
        Self { tendered: Some(tendered), ..self }
    }

    /// With cash rounded to a step.
    #[must_use]
    pub fn step(self, step: i64) -> Self {
        Self { step, ..self }
    }

    /// What it comes to.
    #[must_use]
    pub fn total(&self) -> i64 {
        let nets: i64 = (0..self.lines.len()).map(|at| self.net(at)).sum();
        nets + if self.included { 0 } else { self.taxes().iter().map(|row| row.4).sum() }
    }

    fn gross(&self, at: usize) -> i64 {
        self.lines.get(at).map_or(0, |line| half_up(line.quantity * line.price, 1_000))
    }

    fn net(&self, at: usize) -> i64 {
        let discount = self.lines.get(at).map_or(0, |line| line.discount);
        self.gross(at) - discount - self.shares.get(at).copied().unwrap_or(0)
    }

    /// Code, component, rate, base and tax of each row.
    fn taxes(&self) -> Vec<(&'static str, &'static str, i64, i64, i64)> {
        let mut rows = Vec::new();
        let mut codes: Vec<&'static str> = Vec::new();
        for code in self.lines.iter().filter_map(|line| line.tax) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        for code in codes {
            let taxed = |at: &usize| self.lines.get(*at).is_some_and(|line| line.tax == Some(code));
            let base: i64 = (0..self.lines.len()).filter(taxed).map(|at| self.net(at)).sum();
            let components: Vec<_> = self.rates.iter().filter(|rate| rate.0 == code).collect();
            let rate: i64 = components.iter().map(|rate| rate.2).sum();
            let tax = if self.included {
                base - half_up(base * 100_000, 100_000 + rate)
            } else {
                half_up(base * rate, 100_000)
            };
            let mut shares: Vec<i64> =
                components.iter().map(|one| (tax * one.2).checked_div(rate).unwrap_or(0)).collect();
            let mut missing = tax - shares.iter().sum::<i64>();
            while missing > 0 {
                // The largest remainder that was not given one yet; of equal ones the first.
                let of = |at: usize| components.get(at).map_or(0, |one| tax * one.2 % rate.max(1));
                let given = |at: usize| {
                    shares.get(at).is_some_and(|share| *share * rate > tax * of_rate(&components, at))
                };
                let best = (0..shares.len()).filter(|at| !given(*at)).rev().max_by_key(|at| of(*at));
                let Some(share) = best.and_then(|at| shares.get_mut(at)) else { break };
                *share += 1;
                missing -= 1;
            }
            for (one, share) in components.into_iter().zip(shares) {
                rows.push((one.0, one.1, one.2, base, share));
            }
        }
        rows
    }

    /// The arguments of `pos_record_sale`, without what a till adds.
    #[must_use]
    pub fn arguments(&self) -> Value {
        let places = self.places;
        let money = |units: i64| money(units, places);
        let sign = match self.kind {
            "sale" => 1,
            "discard" => 0,
            _ => -1,
        };
        let total = self.total();
        let tax: i64 = self.taxes().iter().map(|row| row.4).sum();
        let gross: i64 = (0..self.lines.len()).map(|at| self.gross(at)).sum();
        let nets: i64 = (0..self.lines.len()).map(|at| self.net(at)).sum();
        let open = total - self.card - self.other;
        let due = if self.kind == "discard" { 0 } else { half_up(open, self.step) * self.step };
        let lines: Vec<Value> = self
            .lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                json!({"item_id": line.item.map(|item| item.0), "name": line.name, "quantity": money_text(line.quantity, 3),
                    "unit_price": money(line.price), "gross": money(self.gross(at)), "discount": money(line.discount),
                    "cart_discount": money(self.shares.get(at).copied().unwrap_or(0)), "net": money(self.net(at)),
                    "tax_code": line.tax, "list_price": line.item.map(|item| money(item.1))})
            })
            .collect();
        let taxes: Vec<Value> = self
            .taxes()
            .into_iter()
            .map(|(code, component, rate, base, tax)| {
                json!({"tax_code": code, "component": component, "rate": money_text(rate, 5), "base": money(base), "tax": money(tax)})
            })
            .collect();
        let mut tenders = Vec::new();
        if self.kind != "discard" {
            if self.card > 0 {
                tenders.push(json!({"kind": "card", "amount": money(self.card)}));
            }
            if self.other > 0 {
                tenders.push(json!({"kind": "other", "label": "Voucher", "amount": money(self.other)}));
            }
            if due > 0 {
                let mut cash = json!({"kind": "cash", "amount": money(due)});
                if let (Some(cash), "sale") = (cash.as_object_mut(), self.kind) {
                    let tendered = self.tendered.unwrap_or(due);
                    cash.insert("tendered".into(), money(tendered).into());
                    cash.insert("change".into(), money(tendered - due).into());
                }
                tenders.push(cash);
            }
        }
        json!({"p_kind": self.kind, "p_lines": lines, "p_taxes": taxes, "p_tenders": tenders, "p_totals": {
            "currency": self.currency, "prices_include_tax": self.included, "cash_step": (self.step > 1).then(|| money(self.step)),
            "gross": money(gross), "discount": money(gross - nets), "net": money(total - tax), "tax": money(tax), "total": money(total),
            "cash_rounding": money(if self.kind == "discard" { 0 } else { due - open }), "net_cash": money(sign * due),
            "net_card": money(sign * self.card), "net_other": money(sign * self.other)}})
    }
}

fn of_rate(components: &[&(&'static str, &'static str, i64)], at: usize) -> i64 {
    components.get(at).map_or(0, |one| one.2)
}

/// `numerator / denominator`, rounded half up; neither is negative.
#[must_use]
pub fn half_up(numerator: i64, denominator: i64) -> i64 {
    (2 * numerator + denominator).checked_div(2 * denominator).unwrap_or(0)
}

/// Minor units as a decimal text with all places.
#[must_use]
pub fn money(units: i64, places: u32) -> String {
    money_text(units, places)
}

fn money_text(units: i64, places: u32) -> String {
    let scale = 10_i64.pow(places);
    let sign = if units < 0 { "-" } else { "" };
    if places == 0 {
        return units.to_string();
    }
    let (whole, part) = (units.abs() / scale, units.abs() % scale);
    format!("{sign}{whole}.{part:0width$}", width = places as usize)
}

/// A decimal text as units of so many places; zero where it is none.
#[must_use]
pub fn units(text: &Value, places: u32) -> i64 {
    let text = text.as_str().unwrap_or_default();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let negative = whole.starts_with('-');
    let digits = format!("{}{part:0<width$}", whole.trim_start_matches('-'), width = places as usize);
    let units: i64 = digits.parse().unwrap_or(0);
    if negative { -units } else { units }
}

/// A void of a receipt as `pos_sale` tells it.
#[must_use]
pub fn void(told: &Value) -> Value {
    let sale = told.get("sale").cloned().unwrap_or_default();
    let field = |name: &str| sale.get(name).cloned().unwrap_or_default();
    let places = if text(&sale, "/currency") == "JPY" { 0 } else { 2 };
    let mut lines = Vec::new();
    for line in field("lines").as_array().into_iter().flatten() {
        let mut line = line.clone();
        let no = line.get("no").cloned().unwrap_or_default();
        if let Some(line) = line.as_object_mut() {
            line.insert("original_line".into(), no);
        }
        lines.push(line);
    }
    let mut tenders = Vec::new();
    for tender in field("tenders").as_array().into_iter().flatten() {
        let of = |name: &str| tender.get(name).cloned().unwrap_or_default();
        tenders.push(json!({"kind": of("kind"), "label": of("label"), "amount": of("amount"), "reference": of("reference")}));
    }
    let minus = |name: &str| money(-units(&field(name), places), places);
    let mut totals = json!({"currency": field("currency"), "prices_include_tax": field("prices_include_tax"), "gross": field("gross"),
        "discount": field("discount"), "net": field("net"), "tax": field("tax"), "total": field("total"), "cash_rounding": field("cash_rounding"),
        "net_cash": minus("net_cash"), "net_card": minus("net_card"), "net_other": minus("net_other")});
    // As its cash was rounded.
    if units(&field("cash_rounding"), places) != 0 {
        totals["cash_step"] = json!("0.05");
    }
    json!({"p_kind": "void", "p_lines": lines, "p_taxes": field("taxes"), "p_tenders": tenders, "p_totals": totals, "p_original_id": field("id")})
}

/// A refund in cash, or by card, of thousandths of lines of a receipt as `pos_sale` tells it.
#[must_use]
pub fn refund(told: &Value, wanted: &[(i64, i64)], by_card: bool) -> Value {
    let sale = told.get("sale").cloned().unwrap_or_default();
    let places = if text(&sale, "/currency") == "JPY" { 0 } else { 2 };
    let money = |units: i64| money(units, places);
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let number =
        |value: &Value, name: &str, places: u32| value.get(name).map_or(0, |text| units(text, places));
    let at = |value: &Value, no: i64| {
        list(value, "lines").into_iter().find(|line| line.get("no").and_then(Value::as_i64) == Some(no))
    };
    let refundable = told.get("refundable").cloned().unwrap_or_default();
    let mut lines = Vec::new();
    let mut bases: Vec<(String, i64)> = Vec::new();
    let mut all = 0;
    for (no, quantity) in wanted {
        let (Some(line), Some(left)) = (at(&sale, *no), at(&refundable, *no)) else { continue };
        let (whole, sold) = (number(&line, "net", places), number(&line, "quantity", 3));
        let before = sold - number(&left, "quantity", 3);
        let given = whole - number(&left, "net", places);
        let net = half_up(whole * (before + quantity), sold) - given;
        all += net;
        let code = text(&line, "/tax_code");
        match bases.iter_mut().find(|(known, _)| *known == code) {
            Some((_, base)) => *base += net,
            None => bases.push((code, net)),
        }
        lines.push(json!({"item_id": line.get("item_id"), "name": line.get("name"), "quantity": money_text(*quantity, 3), "unit_price": line.get("unit_price"),
            "gross": money(net), "net": money(net), "tax_code": line.get("tax_code"), "original_line": no}));
    }
    let mut rows = Vec::new();
    let mut tax = 0;
    for row in list(&sale, "taxes") {
        let code = text(&row, "/tax_code");
        let Some((_, base)) = bases.iter().find(|(known, _)| *known == code) else { continue };
        let same = |other: &Value| {
            text(other, "/tax_code") == code && text(other, "/component") == text(&row, "/component")
        };
        let left = list(&refundable, "taxes").into_iter().find(same).unwrap_or_default();
        let (whole, whole_tax) = (number(&row, "base", places), number(&row, "tax", places));
        let (before, given) =
            (whole - number(&left, "base", places), whole_tax - number(&left, "tax", places));
        let back = half_up(whole_tax * (before + base), whole) - given;
        tax += back;
        rows.push(json!({"tax_code": code, "component": row.get("component"), "rate": row.get("rate"), "base": money(*base), "tax": money(back)}));
    }
    let included = sale.get("prices_include_tax").and_then(Value::as_bool).unwrap_or_default();
    let total = all + if included { 0 } else { tax };
    let tenders = if total == 0 {
        json!([])
    } else {
        json!([{"kind": if by_card { "card" } else { "cash" }, "amount": money(total)}])
    };
    let (cash, card) = if by_card { (0, -total) } else { (-total, 0) };
    json!({"p_kind": "refund", "p_lines": lines, "p_taxes": rows, "p_tenders": tenders, "p_original_id": sale.get("id"), "p_totals": {
        "currency": sale.get("currency"), "prices_include_tax": included, "gross": money(all), "net": money(total - tax), "tax": money(tax),
        "total": money(total), "net_cash": money(cash), "net_card": money(card)}})
}

/// One device on one register, as far as it sells.
#[derive(Debug, Clone)]
pub struct Till {
    /// The device.
    pub device: Uuid,
    /// The session it sells in.
    pub session: Uuid,
    /// The till's number.
    pub number: i64,
    /// What its receipts start with.
    pub prefix: String,
    /// The last receipt's number.
    pub seq: u64,
    /// The last link's.
    pub link: u64,
    hash: [u8; 32],
}

impl Till {
    /// Asks for the letter of a device in a session.
    ///
    /// # Errors
    /// With the refusal.
    pub async fn take(desk: &Desk, session: Uuid, device: Uuid) -> std::result::Result<Self, Refusal> {
        let told = desk
            .call_from(&json!({"x-device-id": device}), "pos_till", &json!({"p_session_id": session}))
            .await?;
        Ok(Self::of(session, device, &told))
    }

    /// The till of a device in a session, as `pos_till` told of it.
    #[must_use]
    pub fn of(session: Uuid, device: Uuid, told: &Value) -> Self {
        let number = |name: &str| told.get(name).and_then(Value::as_i64).unwrap_or_default();
        Self {
            device,
            session,
            number: number("till"),
            prefix: text(told, "/prefix"),
            seq: number("last_receipt").unsigned_abs(),
            link: number("last_chain_seq").unsigned_abs(),
            hash: unhex(&text(told, "/last_hash")),
        }
    }

    /// The headers of its requests.
    #[must_use]
    pub fn headers(&self) -> Value {
        json!({"x-device-id": self.device, "x-last-receipt": self.seq.to_string()})
    }

    /// Gives an entry its id, its place and its number, and its hash; the till goes on from it.
    #[must_use]
    pub fn seal(&mut self, arguments: Value) -> Value {
        let mut arguments = arguments;
        let discard = text(&arguments, "/p_kind") == "discard";
        self.link += 1;
        self.seq += u64::from(!discard);
        let number = format!("{}-{:06}", self.prefix, self.seq);
        let mut receipt = json!({"till": self.number, "chain_seq": self.link, "prev_hash": hex(&self.hash)});
        if !discard {
            receipt["seq"] = self.seq.into();
            receipt["number"] = number.into();
        }
        if let Some(arguments) = arguments.as_object_mut() {
            arguments.entry("p_id").or_insert_with(|| Uuid::now_v7().to_string().into());
            arguments.insert("p_session_id".into(), self.session.to_string().into());
            arguments.insert("p_receipt".into(), receipt);
        }
        let content = canonical(&arguments);
        let mut context = Context::new(&SHA256);
        context.update(&self.hash);
        context.update(content.as_bytes());
        self.hash.copy_from_slice(context.finish().as_ref());
        arguments["p_receipt"]["hash"] = hex(&self.hash).into();
        arguments
    }

    /// Seals an entry and sends it.
    ///
    /// # Errors
    /// With the refusal; the till has not moved then.
    pub async fn press(&mut self, desk: &Desk, arguments: Value) -> std::result::Result<Value, Refusal> {
        let before = self.clone();
        let sealed = self.seal(arguments);
        let answer = self.send(desk, &sealed).await;
        if answer.is_err() {
            *self = before;
        }
        answer
    }

    /// Sends what was sealed.
    ///
    /// # Errors
    /// With the refusal.
    pub async fn send(&self, desk: &Desk, sealed: &Value) -> std::result::Result<Value, Refusal> {
        desk.call_from(&self.headers(), "pos_record_sale", sealed).await
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or_default();
    }
    bytes
}

/// The digest by which a repeated entry is known.
#[must_use]
pub fn digest_of(arguments: &Value) -> String {
    hex(digest(&SHA256, canonical(arguments).as_bytes()).as_ref())
}

/// A field of the content: a decimal in its shortest form, another text as it is, nothing for null.
fn field(value: Option<&Value>, kind: Kind) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match kind {
        Kind::Text => text,
        Kind::Amount | Kind::MaybeAmount => {
            let text = if text.is_empty() && kind == Kind::Amount { "0".into() } else { text };
            let text = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            };
            if text == "-0" { "0".into() } else { text }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Amount,
    MaybeAmount,
}

use Kind::{Amount, MaybeAmount, Text};

const LINE: [(&str, Kind); 14] = [
    ("item_id", Text),
    ("name", Text),
    ("code", Text),
    ("unit", Text),
    ("quantity", Amount),
    ("unit_price", Amount),
    ("gross", Amount),
    ("discount", Amount),
    ("cart_discount", Amount),
    ("net", Amount),
    ("tax_code", Text),
    ("original_line", Text),
    ("list_price", MaybeAmount),
    ("discount_reason", Text),
];
const TAX: [(&str, Kind); 5] =
    [("tax_code", Text), ("component", Text), ("rate", Amount), ("base", Amount), ("tax", Amount)];
const TENDER: [(&str, Kind); 6] = [
    ("kind", Text),
    ("label", Text),
    ("amount", Amount),
    ("tendered", MaybeAmount),
    ("change", MaybeAmount),
    ("reference", Text),
];
const TOTALS: [(&str, Kind); 11] = [
    ("currency", Text),
    ("prices_include_tax", Text),
    ("gross", Amount),
    ("discount", Amount),
    ("net", Amount),
    ("tax", Amount),
    ("total", Amount),
    ("cash_rounding", Amount),
    ("net_cash", Amount),
    ("net_card", Amount),
    ("net_other", Amount),
];

/// What is hashed of an entry. The texts of these tests are in NFC already.
fn canonical(arguments: &Value) -> String {
    let of = |name: &str| arguments.get(name).cloned().unwrap_or_default();
    let receipt = of("p_receipt");
    let mut fields = vec!["onetill-receipt-1".to_owned()];
    for name in ["p_id", "p_session_id", "p_kind", "p_original_id"] {
        fields.push(field(Some(&of(name)), Text));
    }
    for name in ["till", "seq", "number", "chain_seq"] {
        fields.push(field(receipt.get(name), Text));
    }
    for name in ["p_device_time", "p_recorded_by", "p_reason", "p_note"] {
        fields.push(field(Some(&of(name)), Text));
    }
    fields.push(of("p_age_checked").as_bool().unwrap_or_default().to_string());
    fields.extend(TOTALS.iter().map(|(name, kind)| field(of("p_totals").get(*name), *kind)));
    let mut content = fields.join("\u{1f}") + "\n";
    for (part, record, names) in
        [("p_lines", "line", &LINE[..]), ("p_taxes", "tax", &TAX[..]), ("p_tenders", "tender", &TENDER[..])]
    {
        for row in of(part).as_array().into_iter().flatten() {
            let mut fields = vec![record.to_owned()];
            fields.extend(names.iter().map(|(name, kind)| field(row.get(*name), *kind)));
            content.push_str(&(fields.join("\u{1f}") + "\n"));
        }
    }
    content
}
