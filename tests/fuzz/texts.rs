//! What people write, print, mail and type: cards, recovery kits, and the folder that is imported.

use std::fs;
use std::path::Path;

use jiff::civil::date;
use subrosa_core::card::ContactCard;
use subrosa_core::import;
use subrosa_core::kit;
use subrosa_core::secret::{CardSigningRole, Key, RecoveryRole};
use subrosa_core::sign::Signer;
use subrosa_core::wrap::WrapPublic;

use crate::Target;

pub(crate) fn card() -> Target {
    fn signer() -> Signer {
        Signer::new(&Key::<CardSigningRole>::take(&mut [6; 32]))
    }
    fn seeds() -> Vec<Vec<u8>> {
        let recipient = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0x4B; 32]));
        vec![ContactCard::make("Dr. Elm \u{c5}", recipient, &signer(), date(2026, 11, 22)).unwrap().as_bytes().to_vec()]
    }
    fn run(bytes: &[u8]) -> String {
        // Signed again after each change, as its owner could: what is then read must still be in form.
        let said = |read: &Result<ContactCard, _>| match read {
            Ok(card) => {
                assert!(!card.name().is_empty() && card.name().chars().count() <= 120);
                assert_eq!(card.safety_words().len(), 8);
                let again = ContactCard::read(card.as_bytes());
                assert!(again.is_ok_and(|again| again.as_bytes() == card.as_bytes()), "a card reads its own bytes");
                "read".to_owned()
            }
            Err(error) => format!("{error:?}"),
        };
        format!("{} {}", said(&ContactCard::read(bytes)), said(&ContactCard::read(&signed_again(bytes))))
    }
    fn signed_again(bytes: &[u8]) -> Vec<u8> {
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let Some(line) = lines.get(1) else { return bytes.to_vec() };
        let signature = signer().sign(subrosa_core::labels::CARD, line.strip_suffix(b"\r").unwrap_or(line));
        let signature = format!("signature {}", base64(&signature.0));
        if lines.len() > 2 {
            lines[2] = signature.as_bytes();
        }
        lines.join(&b'\n')
    }
    Target { name: "card", seeds, run, memory: 1 << 20 }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        let letter = |at: usize| match at <= three.len() {
            true => char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]),
            false => '=',
        };
        [letter(0), letter(1), letter(2), letter(3)]
    };
    bytes.chunks(3).flat_map(group).collect()
}

pub(crate) fn kit() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let seed = Key::<RecoveryRole>::take(&mut [0x4B; 32]);
        let page = kit::kit_text(&seed, "practice", date(2026, 11, 22)).as_bytes().to_vec();
        let recipient = kit::recipient_text(&WrapPublic::of(&seed)).into_bytes();
        vec![page, kit::identity_text(&seed).as_bytes().to_vec(), recipient]
    }
    fn run(bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let read = kit::read_kit(&text);
        if let Ok(seed) = &read {
            let line = kit::identity_text(seed);
            assert!(kit::read_kit(&line).is_ok_and(|again| again == *seed), "a line that was read is read again");
        }
        let recipient = kit::read_recipient(&text);
        if let Ok(public) = &recipient {
            assert!(kit::recipient_text(public).eq_ignore_ascii_case(&text), "an address has one form");
        }
        format!("{:?} {:?}", read.err(), recipient.err())
    }
    Target { name: "kit", seeds, run, memory: 1 << 20 }
}

/// A folder with these files, imported; it lies in memory where the system has such a place.
fn imported(clients: &[u8], measures: &[u8], note: &[u8]) -> String {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let notes = folder.path().join("notes").join("K1");
    fs::create_dir_all(&notes).unwrap();
    fs::write(folder.path().join("clients.csv"), clients).unwrap();
    fs::write(folder.path().join("measures.csv"), measures).unwrap();
    fs::write(notes.join("2024-01-08 SOAP.md"), note).unwrap();
    match import::read(folder.path(), &mut |_| {}, &|| false) {
        Ok(trail) => {
            assert!(trail.clients.iter().all(|(_, identity)| !identity.name.trim().is_empty()), "a client has a name");
            let problems = trail.report.problems.len().min(4);
            let fields = trail.notes.first().map_or(0, |note| note.content.other.len().min(8));
            format!(
                "{} {} {} {problems} {fields}",
                trail.clients.len().min(8),
                trail.measures.len().min(8),
                trail.notes.len()
            )
        }
        Err(error) => format!("{error:?}"),
    }
}

const CLIENTS: &[u8] = include_bytes!("../../core/fixtures/paper/clients.csv");
const MEASURES: &[u8] = include_bytes!("../../core/fixtures/paper/measures.csv");
const NOTE: &[u8] = include_bytes!("../../core/fixtures/paper/notes/K1/2024-01-08 SOAP.md");

pub(crate) fn clients_table() -> Target {
    fn run(bytes: &[u8]) -> String {
        imported(bytes, MEASURES, NOTE)
    }
    Target { name: "clients_table", seeds: || vec![CLIENTS.to_vec()], run, memory: 8 << 20 }
}

pub(crate) fn measures_table() -> Target {
    fn run(bytes: &[u8]) -> String {
        imported(CLIENTS, bytes, NOTE)
    }
    Target { name: "measures_table", seeds: || vec![MEASURES.to_vec()], run, memory: 8 << 20 }
}

pub(crate) fn front_matter() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let more = b"---\nclient: \"K1\"\ndate: 2024-01-08\ntags: [a, \"b\", 'c']\nother:\n  date: x\nlist: [[1], {a: b}]\ntext: |\n  two\n  lines\n---\n\nText.\n";
        vec![NOTE.to_vec(), more.to_vec(), b"Text alone.".to_vec()]
    }
    fn run(bytes: &[u8]) -> String {
        imported(CLIENTS, MEASURES, bytes)
    }
    Target { name: "front_matter", seeds, run, memory: 8 << 20 }
}
