//! The parts of a module that are the same for every schema.

use sio_types::schema::Schema;

use super::Direction;
use super::definitions::{Definitions, binary_name};
use super::names::Names;
use super::namespaces::Namespaces;
use super::syntax::string;
use crate::error::Error;

const BINARY: &str = "\
/** Binary data, as it is received. */
export type Binary = ArrayBuffer | Uint8Array;
";

const BINARY_INPUT: &str = "\
/** Binary data, as it may be sent. */
export type BinaryInput = ArrayBuffer | ArrayBufferView | Blob;
";

const ACK: &str = "\
/** The answer to an event that can fail. */
export type Ack<T, E> =
  | { status: \"ok\"; data: T }
  | { status: \"error\"; error: E }
  | { status: \"rejected\"; reason: Rejection };

/** Why an event was not handled. */
export interface Rejection {
  code:
    | \"invalid_payload\"
    | \"unknown_event\"
    | \"refused\"
    | \"panicked\"
    | \"invalid_answer\"
    | \"overloaded\";
  message: string;
}
";

const CONNECT: &str = "\
/** What a namespace needs to be opened: its auth, and the parameters of its path. */
export type ConnectOptions<P extends keyof Namespaces> = {
  [
    K in \"auth\" | \"parameters\" as undefined extends Namespaces[P][K] ? never : K
  ]: Namespaces[P][K];
};

/** Opens a namespace on a shared connection. */
export function connect<P extends keyof Namespaces>(
  manager: Manager,
  namespace: P,
  ...options: keyof ConnectOptions<P> extends never
    ? []
    : [options: ConnectOptions<P>]
): Socket<Namespaces[P][\"serverToClient\"], Namespaces[P][\"clientToServer\"]>;
export function connect(
  manager: Manager,
  namespace: string,
  options: {
    auth?: object;
    parameters?: { [name: string]: string | number | boolean };
  } = {},
): Socket {
  const { auth, parameters = {} } = options;
  const path = namespace.replace(/\\{(\\w+)\\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters[name])),
  );
  return manager.socket(path, auth === undefined ? {} : { auth });
}
";

const CONNECT_ERROR_DATA: &str = "\
/** Reads what a namespace says about a connection that it refused. */
export function connectErrorData<P extends keyof Namespaces>(
  _namespace: P,
  error: { message: string },
): { message: string; data?: Namespaces[P][\"connectError\"] } {
  try {
    const refusal: unknown = JSON.parse(error.message);
    if (
      typeof refusal === \"object\" &&
      refusal !== null &&
      \"message\" in refusal &&
      typeof refusal.message === \"string\"
    ) {
      return refusal as {
        message: string;
        data?: Namespaces[P][\"connectError\"];
      };
    }
  } catch {
    // A refusal without data is plain text.
  }
  return { message: error.message };
}
";

const UNSUPPORTED_VERSION: &str = "\
/** Why a server refuses clients that know other events, if it does. */
export interface UnsupportedVersion {
  code: \"unsupported_version\";
  client: string;
  server: string;
}

/** Reads whether a connection was refused because of `fingerprints`. */
export function unsupportedVersion(error: {
  message: string;
}): UnsupportedVersion | undefined {
  try {
    const refusal: { data?: Partial<UnsupportedVersion> } | null = JSON.parse(
      error.message,
    );
    return refusal?.data?.code === \"unsupported_version\"
      ? (refusal.data as UnsupportedVersion)
      : undefined;
  } catch {
    return undefined;
  }
}
";

/// The types that namespaces share, as far as they use them.
pub(super) fn shared_types(
    definitions: &Definitions<'_>,
    namespaces: &Namespaces,
    names: &mut Names,
) -> Result<Vec<String>, Error> {
    let mut sections = Vec::new();
    names.claim_own("UnsupportedVersion")?;
    if namespaces.fallible {
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

/// What a server may compare with its own events.
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
        "/** Which events this module knows: the `query` of a `Manager`, where the server looks at it. */\n\
         // prettier-ignore\n\
         export const fingerprints = {{\n  sioTypes: [\n{}  ].join(\",\"),\n}};\n",
        lines.collect::<String>()
    )
}

/// The functions of a module.
pub(super) fn functions(schema: &Schema) -> String {
    let refuses = schema
        .namespaces
        .iter()
        .any(|namespace| namespace.connect_error.is_some());
    let refused = if refuses { CONNECT_ERROR_DATA } else { "" };
    let parts = [CONNECT, refused, UNSUPPORTED_VERSION];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}
