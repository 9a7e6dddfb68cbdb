//! The recovery kit: where its page is put, and whether somebody has typed from the paper.

use std::path::Path;

use subrosa_core::entropy::Os;
use subrosa_core::kit::Question;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::place;

use crate::features::backup::job::standing::how_it_stands;
use crate::features::backup::messages::BackupEvent;
use crate::features::kit::messages::{KitEffect, KitEvent};
use crate::features::kit::values::{Kit, KitForm};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::recovery_kit::{self, NewKitError, PageError};
use crate::practice::{self, kit_status};
use crate::values::secret::Secret;
use crate::words;

pub(crate) mod source;

pub(crate) fn answer(bench: &mut Bench, effect: KitEffect) -> JobOutcome {
    match effect {
        KitEffect::Draw { passphrase } => draw_kit(bench, &passphrase),
        KitEffect::Forget => {
            bench.drawn = None;
            Ok(None)
        }
        KitEffect::Write { kit, file, form } => write_kit(bench, &kit, &file, form),
        KitEffect::Prove { typed } => prove_kit(bench, &typed),
    }
}

fn write_kit(bench: &Bench, page: &Passphrase, file: &Path, form: KitForm) -> JobOutcome {
    let device = bench.with(|vault| Ok(vault.device()))?;
    recovery_kit::write_page(file, form, page.expose(), device).map_err(|error| match error {
        PageError::Line(error) => JobFailure::of(&error),
        PageError::Setting(error) => JobFailure::of(&error),
        PageError::Output(error) => error.into(),
    })?;
    Ok(Some(Event::Kit(KitEvent::Written { same_disk: place::on_same_disk(file, &bench.setting.file) })))
}

/// A new kit, shown until it is typed back or given up.
fn draw_kit(bench: &mut Bench, passphrase: &Passphrase) -> JobOutcome {
    let (kit, device) = bench.with(|vault| Ok((vault.devices_mut().draw_kit(passphrase)?, vault.device())))?;
    let page = recovery_kit::page(kit.seed(), device);
    let question = Question::draw(kit.seed(), &mut Os);
    let groups = question.groups.clone();
    bench.drawn = Some((kit, question));
    Ok(Some(Event::Kit(KitEvent::Drawn(Box::new(Kit { text: Secret::new(page.to_string()) }), groups))))
}

fn prove_kit(bench: &mut Bench, typed: &Passphrase) -> JobOutcome {
    if let Some((kit, question)) = &bench.drawn {
        if !question.fits(typed.expose()) {
            return Ok(Some(Event::Kit(KitEvent::Proven(false))));
        }
        match bench.with(|vault| Ok(recovery_kit::put_in_force(vault, kit, true)))? {
            Err(NewKitError::Refused(error)) => return Err(error.into()),
            // It can be typed back once more, and then it is certain.
            Err(NewKitError::Uncertain(_)) => return Err(JobFailure::Sentence(words::NEW_KIT_UNCERTAIN.to_owned())),
            // That the paper was read is only asked for again.
            Ok(()) | Err(NewKitError::InForce(_)) => bench.drawn = None,
        }
        bench.tell_devices();
        // The next backup is due: none opens with the new kit yet.
        bench.answers.send(BackupEvent::Status(Box::new(how_it_stands(bench)?)));
        return Ok(Some(Event::Kit(KitEvent::Proven(true))));
    }
    let proven = bench.with(|vault| Ok(kit_status::prove(vault, typed, practice::now())?))?;
    Ok(Some(Event::Kit(KitEvent::Proven(proven))))
}
