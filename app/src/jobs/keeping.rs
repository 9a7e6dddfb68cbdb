//! Signatures, versions, the trash, notes on the wrong client, records of one person.

use std::cmp::Reverse;

use subrosa_core::difference::{Became, Difference, FieldChange};
use subrosa_core::id::{ClientId, DeviceId, DocId, NoteId};
use subrosa_core::log::DocType;
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{Made, Many, NoteVersion, TAKE_BACK_FOR, TrashRow, Vault, VaultError, empty_note};

use crate::effect::{Effect, Job};
use crate::event::Event;
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::notes::show;
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::kept::{Change, Held, Pending, Preview, Trash, Trashed, Version};
use crate::{practice, words};

impl Worker {
    pub(super) fn keep(&mut self, effect: Effect) -> Outcome {
        // What is signed, moved or deleted takes its last words along.
        self.save_unsaved();
        match effect {
            Effect::PreviewSignature(note) => self.preview(&note),
            Effect::Sign(note) => self.sign(&note),
            Effect::TakeBack(note) => self.take_back(&note),
            Effect::LoadHistory(note) => self.history(&note),
            Effect::LoadTrash => self.trash(),
            Effect::ShowPrivateTrash { passphrase } => {
                self.ask_again(&passphrase)?;
                self.trash()
            }
            Effect::Delete(id) => self.delete(id),
            Effect::Undelete(id) => self.undelete(&id),
            Effect::AnswerHeld { device, apply } => self.answer_held(&device, apply),
            Effect::MoveNote { note, to, why } => self.move_note(&note, &to, &why),
            Effect::MergeClients { from, into } => self.merge(&from, &into),
            Effect::UnmergeClient(client) => self.unmerge(&client),
            Effect::InError { note, why } => self.in_error(&note, why),
            other => self.share(other),
        }
    }

    /// What is on the screen is what will be signed. When another device has written in it meanwhile, that is shown first.
    fn preview(&mut self, note: &NoteId) -> Outcome {
        if let Some(mut editing) = self.editing.take().filter(|editing| editing.is_of(note)) {
            let merged = self.with(|vault| editing.offer(vault));
            self.editing = Some(editing);
            if let Ok(Some(merged)) = merged {
                self.answers.send(merged);
                return Err(Failure::Sentence(words::CHANGED_MEANWHILE.to_owned()));
            }
        }
        let shown = self.with(|vault| vault.sign_preview(&real(vault, note)?))?;
        let preview = Preview {
            note: *note,
            client: shown.client_name.clone(),
            date: shown.date,
            minutes: shown.minutes,
            words: u64::try_from(shown.words).unwrap_or(u64::MAX),
        };
        self.preview = Some((*note, shown));
        Ok(Some(Event::SignPreview(Box::new(preview))))
    }

    fn sign(&mut self, note: &NoteId) -> Outcome {
        let Some((_, shown)) = self.preview.take().filter(|(of, _)| of == note) else {
            return Err(Failure::Sentence(words::CHANGED_MEANWHILE.to_owned()));
        };
        self.with(|vault| vault.sign_later(&shown, practice::now()))?;
        self.shown_as.insert(shown.note, *note);
        self.tell_devices();
        let pending = Pending { note: *note, client: shown.client, date: shown.date, for_ms: TAKE_BACK_FOR };
        Ok(Some(Event::Signing(pending)))
    }

    fn take_back(&mut self, note: &NoteId) -> Outcome {
        self.with(|vault| {
            let id = real(vault, note)?;
            vault.take_back_signature(&id)
        })?;
        Ok(Some(Event::TakenBack(*note)))
    }

    /// Makes the signatures whose time is over; all of them when something leaves that they belong into.
    pub(super) fn settle(&mut self, all: bool) {
        let now = practice::now().saturating_add(if all { TAKE_BACK_FOR } else { 0 });
        let settled = self
            .with(|vault| if vault.being_signed().is_empty() { Ok(Vec::new()) } else { vault.settle_signatures(now) });
        let Ok(settled) = settled else { return };
        let any = !settled.is_empty();
        for one in settled {
            let shown = self.shown_as.remove(&one.note).unwrap_or(one.note);
            match one.outcome {
                Ok(_) => self.answers.send(Event::Signed(shown)),
                Err(error) => {
                    self.answers.send(Event::TakenBack(shown));
                    self.answers.send(Event::Failed(Job::Sign, error.to_string()));
                }
            }
        }
        if any {
            self.tell_devices();
        }
    }

