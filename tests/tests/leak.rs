//! Forty-four sentences that nobody else writes go through everything that takes text; none comes out where it must not.
//!
//! A child process (this test binary, started again) types them, syncs, pairs, seals, locks and prints every error and
//! every `Debug` that it meets. Its vault files, its temporary folder, what it printed and what went over the wire are
//! then searched, as UTF-8, UTF-16 and Base64. The same search finds all of them in a plain export.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use subrosa_core::entropy::Os;
use subrosa_core::export::ProcessNotes;
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{LockedVault, NewFile, NewVault, Share, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::{CARDS_READ, MORNING, day, written};
use subrosa_tests::world::{Device, Wire, World, cheap};

/// Sentences that stand in the record, and so in an export of it.
const IN_RECORD: usize = 44;
/// Further ones, which belong to no record: passphrases, names of devices and colleagues, purposes, what was deleted.
const ELSEWHERE: usize = 12;

/// No compression, encoding or front matter changes it, and nobody else writes it.
fn canary(number: usize) -> String {
    format!("canary{number:02}vexillum{}", number * number + 1_000)
}

fn elsewhere(number: usize) -> String {
    assert!(number < ELSEWHERE);
    canary(IN_RECORD + number)
}

/// Every way in which a text may lie among bytes.
fn found(text: &str, bytes: &[u8]) -> bool {
    let contains = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    contains(text.as_bytes())
        || contains(&little)
        || contains(&big)
        || (0..3).any(|shift| contains(base64_middle(text.as_bytes(), shift).as_bytes()))
}

/// What a text becomes in Base64 when it begins `shift` bytes into a group of three, without what its neighbours decide.
fn base64_middle(text: &[u8], shift: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = &text[(3 - shift) % 3..];
    let groups = whole.chunks_exact(3).map(|group| u32::from_be_bytes([0, group[0], group[1], group[2]]));
    groups.flat_map(|bits| [18, 12, 6, 0].map(|at| char::from(DIGITS[(bits >> at) as usize % 64]))).collect()
}

fn all_bytes(folder: &Path) -> Vec<u8> {
    let (mut bytes, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // A name of a file leaks like its content.
            bytes.extend(path.file_name().unwrap().to_string_lossy().bytes().chain([0]));
            if path.is_dir() { open.push(path) } else { bytes.extend(fs::read(path).unwrap()) }
        }
    }
    bytes
}

fn note(text: &str, tags: &[String], format: String, other: &str) -> NoteContent {
    let other = [("room".to_owned(), other.to_owned())].into();
    NoteContent { tags: tags.to_vec(), format, other, ..written(text) }
}

/// A paper trail with the sentences 19 to 39, one of them as the name of a folder.
fn paper(folder: &Path) {
    let [code, second] = [canary(19), canary(20)];
    let table = format!(
        "id,name,email,school\n{code},{},{},{}\n{second},{},,\n",
        canary(21),
        canary(22),
        canary(39),
        canary(23)
    );
    fs::create_dir_all(folder.join("notes").join(&code)).unwrap();
    fs::write(folder.join("clients.csv"), table).unwrap();
    let measures = format!("client_id,date,instrument,items,total\n{code},2026-01-02,{},1 2,3\n", canary(36));
    fs::write(folder.join("measures.csv"), measures + &format!("{second},2026-01-02,{},1 2,3\n", canary(37))).unwrap();
    for number in 24..32 {
        let tags = if number < 28 { format!("tags: [{}]\n", canary(number + 8)) } else { String::new() };
        let room = if number == 24 { format!("topic: {}\n", canary(38)) } else { String::new() };
        let text =
            format!("---\nclient: {code}\ndate: 2026-01-{number}\n{tags}{room}---\n\nSaid: {}.\n", canary(number));
        fs::write(folder.join("notes").join(&code).join(format!("{}.md", canary(number))), text).unwrap();
    }
}

/// Prints an error and everything that a log might print of it.
fn print(what: &(impl std::fmt::Debug + ?Sized)) {
    println!("{what:?}");
    eprintln!("{what:#?}");
}

/// The end of a file that cannot be read.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other(canary(41)))
    }
}

struct Typed {
    world: World,
    path: PathBuf,
}

fn create(path: &Path) -> Vault {
    let passphrase = Passphrase::new(elsewhere(0));
    let name = elsewhere(1);
    let new = NewVault { path: Some(path.to_owned()), ..cheap(&name, &passphrase, MORNING) };
    Vault::create(Box::new(RedbStore::create(path).unwrap()), &new, Box::new(Os)).unwrap().vault
}

