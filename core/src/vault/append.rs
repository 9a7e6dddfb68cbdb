//! Writing: what this device has to say goes into envelopes at the end of its log, and drafts wait until they do.
//!
//! One piece of work is one transaction: envelopes, index, catalog, keyring and state record become true together.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use crate::id::{DocId, EpochId, Hash, KeyId, LogId, NoteId};
use crate::log::{self, Class, Item, Kind, Position, SignedHeader, Spot};
use crate::rows::Rows;
use crate::state::Tip;
use crate::store::Table;
use crate::vault::index::{self, Place, Work};
use crate::vault::{Vault, VaultError, create, trash};

/// What a piece of work sends out.
pub(crate) struct Outgoing {
    pub(crate) class: Class,
    /// The epoch under which it is sealed, when that is not the one in which this device writes.
    pub(crate) epoch: Option<EpochId>,
    /// Roster entries and keyring parts: they come first, so that no item leaves before its key.
    pub(crate) keyring: Vec<Item>,
    /// Own keyring parts that must be published again.
    pub(crate) parts: BTreeSet<DocId>,
    pub(crate) items: Vec<NewItem>,
}

/// An item before it has a place.
pub(crate) struct NewItem {
    pub(crate) kind: Kind,
    pub(crate) document: DocId,
    pub(crate) key: KeyId,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

impl Outgoing {
    pub(crate) fn new(class: Class) -> Self {
        Self { class, epoch: None, keyring: Vec::new(), parts: BTreeSet::new(), items: Vec::new() }
    }

    pub(crate) fn push(&mut self, kind: Kind, document: DocId, key: KeyId, payload: Vec<u8>) {
        self.items.push(NewItem { kind, document, key, payload: Zeroizing::new(payload) });
    }
}

/// The body that is being filled.
struct Filling {
    items: Vec<Item>,
    payloads: Vec<Option<Zeroizing<Vec<u8>>>>,
    len: usize,
}

impl Filling {
    fn new() -> Self {
        Self { items: Vec::new(), payloads: Vec::new(), len: 0 }
    }

    fn index(&self) -> Result<u32, VaultError> {
        u32::try_from(self.items.len()).map_err(|_| VaultError::Damaged)
    }

    fn push(&mut self, item: Item, payload: Option<Zeroizing<Vec<u8>>>) {
        self.len += log::packed_len(&item);
        self.items.push(item);
        self.payloads.push(payload);
    }
}

/// The envelopes of one piece of work, before the last of them is signed.
struct Chain {
    log: LogId,
    end: Position,
    class: Class,
    epoch: EpochId,
    closed: Vec<(SignedHeader, Vec<u8>, Filling)>,
}

impl Vault {
    /// Does work of which memory, like the disk, keeps all or nothing: what was not written must not be taken for known
    /// when it comes again, and no draft may build on it. Drafts are read again; all of them is on the disk.
    pub(crate) fn whole_or_not_at_all<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let (roster, log) = (self.roster.clone(), self.log);
        work(self).inspect_err(|_| {
            self.roster = roster;
            self.log = log;
            self.drafts.clear();
            self.body.take();
        })
    }

    /// Ends a piece of work: envelopes, waiting items, catalog, one commit.
    pub(crate) fn finish(&mut self, work: Work, out: Outgoing) -> Result<(), VaultError> {
        self.whole_or_not_at_all(|vault| vault.write(work, out))
    }

    fn write(&mut self, mut work: Work, mut out: Outgoing) -> Result<(), VaultError> {
        self.publish_parts(&mut work, &mut out)?;
        self.write_envelopes(&mut work, out)?;
        self.follow_roster(&mut work)?;
        self.tell_quarantine(&mut work)?;
        self.settle(&mut work)?;
        if std::mem::take(&mut work.admitted) {
            let mut again = Outgoing::new(Class::Everyday);
            self.publish_everything(&mut work, &mut again)?;
            self.publish_or_owe_process_keys(&mut work, &mut again)?;
            self.publish_parts(&mut work, &mut again)?;
            self.write_envelopes(&mut work, again)?;
        }
        let clients = self.refresh(&mut work)?;
        let mut state = self.state.clone();
        state.logs.append(&mut work.tips);
        self.rows.commit_with(&mut state, work.changes, work.slots)?;
        self.state = state;
        trash::merge_into(&mut self.trash, &work.trash);
        if let Some(judged) = work.judged {
            self.take_judged(judged);
        }
        let anew = work.merges.is_some() || self.touches_merged(clients.iter().map(|(id, _)| id));
        self.merges = work.merges.unwrap_or_else(|| std::mem::take(&mut self.merges));
        for (id, row) in clients {
            match row {
                Some(row) => self.clients.insert(id, row),
                None => self.clients.remove(&id),
            };
        }
        if anew {
            self.show_merged();
        }
        self.changed += 1;
        Ok(())
    }

