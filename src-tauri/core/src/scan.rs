//! What a scanner read: which item to look up, and what its label says of weight or price.
//!
//! Invariant: a code with a check digit that does not fit adds nothing; what a label does not say is not guessed.

use crate::{Amount, sale::Quantity};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A code as it was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// What it was, without what the scanner put around it.
    pub code: String,
    /// Under what it may stand in the catalogue, the likeliest first.
    pub lookups: Vec<String>,
    /// What the label says beside the item.
    pub measure: Measure,
}

/// What a label says beside the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Nothing: one piece.
    Piece,
    /// So much, or so many.
    Quantity(Quantity),
    /// This price for what is in the packet.
    Price(Amount),
}

/// Why a scan adds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanProblem {
    /// Nothing, too much, or control characters.
    #[error("no code")]
    NoCode,
    /// A check digit does not fit: it was misread or is no such code.
    #[error("the check digit does not fit")]
    CheckDigit,
    /// An element string that breaks its own rules, or names no item.
    #[error("an element string that cannot be read")]
    Element,
    /// A label of nothing, or of more than a line holds.
    #[error("a label of no amount")]
    NoAmount,
}

/// How a location prints its labels: an EAN-13 of its own that begins with this prefix, holds a number of an item and then
/// a weight or a price, and ends with the check digit of every EAN-13.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRule {
    /// With what it begins: 02, or 20 to 29, or more digits of these.
    pub prefix: String,
    /// How many digits the number of the item has.
    pub item: usize,
    /// What follows.
    pub value: LabelValue,
    /// How many digits that has.
    pub digits: usize,
    /// How many of these stand after the point: 3 for grams of a kilogram, 2 for cents.
    pub places: u32,
    /// A check digit of the value stands before it (four or five digits).
    #[serde(default)]
    pub value_check: bool,
}

/// What a label holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelValue {
    /// A weight, in the unit of the item.
    Weight,
    /// The price of the packet.
    Price,
}

impl CodeRule {
    /// Whether its parts fill an EAN-13 and its prefix is one for labels of a store's own.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let own = self.prefix.starts_with("02") || self.prefix.starts_with('2');
        let digits = self.prefix.len() + self.item + usize::from(self.value_check) + self.digits;
        let numbers = self.prefix.bytes().all(|one| one.is_ascii_digit()) && self.prefix.len() >= 2;
        let checked = !self.value_check || matches!(self.digits, 4 | 5);
        own && numbers && digits == 12 && self.item >= 1 && self.digits >= 1 && self.places <= 3 && checked
    }
}

/// The longest text that is read as a code.
const LONGEST: usize = 200;
/// Separates elements of variable length (FNC1, as scanners send it).
const SEPARATOR: char = '\u{1d}';

/// Reads what a scanner typed.
///
/// # Errors
/// [`ScanProblem`] says why it adds nothing.
pub fn read(typed: &str, rules: &[CodeRule]) -> Result<Scan, ScanProblem> {
    let typed = typed.trim_matches([' ', '\t', '\r', '\n']);
    let (symbology, code) = symbology(typed);
    let control = code.chars().any(|one| one.is_control() && one != SEPARATOR);
    if code.is_empty() || code.len() > LONGEST || control {
        return Err(ScanProblem::NoCode);
    }
    if symbology.is_some_and(|of| GS1.contains(&of)) || code.contains(SEPARATOR) || code.starts_with("(01)") {
        return elements(code);
    }
    let plain = || Scan { code: code.to_owned(), lookups: vec![code.to_owned()], measure: Measure::Piece };
    if !code.bytes().all(|one| one.is_ascii_digit()) {
        return Ok(plain());
    }
    match code.len() {
        8 => eight(code),
        12 | 13 => {
            checked(code)?;
            match label(&format!("{code:0>13}"), code, rules) {
                Some(label) => label,
                None => Ok(item(code)),
            }
        }
        14 => checked(code).map(|()| item(code)),
        _ => Ok(plain()),
    }
}

/// Symbologies that hold element strings: GS1-128, DataBar, DataMatrix, QR.
const GS1: [&str; 4] = ["]C1", "]e0", "]d2", "]Q3"];

/// The identifier that some scanners put before a code, and the code.
fn symbology(typed: &str) -> (Option<&str>, &str) {
    match typed.split_at_checked(3) {
        Some((identifier, code)) if identifier.starts_with(']') => (Some(identifier), code),
        _ => (None, typed),
    }
}

/// The check digit of EAN, UPC and GTIN: weights 3 and 1 from the right.
fn check_digit(digits: &str) -> u32 {
    let weighed = digits.bytes().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = weighed.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (10 - sum % 10) % 10
}

