//! State that all servers share. A real application has a database instead.
//!
//! Each server keeps the state in memory, sends its changes to the others, and requests all changes when it starts.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sio_types::Binary;
use uuid::Uuid;

use crate::events::{
    UserId,
    chat::{ChatMessage, RoomId},
    cluster::Change,
    notifications::Notification,
    workspace::{Board, Note},
};

const MOST_MESSAGES: usize = 50;
const MOST_IMAGES: usize = 50;
const MOST_NOTIFICATIONS: usize = 100;
const MOST_NOTES: usize = 200;

#[derive(Default)]
pub(crate) struct Store(Mutex<State>);

#[derive(Default)]
struct State {
    rooms: BTreeMap<RoomId, VecDeque<ChatMessage>>,
    images: VecDeque<(Uuid, Binary)>,
    inboxes: HashMap<UserId, VecDeque<Notification>>,
    boards: HashMap<String, VecDeque<Note>>,
    banned: BTreeSet<UserId>,
}

impl Store {
    /// Applies a change. A change that is known already has no effect.
    pub(crate) fn apply(&self, change: &Change) {
        let mut state = self.state();
        match change.clone() {
            Change::RoomOpened { room } => {
                state.rooms.entry(room).or_default();
            }
            Change::Posted { message, image } => state.post(message, image),
            Change::Notified {
                person,
                notification,
            } => {
                let inbox = state.inboxes.entry(person).or_default();
                if inbox.iter().all(|known| known.id != notification.id) {
                    push(inbox, notification, MOST_NOTIFICATIONS);
                }
            }
            Change::Read { person, ids } => {
                let inbox = state.inboxes.get_mut(&person).into_iter().flatten();
                for notification in inbox.filter(|it| ids.contains(&it.id)) {
                    notification.read = true;
                }
            }
            Change::NoteAdded { tenant, note } => {
                let notes = state.boards.entry(tenant).or_default();
                if notes.iter().all(|known| known.id != note.id) {
                    push(notes, note, MOST_NOTES);
                }
            }
            Change::Banned { person } => {
                state.banned.insert(person);
            }
            Change::Unbanned { person } => {
                state.banned.remove(&person);
            }
        }
    }

    /// Returns the changes that bring another store to the same state.
    pub(crate) fn history(&self) -> Vec<Change> {
        let state = self.state();
        let rooms = state.rooms.keys().cloned();
        let mut changes: Vec<_> = rooms.map(|room| Change::RoomOpened { room }).collect();
        for message in state.rooms.values().flatten() {
            let image = state.image(message.id);
            let message = message.clone();
            changes.push(Change::Posted { message, image });
        }
        for (person, notifications) in &state.inboxes {
            changes.extend(notifications.iter().map(|notification| Change::Notified {
                person: person.clone(),
                notification: notification.clone(),
            }));
        }
        for (tenant, notes) in &state.boards {
            changes.extend(notes.iter().map(|note| Change::NoteAdded {
                tenant: tenant.clone(),
                note: note.clone(),
            }));
        }
        let banned = state.banned.iter().cloned();
        changes.extend(banned.map(|person| Change::Banned { person }));
        changes
    }

    pub(crate) fn rooms(&self) -> Vec<RoomId> {
        self.state().rooms.keys().cloned().collect()
    }

