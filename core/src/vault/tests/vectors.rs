//! The vectors of everything that this format makes: `core/vectors/made.json`, from one fixed stream of randomness.
//!
//! Each names an operation of docs/format.md (the functions of `docs/reader`, which was written from the documents
//! alone), what it is done with, and what it gives, or that it is refused. The program must make these bytes again, and
//! that reader must find the same in them. A vector never changes; a new construction adds some: run this test with
//! `SUBROSA_WRITE_VECTORS=1`, which writes the file anew, and see by `git diff` that nothing else moved.

use crate::store::Batch;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::codec::Writer;
use crate::entropy::Entropy;
use crate::id::{DeviceId, DocId, EpochId, KeyId, LogId};
use crate::log::{self, Class, DocType, Item, Kind, Position, SignedHeader};
use crate::roster::{DeviceCard, Earlier, HandedOver};
use crate::rows::{Changes, Rows};
use crate::secret::{CompartmentRole, DeviceSigningRole, Key, RecoveryRole, Role, WrapRole};
use crate::sign::Signer;
use crate::slots::{PassphraseSlot, RecoverySecrets, RecoverySlot};
use crate::state::{State, Tip};
use crate::store::anchor::Anchor;
use crate::store::{Table, block_check};
use crate::vault::core::{KeyBox, ReauthBox};
use crate::vault::items::home::DocumentOrigin;
use crate::wrap::{self, WrapPublic};
use crate::{kdf, kem, labels, seal};

mod lengths;
mod membership;
mod payloads;
mod practice;
mod statements;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/made.json");
const DOCUMENT: DocId = DocId([0xD0; 16]);
const CLIENT: DocId = DocId([0xC1; 16]);
const EPOCH: EpochId = EpochId([0xE0; 16]);

/// What the id of the note of these vectors commits to.
fn origin() -> DocumentOrigin {
    DocumentOrigin { kind: DocType::Note, client: CLIENT, nonce: [0xCE; 16] }
}

/// Blocks of SHA-256("subrosa vectors" ‖ number): the same stream whenever and wherever it is asked for.
struct Stream(u64, Vec<u8>);

impl Stream {
    fn new() -> Self {
        Self(0, Vec::new())
    }
}

impl Entropy for Stream {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.1.is_empty() {
                let block = Sha256::new().chain_update("subrosa vectors").chain_update(self.0.to_le_bytes());
                self.1 = block.finalize().to_vec();
                self.0 += 1;
            }
            *byte = self.1.pop().unwrap();
        }
    }
}

/// What an admission hands over, where nobody opens it.
pub(super) fn handed() -> HandedOver {
    HandedOver { wrap: vec![7; 40], earlier: Earlier { under: EPOCH, sealed: vec![7; 60] } }
}

fn key<R: Role>(byte: u8) -> Key<R> {
    Key::take(&mut [byte; 32])
}

