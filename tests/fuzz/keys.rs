//! What keys hang on: roster, keyring, slots, seals, wraps, pairing and the hello.

use std::cell::RefCell;

use subrosa_core::blob::{PIECES_MAX, PieceList};
use subrosa_core::id::{DeviceId, DocId, EpochId, Hash, KeyId, LogId};
use subrosa_core::kdf::{self, Policy, Strength};
use subrosa_core::keyring::{Compartment, CompartmentEntry, Part};
use subrosa_core::labels;
use subrosa_core::pairing::{Code, Endpoints, Invitation, Joiner};
use subrosa_core::roster::{
    Cut, DeviceCard, Earlier, Entry, EntryKind, HandedOver, NewEpoch, Offered, Roster, SignedBy, removal_wraps,
};
use subrosa_core::seal;
use subrosa_core::secret::{AuthorityRole, DeviceSigningRole, Key, PairingRole, Passphrase, RecoveryRole, WrapRole};
use subrosa_core::sign::Signer;
use subrosa_core::slots::{PassphraseSlot, RecoverySecrets, RecoverySlot};
use subrosa_core::wrap::WrapPublic;
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::MORNING;
use subrosa_tests::world::Device;

use crate::Target;

fn device(byte: u8) -> DeviceCard {
    let signing = Signer::new(&Key::<DeviceSigningRole>::take(&mut [byte; 32])).public_key();
    let wrap = |byte: u8| ([byte; 16], WrapPublic::of(&Key::<WrapRole>::take(&mut [byte; 32])));
    DeviceCard::new(signing, wrap(byte + 1), wrap(byte + 2), "Desk")
}

fn authority() -> Signer {
    Signer::new(&Key::<AuthorityRole>::take(&mut [0xA0; 32]))
}

fn genesis() -> Vec<u8> {
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0x4B; 32]));
    Entry::genesis(1_000, device(0x10), vec![kit], &Key::take(&mut [0xE5; 32]), &authority())
}

/// What an admission hands over, where nobody opens it.
fn handed() -> HandedOver {
    HandedOver { wrap: vec![1; 100], earlier: Earlier { under: EpochId([1; 16]), sealed: vec![1; 60] } }
}

pub(crate) fn roster_entry() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let parents = [Entry::parse(&genesis()).unwrap().hash()];
        let own = Signer::new(&Key::<DeviceSigningRole>::take(&mut [0x10; 32]));
        let by = SignedBy { device: &own, authority: &authority() };
        let admission = Entry::admission(2_000, parents, device(0x20), handed(), &by);
        // A removal and a cut of the second device, as they follow on the practice that `run` has.
        let parents = [Entry::parse(&admission).unwrap().hash()];
        let next = Key::<AuthorityRole>::take(&mut [0xA1; 32]);
        let epoch = Key::take(&mut [0xE6; 32]);
        let wraps = removal_wraps(&[&device(0x10)], &epoch, &next, &mut Dice::new(5));
        let new = NewEpoch::new(&epoch, [], Signer::new(&next).public_key(), &mut Dice::new(6));
        let removal = Entry::removal(3_000, parents, vec![device(0x20)], wraps, new, &by);
        let parents = [Entry::parse(&removal).unwrap().hash()];
        let mut log = [0; 24];
        log[..16].copy_from_slice(&device(0x20).id.0);
        let cuts = vec![Cut { log: LogId(log), seq: 7, head: Hash([9; 32]) }];
        let cut = |kind| Entry::cut(kind, 4_000, parents, device(0x20), cuts.clone(), &own);
        let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0x4C; 32]));
        let by = SignedBy { device: &own, authority: &Signer::new(&next) };
        let recovery = Entry::recovery(5_000, parents, vec![kit], &by);
        vec![genesis(), admission, removal, cut(EntryKind::Cut), cut(EntryKind::Kept), recovery]
    }
    fn run(bytes: &[u8]) -> String {
        thread_local! {
            static ROSTER: Roster = Roster::begin(&genesis()).unwrap();
            // The same after its admission and its removal.
            static LATER: Roster = {
                let mut roster = Roster::begin(&genesis()).unwrap();
                seeds()[1..3].iter().for_each(|entry| assert_eq!(roster.offer(entry), Offered::Added));
                roster
            };
        }
        let read = Entry::parse(bytes);
        if let Ok(entry) = &read {
            assert_eq!(entry.to_bytes(), bytes, "what is read is written the same");
            assert!(entry.wraps.iter().all(|wrap| wrap.bytes.len() <= 16 << 10));
        }
        let mut roster = ROSTER.with(Roster::clone);
        let (devices, offered) = (roster.live().len(), roster.offer(bytes));
        assert!(roster.live().len() <= devices + 1);
        let mut later = LATER.with(Roster::clone);
        let after = later.offer(bytes);
        assert!(later.device(&device(0x20).id).is_none(), "a removal is final");
        format!("{:?} {offered:?} {after:?}", read.map(|entry| entry.kind))
    }
    Target { name: "roster_entry", seeds, run, memory: 2 << 20 }
}

