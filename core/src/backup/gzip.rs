//! The gzip file between a backup's archive and age: members one behind the other, which every `gunzip` takes for one file.
//!
//! What is sealed does not shrink and is stored; text is compressed. Members that hold nothing pad the file: their extra
//! field is as long as it takes. Packing, and reading ahead, go on beside whoever writes and reads here, on a thread.

use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use zeroize::Zeroizing;

use crate::archive::not_ours;
use crate::log::padded_len;

/// Bytes of the archive in one member at the most, so that it can be packed while the next one is filled.
const MEMBER: usize = 1 << 20;
/// Members that wait for the thread, and portions that it has read ahead.
const AHEAD: usize = 2;
/// Bytes that are read ahead at once.
const PORTION: usize = 1 << 18;
/// So many bytes may come of a byte, beyond what any file may inflate to.
const MOST_OF_ONE: u64 = 256;
const FREE: u64 = 64 << 20;

/// Name of the padding among a member's extra fields.
const PADDING: [u8; 2] = *b"sr";
/// Length of a member that holds nothing, with an extra field of no bytes; and with the longest.
const LEAST: usize = 26;
const LONGEST: usize = LEAST + (u16::MAX as usize - 4);

/// How bytes go into a member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As they are.
    Stored,
    /// Deflated.
    Compressed,
}

impl Packing {
    fn level(self) -> Compression {
        match self {
            Self::Stored => Compression::none(),
            Self::Compressed => Compression::default(),
        }
    }
}

type Member = (Packing, Zeroizing<Vec<u8>>);

/// Writes a gzip file.
pub(crate) struct GzipWriter<W> {
    packing: Packing,
    member: Zeroizing<Vec<u8>>,
    members: Option<SyncSender<Member>>,
    thread: Option<JoinHandle<io::Result<(W, usize)>>>,
}

impl<W: Write + Send + 'static> GzipWriter<W> {
    /// Begins a file; what is written is stored until something else is said.
    pub(crate) fn new(to: W) -> io::Result<Self> {
        let (members, packs) = sync_channel(AHEAD);
        let thread = thread::Builder::new().name("gzip".to_owned()).spawn(move || pack(to, &packs))?;
        let member = Zeroizing::new(Vec::with_capacity(MEMBER));
        Ok(Self { packing: Packing::Stored, member, members: Some(members), thread: Some(thread) })
    }

    /// What is written from here on goes into members of this kind.
    pub(crate) fn pack_as(&mut self, packing: Packing) -> io::Result<()> {
        if self.packing != packing {
            self.flush()?;
            self.packing = packing;
        }
        Ok(())
    }

    /// Pads the file, and gives back where it was written to.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        let (mut to, written) = self.join()?;
        let mut left = padded_len(written + LEAST) - written;
        while left > 0 {
            // What is left behind a member must be room enough for another one.
            let len = if left > LONGEST { LONGEST.min(left - LEAST) } else { left };
            to.write_all(&empty(len - LEAST)?)?;
            left -= len;
        }
        Ok(to)
    }

    /// What became of everything that was written.
    fn join(&mut self) -> io::Result<(W, usize)> {
        self.members = None;
        let thread = self.thread.take().ok_or(io::ErrorKind::BrokenPipe)?;
        thread.join().map_err(|_| io::Error::from(io::ErrorKind::Other))?
    }
}

impl<W: Write + Send + 'static> Write for GzipWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = bytes.len().min(MEMBER - self.member.len());
        self.member.extend_from_slice(bytes.get(..len).unwrap_or_default());
        if self.member.len() == MEMBER {
            self.flush()?;
        }
        Ok(len)
    }

    /// Ends the member under way.
    fn flush(&mut self) -> io::Result<()> {
        if self.member.is_empty() {
            return Ok(());
        }
        let member = std::mem::replace(&mut self.member, Zeroizing::new(Vec::with_capacity(MEMBER)));
        let sent = self.members.as_ref().is_some_and(|members| members.send((self.packing, member)).is_ok());
        if sent { Ok(()) } else { self.join().and(Err(io::ErrorKind::BrokenPipe.into())) }
    }
}

