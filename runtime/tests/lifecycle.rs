//! The lifecycle of a socket: order, rooms, broadcasts, dynamic namespaces, listeners and middleware.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex},
    time::Duration,
};

use sio_types::{AckError, EmitError, MountError, Parser, Rejected, prelude::*, testing::Client};
use sio_types_test_support::{node, server, until};

#[events]
pub trait ServerToClient {
    fn ready();
    fn number(number: u32);
    fn text(text: String);
    fn question(text: String) -> String;
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn number(number: u32);
    fn slow(number: u32);
    fn seen() -> Vec<u32>;
    fn log() -> Vec<String>;
    #[event(concurrent)]
    fn blocking(milliseconds: u64) -> ();
    fn join(room: String) -> Vec<String>;
    fn leave(room: String) -> Vec<String>;
    fn say(how: String, room: String, text: String) -> ();
    fn poll(room: String) -> Vec<String>;
    fn impatient() -> String;
    fn kick(room: String) -> u32;
    fn who() -> String;
    fn limited(text: String) -> Result<String, String>;
    fn burst(count: u32) -> String;
}

#[derive(Events)]
#[events(
    namespace = "/",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = String,
    auth = Option<String>,
)]
pub struct Root;

#[derive(Events)]
#[events(namespace = "/tenant/{name}/{number}", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Tenant {
    pub name: String,
    pub number: u32,
}

