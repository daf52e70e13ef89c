//! Parser of WebSocket frames, limited to what is needed to find their ends.

use std::io::Cursor;

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

/// First frame of an input.
pub(crate) struct Frame {
    header: FrameHeader,
    /// Length of the header, in bytes.
    head: usize,
    /// Length of the whole frame, in bytes.
    pub(crate) len: usize,
}

impl Frame {
    /// Parses a frame's header; returns `None` if it is incomplete, and an error if it is malformed.
    pub(crate) fn read(input: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut cursor = Cursor::new(input);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Malformed)?;
        let Some((header, payload)) = parsed else {
            return Ok(None);
        };
        let head = usize::try_from(cursor.position()).map_err(|_| Malformed)?;
        let len = usize::try_from(payload).ok();
        let len = len.and_then(|payload| payload.checked_add(head));
        Ok(Some(Self {
            header,
            head,
            len: len.ok_or(Malformed)?,
        }))
    }

    /// Builds a text frame as a client sends it.
    pub(crate) fn text(payload: &[u8]) -> Vec<u8> {
        Self::of_client(Data::Text, payload)
    }

    /// Builds a binary frame as a client sends it.
    pub(crate) fn binary(payload: &[u8]) -> Vec<u8> {
        Self::of_client(Data::Binary, payload)
    }

    /// Builds a text frame as the server sends it.
    pub(crate) fn server_text(payload: &[u8]) -> Vec<u8> {
        Self::format(Data::Text, None, payload)
    }

    fn of_client(kind: Data, payload: &[u8]) -> Vec<u8> {
        Self::format(kind, Some([0; 4]), payload)
    }

    fn format(kind: Data, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        let header = FrameHeader {
            opcode: OpCode::Data(kind),
            mask,
            ..FrameHeader::default()
        };
        // Writing to memory does not fail.
        let _ = header.format(payload.len() as u64, &mut frame);
        frame.extend_from_slice(payload);
        frame
    }

    /// Returns `true` if the frame is a whole message with this text.
    pub(crate) fn is(&self, text: &[u8], frame: &[u8]) -> bool {
        let is_message = self.is_text() && self.is_final() && self.is_plain();
        is_message && frame.len() >= self.len && self.unmasked(frame).eq(text.iter().copied())
    }

    pub(crate) fn is_text(&self) -> bool {
        self.header.opcode == OpCode::Data(Data::Text)
    }

    pub(crate) fn is_binary(&self) -> bool {
        self.header.opcode == OpCode::Data(Data::Binary)
    }

    /// Returns `true` if the frame carries data: a message or a part of one.
    pub(crate) fn is_data(&self) -> bool {
        matches!(self.header.opcode, OpCode::Data(_))
    }

    pub(crate) fn is_final(&self) -> bool {
        self.header.is_final
    }

    /// Returns `true` if the frame is masked, as clients must send it, and uses no extension.
    pub(crate) fn is_plain(&self) -> bool {
        let FrameHeader {
            rsv1, rsv2, rsv3, ..
        } = self.header;
        self.header.mask.is_some() && !rsv1 && !rsv2 && !rsv3
    }

    /// Removes the mask from the payload, or applies it again.
    pub(crate) fn mask(&self, frame: &mut [u8]) {
        let Some(mask) = self.header.mask.filter(|mask| *mask != [0; 4]) else {
            return;
        };
        let end = self.len.min(frame.len());
        for (index, byte) in frame[self.head..end].iter_mut().enumerate() {
            *byte ^= mask[index % 4];
        }
    }

    /// Returns the unmasked payload, as far as it has arrived.
    pub(crate) fn unmasked<'f>(&self, frame: &'f [u8]) -> impl Iterator<Item = u8> + use<'f> {
        let mask = self.header.mask.unwrap_or_default();
        let masked = self.payload(frame).iter().zip(mask.into_iter().cycle());
        masked.map(|(byte, mask)| byte ^ mask)
    }

    /// Returns the length of the payload, in bytes.
    pub(crate) fn payload_len(&self) -> usize {
        self.len - self.head
    }

    /// Returns the payload, as far as it has arrived.
    pub(crate) fn payload<'f>(&self, frame: &'f [u8]) -> &'f [u8] {
        &frame[self.head..self.len.min(frame.len())]
    }
}

/// Frame that the engine has to reject.
#[derive(Debug)]
pub(crate) struct Malformed;
