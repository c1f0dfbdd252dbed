//! The signed enrolment link: what a store's owner sends to forty computers.
//!
//! `onetill://enroll/1/<payload>.<signature>`, both in base64url without padding. The payload is a JSON [`Ticket`]; the
//! signature is Ed25519 over the text `onetill-enroll-1.<payload>`. It carries nothing secret: it protects the computer from
//! being pointed at somebody else's project. Invariant: nothing of a link is believed before its signature has been
//! checked against a key that this computer was given by another way.

use crate::error::{CliError, Result};
use data_encoding::BASE64URL_NOPAD as BASE64;
use jiff::Timestamp;
use onetill_core::{Config, Project};
use ring::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What every link begins with.
pub(crate) const BEGINS: &str = "onetill://enroll/1/";

/// What a computer needs to become a register's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub(crate) struct Ticket {
    /// The project, and what else of the settings the owner decides; what is absent stays as the computer has it.
    pub(crate) settings: Config,
    /// The store, by name or id; only needed where register numbers repeat.
    pub(crate) location: Option<String>,
    /// The register, by number or id.
    pub(crate) register: Option<String>,
    /// After this instant the link is refused.
    pub(crate) valid_until: Option<Timestamp>,
}

impl Ticket {
    /// The way to a project, and nothing else.
    pub(crate) fn of(url: &str, key: &str) -> Self {
        let supabase = Project { url: url.to_owned(), key: key.to_owned() };
        Self { settings: Config { supabase, ..Config::default() }, ..Self::default() }
    }
}

/// A ticket is written as one flat object: the project's address and key stand beside the other settings.
impl TryFrom<Map<String, Value>> for Ticket {
    type Error = String;

