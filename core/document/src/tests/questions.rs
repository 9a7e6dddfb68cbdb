use super::*;

#[test]
fn a_document_answers_what_it_covers_and_what_covers_it() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let base = desktop.heads();
    let chunk = replaced(&mut desktop, "badly", "well");
    assert!(desktop.covers(&base) && !desktop.is_covered_by(&base));
    assert!(laptop.is_covered_by(&base) && !laptop.covers(&desktop.heads()));
    laptop.take(&chunk).unwrap();
    assert!(laptop.covers(&desktop.heads()) && laptop.is_covered_by(&desktop.heads()));
}

#[test]
fn a_version_says_what_it_said_then() {
    let mut document = frozen(1);
    let base = document.heads();
    let base_fields = document.fields();
    document.write_at(&fields(&[("minutes", "50")]), "Short.", Some(1_772_000_000)).unwrap();
    assert_eq!(document.content_at(&base), Some((base_fields, OLD.to_owned())));
    assert_eq!(document.content_at(&document.heads()), Some((document.fields(), "Short.".to_owned())));
    let elsewhere = Heads::from(vec![subrosa_base::id::Hash([1; 32])]);
    assert_eq!(document.content_at(&elsewhere), None);
    let history = document.history();
    assert_eq!(history.len(), 2);
    assert_eq!((history[0].seconds, history[1].seconds), (None, Some(1_772_000_000)));
    assert_eq!((history[1].actor, &history[1].parents, history[1].heads()), (actor(1), &base, document.heads()));
}

#[test]
fn what_was_written_on_the_laptop_while_the_desktop_signed_is_named() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    replaced(&mut desktop, "badly", "very badly");
    let signed = desktop.heads();
    let late = replaced(&mut laptop, "The dog is ill again.", "The dog is ill again, and so is she.");
    let deletion = replaced(&mut laptop, "We spoke about her brother.", "");
    assert_eq!(desktop.written_outside(&signed), Some(vec![]));
    desktop.take(&late).unwrap();
    desktop.take(&deletion).unwrap();
    let passages = desktop.written_outside(&signed).unwrap();
    let written: Vec<_> = passages.iter().filter(|passage| passage.kind == PassageKind::Written).collect();
    assert!(written.iter().all(|passage| passage.actor == Some(actor(2))));
    let text: Vec<char> = desktop.text().chars().collect();
    for passage in &written {
        let there: String = text[passage.at..].iter().take(passage.text.chars().count()).collect();
        assert_eq!(there, passage.text);
    }
    let added: String = written.iter().map(|passage| passage.text.as_str()).collect();
    assert!(added.contains(", and so is she"));
    let gone = passages.iter().filter(|passage| passage.kind == PassageKind::Deleted);
    let gone: Vec<_> = gone.map(|passage| (passage.text.as_str(), passage.actor)).collect();
    assert!(gone.contains(&("We spoke about her brother.", Some(actor(2)))));
    assert_eq!(frozen(3).written_outside(&desktop.heads()), None);
}

#[test]
fn a_passage_that_two_wrote_at_the_same_time_is_marked_and_one_written_in_turn_is_not() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let common = desktop.heads();
    let a = replaced(&mut desktop, "ill again", "ill again today");
    let b = replaced(&mut laptop, "The dog", "The old dog");
    let c = replaced(&mut laptop, "her brother.", "her brother. A lot.");
    desktop.take(&b).unwrap();
    desktop.take(&c).unwrap();
    laptop.take(&a).unwrap();
    let marked = desktop.concurrent_passages(&common);
    let texts: Vec<_> = marked.iter().map(|passage| (passage.text.trim(), passage.actor)).collect();
    assert_eq!(texts, [("old", Some(actor(2))), ("today", Some(actor(1)))]);
    assert_eq!(laptop.concurrent_passages(&common), marked);
    assert!(laptop.concurrent_passages(&laptop.heads()).is_empty());

    let mut in_turn = frozen(3);
    let first = replaced(&mut frozen(1), "dog", "old dog");
    in_turn.take(&first).unwrap();
    replaced(&mut in_turn, "ill again", "ill again today");
    assert!(in_turn.concurrent_passages(&common).is_empty());
}

