//! Files into a practice and out of it, by the real program.

use std::fs;

use serde_json::Value;

use crate::desk::{self, Desk};

/// Three pieces, each of bytes of its own.
fn scan() -> Vec<u8> {
    let body = (0..2_500_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()[0]);
    b"%PDF-1.7\n".iter().copied().chain(body).collect()
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_is_attached_listed_shown_and_written_out_as_it_was() {
    let desk = Desk::with_practice();
    let client = id(&desk.json(&["add-client", "Åsa", "--code", "C1"]));
    let written = desk::parsed(&desk.typing("With a letter.", &["--json", "add-note", "C1"]));
    let note = id(&written);
    let path = desk.path("Überweisung.pdf");
    fs::write(&path, scan()).unwrap();
    let attached = desk.json(&["attach", &note, path.to_str().unwrap()]);
    assert_eq!((&attached["name"], &attached["type"]), (&"Überweisung.pdf".into(), &"application/pdf".into()));
    assert_eq!((&attached["bytes"], &attached["here"]), (&scan().len().into(), &true.into()));
    assert_eq!((&attached["client"], &attached["note"]), (&client.as_str().into(), &note.as_str().into()));

    let liar = desk.write("photo.pdf", "a text that calls itself otherwise");
    let told = desk.run(&["attach", "C1", liar.to_str().unwrap()]);
    assert!(told.succeeded().err.contains("another type"), "{}", told.err);
    let files = desk.json(&["files", "--client", "C1"]);
    assert_eq!(files.as_array().unwrap().len(), 2);
    assert_eq!(desk.json(&["show", &note])["files"].as_array().unwrap().len(), 1);
    assert!(desk.text(&["show", &note]).contains("File: Überweisung.pdf · application/pdf · 2.5 MB · here"));
    assert!(desk.text(&["files"]).contains("not what the name says"));

    let out = desk.path("copy.pdf");
    let file = id(&attached);
    desk.run(&["extract", &file[..12], "--out", out.to_str().unwrap()]).succeeded();
    assert!(fs::read(&out).unwrap() == scan());
    let again = desk.run(&["extract", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(again.status, 6, "never over a file that is there");
    let checked = desk.json(&["verify"]);
    assert_eq!((&checked["files"], &checked["pieces"], &checked["whole"]), (&2.into(), &4.into(), &true.into()));
    let exported = desk.json(&["export", desk.path("all").to_str().unwrap()]);
    assert_eq!(exported["files"], 2);
    assert!(fs::read(desk.path("all/files/C1/Überweisung.pdf")).unwrap() == scan());

    desk.run(&["delete", &file]).succeeded();
    let gone = desk.path("gone.pdf");
    assert_eq!(desk.run(&["extract", &file, "--out", gone.to_str().unwrap()]).status, 1);
    assert!(!gone.exists(), "what cannot be opened leaves no file");
    desk.run(&["undelete", &file]).succeeded();
    desk.run(&["extract", &file, "--out", gone.to_str().unwrap()]).succeeded();
}

#[test]
fn a_file_beside_a_private_note_asks_again_and_stays_out_of_lists_and_exports() {
    let desk = Desk::with_practice();
    desk.json(&["add-client", "Åsa", "--code", "C1"]);
    let note = id(&desk::parsed(&desk.typing("Apart.", &["--json", "add-note", "C1", "--process"])));
    let path = desk.write("dream.txt", "a dream");
    let file = id(&desk.json(&["attach", &note, path.to_str().unwrap()]));
    assert_eq!(desk.json(&["files"]), Value::Array(vec![]));
    assert_eq!(desk.json(&["files", "--process"])[0]["private"], true);
    assert_eq!(desk.json(&["export", desk.path("a").to_str().unwrap()])["files"], 0);
    assert_eq!(desk.json(&["export", desk.path("b").to_str().unwrap(), "--with-process-notes"])["files"], 1);
    let out = desk.path("out.txt");
    desk.run(&["extract", &file, "--out", out.to_str().unwrap()]).succeeded();
    assert_eq!(fs::read_to_string(out).unwrap(), "a dream");
}

#[test]
fn what_is_no_file_or_belongs_nowhere_is_refused() {
    let desk = Desk::with_practice();
    desk.json(&["add-client", "Åsa", "--code", "C1"]);
    let folder = desk.root().to_str().unwrap().to_owned();
    assert_eq!(desk.run(&["attach", "C1", &folder]).status, 6);
    assert_eq!(desk.run(&["attach", "C1", desk.path("nothing").to_str().unwrap()]).status, 1);
    let file = desk.write("a.txt", "a");
    assert_eq!(desk.run(&["attach", "ffffffffffff", file.to_str().unwrap()]).status, 1);
    let long = fs::File::create(desk.path("long")).unwrap();
    long.set_len((2 << 30) + 1).unwrap();
    assert_eq!(desk.run(&["attach", "C1", desk.path("long").to_str().unwrap()]).status, 6);
    assert_eq!(desk.run(&["extract", "ffffffffffff", "--out", desk.path("o").to_str().unwrap()]).status, 1);
    assert_eq!(desk.json(&["files"]), Value::Array(vec![]));
}

#[test]
fn a_sealed_record_carries_the_files_of_its_notes_and_a_colleague_takes_one_out_or_all() {
    let (desk, colleague) = (Desk::with_practice(), Desk::with_practice());
    let (card, sealed, bare) = (desk.path("card"), desk.path("record.age"), desk.path("bare.age"));
    let (card, out) = (card.to_str().unwrap(), sealed.to_str().unwrap());
    colleague.run(&["card", "--name", "Dr Virta", "--out", card]).succeeded();
    desk.run(&["card", "--name", "M. Therapist", "--out", desk.path("own").to_str().unwrap()]).succeeded();
    desk.run(&["colleagues", "add", card]).succeeded();
    desk.run(&["add-client", "Åsa", "--code", "C1"]).succeeded();
    let path = desk.path("scan.pdf");
    fs::write(&path, scan()).unwrap();
    desk.run(&["attach", "C1", path.to_str().unwrap()]).succeeded();
    let seal = |more: &[&str], out: &str| {
        let seal = ["seal", "C1", "--to", "Dr Virta", "--purpose", "Cover", "--basis", "Consent", "--out", out];
        desk.json(&[&seal[..], more].concat())
    };
    assert_eq!(seal(&[], out)["files"], 1);
    assert_eq!(seal(&["--without-files"], bare.to_str().unwrap())["files"], 0);
    assert!(fs::metadata(&bare).unwrap().len() < 100_000, "without the files it is small");

    assert!(colleague.text(&["open", out]).contains("File     scan.pdf · 2.5 MB"));
    let (one, all) = (colleague.path("one.pdf"), colleague.path("all"));
    let extract = ["open", out, "--extract", "scan.pdf", "--out", one.to_str().unwrap()];
    colleague.run(&extract).succeeded();
    assert!(fs::read(&one).unwrap() == scan());
    assert_eq!(colleague.run(&extract).status, 6, "never over a file that is there");
    colleague.run(&["open", out, "--save", all.to_str().unwrap()]).succeeded();
    assert!(fs::read(all.join("scan.pdf")).unwrap() == scan() && all.join("record.md").exists());

    let mut edited = fs::read(&sealed).unwrap();
    let middle = edited.len() / 2;
    edited[middle] ^= 1;
    fs::write(&sealed, &edited).unwrap();
    let other = colleague.path("other.pdf");
    let extract = ["open", out, "--extract", "scan.pdf", "--out", other.to_str().unwrap()];
    assert_eq!(colleague.run(&extract).status, 4);
    assert!(!other.exists(), "half a file must not pass for one");
}
