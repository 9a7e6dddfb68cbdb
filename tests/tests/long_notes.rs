//! A note of the longest text on its whole way: written, sent, merged, signed, taken in from a folder.

use subrosa_core::catalog::NoteState;
use subrosa_core::document::MAX_TEXT;
use subrosa_core::vault::NoteError;
use subrosa_tests::practice::written;
use subrosa_tests::world::World;

/// A text of the longest length.
fn chapter() -> String {
    let lines = (0..).flat_map(|line| format!("{line}: she spoke of the dog, and slept.\n").into_bytes());
    lines.take(MAX_TEXT).map(char::from).collect()
}

#[test]
fn the_longest_note_is_written_on_two_devices_at_once_and_signed() {
    let text = chapter();
    let (mut world, _, note) = World::with_note(2, 700, &text);
    let now = world.now;
    let longer = world.devices[0].vault().notes_mut().save_note(&note, &written(&format!("{text}.")), now);
    assert!(matches!(longer, Err(NoteError::NotWritten(_))));
    world.devices[0].vault().notes_mut().flush().unwrap();
    world.settle();
    for (at, word) in [(0, ("100: she", "100: Ida")), (1, ("90000: she", "90000: Ida"))] {
        let now = world.tick();
        let text = world.devices[at].read().notes().note(&note).unwrap().content.text;
        let changed = written(&text.replacen(word.0, word.1, 1));
        world.devices[at].vault().notes_mut().save_note(&note, &changed, now).unwrap();
        world.devices[at].vault().notes_mut().flush().unwrap();
    }
    world.settle();
    let both = text.replacen("100: she", "100: Ida", 1).replacen("90000: she", "90000: Ida", 1);
    for device in &world.devices {
        assert!(device.read().notes().note(&note).unwrap().content.text == both);
    }
    let now = world.tick();
    world.devices[1].vault().notes_mut().sign(&note, now).unwrap();
    world.settle();
    for device in &world.devices {
        let view = device.read().notes().note(&note).unwrap();
        assert!(view.state == NoteState::Signed && view.late.is_none() && view.content.text == both);
    }
}
