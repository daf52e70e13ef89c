//! The namespace of administrators: statistics, alerts and bans.

use sio_types::prelude::*;

use crate::{
    app::App,
    directory,
    events::{
        Credentials, Role, SignInError, SocketData, User, UserId,
        admin::{
            Admin, BanError, ClientToServer, EmptyAnnouncement, Happening, ServerStatus, Statistics,
        },
        chat::Chat,
        cluster::Change,
        notifications::Cause,
    },
    log_failure,
};

impl ClientToServer<Socket<Admin>> for App {
    async fn statistics(&self, _: Socket<Admin>) -> Statistics {
        self.current_statistics().await
    }

    async fn announce(
        &self,
        socket: Socket<Admin>,
        text: String,
    ) -> Result<u32, EmptyAnnouncement> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmptyAnnouncement);
        }
        let by = &socket.data().user;
        let mut notified = 0;
        for person in directory::people() {
            let cause = Cause::Announcement { by: by.clone() };
            self.notify(person.user().id, cause, text).await;
            notified += 1;
        }
        self.alert(Happening::Announced {
            by: by.clone(),
            text: text.to_owned(),
        })
        .await;
        Ok(notified)
    }

    async fn ban(&self, socket: Socket<Admin>, person: UserId) -> Result<(), BanError> {
        let banned = member(&person)?;
        self.commit(Change::Banned {
            person: person.clone(),
        })
        .await;
        // The other servers do the same when they receive the change.
        self.disconnect(|data| data.user.id == person);
        self.alert(Happening::Banned {
            person: banned,
            by: socket.data().user.clone(),
        })
        .await;
        Ok(())
    }

    async fn unban(&self, socket: Socket<Admin>, person: UserId) -> Result<(), BanError> {
        let unbanned = member(&person)?;
        self.commit(Change::Unbanned { person }).await;
        self.alert(Happening::Unbanned {
            person: unbanned,
            by: socket.data().user.clone(),
        })
        .await;
        Ok(())
    }
}

impl Lifecycle<Admin> for App {
    async fn authenticate(
        &self,
        _: &Handshake<Admin>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        self.sign_in_administrator(&credentials).await
    }
}

impl App {
    /// Sends the statistics to this server's administrators.
    pub(crate) async fn report(&self) {
        if self.io.of(Admin).sockets().is_empty() {
            return;
        }
        let statistics = self.current_statistics().await;
        let administrators = self.io.of(Admin).local().volatile();
        log_failure(administrators.emit().statistics(&statistics).await);
    }

    pub(crate) fn own_status(&self) -> ServerStatus {
        ServerStatus {
            name: self.name.to_string(),
            connections: self.io.of(Chat).sockets().len() as u32,
            uptime_seconds: self.started.elapsed().as_secs() as u32,
        }
    }

    async fn current_statistics(&self) -> Statistics {
        let others = self.io.of(Chat).servers().emit().status().await;
        // The result does not include servers that do not answer in time.
        let mut servers = others.unwrap_or_default();
        servers.push(self.own_status());
        servers.sort_by(|a, b| a.name.cmp(&b.name));
        let people = directory::people().map(directory::Person::user);
        Statistics {
            servers,
            online: self.online().await,
            banned: people.filter(|it| self.store.is_banned(&it.id)).collect(),
            rooms: self.room_summaries().await,
            messages: self.store.message_count() as u32,
        }
    }
}

/// Returns the person to ban, or an error if the person cannot be banned.
fn member(id: &UserId) -> Result<User, BanError> {
    let person = directory::by_id(&id.0).ok_or(BanError::UnknownPerson)?;
    let user = person.user();
    match user.role {
        Role::Administrator => Err(BanError::Administrator),
        Role::Member => Ok(user),
    }
}