/// Types all sentences into a vault on a real disk.
fn type_all(folder: &Path) -> Typed {
    let path = folder.join("practice.subrosa");
    let mut vault = create(&path);
    let passphrase = Passphrase::new(elsewhere(0));
    let client = vault
        .clients_mut()
        .add_client(
            &Identity {
                name: canary(0),
                code: Some(canary(1)),
                email: canary(2),
                phone: canary(3),
                language: canary(4),
                status: canary(5),
                referral: canary(6),
                other: [("employer".to_owned(), canary(7))].into(),
                birth_date: None,
            },
            MORNING,
        )
        .unwrap();
    let draft = note(&canary(8), &[canary(9), canary(10)], canary(11), &canary(12));
    let id = vault.notes_mut().add_note(&client, &draft, false, MORNING).unwrap();
    let edited = NoteContent { text: format!("{} {}", canary(8), elsewhere(2)), ..draft.clone() };
    vault.notes_mut().save_note(&id, &edited, MORNING).unwrap();
    let edited = NoteContent { text: format!("{} {}", canary(8), canary(13)), ..draft };
    vault.notes_mut().save_note(&id, &edited, MORNING).unwrap();
    let signed = vault
        .notes_mut()
        .add_note(&client, &note(&canary(14), &[canary(15)], "DAP".into(), "1"), false, MORNING)
        .unwrap();
    vault.notes_mut().sign(&signed, MORNING).unwrap();
    print(&vault.notes_mut().save_note(&signed, &edited, MORNING).unwrap_err());
    vault.notes_mut().add_addendum(&signed, written(&canary(16)), MORNING).unwrap();
    print(&vault.notes_mut().add_note(&client, &written(&canary(17)), true, MORNING).err());
    vault.reauthenticate(&passphrase, MORNING).unwrap();
    let private = vault
        .notes_mut()
        .add_note(&client, &note(&canary(17), &[canary(18)], "Free".into(), "2"), true, MORNING)
        .unwrap();
    for (number, beside) in [(40, id), (42, private)] {
        let name = format!("{}.txt", canary(number));
        let file = NewFile { client, note: Some(beside), name: &name, length: None };
        let content = format!("{}\n{}", "line\n".repeat(600), canary(number + 1));
        let broken = &mut content.as_bytes().chain(Broken);
        print(&vault.files_mut().attach(&file, broken, MORNING, &mut |_| {}, &|| false).unwrap_err());
        let id = vault.files_mut().attach(&file, &mut content.as_bytes(), MORNING, &mut |_| {}, &|| false).unwrap();
        print(&vault.files().file(&id).unwrap());
        print(&vault.files().file_bytes(&id, 10).unwrap_err());
        print(&file);
    }
    let trail = tempfile::tempdir_in(folder.parent().unwrap()).unwrap();
    paper(trail.path());
    let imported = vault.exchange_mut().import(trail.path(), false, MORNING, &mut |_| {}, &|| false).unwrap();
    assert_eq!((imported.clients, imported.notes, imported.measures), (2, 8, 2));
    print(&vault.notes().search(&elsewhere(3), 10, &|| false).unwrap());
    print(&vault.notes().search(&canary(8), 10, &|| false).unwrap());
    vault.keep_setting("screen", elsewhere(4).as_bytes()).unwrap();
    let mut world = World::of(1, 5);
    world.devices = vec![Device::of("Office", vault, Dice::new(8))];
    world.heard = Some(Vec::new());
    Typed { world, path }
}

/// Shares the record, with a purpose and a basis, and pairs and syncs a second device.
fn hand_over(typed: &mut Typed) -> Vec<Vec<u8>> {
    let world = &mut typed.world;
    let mut handed = Vec::new();
    let mut colleague = World::of(1, 6);
    let card = colleague.devices[0].vault().exchange().card(&elsewhere(5), day()).unwrap();
    let vault = world.devices[0].vault();
    let to = vault.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ).unwrap();
    let share = Share {
        client: vault.clients().all().find(|row| row.name == canary(0)).unwrap().id,
        notes: Vec::new(),
        to,
        purpose: elsewhere(6),
        basis: elsewhere(7),
        consent: elsewhere(8),
        until: None,
        process: ProcessNotes::Include,
        files: true,
        today: day(),
    };
    print(&share);
    handed.push(vault.exchange_mut().seal_record(&share, &elsewhere(9)).unwrap().file);
    handed.push(vault.devices_mut().hello(&[1; 32], &[2; 32], MORNING).unwrap());
    let sealed = &handed[0];
    print(&colleague.devices[0].vault().exchange().open_record(sealed).map(|_| ()));
    print(&vault.exchange().open_record(sealed).map(|_| ()).unwrap_err());
    world.devices[0]
        .vault()
        .change_passphrase(
            &Passphrase::new(elsewhere(0)),
            &subrosa_tests::world::passphrase(),
            Strength::CHEAP_FOR_TESTS,
        )
        .unwrap();
    let now = world.now;
    let (laptop, said) = world.devices[0].admit(&elsewhere(10), Dice::new(9), now);
    handed.extend(said);
    world.devices.push(laptop);
    world.settle();
    world.carry(0, 1, Wire { loses: 20, doubles: 50, mixes: true });
    handed.extend(world.heard.take().unwrap());
    let wants = world.devices[1].vault().files().wanted_pieces(100, &|_| false).unwrap();
    assert_eq!(wants.len(), 2);
    for want in wants {
        let piece = world.devices[0].vault().files().piece(&want.hash).unwrap().unwrap();
        print(&want);
        world.devices[1].vault().files_mut().offer_pieces(vec![(want, piece.clone())]).unwrap();
        handed.push(piece);
    }
    handed.push(world.devices[1].medium().image());
    handed
}

