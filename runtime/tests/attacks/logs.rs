//! What clients can make a server log, whoever writes the line.

use std::{
    fmt::{self, Write},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use sio_types::SocketIo;
use sio_types_test_support::{
    raw_client::{Polling, WEBSOCKET, WebSocket, text_frame},
    server::{Server, serve},
    within,
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::events::{App, Handler};

/// Records what all crates of the process log.
#[derive(Clone, Default)]
pub struct Recorder {
    lines: Arc<AtomicUsize>,
    text: Arc<Mutex<String>>,
}

impl Recorder {
    /// Starts to record, beside other tests of the process.
    pub fn everything() -> Self {
        static RECORDER: OnceLock<Recorder> = OnceLock::new();
        let recorder = RECORDER.get_or_init(|| {
            let recorder = Self::default();
            tracing_subscriber::registry().with(recorder.clone()).init();
            recorder
        });
        recorder.clone()
    }

    /// All that was recorded, spans and their fields included.
    pub fn text(&self) -> String {
        self.text.lock().expect("no panic holds it").clone()
    }

    /// The number of warnings and errors.
    fn lines(&self) -> usize {
        self.lines.load(Ordering::Relaxed)
    }

    fn note(&self, record: impl FnOnce(&mut dyn Visit)) {
        let mut text = self.text.lock().expect("no panic holds it");
        record(&mut Fields(&mut text));
        text.push('\n');
    }
}

struct Fields<'t>(&'t mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").expect("it is memory");
    }
}

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            self.lines.fetch_add(1, Ordering::Relaxed);
        }
        self.note(|visit| event.record(visit));
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.note(|visit| attributes.record(visit));
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        self.note(|visit| values.record(visit));
    }
}

/// Packets that ask for a namespace that nobody has.
const FLOOD: usize = 10_000;
/// What all tests of the process may log as warnings meanwhile: a burst of each kind, and what follows it.
const MOST: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn unknown_namespaces_do_not_fill_the_log() {
    let recorder = Recorder::everything();
    let handler = Handler::default();
    let mounted = handler.clone();
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let before = recorder.lines();
    // In one request, by a client that is in no namespace and polls for nothing.
    let polling = Polling::open(server).await;
    let packets = vec!["40/a,"; FLOOD].join("\u{1e}");
    let posting = tokio::spawn(async move { polling.post(&packets).await });
    // And by a WebSocket that does not read.
    let opened = WebSocket::open(server, WEBSOCKET, &[]).await;
    let mut socket = opened.expect("the server accepts the upgrade");
    let frames = text_frame("40/a,").repeat(FLOOD);
    let flooding = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        // It is not read to the end, or closed.
        let _ = socket.stream.write_all(&frames).await;
        socket
    });
    let mut healthy = WebSocket::connect(server, "").await;
    for number in 0..20 {
        healthy.send(&format!(r#"42{number}["echo","a"]"#)).await;
        healthy.until_contains(&format!(r#"43{number}["a"]"#)).await;
    }
    // All of it was read: the answers are less than may wait.
    let posted = within("the flood", posting).await.expect("no panic");
    assert_eq!(posted.body, "ok");
    let mut socket = within("the flood", flooding).await.expect("no panic");
    for _ in 0..FLOOD {
        socket.until_contains("Invalid namespace").await;
    }
    let lines = recorder.lines() - before;
    assert!(lines <= MOST, "{lines} lines were logged");
}
