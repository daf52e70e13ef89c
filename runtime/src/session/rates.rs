//! Rate limits of a socket's events.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    config::limits::Limits,
    contract::events::EventSet,
    support::rate::{Limiter, Rate},
};

/// Rate limiters of one socket's events.
pub(crate) struct Rates {
    all: Option<Limiter>,
    events: Box<[(&'static str, Limiter)]>,
    /// Limit on rejected events, above which the socket is disconnected.
    rejected: Option<Limiter>,
    log_limiter: Limiter,
    /// `true` if the next event has been counted already, because it is delivered again.
    is_counted: AtomicBool,
}

impl Rates {
    /// Creates the limiters; `None` if the socket's events are not limited.
    pub(crate) fn of<S: EventSet + ?Sized>(limits: &Limits) -> Option<Box<Self>> {
        if limits.events.is_none() && S::RATES.is_empty() {
            return None;
        }
        let events = S::RATES.iter();
        Some(Box::new(Self {
            all: limits.events.map(Limiter::new),
            events: events
                .map(|(event, rate)| (*event, Limiter::new(*rate)))
                .collect(),
            rejected: limits.max_rate_violations.map(Limiter::new),
            log_limiter: Limiter::new(Rate::per_second(1)),
            is_counted: AtomicBool::new(false),
        }))
    }

    /// Returns `true` if the socket may send this event now.
    pub(crate) fn admit(&self, event: &str) -> bool {
        if self.is_counted.swap(false, Ordering::Relaxed) {
            return true;
        }
        let own = self.events.iter().find(|(name, _)| *name == event);
        own.is_none_or(|(_, limiter)| limiter.admit())
            && self.all.as_ref().is_none_or(Limiter::admit)
    }

    /// Records that an admitted event is delivered again, before any other.
    pub(crate) fn comes_again(&self) {
        self.is_counted.store(true, Ordering::Relaxed);
    }

    /// Counts a rejected event. Returns `false` if the socket has exceeded the limit on rejected events.
    pub(crate) fn forgive(&self) -> bool {
        self.rejected.as_ref().is_none_or(Limiter::admit)
    }

    /// Returns `true` if the next rejected event may be logged.
    pub(crate) fn wants_line(&self) -> bool {
        self.log_limiter.admit()
    }
}
