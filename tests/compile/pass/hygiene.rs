#![no_implicit_prelude]
#![deny(warnings)]

// schemars' own expansion calls `into`.
#[allow(unused_imports)]
use ::core::convert::Into as _;
use ::sio_types::{Events, Socket, events, payload};

#[payload(bigint = "string")]
#[allow(dead_code)]
struct Large {
    number: ::core::primitive::u64,
    maybe: ::core::option::Option<::core::primitive::i64>,
}

#[events]
trait ToClient {
    fn large(large: Large);
    fn question(cx: ::std::string::String) -> ::core::result::Result<Large, ::core::primitive::bool>;
}

#[events]
trait ToServer {
    fn post(handler: ::std::string::String, call: ::std::vec::Vec<Large>, event: ::core::primitive::u8);
    #[event(rate = "1/min burst 5")]
    fn answer(message: Large) -> ();
}

#[derive(Events)]
#[events(
    namespace = "/chat/{parameters}",
    server_to_client = ToClient,
    client_to_server = ToServer,
    socket_data = Large,
    auth = Large,
    connect_error = Large,
)]
struct Chat {
    parameters: ::std::string::String,
}

struct Server;

impl ToServer<Socket<Chat>> for Server {
    async fn post(
        &self,
        socket: Socket<Chat>,
        _: ::std::string::String,
        large: ::std::vec::Vec<Large>,
        _: ::core::primitive::u8,
    ) {
        for one in &large {
            ::core::mem::drop(socket.emit().large(one));
        }
        ::core::mem::drop(socket.emit().question("?").await);
    }

    async fn answer(&self, _: Socket<Chat>, _: Large) {}
}

impl ::sio_types::Lifecycle<Chat> for Server {
    async fn authenticate(
        &self,
        _: &::sio_types::Handshake<Chat>,
        auth: Large,
    ) -> ::core::result::Result<Large, ::sio_types::ConnectError<Large>> {
        ::core::result::Result::Ok(auth)
    }
}

fn main() {
    let (_, io) = ::sio_types::SocketIo::builder().build_layer();
    io.mount::<Chat, _>(Server).unwrap();
}
