//! A small file beside the vault that remembers how far it had come, to notice an older copy put in its place.
//!
//! It holds the counter and the digest of a state that the vault had reached. A vault whose own counter is lower was
//! replaced, by a person restoring a copy or by somebody worse; what to do about it is the caller's decision.
//!
//! What it is worth: it finds every accidental exchange of the vault file alone. Somebody who can write to the folder
//! replaces or deletes both files, and whoever puts back a whole folder puts both back; then the same anchor in the
//! platform's keystore can tell, where there is one ([`Keystore`](super::Keystore)), and the other devices can, at the
//! next contact. The counter and a hash are all that it tells a reader. It is written after the commit that it names: a
//! crash between the two leaves it one behind, so a *higher* counter in the vault is no sign of anything.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use subrosa_base::labels;

use super::file::{owner_only, sync_folder};
use super::{Result, StoreError};

const MAGIC: &[u8; 16] = b"Subrosa anchor 1";
const LEN: usize = MAGIC.len() + 8 + 32 + CHECK;
const CHECK: usize = 16;

/// A state that the vault had reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Number of the commit.
    pub counter: u64,
    /// What the caller computed over the state after it.
    pub digest: [u8; 32],
}

impl Anchor {
    /// The anchor beside a vault, if there is one.
    pub fn read(vault: &Path) -> Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(LEN + 1);
        match fs::File::open(beside(vault, ".anchor")) {
            // One byte more than it may have, and never the whole of whatever else bears its name.
            Ok(file) => file.take(LEN as u64 + 1).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Self::parse(&bytes).map(Some).ok_or(StoreError::AnchorDamaged)
    }

    /// Replaces the anchor beside a vault, so that a crash leaves the old one or the new one.
    pub fn write(&self, vault: &Path) -> Result<()> {
        let anchor = beside(vault, ".anchor");
        let fresh = beside(vault, ".anchor.new");
        let mut file = owner_only(OpenOptions::new().write(true).create(true).truncate(true)).open(&fresh)?;
        file.write_all(&self.to_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(&fresh, &anchor)?;
        Ok(sync_folder(&anchor)?)
    }

    /// The bytes of the file, checksum included.
    pub fn to_bytes(self) -> Vec<u8> {
        let body = [MAGIC.as_slice(), &self.counter.to_le_bytes(), &self.digest].concat();
        let check = checksum(&body);
        [body, check].concat()
    }

    /// Reads those bytes back; `None` for any others.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, check) = bytes.split_last_chunk::<CHECK>()?;
        let (counter, digest) = body.strip_prefix(MAGIC)?.split_first_chunk()?;
        let anchor = Self { counter: u64::from_le_bytes(*counter), digest: digest.try_into().ok()? };
        (checksum(body) == check).then_some(anchor)
    }
}

fn checksum(body: &[u8]) -> Vec<u8> {
    let hash = Sha256::new().chain_update(labels::STORE_ANCHOR).chain_update(body).finalize();
    hash.into_iter().take(CHECK).collect()
}

fn beside(vault: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(vault);
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchor_that_was_written_last_is_read_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("practice.vault");
        assert_eq!(Anchor::read(&vault), Ok(None));
        Anchor { counter: 1, digest: [1; 32] }.write(&vault).unwrap();
        Anchor { counter: 2, digest: [2; 32] }.write(&vault).unwrap();
        assert_eq!(Anchor::read(&vault), Ok(Some(Anchor { counter: 2, digest: [2; 32] })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn any_changed_byte_and_any_other_length_is_called_damage() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("practice.vault");
        Anchor { counter: 7, digest: [3; 32] }.write(&vault).unwrap();
        let path = beside(&vault, ".anchor");
        let good = fs::read(&path).unwrap();
        let flips = (0..good.len()).map(|at| {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            bad
        });
        for bad in flips.chain([vec![], good[..LEN - 1].to_vec(), [good.as_slice(), b"x"].concat()]) {
            fs::write(&path, bad).unwrap();
            assert_eq!(Anchor::read(&vault), Err(StoreError::AnchorDamaged));
        }
    }
}
