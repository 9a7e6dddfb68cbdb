//! The circle by calls: rooms of the vault that call each other round and round through methods, which no `use` line shows.
//!
//! How calls are counted: of one file upon another, whatever is called by the name of a method that only one of our types has,
//! with as many arguments as the method takes; when `self` is asked and its type has the method, that one; and functions, by
//! their paths. Names that the standard library's own types have tell nothing about whose they are.
//!
//! A file belongs to the room that is named first below `vault`, and each subject is a room of its own: `notes.rs` and all of
//! `notes/`. Files of a room may call each other; a circle that goes through two rooms is a knot, and a call from one floor to a
//! higher one is a knot's first half. Where one type held everything, one circle went through 34 of 47 files by methods alone,
//! and through 36 of 49 by this count.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, ImplItem, ItemImpl, Type};

use super::circles::{Graph, circles, within};
use super::floors::upwards;
use super::names::{Names, Target};
use super::sources::{ModulePath, Package, package, workspace};
use super::tables::{CORE, Floor};

/// The vault's own crate, and those that it does not stand on.
const NOT_BELOW: &[&str] = &["subrosa", "subrosa_core", "subrosa_sync"];

/// Methods of maps, lists, options, strings and the like. One of ours that is called the same is not known by its name.
const OF_STD: &str = "abs all and and_then any append as_bytes as_deref as_mut as_ref as_slice as_str borrow borrow_mut by_ref chain \
    chars checked_add checked_sub chunks clear clone cloned cmp collect concat contains contains_key copied count dedup drain \
    entry enumerate eq err expect extend extend_from_slice fill filter filter_map find find_map first flat_map flatten flush fmt \
    fold for_each from get get_mut get_or_insert_with hash insert into into_iter into_keys into_values is_empty is_err is_none \
    is_ok is_some is_some_and iter iter_mut join keys last len lock map map_err max max_by_key min min_by_key new next ok \
    ok_or ok_or_else open or or_default or_else or_insert parse pop position push push_str range read remove replace resize \
    retain rev saturating_sub seek send skip sort sort_by sort_by_key split split_off splice starts_with step sum swap take then \
    then_some to_owned to_string to_vec trim truncate try_fold try_for_each try_from try_into unwrap_or unwrap_or_default unwrap_or_else \
    unzip values values_mut windows wrapping_add write write_all zip";

/// A method, as it is defined.
struct Method {
    file: String,
    /// Of which type, by its last name.
    of: String,
    arguments: usize,
}

/// Who calls whom below `vault`, file by file, and what. The types of crates below have methods too.
fn calls(package: &Package, below: &[Package]) -> Graph {
    let names = Names::of(package);
    let files: BTreeMap<&ModulePath, &String> = package
        .sources
        .iter()
        .filter(|source| in_vault(&source.module))
        .map(|source| (&source.module, &source.path))
        .collect();
    let mut methods: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for source in package.sources.iter().chain(below.iter().flat_map(|package| &package.sources)) {
        let mut finder = Finder { file: &source.path, methods: &mut methods };
        source.items.iter().for_each(|item| finder.visit_item(item));
    }
    let mut calls = Graph::new();
    for source in package.sources.iter().filter(|source| in_vault(&source.module)) {
        let module = source.module.clone();
        let mut caller = Caller {
            names: &names,
            methods: &methods,
            module,
            itself: None,
            called: BTreeSet::new(),
            modules: BTreeSet::new(),
        };
        source.items.iter().for_each(|item| caller.visit_item(item));
        let from = calls.entry(source.path.clone()).or_default();
        let functions =
            caller.modules.into_iter().filter_map(|(module, name)| Some(((*files.get(&module)?).clone(), name)));
        for (file, name) in caller.called.into_iter().chain(functions) {
            if file == source.path || !file.starts_with("vault") {
                continue;
            }
            from.entry(file).or_default().insert(name);
        }
    }
    calls
}

/// The circles of files that go through more than one room, with the calls in each.
fn knots(calls: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for circle in circles(calls) {
        let rooms: BTreeSet<&str> = circle.iter().map(|path| room(path)).collect();
        if rooms.len() > 1 {
            found.push(format!("a circle of {} files goes through {rooms:?}", circle.len()));
            found.extend(within(calls, &circle));
        }
    }
    found
}

fn in_vault(module: &[String]) -> bool {
    module.first().is_some_and(|first| first == "vault")
}

/// The room to which a file below `vault` belongs.
fn room(path: &str) -> &str {
    let below = path.trim_start_matches("vault/").trim_start_matches("subject/");
    below.trim_end_matches(".rs").split('/').next().unwrap_or_default()
}

fn last_name(itself: &Type) -> Option<String> {
    match itself {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => last_name(&reference.elem),
        _ => None,
    }
}

/// Finds methods where they are defined.
struct Finder<'m> {
    file: &'m str,
    methods: &'m mut BTreeMap<String, Vec<Method>>,
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let of = last_name(&item.self_ty).unwrap_or_default();
        for item in &item.items {
            let ImplItem::Fn(method) = item else { continue };
            let method_of = Method { file: self.file.to_owned(), of: of.clone(), arguments: method.sig.inputs.len() };
            self.methods.entry(method.sig.ident.to_string()).or_default().push(method_of);
        }
    }
}

/// Follows calls out of one file.
struct Caller<'n> {
    names: &'n Names,
    methods: &'n BTreeMap<String, Vec<Method>>,
    module: ModulePath,
    /// What `self` is here.
    itself: Option<String>,
    /// Methods, with their files.
    called: BTreeSet<(String, String)>,
    /// Functions, with their modules.
    modules: BTreeSet<(ModulePath, String)>,
}

