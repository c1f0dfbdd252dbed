//! A session on its way out of `open`, as far as this device is concerned: counted and closed, or ended, or cancelled.
//!
//! Invariants: each state is a type and each transition consumes it; what was asked of the server is on disk with its
//! key before it leaves, so that a crash or a lost answer asks the same again (I7); an answer that is not known is
//! waited for, never guessed.

use crate::{
    Amount, Code, Difference, Fault, IntentKey, Location, Report, Retry, Session,
    count::{Count, CountId, CountIntent, CountKind, Needs, Tally},
    next_float::{NextFloat, divide, propose},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One session being settled here. At most one at a time on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The session as last returned.
    pub session: Session,
    /// Its register's number.
    pub register_number: String,
    /// Its register's name.
    pub register_name: String,
    /// Its store.
    pub location: Location,
    /// The manager who let it go on although entries of this device were not sent.
    pub allowed_by: Option<String>,
    /// Where it stands.
    pub step: Step,
}

/// Where a closing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// People look at what speaks against it. Nothing was asked yet.
    Checklist(Checklist),
    /// The count was announced to the server.
    Beginning(Asked<Begin, Checklist>),
    /// Somebody counts.
    Counting(Counting),
    /// The count was handed in.
    Committing(Asked<CountIntent, Counting>),
    /// The count stands, and with it what was expected.
    Counted(Counted),
    /// The close was asked for.
    Settling(Asked<CloseIntent, Unsettled>),
    /// The session was to be ended, or cancelled.
    Ending(Asked<EndIntent, Checklist>),
    /// The count is being given up; the shift goes on.
    Leaving(Hold),
    /// It is over; people read the outcome before they go on.
    Done(Done),
}

/// What the close would settle: a drawer that was counted, or one that nobody counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unsettled {
    /// With a count.
    Counted(Box<Counted>),
    /// Without one.
    Counting(Counting),
}

/// Something asked of the server whose answer is not known yet, and where to go back to if it comes to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked<T, B> {
    /// What was asked.
    pub what: T,
    /// What was there before.
    pub before: B,
    /// A request may have reached the server and its answer was lost. After a restart nobody knows.
    #[serde(skip, default = "after_a_restart")]
    pub may_have_run: bool,
}

fn after_a_restart() -> bool {
    true
}

/// What a request that failed means for what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed<T, B> {
    /// It may have run: the same is asked again.
    Open(Asked<T, B>),
    /// It came to nothing.
    Back(B),
}

impl<T, B> Asked<T, B> {
    fn new(what: T, before: B) -> Self {
        Self { what, before, may_have_run: false }
    }

    /// The request failed.
    #[must_use]
    pub fn failed(self, fault: &Fault) -> Failed<T, B> {
        // An entry waits for somebody else's count to end; a person who wants to count reads of it.
        let decided = fault.is_decision() || fault.code == Code::CountInProgress;
        if fault.retry == Retry::OutcomeUnknown && !decided {
            Failed::Open(Self { may_have_run: true, ..self })
        } else if self.may_have_run && !decided {
            Failed::Open(self)
        } else {
            Failed::Back(self.before)
        }
    }
}

/// The first state. It holds nothing: what speaks against a close is read from the till's own state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist;

/// A count to announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The key of the announcement, and of the hold that it gives.
    pub key: IntentKey,
    /// Somebody else's count is taken over.
    pub take_over: bool,
}

/// The server keeps new entries off the session while this device counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The key under which it was given.
    pub key: IntentKey,
    /// Since when, server time; the mark by which this device knows its own hold again.
    pub since: Option<Timestamp>,
}

/// Somebody counts, blind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    /// The hold on the session; an ended one needs none, because nothing enters it.
    pub hold: Option<Hold>,
    /// What was typed so far.
    pub tally: Tally,
}

/// A committed closing count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The hold on the session.
    pub hold: Option<Hold>,
    /// What was typed.
    pub tally: Tally,
    /// What the server made of it.
    pub count: Count,
    /// What is to stay in the drawer, once somebody has said so.
    #[serde(default)]
    pub left: Option<Amount>,
}

/// A close to ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseIntent {
    /// Its idempotency key.
    pub key: IntentKey,
    /// The count to close with; `None` settles an ended session as not counted.
    pub count_id: Option<CountId>,
    /// Why over or short, or why not counted; may be empty.
    pub reason: String,
    /// What stays in the drawer.
    pub left_in_drawer: Option<Amount>,
}

/// An end to ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndIntent {
    /// Its idempotency key.
    pub key: IntentKey,
    /// In which way it is ended.
    pub how: EndHow,
    /// Why, in free words; may be empty.
    pub reason: String,
}

/// How a session ends without being counted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum EndHow {
    /// The register is free at once, the count stays owed.
    CountLater,
    /// The same, by a manager, for a shift that was forgotten.
    Force,
    /// It was opened by mistake and nothing happened in it.
    Cancel,
}

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// Closed: this is its Z report, which says whether it was counted.
    Closed(Box<Report>),
    /// Ended; the count is owed.
    Ended,
    /// Cancelled.
    Cancelled,
}

impl Closing {
    /// Whether it is over, and people read how.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.step, Step::Done(_))
    }
}

impl Checklist {
    /// The count is announced under this key.
    #[must_use]
    pub fn begin(self, key: IntentKey, take_over: bool) -> Asked<Begin, Self> {
        Asked::new(Begin { key, take_over }, self)
    }

    /// The end is asked for.
    #[must_use]
    pub fn end(self, end: EndIntent) -> Asked<EndIntent, Self> {
        Asked::new(end, self)
    }

