//! What logind says about this session (systemd, *org.freedesktop.login1*; the lock that delays a sleep is described in
//! *Inhibitor Locks*).

use futures_lite::{StreamExt, stream};
use zbus::Connection;
use zbus::zvariant::{OwnedFd, OwnedObjectPath};

use super::{Awake, Hold};

#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
trait Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;
    fn get_session(&self, id: &str) -> zbus::Result<OwnedObjectPath>;
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

#[zbus::proxy(interface = "org.freedesktop.login1.Session", default_service = "org.freedesktop.login1")]
trait Session {
    #[zbus(signal)]
    fn lock(&self) -> zbus::Result<()>;
    #[zbus(property)]
    fn locked_hint(&self) -> zbus::Result<bool>;
}

enum Said {
    FallsAsleep,
    Wakes,
    ScreenLocked,
}

/// Listens on a thread of its own for as long as the program runs; `away` is called from it.
pub(super) fn watch(away: impl Fn() + Send + 'static, awake: Awake) {
    let listen = move || {
        // A system without logind, or without a message bus, says nothing: then there is nothing to listen to.
        let _: zbus::Result<()> = zbus::block_on(async { listen(&Connection::system().await?, &away, &awake).await });
    };
    // Without a thread left the program has other troubles; the practice still locks itself when nobody is there.
    let _ = std::thread::Builder::new().name("away".to_owned()).spawn(listen);
}

async fn listen(bus: &Connection, away: &dyn Fn(), awake: &Awake) -> zbus::Result<()> {
    let manager = ManagerProxy::new(bus).await?;
    let sleeping = manager.receive_prepare_for_sleep().await?.filter_map(|signal| {
        let start = signal.args().ok()?.start;
        Some(if start { Said::FallsAsleep } else { Said::Wakes })
    });
    let screen = screen(bus, &manager).await.unwrap_or_else(|_| stream::pending().boxed_local());
    let mut said = stream::race(sleeping, screen);
    awake.keep(delay(&manager).await);
    while let Some(said) = said.next().await {
        match said {
            Said::FallsAsleep => {
                awake.falls_asleep();
                away();
            }
            Said::Wakes => awake.keep(delay(&manager).await),
            Said::ScreenLocked => away(),
        }
    }
    Ok(())
}

/// Asks that a sleep waits; whoever is not allowed to ask goes without.
async fn delay(manager: &ManagerProxy<'_>) -> Option<Hold> {
    let why = "The practice is sealed before the computer falls asleep";
    let hold = manager.inhibit("sleep", crate::words::NAME, why, "delay").await.ok()?;
    Some(Box::new(hold))
}

