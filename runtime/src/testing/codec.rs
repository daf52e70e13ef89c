//! Packets as a client writes and reads them, under either parser.

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

/// What stands before a Socket.IO packet that is text: Engine.IO's
/// [type of a message](https://socket.io/docs/v4/engine-io-protocol/#protocol).
const MESSAGE: &str = "4";

/// One side's parser, and the packet of which it has only a part.
#[derive(Clone)]
pub(super) struct Codec {
    parser: Parser,
    config: Arc<ParseConfig>,
    state: Arc<ParserState>,
}

/// Does the same with whichever parser it is.
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
        // A server is trusted to send what it likes.
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

    /// Encodes anything that is a tuple in its outermost shape.
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

    /// The WebSocket messages of a packet.
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

    /// Reads a packet that is text, or begins as text; `None` if its attachments are still to come.
    pub(super) fn read_text(&self, text: &str) -> Result<Option<Packet>, ParseError> {
        // The parser reads what clients send, which is no connect error.
        if let (Parser::Common, Some(rest)) = (self.parser, text.strip_prefix('4')) {
            return connect_error(rest).map(Some);
        }
        let text = Str::from(text.to_owned());
        whole(delegate!(self, parser => parser.decode_str(&self.config, &self.state, text)))
    }

    /// Reads binary data: a packet, or an attachment.
    pub(super) fn read_binary(&self, bytes: Bytes) -> Result<Option<Packet>, ParseError> {
        whole(delegate!(self, parser => parser.decode_bin(&self.config, &self.state, bytes)))
    }

    /// The socket's id in the answer to a connect packet.
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

/// Reads `[/namespace,]{"message": …}`.
fn connect_error(rest: &str) -> Result<Packet, ParseError> {
    #[derive(Deserialize)]
    struct MiddlewareError {
        message: String,
    }
    let (namespace, refusal) = match rest.starts_with('/') {
        true => rest.split_once(',').unwrap_or((rest, "")),
        false => ("/", rest),
    };
    let refusal: MiddlewareError =
        serde_json::from_str(refusal).map_err(|_| ParseError::InvalidPacketType)?;
    Ok(Packet {
        inner: PacketData::ConnectError(refusal.message),
        ns: Str::from(namespace.to_owned()),
    })
}
