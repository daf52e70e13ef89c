//! Messages of the Redis adapters for Node.js.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::cluster::interop::InteropProtocol;

/// Request types, from
/// [`RequestType`](https://github.com/socketio/socket.io/blob/main/packages/socket.io-redis-adapter/lib/index.ts).
mod classic {
    pub(super) const SOCKETS: u64 = 0;
    pub(super) const ALL_ROOMS: u64 = 1;
    pub(super) const REMOTE_FETCH: u64 = 5;
    pub(super) const SERVER_SIDE_EMIT: u64 = 6;
    pub(super) const BROADCAST: u64 = 7;
    pub(super) const BROADCAST_CLIENT_COUNT: u64 = 8;
}

/// Message types, from
/// [`MessageType`](https://github.com/socketio/socket.io/blob/main/packages/socket.io-adapter/lib/cluster-adapter.ts).
mod sharded {
    pub(super) const BROADCAST: u64 = 3;
    pub(super) const FETCH_SOCKETS: u64 = 7;
    pub(super) const FETCH_SOCKETS_RESPONSE: u64 = 8;
    pub(super) const SERVER_SIDE_EMIT: u64 = 9;
    pub(super) const SERVER_SIDE_EMIT_RESPONSE: u64 = 10;
    pub(super) const BROADCAST_CLIENT_COUNT: u64 = 11;
}

/// The protocol of the Node.js servers in one namespace, as this server uses it.
pub(super) struct Dialect<'a> {
    pub(super) protocol: InteropProtocol,
    pub(super) prefix: &'a str,
    pub(super) namespace: &'a str,
    pub(super) uid: &'a str,
}

/// A message of a Node.js server, or of another server of this cluster.
#[derive(Deserialize)]
pub(super) struct Incoming {
    #[serde(default)]
    pub(super) uid: Option<String>,
    #[serde(default, rename = "requestId")]
    request: Option<String>,
    #[serde(default)]
    r#type: Option<u64>,
    #[serde(default, deserialize_with = "json_or_none")]
    data: Value,
}

/// The part of a message that this server handles.
pub(super) enum Meaning {
    Event {
        packet: Value,
        request: Option<String>,
    },
    /// A request about sockets, with the answer that this server has no sockets.
    Question {
        answer: Value,
    },
    Nothing,
}

/// JSON has no form for binary data. Such data occurs only in messages that this server ignores.
fn json_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Ok(Value::deserialize(deserializer).unwrap_or_default())
}

impl Incoming {
    /// Reads a message: JSON, or MessagePack if the message may contain binary data.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        if message.starts_with(b"{") {
            serde_json::from_slice(message).ok()
        } else {
            rmp_serde::from_slice(message).ok()
        }
    }
}

impl Dialect<'_> {
    /// Returns the channel for requests to all servers.
    pub(super) fn requests(&self) -> String {
        let Self {
            prefix, namespace, ..
        } = self;
        match self.protocol {
            InteropProtocol::Classic => format!("{prefix}-request#{namespace}#"),
            InteropProtocol::Sharded => format!("{prefix}#{namespace}#"),
        }
    }

    /// Returns the channel for answers to a server.
    pub(super) fn responses(&self, to: &str) -> String {
        let Self {
            prefix, namespace, ..
        } = self;
        match self.protocol {
            InteropProtocol::Classic => format!("{prefix}-response#{namespace}#"),
            InteropProtocol::Sharded => format!("{prefix}#{namespace}#{to}#"),
        }
    }

    /// Creates an inter-server event.
    pub(super) fn event(&self, packet: Value, request: Option<&str>) -> Value {
        match self.protocol {
            InteropProtocol::Classic => {
                let mut event =
                    json!({ "uid": self.uid, "type": classic::SERVER_SIDE_EMIT, "data": packet });
                if let Some(request) = request {
                    event["requestId"] = request.into();
                }
                event
            }
            InteropProtocol::Sharded => {
                let mut data = json!({ "packet": packet });
                if let Some(request) = request {
                    data["requestId"] = request.into();
                }
                self.sharded(sharded::SERVER_SIDE_EMIT, data)
            }
        }
    }

    /// Creates the answer to an inter-server event.
    pub(super) fn answer(&self, request: &str, value: Option<Value>) -> Value {
        let key = match self.protocol {
            InteropProtocol::Classic => "data",
            InteropProtocol::Sharded => "packet",
        };
        let mut answer = json!({ "requestId": request });
        if let Some(value) = value {
            answer[key] = value;
        }
        match self.protocol {
            InteropProtocol::Classic => {
                answer["type"] = classic::SERVER_SIDE_EMIT.into();
                answer
            }
            InteropProtocol::Sharded => self.sharded(sharded::SERVER_SIDE_EMIT_RESPONSE, answer),
        }
    }

    fn sharded(&self, kind: u64, data: Value) -> Value {
        json!({ "uid": self.uid, "nsp": self.namespace, "type": kind, "data": data })
    }

    /// Returns the number of the answered request, and the value.
    pub(super) fn read_answer(&self, mut message: Incoming) -> Option<(String, Value)> {
        match self.protocol {
            InteropProtocol::Classic => Some((message.request?, message.data)),
            InteropProtocol::Sharded => {
                let request = message.data["requestId"].as_str()?.to_owned();
                Some((request, message.data["packet"].take()))
            }
        }
    }

    pub(super) fn interpret(&self, message: Incoming) -> Meaning {
        let meaning = match self.protocol {
            InteropProtocol::Classic => classic_meaning(message),
            InteropProtocol::Sharded => self.sharded_meaning(message),
        };
        meaning.unwrap_or(Meaning::Nothing)
    }

    fn sharded_meaning(&self, mut message: Incoming) -> Option<Meaning> {
        let request = message.data["requestId"].as_str().map(str::to_owned);
        let kind = message.r#type?;
        if kind == sharded::SERVER_SIDE_EMIT {
            let packet = message.data["packet"].take();
            return Some(Meaning::Event { packet, request });
        }
        let request = request?;
        let answer = match kind {
            sharded::FETCH_SOCKETS => self.sharded(
                sharded::FETCH_SOCKETS_RESPONSE,
                json!({ "requestId": request, "sockets": [] }),
            ),
            sharded::BROADCAST => self.sharded(
                sharded::BROADCAST_CLIENT_COUNT,
                json!({ "requestId": request, "clientCount": 0 }),
            ),
            _ => return None,
        };
        Some(Meaning::Question { answer })
    }
}

fn classic_meaning(message: Incoming) -> Option<Meaning> {
    let kind = message.r#type?;
    if kind == classic::SERVER_SIDE_EMIT {
        let (packet, request) = (message.data, message.request);
        return Some(Meaning::Event { packet, request });
    }
    let request = message.request?;
    let answer = match kind {
        classic::SOCKETS | classic::REMOTE_FETCH => json!({ "requestId": request, "sockets": [] }),
        classic::ALL_ROOMS => json!({ "requestId": request, "rooms": [] }),
        classic::BROADCAST => json!({
            "type": classic::BROADCAST_CLIENT_COUNT,
            "requestId": request,
            "clientCount": 0,
        }),
        _ => return None,
    };
    Some(Meaning::Question { answer })
}
