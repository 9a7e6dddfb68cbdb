//! The changes of a document that nobody sends, because every device computes the same ones.
//!
//! The *root* makes the text object; it follows from the document's id alone, so that no device can begin a document
//! in another way than the rest. A *frozen* change says on top of the root what an import froze; of several frozen
//! contents each is a change of its own. Two devices must make the very same bytes, or their documents never merge. What
//! pins them: the actor is a hash of what the change follows from; the time is 0 and there is no message; the operations
//! come in one order (fields by name, then the text, one character each or in runs); and the encoding of a change is part of
//! Automerge's file format. A vector in the tests holds the hash of one of each: a release of the library, or an edit of
//! this file, that would encode them otherwise fails there, and must keep this encoding for documents that exist.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ChangeHash, ObjId, ObjType, ROOT};
use sha2::{Digest, Sha256};
use subrosa_base::id::DocId;
use subrosa_base::labels;

use super::{Actor, ENCODING, Fields, MAX_FIELDS, MAX_TEXT, NotWritten, TEXT, bytes_of, runs};

/// The first 24 bytes of `H(label ‖ document ‖ what follows)`.
fn actor(label: &[u8], id: DocId, rest: &[u8]) -> ActorId {
    let digest = Sha256::new().chain_update(label).chain_update(id.0).chain_update(rest).finalize();
    ActorId::from(digest.get(..Actor::LEN).unwrap_or_default())
}

/// `H(content)`: the number of fields as u64, then `lp(name) ‖ lp(value)` for each field by name, then `lp(text)`.
fn hash_of(fields: &Fields, text: &str) -> Vec<u8> {
    let mut content = Sha256::new();
    content.update((fields.len() as u64).to_le_bytes());
    for part in fields.iter().flat_map(|(name, value)| [name.as_str(), value]).chain([text]) {
        // Sizes are checked before any change is made; a u32 holds every size that passes.
        content.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        content.update(part);
    }
    content.finalize().to_vec()
}

/// A document of its root alone, and its text object.
fn root(id: DocId) -> Result<(Automerge, ObjId), NotWritten> {
    let actor = actor(labels::DOCUMENT_ROOT, id, &[]);
    let mut automerge = Automerge::new_with_encoding(ENCODING).with_actor(actor);
    let mut edit = automerge.transaction();
    let Ok(text) = edit.put_object(ROOT, TEXT, ObjType::Text) else {
        edit.rollback();
        return Err(NotWritten::Failed);
    };
    edit.commit_with(CommitOptions { message: None, time: None });
    Ok((automerge, text))
}

/// How a document begins.
pub(super) struct Beginning {
    pub(super) automerge: Automerge,
    /// The one change without a parent.
    pub(super) root: ChangeHash,
    /// The text object that the root made.
    pub(super) text: ObjId,
}

/// A document of its root and of what was frozen.
pub(super) fn with_frozen<'f>(
    id: DocId,
    frozen: impl IntoIterator<Item = (&'f Fields, &'f str)>,
) -> Result<Beginning, NotWritten> {
    let (root, object) = root(id)?;
    let first = root.get_heads().first().copied().ok_or(NotWritten::Failed)?;
    let mut whole: Option<Automerge> = None;
    for (fields, text) in frozen {
        let mut one = frozen_change(&root, &object, id, fields, text)?;
        whole = Some(match whole.take() {
            Some(mut others) => {
                others.merge(&mut one).map_err(|_| NotWritten::Failed)?;
                others
            }
            None => one,
        });
    }
    Ok(Beginning { automerge: whole.unwrap_or(root), root: first, text: object })
}

/// The root with one change that says what was frozen.
fn frozen_change(
    root: &Automerge,
    object: &ObjId,
    id: DocId,
    fields: &Fields,
    text: &str,
) -> Result<Automerge, NotWritten> {
    check_sizes(fields, text)?;
    let mut frozen = root.clone().with_actor(actor(labels::DOCUMENT_BASE, id, &hash_of(fields, text)));
    let mut edit = frozen.transaction();
    let recorded = (|| {
        for (name, value) in fields {
            edit.put(ROOT, name.as_str(), value.as_str())?;
        }
        runs::begin(&mut edit, object, text)?;
        Ok::<_, AutomergeError>(())
    })();
    if recorded.is_err() {
        edit.rollback();
        return Err(NotWritten::Failed);
    }
    edit.commit_with(CommitOptions { message: None, time: None });
    Ok(frozen)
}

/// Whether a document may hold this.
pub(super) fn check_sizes(fields: &Fields, text: &str) -> Result<(), NotWritten> {
    if text.len() > MAX_TEXT || bytes_of(fields) > MAX_FIELDS {
        return Err(NotWritten::TooLong);
    }
    if fields.contains_key(TEXT) { Err(NotWritten::ReservedName) } else { Ok(()) }
}
