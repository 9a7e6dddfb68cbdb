//! A folder behind WebDAV (RFC 4918).
//!
//! One level deep alone is asked for: some servers refuse more. Every other way to write than a plain PUT was seen to have two
//! winners.

mod listing;

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request, StatusCode};
use tokio::sync::Mutex;
use url::Url;
use zeroize::Zeroizing;

use crate::line::{Line, address};
use crate::object::Object;
use crate::{FolderError, WebDav};

/// The longest list that is read: of each object there are some four hundred bytes.
const LIST_BYTES: u64 = 128 * 1024 * 1024;
/// What is read of an answer in which nothing is looked for.
const WORDS: u64 = 1024 * 1024;
const PROPFIND: &[u8] = b"PROPFIND";
const MKCOL: &[u8] = b"MKCOL";
/// Asked for by name: all of what a server knows would be ten times as much.
const ASKED: &[u8] = br#"<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/></D:prop></D:propfind>"#;

pub(crate) struct Collection {
    line: Line,
    /// With a slash at its end.
    url: Url,
    authorization: HeaderValue,
    /// It was seen: if it is gone then, it is not made again.
    was_there: AtomicBool,
    /// Held by whoever makes it: servers were seen to fail when several do at once.
    making: Mutex<()>,
}

impl Collection {
    pub(crate) fn new(place: &WebDav) -> Result<Self, FolderError> {
        let mut url = address(&place.url)?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        // What is before the first colon is the user's name (RFC 7617).
        if place.user.contains(':') {
            return Err(FolderError::NotAnAddress);
        }
        let both = Zeroizing::new(format!("{}:{}", place.user, place.password.as_str()));
        let said = Zeroizing::new(format!("Basic {}", Zeroizing::new(STANDARD.encode(both.as_bytes())).as_str()));
        let mut authorization = HeaderValue::from_str(&said).map_err(|_| FolderError::NotAnAddress)?;
        authorization.set_sensitive(true);
        let line = Line::new(place.certificate.as_deref())?;
        Ok(Self { line, url, authorization, was_there: AtomicBool::new(false), making: Mutex::new(()) })
    }

    pub(crate) async fn list(&self) -> Result<Vec<Object>, FolderError> {
        let mut request = self.request(PROPFIND, self.url.clone(), Bytes::from_static(ASKED))?;
        request.headers_mut().insert(HeaderName::from_static("depth"), HeaderValue::from_static("1"));
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        let answer = match self.line.ask(&request, LIST_BYTES).await {
            Err(FolderError::TooLong) => return Err(FolderError::TooMany),
            answer => answer?,
        };
        match answer.status() {
            StatusCode::MULTI_STATUS => {}
            StatusCode::NOT_FOUND if self.was_there.load(Ordering::Relaxed) => return Err(FolderError::NotThere),
            StatusCode::NOT_FOUND => return Ok(Vec::new()),
            StatusCode::CONFLICT | StatusCode::GONE => return Err(FolderError::NotThere),
            _ => return Err(FolderError::Other),
        }
        self.was_there.store(true, Ordering::Relaxed);
        // Reading so much takes a while.
        tokio::task::spawn_blocking(move || listing::read(answer.body())).await.unwrap_or(Err(FolderError::Other))
    }

    pub(crate) async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FolderError> {
        let request = self.request(Method::GET.as_str().as_bytes(), self.at(name)?, Bytes::new())?;
        let answer = self.line.ask(&request, most).await?;
        match answer.status() {
            StatusCode::OK => Ok(Some(answer.into_body().into())),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            StatusCode::CONFLICT => Err(FolderError::NotThere),
            _ => Err(FolderError::Other),
        }
    }

    pub(crate) async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), FolderError> {
        let mut request = self.request(Method::PUT.as_str().as_bytes(), self.at(name)?, bytes.into())?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        let was_there = self.was_there.load(Ordering::Relaxed);
        let mut status = self.line.ask(&request, WORDS).await?.status();
        if is_without_folder(status) && !was_there {
            self.make().await?;
            status = self.line.ask(&request, WORDS).await?.status();
        }
        match status {
            StatusCode::METHOD_NOT_ALLOWED => Err(FolderError::ReadOnly),
            status if is_without_folder(status) => Err(FolderError::NotThere),
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => {
                self.was_there.store(true, Ordering::Relaxed);
                Ok(())
            }
            _ => Err(FolderError::Other),
        }
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), FolderError> {
        let request = self.request(Method::DELETE.as_str().as_bytes(), self.at(name)?, Bytes::new())?;
        match self.line.ask(&request, WORDS).await?.status() {
            StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            StatusCode::METHOD_NOT_ALLOWED => Err(FolderError::ReadOnly),
            StatusCode::CONFLICT => Err(FolderError::NotThere),
            _ => Err(FolderError::Other),
        }
    }

    /// Makes the folder, unless another call has meanwhile. The one around it has to be there.
    async fn make(&self) -> Result<(), FolderError> {
        let _alone = self.making.lock().await;
        if self.was_there.load(Ordering::Relaxed) {
            return Ok(());
        }
        let request = self.request(MKCOL, self.url.clone(), Bytes::new())?;
        match self.line.ask(&request, WORDS).await?.status() {
            // Not allowed is what a folder says that is there already.
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::METHOD_NOT_ALLOWED => {
                self.was_there.store(true, Ordering::Relaxed);
                Ok(())
            }
            status if is_without_folder(status) => Err(FolderError::NotThere),
            _ => Err(FolderError::Other),
        }
    }

    fn at(&self, name: &str) -> Result<Url, FolderError> {
        self.url.join(name).map_err(|_| FolderError::NotAName)
    }

    fn request(&self, method: &[u8], url: Url, body: Bytes) -> Result<Request<Bytes>, FolderError> {
        let method = Method::from_bytes(method).map_err(|_| FolderError::Other)?;
        Request::builder()
            .method(method)
            .uri(String::from(url))
            .header(AUTHORIZATION, self.authorization.clone())
            .body(body)
            .map_err(|_| FolderError::NotAnAddress)
    }
}

/// What a server says to a PUT when the folder is not there: some say the one, some the other.
fn is_without_folder(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT)
}
