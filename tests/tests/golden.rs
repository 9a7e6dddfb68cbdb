//! Vaults that an earlier version wrote, one folder for each format number under `tests/golden`: what was in them is
//! still read, by the passphrase and by the kit. No file there is ever edited; `SHA256SUMS` is held against them.
//!
//! The same practice is made anew each time and must read the same way, so that the next folder comes for nothing:
//! `SUBROSA_GOLDEN=tests/golden/<number> cargo test -p subrosa-tests a_practice_of_today`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use serde_json::{Value, json};
use subrosa_core::catalog::NoteState;
use subrosa_core::entropy::Os;
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{ClientId, Hash, NoteId};
use subrosa_core::kdf::{self, Policy, Strength};
use subrosa_core::kit;
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{JoiningDevice, LockedVault, Many, NewVault, Share, Vault};
use subrosa_tests::practice::{MORNING, person, written};

const PASSPHRASE: &str = "golden but not secret";

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

/// As the program makes one for a person, at the least that a passphrase may cost.
fn new<'a>(path: &Path, passphrase: &'a Passphrase, device_name: &'a str) -> NewVault<'a> {
    let (strength, policy) = (Strength::FLOOR, Policy::Real);
    NewVault { path: Some(path.to_owned()), passphrase, strength, policy, device_name, now: MORNING }
}

fn locked(path: &Path) -> LockedVault {
    let store = Box::new(RedbStore::open(path).unwrap());
    LockedVault::open(store, Some(path.to_owned()), Policy::Real, Box::new(Os)).unwrap()
}

/// Everything that a person can read in a practice, in a fixed order.
fn described(vault: &mut Vault) -> Value {
    vault.ask_again(&passphrase(), MORNING).unwrap();
    let clients: Vec<ClientId> = vault.clients().map(|row| row.id).collect();
    let clients = clients.into_iter().map(|id| {
        let rows = [vault.timeline(&id).unwrap(), vault.process_timeline(&id).unwrap()].concat();
        let notes: BTreeMap<String, Value> =
            rows.iter().map(|row| (row.id.to_string(), note(vault, &row.id))).collect();
        let disclosed = vault.disclosures(&id).unwrap();
        let disclosed = disclosed.iter().map(|one| json!([one.to, one.purpose, one.notes])).collect::<Vec<_>>();
        let client = json!({
            "identity": vault.identity(&id).unwrap(), "measures": vault.measures(&id).unwrap(), "notes": notes,
            "disclosed": disclosed,
        });
        (id.to_string(), client)
    });
    let clients: BTreeMap<String, Value> = clients.collect();
    let trash: Vec<String> = vault.all_trash(MORNING).iter().map(|row| row.id.to_string()).collect();
    let colleagues: Vec<String> = vault.colleagues().unwrap().iter().map(|row| row.card.name().to_owned()).collect();
    let devices: Vec<String> = vault.devices().unwrap().into_iter().map(|row| row.name).collect();
    vault.forget_again();
    json!({"clients": clients, "trash": trash, "colleagues": colleagues, "devices": devices})
}

fn note(vault: &Vault, id: &NoteId) -> Value {
    let view = vault.note(id).unwrap();
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
    })
}

/// Everything that one device has goes to the other.
fn carry(from: &Vault, to: &mut Vault) {
    for end in from.log_ends().unwrap() {
        to.offer_headers(&end.log, &from.headers(&end.log, 0, &end.head, usize::MAX).unwrap()).unwrap();
        let names = from.branch_names(&end.log, 0, &end.head).unwrap();
        let bodies = names.iter().filter_map(|name| Some((*name, from.envelope_body(name).unwrap()?)));
        to.offer_bodies(&bodies.collect::<Vec<(Hash, Vec<u8>)>>()).unwrap();
    }
}

fn say(vault: &mut Vault, id: &NoteId, text: &str) {
    let content = NoteContent { text: text.to_owned(), ..vault.note(id).unwrap().content };
    vault.save_note(id, &content, MORNING).unwrap();
}

