//! Envelopes: items are sealed, packed into bodies and chained to the end of one of this device's two logs.

use super::keys::own_key;
use super::outbox::NewItem;

use std::collections::{BTreeMap, btree_map};

use crate::entropy;
use crate::id::{EpochId, LogId};
use crate::log;
use crate::log::{Class, Item, ItemError, PRACTICE_KEY, Position, SignedHeader};
use crate::parallel::in_order;
use crate::rows::{Plain, RowError};
use crate::seal::Salt;
use crate::state::Tip;
use crate::vault::commit::Outbox;
use crate::vault::core::{Core, OwnLog, Transaction, start_log};
use crate::vault::items::place::Place;
use crate::vault::project::{ingest, lay_out};
use crate::vault::registry::{BodyAt, HeaderAt, OrderAt};

/// Items for which a thread is worth it.
const LEAST_SEALED: usize = 16;

/// An item that is ready to leave, and its payload where this device has it open.
type Ready = (Item, Option<Plain>);

/// The body that is being filled.
#[derive(Default)]
struct Filling {
    items: Vec<Item>,
    payloads: Vec<Option<Plain>>,
    len: usize,
}

impl Filling {
    /// Whether this item is too much for the body, unless it is the first.
    fn overflows(&self, item: &Item) -> bool {
        self.len + log::packed_len(item) > log::capacity(log::IMPORT_BODY) && !self.items.is_empty()
    }

    fn push(&mut self, (item, payload): Ready) {
        self.len += log::packed_len(&item);
        self.items.push(item);
        self.payloads.push(payload);
    }
}

/// The envelopes of one transaction, before the last of them is signed.
struct LogTail {
    log: LogId,
    end: Position,
    class: Class,
    epoch: EpochId,
    closed: Vec<(SignedHeader, Vec<u8>, Filling)>,
}

/// Puts what is sent out into envelopes, and takes their items in. Drafts have a log of their own: all of it can go, with its
/// headers, once they are signed. Those under a key that is new follow it in the other log: whoever uses the words uses the key.
pub(super) fn write_envelopes(core: &Core, tx: &mut Transaction, out: Outbox) -> Result<(), RowError> {
    if out.items.is_empty() && out.keyring.is_empty() && out.sealed.is_empty() {
        return Ok(());
    }
    let epoch = out.epoch.map_or_else(|| core.at(tx).writing_epoch(), Ok)?;
    let is_key_new = !out.keyring.is_empty();
    let mut main: Vec<Ready> = out.keyring.into_iter().map(|item| (item, None)).collect();
    let mut drafts: Vec<Ready> = out.sealed.into_iter().map(|item| (item, None)).collect();
    for (is_of_draft, ready) in seal_items(core, tx, out.items)? {
        let of = if is_of_draft { &mut drafts } else { &mut main };
        of.push(ready);
    }
    let of_drafts = if is_key_new { OwnLog::Main } else { OwnLog::Drafts };
    for (of, items) in [(OwnLog::Main, main), (of_drafts, drafts)] {
        if !items.is_empty() {
            let tail = begin(core, tx, of, out.class, epoch)?;
            append(core, tx, tail, items)?;
        }
    }
    Ok(())
}

/// Where this device goes on writing: in one of its logs, or in a new one when that is full.
fn begin(core: &Core, tx: &mut Transaction, of: OwnLog, class: Class, epoch: EpochId) -> Result<LogTail, RowError> {
    let own = core.at(tx).own_logs().get(of);
    let ends: Vec<Position> =
        core.at(tx).tips(&own).iter().map(|tip| Position { next_seq: tip.next_seq, head: tip.head }).collect();
    let (log, end) = match ends.as_slice() {
        [] => (own, Position::START),
        [end] if !end.is_full() => (own, *end),
        // It is full, or somebody else wrote in this log, a copy of this vault: all branches stay; this device begins anew.
        _ => (start_log(core, tx, of)?, Position::START),
    };
    if !log.can_be() {
        return Err(RowError::LogsFull);
    }
    Ok(LogTail { log, end, class, epoch, closed: Vec::new() })
}