fn has_check_digit(code: &str) -> bool {
    code.split_at_checked(code.len().saturating_sub(1))
        .is_some_and(|(digits, last)| last.parse() == Ok(check_digit(digits)))
}

fn checked(code: &str) -> Result<(), ScanProblem> {
    if has_check_digit(code) { Ok(()) } else { Err(ScanProblem::CheckDigit) }
}

/// An item by its GTIN: as it was read, then written with 8, 12, 13 and 14 digits as far as its zeros allow.
fn item(code: &str) -> Scan {
    let mut lookups = vec![code.to_owned()];
    let whole = format!("{code:0>14}");
    for length in [13, 12, 14, 8] {
        if let Some((zeros, digits)) = whole.split_at_checked(14 - length)
            && zeros.bytes().all(|one| one == b'0')
            && !lookups.iter().any(|known| known == digits)
        {
            lookups.push(digits.to_owned());
        }
    }
    Scan { code: code.to_owned(), lookups, measure: Measure::Piece }
}

/// Eight digits are an EAN-8, or a UPC-E, or may be both.
fn eight(code: &str) -> Result<Scan, ScanProblem> {
    let upc = expanded(code).filter(|upc| has_check_digit(upc));
    match (has_check_digit(code), upc) {
        (true, None) => Ok(item(code)),
        (is_ean, Some(upc)) => {
            let (first, second) = (item(code), item(&upc));
            let mut lookups = if is_ean { first.lookups } else { vec![code.to_owned()] };
            lookups.extend(second.lookups.into_iter().filter(|one| one != code));
            Ok(Scan { code: code.to_owned(), lookups, measure: Measure::Piece })
        }
        (false, None) => Err(ScanProblem::CheckDigit),
    }
}

/// The UPC-A that a UPC-E of eight digits stands for.
fn expanded(code: &str) -> Option<String> {
    let (system, rest) = code.split_at_checked(1)?;
    let (digits, check) = rest.split_at_checked(6)?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let middle = match digits.as_bytes().last()? {
        last @ b'0'..=b'2' => format!("{}{}0000{}", part(0, 2)?, char::from(*last), part(2, 5)?),
        b'3' => format!("{}00000{}", part(0, 3)?, part(3, 5)?),
        b'4' => format!("{}00000{}", part(0, 4)?, part(4, 5)?),
        last => format!("{}0000{}", part(0, 5)?, char::from(*last)),
    };
    matches!(system, "0" | "1").then(|| format!("{system}{middle}{check}"))
}

/// A label by the longest prefix that fits; `None` where no rule does.
fn label(code: &str, as_read: &str, rules: &[CodeRule]) -> Option<Result<Scan, ScanProblem>> {
    let fits = |rule: &&CodeRule| rule.is_possible() && code.starts_with(&rule.prefix);
    let rule = rules.iter().filter(fits).max_by_key(|rule| rule.prefix.len())?;
    let (_prefix, rest) = code.split_at_checked(rule.prefix.len())?;
    let (number, rest) = rest.split_at_checked(rule.item)?;
    let (value_check, rest) = rest.split_at_checked(usize::from(rule.value_check))?;
    let (value, _check_digit) = rest.split_at_checked(rule.digits)?;
    if rule.value_check && value_check.parse() != Ok(value_check_digit(value)) {
        return Some(Err(ScanProblem::CheckDigit));
    }
    let measure = measure(value, rule.places, rule.value == LabelValue::Weight);
    Some(measure.map(|measure| Scan {
        code: as_read.to_owned(),
        // As a number of the store's own, with the prefix, or as the code of a label of nothing.
        lookups: [number.to_owned(), format!("{}{number}", rule.prefix), empty_label(code, value)].into(),
        measure,
    }))
}

/// The label of the same item with a value of zero, as many catalogues keep it.
fn empty_label(code: &str, value: &str) -> String {
    let kept = code.len().saturating_sub(value.len() + 1);
    let digits = format!("{}{}", code.get(..kept).unwrap_or_default(), "0".repeat(value.len()));
    let check = check_digit(&digits);
    format!("{digits}{check}")
}

/// Digits with so many places as weight or price.
fn measure(digits: &str, places: u32, is_weight: bool) -> Result<Measure, ScanProblem> {
    let digits: i64 = digits.parse().map_err(|_too_many| ScanProblem::NoAmount)?;
    let value = Decimal::new(digits, places).normalize();
    if value <= Decimal::ZERO {
        return Err(ScanProblem::NoAmount);
    }
    if is_weight {
        let quantity = value.to_string().parse();
        quantity.map(Measure::Quantity).map_err(|_no_quantity| ScanProblem::NoAmount)
    } else {
        Ok(Measure::Price(value.into()))
    }
}

