use std::time::Duration;

/// Why a cluster cannot be set up. No text of it has a URL's password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The text has no scheme. It is not repeated, for it may hold a password.
    #[error("a cluster's URL starts with a scheme, such as `memory://` or `redis://`")]
    NoUrl,
    /// There is no engine of this scheme.
    #[error(
        "there is no cluster engine `{0}://`; there are `memory://`, `redis://` (also `redis-sentinel://` and `redis-cluster://`, and each as `rediss…` with TLS) and `postgres://`"
    )]
    UnknownEngine(String),
    /// The engine is not in this build.
    #[error("the cluster engine `{scheme}://` needs the cargo feature `{feature}` of sio-types")]
    MissingFeature {
        /// The scheme of the URL.
        scheme: String,
        /// What to turn on.
        feature: &'static str,
    },
    /// The engine does not understand the URL.
    #[error("the cluster's URL `{url}` is not valid: {reason}")]
    Url {
        /// The URL, without its password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Node's servers cannot be members.
    #[error("no interoperation with Node's servers: {reason}")]
    Interop {
        /// What is in the way.
        reason: String,
    },
    /// There is no connection.
    #[error("no connection to `{url}` within {timeout:?}: {reason}")]
    Unreachable {
        /// The URL, without its password.
        url: String,
        /// How long it was tried.
        timeout: Duration,
        /// What the engine said last.
        reason: String,
    },
}
