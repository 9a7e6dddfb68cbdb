//! Scenarios over whole vaults in memory, with a cheap passphrase and envelopes carried by hand.

use jiff::civil::date;
use subrosa_testkit::medium::Medium;

use crate::catalog::NoteState;
use crate::entropy::Os;
use crate::export::ProcessNotes;
use crate::id::{ClientId, ColleagueId, DocId, Hash, KeyId};
use crate::kdf::{Policy, Strength};
use crate::log::DocType;
use crate::record::{Identity, NoteContent};
use crate::secret::Passphrase;
use crate::store::RedbStore;
use crate::vault::core::OwnLog;
use crate::vault::items::home::{DocumentOrigin, Home};
use crate::vault::{JoiningDevice, Lacks, NewVault, NoteError, RecordError, RowError, Share, Taken, Vault, empty_note};

mod anchors;
mod arrival;
mod backup;
mod checking;
mod cuts;
mod damaged_rows;
mod description;
mod drafts;
mod farewell;
mod files;
mod folder;
mod history;
mod holdings;
mod hostile;
mod large_bodies;
mod later;
mod limits;
mod member;
mod migrate;
mod new_keys;
mod new_kit;
mod order;
mod overlong;
mod own_card;
mod particulars;
mod private;
mod pruning;
mod removal;
mod repairing;
mod restore;
mod retirement;
mod rollback;
mod vectors;
mod vital;

const NOW: u64 = 1_790_000_000_000;
/// When contact cards are read: the day of those that are made here.
const CARDS_READ: u64 = 1_795_305_600_000;

fn store() -> Box<RedbStore> {
    Box::new(RedbStore::over(Medium::default()).unwrap())
}

fn passphrase(words: &str) -> Passphrase {
    Passphrase::new(words.to_owned())
}

fn new<'a>(passphrase: &'a Passphrase, name: &'a str) -> NewVault<'a> {
    NewVault {
        path: None,
        passphrase,
        strength: Strength::CHEAP_FOR_TESTS,
        policy: Policy::Tests,
        device_name: name,
        now: NOW,
    }
}