impl Caller<'_> {
    /// What a type is asked for, when it has that once.
    fn call_of(&mut self, of: &str, name: &str, arguments: usize) -> bool {
        let all = self.methods.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut own = all.iter().filter(|method| method.of == of);
        let found = own.next().filter(|_| own.next().is_none());
        let found = found.filter(|method| method.arguments == arguments);
        self.called.extend(found.map(|method| (method.file.clone(), name.to_owned())));
        found.is_some()
    }

    /// What anybody is asked for, when one type has that.
    fn call(&mut self, name: &str, arguments: usize) {
        let Some([method]) = self.methods.get(name).map(Vec::as_slice) else { return };
        if method.arguments == arguments && !OF_STD.split_whitespace().any(|other| other == name) {
            self.called.insert((method.file.clone(), name.to_owned()));
        }
    }
}

impl<'ast> Visit<'ast> for Caller<'_> {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = std::mem::replace(&mut self.itself, last_name(&item.self_ty));
        visit::visit_item_impl(self, item);
        self.itself = outer;
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let is_self = matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("self"));
        let (name, arguments) = (call.method.to_string(), call.args.len() + 1);
        let of = self.itself.clone().filter(|_| is_self);
        if !of.is_some_and(|of| self.call_of(&of, &name, arguments)) {
            self.call(&name, arguments);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let path: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            match path.as_slice() {
                [.., of, name] if of.starts_with(char::is_uppercase) => {
                    let of = self.itself.clone().filter(|_| of == "Self").unwrap_or_else(|| of.clone());
                    self.call_of(&of, name, call.args.len());
                }
                // What begins with a capital is made, not called.
                [.., name] if name.starts_with(char::is_lowercase) => {
                    if let Some(Target::Inside { module, .. }) = self.names.resolve(&self.module, &path) {
                        self.modules.insert((self.names.file_of(&module).to_vec(), name.clone()));
                    }
                }
                _ => {}
            }
        }
        visit::visit_expr_call(self, call);
    }
}

#[test]
fn no_circle_of_calls_goes_through_two_rooms_of_the_vault_and_no_call_goes_up() {
    let below: Vec<Package> =
        workspace().into_iter().filter(|package| !NOT_BELOW.contains(&package.name.as_str())).collect();
    let calls = calls(&package("subrosa_core"), &below);
    let largest = circles(&calls).into_iter().next().unwrap_or_default();
    println!("of {} files below vault {} are in the largest circle of calls: {largest:?}", calls.len(), largest.len());
    assert_eq!(knots(&calls), [""; 0]);
    assert_eq!(upwards(&calls, CORE), [""; 0]);
}

#[test]
fn a_planted_circle_of_calls_is_seen() {
    let found = |notes: &str, trash: &str| {
        let files = [
            ("vault.rs", "pub struct Vault; mod notes; mod trash; mod core;"),
            ("vault/core.rs", "pub struct Core; impl Core { pub fn entry(&self) {} pub fn get(&self, id: u8) {} }"),
            ("vault/notes.rs", notes),
            ("vault/notes/drafts.rs", "impl crate::vault::Vault { pub fn draft(&self) { self.note() } }"),
            ("vault/trash.rs", trash),
        ];
        knots(&calls(&Package::planted("planted", &files), &[]))
    };
    let trash = "use super::Vault; impl Vault { pub fn delete(&self, id: u8) { self.draft(); HashMap::new().get(&id); } } pub fn all() {}";
    let sound = [
        // Files of one room call each other.
        "impl super::Vault { pub fn note(&self) { self.draft() } }",
        // A map has `get` and `all` of its own; two arguments are not `delete`; a name of two types is nobody's.
        "impl super::Vault { fn note(&self) { list.all(|_| 1); map.delete(1, 2); map.get(1); } } impl Map { fn draft(&self) {} }",
    ];
    for notes in sound {
        assert_eq!(found(notes, trash), [""; 0], "{notes}");
    }
    let breaches = [
        "impl super::Vault { pub fn note(&self) { self.delete(1) } }",
        "impl super::Vault { pub fn note(&self) { self.at(1).vault.delete(1) } }",
        "impl super::Vault { pub fn note(&self) { super::Vault::delete(self, 1) } }",
        "use crate::vault::trash::all; impl super::Vault { pub fn note(&self) { all() } }",
        "use crate::vault::trash; impl super::Vault { pub fn note(&self) { some.map(|_| trash::all()) } }",
    ];
    for notes in breaches {
        assert!(found(notes, trash)[0].starts_with("a circle of 3 files goes through"), "{notes}");
    }
}

#[test]
fn a_planted_call_to_a_higher_floor_is_seen() {
    let floors = [
        Floor { is_shared: false, rooms: &["vault::core"] },
        Floor { is_shared: false, rooms: &["vault::notes"] },
        Floor { is_shared: false, rooms: &["vault"] },
    ];
    let found = |core: &str, other: &str| {
        let notes = "impl Notes { pub fn draft(&self) { self.core.entry() } }";
        let files = [("vault.rs", "mod core; mod notes;"), ("vault/core.rs", core), ("vault/notes.rs", notes)];
        let below = Package::planted("below", &[("lib.rs", other)]);
        upwards(&calls(&Package::planted("planted", &files), &[below]), &floors)
    };
    let up = "impl Core { pub fn entry(&self) { self.notes().draft() } }";
    assert_eq!(found(up, ""), ["vault/core.rs calls vault/notes.rs: draft"]);
    assert_eq!(
        found(up, "impl Page { fn draft(&self) {} }"),
        [""; 0],
        "a type below has one too: nobody knows whose it is"
    );
    assert_eq!(found("impl Core { pub fn entry(&self) {} }", ""), [""; 0]);
}
