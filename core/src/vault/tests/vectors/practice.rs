//! Vectors of what needs a practice or stands in one: hello, card, ids, a signed note, a file, an edited note.

use super::*;
use crate::blob::{PieceList, PiecePlace, seal_piece};
use crate::document::{Actor, Document, Heads};
use crate::entropy::random;
use crate::secret::FileRole;
use crate::vault::items::signed::SignedNote;

impl Vectors {
    /// What needs a practice: hello, card, ids, a signed note.
    pub(super) fn practice(&mut self) {
        let pass = passphrase("office");
        let mut vault = Vault::create(store(), &new(&pass, "Office"), Box::new(Os)).unwrap().vault;
        // Whatever a vault draws before it comes to these, they are made from the same keys and the same stream.
        vault.core.signer = signer(0x10);
        vault.core.device = vault.core.signer.public_key().device_id();
        vault.core.practice = key(0x7E);
        vault.core.memory.epochs.values_mut().for_each(|secret| *secret = key(0xE5));
        vault.core.draw_from(Box::new(Stream::new()));
        let (from, to) = ([0x1A; 32], [0x1B; 32]);
        let hello = vault.devices_mut().hello(&from, &to, NOW).unwrap();
        let secret = kdf::derive::<_, WrapRole>(vault.core.memory.epochs.values().next().unwrap(), labels::HELLO, b"");
        let context = context(labels::HELLO, &[&from, &to]);
        let plain = seal::open(&secret, &[labels::HELLO, &from, &to].concat(), &hello).unwrap();
        self.gives("a hello", "unseal", &[hex(secret.expose()), context, hex(&hello)], hex(plain.as_slice()));
        assert_eq!(plain[..16], vault.core.device.0);
        let said = hex([from.as_slice(), &to, &plain[16..24]].concat());
        let own = hex(vault.core.signer.public_key().0);
        self.gives(
            "a hello's signature",
            "verify",
            &[own, label(labels::HELLO), said, hex(&plain[24..88])],
            Value::Null,
        );

        let practice = hex(vault.core.practice.expose());
        let card = vault.exchange().card("Dr. Aino Example", date(2026, 11, 22)).unwrap();
        let seed = |label| *kdf::derive::<_, WrapRole>(&vault.core.practice, label, b"").expose();
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
        let id = kdf::mac(&vault.core.practice, labels::COLLEAGUE, &[card.keys().recipient.as_bytes()]).0;
        self.gives("a colleague's id", "mac", &[practice.clone(), label(labels::COLLEAGUE), recipient], hex(id));
        let id = kdf::mac(&vault.core.practice, labels::IMPORT, &[b"client", b"K1"]).0;
        self.gives("an imported id", "mac", &[practice, label(labels::IMPORT), text("client"), text("K1")], hex(id));

        let ends = |log: &[u8], next: u64, head: &[u8]| [log, &next.to_le_bytes(), head, &0_u32.to_le_bytes()].concat();
        let end = vault.log().log_ends().unwrap().remove(0);
        let own = kdf::hash(labels::FRONTIER, &[&ends(&end.log.0, end.next_seq, &end.head.0)]);
        assert_eq!(vault.log().frontier().unwrap(), own, "a frontier is the hash of the ends of all logs");
        let ends = ends(&[7; 24], 3, &[8; 32]);
        let frontier = kdf::hash(labels::FRONTIER, &[&ends]).0;
        self.gives("a frontier", "labelled", &[label(labels::FRONTIER), hex(ends)], hex(frontier));

        let bytes = format!(
            r#"{{"format":1,"note":"{DOCUMENT}","client":"{CLIENT}","kind":"note","content":{{"date":"2026-11-21","text":"What was said."}},"heads":[],"signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
            vault.core.device
        );
        let signature = vault.core.signer.sign(labels::NOTE, bytes.as_bytes());
        let public = vault.core.signer.public_key();
        let mut payload = crate::codec::Writer::new();
        payload.lp(bytes.as_bytes()).bytes(&public.0).bytes(&signature.0);
        assert!(SignedNote::read(&DOCUMENT, &payload.finish()).is_some(), "the program takes it for a signed note");
        let with = [hex(public.0), label(labels::NOTE), text(&bytes), hex(signature.0)];
        self.gives("a signed note", "verify", &with, Value::Null);
        self.gives("a signed note's hash", "sha256", &[text(&bytes)], hex(kdf::sha256(bytes.as_bytes()).0));
    }

    /// The sealed pieces of a file, and the name of them all.
    pub(super) fn files(&mut self) {
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
    pub(super) fn document(&mut self) {
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