fn practice() -> Vault {
    Vault::create(store(), &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault
}

fn identity(name: &str) -> Identity {
    Identity { name: name.to_owned(), ..Identity::default() }
}

/// What a document's id commits to, told from others by a number.
fn origin(kind: DocType, client: ClientId, number: u8) -> DocumentOrigin {
    DocumentOrigin { kind, client, nonce: [number; 16] }
}

/// The origin of a document that is here, and where what is written about it lies.
fn home_of(vault: &Vault, id: &DocId) -> Home {
    let documents = vault.core.read().documents();
    documents.home(id, &documents.entry(id).unwrap().unwrap()).unwrap()
}

/// The envelopes of one of a device's own logs, in order.
fn names_in(vault: &Vault, one: OwnLog) -> Vec<Hash> {
    let log = vault.core.memory.logs.get(one);
    let end = vault.log().log_ends().unwrap().into_iter().find(|end| end.log == log);
    end.map_or_else(Vec::new, |end| vault.log().branch_names(&log, 0, &end.head).unwrap())
}

/// Hands over the headers of one of a device's own logs, and these bodies of it.
fn hand_over(from: &Vault, to: &mut Vault, one: OwnLog, bodies: &[Hash]) {
    let log = from.core.memory.logs.get(one);
    let end = from.log().log_ends().unwrap().into_iter().find(|end| end.log == log).unwrap();
    to.log_mut().offer_headers(&log, &from.log().headers(&log, 0, &end.head, usize::MAX).unwrap()).unwrap();
    for name in bodies {
        let body = from.log().envelope_body(name).unwrap().unwrap();
        to.log_mut().offer_bodies(&[(*name, body)], NOW).unwrap();
    }
}

/// The key of a document's first item.
fn key_of(vault: &Vault, id: &DocId) -> KeyId {
    let place = vault.core.read().entry(id).unwrap().unwrap().places[0].0;
    vault.core.read().item(&place).unwrap().0.key
}

fn note(text: &str) -> NoteContent {
    NoteContent { text: text.to_owned(), format: "Free".to_owned(), ..empty_note(date(2026, 11, 21)) }
}

/// A client's whole record, without what is private, for a colleague.
fn referral(client: ClientId, to: ColleagueId) -> Share {
    Share {
        client,
        notes: Vec::new(),
        to,
        purpose: "referral".into(),
        basis: "consent".into(),
        consent: String::new(),
        until: None,
        process: ProcessNotes::LeaveOut,
        files: true,
        today: date(2026, 11, 22),
    }
}

/// How much that is no file a device lacks.
fn lacking(lacks: &Lacks) -> u64 {
    lacks.changes + (lacks.notes.len() + lacks.clients.len()) as u64
}

/// What a conversation leaves behind: the one hears of the other what it lacks, `most` files at the most, then what it holds.
fn hears(office: &mut Vault, home: &Vault, most: usize) {
    let (lacked, device) = (home.files().lacked(most).unwrap(), home.device());
    office.files_mut().lacked_there(&device, lacked.as_deref()).unwrap();
    holds_all(office, home);
}

fn holds_all(office: &mut Vault, home: &Vault) {
    let held = home.log().log_ends().unwrap().into_iter().map(|end| (end.log, vec![(0, end.next_seq)])).collect();
    office.log_mut().acknowledged_all(&home.device(), &held, NOW).unwrap();
}

/// A second device, admitted by the first.
fn second(first: &mut Vault, name: &str) -> Vault {
    admitted(first, "office", name)
}

/// A further device, whose passphrase is its name, admitted by one with this passphrase.
pub(super) fn admitted(by: &mut Vault, words: &str, name: &str) -> Vault {
    let pass = passphrase(name);
    let new = new(&pass, name);
    let joining = JoiningDevice::new(&new, &mut Os);
    by.reauthenticate(&passphrase(words), NOW).unwrap();
    let welcome = by.devices_mut().admit(&joining.introduction(), usize::MAX, NOW).unwrap();
    by.end_reauth();
    joining.join(&welcome, store(), &new, Box::new(Os)).unwrap()
}

/// Everything that one has goes to the other: headers first, as devices do it.
fn carry(from: &Vault, to: &mut Vault) {
    let mut told = Vec::new();
    for end in from.log().log_ends().unwrap() {
        let run = from.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        let taken = to.log_mut().offer_headers(&end.log, &run).unwrap();
        assert!(!matches!(taken, Taken::Refused(_)), "{taken:?}");
        told.push((end, taken));
    }
    for (end, taken) in told {
        let mut bodies: Vec<(Hash, Vec<u8>)> = Vec::new();
        for name in from.log().branch_names(&end.log, 0, &end.head).unwrap() {
            bodies.extend(from.log().envelope_body(&name).unwrap().map(|body| (name, body)));
        }
        // Newest first, as devices do it.
        bodies.reverse();
        if taken != Taken::Orphaned {
            to.log_mut().offer_bodies(&bodies, NOW).unwrap();
        }
    }
}

fn meet(a: &mut Vault, b: &mut Vault) {
    a.notes_mut().flush().unwrap();
    b.notes_mut().flush().unwrap();
    // What one hears the other answers, and cuts of several former selves come one after the other.
    for _ in 0..6 {
        carry(a, b);
        carry(b, a);
    }
    assert_eq!(a.log().frontier().unwrap(), b.log().frontier().unwrap());
}

#[test]
fn a_note_is_written_locked_unlocked_and_there() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino Mäkinen"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("Slept."), false, NOW).unwrap();
    assert!(vault.notes_mut().save_note(&id, &note("Slept through four nights."), NOW).unwrap());
    assert!(!vault.notes_mut().save_note(&id, &note("Slept through four nights."), NOW).unwrap());
    assert!(vault.notes().has_pending());
    let locked = vault.lock().unwrap();
    let still = locked.unlock(&passphrase("wrong"), NOW).unwrap_err();
    assert!(still.error.is_wrong_passphrase());
    let mut vault = still.vault.unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(vault.clients().client(&client).unwrap().name, "Aino Mäkinen");
    assert_eq!(vault.clients().client(&client).unwrap().unsigned, 1);
    assert_eq!(vault.notes().note(&id).unwrap().content.text, "Slept through four nights.");
    vault.notes_mut().sign(&id, NOW).unwrap();
    assert_eq!(vault.notes_mut().save_note(&id, &note("Changed."), NOW), Err(NoteError::Signed));
    assert_eq!(vault.notes().note(&id).unwrap().state, NoteState::Signed);
    vault.notes_mut().add_addendum(&id, note("An addendum."), NOW).unwrap();
    let view = vault.notes().note(&id).unwrap();
    assert_eq!(view.signed.len(), 2);
    assert_eq!(view.content.text, "Slept through four nights.");
    let verified = vault.integrity().verify(&mut |_, _| {}).unwrap();
    assert_eq!(verified.damaged, []);
    assert_eq!(verified.signatures, 2);
}

