//! Who is at the till, and what their role lets them do.

use crate::{Amount, LocationId, MovementKind, UserId, VendorId};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person may do. Rights follow the role, never who opened a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Opens, joins, records and closes on registers of their location.
    Cashier,
    /// Also ends forgotten sessions, approves differences and sees the expected cash before the count.
    Manager,
    /// Every location of the vendor.
    Owner,
}

impl Role {
    /// Whether this role ends forgotten sessions, approves differences and reads the board.
    #[must_use]
    pub fn manages(self) -> bool {
        self != Self::Cashier
    }
}

/// A signed-in person, as the server knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Staff {
    /// Their login.
    pub user_id: UserId,
    /// The shop they work for.
    pub vendor_id: VendorId,
    /// The shop's name as customers know it.
    pub vendor_name: String,
    /// Their name as colleagues know it.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// The stores where they may do it; never empty for somebody who can work.
    pub locations: Vec<Location>,
}

/// A store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Its name.
    pub name: String,
    /// IANA name of its time zone, such as `America/New_York`.
    pub timezone: String,
    /// ISO 4217 code of the currency in its drawers.
    pub currency: String,
    /// Store time at which a new business date begins, `HH:MM`.
    pub business_day_cutoff: String,
    /// A difference beyond this needs a reason; `None` where the server does not say.
    #[serde(default)]
    pub variance_tolerance: Option<Amount>,
    /// A difference beyond this needs a manager's approval.
    #[serde(default)]
    pub variance_limit: Option<Amount>,
    /// How much a cashier may record alone, by kind; a kind that is not here has no limit.
    #[serde(default)]
    pub movement_limits: BTreeMap<MovementKind, Amount>,
    /// The reasons to choose from, by kind; a kind that is not here has the usual ones.
    #[serde(default)]
    pub reasons: BTreeMap<MovementKind, Vec<String>>,
    /// The reasons for a difference to choose from; `None` means the usual ones, an empty list none.
    #[serde(default)]
    pub difference_reasons: Option<Vec<String>>,
}

impl Location {
    /// The business date of an instant: the calendar date in the store's zone, with the hours before the
    /// cut-off counted to the day before. `None` when the server named a zone or an hour that does not exist.
    #[must_use]
    pub fn business_date(&self, at: Timestamp) -> Option<civil::Date> {
        let (local, cutoff) = (self.local(at)?, self.cutoff()?);
        if local.time() < cutoff { local.date().yesterday().ok() } else { Some(local.date()) }
    }

    /// What the clock on the store's wall shows. `None` when the server named a zone that does not exist.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> Option<civil::DateTime> {
        let zone = TimeZone::get(&self.timezone).ok()?;
        Some(at.to_zoned_datetime(zone).datetime())
    }

    /// The time of day at which the store's business date turns. `None` when the server named none that exists.
    #[must_use]
    pub fn cutoff(&self) -> Option<civil::Time> {
        self.business_day_cutoff.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn store(timezone: &str, cutoff: &str) -> Location {
        Location {
            id: LocationId(Uuid::nil()),
            name: "Main Street".into(),
            timezone: timezone.into(),
            currency: "USD".into(),
            business_day_cutoff: cutoff.into(),
            variance_tolerance: None,
            variance_limit: None,
            movement_limits: BTreeMap::new(),
            reasons: BTreeMap::new(),
            difference_reasons: None,
        }
    }

    fn date(store: &Location, at: &str) -> String {
        store.business_date(at.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn the_day_turns_at_the_cutoff_in_the_stores_own_zone() {
        let late_bar = store("America/New_York", "04:00");
        // 03:59 in New York is still yesterday's business; the same instant is a new day in UTC.
        assert_eq!(date(&late_bar, "2026-03-02T08:59:00Z"), "2026-03-01");
        assert_eq!(date(&late_bar, "2026-03-02T09:00:00Z"), "2026-03-02");
        assert_eq!(date(&store("Asia/Tokyo", "00:00"), "2026-03-01T15:00:00Z"), "2026-03-02");
    }

    #[test]
    fn the_day_turns_right_across_a_change_of_clocks() {
        // On 2026-03-29 Berlin skips 02:00 to 03:00; a cut-off inside the gap still splits the night.
        let berlin = store("Europe/Berlin", "02:30");
        assert_eq!(date(&berlin, "2026-03-29T00:59:59Z"), "2026-03-28");
        assert_eq!(date(&berlin, "2026-03-29T01:00:00Z"), "2026-03-29");
    }

    #[test]
    fn a_zone_that_does_not_exist_gives_no_date() {
        assert_eq!(store("Mars/Olympus", "04:00").business_date(Timestamp::UNIX_EPOCH), None);
        assert_eq!(store("UTC", "25:00").business_date(Timestamp::UNIX_EPOCH), None);
    }
}
