//! What a file in a backup may be called.

use crate::archive::LONGEST_NAME;

/// Whether a file can have this name: folders that go nowhere but down, letters that every system has.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
    name.len() <= LONGEST_NAME && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        for name in ["", "/etc", "a/../b", "..", "a//b", "a\\b", "a b", "ä", "c:x"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_name("practice/logs/0a-0") && is_name("clients/~0a/record.md"));
    }
}
