//! The versions of a note, each with what it changed.

use subrosa_core::difference::Difference;
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{CONTINUES, Made, NoteVersion, empty_note};

/// A version of a note, and what it changed.
pub(crate) struct ComparedVersion {
    pub(crate) version: NoteVersion,
    /// What the note said before; `None` of what stands for itself: the first version, what was signed, what is added to that.
    pub(crate) before: Option<NoteContent>,
    /// What changed since then, or since there was nothing.
    pub(crate) changed: Difference,
}

impl ComparedVersion {
    /// Whether the note was begun here in place of one that took no more.
    pub(crate) fn is_begun_anew(&self) -> bool {
        self.before.is_none()
            && self.version.made == Made::Written
            && self.version.content.other.contains_key(CONTINUES)
    }
}

/// Compares each version with the one that it goes on from, oldest first.
pub(crate) fn compared(versions: Vec<NoteVersion>) -> Vec<ComparedVersion> {
    let mut last: Option<NoteContent> = None;
    let compare = |version: NoteVersion| {
        let content = &version.content;
        let goes_on = matches!(version.made, Made::Imported | Made::Written);
        let before = if goes_on { last.replace(content.clone()) } else { None };
        let nothing = || match version.made {
            // Only the text is its own, not what stands around it.
            Made::Addendum(..) | Made::EnteredInError(..) | Made::Late => {
                NoteContent { text: String::new(), ..content.clone() }
            }
            _ => empty_note(content.date),
        };
        let changed = Difference::between(&before.clone().unwrap_or_else(nothing), content);
        ComparedVersion { version, before, changed }
    };
    versions.into_iter().map(compare).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use subrosa_core::id::Hash;

    use super::*;

    #[test]
    fn what_is_written_goes_on_from_what_was_and_what_is_signed_or_added_stands_for_itself() {
        let (of, to) = (Hash([1; 32]), Hash([2; 32]));
        let version = |(made, text): (Made, &str)| {
            let content = NoteContent { text: text.into(), minutes: Some(50), ..empty_note(date(2026, 3, 10)) };
            NoteVersion { made, device: None, device_name: None, from: None, at: None, content }
        };
        let told = |versions: &[(Made, &str)]| -> Vec<_> {
            let compared = compared(versions.iter().copied().map(version).collect());
            compared.iter().map(|one| (one.before.is_some(), one.changed.words(), one.changed.fields.len())).collect()
        };
        let written = [(Made::Imported, "One two"), (Made::Written, "One two three"), (Made::Written, "One two")];
        assert_eq!(told(&written), [(false, (2, 0), 1), (true, (1, 0), 0), (true, (0, 1), 0)]);
        let signed = [
            (Made::Signed(of), "One two"),
            (Made::Signed(to), "One two"),
            (Made::Addendum(of, to), "Three"),
            (Made::EnteredInError(of, to), "Not so"),
            (Made::Late, "Four five"),
        ];
        let alone = [(2, 1), (2, 1), (1, 0), (2, 0), (2, 0)].map(|(words, fields)| (false, (words, 0), fields));
        assert_eq!(told(&signed), alone);
    }
}
