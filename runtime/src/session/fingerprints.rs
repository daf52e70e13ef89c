//! Version check of clients that were generated from other events than the server's.

use std::collections::BTreeSet;

use http::Uri;

use super::handshake::query;
use crate::{
    contract::{namespace::Namespace, schema},
    support::log_limiter::{LogLimiter, log_limited, truncate},
};

/// Query parameter of the handshake that contains a client's fingerprints.
const PARAMETER: &str = "sioTypes";

/// Policy for clients whose page knows other events than the server, such as a page that was opened before a
/// deployment.
///
/// A client sends the `fingerprints` of the generated module in the [query of its
/// handshake](https://socket.io/docs/v4/client-options/#query):
///
/// ```ts
/// const manager = new Manager(url, { query: fingerprints });
/// ```
///
/// A client without fingerprints is served as usual. A rejected client receives a `connect_error`, which the generated
/// `unsupportedVersion` reads; the page can then reload itself.
///
/// ```
/// use sio_types::{Fingerprints, SocketIo};
///
/// let (layer, io) = SocketIo::builder()
///     .fingerprints(Fingerprints::refuse().also_accept(["00c0ffee00c0ffee"]))
///     .build_layer();
/// ```
///
/// Every change creates a new fingerprint, even a compatible change. `sio-types diff` reports which changes are
/// compatible, and `also_accept` keeps older clients connected.
///
/// See also the guide to [versioning](crate::guide::versioning#fingerprints).
#[derive(Clone, Debug, Default)]
pub struct Fingerprints {
    action: Action,
    served: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Action {
    #[default]
    Ignore,
    Log,
    Refuse,
}

impl Fingerprints {
    /// Ignores fingerprints. This is the default.
    #[must_use]
    pub fn ignore() -> Self {
        Self::default()
    }

    /// Logs a warning for each client that knows other events, and serves it.
    #[must_use]
    pub fn log() -> Self {
        Self {
            action: Action::Log,
            served: BTreeSet::new(),
        }
    }

    /// Rejects clients that know other events.
    #[must_use]
    pub fn refuse() -> Self {
        Self {
            action: Action::Refuse,
            served: BTreeSet::new(),
        }
    }

    /// Also accepts clients with these fingerprints, besides the server's own. Each fingerprint identifies the events
    /// of one namespace; the generated module and the log contain it.
    #[must_use]
    pub fn also_accept(
        mut self,
        fingerprints: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.served.extend(fingerprints.into_iter().map(Into::into));
        self
    }

    /// Returns the fingerprints expected from the clients of a namespace; `None` if they are not checked.
    pub(crate) fn expected<N: Namespace>(&self) -> Option<Expected> {
        if self.action == Action::Ignore {
            return None;
        }
        let schema = schema::of::<N>();
        let schema = schema.inspect_err(|error| {
            tracing::error!(namespace = N::PATTERN, %error, "failed to compute the fingerprint of the namespace");
        });
        Some(Expected {
            own: schema.ok()?.fingerprint(N::PATTERN)?,
            refuses: self.action == Action::Refuse,
            served: self.served.clone(),
        })
    }
}

/// Fingerprints accepted from the clients of one namespace.
#[derive(Debug)]
pub(crate) struct Expected {
    own: String,
    refuses: bool,
    served: BTreeSet<String>,
}

impl Expected {
    /// Checks the fingerprint of a client. The error is the message of a `connect_error`.
    pub(crate) fn check(
        &self,
        namespace: &'static str,
        handshake: &Uri,
        log_limiter: &LogLimiter,
    ) -> Result<(), String> {
        let Some(sent) = query(handshake).remove(PARAMETER) else {
            return Ok(());
        };
        let of_namespace = |entry: &'_ str| {
            let (path, fingerprint) = entry.rsplit_once('=')?;
            (path == namespace).then(|| fingerprint.to_owned())
        };
        // A client that sends no fingerprint of this namespace was generated without it.
        let client = sent.split(',').find_map(of_namespace).unwrap_or_default();
        if client == self.own || self.served.contains(&client) {
            return Ok(());
        }
        log_limited!(
            log_limiter.next(),
            warn,
            {
                namespace,
                client = truncate(&client),
                server = self.own,
                refused = self.refuses
            },
            "client fingerprint does not match the schema"
        );
        if !self.refuses {
            return Ok(());
        }
        let refusal = serde_json::json!({
            "message": "unsupported version",
            "data": { "code": "unsupported_version", "client": client, "server": self.own },
        });
        Err(refusal.to_string())
    }
}
