//! Backups of a script: made, looked into, and brought back.

use std::path::PathBuf;

use subrosa::features::backup::messages::{BackupEffect, BackupEvent};
use subrosa::features::backup::values::{BackupStatus, OpenedBackup, TestedBackup};
use subrosa::features::clients::messages::ClientsEvent;
use subrosa::features::opening::messages::OpeningEvent;
use subrosa::messages::Event;
use subrosa::values::job::{Job, Progress};

use super::kit::fits;
use super::{Scripted, TODAY};

impl Scripted {
    pub(super) fn backs_up(&mut self, effect: BackupEffect) -> Vec<Event> {
        match effect {
            BackupEffect::Keep { folder, every, readable } => {
                self.backups = BackupStatus { folder, every, readable, ..self.backups.clone() };
                vec![Event::Backup(BackupEvent::Status(Box::new(self.backups.clone())))]
            }
            BackupEffect::Make { folder } => self.back_up(folder),
            BackupEffect::Restore { kit, .. } if !fits(&kit) => {
                vec![Event::Failed(Job::Restore, "This recovery kit does not open this backup.".into())]
            }
            BackupEffect::Restore { instead, .. } => {
                assert_eq!(instead, self.damaged, "never over a file that opens");
                *self = Self::with_clients(&["Aino Mäkinen"]);
                self.warning = instead.then(|| subrosa::words::RESTORED_INSTEAD.to_owned());
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(self.opened())))]
            }
            BackupEffect::Open { kit, .. } if !fits(&kit) => {
                vec![Event::Failed(Job::OpenBackup, "This recovery kit does not open this backup.".into())]
            }
            BackupEffect::Open { .. } => {
                vec![Event::Backup(BackupEvent::Opened(Box::new(OpenedBackup {
                    made: TODAY.at(9, 0, 0, 0),
                    clients: self.clients.clone(),
                    notes: 4,
                    page: None,
                    note: None,
                })))]
            }
            BackupEffect::LookInto(client) => match self.timeline(client, false) {
                Some(Event::Clients(ClientsEvent::Page(page))) => vec![Event::Backup(BackupEvent::LookedInto(page))],
                _ => Vec::new(),
            },
            BackupEffect::Read(note) => self
                .find(note)
                .map(|note| Event::Backup(BackupEvent::Note(Box::new(note.clone()))))
                .into_iter()
                .collect(),
            BackupEffect::BringBack(only) => {
                self.brought_back.push(only);
                vec![Event::Backup(BackupEvent::BroughtBack(3))]
            }
            _ => Vec::new(),
        }
    }

    /// A backup that is under way is stopped.
    pub(super) fn stop_backup(&mut self) -> Vec<Event> {
        self.backups.failed = Some((TODAY.at(14, 0, 0, 0), "The backup was stopped, as asked.".into()));
        vec![Event::Backup(BackupEvent::Ended(Box::new(self.backups.clone()), false))]
    }

    fn back_up(&mut self, folder: PathBuf) -> Vec<Event> {
        self.backups.folder = Some(folder);
        if self.slow_disk {
            return vec![
                Event::Backup(BackupEvent::Begun),
                Event::Progress(Job::Backup, Progress { done: 3, total: 10 }),
            ];
        }
        let at = TODAY.at(14, 0, 0, 0);
        let last = TestedBackup {
            at,
            same_disk: false,
            bytes: 1_200_000,
            clients: 3,
            notes: 40,
            private: subrosa_core::backup::PrivateKeys::Tried { lacking: 0 },
            unreadable: 0,
            unsent: 0,
            older_kit: false,
        };
        self.backups = BackupStatus { last: Some(last), failed: None, ..self.backups.clone() };
        vec![Event::Backup(BackupEvent::Begun), Event::Backup(BackupEvent::Ended(Box::new(self.backups.clone()), true))]
    }
}
