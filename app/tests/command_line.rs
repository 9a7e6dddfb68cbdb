//! The command line as a person or a script meets it: the real program, real files, a passphrase at real strength.

#![expect(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "command_line/attachments.rs"]
mod attachments;
#[path = "command_line/backups.rs"]
mod backups;
#[path = "command_line/card.rs"]
mod card;
#[path = "command_line/desk.rs"]
mod desk;
#[path = "command_line/devices.rs"]
mod devices;
#[path = "command_line/inputs.rs"]
mod inputs;
#[path = "command_line/new_keys.rs"]
mod new_keys;
#[path = "command_line/new_kit.rs"]
mod new_kit;
#[path = "command_line/particulars.rs"]
mod particulars;
#[path = "command_line/removal.rs"]
mod removal;

use std::fs;

use desk::{Desk, PASSPHRASE};
use serde_json::Value;

const CLIENTS: &str = "id,name,birth_date,email,phone,language,status,referral\n\
                       C1,Åsa Öberg,1980-02-03,a@example.org,+358 40 1,sv,active,Sleep\n\
                       C2,佐藤 明美,1975-05-06,b@example.org,+358 40 2,ja,active,Grief\n";
const NOTE: &str = "---\nclient: C1\ndate: 2026-03-02\nstart: 14:00\nminutes: 50\nformat: SOAP\nsession: 1\n---\n\n\
                    ## Subjective\n\nThe tram went well, two stops.\n";

/// A folder with two clients, one note and one measure.
fn paper(desk: &Desk) -> std::path::PathBuf {
    let folder = desk.path("paper");
    fs::create_dir_all(folder.join("notes/C1")).unwrap();
    fs::write(folder.join("clients.csv"), CLIENTS).unwrap();
    let measures = "client_id,date,instrument,items,total\nC1,2026-03-02,PHQ-9,1 1 1 1 1 1 1 1 1,9\n";
    fs::write(folder.join("measures.csv"), measures).unwrap();
    fs::write(folder.join("notes/C1/2026-03-02 SOAP.md"), NOTE).unwrap();
    folder
}

