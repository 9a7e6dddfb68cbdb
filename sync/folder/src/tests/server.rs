//! A server with TLS on this machine, which answers as a test wants it to.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{Folder, Place, S3, WebDav};

/// What was asked.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    /// In small letters, with their values.
    pub(super) head: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

pub(super) enum Reply {
    /// A status, some lines of a head, a body.
    Whole(u16, String, Vec<u8>),
    /// A body without an end, of which this is repeated after a beginning.
    Endless(u16, Vec<u8>, Vec<u8>),
    /// A body that ends before its length.
    Torn(u16, Vec<u8>),
    /// None ever.
    Silence,
}

pub(super) fn empty(status: u16) -> Reply {
    Reply::Whole(status, String::new(), Vec::new())
}

pub(super) fn body(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply::Whole(status, String::new(), body.into())
}

pub(super) struct Server {
    pub(super) port: u16,
    pub(super) certificate: String,
    /// Each that was asked: method and path.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

type Answers = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

impl Server {
    pub(super) fn new(answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::named("127.0.0.1", answers)
    }

    /// One whose certificate is for this host.
    pub(super) fn named(host: &str, answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (config, answers): (_, Answers) = (Arc::new(config), Arc::new(answers));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            certificate: made.cert.pem(),
            asked: Arc::clone(&asked),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, answers, asked) = (Arc::clone(&config), Arc::clone(&answers), Arc::clone(&asked));
                // Ends when the client does.
                thread::spawn(move || serve(stream, config, &answers, &asked));
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(super) fn webdav(&self) -> Folder {
        let place = WebDav {
            url: format!("{}/dav/notes", self.url()),
            user: "aino".to_owned(),
            password: "a secret".to_owned().into(),
            certificate: Some(self.certificate.clone()),
        };
        Folder::open(&Place::WebDav(place)).unwrap()
    }

    pub(super) fn s3(&self) -> Folder {
        let place = S3 {
            endpoint: self.url(),
            region: "garage".to_owned(),
            bucket: "practice".to_owned(),
            prefix: "notes".to_owned(),
            key_id: "GK1234".to_owned(),
            secret: "asecret".to_owned().into(),
            certificate: Some(self.certificate.clone()),
        };
        Folder::open(&Place::S3(place)).unwrap()
    }

    pub(super) fn count(&self, begins: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.starts_with(begins)).count()
    }
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    answers: &Answers,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    // Otherwise the body waits until its head was acknowledged.
    stream.set_nodelay(true)?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    loop {
        let request = read(&mut stream)?;
        asked.lock().unwrap().push(format!("{} {}", request.method, request.path));
        match answers(&request) {
            Reply::Whole(status, head, body) => {
                // A length says nothing where no body may be.
                let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
                write!(stream, "HTTP/1.1 {status} x\r\n{length}{head}\r\n")?;
                stream.write_all(&body)?;
            }
            Reply::Endless(status, begin, again) => {
                write!(stream, "HTTP/1.1 {status} x\r\ntransfer-encoding: chunked\r\n\r\n")?;
                let chunk = |part: &[u8]| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
                stream.write_all(&chunk(&begin))?;
                let again = chunk(&again.repeat(64 * 1024 / again.len()));
                loop {
                    stream.write_all(&again)?;
                }
            }
            Reply::Torn(status, body) => {
                write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n", body.len() + 100)?;
                stream.write_all(&body)?;
                stream.flush()?;
                return Ok(());
            }
            Reply::Silence => thread::park(),
        }
        stream.flush()?;
    }
}

fn read(stream: &mut impl Read) -> io::Result<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, path) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let head: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; head.get("content-length").map_or(0, |len| len.parse().unwrap())];
    stream.read_exact(&mut body)?;
    Ok(Asked { method, path, head, body })
}
