//! Individual parts of a module, for generators of documentation.

use std::collections::BTreeMap;

use sio_types_schema::{EventSchema, PayloadSchema, Schema};

use super::definitions::Definitions;
use super::direction::Direction;
use super::events::{self, Way};
use super::layout::alias;
use super::names::Names;
pub(crate) use super::names::parameters;
use super::namespaces;
pub(crate) use super::syntax::key;
use super::syntax::{Docs, Field, Object, Type};
use crate::error::Error;

/// Direction in which an event flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    ServerToClient,
    ClientToServer,
    BetweenServers,
}

impl Role {
    fn way(self) -> Way {
        match self {
            Self::ServerToClient => Way::SERVER_TO_CLIENT,
            Self::ClientToServer => Way::CLIENT_TO_SERVER,
            Self::BetweenServers => Way::BETWEEN_SERVERS,
        }
    }

    /// Returns the direction of the arguments, from Rust's point of view.
    pub(crate) fn arguments(self) -> Direction {
        self.way().arguments
    }
}

/// TypeScript types of a schema.
pub(crate) struct Reference<'a>(Definitions<'a>);

impl<'a> Reference<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Result<Self, Error> {
        Definitions::new(schema, &mut Names::new()).map(Self)
    }

    /// Returns the declaration of every named type, by name.
    pub(crate) fn types(&self) -> BTreeMap<String, String> {
        self.0.declarations()
    }

    /// Returns the definition and the direction that each name stands for.
    pub(crate) fn origins(&self) -> BTreeMap<String, (&str, Direction)> {
        self.0.origins()
    }

    /// Returns an event as the member of an interface.
    pub(crate) fn event(&self, event: &EventSchema, role: Role) -> Result<String, Error> {
        let ty = events::function(event, role.way(), &self.0)
            .map_err(|error| error.within(format!("the event `{}`", event.name)))?;
        let object = Object {
            fields: vec![Field {
                name: event.name.clone(),
                optional: false,
                ty,
                docs: Docs::default(),
            }],
            index: None,
        };
        let interface = object.interface("Events");
        let lines: Vec<_> = interface.lines().collect();
        let member = lines.get(1..lines.len().saturating_sub(1));
        let member = member.unwrap_or_default().iter();
        let member = member.map(|line| line.strip_prefix("  ").unwrap_or(line));
        Ok(member.collect::<Vec<_>>().join("\n"))
    }

    /// Returns the type of a payload.
    pub(crate) fn payload(
        &self,
        payload: &PayloadSchema,
        direction: Direction,
    ) -> Result<String, Error> {
        let ty: Type = self.0.payload(payload, direction)?;
        let declared = alias("T", &ty);
        let text = declared.trim_start_matches("export type T =");
        Ok(text.trim().trim_end_matches(';').to_owned())
    }
}

/// Returns the names of the types that identify the namespace of a socket, with its path: the type of the socket, and
/// the type of the events that the server sends.
pub(crate) fn socket_types(schema: &Schema) -> BTreeMap<String, &str> {
    let only = schema.namespaces.len() == 1;
    let mut types = BTreeMap::new();
    for namespace in &schema.namespaces {
        let names = [
            namespaces::socket_name(namespace, only),
            namespaces::sent_name(namespace, only),
        ];
        types.extend(names.map(|name| (name, &*namespace.path)));
    }
    types
}
