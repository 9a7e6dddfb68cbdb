//! What goes wrong in a scripted practice: damage, and devices that are gone.

use std::path::PathBuf;

use jiff::civil::Date;
use subrosa::features::check::messages::{CheckEffect, CheckEvent};
use subrosa::features::check::values::{Affected, CheckResult, GivenBack, RepairResult};
use subrosa::features::devices::values::{Quarantine, RemovedDevice};
use subrosa::features::kit::values::KitSource;
use subrosa::features::notes::values::InMemory;
use subrosa::features::opening::messages::OpeningEvent;
use subrosa::features::opening::values::Refusal;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::note_ref::NoteRef;
use subrosa::values::page::OpenNote;
use subrosa_core::id::DeviceId;
use subrosa_core::record::NoteContent;

use super::kit::fits;
use super::{Scripted, TODAY};

impl Scripted {
    pub(super) fn check(&mut self, effect: CheckEffect) -> Vec<Event> {
        match effect {
            CheckEffect::Repair => {
                let check = CheckResult { damaged: Vec::new(), affected: Vec::new(), ..check() };
                self.check = Some(check.clone());
                let repaired = RepairResult { new_file: true, rebuilt: 12, ..RepairResult::default() };
                vec![Event::Check(CheckEvent::Repaired(repaired)), Event::Check(CheckEvent::Checked(Box::new(check)))]
            }
            CheckEffect::Run => Vec::new(),
        }
    }

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
            RepairResult { new_file: true, unread: 4, rebuilt: 12, lacking, given_back, ..RepairResult::default() };
        let mut check = check();
        check.affected.extend(self.clients.first().map(|row| Affected {
            client: row.id,
            days: vec![TODAY, Date::constant(2026, 11, 14)],
            person: true,
        }));
        if backup.is_some() {
            (check.damaged, check.affected) = (Vec::new(), Vec::new());
        }
        let opened = Event::Opening(OpeningEvent::Unlocked(Box::new(self.opened())));
        vec![opened, Event::Check(CheckEvent::Repaired(repaired)), Event::Check(CheckEvent::Checked(Box::new(check)))]
    }

    /// What cannot be saved is not lost either.
    pub(super) fn keep_in_memory(&mut self, note: NoteRef, content: NoteContent) -> Vec<Event> {
        self.unsaved.insert(note, content);
        let waits = Event::InMemory(InMemory { notes: self.unsaved.len(), ..InMemory::default() });
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
}

/// A device that was removed this morning, and what came from it since.
pub(crate) fn removed(id: DeviceId, name: &str, quarantine: Option<Quarantine>) -> RemovedDevice {
    let at = TODAY.at(8, 30, 0, 0);
    RemovedDevice { id, name: name.into(), this: false, by: "Office PC".into(), at, along: false, quarantine }
}

/// A check that has found damage.
pub(crate) fn check() -> CheckResult {
    let damaged = vec![("An entry does not open.".to_owned(), 2)];
    CheckResult {
        at: TODAY.at(8, 0, 0, 0),
        changes: 6_000,
        documents: 5_363,
        signatures: 12,
        missing: 0,
        private: 3,
        damaged,
        affected: Vec::new(),
    }
}
