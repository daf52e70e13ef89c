//! Tests of the stream with input in pieces.

use std::{
    collections::VecDeque,
    io,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::{read::READ, *};
use crate::connection::{
    connection::Route,
    messages::BATCH,
    polling::{BoxedStream, Probe},
    registry::ConnectionRegistry,
    upgrade,
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Connection that returns one piece per read.
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

/// Socket that handles all events except `unknown`.
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
    let connection = Arc::<ConnectionRegistry>::default().begin(None);
    let taken = Arc::<Taken>::default();
    connection.add("/".into(), taken.clone());
    let carrier = Carrier::WebSocket(stream);
    let stream = EventStream::new(carrier, connection, Open::Sent, 100_000, TIMEOUT);
    (stream, taken)
}

/// Connection that takes data in pieces, up to a number of bytes in total.
struct Slow {
    room: usize,
    taken: Vec<u8>,
}

impl AsyncRead for Slow {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Slow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = bytes.len().min(self.room).min(7);
        if count == 0 {
            return Poll::Pending;
        }
        self.room -= count;
        self.taken.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn below(stream: &mut EventStream<Slow>) -> &mut Slow {
    match &mut stream.carrier {
        Carrier::WebSocket(slow) => slow,
        _ => unreachable!("it is a WebSocket"),
    }
}

fn unread(stream: &mut EventStream<Pieces>) -> &mut VecDeque<io::Result<Vec<u8>>> {
    match &mut stream.carrier {
        Carrier::WebSocket(Pieces(pieces)) => pieces,
        _ => unreachable!("it is a WebSocket"),
    }
}

fn write<S: AsyncWrite + Unpin>(stream: &mut EventStream<S>, bytes: &[u8]) -> Poll<usize> {
    let mut context = Context::from_waker(Waker::noop());
    Pin::new(stream)
        .poll_write(&mut context, bytes)
        .map(|written| written.expect("it has no errors"))
}

fn flush<S: AsyncWrite + Unpin>(stream: &mut EventStream<S>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    Pin::new(stream).poll_flush(&mut context).is_ready()
}

/// Runs the reading task, which sends the queue.
fn proceed<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut EventStream<S>) {
    let mut bytes = [0; 16];
    let mut output = ReadBuf::new(&mut bytes);
    let mut context = Context::from_waker(Waker::noop());
    let _ = Pin::new(stream).poll_read(&mut context, &mut output);
}

/// First bytes that the engine writes.
const OPEN: &[u8] = b"\x81\x020{";

/// Returns what the engine reads in one poll.
fn read(stream: &mut EventStream<Pieces>) -> Poll<io::Result<Vec<u8>>> {
    let mut bytes = [0; 512];
    let mut output = ReadBuf::new(&mut bytes);
    let mut context = Context::from_waker(Waker::noop());
    let read = ready!(Pin::new(stream).poll_read(&mut context, &mut output));
    Poll::Ready(read.map(|()| output.filled().to_vec()))
}

/// Returns everything that the engine reads until the stream is pending or ends.
fn read_all(stream: &mut EventStream<Pieces>) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    loop {
        match read(stream) {
            Poll::Ready(Ok(bytes)) if bytes.is_empty() => return (all, true),
            Poll::Ready(Ok(bytes)) => all.extend(bytes),
            Poll::Ready(Err(error)) => panic!("{error}"),
            Poll::Pending => {
                let has_read_all = unread(stream).is_empty();
                if has_read_all && (stream.held.is_empty() || stream.is_partial) {
                    return (all, false);
                }
            }
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
fn result_does_not_depend_on_chunking() {
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
fn frames_after_an_engine_frame_wait_for_the_engine() {
    let frames = [text("3"), text(r#"42["later"]"#)].concat();
    let (mut stream, taken) = known(Pieces::of([frames]));
    assert!(matches!(read(&mut stream), Poll::Ready(Ok(bytes)) if bytes == text("3")));
    assert!(taken.seen().is_empty());
    assert!(read(&mut stream).is_pending());
    assert_eq!(taken.seen(), [r#"["later"]"#]);
}

#[test]
fn busy_connection_yields() {
    let event = text(r#"42["event"]"#);
    let both = [event.clone(), text("3")].concat();
    for pieces in [
        vec![event.repeat(3 * BATCH)],
        vec![event.clone(); 3 * BATCH],
        vec![both; 3 * BATCH],
    ] {
        let (mut stream, taken) = known(Pieces::of(pieces));
        let mut turns = 0;
        while !unread(&mut stream).is_empty() || !stream.held.is_empty() {
            while read(&mut stream).is_ready() {}
            let count = taken.seen().len();
            assert!((1..=BATCH).contains(&count), "{count}");
            turns += 1;
        }
        assert!(turns >= 3);
    }
}

#[tokio::test]
async fn sends_acknowledgements_before_the_next_turn() {
    let flood = text(r#"421["event"]"#).repeat(4 * BATCH);
    let (mut stream, taken) = known(Pieces::of([flood]));
    assert!(flush(&mut stream));
    for _ in 0..2 {
        assert!(read(&mut stream).is_pending());
        assert_eq!(taken.seen().len(), BATCH);
        assert!(read(&mut stream).is_pending());
        assert!(taken.seen().is_empty(), "nothing has been sent yet");
        assert!(flush(&mut stream));
    }
    assert!(read(&mut stream).is_pending());
    assert_eq!(taken.seen().len(), BATCH);
    // There was nothing to acknowledge.
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
fn releases_processed_bytes() {
    let event = text(r#"42["event"]"#);
    let mut flood = event.repeat(READ / event.len());
    flood.truncate(flood.len() - 1);
    let (mut stream, _) = known(Pieces::of([flood]));
    read_all(&mut stream);
    assert!(stream.is_partial);
    assert!(stream.held.bytes.capacity() <= event.len());
    unread(&mut stream).push_back(Ok(event[event.len() - 1..].to_vec()));
    read_all(&mut stream);
    assert_eq!(stream.held.bytes.capacity(), 0);
}

#[test]
fn event_waits_for_its_attachments() {
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
fn long_event_is_passed_to_the_engine() {
    let (mut stream, taken) = known(Pieces::of([text(r#"42["event"]"#)]));
    stream.messages.longest = 10;
    assert_eq!(read_all(&mut stream).0, text(r#"42["event"]"#));
    assert!(taken.seen().is_empty());
}

#[tokio::test]
async fn slow_client_receives_everything_in_order() {
    let slow = Slow {
        room: 5,
        taken: Vec::new(),
    };
    let (mut stream, _) = known(slow);
    assert_eq!(write(&mut stream, OPEN), Poll::Ready(OPEN.len()));
    let frames: Vec<_> = (0..50_u8)
        .map(|number| [vec![0x81, 10], vec![number; 10]].concat())
        .collect();
    // The first write has several frames, of which the first is taken in part.
    assert!(write(&mut stream, &frames[..3].concat()).is_ready());
    assert!(flush(&mut stream));
    for frame in &frames[3..] {
        assert!(write(&mut stream, frame).is_ready());
        assert!(flush(&mut stream));
    }
    assert!(!stream.connection().is_ready());
    assert_eq!(stream.connection().queue().packets(), frames.len());
    while !stream.connection().queue().is_empty() {
        below(&mut stream).room += 11;
        proceed(&mut stream);
    }
    assert_eq!(below(&mut stream).taken, frames.concat());
    assert!(stream.connection().is_ready());
}

#[tokio::test]
async fn close_waits_for_earlier_packets() {
    let slow = Slow {
        room: 0,
        taken: Vec::new(),
    };
    let (mut stream, _) = known(slow);
    assert!(write(&mut stream, OPEN).is_ready());
    assert!(write(&mut stream, b"\x81\x0141").is_ready());
    assert!(flush(&mut stream));
    assert!(write(&mut stream, b"\x88\x00").is_ready());
    assert!(!flush(&mut stream));
    below(&mut stream).room = 100;
    assert!(flush(&mut stream));
    assert_eq!(below(&mut stream).taken, b"\x81\x0141\x88\x00");
}

#[tokio::test]
async fn full_queue_pauses_reads_and_the_engine() {
    let slow = Slow {
        room: 0,
        taken: Vec::new(),
    };
    let (mut stream, _) = known(slow);
    assert!(write(&mut stream, OPEN).is_ready());
    let frame = Frame::server_text(&vec![b'4'; 1_000_000]);
    let mut written = 0;
    while write(&mut stream, &frame).is_ready() {
        written += 1;
        let connection = stream.connection().clone();
        assert!(written <= 4, "it takes everything");
        assert_eq!(connection.has_room_for_events(), written < 2, "{written}");
        assert_eq!(
            connection.queue().has_room(1_000_000),
            written < 3,
            "{written}"
        );
    }
    assert_eq!(written, 4);
    below(&mut stream).room = usize::MAX;
    proceed(&mut stream);
    assert!(write(&mut stream, &frame).is_ready());
    proceed(&mut stream);
    assert!(stream.connection().queue().has_room(4_000_000));
}

/// Creates a connection whose queue is full.
fn full() -> EventStream<Slow> {
    let (mut stream, _) = known(Slow {
        room: 0,
        taken: Vec::new(),
    });
    assert!(write(&mut stream, OPEN).is_ready());
    let frame = Frame::server_text(&vec![b'4'; 1_000_000]);
    while write(&mut stream, &frame).is_ready() {}
    stream
}

#[tokio::test]
async fn writes_without_a_reader() {
    // The engine drops the reading side first when a session ends.
    let mut stream = full();
    below(&mut stream).room = usize::MAX;
    assert!(write(&mut stream, b"\x81\x0141").is_ready());
    assert!(stream.connection().queue().is_empty());
    let mut stream = full();
    stream.connection().close();
    assert!(write(&mut stream, b"\x81\x0141").is_ready());
    assert!(flush(&mut stream));
}

#[tokio::test(start_paused = true)]
async fn writer_without_reader_ends_when_client_does_not_read() {
    let mut stream = full();
    let written =
        std::future::poll_fn(|context| Pin::new(&mut stream).poll_write(context, b"\x81\x0141"));
    let written = tokio::time::timeout(2 * TIMEOUT, written).await;
    written.expect("in time").expect("it has no errors");
    assert!(stream.connection().is_closed());
}

/// Creates a session that polls, and the engine's stream of it.
fn polling() -> (EventStream<BoxedStream>, Arc<Connection>, Arc<Taken>) {
    let (connection, _) = Arc::<ConnectionRegistry>::default().begin_polling(None);
    let taken = Arc::<Taken>::default();
    connection.add("/".into(), taken.clone());
    let stream = EventStream::new(
        Carrier::Polling,
        connection.clone(),
        Open::Sent,
        100_000,
        TIMEOUT,
    );
    (stream, connection, taken)
}

#[tokio::test]
async fn upgrade_keeps_waiting_packets() {
    let (mut stream, connection, taken) = polling();
    assert!(write(&mut stream, OPEN).is_ready());
    let frame = b"\x81\x0342[";
    assert!(write(&mut stream, frame).is_ready());
    assert!(flush(&mut stream));
    let (ours, mut theirs) = tokio::io::duplex(1000);
    let messages = [text("2probe"), text("5"), text(r#"42["one"]"#)].concat();
    tokio::io::AsyncWriteExt::write_all(&mut theirs, &messages)
        .await
        .expect("there is room");
    let probe = Probe::begin(&connection).expect("it polls");
    assert!(Probe::begin(&connection).is_none());
    upgrade::run(probe, Box::new(ours), TIMEOUT).await;
    proceed(&mut stream);
    assert_eq!(taken.seen(), [r#"["one"]"#]);
    assert_eq!(
        connection.transport(),
        crate::protocol::TransportType::Websocket
    );
    let mut answer = [0; 13];
    theirs.read_exact(&mut answer).await.expect("it is sent");
    assert_eq!(answer, *b"\x81\x063probe\x81\x0342[");
    assert!(Probe::begin(&connection).is_none());
}

#[tokio::test]
async fn upgrade_keeps_any_number_of_waiting_packets() {
    let (mut stream, connection, taken) = polling();
    assert!(write(&mut stream, OPEN).is_ready());
    let frame = Frame::server_text(&vec![b'4'; 3_000_000]);
    assert!(write(&mut stream, &frame).is_ready());
    assert!(!connection.has_room_for_events());
    let (ours, mut theirs) = tokio::io::duplex(4_000_000);
    let messages = [text("2probe"), text("5"), text(r#"42["one"]"#)].concat();
    tokio::io::AsyncWriteExt::write_all(&mut theirs, &messages)
        .await
        .expect("there is room");
    let probe = Probe::begin(&connection).expect("it polls");
    upgrade::run(probe, Box::new(ours), TIMEOUT).await;
    proceed(&mut stream);
    assert!(connection.queue().is_empty());
    assert_eq!(taken.seen(), [r#"["one"]"#]);
}

#[tokio::test]
async fn last_packets_can_be_polled_after_close() {
    use crate::http::polling::get;

    let (mut stream, connection, _) = polling();
    assert!(write(&mut stream, OPEN).is_ready());
    assert!(write(&mut stream, b"\x81\x0241").is_ready());
    assert!(write(&mut stream, b"\x88\x00").is_ready());
    assert!(flush(&mut stream));
    drop(stream);
    let answer = get(connection.clone()).await;
    let body = http_body_util::BodyExt::collect(answer.into_body()).await;
    assert_eq!(body.expect("it is memory").to_bytes(), "41");
    assert_eq!(get(connection).await.status(), 400);
}

#[tokio::test]
async fn client_close_discards_waiting_packets() {
    let (mut stream, connection, _) = polling();
    assert!(write(&mut stream, OPEN).is_ready());
    assert!(write(&mut stream, b"\x81\x0242").is_ready());
    let posting = tokio::spawn(crate::http::polling::post(
        connection.clone(),
        http_body_util::Full::<bytes::Bytes>::from("1"),
    ));
    tokio::task::yield_now().await;
    proceed(&mut stream);
    drop(stream);
    assert!(connection.queue().is_empty());
    assert_eq!(posting.await.expect("no panic").status(), 200);
}

#[tokio::test]
async fn polling_continues_after_failed_upgrade() {
    for messages in [
        Vec::new(),
        text("2probe"),
        text(r#"42["early"]"#),
        [text("2probe"), text("6")].concat(),
        vec![0xff; 100],
    ] {
        let (mut stream, connection, taken) = polling();
        let (ours, mut theirs) = tokio::io::duplex(1000);
        tokio::io::AsyncWriteExt::write_all(&mut theirs, &messages)
            .await
            .expect("there is room");
        drop(theirs);
        let probe = Probe::begin(&connection).expect("it polls");
        upgrade::run(probe, Box::new(ours), TIMEOUT).await;
        proceed(&mut stream);
        assert_eq!(
            connection.transport(),
            crate::protocol::TransportType::Polling
        );
        assert!(taken.seen().is_empty());
        assert!(
            connection
                .polling()
                .and_then(|polling| polling.idle_since())
                .is_some()
        );
        assert!(Probe::begin(&connection).is_some());
    }
}
