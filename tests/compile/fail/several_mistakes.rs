use sio_types::prelude::*;

#[events(prefx = "x:")]
pub trait Events {
    fn connect();
    fn message<T>(text: T);
    fn post(&self);
    #[event("late", concurent)]
    fn late();
}

fn main() {}
