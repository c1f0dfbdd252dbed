//! Where the window was, so that it comes back there.
//!
//! Invariant: a window is put only where people see the whole of it, on a monitor that is connected now; in doubt the
//! system chooses.

use crate::replace::replace;
use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};

/// A window's place, in physical pixels of the whole desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowPlace {
    /// Left edge; negative on a monitor left of the first one.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width of what is inside the frame.
    pub width: u32,
    /// Height of what is inside the frame.
    pub height: u32,
    /// It filled its monitor, with its frame.
    pub maximised: bool,
    /// It filled its monitor, without its frame.
    pub full_screen: bool,
}

/// The part of a monitor in which windows are put, in the same pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl WindowPlace {
    /// Reads the file. What cannot be read is no place: a window is no reason to bother people.
    #[must_use]
    pub fn load(path: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What the disk says.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        replace(path, &serde_json::to_string(self)?)
    }

    /// The same place, moved and made smaller as far as it takes to be wholly on one of these monitors; `None` where
    /// most of it is on none of them.
    #[must_use]
    pub fn on(self, monitors: &[Area]) -> Option<Self> {
        let own = Area { x: self.x, y: self.y, width: self.width, height: self.height };
        let monitor = monitors.iter().max_by_key(|monitor| own.shared_with(monitor))?;
        let whole = u64::from(self.width) * u64::from(self.height);
        if whole == 0 || own.shared_with(monitor).saturating_mul(2) < whole {
            return None;
        }
        let (x, width) = within(self.x, self.width, monitor.x, monitor.width);
        let (y, height) = within(self.y, self.height, monitor.y, monitor.height);
        Some(Self { x, y, width, height, ..self })
    }
}

impl Area {
    /// How many pixels two areas have in common.
    fn shared_with(&self, other: &Self) -> u64 {
        let across = shared(self.x, self.width, other.x, other.width);
        across.saturating_mul(shared(self.y, self.height, other.y, other.height))
    }
}

fn shared(from: i32, length: u32, other_from: i32, other_length: u32) -> u64 {
    let start = i64::from(from.max(other_from));
    let end = (i64::from(from) + i64::from(length)).min(i64::from(other_from) + i64::from(other_length));
    u64::try_from(end - start).unwrap_or_default()
}

/// A stretch moved into another one, and cut where it is longer.
fn within(from: i32, length: u32, other_from: i32, other_length: u32) -> (i32, u32) {
    let length = length.min(other_length);
    let last = i64::from(other_from) + i64::from(other_length - length);
    let from = i64::from(from).clamp(i64::from(other_from), last);
    (i32::try_from(from).unwrap_or(other_from), length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    const SMALL: Area = Area { x: 0, y: 0, width: 1024, height: 768 };
    const RIGHT: Area = Area { x: 1024, y: -200, width: 1920, height: 1080 };

    fn place(x: i32, y: i32, width: u32, height: u32) -> WindowPlace {
        WindowPlace { x, y, width, height, maximised: false, full_screen: false }
    }

    #[test]
    fn a_place_that_is_still_there_is_taken_as_it_was() {
        let was = WindowPlace { maximised: true, ..place(1400, -100, 900, 700) };
        assert_eq!(was.on(&[SMALL, RIGHT]), Some(was));
        assert_eq!(place(0, 0, 1024, 768).on(&[SMALL]), Some(place(0, 0, 1024, 768)));
    }

    #[test]
    fn a_monitor_that_is_gone_takes_its_places_with_it() {
        assert_eq!(place(1400, -100, 900, 700).on(&[SMALL]), None);
        assert_eq!(place(-2000, 0, 900, 700).on(&[SMALL, RIGHT]), None);
        assert_eq!(place(0, 0, 900, 700).on(&[]), None);
        // Windows keeps minimised windows here.
        assert_eq!(place(-32000, -32000, 900, 700).on(&[SMALL]), None);
    }

    #[test]
    fn nothing_of_it_is_out_of_reach() {
        assert_eq!(place(-8, -8, 900, 700).on(&[SMALL]), Some(place(0, 0, 900, 700)));
        assert_eq!(place(600, 300, 800, 600).on(&[SMALL]), None, "most of it was elsewhere");
        assert_eq!(place(300, 200, 800, 600).on(&[SMALL]), Some(place(224, 168, 800, 600)));
        assert_eq!(place(1000, 0, 1920, 1080).on(&[SMALL, RIGHT]), Some(place(1024, -200, 1920, 1080)));
        assert_eq!(
            place(0, 0, 1200, 900).on(&[SMALL]),
            Some(place(0, 0, 1024, 768)),
            "it fits a smaller one"
        );
    }

    #[test]
    fn numbers_that_no_desktop_has_are_no_place() {
        for (x, y, width, height) in
            [(i32::MIN, i32::MIN, u32::MAX, u32::MAX), (i32::MAX, 0, u32::MAX, 1), (0, 0, 0, 0)]
        {
            assert_eq!(place(x, y, width, height).on(&[SMALL, RIGHT]), None);
        }
        let all = Area { x: i32::MIN, y: i32::MIN, width: u32::MAX, height: u32::MAX };
        assert!(place(5, 5, 100, 100).on(&[all]).is_some());
    }

    #[test]
    fn the_file_is_read_again_and_a_damaged_one_is_none() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("deeper/window.json");
        assert_eq!(WindowPlace::load(&path), None);
        let was = WindowPlace { full_screen: true, ..place(-5, 7, 900, 700) };
        was.save(&path).unwrap();
        was.save(&path).expect("over an existing one");
        assert_eq!(WindowPlace::load(&path), Some(was));
        fs::write(&path, "{\"x\": 1e99}").unwrap();
        assert_eq!(WindowPlace::load(&path), None);
    }
}
