//! Reports on every paper and in every file, and the printer on the other end of a cable.

mod files;
mod paper;
mod printing;
mod receipts;
mod sample;
mod sold;
mod variety;
