//! The network part of the open practice, and what it tells the window.

use subrosa_core::vault::VaultError;

use crate::bridge::{Network, News, Syncing, system_clock};
use crate::features::devices::messages::DevicesEvent;
use crate::features::sync_folder::job::{restart_folder, start_folder};
use crate::jobs::bench::Bench;
use crate::jobs::message::Message;
use crate::jobs::rows;
use crate::messages::Event;
use crate::values::job::Job;

/// Where and how other devices are met.
pub(crate) fn network(bench: &Bench) -> Network {
    Network {
        bind: None,
        local: bench.setting.discovery,
        clock: system_clock(),
        policy: bench.setting.profile.policy(),
    }
}

/// Opens the network part anew, where it is open, and begins anew with the sync folder.
pub(crate) fn restart_syncing(bench: &mut Bench) {
    if let Some(syncing) = bench.reach.syncing.take() {
        syncing.stop();
        start_network(bench);
    }
    restart_folder(bench);
}

/// Begins with the sync folder where that is not begun, and opens the network part.
pub(crate) fn start_syncing(bench: &mut Bench) {
    if bench.reach.folder.is_none() {
        start_folder(bench);
    }
    start_network(bench);
}

/// Opens the network part. Without a network the practice works as it does anywhere.
fn start_network(bench: &mut Bench) {
    let (answers, vault, nudge) = (bench.answers.clone(), bench.vault.clone(), bench.nudge.clone());
    let news = move |news: News| {
        match news {
            News::DeviceAsks(asking) => {
                return answers.send(DevicesEvent::Asks { name: asking.name, compare: asking.compare });
            }
            News::InvitationEnded(Err(error)) => {
                return answers.send(Event::Failed(Job::Devices, error.to_string()));
            }
            // Only a worker that has ended does not listen.
            News::Arrived => drop(nudge.send(Message::Arrived)),
            News::Connected(_)
            | News::Acknowledged
            | News::CaughtUp { .. }
            | News::Ended { .. }
            | News::InvitationEnded(Ok(())) => {}
            News::Outdated => return drop(nudge.send(Message::Outdated)),
            News::Relay(state) => return answers.send(DevicesEvent::Relay(state)),
            News::Moved { .. } | News::Stopped => return,
        }
        // That this device was removed, or that something lies in quarantine, is news of its own.
        let told = vault.with(|vault| Ok::<_, VaultError>((rows::listed_devices(vault)?, vault.take_notices())));
        if let Ok(Ok((devices, notices))) = told {
            answers.send(devices);
            notices.into_iter().for_each(|notice| answers.send(Event::Notice(notice.words().to_owned())));
        }
        let _ = nudge.send(Message::Holding);
    };
    bench.reach.syncing = Syncing::start(&bench.vault, &network(bench), news).ok();
}
