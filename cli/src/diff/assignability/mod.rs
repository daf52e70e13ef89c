//! Assignability: checks that all values of one schema fit another, and reports where they do not.
//!
//! The answer errs on one side only: values that are reported as fitting do fit.

mod arrays;
mod misfit;
mod objects;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;
use sio_types_schema::keys;

use super::effort::{Effort, weight};
use super::shape::{Definitions, Fields, ObjectView, Shape, bounds};
use crate::json_schema::is_annotation;
use misfit::Place;
pub(super) use misfit::{Misfit, Why};
use objects::{tag_of, tags_agree};

/// Compares values of one document with what another expects.
pub(super) struct Comparison<'a> {
    values: Definitions<'a>,
    expected: Definitions<'a>,
    /// Goals that are proved to fit, and those that are in progress, which fit unless a mismatch is found.
    fitting: HashSet<Rc<Goal<'a>>>,
    /// The same goals, in the order in which they were added.
    found: Vec<Rc<Goal<'a>>>,
    effort: &'a Effort,
    expanded: HashMap<&'a str, Rc<Vec<Shape<'a>>>>,
    failed: HashMap<Rc<Goal<'a>>, Vec<Misfit>>,
}

/// An alternative, and the alternatives that it is compared with.
type Goal<'a> = (Key<'a>, Vec<Key<'a>>);

