//! The practices that the golden folders hold: something of every kind in them, and beside each what must be read in it.

use std::fs;
use std::path::Path;

use jiff::civil::date;
use serde_json::Value;
use subrosa_core::backup::Target;
use subrosa_core::catalog::NoteState;
use subrosa_core::entropy::Os;
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{Hash, NoteId};
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::kit;
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{
    Created, JoiningDevice, MassDelete, NewFile, NewVault, PracticeFolder, PracticeRelay, Share, Vault,
};
use subrosa_tests::practice::{CARDS_READ, MORNING, person, written};
use subrosa_tests::world::cheap;

use super::steps::steps;
use super::{PASSPHRASE, described, memory, passphrase, restored};
use super::{later, leavings, removals};

/// As the program makes one for a person, at the least that a passphrase may cost.
pub(super) fn new<'a>(path: &Path, passphrase: &'a Passphrase, device_name: &'a str) -> NewVault<'a> {
    let (strength, policy) = (Strength::FLOOR, Policy::Real);
    NewVault { path: Some(path.to_owned()), passphrase, strength, policy, device_name, now: MORNING }
}

/// Everything that one device has goes to the other.
pub(super) fn carry(from: &Vault, to: &mut Vault) {
    for end in from.log().log_ends().unwrap() {
        to.log_mut().offer_headers(&end.log, &from.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap()).unwrap();
        let names = from.log().branch_names(&end.log, 0, &end.head).unwrap();
        let bodies = names.iter().filter_map(|name| Some((*name, from.log().envelope_body(name).unwrap()?)));
        to.log_mut().offer_bodies(&bodies.collect::<Vec<(Hash, Vec<u8>)>>(), MORNING).unwrap();
    }
}

pub(super) fn say(vault: &mut Vault, id: &NoteId, text: &str) {
    let content = NoteContent { text: text.to_owned(), ..vault.notes().note(id).unwrap().content };
    vault.notes_mut().save_note(id, &content, MORNING).unwrap();
}

/// Sends what waits on each of these, and carries until all have everything.
pub(super) fn meet(devices: &mut [&mut Vault]) {
    for _ in 0..3 {
        for at in 0..devices.len() {
            devices[at].notes_mut().flush().unwrap();
            for other in 0..devices.len() {
                if let Ok([from, to]) = devices.get_disjoint_mut([at, other]) {
                    carry(from, to);
                }
            }
        }
    }
}

/// A practice of two devices with something of every kind in it, one with files and a backup, one that a device was removed
/// from and that has another kit than at first, one whose devices removed each other, one in which a later version writes
/// too, and one with a member that lies. Beside what must be read in each stands which steps of the format it holds.
pub(super) fn all(folder: &Path) {
    two_devices(folder);
    files_and_a_backup(folder);
    a_removal_and_a_new_kit(folder);
    removals::beside_each_other(folder);
    later::a_later_version(folder);
    leavings::of_a_hostile_member(folder);
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|ending| ending == "vault") {
            let expected = path.with_extension("json");
            let mut read: Value = serde_json::from_slice(&fs::read(&expected).unwrap()).unwrap();
            read["steps"] = serde_json::to_value(steps(&path)).unwrap();
            fs::write(&expected, format!("{read:#}\n")).unwrap();
        }
    }
}

