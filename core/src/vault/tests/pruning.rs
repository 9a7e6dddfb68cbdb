//! What led to a signed note goes from every device, and nothing else does.

use std::collections::BTreeMap;

use super::*;
use crate::id::{ClientId, LogId, NoteId};
use crate::log::Kind;
use crate::vault::commit::Outbox;
use crate::vault::commit::commit;
use crate::vault::core::Transaction;
use crate::vault::items::home::Under;
use crate::vault::items::pruning::{Numbers, closed_payload, joined};

/// A note that was written in three goes, each of which left in an envelope.
pub(super) fn drafted(vault: &mut Vault, name: &str) -> (ClientId, NoteId) {
    let client = vault.clients_mut().add_client(&identity(name), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("Word."), false, NOW).unwrap();
    for text in ["Word. A slip of the pen.", "Word. What she said."] {
        vault.notes_mut().flush().unwrap();
        vault.notes_mut().save_note(&id, &note(text), NOW).unwrap();
    }
    vault.notes_mut().flush().unwrap();
    (client, id)
}

/// Envelopes here whose bodies hold changes of a note.
pub(super) fn drafts_of(vault: &Vault, id: &NoteId) -> usize {
    let mut found = 0;
    for end in vault.log().log_ends().unwrap() {
        for name in vault.log().branch_names(&end.log, 0, &end.head).unwrap() {
            let Some(body) = vault.log().envelope_body(&name).unwrap() else { continue };
            let header = vault.core.read().header(&name).unwrap().header;
            let items = vault.core.read().open_body(&header, &body).unwrap();
            found += usize::from(items.iter().any(|item| item.kind == Kind::Changes && item.document == *id));
        }
    }
    found
}

pub(super) fn holds(vault: &Vault) -> crate::vault::HeldBodies {
    let mut held = crate::vault::HeldBodies::new();
    for end in vault.log().log_ends().unwrap() {
        let here = (0..end.next_seq).filter(|seq| !end.missing.contains(seq)).map(|seq| (seq, seq + 1));
        held.push((end.log, here.collect()));
    }
    held
}

/// As [`meet`], and each hears what the other holds, until neither has anything to say.
pub(super) fn sync(a: &mut Vault, b: &mut Vault) {
    for _ in 0..3 {
        a.notes_mut().flush().unwrap();
        b.notes_mut().flush().unwrap();
        carry(a, b);
        carry(b, a);
        let (of_a, of_b) = (holds(a), holds(b));
        a.log_mut().acknowledged(&b.device(), &of_b, NOW).unwrap();
        b.log_mut().acknowledged(&a.device(), &of_a, NOW).unwrap();
        crate::vault::commit::prune_drafts(&mut a.core);
        crate::vault::commit::prune_drafts(&mut b.core);
    }
}

/// A note's draft is closed and these envelopes are said to have gone, whatever is in them: so a faulty program might do.
fn say_closed(vault: &mut Vault, id: &NoteId, names: &[Hash]) {
    let mut numbers = BTreeMap::<LogId, Numbers>::new();
    for name in names {
        let header = vault.core.read().header(name).unwrap().header;
        numbers.entry(header.log).or_default().push((header.seq, header.seq + 1));
    }
    let numbers = numbers.into_iter().map(|(log, numbers)| (log, joined(numbers))).collect();
    let mut out = Outbox::everyday();
    out.push(Kind::Closed, *id, Under::Practice, closed_payload(&numbers));
    commit(&mut vault.core, Transaction::default(), out).unwrap();
    crate::vault::commit::prune_drafts(&mut vault.core);
}

pub(super) fn is_whole(vault: &Vault) {
    let verified = vault.integrity().verify(&mut |_, _| {}).unwrap();
    assert_eq!((verified.damaged, verified.bodies_missing), (vec![], 0));
}

