//! What changed between two versions of a note or of a client's particulars, for people to read; a text word by word.

use std::fmt;

use subrosa_record::{Identity, NoteContent};

use crate::Fields;
use crate::fields;
use crate::splice::text_pieces;
pub use crate::splice::{Became, Piece};

/// A field that changed. `Debug` prints no value.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name: `date`, `minutes`, `format` …; a tag is `tag.` and itself.
    pub name: String,
    /// What it said before; `None` where it did not exist.
    pub before: Option<String>,
    /// What it says after; `None` where it is gone.
    pub after: Option<String>,
}

/// All that changed from one version to another.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// Fields that changed, by name.
    pub fields: Vec<FieldChange>,
    /// The text: the pieces kept and removed are the earlier one, those kept and added the later.
    pub text: Vec<Piece>,
}

impl Difference {
    /// From one version to another.
    pub fn between(before: &NoteContent, after: &NoteContent) -> Self {
        let ((old, old_text), (new, new_text)) = (fields::of_note(before), fields::of_note(after));
        Self { fields: changed_fields(&old, &new), text: text_pieces(&old_text, &new_text) }
    }

    /// Words that were added, and words that were removed.
    pub fn words(&self) -> (usize, usize) {
        let count = |became| {
            let pieces = self.text.iter().filter(|piece| piece.became == became);
            pieces.map(|piece| piece.text.split_whitespace().count()).sum()
        };
        (count(Became::Added), count(Became::Removed))
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.text.iter().all(|piece| piece.became == Became::Kept)
    }
}

/// The particulars of a client that changed, by name: `birth_date`, `phone` …; what an import brought is `other.` and its name.
pub fn changed_particulars(before: &Identity, after: &Identity) -> Vec<FieldChange> {
    changed_fields(&fields::of_identity(before), &fields::of_identity(after))
}

fn changed_fields(old: &Fields, new: &Fields) -> Vec<FieldChange> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name)).map(|name| FieldChange {
        name: name.clone(),
        before: old.get(name).cloned(),
        after: new.get(name).cloned(),
    });
    changed.collect()
}

macro_rules! prints_its_name_alone {
    ($($what:ident)*) => {$(
        impl fmt::Debug for $what {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($what))
            }
        }
    )*};
}

prints_its_name_alone!(Piece FieldChange Difference);

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn note(text: &str) -> NoteContent {
        NoteContent { text: text.to_owned(), ..NoteContent::empty(date(2026, 3, 10)) }
    }

    fn side(difference: &Difference, without: Became) -> String {
        let pieces = difference.text.iter().filter(|piece| piece.became != without);
        pieces.map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn whole_words_are_added_and_removed_and_fields_are_named() {
        let before = NoteContent { minutes: Some(45), ..note("She slept badly on Sunday.") };
        let after = NoteContent { tags: vec!["sleep".into()], ..note("She slept well on Sunday.") };
        let difference = Difference::between(&before, &after);
        let shown: Vec<(Became, &str)> =
            difference.text.iter().map(|piece| (piece.became, piece.text.trim())).collect();
        let (kept, added, removed) = (Became::Kept, Became::Added, Became::Removed);
        assert_eq!(shown, [(kept, "She slept"), (removed, "badly"), (added, "well"), (kept, "on Sunday.")]);
        let fields: Vec<&str> = difference.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!((fields, difference.words()), (vec!["minutes", "tag.sleep"], (1, 1)));
        assert!(Difference::between(&before, &before).is_empty());
    }

    proptest! {
        #[test]
        fn the_pieces_give_both_texts_back(before in "[a-c é👨‍👩‍👧\n]{0,60}", after in "[a-c é👨‍👩‍👧\n]{0,60}") {
            let difference = Difference::between(&note(&before), &note(&after));
            prop_assert_eq!(side(&difference, Became::Added), before);
            prop_assert_eq!(side(&difference, Became::Removed), after);
        }
    }
}
