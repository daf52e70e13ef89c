//! Valid and invalid WebSocket frames.

use sio_types_test_support::raw_client::{
    self, BINARY, CLOSE, CONTINUATION, FINAL, PING, PONG, TEXT,
};

use crate::{draw::Draw, packets::Message};

/// Mask of all payloads.
const MASK: [u8; 4] = [1, 2, 3, 4];

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    raw_client::frame(first, payload, Some(MASK))
}

/// Encodes a message as valid frames.
pub(crate) fn right(message: &Message) -> Vec<u8> {
    let (kind, payload) = parts(message);
    frame(FINAL | kind, payload)
}

/// Encodes a message as frames: mostly one, sometimes several, occasionally damaged. Returns their number as well.
pub(crate) fn draw(draw: &mut Draw, message: &Message) -> (Vec<u8>, usize) {
    match draw.below(200) {
        0..15 => fragments(draw, message),
        15..20 => (control(draw), 1),
        20..22 => (damaged(draw, message), 1),
        _ => (right(message), 1),
    }
}

fn parts(message: &Message) -> (u8, &[u8]) {
    match message {
        Message::Text(text) => (TEXT, text),
        Message::Binary(bytes) => (BINARY, bytes),
    }
}

fn fragments(draw: &mut Draw, message: &Message) -> (Vec<u8>, usize) {
    let (mut kind, mut rest) = parts(message);
    let mut frames = Vec::new();
    let mut count = 1;
    for _ in 0..draw.below(5) {
        let (part, more) = rest.split_at(draw.below(rest.len() + 1));
        frames.extend(frame(kind, part));
        if draw.chance(30) {
            frames.extend(frame(FINAL | PING, b"?"));
            count += 1;
        }
        count += 1;
        kind = CONTINUATION;
        rest = more;
    }
    frames.extend(frame(FINAL | kind, rest));
    (frames, count)
}

fn control(draw: &mut Draw) -> Vec<u8> {
    match draw.below(12) {
        0 => frame(FINAL | PING, &[b'x'; 200]),
        1 => frame(PING, b"in parts"),
        2 => frame(FINAL | CLOSE, &draw.bytes(130)),
        3 => frame(FINAL | PONG, &[b'x'; 126]),
        4..8 => frame(FINAL | PONG, &draw.bytes(125)),
        _ => frame(FINAL | PING, &draw.bytes(125)),
    }
}

fn damaged(draw: &mut Draw, message: &Message) -> Vec<u8> {
    let (kind, payload) = parts(message);
    let mut bytes = frame(FINAL | kind, payload);
    match draw.below(8) {
        // Not final, reserved bits, or any opcode.
        0 => bytes[0] = draw.byte(),
        // Without a mask, or with another length.
        1 => bytes[1] = draw.byte(),
        2 => bytes.truncate(draw.below(bytes.len())),
        3 => bytes = [&[FINAL | kind, 255][..], &[0xff; 8], &bytes].concat(),
        4 => {
            bytes = [
                &[FINAL | kind, 255, 0, 0, 0, 0, 0x7f][..],
                &[0xff; 3],
                &bytes,
            ]
            .concat()
        }
        5 => bytes = [&[FINAL | kind, 254, 0, 3][..], &MASK, b"abc"].concat(),
        6 => bytes = frame(FINAL | CONTINUATION, payload),
        _ => bytes = draw.bytes(300),
    }
    bytes
}