#[test]
fn the_recovery_kit_gives_a_new_passphrase_and_another_kit_does_not() {
    let created = Vault::create(store(), &new(&passphrase("forgotten"), "Office"), Box::new(Os)).unwrap();
    let mut vault = created.vault;
    let client = vault.clients_mut().add_client(&identity("B"), NOW).unwrap();
    let other = crate::secret::Key::random(&mut Os);
    let still = vault.lock().unwrap().recover(&other, &passphrase("n"), Strength::CHEAP_FOR_TESTS, NOW).unwrap_err();
    let mut vault = still.vault.recover(&created.kit, &passphrase("new"), Strength::CHEAP_FOR_TESTS, NOW).unwrap();
    vault.clients().client(&client).unwrap();
    vault.reauthenticate(&passphrase("new"), NOW).unwrap();
    let private = vault.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
    vault.change_passphrase(&passphrase("new"), &passphrase("newer"), Strength::CHEAP_FOR_TESTS).unwrap();
    let still = vault.lock().unwrap().unlock(&passphrase("new"), NOW).unwrap_err();
    let mut vault = still.vault.unlock(&passphrase("newer"), NOW).unwrap();
    assert_eq!(vault.notes().note(&private).unwrap_err(), RowError::NeedsReauth.into());
    vault.reauthenticate(&passphrase("newer"), NOW).unwrap();
    assert_eq!(vault.notes().note(&private).unwrap().content.text, "apart");
    // And the kit opens what was sealed anew.
    let vault = vault.lock().unwrap().recover(&created.kit, &passphrase("x"), Strength::CHEAP_FOR_TESTS, NOW).unwrap();
    vault.clients().client(&client).unwrap();
}

#[test]
fn two_devices_edit_the_same_note_and_add_clients_offline_and_nothing_is_lost() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("She slept."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    assert_eq!(home.notes().note(&id).unwrap().content.text, "She slept.");
    assert_eq!(home.clients().client(&client).unwrap().notes, 1);
    office.notes_mut().save_note(&id, &note("She slept well."), NOW).unwrap();
    home.notes_mut().save_note(&id, &note("On Sunday she slept."), NOW).unwrap();
    let a = office.clients_mut().add_client(&identity("From the office"), NOW).unwrap();
    let b = home.clients_mut().add_client(&identity("From home"), NOW).unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "On Sunday she slept well.");
        assert_eq!(vault.clients().client(&a).unwrap().name, "From the office");
        assert_eq!(vault.clients().client(&b).unwrap().name, "From home");
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
    assert_eq!(office.devices().all().unwrap().len(), 2);
}

#[test]
fn an_editor_that_has_not_seen_what_arrived_undoes_nothing_of_it() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("One. Three."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let shown = home.notes().note(&id).unwrap().version;
    office.notes_mut().save_note(&id, &note("One. Two. Three."), NOW).unwrap();
    meet(&mut office, &mut home);
    let shown = home.notes_mut().save_note_from(&id, &shown, &note("One. Three. Four."), NOW).unwrap();
    assert_eq!(home.notes().note(&id).unwrap().content.text, "One. Two. Three. Four.");
    home.notes_mut().save_note_from(&id, &shown, &note("One. Three. Four. Five."), NOW).unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "One. Two. Three. Four. Five.");
    }
    // The must-fail neighbour: taken as an edit of what is here now, the same text would delete.
    home.notes_mut().save_note(&id, &note("One. Three."), NOW).unwrap();
    assert!(!home.notes().note(&id).unwrap().content.text.contains("Two"));
}

