//! Names of objects: `tag-hash.word`, in lower-case hexadecimal. Whatever else lies in the folder is nobody's.

use std::fmt;

use crate::id::{ObjectHash, WriterTag};

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    Batch,
    Statement,
}

impl Word {
    const ALL: [Self; 2] = [Self::Batch, Self::Statement];

    const fn text(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Statement => "state",
        }
    }
}

/// The name of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ObjectName {
    pub(super) tag: WriterTag,
    pub(super) hash: ObjectHash,
    pub(super) word: Word,
}

impl ObjectName {
    /// Reads one; `None` for a name of another form: a conflicted copy, a temporary file.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (tag, rest) = name.split_once('-')?;
        let (hash, word) = rest.split_once('.')?;
        let word = Word::ALL.into_iter().find(|known| known.text() == word)?;
        Some(Self { tag: WriterTag(bytes(tag)?), hash: ObjectHash(bytes(hash)?), word })
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.tag.0, f)?;
        f.write_str("-")?;
        hex(&self.hash.0, f)?;
        write!(f, ".{}", self.word.text())
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_and_one_of_any_other_form_is_nobodys() {
        for word in Word::ALL {
            let name = ObjectName { tag: WriterTag([0xa7; 8]), hash: ObjectHash([0x0e; 32]), word };
            let text = name.to_string();
            assert_eq!(ObjectName::parse(&text), Some(name));
            for other in [
                text.to_uppercase(),
                format!("{text}#1"),
                format!("{text}.tmp"),
                format!(".{text}"),
                text.replace('.', " (conflicted copy)."),
                text.replacen("a7", "", 1),
                text.replacen("0e", "0g", 1),
                text.replace('-', "é"),
                String::new(),
            ] {
                assert_eq!(ObjectName::parse(&other), None, "{other}");
            }
        }
    }
}
