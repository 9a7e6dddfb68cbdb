//! The check of the practice: when it is asked for, and by itself once a week in quiet moments. Either is made in slices, so
//! that whatever else is asked for has its turn; locking stops it, and it goes on after the next unlocking.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use subrosa_core::vault::{Checking, DAY, Millis, Vault, VaultError, Verified};

use crate::check::{Check, Touched};
use crate::effect::Job;
use crate::event::{Event, Progress};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::salvaging;
use crate::jobs::worker::Worker;
use crate::operations::repair;
use crate::practice;

/// Name of the setting that holds what the last check found.
const CHECK: &str = "check";
/// Days after which it is made by itself.
const DAYS: i32 = 7;
/// How long nothing must be asked before it is.
pub(super) const QUIET: Duration = Duration::from_secs(45);
/// How long it works before it looks whether somebody waits. One that was asked for goes on at once then, the other in
/// the next quiet moment.
const SLICE: Duration = Duration::from_millis(50);
/// How often it is kept how far it has come, for when the program is ended; it always is when the practice is locked.
const KEEP: Duration = Duration::from_secs(30);

/// The check that is made in slices.
#[derive(Default)]
pub(super) struct Slices {
    /// When it was last looked whether one is due.
    looked: Option<Instant>,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    checking: Checking,
    /// Somebody waits for it.
    asked: bool,
    /// When it was last kept how far it has come.
    kept: Instant,
}

impl UnderWay {
    fn new(checking: Checking, asked: bool) -> Self {
        Self { checking, asked, kept: Instant::now() }
    }
}

impl Slices {
    /// Whether somebody waits for the check that is under way.
    pub(super) fn are_asked_for(&self) -> bool {
        self.under_way.as_ref().is_some_and(|under_way| under_way.asked)
    }
}