#[test]
fn with_one_device_the_draft_goes_with_the_signature_and_the_note_stays() {
    let mut vault = practice();
    let (client, id) = drafted(&mut vault, "Aino");
    assert_eq!(drafts_of(&vault, &id), 3);
    vault.notes_mut().sign(&id, NOW).unwrap();
    assert_eq!(drafts_of(&vault, &id), 0);
    let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    let view = vault.notes().note(&id).unwrap();
    assert_eq!((view.content.text.as_str(), view.state, view.late), ("Word. What she said.", NoteState::Signed, None));
    assert_eq!(vault.notes().timeline(&client).unwrap().len(), 1);
    assert_eq!(vault.notes_mut().save_note(&id, &note("Changed."), NOW), Err(NoteError::Signed));
    assert_eq!(vault.notes_mut().sign(&id, NOW), Err(NoteError::Signed));
    vault.notes_mut().add_addendum(&id, note("An addendum."), NOW).unwrap();
    assert_eq!(vault.notes().history(&id).unwrap().len(), 2);
    is_whole(&vault);
}

#[test]
fn a_draft_goes_once_every_device_holds_the_signature_and_not_before() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut tablet = second(&mut office, "Tablet");
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    sync(&mut office, &mut tablet);
    office.notes_mut().sign(&id, NOW).unwrap();
    sync(&mut office, &mut home);
    assert_eq!((drafts_of(&office, &id), drafts_of(&home, &id)), (3, 3), "the tablet does not know yet");
    sync(&mut office, &mut tablet);
    assert_eq!((drafts_of(&office, &id), drafts_of(&tablet, &id)), (0, 0));
    assert_eq!(drafts_of(&home, &id), 3, "nobody told it");
    sync(&mut home, &mut tablet);
    for vault in [&office, &home, &tablet] {
        assert_eq!(drafts_of(vault, &id), 0);
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "Word. What she said.");
        is_whole(vault);
    }
    sync(&mut office, &mut home);
    assert_eq!(office.log().frontier().unwrap(), home.log().frontier().unwrap());
    assert!(
        home.devices().all().unwrap().iter().all(|device| device.lacks.is_nothing()),
        "nobody waits for what has gone"
    );
}

#[test]
fn a_body_with_words_of_an_unsigned_note_stays_until_that_is_signed_too() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let one = vault.notes_mut().add_note(&client, &note("One."), false, NOW).unwrap();
    let other = vault.notes_mut().add_note(&client, &note("Other."), false, NOW).unwrap();
    vault.notes_mut().flush().unwrap();
    vault.notes_mut().sign(&one, NOW).unwrap();
    assert_eq!((drafts_of(&vault, &one), drafts_of(&vault, &other)), (1, 1));
    assert_eq!(vault.notes().note(&one).unwrap().late, None);
    vault.notes_mut().save_note(&other, &note("Other, and more."), NOW).unwrap();
    vault.notes_mut().sign(&other, NOW).unwrap();
    assert_eq!((drafts_of(&vault, &one), drafts_of(&vault, &other)), (0, 0));
    is_whole(&vault);
}

#[test]
fn what_was_written_elsewhere_while_it_was_signed_is_kept_until_it_is_signed_too() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    office.notes_mut().sign(&id, NOW).unwrap();
    home.notes_mut().save_note(&id, &note("Word. What she said. And then."), NOW).unwrap();
    sync(&mut office, &mut home);
    for vault in [&office, &home] {
        assert!(vault.notes().note(&id).unwrap().late.unwrap().contains("And then"));
        assert!(drafts_of(vault, &id) > 0);
    }
    home.notes_mut().sign_late(&id, NOW).unwrap();
    sync(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().late, None);
        assert_eq!(drafts_of(vault, &id), 0);
        assert_eq!(vault.notes().note(&id).unwrap().signed.len(), 2);
        is_whole(vault);
    }
}

