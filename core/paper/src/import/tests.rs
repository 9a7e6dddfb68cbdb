use jiff::civil::date;

use super::*;

fn paper() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/paper")
}

fn read_all(folder: &Path) -> PaperTrail {
    read(folder, &mut |_| {}, &|| false).unwrap()
}

/// A folder with one client, C1, and these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("notes/C1")).unwrap();
    fs::write(folder.path().join("clients.csv"), "id,name\nC1,Anna\n").unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    folder
}

fn problems(trail: &PaperTrail) -> Vec<(&str, Option<u64>, ProblemKind)> {
    let all = trail.report.problems.iter();
    all.flat_map(|problem| problem.kinds.iter().map(|kind| (problem.file.as_str(), problem.line, *kind))).collect()
}

#[test]
fn a_paper_trail_comes_in_with_every_field() {
    let trail = read_all(&paper());
    let [(_, asa), (_, sara), (_, akemi)] = trail.clients.as_slice() else { panic!("three clients") };
    assert_eq!((asa.name.as_str(), asa.referral.as_str()), ("Åsa Öberg", "sleep, \"bad\" dreams"));
    assert_eq!((sara.birth_date, sara.other["school"].as_str()), (Some(date(1991, 5, 4)), "Lyceum"));
    assert_eq!((akemi.birth_date, akemi.other["birth_date"].as_str()), (None, "spring 1975"));
    let [soap, free, first] = trail.notes.as_slice() else { panic!("three notes") };
    assert_eq!(soap.source, "notes/K1/2024-01-08 SOAP.md");
    assert_eq!((soap.content.minutes, soap.content.session), (Some(45), Some(1)));
    assert_eq!((soap.content.other["topic"].as_str(), soap.content.other["room"].as_str()), ("sleep", "007"));
    assert_eq!(
        (soap.content.tags.join("|"), soap.content.text.as_str()),
        ("sleep|work".into(), "## Subjective\n\nSlept badly.\n")
    );
    assert_eq!((free.client.as_str(), free.content.date), ("K2", date(2024, 1, 9)));
    assert_eq!((first.content.minutes, first.content.other["minutes"].as_str()), (None, "fifty"));
    assert_eq!(trail.measures.len(), 2);
    let expected = [
        ("clients.csv", Some(4), ProblemKind::FieldNotUnderstood),
        ("notes/K3/first.md", None, ProblemKind::FieldNotUnderstood),
    ];
    assert_eq!(problems(&trail), expected);
    assert_eq!((trail.report.files, trail.report.rows), (5, 5));
}

#[test]
fn each_broken_row_is_named_and_costs_no_other() {
    let clients = b"id,name\nC1,Anna\nC2,\"open\nC3,a,b\n,nobody\nC1,Anna\nC1,Berta\nC4,\nC5,M\xE4ki\nC6,nul\0\n";
    let measures =
        b"client_id,date,instrument,items,total,room\nC1,soon,X,1,1,\nC9,2024-01-01,X,1,1,\nC1,2024-01-01,X,1 2,,\n";
    let trail = read_all(folder(&[("clients.csv", clients), ("measures.csv", measures)]).path());
    let ids: Vec<_> = trail.clients.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["C1", "C4", "C5", "C6"]);
    assert_eq!(trail.clients[2].1.name, "Mäki");
    assert_eq!(trail.measures[0].1.total, 3);
    use ProblemKind as K;
    let (c, m) = ("clients.csv", "measures.csv");
    let expected = [
        (c, Some(3), K::BrokenRow),
        (c, Some(4), K::BrokenRow),
        (c, Some(5), K::NoId),
        (c, Some(6), K::SameRowAgain),
        (c, Some(7), K::SecondRowForClient),
        (c, Some(8), K::NoName),
        (c, Some(9), K::NotUtf8),
        (c, Some(10), K::HoldsNul),
        (c, Some(10), K::NotPlain),
        (m, Some(1), K::ColumnNotTaken),
        (m, Some(2), K::BrokenMeasure),
        (m, Some(3), K::UnknownClient),
        (m, Some(4), K::TotalAddedUp),
    ];
    assert_eq!(problems(&trail), expected);
}

