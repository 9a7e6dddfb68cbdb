//! The limits that `docs/format.md` lists, held against the ones in the code.

#[test]
fn every_limit_of_the_format_is_the_one_in_the_code() {
    let page = include_str!("../../docs/format.md").split("## 14 Limits").nth(1).unwrap();
    let limit = |constant: &str| {
        let line = page.lines().find(|line| line.contains(&format!("`{constant}`"))).expect(constant);
        let cell = line.split('|').nth(2).unwrap();
        cell.split_whitespace().next().unwrap().replace([',', ';'], "").parse::<usize>().unwrap()
    };
    for (constant, value) in [
        ("log::BODY_MAX", crate::log::BODY_MAX),
        ("log::PAYLOAD_MAX", crate::log::PAYLOAD_MAX),
        ("log::LOG_LEN", usize::try_from(crate::log::LOG_LEN).unwrap()),
        ("state::MAX_BRANCHES", crate::state::MAX_BRANCHES),
        ("document::MAX_CHUNK", crate::document::MAX_CHUNK),
        ("document::MAX_TEXT", crate::document::MAX_TEXT),
        ("document::MAX_FIELDS", crate::document::MAX_FIELDS),
        ("roster::MAX_DEVICES", crate::roster::MAX_DEVICES),
        ("roster::NAME_MAX", crate::roster::NAME_MAX),
        ("roster::EPOCHS_MAX", crate::roster::EPOCHS_MAX),
        ("roster::HELD_MAX", crate::roster::HELD_MAX),
        ("keyring::KEYS_MAX", crate::keyring::KEYS_MAX),
        ("store::VALUE_LIMIT", crate::store::VALUE_LIMIT),
        ("import::MAX_NOTE", usize::try_from(crate::import::MAX_NOTE).unwrap()),
    ] {
        assert_eq!(limit(constant), value, "{constant}");
    }
}
