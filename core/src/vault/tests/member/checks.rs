//! What holds after each history, whatever was said in it.

use std::collections::BTreeSet;

use super::lies::{Lie, is_the_liars};
use super::world::{HOME, OFFICE, World};
use crate::catalog::NoteState;
use crate::document::{Actor, Document};
use crate::id::{ClientId, DeviceId, DocId, Hash, NoteId};
use crate::secret::{Key, RecoveryRole};
use crate::vault::tests::history::{exchange, let_in, tried};
use crate::vault::tests::{backup, identity, note, order, passphrase, restore, store};
use crate::vault::{Only, Vault};

/// Everyone else unlocks, lists, writes, signs, removes the liar, backs up, restores, agrees, has lost no word, and lets a device in
/// that gets everything.
pub(super) fn goes_on(world: &mut World) {
    remove(world);
    for at in 0..2 {
        unlock(world, at);
    }
    write_and_sign(world);
    out_of_the_trash(world);
    meet_all(world);
    for at in 0..2 {
        nothing_is_lost(world, at, &format!("{}, device {at}", world.name()));
    }
    agree(world, &world.name());
    let kit = kit_of_ones_own(world);
    restores(world, &kit);
    lets_in(world);
    same_in_another_order(world);
}

fn words(at: usize) -> crate::secret::Passphrase {
    passphrase(["office", "Home"][at])
}

/// The two meet until neither has anything for the other.
fn meet_all(world: &mut World) {
    (0..2).for_each(|_| world.history.meeting(OFFICE, HOME));
}

/// The office removes the liar and whomever that one let in, and home hears of it.
fn remove(world: &mut World) {
    if !world.office_apart {
        meet_all(world);
    }
    let liar = world.liar.vault.device();
    let office = &mut world.history.devices[OFFICE];
    let others: BTreeSet<DeviceId> = [office.device(), liar].into();
    office.devices_mut().remove_device(&liar, &words(OFFICE), world.history.now).unwrap();
    meet_all(world);
    let home = world.history.devices[HOME].device();
    let office = &mut world.history.devices[OFFICE];
    let left = office.devices().all().unwrap().into_iter().map(|row| (row.id, row.name));
    let strangers = left.filter(|(id, name)| !others.contains(id) && *id != home && name != "Listener");
    for (id, _) in strangers.collect::<Vec<_>>() {
        office.devices_mut().remove_device(&id, &words(OFFICE), world.history.now).unwrap();
    }
    meet_all(world);
    // What it goes on saying is used by nobody.
    world.goes_on_saying();
    meet_all(world);
    for vault in &world.history.devices {
        let live: BTreeSet<DeviceId> = vault.core.memory.roster.live().iter().map(|card| card.id).collect();
        assert!(!live.contains(&liar) && live.contains(&home), "{}: {live:?}", world.name());
        assert!(vault.core.memory.epochs.contains_key(&vault.core.memory.roster.epoch()), "{}", world.name());
    }
}

fn unlock(world: &mut World, at: usize) {
    let locked = world.history.devices.remove(at).lock().unwrap();
    let vault = locked.unlock(&words(at), world.history.now).map_err(|still| still.error).unwrap();
    world.history.devices.insert(at, vault);
    let vault = &mut world.history.devices[at];
    vault.reauthenticate(&words(at), world.history.now).unwrap();
    vault.devices().all().unwrap();
    vault.exchange().colleagues().unwrap();
    assert!(vault.trash().mass_deletions().len() < 20);
}

fn write_and_sign(world: &mut World) {
    for at in 0..2 {
        let now = world.history.now;
        let vault = &mut world.history.devices[at];
        let client = vault.clients_mut().add_client(&identity("Written after all"), now).unwrap();
        let text = format!("Written by {at} after all.");
        let id = vault.notes_mut().add_note(&client, &note("Begun."), at == OFFICE, now).unwrap();
        assert!(vault.notes_mut().save_note(&id, &note(&text), now).unwrap());
        vault.notes_mut().flush().unwrap();
        let signed = vault.notes_mut().add_note(&client, &note(&text), false, now).unwrap();
        vault.notes_mut().sign(&signed, now).unwrap();
        assert_eq!(vault.notes().note(&signed).unwrap().state, NoteState::Signed);
        world.history.clients.push(client);
        for id in [id, signed] {
            world.history.notes.push(id);
            world.history.said(at, id, &text);
        }
    }
}

