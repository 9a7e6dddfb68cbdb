mod contact;
mod elders;
mod model;
mod quotas;
mod recovery;
mod removal;

use std::num::NonZeroU8;
use std::sync::OnceLock;

use proptest::prelude::*;
use subrosa_base::entropy::Os;
use subrosa_base::id::LogId;

use super::*;
use crate::kdf;
use crate::secret::{AuthorityRole, DeviceSigningRole, EpochRole, PracticeRole, RecoveryRole};
use crate::sign::Signer;

const TIME: u64 = 1_700_000_000_000;

impl Roster {
    /// Offers an entry that was read already.
    fn offer_entry(&mut self, entry: Entry) -> Offered {
        let verdict = self.take(entry);
        self.settle(verdict == Offered::Added);
        verdict
    }
}

fn authority(byte: u8) -> Signer {
    Signer::new(&Key::<AuthorityRole>::take(&mut [byte; 32]))
}

fn signer(device: u8) -> Signer {
    Signer::new(&Key::<DeviceSigningRole>::take(&mut [device; 32]))
}

fn dkk(device: u8) -> Key<WrapRole> {
    Key::take(&mut [device; 32])
}

fn recovery() -> WrapPublic {
    WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0xEE; 32]))
}

fn card(device: u8) -> DeviceCard {
    let signing = signer(device).public_key();
    let public = WrapPublic::of(&dkk(device));
    DeviceCard::new(signing, ([device; 16], public.clone()), ([device ^ 0xFF; 16], public), "Laptop")
}

fn genesis() -> Vec<u8> {
    Entry::genesis(TIME, card(1), vec![recovery()], &es(1), &authority(1))
}

pub(super) fn es(byte: u8) -> Key<EpochRole> {
    Key::take(&mut [byte; 32])
}

/// What an admission hands over, where nobody opens it.
pub(super) fn handed() -> HandedOver {
    HandedOver { wrap: vec![7; 40], earlier: Earlier { under: EpochId([7; EpochId::LEN]), sealed: vec![7; 60] } }
}

fn hash(entry: &[u8]) -> Hash {
    kdf::sha256(entry)
}

/// Device 1 admits a device after these entries.
fn admission(parents: &[&[u8]], device: DeviceCard) -> Vec<u8> {
    admission_by(parents, 1, device, 1)
}

/// Device `by` admits a device after these entries, under that authority.
fn admission_by(parents: &[&[u8]], by: u8, device: DeviceCard, vak: u8) -> Vec<u8> {
    let by = SignedBy { device: &signer(by), authority: &authority(vak) };
    Entry::admission(TIME, parents.iter().map(|entry| hash(entry)), device, handed(), &by)
}

/// An entry of kind 77, as a later version might write it.
fn later(parents: &[&[u8]], new_authority: Option<PublicKey>) -> Vec<u8> {
    let kind = EntryKind::Unknown(NonZeroU8::new(77).unwrap());
    let mut parents: Vec<Hash> = parents.iter().map(|entry| hash(entry)).collect();
    parents.sort();
    let cuts = vec![Cut { log: LogId([1; 24]), seq: 9, head: Hash([2; 32]) }];
    let entry = Entry { parents, cuts, authority: new_authority, ..Entry::blank(kind, TIME) };
    entry.signed(&authority(1)).to_bytes()
}

fn roster(entries: &[&[u8]]) -> Roster {
    let mut roster = Roster::begin(entries[0]).unwrap();
    for entry in &entries[1..] {
        assert_eq!(roster.offer(entry), Offered::Added);
    }
    roster
}

fn ids(roster: &Roster) -> Vec<DeviceId> {
    roster.live().into_iter().map(|card| card.id).collect()
}

fn refused(refusal: Refusal) -> Offered {
    Offered::Refused(refusal)
}

