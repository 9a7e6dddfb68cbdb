//! `sync`: exchanges notes with the practice's other devices, once or until Ctrl+C.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::json;
use subrosa_core::id::DeviceId;

use super::pairing::{lock, name_of, online, wait};
use crate::bridge::{News, Shared, SyncError, address_from_text, address_to_text};
use crate::cli::console::{Answer, CliFailure, CliSession, interrupt};

/// How long one device may take.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long devices are looked for on the local network.
const LOOKING: Duration = Duration::from_secs(20);
/// Longer than anybody lets a command run.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// Syncs with the device at `peer`, or with all that can be found.
pub(in crate::cli) fn sync(session: &CliSession, once: bool, peer: Option<&str>) -> Result<Answer, CliFailure> {
    let peer = peer.map(address_from_text).transpose().map_err(|error| CliFailure::usage(error.to_string()))?;
    let vault = Shared::new(session.unlock()?);
    let (syncing, news) = online(&vault)?;
    interrupt::watch();
    session
        .terminal
        .say(&format!("This device is reached at: {}", address_to_text(&syncing.address().map_err(SyncError::Net)?)));
    let met = match (peer, once) {
        (Some(peer), true) => syncing.sync_with(peer, PATIENCE).map(|report| vec![DeviceId(report.peer.0)]),
        (Some(peer), false) => syncing.connect(peer).map(|()| meet(session, &vault, &news, once)),
        (None, _) => Ok(meet(session, &vault, &news, once)),
    };
    // Whatever came of it, what arrived is kept and the practice is locked.
    syncing.stop();
    let names = met.as_ref().map(|met| names(&vault, met)).unwrap_or_default();
    let _ = vault.with(|vault| session.tell_notices(vault));
    lock(&vault)?;
    let met = met.map_err(SyncError::Net)?;
    if met.is_empty() && once {
        return Err(CliFailure::failed(
            "No other device was found: it may be off, locked, or on another network. Nothing changed.",
        ));
    }
    let json: Vec<_> = met.iter().zip(&names).map(|(id, name)| json!({ "id": id, "name": name })).collect();
    Ok(Answer::new(json.into(), format!("In step with: {}", names.join(", "))))
}

/// The devices that were caught up with: the first when once is enough, else all until Ctrl+C.
fn meet(session: &CliSession, vault: &Shared, news: &Receiver<News>, once: bool) -> Vec<DeviceId> {
    let mut met = Vec::new();
    let until = Instant::now() + if once { LOOKING } else { FOREVER };
    wait(news, until, |it| {
        let News::CaughtUp { device, tally } = it else { return None };
        let name = names(vault, &[device]).concat();
        let exchanged = |came: u64, went: u64, what: &str| format!("{came}{what} received and {went} sent");
        let mut said = exchanged(tally.bodies_stored, tally.bodies_sent, "");
        if tally.pieces_stored + tally.pieces_sent > 0 {
            said = format!("{said}; {}", exchanged(tally.pieces_stored, tally.pieces_sent, " pieces of files"));
        }
        session.terminal.say(&format!("{name}: in step, {said}"));
        if !met.contains(&device) {
            met.push(device);
        }
        once.then_some(())
    });
    met
}

fn names(vault: &Shared, devices: &[DeviceId]) -> Vec<String> {
    vault.with(|vault| devices.iter().map(|device| name_of(vault, device)).collect()).unwrap_or_default()
}
