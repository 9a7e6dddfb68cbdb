//! The measures of a client: each total, and the course of them as a line.

use egui::Ui;

use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::{view_model, words};

pub(crate) fn measures(ui: &mut Ui, stage: &Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    let mut measures: Vec<_> = practice.measures().iter().collect();
    if measures.is_empty() {
        return widgets::empty(ui, words::NO_MEASURES, words::NO_MEASURES_MORE);
    }
    measures.sort_by(|a, b| (&a.instrument, a.date).cmp(&(&b.instrument, b.date)));
    for course in measures.chunk_by(|a, b| a.instrument == b.instrument) {
        let Some(first) = course.first() else { continue };
        widgets::say(ui, &first.instrument, face::pane(), t.accent);
        let totals: Vec<i32> = course.iter().map(|measure| measure.total).collect();
        if !stage.model.discreet {
            chart(ui, &first.instrument, &totals);
        }
        for measure in course.iter().rev() {
            let total = measure.total.to_string();
            let line = format!("{}   {}", words::long_date(measure.date), view_model::veiled(stage.model, &total));
            widgets::say(ui, &line, face::text(), t.ink);
        }
        ui.add_space(space::SECTION);
    }
}

/// The totals as a line, oldest left. The numbers stand below it, so nothing is said by the line alone.
fn chart(ui: &mut Ui, name: &str, totals: &[i32]) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), size::CHART), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let inside = rect.shrink(space::LARGE);
    let (Some(lowest), Some(highest)) = (totals.iter().min(), totals.iter().max()) else { return };
    let span = (f64::from(*highest) - f64::from((*lowest).min(0))).max(1.0);
    let steps = totals.len().saturating_sub(1).max(1);
    #[expect(clippy::cast_possible_truncation, reason = "a place on the screen needs no more than f32")]
    let point = |(place, total): (usize, &i32)| {
        let x = place as f32 / steps as f32;
        let y = ((f64::from(*total) - f64::from((*lowest).min(0))) / span) as f32;
        egui::pos2(inside.left() + x * inside.width(), inside.bottom() - y * inside.height())
    };
    let points: Vec<_> = totals.iter().enumerate().map(point).collect();
    ui.painter().hline(inside.x_range(), inside.bottom(), egui::Stroke::new(1.0, t.hairline));
    ui.painter().add(egui::Shape::line(points.clone(), egui::Stroke::new(size::LINE, t.accent)));
    for (at, total) in points.iter().zip(totals) {
        ui.painter().circle_filled(*at, size::MARK, t.accent);
        let above = *at - egui::vec2(0.0, space::TIGHT);
        ui.painter().text(above, egui::Align2::CENTER_BOTTOM, total.to_string(), face::hint(), t.soft);
    }
}
