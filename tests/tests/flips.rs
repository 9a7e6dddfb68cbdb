//! Every byte of a vault of more than fifty notes is changed, one at a time: nothing crashes, and no text ever changes.
//!
//! The flips run in child processes (this test binary, started again on a stretch of the file), so that an abort costs
//! one flip and is counted. `cargo test` takes a seeded sample and prints how many it ran; all of them:
//! `cargo test --release -p subrosa-tests every_byte -- --ignored --nocapture`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use subrosa_core::id::NoteId;
use subrosa_core::vault::{Vault, VaultError};
use subrosa_tests::dice::Dice;
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{MORNING, paper_trail, person, written};
use subrosa_tests::world::{World, locked, passphrase};

/// Bytes that `cargo test` flips.
const SAMPLE: usize = 700;

/// What became of flips.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Opening, unlocking, checking or reading said that something is damaged.
    refused: usize,
    /// Everything is as it was written.
    harmless: usize,
    /// A panic came out of the vault.
    panicked: usize,
    /// The process died.
    aborted: usize,
    /// A note said something that nobody wrote.
    changed: usize,
}

impl Counts {
    fn count(&mut self, what: &str) {
        match what {
            "refused" => self.refused += 1,
            "harmless" => self.harmless += 1,
            "panicked" => self.panicked += 1,
            "changed" => self.changed += 1,
            _ => self.aborted += 1,
        }
    }

    fn all(&self) -> usize {
        self.refused + self.harmless + self.panicked + self.aborted + self.changed
    }
}

/// A practice of 56 notes: imported, drafted, signed and private ones.
fn practice() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 4, 10);
    let mut world = World::of(1, 50);
    let now = world.now;
    let vault = world.devices[0].vault();
    vault.exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
    let client = vault.clients_mut().add_client(&person("Flip Tester"), now).unwrap();
    vault.reauthenticate(&passphrase(), now).unwrap();
    for number in 0..16 {
        let process = number % 8 == 7;
        let note = vault
            .notes_mut()
            .add_note(&client, &written(&format!("Note {number}, as written.")), process, now)
            .unwrap();
        if number % 4 == 1 {
            vault.notes_mut().sign(&note, now).unwrap();
        }
    }
    vault.notes_mut().flush().unwrap();
    // One that was typed and not yet sent: the process dies with it.
    vault.notes_mut().add_note(&client, &written("Typed last."), false, now).unwrap();
    world.devices[0].medium().image()
}

fn texts(vault: &mut Vault) -> Result<BTreeMap<NoteId, String>, VaultError> {
    vault.reauthenticate(&passphrase(), MORNING)?;
    let mut texts = BTreeMap::new();
    let clients: Vec<_> = vault.clients().all().map(|row| row.id).collect();
    for client in clients {
        let mut rows = vault.notes().timeline(&client)?;
        rows.extend(vault.notes().private_timeline(&client)?);
        for row in rows {
            let view = vault.notes().note(&row.id)?;
            let all: Vec<_> = view.signed.iter().map(|version| version.content.text.as_str()).collect();
            texts.insert(row.id, format!("{}|{}|{:?}", view.content.text, all.join("|"), view.late));
        }
    }
    Ok(texts)
}

/// Opens, unlocks, checks, and reads every note.
fn read(image: Vec<u8>) -> Result<(bool, BTreeMap<NoteId, String>), VaultError> {
    read_from(&Medium::holding(image))
}

fn read_from(medium: &Medium) -> Result<(bool, BTreeMap<NoteId, String>), VaultError> {
    let mut vault = locked(medium, Dice::new(1))?.unlock(&passphrase(), MORNING).map_err(|still| still.error)?;
    let whole = vault.integrity().verify(&mut |_, _| {})?.damaged.is_empty();
    let quiet = vault.take_notices().is_empty();
    Ok((whole && quiet, texts(&mut vault)?))
}

fn flip(image: &[u8], original: &BTreeMap<NoteId, String>, at: usize, bits: u8) -> &'static str {
    let mut flipped = image.to_vec();
    flipped[at] ^= bits;
    match catch_unwind(AssertUnwindSafe(|| read(flipped))) {
        Err(_) => "panicked",
        Ok(Err(_)) => "refused",
        Ok(Ok((_, texts))) if texts.iter().any(|(id, text)| original.get(id).is_none_or(|was| was != text)) => {
            "changed"
        }
        Ok(Ok((true, texts))) if texts.len() == original.len() => "harmless",
        // Less than there was, without a word of it, is a loss like a changed text.
        Ok(Ok((true, _))) => "changed",
        Ok(Ok((false, _))) => "refused",
    }
}

