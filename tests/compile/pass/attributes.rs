#![deny(warnings, missing_docs)]
//! `#[cfg]`, `#[deprecated]`, raw names, an empty trait and doc comments end up in the right places.

use sio_types as renamed;
use sio_types::prelude::*;

/// No events yet.
#[events]
pub trait Nothing {}

/// Events from clients to the server.
#[events(rename_all = "kebab-case", prefix = "room:", crate = "renamed")]
pub trait ToServer {
    /// A raw name.
    fn r#type(r#match: String) -> u32;
    /// Not in this build.
    #[cfg(any())]
    fn absent(missing: NoSuchType);
    /// The same name under another condition.
    #[cfg(all())]
    fn absent();
    /// Deprecated soon.
    #[deprecated(note = "use `type`")]
    fn old(value: u8);
}

/// A namespace.
#[derive(Events)]
#[events(namespace = "/", server_to_client = Nothing, client_to_server = ToServer, inter_server = Nothing, crate = "renamed")]
pub struct App;

/// Another namespace with the same handler.
#[derive(Events)]
#[events(namespace = "/other", client_to_server = ToServer)]
pub struct Other;

struct Server;

impl<N: sio_types::Namespace> ToServer<Socket<N>> for Server {
    async fn r#type(&self, _: Socket<N>, r#match: String) -> u32 {
        r#match.len() as u32
    }

    async fn absent(&self, _: Socket<N>) {}

    async fn old(&self, _: Socket<N>, _: u8) {}
}

impl Nothing<Peer<App>> for Server {}
impl Lifecycle<App> for Server {}
impl Lifecycle<Other> for Server {}

fn main() {
    let (_, io) = SocketIo::builder().build_layer();
    io.mount::<App, _>(Server).unwrap();
    io.mount::<Other, _>(Server).unwrap();
    let event = ToServerEvent::Type { r#match: String::new() };
    assert_eq!(event.name(), "room:type");
    assert_eq!(ToServerEvent::Absent.name(), "room:absent");
}
