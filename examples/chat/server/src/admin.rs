//! What administrators see and do.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sio_types::prelude::*;

use crate::{
    chat::{people, summary},
    directory,
    events::{
        Credentials, SignInError, SocketData,
        admin::{Admin, ClientToServer, EmptyAlert, Statistics},
        chat::Chat,
        notifications::Cause,
    },
    log_failure,
    notifications::Inbox,
    rooms::Rooms,
};

#[derive(Clone)]
pub(crate) struct AdminServer {
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) started: Instant,
}

impl ClientToServer<Socket<Admin>> for AdminServer {
    async fn statistics(&self, socket: Socket<Admin>) -> Statistics {
        self.statistics_of(&socket.io())
    }

    async fn alert(&self, socket: Socket<Admin>, text: String) -> Result<u32, EmptyAlert> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmptyAlert);
        }
        let by = &socket.data().user;
        let mut notified = 0;
        for user in directory::users() {
            let cause = Cause::Alert { by: by.clone() };
            self.inbox.push(&socket.io(), &user.id, cause, text).await;
            notified += 1;
        }
        Ok(notified)
    }
}

impl Lifecycle<Admin> for AdminServer {
    async fn authenticate(
        &self,
        _: &Handshake<Admin>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        directory::sign_in_administrator(&credentials)
    }
}

impl AdminServer {
    /// Tells administrators the statistics, again and again.
    pub(crate) async fn report(self, io: SocketIo) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        loop {
            seconds.tick().await;
            let statistics = self.statistics_of(&io);
            let administrators = io.of(Admin).volatile();
            log_failure(administrators.emit().statistics(&statistics).await);
        }
    }

    fn statistics_of(&self, io: &SocketIo) -> Statistics {
        let rooms = self.rooms.ids().into_iter();
        Statistics {
            online: people(io.of(Chat).sockets()),
            rooms: rooms.map(|room| summary(io, room)).collect(),
            messages_posted: self.rooms.messages_posted(),
            uptime_seconds: self.started.elapsed().as_secs() as u32,
        }
    }
}
