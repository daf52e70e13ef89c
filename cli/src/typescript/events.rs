//! Prints event sets as interfaces of functions.

use sio_types_schema::{Acknowledgement, ArgumentSchema, EventSchema, EventSetSchema};

use super::definitions::Definitions;
use super::direction::Direction;
use super::names;
use super::syntax::{Docs, Element, Field, Object, Parameter, Type};
use crate::error::Error;

/// Directions in which arguments and acknowledgements travel.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) arguments: Direction,
    pub(super) acknowledgement: Direction,
}

impl Way {
    pub(super) const SERVER_TO_CLIENT: Self = Self {
        arguments: Direction::Sent,
        acknowledgement: Direction::Accepted,
    };
    pub(super) const CLIENT_TO_SERVER: Self = Self {
        arguments: Direction::Accepted,
        acknowledgement: Direction::Sent,
    };
    /// Direction for events between servers. Node uses one type here to emit and to listen; the type that Rust sends is
    /// the exact one.
    pub(super) const BETWEEN_SERVERS: Self = Self {
        arguments: Direction::Sent,
        acknowledgement: Direction::Sent,
    };
}

/// Returns the interface of an event set, in the order of the trait.
pub(super) fn interface(
    set: &EventSetSchema,
    way: Way,
    types: &Definitions<'_>,
) -> Result<Object, Error> {
    let fields = set.events.iter().map(|event| {
        Ok(Field {
            name: event.name.clone(),
            optional: false,
            ty: function(event, way, types)
                .map_err(|error| error.within(format!("the event `{}`", event.name)))?,
            docs: Docs {
                text: event.docs.clone(),
                deprecated: event.deprecated.clone(),
            },
        })
    });
    Ok(Object {
        fields: fields.collect::<Result<_, Error>>()?,
        index: None,
    })
}

/// Returns `true` if an event of the set has an acknowledgement that may be an error.
pub(super) fn is_fallible(set: &EventSetSchema) -> bool {
    let fallible = |event: &EventSchema| {
        matches!(
            event.acknowledgement,
            Some(Acknowledgement::Fallible { .. })
        )
    };
    set.events.iter().any(fallible)
}

pub(super) fn function(
    event: &EventSchema,
    way: Way,
    types: &Definitions<'_>,
) -> Result<Type, Error> {
    let acknowledgement = match &event.acknowledgement {
        Some(answer) => {
            let callback = callback(answer, way.acknowledgement, types);
            Some(callback.map_err(|error| error.within("the acknowledgement"))?)
        }
        None => None,
    };
    let rust_names = event.arguments.iter().map(|argument| &*argument.name);
    let rust_names = rust_names.chain(acknowledgement.is_some().then_some("ack"));
    let mut arguments = Vec::new();
    for (argument, name) in event
        .arguments
        .iter()
        .zip(names::parameters(rust_names.clone()))
    {
        let ty = types.payload(&argument.payload, way.arguments);
        let place = || format!("the argument `{}`", argument.name);
        arguments.push(Argument {
            name,
            ty: ty.map_err(|error| error.within(place()))?,
            optional: may_be_left_out(argument, way),
        });
    }
    let Some(ty) = acknowledgement else {
        return Ok(Type::Function(
            arguments
                .into_iter()
                .map(Argument::into_parameter)
                .collect(),
        ));
    };
    let name = names::parameters(rust_names).pop().unwrap_or_default();
    if arguments.iter().any(|argument| argument.optional) {
        let weights = arguments.iter().map(|argument| argument.ty.weight());
        let weight: usize = weights.chain([ty.weight()]).sum();
        types.spend(weight.saturating_mul(arguments.len()))?;
    }
    Ok(with_acknowledgement(arguments, Parameter { name, ty }))
}

struct Argument {
    name: String,
    ty: Type,
    optional: bool,
}

impl Argument {
    fn into_parameter(self) -> Parameter {
        let mark = if self.optional { "?" } else { "" };
        Parameter {
            name: self.name + mark,
            ty: self.ty,
        }
    }
}

/// Returns `true` if the argument may be left out: Rust sends every argument but accepts fewer.
fn may_be_left_out(argument: &ArgumentSchema, way: Way) -> bool {
    argument.optional && way.arguments == Direction::Accepted
}

/// Returns a function with a trailing callback. TypeScript has no optional parameter before a required one, so the type
/// has one parameter list for each number of arguments, which `emit` and `emitWithAck` both accept.
fn with_acknowledgement(arguments: Vec<Argument>, callback: Parameter) -> Type {
    let required = arguments
        .iter()
        .take_while(|argument| !argument.optional)
        .count();
    let count = arguments.len();
    if required == count {
        let arguments = arguments.into_iter().map(Argument::into_parameter);
        return Type::Function(arguments.chain([callback]).collect());
    }
    let element = |name: &str, ty: &Type| Element {
        name: Some(name.to_owned()),
        optional: false,
        ty: ty.clone(),
    };
    let lists = (required..=count).map(|length| {
        let arguments = arguments.iter().take(length);
        let elements = arguments.map(|argument| element(&argument.name, &argument.ty));
        Type::Tuple(
            elements
                .chain([element(&callback.name, &callback.ty)])
                .collect(),
        )
    });
    Type::Function(vec![Parameter {
        name: "...args".to_owned(),
        ty: Type::Union(lists.collect()),
    }])
}

fn callback(
    answer: &Acknowledgement,
    direction: Direction,
    types: &Definitions<'_>,
) -> Result<Type, Error> {
    let result = match answer {
        Acknowledgement::Unit => return Ok(Type::Function(Vec::new())),
        Acknowledgement::Value { data, .. } => types.payload(data, direction)?,
        Acknowledgement::Fallible { data, error, .. } => Type::Generic(
            "Ack".to_owned(),
            vec![
                types.payload(data, direction)?,
                types.payload(error, direction)?,
            ],
        ),
        _ => {
            return Err(Error::types("unknown kind of acknowledgement")
                .help("update the `sio-types` command"));
        }
    };
    Ok(Type::Function(vec![Parameter {
        name: "result".to_owned(),
        ty: result,
    }]))
}
