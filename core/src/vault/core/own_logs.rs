//! The logs in which this device writes: drafts have one of their own, which can go as a whole once they are signed (format §3).

use crate::entropy::Entropy;
use crate::id::{DeviceId, LogId};
use crate::rows::One;
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::OwnLogsAt;

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
        Self { main: new_log(device, entropy), drafts: new_log(device, entropy) }
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

/// The id of a new log of a device.
pub(crate) fn new_log(device: DeviceId, entropy: &mut dyn Entropy) -> LogId {
    let mut id = [0; LogId::LEN];
    let (name, incarnation) = id.split_at_mut(DeviceId::LEN);
    name.copy_from_slice(&device.0);
    entropy.fill(incarnation);
    LogId(id)
}

/// Has this device write in new logs from a transaction on.
pub(crate) fn start_new_logs(core: &Core, tx: &mut Transaction) {
    take(tx, OwnLogs::fresh(core.device, &mut *core.entropy()));
}

/// Has this device go on in a new log of this kind from a transaction on.
pub(crate) fn start_log(core: &Core, tx: &mut Transaction, one: OwnLog) -> LogId {
    let (log, mut logs) = (new_log(core.device, &mut *core.entropy()), core.at(tx).own_logs());
    match one {
        OwnLog::Main => logs.main = log,
        OwnLog::Drafts => logs.drafts = log,
    }
    take(tx, logs);
    log
}

fn take(tx: &mut Transaction, logs: OwnLogs) {
    logs.put(tx);
    tx.next.logs = Some(logs);
}
