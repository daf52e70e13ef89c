//! Building blocks that do not depend on Socket.IO.

pub(crate) mod backoff;
pub(crate) mod deadline;
pub(crate) mod in_flight;
pub(crate) mod log_limiter;
pub(crate) mod one_shot;
pub(crate) mod panic;
pub(crate) mod rate;
pub(crate) mod task;
