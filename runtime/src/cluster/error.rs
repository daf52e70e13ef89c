use std::time::Duration;

/// Error returned when a cluster's configuration is not valid or its engine cannot be reached. Its text never contains
/// a URL's password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The URL has no scheme. The error does not repeat the text, which may contain a password.
    #[error("missing scheme in the cluster URL; expected, for example, `memory://` or `redis://…`")]
    NoUrl,
    /// There is no engine with this scheme.
    #[error(
        "unknown cluster engine `{0}://`; expected `memory://`, `redis://`, `redis-sentinel://`, `redis-cluster://` (with TLS, `rediss…`) or `postgres://`"
    )]
    UnknownEngine(String),
    /// This build does not include the engine.
    #[error("cluster engine `{scheme}://` requires the Cargo feature `{feature}` of sio-types")]
    MissingFeature {
        /// The scheme of the URL.
        scheme: String,
        /// The Cargo feature to enable.
        feature: &'static str,
    },
    /// The engine cannot parse the URL.
    #[error("invalid cluster URL `{url}`: {reason}")]
    Url {
        /// The URL, without its password.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The cluster cannot have Node.js servers as members.
    #[error("cannot interoperate with Node.js servers: {reason}")]
    Interop {
        /// The reason.
        reason: String,
    },
    /// The engine could not be reached.
    #[error("no connection to `{url}` within {timeout:?}: {reason}")]
    Unreachable {
        /// The URL, without its password.
        url: String,
        /// The time limit of the attempt.
        timeout: Duration,
        /// The last error of the engine.
        reason: String,
    },
}
