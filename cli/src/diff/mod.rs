//! What a new schema does to those who know the old one.

mod command;
mod effort;
mod events;
mod fits;
mod format;
mod ignore;
mod payloads;
mod revision;
mod rules;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sio_types::schema::{NamespaceSchema, Schema};

use crate::error::Error;
pub(crate) use command::run;
use effort::{Effort, Limit};
pub(crate) use format::Format;
use format::print;
use ignore::Ignored;
use payloads::Payloads;
use revision::schema_at;
pub use rules::{Level, RULES, Rule};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// The kind of change.
    #[serde(serialize_with = "id")]
    pub rule: &'static Rule,
    /// Where: an event, an argument, a field of a named type.
    pub place: String,
    /// What exactly, where the rule does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The first event that a named type is found in, and how many more there are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
}

fn id<S: serde::Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id)
}

impl Change {
    /// What it does to clients that are there already.
    pub fn level(&self) -> Level {
        self.rule.old_clients
    }
}

/// All changes, the worst first.
///
/// Comparing takes bounded time and memory. Types that exceed a limit count as changed; the command `diff` fails then.
#[must_use]
pub fn compare(old: &Schema, new: &Schema) -> Vec<Change> {
    compare_all(old, new).0
}

/// Returns all changes, or an error if a limit is exceeded.
fn compare_within_limits(old: &Schema, new: &Schema) -> Result<Vec<Change>, Error> {
    let (changes, exceeded) = compare_all(old, new);
    match exceeded {
        None => Ok(changes),
        Some(limit) => Err(limit.error()),
    }
}

/// All changes, and the limit that was exceeded on the way.
fn compare_all(old: &Schema, new: &Schema) -> (Vec<Change>, Option<Limit>) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(effort::STACK_SIZE);
        match thread.spawn_scoped(scope, || compare_here(old, new)) {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // As `std::thread::spawn` does. No changes would be a wrong answer.
            Err(error) => panic!("cannot start a thread: {error}"),
        }
    })
}

fn compare_here(old: &Schema, new: &Schema) -> (Vec<Change>, Option<Limit>) {
    let effort = Effort::default();
    let mut changes = Changes::default();
    let payloads = &mut Payloads::new(old, new, &effort);
    let (removed, added) = unmatched(&old.namespaces, &new.namespaces, |namespace| {
        &namespace.path
    });
    let moved = |gone: &&NamespaceSchema| {
        let same = |other: &&&NamespaceSchema| other.name == gone.name;
        added.iter().find(same).copied()
    };
    for gone in &removed {
        match moved(gone) {
            Some(moved) => {
                let detail = format!("it is `{}` now", moved.path);
                changes.add(&rules::NAMESPACE_MOVED, &gone.path, detail);
                namespace(gone, moved, payloads, &mut changes);
            }
            None => changes.add(&rules::NAMESPACE_REMOVED, &gone.path, None),
        }
    }
    for new in &added {
        if !removed.iter().any(|gone| gone.name == new.name) {
            changes.add(&rules::NAMESPACE_ADDED, &new.path, None);
        }
    }
    for old in &old.namespaces {
        if let Some(new) = new.namespaces.iter().find(|new| new.path == old.path) {
            namespace(old, new, payloads, &mut changes);
        }
    }
    (changes.finish(), effort.exceeded())
}

/// Those of the one list that the other has not, and the other way round.
fn unmatched<'a, T>(
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
) -> (Vec<&'a T>, Vec<&'a T>) {
    let missing = |all: &'a [T], others: &'a [T]| {
        let others: HashSet<&str> = others.iter().map(&name).collect();
        all.iter()
            .filter(|one| !others.contains(name(one)))
            .collect()
    };
    (missing(old, new), missing(new, old))
}

fn namespace<'a>(
    old: &'a NamespaceSchema,
    new: &'a NamespaceSchema,
    payloads: &mut Payloads<'a>,
    changes: &mut Changes,
) {
    let place = &old.path;
    if parameters(old) != parameters(new) {
        changes.add(&rules::PARAMETERS_CHANGED, place, None);
    }
    if old.docs != new.docs {
        changes.add(&rules::DOCS_CHANGED, place, None);
    }
    events::server_to_client(old, new, payloads, changes);
    events::client_to_server(old, new, payloads, changes);
    events::between_servers(old, new, payloads, changes);

    let auth = format!("{place} auth");
    match (&old.auth, &new.auth) {
        (None, Some(_)) => changes.add(&rules::AUTH_ADDED, &auth, None),
        (Some(_), None) => changes.add(&rules::AUTH_REMOVED, &auth, None),
        (Some(old), Some(new)) => payloads.accepted(old, new, &auth, changes),
        (None, None) => {}
    }
    let refusal = format!("{place} connectError");
    match (&old.connect_error, &new.connect_error) {
        (Some(old), Some(new)) => payloads.sent(old, new, &refusal, changes),
        (None, None) => {}
        _ => changes.add(&rules::REFUSAL_CHANGED, &refusal, None),
    }
    let data = format!("{place} socketData");
    match (&old.socket_data, &new.socket_data) {
        (Some(old), Some(new)) => {
            payloads.between_servers(old, new, &data, &rules::SOCKET_DATA_CHANGED, changes);
        }
        (None, None) => {}
        _ => changes.add(&rules::SOCKET_DATA_CHANGED, &data, None),
    }
}

fn parameters(namespace: &NamespaceSchema) -> Vec<Option<&serde_json::Value>> {
    let parameters = namespace.parameters.iter();
    parameters
        .map(|parameter| parameter.schema.get("type"))
        .collect()
}

/// What has been found so far.
#[derive(Default)]
struct Changes {
    all: Vec<Change>,
    /// Indices of the changes of named types, by rule, place and detail.
    known: HashMap<(&'static str, String, Option<String>), usize>,
    /// Users that a change has already.
    users: HashSet<(usize, String)>,
}

impl Changes {
    fn add(&mut self, rule: &&'static Rule, place: &str, detail: impl Into<Option<String>>) {
        self.all.push(Change {
            rule,
            place: place.to_owned(),
            detail: detail.into(),
            used_by: Vec::new(),
        });
    }

    /// A change of a named type, which is told once.
    fn add_within(
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

    fn finish(mut self) -> Vec<Change> {
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