#[test]
fn a_practice_is_made_filled_written_in_signed_searched_and_carried_over() {
    let desk = Desk::with_practice();
    let folder = paper(&desk);
    let folder = folder.to_str().unwrap();

    let dry = desk.json(&["import", folder, "--dry-run"]);
    assert_eq!((&dry["clients"], &dry["notes"], &dry["id"]), (&2.into(), &1.into(), &Value::Null));
    let done = desk.json(&["import", folder]);
    assert_eq!((&done["clients"], &done["notes"], &done["measures"]), (&2.into(), &1.into(), &1.into()));
    assert_eq!(desk.json(&["import", folder])["known"], 4, "importing twice adds nothing");

    let clients = desk.json(&["clients"]);
    let names: Vec<_> = clients.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Åsa Öberg", "佐藤 明美"]);
    assert!(desk.text(&["clients"]).contains("佐藤 明美"));

    let client = desk.json(&["add-client", "Ylva T.", "--code", "Y1"])["id"].as_str().unwrap().to_owned();
    assert_eq!(client.len(), 32, "ids in full");
    let written =
        desk.typing("Sov bättre.\n", &["--json", "add-note", "Y1", "--minutes", "50", "--date", "2026-11-19"]);
    let note = desk::parsed(&written)["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.json(&["notes", "--client", &client])[0]["id"], note.as_str());
    desk.typing("Sov bättre. Skrattade.\n", &["edit", &note[..12]]).succeeded();
    assert!(desk.text(&["show", &note]).contains("Sov bättre. Skrattade."));

    let empty = desk.typing("", &["edit", &note]);
    assert_eq!(empty.status, 6, "an empty pipe does not empty a note");
    desk.run(&["sign", &note]).succeeded();
    let refused = desk.typing("Other.", &["edit", &note]);
    assert_eq!((refused.status, refused.out.as_str()), (6, ""));
    assert!(refused.err.contains("signed note is never changed"), "{}", refused.err);
    desk.typing("Ringde.\n", &["addendum", &note]).succeeded();
    let shown = desk.json(&["show", &note]);
    assert_eq!((&shown["state"], &shown["text"]), (&"signed".into(), &"Sov bättre. Skrattade.\n".into()));
    assert_eq!(shown["signed"].as_array().unwrap().len(), 2);

    let hits = desk.json(&["search", "skrattade"]);
    assert_eq!((&hits[0]["id"], hits.as_array().unwrap().len()), (&note.as_str().into(), 1));
    assert_eq!(desk.json(&["search", "nowhere-at-all"]), Value::Array(vec![]));
    assert_eq!(desk.json(&["verify"])["whole"], true);

    let out = desk.path("out");
    desk.run(&["export", out.to_str().unwrap()]).succeeded();
    assert_eq!(desk.run(&["export", out.to_str().unwrap()]).status, 6, "into a fresh folder only");
    let other = Desk::with_practice();
    let taken = other.json(&["import", out.to_str().unwrap()]);
    assert_eq!((&taken["clients"], taken["problems"].as_array().unwrap().len()), (&3.into(), 0));
    let text = |desk: &Desk, word: &str| {
        let id = desk.json(&["search", word])[0]["id"].as_str().unwrap().to_owned();
        desk.json(&["show", &id])["text"].clone()
    };
    for word in ["tram", "skrattade"] {
        assert_eq!(text(&desk, word), text(&other, word), "the same record in another practice");
    }
}

#[test]
fn a_whole_import_is_taken_back() {
    let desk = Desk::with_practice();
    let import = desk.json(&["import", paper(&desk).to_str().unwrap()])["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.json(&["import", "--undo", &import])["kept"], 0);
    assert_eq!(desk.json(&["clients"]), Value::Array(vec![]));
    assert_eq!(desk.run(&["import", "--undo", &import]).status, 1, "only once");
}

#[test]
fn each_failure_has_its_status_and_its_sentence() {
    let desk = Desk::with_practice();
    assert_eq!(desk.run(&["clients", "--no-such-option"]).status, 2);
    assert_eq!(desk.run(&["show", "ffffffffffff"]).status, 1);
    let wrong = desk.write("wrong", "not the passphrase\n");
    let refused = desk.bare(&["--passphrase-file", wrong.to_str().unwrap(), "clients"]);
    assert_eq!(refused.status, 3);
    assert!(refused.err.contains("not the passphrase of this practice"), "{}", refused.err);
    assert!(!refused.err.contains(desk.root().to_str().unwrap()), "no path in an error");
    let nobody = desk.bare(&["--passphrase-file", "/nonexistent", "clients"]);
    assert_eq!(nobody.status, 1);
    assert_eq!(desk.run(&["init"]).status, 6, "an existing practice is never overwritten");
    assert_eq!(desk.bare(&["clients"]).status, 2, "nobody to ask for the passphrase");
    assert_eq!(desk.run(&["seal", "C1", "--to", "x", "--purpose", "p", "--basis", "b", "--out", "f"]).status, 2);
}

#[test]
fn a_passphrase_is_no_argument_and_no_variables_value() {
    let desk = Desk::with_practice();
    let help = format!("{}{}", desk.bare(&["--help"]).out, desk.bare(&["init", "--help"]).out);
    assert!(!help.contains("--passphrase <"), "{help}");
    assert_eq!(desk.bare(&["--passphrase", PASSPHRASE, "clients"]).status, 2);
    let value = desk.with_variable("SUBROSA_PASSPHRASE_FILE", PASSPHRASE, &["clients"]);
    assert_ne!(value.status, 0, "the variable names a file");
    assert!(!value.err.contains(PASSPHRASE));
    let file = desk.with_variable("SUBROSA_PASSPHRASE_FILE", desk.passphrase_file().to_str().unwrap(), &["clients"]);
    file.succeeded();
}

#[test]
fn a_second_process_is_told_that_the_first_has_the_practice() {
    let desk = Desk::with_practice();
    let held = subrosa_core::store::RedbStore::open(&desk.vault()).unwrap();
    let refused = desk.run(&["clients"]);
    assert_eq!(refused.status, 5);
    assert!(refused.err.contains("already open"), "{}", refused.err);
    // Whoever holds it says so beside it.
    let beside = desk.write("practice.subrosa.open", "window 4242\n");
    let refused = desk.run(&["clients"]);
    assert_eq!(refused.status, 5);
    assert!(refused.err.contains("Subrosa's window (process 4242)"), "{}", refused.err);
    drop(held);
    desk.run(&["clients"]).succeeded();
    assert!(!beside.exists(), "taken away with the command that had it last");
}

#[test]
fn a_file_that_is_cut_short_wiped_in_the_middle_or_empty_is_damaged_and_left_as_it_is() {
    let desk = Desk::with_practice();
    desk.run(&["import", paper(&desk).to_str().unwrap()]).succeeded();
    let whole = fs::read(desk.vault()).unwrap();
    let mut wiped = whole.clone();
    let middle = whole.len() / 2 / 4096 * 4096;
    wiped[middle..middle + 4096].fill(0);
    let mut headless = whole.clone();
    headless[..4096].fill(0);
    for (what, bytes) in [("cut short", &whole[..whole.len() * 2 / 3]), ("empty", b""), ("no head", &headless)] {
        fs::write(desk.vault(), bytes).unwrap();
        let refused = desk.run(&["verify"]);
        assert_eq!(refused.status, 4, "{what}: {}", refused.err);
        assert!(!refused.err.is_empty() && fs::read(desk.vault()).unwrap() == bytes, "{what}: left as it is");
    }
    // A page that nothing lives in may be wiped without harm; then everything else must be whole.
    fs::write(desk.vault(), &wiped).unwrap();
    let looked = desk.run(&["verify"]);
    assert!(matches!(looked.status, 0 | 4), "{}", looked.err);
    // What a repair leaves behind is whole, or was not begun.
    let repaired = desk.run(&["verify", "--repair"]);
    assert!(matches!(repaired.status, 0 | 4), "{}", repaired.err);
    fs::write(desk.vault(), &whole).unwrap();
    assert_eq!(desk.json(&["verify"])["whole"], true, "the copy is whole");
    assert_eq!(desk.json(&["verify", "--repair"])["repaired"], Value::Null, "nothing is done where nothing is damaged");
}

#[test]
fn an_older_copy_put_back_is_noticed_and_nothing_in_it_is_lost() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "First"]).succeeded();
    let older = fs::read(desk.vault()).unwrap();
    desk.run(&["add-client", "Second"]).succeeded();
    fs::write(desk.vault(), older).unwrap();
    let clients = desk.run(&["clients"]);
    assert_eq!(clients.status, 0);
    assert!(clients.err.contains("older copy"), "{}", clients.err);
    assert!(clients.out.contains("First") && !clients.out.contains("Second"));
    assert!(!desk.run(&["clients"]).err.contains("older copy"), "said once");
}

