//! Objects, and schemas that combine several: `#[serde(flatten)]` and internal tags.
//!
//! A combination is expanded into plain objects, one for each combination of alternatives. TypeScript's intersections
//! would be unreadable and less exact.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::shapes::{Shapes, docs};
use super::syntax::{Field, Object, Type};
use crate::error::Error;
use crate::json_schema::{COMBINATORS, is_annotation};

type Fields = Map<String, Value>;

/// Maximum number of forms of a combination.
const MOST_FORMS: usize = 4096;

/// Number of fields from which a table is faster than a search.
const MANY_FIELDS: usize = 8;

/// One form of a schema: an object, or a type that cannot be combined.
#[derive(Clone)]
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

    /// Returns the combination of both; `None` if no value is both.
    fn and(self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Object(a), Self::Object(b)) => Some(Self::Object(merged(a, b))),
            // An empty object schema has no constraints.
            (Self::Object(empty), Self::Other(ty)) if empty == Object::default() => {
                Some(Self::Other(ty.clone()))
            }
            (Self::Other(ty), Self::Object(empty)) if *empty == Object::default() => {
                Some(Self::Other(ty))
            }
            (Self::Other(a), Self::Other(b)) if a == *b => Some(Self::Other(a)),
            _ => None,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Other(ty) => ty.weight(),
            Self::Object(object) => object_weight(object),
        }
    }
}

fn object_weight(object: &Object) -> usize {
    let fields = object.fields.iter();
    let fields = fields.map(|it| 1 + (it.name.len() + it.docs.text.len()) / 32 + it.ty.weight());
    fields.sum::<usize>() + 1 + object.index.as_ref().map_or(0, |ty| ty.weight())
}

/// Returns `true` if a schema combines several constraints on its values.
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

/// Returns every form that a schema allows.
pub(super) fn alternatives(shapes: Shapes<'_>, fields: &Fields) -> Result<Vec<Alternative>, Error> {
    let shapes = shapes.deeper()?;
    let mut product = vec![own(shapes, fields)?];
    if let Some(Value::String(reference)) = fields.get("$ref") {
        let schema = shapes.resolved(reference)?;
        product = multiplied(shapes, product, &of_definition(shapes, schema)?)?;
    }
    for combinator in ["oneOf", "anyOf"] {
        if let Some(Value::Array(members)) = fields.get(combinator) {
            let mut forms = Vec::new();
            for member in members {
                forms.extend(of_schema(shapes, member)?);
                few_enough(forms.len())?;
            }
            product = multiplied(shapes, product, &forms)?;
        }
    }
    if let Some(Value::Array(members)) = fields.get("allOf") {
        for member in members {
            product = multiplied(shapes, product, &of_schema(shapes, member)?)?;
        }
    }
    Ok(product)
}

/// Returns the reference of a schema that has no other constraints.
pub(super) fn bare_reference(schema: &Value) -> Option<&str> {
    let fields = schema.as_object()?;
    let mut said = fields.keys().filter(|key| !is_annotation(key));
    let is_bare = said.next().is_some_and(|key| key == "$ref") && said.next().is_none();
    fields.get("$ref")?.as_str().filter(|_| is_bare)
}

/// Returns the forms of a named type, which are the same wherever it is used.
fn of_definition(shapes: Shapes<'_>, schema: &Value) -> Result<Rc<Vec<Alternative>>, Error> {
    let address = std::ptr::from_ref(schema).addr();
    if let Some(known) = shapes.work.forms.borrow().get(&address) {
        return Ok(Rc::clone(known));
    }
    let forms = Rc::new(of_schema(shapes, schema)?);
    let known = Rc::clone(&forms);
    shapes.work.forms.borrow_mut().insert(address, known);
    Ok(forms)
}

fn few_enough(forms: usize) -> Result<(), Error> {
    if forms <= MOST_FORMS {
        return Ok(());
    }
    let what = format!("a flattened type has {forms} forms; the limit is {MOST_FORMS}");
    Err(Error::types(what).help("flatten fewer enums; use regular fields instead"))
}