pub(crate) fn keyring_part() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let make = |compartment| {
            let (id, client, key) = (KeyId([1; 16]), DocId([2; 16]), Key::take(&mut [3; 32]));
            let entry = CompartmentEntry { id, client, compartment, key };
            let (card, mut dice) = (device(0x10), Dice::new(5));
            let readers = [(card.id, card.dkk_generation, &card.dkk)];
            Part::publish(DocId([5; 16]), 1, &[entry], card.id, &readers, &mut dice).unwrap()
        };
        vec![make(Compartment::Identity), make(Compartment::Process)]
    }
    fn run(bytes: &[u8]) -> String {
        let Ok(part) = Part::parse(bytes) else { return "malformed".into() };
        assert!(part.key_ids().len() <= 64);
        let (card, seed) = (device(0x10), Key::<WrapRole>::take(&mut [0x11; 32]));
        let opened = part.open(card.id, card.id, &card.dkk_generation, &seed);
        if let Ok(entries) = &opened {
            assert!(entries.iter().map(|entry| entry.id).eq(part.key_ids().iter().copied()));
        }
        assert!(part.open(DeviceId([9; 16]), card.id, &card.dkk_generation, &seed).is_err(), "no other author");
        format!("{} {:?}", part.is_process(), opened.map(|entries| entries.len()))
    }
    Target { name: "keyring_part", seeds, run, memory: 2 << 20 }
}

/// A slot with its checksum put right, as somebody with the file and this source would.
fn mended(label: &[u8], bytes: &[u8]) -> Vec<u8> {
    let body = bytes.get(..bytes.len().saturating_sub(32)).unwrap_or_default();
    [body, &kdf::hash(label, &[body]).0].concat()
}

pub(crate) fn passphrase_slot() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let (typed, lk) = (Passphrase::new("correct horse".to_owned()), Key::take(&mut [1; 32]));
        let made = PassphraseSlot::make(&typed, &lk, Strength::CHEAP_FOR_TESTS, Policy::Tests, &mut Dice::new(6));
        vec![made.unwrap().0]
    }
    fn run(bytes: &[u8]) -> String {
        let slot = mended(labels::SLOT_CHECKSUM, bytes);
        let plain = PassphraseSlot::strength(bytes).is_ok();
        let strength = PassphraseSlot::strength(&slot);
        let typed = Passphrase::new("wrong horse".to_owned());
        // Only what is refused before it costs anything, and the cheap strength of tests.
        let cheap = Strength::CHEAP_FOR_TESTS;
        let outcome = match strength {
            Ok(strength) if strength.check(Policy::Real).is_err() => {
                let opened = PassphraseSlot::open(&slot, &typed, Policy::Real);
                assert!(opened.is_err(), "below the floor and above the ceiling nothing is run");
                let opened =
                    if strength == cheap { PassphraseSlot::open(&slot, &typed, Policy::Tests).err() } else { None };
                format!("{:?} {opened:?}", strength.check(Policy::Real))
            }
            Ok(_) => "a real strength".into(),
            Err(error) => format!("{error:?}"),
        };
        format!("{plain} {outcome}")
    }
    Target { name: "passphrase_slot", seeds, run, memory: 1 << 20 }
}

