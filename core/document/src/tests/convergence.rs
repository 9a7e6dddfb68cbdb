use super::*;

#[test]
fn two_devices_edit_the_same_paragraph_offline_and_every_character_of_both_survives() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let from_desktop = replaced(&mut desktop, "ill again", "ill again, and old");
    let from_laptop = replaced(&mut laptop, "The dog", "The neighbour's dog");
    assert_eq!(desktop.take(&from_laptop), Ok(true));
    assert_eq!(laptop.take(&from_desktop), Ok(true));
    assert_eq!(desktop.text(), laptop.text());
    assert_eq!(desktop.heads(), laptop.heads());
    assert!(desktop.text().contains("The neighbour's dog is ill again, and old."));
}

#[test]
fn what_one_device_inserts_into_a_paragraph_that_the_other_deletes_survives() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let deletion = replaced(&mut desktop, "The dog is ill again.\n", "");
    let insertion = replaced(&mut laptop, "dog", "dog Rosa");
    desktop.take(&insertion).unwrap();
    laptop.take(&deletion).unwrap();
    assert_eq!(desktop.text(), laptop.text());
    assert!(desktop.text().contains("Rosa"));
    assert!(!desktop.text().contains("ill again"));
}

#[test]
fn a_field_and_the_text_edited_apart_are_both_kept() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let before = desktop.heads();
    assert_eq!(desktop.write(&fields(&[("date", "2026-03-03"), ("minutes", "50")]), OLD), Ok(true));
    let from_laptop = replaced(&mut laptop, "badly", "well");
    laptop.take(&desktop.changes_since(&before)).unwrap();
    desktop.take(&from_laptop).unwrap();
    assert_eq!(desktop.fields(), fields(&[("date", "2026-03-03"), ("minutes", "50")]));
    assert_eq!((desktop.fields(), desktop.text()), (laptop.fields(), laptop.text()));
    assert!(laptop.text().starts_with("She slept well."));
}

#[test]
fn a_field_set_to_two_values_at_once_shows_one_everywhere_and_names_both() {
    let (mut desktop, mut laptop) = (frozen(1), frozen(2));
    let before = desktop.heads();
    desktop.write(&fields(&[("date", "2026-03-03")]), OLD).unwrap();
    laptop.write(&fields(&[("date", "2026-03-04")]), OLD).unwrap();
    let (a, b) = (desktop.changes_since(&before), laptop.changes_since(&before));
    desktop.take(&b).unwrap();
    laptop.take(&a).unwrap();
    assert_eq!(desktop.fields(), laptop.fields());
    let mut rivals = desktop.rivals()["date"].clone();
    rivals.sort();
    assert_eq!(rivals, ["2026-03-03", "2026-03-04"]);
    assert!(frozen(1).rivals().is_empty());
}

#[test]
fn two_devices_compute_the_very_same_beginning() {
    let vector = "ff0e2afbfb866ad079aefd4366c65e0d2f14be6a8f13d9893ae6891e87ea2d7d";
    let root = Document::from_frozen(NOTE, [], actor(1)).unwrap();
    assert_eq!(
        root.heads().hashes()[0].to_string(),
        "fb0e347d6a08ef4541857f9ca15dcc20f1acfb1a44fc2108ba084f923215eec0"
    );
    assert_eq!(frozen(1).heads(), frozen(2).heads());
    assert_eq!(frozen(1).heads().hashes()[0].to_string(), vector);
    let other_text = Document::from_frozen(NOTE, [(&frozen(1).fields(), "Other")], actor(1)).unwrap();
    let other_note = Document::from_frozen(OTHER_NOTE, [(&frozen(1).fields(), OLD)], actor(1)).unwrap();
    assert_ne!(frozen(1).heads(), other_text.heads());
    assert_ne!(frozen(1).heads(), other_note.heads());
}

