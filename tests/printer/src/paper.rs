//! The strict reader: bytes in, lines on paper out.

use crate::Question;
use oem_cp::code_table::DECODING_TABLE_CP_MAP;

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
    /// In place of letters a picture.
    pub drawn: Option<Drawn>,
}

/// A picture on paper, line by line, each of whole bytes; a bit that is set is black.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Bytes in a line.
    pub width: usize,
    /// All of them.
    pub dots: Vec<u8>,
}

/// What a printer was built as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Letters in a line.
    pub columns: usize,
    /// Its table of letters beyond ASCII: the number by which it knows it, and which code page that is, as Windows counts
    /// them. Any other number is a fault.
    pub page: (u8, u16),
    /// It makes QR codes of texts.
    pub makes_codes: bool,
    /// It strikes needles through a ribbon: no pictures, and the narrow one of its letters.
    pub needles: bool,
}

impl Model {
    /// As most are built.
    #[must_use]
    pub fn of_columns(columns: usize) -> Self {
        let needles = columns == IMPACT;
        Self { columns, page: (16, 1252), makes_codes: !needles, needles }
    }

    /// What it prints for a byte beyond ASCII.
    fn letter(self, byte: u8) -> Option<char> {
        match (self.page.1, byte) {
            (1252, 0x80..=0x9f) => UPPER.get(usize::from(byte - 0x80)).copied().flatten(),
            (1252, _) => Some(char::from(byte)),
            (page, _) => DECODING_TABLE_CP_MAP.get(&page)?.decode_char_checked(byte),
        }
    }
}

/// A dot of a picture takes so much of a letter's width: a line of letters is `columns` of them wide.
const DOTS_OF_A_LETTER: usize = 12;

/// A printer with so many columns is one with needles, where nothing else is said.
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
#[derive(Clone, Debug)]
pub struct Paper {
    model: Model,
    line: Row,
    setup: Setup,
    strip: Vec<Row>,
    /// The receipts that were cut off, in order.
    pub receipts: Vec<Vec<Row>>,
    /// How often the drawer was opened.
    pub kicks: usize,
    /// The pin of each pulse for a drawer, and for how many milliseconds it lasted.
    pub pulses: Vec<(u8, u16)>,
    /// What a real printer would have garbled.
    pub faults: Vec<String>,
}

impl Paper {
    pub(crate) fn new(model: Model) -> Self {
        Self {
            model,
            line: Row::default(),
            setup: Setup::default(),
            strip: Vec::new(),
            receipts: Vec::new(),
            kicks: 0,
            pulses: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// What a printer with this many columns does with these bytes, without a cable.
    #[must_use]
    pub fn of(bytes: &[u8], columns: usize) -> Self {
        Self::of_model(bytes, Model::of_columns(columns))
    }

    /// The same for any printer.
    #[must_use]
    pub fn of_model(bytes: &[u8], model: Model) -> Self {
        let (mut paper, mut pending) = (Self::new(model), Pending::default());
        for byte in bytes {
            if paper.take(&mut pending, *byte).is_some() {
                paper.faults.push("a question within a job".to_owned());
            }
        }
        paper.end_of_connection(&pending);
        paper
    }

    pub(crate) fn columns(&self) -> usize {
        self.model.columns
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
            [0x1b, b'p', which @ (0 | 1), on, _] => {
                self.kicks += 1;
                self.pulses.push((2 + 3 * which, u16::from(*on) * 2));
            }
            [0x1c, b'.'] => self.setup.single_byte = true,
            [0x1d, b'V' | b'r' | b'('] | [0x1d, b'V', 66] => return None,
            [0x1d, b'V', 66, _] => self.cut(),
            [0x1d, b'r', 1] => question = Some(Question::WhenDone),
            [0x1d, b'v', b'0', 0, across_low, across_high, down_low, down_high, dots @ ..]
                if !self.model.needles =>
            {
                let of = |low: &u8, high: &u8| usize::from(u16::from_le_bytes([*low, *high]));
                let (width, lines) = (of(across_low, across_high), of(down_low, down_high));
                if dots.len() < width * lines {
                    return None;
                }
                let drawn = Drawn { width, dots: dots.to_vec() };
                self.picture_of(drawn);
            }
            [0x1d, b'v', ..] if !self.model.needles && pending.0.len() < 8 => return None,
            [0x1d, b'(', b'k'] | [0x1d, b'(', b'k', _] if self.model.makes_codes => return None,
            [0x1d, b'(', b'k', low, high, told @ ..] if self.model.makes_codes => {
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
        let letter = if byte < 0x80 { Some(char::from(byte)) } else { self.model.letter(byte) };
        let Some(letter) = letter else {
            self.faults.push(format!("no letter: {byte:02x}"));
            return;
        };
        if !self.setup.initialised
            || (byte >= 0x80 && (self.setup.page != Some(self.model.page.0) || !self.setup.single_byte))
        {
            self.faults
                .push(format!("{letter:?} on page {:?} before the printer was set up", self.setup.page));
        }
        if self.setup.in_the_middle || (self.setup.font == 1) != self.model.needles {
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
        let room = self.model.columns / usize::from(width);
        if letters == room {
            self.faults.push(format!("more than {room} columns: {:?}", line.text));
        }
    }

    fn picture_of(&mut self, drawn: Drawn) {
        let room = (self.model.columns * DOTS_OF_A_LETTER).div_ceil(8);
        if drawn.width == 0 || drawn.width > room || !self.line.text.is_empty() {
            self.faults
                .push(format!("a picture {} bytes wide, or beside letters; {room} have room", drawn.width));
        }
        self.strip.push(Row { drawn: Some(drawn), ..Row::default() });
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