/// The office let a draft go that it signed, while words of home's on the same draft had not left home yet.
fn let_go_before_late_words() -> (Vault, Vault, NoteId) {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    home.notes_mut().save_note(&id, &note("Word. What she said. And then."), NOW).unwrap();
    home.notes_mut().flush().unwrap();
    // The signature reaches home, which says so; its own words have not left yet.
    office.notes_mut().sign(&id, NOW).unwrap();
    carry(&office, &mut home);
    office.log_mut().acknowledged(&home.device(), &holds(&home), NOW).unwrap();
    crate::vault::commit::prune_drafts(&mut office.core);
    (office, home, id)
}

#[test]
fn words_that_come_after_the_draft_was_let_go_take_it_back_until_they_are_signed() {
    let (mut office, mut home, id) = let_go_before_late_words();
    assert_eq!(drafts_of(&office, &id), 0, "as far as the office knows, all is signed");
    sync(&mut office, &mut home);
    for vault in [&office, &home] {
        assert!(vault.notes().note(&id).unwrap().late.unwrap().contains("And then"));
        assert_eq!(drafts_of(vault, &id), 4, "the words, and what they build on");
        is_whole(vault);
    }
    office.notes_mut().sign_late(&id, NOW).unwrap();
    sync(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!((drafts_of(vault, &id), vault.notes().note(&id).unwrap().late), (0, None));
        is_whole(vault);
    }
}

#[test]
fn a_device_that_comes_later_lacks_nothing_but_what_nobody_has_any_more() {
    let mut office = practice();
    let (_, id) = drafted(&mut office, "Aino");
    office.notes_mut().sign(&id, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    sync(&mut office, &mut home);
    assert_eq!(home.notes().note(&id).unwrap().content.text, "Word. What she said.");
    is_whole(&home);
    for end in office.log().log_ends().unwrap() {
        let lacking = home.log().lacking(&end.log, &end.head).unwrap().unwrap();
        assert!(lacking.iter().all(|(seq, _)| end.missing.contains(seq)), "none that the other says it holds");
    }
}

#[test]
fn a_body_that_has_gone_is_not_taken_again_and_not_given_back_by_a_repair() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    let names = names_in(&office, OwnLog::Drafts);
    let bodies: Vec<_> = names.iter().map(|name| (*name, office.log().envelope_body(name).unwrap().unwrap())).collect();
    office.notes_mut().sign(&id, NOW).unwrap();
    sync(&mut office, &mut home);
    assert!(office.log_mut().offer_bodies(&bodies, NOW).unwrap().iter().all(|taken| *taken == Taken::Known));
    assert_eq!(drafts_of(&office, &id), 0);
    let before = office.log().frontier().unwrap();
    assert_eq!(office.integrity_mut().repair(&mut |_, _| {}).unwrap().bodies_lacking, 0);
    assert_eq!(office.log().frontier().unwrap(), before);
    is_whole(&office);
}

#[test]
fn a_private_draft_goes_when_the_private_notes_are_open_on_each_device() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut home = second(&mut office, "Home");
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
    sync(&mut office, &mut home);
    office.notes_mut().sign(&id, NOW).unwrap();
    sync(&mut office, &mut home);
    assert_eq!((drafts_of(&office, &id), drafts_of(&home, &id)), (0, 1), "nobody can look into it at home");
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    assert_eq!(drafts_of(&home, &id), 0);
    assert_eq!(home.notes().note(&id).unwrap().content.text, "apart");
    sync(&mut office, &mut home);
    is_whole(&home);
}

#[test]
fn words_that_wait_for_what_they_build_on_stay_though_a_closing_names_them() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    for text in ["Word. What she said. And then.", "Word. What she said. And then. At last."] {
        home.notes_mut().save_note(&id, &note(text), NOW).unwrap();
        home.notes_mut().flush().unwrap();
    }
    office.notes_mut().sign(&id, NOW).unwrap();
    // Of home's words the second half comes first.
    let (main, drafts) = (names_in(&home, OwnLog::Main), names_in(&home, OwnLog::Drafts));
    let ([key @ .., first], [last]) = (&main[..], &drafts[..]) else { panic!("the first words follow their key") };
    let (first, last) = (*first, *last);
    // The key that they lie under is home's own, and here.
    hand_over(&home, &mut office, OwnLog::Main, key);
    hand_over(&home, &mut office, OwnLog::Drafts, &[last]);
    say_closed(&mut office, &id, &[last]);
    assert!(office.log().has_body(&last).unwrap());
    hand_over(&home, &mut office, OwnLog::Main, &[first]);
    assert!(office.notes().note(&id).unwrap().late.unwrap().contains("And then. At last."));
}

