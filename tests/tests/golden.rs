//! Vaults that an earlier version wrote, one folder for each format number under `tests/golden`: what was in them is
//! still read, by the passphrase and by the kit. Number 1 was a draft: what bears it is refused in words, and left as it is.
//! No file there is ever edited; `SHA256SUMS` is held against them.
//!
//! The same practice is made anew each time and must read the same way, so that the next folder comes for nothing:
//! `SUBROSA_GOLDEN=tests/golden/<number> cargo test -p subrosa-tests a_practice_of_today`.

mod later;
mod leavings;
mod made;
mod removals;
mod steps;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use subrosa_core::backup::BackupError;
use subrosa_core::catalog::NoteState;
use subrosa_core::entropy::Os;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::kdf::{self, Policy, Strength};
use subrosa_core::kit;
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::store::{RedbStore, Salvaged, StoreError};
use subrosa_core::vault::{BackupFile, FileRow, LockedVault, Only, PracticeFolder, Selection, Vault};
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::cheap;

use self::steps::{Steps, steps};

const PASSPHRASE: &str = "golden but not secret";
/// The number that no release ever wrote.
const DRAFT: &str = "1";

/// Steps of the format, each with the practice that holds it: whatever else changes in these, the step stays in the bytes.
const STEPS: [(&str, &str); 33] = [
    ("desk", "edited imports"),
    ("desk", "merges taken back"),
    ("desk", "colleagues taken off"),
    ("desk", "items of documents of type 3"),
    ("desk", "items of kind 18"),
    ("desk", "items of kind 19"),
    ("desk", "items of kind 20"),
    ("desk", "items of kind 21"),
    ("desk", "items of kind 23"),
    ("desk", "items of kind 24"),
    ("desk", "items of kind 28"),
    ("desk", "items of kind 29"),
    ("desk", "envelopes of class 2"),
    ("desk", "parts of class 2"),
    ("scanner", "items of kind 22"),
    ("scanner", "files of several pieces"),
    ("attic", "entries of kind 4"),
    ("attic", "items of kind 26"),
    ("attic", "bodies let go"),
    ("lamp", "removals beside each other"),
    ("lamp", "removals of each other"),
    ("lamp", "entries of kind 5"),
    ("lamp", "entries of kind 6"),
    ("lamp", "items of kind 27"),
    ("lamp", "keys of epochs"),
    ("porch", "unknown members"),
    ("porch", "items of kind 231"),
    ("porch", "items of documents of type 231"),
    ("porch", "entries of kind 231"),
    ("porch", "parts of a later class"),
    ("porch", "envelopes of class 231"),
    ("porch", "logs with several branches"),
    ("yard", "bodies that do not open"),
];

/// Those that none of these practices holds where it should.
fn lacking(held: &BTreeMap<String, Steps>) -> Vec<(&'static str, &'static str)> {
    let holds =
        |practice: &str, step: &str| held.get(practice).and_then(|steps| steps.get(step)).is_some_and(|many| *many > 0);
    STEPS.into_iter().filter(|(practice, step)| !holds(practice, step)).collect()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// The folders of all format numbers.
fn folders() -> Vec<PathBuf> {
    let folders = fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    folders
}

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned())
}

fn locked(path: &Path) -> LockedVault {
    let store = Box::new(RedbStore::open(path).unwrap());
    LockedVault::open(store, Some(path.to_owned()), Policy::Real, Box::new(Os)).unwrap()
}

