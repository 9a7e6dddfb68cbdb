//! What one device may leave in another's vault: up to its limit it is kept, and beyond it takes no place.

use super::*;
use crate::id::{DeviceId, LOGS_MAX, LogId};
use crate::kem::WrapPublic;
use crate::log::{Class, Header, LOG_LEN, SignedHeader};
use crate::roster::{CUTS_OF_ONE, Cut, Entry, EntryKind, SignedBy};
use crate::secret::{AuthorityRole, RecoveryRole};
use crate::state::MAX_BRANCHES;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::boot::{entries_from_bytes, entries_to_bytes};
use crate::vault::items::ledger::QuarantinedEnvelope;
use crate::vault::project::{MOST_MISSED, ORPHAN_BYTES, take_roster_entry};
use crate::vault::registry::{OrphanEntriesAt, OrphanHeadersAt, QuarantineAt, RetiredLogAt};
use crate::vault::subject::log::inbox::ORPHANS_MAX;
use crate::vault::{QUARANTINE_BYTES, QUARANTINE_MAX, RowError};

/// A header that this device signs: the first of a log, told from others by a number and a body.
fn begins(by: &Vault, number: u8, body: u8) -> (LogId, Header) {
    let log = LogId::of(by.device(), number);
    let epoch = by.core.memory.roster.epoch();
    let (prev, body_hash) = (Hash([0; 32]), Hash([body; 32]));
    (log, Header { class: Class::Everyday, log, seq: 0, prev, epoch, body_len: 100, body_hash })
}

fn offered(to: &mut Vault, by: &Vault, (log, header): (LogId, Header)) -> Taken {
    to.log_mut().offer_headers(&log, &[SignedHeader::sign(header, &by.core.signer).to_bytes()]).unwrap()
}

#[test]
fn a_log_has_so_many_branches() {
    let mut office = practice();
    let home = second(&mut office, "Home");
    let most = u8::try_from(MAX_BRANCHES).unwrap();
    assert!((0..most).all(|body| offered(&mut office, &home, begins(&home, 1, body)) == Taken::Stored));
    let beyond = offered(&mut office, &home, begins(&home, 1, most));
    assert_eq!(beyond, Taken::Refused(NotTaken::TooManyBranches));
    assert_eq!(offered(&mut office, &home, begins(&home, 2, most)), Taken::Stored, "another log has its own");
}

#[test]
fn which_logs_a_device_has_does_not_follow_from_which_came_first() {
    let mut office = practice();
    let home = second(&mut office, "Home");
    for number in (0..=u8::MAX).rev() {
        assert_eq!(offered(&mut office, &home, begins(&home, number, 1)), Taken::Stored);
    }
    let (mut log, header) = begins(&home, 0, 2);
    log.0[DeviceId::LEN + 1] = 1;
    let beyond = offered(&mut office, &home, (log, Header { log, ..header }));
    assert_eq!(beyond, Taken::Refused(NotTaken::NotHeaders));
}

#[test]
fn a_device_begins_no_log_that_others_would_not_take() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let before = office.core.memory.logs;
    let forked = |office: &mut Vault| {
        // Another branch of the log that it writes in: it goes on in a new one.
        let (_, header) = begins(office, 0, 9);
        let header = Header { log: office.core.read().own_logs().main, ..header };
        let run = [SignedHeader::sign(header, &office.core.signer).to_bytes()];
        office.log_mut().offer_headers(&header.log, &run).unwrap()
    };
    // All but two of the others are begun already, one of them without its headers being here any more.
    let mut free: Vec<LogId> = (0..=u8::MAX).map(|number| LogId::of(office.device(), number)).collect();
    free.retain(|log| ![before.main, before.drafts].contains(log));
    let (last, begun) = (free.split_off(252), free);
    for (at, log) in begun.iter().enumerate() {
        if at == 0 {
            let mut tx = Transaction::quiet();
            tx.put(&RetiredLogAt(*log), &crate::rows::One((LOG_LEN, Hash([1; 32]))));
            office.core.write(tx).unwrap();
            continue;
        }
        let (_, header) = begins(&office, 0, 1);
        let run = [SignedHeader::sign(Header { log: *log, ..header }, &office.core.signer).to_bytes()];
        assert_eq!(office.log_mut().offer_headers(log, &run).unwrap(), Taken::Stored);
    }
    assert_eq!(forked(&mut office), Taken::Stored);
    let own = office.core.memory.logs;
    assert!(last.len() == 2 && ![own.main, own.drafts].iter().any(|log| begun.contains(log)) && own.drafts != own.main);
    office.clients_mut().add_client(&identity("In the last log"), NOW).unwrap();
    for name in ["In another of the last", "In the very last"] {
        assert_eq!(forked(&mut office), Taken::Stored);
        office.clients_mut().add_client(&identity(name), NOW).unwrap();
    }
    assert_eq!(forked(&mut office), Taken::Stored);
    office.notes_mut().add_note(&client, &note("In none."), false, NOW).unwrap();
    assert_eq!(office.notes_mut().flush().err(), Some(RowError::LogsFull.into()));
    assert_eq!(office.core.read().ledger().logs_of(&office.device()).len(), LOGS_MAX - 1, "one is gone");
}

