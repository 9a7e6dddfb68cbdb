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

#[test]
fn every_slip_of_one_character_is_noticed_and_never_guessed_at() {
    let line = identity_text(&seed(7)).to_string();
    let from = IDENTITY.len();
    for at in from..line.len() {
        for other in "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LBIO1".chars() {
            let mut slip: Vec<char> = line.chars().collect();
            if slip[at] == other {
                continue;
            }
            slip[at] = other;
            let slip: String = slip.into_iter().collect();
            assert_eq!(read_kit(&slip).err(), Some(KitError::Slip), "character {at}");
        }
        let missing = [&line[..at], &line[at + 1..]].concat();
        assert_eq!(read_kit(&missing).err(), Some(KitError::Slip), "without character {at}");
    }
    for at in from..line.len() - 1 {
        let mut swapped: Vec<u8> = line.clone().into_bytes();
        swapped.swap(at, at + 1);
        let swapped = String::from_utf8(swapped).unwrap();
        if swapped != line {
            assert_eq!(read_kit(&swapped).err(), Some(KitError::Slip), "characters {at} swapped");
        }
    }
}

#[test]
fn a_text_without_the_line_is_another_error_than_a_slip() {
    let classical = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    for text in ["", "hello", classical, "age1pq1", "correct horse battery staple", "AGE-SECRET"] {
        assert_eq!(read_kit(text).err(), Some(KitError::NothingThere), "{text}");
    }
    assert_eq!(read_kit("AGE-SECRET-KEY-PQ-1").err(), Some(KitError::Slip));
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
    let line = identity_text(&seed(7)).replace("7", "8");
    let error = read_kit(&line).unwrap_err();
    assert_eq!(error, KitError::Slip);
    assert!(!format!("{error} {error:?}").contains(&line[20..30]));
}
