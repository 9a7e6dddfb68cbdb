//! Long jobs over a real practice: a lock that waits behind one has its turn within moments, and so has a draft.

use std::path::Path;
use std::sync::{Arc, mpsc};

use subrosa_core::record::Identity;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{NewFile, Vault};

use super::*;
use crate::features::check::messages::{CheckEffect, CheckEvent};
use crate::features::clients::messages::{ClientsEffect, ClientsEvent};
use crate::features::colleagues::messages::{ColleaguesEffect, ColleaguesEvent};
use crate::features::colleagues::values::SealRequest;
use crate::features::exchange::messages::{ExchangeEffect, ExchangeEvent};
use crate::features::exchange::values::ImportReport;
use crate::features::opening::demo::made_up;
use crate::features::opening::messages::OpeningEvent;
use crate::practice::Profile;
use crate::values::job::Job;
use crate::{practice, words};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new("lantern gravel oboe thicket".to_owned())
}

pub(crate) fn setting(folder: &Path) -> Setting {
    let file = folder.join("practice");
    Setting { file, profile: Profile::Tests, discovery: false, demo: None }
}

/// A practice that is locked, and a folder to import.
pub(crate) fn practice_and_papers(folder: &Path, clients: u32) -> Setting {
    let setting = setting(folder);
    let created = practice::create(&setting.file, &passphrase(), "Here", Profile::Tests).unwrap();
    drop(created.vault.lock().unwrap());
    made_up::write(&folder.join("papers"), clients, 4, jiff::civil::date(2026, 11, 20)).unwrap();
    setting
}

/// The jobs of a window, and when one has answered.
struct WindowJobs(VaultJobs, mpsc::Receiver<()>);

impl WindowJobs {
    fn over(setting: Setting) -> Self {
        let (wake, answered) = mpsc::channel();
        let wake = Arc::new(move || {
            let _ = wake.send(());
        });
        Self(VaultJobs::new(setting, wake).unwrap(), answered)
    }

    /// Everything that is answered, up to the second time that it is unlocked.
    fn until_unlocked_twice(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while events.iter().filter(|event| is_unlocked(event)).count() < 2 {
            events.extend(self.until(is_unlocked));
        }
        events
    }

    fn start(&mut self, effects: impl IntoIterator<Item = Effect>) {
        effects.into_iter().for_each(|effect| crate::jobs::Jobs::start(&mut self.0, effect));
    }

    /// Everything that is answered, up to this.
    fn until(&mut self, last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        while !events.iter().any(&last) {
            events.extend(crate::jobs::Jobs::poll(&mut self.0));
            if !events.iter().any(&last) {
                self.1.recv_timeout(PATIENCE).expect("an answer");
            }
        }
        events
    }
}

fn unlock() -> Effect {
    Effect::Opening(OpeningEffect::Unlock { passphrase: passphrase() })
}

fn import(folder: &Path) -> Effect {
    Effect::Exchange(ExchangeEffect::Import { dir: folder.join("papers"), dry_run: false })
}

fn failed(events: &[Event], of: Job) -> bool {
    events.iter().any(|event| matches!(event, Event::Failed(job, _) if *job == of))
}

/// What is said when the practice was opened last.
fn warning(events: &[Event]) -> String {
    let opened = events.iter().rev().find_map(|event| match event {
        Event::Opening(OpeningEvent::Unlocked(opened)) => Some(opened),
        _ => None,
    });
    opened.unwrap().warning.clone().unwrap_or_default()
}

fn is_unlocked(event: &Event) -> bool {
    matches!(event, Event::Opening(OpeningEvent::Unlocked(_)))
}

/// What keeps the thread at work while the rest is put into its queue.
fn meanwhile() -> [Effect; 2] {
    [Effect::Opening(OpeningEffect::Lock(None)), unlock()]
}

#[test]
fn a_lock_stops_an_import_and_an_export_before_it_and_the_next_unlocking_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = WindowJobs::over(practice_and_papers(folder.path(), 40));
    // All at once: the lock waits behind a job that has hardly begun.
    jobs.start([unlock(), import(folder.path()), Effect::Opening(OpeningEffect::Lock(None)), unlock()]);
    let events = jobs.until_unlocked_twice();
    assert!(failed(&events, Job::Import) && warning(&events).contains(words::IMPORT_CUT_OFF));

    // With nobody who locks it comes to its end, and brings what had not come.
    jobs.start([import(folder.path())]);
    let events = jobs.until(|event| matches!(event, Event::Exchange(ExchangeEvent::Imported(_))));
    let report: Vec<&ImportReport> = events
        .iter()
        .filter_map(
            |event| if let Event::Exchange(ExchangeEvent::Imported(report)) = event { Some(&**report) } else { None },
        )
        .collect();
    assert!(report[0].notes > 40, "{}", report[0].notes);

    let out = folder.path().join("out");
    let export = || Effect::Exchange(ExchangeEffect::Export { dir: out.clone(), client: None, private: None });
    jobs.start(meanwhile().into_iter().chain([export(), Effect::Opening(OpeningEffect::Lock(None)), unlock()]));
    let events = jobs.until_unlocked_twice();
    assert!(failed(&events, Job::Export) && warning(&events).contains(words::EXPORT_CUT_OFF));
    jobs.start([Effect::Opening(OpeningEffect::Lock(None)), unlock()]);
    let events = jobs.until(is_unlocked);
    assert!(!warning(&events).contains(words::EXPORT_CUT_OFF), "said once");
    jobs.start([export()]);
    assert!(!failed(&jobs.until(|event| matches!(event, Event::Written(Job::Export))), Job::Export));
}

