//! A sheet as lines of a fixed number of columns, in the letters that a receipt printer has.
//!
//! Invariant: no line is longer than the columns, and nothing is cut off: what does not fit goes on in the next line.

use crate::{sheet::Line, words::Language};
use encoding_rs::WINDOWS_1252;
use onetill_core::Report;
use unicode_normalization::UnicodeNormalization;

/// A printed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) text: String,
    pub(crate) bold: bool,
}

/// A report as plain text, `columns` wide.
#[must_use]
pub fn text(report: &Report, language: &Language, columns: usize, copy: bool) -> String {
    let lines = set(&crate::sheet::lines(report, language, copy), columns);
    lines.into_iter().map(|line| line.text + "\n").collect()
}

/// Sets a sheet in columns.
pub(crate) fn set(lines: &[Line], columns: usize) -> Vec<Printed> {
    let columns = columns.max(1);
    let mut set = Vec::new();
    let mut put = |text: String, bold: bool| set.push(Printed { text: text.trim_end().to_owned(), bold });
    for line in lines {
        match line {
            Line::Title(text) => {
                wrapped(text, columns).into_iter().for_each(|part| put(centred(&part, columns), true))
            }
            Line::Centre(text) => {
                wrapped(text, columns).into_iter().for_each(|part| put(centred(&part, columns), false));
            }
            Line::Heading(text) => {
                put("-".repeat(columns), false);
                if !text.is_empty() {
                    wrapped(text, columns).into_iter().for_each(|part| put(part, true));
                }
            }
            Line::Row { label, value, strong } => {
                row(label, value, columns).into_iter().for_each(|part| put(part, *strong));
            }
            Line::Signature(text) => {
                (0..3).for_each(|_| put(String::new(), false));
                put("_".repeat(columns), false);
                wrapped(text, columns).into_iter().for_each(|part| put(part, false));
            }
        }
    }
    set
}

/// The label to the left, the value to the right: in one line, else each in lines of its own.
fn row(label: &str, value: &str, columns: usize) -> Vec<String> {
    let (label, value) = (printable(label), printable(value));
    let (label, value) = (label.trim_end(), value.trim());
    let used = length(label) + length(value);
    if value.is_empty() || used < columns {
        let gap = " ".repeat(columns.saturating_sub(used));
        if value.is_empty() {
            return wrapped(label, columns);
        }
        return vec![format!("{label}{gap}{value}")];
    }
    let mut lines = wrapped(label, columns);
    lines.extend(wrapped(value, columns).into_iter().map(|part| {
        let gap = columns.saturating_sub(length(&part));
        " ".repeat(gap) + &part
    }));
    lines
}

/// Breaks at blanks, and inside a word only where that is longer than a line.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let text = printable(text);
    let indent: String = text.chars().take_while(|letter| *letter == ' ').take(columns / 2).collect();
    let mut lines = Vec::new();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let begun = line.trim().is_empty();
        let needed = length(&line) + length(word) + usize::from(!begun);
        if needed <= columns {
            if !begun {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !begun {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        for letter in word.chars() {
            if length(&line) == columns {
                lines.push(std::mem::replace(&mut line, indent.clone()));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    lines
}

fn centred(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(length(text)) / 2) + text
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text in letters of Windows-1252, each of which is one byte and one column. What it lacks loses its accents, and
/// what is left of that becomes a question mark; line breaks and other controls become blanks, so that no name can
/// give the printer a command.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for letter in text.nfc() {
        let letter = match letter {
            // The blanks that languages put into amounts; some printers have no such letter.
            '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => ' ',
            '\u{2212}' => '-',
            'Ł' => 'L',
            'ł' => 'l',
            'Đ' => 'D',
            'đ' => 'd',
            'ı' => 'i',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                continue;
            }
            other if other.is_control() => ' ',
            other => other,
        };
        if byte(letter).is_some() {
            printable.push(letter);
            continue;
        }
        let plain: String =
            letter.nfkd().filter(|part| byte(*part).is_some() && !part.is_control()).collect();
        printable.push_str(if plain.is_empty() { "?" } else { &plain });
    }
    printable
}

/// The letter's byte in Windows-1252. The five bytes that it leaves open are no letters.
pub(crate) fn byte(letter: char) -> Option<u8> {
    if ('\u{80}'..='\u{9f}').contains(&letter) {
        return None;
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = WINDOWS_1252.encode(letter.encode_utf8(&mut buffer));
    match (unmappable, bytes.as_ref()) {
        (false, [byte]) => Some(*byte),
        _ => None,
    }
}
