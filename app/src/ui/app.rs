//! The window itself: clocks, keys and frames around [`update`](crate::update), and the jobs beside it.

use crate::ui;
use crate::values::note_ref::NoteRef;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use eframe::Frame;
use egui::{Context, Ui, ViewportCommand};

use crate::features::devices::state::Pairing;
use crate::features::devices::values::Invitation;
use crate::features::files::messages::FilesCommand;
use crate::features::notes::messages::NotesEvent;
use crate::features::notes::state::Editor;
use crate::features::opening::messages::OpeningEffect;
use crate::jobs::Jobs;
use crate::messages::{Command, Effect, Event};
use crate::model::{Closing, Model, Place, Practice};
use crate::ui::forget::{empty_clipboard, forget};
use crate::ui::stage::Stage;
use crate::ui::{theme, widgets};
use crate::update::{apply, start, update};
use crate::values::moment::Moment;
use crate::values::navigation::{Field, Screen, Tab};
use crate::values::settings::{Settings, Theme};
use crate::view_model::command_table::TABLE;
use crate::words;

/// Bytes of a text from which on the steps of undo go when its note is left.
const LONG: usize = 256 << 10;

/// The window, over whatever carries out its jobs.
pub struct SubrosaApp<J: Jobs> {
    model: Model,
    jobs: J,
    ctx: Context,
    clock: Box<dyn FnMut() -> Moment>,
    /// The settings that the look was last made for.
    looks: Option<Settings>,
    /// The window was open in the last frame.
    was_open: bool,
    /// The private notes that were written in, of which egui keeps steps of undo.
    private: BTreeSet<NoteRef>,
    /// The note that is written, where its text is long.
    long: Option<NoteRef>,
    clipboard: Clipboard,
}

/// What was copied or selected last, as far as it came from this window.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Clipboard {
    #[default]
    NotOurs,
    Text,
    /// The text of an invitation, which is worth nothing once that is over.
    Invitation,
}

impl<J: Jobs> SubrosaApp<J> {
    /// A window that has not asked for anything yet.
    pub fn new(ctx: &Context, jobs: J) -> Self {
        let began = Instant::now();
        let clock = move || Moment {
            steady: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            wall: jiff::Zoned::now().datetime(),
        };
        Self::with_clock(ctx, jobs, Box::new(clock))
    }

    /// The same, with the time given.
    pub fn with_clock(ctx: &Context, jobs: J, clock: Box<dyn FnMut() -> Moment>) -> Self {
        theme::install(ctx);
        let mut app = Self {
            model: Model::default(),
            jobs,
            ctx: ctx.clone(),
            clock,
            looks: None,
            was_open: false,
            private: BTreeSet::new(),
            long: None,
            clipboard: Clipboard::default(),
        };
        let effects = start(&mut app.model);
        app.carry_out(effects);
        app
    }

    /// What the window shows.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Who carries out its jobs.
    pub fn jobs(&mut self) -> &mut J {
        &mut self.jobs
    }

    /// Does what a screen or a key asked for.
    pub fn ask(&mut self, command: impl Into<Command>) {
        let effects = update(&mut self.model, command);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for mut effect in effects {
            if let Effect::Opening(OpeningEffect::Lock(Some(leaving))) = &mut effect
                && let Some(note) = leaving.note
            {
                // egui keeps the steps of undo; this is the last moment before it forgets them.
                leaving.earlier = widgets::undo_steps(&self.ctx, widgets::editor_id(note), &leaving.text);
            }
            self.jobs.start(effect);
        }
    }

    fn answers(&mut self) {
        for event in self.jobs.poll() {
            let closed = matches!(event, Event::Notes(NotesEvent::PrivateClosed));
            let effects = apply(&mut self.model, event);
            self.carry_out(effects);
            if closed {
                let notes = std::mem::take(&mut self.private).into_iter();
                notes.for_each(|note| widgets::forget_undo(&self.ctx, widgets::editor_id(note)));
            }
        }
        let editor = self.model.practice().and_then(|practice| practice.notes.editor.as_ref());
        self.private.extend(editor.filter(|editor| editor.note.card.private).map(|editor| editor.id()));
    }

    /// Runs the command whose keys were pressed. Plain keys belong to a field that is being typed into.
    fn keys(&mut self, ctx: &Context) {
        let typing =
            ctx.memory(|memory| memory.focused()).is_some_and(|id| egui::TextEdit::load_state(ctx, id).is_some());
        let mut entries: Vec<_> = TABLE.iter().filter(|entry| (entry.when)(&self.model)).collect();
        // Ctrl+N also answers to Ctrl+Shift+N, so the keys with Shift are asked first.
        entries.sort_by_key(|entry| entry.keys.is_none_or(|keys| !keys.modifiers.shift));
        for entry in entries {
            let Some(keys) = entry.keys else { continue };
            let prints = keys.modifiers.is_none() && keys.logical_key == egui::Key::Slash;
            let free = !(prints && (typing || self.model.overlay.is_some()));
            if free && ctx.input_mut(|input| input.consume_shortcut(&keys)) {
                if prints {
                    ctx.input_mut(|input| input.events.retain(|event| !matches!(event, egui::Event::Text(_))));
                }
                self.ask(entry.command);
            }
        }
    }