/// Whatever was deleted lies in the trash for a month, or waits for an answer, and comes back.
fn out_of_the_trash(world: &mut World) {
    for at in 0..2 {
        let now = world.history.now;
        let vault = &mut world.history.devices[at];
        for row in vault.trash().mass_deletions() {
            vault.trash_mut().refuse_mass_deletions(&row.device).unwrap();
        }
        for _ in 0..3 {
            let shown: Vec<_> = vault.trash().shown(now);
            assert_eq!(shown.len(), vault.trash().all(now).len(), "{}", world.name());
            for row in shown.into_iter().chain(vault.trash().private_trash(now).unwrap()) {
                tried(vault.trash_mut().undelete(&row.id));
            }
        }
        assert!(vault.trash().all(now).is_empty(), "{}", world.name());
        meet_all(world);
    }
}

/// All that a device can show of a note, its versions too.
fn texts(vault: &Vault, id: &NoteId) -> String {
    let mut all = Vec::new();
    if let Ok(view) = vault.notes().note(id) {
        all.push(view.content.text);
        all.extend(view.signed.into_iter().chain(view.uncounted).map(|version| version.content.text));
        all.extend(view.late);
    }
    // The draft as it lies there, whatever was signed beside it.
    let documents = vault.core.read().documents();
    if let Some(entry) = vault.core.read().entry(id).unwrap()
        && let Ok(mut material) = documents.material(id, &entry)
        && let Ok(home) = documents.home(id, &entry)
    {
        material.signed.clear();
        let pending = vault.core.read().pending_chunks(id).unwrap();
        let draft = documents.assemble_document(&material, id, home.origin.kind, &pending, Actor::NOBODY).unwrap();
        for version in draft.iter().flat_map(Document::history) {
            all.extend(draft.as_ref().and_then(|draft| draft.content_at(&version.heads())).map(|(_, text)| text));
        }
    }
    all.join("\n")
}

/// Notes that stand in some client's list.
fn listed(vault: &Vault) -> BTreeSet<NoteId> {
    let clients: Vec<ClientId> = vault.clients().all().map(|row| row.id).collect();
    let mut ids = BTreeSet::new();
    for client in clients {
        ids.extend(vault.notes().timeline(&client).unwrap().into_iter().map(|row| row.id));
        ids.extend(vault.notes().private_timeline(&client).unwrap().into_iter().map(|row| row.id));
    }
    ids
}

fn nothing_is_lost(world: &World, at: usize, what: &str) {
    let vault = &world.history.devices[at];
    let listed = listed(vault);
    for said in world.history.words.iter().flatten() {
        let view = vault.notes().note(&said.note);
        let about = || {
            vault.core.read().entry(&said.note).unwrap().map(|entry| {
                let kinds: Vec<_> = entry
                    .places
                    .iter()
                    .map(|(place, kind)| {
                        (
                            *kind,
                            vault.core.read().header(&place.envelope).unwrap().header.log.device()
                                == world.liar.vault.device(),
                        )
                    })
                    .collect();
                (entry.is_private(), kinds)
            })
        };
        assert!(view.is_ok(), "{what}: a note is not shown: {view:?} {:?}", about());
        assert!(listed.contains(&said.note), "{what}: a note stands in no list");
        // Who signed what was left of it has seen that.
        let signed_here = view.unwrap().signed.iter().any(|version| version.device != world.liar.vault.device());
        if world.cut.contains(&said.note) && signed_here {
            continue;
        }
        let all = texts(vault, &said.note);
        assert!(
            all.contains(&said.text),
            "{what}: words of {} are lost {:?} {:?} of {:?}",
            said.by,
            said.text,
            all,
            about()
        );
    }
    let clients: BTreeSet<ClientId> =
        vault.clients().all().flat_map(|row| vault.core.read().records_of(&row.id)).collect();
    assert!(world.history.clients.iter().all(|client| clients.contains(client)), "{what}: a client is in no list");
    let after = world.liar.vault.device();
    assert!(!texts_after(vault).contains("Said after the removal"), "{what}: {after:?} is heard past its cut");
    let own = vault.core.memory.logs.main;
    let ledger = vault.core.read().ledger();
    for tip in vault.core.read().tips(&own) {
        for name in ledger.branch_names(&own, 0, &tip.head).unwrap() {
            let items = ledger.items_of(&name).unwrap().unwrap_or_default();
            let under = items.iter().any(|item| is_the_liars(&item.key, &world.history.clients));
            assert!(!under, "{what}: something lies under a key that the liar made");
        }
    }
}

fn texts_after(vault: &Vault) -> String {
    let ids = listed(vault);
    ids.iter().map(|id| texts(vault, id)).collect()
}

/// What a device shows of a note.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    text: String,
    client: ClientId,
    state: NoteState,
    signed: Vec<Hash>,
    late: Option<String>,
}

