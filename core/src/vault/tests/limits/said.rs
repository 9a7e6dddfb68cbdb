//! What an item may name: at its limit it is used, and one above it is set aside; and nobody here writes one that is.

use super::*;
use crate::codec::Writer;
use crate::id::{ClientId, EpochId, KeyId};
use crate::keyring::Compartment;
use crate::log::Kind;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::deletion::{self, naming};
use crate::vault::items::home::{MOST_SEEN, Move, Under};
use crate::vault::items::keys::{Lacking, MOST_LACKING};
use crate::vault::items::ledger::{Cards, MAX_COLLEAGUES, MOST_CARDS, SaidCard};
use crate::vault::items::merge::{self, MergeItem};
use crate::vault::items::pruning;
use crate::vault::items::signed::SIGNED_MAX;

fn hashes(many: usize) -> Vec<Hash> {
    (0..u32::try_from(many).unwrap()).map(|number| crate::kdf::sha256(&number.to_le_bytes())).collect()
}

fn listed(many: usize) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.list(&hashes(many), |writer, hash| {
        writer.bytes(&hash.0);
    });
    writer.finish()
}

fn say(vault: &mut Vault, said: impl IntoIterator<Item = (Kind, DocId, Under, Vec<u8>)>) {
    let mut out = Outbox::everyday();
    said.into_iter().for_each(|(kind, document, under, payload)| out.push(kind, document, under, payload));
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

/// Two devices in step, a client and a note.
fn two() -> (Vault, Vault, ClientId, DocId) {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let note = office.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    (office, home, client, note)
}

#[test]
fn what_an_item_names_is_read_up_to_its_limit_and_set_aside_beyond() {
    let (mut office, mut home, client, id) = two();
    let (of, whose) = (home_of(&home, &id).origin, home_of(&home, &client).origin);
    let clinical = Under::Client(client, Compartment::Clinical);
    let moved =
        |many| (Kind::Moved, id, clinical, Move { origin: of, to: client, at: NOW, seen: hashes(many) }.to_bytes());
    let merged = |many| {
        let says = MergeItem { origin: whose, into: client, merges: false, at: NOW, taken_back: hashes(many) };
        (Kind::Merged, client, Under::Client(client, Compartment::Identity), says.to_bytes())
    };
    let closed = |logs: usize, ranges: usize| {
        let (mut writer, mut logs) = (Writer::new(), hashes(logs));
        logs.sort_unstable();
        writer.list(&logs, |writer, log| {
            let numbers: Vec<u64> = (0..ranges as u64).collect();
            writer.bytes(&log.0[..24]).list(&numbers, |writer, at| {
                writer.u64(2 * at).u64(2 * at + 1);
            });
        });
        (Kind::Closed, id, Under::Practice, writer.finish())
    };
    let keys = |many| [listed_ids(many), listed_ids(0)].concat();
    let lacking = |payload: Vec<u8>| (Kind::Lacking, DocId([0; 16]), Under::Practice, payload);
    let removed =
        |many| (Kind::Delete, DocId([7; 16]), Under::Practice, [&NOW.to_le_bytes()[..], &listed(many)].concat());
    let epochs = |many| [listed_ids(0), listed_ids(many)].concat();
    let of_each = |above: usize| {
        [
            moved(MOST_SEEN + above),
            merged(merge::MOST_NAMED + above),
            closed(pruning::MOST_LOGS + above, 1),
            closed(1, pruning::MOST_RANGES + above),
            lacking(keys(MOST_LACKING + above)),
            lacking(epochs(MOST_LACKING + above)),
            removed(MOST_CARDS + above),
        ]
    };
    say(&mut home, of_each(0));
    meet(&mut office, &mut home);
    assert_eq!(office.log().set_aside_count().unwrap(), 0, "at their limits");
    for (number, above) in of_each(1).into_iter().enumerate() {
        say(&mut home, [above]);
        meet(&mut office, &mut home);
        assert_eq!(office.log().set_aside_count().unwrap(), number + 1, "item {number} one above");
    }
}

/// Ids of 16 bytes, as a device says which it lacks.
fn listed_ids(many: usize) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.list(&hashes(many), |writer, hash| {
        writer.bytes(&hash.0[..16]);
    });
    writer.finish()
}

#[test]
fn a_note_that_somebody_moved_more_often_than_one_item_names_is_moved_where_the_therapist_wants_it() {
    let (mut office, mut home, client, id) = two();
    let other = office.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    meet(&mut office, &mut home);
    let of = home_of(&home, &id).origin;
    let moves = (0..=MOST_SEEN).map(|number| {
        let at = u64::MAX - u64::try_from(number).unwrap();
        let says = Move { origin: of, to: other, at, seen: Vec::new() };
        (Kind::Moved, id, Under::Client(client, Compartment::Clinical), says.to_bytes())
    });
    say(&mut home, moves);
    meet(&mut office, &mut home);
    assert_eq!(office.notes().note(&id).unwrap().client, other);
    office.notes_mut().move_note(&id, &client, "", NOW + 1).unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().client, client);
        assert_eq!(vault.log().set_aside_count().unwrap(), 0);
    }
}

