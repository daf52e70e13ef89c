//! Clients that write their own packets. They send requests and messages, receive messages, disconnect and reconnect.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};

use crate::connection::{Connection, Packet};
use crate::ledger::{Ear, Ledger, Session, add, now};

/// Maximum time for a response.
const PATIENCE: Duration = Duration::from_secs(10);

/// Average time between two actions of a client.
const PACE: Duration = Duration::from_secs(5);

/// Number of clients in a room.
const ROOM: u32 = 10;

/// Phase of the test, which all clients follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Work,
    /// Clients send nothing more, and messages in flight arrive.
    Listen,
    End,
}

pub(crate) struct Client {
    pub(crate) number: u32,
    pub(crate) server: usize,
    pub(crate) address: SocketAddr,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) phase: watch::Receiver<Phase>,
}

/// Reason for the end of a connection.
enum End {
    Wanted(&'static str),
    Lost(String),
    Over,
}

impl Client {
    /// Connects repeatedly until the test ends.
    pub(crate) async fn run(self) {
        for number in 0.. {
            if *self.phase.borrow() != Phase::Work {
                return;
            }
            let session = Session {
                client: self.number,
                number,
            };
            let connection = timeout(PATIENCE, Connection::open(self.address)).await;
            let Ok(Ok(connection)) = connection else {
                add(&self.ledger.counters.not_let_in);
                pause(200..1_500).await;
                continue;
            };
            add(&self.ledger.counters.connected);
            self.ledger.begin(session, self.server);
            let mut visit = Visit::new(&self, connection, session);
            let end = visit.stay(&mut self.phase.clone()).await;
            let end = end.unwrap_or_else(|error| End::Lost(format!("{error:#}")));
            visit.leave(matches!(end, End::Over));
            match end {
                End::Wanted(why) => self.ledger.ended(why),
                End::Lost(why) => {
                    let mut unexpected = self.ledger.unexpected.lock().expect("no panic");
                    unexpected.push((now(), self.server, why));
                }
                End::Over => return,
            }
            pause(100..2_000).await;
        }
    }
}

async fn pause(milliseconds: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(milliseconds))).await;
}

/// Expected response to a request.
enum Expected {
    Nothing,
    Number(u32),
    Bytes(Vec<u8>),
    /// The server has accepted the message of this number.
    Taken(u32),
}

/// A session and its activity.
struct Visit<'c> {
    client: &'c Client,
    connection: Connection,
    session: Session,
    /// Number of events that were sent.
    events: u32,
    questions: HashMap<u64, (Expected, Instant)>,
    room: String,
    ear: Option<Ear>,
}

impl<'c> Visit<'c> {
    fn new(client: &'c Client, connection: Connection, session: Session) -> Self {
        Self {
            client,
            connection,
            session,
            events: 0,
            questions: HashMap::new(),
            // Every room has clients on every server.
            room: format!("room {}", client.number / ROOM),
            ear: None,
        }
    }

    async fn stay(&mut self, phase: &mut watch::Receiver<Phase>) -> Result<End> {
        self.enter().await?;
        let mut next = Instant::now() + jittered(PACE);
        loop {
            tokio::select! {
                packet = self.connection.packet() => {
                    if !self.take(packet?)? {
                        return Ok(End::Lost("the server has closed the namespace".to_owned()));
                    }
                    continue;
                }
                () = tokio::time::sleep_until(next.into()) => {}
                changed = phase.changed() => changed?,
            }
            let now = *phase.borrow_and_update();
            if now == Phase::End {
                self.forget_late(Instant::now());
                return Ok(End::Over);
            }
            next = Instant::now() + jittered(PACE);
            self.forget_late(Instant::now());
            if now == Phase::Work
                && let Some(why) = self.act().await?
            {
                return Ok(End::Wanted(why));
            }
        }
    }