impl<W> Drop for GzipWriter<W> {
    /// The file is closed when this returns.
    fn drop(&mut self) {
        self.members = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Packs members as they come, and counts what they take.
fn pack<W: Write>(mut to: W, members: &Receiver<Member>) -> io::Result<(W, usize)> {
    let mut written = 0;
    for (packing, bytes) in members {
        let mut packed = gzip(&bytes, packing)?;
        // A reader would give up what shrinks so much.
        if (packed.len() as u64) * MOST_OF_ONE < bytes.len() as u64 {
            packed = gzip(&bytes, Packing::Stored)?;
        }
        to.write_all(&packed)?;
        written += packed.len();
    }
    Ok((to, written))
}

fn gzip(bytes: &[u8], packing: Packing) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() + (bytes.len() >> 8) + LEAST), packing.level());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A member that holds nothing, with so many zeros in an extra field.
fn empty(zeros: usize) -> io::Result<Vec<u8>> {
    let len = u16::try_from(zeros).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut field = [PADDING, len.to_le_bytes()].concat();
    field.resize(field.len() + zeros, 0);
    GzBuilder::new().extra(field).write(Vec::new(), Compression::default()).finish()
}

/// Reads a gzip file to its end. What is none is [`io::ErrorKind::InvalidData`].
pub(crate) struct GzipReader {
    portions: Receiver<io::Result<Zeroizing<Vec<u8>>>>,
    portion: Zeroizing<Vec<u8>>,
    at: usize,
    ended: bool,
}

impl GzipReader {
    /// Begins to read.
    pub(crate) fn new(from: impl Read + Send + 'static) -> io::Result<Self> {
        let (read, portions) = sync_channel(AHEAD);
        let thread = thread::Builder::new().name("gunzip".to_owned());
        thread.spawn(move || read_ahead(Inflating::new(from), &read))?;
        Ok(Self { portions, portion: Zeroizing::default(), at: 0, ended: false })
    }
}

impl Read for GzipReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.at == self.portion.len() && !self.ended {
            // A thread that is gone without a word has not come to the end.
            self.portion = self.portions.recv().map_err(|_| io::Error::from(io::ErrorKind::Other))??;
            (self.at, self.ended) = (0, self.portion.is_empty());
        }
        let len = self.portion.get(self.at..).unwrap_or_default().read(bytes)?;
        self.at += len;
        Ok(len)
    }
}

/// Reads until the end, which is an empty portion, or until nobody listens any more.
fn read_ahead(mut from: impl Read, to: &SyncSender<io::Result<Zeroizing<Vec<u8>>>>) {
    loop {
        let mut portion = Zeroizing::new(Vec::with_capacity(PORTION));
        let read = from.by_ref().take(PORTION as u64).read_to_end(&mut portion);
        let goes_on = matches!(read, Ok(1..));
        if to.send(read.map(|_| portion)).is_err() || !goes_on {
            return;
        }
    }
}

/// Counts what the decoder takes.
struct Consumed<R> {
    from: R,
    read: u64,
}

impl<R: Read> Read for Consumed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let len = self.from.read(bytes)?;
        self.read += len as u64;
        Ok(len)
    }
}

/// Every member, and no more of them than what they lie in accounts for.
struct Inflating<R> {
    from: MultiGzDecoder<BufReader<Consumed<R>>>,
    inflated: u64,
}

impl<R: Read> Inflating<R> {
    fn new(from: R) -> Self {
        let from = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, Consumed { from, read: 0 }));
        Self { from, inflated: 0 }
    }
}

