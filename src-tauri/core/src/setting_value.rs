//! What is written behind a flag of `enroll` for a setting, and read of it.

use crate::Locale;

/// The value of a setting, for those who write and read it.
pub trait SettingValue: Sized {
    /// Reads the value as an installer writes it behind a flag of `enroll`.
    ///
    /// # Errors
    /// What is wrong with the text, in words for an installer.
    fn from_flag(text: &str) -> Result<Self, String>;

    /// The value in a line for an installer.
    fn describe(&self) -> String;

    /// What the window shows of it; `None` where nothing is set up.
    fn for_window(&self) -> Option<String> {
        Some(self.describe())
    }
}

impl SettingValue for Locale {
    fn from_flag(text: &str) -> Result<Self, String> {
        text.parse()
    }

    fn describe(&self) -> String {
        self.to_string()
    }
}

impl SettingValue for bool {
    fn from_flag(text: &str) -> Result<Self, String> {
        match text {
            "on" | "true" | "yes" => Ok(true),
            "off" | "false" | "no" => Ok(false),
            _ => Err(format!("{text:?} is neither on nor off")),
        }
    }

    fn describe(&self) -> String {
        self.to_string()
    }
}
