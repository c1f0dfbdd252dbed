//! The strict reader: bytes in, lines on paper out.

use crate::Question;

/// The letters of Windows-1252 between 0x80 and 0x9f; the five that it leaves open print nothing.
const UPPER: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// A line as it stands on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its letters.
    pub text: String,
    /// Whether it was printed bold, at least in part.
    pub bold: bool,
}

/// The bytes of a command that has not come whole yet. Every connection has its own: the end of one must not cut short
/// what arrives on the next.
#[derive(Debug, Default)]
pub(crate) struct Pending(Vec<u8>);

/// Everything a printer did.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    columns: usize,
    line: String,
    line_bold: bool,
    bold: bool,
    initialised: bool,
    page: Option<u8>,
    single_byte: bool,
    strip: Vec<Row>,
    /// The receipts that were cut off, in order.
    pub receipts: Vec<Vec<Row>>,
    /// How often the drawer was opened.
    pub kicks: usize,
    /// What a real printer would have garbled.
    pub faults: Vec<String>,
}

impl Paper {
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    /// What a printer with this many columns does with these bytes, without a cable.
    #[must_use]
    pub fn of(bytes: &[u8], columns: usize) -> Self {
        let (mut paper, mut pending) = (Self::new(columns), Pending::default());
        for byte in bytes {
            if paper.take(&mut pending, *byte).is_some() {
                paper.faults.push("a question within a job".to_owned());
            }
        }
        paper.end_of_connection(&pending);
        paper
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The lines of a receipt as text.
    #[must_use]
    pub fn text(&self, receipt: usize) -> String {
        self.receipts.get(receipt).into_iter().flatten().map(|row| format!("{}\n", row.text)).collect()
    }

    /// A byte arrives; it may complete a question.
    pub(crate) fn take(&mut self, pending: &mut Pending, byte: u8) -> Option<Question> {
        pending.0.push(byte);
        let mut question = None;
        match pending.0.as_slice() {
            [b'\n'] => self.end_line(),
            [0x10 | 0x1b | 0x1c | 0x1d] | [0x10, 4] => return None,
            [0x10, 4, 2] => question = Some(Question::WhyOffline),
            [0x10, 4, 4] => question = Some(Question::Paper),
            [0x1b, b'@'] => {
                (self.initialised, self.bold, self.page, self.single_byte) = (true, false, None, false);
            }
            [0x1b, b't' | b'R' | b'E' | b'd' | b'p'] | [0x1b, b'p', _] | [0x1b, b'p', _, _] => return None,
            [0x1b, b't', page] => self.page = Some(*page),
            [0x1b, b'R', 0] => {}
            [0x1b, b'E', on @ (0 | 1)] => self.bold = *on == 1,
            [0x1b, b'd', lines @ 0..=20] => (0..*lines).for_each(|_| self.end_line()),
            [0x1b, b'p', 0 | 1, _, _] => self.kicks += 1,
            [0x1c, b'.'] => self.single_byte = true,
            [0x1d, b'V' | b'r'] | [0x1d, b'V', 66] => return None,
            [0x1d, b'V', 66, _] => self.cut(),
            [0x1d, b'r', 1] => question = Some(Question::WhenDone),
            [letter] if *letter >= 0x20 && *letter != 0x7f => self.print(*letter),
            unknown => self.faults.push(format!("no command: {unknown:02x?}")),
        }
        pending.0.clear();
        question
    }

    pub(crate) fn end_of_connection(&mut self, pending: &Pending) {
        if !pending.0.is_empty() {
            self.faults.push(format!("a command cut short: {:02x?}", pending.0));
        }
    }

    fn print(&mut self, byte: u8) {
        let letter = match byte {
            0x80..=0x9f => UPPER.get(usize::from(byte - 0x80)).copied().flatten(),
            other => Some(char::from(other)),
        };
        let Some(letter) = letter else {
            self.faults.push(format!("no letter: {byte:02x}"));
            return;
        };
        if !self.initialised || (byte >= 0x80 && (self.page != Some(16) || !self.single_byte)) {
            self.faults.push(format!("{letter:?} on page {:?} before the printer was set up", self.page));
        }
        self.line.push(letter);
        self.line_bold |= self.bold;
        if self.line.chars().count() == self.columns + 1 {
            self.faults.push(format!("more than {} columns: {:?}", self.columns, self.line));
        }
    }

    fn end_line(&mut self) {
        let text = std::mem::take(&mut self.line);
        self.strip.push(Row { text, bold: std::mem::take(&mut self.line_bold) });
    }

    fn cut(&mut self) {
        if !self.line.is_empty() {
            self.faults.push("a cut within a line".to_owned());
        }
        self.receipts.push(std::mem::take(&mut self.strip));
    }
}
