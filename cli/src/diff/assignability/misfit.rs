//! Mismatches between values and the schema that is expected.

/// Position at which a value does not fit, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diff) struct Misfit {
    /// Named type that contains the position, if any.
    pub(in crate::diff) within: Option<String>,
    /// Path from that type, or from the payload.
    pub(in crate::diff) path: String,
    pub(in crate::diff) why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diff) enum Why {
    /// A required field may be missing.
    Field,
    /// A field is present that is rejected.
    Extra,
    /// The named alternative is not expected.
    Variant(String),
    /// The value may be `null`.
    Null,
    /// A number may be out of range.
    Range,
    /// The value is of another type.
    Type,
}

/// Path to the value that is compared.
#[derive(Clone, Default)]
pub(super) struct Place {
    within: Option<String>,
    path: String,
}

impl Place {
    pub(super) fn step(&self, step: &str) -> Self {
        Self {
            within: self.within.clone(),
            path: format!("{}{step}", self.path),
        }
    }

    pub(super) fn length(&self) -> usize {
        self.path.len()
    }

    pub(super) fn named(&self, name: &str) -> Self {
        Self {
            within: Some(name.to_owned()),
            path: String::new(),
        }
    }

    pub(super) fn misfit(&self, why: Why) -> Vec<Misfit> {
        vec![Misfit {
            within: self.within.clone(),
            path: self.path.clone(),
            why,
        }]
    }
}
