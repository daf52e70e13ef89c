//! The measures, and the claims about their results.

use super::contender::Contender::{self, ByHand, Floor, Node, NodeWithBufferutil, SioTypes};

pub(super) struct Measure {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// Arguments of the load generator.
    pub(super) load: &'static [&'static str],
    pub(super) contenders: &'static [Contender],
    /// The figure in the chart.
    pub(super) figure: &'static str,
    pub(super) is_msgpack: bool,
    pub(super) is_clustered: bool,
}

impl Measure {
    const fn new(
        name: &'static str,
        title: &'static str,
        load: &'static [&'static str],
        figure: &'static str,
    ) -> Self {
        Self {
            name,
            title,
            load,
            contenders: &[SioTypes, ByHand, Node, NodeWithBufferutil],
            figure,
            is_msgpack: false,
            is_clustered: false,
        }
    }

    const fn by(self, contenders: &'static [Contender]) -> Self {
        Self { contenders, ..self }
    }
}

const ALL: &[Contender] = &[SioTypes, ByHand, Node, NodeWithBufferutil, Floor];

pub(super) const MEASURES: [Measure; 9] = [
    Measure::new(
        "echo-4",
        "acknowledged events, 64 connections, 4 in flight",
        &["echo", "--in-flight", "4"],
        MESSAGES,
    )
    .by(ALL),
    Measure::new(
        "echo-16",
        "acknowledged events, 64 connections, 16 in flight",
        &["echo", "--in-flight", "16"],
        MESSAGES,
    )
    .by(ALL),
    Measure::new(
        "broadcast-1000",
        "broadcasts to 1,000 sockets in a room",
        &["broadcast", "--sockets", "1000"],
        DELIVERIES,
    ),
    Measure::new(
        "broadcast-5000",
        "broadcasts to 5,000 sockets in a room",
        &["broadcast", "--sockets", "5000"],
        DELIVERIES,
    ),
    Measure::new(
        "connections",
        "10,000 connections, 50 events",
        &["idle", "--connections", "9999"],
        CONNECTIONS,
    ),
    Measure::new(
        "binary",
        "4 kB of binary data and back, 16 in flight",
        &["echo", "--in-flight", "16", "--payload", "binary"],
        MESSAGES,
    ),
    Measure {
        is_msgpack: true,
        ..Measure::new(
            "msgpack",
            "acknowledged events by the msgpack parser, 16 in flight",
            &["echo", "--in-flight", "16"],
            MESSAGES,
        )
    },
    Measure {
        is_clustered: true,
        ..Measure::new(
            "cluster",
            "events from a client of one server to a client of another, over Redis, 16 in flight",
            &["relay", "--in-flight", "16"],
            MESSAGES,
        )
    },
    Measure::new(
        "order",
        "1,000,000 numbered events of one socket",
        &["order", "--messages", "1000000"],
        MESSAGES,
    )
    .by(&[SioTypes, ByHand, Node]),
];

pub(super) const MESSAGES: &str = "messages_per_second";
pub(super) const DELIVERIES: &str = "deliveries_per_second";
pub(super) const CONNECTIONS: &str = "connections_per_second";
const MEMORY: &str = "bytes_per_connection";
const CPU: &str = "cpu_microseconds";
const P99: &str = "p99_milliseconds";

/// A ratio between sio-types and others, with its limit.
pub(super) struct Claim {
    pub(super) measure: &'static str,
    pub(super) figure: &'static str,
    /// The contenders to compare with. The best of them counts.
    pub(super) others: &'static [Contender],
    pub(super) bar: Bar,
}

#[derive(Clone, Copy)]
pub(super) enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

const NODE: &[Contender] = &[Node, NodeWithBufferutil];

const fn claim(
    measure: &'static str,
    figure: &'static str,
    others: &'static [Contender],
    bar: Bar,
) -> Claim {
    Claim {
        measure,
        figure,
        others,
        bar,
    }
}

pub(super) const CLAIMS: [Claim; 18] = [
    claim("echo-4", MESSAGES, &[ByHand], Bar::AtLeast(1.6)),
    claim("echo-16", MESSAGES, &[ByHand], Bar::AtLeast(1.9)),
    claim("echo-4", CPU, &[ByHand], Bar::AtMost(0.6)),
    claim("echo-4", MESSAGES, &[Floor], Bar::AtLeast(0.6)),
    claim("echo-4", MESSAGES, NODE, Bar::AtLeast(5.5)),
    claim("echo-16", MESSAGES, NODE, Bar::AtLeast(7.0)),
    claim("echo-16", P99, &[ByHand], Bar::AtMost(0.2)),
    claim("broadcast-1000", DELIVERIES, &[ByHand], Bar::AtLeast(1.0)),
    claim("broadcast-1000", DELIVERIES, NODE, Bar::AtLeast(3.3)),
    claim("broadcast-5000", DELIVERIES, &[ByHand], Bar::AtLeast(1.0)),
    claim("broadcast-5000", DELIVERIES, NODE, Bar::AtLeast(3.3)),
    claim("connections", CONNECTIONS, &[ByHand], Bar::AtLeast(1.25)),
    claim("connections", CONNECTIONS, NODE, Bar::AtLeast(4.5)),
    claim("connections", MEMORY, NODE, Bar::AtMost(1.0)),
    claim("connections", MEMORY, NODE, Bar::AtMost(0.6)),
    claim("binary", MESSAGES, &[ByHand], Bar::AtLeast(1.0)),
    claim("msgpack", MESSAGES, &[ByHand], Bar::AtLeast(1.0)),
    claim("cluster", MESSAGES, &[ByHand], Bar::AtLeast(1.0)),
];
