//! Types of socketioxide and engineioxide with this crate's adapter, and all workarounds for them.
//!
//! Each file names the contract that it relies on; `docs/upstream.md` lists them.

pub(crate) mod adapter;
pub(crate) mod engine_adapter;
pub(crate) mod errors;
pub(crate) mod extract;
pub(crate) mod limits;
pub(crate) mod namespaces;
pub(crate) mod reconnect;

pub(crate) use engineioxide::service::NotFoundService;
pub(crate) use socketioxide::{
    AckError, BroadcastError, EmitWithAckError, SocketError, SocketIoBuilder,
    ack::AckStream as RawAckStream,
    extract::SocketRef,
    handler::{ConnectHandler, DisconnectHandler, MessageHandler},
    layer, service,
};
pub(crate) use socketioxide_core::{
    adapter::{BroadcastOptions, CoreAdapter, RemoteSocketData},
    packet::Packet,
    parser::Parse,
};

/// Types for a client that reads and writes packets itself.
#[cfg(feature = "testing")]
pub(crate) mod client {
    pub(crate) use socketioxide_core::{
        packet::{ConnectPacket, PacketData},
        parser::{ParseConfig, ParseError, ParserState},
    };
    pub(crate) use socketioxide_parser_common::CommonParser;
    pub(crate) use socketioxide_parser_msgpack::MsgPackParser;
}

/// Adapter under every socket of a server.
pub type Adapter = adapter::ClusterAdapter;

/// Server of socketioxide.
pub(crate) type RawIo = socketioxide::SocketIo<Adapter>;

/// Targets of a broadcast.
pub(crate) type Operators = socketioxide::operators::BroadcastOperators<Adapter>;

/// Creates a builder for a server of socketioxide.
pub(crate) fn builder() -> SocketIoBuilder<socketioxide::adapter::LocalAdapter> {
    socketioxide::SocketIo::builder()
}

/// Socket of socketioxide.
pub(crate) type RawSocket = socketioxide::socket::Socket<Adapter>;
