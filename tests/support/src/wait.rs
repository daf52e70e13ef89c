//! Bounded waits.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// Maximum time of a step that takes a moment on an idle machine; a busy one may be much slower.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Longest pause between two checks of a condition. Some conditions ask other processes.
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// Waits until a condition holds; panics after [`TIMEOUT`]. The description completes "timed out waiting until".
pub async fn until(description: &str, condition: impl AsyncFnMut() -> bool) {
    until_within(TIMEOUT, description, condition).await;
}

/// Waits until a condition holds; panics after `limit`.
pub async fn until_within(
    limit: Duration,
    description: &str,
    mut condition: impl AsyncFnMut() -> bool,
) {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    // The condition is not cancelled at the deadline: it may be in the middle of an exchange.
    while !condition().await {
        assert!(
            Instant::now() < deadline,
            "timed out after {limit:?} waiting until {description}"
        );
        sleep(pause).await;
        pause = MAX_PAUSE.min(pause * 2);
    }
}

/// Returns the output of a future; panics if that takes longer than [`TIMEOUT`].
pub async fn within<F: Future>(description: &str, future: F) -> F::Output {
    match timeout(TIMEOUT, future).await {
        Ok(output) => output,
        Err(_) => panic!("timed out after {TIMEOUT:?} waiting for {description}"),
    }
}
