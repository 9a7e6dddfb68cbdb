//! A prefix of a bucket in S3: `object_store` signs and knows the forms, [`Line`] asks.
//!
//! No write depends on what is there: servers were seen to take such a condition and to ignore it.

use std::error::Error;

use async_trait::async_trait;
use http::Method;
use http_body_util::BodyExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, RetryConfig};

use crate::line::{Line, address};
use crate::object::{MOST_OBJECTS, Object, is_name};
use crate::{FolderError, S3};

/// The longest answer in which no object is: a page of a list, of a thousand names.
const PAGE_BYTES: u64 = 16 * 1024 * 1024;
/// No server needs as many pages: each has a thousand names, if it can.
const MOST_PAGES: usize = 4_000;

/// What every list is called.
const LIST: &[u8] = b"<ListBucketResult";

pub(crate) struct Bucket {
    store: AmazonS3,
    /// Empty, or with a slash at its end.
    prefix: String,
}

/// How much of an answer may be read: rides with a request.
#[derive(Clone, Copy)]
struct Most(u64);

impl Bucket {
    pub(crate) fn new(place: &S3) -> Result<Self, FolderError> {
        let endpoint = address(&place.endpoint)?;
        let is_word = |text: &str, more: &str| {
            !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
        };
        let is_visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let prefix = place.prefix.trim_matches('/');
        if !is_word(&place.bucket, "-._")
            || place.bucket.starts_with('.')
            || !is_word(&place.region, "-_")
            || !is_visible(&place.key_id)
            || !is_visible(&place.secret)
            || Path::parse(prefix).is_err()
        {
            return Err(FolderError::NotAnAddress);
        }
        let store = AmazonS3Builder::new()
            .with_endpoint(String::from(endpoint).trim_end_matches('/'))
            .with_region(&place.region)
            .with_bucket_name(&place.bucket)
            .with_access_key_id(&place.key_id)
            .with_secret_access_key(place.secret.as_str())
            .with_virtual_hosted_style_request(false)
            .with_allow_http(false)
            .with_disable_bulk_delete(true)
            // The line asks again itself.
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(Line::new(place.certificate.as_deref())?)
            .build()
            .map_err(|_| FolderError::NotAnAddress)?;
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { store, prefix })
    }

    pub(crate) async fn list(&self) -> Result<Vec<Object>, FolderError> {
        let prefix = (!self.prefix.is_empty()).then_some(self.prefix.as_str());
        let (mut objects, mut seen, mut page_token) = (Vec::new(), 0, None);
        for _ in 0..MOST_PAGES {
            let options = PaginatedListOptions {
                delimiter: Some("/".into()),
                page_token: page_token.clone(),
                ..PaginatedListOptions::default()
            };
            let page = self.store.list_paginated(prefix, options).await.map_err(|error| said(&error))?;
            seen += page.result.objects.len() + page.result.common_prefixes.len();
            if seen > MOST_OBJECTS {
                return Err(FolderError::TooMany);
            }
            let names =
                page.result.objects.iter().filter_map(|object| Some((object.location.filename()?, object.size)));
            let ours = names.filter(|(name, _)| is_name(name));
            objects.extend(ours.map(|(name, len)| Object { name: name.to_owned(), len }));
            match page.page_token {
                None => return Ok(objects),
                token if token == page_token => return Err(FolderError::Other),
                token => page_token = token,
            }
        }
        Err(FolderError::TooMany)
    }

    pub(crate) async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FolderError> {
        let mut options = GetOptions::default();
        options.extensions.insert(Most(most));
        let got = match self.store.get_opts(&self.at(name)?, options).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            got => got.map_err(|error| said(&error))?,
        };
        let bytes = got.bytes().await.map_err(|error| said(&error))?;
        Ok(Some(bytes.into()))
    }

    pub(crate) async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), FolderError> {
        self.store.put(&self.at(name)?, bytes.into()).await.map_err(|error| said(&error))?;
        Ok(())
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), FolderError> {
        match self.store.delete(&self.at(name)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(said(&error)),
        }
    }

    fn at(&self, name: &str) -> Result<Path, FolderError> {
        Path::parse(format!("{}{name}", self.prefix)).map_err(|_| FolderError::NotAName)
    }
}

/// What the line found, which comes back inside other errors.
fn said(error: &object_store::Error) -> FolderError {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<FolderError>() {
            return *ours;
        }
        next = error.source();
    }
    match error {
        object_store::Error::NotFound { .. } => FolderError::NotThere,
        _ => FolderError::Other,
    }
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

impl HttpConnector for Line {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Line {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let most = parts.extensions.get::<Most>().map(|most| most.0);
        let is_list = parts.method == Method::GET && most.is_none();
        let request = http::Request::from_parts(parts, body.collect().await?.to_bytes());
        let failed = |error| HttpError::new(HttpErrorKind::Unknown, error);
        let answer = self.ask(&request, most.unwrap_or(PAGE_BYTES)).await.map_err(failed)?;
        // Any other page would be taken for a list of nothing.
        if is_list && answer.status().is_success() && !holds(answer.body(), LIST) {
            return Err(failed(FolderError::Other));
        }
        Ok(answer.map(Into::into))
    }
}
