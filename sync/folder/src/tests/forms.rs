use std::path::PathBuf;

use super::name;
use crate::{Folder, FolderError, Place, S3, WebDav, is_name};

fn webdav() -> WebDav {
    WebDav {
        url: "https://cloud.example/dav/notes".to_owned(),
        user: "aino".to_owned(),
        password: "a secret".to_owned().into(),
        certificate: None,
    }
}

fn s3() -> S3 {
    S3 {
        endpoint: "https://s3.example".to_owned(),
        region: "eu-north".to_owned(),
        bucket: "practice".to_owned(),
        prefix: "notes".to_owned(),
        key_id: "GK1234".to_owned(),
        secret: "asecret".to_owned().into(),
        certificate: None,
    }
}

fn opened(place: &Place) -> Option<FolderError> {
    Folder::open(place).err()
}

#[test]
fn names_of_the_one_form_are_names_and_no_others() {
    let good = name(7);
    assert!(is_name(&good));
    assert!(is_name(&good.replace("sealed", "x")) && is_name(&good.replace("sealed", "abcdefghijklmnop")));
    let bad = [
        "".to_owned(),
        good.replace("sealed", ""),
        good.replace(".sealed", ""),
        good.replace("sealed", "abcdefghijklmnopq"),
        good.replace("sealed", "sealed.part"),
        good.replace("sealed", "Sealed"),
        good.replace("sealed", "se4led"),
        good.replace('7', "A"),
        good.replace('7', "g"),
        good.replace('-', ""),
        good.replacen('0', "", 1),
        good.replacen('0', "00", 1),
        good.replace('-', "-0"),
        good.replace(".sealed", " (conflicted copy).sealed"),
        format!("../{good}"),
        format!("{good}/"),
        format!("{good}\n"),
        format!(".{good}"),
    ];
    for name in bad {
        assert!(!is_name(&name), "{name:?}");
    }
}

#[test]
fn an_object_of_another_name_is_not_asked_for() {
    let folder = Folder::open(&Place::WebDav(webdav())).unwrap();
    assert_eq!(folder.get("../passwd", 1), Err(FolderError::NotAName));
    assert_eq!(folder.put("notes.txt", Vec::new()), Err(FolderError::NotAName));
    assert_eq!(folder.remove(""), Err(FolderError::NotAName));
}

#[test]
fn addresses_with_https_alone_are_opened() {
    let of = |url: &str| opened(&Place::WebDav(WebDav { url: url.to_owned(), ..webdav() }));
    let at = |endpoint: &str| opened(&Place::S3(S3 { endpoint: endpoint.to_owned(), ..s3() }));
    for good in ["https://cloud.example", "https://cloud.example/", "https://10.0.0.3:8443/a%20b/c/", "HTTPS://[::1]/x"]
    {
        assert_eq!((of(good), at(good)), (None, None), "{good}");
    }
    for plain in ["http://cloud.example/dav", "HTTP://127.0.0.1/", "http://localhost:8080"] {
        assert_eq!((of(plain), at(plain)), (Some(FolderError::NotSecure), Some(FolderError::NotSecure)), "{plain}");
    }
    for other in [
        "",
        "cloud.example/dav",
        "/home/aino",
        "ftp://cloud.example",
        "davs://cloud.example",
        "https://",
        "https://aino:secret@cloud.example/",
        "https://aino@cloud.example/",
        "https://cloud.example/?token=1",
        "https://cloud.example/#here",
    ] {
        let no = Some(FolderError::NotAnAddress);
        assert_eq!((of(other), at(other)), (no, no), "{other}");
    }
}

#[test]
fn what_no_place_is_called_is_refused_before_anything_is_asked() {
    assert_eq!(opened(&Place::S3(S3 { prefix: String::new(), ..s3() })), None);
    assert_eq!(opened(&Place::S3(S3 { prefix: "/a/b/".to_owned(), ..s3() })), None);
    let no = Some(FolderError::NotAnAddress);
    for bucket in ["", "../other", "a/b", "a?b", "a b", ".."] {
        assert_eq!(opened(&Place::S3(S3 { bucket: bucket.to_owned(), ..s3() })), no, "{bucket}");
    }
    for prefix in ["a//b", "../b", "a/./b"] {
        assert_eq!(opened(&Place::S3(S3 { prefix: prefix.to_owned(), ..s3() })), no, "{prefix}");
    }
    assert_eq!(opened(&Place::S3(S3 { region: String::new(), ..s3() })), no);
    assert_eq!(opened(&Place::S3(S3 { key_id: "two words".to_owned(), ..s3() })), no);
    assert_eq!(opened(&Place::S3(S3 { secret: String::new().into(), ..s3() })), no);
    assert_eq!(opened(&Place::WebDav(WebDav { user: "a:b".to_owned(), ..webdav() })), no);
    assert_eq!(opened(&Place::Directory(PathBuf::from("somewhere"))), no);
    assert_eq!(opened(&Place::Directory(PathBuf::new())), no);
}

#[test]
fn a_certificate_that_is_none_is_refused_before_anything_is_asked() {
    let good = rcgen::generate_simple_self_signed(vec!["cloud.example".to_owned()]).unwrap().cert.pem();
    let of = |text: &str| opened(&Place::WebDav(WebDav { certificate: Some(text.to_owned()), ..webdav() }));
    assert_eq!(of(&good), None);
    assert_eq!(of(&format!("{good}{good}")), None);
    let torn = good.replace("MII", "AAA");
    let cut = &good[..good.len() / 2];
    for text in ["", "no certificate", &torn, cut] {
        assert_eq!(of(text), Some(FolderError::NotACertificate), "{text}");
    }
    let named = Place::S3(S3 { certificate: Some(torn), ..s3() });
    assert_eq!(opened(&named), Some(FolderError::NotACertificate));
}

#[test]
fn what_is_printed_of_a_place_is_its_kind_alone() {
    let places = [Place::Directory("/home/aino".into()), Place::WebDav(webdav()), Place::S3(s3())];
    assert_eq!(places.each_ref().map(|place| format!("{place:?}")), ["Directory", "WebDav", "S3"]);
    assert_eq!(format!("{:?}{:?}", webdav(), s3()), "WebDavS3");
}

#[test]
fn each_error_is_a_sentence_of_its_own() {
    let all = [
        FolderError::NotSecure,
        FolderError::NotAnAddress,
        FolderError::NotACertificate,
        FolderError::NotAName,
        FolderError::NotReached,
        FolderError::OtherCertificate,
        FolderError::Refused,
        FolderError::NotThere,
        FolderError::Full,
        FolderError::ReadOnly,
        FolderError::Busy,
        FolderError::TooLong,
        FolderError::TooMany,
        FolderError::Stopped,
        FolderError::Other,
    ];
    let mut said: Vec<String> = all.iter().map(FolderError::to_string).collect();
    assert!(
        said.iter().all(|said| said.contains("; ") && said.contains("sync folder") || said.contains("certificate"))
    );
    said.sort();
    said.dedup();
    assert_eq!(said.len(), all.len());
}