fn two_devices(folder: &Path) {
    let (desk, lap) = (folder.join("desk.vault"), folder.join("lap.vault"));
    let pass = passphrase();
    let created = begun(&desk, &pass, "Desk");
    fs::write(folder.join("passphrase.txt"), format!("{PASSPHRASE}\n")).unwrap();
    fs::write(folder.join("kit.txt"), page(&created)).unwrap();
    let mut office = created.vault;
    office.reauthenticate(&pass, MORNING).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/fixtures/paper");
    office.exchange_mut().import(&fixtures, false, MORNING, &mut |_| {}, &|| false).unwrap();
    let other = [("mood".to_owned(), "a field that no version knows".to_owned())].into();
    let kim = office
        .clients_mut()
        .add_client(&Identity { code: Some("K9".to_owned()), other, ..person("Kim") }, MORNING)
        .unwrap();
    let draft = office.notes_mut().add_note(&kim, &written("Slept badly. \u{1F600}"), false, MORNING).unwrap();
    let to_sign = office.notes_mut().add_note(&kim, &written("To be signed."), false, MORNING).unwrap();
    let private = office.notes_mut().add_note(&kim, &written("My own thoughts."), true, MORNING).unwrap();
    let (gone, back) = (written("Thrown away."), written("Thrown away, and taken back."));
    let [gone, back] = [gone, back].map(|content| office.notes_mut().add_note(&kim, &content, false, MORNING).unwrap());
    office.notes_mut().flush().unwrap();

    let new_lap = new(&lap, &pass, "Lap");
    let joining = JoiningDevice::new(&new_lap, &mut Os);
    let welcome = office.devices_mut().admit(&joining.introduction(), usize::MAX, MORNING).unwrap();
    let mut home = joining.join(&welcome, Box::new(RedbStore::create(&lap).unwrap()), &new_lap, Box::new(Os)).unwrap();
    carry(&office, &mut home);
    say(&mut office, &draft, "Slept very badly. \u{1F600}");
    say(&mut home, &draft, "Slept badly, and dreamt. \u{1F600}");
    say(&mut home, &to_sign, "To be signed, later.");
    let mut all = office.clients().all().flat_map(|row| office.notes().timeline(&row.id).unwrap());
    let imported = all.find(|row| row.state == NoteState::Imported).unwrap().id;
    drop(all);
    say(&mut office, &imported, "What was imported was corrected.");
    office.notes_mut().sign(&to_sign, MORNING + 1_000).unwrap();
    office.notes_mut().add_addendum(&to_sign, written("An addendum."), MORNING + 2_000).unwrap();
    office.notes_mut().sign(&private, MORNING + 3_000).unwrap();
    office.trash_mut().delete(&[gone, back], MassDelete::Confirmed, MORNING).unwrap();
    office.trash_mut().undelete(&back).unwrap();
    let [colleague, mistaken] = ["Dr. Elm", "Dr. Oak"].map(|name| {
        let other = Vault::create(memory(), &cheap(name, &pass, MORNING), Box::new(Os)).unwrap().vault;
        let card = other.exchange().card(name, date(2026, 11, 22)).unwrap();
        office.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ).unwrap()
    });
    office.exchange_mut().remove_colleague(&mistaken, CARDS_READ).unwrap();
    let share = Share {
        client: kim,
        notes: Vec::new(),
        to: colleague,
        purpose: "referral".to_owned(),
        basis: "consent".to_owned(),
        consent: "in writing".to_owned(),
        until: None,
        process: ProcessNotes::LeaveOut,
        files: true,
        today: date(2026, 11, 22),
    };
    office.exchange_mut().seal_record(&share, "Dr. Kim").unwrap();
    let elm = office.clients_mut().add_client(&person("Elm"), MORNING).unwrap();
    let astray = office.notes_mut().add_note(&kim, &written("About somebody else."), false, MORNING).unwrap();
    office.notes_mut().move_note(&astray, &elm, "begun on the wrong client", MORNING).unwrap();
    let twice = office.clients_mut().add_client(&Identity { code: None, ..person("Kim") }, MORNING).unwrap();
    office.notes_mut().add_note(&twice, &written("Kim, under another record."), false, MORNING).unwrap();
    office.clients_mut().merge_clients(&twice, &kim, MORNING + 5_000).unwrap();
    office.clients_mut().merge_clients(&elm, &kim, MORNING + 6_000).unwrap();
    office.clients_mut().unmerge_client(&elm, MORNING + 7_000).unwrap();
    home.devices_mut().say_transport_keys(MORNING).unwrap();
    home.devices_mut().rename("Läppäri").unwrap();
    let relay = |url: &str| PracticeRelay { url: url.to_owned(), ..PracticeRelay::default() };
    home.devices_mut().use_relay(Some(&relay("https://relay.example"))).unwrap();
    office.devices_mut().use_relay(Some(&relay("https://another.example"))).unwrap();
    let share = PracticeFolder::WebDav {
        url: "https://dav.example/practice".to_owned(),
        user: "elm".to_owned(),
        password: "a word of the share".to_owned().into(),
        certificate: String::new(),
    };
    let bucket = PracticeFolder::S3 {
        endpoint: "https://s3.example".to_owned(),
        region: "garage".to_owned(),
        bucket: "practice".to_owned(),
        prefix: String::new(),
        key_id: "GK1".to_owned(),
        secret: "a word of the store".to_owned().into(),
        certificate: String::new(),
    };
    home.devices_mut().use_folder(Some(&bucket)).unwrap();
    office.devices_mut().use_folder(Some(&share)).unwrap();
    for _ in 0..2 {
        office.notes_mut().flush().unwrap();
        home.notes_mut().flush().unwrap();
        carry(&office, &mut home);
        carry(&home, &mut office);
    }
    // Typed, durable, and in no envelope when the process ended.
    office.notes_mut().add_note(&kim, &written("Typed just now."), false, MORNING).unwrap();
    expect(folder, "desk", &described(&mut office));
    expect(folder, "lap", &described(&mut home));
    drop((office, home));
}

