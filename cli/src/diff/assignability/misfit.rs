//! Where something does not fit.

/// Where a value does not fit, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diff) struct Misfit {
    /// The named type that it is in, if it is in one.
    pub(in crate::diff) within: Option<String>,
    /// The way from there, or from the payload.
    pub(in crate::diff) path: String,
    pub(in crate::diff) why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diff) enum Why {
    /// A field that is wanted is not always there.
    Field,
    /// There is a field that is refused.
    Extra,
    /// An alternative is not known: this one.
    Variant(String),
    /// It may be `null`.
    Null,
    /// A number may be out of range.
    Range,
    /// It is something else.
    Type,
}

/// The way to what is compared.
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
