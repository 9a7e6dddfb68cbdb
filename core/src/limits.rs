//! The limits that `docs/format.md` lists, held against the ones in the code.

use std::fs;
use std::path::Path;

#[test]
fn every_limit_of_the_format_is_the_one_in_the_code() {
    let page = include_str!("../../docs/format.md").split("## 14 Limits").nth(1).unwrap();
    let limit = |constant: &str| {
        let line = page.lines().find(|line| line.contains(&format!("`{constant}`"))).expect(constant);
        let cell = line.split('|').nth(2).unwrap();
        cell.split_whitespace().next().unwrap().replace([',', ';'], "").parse::<usize>().unwrap()
    };
    for (constant, value) in [
        ("log::body::BODY_MAX", crate::log::BODY_MAX),
        ("log::item::PAYLOAD_MAX", crate::log::PAYLOAD_MAX),
        ("log::chain::LOG_LEN", usize::try_from(crate::log::LOG_LEN).unwrap()),
        ("state::MAX_BRANCHES", crate::state::MAX_BRANCHES),
        ("document::chunk::MAX_CHUNK", crate::document::MAX_CHUNK),
        ("document::MAX_TEXT", crate::document::MAX_TEXT),
        ("document::MAX_FIELDS", crate::document::MAX_FIELDS),
        ("roster::entry::MAX_DEVICES", crate::roster::MAX_DEVICES),
        ("roster::card::NAME_MAX", crate::roster::NAME_MAX),
        ("roster::ORPHANS_MAX", crate::roster::ORPHANS_MAX),
        ("keyring::KEYS_MAX", crate::keyring::KEYS_MAX),
        ("store::VALUE_LIMIT", crate::store::VALUE_LIMIT),
        ("import::MAX_NOTE", usize::try_from(crate::import::MAX_NOTE).unwrap()),
    ] {
        assert_eq!(limit(constant), value, "{constant}");
    }
}

/// Whether a file of one of the core's crates has this constant at this path.
fn stands(module: &[&str], constant: &str) -> bool {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = fs::read_dir(core).unwrap().map(|entry| entry.unwrap().path().join("src"));
    let declared = |file: &Path| {
        fs::read_to_string(file).is_ok_and(|text| {
            text.lines().any(|line| {
                line.split_once("const ").is_some_and(|(_, rest)| rest.starts_with(&format!("{constant}:")))
            })
        })
    };
    crates.chain([core.join("src")]).any(|root| {
        let file = module.iter().fold(root.clone(), |path, part| path.join(part)).with_extension("rs");
        // A leaf crate is called by its own name: `document::chunk` lies in `document/src/chunk.rs`.
        let own = root
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|name| Some(name.to_str().unwrap()) == module.first().copied());
        let inside = module.iter().skip(1).fold(root.clone(), |path, part| path.join(part)).with_extension("rs");
        declared(&file) || (own && declared(&if module.len() > 1 { inside } else { root.join("lib.rs") }))
    })
}

#[test]
fn every_constant_that_the_format_names_stands_where_the_format_says() {
    let page = include_str!("../../docs/format.md").split("## 14 Limits").nth(1).unwrap();
    let table = page.split("## 15").next().unwrap();
    let mut seen = 0;
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let mut module: Vec<&str> = Vec::new();
        for path in line.split('|').nth(3).unwrap().split('`').skip(1).step_by(2) {
            let mut parts: Vec<&str> = path.split("::").collect();
            let constant = parts.pop().unwrap();
            // A constant without a path stands beside the one before it.
            if !parts.is_empty() {
                module = parts;
            }
            assert!(stands(&module, constant), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
    assert!(!stands(&["vault", "closing"], "MOST"));
}
