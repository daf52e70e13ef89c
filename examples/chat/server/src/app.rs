//! State that all namespaces share.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sio_types::{Namespace, prelude::*};

use crate::{
    directory::Person,
    events::{
        Credentials, Role, SignInError, SocketData, Timestamp,
        admin::{Admin, Alert, Happening},
        chat::{Chat, RoomId},
        cluster::Change,
        notifications::Notifications,
        workspace::Workspace,
    },
    log_failure, now,
    store::Store,
    tokens::Tokens,
};

/// One server of the chat. Each namespace is implemented in a file of its own.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) io: SocketIo,
    pub(crate) store: Arc<Store>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) name: Arc<str>,
    pub(crate) started: Instant,
}

impl App {
    /// Fetches the state of the other servers.
    pub(crate) async fn catch_up(&self) {
        for room in ["lobby", "random", "rust"] {
            let room = RoomId(room.to_owned());
            self.store.apply(&Change::RoomOpened { room });
        }
        match self.io.of(Chat).servers().emit().history().await {
            Ok(histories) => {
                for change in histories.iter().flatten() {
                    self.store.apply(change);
                }
            }
            Err(error) => tracing::warn!(%error, "the other servers have not told what they know"),
        }
    }

    /// Applies a change on all servers.
    pub(crate) async fn commit(&self, change: Change) {
        self.store.apply(&change);
        log_failure(self.io.of(Chat).servers().emit().changed(&change).await);
    }

    /// Sends an alert to the administrators.
    pub(crate) async fn alert(&self, what: Happening) {
        let alert = Alert { at: now(), what };
        log_failure(self.io.of(Admin).emit().alert(&alert).await);
    }

    /// Authenticates anybody who has a valid token and is not banned.
    pub(crate) async fn sign_in(
        &self,
        credentials: &Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        let (person, expires_at) = self.person(credentials).await?;
        let user = person.user();
        Ok(SocketData { user, expires_at })
    }

    /// Authenticates administrators.
    pub(crate) async fn sign_in_administrator(
        &self,
        credentials: &Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        let data = self.sign_in(credentials).await?;
        match data.user.role {
            Role::Administrator => Ok(data),
            role @ Role::Member => Err(ConnectError::new("this is for administrators")
                .with_data(SignInError::AdministratorsOnly { role })),
        }
    }

    /// Authenticates the members of a tenant.
    pub(crate) async fn sign_in_tenant(
        &self,
        credentials: &Credentials,
        tenant: &str,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        let (person, expires_at) = self.person(credentials).await?;
        if !person.is_of(tenant) {
            let tenant = tenant.to_owned();
            return Err(ConnectError::new("there is no such workspace")
                .with_data(SignInError::NoSuchWorkspace { tenant }));
        }
        let user = person.user();
        Ok(SocketData { user, expires_at })
    }

    async fn person(
        &self,
        credentials: &Credentials,
    ) -> Result<(&'static Person, Timestamp), ConnectError<SignInError>> {
        let refused = |error| ConnectError::new("not signed in").with_data(error);
        let (person, expires_at) = self.tokens.read(&credentials.token).map_err(refused)?;
        let user = person.user();
        if self.store.is_banned(&user.id) {
            self.alert(Happening::TurnedAway { person: user }).await;
            return Err(refused(SignInError::Banned));
        }
        Ok((person, expires_at))
    }

    /// Disconnects the matching sockets of this server, in every namespace.
    pub(crate) fn disconnect(&self, is_over: impl Fn(&SocketData) -> bool) {
        let Self { io, .. } = self;
        disconnect(io.of(Chat).sockets(), &is_over);
        disconnect(io.of(Notifications).sockets(), &is_over);
        disconnect(io.of(Admin).sockets(), &is_over);
        disconnect(io.all::<Workspace>().sockets(), &is_over);
    }

    /// Runs the periodic tasks, once a second.
    pub(crate) async fn keep_up(self) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        let mut servers = 1;
        loop {
            seconds.tick().await;
            let now = now();
            self.disconnect(|data| data.expires_at <= now);
            servers = self.look_for_lost_servers(servers).await;
            self.report().await;
        }
    }

    /// Detects lost servers. Their clients left their rooms without an event.
    async fn look_for_lost_servers(&self, before: usize) -> usize {
        let servers = self.io.cluster().server_count().await;
        if servers < before {
            log_failure(self.io.of(Chat).local().emit().stale().await);
            let remaining = servers as u32;
            let at = now();
            let what = Happening::ServerLost { remaining };
            let administrators = self.io.of(Admin).local();
            log_failure(administrators.emit().alert(&Alert { at, what }).await);
        }
        servers
    }
}

fn disconnect<N: Namespace<SocketData = SocketData>>(
    sockets: Vec<Socket<N>>,
    is_over: &impl Fn(&SocketData) -> bool,
) {
    for socket in sockets {
        if is_over(socket.data()) {
            socket.disconnect();
        }
    }
}
