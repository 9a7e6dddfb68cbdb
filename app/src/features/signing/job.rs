//! Signatures: what would be signed, what can still be taken back, and what can no longer.

use subrosa_core::id::NoteId;
use subrosa_core::vault::SIGNING_GRACE;

use crate::features::notes::job::read_note;
use crate::features::notes::job::unsaved::save_unsaved;
use crate::features::notes::messages::NotesEvent;
use crate::features::signing::messages::{SigningEffect, SigningEvent};
use crate::features::signing::values::{Pending, Preview};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::signing;
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;
use crate::{practice, words};

pub(crate) fn answer(bench: &mut Bench, effect: SigningEffect) -> JobOutcome {
    // What is signed takes its last words along.
    save_unsaved(bench);
    match effect {
        SigningEffect::Preview(note) => preview(bench, &note),
        SigningEffect::Sign(note) => sign(bench, &note),
        SigningEffect::TakeBack(note) => take_back(bench, &note),
        SigningEffect::InError { note, why } => in_error(bench, &note, why),
    }
}

/// What is on the screen is what will be signed. When another device has written in it meanwhile, that is shown first.
fn preview(bench: &mut Bench, note: &NoteRef) -> JobOutcome {
    if let Some(mut editing) = bench.notes.editing.take().filter(|editing| editing.is_of(note)) {
        let merged = bench.with(|vault| editing.offer(vault));
        bench.notes.editing = Some(editing);
        if let Ok(Some(merged)) = merged {
            bench.answers.send(merged);
            return Err(JobFailure::Sentence(words::CHANGED_MEANWHILE.to_owned()));
        }
    }
    let today = practice::today();
    let (shown, doubts) = bench.with(|vault| {
        let shown = vault.notes().sign_preview(&note.id())?;
        let doubts = vault.notes().sign_doubts(shown.date, today, practice::now())?;
        Ok((shown, doubts))
    })?;
    let preview = Preview {
        note: *note,
        client: shown.client_name.clone(),
        date: shown.date,
        minutes: shown.minutes,
        words: u64::try_from(shown.words).unwrap_or(u64::MAX),
        doubts: words::sign_doubts(doubts.is_day_to_come, doubts.believed.map(practice::day_of), today),
    };
    bench.signing.preview = Some((*note, shown, doubts));
    Ok(Some(Event::Signing(SigningEvent::Preview(Box::new(preview)))))
}

fn sign(bench: &mut Bench, note: &NoteRef) -> JobOutcome {
    let Some((_, shown, doubts)) = bench.signing.preview.take().filter(|(of, ..)| of == note) else {
        return Err(JobFailure::Sentence(words::CHANGED_MEANWHILE.to_owned()));
    };
    let now = practice::now();
    bench.with(|vault| {
        vault.notes_mut().sign_later(&shown, now)?;
        // What was asked about the clock was answered.
        if doubts.believed.is_some() {
            vault.notes_mut().believe_clock(now)?;
        }
        Ok(())
    })?;
    bench.signing.shown_as.insert(shown.note, *note);
    bench.tell_devices();
    let pending = Pending { note: *note, client: shown.client, date: shown.date, for_ms: SIGNING_GRACE };
    Ok(Some(Event::Signing(SigningEvent::Waiting(pending))))
}

fn take_back(bench: &mut Bench, note: &NoteRef) -> JobOutcome {
    bench.with(|vault| Ok(vault.notes_mut().take_back_signature(&note.id())?))?;
    Ok(Some(Event::Signing(SigningEvent::TakenBack(*note))))
}

/// Makes the signatures whose time is over; all of them when something leaves that they belong into.
pub(crate) fn finish_signatures(bench: &mut Bench, all: bool) {
    let now = practice::now().saturating_add(if all { SIGNING_GRACE } else { 0 });
    let settled = bench.with(|vault| {
        if vault.notes().being_signed().is_empty() {
            Ok(Vec::new())
        } else {
            Ok(vault.notes_mut().settle_signatures(now)?)
        }
    });
    let Ok(settled) = settled else { return };
    let any = !settled.is_empty();
    for one in settled {
        let shown = bench.signing.shown_as.remove(&one.note).unwrap_or(NoteRef::Note(one.note));
        match one.outcome {
            Ok(_) => bench.answers.send(SigningEvent::Signed(shown)),
            Err(error) => {
                bench.answers.send(SigningEvent::TakenBack(shown));
                bench.answers.send(Event::Failed(Job::Sign, error.to_string()));
            }
        }
    }
    if any {
        bench.tell_devices();
    }
}

fn in_error(bench: &mut Bench, note: &NoteId, why: String) -> JobOutcome {
    finish_signatures(bench, true);
    let (today, now) = (practice::today(), practice::now());
    let believed = bench.with(|vault| Ok(vault.notes().sign_doubts(today, today, now)?.believed))?;
    // The first time it is a question, and the answer is to sign it once more.
    if let Some(believed) = believed
        && bench.signing.asked_clock.replace(*note) != Some(*note)
    {
        let doubt = words::sign_doubts(false, Some(practice::day_of(believed)), today).concat();
        return Err(JobFailure::Sentence(format!("{doubt} {}", words::SIGN_ONCE_MORE)));
    }
    bench.signing.asked_clock = None;
    let open = bench.with(|vault| {
        signing::entered_in_error(vault, note, why)?;
        if believed.is_some() {
            vault.notes_mut().believe_clock(now)?;
        }
        read_note(vault, NoteRef::Note(*note))
    })?;
    bench.tell_devices();
    Ok(Some(Event::Notes(NotesEvent::Opened(Box::new(open)))))
}

#[cfg(test)]
mod tests {
    use subrosa_core::vault::DAY;

    use super::*;
    use crate::jobs::fixture::WorkerFixture;

    #[test]
    fn what_was_entered_in_error_asks_once_about_a_clock_in_doubt_and_signs_nothing_meanwhile() {
        let mut fixture = WorkerFixture::new();
        let note = fixture.note("slept well", false).id();
        let used_later = practice::now() + 180 * DAY;
        let prepared = fixture.bench.with(|vault| {
            vault.notes_mut().sign(&note, practice::now())?;
            Ok(vault.notes_mut().believe_clock(used_later)?)
        });
        assert!(prepared.is_ok());
        let signed =
            |fixture: &mut WorkerFixture| fixture.bench.with(|vault| Ok(vault.notes().note(&note)?.signed.len())).ok();
        let why = || "the wrong client".to_owned();
        let asked = in_error(&mut fixture.bench, &note, why());
        assert!(
            matches!(asked, Err(JobFailure::Sentence(said)) if said.contains("clock") && said.contains("once more"))
        );
        assert_eq!(signed(&mut fixture), Some(1));
        assert!(in_error(&mut fixture.bench, &note, why()).is_ok());
        assert_eq!(signed(&mut fixture), Some(2));
        assert!(in_error(&mut fixture.bench, &note, why()).is_ok(), "the clock was believed");
    }
}
