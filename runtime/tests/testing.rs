//! The clients and the cluster of `sio_types::testing`, against servers as applications build them.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{error::Error, time::Duration};

use sio_types::{
    Parser, RejectionCode,
    prelude::*,
    testing::{self, Client, Connection, Disconnected, Problem, expect_event},
};

type Outcome = Result<(), Box<dyn Error>>;

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub name: String,
    pub bytes: Option<Binary>,
    pub size: f32,
}

#[payload]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum PostError {
    Empty,
}

#[events]
pub trait ServerToClient {
    fn posted(author: String, text: String);
    fn picture(picture: Picture);
    fn confirm(question: String) -> bool;
    fn seen() -> ();
    fn vote(on: String) -> Result<Picture, PostError>;
    fn outcome(outcome: String);
}

#[events]
pub trait ClientToServer {
    fn post(text: String) -> Result<u32, PostError>;
    fn say(text: String);
    fn draw(picture: Picture) -> Picture;
    fn ask();
    fn vote(on: String);
    fn later(text: String);
    fn kick();
    fn panics() -> Result<(), PostError>;
    fn burst(count: u32);
}

#[payload]
pub struct Credentials {
    pub name: String,
}

#[payload]
#[derive(Debug, PartialEq)]
pub struct Refused {
    pub retry_after: u32,
}

macro_rules! namespace {
    ($name:ident $path:literal $($fields:tt)*) => {
        #[derive(Events)]
        #[events(
            namespace = $path,
            server_to_client = ServerToClient,
            client_to_server = ClientToServer,
            auth = Credentials,
            socket_data = String,
            connect_error = Refused,
        )]
        pub struct $name $($fields)*
    };
}

namespace!(Chat "/chat";);
namespace!(Workspace "/workspace/{tenant}" { pub tenant: String });

struct Handler;

impl<N> ClientToServer<Socket<N>> for Handler
where
    N: sio_types::Namespace<
            ServerToClient = dyn ServerToClient,
            ClientToServer = dyn ClientToServer,
            SocketData = String,
        >,
{
    async fn post(&self, socket: Socket<N>, text: String) -> Result<u32, PostError> {
        if text.is_empty() {
            return Err(PostError::Empty);
        }
        let others = socket.broadcast();
        let count = others.clone().sockets().len();
        let posted = others.emit().posted(socket.data(), text);
        posted.await.expect("they are there");
        Ok(count.try_into().expect("a few"))
    }

    async fn say(&self, socket: Socket<N>, text: String) {
        let posted = socket.broadcast().emit();
        let posted = posted.posted(socket.data(), text);
        posted.await.expect("they are there");
    }

    async fn draw(&self, socket: Socket<N>, picture: Picture) -> Picture {
        socket.emit().picture(&picture).expect("it is connected");
        picture
    }

    async fn ask(&self, socket: Socket<N>) {
        let confirmed = socket.emit().confirm("Sure?").await;
        let seen = socket.emit().seen().await;
        let outcome = format!("{confirmed:?} {seen:?}");
        socket.emit().outcome(outcome).expect("it is connected");
    }

    async fn vote(&self, socket: Socket<N>, on: String) {
        let vote = socket.emit().vote(on).await;
        let outcome = format!("{vote:?}");
        socket.emit().outcome(outcome).expect("it is connected");
    }

    async fn later(&self, socket: Socket<N>, text: String) {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        socket.emit().outcome(text).expect("it is connected");
    }

    async fn kick(&self, socket: Socket<N>) {
        socket.disconnect().expect("it is connected");
    }

    async fn panics(&self, _: Socket<N>) -> Result<(), PostError> {
        panic!("on purpose");
    }

    async fn burst(&self, socket: Socket<N>, count: u32) {
        for index in 0..count {
            // The buffer may be full.
            let _ = socket.emit().outcome(index.to_string());
        }
    }
}

impl<N> Lifecycle<N> for Handler
where
    N: sio_types::Namespace<
            ServerToClient = dyn ServerToClient,
            Auth = Credentials,
            SocketData = String,
            ConnectErrorData = Refused,
        >,
{
    async fn authenticate(
        &self,
        handshake: &Handshake<N>,
        credentials: Credentials,
    ) -> Result<String, ConnectError<Refused>> {
        match &*credentials.name {
            "later" => Err(ConnectError::new("too early").with_data(Refused { retry_after: 5 })),
            "nobody" => Err(ConnectError::new("who is that?")),
            "handshake" => {
                let header = handshake.headers().get("x-agent");
                let header = header.and_then(|it| it.to_str().ok()).unwrap_or_default();
                let query = handshake.query("page").unwrap_or_default();
                Ok(format!("{header} {query}"))
            }
            _ => Ok(credentials.name),
        }
    }
}

