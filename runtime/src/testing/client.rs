//! A test client in one namespace.

use std::{fmt, marker::PhantomData};

use super::{
    connection::Connection,
    emit::{RawEvent, ToServer},
    expect::{Asked, Expecting},
    failure::{Failure, Problem},
    inbox::{Disconnected, Inbox, Incoming, Phase, State},
    server::Server,
};
use crate::{
    contract::{
        events::EventSet,
        namespace::{EventEmitter, Namespace, OutgoingEvent},
    },
    protocol::{Sid, Value},
    session::{connect_error::ConnectError, dispatch::received_event::BARRIER},
    upstream::{Packet, client::PacketData},
    wire::message::{DecodeError, Message},
};

/// The emitter of the events that clients of `N` send, with the target `T`.
type ClientEmitter<N, T> = <<N as Namespace>::ClientToServer as EventSet>::Emitter<T>;

/// A client of the namespace `N`, which speaks the same protocol as `socket.io-client`.
///
/// ```
/// use sio_types::{prelude::*, testing::Client};
///
/// #[events]
/// trait ClientToServer {
///     fn add(a: u32, b: u32) -> u32;
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/math", client_to_server = ClientToServer)]
/// struct Math;
///
/// struct MathServer;
///
/// impl Lifecycle<Math> for MathServer {}
///
/// impl ClientToServer<Socket<Math>> for MathServer {
///     async fn add(&self, _: Socket<Math>, a: u32, b: u32) -> u32 {
///         a + b
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (layer, io) = SocketIo::builder().build_layer();
/// io.mount::<Math, _>(MathServer)?;
///
/// let client = Client::connect(&layer, Math, ()).await?;
/// assert_eq!(client.emit().add(1, 2).await?, 3);
/// client.expect_nothing().await?;
/// # Ok(())
/// # }
/// ```
///
/// The client keeps the server's events in order until the test takes them. It answers heartbeats automatically. Unlike
/// `socket.io-client`, it does not reconnect automatically.
///
/// It stays connected as long as the client, its [connection](Connection) or another client of that connection exists.
/// When the last of them is dropped, the connection breaks without a disconnect packet.
pub struct Client<N: Namespace> {
    connection: Connection,
    path: String,
    auth: Value,
    id: Sid,
    namespace: PhantomData<fn() -> N>,
}

impl<N: Namespace> Client<N> {
    pub(super) fn new(connection: Connection, path: String, auth: Value, id: Sid) -> Self {
        Self {
            connection,
            path,
            auth,
            id,
            namespace: PhantomData,
        }
    }

    /// Connects to a server, like [`Connection::open`] followed by [`Connection::connect`]. When it returns, the client
    /// is in the namespace, and its `connected` hook has been started.
    ///
    /// # Errors
    ///
    /// Returns [`ConnectFailure::Refused`] if the server refuses the client, and [`ConnectFailure::Failed`] if there is
    /// no connection.
    pub async fn connect(
        server: &impl Server,
        namespace: N,
        auth: N::Auth,
    ) -> Result<Self, ConnectFailure<N::ConnectErrorData>> {
        let connection = Connection::open(server).await?;
        connection.connect(namespace, auth).await
    }

    /// Returns the socket's id, which the server has assigned.
    pub fn id(&self) -> Sid {
        self.id
    }

