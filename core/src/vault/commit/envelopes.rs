//! Envelopes: items are sealed, packed into bodies and chained to the end of this device's log.

use super::keys::own_key;
use super::outbox::NewItem;
use zeroize::Zeroizing;

use crate::id::{EpochId, Hash, LogId};
use crate::log;
use crate::log::{Class, Item, Kind, PRACTICE_KEY, Position, SignedHeader, Spot};
use crate::rows::RowError;
use crate::state::Tip;
use crate::vault::commit::Outbox;
use crate::vault::core::{Core, Transaction, start_new_log};
use crate::vault::items::ledger::MAX_LOGS;
use crate::vault::items::place::Place;
use crate::vault::project::{ingest, lay_out};
use crate::vault::registry::{BodyAt, HeaderAt, OrderAt};

/// The body that is being filled.
#[derive(Default)]
struct Filling {
    items: Vec<Item>,
    payloads: Vec<Option<Zeroizing<Vec<u8>>>>,
    len: usize,
}

impl Filling {
    fn index(&self) -> Result<u32, RowError> {
        u32::try_from(self.items.len()).map_err(|_| RowError::TooLarge)
    }

    /// Whether this item is too much for the body, unless it is the first.
    fn overflows(&self, item: &Item) -> bool {
        self.len + log::packed_len(item) > log::capacity(log::IMPORT_BODY) && !self.items.is_empty()
    }

    fn push(&mut self, item: Item, payload: Option<Zeroizing<Vec<u8>>>) {
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

/// Puts what is sent out into envelopes, and takes their items in.
pub(super) fn write_envelopes(core: &Core, tx: &mut Transaction, out: Outbox) -> Result<(), RowError> {
    if out.items.is_empty() && out.keyring.is_empty() {
        return Ok(());
    }
    let epoch = out.epoch.map_or_else(|| core.at(tx).writing_epoch(), Ok)?;
    let mut tail = begin(core, tx, out.class, epoch)?;
    let mut filling = Filling::default();
    for item in out.keyring {
        if filling.overflows(&item) {
            close(core, tx, &mut tail, std::mem::take(&mut filling))?;
        }
        filling.push(item, None);
    }
    for new in out.items {
        if filling.items.last().is_some_and(|last| is_draft(last.kind) != is_draft(new.kind)) {
            close(core, tx, &mut tail, std::mem::take(&mut filling))?;
        }
        let mut item = seal_item(core, tx, &tail, &filling, &new)?;
        if filling.overflows(&item) {
            close(core, tx, &mut tail, std::mem::take(&mut filling))?;
            item = seal_item(core, tx, &tail, &filling, &new)?;
        }
        filling.push(item, Some(new.payload));
    }
    close(core, tx, &mut tail, filling)?;
    take_in(core, tx, tail)
}

/// Where this device goes on writing: in its log, or in a new one when that is full.
fn begin(core: &Core, tx: &mut Transaction, class: Class, epoch: EpochId) -> Result<LogTail, RowError> {
    let log = core.at(tx).own_log();
    let end = match core.at(tx).tips(&log).as_slice() {
        [] => Position::START,
        [tip] => Position { next_seq: tip.next_seq, head: tip.head },
        // Somebody else wrote in this log: a copy of this vault. Both branches stay; this device begins anew.
        _ => Position { next_seq: u64::MAX, head: Hash([0; 32]) },
    };
    if !end.is_full() {
        return Ok(LogTail { log, end, class, epoch, closed: Vec::new() });
    }
    if core.at(tx).ledger().logs_of(&core.device).len() >= MAX_LOGS {
        return Err(RowError::LogsFull);
    }
    let log = start_new_log(core, tx);
    Ok(LogTail { log, end: Position::START, class, epoch, closed: Vec::new() })
}

fn seal_item(
    core: &Core,
    tx: &Transaction,
    tail: &LogTail,
    filling: &Filling,
    new: &NewItem,
) -> Result<Item, RowError> {
    let spot = Spot { log: tail.log, seq: tail.end.next_seq, index: filling.index()? };
    let id = own_key(core, tx, new.under)?;
    let sealed = if id == PRACTICE_KEY {
        Item::seal(new.kind, new.document, (id, &core.practice), &spot, &new.payload, &mut *core.entropy())
    } else {
        let (_, key) = core.at(tx).compartment_key(&id)?;
        Item::seal(new.kind, new.document, (id, &key), &spot, &new.payload, &mut *core.entropy())
    };
    sealed.map_err(|_| RowError::TooLarge)
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
            ingest(core, tx, Place { envelope, index }, &Spot { log, seq, index }, &item, payload)?;
        }
    }
    Ok(())
}

/// Drafts lie in bodies of their own, which can go once they are signed.
fn is_draft(kind: Kind) -> bool {
    kind == Kind::Changes
}
