//! A file of a spreadsheet as a table of texts.
//!
//! Invariant: nothing of the file is guessed away: what cannot be read is a line that says so, with its number.

use serde::Serialize;

/// A larger file is no catalogue: a million lines of twenty letters.
pub const LARGEST_FILE: usize = 20 * 1024 * 1024;
/// More lines than this are loaded in several files.
pub const MOST_LINES: usize = 200_000;
/// A longer field is a quotation mark that was not closed.
const LONGEST_FIELD: usize = 20_000;
/// More columns than any point of sale writes.
const MOST_COLUMNS: usize = 500;

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns, as they stand there.
    pub header: Vec<String>,
    /// What stands below them.
    pub rows: Vec<Row>,
    /// What stands between two fields.
    pub delimiter: char,
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Its fields.
    pub cells: Vec<String>,
    /// It cannot be read.
    pub is_torn: bool,
}

/// Why a file is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum FileProblem {
    /// Nothing is in it, or no line below the names of the columns.
    Empty,
    /// It is larger, or has more lines, than is taken at once.
    TooLarge,
    /// Not a text with fields: a spreadsheet's own file, a picture.
    NoTable,
    /// No column is one that is known.
    UnknownColumns,
}

/// Reads a file: UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs.
///
/// # Errors
/// Why it is none.
pub fn read(bytes: &[u8]) -> Result<Table, FileProblem> {
    if bytes.len() > LARGEST_FILE {
        return Err(FileProblem::TooLarge);
    }
    // What spreadsheets save by themselves is a ZIP, or the older compound file.
    if bytes.starts_with(b"PK\x03\x04")
        || bytes.starts_with(b"\xd0\xcf\x11\xe0")
        || bytes.starts_with(b"%PDF")
    {
        return Err(FileProblem::NoTable);
    }
    let text = decoded(bytes);
    let (text, said) = match text.strip_prefix("sep=") {
        // Excel's own line.
        Some(rest) => (rest.split_once('\n').map_or("", |(_said, rest)| rest), rest.chars().next()),
        None => (text.as_str(), None),
    };
    let skipped = u64::from(said.is_some());
    let delimiter = said.filter(char::is_ascii).unwrap_or_else(|| delimiter(text));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_not_utf8| FileProblem::NoTable)?;
        let line = record.position().map_or(0, csv::Position::line) + skipped;
        let cells: Vec<String> = record.iter().map(|cell| shortened(cell.trim())).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if rows.len() > MOST_LINES || cells.len() > MOST_COLUMNS {
            return Err(FileProblem::TooLarge);
        }
        let is_torn = record.iter().any(|cell| cell.len() > LONGEST_FIELD || cell.contains('\0'));
        rows.push(Row { line, cells, is_torn });
    }
    if ends_inside_quotes(text, delimiter)
        && let Some(last) = rows.last_mut()
    {
        last.is_torn = true;
    }
    if rows.len() < 2 {
        return Err(FileProblem::Empty);
    }
    let header = rows.remove(0);
    if header.is_torn {
        return Err(FileProblem::NoTable);
    }
    Ok(Table { header: header.cells, rows, delimiter })
}

fn shortened(cell: &str) -> String {
    cell.chars().take(LONGEST_FIELD).collect()
}

fn decoded(bytes: &[u8]) -> String {
    let wide = |of: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(of);
        char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        // Without its mark the first letter of a header tells: it is ASCII in every file there is.
        [first, 0, _, 0, ..] if *first != 0 => wide(u16::from_le_bytes, bytes),
        [0, first, 0, _, ..] if *first != 0 => wide(u16::from_be_bytes, bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_western) => bytes.iter().map(|byte| western(*byte)).collect(),
        },
    }
}

/// Windows-1252, which is Latin-1 but for these.
fn western(byte: u8) -> char {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..=0x9f => HIGH.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER),
        other => char::from(other),
    }
}

/// What the first line is divided by most often, outside quotation marks.
fn delimiter(text: &str) -> char {
    let mut counts = [(';', 0), ('\t', 0), (',', 0)];
    let mut quoted = false;
    for one in text.trim_start().chars() {
        match one {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted => break,
            other if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(other == *delimiter);
                }
            }
            _ => {}
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(',', |(delimiter, _)| delimiter)
}

/// Whether a quotation mark is open at the end: everything behind it is one field, and nobody wrote that.
fn ends_inside_quotes(text: &str, delimiter: char) -> bool {
    let (mut inside, mut at_start) = (false, true);
    let mut left = text.chars().peekable();
    while let Some(one) = left.next() {
        match one {
            '"' if inside && left.peek() == Some(&'"') => drop(left.next()),
            '"' if inside => inside = false,
            '"' if at_start => inside = true,
            _ => {}
        }
        at_start = !inside && (one == delimiter || one == '\n' || one == '\r');
    }
    inside
}
