//! Namespaces whose large integers are encoded as text.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use sio_types::{
    prelude::*,
    schema::{self, SchemaError},
};

#[payload]
pub struct Mixed {
    #[payload(bigint = "string")]
    text: u64,
    number: i64,
    list: Vec<Option<usize>>,
    small: u32,
}

#[payload(bigint = "string")]
pub struct Sequence(u64);

#[events]
pub trait Numbers {
    fn mixed(mixed: Mixed, count: u32);
    fn bare(number: u64) -> Result<Vec<i64>, String>;
}

#[events]
pub trait Texts {
    fn sequence(sequence: Sequence, small: i32) -> Sequence;
}

#[derive(Events)]
#[events(namespace = "/numbers", server_to_client = Numbers, bigint = "string")]
pub struct OfNumbers;

#[derive(Events)]
#[events(namespace = "/texts", server_to_client = Texts, inter_server = Texts, bigint = "string")]
pub struct OfTexts;

#[test]
fn error_lists_numbers_with_their_places() {
    let Err(SchemaError::BigInt { namespace, places }) = schema::of::<(OfNumbers, OfTexts)>()
    else {
        panic!("the numbers are refused");
    };
    assert_eq!(namespace, "/numbers");
    assert_eq!(
        places,
        [
            "acknowledgement of event `bare`",
            "argument `number` of event `bare`",
            "field `list` of type `Mixed`",
            "field `number` of type `Mixed`",
        ]
    );
}

#[test]
fn accepts_integers_as_strings() {
    schema::of::<(OfTexts,)>().expect("there is no number too large");
}
