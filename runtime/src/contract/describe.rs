//! Describes namespaces and their event sets with the builders.

use sio_types_schema::NamespaceSchema;

use super::{events::EventSet, namespace::Namespace};
use crate::{
    describe::{
        build::{EventBuilder, SchemaBuilder, parameters},
        generators::Direction,
    },
    wire::{acknowledgement::Fallible, payload::Payload},
};

pub(crate) fn add_namespace<N: Namespace>(schema: &mut SchemaBuilder) {
    let mut namespace = NamespaceSchema::new(N::NAME, N::PATTERN);
    N::DOCS.clone_into(&mut namespace.docs);
    namespace.ts_prefix = N::TS_PREFIX.map(str::to_owned);
    namespace.server_to_client = schema.events(Direction::Sent, N::ServerToClient::describe);
    namespace.client_to_server = schema.events(Direction::Accepted, N::ClientToServer::describe);
    namespace.inter_server = schema.events(Direction::Both, N::InterServer::describe);
    namespace.auth = schema.unless_unit::<N::Auth>(Direction::Accepted);
    namespace.socket_data = schema.unless_unit::<N::SocketData>(Direction::Sent);
    namespace.connect_error = schema.unless_unit::<N::ConnectErrorData>(Direction::Sent);
    namespace.parameters = parameters(N::describe_parameters);
    schema.add(namespace, N::BIGINT_AS_TEXT);
}

/// Adds an argument to an event. The bound is the one that generated code checks everywhere else. With the builder's
/// own bound, the compiler would report a missing `#[payload]` a second time.
pub fn argument<T: Payload>(event: &mut EventBuilder<'_>, name: &str) {
    event.argument::<T>(name);
}

/// Sets the acknowledgement of an event; has the same bound as [`argument`].
pub fn acknowledged<T: Payload>(event: &mut EventBuilder<'_>) {
    event.acknowledged::<T>();
}

/// Sets the acknowledgement of an event to one that may be an error; has the same bound as [`argument`].
pub fn fallible<R>(event: &mut EventBuilder<'_>)
where
    R: Fallible,
    R::Ok: Payload,
    R::Error: Payload,
{
    event.fallible::<R>();
}
