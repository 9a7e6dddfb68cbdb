//! The same texts in a practice into which they were imported: what unlocking is compared with.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use subrosa_core::vault::{Millis, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::world::{cheap, passphrase};

use crate::clock::Clock;
use crate::disk::store_in;

/// What was seen.
pub(crate) struct Import {
    pub(crate) seconds: f64,
    pub(crate) bytes: u64,
}

/// Writes every text of an open practice as a folder, and imports that into a fresh practice at `file`, which is closed again.
/// The private notes must be open.
pub(crate) fn import_texts(from: &mut Vault, folder: &Path, file: &Path, dice: &mut Dice, now: Millis) -> Import {
    write_folder(from, folder);
    let passphrase = passphrase();
    let new = cheap("imported", &passphrase, now);
    let created = Vault::create(Box::new(store_in(file)), &new, Box::new(dice.other()));
    let mut vault = created.expect("a practice begins").vault;
    let began = Clock::start();
    vault.exchange_mut().import(folder, false, now, &mut |_| {}, &|| false).expect("the folder is imported");
    let seconds = began.read().as_secs_f64();
    drop(vault.lock().expect("it locks"));
    fs::remove_dir_all(folder).expect("the folder goes");
    Import { seconds, bytes: fs::metadata(file).expect("the file is there").len() }
}

fn write_folder(vault: &Vault, folder: &Path) {
    let mut table = "id,name,status\n".to_owned();
    let clients: Vec<_> = vault.clients().all().cloned().collect();
    for client in clients {
        let code = client.code.clone().expect("each has a code");
        writeln!(table, "{code},{},{}", client.name, client.status).expect("a text takes it");
        let lies = folder.join("notes").join(&code);
        fs::create_dir_all(&lies).expect("the folder is made");
        let notes = vault.notes().timeline(&client.id).expect("they are listed");
        let private = vault.notes().private_timeline(&client.id).expect("they are listed");
        for (number, row) in notes.into_iter().chain(private).enumerate() {
            let content = vault.notes().note(&row.id).expect("it is read").content;
            let (date, text) = (content.date, content.text);
            let page = format!("---\nclient: {code}\ndate: {date}\nformat: Free\nsession: {number}\n---\n\n{text}\n");
            fs::write(lies.join(format!("{number:05}.md")), page).expect("it is written");
        }
    }
    fs::write(folder.join("clients.csv"), table).expect("it is written");
}
