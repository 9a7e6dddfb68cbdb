//! The recovery kit: a practice that is made with one, its page on paper, the recovery line out of a file, a practice that is
//! opened with it, and another kit that takes its place.

use std::io;
use std::path::Path;

use subrosa_core::id::DeviceId;
use subrosa_core::kit::{self, KitError, NotSet, Typefaces};
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::vault::{Created, DeviceError, LockedVault, NewKit, RowError, StillLocked, Vault, VaultError};
use zeroize::Zeroizing;

use crate::features::kit::values::KitForm;
use crate::practice::{self, Profile, file_io, kit_status};
use crate::values::typefaces;

/// Bytes of a text that may hold a recovery line.
const LONGEST: usize = 64 << 10;
/// Bytes of a PDF that may be the kit's page.
const LONGEST_PDF: usize = 1 << 20;

/// The page looks like the window.
static TYPEFACES: Typefaces = Typefaces {
    title: typefaces::LITERATA_SEMIBOLD,
    book: typefaces::LITERATA,
    text: typefaces::INTER,
    strong: typefaces::INTER_SEMIBOLD,
};

/// Why the kit's page was not written. No file of the name is there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// The page that was shown holds no recovery line.
    #[error(transparent)]
    Line(#[from] KitError),
    /// It could not be set.
    #[error(transparent)]
    Setting(#[from] NotSet),
    /// The file to write.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Why a file gave no recovery line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KitFileError {
    /// It cannot be read.
    #[error(transparent)]
    Input(#[from] io::Error),
    /// It is too large to be a kit.
    #[error("this file is too large to be a recovery kit")]
    TooLarge,
    /// A PDF that is not the kit's page, or that another program has written anew.
    #[error("this PDF is not a recovery kit as Subrosa saves it")]
    OtherPdf,
    /// What stands in it.
    #[error(transparent)]
    Line(#[from] KitError),
}

/// Why a new kit is not in force, or is and nobody will remember who has its paper.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewKitError {
    /// The old kit counts, as before.
    #[error(transparent)]
    Refused(DeviceError),
    /// A disk that failed may have taken it all the same.
    #[error(transparent)]
    Uncertain(DeviceError),
    /// The new one counts; how it stands with its paper is not kept.
    #[error(transparent)]
    InForce(RowError),
}

/// Makes a new practice whose recovery kit waits to be typed from its paper.
///
/// # Errors
/// [`VaultError`]; nothing is left behind, and a file that is already there is never touched.
pub(crate) fn make_practice(
    file: &Path,
    passphrase: &Passphrase,
    device_name: &str,
    profile: Profile,
) -> Result<Created, VaultError> {
    let mut made = practice::create(file, passphrase, device_name, profile)?;
    if let Err(error) = kit_status::wait(&mut made.vault, &made.kit, practice::now()) {
        drop(made);
        practice::remove(file);
        return Err(error.into());
    }
    Ok(made)
}

/// The kit's page, as text.
pub(crate) fn page(kit: &Key<RecoveryRole>, device: DeviceId) -> Zeroizing<String> {
    kit::kit_text(kit, &device.to_string(), practice::today())
}

/// Writes the kit's page, as it is shown or to be printed, into a new file.
///
/// # Errors
/// [`PageError`].
pub(crate) fn write_page(file: &Path, form: KitForm, page: &str, device: DeviceId) -> Result<(), PageError> {
    match form {
        KitForm::Text => file_io::write_new(file, page.as_bytes())?,
        KitForm::Pdf => {
            let kit = kit::read_kit(page)?;
            let pdf = kit::kit_pdf(&kit, &device.to_string(), practice::today(), &TYPEFACES)?;
            file_io::write_new(file, &pdf)?;
        }
    }
    Ok(())
}

/// The recovery line out of a file: the kit's page, as text or as the PDF that [`write_page`] makes, or any text that holds the line.
///
/// # Errors
/// [`KitFileError`].
pub(crate) fn read_file(file: &Path) -> Result<Key<RecoveryRole>, KitFileError> {
    let bytes = file_io::read_at_most(file, LONGEST_PDF)?.ok_or(KitFileError::TooLarge)?;
    if kit::is_pdf(&bytes) {
        return Ok(kit::read_kit(&kit::line_in_pdf(&bytes).ok_or(KitFileError::OtherPdf)?)?);
    }
    if bytes.len() > LONGEST {
        return Err(KitFileError::TooLarge);
    }
    Ok(kit::read_kit(&Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))?)
}

/// Gives a practice a new passphrase by means of its kit, and opens it. The kit's paper counts as read from then on; where that
/// cannot be kept, it is only asked for again.
///
/// # Errors
/// The practice, still locked: it opens with what opened it before.
pub(crate) fn recover(
    locked: LockedVault,
    kit: &Key<RecoveryRole>,
    passphrase: &Passphrase,
    profile: Profile,
) -> Result<Vault, StillLocked> {
    let mut vault = locked.recover(kit, passphrase, profile.strength(), practice::now())?;
    let _ = kit_status::used(&mut vault, kit, practice::now());
    Ok(vault)
}

/// Puts a new kit in force, whose paper is proven or waits to be.
///
/// # Errors
/// [`NewKitError`] says which kit counts.
pub(crate) fn put_in_force(vault: &mut Vault, kit: &NewKit, proven: bool) -> Result<(), NewKitError> {
    let now = practice::now();
    vault.devices_mut().put_in_force(kit, now).map_err(|error| match error {
        DeviceError::Row(RowError::Store(_)) => NewKitError::Uncertain(error),
        _ => NewKitError::Refused(error),
    })?;
    let remember = if proven { kit_status::used } else { kit_status::wait };
    remember(vault, kit.seed(), now).map_err(NewKitError::InForce)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::full_disk::{self, Disk};
    use crate::words;

    #[test]
    fn the_page_reads_back_from_its_file_and_a_name_that_is_taken_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let made = make_practice(&folder.path().join("practice"), &passphrase, "Desk", Profile::Tests).unwrap();
        let (page, device) = (page(&made.kit, made.vault.device()), made.vault.device());
        let (text, pdf) = (folder.path().join("kit.txt"), folder.path().join("kit.pdf"));
        write_page(&text, KitForm::Text, &page, device).unwrap();
        assert!(read_file(&text).unwrap() == made.kit);
        write_page(&pdf, KitForm::Pdf, &page, device).unwrap();
        assert!(read_file(&pdf).unwrap() == made.kit, "the button that saves it to print makes a file that opens");
        assert!(matches!(write_page(&pdf, KitForm::Text, &page, device), Err(PageError::Output(_))));
        let none = folder.path().join("none.pdf");
        assert!(
            matches!(write_page(&none, KitForm::Pdf, "no line", device), Err(PageError::Line(_))) && !none.exists()
        );
        std::fs::write(&text, vec![b'A'; LONGEST + 1]).unwrap();
        assert!(matches!(read_file(&text), Err(KitFileError::TooLarge)));
    }

    #[test]
    fn the_page_names_the_buttons_as_the_window_does_and_before_any_command() {
        let page = page(&Key::take(&mut [7; 32]), DeviceId([1; 16]));
        let said = page.split_whitespace().collect::<Vec<_>>().join(" ");
        let first_command = said.find("subrosa recover").unwrap();
        let buttons =
            [words::UNLOCK_FORGOTTEN, words::START_RESTORE, words::SAFETY, words::RESTORE_ASK, words::NEW_KIT];
        for button in buttons {
            let at = said.find(&format!("\"{}\"", button.replace('…', "...")));
            assert!(at.is_some_and(|at| at < first_command), "{button}");
        }
    }

    #[test]
    fn a_pdf_that_is_another_or_was_written_anew_is_told_from_a_text_without_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kit.pdf");
        let kit = Key::take(&mut [7; 32]);
        let pdf = kit::kit_pdf(&kit, "00ff", practice::today(), &TYPEFACES).unwrap();
        for (bytes, is_other) in
            [(b"%PDF-1.7\n%%EOF\n".as_slice(), true), (&pdf[..pdf.len() - 2], false), (b"no line", false)]
        {
            std::fs::write(&file, bytes).unwrap();
            let error = read_file(&file).unwrap_err();
            assert_eq!(matches!(error, KitFileError::OtherPdf), is_other, "{error}");
            assert_eq!(matches!(error, KitFileError::Line(_)), !is_other, "{error}");
        }
        std::fs::write(&file, [b"%PDF-".as_slice(), &vec![b'A'; LONGEST_PDF]].concat()).unwrap();
        assert!(matches!(read_file(&file), Err(KitFileError::TooLarge)));
        assert!(matches!(read_file(&folder.path().join("away")), Err(KitFileError::Input(_))));
    }

    #[test]
    fn a_practice_that_is_made_waits_for_its_kit_to_be_proven() {
        let folder = tempfile::tempdir().unwrap();
        let (file, passphrase) =
            (folder.path().join("practice"), Passphrase::new("lantern gravel oboe thicket".into()));
        let mut made = make_practice(&file, &passphrase, "Desk", Profile::Tests).unwrap();
        let paper = kit_status::status(&mut made.vault, practice::now()).unwrap().unwrap();
        assert_eq!((paper.due, paper.proven), (Some(7), None));
        assert!(make_practice(&file, &passphrase, "Desk", Profile::Tests).is_err() && file.exists());
    }

    #[test]
    fn a_kit_that_is_refused_leaves_the_old_one_in_force_and_the_one_that_counts_opens_the_practice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice");
        let (passphrase, fresh) =
            (Passphrase::new("lantern gravel oboe thicket".into()), Passphrase::new("otter lamp brisk quarry".into()));
        let Created { mut vault, kit: old } = make_practice(&file, &passphrase, "Desk", Profile::Tests).unwrap();
        let number = |vault: &Vault| vault.devices().kit_in_force().unwrap().number;
        let (first, stale) = (number(&vault), vault.devices_mut().draw_kit(&passphrase).unwrap());
        vault.change_passphrase(&passphrase, &fresh, Profile::Tests.strength()).unwrap();
        assert!(matches!(
            put_in_force(&mut vault, &stale, true),
            Err(NewKitError::Refused(DeviceError::Row(RowError::NeedsReauth)))
        ));
        assert_eq!(number(&vault), first);

        let new = vault.devices_mut().draw_kit(&fresh).unwrap();
        put_in_force(&mut vault, &new, false).unwrap();
        let due = |vault: &mut Vault| kit_status::status(vault, practice::now()).unwrap().unwrap().due;
        assert_eq!((number(&vault) == first, due(&mut vault)), (false, Some(7)));
        let still = recover(vault.lock().unwrap(), &old, &passphrase, Profile::Tests).unwrap_err();
        let mut vault = recover(still.vault, new.seed(), &passphrase, Profile::Tests).unwrap();
        assert_eq!(due(&mut vault), None, "whoever opened it has read the paper");
    }

    /// What another kit comes to on a disk that is full, or fills while it is put in force; and whether it counts then.
    fn on_a_disk_that(fails: u8) -> (Result<(), NewKitError>, bool) {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let mut vault = full_disk::practice(folder.path(), &disk);
        let passphrase = Passphrase::new(full_disk::PASSPHRASE.into());
        let (new, before) =
            (vault.devices_mut().draw_kit(&passphrase).unwrap(), vault.devices().kit_in_force().unwrap().number);
        disk.set(fails);
        let done = put_in_force(&mut vault, &new, true);
        (done, vault.devices().kit_in_force().unwrap().number != before)
    }

    #[test]
    fn a_disk_that_fails_leaves_it_uncertain_and_one_that_fails_afterwards_says_that_the_new_kit_counts() {
        assert!(matches!(on_a_disk_that(Disk::FULL), (Err(NewKitError::Uncertain(_)), false)));
        assert!(matches!(on_a_disk_that(Disk::FULL_AFTER_ONE), (Err(NewKitError::InForce(_)), true)));
        assert!(matches!(on_a_disk_that(Disk::WORKS), (Ok(()), true)));
    }
}
