//! Source of a command's events.

use std::path::PathBuf;

use sio_types_schema::Schema;

use crate::build::{self, Source};
use crate::document;
use crate::error::Error;
use crate::watch::Places;

/// A crate, or a schema document in its place.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// The crate that contains the events.
    pub(crate) source: Source,
    /// The schema document.
    pub(crate) schema: Option<PathBuf>,
}

impl Input {
    /// Reads the document, or builds the crate and obtains its schema.
    pub(crate) fn schema(&self) -> Result<Schema, Error> {
        match &self.schema {
            Some(path) => document::read(path),
            None => build::schema_of_crate(&self.source),
        }
    }

    /// Returns the files that the schema depends on.
    pub(crate) fn places(&self) -> Result<Places, Error> {
        let Some(schema) = &self.schema else {
            return build::places(&self.source);
        };
        let schema = schema
            .canonicalize()
            .map_err(|error| Error::io("locate", schema, &error))?;
        Ok(Places {
            files: [schema].into(),
            ..Places::default()
        })
    }
}