    /// Ends of the branches of a log, as this work leaves them.
    pub(crate) fn tips(&self, work: &Work, log: &LogId) -> Vec<Tip> {
        work.tips.get(log).or_else(|| self.state.logs.get(log)).cloned().unwrap_or_default()
    }

    pub(crate) fn write_envelopes(&mut self, work: &mut Work, out: Outgoing) -> Result<(), VaultError> {
        if out.items.is_empty() && out.keyring.is_empty() {
            return Ok(());
        }
        let epoch = out.epoch.map_or_else(|| self.writing_epoch(), Ok)?;
        let mut chain = self.chain(work, out.class, epoch)?;
        let mut filling = Filling::new();
        for item in out.keyring {
            if filling.len + log::packed_len(&item) > log::capacity(log::IMPORT_BODY) && !filling.items.is_empty() {
                self.close(&mut chain, std::mem::replace(&mut filling, Filling::new()))?;
            }
            filling.push(item, None);
        }
        for new in out.items {
            if filling.items.last().is_some_and(|last| is_draft(last.kind) != is_draft(new.kind)) {
                self.close(&mut chain, std::mem::replace(&mut filling, Filling::new()))?;
            }
            let mut item = self.seal_item(work, &chain, &filling, &new)?;
            if filling.len + log::packed_len(&item) > log::capacity(log::IMPORT_BODY) && !filling.items.is_empty() {
                self.close(&mut chain, std::mem::replace(&mut filling, Filling::new()))?;
                item = self.seal_item(work, &chain, &filling, &new)?;
            }
            filling.push(item, Some(new.payload));
        }
        self.close(&mut chain, filling)?;
        self.store_chain(work, chain)
    }

    /// Where this device goes on writing: in its log, or in a new one when that is full.
    fn chain(&mut self, work: &mut Work, class: Class, epoch: EpochId) -> Result<Chain, VaultError> {
        let tips = self.tips(work, &self.log);
        let end = match tips.as_slice() {
            [] => Position::START,
            [tip] => Position { next_seq: tip.next_seq, head: tip.head },
            // Somebody else wrote in this log: a copy of this vault. Both branches stay; this device begins anew.
            _ => Position { next_seq: u64::MAX, head: Hash([0; 32]) },
        };
        if !end.is_full() {
            return Ok(Chain { log: self.log, end, class, epoch, closed: Vec::new() });
        }
        self.log = create::new_log(self.device, &mut *self.rows.entropy);
        work.changes.put(Table::Misc, b"log", self.log.0.to_vec());
        Ok(Chain { log: self.log, end: Position::START, class, epoch, closed: Vec::new() })
    }

    fn seal_item(&mut self, work: &Work, chain: &Chain, filling: &Filling, new: &NewItem) -> Result<Item, VaultError> {
        let spot = Spot { log: chain.log, seq: chain.end.next_seq, index: filling.index()? };
        let sealed = if new.key == log::PRACTICE_KEY {
            let key = (new.key, &self.practice);
            Item::seal(new.kind, new.document, key, &spot, &new.payload, &mut *self.rows.entropy)
        } else {
            let (_, key) = self.compartment_key(work, &new.key)?;
            Item::seal(new.kind, new.document, (new.key, &key), &spot, &new.payload, &mut *self.rows.entropy)
        };
        sealed.map_err(|_| VaultError::TooLarge)
    }

    fn close(&mut self, chain: &mut Chain, filling: Filling) -> Result<(), VaultError> {
        let epoch = chain.epoch;
        let secret = self.epochs.get(&epoch).ok_or(VaultError::KeyNotHere)?;
        let place = log::Place { class: chain.class, log: chain.log, after: chain.end, epoch };
        let outer = log::outer_key(secret, epoch);
        let (header, body) = log::seal_body(&outer, &place, &filling.items, &mut *self.rows.entropy)
            .map_err(|_| VaultError::TooLarge)?;
        chain.end = Position::after(&header);
        chain.closed.push((SignedHeader { header, signature: None }, body, filling));
        Ok(())
    }