#[test]
fn what_two_imports_froze_differently_is_one_document_wherever_its_changes_come_from() {
    let (old, new) = (fields(&[("phone", "040 1"), ("name", "A")]), fields(&[("phone", "040 2"), ("name", "A")]));
    let one = Document::from_frozen(NOTE, [(&old, ""), (&new, "")], actor(1)).unwrap();
    let mut other = Document::from_frozen(NOTE, [(&new, ""), (&old, "")], actor(2)).unwrap();
    assert_eq!((one.heads(), one.fields()), (other.heads(), other.fields()));
    assert_eq!(one.rivals()["phone"].len(), 2);
    let mut before = Document::from_frozen(NOTE, [(&old, "")], actor(3)).unwrap();
    let edit = {
        let since = before.heads();
        before.write(&fields(&[("phone", "040 1"), ("name", "Aino")]), "").unwrap();
        before.changes_since(&since)
    };
    assert_eq!(other.take(&edit), Ok(true), "an edit of what the earlier import said counts");
    assert_eq!(other.fields()["name"], "Aino");
}

#[test]
fn a_restored_copy_that_goes_on_under_a_fresh_actor_merges() {
    let mut desktop = Document::begin(NOTE, &Fields::new(), "One.", actor(1)).unwrap();
    let backup = desktop.changes_since(&Heads::default());
    let after_backup = written(&mut desktop, "One. Two.");
    let loaded = Document::load([], NOTE, sent([&backup]), actor(2)).unwrap();
    let mut restored = loaded.document.unwrap();
    let from_restored = written(&mut restored, "Zero. One.");
    assert_eq!(restored.take(&after_backup), Ok(true));
    assert_eq!(desktop.take(&from_restored), Ok(true));
    assert_eq!(restored.text(), "Zero. One. Two.");
    assert_eq!(desktop.text(), restored.text());
}

#[test]
fn a_restored_copy_that_goes_on_under_its_old_actor_is_refused_and_nothing_changes() {
    let mut desktop = Document::begin(NOTE, &Fields::new(), "One.", actor(1)).unwrap();
    let backup = desktop.changes_since(&Heads::default());
    written(&mut desktop, "One. Two.");
    let mut restored = Document::load([], NOTE, sent([&backup]), actor(1)).unwrap().document.unwrap();
    let contradiction = written(&mut restored, "Zero. One.");
    let before = state(&desktop);
    assert_eq!(desktop.take(&contradiction), Err(Refused::Contradiction));
    assert_eq!(state(&desktop), before);
}

#[test]
fn writing_what_is_there_changes_nothing() {
    let mut document = frozen(1);
    let before = document.heads();
    assert_eq!(document.write(&document.fields(), OLD), Ok(false));
    assert_eq!(document.heads(), before);
    assert!(document.changes_since(&before).is_empty());
    assert!(document.chunks_since(&before).is_empty());
}

#[test]
fn emoji_accents_and_right_to_left_text_are_spliced_whole() {
    let texts = [
        "Family: 👨‍👩‍👧, flag 🇫🇮, she said \u{5e9}\u{5dc}\u{5d5}\u{5dd}.",
        "Family: 👨‍👩‍👦, flag 🇫🇷, she said \u{5e9}\u{5dc}\u{5d5}\u{5dd}.",
        "Family: 👨‍👩‍👦👩🏽‍⚕️, e\u{301}te\u{301}, \u{645}\u{631}\u{62d}\u{628}\u{627} \u{5e9}\u{5dc}\u{5d5}\u{5dd}!",
        "e\u{301}",
        "e",
        "",
        "🇫🇮🇫🇮🇫🇮",
        "🇫🇮🇫🇮",
        "a\r\nb\rc\n",
    ];
    let mut document = frozen(1);
    let mut mirror = frozen(2);
    for text in texts.iter().chain(texts.iter().rev().skip(1)) {
        let chunk = written(&mut document, text);
        mirror.take(&chunk).unwrap();
        assert_eq!((document.text(), mirror.text()), ((*text).to_owned(), (*text).to_owned()));
    }
}

const LETTERS: [&str; 12] = ["a", "ö", "\n", " ", "👩🏽‍⚕️", "e\u{301}", "\u{5e9}", "\u{628}", "🇫🇮", "word ", "Z", "."];

/// Edits somewhere: deletes up to `most` characters, then inserts some. Gives what was inserted.
fn edit(document: &mut Document, dice: &mut Dice, most: usize) -> (Vec<u8>, String) {
    let text: Vec<char> = document.text().chars().collect();
    let at = dice.roll(text.len() + 1);
    let end = (at + dice.roll(most + 1)).min(text.len());
    let inserted: String = (0..1 + dice.roll(6)).map(|_| LETTERS[dice.roll(LETTERS.len())]).collect();
    let text: String = text[..at].iter().copied().chain(inserted.chars()).chain(text[end..].iter().copied()).collect();
    let mut fields = document.fields();
    fields.insert(format!("field{}", dice.roll(4)), dice.bits().to_string());
    let before = document.heads();
    document.write(&fields, &text).unwrap();
    (document.changes_since(&before), inserted)
}

