//! `disconnect` on several servers: `Ok` means that each of them has confirmed it.

use std::sync::atomic::{AtomicUsize, Ordering};

use sio_types::{DisconnectError, Limits};
use sio_types_test_support::raw_client::{StalledClient, fill};

use super::*;

#[events]
pub trait Acts {
    fn act();
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ToClient, client_to_server = Acts)]
pub struct Bar;

#[derive(Clone, Default)]
struct Guests {
    acts: Arc<AtomicUsize>,
    reasons: Arc<Mutex<Vec<DisconnectReason>>>,
}

impl Guests {
    fn acts(&self) -> usize {
        self.acts.load(Ordering::SeqCst)
    }
}

impl Acts<Socket<Bar>> for Guests {
    async fn act(&self, _: Socket<Bar>) {
        self.acts.fetch_add(1, Ordering::SeqCst);
    }
}

impl Lifecycle<Bar> for Guests {
    async fn connected(&self, socket: Socket<Bar>) {
        socket.join("room");
    }

    async fn disconnected(&self, _: Socket<Bar>, reason: DisconnectReason) {
        self.reasons.lock().expect("no panic").push(reason);
    }
}

async fn open(cluster: Cluster) -> (server::Server, Guests) {
    let guests = Guests::default();
    let mounted = guests.clone();
    // Keeps the connection of a client that does not read and does not answer heartbeats.
    let builder = SocketIo::builder()
        .ping_interval(Duration::from_secs(600))
        .ping_timeout(Duration::from_secs(600))
        .max_buffer_size(32)
        .limits(Limits::default().backlog(10_000))
        .cluster(cluster);
    let server = server::serve(builder, |io| {
        io.mount::<Bar, _>(mounted).expect("mounted once");
    })
    .await;
    (server, guests)
}

/// Returns the only socket of a server, once it is in its room.
async fn guest(server: &server::Server) -> Socket<Bar> {
    let room = || server.io.of(Bar).within("room").local().sockets();
    until("the client connects", async || room().len() == 1).await;
    room().remove(0)
}

/// Disconnects a client of one server from the other server.
async fn prove_between(a: Cluster, b: Cluster) {
    let (a, _) = open(a).await;
    let (b, guests) = open(b).await;
    knows(&a, 2).await;
    for is_remote in [false, true] {
        for polls in [false, true] {
            let mut client = match polls {
                true => StalledClient::polling(b.address).await,
                false => StalledClient::websocket(b.address).await,
            };
            let socket = guest(&b).await;
            let before = guests.acts();
            client.send(r#"42["act"]"#).await;
            until("the event is handled", async || guests.acts() == before + 1).await;
            fill(|text| socket.emit().text(text)).await;
            let done = match is_remote {
                true => {
                    let mut found = a.io.of(Bar).fetch_sockets().await.expect("it works");
                    found.remove(0).disconnect().await
                }
                false => a.io.of(Bar).within("room").disconnect().await,
            };
            assert_eq!(done, Ok(()));
            assert!(!socket.connected());
            assert_eq!(a.io.of(Bar).count().await, Ok(0));
            client.send(r#"42["act"]"#).await;
            client.handled().await;
            assert_eq!(guests.acts(), before + 1, "no event is handled any more");
        }
    }
    until("the hooks run", async || {
        guests.reasons.lock().expect("no panic").len() == 4
    })
    .await;
    let reasons = guests.reasons.lock().expect("no panic").clone();
    assert_eq!(reasons, [DisconnectReason::ServerNSDisconnect; 4]);

    // The disconnection does not overtake events that were sent before.
    for round in 0..40 {
        let mut client = StalledClient::websocket(b.address).await;
        let socket = guest(&b).await;
        let last = format!("last words {round}");
        let room = a.io.of(Bar).within("room");
        match round % 2 {
            0 => {
                room.clone().emit().text(&last).await.expect("it is sent");
                room.disconnect().await.expect("it is confirmed");
            }
            _ => {
                let mut found = room.fetch_sockets().await.expect("it works");
                let one = found.remove(0);
                one.emit().text(&last).await.expect("it is sent");
                one.disconnect().await.expect("it is confirmed");
            }
        }
        assert!(!socket.connected());
        let seen = client.read_up_to("41").await;
        let has_last = seen.iter().any(|message| message.contains(&last));
        assert!(has_last, "{seen:?}");
    }
}

pub(crate) async fn prove_disconnect(engine: impl Engine) {
    let cluster = async || cluster(&engine.url(), "disconnect").await;
    prove_between(cluster().await, cluster().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnects_clients_of_other_servers() {
    let hub = Hub::new();
    prove_between(hub.cluster(), hub.cluster()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unconfirmed_disconnect_is_an_error() {
    let hub = Hub::new();
    let cluster = || {
        let timeout = Duration::from_millis(300);
        hub.cluster().request_timeout(timeout)
    };
    let (a, guests) = open(cluster()).await;
    let (b, others) = open(cluster()).await;
    hub.settled().await.expect("they know each other");
    let mut here = StalledClient::websocket(a.address).await;
    let _there = StalledClient::websocket(b.address).await;
    let (socket, other) = (guest(&a).await, guest(&b).await);
    let servers = a.io.cluster().others().await;
    assert_eq!(servers.len(), 1);
    let found = a.io.of(Bar).except(socket.id()).fetch_sockets().await;
    let remote = found.expect("it works").remove(0);

    hub.cut(&b.io);
    let Err(error) = a.io.of(Bar).disconnect().await else {
        panic!("the other server does not hear it");
    };
    assert!(matches!(error, DisconnectError::Unconfirmed { .. }));
    assert_eq!(error.servers(), servers);
    assert!(error.to_string().starts_with("1 other server"), "{error}");
    // The sockets of this server are disconnected, but those of the other server are not.
    assert!(!socket.connected() && other.connected());
    here.send(r#"42["act"]"#).await;
    here.handled().await;
    assert_eq!((guests.acts(), others.acts()), (0, 0));
    // The other server is known to be silent, but may still have sockets.
    assert_eq!(a.io.cluster().server_count().await, 1);
    let again = a.io.of(Bar).disconnect().await;
    assert_eq!(
        again.map_err(|error| error.servers().to_vec()),
        Err(servers.clone())
    );
    let one = remote.disconnect().await;
    assert_eq!(
        one.map_err(|error| error.servers().to_vec()),
        Err(servers.clone())
    );
    // A local disconnection needs no other server.
    assert_eq!(a.io.of(Bar).local().disconnect().await, Ok(()));

    hub.cut(&a.io);
    let Err(error) = a.io.of(Bar).disconnect().await else {
        panic!("nobody hears it");
    };
    assert!(matches!(error, DisconnectError::NoConnection { .. }));
    hub.heal(&a.io);
    hub.heal(&b.io);
    hub.settled().await.expect("they know each other again");
    assert_eq!(a.io.of(Bar).disconnect().await, Ok(()));
    assert!(!other.connected());
}
