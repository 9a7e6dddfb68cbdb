//! Who a client is: every field can be changed, and how each became what it is stands below.

use egui::Ui;

use crate::features::clients::messages::ClientsCommand;
use crate::features::clients::values::{PARTICULARS, Particulars, ParticularsFault, ParticularsFields};
use crate::model::Practice;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::{Stage, widgets};
use crate::values::job::Job;
use crate::words;

/// Draws them.
pub(super) fn particulars(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if stage.model.discreet {
        return widgets::empty(ui, words::PARTICULARS_VEILED, "");
    }
    let Some(shown) = &practice.clients.particulars else {
        return widgets::progress(ui, words::LOADING, stage.model.progress(Job::Particulars).unwrap_or_default());
    };
    ui.set_max_width(size::DIALOG);
    let mut entered = false;
    for (place, (name, value)) in PARTICULARS.into_iter().zip(&mut stage.typed.particulars.known).enumerate() {
        let hint = match name {
            "birth_date" => words::BIRTH_DATE_HINT,
            "status" => words::STATUS_HINT,
            _ => "",
        };
        let id = format!("particular-{place}");
        entered |= widgets::field(ui, &id, words::particular_name(name), hint, value, false);
    }
    for (place, (name, value)) in stage.typed.particulars.other.iter_mut().enumerate() {
        entered |= widgets::field(ui, &format!("other-particular-{place}"), name, "", value, false);
    }
    let read = stage.typed.particulars.read(&shown.identity);
    let fault = read.as_ref().err().map(|fault| match fault {
        ParticularsFault::NoName => words::NO_NAME,
        ParticularsFault::BirthDate => words::NO_BIRTH_DATE,
    });
    widgets::trouble(ui, fault);
    let changed = stage.typed.particulars != ParticularsFields::of(&shown.identity);
    let ready = read.is_ok_and(|read| read != shown.identity) && stage.model.progress(Job::Particulars).is_none();
    ui.horizontal(|ui| {
        let save = widgets::filled(ui, words::PARTICULARS_SAVE, ready);
        stage.ask_if((save || entered) && ready, ClientsCommand::SaveParticulars);
        if changed {
            let reset = widgets::quiet(ui, words::PARTICULARS_RESET);
            stage.ask_if(reset, ClientsCommand::ResetParticulars);
        }
    });
    ui.add_space(space::SECTION);
    versions(ui, stage, shown);
}

fn versions(ui: &mut Ui, stage: &Stage<'_>, shown: &Particulars) {
    let t = tokens(ui);
    widgets::say(ui, words::PARTICULARS_VERSIONS, face::pane(), t.ink);
    for version in &shown.versions {
        let when = version.at.map_or(words::UNKNOWN_TIME.to_owned(), |at| words::seen(at, stage.model.now.today()));
        let by = version.who.as_ref().map(|who| format!(" · {who}")).unwrap_or_default();
        widgets::wrap(ui, &format!("{} {when}{by}", version.what), face::strong(), t.ink);
        for (name, before, after) in &version.fields {
            widgets::wrap(ui, &words::field_changed(name, before, after), face::small(), t.soft);
        }
        ui.add_space(space::SMALL);
    }
}
