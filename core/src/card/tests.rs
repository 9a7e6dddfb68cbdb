use jiff::civil::date;

use super::*;
use crate::secret::{DeviceSigningRole, Key, WrapRole};

fn signer(byte: u8) -> Signer {
    Signer::new(&Key::<DeviceSigningRole>::take(&mut [byte; 32]))
}

fn recipient(byte: u8) -> WrapPublic {
    WrapPublic::of(&Key::<WrapRole>::take(&mut [byte; 32]))
}

fn card() -> ContactCard {
    ContactCard::make("Maija Mäkelä", recipient(1), &signer(2), date(2026, 11, 22)).unwrap()
}

#[test]
fn a_card_is_read_as_it_was_made() {
    let made = card();
    let read = ContactCard::read(made.as_bytes()).unwrap();
    assert_eq!(read, made);
    assert_eq!((read.name(), read.made()), ("Maija Mäkelä", date(2026, 11, 22)));
    assert_eq!(read.keys().recipient, recipient(1));
    assert_eq!(read.safety_words(), made.safety_words());
}

#[test]
fn a_card_survives_what_mail_does_to_line_ends() {
    let text = String::from_utf8(card().as_bytes().to_vec()).unwrap();
    for changed in [text.replace('\n', "\r\n"), text.trim_end().to_owned(), format!("{text}\r\n\r\n")] {
        assert_eq!(ContactCard::read(changed.as_bytes()).unwrap(), card());
    }
}

#[test]
fn every_byte_of_the_signed_line_and_the_signature_counts() {
    let bytes = card().as_bytes().to_vec();
    for at in TITLE.len() + 1..bytes.len() - 1 {
        let mut edited = bytes.clone();
        edited[at] = if edited[at] == b'7' { b'8' } else { b'7' };
        assert!(ContactCard::read(&edited).is_err(), "byte {at}");
    }
}

#[test]
fn a_card_cut_anywhere_is_refused() {
    let bytes = card().as_bytes().to_vec();
    for len in 0..bytes.len() - 1 {
        assert!(ContactCard::read(&bytes[..len]).is_err(), "{len} bytes");
    }
    assert_eq!(ContactCard::read(&bytes[..TITLE.len() + 1]), Err(CardError::CutShort));
    assert_eq!(ContactCard::read(&bytes[..40]), Err(CardError::CutShort));
    assert_eq!(ContactCard::read(&bytes[..bytes.len() - 9]), Err(CardError::CutShort));
}

#[test]
fn a_name_changed_by_somebody_without_the_key_is_noticed() {
    let text = String::from_utf8(card().as_bytes().to_vec()).unwrap();
    assert_eq!(ContactCard::read(text.replace("Maija", "Meija").as_bytes()), Err(CardError::Edited));
    assert_eq!(ContactCard::read(format!("{text}One more line").as_bytes()), Err(CardError::Edited));
    let unknown = text.replace("\"format\":2,", "\"format\":2,\"extra\":1,");
    assert_eq!(ContactCard::read(unknown.as_bytes()), Err(CardError::Edited));
}

#[test]
fn another_kind_of_file_a_newer_or_early_card_and_a_huge_one_are_called_what_they_are() {
    assert_eq!(ContactCard::read(b"# Notes\n"), Err(CardError::NotACard));
    assert_eq!(ContactCard::read(b""), Err(CardError::NotACard));
    assert_eq!(ContactCard::read(&[0xFF; 100]), Err(CardError::NotACard));
    assert_eq!(ContactCard::read(&[b'a'; LONGEST]), Err(CardError::NotACard), "it is looked at");
    assert_eq!(ContactCard::read(&[b'a'; LONGEST + 1]), Err(CardError::TooLarge));
    let longest = "\u{e4}".repeat(60);
    assert!(
        ContactCard::make(&longest, recipient(1), &signer(2), date(2026, 11, 22)).unwrap().as_bytes().len() < LONGEST,
        "no card that is made is longer"
    );
    for (format, refused) in [(3, CardError::NewerVersion), (1, CardError::OlderVersion)] {
        let card = format!("{TITLE}\n{{\"format\":{format},\"anything\":[]}}\nsignature AA==\n");
        assert_eq!(ContactCard::read(card.as_bytes()), Err(refused));
    }
}

#[test]
fn a_name_that_would_not_show_as_what_it_is_is_refused() {
    for name in ["", "   ", "two\nlines", "Maija\u{202E}", &"x".repeat(121)] {
        let refused = ContactCard::make(name, recipient(1), &signer(2), date(2026, 11, 22));
        assert_eq!(refused, Err(CardError::Name), "{name:?}");
    }
}

#[test]
fn safety_words_differ_when_either_key_does() {
    let words = |sealing, signing| {
        let keys = ContactKeys { recipient: recipient(sealing), signing_key: signer(signing).public_key() };
        keys.safety_words()
    };
    assert_eq!(words(1, 2).len(), SAFETY_WORDS);
    assert!(words(1, 2).iter().all(|word| !word.is_empty()));
    assert_ne!(words(1, 2), words(3, 2));
    assert_ne!(words(1, 2), words(1, 3));
}

#[test]
fn debug_prints_no_name_and_no_key() {
    assert_eq!(format!("{:?} {:?}", card(), card().keys()), "ContactCard ContactKeys");
}
