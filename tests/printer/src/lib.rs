//! A receipt printer that tests can talk to over the network: it takes ESC/POS, shows what stands on its paper, as text
//! and as a picture, and can be empty, open, slow, deaf, or break off.
//!
//! Invariant: it understands what the till is meant to send and nothing else. A command that it does not know, a letter
//! that it cannot print or a line that is too long is a fault, never passed over.

mod paper;
mod picture;

use paper::Pending;

pub use paper::{Drawn, Model, Paper, Row};

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// How the printer behaves from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Ready,
    /// The roll is near its end.
    PaperLow,
    /// The roll is at its end.
    PaperOut,
    /// The cover is open.
    CoverOpen,
    /// It prints and answers no question.
    Deaf,
    /// It answers questions about its state, and never ends a job.
    Stuck,
    /// It prints and answers questions about its state, and never says that a job is behind it.
    KeepsEnds,
    /// The roll is at its end, and it answers a question only when the next one comes.
    PaperOutLate,
    /// It tells of every change by itself, the first time when somebody connects; the roll is at its end.
    Talkative,
    /// It ends the connection when it has read this many bytes of it.
    BreaksOff(usize),
}

struct State {
    mood: Mood,
    paper: Paper,
    connections: usize,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The printer; it listens until the test ends.
#[derive(Clone)]
pub struct Emulator {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Emulator {
    /// A printer with this many columns, on a free port of this computer.
    ///
    /// # Errors
    /// When this computer lets nobody listen.
    pub fn start(columns: usize) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let paper = Paper::new(Model::of_columns(columns));
        let state = State { mood: Mood::Ready, paper, connections: 0 };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let emulator = Self { address, shared };
        let listening = emulator.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = listening.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        Ok(emulator)
    }

    /// An address at which nothing listens: a printer that is switched off.
    ///
    /// # Errors
    /// When this computer lets nobody listen.
    pub fn switched_off() -> io::Result<SocketAddr> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes how it behaves.
    pub fn set(&self, mood: Mood) {
        self.state().mood = mood;
        self.shared.changed.notify_all();
    }

    /// What it has printed and done so far.
    #[must_use]
    pub fn paper(&self) -> Paper {
        self.state().paper.clone()
    }

    /// How often somebody connected.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// Waits until what it has done satisfies `enough`.
    ///
    /// # Errors
    /// What it had done when five seconds had passed.
    pub fn wait_until(&self, enough: impl Fn(&Paper) -> bool) -> Result<Paper, Box<Paper>> {
        let patience = std::time::Duration::from_secs(5);
        let waiting = |state: &mut State| !enough(&state.paper);
        let (state, timed) = self
            .shared
            .changed
            .wait_timeout_while(self.state(), patience, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if timed.timed_out() { Err(Box::new(state.paper.clone())) } else { Ok(state.paper.clone()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut state = self.state();
        state.connections += 1;
        let is_talkative = state.mood == Mood::Talkative;
        drop(state);
        // Four bytes that nobody asked for: the drawer, no fault, and a sensor that two of them speak of.
        if is_talkative && stream.write_all(&[0x18, 0x00, 0x0f, 0x0f]).is_err() {
            return;
        }
        let (mut read, mut pending, mut held) = (0, Pending::default(), None);
        let mut byte = [0];
        while let Ok(1) = stream.read(&mut byte) {
            let mut state = self.state();
            read += 1;
            if matches!(state.mood, Mood::BreaksOff(after) if read > after) {
                return;
            }
            let [byte] = byte;
            let question = state.paper.take(&mut pending, byte);
            let mut answer = question.and_then(|question| state.mood.answer(question));
            if state.mood == Mood::PaperOutLate && question.is_some() {
                answer = std::mem::replace(&mut held, answer);
            }
            drop(state);
            self.shared.changed.notify_all();
            if answer.is_some_and(|answer| stream.write_all(&[answer]).is_err()) {
                return;
            }
        }
        self.state().paper.end_of_connection(&pending);
        self.shared.changed.notify_all();
    }
}

/// A question about the printer's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    WhyOffline,
    Paper,
    WhenDone,
}

impl Mood {
    fn answer(self, question: Question) -> Option<u8> {
        let always = 0b0001_0010;
        match (self, question) {
            (Self::Deaf, _) => None,
            (
                Self::Stuck
                | Self::KeepsEnds
                | Self::PaperOut
                | Self::PaperOutLate
                | Self::Talkative
                | Self::CoverOpen,
                Question::WhenDone,
            ) => None,
            (Self::PaperOut | Self::PaperOutLate | Self::Talkative, Question::WhyOffline) => {
                Some(always | 0b0010_0000)
            }
            (Self::CoverOpen, Question::WhyOffline) => Some(always | 0b0000_0100),
            (_, Question::WhyOffline) => Some(always),
            (Self::PaperOut | Self::PaperOutLate | Self::Talkative, Question::Paper) => {
                Some(always | 0b0110_1100)
            }
            (Self::PaperLow, Question::Paper) => Some(always | 0b0000_1100),
            (_, Question::Paper) => Some(always),
            (Self::PaperLow, Question::WhenDone) => Some(0b0000_0011),
            (_, Question::WhenDone) => Some(0),
        }
    }
}
