use super::*;

fn seed(byte: u8) -> Key<RecoveryRole> {
    Key::take(&mut [byte; 32])
}

#[test]
fn the_line_and_the_recipient_are_those_of_the_stock_program() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../../../vectors/age-keys.json")).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        let identity = vector["identity"].as_str().unwrap();
        let seed = read_kit(identity).unwrap();
        assert_eq!(identity_text(&seed).as_str(), identity);
        let recipient = vector["recipient"].as_str().unwrap();
        assert_eq!(recipient_text(&WrapPublic::of(&seed)), recipient);
        assert_eq!(read_recipient(recipient), Ok(WrapPublic::of(&seed)));
    }
}

#[test]
fn reading_forgives_line_breaks_spaces_hyphens_and_case() {
    let line = identity_text(&seed(7));
    let (head, tail) = line.split_at(40);
    let grouped: Vec<String> =
        line.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    let typed = [
        line.to_lowercase(),
        format!("{head}\r\n   {tail}"),
        format!("> {head}\n> {tail}\n"),
        grouped.join(" "),
        grouped.join("\u{2011}"),
        format!("The kit says “{}”, I think.", line.as_str()),
        format!("My AGE-SECRET-KEY-PQ is this one: {}", line.as_str()),
        format!("\u{feff}{}\0", line.to_uppercase()),
    ];
    for text in typed {
        assert!(read_kit(&text).is_ok_and(|read| read == seed(7)), "{}", text.len());
    }
}

/// A kit in whose line no group stands twice.
fn varied(byte: u8) -> Key<RecoveryRole> {
    Key::take(&mut std::array::from_fn(|at| u8::try_from(at).unwrap().wrapping_mul(31).wrapping_add(byte)))
}

/// Letters of a line after its beginning.
const LETTERS: usize = 58;

/// The letters of a kit's line after its beginning.
fn letters(kit: &Key<RecoveryRole>) -> String {
    identity_text(kit)[IDENTITY.len() + 1..].to_owned()
}

/// The group of the page in which this letter stands: the first has two letters, each other eight.
fn group_of(letter: usize) -> u8 {
    if letter < 2 { 1 } else { u8::try_from(2 + (letter - 2) / 8).unwrap() }
}

/// The letters with this one in the place of another.
fn with(letters: &str, at: usize, other: char) -> String {
    letters.chars().enumerate().map(|(place, letter)| if place == at { other } else { letter }).collect()
}

#[test]
fn the_groups_are_read_without_how_the_line_begins_and_with_their_numbers() {
    let kit = varied(7);
    let line = identity_text(&kit);
    let groups = &groups(&line)[1..];
    let numbered = |before: &str, after: &str| -> String {
        groups.iter().zip(1..).map(|(group, number)| format!("{before}{number}{after}{group} ")).collect()
    };
    let halves: String = groups
        .iter()
        .zip(1..)
        .map(|(group, number)| format!("{number}. {} {}\n", &group[..group.len() / 2], &group[group.len() / 2..]))
        .collect();
    let typed = [
        groups.join(" "),
        groups.join("\n").to_lowercase(),
        groups.concat(),
        groups.join("-"),
        numbered("", " "),
        numbered("", ": "),
        numbered("(", ") "),
        numbered("", ""),
        halves,
        format!("AGE-SECRET-KEY-PQ-1 {}", numbered("", ": ")),
        format!("age secret key pq {}", groups.join(" ")),
        format!("AGE-SECRET-KEY-PQ-l{}", groups.concat()),
        format!("AGE-SECERT-KEY-PQ-1{}", groups.concat()),
    ];
    for text in typed {
        assert!(read_kit(&text).is_ok_and(|read| read == kit), "{} letters", text.len());
    }
    let two_swapped = [&groups[..2], &[groups[3], groups[2]], &groups[4..]].concat().join(" ");
    assert!(read_kit(&two_swapped).is_err(), "groups in another order are another line");
}