#[test]
fn what_an_import_cannot_take_is_said_and_the_rest_is_taken() {
    let desk = Desk::with_practice();
    let folder = paper(&desk);
    let clients = [CLIENTS.as_bytes(), b"C3,\"broken\nC4,\xC5sa Latin,1990-01-01,,,sv,active,x\n"].concat();
    fs::write(folder.join("clients.csv"), clients).unwrap();
    fs::write(folder.join("notes/C1/2026-03-09 Free.md"), b"---\nclient: C1\ndate: 2026-03-09\n---\n\nV\xE4nlig.\n")
        .unwrap();
    fs::write(folder.join("notes/C1/2026-03-16 Free.md"), "---\nclient: C9\ndate: 2026-03-16\n---\n\nWhose?\n")
        .unwrap();
    fs::write(folder.join("notes/C1/2026-03-23 Free.md"), vec![b'a'; 50 << 20]).unwrap();
    fs::write(folder.join("notes/C1/2026-03-30 Free.md"), "---\nclient: ../../C1\ndate: 2026-03-30\n---\n\nOut.\n")
        .unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", folder.join("notes/C1/2026-04-06 Free.md")).unwrap();
    let done = desk.json(&["import", folder.to_str().unwrap()]);
    let problems: Vec<_> = done["problems"].as_array().unwrap().iter().map(|p| p["words"].as_str().unwrap()).collect();
    for words in ["the row is broken", "not UTF-8", "not in clients.csv", "52428800 bytes"] {
        assert!(problems.iter().any(|said| said.contains(words)), "{words}: {problems:?}");
    }
    #[cfg(unix)]
    assert!(problems.iter().any(|said| said.contains("a link")), "{problems:?}");
    assert_eq!(done["notes"], 2, "the good one and the Latin one");
    assert!(desk.json(&["search", "vänlig"]).as_array().unwrap().len() == 1);
    let none = desk.run(&["import", desk.root().join("nowhere").to_str().unwrap()]);
    assert_eq!(none.status, 1);
    let no_clients = desk.path("empty");
    fs::create_dir(&no_clients).unwrap();
    assert_eq!(desk.run(&["import", no_clients.to_str().unwrap()]).status, 1);
}