#[test]
fn the_end_of_the_window_does_not_wait_for_an_import() {
    let folder = tempfile::tempdir().unwrap();
    let setting = practice_and_papers(folder.path(), 40);
    let mut jobs = WindowJobs::over(setting.clone());
    jobs.start([unlock(), import(folder.path())]);
    drop(jobs);
    let vault = practice::unlock(&setting.file, &passphrase(), Profile::Tests).unwrap();
    let notes: usize = vault.clients().all().map(|row| vault.notes().timeline(&row.id).unwrap().len()).sum();
    assert!(notes < 40, "{notes}");
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_draft_is_saved_while_a_check_that_was_asked_for_goes_on_and_a_lock_stops_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let setting = practice_and_papers(folder.path(), 40);
    let mut jobs = WindowJobs::over(setting.clone());
    jobs.start([unlock(), import(folder.path())]);
    jobs.until(|event| matches!(event, Event::Exchange(ExchangeEvent::Imported(_))));
    let client = Effect::Clients(ClientsEffect::Add { name: "Nora".to_owned(), code: None });
    jobs.start(meanwhile().into_iter().chain([Effect::Check(CheckEffect::Run), client]));
    let events = jobs.until(|event| matches!(event, Event::Check(CheckEvent::Checked(_))));
    let place = |is: fn(&Event) -> bool| events.iter().position(is).unwrap();
    assert!(
        place(|event| matches!(event, Event::Clients(ClientsEvent::Added(_))))
            < place(|event| matches!(event, Event::Check(CheckEvent::Checked(_))))
    );
    assert!(events.iter().any(
        |event| matches!(event, Event::Check(CheckEvent::Checked(check)) if check.is_whole() && check.documents > 100)
    ));

    jobs.start(meanwhile().into_iter().chain([
        Effect::Check(CheckEffect::Run),
        Effect::Opening(OpeningEffect::Lock(None)),
        unlock(),
    ]));
    let events = jobs.until_unlocked_twice();
    assert!(!events.iter().any(|event| matches!(event, Event::Check(CheckEvent::Checked(_)))));
    drop(jobs);
    let vault = practice::unlock(&setting.file, &passphrase(), Profile::Tests).unwrap();
    assert!(vault.integrity().kept_checking().is_some(), "it goes on in a quiet moment");
}

/// Two practices that know each other's cards, the first with a client who has a file.
fn two_colleagues(folder: &Path) -> (Setting, Setting, SealRequest) {
    let at = |name: &str| Setting { file: folder.join(name), ..setting(folder) };
    let settings = [at("ours"), at("theirs")];
    let [mut ours, mut theirs] =
        settings.each_ref().map(|it| practice::create(&it.file, &passphrase(), "Here", Profile::Tests).unwrap().vault);
    let today = jiff::civil::date(2026, 11, 20);
    let card = |vault: &Vault, name: &str| vault.exchange().card(name, today).unwrap().as_bytes().to_vec();
    let to = ours.exchange_mut().add_colleague(&card(&theirs, "Dr Virta"), practice::now()).unwrap();
    theirs.exchange_mut().add_colleague(&card(&ours, "Dr Laine"), practice::now()).unwrap();
    practice::keep_owner(&mut ours, "Dr Laine").unwrap();
    let identity = Identity { name: "Aino".to_owned(), ..Identity::default() };
    let client = ours.clients_mut().add_client(&identity, practice::now()).unwrap();
    let scan = NewFile { client, note: None, name: "scan.pdf", length: None };
    ours.files_mut().attach(&scan, &mut &[7; 5_000][..], practice::now(), &mut |_| {}, &|| false).unwrap();
    drop((ours.lock().unwrap(), theirs.lock().unwrap()));
    let request = SealRequest {
        client,
        notes: Vec::new(),
        to,
        purpose: "Referral".to_owned(),
        basis: "Consent".to_owned(),
        until: None,
        file: folder.join("record.age"),
    };
    let [ours, theirs] = settings;
    (ours, theirs, request)
}

#[test]
fn a_lock_stops_the_sealing_and_the_opening_of_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs, request) = two_colleagues(folder.path());
    let mut jobs = WindowJobs::over(ours);
    let seal = || Effect::Colleagues(ColleaguesEffect::Seal(Box::new(request.clone())));
    jobs.start([unlock(), seal(), Effect::Opening(OpeningEffect::Lock(None)), unlock()]);
    let events = jobs.until_unlocked_twice();
    assert!(failed(&events, Job::Seal) && warning(&events).contains(words::SEAL_CUT_OFF));
    assert!(!request.file.exists());
    jobs.start([seal()]);
    jobs.until(|event| matches!(event, Event::Written(Job::Seal)));
    drop(jobs);

    let mut jobs = WindowJobs::over(theirs);
    let open = || Effect::Colleagues(ColleaguesEffect::OpenSealed { file: request.file.clone() });
    let save = || Effect::Colleagues(ColleaguesEffect::SaveSealed { dir: folder.path().join("copies") });
    jobs.start([unlock(), open(), Effect::Opening(OpeningEffect::Lock(None)), unlock()]);
    let events = jobs.until_unlocked_twice();
    let stopped = |event: &Event| matches!(event, Event::Failed(Job::OpenSealed, why) if why == words::LOOKING_STOPPED);
    assert!(events.iter().any(stopped));
    jobs.start([open()]);
    jobs.until(|event| matches!(event, Event::Colleagues(ColleaguesEvent::SealedOpened(_))));
    // The lock is there first: so short a record is written before anybody is quick enough.
    jobs.0.cancelled.leave();
    jobs.start([save()]);
    let events = jobs.until(stopped);
    jobs.0.cancelled.left();
    assert!(!events.is_empty() && !folder.path().join("copies").exists());
    jobs.start([save()]);
    jobs.until(|event| matches!(event, Event::Written(Job::OpenSealed)));
}
