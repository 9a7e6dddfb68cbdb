//! Inviting another device, and joining one's practice from here.
//!
//! The code is shown once and read from a prompt or standard input, never from an argument: arguments are shown to
//! every program on the machine.

use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::json;
use subrosa_core::id::DeviceId;
use subrosa_core::pairing::CompareWords;
use subrosa_core::vault::{DeviceError, Vault};

use super::sync::{NOT_IN_STEP, is_in_step};
use crate::bridge::{
    AskingDevice, CodeLine, InviteError, JoinError, Locked, Network, News, Shared, SyncError, Syncing, system_clock,
    was_refused,
};
use crate::cli::console::{Answer, CliFailure, CliSession, ExitStatus, interrupt};
use crate::operations;
use crate::practice::{self, Profile, passphrase};
use crate::words;

/// How long the first exchange with a new device may take before it is left to the next sync.
const FIRST_SYNC: Duration = Duration::from_secs(10 * 60);
/// How often a wait looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(200);

/// `devices invite`: shows a code, waits for a device that has it, asks, and gives it everything.
pub(in crate::cli) fn invite(session: &CliSession) -> Result<Answer, CliFailure> {
    let vault = Shared::new(session.unlock()?);
    let again = passphrase::existing(session.passphrase_file(), "Passphrase, again to let a device in: ")?;
    let (syncing, news) = online(&vault)?;
    interrupt::watch();
    let invited = syncing.invite(&again)?;
    session.terminal.tell("Type this on the other device, within five minutes, after `subrosa devices join`:");
    session.terminal.tell(&invited.line.to_text());
    let until = Instant::now() + Duration::from_millis(invited.until.saturating_sub(practice::now()));
    let admitted = wait_for_device(session, &syncing, &news, until);
    if admitted.is_ok() {
        // Whether it gets everything now or at the next sync, it belongs to the practice from here on.
        wait(&news, Instant::now() + FIRST_SYNC, |news| {
            matches!(news, News::CaughtUp { .. } | News::Ended { device: Some(_), .. }).then_some(())
        });
    }
    syncing.stop();
    lock(&vault)?;
    let name = admitted?;
    Ok(Answer::new(json!({ "joined": name }), format!("{name} belongs to this practice now.")))
}

/// `devices join`: the practice of another device, from here on on this one too.
pub(in crate::cli) fn join_practice(session: &CliSession, device_name: Option<&str>) -> Result<Answer, CliFailure> {
    let file = session.file()?;
    session.warn_of_place(&file);
    let making = practice::Making::begin(&file)?;
    let typed = passphrase::secret_line("The code that the other device shows: ")?;
    let line = CodeLine::parse(typed.expose()).map_err(|error| CliFailure::failed(error.to_string()))?;
    let passphrase = passphrase::fresh(session.passphrase_file(), "Choose a passphrase for this device: ")?;
    let name = device_name.map_or_else(practice::device_name, str::to_owned);
    session.terminal.say("Waiting for the other device to agree…");
    let device = (passphrase, name, Profile::Calibrated);
    let terminal = session.terminal;
    let compare = Box::new(move |words: CompareWords| {
        terminal.say(&format!(
            "Both screens show two words now. Here they are: {words}. Say yes there only if they are the same."
        ));
    });
    let joined = operations::devices::join(making, (file, &line), device, (&network(true), compare))?;
    let vault = Shared::new(joined.vault);
    let (syncing, _news) = online(&vault)?;
    let first = syncing.sync_with(joined.inviter, FIRST_SYNC);
    syncing.stop();
    let in_step = first.is_ok_and(|report| report.tally.in_step && is_in_step(&vault, &DeviceId(report.peer.0)));
    let clients = vault.with(|vault| vault.clients().all().count())?;
    lock(&vault)?;
    let text = match first {
        Ok(_) if in_step => {
            "This device belongs to the practice now, and has everything that the other one has.".to_owned()
        }
        Ok(_) => format!("This device belongs to the practice now. It is {NOT_IN_STEP}."),
        Err(error) => format!("This device belongs to the practice now. Not everything has arrived yet: {error}."),
    };
    Ok(Answer::new(json!({ "joined": true, "in_step": in_step, "clients": clients }), text))
}