#[test]
fn headers_wait_for_a_signer_who_is_not_known_up_to_so_many_bytes() {
    let (mut office, stranger) = (practice(), practice());
    let held = |office: &Vault| office.core.read().list(&OrphanHeadersAt()).unwrap().len();
    let entry = 24 + 4 + 4 + 126 + 64;
    for number in 0..3 {
        let (log, header) = begins(&stranger, number, 1);
        let run = [SignedHeader::sign(header, &stranger.core.signer).to_bytes()];
        if number > 0 {
            // So much is here that the next one just fits, or does not by a byte.
            let filled = ORPHANS_MAX - entry + usize::from(number == 2);
            let mut tx = Transaction::quiet();
            tx.put(&OrphanHeadersAt(), &vec![7; filled]);
            office.core.write(tx).unwrap();
        }
        assert_eq!(office.log_mut().offer_headers(&log, &run).unwrap(), Taken::Orphaned);
        assert_eq!(held(&office), [entry, ORPHANS_MAX, ORPHANS_MAX - entry + 1][usize::from(number)]);
    }
}

/// Puts an entry of a later kind into the roster: what follows it and cannot be verified here, a later version may understand.
fn later_entry(office: &mut Vault) -> Hash {
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let authority = office.core.reauth.as_ref().unwrap().authority();
    let by = SignedBy { device: &office.core.signer, authority: &authority };
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [5; 32]));
    let mut entry = Entry::recovery(NOW, office.core.memory.roster.heads(), vec![kit], &by);
    // The kind stands behind the magic; what is signed is signed anew.
    entry[15] = 50;
    let message = entry.len() - 64;
    let signature = authority.sign(crate::labels::ROSTER, &entry[..message]);
    entry[message..].copy_from_slice(&signature.0);
    let mut tx = Transaction::default();
    take_roster_entry(&office.core, &mut tx, &office.device(), None, &entry).unwrap();
    commit(&mut office.core, tx, Outbox::everyday()).unwrap();
    Entry::parse(&entry).unwrap().hash()
}

#[test]
fn entries_for_a_later_version_are_held_out_of_one_devices_logs_up_to_so_many_bytes() {
    let mut office = practice();
    let (home, laptop) = (second(&mut office, "Home").device(), second(&mut office, "Laptop").device());
    let card = office.core.memory.roster.card(&home).unwrap().clone();
    let authority = Signer::new(&Key::<AuthorityRole>::take(&mut [9; 32]));
    let later = later_entry(&mut office);
    let by = SignedBy { device: &office.core.signer, authority: &authority };
    let entry = Entry::admission(NOW, [later], card, super::super::vectors::handed(), &by);
    for (above, taken) in [(0, true), (1, false)] {
        let mut tx = Transaction::default();
        let filled = crate::rows::Listed(vec![vec![0; ORPHAN_BYTES - entry.len() + above]]);
        tx.put(&OrphanEntriesAt(home), &filled);
        take_roster_entry(&office.core, &mut tx, &home, None, &entry).unwrap();
        take_roster_entry(&office.core, &mut tx, &laptop, None, &entry).unwrap();
        let held = |device| office.core.at(&tx).list(&OrphanEntriesAt(device)).unwrap().0.len();
        assert_eq!(
            (held(home), held(laptop)),
            (1 + usize::from(taken), 1),
            "what one leaves takes no place of another's"
        );
    }
}

