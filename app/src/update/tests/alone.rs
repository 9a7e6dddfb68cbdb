//! A job that has the practice to itself: what was typed before it is saved first, and nothing is typed that could not be.

use super::*;
use crate::features::check::messages::CheckCommand;
use crate::features::exchange::messages::{ExchangeCommand, ExchangeEffect};
use crate::features::opening::messages::OpeningEffect;
use crate::messages::Effect;
use crate::model::Model;
use crate::values::job::Progress;
use crate::values::navigation::{Overlay, Screen};

fn export_dialog() -> Model {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, Command::Open(Overlay::Export { private: false }));
    model.typed.path = "/stick/out".to_owned();
    model
}

#[test]
fn what_was_typed_is_saved_before_a_job_that_has_the_practice_to_itself() {
    let mut model = export_dialog();
    let effects = update(&mut model, ExchangeCommand::ExportClient);
    let [Effect::Notes(NotesEffect::Save { content, .. }), Effect::Exchange(ExchangeEffect::Export { .. })] =
        effects.as_slice()
    else {
        panic!("the draft goes first")
    };
    assert_eq!(content.text, "slept well a");
}

#[test]
fn while_such_a_job_is_at_work_nothing_uncovers_the_note_but_it_can_be_stopped_and_the_window_locked() {
    let mut model = export_dialog();
    update(&mut model, ExchangeCommand::ExportClient);
    let asked = [
        Command::Back,
        Command::Go(Screen::Clients),
        Command::Clients(ClientsCommand::Select(CLIENT)),
        Command::Notes(NotesCommand::New),
        Command::Open(Overlay::Palette { row: 0 }),
        Command::Exchange(ExchangeCommand::ExportClient),
    ];
    for command in asked {
        assert!(update(&mut model, command).is_empty(), "{command:?}");
        assert_eq!(model.overlay, Some(Overlay::Export { private: false }), "{command:?}");
    }
    let stopped = update(&mut model, Command::Cancel(Job::Export));
    assert!(matches!(stopped.as_slice(), [Effect::Cancel(Job::Export)]));
    apply(&mut model, Event::Failed(Job::Export, "Stopped.".to_owned()));
    update(&mut model, Command::Back);
    assert_eq!(model.overlay, None, "it is over");

    let mut model = export_dialog();
    update(&mut model, ExchangeCommand::ExportClient);
    assert!(matches!(update(&mut model, Command::Lock).as_slice(), [Effect::Opening(OpeningEffect::Lock(_))]));
}

#[test]
fn a_check_is_none_of_these_and_saving_goes_on_beside_it() {
    let mut model = writing();
    update(&mut model, CheckCommand::Run);
    assert!(model.progress(Job::Check).is_some());
    update(&mut model, Command::Go(Screen::Clients));
    type_into_note(&mut model, " a", 1_000);
    assert_eq!(saves(&update(&mut model, Command::Tick(moment(1_300)))), ["slept well a"]);
}

#[test]
fn closing_stops_every_long_job() {
    for job in [Job::Import, Job::Export, Job::Seal, Job::OpenSealed, Job::BringBack] {
        let mut model = unlocked();
        model.busy.push((job, Progress::default()));
        let effects = update(&mut model, Command::Close);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(stopped) if *stopped == job)), "{job:?}");
    }
}