pub(crate) fn recovery_slot() -> Target {
    fn kit() -> Key<RecoveryRole> {
        Key::take(&mut [0x4B; 32])
    }
    fn seeds() -> Vec<Vec<u8>> {
        let key = |byte: u8| [byte; 32];
        let secrets = RecoverySecrets {
            local: Key::take(&mut key(1)),
            authority: Key::take(&mut key(2)),
            process: Key::take(&mut key(3)),
        };
        vec![RecoverySlot::make(&WrapPublic::of(&kit()), &secrets, &mut Dice::new(7))]
    }
    fn run(bytes: &[u8]) -> String {
        let opened = RecoverySlot::open(&mended(labels::RECOVERY_CHECKSUM, bytes), &kit());
        format!("{:?} {:?}", RecoverySlot::open(bytes, &kit()).err(), opened.err())
    }
    Target { name: "recovery_slot", seeds, run, memory: 1 << 20 }
}

pub(crate) fn piece_list() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let list = |pieces: u8| PieceList::new(7, (0..pieces).map(|number| Hash([number; 32])).collect()).unwrap();
        vec![list(1).to_bytes(), list(3).to_bytes()]
    }
    fn run(bytes: &[u8]) -> String {
        match PieceList::parse(bytes) {
            Ok(list) => {
                assert_eq!(list.to_bytes(), bytes, "what is read is written the same");
                assert!((1..=PIECES_MAX).contains(&list.hashes().len()));
                format!("{} pieces", list.hashes().len().min(16))
            }
            Err(error) => format!("{error:?}"),
        }
    }
    Target { name: "piece_list", seeds, run, memory: 1 << 20 }
}

pub(crate) fn sealed() -> Target {
    fn key() -> Key<WrapRole> {
        Key::take(&mut [1; 32])
    }
    fn seeds() -> Vec<Vec<u8>> {
        let seal = |plain: &[u8]| seal::seal(&key(), b"subrosa/v1/vector", plain, &mut Dice::new(8));
        vec![seal(b""), seal(b"What was said."), seal(&[7; 16_384]), seal(&[7; 16_400])]
    }
    fn run(bytes: &[u8]) -> String {
        let whole = seeds().iter().any(|seed| seed == bytes);
        match seal::open(&key(), b"subrosa/v1/vector", bytes) {
            Ok(plain) => {
                assert!(whole, "only what was sealed opens");
                assert_eq!(seal::sealed_len(plain.len()), bytes.len());
                format!("{} bytes", plain.len())
            }
            Err(error) => {
                assert!(!whole);
                format!("{error:?}")
            }
        }
    }
    Target { name: "sealed", seeds, run, memory: 2 << 20 }
}

