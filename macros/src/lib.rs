//! The macros of [sio-types](https://docs.rs/sio-types); use them through that crate.
//!
//! Each goes the same way: `parse` reads the user's item into the `model`, `check` looks at the whole of it,
//! `expand` writes code from it. Mistakes are collected in a `report`, and reported all at once.

use proc_macro::TokenStream;

mod attr;
mod check;
mod expand;
mod model;
mod names;
mod parse;
mod report;
#[cfg(test)]
mod tests;

/// Makes a trait the description of events that flow one way.
///
/// Each method is an event: its arguments are the event's, its return type is the acknowledgement.
///
/// ```ignore
/// /// What clients ask of the server.
/// #[events]
/// pub trait ClientToServer {
///     /// No acknowledgement.
///     fn typing(room: RoomId);
///     /// An acknowledgement without a value.
///     fn ping() -> ();
///     /// An acknowledgement that may be an error: the return type is written as `Result`.
///     #[event("room:join")]
///     fn join(room: RoomId) -> Result<RoomJoined, JoinError>;
///     /// A trailing `Option` is an optional argument.
///     fn search(query: String, limit: Option<u32>) -> Vec<ChatMessage>;
/// }
/// ```
///
/// Who receives the events implements the trait, whose methods gain `&self` and a context, such as
/// `Socket<Chat>`:
///
/// ```ignore
/// impl ClientToServer<Socket<Chat>> for ChatServer {
///     async fn typing(&self, socket: Socket<Chat>, room: RoomId) { /* … */ }
///     // …
/// }
/// ```
///
/// Who sends them calls `.emit()` and then the method of the same name. The macro also generates
/// `ClientToServerEvent`, an enum with one variant for each event, and `ClientToServerEmitter`.
///
/// # Options of the trait
/// - `rename_all = "camelCase"`: how wire names are made of method names; as in serde. camelCase unless set.
/// - `prefix = "room:"`: what every wire name begins with, those of `#[event("…")]` excepted.
/// - `crate = "::path"`: where `sio_types` is found, if not there.
///
/// # Options of a method
/// - `#[event("name")]`: its wire name.
/// - `#[event(concurrent)]`: its handler gets a task of its own at once, without order; for handlers that keep the
///   CPU busy.
/// - `#[event(rate = "5/s")]`: how often one socket may send it, per `s`, `min` or `h`; as many at once, unless
///   `"5/s burst 20"` says otherwise. What comes beyond is rejected as `rate_limited`. It means nothing for what the
///   server sends.
#[proc_macro_attribute]
pub fn events(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::events(options.into(), item.into()).into()
}

/// Makes a struct or enum something that events can carry: derives `Serialize`, `Deserialize` and `JsonSchema`.
///
/// [serde's attributes](https://serde.rs/attributes.html) apply as ever, and the schema follows them. Only what a
/// conversion of your own writes and reads (`#[serde(with = …)]`) nobody can know: its type has to be said, with
/// `wire`.
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
/// - `bigint = "string"`, on the item or on a field: integers of 64 bits and more, also in an `Option` or a `Vec`,
///   travel as decimal strings. Without it, one beyond JavaScript's safe integers is an error at the sender.
/// - `wire = "Type"`, on a field or a variant with `#[serde(with = …)]`: the type that is on the wire; `sent = "Type"`
///   and `accepted = "Type"` where they differ, or where only one of them is converted (`serialize_with`,
///   `deserialize_with`).
/// - `ts`, on the item: its TypeScript is what its `ts_rs::TS` says, for code that derives that already (with
///   sio-types' feature `ts-rs`). `sio-types gen-ts` warns where that is not what is on the wire.
/// - `crate = "::path"`, on the item: where `sio_types` is found, if not there.
#[proc_macro_attribute]
pub fn payload(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::payload(options.into(), item.into()).into()
}

/// Makes a struct a Socket.IO namespace.
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
/// - `namespace = "/path"`: the path; `{name}` stands for the field of that name, which implements `FromStr` and
///   `Display`.
/// - `server_to_client`, `client_to_server`, `inter_server`: traits under `#[events]`; a direction that is left out
///   has no events.
/// - `socket_data`: what every socket carries; `()` unless set.
/// - `auth`: the `auth` of the handshake; `()` unless set.
/// - `connect_error`: the `data` of a refused connection; `()` unless set.
/// - `bigint = "string"`: an integer of 64 bits or more that would travel as a number, anywhere in the namespace, is an
///   error when the schema is made (by `sio-types`, or by `schema::of` in a test), which lists all of them.
/// - `ts_prefix = "Name"`: what the names of the TypeScript interfaces begin with. Unless set, the struct's
///   name; nothing, for the only namespace of a program if it is on `/` or called `App`.
/// - `crate = "::path"`: where `sio_types` is found, if not there.
#[proc_macro_derive(Events, attributes(events))]
pub fn derive_events(item: TokenStream) -> TokenStream {
    expand::namespace(item.into()).into()
}
