//! Values that the server sends type-check, and values that type-check are accepted, according to the TypeScript
//! compiler.

use sio_types_test_support::typescript::{assert_compiles, assert_formatted};
use sio_types_zoo::{schema, specimens, uses::Uses};

fn typescript() -> String {
    let module = sio_types_cli::typescript::print(&schema()).expect("every type can be said");
    module.text
}

#[test]
fn rust_has_the_same_opinion() {
    let specimens = specimens();
    assert!(specimens.len() > 180, "only {} types", specimens.len());
    let mut surprises = Vec::new();
    for specimen in &specimens {
        let event = specimen.event;
        assert!(!specimen.sent.is_empty(), "{event} is never sent");
        for value in &specimen.accepted {
            if let Err(error) = (specimen.decoded)(value.clone()) {
                surprises.push(format!("{event}: Rust refuses {value}: {error}"));
            }
        }
        for value in &specimen.refused {
            if (specimen.decoded)(value.clone()).is_ok() {
                surprises.push(format!("{event}: Rust accepts {value}"));
            }
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}

#[test]
fn the_compiler_has_the_same_opinion() {
    let mut uses = Uses::default();
    for (number, specimen) in specimens().iter().enumerate() {
        uses.name(number, specimen);
        uses.fits("S", number, specimen.event, &specimen.sent);
        uses.fits("A", number, specimen.event, &specimen.accepted);
        uses.does_not_fit(number, specimen.event, &specimen.refused);
    }
    assert_compiles(&typescript(), &uses.0);
}

#[test]
fn prettier_agrees() {
    assert_formatted(&typescript());
}

#[test]
fn the_same_types_are_the_same_text() {
    assert_eq!(typescript(), typescript());
}
