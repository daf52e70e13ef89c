//! Objects, and schemas that combine several: `#[serde(flatten)]`, internal tags.
//!
//! A combination is multiplied out into plain objects, one for each way the parts can come together:
//! TypeScript's own intersections would print shapes that nobody can read, and lose exactness.

use serde_json::{Map, Value};

use super::shapes::{Shapes, docs};
use super::syntax::{Field, Object, Type};
use crate::error::Error;

type Fields = Map<String, Value>;

const COMBINATORS: [&str; 4] = ["$ref", "oneOf", "anyOf", "allOf"];

/// One form of a schema: an object, or something that combines with nothing.
pub(super) enum Alternative {
    Object(Object),
    Other(Type),
}

impl Alternative {
    pub(super) fn into_type(self) -> Type {
        match self {
            Self::Other(ty) => ty,
            Self::Object(object) if object.fields.is_empty() => match object.index {
                Some(value) => {
                    Type::Generic("Record".to_owned(), vec![Type::name("string"), *value])
                }
                None => Type::Object(object),
            },
            Self::Object(object) => Type::Object(object),
        }
    }

    /// Both at once; `None` where nothing can be both.
    fn and(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Object(a), Self::Object(b)) => Some(Self::Object(merged(a, b))),
            // An empty object schema asks for nothing.
            (Self::Object(empty), Self::Other(ty)) | (Self::Other(ty), Self::Object(empty))
                if *empty == Object::default() =>
            {
                Some(Self::Other(ty.clone()))
            }
            (Self::Other(a), Self::Other(b)) if a == b => Some(Self::Other(a.clone())),
            _ => None,
        }
    }
}

/// Whether a schema says more than one thing about its values.
pub(super) fn is_combined(fields: &Fields) -> bool {
    let combinators = COMBINATORS.iter().filter(|key| fields.contains_key(**key));
    let parts = combinators.count();
    let own = [
        "properties",
        "patternProperties",
        "additionalProperties",
        "required",
    ];
    let own = own.iter().any(|key| fields.contains_key(*key));
    let all = fields.get("allOf").and_then(Value::as_array);
    parts > 1 || (parts == 1 && own) || all.is_some_and(|all| all.len() > 1)
}

/// Every form that a schema allows.
pub(super) fn alternatives(shapes: Shapes<'_>, fields: &Fields) -> Result<Vec<Alternative>, Error> {
    let shapes = shapes.deeper()?;
    let mut product = vec![own(shapes, fields)?];
    if let Some(Value::String(reference)) = fields.get("$ref") {
        let (_, schema) = shapes.definition(reference)?;
        product = multiplied(&product, &of_schema(shapes, schema)?);
    }
    for combinator in ["oneOf", "anyOf"] {
        if let Some(Value::Array(members)) = fields.get(combinator) {
            let mut forms = Vec::new();
            for member in members {
                forms.extend(of_schema(shapes, member)?);
            }
            product = multiplied(&product, &forms);
        }
    }
    if let Some(Value::Array(members)) = fields.get("allOf") {
        for member in members {
            product = multiplied(&product, &of_schema(shapes, member)?);
        }
    }
    Ok(product)
}

fn of_schema(shapes: Shapes<'_>, schema: &Value) -> Result<Vec<Alternative>, Error> {
    let Value::Object(fields) = schema else {
        return Ok(vec![Alternative::Object(Object::default())]);
    };
    if COMBINATORS.iter().any(|key| fields.contains_key(*key)) {
        return alternatives(shapes, fields);
    }
    let is_object = match fields.get("type") {
        Some(ty) => ty == "object",
        None => !fields.contains_key("const") && !fields.contains_key("enum"),
    };
    if is_object {
        return Ok(vec![own(shapes, fields)?]);
    }
    Ok(vec![Alternative::Other(shapes.convert(schema)?)])
}

fn multiplied(left: &[Alternative], right: &[Alternative]) -> Vec<Alternative> {
    let pairs = left
        .iter()
        .flat_map(|a| right.iter().map(move |b| a.and(b)));
    pairs.flatten().collect()
}

/// The object a schema describes by its own properties, combinators aside.
pub(super) fn own(shapes: Shapes<'_>, fields: &Fields) -> Result<Alternative, Error> {
    let required: Vec<_> = match fields.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut object = Object::default();
    if let Some(Value::Object(properties)) = fields.get("properties") {
        for (name, schema) in properties {
            let ty = shapes.convert(schema);
            object.fields.push(Field {
                name: name.clone(),
                optional: !required.contains(&&**name),
                ty: ty.map_err(|error| error.within(format!("the field `{name}`")))?,
                docs: docs(schema),
            });
        }
        // `required` has the order of the Rust type. Properties come in any order: a document that was read has them
        // sorted, one that was just made may not.
        let place = |field: &Field| required.iter().position(|name| *name == field.name);
        object.fields.sort_by(|a, b| {
            let places = |field| place(field).unwrap_or(usize::MAX);
            places(a).cmp(&places(b)).then_with(|| a.name.cmp(&b.name))
        });
    }
    let mut others = Vec::new();
    if let Some(Value::Object(patterns)) = fields.get("patternProperties") {
        for schema in patterns.values() {
            others.push(shapes.convert(schema)?);
        }
    }
    match fields.get("additionalProperties") {
        None | Some(Value::Bool(false)) => {}
        Some(schema) => others.push(shapes.convert(schema)?),
    }
    if !others.is_empty() {
        object.index = Some(Box::new(Type::union(others)));
    }
    Ok(Alternative::Object(with_index_for_fields(object)))
}

fn merged(a: &Object, b: &Object) -> Object {
    let mut fields = a.fields.clone();
    for field in &b.fields {
        match fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => known.optional &= field.optional,
            None => fields.push(field.clone()),
        }
    }
    let index = a.index.iter().chain(&b.index).map(|ty| (**ty).clone());
    let index: Vec<_> = index.collect();
    let index = (!index.is_empty()).then(|| Box::new(Type::union(index)));
    with_index_for_fields(Object { fields, index })
}

/// TypeScript wants an index signature to hold for the named fields too.
fn with_index_for_fields(mut object: Object) -> Object {
    if let Some(index) = object.index.take() {
        let absent = object.fields.iter().any(|field| field.optional);
        let absent = absent.then(|| Type::name("undefined"));
        let fields = object.fields.iter().map(|field| field.ty.clone());
        let types = std::iter::once(*index).chain(fields).chain(absent);
        object.index = Some(Box::new(Type::union(types)));
    }
    object
}
