//! The receipts of one till on one register, numbered without gaps and chained.
//!
//! Invariant: the head and the entry that moves it are one value, [`Sealed`], and are kept together or not at all; so a
//! number comes once, and each hash follows from the one before.

use super::{Digest, Receipt, Sale, SaleKind, seal};
use crate::{SaleId, SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the chain of this till on its register stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// What receipts of this register begin with.
    pub prefix: String,
    /// The till's letter on the register, given by the server once: 1 is A, 27 is AA; 0 in practice, which has none.
    pub till: u16,
    /// The last receipt's count; 0 before the first.
    pub last_receipt: u64,
    /// The last entry's count; 0 before the first.
    pub last_entry: u64,
    /// The last entry's hash; zeros before the first.
    pub last_hash: Digest,
}

/// An entry in its place, and the chain behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The entry.
    pub sale: Sale,
    /// The chain with it.
    pub head: ChainHead,
}

/// Where, when and by whom an entry is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The running session.
    pub session_id: SessionId,
    /// Who stands at the till.
    pub by: UserId,
    /// What the clock of this device says.
    pub now: Timestamp,
}

/// The letters of a till: A to Z, then AA, AB, ….
#[must_use]
pub fn till_letters(till: u16) -> String {
    let mut letters = Vec::new();
    let mut left = u32::from(till);
    while let Some(before) = left.checked_sub(1) {
        letters.push(char::from_u32(u32::from('A') + before % 26).unwrap_or('?'));
        left = before / 26;
    }
    letters.iter().rev().collect()
}

/// As it is printed: `REG-1-B-000042`. Practice has no letter: `PRACTICE-000001`.
#[must_use]
pub fn receipt_number(prefix: &str, till: u16, seq: u64) -> String {
    if till == 0 {
        return format!("{prefix}-{seq:06}");
    }
    format!("{prefix}-{}-{seq:06}", till_letters(till))
}

/// The number of a receipt in what was typed or scanned: register, letters of the till and at least six digits, in
/// capitals; `None` where it is none.
#[must_use]
pub fn receipt_part(typed: &str) -> Option<String> {
    let number = typed.trim().to_uppercase();
    let mut parts = number.rsplitn(3, '-');
    let (digits, letters, register) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = (6..=12).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=3).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && !register.is_empty()
        && number.len() <= 100;
    is_number.then_some(number)
}

impl ChainHead {
    /// Puts an entry behind the chain: its number, unless it is a discard, its place and its hash.
    #[must_use]
    pub(super) fn seal(&self, entry: Unsealed, stamp: Stamp) -> Sealed {
        let has_number = entry.kind != SaleKind::Discard;
        let last_receipt = self.last_receipt + u64::from(has_number);
        let last_entry = self.last_entry + 1;
        let microseconds = stamp.now.as_microsecond();
        let mut sale = Sale {
            id: entry.id,
            session_id: stamp.session_id,
            kind: entry.kind,
            receipt: Receipt {
                till: self.till,
                seq: has_number.then_some(last_receipt),
                number: has_number.then(|| receipt_number(&self.prefix, self.till, last_receipt)),
                chain_seq: last_entry,
                prev_hash: self.last_hash,
                hash: Digest::default(),
            },
            lines: entry.lines,
            taxes: entry.taxes,
            tenders: entry.tenders,
            totals: entry.totals,
            original_id: entry.original_id,
            reason: entry.reason,
            note: entry.note,
            approval_id: entry.approval_id,
            age_checked: entry.age_checked,
            device_time: Timestamp::from_microsecond(microseconds).unwrap_or(stamp.now),
            recorded_by: stamp.by,
        };
        sale.receipt.hash = seal(&sale);
        let head = Self { last_receipt, last_entry, last_hash: sale.receipt.hash, ..self.clone() };
        Sealed { sale, head }
    }
}

/// What an entry says before it has its number and its place in the chain.
pub(super) struct Unsealed {
    pub(super) id: SaleId,
    pub(super) kind: SaleKind,
    pub(super) lines: Vec<super::SaleLine>,
    pub(super) taxes: Vec<super::SaleTax>,
    pub(super) tenders: Vec<super::SaleTender>,
    pub(super) totals: super::SaleTotals,
    pub(super) original_id: Option<SaleId>,
    pub(super) reason: Option<String>,
    pub(super) note: Option<String>,
    pub(super) approval_id: Option<crate::ApprovalId>,
    pub(super) age_checked: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tills_are_lettered_as_columns_are() {
        for (till, letters) in
            [(1, "A"), (2, "B"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA")]
        {
            assert_eq!(till_letters(till), letters);
        }
        assert_eq!(receipt_number("REG-1", 2, 42), "REG-1-B-000042");
        assert_eq!(receipt_number("PRACTICE", 0, 1), "PRACTICE-000001");
        assert_eq!(receipt_number("R", 1, 1_234_567), "R-A-1234567");
        for (typed, number) in [
            (" reg-1-b-000042 ", Some("REG-1-B-000042")),
            ("R-A-1234567", Some("R-A-1234567")),
            ("4006381333931", None),
            ("REG-1-B-42", None),
            ("-B-000042", None),
            ("PRACTICE-000001", None),
            ("REG-1-000042-B", None),
        ] {
            assert_eq!(receipt_part(typed).as_deref(), number, "{typed}");
        }
    }
}
