//! What a printer says of itself.

use onetill_core::printing::Trouble;

/// What a printer says of itself when it is only asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It can print; `paper_low` when the roll is near its end.
    Ready {
        /// Near the end of the roll.
        paper_low: bool,
    },
    /// It is there and does not tell how it is.
    Silent,
    /// It cannot print.
    Not(Trouble),
}
