//! The limits that `docs/format.md` lists, held against the ones in the code.

use std::collections::BTreeSet;
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
        ("log::item::INFLATES", crate::log::INFLATES),
        ("log::item::INFLATES_ANYWAY", crate::log::INFLATES_ANYWAY),
        ("log::chain::LOG_LEN", usize::try_from(crate::log::LOG_LEN).unwrap()),
        ("state::MAX_BRANCHES", crate::state::MAX_BRANCHES),
        ("document::chunk::MAX_CHUNK", crate::document::MAX_CHUNK),
        ("document::MAX_TEXT", crate::document::MAX_TEXT),
        ("document::MAX_FIELDS", crate::document::MAX_FIELDS),
        ("roster::entry::MAX_DEVICES", crate::roster::MAX_DEVICES),
        ("roster::card::NAME_MAX", crate::roster::NAME_MAX),
        ("roster::ORPHANS_MAX", crate::roster::ORPHANS_MAX),
        ("log::description::WEEKS_MAX", crate::log::WEEKS_MAX),
        ("log::setting::SEEN_MAX", crate::log::SEEN_MAX),
        ("keyring::KEYS_MAX", crate::keyring::KEYS_MAX),
        ("pairing::letter::LETTER_MAX", crate::pairing::LETTER_MAX),
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
    let named = named();
    for path in &named {
        let (module, constant) = path.rsplit_once("::").unwrap();
        assert!(stands(&module.split("::").collect::<Vec<_>>(), constant), "{path}");
    }
    assert!(named.len() > 40, "{}", named.len());
    assert!(!stands(&["vault", "closing"], "MOST"));
}

/// The constants that the table of the format names, each with its whole path.
fn named() -> BTreeSet<String> {
    let page = include_str!("../../docs/format.md").split("## 14 Limits").nth(1).unwrap();
    let table = page.split("## 15").next().unwrap();
    let mut named = BTreeSet::new();
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let mut module = "";
        for path in line.split('|').nth(3).unwrap().split('`').skip(1).step_by(2) {
            // A constant without a path stands beside the one before it.
            let (own, constant) = path.rsplit_once("::").unwrap_or((module, path));
            module = own;
            named.insert(format!("{module}::{constant}"));
        }
    }
    named
}

const VAULT: &str = "src/vault/tests/limits.rs";
const QUOTAS: &str = "src/vault/tests/limits/quotas.rs";
const SAID: &str = "src/vault/tests/limits/said.rs";
const DOCUMENT: &str = "document/src/tests/limits.rs";
const ROSTER: &str = "keys/src/roster/tests.rs";
const FLOOD: &str = "keys/src/roster/tests/quotas.rs";
const ROOM_LEFT: &str = "a_flood_of_entries_beside_each_other_leaves_room_for_what_other_devices_say";
const PAIRING: &str = "keys/src/pairing/tests.rs";
const LETTER: &str = "keys/src/pairing/letter.rs";
const SHARE: &str = "src/share/tests.rs";
const PAPER: &str = "paper/src/import/tests.rs";
const LISTS: &str = "every_list_of_a_roster_entry_has_its_limit";
const WRITTEN: &str = "what_is_written_into_an_entry_is_within_what_others_read";
const NAMED: &str = "what_an_item_names_is_read_up_to_its_limit_and_set_aside_beyond";