#[test]
fn the_letters_of_a_chunk_are_told_without_what_it_builds_on() {
    let mut document = frozen(5);
    replaced(&mut document, "badly", "well");
    let chunk = replaced(&mut document, "well", "well, she said");
    assert_eq!(letters_of(&chunk, actor(5).device()), Ok(", she said".to_owned()));
    assert_eq!(letters_of(&chunk[1..], actor(5).device()), Err(Refused::Damaged));
}

#[test]
fn what_a_device_sends_of_a_document_is_its_own_whatever_came_meanwhile() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let sent = desktop.heads();
    let theirs = replaced(&mut laptop, "dog", "cat");
    let ours = replaced(&mut desktop, "badly", "well");
    desktop.take(&theirs).unwrap();
    assert_eq!(desktop.own_chunks_since(&sent), [ours]);
    assert_ne!(desktop.chunks_since(&sent), desktop.own_chunks_since(&sent));
}

#[test]
fn what_a_device_sends_is_the_same_however_often_it_was_asked_for_before() {
    let theirs = replaced(&mut frozen(2), "dog", "cat");
    let sends = |is_asked: bool| {
        let mut desktop = frozen(1);
        let sent = desktop.heads();
        let edits: [&dyn Fn(&mut Document); 4] = [
            &|desktop| drop(replaced(desktop, "badly", "well")),
            &|desktop| assert!(desktop.take(&theirs).is_ok()),
            &|desktop| drop(replaced(desktop, "ill again", "ill again today")),
            &|desktop| drop(replaced(desktop, "today", "on Monday")),
        ];
        for edit in edits {
            edit(&mut desktop);
            if is_asked {
                desktop.own_chunks_since(&sent);
                desktop.own_chunks_since(&Heads::default());
                desktop.own_chunks_since(&sent);
            }
        }
        desktop.own_chunks_since(&sent)
    };
    assert_eq!(sends(true), sends(false));
    assert!(!sends(true).is_empty());
}

#[test]
fn rewriting_by_another_device_is_told_from_ones_own() {
    let own = actor(1).device();
    let mut document = frozen(1);
    replaced(&mut document, "badly", "well");
    assert!(!document.was_rewritten_by_another(own, &Heads::default()), "what was imported is nobody's");
    let mut laptop = frozen(2);
    laptop.take(&document.changes_since(&Heads::default())).unwrap();
    let added = replaced(&mut laptop, "The dog", "The old dog");
    document.take(&added).unwrap();
    replaced(&mut document, "old ", "");
    assert!(!document.was_rewritten_by_another(own, &Heads::default()), "this device did that");
    assert!(document.was_rewritten_by_another(actor(2).device(), &Heads::default()));
    let deleted = replaced(&mut laptop, "well", "");
    document.take(&deleted).unwrap();
    assert!(document.was_rewritten_by_another(own, &Heads::default()));
    assert!(!document.was_rewritten_by_another(own, &document.heads()), "what was seen was seen");
    let later = replaced(&mut laptop, "brother", "sister");
    let seen = document.heads();
    document.take(&later).unwrap();
    assert!(!document.was_rewritten_by_another(own, &seen), "an imported word is nobody's");
}

#[test]
fn chunks_since_stay_under_the_limit_and_together_say_everything() {
    let mut document = Document::begin(NOTE, &Fields::new(), "", actor(1)).unwrap();
    for letter in ["å", "ä", "ö", "é"] {
        document.write(&Fields::new(), &letter.repeat(MAX_TEXT / 2)).unwrap();
    }
    let chunks = document.chunks_since(&Heads::default());
    assert!(chunks.len() > 1 && chunks.iter().all(|chunk| chunk.len() <= MAX_CHUNK));
    assert_eq!(chunks.concat(), document.changes_since(&Heads::default()));
    let loaded = Document::load([], NOTE, sent(&chunks), actor(2)).unwrap();
    assert_eq!(loaded.document.map(|document| document.text()), Some(document.text()));
}
