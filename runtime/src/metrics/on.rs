//! Metrics, recorded by the `metrics` crate.

use std::{
    sync::{Once, OnceLock},
    time::Instant,
};

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

use super::{EventOrigin, table::Table};
use crate::{
    contract::error::{AckError, EmitError},
    wire::acknowledgement::RejectionCode,
};

/// Start of a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Moment(Instant);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// Metrics of a namespace, for its traffic with clients or with other servers.
pub(crate) struct Traffic {
    namespace: &'static str,
    peer: &'static str,
    /// Created on first use, so that a recorder that the application installs after `mount` is used.
    handles: OnceLock<Box<Handles>>,
}

/// Handles of the recorder, which avoid a lookup by name for every value.
struct Handles {
    sockets: Gauge,
    connected: Counter,
    refused_connects: Counter,
    handlers: Gauge,
    full: Counter,
    received: Table<Received>,
    sent: Table<Counter>,
    acks: Table<AckMetrics>,
}

struct Received {
    count: Counter,
    seconds: Histogram,
}

struct AckMetrics {
    seconds: Histogram,
    timeouts: Counter,
}

impl Traffic {
    pub(crate) fn new(namespace: &'static str, peer: EventOrigin) -> Self {
        Self {
            namespace,
            peer: match peer {
                EventOrigin::Client => "client",
                EventOrigin::Server => "server",
            },
            handles: OnceLock::new(),
        }
    }

    /// Counts a client that has joined the namespace.
    pub(crate) fn connected(&self) {
        let handles = self.handles();
        handles.sockets.increment(1);
        handles.connected.increment(1);
    }

    /// Counts a client that has left the namespace.
    pub(crate) fn disconnected(&self, reason: &'static str) {
        self.handles().sockets.decrement(1);
        let namespace = self.namespace;
        counter!("sio_sockets_disconnected_total", "namespace" => namespace, "reason" => reason)
            .increment(1);
    }

    /// Counts a client that the namespace rejected.
    pub(crate) fn refused_connect(&self) {
        self.handles().refused_connects.increment(1);
    }

    /// Counts a received event that the namespace has.
    pub(crate) fn received(&self, event: &'static str) {
        self.of_received(event).count.increment(1);
    }

    /// Records the duration of a handler.
    pub(crate) fn handled(&self, event: &'static str, begun: Moment) {
        self.of_received(event).seconds.record(begun.seconds());
    }

    /// Counts a handler that continues in the background.
    pub(crate) fn waits(&self) {
        self.handles().handlers.increment(1);
    }

    /// Counts the end of a handler in the background.
    pub(crate) fn waited(&self) {
        self.handles().handlers.decrement(1);
    }

    /// Counts an event that was not handled. The client may have invented its name, so the name is a label only if an
    /// event of that name has been received.
    pub(crate) fn refused(&self, event: &str, code: RejectionCode) {
        let event = self.handles().received.known(event).unwrap_or("");
        let (namespace, peer) = (self.namespace, self.peer);
        let labels = [
            ("namespace", namespace),
            ("event", event),
            ("from", peer),
            ("code", code.name()),
        ];
        counter!("sio_events_rejected_total", &labels).increment(1);
    }

    /// Counts an event that was sent, or for which the send buffer was full.
    pub(crate) fn sent(&self, event: &'static str, error: Option<&EmitError>) {
        match error {
            None => {
                let namespace = self.namespace;
                let make = || counter!("sio_events_sent_total", "namespace" => namespace, "event" => event);
                self.handles().sent.get(event, make).increment(1);
            }
            Some(EmitError::Full) => self.handles().full.increment(1),
            Some(_) => {}
        }
    }

    /// Records the time until an acknowledgement, or counts its timeout.
    pub(crate) fn answered(&self, event: &'static str, sent: Moment, error: Option<&AckError>) {
        let namespace = self.namespace;
        let make = || AckMetrics {
            seconds: histogram!("sio_ack_seconds", "namespace" => namespace, "event" => event),
            timeouts: counter!("sio_ack_timeouts_total", "namespace" => namespace, "event" => event),
        };
        let handles = self.handles().acks.get(event, make);
        match error {
            None | Some(AckError::Decode(_) | AckError::Rejected(_)) => {
                handles.seconds.record(sent.seconds());
            }
            Some(AckError::Timeout) => handles.timeouts.increment(1),
            Some(AckError::Closed | AckError::Emit(_) | AckError::TooManyPending(_)) => {}
        }
    }

    fn of_received(&self, event: &'static str) -> &Received {
        let (namespace, peer) = (self.namespace, self.peer);
        self.handles().received.get(event, || {
            let labels = [("namespace", namespace), ("event", event), ("from", peer)];
            Received {
                count: counter!("sio_events_received_total", &labels),
                seconds: histogram!("sio_handler_seconds", &labels),
            }
        })
    }

    fn handles(&self) -> &Handles {
        self.handles
            .get_or_init(|| Box::new(Handles::new(self.namespace, self.peer)))
    }
}

impl Handles {
    fn new(namespace: &'static str, peer: &'static str) -> Self {
        describe();
        Self {
            sockets: gauge!("sio_sockets", "namespace" => namespace),
            connected: counter!("sio_sockets_connected_total", "namespace" => namespace),
            refused_connects: counter!("sio_connects_refused_total", "namespace" => namespace),
            handlers: gauge!("sio_handlers_running", "namespace" => namespace, "from" => peer),
            full: counter!("sio_send_queue_full_total", "namespace" => namespace),
            received: Table::default(),
            sent: Table::default(),
            acks: Table::default(),
        }
    }
}

