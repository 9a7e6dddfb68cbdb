//! The real window: eframe around [`SubrosaApp`], over a real practice.

use std::sync::Arc;

use crate::jobs::{Setting, VaultJobs};
use crate::ui::app::{SubrosaApp, options};
use crate::words;

/// The window did not open; the practice was not touched.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoWindow(String);

/// Opens the window and returns when it is closed and the practice is sealed.
///
/// # Errors
/// [`NoWindow`], on a machine without a display among others.
pub fn run(setting: Setting) -> Result<(), NoWindow> {
    let begin = move |creation: &eframe::CreationContext<'_>| {
        let ctx = creation.egui_ctx.clone();
        let wake = {
            let ctx = ctx.clone();
            Arc::new(move || ctx.request_repaint())
        };
        let jobs = VaultJobs::new(setting, wake)?;
        jobs.notice_absence();
        Ok(Box::new(SubrosaApp::new(&ctx, jobs)) as Box<dyn eframe::App>)
    };
    eframe::run_native(words::NAME, options(), Box::new(begin)).map_err(|error| NoWindow(plainly(&error.to_string())))
}

/// What the system said, without the place in a library's source where it was said.
pub(crate) fn plainly(error: &str) -> String {
    error.rsplit(".rs:").next().and_then(|rest| rest.split_once(": ")).map_or(error, |(_, said)| said).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::ui::window::plainly;

    #[test]
    fn why_there_is_no_window_is_said_without_a_path() {
        let said = "winit EventLoopError: os error at /home/x/winit/mod.rs:765: neither DISPLAY is set.";
        assert_eq!(plainly(said), "neither DISPLAY is set.");
        assert_eq!(plainly("no display"), "no display");
    }
}
