//! `disconnect` always succeeds: the server handles no event of the socket after it.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sio_types::{Builder, EmitError, Limits, prelude::*};
use sio_types_test_support::{
    raw_client::{StalledClient, fill},
    server::{self, Server},
    until,
};
use tokio::sync::watch;

#[events]
pub trait ToClient {
    fn text(text: String);
}

#[events]
pub trait ToServer {
    fn act();
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ToClient, client_to_server = ToServer)]
pub struct App;

#[derive(Clone)]
struct Handler {
    acts: Arc<AtomicUsize>,
    connecting: Arc<AtomicUsize>,
    /// The `connected` hook waits until this is `true`.
    may_connect: watch::Sender<bool>,
    /// The reason of each `disconnected` hook, and the number of rooms of its socket.
    left: Arc<Mutex<Vec<(DisconnectReason, usize)>>>,
}

impl Handler {
    fn acts(&self) -> usize {
        self.acts.load(Ordering::SeqCst)
    }

    fn left(&self) -> Vec<(DisconnectReason, usize)> {
        self.left.lock().expect("no panic holds it").clone()
    }
}

impl ToServer<Socket<App>> for Handler {
    async fn act(&self, _: Socket<App>) {
        self.acts.fetch_add(1, Ordering::SeqCst);
    }
}

impl Lifecycle<App> for Handler {
    async fn connected(&self, socket: Socket<App>) {
        socket.join("room");
        self.connecting.fetch_add(1, Ordering::SeqCst);
        let mut may_connect = self.may_connect.subscribe();
        let _ = may_connect.wait_for(|may| *may).await;
    }

    async fn disconnected(&self, socket: Socket<App>, reason: DisconnectReason) {
        let rooms = socket.rooms().len();
        let mut left = self.left.lock().expect("no panic holds it");
        left.push((reason, rooms));
    }
}

fn builder() -> Builder {
    // Keeps the connection of a client that does not read and does not answer heartbeats.
    SocketIo::builder()
        .ping_interval(Duration::from_secs(600))
        .ping_timeout(Duration::from_secs(600))
        .max_buffer_size(32)
        .limits(Limits::default().backlog(10_000))
}

async fn serve(may_connect: bool) -> (Server, Handler) {
    let handler = Handler {
        acts: Arc::default(),
        connecting: Arc::default(),
        may_connect: watch::Sender::new(may_connect),
        left: Arc::default(),
    };
    let mounted = handler.clone();
    let server = server::serve(builder(), |io| {
        io.mount::<App, _>(mounted)
            .expect("nothing else is mounted");
    })
    .await;
    (server, handler)
}

/// Returns the only socket of the server.
async fn socket_of(server: &Server, handler: &Handler) -> Socket<App> {
    until("the client connects", async || {
        handler.connecting.load(Ordering::SeqCst) == 1
    })
    .await;
    server.io.of(App).sockets().remove(0)
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Socket,
    Broadcast,
    Room,
    Remote,
}

#[tokio::test(flavor = "multi_thread")]
async fn client_with_a_full_buffer_is_disconnected() {
    for way in [Way::Socket, Way::Broadcast, Way::Room, Way::Remote] {
        for polls in [false, true] {
            let (server, handler) = serve(true).await;
            let mut client = match polls {
                true => StalledClient::polling(server.address).await,
                false => StalledClient::websocket(server.address).await,
            };
            let socket = socket_of(&server, &handler).await;
            client.send(r#"42["act"]"#).await;
            until("the event is handled", async || handler.acts() == 1).await;
            fill(|text| socket.emit().text(text)).await;

            let all = || server.io.of(App);
            match way {
                Way::Socket => socket.disconnect(),
                Way::Broadcast => all().disconnect().await.expect("no other server"),
                Way::Room => {
                    let room = all().within("room");
                    room.disconnect().await.expect("no other server");
                }
                Way::Remote => {
                    let mut found = all().fetch_sockets().await.expect("no other server");
                    let one = found.remove(0);
                    one.disconnect().await.expect("it is of this server");
                }
            }
            assert!(!socket.connected(), "{way:?}");
            assert!(all().sockets().is_empty());
            assert_eq!(all().count().await, Ok(0));
            assert_eq!(socket.emit().text("late"), Err(EmitError::Closed));
            socket.join("late");
            let in_rooms = all().within(["room", "late"]).rooms().await;
            assert_eq!(in_rooms, Ok(vec![]));

            for _ in 0..3 {
                client.send(r#"42["act"]"#).await;
            }
            client.handled().await;
            assert_eq!(handler.acts(), 1, "{way:?}, polls: {polls}");
            // The hook still sees the rooms that the socket was in.
            let expected = [(DisconnectReason::ServerNSDisconnect, 2)];
            until("the hook runs", async || !handler.left().is_empty()).await;
            assert_eq!(handler.left(), expected);
            // All connections have ended when this returns.
            server.io.close().await;
            assert_eq!(handler.left(), expected, "the hook runs once");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn event_waiting_in_middleware_is_dropped_on_disconnect() {
    let (server, handler) = serve(true).await;
    let mut client = StalledClient::websocket(server.address).await;
    let socket = socket_of(&server, &handler).await;
    let (waiting, may_go_on) = (Arc::new(AtomicUsize::new(0)), watch::Sender::new(false));
    let (waits, going_on) = (waiting.clone(), may_go_on.clone());
    socket.use_middleware(move |_| {
        let (waits, mut going_on) = (waits.clone(), going_on.subscribe());
        async move {
            waits.fetch_add(1, Ordering::SeqCst);
            let _ = going_on.wait_for(|may| *may).await;
            Ok(())
        }
    });
    client.send(r#"42["act"]"#).await;
    until("the event arrives", async || {
        waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    socket.disconnect();
    may_go_on.send_replace(true);
    // The shutdown waits for handlers that have begun.
    let outcome = server.io.shutdown(Duration::from_secs(10)).await;
    assert_eq!(outcome.abandoned, 0);
    assert_eq!(handler.acts(), 0);
    assert_eq!(handler.left().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_waiting_for_the_hook_is_dropped_on_disconnect() {
    let (server, handler) = serve(false).await;
    let mut client = StalledClient::polling(server.address).await;
    let socket = socket_of(&server, &handler).await;
    // The server answers the request when it has read the packet.
    client.send(r#"42["act"]"#).await;
    socket.disconnect();
    handler.may_connect.send_replace(true);
    // Events that waited for the `connected` hook come before this one.
    until("the hook runs", async || handler.left().len() == 1).await;
    assert_eq!(handler.acts(), 0);
}
