//! Where a path leads: through modules, `use` lines and what is handed on by `pub use`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, ItemMacro, ItemMod, ItemUse, UseTree, Visibility};

use super::sources::{ModulePath, Package};

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// To a module of the crate, or to something that stands in it.
    Inside { module: ModulePath, name: Option<String> },
    /// Out of the crate.
    Outside(Vec<String>),
}

/// What a `use` line says of one name.
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// What the name is here; `None` of a star.
    pub(crate) bound: Option<String>,
    /// Handed on: whoever names the module by a star has the name too.
    is_handed_on: bool,
}

#[derive(Default)]
struct Module {
    /// Modules below, and whatever else has a name.
    defined: BTreeSet<String>,
    /// What macros were given: they may have made things of these names.
    given: BTreeSet<String>,
    imports: Vec<Import>,
}

/// All modules of a crate with their names.
pub(crate) struct Names {
    package: String,
    modules: BTreeMap<ModulePath, Module>,
    /// The modules that have files of their own.
    files: BTreeSet<ModulePath>,
}

/// How a name is looked for.
#[derive(Clone, Copy)]
struct Search<'f> {
    /// Among the names that macros were given too.
    given: bool,
    /// The module that is asked. What it keeps to itself counts; what others do, to whom its stars lead, does not.
    asked: &'f [String],
}

/// A path may be handed on this often before it counts as going round.
const HANDED_ON: u32 = 24;

impl Names {
    pub(crate) fn of(package: &Package) -> Self {
        let files = package.sources.iter().map(|source| source.module.clone()).collect();
        let mut names = Self { package: package.name.clone(), modules: BTreeMap::new(), files };
        for source in &package.sources {
            // Every module on the way has names below it, whether it has a file or not.
            for length in 0..=source.module.len() {
                names.modules.entry(source.module[..length].to_vec()).or_default();
            }
            let mut collector = Collector { names: &mut names, module: source.module.clone() };
            source.items.iter().for_each(|item| collector.visit_item(item));
        }
        names
    }

    /// The module with a file of its own in which a module stands.
    pub(crate) fn file_of<'m>(&self, module: &'m [String]) -> &'m [String] {
        let mut file = module;
        while !self.files.contains(file) && !file.is_empty() {
            file = &file[..file.len() - 1];
        }
        file
    }

    /// Where a path leads that is written in a module; `None` of `Self`, and of a path out of the crate's root.
    pub(crate) fn resolve(&self, from: &[String], path: &[String]) -> Option<Target> {
        self.follow(from, path, HANDED_ON)
    }

    /// The whole path of a name that a `use` line brought into a module.
    pub(crate) fn written_out(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let imports = &self.modules.get(module)?.imports;
        imports.iter().find(|import| import.bound.as_deref() == Some(name)).map(|import| import.path.clone())
    }

    fn follow(&self, from: &[String], path: &[String], left: u32) -> Option<Target> {
        let left = left.checked_sub(1)?;
        let (first, mut rest) = path.split_first()?;
        let inside = |module: &[String]| Target::Inside { module: module.to_vec(), name: None };
        let mut at = match first.as_str() {
            "Self" => return None,
            "crate" => inside(&[]),
            "self" => inside(from),
            "super" => inside(from.split_last()?.1),
            name => match self.look_up(from, name, left) {
                Some(found) => found,
                None if *name == self.package => inside(&[]),
                None => return Some(Target::Outside(path.to_vec())),
            },
        };
        while let (Target::Inside { module, name: None }, Some((next, after))) = (&at, rest.split_first()) {
            at = match next.as_str() {
                "super" => inside(module.split_last()?.1),
                "self" => at,
                next => self
                    .look_up(module, next, left)
                    .unwrap_or_else(|| Target::Inside { module: module.clone(), name: Some(next.to_owned()) }),
            };
            rest = after;
        }
        if let Target::Outside(path) = &mut at {
            path.extend_from_slice(rest);
        }
        Some(at)
    }

    fn look_up(&self, module: &[String], name: &str, left: u32) -> Option<Target> {
        let find = |given| self.find(module, name, Search { given, asked: module }, left);
        find(false).or_else(|| find(true))
    }

    /// What a name is in a module.
    fn find(&self, module: &[String], name: &str, search: Search<'_>, left: u32) -> Option<Target> {
        let left = left.checked_sub(1)?;
        let names = self.modules.get(module)?;
        let below = [module, &[name.to_owned()]].concat();
        if self.modules.contains_key(&below) {
            return Some(Target::Inside { module: below, name: None });
        }
        if names.defined.contains(name) || (search.given && names.given.contains(name)) {
            return Some(Target::Inside { module: module.to_vec(), name: Some(name.to_owned()) });
        }
        let imports = || names.imports.iter().filter(|import| import.is_handed_on || search.asked.starts_with(module));
        let bound = imports().filter(|import| import.bound.as_deref() == Some(name));
        // `use words;` where `words` is a module below or a crate: the line is not its own answer.
        let mut bound = bound.filter(|import| import.path.len() > 1 || import.path[0] != name);
        if let Some(found) = bound.find_map(|import| self.follow(module, &import.path, left)) {
            return Some(found);
        }
        let stars = imports().filter(|import| import.bound.is_none());
        stars.filter_map(|import| self.follow(module, &import.path, left)).find_map(|star| match star {
            Target::Inside { module: star, name: None } if star != module => self.find(&star, name, search, left),
            _ => None,
        })
    }
}

