//! A certificate authority of a test's own, told to a program as an operating system tells it: by `SSL_CERT_FILE`.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::Result;

/// An authority that no computer knows until it is told.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// When its certificate cannot be written.
    pub fn new() -> Result<Self> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("authority.pem"), parameters.self_signed(&key)?.pem())?;
        Ok(Self { issuer: Issuer::new(parameters, key), folder })
    }

    /// Its certificate, for `SSL_CERT_FILE`.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A server of this name, that speaks HTTP/2 to who asks for it; its certificate may have run out.
    ///
    /// # Errors
    /// When the certificate cannot be made.
    pub fn vouches_for(&self, name: &str, last_year: bool) -> Result<Arc<ServerConfig>> {
        let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
        if last_year {
            parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
            parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
