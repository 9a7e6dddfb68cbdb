//! The vault as a shelf of envelopes: what it holds, what it gives, and what it takes from another device.

pub(crate) mod inbox;

use std::collections::BTreeSet;

use crate::id::{DeviceId, Hash, LogId};
use crate::rows::RowError;
use crate::vault::read::{LogEnd, Taken};
use crate::vault::registry::{HeaderAt, SetAsideAt};
use crate::vault::subject::Log;

impl Log<'_> {
    /// A digest of everything that this vault holds of the logs: equal on two devices when neither lacks anything.
    pub fn frontier(&self) -> Result<Hash, RowError> {
        self.core.read().ledger().frontier()
    }

    /// Whether a header is here.
    pub fn has_header(&self, name: &Hash) -> Result<bool, RowError> {
        self.core.read().has(&HeaderAt(*name))
    }

    /// Whether anything of a log is here.
    pub fn has_log(&self, log: &LogId) -> bool {
        self.core.memory.state.logs.contains_key(log)
    }

    /// All branches of all logs as other devices are told of them, in a fixed order. A log whose rows are damaged is left out.
    pub fn log_ends(&self) -> Result<Vec<LogEnd>, RowError> {
        self.core.read().ledger().log_ends_to_tell()
    }

    /// Numbers and names of the envelopes up to `head` whose bodies are not here, in order; `None` when that header is
    /// not here itself.
    pub fn lacking(&self, log: &LogId, head: &Hash) -> Result<Option<Vec<(u64, Hash)>>, RowError> {
        self.core.read().ledger().lacking(log, head)
    }

    /// Whether a body is here.
    pub fn has_body(&self, envelope: &Hash) -> Result<bool, RowError> {
        self.core.read().ledger().has_body(envelope)
    }

    /// Signed headers of the branch that ends at `head`, from `from` on, as many as fit and at least up to the first
    /// signature.
    pub fn headers(&self, log: &LogId, from: u64, head: &Hash, max_bytes: usize) -> Result<Vec<Vec<u8>>, RowError> {
        self.core.read().ledger().headers(log, from, head, max_bytes)
    }

    /// Names of the envelopes of a branch, from a number on.
    pub fn branch_names(&self, log: &LogId, from: u64, head: &Hash) -> Result<Vec<Hash>, RowError> {
        self.core.read().ledger().branch_names(log, from, head)
    }

    /// Numbers of the envelopes of a log that another device said it holds, as ranges in order.
    pub fn held_elsewhere(&self, device: &DeviceId, log: &LogId) -> Result<Vec<(u64, u64)>, RowError> {
        self.core.read().ledger().held_elsewhere(device, log)
    }

    /// The body of an envelope, as it travels; `None` when it is not here.
    pub fn envelope_body(&self, envelope: &Hash) -> Result<Option<Vec<u8>>, RowError> {
        self.core.read().ledger().envelope_body(envelope)
    }

    /// What would become of a body, without taking it.
    pub fn judge_body(&self, envelope: &Hash, body: &[u8]) -> Result<Taken, RowError> {
        self.core.read().ledger().judge_body(envelope, body)
    }

    /// Envelopes whose bodies are to be asked for before all others.
    pub fn wanted_first(&self) -> Result<BTreeSet<Hash>, RowError> {
        self.core.read().ledger().wanted_first()
    }

    /// Numbers of a log whose headers only another device or a backup can give back.
    pub fn lost_headers(&self, log: &LogId) -> Result<Vec<u64>, RowError> {
        self.core.read().ledger().lost_headers(log)
    }

    /// Items, and bodies that do not open at all, that were set aside so far, whatever the reason.
    pub fn set_aside_count(&self) -> Result<usize, RowError> {
        Ok(self.core.read().list(&SetAsideAt())?.len())
    }
}
