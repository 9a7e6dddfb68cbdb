//! Long jobs over a real practice: a lock that waits behind one has its turn within moments, and so has a draft.

use std::path::Path;
use std::sync::mpsc;

use subrosa_core::secret::Passphrase;

use super::*;
use crate::event::ImportReport;
use crate::words;
use crate::{made_up, practice};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

pub(super) fn passphrase() -> Passphrase {
    Passphrase::new("lantern gravel oboe thicket".to_owned())
}

pub(super) fn setting(folder: &Path) -> Setting {
    let file = folder.join("practice");
    Setting { file, profile: Profile::Tests, discovery: false, demo: None }
}

/// A practice that is locked, and a folder to import.
pub(super) fn practice_and_papers(folder: &Path, clients: u32) -> Setting {
    let setting = setting(folder);
    let created = practice::create(&setting.file, &passphrase(), "Here", Profile::Tests).unwrap();
    drop(created.vault.lock().unwrap());
    made_up::write(&folder.join("papers"), clients, 4, jiff::civil::date(2026, 11, 20)).unwrap();
    setting
}

/// The jobs of a window, and when one has answered.
struct Jobs(VaultJobs, mpsc::Receiver<()>);

impl Jobs {
    fn over(setting: Setting) -> Self {
        let (wake, answered) = mpsc::channel();
        let wake = Arc::new(move || {
            let _ = wake.send(());
        });
        Self(VaultJobs::new(setting, wake).unwrap(), answered)
    }

    fn start(&mut self, effects: impl IntoIterator<Item = Effect>) {
        effects.into_iter().for_each(|effect| crate::effect::Jobs::start(&mut self.0, effect));
    }

    /// Everything that is answered, up to this.
    fn until(&mut self, last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        while !events.iter().any(&last) {
            events.extend(crate::effect::Jobs::poll(&mut self.0));
            if !events.iter().any(&last) {
                self.1.recv_timeout(PATIENCE).expect("an answer");
            }
        }
        events
    }
}

fn unlock() -> Effect {
    Effect::Unlock { passphrase: passphrase() }
}

fn import(folder: &Path) -> Effect {
    Effect::Import { dir: folder.join("papers"), dry_run: false }
}

fn failed(events: &[Event], of: Job) -> bool {
    events.iter().any(|event| matches!(event, Event::Failed(job, _) if *job == of))
}

/// What is said when the practice was opened last.
fn warning(events: &[Event]) -> String {
    let opened = events.iter().rev().find_map(|event| match event {
        Event::Unlocked(opened) => Some(opened),
        _ => None,
    });
    opened.unwrap().warning.clone().unwrap_or_default()
}

fn unlocked_twice(events: &mut Jobs) -> Vec<Event> {
    let mut all = events.until(|event| matches!(event, Event::Unlocked(_)));
    if all.iter().filter(|event| matches!(event, Event::Unlocked(_))).count() < 2 {
        all.extend(events.until(|event| matches!(event, Event::Unlocked(_))));
    }
    all
}

#[test]
fn a_lock_stops_an_import_and_an_export_before_it_and_the_next_unlocking_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = Jobs::over(practice_and_papers(folder.path(), 40));
    // All at once: the lock waits behind a job that has hardly begun.
    jobs.start([unlock(), import(folder.path()), Effect::Lock(None), unlock()]);
    let events = unlocked_twice(&mut jobs);
    assert!(failed(&events, Job::Import) && warning(&events).contains(words::IMPORT_CUT_OFF));

    // With nobody who locks it comes to its end, and brings what had not come.
    jobs.start([import(folder.path())]);
    let events = jobs.until(|event| matches!(event, Event::ImportReport(_)));
    let report: Vec<&ImportReport> = events
        .iter()
        .filter_map(|event| if let Event::ImportReport(report) = event { Some(&**report) } else { None })
        .collect();
    assert!(report[0].notes > 40, "{}", report[0].notes);

    let out = folder.path().join("out");
    let export = || Effect::Export { dir: out.clone(), client: None, private: None };
    jobs.start([export(), Effect::Lock(None), unlock()]);
    let events = jobs.until(|event| matches!(event, Event::Unlocked(_)));
    assert!(failed(&events, Job::Export) && warning(&events).contains(words::EXPORT_CUT_OFF));
    jobs.start([Effect::Lock(None), unlock()]);
    let events = jobs.until(|event| matches!(event, Event::Unlocked(_)));
    assert!(!warning(&events).contains(words::EXPORT_CUT_OFF), "said once");
    jobs.start([export()]);
    assert!(!failed(&jobs.until(|event| matches!(event, Event::Written(Job::Export))), Job::Export));
}

#[test]
fn the_end_of_the_window_does_not_wait_for_an_import() {
    let folder = tempfile::tempdir().unwrap();
    let setting = practice_and_papers(folder.path(), 40);
    let mut jobs = Jobs::over(setting.clone());
    jobs.start([unlock(), import(folder.path())]);
    drop(jobs);
    let vault = practice::unlock(&setting.file, &passphrase(), Profile::Tests).unwrap();
    let notes: usize = vault.clients().map(|row| vault.timeline(&row.id).unwrap().len()).sum();
    assert!(notes < 40, "{notes}");
    assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_draft_is_saved_while_a_check_that_was_asked_for_goes_on_and_a_lock_stops_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let setting = practice_and_papers(folder.path(), 40);
    let mut jobs = Jobs::over(setting.clone());
    jobs.start([unlock(), import(folder.path())]);
    jobs.until(|event| matches!(event, Event::ImportReport(_)));
    jobs.start([Effect::Check, Effect::AddClient { name: "Nora".to_owned(), code: None }]);
    let events = jobs.until(|event| matches!(event, Event::Checked(_)));
    let place = |is: fn(&Event) -> bool| events.iter().position(is).unwrap();
    assert!(place(|event| matches!(event, Event::ClientAdded(_))) < place(|event| matches!(event, Event::Checked(_))));
    assert!(
        events.iter().any(|event| matches!(event, Event::Checked(check) if check.is_whole() && check.documents > 100))
    );

    jobs.start([Effect::Check, Effect::Lock(None), unlock()]);
    let events = jobs.until(|event| matches!(event, Event::Unlocked(_)));
    assert!(!events.iter().any(|event| matches!(event, Event::Checked(_))));
    drop(jobs);
    let vault = practice::unlock(&setting.file, &passphrase(), Profile::Tests).unwrap();
    assert!(vault.kept_checking().is_some(), "it goes on in a quiet moment");
}
