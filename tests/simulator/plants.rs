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
    /// A sale whose answer was lost is recorded once more.
    ServerSellsTwice,
    /// What a void takes away is missing in the totals.
    ServerLosesDelta,
    /// A sale that comes late changes the settled shift.
    ServerCountsLate,
    /// A power cut leaves the chain of receipts as it was one entry before.
    NumberComesTwice,
    /// A paid cart stays on the disk.
    PaidCartStays,
    /// What the terminal approved does not reach the disk.
    CardForgotten,
    /// A parked cart does not reach the disk.
    ParkedCartLost,
    /// A void is sent in the place of the sale that it takes back.
    VoidOvertakesSale,
    /// A sale that waits is counted twice in what should be in the drawer.
    WaitingSaleCountsTwice,
    /// A sale whose answer was lost is taken for recorded.
    UnknownSaleIsDone,
    /// A refund whose answer was lost is taken for recorded.
    UnknownRefundIsDone,
    /// More of a receipt comes back than was sold.
    ServerRefundsBeyond,
    /// A receipt is voided again.
    ServerVoidsTwice,
    /// A receipt is printed before it is on disk.
    PrintedBeforeSaved,
    /// The drawer opens although nothing was saved.
    DrawerOpensForNothing,
    /// A locked till shows what was sold last.
    LockedTillTells,
    /// What was sold in practice is kept as a receipt.
    PracticeIsKept,
    /// The drawer opens for what was sold in practice.
    PracticeOpensDrawer,
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
        Self::ServerSellsTwice,
        Self::ServerLosesDelta,
        Self::ServerCountsLate,
        Self::NumberComesTwice,
        Self::PaidCartStays,
        Self::CardForgotten,
        Self::ParkedCartLost,
        Self::VoidOvertakesSale,
        Self::WaitingSaleCountsTwice,
        Self::UnknownSaleIsDone,
        Self::UnknownRefundIsDone,
        Self::ServerRefundsBeyond,
        Self::ServerVoidsTwice,
        Self::PrintedBeforeSaved,
        Self::DrawerOpensForNothing,
        Self::LockedTillTells,
        Self::PracticeIsKept,
        Self::PracticeOpensDrawer,
    ];
}
