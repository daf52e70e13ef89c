//! Conversion of JSON Schema to TypeScript, for one direction.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::objects::{self, Alternative};
use super::syntax::{Docs, Element, Type, string};
use crate::error::Error;
use crate::json_schema::{distinct_types, is_annotation, is_binary};

/// Maximum length of a fixed-length array that is printed as a tuple.
pub(super) const LONGEST_TUPLE: u64 = 32;

/// Maximum nesting of schemas, and of types that are flattened into each other. A type that is part of itself would
/// never end.
const DEEPEST: usize = 64;

/// Maximum weight of all types of a module, in units of a small type.
const HEAVIEST: usize = 4_000_000;

type Fields = Map<String, Value>;

/// Definitions by name.
pub(super) type Schemas<'a> = BTreeMap<&'a str, &'a Value>;

/// State that all types of a module share.
pub(super) struct Work {
    /// Remaining weight for types.
    left: Cell<usize>,
    /// Forms of the types that are part of combinations, by the address of their schemas. Without this cache, types
    /// that have one type in several of their parts would take twice the time with each level.
    pub(super) forms: RefCell<HashMap<usize, Rc<Vec<Alternative>>>>,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            left: Cell::new(HEAVIEST),
            forms: RefCell::default(),
        }
    }
}

impl Work {
    /// Spends the weight of types that are about to be created. Fails if too little is left.
    pub(super) fn spend(&self, weight: usize) -> Result<(), Error> {
        let left = self.left.get().checked_sub(weight).ok_or_else(|| {
            let what = format!("the types exceed the limit of {HEAVIEST} parts after flattening");
            Error::types(what)
                .help("flatten fewer types into each other; use regular fields instead")
        })?;
        self.left.set(left);
        Ok(())
    }
}

/// Definitions that schemas of one direction refer to.
#[derive(Clone, Copy)]
pub(super) struct Shapes<'a> {
    definitions: &'a Schemas<'a>,
    pub(super) work: &'a Work,
    depth: usize,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(definitions: &'a Schemas<'a>, work: &'a Work) -> Self {
        Self {
            definitions,
            work,
            depth: 0,
        }
    }

    /// Returns the type of the values that fit a schema.
    pub(super) fn convert(self, schema: &Value) -> Result<Type, Error> {
        self.work.spend(1)?;
        match schema {
            Value::Bool(false) => Ok(Type::name("never")),
            Value::Object(fields) => self.deeper()?.convert_fields(fields),
            _ => Ok(Type::name("unknown")),
        }
    }

    pub(super) fn deeper(self) -> Result<Self, Error> {
        if self.depth == DEEPEST {
            return Err(endless());
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    /// Returns the schema that a reference points to.
    pub(super) fn definition(self, reference: &str) -> Result<(&'a str, &'a Value), Error> {
        let name = definition_name(reference);
        let found = self.definitions.get_key_value(&*name);
        found.map(|(name, schema)| (*name, *schema)).ok_or_else(|| {
            Error::schema(format!(
                "the schema refers to `{reference}` but does not define it"
            ))
            .help("generate the document again with `sio-types gen-schema`")
        })
    }

    /// Returns the schema at the end of a chain of references: a type may be an alias of another.
    pub(super) fn resolved(self, reference: &str) -> Result<&'a Value, Error> {
        let (_, mut schema) = self.definition(reference)?;
        // There are as many names as definitions, so more steps mean a cycle.
        for _ in 0..self.definitions.len() {
            match objects::bare_reference(schema) {
                Some(reference) => schema = self.definition(reference)?.1,
                None => return Ok(schema),
            }
        }
        Err(endless())
    }

    fn convert_fields(self, fields: &Fields) -> Result<Type, Error> {
        if is_binary(fields) {
            return Ok(binary(fields));
        }
        if let Some(value) = fields.get("const") {
            return Ok(literal(value));
        }
        if let Some(Value::Array(values)) = fields.get("enum") {
            self.work.spend(values.len())?;
            return Ok(Type::union(values.iter().map(literal)));
        }
        if objects::is_combined(fields) {
            let objects = objects::alternatives(self, fields)?;
            return Ok(Type::union(
                objects.into_iter().map(objects::Alternative::into_type),
            ));
        }
        if let Some(Value::String(reference)) = fields.get("$ref") {
            let (name, _) = self.definition(reference)?;
            return Ok(Type::Definition(name.to_owned()));
        }
        for combinator in ["oneOf", "anyOf", "allOf"] {
            if let Some(Value::Array(members)) = fields.get(combinator) {
                return self.union(members);
            }
        }
        match fields.get("type") {
            Some(Value::String(ty)) => self.convert_type(ty, fields),
            Some(Value::Array(types)) => {
                let types = distinct_types(types).into_iter();
                let types: Result<Vec<_>, _> =
                    types.map(|ty| self.convert_type(ty, fields)).collect();
                Ok(Type::union(types?))
            }
            _ if fields.contains_key("properties") => self.convert_type("object", fields),
            _ if fields.contains_key("prefixItems") => self.convert_type("array", fields),
            _ => untyped(fields),
        }
    }

    fn union(self, members: &[Value]) -> Result<Type, Error> {
        let members: Result<Vec<_>, _> = members.iter().map(|m| self.convert(m)).collect();
        Ok(Type::union(members?))
    }

    fn convert_type(self, ty: &str, fields: &Fields) -> Result<Type, Error> {
        Ok(match ty {
            "string" | "boolean" | "null" => Type::name(ty),
            "integer" | "number" => Type::name("number"),
            "array" => self.array(fields)?,
            "object" => objects::own(self, fields)?.into_type(),
            other => return Err(unsupported(&format!("the type `{other}`"))),
        })
    }

    fn array(self, fields: &Fields) -> Result<Type, Error> {
        let minimum = fields.get("minItems").and_then(Value::as_u64);
        let maximum = fields.get("maxItems").and_then(Value::as_u64);
        if let Some(Value::Array(items)) = fields.get("prefixItems") {
            let required =
                minimum.map_or(items.len(), |n| usize::try_from(n).unwrap_or(usize::MAX));
            let elements = items.iter().enumerate().map(|(index, item)| {
                let ty = self.convert(item)?;
                Ok(Element {
                    name: None,
                    optional: index >= required,
                    ty,
                })
            });
            return Ok(Type::Tuple(elements.collect::<Result<_, Error>>()?));
        }
        let element = match fields.get("items") {
            Some(items) => self.convert(items)?,
            None => Type::name("unknown"),
        };
        match (minimum, maximum) {
            (Some(minimum), Some(maximum)) if minimum == maximum && maximum <= LONGEST_TUPLE => {
                let copies = usize::try_from(maximum).unwrap_or(usize::MAX);
                self.work.spend(element.weight().saturating_mul(copies))?;
                let elements = (0..maximum).map(|_| Element {
                    name: None,
                    optional: false,
                    ty: element.clone(),
                });
                Ok(Type::Tuple(elements.collect()))
            }
            _ => Ok(Type::Array(Box::new(element))),
        }
    }
}

