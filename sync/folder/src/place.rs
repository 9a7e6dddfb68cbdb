//! Where a sync folder is, as a person named it.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// Where a sync folder is. Its Debug says the kind alone.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder that this computer sees: one that a cloud's own program carries, one of a network, a stick. It is made when
    /// something is put first; the folder in which it lies has to be there.
    Directory(PathBuf),
    /// A folder behind WebDAV.
    WebDav(WebDav),
    /// A prefix of a bucket in S3.
    S3(S3),
}

/// A folder behind WebDAV; it is made when something is put first. The password is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct WebDav {
    /// The address of the folder itself, with https.
    pub url: String,
    /// Who asks.
    pub user: String,
    /// And the password for it.
    pub password: Zeroizing<String>,
    /// The certificate (PEM) that the server shows or that signs it, where it is none that the world trusts.
    pub certificate: Option<String>,
}

/// A prefix of a bucket in S3, addressed by path. The key is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct S3 {
    /// The address of the server, with https and without the bucket.
    pub endpoint: String,
    /// The region, as the server calls it.
    pub region: String,
    /// The bucket, which has to be there.
    pub bucket: String,
    /// What all names begin with, without a slash at either end; empty for the bucket itself.
    pub prefix: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub secret: Zeroizing<String>,
    /// The certificate (PEM) that the server shows or that signs it, where it is none that the world trusts.
    pub certificate: Option<String>,
}

impl fmt::Debug for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Directory(_) => "Directory",
            Self::WebDav(_) => "WebDav",
            Self::S3(_) => "S3",
        })
    }
}

impl fmt::Debug for WebDav {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WebDav")
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("S3")
    }
}
