//! The recovery kit: where its page is put, and whether somebody has typed from the paper.

use std::path::Path;

use subrosa_core::entropy::Os;
use subrosa_core::kit::Question;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::place;
use subrosa_core::vault::Created;

use crate::effect::Effect;
use crate::event::{Event, Kit};
use crate::jobs::Setting;
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::worker::Worker;
use crate::kit_paper::KitForm;
use crate::operations::recovery_kit::{self, PageError};
use crate::practice::{self, kit_status};
use crate::typed::Secret;

impl Worker {
    pub(super) fn kit(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::CreatePractice { passphrase } => self.create(&passphrase),
            Effect::WriteKit { kit, file, form } => self.write_kit(&kit, &file, form),
            Effect::DrawKit { passphrase } => self.draw_kit(&passphrase),
            Effect::ForgetKit => {
                self.drawn = None;
                Ok(None)
            }
            Effect::ProveKit { typed } => self.prove_kit(&typed),
            other => self.devices(other),
        }
    }

    fn create(&mut self, passphrase: &Passphrase) -> Outcome {
        let Setting { file, profile, .. } = &self.setting;
        let made = recovery_kit::make_practice(file, passphrase, &practice::device_name(), *profile)?;
        let Created { mut vault, kit } = made;
        let page = recovery_kit::page(&kit, vault.device());
        practice::keep_anchor(&mut vault, self.setting.profile)?;
        self.vault.put(vault);
        let opened = self.opened(false)?;
        self.start_syncing();
        let kit = Kit { text: Secret::new(page.to_string()) };
        Ok(Some(Event::PracticeCreated(Box::new(opened), Box::new(kit))))
    }

    fn write_kit(&self, page: &Passphrase, file: &Path, form: KitForm) -> Outcome {
        let device = self.with(|vault| Ok(vault.device()))?;
        recovery_kit::write_page(file, form, page.expose(), device).map_err(|error| match error {
            PageError::Line(error) => Failure::of(&error),
            PageError::Output(error) => error.into(),
        })?;
        Ok(Some(Event::KitWritten { same_disk: place::on_same_disk(file, &self.setting.file) }))
    }

    /// A new kit, shown until it is typed back or given up.
    fn draw_kit(&mut self, passphrase: &Passphrase) -> Outcome {
        let (kit, device) = self.with(|vault| Ok((vault.draw_kit(passphrase)?, vault.device())))?;
        let page = recovery_kit::page(kit.seed(), device);
        let question = Question::draw(kit.seed(), &mut Os);
        let groups = question.groups.clone();
        self.drawn = Some((kit, question));
        Ok(Some(Event::KitDrawn(Box::new(Kit { text: Secret::new(page.to_string()) }), groups)))
    }

    fn prove_kit(&mut self, typed: &Passphrase) -> Outcome {
        if let Some((kit, question)) = &self.drawn {
            if !question.fits(typed.expose()) {
                return Ok(Some(Event::KitProven(false)));
            }
            let now = practice::now();
            self.with(|vault| {
                vault.put_in_force(kit, now)?;
                kit_status::used(vault, kit.seed(), now)
            })?;
            self.drawn = None;
            self.tell_devices();
            // The next backup is due: none opens with the new kit yet.
            self.answers.send(Event::Backups(Box::new(self.how_it_stands()?)));
            return Ok(Some(Event::KitProven(true)));
        }
        let proven = self.with(|vault| kit_status::prove(vault, typed, practice::now()))?;
        Ok(Some(Event::KitProven(proven)))
    }
}
