//! Whether a newer version of the program is installed on this computer, and when.
//!
//! Invariant: never an older version, never while a shift is open here, never before this device's turn in the
//! rollout, and never without a person's word or the store's own hour.

use crate::{DeviceId, SettingValue};
use jiff::civil;
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a device is kept up to date, as it is configured. Empty settings mean: look, offer, and install at the store's
/// hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// Whether this device looks for newer versions at all.
    #[serde(default = "yes")]
    pub check: bool,
    /// Address of the list of versions, where it is another than the one built into the program; such as a copy in
    /// the shop's own network. What it offers must be signed all the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub server: String,
    /// The store's hour: from this time of day on, for one hour, a version may be installed without being asked
    /// about. Without it, the hour in which the store's business day turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<civil::Time>,
}

fn yes() -> bool {
    true
}

impl Default for UpdateSettings {
    fn default() -> Self {
        Self { check: true, server: String::new(), hour: None }
    }
}

impl SettingValue for UpdateSettings {
    fn from_flag(text: &str) -> Result<Self, String> {
        let hour = match text {
            "off" => return Ok(Self { check: false, ..Self::default() }),
            "on" => None,
            _ => {
                let hour =
                    text.strip_prefix("on@").ok_or_else(|| format!("{text:?}: on, off or on@HH:MM"))?;
                Some(hour.parse().map_err(|cause| format!("{hour:?} is no time of day: {cause}"))?)
            }
        };
        Ok(Self { hour, ..Self::default() })
    }

    fn describe(&self) -> String {
        if !self.check {
            return "off".to_owned();
        }
        let server = if self.server.is_empty() { String::new() } else { format!(", from {}", self.server) };
        let hour = self.hour.map_or_else(String::new, |hour| format!(", at {hour}"));
        format!("on{server}{hour}")
    }

    /// Whether newer versions are looked for.
    fn for_window(&self) -> Option<String> {
        Some(self.check.to_string())
    }
}

/// The share of all devices that a version is meant for, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rollout(u8);

impl Rollout {
    /// Every device.
    pub const EVERYBODY: Self = Self(100);
    /// No device: the rollout is stopped.
    pub const NOBODY: Self = Self(0);

    /// Reads the share from the list of versions. A list that names none is meant for everybody; one that names
    /// something else than a whole number from 0 to 100 is meant for nobody, until somebody has put it right.
    #[must_use]
    pub fn told(share: Option<&Value>) -> Self {
        match share {
            None => Self::EVERYBODY,
            Some(share) => share
                .as_u64()
                .and_then(|share| u8::try_from(share).ok())
                .filter(|share| *share <= 100)
                .map_or(Self::NOBODY, Self),
        }
    }

    /// Whether this device's turn for this version has come. A device keeps its place for one version however often
    /// it asks, so that a growing share never takes a version back; another version shuffles the places, so that
    /// it is not always the same shop that goes first.
    #[must_use]
    pub fn reaches(self, device: DeviceId, version: &Version) -> bool {
        place(device, version) < u64::from(self.0)
    }
}

/// One of a hundred places. FNV-1a, written out because it must stay the same in every version of this program.
fn place(device: DeviceId, version: &Version) -> u64 {
    let text = format!("{device} {version}");
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bits of FNV depend on the last bytes most: the high half is folded in.
    (hash ^ (hash >> 32)) % 100
}

/// A version that the list of versions offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The version that is offered.
    pub version: Version,
    /// To how many.
    pub rollout: Rollout,
}

/// What a device knows when it decides about an offer.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// The version that runs.
    pub installed: &'a Version,
    /// Who this is, for its turn in the rollout.
    pub device: DeviceId,
    /// No shift is open here, and nothing is under way that a restart would cut off.
    pub at_rest: bool,
    /// A person has asked for it to be installed.
    pub agreed: bool,
    /// The time of day in the store.
    pub time: civil::Time,
    /// When the store's hour begins, if it has one.
    pub hour: Option<civil::Time>,
    /// Installing asks for nobody's password, so it can be done with nobody there.
    pub unattended: bool,
}

