//! Notes and identities as fields of a document, and back.
//!
//! Names: a known name holds its value as text; `tag.<tag>` holds the tag's places in the list (each tag its own field,
//! so that tags which two devices add at the same time are both kept); any other name is an entry of `other` under
//! that name. An entry of `other` whose name would be taken for something else is kept as `other.<name>`.
//!
//! Back is strict and loses nothing: a field of a later version of the program lands in `other` under its own name and
//! goes back under it, and a value that cannot be read (a date that is none) lands in `other` as it was written.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use subrosa_record::{Identity, NoteContent};

use super::{Fields, TEXT};

/// The day of a note whose date cannot be read; what was written is in its `other`.
pub const NO_DATE: Date = Date::constant(1970, 1, 1);

const OTHER: &str = "other.";
const TAG: &str = "tag.";

const NOTE: [&str; 5] = ["date", "start", "minutes", "format", "session"];
const IDENTITY: [&str; 8] = ["name", "code", "birth_date", "email", "phone", "language", "status", "referral"];

/// The fields and the text of a note.
pub fn of_note(note: &NoteContent) -> (Fields, String) {
    let mut fields = of_other(&note.other, &NOTE);
    let mut put = |name: &str, value: Option<String>| fields.extend(value.map(|value| (name.to_owned(), value)));
    put("date", Some(note.date.to_string()));
    put("start", note.start.map(|start| start.to_string()));
    put("minutes", note.minutes.map(|minutes| minutes.to_string()));
    put("format", written(&note.format));
    put("session", note.session.map(|session| session.to_string()));
    for (place, tag) in note.tags.iter().enumerate() {
        let places = fields.entry(format!("{TAG}{tag}")).or_default();
        if !places.is_empty() {
            places.push(' ');
        }
        places.push_str(&place.to_string());
    }
    (fields, note.text.clone())
}

/// The note that fields and text say.
pub fn to_note(fields: &Fields, text: &str) -> NoteContent {
    let mut rest = Rest::of(fields);
    let date = rest.take("date").unwrap_or(NO_DATE);
    let (start, minutes, session): (Option<Time>, _, _) =
        (rest.take("start"), rest.take("minutes"), rest.take("session"));
    let format = rest.take("format").unwrap_or_default();
    let tags = rest.tags();
    NoteContent { date, start, minutes, format, session, tags, other: rest.other(), text: text.to_owned() }
}

/// The fields of an identity.
pub fn of_identity(identity: &Identity) -> Fields {
    let mut fields = of_other(&identity.other, &IDENTITY);
    let mut put = |name: &str, value: Option<String>| fields.extend(value.map(|value| (name.to_owned(), value)));
    put("name", written(&identity.name));
    put("code", identity.code.clone());
    put("birth_date", identity.birth_date.map(|date| date.to_string()));
    put("email", written(&identity.email));
    put("phone", written(&identity.phone));
    put("language", written(&identity.language));
    put("status", written(&identity.status));
    put("referral", written(&identity.referral));
    fields
}

/// The identity that fields say.
pub fn to_identity(fields: &Fields) -> Identity {
    let mut rest = Rest::of(fields);
    Identity {
        name: rest.take("name").unwrap_or_default(),
        code: rest.take("code"),
        birth_date: rest.take("birth_date"),
        email: rest.take("email").unwrap_or_default(),
        phone: rest.take("phone").unwrap_or_default(),
        language: rest.take("language").unwrap_or_default(),
        status: rest.take("status").unwrap_or_default(),
        referral: rest.take("referral").unwrap_or_default(),
        other: rest.other(),
    }
}