/// The check digit of a price or weight of four or five digits (GS1 General Specifications, 7.9).
fn value_check_digit(digits: &str) -> u32 {
    const TWO_MINUS: [u32; 10] = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7];
    const THREE: [u32; 10] = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7];
    const FIVE_PLUS: [u32; 10] = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9];
    const FIVE_MINUS: [u32; 10] = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1];
    let four = [TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS];
    let five = [FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS];
    let tables: &[[u32; 10]] = if digits.len() == 4 { &four } else { &five };
    let weighed = digits
        .bytes()
        .zip(tables)
        .map(|(digit, table)| table.get(usize::from(digit.wrapping_sub(b'0'))).copied().unwrap_or_default());
    let sum: u32 = weighed.sum();
    if digits.len() == 4 {
        sum * 3 % 10
    } else {
        let wanted = (10 - sum % 10) % 10;
        (0..10)
            .zip(FIVE_MINUS)
            .find(|(_digit, weighed)| *weighed == wanted)
            .map_or(0, |(digit, _weighed)| digit)
    }
}

/// The length of the data of an application identifier whose length is fixed, by its first two digits: identifier and data
/// together.
fn fixed_length(code: &str) -> Option<usize> {
    let first = code.get(..2)?;
    Some(match first {
        "00" => 20,
        "01" | "02" | "03" => 16,
        "04" => 18,
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => 8,
        "20" => 4,
        "31" | "32" | "33" | "34" | "35" | "36" => 10,
        "41" => 16,
        _ => return None,
    })
}

/// Elements of GS1: 01 the item, 30 a count, 310n a weight in kilograms, 392n a price; others are passed over.
fn elements(code: &str) -> Result<Scan, ScanProblem> {
    let text = if code.starts_with('(') { from_brackets(code)? } else { code.to_owned() };
    let mut left = text.trim_start_matches(SEPARATOR);
    let (mut found, mut said) = (None, None);
    while !left.is_empty() {
        let (element, rest) = match fixed_length(left) {
            Some(length) => left.split_at_checked(length).ok_or(ScanProblem::Element)?,
            None => left.split_once(SEPARATOR).unwrap_or((left, "")),
        };
        if element.contains(SEPARATOR) {
            return Err(ScanProblem::Element);
        }
        left = rest.trim_start_matches(SEPARATOR);
        let (identifier, data) = element.split_at_checked(2).ok_or(ScanProblem::Element)?;
        match identifier {
            "01" if found.is_none() => {
                digits_only(data)?;
                checked(data)?;
                found = Some(data.to_owned());
            }
            "01" => return Err(ScanProblem::Element),
            "30" if data.len() <= 8 => said = Some(element_measure(data, "0", true)?),
            "30" => return Err(ScanProblem::Element),
            "31" if data.starts_with('0') => said = Some(places_and_value(data, true)?),
            "39" if data.starts_with('2') => said = Some(places_and_value(data, false)?),
            _ => {}
        }
    }
    let gtin = found.ok_or(ScanProblem::Element)?;
    let short = gtin.trim_start_matches('0');
    // Without the zeros that make 14 digits of it, as the packet shows it.
    let shown = if short.len() > 13 {
        14
    } else if short.len() > 12 {
        13
    } else if short.len() > 8 {
        12
    } else {
        8
    };
    let shown = gtin.get(14 - shown..).unwrap_or(&gtin);
    Ok(Scan { measure: said.unwrap_or(Measure::Piece), ..item(shown) })
}

/// `310n` and `392n` without their first two digits: a digit, the number of places, the value.
fn places_and_value(data: &str, is_weight: bool) -> Result<Measure, ScanProblem> {
    let places = data.get(1..2).ok_or(ScanProblem::Element)?;
    let value = data.get(2..).ok_or(ScanProblem::Element)?;
    element_measure(value, places, is_weight)
}

fn element_measure(value: &str, places: &str, is_weight: bool) -> Result<Measure, ScanProblem> {
    digits_only(value)?;
    let places: u32 = places.parse().map_err(|_no_digit| ScanProblem::Element)?;
    if value.len() > 15 { Err(ScanProblem::Element) } else { measure(value, places, is_weight) }
}

fn digits_only(data: &str) -> Result<(), ScanProblem> {
    let digits = !data.is_empty() && data.bytes().all(|one| one.is_ascii_digit());
    if digits { Ok(()) } else { Err(ScanProblem::Element) }
}

