//! A process is killed at any moment of typing, importing, taking an import back, signing and syncing: what it had said to be saved is there.
//!
//! `cargo test` kills a few; hundreds: `cargo test --release -p subrosa --test two_devices hundreds -- --ignored --nocapture`.
//! A power cut is another matter, and another test: what a killed process has written the system still writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use subrosa::bridge::address_to_text;
use subrosa::practice;
use subrosa::practice::Profile;
use subrosa_core::catalog::NoteState;
use subrosa_core::id::NoteId;
use subrosa_core::record::Identity;
use subrosa_core::vault::{LogEnd, Millis, Notice, Vault};
use tempfile::TempDir;

use subrosa_testkit::dice::Dice;

use crate::device::{Device, meet, note, office_and_laptop, passphrase};
use crate::victim::{Errand, Victim, typed};

const PASSPHRASE: &str = "lantern gravel oboe thicket";
const NOW: Millis = 1_790_000_000_000;
/// Notes of the folder that is imported: more than one transaction takes.
const PAPER: usize = 260;

/// A moment before that one.
fn moment(dice: &mut Dice, before: Duration) -> Duration {
    before.mul_f64(f64::from(u32::try_from(dice.bits() >> 40).unwrap()) / f64::from(1 << 24))
}

/// A practice in a folder of its own.
struct Practice(TempDir);

impl Practice {
    fn new() -> Self {
        let practice = Self(tempfile::tempdir().unwrap());
        drop(practice::create(&practice.file(), &passphrase(PASSPHRASE), "Desk", Profile::Tests).unwrap());
        practice
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("practice.subrosa")
    }

    /// Opens what was left, and checks all of it.
    fn opened(&self) -> Result<Vault, String> {
        let vault = practice::unlock(&self.file(), &passphrase(PASSPHRASE), Profile::Tests);
        let mut vault = vault.map_err(|error| format!("it does not open: {error:?}"))?;
        sound(&mut vault).map(|()| vault)
    }

    fn errand(&self, what: &'static str, with: &[String]) -> Errand {
        Errand { what, practice: self.file(), passphrase: PASSPHRASE.to_owned(), with: with.to_vec() }
    }
}

/// Nothing is damaged or set aside, nobody took it for an older copy, and no header stands without its body but those
/// that another device has not sent, and those of closed drafts.
fn sound(vault: &mut Vault) -> Result<(), String> {
    let mut notices = vault.take_notices();
    // A signature whose minute ran out while nothing ran.
    notices.retain(|notice| *notice != Notice::SignedSince);
    let found = vault.integrity().verify(&mut |_, _| {}).map_err(|error| format!("verify: {error:?}"))?;
    let aside = vault.log().set_aside_count().map_err(|error| format!("{error:?}"))?;
    let (logs, own) = (vault.log().log_ends().map_err(|error| format!("{error:?}"))?, vault.device());
    let lacks_nothing = |end: &LogEnd| vault.log().lacking(&end.log, &end.head) == Ok(Some(vec![]));
    let whole = logs.iter().filter(|end| end.log.device() == own).all(lacks_nothing);
    if notices.is_empty() && found.damaged.is_empty() && aside == 0 && whole {
        Ok(())
    } else {
        Err(format!("{notices:?}, {:?}, {aside} set aside, own bodies there: {whole}", found.damaged))
    }
}

fn person(vault: &mut Vault, name: &str) -> subrosa_core::id::ClientId {
    vault.clients_mut().add_client(&Identity { name: name.to_owned(), ..Identity::default() }, NOW).unwrap()
}

/// What was saved last of a note that is typed in, found again.
struct Typing {
    practice: Practice,
    note: NoteId,
    saved: u64,
}

impl Typing {
    fn begin() -> Self {
        let practice = Practice::new();
        let mut vault = practice.opened().unwrap();
        let client = person(&mut vault, "Aino");
        let note = vault.notes_mut().add_note(&client, &note(&typed(0)), false, NOW).unwrap();
        Self { practice, note, saved: 0 }
    }

