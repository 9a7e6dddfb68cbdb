//! What is named in few places: other devices under the bridge alone, the vault where jobs are done and nowhere that draws or
//! decides, and the window nowhere in the command line.

use super::names::{Names, Target};
use super::paths::paths;
use super::sources::{Package, package};

/// What is named, and who must not name it: each a path, what is named from the crate on.
struct Border {
    is_behind: fn(&[&str]) -> bool,
    is_closed_to: fn(&[&str]) -> bool,
}

const BORDERS: &[Border] = &[
    Border {
        is_behind: |named| matches!(named, ["subrosa_sync", ..]),
        is_closed_to: |file| file.first() != Some(&"bridge"),
    },
    Border {
        is_behind: |named| matches!(named, ["subrosa_core", "vault", ..]),
        is_closed_to: |file| match file {
            ["values" | "messages" | "model" | "view_model" | "update" | "ui", ..] => true,
            ["features", _, room, ..] => {
                matches!(*room, "values" | "messages" | "state" | "update" | "screen" | "words")
            }
            _ => false,
        },
    },
    Border {
        is_behind: |named| match named {
            ["crate", "messages" | "model" | "view_model" | "update" | "jobs" | "ui", ..] => true,
            ["crate", "features", _, room, ..] => matches!(*room, "messages" | "state" | "update" | "job" | "screen"),
            _ => false,
        },
        is_closed_to: |file| file.first() == Some(&"cli"),
    },
];

/// Every file that names what it must not, in words.
fn crossed(package: &Package) -> Vec<String> {
    let names = Names::of(package);
    let mut found = Vec::new();
    for source in &package.sources {
        let module: Vec<&str> = source.module.iter().map(String::as_str).collect();
        for named in paths(source) {
            let named = match names.resolve(&named.module, &named.path) {
                Some(Target::Outside(path)) => path,
                Some(Target::Inside { module, name }) => {
                    ["crate".to_owned()].into_iter().chain(module).chain(name).collect()
                }
                None => continue,
            };
            let path: Vec<&str> = named.iter().map(String::as_str).collect();
            if BORDERS.iter().any(|border| (border.is_behind)(&path) && (border.is_closed_to)(&module)) {
                found.push(format!("{} names {}", source.path, path.join("::")));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_bridge_alone_names_other_devices_and_nobody_who_draws_or_decides_the_vault() {
    assert_eq!(crossed(&package("subrosa")), [""; 0]);
}

#[test]
fn each_crossed_border_is_seen() {
    let crossed = |path: &str, text: &str| {
        let bridge =
            ("bridge.rs", "pub use subrosa_sync::hub; pub use subrosa_core::vault::Only; use subrosa_core::vault;");
        let jobs = ("jobs.rs", "pub struct Setting;");
        let screen = ("features/kit/screen.rs", "pub struct Row;");
        crossed(&Package::planted("subrosa", &[bridge, jobs, screen, (path, text)]))
    };
    assert_eq!(
        crossed("jobs/worker.rs", "use subrosa_core::{id::DocId, vault::{self, Vault}}; use subrosa_core as core;"),
        [""; 0]
    );
    assert_eq!(crossed("features/trash/job.rs", "fn of(_: &subrosa_core::vault::Vault) {}"), [""; 0]);
    assert_eq!(crossed("ui/window.rs", "use subrosa_core::id::DocId;"), [""; 0]);
    let seen = |path: &str, text: &str, named: &str| assert_eq!(crossed(path, text), [format!("{path} names {named}")]);
    seen("jobs/worker.rs", "use subrosa_sync::net::Event;", "subrosa_sync::net::Event");
    seen("practice.rs", "fn of() { let _ = vec![subrosa_sync::id::peer()]; }", "subrosa_sync::id::peer");
    seen("cli.rs", "use crate::bridge::hub::Hub;", "subrosa_sync::hub::Hub");
    for path in [
        "values/page.rs",
        "view_model.rs",
        "update.rs",
        "ui/app.rs",
        "features/trash/screen.rs",
        "features/trash/update/all.rs",
    ] {
        seen(path, "use subrosa_core::vault::TrashRow;", "subrosa_core::vault::TrashRow");
        seen(path, "use subrosa_core as core; fn of(_: core::vault::TrashRow) {}", "subrosa_core::vault::TrashRow");
        seen(path, "use crate::bridge::Only;", "subrosa_core::vault::Only");
        seen(path, "use subrosa_core::vault::*;", "subrosa_core::vault");
    }
    for path in ["cli.rs", "cli/notes/write.rs"] {
        seen(path, "use crate::jobs::Setting;", "crate::jobs::Setting");
        seen(path, "fn of(_: crate::features::kit::screen::Row) {}", "crate::features::kit::screen::Row");
        assert_eq!(crossed(path, "use crate::{features::kit::values::KitForm, words};"), [""; 0]);
    }
}
