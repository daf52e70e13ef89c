//! TypeScript types for comparison.

use std::collections::HashMap;
use std::fmt;

use crate::typescript::direction::Direction;
use crate::typescript::syntax::{Object, Type};

/// A type, by its structure.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ts {
    /// A built-in type, a declaration or a parameter, with its arguments.
    Name(String, Vec<Ts>),
    /// A string literal type.
    Text(String),
    Array(Box<Ts>),
    /// Element types; `true` if the element is optional.
    Tuple(Vec<(Ts, bool)>),
    /// Members, and the type of all other members.
    Object(Vec<Member>, Option<Box<Ts>>),
    Union(Vec<Ts>),
    Both(Vec<Ts>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) optional: bool,
    pub(super) ty: Ts,
}

/// A declaration `type Name<A, B> = …`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    pub(super) ty: Ts,
}

impl Ts {
    pub(super) fn named(name: String, mut arguments: Vec<Self>) -> Self {
        match (&*name, arguments.len()) {
            ("Array", 1) => Self::Array(Box::new(arguments.remove(0))),
            ("Record", 2) => Self::Object(Vec::new(), Some(Box::new(arguments.remove(1)))),
            _ => Self::Name(name, arguments),
        }
    }

    pub(super) fn union(types: Vec<Self>) -> Self {
        one_or(types, Self::Union)
    }

    pub(super) fn both(types: Vec<Self>) -> Self {
        one_or(types, Self::Both)
    }

    /// Converts a type of the wire format. References include their direction.
    pub(super) fn of_wire(ty: &Type, direction: Direction) -> Self {
        let of = |ty: &Type| Self::of_wire(ty, direction);
        match ty {
            Type::Name(name) => match name.strip_prefix(['"', '\'']) {
                Some(text) => Self::Text(text[..text.len() - 1].replace("\\\"", "\"")),
                None => Self::Name(name.clone(), Vec::new()),
            },
            Type::Definition(name) => Self::Name(wire_name(name, direction), Vec::new()),
            Type::Binary => Self::Name("Binary".to_owned(), Vec::new()),
            Type::Array(element) => Self::Array(Box::new(of(element))),
            Type::Tuple(elements) => {
                let elements = elements.iter().map(|it| (of(&it.ty), it.optional));
                Self::Tuple(elements.collect())
            }
            Type::Object(object) => Self::of_object(object, direction),
            Type::Generic(name, arguments) => {
                Self::named(name.clone(), arguments.iter().map(of).collect())
            }
            Type::Union(members) => Self::union(members.iter().map(of).collect()),
            Type::Function(_) => Self::Name("Function".to_owned(), Vec::new()),
        }
    }

    fn of_object(object: &Object, direction: Direction) -> Self {
        let members = object.fields.iter().map(|field| Member {
            name: field.name.clone(),
            optional: field.optional,
            ty: Self::of_wire(&field.ty, direction),
        });
        let index = object.index.as_ref();
        let index = index.map(|ty| Box::new(Self::of_wire(ty, direction)));
        Self::Object(members.collect(), index)
    }

    /// Substitutes arguments for parameters.
    pub(super) fn with(&self, arguments: &HashMap<&str, &Ts>) -> Self {
        let with = |ty: &Ts| ty.with(arguments);
        match self {
            Self::Name(name, given) if given.is_empty() => match arguments.get(&**name) {
                Some(ty) => (*ty).clone(),
                None => self.clone(),
            },
            Self::Name(name, given) => Self::Name(name.clone(), given.iter().map(with).collect()),
            Self::Text(_) => self.clone(),
            Self::Array(element) => Self::Array(Box::new(with(element))),
            Self::Tuple(elements) => {
                let elements = elements.iter().map(|(ty, optional)| (with(ty), *optional));
                Self::Tuple(elements.collect())
            }
            Self::Object(members, index) => {
                let members = members.iter().map(|member| Member {
                    ty: with(&member.ty),
                    ..member.clone()
                });
                let index = index.as_ref().map(|ty| Box::new(with(ty)));
                Self::Object(members.collect(), index)
            }
            Self::Union(types) => Self::Union(types.iter().map(with).collect()),
            Self::Both(types) => Self::Both(types.iter().map(with).collect()),
        }
    }
}

/// Returns the name of a definition among the declarations. It contains a space, which no TypeScript name does.
pub(super) fn wire_name(definition: &str, direction: Direction) -> String {
    match direction {
        Direction::Sent => format!("sent {definition}"),
        Direction::Accepted => format!("accepted {definition}"),
    }
}

fn one_or(mut types: Vec<Ts>, several: fn(Vec<Ts>) -> Ts) -> Ts {
    if types.len() == 1 {
        return types.remove(0);
    }
    several(types)
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[Ts], between: &str| {
            let types: Vec<_> = types.iter().map(Ts::to_string).collect();
            types.join(between)
        };
        match self {
            Self::Name(name, arguments) => {
                let name = name.rsplit(' ').next().unwrap_or(name);
                match arguments.as_slice() {
                    [] => f.write_str(name),
                    arguments => write!(f, "{name}<{}>", list(arguments, ", ")),
                }
            }
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Array(element) => match **element {
                Self::Union(_) | Self::Both(_) => write!(f, "({element})[]"),
                _ => write!(f, "{element}[]"),
            },
            Self::Tuple(elements) => {
                let elements = elements
                    .iter()
                    .map(|(ty, optional)| format!("{ty}{}", if *optional { "?" } else { "" }));
                write!(f, "[{}]", elements.collect::<Vec<_>>().join(", "))
            }
            Self::Object(members, index) => {
                let mut parts: Vec<_> = members.iter().map(Member::to_string).collect();
                parts.extend(index.iter().map(|ty| format!("[key: string]: {ty}")));
                match parts.as_slice() {
                    [] => f.write_str("{}"),
                    parts => write!(f, "{{ {} }}", parts.join("; ")),
                }
            }
            Self::Union(types) => f.write_str(&list(types, " | ")),
            Self::Both(types) => f.write_str(&list(types, " & ")),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.optional { "?" } else { "" };
        let key = crate::typescript::syntax::key(&self.name);
        write!(f, "{key}{mark}: {}", self.ty)
    }
}
