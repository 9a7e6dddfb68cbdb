//! The process that is killed: this test binary, started again with an errand. It writes line by line on standard output
//! what it was told is saved, and goes on until it is no more. `killed` starts it, and looks at what it left.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use subrosa::bridge::{Network, Shared, Syncing, address_from_text};
use subrosa::features::exchange::messages::{ExchangeEffect, ExchangeEvent};
use subrosa::features::notes::messages::{NotesEffect, NotesEvent};
use subrosa::features::opening::messages::{OpeningEffect, OpeningEvent};
use subrosa::features::signing::messages::{SigningEffect, SigningEvent};
use subrosa::jobs::Jobs;
use subrosa::jobs::{Setting, VaultJobs};
use subrosa::messages::{Effect, Event};
use subrosa::practice;
use subrosa::practice::Profile;
use subrosa::values::note_ref::NoteRef;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::kdf::Policy;

use crate::device::{PATIENCE, note, passphrase};

/// Where an errand is written, one word after the other.
const ERRAND: &str = "SUBROSA_TEST_ERRAND";
/// What a line begins with that is meant for whoever listens.
const SAID: &str = "@ ";
/// Key presses after which the window is locked, which puts what was typed into an envelope.
const UNTIL_LOCK: u64 = 20;

/// What a victim is to do, with what it needs to know.
#[derive(Clone)]
pub(crate) struct Errand {
    pub(crate) what: &'static str,
    pub(crate) practice: PathBuf,
    pub(crate) passphrase: String,
    pub(crate) with: Vec<String>,
}

/// A process that works until it is killed.
pub(crate) struct Victim {
    child: Child,
    said: Receiver<String>,
}

impl Victim {
    pub(crate) fn start(errand: &Errand) -> Self {
        let words = [errand.what, errand.practice.to_str().unwrap(), &errand.passphrase];
        let words: Vec<&str> = words.into_iter().chain(errand.with.iter().map(String::as_str)).collect();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "victim::works_until_it_is_killed"])
            .env(ERRAND, words.join("\n"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, said) = channel();
        std::thread::spawn(move || {
            let said = lines.map_while(Result::ok).filter_map(|line| Some(line.strip_prefix(SAID)?.to_owned()));
            said.for_each(|line| drop(tell.send(line)));
        });
        Self { child, said }
    }

    /// The next thing it says.
    pub(crate) fn says(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("the process ended by itself")
    }

    /// Kills it so long from now, and gives what it said until then.
    pub(crate) fn killed_in(mut self, moment: Duration) -> Vec<String> {
        let (began, mut said) = (Instant::now(), Vec::new());
        loop {
            match self.said.recv_timeout(moment.saturating_sub(began.elapsed())) {
                Ok(line) => said.push(line),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => panic!("the process ended by itself"),
            }
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // What it had said before it died is still in the pipe.
        said.extend(self.said.iter());
        said
    }
}

#[test]
#[ignore = "a process that other tests start and kill"]
fn works_until_it_is_killed() {
    let Ok(errand) = std::env::var(ERRAND) else { return };
    let words: Vec<&str> = errand.split('\n').collect();
    let (file, pass) = (Path::new(words[1]), words[2]);
    println!();
    match words[0] {
        "type" => types(&mut Window::open(file, pass), words[3].parse().unwrap(), words[4].parse().unwrap(), false),
        "type hastily" => {
            types(&mut Window::open(file, pass), words[3].parse().unwrap(), words[4].parse().unwrap(), true)
        }
        "import" => imports(&mut Window::open(file, pass), Path::new(words[3])),
        "take back" => takes_back(&mut Window::open(file, pass)),
        "sign" => signs(&mut Window::open(file, pass), words[3].parse().unwrap(), words[4]),
        "sync" => syncs(file, pass, words[3], words[4].parse().unwrap(), words[5]),
        other => panic!("{other}"),
    }
    // Nobody is to find that it has ended.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn say(what: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAID}{what}").unwrap();
    out.flush().unwrap();
}

/// The window's own jobs, without a window.
struct Window {
    jobs: VaultJobs,
    answered: Receiver<()>,
    passphrase: String,
}

impl Window {
    fn open(file: &Path, passphrase: &str) -> Self {
        let setting = Setting { file: file.to_owned(), profile: Profile::Tests, discovery: false, demo: None };
        let (wake, answered) = channel();
        let wake = move || {
            let _ = wake.send(());
        };
        let jobs = VaultJobs::new(setting, Arc::new(wake)).unwrap();
        let mut window = Self { jobs, answered, passphrase: passphrase.to_owned() };
        window.unlock();
        window
    }

    fn unlock(&mut self) {
        let passphrase = passphrase(&self.passphrase);
        self.until(Effect::Opening(OpeningEffect::Unlock { passphrase }), |event| {
            matches!(event, Event::Opening(OpeningEvent::Unlocked(_))).then_some(())
        });
    }

