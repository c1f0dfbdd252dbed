//! Why a server was not trusted.
//!
//! Invariant: both clients of this repository, the till's and the installer's, tell a wrong clock from a wrong
//! certificate by this one look.

use rustls::{CertificateError as C, Error::InvalidCertificate};
use std::error::Error;

/// What stands between a connection and trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The certificate has run out, or is not valid yet: more often than not this computer's date is wrong.
    Dates,
    /// Anything else about the certificate or the handshake.
    Other,
}

impl TlsFailure {
    /// The TLS error somewhere below this one; `None` when the failure is not one of trust.
    #[must_use]
    pub fn below(error: &(dyn Error + 'static)) -> Option<Self> {
        Some(match tls_error(error)? {
            InvalidCertificate(
                C::Expired | C::NotValidYet | C::ExpiredContext { .. } | C::NotValidYetContext { .. },
            ) => Self::Dates,
            _ => Self::Other,
        })
    }
}

/// An `io::Error` hides the error that it was made from behind `get_ref`, and there may be one inside another.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match hidden {
        Some(inner) => tls_error(inner),
        None => error.source().and_then(tls_error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn finds_the_cause_however_deep_it_is_wrapped() {
        let expired = || rustls::Error::from(C::Expired);
        let once = io::Error::other(expired());
        let twice = io::Error::other(io::Error::other(expired()));
        for error in [&once, &twice] {
            assert_eq!(TlsFailure::below(error), Some(TlsFailure::Dates), "{error:?}");
        }
        let unknown = io::Error::other(rustls::Error::from(C::UnknownIssuer));
        assert_eq!(TlsFailure::below(&unknown), Some(TlsFailure::Other));
        assert_eq!(TlsFailure::below(&io::Error::from(io::ErrorKind::ConnectionRefused)), None);
    }
}
