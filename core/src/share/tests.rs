use std::cell::RefCell;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use jiff::civil::date;

use super::archive::tests::write as packed_files;
use super::sealing::describe;
use super::*;
use crate::card::ContactCard;
use crate::entropy::Os;
use crate::labels;
use crate::secret::{DeviceSigningRole, Key, WrapRole};
use crate::sign::Signer;
use crate::wrap::WrapPublic;

/// A practice: the seed its records are sealed to, and its signer.
struct Practice {
    seed: Key<WrapRole>,
    signer: Signer,
    card: ContactCard,
}

fn practice(name: &str, byte: u8) -> Practice {
    let seed = Key::take(&mut [byte; 32]);
    let signer = Signer::new(&Key::<DeviceSigningRole>::take(&mut [byte; 32]));
    let card = ContactCard::make(name, WrapPublic::of(&seed), &signer, date(2026, 11, 1)).unwrap();
    Practice { seed, signer, card }
}

fn maija() -> Practice {
    practice("Maija Mäkelä", 1)
}

fn olli() -> Practice {
    practice("Olli Niemi", 2)
}

fn files() -> Vec<(String, Vec<u8>)> {
    vec![("record.md".into(), b"# A client\nslept badly\n".to_vec()), ("record.json".into(), b"{}".to_vec())]
}

fn record(files: &[(String, Vec<u8>)]) -> RecordToSeal<'_> {
    RecordToSeal {
        created: date(2026, 11, 22),
        valid_until: Some(date(2027, 1, 31)),
        purpose: "Holiday cover",
        legal_basis: "GDPR Art. 9(2)(h)",
        consent: "In writing, 20 November 2026",
        files,
        attachments: &[],
    }
}

fn sealed(from: &Practice, to: &Practice) -> Vec<u8> {
    seal_record(&record(&files()), &from.card, &from.signer, &to.card.keys().recipient, &mut Os).unwrap()
}

fn open(file: &[u8], by: &Practice, known: &[&Practice]) -> Result<OpenedRecord, OpenError> {
    open_record(&mut Cursor::new(file), &by.seed, known.iter().map(|practice| &practice.card))
}

/// What somebody makes who holds `signer` and writes what they like: the manifest, its signature, the files.
fn forged(
    change: impl FnOnce(&mut RecordManifest),
    files: &[(String, Vec<u8>)],
    by: &Practice,
    to: &Practice,
) -> Vec<u8> {
    let files_said = self::files();
    let mut manifest = describe(&record(&files_said), &maija().card, &to.card.keys().recipient).unwrap();
    change(&mut manifest);
    let json = serde_json::to_vec(&manifest).unwrap();
    packed(&json, &by.signer.sign(labels::RECORD, &json).0, files, to)
}

