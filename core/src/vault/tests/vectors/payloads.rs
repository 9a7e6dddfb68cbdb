//! Vectors of what items say about documents: deleted, restored, moved, merged, closed.

use super::*;
use crate::id::{ClientId, LogId};
use crate::log::DocType;
use crate::vault::items::deletion::{delete_payload, naming};
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::Move;
use crate::vault::items::home::{DocumentOrigin, NOBODY};
use crate::vault::items::merge::MergeItem;
use crate::vault::items::pruning::closed_payload;

const OTHER: ClientId = DocId([0xC2; 16]);

impl Vectors {
    /// Kinds 19 and 23 to 26.
    pub(super) fn payloads(&mut self) {
        let of = origin();
        let json = r#"{"date":"2026-03-02","format":"SOAP","text":"She slept badly."}"#;
        let frozen = (Kind::Frozen, frozen_payload(&of, &DocId([0x0A; 16]), json.as_bytes()));
        let named = [vec![of.kind.code()], of.client.0.to_vec(), of.nonce.to_vec()].map(|part| hex(&part));
        let with = [vec![label(labels::DOCUMENT)], named.to_vec()].concat();
        self.gives("what a document's id is the beginning of", "labelled", &with, hex(of.whole_hash().0));
        let head = kdf::sha256(&frozen.1);
        let delete = |heads: &[Hash]| (Kind::Delete, delete_payload(&of, heads, NOW));
        let (seen, unseen) = (delete(&[head]), delete(&[Hash([0xAA; 32])]));
        let restore = (Kind::Restore, naming(&of, &[kdf::sha256(&seen.1)]));
        let again = delete(&[head, kdf::sha256(&restore.1)]);
        self.document_of("a frozen note", &[&frozen], Some(CLIENT));
        self.document_of("a deletion that has seen the note", &[&frozen, &seen], None);
        self.document_of("a deletion that has not", &[&frozen, &unseen], Some(CLIENT));
        self.document_of("a deletion, taken back", &[&frozen, &seen, &restore], Some(CLIENT));
        self.document_of("a deletion that has seen the restoring", &[&frozen, &seen, &restore, &again], None);

        let moved = |to, at, seen| (Kind::Moved, Move { origin: of, to, at, seen }.to_bytes());
        let there = moved(OTHER, NOW + 1, Vec::new());
        let back = moved(CLIENT, NOW, vec![kdf::sha256(&there.1)]);
        self.document_of("a note that was moved", &[&frozen, &there], Some(OTHER));
        self.document_of("one that was moved back, by an earlier clock", &[&frozen, &there, &back], Some(CLIENT));
        self.document_of("a deletion that has not seen the move", &[&frozen, &there, &seen], Some(OTHER));

        let whose = DocumentOrigin { kind: DocType::Client, client: NOBODY, nonce: [0xCC; 16] };
        let merged = MergeItem { origin: whose, into: OTHER, merges: true, at: NOW, taken_back: Vec::new() }.to_bytes();
        let apart = vec![kdf::sha256(&merged)];
        let apart = MergeItem { origin: whose, into: whose.id(), merges: false, at: NOW, taken_back: apart }.to_bytes();
        let closed = closed_payload(&[(LogId([0xE1; 24]), vec![(0, 3), (5, 6)])].into());
        for (what, payload) in [("a merge", merged), ("a merge, taken back", apart), ("a closing", closed)] {
            self.gives(&format!("the hash of {what}"), "sha256", &[hex(&payload)], hex(kdf::sha256(&payload).0));
        }
    }

    /// What items make of the note: it is this client's, or deleted.
    fn document_of(&mut self, what: &str, items: &[&(Kind, Vec<u8>)], client: Option<ClientId>) {
        let items: Vec<Value> =
            items.iter().map(|(kind, payload)| json!([kind.code(), hex([0xDE; 16]), hex(payload)])).collect();
        let said = |client: ClientId| {
            json!([
                [text("id"), text(origin().id().to_string())],
                [text("type"), text("note")],
                [text("client"), text(client.to_string())],
                [text("signed"), []],
                [text("tags"), []],
                [text("text"), text("She slept badly.")],
                [text("date"), text("2026-03-02")],
                [text("format"), text("SOAP")],
                [text("other"), []],
            ])
        };
        let with = [hex(origin().id().0), items.into(), json!([])];
        self.gives(what, "read_document", &with, client.map_or(Value::Null, said));
    }
}
