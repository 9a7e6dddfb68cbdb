//! Objects: their names, and how long and how many they may be.

/// No object is longer: 16 MiB, and room for what goes around it.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024 + 64 * 1024;
/// No more names are listed.
pub const MOST_OBJECTS: usize = 200_000;

/// Hexadecimal digits before the hyphen, and after it.
const BEFORE: usize = 16;
const AFTER: usize = 64;
/// Letters of the word behind the dot.
const WORD: usize = 16;

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its name, of the form that [`is_name`] knows.
    pub name: String,
    /// How many bytes it has, as the place says.
    pub len: u64,
}

/// Whether this is the name of an object: `<16 hex>-<64 hex>.<word>`, hexadecimal digits and letters small ones, and of the
/// word 1 to 16. Everything else in a folder is somebody else's.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let Some((numbers, word)) = name.split_once('.') else { return false };
    let Some((before, after)) = numbers.split_once('-') else { return false };
    let is_hex = |part: &str, long: usize| {
        part.len() == long && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    is_hex(before, BEFORE)
        && is_hex(after, AFTER)
        && (1..=WORD).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_lowercase())
}
