//! The typefaces that come with the program: the window shows them, and paper is set in them. Their licences lie beside them.

/// Inter, for the interface.
pub static INTER: &[u8] = include_bytes!("../../fonts/inter/Inter-Regular.ttf");
/// Inter, a step heavier.
pub static INTER_MEDIUM: &[u8] = include_bytes!("../../fonts/inter/Inter-Medium.ttf");
/// Inter, for headings and buttons.
pub static INTER_SEMIBOLD: &[u8] = include_bytes!("../../fonts/inter/Inter-SemiBold.ttf");
/// Literata, for notes.
pub static LITERATA: &[u8] = include_bytes!("../../fonts/literata/Literata-Regular.ttf");
/// Literata, for names and titles.
pub static LITERATA_SEMIBOLD: &[u8] = include_bytes!("../../fonts/literata/Literata-SemiBold.ttf");
