//! Changes, in the order in which they are found.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::rules::{Level, Rule};

/// A change of a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// Kind of the change.
    #[serde(serialize_with = "id")]
    pub rule: &'static Rule,
    /// Place of the change: an event, an argument, or a field of a named type.
    pub place: String,
    /// Details that the rule does not include.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// First event that uses a named type, and the number of other events that do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
}

fn id<S: serde::Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id)
}

impl Change {
    /// Returns the effect on existing clients.
    pub fn level(&self) -> Level {
        self.rule.old_clients
    }
}

/// Changes that have been found so far.
#[derive(Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    /// Indices of the changes of named types, by rule, place and detail.
    known: HashMap<(&'static str, String, Option<String>), usize>,
    /// Users that a change lists already.
    users: HashSet<(usize, String)>,
}

impl Changes {
    pub(super) fn add(
        &mut self,
        rule: &&'static Rule,
        place: &str,
        detail: impl Into<Option<String>>,
    ) {
        self.all.push(Change {
            rule,
            place: place.to_owned(),
            detail: detail.into(),
            used_by: Vec::new(),
        });
    }

    /// Adds a change of a named type, which is reported once.
    pub(super) fn add_within(
        &mut self,
        rule: &'static Rule,
        place: String,
        detail: Option<String>,
        used_by: &str,
    ) {
        let next = self.all.len();
        let key = (rule.id, place.clone(), detail.clone());
        let index = *self.known.entry(key).or_insert(next);
        if index == next {
            self.all.push(Change {
                rule,
                place,
                detail,
                used_by: Vec::new(),
            });
        }
        if self.users.insert((index, used_by.to_owned())) {
            self.all[index].used_by.push(used_by.to_owned());
        }
    }

    /// Returns `true` if every change is of that kind.
    pub(super) fn are_all(&self, rule: &'static Rule) -> bool {
        self.all.iter().all(|change| change.rule == rule)
    }

    pub(super) fn finish(mut self) -> Vec<Change> {
        self.all.sort_by_cached_key(|change| {
            let levels = (change.rule.old_clients, change.rule.new_clients);
            (
                std::cmp::Reverse(levels),
                change.place.clone(),
                change.rule.id,
            )
        });
        self.all
    }
}
