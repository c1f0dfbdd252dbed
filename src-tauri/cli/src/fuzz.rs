//! The decoders of this crate, opened to the fuzzer and to nobody else. A door that panics has found a mistake.

use crate::{
    database::Address,
    enrol::{
        link::{self, Ticket},
        picture,
    },
};
use jiff::Timestamp;
use std::sync::LazyLock;

static KEYS: LazyLock<Option<(String, String)>> = LazyLock::new(|| link::new_key().ok());

/// A link that is good, to begin from. Signed with a key of this process, so that a changed one must be refused.
#[must_use]
pub fn good_link() -> String {
    let ticket =
        Ticket { register: Some("M1".to_owned()), ..Ticket::of("https://shop.example", "sb_publishable_x") };
    KEYS.as_ref().and_then(|(secret, _)| link::sign(&ticket, secret).ok()).unwrap_or_default()
}

/// An enrolment link: refused, or the very one that was signed.
pub fn enrolment_link(data: &[u8]) {
    let Some((_, public)) = KEYS.as_ref() else { return };
    let text = String::from_utf8_lossy(data);
    if link::open(&text, public, Timestamp::UNIX_EPOCH).is_ok() {
        let body = |link: &str| link.trim().split_once('.').map(|(payload, _)| payload.to_owned());
        assert_eq!(body(&text), body(&good_link()), "a link that nobody signed was believed");
    }
}

/// The same as pictures, in both formats.
#[must_use]
pub fn good_pictures() -> Vec<Vec<u8>> {
    let png = picture::draw(&good_link()).unwrap_or_default();
    let mut jpeg = std::io::Cursor::new(Vec::new());
    let written =
        image::load_from_memory(&png).and_then(|code| code.write_to(&mut jpeg, image::ImageFormat::Jpeg));
    if written.is_ok() { vec![png, jpeg.into_inner()] } else { Vec::new() }
}

/// A picture of an enrolment link: refused, or a link as it was drawn; what that says is for its signature to tell.
pub fn enrolment_picture(data: &[u8]) {
    if let Ok(text) = picture::link_in(data) {
        assert!(text.starts_with(link::BEGINS), "something else was taken for a link");
    }
}

/// A link whose signature is right, with whatever in it: what a careless tool may sign.
pub fn signed_ticket(data: &[u8]) {
    let Some((secret, public)) = KEYS.as_ref() else { return };
    if let Ok(link) = link::sign_text(data, secret) {
        let _ticket = link::open(&link, public, Timestamp::UNIX_EPOCH);
    }
}

/// A database's address, as it is typed or copied.
pub fn database_address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if Address::parse(&text, true).is_ok() {
        assert!(Address::parse(&text, false).is_ok(), "a typed address may hold less, not more");
    }
}

/// A log for the diagnostics file: no key is left in it.
pub fn log(data: &[u8]) {
    let clean = onetill_store::diagnostics::masked(&String::from_utf8_lossy(data));
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/');
    for word in clean.split(|c| !is_part(c)) {
        assert!(!word.starts_with("sb_") && !word.starts_with("eyJ"), "{word:?} is left");
    }
}