fn print_everything(vault: &mut Vault) {
    print(vault);
    for row in vault.clients().all().cloned().collect::<Vec<_>>() {
        print(&row);
        print(&vault.clients().identity(&row.id).unwrap());
        print(&vault.clients().measures(&row.id).unwrap());
        print(&vault.exchange().disclosures(&row.id).unwrap());
        print(&vault.exchange().exported(&row.id, ProcessNotes::LeaveOut).unwrap());
        for note in vault.notes().timeline(&row.id).unwrap() {
            print(&note);
            let view = vault.notes().note(&note.id).unwrap();
            print(&view);
            print(&(&view.content, &view.signed));
        }
    }
    print(&(
        vault.devices().all().unwrap(),
        vault.exchange().colleagues().unwrap(),
        vault.integrity().verify(&mut |_, _| {}).unwrap(),
    ));
    print(&(vault.notes().unsigned().unwrap(), vault.transport(0), vault.log().log_ends().unwrap()));
}

/// The child: `SUBROSA_LEAK` is its folder, with `work` for the practice and `handed` for what left it.
#[test]
#[ignore = "the child process of the leak scan, started by it"]
fn child() {
    let Ok(folder) = std::env::var("SUBROSA_LEAK") else { return };
    let folder = PathBuf::from(folder);
    let mut typed = type_all(&folder.join("work"));
    let handed = hand_over(&mut typed);
    fs::write(folder.join("handed"), handed.concat()).unwrap();
    let mut office = typed.world.devices.remove(0);
    print_everything(office.vault());
    let vault = office.vault();
    vault.reauthenticate(&subrosa_tests::world::passphrase(), MORNING).unwrap();
    vault.exchange().export(&folder.join("export"), None, ProcessNotes::Include, &mut |_| {}, &|| false).unwrap();
    print(
        &vault
            .exchange()
            .export(&folder.join("export"), None, ProcessNotes::Include, &mut |_| {}, &|| false)
            .map(|_| ())
            .unwrap_err(),
    );
    drop(office);
    let store = Box::new(RedbStore::open(&typed.path).unwrap());
    let locked = LockedVault::open(store, Some(typed.path), Policy::Tests, Box::new(Os)).unwrap();
    print(&locked);
    print(&locked.unlock(&Passphrase::new(elsewhere(11)), MORNING).map(drop).unwrap_err());
}

#[test]
fn none_of_these_sentences_is_found_outside_a_plain_export_and_there_all_of_them_are() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["work", "temporary"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["leak::child", "--exact", "--ignored", "--nocapture"])
        .env("SUBROSA_LEAK", folder.path())
        .envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, folder.path().join("temporary"))))
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&printed));
    let places = [
        ("the practice and the anchor", all_bytes(&folder.path().join("work"))),
        ("the temporary folder", all_bytes(&folder.path().join("temporary"))),
        ("what was printed", printed),
        ("what left the device", fs::read(folder.path().join("handed")).unwrap()),
    ];
    let mut leaks = String::new();
    for number in 0..IN_RECORD + ELSEWHERE {
        for (place, _) in places.iter().filter(|(_, bytes)| found(&canary(number), bytes)) {
            writeln!(leaks, "sentence {number} in {place}").unwrap();
        }
    }
    assert_eq!(leaks, "", "{} bytes searched", places.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    assert!(places.iter().all(|(place, bytes)| bytes.len() > 1_000 || *place == "the temporary folder"));
    let export = all_bytes(&folder.path().join("export"));
    let missed: Vec<usize> = (0..IN_RECORD).filter(|number| !found(&canary(*number), &export)).collect();
    assert_eq!(missed, [0; 0], "the same search finds them where they stand");
}

#[test]
fn the_search_sees_each_encoding_at_each_offset() {
    let text = canary(7);
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    assert!(found(&text, format!("..{text}..").as_bytes()));
    assert!(found(&text, &utf16(u16::to_le_bytes)) && found(&text, &utf16(u16::to_be_bytes)));
    for before in ["", "a", "ab", "abc"] {
        let padded = format!("{before}{text}  ");
        assert!(found(&text, base64_middle(padded.as_bytes(), 0).as_bytes()), "after {} bytes", before.len());
    }
    assert!(!found(&text, format!("..{}..", canary(8)).as_bytes()));
}
