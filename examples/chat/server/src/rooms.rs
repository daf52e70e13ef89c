//! What the server remembers of its rooms.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::events::chat::{ChatMessage, JoinError, RoomId};

const LONGEST_NAME: usize = 32;
const MOST_ROOMS: usize = 100;
const LONGEST_HISTORY: usize = 50;

type History = VecDeque<ChatMessage>;

pub(crate) struct Rooms(Mutex<State>);

struct State {
    rooms: BTreeMap<RoomId, History>,
    messages_posted: u32,
}

impl Default for Rooms {
    fn default() -> Self {
        let rooms = ["lobby", "random", "rust"];
        Self(Mutex::new(State {
            rooms: rooms
                .map(|room| (RoomId(room.to_owned()), History::new()))
                .into(),
            messages_posted: 0,
        }))
    }
}

impl Rooms {
    pub(crate) fn ids(&self) -> Vec<RoomId> {
        self.state().rooms.keys().cloned().collect()
    }

    /// Makes a room unless there is one of that name.
    pub(crate) fn open(&self, room: &RoomId) -> Result<(), JoinError> {
        let mut state = self.state();
        if state.rooms.contains_key(room) {
            return Ok(());
        }
        if !is_valid(&room.0) {
            let longest = LONGEST_NAME as u32;
            return Err(JoinError::InvalidName { longest });
        }
        if state.rooms.len() == MOST_ROOMS {
            let most = MOST_ROOMS as u32;
            return Err(JoinError::TooManyRooms { most });
        }
        state.rooms.insert(room.clone(), History::new());
        Ok(())
    }

    pub(crate) fn history(&self, room: &RoomId) -> Vec<ChatMessage> {
        let state = self.state();
        let history = state.rooms.get(room).into_iter().flatten();
        history.cloned().collect()
    }

    pub(crate) fn remember(&self, message: &ChatMessage) {
        let mut state = self.state();
        state.messages_posted += 1;
        if let Some(history) = state.rooms.get_mut(&message.room) {
            if history.len() == LONGEST_HISTORY {
                history.pop_front();
            }
            history.push_back(message.clone());
        }
    }

    pub(crate) fn messages_posted(&self) -> u32 {
        self.state().messages_posted
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_valid(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomId {
        RoomId(name.to_owned())
    }

    #[test]
    fn names_are_checked() {
        let rooms = Rooms::default();
        for name in ["a", "room-7"] {
            assert_eq!(rooms.open(&room(name)), Ok(()));
        }
        for name in ["", "Room", "a b", &"x".repeat(LONGEST_NAME + 1)] {
            let refused = rooms.open(&room(name));
            assert!(
                matches!(refused, Err(JoinError::InvalidName { .. })),
                "{name}"
            );
        }
    }

    #[test]
    fn the_number_of_rooms_is_bounded() {
        let rooms = Rooms::default();
        let opened = (0..MOST_ROOMS).map(|number| rooms.open(&room(&format!("room-{number}"))));
        let refused = opened.filter(Result::is_err).count();
        assert_eq!(rooms.ids().len(), MOST_ROOMS);
        assert_eq!(refused, 3);
        assert_eq!(rooms.open(&room("lobby")), Ok(()));
    }
}
