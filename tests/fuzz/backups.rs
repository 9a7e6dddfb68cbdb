//! Backups: the archive inside one, and the gzip file around that, changed, put right again and sealed to the kit; what
//! opens is looked into.

use std::cell::RefCell;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use subrosa_core::backup::Target;
use subrosa_core::entropy::Entropy;
use subrosa_core::kdf::{self, Policy};
use subrosa_core::labels;
use subrosa_core::secret::{DeviceSigningRole, Key, RecoveryRole};
use subrosa_core::share;
use subrosa_core::sign::Signer;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{BackupFile, NewFile, Vault};
use subrosa_core::wrap::WrapPublic;
use subrosa_tests::dice::Dice;
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::{cheap, passphrase};

use crate::Target as Fuzzed;

/// A backup's archive, the kit that opens it, and the device that signed it: what a device of the practice gone bad has.
struct Backup {
    archive: Vec<u8>,
    kit: Key<RecoveryRole>,
    signer: Signer,
}

/// Randomness that a test looks at afterwards: the device's own key is among it.
struct Watched(Dice, Arc<Mutex<Vec<[u8; 32]>>>);

impl Entropy for Watched {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
        if let Ok(key) = <[u8; 32]>::try_from(&*bytes) {
            self.1.lock().unwrap().push(key);
        }
    }
}

fn made() -> Backup {
    let (drawn, passphrase) = (Arc::default(), passphrase());
    let store = Box::new(RedbStore::over(Medium::default()).unwrap());
    let entropy = Box::new(Watched(Dice::new(21), Arc::clone(&drawn)));
    let created = Vault::create(store, &cheap("Desk", &passphrase, MORNING), entropy).unwrap();
    let (mut vault, kit) = (created.vault, created.kit);
    let client = vault.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    vault.notes_mut().add_note(&client, &written("What was said."), false, MORNING).unwrap();
    let new = NewFile { client, note: None, name: "letter.txt", length: None };
    vault.files_mut().attach(&new, &mut Cursor::new(b"a letter"), MORNING, &mut |_| {}, &|| false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.age");
    vault.backups_mut().back_up(&Target::File(file.clone()), true, MORNING, &mut |_| {}, &|| false).unwrap();
    let packed = share::decrypt(&kit, &fs::read(file).unwrap()).unwrap();
    let mut archive = Vec::new();
    MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut archive).unwrap();
    let mut signers = drawn
        .lock()
        .unwrap()
        .clone()
        .into_iter()
        .map(|mut seed| Signer::new(&Key::<DeviceSigningRole>::take(&mut seed)));
    let signer = signers.find(|signer| signer.public_key().device_id() == vault.device()).unwrap();
    Backup { archive, kit, signer }
}

/// Where each file's header stands, and what it is called, as far as the sizes can be followed.
fn headers(archive: &[u8]) -> Vec<(usize, String)> {
    let (mut at, mut found) = (0, Vec::new());
    while let Some(header) = archive.get(at..at + 512).filter(|header| header[0] != 0) {
        let text =
            |from: usize, to: usize| String::from_utf8_lossy(&header[from..to]).trim_end_matches('\0').to_owned();
        found.push((at, text(0, 100)));
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap_or(usize::MAX);
        let Some(next) = size.checked_next_multiple_of(512).and_then(|size| at.checked_add(512 + size)) else { break };
        at = next;
    }
    found
}

