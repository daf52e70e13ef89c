//! The command line interface, which is converted to the options of the commands.

mod convert;
mod examples;
pub(crate) mod manual;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::defaults::{APP_VERSION, SERVER, TITLE};

/// The parsed command line.
#[derive(Debug, Parser)]
#[command(
    name = "sio-types",
    version,
    about = "Generate TypeScript and documentation from the Socket.IO events of a Rust crate"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print only errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print messages as JSON, one object per line, on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add starter events to a crate, or create a crate with them
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Write TypeScript for socket.io-client
    #[command(after_help = examples::GEN_TS)]
    GenTs(GenTs),
    /// Write the schema of the events as a JSON document
    #[command(after_help = examples::GEN_SCHEMA)]
    GenSchema(GenSchema),
    /// Write an AsyncAPI 3.0 document
    #[command(name = "gen-asyncapi", after_help = examples::GEN_ASYNCAPI)]
    GenAsyncApi(GenAsyncApi),
    /// Write or serve an HTML reference of the events
    #[command(after_help = examples::GEN_DOCS)]
    GenDocs(GenDocs),
    /// Check that the generated files are up to date
    #[command(after_help = examples::CHECK)]
    Check(Check),
    /// Compare two versions of the events and report breaking changes
    #[command(after_help = examples::DIFF)]
    Diff(Diff),
    /// Check that a front end uses the events as they are declared
    #[command(after_help = examples::SCAN)]
    Scan(Scan),
    /// Print the completion script of a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Shell to complete the command in
        shell: Shell,
    },
    /// Print the manual page, or write one page per command
    #[command(after_help = examples::MAN)]
    Man {
        /// Directory to write the pages to
        #[arg(short, long, value_name = "DIRECTORY")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Directory of the package; a new package is created if it has no Cargo.toml
    #[arg(value_name = "DIRECTORY", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// TypeScript file to generate, relative to the package
    #[arg(short, long, value_name = "FILE", default_value = "events.ts")]
    pub(crate) output: String,
    /// Depend on a local copy of sio-types
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct GenTs {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) output: Output,
    /// Write all files of a configuration; defaults to the nearest `sio-types.toml`
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        conflicts_with_all = ["check", "file", "node", "react", "schema", "zod"]
    )]
    pub(crate) config: Option<Option<PathBuf>>,
    /// Add types for Socket.IO's Node.js server
    #[arg(long)]
    pub(crate) node: bool,
    /// Add hooks for React 18 or later
    #[arg(long)]
    pub(crate) react: bool,
    /// Add validators for Zod 4.3 or later
    #[arg(long)]
    pub(crate) zod: bool,
    /// Regenerate the output whenever the crate changes
    #[arg(long, conflicts_with_all = ["check", "schema"])]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenAsyncApi {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) output: Output,
    /// Format of the document; defaults to `json` for a `.json` file and to `yaml` otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<DocumentFormat>,
    /// Title of the application
    #[arg(long, default_value = TITLE)]
    pub(crate) title: String,
    /// Version of the application
    #[arg(long, value_name = "VERSION", default_value = APP_VERSION)]
    pub(crate) app_version: String,
    /// URL of the server, such as `wss://chat.example.com`
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct GenDocs {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) output: Output,
    /// Title of the application
    #[arg(long, default_value = TITLE)]
    pub(crate) title: String,
    /// URL of the server that the page connects to by default
    #[arg(long, value_name = "URL", default_value = SERVER)]
    pub(crate) server: String,
    /// Serve the page instead of writing it, and update it after every change
    ///
    /// By default, only this machine can open the page. Requests must name `localhost`, a loopback address or ADDRESS as
    /// their host. The server rejects other requests with 403 to prevent DNS rebinding, in which a website points its
    /// own name to this machine to read the page.
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        default_missing_value = "127.0.0.1:4400",
        conflicts_with_all = ["check", "file"]
    )]
    pub(crate) serve: Option<SocketAddr>,
    /// Additional host name that requests for the served page may use
    #[arg(long, value_name = "NAME", requires = "serve")]
    pub(crate) allow_host: Vec<String>,
}

/// Format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    Yaml,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Configuration file; defaults to the nearest `sio-types.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Old schema document
    #[arg(conflicts_with = "against")]
    pub(crate) old: Option<PathBuf>,
    /// New schema document; defaults to the schema of the crate
    pub(crate) new: Option<PathBuf>,
    /// Git revision to compare with, such as `main`
    #[arg(long, value_name = "REVISION")]
    pub(crate) against: Option<String>,
    /// Schema document in the repository to compare instead of the crate
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(crate) schema: Option<PathBuf>,
    /// Format of the report; defaults to `json` with `--json` and to `text` otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<ReportFormat>,
    /// File of accepted changes; defaults to `.sio-types-ignore.toml` if it exists
    #[arg(long, value_name = "FILE")]
    pub(crate) ignore: Option<PathBuf>,
    /// Lowest level of changes that make the command fail
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailOn::Breaking)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Plain text
    Text,
    /// JSON
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// Markdown table, for a comment on a pull request
    Markdown,
}

/// Lowest level of changes that make the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Breaking,
    Risky,
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Files and directories of the front end
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Fail if the front end does not use an event
    #[arg(long)]
    pub(crate) deny_unused: bool,
    #[command(flatten)]
    pub(crate) input: Input,
}

#[derive(Debug, Args)]
pub(crate) struct GenSchema {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Source of the events.
#[derive(Debug, Args)]
pub(crate) struct Input {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Read a schema document instead of building a crate
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["package", "manifest_path", "bin", "features", "all_features"]
    )]
    pub(crate) schema: Option<PathBuf>,
}

/// Selection of the crate, and options for building it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// Package that contains the events; several packages are merged
    #[arg(id = "package", short, long = "package", value_name = "PACKAGE")]
    pub(crate) packages: Vec<String>,
    /// Path to the Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Binary that contains the events, if they are not in the library
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Features to enable, separated by commas or spaces
    #[arg(short = 'F', long)]
    pub(crate) features: Vec<String>,
    /// Enable all features
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Disable the default features
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Target triple to build for; its programs must run on this machine
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
    /// Build without network access
    #[arg(long)]
    pub(crate) offline: bool,
    /// Fail if the Cargo.lock would change
    #[arg(long)]
    pub(crate) locked: bool,
}

/// Destination of the output.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// File to write; `-` is standard output
    #[arg(short = 'o', long = "output", value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// Compare the file with the output instead of writing it, and fail if they differ
    #[arg(long, requires = "file")]
    pub(crate) check: bool,
}
