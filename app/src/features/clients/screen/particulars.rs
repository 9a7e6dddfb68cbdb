//! Who a client is: every field can be changed, and how each became what it is stands below.

use egui::Ui;
use subrosa_core::id::ClientId;

use crate::features::clients::messages::ClientsCommand;
use crate::features::clients::values::{PARTICULARS, Particulars, ParticularsFault, ParticularsFields};
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
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
    let entered = ui.scope(|ui| {
        ui.set_max_width(size::COLUMN.min(ui.available_width()));
        // What is undone in a field is what was typed into this client's.
        fields(ui, shown.client, &mut stage.typed.clients.particulars)
    });
    let entered = entered.inner;
    let read = stage.typed.clients.particulars.read(&shown.identity);
    let fault = read.as_ref().err().map(|fault| match fault {
        ParticularsFault::NoName => words::NO_NAME,
        ParticularsFault::BirthDate => words::NO_BIRTH_DATE,
    });
    widgets::trouble(ui, fault);
    let changed = stage.typed.clients.particulars != ParticularsFields::of(&shown.identity);
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

/// Every field, two beside each other where there is room. True in the frame in which Enter was pressed in one.
fn fields(ui: &mut Ui, client: ClientId, typed: &mut ParticularsFields) -> bool {
    let beside = if ui.available_width() < size::SESSION { 1 } else { 2 };
    let known = PARTICULARS.into_iter().zip(&mut typed.known);
    let known = known.map(|(name, value)| (words::particular_name(name), hint(name), value));
    let other = typed.other.iter_mut().map(|(name, value)| (name.as_str(), "", value));
    let mut all: Vec<_> = known.chain(other).enumerate().collect();
    let mut entered = false;
    for row in all.chunks_mut(beside) {
        ui.columns(beside, |columns| {
            for (ui, (place, (label, hint, value))) in columns.iter_mut().zip(row) {
                entered |= widgets::field(ui, &format!("particular-{client}-{place}"), label, hint, value, false);
            }
        });
    }
    entered
}

fn hint(name: &str) -> &'static str {
    match name {
        "birth_date" => words::BIRTH_DATE_HINT,
        "status" => words::STATUS_HINT,
        _ => "",
    }
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
