//! The desktop's secret service on Linux (freedesktop.org, *Secret Service API*): GNOME's keyring, KDE's wallet and others.
//!
//! Only one that runs already, only its default collection, and only while that is unlocked. What is kept is no secret
//! (a number and a hash), so it goes over the bus as it is. Whatever would need a prompt is let be: a prompt shows only
//! when it is asked for.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use subrosa_core::store::Silent;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Type, Value};

use super::Slow;
use crate::words;

const SERVICE: &str = "org.freedesktop.secrets";
/// After which a call that is not answered counts as failed.
const CALL: Duration = Duration::from_secs(10);
/// What the specification names where an object might stand and none does.
const NOTHING: &str = "/";

#[derive(Serialize, Deserialize, Type)]
struct TransferredSecret {
    session: OwnedObjectPath,
    parameters: Vec<u8>,
    value: Vec<u8>,
    content_type: String,
}

#[zbus::proxy(
    interface = "org.freedesktop.Secret.Service",
    default_service = "org.freedesktop.secrets",
    default_path = "/org/freedesktop/secrets"
)]
trait Service {
    fn open_session(&self, algorithm: &str, input: Value<'_>) -> zbus::Result<(OwnedValue, OwnedObjectPath)>;
    fn read_alias(&self, name: &str) -> zbus::Result<OwnedObjectPath>;
}

#[zbus::proxy(interface = "org.freedesktop.Secret.Collection", default_service = "org.freedesktop.secrets")]
trait Collection {
    fn search_items(&self, attributes: HashMap<&str, &str>) -> zbus::Result<Vec<OwnedObjectPath>>;
    fn create_item(
        &self,
        properties: HashMap<&str, Value<'_>>,
        secret: TransferredSecret,
        replace: bool,
    ) -> zbus::Result<(OwnedObjectPath, OwnedObjectPath)>;
    #[zbus(property)]
    fn locked(&self) -> zbus::Result<bool>;
}

#[zbus::proxy(interface = "org.freedesktop.Secret.Item", default_service = "org.freedesktop.secrets")]
trait Item {
    fn get_secret(&self, session: &ObjectPath<'_>) -> zbus::Result<TransferredSecret>;
    #[zbus(property)]
    fn locked(&self) -> zbus::Result<bool>;
}

#[zbus::proxy(interface = "org.freedesktop.Secret.Prompt", default_service = "org.freedesktop.secrets")]
trait Prompt {
    fn dismiss(&self) -> zbus::Result<()>;
}

/// The secret service of the person's session.
pub(super) struct SecretService;

impl Slow for SecretService {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
        zbus::block_on(async { read(&running().await?, name).await }).map_err(|_| Silent)
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Silent> {
        zbus::block_on(async { keep(&running().await?, name, bytes).await }).map_err(|_| Silent)
    }
}

/// The bus of the session, where a secret service is on it: asking for one that is not there would start it.
async fn running() -> zbus::Result<Connection> {
    let bus = Builder::session()?.method_timeout(CALL).build().await?;
    let name = BusName::try_from(SERVICE)?;
    if DBusProxy::new(&bus).await?.name_has_owner(name).await? { Ok(bus) } else { Err(zbus::Error::InterfaceNotFound) }
}

/// The default collection, unlocked, and a session with it.
async fn unlocked(bus: &Connection) -> zbus::Result<(CollectionProxy<'_>, OwnedObjectPath)> {
    let service = ServiceProxy::new(bus).await?;
    let path = service.read_alias("default").await?;
    if path.as_str() == NOTHING {
        return Err(zbus::Error::InterfaceNotFound);
    }
    let collection = CollectionProxy::builder(bus).path(path)?.cache_properties(CacheProperties::No).build().await?;
    if collection.locked().await? {
        return Err(zbus::Error::InterfaceNotFound);
    }
    let (_, session) = service.open_session("plain", Value::from("")).await?;
    Ok((collection, session))
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("application", "subrosa"), ("anchor", name)])
}

