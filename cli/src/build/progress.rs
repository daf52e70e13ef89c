use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::terminal;

/// Delay before the spinner appears. Shorter steps do not show one.
const SHORT: Duration = Duration::from_millis(500);

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// Progress display: a spinner on a terminal, and nothing elsewhere.
#[derive(Debug)]
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn start(message: &str, terminal: bool) -> Self {
        Self(terminal.then(|| {
            let message = message.to_owned();
            let spinner = move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                let elapsed = state.elapsed();
                if elapsed > SHORT {
                    let frame = FRAMES[(elapsed.as_millis() / 100) as usize % FRAMES.len()];
                    // An error here is harmless: the line is redrawn.
                    let _ = write!(line, "{frame} {message}");
                }
            };
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner_after_a_while}") {
                bar.set_style(style.with_key("spinner_after_a_while", spinner));
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        }))
    }

    /// Prints a line of cargo's output above the spinner.
    pub(super) fn line(&self, line: &str) {
        match &self.0 {
            Some(bar) => bar.suspend(|| terminal::cargo(line)),
            None => terminal::cargo(line),
        }
    }

    pub(super) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