#[test]
fn a_practice_begins_with_one_device_its_authority_and_its_recovery_key() {
    let roster = Roster::begin(&genesis()).unwrap();
    assert_eq!(roster.live(), [&card(1)]);
    assert_eq!(roster.authority(), &authority(1).public_key());
    assert_eq!(roster.recovery_keys(), [recovery()]);
    assert_eq!(roster.genesis(), hash(&genesis()));
    assert_eq!(roster.epoch().0, hash(&genesis()).0[..16]);
    assert_eq!(roster.heads(), BTreeSet::from([hash(&genesis())]));
    assert_eq!(roster.entries(), [genesis()]);
}

#[test]
fn a_genesis_lies_as_the_format_says() {
    let bytes = genesis();
    let card = 16 + 32 + 16 + 1216 + 16 + 1216 + 4 + 6;
    assert_eq!(bytes.len(), 15 + 1 + 1 + 8 + 4 + 16 + 4 + card + 4 + 4 + 4 + 32 + 4 + 1216 + 4 + 32 + 4 + 64);
    assert_eq!(&bytes[..17], b"subrosa roster\x02\x01\x00");
    assert_eq!(bytes[17..25], TIME.to_le_bytes());
    assert_eq!(bytes[25..29], [0; 4]);
    assert_eq!(DeviceCard::parse(&bytes[49..49 + card]).unwrap(), super::tests::card(1));
    let signature = crate::sign::Signature::from_slice(&bytes[bytes.len() - 64..]).unwrap();
    let message = &bytes[..bytes.len() - 64];
    assert_eq!(authority(1).public_key().verify(b"subrosa/v1/roster", message, &signature), Ok(()));
}

#[test]
fn an_admitted_device_belongs_to_the_practice_and_opens_what_it_was_handed() {
    let practice = Key::<PracticeRole>::random(&mut Os);
    let mut roster = Roster::begin(&genesis()).unwrap();
    let known = Epochs::from([(roster.epoch(), es(1))]);
    let handed = roster.hand_over(&card(2), &known, &practice, &mut Os).unwrap();
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let entry = Entry::admission(TIME, roster.heads(), card(2), handed, &by);
    assert_eq!(roster.offer(&entry), Offered::Added);
    assert_eq!(roster.offer(&entry), Offered::Known);
    assert_eq!(roster.device(&card(2).id), Some(&card(2)));
    assert_eq!(roster.heads(), BTreeSet::from([hash(&entry)]));
    assert_eq!(roster.open_welcome(&card(2).id, &dkk(2)).unwrap(), practice);
    assert_eq!(roster.open_epochs(&card(2).id, &dkk(2), &Epochs::new()), known);
    for (id, seed) in [(card(2).id, dkk(1)), (card(1).id, dkk(1))] {
        assert_eq!(roster.open_welcome(&id, &seed).unwrap_err(), WelcomeError::NotForThisDevice);
        assert_eq!(roster.open_epochs(&id, &seed, &Epochs::new()), Epochs::new());
    }
}

#[test]
fn who_lacks_the_secret_of_every_epoch_hands_nothing_over() {
    let roster = Roster::begin(&genesis()).unwrap();
    let refused = roster.hand_over(&card(2), &Epochs::new(), &Key::random(&mut Os), &mut Os);
    assert_eq!(refused, Err(WelcomeError::NotHere));
}

#[test]
fn an_entry_that_comes_before_its_parents_waits_for_them() {
    let two = admission(&[&genesis()], card(2));
    let three = admission(&[&two], card(3));
    let mut late = Roster::begin(&genesis()).unwrap();
    assert_eq!(late.offer(&three), Offered::Orphaned);
    assert_eq!((late.orphans(), late.live().len()), (1, 1));
    assert_eq!(late.offer(&two), Offered::Added);
    assert_eq!((late.orphans(), late.live().len()), (0, 3));
    assert_eq!(late.entries(), roster(&[&genesis(), &two, &three]).entries());
}