#[test]
fn what_is_written_while_another_device_signs_becomes_an_unsigned_addendum() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("First."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    office.notes_mut().sign(&id, NOW).unwrap();
    home.notes_mut().save_note(&id, &note("First. And second."), NOW).unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        let view = vault.notes().note(&id).unwrap();
        assert_eq!(view.content.text, "First.");
        assert!(view.late.unwrap().contains("And second"));
    }
    office.notes_mut().sign_late(&id, NOW).unwrap();
    meet(&mut office, &mut home);
    let view = home.notes().note(&id).unwrap();
    assert_eq!((view.signed.len(), view.late), (2, None));
}

#[test]
fn a_process_note_opens_on_the_second_device_with_its_own_passphrase_and_not_before() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    assert_eq!(office.notes_mut().add_note(&client, &note("apart"), true, NOW), Err(RowError::NeedsReauth.into()));
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
    office.expire_reauth(NOW + super::REAUTH_FOR);
    assert_eq!(office.notes().note(&id).unwrap_err(), RowError::NeedsReauth.into());
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    assert_eq!(home.notes().note(&id).unwrap_err(), RowError::NeedsReauth.into());
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    assert_eq!(home.notes().note(&id).unwrap().content.text, "apart");
    assert_eq!(home.notes().private_timeline(&client).unwrap().len(), 1);
    assert_eq!(home.notes().timeline(&client).unwrap().len(), 0);
    assert_eq!(home.notes().search("apart", 10, &|| false).unwrap(), []);
}

#[test]
fn a_third_device_reads_what_the_first_two_wrote_before_and_after_it_came() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let from_home = home.clients_mut().add_client(&identity("Home"), NOW).unwrap();
    meet(&mut office, &mut home);
    // Home does not know the tablet yet when it adds one more.
    let mut tablet = second(&mut office, "Tablet");
    let late = home.clients_mut().add_client(&identity("Late"), NOW).unwrap();
    meet(&mut tablet, &mut office);
    tablet.clients().client(&from_home).unwrap();
    meet(&mut home, &mut office);
    meet(&mut tablet, &mut office);
    assert_eq!(tablet.clients().client(&late).unwrap().name, "Late");
    let own = tablet.clients_mut().add_client(&identity("Tablet"), NOW).unwrap();
    meet(&mut tablet, &mut office);
    meet(&mut home, &mut office);
    home.clients().client(&own).unwrap();
}

#[test]
fn a_record_is_sealed_to_a_colleague_opened_there_and_entered_as_a_disclosure() {
    let (mut mine, mut theirs) = (practice(), practice());
    let client = mine.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = mine.notes_mut().add_note(&client, &note("What was said."), false, NOW).unwrap();
    mine.notes_mut().sign(&id, NOW).unwrap();
    let today = date(2026, 11, 22);
    let card = theirs.exchange().card("Dr Virta", today).unwrap();
    let to = mine.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ).unwrap();
    let own = mine.exchange().card("Dr Rosa", today).unwrap();
    assert_eq!(mine.exchange_mut().add_colleague(own.as_bytes(), CARDS_READ), Err(RecordError::OwnCard));
    let share = Share { consent: "in writing".into(), ..referral(client, to) };
    let sealed = mine.exchange_mut().seal_record(&share, "Dr Rosa").unwrap();
    assert_eq!(mine.exchange().disclosures(&client).unwrap().len(), 1);
    assert!(mine.exchange().open_record(&sealed.file).is_err());
    let stranger = theirs.exchange().open_record(&sealed.file).unwrap();
    assert_eq!(stranger.standing, crate::share::Standing::Stranger);
    theirs.exchange_mut().add_colleague(own.as_bytes(), CARDS_READ).unwrap();
    let opened = theirs.exchange().open_record(&sealed.file).unwrap();
    assert_eq!(opened.standing, crate::share::Standing::Colleague);
    assert!(opened.files.iter().any(|file| file.bytes.windows(14).any(|at| at == b"What was said.")));
}
