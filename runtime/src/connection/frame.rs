//! WebSocket frames, as far as one has to know them to tell where they end.

use std::io::Cursor;

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

/// The first frame of some input.
pub(crate) struct Frame {
    header: FrameHeader,
    /// How long the header is, in bytes.
    head: usize,
    /// The whole frame's length, in bytes.
    pub(crate) len: usize,
}

impl Frame {
    /// Reads a frame's header; `None` if it is not there whole, or if there is something wrong with it.
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

    /// A text of a client, as it is sent.
    pub(crate) fn text(payload: &[u8]) -> Vec<u8> {
        Self::of_client(Data::Text, payload)
    }

    /// A binary message of a client, as it is sent.
    pub(crate) fn binary(payload: &[u8]) -> Vec<u8> {
        Self::of_client(Data::Binary, payload)
    }

    /// A text of the server, as it is sent.
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
        // Nothing goes wrong in memory.
        let _ = header.format(payload.len() as u64, &mut frame);
        frame.extend_from_slice(payload);
        frame
    }

    /// `true` if it is a message of its own with this text.
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

    /// `true` if it carries data: a message or a part of one.
    pub(crate) fn is_data(&self) -> bool {
        matches!(self.header.opcode, OpCode::Data(_))
    }

    pub(crate) fn is_final(&self) -> bool {
        self.header.is_final
    }

    /// `true` if it is as clients must send it, without any extension.
    pub(crate) fn is_plain(&self) -> bool {
        let FrameHeader {
            rsv1, rsv2, rsv3, ..
        } = self.header;
        self.header.mask.is_some() && !rsv1 && !rsv2 && !rsv3
    }

    /// Takes the mask off the payload, or puts it back on.
    pub(crate) fn mask(&self, frame: &mut [u8]) {
        let Some(mask) = self.header.mask.filter(|mask| *mask != [0; 4]) else {
            return;
        };
        let end = self.len.min(frame.len());
        for (index, byte) in frame[self.head..end].iter_mut().enumerate() {
            *byte ^= mask[index % 4];
        }
    }

    /// As much of the payload as is there, without the mask.
    pub(crate) fn unmasked<'f>(&self, frame: &'f [u8]) -> impl Iterator<Item = u8> + use<'f> {
        let mask = self.header.mask.unwrap_or_default();
        let masked = self.payload(frame).iter().zip(mask.into_iter().cycle());
        masked.map(|(byte, mask)| byte ^ mask)
    }

    /// How long the payload is, in bytes.
    pub(crate) fn payload_len(&self) -> usize {
        self.len - self.head
    }

    /// As much of the payload as is there.
    pub(crate) fn payload<'f>(&self, frame: &'f [u8]) -> &'f [u8] {
        &frame[self.head..self.len.min(frame.len())]
    }
}

/// A frame that the engine is to refuse.
#[derive(Debug)]
pub(crate) struct Malformed;
