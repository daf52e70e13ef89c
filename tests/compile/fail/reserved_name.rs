use sio_types::prelude::*;

#[events(rename_all = "snake_case")]
pub trait Events {
    fn connect();
    fn connect_error();
    fn disconnect();
    fn disconnecting();
    #[event("newListener")]
    fn listener();
    #[event("removeListener")]
    fn other();
}

fn main() {}
