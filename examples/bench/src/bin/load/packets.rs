//! Packets of both parsers, as clients write them.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::connection::Frame;

/// Appends one WebSocket frame: 1 is text, 2 is binary. Clients must mask; a mask of zeros changes nothing.
pub(crate) fn frame(output: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    output.push(0x80 | kind);
    match payload.len() {
        len @ ..126 => output.push(0x80 | len as u8),
        len @ ..0x1_0000 => {
            output.push(0x80 | 126);
            output.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            output.push(0x80 | 127);
            output.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    output.extend_from_slice(&[0; 4]);
    output.extend_from_slice(payload);
}

/// Parser that the server uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Json,
    MessagePack,
}

#[derive(Serialize)]
struct Packet<'a, T> {
    r#type: u8,
    nsp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
}

#[derive(Deserialize)]
struct Head {
    r#type: u8,
    id: Option<u64>,
}

/// Kind of a message from the server.
pub(crate) enum Received {
    Acknowledgement(u64),
    /// An acknowledgement whose attachment follows.
    Announced(u64),
    Event,
}

impl Dialect {
    /// Appends the packet that joins the root namespace.
    pub(crate) fn join(self, output: &mut Vec<u8>) {
        match self {
            Self::Json => frame(output, 1, b"40"),
            Self::MessagePack => {
                let packet = Packet::<()> {
                    r#type: 0,
                    nsp: "/",
                    id: None,
                    data: None,
                };
                frame(output, 2, &encode(&packet));
            }
        }
    }

    pub(crate) fn is_joined(self, message: Frame<'_>) -> bool {
        match self {
            Self::Json => message.payload().starts_with(b"40"),
            Self::MessagePack => {
                rmp_serde::from_slice(message.payload()).is_ok_and(|head: Head| head.r#type == 0)
            }
        }
    }

    /// Returns the frames of an event with one argument.
    pub(crate) fn event<T: Serialize>(
        self,
        event: &str,
        argument: &T,
        id: Option<u64>,
    ) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        match self {
            Self::Json => {
                let id = id.map(|id| id.to_string()).unwrap_or_default();
                let text = format!("42{id}{}", serde_json::to_string(&(event, argument))?);
                frame(&mut output, 1, text.as_bytes());
            }
            Self::MessagePack => {
                let packet = Packet {
                    r#type: 2,
                    nsp: "/",
                    id,
                    data: Some((event, argument)),
                };
                frame(&mut output, 2, &encode(&packet));
            }
        }
        Ok(output)
    }

    /// Returns the frames of an event with binary data.
    pub(crate) fn binary_event(self, event: &str, data: &[u8], id: u64) -> Vec<u8> {
        let mut output = Vec::new();
        match self {
            Self::Json => {
                let text = format!(r#"451-{id}["{event}",{{"_placeholder":true,"num":0}}]"#);
                frame(&mut output, 1, text.as_bytes());
                frame(&mut output, 2, data);
            }
            Self::MessagePack => {
                let data = Some((event, serde_bytes::Bytes::new(data)));
                let packet = Packet {
                    r#type: 2,
                    nsp: "/",
                    id: Some(id),
                    data,
                };
                frame(&mut output, 2, &encode(&packet));
            }
        }
        output
    }

    pub(crate) fn read(self, message: Frame<'_>) -> Result<Received> {
        let payload = message.payload();
        if self == Self::MessagePack {
            let head: Head = rmp_serde::from_slice(payload)?;
            return Ok(match head.id {
                Some(id) if head.r#type == 3 => Received::Acknowledgement(id),
                _ => Received::Event,
            });
        }
        Ok(if let Some(rest) = payload.strip_prefix(b"43") {
            Received::Acknowledgement(number(rest)?)
        } else if let Some(rest) = payload.strip_prefix(b"461-") {
            Received::Announced(number(rest)?)
        } else {
            Received::Event
        })
    }
}

fn encode<T: Serialize>(packet: &Packet<'_, T>) -> Vec<u8> {
    rmp_serde::to_vec_named(packet).expect("it can be encoded")
}

fn number(text: &[u8]) -> Result<u64> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let digits = std::str::from_utf8(&text[..end.context("no number")?])?;
    Ok(digits.parse()?)
}
