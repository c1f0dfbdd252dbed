//! How the window behaves on one computer: whether it fills the screen, and when it locks by itself.

use crate::SettingValue;
use serde::{Deserialize, Serialize};

/// The settings. Nothing set means a window, locked after a quarter of an hour in which nobody touched it: the longest
/// that the payment industry's rules (PCI DSS 8.2.8) leave a till open unattended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct ScreenSettings {
    /// The window fills the screen at every start.
    #[serde(default)]
    pub full_screen: bool,
    /// After how many minutes in which nobody touched it the till locks.
    #[serde(default)]
    pub lock_after_minutes: LockAfter,
}

impl SettingValue for ScreenSettings {
    fn from_flag(text: &str) -> Result<Self, String> {
        let (window, minutes) =
            text.split_once('@').map_or((text, None), |(it, minutes)| (it, Some(minutes)));
        let full_screen = match window {
            "full" => true,
            "window" => false,
            _ => return Err(format!("{text:?}: window or full, with @MINUTES if wanted")),
        };
        let lock_after_minutes = match minutes {
            None => LockAfter::default(),
            Some(minutes) => {
                let minutes: u16 =
                    minutes.parse().map_err(|cause| format!("{minutes:?} minutes: {cause}"))?;
                minutes.try_into()?
            }
        };
        Ok(Self { full_screen, lock_after_minutes })
    }

    fn describe(&self) -> String {
        let window = if self.full_screen { "full screen" } else { "a window" };
        match u16::from(self.lock_after_minutes) {
            0 => format!("{window}, never locks by itself"),
            minutes => format!("{window}, locks after {minutes} minutes"),
        }
    }

    /// The minutes to the lock.
    fn for_window(&self) -> Option<String> {
        Some(u16::from(self.lock_after_minutes).to_string())
    }
}

/// A number of minutes, up to a day; 0 is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, type = "number"))]
#[serde(try_from = "u16", into = "u16")]
pub struct LockAfter(u16);

impl Default for LockAfter {
    fn default() -> Self {
        Self(15)
    }
}

impl TryFrom<u16> for LockAfter {
    type Error = String;

    fn try_from(minutes: u16) -> Result<Self, String> {
        if minutes <= 24 * 60 {
            Ok(Self(minutes))
        } else {
            Err(format!("{minutes} minutes: a till locks within a day (1440), or never (0)"))
        }
    }
}

impl From<LockAfter> for u16 {
    fn from(LockAfter(minutes): LockAfter) -> Self {
        minutes
    }
}
