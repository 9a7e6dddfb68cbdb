//! The same texts in a practice into which they were imported: what unlocking is compared with.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use subrosa_core::vault::{Millis, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::world::{cheap, passphrase};

use crate::clock::Clock;
use crate::disk::store_in;
use crate::words::Vocabulary;
use crate::writing::private_length;

/// What was seen.
pub(crate) struct Import {
    pub(crate) seconds: f64,
    pub(crate) bytes: u64,
}

/// Writes the texts of an open practice as a folder, and imports that into a fresh practice at `file`, which is closed again. For each
/// second note stands a text like that of its private note.
pub(crate) fn import_texts(
    (from, words): (&Vault, &Vocabulary),
    (folder, file): (&Path, &Path),
    dice: &mut Dice,
    now: Millis,
) -> Import {
    write_folder(from, words, folder, dice);
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

fn write_folder(vault: &Vault, words: &Vocabulary, folder: &Path, dice: &mut Dice) {
    let mut table = "id,name,status\n".to_owned();
    for client in vault.clients().all() {
        let code = client.code.clone().expect("each has a code");
        writeln!(table, "{code},{},{}", client.name, client.status).expect("a text takes it");
        let lies = folder.join("notes").join(&code);
        fs::create_dir_all(&lies).expect("the folder is made");
        for (number, row) in vault.notes().timeline(&client.id).expect("they are listed").into_iter().enumerate() {
            let text = vault.notes().note(&row.id).expect("it is read").content.text;
            let private = (number % 2 == 1).then(|| words.text(private_length(dice), dice));
            for (of, text) in [("record", Some(text)), ("private", private)] {
                let Some(text) = text else { continue };
                let above = format!("client: {code}\ndate: {}\nformat: Free\nsession: {number}", row.date);
                let page = lies.join(format!("{number:05}-{of}.md"));
                fs::write(page, format!("---\n{above}\n---\n\n{text}\n")).expect("it is written");
            }
        }
    }
    fs::write(folder.join("clients.csv"), table).expect("it is written");
}
