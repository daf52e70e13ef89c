//! Log lines that clients can cause, no matter which crate writes them.

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
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::events::{App, Handler};

/// Records the log of all crates of the process.
#[derive(Clone, Default)]
pub struct Recorder {
    lines: Arc<AtomicUsize>,
    /// Number of lines and spans of socketioxide and engineioxide.
    upstream: Arc<AtomicUsize>,
    text: Arc<Mutex<String>>,
}

impl Recorder {
    /// Starts to record. Other tests of the process may record at the same time.
    pub fn everything() -> Self {
        static RECORDER: OnceLock<Recorder> = OnceLock::new();
        let recorder = RECORDER.get_or_init(|| {
            let recorder = Self::default();
            tracing_subscriber::registry().with(recorder.clone()).init();
            recorder
        });
        recorder.clone()
    }

    /// Returns everything recorded, including spans and their fields.
    pub fn text(&self) -> String {
        self.text.lock().expect("no panic holds it").clone()
    }

    /// Returns the number of warnings and errors.
    fn lines(&self) -> usize {
        self.lines.load(Ordering::Relaxed)
    }

    fn count_upstream(&self, metadata: &Metadata<'_>) {
        let crates = ["socketioxide", "engineioxide"];
        if crates
            .iter()
            .any(|name| metadata.target().starts_with(name))
        {
            self.upstream.fetch_add(1, Ordering::Relaxed);
        }
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
        self.count_upstream(event.metadata());
        if *event.metadata().level() <= Level::WARN {
            self.lines.fetch_add(1, Ordering::Relaxed);
        }
        self.note(|visit| event.record(visit));
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.count_upstream(attributes.metadata());
        self.note(|visit| attributes.record(visit));
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        self.note(|visit| values.record(visit));
    }
}

/// Number of packets that ask for a namespace that does not exist.
const FLOOD: usize = 10_000;
/// Maximum number of warnings that all tests of the process may log meanwhile: a burst of each kind, and the lines
/// after it.
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
    // One request of a client that is in no namespace and does not poll.
    let polling = Polling::open(server).await;
    let packets = vec!["40/a,"; FLOOD].join("\u{1e}");
    let posting = tokio::spawn(async move { polling.post(&packets).await });
    // A WebSocket that does not read.
    let opened = WebSocket::open(server, WEBSOCKET, &[]).await;
    let mut socket = opened.expect("the server accepts the upgrade");
    let frames = text_frame("40/a,").repeat(FLOOD);
    let flooding = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        // The server may not read all of it, or may close the connection.
        let _ = socket.stream.write_all(&frames).await;
        socket
    });
    let mut healthy = WebSocket::connect(server, "").await;
    for number in 0..20 {
        healthy.send(&format!(r#"42{number}["echo","a"]"#)).await;
        healthy.until_contains(&format!(r#"43{number}["a"]"#)).await;
    }
    // The server has read everything, because the answers take less space than the send buffer has.
    let posted = within("the flood", posting).await.expect("no panic");
    assert_eq!(posted.body, "ok");
    let mut socket = within("the flood", flooding).await.expect("no panic");
    for _ in 0..FLOOD {
        socket.until_contains("Invalid namespace").await;
    }
    let lines = recorder.lines() - before;
    assert!(lines <= MOST, "{lines} lines were logged");
    // Nothing limits their lines, so their feature `tracing` has to be off.
    let upstream = recorder.upstream.load(Ordering::Relaxed);
    assert_eq!(upstream, 0, "lines of socketioxide and engineioxide");
}
