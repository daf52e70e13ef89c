//! A raw client of Engine.IO and Socket.IO, which can send invalid HTTP requests and WebSocket frames.

mod frame;
mod http;
mod polling;
mod stalled;
mod websocket;

pub use frame::{
    BINARY, CLOSE, CONTINUATION, FINAL, PING, PONG, TEXT, frame, frame_length, text_frame,
};
pub use http::{
    Headers, Response, encode_request, encode_upgrade, poll, post, receive, request, send,
    try_request,
};
pub use polling::Polling;
pub use stalled::{StalledClient, fill};
pub use websocket::WebSocket;

/// Query of a request by polling, without a session.
pub const POLLING: &str = "EIO=4&transport=polling";

/// Query of an upgrade to a WebSocket, without a session.
pub const WEBSOCKET: &str = "EIO=4&transport=websocket";

/// Returns a string field of a packet's JSON.
pub fn field(packet: &str, name: &str) -> String {
    let start = format!("\"{name}\":\"");
    let rest = packet.split_once(&start).map(|(_, rest)| rest);
    let rest = rest.unwrap_or_else(|| panic!("no field `{name}` in {packet}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}