fn packed(manifest: &[u8], signature: &[u8], files: &[(String, Vec<u8>)], to: &Practice) -> Vec<u8> {
    let mut entries = vec![(MANIFEST, manifest), (SIGNATURE, signature)];
    entries.extend(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    age_file::encrypt(&[&to.card.keys().recipient], &packed_files(&entries).unwrap(), &mut Os).unwrap()
}

#[test]
fn a_record_sealed_to_a_colleague_opens_there_with_its_sender_known() {
    let opened = open(&sealed(&maija(), &olli()), &olli(), &[&maija()]).unwrap();
    assert_eq!(opened.standing, Standing::Colleague);
    assert_eq!(opened.manifest.sender.name, "Maija Mäkelä");
    assert_eq!(opened.manifest.purpose, "Holiday cover");
    assert!(!opened.manifest.is_expired(date(2027, 1, 31)) && opened.manifest.is_expired(date(2027, 2, 1)));
    let read: Vec<_> = opened.files.iter().map(|file| (file.name.clone(), file.bytes.to_vec())).collect();
    assert_eq!(read, files());
}

#[test]
fn a_record_from_nobody_known_opens_and_says_so() {
    let opened = open(&sealed(&maija(), &olli()), &olli(), &[]).unwrap();
    assert_eq!(opened.standing, Standing::Stranger);
    let other = practice("Somebody Else", 3);
    assert_eq!(open(&sealed(&maija(), &olli()), &olli(), &[&other]).unwrap().standing, Standing::Stranger);
}

#[test]
fn a_record_opens_for_nobody_else_and_not_for_its_sender() {
    let file = sealed(&maija(), &olli());
    assert_eq!(open(&file, &maija(), &[]).err(), Some(OpenError::ForSomebodyElse));
    assert_eq!(open(&file, &practice("Eve", 3), &[]).err(), Some(OpenError::ForSomebodyElse));
}

#[test]
fn a_record_cut_short_is_called_so() {
    let file = sealed(&maija(), &olli());
    for len in [10, 100, 1600, 1700, 5_000, file.len() / 2, file.len() - 1] {
        assert_eq!(open(&file[..len], &olli(), &[]).err(), Some(OpenError::CutShort), "{len} of {}", file.len());
    }
}

#[test]
fn an_edited_record_is_called_so() {
    let file = sealed(&maija(), &olli());
    for at in (file.len() - 32_000..file.len()).step_by(997) {
        let mut edited = file.clone();
        edited[at] ^= 1;
        assert_eq!(open(&edited, &olli(), &[]).err(), Some(OpenError::Edited), "byte {at}");
    }
    for at in 0..2_000 {
        let mut edited = file.clone();
        edited[at] ^= 1;
        assert!(open(&edited, &olli(), &[]).is_err(), "byte {at}");
    }
}

#[test]
fn somebody_with_a_colleagues_name_and_other_keys_is_refused() {
    for name in ["Maija Mäkelä", "maija mäkelä", "Maija  Ma\u{308}kela\u{308}", "MAIJA-MÄKELÄ"] {
        let file = sealed(&practice(name, 3), &olli());
        assert_eq!(open(&file, &olli(), &[&maija()]).err(), Some(OpenError::NotTheColleague), "{name}");
    }
    let file = sealed(&practice("Maija Mäkelä", 3), &olli());
    let namesake = practice("Maija Mäkelä", 3);
    assert_eq!(open(&file, &olli(), &[&maija(), &namesake]).unwrap().standing, Standing::Colleague);
}

#[test]
fn a_colleagues_signing_key_with_another_return_address_is_refused() {
    let swap =
        |manifest: &mut RecordManifest| manifest.sender.keys.recipient = WrapPublic::of(&practice("Eve", 3).seed);
    let file = forged(swap, &files(), &maija(), &olli());
    assert_eq!(open(&file, &olli(), &[&maija()]).err(), Some(OpenError::NotTheColleague));
}

#[test]
fn a_manifest_signed_by_another_key_or_not_at_all_is_refused() {
    let eve = practice("Eve", 3);
    let file = forged(|_| {}, &files(), &eve, &olli());
    assert_eq!(open(&file, &olli(), &[&maija()]).err(), Some(OpenError::SignatureDoesNotFit));
    let manifest = describe(&record(&files()), &maija().card, &olli().card.keys().recipient).unwrap();
    let json = serde_json::to_vec(&manifest).unwrap();
    for signature in [&[0; 64][..], b"", &[0; 65]] {
        let file = packed(&json, signature, &files(), &olli());
        assert_eq!(open(&file, &olli(), &[]).err(), Some(OpenError::SignatureDoesNotFit));
    }
}

#[test]
fn a_signature_made_for_another_purpose_is_refused() {
    let manifest = describe(&record(&files()), &maija().card, &olli().card.keys().recipient).unwrap();
    let json = serde_json::to_vec(&manifest).unwrap();
    let file = packed(&json, &maija().signer.sign(labels::CARD, &json).0, &files(), &olli());
    assert_eq!(open(&file, &olli(), &[]).err(), Some(OpenError::SignatureDoesNotFit));
}

#[test]
fn a_record_passed_on_under_its_first_senders_signature_is_refused() {
    // Olli opens what Maija sealed to him, and seals the very same to Eve, as if Maija had written to her.
    let eve = practice("Eve", 3);
    let inside = age_file::decrypt(&olli().seed, &sealed(&maija(), &olli())).unwrap();
    let passed_on = age_file::encrypt(&[&eve.card.keys().recipient], &inside, &mut Os).unwrap();
    assert_eq!(open(&passed_on, &eve, &[&maija()]).err(), Some(OpenError::PassedOn));
}

#[test]
fn a_file_that_is_not_the_listed_one_is_refused() {
    let mut other = files();
    other[0].1[3] ^= 1;
    let mut fewer = files();
    fewer.pop();
    let mut more = files();
    more.push(("extra.md".into(), vec![]));
    let mut turned = files();
    turned.reverse();
    for changed in [other, fewer, more, turned] {
        let file = forged(|_| {}, &changed, &maija(), &olli());
        assert_eq!(open(&file, &olli(), &[&maija()]).err(), Some(OpenError::Edited));
    }
    assert!(open(&forged(|_| {}, &files(), &maija(), &olli()), &olli(), &[&maija()]).is_ok());
}

#[test]
fn a_newer_or_early_format_another_kind_and_a_loose_manifest_are_called_what_they_are() {
    let opened =
        |change: fn(&mut RecordManifest)| open(&forged(change, &files(), &maija(), &olli()), &olli(), &[]).err();
    assert_eq!(opened(|manifest| manifest.format = 3), Some(OpenError::NewerVersion));
    assert_eq!(opened(|manifest| manifest.format = 1), Some(OpenError::OlderVersion));
    assert_eq!(opened(|manifest| manifest.kind = "backup".into()), Some(OpenError::NotASealedRecord));
    assert_eq!(opened(|manifest| manifest.purpose.clear()), Some(OpenError::Edited));
    assert_eq!(opened(|manifest| manifest.sender.name = "x\u{202E}y".into()), Some(OpenError::Edited));
    assert_eq!(opened(|manifest| manifest.files[0].name = "../x".into()), Some(OpenError::Edited));
    let manifest = describe(&record(&files()), &maija().card, &olli().card.keys().recipient).unwrap();
    let json = serde_json::to_string(&manifest).unwrap();
    for (from, to) in [("{\"kind\"", "{\"extra\":1,\"kind\""), ("{\"kind\"", "{\"purpose\":\"x\",\"kind\"")] {
        let loose = json.replacen(from, to, 1);
        let signature = maija().signer.sign(labels::RECORD, loose.as_bytes()).0;
        let file = packed(loose.as_bytes(), &signature, &files(), &olli());
        assert_eq!(open(&file, &olli(), &[]).err(), Some(OpenError::Edited));
    }
}

/// A file that says it is this long, of which nothing is read where no record is.
struct Huge(u64);

impl Read for Huge {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        assert!(self.0 <= LONGEST_RECORD, "nothing of it is read");
        Ok(0)
    }
}

