//! Mending: what damage took is made again from what is left, and what cannot be made is asked for.
//!
//! Everything but the envelopes is derived. Headers are made again from their bodies and the chain around them; the
//! index, the lists and the timelines from the envelopes; a body or a piece of a file that is lost is listed as lacking, so
//! that the next device that is met is asked for it, and a backup can give it ([`BackupFile::merge_into`]). Names are
//! hashes: whoever gives something back can give nothing else.
//!
//! [`BackupFile::merge_into`]: crate::vault::BackupFile::merge_into
//!
//! A file with damaged blocks is never written on: its readable rows go into a new one first ([`Vault::renew`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Reader, Writer};
use crate::id::{ClientId, DocId, Hash, LogId};
use crate::log::{Class, DocType, Header, SignedHeader};
use crate::rows::Changes;
use crate::state::Tip;
use crate::store::{Copied, Store, StoreError, Table, copy_readable};
use crate::vault::append::Outgoing;
use crate::vault::closing::put_due;
use crate::vault::index::{self, Entry, Work};
use crate::vault::keys::Compartment;
use crate::vault::receive::put_missing;
use crate::vault::{Vault, VaultError, own_slots};

/// Bytes of bodies after which what was counted again is written.
const PORTION: usize = 4 << 20;

/// What mending did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Headers that were made again.
    pub headers: u64,
    /// Headers that only another device or a backup can give back.
    pub headers_lacking: u64,
    /// Bodies that only another device or a backup can give back.
    pub bodies_lacking: u64,
    /// Pieces of attached files that only another device or a backup can give back.
    pub pieces_lacking: u64,
    /// Documents whose place in the index, the lists or the timelines was made again.
    pub documents: u64,
}

/// The headers of a log that are here, and what is known of those that are not.
struct Branches {
    headers: BTreeMap<Hash, SignedHeader>,
    /// Names by log and number.
    order: BTreeMap<(LogId, u64), BTreeSet<Hash>>,
}

impl Vault {
    /// Copies every row that can be read into an empty store, and goes on there: what a file with damaged blocks needs
    /// before anything can be mended. `put_in_place` makes the new store the one that is opened next time; when that fails
    /// everything is as it was.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the passphrase slot itself is lost: this vault must then stay as it is.
    pub fn renew(
        &mut self,
        mut fresh: Box<dyn Store>,
        put_in_place: &dyn Fn() -> Result<(), StoreError>,
    ) -> Result<Copied, VaultError> {
        let copied = copy_readable(self.rows.store(), &mut *fresh)?;
        let keys = self.boxes.seal(&self.local, &mut *self.rows.entropy);
        fresh.commit(own_slots::slots_again(&*fresh, keys)?)?;
        put_in_place()?;
        drop(self.rows.replace_store(fresh));
        self.accept_rows(self.first_rows())?;
        Ok(copied)
    }

