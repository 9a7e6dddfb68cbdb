//! Subjects of the vault have no handle on each other: the doors of all stand in one file below `vault::subject`, and each subject's own files are the
//! only ones of a subject that name its two.

use super::names::{Names, Target};
use super::paths::paths;
use super::sources::{Package, package};

/// Each subject's room below `vault::subject`, with its doors in `vault/subject/doors.rs`.
const SUBJECTS: &[(&str, [&str; 2])] = &[
    ("clients", ["Clients", "ClientsMut"]),
    ("devices", ["Devices", "DevicesMut"]),
    ("exchange", ["Exchange", "ExchangeMut"]),
    ("files", ["Files", "FilesMut"]),
    ("log", ["Log", "LogMut"]),
    ("notes", ["Notes", "NotesMut"]),
    ("trash", ["Trash", "TrashMut"]),
];

/// Every subject that names doors which are not its own, in words.
fn strange_doors(package: &Package) -> Vec<String> {
    let names = Names::of(package);
    let mut found = Vec::new();
    for source in &package.sources {
        let [vault, above, room, ..] = source.module.as_slice() else { continue };
        let is_here = |subject: &str| vault == "vault" && above == "subject" && room == subject;
        let Some((_, own)) = SUBJECTS.iter().find(|(subject, _)| is_here(subject)) else { continue };
        for named in paths(source) {
            let Some(Target::Inside { module, name }) = names.resolve(&named.module, &named.path) else { continue };
            let is_own = name.is_some_and(|name| own.contains(&name.as_str()));
            let is_door = module == ["vault", "subject"] || module == ["vault", "subject", "doors"];
            if is_door && !is_own {
                found.push(format!("{} names {}", source.path, named.path.join("::")));
            }
        }
    }
    found
}

#[test]
fn no_subject_of_the_vault_has_a_handle_on_another() {
    assert_eq!(strange_doors(&package("subrosa_core")), [""; 0]);
}

#[test]
fn each_handle_on_another_subject_is_seen() {
    let found = |notes: &str| {
        let files = [
            ("vault.rs", "mod subject; pub use subject::*; pub struct Vault;"),
            ("vault/subject.rs", "mod doors; mod notes; pub use doors::*;"),
            ("vault/subject/doors.rs", "subjects! { Notes, NotesMut; Trash, TrashMut; } pub fn all() {}"),
            ("vault/backup.rs", "use crate::vault::subject::{NotesMut, TrashMut};"),
            ("vault/subject/notes.rs", "pub mod drafts; use crate::vault::subject::{Notes, NotesMut};"),
            ("vault/subject/notes/drafts.rs", notes),
        ];
        strange_doors(&Package::planted("planted", &files)).len()
    };
    assert_eq!(found("use crate::vault::NotesMut; impl crate::vault::subject::Notes<'_> {}"), 0);
    for breach in [
        "use crate::vault::subject::{NotesMut, TrashMut};",
        "use crate::vault::Trash as Other;",
        "fn of(core: &mut Core) { crate::vault::subject::TrashMut { core }.empty() }",
        "use crate::vault::subject; ",
        "use crate::vault::subject::doors::TrashMut;",
        "use crate::vault::subject::doors::*;",
        "use crate::vault::subject::*;",
        "use super::super::Trash;",
        "use super::super::doors::Trash;",
    ] {
        assert_eq!(found(breach), 1, "{breach}");
    }
}
