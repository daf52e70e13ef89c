//! Checks that require the whole item.

use std::collections::HashMap;

use crate::{model::EventTrait, names, report::Report};

/// Checks the names of a trait's events.
pub(crate) fn event_trait(item: &EventTrait, report: &mut Report) {
    let mut seen: HashMap<&str, &syn::Ident> = HashMap::new();
    for event in &item.events {
        if names::RESERVED.contains(&event.wire_name.as_str()) {
            report.at_span(
                event.wire_name_span,
                format_args!(
                    "`{}` is a reserved event name of Socket.IO; choose another name: `#[event(\"…\")]`",
                    event.wire_name
                ),
            );
        }
        // Of two events with different `#[cfg]`s, only one may exist.
        if !event.attrs.cfg.is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(&event.wire_name, &event.ident) {
            report.at_span(
                event.wire_name_span,
                format_args!(
                    "duplicate event name `{}`, already used by the method `{first}`; rename one of them: `#[event(\"…\")]`",
                    event.wire_name
                ),
            );
        }
    }
}
