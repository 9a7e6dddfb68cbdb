//! The age file around a backup: sealed to the recovery key and to a one-time key, opened by either, as a stream.
//!
//! With the one-time key more is checked than that it opens: the recovery key's stanza is made again from the file key and
//! the randomness that made it, and must be the one that stands in the file. So a backup that the recovery kit would not
//! open is not taken for one, and nobody needs the kit to know.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};

use age::stream::StreamWriter;
use age::{DecryptError, Encryptor, Recipient as _};
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

use crate::backup::BackupError;
use crate::entropy::Entropy;
use crate::secret::{Key, OneTimeRole, RecoveryRole};
use crate::share::age_file::{self, AgeFault};
use crate::share::stanza::{Identity, Recipient, TAG};
use crate::wrap::WrapPublic;

/// What reads a backup back once: wiped when it is dropped.
pub(crate) struct OneTime {
    key: Key<OneTimeRole>,
    recovery: WrapPublic,
    /// What the recovery key's stanza was made from.
    randomness: Zeroizing<Vec<u8>>,
}

/// Begins an age file to the recovery key and to a key that is made here.
pub(crate) fn seal<W: Write>(
    recovery: &WrapPublic,
    to: W,
    entropy: &mut dyn Entropy,
) -> Result<(StreamWriter<W>, OneTime), BackupError> {
    let key = Key::<OneTimeRole>::random(entropy);
    let public = WrapPublic::of(&key);
    let mut recorded = Recorded { from: entropy, bytes: Zeroizing::new(Vec::with_capacity(256)) };
    let encryptor = {
        let entropy: RefCell<&mut dyn Entropy> = RefCell::new(&mut recorded);
        // The kit's stanza is made first, so that what it was made from stands at the beginning of what was recorded.
        let kit = Recipient { public: recovery, entropy: &entropy };
        let once = Recipient { public: &public, entropy: &entropy };
        Encryptor::with_recipients([&kit as &dyn age::Recipient, &once].into_iter())
            .map_err(|_| BackupError::Io(io::ErrorKind::Other))?
    };
    let one_time = OneTime { key, recovery: recovery.clone(), randomness: recorded.bytes };
    Ok((encryptor.wrap_output(to)?, one_time))
}

/// A backup's age file, opened: the gzip file in it.
pub(crate) use crate::share::age_file::Opened;

impl OneTime {
    /// Opens the file that was just written, and proves that the recovery kit opens it too.
    pub(crate) fn open<R: Read>(&self, file: R) -> Result<Opened<R>, BackupError> {
        let proving = TrialIdentity { one_time: self, kit_opens: Cell::new(false) };
        let opened = open(file, &proving)?;
        if proving.kit_opens.get() { Ok(opened) } else { Err(BackupError::KitWouldNotOpen) }
    }
}

/// Opens a backup with the recovery kit.
pub(crate) fn open_with_kit<R: Read>(file: R, kit: &Key<RecoveryRole>) -> Result<Opened<R>, BackupError> {
    open(file, &Identity(kit))
}

fn open<R: Read>(file: R, identity: &dyn age::Identity) -> Result<Opened<R>, BackupError> {
    age_file::open(file, identity).map_err(|fault| match fault {
        AgeFault::Age(error) => error.into(),
        AgeFault::Io(error) => error.into(),
    })
}

/// Opens with the one-time key and looks at the other stanza.
struct TrialIdentity<'a> {
    one_time: &'a OneTime,
    kit_opens: Cell<bool>,
}

impl TrialIdentity<'_> {
    fn is_for_kit(&self, file_key: &FileKey, stanzas: &[Stanza]) -> bool {
        let mut replayed = Replayed(&self.one_time.randomness);
        let entropy: RefCell<&mut dyn Entropy> = RefCell::new(&mut replayed);
        let made = Recipient { public: &self.one_time.recovery, entropy: &entropy }.wrap_file_key(file_key);
        let Ok((made, _)) = made else { return false };
        let same =
            |one: &Stanza, other: &Stanza| one.tag == other.tag && one.args == other.args && one.body == other.body;
        let ours: Vec<&Stanza> = stanzas.iter().filter(|stanza| stanza.tag == TAG).collect();
        ours.len() == 2 && made.iter().all(|made| ours.iter().any(|stanza| same(stanza, made)))
    }
}

