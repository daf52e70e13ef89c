//! Selected sockets, on this server and on the others.

use bytes::Bytes;

use super::Broadcast;
use crate::{
    api::remote::RemoteSocket,
    cluster::{bus::envelope::Body, event::Outcome},
    contract::{error::EmitError, namespace::Namespace, server_id::ServerId},
    session::socket::Socket,
    upstream::Operators,
};

impl<N: Namespace> Broadcast<N> {
    /// Returns the selected sockets that are connected to this server.
    pub fn sockets(self) -> Vec<Socket<N>> {
        self.reachable()
            .into_iter()
            .flat_map(Operators::sockets)
            .filter_map(Socket::from_raw)
            .filter(Socket::connected)
            .collect()
    }

    /// Returns the sockets of all servers, with their typed data
    /// ([`fetchSockets`](https://socket.io/docs/v4/server-api/#serverfetchsockets)).
    ///
    /// ```
    /// # use sio_types::prelude::*;
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", socket_data = String)]
    /// # struct Chat;
    /// # async fn list(io: SocketIo) -> Result<(), EmitError> {
    /// for member in io.of(Chat).room("lobby").fetch_sockets().await? {
    ///     println!("{} on server {}", member.data(), member.server());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The other servers have the [`request_timeout`](crate::Cluster::request_timeout) to answer. The result does not
    /// contain the sockets of a server that does not answer in time, because it is dead or cut off. This server sends
    /// it no further request until it receives a message from it.
    ///
    /// # Errors
    ///
    /// Returns [`EmitError::NotMounted`] if the namespace was not mounted on this server.
    pub async fn fetch_sockets(self) -> Result<Vec<RemoteSocket<N>>, EmitError> {
        let here = self.clone().checked_sockets()?;
        let mut found: Vec<_> = here
            .into_iter()
            .filter_map(|socket| RemoteSocket::here(socket, self.bus.clone()?))
            .collect();
        let Some(bus) = &self.bus else {
            return Ok(found);
        };
        for (server, answer) in self.ask_others(false).await {
            let descriptions: Vec<Bytes> = match rmp_serde::from_slice(&answer) {
                Ok(descriptions) => descriptions,
                Err(error) => {
                    tracing::warn!(%server, %error, "failed to decode the sockets of another server");
                    continue;
                }
            };
            for description in descriptions {
                match RemoteSocket::elsewhere(server, &description, bus.clone()) {
                    Ok(socket) => found.push(socket),
                    Err(error) => {
                        tracing::warn!(%server, %error, "failed to decode a socket of another server");
                    }
                }
            }
        }
        Ok(found)
    }

    /// Returns the sockets of all servers; an alias of [`fetch_sockets`](Self::fetch_sockets) that reads well after
    /// [`room`](Self::room).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`fetch_sockets`](Self::fetch_sockets).
    pub async fn members(self) -> Result<Vec<RemoteSocket<N>>, EmitError> {
        self.fetch_sockets().await
    }

    /// Returns the number of sockets on all servers. It does not count the sockets of a server that does not answer in
    /// time.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`fetch_sockets`](Self::fetch_sockets).
    pub async fn count(self) -> Result<usize, EmitError> {
        let here = self.clone().checked_sockets()?.len();
        let others = self.ask_others(true).await;
        let counts = others
            .iter()
            .filter_map(|(_, answer)| rmp_serde::from_slice::<usize>(answer).ok());
        Ok(here + counts.sum::<usize>())
    }

    fn checked_sockets(self) -> Result<Vec<Socket<N>>, EmitError> {
        self.clone().checked()?;
        Ok(self.sockets())
    }

    /// Asks the other servers for their sockets, or for the number of their sockets.
    async fn ask_others(&self, count: bool) -> Vec<(ServerId, Bytes)> {
        let is_here = self.scope.is_local || self.scope.is_nobody;
        let (Some(bus), false) = (&self.bus, is_here) else {
            return Vec::new();
        };
        let gathered = bus
            .ask(None, |request| Body::Find {
                namespace: self.scope.path.clone(),
                request,
                selection: self.scope.selection.clone(),
                count,
            })
            .await;
        bus.forget(&gathered.missing);
        let answers = gathered.answers.into_iter();
        let values = answers.filter_map(|(server, outcome)| match outcome {
            Outcome::Value(value) => Some((server, value)),
            Outcome::Json(_) | Outcome::Rejected(_) => None,
        });
        values.collect()
    }
}
