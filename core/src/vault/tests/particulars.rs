//! A client's particulars: edited field by field, on two devices, with every version.

use super::*;
use crate::vault::MassDelete;
use crate::vault::{ClientError, ReadError};

fn everything() -> Identity {
    Identity {
        name: "Kim Ek".to_owned(),
        code: Some("K-1".to_owned()),
        birth_date: Some(jiff::civil::date(1986, 4, 3)),
        email: "kim@example.org".to_owned(),
        phone: "040".to_owned(),
        language: "sv".to_owned(),
        status: "closed".to_owned(),
        referral: "Sleep".to_owned(),
        other: [("Insurer".to_owned(), "Kela".to_owned())].into(),
    }
}

#[test]
fn every_field_is_changed_and_taken_away_again_and_every_version_says_which() {
    let mut vault = practice();
    let first = Identity { name: "Kim".to_owned(), ..Identity::default() };
    let client = vault.clients_mut().add_client(&first, NOW).unwrap();
    let later = NOW + 3_600_000;
    assert!(vault.clients_mut().edit_client(&client, &first, &everything(), later).unwrap());
    assert!(vault.clients_mut().edit_client(&client, &everything(), &first, later + 3_600_000).unwrap());
    assert!(!vault.clients_mut().edit_client(&client, &first, &first, later + 7_200_000).unwrap());
    let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).map_err(|still| still.error).unwrap();
    assert!(vault.clients().identity(&client).unwrap() == first);
    let versions = vault.clients().particulars_history(&client).unwrap();
    let said: Vec<_> = versions.iter().map(|version| version.identity.clone()).collect();
    assert!(said == [first.clone(), everything(), first.clone()]);
    let names = |at: usize| versions[at].changed.iter().map(|field| field.name.as_str()).collect::<Vec<_>>();
    let every = ["Insurer", "birth_date", "code", "email", "language", "name", "phone", "referral", "status"];
    assert_eq!((names(0), names(1), names(2)), (vec!["name"], every.to_vec(), every.to_vec()));
    assert!(versions.iter().all(|version| version.device == Some(vault.device()) && version.at.is_some()));
    // Without a name there is nobody, and nothing is written.
    let nobody = Identity { name: " ".to_owned(), phone: "050".to_owned(), ..first.clone() };
    assert_eq!(vault.clients_mut().edit_client(&client, &first, &nobody, NOW), Err(ClientError::NoName));
    assert!(vault.clients().identity(&client).unwrap() == first);
    // Who lies in the trash is not brought back by an edit that begins from what was shown before.
    vault.trash_mut().delete(&[client], MassDelete::Refuse, NOW).unwrap();
    assert_eq!(
        vault.clients_mut().edit_client(&client, &first, &everything(), NOW),
        Err(ReadError::NoSuchClient.into())
    );
    assert_eq!(vault.trash().shown(NOW).len(), 1);
}

#[test]
fn what_two_devices_change_of_one_client_at_the_same_time_is_both_kept() {
    let mut desk = practice();
    let mut lap = second(&mut desk, "Lap");
    let client = desk.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    meet(&mut desk, &mut lap);
    let shown = desk.clients().identity(&client).unwrap();
    let called = Identity { phone: "040".to_owned(), ..shown.clone() };
    let renamed = Identity { name: "Kim Ek".to_owned(), language: "sv".to_owned(), ..shown.clone() };
    desk.clients_mut().edit_client(&client, &shown, &called, NOW).unwrap();
    lap.clients_mut().edit_client(&client, &shown, &renamed, NOW).unwrap();
    meet(&mut desk, &mut lap);
    for vault in [&desk, &lap] {
        assert!(vault.clients().identity(&client).unwrap() == Identity { phone: "040".to_owned(), ..renamed.clone() });
        let versions = vault.clients().particulars_history(&client).unwrap();
        let by: Vec<_> = versions.iter().filter_map(|version| version.device).collect();
        assert!(by.contains(&desk.device()) && by.contains(&lap.device()));
    }
    // What was shown before the other's change undoes nothing of it.
    let mailed = Identity { email: "kim@example.org".to_owned(), ..called.clone() };
    desk.clients_mut().edit_client(&client, &called, &mailed, NOW).unwrap();
    assert_eq!(desk.clients().identity(&client).unwrap().name, "Kim Ek");
}
