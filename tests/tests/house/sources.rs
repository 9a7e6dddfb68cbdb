//! Sources as the rules read them: parsed, with their place in the crate, without what is built for tests alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, ImplItem, Item, Meta, Token, TraitItem};

/// The way to a module from the root of its crate, the root itself being empty.
pub(crate) type ModulePath = Vec<String>;

/// A source file.
pub(crate) struct Source {
    /// Below `src`, with slashes.
    pub(crate) path: String,
    pub(crate) module: ModulePath,
    pub(crate) lines: usize,
    pub(crate) items: Vec<Item>,
}

/// A crate.
pub(crate) struct Package {
    /// As `use` writes it.
    pub(crate) name: String,
    pub(crate) sources: Vec<Source>,
}

impl Package {
    /// A crate of planted files, each a path below `src` and what stands in it.
    pub(crate) fn planted(name: &str, files: &[(&str, &str)]) -> Self {
        let read = files.iter().map(|(path, text)| Source::parse(path, text)).collect();
        Self { name: name.to_owned(), sources: without_tests(read) }
    }

    fn read(name: &str, folder: &Path) -> Self {
        let src = folder.join("src");
        let files = rust_files(&src);
        let read = files.iter().map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            Source::parse(&path, &fs::read_to_string(file).unwrap())
        });
        Self { name: name.to_owned(), sources: without_tests(read.collect()) }
    }
}

impl Source {
    fn parse(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        let mut module: ModulePath = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if path == "lib.rs" {
            module.clear();
        }
        let items = if is_for_tests(&file.attrs) { Vec::new() } else { file.items };
        Self { path: path.to_owned(), module, lines: text.lines().count(), items }
    }
}

/// The crates that people run, core and sync with those below them, the app: their names as `use` writes them, and folders.
fn folders() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("core"), root.join("sync"), root.join("app")];
    let below = entries(&root.join("core")).into_iter().chain(entries(&root.join("sync")));
    folders.extend(below.filter(|folder| folder.join("Cargo.toml").is_file()));
    let named = |folder: PathBuf| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = \"")).unwrap();
        (name.trim_end_matches('"').replace('-', "_"), folder)
    };
    folders.into_iter().map(named).collect()
}

/// All of the crates that people run.
pub(crate) fn workspace() -> Vec<Package> {
    folders().iter().map(|(name, folder)| Package::read(name, folder)).collect()
}

/// One of the crates that people run.
pub(crate) fn package(name: &str) -> Package {
    let folder =
        folders().into_iter().find(|(other, _)| other == name).unwrap_or_else(|| panic!("there is no {name}")).1;
    Package::read(name, &folder)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder).into_iter().partition(|path| path.is_dir());
    let here = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    here.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

/// Leaves out files and items that are built for tests alone.
fn without_tests(mut sources: Vec<Source>) -> Vec<Source> {
    let mut left_out: BTreeSet<ModulePath> = BTreeSet::new();
    for source in &mut sources {
        strip(&mut source.items, &source.module, &mut left_out);
    }
    let is_left_out = |module: &[String]| {
        module.iter().any(|name| name == "tests") || left_out.iter().any(|tests| module.starts_with(tests))
    };
    sources.retain(|source| !is_left_out(&source.module));
    sources
}

fn strip(items: &mut Vec<Item>, module: &[String], left_out: &mut BTreeSet<ModulePath>) {
    items.retain_mut(|item| {
        let is_kept = !is_for_tests(attributes(item));
        match item {
            Item::Mod(inner) => {
                let below = [module, &[inner.ident.to_string()]].concat();
                match &mut inner.content {
                    _ if !is_kept => drop(left_out.insert(below)),
                    Some((_, items)) => strip(items, &below, left_out),
                    None => {}
                }
            }
            Item::Impl(block) => block.items.retain(|item| !is_for_tests(item_attributes(item))),
            Item::Trait(block) => block.items.retain(|item| match item {
                TraitItem::Fn(function) => !is_for_tests(&function.attrs),
                _ => true,
            }),
            Item::Struct(block) => {
                if let Fields::Named(fields) = &mut block.fields {
                    let kept = fields.named.iter().filter(|field| !is_for_tests(&field.attrs)).cloned();
                    fields.named = kept.collect();
                }
            }
            _ => {}
        }
        is_kept
    });
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions.filter_map(|attribute| attribute.parse_args::<Meta>().ok()).any(|meta| asks_for_test(&meta))
}

/// `test`, or `all` of several conditions with `test` among them.
fn asks_for_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|conditions| conditions.iter().any(asks_for_test)),
        _ => false,
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn item_attributes(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn what_is_built_for_tests_alone_is_left_out() {
    let package = Package::planted(
        "planted",
        &[
            ("lib.rs", "#[cfg(test)] mod doubles; mod kept; #[cfg(all(unix, test))] fn of_tests() {}"),
            ("doubles.rs", "struct Double;"),
            ("doubles/disk.rs", "struct Disk;"),
            (
                "kept.rs",
                "struct Kept { #[cfg(test)] of_tests: u8, kept: u8 } #[cfg(not(test))] fn kept() {} mod tests;",
            ),
            ("kept/tests.rs", "struct Test;"),
        ],
    );
    let paths: Vec<&str> = package.sources.iter().map(|source| source.path.as_str()).collect();
    assert_eq!(paths, ["lib.rs", "kept.rs"]);
    assert_eq!(package.sources[0].items.len(), 1, "the module that is kept");
    assert_eq!(package.sources[1].items.len(), 3, "the struct, the function, the declaration of the tests");
    let Item::Struct(kept) = &package.sources[1].items[0] else { panic!("the struct comes first") };
    assert_eq!(kept.fields.len(), 1);
}
