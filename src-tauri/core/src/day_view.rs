//! The end of a business date, as the screen shows it.
//!
//! Invariant: it says what the server returned of the day, and its sheet says the same line by line.

use crate::{
    Location,
    board::{Board, Day, DayClose, DayShift, DayTotals},
    sales_sheet::FlaggedEntry,
    store_sheet::StoreSheet,
};
use jiff::civil;
use serde::Serialize;

/// The end of a business date, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DayView {
    /// The business date, in the store's zone.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub business_date: civil::Date,
    /// The date before it.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub before: Option<civil::Date>,
    /// The date after it; `None` where that has not come yet.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub after: Option<civil::Date>,
    /// Its Z reports.
    pub closes: Vec<DayClose>,
    /// What they come to.
    pub totals: DayTotals,
    /// Shifts of that date that ended and whose count is owed.
    pub uncounted: Vec<DayShift>,
    /// Shifts of that date that are still open.
    pub open: Vec<DayShift>,
    /// What a manager should look at or has settled.
    pub flags: Vec<FlaggedEntry>,
    /// All of it line by line.
    pub sheet: StoreSheet,
}

impl DayView {
    /// A day as people see it. `board`: the registers, and which date is today's.
    #[must_use]
    pub fn of(day: &Day, board: Option<&Board>, vendor_name: &str, location: &Location) -> Self {
        let today = board.and_then(|board| board.business_date);
        Self {
            business_date: day.business_date,
            before: day.business_date.yesterday().ok(),
            after: day.business_date.tomorrow().ok().filter(|after| today >= Some(*after)),
            closes: day.z_reports.iter().filter_map(DayClose::of).collect(),
            totals: day.totals(),
            uncounted: DayShift::of(&day.uncounted, board),
            open: DayShift::of(&day.open, board),
            flags: day.flags.clone(),
            sheet: StoreSheet::of_day(day, board, vendor_name, location),
        }
    }
}
