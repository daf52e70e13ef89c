//! Builders of schema documents.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sio_types_schema::{
    Acknowledgement, ArgumentSchema, EventSchema, EventSetSchema, NamespaceSchema, ParameterSchema,
    PayloadSchema, Schema, SchemaError,
};

use super::{
    generators::{Direction, Generators, accepts_absence, is_unit, path_segment},
    names,
};
use crate::wire::acknowledgement::Fallible;

/// Builds a [`Schema`] from namespaces.
#[derive(Debug)]
pub struct SchemaBuilder {
    namespaces: Vec<NamespaceSchema>,
    /// Paths of the namespaces whose large integers must be text.
    bigint_as_text: Vec<String>,
    generators: Generators,
}

impl SchemaBuilder {
    pub(crate) fn new() -> Self {
        Self {
            namespaces: Vec::new(),
            bigint_as_text: Vec::new(),
            generators: Generators::new(),
        }
    }

    /// Describes the events of one direction.
    pub(crate) fn events(
        &mut self,
        direction: Direction,
        describe: impl FnOnce(&mut EventSetBuilder<'_>),
    ) -> EventSetSchema {
        let mut builder = EventSetBuilder {
            generators: &mut self.generators,
            direction,
            set: EventSetSchema::default(),
        };
        describe(&mut builder);
        builder.set
    }

    /// Describes a payload; returns `None` for `()`, which is not sent.
    pub(crate) fn unless_unit<T: JsonSchema + 'static>(
        &mut self,
        direction: Direction,
    ) -> Option<PayloadSchema> {
        (!is_unit::<T>()).then(|| self.generators.payload::<T>(direction))
    }

    /// Adds a namespace whose payloads were described by this builder.
    pub(crate) fn add(&mut self, namespace: NamespaceSchema, bigint_as_text: bool) {
        if bigint_as_text {
            self.bigint_as_text.push(namespace.path.clone());
        }
        self.namespaces.push(namespace);
    }

    pub(crate) fn finish(mut self) -> Result<Schema, SchemaError> {
        let names = names::names(&self.generators.sent, &self.generators.accepted)?;
        // The linker determines the order of a registry.
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
        let mut schema = Schema::new(self.namespaces, self.generators.finish(&names));
        schema.visit_json_schemas(|payload| {
            if let Some(fields) = payload.as_object_mut() {
                names::rename_references(fields, &names);
            }
        });
        for path in self.bigint_as_text {
            schema.check_bigints(&path)?;
        }
        Ok(schema)
    }
}

/// Describes the parameters of a path.
pub(crate) fn parameters(describe: impl FnOnce(&mut NamespaceBuilder<'_>)) -> Vec<ParameterSchema> {
    let mut parameters = Vec::new();
    describe(&mut NamespaceBuilder {
        parameters: &mut parameters,
    });
    parameters
}

/// Builder for the description of a dynamic namespace's parameters; generated code uses it.
#[derive(Debug)]
pub struct NamespaceBuilder<'a> {
    parameters: &'a mut Vec<ParameterSchema>,
}

impl NamespaceBuilder<'_> {
    /// Adds a parameter.
    pub fn parameter<T: 'static>(&mut self, name: &str) -> &mut Self {
        let parameter = ParameterSchema::new(name, path_segment::<T>());
        self.parameters.push(parameter);
        self
    }
}

/// Builder for the description of the events of one trait; generated code uses it.
#[derive(Debug)]
pub struct EventSetBuilder<'a> {
    generators: &'a mut Generators,
    direction: Direction,
    set: EventSetSchema,
}

impl EventSetBuilder<'_> {
    /// Sets the name of the Rust trait.
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
        self.set.events.push(EventSchema::new(name, method));
        EventBuilder {
            generators: self.generators,
            direction: self.direction,
            event: self.set.events.len() - 1,
            set: &mut self.set,
        }
    }
}

/// Builder for the description of one event; generated code uses it.
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
    pub fn argument<T: JsonSchema + DeserializeOwned>(&mut self, name: &str) -> &mut Self {
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
        let mut argument = ArgumentSchema::new(name, payload);
        argument.optional = optional;
        arguments.push(argument);
        self
    }

    /// Sets the acknowledgement: a value, or nothing if `T` is `()`.
    pub fn acknowledged<T: JsonSchema + 'static>(&mut self) -> &mut Self {
        let answer = match self.answer::<T>() {
            _ if is_unit::<T>() => Acknowledgement::Unit,
            data => Acknowledgement::value(data),
        };
        self.schema().acknowledgement = Some(answer);
        self
    }

    /// Sets the acknowledgement to one that may be an error.
    pub fn fallible<R: Fallible>(&mut self) -> &mut Self
    where
        R::Ok: JsonSchema,
        R::Error: JsonSchema,
    {
        let data = self.answer::<R::Ok>();
        let error = self.answer::<R::Error>();
        self.schema().acknowledgement = Some(Acknowledgement::fallible(data, error));
        self
    }

    fn answer<T: JsonSchema>(&mut self) -> PayloadSchema {
        self.generators.payload::<T>(self.direction.reversed())
    }

    fn schema(&mut self) -> &mut EventSchema {
        &mut self.set.events[self.event]
    }
}
