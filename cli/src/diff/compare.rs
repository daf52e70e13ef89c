//! Comparison of two schemas.

use sio_types_schema::{NamespaceSchema, Schema};

use super::change::{Change, Changes};
use super::effort::{Effort, Limit, STACK_SIZE};
use super::payloads::Payloads;
use super::unmatched::unmatched;
use super::{events, rules};
use crate::error::Error;

/// Returns all changes, the most severe first.
///
/// The comparison takes bounded time and memory. Types that exceed a limit count as changed; the command `diff` fails
/// then.
#[must_use]
pub fn compare(old: &Schema, new: &Schema) -> Vec<Change> {
    compare_all(old, new).0
}

/// Returns all changes, or an error if a limit is exceeded.
pub(crate) fn compare_within_limits(old: &Schema, new: &Schema) -> Result<Vec<Change>, Error> {
    let (changes, exceeded) = compare_all(old, new);
    match exceeded {
        None => Ok(changes),
        Some(limit) => Err(limit.error()),
    }
}

/// Returns all changes, and the limit that was exceeded, if any.
fn compare_all(old: &Schema, new: &Schema) -> (Vec<Change>, Option<Limit>) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_SIZE);
        match thread.spawn_scoped(scope, || compare_here(old, new)) {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // `std::thread::spawn` panics, too. Returning no changes would be wrong.
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
                let detail = format!("the new path is `{}`", moved.path);
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
