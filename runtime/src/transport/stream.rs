//! A WebSocket connection on its way to the engine, out of which plain events are taken.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use socketioxide_core::Sid;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

use super::{
    frame::{Frame, Malformed},
    link::{Link, Links},
    packet::{self, EventPacket},
};

/// How much is read at once, in bytes.
const READ: usize = 32 * 1024;
/// How much of a frame is waited for, in bytes, before the engine has what is there of it.
const HELD: usize = 4 * 1024;
/// How many frames are handled before others have their turn: what they are answered with waits in a queue of 128
/// packets until then.
const BATCH: usize = 32;
/// How long a turn's answers are waited for at most.
const REST: Duration = Duration::from_millis(5);
/// How much of a text in several frames is kept, in bytes: it begins with the number of its packet's attachments.
const BEGINNING: usize = 32;

thread_local! {
    /// What connections are read into, one at a time.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The stream of one client.
///
/// The order of messages stays: nothing that comes after a frame for the engine is looked at before the engine has
/// asked for more, which it does when it has handled that frame.
pub(super) struct EventStream<S> {
    inner: S,
    messages: Messages,
    /// What the engine is to have.
    passed: Queue,
    /// What has been read and not been looked at.
    held: Queue,
    /// Whether there is too little of it to look at.
    is_partial: bool,
    /// How many frames may be handled before others have their turn.
    left: usize,
    /// Until when a turn's answers are waited for, and who waits.
    rest: Option<(Pin<Box<Sleep>>, Waker)>,
    /// Whether the last turn's were sent in time.
    is_answering: bool,
    /// Whether nothing more is to be read.
    is_over: bool,
}

impl<S> EventStream<S> {
    /// Events that are longer than `longest`, in bytes, are for the engine to judge.
    pub(super) fn new(inner: S, source: Source, longest: usize) -> Self {
        let probe: &[&[u8]] = match source {
            Source::Known(_) => &[],
            Source::Sought(..) => PROBE,
        };
        Self {
            inner,
            messages: Messages {
                source,
                longest,
                probe,
                passing: 0,
                is_fragmented: false,
                beginning: None,
                attachments: 0,
                has_asked: false,
            },
            passed: Queue::default(),
            held: Queue::default(),
            is_partial: false,
            left: BATCH,
            rest: None,
            is_answering: false,
            is_over: false,
        }
    }

    /// Ends the connection, as far as the engine is concerned.
    ///
    /// The engine forgets a connection whose change from polling comes to nothing, without closing it. So it is told
    /// what it waits for, and that the connection has ended then.
    fn end(&mut self) {
        self.is_over = true;
        for text in std::mem::take(&mut self.messages.probe) {
            self.passed.fill(&Frame::text(text));
        }
    }
}

impl<S: AsyncRead + Unpin> EventStream<S> {
    /// Takes the events at the beginning of what has come, and passes the first frame that is none of them.
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Step>> {
        if self.held.is_empty() || self.is_partial {
            let mut buffer = BUFFER.take();
            buffer.resize(READ + HELD, 0);
            let step = self.read(context, &mut buffer);
            BUFFER.set(buffer);
            return step;
        }
        let mut held = std::mem::take(&mut self.held);
        let (done, step) = self.look(&mut held.bytes[held.read..]);
        held.read += done;
        // An incomplete frame may be waited for long: it is not to keep the memory of all that came before it.
        self.held = match self.is_partial || held.is_empty() {
            true => Queue::of(held.rest()),
            false => held,
        };
        Poll::Ready(Ok(step))
    }

    fn read(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Step>> {
        let held = self.held.rest();
        let start = held.len();
        buffer[..start].copy_from_slice(held);
        let mut space = ReadBuf::new(&mut buffer[start..]);
        let read = ready!(Pin::new(&mut self.inner).poll_read(context, &mut space));
        let count = space.filled().len();
        if let Err(error) = read
            && self.messages.probe.is_empty()
        {
            return Poll::Ready(Err(error));
        }
        self.held = Queue::default();
        if count == 0 {
            if self.messages.probe.is_empty() {
                self.passed.fill(&buffer[..start]);
            }
            self.end();
            return Poll::Ready(Ok(Step::More));
        }
        let input = &mut buffer[..start + count];
        let (done, step) = self.look(input);
        self.held = Queue::of(&input[done..]);
        Poll::Ready(Ok(step))
    }

    /// The same with what has been read; says how many bytes are done with.
    fn look(&mut self, input: &mut [u8]) -> (usize, Step) {
        let Taken { taken, verdict } = self.messages.take(input, &mut self.left);
        self.is_partial = matches!(verdict, Verdict::Partial);
        match verdict {
            Verdict::Pass(len) => {
                let end = taken + len;
                self.passed.fill(&input[taken..end]);
                (end, Step::More)
            }
            Verdict::Partial => (taken, Step::More),
            Verdict::Enough => (taken, Step::Enough),
            Verdict::Broken => {
                self.end();
                (input.len(), Step::More)
            }
        }
    }
}

/// What to do next.
enum Step {
    More,
    /// Let others have their turn.
    Enough,
}

impl<S: AsyncRead + Unpin> AsyncRead for EventStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some((end, waker)) = &mut this.rest {
            waker.clone_from(context.waker());
            ready!(end.as_mut().poll(context));
            this.rest = None;
            this.is_answering = false;
        }
        loop {
            if this.passed.pour(output) || this.is_over {
                return Poll::Ready(Ok(()));
            }
            match this.advance(context) {
                Poll::Ready(Ok(Step::More)) => continue,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(Step::Enough)) => {
                    this.left = BATCH;
                    // The engine's task that sends waits for this one at every message, and would fall behind.
                    if std::mem::take(&mut this.messages.has_asked) && this.is_answering {
                        let mut end = Box::pin(tokio::time::sleep(REST));
                        if end.as_mut().poll(context).is_pending() {
                            this.rest = Some((end, context.waker().clone()));
                            return Poll::Pending;
                        }
                    }
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => {
                    this.left = BATCH;
                    this.messages.has_asked = false;
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<S> EventStream<S> {
    /// Keeps a mistake from the engine that it would lose the connection over.
    fn forgive<T>(&mut self, done: io::Result<T>, instead: T) -> io::Result<T> {
        if done.is_err() && !self.messages.probe.is_empty() {
            self.end();
        }
        match done {
            Err(_) if self.is_over => Ok(instead),
            done => done,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EventStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes));
        Poll::Ready(self.forgive(written, bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.inner).poll_flush(context));
        // This is done when nothing waits to be sent any more.
        self.is_answering = true;
        if let Some((_, waker)) = self.rest.take() {
            waker.wake();
        }
        Poll::Ready(self.forgive(flushed, ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(context, slices));
        let len = slices.iter().map(|slice| slice.len()).sum();
        Poll::Ready(self.forgive(written, len))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// Bytes that are read little by little.
#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    read: usize,
}

impl Queue {
    fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        Self { bytes, read: 0 }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.read..]
    }

    fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// Takes up bytes after all that were there have been read.
    fn fill(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether there was anything to give.
    fn pour(&mut self, output: &mut ReadBuf<'_>) -> bool {
        let rest = self.rest();
        if rest.is_empty() {
            return false;
        }
        let count = rest.len().min(output.remaining());
        output.put_slice(&rest[..count]);
        self.read += count;
        if self.read == self.bytes.len() {
            *self = Self::default();
        }
        true
    }
}

/// Where a connection's sockets are found.
pub(super) enum Source {
    Known(Arc<Link>),
    /// A connection that began with polling, once one of its sockets has been let in.
    Sought(Sid, Arc<Links>),
}

impl Source {
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

/// What a WebSocket begins with that takes the place of polling
/// (<https://socket.io/docs/v4/engine-io-protocol/#upgrade>).
const PROBE: &[&[u8]] = &[b"2probe", b"5"];

/// The messages of a client, as far as one has to follow them.
struct Messages {
    source: Source,
    /// How long an event may be, in bytes.
    longest: usize,
    /// What has to come first.
    probe: &'static [&'static [u8]],
    /// How much of a frame that was passed is still to come, in bytes.
    passing: usize,
    /// Whether a message has begun of which more frames are to come.
    is_fragmented: bool,
    /// What it begins with, if it is a text.
    beginning: Option<Vec<u8>>,
    /// How many binary messages the packet takes that has begun.
    attachments: usize,
    /// Whether an event of this turn has asked for an answer.
    has_asked: bool,
}

/// How far one got.
struct Taken {
    /// How many bytes are done with.
    taken: usize,
    verdict: Verdict,
}

/// What is to be done with what follows.
enum Verdict {
    /// So many bytes are for the engine.
    Pass(usize),
    /// There is no whole frame.
    Partial,
    /// It is to be looked at later.
    Enough,
    /// It is not what a connection that changes from polling begins with.
    Broken,
}

impl Messages {
    fn take(&mut self, input: &mut [u8], left: &mut usize) -> Taken {
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

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::{Mutex, PoisonError},
    };

    use super::{super::link::Route, *};

    /// A connection from which every read gets one piece.
    struct Pieces(VecDeque<io::Result<Vec<u8>>>);

    impl Pieces {
        fn of(pieces: impl IntoIterator<Item = Vec<u8>>) -> Self {
            Self(pieces.into_iter().map(Ok).collect())
        }
    }

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            output: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let Some(piece) = self.0.pop_front() else {
                return Poll::Pending;
            };
            Poll::Ready(piece.map(|piece| output.put_slice(&piece)))
        }
    }

    impl AsyncWrite for Pieces {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// A socket that knows all events but `unknown`.
    #[derive(Default)]
    struct Taken(Mutex<Vec<String>>);

    impl Taken {
        fn seen(&self) -> Vec<String> {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut seen)
        }
    }

    impl Route for Taken {
        fn take(self: Arc<Self>, payload: &str, _: Option<i64>) -> bool {
            let is_known = !payload.contains("unknown");
            if is_known {
                let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push(payload.to_owned());
            }
            is_known
        }
    }

    fn known<S>(stream: S) -> (EventStream<S>, Arc<Taken>) {
        let link = Arc::<Links>::default().begin(true);
        let taken = Arc::<Taken>::default();
        link.add("/".into(), taken.clone());
        let stream = EventStream::new(stream, Source::Known(link), 100_000);
        (stream, taken)
    }

    fn sought<S>(stream: S) -> EventStream<S> {
        EventStream::new(stream, Source::Sought(Sid::new(), Arc::default()), 100_000)
    }

    /// What the engine gets by one poll.
    fn read(stream: &mut EventStream<Pieces>) -> Poll<io::Result<Vec<u8>>> {
        let mut bytes = [0; 512];
        let mut output = ReadBuf::new(&mut bytes);
        let mut context = Context::from_waker(Waker::noop());
        let read = ready!(Pin::new(stream).poll_read(&mut context, &mut output));
        Poll::Ready(read.map(|()| output.filled().to_vec()))
    }

    /// All that the engine gets until there is no more, or until the end.
    fn read_all(stream: &mut EventStream<Pieces>) -> (Vec<u8>, bool) {
        let mut all = Vec::new();
        loop {
            match read(stream) {
                Poll::Ready(Ok(bytes)) if bytes.is_empty() => return (all, true),
                Poll::Ready(Ok(bytes)) => all.extend(bytes),
                Poll::Ready(Err(error)) => panic!("{error}"),
                Poll::Pending if stream.inner.0.is_empty() && stream.held.is_empty() => {
                    return (all, false);
                }
                Poll::Pending if stream.inner.0.is_empty() && stream.is_partial => {
                    return (all, false);
                }
                Poll::Pending => {}
            }
        }
    }

    fn text(payload: &str) -> Vec<u8> {
        let mut frame = Frame::text(payload.as_bytes());
        let mask = [1, 2, 3, 4];
        let start = frame.len() - payload.len();
        frame[start - 4..start].copy_from_slice(&mask);
        for (byte, mask) in frame[start..].iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        frame
    }

    #[test]
    fn it_does_not_matter_where_bytes_are_split() {
        let passed = text(r#"42["unknown"]"#);
        let input = [
            text(r#"42["one"]"#),
            passed.clone(),
            text(r#"427["two"]"#),
            text(r#"42/other,["three"]"#),
            text(r#"42["four"]"#),
        ]
        .concat();
        for split in 0..=input.len() {
            let (first, second) = input.split_at(split);
            let pieces = [first, second]
                .into_iter()
                .filter(|piece| !piece.is_empty());
            let (mut stream, taken) = known(Pieces::of(pieces.map(<[u8]>::to_vec)));
            let (all, is_over) = read_all(&mut stream);
            let expected = [passed.clone(), text(r#"42/other,["three"]"#)].concat();
            assert_eq!(all, expected, "{split}");
            assert!(!is_over);
            assert_eq!(taken.seen(), [r#"["one"]"#, r#"["two"]"#, r#"["four"]"#]);
        }
    }

    #[test]
    fn what_follows_a_frame_for_the_engine_waits_until_the_engine_is_done() {
        let frames = [text("3"), text(r#"42["later"]"#)].concat();
        let (mut stream, taken) = known(Pieces::of([frames]));
        assert!(matches!(read(&mut stream), Poll::Ready(Ok(bytes)) if bytes == text("3")));
        assert!(taken.seen().is_empty());
        assert!(read(&mut stream).is_pending());
        assert_eq!(taken.seen(), [r#"["later"]"#]);
    }

    #[test]
    fn others_have_their_turn() {
        let event = text(r#"42["event"]"#);
        let both = [event.clone(), text("3")].concat();
        for pieces in [
            vec![event.repeat(3 * BATCH)],
            vec![event.clone(); 3 * BATCH],
            vec![both; 3 * BATCH],
        ] {
            let (mut stream, taken) = known(Pieces::of(pieces));
            let mut turns = 0;
            while !stream.inner.0.is_empty() || !stream.held.is_empty() {
                while read(&mut stream).is_ready() {}
                let count = taken.seen().len();
                assert!((1..=BATCH).contains(&count), "{count}");
                turns += 1;
            }
            assert!(turns >= 3);
        }
    }

    #[tokio::test]
    async fn answers_are_sent_before_the_next_turn() {
        let flood = text(r#"421["event"]"#).repeat(4 * BATCH);
        let (mut stream, taken) = known(Pieces::of([flood]));
        let flush = |stream: &mut EventStream<Pieces>| {
            let mut context = Context::from_waker(Waker::noop());
            assert!(Pin::new(stream).poll_flush(&mut context).is_ready());
        };
        flush(&mut stream);
        for _ in 0..2 {
            assert!(read(&mut stream).is_pending());
            assert_eq!(taken.seen().len(), BATCH);
            assert!(read(&mut stream).is_pending());
            assert!(taken.seen().is_empty(), "nothing has been sent yet");
            flush(&mut stream);
        }
        assert!(read(&mut stream).is_pending());
        assert_eq!(taken.seen().len(), BATCH);
        // There was nothing to answer.
        std::future::poll_fn(|context| {
            let mut bytes = [0; 16];
            let mut output = ReadBuf::new(&mut bytes);
            let polled = Pin::new(&mut stream).poll_read(context, &mut output);
            assert!(polled.is_pending());
            match taken.seen().len() {
                0 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }

    #[test]
    fn nothing_is_kept_of_what_is_done_with() {
        let event = text(r#"42["event"]"#);
        let mut flood = event.repeat(READ / event.len());
        flood.truncate(flood.len() - 1);
        let (mut stream, _) = known(Pieces::of([flood]));
        read_all(&mut stream);
        assert!(stream.is_partial);
        assert!(stream.held.bytes.capacity() <= event.len());
        stream
            .inner
            .0
            .push_back(Ok(event[event.len() - 1..].to_vec()));
        read_all(&mut stream);
        assert_eq!(stream.held.bytes.capacity(), 0);
    }

    #[test]
    fn attachments_are_waited_for() {
        let header = text(r#"452-["a",{"_placeholder":true,"num":0}]"#);
        let fragments = || {
            let mut first = text("45");
            first[0] &= 0x7f;
            let mut second = text(r#"2-["a"]"#);
            second[0] &= 0xf0;
            [first, second].concat()
        };
        let mut binary = text("bytes");
        binary[0] = 0x82;
        for header in [header, fragments()] {
            let event = text(r#"42["event"]"#);
            let pieces = [header, binary.clone(), event.clone(), binary.clone(), event];
            let (mut stream, taken) = known(Pieces::of([pieces.concat()]));
            let (all, _) = read_all(&mut stream);
            assert_eq!(all, pieces[..4].concat());
            assert_eq!(taken.seen(), [r#"["event"]"#]);
        }
    }

    #[test]
    fn a_long_event_is_for_the_engine() {
        let (mut stream, taken) = known(Pieces::of([text(r#"42["event"]"#)]));
        stream.messages.longest = 10;
        assert_eq!(read_all(&mut stream).0, text(r#"42["event"]"#));
        assert!(taken.seen().is_empty());
    }

    #[test]
    fn the_engine_hears_the_end_of_a_change_that_fails() {
        let probe: Vec<_> = PROBE.iter().flat_map(|text| Frame::text(text)).collect();
        let unmasked = |frames: Vec<u8>| {
            let mut frames = frames;
            let mut texts = Vec::new();
            while let Ok(Some(frame)) = Frame::read(&frames) {
                texts.push(frame.unmasked(&frames).collect::<Vec<_>>());
                frames.drain(..frame.len);
            }
            texts
        };
        let reset = || Err(io::ErrorKind::ConnectionReset.into());
        for pieces in [
            vec![Ok(Vec::new())],
            vec![reset()],
            vec![Ok(text("2probe")[..4].to_vec()), Ok(Vec::new())],
            vec![Ok(text("2probe")[..4].to_vec()), reset()],
            vec![Ok(text("2probe")), Ok(Vec::new())],
            vec![Ok(text("2probe")), reset()],
            vec![Ok(text(r#"42["early"]"#))],
            vec![Ok(text("2probe")), Ok(text("6"))],
            vec![Ok(vec![0xff; 100])],
            vec![Ok([text("2probe"), text("5")].concat()), Ok(Vec::new())],
        ] {
            let mut stream = sought(Pieces(pieces.into()));
            let (all, is_over) = read_all(&mut stream);
            assert!(is_over);
            assert_eq!(unmasked(all), unmasked(probe.clone()));
        }
    }
}
