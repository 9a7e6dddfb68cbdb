//! Quarantine: what comes from a removed device beyond its cut is stored sealed, and taken in when a cut reaches that far.

use crate::id::{Hash, LogId};
use crate::log::Header;
use crate::rows::RowError;
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::ledger::QuarantinedEnvelope;
use crate::vault::project::{intake, roster};
use crate::vault::registry::{BodyAt, QuarantineAt};

/// Puts an envelope into quarantine; its body is stored. What it says of the practice's devices is heard all the same.
pub(crate) fn put_in_quarantine(
    core: &Core,
    tx: &mut Transaction,
    envelope: &Hash,
    header: &Header,
) -> Result<(), RowError> {
    let mut waiting = core.at(tx).ledger().waiting(&header.log)?;
    if !waiting.iter().any(|one| one.envelope == *envelope) {
        let (seq, len) = (header.seq, header.body_len);
        waiting.push(QuarantinedEnvelope { seq, envelope: *envelope, len, discarded: false });
        waiting.sort_unstable_by_key(|one| (one.seq, one.envelope));
        put_waiting(tx, &header.log, &waiting);
    }
    tx.todo.quarantined.insert(header.log);
    let Some(body) = core.at(tx).get(&BodyAt(*envelope))? else { return Ok(()) };
    let opened = core.at(tx).open_body(header, &body);
    match opened {
        Ok(items) => roster::take_roster_entries(core, tx, &header.log.device(), envelope, &items),
        Err(RowError::KeyNotHere) => roster::wait_for_epoch(core, tx, &header.epoch, envelope),
        Err(_) => Ok(()),
    }
}

/// Takes in what is accepted now: a cut came that goes further, its headers came, or the therapist said *keep*.
pub(super) fn release(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    for log in core.at(tx).ledger().all_logs() {
        let (mut free, mut stay) = (Vec::new(), Vec::new());
        let ledger = core.at(tx).ledger();
        for one in ledger.waiting(&log)? {
            let header = ledger.header(&one.envelope)?.header;
            if ledger.is_accepted(&header)? { free.push((one.envelope, header)) } else { stay.push(one) }
        }
        if free.is_empty() {
            continue;
        }
        put_waiting(tx, &log, &stay);
        free.sort_by_key(|(_, header)| header.seq);
        for (envelope, header) in free {
            intake::take_stored(core, tx, &envelope, &header)?;
        }
    }
    Ok(())
}

/// Tells that something lies in quarantine, when it still does after all that followed.
pub(crate) fn tell_quarantine(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    for log in std::mem::take(&mut tx.todo.quarantined) {
        if !core.at(tx).ledger().waiting(&log)?.is_empty() {
            tx.tell(Notice::Quarantined);
        }
    }
    Ok(())
}

pub(crate) fn put_waiting(tx: &mut Transaction, log: &LogId, waiting: &Vec<QuarantinedEnvelope>) {
    match waiting.is_empty() {
        true => tx.remove(&QuarantineAt(*log)),
        false => tx.put(&QuarantineAt(*log), waiting),
    }
}
