//! Clients as the window lists them: added, shown, changed, merged.

use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;
use subrosa_core::vault::{ParticularsVersion, RowError, Vault, VaultError};

use crate::features::clients::messages::{ClientsEffect, ClientsEvent};
use crate::features::clients::values::{Particulars, ParticularsRow};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::rows;
use crate::messages::Event;
use crate::operations::clients::{self, ParticularsError};
use crate::{practice, words};

pub(crate) fn answer(bench: &mut Bench, effect: ClientsEffect) -> JobOutcome {
    match effect {
        ClientsEffect::Load => bench.with(|vault| Ok(Some(ClientsEvent::Listed(rows::clients(vault)).into()))),
        ClientsEffect::Add { name, code } => add_client(bench, name, code),
        ClientsEffect::LoadPage(client) => timeline(bench, &client),
        ClientsEffect::LoadParticulars(client) => {
            let particulars = bench.with(|vault| particulars(vault, client))?;
            Ok(Some(ClientsEvent::Particulars(Box::new(particulars)).into()))
        }
        ClientsEffect::Edit { client, shown, wanted } => edit(bench, client, &shown, &wanted),
        ClientsEffect::Merge { from, into } => merge(bench, &from, &into),
        ClientsEffect::Unmerge(client) => unmerge(bench, &client),
    }
}

fn add_client(bench: &mut Bench, name: String, code: Option<String>) -> JobOutcome {
    let id = bench.vault.with(|vault| clients::add(vault, &name, code.as_deref()))?.map_err(failure)?;
    let row = bench.with(|vault| Ok(vault.clients().client(&id).map(rows::client)?))?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Added(row))))
}

pub(crate) fn timeline(bench: &Bench, client: &ClientId) -> JobOutcome {
    let timeline = bench.with(|vault| match rows::timeline(vault, client) {
        // It is made from the notes; a row that does not open is made again.
        Err(error) if error.row() == Some(RowError::Damaged) => {
            vault.integrity_mut().rebuild_lists()?;
            rows::timeline(vault, client)
        }
        read => read,
    })?;
    Ok(Some(Event::Clients(ClientsEvent::Page(Box::new(timeline)))))
}

/// Who a client is, with the versions that said so.
fn particulars(vault: &Vault, client: ClientId) -> Result<Particulars, VaultError> {
    let identity = vault.clients().identity(&client)?;
    let versions = vault.clients().particulars_history(&client)?;
    Ok(Particulars { client, identity, versions: versions.into_iter().rev().map(version).collect() })
}

fn version(one: ParticularsVersion) -> ParticularsRow {
    let said = |value: Option<String>| value.unwrap_or_else(|| words::NOT_GIVEN.to_owned());
    let fields = one.changed.into_iter();
    let fields =
        fields.map(|field| (words::particular_name(&field.name).to_owned(), said(field.before), said(field.after)));
    ParticularsRow {
        what: if one.imported { words::WAS_IMPORTED } else { words::WAS_WRITTEN },
        at: one.at.map(rows::wall),
        who: one.device_name,
        fields: fields.collect(),
    }
}

fn edit(bench: &mut Bench, client: ClientId, shown: &Identity, wanted: &Identity) -> JobOutcome {
    bench.vault.with(|vault| clients::edit(vault, &client, shown, wanted))?.map_err(failure)?;
    let (row, particulars) =
        bench.with(|vault| Ok((vault.clients().client(&client).map(rows::client)?, particulars(vault, client)?)))?;
    bench.tell_devices();
    let (row, particulars, saved) = (Box::new(row), Box::new(particulars), Box::new(wanted.clone()));
    Ok(Some(Event::Clients(ClientsEvent::Edited { row, particulars, saved })))
}

fn failure(error: ParticularsError) -> JobFailure {
    match error {
        ParticularsError::CodeTaken => JobFailure::of(&error),
        ParticularsError::Client(error) => error.into(),
    }
}

fn merge(bench: &mut Bench, from: &ClientId, into: &ClientId) -> JobOutcome {
    bench.with(|vault| Ok(vault.clients_mut().merge_clients(from, into, practice::now())?))?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Moved(*into, None))))
}

fn unmerge(bench: &mut Bench, client: &ClientId) -> JobOutcome {
    bench.with(|vault| Ok(vault.clients_mut().unmerge_client(client, practice::now())?))?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Unmerged(*client))))
}
