//! The command `gen-schema`.

use crate::build::{self, Source};
use crate::error::Error;
use crate::output::{self, Destination};

/// Options of `gen-schema`.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) source: Source,
    pub(crate) output: Destination,
}

/// Writes the schema document of a crate.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let schema = build::schema_of_crate(&options.source)?;
    output::deliver(&options.output, &schema.to_json())
}