/// For each constant of the table the test that holds what is written and what is read at it, and one above: where it lies under
/// `core/`, and what it is called.
const HELD: &[(&str, &str, &str)] = &[
    ("log::body::BODY_MAX", VAULT, "a_header_names_no_body_beyond_the_limit_and_a_body_holds_no_more"),
    (
        "log::item::PAYLOAD_MAX",
        "keys/src/log/item.rs",
        "an_item_that_would_inflate_without_end_is_given_up_at_the_limit",
    ),
    (
        "log::description::WEEKS_MAX",
        "keys/src/log/description.rs",
        "a_description_comes_back_at_its_limits_and_one_above_is_refused",
    ),
    (
        "log::setting::SEEN_MAX",
        "keys/src/log/setting.rs",
        "a_setting_comes_back_at_its_limits_and_one_above_is_refused",
    ),
    (
        "log::setting::SETTING_MAX",
        "keys/src/log/setting.rs",
        "a_setting_comes_back_at_its_limits_and_one_above_is_refused",
    ),
    ("log::item::INFLATES", "keys/src/log/item.rs", "an_item_inflates_to_a_multiple_of_its_length_and_no_more"),
    ("log::item::INFLATES_ANYWAY", "keys/src/log/item.rs", "an_item_inflates_to_a_multiple_of_its_length_and_no_more"),
    (
        "log::chain::LOG_LEN",
        "keys/src/log/chain/tests.rs",
        "a_log_has_as_many_envelopes_as_its_writer_may_put_into_one_and_no_more",
    ),
    ("state::MAX_BRANCHES", QUOTAS, "a_log_has_so_many_branches"),
    (
        "state::MAX_CUT_BRANCHES",
        "src/vault/tests/cuts.rs",
        "a_log_has_so_many_branches_with_those_that_others_say_they_use",
    ),
    ("vault::items::signed::SIGNED_MAX", SAID, "a_note_is_signed_up_to_the_length_that_others_read_and_not_beyond"),
    (
        "document::chunk::MAX_CHUNK",
        DOCUMENT,
        "a_chunk_has_so_many_bytes_and_changes_and_its_operations_so_high_numbers",
    ),
    (
        "document::chunk::MAX_CHANGES",
        DOCUMENT,
        "a_chunk_has_so_many_bytes_and_changes_and_its_operations_so_high_numbers",
    ),
    ("document::chunk::MAX_OPS", DOCUMENT, "a_chunk_has_so_many_bytes_and_changes_and_its_operations_so_high_numbers"),
    (
        "document::arrival::MOST_TRIED",
        "document/src/arrival.rs",
        "so_many_changes_of_a_device_are_tried_in_vain_and_none_after_that",
    ),
    ("document::arrival::MAX_ACTORS", DOCUMENT, "so_many_actors_write_in_a_document_and_nobody_begins_as_one_more"),
    (
        "document::MAX_TEXT",
        DOCUMENT,
        "fields_and_a_text_at_their_limits_are_written_and_taken_and_one_byte_more_is_not_written",
    ),
    (
        "document::MAX_FIELDS",
        DOCUMENT,
        "fields_and_a_text_at_their_limits_are_written_and_taken_and_one_byte_more_is_not_written",
    ),
    ("roster::entry::MAX_DEVICES", ROSTER, "there_are_never_more_than_sixteen_devices"),
    ("roster::entry::PARENTS_MAX", VAULT, LISTS),
    ("roster::entry::CUTS_MAX", VAULT, LISTS),
    ("roster::entry::WRAPS_MAX", VAULT, LISTS),
    ("roster::entry::AUTHORITIES_MAX", VAULT, LISTS),
    ("roster::entry::RECOVERY_KEYS_MAX", VAULT, LISTS),
    ("roster::entry::WRAP_MAX", VAULT, LISTS),
    ("roster::entry::EARLIER_MAX", VAULT, LISTS),
    ("roster::entry::PARENTS_MAX", ROSTER, WRITTEN),
    ("roster::entry::CUTS_MAX", ROSTER, WRITTEN),
    ("roster::entry::WRAPS_MAX", ROSTER, WRITTEN),
    ("roster::entry::EARLIER_MAX", ROSTER, WRITTEN),
    ("roster::entry::RECOVERY_KEYS_MAX", ROSTER, "a_genesis_with_too_many_recovery_keys_or_none_is_refused"),
    ("roster::card::NAME_MAX", VAULT, "a_devices_name_is_limited"),
    ("roster::card::NAME_MAX", ROSTER, "a_devices_name_is_cut_at_a_whole_character_and_never_printed"),
    ("roster::ORPHANS_MAX", ROSTER, "only_so_many_entries_wait"),
    ("roster::ENTRIES_OF_ONE", FLOOD, "one_device_writes_so_many_entries_and_takes_no_room_of_anothers"),
    ("roster::ROOM", FLOOD, ROOM_LEFT),
    ("roster::ROOM_OF_ONE", FLOOD, ROOM_LEFT),
    ("roster::entry::EARLIER_MOST", ROSTER, WRITTEN),
    (
        "roster::CUTS_OF_ONE",
        "keys/src/roster/tests/removal/cuts.rs",
        "whoever_says_much_of_logs_and_whoever_stands_void_beside_a_removal_keeps_nobody_from_removing",
    ),
    (
        "vault::read::acceptance::QUARANTINE_MAX",
        QUOTAS,
        "of_a_removed_device_so_many_envelopes_and_bytes_are_asked_about_at_a_time_whichever_came_first",
    ),
    (
        "vault::read::acceptance::QUARANTINE_BYTES",
        QUOTAS,
        "of_a_removed_device_so_many_envelopes_and_bytes_are_asked_about_at_a_time_whichever_came_first",
    ),
    ("keyring::KEYS_MAX", VAULT, "a_keyring_part_has_at_most_so_many_keys_and_readers"),
    ("keyring::READERS_MAX", VAULT, "a_keyring_part_has_at_most_so_many_keys_and_readers"),
    (
        "keyring::KEYS_MAX",
        "keys/src/keyring/tests.rs",
        "more_keys_or_readers_than_a_part_holds_are_refused_and_so_are_none",
    ),
    (
        "kdf::passphrase::CEILING",
        "keys/src/kdf/passphrase.rs",
        "a_strength_outside_the_bounds_is_refused_before_it_runs",
    ),
    ("kdf::passphrase::FLOOR", "keys/src/kdf/passphrase.rs", "a_strength_outside_the_bounds_is_refused_before_it_runs"),
    ("store::VALUE_LIMIT", "store/src/tests.rs", "a_value_above_the_limit_is_refused_and_harms_nothing"),
    ("pairing::exchange::PROOF_LEN", PAIRING, "a_proof_is_looked_at_up_to_so_many_bytes"),
    ("pairing::letter::LETTER_MAX", LETTER, "a_request_and_an_answer_are_looked_at_up_to_so_many_bytes"),
    ("pairing::invitation::TRIES", PAIRING, "strangers_whose_proofs_fail_void_no_code_until_they_are_many"),
    ("pairing::invitation::LIFETIME_MS", PAIRING, "a_code_ends_after_five_minutes_at_every_step"),
    (
        "card::LONGEST",
        "src/card/tests.rs",
        "another_kind_of_file_a_newer_or_early_card_and_a_huge_one_are_called_what_they_are",
    ),
    ("share::LONGEST_RECORD", SHARE, "other_files_are_no_sealed_record"),
    ("share::LONGEST_RECORD", SHARE, "more_or_longer_attached_files_than_the_caps_are_refused_before_they_are_read"),
    ("share::LONGEST_TEXTS", SHARE, "texts_and_a_manifest_at_their_limits_are_sealed_and_read_and_a_byte_more_is_not"),
    ("share::age_file::LONGEST_HEADER", "src/share/age_file.rs", "a_header_without_end_is_refused_before_it_is_parsed"),
    ("id::LOGS_MAX", QUOTAS, "which_logs_a_device_has_does_not_follow_from_which_came_first"),
    ("id::LOGS_MAX", QUOTAS, "a_device_begins_no_log_that_others_would_not_take"),
    (
        "vault::subject::log::inbox::ORPHANS_MAX",
        QUOTAS,
        "headers_wait_for_a_signer_who_is_not_known_up_to_so_many_bytes",
    ),
    (
        "vault::project::roster::ORPHAN_BYTES",
        QUOTAS,
        "entries_for_a_later_version_are_held_out_of_one_devices_logs_up_to_so_many_bytes",
    ),
    ("document::chunk::MAX_REPLACED", DOCUMENT, "a_chunk_replaces_so_many_operations"),
    ("document::arrival::MAX_DOCUMENT", DOCUMENT, "a_document_of_so_many_bytes_is_taken_and_one_of_a_byte_more_is_not"),
    (
        "document::arrival::MAX_DOCUMENT",
        DOCUMENT,
        "a_field_that_is_changed_over_and_over_stops_before_others_would_refuse_the_document",
    ),
    ("document::arrival::MAX_WAITING", DOCUMENT, "so_many_bytes_of_changes_wait_for_others"),
    (
        "vault::items::home::MOST_SEEN",
        SAID,
        "a_note_that_somebody_moved_more_often_than_one_item_names_is_moved_where_the_therapist_wants_it",
    ),
    (
        "vault::items::merge::MOST_NAMED",
        SAID,
        "a_client_whom_somebody_merged_more_often_than_one_item_names_stands_alone_again",
    ),
    ("vault::items::pruning::MOST_LOGS", SAID, NAMED),
    ("vault::items::pruning::MOST_RANGES", SAID, NAMED),
    ("vault::items::ledger::MOST_CARDS", SAID, NAMED),
    (
        "vault::items::deletion::MOST_NAMED",
        SAID,
        "a_document_that_somebody_deleted_more_often_than_a_restoring_names_comes_back",
    ),
    ("vault::items::keys::MOST_LACKING", SAID, "a_device_says_no_more_lacking_keys_and_colleagues_than_others_take"),
    (
        "vault::project::roster::MOST_MISSED",
        QUOTAS,
        "so_many_envelopes_before_epochs_that_are_not_known_are_noted_of_one_device",
    ),
    (
        "vault::items::ledger::MAX_COLLEAGUES",
        SAID,
        "a_device_says_no_more_lacking_keys_and_colleagues_than_others_take",
    ),
    (
        "share::manifest::LONGEST",
        SHARE,
        "texts_and_a_manifest_at_their_limits_are_sealed_and_read_and_a_byte_more_is_not",
    ),
    ("share::manifest::MOST_FILES", "src/share/archive/tests.rs", "more_files_than_the_cap_are_refused"),
    ("import::MAX_NOTE", PAPER, "an_overlong_note_is_refused_with_its_size_and_at_the_limit_it_is_taken"),
    ("import::MAX_TABLE", PAPER, "an_overlong_table_is_refused_with_its_size_and_at_the_limit_it_is_read"),
    ("import::table::MAX_ROW", "paper/src/import/table.rs", "a_quoted_row_is_read_up_to_its_limit"),
];

/// Whether a file under `core/` has a test of this name.
fn is_test(file: &str, name: &str) -> bool {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.windows(2).any(|two| two[0] == "#[test]" && two[1].starts_with(&format!("fn {name}(")))
}

#[test]
fn every_limit_of_the_format_is_held_by_a_test_at_itself_and_one_above() {
    let held: BTreeSet<String> = HELD.iter().map(|(constant, ..)| (*constant).to_owned()).collect();
    assert_eq!(named().symmetric_difference(&held).collect::<Vec<_>>(), Vec::<&String>::new());
    for (constant, file, test) in HELD {
        assert!(is_test(file, test), "{constant}: {file} has no test {test}");
    }
    assert!(!is_test(VAULT, "no_such_test") && !is_test("src/limits.rs", "is_test"), "a helper is no test");
}