fn counts(text: &str) -> BTreeMap<char, usize> {
    text.chars().fold(BTreeMap::new(), |mut counts, letter| {
        *counts.entry(letter).or_default() += 1;
        counts
    })
}

#[test]
fn every_character_that_two_devices_insert_offline_is_in_both() {
    for seed in 0..40 {
        println!("seed {seed}");
        let mut dice = Dice::new(seed);
        let mut devices = [frozen(1), frozen(2)];
        let mut chunks = [Vec::new(), Vec::new()];
        let mut inserted = OLD.to_owned();
        for _ in 0..12 {
            let which = dice.roll(2);
            let (chunk, letters) = edit(&mut devices[which], &mut dice, 0);
            chunks[1 - which].push(chunk);
            inserted.push_str(&letters);
        }
        for (device, chunks) in devices.iter_mut().zip(&chunks) {
            chunks.iter().for_each(|chunk| assert!(device.take(chunk).is_ok()));
        }
        assert_eq!(devices[0].text(), devices[1].text());
        assert_eq!(devices[0].fields(), devices[1].fields());
        assert_eq!(counts(&devices[0].text()), counts(&inserted));
    }
}

#[test]
fn three_devices_converge_whatever_the_order_of_delivery_and_however_often() {
    for seed in 0..30 {
        println!("seed {seed}");
        let mut dice = Dice::new(1000 + seed);
        let mut devices = [frozen(1), frozen(2), frozen(3)];
        let mut sent: Vec<Vec<u8>> = Vec::new();
        for _ in 0..25 {
            let which = dice.roll(3);
            sent.push(edit(&mut devices[which], &mut dice, 4).0);
            let (to, chunk) = (dice.roll(3), dice.roll(sent.len()));
            devices[to].take(&sent[chunk]).unwrap();
        }
        for device in &mut devices {
            let mut order: Vec<&Vec<u8>> = sent.iter().chain(&sent).collect();
            dice.shuffle(&mut order);
            order.iter().for_each(|chunk| assert!(device.take(chunk).is_ok()));
            assert_eq!((device.waiting(), device.missing()), (0, Heads::default()));
        }
        dice.shuffle(&mut sent);
        let base = frozen(9);
        let reader = Actor::fresh(DeviceId([9; 16]), &mut dice);
        let loaded = Document::load([(&base.fields(), OLD)], NOTE, super::sent(&sent), reader);
        let loaded = loaded.unwrap();
        assert!(loaded.set_aside.is_empty() && loaded.waiting.is_empty());
        let loaded = loaded.document.unwrap();
        for device in &devices {
            assert_eq!(device.heads(), loaded.heads());
            assert_eq!((device.fields(), device.text()), (loaded.fields(), loaded.text()));
        }
    }
}

#[test]
fn a_thousand_chunks_of_a_long_note_load_quickly() {
    let mut document = Document::begin(NOTE, &Fields::new(), &OLD.repeat(30), actor(1)).unwrap();
    let mut chunks = vec![document.changes_since(&Heads::default())];
    let mut dice = Dice::new(5);
    for _ in 0..1000 {
        chunks.push(edit(&mut document, &mut dice, 6).0);
    }
    let start = Instant::now();
    let loaded = Document::load([], NOTE, sent(&chunks), actor(2)).unwrap();
    let bulk = start.elapsed();
    let mut loaded = loaded.document.unwrap();
    assert_eq!(loaded.text(), document.text());
    let last = edit(&mut document, &mut dice, 6).0;
    let start = Instant::now();
    loaded.take(&last).unwrap();
    let one = start.elapsed();
    chunks.push(last);
    chunks.push(hostile::replacing_the_text(&document));
    let start = Instant::now();
    let with_one_bad = Document::load([], NOTE, sent(&chunks), actor(3)).unwrap();
    println!("1001 chunks: {bulk:?}; one more: {one:?}; all, and a bad one: {:?}", start.elapsed());
    assert_eq!(with_one_bad.set_aside, [(1002, Refused::Unreadable)]);
}
