//! The first change of a document, and why every device builds the same one for something frozen.
//!
//! A frozen note has no history. Its first edit needs one change that says what the note said, and two devices that
//! make it apart must make the very same bytes, or their documents have two roots and never merge. What pins it:
//! the actor is a hash of the document's id and content; the time is 0 and there is no message; the operations come
//! in one order (fields by name, then the text object, then its characters); and the encoding of a change is part of
//! Automerge's file format. A vector in the tests holds the hash of one: a release of the library, or an edit of this
//! file, that would encode it otherwise fails there, and must keep this encoding for documents that exist.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ObjId, ObjType, ROOT};
use sha2::{Digest, Sha256};
use subrosa_base::id::DocId;
use subrosa_base::labels;

use super::{Actor, ENCODING, Fields, MAX_FIELDS, MAX_TEXT, NotWritten, TEXT};

/// The actor of a base change: the first 16 bytes of `H(label ‖ document ‖ H(content))`, where content is the number
/// of fields as u64, then `lp(name) ‖ lp(value)` for each field by name, then `lp(text)`.
pub(super) fn actor(id: DocId, fields: &Fields, text: &str) -> Actor {
    let mut content = Sha256::new();
    content.update((fields.len() as u64).to_le_bytes());
    for part in fields.iter().flat_map(|(name, value)| [name.as_str(), value]).chain([text]) {
        // Sizes are checked before any change is made; a u32 holds every size that passes.
        content.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        content.update(part);
    }
    let digest = Sha256::new().chain_update(labels::DOCUMENT_BASE).chain_update(id.0).chain_update(content.finalize());
    let mut actor = [0; Actor::LEN];
    actor.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    Actor(actor)
}

/// What a first change says about itself.
pub(super) struct First {
    pub(super) actor: Actor,
    pub(super) message: Option<String>,
    pub(super) seconds: Option<i64>,
}

/// A document of one change, and its text object.
pub(super) fn first_change(
    First { actor, message, seconds }: First,
    fields: &Fields,
    text: &str,
) -> Result<(Automerge, ObjId), NotWritten> {
    check_sizes(fields, text)?;
    let mut automerge = Automerge::new_with_encoding(ENCODING).with_actor(ActorId::from(actor.0));
    let mut edit = automerge.transaction();
    let recorded = (|| {
        for (name, value) in fields {
            edit.put(ROOT, name.as_str(), value.as_str())?;
        }
        let object = edit.put_object(ROOT, TEXT, ObjType::Text)?;
        edit.splice_text(&object, 0, 0, text)?;
        Ok::<_, AutomergeError>(object)
    })();
    let Ok(object) = recorded else {
        edit.rollback();
        return Err(NotWritten::Failed);
    };
    edit.commit_with(CommitOptions { message, time: seconds });
    Ok((automerge, object))
}

/// Whether a document may hold this.
pub(super) fn check_sizes(fields: &Fields, text: &str) -> Result<(), NotWritten> {
    let bytes: usize = fields.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
    if text.len() > MAX_TEXT || bytes > MAX_FIELDS {
        return Err(NotWritten::TooLong);
    }
    if fields.contains_key(TEXT) { Err(NotWritten::ReservedName) } else { Ok(()) }
}