/// Everything that a person can read in a practice, in a fixed order.
fn described(vault: &mut Vault) -> Value {
    vault.reauthenticate(&passphrase(), MORNING).unwrap();
    let clients: Vec<ClientId> = vault.clients().all().map(|row| row.id).collect();
    let clients = clients.into_iter().map(|id| {
        let rows = [vault.notes().timeline(&id).unwrap(), vault.notes().private_timeline(&id).unwrap()].concat();
        let notes: BTreeMap<String, Value> =
            rows.iter().map(|row| (row.id.to_string(), note(vault, &row.id))).collect();
        let disclosed = vault.exchange().disclosures(&id).unwrap();
        let disclosed = disclosed.iter().map(|one| json!([one.to, one.purpose, one.notes])).collect::<Vec<_>>();
        let mut client = json!({
            "identity": vault.clients().identity(&id).unwrap(), "measures": vault.clients().measures(&id).unwrap(), "notes": notes,
            "disclosed": disclosed,
        });
        let merged = vault.clients().other_identities(&id).unwrap();
        if !merged.is_empty() {
            client["merged"] = merged.iter().map(|(other, _)| other.to_string()).collect();
        }
        let files = [vault.files().of_client(&id).unwrap(), vault.files().private_files(&id).unwrap()].concat();
        if !files.is_empty() {
            client["files"] = files.iter().map(|row| (row.id.to_string(), file(vault, row))).collect();
        }
        (id.to_string(), client)
    });
    let clients: BTreeMap<String, Value> = clients.collect();
    let trash: Vec<String> = vault.trash().all(MORNING).iter().map(|row| row.id.to_string()).collect();
    let colleagues: Vec<String> =
        vault.exchange().colleagues().unwrap().iter().map(|row| row.card.name().to_owned()).collect();
    let devices: Vec<String> = vault.devices().all().unwrap().into_iter().map(|row| row.name).collect();
    let removed: Vec<String> = vault.devices().removed_devices().into_iter().map(|row| row.name).collect();
    let apart = vault.devices().quarantine().unwrap();
    let apart: BTreeMap<String, usize> = apart.into_iter().map(|row| (row.name, row.notes + row.others)).collect();
    let relay = vault.devices().relay().unwrap().map(|(relay, _)| relay.url);
    let folder = vault.devices().folder().unwrap().map(|(folder, _)| match folder {
        PracticeFolder::WebDav { url, .. } => ["webdav".to_owned(), url],
        PracticeFolder::S3 { endpoint, .. } => ["s3".to_owned(), endpoint],
    });
    let set_aside = vault.log().set_aside_count().unwrap();
    vault.end_reauth();
    json!({
        "clients": clients, "trash": trash, "colleagues": colleagues, "devices": devices, "removed": removed,
        "quarantine": apart, "set aside": set_aside, "relay": relay,
        "folder": folder,
    })
}

fn file(vault: &Vault, row: &FileRow) -> Value {
    let mut content = Vec::new();
    vault.files().extract(&row.id, &mut content, &mut |_| {}, &|| false).unwrap();
    json!({
        "name": row.name, "media": row.media, "note": row.note.map(|note| note.to_string()), "private": row.process,
        "length": content.len(), "sha256": kdf::sha256(&content).to_string(),
    })
}

fn note(vault: &Vault, id: &NoteId) -> Value {
    let view = vault.notes().note(id).unwrap();
    let signed = view
        .signed
        .iter()
        .map(|one| json!([one.hash.to_string(), one.adds_to.map(|hash| hash.to_string()), one.signed_at, one.content]));
    let state = match view.state {
        NoteState::Imported => "imported",
        NoteState::Unsigned => "unsigned",
        NoteState::Signed => "signed",
    };
    json!({
        "state": state, "private": view.process, "content": view.content, "late": view.late,
        "signed": signed.collect::<Vec<_>>(), "written at once": view.concurrent.len(),
        "does not count": view.uncounted.iter().map(|one| one.hash.to_string()).collect::<Vec<_>>(),
    })
}

/// What a backup brings into a new practice: everything but the lists of devices, since there is a new one and all others are gone.
fn restored(backup: &Path) -> Value {
    let file = BackupFile::open(backup, kit_of(backup), &|| false).unwrap();
    let pass = passphrase();
    let new = cheap("New", &pass, MORNING);
    let scratch = std::env::temp_dir();
    let all = Selection { only: Only::Everything, scratch: &scratch };
    let (mut vault, _) = file.restore(memory(), &new, all, Box::new(Os), &mut |_| {}, &|| false).unwrap();
    assert!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged.is_empty());
    let mut read = described(&mut vault);
    for local in ["devices", "removed", "quarantine"] {
        read.as_object_mut().unwrap().remove(local);
    }
    read
}

fn memory() -> Box<RedbStore> {
    Box::new(RedbStore::over(Medium::default()).unwrap())
}

/// The kit that stands beside a file: its own, or that of the folder.
fn kit_of(path: &Path) -> Key<RecoveryRole> {
    let own = path.with_extension("kit.txt");
    let page = if own.exists() { own } else { path.with_file_name("kit.txt") };
    kit::read_kit(&fs::read_to_string(page).unwrap()).unwrap()
}

fn expected(path: &Path, ending: &str) -> Value {
    serde_json::from_slice(&fs::read(path.with_extension(ending)).unwrap()).unwrap()
}

