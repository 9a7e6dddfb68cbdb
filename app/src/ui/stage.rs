//! What a screen is given.

use egui::Ui;

use crate::messages::Command;
use crate::model::Model;
use crate::model::typed::Typed;
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::words;

/// What a screen is given: the model to read, the fields to write, and where its commands go.
pub(crate) struct Stage<'a> {
    /// What to draw.
    pub model: &'a Model,
    /// What is being typed.
    pub typed: &'a mut Typed,
    /// What is asked for.
    pub out: &'a mut Vec<Command>,
}

impl Stage<'_> {
    /// Asks for something.
    pub(crate) fn ask(&mut self, command: impl Into<Command>) {
        self.out.push(command.into());
    }

    /// Asks for something if it was chosen.
    pub(crate) fn ask_if(&mut self, chosen: bool, command: impl Into<Command>) {
        if chosen {
            self.ask(command);
        }
    }

    /// Shows how far a job is, with a way to stop it. True while it is at work.
    pub(crate) fn under_way(&mut self, ui: &mut Ui, job: Job, words: &str) -> bool {
        let Some(progress) = self.model.progress(job) else { return false };
        widgets::progress(ui, words, progress);
        let cancel = widgets::outlined(ui, words::CANCEL, true);
        self.ask_if(cancel, Command::Cancel(job));
        true
    }

    /// Whether this field should take the keyboard now.
    pub(crate) fn focus(&self, field: Field) -> bool {
        self.model.focus == Some(field)
    }
}
