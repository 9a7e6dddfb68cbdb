//! A passphrase or code while it is typed or shown.

use subrosa_core::secret::Passphrase;
use zeroize::Zeroize;

/// The longest passphrase or code that a field takes.
pub const SECRET_CHARS: usize = 256;

/// A passphrase or code while it is being typed.
///
/// The room for [`SECRET_CHARS`] is reserved at once, so that typing never leaves a shorter copy behind in freed memory.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Secret(String);

impl Default for Secret {
    fn default() -> Self {
        Self(String::with_capacity(SECRET_CHARS * 4))
    }
}

impl Secret {
    /// Takes over a text that must be wiped, such as a recovery kit.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The characters. Every use is a place to look at.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The buffer that a text field writes into.
    pub fn buffer(&mut self) -> &mut String {
        &mut self.0
    }

    /// Whether nothing has been typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands over what was typed and leaves an empty field.
    pub fn take(&mut self) -> Passphrase {
        Passphrase::new(std::mem::take(self).into_string())
    }

    fn into_string(mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::typed::Typed;

    #[test]
    fn handing_a_secret_over_leaves_an_empty_field() {
        let mut typed = Typed::default();
        typed.passphrase.buffer().push_str("correct horse");
        assert_eq!(typed.passphrase.take().expose(), "correct horse");
        assert!(typed.passphrase.is_empty());
    }

    #[test]
    fn typing_a_secret_of_full_length_never_moves_it() {
        let mut secret = Secret::default();
        let first = secret.buffer().as_ptr();
        (0..SECRET_CHARS).for_each(|_| secret.buffer().push('𝄞'));
        assert_eq!(secret.buffer().as_ptr(), first);
    }
}
