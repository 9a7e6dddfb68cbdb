//! A practice in which a later version writes too, and in which a device goes on in two copies.

use std::num::NonZeroU8;
use std::path::Path;

use subrosa_core::codec::Writer;
use subrosa_core::entropy::Os;
use subrosa_core::id::DocId;
use subrosa_core::kdf::Policy;
use subrosa_core::kem::WrapPublic;
use subrosa_core::keyring::Compartment;
use subrosa_core::labels;
use subrosa_core::log::{Class, Kind, NO_KEY, PRACTICE_KEY};
use subrosa_core::roster::{Entry, SignedBy};
use subrosa_core::secret::{Key, WrapRole};
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{JoiningDevice, LockedVault};
use subrosa_tests::dice::Dice;
use subrosa_tests::medium::Medium;
use subrosa_tests::member::{Member, Origin, Said};
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::cheap;

use super::made::{begun, carry, expect, meet, page};
use super::{described, passphrase};

const NOBODY: DocId = DocId([0; 16]);
/// A code that no version knows yet: of a kind of item, of a kind of entry, of a class.
const LATER: u8 = 0xE7;

pub(super) fn a_later_version(folder: &Path) {
    let pass = passphrase();
    let created = begun(&folder.join("porch.vault"), &pass, "Porch");
    std::fs::write(folder.join("porch.kit.txt"), page(&created)).unwrap();
    let mut porch = created.vault;
    let kim = porch.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    let medium = Medium::default();
    let new = cheap("Twin", &pass, MORNING);
    let joining = JoiningDevice::new(&new, &mut Os);
    porch.reauthenticate(&pass, MORNING).unwrap();
    let welcome = porch.devices_mut().admit(&joining.introduction(), usize::MAX, MORNING).unwrap();
    let store = Box::new(RedbStore::over(medium.clone()).unwrap());
    let mut twin = joining.join(&welcome, store, &new, Box::new(Os)).unwrap();
    let mut later = Member::admitted(&mut porch, &pass, "Later", Dice::new(7), MORNING);
    porch.notes_mut().flush().unwrap();
    later.hear(&porch);

    // Items, members, types, a class of parts and of envelopes, a kind of entries and a purpose of wraps.
    let ada = Origin { kind: 1, client: NOBODY, nonce: [1; 16] };
    let (identity, identity_part) = later.make_key(ada.id(), Compartment::Identity);
    let (clinical, clinical_part) = later.make_key(ada.id(), Compartment::Clinical);
    let note = Origin { kind: 2, client: ada.id(), nonce: [2; 16] };
    let strange = Origin { kind: LATER, client: ada.id(), nonce: [3; 16] };
    let frozen = |of: &Origin, json: &str| of.with(&[&[0; 16], json.as_bytes()].concat());
    let said = r#"{"date":"2026-03-10","text":"By a later version.","mood":"7","scale":{"b":[1,2],"a":null}}"#;
    let signed = signed(&later, &note, said);
    let class = strange_class(later.make_key(ada.id(), Compartment::Clinical).1);
    let client = frozen(&ada, r#"{"name":"Ada","pronouns":"they","since":2024,"code":"A1"}"#);
    let of_kind = |key, document, payload: &[u8]| Said { kind: LATER, document, key, payload: payload.to_vec() };
    later.say(&mut porch, Class::Everyday, &[identity_part, clinical_part, class], MORNING);
    let items = [
        Said::under(identity, Kind::Frozen, ada.id(), client),
        Said::under(clinical, Kind::Frozen, note.id(), frozen(&note, said)),
        Said::under(clinical, Kind::Signed, note.id(), signed),
        Said::under(clinical, Kind::Frozen, strange.id(), frozen(&strange, r#"{"of":"a later type"}"#)),
        of_kind(clinical, note.id(), &note.with(b"what nobody knows yet")),
        of_kind(PRACTICE_KEY, NOBODY, b"of the practice"),
        of_kind(NO_KEY, NOBODY, b"under no key"),
    ];
    later.say(&mut porch, Class::Unknown(LATER), &items, MORNING);
    let kit = WrapPublic::of(&Key::<WrapRole>::random(later.dice()));
    let by = SignedBy { device: later.signer(), authority: &later.authority() };
    let entry = Entry::recovery(MORNING, later.roster().heads(), vec![kit], &by);
    let entry = later.entry_of_kind(&entry, NonZeroU8::new(LATER).unwrap());
    later.say(&mut porch, Class::Everyday, &[entry], MORNING);

    // A copy of the twin's disk is started beside it, and both write.
    meet(&mut [&mut porch, &mut twin]);
    let store = Box::new(RedbStore::over(Medium::holding(medium.image())).unwrap());
    let copy = LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap();
    let mut copy = copy.unlock(&pass, MORNING + 1_000).map_err(|still| still.error).unwrap();
    for (vault, text) in [(&mut twin, "On the one."), (&mut copy, "On the other.")] {
        vault.notes_mut().add_note(&kim, &written(text), false, MORNING).unwrap();
        vault.notes_mut().flush().unwrap();
        carry(vault, &mut porch);
    }
    // What is done here follows what is not known, and a note that a later version wrote is gone on with.
    porch.notes_mut().add_note(&ada.id(), &written("Here, about Ada."), false, MORNING).unwrap();
    porch.notes_mut().flush().unwrap();
    expect(folder, "porch", &described(&mut porch));
}

/// A statement that says more than this version knows.
fn signed(by: &Member, note: &Origin, content: &str) -> Vec<u8> {
    let (key, id, client) = (by.signer().public_key(), note.id(), note.client);
    let statement = format!(
        r#"{{"format":2,"note":"{id}","client":"{client}","kind":"note","content":{content},"heads":[],"witness":"Elm","signed_at":"2026-03-10T10:00:00Z","device":"{}"}}"#,
        key.device_id()
    );
    let signature = by.signer().sign(labels::NOTE, statement.as_bytes());
    let mut payload = Writer::new();
    payload.bytes(&note.with(b"")).lp(statement.as_bytes()).bytes(&key.0).bytes(&signature.0);
    payload.finish()
}

/// The same part, of a class that no version knows yet: that is the byte behind its id and its version.
fn strange_class(part: Said) -> Said {
    let mut payload = part.payload;
    payload[16 + 8] = LATER;
    Said { payload, ..part }
}
