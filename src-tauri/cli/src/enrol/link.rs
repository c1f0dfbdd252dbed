//! The signed enrolment link: what a store's owner sends to forty computers.
//!
//! `onetill://enroll/1/<payload>.<signature>`, both in base64url without padding. The payload is a JSON [`Ticket`]; the
//! signature is Ed25519 over the text `onetill-enroll-1.<payload>`. It carries nothing secret: it protects the computer from
//! being pointed at somebody else's project. Invariant: nothing of a link is believed before its signature has been
//! checked against a key that this computer was given by another way.

use crate::end::{End, Result};
use data_encoding::BASE64URL_NOPAD as BASE64;
use jiff::Timestamp;
use onetill_core::{Locale, PrinterSettings};
use ring::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};

/// What every link begins with.
pub(crate) const BEGINS: &str = "onetill://enroll/1/";

/// What a computer needs to become a register's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ticket {
    /// Project URL.
    pub(crate) url: String,
    /// Publishable key.
    pub(crate) key: String,
    /// The store, by name or id; only needed where register numbers repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    /// The register, by number or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) register: Option<String>,
    /// The receipt printer; absent, the computer keeps the one it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) printer: Option<PrinterSettings>,
    /// The language to begin with; absent, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<Locale>,
    /// Whether the till starts at login; absent, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) autostart: Option<bool>,
    /// After this instant the link is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<Timestamp>,
}

/// Makes a key pair: what signs (PKCS #8, base64url, to be kept secret) and what computers are given.
pub(crate) fn new_key() -> Result<(String, String)> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_unspecified| End::Undone("this computer has no randomness".into()))?;
    let public = BASE64.encode(pair(document.as_ref())?.public_key().as_ref());
    Ok((BASE64.encode(document.as_ref()), public))
}

/// Signs a ticket.
pub(crate) fn sign(ticket: &Ticket, secret: &str) -> Result<String> {
    sign_text(serde_json::to_string(ticket).map_err(End::undone)?.as_bytes(), secret)
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
    let refused = |why: &str| End::Usage(format!("the enrolment link {why}"));
    let body =
        link.trim().strip_prefix(BEGINS).ok_or_else(|| refused("does not begin with onetill://enroll/1/"))?;
    let (payload, signature) = body.split_once('.').ok_or_else(|| refused("was cut short"))?;
    let signature = BASE64.decode(signature.as_bytes()).map_err(|_cause| refused("was cut short"))?;
    let trusted = BASE64.decode(trusted.trim().as_bytes()).map_err(|_cause| {
        End::Usage("the trusted key is not one (43 characters, from enrolment-key)".into())
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

fn unreadable_key() -> End {
    End::Usage("the signing key file does not hold a key made by `onetillctl enrolment-key`".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        Ticket {
            url: "https://shop.example".into(),
            key: "sb_publishable_x".into(),
            register: Some("M1".into()),
            locale: Some("de-CH".parse().unwrap()),
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
        let elsewhere = Ticket { url: "https://thief.example".into(), ..ticket() };
        let payload = BASE64.encode(serde_json::to_string(&elsewhere).unwrap().as_bytes());
        let signature = link.rsplit_once('.').unwrap().1;
        let forged = format!("{BEGINS}{payload}.{signature}");
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        assert!(open(&forged, &public, now).unwrap_err().to_string().contains("not signed"));
    }
}
