//! Which files are on other devices, as far as is known here: none before it was said, and none that is not whole there.

use super::{attach, carry_pieces, content, scan, stored_pieces, with_client};
use crate::blob::PIECE;
use crate::rows::Row;
use crate::store::{Batch, Table};
use crate::vault::core::Transaction;
use crate::vault::read::all_blobs_of;
use crate::vault::registry::{BlobsAt, LackedThereAt, WantedBlobsAt};
use crate::vault::tests::{NOW, hears, holds_all, lacking, meet, note, passphrase, second};
use crate::vault::{NewFile, Reached, Vault};

/// Changes and files that the other device is behind, and files that have not come here.
fn behind(office: &Vault) -> (u64, usize, usize) {
    let rows = office.devices().all().unwrap();
    let of = |here: bool| rows.iter().filter(move |row| row.here == here);
    (
        of(false).map(|row| lacking(&row.lacks)).sum(),
        of(false).map(|row| row.lacks.file_count()).sum(),
        of(true).map(|row| row.lacks.file_count()).sum(),
    )
}

#[test]
fn a_file_counts_as_elsewhere_once_all_of_it_is_said_to_be_there() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
    let file = attach(&mut office, &scan(client), &content(3 * PIECE)).unwrap();
    assert_eq!(behind(&office).1, 1);
    meet(&mut office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!((behind(&office), behind(&home).2), ((0, 1, 0), 1), "its text is there, and no piece");
    let wants = home.files().wanted_pieces(1, &|_| false).unwrap();
    let first = office.files().piece(&wants[0].hash).unwrap().unwrap();
    home.files_mut().offer_pieces(vec![(wants[0], first)]).unwrap();
    hears(&mut office, &home, 9);
    assert!(matches!(home.files().file(&file).unwrap().reached, Reached::Partly(..)));
    assert_eq!(behind(&office), (0, 1, 0));
    carry_pieces(&office, &mut home);
    assert_eq!((behind(&office), behind(&home).2), ((0, 1, 0), 0), "it has not said so yet");
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
}

#[test]
fn who_has_said_nothing_of_files_is_counted_as_holding_none_and_who_lacks_too_many_to_name_as_holding_none_of_their_device()
 {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    for _ in 0..3 {
        attach(&mut office, &scan(client), &content(9)).unwrap();
    }
    meet(&mut office, &mut home);
    holds_all(&mut office, &home);
    assert_eq!(behind(&office), (0, 3, 0), "nothing was said of files");
    // One comes.
    let wants = home.files().wanted_pieces(1, &|_| false).unwrap();
    let piece = office.files().piece(&wants[0].hash).unwrap().unwrap();
    home.files_mut().offer_pieces(vec![(wants[0], piece)]).unwrap();
    let reached = home.files().of_client(&client).unwrap();
    assert_eq!(reached.iter().filter(|row| row.reached == Reached::Here).count(), 1);
    assert_eq!(home.files().lacked(2).unwrap().map(|lacked| lacked.len()), Some(2));
    assert_eq!(home.files().lacked(1).unwrap(), Some(vec![all_blobs_of(&office.device())]));
    assert_eq!(home.files().lacked(0).unwrap(), None);
    hears(&mut office, &home, 2);
    assert_eq!(behind(&office), (0, 2, 0));
    hears(&mut office, &home, 1);
    assert_eq!(behind(&office), (0, 3, 0));
}

