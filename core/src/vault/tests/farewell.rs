//! What a removed device is told, however long that is: in parts, each of which it keeps.

use super::{NOW, passphrase, practice, second};
use crate::vault::Vault;

/// A practice with a long past, and three devices that were removed from it and do not know.
fn removed() -> (Vault, Vec<Vault>) {
    let mut office = practice();
    let gone: Vec<Vault> = ["One", "Two", "Three"].map(|name| second(&mut office, name)).into();
    let past: Vec<_> = (0..4).map(|number| second(&mut office, &format!("Past {number}")).device()).collect();
    for device in past.into_iter().chain(gone.iter().map(Vault::device)) {
        office.devices_mut().remove_device(&device, &passphrase("office"), NOW + 1).unwrap();
        office.end_reauth();
    }
    (office, gone)
}

#[test]
fn a_farewell_at_the_limit_is_one_part_and_beyond_it_several_and_each_is_believed_at_its_end() {
    let (office, gone) = removed();
    for (at, mut device) in gone.into_iter().enumerate() {
        let whole = office.devices().farewell(&device.device(), usize::MAX);
        let [whole] = whole.as_slice() else { panic!("{} parts", whole.len()) };
        let (most, least) = [(whole.len(), 1), (whole.len() - 1, 2), (whole.len() / 3, 3)][at];
        let parts = office.devices().farewell(&device.device(), most);
        assert!(parts.len() == least || at == 2 && parts.len() > least, "{} parts", parts.len());
        assert!(parts.iter().all(|part| part.len() <= most));
        let told: Vec<bool> = parts.iter().map(|part| device.devices_mut().take_farewell(part).unwrap()).collect();
        assert!(told.ends_with(&[true]) && told.iter().filter(|told| **told).count() == 1, "{told:?}");
        assert!(device.devices().is_removed());
    }
}

#[test]
fn a_device_that_belongs_to_the_practice_has_no_farewell_and_believes_nobodys() {
    let (office, gone) = removed();
    assert_eq!(office.devices().farewell(&office.device(), usize::MAX), Vec::<Vec<u8>>::new());
    let mut other = practice();
    for part in office.devices().farewell(&gone[0].device(), usize::MAX) {
        assert_eq!(other.devices_mut().take_farewell(&part), Ok(false));
    }
}
