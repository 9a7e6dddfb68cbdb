//! Sizes: how much a folder, a file, a type and a struct may hold, and that no two types of a crate have one name.
//!
//! Methods that macros make are not counted: what a macro is given is not read as Rust.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Fields, ImplItem, ItemEnum, ItemImpl, ItemMod, ItemStruct, ItemTrait, ItemType, ItemUnion, Type};

use super::names::{Names, Target};
use super::sources::{ModulePath, Package, workspace};

/// Files that lie in one folder.
const FILES: usize = 15;
/// Lines of a file.
const LINES: usize = 500;
/// Methods of a type, of all its `impl`s, inherent and of traits.
const METHODS: usize = 80;
/// Named fields of a struct.
const FIELDS: usize = 20;

/// Everything that is larger than it may be, and every name that two types share, in words.
fn oversized(package: &Package) -> Vec<String> {
    let mut found = Vec::new();
    let mut over = |what: String, is: usize, most: usize, of: &str| {
        if is > most {
            found.push(format!("{}: {what} has {is} {of}", package.name));
        }
    };
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for source in &package.sources {
        let folder = source.path.rsplit_once('/').map_or("src", |(folder, _)| folder);
        *folders.entry(folder).or_default() += 1;
        over(source.path.clone(), source.lines, LINES, "lines");
    }
    folders.into_iter().for_each(|(folder, files)| over(folder.to_owned(), files, FILES, "files"));
    let counted = count(package);
    for (name, methods) in &counted.methods {
        over(name.clone(), *methods, METHODS, "methods");
    }
    for (name, fields) in &counted.fields {
        over(name.clone(), *fields, FIELDS, "fields");
    }
    for (name, files) in counted.defined.iter().filter(|(_, files)| files.len() > 1) {
        found.push(format!("{}: {name} is the name of several types: {}", package.name, files.join(", ")));
    }
    found
}

/// What is counted of the types of a crate.
#[derive(Default)]
struct Counted {
    /// Methods, by type.
    methods: BTreeMap<String, usize>,
    /// Named fields, struct by struct.
    fields: Vec<(String, usize)>,
    /// The files that define a type of a name.
    defined: BTreeMap<String, Vec<String>>,
}

/// Counts, file by file.
struct Counter<'n> {
    names: &'n Names,
    path: String,
    module: ModulePath,
    counted: Counted,
}

fn count(package: &Package) -> Counted {
    let names = Names::of(package);
    let mut counter = Counter { names: &names, path: String::new(), module: Vec::new(), counted: Counted::default() };
    for source in &package.sources {
        counter.path.clone_from(&source.path);
        counter.module.clone_from(&source.module);
        source.items.iter().for_each(|item| counter.visit_item(item));
    }
    counter.counted
}

impl Counter<'_> {
    fn define(&mut self, name: &syn::Ident) {
        self.counted.defined.entry(name.to_string()).or_default().push(self.path.clone());
    }

    /// The type of which something is an `impl`: one name for each type, wherever its `impl`s stand.
    fn name_of(&self, itself: &Type) -> Option<String> {
        let path = match itself {
            Type::Path(path) => &path.path,
            Type::Reference(reference) => return self.name_of(&reference.elem),
            _ => return None,
        };
        let path: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        Some(match self.names.resolve(&self.module, &path)? {
            Target::Inside { module, name } => [module, name.into_iter().collect()].concat().join("::"),
            Target::Outside(path) => path.join("::"),
        })
    }
}

impl<'ast> Visit<'ast> for Counter<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if let Some(name) = self.name_of(&item.self_ty) {
            let methods = item.items.iter().filter(|item| matches!(item, ImplItem::Fn(_))).count();
            *self.counted.methods.entry(name).or_default() += methods;
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.define(&item.ident);
        if let Fields::Named(fields) = &item.fields {
            self.counted.fields.push((item.ident.to_string(), fields.named.len()));
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.define(&item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_union(&mut self, item: &'ast ItemUnion) {
        self.define(&item.ident);
        visit::visit_item_union(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        self.define(&item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.define(&item.ident);
        visit::visit_item_trait(self, item);
    }
}

#[test]
fn nothing_is_larger_than_it_may_be_and_no_two_types_of_a_crate_have_one_name() {
    let found: Vec<String> = workspace().iter().flat_map(oversized).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn each_size_is_kept_to_the_last_one() {
    let found = |files: &[(String, String)]| {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        oversized(&Package::planted("planted", &files))
    };
    let owned = |path: &str, text: String| (path.to_owned(), text);
    let in_folder =
        |files: usize| (0..files).map(|i| owned(&format!("vault/f{i}.rs"), String::new())).collect::<Vec<_>>();
    assert_eq!(found(&in_folder(15)), [""; 0]);
    assert_eq!(found(&in_folder(16)), ["planted: vault has 16 files"]);
    let of_lines = |lines: usize| [owned("long.rs", "\n".repeat(lines))];
    assert_eq!(found(&of_lines(500)), [""; 0]);
    assert_eq!(found(&of_lines(501)), ["planted: long.rs has 501 lines"]);
    let of_fields = |fields: usize| {
        let fields: String = (0..fields).map(|i| format!("f{i}: u8,")).collect();
        [owned("wide.rs", format!("mod inner {{ struct Wide {{ {fields} #[cfg(test)] of_tests: u8 }} }}"))]
    };
    assert_eq!(found(&of_fields(20)), [""; 0]);
    assert_eq!(found(&of_fields(21)), ["planted: Wide has 21 fields"]);
    // Of several `impl`s in several files, under several names, of traits too.
    let of_methods = |methods: usize| {
        let some = |from: usize, to: usize| (from..to).map(|i| format!("fn m{i}(&self) {{}}")).collect::<String>();
        vec![
            owned("busy.rs", format!("pub struct Busy; impl Busy {{ {} }}", some(0, 40))),
            owned(
                "more.rs",
                format!(
                    "use crate::busy::Busy as B; impl B {{ {} }} impl Drop for B {{ fn drop(&mut self) {{}} }}",
                    some(40, 70)
                ),
            ),
            owned(
                "rest.rs",
                format!(
                    "impl super::busy::Busy {{ {} }} #[cfg(test)] impl super::busy::Busy {{ fn t() {{}} }}",
                    some(70, methods - 1)
                ),
            ),
            owned("other.rs", format!("struct Other; impl Other {{ {} }}", some(0, 10))),
        ]
    };
    assert_eq!(found(&of_methods(80)), [""; 0]);
    assert_eq!(found(&of_methods(81)), ["planted: busy::Busy has 81 methods"]);
    for (kind, other) in [
        ("struct", "struct Place;"),
        ("enum", "enum Place {}"),
        ("alias", "type Place = u8;"),
        ("trait", "trait Place {}"),
    ] {
        let twice = [owned("a.rs", "struct Place;".to_owned()), owned("b.rs", format!("fn of() {{ {other} }}"))];
        assert_eq!(found(&twice), ["planted: Place is the name of several types: a.rs, b.rs"], "{kind}");
    }
    let of_tests = [
        owned("a.rs", "struct Place;".to_owned()),
        owned("b.rs", "#[cfg(test)] mod tests { struct Place; }".to_owned()),
    ];
    assert_eq!(found(&of_tests), [""; 0]);
}
