//! Session expiry.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sio_types::{Parser, prelude::*};
use sio_types_test_support::{
    node,
    raw_client::{WEBSOCKET, WebSocket},
    server, until, within,
};
use tokio::sync::Notify;

#[payload]
pub struct Credentials {
    token: String,
}

/// Socket data that counts as a reference to the socket until everything about the socket is dropped.
#[payload]
#[derive(Clone)]
pub struct Data {
    token: String,
    #[serde(skip)]
    _presence: Arc<()>,
}

#[events]
pub trait ServerToClient {
    fn token_expired();
    fn noise(text: String);
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    /// Renews the session for some milliseconds, or without an expiry if there is no number.
    fn renew(milliseconds: Option<u64>) -> ();
    /// Fills the send buffer.
    fn flood();
    fn log() -> Vec<String>;
}

#[derive(Events)]
#[events(
    namespace = "/",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    auth = Credentials,
    socket_data = Data,
)]
pub struct Root;

#[derive(Clone, Default)]
struct Handler {
    presence: Arc<()>,
    log: Arc<Mutex<Vec<String>>>,
    /// Notification that a client has renewed its token after its session expired.
    renewed: Arc<Notify>,
}

impl Handler {
    fn note(&self, socket: &Socket<Root>, what: &str) {
        let line = format!("{} {what}", socket.data().token);
        self.log.lock().expect("no panic holds it").push(line);
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().expect("no panic holds it").clone()
    }
}

impl ClientToServer<Socket<Root>> for Handler {
    async fn alive(&self, _: Socket<Root>) {}

    async fn renew(&self, socket: Socket<Root>, milliseconds: Option<u64>) {
        self.note(&socket, "renews");
        match milliseconds {
            Some(milliseconds) => socket.expires_in(Duration::from_millis(milliseconds)),
            None => socket.never_expires(),
        }
        if socket.data().token == "brief and renewed" {
            self.renewed.notify_one();
        }
    }

    async fn flood(&self, socket: Socket<Root>) {
        socket.expires_in(Duration::ZERO);
        while socket.emit().noise("x".repeat(10_000)).is_ok() {}
    }

    async fn log(&self, _: Socket<Root>) -> Vec<String> {
        self.log()
    }
}

/// Returns the expiry time in a token, like the `exp` claim of a JWT.
fn exp(token: &str) -> Option<u64> {
    token.split_once("exp=")?.1.parse().ok()
}

impl Lifecycle<Root> for Handler {
    async fn authenticate(
        &self,
        handshake: &Handshake<Root>,
        Credentials { token }: Credentials,
    ) -> Result<Data, ConnectError> {
        if let Some(exp) = exp(&token) {
            handshake.expires_at(UNIX_EPOCH + Duration::from_secs(exp));
        }
        if token.starts_with("brief") {
            handshake.expires_in(Duration::from_millis(50));
        }
        if token.starts_with("endless") {
            handshake.expires_in(Duration::MAX);
        }
        let presence = self.presence.clone();
        Ok(Data {
            token,
            _presence: presence,
        })
    }

    async fn connected(&self, socket: Socket<Root>) {
        self.note(&socket, "connected");
    }

    async fn expired(&self, socket: Socket<Root>) {
        self.note(&socket, "expired");
        socket.emit().token_expired().ok();
        match socket.data().token.as_str() {
            // The client has a moment to renew the token.
            "brief and renewed" => {
                within("a new token", self.renewed.notified()).await;
            }
            "brief and kept" => socket.never_expires(),
            "brief and panics" => panic!("the hook's secret"),
            _ => {}
        }
    }

    async fn disconnected(&self, socket: Socket<Root>, reason: DisconnectReason) {
        self.note(&socket, &format!("{reason:?}"));
    }
}

async fn serve(builder: sio_types::Builder) -> (server::Server, Handler) {
    let handler = Handler::default();
    let server = server::serve(builder, |io| {
        io.mount::<Root, _>(handler.clone()).expect("mounted once");
    })
    .await;
    (server, handler)
}

/// Waits until every socket is dropped.
async fn is_empty(handler: &Handler) {
    until("nothing is left of any socket", async || {
        // One reference belongs to the test, the other to the mounted handler.
        Arc::strong_count(&handler.presence) == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_is_disconnected_when_its_session_expires() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let (server, handler) = serve(SocketIo::builder().parser(parser)).await;
        node::run_client("expiry.mjs", server.address, parser).await;
        is_empty(&handler).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_timer_does_not_keep_a_closed_socket() {
    let (server, handler) = serve(SocketIo::builder()).await;
    let soon = SystemTime::now() + Duration::from_secs(3600);
    let soon = soon.duration_since(UNIX_EPOCH).expect("later").as_secs();
    for token in [format!("exp={soon}"), "endless".to_owned()] {
        let mut client = enter(server.address, &token).await;
        client.send(r#"421["alive"]"#).await;
        client.until(|message| message == "431[]").await;
        drop(client);
        is_empty(&handler).await;
    }
}

async fn enter(server: std::net::SocketAddr, token: &str) -> WebSocket {
    let opened = WebSocket::open(server, WEBSOCKET, &[]).await;
    let mut client = opened.expect("let in");
    client.send(&format!(r#"40{{"token":"{token}"}}"#)).await;
    client.until(|message| message.starts_with("40{")).await;
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_client_that_does_not_read_is_disconnected() {
    let (server, handler) = serve(SocketIo::builder()).await;
    let mut client = enter(server.address, "deaf").await;
    client.send(r#"42["flood"]"#).await;
    until("it expires", async || {
        handler.log().contains(&"deaf expired".to_owned())
    })
    .await;
    until("it is in no room, and gone", async || {
        server.io.of(Root).sockets().is_empty()
    })
    .await;
    // The server does not handle events that the client sends meanwhile.
    client.send(r#"42["renew",100000]"#).await;
    drop(client);
    is_empty(&handler).await;
    assert!(!handler.log().contains(&"deaf renews".to_owned()));
}