/// Opens copies of a folder's vaults, one by the passphrase and one by the kit, restores its backups, and compares.
fn check(folder: &Path) -> usize {
    let (mut checked, mut all) = (0, BTreeMap::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().unwrap_or_default();
        if ending == "age" {
            assert!(restored(&path) == expected(&path, "restored.json"), "{} brings something else", path.display());
            checked += 1;
        }
        if ending != "vault" {
            continue;
        }
        let (kit, mut expected) = (kit_of(&path), expected(&path, "json"));
        let held: Steps = serde_json::from_value(expected["steps"].take()).unwrap();
        expected.as_object_mut().unwrap().remove("steps");
        for by_kit in [false, true] {
            let work = tempfile::tempdir().unwrap();
            let copy = work.path().join("practice.vault");
            fs::copy(&path, &copy).unwrap();
            fs::copy(path.with_extension("vault.anchor"), copy.with_extension("vault.anchor")).unwrap();
            assert_eq!(steps(&copy), held, "{} holds other steps", path.display());
            let opened = match by_kit {
                false => locked(&copy).unlock(&passphrase(), MORNING),
                true => locked(&copy).recover(&kit, &passphrase(), Strength::FLOOR, MORNING),
            };
            let mut vault = opened.map_err(|still| still.error).unwrap();
            assert!(vault.take_notices().is_empty(), "{} has nothing to tell", path.display());
            assert!(described(&mut vault) == expected, "{} reads otherwise (kit: {by_kit})", path.display());
            vault.integrity().verify(&mut |_, _| {}).unwrap();
        }
        all.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), held);
        checked += 1;
    }
    assert_eq!(lacking(&all), [], "{}: steps that are in no file", folder.display());
    checked
}

#[test]
fn every_vault_of_every_format_number_reads_as_it_was_written() {
    let read: Vec<PathBuf> = folders().into_iter().filter(|folder| !folder.ends_with(DRAFT)).collect();
    let checked: usize = read.iter().map(|folder| check(folder)).sum();
    assert!(checked >= 9, "there are vaults to read: {checked}");
}

#[test]
fn a_step_that_is_left_out_is_found_and_a_practice_of_one_note_holds_none() {
    let newest = folders().pop().unwrap();
    let held =
        |practice: &str| serde_json::from_value(expected(&newest.join(practice), "json")["steps"].take()).unwrap();
    let whole: BTreeMap<String, Steps> = STEPS.map(|(practice, _)| (practice.to_owned(), held(practice))).into();
    assert_eq!(lacking(&whole), []);
    for (practice, step) in STEPS {
        let mut without = whole.clone();
        without.get_mut(practice).unwrap().remove(step).unwrap();
        assert_eq!(lacking(&without), [(practice, step)]);
    }
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("plain.vault");
    let mut vault = made::begun(&path, &passphrase(), "Plain").vault;
    let client = vault.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    vault.notes_mut().add_note(&client, &written("One note."), false, MORNING).unwrap();
    vault.notes_mut().flush().unwrap();
    drop(vault);
    let plain = steps(&path);
    assert!(plain["items of kind 17"] > 0 && plain["entries of kind 1"] == 1, "{plain:?}");
    assert!(STEPS.iter().all(|(_, step)| !plain.contains_key(*step)), "{plain:?}");
}

#[test]
fn what_the_draft_before_the_first_release_wrote_is_refused_in_words_and_left_as_it_is() {
    let work = tempfile::tempdir().unwrap();
    let (mut vaults, mut backups) = (0, 0);
    for entry in fs::read_dir(golden().join(DRAFT)).unwrap() {
        let path = entry.unwrap().path();
        let copy = work.path().join(path.file_name().unwrap());
        fs::copy(&path, &copy).unwrap();
        match path.extension().unwrap_or_default().to_str().unwrap() {
            "vault" => {
                // To open it, and to make a new file of what can be read of it.
                assert_eq!(RedbStore::open(&copy).err(), Some(StoreError::Older(1)));
                assert_eq!(Salvaged::open(&copy).err(), Some(StoreError::Older(1)));
                vaults += 1;
            }
            "age" => {
                let refused = BackupFile::open(&copy, kit_of(&path), &|| false).err();
                assert_eq!(refused, Some(BackupError::Older));
                backups += 1;
            }
            _ => {}
        }
        assert!(fs::read(&copy).unwrap() == fs::read(&path).unwrap(), "{} is as it was", path.display());
    }
    assert_eq!((vaults, backups), (4, 2));
    for words in [StoreError::Older(1).to_string(), BackupError::Older.to_string()] {
        assert!(words.contains("Nothing was changed") && words.contains("export"), "{words}");
    }
}

#[test]
fn no_golden_file_was_ever_edited() {
    let listed = fs::read_to_string(golden().join("SHA256SUMS")).unwrap();
    let mut sums: BTreeMap<&str, &str> =
        listed.lines().filter_map(|line| line.split_once("  ")).map(|(sum, name)| (name, sum)).collect();
    for path in folders().iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()) {
        let name = path.strip_prefix(golden()).unwrap().to_str().unwrap().replace('\\', "/");
        let sum = kdf::sha256(&fs::read(&path).unwrap()).to_string();
        assert_eq!(sums.remove(name.as_str()), Some(sum.as_str()), "{name} was edited, or is not listed");
    }
    assert!(sums.is_empty(), "listed and gone: {:?}", sums.keys());
}

#[test]
fn a_practice_of_today_reads_as_the_golden_ones_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("SUBROSA_GOLDEN").map_or(folder.path().to_owned(), PathBuf::from);
    made::all(&path);
    assert_eq!(check(&path), 9);
}