impl Seek for Huge {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Ok(self.0)
    }
}

#[test]
fn other_files_are_no_sealed_record() {
    let olli = olli();
    let key = &olli.card.keys().recipient;
    let letter = age_file::encrypt(&[key], b"Dear colleague", &mut Os).unwrap();
    let only_files = packed_files(&[("record.md", b""), ("b", b"")]).unwrap();
    let only_files = age_file::encrypt(&[key], &only_files, &mut Os).unwrap();
    for other in [&b""[..], b"%PDF-1.7", &letter, &only_files, maija().card.as_bytes()] {
        assert_eq!(open(other, &olli, &[]).err(), Some(OpenError::NotASealedRecord));
    }
    let opened = open_record(&mut Huge(LONGEST_RECORD + 1), &olli.seed, std::iter::empty());
    assert_eq!(opened.err(), Some(OpenError::TooLarge));
    let opened = open_record(&mut Huge(LONGEST_RECORD), &olli.seed, std::iter::empty());
    assert_ne!(opened.err(), Some(OpenError::TooLarge), "it is looked at");
}

#[test]
fn what_could_not_be_opened_is_not_sealed() {
    let seal = |record: &RecordToSeal<'_>| {
        seal_record(record, &maija().card, &maija().signer, &olli().card.keys().recipient, &mut Os).err()
    };
    let named = |name: &str| vec![(name.to_owned(), vec![])];
    for bad in [vec![], named("../x"), named("manifest.json"), named("Manifest.SIG"), named("padding")] {
        assert_eq!(seal(&record(&bad)), Some(SealRecordError::Files));
    }
    let twice = vec![("a".to_owned(), vec![]), ("A".to_owned(), vec![])];
    assert_eq!(seal(&record(&twice)), Some(SealRecordError::Files));
    let large = vec![("a".to_owned(), vec![0; usize::try_from(LONGEST_TEXTS).unwrap() + 1])];
    assert_eq!(seal(&record(&large)), Some(SealRecordError::TooLarge));
    assert_eq!(seal(&RecordToSeal { purpose: " ", ..record(&files()) }), Some(SealRecordError::Texts));
    assert_eq!(seal(&RecordToSeal { consent: &"x".repeat(5000), ..record(&files()) }), Some(SealRecordError::Texts));
    let other = seal_record(&record(&files()), &maija().card, &olli().signer, &olli().card.keys().recipient, &mut Os);
    assert_eq!(other.err(), Some(SealRecordError::NotYourCard));
}

