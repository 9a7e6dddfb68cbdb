//! Files that leave the practice with an export or a sealed record: under plain names, private ones only when asked for.

use jiff::civil::date;

use super::{attach, content, with_client};
use crate::blob::PIECE;
use crate::export::ProcessNotes::{self, Include, LeaveOut};
use crate::store::Batch;
use crate::vault::tests::CARDS_READ;
use crate::vault::tests::{NOW, note, passphrase, practice, referral};
use crate::vault::{NewFile, RecordError, RowError, Share, Vault};

#[test]
fn an_export_has_the_files_under_plain_names_and_the_private_ones_only_when_asked_for() {
    let (mut vault, client) = with_client();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = vault.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    let bytes = content(PIECE + 7);
    let named = |name: &'static str| NewFile { client, note: None, name, length: None };
    let long = format!("{}.pdf", "x".repeat(300));
    attach(&mut vault, &named("../../letter.pdf"), &bytes).unwrap();
    attach(&mut vault, &named("../../letter.pdf"), b"another").unwrap();
    attach(&mut vault, &NewFile { name: &long, ..named("") }, b"long").unwrap();
    attach(&mut vault, &named("a\u{202E}fdp.exe"), b"turned").unwrap();
    attach(&mut vault, &NewFile { note: Some(private), ..named("dream.txt") }, b"a dream").unwrap();
    let rotten = attach(&mut vault, &named("rotten.pdf"), &content(3 * PIECE)).unwrap();
    let (item, ..) = vault.core.read().documents().file_item(&rotten).unwrap();
    let last = *vault.core.read().blobs().blob(&item.blob).unwrap().unwrap().list.hashes().last().unwrap();
    let mut batch = Batch::new();
    vault.core.rows.put_piece(&mut batch, &last, vec![1; 100]);
    vault.core.rows.store().commit(batch).unwrap();

    for (process, files) in [(LeaveOut, 4), (Include, 5)] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let written = vault.exchange().export(&out, None, process, &mut |_| {}, &|| false).unwrap();
        assert_eq!((written.files, written.files_left_out), (files, 1));
        let lies = std::fs::read_dir(out.join("files")).unwrap().next().unwrap().unwrap().path();
        let mut names: Vec<_> =
            std::fs::read_dir(&lies).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(names[..2], ["_.._letter (2).pdf", "_.._letter.pdf"]);
        assert!(names.contains(&"a_fdp.exe".to_owned()), "{names:?}");
        let lengths =
            ["_.._letter (2).pdf", "_.._letter.pdf"].map(|name| std::fs::metadata(lies.join(name)).unwrap().len());
        assert!(lengths.contains(&(bytes.len() as u64)) && lengths.contains(&7));
        assert_eq!(out.join("process-files").exists(), process == Include);
        let table = std::fs::read_to_string(out.join("files.csv")).unwrap();
        assert_eq!(table.lines().count(), 1 + usize::try_from(files).unwrap());
        let mut other = practice();
        let taken = other.exchange_mut().import(&out, false, NOW, &mut |_| {}, &|| false).unwrap();
        assert_eq!(taken.report.problems, [], "an import counts files and does not read them");
    }
}

#[test]
fn a_sealed_record_has_the_files_of_what_is_in_it_and_private_ones_only_when_asked_for_by_name() {
    let (mut vault, client) = with_client();
    let theirs = practice();
    let to = vault
        .exchange_mut()
        .add_colleague(theirs.exchange().card("Dr Virta", date(2026, 11, 22)).unwrap().as_bytes(), CARDS_READ)
        .unwrap();
    let attached = |vault: &mut Vault, text: &str, process: bool, sign: bool, name: &str| {
        let written = vault.notes_mut().add_note(&client, &note(text), process, NOW).unwrap();
        attach(vault, &NewFile { client, note: Some(written), name, length: None }, name.as_bytes()).unwrap();
        if sign {
            vault.notes_mut().sign(&written, NOW).unwrap();
        }
        written
    };
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let signed = attached(&mut vault, "Signed.", false, true, "signed.txt");
    attached(&mut vault, "Still being written.", false, false, "draft.txt");
    attached(&mut vault, "Apart.", true, false, "apart.txt");
    attach(&mut vault, &NewFile { client, note: None, name: "record.md", length: None }, b"of no note").unwrap();
    vault.end_reauth();
    let all = referral(client, to);
    let with = |vault: &mut Vault, share: &Share| {
        let sealed = vault.exchange_mut().seal_record(share, "Dr Rosa").unwrap();
        let opened = theirs.exchange().open_record(&sealed.file).unwrap();
        let mut names: Vec<String> = opened.attachments().map(|file| file.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(with(&mut vault, &all), ["_record.md", "signed.txt"]);
    assert_eq!(with(&mut vault, &Share { notes: vec![signed], ..all.clone() }), ["signed.txt"]);
    assert_eq!(with(&mut vault, &Share { files: false, ..all.clone() }), [""; 0]);
    let by_name = Share { process: ProcessNotes::Include, ..all.clone() };
    assert_eq!(vault.exchange_mut().seal_record(&by_name, "Dr Rosa").err(), Some(RowError::NeedsReauth.into()));
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let names = with(&mut vault, &by_name);
    assert!(names.contains(&"apart.txt".to_owned()) && !names.contains(&"draft.txt".to_owned()), "{names:?}");
    // One that is not all here is not left out in silence.
    let handed = vault.exchange().disclosures(&client).unwrap().len();
    let gone = vault.files().note_files(&signed).unwrap()[0].id;
    vault.files_mut().forget_pieces(&gone).unwrap();
    let refused = vault.exchange_mut().seal_record(&all, "Dr Rosa").err();
    assert_eq!(refused, Some(RecordError::NotSealed(crate::share::SealRecordError::FileNotHere)));
    assert_eq!(
        vault.exchange().disclosures(&client).unwrap().len(),
        handed,
        "nothing was handed out, and nothing is entered"
    );
}
