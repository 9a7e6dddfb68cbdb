//! `sync`: exchanges notes with the practice's other devices, once or until Ctrl+C.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::json;
use subrosa_core::id::DeviceId;

use super::pairing::{lock, name_of, online, wait};
use crate::bridge::{self, News, Shared, SyncError, address_from_text, address_to_text};
use crate::cli::console::{Answer, CliFailure, CliSession, interrupt};
use crate::{operations, words};

/// How long one device may take.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long devices are looked for on the local network.
const LOOKING: Duration = Duration::from_secs(20);
/// What was caught up with as far as it goes for now.
pub(in crate::cli) const NOT_IN_STEP: &str = "not in step yet: something is lacking on one of the two";
/// Longer than anybody lets a command run.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// Syncs with the device at `peer`, or with all that can be found.
pub(in crate::cli) fn sync(session: &CliSession, once: bool, peer: Option<&str>) -> Result<Answer, CliFailure> {
    let peer = peer.map(address_from_text).transpose().map_err(|error| CliFailure::usage(error.to_string()))?;
    let vault = Shared::new(session.unlock()?);
    let visited = look_into_folder(session, &vault);
    let (syncing, news) = online(&vault)?;
    interrupt::watch();
    session
        .terminal
        .say(&format!("This device is reached at: {}", address_to_text(&syncing.address().map_err(SyncError::Net)?)));
    let met = match (peer, once) {
        (Some(peer), true) => syncing
            .sync_with(peer, PATIENCE)
            .map(|report| BTreeMap::from([(DeviceId(report.peer.0), report.tally.in_step)])),
        (Some(peer), false) => syncing.connect(peer).map(|()| meet(session, &vault, &news, once)),
        (None, _) => Ok(meet(session, &vault, &news, once)),
    };
    // Whatever came of it, what arrived is kept and the practice is locked.
    syncing.stop();
    if visited && met.as_ref().is_ok_and(|met| !met.is_empty()) {
        look_into_folder(session, &vault);
    }
    let names = met.as_ref().map(|met| names(&vault, met.keys())).unwrap_or_default();
    // Looked at last: what was said when it fell quiet may have been overtaken.
    let met = met.map(|met| met.into_iter().map(|(id, in_step)| (id, in_step && is_in_step(&vault, &id))).collect());
    let _ = vault.with(|vault| session.tell_notices(vault));
    lock(&vault)?;
    let met: BTreeMap<DeviceId, bool> = met.map_err(SyncError::Net)?;
    if met.is_empty() && once && !visited {
        return Err(CliFailure::failed(
            "No other device was found: it may be off, locked, or on another network. Nothing changed.",
        ));
    }
    let json: Vec<_> = met
        .iter()
        .zip(&names)
        .map(|((id, in_step), name)| json!({ "id": id, "name": name, "in_step": in_step }))
        .collect();
    let with = |state: bool| {
        let named = names.iter().zip(met.values()).filter(|(_, in_step)| **in_step == state);
        named.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let said = [("In step with", with(true)), ("Met, and not in step yet with", with(false))];
    let said = said.into_iter().filter(|(_, names)| !names.is_empty()).map(|(how, names)| format!("{how}: {names}"));
    Ok(Answer::new(json.into(), said.collect::<Vec<_>>().join("\n")))
}

/// Looks into the sync folder, if one is used, and says what came of it. Whether it could be looked into.
fn look_into_folder(session: &CliSession, vault: &Shared) -> bool {
    match bridge::visit_once(vault, &bridge::system_clock()) {
        Ok(None) => return false,
        Ok(Some(visited)) => {
            let said = words::sync_folder_visited(&super::folder::visited_words(&visited), visited.objects);
            session.terminal.say(&said);
        }
        Err(error) => {
            session.terminal.say(&words::first_upper(&error.to_string()));
            return false;
        }
    }
    true
}

/// Whether this device and another one have everything, as far as the other has said.
pub(in crate::cli) fn is_in_step(vault: &Shared, device: &DeviceId) -> bool {
    vault.with(|vault| operations::devices::are_in_step(vault, device)).unwrap_or(false)
}

/// The devices that were caught up with, and whether both then held the same: the first when once is enough, else all until
/// Ctrl+C.
fn meet(session: &CliSession, vault: &Shared, news: &Receiver<News>, once: bool) -> BTreeMap<DeviceId, bool> {
    let mut met = BTreeMap::new();
    let until = Instant::now() + if once { LOOKING } else { FOREVER };
    wait(news, until, |it| {
        if let News::Relay(state) = it {
            session.terminal.say(words::relay_state(state));
        }
        let News::CaughtUp { device, tally } = it else { return None };
        let name = names(vault, [&device]).concat();
        let exchanged = |came: u64, went: u64, what: &str| format!("{came}{what} received and {went} sent");
        let mut said = exchanged(tally.bodies_stored, tally.bodies_sent, "");
        if tally.pieces_stored + tally.pieces_sent > 0 {
            said = format!("{said}; {}", exchanged(tally.pieces_stored, tally.pieces_sent, " pieces of files"));
        }
        let state = if tally.in_step && is_in_step(vault, &device) { "in step" } else { NOT_IN_STEP };
        session.terminal.say(&format!("{name}: {state}, {said}"));
        met.insert(device, tally.in_step);
        once.then_some(())
    });
    met
}

fn names<'a>(vault: &Shared, devices: impl IntoIterator<Item = &'a DeviceId>) -> Vec<String> {
    vault.with(|vault| devices.into_iter().map(|device| name_of(vault, device)).collect()).unwrap_or_default()
}
