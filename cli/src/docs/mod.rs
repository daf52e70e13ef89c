//! Reference of an application's events: a single, self-contained HTML file.

mod example;
mod info;
mod page;
mod snippets;
#[cfg(test)]
mod tests;
mod text;

use sio_types_schema::Schema;

use crate::document;
use crate::error::Error;
pub(crate) use info::Info;

/// Returns the HTML page.
pub(crate) fn print(schema: &Schema, info: &Info) -> Result<String, Error> {
    let schemes = ["http://", "https://", "ws://", "wss://"];
    if !schemes.iter().any(|scheme| info.server.starts_with(scheme)) {
        let what = format!("invalid server URL `{}`", info.server);
        return Err(Error::usage(what).help("use a URL such as `https://chat.example.com`"));
    }
    document::check(schema)?;
    page::Page::new(schema, info)?.print()
}
