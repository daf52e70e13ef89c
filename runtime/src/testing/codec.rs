//! Encoding and decoding of packets on the client's side, for both parsers.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::{
    config::parser::Parser,
    contract::error::EmitError,
    protocol::{Sid, Str, Value},
    upstream::{
        Packet, Parse,
        client::{
            CommonParser, ConnectPacket, MsgPackParser, PacketData, ParseConfig, ParseError,
            ParserState,
        },
    },
    wire::{
        arguments::{Arguments, Outgoing},
        ser::Wire,
    },
};

/// Prefix of a Socket.IO packet that is text: Engine.IO's
/// [message type](https://socket.io/docs/v4/engine-io-protocol/#protocol).
const MESSAGE: &str = "4";

/// The parser of one side, with the packet whose attachments are still missing.
#[derive(Clone)]
pub(super) struct Codec {
    parser: Parser,
    config: Arc<ParseConfig>,
    state: Arc<ParserState>,
}

/// Runs the same expression with either parser.
macro_rules! delegate {
    ($self:ident, $parser:ident => $work:expr) => {
        match $self.parser {
            Parser::Common => {
                let $parser = CommonParser;
                $work
            }
            Parser::Msgpack => {
                let $parser = MsgPackParser;
                $work
            }
        }
    };
}

impl Codec {
    pub(super) fn new(parser: Parser) -> Self {
        // Tests trust the server, so there is no limit.
        let config = ParseConfig {
            max_incoming_binaries: usize::MAX,
            max_incoming_binary_buf_size: usize::MAX,
            ..ParseConfig::default()
        };
        Self {
            parser,
            config: Arc::new(config),
            state: Arc::default(),
        }
    }

    /// Encodes an event's name and arguments, or an answer's arguments.
    pub(super) fn arguments(
        &self,
        event: Option<&str>,
        arguments: &dyn Arguments,
    ) -> Result<Value, EmitError> {
        self.encode_value(&Outgoing(arguments), event)
    }

    /// Encodes a value that is serialized as a tuple.
    pub(super) fn encode_value(
        &self,
        payload: &impl Serialize,
        event: Option<&str>,
    ) -> Result<Value, EmitError> {
        delegate!(self, parser => parser.encode_value(payload, event))
            .map_err(|error| EmitError::Encode(error.to_string()))
    }

    /// Encodes the `auth` of a handshake.
    pub(super) fn auth(&self, auth: &impl Serialize) -> Result<Value, EmitError> {
        delegate!(self, parser => parser.encode_default(&Wire(auth)))
            .map_err(|error| EmitError::Encode(error.to_string()))
    }

    /// Returns the WebSocket messages of a packet.
    pub(super) fn frames(&self, packet: Packet) -> Vec<Frame> {
        match delegate!(self, parser => parser.encode(packet)) {
            Value::Str(text, attachments) => {
                let text = Frame::text(format!("{MESSAGE}{text}"));
                let attachments = attachments.unwrap_or_default();
                let attachments = attachments.into_iter().map(Frame::Binary);
                std::iter::once(text).chain(attachments).collect()
            }
            Value::Bytes(bytes) => vec![Frame::Binary(bytes)],
        }
    }

    /// Decodes a packet that is text or starts with text. Returns `None` if its attachments are still missing.
    pub(super) fn read_text(&self, text: &str) -> Result<Option<Packet>, ParseError> {
        // socketioxide's parser reads the packets of clients, and clients send no connect errors.
        if let (Parser::Common, Some(rest)) = (self.parser, text.strip_prefix('4')) {
            return connect_error(rest).map(Some);
        }
        let text = Str::from(text.to_owned());
        whole(delegate!(self, parser => parser.decode_str(&self.config, &self.state, text)))
    }

    /// Decodes binary data: a packet or an attachment.
    pub(super) fn read_binary(&self, bytes: Bytes) -> Result<Option<Packet>, ParseError> {
        whole(delegate!(self, parser => parser.decode_bin(&self.config, &self.state, bytes)))
    }

    /// Returns the socket's id from the server's answer to a connect packet.
    pub(super) fn socket_id(&self, answer: Option<&Value>) -> Option<Sid> {
        let connected: Result<ConnectPacket, _> =
            delegate!(self, parser => parser.decode_default(answer));
        connected.ok().map(|connected| connected.sid)
    }
}

fn whole(packet: Result<Packet, ParseError>) -> Result<Option<Packet>, ParseError> {
    match packet {
        Ok(packet) => Ok(Some(packet)),
        Err(ParseError::NeedsMoreBinaryData) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Parses `[/namespace,]{"message": …}`.
fn connect_error(rest: &str) -> Result<Packet, ParseError> {
    #[derive(Deserialize)]
    struct ConnectErrorBody {
        message: String,
    }
    let (namespace, refusal) = match rest.starts_with('/') {
        true => rest.split_once(',').unwrap_or((rest, "")),
        false => ("/", rest),
    };
    let refusal: ConnectErrorBody =
        serde_json::from_str(refusal).map_err(|_| ParseError::InvalidPacketType)?;
    Ok(Packet {
        inner: PacketData::ConnectError(refusal.message),
        ns: Str::from(namespace.to_owned()),
    })
}