    /// Returns the connection, for example to connect to other namespaces.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns an emitter with one method for each event that clients send to the server.
    ///
    /// The method sends the event before it returns. The returned future depends on the event. With an acknowledgement,
    /// it resolves to the answer. Otherwise, it resolves when the server has started to handle the event: the handler
    /// has run up to its first `.await` that had to wait, unless it is `#[event(concurrent)]`. Everything that the
    /// handler had sent to this client by then has arrived.
    ///
    /// # Errors
    ///
    /// The future resolves to a [`Failure`] with [`Problem::Rejected`] if the server rejects an event with a fallible
    /// acknowledgement, [`Problem::TimedOut`] or [`Problem::Disconnected`] if there is no answer, and
    /// [`Problem::Invalid`] if the answer does not have the declared type.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> ClientEmitter<N, ToServer<'_, N>> {
        ToServer(self).into()
    }

    /// Creates an untyped event, to test the server's rejections. The namespace need not declare it, and its arguments
    /// need not match the declaration.
    ///
    /// ```no_run
    /// # use sio_types::{Namespace, RejectionCode, testing::{Client, Failure}};
    /// # async fn test<N: Namespace>(client: Client<N>) -> Result<(), Failure> {
    /// let rejection = client.emit_raw("post", [42.into()]).rejection().await?;
    /// assert_eq!(rejection.code, RejectionCode::InvalidPayload);
    /// # Ok(())
    /// # }
    /// ```
    pub fn emit_raw(
        &self,
        event: impl Into<String>,
        arguments: impl IntoIterator<Item = serde_json::Value>,
    ) -> RawEvent<'_, N> {
        RawEvent::new(self, event.into(), arguments.into_iter().collect())
    }

    /// Takes the server's next event, and waits for it if none has arrived.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::TimedOut`] if no event arrives in time, [`Problem::Disconnected`] if no more events will
    /// arrive, and [`Problem::Invalid`] for an event that the namespace does not declare.
    pub async fn next(&self) -> Result<OutgoingEvent<N>, Failure> {
        let incoming = self.take("an event").await?;
        decode::<N>(&incoming).map_err(|reason| self.invalid("an event", &incoming, &reason))
    }

    /// Takes events until `wanted` returns a value for one of them.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`next`](Self::next), and [`Problem::TimedOut`] if no event matches in time. The failure's
    /// text lists the events that arrived.
    pub async fn until<T>(
        &self,
        mut wanted: impl FnMut(OutgoingEvent<N>) -> Option<T>,
    ) -> Result<T, Failure> {
        let found = async {
            loop {
                if let Some(found) = wanted(self.next().await?) {
                    return Ok(found);
                }
            }
        };
        let timeout = self.connection.timeout();
        let in_time = tokio::time::timeout(timeout, found).await;
        in_time
            .unwrap_or_else(|_| Err(self.failure("a matching event", Problem::TimedOut(timeout))))
    }

    /// Takes all events that the server had sent before the call.
    ///
    /// It gives the same guarantee as [`expect_nothing`](Self::expect_nothing).
    ///
    /// # Errors
    ///
    /// Returns [`Problem::Invalid`] for an event that the namespace does not declare, and [`Problem::TimedOut`] or
    /// [`Problem::Unreachable`] if the round trip fails.
    pub async fn received(&self) -> Result<Vec<OutgoingEvent<N>>, Failure> {
        let wanted = "the received events";
        self.barrier(wanted).await?;
        let events =
            self.look(|inbox| std::iter::from_fn(|| inbox.take()?.ok()).collect::<Vec<_>>());
        let decode = |incoming: &Incoming| {
            decode::<N>(incoming).map_err(|reason| self.invalid(wanted, incoming, &reason))
        };
        events.iter().map(decode).collect()
    }

    /// Expects the next event to be the given one, with exactly the given arguments. They are compared in their encoded
    /// form.
    ///
    /// Returns an emitter with one method for each event, which returns a future. If the event has an acknowledgement,
    /// the future resolves to a [`Question`](super::Question) that takes an answer of the declared type.
    ///
    /// ```no_run
    /// # use sio_types::{prelude::*, testing};
    /// # #[events]
    /// # trait ServerToClient {
    /// #     fn typing(name: String);
    /// #     fn confirm(question: String) -> bool;
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
    /// # struct Chat;
    /// # async fn test(bob: testing::Client<Chat>) -> Result<(), testing::Failure> {
    /// bob.expect().typing("ada").await?;
    /// bob.expect().confirm("Sure?").await?.answer(true)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Use [`expect_event!`](super::expect_event) or [`next`](Self::next) for events whose arguments are not known in
    /// advance.
    ///
    /// # Errors
    ///
    /// The future resolves to a [`Failure`] with [`Problem::Came`] if the next event is another one, and
    /// [`Problem::TimedOut`] or [`Problem::Disconnected`] if no event arrives.
    #[must_use = "nothing is checked before one of the emitter's methods is called"]
    pub fn expect(&self) -> EventEmitter<N, Expecting<'_, N>> {
        Expecting(self).into()
    }

    /// Returns an emitter that finds an event that [`next`](Self::next) or a similar method has taken, so that the test
    /// can answer it. The server must be waiting for the answer.
    ///
    /// ```no_run
    /// # use sio_types::{prelude::*, testing};
    /// # #[events]
    /// # trait ServerToClient {
    /// #     fn confirm(question: String) -> bool;
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
    /// # struct Chat;
    /// # async fn test(bob: testing::Client<Chat>) -> Result<(), testing::Failure> {
    /// let ServerToClientEvent::Confirm { question } = bob.next().await?;
    /// let is_sure = question.ends_with("now?");
    /// bob.expect_with_ack().confirm(question)?.answer(is_sure)?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is searched before one of the emitter's methods is called"]
    pub fn expect_with_ack(&self) -> EventEmitter<N, Asked<'_, N>> {
        Asked(self).into()
    }

    /// Expects that no event has arrived except those that were taken.
    ///
    /// The client sends a request to the server that the server answers immediately. The server reads it after
    /// everything that this client has sent, and the answer arrives behind everything that was sent to the client. The
    /// result therefore covers all events up to the moment when the request reached the server. These include events
    /// from before the call, from the `connected` hook, and from handlers of this client's events up to their first
    /// `.await` that had to wait.
    ///
    /// It does not cover events that the server sends later. Examples are a handler that is still running, an event of
    /// another client that is still in transit (await its `emit`), and an event from another server (await
    /// [`Hub::settled`](super::Hub::settled)). Under a
    /// [paused clock](https://docs.rs/tokio/latest/tokio/time/fn.pause.html), a `tokio::time::sleep` before the call
    /// covers these as well: it ends only when no task of the process can continue.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::Came`] if there was an event, and [`Problem::TimedOut`] or [`Problem::Unreachable`] if the
    /// round trip fails.
    pub async fn expect_nothing(&self) -> Result<(), Failure> {
        let wanted = "no event";
        match self.barrier(wanted).await {
            // A client that is disconnected receives nothing either.
            Ok(()) | Err(_) if self.look(|inbox| !inbox.events.is_empty()) => {
                let incoming = self.take(wanted).await?;
                Err(self.unexpected(wanted, &incoming))
            }
            done => done,
        }
    }

    /// Leaves the namespace, and waits until the server has started its
    /// [`disconnected`](crate::Lifecycle::disconnected) hook. The connection stays open.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::Disconnected`] if the client is not connected.
    pub async fn disconnect(&self) -> Result<(), Failure> {
        let wanted = "the client to be connected";
        self.connected(wanted)?;
        self.send(PacketData::Disconnect);
        self.change(|inbox| inbox.phase = Phase::Gone(Disconnected::ByClient));
        self.barrier(wanted).await
    }

    /// Breaks the connection for all of its clients without notifying the server, like a network failure.
    pub fn abort(&self) {
        self.connection.transport().cut();
    }

    /// Waits until the client is disconnected, and returns the reason.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::TimedOut`] if the client stays connected.
    pub async fn disconnected(&self) -> Result<Disconnected, Failure> {
        let gone = self.wait("the client to be disconnected", |inbox| inbox.gone());
        gone.await
    }

    /// Connects again with the same `auth`. It uses the same connection, or a new one if that has ended. Earlier events
    /// are discarded.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`connect`](Self::connect).
    pub async fn reconnect(&mut self) -> Result<(), ConnectFailure<N::ConnectErrorData>> {
        let connection = self.connection.again().await?;
        let (path, auth) = (self.path.clone(), self.auth.clone());
        *self = connection.connect_encoded(path, auth).await?;
        Ok(())
    }

    /// Takes the next event, with the failure to report if it does not match; for `expect_event!`.
    #[doc(hidden)]
    pub async fn next_or_failure(
        &self,
        wanted: &str,
    ) -> Result<(OutgoingEvent<N>, Failure), Failure> {
        let wanted = format!("`{wanted}`");
        let incoming = self.take(&wanted).await?;
        match decode::<N>(&incoming) {
            Ok(event) => Ok((event, self.unexpected(&wanted, &incoming))),
            Err(reason) => Err(self.invalid(&wanted, &incoming, &reason)),
        }
    }

    /// Takes the next event without decoding it.
    pub(super) async fn take(&self, wanted: &str) -> Result<Incoming, Failure> {
        let taken = self.wait(wanted, Inbox::take).await?;
        taken.map_err(|reason| self.failure(wanted, Problem::Disconnected(reason)))
    }

    pub(super) async fn wait<T>(
        &self,
        wanted: &str,
        mut look: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<T, Failure> {
        let timeout = self.connection.timeout();
        let received = &self.connection.transport().received;
        let found = received.wait(timeout, |state| look(inbox(state, &self.path)));
        let found = found.await;
        found.ok_or_else(|| self.failure(wanted, Problem::TimedOut(timeout)))
    }

    /// Resolves when the server has handled everything that was sent before, and everything that it had sent has
    /// arrived.
    pub(super) async fn barrier(&self, wanted: &str) -> Result<(), Failure> {
        let transport = self.connection.transport();
        let passed = transport.barrier(wanted, self.connection.timeout()).await;
        passed.map_err(|failure| failure.after(self.look(|inbox| inbox.seen())))?;
        // The client may have been disconnected. An event to a namespace that it is not in would end the connection.
        if self.look(|inbox| inbox.gone()).is_some() {
            return Ok(());
        }
        // Packets that did not fit into the connection's buffer are queued, and this answer behind them.
        let id = transport.next_number();
        let value = transport.codec.arguments(Some(BARRIER), &());
        let value = value.map_err(|error| self.failure(wanted, Problem::Emit(error)))?;
        self.send(PacketData::Event(value, Some(id)));
        self.wait(wanted, |inbox| {
            let is_passed = inbox.answers.remove(&id).is_some();
            (is_passed || inbox.gone().is_some()).then_some(())
        })
        .await
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Inbox) -> T) -> T {
        let received = &self.connection.transport().received;
        look(inbox(&mut received.state(), &self.path))
    }

    fn change(&self, change: impl FnOnce(&mut Inbox)) {
        let received = &self.connection.transport().received;
        received.change(|state| change(inbox(state, &self.path)));
    }

    pub(super) fn send(&self, inner: PacketData) {
        let ns = self.path.clone().into();
        self.connection.transport().send(Packet { inner, ns });
    }

    /// Returns an error if the client is not connected.
    pub(super) fn connected(&self, wanted: &str) -> Result<(), Failure> {
        match self.look(|inbox| inbox.gone()) {
            None => Ok(()),
            Some(reason) => Err(self.failure(wanted, Problem::Disconnected(reason))),
        }
    }

    pub(super) fn failure(&self, wanted: &str, problem: Problem) -> Failure {
        Failure::new(wanted, problem).after(self.look(|inbox| inbox.seen()))
    }

    /// Returns the failure for an event that was just taken.
    pub(super) fn unexpected(&self, wanted: &str, incoming: &Incoming) -> Failure {
        let before = self.look(|inbox| inbox.log(1));
        incoming.unexpected(wanted).after(before)
    }

    fn invalid(&self, wanted: &str, incoming: &Incoming, reason: &str) -> Failure {
        let problem = Problem::Invalid(format!("`{incoming}`: {reason}"));
        let before = self.look(|inbox| inbox.log(1));
        Failure::new(wanted, problem).after(before)
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

fn inbox<'s>(state: &'s mut State, path: &str) -> &'s mut Inbox {
    state.namespaces.entry(path.to_owned()).or_default()
}

