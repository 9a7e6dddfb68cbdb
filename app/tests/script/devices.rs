//! The devices of a script: invited, removed, and what came from one since.

use jiff::civil::time;
use subrosa::features::devices::messages::{DevicesEffect, DevicesEvent};
use subrosa::features::devices::values::{DeviceRow, Invitation, LackedNames};
use subrosa::features::opening::values::Refusal;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::secret::Secret;
use subrosa_core::id::DeviceId;

use super::mishaps::removed;
use super::{PASSPHRASE, Scripted, TODAY, device};

impl Scripted {
    pub(super) fn devices(&mut self, effect: DevicesEffect) -> Vec<Event> {
        match effect {
            DevicesEffect::Load | DevicesEffect::Confirm(false) => {
                vec![self.told_devices()]
            }
            DevicesEffect::Confirm(true) => {
                self.devices.push(device("Laptop", false, Some(3)));
                vec![self.told_devices()]
            }
            DevicesEffect::LoadLacked(device) => {
                let notes = vec![("Aino Mäkinen".to_owned(), TODAY)];
                let lacked = LackedNames { device, notes, clients: Vec::new(), files: Vec::new(), more: 2 };
                vec![Event::Devices(DevicesEvent::Lacked(Box::new(lacked)))]
            }
            DevicesEffect::Invite { passphrase } if passphrase.expose() == PASSPHRASE => {
                let words = Secret::new("apple brave cloud delta eager fancy globe honey".into());
                let text = Secret::new(
                    "subrosa-join: apple-brave-cloud-delta-eager-fancy-globe-honey 192.168.1.7:4433".into(),
                );
                vec![Event::Devices(DevicesEvent::Invited(Box::new(Invitation {
                    words,
                    text,
                    until: time(14, 57, 0, 0),
                })))]
            }
            DevicesEffect::Invite { .. } => {
                vec![Event::Refused(Job::Devices, Refusal::WrongPassphrase)]
            }
            DevicesEffect::Remove { device, retired, passphrase } => {
                self.retired.push(retired);
                self.remove(device, passphrase.expose() == PASSPHRASE)
            }
            DevicesEffect::AnswerQuarantine { device, keep } => self.answer_apart(device, keep),
            _ => Vec::new(),
        }
    }

    fn told_devices(&self) -> Event {
        Event::Devices(DevicesEvent::Listed(self.devices.clone(), self.removed.clone()))
    }

    fn remove(&mut self, device: DeviceId, opens: bool) -> Vec<Event> {
        if !opens {
            return vec![Event::Refused(Job::Removal, Refusal::WrongPassphrase)];
        }
        let gone: Vec<DeviceRow> = self.devices.extract_if(.., |row| row.id == device).collect();
        let names: Vec<String> = gone.iter().map(|row| row.name.clone()).collect();
        self.removed.extend(gone.into_iter().map(|row| removed(row.id, &row.name, None)));
        std::iter::once(self.told_devices())
            .chain(names.into_iter().map(|name| Event::Devices(DevicesEvent::Removed(name))))
            .collect()
    }

    fn answer_apart(&mut self, device: DeviceId, keep: bool) -> Vec<Event> {
        self.removed.iter_mut().filter(|row| row.id == device).for_each(|row| row.quarantine = None);
        vec![self.told_devices(), Event::Devices(DevicesEvent::QuarantineAnswered { kept: keep })]
    }
}
