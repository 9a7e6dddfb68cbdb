//! Sharing: what leaves the practice for one colleague, as one file that only that colleague opens.
//!
//! `record` seals and opens; its account of itself is a `manifest`, its files lie in an `archive`, and that is sealed as
//! an `age_file` through `stanza`, age's post-quantum key wrapping over `hpke`.

pub(crate) mod age_file;
mod archive;
mod hpke;
mod manifest;
pub(crate) mod plain_text;
mod record;
pub(crate) mod stanza;

pub use age_file::{AgeError, decrypt, encrypt};
pub use manifest::{ListedFile, MOST_FILES, Manifest, Sender};
pub use record::{
    LONGEST_RECORD, OpenError, OpenedFile, OpenedRecord, RecordToSeal, SealRecordError, Standing, open_record,
    seal_record,
};

/// First file of a sealed record.
const MANIFEST: &str = "manifest.json";
/// Second file of a sealed record: the sender's signature over the first.
const SIGNATURE: &str = "manifest.sig";
