//! Texts of generated files, for one file or for all files of a configuration.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use sio_types_schema::Schema;

use crate::build::{self, Source};
use crate::config::{Config, Kind, OutputFile};
use crate::error::{self, Error};
use crate::output::{self, Written};
use crate::typescript::{self, Target};
use crate::{asyncapi, defaults, docs};

/// Prints the warnings of a module and returns its text.
pub(super) fn typescript(schema: &Schema, target: Target) -> Result<String, Error> {
    let module = typescript::print_for(schema, target)?;
    for warning in &module.warnings {
        error::warn(warning);
    }
    Ok(module.text)
}

/// Writes all files of a configuration.
pub(super) fn write(config: &Config, said: &Source) -> Result<Vec<(PathBuf, Written)>, Error> {
    // All texts are generated before the first file is written, so that an error leaves all files unchanged.
    let written = texts(config, said)?.into_iter().map(|(output, text)| {
        let written = output::write(&output.file, &text)?;
        Ok((output.file.clone(), written))
    });
    written.collect()
}

/// Returns the text of every file of a configuration.
pub(super) fn texts<'a>(
    config: &'a Config,
    said: &Source,
) -> Result<Vec<(&'a OutputFile, String)>, Error> {
    let mut schemas: BTreeMap<Vec<String>, Schema> = BTreeMap::new();
    let texts = config.outputs_of(said).map(|(output, source)| {
        let schema = match schemas.entry(source.packages.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(build::schema_of_crate(&source)?),
        };
        Ok((output, text(output, schema)?))
    });
    texts.collect()
}

fn text(output: &OutputFile, schema: &Schema) -> Result<String, Error> {
    match output.kind {
        Kind::TypeScript => typescript(
            schema,
            Target {
                node: output.node,
                react: output.react,
                zod: output.zod,
            },
        ),
        Kind::Schema => Ok(schema.to_json()),
        Kind::AsyncApi => {
            let info = asyncapi::Info {
                title: said(&output.title, defaults::TITLE),
                version: said(&output.app_version, defaults::APP_VERSION),
                server: output.server.clone(),
            };
            asyncapi::print(schema, &info, asyncapi::Format::of(&output.file))
        }
        Kind::Docs => {
            let info = docs::Info {
                title: said(&output.title, defaults::TITLE),
                server: said(&output.server, defaults::SERVER),
                live: None,
            };
            docs::print(schema, &info)
        }
    }
}

fn said(text: &Option<String>, default: &str) -> String {
    text.as_deref().unwrap_or(default).to_owned()
}
