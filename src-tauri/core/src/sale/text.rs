//! What people type as free text on a receipt.
//!
//! Invariant: a text that this module let through is in Unicode NFC, holds no control character, is no longer than the
//! database takes, and holds nothing that may be the number of a payment card.

use super::check::is_control;
use unicode_normalization::UnicodeNormalization;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// More characters than this.
    #[error("more than {0} characters")]
    TooLong(usize),
    /// It may hold the number of a payment card.
    #[error("digits that may be the number of a payment card")]
    CardNumber,
}

/// The most characters of a short text.
pub(super) const SHORT: usize = 200;
/// The most characters of a note.
pub(crate) const NOTE: usize = 500;

/// A free text as it is kept, with what control characters separated kept apart by a space; `None` where nothing is left
/// of it.
///
/// # Errors
/// [`TextProblem`], where it is too long or may hold a card's number.
pub fn free_text(typed: &str, most: usize) -> Result<Option<String>, TextProblem> {
    let text = one_line(typed);
    if text.chars().count() > most {
        Err(TextProblem::TooLong(most))
    } else if holds_card_number(&text) {
        Err(TextProblem::CardNumber)
    } else {
        Ok((!text.is_empty()).then_some(text))
    }
}

/// A text in Unicode NFC, with spaces in place of what no keyboard types and no database takes.
pub(crate) fn one_line(typed: &str) -> String {
    let text: String = typed.nfc().map(|one| if is_control(one) { ' ' } else { one }).collect();
    text.trim().to_owned()
}

/// A name or a code of the catalogue as a receipt has it: nobody at the till can mend it, so it is shortened rather than
/// refused. `None` where nothing is left.
pub(super) fn printable(name: &str) -> Option<String> {
    let text: String = one_line(name).chars().take(SHORT).collect();
    (!text.is_empty()).then_some(text)
}

/// A name of the catalogue likewise, without the digits of what may be a card's number: a sale is not lost for it.
pub(super) fn printable_name(name: &str) -> Option<String> {
    let text = printable(name)?;
    let is_card = holds_card_number(&text);
    Some(text.chars().map(|one| if is_card && digit(one).is_some() { '*' } else { one }).collect())
}

/// Whether 13 to 19 digits stand in the text that pass the check of Luhn, as every card's number does. They may be
/// grouped by spaces or hyphens; groups beside them do not hide them.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    // Groups of digits; `None` stands where neighbours are no part of one number.
    let mut groups: Vec<Option<Vec<u32>>> = vec![None];
    let mut ended = true;
    for one in text.chars() {
        match (digit(one), groups.last_mut()) {
            (Some(digit), Some(Some(last))) if !ended => last.push(digit),
            (Some(digit), _) => groups.push(Some(vec![digit])),
            (None, _) if is_joint(one) => {}
            (None, _) => groups.push(None),
        }
        ended = digit(one).is_none();
    }
    groups.split(Option::is_none).any(|together| {
        let together: Vec<&Vec<u32>> = together.iter().flatten().collect();
        (0..together.len()).any(|first| {
            let mut digits: Vec<u32> = Vec::new();
            together.iter().skip(first).any(|group| {
                digits.extend(*group);
                (13..=19).contains(&digits.len()) && passes_luhn(&digits)
            })
        })
    })
}

fn is_joint(one: char) -> bool {
    matches!(one, ' ' | '-' | '\u{a0}' | '\u{2007}' | '\u{2010}'..='\u{2013}' | '\u{202f}')
}

/// Digits of the scripts that the window reads amounts in.
fn digit(one: char) -> Option<u32> {
    let zeros = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];
    zeros.into_iter().find_map(|zero| u32::from(one).checked_sub(u32::from(zero)).filter(|digit| *digit < 10))
}

/// Every second digit from the right counts double, with its digits added up; the whole is a multiple of ten.
fn passes_luhn(digits: &[u32]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(place, digit)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    });
    weighed.sum::<u32>() % 10 == 0 && digits.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Whether a text may hold a card's number, `tests/vectors/texts.jsonl` says.
    #[test]
    fn a_cards_number_is_no_text() {
        assert_eq!(free_text("Visa 4111-1111-1111-1111 12/27", SHORT), Err(TextProblem::CardNumber));
        assert_eq!(free_text("4111\n1111\n1111\n1111", SHORT), Err(TextProblem::CardNumber), "as it is kept");
    }

    #[test]
    fn a_text_is_kept_composed_and_without_control_characters() {
        assert_eq!(free_text("  Cafe\u{301}\n2 ", SHORT).unwrap().as_deref(), Some("Café 2"));
        assert_eq!(free_text(" \t\u{1f} ", SHORT), Ok(None));
        assert_eq!(free_text(&"é".repeat(201), SHORT), Err(TextProblem::TooLong(200)));
        assert!(free_text(&"e\u{301}".repeat(200), SHORT).is_ok(), "counted as they are kept");
        assert_eq!(printable_name("Tea 4111111111111111").as_deref(), Some("Tea ****************"));
        assert_eq!(printable_name("Tea 12 x 20").as_deref(), Some("Tea 12 x 20"));
        assert_eq!(printable("Tea\u{1f}\n").as_deref(), Some("Tea"));
        assert_eq!(printable(&"e\u{301}".repeat(300)).map(|name| name.chars().count()), Some(200));
    }
}