    /// Types on, is killed, and must find what was said to be saved, or what was being saved.
    fn killed(&mut self, what: &'static str, moment: Duration) -> Result<(), String> {
        let errand = self.practice.errand(what, &[self.note.to_string(), self.saved.to_string()]);
        let victim = Victim::start(&errand);
        let first = victim.says();
        let said = victim.killed_in(moment);
        let last: u64 = said.last().unwrap_or(&first).parse().unwrap();
        let text = self.practice.opened()?.notes().note(&self.note).map_err(|error| format!("{error:?}"))?.content.text;
        self.saved = (last..=last + 1)
            .find(|revision| typed(*revision) == text)
            .ok_or_else(|| format!("{last} was said to be saved, and is not there"))?;
        Ok(())
    }
}

fn killed_while_typing(kills: u32, chance: &mut Dice) {
    let mut typing = Typing::begin();
    for kill in 0..kills {
        let at = moment(chance, Duration::from_millis(400));
        typing.killed("type", at).unwrap_or_else(|wrong| panic!("kill {kill}, {at:?}: {wrong}"));
    }
    println!("{kills} kills while typing, {} saves", typing.saved);
}

#[test]
fn a_process_that_says_saved_too_early_is_noticed() {
    let mut typing = Typing::begin();
    typing.killed("type", Duration::ZERO).unwrap();
    let noticed = typing.killed("type hastily", Duration::from_millis(200));
    println!("{noticed:?}");
    // It hangs where it has said what is not so: the at does not matter.
    assert!(noticed.unwrap_err().contains("is not there"));
}

/// A folder whose notes are too many for one transaction.
fn paper_trail() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clients.csv"), "id,name,status\nT1,Aino,active\n").unwrap();
    let lies = folder.path().join("notes").join("T1");
    std::fs::create_dir_all(&lies).unwrap();
    for number in 0..PAPER {
        let mut text = format!("---\nclient: T1\ndate: 2026-02-{:02}\nformat: Free\n---\n\n", number % 28 + 1);
        (0..5_000).for_each(|word| write!(text, "{} ", (word * 7_919 + number * 104_729) % 999_983).unwrap());
        std::fs::write(lies.join(format!("{number:04}.md")), text).unwrap();
    }
    folder
}

fn notes_in(vault: &Vault) -> usize {
    vault.clients().all().map(|row| vault.notes().timeline(&row.id).unwrap().len()).sum()
}

fn import(vault: &mut Vault, folder: &Path) -> (u64, u64) {
    let done = vault.exchange_mut().import(folder, false, NOW, &mut |_| {}, &|| false).unwrap();
    (done.notes, done.known)
}

fn killed_while_importing(kills: u32, chance: &mut Dice) {
    let (paper, empty) = (paper_trail(), Practice::new());
    let (began, mut partly) = (Instant::now(), 0);
    let mut vault = Practice::new().opened().unwrap();
    assert_eq!(import(&mut vault, paper.path()).0, PAPER as u64);
    let long = began.elapsed();
    for kill in 0..kills {
        let practice = Practice(tempfile::tempdir().unwrap());
        std::fs::copy(empty.file(), practice.file()).unwrap();
        let victim = Victim::start(&practice.errand("import", &[paper.path().to_str().unwrap().to_owned()]));
        assert_eq!(victim.says(), "begins");
        let said = victim.killed_in(moment(chance, long.mul_f64(1.2)));
        let mut vault = practice.opened().unwrap_or_else(|wrong| panic!("kill {kill}: {wrong}"));
        let left = notes_in(&vault);
        assert!(said.is_empty() || left == PAPER, "kill {kill}: {left} notes, and it said {said:?}");
        partly += usize::from((1..PAPER).contains(&left));
        // The same import again brings the rest, and nothing twice.
        assert_eq!(import(&mut vault, paper.path()).0, (PAPER - left) as u64, "kill {kill}");
        assert_eq!(notes_in(&vault), PAPER, "kill {kill}");
        sound(&mut vault).unwrap();
    }
    println!("{kills} kills while importing {PAPER} notes, {partly} of them when some were there and some were not");
}

