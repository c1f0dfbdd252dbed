//! Prices as people and programs write them into files.
//!
//! Invariant: what can be read in two ways is read as the rest of its file is, and refused where that says nothing.

use super::typed::price_of;
use crate::Amount;

/// Which mark stands before the cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DecimalMark(char);

impl DecimalMark {
    /// As most prices of the file have it; where none tells, as files with this between the fields do.
    pub(super) fn of<'a>(prices: impl Iterator<Item = &'a str>, delimiter: char) -> Self {
        let (mut points, mut commas) = (0, 0);
        for price in prices {
            match plain(price).as_deref().and_then(last_mark) {
                Some(('.', 1 | 2)) => points += 1,
                Some((_, 1 | 2)) => commas += 1,
                _ => {}
            }
        }
        let is_comma = if points == commas { delimiter == ';' } else { commas > points };
        Self(if is_comma { ',' } else { '.' })
    }

    /// The price in a cell: with or without a currency, with or without marks between thousands.
    pub(super) fn read(self, cell: &str) -> Option<Amount> {
        let text = plain(cell)?;
        let mark = match last_mark(&text) {
            // Cents, whatever the rest of the file does.
            Some((mark, 1 | 2)) if text.matches(mark).count() == 1 => mark,
            _ => self.0,
        };
        let (whole, part) = text.rsplit_once(mark).unwrap_or((&text, ""));
        let thousands = if mark == '.' { ',' } else { '.' };
        let groups: Vec<&str> = whole.split(thousands).collect();
        let (first, others) = groups.split_first()?;
        let digits = |text: &str| text.bytes().all(|one| one.is_ascii_digit());
        let is_whole = digits(first) && (others.is_empty() || (1..=3).contains(&first.len()));
        let are_thousands = others.iter().all(|group| group.len() == 3 && digits(group));
        if !is_whole || !are_thousands || !digits(part) || (first.is_empty() && part.is_empty()) {
            return None;
        }
        let number = format!("{}.{}", if first.is_empty() { "0" } else { "" }, part);
        let whole = groups.concat();
        let text = if part.is_empty() { whole } else { format!("{whole}{number}") };
        price_of(text.parse::<Amount>().ok()?.decimal())
    }
}

/// Digits and marks alone: currency signs, codes and blanks are taken off the ends, and blanks and apostrophes from
/// between thousands. `None`: something else is there.
fn plain(cell: &str) -> Option<String> {
    let is_number = |one: char| one.is_ascii_digit() || matches!(one, '.' | ',');
    let around = |one: char| one.is_alphabetic() || one.is_whitespace() || is_currency(one);
    let whole = cell.trim();
    let text = whole.trim_start_matches(|one: char| around(one));
    // "Fr. 12.50" has a point of the word's own.
    let text = if text.len() < whole.len() { text.trim_start_matches('.') } else { text };
    let text = text.trim_matches(|one: char| around(one));
    let text = text
        .strip_suffix(".-")
        .or_else(|| text.strip_suffix(".–"))
        .or_else(|| text.strip_suffix(",-"))
        .unwrap_or(text);
    let separates = |one: char| one.is_whitespace() || matches!(one, '\'' | '’');
    let digits: String = text.chars().filter(|one| !separates(*one)).collect();
    (!digits.is_empty() && digits.chars().all(is_number)).then_some(digits)
}

fn is_currency(one: char) -> bool {
    matches!(
        one,
        '$' | '£'
            | '¥'
            | '€'
            | '¢'
            | '₹'
            | '₽'
            | '₺'
            | '₩'
            | '₫'
            | '₱'
            | '₦'
            | '₪'
            | '฿'
            | '₴'
            | '₡'
    )
}

/// The last mark, and how many digits stand behind it.
fn last_mark(text: &str) -> Option<(char, usize)> {
    let at = text.rfind(['.', ','])?;
    let mark = text.get(at..)?.chars().next()?;
    Some((mark, text.len() - at - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_they_are_written_and_nothing_is_guessed() {
        let (point, comma) = (DecimalMark('.'), DecimalMark(','));
        for (cell, by_point, by_comma) in [
            ("3.50", Some("3.50"), Some("3.50")),
            ("3,50", Some("3.50"), Some("3.50")),
            ("3", Some("3.00"), Some("3.00")),
            ("0", Some("0.00"), Some("0.00")),
            (".99", Some("0.99"), Some("0.99")),
            ("1,234.50", Some("1234.50"), Some("1234.50")),
            ("1.234,50", Some("1234.50"), Some("1234.50")),
            ("1'234.50", Some("1234.50"), Some("1234.50")),
            ("1 234,50", Some("1234.50"), Some("1234.50")),
            ("1,234", Some("1234.00"), None),
            ("1.234", None, Some("1234.00")),
            ("1,234,567", Some("1234567.00"), None),
            ("$4,250.00", Some("4250.00"), Some("4250.00")),
            ("€ 12,50", Some("12.50"), Some("12.50")),
            ("12.50 CHF", Some("12.50"), Some("12.50")),
            ("Fr. 12.50", Some("12.50"), Some("12.50")),
            ("Kr 12,50", Some("12.50"), Some("12.50")),
            ("12.-", Some("12.00"), Some("12.00")),
            ("R$ 1.234,56", Some("1234.56"), Some("1234.56")),
            ("-3.50", None, None),
            ("3.505", None, Some("3505.00")),
            ("1,23,456", None, None),
            ("12.50.00", None, None),
            ("abc", None, None),
            ("", None, None),
            ("1e3", None, None),
            ("NaN", None, None),
            ("3.50 x 2", None, None),
            ("=3+1", None, None),
            ("1000000000", None, None),
            ("999999999.99", Some("999999999.99"), Some("999999999.99")),
        ] {
            let read = |mark: DecimalMark| mark.read(cell).map(|price| price.to_string());
            assert_eq!((read(point).as_deref(), read(comma).as_deref()), (by_point, by_comma), "{cell:?}");
        }
    }

    #[test]
    fn the_file_says_which_mark_stands_before_the_cents() {
        let of = |prices: &[&str], delimiter| DecimalMark::of(prices.iter().copied(), delimiter).0;
        assert_eq!(of(&["1,50", "1.234", "20,00"], ','), ',');
        assert_eq!(of(&["1.50", "1,234"], ';'), '.');
        assert_eq!(of(&["1", "1.234"], ';'), ',', "as semicolons are where commas stand before cents");
        assert_eq!(of(&[], ','), '.');
    }
}
