//! The answers, from exact fractions. Slow on purpose: one cent at a time, nothing clever.

use crate::entries::{Cart, CartLine, Entry, Line, Mistake, Refund, Tax, Tender, Totals, Wanted};
use num_bigint::BigInt;
use num_rational::BigRational;

type Fraction = BigRational;

/// A decimal text as a fraction.
pub(crate) fn fraction(text: &str) -> Fraction {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{places}").parse().unwrap_or_default();
    let mut ten = BigInt::from(1);
    for _ in places.chars() {
        ten *= 10;
    }
    Fraction::new(digits, ten)
}

fn whole(number: i64) -> Fraction {
    Fraction::from_integer(BigInt::from(number))
}

/// One minor unit.
fn cent(places: u32) -> Fraction {
    let mut cent = whole(1);
    for _ in 0..places {
        cent /= whole(10);
    }
    cent
}

/// Of the two amounts beside an exact one the nearer, the higher of two equally near.
fn nearest(exact: &Fraction, step: &Fraction, half_goes_up: bool) -> Fraction {
    let below = (exact / step).floor() * step;
    let above = &below + step;
    let (down, up) = (exact - &below, &above - exact);
    if up < down || (up == down && half_goes_up) { above } else { below }
}

fn rounded(exact: &Fraction, places: u32, mistake: Option<Mistake>) -> Fraction {
    let step = cent(places);
    let below = (exact / &step).floor();
    match mistake {
        Some(Mistake::HalfDown) => nearest(exact, &step, false),
        Some(Mistake::HalfEven) => nearest(exact, &step, below.to_integer() % 2 != BigInt::from(0)),
        Some(Mistake::CutsOff) => below * step,
        _ => nearest(exact, &step, true),
    }
}