/// Counts an Engine.IO connection that was opened.
pub(crate) fn connection_opened() {
    describe_once();
    gauge!("sio_connections").increment(1);
    counter!("sio_connections_opened_total").increment(1);
}

pub(crate) fn connection_closed(reason: &'static str) {
    gauge!("sio_connections").decrement(1);
    counter!("sio_connections_closed_total", "reason" => reason).increment(1);
}

/// Counts a connection that was rejected.
pub(crate) fn connection_refused(reason: &'static str) {
    describe_once();
    counter!("sio_connections_refused_total", "reason" => reason).increment(1);
}

/// Counts a connection that the server ended because its client does not keep up.
pub(crate) fn connection_ended(reason: &'static str) {
    counter!("sio_connections_ended_total", "reason" => reason).increment(1);
}

/// Counts an event that was dropped because there was no room for it.
pub(crate) fn event_dropped() {
    counter!("sio_send_queue_dropped_total").increment(1);
}

/// Counts packets that wait for room in a send buffer.
pub(crate) fn packets_wait(count: usize) {
    gauge!("sio_send_queue_waiting").increment(count as f64);
}

/// Counts packets that no longer wait.
pub(crate) fn packets_gone(count: usize) {
    gauge!("sio_send_queue_waiting").decrement(count as f64);
}

pub(crate) fn cluster_connected(is_connected: bool) {
    describe();
    gauge!("sio_cluster_connected").set(if is_connected { 1 } else { 0 });
}

/// Counts a lost message to or from other servers.
pub(crate) fn cluster_lost() {
    counter!("sio_cluster_lost_total").increment(1);
}

pub(crate) fn bus_sent() {
    counter!("sio_cluster_messages_sent_total").increment(1);
}

pub(crate) fn bus_received() {
    counter!("sio_cluster_messages_received_total").increment(1);
}

/// Records the time until this server received its own heartbeat.
pub(crate) fn bus_lag(sent: Moment) {
    histogram!("sio_cluster_lag_seconds").record(sent.seconds());
}

/// Records the duration of a request to other servers, and the number of missing responses.
pub(crate) fn bus_requested(begun: Moment, missing: usize) {
    histogram!("sio_cluster_request_seconds").record(begun.seconds());
    let missing = u64::try_from(missing).unwrap_or(u64::MAX);
    counter!("sio_cluster_unanswered_total").increment(missing);
}

/// Describes the metrics when the first client connects, because the recorder is installed by then.
fn describe_once() {
    static DESCRIBED: Once = Once::new();
    DESCRIBED.call_once(describe);
}

/// Describes the metrics to the recorder; may be called several times.
fn describe() {
    describe_gauge!("sio_connections", "Open Engine.IO connections");
    describe_counter!(
        "sio_connections_opened_total",
        "Engine.IO connections opened since the start"
    );
    describe_counter!(
        "sio_connections_closed_total",
        "Engine.IO connections closed, by reason"
    );
    describe_counter!(
        "sio_connections_refused_total",
        "Engine.IO connections rejected, by reason"
    );
    describe_gauge!("sio_sockets", "Clients connected to a namespace");
    describe_counter!(
        "sio_sockets_connected_total",
        "Clients that connected to a namespace"
    );
    describe_counter!(
        "sio_sockets_disconnected_total",
        "Clients that disconnected from a namespace, by reason"
    );
    describe_counter!(
        "sio_connects_refused_total",
        "Clients rejected by a namespace"
    );
    describe_counter!(
        "sio_events_received_total",
        "Received events that the namespace declares"
    );
    describe_counter!(
        "sio_events_sent_total",
        "Sent events; a broadcast counts once"
    );
    describe_counter!("sio_events_rejected_total", "Rejected events, by code");
    describe_histogram!(
        "sio_handler_seconds",
        Unit::Seconds,
        "Time from the arrival of an event to the end of its handler"
    );
    describe_gauge!("sio_handlers_running", "Handlers running in the background");
    describe_histogram!(
        "sio_ack_seconds",
        Unit::Seconds,
        "Time from sending an event to its acknowledgement"
    );
    describe_counter!("sio_ack_timeouts_total", "Acknowledgements that timed out");
    describe_counter!(
        "sio_send_queue_full_total",
        "Events not sent because the send queue was full"
    );
    describe_counter!(
        "sio_send_queue_dropped_total",
        "Events dropped because the send queue was full"
    );
    describe_gauge!(
        "sio_send_queue_waiting",
        "Packets waiting for space in the send buffer of a client"
    );
    describe_counter!(
        "sio_connections_ended_total",
        "Connections closed because the client is too slow, by reason"
    );
    describe_gauge!(
        "sio_cluster_connected",
        "1 if the server is connected to the cluster engine, otherwise 0"
    );
    describe_counter!(
        "sio_cluster_lost_total",
        "Lost messages to or from other servers"
    );
    describe_counter!(
        "sio_cluster_messages_sent_total",
        "Messages sent to other servers on the cluster bus"
    );
    describe_counter!(
        "sio_cluster_messages_received_total",
        "Messages received from other servers on the cluster bus"
    );
    describe_histogram!(
        "sio_cluster_lag_seconds",
        Unit::Seconds,
        "Time that a message takes through the cluster engine"
    );
    describe_histogram!(
        "sio_cluster_request_seconds",
        Unit::Seconds,
        "Time from a request to all other servers to the last response"
    );
    describe_counter!(
        "sio_cluster_unanswered_total",
        "Responses of other servers that timed out"
    );
}
