//! Types of each namespace, and the map of all namespaces.

use sio_types_schema::{EventSetSchema, NamespaceSchema, PayloadSchema, Schema};

use super::definitions::{Definitions, declaration};
use super::direction::Direction;
use super::events::{self, Way};
use super::names::Names;
use super::syntax::{Docs, Field, Object, Type};
use super::target::Target;
use crate::error::Error;

/// Declarations that namespaces add to a module.
pub(super) struct Namespaces {
    pub(super) sections: Vec<String>,
    /// `true` if an acknowledgement may be an error.
    pub(super) fallible: bool,
}

struct Printer<'a> {
    definitions: &'a Definitions<'a>,
    names: &'a mut Names,
    sections: Vec<String>,
    target: Target,
}

pub(super) fn print(
    schema: &Schema,
    target: Target,
    definitions: &Definitions<'_>,
    names: &mut Names,
) -> Result<Namespaces, Error> {
    let mut printer = Printer {
        definitions,
        names,
        sections: Vec::new(),
        target,
    };
    let mut map = Object::default();
    let mut fallible = false;
    for namespace in &schema.namespaces {
        let only = schema.namespaces.len() == 1;
        let entry = printer.namespace(namespace, only);
        let entry =
            entry.map_err(|error| error.within(format!("the namespace `{}`", namespace.path)))?;
        map.fields
            .push(field(&namespace.path, entry, &namespace.docs));
        let sets = [
            &namespace.server_to_client,
            &namespace.client_to_server,
            &namespace.inter_server,
        ];
        fallible |= sets.into_iter().any(events::is_fallible);
    }
    let docs = Docs {
        text: "Namespaces by path.".to_owned(),
        deprecated: None,
    };
    let mut sections = printer.sections;
    sections.push(declaration("Namespaces", &Type::Object(map), &docs));
    Ok(Namespaces { sections, fallible })
}

/// Returns the prefix of the names of a namespace's types.
fn prefix(namespace: &NamespaceSchema, only: bool) -> &str {
    match &namespace.ts_prefix {
        Some(prefix) => prefix,
        None if only && (namespace.name == "App" || namespace.path == "/") => "",
        None => &namespace.name,
    }
}

/// Returns the name of a namespace's socket type.
pub(super) fn socket_name(namespace: &NamespaceSchema, only: bool) -> String {
    // Without a prefix, the name would be that of the class itself.
    match prefix(namespace, only) {
        "" => "AppSocket".to_owned(),
        prefix => format!("{prefix}Socket"),
    }
}

/// Returns the name of the type of events that the server sends.
pub(super) fn sent_name(namespace: &NamespaceSchema, only: bool) -> String {
    let set = set_name(namespace, &namespace.server_to_client, "ServerToClient");
    format!("{}{set}", prefix(namespace, only))
}

/// Returns the name of an event set: that of its trait, unless two sets of the namespace share it.
fn set_name(namespace: &NamespaceSchema, set: &EventSetSchema, role: &str) -> String {
    let sets = [
        &namespace.server_to_client,
        &namespace.client_to_server,
        &namespace.inter_server,
    ];
    let shared = sets
        .iter()
        .filter(|other| other.trait_name == set.trait_name)
        .count()
        > 1;
    let own = set
        .trait_name
        .strip_suffix("Events")
        .unwrap_or(&set.trait_name);
    let name = if own.is_empty() || shared { role } else { own };
    format!("{name}Events")
}