/// As people write element strings, `(01)…(3103)…`, with separators instead of brackets.
fn from_brackets(code: &str) -> Result<String, ScanProblem> {
    let mut text = String::with_capacity(code.len());
    for element in code.split('(').skip(1) {
        let (identifier, data) = element.split_once(')').ok_or(ScanProblem::Element)?;
        digits_only(identifier)?;
        if !text.is_empty() {
            text.push(SEPARATOR);
        }
        text.push_str(identifier);
        text.push_str(data);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(prefix: &str, item: usize, value: LabelValue, digits: usize, places: u32) -> CodeRule {
        CodeRule { prefix: prefix.into(), item, value, digits, places, value_check: false }
    }

    fn rules() -> Vec<CodeRule> {
        vec![
            rule("20", 5, LabelValue::Price, 5, 2),
            rule("23", 5, LabelValue::Weight, 5, 3),
            rule("02", 5, LabelValue::Price, 5, 2),
            rule("2012", 4, LabelValue::Price, 4, 2),
            CodeRule { value_check: true, ..rule("28", 5, LabelValue::Price, 4, 2) },
            CodeRule { value_check: true, ..rule("29", 4, LabelValue::Price, 5, 2) },
        ]
    }

    fn quantity(text: &str) -> Measure {
        Measure::Quantity(text.parse().unwrap())
    }

    fn price(text: &str) -> Measure {
        Measure::Price(text.parse().unwrap())
    }

    #[test]
    fn codes_of_makers_are_looked_up_with_every_number_of_digits() {
        for (typed, lookups) in [
            ("4006381333931", vec!["4006381333931", "04006381333931"]),
            ("036000291452", vec!["036000291452", "0036000291452", "00036000291452"]),
            ("0036000291452", vec!["0036000291452", "036000291452", "00036000291452"]),
            ("00036000291452", vec!["00036000291452", "0036000291452", "036000291452"]),
            ("14006381333938", vec!["14006381333938"]),
            ("96385074", vec!["96385074", "0000096385074", "000096385074", "00000096385074"]),
            ("]E04006381333931\r\n", vec!["4006381333931", "04006381333931"]),
            ("REG-1-B-000042", vec!["REG-1-B-000042"]),
            ("4711", vec!["4711"]),
            (" AB 12 ", vec!["AB 12"]),
        ] {
            let scan = read(typed, &[]).unwrap();
            assert_eq!(scan.lookups, lookups, "{typed:?}");
            assert_eq!(scan.measure, Measure::Piece);
        }
    }

    #[test]
    fn a_upc_e_is_the_upc_a_that_it_stands_for() {
        for (short, long) in [
            ("01234505", "012000003455"),
            ("04252614", "042100005264"),
            ("01234531", "012300000451"),
            ("01234543", "012340000053"),
            ("01234558", "012345000058"),
        ] {
            let scan = read(short, &[]).unwrap();
            assert!(scan.lookups.contains(&long.to_owned()), "{short}: {:?}", scan.lookups);
            assert_eq!(scan.lookups.first().map(String::as_str), Some(short));
        }
    }

    #[test]
    fn a_wrong_check_digit_adds_nothing() {
        for typed in [
            "4006381333932",
            "036000291453",
            "96385075",
            "14006381333939",
            "2012345006264",
            "]C10104006381333932",
        ] {
            assert_eq!(read(typed, &rules()), Err(ScanProblem::CheckDigit), "{typed}");
        }
        assert_eq!(read("01234567", &[]), Err(ScanProblem::CheckDigit), "neither EAN-8 nor UPC-E");
    }

    #[test]
    fn labels_of_the_store_say_weight_or_price() {
        let priced = read("2012345006263", &rules()[..2]).unwrap();
        assert_eq!((priced.lookups[0].as_str(), priced.measure), ("12345", price("6.26")));
        assert_eq!(priced.lookups, ["12345", "2012345", "2012345000001"]);
        let weighed = read("2312345004857", &rules()).unwrap();
        assert_eq!((weighed.lookups[0].as_str(), weighed.measure), ("12345", quantity("0.485")));
        // A UPC-A that begins with 2 is an EAN-13 that begins with 02.
        let american = read("212345006269", &rules()).unwrap();
        assert_eq!((american.lookups[0].as_str(), american.measure), ("12345", price("6.26")));
        // The longest prefix decides.
        let long = read("2012345006263", &rules()).unwrap();
        assert_eq!((long.lookups[0].as_str(), long.measure), ("3450", price("6.26")));
        // Without a rule it is a code like others.
        assert_eq!(read("2012345006263", &[]).unwrap().lookups[0], "2012345006263");
    }

    #[test]
    fn the_check_digit_of_a_price_is_the_one_of_gs1() {
        assert_eq!((value_check_digit("2875"), value_check_digit("14685")), (9, 6));
        let with_check = |digits: &str| format!("{digits}{}", check_digit(digits));
        let scan = read(&with_check("281234592875"), &rules()).unwrap();
        assert_eq!((scan.lookups[0].as_str(), scan.measure), ("12345", price("28.75")));
        assert_eq!(read(&with_check("281234582875"), &rules()), Err(ScanProblem::CheckDigit));
        let scan = read(&with_check("291234614685"), &rules()).unwrap();
        assert_eq!((scan.lookups[0].as_str(), scan.measure), ("1234", price("146.85")));
    }

    #[test]
    fn a_label_of_nothing_adds_nothing() {
        let empty = empty_label("2012345006263", "00626");
        assert_eq!(empty, "2012345000001");
        assert_eq!(read(&empty, &rules()[..2]), Err(ScanProblem::NoAmount));
    }

    #[test]
    fn rules_that_fill_no_ean_are_passed_over() {
        for impossible in [
            rule("20", 5, LabelValue::Price, 4, 2),
            rule("40", 5, LabelValue::Price, 5, 2),
            rule("2x", 5, LabelValue::Price, 5, 2),
            rule("20", 0, LabelValue::Price, 10, 2),
            rule("20", 5, LabelValue::Weight, 5, 4),
            CodeRule { value_check: true, ..rule("20", 6, LabelValue::Price, 3, 2) },
        ] {
            assert!(!impossible.is_possible(), "{impossible:?}");
            assert_eq!(read("2012345006263", &[impossible]).unwrap().measure, Measure::Piece);
        }
    }

    #[test]
    fn element_strings_say_item_weight_price_and_count() {
        for (typed, first, measure) in [
            ("]C101040063813339313103000485", "4006381333931", quantity("0.485")),
            ("]e001040063813339313922626", "4006381333931", price("6.26")),
            ("]d20104006381333931172512311012AB\u{1d}21XYZ", "4006381333931", Measure::Piece),
            ("]d201040063813339311012AB\u{1d}3012\u{1d}17251231", "4006381333931", quantity("12")),
            ("\u{1d}0100036000291452\u{1d}3922100", "036000291452", price("1")),
            ("(01)04006381333931(3102)001250(10)L1", "4006381333931", quantity("12.5")),
            ("]Q301140063813339389900abc\u{1d}3103001000", "14006381333938", quantity("1")),
            ("]C10100000096385074", "96385074", Measure::Piece),
        ] {
            let scan = read(typed, &[]).unwrap_or_else(|problem| panic!("{typed:?}: {problem}"));
            assert_eq!((scan.lookups[0].as_str(), scan.measure), (first, measure), "{typed:?}");
        }
        for typed in [
            "]C1310300048501",
            "]C10104006381333",
            "]C1",
            "]C11012AB",
            "]C10104006381333931310300048",
            "]C101040063813339310104006381333931",
            "]C10104006381333931310300048X",
            "(01)04006381333931(3103",
            "]C10104006381333931\u{1d}30123456789",
            "]d20104006381333931172512\u{1d}3130",
        ] {
            assert!(read(typed, &[]).is_err(), "{typed:?}");
        }
        // A weight of micrograms is finer than a line keeps; of nothing it is none.
        assert_eq!(read("]C101040063813339313105000001", &[]), Err(ScanProblem::NoAmount));
        assert_eq!(read("]C101040063813339313103000000", &[]), Err(ScanProblem::NoAmount));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", " \r\n", "a\u{0}b", "]E0", &"7".repeat(201)] {
            assert_eq!(read(typed, &[]), Err(ScanProblem::NoCode), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn no_scan_panics(typed in "\\PC*", digits in "[0-9()\u{1d}\\]C1]{0,40}") {
            let _ = read(&typed, &rules());
            let _ = read(&digits, &rules());
        }

        /// One digit misread is always noticed.
        #[test]
        fn a_digit_misread_is_noticed(code in "[0-9]{12}", place in 0_usize..13, digit in 0_u8..10) {
            let good = format!("{code}{}", check_digit(&code));
            prop_assert!(read(&good, &[]).is_ok());
            let mut bad = good.clone().into_bytes();
            bad[place] = b'0' + digit;
            let bad = String::from_utf8(bad).unwrap();
            prop_assert_eq!(read(&bad, &[]).is_ok(), bad == good);
        }
    }
}
