use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::id::{DeviceId, DocId, Hash};
use crate::import;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[=+@'\"\\-,;\r\n\t :#~/\\\\\u{0}-\u{1f}\u{85}\u{2028}\u{feff}a-c\u{5d0}-\u{5ea}\u{202e}]{0,12}"
    ]
}

fn other() -> impl Strategy<Value = BTreeMap<String, String>> {
    let name = prop_oneof![text(), Just("date".into()), Just("Birth Date".into()), Just("other".into()), "[a-z]{1,6}"];
    btree_map(name, text(), 0..4)
}

fn date() -> impl Strategy<Value = Date> {
    (-9999_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap())
}

prop_compose! {
    fn identity()(
        name in text().prop_filter("a stored client has a name", |name| !name.trim().is_empty()),
        code in option::of(text().prop_filter("an empty code is none", |code| !code.is_empty())),
        birth_date in option::of(date()), email in text(), phone in text(), language in text(), status in text(),
        referral in text(), other in other(),
    ) -> Identity {
        Identity { name, code, birth_date, email, phone, language, status, referral, other }
    }
}

prop_compose! {
    fn note()(
        id in any::<[u8; 16]>(), addendum_to in option::of(any::<[u8; 16]>()), process in any::<bool>(), date in date(),
        start in option::of((0_i8..24, 0_i8..60, 0_i8..60, 0_i32..1_000_000_000)), minutes in any::<Option<u32>>(),
        format in text(), session in any::<Option<u32>>(), tags in vec(text(), 0..3), other in other(), text in text(),
        signed in any::<bool>(),
    ) -> ExportedNote {
        let start = start.map(|(h, m, s, n)| Time::new(h, m, s, n).unwrap());
        let content = NoteContent { date, start, minutes, format, session, tags, other, text };
        let bytes = id.to_vec();
        let hash = Hash(Sha256::digest(&bytes).into());
        let mark = SignedMark { hash, device: DeviceId(id), time: jiff::Timestamp::UNIX_EPOCH };
        let addendum_to = addendum_to.map(DocId);
        ExportedNote { id: DocId(id), addendum_to, process, signed: signed.then_some((mark, bytes)), chain: None, content }
    }
}

prop_compose! {
    fn measure()(date in date(), instrument in text(), items in vec(any::<i32>(), 0..10), total in any::<i32>()) -> Measure {
        Measure { date, instrument, items, total }
    }
}

prop_compose! {
    fn client()(
        id in any::<[u8; 16]>(), identity in identity(), notes in vec(note(), 0..4), measures in vec(measure(), 0..4),
    ) -> ExportedClient {
        ExportedClient { id: DocId(id), identity, notes, measures }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_practice_survives_export_and_import_field_by_field(clients in vec(client(), 0..4)) {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), clients.clone(), ProcessNotes::Include).unwrap();
        prop_assert_eq!(written.signed_differ, 0);
        let trail = import::read(folder.path(), &mut |_| {}, &|| false).unwrap();
        prop_assert_eq!(trail.clients.len(), clients.len());
        for ((id, identity), client) in trail.clients.iter().zip(&clients) {
            prop_assert!(*identity == client.identity, "{identity:?}");
            let notes: BTreeMap<_, _> = trail.notes.iter().filter(|n| n.client == *id).map(|n| (n.note_id, n)).collect();
            prop_assert_eq!(notes.len(), client.notes.len());
            for note in &client.notes {
                let found = notes[&Some(note.id)];
                prop_assert!(found.content == note.content);
                prop_assert_eq!(found.process, note.process);
                prop_assert_eq!(found.addendum_to, note.addendum_to);
                prop_assert_eq!(found.signed, note.signed.as_ref().map(|(mark, _)| *mark));
            }
            let measures: Vec<_> = trail.measures.iter().filter(|(of, _)| of == id).map(|(_, m)| m).collect();
            prop_assert!(measures.into_iter().eq(&client.measures));
        }
        prop_assert!(trail.report.problems.iter().all(|p| is_of_odd_text(&p.kinds)));
    }
}

