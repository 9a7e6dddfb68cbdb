use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use super::name;
use super::server::{Reply, Server, empty};
use crate::{Folder, FolderError, Place, WebDav};

fn at(url: String, certificate: Option<String>) -> Folder {
    let place = WebDav { url, user: "aino".to_owned(), password: "a secret".to_owned().into(), certificate };
    Folder::open(&Place::WebDav(place)).unwrap()
}

#[test]
fn a_server_is_trusted_by_its_own_certificate_when_it_was_named_and_by_no_other() {
    let (server, other) = (Server::new(|_| empty(404)), Server::new(|_| empty(404)));
    assert_eq!(at(server.url(), Some(server.certificate.clone())).list(), Ok(Vec::new()));
    for certificate in [None, Some(other.certificate)] {
        let folder = at(server.url(), certificate);
        assert_eq!(folder.list(), Err(FolderError::OtherCertificate));
        assert_eq!(folder.put(&name(1), vec![1]), Err(FolderError::OtherCertificate));
    }
    // Nothing came through but what the first one asked.
    assert_eq!(server.count(""), 1);
}

#[test]
fn a_certificate_for_another_host_is_not_trusted() {
    let server = Server::named("cloud.example", |_| empty(404));
    assert_eq!(at(server.url(), Some(server.certificate.clone())).list(), Err(FolderError::OtherCertificate));
    assert_eq!(server.count(""), 0);
}

#[test]
fn what_does_not_answer_or_speaks_no_tls_is_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let plain = thread::spawn(move || {
        let mut heard = Vec::new();
        for stream in listener.incoming().flatten().take(3) {
            let mut stream = stream;
            let mut bytes = [0; 16];
            let read = stream.read(&mut bytes).unwrap_or(0);
            heard.extend_from_slice(&bytes[..read]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
        heard
    });
    assert_eq!(at(format!("https://127.0.0.1:{port}/"), None).list(), Err(FolderError::NotReached));
    // TLS began it (RFC 8446, 5.1), and no word of a request came.
    assert_eq!(plain.join().unwrap().first(), Some(&22));
    // Nobody listens there any more.
    assert_eq!(at(format!("https://127.0.0.1:{port}/"), None).list(), Err(FolderError::NotReached));
}

#[test]
fn a_stop_ends_what_hangs_at_once() {
    // One that accepts and says nothing, and one that is silent after its TLS.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = at(format!("https://{}/", listener.local_addr().unwrap()), None);
    let silent = Server::new(|_| Reply::Silence);
    for folder in [mute, silent.webdav(), silent.s3()] {
        thread::scope(|threads| {
            let calls = [
                threads.spawn(|| folder.list().map(|_| ())),
                threads.spawn(|| folder.get(&name(1), 9).map(|_| ())),
                threads.spawn(|| folder.put(&name(1), vec![1])),
                threads.spawn(|| folder.remove(&name(1))),
            ];
            thread::sleep(Duration::from_millis(300));
            assert!(calls.iter().all(|call| !call.is_finished()));
            let from = Instant::now();
            folder.stop();
            for call in calls {
                assert_eq!(call.join().unwrap(), Err(FolderError::Stopped));
            }
            assert!(from.elapsed() < Duration::from_secs(1));
        });
    }
}

#[test]
fn no_other_host_is_followed_to() {
    let other = Server::new(|_| empty(200));
    let to = other.url();
    let server = Server::new(move |_| Reply::Whole(301, format!("location: {to}/\r\n"), Vec::new()));
    for folder in [server.webdav(), server.s3()] {
        assert_eq!(folder.list(), Err(FolderError::NotAnAddress));
        assert_eq!(folder.put(&name(1), vec![1]), Err(FolderError::NotAnAddress));
    }
    assert_eq!((server.count(""), other.count("")), (4, 0));
}
