//! The command `gen-asyncapi`.

use crate::asyncapi::{self, Format, Info};
use crate::error::Error;
use crate::input::Input;
use crate::output::{self, Destination};

/// Options of `gen-asyncapi`.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) input: Input,
    pub(crate) output: Destination,
    /// Format of the document. Defaults to that of the file name.
    pub(crate) format: Option<Format>,
    pub(crate) info: Info,
}

/// Writes an AsyncAPI document.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let Options { output, info, .. } = options;
    let schema = options.input.schema()?;
    let format = options.format.unwrap_or_else(|| Format::of(&output.file));
    output::deliver(output, &asyncapi::print(&schema, info, format)?)
}