#[test]
fn a_private_note_opens_by_its_id_and_stays_out_of_everything_else() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Ylva", "--code", "Y1"]).succeeded();
    let written = desk.typing("A thought of mine.", &["--json", "add-note", "Y1", "--process"]);
    let note = desk::parsed(&written)["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.json(&["notes"]), Value::Array(vec![]));
    assert_eq!(desk.json(&["search", "thought"]), Value::Array(vec![]));
    assert_eq!(desk.json(&["show", &note])["private"], true);
    assert_eq!(desk.json(&["notes", "--process"])[0]["id"], note.as_str());
    let (without, with) = (desk.path("without"), desk.path("with"));
    assert_eq!(desk.json(&["export", without.to_str().unwrap()])["notes"], 0);
    assert_eq!(desk.json(&["export", with.to_str().unwrap(), "--with-process-notes"])["notes"], 1);
}

#[test]
fn a_forgotten_passphrase_is_replaced_by_the_kit_and_a_known_one_by_another() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Ylva"]).succeeded();
    let (second, third) =
        (desk.write("second", "second passphrase, long\n"), desk.write("third", "third passphrase, long\n"));
    let (second, third) = (second.to_str().unwrap(), third.to_str().unwrap());
    let kit = desk.path("kit.txt");
    desk.bare(&["--passphrase-file", second, "recover", "--kit", kit.to_str().unwrap()]).succeeded();
    assert_eq!(desk.run(&["clients"]).status, 3, "the forgotten one is worth nothing now");
    desk.bare(&["--passphrase-file", second, "passphrase", "--new-passphrase-file", third]).succeeded();
    assert_eq!(desk.bare(&["--passphrase-file", second, "clients"]).status, 3);
    assert!(desk.bare(&["--passphrase-file", third, "clients"]).out.contains("Ylva"));
    let slip = desk.write("slip", &fs::read_to_string(&kit).unwrap().replace("PQ-1", "PQ-1Q"));
    assert_eq!(desk.bare(&["--passphrase-file", second, "recover", "--kit", slip.to_str().unwrap()]).status, 3);
}

