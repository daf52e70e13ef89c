//! Errors of building and reading documents.

use thiserror::Error;

use crate::document::Schema;

/// Error returned when a [`Schema`] cannot be built or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Two Rust types have the same name.
    #[error(
        "duplicate type name `{name}`, used by `{first}` and `{second}`; \
         rename one of them with `#[schemars(rename = \"…\")]`"
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
        "duplicate namespace path `{path}`, used by `{first}` and `{second}`; \
         change one of them in `#[events(namespace = \"…\")]`"
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
        "namespace `{namespace}` requires `bigint = \"string\"`; add `#[payload(bigint = \"string\")]` to these integers \
         (for an argument, to a newtype): {}",
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
        "unsupported schema version {0}, expected {version}; \
         regenerate the document with `sio-types gen-schema`",
        version = Schema::VERSION
    )]
    Version(u32),
    /// The text is not a schema document.
    #[error("invalid schema document: {0}")]
    Json(#[from] serde_json::Error),
}