/// What becomes of an offer, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it is what runs, or older.
    NotNewer,
    /// Nothing yet: this device's turn comes with a larger share.
    NotItsTurn,
    /// It waits for the shift to end.
    AfterShift,
    /// It is offered to whoever is there.
    Offer,
    /// It is installed.
    Install,
}

/// Decides about an offer.
#[must_use]
pub fn decide(offer: &Offer, now: &Circumstances<'_>) -> Decision {
    if offer.version.cmp_precedence(now.installed).is_le() {
        return Decision::NotNewer;
    }
    if !offer.rollout.reaches(now.device, &offer.version) {
        return Decision::NotItsTurn;
    }
    if !now.at_rest {
        return Decision::AfterShift;
    }
    let hour_has_come = now.hour.is_some_and(|hour| is_within_the_hour(now.time, hour));
    if now.agreed || (now.unattended && hour_has_come) { Decision::Install } else { Decision::Offer }
}

/// Whether `time` is in the sixty minutes that begin at `hour`, over midnight as well.
fn is_within_the_hour(time: civil::Time, hour: civil::Time) -> bool {
    const DAY: i32 = 24 * 60;
    let minutes = |time: civil::Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    (minutes(time) - minutes(hour)).rem_euclid(DAY) < 60
}

/// The program's version, and a newer one where there is one: what the window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ProgramVersion {
    /// What runs.
    pub installed: String,
    /// What could run instead.
    pub newer: Option<NewerVersion>,
}

/// A newer version that this device may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct NewerVersion {
    /// The newer version's number.
    pub version: String,
    /// Where it stands.
    pub stage: UpdateStage,
    /// Installing it asks for the password of an administrator of this computer.
    pub asks_password: bool,
}

