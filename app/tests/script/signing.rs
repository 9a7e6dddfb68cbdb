//! Signatures of a script: shown, made, and taken back.

use jiff::civil::DateTime;
use subrosa::features::signing::messages::{SigningEffect, SigningEvent};
use subrosa::features::signing::values::{Pending, Preview};
use subrosa::messages::Event;
use subrosa::values::note_ref::NoteRef;
use subrosa::values::page::NoteState;

use super::Scripted;

impl Scripted {
    pub(super) fn signs(&mut self, effect: SigningEffect) -> Vec<Event> {
        match effect {
            SigningEffect::Preview(note) => self.preview(note).into_iter().collect(),
            SigningEffect::Sign(note) => self.sign(note),
            SigningEffect::TakeBack(note) => {
                self.change(note, |open| open.card.state = NoteState::Unsigned);
                vec![Event::Signing(SigningEvent::TakenBack(note))]
            }
            _ => Vec::new(),
        }
    }

    fn sign(&mut self, note: NoteRef) -> Vec<Event> {
        self.change(note, |open| {
            open.card.state = NoteState::Signed { at: DateTime::constant(2026, 11, 21, 15, 3, 0, 0) }
        });
        let found = self.find(note).map(|open| (open.client, open.card.date));
        let pending =
            |(client, date)| Event::Signing(SigningEvent::Waiting(Pending { note, client, date, for_ms: 60_000 }));
        found.map(pending).into_iter().collect()
    }

    fn preview(&self, note: NoteRef) -> Option<Event> {
        let open = self.find(note)?;
        let client = self.clients.iter().find(|row| row.id == open.client)?.name.clone();
        let words = u64::try_from(open.content.text.split_whitespace().count()).ok()?;
        let (date, minutes) = (open.content.date, open.content.minutes);
        Some(Event::Signing(SigningEvent::Preview(Box::new(Preview {
            note,
            client,
            date,
            minutes,
            words,
            doubts: Vec::new(),
        }))))
    }
}
