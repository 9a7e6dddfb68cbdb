use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::server::{Asked, Reply, Server, body, empty};
use super::{holds_what_was_put, name, names};
use crate::FolderError;

/// What a folder holds, once it was made.
type Held = Arc<Mutex<Option<BTreeMap<String, Vec<u8>>>>>;

/// A server with one folder, as Apache answers.
fn dav(held: Held) -> impl Fn(&Asked) -> Reply + Send + Sync {
    move |asked| {
        if asked.head.get("authorization").map(String::as_str) != Some("Basic YWlubzphIHNlY3JldA==") {
            return empty(401);
        }
        let mut held = held.lock().unwrap();
        let name = asked.path.strip_prefix("/dav/notes/").unwrap().to_owned();
        match (asked.method.as_str(), held.as_mut()) {
            ("MKCOL", None) if name.is_empty() => {
                *held = Some(BTreeMap::new());
                empty(201)
            }
            ("MKCOL", Some(_)) => empty(405),
            ("PUT", None) => empty(409),
            (_, None) => empty(404),
            ("PROPFIND", Some(held)) => {
                assert_eq!(asked.head["depth"], "1");
                body(207, list(held.iter().map(|(name, bytes)| entry(name, bytes.len()))))
            }
            ("PUT", Some(held)) => {
                held.insert(name, asked.body.clone());
                empty(201)
            }
            ("GET", Some(held)) => held.get(&name).map_or_else(|| empty(404), |bytes| body(200, bytes.clone())),
            ("DELETE", Some(held)) => empty(if held.remove(&name).is_some() { 204 } else { 404 }),
            _ => empty(500),
        }
    }
}

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:"><D:href>/dav/notes/</D:href><D:propstat><D:prop><lp1:resourcetype><D:collection/></lp1:resourcetype>
</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:getcontentlength/></D:prop>
<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>"#;

fn entry(name: &str, len: usize) -> String {
    format!(
        "<D:response xmlns:lp1=\"DAV:\"><D:href>/dav/notes/{name}</D:href><D:propstat><D:prop><lp1:resourcetype/>\
         <lp1:getcontentlength>{len}</lp1:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>\
         </D:response>\n"
    )
}

fn list(entries: impl Iterator<Item = String>) -> String {
    let mut text = HEAD.to_owned();
    entries.for_each(|entry| text.push_str(&entry));
    write!(text, "</D:multistatus>").unwrap();
    text
}

#[test]
fn what_was_put_is_listed_read_and_removed() {
    holds_what_was_put(&Server::new(dav(Held::default())).webdav());
}

#[test]
fn the_folder_is_made_once_however_many_put_first() {
    let server = Server::new(dav(Held::default()));
    let folder = server.webdav();
    thread::scope(|threads| {
        for number in 0..16 {
            let folder = &folder;
            threads.spawn(move || folder.put(&name(number), vec![1]).unwrap());
        }
    });
    assert_eq!(names(&folder).len(), 16);
    assert_eq!(server.count("MKCOL"), 1);
    // Another device finds it there.
    server.webdav().put(&name(16), vec![1]).unwrap();
    assert_eq!(server.count("MKCOL"), 1);
}

#[test]
fn a_folder_that_vanishes_is_not_there_and_is_not_made_again() {
    let held = Held::default();
    let server = Server::new(dav(Arc::clone(&held)));
    let folder = server.webdav();
    folder.put(&name(1), vec![1]).unwrap();
    *held.lock().unwrap() = None;
    assert_eq!(folder.list(), Err(FolderError::NotThere));
    assert_eq!(folder.put(&name(2), vec![1]), Err(FolderError::NotThere));
    assert_eq!(server.count("MKCOL"), 1);
    // One that is around it and is not there cannot hold it.
    let server = Server::new(|asked| empty(if asked.method == "PROPFIND" { 404 } else { 409 }));
    assert_eq!(server.webdav().put(&name(2), vec![1]), Err(FolderError::NotThere));
    assert_eq!(server.count("MKCOL"), 1);
}

#[test]
fn another_word_is_refused() {
    let server = Server::new(dav(Held::default()));
    assert_eq!(server.webdav().list(), Ok(Vec::new()));
    let place = crate::WebDav {
        url: format!("{}/dav/notes", server.url()),
        user: "aino".to_owned(),
        password: "another".to_owned().into(),
        certificate: Some(server.certificate.clone()),
    };
    let folder = crate::Folder::open(&crate::Place::WebDav(place)).unwrap();
    assert_eq!(folder.list(), Err(FolderError::Refused));
    assert_eq!(folder.get(&name(1), 9), Err(FolderError::Refused));
    assert_eq!(folder.put(&name(1), vec![1]), Err(FolderError::Refused));
    assert_eq!(folder.remove(&name(1)), Err(FolderError::Refused));
}

#[test]
fn each_status_that_tells_something_is_told() {
    for (status, error, tries) in [
        (401, FolderError::Refused, 1),
        (403, FolderError::Refused, 1),
        (405, FolderError::ReadOnly, 1),
        (413, FolderError::TooLong, 1),
        (418, FolderError::Other, 1),
        (423, FolderError::Busy, 3),
        (429, FolderError::Busy, 3),
        (500, FolderError::Busy, 3),
        (501, FolderError::Other, 1),
        (503, FolderError::Busy, 3),
        (507, FolderError::Full, 1),
    ] {
        let server = Server::new(move |_| empty(status));
        assert_eq!(server.webdav().put(&name(1), vec![1]), Err(error), "{status}");
        assert_eq!(server.count("PUT"), tries, "{status}");
    }
    // No folder answers so.
    let server = Server::new(|_| body(200, "<html>It works!</html>"));
    assert_eq!(server.webdav().list(), Err(FolderError::Other));
}

