//! Clients as the window lists them: added, shown, changed, merged.

use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;
use subrosa_core::vault::{ParticularsVersion, RowError, Vault, VaultError};

use crate::features::clients::messages::{ClientsEffect, ClientsEvent};
use crate::features::clients::values::{Particulars, ParticularsRow, UnsavedParticulars};
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
        ClientsEffect::Keep(unsaved) => {
            keep(bench, unsaved);
            Ok(None)
        }
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

/// Keeps what was typed until the next unlocking, but for what has been saved meanwhile.
fn keep(bench: &mut Bench, unsaved: Vec<UnsavedParticulars>) {
    // The window counts all that it gave away, whatever it was told before: it is told in any case.
    bench.notes.unsaved.told.particulars = usize::MAX;
    let now = |client: ClientId| bench.vault.with(|vault| vault.clients().identity(&client)).ok()?.ok();
    let ahead = unsaved.into_iter().filter_map(|one| match now(one.client) {
        Some(now) => one.rebased(&now),
        None => Some(one),
    });
    bench.notes.unsaved.particulars = ahead.collect();
    bench.tell_unsaved();
}

/// What was kept over the lock: of the clients that there are, and over the record that stands for each now.
pub(crate) fn take_kept(bench: &mut Bench) -> Vec<UnsavedParticulars> {
    let kept = std::mem::take(&mut bench.notes.unsaved.particulars);
    // The window has them with the practice, and not before.
    bench.notes.unsaved.told.particulars = 0;
    let over_now = |one: UnsavedParticulars| {
        let read = |vault: &mut Vault| {
            let client = vault.clients().client(&one.client).ok()?.id;
            Some((client, vault.clients().identity(&client).ok()))
        };
        let (client, now) = bench.vault.with(read).ok()??;
        let one = UnsavedParticulars { client, ..one };
        // Over what cannot be read, what was typed stays as it is.
        match now {
            Some(now) => one.rebased(&now),
            None => Some(one),
        }
    };
    // Two records that were merged meanwhile are one client now.
    let mut of_client: Vec<UnsavedParticulars> = Vec::new();
    for one in kept.into_iter().filter_map(over_now) {
        let earlier = of_client.iter().position(|earlier| earlier.client == one.client);
        let earlier = earlier.map(|at| of_client.remove(at));
        of_client.push(match earlier {
            Some(earlier) => earlier.followed_by(one),
            None => one,
        });
    }
    of_client
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

#[cfg(test)]
mod tests {
    use subrosa_core::vault::MassDelete;

    use super::*;
    use crate::features::clients::values::ParticularsFields;
    use crate::features::opening::job::{lock, unlock};
    use crate::features::opening::messages::OpeningEvent;
    use crate::jobs::fixture::{WorkerFixture, passphrase};

    /// What is typed over what is shown: a phone, which can be saved, or no name, which cannot.
    fn typed(fixture: &WorkerFixture, field: &str, value: &str) -> UnsavedParticulars {
        let shown = fixture.bench.with(|vault| Ok(vault.clients().identity(&fixture.client)?)).ok().expect("a client");
        let mut typed = ParticularsFields::of(&shown);
        assert!(typed.set(field, value));
        UnsavedParticulars { client: fixture.client, shown, typed }
    }

    fn save(fixture: &mut WorkerFixture, one: &UnsavedParticulars) -> bool {
        let wanted = one.typed.read(&one.shown).expect("particulars");
        edit(&mut fixture.bench, one.client, &one.shown, &wanted).is_ok()
    }

    /// Locks, with what the window gives away to wait, unlocks, and says what the window has again.
    fn over_a_lock(fixture: &mut WorkerFixture, unsaved: Vec<UnsavedParticulars>) -> Vec<[String; 8]> {
        keep(&mut fixture.bench, unsaved);
        lock(&mut fixture.bench);
        fixture.fill(false);
        let Ok(Some(Event::Opening(OpeningEvent::Unlocked(opened)))) = unlock(&mut fixture.bench, &passphrase()) else {
            panic!("it opens")
        };
        assert!(fixture.bench.notes.unsaved.particulars.is_empty());
        lock(&mut fixture.bench);
        opened.unsaved.into_iter().map(|one| one.typed.known).collect()
    }

    #[test]
    fn particulars_that_a_full_disk_refused_wait_over_the_lock() {
        let mut fixture = WorkerFixture::new();
        let phone = typed(&fixture, "phone", "040 1");
        fixture.fill(true);
        assert!(!save(&mut fixture, &phone));
        let again = over_a_lock(&mut fixture, vec![phone.clone()]);
        assert_eq!(again, [phone.typed.known]);
    }

    #[test]
    fn particulars_that_cannot_be_saved_wait_over_the_lock_and_what_was_saved_meanwhile_does_not() {
        let mut fixture = WorkerFixture::new();
        let (no_name, phone) = (typed(&fixture, "name", ""), typed(&fixture, "phone", "040 1"));
        assert!(save(&mut fixture, &phone));
        let again = over_a_lock(&mut fixture, vec![no_name, phone]);
        let [waits] = again.as_slice() else { panic!("one waits") };
        assert_eq!((waits[0].as_str(), waits[3].as_str()), ("", "040 1"), "over what the client says now");
    }

    #[test]
    fn particulars_of_records_that_were_merged_meanwhile_wait_together_at_the_one_that_stands_for_both() {
        let mut fixture = WorkerFixture::new();
        let phone = typed(&fixture, "phone", "040 1");
        let shown = Identity { name: "A. Mäkinen".to_owned(), ..Identity::default() };
        let (from, now) = (fixture.client, practice::now());
        let into = fixture.bench.with(|vault| Ok(vault.clients_mut().add_client(&shown, now)?)).ok().expect("a client");
        let mut email = ParticularsFields::of(&shown);
        assert!(email.set("email", "a@example.org"));
        keep(&mut fixture.bench, vec![phone, UnsavedParticulars { client: into, shown, typed: email }]);
        let merged = fixture.bench.with(|vault| Ok(vault.clients_mut().merge_clients(&from, &into, now)?));
        assert!(merged.is_ok());
        let kept = take_kept(&mut fixture.bench);
        let [one] = kept.as_slice() else { panic!("one waits") };
        let [name, _, _, phone, email, ..] = &one.typed.known;
        assert_eq!(one.client, into);
        assert_eq!([name, phone, email], ["A. Mäkinen", "040 1", "a@example.org"]);
    }

    #[test]
    fn particulars_of_a_client_who_is_gone_wait_no_longer() {
        let mut fixture = WorkerFixture::new();
        let phone = typed(&fixture, "phone", "040 1");
        let client = fixture.client;
        fixture
            .bench
            .vault
            .with(|vault| vault.trash_mut().delete(&[client], MassDelete::Refuse, practice::now()))
            .unwrap()
            .unwrap();
        assert_eq!(over_a_lock(&mut fixture, vec![phone]), [] as [[String; 8]; 0]);
    }
}
