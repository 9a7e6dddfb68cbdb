//! Where the therapist was when the window locked or closed, so that unlocking comes back there: client, note, caret,
//! scroll, and the steps of undo.
//!
//! It lies in the practice as one sealed row of this device. Nothing of a private note is in it: that row opens with
//! less than such a note asks for. The steps are kept as what differs from one text to the next, at most 256 KiB of
//! them, and come back only over the very text that they lead to: undoing must never take away what another device
//! wrote meanwhile.

use serde::{Deserialize, Serialize};
use subrosa_core::id::{ClientId, Hash, NoteId};
use subrosa_core::kdf;

use crate::values::note_ref::NoteRef;

/// Steps that are kept, the newest.
const MOST_STEPS: usize = 100;
/// Bytes of all that differs, and of none of the texts in full.
const MOST_BYTES: usize = 256 << 10;

/// An earlier state of the text: what undo goes back to.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Earlier {
    /// The text.
    pub text: String,
    /// Where the caret stood, and where what was selected began, in characters.
    pub caret: (usize, usize),
}

/// What is known at the moment of leaving.
#[derive(Clone)]
pub struct Leaving {
    /// The client whose page was shown.
    pub client: ClientId,
    /// The note that was being written.
    pub note: Option<NoteRef>,
    /// Where the caret stood in it, in characters.
    pub caret: usize,
    /// How far the page was scrolled, in points.
    pub scroll: f32,
    /// The text, as it was left.
    pub text: String,
    /// What undo goes back to, the newest first.
    pub earlier: Vec<Earlier>,
}

/// The same, to be sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Resume {
    /// The client whose page was shown.
    pub client: ClientId,
    /// The note that was being written.
    note: Option<NoteId>,
    /// It was the unsigned addendum of that note.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    late: bool,
    /// Where the caret stood in it, in characters.
    pub caret: usize,
    /// How far the page was scrolled, in points.
    pub scroll: f32,
    /// The steps of undo.
    pub steps: Steps,
}

impl From<Leaving> for Resume {
    fn from(leaving: Leaving) -> Self {
        let steps = Steps::of(&leaving.text, &leaving.earlier);
        Self {
            client: leaving.client,
            note: leaving.note.map(NoteRef::id),
            late: matches!(leaving.note, Some(NoteRef::LateAddendum(_))),
            caret: leaving.caret,
            scroll: leaving.scroll,
            steps,
        }
    }
}

impl Resume {
    /// The note that was being written.
    pub fn note(&self) -> Option<NoteRef> {
        self.note.map(|id| if self.late { NoteRef::LateAddendum(id) } else { NoteRef::Note(id) })
    }
}

/// Steps of undo, each as what it changes in the text that came after it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Steps {
    /// The text that they lead to, by its hash.
    to: Hash,
    /// The newest first.
    back: Vec<UndoStep>,
}

#[derive(Clone, Serialize, Deserialize)]
struct UndoStep {
    /// Bytes at the beginning that stay.
    head: usize,
    /// Bytes at the end that stay.
    tail: usize,
    /// What stands between them.
    between: String,
    caret: (usize, usize),
}

impl Steps {
    /// The steps that lead back from `text`.
    pub fn of(text: &str, earlier: &[Earlier]) -> Self {
        let mut back = Vec::new();
        let (mut later, mut room) = (text, MOST_BYTES);
        for state in earlier.iter().take(MOST_STEPS) {
            let step = UndoStep::between(later, state);
            let Some(left) = room.checked_sub(step.between.len()) else { break };
            (room, later) = (left, &state.text);
            back.push(step);
        }
        Self { to: kdf::sha256(text.as_bytes()), back }
    }

    /// What undo goes back to from `text`, the newest first; nothing over any other text than the one that was left.
    pub fn over(&self, text: &str) -> Vec<Earlier> {
        if self.to != kdf::sha256(text.as_bytes()) {
            return Vec::new();
        }
        let mut earlier: Vec<Earlier> = Vec::with_capacity(self.back.len());
        for step in &self.back {
            let later = earlier.last().map_or(text, |state| &state.text);
            let Some(state) = step.back_from(later) else { break };
            earlier.push(state);
        }
        earlier
    }
}

impl UndoStep {
    fn between(later: &str, state: &Earlier) -> Self {
        let same = |(a, b): &(char, char)| a == b;
        let head: usize =
            later.chars().zip(state.text.chars()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
        let (rest, own) = (later.get(head..).unwrap_or_default(), state.text.get(head..).unwrap_or_default());
        let tail: usize =
            rest.chars().rev().zip(own.chars().rev()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
        let between = own.get(..own.len() - tail).unwrap_or_default().to_owned();
        Self { head, tail, between, caret: state.caret }
    }

    /// `None` when it does not fit: then nothing earlier can be known either.
    fn back_from(&self, later: &str) -> Option<Earlier> {
        let from = later.len().checked_sub(self.tail).filter(|from| *from >= self.head)?;
        let text = [later.get(..self.head)?, &self.between, later.get(from..)?].concat();
        Some(Earlier { text, caret: self.caret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(texts: &[&str]) -> Vec<Earlier> {
        texts.iter().map(|text| Earlier { text: (*text).to_owned(), caret: (text.len(), 0) }).collect()
    }

    #[test]
    fn the_steps_lead_back_through_every_text() {
        let earlier = states(&["slept wéll", "slept", "", "äöå 佐藤", "äö 佐藤 الهاشمي"]);
        let steps = Steps::of("slept wéll and long", &earlier);
        let sealed = serde_json::to_vec(&steps).unwrap();
        let steps: Steps = serde_json::from_slice(&sealed).unwrap();
        assert!(steps.over("slept wéll and long") == earlier);
    }

    #[test]
    fn over_another_text_there_is_nothing_to_undo() {
        let steps = Steps::of("slept well", &states(&["slept"]));
        assert!(steps.over("slept well. From the laptop").is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_newest_is_kept() {
        let long = "x".repeat(MOST_BYTES / 3);
        let texts: Vec<String> = (0..9).map(|number| format!("{number}{long}{number}")).collect();
        let earlier = states(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let steps = Steps::of("now", &earlier);
        assert!(serde_json::to_vec(&steps).unwrap().len() < 2 * MOST_BYTES);
        let kept = steps.over("now");
        assert!(!kept.is_empty() && kept.len() < earlier.len());
        assert!(kept.iter().zip(&earlier).all(|(kept, earlier)| kept == earlier));
    }

    #[test]
    fn steps_that_were_damaged_end_where_they_no_longer_fit() {
        let mut steps = Steps::of("slept well", &states(&["slept", "sl"]));
        steps.back[1].head = 900;
        assert_eq!(steps.over("slept well").len(), 1);
    }
}
