//! Carts as shops have them, and some as nobody would think of.

use crate::{
    dice::Dice,
    entries::{Cart, CartLine, CartRate, Entry, Mistake, Tender, Wanted},
    oracle::{self, cash_due, fraction, text},
};

type Step = Option<(&'static str, Option<&'static str>)>;
/// Currency, places, whether prices are with tax (`None`: either), and how cash is rounded.
type Shop = (&'static str, u32, Option<bool>, Step);

const SHOPS: &[Shop] = &[
    ("USD", 2, Some(false), None),
    ("USD", 2, Some(false), None),
    ("USD", 2, Some(false), Some(("0.05", None))),
    ("CAD", 2, Some(false), Some(("0.05", None))),
    ("EUR", 2, Some(true), None),
    ("EUR", 2, Some(true), Some(("0.05", None))),
    ("EUR", 2, None, None),
    ("CHF", 2, Some(true), Some(("0.05", None))),
    ("SEK", 2, Some(true), Some(("1.00", None))),
    ("NZD", 2, Some(true), Some(("0.10", Some("down")))),
    ("AUD", 2, Some(true), Some(("0.05", None))),
    ("JPY", 0, None, None),
    ("KWD", 3, None, Some(("0.005", None))),
];

const RATES: &[&str] = &[
    "0", "0.025", "0.026", "0.05", "0.055", "0.06", "0.0625", "0.07", "0.08", "0.081", "0.0825", "0.08875",
    "0.1", "0.12", "0.19", "0.2", "0.21", "0.22", "0.25", "0.27",
];

/// The cart of this number, with its answers.
#[must_use]
pub fn cart(number: u32) -> Entry {
    oracle::entry(&made(number))
}

/// The same, answered by somebody who makes this mistake.
#[must_use]
pub fn mistaken(number: u32, mistake: Mistake) -> Entry {
    oracle::entry(&Cart { mistake: Some(mistake), ..made(number) })
}

fn made(number: u32) -> Cart {
    let mut dice = Dice::new(number);
    let (currency, places, included, step) = dice.pick(SHOPS, ("USD", 2, Some(false), None));
    let mut cart = Cart {
        name: format!("g{number}"),
        kind: "sale",
        currency,
        places,
        prices_include_tax: included.unwrap_or_else(|| dice.chance(50)),
        cash_step: step.map(|(step, _half)| step.to_owned()),
        cash_half: step.and_then(|(_step, half)| half),
        lines: Vec::new(),
        cart_discount: None,
        cart_discount_percent: None,
        rates: Vec::new(),
        tenders: Vec::new(),
        refunds: Vec::new(),
        mistake: None,
    };
    let codes = rates(&mut dice, &mut cart);
    let lines = match dice.between(1, 100) {
        1..=55 => 1,
        56..=83 => 2,
        84..=93 => 3,
        94..=99 => dice.between(4, 6),
        _ => dice.between(8, 30),
    };
    let comes_back = lines < 5 && dice.chance(6);
    for _ in 0..lines {
        let line = line(&mut dice, &codes, places, comes_back);
        cart.lines.push(line);
    }
    cart_discount(&mut dice, &mut cart);
    match dice.between(1, 100) {
        1 if !comes_back => cart.kind = "discard",
        2..=4 if !comes_back => cart.kind = "refund",
        _ => {}
    }
    tenders(&mut dice, &mut cart);
    if comes_back {
        refunds(&mut dice, &mut cart);
    }
    cart
}

/// So many minor units as an amount.
fn minor(units: u64, places: u32) -> String {
    decimal(units, places)
}

/// So many parts as a decimal with all its places.
fn decimal(parts: u64, places: u32) -> String {
    let scale = 10_u64.pow(places);
    let width = usize::try_from(places).unwrap_or(0);
    if places == 0 { parts.to_string() } else { format!("{}.{:0width$}", parts / scale, parts % scale) }
}

fn trimmed(parts: u64, places: u32) -> String {
    let text = decimal(parts, places);
    if places == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

fn rates(dice: &mut Dice, cart: &mut Cart) -> Vec<Option<String>> {
    let mut codes = Vec::new();
    if dice.chance(8) {
        codes.push(None);
    }
    for code in ["A", "B", "C"].iter().take(usize::try_from(dice.between(1, 3)).unwrap_or(1)) {
        codes.push(Some((*code).to_owned()));
        let components = if dice.chance(82) { 1 } else { dice.between(2, 3) };
        for component in ["VAT", "county", "city"].iter().take(usize::try_from(components).unwrap_or(1)) {
            let rate = match dice.between(1, 10) {
                1 => trimmed(dice.between(1, 30_000), 5),
                2 if components > 1 => "0.0333".to_owned(),
                _ => dice.pick(RATES, "0.2").to_owned(),
            };
            cart.rates.push(CartRate {
                tax_code: (*code).to_owned(),
                component: (*component).to_owned(),
                rate,
            });
        }
    }
    codes
}

fn line(dice: &mut Dice, codes: &[Option<String>], places: u32, comes_back: bool) -> CartLine {
    // Of one piece nothing can come back in parts.
    let quantity = match dice.between(if comes_back { 50 } else { 1 }, 100) {
        1..=62 => "1".to_owned(),
        63..=82 => dice.between(2, 12).to_string(),
        83..=97 => trimmed(dice.between(1, 4_999), 3),
        98 => "0.001".to_owned(),
        _ => trimmed(dice.between(1_000, 999_999), 3),
    };
    let scale = 10_u64.pow(places);
    let units = match dice.between(1, 100) {
        1 => 0,
        2..=40 => (dice.between(1, 60) * scale).saturating_sub(dice.pick(&[1, 5, 10, 50], 1)),
        41..=85 => dice.between(1, 40 * scale),
        86..=97 => dice.between(1, 500 * scale),
        98 => dice.between(1, 9_999 * scale),
        _ => dice.between(1, 9),
    };
    let code = usize::try_from(dice.between(0, codes.len() as u64 - 1)).unwrap_or(0);
    let tax_code = codes.get(code).cloned().flatten();
    let mut line = CartLine {
        quantity,
        unit_price: minor(units, places),
        discount: None,
        discount_percent: None,
        tax_code,
    };
    match dice.between(1, 100) {
        1..=12 => {
            let percent = dice.pick(&["5", "10", "12.5", "15", "20", "25", "33.33", "50", "100"], "10");
            line.discount_percent = Some(percent.to_owned());
        }
        13..=17 => {
            // One of the whole line at most: quantities below one may come to nothing.
            let gross = text(&oracle::total(&alone(&line, places)), places);
            let gross: u64 = gross.replace('.', "").parse().unwrap_or(0);
            line.discount = Some(minor(dice.between(0, gross), places)).filter(|_off| gross > 0);
        }
        _ => {}
    }
    line
}

/// A cart of one line without tax.
fn alone(line: &CartLine, places: u32) -> Cart {
    Cart {
        name: String::new(),
        kind: "sale",
        currency: "",
        places,
        prices_include_tax: true,
        cash_step: None,
        cash_half: None,
        lines: vec![CartLine {
            quantity: line.quantity.clone(),
            unit_price: line.unit_price.clone(),
            discount: None,
            discount_percent: None,
            tax_code: None,
        }],
        cart_discount: None,
        cart_discount_percent: None,
        rates: Vec::new(),
        tenders: Vec::new(),
        refunds: Vec::new(),
        mistake: None,
    }
}

fn cart_discount(dice: &mut Dice, cart: &mut Cart) {
    match dice.between(1, 100) {
        1..=8 => {
            let percent = dice.pick(&["3", "5", "10", "12.5", "33.33", "100"], "10");
            cart.cart_discount_percent = Some(percent.to_owned());
        }
        9..=18 => {
            let mut untaxed = alone(&CartLine::nothing(), cart.places);
            untaxed.lines = cart.lines.iter().map(CartLine::untaxed).collect();
            let net = text(&oracle::total(&untaxed), cart.places);
            let most: u64 = net.replace('.', "").parse().unwrap_or(0);
            let units = if dice.chance(70) { dice.between(0, most / 4) } else { dice.between(0, most) };
            cart.cart_discount = Some(minor(units, cart.places)).filter(|_off| units > 0);
        }
        _ => {}
    }
}

impl CartLine {
    fn nothing() -> Self {
        Self {
            quantity: "1".into(),
            unit_price: "0".into(),
            discount: None,
            discount_percent: None,
            tax_code: None,
        }
    }

    fn untaxed(&self) -> Self {
        Self {
            quantity: self.quantity.clone(),
            unit_price: self.unit_price.clone(),
            discount: self.discount.clone(),
            discount_percent: self.discount_percent.clone(),
            tax_code: None,
        }
    }
}

fn tender(kind: &'static str, amount: String) -> Tender {
    let label = (kind == "other").then_some("Voucher");
    Tender { kind, label, amount, tendered: None, change: None }
}

fn tenders(dice: &mut Dice, cart: &mut Cart) {
    if cart.kind == "discard" {
        return;
    }
    let places = cart.places;
    let total = oracle::total(cart);
    let units: u64 = text(&total, places).replace('.', "").parse().unwrap_or(0);
    if units == 0 {
        return;
    }
    let with_cash = dice.chance(65);
    let mut others = 0;
    if dice.chance(if with_cash { 25 } else { 100 }) {
        let kind = dice.pick(&["card", "card", "other"], "card");
        let amount = if with_cash || dice.chance(15) { dice.between(1, units) } else { units };
        cart.tenders.push(tender(kind, minor(amount, places)));
        others += amount;
        if !with_cash && others < units {
            let second = if kind == "card" { "other" } else { "card" };
            cart.tenders.push(tender(second, minor(units - others, places)));
            others = units;
        }
    }
    let open = fraction(&minor(units - others, places));
    let due = text(&cash_due(&open, cart), places);
    let due: u64 = due.replace('.', "").parse().unwrap_or(0);
    if due > 0 {
        let mut cash = tender("cash", String::new());
        if cart.kind == "sale" {
            let handed = if dice.chance(40) { due } else { due + dice.between(0, 20 * 10_u64.pow(places)) };
            cash.tendered = Some(minor(handed, places));
        }
        if dice.chance(50) { cart.tenders.push(cash) } else { cart.tenders.insert(0, cash) }
    }
}

/// Brings everything back in pieces, or stops somewhere on the way.
fn refunds(dice: &mut Dice, cart: &mut Cart) {
    let thousandths = |quantity: &str| -> u64 {
        let (whole, places) = quantity.split_once('.').unwrap_or((quantity, ""));
        format!("{whole}{places:0<3}").parse().unwrap_or(0)
    };
    let mut left: Vec<u64> = cart.lines.iter().map(|line| thousandths(&line.quantity)).collect();
    for _ in 0..6 {
        let mut lines = Vec::new();
        for (no, left) in (1..).zip(left.iter_mut()) {
            if *left == 0 || dice.chance(30) {
                continue;
            }
            let now = match dice.between(1, 3) {
                1 => *left,
                _ if *left % 1_000 == 0 => 1_000 * dice.between(1, *left / 1_000),
                _ => dice.between(1, *left),
            };
            *left -= now;
            lines.push((no, trimmed(now, 3)));
        }
        if !lines.is_empty() {
            cart.refunds.push(Wanted { lines, by: dice.pick(&["cash", "cash", "card"], "cash") });
        }
        if dice.chance(10) {
            return;
        }
    }
}