/// An import is taken back as a whole or not at all, and taking it back again finishes it.
fn killed_while_taking_back(kills: u32, chance: &mut Dice) {
    let (paper, full) = (paper_trail(), Practice::new());
    import(&mut full.opened().unwrap(), paper.path());
    let copy = || {
        let practice = Practice(tempfile::tempdir().unwrap());
        std::fs::copy(full.file(), practice.file()).unwrap();
        practice
    };
    let began = Instant::now();
    take_back(&mut copy().opened().unwrap());
    let (long, mut done) = (began.elapsed(), 0);
    for kill in 0..kills {
        let practice = copy();
        let victim = Victim::start(&practice.errand("take back", &[]));
        assert_eq!(victim.says(), "begins");
        let said = victim.killed_in(moment(chance, long.mul_f64(1.5)));
        let mut vault = practice.opened().unwrap_or_else(|wrong| panic!("kill {kill}: {wrong}"));
        let left = notes_in(&vault);
        assert!(left == 0 || (left == PAPER && said.is_empty()), "kill {kill}: {left} notes, and it said {said:?}");
        done += usize::from(left == 0);
        if left > 0 {
            take_back(&mut vault);
        }
        assert_eq!((notes_in(&vault), vault.exchange().imports().unwrap().len()), (0, 0), "kill {kill}");
        sound(&mut vault).unwrap();
    }
    println!("{kills} kills while taking an import of {PAPER} notes back, {done} of them when it was done");
}

fn take_back(vault: &mut Vault) {
    let (id, _) = vault.exchange().imports().unwrap().remove(0);
    vault.exchange_mut().undo_import(&id, NOW).unwrap();
}

/// What was said of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Saved,
    /// It is signed unless that is taken back within a minute.
    Signing,
    Signed,
}

/// What a victim said of notes, and their texts.
fn notes_said(said: &[String]) -> BTreeMap<NoteId, (String, Said)> {
    let mut notes = BTreeMap::new();
    for line in said {
        let mut words = line.splitn(3, ' ');
        let (what, id, text) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let what = match what {
            "saved" => Said::Saved,
            "signing" => Said::Signing,
            "signed" => Said::Signed,
            other => panic!("{other}"),
        };
        notes.insert(id.parse().unwrap(), (text.to_owned(), what));
    }
    notes
}

/// That all of it is there.
fn has_all(vault: &Vault, notes: &BTreeMap<NoteId, (String, Said)>) -> Result<(), String> {
    for (id, (text, said)) in notes {
        let view = vault.notes().note(id).map_err(|error| format!("{text}: {error:?}"))?;
        let signed = view.state == NoteState::Signed;
        let kept = match said {
            Said::Saved => true,
            Said::Signing => signed || vault.notes().signing_until(id).is_some(),
            Said::Signed => signed,
        };
        if view.content.text != *text || !kept {
            return Err(format!("{text} was {said:?} and is {}, {:?}", view.content.text, view.state));
        }
    }
    Ok(())
}

fn killed_while_signing(kills: u32, chance: &mut Dice) {
    let practice = Practice::new();
    let client = person(&mut practice.opened().unwrap(), "Aino");
    let mut all = BTreeMap::new();
    for kill in 0..kills {
        let victim = Victim::start(&practice.errand("sign", &[client.to_string(), kill.to_string()]));
        let first = victim.says();
        let mut said = victim.killed_in(moment(chance, Duration::from_millis(300)));
        said.insert(0, first);
        all.extend(notes_said(&said));
        let found = practice.opened().and_then(|vault| has_all(&vault, &all));
        found.unwrap_or_else(|wrong| panic!("kill {kill}: {wrong}"));
    }
    let signed = all.values().filter(|(_, said)| *said == Said::Signed).count();
    println!("{kills} kills while signing, {signed} notes signed");
}

