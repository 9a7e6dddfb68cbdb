//! What an import froze (format §3, *frozen*), and what each payload says about itself at its beginning.

use crate::codec::{Malformed, Reader};
use crate::document::{Fields, fields};
use crate::id::{ClientId, DocId};
use crate::log::{DocType, Kind};
use crate::record;
use crate::record::{Measure, NoteContent};
use crate::vault::items::file::FileItem;
use crate::vault::items::reassign::Move;
use crate::vault::items::signed::SignedNote;

/// Type and origin before the JSON of a frozen item.
pub(crate) const FROZEN_HEAD: usize = 17;

/// The JSON of a frozen set of measures.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct FrozenMeasures {
    pub(crate) client: ClientId,
    pub(crate) measures: Vec<Measure>,
}

pub(crate) fn frozen_fields(kind: DocType, json: &[u8]) -> Result<(Fields, String), Malformed> {
    if kind == DocType::Client {
        let identity = record::read_identity(json).map_err(|_| Malformed)?;
        return Ok((fields::of_identity(&identity), String::new()));
    }
    let note: FrozenNote = serde_json::from_slice(json).map_err(|_| Malformed)?;
    Ok(fields::of_note(&note.content))
}

/// The JSON of a frozen note.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct FrozenNote {
    pub(crate) client: ClientId,
    #[serde(flatten, deserialize_with = "crate::record::read_note")]
    pub(crate) content: NoteContent,
}

/// The type of document and the client that a payload begins with. What is frozen or signed is read whole: a document
/// that took in one that says nothing, or a signature under another note, could not be shown again.
pub(crate) fn heading(kind: Kind, document: &DocId, payload: &[u8]) -> Result<(DocType, ClientId), Malformed> {
    let mut reader = Reader::new(payload);
    match kind {
        Kind::Frozen => {
            let kind = DocType::of(reader.u8()?);
            // What says what a file is has a kind of its own.
            if kind == DocType::File {
                return Err(Malformed);
            }
            reader.array::<16>()?;
            Ok((kind, frozen_client(kind, reader.rest()).map_err(|_| Malformed)?))
        }
        Kind::Moved => {
            let says = Move::parse(payload)?;
            Ok((says.kind, says.to))
        }
        Kind::Changes | Kind::Delete | Kind::Restore | Kind::Merged => {
            Ok((DocType::of(reader.u8()?), DocId(reader.array()?)))
        }
        Kind::Signed => {
            let signed: Named = serde_json::from_slice(reader.lp(payload.len())?).map_err(|_| Malformed)?;
            SignedNote::read(document, payload).ok_or(Malformed)?;
            Ok((if signed.process { DocType::ProcessNote } else { DocType::Note }, signed.client))
        }
        Kind::File => Ok((DocType::File, FileItem::parse(payload)?.client)),
        Kind::Disclosure => {
            let named: Named = serde_json::from_slice(payload).map_err(|_| Malformed)?;
            Ok((DocType::Unknown(Kind::Disclosure.code()), named.client))
        }
        _ => Err(Malformed),
    }
}

pub(crate) fn frozen_client(kind: DocType, json: &[u8]) -> Result<ClientId, serde_json::Error> {
    Ok(match kind {
        DocType::Client => record::read_identity(json).map(|_| DocId([0; 16]))?,
        DocType::Note | DocType::ProcessNote => serde_json::from_slice::<FrozenNote>(json)?.client,
        DocType::Measures => serde_json::from_slice::<FrozenMeasures>(json)?.client,
        DocType::File | DocType::Unknown(_) => serde_json::from_slice::<Named>(json)?.client,
    })
}

/// What every JSON payload says about itself.
#[derive(serde::Deserialize)]
pub(crate) struct Named {
    pub(crate) client: ClientId,
    #[serde(default)]
    pub(crate) process: bool,
}
