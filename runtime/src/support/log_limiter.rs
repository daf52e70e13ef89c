//! Rate limit for the log lines that clients can cause.

use std::sync::atomic::{AtomicU64, Ordering};

use super::rate::{Limiter, Rate};

/// Rate limit of these log lines for each namespace.
const RATE: Rate = Rate::per_second(10).burst(100);

/// Limits the log lines that clients can cause in one namespace. Lines above the limit are logged as `debug`, and the
/// next line within the limit reports their number.
pub(crate) struct LogLimiter {
    limiter: Limiter,
    left_out: AtomicU64,
}

impl Default for LogLimiter {
    fn default() -> Self {
        Self {
            limiter: Limiter::new(RATE),
            left_out: AtomicU64::new(0),
        }
    }
}

/// Decision about a log line.
pub(crate) enum LogDecision {
    /// Write the line, with the number of lines left out before it, if there were any.
    Written(Option<u64>),
    LeftOut,
}

impl LogLimiter {
    pub(crate) fn next(&self) -> LogDecision {
        if !self.limiter.admit() {
            return self.leave_out();
        }
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        LogDecision::Written((left_out > 0).then_some(left_out))
    }

    pub(crate) fn leave_out(&self) -> LogDecision {
        self.left_out.fetch_add(1, Ordering::Relaxed);
        LogDecision::LeftOut
    }
}

/// Returns the start of a text that a client has chosen.
pub(crate) fn truncate(text: &str) -> &str {
    const LONGEST: usize = 200;
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Logs an event that a client has caused: `log_limited!(lines.next(), warn, { fields }, "message")`.
macro_rules! log_limited {
    ($line:expr, $level:ident, { $($fields:tt)* }, $message:literal) => {
        match $line {
            $crate::support::log_limiter::LogDecision::Written(left_out) => {
                tracing::$level!($($fields)*, left_out, $message)
            }
            $crate::support::log_limiter::LogDecision::LeftOut => tracing::debug!($($fields)*, $message),
        }
    };
}
pub(crate) use log_limited;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_omitted_lines() {
        let lines = LogLimiter::default();
        let written = (0..1000)
            .filter(|_| matches!(lines.next(), LogDecision::Written(_)))
            .count();
        assert!((100..900).contains(&written), "{written}");
        let left_out = lines.left_out.load(Ordering::Relaxed);
        assert!(left_out > 0 && left_out <= 1000 - written as u64);
    }

    #[test]
    fn truncates_at_character_boundary() {
        assert_eq!(truncate("short"), "short");
        assert_eq!(truncate(&"ü".repeat(1000)).chars().count(), 100);
        assert_eq!(truncate(&format!("a{}", "ü".repeat(1000))).len(), 199);
    }
}
