//! The receipt printer of a till: how it is reached, what paper it has, whether a drawer hangs on it.

mod profile;

pub use profile::{CODE_PAGES, Columns, DrawerPin, Letters, PROFILES, Profile, Pulse};

use crate::SettingValue;
use serde::{Deserialize, Serialize};

/// A printer as it is configured. Empty settings mean that this till has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterSettings {
    /// How it is reached.
    #[serde(default)]
    pub kind: PrinterKind,
    /// Of a printer on the network: host, or host and port.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Of a printer of this computer: the name of its queue.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub queue: String,
    /// The width of its paper.
    #[serde(default)]
    pub width: PaperWidth,
    /// The family of printers that it belongs to.
    #[serde(default = "Profile::standard", with = "profile_by_name", skip_serializing_if = "is_standard")]
    pub profile: &'static Profile,
    /// Letters in a line, where it differs from its family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
    /// How letters reach its paper, where it differs from its family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letters: Option<Letters>,
    /// Whether a cash drawer hangs on it.
    #[serde(default)]
    pub drawer: bool,
    /// How the drawer is wired; pin 2 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawer_pin: Option<DrawerPin>,
    /// How long the pulse for the drawer is; 50 ms where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawer_pulse_ms: Option<Pulse>,
}

impl Default for PrinterSettings {
    fn default() -> Self {
        Self {
            kind: PrinterKind::None,
            address: String::new(),
            queue: String::new(),
            width: PaperWidth::default(),
            profile: Profile::standard(),
            columns: None,
            letters: None,
            drawer: false,
            drawer_pin: None,
            drawer_pulse_ms: None,
        }
    }
}

fn is_standard(profile: &&'static Profile) -> bool {
    *profile == Profile::standard()
}

mod profile_by_name {
    use super::Profile;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        profile: &&'static Profile,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(profile.name)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        deserializer: D,
    ) -> Result<&'static Profile, D::Error> {
        Profile::named(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// How a printer is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrinterKind {
    /// There is none.
    #[default]
    None,
    /// Over the network, raw, at port 9100 unless the address says another.
    Network,
    /// Through the print queue of this computer's system.
    Queue,
}

/// The width of a receipt roll, in millimetres as the trade calls it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum PaperWidth {
    /// 58 mm.
    Narrow,
    /// 76 mm, of printers that strike needles through a ribbon.
    Impact,
    /// 80 mm.
    #[default]
    Wide,
}

impl TryFrom<u16> for PaperWidth {
    type Error = String;

    fn try_from(millimetres: u16) -> Result<Self, String> {
        match millimetres {
            58 => Ok(Self::Narrow),
            76 => Ok(Self::Impact),
            80 => Ok(Self::Wide),
            other => Err(format!("paper of {other} mm: 58, 76 or 80")),
        }
    }
}

impl From<PaperWidth> for u16 {
    fn from(width: PaperWidth) -> Self {
        match width {
            PaperWidth::Narrow => 58,
            PaperWidth::Impact => 76,
            PaperWidth::Wide => 80,
        }
    }
}

impl PrinterSettings {
    /// A till without a printer.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Where a printer on the network listens: its address with a port.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let has_port = self.address.parse::<std::net::SocketAddr>().is_ok()
            || self
                .address
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.contains(':') && port.parse::<u16>().is_ok());
        if has_port {
            return self.address.clone();
        }
        match self.address.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]:9100"),
            Err(_not_one) => format!("{}:9100", self.address),
        }
    }
}

impl SettingValue for PrinterSettings {
    /// `none`, `tcp://host[:port]` or `queue:NAME`.
    fn from_flag(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "none" {
            return Ok(Self::default());
        }
        if let Some(queue) = text.strip_prefix("queue:").map(str::trim).filter(|name| !name.is_empty()) {
            return Ok(Self { kind: PrinterKind::Queue, queue: queue.to_owned(), ..Self::default() });
        }
        let address = text.strip_prefix("tcp://").map(|host| host.trim_end_matches('/'));
        match address.filter(|host| !host.is_empty() && !host.contains(['/', ' '])) {
            Some(host) => {
                Ok(Self { kind: PrinterKind::Network, address: host.to_owned(), ..Self::default() })
            }
            None => Err(format!("{text:?} is no printer: none, tcp://HOST[:PORT] or queue:NAME")),
        }
    }

