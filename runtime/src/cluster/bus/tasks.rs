//! Background tasks of the bus.

use std::sync::Weak;

use tokio::sync::mpsc;

use super::{Bus, SETTLING, envelope::Body};
use crate::{
    cluster::engine::BUFFER,
    support::{backoff::Backoff, panic::catch_panic},
};

/// Handles the messages of other servers one at a time, until the bus is dropped.
pub(crate) async fn receive(bus: Weak<Bus>) {
    let Some(mut messages) = subscribe(&bus).await else {
        return;
    };
    while let Some(message) = messages.recv().await {
        let Some(bus) = bus.upgrade().filter(|bus| !bus.has_left()) else {
            return;
        };
        if let Err(panic) = catch_panic(|| bus.handle(&message)) {
            tracing::error!(panic, "handling of a message from another server panicked");
        }
    }
}

async fn subscribe(bus: &Weak<Bus>) -> Option<mpsc::Receiver<Vec<u8>>> {
    let mut backoff = Backoff::default();
    loop {
        let bus = bus.upgrade()?;
        let channels = [bus.channel(None), bus.channel(Some(bus.node))];
        let engine = bus.cluster.engine.as_ref()?;
        let (sender, messages) = mpsc::channel(BUFFER);
        match engine.subscribe(channels.into(), sender).await {
            Ok(()) => {
                bus.publish(Body::Hello).await;
                tokio::spawn(async move {
                    tokio::time::sleep(SETTLING).await;
                    bus.is_settled.send_replace(true);
                });
                return Some(messages);
            }
            Err(error) => {
                tracing::debug!(%error, "failed to subscribe to the cluster bus; retrying");
                drop(bus);
                backoff.wait().await;
            }
        }
    }
}

/// Sends heartbeats, and removes servers whose heartbeats are missing.
pub(crate) async fn beat(bus: Weak<Bus>) {
    let mut was_connected = true;
    loop {
        let Some(heartbeat) = bus.upgrade().map(|bus| bus.cluster.settings.heartbeat) else {
            return;
        };
        tokio::time::sleep(heartbeat).await;
        let Some(bus) = bus.upgrade().filter(|bus| !bus.has_left()) else {
            return;
        };
        let is_connected = bus.cluster.health().is_connected();
        if is_connected {
            // After an outage, every server has to announce itself again.
            match was_connected {
                false => bus.publish(Body::Hello).await,
                true if bus.is_server => {
                    bus.lag_probe.sent();
                    bus.publish(Body::Alive).await;
                }
                true => {}
            }
            bus.members.expire(bus.cluster.settings.expiry);
        }
        was_connected = is_connected;
    }
}
