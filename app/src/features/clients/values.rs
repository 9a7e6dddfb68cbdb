//! A client's particulars as they are shown, typed and read.

use jiff::civil::{Date, DateTime};
use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;

/// The particulars that every client has, by the names that they have in a file, in the order in which they are shown.
pub const PARTICULARS: [&str; 8] = ["name", "code", "birth_date", "phone", "email", "language", "status", "referral"];

/// A client's particulars, and how they became what they are.
#[derive(Clone)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Particulars {
    /// Whose they are.
    pub client: ClientId,
    /// What they say.
    pub identity: Identity,
    /// Their versions, newest first.
    pub versions: Vec<ParticularsRow>,
}

/// What was typed into a client's particulars and is not known to be saved.
#[derive(Clone)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct UnsavedParticulars {
    /// Whose they are.
    pub client: ClientId,
    /// What was shown.
    pub shown: Identity,
    /// What was typed over it.
    pub typed: ParticularsFields,
}

impl UnsavedParticulars {
    /// The same over what the client's particulars say now; `None` when nothing is left to be saved.
    pub(crate) fn rebased(self, now: &Identity) -> Option<Self> {
        let typed = self.typed.rebased(&self.shown, now);
        typed.differ(now).then(|| Self { typed, shown: now.clone(), ..self })
    }

    /// What was typed later of the same client, over this: each field as it was last typed.
    pub(crate) fn followed_by(self, later: Self) -> Self {
        let shown = later.shown.clone();
        Self { typed: later.typed.over(self.typed, &shown), ..later }
    }
}

/// One version of a client's particulars.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ParticularsRow {
    /// How it came about, in words.
    pub what: &'static str,
    /// When it was finished, if that is known.
    pub at: Option<DateTime>,
    /// The device it was written on, if that is known.
    pub who: Option<String>,
    /// What changed: the name of the field in words, before, after.
    pub fields: Vec<(String, String, String)>,
}

/// Why what was typed is nobody's particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParticularsFault {
    /// There is no name.
    NoName,
    /// The date of birth is no day.
    BirthDate,
}

/// Particulars as somebody types them.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ParticularsFields {
    /// The values of [`PARTICULARS`].
    pub known: [String; 8],
    /// Further columns of an import, each with its name.
    pub other: Vec<(String, String)>,
}

impl ParticularsFields {
    /// What is shown of these.
    pub fn of(identity: &Identity) -> Self {
        let Identity { name, code, birth_date, email, phone, language, status, referral, other } = identity.clone();
        let birth_date = birth_date.map(|date| date.to_string()).unwrap_or_default();
        let known = [name, code.unwrap_or_default(), birth_date, phone, email, language, status, referral];
        Self { known, other: other.into_iter().collect() }
    }