#[derive(Clone, Default)]
struct Handler {
    seen: Arc<Mutex<HashMap<Sid, Vec<u32>>>>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Handler {
    fn note(&self, line: impl Into<String>) {
        self.log
            .lock()
            .expect("no panic holds it")
            .push(line.into());
    }

    fn see<N: sio_types::Namespace>(&self, socket: &Socket<N>, number: u32) {
        let mut seen = self.seen.lock().expect("no panic holds it");
        seen.entry(socket.id()).or_default().push(number);
    }
}

impl<N> ClientToServer<Socket<N>> for Handler
where
    N: sio_types::Namespace<
            ServerToClient = dyn ServerToClient,
            ClientToServer = dyn ClientToServer,
        >,
    N::SocketData: std::fmt::Debug,
{
    async fn alive(&self, _: Socket<N>) {}

    async fn number(&self, socket: Socket<N>, number: u32) {
        self.see(&socket, number);
    }

    async fn slow(&self, socket: Socket<N>, number: u32) {
        self.see(&socket, number);
        tokio::time::sleep(Duration::from_millis(u64::from(number % 7))).await;
    }

    async fn seen(&self, socket: Socket<N>) -> Vec<u32> {
        let seen = self.seen.lock().expect("no panic holds it");
        seen.get(&socket.id()).cloned().unwrap_or_default()
    }

    async fn log(&self, _: Socket<N>) -> Vec<String> {
        self.log.lock().expect("no panic holds it").clone()
    }

    async fn blocking(&self, _: Socket<N>, milliseconds: u64) {
        // tokio requires this for work that does not yield.
        tokio::task::block_in_place(|| std::thread::sleep(Duration::from_millis(milliseconds)));
    }

    async fn join(&self, socket: Socket<N>, room: String) -> Vec<String> {
        socket.join(room);
        rooms(&socket)
    }

    async fn leave(&self, socket: Socket<N>, room: String) -> Vec<String> {
        socket.leave(room);
        rooms(&socket)
    }

    async fn say(&self, socket: Socket<N>, how: String, room: String, text: String) {
        let targets = match how.as_str() {
            "to" => socket.to(room),
            "within" => socket.within(room),
            "except" => socket.except(room),
            "local" => socket.local(),
            "volatile" => socket.broadcast().volatile(),
            _ => socket.broadcast(),
        };
        targets.emit().text(text).await.expect("it is sent");
    }

    async fn poll(&self, socket: Socket<N>, room: String) -> Vec<String> {
        let question = socket.within(room).timeout(Duration::from_secs(2));
        let mut answers = question.emit().question("?").await.expect("it is sent");
        let mut texts = Vec::new();
        while let Some((_, answer)) = answers.next().await {
            texts.push(match answer {
                Ok(text) => text,
                Err(AckError::Timeout) => "(timeout)".to_owned(),
                Err(error) => error.to_string(),
            });
        }
        texts.sort();
        texts
    }

    async fn impatient(&self, socket: Socket<N>) -> String {
        let question = socket
            .timeout(Duration::from_millis(20))
            .emit()
            .question("?");
        match question.await {
            Ok(text) => text,
            Err(error) => error.to_string(),
        }
    }

    async fn kick(&self, socket: Socket<N>, room: String) -> u32 {
        let targets = socket.to(room);
        let count = targets.clone().sockets().len();
        targets.disconnect().await.expect("no other server");
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    async fn who(&self, socket: Socket<N>) -> String {
        format!("{:?} in {}", socket.data(), socket.namespace().path())
    }

    async fn limited(&self, _: Socket<N>, text: String) -> Result<String, String> {
        Ok(text)
    }

    async fn burst(&self, socket: Socket<N>, count: u32) -> String {
        (0..count)
            .find_map(|number| socket.emit().number(number).err())
            .map_or_else(|| "sent".to_owned(), |error| format!("{error:?}"))
    }
}

fn rooms<N: sio_types::Namespace>(socket: &Socket<N>) -> Vec<String> {
    let mut rooms: Vec<_> = socket.rooms().into_iter().map(String::from).collect();
    rooms.sort();
    rooms
}

impl Lifecycle<Root> for Handler {
    async fn authenticate(
        &self,
        _: &Handshake<Root>,
        auth: Option<String>,
    ) -> Result<String, ConnectError> {
        Ok(auth.unwrap_or_else(|| "nobody".to_owned()))
    }

    async fn connected(&self, socket: Socket<Root>) {
        match socket.data().as_str() {
            // Events of this client arrive while the hook runs.
            "slow" => tokio::time::sleep(Duration::from_millis(100)).await,
            "panic" => panic!("the hook's secret"),
            "listened" => self.listen(&socket),
            "panics" => panic_everywhere(&socket),
            _ => {}
        }
        self.note(format!("{} connected", socket.data()));
        socket.emit().ready().expect("it is sent");
    }

    async fn disconnected(&self, socket: Socket<Root>, reason: DisconnectReason) {
        if socket.data() == "lingers" {
            tokio::time::sleep(Duration::from_millis(20)).await;
            // The client may have reconnected and joined the same rooms. This leaves only the rooms of the old socket.
            socket.leave_all();
        }
        let rooms = rooms(&socket).len();
        self.note(format!("{} {reason:?} {rooms} rooms", socket.data()));
        assert_ne!(socket.data(), "panics", "the `disconnected` hook panics");
    }

    fn rejected(&self, socket: &Socket<Root>, _: &Rejected) {
        assert_ne!(socket.data(), "panics", "the `rejected` hook panics");
    }
}

fn panic_everywhere(socket: &Socket<Root>) {
    socket.on_any(|_| panic!("a listener panics"));
    socket.on_any_outgoing(|_| panic!("a listener panics"));
    socket.use_middleware(|event| async move {
        match &*event {
            ClientToServerEvent::Limited { text } if text == "panic" => panic!("it panics"),
            _ => Ok(()),
        }
    });
}

impl Handler {
    fn listen(&self, socket: &Socket<Root>) {
        let handler = self.clone();
        socket.on_any(move |event| {
            let arguments = match event {
                ClientToServerEvent::Say { text, .. } => text.clone(),
                ClientToServerEvent::Limited { text } => text.clone(),
                _ => String::new(),
            };
            handler.note(format!("in {} {arguments}", event.name()));
        });
        let handler = self.clone();
        socket.on_any_outgoing(move |event| {
            if let ServerToClientEvent::Text { text } = event {
                handler.note(format!("out {} {text}", event.name()));
            }
        });
        socket.use_middleware(|event| async move {
            match &*event {
                ClientToServerEvent::Limited { text } if text == "bad" => Err("not this".into()),
                _ => Ok(()),
            }
        });
    }
}

impl Lifecycle<Tenant> for Handler {}

#[tokio::test(flavor = "multi_thread")]
async fn socket_lifecycle() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let server = server::serve(SocketIo::builder().parser(parser), |io| {
            io.mount::<Root, _>(Handler::default())
                .expect("mounted once");
            io.mount::<Tenant, _>(Handler::default())
                .expect("mounted once");
            let again = io.mount::<Root, _>(Handler::default());
            assert!(matches!(again, Err(MountError::AlreadyMounted("/"))));
        })
        .await;
        node::run_client("lifecycle.mjs", server.address, parser).await;
        assert_eq!(server.io.all::<Tenant>().sockets().len(), 0);
        // The Node.js client has ended, and the server notices it next.
        until("no socket is left", async || {
            server.io.of(Root).sockets().is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn server_reaches_its_sockets() -> Result<(), Box<dyn Error>> {
    let (service, io) = SocketIo::builder().build_service();
    io.mount::<Tenant, _>(Handler::default())?;
    let tenant = |name: &str, number| Tenant {
        name: name.to_owned(),
        number,
    };
    let acme = || tenant("acme & co", 1);
    let first = Client::connect(&service, acme(), ()).await?;
    let second = Client::connect(&service, acme(), ()).await?;
    let other = Client::connect(&service, tenant("other", 2), ()).await?;

    let one = io.of(acme());
    let found = one.clone().fetch_sockets().await?;
    assert_eq!(found.len(), 2);
    let found = found.iter().find(|socket| socket.id() == first.id());
    let found = found.expect("it is one of them");
    assert_eq!(found.namespace().name, "acme & co");
    found.join("first").await?;
    assert_eq!(one.clone().to("first").sockets().len(), 1);
    assert!(one.get_socket(first.id()).is_some() && one.get_socket(other.id()).is_none());
    assert!(one.clone().rooms().await?.contains(&"first".into()));

    one.clone().to("first").emit().text("to first").await?;
    one.emit().text("to acme").await?;
    io.all::<Tenant>().emit().text("to all").await?;
    first.expect().text("to first").await?;
    for client in [&first, &second] {
        client.expect().text("to acme").await?;
    }
    for client in [&first, &second, &other] {
        client.expect().text("to all").await?;
        client.expect_nothing().await?;
    }
    Ok(())
}

#[tokio::test]
async fn unmounted_namespace_is_an_error() {
    let (_layer, io) = SocketIo::builder().build_layer();
    let sent = io.of(Root).emit().ready().await;
    assert_eq!(sent, Err(EmitError::NotMounted("/".into(), "Root")));
    assert_eq!(
        sent.map_err(|error| error.to_string()),
        Err("namespace `/` is not mounted; call `io.mount::<Root, _>(…)` first".into())
    );
}
