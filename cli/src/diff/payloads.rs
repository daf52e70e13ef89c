//! Comparison of payloads, by direction.

use std::cell::RefCell;
use std::collections::HashMap;

use schemars::Schema as JsonSchema;
use sio_types_schema::{PayloadSchema, Schema};

use super::assignability::{Comparison, Misfit, Why};
use super::change::Changes;
use super::effort::Effort;
use super::rules::{self, Rule};
use super::shape::Definitions;

/// Compares payloads of two schemas.
pub(super) struct Payloads<'a> {
    old: &'a Schema,
    new: &'a Schema,
    effort: &'a Effort,
    /// Comparisons by the addresses of both documents' definitions. A result for a type is valid for all payloads that
    /// contain it.
    comparisons: RefCell<HashMap<[usize; 2], Comparison<'a>>>,
}

/// Rules that mismatches map to: for new values that do not fit the old schema, and for old values that do not fit the
/// new one.
struct Verdicts {
    outgrown: fn(&Why) -> &'static Rule,
    outdated: fn(&Why) -> &'static Rule,
}

/// Rules for payloads that the server sends.
const SENT: Verdicts = Verdicts {
    outgrown: |why| match why {
        Why::Field => rules::SENT_FIELD_REMOVED,
        Why::Variant(_) => rules::SENT_VARIANT_ADDED,
        Why::Null => rules::SENT_NULL_ADDED,
        Why::Range => rules::SENT_RANGE_WIDENED,
        Why::Extra | Why::Type => rules::SENT_TYPE_WIDENED,
    },
    outdated: |why| match why {
        Why::Field => rules::SENT_FIELD_ADDED,
        Why::Variant(_) => rules::SENT_VARIANT_REMOVED,
        Why::Null => rules::SENT_NULL_REMOVED,
        Why::Range => rules::SENT_RANGE_NARROWED,
        Why::Extra | Why::Type => rules::SENT_TYPE_NARROWED,
    },
};

/// Rules for payloads that the server accepts.
const ACCEPTED: Verdicts = Verdicts {
    outgrown: |why| match why {
        Why::Field => rules::ACCEPTED_FIELD_REMOVED,
        Why::Variant(_) => rules::ACCEPTED_VARIANT_ADDED,
        Why::Null => rules::ACCEPTED_NULL_ADDED,
        Why::Extra | Why::Range | Why::Type => rules::ACCEPTED_TYPE_WIDENED,
    },
    outdated: |why| match why {
        Why::Field => rules::ACCEPTED_FIELD_ADDED,
        Why::Variant(_) => rules::ACCEPTED_VARIANT_REMOVED,
        Why::Null => rules::ACCEPTED_NULL_REMOVED,
        Why::Extra | Why::Range | Why::Type => rules::ACCEPTED_TYPE_NARROWED,
    },
};

impl<'a> Payloads<'a> {
    pub(super) fn new(old: &'a Schema, new: &'a Schema, effort: &'a Effort) -> Self {
        Self {
            old,
            new,
            effort,
            comparisons: RefCell::default(),
        }
    }

    /// Returns the places where values of one schema do not fit another.
    fn compare(
        &self,
        (values, value): (Definitions<'a>, &'a JsonSchema),
        (expectations, expected): (Definitions<'a>, &'a JsonSchema),
    ) -> Vec<Misfit> {
        let addresses = [values, expectations].map(|it| std::ptr::from_ref(it.schemas).addr());
        let mut comparisons = self.comparisons.borrow_mut();
        let comparison = comparisons
            .entry(addresses)
            .or_insert_with(|| Comparison::new(values, expectations, self.effort));
        let misfits = comparison.misfits(value.as_value(), expected.as_value());
        // Each mismatch is copied into a change.
        self.effort.spend(misfits.len().saturating_mul(16));
        misfits
    }

    /// Compares a payload that the server sends.
    pub(super) fn sent(
        &self,
        old: &'a PayloadSchema,
        new: &'a PayloadSchema,
        place: &str,
        changes: &mut Changes,
    ) {
        let misfits = self.misfits(&old.sent, &new.sent, sent);
        report(&misfits, &SENT, place, changes);
    }