impl<R: Read> Read for Inflating<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let len = self.from.read(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => not_ours(),
            _ => error,
        })?;
        self.inflated += len as u64;
        let most = FREE.saturating_add(self.from.get_ref().get_ref().read.saturating_mul(MOST_OF_ONE));
        if self.inflated <= most { Ok(len) } else { Err(not_ours()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[(Packing, &[u8])]) -> Vec<u8> {
        let mut writer = GzipWriter::new(Vec::new()).unwrap();
        for (packing, bytes) in parts {
            writer.pack_as(*packing).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap()
    }

    fn read(file: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzipReader::new(io::Cursor::new(file.to_vec()))?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Bytes that do not shrink.
    fn noise(len: usize) -> Vec<u8> {
        use crate::entropy::{Entropy as _, Os};
        let mut bytes = vec![0; len];
        Os.fill(&mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_comes_back_and_the_length_of_the_file_is_one_of_few() {
        for len in [0, 1, 1_000, MEMBER - 1, MEMBER, MEMBER + 1, 3 * MEMBER + 77, 40 * MEMBER] {
            let sealed = noise(len);
            let file = written(&[(Packing::Stored, &sealed), (Packing::Compressed, b"what was said")]);
            assert_eq!(file.len(), padded_len(file.len()), "{len}");
            assert_eq!(read(&file).unwrap(), [&sealed[..], b"what was said"].concat(), "{len}");
        }
    }

    #[test]
    fn padding_of_every_length_that_leaves_too_little_for_a_member_is_written_whole() {
        for left in (LEAST..LEAST + 3).chain(LONGEST - 2..LONGEST + 2 * LEAST) {
            let len = if left > LONGEST { LONGEST.min(left - LEAST) } else { left };
            assert_eq!(empty(len - LEAST).unwrap().len(), len);
            assert!(left == len || left - len >= LEAST, "{left}");
        }
        assert!(empty(LONGEST - LEAST + 5).is_err());
    }

    #[test]
    fn a_file_cut_or_changed_anywhere_and_anything_behind_it_is_refused() {
        let file = written(&[(Packing::Stored, b"sealed"), (Packing::Compressed, &[b'a'; 300])]);
        let held = [&b"sealed"[..], &[b'a'; 300]].concat();
        // Between two members only age knows that the end is missing.
        let first = gzip(b"sealed", Packing::Stored).unwrap().len();
        let whole = first + gzip(&[b'a'; 300], Packing::Compressed).unwrap().len();
        for len in (0..file.len()).filter(|len| ![0, first, whole].contains(len)) {
            assert!(read(&file[..len]).is_err(), "{len}");
        }
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 4;
            assert!(read(&changed).is_err() || read(&changed).unwrap() == held, "{at}");
        }
        for behind in [&b"x"[..], b"\x1f\x8b", &[0; 600]] {
            assert_eq!(read(&[&file[..], behind].concat()).unwrap_err().raw_os_error(), None);
        }
        assert_eq!(read(b"no gzip file at all").unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn what_would_inflate_without_end_is_given_up_and_what_shrinks_so_much_here_is_stored() {
        let zeros = vec![0; 100 << 20];
        let file = written(&[(Packing::Compressed, &zeros)]);
        assert_eq!(read(&file).unwrap().len(), zeros.len());
        let bomb = gzip(&zeros, Packing::Compressed).unwrap();
        assert!(bomb.len() < 120_000, "{}", bomb.len());
        assert_eq!(read(&bomb).unwrap_err().kind(), io::ErrorKind::InvalidData);
        // What any small file may inflate to, it may.
        assert_eq!(read(&gzip(&zeros[..60 << 20], Packing::Compressed).unwrap()).unwrap().len(), 60 << 20);
    }

    #[test]
    fn a_disk_that_takes_no_more_is_said_and_nothing_hangs() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = GzipWriter::new(Full(2 * MEMBER)).unwrap();
        let failed = (0..20).find_map(|_| writer.write_all(&noise(MEMBER)).err());
        assert_eq!(failed.unwrap().kind(), io::ErrorKind::StorageFull);
        let mut writer = GzipWriter::new(Full(10)).unwrap();
        writer.write_all(&noise(100)).unwrap();
        assert_eq!(writer.finish().map(drop).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
