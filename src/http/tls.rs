//! The certificate of listeners that speak TLS. It is read anew when its files change, so that a renewal needs no restart.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{task, time};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A certificate and its key in files, and what was last read from them.
#[derive(Debug, Clone)]
pub struct Certificate {
    files: Arc<Files>,
    current: Arc<Current>,
    provider: Arc<CryptoProvider>,
}

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold what it should.
    #[error("{} has no {what} in PEM form", path.display())]
    NotPem {
        /// Which one.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The key is of a kind that is not known, or belongs to another certificate.
    #[error("the certificate in {} and the key in {} cannot be used: {source}", certificate.display(), key.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// Tells whether a file is the one that was read: device, inode, length, time of the last change.
type Stamp = [Option<(u64, u64, u64, i64, i64)>; 2];

#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Reads the files: the certificate with those that lead to its root, and its private key, both PEM.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let provider = Arc::new(ring::default_provider());
        let current = files.load(&provider)?;
        Ok(Self { files: Arc::new(files), current: Arc::new(Current(RwLock::new(current))), provider })
    }

    /// Looks at the files now and then until `cancel`, and takes what has changed. While it cannot be used, the old one is served.
    pub async fn keep_fresh(self, cancel: CancellationToken) {
        self.keep_fresh_every(LOOK_EVERY, cancel).await;
    }

    /// The same at another pace, for tests.
    #[expect(
        clippy::disallowed_methods,
        reason = "two small files, twice a minute: nothing to have a thread of its own for"
    )]
    pub async fn keep_fresh_every(self, pace: Duration, cancel: CancellationToken) {
        let mut taken = self.files.stamp();
        let mut told: Option<String> = None;
        while cancel.run_until_cancelled(time::sleep(pace)).await.is_some() {
            let this = self.clone();
            let look = move || {
                let stamp = this.files.stamp();
                (stamp != taken).then(|| (stamp, this.files.load(&this.provider)))
            };
            let Ok(Some((stamp, loaded))) = task::spawn_blocking(look).await else { continue };
            match loaded {
                Ok(fresh) => {
                    *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                    (taken, told) = (stamp, None);
                    tracing::info!(certificate = %self.files.certificate.display(), "a new certificate is served");
                }
                // Both files are not exchanged at once: it is looked again at the next turn.
                Err(error) => {
                    let error = error.to_string();
                    if told.as_ref() != Some(&error) {
                        tracing::warn!(%error, "a new certificate cannot be used; the old one is still served");
                        told = Some(error);
                    }
                }
            }
        }
    }

    /// Takes connections with it, HTTP/2 and HTTP/1.1.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Files {
    fn load(&self, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, CertificateError> {
        let not_pem = |path: &Path, what| CertificateError::NotPem { path: path.to_owned(), what };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(&self.certificate)?).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| not_pem(&self.certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|_| not_pem(&self.key, "private key"))?;
        let unusable = |source| CertificateError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        };
        CertifiedKey::from_der(chain, key, provider).map(Arc::new).map_err(unusable)
    }

    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let found = fs::metadata(path).ok()?;
            Some((found.dev(), found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
        })
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let read = fs::read(path).map(Zeroizing::new);
    read.map_err(|source| CertificateError::Unreadable { path: path.to_owned(), source })
}