    /// Told to close, the window stays until what was typed is on the disk, or somebody says that it may be lost.
    fn close(&mut self, ctx: &Context) {
        if ctx.input(|input| input.viewport().close_requested()) && self.model.closing != Some(Closing::Now) {
            self.ask(Command::Close);
            if self.model.closing != Some(Closing::Now) {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            }
        } else if self.model.closing == Some(Closing::Now) {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// A file or folder that was dropped onto the window names itself in the field for paths.
    fn dropped(&mut self, ctx: &Context) {
        let path = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        if let Some(path) = path {
            self.model.typed.path = path.display().to_string();
            let on_files = |practice: &Practice| practice.screen == Screen::Clients && practice.tab == Tab::Files;
            if self.model.practice().is_some_and(on_files) && self.model.overlay.is_none() {
                self.ask(FilesCommand::Attach);
            }
        }
    }

    /// Puts the look that is set into effect, when it has changed.
    fn look(&mut self, ctx: &Context) {
        let settings = self.model.settings;
        if self.looks == Some(settings) {
            return;
        }
        self.looks = Some(settings);
        ctx.set_theme(match settings.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        });
        ctx.set_zoom_factor(settings.text_size.factor());
    }

    /// Clears egui behind a window that has just been locked.
    fn forget_if_locked(&mut self, ctx: &Context) {
        let is_open = matches!(self.model.place, Place::Open(_));
        if self.was_open && !is_open {
            forget(ctx, std::mem::take(&mut self.clipboard) != Clipboard::NotOurs);
            ctx.send_viewport_cmd(ViewportCommand::Title(words::NAME.to_owned()));
            self.model.focus = Some(Field::Passphrase);
            self.looks = None;
            self.look(ctx);
        }
        self.was_open = is_open;
    }

    fn invitation(&self) -> Option<&Invitation> {
        match &self.model.practice()?.devices.pairing {
            Pairing::Inviting(invitation) => Some(invitation),
            _ => None,
        }
    }

    /// Notes what this frame copied, and takes an invitation that is over out of the clipboard.
    fn watch_clipboard(&mut self, ctx: &Context) {
        let (copied, selected) = ctx.output(|output| {
            let commands = &output.commands;
            (commands.iter().rev().find_map(copied).map(str::to_owned), commands.iter().any(is_selection))
        });
        match (copied, self.invitation()) {
            (Some(text), Some(invitation)) if text == *invitation.text.expose() => {
                self.clipboard = Clipboard::Invitation;
            }
            (Some(_), _) => self.clipboard = Clipboard::Text,
            (None, None) if self.clipboard == Clipboard::Invitation => {
                self.clipboard = Clipboard::NotOurs;
                empty_clipboard(ctx);
            }
            // What is selected lies beside what was copied, where a middle click finds it.
            (None, _) if selected && self.clipboard == Clipboard::NotOurs => self.clipboard = Clipboard::Text,
            (None, _) => {}
        }
    }

    /// A long note that is left leaves no steps of undo behind: each of them is a copy of its text.
    fn forget_long_note(&mut self, ctx: &Context) {
        let written = self.model.practice().and_then(|practice| practice.notes.editor.as_ref()).map(Editor::id);
        if let Some(left) = self.long.take_if(|long| written != Some(*long)) {
            widgets::forget_undo(ctx, widgets::editor_id(left));
        }
        if self.model.typed.note.text.len() > LONG {
            self.long = written;
        }
    }

    /// Wakes the window for what is due even if nobody touches it.
    fn wake(&self, ctx: &Context) {
        let writing = self.model.practice().and_then(|practice| practice.notes.editor.as_ref());
        let unsaved = writing.is_some_and(|editor| editor.unsent());
        let waiting = !self.model.busy.is_empty();
        let next = if unsaved || waiting { Duration::from_millis(50) } else { Duration::from_secs(1) };
        ctx.request_repaint_after(next);
    }
}

impl<J: Jobs> eframe::App for SubrosaApp<J> {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        let now = (self.clock)();
        self.ask(Command::Tick(now));
        if ctx.input(|input| input.events.iter().any(touches)) {
            self.ask(Command::Touched);
        }
        self.answers();
        self.forget_long_note(ctx);
        self.close(ctx);
        self.forget_if_locked(ctx);
        self.look(ctx);
        self.wake(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let ctx = ui.ctx().clone();
        self.keys(&ctx);
        self.dropped(&ctx);
        self.forget_if_locked(&ctx);
        let mut out = Vec::new();
        let mut typed = std::mem::take(&mut self.model.typed);
        ui::show(ui, &mut Stage { model: &self.model, typed: &mut typed, out: &mut out });
        self.model.typed = typed;
        self.model.focus = None;
        self.watch_clipboard(&ctx);
        if !out.is_empty() {
            ctx.request_repaint();
        }
        out.into_iter().for_each(|command| self.ask(command));
        self.answers();
        self.forget_if_locked(&ctx);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.ask(Command::Lock);
    }
}

/// Whether an event says that somebody is there.
fn touches(event: &egui::Event) -> bool {
    use egui::Event;
    matches!(
        event,
        Event::Key { .. }
            | Event::Text(_)
            | Event::PointerMoved(_)
            | Event::PointerButton { .. }
            | Event::MouseWheel { .. }
            | Event::Touch { .. }
    )
}

fn copied(command: &egui::OutputCommand) -> Option<&str> {
    match command {
        egui::OutputCommand::CopyText(text) => Some(text),
        _ => None,
    }
}

fn is_selection(command: &egui::OutputCommand) -> bool {
    matches!(command, egui::OutputCommand::TextSelectionSettled(_))
}

/// The window's options: its name, its size, and never a file of its own.
pub fn options() -> eframe::NativeOptions {
    let viewport = egui::ViewportBuilder::default()
        .with_title(words::NAME)
        .with_app_id("subrosa")
        .with_inner_size(theme::size::WINDOW)
        .with_min_inner_size(theme::size::SMALLEST);
    eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() }
}
