//! What is asked of real servers. `tests/interop/webdav.sh` and `tests/interop/s3.sh` start those, say in the environment where
//! they are, and run these one by one; each begins with a folder of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use subrosa_folder::{Folder, FolderError, Place, S3, WebDav};

/// How many ask at once.
const AT_ONCE: u32 = 8;

fn said(name: &str) -> String {
    env::var(format!("SUBROSA_STORE_{name}")).unwrap_or_else(|_| panic!("SUBROSA_STORE_{name} is not set"))
}

/// The server of this run, or the disk, and a folder of this name on it.
fn place(name: &str) -> Place {
    if said("KIND") == "directory" {
        return Place::Directory(Path::new(&said("URL")).join(name));
    }
    let certificate = Some(fs::read_to_string(said("CERTIFICATE")).unwrap());
    if said("KIND") == "webdav" {
        let url = format!("{}/{name}", said("URL"));
        return Place::WebDav(WebDav { url, user: said("USER"), password: said("PASSWORD").into(), certificate });
    }
    Place::S3(S3 {
        endpoint: said("URL"),
        region: said("REGION"),
        bucket: said("BUCKET"),
        prefix: name.to_owned(),
        key_id: said("USER"),
        secret: said("PASSWORD").into(),
        certificate,
    })
}

fn open(name: &str) -> Folder {
    Folder::open(&place(name)).unwrap()
}

fn object(number: u32) -> String {
    format!("{number:016x}-{number:064x}.sealed")
}

/// Bytes of which no two objects have the same.
fn bytes(number: u32, len: usize) -> Vec<u8> {
    let mut bytes = number.to_le_bytes().repeat(len / 4 + 1);
    bytes.truncate(len);
    bytes
}

