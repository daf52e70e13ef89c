//! Clients that were generated from other events than the server has.

use std::collections::BTreeSet;

use http::Uri;

use super::lifecycle::query;
use crate::{
    contract::{namespace::Namespace, schema},
    support::log_limiter::{LogLimiter, log_limited, truncate},
};

/// The parameter of the handshake's query that has a client's fingerprints.
const PARAMETER: &str = "sioTypes";

/// What becomes of clients whose page knows other events than the server does, such as one that was opened before a
/// deployment.
///
/// A client says what it knows by the `fingerprints` of the generated module, in the
/// [query of its handshake](https://socket.io/docs/v4/client-options/#query):
///
/// ```ts
/// const manager = new Manager(url, { query: fingerprints });
/// ```
///
/// A client that says nothing is served as ever. One that is refused gets a `connect_error`, which the generated
/// `unsupportedVersion` reads; a page may then load itself anew.
///
/// ```
/// use sio_types::{Fingerprints, SocketIo};
///
/// let (layer, io) = SocketIo::builder()
///     .fingerprints(Fingerprints::refuse().also_accept(["00c0ffee00c0ffee"]))
///     .build_layer();
/// ```
///
/// Every change makes another fingerprint, even one that breaks nobody: `sio-types diff` tells which those are, and
/// `also_accept` lets the clients of before go on.
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
    /// Looks at none, as a server does unless told otherwise.
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

    /// Refuses clients that know other events.
    #[must_use]
    pub fn refuse() -> Self {
        Self {
            action: Action::Refuse,
            served: BTreeSet::new(),
        }
    }

    /// Serves clients with these fingerprints as well as those with the server's own. A fingerprint is of one namespace,
    /// as in the generated module and in the log.
    #[must_use]
    pub fn also_accept(
        mut self,
        fingerprints: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.served.extend(fingerprints.into_iter().map(Into::into));
        self
    }

    /// What is expected of the clients of a namespace; `None` where nothing is.
    pub(crate) fn expected<N: Namespace>(&self) -> Option<Expected> {
        if self.action == Action::Ignore {
            return None;
        }
        let schema = schema::of::<N>();
        let schema = schema.inspect_err(|error| {
            tracing::error!(namespace = N::PATTERN, %error, "the namespace has no fingerprint");
        });
        Some(Expected {
            own: schema.ok()?.fingerprint(N::PATTERN)?,
            refuses: self.action == Action::Refuse,
            served: self.served.clone(),
        })
    }
}

/// The fingerprints that clients of one namespace may have.
#[derive(Debug)]
pub(crate) struct Expected {
    own: String,
    refuses: bool,
    served: BTreeSet<String>,
}

impl Expected {
    /// The error is the message of a `connect_error`.
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
        // One that does not know the namespace at all cannot have been generated with it.
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
            "a client knows other events than the server"
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