#[test]
fn only_so_many_entries_wait() {
    let mut roster = Roster::begin(&genesis()).unwrap();
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let orphan = |number: u8| Entry::admission(TIME, [Hash([number; 32])], card(2), handed(), &by);
    for number in 0..64 {
        assert_eq!(roster.offer(&orphan(number)), Offered::Orphaned);
    }
    assert_eq!(roster.offer(&orphan(64)), refused(Refusal::TooManyOrphans));
    assert_eq!(roster.offer(&orphan(0)), Offered::Orphaned, "one that waits already takes no more room");
}

#[test]
fn what_is_written_into_an_entry_is_within_what_others_read() {
    let mut log = LogId([9; 24]);
    log.0[..16].copy_from_slice(&card(2).id.0);
    let cut = |number: u64| Cut { log, seq: number, head: Hash([9; 32]) };
    for many in [64, 65] {
        let entry =
            Entry::cut(EntryKind::Cut, TIME, [hash(&genesis())], card(2), (0..many).map(cut).collect(), &signer(1));
        assert_eq!(Entry::parse(&entry).unwrap().cuts.len(), CUTS_MAX);
    }
    let parents: Vec<Hash> = (0..65).map(|number| Hash([number; 32])).collect();
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let admitted = Entry::admission(TIME, parents, card(2), handed(), &by);
    assert_eq!(Entry::parse(&admitted).unwrap().parents.len(), 64);
    // So many epochs fit, and a removal wraps for all devices but one.
    let earlier = 4 + entry::EARLIER_MOST * (16 + 32);
    assert!(crate::seal::sealed_len(earlier) <= entry::EARLIER_MAX && 2 * (MAX_DEVICES - 1) < 64);
}

#[test]
fn an_entry_that_the_authority_did_not_sign_is_refused() {
    let mut roster = Roster::begin(&genesis()).unwrap();
    let forged = admission_by(&[&genesis()], 1, card(2), 2);
    assert_eq!(roster.offer(&forged), refused(Refusal::BadSignature));
    assert_eq!(roster.live().len(), 1);
}

#[test]
fn every_changed_byte_of_an_admission_is_refused() {
    let entry = admission(&[&genesis()], card(2));
    for at in 0..entry.len() {
        let mut changed = entry.clone();
        changed[at] ^= 1 << (at % 8);
        let mut roster = Roster::begin(&genesis()).unwrap();
        let offered = roster.offer(&changed);
        assert!(!matches!(offered, Offered::Added | Offered::Known), "byte {at}: {offered:?}");
        assert_eq!(roster.live().len(), 1, "byte {at}");
    }
}

#[test]
fn every_changed_byte_of_a_genesis_is_refused() {
    let genesis = genesis();
    for at in 0..genesis.len() {
        let mut changed = genesis.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(Roster::begin(&changed).is_err(), "byte {at}");
    }
    assert_eq!(Roster::begin(&admission(&[&genesis], card(2))).unwrap_err(), Refusal::OtherPractice);
}

#[test]
fn the_beginning_of_another_practice_is_refused() {
    let other = Entry::genesis(TIME, card(2), vec![recovery()], &es(2), &authority(2));
    assert_eq!(roster(&[&genesis()]).offer(&other), refused(Refusal::OtherPractice));
    assert_eq!(roster(&[&genesis()]).offer(&genesis()), Offered::Known);
}

#[test]
fn an_entry_by_a_device_that_was_not_admitted_is_refused() {
    let mut roster = Roster::begin(&genesis()).unwrap();
    let stranger = admission_by(&[&genesis()], 9, card(2), 1);
    assert_eq!(roster.offer(&stranger), refused(Refusal::UnknownAuthor));
    let beside = admission(&[&genesis()], card(9));
    assert_eq!(roster.offer(&beside), Offered::Added);
    assert_eq!(roster.offer(&stranger), refused(Refusal::UnknownAuthor), "it was not admitted before this entry");
}

#[test]
fn a_device_that_is_there_is_not_admitted_with_other_keys() {
    let two = admission(&[&genesis()], card(2));
    let same = admission(&[&two], card(2));
    let other = admission(&[&two], DeviceCard { dkk: WrapPublic::of(&dkk(3)), ..card(2) });
    let mut roster = roster(&[&genesis(), &two]);
    assert_eq!(roster.offer(&other), refused(Refusal::OtherKeys));
    assert_eq!(roster.offer(&same), Offered::Added, "to say the same again harms nothing");
    assert_eq!(roster.live().len(), 2);
}