    /// Puts a value in the place of another; `false` when there is no field of this name among [`PARTICULARS`].
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let place = PARTICULARS.iter().position(|known| *known == name);
        place.and_then(|place| self.known.get_mut(place)).is_some_and(|known| {
            value.clone_into(known);
            true
        })
    }

    /// Puts a value in the place of another in a further column, which is made or, by an empty value, taken away.
    pub fn set_other(&mut self, name: &str, value: &str) {
        self.other.retain(|(other, _)| other != name);
        self.other.push((name.to_owned(), value.to_owned()));
    }

    /// Whether something else is typed than what is shown, be it fit to be saved or not.
    pub fn differ(&self, shown: &Identity) -> bool {
        self.read(shown).as_ref() != Ok(shown)
    }

    /// What was typed since these were saved, over what stands there now.
    pub fn rebased(self, saved: &Identity, now: &Identity) -> Self {
        self.over(Self::of(now), saved)
    }

    /// What was typed since these were shown, over what was typed before.
    fn over(self, before: Self, shown: &Identity) -> Self {
        let shown = Self::of(shown);
        let mut over = before;
        for ((field, typed), shown) in over.known.iter_mut().zip(self.known).zip(&shown.known) {
            if typed.trim() != shown.trim() {
                *field = typed;
            }
        }
        let column = |name: &str| shown.other.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value);
        for (name, typed) in self.other {
            if typed.trim() != column(&name).trim() {
                over.set_other(&name, &typed);
            }
        }
        over
    }

    /// What was shown, with what was typed differently: spaces around it are not part of it, and an empty field is none.
    ///
    /// # Errors
    /// [`ParticularsFault`]: there is no name, or the date of birth is none.
    pub fn read(&self, shown: &Identity) -> Result<Identity, ParticularsFault> {
        let before = Self::of(shown);
        let mut read = shown.clone();
        let Identity { name, code, birth_date, email, phone, language, status, referral, other } = &mut read;
        let typed = |place: usize| {
            let value = self.known.get(place).filter(|value| before.known.get(place) != Some(*value));
            value.map(|value| value.trim().to_owned())
        };
        for (place, field) in [name, phone, email, language, status, referral].into_iter().enumerate() {
            // The code and the day of birth stand between the name and the others.
            let place = if place == 0 { 0 } else { place + 2 };
            typed(place).into_iter().for_each(|value| *field = value);
        }
        typed(1).into_iter().for_each(|value| *code = Some(value).filter(|value| !value.is_empty()));
        if let Some(value) = typed(2) {
            *birth_date = match value.as_str() {
                "" => None,
                value => Some(value.parse::<Date>().map_err(|_| ParticularsFault::BirthDate)?),
            };
        }
        for (name, value) in self.other.iter().filter(|typed| !before.other.contains(typed)) {
            match value.trim() {
                "" => drop(other.remove(name)),
                value => drop(other.insert(name.clone(), value.to_owned())),
            }
        }
        if read.name.trim().is_empty() { Err(ParticularsFault::NoName) } else { Ok(read) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> Identity {
        Identity {
            name: "Anna ".to_owned(),
            code: Some("C-1".to_owned()),
            phone: "040 1".to_owned(),
            other: [("Insurer".to_owned(), "Kela".to_owned())].into(),
            ..Identity::default()
        }
    }

    #[test]
    fn every_field_is_read_as_it_was_typed_and_what_was_not_touched_stays_to_the_letter() {
        let mut fields = ParticularsFields::of(&anna());
        assert!(fields.read(&anna()).unwrap() == anna(), "nothing was typed, not even around what stands there");
        for (name, value) in PARTICULARS.into_iter().zip(["A", "B", "1986-04-03", "C", "D", "E", "F", "G"]) {
            assert!(fields.set(name, &format!(" {value} ")));
        }
        fields.set_other("Insurer", "");
        fields.set_other("Ward", "7");
        let read = fields.read(&anna()).unwrap();
        let expected = Identity {
            name: "A".to_owned(),
            code: Some("B".to_owned()),
            birth_date: Some(jiff::civil::date(1986, 4, 3)),
            phone: "C".to_owned(),
            email: "D".to_owned(),
            language: "E".to_owned(),
            status: "F".to_owned(),
            referral: "G".to_owned(),
            other: [("Ward".to_owned(), "7".to_owned())].into(),
        };
        assert!(read == expected);
        assert!(ParticularsFields::of(&read).known == fields.known.map(|value| value.trim().to_owned()));
    }

    #[test]
    fn what_is_typed_while_it_is_saved_stays_and_what_another_device_wrote_is_shown() {
        let mut typed = ParticularsFields::of(&anna());
        typed.set("phone", "040 2");
        let saved = typed.read(&anna()).unwrap();
        typed.set("email", "a@");
        let now = Identity { language: "sv".to_owned(), name: "Anna Ek".to_owned(), ..saved.clone() };
        let rebased = typed.rebased(&saved, &now);
        let expected = Identity { email: "a@".to_owned(), ..now.clone() };
        assert!(rebased.read(&now).unwrap() == expected);
        assert!(rebased.rebased(&expected, &now) == ParticularsFields::of(&now), "nothing else was typed");
    }

    #[test]
    fn without_a_name_or_with_a_day_that_is_none_there_are_no_particulars() {
        for (name, value, fault) in [
            ("name", " ", ParticularsFault::NoName),
            ("birth_date", "3.4.1986", ParticularsFault::BirthDate),
            ("birth_date", "1986-02-30", ParticularsFault::BirthDate),
        ] {
            let mut fields = ParticularsFields::of(&anna());
            fields.set(name, value);
            assert_eq!(fields.read(&anna()).err(), Some(fault), "{name}");
        }
        assert!(!ParticularsFields::default().set("shoe_size", "44"));
    }
}