fn written(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn of_other(other: &BTreeMap<String, String>, known: &[&str]) -> Fields {
    let taken = |name: &str| name == TEXT || known.contains(&name) || name.starts_with(OTHER) || name.starts_with(TAG);
    let field = |name: &String| if taken(name) { format!("{OTHER}{name}") } else { name.clone() };
    other.iter().map(|(name, value)| (field(name), value.clone())).collect()
}

/// Fields that are not understood yet.
struct Rest {
    unread: Fields,
    /// Known names whose values could not be read.
    unreadable: Fields,
}

impl Rest {
    fn of(fields: &Fields) -> Self {
        Self { unread: fields.clone(), unreadable: Fields::new() }
    }

    /// A value that says nothing but what is read of it: written again it is the same text.
    fn take<T: FromStr + ToString>(&mut self, name: &str) -> Option<T> {
        let value = self.unread.remove(name)?;
        let read = value.parse().ok().filter(|read: &T| read.to_string() == value);
        if read.is_none() {
            self.unreadable.insert(name.to_owned(), value);
        }
        read
    }

    fn tags(&mut self) -> Vec<String> {
        let mut placed = Vec::new();
        self.unread.retain(|name, places| {
            let Some(tag) = name.strip_prefix(TAG) else { return true };
            // Places that cannot be read put the tag last; the tag itself is never lost.
            let read: Vec<u32> = places.split(' ').filter_map(|place| place.parse().ok()).collect();
            let places = if read.is_empty() { vec![u32::MAX] } else { read };
            placed.extend(places.into_iter().map(|place| (place, tag.to_owned())));
            false
        });
        placed.sort();
        placed.into_iter().map(|(_, tag)| tag).collect()
    }

    fn other(self) -> BTreeMap<String, String> {
        let mut other: BTreeMap<String, String> = BTreeMap::new();
        let bare = |name: &str| name.strip_prefix(OTHER).unwrap_or(name).to_owned();
        let named = self.unread.into_iter().map(|(name, value)| (bare(&name), value));
        for (mut name, value) in named.chain(self.unreadable) {
            while other.contains_key(&name) {
                name.push('\'');
            }
            other.insert(name, value);
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn note() -> NoteContent {
        NoteContent {
            date: Date::constant(2026, 3, 2),
            start: Some(Time::constant(9, 30, 0, 0)),
            minutes: Some(50),
            format: "SOAP".into(),
            session: Some(12),
            tags: vec!["sleep".into(), "family".into(), "sleep".into()],
            other: pairs(&[("room", "2"), ("text", "a"), ("date", "b"), ("tag.x", "c"), ("other.y", "d"), ("", "e")]),
            text: "She slept badly.".into(),
        }
    }

    #[test]
    fn a_note_survives_being_fields_and_a_text() {
        let (fields, text) = of_note(&note());
        assert!(!fields.contains_key(TEXT));
        assert!(to_note(&fields, &text) == note());
    }

    #[test]
    fn an_identity_survives_being_fields() {
        let identity = Identity {
            name: "Aino Example".into(),
            code: Some(String::new()),
            birth_date: Some(Date::constant(1980, 2, 29)),
            email: "a@example.org".into(),
            phone: "040".into(),
            language: "fi".into(),
            status: "paused, by agreement".into(),
            referral: "GP".into(),
            other: pairs(&[("name", "old name"), ("gender", "f")]),
        };
        assert!(to_identity(&of_identity(&identity)) == identity);
        assert!(to_identity(&Fields::new()) == Identity::default());
    }

    #[test]
    fn a_field_of_a_later_version_comes_back_under_its_own_name() {
        let (mut fields, text) = of_note(&note());
        fields.insert("mood".into(), "7".into());
        let read = to_note(&fields, &text);
        assert_eq!(read.other["mood"], "7");
        assert!(of_note(&read).0 == fields);
    }

    #[test]
    fn a_value_that_says_more_than_is_read_of_it_is_kept_as_it_was_written() {
        for (name, value) in [
            ("date", "2026-03-02 10:00"),
            ("date", "20260302"),
            ("start", "09:30:60"),
            ("start", "9:30"),
            ("minutes", "+50"),
            ("minutes", "050"),
            ("session", ""),
        ] {
            let fields = pairs(&[(name, value)]);
            let read = to_note(&fields, "");
            assert_eq!((read.date, read.start, read.minutes, read.session), (NO_DATE, None, None, None), "{value}");
            assert_eq!(read.other[name], value);
        }
        let plain = pairs(&[("date", "2026-03-02"), ("start", "09:30:00"), ("minutes", "50"), ("session", "7")]);
        let read = to_note(&plain, "");
        assert!(read.other.is_empty() && read.minutes == Some(50) && read.session == Some(7) && read.start.is_some());
    }

    #[test]
    fn what_cannot_be_read_costs_neither_the_note_nor_what_was_written() {
        let fields =
            pairs(&[("date", "last Tuesday"), ("minutes", "-5"), ("other.date", "kept"), ("tag.sleep", "first")]);
        let read = to_note(&fields, "Text.");
        assert_eq!((read.date, read.minutes, read.text.as_str()), (NO_DATE, None, "Text."));
        assert_eq!(read.tags, ["sleep"]);
        assert!(read.other == pairs(&[("date", "kept"), ("date'", "last Tuesday"), ("minutes", "-5")]));
    }
}
