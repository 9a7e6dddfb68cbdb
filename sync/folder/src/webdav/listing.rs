//! What a server answers to PROPFIND (RFC 4918, 14.16): of each thing in the folder where it is, what it is, and how long.

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::FolderError;
use crate::object::{MOST_OBJECTS, Object, is_name};

/// Elements inside elements; an answer has six.
const DEEPEST: usize = 32;

const LIST: &[&[u8]] = &[b"multistatus"];
const HREF: &[&[u8]] = &[b"multistatus", b"response", b"href"];
const RESPONSE: &[&[u8]] = &[b"multistatus", b"response"];
const PROPSTAT: &[&[u8]] = &[b"multistatus", b"response", b"propstat"];
const STATUS: &[&[u8]] = &[b"multistatus", b"response", b"propstat", b"status"];
const LENGTH: &[&[u8]] = &[b"multistatus", b"response", b"propstat", b"prop", b"getcontentlength"];
const FOLDER: &[&[u8]] = &[b"multistatus", b"response", b"propstat", b"prop", b"resourcetype", b"collection"];

/// Reads all of it. An answer that is cut off is none.
pub(super) fn read(text: &[u8]) -> Result<Vec<Object>, FolderError> {
    let mut reader = Reader::from_reader(text);
    let mut listing = Listing::default();
    loop {
        match reader.read_event().map_err(|_| FolderError::Other)? {
            Event::Start(start) => listing.enter(&start)?,
            Event::Empty(start) => {
                listing.enter(&start)?;
                listing.leave()?;
            }
            Event::End(_) => listing.leave()?,
            Event::Text(text) => listing.text.extend_from_slice(&text),
            Event::CData(text) => listing.text.extend_from_slice(&text),
            // In no name of ours.
            Event::GeneralRef(_) => listing.text.push(b'&'),
            Event::Eof => return listing.end(),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

#[derive(Default)]
struct Listing {
    /// Where we are: names of elements, without their prefixes.
    open: Vec<Vec<u8>>,
    /// What was read since the last element began.
    text: Vec<u8>,
    entry: Entry,
    said: Said,
    seen: usize,
    is_list: bool,
    objects: Vec<Object>,
}

/// One thing in the folder.
#[derive(Default)]
struct Entry {
    href: String,
    len: Option<u64>,
    is_folder: bool,
}

/// Some properties of it, which hold if the status after them is a good one.
#[derive(Default)]
struct Said {
    len: Option<u64>,
    is_folder: bool,
    is_good: bool,
}

impl Listing {
    fn is_at(&self, path: &[&[u8]]) -> bool {
        self.open.len() == path.len() && self.open.iter().zip(path).all(|(open, name)| open == name)
    }

    fn enter(&mut self, start: &BytesStart<'_>) -> Result<(), FolderError> {
        if self.open.len() >= DEEPEST {
            return Err(FolderError::Other);
        }
        self.open.push(start.local_name().as_ref().to_vec());
        self.text.clear();
        Ok(())
    }

    fn leave(&mut self) -> Result<(), FolderError> {
        let text = String::from_utf8_lossy(&self.text);
        let text = text.trim();
        if self.is_at(HREF) {
            self.entry.href = text.to_owned();
        } else if self.is_at(LENGTH) {
            self.said.len = text.parse().ok();
        } else if self.is_at(FOLDER) {
            self.said.is_folder = true;
        } else if self.is_at(STATUS) {
            self.said.is_good = text.split_ascii_whitespace().nth(1) == Some("200");
        } else if self.is_at(PROPSTAT) {
            let said = std::mem::take(&mut self.said);
            if said.is_good {
                self.entry.len = self.entry.len.or(said.len);
                self.entry.is_folder |= said.is_folder;
            }
        } else if self.is_at(RESPONSE) {
            self.take()?;
        } else if self.open.len() == 1 {
            self.is_list = self.is_at(LIST);
        }
        self.open.pop();
        self.text.clear();
        Ok(())
    }

    fn take(&mut self) -> Result<(), FolderError> {
        // The folder itself is one of them.
        self.seen += 1;
        if self.seen > MOST_OBJECTS + 1 {
            return Err(FolderError::TooMany);
        }
        let entry = std::mem::take(&mut self.entry);
        let last = entry.href.rsplit('/').next().unwrap_or_default();
        let Ok(name) = percent_decode_str(last).decode_utf8() else { return Ok(()) };
        if entry.is_folder || !is_name(&name) {
            return Ok(());
        }
        let len = entry.len.ok_or(FolderError::Other)?;
        self.objects.push(Object { name: name.into_owned(), len });
        Ok(())
    }

    fn end(self) -> Result<Vec<Object>, FolderError> {
        if self.is_list && self.open.is_empty() { Ok(self.objects) } else { Err(FolderError::Other) }
    }
}