    fn try_from(mut written: Map<String, Value>) -> std::result::Result<Self, String> {
        if let Some(name) = ["supabase", "locked"].into_iter().find(|name| written.contains_key(*name)) {
            return Err(format!("unknown field `{name}`"));
        }
        let mut text = |name: &str| match written.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` is not a text")),
        };
        let missing = |name: &str| format!("missing field `{name}`");
        let url = text("url")?.ok_or_else(|| missing("url"))?;
        let key = text("key")?.ok_or_else(|| missing("key"))?;
        let (location, register) = (text("location")?, text("register")?);
        let until = text("valid_until")?.map(|until| until.parse()).transpose();
        let valid_until = until.map_err(|cause: jiff::Error| format!("`valid_until`: {cause}"))?;
        let settings = serde_json::from_value(written.into()).map_err(|cause| cause.to_string())?;
        let settings = Config { supabase: Project { url, key }, ..settings };
        Ok(Self { settings, location, register, valid_until })
    }
}

impl From<Ticket> for Map<String, Value> {
    fn from(ticket: Ticket) -> Self {
        let Ticket { settings, location, register, valid_until } = ticket;
        let Project { url, key } = settings.supabase.clone();
        let others = Config { supabase: Project::default(), locked: Vec::new(), ..settings };
        let mut written = match serde_json::to_value(others) {
            Ok(Value::Object(others)) => others,
            _ => Self::new(),
        };
        let until = valid_until.map(|until| until.to_string());
        let texts = [("url", Some(url)), ("key", Some(key)), ("location", location), ("register", register)];
        for (name, text) in texts.into_iter().chain([("valid_until", until)]) {
            written.extend(text.map(|text| (name.to_owned(), text.into())));
        }
        written
    }
}

/// Makes a key pair: what signs (PKCS #8, base64url, to be kept secret) and what computers are given.
pub(crate) fn new_key() -> Result<(String, String)> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_unspecified| CliError::Failed("this computer has no randomness".into()))?;
    let public = BASE64.encode(pair(document.as_ref())?.public_key().as_ref());
    Ok((BASE64.encode(document.as_ref()), public))
}

/// Signs a ticket.
pub(crate) fn sign(ticket: &Ticket, secret: &str) -> Result<String> {
    sign_text(serde_json::to_string(ticket).map_err(CliError::failed)?.as_bytes(), secret)
}

/// Signs what should be a ticket.
pub(crate) fn sign_text(text: &[u8], secret: &str) -> Result<String> {
    let document = BASE64.decode(secret.trim().as_bytes()).map_err(|_shows_it| unreadable_key())?;
    let payload = BASE64.encode(text);
    let signature = pair(&document)?.sign(signed_text(&payload).as_bytes());
    Ok(format!("{BEGINS}{payload}.{}", BASE64.encode(signature.as_ref())))
}

/// Reads a link that was signed with the trusted key and has not run out.
pub(crate) fn open(link: &str, trusted: &str, now: Timestamp) -> Result<Ticket> {
    let refused = |why: &str| CliError::Usage(format!("the enrolment link {why}"));
    let body =
        link.trim().strip_prefix(BEGINS).ok_or_else(|| refused("does not begin with onetill://enroll/1/"))?;
    let (payload, signature) = body.split_once('.').ok_or_else(|| refused("was cut short"))?;
    let signature = BASE64.decode(signature.as_bytes()).map_err(|_cause| refused("was cut short"))?;
    let trusted = BASE64.decode(trusted.trim().as_bytes()).map_err(|_cause| {
        CliError::Usage("the trusted key is not one (43 characters, from enrolment-key)".into())
    })?;
    UnparsedPublicKey::new(&ED25519, trusted).verify(signed_text(payload).as_bytes(), &signature).map_err(
        |_unspecified| refused("is not signed with the key that this computer trusts: do not use it"),
    )?;
    let json = BASE64.decode(payload.as_bytes()).map_err(|_cause| refused("was cut short"))?;
    let ticket: Ticket =
        serde_json::from_slice(&json).map_err(|cause| refused(&format!("cannot be read: {cause}")))?;
    match ticket.valid_until {
        Some(until) if until < now => Err(refused(&format!("ran out on {until}: ask for a new one"))),
        _ => Ok(ticket),
    }
}

/// So that a signature made for something else is never one for this.
fn signed_text(payload: &str) -> String {
    format!("onetill-enroll-1.{payload}")
}

fn pair(document: &[u8]) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_pkcs8(document).map_err(|_shows_nothing| unreadable_key())
}

fn unreadable_key() -> CliError {
    CliError::Usage("the signing key file does not hold a key made by `onetillctl enrolment-key`".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetill_core::SettingValue;

    fn ticket() -> Ticket {
        Ticket {
            settings: Config {
                supabase: Project { url: "https://shop.example".into(), key: "sb_publishable_x".into() },
                locale: Some("de-CH".parse().unwrap()),
                screen: Some(SettingValue::from_flag("full@5").unwrap()),
                ..Config::default()
            },
            register: Some("M1".into()),
            valid_until: Some("2026-12-01T00:00:00Z".parse().unwrap()),
            ..Ticket::default()
        }
    }

    #[test]
    fn a_link_is_believed_only_with_the_right_signature_in_time() {
        let (secret, public) = new_key().unwrap();
        let (_, other) = new_key().unwrap();
        let link = sign(&ticket(), &secret).unwrap();
        let early = "2026-11-01T00:00:00Z".parse().unwrap();
        let late = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(open(&link, &public, early).unwrap(), ticket());
        assert!(open(&link, &other, early).is_err(), "another key");
        assert!(open(&link, &public, late).unwrap_err().to_string().contains("ran out"));
        assert!(open(&link[..link.len() - 4], &public, early).is_err(), "cut short");
    }

    #[test]
    fn a_changed_ticket_is_refused() {
        let (secret, public) = new_key().unwrap();
        let link = sign(&ticket(), &secret).unwrap();
        let mut elsewhere = ticket();
        elsewhere.settings.supabase.url = "https://thief.example".into();
        let payload = BASE64.encode(serde_json::to_string(&elsewhere).unwrap().as_bytes());
        let signature = link.rsplit_once('.').unwrap().1;
        let forged = format!("{BEGINS}{payload}.{signature}");
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        assert!(open(&forged, &public, now).unwrap_err().to_string().contains("not signed"));
    }

    #[test]
    fn a_ticket_has_the_settings_of_the_configuration_file_and_no_other_field() {
        let address = r#""url": "https://shop.example", "key": "sb_publishable_x""#;
        let read = |more: &str| serde_json::from_str::<Ticket>(&format!("{{{address}{more}}}"));
        assert_eq!(read(r#", "autostart": true"#).unwrap().settings.autostart, Some(true));
        for wrong in
            [r#", "registr": "M1""#, r#", "locked": []"#, r#", "supabase": {}"#, r#", "locale": "xx""#]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
