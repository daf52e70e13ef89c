//! Object-safe version of socketioxide's `CoreAdapter`, so that a socket has the same type with every cluster engine.
//!
//! Contract: `CoreAdapter` has the methods below, and no others that matter to a server (`docs/upstream.md`,
//! *Contracts*; checked by the compiler).

use std::{fmt::Display, pin::Pin, sync::Arc, time::Duration};

use futures_util::{TryFuture, TryFutureExt, future::BoxFuture, stream::FusedStream};
use socketioxide::adapter::Emitter;
use socketioxide_core::{
    adapter::{
        AckStreamItem, BroadcastOptions, CoreAdapter, CoreLocalAdapter, RemoteSocketData,
        SocketEmitter,
        errors::{AdapterError, BroadcastError},
    },
    packet::Packet,
};

use crate::protocol::Room;

type AckError = <Emitter as SocketEmitter>::AckError;

/// Acknowledgements of a broadcast, from this server and others.
pub(crate) type AckStream = Pin<Box<dyn FusedStream<Item = AckStreamItem<AckError>> + Send>>;

/// Adapter of one namespace over a cluster engine.
pub(crate) trait EngineAdapter: Send + Sync {
    /// Subscribes to the messages of other servers.
    fn init(self: Arc<Self>) -> BoxFuture<'static, Result<(), String>>;
    /// Unsubscribes from the messages of other servers.
    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>>;
    fn local(&self) -> &CoreLocalAdapter<Emitter>;
    fn server_count(&self) -> BoxFuture<'_, Result<u16, AdapterError>>;
    fn broadcast(
        &self,
        packet: Packet,
        opts: BroadcastOptions,
    ) -> BoxFuture<'_, Result<(), BroadcastError>>;
    fn broadcast_with_ack(
        &self,
        packet: Packet,
        opts: BroadcastOptions,
        timeout: Option<Duration>,
    ) -> BoxFuture<'_, Result<AckStream, AdapterError>>;
    fn add_sockets(
        &self,
        opts: BroadcastOptions,
        rooms: Vec<Room>,
    ) -> BoxFuture<'_, Result<(), AdapterError>>;
    fn del_sockets(
        &self,
        opts: BroadcastOptions,
        rooms: Vec<Room>,
    ) -> BoxFuture<'_, Result<(), AdapterError>>;
    fn disconnect_socket(
        &self,
        opts: BroadcastOptions,
    ) -> BoxFuture<'_, Result<(), BroadcastError>>;
    fn rooms(&self, opts: BroadcastOptions) -> BoxFuture<'_, Result<Vec<Room>, AdapterError>>;
    fn fetch_sockets(
        &self,
        opts: BroadcastOptions,
    ) -> BoxFuture<'_, Result<Vec<RemoteSocketData>, AdapterError>>;
}

/// Factory for the adapters of a server's namespaces, which all use the same cluster engine.
pub(crate) trait AdapterFactory: Send + Sync {
    /// Creates the adapter of a namespace.
    fn adapter(&self, local: CoreLocalAdapter<Emitter>) -> Arc<dyn EngineAdapter>;

    /// Resolves when the engine is connected.
    fn connected(&self) -> BoxFuture<'_, ()>;

    /// Returns `true` if a subscription replaces an earlier one of this server to the same channel. Closing the earlier
    /// adapter would then end the subscription of the later one.
    fn replaces_subscriptions(&self) -> bool;
}

/// Converts an adapter of socketioxide to a trait object.
pub(crate) fn erase<A>(adapter: A) -> Arc<dyn EngineAdapter>
where
    A: CoreAdapter<Emitter>,
    A::InitRes: TryFuture<Ok = (), Error: Display> + 'static,
{
    Arc::new(Erased(Arc::new(adapter)))
}

struct Erased<A>(Arc<A>);

impl<A> EngineAdapter for Erased<A>
where
    A: CoreAdapter<Emitter>,
    A::InitRes: TryFuture<Ok = (), Error: Display> + 'static,
{
    fn init(self: Arc<Self>) -> BoxFuture<'static, Result<(), String>> {
        let subscribed = self.0.clone().init(|| ());
        Box::pin(subscribed.map_err(|error| error.to_string()))
    }

    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>> {
        Box::pin(async { self.0.close().await.map_err(Into::into) })
    }

    fn local(&self) -> &CoreLocalAdapter<Emitter> {
        self.0.get_local()
    }

    fn server_count(&self) -> BoxFuture<'_, Result<u16, AdapterError>> {
        Box::pin(async { self.0.server_count().await.map_err(Into::into) })
    }

    fn broadcast(
        &self,
        packet: Packet,
        opts: BroadcastOptions,
    ) -> BoxFuture<'_, Result<(), BroadcastError>> {
        Box::pin(self.0.broadcast(packet, opts))
    }

    fn broadcast_with_ack(
        &self,
        packet: Packet,
        opts: BroadcastOptions,
        timeout: Option<Duration>,
    ) -> BoxFuture<'_, Result<AckStream, AdapterError>> {
        Box::pin(async move {
            let answers = self.0.broadcast_with_ack(packet, opts, timeout).await;
            answers
                .map(|answers| Box::pin(answers) as AckStream)
                .map_err(Into::into)
        })
    }

    fn add_sockets(
        &self,
        opts: BroadcastOptions,
        rooms: Vec<Room>,
    ) -> BoxFuture<'_, Result<(), AdapterError>> {
        Box::pin(async { self.0.add_sockets(opts, rooms).await.map_err(Into::into) })
    }

    fn del_sockets(
        &self,
        opts: BroadcastOptions,
        rooms: Vec<Room>,
    ) -> BoxFuture<'_, Result<(), AdapterError>> {
        Box::pin(async { self.0.del_sockets(opts, rooms).await.map_err(Into::into) })
    }

    fn disconnect_socket(
        &self,
        opts: BroadcastOptions,
    ) -> BoxFuture<'_, Result<(), BroadcastError>> {
        Box::pin(self.0.disconnect_socket(opts))
    }

    fn rooms(&self, opts: BroadcastOptions) -> BoxFuture<'_, Result<Vec<Room>, AdapterError>> {
        Box::pin(async { self.0.rooms(opts).await.map_err(Into::into) })
    }

    fn fetch_sockets(
        &self,
        opts: BroadcastOptions,
    ) -> BoxFuture<'_, Result<Vec<RemoteSocketData>, AdapterError>> {
        Box::pin(async { self.0.fetch_sockets(opts).await.map_err(Into::into) })
    }
}
