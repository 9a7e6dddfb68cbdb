//! Search over every note, as one types.

use egui::Ui;
use egui::text::LayoutJob;

use crate::features::search::messages::SearchCommand;
use crate::features::search::values::Hit;
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::{view_model, words};

/// Draws the field and what was found.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::SEARCH, "");
    let focus = stage.focus(Field::Query);
    let query = widgets::area(ui, "query", words::SEARCH_NOTES, words::SEARCH_HINT, &mut stage.typed.query, focus);
    stage.ask_if(query.changed(), SearchCommand::Typed);
    ui.add_space(space::MEDIUM);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Search]));
    let empty = stage.typed.query.trim().is_empty();
    match (empty, practice.search.answered, practice.search.hits.is_empty()) {
        (true, ..) => widgets::empty(ui, words::SEARCH_EMPTY, words::SEARCH_EMPTY_MORE),
        (false, true, true) => widgets::empty(ui, words::SEARCH_NOTHING, words::SEARCH_NOTHING_MORE),
        (false, answered, _) => {
            if !answered {
                widgets::progress(ui, words::SEARCHING, practice.search.looked);
            }
            for (place, hit) in practice.search.hits.iter().enumerate() {
                ui.push_id(place, |ui| self::hit(ui, stage, place, hit));
            }
        }
    }
}

fn hit(ui: &mut Ui, stage: &mut Stage<'_>, place: usize, hit: &Hit) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        let name = view_model::veiled(stage.model, &hit.name);
        let button =
            egui::Button::new(egui::RichText::new(name.as_ref()).font(face::strong()).color(t.ink)).frame(false);
        let response = ui.add(button);
        widgets::focus_ring(ui, &response);
        stage.ask_if(response.clicked(), SearchCommand::Open(place));
        if let Some(date) = hit.date {
            widgets::say(ui, &words::date(date, stage.model.now.today()), face::hint(), t.soft);
        }
    });
    let mut context = LayoutJob::default();
    for (text, font, color) in [
        (&hit.before, face::note(), t.soft),
        (&hit.found, face::note_strong(), t.accent),
        (&hit.after, face::note(), t.soft),
    ] {
        context.append(&view_model::veiled(stage.model, text), 0.0, egui::TextFormat::simple(font, color));
    }
    ui.label(context);
    ui.add_space(space::LARGE);
}
