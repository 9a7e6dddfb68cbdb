//! Attached files: sealing pieces beside the bare cipher over the same bytes, and the way into a practice and out of it.
//! `cargo bench -p subrosa-tests --bench files`.
//!
//! The bare cipher is ChaCha20-Poly1305 on one processor, a MiB at a time: what the bar of sealing is measured against. The
//! disk is in memory, so that numbers compare.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed measurement")]

use std::io;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use subrosa_core::id::DocId;
use subrosa_core::vault::NewFile;
use subrosa_tests::practice::person;
use subrosa_tests::world::World;

/// The GB of the bar.
const LENGTH: usize = 1 << 30;

fn main() {
    divan::main();
}

fn scan() -> Vec<u8> {
    (0..LENGTH as u64).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect()
}

fn practice() -> (World, DocId) {
    let mut world = World::of(1, 1);
    let now = world.now;
    let client =
        world.devices.first_mut().unwrap().vault().clients_mut().add_client(&person("Bench Tester"), now).unwrap();
    (world, client)
}

fn file(client: DocId) -> NewFile<'static> {
    NewFile { client, note: None, name: "scan.pdf", length: Some(LENGTH as u64) }
}

#[divan::bench(sample_count = 7, sample_size = 1)]
fn bare_cipher(bencher: Bencher<'_, '_>) {
    let bytes = scan();
    let cipher = ChaCha20Poly1305::new(&Key::from([7; 32]));
    let mut out = vec![0; 1 << 20];
    bencher.counter(BytesCount::new(LENGTH)).bench_local(|| {
        for piece in bytes.chunks_exact(1 << 20) {
            out.copy_from_slice(piece);
            let sealed = cipher.encrypt_inout_detached(&Nonce::from([1; 12]), &[], out.as_mut_slice().into());
            black_box(sealed.unwrap());
        }
    });
}

#[divan::bench(sample_count = 7, sample_size = 1)]
fn seal_pieces(bencher: Bencher<'_, '_>) {
    let bytes = scan();
    let (mut world, client) = practice();
    let now = world.now;
    let vault = world.devices.first_mut().unwrap().vault();
    bencher
        .counter(BytesCount::new(LENGTH))
        .with_inputs(|| vault.files_mut().begin_attach(&file(client), now).unwrap())
        .bench_local_values(|mut attaching| {
            let mut from = bytes.as_slice();
            while let Some(pieces) = attaching.next(&mut from).unwrap() {
                black_box(pieces.read);
            }
        });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn attach(bencher: Bencher<'_, '_>) {
    let bytes = scan();
    bencher.counter(BytesCount::new(LENGTH)).with_inputs(practice).bench_local_values(|(mut world, client)| {
        let now = world.now;
        let vault = world.devices.first_mut().unwrap().vault();
        vault.files_mut().attach(&file(client), &mut bytes.as_slice(), now, &mut |_| {}, &|| false).unwrap();
        world
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn extract(bencher: Bencher<'_, '_>) {
    let (mut world, client) = practice();
    let now = world.now;
    let vault = world.devices.first_mut().unwrap().vault();
    let id = vault.files_mut().attach(&file(client), &mut scan().as_slice(), now, &mut |_| {}, &|| false).unwrap();
    bencher.counter(BytesCount::new(LENGTH)).bench_local(|| {
        black_box(vault.files().extract(&id, &mut io::sink(), &mut |_| {}, &|| false).unwrap());
    });
}
