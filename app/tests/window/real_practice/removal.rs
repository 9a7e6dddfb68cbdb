//! A device is removed in the window of another, goes on writing, and what it wrote is kept; and its own window.

use std::path::Path;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::practice::Profile;
use subrosa::{practice, words};
use subrosa_core::entropy::Os;
use subrosa_core::record::Identity;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{JoiningDevice, NewVault, Vault};

use super::{Desk, PASSPHRASE};

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned())
}

pub(super) fn opened(file: &Path) -> Vault {
    practice::unlock(file, &passphrase(), Profile::Tests).expect("it opens")
}

/// Another device of the practice in `file`, let in beside it.
pub(super) fn let_in(file: &Path, tablet: &Path) {
    let mut office = opened(file);
    office.reauthenticate(&passphrase(), practice::now()).expect("the passphrase");
    let strength = Profile::Tests.strength();
    let new = NewVault {
        path: Some(tablet.to_owned()),
        passphrase: &passphrase(),
        strength,
        policy: Profile::Tests.policy(),
        device_name: "Tablet",
        now: practice::now(),
    };
    let joining = JoiningDevice::new(&new, &mut Os);
    let welcome = office.devices_mut().admit(&joining.introduction(), usize::MAX, practice::now()).expect("admitted");
    let store = RedbStore::create(tablet).expect("a file");
    let joined = joining.join(&welcome, Box::new(store), &new, Box::new(Os)).expect("joined");
    joined.lock().expect("locked");
    office.lock().expect("locked");
}

/// What the one has, the other gets.
fn carry(from: &Vault, to: &mut Vault) {
    for end in from.log().log_ends().expect("logs") {
        let run = from.log().headers(&end.log, 0, &end.head, usize::MAX).expect("headers");
        to.log_mut().offer_headers(&end.log, &run).expect("offered");
        let names = from.log().branch_names(&end.log, 0, &end.head).expect("names");
        let body = |name| from.log().envelope_body(&name).expect("a body").map(|body| (name, body));
        let bodies: Vec<_> = names.into_iter().filter_map(body).collect();
        to.log_mut().offer_bodies(&bodies, practice::now()).expect("offered");
    }
}

#[test]
fn a_device_removed_in_the_window_is_out_and_what_it_wrote_since_comes_in_when_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("practice.subrosa"), folder.path().join("tablet.subrosa"));
    let mut desk = Desk::sit_down(file.clone());
    desk.begin_practice(&folder.path().join("kit.txt"));
    drop(desk);
    let_in(&file, &other);

    let mut desk = Desk::sit_down(file.clone());
    desk.unlock();
    desk.until(words::NO_CLIENTS);
    desk.press(Modifiers::COMMAND, Key::Num2);
    let button = words::remove_named("Tablet");
    desk.click(&button);
    desk.secret(words::PASSPHRASE, "not this one");
    desk.click(words::REMOVE_NOW);
    desk.until("That is not the passphrase");
    desk.secret(words::PASSPHRASE, PASSPHRASE);
    desk.click(words::REMOVE_NOW);
    desk.until(&words::device_removed("Tablet"));
    assert!(desk.window.query_by_label(&button).is_none());
    drop(desk);

    // The tablet has not heard of it, and goes on; somebody carries what it wrote.
    let (mut office, mut tablet) = (opened(&file), opened(&other));
    let gone = tablet.device();
    assert!(office.devices().was_removed(&gone) && office.reauth_until().is_none());
    let aino = Identity { name: "Aino Mäkinen".to_owned(), ..Identity::default() };
    tablet.clients_mut().add_client(&aino, practice::now()).unwrap();
    tablet.notes_mut().flush().unwrap();
    carry(&tablet, &mut office);
    assert!(office.clients().all().next().is_none(), "it lies apart");
    let farewell = office.devices().farewell(&gone, 1 << 20).remove(0);
    assert!(tablet.devices_mut().take_farewell(&farewell).unwrap());
    office.lock().unwrap();
    tablet.lock().unwrap();

    let mut desk = Desk::sit_down(file);
    desk.unlock();
    desk.until(words::NO_CLIENTS);
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.until("arrived after it was removed");
    desk.click(&words::keep_named("Tablet"));
    desk.until(words::QUARANTINE_KEPT);
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.until("Aino Mäkinen");
    drop(desk);

    let mut desk = Desk::sit_down(other);
    desk.unlock();
    desk.until(words::REMOVED_HERE_STATUS);
    desk.until("Aino Mäkinen");
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.until(words::REMOVED_HERE_SAFE);
    assert!(desk.window.query_by_label(words::INVITE).is_none());
}
