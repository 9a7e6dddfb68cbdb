//! age files as bytes: sealed to post-quantum recipients, opened by one identity.
//!
//! Read by age 1.3 or newer and by npm `age-encryption` 0.3, and theirs are read here. Refused: a header longer than any
//! honest one, before it is parsed; a file that is cut, edited, for somebody else, or in a newer form of age.

use std::cell::RefCell;
use std::io::{self, BufReader, Cursor, Read, Write};

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::stanza::{Identity, Recipient};
use crate::entropy::Entropy;
use crate::secret::Key;
use crate::wrap::{Unwraps, WrapPublic};

/// Six recipients and their company. age parses a header anew for each of its lines, so its length must have an end.
const LONGEST_HEADER: usize = 16 * 1024;
const MAGIC: &[u8] = b"age-encryption.org/";
const V1: &[u8] = b"age-encryption.org/v1\n";
const MAC_LINE: &[u8] = b"\n--- ";
/// The rest of that line: the MAC in base64 and the end of the line.
const MAC_LEN: usize = 44;
const NONCE_LEN: usize = 16;
const TAG_LEN: usize = 16;
const SEALED_CHUNK: usize = 64 * 1024 + TAG_LEN;
/// As much of a file as its header, the line that ends it, and the nonce can take up.
pub(crate) const LONGEST_START: u64 = (LONGEST_HEADER + MAC_LINE.len() + MAC_LEN + NONCE_LEN) as u64;

/// Why an age file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AgeError {
    /// The file is something else.
    #[error("This is not an age file.")]
    NotAge,
    /// Another version of age's format.
    #[error("This file was made by a newer version of age. Update this program, then open it again.")]
    NewerVersion,
    /// No stanza opens with this identity.
    #[error("This file was sealed for somebody else.")]
    ForSomebodyElse,
    /// The end is missing.
    #[error("This file is incomplete: its end is missing. Ask for it again.")]
    CutShort,
    /// A byte is not what was written.
    #[error("This file was changed after it was sealed, or damaged on the way. Ask for it again.")]
    Edited,
}

/// Why a stream does not open: its bytes, or the disk that they lie on.
#[derive(Debug)]
pub(crate) enum AgeFault {
    /// It is not what was sealed, or not for this identity.
    Age(AgeError),
    /// It could not be read.
    Io(io::Error),
}

impl AgeFault {
    /// What an error while reading the payload means: a disk's own errors carry a number.
    pub(crate) fn of_payload(error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(code) => Self::Io(io::Error::from_raw_os_error(code)),
            None => Self::Age(payload_error(error)),
        }
    }
}

impl From<io::Error> for AgeFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Begins a file that each of `recipients` can open; what is written into it is sealed, and it must be finished.
///
/// # Errors
/// When there is no recipient, and what the writer says.
pub(crate) fn begin<W: Write>(
    recipients: &[&WrapPublic],
    to: W,
    entropy: &mut dyn Entropy,
) -> io::Result<StreamWriter<W>> {
    let entropy = &RefCell::new(entropy);
    let recipients: Vec<_> = recipients.iter().map(|public| Recipient { public, entropy }).collect();
    let encryptor = Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as &dyn age::Recipient))
        .map_err(|_| io::Error::other("an age file needs a recipient"))?;
    encryptor.wrap_output(to)
}

/// A file that was opened: its plaintext, as a stream.
pub(crate) type Opened<R> = StreamReader<io::Chain<Cursor<Vec<u8>>, BufReader<R>>>;

/// Opens a file as a stream: what is read from it is what was sealed, but only at its end is it known to be all of it.
///
/// # Errors
/// [`AgeFault`].
pub(crate) fn open<R: Read>(file: R, identity: &dyn age::Identity) -> Result<Opened<R>, AgeFault> {
    let mut file = BufReader::with_capacity(1 << 16, file);
    // age parses a header anew for each of its lines: its length is looked at first.
    let mut start = Vec::new();
    file.by_ref().take(LONGEST_START).read_to_end(&mut start)?;
    payload(&start).map_err(AgeFault::Age)?;
    let decryptor = Decryptor::new_buffered(Cursor::new(start).chain(file)).map_err(header_fault)?;
    decryptor.decrypt(std::iter::once(identity)).map_err(header_fault)
}

/// Seals `plaintext` so that each of `recipients` can open it.
///
/// # Errors
/// When there is no recipient.
pub fn encrypt(recipients: &[&WrapPublic], plaintext: &[u8], entropy: &mut dyn Entropy) -> io::Result<Vec<u8>> {
    let mut file = Vec::with_capacity(LONGEST_HEADER + plaintext.len() + plaintext.len() / 1024);
    let mut writer = begin(recipients, &mut file, entropy)?;
    writer.write_all(plaintext)?;
    writer.finish()?;
    Ok(file)
}

/// Opens a whole file. Nothing of it is given out unless all of it is what was sealed.
///
/// # Errors
/// See [`AgeError`].
pub fn decrypt<R: Unwraps>(seed: &Key<R>, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    let payload = payload(file)?;
    let mut reader = Decryptor::new_buffered(file)
        .and_then(|decryptor| decryptor.decrypt(std::iter::once(&Identity(seed) as &dyn age::Identity)))
        .map_err(header_error)?;
    // Never longer than what is sealed, so that it never moves and leaves a copy behind.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(payload.len()));
    reader.read_to_end(&mut plaintext).map_err(|error| payload_error(&error))?;
    Ok(plaintext)
}

