//! The edges that are missing on purpose, read from what cargo itself resolves; and the same check, seen to fail.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// What `sync` must not list itself: whatever could open or forge an envelope, and everything that stores one.
const NOT_IN_SYNC: &[&str] = &[
    "chacha20poly1305",
    "aead",
    "aes-gcm",
    "argon2",
    "automerge",
    "hkdf",
    "hmac",
    "sha2",
    "ed25519-dalek",
    "x-wing",
    "age",
    "redb",
];
/// What `sync` must not reach, however far away.
const NOT_UNDER_SYNC: &[&str] = &["subrosa-core", "subrosa", "automerge", "argon2", "redb", "age", "x-wing"];
/// What the sync folder must not reach: whatever has a key of the practice or knows what it carries, and every TLS but one.
const NOT_UNDER_FOLDER: &[&str] = &[
    "subrosa-sync",
    "subrosa-core",
    "subrosa-keys",
    "subrosa-base",
    "subrosa",
    "automerge",
    "argon2",
    "redb",
    "age",
    "x-wing",
    "iroh",
    "aws-lc-rs",
    "aws-lc-sys",
    "openssl-sys",
    "native-tls",
];
/// What `core` must not reach.
const NOT_UNDER_CORE: &[&str] = &["subrosa-sync", "subrosa", "iroh", "tokio", "egui", "eframe", "async-std", "smol"];
/// What `core` must not list itself: ciphers, key agreement and passphrases are the keys' alone, the file is the store's.
const NOT_IN_CORE: &[&str] =
    &["chacha20poly1305", "argon2", "hkdf", "hmac", "ed25519-dalek", "x-wing", "automerge", "redb"];

/// Whatever could open, forge or make a sealed text.
const CIPHERS: &[&str] =
    &["chacha20poly1305", "aead", "aes-gcm", "argon2", "hkdf", "hmac", "ed25519-dalek", "x-wing", "ml-kem", "age"];

/// A crate under `core/`.
struct Leaf {
    name: &'static str,
    /// The other leaves that it may reach.
    below: &'static [&'static str],
    /// What it must not reach of what others wrote, however far away.
    not: &'static [&'static [&'static str]],
}

const LEAVES: &[Leaf] = &[
    Leaf { name: "subrosa-base", below: &[], not: &[CIPHERS, &["automerge", "redb", "serde_json"]] },
    Leaf { name: "subrosa-record", below: &[], not: &[CIPHERS, &["automerge", "redb"]] },
    Leaf { name: "subrosa-store", below: &["subrosa-base"], not: &[CIPHERS, &["automerge", "serde_json"]] },
    Leaf { name: "subrosa-document", below: &["subrosa-base", "subrosa-record"], not: &[CIPHERS, &["redb"]] },
    Leaf { name: "subrosa-paper", below: &["subrosa-base", "subrosa-record"], not: &[CIPHERS, &["automerge", "redb"]] },
    Leaf { name: "subrosa-keys", below: &["subrosa-base"], not: &[&["automerge", "redb", "age", "serde_json"]] },
];
/// What no program may reach that people run.
const FOR_TESTS_ALONE: &[&str] = &["subrosa-testkit", "subrosa-tests"];

impl Leaf {
    /// All that it must not reach: what others wrote, the leaves beside it, and what stands above them all.
    fn not_under(&self) -> Vec<&'static str> {
        let others =
            LEAVES.iter().map(|leaf| leaf.name).filter(|name| *name != self.name && !self.below.contains(name));
        let above = ["subrosa-core"].into_iter().chain(NOT_UNDER_CORE.iter().copied());
        self.not.concat().into_iter().chain(others).chain(above).collect()
    }
}

/// Who depends on whom, by names; of each package what it lists, for building and for running.
struct Edges(BTreeMap<String, BTreeSet<String>>);

