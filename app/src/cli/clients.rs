//! Clients: the list, a new one, particulars and how they change, and two records of one person.

use serde_json::{Map, Value, json};
use subrosa_core::vault::{ParticularsVersion, Vault};

use super::console::{Answer, CliFailure, find, input, table, time_of};
use super::notes;
use crate::features::clients::values::{PARTICULARS, ParticularsFault, ParticularsFields};
use crate::operations::clients::{self, ParticularsError};
use crate::practice;
use crate::words::{NOT_GIVEN, field_changed, particular_name};

/// `clients`
pub(super) fn list(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let mut rows: Vec<_> = vault.clients().all().collect();
    rows.sort_by_key(|row| (row.name.to_lowercase(), row.id));
    let list = rows.iter().map(|row| {
        let others = vault.clients().other_identities(&row.id).unwrap_or_default();
        let others: Vec<_> = others.iter().map(|(id, who)| json!({ "id": id, "name": who.name })).collect();
        json!({
            "id": row.id, "name": row.name, "code": row.code, "status": row.status, "notes": row.notes,
            "unsigned": row.unsigned, "first": row.first, "last": row.last,
            "other_records": others,
        })
    });
    let json: Value = list.collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let last = row.last.map(|day| day.to_string()).unwrap_or_default();
            let code = row.code.clone().unwrap_or_default();
            let (notes, unsigned) = (row.notes.to_string(), row.unsigned.to_string());
            [find::short(&row.id), code, row.status.clone(), notes, unsigned, last, row.name.clone()]
        })
        .collect();
    let head = ["id", "code", "status", "notes", "unsigned", "last", "name"];
    Ok(Answer::new(json, if rows.is_empty() { "There are no clients yet.".into() } else { table(head, &shown) }))
}

/// `add-client`
pub(super) fn add_client(vault: &mut Vault, name: &str, code: Option<&str>) -> Result<Answer, CliFailure> {
    let id = clients::add(vault, name, code)?;
    Ok(Answer::new(json!({ "id": id }), id.to_string()))
}

/// What `edit-client` changes.
#[derive(Debug, clap::Args)]
pub(super) struct ParticularsOptions {
    #[arg(long)]
    name: Option<String>,
    /// A code to find the client by
    #[arg(long)]
    code: Option<String>,
    /// As 1986-04-03
    #[arg(long, value_name = "DATE")]
    birth_date: Option<String>,
    #[arg(long)]
    phone: Option<String>,
    #[arg(long)]
    email: Option<String>,
    #[arg(long)]
    language: Option<String>,
    /// active, waiting, closed, or another word
    #[arg(long)]
    status: Option<String>,
    /// What brought the client
    #[arg(long)]
    referral: Option<String>,
    /// A further column
    #[arg(long, value_name = "NAME=VALUE")]
    other: Vec<String>,
    /// Read them from standard input, one object of JSON as `particulars --json` shows it: so nothing of them stands in the
    /// list of processes or the shell's history
    #[arg(long)]
    from_stdin: bool,
}

impl ParticularsOptions {
    fn put(&self, fields: &mut ParticularsFields) -> Result<(), CliFailure> {
        let Self { name, code, birth_date, phone, email, language, status, referral, other, from_stdin } = self;
        if *from_stdin {
            put_json(fields, &input::object()?)?;
        }
        let values = [name, code, birth_date, phone, email, language, status, referral];
        for (name, value) in PARTICULARS.into_iter().zip(values) {
            if let Some(value) = value {
                fields.set(name, value);
            }
        }
        for column in other {
            let (name, value) = column
                .split_once('=')
                .filter(|(name, _)| !name.trim().is_empty())
                .ok_or_else(|| CliFailure::usage("A further column is NAME=VALUE. Nothing was changed."))?;
            fields.set_other(name, value);
        }
        Ok(())
    }
}

/// Takes over what JSON says of particulars; `null` takes one away.
fn put_json(fields: &mut ParticularsFields, json: &Map<String, Value>) -> Result<(), CliFailure> {
    let not_understood = || {
        CliFailure::usage("Standard input is not particulars as `particulars --json` shows them. Nothing was changed.")
    };
    let text = |value: &Value| match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    // As a whole it says whose they are, and the versions: those are not what is changed.
    let json = json.get("particulars").and_then(Value::as_object).unwrap_or(json);
    for (name, value) in json {
        if let ("other", Value::Object(columns)) = (name.as_str(), value) {
            for (name, value) in columns {
                fields.set_other(name, &text(value).ok_or_else(not_understood)?);
            }
        } else if let ("other", Value::Null) = (name.as_str(), value) {
            fields.other.iter_mut().for_each(|(_, value)| value.clear());
        } else if !fields.set(name, &text(value).ok_or_else(not_understood)?) {
            return Err(not_understood());
        }
    }
    Ok(())
}

