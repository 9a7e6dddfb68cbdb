//! A client's record as a file for one colleague: their card, a record sealed to it, and the files out of one that was sealed to
//! this practice.

use std::fs;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use subrosa_core::card::CardError;
use subrosa_core::id::ColleagueId;
use subrosa_core::import::Progress;
use subrosa_core::share::OpenedRecord;
use subrosa_core::vault::{Handed, RecordError, Share, Vault};

use crate::practice::{
    self,
    file_io::{self, Unfinished},
};

/// Bytes of a file that may be a contact card.
const LONGEST_CARD: usize = 64 << 10;

/// Why nothing was added, sealed or written. No file or folder of the name is there that was not there before.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordFileError {
    /// The file or folder that was named.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The card, the record, or an attached file of it.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The therapist's own name, which stands on every sealed record, was not given yet.
    #[error("Your own name is not known yet, and stands on every sealed record. Nothing was sealed.")]
    NoName,
}

/// Adds a colleague by the file of their card.
///
/// # Errors
/// [`RecordFileError`]; nothing was added.
pub(crate) fn add_card(vault: &mut Vault, file: &Path) -> Result<ColleagueId, RecordFileError> {
    let card = file_io::read_at_most(file, LONGEST_CARD)?.ok_or(RecordError::Card(CardError::TooLarge))?;
    Ok(vault.exchange_mut().add_colleague(&card, practice::now())?)
}

/// The name that stands on the records that are sealed here: the one that was given, and never that of the computer.
///
/// # Errors
/// [`RecordFileError::NoName`], and the practice's.
pub(crate) fn sender(vault: &Vault) -> Result<String, RecordFileError> {
    practice::owner(vault).map_err(RecordError::from)?.ok_or(RecordFileError::NoName)
}

/// Seals a record into a new file, which gets its name when it is whole. The disclosure is entered in the record before.
///
/// # Errors
/// [`RecordFileError`].
pub(crate) fn seal(
    vault: &mut Vault,
    (share, sender): (&Share, &str),
    file: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Handed, RecordFileError> {
    let mut to = Unfinished::begin(file)?;
    let handed = vault.exchange_mut().seal_record_to(share, sender, &mut to, progress, cancel)?;
    to.finish()?;
    Ok(handed)
}

/// Writes all files of a sealed record into a new folder.
///
/// # Errors
/// [`RecordFileError`].
pub(crate) fn unpack(
    vault: &Vault,
    file: &mut (impl Read + Seek),
    record: &OpenedRecord,
    folder: &Path,
) -> Result<(), RecordFileError> {
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
    use crate::practice::Profile;

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

    fn sealed(vault: &mut Vault, share: &Share, file: &Path) -> Result<Handed, RecordFileError> {
        let sender = sender(vault)?;
        seal(vault, (share, &sender), file, &mut |_| {}, &|| false)
    }

    #[test]
    fn a_record_goes_to_its_colleague_and_what_is_refused_leaves_no_file_and_is_not_entered() {
        let folder = tempfile::tempdir().unwrap();
        let (mut desk, colleague) = (practice_in(&folder, "desk"), practice_in(&folder, "colleague"));
        let card = colleague.exchange().card("Dr Virta", practice::today()).unwrap();
        let to = desk.exchange_mut().add_colleague(card.as_bytes(), practice::now()).unwrap();
        let mut share = share(&mut desk, DocId([7; 16]));
        let file = folder.path().join("record.age");
        assert!(matches!(sealed(&mut desk, &share, &file), Err(RecordFileError::NoName)));
        practice::keep_owner(&mut desk, "M. Therapist").unwrap();
        assert!(matches!(sealed(&mut desk, &share, &file), Err(RecordFileError::Record(_))));
        assert!(
            fs::read_dir(folder.path())
                .unwrap()
                .all(|entry| { !entry.unwrap().file_name().to_string_lossy().starts_with("record") })
        );
        share.to = to;
        fs::write(&file, "somebody else's").unwrap();
        assert!(matches!(sealed(&mut desk, &share, &file), Err(RecordFileError::File(_))));
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
        assert!(matches!(unpack(&colleague, &mut bytes, &record, &unpacked), Err(RecordFileError::File(_))));
        assert!(unpacked.join("record.md").exists(), "a folder that was there is left as it is");
        let mut edited = bytes.into_inner();
        *edited.last_mut().unwrap() ^= 1;
        let half = folder.path().join("half");
        assert!(matches!(
            unpack(&colleague, &mut Cursor::new(edited), &record, &half),
            Err(RecordFileError::Record(_))
        ));
        assert!(!half.exists());
    }
}
