//! TypeScript types, names and literals.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// A TypeScript type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Type {
    /// A built-in or resolved name.
    Name(String),
    /// A reference to a definition. Its name depends on the direction.
    Definition(String),
    /// Binary data. Its name depends on the direction.
    Binary,
    Array(Box<Type>),
    /// A tuple, whose elements may have names.
    Tuple(Vec<Element>),
    Object(Object),
    Generic(String, Vec<Type>),
    Union(Vec<Type>),
    /// A function that returns nothing.
    Function(Vec<Parameter>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Object {
    pub(super) fields: Vec<Field>,
    /// Type of the values under all other keys.
    pub(super) index: Option<Box<Type>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) optional: bool,
    pub(super) ty: Type,
    pub(super) docs: Docs,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Element {
    pub(super) name: Option<String>,
    pub(super) optional: bool,
    pub(super) ty: Type,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parameter {
    /// Name, with a trailing `?` if the parameter is optional and a leading `...` if it is a rest parameter.
    pub(super) name: String,
    pub(super) ty: Type,
}

/// A documentation comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Docs {
    pub(super) text: String,
    /// Deprecation note; empty if the deprecation has none.
    pub(super) deprecated: Option<String>,
}

impl Type {
    pub(super) fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    /// Returns the union of types, flattened, without duplicates, and with `null` at the end.
    pub(super) fn union(types: impl IntoIterator<Item = Type>) -> Self {
        let mut flat: Vec<Type> = Vec::new();
        // Positions of members by hash. An enum may have too many values to compare them pairwise.
        let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
        let hasher = RandomState::new();
        for ty in types {
            let members = match ty {
                Self::Union(members) => members,
                other => vec![other],
            };
            for member in members {
                if member == Self::name("never") {
                    continue;
                }
                let alike = known.entry(hasher.hash_one(&member)).or_default();
                if !alike.iter().any(|index| flat[*index] == member) {
                    alike.push(flat.len());
                    flat.push(member);
                }
            }
        }
        let unknown = Self::name("unknown");
        if flat.contains(&unknown) {
            return unknown;
        }
        flat.sort_by_key(|ty| *ty == Self::name("null"));
        match flat.len() {
            0 => Self::name("never"),
            1 => flat.remove(0),
            _ => Self::Union(flat),
        }
    }

    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Binary)
    }

    /// Visits this type and every type within it.
    pub(super) fn visit<'a>(&'a self, look: &mut impl FnMut(&'a Type)) {
        look(self);
        match self {
            Self::Name(_) | Self::Definition(_) | Self::Binary => {}
            Self::Array(element) => element.visit(look),
            Self::Generic(_, types) | Self::Union(types) => {
                types.iter().for_each(|ty| ty.visit(look));
            }
            Self::Tuple(elements) => elements.iter().for_each(|it| it.ty.visit(look)),
            Self::Function(parameters) => parameters.iter().for_each(|it| it.ty.visit(look)),
            Self::Object(object) => {
                object.fields.iter().for_each(|it| it.ty.visit(look));
                object.index.iter().for_each(|ty| ty.visit(look));
            }
        }
    }

    /// Returns the memory that a copy of this type takes, in units of a small type.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &str| text.len() / 32;
        let mut weight = 0;
        self.visit(&mut |ty| {
            weight += 1 + match ty {
                Self::Name(name) | Self::Definition(name) => text(name),
                Self::Object(object) => {
                    let fields = object.fields.iter();
                    let fields = fields.map(|it| 1 + text(&it.name) + text(&it.docs.text));
                    fields.sum()
                }
                _ => 0,
            };
        });
        weight
    }

    /// Replaces every type within this one, innermost first.
    pub(super) fn map(self, replace: &impl Fn(Type) -> Type) -> Self {
        let all = |types: Vec<Type>| types.into_iter().map(|ty| ty.map(replace)).collect();
        replace(match self {
            Self::Name(_) | Self::Definition(_) | Self::Binary => self,
            Self::Array(element) => Self::Array(Box::new(element.map(replace))),
            Self::Generic(name, arguments) => Self::Generic(name, all(arguments)),
            Self::Union(members) => Self::Union(all(members)),
            Self::Tuple(mut elements) => {
                for element in &mut elements {
                    element.ty = element.ty.take().map(replace);
                }
                Self::Tuple(elements)
            }
            Self::Function(mut parameters) => {
                for parameter in &mut parameters {
                    parameter.ty = parameter.ty.take().map(replace);
                }
                Self::Function(parameters)
            }
            Self::Object(mut object) => {
                for field in &mut object.fields {
                    field.ty = field.ty.take().map(replace);
                }
                object.index = object.index.map(|ty| Box::new(ty.map(replace)));
                Self::Object(object)
            }
        })
    }
}

impl Docs {
    /// Returns the lines of the comment; none if there is no documentation.
    pub(super) fn lines(&self) -> Vec<String> {
        // The text must not end the comment.
        let text = self.text.replace("*/", "*\\/");
        let mut lines: Vec<_> = text
            .trim()
            .lines()
            .map(|l| l.trim_end().to_owned())
            .collect();
        if let Some(note) = &self.deprecated {
            let note = note.replace("*/", "*\\/").replace('\n', " ");
            lines.push(format!("@deprecated {note}").trim_end().to_owned());
        }
        match &*lines {
            [] => Vec::new(),
            [line] => vec![format!("/** {} */", line.trim())],
            _ => {
                let middle = lines
                    .iter()
                    .map(|line| format!(" * {line}").trim_end().to_owned());
                let first = std::iter::once("/**".to_owned());
                first.chain(middle).chain([" */".to_owned()]).collect()
            }
        }
    }
}

/// Returns a property name, quoted if necessary.
pub(crate) fn key(name: &str) -> String {
    if is_identifier(name) {
        name.to_owned()
    } else {
        string(name)
    }
}

pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

/// Returns a string literal in the quotes that need fewer escapes.
pub(super) fn string(text: &str) -> String {
    let count = |quote: char| text.chars().filter(|c| *c == quote).count();
    let quote = if count('"') > count('\'') { '\'' } else { '"' };
    let mut literal = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\\' => literal.push_str("\\\\"),
            c if c == quote => literal.extend(['\\', c]),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => {
                literal.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}