    fn describe(&self) -> String {
        let place = match self.kind {
            PrinterKind::None => return "none".into(),
            PrinterKind::Network => format!("tcp://{}", self.address),
            PrinterKind::Queue => format!("queue:{}", self.queue),
        };
        let mut parts = vec![place, format!("{} mm", u16::from(self.width))];
        if !is_standard(&self.profile) {
            parts.push(self.profile.name.to_owned());
        }
        parts.extend(self.columns.map(|columns| format!("{} columns", u8::from(columns))));
        parts.extend(self.letters.map(|letters| format!("letters {letters}")));
        if self.drawer {
            parts.push("drawer".to_owned());
            parts.extend(self.drawer_pin.map(|pin| format!("pin {}", u8::from(pin))));
            parts.extend(self.drawer_pulse_ms.map(|pulse| format!("pulse {} ms", u16::from(pulse))));
        }
        parts.join(", ")
    }

    /// Its address on the network, or the name of its queue.
    fn for_window(&self) -> Option<String> {
        match self.kind {
            PrinterKind::None => None,
            PrinterKind::Network => Some(self.address.clone()),
            PrinterKind::Queue => Some(self.queue.clone()),
        }
    }
}

/// How a job of the printer went. Only the first two mean paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Printed {
    /// The printer has it behind it, and says so.
    Done,
    /// The printer or its queue took it and reports nothing more.
    HandedOver,
    /// Nothing of it reached the paper: asking again prints it once.
    NotPrinted {
        /// What stood in the way.
        why: Trouble,
    },
    /// It, or a part of it, may be on paper: look first. Asking again prints a copy.
    Unsure {
        /// What stood in the way.
        why: Trouble,
    },
}

/// Why a job is not known to be on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// This till has no printer.
    NoPrinter,
    /// No drawer hangs on it.
    NoDrawer,
    /// Nothing answers at its address: switched off, unplugged, another address.
    Unreachable,
    /// The roll is at its end.
    PaperOut,
    /// Its cover is open.
    CoverOpen,
    /// It says that it cannot print now: an error lamp, a knife that is stuck, the feed button held.
    Offline,
    /// It took too long.
    Slow,
    /// The connection broke.
    ConnectionLost,
    /// This computer has no such queue, or the queue refuses jobs.
    QueueRefused,
}

impl Printed {
    /// Whether some of it may be on paper.
    #[must_use]
    pub fn may_be_on_paper(self) -> bool {
        !matches!(self, Self::NotPrinted { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_says_how_a_printer_is_reached() {
        let network = PrinterSettings::from_flag("tcp://10.0.0.9:9101/").unwrap();
        assert_eq!((network.kind, network.endpoint().as_str()), (PrinterKind::Network, "10.0.0.9:9101"));
        let queue = PrinterSettings::from_flag("queue:TM T20").unwrap();
        assert_eq!((queue.kind, queue.queue.as_str()), (PrinterKind::Queue, "TM T20"));
        assert_eq!(PrinterSettings { drawer: true, ..queue }.describe(), "queue:TM T20, 80 mm, drawer");
        assert!(PrinterSettings::from_flag("none").unwrap().is_none());
        for wrong in ["", "queue:", "tcp://", "printer", "10.0.0.9", "tcp://a/b"] {
            assert!(PrinterSettings::from_flag(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_port_is_added_where_none_is_said() {
        for (address, endpoint) in [
            ("printer.lan", "printer.lan:9100"),
            ("printer.lan:9101", "printer.lan:9101"),
            ("10.0.0.9", "10.0.0.9:9100"),
            ("fe80::1", "[fe80::1]:9100"),
            ("[fe80::1]:9101", "[fe80::1]:9101"),
        ] {
            let settings = PrinterSettings { address: address.into(), ..PrinterSettings::default() };
            assert_eq!(settings.endpoint(), endpoint);
        }
    }
}