    /// Starts a job and waits for its answer.
    fn until<T>(&mut self, effect: Effect, answer: impl Fn(Event) -> Option<T>) -> T {
        self.jobs.start(effect);
        loop {
            for event in self.jobs.poll() {
                if let Event::Failed(_, sentence) = &event {
                    panic!("{sentence}");
                }
                if let Some(answer) = answer(event) {
                    return answer;
                }
            }
            self.answered.recv_timeout(PATIENCE).unwrap();
        }
    }

    fn save(&mut self, id: NoteId, text: &str, revision: u64) {
        let effect =
            Effect::Notes(NotesEffect::Save { note: NoteRef::Note(id), content: note(text), revision, seen: 0 });
        self.until(effect, |event| {
            matches!(event, Event::Notes(NotesEvent::Saved { revision: saved, .. }) if saved == revision).then_some(())
        });
    }
}

/// What a note says after so many saves: words come at the end and go at the beginning.
pub(crate) fn typed(revision: u64) -> String {
    let words = (revision.saturating_sub(120)..=revision).map(|number| format!("wörd{} ", number * 7919 % 1_000));
    words.collect()
}

/// Types and saves. When it is hasty it says so before it is true, and goes no further.
fn types(window: &mut Window, id: NoteId, from: u64, hasty: bool) {
    window.until(Effect::Notes(NotesEffect::Open { note: NoteRef::Note(id), private: None }), |event| {
        matches!(event, Event::Notes(NotesEvent::Opened(_))).then_some(())
    });
    for revision in from + 1.. {
        if hasty && revision == from + 3 {
            return say(revision);
        }
        window.save(id, &typed(revision), revision);
        say(revision);
        if revision.is_multiple_of(UNTIL_LOCK) {
            window.jobs.start(OpeningEffect::Lock(None).into());
            window.unlock();
        }
    }
}

fn imports(window: &mut Window, folder: &Path) {
    say("begins");
    let effect = Effect::Exchange(ExchangeEffect::Import { dir: folder.to_owned(), dry_run: false });
    let notes = window.until(effect, |event| match event {
        Event::Exchange(ExchangeEvent::Imported(report)) => Some(report.notes),
        _ => None,
    });
    say(format!("imported {notes}"));
}

fn takes_back(window: &mut Window) {
    say("begins");
    window.until(Effect::Exchange(ExchangeEffect::UndoImport), |event| {
        matches!(event, Event::Exchange(ExchangeEvent::Undone)).then_some(())
    });
    say("taken back");
}

fn signs(window: &mut Window, client: ClientId, round: &str) {
    for number in 0.. {
        let text = format!("Round {round}, note {number}.");
        let effect = Effect::Notes(NotesEffect::New { client, content: note(""), private: None });
        let id = window.until(effect, |event| match event {
            Event::Notes(NotesEvent::Opened(note)) => Some(note.card.id.id()),
            _ => None,
        });
        window.save(id, &text, number + 1);
        say(format!("saved {id} {text}"));
        let shown = |event| matches!(event, Event::Signing(SigningEvent::Preview(_))).then_some(());
        window.until(Effect::Signing(SigningEffect::Preview(NoteRef::Note(id))), shown);
        window.until(Effect::Signing(SigningEffect::Sign(NoteRef::Note(id))), |event| {
            matches!(event, Event::Signing(SigningEvent::Waiting(_))).then_some(())
        });
        say(format!("signing {id} {text}"));
        // Locking makes the signature that could still be taken back.
        window.jobs.start(OpeningEffect::Lock(None).into());
        window.unlock();
        say(format!("signed {id} {text}"));
    }
}

/// Writes notes while it takes what another device sends.
fn syncs(file: &Path, pass: &str, address: &str, now: u64, client: &str) {
    let vault = Shared::new(practice::unlock(file, &passphrase(pass), Profile::Tests).unwrap());
    let bind = Some(([127, 0, 0, 1], 0).into());
    let network = Network { bind, local: false, clock: Arc::new(move || now), policy: Policy::Tests };
    let (tell, news) = channel();
    let syncing = Syncing::start(&vault, &network, move |it| drop(tell.send(it))).unwrap();
    syncing.connect(address_from_text(address).unwrap()).unwrap();
    let client: ClientId = client.parse().unwrap();
    for number in 0.. {
        let text = format!("At home, {number}.");
        let id = vault.with(|vault| {
            let id = vault.notes_mut().add_note(&client, &note(&text), false, now)?;
            vault.notes_mut().flush().map(|_| id)
        });
        say(format!("saved {} {text}", id.unwrap().unwrap()));
        syncing.notify_changed();
        // Whatever comes, and if nothing does, the next note.
        let _ = news.recv_timeout(Duration::from_millis(5));
    }
}
