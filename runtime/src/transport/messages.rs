//! The messages of a client: which of them are plain events, and where the others end.

use std::sync::Arc;

use socketioxide_core::Sid;

use super::{
    frame::{Frame, Malformed},
    link::{Link, Links},
    packet::{self, EventPacket},
};

/// How much of a frame is waited for, in bytes, before the engine has what is there of it.
pub(super) const HELD: usize = 4 * 1024;
/// How much of a text in several frames is kept, in bytes: it begins with the number of its packet's attachments.
const BEGINNING: usize = 32;

/// Where a connection's sockets are found.
pub(super) enum Source {
    Known(Arc<Link>),
    /// A connection that began with polling, once one of its sockets has been let in.
    Sought(Sid, Arc<Links>),
}

impl Source {
    /// Whether the server has ended its connections, of which it does not know those that are in no namespace.
    fn is_server_closed(&self) -> bool {
        match self {
            Self::Known(link) => link.is_server_closed(),
            Self::Sought(_, links) => links.work.is_closed(),
        }
    }

    /// The connection's, as soon as it is known.
    fn link(&mut self) -> Option<&Arc<Link>> {
        if let Self::Sought(connection, links) = self {
            *self = Self::Known(links.find(*connection)?);
        }
        match self {
            Self::Known(link) => Some(link),
            Self::Sought(..) => None,
        }
    }
}

impl Drop for Source {
    /// It goes with the stream of the connection.
    fn drop(&mut self) {
        if let Self::Known(link) = self {
            link.end_reading();
        }
    }
}

/// What a WebSocket begins with that takes the place of polling
/// (<https://socket.io/docs/v4/engine-io-protocol/#upgrade>).
pub(super) const PROBE: &[&[u8]] = &[b"2probe", b"5"];

/// The messages of a client, as far as one has to follow them.
pub(super) struct Messages {
    source: Source,
    /// How long an event may be, in bytes.
    pub(super) longest: usize,
    /// What has to come first.
    pub(super) probe: &'static [&'static [u8]],
    /// How much of a frame that was passed is still to come, in bytes.
    passing: usize,
    /// Whether a message has begun of which more frames are to come.
    is_fragmented: bool,
    /// What it begins with, if it is a text.
    beginning: Option<Vec<u8>>,
    /// How many binary messages the packet takes that has begun.
    attachments: usize,
    /// Whether an event of this turn has asked for an answer.
    pub(super) has_asked: bool,
}

/// How far one got.
pub(super) struct Taken {
    /// How many bytes are done with.
    pub(super) taken: usize,
    pub(super) verdict: Verdict,
}

/// What is to be done with what follows.
pub(super) enum Verdict {
    /// So many bytes are for the engine.
    Pass(usize),
    /// There is no whole frame.
    Partial,
    /// It is to be looked at later.
    Enough,
    /// It is not what a connection that changes from polling begins with, or the server has ended.
    Broken,
}

impl Messages {
    /// Events that are longer than `longest`, in bytes, are for the engine to judge.
    pub(super) fn new(source: Source, longest: usize) -> Self {
        let probe: &[&[u8]] = match source {
            Source::Known(_) => &[],
            Source::Sought(..) => PROBE,
        };
        Self {
            source,
            longest,
            probe,
            passing: 0,
            is_fragmented: false,
            beginning: None,
            attachments: 0,
            has_asked: false,
        }
    }

    pub(super) fn link(&mut self) -> Option<&Arc<Link>> {
        self.source.link()
    }

    pub(super) fn take(&mut self, input: &mut [u8], left: &mut usize) -> Taken {
        let mut taken = 0;
        while *left > 0 {
            let first = self.take_first(&mut input[taken..]);
            if !matches!(first, Err(Verdict::Partial)) {
                *left -= 1;
            }
            match first {
                Ok(len) => taken += len,
                Err(verdict) => return Taken { taken, verdict },
            }
        }
        let verdict = Verdict::Enough;
        Taken { taken, verdict }
    }

    /// Handles the first frame, and says how long it was.
    fn take_first(&mut self, input: &mut [u8]) -> Result<usize, Verdict> {
        if self.passing > 0 {
            let len = self.passing.min(input.len());
            self.passing -= len;
            return Err(if len == 0 {
                Verdict::Partial
            } else {
                Verdict::Pass(len)
            });
        }
        let frame = match Frame::read(input) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Err(Verdict::Partial),
            Err(Malformed) if !self.probe.is_empty() => return Err(Verdict::Broken),
            Err(Malformed) => {
                // Nothing that follows can be told apart.
                self.passing = usize::MAX;
                return Err(Verdict::Pass(input.len()));
            }
        };
        if input.len() < frame.len.min(HELD) {
            return Err(Verdict::Partial);
        }
        if let Some((text, rest)) = self.probe.split_first() {
            if !frame.is(text, input) {
                return Err(Verdict::Broken);
            }
            self.probe = rest;
        } else if input.len() >= frame.len && self.is_event(&frame) {
            let input = &mut input[..frame.len];
            frame.mask(input);
            if self.handle(frame.payload(input)) {
                return Ok(frame.len);
            }
            frame.mask(input);
        }
        if self.source.is_server_closed() {
            return Err(Verdict::Broken);
        }
        self.note(&frame, input);
        let len = frame.len.min(input.len());
        self.passing = frame.len - len;
        Err(Verdict::Pass(len))
    }

    /// Whether it may be an event in a message of its own.
    fn is_event(&self, frame: &Frame) -> bool {
        let is_message = frame.is_text() && frame.is_final() && frame.is_plain();
        let is_expected = !self.is_fragmented && self.attachments == 0;
        is_message && is_expected && frame.payload_len() <= self.longest
    }

    fn handle(&mut self, payload: &[u8]) -> bool {
        if !payload.starts_with(packet::EVENT) {
            return false;
        }
        let Some(event) = std::str::from_utf8(payload)
            .ok()
            .and_then(EventPacket::parse)
        else {
            return false;
        };
        let link = self.source.link();
        let Some(route) = link.and_then(|link| link.route(event.namespace)) else {
            return false;
        };
        self.has_asked |= event.id.is_some();
        route.take(event.payload, event.id)
    }

    /// Follows a frame that the engine has.
    fn note(&mut self, frame: &Frame, input: &[u8]) {
        if !frame.is_data() {
            return;
        }
        self.is_fragmented = !frame.is_final();
        if frame.is_binary() {
            self.attachments = self.attachments.saturating_sub(1);
            return;
        }
        if frame.is_text() {
            self.beginning = Some(Vec::new());
        }
        // It goes on for as long as the text does.
        let Some(mut beginning) = self.beginning.take() else {
            return;
        };
        let missing = BEGINNING - beginning.len();
        beginning.extend(frame.unmasked(input).take(missing));
        if frame.is_final() {
            self.attachments = packet::attachments(&beginning);
        } else {
            self.beginning = Some(beginning);
        }
    }
}
