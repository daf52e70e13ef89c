//! Connections of a server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{
    address_permits::AddressPermit,
    connection::Connection,
    session_token::{Lookup, Token},
    slow_clients::SlowClients,
};
use crate::{
    config::limits::Limits,
    support::{in_flight::InFlight, log_limiter::LogLimiter},
};

/// Connections of a server.
#[derive(Default)]
pub(crate) struct ConnectionRegistry {
    /// Sessions that began with polling, by the lookup part of their tokens.
    sessions: Mutex<HashMap<Lookup, (Token, Weak<Connection>)>>,
    pub(crate) in_flight: Arc<InFlight>,
    limits: Arc<Limits>,
    pub(crate) slow_clients: Arc<SlowClients>,
    /// Limits the log lines about the ends of connections.
    pub(crate) log_limiter: LogLimiter,
}

impl ConnectionRegistry {
    pub(crate) fn of(
        in_flight: &Arc<InFlight>,
        limits: &Arc<Limits>,
        slow_clients: &Arc<SlowClients>,
    ) -> Arc<Self> {
        Arc::new(Self {
            sessions: Mutex::default(),
            in_flight: in_flight.clone(),
            limits: limits.clone(),
            slow_clients: slow_clients.clone(),
            log_limiter: LogLimiter::default(),
        })
    }

    /// Creates a connection that is a WebSocket from the start.
    pub(crate) fn begin(self: &Arc<Self>, permit: Option<Box<AddressPermit>>) -> Arc<Connection> {
        Arc::new(Connection::new(self, &self.limits, permit, None))
    }

    /// Creates a connection that begins with polling, and the token by which its client names it.
    pub(crate) fn begin_polling(
        self: &Arc<Self>,
        permit: Option<Box<AddressPermit>>,
    ) -> (Arc<Connection>, Token) {
        let token = Token::random();
        let connection = Arc::new(Connection::new(
            self,
            &self.limits,
            permit,
            Some(token.lookup),
        ));
        let session = (token.clone(), Arc::downgrade(&connection));
        lock(&self.sessions).insert(token.lookup, session);
        (connection, token)
    }

    /// Finds the session that a client names.
    pub(crate) fn find(&self, session: &str) -> Option<Arc<Connection>> {
        let asked = Token::parse(session)?;
        let sessions = lock(&self.sessions);
        let (token, connection) = sessions.get(&asked.lookup)?;
        if !token.matches(&asked) {
            return None;
        }
        connection.upgrade()
    }

    /// Removes a session that has ended.
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
    fn finds_open_sessions_by_whole_token() {
        let registry = Arc::<ConnectionRegistry>::default();
        let (connection, token) = registry.begin_polling(None);
        let text = token.text();
        let found = registry.find(&text).expect("it is there");
        assert!(Arc::ptr_eq(&found, &connection));
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
            assert!(registry.find(other).is_none(), "{other}");
        }
        drop((found, connection));
        assert!(registry.find(&text).is_none());
        assert!(lock(&registry.sessions).is_empty());
    }
}
