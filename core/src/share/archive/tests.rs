use tar::{Archive, Builder, EntryType, Header};

use super::*;
use crate::archive::header;

/// A file: its name and its bytes.
type Named<'a> = (&'a str, &'a [u8]);

const FILES: [Named<'static>; 3] = [("manifest.json", b"{}"), ("Lähete 1.md", &[7; 512]), ("empty", b"")];

#[derive(Debug, PartialEq, Eq)]
struct NotOurs;

impl From<io::Error> for NotOurs {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// All of an archive in memory.
pub(in crate::share) fn write(files: &[Named<'_>]) -> io::Result<Vec<u8>> {
    let mut archive = ArchiveWriter::new(Vec::new());
    files.iter().try_for_each(|(name, bytes)| archive.file(name, bytes))?;
    finish(archive, &files.iter().map(|(_, bytes)| bytes.len() as u64).collect::<Vec<_>>())
}

fn read(packed: &[u8]) -> Result<Vec<(String, Vec<u8>)>, NotOurs> {
    let mut files = Vec::new();
    super::read(&mut &*packed, &mut |archive, entry| {
        files.push((entry.name.clone(), archive.whole(u64::MAX)?));
        Ok::<(), NotOurs>(())
    })?;
    Ok(files)
}

fn names(files: &[(String, Vec<u8>)]) -> Vec<String> {
    files.iter().map(|(name, _)| name.clone()).collect()
}

/// An archive that another program might write: any entry, padded like ours.
fn foreign(entries: &[(Header, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let mut used = 1 + END;
    for (header, bytes) in entries {
        builder.append(header, *bytes).unwrap();
        used += 1 + bytes.len().div_ceil(BLOCK);
    }
    let zeros = vec![0; (FEWEST_BLOCKS - used) * BLOCK];
    builder.append(&header(PADDING, zeros.len() as u64).unwrap(), zeros.as_slice()).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn what_is_packed_is_read_again() {
    let packed = write(&FILES).unwrap();
    let read = read(&packed).unwrap();
    assert!(read.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).eq(FILES));
    let sizes = FILES.map(|(_, bytes)| bytes.len() as u64);
    assert_eq!(packed.len() as u64, len(&sizes));
}

#[test]
fn lengths_are_padded_and_a_short_and_a_longer_text_look_the_same() {
    let len = |size: usize| write(&[("record.md", &vec![7; size])]).unwrap().len();
    assert_eq!(len(1), len(25_000));
    for size in [0, 30_000, 70_000, 1_000_000] {
        assert!(is_padded_len(len(size) as u64) && len(size) < size * 9 / 8 + 33_000, "{size}");
        assert!(!is_padded_len(len(size) as u64 - 1) && !is_padded_len((len(size) - BLOCK - 1) as u64));
    }
}

#[test]
fn a_stock_reader_sees_the_same_files() {
    let packed = write(&FILES).unwrap();
    let mut archive = Archive::new(packed.as_slice());
    let seen: Vec<_> =
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(seen, ["manifest.json", "Lähete 1.md", "empty", "padding"]);
}

#[test]
fn every_changed_byte_outside_the_files_is_refused() {
    let packed = write(&FILES).unwrap();
    let inside = [512..514, 1536..2048];
    for at in (0..packed.len()).filter(|at| !inside.iter().any(|range| range.contains(at))) {
        let mut edited = packed.to_vec();
        edited[at] ^= 0x41;
        // A letter of a name may become another letter, if the header's sum is made to fit; here it never is.
        assert_eq!(read(&edited).map(|files| names(&files)), Err(NotOurs), "byte {at}");
    }
}

#[test]
fn links_folders_and_extended_headers_are_refused() {
    let regular = || header("record.md", 0).unwrap();
    assert!(read(&foreign(&[(regular(), b"")])).is_ok());
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Directory, EntryType::XHeader, EntryType::GNULongName]
    {
        let mut other = regular();
        other.set_entry_type(kind);
        other.set_cksum();
        assert_eq!(read(&foreign(&[(other, b"")])).err(), Some(NotOurs), "{kind:?}");
    }
}

#[test]
fn another_owner_mode_or_prefix_is_refused() {
    let changes: [fn(&mut Header); 4] = [
        |header| header.set_mode(0o777),
        |header| header.set_uid(1000),
        |header| header.set_mtime(1),
        |header| header.as_ustar_mut().unwrap().prefix[..2].copy_from_slice(b".."),
    ];
    for change in changes {
        let mut other = header("record.md", 0).unwrap();
        change(&mut other);
        other.set_cksum();
        assert_eq!(read(&foreign(&[(other, b"")])).err(), Some(NotOurs));
    }
}

#[test]
fn the_same_name_twice_is_refused_even_in_another_case() {
    let twice = |one, two| read(&write(&[(one, b"".as_slice()), (two, b"".as_slice())]).unwrap()).err();
    assert_eq!(twice("record.md", "record.json"), None);
    assert_eq!(twice("record.md", "record.md"), Some(NotOurs));
    assert_eq!(twice("record.md", "Record.md"), Some(NotOurs));
}

#[test]
fn names_that_climb_hide_or_that_a_system_cannot_hold_are_refused() {
    for name in ["record.md", "Lähete 2026 (1).pdf", "x", "com10.txt", "nullius"] {
        assert!(is_file_name(name), "{name}");
    }
    for name in [
        "",
        "..",
        "a/b",
        "a\\b",
        "C:x",
        ".hidden",
        "nul",
        "CON.txt",
        "com1",
        "lpt9.md",
        "a.",
        "a ",
        "-rf",
        "a\u{202E}b",
    ] {
        assert!(!is_file_name(name), "{name:?}");
    }
    assert!(!is_file_name(&"x".repeat(101)) && !is_file_name("padding") && !is_file_name("a\nb"));
}

#[test]
fn more_files_than_the_cap_are_refused() {
    let names: Vec<String> = (0..MOST_ENTRIES).map(|n| n.to_string()).collect();
    let entries = |most: usize| names.iter().take(most).map(|name| (name.as_str(), b"".as_slice())).collect::<Vec<_>>();
    assert!(read(&write(&entries(MOST_ENTRIES - 1)).unwrap()).is_ok());
    assert_eq!(read(&write(&entries(MOST_ENTRIES)).unwrap()).err(), Some(NotOurs));
}

#[test]
fn anything_else_is_no_archive() {
    for other in [&b""[..], &[0; 32 * 1024], &[0xFF; 32 * 1024], &[b' '; 32 * 1024]] {
        assert_eq!(read(other).err(), Some(NotOurs));
    }
}