#[test]
fn two_admissions_of_one_device_that_did_not_know_of_each_other_come_out_the_same_everywhere() {
    let one = admission(&[&genesis()], card(2));
    let other = admission(&[&genesis()], DeviceCard { dkk: WrapPublic::of(&dkk(3)), ..card(2) });
    let (here, there) = (roster(&[&genesis(), &one, &other]), roster(&[&genesis(), &other, &one]));
    assert_eq!(here.device(&card(2).id), there.device(&card(2).id));
    assert_eq!(here.entries(), there.entries());
}

#[test]
fn there_are_never_more_than_sixteen_devices() {
    let mut entries = vec![genesis()];
    for device in 2..=15 {
        entries.push(admission(&[entries.last().unwrap()], card(device)));
    }
    let last = entries.last().unwrap().clone();
    let (one, other) = (admission(&[&last], card(16)), admission(&[&last], card(17)));
    let with = |more: &[&[u8]]| {
        let all: Vec<&[u8]> = entries.iter().map(Vec::as_slice).chain(more.iter().copied()).collect();
        roster(&all)
    };
    assert_eq!(with(&[&one]).live().len(), 16);
    assert_eq!(with(&[&one]).offer(&admission(&[&one], card(18))), refused(Refusal::TooManyDevices));
    let (here, there) = (with(&[&one, &other]), with(&[&other, &one]));
    assert_eq!((here.live().len(), ids(&here)), (16, ids(&there)), "one of two that came at the same time is left out");
}

#[test]
fn an_entry_of_a_later_kind_is_kept_counted_and_gone_on_from() {
    let later = later(&[&genesis()], None);
    let two = admission(&[&later], card(2));
    let roster = roster(&[&genesis(), &later, &two]);
    assert_eq!((roster.unknown(), roster.live().len()), (1, 2));
    assert_eq!(roster.entries(), [genesis(), later, two]);
}

#[test]
fn an_entry_of_a_later_kind_must_be_signed_too() {
    let mut forged = later(&[&genesis()], None);
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(roster(&[&genesis()]).offer(&forged), refused(Refusal::BadSignature));
}

#[test]
fn what_a_newer_version_may_have_allowed_is_held_and_not_refused() {
    let later = later(&[&genesis()], Some(authority(2).public_key()));
    let after = admission_by(&[&later], 1, card(2), 2);
    let mut roster = roster(&[&genesis(), &later]);
    assert_eq!(roster.offer(&after), Offered::Orphaned);
    assert_eq!((roster.orphans(), roster.live().len()), (1, 1));
}

