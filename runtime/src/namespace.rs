//! What `#[events]` and `#[derive(Events)]` tell the runtime: sets of events, and the namespaces that carry them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    dispatch::{Call, Dispatched},
    emit::EmitTarget,
    limits::Rate,
    path::{PathError, PathParameters, PathWriter},
    schema::{EventSetBuilder, NamespaceBuilder},
    wire::{DecodeError, Message},
};

/// What can be sent: `Serialize`, `Deserialize` and `JsonSchema`, which [`#[payload]`](macro@crate::payload) derives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of an event",
    label = "not a payload",
    note = "put `#[payload]` on its definition; a foreign type needs `Serialize`, `Deserialize` and `JsonSchema`"
)]
pub trait Payload: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static> Payload for T {}

/// The same type, if it is a [`Payload`]: an associated type is bound by way of it, because rustc explains a bound of
/// its own by all that a payload is made of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of an event",
    label = "not a payload",
    note = "put `#[payload]` on its definition; a foreign type needs `Serialize`, `Deserialize` and `JsonSchema`"
)]
pub trait IsPayload {
    type Itself: Payload;
}

#[diagnostic::do_not_recommend]
impl<T: Payload> IsPayload for T {
    type Itself = T;
}

/// A set of events that flow one way: `dyn Trait` of a trait under [`#[events]`](macro@crate::events).
pub trait EventSet: 'static {
    /// Has one method for each event, with its arguments.
    type Emitter<T: EmitTarget>: From<T>;
    /// Has one variant for each event.
    type Event: Send + Sync + 'static;

    /// How often one socket may send which event.
    #[doc(hidden)]
    const RATES: &'static [(&'static str, Rate)] = &[];

    /// Decodes any event of the set; `None` if it has none of the message's name.
    #[doc(hidden)]
    fn decode(message: &Message) -> Result<Option<Self::Event>, DecodeError>;

    #[doc(hidden)]
    fn describe(set: &mut EventSetBuilder<'_>);
}

/// Calls the method of handler `H` that a message names.
#[diagnostic::on_unimplemented(
    message = "`{H}` does not handle the events of `{Self}`",
    note = "implement the events' trait for it, with `{Cx}` as the context"
)]
pub trait Dispatch<H, Cx>: EventSet {
    #[doc(hidden)]
    fn dispatch(handler: &Arc<H>, call: Call<'_, Cx>) -> Dispatched;
}

/// The set of a direction in which nothing is sent.
pub enum NoEvents {}

/// The emitter of [`NoEvents`].
pub struct NoEmitter<T>(T);

impl<T> From<T> for NoEmitter<T> {
    fn from(target: T) -> Self {
        Self(target)
    }
}

impl<T> NoEmitter<T> {
    /// Where nothing can be sent to.
    pub fn into_target(self) -> T {
        self.0
    }
}

impl EventSet for NoEvents {
    type Emitter<T: EmitTarget> = NoEmitter<T>;
    type Event = NoEvents;

    fn decode(_: &Message) -> Result<Option<NoEvents>, DecodeError> {
        Ok(None)
    }

    fn describe(_: &mut EventSetBuilder<'_>) {}
}

impl<H, Cx: crate::dispatch::Context> Dispatch<H, Cx> for NoEvents {
    fn dispatch(_: &Arc<H>, call: Call<'_, Cx>) -> Dispatched {
        call.unknown()
    }
}

/// A Socket.IO [namespace](https://socket.io/docs/v4/namespaces/): its path, its events, and what a socket in it
/// carries. Derived by [`#[derive(Events)]`](derive@crate::Events).
pub trait Namespace: Sized + Send + Sync + 'static {
    /// The Rust name of the type.
    const NAME: &'static str;
    /// The path, with `{name}` for each parameter.
    const PATTERN: &'static str;
    #[doc(hidden)]
    const DOCS: &'static str;
    #[doc(hidden)]
    const TS_PREFIX: Option<&'static str>;
    #[doc(hidden)]
    const BIGINT_AS_TEXT: bool;
    #[doc(hidden)]
    const ANONYMOUS: bool;

    /// What the server sends.
    type ServerToClient: EventSet + ?Sized;
    /// What clients send.
    type ClientToServer: EventSet + ?Sized;
    /// What the servers of a cluster tell each other.
    type InterServer: EventSet + ?Sized;
    /// What every socket carries, made by [`Lifecycle::authenticate`](crate::Lifecycle::authenticate).
    type SocketData: Payload;
    /// The `auth` of the [handshake](https://socket.io/docs/v4/client-options/#auth).
    type Auth: Payload;
    /// The `data` of a refused connection's error.
    type ConnectErrorData: Payload;

    #[doc(hidden)]
    fn from_parameters(parameters: &PathParameters<'_>) -> Result<Self, PathError>;
    #[doc(hidden)]
    fn write_parameters(&self, path: &mut PathWriter);
    #[doc(hidden)]
    fn describe_parameters(namespace: &mut NamespaceBuilder<'_>);
    #[doc(hidden)]
    fn anonymous() -> Option<Self::SocketData> {
        None
    }

    /// The path of this very namespace, parameters filled in and
    /// [percent-encoded](https://url.spec.whatwg.org/#component-percent-encode-set).
    fn path(&self) -> String {
        let mut path = PathWriter::new(Self::PATTERN);
        self.write_parameters(&mut path);
        path.finish()
    }
}

/// One event from the clients of `N`.
pub type IncomingEvent<N> = <<N as Namespace>::ClientToServer as EventSet>::Event;

/// One event from the server to the clients of `N`.
pub type OutgoingEvent<N> = <<N as Namespace>::ServerToClient as EventSet>::Event;

/// The emitter of what the server of `N` sends, towards `T`.
pub type EventEmitter<N, T> = <<N as Namespace>::ServerToClient as EventSet>::Emitter<T>;