/// A laptop that is killed while it syncs with an office that writes too.
fn killed_while_syncing(kills: u32, chance: &mut Dice) {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    meet(&mut office, &mut laptop);
    let (mut here, mut there) = (BTreeMap::new(), BTreeMap::new());
    for kill in 0..kills {
        drop(laptop.lock());
        office.go_online();
        let with = [address_to_text(&office.address()), office.time.now().to_string(), client.to_string()];
        let passphrase = laptop.name.clone();
        let victim = Victim::start(&Errand { what: "sync", practice: laptop.path(), passphrase, with: with.to_vec() });
        let mut said = vec![victim.says()];
        for number in 0..12 {
            let text = format!("At the office, {kill}.{number}.");
            here.insert(office.add_note(&client, &text), (text, Said::Saved));
            office.with(|vault| vault.notes_mut().flush()).unwrap();
            office.syncing().notify_changed();
        }
        said.extend(victim.killed_in(moment(chance, Duration::from_millis(300))));
        there.extend(notes_said(&said));
        laptop.unlock_from_disk();
        laptop.with(sound).unwrap_or_else(|wrong| panic!("kill {kill}: {wrong}"));
        laptop.with(|vault| has_all(vault, &there)).unwrap_or_else(|wrong| panic!("kill {kill}: {wrong}"));
        holds_what_it_acknowledged(&office, &laptop, &here, kill);
        office.go_offline();
    }
    meet(&mut office, &mut laptop);
    for device in [&office, &laptop] {
        device.with(|vault| has_all(vault, &here).and_then(|()| has_all(vault, &there))).unwrap();
    }
    println!("{kills} kills while syncing, {} notes from one side and {} from the other", here.len(), there.len());
}

/// The office never counts as held what the laptop does not hold.
fn holds_what_it_acknowledged(office: &Device, laptop: &Device, notes: &BTreeMap<NoteId, (String, Said)>, kill: u32) {
    let rows = office.with(|vault| vault.devices().all()).unwrap();
    let has_all = rows.iter().find(|row| row.name == laptop.name).unwrap().has_all();
    let ends = office.with(|vault| vault.log().log_ends()).unwrap();
    let held = laptop.with(|vault| vault.log().log_ends()).unwrap();
    let lacks: u64 = ends
        .iter()
        .map(|end| match held.iter().find(|held| held.log == end.log) {
            Some(held) => end.next_seq.saturating_sub(held.next_seq) + held.missing.len() as u64,
            None => end.next_seq,
        })
        .sum();
    assert!(lacks == 0 || !has_all, "kill {kill}: it has everything, and lacks {lacks}");
    for (id, (text, _)) in notes {
        let is_there = laptop.with(|vault| vault.notes().note(id)).is_ok_and(|note| note.content.text == *text);
        let is_said = office.with(|vault| vault.devices().holders_of(id)).unwrap() == 2;
        assert!(is_there || !is_said, "kill {kill}: {text} is there, it is said, and is not");
    }
}

fn kill(seed: u64, kills: u32) {
    println!("seed {seed}");
    let chance = &mut Dice::new(seed);
    killed_while_typing(kills, chance);
    killed_while_importing(kills, chance);
    killed_while_taking_back(kills, chance);
    killed_while_signing(kills, chance);
    killed_while_syncing(kills, chance);
}

#[test]
fn what_a_killed_process_had_said_to_be_saved_is_there() {
    kill(1, 4);
}

#[test]
#[ignore = "minutes: hundreds of kills, where the test above takes a few"]
fn what_hundreds_of_killed_processes_had_said_to_be_saved_is_there() {
    let seed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    kill(seed, 110);
}