/// Each name of a `use` line with its whole path.
pub(crate) fn imports(line: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    flatten(&line.tree, &mut Vec::new(), &mut found);
    let is_handed_on = !matches!(line.vis, Visibility::Inherited);
    found.into_iter().map(|(path, bound)| Import { path, bound, is_handed_on }).collect()
}

fn flatten(tree: &UseTree, before: &mut Vec<String>, found: &mut Vec<(Vec<String>, Option<String>)>) {
    let ended = |before: &[String], name: &str, bound: String| match name {
        "self" => (before.to_vec(), Some(bound)),
        name => ([before, &[name.to_owned()]].concat(), Some(bound)),
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            let bound = if name == "self" { before.last().cloned().unwrap_or_default() } else { name.clone() };
            found.push(ended(before, &name, bound));
        }
        UseTree::Rename(name) => found.push(ended(before, &name.ident.to_string(), name.rename.to_string())),
        UseTree::Glob(_) => found.push((before.clone(), None)),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, found)),
    }
}

struct Collector<'n> {
    names: &'n mut Names,
    module: ModulePath,
}

impl Collector<'_> {
    fn here(&mut self) -> &mut Module {
        self.names.modules.entry(self.module.clone()).or_default()
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Some(name) = name_of(item) {
            self.here().defined.insert(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            self.here();
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.here().imports.extend(imports(item));
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        let mut given = BTreeSet::new();
        words(item.mac.tokens.clone(), &mut given);
        if item.ident.is_none() {
            self.here().given.extend(given);
        }
    }
}

fn words(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => drop(found.insert(word.to_string())),
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn name_of(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        _ => return None,
    })
}

#[test]
fn a_path_leads_to_where_its_item_stands_whoever_hands_it_on() {
    let package = Package::planted(
        "planted",
        &[
            ("lib.rs", "pub mod vault; pub mod rows { pub struct Row; } pub use outer_keys::log;"),
            ("words.rs", "pub use crate::vault::error::*; pub use when::*;"),
            ("words/when.rs", "pub fn count() {}"),
            ("vault.rs", "mod error; pub mod core; pub use error::{VaultError, Fault as Damage}; pub use core::*;"),
            ("vault/error.rs", "use crate::words::count; pub struct VaultError; pub struct Fault;"),
            ("vault/core.rs", "doors! { Notes, Clients } pub fn commit() {} use crate::rows; use super as up;"),
        ],
    );
    let names = Names::of(&package);
    let leads = |from: &str, path: &str| {
        let split =
            |path: &str| path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        match names.resolve(&split(from), &split(path)).unwrap() {
            Target::Inside { module, name } => format!("{}/{}", module.join("::"), name.unwrap_or_default()),
            Target::Outside(path) => format!("out:{}", path.join("::")),
        }
    };
    assert_eq!(leads("", "crate::vault::VaultError"), "vault::error/VaultError");
    assert_eq!(leads("", "crate::vault::Damage::Row"), "vault::error/Fault");
    assert_eq!(leads("", "planted::vault::commit"), "vault::core/commit");
    assert_eq!(leads("", "vault::Notes"), "vault::core/Notes");
    // A star leads past names that a module keeps to itself.
    assert_eq!(leads("vault::error", "count"), "words::when/count");
    assert_eq!(leads("", "crate::words::count"), "words::when/count");
    assert_eq!(leads("vault", "core::commit"), "vault::core/commit");
    assert_eq!(leads("vault::core", "rows::Row::new"), "rows/Row");
    assert_eq!(leads("vault::core", "up::error::Fault"), "vault::error/Fault");
    assert_eq!(leads("vault::core", "super::super::log::Item"), "out:outer_keys::log::Item");
    assert_eq!(leads("vault::core", "std::mem::take"), "out:std::mem::take");
    assert_eq!(leads("vault", "crate::vault::nowhere"), "vault/nowhere");
    assert_eq!(names.file_of(&["rows".to_owned()]), [""; 0], "an inline module stands in its parent's file");
}
