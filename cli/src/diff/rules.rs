//! Kinds of changes, and the effect of each on clients.

use std::fmt;

use serde::Serialize;

/// Severity of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Has no visible effect.
    Safe,
    /// Has no effect if the other side is written defensively.
    Risky,
    /// Breaks something that worked before.
    Breaking,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Safe => "safe",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        })
    }
}

/// A kind of change.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name of the rule, which ignore files refer to.
    pub id: &'static str,
    /// Description of the change.
    pub what: &'static str,
    /// Effect on clients of the old schema when the server uses the new one. Between servers, effect on all of them.
    pub old_clients: Level,
    /// Effect on clients of the new schema when the server uses the old one.
    pub new_clients: Level,
    /// Reason for the levels.
    pub why: &'static str,
    /// Steps that avoid breaking clients or servers.
    pub fix: &'static str,
}

use Level::{Breaking, Risky, Safe};

macro_rules! rules {
    ($($constant:ident = $id:literal, $old:ident, $new:ident, $what:literal, $why:literal, $fix:literal;)*) => {
        $(
            pub(super) const $constant: &Rule = &Rule {
                id: $id,
                what: $what,
                old_clients: $old,
                new_clients: $new,
                why: $why,
                fix: $fix,
            };
        )*

        /// All rules, in the order of the documentation.
        pub const RULES: &[&Rule] = &[$($constant),*];
    };
}