/// The flips of one child: lines of `byte:result` on its output, each before the next is tried.
#[test]
#[ignore = "the child process of the flips, started by them"]
fn child() {
    let Ok(plan) = std::env::var("SUBROSA_FLIPS") else { return };
    let plan = Path::new(&plan);
    let image = std::fs::read(plan.join("vault")).unwrap();
    let (whole, original) = read(image.clone()).unwrap();
    assert!(whole && original.len() == 57, "unharmed it is whole");
    std::panic::set_hook(Box::new(|_| {}));
    let stretch: Vec<usize> =
        std::fs::read_to_string(plan.join("flips")).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    for at in stretch {
        std::fs::write(plan.join("at"), at.to_string()).unwrap();
        let bits = 1 << (at % 8);
        println!("\nflip {at} {}", flip(&image, &original, at, bits));
    }
}

/// Runs these flips in a child, and in further ones when it dies on the way.
fn in_children(image: &[u8], mut flips: &[usize]) -> Counts {
    let plan = tempfile::tempdir().unwrap();
    std::fs::write(plan.path().join("vault"), image).unwrap();
    let mut counts = Counts::default();
    while !flips.is_empty() {
        let lines: Vec<String> = flips.iter().map(usize::to_string).collect();
        std::fs::write(plan.path().join("flips"), lines.join("\n")).unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["flips::child", "--exact", "--ignored", "--nocapture"])
            .env("SUBROSA_FLIPS", plan.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let results: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("flip ")).collect();
        for result in &results {
            let (at, what) = result.split_once(' ').unwrap();
            if !matches!(what, "refused" | "harmless") {
                println!("byte {at}: {what}");
            }
            counts.count(what);
        }
        flips = &flips[results.len()..];
        if !output.status.success() {
            let Some((at, rest)) = flips.split_first() else { panic!("the child failed after its last flip") };
            assert!(plan.path().join("at").exists(), "the child did not begin: {said}");
            println!("byte {at}: the process died");
            counts.count("aborted");
            flips = rest;
        }
    }
    counts
}

fn run(flips: &[usize], image: &[u8]) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let counts = std::thread::scope(|scope| {
        let stretches: Vec<_> = flips.chunks(flips.len().div_ceil(threads)).collect();
        let running: Vec<_> =
            stretches.into_iter().map(|flips| scope.spawn(move || in_children(image, flips))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).fold(Counts::default(), |all, part| Counts {
            refused: all.refused + part.refused,
            harmless: all.harmless + part.harmless,
            panicked: all.panicked + part.panicked,
            aborted: all.aborted + part.aborted,
            changed: all.changed + part.changed,
        })
    });
    println!(
        "{} of {} bytes flipped: {} refused, {} harmless, {} panics, {} aborts, {} changed texts",
        flips.len(),
        image.len(),
        counts.refused,
        counts.harmless,
        counts.panicked,
        counts.aborted,
        counts.changed
    );
    assert_eq!(counts.all(), flips.len(), "every flip was judged");
    assert_eq!((counts.aborted, counts.changed, counts.panicked), (0, 0, 0));
    assert!(counts.refused > 0);
}

#[test]
fn a_sample_of_flipped_bytes_is_refused_or_harmless_and_no_text_changes() {
    let image = practice();
    let mut dice = Dice::new(31);
    let mut flips: Vec<usize> = (0..SAMPLE).map(|_| dice.roll(image.len())).collect();
    // The header decides most: all of its first bytes are in every sample.
    flips.extend(0..64);
    println!("seed 31");
    run(&flips, &image);
}

#[test]
#[ignore = "takes hours: cargo test --release -p subrosa-tests every_byte -- --ignored --nocapture"]
fn every_byte_of_a_practice_can_be_flipped_without_a_changed_text() {
    let image = practice();
    let medium = Medium::holding(image.clone());
    read_from(&medium).unwrap();
    // What opening, checking and reading everything never looks at cannot change what they find: one in 16 of these
    // bytes is flipped, and every one of the others.
    let (read, unread): (Vec<usize>, Vec<usize>) = (0..image.len()).partition(|at| medium.looked_at(*at));
    println!("{} bytes of {} are never read; 1 in 16 of them is flipped", unread.len(), image.len());
    let flips: Vec<usize> = read.into_iter().chain(unread.into_iter().step_by(16)).collect();
    run(&flips, &image);
}

#[test]
fn the_judge_of_the_flips_sees_a_changed_text_and_a_missing_note() {
    let image = practice();
    let (_, mut original) = read(image.clone()).unwrap();
    assert_eq!(flip(&image, &original, 0, 0), "harmless");
    let (id, text) = original.pop_first().unwrap();
    original.insert(id, format!("{text}."));
    assert_eq!(flip(&image, &original, 0, 0), "changed");
    original.insert(id, text);
    original.insert(Dice::new(5).id(), "a note that is not there".to_owned());
    assert_eq!(flip(&image, &original, 0, 0), "changed");
}
