//! The settings of a cluster.

use std::time::Duration;

use super::interop::InteropConfig;

/// The settings of a cluster, for every engine.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Prefix of the names of channels and tables.
    pub(crate) prefix: String,
    /// Configuration of the Node.js servers that are members, if any.
    pub(crate) interop: Option<InteropConfig>,
    /// Longest time to wait for other servers' answers.
    pub(crate) request_timeout: Duration,
    /// Interval between two heartbeats of a server.
    pub(crate) heartbeat: Duration,
    /// Time without a heartbeat after which a server counts as gone.
    pub(crate) expiry: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prefix: "sio-types".to_owned(),
            interop: None,
            request_timeout: Duration::from_secs(5),
            heartbeat: Duration::from_secs(5),
            expiry: Duration::from_secs(15),
        }
    }
}
