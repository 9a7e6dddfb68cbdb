//! The versions of a note, and what changed from one to the next.

use serde_json::{Value, json};
use subrosa_core::difference::{Became, Difference, FieldChange};
use subrosa_core::vault::{Made, NoteError, NoteVersion, Vault};

use crate::cli::console::{Answer, CliFailure, CliSession, find, time_of};
use crate::operations::drafts;
use crate::operations::history::{ComparedVersion, compared};
use crate::words::{count, field_name};

/// Characters of unchanged text that are shown around a change.
const AROUND: usize = 40;

/// `history`: who wrote what, when; or an old version written into the note again.
pub(in crate::cli) fn history(
    session: &CliSession,
    vault: &mut Vault,
    note: &str,
    restore: Option<usize>,
) -> Result<Answer, CliFailure> {
    let id = find::note(vault, note)?;
    let versions = session.reauthenticating(vault, |vault| vault.notes().history(&id))?;
    if let Some(wanted) = restore {
        let version = wanted.checked_sub(1).and_then(|at| versions.get(at));
        let Some(version) = version else { return Err(CliFailure::usage("The note has no version of this number.")) };
        if matches!(version.made, Made::Signed(_)) {
            return Err(NoteError::Signed.into());
        }
        let (id, changed) = drafts::write(vault, &id, &version.content)?;
        return Ok(Answer::new(json!({ "id": id, "changed": changed }), "The note says again what this version said."));
    }
    let (mut json, mut text) = (Vec::new(), String::new());
    for (number, ComparedVersion { version, changed, .. }) in (1..).zip(&compared(versions)) {
        json.push(version_json(number, version, changed));
        text.push_str(&version_text(number, version, changed));
    }
    Ok(Answer::new(Value::from(json), text))
}

fn made_word(made: Made) -> &'static str {
    match made {
        Made::Imported => "imported",
        Made::Written => "written",
        Made::Signed(_) => "signed",
        Made::Addendum(..) => "addendum",
        Made::EnteredInError(..) => "entered in error",
        Made::Late => "written elsewhere, not signed",
        _ => "other",
    }
}

/// What changed outside a text, field by field.
pub(in crate::cli) fn fields_json(changed: &[FieldChange]) -> Vec<Value> {
    changed.iter().map(|field| json!({ "name": field.name, "before": field.before, "after": field.after })).collect()
}

fn version_json(number: usize, version: &NoteVersion, changed: &Difference) -> Value {
    let became = |became| match became {
        Became::Kept => "kept",
        Became::Added => "added",
        Became::Removed => "removed",
    };
    let pieces: Vec<_> =
        changed.text.iter().map(|piece| json!({ "became": became(piece.became), "text": piece.text })).collect();
    let fields = fields_json(&changed.fields);
    let hash = match version.made {
        Made::Signed(hash) | Made::Addendum(hash, _) | Made::EnteredInError(hash, _) => Some(hash),
        _ => None,
    };
    let id = hash.map_or_else(|| number.to_string(), |hash| hash.to_string());
    json!({
        "id": id, "number": number, "made": made_word(version.made), "device": version.device,
        "device_name": version.device_name, "from": version.from, "at": version.at, "hash": hash,
        "text": version.content.text, "changes": pieces, "fields": fields,
    })
}

fn version_text(number: usize, version: &NoteVersion, changed: &Difference) -> String {
    let (added, removed) = changed.words();
    let mut head = vec![number.to_string(), made_word(version.made).to_owned()];
    head.extend(version.at.map(time_of));
    head.extend(version.device_name.clone());
    let number = |count| u64::try_from(count).unwrap_or(u64::MAX);
    head.push(format!("{} added, {removed} removed", count(number(added), "word")));
    let mut text = format!("{}\n", head.join(" · "));
    for field in &changed.fields {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        text.push_str(&format!("{}: {} → {}\n", field_name(&field.name), value(&field.before), value(&field.after)));
    }
    text.push_str(&marked(changed));
    text.push('\n');
    text
}

/// The text with what changed marked, and of what did not change only what stands around it.
fn marked(changed: &Difference) -> String {
    let last = changed.text.len().saturating_sub(1);
    let mut text = String::new();
    for (at, piece) in changed.text.iter().enumerate() {
        match piece.became {
            Became::Added => text.push_str(&format!("{{+{}+}}", piece.text)),
            Became::Removed => text.push_str(&format!("[-{}-]", piece.text)),
            Became::Kept => text.push_str(&shortened(&piece.text, at > 0, at < last)),
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn shortened(kept: &str, after_a_change: bool, before_a_change: bool) -> String {
    let letters: Vec<char> = kept.chars().collect();
    let (head, tail) = (if after_a_change { AROUND } else { 0 }, if before_a_change { AROUND } else { 0 });
    if letters.len() <= head + tail + 3 {
        return kept.to_owned();
    }
    let begin: String = letters.iter().take(head).collect();
    let end: String = letters.iter().skip(letters.len() - tail).collect();
    format!("{begin} … {end}")
}

#[cfg(test)]
mod tests {
    use subrosa_core::record::NoteContent;
    use subrosa_core::vault::empty_note;

    use super::*;
    use crate::practice;

    fn between(before: &str, after: &str) -> String {
        let note = |text: &str| NoteContent { text: text.to_owned(), ..empty_note(practice::today()) };
        marked(&Difference::between(&note(before), &note(after)))
    }

    #[test]
    fn what_was_and_what_is_are_marked_and_the_rest_is_shortened() {
        assert_eq!(between("Slept badly.", "Slept well."), "Slept [-badly-]{+well+}.\n");
        let long = "a ".repeat(200);
        let shown = between(&format!("{long}end"), &format!("{long}end, and more"));
        assert!(shown.starts_with(" … ") && shown.len() < 120 && shown.ends_with("{+, and more+}\n"), "{shown}");
    }
}
