//! What is vital (format §6): with what the practice is opened, who belongs to it, and under which keys is written. Where it is
//! not what was written last, nothing leaves this device and nothing of it is changed until a repair.

use crate::rows::RowError;
use crate::state::State;
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction};

impl Core {
    /// Refuses what must not be done while vital rows are not those that were written last.
    pub(crate) fn require_vital(&self) -> Result<(), RowError> {
        match self.memory.is_vital_changed {
            true => Err(RowError::VitalChanged),
            false => Ok(()),
        }
    }

    /// The same, looking at the rows once more.
    pub(crate) fn look_at_vital(&mut self) -> Result<(), RowError> {
        if !self.rows.is_vital_whole(&self.memory.state)? {
            self.note_vital_changed();
        }
        self.require_vital()
    }

    /// From now on, until a repair, vital rows are not those that were written last.
    pub(crate) fn note_vital_changed(&mut self) {
        self.memory.is_vital_changed = true;
        self.memory.tell(Notice::VitalChanged);
    }

    /// Has the vital rows count as they lie on the disk: for what has made them again.
    pub(crate) fn accept_vital(&mut self) -> Result<(), RowError> {
        let (vital, unreadable) = self.rows.vital_in(self.rows.look())?;
        if !unreadable.is_empty() {
            return Err(RowError::Damaged);
        }
        self.write_after(State { vital, ..self.memory.state.clone() }, Transaction::default())?;
        self.memory.is_vital_changed = false;
        // Where it was not told yet, there is nothing to be done about it any more.
        self.memory.notices.retain(|notice| *notice != Notice::VitalChanged);
        Ok(())
    }
}
