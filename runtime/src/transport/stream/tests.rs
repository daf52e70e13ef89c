//! The stream, fed piece by piece.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use socketioxide_core::Sid;

use super::{
    super::{
        link::{Links, Route},
        messages::PROBE,
    },
    *,
};

const PATIENCE: Duration = Duration::from_secs(20);

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
    let link = Arc::<Links>::default().begin(true, None);
    let taken = Arc::<Taken>::default();
    link.add("/".into(), taken.clone());
    let stream = EventStream::new(stream, Source::Known(link), 100_000, PATIENCE);
    (stream, taken)
}

fn sought<S>(stream: S) -> EventStream<S> {
    let source = Source::Sought(Sid::new(), Arc::default());
    EventStream::new(stream, source, 100_000, PATIENCE)
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

#[test]
fn a_connection_changes_from_polling_while_answers_wait() {
    let links = Arc::<Links>::default();
    let (connection, link) = (Sid::new(), links.begin(false, None));
    link.list(connection);
    let taken = Arc::<Taken>::default();
    link.add("/".into(), taken.clone());
    let pause = link.pause();
    let event = text(r#"42["one"]"#);
    let pieces = Pieces::of([text("2probe"), text("5"), event]);
    let source = Source::Sought(connection, links);
    let mut stream = EventStream::new(pieces, source, 100_000, PATIENCE);
    for expected in PROBE {
        let Poll::Ready(Ok(frame)) = read(&mut stream) else {
            panic!("the engine waits for it");
        };
        assert_eq!(frame, text(std::str::from_utf8(expected).expect("a text")));
    }
    assert!(read(&mut stream).is_pending());
    assert!(taken.seen().is_empty());
    drop(pause);
    assert!(read(&mut stream).is_pending());
    assert_eq!(taken.seen(), [r#"["one"]"#]);
}