/// How long the plaintext of a file of `len` bytes is that begins like this; nothing when its header is not whole.
pub(super) fn plaintext_len(start: &[u8], len: u64) -> Option<u64> {
    let header = start.len().checked_sub(payload(start).ok()?.len())? as u64;
    let sealed = len.checked_sub(header)?;
    sealed.checked_sub(sealed.div_ceil(SEALED_CHUNK as u64) * TAG_LEN as u64)
}

/// The most bytes that a file of so much plaintext has.
pub(super) fn sealed_len(plaintext: u64) -> u64 {
    let chunks = plaintext / (SEALED_CHUNK - TAG_LEN) as u64 + 1;
    plaintext.saturating_add(chunks * TAG_LEN as u64).saturating_add(LONGEST_START)
}

/// What follows header and nonce.
fn payload(file: &[u8]) -> Result<&[u8], AgeError> {
    if !file.starts_with(MAGIC) {
        return Err(if !file.is_empty() && MAGIC.starts_with(file) { AgeError::CutShort } else { AgeError::NotAge });
    }
    let start = file.get(..LONGEST_HEADER).unwrap_or(file);
    if !start.starts_with(V1) && start.contains(&b'\n') {
        return Err(AgeError::NewerVersion);
    }
    match start.windows(MAC_LINE.len()).position(|window| window == MAC_LINE) {
        Some(at) => file.get(at + MAC_LINE.len() + MAC_LEN + NONCE_LEN..).ok_or(AgeError::CutShort),
        None if start.len() < LONGEST_HEADER => Err(AgeError::CutShort),
        None => Err(AgeError::NotAge),
    }
}

fn header_error(error: DecryptError) -> AgeError {
    match error {
        DecryptError::NoMatchingKeys => AgeError::ForSomebodyElse,
        DecryptError::Io(_) => AgeError::CutShort,
        // An unknown format, too: the version was looked at, so that is what age calls a header it cannot parse.
        _ => AgeError::Edited,
    }
}

fn header_fault(error: DecryptError) -> AgeFault {
    match error {
        DecryptError::Io(error) if error.raw_os_error().is_some() => AgeFault::Io(error),
        other => AgeFault::Age(header_error(other)),
    }
}

fn payload_error(error: &io::Error) -> AgeError {
    if error.kind() == io::ErrorKind::UnexpectedEof { AgeError::CutShort } else { AgeError::Edited }
}

#[cfg(test)]
mod testkit;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Os;
    use crate::secret::WrapRole;

    fn identity(byte: u8) -> Key<WrapRole> {
        Key::take(&mut [byte; 32])
    }

    fn sealed(plaintext: &[u8]) -> Vec<u8> {
        encrypt(&[&WrapPublic::of(&identity(1))], plaintext, &mut Os).unwrap()
    }

    #[test]
    fn a_file_opens_for_each_of_its_recipients_and_for_nobody_else() {
        let file =
            encrypt(&[&WrapPublic::of(&identity(1)), &WrapPublic::of(&identity(2))], b"a sentence", &mut Os).unwrap();
        for seed in [1, 2] {
            assert_eq!(decrypt(&identity(seed), &file).unwrap().as_slice(), b"a sentence");
        }
        assert_eq!(decrypt(&identity(3), &file), Err(AgeError::ForSomebodyElse));
        assert!(encrypt(&[], b"a sentence", &mut Os).is_err());
    }

    #[test]
    fn files_of_every_length_around_a_chunk_open_and_tell_their_length() {
        for len in [0, 1, 65_535, 65_536, 65_537, 131_072, 131_073] {
            let file = sealed(&vec![7; len]);
            assert_eq!(plaintext_len(&file, file.len() as u64), Some(len as u64));
            assert!(sealed_len(len as u64) >= file.len() as u64);
            assert_eq!(decrypt(&identity(1), &file).unwrap().len(), len);
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let file = sealed(&vec![7; 70_000]);
        for len in (1..2000).chain([file.len() - 70_000 + 65_536, file.len() - 1]) {
            let refused = decrypt(&identity(1), &file[..len]).unwrap_err();
            assert!(matches!(refused, AgeError::CutShort | AgeError::Edited), "{len}: {refused:?}");
        }
        let header = file.len() - 70_000 - 2 * TAG_LEN;
        for len in [1, 18, 19, 40, header - 1, header, header + SEALED_CHUNK] {
            assert_eq!(decrypt(&identity(1), &file[..len]), Err(AgeError::CutShort), "{len}");
        }
    }

    #[test]
    fn a_bit_flipped_anywhere_or_a_byte_too_many_is_refused() {
        let file = sealed(b"a sentence");
        for at in 0..file.len() {
            let mut edited = file.clone();
            edited[at] ^= 1;
            assert!(decrypt(&identity(1), &edited).is_err(), "byte {at}");
        }
        assert_eq!(decrypt(&identity(1), &[file.as_slice(), b"x"].concat()), Err(AgeError::Edited));
    }

    #[test]
    fn what_is_no_age_file_is_called_so() {
        for other in [&b""[..], b"PK\x03\x04", b"-----BEGIN AGE ENCRYPTED FILE-----\n", &[0; 100_000]] {
            assert_eq!(decrypt(&identity(1), other), Err(AgeError::NotAge));
        }
        assert_eq!(decrypt(&identity(1), b"age-encryption.org/v2\nanything at all"), Err(AgeError::NewerVersion));
    }

    #[test]
    fn a_header_without_end_is_refused_before_it_is_parsed() {
        let endless = [&b"age-encryption.org/v1\n"[..], &b"-> a\n\n".repeat(1_000_000)].concat();
        assert_eq!(decrypt(&identity(1), &endless), Err(AgeError::NotAge));
    }
}
