use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diff::Format;

/// What the command line says.
#[derive(Debug, Parser)]
#[command(
    name = "sio-types",
    version,
    about = "TypeScript from a crate's Socket.IO events"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Give a crate its first events, or make one that has them
    #[command(after_help = INIT_EXAMPLES)]
    Init(Init),
    /// Write TypeScript for socket.io-client
    #[command(after_help = GEN_TS_EXAMPLES)]
    GenTs(GenTs),
    /// Write the schema document that every generator reads
    GenSchema(GenSchema),
    /// Write an AsyncAPI 3.0 document
    #[command(name = "gen-asyncapi", after_help = GEN_ASYNCAPI_EXAMPLES)]
    GenAsyncApi(GenAsyncApi),
    /// Fail if a generated file is stale, missing, or no longer generated
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Report what changes of the events do to clients and servers that are not changed yet
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(Diff),
}

const INIT_EXAMPLES: &str = "\
Examples:
  sio-types init                                the crate here
  sio-types init server                         a new crate in `server`
  sio-types init --output ../page/src/events.ts

What is there already is left alone: a second run changes nothing.";

const GEN_TS_EXAMPLES: &str = "\
Examples:
  sio-types gen-ts -o ../page/src/events.ts           the crate here
  sio-types gen-ts -p server -o page/events.ts        a package of the workspace
  sio-types gen-ts -o page/events.ts --watch          again after every change
  sio-types gen-ts -o page/events.ts --check          write nothing, fail if it is stale
  sio-types gen-ts --node -o worker/events.ts         for a service on Node
  sio-types gen-ts --config                           all files of sio-types.toml

Exit codes: 0 done, 1 the file is not what would be written, 2 a wrong use, 3 a crate that does not build.";

const GEN_ASYNCAPI_EXAMPLES: &str = "\
Examples:
  sio-types gen-asyncapi -o asyncapi.yaml
  sio-types gen-asyncapi --title Chat --app-version 1.2.0 --server wss://chat.example.com -o asyncapi.json
  sio-types gen-asyncapi --schema schema.json --format yaml

A namespace is a channel, an event a message whose payload is the list of its arguments, an acknowledgement the reply of
its operation. Operations are the server's.";

const CHECK_EXAMPLES: &str = "\
Example of a sio-types.toml:
  package = \"server\"

  [[output]]
  file = \"page/src/events.ts\"

  [[output]]
  file = \"worker/events.ts\"
  node = true

  [[output]]
  file = \"schema.json\"
  kind = \"schema\"

`sio-types gen-ts --config` writes what can be written. Exit codes: 0 all is right, 1 something is not, 2 a wrong use,
3 a crate that does not build.";

const DIFF_EXAMPLES: &str = "\
Examples:
  sio-types diff --against main                 the crate as it is, with the branch `main`
  sio-types diff old.json                       the crate as it is, with a schema document
  sio-types diff old.json new.json              two schema documents
  sio-types diff --against v1.2.0 --schema schema.json --format github

The rules are described in docs/compatibility.md. Exit codes: 0 nothing that fails, 1 a change that does,
2 a wrong use, 3 a crate that does not build.";

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The directory of the package; one without a Cargo.toml gets a new one
    #[arg(value_name = "DIRECTORY", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// The TypeScript file that is to be generated, as seen from the package
    #[arg(short, long, value_name = "FILE", default_value = "events.ts")]
    pub(crate) output: String,
    /// Depend on a copy of sio-types on this machine
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct GenTs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Read a schema document in place of a crate
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["package", "manifest_path", "bin", "features", "all_features"]
    )]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
    /// Write all TypeScript files that a configuration names; `sio-types.toml` here or above, unless named
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        conflicts_with_all = ["check", "file", "node", "schema"]
    )]
    pub(crate) config: Option<Option<PathBuf>>,
    /// Add the types of Socket.IO's own server, for a service on Node
    #[arg(long)]
    pub(crate) node: bool,
    /// Write again whenever the crate changes
    #[arg(long, conflicts_with_all = ["check", "schema"])]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenAsyncApi {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Read a schema document in place of a crate
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["package", "manifest_path", "bin", "features", "all_features"]
    )]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
    /// YAML or JSON; as the name of the file says, and YAML unless it says otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<DocumentFormat>,
    /// What the application is called
    #[arg(long, default_value = "Socket.IO application")]
    pub(crate) title: String,
    /// The version of the application
    #[arg(long, value_name = "VERSION", default_value = "0.0.0")]
    pub(crate) app_version: String,
    /// Where it is served, such as `wss://chat.example.com`
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    Yaml,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration; `sio-types.toml` here or above, unless named
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The schema document as it was
    #[arg(conflicts_with = "against")]
    pub(crate) old: Option<PathBuf>,
    /// The schema document as it is; the crate's, unless named
    pub(crate) new: Option<PathBuf>,
    /// Compare with a revision of the git repository
    #[arg(long, value_name = "REVISION")]
    pub(crate) against: Option<String>,
    /// The schema document that is in the repository, in place of the crate
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(crate) schema: Option<PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// The changes that may pass, with reasons; `.sio-types-ignore.toml` if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) ignore: Option<PathBuf>,
    /// The changes that make the command fail
    #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// From which level on a change makes the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Breaking,
    Risky,
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct GenSchema {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which crate has the events.
#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// The package that has the events
    #[arg(short, long)]
    pub(crate) package: Option<String>,
    /// The path of its Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// The binary that has the events, where it is not the library
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Features to turn on, by comma or space
    #[arg(short = 'F', long)]
    pub(crate) features: Vec<String>,
    /// Turn every feature on
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Leave the default features off
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Build without the network
    #[arg(long)]
    pub(crate) offline: bool,
    /// Build with the Cargo.lock as it is
    #[arg(long)]
    pub(crate) locked: bool,
}

/// Where the text goes.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// The file to write; `-` is standard output
    #[arg(short = 'o', long = "output", value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// Write nothing, and fail if the file is not what would be written
    #[arg(long, requires = "file")]
    pub(crate) check: bool,
}
