//! The parts of a module that are the same for every schema.

use sio_types::schema::Schema;

use super::Direction;
use super::definitions::{Definitions, binary_name};
use super::names::Names;
use super::namespaces::Namespaces;
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

/// The types that namespaces share, as far as they use them.
pub(super) fn shared_types(
    definitions: &Definitions<'_>,
    namespaces: &Namespaces,
    names: &mut Names,
) -> Result<Vec<String>, Error> {
    let mut sections = Vec::new();
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

/// The functions of a module.
pub(super) fn functions(schema: &Schema) -> String {
    let refuses = schema
        .namespaces
        .iter()
        .any(|namespace| namespace.connect_error.is_some());
    if refuses {
        format!("{CONNECT}\n{CONNECT_ERROR_DATA}")
    } else {
        CONNECT.to_owned()
    }
}