impl age::Identity for TrialIdentity<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        Identity(&self.one_time.key).unwrap_stanza(stanza)
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        let opened = stanzas.iter().find_map(|stanza| self.unwrap_stanza(stanza))?;
        if let Ok(file_key) = &opened {
            self.kit_opens.set(self.is_for_kit(file_key, stanzas));
        }
        Some(opened)
    }
}

/// Randomness that is remembered.
struct Recorded<'a> {
    from: &'a mut dyn Entropy,
    bytes: Zeroizing<Vec<u8>>,
}

impl Entropy for Recorded<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.from.fill(bytes);
        self.bytes.extend_from_slice(bytes);
    }
}

/// Randomness that was remembered, once more. What was not recorded is zeros, and makes another stanza.
struct Replayed<'a>(&'a [u8]);

impl Entropy for Replayed<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
        let (now, later) = self.0.split_at_checked(bytes.len()).unwrap_or((self.0, &[]));
        bytes.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
        self.0 = later;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Os;

    fn kit(byte: u8) -> Key<RecoveryRole> {
        Key::take(&mut [byte; 32])
    }

    fn sealed(public: &WrapPublic) -> (Vec<u8>, OneTime) {
        let mut file = Vec::new();
        let (mut writer, once) = seal(public, &mut file, &mut Os).unwrap();
        writer.write_all(b"a sentence").unwrap();
        writer.finish().unwrap();
        (file, once)
    }

    fn text(mut opened: impl Read) -> String {
        let mut text = String::new();
        opened.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_kit_and_the_one_time_key_open_it_and_another_kit_does_not() {
        let (file, once) = sealed(&WrapPublic::of(&kit(1)));
        assert_eq!(text(once.open(file.as_slice()).unwrap()), "a sentence");
        assert_eq!(text(open_with_kit(file.as_slice(), &kit(1)).unwrap()), "a sentence");
        assert_eq!(open_with_kit(file.as_slice(), &kit(2)).err(), Some(BackupError::WrongKit));
        assert_eq!(sealed(&WrapPublic::of(&kit(1))).1.open(file.as_slice()).err(), Some(BackupError::WrongKit));
    }

    #[test]
    fn a_stanza_that_the_kit_would_not_open_is_found_without_the_kit() {
        // Sealed to another recovery key than the practice's.
        let (file, mut once) = sealed(&WrapPublic::of(&kit(2)));
        once.recovery = WrapPublic::of(&kit(1));
        assert_eq!(once.open(file.as_slice()).err(), Some(BackupError::KitWouldNotOpen));
        // And one that was not made from what was remembered.
        let (file, mut once) = sealed(&WrapPublic::of(&kit(1)));
        once.randomness[0] ^= 1;
        assert_eq!(once.open(file.as_slice()).err(), Some(BackupError::KitWouldNotOpen));
    }

    #[test]
    fn a_damaged_cut_or_foreign_file_is_called_what_it_is() {
        let (file, once) = sealed(&WrapPublic::of(&kit(1)));
        let refused = |file: &[u8]| once.open(file).err();
        assert_eq!(refused(b"PK\x03\x04"), Some(BackupError::NotABackup));
        assert_eq!(refused(b""), Some(BackupError::NotABackup));
        assert_eq!(refused(&file[..100]), Some(BackupError::CutShort));
        assert_eq!(refused(b"age-encryption.org/v2\nanything"), Some(BackupError::Newer));
        let mut edited = file;
        edited[40] ^= 1;
        assert!(refused(&edited).is_some());
    }
}