fn endless() -> Error {
    let what = format!(
        "a type exceeds the limit of {DEEPEST} levels of nesting, or contains itself without end"
    );
    Error::types(what).help(
        "check `#[serde(flatten)]` on recursive types, and define nested types as named types",
    )
}

/// Returns the type of a schema without a type: any value, or no value if it excludes everything.
fn untyped(fields: &Fields) -> Result<Type, Error> {
    if fields.get("not").is_some_and(is_anything) {
        return Ok(Type::name("never"));
    }
    let says_something = |key: &&String| !is_annotation(key) && *key != "format";
    match fields.keys().find(says_something) {
        None => Ok(Type::name("unknown")),
        Some(key) => Err(unsupported(&format!("`{key}` without `type`"))),
    }
}

fn is_anything(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => fields.is_empty(),
        schema => *schema == Value::Bool(true),
    }
}

fn unsupported(what: &str) -> Error {
    Error::types(format!(
        "the schema contains {what}, which has no TypeScript type"
    ))
    .help("describe the field with another type: `#[schemars(with = \"Type\")]`")
}

pub(super) fn definition_name(reference: &str) -> String {
    let encoded = reference.rsplit('/').next().unwrap_or(reference);
    percent_decoded(encoded)
        .replace("~1", "/")
        .replace("~0", "~")
}

/// Decodes the escapes of a URI fragment. Invalid escapes are kept.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let escape = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escape.filter(|_| byte == b'%') {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the type of binary data. Its schema is that of text, to which an `Option` adds `null`.
fn binary(fields: &Fields) -> Type {
    let types = fields.get("type").and_then(Value::as_array);
    let nullable = types.is_some_and(|types| types.iter().any(|ty| ty == "null"));
    let null = nullable.then(|| Type::name("null"));
    Type::union(std::iter::once(Type::Binary).chain(null))
}

fn literal(value: &Value) -> Type {
    match value {
        Value::String(text) => Type::name(string(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Type::name(value.to_string()),
        Value::Array(_) | Value::Object(_) => Type::name("unknown"),
    }
}

/// Returns the documentation of a schema.
pub(super) fn docs(schema: &Value) -> Docs {
    let text = schema.get("description").and_then(Value::as_str);
    let deprecated = schema.get("deprecated").and_then(Value::as_bool) == Some(true);
    Docs {
        text: text.unwrap_or_default().to_owned(),
        deprecated: deprecated.then(String::new),
    }
}
