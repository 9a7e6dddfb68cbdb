//! A passphrase or code while it is typed or shown.

use subrosa_core::secret::Passphrase;
use zeroize::Zeroize;

/// The longest passphrase or code that a field takes.
pub const SECRET_CHARS: usize = 256;

/// A passphrase or code while it is being typed.
///
/// The room for [`SECRET_CHARS`] is reserved at once, so that typing never leaves a shorter copy behind in freed memory.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Secret {
    text: String,
    is_shown: bool,
}

impl Default for Secret {
    fn default() -> Self {
        Self::new(String::with_capacity(SECRET_CHARS * 4))
    }
}

impl Secret {
    /// Takes over a text that must be wiped, such as a recovery kit.
    pub fn new(text: String) -> Self {
        Self { text, is_shown: false }
    }

    /// The characters. Every use is a place to look at.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The buffer that a text field writes into.
    pub fn buffer(&mut self) -> &mut String {
        &mut self.text
    }

    /// Whether nothing has been typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether its field shows the characters: somebody who copies them from paper compares them.
    pub fn is_shown(&self) -> bool {
        self.is_shown
    }

    /// Shows the characters, or hides them again.
    pub fn show(&mut self, shown: bool) {
        self.is_shown = shown;
    }

    /// A copy of what was typed, for a job: the field keeps it until the job has done what it was for.
    pub fn copy(&self) -> Passphrase {
        Passphrase::new(self.text.clone())
    }

    /// Hands over what was typed and leaves an empty field.
    pub fn take(&mut self) -> Passphrase {
        Passphrase::new(std::mem::take(self).into_string())
    }

    fn into_string(mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.text.zeroize();
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
    fn a_copy_for_a_job_leaves_the_field_as_it_is_and_an_emptied_one_hides_what_comes_next() {
        let mut typed = Typed::default();
        typed.kit.buffer().push_str("correct horse");
        typed.kit.show(true);
        assert_eq!((typed.kit.copy().expose(), typed.kit.expose()), ("correct horse", "correct horse"));
        typed.hide_secrets();
        assert!(!typed.kit.is_shown() && !typed.kit.is_empty());
        typed.kit.show(true);
        typed.forget_secrets();
        assert!(!typed.kit.is_shown() && typed.kit.is_empty());
    }

    #[test]
    fn typing_a_secret_of_full_length_never_moves_it() {
        let mut secret = Secret::default();
        let first = secret.buffer().as_ptr();
        (0..SECRET_CHARS).for_each(|_| secret.buffer().push('𝄞'));
        assert_eq!(secret.buffer().as_ptr(), first);
    }
}