/// Files beside a client, a note and a private note, one of them in the trash; a backup of it all; and, since then, a file of
/// several pieces.
fn files_and_a_backup(folder: &Path) {
    let pass = passphrase();
    let created = begun(&folder.join("scanner.vault"), &pass, "Scanner");
    fs::write(folder.join("scanner.kit.txt"), page(&created)).unwrap();
    let mut vault = created.vault;
    vault.reauthenticate(&pass, MORNING).unwrap();
    let kim = vault.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    let note = vault.notes_mut().add_note(&kim, &written("With a letter."), false, MORNING).unwrap();
    let private = vault.notes_mut().add_note(&kim, &written("With a drawing."), true, MORNING).unwrap();
    let attach = |vault: &mut Vault, beside, name: &str, content: &[u8]| {
        let new = NewFile { client: kim, note: beside, name, length: None };
        vault.files_mut().attach(&new, &mut &*content, MORNING, &mut |_| {}, &|| false).unwrap()
    };
    for (beside, name, content) in [
        (None, "\u{dc}berweisung.pdf", b"%PDF-1.4 a referral".repeat(40)),
        (Some(note), "letter.txt", b"Dear colleague,\n".to_vec()),
        (Some(private), "drawing.png", b"\x89PNG\r\n\x1a\n and no picture".to_vec()),
        (Some(note), "mistaken.txt", b"Not this one.\n".to_vec()),
    ] {
        let file = attach(&mut vault, beside, name, &content);
        if name == "mistaken.txt" {
            vault.trash_mut().delete(&[file], MassDelete::Confirmed, MORNING).unwrap();
        }
    }
    vault.notes_mut().flush().unwrap();
    let backup = folder.join("scanner.age");
    vault.backups_mut().back_up(&Target::of(&backup), true, MORNING, &mut |_| {}, &|| false).unwrap();
    attach(&mut vault, Some(note), "scan.txt", &b"A page of many.\n".repeat(70_000));
    expect(folder, "scanner", &described(&mut vault));
    drop(vault);
    expect(folder, "scanner.restored", &restored(&backup));
}

/// Two devices stay and one was removed, with a note from before, one that came too late, and one that was signed since.
fn a_removal_and_a_new_kit(folder: &Path) {
    let pass = passphrase();
    let mut attic = begun(&folder.join("attic.vault"), &pass, "Attic").vault;
    let kim = attic.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    let [mut cellar, mut lost] = ["Cellar", "Lost"].map(|name| {
        let new = cheap(name, &pass, MORNING);
        let joining = JoiningDevice::new(&new, &mut Os);
        attic.reauthenticate(&pass, MORNING).unwrap();
        let welcome = attic.devices_mut().admit(&joining.introduction(), usize::MAX, MORNING).unwrap();
        joining.join(&welcome, memory(), &new, Box::new(Os)).unwrap()
    });
    for other in [&mut cellar, &mut lost] {
        carry(&attic, other);
    }
    lost.notes_mut().add_note(&kim, &written("Before it was lost."), false, MORNING).unwrap();
    lost.notes_mut().flush().unwrap();
    carry(&lost, &mut cellar);
    attic.devices_mut().remove_device(&lost.device(), &pass, MORNING + 1_000).unwrap();
    carry(&attic, &mut cellar);
    lost.notes_mut().add_note(&kim, &written("After it was lost."), false, MORNING).unwrap();
    lost.notes_mut().flush().unwrap();
    carry(&lost, &mut attic);
    // The cellar had the first of the two when it heard of the removal.
    carry(&attic, &mut cellar);
    carry(&cellar, &mut attic);
    let signed = attic.notes_mut().add_note(&kim, &written("A slip of the pen."), false, MORNING).unwrap();
    attic.notes_mut().flush().unwrap();
    say(&mut attic, &signed, "What was said.");
    attic.notes_mut().sign(&signed, MORNING + 2_000).unwrap();
    // Once the cellar holds it, what led to it goes.
    carry(&attic, &mut cellar);
    let held = cellar.log().log_ends().unwrap().into_iter().map(|end| (end.log, vec![(0, end.next_seq)])).collect();
    attic.log_mut().acknowledged(&cellar.device(), &held, MORNING).unwrap();
    let mut attic = attic.lock().unwrap().unlock(&pass, MORNING + 2_500).map_err(|still| still.error).unwrap();
    let kit = attic.devices_mut().draw_kit(&pass).unwrap();
    attic.devices_mut().put_in_force(&kit, MORNING + 3_000).unwrap();
    let paper = kit::kit_text(kit.seed(), "golden", date(2026, 11, 22));
    fs::write(folder.join("attic.kit.txt"), paper.as_bytes()).unwrap();
    expect(folder, "attic", &described(&mut attic));
    let backup = folder.join("attic.age");
    attic.backups_mut().back_up(&Target::of(&backup), true, MORNING + 4_000, &mut |_| {}, &|| false).unwrap();
    drop(attic);
    expect(folder, "attic.restored", &restored(&backup));
}

pub(super) fn begun(path: &Path, pass: &Passphrase, name: &str) -> Created {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Vault::create(Box::new(RedbStore::create(path).unwrap()), &new(path, pass, name), Box::new(Os)).unwrap()
}

pub(super) fn page(created: &Created) -> String {
    kit::kit_text(&created.kit, "golden", date(2026, 11, 22)).to_string()
}

pub(super) fn expect(folder: &Path, name: &str, read: &Value) {
    fs::write(folder.join(format!("{name}.json")), format!("{read:#}\n")).unwrap();
}
