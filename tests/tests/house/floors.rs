//! Floors: a room names what stands on lower floors, never what stands higher, and its neighbours only where a floor is shared.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::circles::{Graph, circles, within};
use super::names::{Names, Target};
use super::paths::paths;
use super::sources::{ModulePath, Package, package};
use super::tables::{APP, CORE, FOLDER, Floor, KEYS, SYNC};

/// A line of a table.
struct Line {
    segments: Vec<&'static str>,
    floor: usize,
    is_shared: bool,
    /// Rooms below it have lines of their own: this one is for its own file.
    is_alone: bool,
}

/// Where a module stands.
struct Room {
    name: String,
    floor: usize,
    is_shared: bool,
}

fn lines(floors: &[Floor]) -> Vec<Line> {
    let names = || floors.iter().flat_map(|floor| floor.rooms);
    let is_alone =
        |name: &str| names().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with("::")));
    let lines = |(number, floor): (usize, &Floor)| -> Vec<Line> {
        let line = |name: &&'static str| Line {
            segments: name.split("::").collect(),
            floor: number,
            is_shared: floor.is_shared,
            is_alone: is_alone(name),
        };
        floor.rooms.iter().map(line).collect()
    };
    floors.iter().enumerate().flat_map(lines).collect()
}

impl Line {
    fn holds(&self, module: &[&str]) -> bool {
        let is_long =
            if self.is_alone { module.len() == self.segments.len() } else { module.len() >= self.segments.len() };
        is_long && self.segments.iter().zip(module).all(|(segment, here)| *segment == "*" || segment == here)
    }
}

/// A module's segments; the root of the crate is `lib`.
fn segments(module: &[String]) -> Vec<&str> {
    if module.is_empty() { vec!["lib"] } else { module.iter().map(String::as_str).collect() }
}

/// The room of a module: of the lines that hold it, the longest, and of two as long the one without a star.
fn room(lines: &[Line], module: &[String]) -> Option<Room> {
    let module = segments(module);
    let exact = |line: &&Line| (line.segments.len(), line.segments.iter().filter(|segment| **segment != "*").count());
    let line = lines.iter().filter(|line| line.holds(&module)).max_by_key(exact)?;
    Some(Room { name: module[..line.segments.len()].join("::"), floor: line.floor, is_shared: line.is_shared })
}

/// Every breach of a crate's floors, in words.
fn breaches(package: &Package, floors: &[Floor]) -> Vec<String> {
    let (names, lines) = (Names::of(package), lines(floors));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut others, mut shared) = (Vec::new(), Graph::new());
    for source in &package.sources {
        let Some(from) = room(&lines, &source.module) else {
            others.push(format!("{} stands on no floor", source.path));
            continue;
        };
        for (path, module) in named(&names, &paths(source)) {
            let Some(to) = room(&lines, &module).filter(|to| to.name != from.name) else { continue };
            let why = match (to.floor.cmp(&from.floor), from.is_shared) {
                (Ordering::Less, _) => continue,
                (Ordering::Equal, true) => {
                    shared.entry(from.name.clone()).or_default().entry(to.name).or_default().insert(path);
                    continue;
                }
                (Ordering::Equal, false) => "a neighbour",
                (Ordering::Greater, _) => "higher up",
            };
            let breach = format!("{} ({}) names {why} {} ({})", source.path, from.floor, to.name, to.floor);
            found.entry(breach).or_default().insert(path);
        }
    }
    for circle in circles(&shared) {
        others.push(format!("a circle on one floor: {circle:?}"));
        others.extend(within(&shared, &circle));
    }
    others.extend(empty(package, &lines));
    let found = found
        .into_iter()
        .map(|(breach, paths)| format!("{breach}: {}", paths.into_iter().collect::<Vec<_>>().join(" ")));
    found.chain(others).collect()
}

/// The calls from one floor to a higher one.
pub(crate) fn upwards(graph: &Graph, floors: &[Floor]) -> Vec<String> {
    let lines = lines(floors);
    let floor = |path: &str| {
        let module: ModulePath = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        room(&lines, &module).map(|room| room.floor)
    };
    let mut found = Vec::new();
    for (from, to) in graph {
        let higher = to.iter().filter(|(to, _)| floor(to) > floor(from));
        let words = |by: &BTreeSet<String>| by.iter().cloned().collect::<Vec<_>>().join(" ");
        found.extend(higher.map(|(to, by)| format!("{from} calls {to}: {}", words(by))));
    }
    found
}

/// The paths that stay in the crate, each with the module of the file to which it leads.
fn named(names: &Names, paths: &[super::paths::Named]) -> Vec<(String, ModulePath)> {
    let leads = |named: &super::paths::Named| match names.resolve(&named.module, &named.path)? {
        Target::Inside { module, .. } => Some((named.path.join("::"), names.file_of(&module).to_vec())),
        Target::Outside(_) => None,
    };
    paths.iter().filter_map(leads).collect()
}

/// Lines that hold no file: the room was moved, and its line was not.
fn empty(package: &Package, lines: &[Line]) -> Vec<String> {
    let is_empty = |line: &&Line| !package.sources.iter().any(|source| line.holds(&segments(&source.module)));
    lines.iter().filter(is_empty).map(|line| format!("the room {} has no file", line.segments.join("::"))).collect()
}

#[test]
fn the_core_names_nothing_that_stands_higher_up() {
    assert_eq!(breaches(&package("subrosa_core"), CORE), [""; 0]);
}

#[test]
fn the_app_names_nothing_that_stands_higher_up() {
    assert_eq!(breaches(&package("subrosa"), APP), [""; 0]);
}

