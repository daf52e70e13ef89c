//! The notifications of each person, read and unread.

use sio_types::prelude::*;
use uuid::Uuid;

use crate::{
    app::App,
    events::{
        Credentials, SignInError, SocketData, UserId,
        cluster::Change,
        notifications::{Cause, ClientToServer, Notification, Notifications, UnknownNotification},
    },
    log_failure, now,
};

impl ClientToServer<Socket<Notifications>> for App {
    async fn list(
        &self,
        socket: Socket<Notifications>,
        unread_only: Option<bool>,
    ) -> Vec<Notification> {
        let mut notifications = self.store.notifications(&socket.data().user.id);
        notifications.retain(|notification| !(unread_only == Some(true) && notification.read));
        notifications
    }

    async fn mark_read(
        &self,
        socket: Socket<Notifications>,
        id: Uuid,
    ) -> Result<(), UnknownNotification> {
        let known = self.store.notifications(&socket.data().user.id);
        if known.iter().all(|notification| notification.id != id) {
            return Err(UnknownNotification { id });
        }
        self.mark(&socket, vec![id]).await;
        Ok(())
    }

    async fn mark_all_read(&self, socket: Socket<Notifications>) -> u32 {
        let known = self.store.notifications(&socket.data().user.id);
        let unread = known.iter().filter(|notification| !notification.read);
        let ids: Vec<_> = unread.map(|notification| notification.id).collect();
        let count = ids.len() as u32;
        self.mark(&socket, ids).await;
        count
    }
}

impl Lifecycle<Notifications> for App {
    async fn authenticate(
        &self,
        _: &Handshake<Notifications>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        self.sign_in(&credentials).await
    }

    /// A person's devices share a room.
    async fn connected(&self, socket: Socket<Notifications>) {
        socket.join(devices_of(&socket.data().user.id));
    }
}

impl App {
    /// Sends a notification to a person, on every connected device.
    pub(crate) async fn notify(&self, person: UserId, cause: Cause, text: &str) {
        let notification = Notification {
            id: Uuid::new_v4(),
            cause,
            text: text.to_owned(),
            sent_at: now(),
            read: false,
        };
        let notified = Change::Notified {
            person: person.clone(),
            notification: notification.clone(),
        };
        self.commit(notified).await;
        let devices = self.io.of(Notifications).room(devices_of(&person));
        log_failure(devices.emit().notification(&notification).await);
    }

    /// Marks notifications as read and informs all of the person's devices, including this one.
    async fn mark(&self, socket: &Socket<Notifications>, ids: Vec<Uuid>) {
        let person = socket.data().user.id.clone();
        let devices = socket.within(devices_of(&person)).emit();
        let read = Change::Read {
            person,
            ids: ids.clone(),
        };
        self.commit(read).await;
        log_failure(devices.read(&ids).await);
    }
}

/// Returns the room of a person's devices. The prefix keeps user ids apart from socket ids, which are rooms, too.
fn devices_of(person: &UserId) -> String {
    format!("user:{}", person.0)
}