pub(crate) fn pairing() -> Target {
    const ENDS: Endpoints = Endpoints { joiner: [1; 32], inviter: [2; 32] };
    fn psk() -> Key<PairingRole> {
        Key::take(&mut [3; 32])
    }
    /// A byte that says which message it is, and the message.
    fn seeds() -> Vec<Vec<u8>> {
        let (mut dice, mut invitation) = (Dice::new(9), Invitation::new(psk(), 0));
        let (joiner, request) = Joiner::start(psk(), ENDS, &mut dice);
        let (inviter, answer) = invitation.answer(ENDS, &request, 0, &mut dice).unwrap();
        let (_, proof) = joiner.prove(&answer, &device(0x20).to_bytes(), &mut dice).unwrap();
        let welcome = invitation.introduced(inviter, &proof, 0).unwrap().welcome(b"welcome", &mut dice);
        let introduction = device(0x20).to_bytes();
        let all = [request, answer, proof, welcome, introduction].into_iter().zip(0_u8..);
        all.map(|(message, which)| [&[which], message.as_slice()].concat()).collect()
    }
    fn run(bytes: &[u8]) -> String {
        let Some((which, message)) = bytes.split_first() else { return "nothing".into() };
        let mut dice = Dice::new(9);
        match which % 6 {
            0 => {
                let answered = Invitation::new(psk(), 0).answer(ENDS, message, 0, &mut dice);
                format!("answer {:?}", answered.map(|(_, answer)| answer.len()))
            }
            1 => {
                let (joiner, _) = Joiner::start(psk(), ENDS, &mut dice);
                format!("prove {:?}", joiner.prove(message, b"introduction", &mut dice).map(|_| ()))
            }
            2 => {
                let mut invitation = Invitation::new(psk(), 0);
                let (_, request) = Joiner::start(psk(), ENDS, &mut dice);
                let (inviter, _) = invitation.answer(ENDS, &request, 0, &mut dice).unwrap();
                let asking = invitation.introduced(inviter, message, 0);
                format!("introduced {:?}", asking.map(|asking| DeviceCard::parse(asking.introduction()).is_ok()))
            }
            3 => {
                let (invitation, mut other) = (Invitation::new(psk(), 0), Dice::new(9));
                let (joiner, request) = Joiner::start(psk(), ENDS, &mut other);
                let (_, answer) = invitation.answer(ENDS, &request, 0, &mut other).unwrap();
                let (waiting, _) = joiner.prove(&answer, &device(0x20).to_bytes(), &mut other).unwrap();
                format!("welcome {:?}", waiting.welcome(message).map(|payload| payload.len()))
            }
            4 => match DeviceCard::parse(message) {
                Ok(card) => {
                    assert_eq!(card.to_bytes(), message, "what is read is written the same");
                    format!("card {}", card.name.len().min(64) / 8)
                }
                Err(error) => format!("card {error:?}"),
            },
            _ => format!("code {:?}", Code::parse(&String::from_utf8_lossy(message))),
        }
    }
    Target { name: "pairing", seeds, run, memory: 2 << 20 }
}

pub(crate) fn hello() -> Target {
    thread_local! {
        static DEVICES: RefCell<(Device, Device)> = RefCell::new(devices());
    }
    fn devices() -> (Device, Device) {
        let mut dice = Dice::new(12);
        let (mut desk, _) = Device::create("Desk", dice.other(), MORNING);
        let (lap, _) = desk.admit("Lap", dice.other(), MORNING);
        (desk, lap)
    }
    fn seeds() -> Vec<Vec<u8>> {
        let (_, mut lap) = devices();
        vec![lap.vault().devices_mut().hello(&[1; 32], &[2; 32], MORNING).unwrap()]
    }
    fn run(bytes: &[u8]) -> String {
        DEVICES.with_borrow_mut(|(desk, lap)| {
            let known = desk.read().devices().greeted(bytes, &[1; 32], &[2; 32], MORNING).is_some();
            assert!(desk.read().devices().greeted(bytes, &[2; 32], &[1; 32], MORNING).is_none(), "bound to both ends");
            assert!(!known || bytes.len() == 512);
            let fresh = lap.vault().devices_mut().hello(&[1; 32], &[2; 32], MORNING).unwrap();
            assert!(desk.read().devices().greeted(&fresh, &[1; 32], &[2; 32], MORNING).is_some());
            format!("{known} {}", bytes.len() == 512)
        })
    }
    // The two devices are made in the first run.
    Target { name: "hello", seeds, run, memory: 16 << 20 }
}
