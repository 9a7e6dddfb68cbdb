//! A client's record as a file for one colleague: sealed to theirs, and the files out of one that was sealed to this practice.

use std::fs;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use subrosa_core::import::Progress;
use subrosa_core::share::OpenedRecord;
use subrosa_core::vault::{Handed, RecordError, Share, Vault};

use crate::practice::file_io::{self, Unfinished};

/// Bytes of a file that may be a contact card.
pub(crate) const LONGEST_CARD: usize = 64 << 10;

/// Why nothing was sealed. No file of the name is there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The file to write.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// The record, or an attached file of it.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Why the files of a sealed record were not written. The folder is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// The folder to make.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// The sealed record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Seals a record into a new file, which gets its name when it is whole. The disclosure is entered in the record before.
///
/// # Errors
/// [`SealError`].
pub(crate) fn seal(
    vault: &mut Vault,
    (share, sender): (&Share, &str),
    file: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Handed, SealError> {
    let mut to = Unfinished::begin(file)?;
    let handed = vault.exchange_mut().seal_record_to(share, sender, &mut to, progress, cancel)?;
    to.finish()?;
    Ok(handed)
}

/// Writes all files of a sealed record into a new folder.
///
/// # Errors
/// [`UnpackError`].
pub(crate) fn unpack(
    vault: &Vault,
    file: &mut (impl Read + Seek),
    record: &OpenedRecord,
    folder: &Path,
) -> Result<(), UnpackError> {
    file_io::new_folder(folder)?;
    // Their names were checked when the record was opened: no folders, no device names.
    let copied = vault.exchange().copy_from_record(file, record, &mut |listed| {
        Ok(Some(Box::new(file_io::create_new(&folder.join(&listed.name))?) as Box<dyn Write>))
    });
    copied.inspect_err(|_| {
        // Half a file must not pass for one; the folder was made for these.
        let _ = fs::remove_dir_all(folder);
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use subrosa_core::export::ProcessNotes;
    use subrosa_core::id::DocId;
    use subrosa_core::record::Identity;
    use subrosa_core::secret::Passphrase;
    use tempfile::TempDir;

    use super::*;
    use crate::practice::{self, Profile};

    fn practice_in(folder: &TempDir, name: &str) -> Vault {
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        practice::create(&folder.path().join(name), &passphrase, "Desk", Profile::Tests).unwrap().vault
    }

    fn share(vault: &mut Vault, to: DocId) -> Share {
        let identity = Identity { name: "Aino".to_owned(), ..Identity::default() };
        Share {
            client: vault.clients_mut().add_client(&identity, practice::now()).unwrap(),
            notes: Vec::new(),
            to,
            purpose: "Cover".to_owned(),
            basis: "Consent".to_owned(),
            consent: String::new(),
            until: None,
            process: ProcessNotes::LeaveOut,
            files: true,
            today: practice::today(),
        }
    }

    fn sealed(vault: &mut Vault, share: &Share, file: &Path) -> Result<Handed, SealError> {
        seal(vault, (share, "M. Therapist"), file, &mut |_| {}, &|| false)
    }

    #[test]
    fn a_record_goes_to_its_colleague_and_what_is_refused_leaves_no_file_and_is_not_entered() {
        let folder = tempfile::tempdir().unwrap();
        let (mut desk, colleague) = (practice_in(&folder, "desk"), practice_in(&folder, "colleague"));
        let card = colleague.exchange().card("Dr Virta", practice::today()).unwrap();
        let to = desk.exchange_mut().add_colleague(card.as_bytes()).unwrap();
        let mut share = share(&mut desk, DocId([7; 16]));
        let file = folder.path().join("record.age");
        assert!(matches!(sealed(&mut desk, &share, &file), Err(SealError::Record(_))));
        assert!(
            fs::read_dir(folder.path())
                .unwrap()
                .all(|entry| { !entry.unwrap().file_name().to_string_lossy().starts_with("record") })
        );
        share.to = to;
        fs::write(&file, "somebody else's").unwrap();
        assert!(matches!(sealed(&mut desk, &share, &file), Err(SealError::Output(_))));
        assert_eq!(
            (fs::read(&file).unwrap().len(), desk.exchange().disclosures(&share.client).unwrap().len()),
            (15, 0)
        );
        fs::remove_file(&file).unwrap();
        sealed(&mut desk, &share, &file).unwrap();
        assert_eq!(desk.exchange().disclosures(&share.client).unwrap().len(), 1);

        let mut bytes = Cursor::new(fs::read(&file).unwrap());
        let record = colleague.exchange().open_record_in(&mut bytes).unwrap();
        let unpacked = folder.path().join("unpacked");
        unpack(&colleague, &mut bytes, &record, &unpacked).unwrap();
        assert!(fs::read_to_string(unpacked.join("record.md")).unwrap().contains("Aino"));
        assert!(matches!(unpack(&colleague, &mut bytes, &record, &unpacked), Err(UnpackError::Output(_))));
        assert!(unpacked.join("record.md").exists(), "a folder that was there is left as it is");
        let mut edited = bytes.into_inner();
        *edited.last_mut().unwrap() ^= 1;
        let half = folder.path().join("half");
        assert!(matches!(unpack(&colleague, &mut Cursor::new(edited), &record, &half), Err(UnpackError::Record(_))));
        assert!(!half.exists());
    }
}