/// The network part of an open practice, and what it tells. Where multicast cannot be used, it goes without.
pub(in crate::cli) fn online(vault: &Shared) -> Result<(Syncing, Receiver<News>), CliFailure> {
    let start = |local| {
        let (tell, news) = mpsc::channel();
        let told = move |it| drop(tell.send(it));
        Syncing::start(vault, &network(local), told).map(|syncing| (syncing, news))
    };
    Ok(start(true).or_else(|_| start(false))?)
}

/// Waits for something, until it is too late or Ctrl+C was pressed.
pub(in crate::cli) fn wait<T>(
    news: &Receiver<News>,
    until: Instant,
    mut what: impl FnMut(News) -> Option<T>,
) -> Option<T> {
    while Instant::now() < until && !interrupt::asked_to_stop() {
        match news.recv_timeout(LOOK) {
            Ok(it) => {
                if let Some(found) = what(it) {
                    return Some(found);
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}

/// Takes the practice back from the network part, and locks it.
pub(in crate::cli) fn lock(vault: &Shared) -> Result<(), CliFailure> {
    if let Some(vault) = vault.take() {
        vault.lock()?;
    }
    Ok(())
}

/// What another device is called.
pub(in crate::cli) fn name_of(vault: &Vault, device: &subrosa_core::id::DeviceId) -> String {
    vault.devices().device_name(device).unwrap_or_else(|| words::ANOTHER_DEVICE.to_owned())
}

fn network(local: bool) -> Network {
    Network { bind: None, local, clock: system_clock(), policy: Profile::Calibrated.policy() }
}

/// The name of the device that was let in.
fn wait_for_device(
    session: &CliSession,
    syncing: &Syncing,
    news: &Receiver<News>,
    until: Instant,
) -> Result<String, CliFailure> {
    let mut asked = String::new();
    let ended = wait(news, until, |it| match it {
        News::DeviceAsks(AskingDevice { name, compare }) => {
            let question = format!(
                "A device that calls itself “{name}” has the code, and must show these words: {compare}. Let it in?"
            );
            let yes = session.terminal.agrees(&question);
            asked = name;
            // A network part that has stopped ends the wait.
            let _ = syncing.confirm(yes);
            None
        }
        News::InvitationEnded(how) => Some(how),
        _ => None,
    });
    match ended {
        Some(Ok(())) => Ok(asked),
        Some(Err(error)) => Err(CliFailure::refused(format!("No device was let in: {error}."))),
        None => Err(CliFailure::failed("No device was let in: nobody used the code in time, or it was stopped here.")),
    }
}

impl From<Locked> for CliFailure {
    fn from(error: Locked) -> Self {
        Self::failed(error.to_string())
    }
}

/// What the network did not do: whether the other device refused it, and why.
fn network_failure(was_refused: bool, why: impl ToString) -> CliFailure {
    CliFailure::new(if was_refused { ExitStatus::Refused } else { ExitStatus::Failed }, why.to_string())
}

impl From<SyncError> for CliFailure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Locked(error) => error.into(),
            SyncError::Net(error) => network_failure(was_refused(&error), error),
            SyncError::Removed => DeviceError::RemovedHere.into(),
        }
    }
}

impl From<InviteError> for CliFailure {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Unlock(error) => error.into(),
            InviteError::Net(error) => network_failure(was_refused(&error), error),
            other => Self::failed(other.to_string()),
        }
    }
}

impl From<JoinError> for CliFailure {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Unlock(error) => error.into(),
            JoinError::Net(error) => network_failure(was_refused(&error), error),
            other => Self::failed(other.to_string()),
        }
    }
}
