//! The vectors of everything that this format makes: `core/vectors/made.json`, from one fixed stream of randomness.
//!
//! Each names an operation of docs/format.md (the functions of `docs/reader`, which was written from the documents
//! alone), what it is done with, and what it gives, or that it is refused. The program must make these bytes again, and
//! that reader must find the same in them. A vector never changes; a new construction adds some: run this test with
//! `SUBROSA_WRITE_VECTORS=1`, which writes the file anew, and see by `git diff` that nothing else moved.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::blob::{PieceList, PiecePlace, seal_piece};
use crate::document::{Actor, Document, Heads};
use crate::entropy::{Entropy, random};
use crate::id::{DocId, EpochId, KeyId, LogId};
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::log::{self, Class, Item, Kind, Position, SignedHeader, Spot};
use crate::pairing::{Code, Endpoints, Invitation, Joiner};
use crate::roster::{self, Cut, DeviceCard, Entry, EntryKind, Removing};
use crate::rows::{Changes, Rows};
use crate::secret::{AuthorityRole, CompartmentRole, DeviceSigningRole, FileRole, Key, RecoveryRole, Role, WrapRole};
use crate::sign::Signer;
use crate::slots::{PassphraseSlot, RecoverySecrets, RecoverySlot};
use crate::state::{State, Tip};
use crate::store::anchor::Anchor;
use crate::store::{Table, block_check};
use crate::vault::boxes::{AgainBox, KeyBox};
use crate::vault::signing::SignedNote;
use crate::wrap::{self, WrapPublic};
use crate::{kdf, kem, labels, seal};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/made.json");
const DOCUMENT: DocId = DocId([0xD0; 16]);
const CLIENT: DocId = DocId([0xC1; 16]);
const EPOCH: EpochId = EpochId([0xE0; 8]);

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
        let (transport, transport_made) = (key(8), NOW);
        let keys =
            KeyBox { rows: key(4), signing: key(5), generation: [6; 16], wrap: key(7), transport, transport_made };
        let plain = [[4; 32].as_slice(), &[5; 32], &[6; 16], &[7; 32], &[8; 32], &NOW.to_le_bytes()].concat();
        let with = [hex([1; 32]), label(labels::BOX_KEYS), hex(keys.seal(&key(1), &mut stream))];
        self.gives("the box of keys", "unseal", &with, hex(plain));
        let again = AgainBox { authority: key(2), generation: [9; 16], process: key(3) };
        let with = [hex([0xAA; 32]), label(labels::BOX_AGAIN), hex(again.seal(&key(0xAA), &mut stream))];
        self.gives("the box that asks again", "unseal", &with, hex([[2; 32].as_slice(), &[9; 16], &[3; 32]].concat()));
        let row = kdf::hash(labels::SLOTS, &[b"passphrase"]).0;
        self.gives("the row key of a slot", "labelled", &[label(labels::SLOTS), text("passphrase")], hex(row));
        let public = signer(5).public_key();
        self.gives("a public signing key", "signing_public", &[hex([5; 32])], hex(public.0));
        self.gives("a device's id", "device_id", &[hex(public.0)], hex(public.device_id().0));
    }

    fn rows(&mut self) {
        let mut rows = Rows::new(store(), &key(4), Box::new(Stream::new()));
        let mut state = State::default();
        state.logs.insert(LogId([7; 24]), vec![Tip { next_seq: 2, head: Hash([8; 32]) }]);
        let mut changes = Changes::default();
        changes.put(Table::Misc, b"log", b"what a row holds".to_vec());
        changes.put(Table::Pending, b"all", vec![1; 16]);
        rows.commit(&mut state, changes).unwrap();
        let mut stored = Vec::new();
        for (number, table, name) in [(8, Table::Pending, "all"), (10, Table::Misc, "log"), (3, Table::State, "state")]
        {
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
            let plain = rows.read(table, name.as_bytes()).unwrap().unwrap();
            self.gives(&format!("the row {name}"), "unseal", &with, hex(plain.as_slice()));
            let with = [hex([4; 32]), label(labels::ROW), hex([number])];
            self.gives(&format!("the key of table {number}"), "derive", &with, hex(under.expose()));
            stored.push(json!([hex([number]), hex(row), hex(&sealed)]));
        }
        self.gives("the sum of the rows", "rows_sum", &[hex([4; 32]), json!(stored[..2])], hex(state.rows.0));
        let digest = kdf::hash(labels::ANCHOR_DIGEST, &[&state.to_bytes()]).0;
        self.gives(
            "the anchor's digest",
            "labelled",
            &[label(labels::ANCHOR_DIGEST), hex(state.to_bytes())],
            hex(digest),
        );
        let folder = tempfile::tempdir().unwrap();
        Anchor::write(&folder.path().join("a"), state.counter, digest).unwrap();
        let anchor = std::fs::read(folder.path().join("a.anchor")).unwrap();
        let body = [b"Subrosa anchor 1".as_slice(), &1_u64.to_le_bytes(), &digest].concat();
        assert_eq!(anchor[..body.len()], body);
        let checked = hex([labels::STORE_ANCHOR, &body].concat());
        let check: [u8; 32] = Sha256::new().chain_update(labels::STORE_ANCHOR).chain_update(&body).finalize().into();
        assert_eq!(anchor[body.len()..], check[..16]);
        self.gives("the check of an anchor", "sha256", &[checked], hex(check));
    }

    fn envelopes(&mut self) {
        let mut stream = Stream::new();
        let mut log = LogId([7; 24]);
        log.0[..16].copy_from_slice(&device(0x10, "").id.0);
        let outer = log::outer_key(&key(0xE5), EPOCH);
        let payload = "What was said. ".repeat(40);
        let (spot, sealed_by) = (Spot { log, seq: 0, index: 1 }, (KeyId([0xA1; 16]), &key::<CompartmentRole>(0xCC)));
        let item = Item::seal(Kind::Changes, DOCUMENT, sealed_by, &spot, payload.as_bytes(), &mut stream).unwrap();
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
        let with = |index: u32| [hex([0xCC; 32]), unpacked[1].clone(), hex(log.0), json!(0), json!(index)];
        self.gives("an item", "open_item", &with(1), text(payload));
        self.refused("an item in another place of its body", "open_item", &with(0));
        let mut other = header.to_bytes();
        other[8] = 2;
        self.refused("a header of another suite", "read_header", &[hex(other)]);
        self.refused("a header that is cut", "read_header", &[hex(&bare[..117])]);
    }

    /// A practice that lost a device, as its entries say it: who belongs to it, who is out, whose word counts, how far.
    fn removal(&mut self) {
        let mut stream = Stream::new();
        let (old, new) = (key::<AuthorityRole>(0xA0), key::<AuthorityRole>(0xA1));
        let (old, public) = (Signer::new(&old), Signer::new(&new).public_key());
        let (first, second, third) = (device(0x10, "Office"), device(0x20, "Laptop"), device(0x30, "Tablet"));
        let kit = WrapPublic::of(&key::<RecoveryRole>(0x4B));
        let hash = |entry: &[u8]| Entry::parse(entry).unwrap().hash();
        let admit = |after: &[u8], author: &DeviceCard, device: &DeviceCard, by: &Signer| {
            Entry::admission(NOW + 1, [hash(after)], author.id, device.clone(), vec![7; 40], by)
        };
        let genesis = Entry::genesis(NOW, first.clone(), vec![kit], &old);
        let second_in = admit(&genesis, &first, &second, &old);
        let third_in = admit(&second_in, &first, &third, &old);
        let wraps = roster::removal_wraps(&[&first, &second], &key(0xE6), &[(EPOCH, &key(0xE5))], &new, &mut stream);
        let wraps = wraps.unwrap();
        let remove = |by: u8| {
            let by = Removing { device: &signer(by), authority: &old };
            Entry::removal(NOW + 2, [hash(&third_in)], vec![third.clone()], wraps.clone(), public, &by)
        };
        let removal = remove(0x10);
        let mut log = [0x55; 24];
        log[..16].copy_from_slice(&third.id.0);
        let end = |seq| vec![Cut { log: LogId(log), seq, head: crate::id::Hash([0x66; 32]) }];
        let limit =
            |kind, seq, by: u8| Entry::cut(kind, NOW + 3, [hash(&removal)], third.clone(), end(seq), &signer(by));
        let (cut, kept) = (limit(EntryKind::Cut, 4, 0x20), limit(EntryKind::Kept, 9, 0x10));
        let listed = |card: &DeviceCard| {
            json!([hex(card.id.0), [hex(card.signing.0), hex(card.pkk_generation), text(&card.name)]])
        };
        let said = |kind: u8, seq: u64| json!([kind, hex(log), hex(seq.to_le_bytes()), hex([0x66; 32])]);
        let stays = json!([listed(&first), listed(&second)]);
        let mut entries = vec![&genesis, &second_in, &third_in, &removal];
        let mut limits = [(&cut, said(5, 4)), (&kept, said(6, 9))];
        // Entries that are ready at the same time stand by their hashes.
        limits.sort_by_key(|(entry, _)| hash(entry));
        entries.extend(limits.iter().map(|(entry, _)| *entry));
        let with = |entries: &[&Vec<u8>]| json!(entries.iter().map(hex).collect::<Vec<_>>());
        let out = json!([listed(&third)]);
        let cuts: Vec<Value> = limits.iter().map(|(_, said)| said.clone()).collect();
        let whole = json!([stays.clone(), out, hex(public.0), cuts]);
        self.gives("a roster with a removal, a cut and what is kept", "read_practice", &[with(&entries)], whole);
        let before = &entries[..3];
        let and = |more: &[&Vec<u8>]| with(&[before, more].concat());
        let mut forged = removal.clone();
        let at = forged.len() - 64 - 4 - 32 - 4 - 1;
        forged[at] ^= 1;
        let message = forged.len() - 64;
        let again = old.sign(labels::ROSTER, &forged[..message]);
        forged[message..].copy_from_slice(&again.0);
        self.refused("a removal that its author did not sign", "read_practice", &[and(&[&forged])]);
        self.refused(
            "a changed removal",
            "read_practice",
            &[json!([hex(&genesis), hex(&second_in), hex(&third_in), flipped(&removal)])],
        );
        let late = admit(&removal, &first, &device(0x40, "Phone"), &old);
        self.refused("an admission by the authority that was replaced", "read_practice", &[and(&[&removal, &late])]);
        let back = admit(&removal, &first, &third, &Signer::new(&new));
        self.refused("an admission of a device that was removed", "read_practice", &[and(&[&removal, &back])]);
        let own = limit(EntryKind::Cut, 4, 0x30);
        self.refused("a cut by the removed device", "read_practice", &[and(&[&removal, &own])]);
        // An admission that did not know of the removal, in whatever name, and what the removed device does in its own.
        let phone = device(0x40, "Phone");
        let smuggled = admit(&third_in, &second, &phone, &old);
        let mut both = [&removal, &smuggled];
        both.sort_by_key(|entry| hash(entry));
        let none: [Value; 0] = [];
        let mut gone = [(third.id, listed(&third)), (phone.id, listed(&phone))];
        gone.reverse();
        let gone: Vec<Value> = gone.into_iter().map(|(_, listed)| listed).collect();
        let whole = json!([stays.clone(), gone, hex(public.0), none]);
        self.gives("an admission beside a removal", "read_practice", &[and(&both)], whole);
        let shared = [[0xE6; 32].as_slice(), &1_u32.to_le_bytes(), &EPOCH.0, &[0xE5; 32]].concat();
        let with = [hex([0x21; 32]), context(labels::REMOVAL, &[&second.id.0]), hex(&wraps[2].bytes)];
        self.gives("the epochs that a removal hands over", "unwrap", &with, hex(shared));
        let with = [hex([0x22; 32]), context(labels::REMOVAL_AUTHORITY, &[&second.id.0]), hex(&wraps[3].bytes)];
        self.gives("the authority that a removal hands over", "unwrap", &with, hex([0xA1; 32]));
    }

    fn roster(&mut self) {
        let mut stream = Stream::new();
        let authority = Signer::new(&key::<AuthorityRole>(0xA0));
        let (first, second) = (device(0x10, "Office"), device(0x20, "L\u{e4}ptop"));
        let kit = WrapPublic::of(&key::<RecoveryRole>(0x4B));
        let genesis = Entry::genesis(NOW, first.clone(), vec![kit], &authority);
        let wrap = roster::admission_wrap(&second, &[(EPOCH, &key(0xE5))], &key(0x7E), &mut stream).unwrap();
        let parents = [Entry::parse(&genesis).unwrap().hash()];
        let admission = Entry::admission(NOW + 1, parents, first.id, second.clone(), wrap.clone(), &authority);
        let listed = |card: &DeviceCard| {
            json!([hex(card.id.0), [hex(card.signing.0), hex(card.pkk_generation), text(&card.name)]])
        };
        let both = json!([listed(&first), listed(&second)]);
        self.gives("a roster", "read_roster", &[json!([hex(&genesis), hex(&admission)])], both);
        self.refused("a roster without genesis", "read_roster", &[json!([hex(&admission)])]);
        self.refused("an admission not signed so", "read_roster", &[json!([hex(&genesis), flipped(&admission)])]);
        let shared = [1_u32.to_le_bytes().as_slice(), &EPOCH.0, &[0xE5; 32], &[0x7E; 32]].concat();
        let with = [hex([0x21; 32]), context(labels::ADMISSION, &[&second.id.0]), hex(wrap)];
        self.gives("what an admission hands over", "unwrap", &with, hex(shared));
        let make =
            |id: u8, compartment| CompartmentEntry { id: KeyId([id; 16]), client: CLIENT, compartment, key: key(id) };
        let entries = [make(1, Compartment::Identity), make(2, Compartment::Clinical)];
        let readers = [(first.id, first.dkk_generation, &first.dkk), (second.id, second.dkk_generation, &second.dkk)];
        let part = Part::publish(DocId([5; 16]), 3, &entries, first.id, &readers, &mut stream).unwrap();
        let keys = [1_u8, 2].map(|id| json!([hex([id; 16]), [hex(CLIENT.0), hex([id]), hex([id; 32])]]));
        let with = |author: DeviceCard| {
            [hex(&part), hex(author.id.0), hex(second.id.0), hex(second.dkk_generation), hex([0x21; 32])]
        };
        self.gives("a keyring part", "open_part", &with(first.clone()), keys.to_vec());
        self.refused("a keyring part in another device's log", "open_part", &with(second.clone()));
        let [part, author, ..] = with(first.clone());
        let third = device(0x30, "");
        let with = [part, author, hex(third.id.0), hex(third.dkk_generation), hex([0x31; 32])];
        self.refused("a keyring part for other devices", "open_part", &with);
    }

    fn pairing(&mut self) {
        let (mut stream, code_bytes) = (Stream::new(), random::<10>(&mut Stream::new()));
        let secrets = Code::random(&mut stream).stretch(Policy::Real).unwrap();
        let again = || Code::random(&mut Stream::new()).stretch(Policy::Real).unwrap().psk;
        let (psk, endpoints) = (*secrets.psk.expose(), Endpoints { joiner: [0x1A; 32], inviter: [0x1B; 32] });
        let (joiner, request) = Joiner::start(secrets.psk, endpoints, &mut stream);
        let seed = joiner.one_time_seed();
        let mut invitation = Invitation::new(again(), 0);
        let (inviter, answer) = invitation.answer(endpoints, &request, 0, &mut stream).unwrap();
        let (_, proof) = joiner.prove(&answer, b"an introduction", &mut stream).unwrap();
        let welcome = invitation.introduced(inviter, &proof, 0).unwrap().welcome(b"a welcome", &mut stream);
        let salt = hex(&kdf::sha256(labels::PAIRING_CODE).0[..16]);
        let with = [hex(code_bytes), salt, json!(3), json!(64 << 10), json!(1), json!(48)];
        self.gives("a pairing code, stretched", "argon2id", &with, hex([psk.as_slice(), &secrets.rendezvous].concat()));
        let (ciphertext, said) = answer.split_at(kem::CIPHERTEXT_LEN);
        let shared = kem::decapsulate(&Key::<WrapRole>::take(&mut seed.clone()), ciphertext).unwrap();
        let both = json!([hex(&request[13..]), hex(shared.expose())]);
        self.gives("the secret sent to the joiner", "decapsulate", &[hex(seed), hex(ciphertext)], both);
        let with =
            [label(labels::PAIRING_TRANSCRIPT), hex([0x1A; 32]), hex([0x1B; 32]), hex(&request), hex(ciphertext)];
        let first = kdf::hash(labels::PAIRING_TRANSCRIPT, &[&[0x1A; 32], &[0x1B; 32], &request, ciphertext]).0;
        self.gives("the transcript T1", "labelled", &with, hex(first));
        let agreed: Key<WrapRole> =
            kdf::derive_joint(&Key::<WrapRole>::take(&mut psk.clone()), &shared, labels::PAIRING_KEY, &first);
        let with = [hex(psk), hex(shared.expose()), label(labels::PAIRING_KEY), hex(first)];
        self.gives("the key that both agree on", "derive_joint", &with, hex(agreed.expose()));
        let under = |label| hex(kdf::derive::<_, WrapRole>(&agreed, label, b"").expose());
        let next = |before: [u8; 32], message: &[u8]| kdf::hash(labels::PAIRING_TRANSCRIPT, &[&before, message]).0;
        let second = next(first, &answer);
        let with = [under(labels::PAIRING_INVITER), label(labels::PAIRING_INVITER), hex(first), hex(b"")];
        self.gives("the inviter's proof", "mac", &with, hex(said));
        let (sealed, said) = proof.split_at(proof.len() - 32);
        let with = [under(labels::PAIRING_JOINER), label(labels::PAIRING_JOINER), hex(second), hex(sealed)];
        self.gives("the joiner's proof", "mac", &with, hex(said));
        let introduction = labels::PAIRING_INTRODUCTION;
        let with = [under(introduction), context(introduction, &[&second]), hex(sealed)];
        self.gives("the introduction", "unseal", &with, text("an introduction"));
        let third = next(second, &proof);
        let with = [under(labels::PAIRING_WELCOME), context(labels::PAIRING_WELCOME, &[&third]), hex(welcome)];
        self.gives("the welcome", "unseal", &with, text("a welcome"));
    }

    /// What needs a practice: hello, card, ids, a signed note.
    fn practice(&mut self) {
        let pass = passphrase("office");
        let mut vault = Vault::create(store(), &new(&pass, "Office"), Box::new(Os)).unwrap().vault;
        // Whatever a vault draws before it comes to these, they are made from the same keys and the same stream.
        vault.signer = signer(0x10);
        vault.device = vault.signer.public_key().device_id();
        vault.practice = key(0x7E);
        vault.epochs.values_mut().for_each(|secret| *secret = key(0xE5));
        vault.rows.entropy = Box::new(Stream::new());
        let (from, to) = ([0x1A; 32], [0x1B; 32]);
        let hello = vault.hello(&from, &to, NOW).unwrap();
        let secret = kdf::derive::<_, WrapRole>(vault.epochs.values().next().unwrap(), labels::HELLO, b"");
        let context = context(labels::HELLO, &[&from, &to]);
        let plain = seal::open(&secret, &[labels::HELLO, &from, &to].concat(), &hello).unwrap();
        self.gives("a hello", "unseal", &[hex(secret.expose()), context, hex(&hello)], hex(plain.as_slice()));
        assert_eq!(plain[..16], vault.device.0);
        let said = hex([from.as_slice(), &to, &plain[16..24]].concat());
        let own = hex(vault.signer.public_key().0);
        self.gives(
            "a hello's signature",
            "verify",
            &[own, label(labels::HELLO), said, hex(&plain[24..88])],
            Value::Null,
        );

        let practice = hex(vault.practice.expose());
        let card = vault.card("Dr. Aino Example", date(2026, 11, 22)).unwrap();
        let seed = |label| *kdf::derive::<_, WrapRole>(&vault.practice, label, b"").expose();
        let (wrap, sign) = (seed(labels::CARD_WRAP), seed(labels::CARD_SIGN));
        self.gives("the card's seed", "derive", &[practice.clone(), label(labels::CARD_WRAP)], hex(wrap));
        self.gives("the card's signing seed", "derive", &[practice.clone(), label(labels::CARD_SIGN)], hex(sign));
        let public = card.keys().signing_key.0;
        self.gives("the card's signing key", "signing_public", &[hex(sign)], hex(public));
        let lines: Vec<&str> = std::str::from_utf8(card.as_bytes()).unwrap().lines().collect();
        let signature =
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &lines[2]["signature ".len()..]).unwrap();
        self.gives(
            "a card",
            "verify",
            &[hex(public), label(labels::CARD), text(lines[1]), hex(signature)],
            Value::Null,
        );
        let recipient = hex(card.keys().recipient.as_bytes());
        let words = kdf::hash(labels::CARD_WORDS, &[card.keys().recipient.as_bytes(), &public]).0;
        let with = [label(labels::CARD_WORDS), recipient.clone(), hex(public)];
        self.gives(
            &format!("what the words {:?} stand for", card.safety_words().join(" ")),
            "labelled",
            &with,
            hex(words),
        );
        let id = kdf::mac(&vault.practice, labels::COLLEAGUE, &[card.keys().recipient.as_bytes()]).0;
        self.gives("a colleague's id", "mac", &[practice.clone(), label(labels::COLLEAGUE), recipient], hex(id));
        let id = kdf::mac(&vault.practice, labels::IMPORT, &[b"client", b"K1"]).0;
        self.gives("an imported id", "mac", &[practice, label(labels::IMPORT), text("client"), text("K1")], hex(id));

        let ends = |log: &[u8], next: u64, head: &[u8]| [log, &next.to_le_bytes(), head, &0_u32.to_le_bytes()].concat();
        let end = vault.log_ends().unwrap().remove(0);
        let own = kdf::hash(labels::FRONTIER, &[&ends(&end.log.0, end.next_seq, &end.head.0)]);
        assert_eq!(vault.frontier().unwrap(), own, "a frontier is the hash of the ends of all logs");
        let ends = ends(&[7; 24], 3, &[8; 32]);
        let frontier = kdf::hash(labels::FRONTIER, &[&ends]).0;
        self.gives("a frontier", "labelled", &[label(labels::FRONTIER), hex(ends)], hex(frontier));

        let bytes = format!(
            r#"{{"format":1,"note":"{DOCUMENT}","client":"{CLIENT}","kind":"note","content":{{"date":"2026-11-21","text":"What was said."}},"heads":[],"signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
            vault.device
        );
        let signature = vault.signer.sign(labels::NOTE, bytes.as_bytes());
        let public = vault.signer.public_key();
        let mut payload = crate::codec::Writer::new();
        payload.lp(bytes.as_bytes()).bytes(&public.0).bytes(&signature.0);
        assert!(SignedNote::read(&DOCUMENT, &payload.finish()).is_some(), "the program takes it for a signed note");
        let with = [hex(public.0), label(labels::NOTE), text(&bytes), hex(signature.0)];
        self.gives("a signed note", "verify", &with, Value::Null);
        self.gives("a signed note's hash", "sha256", &[text(&bytes)], hex(kdf::sha256(bytes.as_bytes()).0));
    }

    /// The sealed pieces of a file, and the name of them all.
    fn files(&mut self) {
        let (mut stream, key) = (Stream::new(), key::<FileRole>(0xF1));
        let mut hashes = Vec::new();
        for (number, plain) in (0_u32..).zip([[1_u8; 2_048], [2; 2_048]]) {
            let place = PiecePlace { file: DOCUMENT, number };
            let sealed = seal_piece(&key, &place, &random(&mut stream), &plain);
            let at = context(labels::FILE_PIECE, &[&DOCUMENT.0, &number.to_le_bytes()]);
            let with = [hex([0xF1; 32]), at, hex(&sealed.bytes)];
            self.gives(&format!("piece {number} of a file"), "unseal", &with, hex(plain));
            let elsewhere = context(labels::FILE_PIECE, &[&DOCUMENT.0, &(number + 1).to_le_bytes()]);
            let what = format!("piece {number} in another place");
            self.refused(&what, "unseal", &[with[0].clone(), elsewhere, with[2].clone()]);
            hashes.push(sealed.hash);
        }
        let all: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        let name = PieceList::new(NOW, hashes).unwrap().name();
        self.gives("the name of a file's pieces", "labelled", &[label(labels::FILE_BLOB), hex(all)], hex(name.0));
    }

    /// An imported note, edited on two devices at once.
    fn document(&mut self) {
        type Pairs<'a> = &'a [(&'a str, &'a str)];
        let fields = |pairs: Pairs| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let was = fields(&[("date", "2026-03-02"), ("format", "SOAP")]);
        let begin = |actor| Document::from_frozen(DOCUMENT, &was, "She slept badly.", Actor([actor; 16])).unwrap();
        let said = |document: &Document| {
            let fields = document.fields();
            json!([
                fields.iter().map(|(name, value)| [text(name), text(value)]).collect::<Vec<_>>(),
                text(document.text())
            ])
        };
        let (mut one, mut other) = (begin(1), begin(2));
        let base = one.chunks_since(&Heads::default()).concat();
        self.gives("the base change of an imported note", "read_changes", &[hex(DOCUMENT.0), hex(&base)], said(&one));
        one.write_at(&was, "She slept very badly. \u{1F600}", Some(1)).unwrap();
        let edited = fields(&[("date", "2026-03-03"), ("format", "SOAP"), ("tag.sleep", "0")]);
        other.write_at(&edited, "Anna slept badly.", Some(2)).unwrap();
        other.apply(&one.chunks_since(&Heads::default()).concat()).unwrap();
        let changes = other.chunks_since(&Heads::default()).concat();
        self.gives("a note that two devices edited", "read_changes", &[hex(DOCUMENT.0), hex(&changes)], said(&other));
        let lp = |part: &str| [&u32::try_from(part.len()).unwrap().to_le_bytes(), part.as_bytes()].concat();
        let parts = ["date", "2026-03-02", "format", "SOAP", "She slept badly."].map(lp).concat();
        let content = Sha256::new().chain_update(2_u64.to_le_bytes()).chain_update(parts).finalize();
        let with = [labels::DOCUMENT_BASE, &DOCUMENT.0, &content].concat();
        let whole: [u8; 32] = Sha256::digest(&with).into();
        assert!(base.windows(16).any(|part| part == &whole[..16]), "the base change is written under this actor");
        self.gives("the actor of a base change", "sha256", &[hex(with)], hex(whole));
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
    made.removal();
    made.pairing();
    made.practice();
    made.document();
    made.files();
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