async fn read(bus: &Connection, name: &str) -> zbus::Result<Option<Vec<u8>>> {
    let (collection, session) = unlocked(bus).await?;
    let Some(path) = collection.search_items(attributes(name)).await?.into_iter().next() else { return Ok(None) };
    let item = ItemProxy::builder(bus).path(path)?.cache_properties(CacheProperties::No).build().await?;
    if item.locked().await? {
        return Err(zbus::Error::InterfaceNotFound);
    }
    Ok(Some(item.get_secret(&session).await?.value))
}

async fn keep(bus: &Connection, name: &str, bytes: &[u8]) -> zbus::Result<()> {
    let (collection, session) = unlocked(bus).await?;
    let properties = HashMap::from([
        ("org.freedesktop.Secret.Item.Label", Value::from(words::IN_THE_KEYSTORE)),
        ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes(name))),
    ]);
    let content_type = "application/octet-stream".to_owned();
    let secret = TransferredSecret { session, parameters: Vec::new(), value: bytes.to_vec(), content_type };
    let (_, prompt) = collection.create_item(properties, secret, true).await?;
    if prompt.as_str() != NOTHING {
        PromptProxy::builder(bus).path(prompt)?.build().await?.dismiss().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::sync::{Arc, Mutex, MutexGuard};

    use zbus::{Guid, fdo};

    use super::*;

    const COLLECTION: &str = "/org/freedesktop/secrets/aliases/default";
    const ITEM: &str = "/org/freedesktop/secrets/collection/login/1";
    const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";

    /// What stands in a keyring, and how its daemon is disposed.
    #[derive(Default)]
    struct FakeCollection {
        items: Vec<(HashMap<String, String>, Vec<u8>)>,
        locked: bool,
        /// The entry alone is locked.
        closed: bool,
        /// A new item waits until somebody has agreed.
        asks: bool,
        dismissed: usize,
    }

    #[derive(Clone, Default)]
    struct Daemon(Arc<Mutex<FakeCollection>>);

    impl Daemon {
        fn kept(&self) -> MutexGuard<'_, FakeCollection> {
            self.0.lock().unwrap()
        }
    }

    struct Top {
        has_default: bool,
    }
    struct Login(Daemon);
    struct FakeItem(Daemon);
    struct Asks(Daemon);

    fn path(path: &str) -> OwnedObjectPath {
        OwnedObjectPath::try_from(path).unwrap()
    }

    #[zbus::interface(name = "org.freedesktop.Secret.Service")]
    impl Top {
        fn open_session(&self, algorithm: &str, _input: OwnedValue) -> (OwnedValue, OwnedObjectPath) {
            assert_eq!(algorithm, "plain");
            (OwnedValue::try_from(Value::from("")).unwrap(), path("/org/freedesktop/secrets/session/1"))
        }

        fn read_alias(&self, name: &str) -> OwnedObjectPath {
            assert_eq!(name, "default");
            path(if self.has_default { COLLECTION } else { NOTHING })
        }

        fn unlock(&self, _objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
            panic!("nobody may be asked to unlock anything")
        }
    }

    #[zbus::interface(name = "org.freedesktop.Secret.Collection")]
    impl Login {
        fn search_items(&self, attributes: HashMap<String, String>) -> Vec<OwnedObjectPath> {
            let found = self.0.kept().items.iter().any(|(known, _)| *known == attributes);
            found.then(|| path(ITEM)).into_iter().collect()
        }

        fn create_item(
            &self,
            properties: HashMap<String, OwnedValue>,
            secret: TransferredSecret,
            replace: bool,
        ) -> (OwnedObjectPath, OwnedObjectPath) {
            assert!(replace, "one entry for each practice");
            let mut kept = self.0.kept();
            if kept.asks {
                return (path(NOTHING), path(PROMPT));
            }
            let attributes = properties["org.freedesktop.Secret.Item.Attributes"].try_clone().unwrap();
            let attributes: HashMap<String, String> = attributes.try_into().unwrap();
            kept.items.retain(|(known, _)| *known != attributes);
            kept.items.push((attributes, secret.value));
            (path(ITEM), path(NOTHING))
        }

        #[zbus(property)]
        fn locked(&self) -> bool {
            self.0.kept().locked
        }
    }

    #[zbus::interface(name = "org.freedesktop.Secret.Item")]
    impl FakeItem {
        fn get_secret(&self, session: OwnedObjectPath) -> fdo::Result<(TransferredSecret,)> {
            let kept = self.0.kept();
            let (_, value) = kept.items.last().ok_or(fdo::Error::Failed("There is none.".to_owned()))?;
            let content_type = "application/octet-stream".to_owned();
            Ok((TransferredSecret { session, parameters: Vec::new(), value: value.clone(), content_type },))
        }

        #[zbus(property)]
        fn locked(&self) -> bool {
            let kept = self.0.kept();
            kept.closed
        }
    }

    #[zbus::interface(name = "org.freedesktop.Secret.Prompt")]
    impl Asks {
        fn prompt(&self, _window: &str) {
            panic!("nobody may be asked anything")
        }

        fn dismiss(&self) {
            self.0.kept().dismissed += 1;
        }
    }

    /// A daemon at the other end of a pipe; it serves as long as it is held.
    fn connected(daemon: &Daemon, has_default: bool) -> (Connection, Connection) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let serve = async {
            let server = Builder::async_io_unix_stream(theirs).server(Guid::generate()).unwrap().p2p();
            let server = server.serve_at("/org/freedesktop/secrets", Top { has_default }).unwrap();
            let server = server.serve_at(COLLECTION, Login(daemon.clone())).unwrap();
            let server = server.serve_at(ITEM, FakeItem(daemon.clone())).unwrap();
            server.serve_at(PROMPT, Asks(daemon.clone())).unwrap().build().await.unwrap()
        };
        let server = std::thread::spawn(|| zbus::block_on(Builder::async_io_unix_stream(ours).p2p().build()).unwrap());
        let daemon = zbus::block_on(serve);
        (server.join().unwrap(), daemon)
    }

    fn reads(bus: &Connection, name: &str) -> zbus::Result<Option<Vec<u8>>> {
        zbus::block_on(read(bus, name))
    }

    #[test]
    fn what_is_kept_is_read_again_under_its_name_alone_and_a_newer_one_takes_its_place() {
        let daemon = Daemon::default();
        let (bus, _served) = connected(&daemon, true);
        assert_eq!(reads(&bus, "a").unwrap(), None);
        zbus::block_on(keep(&bus, "a", &[1])).unwrap();
        zbus::block_on(keep(&bus, "a", &[2, 0])).unwrap();
        assert_eq!(reads(&bus, "a").unwrap(), Some(vec![2, 0]));
        assert_eq!(reads(&bus, "b").unwrap(), None);
        assert_eq!(daemon.kept().items.len(), 1);
    }

    #[test]
    fn a_keyring_that_is_locked_or_none_says_nothing_and_nobody_is_asked() {
        let daemon = Daemon::default();
        let (bus, _served) = connected(&daemon, true);
        zbus::block_on(keep(&bus, "a", &[1])).unwrap();
        daemon.kept().closed = true;
        assert!(reads(&bus, "a").is_err(), "the entry is locked");
        daemon.kept().locked = true;
        assert!(reads(&bus, "a").is_err() && zbus::block_on(keep(&bus, "a", &[2])).is_err());
        let (bus, _served) = connected(&Daemon::default(), false);
        assert!(reads(&bus, "a").is_err(), "there is no keyring");
    }

    #[test]
    fn what_would_ask_somebody_is_dismissed() {
        let daemon = Daemon::default();
        daemon.kept().asks = true;
        let (bus, _served) = connected(&daemon, true);
        zbus::block_on(keep(&bus, "a", &[1])).unwrap();
        assert_eq!(daemon.kept().dismissed, 1);
        assert_eq!(reads(&bus, "a").unwrap(), None);
    }
}
