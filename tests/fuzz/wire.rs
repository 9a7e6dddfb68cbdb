//! What comes over a wire or lies in a file: frames, age files, sealed records, a vault file.

use std::cell::RefCell;
use std::io::Cursor;

use jiff::civil::date;
use subrosa_core::card::ContactCard;
use subrosa_core::kdf::Policy;
use subrosa_core::labels;
use subrosa_core::secret::{CardSigningRole, Key, RecoveryRole};
use subrosa_core::share::{self, RecordToSeal};
use subrosa_core::sign::Signer;
use subrosa_core::store::{RedbStore, Store, Table};
use subrosa_core::vault::LockedVault;
use subrosa_core::wrap::WrapPublic;
use subrosa_sync::wire::{Deframer, Frame, limits};
use subrosa_tests::dice::Dice;
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::{Device, passphrase};

use crate::Target;

pub(crate) fn frames() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let [root, hash] = [[1; 32], [2; 32]];
        let position: &[u8] = &[
            [3; 24].as_slice(),
            &5_u64.to_le_bytes(),
            &hash,
            &1_u16.to_le_bytes(),
            &0_u64.to_le_bytes(),
            &5_u64.to_le_bytes(),
        ]
        .concat();
        let payloads: [(u8, Vec<u8>); 11] = [
            (1, root.to_vec()),
            (2, [&[2], 1_u16.to_le_bytes().as_slice(), position].concat()),
            (3, [0_u16.to_le_bytes().as_slice(), &1_u16.to_le_bytes(), &hash].concat()),
            (
                4,
                [[3; 24].as_slice(), &0_u64.to_le_bytes(), &hash, &1_u16.to_le_bytes(), &3_u16.to_le_bytes(), b"abc"]
                    .concat(),
            ),
            (5, [hash.as_slice(), b"a body"].concat()),
            (6, hash.to_vec()),
            (8, [7_u32.to_le_bytes().as_slice(), &root].concat()),
            (0x10, vec![9; 40]),
            (0x14, vec![0]),
            (0x14, [[1].as_slice(), &1_u16.to_le_bytes(), &hash].concat()),
            (0x20, [[1].as_slice(), &[10; 50]].concat()),
        ];
        let framed = payloads.map(|(kind, payload)| {
            [&u32::try_from(payload.len() + 1).unwrap().to_le_bytes(), [kind].as_slice(), &payload].concat()
        });
        let whole = framed.concat();
        framed.into_iter().chain([whole]).collect()
    }
    fn run(bytes: &[u8]) -> String {
        let (mut deframer, mut input, mut seen) = (Deframer::default(), bytes, Vec::new());
        loop {
            match deframer.next(&mut input) {
                Ok(Some(raw)) => {
                    assert!(raw.payload.len() <= limits::UNKNOWN);
                    match raw.parse() {
                        Ok(frame) => {
                            if !matches!(frame, Frame::Unknown(_)) {
                                let again = frame.encode().unwrap();
                                assert_eq!(Frame::parse(again[4], &again[5..]).as_ref(), Ok(&frame));
                                assert_eq!(again[5..], raw.payload, "what is read is written the same");
                            }
                            seen.push(format!("{}", frame.kind()));
                        }
                        Err(error) => return format!("{seen:?} {error:?}"),
                    }
                }
                Ok(None) => return format!("{seen:?} waits"),
                Err(error) => return format!("{seen:?} {error:?}"),
            }
            seen.truncate(4);
        }
    }
    Target { name: "frames", seeds, run, memory: 4 << 20 }
}

fn seed() -> Key<RecoveryRole> {
    Key::take(&mut [0x4B; 32])
}

fn signer() -> Signer {
    Signer::new(&Key::<CardSigningRole>::take(&mut [6; 32]))
}

pub(crate) fn age_file() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let to = WrapPublic::of(&seed());
        let other = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0x4C; 32]));
        let file = |to: &[&WrapPublic], plain: &[u8]| share::encrypt(to, plain, &mut Dice::new(13)).unwrap();
        vec![file(&[&to], b""), file(&[&to], b"Sub rosa: said in confidence."), file(&[&other, &to], b"for two")]
    }
    fn run(bytes: &[u8]) -> String {
        match share::decrypt(&seed(), bytes) {
            Ok(plain) => format!("{} bytes", plain.len()),
            Err(error) => format!("{error:?}"),
        }
    }
    Target { name: "age_file", seeds, run, memory: 2 << 20 }
}

