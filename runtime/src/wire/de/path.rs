//! Position of the reader in a payload.

use std::{cell::RefCell, fmt};

/// Path from an argument to the value being read.
#[derive(Default)]
pub(in crate::wire) struct Path(RefCell<Vec<Step>>);

pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    pub(super) fn push(&self, step: Step) {
        self.0.borrow_mut().push(step);
    }

    pub(super) fn pop(&self) {
        self.0.borrow_mut().pop();
    }

    pub(super) fn rename_last(&self, key: &str) {
        if let Some(last) = self.0.borrow_mut().last_mut() {
            *last = Step::Key(key.to_owned());
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.0.borrow().iter() {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
