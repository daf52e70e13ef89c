//! Delivery of an event to the selected sockets.

use std::{future::Future, sync::Arc};

use super::{Broadcast, Scope};
use crate::{
    cluster::{
        bus::{
            Bus,
            envelope::{Action, Body},
        },
        question::Question,
    },
    contract::{error::EmitError, namespace::Namespace},
    session::acknowledgement::{AckObserver, Answers, RawAnswers, of_adapter, of_others},
    upstream::{BroadcastError, EmitWithAckError, Operators},
    wire::arguments::{Arguments, Outgoing},
};

impl<N: Namespace> Broadcast<N> {
    pub(crate) async fn send(
        self,
        event: &'static str,
        arguments: Box<dyn Arguments + Send + '_>,
    ) -> Result<(), EmitError> {
        self.notify_outgoing(event, &arguments);
        let this = self.without_slow_clients();
        let (relay, scope) = (this.relay(), this.scope.clone());
        let shared = this.shared.clone();
        let sent = deliver(this.checked(), scope, relay, event, arguments).await;
        if let Some(shared) = shared {
            shared.traffic.sent(event, sent.as_ref().err());
        }
        sent
    }

    /// Leaves out slow clients, which still have unsent packets, if the event is volatile.
    fn without_slow_clients(self) -> Self {
        let slow_clients = match &self.shared {
            Some(shared) if self.scope.is_volatile => shared.slow_clients.ids(),
            _ => return self,
        };
        if slow_clients.is_empty() {
            return self;
        }
        // Every socket is in the room of its own id.
        let rooms: Vec<_> = slow_clients.iter().map(ToString::to_string).collect();
        self.map(|operators| operators.except(rooms.clone()))
    }

    /// Returns an observer that measures the acknowledgements of an event.
    pub(crate) fn watch(&self, event: &'static str) -> Option<AckObserver> {
        let shared = self.shared.as_ref()?;
        Some(AckObserver::new(event, shared))
    }

    /// Sends an event and collects the answers: through the namespace's adapter, or through the other servers if this
    /// server does not have the namespace.
    pub(crate) async fn send_with_ack(
        self,
        event: &'static str,
        arguments: Box<dyn Arguments + Send + '_>,
    ) -> Result<Vec<Answers>, EmitError> {
        self.notify_outgoing(event, &arguments);
        let others = match self.relay() {
            Some(bus) => Some((self.question(&bus, event, &arguments)?, bus)),
            None => None,
        };
        let shared = self.shared.clone();
        let payload = Outgoing(arguments);
        let mut answers = Vec::new();
        for target in self.checked()? {
            let target = if others.is_some() {
                target.local()
            } else {
                target
            };
            let sending = send_with_ack(target, event, &payload);
            answers.push(of_adapter(sending.await?));
        }
        if let Some((question, bus)) = others {
            answers.push(of_others(question, bus));
        }
        if let Some(shared) = shared {
            shared.traffic.sent(event, None);
        }
        Ok(answers)
    }

    fn question(
        &self,
        bus: &Bus,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<Question, EmitError> {
        let Scope {
            path,
            selection,
            timeout,
            ..
        } = self.scope.clone();
        let timeout = timeout.unwrap_or(bus.request_timeout());
        Question::new(path, selection, event, arguments, timeout)
    }

    /// Calls the sockets' `on_any_outgoing` listeners, if there are any.
    fn notify_outgoing(&self, event: &'static str, arguments: &dyn Arguments) {
        if !self
            .shared
            .as_ref()
            .is_some_and(|shared| shared.has_outgoing_listeners())
        {
            return;
        }
        for socket in self.clone().sockets() {
            socket.notify_outgoing(event, arguments);
        }
    }

    /// Relays the action to the other servers if necessary, then returns the targets on this server.
    pub(super) async fn reached(
        self,
        relay: Option<(Arc<Bus>, Action)>,
    ) -> Result<Vec<Operators>, EmitError> {
        let scope = self.scope.clone();
        reach(self.checked()?, scope, relay).await
    }
}

/// Sends an event to the targets, and relays it to the other servers if the targets do not reach them.
async fn deliver(
    targets: Result<Vec<Operators>, EmitError>,
    scope: Scope,
    relay: Option<Arc<Bus>>,
    event: &'static str,
    arguments: Box<dyn Arguments + Send + '_>,
) -> Result<(), EmitError> {
    let relay = match relay {
        Some(bus) => Some((bus, Action::emit(event, &arguments, scope.is_volatile)?)),
        None => None,
    };
    let payload = Outgoing(arguments);
    for target in reach(targets?, scope, relay).await? {
        let sending = send(target, event, &payload);
        sending.await.or_else(EmitError::from_broadcast)?;
    }
    Ok(())
}

async fn reach(
    targets: Vec<Operators>,
    scope: Scope,
    relay: Option<(Arc<Bus>, Action)>,
) -> Result<Vec<Operators>, EmitError> {
    let Some((bus, action)) = relay else {
        return Ok(targets);
    };
    bus.publish(Body::Relay {
        namespace: scope.path,
        selection: scope.selection,
        action,
    })
    .await;
    Ok(targets.into_iter().map(Operators::local).collect())
}

// The packet is encoded before the future is first polled, and the future holds only the packet. These two are separate
// functions to show the compiler that the borrowed arguments are not kept over an `await`.

fn send<'a>(
    target: Operators,
    event: &'static str,
    payload: &'a Outgoing<Box<dyn Arguments + Send + '_>>,
) -> impl Future<Output = Result<(), BroadcastError>> + Send + 'a {
    target.emit(event, payload)
}

fn send_with_ack<'a>(
    target: Operators,
    event: &'static str,
    payload: &'a Outgoing<Box<dyn Arguments + Send + '_>>,
) -> impl Future<Output = Result<RawAnswers, EmitWithAckError>> + Send + 'a {
    target.emit_with_ack(event, payload)
}
