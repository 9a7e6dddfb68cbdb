//! A client's particulars on the command line.

use serde_json::{Value, json};

use super::desk::{Desk, parsed};

#[test]
fn each_particular_is_changed_alone_or_from_json_and_every_version_is_told() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Åsa Öberg", "--code", "C1"]).succeeded();
    let every = [
        ("--name", "Åsa Lind"),
        ("--code", "C2"),
        ("--birth-date", "1980-02-03"),
        ("--phone", "+358 40 1"),
        ("--email", "a@example.org"),
        ("--language", "sv"),
        ("--status", "waiting"),
        ("--referral", "Sleep"),
        ("--other", "Insurer=Kela"),
    ];
    let mut code = "C1";
    for (option, value) in every {
        assert_eq!(desk.json(&["edit-client", code, option, value])["changed"], true, "{option}");
        code = if option == "--code" { value } else { code };
    }
    assert_eq!(desk.json(&["edit-client", code, "--status", "waiting"])["changed"], false, "it says so already");
    let told = desk.json(&["particulars", "C2"]);
    let expected = json!({
        "name": "Åsa Lind", "code": "C2", "birth_date": "1980-02-03", "phone": "+358 40 1", "email": "a@example.org",
        "language": "sv", "status": "waiting", "referral": "Sleep", "other": { "Insurer": "Kela" },
    });
    assert_eq!(told["particulars"], expected);
    let versions = told["versions"].as_array().unwrap();
    let fields = versions[0]["fields"].as_array().unwrap();
    assert_eq!((versions.len(), fields.len()), (1, every.len()), "all within minutes, by one device: one version");

    // What was shown is what can be given back, with other values; null takes one away.
    let json = json!({ "phone": "+358 40 2", "email": null, "other": { "Insurer": null, "Ward": "7" } }).to_string();
    let done = desk.typing(&json, &["--json", "edit-client", "C2", "--from-stdin"]);
    assert_eq!(parsed(&done)["changed"], true);
    let now = &desk.json(&["particulars", "C2"])["particulars"];
    assert_eq!(
        (&now["phone"], &now["email"], &now["other"]),
        (&"+358 40 2".into(), &Value::Null, &json!({ "Ward": "7" }))
    );
    let whole = desk.text(&["particulars", "C2", "--json"]);
    assert_eq!(parsed(&desk.typing(&whole, &["--json", "edit-client", "C2", "--from-stdin"]))["changed"], false);
    assert!(desk.text(&["particulars", "C2"]).contains("Telephone: not given → +358 40 2"));
}

#[test]
fn what_is_nobodys_particulars_changes_nothing_and_says_so() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Åsa Öberg", "--code", "C1"]).succeeded();
    desk.run(&["add-client", "Björn", "--code", "C2"]).succeeded();
    let before = desk.json(&["particulars", "C1"]);
    for (status, arguments) in [
        (6, ["--name", " "]),
        (6, ["--code", "C2"]),
        (2, ["--birth-date", "3.4.1986"]),
        (2, ["--other", "Insurer"]),
        (2, ["--shoe-size", "44"]),
    ] {
        let refused = desk.run(&[&["edit-client", "C1"], arguments.as_slice()].concat());
        assert_eq!((refused.status, refused.out.as_str()), (status, ""), "{arguments:?}: {}", refused.err);
    }
    for typed in ["", "[]", r#"{"shoe_size":"44"}"#, r#"{"phone":44}"#, r#"{"other":{"a":[]}}"#] {
        let refused = desk.typing(typed, &["edit-client", "C1", "--from-stdin"]);
        assert_eq!(refused.status, 2, "{typed}");
        assert!(refused.err.contains("Nothing was changed"), "{}", refused.err);
    }
    assert_eq!(desk.json(&["particulars", "C1"]), before);
    assert_eq!(desk.run(&["edit-client", "C9", "--name", "Nobody"]).status, 1);
}
