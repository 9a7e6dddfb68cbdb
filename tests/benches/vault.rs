//! What a person waits for: unlocking, opening a note, saving one, searching, importing. `cargo bench -p subrosa-tests`.
//!
//! The passphrase's cost is left out: it is chosen, not measured. The disk is in memory, so that numbers compare.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed measurement")]

use divan::{Bencher, black_box};
use subrosa_core::id::NoteId;
use subrosa_tests::practice::{paper_trail, person, written};
use subrosa_tests::world::World;

fn main() {
    divan::main();
}

/// A practice with a thousand imported notes, and one draft of three thousand characters.
fn practice() -> (World, NoteId, NoteId) {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 40, 25);
    let mut world = World::of(1, 1);
    let now = world.now;
    let vault = world.devices[0].vault();
    vault.exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
    let finished = vault.notes().timeline(&vault.clients().all().next().unwrap().id).unwrap()[0].id;
    let client = vault.clients_mut().add_client(&person("Bench Tester"), now).unwrap();
    let draft =
        vault.notes_mut().add_note(&client, &written(&"A sentence of a note. ".repeat(136)), false, now).unwrap();
    vault.notes_mut().flush().unwrap();
    (world, finished, draft)
}

#[divan::bench(sample_count = 30)]
fn lock_and_unlock_a_thousand_notes(bencher: Bencher<'_, '_>) {
    let (mut world, ..) = practice();
    let now = world.now;
    bencher.bench_local(|| world.devices[0].lock_and_unlock(now));
}

#[divan::bench]
fn open_a_finished_note(bencher: Bencher<'_, '_>) {
    let (world, finished, _) = practice();
    bencher.bench_local(|| black_box(world.devices[0].read().notes().note(&finished).unwrap()));
}

#[divan::bench]
fn open_a_draft(bencher: Bencher<'_, '_>) {
    let (mut world, _, draft) = practice();
    world.devices[0].vault().notes_mut().close_note(&draft).unwrap();
    bencher.bench_local(|| black_box(world.devices[0].read().notes().note(&draft).unwrap()));
}

#[divan::bench(sample_count = 50)]
fn save_some_keystrokes(bencher: Bencher<'_, '_>) {
    let (mut world, _, draft) = practice();
    let now = world.now;
    let mut content = world.devices[0].read().notes().note(&draft).unwrap().content;
    bencher.bench_local(|| {
        content.text.push_str(" and");
        world.devices[0].vault().notes_mut().save_note(&draft, &content, now).unwrap()
    });
}

#[divan::bench(sample_count = 10)]
fn search_a_thousand_notes(bencher: Bencher<'_, '_>) {
    let (world, ..) = practice();
    bencher.bench_local(|| black_box(world.devices[0].read().notes().search("letter brother", 50, &|| false).unwrap()));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn import_a_thousand_notes(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 40, 25);
    bencher.with_inputs(|| World::of(1, 2)).bench_local_values(|mut world| {
        let now = world.now;
        world.devices[0].vault().exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
        world
    });
}
