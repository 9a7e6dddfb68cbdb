//! A practice with a member that writes what no honest device would. All of it is stored and handed on, and changes nothing.

use std::path::Path;

use subrosa_core::codec::Writer;
use subrosa_core::document::{Actor, Document};
use subrosa_core::id::{ClientId, DeviceId, DocId, KeyId, NoteId};
use subrosa_core::kem::WrapPublic;
use subrosa_core::keyring::{Compartment, CompartmentEntry};
use subrosa_core::labels;
use subrosa_core::log::{Class, Kind, NO_KEY, PRACTICE_KEY};
use subrosa_core::roster::{DeviceCard, Entry, EntryKind, SignedBy};
use subrosa_core::secret::{AuthorityRole, Key, WrapRole};
use subrosa_core::sign::Signer;
use subrosa_core::vault::{NewFile, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::member::{Member, Origin, Said};
use subrosa_tests::practice::{MORNING, person, written};

use super::made::{begun, expect, page};
use super::{described, passphrase};

/// What is true in the practice, and a member that knows of it.
struct Scene {
    yard: Vault,
    kim: ClientId,
    draft: NoteId,
    signed: NoteId,
    file: DocId,
    member: Member,
}

pub(super) fn of_a_hostile_member(folder: &Path) {
    let created = begun(&folder.join("yard.vault"), &passphrase(), "Yard");
    std::fs::write(folder.join("yard.kit.txt"), page(&created)).unwrap();
    let mut scene = scene(created.vault);
    let before = described(&mut scene.yard);
    let lies = [items(&mut scene), documents(&mut scene), keys(&mut scene), entries(&mut scene)];
    let told: usize = lies.iter().map(Vec::len).sum();
    for lies in lies {
        // All in one envelope; and half of them in another branch of its log.
        let place = scene.member.place();
        scene.member.say(&mut scene.yard, Class::Everyday, &lies, MORNING);
        scene.member.return_to(place);
        scene.member.say(&mut scene.yard, Class::Import, &lies[lies.len() / 2..], MORNING);
        scene.member.begin_log();
    }
    scene.member.say_noise(&mut scene.yard, MORNING);
    let mut after = described(&mut scene.yard);
    expect(folder, "yard", &after);
    assert!(told > 30 && after["set aside"].as_u64() > Some(20), "{told} lies, {} set aside", after["set aside"]);
    after["set aside"] = before["set aside"].clone();
    assert!(after == before, "what a member leaves changes nothing");
}

fn scene(mut yard: Vault) -> Scene {
    let pass = passphrase();
    yard.reauthenticate(&pass, MORNING).unwrap();
    let kim = yard.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    let [draft, signed] = ["A draft.", "What was signed."]
        .map(|text| yard.notes_mut().add_note(&kim, &written(text), false, MORNING).unwrap());
    yard.notes_mut().sign(&signed, MORNING + 1_000).unwrap();
    yard.notes_mut().add_note(&kim, &written("My own thoughts."), true, MORNING).unwrap();
    let new = NewFile { client: kim, note: Some(draft), name: "letter.txt", length: None };
    let content = b"Dear colleague,\n";
    let file = yard.files_mut().attach(&new, &mut content.as_slice(), MORNING, &mut |_| {}, &|| false).unwrap();
    let mut member = Member::admitted(&mut yard, &pass, "Gate", Dice::new(11), MORNING);
    yard.reauthenticate(&pass, MORNING).unwrap();
    yard.notes_mut().flush().unwrap();
    member.hear(&yard);
    Scene { yard, kim, draft, signed, file, member }
}

/// The origin of a document that is here.
fn origin_of(scene: &Scene, document: &DocId) -> Origin {
    let said = scene.member.said_of(&scene.yard, document);
    let payload = &said[0].2;
    let of = Origin {
        kind: payload[0],
        client: DocId::from_slice(&payload[1..17]).unwrap(),
        nonce: payload[17..33].try_into().unwrap(),
    };
    assert_eq!(of.id(), *document);
    of
}

fn frozen(of: &Origin, json: &str) -> Vec<u8> {
    of.with(&[&[0; 16], json.as_bytes()].concat())
}

/// Items that lie where they should not, or say what they cannot.
fn items(scene: &mut Scene) -> Vec<Said> {
    let kim = scene.kim;
    let clinical = scene.member.key_of(&kim, Compartment::Clinical);
    let identity = scene.member.key_of(&kim, Compartment::Identity);
    let (draft, file) = (origin_of(scene, &scene.draft), origin_of(scene, &scene.file));
    let (other, client) = (Origin { nonce: [5; 16], ..draft }, origin_of(scene, &kim));
    let note = r#"{"date":"2026-03-10","text":"Never said."}"#;
    let under = |key, kind, of: &Origin, payload| Said::under(key, kind, of.id(), payload);
    let head = scene.member.bodies_of(&scene.yard).last().unwrap().0;
    let range = [&1_u32.to_le_bytes()[..], &head.seq.to_le_bytes(), &(head.seq + 1).to_le_bytes()].concat();
    let closed = [&1_u32.to_le_bytes()[..], &head.log.0, &range].concat();
    let card = [&MORNING.to_le_bytes()[..], b"no card"].concat();
    let pieces = [&MORNING.to_le_bytes()[..], &1_u32.to_le_bytes(), &[7; 32]].concat();
    let mut lies = vec![
        // Of another client, another type, another compartment; under a key of the practice, or none.
        Said::under(clinical, Kind::Frozen, scene.draft, frozen(&other, note)),
        under(clinical, Kind::Frozen, &Origin { client: other.id(), ..draft }, frozen(&draft, note)),
        under(identity, Kind::Frozen, &other, frozen(&other, note)),
        under(clinical, Kind::Frozen, &Origin { kind: 4, ..other }, frozen(&Origin { kind: 4, ..other }, note)),
        under(PRACTICE_KEY, Kind::Frozen, &other, frozen(&other, note)),
        under(NO_KEY, Kind::Frozen, &other, frozen(&other, note)),
        under(PRACTICE_KEY, Kind::Changes, &draft, draft.with(b"nothing")),
        under(PRACTICE_KEY, Kind::Merged, &client, client.with(&[0; 16])),
        under(clinical, Kind::Colleague, &other, card.clone()),
        under(clinical, Kind::Closed, &draft, closed.clone()),
        under(clinical, Kind::Lacking, &draft, vec![0; 8]),
        // A closing of what is still written on, and what no one wrote or lacks.
        under(PRACTICE_KEY, Kind::Closed, &draft, closed),
        under(PRACTICE_KEY, Kind::Closed, &draft, b"short".to_vec()),
        Said::under(PRACTICE_KEY, Kind::Colleague, other.id(), card),
        under(PRACTICE_KEY, Kind::Delete, &other, [&MORNING.to_le_bytes()[..], &[0; 4]].concat()),
        // Deletions of nothing that is here, and restorings of none.
        under(clinical, Kind::Delete, &draft, draft.with(&[&1_u32.to_le_bytes()[..], &[9; 32]].concat())),
        under(clinical, Kind::Delete, &draft, draft.with(&[&2_u32.to_le_bytes()[..], &[9; 32]].concat())),
        under(clinical, Kind::Restore, &other, other.with(&[&1_u32.to_le_bytes()[..], &[9; 32]].concat())),
        under(clinical, Kind::Moved, &draft, draft.with(b"nowhere")),
        under(identity, Kind::Merged, &client, client.with(b"nobody")),
        // Pieces of a file that has others, of none, and what is no file.
        under(NO_KEY, Kind::File, &file, pieces),
        under(NO_KEY, Kind::File, &file, [&MORNING.to_le_bytes()[..], &[0; 4]].concat()),
        under(
            clinical,
            Kind::File,
            &Origin { nonce: [6; 16], ..file },
            Origin { nonce: [6; 16], ..file }.with(b"no file"),
        ),
        // JSON that is none.
        under(clinical, Kind::Frozen, &other, frozen(&other, r#"{"date":"2026-03-10","text":"One.","text":"Two."}"#)),
        under(clinical, Kind::Frozen, &other, frozen(&other, r#"{"date":5,"text":"A number for a day."}"#)),
        under(clinical, Kind::Frozen, &other, frozen(&other, "{}")),
        under(clinical, Kind::Frozen, &other, frozen(&other, r#"{"date":"2026-03-10","text":NaN}"#)),
    ];
    // Under a known key, and nothing of what that key seals; under one that nobody made.
    let unknown = KeyId([2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6, 7, 8, 9]);
    lies.push(under(unknown, Kind::Frozen, &other, vec![1; 200]));
    lies
}

/// Changes and signatures in another's name, or of another note.
fn documents(scene: &mut Scene) -> Vec<Said> {
    let clinical = scene.member.key_of(&scene.kim, Compartment::Clinical);
    let draft = origin_of(scene, &scene.draft);
    let (yard, own) = (scene.yard.device(), scene.member.card().id);
    let changes = |of: &NoteId, by: DeviceId, text: &str| {
        let said = scene.member.said_of(&scene.yard, of);
        let sent = said.iter().filter(|(kind, ..)| *kind == Kind::Changes);
        let sent = sent.map(|(_, device, payload)| (*device, &payload[33..]));
        let actor = Actor::fresh(by, &mut Dice::new(3));
        let mut document = Document::load([], *of, sent, actor).unwrap().document.unwrap();
        let heads = document.heads();
        document.write(&document.fields(), text).unwrap();
        document.changes_since(&heads)
    };
    let in_its_name = changes(&scene.draft, yard, "Put into another's mouth.");
    let of_another = changes(&scene.signed, own, "Of another note.");
    let mut flipped = changes(&scene.draft, own, "Turned over.");
    *flipped.last_mut().unwrap() ^= 1;
    let mut lies: Vec<Said> = [in_its_name, of_another, flipped, b"no change".to_vec()]
        .iter()
        .map(|chunk| Said::under(clinical, Kind::Changes, scene.draft, draft.with(chunk)))
        .collect();
    // The true signature beside another note; forged ones beside this.
    let said = scene.member.said_of(&scene.yard, &scene.signed);
    let statement = said.iter().find(|(kind, ..)| *kind == Kind::Signed).map(|(.., payload)| payload[33..].to_vec());
    let signed = origin_of(scene, &scene.signed);
    lies.push(Said::under(clinical, Kind::Signed, scene.draft, draft.with(&statement.unwrap())));
    let by_member = |device: DeviceId, content: &str, kind: &str| {
        let (id, client) = (scene.signed, scene.kim);
        let bytes = format!(
            r#"{{"format":2,"note":"{id}","client":"{client}","kind":"{kind}","content":{content},"heads":[],"signed_at":"2026-03-10T07:00:00Z","device":"{device}"}}"#
        );
        let signature = scene.member.signer().sign(labels::NOTE, bytes.as_bytes());
        let mut payload = Writer::new();
        let key = scene.member.signer().public_key();
        payload.bytes(&signed.with(b"")).lp(bytes.as_bytes()).bytes(&key.0).bytes(&signature.0);
        payload.finish()
    };
    let content = r#"{"date":"2026-03-10","text":"Signed by nobody."}"#;
    let twice = r#"{"date":"2026-03-10","text":"One.","text":"Two."}"#;
    let mut turned = by_member(own, content, "note");
    *turned.last_mut().unwrap() ^= 1;
    for payload in
        [by_member(yard, content, "note"), by_member(own, twice, "note"), by_member(own, content, "noose"), turned]
    {
        lies.push(Said::under(clinical, Kind::Signed, scene.signed, payload));
    }
    lies
}

/// Parts that put other keys under known names, and secrets of epochs that nobody committed to.
fn keys(scene: &mut Scene) -> Vec<Said> {
    let kim = scene.kim;
    let clinical = scene.member.key_of(&kim, Compartment::Clinical);
    let private = *scene.member.names_of(&scene.yard, Compartment::Process).first().unwrap();
    let mut lies = Vec::new();
    for (name, compartment) in [(clinical, Compartment::Clinical), (private, Compartment::Process)] {
        let own = CompartmentEntry::new(kim, compartment, Key::random(scene.member.dice()));
        let honest = own.id;
        let mut part = scene.member.part_of(&[own]);
        let at = part.payload.windows(16).position(|bytes| bytes == honest.0).unwrap();
        part.payload[at..at + 16].copy_from_slice(&name.0);
        lies.push(part);
    }
    let epoch = scene.member.roster().epoch();
    let secret = CompartmentEntry::of_epoch(&epoch, &Key::random(scene.member.dice()));
    lies.push(scene.member.part_of(&[secret]));
    lies.push(Said::bare(Kind::Keyring, DocId([8; 16]), b"no part".to_vec()));
    lies
}

/// Entries in the name of a device that stays, under an authority of its own, and such as are none.
fn entries(scene: &mut Scene) -> Vec<Said> {
    let heads = || scene.member.roster().heads();
    let card = scene.member.card().clone();
    let authority = scene.member.authority();
    let own = Signer::new(&Key::<AuthorityRole>::take(&mut [0x66; 32]));
    let by = |authority| SignedBy { device: scene.member.signer(), authority };
    let kit = WrapPublic::of(&Key::<WrapRole>::take(&mut [0x67; 32]));
    let foreign = Entry::recovery(MORNING, heads(), vec![kit.clone()], &by(&own));
    // The authority's own signature, and another author than the one whose key signed it.
    let mut in_its_name = Entry::parse(&Entry::recovery(MORNING, heads(), vec![kit], &by(&authority))).unwrap();
    in_its_name.author = scene.yard.device();
    let mut in_its_name = in_its_name.to_bytes();
    let message = in_its_name.len() - 64;
    let signature = authority.sign(labels::ROSTER, &in_its_name[..message]);
    in_its_name[message..].copy_from_slice(&signature.0);
    let stays: DeviceCard = scene.member.roster().device(&scene.yard.device()).unwrap().clone();
    let cut = |of: DeviceCard| Entry::cut(EntryKind::Cut, MORNING, heads(), of, Vec::new(), scene.member.signer());
    let entries = [foreign, in_its_name, cut(stays), cut(card), b"no entry".to_vec()];
    entries.map(|entry| Said::bare(Kind::Roster, DocId([0; DocId::LEN]), entry)).into()
}