    fn history(&self, note: &NoteId) -> Outcome {
        self.with(|vault| {
            let versions = vault.history(&real(vault, note)?)?;
            let mut shown = Vec::with_capacity(versions.len());
            let mut before: Option<&NoteContent> = None;
            for one in &versions {
                shown.push(version(before, one));
                if let Made::Written | Made::Imported | Made::Late = one.made {
                    before = Some(&one.content);
                }
            }
            shown.reverse();
            Ok(Some(Event::Versions(*note, shown)))
        })
    }

    /// Private notes are in it only while the passphrase has just been given.
    fn trash(&self) -> Outcome {
        self.with(|vault| {
            let now = practice::now();
            let private = vault.again_until().is_some();
            let apart = if private { vault.process_trash(now)? } else { Vec::new() };
            let all = vault.trash(now).into_iter().map(|row| (false, row));
            let mut all: Vec<_> = all.chain(apart.into_iter().map(|row| (true, row))).collect();
            all.sort_by_key(|(_, row)| Reverse(row.deleted_at));
            let held = vault.held_deletions().into_iter().map(|row| Held {
                device: row.device,
                name: row.device_name,
                clients: count(row.clients),
                notes: count(row.notes),
                others: count(row.others),
            });
            let rows = all.into_iter().map(|(private, row)| trashed(private, row)).collect();
            Ok(Some(Event::Trash(Trash { rows, held: held.collect(), private })))
        })
    }

    fn delete(&mut self, id: DocId) -> Outcome {
        self.with(|vault| vault.delete(&[id], Many::Refuse, practice::now()))?;
        self.tell_devices();
        Ok(Some(Event::Deleted(id)))
    }

    fn undelete(&mut self, id: &DocId) -> Outcome {
        let client = self.with(|vault| {
            vault.undelete(id)?;
            Ok(vault.client(id).is_ok())
        })?;
        self.tell_devices();
        self.answers.send(Event::Undeleted(*id, client));
        self.trash()
    }

    fn answer_held(&mut self, device: &DeviceId, apply: bool) -> Outcome {
        self.with(
            |vault| {
                if apply { vault.apply_held_deletions(device) } else { vault.refuse_held_deletions(device) }
            },
        )?;
        self.tell_devices();
        self.trash()
    }

    fn move_note(&mut self, note: &NoteId, to: &ClientId, why: &str) -> Outcome {
        let why = if why.is_empty() { words::WHY_HINT } else { why };
        let there = self.with(|vault| vault.move_note(note, to, why, practice::now()))?;
        self.tell_devices();
        Ok(Some(Event::Moved(*to, Some(there))))
    }

    fn merge(&mut self, from: &ClientId, into: &ClientId) -> Outcome {
        self.with(|vault| vault.merge_clients(from, into, practice::now()))?;
        self.tell_devices();
        Ok(Some(Event::Moved(*into, None)))
    }

    fn unmerge(&mut self, client: &ClientId) -> Outcome {
        self.with(|vault| vault.unmerge_client(client, practice::now()))?;
        self.tell_devices();
        Ok(Some(Event::Unmerged(*client)))
    }

    fn in_error(&mut self, note: &NoteId, why: String) -> Outcome {
        self.settle(true);
        let open = self.with(|vault| {
            let content = NoteContent { text: why, ..empty_note(practice::today()) };
            vault.mark_entered_in_error(note, None, content, practice::now())?;
            show(vault, note)
        })?;
        self.tell_devices();
        Ok(Some(Event::NoteOpened(Box::new(open))))
    }
}

/// The note that the window's id names: another device's text that waits as an addendum goes by an id of its own there.
fn real(vault: &Vault, note: &NoteId) -> Result<NoteId, VaultError> {
    match vault.note(note) {
        Err(VaultError::NoSuchNote) => Ok(rows::late_id(note)),
        view => view.map(|view| view.id),
    }
}

