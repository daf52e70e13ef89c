//! Namespaces of a crate, registered for its schema.
//!
//! `#[derive(Events)]` registers them only if the command line tool compiles the crate.

use std::process::ExitCode;

use sio_types_schema::{Schema, SchemaError};

use super::{describe::add_namespace, namespace::Namespace};
use crate::describe::build::SchemaBuilder;

/// Registered namespace of the crate.
pub struct RegisteredNamespace {
    describe: fn(&mut SchemaBuilder),
}

impl RegisteredNamespace {
    /// Creates the registration of `N`.
    pub const fn of<N: Namespace>() -> Self {
        Self {
            describe: add_namespace::<N>,
        }
    }
}

inventory::collect!(RegisteredNamespace);

/// Registers a namespace; part of the expansion of `#[derive(Events)]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_namespace {
    ($namespace:ty) => {
        $crate::__private::inventory::submit! {
            $crate::__private::RegisteredNamespace::of::<$namespace>()
        }
    };
}

pub(crate) fn collect_schema() -> Result<Schema, SchemaError> {
    let mut schema = SchemaBuilder::new();
    for namespace in inventory::iter::<RegisteredNamespace> {
        (namespace.describe)(&mut schema);
    }
    schema.finish()
}

/// Prints the schema of all registered namespaces. The command line tool links a program with the crate that only calls
/// this function.
pub fn print_schema() -> ExitCode {
    match collect_schema() {
        Ok(schema) => {
            print!("{}", schema.to_json());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("{error}");
            ExitCode::FAILURE
        }
    }
}