/// The archive inside, sealed again and signed again after each change: an editor of the file cannot, a colleague can.
pub(crate) fn sealed_record() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let card = ContactCard::make("Dr. Elm", WrapPublic::of(&seed()), &signer(), date(2026, 11, 22)).unwrap();
        let files = [("record.md".to_owned(), b"# Kim".to_vec()), ("record.json".to_owned(), b"{}".to_vec())];
        let record = RecordToSeal {
            purpose: "referral",
            legal_basis: "consent",
            consent: "in writing",
            created: date(2026, 11, 22),
            valid_until: Some(date(2027, 11, 22)),
            files: &files,
            attachments: &[],
        };
        let to = WrapPublic::of(&seed());
        let file = share::seal_record(&record, &card, &signer(), &to, &mut Dice::new(14)).unwrap();
        vec![share::decrypt(&seed(), &file).unwrap().to_vec()]
    }
    fn run(archive: &[u8]) -> String {
        let file = share::encrypt(&[&WrapPublic::of(&seed())], &signed_again(archive), &mut Dice::new(15)).unwrap();
        match share::open_record(&mut Cursor::new(&file), &seed(), std::iter::empty::<&ContactCard>()) {
            Ok(opened) => {
                assert_eq!(opened.files.len() + opened.attachments().count(), opened.manifest.files.len());
                assert!(
                    opened.files.iter().all(|file| !file.name.contains(['/', '\\']) && !file.name.starts_with('.'))
                );
                format!("{} files", opened.files.len())
            }
            Err(error) => format!("{error:?}"),
        }
    }
    /// Puts a good signature where the archive has one, when the first entry's length can be read.
    fn signed_again(archive: &[u8]) -> Vec<u8> {
        let mut archive = archive.to_vec();
        let size = archive.get(124..135).and_then(|digits| std::str::from_utf8(digits).ok());
        let size = size.and_then(|digits| usize::from_str_radix(digits, 8).ok()).filter(|size| *size < 1 << 20);
        let Some(size) = size else { return archive };
        let at = 512 + size.div_ceil(512) * 512 + 512;
        let Some(manifest) = archive.get(512..512 + size) else { return archive };
        let signature = signer().sign(labels::RECORD, manifest);
        if let Some(place) = archive.get_mut(at..at + 64) {
            place.copy_from_slice(&signature.0);
        }
        archive
    }
    Target { name: "sealed_record", seeds, run, memory: 4 << 20 }
}

/// Changes to the blocks of a vault file: where they lie and what they hold, their checks put right in half of the runs.
pub(crate) fn vault_file() -> Target {
    thread_local! {
        static IMAGE: RefCell<Vec<u8>> = RefCell::new(image());
    }
    fn image() -> Vec<u8> {
        let mut dice = Dice::new(16);
        let (mut device, _) = Device::create("Desk", dice.other(), MORNING);
        let client = device.vault().clients_mut().add_client(&person("Kim"), MORNING).unwrap();
        device.vault().notes_mut().add_note(&client, &written("What was said."), false, MORNING).unwrap();
        device.lock_and_unlock(MORNING);
        device.medium().image()
    }
    /// Places and bytes that are put over them: block u16, offset u16, mended u8, length u8, bytes.
    fn seeds() -> Vec<Vec<u8>> {
        let over = |block: u16, at: u16, mended: u8, bytes: &[u8]| {
            let head = [block.to_le_bytes(), at.to_le_bytes(), [mended, u8::try_from(bytes.len()).unwrap()]].concat();
            [head.as_slice(), bytes].concat()
        };
        vec![
            over(0, 9, 1, &[1]),
            over(0, 64, 1, &[3, 0]),
            over(0, 72, 1, &[0xFF; 8]),
            over(1, 0, 1, &[2, 0, 0xFF, 0xFF]),
            over(2, 2, 1, &[0xFF, 0xFF]),
            over(3, 100, 0, &[0]),
            over(5, 4, 1, &[0xFF, 0xFF, 0xFF, 0x7F]),
        ]
    }
    fn run(bytes: &[u8]) -> String {
        let mut image = IMAGE.with_borrow(Clone::clone);
        let mut rest = bytes;
        while let Some((head, after)) = rest.split_first_chunk::<6>() {
            let [block, at] = [[head[0], head[1]], [head[2], head[3]]].map(|two| usize::from(u16::from_le_bytes(two)));
            let (with, after) = after.split_at(usize::from(head[5]).min(after.len()));
            put(&mut image, block, at, with, head[4] & 1 == 1);
            rest = after;
        }
        let store = match RedbStore::over(Medium::holding(image)) {
            Ok(store) => store,
            Err(error) => return format!("{error:?}"),
        };
        let mut rows = 0;
        for &table in Table::ALL {
            let scanned = store.scan(table, &mut |_, value| {
                rows += usize::from(!value.is_empty());
                std::ops::ControlFlow::Continue(())
            });
            if let Err(error) = scanned {
                return format!("{error:?} in {}", table.name());
            }
        }
        match LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(Dice::new(1))) {
            Ok(locked) => match locked.unlock(&passphrase(), MORNING) {
                Ok(vault) => format!("{} clients of {rows} rows", vault.clients().all().count()),
                Err(still) => format!("{:?}", still.error),
            },
            Err(error) => format!("{error:?}"),
        }
    }
    fn put(image: &mut [u8], block: usize, at: usize, with: &[u8], mended: bool) {
        let blocks = (image.len() - 20_480) / 4_112;
        let (block, at) = (block % (blocks + 1), at % 4_096);
        let starts: &[usize] = if block == 0 { &[4_096 + 16, 12_288 + 16] } else { &[20_480 + (block - 1) * 4_112] };
        for &start in starts {
            image[start + at..start + 4_096].iter_mut().zip(with).for_each(|(to, from)| *to = *from);
            if mended {
                let from = if block == 0 { start - 16 } else { start };
                let number = u64::try_from(block).unwrap().to_le_bytes();
                let sum =
                    subrosa_core::kdf::sha256(&[labels::STORE_BLOCK, &number, &image[from..start + 4_096]].concat());
                image[start + 4_096..start + 4_112].copy_from_slice(&sum.0[..16]);
            }
        }
    }
    Target { name: "vault_file", seeds, run, memory: 16 << 20 }
}
