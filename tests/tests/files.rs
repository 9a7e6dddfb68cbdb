//! A long file through a practice on a real disk: how much memory it takes, and that nothing of it lies beside the practice.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::civil::date;
use subrosa_core::entropy::Os;
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{NewFile, NewVault, Share, Vault};
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{CARDS_READ, MORNING, PASSPHRASE, person, written};
use subrosa_tests::world::cheap;

/// Memory that an attachment of any length may take, in KiB.
const MEMORY: u64 = 64 << 10;
/// MiB of the file; `SUBROSA_FILE_MIB` names another number.
const LENGTH: u64 = 192;

/// So many bytes, each known by its place; a writer checks that they come back.
struct Bytes {
    at: u64,
    end: u64,
}

fn byte(at: u64) -> u8 {
    (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56).to_le_bytes()[0]
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(usize::try_from(self.end - self.at).unwrap());
        for to in &mut into[..len] {
            *to = byte(self.at);
            self.at += 1;
        }
        Ok(len)
    }
}

impl Write for Bytes {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        for byte_of in from {
            assert_eq!(*byte_of, byte(self.at));
            self.at += 1;
        }
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Resident memory in KiB, now and at its highest since the last call; `None` where the system does not say.
fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    let found = (field("VmRSS:")?, field("VmHWM:")?);
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(found)
}

/// Does something, and says how much memory it took and how long.
fn measured<T>(what: &str, mebibytes: u64, work: impl FnOnce() -> T) -> T {
    let before = memory();
    let began = Instant::now();
    let done = work();
    let took = began.elapsed().as_secs_f64();
    if let (Some((before, _)), Some((_, highest))) = (before, memory()) {
        let above = highest.saturating_sub(before);
        println!("{what}: {mebibytes} MiB in {took:.2} s, {} KiB of memory above {before} KiB", above);
        assert!(above < MEMORY, "{above} KiB");
    }
    done
}

/// How long saving some keystrokes takes, in the median.
fn save(vault: &mut Vault, note: &NoteId) -> Duration {
    let mut content = vault.notes().note(note).unwrap().content;
    let mut took: Vec<Duration> = (0..21)
        .map(|_| {
            content.text.push_str(" and");
            let began = Instant::now();
            vault.notes_mut().save_note(note, &content, MORNING).unwrap();
            began.elapsed()
        })
        .collect();
    took.sort();
    took[10]
}

/// The child: `SUBROSA_FILES` is its folder.
#[test]
#[ignore = "the child process of the test below, started by it: its memory is its own"]
fn child() {
    let Ok(folder) = std::env::var("SUBROSA_FILES") else { return };
    let mebibytes = std::env::var("SUBROSA_FILE_MIB").ok().and_then(|text| text.parse().ok()).unwrap_or(LENGTH);
    let path = Path::new(&folder).join("practice.subrosa");
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let new = NewVault { path: Some(path.clone()), ..cheap("Office", &passphrase, MORNING) };
    let mut vault = Vault::create(Box::new(RedbStore::create(&path).unwrap()), &new, Box::new(Os)).unwrap().vault;
    let client = vault.clients_mut().add_client(&person("Aino"), MORNING).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("A note."), false, MORNING).unwrap();
    let before = save(&mut vault, &note);
    let length = mebibytes << 20;
    let file = NewFile { client, note: None, name: "scan.pdf", length: Some(length) };
    let mut from = Bytes { at: 0, end: length };
    let attached =
        measured("attached", mebibytes, || vault.files_mut().attach(&file, &mut from, MORNING, &mut |_| {}, &|| false));
    let id = attached.unwrap();
    let mut to = Bytes { at: 0, end: length };
    measured("extracted", mebibytes, || vault.files().extract(&id, &mut to, &mut |_| {}, &|| false)).unwrap();
    assert_eq!(to.at, length);
    handed_out(&mut vault, client, &Path::new(&folder).join("record.age"), length);
    println!("a keystroke is saved in {before:?} before and in {:?} after", save(&mut vault, &note));
    let found = measured("checked", mebibytes, || vault.integrity().verify(&mut |_, _| {})).unwrap();
    assert_eq!(found.damaged, []);
    drop(vault);
    let stored = std::fs::metadata(&path).unwrap().len();
    println!("the practice has {stored} bytes, {:.3} of the file", stored as f64 / length as f64);
    let beside: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.len() <= 2, "the practice, its anchor and nothing else: {beside:?}");
}

/// A sealed record with the file in it: written, opened, and the file taken out of it again.
fn handed_out(vault: &mut Vault, client: ClientId, path: &Path, length: u64) {
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let store = Box::new(RedbStore::over(Medium::default()).unwrap());
    let colleague = Vault::create(store, &cheap("Elsewhere", &passphrase, MORNING), Box::new(Os)).unwrap().vault;
    let card = colleague.exchange().card("Dr. Elm", date(2026, 11, 22)).unwrap();
    let share = Share {
        client,
        notes: Vec::new(),
        to: vault.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ).unwrap(),
        purpose: "referral".to_owned(),
        basis: "consent".to_owned(),
        consent: String::new(),
        until: None,
        process: ProcessNotes::LeaveOut,
        files: true,
        today: date(2026, 11, 22),
    };
    let mut file = File::create_new(path).unwrap();
    let sealed = measured("sealed", length >> 20, || {
        vault.exchange_mut().seal_record_to(&share, "Dr. Kim", &mut file, &mut |_| {}, &|| false)
    });
    assert_eq!(sealed.unwrap().files, 1);
    let mut file = File::open(path).unwrap();
    let record = measured("opened", length >> 20, || colleague.exchange().open_record_in(&mut file)).unwrap();
    assert_eq!(record.attachments().map(|file| file.size).sum::<u64>(), length);
    measured("taken out", length >> 20, || {
        colleague.exchange().copy_from_record(&mut file, &record, &mut |listed| {
            let to = Bytes { at: 0, end: length };
            Ok((listed.size == length).then(|| Box::new(to) as Box<dyn Write>))
        })
    })
    .unwrap();
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_long_file_goes_in_and_out_with_little_memory_and_without_a_file_beside_the_practice() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["files::child", "--exact", "--ignored", "--nocapture"])
        .env("SUBROSA_FILES", folder.path())
        .envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, temporary.path())))
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    println!("{}", String::from_utf8_lossy(&printed));
    assert!(output.status.success());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "no temporary file");
}
