//! What an unlocked vault does first: looks at the anchors and the rows, and does what was left to be done.

use crate::rows::RowError;
use crate::secret::{Key, ReauthRole};
use crate::vault::commit::{flush, forget_pruned, prune_drafts, publish_owed_private_keys, retire_logs};
use crate::vault::core::{ReauthBox, read_slot};
use crate::vault::load::ListDamage;
use crate::vault::session::UnlockError;
use crate::vault::subject::note_clock;
use crate::vault::{Millis, Notice, Vault};

/// Rows that are looked at when a practice is unlocked: some milliseconds.
const ROWS_AT_UNLOCKING: u64 = 8_192;

impl Vault {
    /// Looks at the anchors, shows the lists, and sends what a crash left behind.
    pub(super) fn begin(&mut self, reauth: &Key<ReauthRole>, now: Millis) -> Result<(), UnlockError> {
        self.core.check_rollback_anchors()?;
        let damage = self.core.load()?;
        self.rebuild_lists_if_damaged(damage);
        self.look_at_rows()?;
        if self.core.read().is_removed() {
            self.core.memory.tell(Notice::RemovedHere);
        }
        if self.is_read_only() {
            self.core.memory.tell(Notice::ReadOnly);
        }
        // What would be said to the others, or let go, could be said by a roster that was put back.
        let is_whole = self.core.require_vital().is_ok();
        let owed = if is_whole { self.publish_owed(reauth, now) } else { Ok(()) };
        let flushed = flush(&mut self.core);
        let left_behind =
            flushed.map_err(UnlockError::from).and_then(|_| Ok(self.notes_mut().settle_signatures_left_behind(now)?));
        if is_whole {
            prune_drafts(&mut self.core);
        }
        let swept = self.sweep_files(now);
        [owed, left_behind, swept].into_iter().try_for_each(|done| self.unless_bearable(done))?;
        if self.is_poisoned() {
            let _ = self.reopen();
        }
        Ok(())
    }

    /// Lists that were damaged are made again at once, where the file can be written on; that there was damage is told all the
    /// same.
    pub(super) fn rebuild_lists_if_damaged(&mut self, damage: ListDamage) {
        if damage.clients {
            let _ = self.integrity_mut().rebuild_lists();
        }
    }

    /// Damage in one thing must not keep what is whole from being read, nor a disk that takes nothing more.
    fn unless_bearable(&mut self, done: Result<(), UnlockError>) -> Result<(), UnlockError> {
        match done {
            Err(error) if error.row() == Some(RowError::Damaged) => self.core.memory.tell(Notice::Damaged),
            Err(error) if error.row().is_some_and(|row| row.is_for_want_of_room()) => {
                if !self.is_read_only() {
                    self.core.memory.tell(Notice::DiskFull);
                }
            }
            other => return other,
        }
        Ok(())
    }

    /// Does what waited for the passphrase: keys of private notes that are owed to a new device, what a removal left to do, and
    /// a recovery kit that was made on another device.
    /// Unlocking does not open private notes: they ask once more.
    fn publish_owed(&mut self, key: &Key<ReauthRole>, now: Millis) -> Result<(), UnlockError> {
        let opened = ReauthBox::open(&read_slot(self.core.rows.look(), "again")?, key)?;
        self.core.begin_reauth(opened, now);
        let followed =
            self.devices_mut().follow_removals(key, now).and_then(|()| Ok(self.devices_mut().follow_kit()?));
        let published = followed.and_then(|()| Ok(publish_owed_private_keys(&mut self.core)?));
        self.core.reauth = None;
        Ok(published?)
    }

    /// What is left over goes next time. After a write that failed the file is opened anew, so that what is done next is saved, or
    /// is told why not.
    fn sweep_files(&mut self, now: Millis) -> Result<(), UnlockError> {
        let left = self.trash_mut().note_first_seen(now);
        let swept = self.files_mut().sweep_pieces();
        let swept = swept.and(left).and_then(|left| self.files_mut().forget_files_out_of_trash(&left));
        let swept = swept.and_then(|()| forget_pruned(&mut self.core, now)).and_then(|()| retire_logs(&mut self.core));
        let swept = swept.and_then(|()| note_clock(&mut self.core, now));
        Ok(swept.or_else(|error| match error {
            error if error == RowError::Damaged || error.is_for_want_of_room() => Err(error),
            _ => Ok(()),
        })?)
    }

    /// Notices an old row that was put back, beside the vital ones, which are looked at in any case. All are looked at, or none:
    /// the state record has one sum over all of them. Where there are many, that would cost what unlocking may not, and the
    /// check of the practice looks.
    fn look_at_rows(&mut self) -> Result<(), UnlockError> {
        let core = &mut self.core;
        if core.memory.notices.contains(&Notice::Damaged) || core.rows.others()? > ROWS_AT_UNLOCKING {
            return Ok(());
        }
        match core.rows.is_other_whole(&core.memory.state) {
            Ok(true) => {}
            Ok(false) => core.memory.tell(Notice::RowsChanged),
            // Whoever reads the row that lies there says so.
            Err(RowError::Damaged) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