/// An amount with all its places.
pub(crate) fn text(amount: &Fraction, places: u32) -> String {
    let cents = (amount / cent(places)).to_integer();
    let (sign, digits) =
        if cents < BigInt::from(0) { ("-", (-cents).to_string()) } else { ("", cents.to_string()) };
    let least = usize::try_from(places).unwrap_or(0) + 1;
    let digits = format!("{digits:0>least$}");
    let (whole, fraction) = digits.split_at(digits.len() + 1 - least);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Gives every one what it may have in whole cents, then the cents that are left, one by one, to whoever is furthest
/// below what they should have.
fn divided(amount: &Fraction, by: &[Fraction], places: u32) -> Vec<Fraction> {
    let all: Fraction = by.iter().sum();
    let nothing = whole(0);
    if all == nothing {
        return vec![nothing; by.len()];
    }
    let exact: Vec<Fraction> = by.iter().map(|one| amount * one / &all).collect();
    let step = cent(places);
    let mut given: Vec<Fraction> = exact.iter().map(|one| (one / &step).floor() * &step).collect();
    while given.iter().sum::<Fraction>() < *amount {
        let mut neediest: Option<(&mut Fraction, Fraction)> = None;
        for (given, exact) in given.iter_mut().zip(&exact) {
            let lacks = exact - &*given;
            if neediest.as_ref().is_none_or(|(_given, most)| lacks > *most) {
                neediest = Some((given, lacks));
            }
        }
        if let Some((given, _lacks)) = neediest {
            *given += &step;
        }
    }
    given
}

fn discount(percent: Option<&str>, amount: Option<&str>, of: &Fraction, cart: &Cart) -> Fraction {
    match (percent, amount) {
        (Some(percent), _) => rounded(&(of * fraction(percent) / whole(100)), cart.places, cart.mistake),
        (None, Some(amount)) => fraction(amount),
        (None, None) => whole(0),
    }
}

struct Priced {
    gross: Fraction,
    discount: Fraction,
    share: Fraction,
    net: Fraction,
}

fn priced(cart: &Cart) -> Vec<Priced> {
    let places = cart.places;
    let mut lines: Vec<Priced> = Vec::new();
    for line in &cart.lines {
        let gross = rounded(&(fraction(&line.quantity) * fraction(&line.unit_price)), places, cart.mistake);
        let off = discount(line.discount_percent.as_deref(), line.discount.as_deref(), &gross, cart);
        lines.push(Priced { net: &gross - &off, gross, discount: off, share: whole(0) });
    }
    let before: Vec<Fraction> = lines.iter().map(|line| line.net.clone()).collect();
    let all: Fraction = before.iter().sum();
    let off = discount(cart.cart_discount_percent.as_deref(), cart.cart_discount.as_deref(), &all, cart);
    let shares = match cart.mistake {
        Some(Mistake::SharesOfGross) => {
            let gross: Vec<Fraction> = lines.iter().map(|line| line.gross.clone()).collect();
            divided(&off, &gross, places)
        }
        Some(Mistake::LastTakesTheRest) if all != whole(0) => {
            let mut shares: Vec<Fraction> =
                before.iter().map(|one| rounded(&(&off * one / &all), places, None)).collect();
            let rest = &off - shares.iter().sum::<Fraction>();
            if let Some(last) = shares.last_mut() {
                *last += rest;
            }
            shares
        }
        _ => divided(&off, &before, places),
    };
    for (line, share) in lines.iter_mut().zip(shares) {
        line.net -= &share;
        line.share = share;
    }
    lines
}

/// What the lines of a cart come to before anybody pays.
pub(crate) fn total(cart: &Cart) -> Fraction {
    let lines = priced(cart);
    let net: Fraction = lines.iter().map(|line| &line.net).sum();
    let tax: Fraction = taxes(cart, &lines).iter().map(|(_row, tax)| tax).sum();
    if cart.prices_include_tax { net } else { net + tax }
}

fn taxes(cart: &Cart, lines: &[Priced]) -> Vec<(Tax, Fraction)> {
    let places = cart.places;
    let mut rows = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for line in &cart.lines {
        let Some(code) = line.tax_code.as_deref().filter(|code| !done.contains(code)) else { continue };
        done.push(code);
        let same =
            cart.lines.iter().zip(lines).filter(|(line, _priced)| line.tax_code.as_deref() == Some(code));
        let nets: Vec<Fraction> = same
            .map(|(_line, priced)| match cart.mistake {
                Some(Mistake::TaxBeforeDiscount) => &priced.net + &priced.share,
                _ => priced.net.clone(),
            })
            .collect();
        let base: Fraction = nets.iter().sum();
        let components: Vec<_> = cart.rates.iter().filter(|rate| rate.tax_code == code).collect();
        let rates: Vec<Fraction> = components.iter().map(|one| fraction(&one.rate)).collect();
        let rate: Fraction = rates.iter().sum();
        let tax = match cart.mistake {
            Some(Mistake::TaxByLine) => nets.iter().map(|net| tax(net, &rate, cart)).sum(),
            _ => tax(&base, &rate, cart),
        };
        let shares = match cart.mistake {
            Some(Mistake::TaxByComponent) => rates.iter().map(|rate| self::tax(&base, rate, cart)).collect(),
            _ => divided(&tax, &rates, places),
        };
        for (component, share) in components.into_iter().zip(shares) {
            let row = Tax {
                tax_code: component.tax_code.clone(),
                component: component.component.clone(),
                rate: component.rate.clone(),
                base: text(&base, places),
                tax: text(&share, places),
            };
            rows.push((row, share));
        }
    }
    rows
}

fn tax(base: &Fraction, rate: &Fraction, cart: &Cart) -> Fraction {
    let mistake = cart.mistake;
    if cart.prices_include_tax && mistake != Some(Mistake::TaxOfPrice) {
        base - rounded(&(base / (whole(1) + rate)), cart.places, mistake)
    } else {
        rounded(&(base * rate), cart.places, mistake)
    }
}

/// What is to be paid in cash, exactly and as notes and coins can.
pub(crate) fn cash_due(open: &Fraction, cart: &Cart) -> Fraction {
    match &cart.cash_step {
        Some(step) => nearest(open, &fraction(step), cart.cash_half != Some("down")),
        None => open.clone(),
    }
}

/// The entry that a cart becomes.
pub(crate) fn entry(cart: &Cart) -> Entry {
    let places = cart.places;
    let lines = priced(cart);
    let rows = taxes(cart, &lines);
    let written = cart.lines.iter().zip(&lines).map(|(line, priced)| Line {
        quantity: line.quantity.clone(),
        unit_price: line.unit_price.clone(),
        discount_percent: line.discount_percent.clone(),
        gross: text(&priced.gross, places),
        discount: unless_zero(&priced.discount, places),
        cart_discount: unless_zero(&priced.share, places),
        net: text(&priced.net, places),
        tax_code: line.tax_code.clone(),
        original_line: None,
    });
    let written = written.collect();
    let gross: Fraction = lines.iter().map(|line| &line.gross).sum();
    let net: Fraction = lines.iter().map(|line| &line.net).sum();
    let tax: Fraction = rows.iter().map(|(_row, tax)| tax).sum();
    let taxes = rows.into_iter().map(|(row, _tax)| row).collect();
    let (tenders, totals) = settled(cart, cart.kind, &gross, &net, &tax, &cart.tenders);
    Entry {
        name: cart.name.clone(),
        places,
        kind: cart.kind,
        lines: written,
        cart_discount: cart.cart_discount.clone(),
        cart_discount_percent: cart.cart_discount_percent.clone(),
        taxes,
        tenders,
        totals,
        refunds: refunds(cart, &lines),
    }
}

fn unless_zero(amount: &Fraction, places: u32) -> Option<String> {
    (*amount != whole(0)).then(|| text(amount, places))
}

/// Tenders and totals. Of a cash tender only what was handed over is read, of the others the amount.
fn settled(
    cart: &Cart,
    kind: &str,
    gross: &Fraction,
    lines: &Fraction,
    tax: &Fraction,
    wanted: &[Tender],
) -> (Vec<Tender>, Totals) {
    let places = cart.places;
    let total = if cart.prices_include_tax { lines.clone() } else { lines + tax };
    let of = |kind: &str| -> Fraction {
        wanted.iter().filter(|tender| tender.kind == kind).map(|tender| fraction(&tender.amount)).sum()
    };
    let (card, other) = (of("card"), of("other"));
    let open = &total - &card - &other;
    let (sign, due) = match kind {
        "sale" => (whole(1), cash_due(&open, cart)),
        "discard" => (whole(0), whole(0)),
        _ => (whole(-1), cash_due(&open, cart)),
    };
    let due = match (cart.mistake, kind) {
        (Some(Mistake::RoundsCards), "sale") if open == whole(0) => cash_due(&total, cart) - &card - &other,
        _ => due,
    };
    let rounding = if kind == "discard" { whole(0) } else { &due - &open };
    let total = if cart.mistake == Some(Mistake::RoundingIsSales) { total + &rounding } else { total };
    let mut tenders = wanted.to_vec();
    for tender in &mut tenders {
        if tender.kind == "cash" {
            tender.amount = text(&due, places);
            let change = tender.tendered.as_deref().map(|tendered| fraction(tendered) - &due);
            tender.change = change.map(|change| text(&change, places));
        }
    }
    let handed = wanted.iter().find_map(|tender| tender.tendered.as_deref()).map(fraction);
    let counted = handed.filter(|_sum| cart.mistake == Some(Mistake::CountsWhatWasHanded)).unwrap_or(due);
    let totals = Totals {
        currency: cart.currency,
        prices_include_tax: cart.prices_include_tax,
        cash_step: cart.cash_step.clone(),
        cash_half: cart.cash_half,
        gross: text(gross, places),
        discount: unless_zero(&(gross - lines), places),
        net: text(&(&total - tax), places),
        tax: text(tax, places),
        total: text(&total, places),
        cash_rounding: unless_zero(&rounding, places),
        net_cash: unless_zero(&(&sign * &counted), places),
        net_card: unless_zero(&(&sign * &card), places),
        net_other: unless_zero(&(&sign * &other), places),
    };
    (tenders, totals)
}

/// What was given back for a part, when this much of the whole was given back so far.
fn so_far(original: &Fraction, part: &Fraction, whole_part: &Fraction, places: u32) -> Fraction {
    if *whole_part == whole(0) { whole(0) } else { rounded(&(original * part / whole_part), places, None) }
}

fn refunds(cart: &Cart, lines: &[Priced]) -> Vec<Refund> {
    let places = cart.places;
    let original = taxes(cart, lines);
    let mut back: Vec<(Fraction, Fraction)> = vec![(whole(0), whole(0)); lines.len()];
    let mut taxed: Vec<(Fraction, Fraction)> = vec![(whole(0), whole(0)); original.len()];
    let mut refunds = Vec::new();
    for wanted in &cart.refunds {
        refunds.push(one_refund(cart, lines, &original, &mut back, &mut taxed, wanted, places));
    }
    refunds
}

fn one_refund(
    cart: &Cart,
    lines: &[Priced],
    original: &[(Tax, Fraction)],
    back: &mut [(Fraction, Fraction)],
    taxed: &mut [(Fraction, Fraction)],
    wanted: &Wanted,
    places: u32,
) -> Refund {
    let mut written = Vec::new();
    let mut codes: Vec<(&str, Fraction)> = Vec::new();
    let mut net = whole(0);
    for (original_line, quantity) in &wanted.lines {
        let index = original_line - 1;
        let parts = (cart.lines.get(index), lines.get(index), back.get_mut(index));
        let (Some(line), Some(priced), Some((quantity_back, net_back))) = parts else { continue };
        let line: &CartLine = line;
        *quantity_back += fraction(quantity);
        let due = so_far(&priced.net, quantity_back, &fraction(&line.quantity), places);
        let now = match cart.mistake {
            Some(Mistake::RefundByItself) => {
                so_far(&priced.net, &fraction(quantity), &fraction(&line.quantity), places)
            }
            _ => &due - &*net_back,
        };
        *net_back = due;
        if let Some(code) = line.tax_code.as_deref() {
            match codes.iter_mut().find(|(known, _base)| *known == code) {
                Some((_known, base)) => *base += &now,
                None => codes.push((code, now.clone())),
            }
        }
        net += &now;
        written.push(Line {
            quantity: quantity.clone(),
            unit_price: line.unit_price.clone(),
            discount_percent: None,
            gross: text(&now, places),
            discount: None,
            cart_discount: None,
            net: text(&now, places),
            tax_code: line.tax_code.clone(),
            original_line: u32::try_from(*original_line).ok(),
        });
    }
    let mut rows = Vec::new();
    let mut tax = whole(0);
    for ((row, original_tax), (base_back, tax_back)) in original.iter().zip(taxed) {
        let Some((_code, base)) = codes.iter().find(|(code, _base)| *code == row.tax_code) else { continue };
        *base_back += base;
        let due = so_far(original_tax, base_back, &fraction(&row.base), places);
        let now = &due - &*tax_back;
        *tax_back = due;
        rows.push(Tax { base: text(base, places), tax: text(&now, places), ..row.clone() });
        tax += now;
    }
    let total = if cart.prices_include_tax { net.clone() } else { &net + &tax };
    let tenders = paid_back(cart, &total, wanted.by, places);
    let (tenders, totals) = settled(cart, "refund", &net, &net, &tax, &tenders);
    Refund { lines: written, taxes: rows, tenders, totals }
}

/// One tender of this kind, where there is anything to give back.
fn paid_back(cart: &Cart, total: &Fraction, by: &'static str, places: u32) -> Vec<Tender> {
    let due = if by == "cash" { cash_due(total, cart) } else { total.clone() };
    if due == whole(0) && (by == "cash" || *total == whole(0)) {
        return Vec::new();
    }
    vec![Tender { kind: by, label: None, amount: text(&due, places), tendered: None, change: None }]
}
