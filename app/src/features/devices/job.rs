//! Devices: the list, inviting one, letting it in, joining from here, and what arrives from one.

use std::time::Duration;

use subrosa_core::pairing::CompareWords;
use subrosa_core::secret::Passphrase;
use zeroize::Zeroizing;

use crate::bridge::{CodeLine, CodeLineError, Syncing};
use crate::features::clients::messages::ClientsEvent;
use crate::features::devices::job::syncing::{network, start_syncing};
use crate::features::devices::messages::{DevicesEffect, DevicesEvent};
use crate::features::devices::values::{Invitation, JoinStep};
use crate::features::opening::job::opened::opened;
use crate::features::opening::messages::OpeningEvent;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::rows;
use crate::messages::Event;
use crate::operations;
use crate::values::job::Progress;
use crate::values::navigation::Field;
use crate::values::secret::Secret;
use crate::{bridge, practice, words};

pub(crate) mod reaching;
pub(crate) mod removal;
pub(crate) mod syncing;

/// How long a first sync may be silent before the window opens without it.
const FIRST_SYNC: Duration = Duration::from_secs(60);

pub(crate) fn answer(bench: &mut Bench, effect: DevicesEffect) -> JobOutcome {
    match effect {
        DevicesEffect::Load => {
            reaching::tell(bench);
            list(bench)
        }
        DevicesEffect::LoadLacked(device) => bench.with(|vault| rows::lacked(vault, device)).map(Some),
        DevicesEffect::Rename(name) => reaching::rename(bench, &name),
        DevicesEffect::Connect(typed) => reaching::connect(bench, &typed),
        DevicesEffect::UsePort(port) => reaching::use_port(bench, port),
        DevicesEffect::UseRelay { url, token, certificate } => {
            reaching::use_relay(bench, &url, &token, certificate.as_deref())
        }
        DevicesEffect::UseNoRelay => reaching::use_no_relay(bench),
        DevicesEffect::Invite { passphrase } => invite(bench, &passphrase),
        DevicesEffect::CancelInvitation => {
            if let Some(syncing) = &bench.reach.syncing {
                // An invitation that is over already needs no ending.
                let _ = syncing.stop_inviting();
            }
            Ok(None)
        }
        DevicesEffect::Confirm(yes) => {
            running(bench)?.confirm(yes).map_err(|error| JobFailure::of(&error))?;
            list(bench)
        }
        DevicesEffect::Remove { device, retired, passphrase } => {
            removal::remove(bench, (&device, retired), &passphrase)
        }
        DevicesEffect::AnswerQuarantine { device, keep } => removal::answer_quarantine(bench, &device, keep),
        DevicesEffect::Join { code, passphrase, name } => join(bench, &code, passphrase, name),
    }
}

pub(crate) fn list(bench: &Bench) -> JobOutcome {
    bench.with(|vault| rows::listed_devices(vault)).map(Some)
}

fn running(bench: &Bench) -> Result<&Syncing, JobFailure> {
    bench.reach.syncing.as_ref().ok_or_else(|| JobFailure::Sentence(words::NO_NETWORK.to_owned()))
}

fn invite(bench: &Bench, passphrase: &Passphrase) -> JobOutcome {
    let invited = match running(bench)?.invite(passphrase) {
        Ok(invited) => invited,
        Err(bridge::InviteError::Unlock(error)) => return Err(error.into()),
        Err(error) => return Err(JobFailure::of(&error)),
    };
    let words = Zeroizing::new(invited.line.code.words());
    let text = invited.line.to_text();
    let invitation = Invitation {
        words: Secret::new(words.to_string()),
        text: Secret::new(text.as_str().to_owned()),
        until: rows::wall(invited.until).time(),
    };
    Ok(Some(Event::Devices(DevicesEvent::Invited(Box::new(invitation)))))
}

pub(crate) fn join(bench: &mut Bench, code: &Passphrase, passphrase: Passphrase, name: String) -> JobOutcome {
    let line = CodeLine::parse(code.expose()).map_err(|error| {
        let why = match error {
            CodeLineError::Code(error) => words::code_slip(error),
            CodeLineError::Address(_) => words::JOIN_NOT_AN_ADDRESS.to_owned(),
        };
        JobFailure::Unfit(Field::Code, why)
    })?;
    bench.answers.send(OpeningEvent::Joining(JoinStep::Looking));
    let file = bench.setting.file.clone();
    let making = practice::Making::begin(&file).map_err(|error| JobFailure::of(&error))?;
    let name = if name.trim().is_empty() { practice::device_name() } else { name };
    bench.answers.send(OpeningEvent::Joining(JoinStep::Found));
    let answers = bench.answers.clone();
    let compare = Box::new(move |words: CompareWords| answers.send(OpeningEvent::Joining(JoinStep::Asking(words.0))));
    let device = (passphrase, name, bench.setting.profile);
    let joined = operations::devices::join(making, (file, &line), device, (&network(bench), compare));
    let joined = joined.map_err(|error| JobFailure::of(&error))?;
    bench.vault.put(joined.vault);
    bench.answers.send(OpeningEvent::Joining(JoinStep::Receiving(Progress::default())));
    start_syncing(bench);
    // Newest first: what has not arrived yet comes while the window is already in use.
    if let Some(syncing) = &bench.reach.syncing {
        let _ = syncing.sync_with(joined.inviter.clone(), FIRST_SYNC);
        let _ = syncing.connect(joined.inviter);
    }
    Ok(Some(Event::Opening(OpeningEvent::Unlocked(Box::new(opened(bench, false)?)))))
}

/// What came from another device is shown, in the note that is being edited too.
pub(crate) fn arrived(bench: &mut Bench) {
    if let Ok((rows, notices)) = bench.with(|vault| Ok((rows::clients(vault), vault.take_notices()))) {
        bench.answers.send(ClientsEvent::Listed(rows));
        bench.answers.send(Event::Arrived);
        notices.into_iter().for_each(|notice| bench.answers.send(Event::Notice(notice.words().to_owned())));
    }
    let Some(mut editing) = bench.notes.editing.take() else { return };
    if let Ok(Some(merged)) = bench.with(|vault| editing.offer(vault)) {
        bench.answers.send(merged);
    }
    bench.notes.editing = Some(editing);
}
