//! WebSocket frames.

/// Opcode of a frame that continues a message.
pub const CONTINUATION: u8 = 0;
/// Opcode of a text message.
pub const TEXT: u8 = 1;
/// Opcode of a binary message.
pub const BINARY: u8 = 2;
/// Opcode of a close frame.
pub const CLOSE: u8 = 8;
/// Opcode of a ping.
pub const PING: u8 = 9;
/// Opcode of a pong.
pub const PONG: u8 = 10;
/// Bit of a frame that ends its message.
pub const FINAL: u8 = 0x80;

/// Encodes a frame. The first byte is an opcode, with [`FINAL`] if the frame ends its message; clients must mask the
/// payload.
pub fn frame(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let masked = u8::from(mask.is_some()) << 7;
    let mut frame = vec![first];
    match payload.len() {
        len @ ..126 => frame.push(masked | len as u8),
        len @ ..65_536 => {
            frame.push(masked | 126);
            frame.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            frame.push(masked | 127);
            frame.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    frame.extend(mask.into_iter().flatten());
    let mask = mask.unwrap_or_default();
    let masked = payload.iter().zip(mask.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

/// Encodes a text message as a client should send it.
pub fn text_frame(text: &str) -> Vec<u8> {
    frame(FINAL | TEXT, text.as_bytes(), Some([1, 2, 3, 4]))
}

/// Returns the length of the first frame, or `None` if the input does not contain all of it.
pub fn frame_length(input: &[u8]) -> Option<usize> {
    let (start, length) = header(input)?;
    let length = start.checked_add(length)?;
    (input.len() >= length).then_some(length)
}

/// Returns the length of the first frame's header, mask included, and that of its payload.
pub(super) fn header(input: &[u8]) -> Option<(usize, usize)> {
    let second = *input.get(1)?;
    let mask = if second >= 0x80 { 4 } else { 0 };
    let (start, length) = match second & 0x7f {
        126 => (
            4,
            u16::from_be_bytes(input.get(2..4)?.try_into().ok()?).into(),
        ),
        127 => (10, u64::from_be_bytes(input.get(2..10)?.try_into().ok()?)),
        length => (2, length.into()),
    };
    Some((start + mask, usize::try_from(length).ok()?))
}