/// Key that identifies an alternative.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key<'a> {
    Name(&'a str),
    Place(Vec<usize>),
    Any,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        values: Definitions<'a>,
        expected: Definitions<'a>,
        effort: &'a Effort,
    ) -> Self {
        Self {
            values,
            expected,
            fitting: HashSet::new(),
            found: Vec::new(),
            effort,
            expanded: HashMap::new(),
            failed: HashMap::new(),
        }
    }

    /// Returns the places where values of one schema do not fit the other. The list is empty if all values fit.
    pub(super) fn misfits(&mut self, value: &'a Value, expected: &'a Value) -> Vec<Misfit> {
        let mut found = self.compare(value, expected, &Place::default());
        found.sort();
        found.dedup();
        found
    }

    fn compare(&mut self, value: &'a Value, expected: &'a Value, place: &Place) -> Vec<Misfit> {
        let values = self.values.alternatives(value);
        let expected = self.expected.alternatives(expected);
        self.compare_all(&values, &expected, place)
    }

    fn compare_all(
        &mut self,
        values: &[Shape<'a>],
        expected: &[Shape<'a>],
        place: &Place,
    ) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let known = self.known_constants(values, expected);
        for value in values {
            misfits.extend(match (&known, value) {
                (Some(known), Shape::Constant(constant)) => {
                    if known.constants.contains(constant) {
                        continue;
                    }
                    self.one_of(value, &known.others, place)
                }
                _ => self.one_of(value, expected, place),
            });
        }
        misfits
    }

    /// Returns the constants among the expected alternatives. Returns `None` if there are few values; each is then
    /// compared with all alternatives.
    fn known_constants(
        &mut self,
        values: &[Shape<'a>],
        expected: &[Shape<'a>],
    ) -> Option<KnownConstants<'a>> {
        /// Number of constants from which a set is faster.
        const MANY: usize = 16;
        let constants = values.iter().filter(|it| matches!(it, Shape::Constant(_)));
        if constants.take(MANY).count() < MANY {
            return None;
        }
        let mut known = KnownConstants::default();
        for shape in expected {
            match shape {
                Shape::Named(name) => {
                    let shapes = self.expanded(name);
                    shapes.iter().for_each(|shape| known.add(shape));
                }
                shape => known.add(shape),
            }
        }
        Some(known)
    }

    /// Returns the alternatives of an expected type, with named types expanded.
    fn expanded(&mut self, name: &'a str) -> Rc<Vec<Shape<'a>>> {
        if let Some(known) = self.expanded.get(name) {
            return Rc::clone(known);
        }
        let shapes = Rc::new(self.expected.expanded(name));
        self.expanded.insert(name, Rc::clone(&shapes));
        shapes
    }

    /// Checks that an alternative fits one of the expected ones.
    fn one_of(&mut self, value: &Shape<'a>, expected: &[Shape<'a>], place: &Place) -> Vec<Misfit> {
        let misfits = if self.effort.enter() {
            self.one_entered(value, expected, place)
        } else {
            place.misfit(Why::Type)
        };
        self.effort.leave();
        misfits
    }

    fn one_entered(
        &mut self,
        value: &Shape<'a>,
        expected: &[Shape<'a>],
        place: &Place,
    ) -> Vec<Misfit> {
        match value {
            Shape::Named(name) => {
                let Some(schema) = self.values.named(name) else {
                    return place.misfit(Why::Type);
                };
                let place = place.named(name);
                self.remembered(value, expected, |this| {
                    let shapes = this.values.alternatives(schema);
                    this.compare_all(&shapes, expected, &place)
                })
            }
            // Combinations of types may be recursive, too.
            Shape::Object(parts) if parts.len() > 1 => {
                self.remembered(value, expected, |this| this.nearest(value, expected, place))
            }
            _ => self.nearest(value, expected, place),
        }
    }

    /// Returns nothing if the alternative fits an expected one, and otherwise the mismatches with the most similar one.
    fn nearest(&mut self, value: &Shape<'a>, expected: &[Shape<'a>], place: &Place) -> Vec<Misfit> {
        let mut nearest: Option<Vec<Misfit>> = None;
        for other in expected {
            if !self.effort.spend(effort_of(value, other)) {
                return place.misfit(Why::Type);
            }
            let is_alike = is_alike(value, other);
            if !is_alike && matches!((value, other), (Shape::Object(_), Shape::Object(_))) {
                // Different tags mean different variants of an enum.
                continue;
            }
            let misfits = match other {
                Shape::Named(name) => {
                    let shapes = self.expanded(name);
                    self.nearest(value, &shapes, place)
                }
                other => self.pair(value, other, place),
            };
            if misfits.is_empty() {
                return misfits;
            }
            if is_alike
                && nearest
                    .as_ref()
                    .is_none_or(|found| misfits.len() < found.len())
            {
                nearest = Some(misfits);
            }
        }
        nearest.unwrap_or_else(|| place.misfit(unknown(value)))
    }

    /// Compares a type at most once with each list of alternatives, because types may contain themselves.
    fn remembered(
        &mut self,
        value: &Shape<'a>,
        expected: &[Shape<'a>],
        compare: impl FnOnce(&mut Self) -> Vec<Misfit>,
    ) -> Vec<Misfit> {
        self.effort.spend(1 + expected.len());
        let goal = Rc::new((key(value), expected.iter().map(key).collect::<Vec<_>>()));
        if self.fitting.contains(&goal) {
            return Vec::new();
        }
        if let Some(misfits) = self.failed.get(&goal) {
            self.effort.spend(misfits.len());
            return misfits.clone();
        }
        let known = self.found.len();
        self.fitting.insert(Rc::clone(&goal));
        self.found.push(Rc::clone(&goal));
        let mut misfits = compare(self);
        if !misfits.is_empty() {
            // Goals that were proved meanwhile may have relied on this one.
            for unproven in self.found.drain(known..) {
                self.fitting.remove(&unproven);
            }
            // The mismatches of a named type are the same wherever it is used.
            if matches!(value, Shape::Named(_)) {
                // A type may occur in several places of another. It is reported once; the mismatches would double with
                // every level otherwise.
                misfits.sort();
                misfits.dedup();
                self.effort.spend(misfits.len());
                self.failed.insert(goal, misfits.clone());
            }
        }
        misfits
    }

    fn pair(&mut self, value: &Shape<'a>, expected: &Shape<'a>, place: &Place) -> Vec<Misfit> {
        let fits = match (value, expected) {
            (_, Shape::Any)
            | (Shape::Null, Shape::Null)
            | (Shape::Boolean, Shape::Boolean)
            | (Shape::Constant(Value::Null), Shape::Null)
            | (Shape::Constant(Value::Bool(_)), Shape::Boolean) => true,
            (Shape::Null, Shape::Constant(constant)) => constant.is_null(),
            (Shape::Constant(a), Shape::Constant(b)) => a == b,
            (Shape::Constant(Value::String(_)), Shape::Text(fields)) => {
                rest_fits(&Fields::new(), fields, &["type"])
            }
            (Shape::Constant(Value::Number(number)), Shape::Integer(fields)) => {
                (number.is_i64() || number.is_u64()) && contains(fields, number.as_f64())
            }
            (Shape::Constant(Value::Number(number)), Shape::Number(fields)) => {
                contains(fields, number.as_f64())
            }
            (Shape::Text(a), Shape::Text(b)) => rest_fits(a, b, &["type"]),
            (Shape::Integer(a), Shape::Integer(b) | Shape::Number(b))
            | (Shape::Number(a), Shape::Number(b)) => {
                if !rest_fits(a, b, &["type", "format", "minimum", "maximum"]) {
                    return place.misfit(Why::Type);
                }
                if !range_fits(a, b) {
                    return place.misfit(Why::Range);
                }
                true
            }
            (Shape::Array(a), Shape::Array(b)) => return self.arrays(a, b, place),
            (Shape::Object(a), Shape::Object(b)) => return self.objects(a, b, place),
            (Shape::Opaque(a), Shape::Opaque(b)) => {
                self.effort.spend(weight(a)) && a == b && !refers(a)
            }
            _ => false,
        };
        if fits {
            return Vec::new();
        }
        place.misfit(unknown(value))
    }
}

/// Expected constants, and the alternatives that are not constants. An enum may have too many constants to compare them
/// pairwise.
#[derive(Default)]
struct KnownConstants<'a> {
    constants: HashSet<&'a Value>,
    others: Vec<Shape<'a>>,
}

impl<'a> KnownConstants<'a> {
    fn add(&mut self, shape: &Shape<'a>) {
        match shape {
            Shape::Constant(constant) => _ = self.constants.insert(constant),
            other => self.others.push(other.clone()),
        }
    }
}

/// Returns the number of steps to compare two alternatives, not counting nested schemas.
fn effort_of(value: &Shape<'_>, expected: &Shape<'_>) -> usize {
    let object = |parts: &[&Fields]| {
        let count = |part: &Fields, name: &str| match part.get(name) {
            Some(Value::Object(fields)) => fields.len(),
            Some(Value::Array(items)) => items.len(),
            _ => 0,
        };
        let parts_of = |part: &&Fields| {
            let names = ["properties", "patternProperties", "required"];
            part.len() + names.iter().map(|name| count(part, name)).sum::<usize>()
        };
        parts.len().saturating_mul(parts.iter().map(parts_of).sum())
    };
    // Unread keywords are compared literally.
    let unread = |fields: &Fields| {
        let unread = fields.iter().filter(|(name, _)| !is_read(name));
        unread.map(|(_, value)| weight(value)).sum::<usize>()
    };
    match (value, expected) {
        (Shape::Object(a), Shape::Object(b)) => {
            let unread: usize = a.iter().chain(b).map(|part| unread(part)).sum();
            1 + object(a) + object(b) + unread
        }
        (Shape::Array(a), Shape::Array(b)) => 1 + unread(a) + unread(b),
        (_, Shape::Integer(fields) | Shape::Number(fields) | Shape::Text(fields)) => {
            1 + unread(fields)
        }
        _ => 1,
    }
}

/// Returns `true` if a keyword is compared by its meaning, or ignored.
fn is_read(name: &str) -> bool {
    const READ: [&str; 16] = [
        "type",
        "format",
        "minimum",
        "maximum",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "properties",
        "patternProperties",
        "required",
        "additionalProperties",
        "oneOf",
        "anyOf",
        "allOf",
        "$ref",
    ];
    READ.contains(&name) || is_annotation(name)
}

/// Returns `true` if two alternatives are similar enough to report the differences within them.
fn is_alike(value: &Shape<'_>, expected: &Shape<'_>) -> bool {
    match (value, expected) {
        (Shape::Object(a), Shape::Object(b)) => tags_agree(&ObjectView(a), &ObjectView(b)),
        (_, Shape::Named(_))
        | (Shape::Array(_), Shape::Array(_))
        | (Shape::Integer(_), Shape::Integer(_))
        | (Shape::Number(_), Shape::Number(_)) => true,
        _ => false,
    }
}

/// Returns `true` if a schema refers to a named type. Equal text does not mean equal schemas then.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => fields.contains_key("$ref") || fields.values().any(refers),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

fn unknown(value: &Shape<'_>) -> Why {
    match value {
        Shape::Null | Shape::Constant(Value::Null) => Why::Null,
        Shape::Constant(constant) => Why::Variant(shortened(constant.to_string())),
        Shape::Object(parts) if !ObjectView(parts).tags().is_empty() => {
            Why::Variant(tag_of(&ObjectView(parts)))
        }
        _ => Why::Type,
    }
}

/// Shortens the text of a variant, which the report repeats for every event that has it.
fn shortened(mut variant: String) -> String {
    const LONGEST: usize = 500;
    if let Some((end, _)) = variant.char_indices().nth(LONGEST) {
        variant.truncate(end);
        variant.push('…');
    }
    variant
}

/// Returns `true` if every expected constraint that was not compared is also present in the values' schema, literally.
fn rest_fits(values: &Fields, expected: &Fields, read: &[&str]) -> bool {
    let is_said = |name: &str| !read.contains(&name) && !is_annotation(name);
    let mut said = expected.iter().filter(|(name, _)| is_said(name));
    said.all(|(name, said)| values.get(name) == Some(said) && !refers(said))
        && values.get(keys::BINARY) == expected.get(keys::BINARY)
}

fn key<'a>(shape: &Shape<'a>) -> Key<'a> {
    let place = |fields: &Fields| Key::Place(vec![std::ptr::from_ref(fields).addr()]);
    match shape {
        Shape::Named(name) => Key::Name(name),
        Shape::Integer(fields) | Shape::Number(fields) | Shape::Text(fields) => place(fields),
        Shape::Array(fields) => place(fields),
        Shape::Object(parts) => {
            let parts = parts.iter().map(|part| std::ptr::from_ref(*part).addr());
            Key::Place(parts.collect())
        }
        Shape::Constant(value) | Shape::Opaque(value) => {
            Key::Place(vec![std::ptr::from_ref(*value).addr()])
        }
        Shape::Any => Key::Any,
        Shape::Null => Key::Name("null"),
        Shape::Boolean => Key::Name("boolean"),
    }
}

fn contains(fields: &Fields, number: Option<f64>) -> bool {
    let (low, high) = bounds(fields);
    let fits =
        |number: f64| low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high);
    number.is_some_and(fits)
        && rest_fits(
            &Fields::new(),
            fields,
            &["type", "format", "minimum", "maximum"],
        )
}

fn range_fits(a: &Fields, b: &Fields) -> bool {
    let ((low_a, high_a), (low_b, high_b)) = (bounds(a), bounds(b));
    let low = low_b.is_none_or(|b| low_a.is_some_and(|a| a >= b));
    let high = high_b.is_none_or(|b| high_a.is_some_and(|a| a <= b));
    low && high
}
