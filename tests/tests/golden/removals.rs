//! A practice whose devices removed others without knowing of each other, and then each other.

use std::path::Path;

use subrosa_core::entropy::Os;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{JoiningDevice, NewVault, Vault};
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::cheap;

use super::made::{carry, expect, meet, new, page};
use super::{described, memory, passphrase};

/// Lets a device in that has these settings and this store.
fn admit(by: &mut Vault, store: Box<RedbStore>, new: &NewVault<'_>) -> Vault {
    let joining = JoiningDevice::new(new, &mut Os);
    by.reauthenticate(&passphrase(), MORNING).unwrap();
    let welcome = by.devices_mut().admit(&joining.introduction(), usize::MAX, MORNING).unwrap();
    by.end_reauth();
    joining.join(&welcome, store, new, Box::new(Os)).unwrap()
}

/// Two devices are removed beside each other; then the first and the one that was let in after it remove each other, and the
/// first stays. What is kept is the practice of one that stands by, and hears of some of it in another order than it happened.
pub(super) fn beside_each_other(folder: &Path) {
    let pass = passphrase();
    let created = Vault::create(memory(), &cheap("Shed", &pass, MORNING), Box::new(Os)).unwrap();
    std::fs::write(folder.join("lamp.kit.txt"), page(&created)).unwrap();
    let mut shed = created.vault;
    let kim = shed.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    let [mut barn, mut hay, mut straw] =
        ["Barn", "Hay", "Straw"].map(|name| admit(&mut shed, memory(), &cheap(name, &pass, MORNING)));
    let by_file = folder.join("lamp.vault");
    let mut lamp = admit(&mut shed, Box::new(RedbStore::create(&by_file).unwrap()), &new(&by_file, &pass, "Lamp"));
    meet(&mut [&mut shed, &mut barn, &mut hay, &mut straw, &mut lamp]);
    let write = |vault: &mut Vault, text: &str| {
        let note = vault.notes_mut().add_note(&kim, &written(text), false, MORNING).unwrap();
        vault.notes_mut().flush().unwrap();
        note
    };
    // The barn alone has this one when it hears that the hay is gone, and says so in its cut.
    write(&mut hay, "Hay, before it was removed.");
    carry(&hay, &mut barn);
    shed.devices_mut().remove_device(&hay.device(), &pass, MORNING + 1_000).unwrap();
    barn.devices_mut().remove_device(&straw.device(), &pass, MORNING + 1_000).unwrap();
    let late = write(&mut straw, "Straw, after it was removed.");
    straw.notes_mut().sign(&late, MORNING + 1_500).unwrap();
    meet(&mut [&mut shed, &mut barn, &mut lamp]);
    // One who is out has a key of those in force: who gives the passphrase next makes new ones.
    shed.reauthenticate(&pass, MORNING + 2_000).unwrap();
    meet(&mut [&mut shed, &mut barn, &mut lamp]);
    carry(&straw, &mut shed);
    shed.devices_mut().keep_quarantined(&straw.device(), MORNING + 3_000).unwrap();
    for other in [&mut barn, &mut lamp] {
        carry(&shed, other);
        other.reauthenticate(&pass, MORNING + 3_500).unwrap();
    }
    // Each the other, and the one that stands by hears the younger first and writes by what it says.
    shed.devices_mut().remove_device(&barn.device(), &pass, MORNING + 4_000).unwrap();
    barn.devices_mut().remove_device(&shed.device(), &pass, MORNING + 4_000).unwrap();
    write(&mut barn, "Barn, after it was removed.");
    carry(&barn, &mut lamp);
    write(&mut lamp, "Lamp, when it took the shed to be out.");
    meet(&mut [&mut shed, &mut lamp]);
    for vault in [&mut shed, &mut lamp] {
        vault.reauthenticate(&pass, MORNING + 5_000).unwrap();
    }
    write(&mut shed, "Shed, in the end.");
    meet(&mut [&mut shed, &mut lamp]);
    let (by_the_first, read) = (described(&mut shed), described(&mut lamp));
    assert!(by_the_first["clients"] == read["clients"] && by_the_first["removed"] == read["removed"]);
    expect(folder, "lamp", &read);
}
