//! What egui itself remembers of a practice, and how it forgets it.
//!
//! A locked window must not hold a sentence: not in the text fields' undo steps, not in scroll positions, not in the
//! clipboard. Laid-out text is kept by egui for the frame after its last use; the frames that the lock screen draws at
//! once drop it. What is freed is not overwritten; that is said in the threat model and not promised here.

use egui::{Context, OutputCommand};

/// Clears widget memory, undo steps and, if it is ours, the clipboard. Looks and settings stay.
pub(super) fn forget(ctx: &Context, clipboard_ours: bool) {
    ctx.memory_mut(|memory| {
        let options = std::mem::take(&mut memory.options);
        *memory = egui::Memory::default();
        memory.options = options;
    });
    if clipboard_ours {
        empty_clipboard(ctx);
    }
    // Two frames: the first no longer uses the old text, the second begins by dropping what the first did not use.
    ctx.request_repaint();
    ctx.request_repaint_after(std::time::Duration::from_millis(1));
}

/// Takes what was copied out of the clipboard, and out of what a middle click pastes.
pub(super) fn empty_clipboard(ctx: &Context) {
    ctx.send_cmd(OutputCommand::CopyText(String::new()));
    ctx.send_cmd(OutputCommand::TextSelectionSettled(String::new()));
}

#[cfg(test)]
mod tests {
    use crate::features::backup::messages::BackupCommand;
    use std::sync::{Arc, Weak};

    use egui::accesskit::Role;
    use egui::text::CCursorRange;
    use egui::{Galley, Id, Key, Modifiers, OutputCommand, Shape, TextEdit};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use crate::messages::Command;
    use crate::scripted::kit::KIT_LINE;
    use crate::scripted::{PASSPHRASE, Scripted};
    use crate::ui::app::SubrosaApp;
    use crate::ui::widgets::editor_id;
    use crate::values::navigation::Screen;
    use crate::words;

    const PLANTED: &str = "zanzibar";

    type TestWindow = Harness<'static, SubrosaApp<Scripted>>;

