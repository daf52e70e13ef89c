//! Parts of a module that every schema has.

use sio_types_schema::Schema;

use super::definitions::{Definitions, binary_name};
use super::direction::Direction;
use super::names::Names;
use super::syntax::string;
use super::target::Target;
use super::templates::{
    ACK, BINARY, BINARY_INPUT, CONNECT, CONNECT_ERROR_DATA, HANDLERS, SOCKETS, UNSUPPORTED_VERSION,
};
use crate::error::Error;

/// Returns the types that namespaces share, limited to those that are used.
pub(super) fn shared_types(
    definitions: &Definitions<'_>,
    is_fallible: bool,
    names: &mut Names,
) -> Result<Vec<String>, Error> {
    let mut sections = Vec::new();
    if is_fallible {
        names.claim_own("Ack")?;
        names.claim_own("Rejection")?;
        sections.push(ACK.to_owned());
    }
    for (direction, text) in [
        (Direction::Sent, BINARY),
        (Direction::Accepted, BINARY_INPUT),
    ] {
        if definitions.uses_binary(direction) {
            names.claim_own(binary_name(direction))?;
            sections.push(text.to_owned());
        }
    }
    if definitions.uses_binary(Direction::Accepted) {
        names.claim_own("Blob")?;
    }
    Ok(sections)
}

/// Returns the fingerprints, which a server may compare with those of its own events.
pub(super) fn fingerprints(schema: &Schema) -> String {
    let paths = schema.namespaces.iter().map(|namespace| &*namespace.path);
    let lines = paths.filter_map(|path| {
        let fingerprint = schema.fingerprint(path)?;
        Some(format!(
            "    {},\n",
            string(&format!("{path}={fingerprint}"))
        ))
    });
    format!(
        "/** Fingerprints of the events in this module. Pass them as the `query` of a `Manager` if the server checks them. */\n\
         // prettier-ignore\n\
         export const fingerprints = {{\n  sioTypes: [\n{}  ].join(\",\"),\n}};\n",
        lines.collect::<String>()
    )
}

/// Returns the functions of a module and their types.
pub(super) fn functions(
    schema: &Schema,
    target: Target,
) -> impl Iterator<Item = &'static str> + use<> {
    let has_refusals = schema
        .namespaces
        .iter()
        .any(|namespace| namespace.connect_error.is_some());
    let mut parts = vec![SOCKETS, CONNECT, HANDLERS];
    if has_refusals || target.react {
        parts.push(CONNECT_ERROR_DATA);
    }
    parts.push(UNSUPPORTED_VERSION);
    parts.into_iter()
}
