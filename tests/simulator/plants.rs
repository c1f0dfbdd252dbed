//! Faults planted on purpose, one at a time, so that the checks are seen to find them: checks that never find anything
//! prove nothing.

/// What is wrong around the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plant {
    /// What was said to be saved reaches the disk with the next save: what is asked leaves before it.
    SaveComesLate,
    /// A power cut keeps the first write of a save.
    SaveInHalves,
    /// A restart finds an empty queue.
    RestartLosesQueue,
    /// What is asked again is asked with a key of its own.
    NewKeyOnRetry,
    /// An entry whose answer was lost is taken for recorded.
    UnknownIsDone,
    /// A start whose answer was lost is taken for one that did not run.
    UnknownIsRefused,
    /// A start is answered with what an earlier start came to.
    AnswersMixedUp,
    /// A press is never answered.
    PressForgotten,
    /// A key on record is not looked for.
    ServerForgetsKeys,
    /// A register may have two open sessions.
    ServerOpensTwice,
    /// A movement that comes again is recorded again.
    ServerRecordsTwice,
    /// A movement enters a session that is over.
    ServerRecordsLate,
    /// A close needs no count, and loses the one that it has.
    ServerClosesUncounted,
    /// Z reports skip a number.
    ServerSkipsZNumbers,
}

impl Plant {
    pub(crate) const ALL: &[Self] = &[
        Self::SaveComesLate,
        Self::SaveInHalves,
        Self::RestartLosesQueue,
        Self::NewKeyOnRetry,
        Self::UnknownIsDone,
        Self::UnknownIsRefused,
        Self::AnswersMixedUp,
        Self::PressForgotten,
        Self::ServerForgetsKeys,
        Self::ServerOpensTwice,
        Self::ServerRecordsTwice,
        Self::ServerRecordsLate,
        Self::ServerClosesUncounted,
        Self::ServerSkipsZNumbers,
    ];
}