#[test]
fn each_bad_note_is_named_and_costs_no_other() {
    let files: [(&str, &[u8]); 8] = [
        ("notes/C1/2024-01-01 a.md", b"---\r\ndate: 2023-05-05\r\n---\r\n\r\none\r\ntwo\r\n"),
        ("notes/C1/2024-01-02 b.md", b"---\nclient: [\n---\ntext"),
        ("notes/C1/2024-01-03 c.md", b"na\xEFve"),
        ("notes/C1/d.md", b"no date"),
        ("notes/C1/2024-01-05 e.md", b"---\nclient: ../../etc\n---\n"),
        ("notes/C1/2024-01-06 f.md", b"a\0b"),
        ("notes/C1/photo.jpg", b""),
        ("notes/2024-01-08 g.md", b"whose?"),
    ];
    let trail = read_all(folder(&files).path());
    let texts: Vec<_> = trail.notes.iter().map(|note| note.content.text.as_str()).collect();
    assert_eq!(texts, ["one\ntwo\n", "---\nclient: [\n---\ntext", "naïve", "a\0b"]);
    assert_eq!(trail.notes[1].content.date, date(2024, 1, 2));
    use ProblemKind as K;
    let expected = [
        ("notes/C1/photo.jpg", None, K::NotANote),
        ("notes/2024-01-08 g.md", None, K::UnknownClient),
        ("notes/C1/2024-01-02 b.md", None, K::UnreadableFrontMatter),
        ("notes/C1/2024-01-03 c.md", None, K::NotUtf8),
        ("notes/C1/2024-01-05 e.md", None, K::UnknownClient),
        ("notes/C1/2024-01-06 f.md", None, K::HoldsNul),
        ("notes/C1/d.md", None, K::NoDate),
    ];
    let mut found = problems(&trail);
    found.sort_by_key(|(file, _, kind)| (!matches!(kind, K::NotANote), *file));
    assert_eq!(found, expected);
}

#[test]
fn an_overlong_note_is_refused_with_its_size_and_at_the_limit_it_is_taken() {
    let folder = folder(&[]);
    for (name, size) in [("notes/C1/2024-01-01 a.md", MAX_NOTE + 1), ("notes/C1/2024-01-02 b.md", MAX_NOTE)] {
        File::create(folder.path().join(name)).unwrap().set_len(size).unwrap();
    }
    let trail = read_all(folder.path());
    let refused = ProblemKind::TooLarge { bytes: MAX_NOTE + 1, limit: MAX_NOTE };
    assert!(problems(&trail).contains(&("notes/C1/2024-01-01 a.md", None, refused)));
    assert_eq!(trail.notes.len(), 1);
}

#[test]
fn an_overlong_table_is_refused_with_its_size_and_at_the_limit_it_is_read() {
    for (size, refused) in [(MAX_TABLE, false), (MAX_TABLE + 1, true)] {
        let folder = folder(&[]);
        File::create(folder.path().join("measures.csv")).unwrap().set_len(size).unwrap();
        let trail = read_all(folder.path());
        let too_large = ProblemKind::TooLarge { bytes: MAX_TABLE + 1, limit: MAX_TABLE };
        assert_eq!(problems(&trail).contains(&("measures.csv", None, too_large)), refused, "{size}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let outside = folder(&[("secret.md", b"2024-01-01")]);
    let folder = folder(&[]);
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("notes/C1/2024-01-01 a.md"))
        .unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("notes/out")).unwrap();
    let trail = read_all(folder.path());
    assert!(trail.notes.is_empty());
    assert_eq!(trail.report.problems.iter().filter(|problem| problem.kinds == [ProblemKind::Link]).count(), 2);
}

#[test]
fn a_process_note_stays_one_and_an_unclear_answer_keeps_the_note_apart() {
    for (answer, expected) in [("true", true), ("no", false), ("perhaps", true)] {
        let note = format!("---\ndate: 2024-01-01\nprocess_note: {answer}\n---\n\nx");
        let trail = read_all(folder(&[("notes/C1/a.md", note.as_bytes())]).path());
        assert_eq!(trail.notes[0].process, expected, "{answer}");
    }
}

