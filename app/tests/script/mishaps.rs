//! What goes wrong in a scripted practice: damage, and devices that are gone.

use std::path::PathBuf;

use jiff::civil::Date;
use subrosa::check::{Check, GivenBack, Repaired, Touched};
use subrosa::effect::{Job, KitSource};
use subrosa::event::{DeviceRow, Event, InMemory, OpenNote, Refusal};
use subrosa::removed::{Apart, RemovedDevice};
use subrosa_core::id::{DeviceId, NoteId};
use subrosa_core::record::NoteContent;

use super::{Scripted, TODAY, fits};

impl Scripted {
    pub(super) fn salvage(&mut self, opens: bool, backup: Option<(PathBuf, KitSource)>) -> Vec<Event> {
        if backup.as_ref().is_some_and(|(_, kit)| !fits(kit)) {
            return vec![Event::Failed(Job::Salvage, "This recovery kit does not open this backup.".into())];
        }
        if !opens {
            return vec![Event::Refused(Job::Salvage, Refusal::WrongPassphrase)];
        }
        if self.too_little {
            return vec![Event::Failed(Job::Salvage, subrosa::words::NOTHING_TO_SALVAGE.into())];
        }
        self.damaged = false;
        let given_back = backup.is_some().then_some(GivenBack { changes: 3, parts: 0 });
        let lacking = if backup.is_some() { 0 } else { 3 };
        let repaired =
            Repaired { new_file: true, unread: 4, made_again: 12, lacking, given_back, ..Repaired::default() };
        let mut check = check();
        check.touched.extend(self.clients.first().map(|row| Touched {
            client: row.id,
            days: vec![TODAY, Date::constant(2026, 11, 14)],
            person: true,
        }));
        if backup.is_some() {
            (check.damaged, check.touched) = (Vec::new(), Vec::new());
        }
        let opened = Event::Unlocked(Box::new(self.opened()));
        vec![opened, Event::Repaired(repaired), Event::Checked(Box::new(check))]
    }

    /// What cannot be saved is not lost either.
    pub(super) fn keep_in_memory(&mut self, note: NoteId, content: NoteContent) -> Vec<Event> {
        self.unsaved.insert(note, content);
        let waits = Event::InMemory(InMemory { notes: self.unsaved.len(), private: 0 });
        vec![waits, Event::Failed(Job::Save, "The disk is full.".into())]
    }

    /// A note as it was last typed.
    pub(super) fn newest(&self, note: &OpenNote) -> OpenNote {
        let content = self.unsaved.get(&note.card.id).unwrap_or(&note.content).clone();
        OpenNote { content, ..note.clone() }
    }

    /// There is room again on the disk, and what waited for it is saved.
    pub(crate) fn make_room(&mut self) {
        self.full = false;
        for (note, content) in std::mem::take(&mut self.unsaved) {
            self.save(note, content, 0);
        }
        self.say(Event::InMemory(InMemory::default()));
    }

    pub(super) fn told_devices(&self) -> Event {
        Event::Devices(self.devices.clone(), self.removed.clone())
    }

    pub(super) fn remove(&mut self, device: DeviceId, opens: bool) -> Vec<Event> {
        if !opens {
            return vec![Event::Refused(Job::Removal, Refusal::WrongPassphrase)];
        }
        let gone: Vec<DeviceRow> = self.devices.extract_if(.., |row| row.id == device).collect();
        let names: Vec<String> = gone.iter().map(|row| row.name.clone()).collect();
        self.removed.extend(gone.into_iter().map(|row| removed(row.id, &row.name, None)));
        std::iter::once(self.told_devices()).chain(names.into_iter().map(Event::DeviceRemoved)).collect()
    }

    pub(super) fn answer_apart(&mut self, device: DeviceId, keep: bool) -> Vec<Event> {
        self.removed.iter_mut().filter(|row| row.id == device).for_each(|row| row.apart = None);
        vec![self.told_devices(), Event::ApartAnswered { kept: keep }]
    }
}

/// A device that was removed this morning, and what came from it since.
pub(crate) fn removed(id: DeviceId, name: &str, apart: Option<Apart>) -> RemovedDevice {
    let at = TODAY.at(8, 30, 0, 0);
    RemovedDevice { id, name: name.into(), this: false, by: "Office PC".into(), at, along: false, apart }
}

/// A check that has found damage.
pub(crate) fn check() -> Check {
    let damaged = vec![("An entry does not open.".to_owned(), 2)];
    Check {
        at: TODAY.at(8, 0, 0, 0),
        changes: 6_000,
        documents: 5_363,
        signatures: 12,
        missing: 0,
        private: 3,
        damaged,
        touched: Vec::new(),
    }
}