    /// Signs the last header, which covers them all, and takes the items in like those of any other device.
    fn store_chain(&mut self, work: &mut Work, mut chain: Chain) -> Result<(), VaultError> {
        if let Some((last, ..)) = chain.closed.last_mut() {
            *last = SignedHeader::sign(last.header, &self.signer);
        }
        work.tips.insert(chain.log, vec![Tip { next_seq: chain.end.next_seq, head: chain.end.head }]);
        for (signed, body, filling) in chain.closed {
            let envelope = signed.header.hash();
            let (log, seq) = (signed.header.log, signed.header.seq);
            work.changes.put(Table::Headers, &envelope.0, signed.to_bytes());
            work.changes.put(Table::Bodies, &envelope.0, body);
            work.changes.put(Table::Index, &index::order_name(&log, seq), envelope.0.to_vec());
            self.lay_out(work, &envelope, &signed.header, &filling.items);
            for (at, (item, payload)) in filling.items.into_iter().zip(filling.payloads).enumerate() {
                let index = u32::try_from(at).map_err(|_| VaultError::Damaged)?;
                self.ingest(work, Place { envelope, index }, &Spot { log, seq, index }, &item, payload)?;
            }
        }
        Ok(())
    }

    /// Puts what was typed since the last envelope into one. `true` when there was something.
    pub fn flush(&mut self) -> Result<bool, VaultError> {
        if self.pending.is_empty() {
            return Ok(false);
        }
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let mut stuck = BTreeSet::new();
        for id in self.pending.clone() {
            let (entry, waiting) = match (self.entry(&work, &id), self.pending_chunks(&id)) {
                (Ok(Some(entry)), Ok(waiting)) => (entry, waiting),
                // One row that cannot be read stays where it is, and keeps no other draft from leaving.
                (Ok(None) | Err(VaultError::Damaged), _) | (_, Err(VaultError::Damaged)) => {
                    stuck.insert(id);
                    continue;
                }
                (Err(error), _) | (_, Err(error)) => return Err(error),
            };
            for chunk in waiting {
                out.push(Kind::Changes, id, entry.key, changes_payload(entry.kind, entry.client, &chunk));
            }
            work.changes.remove(Table::Pending, &pending_name(&id));
        }
        if stuck.len() == self.pending.len() {
            return Ok(false);
        }
        work.changes.put(Table::Pending, b"all", stuck.iter().flat_map(|id| id.0).collect());
        self.finish(work, out)?;
        for id in std::mem::replace(&mut self.pending, stuck.clone()).difference(&stuck) {
            if let Some(draft) = self.drafts.get_mut(id) {
                draft.sent = draft.document.heads();
            }
        }
        self.write_anchor();
        Ok(true)
    }

    /// Whether something was typed that no envelope holds yet.
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Keeps the chunks of a draft until the next envelope; durable at once.
    pub(crate) fn keep_pending(&mut self, work: &mut Work, id: NoteId, chunks: &[Vec<u8>]) {
        let mut row = Vec::new();
        for chunk in chunks {
            row.extend(u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_le_bytes());
            row.extend(chunk);
        }
        work.changes.put(Table::Pending, &pending_name(&id), row);
        self.pending.insert(id);
        work.changes.put(Table::Pending, b"all", self.pending.iter().flat_map(|id| id.0).collect());
    }

    /// Chunks of a draft that no envelope holds yet.
    pub(crate) fn pending_chunks(&self, id: &NoteId) -> Result<Vec<Vec<u8>>, VaultError> {
        if !self.pending.contains(id) {
            return Ok(Vec::new());
        }
        self.rows
            .read(Table::Pending, &pending_name(id))?
            .as_deref()
            .map(|row| chunks(row))
            .transpose()
            .map(Option::unwrap_or_default)
    }
}

/// Drafts lie in bodies of their own, which can go once they are signed.
fn is_draft(kind: Kind) -> bool {
    kind == Kind::Changes
}

/// What kind 17 holds: type, client, chunks.
pub(crate) fn changes_payload(kind: log::DocType, client: DocId, chunk: &[u8]) -> Vec<u8> {
    [&[kind.code()], client.0.as_slice(), chunk].concat()
}

pub(crate) fn read_pending(rows: &Rows) -> Result<BTreeSet<NoteId>, VaultError> {
    let row = rows.read(Table::Pending, b"all")?;
    Ok(row.map(|row| index::ids(&row).collect()).unwrap_or_default())
}

fn chunks(row: &[u8]) -> Result<Vec<Vec<u8>>, VaultError> {
    let mut reader = crate::codec::Reader::new(row);
    let mut chunks = Vec::new();
    while !reader.rest().is_empty() {
        chunks.push(reader.lp(log::PAYLOAD_MAX).map_err(|_| VaultError::Damaged)?.to_vec());
    }
    Ok(chunks)
}

fn pending_name(id: &NoteId) -> Vec<u8> {
    [b"p".as_slice(), &id.0].concat()
}

/// The ends of logs that a piece of work moved.
pub(crate) type Tips = BTreeMap<LogId, Vec<Tip>>;