    /// Whether every block of the file can be read, so that it can be mended where it lies.
    pub fn is_readable(&self) -> Result<bool, VaultError> {
        for &table in Table::ALL {
            if !self.rows.is_readable(table)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes again what can be made from what is here, and lists what is lacking. `progress` is told how many of how many
    /// envelopes are done.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the file has damaged blocks: [`Self::renew`] comes first. Nothing was changed.
    pub fn mend(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<Mended, VaultError> {
        if !self.is_readable()? {
            return Err(VaultError::Damaged);
        }
        self.forget_checking()?;
        self.rows.drop_unopened(Table::Index)?;
        self.drop_lists()?;
        let mut mended = Mended::default();
        let branches = self.mend_headers(&mut mended)?;
        self.mend_bodies(&branches)?;
        self.mend_index(&branches, &mut mended, progress)?;
        mended.bodies_lacking = self.count_missing()?;
        mended.documents += self.mend_drafts()?;
        mended.documents += self.lists_again()?;
        mended.pieces_lacking = self.mend_pieces()?;
        Ok(mended)
    }

    /// Numbers of a log whose headers only another device or a backup can give back.
    pub fn lost_headers(&self, log: &LogId) -> Result<Vec<u64>, VaultError> {
        Ok(self.lost(log)?.into_iter().map(|(seq, _)| seq).collect())
    }

    /// Headers that were lost and come again: their names are known, so nothing else is asked of them.
    pub(crate) fn take_lost_headers(&mut self, log: &LogId, run: &[SignedHeader]) -> Result<bool, VaultError> {
        let mut lost = self.lost(log)?;
        let before = lost.len();
        if before == 0 {
            return Ok(false);
        }
        let mut changes = Changes::default();
        for signed in run {
            let name = signed.header.hash();
            let named = lost.iter().position(|(seq, lost)| *seq == signed.header.seq && *lost == name);
            if let Some(at) = named {
                lost.remove(at);
                changes.put(Table::Headers, &name.0, signed.to_bytes());
            }
        }
        if lost.len() == before {
            return Ok(false);
        }
        put_lost(&mut changes, log, &lost);
        self.rows.commit(&mut self.state, changes)?;
        self.changed += 1;
        Ok(true)
    }

    fn lost(&self, log: &LogId) -> Result<Vec<(u64, Hash)>, VaultError> {
        let Some(row) = self.rows.read(Table::Index, &lost_name(log))? else { return Ok(Vec::new()) };
        let mut reader = Reader::new(&row);
        let lost = reader.list(row.len(), |reader| Ok((reader.u64()?, Hash(reader.array()?))));
        lost.map_err(|_| VaultError::Damaged)
    }

    /// From now on the rows as they are count as the ones that were written.
    fn accept_rows(&mut self, changes: Changes) -> Result<(), VaultError> {
        self.state.rows = self.rows.recount()?.0;
        self.rows.commit(&mut self.state, changes)
    }

    fn mend_headers(&mut self, mended: &mut Mended) -> Result<Branches, VaultError> {
        let mut branches = Branches { headers: BTreeMap::new(), order: BTreeMap::new() };
        self.rows.scan(Table::Headers, &mut |row| {
            if let Some(Ok(signed)) = row.as_deref().map(|row| SignedHeader::parse(row)) {
                branches.add(signed);
            }
        })?;
        let mut work = Work::default();
        for (log, tips) in self.state.logs.clone() {
            let mut lost = Vec::new();
            for tip in tips {
                self.mend_branch(&mut work.changes, &log, &tip, &mut branches, &mut lost, mended)?;
            }
            lost.sort_unstable();
            lost.dedup();
            mended.headers_lacking += u64::try_from(lost.len()).unwrap_or(u64::MAX);
            put_lost(&mut work.changes, &log, &lost);
        }
        for ((log, seq), names) in &branches.order {
            let row: Vec<u8> = names.iter().flat_map(|name| name.0).collect();
            let here = self.rows.read(Table::Index, &index::order_name(log, *seq)).ok().flatten();
            let known: Option<BTreeSet<Hash>> = here.map(|row| index::hashes(&row).into_iter().collect());
            if known.as_ref() != Some(names) {
                work.changes.put(Table::Index, &index::order_name(log, *seq), row);
            }
        }
        self.rows.commit(&mut self.state, work.changes)?;
        Ok(branches)
    }

    /// Walks a branch from its end to its beginning, and makes the headers again that are not there.
    fn mend_branch(
        &mut self,
        changes: &mut Changes,
        log: &LogId,
        tip: &Tip,
        branches: &mut Branches,
        lost: &mut Vec<(u64, Hash)>,
        mended: &mut Mended,
    ) -> Result<(), VaultError> {
        let mut name = Some(tip.head);
        for seq in (0..tip.next_seq).rev() {
            // Below two lost headers in a row, the row of the order still knows the name, unless that is lost too.
            let listed = self.envelopes_at(&Work::default(), log, seq).unwrap_or_default();
            let Some(here) = name.or_else(|| listed.first().copied()) else { continue };
            branches.order.entry((*log, seq)).or_default().insert(here);
            let header = match branches.headers.get(&here) {
                Some(signed) => Some(signed.header),
                None => self.header_again(log, seq, &here, branches)?,
            };
            match header {
                Some(header) if branches.headers.contains_key(&here) => name = Some(header.prev),
                Some(header) => {
                    let signed = if log.device() == self.device {
                        SignedHeader::sign(header, &self.signer)
                    } else {
                        SignedHeader { header, signature: None }
                    };
                    changes.put(Table::Headers, &here.0, signed.to_bytes());
                    branches.add(signed);
                    mended.headers += 1;
                    name = Some(header.prev);
                }
                None => {
                    lost.push((seq, here));
                    name = None;
                }
            }
        }
        Ok(())
    }

    /// A lost header, from its body and the header before it: its name says whether it is the one. The last header of
    /// another device's chain carried a signature, which nobody here can make.
    fn header_again(
        &self,
        log: &LogId,
        seq: u64,
        name: &Hash,
        branches: &Branches,
    ) -> Result<Option<Header>, VaultError> {
        let ends = self.state.logs.get(log).is_some_and(|tips| tips.iter().any(|tip| tip.head == *name));
        let may_be_made = !ends || log.device() == self.device;
        if let Some(header) = self.header_of_gone(name).filter(|_| may_be_made) {
            return Ok(Some(header));
        }
        let Some(body) = self.envelope_body(name)?.filter(|_| may_be_made) else { return Ok(None) };
        let before: Vec<Hash> = match seq.checked_sub(1) {
            None => vec![Hash([0; 32])],
            Some(before) => {
                let listed = self.envelopes_at(&Work::default(), log, before).unwrap_or_default();
                branches.order.get(&(*log, before)).into_iter().flatten().copied().chain(listed).collect()
            }
        };
        let (body_len, body_hash) = (u32::try_from(body.len()).unwrap_or(u32::MAX), crate::kdf::sha256(&body));
        for prev in before {
            for class in [Class::Everyday, Class::Import] {
                for epoch in self.epochs.keys().copied() {
                    let header = Header { class, log: *log, seq, prev, epoch, body_len, body_hash };
                    if header.hash() == *name {
                        return Ok(Some(header));
                    }
                }
            }
        }
        Ok(None)
    }

    fn mend_bodies(&mut self, branches: &Branches) -> Result<(), VaultError> {
        let mut work = Work::default();
        let mut missing: BTreeMap<LogId, Vec<(u64, Hash)>> = BTreeMap::new();
        // A salvage may have brought it back.
        let mut due = Vec::new();
        for ((log, seq), names) in &branches.order {
            for name in names {
                let body = self.envelope_body(name)?;
                let named = |body: &Vec<u8>| branches.headers.get(name).is_none_or(|it| it.header.names(body));
                let gone = matches!(self.is_gone(&work, name), Ok(true));
                if body.is_some() && gone {
                    due.push(*name);
                }
                if body.as_ref().is_some_and(named) || gone {
                    continue;
                }
                if body.is_some() {
                    work.changes.remove(Table::Bodies, &name.0);
                }
                missing.entry(*log).or_default().push((*seq, *name));
            }
        }
        for log in self.state.logs.keys().copied().collect::<Vec<_>>() {
            put_missing(&mut work, &log, &missing.remove(&log).unwrap_or_default());
        }
        put_due(&mut work, &due);
        self.rows.commit(&mut self.state, work.changes)?;
        *self.body.borrow_mut() = None;
        Ok(())
    }

    /// Counts every item of every body again: what is counted already stays as it is, and is shown anew.
    fn mend_index(
        &mut self,
        branches: &Branches,
        mended: &mut Mended,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), VaultError> {
        let of = u64::try_from(branches.headers.len()).unwrap_or(u64::MAX);
        let (mut work, mut bytes) = (Work { again: true, ..Work::default() }, 0);
        let names = branches.order.values().flatten();
        for (done, (name, signed)) in (0..).zip(names.filter_map(|name| branches.headers.get_key_value(name))) {
            progress(done, of);
            let Some(body) = self.envelope_body(name)? else { continue };
            let header = &signed.header;
            if !self.is_accepted(&work, header)? {
                self.set_apart(&mut work, name, header)?;
                continue;
            }
            match self.open_body(header, &body) {
                Ok(_) | Err(VaultError::KeyNotHere) => self.take_items(&mut work, name, header, &body)?,
                Err(_) => continue,
            }
            bytes += body.len();
            if bytes >= PORTION {
                bytes = 0;
                let next = Work { again: true, ..Work::default() };
                mended.documents += self.write_counted(std::mem::replace(&mut work, next))?;
            }
        }
        mended.documents += self.write_counted(work)?;
        progress(of, of);
        Ok(())
    }

    fn write_counted(&mut self, work: Work) -> Result<u64, VaultError> {
        let counted = u64::try_from(work.entries.len()).unwrap_or(u64::MAX);
        self.finish(work, Outgoing::new(Class::Everyday))?;
        Ok(counted)
    }

    /// A draft of which nothing has left in an envelope stands in the index alone: its place there is made again from the
    /// timeline that lists it, so that its words are reached.
    fn mend_drafts(&mut self) -> Result<u64, VaultError> {
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let mut lost = BTreeSet::new();
        for id in &self.pending {
            if self.entry(&work, id)?.is_none() {
                lost.insert(*id);
            }
        }
        let clients: BTreeSet<ClientId> = self.clients.keys().copied().chain(self.trashed_clients()).collect();
        for client in clients.into_iter().filter(|_| !lost.is_empty()) {
            // One whose timeline is lost too is found by nothing.
            let listed = self.read_timeline(&client).map(|timeline| timeline.notes).unwrap_or_default();
            for id in listed.into_iter().map(|row| row.id).filter(|id| lost.contains(id)) {
                let key = self.key_for(&mut work, &mut out, client, Compartment::Clinical)?;
                work.entries.insert(id, Entry { kind: DocType::Note, client, key, places: Vec::new() });
            }
        }
        let found = u64::try_from(work.entries.len()).unwrap_or(u64::MAX);
        self.finish(work, out)?;
        Ok(found)
    }

    /// Makes timelines and lists again whose rows do not open, or are gone. Gives how many documents that took.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when more than these is damaged: that takes [`Self::mend`].
    pub fn mend_lists(&mut self) -> Result<u64, VaultError> {
        if !self.rows.is_readable(Table::Index)? || !self.rows.is_readable(Table::Catalog)? {
            return Err(VaultError::Damaged);
        }
        for name in [b"trash".as_slice(), b"merges"] {
            self.rows.read(Table::Catalog, name)?;
        }
        self.drop_lists()?;
        self.lists_again()
    }

    fn drop_lists(&mut self) -> Result<(), VaultError> {
        // What an open draft says in its timeline must be said again, though it is what it said before.
        self.drafts.values_mut().for_each(|draft| draft.row = None);
        self.rows.drop_unopened(Table::Catalog)
    }

    fn lists_again(&mut self) -> Result<u64, VaultError> {
        let mut of_client: BTreeMap<ClientId, Vec<DocId>> = BTreeMap::new();
        for (id, entry) in self.documents()? {
            let client = if entry.kind == DocType::Client { id } else { entry.client };
            if entry.kind != DocType::ProcessNote {
                of_client.entry(client).or_default().push(id);
            }
        }
        let mut work = Work::default();
        for (client, documents) in of_client {
            let written = self.rows.read(Table::Catalog, &index::timeline_name(&client));
            let whole = matches!(written, Ok(Some(_))) && self.read_timeline(&client).is_ok();
            if whole && self.clients.contains_key(&client) {
                continue;
            }
            // One who was deleted has a timeline, and no row in the list.
            work.clients.insert(client);
            if !whole {
                work.timelines.insert(client, Default::default());
                work.dirty.extend(documents);
            }
        }
        let counted = u64::try_from(work.dirty.len()).unwrap_or(u64::MAX);
        work.clients.extend(self.clients_not_listed()?);
        self.finish(work, Outgoing::new(Class::Everyday))?;
        self.accept_rows(Changes::default())?;
        self.write_anchor();
        Ok(counted)
    }

    /// Every document of the index, with its id: the row does not say it, its first item does.
    pub(crate) fn documents(&self) -> Result<Vec<(DocId, Entry)>, VaultError> {
        let mut entries = Vec::new();
        self.rows.scan(Table::Index, &mut |row| {
            if let Some(Ok(entry)) = row.as_deref().map(|row| Entry::parse(row)) {
                entries.push(entry);
            }
        })?;
        // In the order in which they lie, so that a body that holds hundreds of them is opened once.
        entries.sort_by_key(|entry| entry.places.first().map(|(place, _)| *place));
        let work = Work::default();
        let named = entries.into_iter().filter_map(|entry| {
            let id = entry.places.iter().find_map(|(place, _)| Some(self.item(&work, place).ok()?.0.document))?;
            Some((id, entry))
        });
        Ok(named.collect())
    }
}

impl Branches {
    fn add(&mut self, signed: SignedHeader) {
        let name = signed.header.hash();
        self.order.entry((signed.header.log, signed.header.seq)).or_default().insert(name);
        self.headers.insert(name, signed);
    }
}

fn put_lost(changes: &mut Changes, log: &LogId, lost: &[(u64, Hash)]) {
    if lost.is_empty() {
        return changes.remove(Table::Index, &lost_name(log));
    }
    let mut writer = Writer::new();
    writer.list(lost, |writer, (seq, name)| {
        writer.u64(*seq).bytes(&name.0);
    });
    changes.put(Table::Index, &lost_name(log), writer.finish());
}

fn lost_name(log: &LogId) -> Vec<u8> {
    [b"h".as_slice(), &log.0].concat()
}
