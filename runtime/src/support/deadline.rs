//! Deadlines on the monotonic clock.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Converts a time of the system clock to an instant. Later changes of the clock do not affect it.
pub(crate) fn instant_at(time: SystemTime) -> Instant {
    let left = time.duration_since(SystemTime::now()).unwrap_or_default();
    instant_in(left)
}

/// Returns the instant after `left`, or in thirty years if that is out of range, as in tokio.
pub(crate) fn instant_in(left: Duration) -> Instant {
    let now = Instant::now();
    let far = Duration::from_secs(60 * 60 * 24 * 365 * 30);
    now.checked_add(left).unwrap_or_else(|| now + far)
}
