//! The check of the practice: when it is asked for, and by itself once a week in quiet moments. Either is made in slices, so
//! that whatever else is asked for has its turn; locking stops it, and it goes on after the next unlocking.

pub(crate) mod slices;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use subrosa_core::vault::{Checking, DAY, Damage, Millis, Restored, Vault, VaultError, Verified};

use crate::features::check::job::slices::UnderWay;
use crate::features::check::messages::{CheckEffect, CheckEvent};
use crate::features::check::values::{Affected, CheckResult, GivenBack, RepairResult};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::repair::{self, RepairOutcome};
use crate::practice;
use crate::values::job::{Job, Progress};

/// Name of the setting that holds what the last check found.
const CHECK: &str = "check";

/// Days after which it is made by itself.
const DAYS: i32 = 7;

/// How long nothing must be asked before it is.
pub(crate) const QUIET: Duration = Duration::from_secs(45);

/// How long it works before it looks whether somebody waits. One that was asked for goes on at once then, the other in
/// the next quiet moment.
const SLICE: Duration = Duration::from_millis(50);

/// How often it is kept how far it has come, for when the program is ended; it always is when the practice is locked.
const KEEP: Duration = Duration::from_secs(30);

pub(crate) fn answer(bench: &mut Bench, effect: CheckEffect) -> JobOutcome {
    match effect {
        CheckEffect::Run => check(bench),
        CheckEffect::Repair => repair(bench),
    }
}