fn app(builder: sio_types::Builder) -> (axum::Router, SocketIo) {
    let (layer, io) = builder.build_layer();
    io.mount::<Chat, _>(Handler).expect("mounted once");
    io.mount::<Workspace, _>(Handler).expect("mounted once");
    (axum::Router::new().layer(layer), io)
}

fn credentials(name: &str) -> Credentials {
    let name = name.to_owned();
    Credentials { name }
}

fn picture() -> Picture {
    Picture {
        name: "a dot".to_owned(),
        bytes: Some(Binary::from(vec![0, 159, 255])),
        size: 0.1,
    }
}

const PARSERS: [Parser; 2] = [Parser::Common, Parser::Msgpack];

/// A server under `parser`, and connections to it.
async fn server(parser: Parser) -> Result<(SocketIo, [Connection; 2]), Box<dyn Error>> {
    let (app, io) = app(SocketIo::builder().parser(parser));
    let open = || Connection::builder().parser(parser).open(&app);
    Ok((io, [open().await?, open().await?]))
}

#[tokio::test]
async fn events_and_acknowledgements_have_their_types_under_both_parsers() -> Outcome {
    for parser in PARSERS {
        let (_io, [first, second]) = server(parser).await?;
        let ada = first.connect(Chat, credentials("ada")).await?;
        let bob = second.connect(Chat, credentials("bob")).await?;
        assert_eq!(ada.emit().post("hello").await?, Ok(1));
        assert_eq!(ada.emit().post("").await?, Err(PostError::Empty));
        ada.emit().say("again").await?;
        bob.expect().posted("ada", "hello").await?;
        bob.expect().posted("ada", "again").await?;
        assert_eq!(ada.emit().draw(picture()).await?, picture());
        ada.expect().picture(picture()).await?;
        ada.expect_nothing().await?;
        bob.expect_nothing().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_asks_is_answered() -> Outcome {
    for parser in PARSERS {
        let (_io, [connection, _]) = server(parser).await?;
        let ada = connection.connect(Chat, credentials("ada")).await?;
        ada.emit().ask().await?;
        ada.expect().confirm("Sure?").await?.answer(true)?;
        ada.expect().seen().await?.answer(())?;
        ada.expect().outcome("Ok(true) Ok(())").await?;

        for answer in [Ok(picture()), Err(PostError::Empty)] {
            ada.emit().vote("lunch").await?;
            let on = expect_event!(ada, ServerToClientEvent::Vote { on } => on);
            ada.asked().vote(on)?.answer(&answer)?;
            let expected = format!("{:?}", Ok::<_, ()>(&answer));
            ada.expect().outcome(expected).await?;
        }
        let twice = ada.asked().vote("lunch").map(drop);
        assert!(twice.expect_err("it is answered").to_string().contains("no such question"));

        ada.emit().vote("lunch").await?;
        let question = ada.expect().vote("lunch").await?;
        question.answer_raw(serde_json::json!({ "status": "ok" }))?;
        let outcome = expect_event!(ada, ServerToClientEvent::Outcome { outcome } => outcome);
        assert!(outcome.contains("Decode"), "{outcome}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_client_knows_why() -> Outcome {
    for parser in PARSERS {
        let (_io, [connection, _]) = server(parser).await?;
        let refused = connection.connect(Chat, credentials("later")).await;
        let refused = refused.expect_err("it is refused");
        let refusal = refused.refusal().expect("by the server");
        assert_eq!(refusal.message(), "too early");
        assert_eq!(refusal.data(), Some(&Refused { retry_after: 5 }));
        let refused = connection.connect(Chat, credentials("nobody")).await;
        let refused = refused.expect_err("it is refused");
        assert_eq!(refused.refusal().expect("by the server").data(), None);
        let auth = serde_json::json!({ "name": 5 });
        let refused = connection.connect_raw(Chat, auth).await;
        assert!(refused.expect_err("it is refused").refusal().is_some());
        // Nothing is left of it.
        connection.connect(Chat, credentials("ada")).await?;
    }
    Ok(())
}
