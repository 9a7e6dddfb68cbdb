//! From an older format number to this one: a copy first, proven, and then step by step, at any point of which the process
//! may end.
//!
//! The copy lies beside the vault under `<vault>.format-<number>` and is what every later repair can fall back on: all rows,
//! read back from the disk and compared, and opened with the keys that opened the vault. Only then the first step is made.
//! Each step is one transaction, in which a marker says how many are done; the last transaction takes the marker away and
//! writes the new number. So a vault is always of one number or between two, and the next unlock goes on from there.
//!
//! A number that is newer than this program's is refused before a key is looked at ([`LockedVault::open`]).
//!
//! [`LockedVault::open`]: crate::vault::LockedVault::open

use std::path::{Path, PathBuf};

use crate::codec::{Reader, Writer};
use crate::entropy::Entropy;
use crate::rows::RowError;
use crate::rows::{Changes, Row, Rows};
use crate::secret::{Key, LocalRole};
use crate::state::State;
use crate::store::{self, Batch, RedbStore, StoreError, Table};
use crate::vault::FORMAT;
use crate::vault::core::{KeyBox, read_slot, slot};
use crate::vault::registry::MigrationAt;
use crate::vault::session::UnlockError;

/// One transaction of a migration: what it changes, made from the rows as they are.
pub(crate) type MigrationStep = fn(&Rows) -> Result<Changes, UnlockError>;

/// How one format number becomes the next.
pub(crate) struct Migration {
    /// The number before.
    pub(crate) from: u32,
    /// In order. A step may rely on those before it, and on nothing else.
    pub(crate) steps: &'static [MigrationStep],
}

/// All migrations that this version knows. Number 2 is the first that was ever in use.
pub(crate) const MIGRATIONS: &[Migration] = &[];

/// The format number of a vault; refused when it is newer, or older than any that can be read.
pub(crate) fn readable(about: &[u8], migrations: &[Migration]) -> Result<u32, UnlockError> {
    let mut reader = Reader::new(about);
    let number = reader.u32().map_err(|_| RowError::Damaged)?;
    let known = |number: u32| migrations.iter().any(|migration| migration.from == number);
    match number {
        newer if newer > FORMAT => Err(StoreError::Newer(newer).into()),
        older if (older..FORMAT).all(known) => Ok(older),
        older => Err(StoreError::Older(older).into()),
    }
}

/// Brings the rows to [`FORMAT`], when they are not there. Nothing is written before a copy is proven.
pub(crate) fn bring_up_to_date(
    rows: &mut Rows,
    migrations: &[Migration],
    vault: Option<&Path>,
    local: &Key<LocalRole>,
    entropy: &mut dyn Entropy,
) -> Result<(), UnlockError> {
    let number = readable(&read_slot(rows.look(), "about")?, migrations)?;
    for migration in (number..FORMAT).filter_map(|from| migrations.iter().find(|migration| migration.from == from)) {
        let done = match rows.read(MigrationAt::TABLE, &MigrationAt().name())? {
            Some(marker) => steps_done(&marker, migration.from).ok_or(RowError::Damaged)?,
            None => {
                let vault = vault.ok_or(UnlockError::NotCopied)?;
                keep_copy(rows, migration.from, vault, local).map_err(|_| UnlockError::NotCopied)?;
                0
            }
        };
        for (number, step) in (0..).zip(migration.steps).skip(done) {
            let mut changes = step(rows)?;
            changes.put(MigrationAt::TABLE, &MigrationAt().name(), marker(migration.from, number + 1));
            commit(rows, changes, Batch::new(), entropy)?;
        }
        let (mut changes, mut batch) = (Changes::default(), Batch::new());
        changes.remove(MigrationAt::TABLE, &MigrationAt().name());
        batch.put(Table::Slots, slot("about"), (migration.from + 1).to_le_bytes());
        commit(rows, changes, batch, entropy)?;
    }
    Ok(())
}

fn commit(rows: &mut Rows, changes: Changes, batch: Batch, entropy: &mut dyn Entropy) -> Result<(), UnlockError> {
    let mut state: State = rows.state()?;
    Ok(rows.commit_with(&mut state, changes, batch, entropy)?)
}

/// The marker of a migration that is under way: the number before, and how many steps are done.
fn marker(from: u32, done: u32) -> Vec<u8> {
    Writer::new().u32(from).u32(done).finish()
}

fn steps_done(marker: &[u8], from: u32) -> Option<usize> {
    let mut reader = Reader::new(marker);
    let (of, done) = (reader.u32().ok()?, reader.u32().ok()?);
    reader.finish().ok()?;
    (of == from).then(|| usize::try_from(done).ok())?
}

/// Where the copy of a vault of this number lies.
fn copy_of(vault: &Path, number: u32) -> PathBuf {
    let mut name = vault.as_os_str().to_owned();
    name.push(format!(".format-{number}"));
    name.into()
}

/// Writes the copy under another name, proves it, and gives it its own name then: what bears that name was proven. A copy
/// that an earlier try left is proven again, and made anew when it does not hold.
fn keep_copy(rows: &Rows, number: u32, vault: &Path, local: &Key<LocalRole>) -> Result<(), UnlockError> {
    let copy = copy_of(vault, number);
    if copy.exists() && prove(rows, &copy, local).is_ok() {
        return Ok(());
    }
    let mut fresh = copy.clone().into_os_string();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    store::remove_leftover(&fresh)?;
    store::copy_rows(rows.look(), &mut RedbStore::create(&fresh)?)?;
    prove(rows, &fresh, local)?;
    Ok(store::rename(&fresh, &copy)?)
}

/// Reads the copy back from the disk: the same rows, and the same keys open it.
fn prove(rows: &Rows, copy: &Path, local: &Key<LocalRole>) -> Result<(), UnlockError> {
    let copy = RedbStore::open(copy)?;
    if !store::same_rows(rows.look(), &copy)? {
        return Err(RowError::Damaged.into());
    }
    let boxes = KeyBox::open(&read_slot(&copy, "keys")?, local)?;
    let copied = Rows::new(Box::new(copy), &boxes.rows);
    if copied.check(&copied.state()?)? { Ok(()) } else { Err(RowError::Damaged.into()) }
}
