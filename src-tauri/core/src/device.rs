//! What this device may believe about the session on its register.
//!
//! Invariant I9: a session is shown as open only in [`Attached`], and from there it is left only by the server's
//! word ([`Fenced`]) or a person's ([`Attached::leave`]); an unanswered open stays in [`Resolving`] until the
//! server has answered. Each state is a type and each transition consumes it, so an illegal one does not compile.

use crate::{Amount, OpenIntent, Opened, Session, SessionOutcome};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

/// The device's state: the one sum of the four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// No session here.
    Detached(Detached),
    /// An open was asked for and its answer is not known yet.
    Resolving(Resolving),
    /// Part of an open session.
    Attached(Box<Attached>),
    /// The session this device was part of is over.
    Fenced(Fenced),
}

/// No session here; a new one can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detached;

/// An intent is on disk and may have reached the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolving {
    /// What was asked.
    pub intent: OpenIntent,
    /// The cashier no longer waits; the answer is still fetched.
    pub cancelled: bool,
    /// A request may have reached the server and its answer was lost. Until then, a request that surely did not
    /// run leaves nothing behind.
    pub may_have_run: bool,
}

/// How sure the device is of its session, as it knows it and as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ConnectionState {
    /// From this device's memory; the server has not answered since the start.
    Checking {
        /// When the server last confirmed it, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        heard_at: Timestamp,
    },
    /// The server agrees.
    Confirmed {
        /// When it last said so, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        heard_at: Timestamp,
    },
    /// The server is not heard.
    Offline {
        /// Since when, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        since: Timestamp,
    },
}

/// The part of an attached session that survives a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveSession {
    /// The session as last returned.
    pub session: Session,
    /// How this device came to it.
    pub outcome: SessionOutcome,
    /// What this device's cashier counted when pressing *Start shift*.
    pub own_opening_cash: Amount,
    /// When the server last confirmed it, device time.
    pub heard_at: Timestamp,
    /// The business date on which a person last agreed to go on with this session although it is of an earlier
    /// one.
    pub agreed_on: Option<civil::Date>,
}

impl ActiveSession {
    /// What this device's cashier counted at the start, where they joined with something else than the float.
    #[must_use]
    pub fn other_opening_cash(&self) -> Option<Amount> {
        let joined = self.outcome == SessionOutcome::Joined;
        Some(self.own_opening_cash).filter(|own| joined && *own != self.session.opening_cash)
    }
}

/// Part of an open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// What is also on disk.
    pub active: ActiveSession,
    /// How sure we are.
    pub connection: ConnectionState,
    /// The session is of an earlier business date, and nobody has yet been asked whether to go on with it.
    pub question: bool,
}

/// The session this device was part of is over; people read so before they go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fenced {
    /// The session as last returned, with who ended it and when, where the server said so.
    pub session: Box<Session>,
}

impl Detached {
    /// An intent has been written to disk.
    #[must_use]
    pub fn begin(self, intent: OpenIntent) -> Resolving {
        Resolving { intent, cancelled: false, may_have_run: false }
    }

    /// An intent without an answer was found in the local file at start.
    #[must_use]
    pub fn take_up(self, intent: OpenIntent) -> Resolving {
        Resolving { intent, cancelled: false, may_have_run: true }
    }

    /// A session was found in the local file at start; `question` if it is of an earlier business date than today
    /// and nobody agreed to that today.
    #[must_use]
    pub fn resume(self, active: ActiveSession, question: bool) -> Attached {
        let connection = ConnectionState::Checking { heard_at: active.heard_at };
        Attached { active, connection, question }
    }
}

impl Resolving {
    /// The cashier stops waiting; the intent lives on.
    #[must_use]
    pub fn cancel(self) -> Self {
        Self { cancelled: true, ..self }
    }

    /// The cashier waits again.
    #[must_use]
    pub fn wait_again(self) -> Self {
        Self { cancelled: false, ..self }
    }

    /// A request went out and its answer was lost.
    #[must_use]
    pub fn unanswered(self) -> Self {
        Self { may_have_run: true, ..self }
    }

    /// The server answered with a session. A replay may name one that is over by now. `agreed_on`: the business
    /// date on which the cashier agreed to a session of an earlier one; `question` as in [`Detached::resume`].
    ///
    /// # Errors
    /// [`Fenced`] when the session is over already.
    pub fn answered(
        self,
        opened: Opened,
        agreed_on: Option<civil::Date>,
        question: bool,
        now: Timestamp,
    ) -> Result<Attached, Fenced> {
        if !opened.session.status.holds_register() {
            return Err(Fenced { session: Box::new(opened.session) });
        }
        Ok(Attached {
            active: ActiveSession {
                session: opened.session,
                outcome: opened.outcome,
                own_opening_cash: self.intent.opening_cash,
                heard_at: now,
                agreed_on,
            },
            connection: ConnectionState::Confirmed { heard_at: now },
            question,
        })
    }

    /// The server decided against it, or it surely never ran.
    #[must_use]
    pub fn refused(self) -> Detached {
        Detached
    }
}

impl Attached {
    /// The server returned the session anew. An answer older than what is known changes nothing but the contact.
    ///
    /// # Errors
    /// [`Fenced`] when it is over.
    pub fn updated(mut self, session: Session, now: Timestamp) -> Result<Self, Fenced> {
        if !session.status.holds_register() {
            return Err(Fenced { session: Box::new(session) });
        }
        if session.revision >= self.active.session.revision {
            self.active.session = session;
        }
        Ok(self.unchanged(now))
    }

    /// The server confirmed what is known.
    #[must_use]
    pub fn unchanged(mut self, now: Timestamp) -> Self {
        self.active.heard_at = now;
        self.connection = ConnectionState::Confirmed { heard_at: now };
        self
    }

    /// The server was not heard. The age counts from when it last was.
    #[must_use]
    pub fn unheard(mut self) -> Self {
        use ConnectionState::{Checking, Confirmed, Offline};
        self.connection = match self.connection {
            Confirmed { heard_at } | Checking { heard_at } => Offline { since: heard_at },
            offline @ Offline { .. } => offline,
        };
        self
    }

    /// A person goes on, on this business date, with a session of an earlier one.
    #[must_use]
    pub fn agree(mut self, today: civil::Date) -> Self {
        self.active.agreed_on = Some(today);
        self.question = false;
        self
    }

    /// The server no longer knows the session.
    #[must_use]
    pub fn lost(self) -> Fenced {
        Fenced { session: Box::new(self.active.session) }
    }

    /// A person takes this device out of the session, which stays open for others.
    #[must_use]
    pub fn leave(self) -> Detached {
        Detached
    }

    /// Whether the server was heard the last time it was asked.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        matches!(self.connection, ConnectionState::Confirmed { .. })
    }
}

impl Fenced {
    /// A person has read that it is over.
    #[must_use]
    pub fn acknowledge(self) -> Detached {
        Detached
    }
}

#[cfg(test)]
mod tests;