#[test]
fn so_many_envelopes_before_epochs_that_are_not_known_are_noted_of_one_device() {
    let mut office = practice();
    let (home, laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    let mut under = |by: &Vault, number: u8| {
        let (log, header) = begins(by, number, number);
        let header = Header { epoch: EpochId([number + 100; 16]), ..header };
        let _ = offered(&mut office, by, (log, header));
        office.core.read().ledger().missed_removals().unwrap().len()
    };
    let most = u8::try_from(MOST_MISSED).unwrap();
    assert!((0..most).all(|number| under(&home, number) == usize::from(number) + 1));
    assert_eq!(under(&home, most), MOST_MISSED);
    assert_eq!(under(&laptop, 0), MOST_MISSED + 1);
}

#[test]
fn an_envelope_before_an_epoch_that_is_not_known_is_noted_once_another_gave_its_place_up() {
    let mut office = practice();
    let (mut home, laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    meet(&mut office, &mut home);
    home.devices_mut().remove_device(&laptop.device(), &passphrase("Home"), NOW).unwrap();
    let own = home.core.read().ledger().logs_of(&home.device());
    let free = (0..=u8::MAX).filter(|number| !own.contains(&LogId::of(home.device(), *number)));
    for (at, number) in free.take(MOST_MISSED + 1).enumerate() {
        let (log, header) = begins(&home, number, 1);
        // The first of them lies under the epoch that the removal opened.
        let epoch = if at == 0 { header.epoch } else { EpochId([number; 16]) };
        assert_eq!(offered(&mut office, &home, (log, Header { epoch, ..header })), Taken::Stored);
    }
    let noted = |office: &Vault| office.core.read().ledger().missed_removals().unwrap().len();
    assert_eq!(noted(&office), MOST_MISSED);
    carry(&home, &mut office);
    assert!(office.devices().was_removed(&laptop.device()));
    assert_eq!(noted(&office), MOST_MISSED);
}

#[test]
fn of_a_removed_device_so_many_envelopes_and_bytes_are_asked_about_at_a_time_whichever_came_first() {
    let mut office = practice();
    let home = second(&mut office, "Home");
    office.devices_mut().remove_device(&home.device(), &passphrase("office"), NOW).unwrap();
    let (first, last) = (begins(&home, 1, 1), begins(&home, 2, 1));
    assert_eq!(offered(&mut office, &home, last), Taken::Stored);
    assert_eq!(offered(&mut office, &home, first), Taken::Stored);
    let mut asked = |many: usize, bytes: u64| {
        // The first has all the bytes that the others, one each, leave.
        let mut left = u32::try_from(bytes).unwrap();
        let mut waiting: Vec<_> = (1..many as u64)
            .map(|seq| {
                left -= 1;
                let mut envelope = Hash([9; 32]);
                envelope.0[..8].copy_from_slice(&seq.to_le_bytes());
                QuarantinedEnvelope { seq, envelope, len: 1, discarded: false }
            })
            .collect();
        waiting.insert(0, QuarantinedEnvelope { seq: 0, envelope: Hash([8; 32]), len: left, discarded: false });
        let discarded = QuarantinedEnvelope { seq: 0, envelope: Hash([7; 32]), len: left, discarded: true };
        let mut tx = Transaction::quiet();
        tx.put_list(&QuarantineAt(first.0), &waiting);
        tx.put_list(&QuarantineAt(last.0), &vec![discarded]);
        office.core.write(tx).unwrap();
        let undecided = office.core.read().ledger().undecided_of(&home.device()).unwrap();
        (undecided.asked.len(), undecided.behind)
    };
    assert_eq!(asked(QUARANTINE_MAX, QUARANTINE_BYTES), (QUARANTINE_MAX, 0));
    assert_eq!(asked(QUARANTINE_MAX + 1, QUARANTINE_BYTES), (QUARANTINE_MAX, 1));
    assert_eq!(asked(3, QUARANTINE_BYTES + 1), (2, 1));
}

#[test]
fn a_cut_beyond_those_that_one_device_may_say_takes_the_place_of_the_earliest_also_when_it_comes_alone() {
    let mut office = practice();
    let (home, laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    office.devices_mut().remove_device(&laptop.device(), &passphrase("office"), NOW).unwrap();
    let card = office.core.memory.roster.card(&laptop.device()).unwrap().clone();
    let log = LogId::of(laptop.device(), 0);
    let mut tx = Transaction::default();
    for seq in 0..=u64::try_from(CUTS_OF_ONE).unwrap() {
        let cut = vec![Cut { log, seq, head: Hash([7; 32]) }];
        let heads = office.core.memory.roster.heads();
        let said = Entry::cut(EntryKind::Cut, NOW + seq, heads, card.clone(), cut, &home.core.signer);
        take_roster_entry(&office.core, &mut tx, &home.device(), None, &said).unwrap();
    }
    let seqs: Vec<u64> = office.core.at(&tx).roster().cuts(&log).map(|cut| cut.seq).collect();
    assert!(seqs.len() == CUTS_OF_ONE && seqs.contains(&64) && !seqs.contains(&0), "{seqs:?}");
}

#[test]
fn a_roster_reads_however_many_cuts_are_among_its_entries() {
    let entries: Vec<Vec<u8>> = vec![vec![7; 10]; 5_000];
    assert_eq!(entries_from_bytes(&entries_to_bytes(entries.clone())).unwrap(), entries);
    assert!(entries_from_bytes(&u32::MAX.to_le_bytes()).is_err());
}
