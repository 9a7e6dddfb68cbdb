//! Devices: the list, inviting one, letting it in, and joining from here.

use std::time::Duration;

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::VaultError;
use zeroize::Zeroizing;

use crate::bridge::{self, CodeLine, Network, News, Syncing, system_clock};
use crate::effect::{Effect, Job};
use crate::event::{Event, Invitation, JoinStep, Progress};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::worker::Worker;
use crate::jobs::{Message, removing, rows};
use crate::operations;
use crate::practice;
use crate::typed::Secret;

/// How long a first sync may be silent before the window opens without it.
const FIRST_SYNC: Duration = Duration::from_secs(60);

impl Worker {
    pub(super) fn devices(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::InviteDevice { passphrase } => self.invite(&passphrase),
            Effect::CancelInvitation => {
                if let Some(syncing) = &self.syncing {
                    // An invitation that is over already needs no ending.
                    let _ = syncing.stop_inviting();
                }
                Ok(None)
            }
            Effect::ConfirmDevice(yes) => {
                self.running()?.confirm(yes).map_err(|error| Failure::of(&error))?;
                self.list()
            }
            Effect::JoinDevice { code, passphrase, name } => self.join(&code, passphrase, name),
            _ => self.list(),
        }
    }

    fn list(&self) -> Outcome {
        self.with(|vault| removing::devices(vault)).map(Some)
    }

    fn network(&self) -> Network {
        Network {
            bind: None,
            local: self.setting.discovery,
            clock: system_clock(),
            policy: self.setting.profile.policy(),
        }
    }

    fn running(&self) -> Result<&Syncing, Failure> {
        self.syncing.as_ref().ok_or_else(|| Failure::Sentence(crate::words::NO_NETWORK.to_owned()))
    }

    /// Opens the network part. Without a network the practice works as it does anywhere.
    pub(super) fn start_syncing(&mut self) {
        let (answers, vault, nudge) = (self.answers.clone(), self.vault.clone(), self.nudge.clone());
        let news = move |news: News| {
            match news {
                News::DeviceAsks(name) => return answers.send(Event::DeviceAsks { name }),
                News::InvitationEnded(Err(error)) => {
                    return answers.send(Event::Failed(Job::Devices, error.to_string()));
                }
                // Only a worker that has ended does not listen.
                News::Arrived => drop(nudge.send(Message::Arrived)),
                News::Connected(_) | News::CaughtUp { .. } | News::Ended { .. } | News::InvitationEnded(Ok(())) => {}
                _ => return,
            }
            // That this device was removed, or that something lies apart, is news of its own.
            let told = vault.with(|vault| Ok::<_, VaultError>((removing::devices(vault)?, vault.take_notices())));
            if let Ok(Ok((devices, notices))) = told {
                answers.send(devices);
                notices.into_iter().for_each(|notice| answers.send(Event::Notice(notice.words().to_owned())));
            }
        };
        self.syncing = Syncing::start(&self.vault, &self.network(), news).ok();
    }

    fn invite(&self, passphrase: &Passphrase) -> Outcome {
        let invited = match self.running()?.invite(passphrase) {
            Ok(invited) => invited,
            Err(bridge::InviteError::Vault(error)) => return Err(error.into()),
            Err(error) => return Err(Failure::of(&error)),
        };
        let words = Zeroizing::new(invited.line.code.words());
        let text = invited.line.to_text();
        let invitation = Invitation {
            words: Secret::new(words.to_string()),
            text: Secret::new(text.as_str().to_owned()),
            until: rows::wall(invited.until).time(),
        };
        Ok(Some(Event::Invitation(Box::new(invitation))))
    }

    fn join(&mut self, code: &Passphrase, passphrase: Passphrase, name: String) -> Outcome {
        let line = CodeLine::parse(code.expose()).map_err(|error| Failure::of(&error))?;
        self.answers.send(Event::Joining(JoinStep::Looking));
        let file = self.setting.file.clone();
        let making = practice::Making::begin(&file).map_err(|error| Failure::of(&error))?;
        let name = if name.trim().is_empty() { practice::device_name() } else { name };
        self.answers.send(Event::Joining(JoinStep::Asking));
        let device = (passphrase, name, self.setting.profile);
        let joined = operations::devices::join(making, (file, &line), device, &self.network());
        let mut joined = joined.map_err(|error| Failure::of(&error))?;
        practice::keep_anchor(&mut joined.vault, self.setting.profile).map_err(|error| Failure::of(&error))?;
        self.vault.put(joined.vault);
        self.answers.send(Event::Joining(JoinStep::Receiving(Progress::default())));
        self.start_syncing();
        // Newest first: what has not arrived yet comes while the window is already in use.
        if let Some(syncing) = &self.syncing {
            let _ = syncing.sync_with(joined.inviter.clone(), FIRST_SYNC);
            let _ = syncing.connect(joined.inviter);
        }
        Ok(Some(Event::Unlocked(Box::new(self.opened(false)?))))
    }
}
