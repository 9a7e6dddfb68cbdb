//! age's post-quantum recipient and identity: stanza `mlkem768x25519`, as age 1.3 and npm `age-encryption` write it.
//!
//! ```text
//! -> mlkem768x25519 <base64 of the X-Wing ciphertext, 1,120 bytes>
//! <base64 of HPKE's ciphertext of the file key, 32 bytes>
//! ```
//! Refused before anything is decrypted: a further argument, another length of either part, base64 that is not
//! canonical, an X25519 part that contributes nothing. Never mixed with a recipient that a quantum computer breaks: the
//! label `postquantum` makes age refuse it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;

use age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::secrecy::ExposeSecret;
use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};

use crate::entropy::Entropy;
use crate::secret::Key;
use crate::wrap::{Unwraps, WrapPublic};
use crate::{hpke, kem};

pub(crate) const TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
const LABEL: &str = "postquantum";
/// The file key and the tag of its seal.
const BODY_LEN: usize = FILE_KEY_BYTES + 16;

/// A public key that an age file is sealed to, with the randomness to do it.
pub(crate) struct Recipient<'a, 'e> {
    pub(crate) public: &'a WrapPublic,
    pub(crate) entropy: &'a RefCell<&'e mut dyn Entropy>,
}

impl age::Recipient for Recipient<'_, '_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let failed = || EncryptError::Io(io::Error::other("the file key could not be wrapped"));
        let mut entropy = self.entropy.try_borrow_mut().map_err(|_| failed())?;
        let (enc, shared) = kem::encapsulate(self.public, &mut **entropy);
        let body = hpke::seal(&shared, INFO, file_key.expose_secret()).ok_or_else(failed)?;
        let stanza = Stanza { tag: TAG.to_owned(), args: vec![BASE64_STANDARD_NO_PAD.encode(enc)], body };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

/// The private key that opens age files sealed to its public half.
pub(crate) struct Identity<'a, R: Unwraps>(pub(crate) &'a Key<R>);

impl<R: Unwraps> Identity<'_, R> {
    /// The file key, or nothing when the stanza is for another identity.
    fn open(&self, stanza: &Stanza) -> Result<Option<FileKey>, DecryptError> {
        let [enc] = stanza.args.as_slice() else { return Err(DecryptError::InvalidHeader) };
        let enc = BASE64_STANDARD_NO_PAD.decode(enc).map_err(|_| DecryptError::InvalidHeader)?;
        // Before it is decrypted: a longer ciphertext could be made to open under two keys.
        if stanza.body.len() != BODY_LEN {
            return Err(DecryptError::InvalidHeader);
        }
        let shared = kem::decapsulate(self.0, &enc).ok_or(DecryptError::InvalidHeader)?;
        let Some(opened) = hpke::open(&shared, INFO, &stanza.body) else { return Ok(None) };
        FileKey::try_init_with_mut(|key| {
            *key = opened.as_slice().try_into().map_err(|_| DecryptError::InvalidHeader)?;
            Ok(())
        })
        .map(Some)
    }
}

impl<R: Unwraps> age::Identity for Identity<'_, R> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag == TAG { self.open(stanza).transpose() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use age::{Identity as _, Recipient as _};

    use super::*;
    use crate::entropy::Os;
    use crate::secret::WrapRole;

    fn seed(byte: u8) -> Key<WrapRole> {
        Key::take(&mut [byte; 32])
    }

    #[test]
    fn what_is_wrapped_for_one_identity_opens_for_it_and_for_no_other() {
        let (mine, mut os) = (seed(1), Os);
        let entropy: RefCell<&mut dyn Entropy> = RefCell::new(&mut os);
        let recipient = Recipient { public: &WrapPublic::of(&mine), entropy: &entropy };
        let (stanzas, labels) = recipient.wrap_file_key(&FileKey::new(Box::new([7; 16]))).unwrap();
        assert_eq!(labels, HashSet::from(["postquantum".to_owned()]));
        assert_eq!(Identity(&mine).unwrap_stanza(&stanzas[0]).unwrap().unwrap().expose_secret(), &[7; 16]);
        assert!(Identity(&seed(2)).unwrap_stanza(&stanzas[0]).is_none());
    }

    #[test]
    fn a_post_quantum_recipient_is_never_mixed_with_a_classical_one() {
        let mut os = Os;
        let entropy: RefCell<&mut dyn Entropy> = RefCell::new(&mut os);
        let public = WrapPublic::of(&seed(1));
        let strong = Recipient { public: &public, entropy: &entropy };
        let weak = age::x25519::Identity::generate().to_public();
        let both = [&strong as &dyn age::Recipient, &weak as &dyn age::Recipient];
        assert!(matches!(
            age::Encryptor::with_recipients(both.into_iter()),
            Err(EncryptError::IncompatibleRecipients { .. })
        ));
    }
}