/// What the last check on this device found.
pub(crate) fn last_check(vault: &Vault) -> Result<Option<CheckResult>, VaultError> {
    Ok(vault.setting(CHECK)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

/// What is shown of the last check. That vital rows were changed is known at unlocking, without one: then its repair is offered.
pub(crate) fn shown_check(vault: &Vault) -> Result<Option<CheckResult>, VaultError> {
    let last = last_check(vault)?;
    let vital = Damage::Vital.words();
    if !vault.integrity().is_vital_changed()
        || last.iter().flat_map(|last| &last.damaged).any(|(what, _)| what == vital)
    {
        return Ok(last);
    }
    let mut shown = match last {
        Some(last) => last,
        None => told(vault, &Verified::default())?,
    };
    shown.damaged.push((vital.to_owned(), 1));
    Ok(Some(shown))
}

/// Whether it is time for another.
pub(crate) fn is_due(last: Option<&CheckResult>, now: jiff::civil::DateTime) -> bool {
    last.is_none_or(|check| (now.date() - check.at.date()).get_days() >= DAYS)
}

/// Begins the check that somebody asks for, from the beginning.
pub(crate) fn check(bench: &mut Bench) -> JobOutcome {
    let checking = bench.with(|vault| Ok(vault.integrity().begin_quiet_check(practice::now())?))?;
    bench.slices.under_way = Some(UnderWay::new(checking, true));
    Ok(None)
}

/// Makes again what can be made, and says what is damaged then. Other devices are asked for what is lacking.
pub(crate) fn repair(bench: &mut Bench) -> JobOutcome {
    let mut progress = tell(bench, Job::Repair);
    let done = bench.with(|vault| repair::repair(vault, &bench.setting.file, &mut progress))?;
    let found = check_through(bench, &mut progress)?;
    bench.tell_devices();
    bench.send_clients()?;
    bench.answers.send(CheckEvent::Repaired(repair_result(&done, None)));
    found.map_or(Ok(None), |found| keep_check(bench, &found))
}

/// Checks everything, for a job that has the practice to itself; nothing when the practice is to be locked meanwhile.
pub(crate) fn check_through(bench: &Bench, progress: &mut dyn FnMut(u64, u64)) -> Result<Option<Verified>, JobFailure> {
    let mut checking = bench.with(|vault| Ok(vault.integrity().begin_quiet_check(practice::now())?))?;
    while !bench.cancelled.is_leaving() {
        let found = bench.with(|vault| Ok(vault.integrity().go_on_checking(&mut checking)?))?;
        let (done, of) = checking.progress();
        progress(done, of);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// What a repair did, as it is shown; after a backup gave something back, what a check found lacking then.
pub(crate) fn repair_result(done: &RepairOutcome, given_back: Option<(Restored, &Verified)>) -> RepairResult {
    let (lacking, files_lacking) = match given_back {
        Some((_, found)) => (found.bodies_missing, found.pieces_missing),
        None => (done.repaired.headers_lacking + done.repaired.bodies_lacking, done.repaired.pieces_lacking),
    };
    RepairResult {
        new_file: done.copied.is_some(),
        unread: done.copied.map_or(0, |copied| copied.lost),
        older: done.is_older,
        rebuilt: done.repaired.headers + done.repaired.documents,
        lacking,
        files_lacking,
        given_back: given_back.map(|(back, _)| GivenBack { changes: back.envelopes, parts: back.pieces }),
    }
}

/// Tells how far it is, now and then.
pub(crate) fn tell(bench: &Bench, job: Job) -> impl FnMut(u64, u64) + use<> {
    let answers = bench.answers.clone();
    move |done, total| {
        if done.is_multiple_of(64) || done == total {
            answers.send(Event::Progress(job, Progress { done, total }));
        }
    }
}

pub(crate) fn keep_check(bench: &mut Bench, found: &Verified) -> JobOutcome {
    bench.slices.under_way = None;
    let check = bench.with(|vault| told(vault, found))?;
    bench.slices.ended = Some(check.at);
    let row = serde_json::to_vec(&check).map_err(|error| JobFailure::of(&error))?;
    // What it found is said, though the damage may keep it from being kept.
    let _ = bench.with(|vault| {
        vault.keep_setting(CHECK, &row)?;
        Ok(vault.integrity_mut().forget_checking()?)
    });
    let notices = bench.with(|vault| {
        vault.integrity_mut().notice_check(found);
        Ok(vault.take_notices())
    })?;
    notices.into_iter().for_each(|notice| bench.answers.send(Event::Notice(notice.words().to_owned())));
    Ok(Some(Event::Check(CheckEvent::Checked(Box::new(check)))))
}

/// The next slice of the check that somebody asked for, or, in a quiet moment, of the one that is due.
pub(crate) fn go_on_checking(bench: &mut Bench) {
    let asked = bench.slices.are_asked_for();
    if !asked && (bench.demo_is_open() || bench.asked.elapsed() < QUIET) {
        return;
    }
    match slice(bench) {
        Ok(Some(event)) => bench.answers.send(event),
        Ok(None) => {}
        Err(JobFailure::Refused(_)) if !asked => {}
        Err(failure) => bench.answers.send(failure.event(Job::Check)),
    }
}

fn slice(bench: &mut Bench) -> JobOutcome {
    let Some(mut under_way) = bench.slices.under_way.take() else {
        bench.slices.under_way = due(bench)?.map(|checking| UnderWay::new(checking, false));
        return Ok(None);
    };
    let began = Instant::now();
    while began.elapsed() < SLICE {
        if let Some(found) = bench.with(|vault| Ok(vault.integrity().go_on_checking(&mut under_way.checking)?))? {
            return keep_check(bench, &found);
        }
    }
    if under_way.asked {
        let (done, total) = under_way.checking.progress();
        bench.answers.send(Event::Progress(Job::Check, Progress { done, total }));
    }
    if under_way.kept.elapsed() >= KEEP {
        bench.with(|vault| Ok(vault.integrity_mut().keep_checking(&under_way.checking)?))?;
        under_way.kept = Instant::now();
    }
    bench.slices.under_way = Some(under_way);
    Ok(None)
}

/// The check that was stopped, or a new one when the last is old. Looked for now and then.
fn due(bench: &mut Bench) -> Result<Option<Checking>, JobFailure> {
    if bench.slices.looked.is_some_and(|looked| looked.elapsed() < QUIET) {
        return Ok(None);
    }
    bench.slices.looked = Some(Instant::now());
    let (now, today) = (practice::now(), practice::today().to_datetime(jiff::civil::Time::midnight()));
    if bench.slices.ended.is_some_and(|at| (today.date() - at.date()).get_days() < DAYS) {
        return Ok(None);
    }
    bench.with(|vault| {
        if let Some(kept) = vault.integrity().kept_checking().filter(|kept| is_young(kept.begun(), now)) {
            return Ok(Some(kept));
        }
        match is_due(last_check(vault)?.as_ref(), today) {
            true => Ok(vault.integrity().begin_quiet_check(now).map(Some)?),
            false => Ok(None),
        }
    })
}

/// Stops what is under way, and keeps how far it has come.
pub(crate) fn stop_checking(bench: &mut Bench) {
    let under_way = std::mem::take(&mut bench.slices).under_way;
    if let Some(under_way) = under_way.filter(|_| !bench.demo_is_open()) {
        // One that cannot be kept begins anew.
        let _ = bench.with(|vault| Ok(vault.integrity_mut().keep_checking(&under_way.checking)?));
    }
}

/// Whether a check that was begun then still says something of now: after a week it begins anew.
fn is_young(begun: Millis, now: Millis) -> bool {
    now.saturating_sub(begun) < DAY * Millis::from(DAYS.unsigned_abs())
}

fn told(vault: &Vault, found: &Verified) -> Result<CheckResult, VaultError> {
    let mut damaged: BTreeMap<&'static str, u64> = BTreeMap::new();
    for damage in &found.damaged {
        *damaged.entry(damage.words()).or_default() += 1;
    }
    Ok(CheckResult {
        at: jiff::Zoned::now().datetime(),
        changes: found.envelopes,
        documents: found.documents,
        signatures: found.signatures,
        missing: found.bodies_missing,
        private: found.items_private,
        damaged: damaged.into_iter().map(|(words, number)| (words.to_owned(), number)).collect(),
        affected: affected(vault, found)?,
    })
}

fn affected(vault: &Vault, found: &Verified) -> Result<Vec<Affected>, VaultError> {
    let mut by_client: BTreeMap<_, (BTreeSet<_>, bool)> = BTreeMap::new();
    for one in vault.integrity().affected_by(&found.damaged)? {
        let (days, person) = by_client.entry(one.client).or_default();
        match one.date {
            Some(day) => drop(days.insert(day)),
            None => *person = true,
        }
    }
    let told = |(client, (days, person)): (_, (BTreeSet<_>, _))| Affected {
        client,
        days: days.into_iter().rev().collect(),
        person,
    };
    Ok(by_client.into_iter().map(told).collect())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::{Arc, mpsc};

    use jiff::civil::DateTime;
    use subrosa_core::kdf::Strength;
    use subrosa_core::secret::Passphrase;
    use subrosa_core::store::{Batch, RedbStore, RowKey, Store, Table};

    use super::*;
    use crate::features::check::messages::CheckEvent;
    use crate::features::exchange::messages::ExchangeEffect;
    use crate::features::opening::messages::OpeningEffect;
    use crate::jobs::cancel::Cancelled;
    use crate::jobs::port::Answers;
    use crate::jobs::tests::{passphrase, practice_and_papers};
    use crate::jobs::worker::answer;
    use crate::messages::Effect;
    use crate::practice::Profile;

    /// One quiet moment; the result of the check when it was the last.
    fn quiet_moment(bench: &mut Bench, events: &mpsc::Receiver<Event>) -> Option<CheckResult> {
        bench.asked = Instant::now().checked_sub(2 * QUIET).unwrap();
        go_on_checking(bench);
        events.try_iter().find_map(|event| match event {
            Event::Check(CheckEvent::Checked(check)) => Some(*check),
            Event::Failed(_, why) => panic!("{why}"),
            _ => None,
        })
    }

    #[test]
    fn the_weekly_check_of_several_hundred_clients_ends_although_the_practice_is_locked_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let setting = practice_and_papers(folder.path(), 300);
        let (outbox, events) = mpsc::channel();
        let (nudge, _inbox) = mpsc::channel();
        let answers = Answers { outbox, wake: Arc::new(|| {}) };
        let mut bench = Bench::new(setting, answers, Cancelled::default(), Default::default(), nudge);
        let unlock = || Effect::Opening(OpeningEffect::Unlock { passphrase: passphrase() });
        answer(&mut bench, unlock());
        answer(&mut bench, ExchangeEffect::Import { dir: folder.path().join("papers"), dry_run: false }.into());
        let whole = bench.with(|vault| Ok(vault.integrity().verify_quietly(&mut |_, _| {})?)).ok().unwrap();
        // Busy: nothing is begun.
        go_on_checking(&mut bench);
        assert!(bench.slices.under_way.is_none());
        let mut locks = 0;
        let check = (0..10_000).find_map(|_| {
            let ended = (0..3).find_map(|_| quiet_moment(&mut bench, &events));
            if ended.is_none() {
                bench.cancelled.leave();
                answer(&mut bench, OpeningEffect::Lock(None).into());
                answer(&mut bench, unlock());
                locks += 1;
            }
            ended
        });
        let check = check.expect("it ends");
        assert!(locks > 0);
        assert_eq!((check.documents, check.changes, check.is_whole()), (whole.documents, whole.envelopes, true));
        assert!(
            bench.with(|vault| Ok(vault.integrity().kept_checking().is_none())).is_ok_and(|none| none),
            "nothing is left of it"
        );
        assert!(quiet_moment(&mut bench, &events).is_none() && bench.slices.under_way.is_none(), "until next week");
    }

    #[test]
    fn a_check_says_what_it_found_whichever_block_of_the_file_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let setting = practice_and_papers(folder.path(), 3);
        let file = setting.file.clone();
        let sit_down = || {
            let (outbox, events) = mpsc::channel();
            let (nudge, _inbox) = mpsc::channel();
            let answers = Answers { outbox, wake: Arc::new(|| {}) };
            let mut bench = Bench::new(setting.clone(), answers, Cancelled::default(), Default::default(), nudge);
            answer(&mut bench, OpeningEffect::Unlock { passphrase: passphrase() }.into());
            (bench, events)
        };
        let (mut bench, _events) = sit_down();
        answer(&mut bench, ExchangeEffect::Import { dir: folder.path().join("papers"), dry_run: false }.into());
        answer(&mut bench, OpeningEffect::Lock(None).into());
        drop(bench);
        let whole = std::fs::read(&file).unwrap();
        let mut damaged = 0;
        for block in (20_480..whole.len()).step_by(4_112) {
            let mut bad = whole.clone();
            bad[block + 50] ^= 1;
            std::fs::write(&file, &bad).unwrap();
            let (mut bench, events) = sit_down();
            if bench.with(|_| Ok(())).is_err() {
                continue;
            }
            while events.try_recv().is_ok() {}
            answer(&mut bench, CheckEffect::Run.into());
            let found = (0..100).find_map(|_| {
                go_on_checking(&mut bench);
                events.try_iter().find_map(|event| match event {
                    Event::Check(CheckEvent::Checked(check)) => Some(*check),
                    Event::Failed(_, why) => panic!("block at {block}: {why}"),
                    Event::Refused(_, why) => panic!("block at {block}: {why:?}"),
                    _ => None,
                })
            });
            damaged += usize::from(!found.expect("it ends").is_whole());
        }
        assert!(damaged > 3, "{damaged}");
    }

    #[test]
    fn a_practice_whose_slots_were_put_back_offers_its_repair_when_it_is_unlocked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.vault");
        let newer = Passphrase::new("walnut anchor violet river".to_owned());
        let strength = Strength::CHEAP_FOR_TESTS;
        let vault = practice::create(&file, &passphrase(), "Here", Profile::Tests).unwrap().vault;
        drop(vault.lock().unwrap());
        let mut old = Batch::new();
        let each = &mut |key: &RowKey, value: &[u8]| {
            old.put(Table::Slots, *key, value.to_vec());
            ControlFlow::Continue(())
        };
        RedbStore::open(&file).unwrap().scan(Table::Slots, each).unwrap();
        let open = |words: &Passphrase| practice::open(&file, Profile::Tests).unwrap().unlock(words, practice::now());
        let mut vault = open(&passphrase()).unwrap();
        vault.change_passphrase(&passphrase(), &newer, strength).unwrap();
        drop(vault.lock().unwrap());
        let vault = open(&newer).unwrap();
        assert_eq!(shown_check(&vault).unwrap(), None, "it was changed here");
        drop(vault.lock().unwrap());
        RedbStore::open(&file).unwrap().commit(old).unwrap();
        let mut vault = open(&passphrase()).unwrap();
        let shown = shown_check(&vault).unwrap().unwrap();
        assert_eq!(shown.damaged, [(Damage::Vital.words().to_owned(), 1)]);
        vault.integrity_mut().repair(&mut |_, _| {}).unwrap();
        assert_eq!(shown_check(&vault).unwrap(), None);
    }

    #[test]
    fn a_check_is_due_after_a_week_and_when_there_was_none() {
        let at = DateTime::constant(2026, 11, 14, 9, 0, 0, 0);
        let check = CheckResult {
            at,
            changes: 0,
            documents: 0,
            signatures: 0,
            missing: 0,
            private: 0,
            damaged: Vec::new(),
            affected: Vec::new(),
        };
        assert!(is_due(None, at));
        assert!(!is_due(Some(&check), DateTime::constant(2026, 11, 20, 23, 0, 0, 0)));
        assert!(is_due(Some(&check), DateTime::constant(2026, 11, 21, 0, 0, 0, 0)));
    }
}
