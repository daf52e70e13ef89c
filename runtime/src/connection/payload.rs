//! Payloads of HTTP long-polling, which join several packets in one text
//! (<https://socket.io/docs/v4/engine-io-protocol/#http-long-polling-1>).

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Buf, Bytes};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::io::ReadBuf;

use super::{frame::Frame, send_queue::SendQueue};

const SEPARATOR: u8 = 0x1e;
/// Prefix of a binary packet in base64.
const BINARY: u8 = b'b';

/// Takes the engine's frames and writes them as one payload of at most `limit` bytes, or with a single packet.
pub(crate) fn encode(queue: &SendQueue, limit: usize) -> Vec<u8> {
    let mut payload = Vec::new();
    let is_wanted = |payload: &Vec<u8>, frame: &[u8]| {
        payload.is_empty() || payload.len() + 1 + encoded_len(frame) <= limit
    };
    while let Some(bytes) = queue.pop_if(|frame| is_wanted(&payload, frame)) {
        let Ok(Some(frame)) = Frame::read(&bytes) else {
            continue;
        };
        // A close frame for the WebSocket that only the engine sees.
        if !frame.is_data() {
            continue;
        }
        if !payload.is_empty() {
            payload.push(SEPARATOR);
        }
        match frame.is_binary() {
            true => {
                payload.push(BINARY);
                payload.extend(BASE64_STANDARD.encode(frame.payload(&bytes)).into_bytes());
            }
            false => payload.extend_from_slice(frame.payload(&bytes)),
        }
    }
    payload
}

fn encoded_len(frame: &[u8]) -> usize {
    match Frame::read(frame) {
        Ok(Some(frame)) if frame.is_binary() => 1 + frame.payload_len().div_ceil(3) * 4,
        Ok(Some(frame)) => frame.payload_len(),
        _ => 0,
    }
}

/// Collects a body; returns `None` if it has more than `limit` bytes.
pub(crate) async fn collect<B: Body + Unpin>(
    mut body: B,
    limit: usize,
) -> Result<Option<Bytes>, B::Error> {
    let mut collected = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame?.into_data() else {
            continue;
        };
        if collected.len() + data.remaining() > limit {
            return Ok(None);
        }
        collected.reserve(data.remaining());
        while data.has_remaining() {
            let chunk = data.chunk();
            collected.extend_from_slice(chunk);
            let len = chunk.len();
            data.advance(len);
        }
    }
    Ok(Some(collected.into()))
}

/// Returns `true` if all packets of a payload are of types that a client may send. Only the engine can validate the
/// content of a message.
pub(crate) fn is_valid(payload: &[u8]) -> bool {
    std::str::from_utf8(payload).is_ok()
        && payload
            .split(|byte| *byte == SEPARATOR)
            .all(|packet| match packet.split_first() {
                Some((b'1' | b'2' | b'3', rest)) => rest.is_empty(),
                Some((b'4', _)) => true,
                Some((&BINARY, text)) => BASE64_STANDARD.decode(text).is_ok(),
                _ => false,
            })
}

/// Packets of a POST on their way to the engine, as frames of a client.
pub(crate) struct Incoming {
    /// Packets that have not been converted.
    rest: Bytes,
    /// Unread part of the previous packet's frame.
    frame: Bytes,
}

impl Incoming {
    pub(crate) fn new(payload: Bytes) -> Self {
        Self {
            rest: payload,
            frame: Bytes::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.frame.is_empty()
    }

    /// Reads as many bytes as the output has room for.
    pub(crate) fn read(&mut self, output: &mut ReadBuf<'_>) {
        while output.remaining() > 0 && !self.is_empty() {
            if self.frame.is_empty() {
                self.frame = self.next_frame();
            }
            let count = self.frame.len().min(output.remaining());
            output.put_slice(&self.frame.split_to(count));
        }
    }

    fn next_frame(&mut self) -> Bytes {
        let end = self.rest.iter().position(|byte| *byte == SEPARATOR);
        let packet = match end {
            Some(end) => {
                let packet = self.rest.split_to(end);
                self.rest.advance(1);
                packet
            }
            None => std::mem::take(&mut self.rest),
        };
        match packet.split_first() {
            Some((&BINARY, text)) => {
                Frame::binary(&BASE64_STANDARD.decode(text).unwrap_or_default())
            }
            _ => Frame::text(&packet),
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(mut bytes: &[u8]) -> Vec<(bool, Vec<u8>)> {
        let mut frames = Vec::new();
        while let Ok(Some(frame)) = Frame::read(bytes) {
            frames.push((frame.is_binary(), frame.unmasked(bytes).collect()));
            bytes = &bytes[frame.len..];
        }
        frames
    }

    #[test]
    fn packets_become_frames_for_any_chunking() {
        let payload = "42[\"a\"]\u{1e}3\u{1e}bAQID\u{1e}4";
        for size in 1..payload.len() + 60 {
            let mut incoming = Incoming::new(payload.into());
            let mut all = Vec::new();
            while !incoming.is_empty() {
                let mut piece = vec![0; size];
                let mut output = ReadBuf::new(&mut piece);
                incoming.read(&mut output);
                assert!(!output.filled().is_empty());
                all.extend_from_slice(output.filled());
            }
            let expected = [
                (false, b"42[\"a\"]".to_vec()),
                (false, b"3".to_vec()),
                (true, vec![1, 2, 3]),
                (false, b"4".to_vec()),
            ];
            assert_eq!(frames(&all), expected);
        }
    }

    #[test]
    fn rejects_packets_that_clients_must_not_send() {
        for valid in ["1", "2", "3", "4", "42[]", "b", "bAQID", "3\u{1e}4a"] {
            assert!(is_valid(valid.as_bytes()), "{valid}");
        }
        for invalid in [
            "", "0", "5", "6", "7", "abc", "2probe", "3x", "bA", "b!", "4\u{1e}", "\u{1e}4",
        ] {
            assert!(!is_valid(invalid.as_bytes()), "{invalid}");
        }
        assert!(!is_valid(b"4\xff"));
    }

    #[test]
    fn payload_contains_packets_up_to_its_limit() {
        let queue = SendQueue::new(1000);
        let text = |text: &str| [&[0x81, text.len() as u8], text.as_bytes()].concat();
        queue.push(
            &[text("4abc"), vec![0x82, 3, 1, 2, 3], text("4d")].concat(),
            0,
        );
        assert_eq!(encode(&queue, 10), b"4abc\x1ebAQID");
        assert_eq!(encode(&queue, 10), b"4d");
        assert_eq!(encode(&queue, 10), b"");
        queue.push(&[text("4longer than the limit"), text("4")].concat(), 0);
        assert_eq!(encode(&queue, 10), b"4longer than the limit");
        assert_eq!(encode(&queue, 10), b"4");
        assert!(queue.is_empty());
        assert!(queue.has_room(1000));
        assert!(!{
            queue.push(&text("4"), 0);
            queue.has_room(1000)
        });
    }
}