impl Printer<'_> {
    /// Declares the types of a namespace and returns its entry in the map.
    fn namespace(&mut self, namespace: &NamespaceSchema, only: bool) -> Result<Type, Error> {
        let prefix = prefix(namespace, only);
        let socket = socket_name(namespace, only);
        let name = |set, role| format!("{prefix}{}", set_name(namespace, set, role));
        let server = name(&namespace.server_to_client, "ServerToClient");
        let client = name(&namespace.client_to_server, "ClientToServer");
        let servers = name(&namespace.inter_server, "InterServer");
        self.events(&server, &namespace.server_to_client, Way::SERVER_TO_CLIENT)?;
        self.events(&client, &namespace.client_to_server, Way::CLIENT_TO_SERVER)?;
        let has_servers = !namespace.inter_server.events.is_empty();
        if has_servers {
            self.events(&servers, &namespace.inter_server, Way::BETWEEN_SERVERS)?;
        }
        let data = self.alias(
            format!("{prefix}SocketData"),
            namespace.socket_data.as_ref(),
            Direction::Sent,
        )?;
        let auth = self.alias(
            format!("{prefix}Auth"),
            namespace.auth.as_ref(),
            Direction::Accepted,
        )?;
        let refusal = format!("{prefix}ConnectErrorData");
        let refusal = self.alias(refusal, namespace.connect_error.as_ref(), Direction::Sent)?;
        self.socket(socket, &server, &client)?;
        let servers = if has_servers {
            Type::Name(servers)
        } else {
            Type::Object(Object::default())
        };
        if self.target.node {
            self.node(
                prefix,
                [&Type::name(&client), &Type::name(&server), &servers, &data],
            )?;
        }
        Ok(object([
            ("serverToClient", Type::Name(server)),
            ("clientToServer", Type::Name(client)),
            ("interServer", servers),
            ("socketData", data),
            ("auth", auth),
            ("connectError", refusal),
            ("parameters", parameters(namespace)),
        ]))
    }

    fn events(&mut self, name: &str, set: &EventSetSchema, way: Way) -> Result<(), Error> {
        let owner = match &*set.trait_name {
            "" => "an empty event set".to_owned(),
            name => format!("the events of `{name}`"),
        };
        self.names.claim(name, &owner)?;
        let docs = Docs {
            text: set.docs.clone(),
            deprecated: None,
        };
        let interface = events::interface(set, way, self.definitions)?;
        self.sections
            .push(declaration(name, &Type::Object(interface), &docs));
        Ok(())
    }

    /// Declares a payload under a name of the namespace, unless the type itself has that name.
    fn alias(
        &mut self,
        name: String,
        payload: Option<&PayloadSchema>,
        direction: Direction,
    ) -> Result<Type, Error> {
        let Some(payload) = payload else {
            return Ok(Type::name("undefined"));
        };
        let ty = self.definitions.payload(payload, direction)?;
        if ty != Type::name(&name) {
            self.names.claim(&name, "a type of a namespace")?;
            self.sections
                .push(declaration(&name, &ty, &Docs::default()));
        }
        Ok(Type::Name(name))
    }

    fn socket(&mut self, name: String, server: &str, client: &str) -> Result<(), Error> {
        self.names.claim(&name, "the socket type of a namespace")?;
        let events = vec![Type::name(server), Type::name(client)];
        let socket = Type::Generic("TypedSocket".to_owned(), events);
        self.sections
            .push(declaration(&name, &socket, &Docs::default()));
        Ok(())
    }

    /// Declares the types for Socket.IO's server on Node, which listens to the first event set and emits the second.
    fn node(&mut self, prefix: &str, events: [&Type; 4]) -> Result<(), Error> {
        let prefix = if prefix.is_empty() { "App" } else { prefix };
        for class in ["Namespace", "Server"] {
            let name = format!("{prefix}{class}");
            self.names.claim(&name, "a Node.js type of a namespace")?;
            let ty = Type::Generic(class.to_owned(), events.map(Type::clone).into());
            self.sections
                .push(declaration(&name, &ty, &Docs::default()));
        }
        Ok(())
    }
}

fn parameters(namespace: &NamespaceSchema) -> Type {
    if namespace.parameters.is_empty() {
        return Type::name("undefined");
    }
    let fields = namespace.parameters.iter().map(|parameter| {
        let ty = match parameter
            .schema
            .get("type")
            .and_then(serde_json::Value::as_str)
        {
            Some("integer") => "number",
            Some("boolean") => "boolean",
            _ => "string",
        };
        (&*parameter.name, Type::name(ty))
    });
    object(fields)
}

fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Type)>) -> Type {
    let fields = fields.into_iter().map(|(name, ty)| field(name, ty, ""));
    Type::Object(Object {
        fields: fields.collect(),
        index: None,
    })
}

fn field(name: &str, ty: Type, docs: &str) -> Field {
    Field {
        name: name.to_owned(),
        optional: false,
        ty,
        docs: Docs {
            text: docs.to_owned(),
            deprecated: None,
        },
    }
}