#[test]
fn a_new_passphrase_that_is_guessed_is_refused_wherever_one_is_chosen_and_nothing_is_changed() {
    let (desk, empty) = (Desk::with_practice(), Desk::new());
    desk.run(&["backup", "practice.age"]).succeeded();
    let code = subrosa_core::pairing::Code::random(&mut subrosa_core::entropy::Os);
    for (weak, said) in [("password12", "several unusual words"), ("kx7Qm2vRt", "at least ten characters")] {
        let file = desk.write("weak", &format!("{weak}\n"));
        let weak = ["--passphrase-file", file.to_str().unwrap()];
        let restore = ["restore", "practice.age", "--kit", "kit.txt", "--into", "back.subrosa"];
        for refused in [
            empty.bare(&[weak.as_slice(), &["init"]].concat()),
            empty.bare_typing(&code.words(), &[weak.as_slice(), &["devices", "join"]].concat()),
            desk.bare(&[weak.as_slice(), &["recover", "--kit", "kit.txt"]].concat()),
            desk.bare(&[weak.as_slice(), &restore].concat()),
            desk.run(&["passphrase", "--new-passphrase-file", weak[1]]),
        ] {
            assert!(refused.status == 6 && refused.err.contains(said), "{}", refused.err);
        }
    }
    desk.run(&["clients"]).succeeded();
    assert!(!empty.vault().exists() && !desk.path("back.subrosa").exists());
}

#[test]
fn a_record_is_sealed_to_a_colleague_who_alone_opens_it() {
    let (desk, colleague) = (Desk::with_practice(), Desk::with_practice());
    let (card, own, sealed) = (desk.path("card"), desk.path("own"), desk.path("record.age"));
    let (card, own, out) = (card.to_str().unwrap(), own.to_str().unwrap(), sealed.to_str().unwrap());
    colleague.run(&["card", "--name", "Dr Virta", "--out", card]).succeeded();
    desk.run(&["card", "--name", "M. Therapist", "--out", own]).succeeded();
    desk.run(&["colleagues", "add", card]).succeeded();
    desk.run(&["add-client", "Ylva", "--code", "Y1"]).succeeded();
    let note = desk.typing("Sov bättre.", &["add-note", "Y1"]);
    let again = desk.typing("Still being written.", &["add-note", "Y1"]);
    desk.run(&["sign", note.succeeded().out.trim()]).succeeded();
    again.succeeded();
    let seal = ["seal", "Y1", "--to", "Dr Virta", "--purpose", "Cover", "--basis", "Consent", "--out", out];
    assert!(desk.text(&seal).contains("1 unsigned note was left out"));
    assert_eq!(desk.run(&seal).status, 6, "nothing is overwritten");
    assert_eq!(desk.run(&["open", out]).status, 6, "sealed for somebody else");

    assert_eq!(colleague.json(&["open", out])["known_colleague"], false);
    colleague.run(&["colleagues", "add", own]).succeeded();
    let saved = colleague.path("saved");
    let opened = colleague.json(&["open", out, "--save", saved.to_str().unwrap()]);
    assert_eq!((&opened["known_colleague"], &opened["sender"]), (&true.into(), &"M. Therapist".into()));
    assert!(opened["record"].as_str().unwrap().contains("Sov bättre."));
    assert!(!opened["record"].as_str().unwrap().contains("Still being written."));
    assert!(fs::read_to_string(saved.join("record.md")).unwrap().contains("Sov bättre."));

    let whole = fs::read(&sealed).unwrap();
    let mut edited = whole.clone();
    *edited.last_mut().unwrap() ^= 1;
    for bytes in [&whole[..whole.len() - 100], &edited] {
        fs::write(&sealed, bytes).unwrap();
        assert_eq!(colleague.run(&["open", out]).status, 4);
    }
    fs::write(&sealed, "no record").unwrap();
    assert_eq!(colleague.run(&["open", out]).status, 1);
    assert_eq!(desk.run(&["colleagues", "add", own]).status, 6, "one's own card");
}