rules! {
    NAMESPACE_ADDED = "namespace-added", Safe, Breaking,
        "a namespace was added",
        "old servers reject connections to it",
        "deploy the servers first";
    NAMESPACE_REMOVED = "namespace-removed", Breaking, Safe,
        "a namespace was removed",
        "the server rejects connections to it",
        "keep the namespace until no client connects to it";
    NAMESPACE_MOVED = "namespace-moved", Breaking, Breaking,
        "the path of a namespace changed",
        "each version knows only one of the paths",
        "mount both paths until no client connects to the old one";
    PARAMETERS_CHANGED = "parameters-changed", Breaking, Breaking,
        "the types of the parameters of a path changed",
        "each version rejects paths of the other",
        "mount both paths until no client connects to the old one";

    SENT_EVENT_ADDED = "sent-event-added", Safe, Safe,
        "the server sends a new event",
        "clients ignore events that they do not know",
        "no action needed";
    SENT_EVENT_REMOVED = "sent-event-removed", Breaking, Safe,
        "the server no longer sends an event",
        "clients may wait for it",
        "send the event until no client listens for it";
    SENT_EVENT_RENAMED = "sent-event-renamed", Breaking, Breaking,
        "an event that the server sends was renamed",
        "each version knows only one of the names",
        "send both events until no client listens for the old one";
    ACCEPTED_EVENT_ADDED = "accepted-event-added", Safe, Breaking,
        "the server accepts a new event",
        "old servers reject it",
        "deploy the servers first";
    ACCEPTED_EVENT_REMOVED = "accepted-event-removed", Breaking, Safe,
        "the server no longer accepts an event",
        "the server rejects it",
        "accept the event until no client sends it";
    ACCEPTED_EVENT_RENAMED = "accepted-event-renamed", Breaking, Breaking,
        "an event that the server accepts was renamed",
        "each version knows only one of the names",
        "accept both events until no client sends the old one";

    SENT_ARGUMENT_ADDED = "sent-argument-added", Safe, Breaking,
        "the server sends an additional argument",
        "old servers do not send it; old clients ignore it",
        "deploy the servers first, or make the argument optional";
    SENT_ARGUMENT_REMOVED = "sent-argument-removed", Breaking, Safe,
        "the server no longer sends an argument",
        "clients expect it",
        "send the argument until no client reads it";
    SENT_ARGUMENT_OPTIONAL = "sent-argument-optional", Breaking, Safe,
        "an argument that the server sends became optional",
        "clients expect a value",
        "send an event with another name";
    SENT_ARGUMENT_REQUIRED = "sent-argument-required", Safe, Breaking,
        "an argument that the server sends became required",
        "old servers may omit it",
        "deploy the servers first";
    ACCEPTED_ARGUMENT_ADDED = "accepted-argument-added", Breaking, Safe,
        "the server requires an additional argument",
        "the server rejects events without it",
        "make the argument optional";
    ACCEPTED_ARGUMENT_REMOVED = "accepted-argument-removed", Safe, Breaking,
        "an argument that the server required was removed",
        "old servers require it",
        "deploy the servers first";
    ACCEPTED_ARGUMENT_OPTIONAL = "accepted-argument-optional", Safe, Breaking,
        "an argument that the server accepts became optional",
        "old servers require it",
        "deploy the servers first";
    ACCEPTED_ARGUMENT_REQUIRED = "accepted-argument-required", Breaking, Safe,
        "an argument that the server accepts became required",
        "the server rejects events without it",
        "keep the argument optional";
    OPTIONAL_ARGUMENT_ADDED = "optional-argument-added", Safe, Safe,
        "an optional argument was added",
        "receivers that do not know it ignore it",
        "no action needed";
    OPTIONAL_ARGUMENT_REMOVED = "optional-argument-removed", Safe, Risky,
        "an optional argument was removed",
        "the receiver ignores its value",
        "check that no client or server relies on it";

    SENT_FIELD_ADDED = "sent-field-added", Safe, Breaking,
        "the server always sends a field that was absent or optional",
        "old servers do not always send it; old clients ignore it",
        "deploy the servers first, or make the field optional";
    SENT_FIELD_REMOVED = "sent-field-removed", Breaking, Safe,
        "the server no longer always sends a field",
        "clients expect it",
        "send the field until no client reads it";
    SENT_VARIANT_ADDED = "sent-variant-added", Risky, Safe,
        "the server may send a new variant",
        "clients may not handle it",
        "send the variant once all clients know it, or handle unknown variants in clients";
    SENT_VARIANT_REMOVED = "sent-variant-removed", Safe, Risky,
        "the server no longer sends a variant",
        "old servers may still send it",
        "deploy the servers first";
    SENT_NULL_ADDED = "sent-null-added", Breaking, Safe,
        "the server may send `null`",
        "clients expect a value",
        "add a field with another name";
    SENT_NULL_REMOVED = "sent-null-removed", Safe, Breaking,
        "the server no longer sends `null`",
        "old servers may send it",
        "deploy the servers first";
    SENT_RANGE_WIDENED = "sent-range-widened", Risky, Safe,
        "the server may send numbers outside the previous range",
        "clients may rely on the range",
        "check that no client relies on the range";
    SENT_RANGE_NARROWED = "sent-range-narrowed", Safe, Risky,
        "the server sends numbers of a narrower range",
        "old servers may send numbers outside the range",
        "deploy the servers first";
    SENT_TYPE_WIDENED = "sent-type-widened", Breaking, Safe,
        "the type of a value that the server sends was widened",
        "clients do not expect the additional values",
        "add a field or an event with another name";
    SENT_TYPE_NARROWED = "sent-type-narrowed", Safe, Breaking,
        "the type of a value that the server sends was narrowed",
        "old servers may send values that new clients do not expect",
        "deploy the servers first";
    ACCEPTED_FIELD_ADDED = "accepted-field-added", Breaking, Safe,
        "the server requires a field that was absent or optional",
        "the server rejects values without it",
        "add `#[serde(default)]` to the field";
    ACCEPTED_FIELD_REMOVED = "accepted-field-removed", Safe, Breaking,
        "the server no longer requires a field",
        "old servers require it",
        "deploy the servers first";
    ACCEPTED_VARIANT_ADDED = "accepted-variant-added", Safe, Breaking,
        "the server accepts a new variant",
        "old servers reject it",
        "deploy the servers first";
    ACCEPTED_VARIANT_REMOVED = "accepted-variant-removed", Breaking, Safe,
        "the server no longer accepts a variant",
        "the server rejects it",
        "accept the variant until no client sends it";
    ACCEPTED_NULL_ADDED = "accepted-null-added", Safe, Breaking,
        "the server accepts `null`",
        "old servers reject it",
        "deploy the servers first";
    ACCEPTED_NULL_REMOVED = "accepted-null-removed", Breaking, Safe,
        "the server no longer accepts `null`",
        "the server rejects it",
        "accept `null` until no client sends it";
    ACCEPTED_TYPE_WIDENED = "accepted-type-widened", Safe, Breaking,
        "the type of a value that the server accepts was widened",
        "old servers reject the additional values",
        "deploy the servers first";
    ACCEPTED_TYPE_NARROWED = "accepted-type-narrowed", Breaking, Safe,
        "the type of a value that the server accepts was narrowed",
        "the server rejects values that clients may send",
        "accept the old type until no client sends it";

    SENT_ACK_ADDED = "sent-event-acknowledged", Breaking, Breaking,
        "the server requires an acknowledgement of an event that it sends",
        "old clients never send it; new clients send it to old servers, which do not request it",
        "send an event with another name";
    SENT_ACK_REMOVED = "sent-event-unacknowledged", Breaking, Breaking,
        "the server no longer requires an acknowledgement of an event that it sends",
        "old clients send it although the server does not request it; new clients never send it to old servers",
        "send an event with another name";
    ACCEPTED_ACK_ADDED = "accepted-event-acknowledged", Safe, Breaking,
        "the server acknowledges an event that it did not acknowledge before",
        "old servers never acknowledge it",
        "deploy the servers first";
    ACCEPTED_ACK_REMOVED = "accepted-event-unacknowledged", Breaking, Safe,
        "the server no longer acknowledges an event",
        "clients wait for the acknowledgement",
        "acknowledge the event until no client waits for it";
    ACK_FORM_CHANGED = "acknowledgement-form-changed", Breaking, Breaking,
        "the form of an acknowledgement changed (empty, a value or a `Result`)",
        "each form has another encoding on the wire",
        "add an event with another name";

    AUTH_ADDED = "auth-added", Breaking, Safe,
        "a namespace requires `auth`",
        "the server rejects clients that do not send it",
        "make every field of `auth` optional";
    AUTH_REMOVED = "auth-removed", Safe, Breaking,
        "a namespace no longer requires `auth`",
        "old servers require it",
        "deploy the servers first";
    REFUSAL_CHANGED = "connect-error-changed", Risky, Risky,
        "the connect error of a namespace gained or lost its data",
        "clients may read data that is missing",
        "handle both cases in clients";

    SERVERS_EVENT_CHANGED = "inter-server-event-changed", Breaking, Breaking,
        "an inter-server event was added, removed or changed in form",
        "old and new servers run side by side during a deployment, and reject each other's events",
        "add the event first, and send it in a later deployment";
    SERVERS_PAYLOAD_CHANGED = "inter-server-payload-changed", Breaking, Breaking,
        "the type of an inter-server payload changed",
        "old and new servers run side by side during a deployment, and reject each other's events",
        "add an optional field, or an event with another name";
    SOCKET_DATA_CHANGED = "socket-data-changed", Risky, Risky,
        "the type of the socket data changed",
        "old and new servers run side by side during a deployment, and cannot read each other's socket data",
        "add `#[serde(default)]` to new fields";

    DOCS_CHANGED = "documentation-changed", Safe, Safe,
        "the documentation or deprecation of an item changed",
        "it has no effect on the wire format",
        "no action needed";
}
