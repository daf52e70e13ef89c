//! Events to one socket on any server.

use std::{pin::Pin, time::Duration};

use futures_util::StreamExt;

use super::address::RemoteAddress;
use crate::{
    api::emit::EmitFuture,
    cluster::{bus::envelope::Action, question::Question},
    contract::{
        emit_target::EmitTarget,
        error::{AckError, EmitError},
    },
    upstream::{CoreAdapter, Packet},
    wire::{
        acknowledgement::Answer,
        arguments::Arguments,
        message::{DecodeError, Message},
    },
};

/// Emit target for one socket on any server: the emitter's method returns a future that sends the event when awaited.
/// See [`RemoteSocket::emit`](crate::RemoteSocket::emit).
pub struct RemoteTarget {
    pub(super) address: RemoteAddress,
    pub(super) timeout: Option<Duration>,
}

impl EmitTarget for RemoteTarget {
    type Sent<'a> = EmitFuture<'a, ()>;
    type Acked<'a, R: Send + 'static> = AnswerFuture<'a, R>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        let address = self.address;
        let adapter = address.adapter();
        let encoded = match &adapter {
            Some(adapter) => address
                .packet(adapter, event, &arguments)
                .map(EncodedEvent::Packet),
            None => Action::emit(event, &arguments, false).map(EncodedEvent::Relayed),
        };
        Box::pin(async move {
            match (adapter, encoded?) {
                (Some(adapter), EncodedEvent::Packet(packet)) => adapter
                    .broadcast(packet, address.options())
                    .await
                    .or_else(EmitError::from_broadcast),
                (_, EncodedEvent::Relayed(action)) => address.relay(action).await,
                (None, EncodedEvent::Packet(_)) => Err(EmitError::Closed),
            }
        })
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        let Self { address, timeout } = self;
        let adapter = address.adapter();
        let question = match &adapter {
            Some(adapter) => address
                .packet(adapter, event, &arguments)
                .map(EncodedQuestion::Adapter),
            None => address
                .question(event, &arguments, timeout)
                .map(EncodedQuestion::Others),
        };
        Box::pin(async move {
            let answer = match (adapter, question?) {
                (Some(adapter), EncodedQuestion::Adapter(packet)) => {
                    let answers = adapter.broadcast_with_ack(packet, address.options(), timeout);
                    let mut answers = answers.await.map_err(EmitError::engine)?;
                    let answer = answers.next().await;
                    answer.map(|(_, answer)| Ok(Message::from_ack(answer?)))
                }
                (_, EncodedQuestion::Others(question)) => {
                    let mut answers = question.ask_others(&address.bus).await;
                    answers.pop().map(|(_, answer)| answer)
                }
                (None, EncodedQuestion::Adapter(_)) => None,
            };
            // A disconnected socket gives no answer.
            match decode(&answer.unwrap_or(Err(AckError::Closed))?)? {
                Answer::Value(value) => Ok(value),
                Answer::Rejected(rejection) => Err(AckError::Rejected(rejection)),
            }
        })
    }
}

/// Future of one socket's answer.
type AnswerFuture<'a, R> = Pin<Box<dyn Future<Output = Result<R, AckError>> + Send + 'a>>;

/// Encoded event with an acknowledgement.
enum EncodedQuestion {
    Adapter(Packet),
    Others(Question),
}

/// Encoded event without an acknowledgement.
enum EncodedEvent {
    Packet(Packet),
    Relayed(Action),
}
