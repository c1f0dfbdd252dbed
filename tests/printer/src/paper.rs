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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its letters.
    pub text: String,
    /// Whether it was printed bold, at least in part.
    pub bold: bool,
    /// How many times as high as usual.
    pub height: u8,
    /// How many columns a letter takes.
    pub width: u8,
    /// In place of letters a QR code that says this.
    pub code: Option<String>,
}

/// Needles print so many columns with the narrow one of their letters, and no squares.
const IMPACT: usize = 40;

/// The bytes of a command that has not come whole yet. Every connection has its own: the end of one must not cut short
/// what arrives on the next.
#[derive(Debug, Default)]
pub(crate) struct Pending(Vec<u8>);

/// How letters look from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    bold: bool,
    tall: bool,
    wide: bool,
}

/// What a printer was told of a QR code.
#[derive(Clone, Debug, Default)]
struct Square {
    model: bool,
    dots: bool,
    level: bool,
    text: Option<String>,
}

/// What a printer was told since it was last set back.
#[derive(Clone, Debug, Default)]
struct Setup {
    initialised: bool,
    page: Option<u8>,
    single_byte: bool,
    font: u8,
    look: Look,
    in_the_middle: bool,
    square: Square,
}

/// Everything a printer did.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    columns: usize,
    line: Row,
    setup: Setup,
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
            [0x1b, b'@'] => self.setup = Setup { initialised: true, ..Setup::default() },
            [0x1b, b't' | b'R' | b'E' | b'd' | b'p' | b'M' | b'!' | b'a']
            | [0x1b, b'p', _]
            | [0x1b, b'p', _, _] => {
                return None;
            }
            [0x1b, b't', page] => self.setup.page = Some(*page),
            [0x1b, b'R', 0] => {}
            [0x1b, b'M', font @ (0 | 1)] => self.setup.font = *font,
            [0x1b, b'E', on @ (0 | 1)] => self.setup.look.bold = *on == 1,
            [0x1b, b'!', look] if look & 0b1100_0111 == self.setup.font => {
                let is = |bit: u8| look & bit != 0;
                self.setup.look = Look { bold: is(0b1000), tall: is(0b1_0000), wide: is(0b10_0000) };
            }
            [0x1b, b'a', on @ (0 | 1)] if self.line.text.is_empty() => self.setup.in_the_middle = *on == 1,
            [0x1b, b'd', lines @ 0..=20] => (0..*lines).for_each(|_| self.end_line()),
            [0x1b, b'p', 0 | 1, _, _] => self.kicks += 1,
            [0x1c, b'.'] => self.setup.single_byte = true,
            [0x1d, b'V' | b'r' | b'('] | [0x1d, b'V', 66] => return None,
            [0x1d, b'V', 66, _] => self.cut(),
            [0x1d, b'r', 1] => question = Some(Question::WhenDone),
            [0x1d, b'(', b'k'] | [0x1d, b'(', b'k', _] if self.columns != IMPACT => return None,
            [0x1d, b'(', b'k', low, high, told @ ..] if self.columns != IMPACT => {
                if told.len() < usize::from(u16::from_le_bytes([*low, *high])) {
                    return None;
                }
                let told = told.to_vec();
                self.draw(&told);
            }
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
        if !self.setup.initialised
            || (byte >= 0x80 && (self.setup.page != Some(16) || !self.setup.single_byte))
        {
            self.faults
                .push(format!("{letter:?} on page {:?} before the printer was set up", self.setup.page));
        }
        if self.setup.in_the_middle || (self.setup.font == 1) != (self.columns == IMPACT) {
            self.faults.push(format!("{letter:?} in font {} or in the middle", self.setup.font));
        }
        let Look { bold, tall, wide } = self.setup.look;
        let (height, width) = (1 + u8::from(tall), 1 + u8::from(wide));
        let (letters, line) = (self.line.text.chars().count(), &mut self.line);
        if letters > 0 && (line.height, line.width) != (height, width) {
            self.faults.push(format!("two sizes of letters in {:?}", line.text));
        }
        line.text.push(letter);
        line.bold |= bold;
        (line.height, line.width) = (height, width);
        let room = self.columns / usize::from(width);
        if letters == room {
            self.faults.push(format!("more than {room} columns: {:?}", line.text));
        }
    }

    /// A step towards a QR code.
    fn draw(&mut self, told: &[u8]) {
        match told {
            [b'1', b'A', b'2', 0] => self.setup.square.model = true,
            [b'1', b'C', 1..=16] => self.setup.square.dots = true,
            [b'1', b'E', b'0'..=b'3'] => self.setup.square.level = true,
            [b'1', b'P', b'0', text @ ..] if !text.is_empty() => {
                self.setup.square.text = Some(String::from_utf8_lossy(text).into_owned());
            }
            [b'1', b'Q', b'0'] => {
                let square = std::mem::take(&mut self.setup.square);
                let ready = square.model && square.dots && square.level && self.line.text.is_empty();
                match square.text.filter(|_| ready && self.setup.in_the_middle) {
                    Some(text) => self.strip.push(Row { code: Some(text), ..Row::default() }),
                    None => self.faults.push("a QR code of nothing, or beside letters".to_owned()),
                }
            }
            unknown => self.faults.push(format!("no step towards a QR code: {unknown:02x?}")),
        }
    }

    fn end_line(&mut self) {
        self.strip.push(std::mem::take(&mut self.line));
    }

    fn cut(&mut self) {
        if !self.line.text.is_empty() || self.setup.look != Look::default() {
            self.faults.push("a cut within a line".to_owned());
        }
        self.receipts.push(std::mem::take(&mut self.strip));
    }
}
