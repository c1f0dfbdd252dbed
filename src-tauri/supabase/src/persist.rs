//! Repeating what may be repeated, and leaving a dead server alone.
//!
//! Invariants: a repeat follows from the fault's [`Retry`] alone; the whole call, its pauses included, ends by its
//! deadline; once an attempt may have run, no later fault claims that nothing did.

use crate::failure::Failure;
use onetill_core::{Code, Fault, Retry};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout_at};

/// Chance, passed in: a number of milliseconds from 0 up to and including the given one.
pub(crate) type Jitter = Arc<dyn Fn(u64) -> u64 + Send + Sync>;

/// What the retry loop is given from outside.
#[derive(Clone)]
pub(crate) struct Timing {
    /// For the jitter.
    pub(crate) jitter: Jitter,
    /// Every deadline and pause is divided by it; 1 for a real link.
    pub(crate) time_scale: u32,
}

impl Timing {
    /// As the world is: real chance, real time.
    pub(crate) fn real() -> Self {
        Self { jitter: Arc::new(thrown), time_scale: 1 }
    }
}

/// Real chance, from the operating system.
fn thrown(up_to: u64) -> u64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    (high ^ low) % (up_to.saturating_add(1)).max(1)
}

/// How long and how often a call tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// For one attempt.
    pub(crate) attempt: Duration,
    /// For all of them and the pauses between.
    pub(crate) total: Duration,
    /// Repeats at most.
    pub(crate) repeats: u32,
    /// A repeat does no harm when the attempt before it did run: a read, or a request with an idempotency key.
    pub(crate) harmless: bool,
    /// A person waits for it: tried even while the circuit is open.
    pub(crate) pressed: bool,
    /// Nothing else can be done without the function: worth the five seconds in which a stale schema is reread.
    pub(crate) await_schema: bool,
}

/// The full-jitter ceiling before the first repeat; it doubles with each.
const FIRST_PAUSE_MS: u64 = 200;
/// And never grows beyond this.
const LONGEST_PAUSE_MS: u64 = 4_000;

/// Tries until it works, until the fault forbids it, or until policy ends.
///
/// # Errors
/// The last fault, with [`Retry::OutcomeUnknown`] if any attempt may have run and the server has not since decided.
pub(crate) async fn persist<T, F, Fut>(
    policy: RetryPolicy,
    circuit: &Circuit,
    timing: &Timing,
    mut attempt: F,
) -> Result<T, Fault>
where
    F: FnMut(Duration) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let end = Instant::now() + policy.total / timing.time_scale;
    let mut maybe_ran = false;
    let mut made = 0;
    loop {
        let budget = (policy.attempt / timing.time_scale).min(end.saturating_duration_since(Instant::now()));
        let failure = match circuit.admit(policy.pressed) {
            Err(failure) => failure,
            Ok(()) => {
                let outcome = match timeout_at(end, attempt(budget)).await {
                    Ok(outcome) => outcome,
                    Err(_elapsed) => {
                        Err(Failure::ambiguous(Code::NoAnswer, "the call's deadline has passed"))
                    }
                };
                circuit.note(outcome.as_ref().map(|_worked| ()), timing);
                match outcome {
                    Ok(value) => return Ok(value),
                    Err(failure) => failure,
                }
            }
        };
        maybe_ran |= failure.fault.retry == Retry::OutcomeUnknown;
        made += 1;
        let pause = failure.pause.unwrap_or_else(|| back_off(made, &timing.jitter)) / timing.time_scale;
        let allowed = match failure.fault.retry {
            Retry::DidNotRun | Retry::TokenTooNew => true,
            Retry::SchemaStale => policy.await_schema,
            Retry::OutcomeUnknown => policy.harmless,
            Retry::No | Retry::AfterRefresh => false,
        };
        if !allowed || made > failure.repeats.min(policy.repeats) || Instant::now() + pause >= end {
            return Err(settled(failure.fault, maybe_ran));
        }
        tracing::debug!(fault = %failure.fault, made, pause_ms = pause.as_millis(), "will try again");
        sleep(pause).await;
    }
}

/// Full jitter: anything between nothing and a ceiling that doubles.
fn back_off(made: u32, jitter: &Jitter) -> Duration {
    let doubled = FIRST_PAUSE_MS.saturating_mul(1 << made.saturating_sub(1).min(10));
    Duration::from_millis(jitter(doubled.min(LONGEST_PAUSE_MS)))
}

/// The fault as the caller may believe it, now that nothing more is tried.
fn settled(fault: Fault, maybe_ran: bool) -> Fault {
    if fault.is_decision() {
        return fault.with_retry(Retry::No);
    }
    if maybe_ran {
        let code = if fault.code == Code::Unreachable { Code::NoAnswer } else { fault.code };
        return Fault { code, ..fault.with_retry(Retry::OutcomeUnknown) };
    }
    match fault.retry {
        Retry::SchemaStale | Retry::AfterRefresh => fault.with_retry(Retry::No),
        Retry::TokenTooNew => fault.with_retry(Retry::DidNotRun),
        Retry::No | Retry::DidNotRun | Retry::OutcomeUnknown => fault,
    }
}

/// Opens after repeated silence, so that forty tills do not hammer a server that is down; lets one call through
/// after each pause; closes as soon as the server is heard.
#[derive(Default)]
pub(crate) struct Circuit {
    silence: Mutex<Silence>,
}

#[derive(Default)]
struct Silence {
    in_a_row: u32,
    until: Option<Instant>,
}

/// Silent calls in a row that open the circuit.
const OPENS_AT: u32 = 5;
/// The longest it stays open: this is how late a till may notice that the server is back.
const OPEN_AT_MOST_MS: u64 = 15_000;
/// Its first pause, doubled with each further silence.
const OPEN_FIRST_MS: u64 = 1_000;

impl Circuit {
    fn admit(&self, pressed: bool) -> Result<(), Failure> {
        let mut silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match silence.until {
            Some(until) if now < until && !pressed => {
                let ms = (until - now).as_millis();
                let why = format!("the server was silent {} times; asked again in {ms} ms", silence.in_a_row);
                Err(Failure::not_sent(Code::Unavailable, why).at_most(0))
            }
            Some(_over) => {
                // Others keep waiting while this call finds out.
                silence.until = Some(now + Duration::from_millis(OPEN_AT_MOST_MS));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn note(&self, outcome: Result<(), &Failure>, timing: &Timing) {
        let mut silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_err_and(|failure| failure.fault.is_silence()) {
            silence.in_a_row = silence.in_a_row.saturating_add(1);
            if let Some(beyond) = silence.in_a_row.checked_sub(OPENS_AT) {
                let ceiling = OPEN_FIRST_MS.saturating_mul(1 << beyond.min(10)).min(OPEN_AT_MOST_MS);
                silence.until = Some(
                    Instant::now()
                        + Duration::from_millis(ceiling / 2 + (timing.jitter)(ceiling / 2))
                            / timing.time_scale,
                );
            }
        } else {
            *silence = Silence::default();
        }
    }
}

#[cfg(test)]
mod tests;