#[test]
fn the_tour_holds_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let temporary = desk.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let tour = desk.with_variable("TMPDIR", temporary.to_str().unwrap(), &["tour"]);
    tour.succeeded();
    assert!(tour.out.lines().count() > 10, "{}", tour.out);
    assert_eq!(fs::read_dir(temporary).unwrap().count(), 0);
    assert!(!desk.vault().exists());
}

#[cfg(unix)]
#[test]
fn a_disk_without_room_is_named_keeps_what_was_saved_and_takes_the_note_once_there_is_room() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Ylva T.", "--code", "Y1"]).succeeded();
    desk.typing("Sov bättre.", &["add-note", "Y1"]).succeeded();
    let long = "All that was said. ".repeat(5_000);
    let full = desk.typing_without_room(&long, &["add-note", "Y1"]);
    assert_eq!((full.status, full.out.as_str()), (1, ""));
    assert!(full.err.contains("The disk is full") && full.err.contains("saved before is safe"), "{}", full.err);
    assert_eq!(desk.json(&["notes"]).as_array().unwrap().len(), 1);
    desk.typing(&long, &["add-note", "Y1"]).succeeded();
    assert_eq!(desk.json(&["notes"]).as_array().unwrap().len(), 2);
    desk.run(&["verify"]).succeeded();
}

/// The ids of a list.
fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn what_is_deleted_lies_in_the_trash_and_comes_back_and_many_at_once_are_asked_about() {
    let desk = Desk::with_practice();
    let folder = paper(&desk);
    for day in 1..21 {
        let text = format!("---\nclient: C1\ndate: 2026-04-{day:02}\n---\n\nNote {day}.\n");
        fs::write(folder.join(format!("notes/C1/2026-04-{day:02} Free.md")), text).unwrap();
    }
    desk.run(&["import", folder.to_str().unwrap()]).succeeded();
    let listed = desk.json(&["notes"]);
    let notes: Vec<String> = ids(&listed).into_iter().map(str::to_owned).collect();
    assert_eq!(notes.len(), 21);
    let with = |first: &[&'static str], ids: &[String]| -> Vec<String> {
        first.iter().map(|word| (*word).to_owned()).chain(ids.iter().cloned()).collect()
    };
    let run = |words: Vec<String>| desk.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = run(with(&["delete"], &notes));
    assert_eq!(refused.status, 6);
    assert!(refused.err.contains("More than 20"), "{}", refused.err);
    assert_eq!(desk.json(&["trash"]), Value::Array(vec![]));
    run(with(&["delete", "--yes"], &notes)).succeeded();
    assert_eq!(desk.json(&["trash"]).as_array().unwrap().len(), 21);
    assert_eq!(desk.json(&["notes"]), Value::Array(vec![]));
    run(with(&["undelete"], &notes)).succeeded();
    assert_eq!(desk.run(&["undelete", &notes[0]]).status, 6, "it is not in the trash");
    desk.run(&["delete", "C1"]).succeeded();
    let trash = desk.json(&["trash"]);
    assert_eq!(
        (&trash[0]["kind"], &trash[0]["along"], &trash[0]["days_left"]),
        (&"client".into(), &22.into(), &30.into()),
        "the notes and a measure go along"
    );
    assert!(desk.text(&["trash"]).contains("Åsa Öberg"));
    desk.run(&["undelete", &trash[0]["id"].as_str().unwrap()[..12]]).succeeded();
    assert_eq!(desk.json(&["notes"]).as_array().unwrap().len(), 21);
    assert_eq!(desk.json(&["mass-deletions"]), Value::Array(vec![]));
    assert_eq!(desk.json(&["verify"])["whole"], true);
}

