use super::{build::SchemaBuilder, document::Schema, error::SchemaError};
use crate::contract::namespace::Namespace;

/// One namespace, or a tuple of up to twelve: what [`Schema::of`] describes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a namespace or a tuple of namespaces",
    note = "a namespace is a type with `#[derive(Events)]`"
)]
pub trait Namespaces {
    #[doc(hidden)]
    fn describe(schema: &mut SchemaBuilder);
}

impl<N: Namespace> Namespaces for N {
    fn describe(schema: &mut SchemaBuilder) {
        schema.namespace::<N>();
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Namespace),+> Namespaces for ($($name,)+) {
            fn describe(schema: &mut SchemaBuilder) {
                $(schema.namespace::<$name>();)+
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

impl Schema {
    /// Describes namespaces: `Schema::of::<Chat>()`, `Schema::of::<(Chat, Admin)>()`.
    ///
    /// # Errors
    /// If two Rust types want one name, or two namespaces one path.
    pub fn of<N: Namespaces>() -> Result<Self, SchemaError> {
        let mut schema = SchemaBuilder::new();
        N::describe(&mut schema);
        schema.finish()
    }
}
