//! Parser of a client's messages: finds plain events, and the ends of all other messages.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    connection::Connection,
    frame::{Frame, Malformed},
    packet::{self, EventPacket},
};

/// Number of bytes of a frame to wait for before the engine gets the part that has arrived.
pub(crate) const HELD: usize = 4 * 1024;
/// Maximum number of frames per turn. Acknowledgements wait in the engine's channel until the turn ends.
pub(crate) const BATCH: usize = 32;
/// Maximum duration of a turn. The event that exceeds it is still handled.
const TURN: Duration = Duration::from_millis(1);
/// Number of bytes kept from the start of a fragmented text. They contain the number of the packet's attachments.
const BEGINNING: usize = 32;

/// State of a client's message stream, as far as it has to be followed.
pub(crate) struct Messages {
    connection: Arc<Connection>,
    /// Maximum length of an event, in bytes.
    pub(crate) longest: usize,
    /// Number of bytes of the current frame that still have to be passed on.
    passing: usize,
    /// `true` if more frames of the current message follow.
    is_fragmented: bool,
    /// Start of the current message, if it is a text.
    beginning: Option<Vec<u8>>,
    /// Number of binary messages that the current packet still expects.
    attachments: usize,
    /// `true` if an event of this turn has asked for an acknowledgement.
    pub(crate) has_asked: bool,
    /// `true` if the client has ended the connection.
    pub(crate) has_closed: bool,
}

/// Budget of a connection before other tasks run.
pub(crate) struct Turn {
    frames: usize,
    begun: Option<Instant>,
    is_late: bool,
}

impl Turn {
    pub(crate) fn new() -> Self {
        Self {
            frames: BATCH,
            begun: None,
            is_late: false,
        }
    }

    fn begin(&mut self) {
        self.begun.get_or_insert_with(Instant::now);
    }

    /// Counts a frame.
    fn note(&mut self) {
        self.frames -= 1;
        self.is_late = self.begun.is_some_and(|begun| begun.elapsed() >= TURN);
    }

    fn is_over(&self) -> bool {
        self.frames == 0 || self.is_late
    }
}

/// Result of [`Messages::take`].
pub(crate) struct Taken {
    /// Number of bytes that were consumed.
    pub(crate) taken: usize,
    pub(crate) verdict: Verdict,
}

/// Treatment of the input that follows.
pub(crate) enum Verdict {
    /// Pass this number of bytes to the engine.
    Pass(usize),
    /// The frame is incomplete.
    Partial,
    /// Continue in a later turn.
    Enough,
    /// The server has closed its connections.
    Broken,
}

impl Messages {
    /// Creates the state. Events longer than `longest`, in bytes, are left to the engine.
    pub(crate) fn new(connection: Arc<Connection>, longest: usize) -> Self {
        Self {
            connection,
            longest,
            passing: 0,
            is_fragmented: false,
            beginning: None,
            attachments: 0,
            has_asked: false,
            has_closed: false,
        }
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    pub(crate) fn take(&mut self, input: &mut [u8], turn: &mut Turn) -> Taken {
        let mut taken = 0;
        turn.begin();
        while !turn.is_over() && self.connection.has_room_for_events() {
            let first = self.take_first(&mut input[taken..]);
            if !matches!(first, Err(Verdict::Partial)) {
                turn.note();
            }
            match first {
                Ok(len) => taken += len,
                Err(verdict) => return Taken { taken, verdict },
            }
        }
        let verdict = Verdict::Enough;
        Taken { taken, verdict }
    }

    /// Handles the first frame and returns its length.
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
            Err(Malformed) => {
                // After a malformed frame, no frame boundary can be found.
                self.passing = usize::MAX;
                return Err(Verdict::Pass(input.len()));
            }
        };
        if input.len() < frame.len.min(HELD) {
            return Err(Verdict::Partial);
        }
        if input.len() >= frame.len && self.is_event(&frame) {
            let input = &mut input[..frame.len];
            frame.mask(input);
            if self.handle(frame.payload(input)) {
                return Ok(frame.len);
            }
            frame.mask(input);
        }
        if self.connection.is_server_closed() {
            return Err(Verdict::Broken);
        }
        self.has_closed |= frame.is(packet::CLOSE, input);
        self.note(&frame, input);
        let len = frame.len.min(input.len());
        self.passing = frame.len - len;
        Err(Verdict::Pass(len))
    }

    /// Returns `true` if the frame may be an event in a message of its own.
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
        let Some(route) = self.connection.route(event.namespace) else {
            return false;
        };
        self.has_asked |= event.id.is_some();
        route.take(event.payload, event.id)
    }

    /// Follows a frame that is passed to the engine.
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
        // The next frames continue the text until its final frame.
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