#[test]
fn a_notes_versions_are_shown_a_wrong_client_is_mended_and_two_records_are_one() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Ylva T.", "--code", "Y1"]).succeeded();
    desk.run(&["add-client", "Ylva Testare", "--code", "Y2"]).succeeded();
    let note = desk.typing("Sov bättre.\n", &["add-note", "Y1"]).succeeded().out.trim().to_owned();
    desk.typing("Sov mycket bättre.\n", &["edit", &note]).succeeded();
    let versions = desk.json(&["history", &note]);
    assert_eq!((&versions[0]["device_name"], &versions[0]["made"]), (&"Desk".into(), &"written".into()));
    assert_eq!(versions[0]["text"], "Sov mycket bättre.\n", "what was written in one go is one version");
    assert!(desk.text(&["history", &note]).contains("{+Sov mycket bättre."));
    assert_eq!(desk.run(&["history", &note, "--restore", "9"]).status, 2);
    desk.run(&["history", &note, "--restore", "1"]).succeeded();

    let clients = desk.json(&["clients"]);
    let code = |code: &str| {
        let row = clients.as_array().unwrap().iter().find(|row| row["code"] == code).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    desk.run(&["move", &note, "Y2"]).succeeded();
    assert_eq!(desk.json(&["show", &note])["client"], code("Y2").as_str());
    assert_eq!(desk.json(&["notes", "--client", "Y1"]), Value::Array(vec![]));
    desk.run(&["sign", &note]).succeeded();
    let copy = desk.json(&["move", &note, "Y1"])["id"].as_str().unwrap().to_owned();
    assert_ne!(copy, note);
    let old = desk.json(&["show", &note]);
    assert_eq!((&old["entered_in_error"], &old["client"]), (&true.into(), &code("Y2").as_str().into()));
    assert!(desk.text(&["show", &note]).contains("SHA-256"));
    desk.typing("Fel klient.\n", &["addendum", &note, "--entered-in-error"]).succeeded();

    desk.run(&["merge", "Y1", "Y2"]).succeeded();
    assert_eq!(ids(&desk.json(&["clients"])), [code("Y2")]);
    assert_eq!(desk.json(&["notes", "--client", "Y2"]).as_array().unwrap().len(), 2);
    assert_eq!(desk.run(&["merge", "Y2", "Y2"]).status, 6);
    desk.run(&["unmerge", "Y2"]).succeeded();
    assert_eq!(desk.json(&["clients"]).as_array().unwrap().len(), 2);
    assert_eq!(desk.run(&["unmerge", "Y2"]).status, 6);
}

#[test]
fn a_second_card_of_one_name_is_another_colleague_and_is_taken_off_the_list_again() {
    let (desk, theirs, stranger) = (Desk::with_practice(), Desk::with_practice(), Desk::with_practice());
    let card = |of: &Desk, name: &str| {
        let file = desk.path(name);
        of.run(&["card", "--name", "Dr Virta", "--out", file.to_str().unwrap()]).succeeded();
        file.to_str().unwrap().to_owned()
    };
    let (first, second) = (card(&theirs, "first"), card(&stranger, "second"));
    assert_eq!(desk.json(&["colleagues", "add", &first])["alike"], false);
    let other = desk.json(&["colleagues", "add", &second]);
    assert_eq!(other["alike"], true);
    assert!(desk.text(&["colleagues"]).contains("Ask by telephone"));
    let listed = desk.json(&["colleagues"]);
    assert!(listed.as_array().unwrap().iter().all(|row| row["alike"] == true) && listed[0]["id"] != listed[1]["id"]);
    // By name nobody can tell which is meant.
    assert_eq!(desk.run(&["colleagues", "remove", "Dr Virta"]).status, 2);
    desk.run(&["colleagues", "remove", other["id"].as_str().unwrap()]).succeeded();
    let listed = desk.json(&["colleagues"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["alike"]), (1, &serde_json::Value::Bool(false)));
    desk.run(&["colleagues", "add", &second]).succeeded();
    assert_eq!(desk.json(&["colleagues"]).as_array().unwrap().len(), 2);
}