#[test]
fn a_client_whom_somebody_merged_more_often_than_one_item_names_stands_alone_again() {
    let (mut office, mut home, client, _) = two();
    let other = office.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    meet(&mut office, &mut home);
    let origin = home_of(&home, &client).origin;
    let merges = (0..=merge::MOST_NAMED).map(|number| {
        let at = u64::try_from(number).unwrap();
        let says = MergeItem { origin, into: other, merges: true, at, taken_back: Vec::new() };
        (Kind::Merged, client, Under::Client(client, Compartment::Identity), says.to_bytes())
    });
    say(&mut home, merges);
    meet(&mut office, &mut home);
    assert_eq!(office.clients().all().count(), 1);
    // Those that join what is joined already are none, so some of them come to the fore each time.
    let mut times = 0;
    while office.clients().all().count() == 1 && times < 3 {
        office.clients_mut().unmerge_client(&client, NOW).unwrap();
        times += 1;
    }
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!((vault.clients().all().count(), vault.log().set_aside_count().unwrap()), (2, 0));
    }
}

#[test]
fn a_document_that_somebody_deleted_more_often_than_a_restoring_names_comes_back() {
    let (mut office, mut home, client, id) = two();
    let of = home_of(&home, &id).origin;
    let heads = hashes(1);
    let deletions = (0..=deletion::MOST_NAMED).map(|number| {
        let at = NOW + u64::try_from(number).unwrap();
        let payload = deletion::delete_payload(&of, &heads, at);
        (Kind::Delete, id, Under::Client(client, Compartment::Clinical), payload)
    });
    say(&mut home, deletions);
    home.trash_mut().delete(&[id], crate::vault::MassDelete::Confirmed, NOW).unwrap();
    meet(&mut office, &mut home);
    office.trash_mut().confirm_mass_deletions(&home.device()).unwrap();
    assert!(office.notes().note(&id).is_err());
    office.trash_mut().undelete(&id).unwrap();
    meet(&mut office, &mut home);
    assert!(home.notes().note(&id).is_ok());
    let most = deletion::MOST_NAMED;
    assert_eq!(naming(&of, &hashes(most)).len(), DocumentOrigin::LEN + 4 + 32 * most);
}

#[test]
fn a_device_says_no_more_lacking_keys_and_colleagues_than_others_take() {
    let ids = |many| hashes(many).into_iter().map(|hash| hash.0[..16].try_into().unwrap());
    let lacking = |many| Lacking { keys: ids(many).map(KeyId).collect(), epochs: ids(many).map(EpochId).collect() };
    for many in [MOST_LACKING, MOST_LACKING + 1] {
        let said = lacking(many).bounded();
        assert_eq!((said.keys.len(), said.epochs.len()), (MOST_LACKING, MOST_LACKING));
        assert!(Lacking::parse(&said.to_row()).is_ok());
    }
    assert!(Lacking::parse(&lacking(MOST_LACKING + 1).to_row()).is_err());
    let (mut cards, by, other) = (Cards::default(), crate::id::DeviceId([1; 16]), crate::id::DeviceId([2; 16]));
    let colleagues: Vec<_> = ids(MAX_COLLEAGUES + 1).map(DocId).collect();
    let said = || SaidCard { at: NOW, head: Hash([1; 32]), card: Vec::new() };
    for colleague in &colleagues[..MAX_COLLEAGUES] {
        assert!(cards.has_room(&by, colleague));
        cards.say(by, *colleague, said());
    }
    let last = &colleagues[MAX_COLLEAGUES];
    assert!(!cards.has_room(&by, last) && cards.has_room(&other, last) && cards.has_room(&by, &colleagues[0]));
    assert_eq!(cards.said.len(), MAX_COLLEAGUES);
    cards.say(by, *last, said());
    assert_eq!(cards.said.len(), MAX_COLLEAGUES, "of those that are said beyond, the smallest ids count");
}

#[test]
fn a_note_is_signed_up_to_the_length_that_others_read_and_not_beyond() {
    let (mut office, mut home, client, _) = two();
    // In JSON each of these takes six bytes.
    let text = |letters: usize| "\u{1}".repeat(letters / 6) + &"a".repeat(letters % 6);
    let short = office.notes_mut().add_note(&client, &note(&text(0)), false, NOW).unwrap();
    office.notes_mut().sign(&short, NOW).unwrap();
    let around = office.notes().note(&short).unwrap().signed[0].proof.bytes.len();
    for (length, signed) in [(SIGNED_MAX, true), (SIGNED_MAX + 1, false)] {
        let id = office.notes_mut().add_note(&client, &note(&text(length - around)), false, NOW).unwrap();
        assert_eq!(office.notes_mut().sign(&id, NOW).is_ok(), signed, "{length}");
        meet(&mut office, &mut home);
        let read = home.notes().note(&id).unwrap().signed;
        assert_eq!(read.first().map(|one| one.proof.bytes.len()), signed.then_some(SIGNED_MAX));
    }
}