    /// Performs a random action. Returns the reason if the connection is to end.
    async fn act(&mut self) -> Result<Option<&'static str>> {
        match fastrand::u32(0..1_000) {
            0..5 => {
                self.connection.write("41").await?;
                return Ok(Some("left the namespace"));
            }
            5..10 => return Ok(Some("closed the connection")),
            10..20 => {
                let room = self.room.clone();
                // Messages that arrive until the client has left are not counted as missing.
                if let Some(ear) = self.ear.take() {
                    ear.close(&self.client.ledger, false);
                }
                self.ask("leave", vec![json!(room)], None, Expected::Nothing)
                    .await?;
                self.settle().await?;
                self.enter().await?;
            }
            20..520 => {
                let expected = Expected::Number(self.events);
                self.ask("echo", vec![], None, expected).await?;
            }
            520..600 => {
                let bytes = vec![self.events as u8; fastrand::usize(10..4_000)];
                let placeholder = json!({ "_placeholder": true, "num": 0 });
                let expected = Expected::Bytes(bytes.clone());
                self.ask("blob", vec![placeholder], Some(&bytes), expected)
                    .await?;
            }
            _ => self.say().await?,
        }
        Ok(None)
    }

    async fn say(&mut self) -> Result<()> {
        let number = self.client.ledger.say(self.session);
        let bytes = (number % 10 == 9).then(|| vec![7; 100]);
        let placeholder = bytes
            .is_some()
            .then(|| json!({ "_placeholder": true, "num": 0 }));
        let said = json!({
            "sender": self.session.client,
            "session": self.session.number,
            "number": number,
            "bytes": placeholder,
        });
        let arguments = vec![json!(self.room), said];
        self.ask("say", arguments, bytes.as_deref(), Expected::Taken(number))
            .await
    }

    async fn enter(&mut self) -> Result<()> {
        let room = json!(self.room);
        self.ask("enter", vec![room], None, Expected::Nothing)
            .await?;
        self.settle().await?;
        self.ear = Some(Ear::new(self.client.server));
        Ok(())
    }

    /// Waits until all requests are answered.
    async fn settle(&mut self) -> Result<()> {
        let answered = async {
            while !self.questions.is_empty() {
                let packet = self.connection.packet().await?;
                ensure!(self.take(packet)?, "the server has closed the namespace");
            }
            anyhow::Ok(())
        };
        match timeout(PATIENCE, answered).await {
            Ok(answered) => answered,
            Err(_) => {
                self.forget_late(Instant::now() + PATIENCE);
                Ok(())
            }
        }
    }

    async fn ask(
        &mut self,
        event: &str,
        arguments: Vec<Value>,
        attachment: Option<&[u8]>,
        expected: Expected,
    ) -> Result<()> {
        let number = self.events;
        self.events += 1;
        let mut all = vec![json!(event), json!(number)];
        all.extend(arguments);
        add(&self.client.ledger.counters.sent);
        let id = u64::from(number);
        self.questions.insert(id, (expected, Instant::now()));
        self.connection.emit(id, &all, attachment).await
    }

    /// Handles a packet. Returns `false` if the server has closed the namespace.
    fn take(&mut self, packet: Packet) -> Result<bool> {
        match packet {
            Packet::Event(event) if event.first() == Some(&json!("said")) => {
                let said = &event[1];
                let number = |key: &str| said[key].as_u64().unwrap_or_default() as u32;
                let from = Session {
                    client: number("sender"),
                    number: number("session"),
                };
                if said["bytes"].is_object() {
                    ensure!(event.get(2) == Some(&json!(vec![7; 100])), "other bytes");
                }
                if let Some(ear) = &mut self.ear {
                    ear.hear(&self.client.ledger, from, number("number"));
                }
            }
            Packet::Answer(id, answer) => self.answered(id, &answer),
            Packet::Closed => return Ok(false),
            Packet::Event(_) | Packet::Other => {}
        }
        Ok(true)
    }

    fn answered(&mut self, id: u64, answer: &[Value]) {
        let (ledger, questions) = (&self.client.ledger, &mut self.questions);
        let counters = &ledger.counters;
        // A late response was counted already.
        let Some((expected, _)) = questions.remove(&id) else {
            return;
        };
        let is_right = match expected {
            Expected::Nothing => answer.is_empty(),
            Expected::Number(number) => answer == [json!(number)],
            Expected::Bytes(bytes) => answer.get(1) == Some(&json!(bytes)),
            Expected::Taken(number) => match answer.first().map(|answer| &answer["status"]) {
                Some(status) if status == "ok" => {
                    ledger.taken(self.session, number);
                    true
                }
                _ => return add(&counters.refused),
            },
        };
        add(match is_right {
            true => &counters.acknowledged,
            false => &counters.wrong_answers,
        });
    }

    /// Drops the requests that were not answered in time.
    fn forget_late(&mut self, now_is: Instant) {
        let client = self.client;
        self.questions.retain(|_, (_, asked)| {
            let waited = now_is.saturating_duration_since(*asked);
            let is_late = waited >= PATIENCE;
            if is_late {
                let asked = now() - waited.as_millis() as u64;
                let mut unanswered = client.ledger.unanswered.lock().expect("no panic");
                unanswered.push((asked, client.server));
            }
            !is_late
        });
    }

    fn leave(mut self, is_end: bool) {
        for _ in self.questions.drain() {
            add(&self.client.ledger.counters.cut_off);
        }
        if let Some(ear) = self.ear.take() {
            ear.close(&self.client.ledger, is_end);
        }
    }
}

fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(0.5 + fastrand::f64())
}