fn of_schema(shapes: Shapes<'_>, schema: &Value) -> Result<Vec<Alternative>, Error> {
    let Value::Object(fields) = schema else {
        return Ok(vec![Alternative::Object(Object::default())]);
    };
    if let Some(reference) = bare_reference(schema) {
        // The nesting level is counted when the type is read, not for the reference to it.
        let forms = of_definition(shapes, shapes.resolved(reference)?)?;
        shapes
            .work
            .spend(forms.iter().map(Alternative::weight).sum())?;
        return Ok(forms.to_vec());
    }
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

/// Combines every form on the left with every form on the right.
fn multiplied(
    shapes: Shapes<'_>,
    left: Vec<Alternative>,
    right: &[Alternative],
) -> Result<Vec<Alternative>, Error> {
    few_enough(left.len().saturating_mul(right.len()))?;
    let weights: usize = right.iter().map(Alternative::weight).sum();
    shapes.work.spend(weights.saturating_mul(left.len()))?;
    let mut product = Vec::new();
    for a in left {
        shapes.work.spend(merging(&a, right))?;
        // A single form is extended in place; several forms need a copy each.
        let [more @ .., last] = right else { break };
        if !more.is_empty() {
            shapes.work.spend(a.weight().saturating_mul(more.len()))?;
        }
        product.extend(more.iter().filter_map(|b| a.clone().and(b)));
        product.extend(a.and(last));
    }
    Ok(product)
}

/// Returns the weight of looking up the fields of one form in the others, and of the unions of their index signatures.
fn merging(left: &Alternative, right: &[Alternative]) -> usize {
    let Alternative::Object(a) = left else {
        return 0;
    };
    let each = right.iter().map(|form| match form {
        Alternative::Object(b) if a.index.is_some() || b.index.is_some() => object_weight(a),
        Alternative::Object(b) => a.fields.len() * b.fields.len().min(MANY_FIELDS) / 16,
        Alternative::Other(_) => 0,
    });
    each.sum()
}

/// Returns the object that a schema's own properties describe, without its combinators.
pub(super) fn own(shapes: Shapes<'_>, fields: &Fields) -> Result<Alternative, Error> {
    let mut required = HashMap::new();
    if let Some(Value::Array(names)) = fields.get("required") {
        for (place, name) in names.iter().filter_map(Value::as_str).enumerate() {
            required.entry(name).or_insert(place);
        }
    }
    let mut object = Object::default();
    if let Some(Value::Object(properties)) = fields.get("properties") {
        for (name, schema) in properties {
            let ty = shapes.convert(schema);
            object.fields.push(Field {
                name: name.clone(),
                optional: !required.contains_key(&**name),
                ty: ty.map_err(|error| error.within(format!("the field `{name}`")))?,
                docs: docs(schema),
            });
        }
        // `required` has the order of the Rust type. The order of properties varies: they are sorted in a document that
        // was parsed, and may not be in one that was just built.
        object.fields.sort_by(|a, b| {
            let place = |field: &Field| required.get(&*field.name).copied().unwrap_or(usize::MAX);
            place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name))
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
        // The types of its fields are copied again at every level.
        shapes.work.spend(object_weight(&object))?;
    }
    Ok(Alternative::Object(with_index_for_fields(object)))
}

fn merged(a: Object, b: &Object) -> Object {
    let mut fields = a.fields;
    let places: Vec<_> = if b.fields.len() > MANY_FIELDS {
        let known = fields.iter().enumerate();
        let known: HashMap<&str, usize> = known.map(|(at, it)| (&*it.name, at)).collect();
        let names = b.fields.iter().map(|field| &*field.name);
        names.map(|name| known.get(name).copied()).collect()
    } else {
        let names = b.fields.iter().map(|field| &field.name);
        names
            .map(|name| fields.iter().position(|known| known.name == *name))
            .collect()
    };
    for (field, place) in b.fields.iter().zip(places) {
        match place {
            Some(place) => fields[place].optional &= field.optional,
            None => fields.push(field.clone()),
        }
    }
    let index = a.index.into_iter().chain(b.index.clone());
    let index: Vec<_> = index.map(|ty| *ty).collect();
    let index = (!index.is_empty()).then(|| Box::new(Type::union(index)));
    with_index_for_fields(Object { fields, index })
}

/// Widens the index signature, because TypeScript requires it to cover the named fields, too.
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
