//! Session expiry: disconnects a socket when its token expires, unless the client sends a new one.

use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};

use super::socket::{Socket, State};
use crate::{
    contract::namespace::Namespace,
    support::{log_limiter::log_limited, panic::catch_panic_async, task::spawn},
};

/// Maximum time that the `expired` hook may take.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Validity {
    Forever,
    Until(Instant),
    /// The socket is gone, or about to be.
    Over,
}

/// Expiry time of one socket; nothing is allocated for a session that does not expire.
#[derive(Default)]
pub(crate) struct Expiry(OnceLock<watch::Sender<Validity>>);

impl Expiry {
    /// Creates the expiry of a socket that is not connected yet; [`start`](Self::start) starts the timer.
    pub(crate) fn of_handshake(deadline: Option<Instant>) -> Self {
        let guards = deadline.map(|deadline| watch::Sender::new(Validity::Until(deadline)));
        Self(guards.map(OnceLock::from).unwrap_or_default())
    }

    pub(crate) fn start<N: Namespace>(state: &Arc<State<N>>) {
        if let Some(guards) = state.expiry.0.get() {
            spawn(Box::pin(look_after(
                Arc::downgrade(state),
                guards.subscribe(),
            )));
        }
    }

    /// Sets a new expiry time; `None` removes it.
    pub(crate) fn set<N: Namespace>(state: &Arc<State<N>>, deadline: Option<Instant>) {
        let guards = deadline.map_or(Validity::Forever, Validity::Until);
        let Self(known) = &state.expiry;
        if known.get().is_none() && deadline.is_none() {
            return;
        }
        let mut is_first = false;
        let sender = known.get_or_init(|| {
            is_first = true;
            watch::Sender::new(guards)
        });
        if is_first {
            Self::start(state);
            return;
        }
        sender.send_if_modified(|current| {
            let may_stay = *current != Validity::Over;
            if may_stay {
                *current = guards;
            }
            may_stay
        });
    }

    /// Stops the timer, because the socket is gone.
    pub(crate) fn end(&self) {
        if let Some(guards) = self.0.get() {
            guards.send_replace(Validity::Over);
        }
    }
}

/// Waits until the session expires. Holds only a weak reference, so the socket can be dropped meanwhile.
async fn look_after<N: Namespace>(state: Weak<State<N>>, mut guards: watch::Receiver<Validity>) {
    loop {
        let current = *guards.borrow_and_update();
        let changed = match current {
            Validity::Over => return,
            Validity::Forever => Ok(guards.changed().await),
            Validity::Until(deadline) => timeout_at(deadline, guards.changed()).await,
        };
        match changed {
            Ok(Ok(())) => continue,
            // All references to the socket have been dropped.
            Ok(Err(_)) => return,
            Err(_) => {}
        }
        let Some(socket) = socket_of(&state) else {
            return;
        };
        ask_to_renew(&socket).await;
        let Some(sender) = socket.state.expiry.0.get() else {
            return;
        };
        // A new expiry time set after this is too late.
        let is_over = sender.send_if_modified(|now| {
            let is_over = *now == current;
            if is_over {
                *now = Validity::Over;
            }
            is_over
        });
        if is_over {
            tracing::debug!(namespace = N::PATTERN, socket = %socket.id(), "session expired");
            return socket.disconnect();
        }
    }
}

fn socket_of<N: Namespace>(state: &Weak<State<N>>) -> Option<Socket<N>> {
    let state = state.upgrade()?;
    let raw = state.raw.upgrade()?;
    Some(Socket { raw, state }).filter(Socket::connected)
}

/// Runs the `expired` hook, with a timeout.
async fn ask_to_renew<N: Namespace>(socket: &Socket<N>) {
    let log_limiter = &socket.state.shared.log_limiter;
    let hook = async { socket.state.shared.expired(socket.clone()).await };
    match timeout(TIMEOUT, catch_panic_async(hook)).await {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => log_limited!(
            log_limiter.next(),
            error,
            { namespace = N::PATTERN, socket = %socket.id(), panic },
            "`expired` hook panicked"
        ),
        Err(_) => log_limited!(
            log_limiter.next(),
            warn,
            { namespace = N::PATTERN, socket = %socket.id() },
            "`expired` hook timed out; run long work in a separate task"
        ),
    }
}
