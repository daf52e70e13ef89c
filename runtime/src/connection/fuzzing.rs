//! Fuzzes the stream with any bytes from a client's WebSocket, in pieces of any size. No byte may be lost, added or
//! reordered.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::io::{AsyncRead, ReadBuf, join, sink};

use super::{
    carrier::Carrier,
    connection::{Connection, Route},
    registry::ConnectionRegistry,
    stream::{EventStream, Open},
};

/// No client stalls in this test.
const TIMEOUT: Duration = Duration::MAX;

/// Treatment of a part of the input, in order.
enum Step {
    /// An event of this namespace was handled.
    Taken(&'static str, String),
    /// These bytes went to the engine.
    Passed(Vec<u8>),
}

type Log = Arc<Mutex<Vec<Step>>>;

fn note(log: &Log, step: Step) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    log.push(step);
}

/// Socket that handles all events except those with a `?`.
struct Socket(&'static str, Log);

impl Route for Socket {
    fn take(self: Arc<Self>, payload: &str, _: Option<i64>) -> bool {
        let is_known = !payload.contains('?');
        if is_known {
            note(&self.1, Step::Taken(self.0, payload.to_owned()));
        }
        is_known
    }
}

/// Connection that returns one piece per read and then ends.
struct Pieces(VecDeque<Vec<u8>>);

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut piece) = self.0.pop_front() {
            let rest = piece.split_off(piece.len().min(output.remaining()));
            output.put_slice(&piece);
            if !rest.is_empty() {
                self.0.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Runs one input. The first byte is the number of bytes that follow with the lengths of the pieces, in turn; the rest
/// is the input.
#[doc(hidden)]
pub fn frames(data: &[u8]) {
    let Some((count, rest)) = data.split_first() else {
        return;
    };
    let count = usize::from(count % 8).min(rest.len());
    let (lengths, input) = rest.split_at(count);

    let log = Log::default();
    let connection = Arc::<ConnectionRegistry>::default().begin(None);
    for namespace in ["/", "/chat"] {
        connection.add(namespace.into(), Arc::new(Socket(namespace, log.clone())));
    }
    read_all(input, lengths, connection, &log);
    let steps = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
    assert_is_input(steps, input);
}

fn read_all(input: &[u8], lengths: &[u8], connection: Arc<Connection>, log: &Log) {
    // Everything that is written is discarded.
    let carrier = Carrier::WebSocket(join(Pieces(pieces(input, lengths)), sink()));
    let mut stream = EventStream::new(carrier, connection, Open::Sent, 100_000, TIMEOUT);
    let mut context = Context::from_waker(Waker::noop());
    // A turn handles at least one piece or one frame, and a frame has at least two bytes.
    for _ in 0..2 * input.len() + 16 {
        let mut bytes = [0; 512];
        let mut output = ReadBuf::new(&mut bytes);
        match Pin::new(&mut stream).poll_read(&mut context, &mut output) {
            Poll::Ready(read) => {
                read.expect("this connection has no errors");
                if output.filled().is_empty() {
                    return;
                }
                note(log, Step::Passed(output.filled().to_vec()));
            }
            Poll::Pending => {}
        }
    }
    panic!("it does not end");
}

fn pieces(mut input: &[u8], lengths: &[u8]) -> VecDeque<Vec<u8>> {
    let mut lengths = lengths
        .iter()
        .map(|length| 1 + usize::from(*length))
        .cycle();
    let mut pieces = VecDeque::new();
    while !input.is_empty() {
        let length = lengths.next().unwrap_or(usize::MAX).min(input.len());
        let (piece, rest) = input.split_at(length);
        pieces.push_back(piece.to_vec());
        input = rest;
    }
    pieces
}

/// Asserts that the steps make up the input.
fn assert_is_input(steps: Vec<Step>, input: &[u8]) {
    let mut rest = input;
    for step in steps {
        let length = match step {
            Step::Passed(bytes) => {
                assert!(rest.starts_with(&bytes), "other bytes were passed");
                bytes.len()
            }
            Step::Taken(namespace, payload) => {
                let (text, length) = message(rest).expect("an event is a message of its own");
                let text = text.strip_prefix("42").expect("an event");
                let text = match namespace {
                    "/" => text.strip_prefix("/,").unwrap_or(text),
                    _ => text
                        .strip_prefix(namespace)
                        .and_then(|text| text.strip_prefix(','))
                        .expect("its namespace"),
                };
                let id = text.strip_suffix(&*payload).expect("its payload");
                assert!(id.is_empty() || id.parse::<i64>().is_ok(), "its id");
                length
            }
        };
        rest = &rest[length..];
    }
    assert!(rest.is_empty(), "{} bytes were lost", rest.len());
}

/// Parses the text message at the start of an input as simply as possible; returns it with its length in bytes.
fn message(input: &[u8]) -> Option<(String, usize)> {
    let (0x81, second) = (*input.first()?, *input.get(1)?) else {
        return None;
    };
    let (length, start) = match second.checked_sub(0x80)? {
        126 => (
            u16::from_be_bytes(input.get(2..4)?.try_into().ok()?).into(),
            4,
        ),
        127 => (u64::from_be_bytes(input.get(2..10)?.try_into().ok()?), 10),
        length => (length.into(), 2),
    };
    let mask = input.get(start..start + 4)?;
    let end = (start + 4).checked_add(usize::try_from(length).ok()?)?;
    let masked = input.get(start + 4..end)?.iter().zip(mask.iter().cycle());
    let text = masked.map(|(byte, mask)| byte ^ mask).collect();
    Some((String::from_utf8(text).ok()?, end))
}
