//! Headers that were lost, made again from their bodies and the chain around them.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Hash, LogId};
use crate::kdf;
use crate::log::{Class, Header, SignedHeader};
use crate::rows::RowError;
use crate::state::Tip;
use crate::store::Table;
use crate::vault::core::{Core, Transaction};
use crate::vault::integrity::Repaired;
use crate::vault::items::ledger::NAME_UNKNOWN;
use crate::vault::project::put_lost;
use crate::vault::registry::{HeaderAt, OrderAt};

/// The headers of all logs that are here, and what is known of those that are not.
#[derive(Default)]
pub(super) struct Branches {
    pub(super) headers: BTreeMap<Hash, SignedHeader>,
    /// Names by log and number.
    pub(super) order: BTreeMap<(LogId, u64), BTreeSet<Hash>>,
}

impl Branches {
    fn add(&mut self, signed: SignedHeader) {
        let name = signed.header.hash();
        self.order.entry((signed.header.log, signed.header.seq)).or_default().insert(name);
        self.headers.insert(name, signed);
    }
}

/// Makes the headers again that can be made, and lists those that cannot. Gives all that are here then.
pub(super) fn repair_headers(core: &mut Core, repaired: &mut Repaired) -> Result<Branches, RowError> {
    let mut branches = Branches::default();
    core.rows.scan(Table::Headers, &mut |row| {
        if let Some(Ok(signed)) = row.map(|(_, header)| SignedHeader::parse(header)) {
            branches.add(signed);
        }
    })?;
    let mut tx = Transaction::default();
    for (log, tips) in &core.memory.state.logs {
        let mut walk = Walk { core, log: *log, branches: &mut branches, made: 0, lost: Vec::new() };
        tips.iter().try_for_each(|tip| walk.repair_branch(&mut tx, tip))?;
        let Walk { made, mut lost, .. } = walk;
        lost.sort_unstable();
        lost.dedup();
        repaired.headers += made;
        repaired.headers_lacking += u64::try_from(lost.len()).unwrap_or(u64::MAX);
        put_lost(&mut tx, log, lost);
    }
    for ((log, seq), names) in &branches.order {
        let listed = core.read().get(&OrderAt(*log, *seq)).ok().flatten();
        let known: Option<BTreeSet<Hash>> = listed.map(|listed| listed.into_iter().collect());
        if known.as_ref() != Some(names) {
            tx.put(&OrderAt(*log, *seq), &names.iter().copied().collect());
        }
    }
    core.write(tx)?;
    Ok(branches)
}

/// A walk through one log, from the ends of its branches to their beginnings.
struct Walk<'a> {
    core: &'a Core,
    log: LogId,
    branches: &'a mut Branches,
    /// Headers that were made again.
    made: u64,
    /// Numbers and names of the others that are lost.
    lost: Vec<(u64, Hash)>,
}

impl Walk<'_> {
    fn repair_branch(&mut self, tx: &mut Transaction, tip: &Tip) -> Result<(), RowError> {
        let mut name = Some(tip.head);
        for seq in (0..tip.next_seq).rev() {
            // Below two lost headers in a row, the row of the order still knows the name, unless that is lost too.
            let listed = self.core.read().envelopes_at(&self.log, seq).unwrap_or_default();
            let Some(here) = name.or_else(|| listed.first().copied()) else {
                self.lost.push((seq, NAME_UNKNOWN));
                continue;
            };
            self.branches.order.entry((self.log, seq)).or_default().insert(here);
            name = match self.branches.headers.get(&here) {
                Some(signed) => Some(signed.header.prev),
                None => self.repair_header(tx, seq, here)?,
            };
        }
        Ok(())
    }

    /// Makes a lost header again, and gives the name of the one before it; or notes it as lost.
    fn repair_header(&mut self, tx: &mut Transaction, seq: u64, name: Hash) -> Result<Option<Hash>, RowError> {
        let Some(header) = self.rebuilt_header(seq, &name)? else {
            self.lost.push((seq, name));
            return Ok(None);
        };
        let signed = match self.log.device() == self.core.device {
            true => SignedHeader::sign(header, &self.core.signer),
            false => SignedHeader { header, signature: None },
        };
        tx.put(&HeaderAt(name), &signed);
        self.branches.add(signed);
        self.made += 1;
        Ok(Some(header.prev))
    }

    /// A lost header, from its body and the header before it: its name says whether it is the one. The last header of
    /// another device's chain carried a signature, which nobody here can make.
    fn rebuilt_header(&self, seq: u64, name: &Hash) -> Result<Option<Header>, RowError> {
        let (core, log) = (self.core, self.log);
        let ends = core.memory.state.logs.get(&log).is_some_and(|tips| tips.iter().any(|tip| tip.head == *name));
        if ends && log.device() != core.device {
            return Ok(None);
        }
        let ledger = core.read().ledger();
        if let Some(header) = ledger.header_of_pruned(name) {
            return Ok(Some(header));
        }
        let Some(body) = ledger.envelope_body(name)? else { return Ok(None) };
        let (body_len, body_hash) = (u32::try_from(body.len()).unwrap_or(u32::MAX), kdf::sha256(&body));
        for prev in self.names_before(seq) {
            for class in [Class::Everyday, Class::Import] {
                for epoch in core.memory.epochs.keys().copied() {
                    let header = Header { class, log, seq, prev, epoch, body_len, body_hash };
                    if header.hash() == *name {
                        return Ok(Some(header));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The names that the envelope before this number may have.
    fn names_before(&self, seq: u64) -> Vec<Hash> {
        let Some(before) = seq.checked_sub(1) else { return vec![Hash([0; 32])] };
        let listed = self.core.read().envelopes_at(&self.log, before).unwrap_or_default();
        self.branches.order.get(&(self.log, before)).into_iter().flatten().copied().chain(listed).collect()
    }
}
