//! The platform's keystore, where a practice's anchor is kept besides the file beside it.
//!
//! It is asked on a thread of its own and never waited for longer than a moment: one that is absent, locked, slow or wants to ask
//! somebody is as good as none. Nothing here makes a keystore ask: no unlocking, no prompt, no daemon that is started.

#[cfg(windows)]
mod credential_manager;
#[cfg(target_os = "macos")]
mod keychain;
#[cfg(target_os = "linux")]
mod secret_service;

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

#[cfg(windows)]
use credential_manager::CredentialManager as Platform;
#[cfg(target_os = "macos")]
use keychain::Keychain as Platform;
#[cfg(target_os = "linux")]
use secret_service::SecretService as Platform;
use subrosa_core::store::{Keystore, Silent};

/// `none` here leaves the platform's keystore alone.
const VARIABLE: &str = "SUBROSA_KEYSTORE";
/// What the entries are filed under, where a keystore has no attributes.
#[cfg(any(target_os = "macos", windows))]
const SERVICE: &str = "Subrosa practice";
/// How long an unlocking or the end of a program waits for a keystore; one that is well answers in some milliseconds.
const PATIENCE: Duration = Duration::from_millis(500);

/// The keystore of this platform, if it has one that may be used.
pub(super) fn of_this_platform() -> Option<Box<dyn Keystore>> {
    if cfg!(test) || std::env::var_os(VARIABLE).is_some_and(|value| value == "none") {
        return None;
    }
    own()
}

#[cfg(any(target_os = "linux", target_os = "macos", windows))]
fn own() -> Option<Box<dyn Keystore>> {
    Some(Box::new(Aside::new(Platform, PATIENCE).ok()?))
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn own() -> Option<Box<dyn Keystore>> {
    None
}

/// A keystore that may take as long as it likes.
trait Slow: Send {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent>;
    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Silent>;
}

/// A keystore on a thread of its own, in the order in which it is asked.
struct Aside {
    asks: Option<Sender<Ask>>,
    /// Ends with the thread.
    ended: Receiver<()>,
    /// Whether there may be something on its way to the keystore.
    gave: Cell<bool>,
    patience: Duration,
}

enum Ask {
    Read(String, SyncSender<Result<Option<Vec<u8>>, Silent>>),
    Keep(String, Vec<u8>),
}

impl Aside {
    fn new(keystore: impl Slow + 'static, patience: Duration) -> std::io::Result<Self> {
        let (asks, inbox) = channel();
        let (running, ended) = channel();
        let serve = move || {
            let _running: Sender<()> = running;
            serve(&keystore, &inbox);
        };
        std::thread::Builder::new().name("keystore".to_owned()).spawn(serve)?;
        Ok(Self { asks: Some(asks), ended, gave: Cell::new(false), patience })
    }

    fn ask(&self, ask: Ask) {
        if let Some(asks) = &self.asks {
            // A thread that is gone answers nothing, and so says what there is to say.
            let _ = asks.send(ask);
        }
    }
}

fn serve(keystore: &impl Slow, inbox: &Receiver<Ask>) {
    for ask in inbox {
        match ask {
            Ask::Read(name, answer) => {
                // Who asked may not be waiting any more.
                let _ = answer.send(keystore.read(&name));
            }
            Ask::Keep(name, bytes) => {
                // An older anchor then stays there, which accuses nobody.
                let _ = keystore.keep(&name, &bytes);
            }
        }
    }
}

impl Keystore for Aside {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
        let (answer, answered) = sync_channel(1);
        self.ask(Ask::Read(name.to_owned(), answer));
        answered.recv_timeout(self.patience).unwrap_or(Err(Silent))
    }

    fn keep(&self, name: &str, bytes: Vec<u8>) {
        self.gave.set(true);
        self.ask(Ask::Keep(name.to_owned(), bytes));
    }
}

impl Drop for Aside {
    /// What was given last gets there before the program ends, unless the keystore hangs.
    fn drop(&mut self) {
        drop(self.asks.take());
        if self.gave.get() {
            let _ = self.ended.recv_timeout(self.patience);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A keystore in memory, which answers when it is let.
    struct Drawer {
        kept: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
        let_go: Option<Receiver<()>>,
    }

    impl Slow for Drawer {
        fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
            if let Some(let_go) = &self.let_go {
                // Whoever lets go may also be gone.
                let _ = let_go.recv();
            }
            Ok(self.kept.lock().unwrap().get(name).cloned())
        }

        fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Silent> {
            self.kept.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
            Ok(())
        }
    }

    #[test]
    fn what_is_kept_is_read_again_and_is_there_when_the_program_ends() {
        let kept = Arc::new(Mutex::new(BTreeMap::new()));
        let aside = Aside::new(Drawer { kept: Arc::clone(&kept), let_go: None }, LONG).unwrap();
        assert_eq!(aside.read("a"), Ok(None));
        aside.keep("a", vec![1]);
        assert_eq!(aside.read("a"), Ok(Some(vec![1])));
        (0..100).for_each(|number| aside.keep("a", vec![number]));
        drop(aside);
        assert_eq!(kept.lock().unwrap().get("a"), Some(&vec![99]));
    }

    #[test]
    fn a_keystore_that_hangs_keeps_nobody_waiting_and_says_nothing_late() {
        let kept = Arc::new(Mutex::new(BTreeMap::new()));
        let (release, let_go) = channel();
        let hangs = Drawer { kept: Arc::clone(&kept), let_go: Some(let_go) };
        let aside = Aside::new(hangs, Duration::ZERO).unwrap();
        assert_eq!(aside.read("a"), Err(Silent));
        aside.keep("a", vec![1]);
        assert_eq!(aside.read("a"), Err(Silent));
        // The first answer, to a question that nobody waits for, is no answer to the next one.
        release.send(()).unwrap();
        assert_eq!(aside.read("b"), Err(Silent));
        drop(aside);
        drop(release);
    }

    #[test]
    fn nobody_waits_for_a_keystore_that_hangs_and_was_given_nothing() {
        let (release, let_go) = channel::<()>();
        let aside = Aside::new(Drawer { kept: Arc::default(), let_go: Some(let_go) }, Duration::MAX).unwrap();
        let (answer, _) = sync_channel(1);
        aside.ask(Ask::Read("a".to_owned(), answer));
        let (tell, gone) = channel();
        std::thread::spawn(move || {
            drop(aside);
            tell.send(())
        });
        gone.recv_timeout(LONG).unwrap();
        drop(release);
    }

    #[test]
    fn a_keystore_whose_thread_is_gone_says_nothing() {
        struct Breaks;
        impl Slow for Breaks {
            fn read(&self, _: &str) -> Result<Option<Vec<u8>>, Silent> {
                panic!("it breaks")
            }

            fn keep(&self, _: &str, _: &[u8]) -> Result<(), Silent> {
                Ok(())
            }
        }
        let aside = Aside::new(Breaks, LONG).unwrap();
        assert_eq!(aside.read("a"), Err(Silent));
        aside.keep("a", vec![1]);
        assert_eq!(aside.read("a"), Err(Silent));
    }

    #[test]
    fn no_test_reaches_the_keystore_of_whoever_runs_it() {
        assert!(of_this_platform().is_none());
    }
}
