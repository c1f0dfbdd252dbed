//! The canonical content of an entry, and the chain of hashes that makes a removed or edited receipt visible.
//!
//! Invariant: two entries have the same canonical content only if they say the same, whatever scale their decimals were
//! written with and however their letters were composed. `docs/receipts.md` says the form in plain words; the vectors
//! in `tests/vectors` pin its bytes.

use super::Sale;
use crate::Amount;
use jiff::{Timestamp, tz::Offset};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use std::{fmt, fmt::Write as _, str::FromStr};
use unicode_normalization::UnicodeNormalization;

/// A SHA-256, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, type = "string"))]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl FromStr for Digest {
    type Err = data_encoding::DecodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes())?;
        let length = || data_encoding::DecodeError { position: 64, kind: data_encoding::DecodeKind::Length };
        bytes.try_into().map(Self).map_err(|_wrong_length| length())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Everything that an entry says, in the one form that is hashed: a record for the entry, one for each line, row of tax
/// and tender.
#[must_use]
pub fn canonical(sale: &Sale) -> String {
    let mut content = String::with_capacity(1_000);
    let totals = &sale.totals;
    let mut entry = Record::new("onetill-receipt-1");
    entry.field(sale.id).field(sale.session_id).field(sale.kind.name()).maybe(sale.original_id);
    entry.field(sale.receipt.till).maybe(sale.receipt.seq).maybe(sale.receipt.number.as_ref());
    entry.field(sale.receipt.chain_seq).field(microseconds(sale.device_time)).field(sale.recorded_by);
    entry.maybe(sale.reason.as_ref()).maybe(sale.note.as_ref()).field(sale.age_checked);
    entry.field(&totals.currency).field(totals.prices_include_tax);
    entry.amount(totals.gross).amount(totals.discount).amount(totals.net).amount(totals.tax);
    entry.amount(totals.total).amount(totals.cash_rounding);
    entry.amount(totals.net_cash).amount(totals.net_card).amount(totals.net_other);
    entry.end(&mut content);
    for line in &sale.lines {
        let mut record = Record::new("line");
        record.maybe(line.item_id).maybe(line.name.as_ref()).maybe(line.code.as_ref());
        record.maybe(line.unit.as_ref()).decimal(line.quantity.decimal()).amount(line.unit_price);
        record.amount(line.gross).amount(line.discount).amount(line.cart_discount).amount(line.net);
        record.maybe(line.tax_code.as_ref()).maybe(line.original_line);
        record.maybe_amount(line.list_price).maybe(line.discount_reason.as_ref());
        record.end(&mut content);
    }
    for row in &sale.taxes {
        let mut record = Record::new("tax");
        record.field(&row.tax_code).field(&row.component).decimal(row.rate.decimal());
        record.amount(row.base).amount(row.tax);
        record.end(&mut content);
    }
    for tender in &sale.tenders {
        let mut record = Record::new("tender");
        record.field(tender.kind.name()).maybe(tender.label.as_ref()).amount(tender.amount);
        record.maybe_amount(tender.tendered).maybe_amount(tender.change).maybe(tender.reference.as_ref());
        record.end(&mut content);
    }
    content.nfc().collect()
}

/// SHA-256 of the canonical content: the same for the same entry sent again.
#[must_use]
pub fn digest(sale: &Sale) -> Digest {
    Digest(Sha256::digest(canonical(sale)).into())
}

/// The hash of an entry: SHA-256 of the hash of the one before (32 bytes) and the canonical content.
#[must_use]
pub fn seal(sale: &Sale) -> Digest {
    Digest(
        Sha256::new().chain_update(sale.receipt.prev_hash.0).chain_update(canonical(sale)).finalize().into(),
    )
}

/// A time as the canonical content has it: UTC, always six digits of a second.
fn microseconds(time: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(time);
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        date.year(),
        date.month(),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.subsec_nanosecond() / 1_000
    )
}

/// A record: its name, each field after a unit separator (U+001F), and a line feed. Neither stands in a text.
struct Record(String);

impl Record {
    fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    fn end(&self, content: &mut String) {
        content.push_str(&self.0);
        content.push('\n');
    }

    fn field(&mut self, value: impl fmt::Display) -> &mut Self {
        // Writing to a String does not fail.
        let _ = write!(self.0, "\u{1f}{value}");
        self
    }

    /// Nothing and an empty text are the same.
    fn maybe(&mut self, value: Option<impl fmt::Display>) -> &mut Self {
        match value {
            Some(value) => self.field(value),
            None => self.field(""),
        }
    }

    /// Without zeros at the end of the fraction, and zero without a sign.
    fn decimal(&mut self, value: Decimal) -> &mut Self {
        if value.is_zero() { self.field(0) } else { self.field(value.normalize()) }
    }

    fn amount(&mut self, value: Amount) -> &mut Self {
        self.decimal(value.decimal())
    }

    fn maybe_amount(&mut self, value: Option<Amount>) -> &mut Self {
        match value {
            Some(value) => self.amount(value),
            None => self.field(""),
        }
    }
}
