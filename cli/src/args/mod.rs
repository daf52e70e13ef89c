//! The command line interface, which is converted to the options of the commands.

mod convert;
mod examples;
pub(crate) mod manual;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::defaults::{APP_VERSION, SERVER, TITLE};

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
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say everything as JSON, an object a line, on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Give a crate its first events, or make one that has them
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Write TypeScript for socket.io-client
    #[command(after_help = examples::GEN_TS)]
    GenTs(GenTs),
    /// Write the schema document that every generator reads
    #[command(after_help = examples::GEN_SCHEMA)]
    GenSchema(GenSchema),
    /// Write an AsyncAPI 3.0 document
    #[command(name = "gen-asyncapi", after_help = examples::GEN_ASYNCAPI)]
    GenAsyncApi(GenAsyncApi),
    /// Write a reference for people, in one HTML file
    #[command(after_help = examples::GEN_DOCS)]
    GenDocs(GenDocs),
    /// Fail if a generated file is stale, missing, or no longer generated
    #[command(after_help = examples::CHECK)]
    Check(Check),
    /// Report what changes of the events do to clients and servers that are not changed yet
    #[command(after_help = examples::DIFF)]
    Diff(Diff),
    /// Compare what a front end does with the events
    #[command(after_help = examples::SCAN)]
    Scan(Scan),
    /// Print what makes a shell complete this command
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands
    #[command(after_help = examples::MAN)]
    Man {
        /// The directory that gets all pages
        #[arg(short, long, value_name = "DIRECTORY")]
        output: Option<PathBuf>,
    },
}

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
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) output: Output,
    /// Write all TypeScript files that a configuration names; `sio-types.toml` here or above, unless named
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        conflicts_with_all = ["check", "file", "node", "react", "schema", "zod"]
    )]
    pub(crate) config: Option<Option<PathBuf>>,
    /// Add the types of Socket.IO's own server, for a service on Node
    #[arg(long)]
    pub(crate) node: bool,
    /// Add hooks for React 18 or later
    #[arg(long)]
    pub(crate) react: bool,
    /// Add validators for Zod 4.3 or later
    #[arg(long)]
    pub(crate) zod: bool,
    /// Write again whenever the crate changes
    #[arg(long, conflicts_with_all = ["check", "schema"])]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenAsyncApi {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) output: Output,
    /// YAML or JSON; as the name of the file says, and YAML unless it says otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<DocumentFormat>,
    /// What the application is called
    #[arg(long, default_value = TITLE)]
    pub(crate) title: String,
    /// The version of the application
    #[arg(long, value_name = "VERSION", default_value = APP_VERSION)]
    pub(crate) app_version: String,
    /// Where it is served, such as `wss://chat.example.com`
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct GenDocs {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) output: Output,
    /// What the application is called
    #[arg(long, default_value = TITLE)]
    pub(crate) title: String,
    /// Where the events are tried on, unless somebody says otherwise on the page
    #[arg(long, value_name = "URL", default_value = SERVER)]
    pub(crate) server: String,
    /// Serve the page in place of writing it, and again after every change
    ///
    /// Without an address, the page is served to this machine only. Requests must name `localhost`, a loopback address
    /// or ADDRESS itself as their host; the server answers others with 403, so that no foreign website can read the page
    /// through a name that it points to this machine (DNS rebinding).
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        default_missing_value = "127.0.0.1:4400",
        conflicts_with_all = ["check", "file"]
    )]
    pub(crate) serve: Option<SocketAddr>,
    /// Answer requests for this host name, too, when serving the page
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
    /// How the report is written; as text, unless `--json` says otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<ReportFormat>,
    /// The changes that may pass, with reasons; `.sio-types-ignore.toml` if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) ignore: Option<PathBuf>,
    /// The changes that make the command fail
    #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For the log of a GitHub workflow, with annotations
    Github,
    /// For a comment on a pull request
    Markdown,
}

/// The level from which on a change makes the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Breaking,
    Risky,
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// The files and directories of the front end
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Fail if an event is not used at all
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

/// Where the events are described.
#[derive(Debug, Args)]
pub(crate) struct Input {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Read a schema document in place of a crate
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["package", "manifest_path", "bin", "features", "all_features"]
    )]
    pub(crate) schema: Option<PathBuf>,
}

/// Which crate has the events.
#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// The package that has the events; several make one document
    #[arg(id = "package", short, long = "package", value_name = "PACKAGE")]
    pub(crate) packages: Vec<String>,
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
    /// Build for a platform whose programs run here
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
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
