//! Process notes and the second box that closes by itself.

use super::{NOW, identity, note, passphrase, practice};
use crate::vault::{AGAIN_FOR, VaultError};

#[test]
fn a_private_note_that_is_being_written_is_saved_however_long_that_takes_and_closes_after_a_pause() {
    let mut vault = practice();
    let client = vault.add_client(&identity("Aino"), NOW).unwrap();
    vault.ask_again(&passphrase("office"), NOW).unwrap();
    let id = vault.add_note(&client, &note("apart"), true, NOW).unwrap();
    let mut now = NOW;
    for number in 0..4 {
        now += AGAIN_FOR - 1;
        vault.close_again(now);
        assert!(vault.save_note(&id, &note(&format!("apart {number}")), now).unwrap());
    }
    assert_eq!(vault.note(&id).unwrap().content.text, "apart 3");
    now += AGAIN_FOR;
    assert_eq!(vault.save_note(&id, &note("too late"), now), Err(VaultError::AskAgain));
    assert_eq!(vault.note(&id).unwrap_err(), VaultError::AskAgain);
    vault.ask_again(&passphrase("office"), now).unwrap();
    assert_eq!(vault.note(&id).unwrap().content.text, "apart 3");
}