/// `particulars`: who a client is, and every version that said so, oldest first.
pub(super) fn particulars(vault: &mut Vault, client: &str) -> Result<Answer, CliFailure> {
    let id = find::client(vault, client)?;
    let identity = vault.clients().identity(&id)?;
    let versions = vault.clients().particulars_history(&id)?;
    let json: Vec<_> = (1..).zip(&versions).map(|(number, version)| version_json(number, version)).collect();
    let shown = ParticularsFields::of(&identity);
    let known = PARTICULARS.into_iter().zip(shown.known).map(|(name, value)| (particular_name(name).to_owned(), value));
    let lines = known.chain(shown.other).filter(|(_, value)| !value.is_empty());
    let mut text: String = lines.map(|(name, value)| format!("{name}: {value}\n")).collect();
    for (number, version) in (1..).zip(&versions) {
        text.push_str(&version_text(number, version));
    }
    Ok(Answer::new(json!({ "id": id, "particulars": identity, "versions": json }), text))
}

fn version_json(number: usize, version: &ParticularsVersion) -> Value {
    json!({
        "id": number.to_string(), "number": number, "made": made_word(version), "device": version.device,
        "device_name": version.device_name, "at": version.at, "particulars": version.identity,
        "fields": notes::fields_json(&version.changed),
    })
}

fn version_text(number: usize, version: &ParticularsVersion) -> String {
    let mut head = vec![number.to_string(), made_word(version).to_owned()];
    head.extend(version.at.map(time_of));
    head.extend(version.device_name.clone());
    let mut text = format!("\n{}\n", head.join(" · "));
    for field in &version.changed {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| NOT_GIVEN.to_owned());
        let line = field_changed(particular_name(&field.name), &value(&field.before), &value(&field.after));
        text.push_str(&format!("{line}\n"));
    }
    text
}

fn made_word(version: &ParticularsVersion) -> &'static str {
    if version.imported { "imported" } else { "written" }
}

/// `edit-client`
pub(super) fn edit_client(vault: &mut Vault, client: &str, options: &ParticularsOptions) -> Result<Answer, CliFailure> {
    let id = find::client(vault, client)?;
    let shown = vault.clients().identity(&id)?;
    let mut fields = ParticularsFields::of(&shown);
    options.put(&mut fields)?;
    let wanted = fields.read(&shown).map_err(|fault| match fault {
        ParticularsFault::NoName => CliFailure::refused("A client has a name. Nothing was changed."),
        ParticularsFault::BirthDate => {
            CliFailure::usage("A date of birth is written year first, as 1986-04-03. Nothing was changed.")
        }
    })?;
    let changed = clients::edit(vault, &id, &shown, &wanted)?;
    let words = if changed { "The particulars are changed." } else { "They say so already. Nothing was changed." };
    Ok(Answer::new(json!({ "id": id, "changed": changed }), words))
}

/// `merge`: the second client stays in the list.
pub(super) fn merge(vault: &mut Vault, from: &str, into: &str) -> Result<Answer, CliFailure> {
    let (from, into) = (find::client(vault, from)?, find::client(vault, into)?);
    vault.clients_mut().merge_clients(&from, &into, practice::now())?;
    let others = vault.clients().other_identities(&into)?;
    let others: Vec<_> = others.iter().map(|(id, identity)| json!({ "id": id, "identity": identity })).collect();
    let words = "They are one record now. `unmerge` takes that back.";
    Ok(Answer::new(json!({ "id": into, "others": others }), words))
}

/// `unmerge`: each note goes where it was written.
pub(super) fn unmerge(vault: &mut Vault, client: &str) -> Result<Answer, CliFailure> {
    let id = find::client(vault, client)?;
    vault.clients_mut().unmerge_client(&id, practice::now())?;
    Ok(Answer::new(json!({ "id": id }), "They are records of their own again."))
}

impl From<ParticularsError> for CliFailure {
    fn from(error: ParticularsError) -> Self {
        match error {
            ParticularsError::CodeTaken => Self::refused(error.to_string()),
            ParticularsError::Client(error) => error.into(),
        }
    }
}
