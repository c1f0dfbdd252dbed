//! A sheet as lines of a fixed number of columns, in the letters that a receipt printer has.
//!
//! Invariant: no line is longer than the columns, and nothing is cut off: what does not fit goes on in the next line.

use crate::{document::Document, sheet::Line, words::Language};
use encoding_rs::WINDOWS_1252;
use unicode_normalization::UnicodeNormalization;

/// What is printed in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Printed {
    /// A line of letters.
    Letters { text: String, style: Style },
    /// A text that a scanner can read.
    Code(String),
}

/// How letters look. What is large takes two columns a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    /// Twice as high.
    Tall,
    /// Twice as high and twice as wide.
    Large,
}

/// A sheet as plain text, `columns` wide.
#[must_use]
pub fn text<'a>(sheet: impl Into<Document<'a>>, language: &Language, columns: usize, copy: bool) -> String {
    let lines = set(&crate::sheet::lines(&sheet.into(), language, copy), columns);
    let letters = lines.into_iter().filter_map(|line| match line {
        Printed::Letters { text, .. } => Some(text + "\n"),
        Printed::Code(_) => None,
    });
    letters.collect()
}

/// Sets a sheet in columns.
pub(crate) fn set(lines: &[Line], columns: usize) -> Vec<Printed> {
    use Style::{Bold, Large, Plain, Tall};
    let columns = columns.max(1);
    let half = (columns / 2).max(1);
    let middle = |text: &str, columns| -> Vec<String> {
        wrapped(text, columns).into_iter().map(|part| centred(&part, columns)).collect()
    };
    let mut set = Vec::new();
    for line in lines {
        let parts = match line {
            Line::Title(text) => vec![(Bold, middle(text, columns))],
            Line::Centre(text) => vec![(Plain, middle(text, columns))],
            Line::Mark(text) => vec![(if columns > 1 { Large } else { Bold }, middle(text, half))],
            Line::Heading(text) => {
                let text = if text.is_empty() { Vec::new() } else { wrapped(text, columns) };
                vec![(Plain, vec!["-".repeat(columns)]), (Bold, text)]
            }
            Line::Row { label, value, strong } => {
                vec![(if *strong { Bold } else { Plain }, row(label, value, columns))]
            }
            Line::Total { label, value } => match row(label, value, half) {
                large if large.len() == 1 && columns > 1 => vec![(Large, large)],
                _ => vec![(Tall, row(label, value, columns))],
            },
            Line::Signature(text) => {
                let room = [String::new(), String::new(), String::new(), "_".repeat(columns)];
                vec![(Plain, room.into()), (Plain, wrapped(text, columns))]
            }
            Line::Code(code) => {
                set.push(Printed::Code(code.clone()));
                continue;
            }
        };
        for (style, parts) in parts {
            let letters = |text: String| Printed::Letters { text: text.trim_end().to_owned(), style };
            set.extend(parts.into_iter().map(letters));
        }
    }
    set
}

/// The label to the left, the value to the right, both in lines of their own where they need more than one together;
/// the value stands beside the end of the label where there is room.
fn row(label: &str, value: &str, columns: usize) -> Vec<String> {
    let (label, value) = (printable(label), printable(value));
    let (label, value) = (label.trim_end(), value.trim());
    let to_the_right =
        |text: &str, used: usize| " ".repeat(columns.saturating_sub(used + length(text))) + text;
    let fits = |text: &str| length(text) + length(value) < columns;
    let mut lines = if fits(label) { vec![label.to_owned()] } else { wrapped(label, columns) };
    match lines.last_mut() {
        _ if value.is_empty() => {}
        Some(last) if fits(last) => last.push_str(&to_the_right(value, length(last))),
        _ => lines.extend(wrapped(value, columns).iter().map(|part| to_the_right(part, 0))),
    }
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