/// What is said of texts that no person writes, and that come back all the same.
fn is_of_odd_text(kinds: &[import::ProblemKind]) -> bool {
    kinds.iter().all(|kind| matches!(kind, import::ProblemKind::HoldsNul | import::ProblemKind::NotPlain))
}

fn one(code: &str, id: u8) -> ExportedClient {
    let identity = Identity { name: "=HYPERLINK(1)".into(), code: Some(code.into()), ..Identity::default() };
    ExportedClient { id: DocId([id; 16]), identity, notes: vec![a_note(false), a_note(true)], measures: Vec::new() }
}

fn a_note(process: bool) -> ExportedNote {
    let date = Date::constant(2024, 2, 29);
    let (text, format) = (if process { "hidden thought" } else { "# said aloud" }.to_owned(), "../CON?".into());
    let (tags, other) = (Vec::new(), BTreeMap::new());
    let content = NoteContent { date, start: None, minutes: None, format, session: None, tags, other, text };
    ExportedNote { id: DocId([u8::from(process); 16]), addendum_to: None, process, signed: None, chain: None, content }
}

#[test]
fn process_notes_stay_out_unless_asked_for_and_never_enter_the_record() {
    for (process, expected) in [(ProcessNotes::LeaveOut, false), (ProcessNotes::Include, true)] {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), [one("C1", 1)], process).unwrap();
        assert_eq!(written.left_out, u64::from(!expected));
        assert_eq!(folder.path().join("process").exists(), expected);
        for file in ["record.md", "record.json"] {
            let record = fs::read_to_string(folder.path().join("records/C1").join(file)).unwrap();
            assert!(record.contains("said aloud") && !record.contains("hidden thought"), "{file}");
        }
    }
}

#[test]
fn names_are_good_on_every_system_and_do_not_collide() {
    let folder = tempfile::tempdir().unwrap();
    let codes = ["C1", "c1", "CON", "com1.txt", "../up", "end.", "C1", "Ä"];
    write(folder.path(), codes.into_iter().zip(1..).map(|(c, id)| one(c, id)), ProcessNotes::LeaveOut).unwrap();
    let names = fs::read_dir(folder.path().join("notes")).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), codes.len());
    assert!(names.iter().all(|name| name == "C1" || (name.len() == 33 && name.starts_with('~'))), "{names:?}");
    assert!(folder.path().join("notes/C1/2024-02-29 CON.md").exists());
    let table = fs::read_to_string(folder.path().join("clients.csv")).unwrap();
    assert!(table.contains(",'=HYPERLINK(1),"), "a formula must not stand bare in a cell");
}

#[test]
fn an_export_overwrites_nothing_and_is_no_export_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut export = Export::into_fresh(folder.path(), ProcessNotes::LeaveOut).unwrap();
    export.client(&one("C1", 1)).unwrap();
    drop(export);
    assert!(matches!(import::read(folder.path(), &mut |_| {}, &|| false), Err(import::ImportError::NoClients)));
    assert!(matches!(write(folder.path(), [], ProcessNotes::LeaveOut), Err(ExportError::NotEmpty)));
}

#[test]
fn signed_bytes_that_do_not_have_their_hash_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut client = one("C1", 1);
    let mark = SignedMark { hash: Hash([7; 32]), device: DeviceId([1; 16]), time: jiff::Timestamp::UNIX_EPOCH };
    client.notes[0].signed = Some((mark, b"other bytes".to_vec()));
    let written = write(folder.path(), [client], ProcessNotes::LeaveOut).unwrap();
    assert_eq!((written.signed, written.signed_differ), (1, 1));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_an_export() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), [one("C1", 1)], ProcessNotes::LeaveOut).unwrap();
    let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("clients.csv"), 0o600);
    assert_eq!(mode("records/C1/record.md"), 0o600);
    assert_eq!(mode("notes/C1"), 0o700);
    assert_eq!(mode(""), 0o700);
}
