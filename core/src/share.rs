//! Sharing: what leaves the practice for one colleague, as one file that only that colleague opens.
//!
//! `sealing` writes it, `opening` reads it; its account of itself is a `manifest`, its files lie in an `archive`, and that is
//! sealed as an `age_file` through `stanza`, age's post-quantum key wrapping over `hpke`.

pub(crate) mod age_file;
mod archive;
mod manifest;
mod opening;
mod sealing;
pub(crate) mod stanza;
#[cfg(test)]
mod tests;

pub use age_file::{AgeError, decrypt, encrypt};
pub use manifest::{ListedFile, MOST_FILES, RecordManifest, Sender};
pub(crate) use opening::sounds_like;
pub use opening::{FileSink, OpenError, OpenedFile, OpenedRecord, Standing, copy_files, open_record};
pub use sealing::{Attachment, ReadAgain, RecordToSeal, SealRecordError, attachment_name, seal_record, seal_record_to};

/// Bytes of the longest sealed record, sealed: the most that the file systems of sticks take.
pub const LONGEST_RECORD: u64 = (4 << 30) - 1;

/// Bytes that the texts of a record may have together: they are held in memory.
pub const LONGEST_TEXTS: u64 = 64 << 20;

/// First file of a sealed record.
const MANIFEST: &str = "manifest.json";
/// Second file of a sealed record: the sender's signature over the first.
const SIGNATURE: &str = "manifest.sig";

/// Whether a file of this name belongs to the record itself, and is no attached file.
fn is_text(name: &str) -> bool {
    let name = name.to_lowercase();
    matches!(name.as_str(), "record.md" | "record.json") || (name.starts_with("signed-") && name.ends_with(".json"))
}
