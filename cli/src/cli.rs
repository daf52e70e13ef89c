use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    /// Write TypeScript for socket.io-client
    GenTs(GenTs),
    /// Write the schema document that every generator reads
    GenSchema(GenSchema),
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
}

#[derive(Debug, Args)]
pub(crate) struct GenSchema {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which crate has the events.
#[derive(Debug, Args)]
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
