//! Reports and receipts on paper and in files, and the receipt printer and cash drawer of a till.
//!
//! Invariants: rendering is pure, and every figure is written from the digits of the report or the sale; a printer that
//! is off, empty or slow costs a job its deadline and nobody a shift; what became of a job is told, and "nobody knows"
//! is an answer.

mod alphabet;
mod csv;
mod document;
mod drawn;
mod escpos;
mod outcome;
mod pdf;
mod printer;
mod queue;
mod receipt;
mod sheet;
mod table;
mod timeouts;
mod wire;
mod words;

pub use csv::csv;
pub use document::Document;
pub use escpos::Job;
pub use onetill_core::printing::{Printed, Trouble};
pub use outcome::Condition;
pub use pdf::{pdf, receipt_pdf};
pub use printer::Printer;
pub use receipt::text;
pub use table::Table;
pub use timeouts::Timeouts;
pub use words::{Formats, Language, Words};

#[cfg(test)]
mod tests;
