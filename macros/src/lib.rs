//! The macros of [sio-types](https://docs.rs/sio-types); use them through that crate.
//!
//! Every macro works in the same steps: `parse` builds the `model` of the user's item, `check` validates it, and
//! `expand` generates code from it. A `report` collects the errors, so that the compiler shows all of them together.

use proc_macro::TokenStream;

mod attr;
mod check;
mod expand;
mod model;
mod names;
mod parse;
mod report;
mod suggestions;
#[cfg(test)]
mod tests;

/// Declares the events of one direction as a trait.
///
/// Each method is an [event](https://socket.io/docs/v4/emitting-events/). Its arguments are the event's arguments, and
/// its return type is the [acknowledgement](https://socket.io/docs/v4/emitting-events/#acknowledgements).
///
/// ```ignore
/// /// Events from clients to the server.
/// #[events]
/// pub trait ClientToServer {
///     /// No acknowledgement.
///     fn typing(room: RoomId);
///     /// An acknowledgement without a value.
///     fn ping() -> ();
///     /// An acknowledgement that can be an error; write the return type as `Result`.
///     #[event("room:join")]
///     fn join(room: RoomId) -> Result<RoomJoined, JoinError>;
///     /// A trailing `Option` is an optional argument.
///     fn search(query: String, limit: Option<u32>) -> Vec<ChatMessage>;
/// }
/// ```
///
/// The receiver of the events implements the trait. In the implementation, each method also takes `&self` and a
/// context, such as `Socket<Chat>`:
///
/// ```ignore
/// impl ClientToServer<Socket<Chat>> for ChatServer {
///     async fn typing(&self, socket: Socket<Chat>, room: RoomId) { /* … */ }
///     // …
/// }
/// ```
///
/// The sender calls `.emit()`, followed by the method of the same name. A server sends an event `message` of its own
/// trait like this:
///
/// ```ignore
/// socket.emit().message("hello")?;
/// io.of(Chat).room("lobby").emit().message("hello").await?;
/// ```
///
/// The macro also generates `ClientToServerEvent`, an enum with one variant for each event, and
/// `ClientToServerEmitter`, the type that `.emit()` returns.
///
/// # Options of the trait
///
/// - `rename_all = "camelCase"`: the case convention of wire names, as in serde. The default is `camelCase`.
/// - `prefix = "room:"`: a prefix for all wire names except those set with `#[event("…")]`.
/// - `crate = "::path"`: the path of `sio_types`, if it is not `::sio_types`.
///
/// # Options of a method
///
/// - `#[event("name")]`: the event's name on the wire.
/// - `#[event(concurrent)]`: runs each call of the handler in its own task, without an order between the calls. Use it
///   for CPU-bound handlers.
/// - `#[event(rate = "5/s")]`: a rate limit for each socket, per `s`, `min` or `h`. The burst equals the rate by
///   default; set another one with `"5/s burst 20"`. Events above the limit are rejected as `rate_limited`. The option
///   has no effect on events that the server sends.
///
/// See also the guide to [events and payloads](https://docs.rs/sio-types/latest/sio_types/guide/events/index.html).
#[proc_macro_attribute]
pub fn events(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::events(options.into(), item.into()).into()
}

/// Makes a struct or enum a payload of events. Derives `Serialize`, `Deserialize` and `JsonSchema`.
///
/// [serde's attributes](https://serde.rs/attributes.html) apply, and the schema follows them. The macro cannot see the
/// type that `#[serde(with = …)]` writes and reads: set it with `wire`.
///
/// ```ignore
/// #[payload]
/// #[serde(rename_all = "camelCase")]
/// pub struct ChatMessage {
///     pub user_name: String,
///     #[payload(bigint = "string")]
///     pub sequence: u64,
///     #[serde(with = "time::serde::rfc3339")]
///     #[payload(wire = "String")]
///     pub posted: OffsetDateTime,
/// }
/// ```
///
/// # Options
///
/// - `bigint = "string"`, on the item or on a field: encodes integers of 64 bits and more as decimal strings, also in
///   an `Option` or a `Vec`. Without it, sending an integer outside of JavaScript's safe range is an error.
/// - `wire = "Type"`, on a field or a variant with `#[serde(with = …)]`: the type on the wire. Use `sent = "Type"` and
///   `accepted = "Type"` if the two differ, or if only one of them is converted (`serialize_with`, `deserialize_with`).
/// - `ts`, on the item: uses the TypeScript of its `ts_rs::TS` implementation, for types that already derive it.
///   Requires the feature `ts-rs` of sio-types. `sio-types gen-ts` warns if the TypeScript does not match the wire
///   format.
/// - `crate = "::path"`, on the item: the path of `sio_types`, if it is not `::sio_types`.
///
/// See also the guides to [payloads](https://docs.rs/sio-types/latest/sio_types/guide/events/index.html#payloads) and to the
/// [type mapping](https://docs.rs/sio-types/latest/sio_types/guide/types/index.html) from Rust to TypeScript.
#[proc_macro_attribute]
pub fn payload(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::payload(options.into(), item.into()).into()
}

/// Implements `Namespace` for a struct, which makes it a Socket.IO
/// [namespace](https://socket.io/docs/v4/namespaces/).
///
/// ```ignore
/// #[derive(Events)]
/// #[events(
///     namespace = "/workspace/{tenant}",
///     server_to_client = ServerToClient,
///     client_to_server = ClientToServer,
/// )]
/// pub struct Workspace {
///     pub tenant: String,
/// }
/// ```
///
/// # Options
///
/// - `namespace = "/path"`: the path. `{name}` in it is a parameter. The struct has a field of the same name, whose
///   type implements `FromStr` and `Display`.
/// - `server_to_client`, `client_to_server`, `inter_server`: the `#[events]` trait of each direction. A direction
///   without a trait has no events.
/// - `socket_data`: the type of each socket's data; the default is `()`.
/// - `auth`: the type of `auth` in the handshake; the default is `()`.
/// - `connect_error`: the type of `data` in a connection error; the default is `()`.
/// - `bigint = "string"`: requires that integers of 64 bits or more in the namespace are encoded as strings. Otherwise,
///   generating the schema (by `sio-types`, or by `schema::of` in a test) fails with an error that lists them.
/// - `ts_prefix = "Name"`: the prefix of the TypeScript interfaces. The default is the struct's name. It is empty for
///   the only namespace of a program if its path is `/` or its name is `App`.
/// - `crate = "::path"`: the path of `sio_types`, if it is not `::sio_types`.
///
/// See also the guide to [namespaces](https://docs.rs/sio-types/latest/sio_types/guide/namespaces/index.html).
#[proc_macro_derive(Events, attributes(events))]
pub fn derive_events(item: TokenStream) -> TokenStream {
    expand::namespace(item.into()).into()
}