#[test]
fn a_closing_that_names_what_is_not_a_closed_draft_takes_nothing_away() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let (client, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    // The office says of every envelope that it has gone.
    let names = [OwnLog::Main, OwnLog::Drafts].map(|one| names_in(&office, one)).concat();
    say_closed(&mut office, &id, &names);
    sync(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "Word. What she said.");
        assert_eq!(vault.notes().note(&id).unwrap().state, NoteState::Unsigned);
        assert_eq!(vault.clients().client(&client).unwrap().name, "Aino");
        assert!(names.iter().all(|name| vault.log().has_body(name).unwrap()));
        is_whole(vault);
    }
}

/// What a device states about a note: this content, frozen at these versions.
fn statement(by: &Vault, note: NoteId, client: ClientId, text: &str, heads: &[Hash]) -> Vec<u8> {
    stated(by, (note, client), text, heads, None)
}

/// The same, adding to another if it is an addendum.
fn stated(by: &Vault, of: (NoteId, ClientId), text: &str, heads: &[Hash], adds_to: Option<Hash>) -> Vec<u8> {
    let heads: Vec<String> = heads.iter().map(Hash::to_string).collect();
    let mut said = serde_json::json!({
        "format": 2, "note": of.0, "client": of.1, "kind": "note",
        "content": {"date": "2026-11-21", "format": "Free", "text": text},
        "heads": heads, "signed_at": "2026-11-21T10:00:00Z", "device": by.device(),
    });
    if let Some(adds_to) = adds_to {
        (said["kind"], said["adds_to"]) = ("addendum".into(), adds_to.to_string().into());
    }
    let bytes = serde_json::to_vec(&said).unwrap();
    let signature = by.core.signer.sign(crate::labels::NOTE, &bytes);
    let mut payload = crate::codec::Writer::new();
    home_of(by, &of.0).origin.write(&mut payload);
    payload.lp(&bytes).bytes(&by.core.signer.public_key().0).bytes(&signature.0).finish()
}

