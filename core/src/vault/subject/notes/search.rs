//! Search by reading: every word must stand in the note, in its date, or in the client's name, both sides folded.

use jiff::civil::Date;

use crate::fold::{self, fold};
use crate::id::{ClientId, NoteId};
use crate::rows::RowError;
use crate::vault::read::ReadError;
use crate::vault::subject::Notes;

/// Characters shown before and after what was found.
const CONTEXT: usize = 60;

/// A note in which all words were found.
#[derive(Clone, PartialEq, Eq)]
pub struct Hit {
    /// Whose note it is.
    pub client: ClientId,
    /// The note.
    pub note: NoteId,
    /// Day of the session.
    pub date: Date,
    /// What stands around the first word.
    pub context: String,
}

impl std::fmt::Debug for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hit")
    }
}

impl Notes<'_> {
    /// Notes in which every word of the query stands, newest first; private notes are not looked at. Stops when `cancel`
    /// says so, with what it has.
    pub fn search(&self, query: &str, most: usize, cancel: &dyn Fn() -> bool) -> Result<Vec<Hit>, ReadError> {
        let mut hits = Vec::new();
        for row in self.core.read().clients() {
            if cancel() {
                break;
            }
            hits.extend(self.search_client(&row.id, query)?);
        }
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.date));
        hits.truncate(most);
        Ok(hits)
    }

    /// As [`Self::search`], in the notes of one client: what a caller does that must answer something else in between.
    pub fn search_client(&self, id: &ClientId, query: &str) -> Result<Vec<Hit>, ReadError> {
        let words: Vec<String> = query.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
        let mut hits = Vec::new();
        if let Some(row) = self.core.read().documents().client(id).ok().filter(|_| !words.is_empty()) {
            for note in self.core.read().whole_timeline(&row.id)?.notes {
                let view = match self.core.read().documents().note(&note.id) {
                    Ok(view) => view,
                    // A note that cannot be read must not hide the others; the check of the practice names it.
                    Err(ReadError::Row(RowError::Damaged | RowError::KeyNotHere) | ReadError::NoSuchNote) => continue,
                    Err(error) => return Err(error),
                };
                let (content, name) = (view.content, &row.name);
                let about = format!("{name} {} {} {}", content.date, content.format, content.tags.join(" "));
                let mut text = content.text;
                for addendum in view.signed.iter().filter(|version| version.adds_to.is_some()) {
                    text.push('\n');
                    text.push_str(&addendum.content.text);
                }
                let (said, about) = (fold(&text), fold(&about));
                if words.iter().all(|word| said.contains(word) || about.contains(word)) {
                    let first = words.iter().find(|word| said.contains(*word));
                    let context = context(&text, first.map_or("", String::as_str));
                    hits.push(Hit { client: row.id, note: note.id, date: note.date, context });
                }
            }
        }
        Ok(hits)
    }
}

/// What stands around the first place where a folded word is found, on one line.
fn context(text: &str, word: &str) -> String {
    let found = fold::find(text, word).unwrap_or(0..0);
    let around = |text: &str| text.replace(char::is_whitespace, " ");
    let (ahead, behind) = (text.get(..found.start).unwrap_or_default(), text.get(found.end..).unwrap_or_default());
    let from = ahead.char_indices().rev().nth(CONTEXT.saturating_sub(1)).map_or(0, |(at, _)| at);
    let to = behind.char_indices().nth(CONTEXT).map_or(behind.len(), |(at, _)| at);
    let middle = text.get(from..found.end + to).unwrap_or_default();
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < behind.len() { "…" } else { "" });
    format!("{before}{}{after}", around(middle).trim())
}

#[cfg(test)]
mod tests {
    use super::context;

    #[test]
    fn the_context_shows_the_word_whatever_its_case_and_however_long_the_note() {
        let text = format!("{}Sleeps\nbetter{}", "a ".repeat(100), " z".repeat(100));
        let shown = context(&text, "sleeps");
        assert!(shown.contains("Sleeps better") && shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert_eq!(context("Ärger im İstanbul", "ärger"), "Ärger im İstanbul");
        let text = format!("{}mother‑in‑law{}", "ä ".repeat(100), " ö".repeat(100));
        assert!(context(&text, "mother-in-law").contains("ä mother‑in‑law ö"));
        assert_eq!(context("", "word"), "");
    }
}
