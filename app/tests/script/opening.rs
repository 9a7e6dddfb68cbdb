//! A script begins, is opened, and is locked.

use subrosa::features::opening::messages::{OpeningEffect, OpeningEvent};
use subrosa::features::opening::values::{Found, OpenedPractice, Refusal};
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::resume::Resume;

use super::kit::kit;
use super::{PASSPHRASE, Scripted, paper};

impl Scripted {
    pub(super) fn opens(&mut self, effect: OpeningEffect) -> Vec<Event> {
        match effect {
            OpeningEffect::Look => {
                vec![Event::Opening(OpeningEvent::Found(if self.exists { Found::Practice } else { Found::Nothing }))]
            }
            OpeningEffect::Create { .. } => {
                self.paper = Some(paper(Some(7), false));
                vec![Event::Opening(OpeningEvent::Created(Box::new(self.opened()), Box::new(kit())))]
            }
            OpeningEffect::OpenDemo => {
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(OpenedPractice { demo: true, ..self.opened() })))]
            }
            OpeningEffect::Unlock { .. } if self.damaged => {
                vec![Event::Refused(Job::Unlock, Refusal::Damaged)]
            }
            OpeningEffect::Unlock { passphrase } if passphrase.expose() == PASSPHRASE => {
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(self.opened())))]
            }
            OpeningEffect::Unlock { .. } => {
                vec![Event::Refused(Job::Unlock, Refusal::WrongPassphrase)]
            }
            OpeningEffect::Lock(leaving) => {
                self.resume = leaving.map(|leaving| Resume::from(*leaving));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn opened(&self) -> OpenedPractice {
        OpenedPractice {
            clients: self.clients.clone(),
            unsaved: Vec::new(),
            devices: self.devices.clone(),
            removed: self.removed.clone(),
            settings: self.settings,
            demo: false,
            warning: self.warning.clone(),
            paper: self.paper.clone(),
            resume: self.resume.clone(),
            pending: Vec::new(),
            check: self.check.clone(),
            backups: self.backups.clone(),
        }
    }
}
