//! What kind of file somebody attached: told by its content, and held against the ending of its name.
//!
//! A name is what somebody typed, so it is never believed alone; the content's first bytes are believed a little more. No
//! answer of this module makes anything run: it says what to show, and whether name and content disagree.

/// Bytes at the beginning of a file that are looked at.
pub const LOOKED_AT: usize = 8 << 10;

/// What nothing else is.
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain";

/// The media type of a file that begins so.
pub fn media_type(beginning: &[u8]) -> &'static str {
    let beginning = beginning.get(..LOOKED_AT).unwrap_or(beginning);
    match infer::get(beginning) {
        Some(kind) => kind.mime_type(),
        None if is_text(beginning) => TEXT,
        None => BYTES,
    }
}

/// Whether a name with this ending may have content of this type. An ending that says nothing contradicts nothing.
pub fn name_agrees(name: &str, media: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let claimed: &[&str] = match ending.as_str() {
        "pdf" => &["application/pdf"],
        "jpg" | "jpeg" | "jpe" => &["image/jpeg"],
        "png" => &["image/png"],
        "gif" => &["image/gif"],
        "webp" => &["image/webp"],
        "heic" | "heif" | "avif" => &["image/heif", "image/heic", "image/avif"],
        "bmp" => &["image/bmp"],
        "tif" | "tiff" => &["image/tiff"],
        "mp3" => &["audio/mpeg"],
        "m4a" | "mp4" | "m4v" | "mov" | "3gp" => &["audio/", "video/"],
        "aac" => &["audio/"],
        "wav" => &["audio/x-wav"],
        "flac" => &["audio/x-flac"],
        "ogg" | "oga" | "opus" => &["audio/", "video/ogg", "application/ogg"],
        "webm" | "mkv" => &["video/", "audio/"],
        "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "epub" => &["application/"],
        "zip" => &["application/"],
        "txt" | "md" | "csv" | "log" => &["text/"],
        _ => return true,
    };
    // An empty file is of no type at all.
    claimed.iter().any(|claimed| media.starts_with(claimed))
}

/// Whether it reads as UTF-8 without control characters; the last letter may have been cut.
fn is_text(beginning: &[u8]) -> bool {
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(beginning.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty()
        && !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_what_a_file_is_and_the_name_does_not() {
        assert_eq!(media_type(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png");
        assert_eq!(media_type(b"\xFF\xD8\xFF\xE0\0\x10JFIF"), "image/jpeg");
        assert_eq!(media_type(b"ID3\x04\0\0\0\0\0\0"), "audio/mpeg");
        assert_eq!(media_type("Überweisung, Åsa\n".as_bytes()), TEXT);
        assert_eq!(media_type(&"ä".repeat(5_000).into_bytes()[..8_193]), TEXT, "a letter is cut in two");
        for bytes in [&b""[..], b"\0\0\0\0", b"a\x1b[2Jb", b"caf\xE9 cr\xE8me"] {
            assert_eq!(media_type(bytes), BYTES);
        }
    }

    #[test]
    fn a_name_that_claims_another_type_is_found_out_and_one_that_claims_nothing_is_not() {
        assert!(name_agrees("letter.PDF", "application/pdf"));
        assert!(name_agrees("voice.m4a", "audio/m4a") && name_agrees("voice.m4a", "video/mp4"));
        assert!(name_agrees("letter", "application/pdf") && name_agrees("letter.scan", "image/png"));
        assert!(!name_agrees("letter.pdf", "application/vnd.microsoft.portable-executable"));
        assert!(!name_agrees("photo.jpg", "text/html"));
        assert!(!name_agrees("photo.jpg", BYTES));
    }
}
