//! What the interface never says, and where its words may stand.

use jiff::civil::Date;

use super::*;
use crate::features::opening::values::Refusal;

/// What the interface never says. `key` alone: "recovery kit" and "passphrase" are its words; "Keys" on the keyboard
/// are meant so.
const NEVER: [&str; 14] = [
    "roster",
    "epoch",
    "incarnation",
    "envelope",
    "manifest",
    "recipient",
    "hash",
    "key",
    "crdt",
    "peer",
    "patient",
    "user",
    "password",
    "vault",
];
/// Keys of the keyboard; how a recovery line begins, which is copied from the paper as it is; *make all keys new*, which is what
/// that is called; and what shares and stores of others call what they ask for.
const MEANT: [&str; 11] = [
    "Keys",
    "keyboard",
    "AGE-SECRET-KEY-PQ-1",
    "all keys",
    "All keys",
    "User name of the share",
    "Password of the share",
    "password of the share",
    "access key",
    "Access key",
    "user name",
];

fn never_said(sentence: &str) -> Option<&'static str> {
    let heard = MEANT.iter().fold(sentence.to_owned(), |heard, fine| heard.replace(fine, "")).to_lowercase();
    NEVER.into_iter().find(|word| heard.contains(word))
}

fn refusals() -> [String; 5] {
    [Refusal::WrongPassphrase, Refusal::Damaged, Refusal::InUse(None), Refusal::Newer, Refusal::Older].map(refusal)
}

#[test]
fn the_interface_never_names_the_machinery() {
    for sentence in all().map(str::to_owned).chain(refusals()) {
        assert_eq!(never_said(&sentence), None, "{sentence}");
    }
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    assert_eq!(never_said("The peer has not acknowledged"), Some("peer"));
    assert_eq!(never_said("Your private key"), Some("key"));
}

/// What an error says, and what a `words` function says of a notice or of damage: the literals after these.
const SAYS: [&str; 2] = ["#[error(", "fn words("];

/// Each source file of a crate beside this one.
fn sources(folder: &str) -> Vec<(std::path::PathBuf, String)> {
    let mut open = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            found.push((path, source));
        }
    }
    found
}

/// The string literals of a source text, over several lines too, without what is put into their places later.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), source);
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let from = &rest[at..];
        if from.starts_with("//") {
            rest = from.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(inside) = from.strip_prefix('"') {
            let mut escaped = false;
            let ends = |letter| {
                let was = std::mem::replace(&mut escaped, false);
                escaped = letter == '\\' && !was;
                letter == '"' && !was
            };
            let end = inside.find(ends).unwrap_or(inside.len());
            let said = inside[..end].split('{').map(|part| part.rsplit('}').next().unwrap_or_default());
            found.push(said.collect::<Vec<_>>().join(" "));
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            rest = from.strip_prefix("'\"'").unwrap_or(&from[1..]);
        }
    }
    found
}

#[test]
fn neither_a_sentence_with_places_in_it_nor_an_error_names_the_machinery() {
    let mut looked_at = 0;
    let mut look = |file: &std::path::Path, said: Vec<String>| {
        for sentence in said {
            assert_eq!(never_said(&sentence), None, "{}: {sentence}", file.display());
            looked_at += 1;
        }
    };
    let of_words = |file: &std::path::Path| file.ends_with("words.rs") || file.to_string_lossy().contains("src/words/");
    for (file, source) in sources("app/src").into_iter().filter(|(file, _)| of_words(file)) {
        if !file.ends_with("words/tests.rs") {
            look(&file, literals(&source));
        }
    }
    for (file, source) in ["core", "sync", "app/src"].into_iter().flat_map(sources) {
        if file.ends_with("words/tests.rs") {
            continue;
        }
        for (says, until) in SAYS.into_iter().zip([")]\n", "\n    }\n"]) {
            let parts = source.split(says).skip(1).map(|part| part.split(until).next().unwrap_or_default());
            parts.for_each(|part| look(&file, literals(part)));
        }
    }
    assert!(looked_at > 800, "{looked_at}");
}

#[test]
fn the_search_in_sources_finds_what_is_said_and_leaves_comments_and_places_alone() {
    let source = "// the \"roster\"\nlet a = '\"'; #[error(\"an \\\"entry\\\" of {key} on\n two lines\")] f(\"more\")";
    assert_eq!(literals(source), ["an \\\"entry\\\" of   on\n two lines", "more"]);
}

/// String literals of a source text that read like words for people.
fn spoken(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("reason = "));
    let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    let readable = |literal: &String| {
        let outside: String = literal.split('{').map(|part| part.rsplit('}').next().unwrap_or_default()).collect();
        let letters = outside.chars().any(char::is_alphabetic);
        letters && (outside.contains(' ') || outside.starts_with(char::is_uppercase))
    };
    literals.filter(readable).collect()
}

/// What is drawn on the window, and not what opens, times and colours it.
fn is_screen(file: &std::path::Path) -> bool {
    let path = file.to_string_lossy();
    let of_feature = path.contains("src/features/") && path.contains("/screen");
    let around = path.contains("src/ui/")
        && !["app.rs", "forget.rs", "theme.rs", "window.rs"].iter().any(|it| file.ends_with(it));
    of_feature || around
}

/// Each source file of the screens.
pub(crate) fn screens() -> Vec<(std::path::PathBuf, String)> {
    let screens: Vec<_> = sources("app/src").into_iter().filter(|(file, _)| is_screen(file)).collect();
    assert!(screens.len() > 20, "{}", screens.len());
    screens
}

#[test]
fn the_screens_hold_no_words_of_their_own() {
    for (file, source) in screens() {
        assert_eq!(spoken(&source), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn the_search_for_words_finds_them() {
    assert_eq!(spoken("ui.label(\"Not saved\"); ui.push_id(\"row\", f); format!(\"{a} of {b}\")").len(), 2);
}

#[test]
fn a_single_sentence_ends_without_a_full_stop() {
    for sentence in all().filter(|words| words.ends_with('.')) {
        assert!(sentence.trim_end_matches('.').contains(". "), "{sentence}");
    }
}

#[test]
fn dates_are_as_short_as_they_can_be_understood() {
    let today = Date::constant(2026, 11, 21);
    assert_eq!(short_date(today, today), "Today");
    assert_eq!(short_date(Date::constant(2026, 11, 19), today), "19 Nov");
    assert_eq!(short_date(Date::constant(2024, 2, 1), today), "1 Feb 2024");
    assert_eq!(date(Date::constant(2026, 11, 14), today), "14 November");
}

#[test]
fn a_size_is_told_in_the_unit_that_fits() {
    let told = [1, 999, 1_000, 3_456_789, 240_000_000, 2_147_483_648].map(size);
    assert_eq!(told, ["1 byte", "999 bytes", "1 kB", "3.4 MB", "240 MB", "2.1 GB"]);
}
