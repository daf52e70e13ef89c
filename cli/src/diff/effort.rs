//! Bounds of a comparison: documents may come from strangers, and types may refer to each other in ways that take
//! exponential time to compare.

use std::cell::Cell;

use serde_json::Value;

/// How many steps a comparison may take.
const MOST_STEPS: usize = 50_000_000;

/// How many levels of types may be compared within each other. `STACK` has room for them.
const DEEPEST: usize = 10_000;

/// The stack of the thread that compares.
pub(super) const STACK: usize = 512 << 20;

/// What may still be done. When that is not enough, types count as different, and a command fails.
#[derive(Debug)]
pub(super) struct Effort {
    left: Cell<usize>,
    depth: Cell<usize>,
    exceeded: Cell<Option<Exceeded>>,
}

/// The limit that a comparison exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    Steps,
    Depth,
    Parts,
}

impl Exceeded {
    pub(super) fn what(self) -> String {
        match self {
            Self::Steps => {
                format!(
                    "comparing the types takes more than {MOST_STEPS} steps, which is the limit"
                )
            }
            Self::Depth => {
                format!(
                    "types refer to each other more than {DEEPEST} levels deep, which is the limit"
                )
            }
            Self::Parts => format!(
                "a type is put together of others more than {DEEPEST_PARTS} levels deep, which is the limit"
            ),
        }
    }
}

/// How many types one may be put together of by way of each other.
pub(super) const DEEPEST_PARTS: usize = 64;

impl Default for Effort {
    fn default() -> Self {
        Self {
            left: Cell::new(MOST_STEPS),
            depth: Cell::new(0),
            exceeded: Cell::new(None),
        }
    }
}

impl Effort {
    /// Takes steps; `false` if a limit is exceeded.
    pub(super) fn spend(&self, steps: usize) -> bool {
        match self.left.get().checked_sub(steps) {
            Some(left) => self.left.set(left),
            None => self.exceed(Exceeded::Steps),
        }
        self.exceeded.get().is_none()
    }

    /// Goes one level deeper; `false` if a limit is exceeded.
    pub(super) fn enter(&self) -> bool {
        let depth = self.depth.get() + 1;
        self.depth.set(depth);
        if depth > DEEPEST {
            self.exceed(Exceeded::Depth);
        }
        self.exceeded.get().is_none()
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    pub(super) fn exceed(&self, limit: Exceeded) {
        if self.exceeded.get().is_none() {
            self.exceeded.set(Some(limit));
        }
    }

    pub(super) fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded.get()
    }
}

/// How many JSON values a schema has.
pub(super) fn weight(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(weight).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 64,
        _ => 1,
    }
}
