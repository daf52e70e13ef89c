//! Events that a front end may use.

use std::collections::BTreeMap;

use sio_types_schema::{NamespaceSchema, Schema};

use crate::typescript::reference::socket_types;

/// The events of a schema.
pub(super) struct Events<'a> {
    namespaces: &'a [NamespaceSchema],
    /// Types of the generated module that identify the namespace of a socket.
    types: BTreeMap<String, &'a str>,
}

impl<'a> Events<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self {
            namespaces: &schema.namespaces,
            types: socket_types(schema),
        }
    }

    /// Returns the path of the namespace whose socket or events have that type.
    pub(super) fn path_of_type(&self, name: &str) -> Option<String> {
        self.types.get(name).map(|path| (*path).to_owned())
    }

    pub(super) fn namespaces(&self) -> &'a [NamespaceSchema] {
        self.namespaces
    }
}
