//! Rate limits.

use std::{num::NonZeroU32, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota};

/// Rate limit with a burst size: a [token bucket](https://docs.rs/governor).
///
/// ```
/// use sio_types::Rate;
///
/// // 20 events a second, and a burst of 60 after a pause.
/// let rate = Rate::per_second(20).burst(60);
/// assert_ne!(rate, Rate::per_minute(20));
/// ```
///
/// See also the guide to [rates](crate::guide::limits#rates).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    period: Duration,
    burst: u32,
}

impl Rate {
    /// Creates a rate of `count` per second with a burst of the same size. 0 is treated as 1.
    pub const fn per_second(count: u32) -> Self {
        Self::of(count, 1, count)
    }

    /// Creates a rate of `count` per minute with a burst of the same size. 0 is treated as 1.
    pub const fn per_minute(count: u32) -> Self {
        Self::of(count, 60, count)
    }

    /// Creates a rate of `count` per hour with a burst of the same size. 0 is treated as 1.
    pub const fn per_hour(count: u32) -> Self {
        Self::of(count, 60 * 60, count)
    }

    /// Sets the burst size: the number of events allowed at the same time after a long enough pause. 0 is treated as 1.
    #[must_use]
    pub const fn burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }

    /// Creates the rate that `#[event(rate = "…")]` declares; the period is in seconds.
    #[doc(hidden)]
    pub const fn of(count: u32, period: u64, burst: u32) -> Self {
        Self {
            count,
            period: Duration::from_secs(period),
            burst,
        }
    }

    fn quota(self) -> Quota {
        let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let interval = self.period / at_least_one(self.count).get();
        let burst = at_least_one(self.burst);
        Quota::with_period(interval.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_second(burst))
            .allow_burst(burst)
    }
}

/// Counts events against a rate.
pub(crate) struct Limiter(DefaultDirectRateLimiter);

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self(DefaultDirectRateLimiter::direct(rate.quota()))
    }

    /// Returns `true`, and counts the event, if the rate allows it now.
    pub(crate) fn admit(&self) -> bool {
        self.0.check().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_to_the_burst() {
        let admitted = |rate: Rate| {
            let limiter = Limiter::new(rate);
            (0..1000).filter(|_| limiter.admit()).count()
        };
        assert_eq!(admitted(Rate::per_minute(3)), 3);
        assert_eq!(admitted(Rate::per_minute(3).burst(10)), 10);
        assert_eq!(admitted(Rate::per_minute(0)), 1);
        assert_eq!(admitted(Rate::per_second(u32::MAX)), 1000);
    }
}