#[test]
fn an_entry_whose_fields_do_not_belong_to_its_kind_is_refused() {
    let good = Entry::parse(&admission(&[&genesis()], card(2))).unwrap();
    let [wrap, own] = <[EntryWrap; 2]>::try_from(good.wraps.clone()).unwrap();
    let refused_ones = [
        Entry { parents: vec![], ..good.clone() },
        Entry { parents: vec![Hash([2; 32]), Hash([1; 32])], ..good.clone() },
        Entry { parents: vec![Hash([1; 32]); 2], ..good.clone() },
        Entry { parents: (0..65).map(|byte| Hash([byte; 32])).collect(), ..good.clone() },
        Entry { devices: vec![card(2), card(3)], ..good.clone() },
        Entry { devices: vec![], ..good.clone() },
        Entry { devices: vec![DeviceCard { id: card(3).id, ..card(2) }], ..good.clone() },
        Entry { wraps: vec![], ..good.clone() },
        Entry { wraps: vec![wrap.clone()], ..good.clone() },
        Entry { wraps: vec![own.clone()], ..good.clone() },
        Entry { wraps: vec![wrap.clone(), wrap.clone()], ..good.clone() },
        Entry { wraps: vec![own.clone(), own.clone()], ..good.clone() },
        Entry { wraps: vec![wrap.clone(), own.clone(), own.clone()], ..good.clone() },
        Entry { wraps: vec![EntryWrap { purpose: 2, ..wrap.clone() }, own.clone()], ..good.clone() },
        Entry { wraps: vec![EntryWrap { device: card(1).id, ..wrap.clone() }, own.clone()], ..good.clone() },
        Entry { wraps: vec![wrap, EntryWrap { device: card(2).id, ..own }], ..good.clone() },
        Entry { authority: Some(authority(2).public_key()), ..good.clone() },
        Entry { recovery: vec![recovery()], ..good.clone() },
        Entry { commitment: Some(Hash([1; 32])), ..good.clone() },
        Entry { earlier: None, ..good.clone() },
        Entry {
            earlier: good.earlier.clone().map(|earlier| Earlier { under: entry::OWN_EPOCH, ..earlier }),
            ..good.clone()
        },
        Entry { kind: EntryKind::Genesis, ..good },
    ];
    for (number, entry) in refused_ones.into_iter().enumerate() {
        let bytes = entry.signed(&authority(1)).to_bytes();
        assert_eq!(roster(&[&genesis()]).offer(&bytes), refused(Refusal::Malformed), "number {number}");
    }
}

#[test]
fn an_admission_that_its_author_did_not_sign_or_signed_for_another_device_is_refused() {
    let two = admission(&[&genesis()], card(2));
    let good = Entry::parse(&admission_by(&[&two], 2, card(3), 1)).unwrap();
    let offer = |entry: Entry| roster(&[&genesis(), &two]).offer(&entry.signed(&authority(1)).to_bytes());
    let without = |entry: &Entry| {
        let wraps = entry.wraps.iter().filter(|wrap| wrap.purpose != EntryWrap::AUTHOR).cloned().collect();
        Entry { wraps, ..entry.clone() }
    };
    // Device 2 holds the authority's key and its own.
    let as_the_first = Entry { author: card(1).id, ..without(&good) };
    assert_eq!(offer(as_the_first.clone()), refused(Refusal::Malformed), "signed by the authority alone");
    assert_eq!(offer(as_the_first.signed_by_author(&signer(2))), refused(Refusal::BadSignature));
    // A signature that was made for another entry, or is none.
    let other = Entry::parse(&admission_by(&[&two], 2, card(4), 1)).unwrap();
    let with = |own: &EntryWrap| Entry { wraps: vec![good.wraps[0].clone(), own.clone()], ..good.clone() };
    assert_eq!(offer(with(&other.wraps[1])), refused(Refusal::BadSignature));
    let short = EntryWrap { bytes: good.wraps[1].bytes[1..].to_vec(), ..good.wraps[1].clone() };
    assert_eq!(offer(with(&short)), refused(Refusal::BadSignature));
    assert_eq!(offer(Entry { time: TIME + 1, ..good.clone() }), refused(Refusal::BadSignature));
    // The neighbours, in either order of the wraps.
    assert_eq!(offer(good.clone()), Offered::Added);
    assert_eq!(offer(Entry { wraps: good.wraps.iter().rev().cloned().collect(), ..good.clone() }), Offered::Added);
}

#[test]
fn an_admission_lies_as_the_format_says() {
    let bytes = admission(&[&genesis()], card(2));
    assert_eq!(&bytes[..17], b"subrosa roster\x02\x02\x00");
    let (message, signature) = bytes.split_at(bytes.len() - 64);
    let signature = crate::sign::Signature::from_slice(signature).unwrap();
    assert_eq!(authority(1).public_key().verify(b"subrosa/v1/roster", message, &signature), Ok(()));
    // The device signed the same without its own signature among the wraps.
    let card_len = 16 + 32 + 16 + 1216 + 16 + 1216 + 4 + 6;
    let wraps = 17 + 8 + (4 + 32) + 16 + (4 + card_len) + 4;
    assert_eq!(message[wraps..][..4], 2_u32.to_le_bytes());
    let own = wraps + 4 + (16 + 1 + 4 + 40);
    assert_eq!((&message[own..][..16], message[own + 16]), (&card(1).id.0[..], 4));
    let said = [&message[..wraps], &1_u32.to_le_bytes(), &message[wraps + 4..own], &message[own + 85..]].concat();
    let own = crate::sign::Signature::from_slice(&message[own + 21..][..64]).unwrap();
    assert_eq!(card(1).signing.verify(b"subrosa/v1/roster/device", &said, &own), Ok(()));
}