#[test]
fn a_table_with_semicolons_and_a_mark_of_utf_16_is_read() {
    let utf_16: Vec<u8> = "\u{FEFF}id;name\r\nC1;Ä, b\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let trail = read_all(folder(&[("clients.csv", &utf_16)]).path());
    assert_eq!(trail.clients[0].1.name, "Ä, b");
    assert!(trail.report.problems.is_empty());
}

#[test]
fn a_reading_stops_when_asked_and_says_what_is_missing() {
    assert!(matches!(read(&paper(), &mut |_| {}, &|| true), Err(ImportError::Stopped)));
    let mut first = |_| ControlFlow::<(), Verdict>::Break(());
    assert!(matches!(stream(&paper(), &mut first, &mut |_| {}, &|| false), Err(ImportError::Stopped)));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(read(empty.path(), &mut |_| {}, &|| false), Err(ImportError::NoClients)));
    assert!(matches!(read(&empty.path().join("gone"), &mut |_| {}, &|| false), Err(ImportError::Folder(_))));
}

#[test]
fn a_line_of_the_header_that_cannot_be_read_costs_no_other_and_stays_in_the_text() {
    let note = b"---\nformat: - dash\ndate: 2026-11-08T23:30:00Z\nminutes: 50\n---\n\nShe slept.\n";
    let trail = read_all(folder(&[("notes/C1/a.md", note)]).path());
    let content = &trail.notes[0].content;
    assert_eq!((content.date, content.start), (date(2026, 11, 8), Some(jiff::civil::time(23, 30, 0, 0))));
    assert_eq!((content.minutes, content.text.as_str()), (Some(50), "---\nformat: - dash\n---\n\nShe slept.\n"));
    assert_eq!(problems(&trail), [("notes/C1/a.md", None, ProblemKind::UnreadableFrontMatter)]);
    let apart = b"---\ndate: 2026-11-08\nprocess_note: - yes\n---\n\nApart.\n";
    assert!(read_all(folder(&[("notes/C1/a.md", apart)]).path()).notes[0].process, "the safe side");
}

#[test]
fn what_begins_says_when_the_session_began_and_a_time_beside_it_counts_more() {
    let note = b"---\ndate: 2026-11-08T23:30:00+03:00\nstart: 14:00\n---\n\nx\n";
    let trail = read_all(folder(&[("notes/C1/a.md", note)]).path());
    let content = &trail.notes[0].content;
    assert_eq!((content.date, content.start), (date(2026, 11, 8), Some(jiff::civil::time(14, 0, 0, 0))));
    assert_eq!(problems(&trail), []);
}

#[test]
fn each_file_has_one_verdict_whoever_gives_it() {
    let files: [(&str, &[u8]); 2] = [
        ("notes/C1/2024-01-01 a.md", b"---\nminutes: fifty\nminutes: 5\n---\n\nna\xEFve"),
        ("notes/C1/2024-01-02 b.md", b"na\xEFve"),
    ];
    let folder = folder(&files);
    let report = |verdict: Verdict| {
        let mut says = |found| match found {
            Found::Note(_) => ControlFlow::Continue(verdict),
            _ => ControlFlow::Continue(Verdict::Taken),
        };
        stream(folder.path(), &mut says, &mut |_| {}, &|| false).unwrap().problems
    };
    use ProblemKind as K;
    let taken: Vec<_> = report(Verdict::Taken).into_iter().map(|problem| problem.kinds).collect();
    assert_eq!(taken, [vec![K::NotUtf8, K::FieldTwice, K::FieldNotUnderstood], vec![K::NotUtf8]]);
    let refused = report(Verdict::Refused(K::Unreadable));
    assert!(refused.iter().all(|problem| problem.kinds == [K::Unreadable]) && refused.len() == 2);
    assert_eq!(report(Verdict::LeftOut), []);
}

#[test]
fn a_name_that_hides_or_has_no_end_is_said() {
    let clients = format!("id,name\nC1,\u{202E}annA\nC2,{}\nC3,Bo \n", "a".repeat(5_000));
    let trail = read_all(folder(&[("clients.csv", clients.as_bytes())]).path());
    let said = ProblemKind::NotPlain;
    assert_eq!(problems(&trail), [("clients.csv", Some(2), said), ("clients.csv", Some(3), said)]);
}
