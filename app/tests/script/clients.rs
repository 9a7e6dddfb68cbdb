//! The clients of a script, and what is known of each.

use jiff::civil::{Date, DateTime};
use subrosa::features::clients::messages::{ClientsEffect, ClientsEvent};
use subrosa::features::clients::values::{Particulars, ParticularsRow};
use subrosa::messages::Event;
use subrosa::values::page::{ClientRow, NoteCard, Timeline};
use subrosa::words;
use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;

use super::Scripted;
use super::cast::{client, measures};

impl Scripted {
    pub(super) fn clients(&mut self, effect: ClientsEffect) -> Vec<Event> {
        match effect {
            ClientsEffect::Add { name, .. } => {
                let row = ClientRow { last: None, unsigned: 0, session: None, ..client(self.fresh(), &name, 0) };
                self.clients.push(row.clone());
                vec![Event::Clients(ClientsEvent::Added(row))]
            }
            ClientsEffect::LoadPage(client) => self.timeline(client, false).into_iter().collect(),
            ClientsEffect::LoadParticulars(client) => {
                let row = self.clients.iter().find(|row| row.id == client);
                let particulars = row.map(particulars);
                particulars.map(|one| Event::Clients(ClientsEvent::Particulars(Box::new(one)))).into_iter().collect()
            }
            ClientsEffect::Unmerge(client) => {
                self.merged.retain(|(into, _)| *into != client);
                vec![Event::Clients(ClientsEvent::Unmerged(client))]
            }
            ClientsEffect::Load => vec![Event::Clients(ClientsEvent::Listed(self.clients.clone()))],
            _ => Vec::new(),
        }
    }

    pub(super) fn timeline(&self, client: ClientId, private: bool) -> Option<Event> {
        let row = self.clients.iter().find(|row| row.id == client)?.clone();
        let notes = self.notes.get(&client).into_iter().flatten().map(|note| note.card.clone());
        let notes: Vec<NoteCard> = notes.filter(|card| private || !card.private).collect();
        let since = notes.last().map(|_| Date::constant(2021, 3, 2));
        Some(Event::Clients(ClientsEvent::Page(Box::new(Timeline {
            client: row,
            since,
            notes,
            measures: measures(),
            readers: Vec::new(),
            merged: self.merged.iter().filter(|(into, _)| *into == client).map(|(_, name)| name.clone()).collect(),
        }))))
    }
}

/// Who a client is, and how that came about.
fn particulars(row: &ClientRow) -> Particulars {
    let identity = Identity {
        name: row.name.clone(),
        code: row.code.clone(),
        birth_date: Some(Date::constant(1986, 4, 3)),
        phone: "+358 40 123 4567".to_owned(),
        email: "client@example.org".to_owned(),
        language: "fi".to_owned(),
        status: row.status.clone(),
        referral: "Her doctor, for sleep".to_owned(),
        other: [("Insurer".to_owned(), "Kela".to_owned())].into(),
    };
    let version = |what, at: DateTime, fields: &[(&str, &str, &str)]| ParticularsRow {
        what,
        at: Some(at),
        who: Some("Office PC".to_owned()),
        fields: fields.iter().map(|(name, a, b)| ((*name).to_owned(), (*a).to_owned(), (*b).to_owned())).collect(),
    };
    let moved = [(words::PARTICULAR_PHONE, "+358 40 765 4321", "+358 40 123 4567")];
    let first = [(words::PARTICULAR_NAME, words::NOT_GIVEN, row.name.as_str())];
    let versions = vec![
        version(words::WAS_WRITTEN, DateTime::constant(2026, 11, 3, 9, 12, 0, 0), &moved),
        version(words::WAS_IMPORTED, DateTime::constant(2026, 9, 1, 8, 0, 0, 0), &first),
    ];
    Particulars { client: row.id, identity, versions }
}
