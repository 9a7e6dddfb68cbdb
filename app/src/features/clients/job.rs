//! Clients as the window lists them: added, shown, merged.

use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;
use subrosa_core::vault::VaultError;

use crate::features::clients::messages::{ClientsEffect, ClientsEvent};
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::jobs::rows;
use crate::messages::Event;
use crate::practice;

pub(crate) fn answer(bench: &mut Bench, effect: ClientsEffect) -> JobOutcome {
    match effect {
        ClientsEffect::Load => bench.with(|vault| Ok(Some(ClientsEvent::Listed(rows::clients(vault)).into()))),
        ClientsEffect::Add { name, code } => add_client(bench, name, code),
        ClientsEffect::LoadPage(client) => timeline(bench, &client),
        ClientsEffect::Merge { from, into } => merge(bench, &from, &into),
        ClientsEffect::Unmerge(client) => unmerge(bench, &client),
    }
}

fn add_client(bench: &mut Bench, name: String, code: Option<String>) -> JobOutcome {
    let identity = Identity { name, code, status: "active".to_owned(), ..Identity::default() };
    let row = bench.with(|vault| {
        let id = vault.clients_mut().add_client(&identity, practice::now())?;
        vault.clients().client(&id).map(rows::client)
    })?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Added(row))))
}

pub(crate) fn timeline(bench: &Bench, client: &ClientId) -> JobOutcome {
    let timeline = bench.with(|vault| match rows::timeline(vault, client) {
        // It is made from the notes; a row that does not open is made again.
        Err(VaultError::Damaged) => vault.integrity_mut().rebuild_lists().and_then(|_| rows::timeline(vault, client)),
        read => read,
    })?;
    Ok(Some(Event::Clients(ClientsEvent::Page(Box::new(timeline)))))
}

fn merge(bench: &mut Bench, from: &ClientId, into: &ClientId) -> JobOutcome {
    bench.with(|vault| vault.clients_mut().merge_clients(from, into, practice::now()))?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Moved(*into, None))))
}

fn unmerge(bench: &mut Bench, client: &ClientId) -> JobOutcome {
    bench.with(|vault| vault.clients_mut().unmerge_client(client, practice::now()))?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Unmerged(*client))))
}