/// Puts right what whoever means harm would: the sums of the headers, the hash before the manifest, its signature.
fn mend(backup: &Backup, archive: &mut [u8]) {
    let headers = headers(archive);
    for (at, _) in &headers {
        archive[at + 148..at + 156].fill(b' ');
        let sum: u32 = archive[*at..at + 512].iter().map(|byte| u32::from(*byte)).sum();
        archive[at + 148..at + 156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    }
    let place = |name: &str| headers.iter().find(|(_, other)| other == name).map(|(at, _)| *at);
    let (Some(manifest), Some(signature)) = (place("manifest.json"), place("manifest.sig")) else { return };
    let hash = kdf::sha256(&archive[..manifest]).to_string();
    let said = archive[manifest..signature].windows(10).position(|window| window == b"\"before\":\"");
    if let Some(to) = said.map(|at| manifest + at + 10).filter(|to| to + 64 <= signature) {
        archive[to..to + 64].copy_from_slice(hash.as_bytes());
    }
    let size = archive[manifest + 512..signature].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let signed = backup.signer.sign(labels::BACKUP, &archive[manifest + 512..manifest + 512 + size]);
    if let Some(to) = archive.get_mut(signature + 512..signature + 576) {
        to.copy_from_slice(&signed.0);
    }
}

fn put_over(bytes: &mut [u8], at: usize, with: &[u8]) {
    let at = at % bytes.len();
    bytes[at..].iter_mut().zip(with).for_each(|(to, from)| *to = *from);
}

pub(crate) fn backup() -> Fuzzed {
    thread_local! {
        static MADE: RefCell<Backup> = RefCell::new(made());
    }
    /// Places and bytes that are put over them: offset u32, how u8 (1: mended, 2: in the gzip file), length u8, bytes.
    fn seeds() -> Vec<Vec<u8>> {
        let at = |at: usize, how: u8, bytes: &[u8]| {
            [&u32::try_from(at).unwrap().to_le_bytes()[..], &[how, u8::try_from(bytes.len()).unwrap()], bytes].concat()
        };
        let over = |place: usize, bytes: &[u8]| at(place, 1, bytes);
        let made = made();
        let mut seeds = vec![over(100, &[0])];
        // Of the member: its flags, the beginning of what is deflated, and a place further on.
        seeds.extend([at(3, 3, &[4]), at(10, 3, &[0, 0xFF, 0xFF, 0, 0]), at(4 << 10, 3, &[7; 8])]);
        for (place, name) in headers(&made.archive) {
            if name.starts_with("practice/") {
                seeds.push(over(place + 512, &[0xFF; 4]));
                seeds.push(over(place + 516, &[0xFF, 0xFF, 0, 0]));
            }
            // Beyond every limit, and at the limit of the small files: neither is believed.
            seeds.push(over(place + 124, b"77777777777"));
            seeds.push(over(place + 124, b"00377777777"));
        }
        seeds
    }
    fn run(bytes: &[u8]) -> String {
        MADE.with_borrow(|made| {
            let (mut archive, mut rest) = (made.archive.clone(), bytes);
            let (mut mended, mut in_gzip) = (true, Vec::new());
            while let Some((head, after)) = rest.split_first_chunk::<6>() {
                let at = usize::try_from(u32::from_le_bytes([head[0], head[1], head[2], head[3]])).unwrap();
                let (with, after) = after.split_at(usize::from(head[5]).min(after.len()));
                if head[4] & 2 == 2 {
                    in_gzip.push((at, with));
                } else {
                    put_over(&mut archive, at, with);
                }
                mended &= head[4] & 1 == 1;
                rest = after;
            }
            if mended {
                mend(made, &mut archive);
            }
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&archive).unwrap();
            let mut packed = packed.finish().unwrap();
            in_gzip.into_iter().for_each(|(at, with)| put_over(&mut packed, at, with));
            let file = share::encrypt(&[&WrapPublic::of(&made.kit)], &packed, &mut Dice::new(22)).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("backup.age");
            fs::write(&path, file).unwrap();
            let opened = match BackupFile::open(&path, made.kit.duplicate(), &|| false) {
                Ok(opened) => opened,
                Err(error) => return format!("{error:?}"),
            };
            match opened.look(folder.path(), Policy::Tests, &mut |_| {}, &|| false) {
                Ok(vault) => {
                    let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
                    format!(
                        "{} clients, {} notes, {:?}",
                        vault.clients().all().count(),
                        found.documents,
                        found.damaged.len()
                    )
                }
                Err(error) => format!("looked into: {error:?}"),
            }
        })
    }
    Fuzzed { name: "backup", seeds, run, memory: 16 << 20 }
}