    /// An ended session is counted: nobody has to be kept off.
    #[must_use]
    pub fn count_ended(self) -> Counting {
        Counting { hold: None, tally: Tally::Nothing }
    }
}

impl Asked<Begin, Checklist> {
    /// The server keeps the others off, since then.
    #[must_use]
    pub fn begun(self, since: Option<Timestamp>) -> Counting {
        Counting { hold: Some(Hold { key: self.what.key, since }), tally: Tally::Nothing }
    }
}

impl Counting {
    /// What was typed so far.
    #[must_use]
    pub fn tallied(self, tally: Tally) -> Self {
        Self { tally, ..self }
    }

    /// The count is handed in.
    ///
    /// # Errors
    /// `BadCount`, with the state as it was, where nothing was counted or it is no amount of this currency.
    pub fn commit(
        self,
        id: CountId,
        session: &Session,
        currency: &str,
        now: Timestamp,
    ) -> Result<Asked<CountIntent, Self>, Fault> {
        let amount = self.tally.total(currency)?.ok_or_else(|| {
            Fault::new(Code::BadCount, "nothing was counted; an empty drawer is counted as 0")
        })?;
        let intent = CountIntent {
            id,
            session_id: session.id,
            vendor_id: Some(session.vendor_id),
            kind: CountKind::Closing,
            tally: self.tally.clone(),
            amount,
            counted_at: now,
        };
        Ok(Asked::new(intent, self))
    }

    /// An ended session is settled although nobody counted it.
    #[must_use]
    pub fn settle_uncounted(self, key: IntentKey, reason: String) -> Asked<CloseIntent, Unsettled> {
        Asked::new(
            CloseIntent { key, count_id: None, reason, left_in_drawer: None },
            Unsettled::Counting(self),
        )
    }
}

impl Asked<CountIntent, Counting> {
    /// The server keeps the count.
    #[must_use]
    pub fn committed(self, count: Count) -> Counted {
        Counted { hold: self.before.hold, tally: self.what.tally, count, left: None }
    }
}

impl Counted {
    /// The drawer is counted once more. The attempt that was made stays on record.
    #[must_use]
    pub fn again(self) -> Counting {
        Counting { hold: self.hold, tally: self.tally }
    }

    /// A manager accepted the difference.
    #[must_use]
    pub fn approved(mut self, by_name: String) -> Self {
        self.count.approved_by = Some(by_name);
        self.count.needs = Needs::Reason;
        self
    }

    /// So much is to stay in the drawer, at most what was counted.
    #[must_use]
    pub fn leaving(self, left: Amount) -> Self {
        Self { left: Some(left), ..self }
    }

    /// The close is asked for.
    #[must_use]
    pub fn close(self, key: IntentKey, reason: String, session: &Session) -> Asked<CloseIntent, Unsettled> {
        let left = self.next_float(session).left;
        let close = CloseIntent { key, count_id: Some(self.count.id), reason, left_in_drawer: Some(left) };
        Asked::new(close, Unsettled::Counted(Box::new(self)))
    }

    /// The server wants more than it said with the count: what others finished meanwhile has moved the figures.
    #[must_use]
    pub fn refused(mut self, code: Code) -> Self {
        match code {
            Code::ApprovalRequired => self.count.needs = Needs::Approval,
            Code::ReasonRequired => self.count.needs = Needs::Reason,
            _ => {}
        }
        self
    }

    /// Over or short, by what the ledger says now; `None` where nothing was expected.
    #[must_use]
    pub fn difference(&self, session: &Session) -> Option<Difference> {
        self.expected(session).map(|expected| Difference::of(self.count.amount, expected))
    }

    /// What should be there, by what the ledger says now.
    #[must_use]
    pub fn expected(&self, session: &Session) -> Option<Amount> {
        session.expected_cash.or(self.count.expected)
    }

    /// What stays as the next float: what somebody has said, else about as much as this session began with.
    #[must_use]
    pub fn next_float(&self, session: &Session) -> NextFloat {
        match self.left {
            Some(left) => divide(&self.tally, self.count.amount, left),
            None => propose(&self.tally, self.count.amount, session.opening_cash),
        }
    }
}

impl From<Unsettled> for Step {
    fn from(before: Unsettled) -> Self {
        match before {
            Unsettled::Counted(counted) => Self::Counted(*counted),
            Unsettled::Counting(counting) => Self::Counting(counting),
        }
    }
}

impl Step {
    /// The hold of this device on the session, where it has one.
    #[must_use]
    pub fn hold(&self) -> Option<Hold> {
        match self {
            Self::Counting(counting) | Self::Committing(Asked { before: counting, .. }) => counting.hold,
            Self::Counted(counted) => counted.hold,
            Self::Settling(Asked { before: Unsettled::Counted(counted), .. }) => counted.hold,
            Self::Leaving(hold) => Some(*hold),
            _ => None,
        }
    }

    /// Nobody will hear the answer to what is asked: it may have run.
    pub(crate) fn lost(&mut self) {
        match self {
            Self::Beginning(asked) => asked.may_have_run = true,
            Self::Committing(asked) => asked.may_have_run = true,
            Self::Settling(asked) => asked.may_have_run = true,
            Self::Ending(asked) => asked.may_have_run = true,
            _ => {}
        }
    }

    /// Whether something was asked of the server whose answer is not known.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        matches!(
            self,
            Self::Beginning(_) | Self::Committing(_) | Self::Settling(_) | Self::Ending(_) | Self::Leaving(_)
        )
    }
}

#[cfg(test)]
mod tests;
