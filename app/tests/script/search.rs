//! What a script finds.

use subrosa::features::search::values::Hit;
use subrosa::values::page::OpenNote;

use super::Scripted;

impl Scripted {
    pub(super) fn hits(&self, query: &str) -> Vec<Hit> {
        let notes = self.notes.values().flatten();
        let hit = |note: &OpenNote| {
            let at = note.content.text.find(query)?;
            let name = self.clients.iter().find(|row| row.id == note.client)?.name.clone();
            let (before, rest) = note.content.text.split_at(at);
            let (found, after) = rest.split_at(query.len());
            Some(Hit {
                client: note.client,
                name,
                note: Some(note.card.id.id()),
                date: Some(note.card.date),
                before: before.lines().last().unwrap_or_default().into(),
                found: found.into(),
                after: after.lines().next().unwrap_or_default().into(),
            })
        };
        notes.filter_map(hit).collect()
    }
}
