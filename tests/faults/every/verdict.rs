//! How one case is played: the fault is let loose on one request, and what the call says of it is judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use onetill_core::{Code, Fault as Told, Retry};

use super::Moment;
use crate::proxy::Fault;
use crate::shop::{Device, HURRY};

/// No call of any kind may take longer, hurried as they are here: thirty seconds and a wide margin.
pub(super) const DEADLINE: Duration = Duration::from_millis(30_000 / HURRY.get() as u64 + 3_000);

/// How often a case is played that only missed a deadline.
pub(super) const PLAYS: u32 = 6;

/// What a case found wrong.
#[derive(Debug)]
pub(super) enum Wrong {
    /// Something untrue was told, or a record is wrong: once is enough.
    Untrue(String),
    /// A call that should have worked did not in its shortened time: a busy computer does that too.
    Late(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Untrue(why) => write!(f, "untrue: {why}"),
            Self::Late(why) => write!(f, "late, {PLAYS} times: {why}"),
        }
    }
}

impl From<Told> for Wrong {
    fn from(fault: Told) -> Self {
        Self::Late(fault.to_string())
    }
}

impl From<Box<dyn std::error::Error + Send + Sync>> for Wrong {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Late(error.to_string())
    }
}

pub(super) type Verdict<T = ()> = std::result::Result<T, Wrong>;

/// What the client told of a call.
pub(super) type Answer<T> = std::result::Result<T, Told>;

pub(super) fn check(good: bool, why: impl FnOnce() -> String) -> Verdict {
    if good { Ok(()) } else { Err(Wrong::Untrue(why())) }
}

/// What happens to the requests for one path, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    pub(super) path: &'static str,
    pub(super) fault: Fault,
    pub(super) moment: Moment,
}

/// Whether the fault met a request: a case in which it met none proves nothing.
pub(super) struct Met(Arc<AtomicBool>);

impl Met {
    pub(super) fn somebody(&self) -> Verdict {
        check(self.0.load(Ordering::Relaxed), || "the fault met no request".to_owned())
    }
}

impl Trouble {
    /// Lets the fault meet one request for the path, or every one.
    pub(super) fn inject(self, device: &Device) -> Met {
        let spent = Arc::new(AtomicBool::new(false));
        let met = Met(Arc::clone(&spent));
        device.proxy.choose(move |asked| {
            let meets = asked.ends_with(self.path)
                && (!spent.swap(true, Ordering::Relaxed) || self.moment == Moment::Always);
            if meets { self.fault } else { Fault::None }
        });
        met
    }

    /// Repeats can cure what happened once, so it must have been cured. An answer of another shape is no accident of
    /// the network, and asking again is left to people.
    pub(super) fn cured<T>(self, answer: &Answer<T>) -> Verdict {
        match answer {
            Err(told) if self.moment == Moment::Once && self.fault != Fault::OtherJson => {
                Err(Wrong::Late(format!("one fault was not cured: {told}")))
            }
            _ => Ok(()),
        }
    }

    /// Makes a call while the network is bad.
    pub(super) async fn meets<T>(
        self,
        device: &Device,
        call: impl AsyncFn() -> Answer<T>,
    ) -> Verdict<Answer<T>> {
        let met = self.inject(device);
        let answer = in_time(call()).await?;
        met.somebody()?;
        if let Err(told) = &answer {
            open_question(told)?;
        }
        Ok(answer)
    }

    /// Makes a call that changes nothing while the network is bad, and once more when it is good again.
    pub(super) async fn read<T>(
        self,
        device: &Device,
        call: impl AsyncFn() -> Answer<T>,
    ) -> Verdict<(Option<T>, T)> {
        let first = self.meets(device, &call).await?;
        self.cured(&first)?;
        device.proxy.heal();
        let again = in_time(call()).await??;
        Ok((first.ok(), again))
    }

    /// The same for a call that changes something. `ran` looks up in the records whether it has.
    pub(super) async fn write<T>(
        self,
        device: &Device,
        call: impl AsyncFn() -> Answer<T>,
        ran: impl AsyncFn() -> onetill_tests::Result<bool>,
    ) -> Verdict<(Option<T>, T)> {
        let first = self.meets(device, &call).await?;
        if let Err(told) = &first
            && told.retry != Retry::OutcomeUnknown
        {
            check(!ran().await?, || format!("told as not run: {told}, but it ran"))?;
        }
        self.cured(&first)?;
        device.proxy.heal();
        let again = in_time(call()).await??;
        check(ran().await?, || "told as done, and is not on record".to_owned())?;
        Ok((first.ok(), again))
    }
}

pub(super) async fn in_time<T>(call: impl Future<Output = T>) -> Verdict<T> {
    let late = |_elapsed| Wrong::Untrue("no end by its deadline".to_owned());
    tokio::time::timeout(DEADLINE, call).await.map_err(late)
}

/// A fault that leaves the question open, as every fault of the network must.
pub(super) fn open_question(fault: &Told) -> Verdict {
    check(
        !fault.is_decision() && fault.code != Code::SignedOut && fault.code != Code::FunctionNotDeployed,
        || format!("the network was told as a decision: {fault}"),
    )
}