/// Puts a signature of this device beside a note.
fn put_signature(vault: &mut Vault, note: NoteId, client: ClientId, payload: Vec<u8>) {
    let mut out = Outbox::everyday();
    out.push(Kind::Signed, note, Under::Client(client, crate::keyring::Compartment::Clinical), payload);
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

#[test]
fn a_signature_that_does_not_say_what_the_draft_says_takes_no_word_of_it_away() {
    let mut office = practice();
    let mut lost = second(&mut office, "Lost");
    let (client, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut lost);
    let heads = office.core.caches.drafts.borrow().get(&id).unwrap().document.heads();
    let names = names_in(&office, OwnLog::Drafts);
    for (text, heads) in [("", heads.hashes()), ("Word. What she said.", &[Hash([7; 32])][..])] {
        let said = statement(&lost, id, client, text, heads);
        put_signature(&mut lost, id, client, said);
    }
    say_closed(&mut lost, &id, &names);
    sync(&mut office, &mut lost);
    assert_eq!(drafts_of(&office, &id), 3, "the draft is here, whatever was signed beside it");
    for vault in [&office, &lost] {
        let late = vault.notes().note(&id).unwrap().late;
        assert_eq!(late.as_deref(), Some("Word. What she said."), "and is shown");
    }
    // Of a signature that says what is there, the draft goes as ever.
    let (other_client, other) = drafted(&mut office, "Bertil");
    sync(&mut office, &mut lost);
    let heads = office.core.caches.drafts.borrow().get(&other).unwrap().document.heads();
    let said = statement(&lost, other, other_client, "Word. What she said.", heads.hashes());
    put_signature(&mut lost, other, other_client, said);
    let names = names_in(&office, OwnLog::Drafts);
    say_closed(&mut lost, &other, &names);
    sync(&mut office, &mut lost);
    assert!(names.iter().rev().take(3).all(|name| !office.log().has_body(name).unwrap()));
    assert_eq!(office.notes().note(&other).unwrap().content.text, "Word. What she said.");
}

#[test]
fn what_somebody_says_has_gone_is_taken_from_whoever_has_it_by_old_devices_and_new_ones() {
    let mut office = practice();
    let mut lost = second(&mut office, "Lost");
    let mut laptop = second(&mut office, "Laptop");
    sync(&mut office, &mut lost);
    sync(&mut office, &mut laptop);
    let (client, id) = drafted(&mut office, "Aino");
    carry(&office, &mut lost);
    // The hostile one names everything there is, and reaches the laptop first.
    let names: Vec<Hash> = {
        let ends = office.log().log_ends().unwrap();
        ends.iter().flat_map(|end| office.log().branch_names(&end.log, 0, &end.head).unwrap()).collect()
    };
    say_closed(&mut lost, &id, &names);
    carry(&lost, &mut laptop);
    carry(&office, &mut laptop);
    assert_eq!(laptop.notes().note(&id).unwrap().content.text, "Word. What she said.");
    let folder = tempfile::tempdir().unwrap();
    sync(&mut office, &mut lost);
    super::backup::back_up(&mut office, folder.path(), NOW).unwrap();
    let mut tablet = second(&mut office, "Tablet");
    carry(&office, &mut tablet);
    assert_eq!(tablet.clients().client(&client).unwrap().name, "Aino");
    assert_eq!(tablet.notes().note(&id).unwrap().content.text, "Word. What she said.");
    is_whole(&tablet);
}

#[test]
fn an_addendum_that_names_a_version_which_the_first_signature_does_not_hold_says_nothing_of_it() {
    let mut office = practice();
    let mut lost = second(&mut office, "Lost");
    let (client, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut lost);
    let write = |vault: &mut Vault, text: &str| {
        vault.notes_mut().save_note(&id, &note(text), NOW).unwrap();
        vault.notes_mut().flush().unwrap();
        vault.core.caches.drafts.borrow().get(&id).unwrap().document.heads()
    };
    // Two versions that did not know of each other.
    let theirs = write(&mut lost, "Word. What she said. Theirs.");
    let ours = write(&mut office, "Word. What she said. Ours, and worth keeping.");
    sync(&mut office, &mut lost);
    let first = stated(&lost, (id, client), "Word. What she said. Theirs.", theirs.hashes(), None);
    let said = crate::vault::items::home::said(&first);
    let len = u32::from_le_bytes(said[..4].try_into().unwrap()) as usize;
    let adds_to = crate::kdf::sha256(&said[4..4 + len]);
    let second = stated(&lost, (id, client), "", ours.hashes(), Some(adds_to));
    for said in [first, second] {
        put_signature(&mut lost, id, client, said);
    }
    let names: Vec<Hash> = {
        let ends = office.log().log_ends().unwrap();
        ends.iter().flat_map(|end| office.log().branch_names(&end.log, 0, &end.head).unwrap()).collect()
    };
    say_closed(&mut lost, &id, &names);
    sync(&mut office, &mut lost);
    // Whatever envelopes they lie in by now: no word of the draft is gone.
    let entry = office.core.read().entry(&id).unwrap().unwrap();
    let drafted = office.core.read().documents().drafted(&id, &entry).unwrap().unwrap();
    assert!(drafted.document.unwrap().text().contains("Ours, and worth keeping."));
    assert!(!drafted.says_so);
}

#[test]
fn a_body_whose_key_has_not_come_does_not_go_with_what_can_be_read_without_it() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut lost = second(&mut office, "Lost");
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut home);
    sync(&mut office, &mut lost);
    home.notes_mut().save_note(&id, &note("Word. What she said. At home."), NOW).unwrap();
    home.notes_mut().flush().unwrap();
    sync(&mut home, &mut lost);
    let names = names_in(&home, OwnLog::Main);
    let last = *names.last().unwrap();
    // Its words come before the key that home made for them, and somebody says that they went.
    say_closed(&mut lost, &id, &[last]);
    carry_all_but(&lost, &mut office, &names);
    hand_over(&home, &mut office, OwnLog::Main, &[last]);
    crate::vault::commit::prune_drafts(&mut office.core);
    assert!(office.log().has_body(&last).unwrap());
    hand_over(&home, &mut office, OwnLog::Main, &names);
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Word. What she said. At home.");
}

