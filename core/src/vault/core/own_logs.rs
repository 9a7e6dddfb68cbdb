//! The logs in which this device writes: drafts have one of their own, which can go as a whole once they are signed (format §3).

use std::collections::BTreeSet;

use crate::entropy::{self, Entropy};
use crate::id::{DeviceId, LogId};
use crate::rows::{One, RowError};
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::{OwnLogsAt, RetiredLogAt};

/// The logs in which a device writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnLogs {
    /// Where all goes but drafts.
    pub(crate) main: LogId,
    pub(crate) drafts: LogId,
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnLog {
    Main,
    Drafts,
}

impl OwnLogs {
    /// Those of a device that has written in none yet.
    pub(crate) fn fresh(device: DeviceId, entropy: &mut dyn Entropy) -> Self {
        Self::beside(device, &|_| false, entropy)
    }

    /// Two that are not begun yet.
    fn beside(device: DeviceId, is_begun: &dyn Fn(&LogId) -> bool, entropy: &mut dyn Entropy) -> Self {
        let main = new_log(device, is_begun, entropy);
        Self { main, drafts: new_log(device, &|log| *log == main || is_begun(log), entropy) }
    }

    pub(crate) fn of_row(One((main, drafts)): One<(LogId, LogId)>) -> Self {
        Self { main, drafts }
    }

    pub(crate) fn put(&self, tx: &mut Transaction) {
        tx.put(&OwnLogsAt(), &One((self.main, self.drafts)));
    }

    pub(crate) fn get(&self, one: OwnLog) -> LogId {
        match one {
            OwnLog::Main => self.main,
            OwnLog::Drafts => self.drafts,
        }
    }

    pub(crate) fn contains(&self, log: &LogId) -> bool {
        [self.main, self.drafts].contains(log)
    }
}

/// A log of a device that is not begun yet: any of them, so that two copies of a device seldom begin the same one. When there is
/// none it is one that cannot be, in which nothing is written.
pub(crate) fn new_log(device: DeviceId, is_begun: &dyn Fn(&LogId) -> bool, entropy: &mut dyn Entropy) -> LogId {
    let free: Vec<LogId> = (0..=u8::MAX).map(|number| LogId::of(device, number)).filter(|log| !is_begun(log)).collect();
    let drawn = u64::from_le_bytes(entropy::random(entropy));
    let at = usize::try_from(drawn).unwrap_or(0).checked_rem(free.len());
    at.and_then(|at| free.get(at)).copied().unwrap_or(LogId([u8::MAX; LogId::LEN]))
}

/// Has this device write in new logs from a transaction on.
pub(crate) fn start_new_logs(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let (begun, own) = (begun(core, tx)?, core.at(tx).own_logs());
    let begun: BTreeSet<LogId> = begun.into_iter().chain([own.main, own.drafts]).collect();
    take(tx, OwnLogs::beside(core.device, &|log| begun.contains(log), &mut *core.entropy()));
    Ok(())
}

/// Has this device go on in a new log of this kind from a transaction on.
pub(crate) fn start_log(core: &Core, tx: &mut Transaction, one: OwnLog) -> Result<LogId, RowError> {
    let (begun, mut logs) = (begun(core, tx)?, core.at(tx).own_logs());
    let is_begun = |log: &LogId| logs.contains(log) || begun.contains(log);
    let log = new_log(core.device, &is_begun, &mut *core.entropy());
    match one {
        OwnLog::Main => logs.main = log,
        OwnLog::Drafts => logs.drafts = log,
    }
    take(tx, logs);
    Ok(log)
}

/// The logs of this device in which something was written, on whatever copy of it.
fn begun(core: &Core, tx: &Transaction) -> Result<BTreeSet<LogId>, RowError> {
    let reader = core.at(tx);
    let mut begun = BTreeSet::new();
    for log in (0..=u8::MAX).map(|number| LogId::of(core.device, number)) {
        if !reader.tips(&log).is_empty() || reader.has(&RetiredLogAt(log))? {
            begun.insert(log);
        }
    }
    Ok(begun)
}

fn take(tx: &mut Transaction, logs: OwnLogs) {
    logs.put(tx);
    tx.next.logs = Some(logs);
}