    /// Compares a payload that the server accepts.
    pub(super) fn accepted(
        &self,
        old: &'a PayloadSchema,
        new: &'a PayloadSchema,
        place: &str,
        changes: &mut Changes,
    ) {
        let misfits = self.misfits(&old.accepted, &new.accepted, accepted);
        report(&misfits, &ACCEPTED, place, changes);
    }

    /// Compares a payload that servers send each other: the payloads of both schemas, in both directions.
    pub(super) fn between_servers(
        &self,
        old: &'a PayloadSchema,
        new: &'a PayloadSchema,
        place: &str,
        rule: &&'static Rule,
        changes: &mut Changes,
    ) {
        let (to_old, to_new) = (
            self.between(&new.sent, &old.accepted, self.new, self.old),
            self.between(&old.sent, &new.accepted, self.old, self.new),
        );
        for misfit in to_old.iter().chain(&to_new) {
            let (at, detail) = (at(misfit, place), detail(misfit));
            changes.add_within(rule, at, detail, place);
        }
    }

    /// Returns `true` if two payloads are equivalent for all senders and receivers.
    pub(super) fn are_same(&self, old: &'a PayloadSchema, new: &'a PayloadSchema) -> bool {
        let sent = self.misfits(&old.sent, &new.sent, sent);
        let accepted = self.misfits(&old.accepted, &new.accepted, accepted);
        [sent, accepted]
            .iter()
            .all(|(outgrown, outdated)| outgrown.is_empty() && outdated.is_empty())
    }

    /// Returns the places where new values do not fit the old schema, and where old values do not fit the new one.
    fn misfits(
        &self,
        old: &'a Option<JsonSchema>,
        new: &'a Option<JsonSchema>,
        definitions: fn(&'a Schema, &'a Effort) -> Definitions<'a>,
    ) -> (Vec<Misfit>, Vec<Misfit>) {
        let (Some(old), Some(new)) = (old, new) else {
            return Default::default();
        };
        let definitions = |schema| definitions(schema, self.effort);
        let (known, now) = (definitions(self.old), definitions(self.new));
        let outgrown = self.compare((now, new), (known, old));
        let outdated = self.compare((known, old), (now, new));
        (outgrown, outdated)
    }

    fn between(
        &self,
        value: &'a Option<JsonSchema>,
        expected: &'a Option<JsonSchema>,
        from: &'a Schema,
        to: &'a Schema,
    ) -> Vec<Misfit> {
        let (Some(value), Some(expected)) = (value, expected) else {
            return Vec::new();
        };
        let (from, to) = (sent(from, self.effort), accepted(to, self.effort));
        self.compare((from, value), (to, expected))
    }
}

fn sent<'a>(schema: &'a Schema, effort: &'a Effort) -> Definitions<'a> {
    Definitions {
        schemas: &schema.definitions.sent,
        prefix: "#/definitions/sent/",
        effort,
    }
}

fn accepted<'a>(schema: &'a Schema, effort: &'a Effort) -> Definitions<'a> {
    Definitions {
        schemas: &schema.definitions.accepted,
        prefix: "#/definitions/accepted/",
        effort,
    }
}

fn report(
    (outgrown, outdated): &(Vec<Misfit>, Vec<Misfit>),
    verdicts: &Verdicts,
    place: &str,
    changes: &mut Changes,
) {
    let directions = [(outgrown, verdicts.outgrown), (outdated, verdicts.outdated)];
    for (misfits, rule) in directions {
        for misfit in misfits {
            let (at, detail) = (at(misfit, place), detail(misfit));
            if misfit.within.is_some() {
                changes.add_within(rule(&misfit.why), at, detail, place);
            } else {
                changes.add(&rule(&misfit.why), &at, detail);
            }
        }
    }
}

fn at(misfit: &Misfit, place: &str) -> String {
    let start = misfit.within.as_deref().unwrap_or(place);
    format!("{start}{}", misfit.path)
}

fn detail(misfit: &Misfit) -> Option<String> {
    match &misfit.why {
        Why::Variant(variant) => Some(format!("the variant is {variant}")),
        Why::Extra => Some("the field is not allowed".to_owned()),
        _ => None,
    }
}
