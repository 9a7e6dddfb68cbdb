//! When what was typed leaves in an envelope. It is on the disk at once; an envelope is for the other devices, and stays until its
//! note is signed and for thirty days after that.
//!
//! While a device listens, a pause of seconds is enough for notes of the record. Everything leaves when another note is opened,
//! after minutes in which nothing was typed, when the private notes close, when the practice is locked, and after a crash at the
//! next unlocking. A private note that is written without a pause leaves every few minutes while a device listens.

use std::time::Instant;

use subrosa_core::vault::{Vault, VaultError};

use crate::bridge::Syncing;
use crate::features::notes::job::unsent::{Due, Unsent};
use crate::jobs::bench::Bench;

/// Notes that something was typed, and says of the first of each note that no other device has that.
pub(crate) fn note_typed(bench: &mut Bench) {
    let (now, since) = (Instant::now(), bench.notes.unsent.map(|unsent| unsent.since));
    bench.notes.unsent = Some(Unsent::since(since.unwrap_or(now), now));
    if is_typed_elsewhere(bench) {
        bench.send_devices();
    }
}

/// Whether the notes of which something was typed are other ones than those of which the window knows it.
fn is_typed_elsewhere(bench: &mut Bench) -> bool {
    let typed = bench.with(|vault| Ok(vault.devices().typed_notes()?)).unwrap_or_default();
    let is_other = typed != bench.notes.told;
    bench.notes.told = typed;
    is_other
}

/// Puts what was typed into an envelope when it is time.
pub(crate) fn send_in_time(bench: &mut Bench) {
    let Some(unsent) = bench.notes.unsent else { return };
    let is_heard = bench.reach.syncing.as_ref().is_some_and(Syncing::is_heard);
    match unsent.due(Instant::now(), is_heard) {
        Due::Nothing => {}
        Due::Everything => send(bench),
        Due::Record => {
            if put_into_envelopes(bench, |vault| Ok(vault.notes_mut().flush_record()?)) {
                let private = bench.vault.with(|vault| vault.notes().has_pending()).unwrap_or_default();
                bench.notes.unsent = private.then_some(unsent.of_private());
            }
        }
    }
}

/// Puts everything that was typed into an envelope, and tells the other devices.
pub(crate) fn send(bench: &mut Bench) {
    if put_into_envelopes(bench, |vault| Ok(vault.notes_mut().flush()?)) {
        bench.notes.unsent = None;
    }
}

/// `false` when it was not done: what was typed is on the disk, and the next time takes it along.
fn put_into_envelopes(bench: &mut Bench, flush: impl FnOnce(&mut Vault) -> Result<bool, VaultError>) -> bool {
    match bench.with(flush) {
        Ok(sent) => {
            if sent {
                is_typed_elsewhere(bench);
                bench.tell_devices();
            }
            true
        }
        Err(_) => {
            let now = Instant::now();
            bench.notes.unsent = Some(Unsent::since(now, now));
            false
        }
    }
}