#[test]
fn the_sync_names_nothing_that_stands_higher_up() {
    assert_eq!(breaches(&package("subrosa_sync"), SYNC), [""; 0]);
}

#[test]
fn the_sync_folder_names_nothing_that_stands_higher_up() {
    assert_eq!(breaches(&package("subrosa_folder"), FOLDER), [""; 0]);
}

#[test]
fn the_keys_go_round_in_no_circle() {
    assert_eq!(breaches(&package("subrosa_keys"), KEYS), [""; 0]);
}

const PLANTED: &[Floor] = &[
    Floor { is_shared: true, rooms: &["values", "ids"] },
    Floor { is_shared: false, rooms: &["vault::items"] },
    Floor { is_shared: false, rooms: &["vault::notes", "vault::trash"] },
    Floor { is_shared: false, rooms: &["features::*::update"] },
    Floor { is_shared: false, rooms: &["vault", "features", "lib"] },
];

/// Sound files for those floors, with a few more lines at the end of one of them.
fn planted(path: &str, more: &str) -> Package {
    let sound = [
        ("lib.rs", "pub mod values; pub mod ids; pub mod vault; pub mod features;"),
        ("values.rs", "use crate::ids::Id; pub struct Value(Id);"),
        ("ids.rs", "pub struct Id;"),
        (
            "vault.rs",
            "pub mod items; pub mod notes; pub mod trash; pub use items::Item; pub use notes::Note; pub type Time = u64;",
        ),
        ("vault/items.rs", "use crate::values::Value; pub struct Item(Value);"),
        ("vault/notes.rs", "pub mod drafts; use crate::vault::Item; pub struct Note(Item, drafts::Draft);"),
        ("vault/notes/drafts.rs", "use super::Note; pub struct Draft;"),
        ("vault/trash.rs", "pub struct Trashed(crate::vault::items::Item);"),
        ("features.rs", "pub mod clients { pub mod update; } pub mod kit { pub mod update; }"),
        ("features/clients/update.rs", "pub fn update(note: &crate::vault::Note) {}"),
        ("features/kit/update.rs", "pub fn update() { crate::vault::trash::all() }"),
    ];
    let has = sound.iter().any(|(name, _)| *name == path);
    let grown = sound.map(|(name, text)| (name, if name == path { format!("{text} {more}") } else { text.to_owned() }));
    let mut files: Vec<(&str, &str)> = grown.iter().map(|(name, text)| (*name, text.as_str())).collect();
    if !has {
        files.push((path, more));
    }
    Package::planted("planted", &files)
}

#[test]
fn what_is_sound_breaks_no_floor() {
    assert_eq!(breaches(&planted("lib.rs", ""), PLANTED), [""; 0]);
    // Tests may name whatever they need.
    assert_eq!(breaches(&planted("ids.rs", "#[cfg(test)] mod tests { use crate::vault::Time; }"), PLANTED), [""; 0]);
}

#[test]
fn each_way_up_or_to_a_neighbour_is_seen() {
    let seen = |path: &str, more: &str, words: &str| {
        let found = breaches(&planted(path, more), PLANTED);
        assert!(found.iter().any(|found| found.contains(words)), "{words} was not seen: {found:?}");
    };
    // By a `use` line, by a path in an expression, a type, a macro; from an inline module.
    let up = "vault/items.rs (1) names higher up";
    seen(
        "vault/items.rs",
        "use crate::{values, vault::{notes::Note, trash}};",
        &format!("{up} vault::trash (2): crate::vault::trash"),
    );
    seen(
        "vault/items.rs",
        "fn of() { crate::vault::notes::drafts::new() }",
        &format!("{up} vault::notes (2): crate::vault::notes::drafts::new"),
    );
    seen(
        "ids.rs",
        "struct Wrong(Vec<crate::vault::Time>);",
        "ids.rs (0) names higher up vault (4): crate::vault::Time",
    );
    seen(
        "ids.rs",
        "fn of() { assert!(crate::vault::trash::is_empty()) }",
        "vault::trash (2): crate::vault::trash::is_empty",
    );
    seen("ids.rs", "mod inner { use super::super::vault::trash; }", "vault::trash (2): super::super::vault::trash");
    // Through a name that somebody hands on, through another name, through a star, as other crates write it.
    seen("vault/items.rs", "use crate::vault::Note;", &format!("{up} vault::notes (2): crate::vault::Note"));
    seen("ids.rs", "use crate::vault as other; fn of() { other::trash::all() }", "vault::trash (2): other::trash::all");
    seen("ids.rs", "use crate::vault::trash::*;", "vault::trash (2): crate::vault::trash");
    seen("ids.rs", "use planted::vault::trash::Trashed;", "vault::trash (2): planted::vault::trash::Trashed");
    // To a neighbour; on a shared floor a circle.
    seen("vault/trash.rs", "use crate::vault::notes::Note;", "vault/trash.rs (2) names a neighbour vault::notes (2)");
    let update = "use crate::features::clients::update::update as other;";
    seen("features/kit/update.rs", update, "names a neighbour features::clients::update (3)");
    seen("ids.rs", "use crate::values::Value;", "a circle on one floor: {\"ids\", \"values\"}");
    // A new file that nobody gave a floor, and a line without a file.
    seen("vault/helpers.rs", "", "vault/helpers.rs stands on no floor");
    seen("features/kit/screen.rs", "", "features/kit/screen.rs stands on no floor");
    let moved = [PLANTED[0], Floor { is_shared: false, rooms: &["vault::moved"] }];
    assert!(breaches(&planted("lib.rs", ""), &moved).iter().any(|found| found == "the room vault::moved has no file"));
}
