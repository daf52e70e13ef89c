//! Comparison of events.

use std::collections::HashMap;

use sio_types_schema::{
    Acknowledgement, ArgumentSchema, EventSchema, EventSetSchema, NamespaceSchema, PayloadSchema,
};

use super::change::Changes;
use super::payloads::Payloads;
use super::rules::{self, Rule};
use super::unmatched::unmatched;

/// Minimum similarity between the old and the new name of a renamed event.
const ALIKE: f64 = 0.5;

/// Maximum number of pairs of characters that are compared to find renamed events. If most events of a long list are
/// replaced, no renames are assumed.
const MOST_CHARACTERS: usize = 100_000_000;

/// Direction of events, and the rules for their changes.
struct Way {
    name: &'static str,
    added: &'static Rule,
    removed: &'static Rule,
    renamed: &'static Rule,
    argument_added: &'static Rule,
    argument_removed: &'static Rule,
    argument_optional: &'static Rule,
    argument_required: &'static Rule,
    acknowledged: &'static Rule,
    unacknowledged: &'static Rule,
    /// `true` if the server sends these events and accepts the acknowledgements.
    is_sent: bool,
}

pub(super) fn server_to_client<'a>(
    old: &'a NamespaceSchema,
    new: &'a NamespaceSchema,
    payloads: &Payloads<'a>,
    changes: &mut Changes,
) {
    let way = Way {
        name: "serverToClient",
        added: rules::SENT_EVENT_ADDED,
        removed: rules::SENT_EVENT_REMOVED,
        renamed: rules::SENT_EVENT_RENAMED,
        argument_added: rules::SENT_ARGUMENT_ADDED,
        argument_removed: rules::SENT_ARGUMENT_REMOVED,
        argument_optional: rules::SENT_ARGUMENT_OPTIONAL,
        argument_required: rules::SENT_ARGUMENT_REQUIRED,
        acknowledged: rules::SENT_ACK_ADDED,
        unacknowledged: rules::SENT_ACK_REMOVED,
        is_sent: true,
    };
    let sets = (&old.server_to_client, &new.server_to_client);
    way.compare(&old.path, sets, payloads, changes);
}

pub(super) fn client_to_server<'a>(
    old: &'a NamespaceSchema,
    new: &'a NamespaceSchema,
    payloads: &Payloads<'a>,
    changes: &mut Changes,
) {
    let way = Way {
        name: "clientToServer",
        added: rules::ACCEPTED_EVENT_ADDED,
        removed: rules::ACCEPTED_EVENT_REMOVED,
        renamed: rules::ACCEPTED_EVENT_RENAMED,
        argument_added: rules::ACCEPTED_ARGUMENT_ADDED,
        argument_removed: rules::ACCEPTED_ARGUMENT_REMOVED,
        argument_optional: rules::ACCEPTED_ARGUMENT_OPTIONAL,
        argument_required: rules::ACCEPTED_ARGUMENT_REQUIRED,
        acknowledged: rules::ACCEPTED_ACK_ADDED,
        unacknowledged: rules::ACCEPTED_ACK_REMOVED,
        is_sent: false,
    };
    let sets = (&old.client_to_server, &new.client_to_server);
    way.compare(&old.path, sets, payloads, changes);
}

/// Compares the events between servers. Both schemas send and accept them, so every difference affects both directions.
pub(super) fn between_servers<'a>(
    old: &'a NamespaceSchema,
    new: &'a NamespaceSchema,
    payloads: &Payloads<'a>,
    changes: &mut Changes,
) {
    let (old_events, new_events) = (&old.inter_server.events, &new.inter_server.events);
    let place = |event: &EventSchema| format!("{} interServer {}", old.path, event.name);
    let (removed, added) = unmatched(old_events, new_events, |event| &event.name);
    for event in removed {
        let detail = "it was removed".to_owned();
        changes.add(&rules::SERVERS_EVENT_CHANGED, &place(event), detail);
    }
    for event in added {
        let detail = "it was added".to_owned();
        changes.add(&rules::SERVERS_EVENT_CHANGED, &place(event), detail);
    }
    for (before, after) in pairs(old_events, new_events) {
        let place = place(before);
        let form = |event: &EventSchema| {
            let arguments: Vec<_> = event.arguments.iter().map(|it| it.optional).collect();
            (
                arguments,
                event.acknowledgement.as_ref().map(std::mem::discriminant),
            )
        };
        if form(before) != form(after) {
            changes.add(&rules::SERVERS_EVENT_CHANGED, &place, None);
            continue;
        }
        let rule = &rules::SERVERS_PAYLOAD_CHANGED;
        for (old, new) in before.arguments.iter().zip(&after.arguments) {
            let place = format!("{place} › {}", old.name);
            payloads.between_servers(&old.payload, &new.payload, &place, rule, changes);
        }
        for (old, new) in answers(before, after) {
            payloads.between_servers(old, new, &format!("{place} › answer"), rule, changes);
        }
    }
}

fn pairs<'a>(
    old: &'a [EventSchema],
    new: &'a [EventSchema],
) -> impl Iterator<Item = (&'a EventSchema, &'a EventSchema)> {
    let mut names = HashMap::new();
    for after in new {
        names.entry(&*after.name).or_insert(after);
    }
    old.iter()
        .filter_map(move |before| Some((before, *names.get(&*before.name)?)))
}