/// Does this for so many objects, several at once; gives those for which it failed.
fn each(count: u32, work: impl Fn(u32) -> Result<(), FolderError> + Sync) -> Vec<(u32, FolderError)> {
    let (next, failed) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    if let Err(error) = work(number) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push((number, error));
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn names(folder: &Folder) -> Vec<String> {
    folder.list().unwrap().into_iter().map(|there| there.name).collect()
}

/// Waits until a file is there, which the script writes.
fn wait_for(path: &str) {
    let from = Instant::now();
    while !Path::new(path).exists() {
        assert!(from.elapsed() < Duration::from_secs(60), "{path} does not come");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "asks a server that a script starts"]
fn what_was_put_is_listed_read_and_removed() {
    let folder = open("first");
    assert_eq!(folder.list(), Ok(Vec::new()));
    assert_eq!(folder.get(&object(1), 9), Ok(None));
    assert_eq!(each(16, |number| folder.put(&object(number), bytes(number, 1_000))), []);
    let all: Vec<String> = (0..16).map(object).collect();
    assert_eq!(names(&folder), all);
    // Another device, and the first one's object again.
    let other = open("first");
    assert!(other.list().unwrap().iter().all(|there| there.len == 1_000));
    other.put(&object(3), bytes(3, 1_000)).unwrap();
    assert_eq!(other.get(&object(3), 1_000).unwrap().unwrap(), bytes(3, 1_000));
    assert_eq!(other.get(&object(3), 999), Err(FolderError::TooLong));
    assert_eq!(other.get(&object(99), 9), Ok(None));
    other.put(&object(16), Vec::new()).unwrap();
    assert!(folder.get(&object(16), 0).unwrap().unwrap().is_empty());
    each(17, |number| other.remove(&object(number)));
    other.remove(&object(3)).unwrap();
    assert_eq!(names(&folder), [""; 0]);
    // As long as one may be.
    let most = usize::try_from(subrosa_folder::MOST_BYTES).unwrap();
    folder.put(&object(1), bytes(1, most)).unwrap();
    assert_eq!(other.get(&object(1), u64::MAX).unwrap().unwrap(), bytes(1, most));
}

/// The script has put something there that is none of ours.
#[test]
#[ignore = "asks a server that a script starts"]
fn what_else_lies_there_is_left_out() {
    let folder = open("foreign");
    folder.put(&object(1), bytes(1, 9)).unwrap();
    assert_eq!(names(&folder), [object(1)]);
}

#[test]
#[ignore = "asks a server that a script starts"]
fn what_is_wrong_is_told() {
    assert_eq!(open("first").list().map(|_| ()), Ok(()));
    let mut other = place("first");
    match &mut other {
        Place::WebDav(place) => place.password = "another".to_owned().into(),
        Place::S3(place) => place.secret = "another".to_owned().into(),
        Place::Directory(_) => unreachable!(),
    }
    let folder = Folder::open(&other).unwrap();
    assert_eq!(folder.list(), Err(FolderError::Refused));
    assert_eq!(folder.get(&object(1), 9), Err(FolderError::Refused));
    assert_eq!(folder.put(&object(1), vec![1]), Err(FolderError::Refused));
    assert_eq!(folder.remove(&object(1)), Err(FolderError::Refused));
    let mut other = place("first");
    match &mut other {
        Place::WebDav(place) => place.certificate = None,
        Place::S3(place) => place.certificate = None,
        Place::Directory(_) => unreachable!(),
    }
    assert_eq!(Folder::open(&other).unwrap().list(), Err(FolderError::OtherCertificate));
    let mut other = place("no/such");
    if let Place::S3(place) = &mut other {
        place.bucket = "no-such-bucket".to_owned();
        let folder = Folder::open(&other).unwrap();
        assert!(matches!(folder.list(), Err(FolderError::NotThere | FolderError::Refused)));
    }
    let folder = Folder::open(&other).unwrap();
    assert!(matches!(folder.put(&object(1), vec![1]), Err(FolderError::NotThere | FolderError::Refused)));
}

#[test]
#[ignore = "asks a server that a script starts"]
fn six_hundred_objects_and_a_list_of_several_pages() {
    const MANY: u32 = 600;
    const LEN: usize = 256 * 1024;
    let mut kinds = vec![("server", open("many"))];
    let disk = tempfile::tempdir().unwrap();
    kinds.push(("disk", Folder::open(&Place::Directory(disk.path().join("many"))).unwrap()));
    for (kind, folder) in kinds {
        folder.put(&object(0), bytes(0, LEN)).unwrap();
        let from = Instant::now();
        assert_eq!(each(MANY, |number| folder.put(&object(number), bytes(number, LEN))), []);
        let put = from.elapsed();
        let from = Instant::now();
        assert_eq!(names(&folder), (0..MANY).map(object).collect::<Vec<_>>());
        let listed = from.elapsed();
        let from = Instant::now();
        let get = |number| {
            assert_eq!(folder.get(&object(number), 1 << 20)?.unwrap(), bytes(number, LEN));
            Ok(())
        };
        assert_eq!(each(MANY, get), []);
        println!("{kind}: {MANY} objects put in {put:.2?}, listed in {listed:.2?}, read in {:.2?}", from.elapsed());
        assert_eq!(each(1_100, |number| folder.put(&object(number), vec![1])), []);
        assert_eq!(names(&folder), (0..1_100).map(object).collect::<Vec<_>>());
    }
}

/// Whatever was said to be there is there afterwards. The script takes something away in the middle, says that it has, and what
/// has to come of it.
#[test]
#[ignore = "asks a server that a script starts"]
fn what_was_put_while_something_died_is_there() {
    const MANY: u32 = 200;
    let folder = open("dying");
    let half = said("HALF");
    let failed = each(MANY, |number| {
        if number == MANY / 2 {
            fs::write(&half, "").unwrap();
        }
        // Some are under way when it dies, the rest comes afterwards.
        if number > MANY / 2 + 2 * AT_ONCE {
            wait_for(&format!("{half}.done"));
        }
        folder.put(&object(number), bytes(number, 50_000))
    });
    if said("EXPECT") == "nothing" {
        assert_eq!(failed, []);
    } else {
        assert!(failed.len() > 50, "{} failed", failed.len());
        let good = |error| matches!(error, FolderError::NotReached | FolderError::Busy);
        assert!(failed.iter().all(|(_, error)| good(*error)), "{failed:?}");
    }
    fs::write(format!("{half}.put"), "").unwrap();
    wait_for(&format!("{half}.back"));
    let there = names(&folder);
    let acknowledged = (0..MANY).filter(|number| failed.iter().all(|(other, _)| other != number));
    for number in acknowledged {
        assert!(there.contains(&object(number)), "{number} is not there");
        assert_eq!(folder.get(&object(number), 50_000).unwrap().unwrap(), bytes(number, 50_000));
    }
    // And what was not is put again.
    assert_eq!(each(MANY, |number| folder.put(&object(number), bytes(number, 50_000))), []);
    assert_eq!(names(&folder).len(), usize::try_from(MANY).unwrap());
}

/// The script has left room for a few of these, or lets nobody write.
#[test]
#[ignore = "asks a server that a script starts"]
fn a_place_that_takes_nothing_says_why() {
    let folder = open("small");
    let expected = match said("EXPECT").as_str() {
        "full" => FolderError::Full,
        "read only" => FolderError::ReadOnly,
        other => panic!("{other}"),
    };
    let refused = (0..200).find_map(|number| folder.put(&object(number), bytes(number, 100_000)).err());
    assert_eq!(refused, Some(expected));
    // It is read as before.
    for there in folder.list().unwrap() {
        assert!(folder.get(&there.name, 1 << 20).unwrap().is_some());
    }
}