/// As [`carry`], without these bodies.
fn carry_all_but(from: &Vault, to: &mut Vault, but: &[Hash]) {
    for end in from.log().log_ends().unwrap() {
        let run = from.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        to.log_mut().offer_headers(&end.log, &run).unwrap();
        for name in from.log().branch_names(&end.log, 0, &end.head).unwrap() {
            let body = from.log().envelope_body(&name).unwrap().filter(|_| !but.contains(&name));
            body.into_iter().for_each(|body| drop(to.log_mut().offer_bodies(&[(name, body)], NOW).unwrap()));
        }
    }
}

#[test]
fn words_on_what_nobody_has_any_more_are_shown_by_themselves() {
    let (mut office, mut home, id) = let_go_before_late_words();
    assert_eq!(drafts_of(&office, &id), 0);
    // Thirty days go by, and what was kept aside goes, when two days find it so: not for one look with a clock that is ahead.
    for (days, kept) in [(0, true), (29, true), (40, true), (31, true), (32, false)] {
        let now = NOW + days * crate::vault::DAY;
        crate::vault::commit::forget_pruned(&mut office.core, now).unwrap();
        let aside = office.core.read().list(&crate::vault::registry::AsideBodiesAt()).unwrap();
        assert_eq!(!aside.is_empty(), kept, "{days}");
    }
    // Of home only the last words come, before it dies.
    hand_over(&home, &mut office, OwnLog::Main, &names_in(&home, OwnLog::Main));
    let view = office.notes().note(&id).unwrap();
    assert_eq!((view.content.text.as_str(), view.late.as_deref()), ("Word. What she said.", Some(" And then.")));
    // Whoever still has what they build on gives it back.
    sync(&mut office, &mut home);
    assert_eq!(office.notes().note(&id).unwrap().late.as_deref(), Some(" And then."));
    assert_eq!(drafts_of(&office, &id), 4);
    is_whole(&office);
}

#[test]
fn words_that_another_device_deleted_before_it_signed_the_rest_stay_where_nobody_saw_that() {
    let mut office = practice();
    let (mut lost, mut home) = (second(&mut office, "Lost"), second(&mut office, "Home"));
    let (_, id) = drafted(&mut office, "Aino");
    sync(&mut office, &mut lost);
    sync(&mut office, &mut home);
    sync(&mut office, &mut lost);
    // By ordinary edits, as any device may make them; what it signs is what the draft says then.
    lost.notes_mut().save_note(&id, &note("Word."), NOW).unwrap();
    lost.notes_mut().sign(&id, NOW).unwrap();
    for _ in 0..2 {
        sync(&mut office, &mut lost);
        sync(&mut office, &mut home);
    }
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "Word.", "what was signed is shown");
        assert_eq!(drafts_of(vault, &id), 4, "and the draft has the words");
    }
    // Who deletes their own words, or signs what they see, lets the draft go as ever.
    let (_, own) = drafted(&mut office, "Bertil");
    sync(&mut office, &mut home);
    office.notes_mut().save_note(&own, &note("Word."), NOW).unwrap();
    office.notes_mut().sign(&own, NOW).unwrap();
    for _ in 0..2 {
        sync(&mut office, &mut home);
        sync(&mut office, &mut lost);
    }
    assert_eq!((drafts_of(&office, &own), drafts_of(&home, &own)), (0, 0));
}
