//! The connections of a server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{
    address_permits::Seat,
    connection::Link,
    session_token::{Lookup, Token},
    slow_clients::Behind,
};
use crate::{
    config::limits::Limits,
    support::{in_flight::Work, log_limiter::Lines},
};

/// The connections of a server.
#[derive(Default)]
pub(crate) struct Links {
    /// Sessions that began with polling, by their tokens.
    sessions: Mutex<HashMap<Lookup, (Token, Weak<Link>)>>,
    pub(crate) work: Arc<Work>,
    limits: Arc<Limits>,
    pub(crate) behind: Arc<Behind>,
    /// What is logged of how they end.
    pub(crate) lines: Lines,
}

impl Links {
    pub(crate) fn of(work: &Arc<Work>, limits: &Arc<Limits>, behind: &Arc<Behind>) -> Arc<Self> {
        Arc::new(Self {
            sessions: Mutex::default(),
            work: work.clone(),
            limits: limits.clone(),
            behind: behind.clone(),
            lines: Lines::default(),
        })
    }

    /// Begins a connection that is a WebSocket from the start.
    pub(crate) fn begin(self: &Arc<Self>, seat: Option<Box<Seat>>) -> Arc<Link> {
        Arc::new(Link::new(self, &self.limits, seat, None))
    }

    /// Begins a connection that polls, and that the client names by the token.
    pub(crate) fn begin_polling(self: &Arc<Self>, seat: Option<Box<Seat>>) -> (Arc<Link>, Token) {
        let token = Token::random();
        let link = Arc::new(Link::new(self, &self.limits, seat, Some(token.lookup)));
        let session = (token.clone(), Arc::downgrade(&link));
        lock(&self.sessions).insert(token.lookup, session);
        (link, token)
    }

    /// Finds the session that a client names.
    pub(crate) fn find(&self, session: &str) -> Option<Arc<Link>> {
        let asked = Token::parse(session)?;
        let sessions = lock(&self.sessions);
        let (token, link) = sessions.get(&asked.lookup)?;
        if !token.matches(&asked) {
            return None;
        }
        link.upgrade()
    }

    /// Forgets a session that is gone.
    pub(crate) fn forget(&self, lookup: &Lookup) {
        lock(&self.sessions).remove(lookup);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_found_by_their_whole_token_as_long_as_they_are_there() {
        let links = Arc::<Links>::default();
        let (link, token) = links.begin_polling(None);
        let text = token.text();
        let found = links.find(&text).expect("it is there");
        assert!(Arc::ptr_eq(&found, &link));
        let mut forged = text.clone();
        let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
        forged.push(last);
        for other in [
            &forged,
            &text[..16],
            &text[..31],
            "",
            &Token::random().text(),
        ] {
            assert!(links.find(other).is_none(), "{other}");
        }
        drop((found, link));
        assert!(links.find(&text).is_none());
        assert!(lock(&links.sessions).is_empty());
    }
}
