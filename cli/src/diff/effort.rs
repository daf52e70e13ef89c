//! Limits of a comparison. A document may come from an untrusted source, and types may refer to each other in ways that
//! take exponential time to compare.

use std::cell::Cell;

use serde_json::Value;

use crate::error::Error;

/// Maximum number of steps of a comparison.
const MAX_STEPS: usize = 50_000_000;

/// Maximum depth of nested comparisons. `STACK_SIZE` has room for about twice as many without optimizations.
const MAX_DEPTH: usize = 10_000;

/// Maximum number of types that are combined into one (`#[serde(flatten)]`) through each other.
pub(super) const MAX_PARTS: usize = 64;

/// Stack size of the thread that compares.
///
/// The most similar alternative of a type depends on everything within it, so a comparison follows references from type
/// to type. If types refer to each other freely, the depth approaches the number of types, even in legitimate
/// documents. The main thread's stack has room for about 1,000, a test's for 300.
pub(super) const STACK_SIZE: usize = 64 << 20;

/// Remaining budget of a comparison. Once a limit is exceeded, types count as different, and the command fails.
#[derive(Debug)]
pub(super) struct Effort {
    steps: Cell<usize>,
    depth: Cell<usize>,
    exceeded: Cell<Option<Limit>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Steps,
    Depth,
    Parts,
}

impl Limit {
    pub(super) fn error(self) -> Error {
        match self {
            Self::Steps => Error::schema(format!(
                "comparing the types exceeds the limit of {MAX_STEPS} steps"
            ))
            .help(
                "reduce the variants of enums, and the types that other types use in several places",
            ),
            Self::Depth => Error::schema(format!(
                "the types exceed the limit of {MAX_DEPTH} levels of nesting"
            ))
            .help("shorten the chains of types that refer to each other"),
            Self::Parts => Error::schema(format!(
                "a type exceeds the limit of {MAX_PARTS} levels of flattened types"
            ))
            .help("flatten fewer types into each other; use regular fields instead"),
        }
    }
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            steps: Cell::new(MAX_STEPS),
            depth: Cell::new(0),
            exceeded: Cell::new(None),
        }
    }
}

impl Effort {
    /// Spends steps. Returns `false` if a limit is exceeded.
    pub(super) fn spend(&self, steps: usize) -> bool {
        match self.steps.get().checked_sub(steps) {
            Some(left) => self.steps.set(left),
            None => self.exceed(Limit::Steps),
        }
        self.exceeded.get().is_none()
    }

    /// Goes one level deeper. Returns `false` if a limit is exceeded.
    pub(super) fn enter(&self) -> bool {
        let depth = self.depth.get() + 1;
        self.depth.set(depth);
        if depth > MAX_DEPTH {
            self.exceed(Limit::Depth);
        }
        self.exceeded.get().is_none()
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    pub(super) fn exceed(&self, limit: Limit) {
        if self.exceeded.get().is_none() {
            self.exceeded.set(Some(limit));
        }
    }

    pub(super) fn exceeded(&self) -> Option<Limit> {
        self.exceeded.get()
    }
}

/// Returns the number of JSON values in a schema.
pub(super) fn weight(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(weight).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 64,
        _ => 1,
    }
}
