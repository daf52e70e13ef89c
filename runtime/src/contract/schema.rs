//! Schema documents of chosen namespaces.

use sio_types_schema::{Schema, SchemaError};

use super::{describe::add_namespace, namespace::Namespace};
use crate::describe::build::SchemaBuilder;

/// One namespace, or a tuple of up to twelve, that [`of`] can describe.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a namespace or a tuple of namespaces",
    note = "add `#[derive(Events)]` to the namespace type"
)]
pub trait Namespaces {
    #[doc(hidden)]
    fn describe(schema: &mut SchemaBuilder);
}

impl<N: Namespace> Namespaces for N {
    fn describe(schema: &mut SchemaBuilder) {
        add_namespace::<N>(schema);
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Namespace),+> Namespaces for ($($name,)+) {
            fn describe(schema: &mut SchemaBuilder) {
                $(add_namespace::<$name>(schema);)+
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);

/// Describes one namespace or a tuple of namespaces: `schema::of::<Chat>()`, `schema::of::<(Chat, Admin)>()`.
///
/// ```
/// use sio_types::{prelude::*, schema};
///
/// #[events]
/// trait ToServer { fn search(query: String, limit: Option<u32>); }
///
/// #[derive(Events)]
/// #[events(namespace = "/", client_to_server = ToServer)]
/// struct App;
///
/// # fn main() -> Result<(), sio_types::SchemaError> {
/// let schema = schema::of::<App>()?;
/// let search = &schema.namespaces[0].client_to_server.events[0];
/// assert_eq!(search.name, "search");
/// assert!(search.arguments[1].optional);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns [`SchemaError::Collision`] if two Rust types have the same name, and [`SchemaError::Path`] if two namespaces
/// have the same path. Returns [`SchemaError::BigInt`] if a namespace with `bigint = "string"` has large integers that
/// are encoded as numbers. Each error names the attribute that fixes it.
pub fn of<N: Namespaces>() -> Result<Schema, SchemaError> {
    let mut schema = SchemaBuilder::new();
    N::describe(&mut schema);
    schema.finish()
}
