//! One client in one namespace.

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
    session::{dispatch::BARRIER, lifecycle::ConnectError},
    upstream::{Packet, client::PacketData},
    wire::message::{DecodeError, Message},
};

/// The emitter of what the clients of `N` send, towards `T`.
type ClientEmitter<N, T> = <<N as Namespace>::ClientToServer as EventSet>::Emitter<T>;

/// A client of namespace `N`, as `socket.io-client` would be one.
///
/// What the server sends is kept until it is asked for, in the order in which it came. The client answers heartbeats by
/// itself, and stays connected as long as it or another of its [connection](Connection) is there; when the last is
/// dropped, they are gone without a word.
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

    /// Connects to a server, as [`Connection::open`] and [`Connection::connect`] do: the client is in the namespace, and
    /// its `connected` hook has been started.
    ///
    /// # Errors
    /// [`ConnectFailure::Refused`] if the server does not let the client in, and [`ConnectFailure::Failed`] if there is
    /// no connection.
    pub async fn connect(
        server: &impl Server,
        namespace: N,
        auth: N::Auth,
    ) -> Result<Self, ConnectFailure<N::ConnectErrorData>> {
        let connection = Connection::open(server).await?;
        connection.connect(namespace, auth).await
    }

    /// The socket's id, as the server has told it.
    pub fn id(&self) -> Sid {
        self.id
    }

    /// The connection, to enter other namespaces.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The events that can be sent to the server: each is a method of what this returns.
    ///
    /// An event is on its way when the method returns. Awaited, one with an acknowledgement is the answer. Any other
    /// resolves when the server has begun to handle it: its handler has run up to its first `.await` that had to wait,
    /// unless it is `#[event(concurrent)]`. What the handler has sent to this client until then has come.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> ClientEmitter<N, ToServer<'_, N>> {
        ToServer(self).into()
    }

    /// An event that the namespace need not have, with arguments that need not be right, to see how the server refuses
    /// it.
    pub fn emit_raw(
        &self,
        event: impl Into<String>,
        arguments: impl IntoIterator<Item = serde_json::Value>,
    ) -> RawEvent<'_, N> {
        RawEvent::new(self, event.into(), arguments.into_iter().collect())
    }

    /// Takes the next event that the server has sent, and waits for it if there is none.
    ///
    /// # Errors
    /// [`Problem::TimedOut`], [`Problem::Disconnected`] if none will come, and [`Problem::Invalid`] for an event that is
    /// none of the namespace's.
    pub async fn next(&self) -> Result<OutgoingEvent<N>, Failure> {
        let incoming = self.take("an event").await?;
        decode::<N>(&incoming).map_err(|reason| self.invalid("an event", &incoming, &reason))
    }

    /// Takes events until there is one for which `wanted` returns something.
    ///
    /// # Errors
    /// As [`next`](Self::next), and [`Problem::TimedOut`] if none of those that come is wanted; the failure's text has
    /// them.
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
        in_time.unwrap_or_else(|_| {
            Err(self.failure("an event that is wanted", Problem::TimedOut(timeout)))
        })
    }

    /// Takes all events that the server had sent when this was called.
    ///
    /// It proves as much as [`expect_nothing`](Self::expect_nothing).
    ///
    /// # Errors
    /// [`Problem::Invalid`] for an event that is none of the namespace's, and what stands in the way of a round trip.
    pub async fn received(&self) -> Result<Vec<OutgoingEvent<N>>, Failure> {
        let wanted = "the events so far";
        self.barrier(wanted).await?;
        let events =
            self.look(|inbox| std::iter::from_fn(|| inbox.take()?.ok()).collect::<Vec<_>>());
        let decode = |incoming: &Incoming| {
            decode::<N>(incoming).map_err(|reason| self.invalid(wanted, incoming, &reason))
        };
        events.iter().map(decode).collect()
    }

    /// Expects the next event to be this one, with exactly these arguments; they are compared as they are on the wire.
    ///
    /// Each event is a method of what this returns. If the server waits for an answer, what is awaited is a
    /// [`Question`](super::Question) that takes an answer of the declared type.
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
    /// An event whose arguments are not known beforehand is for [`expect_event!`](super::expect_event) or
    /// [`next`](Self::next).
    #[must_use = "nothing is expected before one of the emitter's methods is called"]
    pub fn expect(&self) -> EventEmitter<N, Expecting<'_, N>> {
        Expecting(self).into()
    }

    /// An event that was taken already, by [`next`](Self::next) or one of its siblings, and that the server waits for an
    /// answer to.
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
    #[must_use = "nothing is looked for before one of the emitter's methods is called"]
    pub fn expect_with_ack(&self) -> EventEmitter<N, Asked<'_, N>> {
        Asked(self).into()
    }

    /// Expects that nothing has come but what was taken already.
    ///
    /// It is no guess: the server is asked something that it answers at once, after all that this client has sent and
    /// behind all that was sent to it. So it proves that the server had sent this client no further event when the
    /// question arrived: neither before this was called, nor in the `connected` hook, nor in a handler of an event that
    /// this client had sent, up to the handler's first `.await` that had to wait.
    ///
    /// It does not prove that none will come: of a handler that is still at work, of an event of another client that is
    /// on its way (await its `emit`, which says when it has arrived), or from another server (await
    /// [`Hub::settled`](super::Hub::settled)). Under a
    /// [paused clock](https://docs.rs/tokio/latest/tokio/time/fn.pause.html), a `tokio::time::sleep` before it ends only
    /// when nothing in the process can go on, with which it proves that, too.
    ///
    /// # Errors
    /// [`Problem::Came`] if there was an event, and what stands in the way of the round trip.
    pub async fn expect_nothing(&self) -> Result<(), Failure> {
        let wanted = "nothing";
        match self.barrier(wanted).await {
            // Who is disconnected is sent nothing either.
            Ok(()) | Err(_) if self.look(|inbox| !inbox.events.is_empty()) => {
                let incoming = self.take(wanted).await?;
                Err(self.unexpected(wanted, &incoming))
            }
            done => done,
        }
    }

    /// Leaves the namespace, and waits until the server has noticed: its
    /// [`disconnected`](crate::Lifecycle::disconnected) hook has been started. The connection stays.
    ///
    /// # Errors
    /// [`Problem::Disconnected`] if it is not connected.
    pub async fn disconnect(&self) -> Result<(), Failure> {
        let wanted = "to be connected";
        self.connected(wanted)?;
        self.send(PacketData::Disconnect);
        self.change(|inbox| inbox.phase = Phase::Gone(Disconnected::ByClient));
        self.barrier(wanted).await
    }

    /// Breaks the connection, of which the server is told nothing, for all of its clients: as if the network had failed.
    pub fn abort(&self) {
        self.connection.transport().cut();
    }

    /// Waits until the client is not connected any more, and says why.
    ///
    /// # Errors
    /// [`Problem::TimedOut`] if it stays connected.
    pub async fn disconnected(&self) -> Result<Disconnected, Failure> {
        let gone = self.wait("to be disconnected", |inbox| inbox.gone());
        gone.await
    }

    /// Connects again with the same `auth`, on the same connection or, if that has ended, on a new one. What came before
    /// is forgotten.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn reconnect(&mut self) -> Result<(), ConnectFailure<N::ConnectErrorData>> {
        let connection = self.connection.again().await?;
        let (path, auth) = (self.path.clone(), self.auth.clone());
        *self = connection.connect_encoded(path, auth).await?;
        Ok(())
    }

    /// The next event, or why it is none; for `expect_event!`.
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

    /// The next event, as it came.
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

    /// Resolves when the server has handled all that was sent up to here, and all that it had sent has come.
    pub(super) async fn barrier(&self, wanted: &str) -> Result<(), Failure> {
        let transport = self.connection.transport();
        let passed = transport.barrier(wanted, self.connection.timeout()).await;
        passed.map_err(|failure| failure.after(self.look(|inbox| inbox.seen())))?;
        // It may have been disconnected; an event to a namespace that it is not in would end the connection.
        if self.look(|inbox| inbox.gone()).is_some() {
            return Ok(());
        }
        // What the connection had no room for waits, and this answer behind it.
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

    /// An error if the client is not connected.
    pub(super) fn connected(&self, wanted: &str) -> Result<(), Failure> {
        match self.look(|inbox| inbox.gone()) {
            None => Ok(()),
            Some(reason) => Err(self.failure(wanted, Problem::Disconnected(reason))),
        }
    }

    pub(super) fn failure(&self, wanted: &str, problem: Problem) -> Failure {
        Failure::new(wanted, problem).after(self.look(|inbox| inbox.seen()))
    }

    /// The failure of an event that was just taken.
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

/// The error is why it is none of the namespace's events.
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

/// Why a client is not connected.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectFailure<D> {
    /// The server does not let it in: the client's
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error).
    Refused(ConnectError<D>),
    /// There is no connection, or no answer.
    Failed(Failure),
}

impl<D> ConnectFailure<D> {
    /// What the server says, if it is the server who does not let the client in.
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