/// Decodes an event. The error is the reason why the namespace does not declare the event.
fn decode<N: Namespace>(incoming: &Incoming) -> Result<OutgoingEvent<N>, String> {
    let message = Message::from_event(incoming.value.clone());
    let decoded = message.map_or(Ok(None), |message| N::ServerToClient::decode(&message));
    match decoded {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err("the namespace has no such event".to_owned()),
        Err(error) => Err(DecodeError::to_string(&error)),
    }
}

impl<N: Namespace> fmt::Debug for Client<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("namespace", &self.path)
            .finish_non_exhaustive()
    }
}

/// Error returned when a test client could not connect to a namespace.
///
/// ```no_run
/// # use sio_types::{ConnectError, Namespace, testing::{Client, ConnectFailure, Server}};
/// # async fn test<N: Namespace<Auth = String>>(app: impl Server, chat: N) {
/// let failure = Client::connect(&app, chat, "wrong token".to_owned()).await.err();
/// let error = failure.as_ref().and_then(ConnectFailure::refusal);
/// assert_eq!(error.map(ConnectError::message), Some("unknown token"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectFailure<D> {
    /// The server refuses the client: the client's
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error).
    Refused(ConnectError<D>),
    /// There is no connection, or the server does not answer.
    Failed(Failure),
}

impl<D> ConnectFailure<D> {
    /// Returns the server's connect error, if the server refused the client.
    pub fn refusal(&self) -> Option<&ConnectError<D>> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Failed(_) => None,
        }
    }
}

impl<D> From<Failure> for ConnectFailure<D> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl<D> fmt::Display for ConnectFailure<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "the server refused the client: {}", error.message()),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl<D: fmt::Debug> std::error::Error for ConnectFailure<D> {}
