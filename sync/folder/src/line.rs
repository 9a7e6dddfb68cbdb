//! Asking over https: one request, the whole answer, and what went wrong in our words.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::FolderError;

/// What servers are told of us.
const AGENT: &str = "Subrosa";
/// For a connection and its TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// For the next bytes of an answer.
const IDLE: Duration = Duration::from_secs(30);
/// The slowest line on which a request is waited for until it is out: 200 kbit/s.
const SLOWEST_BYTES_A_SECOND: u64 = 25_000;
/// How often something is asked that may answer in a moment, and for how long.
const TRIES: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// What is read of an answer that refuses.
const REFUSAL_BYTES: u64 = 64 * 1024;

/// Connections to one server, which is proven by TLS. Its Debug says nothing of it.
#[derive(Clone)]
pub(crate) struct Line {
    client: reqwest::Client,
}

impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Line")
    }
}

/// An answer that did not come, and whether another one may.
struct Failed {
    error: FolderError,
    may_pass: bool,
}

impl From<FolderError> for Failed {
    fn from(error: FolderError) -> Self {
        Self { error, may_pass: false }
    }
}

impl Line {
    pub(crate) fn new(certificate: Option<&str>) -> Result<Self, FolderError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(certificate)?)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .retry(reqwest::retry::never())
            .user_agent(AGENT)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|_| FolderError::Other)?;
        Ok(Self { client })
    }

    /// Asks, again if that may help: whatever is asked here can be asked twice. An answer of which more than `most` bytes
    /// would have to be read is none. What every server means alike is an error; the rest is the caller's.
    pub(crate) async fn ask(&self, request: &Request<Bytes>, most: u64) -> Result<Response<Bytes>, FolderError> {
        let (begun, mut pause, mut tries) = (Instant::now(), FIRST_PAUSE, 1);
        loop {
            match self.ask_once(request, most).await {
                Ok(answer) => return Ok(answer),
                Err(failed) if failed.may_pass && tries < TRIES && begun.elapsed() + pause < PATIENCE => {
                    sleep(pause).await;
                    (pause, tries) = (pause * 4, tries + 1);
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }

    async fn ask_once(&self, request: &Request<Bytes>, most: u64) -> Result<Response<Bytes>, Failed> {
        let out = u64::try_from(request.body().len()).unwrap_or(u64::MAX);
        let patience = IDLE + Duration::from_secs(out / SLOWEST_BYTES_A_SECOND);
        let request = reqwest::Request::try_from(request.clone()).map_err(|_| FolderError::NotAnAddress)?;
        let answer = timeout(patience, self.client.execute(request)).await.map_err(|_| late())?;
        let mut answer = answer.map_err(|error| unreached(&error))?;
        if !answer.status().is_success() {
            // Its words are looked at alone; half of them will do.
            let words = read(&mut answer, REFUSAL_BYTES).await.unwrap_or_default();
            if let Some(failed) = refusal(answer.status(), &words) {
                return Err(failed);
            }
            return Ok(whole(&answer, words));
        }
        let bytes = read(&mut answer, most).await?;
        Ok(whole(&answer, bytes))
    }
}

fn whole(answer: &reqwest::Response, bytes: Vec<u8>) -> Response<Bytes> {
    let mut whole = Response::new(Bytes::from(bytes));
    *whole.status_mut() = answer.status();
    whole.headers_mut().clone_from(answer.headers());
    whole
}

async fn read(answer: &mut reqwest::Response, most: u64) -> Result<Vec<u8>, Failed> {
    if answer.content_length().is_some_and(|len| len > most) {
        return Err(FolderError::TooLong.into());
    }
    let (begun, mut bytes) = (Instant::now(), Vec::new());
    let patience = IDLE + Duration::from_secs(most / SLOWEST_BYTES_A_SECOND);
    loop {
        let chunk = timeout(IDLE, answer.chunk()).await.map_err(|_| late())?.map_err(|error| unreached(&error))?;
        let Some(chunk) = chunk else { return Ok(bytes) };
        if u64::try_from(bytes.len() + chunk.len()).map_or(true, |len| len > most) {
            return Err(FolderError::TooLong.into());
        }
        if begun.elapsed() > patience {
            return Err(late());
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// What was waited for did not come. It is not waited for as long again.
fn late() -> Failed {
    FolderError::NotReached.into()
}

/// What a status means that means the same wherever it comes from.
fn refusal(status: StatusCode, words: &[u8]) -> Option<Failed> {
    // S3 says in words what it has no number for.
    let says = |what: &str| words.windows(what.len()).any(|part| part.eq_ignore_ascii_case(what.as_bytes()));
    let error = match status {
        StatusCode::INSUFFICIENT_STORAGE => FolderError::Full,
        StatusCode::FORBIDDEN if says("quota") => FolderError::Full,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            FolderError::Refused
        }
        StatusCode::BAD_REQUEST if says("AuthorizationHeaderMalformed") => FolderError::NotAnAddress,
        StatusCode::NOT_FOUND if says("NoSuchBucket") => FolderError::NotThere,
        StatusCode::PAYLOAD_TOO_LARGE => FolderError::TooLong,
        StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => FolderError::Other,
        StatusCode::REQUEST_TIMEOUT | StatusCode::LOCKED | StatusCode::TOO_MANY_REQUESTS => {
            return Some(Failed { error: FolderError::Busy, may_pass: true });
        }
        status if status.is_server_error() => return Some(Failed { error: FolderError::Busy, may_pass: true }),
        status if status.is_redirection() => FolderError::NotAnAddress,
        _ => return None,
    };
    Some(error.into())
}

fn unreached(error: &reqwest::Error) -> Failed {
    if is_of_certificate(error) {
        return FolderError::OtherCertificate.into();
    }
    Failed { error: FolderError::NotReached, may_pass: !error.is_timeout() }
}

/// Whether TLS found the other end to be another one than it should be.
fn is_of_certificate(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        let inside = error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
        if inside.is_some_and(|inside| is_of_certificate(inside)) {
            return true;
        }
        next = error.source();
    }
    false
}

/// TLS by ring, for whom the world trusts and for the certificate that was named.
fn tls(certificate: Option<&str>) -> Result<ClientConfig, FolderError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(text) = certificate {
        let mut named = 0;
        for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let certificate = certificate.map_err(|_| FolderError::NotACertificate)?;
            roots.add(certificate).map_err(|_| FolderError::NotACertificate)?;
            named += 1;
        }
        if named == 0 {
            return Err(FolderError::NotACertificate);
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| FolderError::Other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// An address as it may be asked: https, a host, and nothing that would carry a secret or a question.
pub(crate) fn address(text: &str) -> Result<Url, FolderError> {
    let url = Url::parse(text).map_err(|_| FolderError::NotAnAddress)?;
    match url.scheme() {
        "https" => {}
        "http" => return Err(FolderError::NotSecure),
        _ => return Err(FolderError::NotAnAddress),
    }
    let is_bare = url.username().is_empty() && url.password().is_none();
    let is_plain = url.query().is_none() && url.fragment().is_none();
    if url.has_host() && is_bare && is_plain { Ok(url) } else { Err(FolderError::NotAnAddress) }
}
