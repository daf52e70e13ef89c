//! Errors of building and reading documents.

use thiserror::Error;

use crate::document::Schema;

/// Error returned when a [`Schema`] cannot be built or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Two Rust types have the same name.
    #[error(
        "two types are named `{name}`: `{first}` and `{second}`; \
         give one another name with `#[schemars(rename = \"…\")]`"
    )]
    Collision {
        /// The name of both.
        name: String,
        /// The path of one type.
        first: String,
        /// The path of the other type.
        second: String,
    },
    /// Two namespaces are mounted on the same path.
    #[error(
        "two namespaces have the path `{path}`: `{first}` and `{second}`; \
         change one `#[events(namespace = \"…\")]`"
    )]
    Path {
        /// The path of both.
        path: String,
        /// The name of one namespace.
        first: String,
        /// The name of the other namespace.
        second: String,
    },
    /// Large integers of a namespace are encoded as numbers, and not as strings.
    #[error(
        "the namespace `{namespace}` has `bigint = \"string\"`, and these are numbers: {}; \
         put `#[payload(bigint = \"string\")]` on the fields, or on a newtype in place of an argument",
        places.join("; ")
    )]
    BigInt {
        /// The path of the namespace.
        namespace: String,
        /// Places of the integers.
        places: Vec<String>,
    },
    /// The document has a version that this crate does not support.
    #[error(
        "the schema document has version {0}, and this version of sio-types reads version {version}; \
         write it again with `sio-types gen-schema`",
        version = Schema::VERSION
    )]
    Version(u32),
    /// The text is not a schema document.
    #[error("not a schema document: {0}")]
    Json(#[from] serde_json::Error),
}