/// The screen of the person's session: it is told to lock, or says that it is locked.
async fn screen(bus: &Connection, manager: &ManagerProxy<'_>) -> zbus::Result<stream::BoxedLocal<Said>> {
    let session = SessionProxy::builder(bus).path(manager.get_session("auto").await?)?.build().await?;
    let told = session.receive_lock().await?.map(|_| Said::ScreenLocked);
    let says = session.receive_locked_hint_changed().await.then(|hint| async move { hint.get().await });
    // What zbus hears before it has read the property once, it drops: whoever listens has read it.
    session.locked_hint().await?;
    let says = says.filter_map(|locked| locked.is_ok_and(|locked| locked).then_some(Said::ScreenLocked));
    Ok(stream::race(told, says).boxed_local())
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read};
    use std::os::unix::net::UnixStream;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use zbus::connection::Builder;
    use zbus::object_server::InterfaceRef;
    use zbus::{Guid, fdo};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);
    const SESSION: &str = "/org/freedesktop/login1/session/_31";

    /// A logind that gives out one end of a pair and keeps the other.
    struct Logind(Sender<UnixStream>);

    #[zbus::interface(name = "org.freedesktop.login1.Manager")]
    impl Logind {
        fn inhibit(&self, what: &str, _who: &str, _why: &str, mode: &str) -> fdo::Result<OwnedFd> {
            assert_eq!((what, mode), ("sleep", "delay"));
            let (kept, given) = UnixStream::pair().unwrap();
            self.0.send(kept).unwrap();
            Ok(std::os::fd::OwnedFd::from(given).into())
        }

        fn get_session(&self, id: &str) -> OwnedObjectPath {
            assert_eq!(id, "auto");
            OwnedObjectPath::try_from(SESSION).unwrap()
        }

        #[zbus(signal)]
        async fn prepare_for_sleep(emitter: &zbus::object_server::SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
    }

    /// A screen, and whether it is locked.
    struct ScreenLock(bool);

    #[zbus::interface(name = "org.freedesktop.login1.Session")]
    impl ScreenLock {
        #[zbus(property)]
        fn locked_hint(&self) -> bool {
            self.0
        }

        #[zbus(signal)]
        async fn lock(emitter: &zbus::object_server::SignalEmitter<'_>) -> zbus::Result<()>;
    }

    struct Evening {
        logind: InterfaceRef<Logind>,
        screen: InterfaceRef<ScreenLock>,
        holds: Receiver<UnixStream>,
        away: Receiver<()>,
        awake: Awake,
    }

    fn evening() -> Evening {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (given, holds) = channel();
        let (tell, away) = channel();
        let awake = Awake::default();
        let listening = awake.clone();
        std::thread::spawn(move || {
            zbus::block_on(async {
                let bus = Builder::async_io_unix_stream(ours).p2p().build().await.unwrap();
                listen(&bus, &|| tell.send(()).unwrap(), &listening).await.unwrap();
            });
        });
        let system = zbus::block_on(async {
            let system = Builder::async_io_unix_stream(theirs).server(Guid::generate()).unwrap().p2p();
            let system = system.serve_at("/org/freedesktop/login1", Logind(given)).unwrap();
            system.serve_at(SESSION, ScreenLock(false)).unwrap().build().await.unwrap()
        });
        let objects = system.object_server();
        let logind = zbus::block_on(objects.interface("/org/freedesktop/login1")).unwrap();
        let screen = zbus::block_on(objects.interface(SESSION)).unwrap();
        Evening { logind, screen, holds, away, awake }
    }

    /// Whether the computer still waits.
    fn waits(mut hold: &UnixStream) -> bool {
        hold.set_nonblocking(true).unwrap();
        match hold.read(&mut [0]) {
            Ok(0) => false,
            Err(error) if error.kind() == ErrorKind::WouldBlock => true,
            other => panic!("{other:?}"),
        }
    }

    /// The computer waits no more: its own copy of what it gave out goes when it gets to that.
    fn is_let_go(mut hold: &UnixStream) {
        hold.set_nonblocking(false).unwrap();
        hold.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(hold.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn the_computer_waits_with_its_sleep_until_the_practice_is_sealed_each_time() {
        let evening = evening();
        for _ in 0..2 {
            let hold = evening.holds.recv_timeout(PATIENCE).unwrap();
            // A lock while nothing falls asleep leaves the next sleep waiting.
            evening.awake.sealed();
            assert!(waits(&hold));
            zbus::block_on(Logind::prepare_for_sleep(evening.logind.signal_emitter(), true)).unwrap();
            evening.away.recv_timeout(PATIENCE).unwrap();
            assert!(waits(&hold), "it is not sealed yet");
            evening.awake.sealed();
            is_let_go(&hold);
            zbus::block_on(Logind::prepare_for_sleep(evening.logind.signal_emitter(), false)).unwrap();
        }
        assert!(evening.away.try_recv().is_err());
    }

    #[test]
    fn a_locked_screen_is_told_and_keeps_nothing_waiting() {
        let evening = evening();
        let hold = evening.holds.recv_timeout(PATIENCE).unwrap();
        zbus::block_on(ScreenLock::lock(evening.screen.signal_emitter())).unwrap();
        evening.away.recv_timeout(PATIENCE).unwrap();
        zbus::block_on(async {
            let mut screen = evening.screen.get_mut().await;
            screen.0 = true;
            screen.locked_hint_changed(evening.screen.signal_emitter()).await.unwrap();
        });
        evening.away.recv_timeout(PATIENCE).unwrap();
        evening.awake.sealed();
        assert!(waits(&hold));
    }
}
