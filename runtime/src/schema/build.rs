use super::{
    bigints,
    document::{
        Acknowledgement, ArgumentSchema, EventSchema, EventSetSchema, NamespaceSchema,
        ParameterSchema, PayloadSchema, Schema,
    },
    error::SchemaError,
    generators::{Direction, Generators, accepts_absence, is_unit, path_segment},
    names,
};
use crate::{
    contract::{events::EventSet, namespace::Namespace},
    wire::{acknowledgement::Fallible, payload::Payload},
};

/// Builds a [`Schema`], namespace by namespace.
#[derive(Debug)]
pub struct SchemaBuilder {
    namespaces: Vec<NamespaceSchema>,
    /// The paths of those whose large integers have to be text.
    bigint_as_text: Vec<&'static str>,
    generators: Generators,
}

impl SchemaBuilder {
    pub(super) fn new() -> Self {
        Self {
            namespaces: Vec::new(),
            bigint_as_text: Vec::new(),
            generators: Generators::new(),
        }
    }

    pub(super) fn namespace<N: Namespace>(&mut self) {
        let generators = &mut self.generators;
        let server_to_client = events::<N::ServerToClient>(generators, Direction::Sent);
        let client_to_server = events::<N::ClientToServer>(generators, Direction::Accepted);
        let inter_server = events::<N::InterServer>(generators, Direction::Both);
        let auth = generators.unless_unit::<N::Auth>(Direction::Accepted);
        let socket_data = generators.unless_unit::<N::SocketData>(Direction::Sent);
        let connect_error = generators.unless_unit::<N::ConnectErrorData>(Direction::Sent);
        let mut namespace = NamespaceSchema {
            name: N::NAME.to_owned(),
            path: N::PATTERN.to_owned(),
            docs: N::DOCS.to_owned(),
            parameters: Vec::new(),
            ts_prefix: N::TS_PREFIX.map(str::to_owned),
            server_to_client,
            client_to_server,
            inter_server,
            auth,
            socket_data,
            connect_error,
        };
        N::describe_parameters(&mut NamespaceBuilder {
            parameters: &mut namespace.parameters,
        });
        if N::BIGINT_AS_TEXT {
            self.bigint_as_text.push(N::PATTERN);
        }
        self.namespaces.push(namespace);
    }

    pub(super) fn finish(mut self) -> Result<Schema, SchemaError> {
        let names = names::names(&self.generators.sent, &self.generators.accepted)?;
        // The order of a registry is the linker's.
        self.namespaces
            .sort_by(|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
        if let Some([a, b]) = self
            .namespaces
            .array_windows()
            .find(|[a, b]| a.path == b.path)
        {
            return Err(SchemaError::Path {
                path: a.path.clone(),
                first: a.name.clone(),
                second: b.name.clone(),
            });
        }
        let mut schema = Schema {
            version: Schema::VERSION,
            namespaces: self.namespaces,
            definitions: self.generators.finish(&names),
        };
        schema.each_payload(&mut |payload| {
            if let Some(fields) = payload.as_object_mut() {
                names::rename_references(fields, &names);
            }
        });
        for path in self.bigint_as_text {
            bigints::refuse(&schema, path)?;
        }
        Ok(schema)
    }
}

fn events<S: EventSet + ?Sized>(
    generators: &mut Generators,
    direction: Direction,
) -> EventSetSchema {
    let mut builder = EventSetBuilder {
        generators,
        direction,
        set: EventSetSchema::default(),
    };
    S::describe(&mut builder);
    builder.set
}

/// Describes the parameters of a dynamic namespace.
#[derive(Debug)]
pub struct NamespaceBuilder<'a> {
    parameters: &'a mut Vec<ParameterSchema>,
}

impl NamespaceBuilder<'_> {
    /// Adds a parameter.
    pub fn parameter<T: 'static>(&mut self, name: &str) -> &mut Self {
        self.parameters.push(ParameterSchema {
            name: name.to_owned(),
            schema: path_segment::<T>(),
        });
        self
    }
}

/// Describes the events of one trait.
#[derive(Debug)]
pub struct EventSetBuilder<'a> {
    generators: &'a mut Generators,
    direction: Direction,
    set: EventSetSchema,
}

impl EventSetBuilder<'_> {
    /// Names the Rust trait.
    pub fn trait_name(&mut self, name: &str) -> &mut Self {
        name.clone_into(&mut self.set.trait_name);
        self
    }

    /// Sets the documentation of the trait.
    pub fn docs(&mut self, docs: &str) -> &mut Self {
        docs.clone_into(&mut self.set.docs);
        self
    }

    /// Adds an event by its name on the wire and its Rust method.
    pub fn event(&mut self, name: &str, method: &str) -> EventBuilder<'_> {
        self.set.events.push(EventSchema {
            name: name.to_owned(),
            method: method.to_owned(),
            docs: String::new(),
            deprecated: None,
            arguments: Vec::new(),
            acknowledgement: None,
        });
        EventBuilder {
            generators: self.generators,
            direction: self.direction,
            event: self.set.events.len() - 1,
            set: &mut self.set,
        }
    }
}

/// Describes one event.
#[derive(Debug)]
pub struct EventBuilder<'a> {
    generators: &'a mut Generators,
    direction: Direction,
    set: &'a mut EventSetSchema,
    event: usize,
}

impl EventBuilder<'_> {
    /// Sets the documentation of the event.
    pub fn docs(&mut self, docs: &str) -> &mut Self {
        docs.clone_into(&mut self.schema().docs);
        self
    }

    /// Marks the event as deprecated, with a note that may be empty.
    pub fn deprecated(&mut self, note: &str) -> &mut Self {
        self.schema().deprecated = Some(note.to_owned());
        self
    }

    /// Adds an argument.
    pub fn argument<T: Payload>(&mut self, name: &str) -> &mut Self {
        let payload = self.generators.payload::<T>(self.direction);
        self.push(name, payload, accepts_absence::<T>())
    }

    fn push(&mut self, name: &str, payload: PayloadSchema, optional: bool) -> &mut Self {
        let arguments = &mut self.schema().arguments;
        if !optional {
            // Only trailing arguments can be left out.
            for argument in arguments.iter_mut() {
                argument.optional = false;
            }
        }
        arguments.push(ArgumentSchema {
            name: name.to_owned(),
            optional,
            payload,
        });
        self
    }

    /// Sets the acknowledgement: a value, or nothing where `T` is `()`.
    pub fn acknowledged<T: Payload>(&mut self) -> &mut Self {
        let answer = match self.answer::<T>() {
            _ if is_unit::<T>() => Acknowledgement::Unit,
            data => Acknowledgement::Value { data },
        };
        self.schema().acknowledgement = Some(answer);
        self
    }

    /// Sets the acknowledgement to one that may be an error.
    pub fn fallible<R: Fallible>(&mut self) -> &mut Self
    where
        R::Ok: Payload,
        R::Error: Payload,
    {
        let data = self.answer::<R::Ok>();
        let error = self.answer::<R::Error>();
        self.schema().acknowledgement = Some(Acknowledgement::Fallible { data, error });
        self
    }

    fn answer<T: Payload>(&mut self) -> PayloadSchema {
        self.generators.payload::<T>(self.direction.reversed())
    }

    fn schema(&mut self) -> &mut EventSchema {
        &mut self.set.events[self.event]
    }
}
