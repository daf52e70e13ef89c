//! A reference of an application's events: one HTML file that needs nothing beside it.

mod example;
mod hosts;
mod page;
pub(crate) mod serve;
mod snippets;
#[cfg(test)]
mod tests;
mod text;

use sio_types::schema::Schema;

use crate::error::Error;

/// What the reference is of.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    pub(crate) title: String,
    /// Where the console connects to unless somebody says otherwise.
    pub(crate) server: String,
    /// Which version of the page it is, where it is to be loaded again when its server has another.
    pub(crate) live: Option<u64>,
}

/// The HTML.
pub(crate) fn print(schema: &Schema, info: &Info) -> Result<String, Error> {
    let schemes = ["http://", "https://", "ws://", "wss://"];
    if !schemes.iter().any(|scheme| info.server.starts_with(scheme)) {
        let what = format!("`{}` is no URL of a server", info.server);
        return Err(Error::usage(what).help("say it like `https://chat.example.com`"));
    }
    crate::document::check(schema)?;
    page::Page::new(schema, info)?.print()
}