/// A practice of two devices with something of every kind in it, beside what must be read in each.
fn make(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let (desk, lap) = (folder.join("desk.vault"), folder.join("lap.vault"));
    let pass = passphrase();
    let created = Vault::create(Box::new(RedbStore::create(&desk).unwrap()), &new(&desk, &pass, "Desk"), Box::new(Os));
    let created = created.unwrap();
    fs::write(folder.join("passphrase.txt"), format!("{PASSPHRASE}\n")).unwrap();
    fs::write(folder.join("kit.txt"), kit::kit_text(&created.kit, "golden", date(2026, 11, 22)).as_str()).unwrap();
    let mut office = created.vault;
    office.ask_again(&pass, MORNING).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/fixtures/paper");
    office.import(&fixtures, false, MORNING, &mut |_| {}, &|| false).unwrap();
    let other = [("mood".to_owned(), "a field that no version knows".to_owned())].into();
    let kim = office.add_client(&Identity { code: Some("K9".to_owned()), other, ..person("Kim") }, MORNING).unwrap();
    let draft = office.add_note(&kim, &written("Slept badly. \u{1F600}"), false, MORNING).unwrap();
    let to_sign = office.add_note(&kim, &written("To be signed."), false, MORNING).unwrap();
    let private = office.add_note(&kim, &written("My own thoughts."), true, MORNING).unwrap();
    let (gone, back) = (written("Thrown away."), written("Thrown away, and taken back."));
    let [gone, back] = [gone, back].map(|content| office.add_note(&kim, &content, false, MORNING).unwrap());
    office.flush().unwrap();

    let new_lap = new(&lap, &pass, "Lap");
    let joining = JoiningDevice::new(&new_lap, &mut Os);
    let welcome = office.admit(&joining.introduction(), MORNING).unwrap();
    let mut home = joining.join(&welcome, Box::new(RedbStore::create(&lap).unwrap()), &new_lap, Box::new(Os)).unwrap();
    carry(&office, &mut home);
    say(&mut office, &draft, "Slept very badly. \u{1F600}");
    say(&mut home, &draft, "Slept badly, and dreamt. \u{1F600}");
    say(&mut home, &to_sign, "To be signed, later.");
    let imported = office.timeline(&office.clients().next().unwrap().id).unwrap().remove(0).id;
    say(&mut office, &imported, "What was imported was corrected.");
    office.sign(&to_sign, MORNING + 1_000).unwrap();
    office.add_addendum(&to_sign, written("An addendum."), MORNING + 2_000).unwrap();
    office.sign(&private, MORNING + 3_000).unwrap();
    office.delete(&[gone, back], Many::Confirmed, MORNING).unwrap();
    office.undelete(&back).unwrap();
    let card = Vault::create(memory(), &cheap(&pass), Box::new(Os)).unwrap().vault.card("Dr. Elm", date(2026, 11, 22));
    let colleague = office.add_colleague(card.unwrap().as_bytes()).unwrap();
    let share = Share {
        client: kim,
        notes: Vec::new(),
        to: colleague,
        purpose: "referral".to_owned(),
        basis: "consent".to_owned(),
        consent: "in writing".to_owned(),
        until: None,
        process: ProcessNotes::LeaveOut,
        today: date(2026, 11, 22),
    };
    office.seal_record(&share, "Dr. Kim").unwrap();
    let elm = office.add_client(&person("Elm"), MORNING).unwrap();
    let astray = office.add_note(&kim, &written("About somebody else."), false, MORNING).unwrap();
    office.move_note(&astray, &elm, "begun on the wrong client", MORNING).unwrap();
    let twice = office.add_client(&Identity { code: None, ..person("Kim") }, MORNING).unwrap();
    office.add_note(&twice, &written("Kim, under another record."), false, MORNING).unwrap();
    office.merge_clients(&twice, &kim, MORNING + 5_000).unwrap();
    for _ in 0..2 {
        office.flush().unwrap();
        home.flush().unwrap();
        carry(&office, &mut home);
        carry(&home, &mut office);
    }
    // Typed, durable, and in no envelope when the process ended.
    office.add_note(&kim, &written("Typed just now."), false, MORNING).unwrap();
    for (vault, name) in [(&mut office, "desk"), (&mut home, "lap")] {
        let expected = format!("{:#}\n", described(vault));
        fs::write(folder.join(format!("{name}.json")), expected).unwrap();
    }
    drop((office, home));
}

fn memory() -> Box<RedbStore> {
    Box::new(RedbStore::over(subrosa_tests::medium::Medium::default()).unwrap())
}

fn cheap(pass: &Passphrase) -> NewVault<'_> {
    subrosa_tests::world::cheap("Elm", pass, MORNING)
}

/// Opens copies of a folder's vaults, one by the passphrase and one by the kit, and compares.
fn check(folder: &Path) -> usize {
    let mut checked = 0;
    let kit = kit::read_kit(&fs::read_to_string(folder.join("kit.txt")).unwrap()).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "vault") {
            continue;
        }
        let expected: Value = serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        for by_kit in [false, true] {
            let work = tempfile::tempdir().unwrap();
            let copy = work.path().join("practice.vault");
            fs::copy(&path, &copy).unwrap();
            fs::copy(path.with_extension("vault.anchor"), copy.with_extension("vault.anchor")).unwrap();
            let opened = match by_kit {
                false => locked(&copy).unlock(&passphrase(), MORNING),
                true => locked(&copy).recover(&kit, &passphrase(), Strength::FLOOR, MORNING),
            };
            let mut vault = opened.map_err(|still| still.error).unwrap();
            assert!(vault.take_notices().is_empty(), "{} has nothing to tell", path.display());
            assert!(described(&mut vault) == expected, "{} reads otherwise (kit: {by_kit})", path.display());
            vault.verify(&mut |_, _| {}).unwrap();
        }
        checked += 1;
    }
    checked
}

#[test]
fn every_vault_of_every_format_number_reads_as_it_was_written() {
    let checked: usize = folders().iter().map(|folder| check(folder)).sum();
    assert!(checked >= 2, "there are vaults to read: {checked}");
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
    make(&path);
    assert_eq!(check(&path), 2);
}