impl Edges {
    fn of(metadata: &Metadata) -> Self {
        let name_of =
            |id: &PackageId| metadata.packages.iter().find(|package| package.id == *id).unwrap().name.to_string();
        let nodes = &metadata.resolve.as_ref().unwrap().nodes;
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in nodes {
            // What a package needs for its own tests is not in what people run.
            let kept = node
                .deps
                .iter()
                .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development));
            edges.entry(name_of(&node.id)).or_default().extend(kept.map(|dependency| name_of(&dependency.pkg)));
        }
        Self(edges)
    }

    fn direct(&self, from: &str) -> BTreeSet<String> {
        self.0.get(from).cloned().unwrap_or_else(|| panic!("{from} is not in the workspace"))
    }

    fn reached(&self, from: &str) -> BTreeSet<String> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(package) = open.pop() {
            for next in self.0.get(&package).into_iter().flatten() {
                if reached.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        reached
    }

    fn add(&mut self, from: &str, to: &str) {
        self.0.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
}

/// Every forbidden edge that is there, in words.
fn forbidden(edges: &Edges) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |from: &str, how: &str, has: &BTreeSet<String>, not: &[&str]| {
        found.extend(not.iter().filter(|name| has.contains(**name)).map(|name| format!("{from} {how} {name}")));
    };
    check("subrosa-sync", "lists", &edges.direct("subrosa-sync"), NOT_IN_SYNC);
    check("subrosa-sync", "reaches", &edges.reached("subrosa-sync"), NOT_UNDER_SYNC);
    check("subrosa-folder", "lists", &edges.direct("subrosa-folder"), NOT_IN_SYNC);
    check("subrosa-folder", "reaches", &edges.reached("subrosa-folder"), NOT_UNDER_FOLDER);
    check("subrosa-core", "reaches", &edges.reached("subrosa-core"), NOT_UNDER_CORE);
    check("subrosa-core", "lists", &edges.direct("subrosa-core"), NOT_IN_CORE);
    for leaf in LEAVES {
        check(leaf.name, "reaches", &edges.reached(leaf.name), &leaf.not_under());
    }
    check("subrosa", "reaches", &edges.reached("subrosa"), FOR_TESTS_ALONE);
    found
}

fn workspace() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).other_options(vec!["--locked".to_owned()]).exec().unwrap()
}

#[test]
fn no_crate_has_an_edge_or_reaches_what_is_not_its_own() {
    assert_eq!(forbidden(&Edges::of(&workspace())), [""; 0]);
}

#[test]
fn each_forbidden_edge_is_seen_when_it_is_there() {
    let metadata = workspace();
    let seen = |from: &str, to: &str, words: &str| {
        let mut edges = Edges::of(&metadata);
        edges.add(from, to);
        assert!(forbidden(&edges).iter().any(|found| found == words), "{words} was not seen");
    };
    for name in NOT_IN_SYNC {
        seen("subrosa-sync", name, &format!("subrosa-sync lists {name}"));
        seen("subrosa-folder", name, &format!("subrosa-folder lists {name}"));
    }
    for name in NOT_UNDER_SYNC {
        seen("subrosa-sync", name, &format!("subrosa-sync reaches {name}"));
    }
    for name in NOT_UNDER_FOLDER {
        seen("subrosa-folder", name, &format!("subrosa-folder reaches {name}"));
    }
    for name in NOT_UNDER_CORE {
        seen("subrosa-core", name, &format!("subrosa-core reaches {name}"));
    }
    for name in NOT_IN_CORE {
        seen("subrosa-core", name, &format!("subrosa-core lists {name}"));
    }
    for leaf in LEAVES {
        for name in leaf.not_under() {
            seen(leaf.name, name, &format!("{} reaches {name}", leaf.name));
        }
    }
    for name in FOR_TESTS_ALONE {
        seen("subrosa-core", name, &format!("subrosa reaches {name}"));
    }
    // However far away it stands.
    let mut edges = Edges::of(&metadata);
    edges.add("thiserror", "something-between");
    edges.add("something-between", "iroh");
    assert!(forbidden(&edges).iter().any(|found| found == "subrosa-core reaches iroh"));
}

#[test]
fn each_of_our_own_packages_is_there_once_and_the_top_level_holds_what_it_should() {
    let metadata = workspace();
    let mut ours: Vec<String> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .filter(|name| name.starts_with("subrosa"))
        .collect();
    ours.sort();
    let above = ["subrosa", "subrosa-core", "subrosa-folder", "subrosa-sync", "subrosa-testkit", "subrosa-tests"];
    let mut all: Vec<&str> = above.into_iter().chain(LEAVES.iter().map(|leaf| leaf.name)).collect();
    all.sort_unstable();
    assert_eq!(ours, all);
    let root = metadata.workspace_root.as_std_path();
    let folders: BTreeSet<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    assert_eq!(folders, ["app", "core", "docs", "sync", "tests"].map(str::to_owned).into());
}