#[test]
fn one_device_with_many_files_that_never_come_whole_hides_nothing_of_anothers() {
    let (mut office, client) = with_client();
    let (mut home, mut laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    meet(&mut office, &mut home);
    meet(&mut office, &mut laptop);
    attach(&mut office, &scan(client), &content(9)).unwrap();
    attach(&mut office, &scan(client), &content(7)).unwrap();
    meet(&mut office, &mut home);
    carry_pieces(&office, &mut home);
    for size in 20..40 {
        attach(&mut laptop, &scan(client), &content(size)).unwrap();
    }
    meet(&mut laptop, &mut home);
    meet(&mut laptop, &mut office);
    hears(&mut office, &home, 5);
    let of_home = |office: &Vault| {
        let rows = office.devices().all().unwrap();
        rows.into_iter().find(|row| row.id == home.device()).map(|row| row.lacks.file_count())
    };
    assert_eq!(of_home(&office), Some(0), "what is not whole here either is nothing that one waits for");
    assert_eq!(home.files().lacked(5).unwrap(), Some(vec![all_blobs_of(&laptop.device())]));
    carry_pieces(&laptop, &mut office);
    assert_eq!(of_home(&office), Some(20));
}

#[test]
fn a_file_that_is_damaged_there_is_said_to_be_lacking_and_one_that_went_with_the_trash_is_not() {
    let (mut office, client) = with_client();
    let file = attach(&mut office, &scan(client), &content(2 * PIECE)).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    carry_pieces(&office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
    let (key, _) = stored_pieces(&mut home)[0].clone();
    super::put_row(&mut home, key, b"rot");
    assert_eq!(home.files_mut().repair_pieces(), Ok(1));
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 1, 0));
    // Nobody waits for what was let go, and nobody misses what is not whole here.
    home.files_mut().forget_pieces(&file).unwrap();
    hears(&mut office, &home, 9);
    assert_eq!((behind(&office), behind(&home).2), ((0, 0, 0), 0));
    hears(&mut home, &office, 9);
    assert_eq!(behind(&home), (0, 0, 0));
}

#[test]
fn rows_that_cannot_be_read_make_no_file_seem_to_be_elsewhere_and_keep_no_list_back() {
    let (mut office, client) = with_client();
    attach(&mut office, &scan(client), &content(9)).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    carry_pieces(&office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
    let damaged = |vault: &mut Vault, table, name: &[u8]| {
        let mut tx = Transaction::quiet();
        tx.changes.put(table, name, b"damaged".to_vec());
        vault.core.write(tx).unwrap();
    };
    damaged(&mut office, Table::Misc, &LackedThereAt(home.device()).name());
    assert_eq!(behind(&office), (0, 1, 0));
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
    damaged(&mut office, Table::Index, &BlobsAt().name());
    assert_eq!(behind(&office), (0, 1, 0));
    damaged(&mut home, Table::Index, &WantedBlobsAt().name());
    assert_eq!((home.files().lacked(9).unwrap(), behind(&home).2), (None, 1));
}

#[test]
fn a_repair_asks_again_for_every_file_that_has_not_come_beside_private_notes_too() {
    let (mut office, client) = with_client();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    attach(&mut office, &scan(client), &content(9)).unwrap();
    attach(&mut office, &NewFile { note: Some(private), ..scan(client) }, &content(2 * PIECE)).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let lacked = home.files().lacked(9).unwrap();
    assert_eq!(lacked.as_ref().map(Vec::len), Some(2));
    let (table, row) = home.core.rows.key_of(&WantedBlobsAt());
    let mut batch = Batch::new();
    batch.put(table, row, b"rot".to_vec());
    home.core.rows.store().commit(batch).unwrap();
    assert_eq!(home.files().lacked(9).unwrap(), None);
    home.integrity_mut().repair(&mut |_, _| {}).unwrap();
    assert_eq!(home.files().lacked(9).unwrap(), lacked);
    assert!(carry_pieces(&office, &mut home) > 2);
    assert_eq!(home.files().lacked(9).unwrap(), Some(Vec::new()));
}

#[test]
fn what_was_typed_and_has_not_left_is_counted_as_nowhere_else() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
    let id = office.notes_mut().add_note(&client, &note("Typed."), false, NOW).unwrap();
    office.notes_mut().save_note(&id, &note("Typed just now."), NOW).unwrap();
    assert!(office.notes().has_pending() && behind(&office).0 > 0);
    meet(&mut office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!(behind(&office), (0, 0, 0));
}
