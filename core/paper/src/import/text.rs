//! Turns bytes of an unknown origin into text without losing any.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How bytes had to be read to become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// They are UTF-8.
    Utf8,
    /// They carry the mark of UTF-16, and were well-formed in it.
    Utf16,
    /// They are not UTF-8. Windows-1252 gives every byte a character, so nothing is lost, but one may look odd.
    Windows1252,
    /// They carry the mark of UTF-16 and break its rules: what could not be read shows as �.
    BrokenUtf16,
}

/// Reads a whole file, whose first bytes may be a byte order mark. The mark is not text.
pub(super) fn of_file(bytes: &[u8]) -> (String, Read) {
    match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding != UTF_8 => {
            let (text, broken) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
            (text.into_owned(), if broken { Read::BrokenUtf16 } else { Read::Utf16 })
        }
        Some((_, mark)) => of_piece(bytes.get(mark..).unwrap_or_default()),
        None => of_piece(bytes),
    }
}

/// Reads a piece of a file, such as one cell.
pub(super) fn of_piece(bytes: &[u8]) -> (String, Read) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), Read::Utf8),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), Read::Windows1252),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_text() {
        assert_eq!(of_file(b"\xEF\xBB\xBFid"), ("id".into(), Read::Utf8));
        assert_eq!(of_file(b"\xFF\xFEi\0d\0"), ("id".into(), Read::Utf16));
        assert_eq!(of_file(b"\xFE\xFF\0i\0d"), ("id".into(), Read::Utf16));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_read_as_windows_1252_and_said_to_be() {
        assert_eq!(of_file(b"M\xE4kinen \x80"), ("Mäkinen €".into(), Read::Windows1252));
        assert_eq!(of_file("Mäkinen €".as_bytes()).1, Read::Utf8);
    }

    #[test]
    fn half_a_character_of_utf_16_is_said_to_be_broken() {
        assert_eq!(of_file(b"\xFF\xFEi\0d").1, Read::BrokenUtf16);
    }
}