/// Bytes stand as hexadecimal digits.
fn hex(bytes: impl AsRef<[u8]>) -> Value {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// Text stands as an object with this one field.
fn text(text: impl Into<String>) -> Value {
    json!({"text": text.into()})
}

/// Labels stand without their common beginning, which the operation puts before them.
fn label(label: &[u8]) -> Value {
    text(std::str::from_utf8(label.strip_prefix(b"subrosa/v1/").unwrap()).unwrap())
}

/// A context: a label without its beginning, and what follows it.
fn context(label: &[u8], rest: &[&[u8]]) -> Value {
    hex([label.strip_prefix(b"subrosa/v1/").unwrap(), &rest.concat()].concat())
}

fn signer(byte: u8) -> Signer {
    Signer::new(&key::<DeviceSigningRole>(byte))
}

/// A device whose three seeds are `byte`, `byte + 1` and `byte + 2`, repeated.
fn device(byte: u8, name: &str) -> DeviceCard {
    let wrap = |byte: u8| ([byte; 16], WrapPublic::of(&key::<WrapRole>(byte)));
    DeviceCard::new(signer(byte).public_key(), wrap(byte + 1), wrap(byte + 2), name)
}

/// The same with its last bit turned over.
fn flipped(bytes: &[u8]) -> Value {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    hex(bytes)
}

#[derive(Default)]
struct Vectors(Vec<Value>);

impl Vectors {
    fn gives(&mut self, what: &str, call: &str, with: &[Value], gives: impl Into<Value>) {
        self.0.push(json!({"what": what, "call": call, "with": with, "gives": gives.into()}));
    }

    fn refused(&mut self, what: &str, call: &str, with: &[Value]) {
        self.0.push(json!({"what": what, "call": call, "with": with, "refused": true}));
    }

    fn primitives(&mut self) {
        let (one, name) = (key::<WrapRole>(1), b"subrosa/v1/vector");
        let parts = [hex([1; 32]), text("vector"), text("one"), hex(b""), text("three")];
        let derived: Key<WrapRole> = kdf::derive(&one, name, b"one");
        self.gives("a derived key", "derive", &parts[..3], hex(derived.expose()));
        self.gives("a keyed hash", "mac", &parts, hex(kdf::mac(&one, name, &[b"one", b"", b"three"]).0));
        let hashed = kdf::hash(name, &[b"one", b"", b"three"]).0;
        self.gives("a labelled hash", "labelled", &parts[1..], hex(hashed));
        for len in [0, 1, 16_384] {
            let plain: Vec<u8> = (0..len).map(|at: usize| u8::try_from(7 * at % 251).unwrap()).collect();
            let sealed = seal::seal(&one, name, &plain, &mut Stream::new());
            let with = |key: u8, name: &str, sealed: Value| [hex([key; 32]), text(name), sealed];
            let what = format!("{len} bytes, sealed");
            self.gives(&what, "unseal", &with(1, "vector", hex(&sealed)), hex(&plain));
            let refused = [
                ("under another key", with(2, "vector", hex(&sealed))),
                ("for another place", with(1, "vectors", hex(&sealed))),
                ("the last bit turned over", with(1, "vector", flipped(&sealed))),
                ("cut by a byte", with(1, "vector", hex(&sealed[..sealed.len() - 1]))),
            ];
            // A cut exactly at the end of a full chunk, too.
            let chunk = (len == 16_384).then(|| with(1, "vector", hex(&sealed[..56 + 16_400])));
            for (how, with) in refused.into_iter().take(if len < 2 { 4 } else { 0 }).chain(chunk.map(|at| ("cut", at)))
            {
                self.refused(&format!("{what} {how}"), "unseal", &with);
            }
        }
        let public = WrapPublic::of(&one);
        let (ciphertext, shared) = kem::encapsulate(&public, &mut Stream::new());
        let both = json!([hex(public.as_bytes()), hex(shared.expose())]);
        self.gives("an X-Wing key, and a secret sent to it", "decapsulate", &[hex([1; 32]), hex(&ciphertext)], both);
        let low = [&ciphertext[..1088], &[0; 32]].concat();
        self.refused("a secret under a point of low order", "decapsulate", &[hex([1; 32]), hex(low)]);
        let wrapped = hex(wrap::wrap(&public, name, b"payload", &mut Stream::new()));
        self.gives("a wrap", "unwrap", &[hex([1; 32]), text("vector"), wrapped.clone()], text("payload"));
        self.refused("a wrap for another key", "unwrap", &[hex([2; 32]), text("vector"), wrapped.clone()]);
        self.refused("a wrap for another place", "unwrap", &[hex([1; 32]), text("vectors"), wrapped]);
        self.gives("the check of block 3", "check", &[json!(3), hex([0x5A; 64])], hex(block_check(3, &[0x5A; 64])));
    }

    fn slots(&mut self) {
        let (mut stream, cheap, open) = (Stream::new(), Strength::CHEAP_FOR_TESTS, "open_passphrase_slot");
        let typed = passphrase("yo\u{308}lla\u{308}");
        let (slot, again) = PassphraseSlot::make(&typed, &key(1), cheap, Policy::Tests, &mut stream).unwrap();
        let with = |typed| [hex(&slot), text(typed), json!(cheap.memory_kib), json!(cheap.passes)];
        let keys = json!([hex([1; 32]), hex(again.expose())]);
        self.gives("a passphrase slot, typed in another form of Unicode", open, &with("y\u{f6}ll\u{e4}"), keys);
        self.refused("a wrong passphrase", open, &with("y\u{f6}lla"));
        self.refused("a passphrase slot whose cost is below the floor", open, &with("y\u{f6}ll\u{e4}")[..2]);
        let secrets = RecoverySecrets { local: key(1), authority: key(2), process: key(3) };
        let recovery = RecoverySlot::make(&WrapPublic::of(&key::<RecoveryRole>(0x4B)), &secrets, &mut stream);
        let three = json!([hex([1; 32]), hex([2; 32]), hex([3; 32])]);
        self.gives("a recovery slot", "open_recovery_slot", &[hex(&recovery), hex([0x4B; 32])], three);
        self.refused("another kit", "open_recovery_slot", &[hex(&recovery), hex([0x4C; 32])]);
        self.refused("a damaged recovery slot", "open_recovery_slot", &[flipped(&recovery), hex([0x4B; 32])]);
        let keys = KeyBox { rows: key(4), signing: key(5), generation: [6; 16], wrap: key(7), transport: key(8) };
        let plain = [[4; 32].as_slice(), &[5; 32], &[6; 16], &[7; 32], &[8; 32]].concat();
        let with = [hex([1; 32]), label(labels::BOX_KEYS), hex(keys.seal(&key(1), &mut stream))];
        self.gives("the box of keys", "unseal", &with, hex(plain));
        let again = ReauthBox { authority: key(2), generation: [9; 16], process: key(3) };
        let with = [hex([0xAA; 32]), label(labels::BOX_REAUTH), hex(again.seal(&key(0xAA), &mut stream))];
        self.gives("the box that asks again", "unseal", &with, hex([[2; 32].as_slice(), &[9; 16], &[3; 32]].concat()));
        let row = kdf::hash(labels::SLOTS, &[b"passphrase"]).0;
        self.gives("the row key of a slot", "labelled", &[label(labels::SLOTS), text("passphrase")], hex(row));
        let public = signer(5).public_key();
        self.gives("a public signing key", "signing_public", &[hex([5; 32])], hex(public.0));
        self.gives("a device's id", "device_id", &[hex(public.0)], hex(public.device_id().0));
    }

    fn rows(&mut self) {
        let mut rows = Rows::new(store(), &key(4));
        let mut state = State::default();
        state.logs.insert(LogId([7; 24]), vec![Tip { next_seq: 2, head: Hash([8; 32]) }]);
        let mut changes = Changes::default();
        changes.put(Table::Keys, b"log", b"what a row holds".to_vec());
        changes.put(Table::Pending, b"all", vec![1; 16]);
        rows.commit_with(&mut state, changes, Batch::new(), &mut Stream::new()).unwrap();
        let mut stored = Vec::new();
        for (number, table, name) in [(8, Table::Pending, "all"), (9, Table::Keys, "log"), (3, Table::State, "state")] {
            let mut all = Vec::new();
            rows.store()
                .scan(table, &mut |key, value| {
                    all.push((*key, value.to_vec()));
                    std::ops::ControlFlow::Continue(())
                })
                .unwrap();
            let (row, sealed) = all.pop().unwrap();
            let names: Key<WrapRole> = kdf::derive(&key::<WrapRole>(4), labels::ROW_NAME, b"");
            let with = [hex(names.expose()), label(labels::ROW_NAME), hex([number]), text(name)];
            self.gives(&format!("the key of the row {name}"), "mac", &with, hex(row));
            let under: Key<WrapRole> = kdf::derive(&key::<WrapRole>(4), labels::ROW, &[number]);
            let with = [hex(under.expose()), context(labels::ROW, &[&[number], &row]), hex(&sealed)];
            let value = rows.read(table, name.as_bytes()).unwrap().unwrap();
            let plain = Writer::new().lp(name.as_bytes()).bytes(&value).finish();
            self.gives(&format!("the row {name}"), "unseal", &with, hex(plain));
            let with = [hex([4; 32]), label(labels::ROW), hex([number])];
            self.gives(&format!("the key of table {number}"), "derive", &with, hex(under.expose()));
            stored.push(json!([hex([number]), hex(row), hex(&sealed)]));
        }
        self.gives("the vital sum", "rows_sum", &[hex([4; 32]), json!(stored[1..2])], hex(state.vital.0));
        self.gives("the other sum", "rows_sum", &[hex([4; 32]), json!(stored[..1])], hex(state.other.0));
        let digest = kdf::hash(labels::ANCHOR_DIGEST, &[&state.to_bytes()]).0;
        self.gives(
            "the anchor's digest",
            "labelled",
            &[label(labels::ANCHOR_DIGEST), hex(state.to_bytes())],
            hex(digest),
        );
        let folder = tempfile::tempdir().unwrap();
        Anchor { counter: state.counter, digest }.write(&folder.path().join("a")).unwrap();
        let anchor = std::fs::read(folder.path().join("a.anchor")).unwrap();
        let body = [b"Subrosa anchor 1".as_slice(), &1_u64.to_le_bytes(), &digest].concat();
        assert_eq!(anchor[..body.len()], body);
        let checked = hex([labels::STORE_ANCHOR, &body].concat());
        let check: [u8; 32] = Sha256::new().chain_update(labels::STORE_ANCHOR).chain_update(&body).finalize().into();
        assert_eq!(anchor[body.len()..], check[..16]);
        self.gives("the check of an anchor", "sha256", &[checked], hex(check));
        let name = crate::vault::core::anchor::name_in_keystore(&DeviceId([0x10; 16]));
        let with = [label(labels::ANCHOR_NAME), hex([0x10; 16])];
        self.gives("the name of an anchor in a keystore", "labelled", &with, name);
    }

    fn envelopes(&mut self) {
        let mut stream = Stream::new();
        let log = LogId::of(device(0x10, "").id, 7);
        let outer = log::outer_key(&key(0xE5), EPOCH);
        let payload = "She reports that sleep has improved. ".repeat(4);
        let sealed_by = (KeyId([0xA1; 16]), &key::<CompartmentRole>(0xCC));
        let item =
            Item::seal(Kind::Changes, DOCUMENT, sealed_by, log.device(), payload.as_bytes(), &mut stream).unwrap();
        let items = [Item::bare(Kind::Keyring, DocId([2; 16]), b"a part".to_vec()), item];
        let place = log::Place { class: Class::Everyday, log, after: Position::START, epoch: EPOCH };
        let (header, body) = log::seal_body(&outer, &place, &items, &mut stream).unwrap();
        let signed = SignedHeader::sign(header, &signer(0x10));
        let place = log::Place { after: Position::after(&header), ..place };
        let (next, _) = log::seal_body(&outer, &place, &[], &mut stream).unwrap();
        let (bare, next) = (header.to_bytes(), next.to_bytes());
        let read = |header: &log::Header, signature: &[u8]| {
            json!([
                [text("log"), hex(header.log.0)],
                [text("seq"), header.seq],
                [text("prev"), hex(header.prev.0)],
                [text("epoch"), hex(header.epoch.0)],
                [text("body"), [json!(header.body_len), hex(header.body_hash.0)]],
                [text("hash"), hex(header.hash().0)],
                [text("bytes"), hex(header.to_bytes())],
                [text("signature"), hex(signature)],
            ])
        };
        let signature = signed.signature.unwrap();
        self.gives("a signed header", "read_header", &[hex(signed.to_bytes())], read(&header, &signature.0));
        self.gives("the header after it", "read_header", &[hex(next)], read(&log::Header::parse(&next).unwrap(), b""));
        let with = [hex(signer(0x10).public_key().0), label(labels::HEADER), hex(bare), hex(signature.0)];
        self.gives("its signature", "verify", &with, Value::Null);
        let with = [with[0].clone(), label(labels::NOTE), with[2].clone(), with[3].clone()];
        self.refused("a signature under another label", "verify", &with);
        let unpacked: Vec<Value> = items
            .iter()
            .map(|item| json!([hex([item.kind.code()]), hex(item.document.0), hex(item.key.0), hex(&item.content)]))
            .collect();
        self.gives("a body", "open_body", &[hex([0xE5; 32]), hex(bare), hex(&body)], unpacked.clone());
        self.refused("a body under another header", "open_body", &[hex([0xE5; 32]), hex(next), hex(&body)]);
        self.refused("a changed body", "open_body", &[hex([0xE5; 32]), hex(bare), flipped(&body)]);
        let with = |device: DeviceId| [hex([0xCC; 32]), unpacked[1].clone(), hex(device.0)];
        self.gives("an item", "open_item", &with(log.device()), text(payload));
        self.refused("an item of another device", "open_item", &with(DeviceId([9; 16])));
        let under = key::<CompartmentRole>(0xCC);
        let context = [labels::ITEM, &[items[1].kind.code()], &DOCUMENT.0, &log.device().0].concat();
        let stands = seal::open(&under, &context, &items[1].content).unwrap();
        let behind = [&stands[..], b"x"].concat();
        for (what, changed) in
            [("a payload that a byte follows", &behind[..]), ("a payload that is cut", &stands[..stands.len() - 1])]
        {
            let mut with = with(log.device());
            with[1][3] = hex(seal::seal(&under, &context, changed, &mut stream));
            self.refused(what, "open_item", &with);
        }
        let mut other = header.to_bytes();
        other[8] = 2;
        self.refused("a header of another suite", "read_header", &[hex(other)]);
        let beyond = log::Header { log: LogId([7; LogId::LEN]), ..header };
        self.refused("a header of a log that no device has", "read_header", &[hex(beyond.to_bytes())]);
        self.refused("a header that is cut", "read_header", &[hex(&bare[..125])]);
    }
}

#[test]
fn every_construction_still_makes_the_bytes_that_were_published() {
    let mut made = Vectors::default();
    made.primitives();
    made.slots();
    made.rows();
    made.envelopes();
    made.roster();
    made.admission();
    made.removal();
    made.recovery();
    made.pairing();
    made.practice();
    made.document();
    made.files();
    made.lengths();
    made.statements();
    made.payloads();
    if std::env::var_os("SUBROSA_WRITE_VECTORS").is_some() {
        let lines: Vec<String> = made.0.iter().map(Value::to_string).collect();
        std::fs::write(FILE, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    let published: Vec<Value> = serde_json::from_slice(&std::fs::read(FILE).unwrap()).unwrap();
    assert_eq!(made.0.len(), published.len(), "a construction without vector, or a vector without construction");
    for (made, published) in made.0.iter().zip(&published) {
        assert!(made == published, "{}", made["what"]);
    }
}
