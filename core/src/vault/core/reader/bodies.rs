//! Bodies of envelopes, and what lies in them: items, one of them or many, and their payloads.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Reader;
use crate::id::{DeviceId, Hash};
use crate::keyring::is_process_key;
use crate::log::{self, Header, Item, NO_KEY, PRACTICE_KEY};
use crate::parallel::in_order;
use crate::rows::{Plain, RowError};
use crate::secret::{Key, OuterRole};
use crate::vault::items::place::Place;
use crate::vault::registry::{BodyAt, LayoutAt};

/// Items of one body that are opened one by one before all of it is.
const IN_A_ROW: u8 = 3;
/// Payloads for which a thread is worth it.
const LEAST_OPENED: usize = 8;
/// Large bodies of which it is kept where their items lie: two kilobytes each.
const KEPT: usize = 1_024;

/// A body's header, and where in a large body its items begin and end.
pub(crate) struct LaidOut {
    header: Header,
    layout: Vec<u8>,
}

impl Reader<'_> {
    /// One item of an envelope, and the device that says it.
    pub(crate) fn item(&self, place: &Place) -> Result<(Item, DeviceId), RowError> {
        let laid_out = self.laid_out(&place.envelope)?;
        let by = laid_out.header.log.device();
        let at = usize::try_from(place.index).map_err(|_| RowError::Damaged)?;
        if let Some((envelope, items)) = self.core.caches.body.borrow().as_ref()
            && *envelope == place.envelope
        {
            return Ok((items.get(at).cloned().ok_or(RowError::Damaged)?, by));
        }
        if let Some(item) = self.item_alone(&laid_out, &place.envelope, at)? {
            return Ok((item, by));
        }
        let body = self.get(&BodyAt(place.envelope))?.ok_or(RowError::Damaged)?;
        let items = self.open_body(&laid_out.header, &body)?;
        let item = items.get(at).cloned().ok_or(RowError::Damaged)?;
        *self.core.caches.body.borrow_mut() = Some((place.envelope, items));
        Ok((item, by))
    }

    /// Items that follow each other in a large body, and the device that says them, without opening the rest; `None` where their
    /// place is not known.
    pub(crate) fn items_between(
        &self,
        envelope: &Hash,
        numbers: RangeInclusive<u32>,
    ) -> Result<Option<(Vec<Item>, DeviceId)>, RowError> {
        let laid_out = self.laid_out(envelope)?;
        let (header, first) = (&laid_out.header, usize::try_from(*numbers.start()).unwrap_or(usize::MAX));
        let last = usize::try_from(*numbers.end()).unwrap_or(usize::MAX);
        let Some(part) = part_of(&laid_out.layout, first, last) else { return Ok(None) };
        let outer = self.outer_key(header)?;
        let items = log::open_items(header, &outer, part, |parts| self.body_parts(header, envelope, &parts))?;
        Ok(Some((items, header.log.device())))
    }

    /// An item of a large body by its place among the body's bytes, without opening the rest; `None` where that place is
    /// not known, and for whoever reads one item of the body after the other, to whom all of it is of use.
    fn item_alone(&self, laid_out: &LaidOut, envelope: &Hash, at: usize) -> Result<Option<Item>, RowError> {
        let last = self.core.caches.alone.get().filter(|(last, _)| last == envelope);
        let times = last.map_or(0, |(_, times)| times.saturating_add(1));
        self.core.caches.alone.set(Some((*envelope, times)));
        let part = part_of(&laid_out.layout, at, at).filter(|_| times < IN_A_ROW);
        let Some(part) = part else { return Ok(None) };
        let header = &laid_out.header;
        let outer = self.outer_key(header)?;
        log::open_item(header, &outer, part, |parts| self.body_parts(header, envelope, &parts)).map(Some)
    }

    fn body_parts(
        &self,
        header: &Header,
        envelope: &Hash,
        parts: &[Range<usize>; 2],
    ) -> Result<[Vec<u8>; 2], RowError> {
        self.core.rows.body_parts(envelope, header.body_len, parts)?.ok_or(RowError::Damaged)
    }

    /// What is known of a body before it is read: of a large one that lies on the disk it is kept, since it never changes.
    fn laid_out(&self, envelope: &Hash) -> Result<Arc<LaidOut>, RowError> {
        if let Some(known) = self.core.caches.laid_out.borrow().get(envelope) {
            return Ok(Arc::clone(known));
        }
        let header = self.header(envelope)?.header;
        // A damaged row here costs time alone. A body that the transaction brings is not on the disk yet, and neither is its layout.
        let row = is_laid_out(&header).then(|| self.core.read().get(&LayoutAt(*envelope)));
        let layout = row.and_then(|row| row.ok().flatten()).unwrap_or_default();
        let known = Arc::new(LaidOut { header, layout });
        let mut kept = self.core.caches.laid_out.borrow_mut();
        if !known.layout.is_empty() && kept.len() < KEPT {
            kept.insert(*envelope, Arc::clone(&known));
        }
        Ok(known)
    }

    fn outer_key(&self, header: &Header) -> Result<Key<OuterRole>, RowError> {
        let secret = self.epoch(&header.epoch).ok_or(RowError::KeyNotHere)?;
        Ok(log::outer_key(secret, header.epoch))
    }

    pub(crate) fn open_body(&self, header: &Header, body: &[u8]) -> Result<Vec<Item>, RowError> {
        log::open_body(header, &self.outer_key(header)?, body).map_err(|_| RowError::Damaged)
    }

    /// The payload of an item.
    pub(crate) fn open_item(&self, item: &Item, by: DeviceId) -> Result<Plain, RowError> {
        let opened = match item.key {
            NO_KEY => return Ok(Zeroizing::new(item.content.clone())),
            PRACTICE_KEY => item.open(&self.core.practice, by),
            _ => item.open(&self.compartment_key(&item.key)?.1, by),
        };
        opened.map_err(|_| RowError::Damaged)
    }

    /// The payloads of items, each with the device that says it, opened on all processors.
    pub(crate) fn open_items(&self, items: &[(&Item, DeviceId)]) -> Vec<Result<Plain, RowError>> {
        let mut keys = BTreeMap::new();
        for (item, _) in items.iter().filter(|(item, _)| !matches!(item.key, NO_KEY | PRACTICE_KEY)) {
            keys.entry(item.key).or_insert_with(|| self.compartment_key(&item.key));
        }
        let practice = &self.core.practice;
        in_order(items, LEAST_OPENED, |(item, by)| {
            let opened = match (item.key, keys.get(&item.key)) {
                (NO_KEY, _) => return Ok(Zeroizing::new(item.content.clone())),
                (_, None) => item.open(practice, *by),
                (_, Some(Ok((_, key)))) => item.open(key, *by),
                (_, Some(Err(error))) => return Err(*error),
            };
            opened.map_err(|_| RowError::Damaged)
        })
    }

    /// The payloads of those of the items that lie under keys of the record; `None` of the others, and of what does not open: whoever
    /// opens that by itself learns why.
    pub(crate) fn open_ahead(&self, items: &[(&Item, DeviceId)]) -> Vec<Option<Plain>> {
        let is_ahead = |item: &Item| !matches!(item.key, NO_KEY | PRACTICE_KEY) && !is_process_key(&item.key);
        let of_record: Vec<_> = items.iter().copied().filter(|(item, _)| is_ahead(item)).collect();
        let mut opened = self.open_items(&of_record).into_iter();
        let payload = |(item, _): &(&Item, DeviceId)| if is_ahead(item) { opened.next()?.ok() } else { None };
        items.iter().map(payload).collect()
    }
}

/// Whether opening one item alone saves anything: a body of a chunk or two is opened whole.
pub(crate) fn is_laid_out(header: &Header) -> bool {
    header.body_len > 40 << 10
}

/// Where items begin and end in a body.
fn part_of(layout: &[u8], first: usize, last: usize) -> Option<Range<usize>> {
    let offset = |at: usize| {
        let bytes = layout.chunks_exact(4).nth(at)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let (start, end) = (offset(first)?, offset(last.checked_add(1)?)?);
    (start < end).then_some(start..end)
}
