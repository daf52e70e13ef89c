//! Ledger of sent and received messages, which counts lost, duplicated and reordered messages.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Time in milliseconds since the Unix epoch.
pub(crate) type Time = u64;

pub(crate) fn now() -> Time {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_millis() as Time
}

/// One connection of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Session {
    pub(crate) client: u32,
    pub(crate) number: u32,
}

/// Messages that a session sent.
pub(crate) struct Spoken {
    pub(crate) server: usize,
    started: Time,
    /// Send time of each message.
    sent: Vec<Time>,
    /// Messages that the server has acknowledged.
    taken: HashSet<u32>,
}

/// A message that a client in the room did not receive exactly once and in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Irregular {
    pub(crate) kind: Kind,
    /// Servers of the sender and the receiver.
    pub(crate) servers: (usize, usize),
    pub(crate) sent: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Lost,
    Late,
    Doubled,
}

#[derive(Default)]
pub(crate) struct Ledger {
    spoken: Mutex<HashMap<Session, Spoken>>,
    irregular: Mutex<Vec<Irregular>>,
    pub(crate) counters: Counters,
    ends: Mutex<HashMap<&'static str, u64>>,
    /// Time, server and reason of connections that ended unexpectedly.
    pub(crate) unexpected: Mutex<Vec<(Time, usize, String)>>,
    /// Time and server of requests that were not answered.
    pub(crate) unanswered: Mutex<Vec<(Time, usize)>>,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) sent: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) refused: AtomicU64,
    /// Requests that were not answered because the connection ended first.
    pub(crate) cut_off: AtomicU64,
    pub(crate) wrong_answers: AtomicU64,
    pub(crate) heard: AtomicU64,
    pub(crate) connected: AtomicU64,
    pub(crate) not_let_in: AtomicU64,
}

pub(crate) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic holds it")
}

impl Ledger {
    pub(crate) fn begin(&self, session: Session, server: usize) {
        let spoken = Spoken {
            server,
            started: now(),
            sent: Vec::new(),
            taken: HashSet::new(),
        };
        lock(&self.spoken).insert(session, spoken);
    }

    /// Records that a session sends a message, and returns the number of the message.
    pub(crate) fn say(&self, session: Session) -> u32 {
        let mut all = lock(&self.spoken);
        let spoken = all.get_mut(&session).expect("it has begun");
        spoken.sent.push(now());
        spoken.sent.len() as u32 - 1
    }

    /// Records that the server has accepted a message.
    pub(crate) fn taken(&self, session: Session, number: u32) {
        let mut all = lock(&self.spoken);
        all.get_mut(&session)
            .expect("it has begun")
            .taken
            .insert(number);
    }

    fn of<T>(&self, session: Session, what: impl FnOnce(&Spoken) -> T) -> Option<T> {
        lock(&self.spoken).get(&session).map(what)
    }

    fn note(&self, kind: Kind, session: Session, number: u32, listener: usize) {
        let sent = self.of(session, |spoken| {
            let sent = spoken.sent.get(number as usize).copied();
            (spoken.server, sent.unwrap_or(spoken.started))
        });
        if let Some((server, sent)) = sent {
            let servers = (server, listener);
            lock(&self.irregular).push(Irregular {
                kind,
                servers,
                sent,
            });
        }
    }

    pub(crate) fn irregular(&self) -> Vec<Irregular> {
        lock(&self.irregular).clone()
    }

    pub(crate) fn ended(&self, why: &'static str) {
        *lock(&self.ends).entry(why).or_default() += 1;
    }

    pub(crate) fn ends(&self) -> HashMap<&'static str, u64> {
        lock(&self.ends).clone()
    }
}

/// Messages that one client receives in a room, from the moment it joins.
pub(crate) struct Ear {
    since: Time,
    server: usize,
    heard: HashMap<Session, Heard>,
}

#[derive(Default)]
struct Heard {
    next: u32,
    missing: HashSet<u32>,
}

impl Ear {
    pub(crate) fn new(server: usize) -> Self {
        Self {
            since: now(),
            server,
            heard: HashMap::new(),
        }
    }

    pub(crate) fn hear(&mut self, ledger: &Ledger, from: Session, number: u32) {
        add(&ledger.counters.heard);
        let since = self.since;
        let heard = self.heard.entry(from).or_insert_with(|| {
            // A listener that was here before the session started receives all of its messages.
            let was_first = ledger.of(from, |spoken| since < spoken.started);
            let next = if was_first == Some(true) { 0 } else { number };
            Heard {
                next,
                missing: HashSet::new(),
            }
        });
        if number >= heard.next {
            heard.missing.extend(heard.next..number);
            heard.next = number + 1;
        } else if heard.missing.remove(&number) {
            ledger.note(Kind::Late, from, number, self.server);
        } else {
            ledger.note(Kind::Doubled, from, number, self.server);
        }
    }

    /// Records the missing messages. At the end of the test, this includes the last messages that were sent.
    pub(crate) fn close(self, ledger: &Ledger, is_end: bool) {
        for (session, mut heard) in self.heard {
            if is_end {
                let taken = ledger.of(session, |spoken| spoken.taken.clone());
                let taken = taken.unwrap_or_default();
                let last = taken.into_iter().filter(|number| *number >= heard.next);
                heard.missing.extend(last);
            }
            for number in heard.missing {
                ledger.note(Kind::Lost, session, number, self.server);
            }
        }
    }
}
