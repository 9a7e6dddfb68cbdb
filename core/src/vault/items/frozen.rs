//! What an import froze (format §3, *frozen*), and what each payload says about itself at its beginning.

use crate::codec::Malformed;
use crate::document::{Fields, fields};
use crate::id::{ClientId, DocId};
use crate::log::{DocType, Kind};
use crate::planted::{Check, is_out};
use crate::record;
use crate::record::{Measure, NoteContent};
use crate::strict_json;
use crate::vault::items::file::FileItem;
use crate::vault::items::home::Move;
use crate::vault::items::home::{DocumentOrigin, said};
use crate::vault::items::merge::MergeItem;
use crate::vault::items::signed::SignedNote;

/// What a frozen item says: the import that brought it, then JSON.
pub(crate) fn frozen_payload(origin: &DocumentOrigin, import: &DocId, json: &[u8]) -> Vec<u8> {
    origin.with(&[import.0.as_slice(), json].concat())
}

/// The JSON of a frozen item.
pub(crate) fn frozen_json(payload: &[u8]) -> Option<&[u8]> {
    said(payload).get(DocId::LEN..)
}

/// The JSON of a frozen set of measures.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct FrozenMeasures {
    pub(crate) measures: Vec<Measure>,
}

/// The fields and the text that a frozen item says.
pub(crate) fn frozen_fields(kind: DocType, json: &[u8]) -> Result<(Fields, String), Malformed> {
    if kind == DocType::Client {
        let identity = record::read_identity(json).map_err(|_| Malformed)?;
        return Ok((fields::of_identity(&identity), String::new()));
    }
    Ok(fields::of_note(&frozen_note(json)?))
}

/// The note that a frozen item says.
pub(crate) fn frozen_note(json: &[u8]) -> Result<NoteContent, Malformed> {
    record::read_note(&mut serde_json::Deserializer::from_slice(json)).map_err(|_| Malformed)
}

/// The origin that a payload begins with. What is frozen or signed is read whole: a document that took in one that says nothing,
/// or a signature under another note, could not be shown again.
pub(crate) fn origin_of(kind: Kind, document: &DocId, payload: &[u8]) -> Result<DocumentOrigin, Malformed> {
    let origin = DocumentOrigin::of(payload)?;
    if origin.id() != *document && !is_out(Check::Origin) {
        return Err(Malformed);
    }
    match kind {
        Kind::Frozen => check_frozen(origin.kind, frozen_json(payload).ok_or(Malformed)?)?,
        Kind::Moved => drop(Move::parse(payload)?),
        Kind::Merged if origin.kind == DocType::Client => drop(MergeItem::parse(payload)?),
        Kind::Delete | Kind::Restore => {}
        Kind::Changes if matches!(origin.kind, DocType::Client | DocType::Note | DocType::ProcessNote) => {}
        Kind::Signed => {
            let signed = SignedNote::read(document, payload).ok_or(Malformed)?;
            if signed.process != (origin.kind == DocType::ProcessNote) {
                return Err(Malformed);
            }
        }
        Kind::File => drop(FileItem::parse(payload)?),
        Kind::Disclosure => check_disclosure(&origin, said(payload))?,
        _ => return Err(Malformed),
    }
    Ok(origin)
}

fn check_frozen(kind: DocType, json: &[u8]) -> Result<(), Malformed> {
    if !strict_json::names_each_once(json) {
        return Err(Malformed);
    }
    match kind {
        DocType::Client | DocType::Note | DocType::ProcessNote => drop(frozen_fields(kind, json)?),
        DocType::Measures => drop(serde_json::from_slice::<FrozenMeasures>(json).map_err(|_| Malformed)?),
        // What says what a file is has a kind of its own.
        DocType::File => return Err(Malformed),
        DocType::Unknown(_) => {}
    }
    Ok(())
}

/// What the JSON of a disclosure says of whose record it is about.
#[derive(serde::Deserialize)]
struct DisclosedRecord {
    client: ClientId,
}

fn check_disclosure(origin: &DocumentOrigin, json: &[u8]) -> Result<(), Malformed> {
    let record: DisclosedRecord = strict_json::read(json).ok_or(Malformed)?;
    let is_one = origin.kind == DocType::of(Kind::Disclosure.code()) && record.client == origin.client;
    if is_one { Ok(()) } else { Err(Malformed) }
}
