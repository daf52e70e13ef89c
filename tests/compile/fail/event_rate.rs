use sio_types::prelude::*;

#[events]
pub trait Events {
    #[event(rate = "5 a second")]
    fn message(text: String);
    #[event("other", rate = "0/s")]
    fn other(text: String);
    #[event(rate)]
    fn third(text: String);
    #[event(rate = 5)]
    fn fourth(text: String);
    #[event(rate = "5/s", burst = 3)]
    fn fifth(text: String);
}

fn main() {}