#[test]
fn what_may_pass_is_asked_again() {
    let asked = AtomicUsize::new(0);
    let server = Server::new(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => empty(503),
        1 => Reply::Torn(200, b"on".to_vec()),
        _ => body(200, "one"),
    });
    assert_eq!(server.webdav().get(&name(1), 200).unwrap().unwrap(), b"one");
    let server = Server::new(|_| Reply::Torn(200, b"on".to_vec()));
    assert_eq!(server.webdav().get(&name(1), 200), Err(FolderError::NotReached));
    assert_eq!(server.count("GET"), 3);
}

#[test]
fn an_answer_longer_than_it_may_be_is_not_read() {
    let server = Server::new(|asked| match asked.path.ends_with(&name(1)) {
        true => body(200, vec![7; 1_000]),
        false => Reply::Endless(200, Vec::from(b"7"), vec![7; 1_000]),
    });
    let folder = server.webdav();
    assert_eq!(folder.get(&name(1), 1_000).unwrap().unwrap(), [7; 1_000]);
    assert_eq!(folder.get(&name(1), 999), Err(FolderError::TooLong));
    assert_eq!(folder.get(&name(2), 100_000), Err(FolderError::TooLong));
    assert_eq!(folder.get(&name(2), u64::MAX), Err(FolderError::TooLong));
}

#[test]
fn a_list_without_an_end_is_refused() {
    let server = Server::new(|_| Reply::Endless(207, HEAD.into(), entry(&name(1), 1).into()));
    assert_eq!(server.webdav().list(), Err(FolderError::TooMany));
    // And one that has an end, far away.
    for (count, is_read) in [(200_000, true), (200_001, false)] {
        let server = Server::new(move |_| body(207, list((0..count).map(|number| entry(&name(number), 1)))));
        let listed = server.webdav().list();
        assert_eq!(listed.as_ref().map(Vec::len).ok(), is_read.then_some(200_000));
        assert_eq!(listed.err(), (!is_read).then_some(FolderError::TooMany));
    }
}

#[test]
fn what_else_lies_there_is_left_out_of_a_list_and_spoils_none() {
    let folder_of = |name: &str| {
        format!(
            "<D:response><D:href>/dav/notes/{name}/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>\
             </D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )
    };
    let others = [
        entry("photo%20of%20me.jpg", 9),
        entry("%FF%FE", 9),
        entry("a//b", 9),
        entry("a&amp;b", 9),
        entry(&format!("{}&#126;", name(8)), 9),
        entry(&name(8).replace(".sealed", "%20(conflicted%20copy).sealed"), 9),
        entry(&format!("{}#1", name(8)), 9),
        folder_of("sub"),
        folder_of(&name(9)),
        folder_of(&name(9)).replace("/</D:href>", "</D:href>"),
        "<D:response><D:href>/dav/notes/x</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>".to_owned(),
        "<!-- a remark --><x:other xmlns:x=\"x\"><D:href>/dav/notes/y</D:href></x:other>".to_owned(),
    ];
    let ours = [
        entry(&name(1), 11),
        entry(&name(2), 12).replace("D:", "d:").replace("lp1:", ""),
        entry(&name(3), 13).replace("/dav/notes/", "https://127.0.0.1/dav/notes/"),
        entry(&name(4), 14).replace('-', "%2D").replace("HTTP%2D", "HTTP-"),
        entry(&name(5), 15).replace(&name(5), &format!("<![CDATA[{}]]>", name(5))),
        entry(&name(6), 16).replace("</D:response>", "<D:propstat><D:prop><D:getcontentlength/></D:prop><D:status>HTTP/1.1 404 No</D:status></D:propstat></D:response>"),
    ];
    let text = list(others.into_iter().chain(ours));
    let server = Server::new(move |_| body(207, text.clone()));
    let listed: Vec<(String, u64)> =
        server.webdav().list().unwrap().into_iter().map(|there| (there.name, there.len)).collect();
    let expected: Vec<(String, u64)> = (1..7).map(|number| (name(number), 10 + u64::from(number))).collect();
    assert_eq!(listed, expected);
}

#[test]
fn a_list_that_is_cut_off_or_none_is_not_taken_for_a_whole_one() {
    let whole = list([entry(&name(1), 1), entry(&name(2), 2)].into_iter());
    let listed = |text: String| {
        let server = Server::new(move |_| body(207, text.clone()));
        server.webdav().list().map(|objects| objects.len())
    };
    assert_eq!(listed(whole.clone()), Ok(2));
    for at in (0..whole.len() - 1).step_by(97) {
        assert_eq!(listed(whole[..at].to_owned()), Err(FolderError::Other), "{at}");
    }
    let no_length = whole.replace("<lp1:getcontentlength>2</lp1:getcontentlength>", "");
    let crossed = whole.replace("</D:href>", "</D:prop>");
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for text in [no_length, crossed, deep, whole.replace("multistatus", "html"), "{}".to_owned()] {
        assert_eq!(listed(text), Err(FolderError::Other));
    }
}
