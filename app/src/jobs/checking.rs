//! The check of the practice: when it is asked for, and by itself once a week in a quiet moment.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use subrosa_core::vault::{Checking, Vault, VaultError, Verified};

use crate::check::{Check, Touched};
use crate::effect::Job;
use crate::event::{Event, Progress};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::salvaging;
use crate::jobs::worker::Worker;
use crate::practice;

/// Name of the setting that holds what the last check found.
const CHECK: &str = "check";
/// Days after which it is made by itself.
const DAYS: i32 = 7;
/// How long nothing must be asked before it is.
pub(super) const QUIET: Duration = Duration::from_secs(45);
/// Envelopes that are looked at in one quiet moment: at the most 4 MiB.
const AT_ONCE: usize = 16;

/// The check that is made by itself.
#[derive(Default)]
pub(super) struct ByItself {
    /// When it was last looked whether one is due.
    looked: Option<Instant>,
    under_way: Option<Checking>,
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
    pub(super) fn check(&mut self) -> Outcome {
        let found = self.with(|vault| vault.verify_quietly(&mut self.tell(Job::Check)))?;
        self.keep_check(&found)
    }

    /// Makes again what can be made, and says what is damaged then. Other devices are asked for what is lacking.
    pub(super) fn repair(&mut self) -> Outcome {
        let mut progress = self.tell(Job::Repair);
        let done = self.with(|vault| practice::repair(vault, &self.setting.file, &mut progress))?;
        let found = self.with(|vault| vault.verify_quietly(&mut progress))?;
        self.tell_devices();
        self.send_clients()?;
        self.answers.send(Event::Repaired(salvaging::repaired(&done, None)));
        self.keep_check(&found)
    }

    /// Tells how far it is, now and then.
    fn tell(&self, job: Job) -> impl FnMut(u64, u64) {
        let answers = self.answers.clone();
        move |done, total| {
            if done.is_multiple_of(64) || done == total {
                answers.send(Event::Progress(job, Progress { done, total }));
            }
        }
    }

    pub(super) fn keep_check(&self, found: &Verified) -> Outcome {
        let check = self.with(|vault| told(vault, found))?;
        let row = serde_json::to_vec(&check).map_err(|error| Failure::of(&error))?;
        let notices = self.with(|vault| {
            vault.keep_setting(CHECK, &row)?;
            vault.notice_check(found);
            Ok(vault.take_notices())
        })?;
        notices.into_iter().for_each(|notice| self.answers.send(Event::Notice(notice.words().to_owned())));
        Ok(Some(Event::Checked(Box::new(check))))
    }

    /// In quiet moments, when the last check is old: some envelopes in each, so that nothing has to wait for it.
    pub(super) fn check_by_itself(&mut self) {
        if self.demo_is_open() || self.asked.elapsed() < QUIET {
            return;
        }
        match self.go_on_checking() {
            Ok(Some(event)) => self.answers.send(event),
            Ok(None) | Err(Failure::Refused(_)) => {}
            Err(Failure::Sentence(why)) => self.answers.send(Event::Failed(Job::Check, why)),
        }
    }

    fn go_on_checking(&mut self) -> Outcome {
        let Some(mut checking) = self.by_itself.under_way.take() else {
            if self.by_itself.looked.is_none_or(|looked| looked.elapsed() >= QUIET) {
                self.by_itself.looked = Some(Instant::now());
                let now = practice::today().to_datetime(jiff::civil::Time::midnight());
                self.by_itself.under_way = self.with(|vault| match is_due(last(vault)?.as_ref(), now) {
                    true => vault.begin_quiet_check().map(Some),
                    false => Ok(None),
                })?;
            }
            return Ok(None);
        };
        match self.with(|vault| vault.go_on_checking(&mut checking, AT_ONCE))? {
            Some(found) => self.keep_check(&found),
            None => {
                self.by_itself.under_way = Some(checking);
                Ok(None)
            }
        }
    }
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
    use jiff::civil::DateTime;

    use super::*;

    #[test]
    fn a_check_is_due_after_a_week_and_when_there_was_none() {
        let at = DateTime::constant(2026, 11, 14, 9, 0, 0, 0);
        let check =
            Check { at, changes: 0, documents: 0, signatures: 0, missing: 0, damaged: Vec::new(), touched: Vec::new() };
        assert!(is_due(None, at));
        assert!(!is_due(Some(&check), DateTime::constant(2026, 11, 20, 23, 0, 0, 0)));
        assert!(is_due(Some(&check), DateTime::constant(2026, 11, 21, 0, 0, 0, 0)));
    }
}
