//! A window without pixels, and hands for it: a clock that goes 100 ms a frame, buttons and fields found by role and name.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use subrosa::jobs::Jobs;
use subrosa::ui::app::SubrosaApp;
use subrosa::values::moment::Moment;

pub(crate) type Window<J> = Harness<'static, SubrosaApp<J>>;

/// More than the bars at the window's edges are high.
const BAR: f32 = 56.0;

/// A window over these jobs.
pub(crate) fn window<J: Jobs + 'static>(jobs: J) -> Window<J> {
    let mut steady = 0;
    let clock = move || {
        steady += 100;
        let start = DateTime::constant(2026, 11, 21, 14, 0, 0, 0);
        let wall = start.checked_add(SignedDuration::from_millis(steady)).unwrap_or(start);
        Moment { steady: steady.unsigned_abs(), wall }
    };
    Harness::builder()
        .with_size(egui::vec2(1280.0, 800.0))
        .build_eframe(|cc| SubrosaApp::with_clock(&cc.egui_ctx, jobs, Box::new(clock)))
}

pub(crate) fn click<J: Jobs>(window: &mut Window<J>, label: &str) {
    into_view(window, Role::Button, label);
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(3);
}

/// Scrolls to what lies below the window's edge, as a hand does.
pub(crate) fn into_view<J: Jobs>(window: &mut Window<J>, role: Role, label: &str) {
    let node = window.get_by_role_and_label(role, label);
    // Bars at the edges stand in front of what is scrolled.
    if !window.ctx.content_rect().shrink(BAR).contains_rect(node.rect()) {
        node.scroll_to_me();
        window.run_steps(12);
    }
}

/// Types into a field; into one that nobody can read in the place of what stands there.
pub(crate) fn type_into<J: Jobs>(window: &mut Window<J>, role: Role, label: &str, text: &str) {
    window.get_by_role_and_label(role, label).focus();
    window.run_steps(2);
    if role == Role::PasswordInput {
        press(window, Modifiers::COMMAND, Key::A);
    }
    window.get_by_role_and_label(role, label).type_text(text);
    window.run_steps(2);
}

pub(crate) fn press<J: Jobs>(window: &mut Window<J>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}