/// What a device shows of a note. What of a draft is late cannot be told by all alike once somebody said that it was let go.
fn shown(world: &World, vault: &Vault, id: &DocId) -> Option<Shown> {
    let view = vault.notes().note(id).ok()?;
    let signed = view.signed.iter().map(|version| version.hash).collect();
    let late = view.late.filter(|_| !world.closed.contains(id));
    Some(Shown { text: view.content.text, client: view.client, state: view.state, signed, late })
}

fn agree(world: &World, what: &str) {
    let (office, home) = (&world.history.devices[OFFICE], &world.history.devices[HOME]);
    for id in &world.history.notes {
        assert_eq!(shown(world, office, id), shown(world, home, id), "{what}: two devices show a note in two ways");
    }
    let clients = |vault: &Vault| vault.clients().all().map(|row| (row.id, row.name.clone())).collect::<Vec<_>>();
    assert_eq!(clients(office), clients(home), "{what}");
    let colleagues = |vault: &Vault| -> Vec<_> {
        vault.exchange().colleagues().unwrap().into_iter().map(|row| (row.id, row.card.name().to_owned())).collect()
    };
    assert_eq!(colleagues(office), colleagues(home), "{what}");
    same_lists(office, home, world, what);
    for vault in [office, home] {
        let live: Vec<_> = vault.core.memory.roster.live().iter().map(|card| card.id).collect();
        assert_eq!(live.len(), 3, "{what}");
    }
}

/// Two devices list the same notes, of those that were written here.
fn same_lists(one: &Vault, other: &Vault, world: &World, what: &str) {
    let [one, other] = [one, other].map(|vault| {
        let all = listed(vault);
        world.history.notes.iter().map(|id| all.contains(id)).collect::<Vec<_>>()
    });
    assert_eq!(one, other, "{what}: two devices list different notes");
}

/// The kit in force may be the liar's: the person makes a new one, which is theirs.
fn kit_of_ones_own(world: &mut World) -> Key<RecoveryRole> {
    let liar = world.liar.vault.device();
    let now = world.history.now;
    let office = &mut world.history.devices[OFFICE];
    if office.devices().kit_in_force().unwrap().by != liar {
        return world.kit.duplicate();
    }
    let drawn = office.devices_mut().draw_kit(&words(OFFICE)).unwrap();
    office.devices_mut().put_in_force(&drawn, now).unwrap();
    drawn.seed().duplicate()
}

fn restores(world: &mut World, kit: &Key<RecoveryRole>) {
    if !world.seed.is_multiple_of(3) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let office = &mut world.history.devices[OFFICE];
    let made = backup::back_up(office, folder.path(), world.history.now);
    assert!(made.is_ok(), "SUBROSA_FROM={}, after {:?}: {made:?}", world.seed, world.lies);
    let file = restore::open(&backup::files(folder.path())[0], kit).unwrap();
    let (mut again, _) = restore::restored(&file, Only::Everything).unwrap();
    again.reauthenticate(&passphrase("restored"), world.history.now).unwrap();
    has_every_note(world, &again, "a backup does not hold a note");
}

/// Whether a device shows each note as the office does.
fn has_every_note(world: &World, vault: &Vault, fault: &str) {
    let office = &world.history.devices[OFFICE];
    for id in &world.history.notes {
        assert_eq!(shown(world, vault, id), shown(world, office, id), "{}: {fault}", world.name());
    }
}

fn lets_in(world: &mut World) {
    let (office, home) = world.history.devices.split_at_mut(1);
    let ([office], [home]) = (office, home) else { unreachable!("two honest devices") };
    let mut tablet = let_in(office, "Tablet", store(), &mut world.history.dice);
    office.reauthenticate(&words(OFFICE), world.history.now).unwrap();
    for _ in 0..2 {
        exchange(office, &mut tablet);
        exchange(&tablet, office);
        exchange(home, &mut tablet);
        exchange(&tablet, home);
    }
    tablet.reauthenticate(&passphrase("Tablet"), world.history.now).unwrap();
    has_every_note(world, &tablet, "a device that came lacks a note");
    same_lists(&world.history.devices[OFFICE], &tablet, world, &world.name());
}

fn same_in_another_order(world: &mut World) {
    // What hides a draft that was let go elsewhere depends on what has come of it so far.
    let waits = [Lie::ChangeOnNothing, Lie::ForeignChange, Lie::NumberTwice, Lie::AnothersChange];
    let hidden = !world.closed.is_empty() && world.lies.iter().any(|lie| waits.contains(lie));
    if world.by_arrival || hidden {
        return;
    }
    let written = world.history.written();
    let first = order::rows(&order::taken_in(&world.listener, &written, None, 1));
    let mut dice = world.history.dice.other();
    let other = order::taken_in(&world.listener, &written, Some(&mut dice), 4);
    let differ = order::difference(&first, &other, &written, &world.history);
    assert!(differ.is_empty(), "{}: {differ:?}", world.name());
}