#[test]
fn four_letters_that_cannot_stand_there_are_read_as_those_they_look_like_and_no_others_are() {
    let mut read = 0;
    for byte in 0..=60 {
        let (kit, line) = (varied(byte), letters(&varied(byte)));
        for (printed, alike) in [('0', "Oo"), ('8', "Bb"), ('L', "Ii1")] {
            for typed in alike.chars() {
                let taken = line.replace(printed, &typed.to_string());
                assert!(read_kit(&taken).is_ok_and(|read| read == kit), "{typed}");
                read += usize::from(taken != line);
            }
        }
        for (printed, other) in [('5', 'S'), ('2', 'Z'), ('6', 'G'), ('U', 'V'), ('M', 'N')] {
            assert!(line.find(printed).is_none_or(|at| read_kit(&with(&line, at, other)).is_err()));
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn one_slip_anywhere_names_its_group_and_is_never_put_right() {
    let line = letters(&varied(7));
    for at in 0..LETTERS {
        let group = group_of(at);
        for other in "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LBIO1".chars() {
            let slip = with(&line, at, other);
            let reads_alike = bech32::as_printed(other as u8) == bech32::as_printed(line.as_bytes()[at]);
            let expected = (!reads_alike).then_some(KitError::SlipIn(group));
            assert_eq!(read_kit(&slip).err(), expected, "letter {at}");
        }
        let slip = with(&line, at, if line[at..].starts_with('Q') { 'P' } else { 'Q' });
        for typed in
            [format!("AGE-SECRET-KEY-PQ-1{slip}"), format!("{IDENTITY}1{slip} and more, behind it or on paper")]
        {
            assert_eq!(read_kit(&typed).err(), Some(KitError::SlipIn(group)), "letter {at}");
        }
        let missing = [&line[..at], &line[at + 1..]].concat();
        assert_eq!(read_kit(&missing).err(), Some(KitError::TooFew(group)), "without letter {at}");
    }
    for at in 0..LETTERS - 1 {
        let mut swapped = line.clone().into_bytes();
        swapped.swap(at, at + 1);
        let swapped = String::from_utf8(swapped).unwrap();
        let told = if group_of(at) == group_of(at + 1) { KitError::SlipIn(group_of(at)) } else { KitError::Slip };
        assert_eq!(read_kit(&swapped).err(), (swapped != line).then_some(told), "letters {at} swapped");
    }
}

#[test]
fn what_was_typed_so_far_is_shown_in_groups_as_it_is_read() {
    let shown = |typed: &str| typed_groups(typed).iter().map(|group| group.to_string()).collect::<Vec<_>>();
    assert!(
        ["", " ", "AGE-SEC", "age secret key pq", "AGE-SECRET-KEY-PQ-1"].iter().all(|typed| shown(typed).is_empty())
    );
    assert_eq!(shown("AGE-SECRET-KEY-PQ-1qqabco"), ["QQ", "A8C0"]);
    assert_eq!(shown("qqabcdefghkl"), ["QQ", "A8CDEFGH", "KL"]);
    assert_eq!(shown("1 qq 2 abc 3 xyz"), ["QQ", "A8C", "XYZ"]);
    let line = identity_text(&varied(7));
    assert_eq!(shown(&line), groups(&line)[1..]);
    assert_eq!(shown(&format!("{}22", line.as_str())).last().unwrap(), "22", "letters that are too many are seen");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn one_slip_names_its_group_whatever_the_kit_and_two_or_three_name_none(
        bytes: [u8; 32],
        places in proptest::sample::subsequence((0..LETTERS).collect::<Vec<_>>(), 3),
        others in proptest::array::uniform3(1_usize..32),
    ) {
        let line = letters(&Key::take(&mut { bytes }));
        let mut slip = line;
        for (count, (at, step)) in places.iter().zip(others).enumerate() {
            let printed = bech32::LETTERS.find(char::from(slip.as_bytes()[*at].to_ascii_lowercase())).unwrap();
            slip = with(&slip, *at, char::from(bech32::LETTERS.as_bytes()[(printed + step) % 32]));
            let error = read_kit(&slip).unwrap_err();
            if count == 0 {
                proptest::prop_assert_eq!(error, KitError::SlipIn(group_of(*at)));
            } else if let KitError::SlipIn(group) = error {
                // Two wrong letters may be two neighbours that are swapped: then the group is theirs.
                proptest::prop_assert!(count == 1 && places[1] == places[0] + 1 && group == group_of(places[0]));
            }
        }
    }
}

#[test]
fn a_group_that_is_too_short_or_too_long_is_named_when_the_groups_are_apart() {
    let line = identity_text(&varied(7));
    let groups: Vec<String> = groups(&line)[1..].iter().map(|group| (*group).to_owned()).collect();
    let numbered = |groups: &[String]| -> String {
        groups.iter().zip(1..).map(|(group, number)| format!("{number} {group} ")).collect()
    };
    for place in 0..8 {
        let group = u8::try_from(place + 1).unwrap();
        let (mut few, mut many) = (groups.clone(), groups.clone());
        few[place].truncate(groups[place].len() / 2);
        many[place].insert_str(1, "XYX");
        for (typed, told) in [(few, KitError::TooFew(group)), (many, KitError::TooMany(group))] {
            assert_eq!(read_kit(&typed.join(" ")).err(), Some(told));
            assert_eq!(read_kit(&numbered(&typed)).err(), Some(told));
            assert_eq!(read_kit(&format!("AGE-SECRET-KEY-PQ-1{}", typed.join(" "))).err(), Some(told));
        }
    }
    let mut two = groups.clone();
    two[2].truncate(4);
    two[5].truncate(5);
    assert_eq!(read_kit(&two.join(" ")).err(), Some(KitError::Length(51)), "no group of several is accused");
    assert_eq!(read_kit(&groups[..7].join(" ")).err(), Some(KitError::Length(50)));
}

#[test]
fn a_text_without_the_line_is_another_error_than_a_slip() {
    let classical = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    for text in ["", "hello", classical, "age1pq1", "correct horse battery staple", "AGE-SECRET"] {
        assert_eq!(read_kit(text).err(), Some(KitError::NothingThere), "{text}");
    }
    let prose = "the kit lies in the safe of the bank and its copy with my sister";
    assert_eq!(read_kit(prose).err(), Some(KitError::NothingThere), "as many letters as a line has, and no line");
    assert_eq!(read_kit("AGE-SECRET-KEY-PQ-1").err(), Some(KitError::Length(0)));
}

#[test]
fn a_recipient_is_read_strictly() {
    let recipient = recipient_text(&WrapPublic::of(&seed(7)));
    let mut slip = recipient.clone().into_bytes();
    slip[900] = if slip[900] == b'q' { b'p' } else { b'q' };
    let slip = String::from_utf8(slip).unwrap();
    let line = identity_text(&seed(7));
    let mixed = recipient.replacen('a', "A", 1);
    for text in [slip.as_str(), line.as_str(), &mixed, "", "age1pq1", &recipient[..recipient.len() - 1]] {
        assert_eq!(read_recipient(text), Err(NotARecipient));
    }
    assert!(read_recipient(&recipient.to_uppercase()).is_ok(), "upper case is Bech32 too");
}

#[test]
fn no_error_repeats_what_was_typed() {
    let line = letters(&seed(7));
    let slips =
        [with(&line, 30, '2'), with(&with(&line, 30, '2'), 50, '3'), line[..40].to_owned(), line[1..].to_owned()];
    for slip in slips {
        let error = read_kit(&format!("AGE-SECRET-KEY-PQ-1{slip}")).unwrap_err();
        let said = format!("{error} {error:?}").to_uppercase();
        assert!(slip.as_bytes().windows(4).all(|four| !said.contains(std::str::from_utf8(four).unwrap())), "{error}");
    }
}
