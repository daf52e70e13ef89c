//! What each person should know, and whether they do.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sio_types::prelude::*;
use uuid::Uuid;

use crate::{
    directory,
    events::{
        Credentials, SignInError, SocketData, UserId,
        notifications::{Cause, ClientToServer, Notification, Notifications, UnknownNotification},
    },
    log_failure, now,
};

const MOST_KEPT: usize = 100;

/// Everybody's notifications, oldest first.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<HashMap<UserId, Vec<Notification>>>);

impl Inbox {
    /// Notifies a person, on every device that is connected.
    pub(crate) async fn push(&self, io: &SocketIo, to: &UserId, cause: Cause, text: &str) {
        let notification = Notification {
            id: Uuid::new_v4(),
            cause,
            text: text.to_owned(),
            sent_at: now(),
            read: false,
        };
        self.keep(to, notification.clone());
        let devices = io.of(Notifications).to(to.0.clone());
        log_failure(devices.emit().notification(&notification).await);
    }

    fn keep(&self, to: &UserId, notification: Notification) {
        let mut inboxes = self.inboxes();
        let inbox = inboxes.entry(to.clone()).or_default();
        if inbox.len() == MOST_KEPT {
            inbox.remove(0);
        }
        inbox.push(notification);
    }

    fn list(&self, of: &UserId, unread_only: bool) -> Vec<Notification> {
        let inboxes = self.inboxes();
        let newest_first = inboxes.get(of).into_iter().flatten().rev();
        newest_first
            .filter(|notification| !(unread_only && notification.read))
            .cloned()
            .collect()
    }

    fn mark_read(&self, of: &UserId, id: Uuid) -> Result<(), UnknownNotification> {
        let mut inboxes = self.inboxes();
        let mut inbox = inboxes.get_mut(of).into_iter().flatten();
        let notification = inbox.find(|notification| notification.id == id);
        notification.ok_or(UnknownNotification { id })?.read = true;
        Ok(())
    }

    /// Marks all as read; those that were not.
    fn mark_all_read(&self, of: &UserId) -> Vec<Uuid> {
        let mut inboxes = self.inboxes();
        let inbox = inboxes.get_mut(of).into_iter().flatten();
        let mut marked = Vec::new();
        for notification in inbox.filter(|notification| !notification.read) {
            notification.read = true;
            marked.push(notification.id);
        }
        marked
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Notification>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct NotificationServer {
    pub(crate) inbox: Arc<Inbox>,
}

impl ClientToServer<Socket<Notifications>> for NotificationServer {
    async fn list(
        &self,
        socket: Socket<Notifications>,
        unread_only: Option<bool>,
    ) -> Vec<Notification> {
        let user = &socket.data().user;
        self.inbox.list(&user.id, unread_only.unwrap_or(false))
    }

    async fn mark_read(
        &self,
        socket: Socket<Notifications>,
        id: Uuid,
    ) -> Result<(), UnknownNotification> {
        self.inbox.mark_read(&socket.data().user.id, id)?;
        tell_devices(&socket, &[id]).await;
        Ok(())
    }

    async fn mark_all_read(&self, socket: Socket<Notifications>) -> u32 {
        let ids = self.inbox.mark_all_read(&socket.data().user.id);
        tell_devices(&socket, &ids).await;
        ids.len() as u32
    }
}

impl Lifecycle<Notifications> for NotificationServer {
    async fn authenticate(
        &self,
        _: &Handshake<Notifications>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        directory::sign_in(&credentials)
    }

    /// A person's devices share a room.
    async fn connected(&self, socket: Socket<Notifications>) {
        socket.join(socket.data().user.id.0.clone());
    }
}

/// Tells all of a person's devices, this one included.
async fn tell_devices(socket: &Socket<Notifications>, read: &[Uuid]) {
    let devices = socket.within(socket.data().user.id.0.clone());
    log_failure(devices.emit().read(read).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_unread_until_it_is_marked() {
        let inbox = Inbox::default();
        let ada = UserId("ada".to_owned());
        let by = directory::users().next().expect("there is somebody");
        let notification = |text: &str| Notification {
            id: Uuid::new_v4(),
            cause: Cause::Alert { by: by.clone() },
            text: text.to_owned(),
            sent_at: 0,
            read: false,
        };
        let (first, second) = (notification("first"), notification("second"));
        inbox.keep(&ada, first.clone());
        inbox.keep(&ada, second.clone());

        assert!(inbox.mark_read(&ada, first.id).is_ok());
        assert!(inbox.mark_read(&ada, Uuid::nil()).is_err());
        assert_eq!(inbox.list(&ada, false).len(), 2);
        assert_eq!(inbox.list(&ada, true)[0].id, second.id);
        assert_eq!(inbox.mark_all_read(&ada), [second.id]);
        assert!(inbox.list(&ada, true).is_empty());
    }
}
