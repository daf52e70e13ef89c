//! The messages of a client: which of them are plain events, and where the others end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    connection::Connection,
    frame::{Frame, Malformed},
    packet::{self, EventPacket},
};

/// How much of a frame is waited for, in bytes, before the engine has what is there of it.
pub(crate) const HELD: usize = 4 * 1024;
/// How many frames are handled before others have their turn: what they are answered with waits in the engine's channel
/// until then.
pub(crate) const BATCH: usize = 32;
/// How long frames are handled before others have their turn. One event more is handled than there is time for.
const TURN: Duration = Duration::from_millis(1);
/// How much of a text in several frames is kept, in bytes: it begins with the number of its packet's attachments.
const BEGINNING: usize = 32;

/// The messages of a client, as far as one has to follow them.
pub(crate) struct Messages {
    connection: Arc<Connection>,
    /// How long an event may be, in bytes.
    pub(crate) longest: usize,
    /// How much of a frame that was passed is still to come, in bytes.
    passing: usize,
    /// `true` if a message has begun of which more frames are to come.
    is_fragmented: bool,
    /// What it begins with, if it is a text.
    beginning: Option<Vec<u8>>,
    /// How many binary messages the packet takes that has begun.
    attachments: usize,
    /// `true` if an event of this turn has asked for an answer.
    pub(crate) has_asked: bool,
    /// `true` if the client has ended the connection.
    pub(crate) has_closed: bool,
}

/// What a connection may do before others have their turn.
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

/// How far one got.
pub(crate) struct Taken {
    /// How many bytes are done with.
    pub(crate) taken: usize,
    pub(crate) verdict: Verdict,
}

/// What is to be done with what follows.
pub(crate) enum Verdict {
    /// So many bytes are for the engine.
    Pass(usize),
    /// There is no whole frame.
    Partial,
    /// It is to be looked at later.
    Enough,
    /// The server has ended.
    Broken,
}

impl Messages {
    /// Events that are longer than `longest`, in bytes, are for the engine to judge.
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
            Err(Malformed) => {
                // Nothing that follows can be told apart.
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

    /// `true` if it may be an event in a message of its own.
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
