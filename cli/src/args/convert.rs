//! Conversions from the parsed command line to the options of the commands.

use super::{
    Check, Diff, DocumentFormat, FailOn, GenAsyncApi, GenDocs, GenSchema, GenTs, Init, Input,
    Output, ReportFormat, Scan, Source,
};
use crate::commands::{check, diff, gen_asyncapi, gen_docs, gen_schema, gen_ts, init, scan};
use crate::output::Destination;
use crate::typescript::Target;
use crate::{asyncapi, build, docs, input};

impl From<Source> for build::Source {
    fn from(source: Source) -> Self {
        let Source {
            packages,
            manifest_path,
            bin,
            features,
            all_features,
            no_default_features,
            target,
            offline,
            locked,
        } = source;
        Self {
            packages,
            manifest_path,
            bin,
            features,
            all_features,
            no_default_features,
            target,
            offline,
            locked,
        }
    }
}

impl From<Input> for input::Input {
    fn from(Input { source, schema }: Input) -> Self {
        Self {
            source: source.into(),
            schema,
        }
    }
}

impl From<Output> for Destination {
    fn from(Output { file, check }: Output) -> Self {
        Self { file, check }
    }
}

impl From<Init> for init::Options {
    fn from(
        Init {
            directory,
            output,
            path,
        }: Init,
    ) -> Self {
        Self {
            directory,
            output,
            path,
        }
    }
}

impl From<GenTs> for gen_ts::Options {
    fn from(arguments: GenTs) -> Self {
        let GenTs {
            input,
            output,
            config,
            node,
            react,
            zod,
            watch,
        } = arguments;
        let files = match config {
            Some(config) => gen_ts::Files::Configured {
                config,
                source: input.source.into(),
            },
            None => gen_ts::Files::One {
                input: input.into(),
                output: output.into(),
                target: Target { node, react, zod },
            },
        };
        Self { files, watch }
    }
}

impl From<GenSchema> for gen_schema::Options {
    fn from(GenSchema { source, output }: GenSchema) -> Self {
        Self {
            source: source.into(),
            output: output.into(),
        }
    }
}

impl From<DocumentFormat> for asyncapi::Format {
    fn from(format: DocumentFormat) -> Self {
        match format {
            DocumentFormat::Yaml => Self::Yaml,
            DocumentFormat::Json => Self::Json,
        }
    }
}

impl From<GenAsyncApi> for gen_asyncapi::Options {
    fn from(arguments: GenAsyncApi) -> Self {
        let GenAsyncApi {
            input,
            output,
            format,
            title,
            app_version,
            server,
        } = arguments;
        Self {
            input: input.into(),
            output: output.into(),
            format: format.map(Into::into),
            info: asyncapi::Info {
                title,
                version: app_version,
                server,
            },
        }
    }
}

impl From<GenDocs> for gen_docs::Options {
    fn from(arguments: GenDocs) -> Self {
        let GenDocs {
            input,
            output,
            title,
            server,
            serve,
            allow_host,
        } = arguments;
        Self {
            input: input.into(),
            output: output.into(),
            info: docs::Info {
                title,
                server,
                live: None,
            },
            serve,
            allowed_hosts: allow_host,
        }
    }
}

impl From<Check> for check::Options {
    fn from(Check { config, source }: Check) -> Self {
        Self {
            config,
            source: source.into(),
        }
    }
}

impl From<ReportFormat> for crate::diff::Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Text => Self::Text,
            ReportFormat::Json => Self::Json,
            ReportFormat::Github => Self::Github,
            ReportFormat::Markdown => Self::Markdown,
        }
    }
}

impl From<FailOn> for diff::FailOn {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Breaking => Self::Breaking,
            FailOn::Risky => Self::Risky,
            FailOn::Never => Self::Never,
        }
    }
}

impl From<Diff> for diff::Options {
    fn from(arguments: Diff) -> Self {
        let Diff {
            old,
            new,
            against,
            schema,
            format,
            ignore,
            fail_on,
            source,
        } = arguments;
        Self {
            old,
            new,
            against,
            schema,
            format: format.map(Into::into),
            ignore,
            fail_on: fail_on.into(),
            source: source.into(),
        }
    }
}

impl From<Scan> for scan::Options {
    fn from(arguments: Scan) -> Self {
        let Scan {
            paths,
            deny_unused,
            input,
        } = arguments;
        Self {
            paths,
            deny_unused,
            input: input.into(),
        }
    }
}
