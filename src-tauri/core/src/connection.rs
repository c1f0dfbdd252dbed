//! Which Supabase project this till talks to.
//!
//! Invariant: a key that bypasses row level security never gets past [`ProjectKey::parse`].

use crate::Fault;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::{Host, Url};

/// A project's base URL: `https`, or `http` on this very computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectUrl(Url);

/// Why a text is not the URL of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Not a URL at all.
    #[error("not a web address")]
    Malformed,
    /// Plain `http` to another computer would show passwords to everybody on the way.
    #[error("the address must begin with https://")]
    NotEncrypted,
    /// A user name, a query or a fragment has no place in it.
    #[error("the address must not carry a user name, a question mark or a number sign")]
    Decorated,
}

impl ProjectUrl {
    /// Reads what an installer typed: surrounding blanks, a missing `https://` and a path that belongs to an
    /// endpoint (`/rest/v1`) or a trailing slash are forgiven.
    ///
    /// # Errors
    /// [`UrlProblem`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlProblem> {
        let text = text.trim();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&with_scheme).map_err(|_cause| UrlProblem::Malformed)?;
        let on_this_computer = match url.host() {
            None => return Err(UrlProblem::Malformed),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if on_this_computer => {}
            "http" => return Err(UrlProblem::NotEncrypted),
            _ => return Err(UrlProblem::Malformed),
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(UrlProblem::Decorated);
        }
        let mut path = url.path();
        // Until nothing more comes off: what is written down must be read back as the same address.
        loop {
            let shorter =
                path.trim_end_matches('/').trim_end_matches("/rest/v1").trim_end_matches("/auth/v1");
            if shorter.len() == path.len() {
                break;
            }
            path = shorter;
        }
        let path = format!("{path}/");
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The absolute URL of a path below the project, such as `auth/v1/token`.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let joined = format!("{}{}", url.path(), path.trim_start_matches('/'));
        url.set_path(&joined);
        url
    }

    /// Host and port, as people recognise the project.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl fmt::Display for ProjectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// A publishable key: it names the project and opens nothing by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ProjectKey(String);

/// Why a text is not a key that a till may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Nothing there, or characters that no key has.
    #[error("not a project key")]
    Malformed,
    /// `sb_secret_…` or `service_role`: it bypasses every rule of the database and must never be on a till.
    #[error("a secret key must never be on a till")]
    Secret,
}

impl ProjectKey {
    /// Reads a publishable (`sb_publishable_…`) or an older `anon` key.
    ///
    /// # Errors
    /// [`KeyProblem::Secret`] for a key that must stay on a server, [`KeyProblem::Malformed`] for anything else.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let text = text.trim();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if text.is_empty() || text.len() > 2048 || !text.bytes().all(plain) {
            return Err(KeyProblem::Malformed);
        }
        if text.starts_with("sb_secret_") || token_role(text).as_deref() == Some("service_role") {
            return Err(KeyProblem::Secret);
        }
        Ok(Self(text.to_owned()))
    }

    /// The key as the `apikey` header carries it.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProjectKey(…)")
    }
}

/// The `role` claim of an older key, which is a JWT. Only looked at to refuse; nothing is trusted because of it.
fn token_role(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        role: String,
    }
    let mut parts = text.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = data_encoding::BASE64URL_NOPAD.decode(payload.trim_end_matches('=').as_bytes()).ok()?;
    serde_json::from_slice::<Claims>(&bytes).ok().map(|claims| claims.role)
}

/// A project and the key to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Where.
    pub url: ProjectUrl,
    /// With which key.
    pub key: ProjectKey,
}

/// What "Test connection" found, check by check, in the order in which they were run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ConnectionReport {
    /// Each check with its result.
    pub checks: Vec<Check>,
    /// What does not keep a till from working, and should still be mended.
    pub limitations: Vec<Limitation>,
}

impl ConnectionReport {
    /// Whether a till can work with this project.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.fault.is_none() && check.was_run)
    }
}

/// One check of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Check {
    /// What it looks at.
    pub name: CheckName,
    /// False when an earlier failure made it pointless.
    pub was_run: bool,
    /// Why it failed; `None` when it passed or was not run.
    pub fault: Option<Fault>,
}

/// What a project lacks that a till can work without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Limitation {
    /// The database part is an earlier one: it names no outcomes, knows no keys, and has no ledger, counts, reports or
    /// board.
    CurrentPart,
    /// Anybody who has the publishable key may call the opening function.
    Guard,
}

/// The checks of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// Address and key are well formed, and the key is not a secret one.
    Settings,
    /// The address answers and speaks like Supabase.
    Reach,
    /// The project knows the key.
    Key,
    /// `get_or_create_session` is deployed.
    Function,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgives_what_people_paste() {
        for text in [
            "shop.example",
            " https://shop.example/ ",
            "https://shop.example/rest/v1/",
            "https://shop.example/auth/v1",
            "https://shop.example/auth/v1//rest/v1//auth/v1/",
        ] {
            let url = ProjectUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), "https://shop.example", "{text:?}");
            assert_eq!(url.endpoint("rest/v1/rpc/x").as_str(), "https://shop.example/rest/v1/rpc/x");
        }
        assert_eq!(ProjectUrl::parse("http://127.0.0.1:54321").unwrap().host(), "127.0.0.1:54321");
        assert_eq!(
            ProjectUrl::parse("https://shop.example/api").unwrap().endpoint("auth/v1/health").as_str(),
            "https://shop.example/api/auth/v1/health"
        );
    }

    #[test]
    fn refuses_what_would_leak_or_mislead() {
        for (text, problem) in [
            ("http://shop.example", UrlProblem::NotEncrypted),
            ("http://192.168.1.10", UrlProblem::NotEncrypted),
            ("https://me:secret@shop.example", UrlProblem::Decorated),
            ("https://shop.example/?key=1", UrlProblem::Decorated),
            ("ftp://shop.example", UrlProblem::Malformed),
            ("", UrlProblem::Malformed),
            ("https://", UrlProblem::Malformed),
            ("not a url", UrlProblem::Malformed),
        ] {
            assert_eq!(ProjectUrl::parse(text).unwrap_err(), problem, "{text:?}");
        }
    }

    #[test]
    fn a_secret_key_is_refused_in_either_form() {
        assert_eq!(ProjectKey::parse("sb_secret_abc").unwrap_err(), KeyProblem::Secret);
        let payload = data_encoding::BASE64URL_NOPAD.encode(br#"{"role":"service_role","iss":"x"}"#);
        assert_eq!(ProjectKey::parse(&format!("eyJ9.{payload}.sig")).unwrap_err(), KeyProblem::Secret);
        let payload = data_encoding::BASE64URL_NOPAD.encode(br#"{"role":"anon"}"#);
        assert!(ProjectKey::parse(&format!("eyJ9.{payload}.sig")).is_ok(), "an anon key is fine");
        assert!(ProjectKey::parse("sb_publishable_abc-DEF_1").is_ok(), "a publishable key is fine");
        assert_eq!(ProjectKey::parse("two words").unwrap_err(), KeyProblem::Malformed);
        assert_eq!(ProjectKey::parse("").unwrap_err(), KeyProblem::Malformed);
    }

    #[test]
    fn a_key_does_not_show_in_debug_output() {
        let key = ProjectKey::parse("sb_publishable_visible").unwrap();
        assert!(!format!("{key:?}").contains("visible"));
    }
}
