//! Isolates panics in user code, so that each ends only its own piece of work.

use std::{
    any::Any,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

use futures_util::FutureExt;

use super::log_limiter::{LogLimiter, log_limited};

/// Limits the log lines about destructors, which belong to no namespace.
static LINES: LazyLock<LogLimiter> = LazyLock::new(LogLimiter::default);

/// Runs `work`; returns the panic's message if it panics.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| message(panic.as_ref()))
}

/// Awaits `work`; returns the panic's message if it panics.
pub(crate) async fn catch_panic_async<T>(work: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|panic| message(panic.as_ref()))
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".to_owned())
}

/// User value whose destructor could otherwise take down the work of other sockets when it panics.
pub(crate) struct Contained<T>(
    /// Present until it is dropped.
    Option<T>,
);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> Deref for Contained<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => unreachable!("the value is only taken on drop"),
        }
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        if let Err(panic) = catch_panic(|| drop(value)) {
            let of = std::any::type_name::<T>();
            log_limited!(LINES.next(), error, { of, panic }, "destructor panicked");
        }
    }
}