/// Where the installation of a newer version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum UpdateStage {
    /// It waits for the shift to end.
    AfterShift,
    /// It can be installed now.
    Ready,
    /// It is being fetched.
    Fetching,
    /// It is being installed; the program starts again by itself.
    Installing,
    /// It is installed, and a shift was started meanwhile: it runs from the next start on.
    AfterRestart,
    /// What was fetched is not what its maker signed. Nothing was installed.
    NotGenuine,
    /// It could not be fetched. Nothing was installed.
    NotFetched,
    /// It could not be installed; the version that ran goes on.
    NotInstalled,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    fn device(number: u128) -> DeviceId {
        // Spread as random ids are: the version 4 ids of real devices have no pattern either.
        DeviceId(Uuid::from_u128(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)))
    }

    fn offer(version: &str) -> Offer {
        Offer { version: version.parse().unwrap(), rollout: Rollout::EVERYBODY }
    }

    fn at(time: &str) -> civil::Time {
        time.parse().unwrap()
    }

    /// A register at rest at noon, which would install at four in the morning.
    fn noon(installed: &Version) -> Circumstances<'_> {
        Circumstances {
            installed,
            device: device(7),
            at_rest: true,
            agreed: false,
            time: at("12:00"),
            hour: Some(at("04:00")),
            unattended: true,
        }
    }

    #[test]
    fn an_open_shift_waits_whatever_anybody_wants() {
        let installed = "1.0.0".parse().unwrap();
        let busy = Circumstances { at_rest: false, agreed: true, time: at("04:10"), ..noon(&installed) };
        assert_eq!(decide(&offer("1.1.0"), &busy), Decision::AfterShift);
    }

    #[test]
    fn it_takes_a_persons_word_or_the_stores_hour() {
        let installed = "1.0.0".parse().unwrap();
        let quiet = noon(&installed);
        assert_eq!(decide(&offer("1.1.0"), &quiet), Decision::Offer);
        let agreed = Circumstances { agreed: true, ..quiet.clone() };
        assert_eq!(decide(&offer("1.1.0"), &agreed), Decision::Install);
        for (time, decision) in [
            ("03:59", Decision::Offer),
            ("04:00", Decision::Install),
            ("04:59", Decision::Install),
            ("05:00", Decision::Offer),
        ] {
            let now = Circumstances { time: at(time), ..quiet.clone() };
            assert_eq!(decide(&offer("1.1.0"), &now), decision, "{time}");
        }
    }

    #[test]
    fn the_hour_goes_on_after_midnight() {
        let hour = at("23:30");
        assert!(is_within_the_hour(at("23:30"), hour) && is_within_the_hour(at("00:29"), hour));
        assert!(!is_within_the_hour(at("00:30"), hour) && !is_within_the_hour(at("23:29"), hour));
    }

    #[test]
    fn where_a_password_is_asked_for_nothing_happens_at_night() {
        let installed = "1.0.0".parse().unwrap();
        let night = Circumstances { time: at("04:10"), unattended: false, ..noon(&installed) };
        assert_eq!(decide(&offer("1.1.0"), &night), Decision::Offer);
        let agreed = Circumstances { agreed: true, ..night };
        assert_eq!(decide(&offer("1.1.0"), &agreed), Decision::Install);
        let no_hour = Circumstances { time: at("04:10"), hour: None, ..noon(&installed) };
        assert_eq!(decide(&offer("1.1.0"), &no_hour), Decision::Offer);
    }

    #[test]
    fn only_what_is_newer_is_an_update() {
        let installed = "1.2.0".parse().unwrap();
        let wanted = Circumstances { agreed: true, ..noon(&installed) };
        for old in ["1.2.0", "1.1.9", "0.9.0", "1.2.0-rc.1", "1.2.0+other-build"] {
            assert_eq!(decide(&offer(old), &wanted), Decision::NotNewer, "{old}");
        }
        for new in ["1.2.1", "1.10.0", "2.0.0-rc.1"] {
            assert_eq!(decide(&offer(new), &wanted), Decision::Install, "{new}");
        }
    }

    #[test]
    fn a_share_reaches_about_that_many_and_other_ones_with_another_version() {
        let reached = |share: u64, version: &str| -> Vec<u128> {
            let (share, version) = (Rollout::told(Some(&json!(share))), version.parse().unwrap());
            (0..10_000).filter(|number| share.reaches(device(*number), &version)).collect()
        };
        for share in [1, 5, 25, 50] {
            let (count, wanted) = (reached(share, "1.1.0").len(), usize::try_from(share).unwrap() * 100);
            assert!(count.abs_diff(wanted) < 40 + wanted / 10, "{share} %: {count} of 10000");
        }
        assert_eq!(reached(0, "1.1.0").len(), 0, "a stopped rollout reaches nobody");
        assert_eq!(reached(100, "1.1.0").len(), 10_000, "a whole one everybody");
        let (first, next) = (reached(10, "1.1.0"), reached(10, "1.2.0"));
        let again = first.iter().filter(|number| next.contains(number)).count();
        assert!(again < first.len() / 4, "{again} of {} go first twice", first.len());
    }

    #[test]
    fn a_place_is_the_same_in_every_build() {
        // Were it to change, half a rollout would be taken back and given to others.
        let places = [1, 2, 3].map(|number| place(DeviceId(Uuid::from_u128(number)), &Version::new(1, 2, 3)));
        assert_eq!(places, [90, 74, 48]);
    }

    #[test]
    fn a_list_without_a_share_is_for_everybody_and_a_wrong_share_for_nobody() {
        assert_eq!(Rollout::told(None), Rollout::EVERYBODY);
        assert_eq!(Rollout::told(Some(&json!(25))), Rollout(25));
        for wrong in [json!(101), json!(-1), json!(2.5), json!("50"), json!(null), json!([50]), json!(300)] {
            assert_eq!(Rollout::told(Some(&wrong)), Rollout::NOBODY, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_growing_share_never_loses_a_device(number: u128, small in 0_u8..=100, large in 0_u8..=100) {
            let (small, large) = (Rollout(small.min(large)), Rollout(small.max(large)));
            let version = Version::new(3, 1, 4);
            if small.reaches(device(number), &version) {
                prop_assert!(large.reaches(device(number), &version));
            }
        }
    }
}