    pub(crate) fn messages(&self, room: &RoomId) -> Vec<ChatMessage> {
        let state = self.state();
        state
            .rooms
            .get(room)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    pub(crate) fn message(&self, id: Uuid) -> Option<ChatMessage> {
        let state = self.state();
        let mut messages = state.rooms.values().flatten();
        messages.find(|message| message.id == id).cloned()
    }

    pub(crate) fn message_count(&self) -> usize {
        self.state().rooms.values().map(VecDeque::len).sum()
    }

    pub(crate) fn image(&self, message: Uuid) -> Option<Binary> {
        self.state().image(message)
    }

    /// Returns a person's notifications, newest first.
    pub(crate) fn notifications(&self, of: &UserId) -> Vec<Notification> {
        let state = self.state();
        let inbox = state.inboxes.get(of).into_iter().flatten();
        inbox.rev().cloned().collect()
    }

    /// Returns the notes of a board, oldest first.
    pub(crate) fn notes(&self, tenant: &str, board: Board) -> Vec<Note> {
        let state = self.state();
        let notes = state.boards.get(tenant).into_iter().flatten();
        notes.filter(|note| note.board == board).cloned().collect()
    }

    pub(crate) fn is_banned(&self, person: &UserId) -> bool {
        self.state().banned.contains(person)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn post(&mut self, message: ChatMessage, image: Option<Binary>) {
        let id = message.id;
        let messages = self.rooms.entry(message.room.clone()).or_default();
        if messages.iter().any(|known| known.id == id) {
            return;
        }
        push(messages, message, MOST_MESSAGES);
        if let Some(image) = image {
            push(&mut self.images, (id, image), MOST_IMAGES);
        }
    }

    fn image(&self, message: Uuid) -> Option<Binary> {
        let mut images = self.images.iter();
        let (_, image) = images.find(|(id, _)| *id == message)?;
        Some(image.clone())
    }
}

/// Appends an item, and drops the oldest if there are too many.
fn push<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{directory, events::notifications::Cause};

    #[test]
    fn what_is_told_again_changes_nothing_and_another_server_comes_to_the_same() {
        let ada = directory::by_id("ada").expect("she is there").user();
        let room = RoomId("lobby".to_owned());
        let id = Uuid::new_v4();
        let message = ChatMessage {
            id,
            room: room.clone(),
            author: ada.clone(),
            text: "Hello".to_owned(),
            has_image: true,
            sent_at: 0,
        };
        let notification = Notification {
            id,
            cause: Cause::Announcement { by: ada.clone() },
            text: "Hello".to_owned(),
            sent_at: 0,
            read: false,
        };
        let note = Note {
            id,
            board: Board::Ideas,
            author: ada.clone(),
            text: "Hello".to_owned(),
        };
        let person = ada.id;
        let image = Some(Binary::from(vec![1, 2, 3]));
        let changes = [
            Change::Posted { message, image },
            Change::Notified {
                person: person.clone(),
                notification,
            },
            Change::Read {
                person: person.clone(),
                ids: vec![id],
            },
            Change::NoteAdded {
                tenant: "acme".to_owned(),
                note,
            },
            Change::Banned {
                person: person.clone(),
            },
        ];
        let store = Store::default();
        for change in changes.iter().chain(&changes) {
            store.apply(change);
        }
        let other = Store::default();
        for change in store.history() {
            other.apply(&change);
        }
        for store in [&store, &other] {
            assert_eq!(store.messages(&room).len(), 1);
            assert_eq!(store.image(id).as_deref(), Some(&[1, 2, 3][..]));
            assert_eq!(store.notifications(&person).len(), 1);
            assert!(store.notifications(&person)[0].read);
            assert_eq!(store.notes("acme", Board::Ideas).len(), 1);
            assert!(store.notes("acme", Board::Done).is_empty());
            assert!(store.is_banned(&person));
        }
        store.apply(&Change::Unbanned {
            person: person.clone(),
        });
        assert!(!store.is_banned(&person));
    }

    #[test]
    fn a_room_keeps_its_latest_messages() {
        let ada = directory::by_id("ada").expect("she is there").user();
        let store = Store::default();
        for number in 0..MOST_MESSAGES + 3 {
            store.apply(&Change::Posted {
                message: ChatMessage {
                    id: Uuid::new_v4(),
                    room: RoomId("lobby".to_owned()),
                    author: ada.clone(),
                    text: number.to_string(),
                    has_image: false,
                    sent_at: 0,
                },
                image: None,
            });
        }
        let messages = store.messages(&RoomId("lobby".to_owned()));
        assert_eq!(messages.len(), MOST_MESSAGES);
        assert_eq!(messages[0].text, "3");
    }
}