fn version(before: Option<&NoteContent>, one: &NoteVersion) -> Version {
    let (what, hash) = match one.made {
        Made::Imported => (words::WAS_IMPORTED, None),
        Made::Written => (words::WAS_WRITTEN, None),
        Made::Signed(hash) => (words::WAS_SIGNED, Some(hash)),
        Made::Addendum(hash, _) => (words::WAS_ADDED, Some(hash)),
        Made::EnteredInError(hash, _) => (words::WAS_IN_ERROR, Some(hash)),
        Made::Late => (words::WAS_LATE, None),
        _ => (words::WAS_OTHER, None),
    };
    // A signed text stands for itself; only drafts are compared with what came before.
    let compared = before.filter(|_| hash.is_none()).map(|before| Difference::between(before, &one.content));
    // Before the first version there was nothing: every word of it came in.
    let all = || (one.content.text.split_whitespace().count(), 0);
    let words = compared.as_ref().map_or_else(all, Difference::words);
    let (fields, text) = match compared {
        None => (Vec::new(), vec![(Change::Kept, one.content.text.clone())]),
        Some(difference) => (
            before.map(|before| fields(difference.fields, before, &one.content)).unwrap_or_default(),
            difference.text.into_iter().map(|piece| (change(piece.became), piece.text)).collect(),
        ),
    };
    Version {
        what,
        at: one.at.map(rows::wall),
        who: one.device_name.clone(),
        words: (count(words.0), count(words.1)),
        fields,
        text,
        fingerprint: hash.map(|hash| hash.to_string()),
    }
}

/// What changed beside the text, as a therapist knows it: the tags are one line.
fn fields(changed: Vec<FieldChange>, before: &NoteContent, after: &NoteContent) -> Vec<(String, String, String)> {
    let (tags, others): (Vec<_>, Vec<_>) = changed.into_iter().partition(|field| field.name.starts_with("tag."));
    let said =
        |value: Option<String>| value.filter(|value| !value.is_empty()).unwrap_or_else(|| words::NOT_GIVEN.to_owned());
    let line = |field: FieldChange| {
        // A start is written to the minute.
        let brief = |value: Option<String>| match value {
            Some(time) if field.name == "start" => Some(time.strip_suffix(":00").unwrap_or(&time).to_owned()),
            other => other,
        };
        let (before, after) = (brief(field.before), brief(field.after));
        (words::field_name(&field.name).to_owned(), said(before), said(after))
    };
    let mut lines: Vec<_> = others.into_iter().map(line).collect();
    if !tags.is_empty() {
        let all = |content: &NoteContent| said(Some(content.tags.join(", ")));
        lines.push((words::TAGS.to_owned(), all(before), all(after)));
    }
    lines
}

fn trashed(private: bool, row: TrashRow) -> Trashed {
    // How a private note begins stands on its page alone.
    let shown = if row.kind == DocType::ProcessNote { String::new() } else { row.words };
    Trashed {
        id: row.id,
        kind: kind(row.kind),
        private,
        client: row.client_name,
        date: row.date,
        words: shown,
        at: rows::wall(row.deleted_at),
        device: row.device_name,
        days_left: row.days_left,
        along: count(row.along),
    }
}

fn change(became: Became) -> Change {
    match became {
        Became::Kept => Change::Kept,
        Became::Added => Change::Added,
        Became::Removed => Change::Removed,
    }
}

fn kind(kind: DocType) -> &'static str {
    match kind {
        DocType::Client => words::A_CLIENT,
        DocType::Note => words::A_NOTE,
        DocType::ProcessNote => words::PRIVATE_NOTE,
        DocType::Measures => words::A_MEASURE,
        DocType::File => words::A_FILE,
        _ => words::SOMETHING,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn changed_fields_are_named_as_a_therapist_knows_them_and_tags_are_one_line() {
        let before = NoteContent { minutes: Some(50), tags: vec!["work".into()], ..empty_note(date(2026, 3, 10)) };
        let after = NoteContent {
            minutes: Some(60),
            start: Some(time(14, 30, 0, 0)),
            session: Some(4),
            format: "SOAP".into(),
            tags: vec!["sleep".into(), "work".into()],
            other: [("Room".to_owned(), "2".to_owned()), ("tag.x".to_owned(), "y".to_owned())].into(),
            ..before.clone()
        };
        let lines: Vec<String> = fields(Difference::between(&before, &after).fields, &before, &after)
            .iter()
            .map(|(name, before, after)| words::field_changed(name, before, after))
            .collect();
        let expected = [
            "Room: not given → 2",
            "Template: not given → SOAP",
            "Minutes: 50 → 60",
            "tag.x: not given → y",
            "Session number: not given → 4",
            "Start: not given → 14:30",
            "Tags: work → sleep, work",
        ];
        assert_eq!(lines, expected);
        assert_eq!(fields(Difference::between(&before, &before).fields, &before, &before), []);
    }
}