    /// Laid-out text on the screen that holds the planted word, without keeping it alive.
    fn galleys(window: &TestWindow) -> Vec<Weak<Galley>> {
        fn walk(shape: &Shape, found: &mut Vec<Weak<Galley>>) {
            match shape {
                Shape::Vec(shapes) => shapes.iter().for_each(|shape| walk(shape, found)),
                Shape::Text(text) if text.galley.text().contains(PLANTED) => found.push(Arc::downgrade(&text.galley)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        window.output().shapes.iter().for_each(|clipped| walk(&clipped.shape, &mut found));
        found
    }

    /// Every text that the undo steps of a field can still bring back.
    fn undo_steps(window: &TestWindow, id: Id) -> Vec<String> {
        let Some(state) = TextEdit::load_state(&window.ctx, id) else { return Vec::new() };
        let mut undoer = state.undoer();
        let mut now = (CCursorRange::default(), "something else".to_owned());
        let mut steps = Vec::new();
        while let Some(earlier) = undoer.undo(&now).cloned().filter(|_| steps.len() < 1_000) {
            steps.push(earlier.1.clone());
            now = earlier;
        }
        steps
    }

    fn in_undo_steps(window: &TestWindow, editor: Id) -> bool {
        undo_steps(window, editor).iter().any(|step| step.contains(PLANTED))
    }

    fn in_model(window: &TestWindow) -> bool {
        serde_json::to_string(window.state().model()).unwrap().contains(PLANTED)
    }

    fn enter(window: &mut TestWindow, role: Role, label: &str, text: &str) {
        window.get_by_role_and_label(role, label).focus();
        window.run_steps(2);
        window.get_by_role_and_label(role, label).type_text(text);
        window.run_steps(2);
    }

    /// An unlocked window.
    fn unlocked(script: Scripted) -> TestWindow {
        let mut window = Harness::builder().build_eframe(|cc| SubrosaApp::new(&cc.egui_ctx, script));
        window.set_size(egui::vec2(1280.0, 800.0));
        window.run_steps(3);
        enter(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
        window.key_press(Key::Enter);
        window.run_steps(4);
        window
    }

    /// A window in which the planted word has been typed into a note.
    fn planted() -> TestWindow {
        let mut window = unlocked(Scripted::with_clients(&["Aino Mäkinen"]));
        window.get_by_label_contains("Aino").click();
        window.run_steps(4);
        window.get_by_role_and_label(Role::Button, words::NEW_NOTE).click();
        window.run_steps(4);
        let note = window.get_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL);
        note.type_text(PLANTED);
        window.run_steps(30);
        window.get_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).type_text(" and more");
        window.run_steps(30);
        window
    }

    #[test]
    fn after_locking_nothing_planted_is_left_in_model_widgets_undo_steps_or_laid_out_text() {
        let mut window = planted();
        // The walk can find what it looks for.
        let shown = galleys(&window);
        let note = window.state().model().practice().and_then(|practice| practice.notes.editor.as_ref()).unwrap().id();
        let editor = editor_id(note);
        assert!(in_model(&window) && in_undo_steps(&window, editor) && !shown.is_empty());

        window.key_press_modifiers(Modifiers::COMMAND, Key::L);
        window.run_steps(5);
        assert!(window.query_by_label(words::UNLOCK_TITLE).is_some());
        assert!(!in_model(&window));
        assert!(!in_undo_steps(&window, editor));
        assert!(galleys(&window).is_empty());
        assert!(shown.iter().all(|galley| galley.upgrade().is_none()), "laid-out text outlived the lock");
        assert!(window.query_all_by_label_contains(PLANTED).next().is_none());
    }

    /// A window that looks into a backup, in which the planted word is a name, a note and where the backup lies.
    fn looking() -> TestWindow {
        let mut script = Scripted::with_clients(&[PLANTED]);
        script.notes.values_mut().flatten().for_each(|note| note.content.text = PLANTED.to_owned());
        let mut window = unlocked(script);
        window.state_mut().ask(Command::Go(Screen::Restore));
        window.run_steps(4);
        enter(&mut window, Role::TextInput, words::RESTORE_FILE, PLANTED);
        enter(&mut window, Role::PasswordInput, words::RECOVER_LINE, KIT_LINE);
        window.state_mut().ask(BackupCommand::Open);
        window.run_steps(4);
        enter(&mut window, Role::TextInput, words::RESTORE_WHO, PLANTED);
        window.get_by_role_and_label(Role::Button, PLANTED).click();
        window.run_steps(4);
        window.get_by_role_and_label(Role::Button, "14 November").click();
        window.run_steps(4);
        window
    }

    #[test]
    fn after_locking_nothing_of_a_backup_that_was_looked_into_is_left() {
        let mut window = looking();
        let inside = |window: &TestWindow| {
            let practice = window.state().model().practice();
            practice.and_then(|practice| practice.backup.opened.as_ref()).is_some_and(|inside| inside.note.is_some())
        };
        let shown = galleys(&window);
        assert!(inside(&window) && in_model(&window) && !shown.is_empty());

        window.key_press_modifiers(Modifiers::COMMAND, Key::L);
        window.run_steps(5);
        assert!(window.query_by_label(words::UNLOCK_TITLE).is_some() && !in_model(&window));
        assert!(shown.iter().all(|galley| galley.upgrade().is_none()), "laid-out text outlived the lock");
        assert!(window.query_all_by_label_contains(PLANTED).next().is_none());
    }

    fn in_clipboard(window: &TestWindow) -> Vec<String> {
        let copied = |command: &OutputCommand| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        };
        window.output().platform_output.commands.iter().filter_map(copied).collect()
    }

    #[test]
    fn an_invitation_that_was_copied_is_taken_out_of_the_clipboard_when_it_is_over_and_other_text_is_left() {
        for (other, selected) in [(false, false), (false, true), (true, false)] {
            let mut window = unlocked(Scripted::with_clients(&["Aino Mäkinen"]));
            window.state_mut().ask(Command::Go(Screen::Devices));
            window.run_steps(4);
            window.get_by_role_and_label(Role::Button, words::INVITE).click();
            window.run_steps(4);
            enter(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
            window.key_press(Key::Enter);
            window.run_steps(4);
            window.get_by_role_and_label(Role::Button, words::INVITE_COPY).click();
            window.step();
            window.step();
            if other {
                window.ctx.copy_text(PLANTED.to_owned());
                window.step();
            }
            if selected {
                window.ctx.send_cmd(OutputCommand::TextSelectionSettled(PLANTED.to_owned()));
                window.step();
            }
            window.get_by_role_and_label(Role::Button, words::CANCEL).click();
            let emptied = (0..5).any(|_| {
                window.step();
                in_clipboard(&window).contains(&String::new())
            });
            assert_eq!(emptied, !other);
        }
    }

    #[test]
    fn a_passphrase_leaves_no_undo_steps() {
        let window = planted();
        assert!(undo_steps(&window, Id::unique("unlock")).is_empty());
    }
}