#[test]
fn a_genesis_with_too_many_recovery_keys_or_none_is_refused() {
    for count in [0, 5] {
        let bytes = Entry::genesis(TIME, card(1), vec![recovery(); count], &es(1), &authority(1));
        assert_eq!(Roster::begin(&bytes).unwrap_err(), Refusal::Malformed, "{count}");
    }
    assert!(Roster::begin(&Entry::genesis(TIME, card(1), vec![recovery(); 4], &es(1), &authority(1))).is_ok());
}

#[test]
fn a_devices_name_is_cut_at_a_whole_character_and_never_printed() {
    let long = DeviceCard::new(
        card(1).signing,
        (card(1).dkk_generation, card(1).dkk),
        ([0; 16], card(1).pkk),
        &"ä".repeat(200),
    );
    assert_eq!(long.name.len(), NAME_MAX);
    assert_eq!(DeviceCard::parse(&long.to_bytes()), Ok(long));
    let bytes = DeviceCard { name: "x".repeat(NAME_MAX + 1), ..card(1) }.to_bytes();
    assert_eq!(DeviceCard::parse(&bytes), Err(Malformed));
    assert!(!format!("{:?}", card(1)).contains("Laptop"));
}

/// Genesis, and nine entries after it in three strands that part and meet, one of them of a later kind.
fn strands() -> &'static [Vec<u8>] {
    static STRANDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    STRANDS.get_or_init(|| {
        let root = genesis();
        let (a, b) = (admission(&[&root], card(2)), admission(&[&root], card(3)));
        let again = admission(&[&root], DeviceCard { dkk: WrapPublic::of(&dkk(9)), ..card(2) });
        let c = later(&[&a, &b], None);
        let (d, e) = (admission(&[&c], card(4)), admission(&[&b], card(5)));
        let (f, g) = (admission(&[&d, &e], card(6)), admission(&[&c, &e], card(7)));
        let h = admission(&[&again, &f, &g], card(8));
        vec![root, a, b, again, c, d, e, f, g, h]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_of_delivery_gives_the_same_roster(order in Just((1..10_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let strands = strands();
        let in_order = roster(&strands.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let mut shuffled = Roster::begin(&strands[0]).unwrap();
        for at in order {
            prop_assert!(!matches!(shuffled.offer(&strands[at]), Offered::Refused(_)));
        }
        prop_assert_eq!(shuffled.orphans(), 0);
        prop_assert_eq!(shuffled.entries(), in_order.entries());
        prop_assert_eq!(shuffled.live(), in_order.live());
        prop_assert_eq!(shuffled.heads(), in_order.heads());
        let mut stored = Roster::begin(&in_order.entries()[0]).unwrap();
        for entry in &in_order.entries()[1..] {
            prop_assert_eq!(stored.offer(entry), Offered::Added);
        }
    }

    #[test]
    fn no_bytes_make_parsing_panic_and_what_parses_writes_itself_again(bytes: Vec<u8>, at: prop::sample::Index, ours: bool) {
        let mut bytes = bytes;
        if ours {
            let whole = &strands()[1];
            bytes = [&whole[..at.index(whole.len())], &bytes].concat();
        }
        if let Ok(entry) = Entry::parse(&bytes) {
            prop_assert_eq!(entry.size(), bytes.len());
            prop_assert_eq!(entry.to_bytes(), bytes);
        }
    }
}
