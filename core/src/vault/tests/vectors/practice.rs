//! Vectors of what needs a practice or stands in one: hello, card, ids, a signed note, a file, an edited note.

use super::*;
use crate::blob::{PieceList, PiecePlace, seal_piece};
use crate::document::{Actor, Document, Fields, Heads};
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

        let (epoch, practice) = (vault.core.memory.epochs.values().next().unwrap(), hex(vault.core.practice.expose()));
        let card = vault.exchange().card("Dr. Aino Example", date(2026, 11, 22)).unwrap();
        let seed = |label| *kdf::derive::<_, WrapRole>(epoch, label, b"").expose();
        let (wrap, sign) = (seed(labels::CARD_WRAP), seed(labels::CARD_SIGN));
        self.gives("the card's seed", "derive", &[hex(epoch.expose()), label(labels::CARD_WRAP)], hex(wrap));
        self.gives("the card's signing seed", "derive", &[hex(epoch.expose()), label(labels::CARD_SIGN)], hex(sign));
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
        self.gives(
            "the nonce of an imported client",
            "mac",
            &[practice, label(labels::IMPORT), text("client"), text("K1")],
            hex(id),
        );

        let ends = |log: &[u8], next: u64, head: &[u8]| [log, &next.to_le_bytes(), head, &0_u32.to_le_bytes()].concat();
        let end = vault.log().log_ends().unwrap().remove(0);
        let own = kdf::hash(labels::FRONTIER, &[&ends(&end.log.0, end.next_seq, &end.head.0)]);
        assert_eq!(vault.log().frontier().unwrap(), own, "a frontier is the hash of the ends of all logs");
        let ends = ends(&[7; 24], 3, &[8; 32]);
        let frontier = kdf::hash(labels::FRONTIER, &[&ends]).0;
        self.gives("a frontier", "labelled", &[label(labels::FRONTIER), hex(ends)], hex(frontier));

        let bytes = format!(
            r#"{{"format":2,"note":"{document}","client":"{CLIENT}","kind":"note","content":{{"date":"2026-11-21","text":"What was said."}},"heads":[],"signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
            vault.core.device,
            document = origin().id(),
        );
        let signature = vault.core.signer.sign(labels::NOTE, bytes.as_bytes());
        let public = vault.core.signer.public_key();
        let mut payload = crate::codec::Writer::new();
        origin().write(&mut payload);
        payload.lp(bytes.as_bytes()).bytes(&public.0).bytes(&signature.0);
        assert!(
            SignedNote::read(&origin().id(), &payload.finish()).is_some(),
            "the program takes it for a signed note"
        );
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
        let fields = |pairs: Pairs<'_>| -> Fields {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let pairs = |fields: &Fields| Value::from_iter(fields.iter().map(|(name, value)| [text(name), text(value)]));
        let said = |fields: &Fields, of: &str| json!([pairs(fields), text(of)]);
        let began = |frozen: &[(&Fields, &str)], actor: u8| {
            Document::from_frozen(DOCUMENT, frozen.iter().copied(), Actor([actor; Actor::LEN])).unwrap()
        };
        let was = fields(&[("date", "2026-03-02"), ("format", "SOAP")]);
        let long = fields(&[("a", &"x".repeat(200)), ("b", ""), ("date", "1999-12-31")]);
        let letters = "\u{1F600}aa\u{e5}b".repeat(40);
        let slept = (&was, "She slept badly.");
        let chapter = "x".repeat(8_193);
        for (what, frozen) in [
            ("the change that a new note begins with", &[][..]),
            ("those of an imported note", &[slept]),
            ("those of one that was frozen twice", &[(&long, letters.as_str()), slept]),
            ("those of one whose text is long", &[(&was, chapter.as_str())]),
        ] {
            let listed = Value::from_iter(frozen.iter().map(|(fields, text)| said(fields, text)));
            let made = hex(began(frozen, 0).beginning_changes());
            self.gives(what, "beginning", &[hex(DOCUMENT.0), listed], made);
        }
        let (mut one, mut other) = (began(&[slept], 1), began(&[slept], 2));
        one.write_at(&was, "She slept very badly. \u{1F600}", Some(1)).unwrap();
        let edited = fields(&[("date", "2026-03-03"), ("format", "SOAP"), ("tag.sleep", "0")]);
        other.write_at(&edited, "Anna slept badly.", Some(2)).unwrap();
        let [ours, theirs] = [&one, &other].map(|document| document.chunks_since(&Heads::default()).concat());
        one.apply(DeviceId([2; DeviceId::LEN]), &theirs).unwrap();
        let sent = json!([[hex([1; 16]), hex(&ours)], [hex([2; 16]), hex(&theirs)]]);
        let both = said(&one.fields(), &one.text());
        let frozen = json!([said(&was, "She slept badly.")]);
        let with = |sent: Value| [hex(DOCUMENT.0), frozen.clone(), sent];
        self.gives("a note that two devices edited", "read_changes", &with(sent), both);
        let sent = json!([[hex([2; 16]), hex(&ours)]]);
        self.gives("a change that another device sent", "read_changes", &with(sent), said(&was, "She slept badly."));
    }
}