/// Seals items on all processors; beside each, whether it is of a draft.
fn seal_items(core: &Core, tx: &Transaction, items: Vec<NewItem>) -> Result<Vec<(bool, Ready)>, RowError> {
    let mut keys = BTreeMap::new();
    for new in &items {
        if let btree_map::Entry::Vacant(unread) = keys.entry(new.under) {
            let id = own_key(core, tx, new.under)?;
            let compartment = if id == PRACTICE_KEY { None } else { Some(core.at(tx).compartment_key(&id)?.1) };
            unread.insert((id, compartment));
        }
    }
    let mut lent = core.entropy();
    let mut salt = || -> Salt { entropy::random(&mut *lent) };
    let work: Option<Vec<_>> = items.iter().map(|new| Some((new, keys.get(&new.under)?, salt()))).collect();
    let (device, practice) = (core.device, &core.practice);
    let sealed = in_order(&work.ok_or(RowError::KeyNotHere)?, LEAST_SEALED, |(new, (id, compartment), salt)| {
        let NewItem { kind, document, payload, .. } = new;
        match compartment {
            Some(key) => Item::seal_salted(*kind, *document, (*id, key), device, payload, salt),
            None => Item::seal_salted(*kind, *document, (*id, practice), device, payload, salt),
        }
    });
    drop(lent);
    let ready = |(new, sealed): (NewItem, Result<Item, ItemError>)| {
        let item = sealed.map_err(|_| RowError::TooLarge)?;
        Ok((new.is_of_draft(), (item, Some(new.payload))))
    };
    items.into_iter().zip(sealed).map(ready).collect()
}

fn append(core: &Core, tx: &mut Transaction, mut tail: LogTail, items: Vec<Ready>) -> Result<(), RowError> {
    let mut filling = Filling::default();
    for ready in items {
        if filling.overflows(&ready.0) {
            close(core, tx, &mut tail, std::mem::take(&mut filling))?;
        }
        filling.push(ready);
    }
    close(core, tx, &mut tail, filling)?;
    take_in(core, tx, tail)
}

fn close(core: &Core, tx: &Transaction, tail: &mut LogTail, filling: Filling) -> Result<(), RowError> {
    let epoch = tail.epoch;
    let secret = core.at(tx).epoch(&epoch).ok_or(RowError::KeyNotHere)?;
    let place = log::Place { class: tail.class, log: tail.log, after: tail.end, epoch };
    let outer = log::outer_key(secret, epoch);
    let (header, body) =
        log::seal_body(&outer, &place, &filling.items, &mut *core.entropy()).map_err(|_| RowError::TooLarge)?;
    tail.end = Position::after(&header);
    tail.closed.push((SignedHeader { header, signature: None }, body, filling));
    Ok(())
}

/// Signs the last header, which covers them all, and takes the items in like those of any other device.
fn take_in(core: &Core, tx: &mut Transaction, mut tail: LogTail) -> Result<(), RowError> {
    if let Some((last, ..)) = tail.closed.last_mut() {
        *last = SignedHeader::sign(last.header, &core.signer);
    }
    tx.next.tips.insert(tail.log, vec![Tip { next_seq: tail.end.next_seq, head: tail.end.head }]);
    for (signed, body, filling) in tail.closed {
        let envelope = signed.header.hash();
        let (log, seq) = (signed.header.log, signed.header.seq);
        tx.put(&HeaderAt(envelope), &signed);
        tx.put(&BodyAt(envelope), &body);
        tx.put(&OrderAt(log, seq), &vec![envelope]);
        lay_out(tx, &envelope, &signed.header, &filling.items);
        for (index, (item, payload)) in (0..).zip(filling.items.into_iter().zip(filling.payloads)) {
            ingest(core, tx, Place { envelope, index }, core.device, &item, payload)?;
        }
    }
    Ok(())
}