/// What the last check on this device found.
pub(super) fn last(vault: &Vault) -> Result<Option<Check>, VaultError> {
    Ok(vault.setting(CHECK)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

/// Whether it is time for another.
pub(super) fn is_due(last: Option<&Check>, now: jiff::civil::DateTime) -> bool {
    last.is_none_or(|check| (now.date() - check.at.date()).get_days() >= DAYS)
}

impl Worker {
    /// Begins the check that somebody asks for, from the beginning.
    pub(super) fn check(&mut self) -> Outcome {
        let checking = self.with(|vault| vault.begin_quiet_check(practice::now()))?;
        self.slices.under_way = Some(UnderWay::new(checking, true));
        Ok(None)
    }

    /// Makes again what can be made, and says what is damaged then. Other devices are asked for what is lacking.
    pub(super) fn repair(&mut self) -> Outcome {
        let mut progress = self.tell(Job::Repair);
        let done = self.with(|vault| repair::repair(vault, &self.setting.file, &mut progress))?;
        let found = self.check_through(&mut progress)?;
        self.tell_devices();
        self.send_clients()?;
        self.answers.send(Event::Repaired(salvaging::repaired(&done, None)));
        found.map_or(Ok(None), |found| self.keep_check(&found))
    }

    /// Checks everything, for a job that has the practice to itself; nothing when the practice is to be locked meanwhile.
    pub(super) fn check_through(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Option<Verified>, Failure> {
        let mut checking = self.with(|vault| vault.begin_quiet_check(practice::now()))?;
        while !self.cancelled.is_leaving() {
            let found = self.with(|vault| vault.go_on_checking(&mut checking))?;
            let (done, of) = checking.progress();
            progress(done, of);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Tells how far it is, now and then.
    fn tell(&self, job: Job) -> impl FnMut(u64, u64) + use<> {
        let answers = self.answers.clone();
        move |done, total| {
            if done.is_multiple_of(64) || done == total {
                answers.send(Event::Progress(job, Progress { done, total }));
            }
        }
    }

    pub(super) fn keep_check(&mut self, found: &Verified) -> Outcome {
        self.slices.under_way = None;
        let check = self.with(|vault| told(vault, found))?;
        let row = serde_json::to_vec(&check).map_err(|error| Failure::of(&error))?;
        let notices = self.with(|vault| {
            vault.keep_setting(CHECK, &row)?;
            vault.forget_checking()?;
            vault.notice_check(found);
            Ok(vault.take_notices())
        })?;
        notices.into_iter().for_each(|notice| self.answers.send(Event::Notice(notice.words().to_owned())));
        Ok(Some(Event::Checked(Box::new(check))))
    }

    /// The next slice of the check that somebody asked for, or, in a quiet moment, of the one that is due.
    pub(super) fn go_on_checking(&mut self) {
        let asked = self.slices.are_asked_for();
        if !asked && (self.demo_is_open() || self.asked.elapsed() < QUIET) {
            return;
        }
        match self.slice() {
            Ok(Some(event)) => self.answers.send(event),
            Err(Failure::Sentence(why)) => self.answers.send(Event::Failed(Job::Check, why)),
            Err(Failure::Refused(refusal)) if asked => self.answers.send(Event::Refused(Job::Check, refusal)),
            Ok(None) | Err(Failure::Refused(_)) => {}
        }
    }

    fn slice(&mut self) -> Outcome {
        let Some(mut under_way) = self.slices.under_way.take() else {
            self.slices.under_way = self.due()?.map(|checking| UnderWay::new(checking, false));
            return Ok(None);
        };
        let began = Instant::now();
        while began.elapsed() < SLICE {
            if let Some(found) = self.with(|vault| vault.go_on_checking(&mut under_way.checking))? {
                return self.keep_check(&found);
            }
        }
        if under_way.asked {
            let (done, total) = under_way.checking.progress();
            self.answers.send(Event::Progress(Job::Check, Progress { done, total }));
        }
        if under_way.kept.elapsed() >= KEEP {
            self.with(|vault| vault.keep_checking(&under_way.checking))?;
            under_way.kept = Instant::now();
        }
        self.slices.under_way = Some(under_way);
        Ok(None)
    }

    /// The check that was stopped, or a new one when the last is old. Looked for now and then.
    fn due(&mut self) -> Result<Option<Checking>, Failure> {
        if self.slices.looked.is_some_and(|looked| looked.elapsed() < QUIET) {
            return Ok(None);
        }
        self.slices.looked = Some(Instant::now());
        let (now, today) = (practice::now(), practice::today().to_datetime(jiff::civil::Time::midnight()));
        self.with(|vault| {
            if let Some(kept) = vault.kept_checking().filter(|kept| is_young(kept.begun(), now)) {
                return Ok(Some(kept));
            }
            match is_due(last(vault)?.as_ref(), today) {
                true => vault.begin_quiet_check(now).map(Some),
                false => Ok(None),
            }
        })
    }

    /// Stops what is under way, and keeps how far it has come.
    pub(super) fn stop_checking(&mut self) {
        let under_way = std::mem::take(&mut self.slices).under_way;
        if let Some(under_way) = under_way.filter(|_| !self.demo_is_open()) {
            // One that cannot be kept begins anew.
            let _ = self.with(|vault| vault.keep_checking(&under_way.checking));
        }
    }
}

/// Whether a check that was begun then still says something of now: after a week it begins anew.
fn is_young(begun: Millis, now: Millis) -> bool {
    now.saturating_sub(begun) < DAY * Millis::from(DAYS.unsigned_abs())
}

fn told(vault: &Vault, found: &Verified) -> Result<Check, VaultError> {
    let mut damaged: BTreeMap<&'static str, u64> = BTreeMap::new();
    for damage in &found.damaged {
        *damaged.entry(damage.words()).or_default() += 1;
    }
    Ok(Check {
        at: jiff::Zoned::now().datetime(),
        changes: found.envelopes,
        documents: found.documents,
        signatures: found.signatures,
        missing: found.bodies_missing,
        private: found.items_private,
        damaged: damaged.into_iter().map(|(words, number)| (words.to_owned(), number)).collect(),
        touched: touched(vault, found)?,
    })
}

fn touched(vault: &Vault, found: &Verified) -> Result<Vec<Touched>, VaultError> {
    let mut by_client: BTreeMap<_, (BTreeSet<_>, bool)> = BTreeMap::new();
    for one in vault.touched_by(&found.damaged)? {
        let (days, person) = by_client.entry(one.client).or_default();
        match one.date {
            Some(day) => drop(days.insert(day)),
            None => *person = true,
        }
    }
    let told = |(client, (days, person)): (_, (BTreeSet<_>, _))| Touched {
        client,
        days: days.into_iter().rev().collect(),
        person,
    };
    Ok(by_client.into_iter().map(told).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use jiff::civil::DateTime;

    use super::*;
    use crate::effect::Effect;
    use crate::jobs::tests::{passphrase, practice_and_papers};
    use crate::jobs::{Answers, Cancelled};

    /// One quiet moment; the result of the check when it was the last.
    fn quiet_moment(worker: &mut Worker, events: &mpsc::Receiver<Event>) -> Option<Check> {
        worker.asked = Instant::now().checked_sub(2 * QUIET).unwrap();
        worker.go_on_checking();
        events.try_iter().find_map(|event| match event {
            Event::Checked(check) => Some(*check),
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
        let mut worker = Worker::new(setting, answers, Cancelled::default(), Default::default(), nudge);
        let unlock = || Effect::Unlock { passphrase: passphrase() };
        worker.answer(unlock());
        worker.answer(Effect::Import { dir: folder.path().join("papers"), dry_run: false });
        let whole = worker.with(|vault| vault.verify_quietly(&mut |_, _| {})).ok().unwrap();
        // Busy: nothing is begun.
        worker.go_on_checking();
        assert!(worker.slices.under_way.is_none());
        let mut locks = 0;
        let check = (0..10_000).find_map(|_| {
            let ended = (0..3).find_map(|_| quiet_moment(&mut worker, &events));
            if ended.is_none() {
                worker.cancelled.leave();
                worker.answer(Effect::Lock(None));
                worker.answer(unlock());
                locks += 1;
            }
            ended
        });
        let check = check.expect("it ends");
        assert!(locks > 0);
        assert_eq!((check.documents, check.changes, check.is_whole()), (whole.documents, whole.envelopes, true));
        assert!(
            worker.with(|vault| Ok(vault.kept_checking().is_none())).is_ok_and(|none| none),
            "nothing is left of it"
        );
        assert!(quiet_moment(&mut worker, &events).is_none() && worker.slices.under_way.is_none(), "until next week");
    }

    #[test]
    fn a_check_is_due_after_a_week_and_when_there_was_none() {
        let at = DateTime::constant(2026, 11, 14, 9, 0, 0, 0);
        let check = Check {
            at,
            changes: 0,
            documents: 0,
            signatures: 0,
            missing: 0,
            private: 0,
            damaged: Vec::new(),
            touched: Vec::new(),
        };
        assert!(is_due(None, at));
        assert!(!is_due(Some(&check), DateTime::constant(2026, 11, 20, 23, 0, 0, 0)));
        assert!(is_due(Some(&check), DateTime::constant(2026, 11, 21, 0, 0, 0, 0)));
    }
}
