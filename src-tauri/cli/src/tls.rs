//! How far the database's identity is checked, as `sslmode` and `sslrootcert` ask for it.
//!
//! Invariant: the words mean what they mean to every PostgreSQL client, and a connection is never less protected than
//! they output. `require` encrypts and does not check who answers; `verify-ca` and `verify-full` do.

use crate::error::{CliError, Result};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{path::PathBuf, sync::Arc};

/// What is checked about the one who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// No TLS at all.
    Off,
    /// TLS where the server has it, unchecked.
    Prefer,
    /// TLS, unchecked.
    Encrypted,
    /// TLS, and the certificate comes from one of these authorities.
    Authority(Roots),
    /// TLS, and the certificate is this server's own.
    Full(Roots),
}

/// Which authorities count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// The operating system's.
    System,
    /// Those of a PEM file, such as the one that the project's dashboard offers for download.
    File(PathBuf),
}

impl Trust {
    /// # Errors
    /// `Usage` for an unknown word.
    pub(crate) fn parse(mode: Option<&str>, root: Option<&str>, on_this_computer: bool) -> Result<Self> {
        let roots = match root {
            Some("system") | None => Roots::System,
            Some(path) => Roots::File(path.into()),
        };
        Ok(match mode {
            Some("disable") => Self::Off,
            Some("allow" | "prefer") => Self::Prefer,
            // As every client does: who names an authority wants it checked.
            Some("require") if root.is_some() => Self::Authority(roots),
            Some("require") => Self::Encrypted,
            Some("verify-ca") => Self::Authority(roots),
            Some("verify-full") => Self::Full(roots),
            None if root.is_some() => Self::Full(roots),
            None if on_this_computer => Self::Prefer,
            None => Self::Encrypted,
            Some(other) => {
                return Err(CliError::Usage(format!(
                    "sslmode={other} is not one of disable, prefer, require, verify-ca, verify-full"
                )));
            }
        })
    }

    /// What the installer should know about it.
    pub(crate) fn caution(&self) -> Option<&'static str> {
        matches!(self, Self::Encrypted).then_some(
            "The connection is encrypted, but who answers is not checked. To check it, download the certificate from \
             the project's database settings and add ?sslmode=verify-full&sslrootcert=FILE to the address.",
        )
    }

    /// # Errors
    /// `Undone` when the authorities cannot be read.
    pub(crate) fn client(&self) -> Result<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::Off | Self::Prefer | Self::Encrypted => Arc::new(Unchecked(provider.clone())),
            Self::Authority(roots) => Arc::new(AnyName(checked(roots, &provider)?)),
            Self::Full(roots) => checked(roots, &provider)?,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(CliError::failed)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(config)
    }
}

fn checked(roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>> {
    let Roots::File(path) = roots else {
        let verifier = rustls_platform_verifier::Verifier::new(provider.clone()).map_err(CliError::failed)?;
        return Ok(Arc::new(verifier));
    };
    let unreadable = |cause: &dyn std::fmt::Display| CliError::failed(format!("{}: {cause}", path.display()));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|cause| unreadable(&cause))? {
        let certificate = certificate.map_err(|cause| unreadable(&cause))?;
        store.add(certificate).map_err(|cause| unreadable(&cause))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone());
    Ok(verifier.build().map_err(|cause| unreadable(&cause))?)
}

/// Encrypts, and believes whoever answers.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Everything but the name is checked.
#[derive(Debug)]
struct AnyName(Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_mean_what_they_mean_to_every_client() {
        let file = || Roots::File("ca.pem".into());
        for (mode, root, here, meant) in [
            (None, None, false, Trust::Encrypted),
            (None, None, true, Trust::Prefer),
            (None, Some("ca.pem"), false, Trust::Full(file())),
            (Some("disable"), None, false, Trust::Off),
            (Some("require"), None, false, Trust::Encrypted),
            (Some("require"), Some("ca.pem"), false, Trust::Authority(file())),
            (Some("verify-ca"), Some("ca.pem"), false, Trust::Authority(file())),
            (Some("verify-full"), Some("system"), false, Trust::Full(Roots::System)),
        ] {
            assert_eq!(Trust::parse(mode, root, here).unwrap(), meant, "{mode:?} {root:?}");
        }
        assert!(matches!(Trust::parse(Some("yes"), None, false), Err(CliError::Usage(_))));
    }
}
