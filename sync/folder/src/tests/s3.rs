use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use super::server::{Asked, Reply, Server, body, empty};
use super::{holds_what_was_put, name, names};
use crate::FolderError;

type Held = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

const STAMPS: &str = "last-modified: Sat, 28 Nov 2026 10:00:00 GMT\r\netag: \"1\"\r\n";

/// A server with one bucket, of which a list has so many names a page.
fn bucket(held: Held, page: usize) -> impl Fn(&Asked) -> Reply + Send + Sync {
    move |asked| {
        assert!(asked.head["authorization"].starts_with("AWS4-HMAC-SHA256 Credential=GK1234/"));
        let mut held = held.lock().unwrap();
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let key = path.strip_prefix("/practice").unwrap().trim_start_matches('/').to_owned();
        match asked.method.as_str() {
            "GET" if key.is_empty() => {
                assert!(query.contains("list-type=2") && query.contains("prefix=notes%2F"), "{query}");
                let token = query.split('&').find_map(|part| part.strip_prefix("continuation-token="));
                let from = token.map_or(0, |token| token.parse().unwrap());
                body(200, list(held.iter().map(|(key, bytes)| (key.as_str(), bytes.len())), from, page))
            }
            "GET" => held.get(&key).map_or_else(
                || body(404, "<Error><Code>NoSuchKey</Code></Error>"),
                |bytes| Reply::Whole(200, STAMPS.to_owned(), bytes.clone()),
            ),
            "PUT" => {
                held.insert(key, asked.body.clone());
                Reply::Whole(200, STAMPS.to_owned(), Vec::new())
            }
            "DELETE" => {
                held.remove(&key);
                empty(204)
            }
            _ => empty(500),
        }
    }
}

fn list<'k>(keys: impl ExactSizeIterator<Item = (&'k str, usize)>, from: usize, page: usize) -> String {
    let is_cut = from + page < keys.len();
    let mut text = format!("<ListBucketResult><IsTruncated>{is_cut}</IsTruncated>");
    if is_cut {
        write!(text, "<NextContinuationToken>{}</NextContinuationToken>", from + page).unwrap();
    }
    for (key, len) in keys.skip(from).take(page) {
        write!(
            text,
            "<Contents><Key>{key}</Key><LastModified>2026-11-28T10:00:00.000Z</LastModified><Size>{len}</Size></Contents>"
        )
        .unwrap();
    }
    text + "</ListBucketResult>"
}

#[test]
fn what_was_put_is_listed_read_and_removed() {
    let server = Server::new(bucket(Held::default(), 1_000));
    holds_what_was_put(&server.s3());
    assert_eq!(server.count(&format!("PUT /practice/notes/{}", name(2))), 1);
}

#[test]
fn a_list_of_many_pages_is_read_to_its_end_without_what_else_lies_there() {
    let held = Held::default();
    for number in 0..2_500 {
        held.lock().unwrap().insert(format!("notes/{}", name(number)), vec![0; 9]);
        held.lock().unwrap().insert(format!("notes/photo {number}.jpg"), vec![0; 9]);
    }
    let server = Server::new(bucket(held, 1_000));
    let expected: Vec<String> = (0..2_500).map(name).collect();
    assert_eq!(names(&server.s3()), expected);
    assert_eq!(server.count("GET"), 5);
}

#[test]
fn a_list_without_an_end_is_refused() {
    // Pages of names, the same page again and again, and pages of nothing.
    let full = Mutex::new(0);
    let server = Server::new(move |_| {
        let mut page = full.lock().unwrap();
        *page += 1;
        let keys: Vec<String> = (0..1_000).map(|number| format!("notes/{}", name(*page * 1_000 + number))).collect();
        let text = list(keys.iter().map(|key| (key.as_str(), 1)), 0, 1_000);
        let next = format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{page}</NextContinuationToken>");
        body(200, text.replace("<IsTruncated>false</IsTruncated>", &next))
    });
    assert_eq!(server.s3().list(), Err(FolderError::TooMany));
    assert_eq!(server.count("GET"), 201);
    let same = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>1</NextContinuationToken></ListBucketResult>";
    let server = Server::new(move |_| body(200, same));
    assert_eq!(server.s3().list(), Err(FolderError::Other));
    let pages = Mutex::new(0);
    let server = Server::new(move |_| {
        let mut page = pages.lock().unwrap();
        *page += 1;
        body(200, same.replace(">1<", &format!(">{page}<")))
    });
    assert_eq!(server.s3().list(), Err(FolderError::TooMany));
    let server = Server::new(|_| Reply::Endless(200, Vec::from(b"<ListBucketResult>"), Vec::from(b"<X>1</X>")));
    assert_eq!(server.s3().list(), Err(FolderError::TooLong));
}

#[test]
fn what_is_no_list_is_not_taken_for_an_empty_one() {
    for text in ["", "{}", "<html>It works!</html>", "<ListBucketResult><Contents><Key>notes/1</Key>"] {
        let server = Server::new(move |_| body(200, text));
        assert_eq!(server.s3().list(), Err(FolderError::Other), "{text}");
    }
}

#[test]
fn each_answer_that_tells_something_is_told() {
    for (status, code, error) in [
        (403, "AccessDenied", FolderError::Refused),
        (403, "SignatureDoesNotMatch", FolderError::Refused),
        (403, "QuotaExceeded", FolderError::Full),
        (404, "NoSuchBucket", FolderError::NotThere),
        (400, "AuthorizationHeaderMalformed", FolderError::NotAnAddress),
        (400, "InvalidRequest", FolderError::Other),
        (405, "MethodNotAllowed", FolderError::Other),
        (507, "XMinioStorageFull", FolderError::Full),
    ] {
        let server = Server::new(move |_| body(status, format!("<Error><Code>{code}</Code></Error>")));
        let folder = server.s3();
        assert_eq!(folder.list(), Err(error), "{code}");
        assert_eq!(folder.put(&name(1), vec![1]), Err(error), "{code}");
        assert_eq!(folder.get(&name(1), 9), Err(error), "{code}");
        assert_eq!(folder.remove(&name(1)), Err(error), "{code}");
        assert_eq!(server.count(""), 4, "{code}");
    }
    let server = Server::new(|_| body(503, "<Error><Code>SlowDown</Code></Error>"));
    assert_eq!(server.s3().put(&name(1), vec![1]), Err(FolderError::Busy));
    assert_eq!(server.count("PUT"), 3);
}
