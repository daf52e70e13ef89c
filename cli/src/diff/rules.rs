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
    /// Way to make the change without breaking clients.
    pub mend: &'static str,
}

use Level::{Breaking, Risky, Safe};

macro_rules! rules {
    ($($constant:ident = $id:literal, $old:ident, $new:ident, $what:literal, $why:literal, $mend:literal;)*) => {
        $(
            pub(super) const $constant: &Rule = &Rule {
                id: $id,
                what: $what,
                old_clients: $old,
                new_clients: $new,
                why: $why,
                mend: $mend,
            };
        )*

        /// All rules, in the order of the documentation.
        pub const RULES: &[&Rule] = &[$($constant),*];
    };
}

rules! {
    NAMESPACE_ADDED = "namespace-added", Safe, Breaking,
        "a namespace is new",
        "a server of the old schema refuses to open it",
        "deploy the servers first";
    NAMESPACE_REMOVED = "namespace-removed", Breaking, Safe,
        "a namespace is gone",
        "it is refused to clients that open it",
        "keep it until no client opens it";
    NAMESPACE_MOVED = "namespace-moved", Breaking, Breaking,
        "a namespace has another path",
        "each side knows one path alone",
        "mount both paths until no client opens the old one";
    PARAMETERS_CHANGED = "parameters-changed", Breaking, Breaking,
        "the parameters of a path are of other types",
        "paths that the one side makes are refused by the other",
        "mount both paths until no client opens the old one";

    SENT_EVENT_ADDED = "sent-event-added", Safe, Safe,
        "the server sends an event that it did not send before",
        "clients that do not know it ignore it",
        "nothing to do";
    SENT_EVENT_REMOVED = "sent-event-removed", Breaking, Safe,
        "the server no longer sends an event",
        "clients wait for it",
        "send it until no client listens to it";
    SENT_EVENT_RENAMED = "sent-event-renamed", Breaking, Breaking,
        "an event that the server sends has another name",
        "each side knows one name alone",
        "send both until no client listens to the old one";
    ACCEPTED_EVENT_ADDED = "accepted-event-added", Safe, Breaking,
        "the server takes an event that it did not take before",
        "a server of the old schema rejects it",
        "deploy the servers first";
    ACCEPTED_EVENT_REMOVED = "accepted-event-removed", Breaking, Safe,
        "the server no longer takes an event",
        "it rejects what clients send",
        "take it until no client sends it";
    ACCEPTED_EVENT_RENAMED = "accepted-event-renamed", Breaking, Breaking,
        "an event that the server takes has another name",
        "each side knows one name alone",
        "take both until no client sends the old one";

    SENT_ARGUMENT_ADDED = "sent-argument-added", Safe, Breaking,
        "an event that the server sends has one more argument",
        "a server of the old schema does not send it; clients of the old one ignore it",
        "deploy the servers first, or make it optional";
    SENT_ARGUMENT_REMOVED = "sent-argument-removed", Breaking, Safe,
        "an event that the server sends has one argument less",
        "clients read it",
        "send it until no client reads it";
    SENT_ARGUMENT_OPTIONAL = "sent-argument-optional", Breaking, Safe,
        "an argument that the server sends may be missing",
        "clients count on it",
        "send an event of another name";
    SENT_ARGUMENT_REQUIRED = "sent-argument-required", Safe, Breaking,
        "an argument that the server sends is always there",
        "a server of the old schema may leave it out",
        "deploy the servers first";
    ACCEPTED_ARGUMENT_ADDED = "accepted-argument-added", Breaking, Safe,
        "an event that the server takes wants one more argument",
        "clients do not send it, and are rejected",
        "make it optional";
    ACCEPTED_ARGUMENT_REMOVED = "accepted-argument-removed", Safe, Breaking,
        "an event that the server takes wants one argument less",
        "a server of the old schema wants it",
        "deploy the servers first";
    ACCEPTED_ARGUMENT_OPTIONAL = "accepted-argument-optional", Safe, Breaking,
        "an argument that the server takes may be left out",
        "a server of the old schema wants it",
        "deploy the servers first";
    ACCEPTED_ARGUMENT_REQUIRED = "accepted-argument-required", Breaking, Safe,
        "an argument that the server takes may no longer be left out",
        "clients leave it out, and are rejected",
        "keep it optional";
    OPTIONAL_ARGUMENT_ADDED = "optional-argument-added", Safe, Safe,
        "an event has one more argument, which may be left out",
        "who does not know it ignores it",
        "nothing to do";
    OPTIONAL_ARGUMENT_REMOVED = "optional-argument-removed", Safe, Risky,
        "an argument that might be left out is gone",
        "what is sent in it is ignored",
        "see that nobody counts on it";

    SENT_FIELD_ADDED = "sent-field-added", Safe, Breaking,
        "a field is always in what the server sends",
        "a server of the old schema does not always send it; clients of the old one ignore it",
        "deploy the servers first, or make it optional";
    SENT_FIELD_REMOVED = "sent-field-removed", Breaking, Safe,
        "a field is no longer always in what the server sends",
        "clients read it",
        "send it until no client reads it";
    SENT_VARIANT_ADDED = "sent-variant-added", Risky, Safe,
        "the server may send an alternative that it did not send before",
        "clients that list the alternatives know nothing of it",
        "send it when all clients know it, or have them treat what is unknown";
    SENT_VARIANT_REMOVED = "sent-variant-removed", Safe, Risky,
        "the server no longer sends one of several alternatives",
        "a server of the old schema still does",
        "deploy the servers first";
    SENT_NULL_ADDED = "sent-null-added", Breaking, Safe,
        "what the server sends may be `null`",
        "clients count on a value",
        "send a field of another name";
    SENT_NULL_REMOVED = "sent-null-removed", Safe, Breaking,
        "what the server sends is no longer `null`",
        "a server of the old schema may send it",
        "deploy the servers first";
    SENT_RANGE_WIDENED = "sent-range-widened", Risky, Safe,
        "the server may send a number out of the range that it was in",
        "clients may count on the range",
        "see that no client does";
    SENT_RANGE_NARROWED = "sent-range-narrowed", Safe, Risky,
        "the server sends numbers of a smaller range",
        "a server of the old schema sends others",
        "deploy the servers first";
    SENT_TYPE_WIDENED = "sent-type-widened", Breaking, Safe,
        "what the server sends may be something else than before",
        "clients do not expect it",
        "send a field or an event of another name";
    SENT_TYPE_NARROWED = "sent-type-narrowed", Safe, Breaking,
        "what the server sends is less than before",
        "a server of the old schema may send what clients no longer expect",
        "deploy the servers first";

    ACCEPTED_FIELD_ADDED = "accepted-field-added", Breaking, Safe,
        "the server wants a field that it did not always want",
        "clients do not always send it, and are rejected",
        "give it `#[serde(default)]`";
    ACCEPTED_FIELD_REMOVED = "accepted-field-removed", Safe, Breaking,
        "the server no longer always wants a field",
        "a server of the old schema does",
        "deploy the servers first";
    ACCEPTED_VARIANT_ADDED = "accepted-variant-added", Safe, Breaking,
        "the server takes one more alternative",
        "a server of the old schema rejects it",
        "deploy the servers first";
    ACCEPTED_VARIANT_REMOVED = "accepted-variant-removed", Breaking, Safe,
        "the server no longer takes one of several alternatives",
        "clients that send it are rejected",
        "take it until no client sends it";
    ACCEPTED_NULL_ADDED = "accepted-null-added", Safe, Breaking,
        "the server takes `null`",
        "a server of the old schema rejects it",
        "deploy the servers first";
    ACCEPTED_NULL_REMOVED = "accepted-null-removed", Breaking, Safe,
        "the server no longer takes `null`",
        "clients that send it are rejected",
        "take it until no client sends it";
    ACCEPTED_TYPE_WIDENED = "accepted-type-widened", Safe, Breaking,
        "the server takes more than before",
        "a server of the old schema rejects it",
        "deploy the servers first";
    ACCEPTED_TYPE_NARROWED = "accepted-type-narrowed", Breaking, Safe,
        "the server takes less than before",
        "clients that send the rest are rejected",
        "take it until no client sends it";

    SENT_ACK_ADDED = "sent-event-acknowledged", Breaking, Breaking,
        "the server wants an answer to an event that it sends",
        "clients of the old schema never give one; those of the new one answer a server that does not ask",
        "send an event of another name";
    SENT_ACK_REMOVED = "sent-event-unacknowledged", Breaking, Breaking,
        "the server no longer wants an answer to an event that it sends",
        "clients of the old schema answer a server that does not ask; those of the new one never do",
        "send an event of another name";
    ACCEPTED_ACK_ADDED = "accepted-event-acknowledged", Safe, Breaking,
        "the server answers an event",
        "a server of the old schema never does",
        "deploy the servers first";
    ACCEPTED_ACK_REMOVED = "accepted-event-unacknowledged", Breaking, Safe,
        "the server no longer answers an event",
        "clients wait for the answer",
        "answer until no client waits";
    ACK_FORM_CHANGED = "acknowledgement-form-changed", Breaking, Breaking,
        "an answer is a value where it was a result, or the other way round",
        "its form on the wire is another",
        "make an event of another name";

    AUTH_ADDED = "auth-added", Breaking, Safe,
        "a namespace wants `auth`",
        "clients do not send any, and are refused",
        "make all of it optional";
    AUTH_REMOVED = "auth-removed", Safe, Breaking,
        "a namespace no longer wants `auth`",
        "a server of the old schema does",
        "deploy the servers first";
    REFUSAL_CHANGED = "connect-error-changed", Risky, Risky,
        "a refused connection carries data where it did not, or the other way round",
        "clients that read the data find none",
        "have clients treat both";

    SERVERS_EVENT_CHANGED = "inter-server-event-changed", Breaking, Breaking,
        "an event between servers is new, gone, or of another form",
        "servers of both schemas run side by side while they are deployed, and reject each other's",
        "add the event first, send it in a later deployment";
    SERVERS_PAYLOAD_CHANGED = "inter-server-payload-changed", Breaking, Breaking,
        "what servers tell each other is of another type",
        "servers of both schemas run side by side while they are deployed, and reject each other's",
        "add an optional field, or an event of another name";
    SOCKET_DATA_CHANGED = "socket-data-changed", Risky, Risky,
        "the data of sockets is of another type",
        "servers of both schemas run side by side while they are deployed, and cannot read each other's sockets",
        "give new fields `#[serde(default)]`";

    DOCS_CHANGED = "documentation-changed", Safe, Safe,
        "the documentation or the deprecation of something has changed",
        "nothing on the wire depends on it",
        "nothing to do";
}
