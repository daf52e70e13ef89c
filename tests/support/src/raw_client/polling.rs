//! Polling sessions.

use std::net::SocketAddr;

use super::{POLLING, Response, field, poll, post};

/// A polling session.
#[derive(Clone, Debug)]
pub struct Polling {
    /// The address of the server.
    pub server: SocketAddr,
    /// The token of the session.
    pub token: String,
}

impl Polling {
    /// Opens a session.
    pub async fn open(server: SocketAddr) -> Self {
        let response = poll(server, POLLING, &[]).await;
        assert_eq!(response.status, 200, "{response:?}");
        let token = response.session();
        Self { server, token }
    }

    /// Opens a session and connects to a namespace, written as in packets: empty for `/`, otherwise with a comma at
    /// its end. Returns the socket's id as well.
    pub async fn connect(server: SocketAddr, namespace: &str) -> (Self, String) {
        let client = Self::open(server).await;
        client.post(&format!("40{namespace}")).await;
        let mut seen = String::new();
        // Heartbeats are left to the test.
        while !seen.contains("\"sid\"") {
            let response = client.get().await;
            assert_eq!(response.status, 200, "{response:?} after {seen}");
            seen.push_str(&response.body);
        }
        let id = field(&seen, "sid");
        (client, id)
    }

    /// Returns the query of the session's requests.
    pub fn query(&self) -> String {
        format!("{POLLING}&sid={}", self.token)
    }

    /// Polls once.
    pub async fn get(&self) -> Response {
        poll(self.server, &self.query(), &[]).await
    }

    /// Sends packets.
    pub async fn post(&self, body: &str) -> Response {
        post(self.server, &self.token, &[], body).await
    }

    /// Polls until the bodies contain a text, and returns them. Heartbeats are answered.
    pub async fn get_until(&self, text: &str) -> String {
        let mut all = String::new();
        while !all.contains(text) {
            let response = self.get().await;
            assert_eq!(response.status, 200, "{response:?} instead of {text}");
            if response.body.split('\u{1e}').any(|packet| packet == "2") {
                self.post("3").await;
            }
            all.push_str(&response.body);
        }
        all
    }
}
