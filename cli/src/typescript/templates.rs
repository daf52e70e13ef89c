//! Parts of a module that are the same for every schema.

pub(super) const BINARY: &str = include_str!("client/binary.ts");

pub(super) const BINARY_INPUT: &str = include_str!("client/binary_input.ts");

pub(super) const ACK: &str = include_str!("client/ack.ts");

pub(super) const SOCKETS: &str = include_str!("client/sockets.ts");

pub(super) const CONNECT: &str = include_str!("client/connect.ts");

pub(super) const HANDLERS: &str = include_str!("client/handlers.ts");

pub(super) const CONNECT_ERROR_DATA: &str = include_str!("client/connect_error.ts");

pub(super) const UNSUPPORTED_VERSION: &str = include_str!("client/unsupported_version.ts");

/// Returns the types that every module has.
pub(super) fn common_types() -> impl Iterator<Item = &'static str> {
    [SOCKETS, CONNECT, HANDLERS, UNSUPPORTED_VERSION]
        .into_iter()
        .flat_map(declared_types)
}

/// Returns the names of the types that a text declares, each at the beginning of a line.
pub(super) fn declared_types(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let words = line
            .strip_prefix("type ")
            .or_else(|| line.strip_prefix("interface "))?;
        words.split(|c: char| !c.is_alphanumeric()).next()
    })
}
