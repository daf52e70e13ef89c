//! The commands that write one file, or the TypeScript files of a configuration.

use sio_types::schema::Schema;

use crate::cli::{DocumentFormat, GenAsyncApi, GenDocs, GenSchema, GenTs};
use crate::config::Config;
use crate::error::{self, Error};
use crate::typescript::{self, Target};
use crate::{asyncapi, build, check, docs, output, terminal, watch};

pub(crate) fn schema(arguments: &GenSchema) -> Result<(), Error> {
    let schema = build::schema_of_crate(&arguments.source)?;
    output::deliver(&arguments.output, &schema.to_json())
}

pub(crate) fn typescript(arguments: &GenTs) -> Result<(), Error> {
    let GenTs { input, output, .. } = arguments;
    if let Some(named) = &arguments.config {
        let config = Config::find(named.as_deref())?;
        let write = || check::write(&config, &input.source);
        return if arguments.watch {
            watch::run(|| build::places(&config.source(&input.source)), write)
        } else {
            for (file, written) in write()? {
                terminal::written(&file, written);
            }
            Ok(())
        };
    }
    let target = Target {
        node: arguments.node,
        react: arguments.react,
        zod: arguments.zod,
    };
    let text = || typescript_of(&input.schema()?, target);
    if !arguments.watch {
        return output::deliver(output, &text()?);
    }
    if output.file.as_os_str() == "-" {
        return Err(
            Error::usage("`--watch` has no file to write").help("name it with `--output FILE`")
        );
    }
    let write = || {
        let written = output::write(&output.file, &text()?)?;
        Ok(vec![(output.file.clone(), written)])
    };
    watch::run(|| build::places(&input.source), write)
}

/// The module, after its warnings are printed.
pub(crate) fn typescript_of(schema: &Schema, target: Target) -> Result<String, Error> {
    let module = typescript::print_for(schema, target)?;
    for warning in &module.warnings {
        error::warn(warning);
    }
    Ok(module.text)
}

pub(crate) fn asyncapi(arguments: GenAsyncApi) -> Result<(), Error> {
    let schema = arguments.input.schema()?;
    let output = arguments.output;
    let is_json = match arguments.format {
        Some(format) => format == DocumentFormat::Json,
        None => asyncapi::is_json(&output.file),
    };
    let info = asyncapi::Info {
        title: arguments.title,
        version: arguments.app_version,
        server: arguments.server,
    };
    output::deliver(&output, &asyncapi::print(&schema, &info, is_json)?)
}

pub(crate) fn docs(arguments: &GenDocs) -> Result<(), Error> {
    let GenDocs { input, output, .. } = arguments;
    let info = docs::Info {
        title: arguments.title.clone(),
        server: arguments.server.clone(),
        live: None,
    };
    match arguments.serve {
        Some(address) => docs::serve::run(input, &info, address, &arguments.allow_host),
        None => output::deliver(output, &docs::print(&input.schema()?, &info)?),
    }
}
