//! A sheet as lines of a fixed number of columns, in the letters that a receipt printer has.
//!
//! Invariant: no line is longer than the columns, and nothing is cut off: what does not fit goes on in the next line.

use crate::{alphabet::Alphabet, document::Document, sheet::Line, words::Language};
use onetill_core::PrinterSettings;

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
    let alphabet = Alphabet::of(PrinterSettings::default().letters());
    let lines = set(&crate::sheet::lines(&sheet.into(), language, copy), columns, alphabet);
    let letters = lines.into_iter().filter_map(|line| match line {
        Printed::Letters { text, .. } => Some(text + "\n"),
        Printed::Code(_) => None,
    });
    letters.collect()
}

/// Sets a sheet in columns.
pub(crate) fn set(lines: &[Line], columns: usize, alphabet: Alphabet) -> Vec<Printed> {
    use Style::{Bold, Large, Plain, Tall};
    let columns = columns.max(1);
    let half = (columns / 2).max(1);
    let wrapped = |text: &str, columns| wrapped(&alphabet.printable(text), columns);
    let row = |label: &str, value: &str, columns| {
        row(&alphabet.printable(label), &alphabet.printable(value), columns)
    };
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
