//! Hooks for React.

use sio_types_schema::{Acknowledgement, NamespaceSchema, Schema};

use super::names::Names;
use super::syntax::string;
use crate::error::Error;

/// Directive for bundlers that separate server from client code: hooks run on the client.
pub(super) const DIRECTIVE: &str = "\"use client\";\n";

pub(super) const IMPORT: &str = "\
import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from \"react\";
";

const PARTS: [&str; 5] = [
    include_str!("types.ts"),
    include_str!("hooks.ts"),
    include_str!("emit.ts"),
    include_str!("rooms.ts"),
    include_str!("shared.ts"),
];

/// Claims the names of the hooks' types.
pub(super) fn claim(names: &mut Names) -> Result<(), Error> {
    names.claim_own("ReactNode")?;
    names.claim_own("FallibleEvent")?;
    PARTS.iter().try_for_each(|part| names.claim_declared(part))
}

/// Returns the hooks, and the tables of events that they need.
pub(super) fn print(schema: &Schema) -> Vec<String> {
    let mut sections = vec![fallible_events(schema)];
    sections.extend(PARTS.map(str::to_owned));
    sections
}

/// Returns the table of events with a fallible acknowledgement. An `Ack` cannot be recognized by its value.
fn fallible_events(schema: &Schema) -> String {
    let lines = schema.namespaces.iter().map(|namespace| {
        let events: Vec<_> = fallible_of(namespace).collect();
        format!("  {}: [{}],\n", string(&namespace.path), events.join(", "))
    });
    format!(
        "/** Events whose acknowledgement is an `Ack`. */\n\
         // prettier-ignore\n\
         const fallibleEvents = {{\n{}}} as const;\n\n\
         type FallibleEvent<P extends keyof Namespaces> =\n  (typeof fallibleEvents)[P][number];\n",
        lines.collect::<String>()
    )
}

fn fallible_of(namespace: &NamespaceSchema) -> impl Iterator<Item = String> {
    let events = namespace.client_to_server.events.iter();
    events.filter_map(|event| match event.acknowledgement {
        Some(Acknowledgement::Fallible { .. }) => Some(string(&event.name)),
        _ => None,
    })
}
