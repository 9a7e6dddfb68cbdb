//! What a record holds, as plain values: who the client is, what was written, what was measured.
//!
//! These are the words of a client's worst hour: no type here prints more than its name.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Who a client is, and how they can be reached. The identity compartment.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The name as the therapist writes it; never empty in a stored client.
    pub name: String,
    /// The id that the client has in the paper trail that was imported, or that the therapist gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// Mail address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Telephone number as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Language of the sessions, as written (`fi`, `sv` …).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// `active`, `waiting` or `closed`; another word is kept as it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// What brought the client.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub referral: String,
    /// Further columns of an import, by name: nothing of a paper trail is thrown away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, String>,
}

/// One note: what it says, and the session it is about. The clinical compartment, or the process compartment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteContent {
    /// Day of the session or contact.
    pub date: Date,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Time>,
    /// How long it took, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// `SOAP`, `DAP`, `BIRP`, `Free` … as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// Number of the session in the course of therapy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Further front matter of an import, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, String>,
    /// The note itself, in Markdown.
    pub text: String,
}

impl NoteContent {
    /// A note of a day that says nothing yet.
    pub fn empty(date: Date) -> Self {
        Self {
            date,
            start: None,
            minutes: None,
            format: String::new(),
            session: None,
            tags: Vec::new(),
            other: BTreeMap::new(),
            text: String::new(),
        }
    }
}

/// One filled-in instrument, such as PHQ-9. The clinical compartment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Day on which it was filled in.
    pub date: Date,
    /// Name of the instrument as written.
    pub instrument: String,
    /// Scores of the items, in order.
    pub items: Vec<i32>,
    /// Total as written; not computed, so that a paper trail's own sum is kept.
    pub total: i32,
}

/// A client's identity out of JSON that a later version may have written: what is not known here stands in `other`.
pub fn read_identity(json: &[u8]) -> Result<Identity, serde_json::Error> {
    let WithLater { known, later } = serde_json::from_slice::<WithLater<Identity>>(json)?;
    let mut identity = known;
    keep(later, &mut identity.other);
    Ok(identity)
}

/// For `deserialize_with`: a note's content, in the same way.
pub fn read_note<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NoteContent, D::Error> {
    let WithLater { known, later } = WithLater::<NoteContent>::deserialize(deserializer)?;
    let mut content = known;
    keep(later, &mut content.other);
    Ok(content)
}

/// Members with a name here, and those that a later version added.
#[derive(Deserialize)]
struct WithLater<T> {
    #[serde(flatten)]
    known: T,
    #[serde(flatten)]
    later: BTreeMap<String, Value>,
}

/// A text stays as it is, anything else becomes its JSON (format §3, *frozen*): every device makes the same of it.
fn keep(later: BTreeMap<String, Value>, other: &mut BTreeMap<String, String>) {
    for (mut name, mut value) in later {
        while other.contains_key(&name) {
            name.push('\'');
        }
        value.sort_all_objects();
        let text = match value {
            Value::String(text) => text,
            value => value.to_string(),
        };
        other.insert(name, text);
    }
}

macro_rules! prints_its_name_alone {
    ($($record:ident)*) => {$(
        impl fmt::Debug for $record {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($record))
            }
        }
    )*};
}

prints_its_name_alone!(Identity NoteContent Measure);