/// Returns the acknowledgements of both versions of an event.
fn answers<'a>(
    before: &'a EventSchema,
    after: &'a EventSchema,
) -> Vec<(&'a PayloadSchema, &'a PayloadSchema)> {
    match (&before.acknowledgement, &after.acknowledgement) {
        (
            Some(Acknowledgement::Value { data, .. }),
            Some(Acknowledgement::Value { data: new, .. }),
        ) => {
            vec![(data, new)]
        }
        (
            Some(Acknowledgement::Fallible { data, error, .. }),
            Some(Acknowledgement::Fallible {
                data: new,
                error: new_error,
                ..
            }),
        ) => vec![(data, new), (error, new_error)],
        _ => Vec::new(),
    }
}

impl Way {
    fn compare<'a>(
        &self,
        path: &str,
        (old, new): (&'a EventSetSchema, &'a EventSetSchema),
        payloads: &Payloads<'a>,
        changes: &mut Changes,
    ) {
        let place = |event: &EventSchema| format!("{path} {} {}", self.name, event.name);
        let (removed, mut added) = unmatched(&old.events, &new.events, |event| &event.name);
        let length = |events: &[&EventSchema]| events.iter().map(|it| it.name.len()).sum::<usize>();
        let is_short = length(&removed).saturating_mul(length(&added)) <= MOST_CHARACTERS;
        for gone in removed {
            let heir = is_short
                .then(|| self.heir(gone, &added, payloads))
                .flatten();
            match heir {
                Some(heir) => {
                    let detail = format!("the new name is `{}`", heir.name);
                    changes.add(&self.renamed, &place(gone), detail);
                    added.retain(|event| event.name != heir.name);
                }
                None => changes.add(&self.removed, &place(gone), None),
            }
        }
        for event in added {
            changes.add(&self.added, &place(event), None);
        }
        for (before, after) in pairs(&old.events, &new.events) {
            self.event(before, after, &place(before), payloads, changes);
        }
    }

    /// Returns the event that another was probably renamed to: one with the same payloads and a similar name.
    fn heir<'e, 'a: 'e>(
        &self,
        gone: &'a EventSchema,
        added: &[&'a EventSchema],
        payloads: &Payloads<'a>,
    ) -> Option<&'a EventSchema> {
        let alike = |event: &EventSchema| strsim::normalized_levenshtein(&gone.name, &event.name);
        let is_same = |event: &&'a EventSchema| {
            let mut changes = Changes::default();
            self.event(gone, event, "", payloads, &mut changes);
            changes.are_all(rules::DOCS_CHANGED)
                && gone.arguments.len() == event.arguments.len()
                && gone
                    .arguments
                    .iter()
                    .zip(&event.arguments)
                    .all(|(old, new)| payloads.are_same(&old.payload, &new.payload))
        };
        let candidates = added.iter().copied();
        let candidates = candidates.filter(|event| alike(event) >= ALIKE);
        candidates
            .filter(is_same)
            .max_by(|a, b| alike(a).total_cmp(&alike(b)))
    }

    fn event<'a>(
        &self,
        before: &'a EventSchema,
        after: &'a EventSchema,
        place: &str,
        payloads: &Payloads<'a>,
        changes: &mut Changes,
    ) {
        if (&before.docs, &before.deprecated) != (&after.docs, &after.deprecated) {
            changes.add(&rules::DOCS_CHANGED, place, None);
        }
        for index in 0..before.arguments.len().max(after.arguments.len()) {
            let (old, new) = (before.arguments.get(index), after.arguments.get(index));
            self.argument(old, new, place, payloads, changes);
        }
        match (&before.acknowledgement, &after.acknowledgement) {
            (None, Some(_)) => changes.add(&self.acknowledged, place, None),
            (Some(_), None) => changes.add(&self.unacknowledged, place, None),
            (Some(old), Some(new)) if !is_same_form(old, new) => {
                changes.add(&rules::ACK_FORM_CHANGED, place, None);
            }
            _ => {}
        }
        let place = format!("{place} › answer");
        for (old, new) in answers(before, after) {
            if self.is_sent {
                payloads.accepted(old, new, &place, changes);
            } else {
                payloads.sent(old, new, &place, changes);
            }
        }
    }

    fn argument<'a>(
        &self,
        old: Option<&'a ArgumentSchema>,
        new: Option<&'a ArgumentSchema>,
        place: &str,
        payloads: &Payloads<'a>,
        changes: &mut Changes,
    ) {
        let place = |argument: &ArgumentSchema| format!("{place} › {}", argument.name);
        match (old, new) {
            (None, Some(new)) if new.optional => {
                changes.add(&rules::OPTIONAL_ARGUMENT_ADDED, &place(new), None);
            }
            (None, Some(new)) => changes.add(&self.argument_added, &place(new), None),
            (Some(old), None) if old.optional => {
                changes.add(&rules::OPTIONAL_ARGUMENT_REMOVED, &place(old), None);
            }
            (Some(old), None) => changes.add(&self.argument_removed, &place(old), None),
            (Some(old), Some(new)) => {
                let place = place(old);
                match (old.optional, new.optional) {
                    (false, true) => changes.add(&self.argument_optional, &place, None),
                    (true, false) => changes.add(&self.argument_required, &place, None),
                    _ => {}
                }
                if self.is_sent {
                    payloads.sent(&old.payload, &new.payload, &place, changes);
                } else {
                    payloads.accepted(&old.payload, &new.payload, &place, changes);
                }
            }
            (None, None) => {}
        }
    }
}

/// Returns `true` if both acknowledgements are values, both are absent, or both are results.
fn is_same_form(old: &Acknowledgement, new: &Acknowledgement) -> bool {
    std::mem::discriminant(old) == std::mem::discriminant(new)
}