#[test]
fn texts_and_a_manifest_at_their_limits_are_sealed_and_read_and_a_byte_more_is_not() {
    let most = usize::try_from(LONGEST_TEXTS).unwrap();
    let texts = vec![("record.md".to_owned(), vec![b'a'; most])];
    let (maija, olli) = (maija(), olli());
    let seal = |record: &RecordToSeal<'_>| {
        seal_record(record, &maija.card, &maija.signer, &olli.card.keys().recipient, &mut Os)
    };
    let opened = open(&seal(&record(&texts)).unwrap(), &olli, &[&maija]).unwrap();
    assert_eq!(opened.files.first().map(|file| file.bytes.len()), Some(most));
    let beyond = vec![("record.md".to_owned(), vec![b'a'; most + 1])];
    assert_eq!(seal(&record(&beyond)).err(), Some(SealRecordError::TooLarge));
    let manifest = serde_json::to_vec(&opened.manifest).unwrap();
    let padded = |len: usize| [&manifest[..], &vec![b' '; len - manifest.len()]].concat();
    assert!(RecordManifest::read(&padded(manifest::LONGEST)).is_ok());
    assert!(RecordManifest::read(&padded(manifest::LONGEST + 1)).is_err());
}

#[test]
fn the_size_of_a_record_tells_little_and_its_bytes_nothing() {
    let of = |text: &str| {
        let files = [("record.md".to_owned(), text.as_bytes().to_vec())];
        seal_record(&record(&files), &maija().card, &maija().signer, &olli().card.keys().recipient, &mut Os).unwrap()
    };
    // age adds a stanza of random length to every header.
    assert!(of("short").len().abs_diff(of(&"a longer text ".repeat(1000)).len()) < 512);
    let file = of("slept badly");
    for secret in [&b"slept badly"[..], b"Holiday cover", b"record.md", "Mäkelä".as_bytes()] {
        assert!(!file.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn debug_prints_nothing_of_a_record() {
    let opened = open(&sealed(&maija(), &olli()), &olli(), &[]).unwrap();
    let printed = format!("{opened:?} {:?} {:?} {:?}", opened.manifest, opened.files[0], record(&files()));
    assert_eq!(printed, "OpenedRecord RecordManifest OpenedFile RecordToSeal");
}

/// A file of so many bytes, made as it is read.
fn long(name: &str, size: u64) -> Attachment<'static> {
    let read = move |to: &mut dyn FnMut(&[u8]) -> io::Result<()>| {
        let portion: Vec<u8> = (0..100_000_u32).map(|at| (at % 251).to_le_bytes()[0]).collect();
        let mut left = usize::try_from(size).unwrap();
        while left > 0 {
            let some = &portion[..left.min(portion.len())];
            to(some)?;
            left -= some.len();
        }
        Ok(())
    };
    Attachment { name: name.to_owned(), size, read: Box::new(read) }
}

fn bytes_of(attachment: &Attachment<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    (attachment.read)(&mut |portion| {
        bytes.extend_from_slice(portion);
        Ok(())
    })
    .unwrap();
    bytes
}

/// A writer that a test keeps a hand on.
#[derive(Clone, Default)]
struct Out(Rc<RefCell<Vec<u8>>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn with_files(attachments: &[Attachment<'_>]) -> Result<Vec<u8>, SealRecordError> {
    let files = files();
    let record = RecordToSeal { attachments, ..record(&files) };
    seal_record(&record, &maija().card, &maija().signer, &olli().card.keys().recipient, &mut Os)
}

fn copy(sealed: &[u8], record: &OpenedRecord, name: &str) -> Result<Vec<u8>, OpenError> {
    let out = Out::default();
    copy_files(&mut Cursor::new(sealed), &olli().seed, record, &mut |listed| {
        Ok((listed.name == name).then(|| Box::new(out.clone()) as Box<dyn Write>))
    })?;
    Ok(out.0.take())
}

#[test]
fn attached_files_go_along_are_listed_with_their_hashes_and_come_out_one_by_one() {
    let attached = [long("Überweisung.pdf", 300_001), long("empty.txt", 0), long("scan.png", 65_536)];
    let sealed = with_files(&attached).unwrap();
    let opened = open(&sealed, &olli(), &[&maija()]).unwrap();
    assert_eq!(opened.files.len(), 2, "of the files only the texts are held");
    let listed: Vec<_> = opened.attachments().map(|file| (file.name.as_str(), file.size)).collect();
    assert_eq!(listed, [("Überweisung.pdf", 300_001), ("empty.txt", 0), ("scan.png", 65_536)]);
    for (attachment, listed) in attached.iter().zip(opened.attachments()) {
        let out = copy(&sealed, &opened, &attachment.name).unwrap();
        assert!(out == bytes_of(attachment));
        assert!(listed.sha256 == crate::kdf::sha256(&out));
    }
    assert_eq!(copy(&sealed, &opened, "record.md").unwrap(), files()[0].1);
    assert_eq!(copy(&sealed, &opened, "no such file").unwrap(), b"");
    // Another record, or this one cut or changed since it was opened, is not what was opened.
    let other = with_files(&[long("scan.png", 9)]).unwrap();
    assert_eq!(copy(&other, &opened, "scan.png"), Err(OpenError::Edited));
    assert_eq!(copy(&sealed[..sealed.len() - 9], &opened, "scan.png").err(), Some(OpenError::CutShort));
}

#[test]
fn an_attached_file_that_is_not_what_was_listed_keeps_the_record_closed() {
    let attached = [long("scan.png", 200_000)];
    let sealed = with_files(&attached).unwrap();
    let inside = age_file::decrypt(&olli().seed, &sealed).unwrap();
    for at in (0..200_000).step_by(33_333) {
        let begins = inside.windows(251).position(|window| window.iter().copied().eq(0..251)).unwrap();
        let mut other = inside.to_vec();
        other[begins + at] ^= 1;
        let file = age_file::encrypt(&[&olli().card.keys().recipient], &other, &mut Os).unwrap();
        assert_eq!(open(&file, &olli(), &[&maija()]).err(), Some(OpenError::Edited), "byte {at}");
    }
}

#[test]
fn an_attached_file_that_changes_between_its_two_readings_or_has_another_length_is_not_sealed() {
    let turn = RefCell::new(0_u8);
    let changing = Attachment {
        name: "scan.png".into(),
        size: 1,
        read: Box::new(|to| {
            *turn.borrow_mut() += 1;
            to(&[*turn.borrow()])
        }),
    };
    assert_eq!(with_files(&[changing]).err(), Some(SealRecordError::Failed));
    let longer = Attachment { size: 3, ..long("scan.png", 4) };
    assert_eq!(with_files(&[longer]).err(), Some(SealRecordError::Failed));
    let gone =
        Attachment { name: "scan.png".into(), size: 1, read: Box::new(|_| Err(io::ErrorKind::StorageFull.into())) };
    assert_eq!(with_files(&[gone]).err(), Some(SealRecordError::NotWritten(io::ErrorKind::StorageFull)));
}

#[test]
fn more_or_longer_attached_files_than_the_caps_are_refused_before_they_are_read() {
    let unread = |name: String, size| Attachment { name, size, read: Box::new(|_| panic!("read")) };
    let many: Vec<_> = (0..MOST_FILES - 1).map(|number| unread(format!("{number}.txt"), 0)).collect();
    assert_eq!(with_files(&many).err(), Some(SealRecordError::Files));
    assert_eq!(with_files(&[unread("a.mkv".into(), LONGEST_RECORD + 1)]).err(), Some(SealRecordError::TooLarge));
    assert_eq!(
        with_files(&[unread("a".into(), u64::MAX), unread("b".into(), 9)]).err(),
        Some(SealRecordError::TooLarge)
    );
    for name in ["record.md", "Record.JSON", "signed-1.json", "../x", "padding"] {
        assert_eq!(with_files(&[unread(name.into(), 1)]).err(), Some(SealRecordError::Files), "{name}");
    }
}

#[test]
fn whatever_an_attached_file_is_called_it_gets_a_name_of_its_own_that_a_record_takes() {
    let mut taken = std::collections::HashSet::from(["scan.pdf".to_owned()]);
    for name in
        ["scan.pdf", "SCAN.pdf", "record.md", "padding", "-rf", "~x", "manifest.json", "", "nul", &"x".repeat(300)]
    {
        let given = attachment_name(name, |name| taken.insert(name.to_lowercase()));
        assert!(manifest::is_record_file(&given) && !is_text(&given), "{name}: {given}");
    }
    assert_eq!(taken.len(), 11);
    assert!(taken.contains("scan (2).pdf") && taken.contains("_record.md"));
}
